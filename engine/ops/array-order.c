/* SPDX-License-Identifier: Apache-2.0 */
/* Ops that compare elements with each other: the largest ones, whether a class is among
 * them, and places in sorted rows. */
#include "engine/base/error.h"
#include "engine/device/cpu/rows.h"
#include "engine/device/cpu/sort-keys.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <math.h>

/* Scratch for a row of keys, and behind it for one of places. */
static int64_t *
two_rows (GwKernelContext *context,
          int64_t          n,
          uint64_t       **keys,
          GError         **error)
{
  *keys = (uint64_t *) gw_array_row_scratch (context, 2 * n, error);
  return *keys != NULL ? (int64_t *) *keys + n : NULL;
}

static int64_t
row_length (const GwTensor *tensor)
{
  return tensor->shape.dims[tensor->shape.rank - 1];
}

static int64_t
row_count (const GwTensor *tensor)
{
  return gw_shape_span (&tensor->shape, 0, tensor->shape.rank - 1);
}

/* ---- TopK and TopKV2 ---- */

static gboolean
top_k_outputs (GwShapeContext *context,
               gboolean        known,
               int64_t         k,
               GError        **error)
{
  GwShape out = context->inputs[0];
  int64_t n;

  if (!gw_shape_want_rank_at_least (context, 0, 1, error))
    return FALSE;
  if (known && k < 0)
    return gw_invalid (error, "Need k >= 0, got %" G_GINT64_FORMAT, k);
  if (out.rank < 0)
    return TRUE;
  n = out.dims[out.rank - 1];
  if (known && n >= 0 && n < k)
    return gw_invalid (error, "input must have at least k columns. Had %" G_GINT64_FORMAT ", needed %" G_GINT64_FORMAT, n, k);
  out.dims[out.rank - 1] = known ? k : GW_DIM_UNKNOWN;
  context->outputs[0] = out;
  context->outputs[1] = out;
  return TRUE;
}

static gboolean
run_top_k (GwKernelContext *context,
           GError         **error)
{
  const GwTensor *input = context->inputs[0];
  GwTensor *values = context->outputs[0], *indices = context->outputs[1];
  int64_t n = row_length (input), k = row_length (values);
  uint64_t *keys;
  int64_t *order;

  if (values->elements == 0)
    return TRUE;
  order = two_rows (context, n, &keys, error);
  if (order == NULL)
    return FALSE;
  for (int64_t row = 0; row < row_count (input); row++)
    {
      gw_sort_keys (input, row * n, n, keys);
      gw_sort_top (keys, n, k, order);
      for (int64_t i = 0; i < k; i++)
        {
          GW_SWITCH_INTEGER (indices->dtype, break, GW_TENSOR_DATA (indices, T)[row * k + i] = (T) order[i]);
          GW_SWITCH_WIDTH (gw_dtype_size (values->dtype), break,
                           GW_TENSOR_DATA (values, T)[row * k + i] = GW_TENSOR_DATA (input, T)[row * n + order[i]]);
        }
    }
  return TRUE;
}

/* dy goes back to where each value came from: one flat scatter over all rows. */
static void
top_k_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = gw_grad_x (context, 0);
  GwOutput places = gw_array_cast (b, gw_grad_y (context, 1), GW_INT64);
  GwOutput shape = gw_array_shape_of (b, x, GW_INT64), taken = gw_array_shape_of (b, gw_grad_y (context, 0), GW_INT64);
  GwOutput last = gw_const_scalar (b, GW_INT32, -1);
  GwOutput scalar = gw_const_ints (b, 0, NULL);
  GwOutput size = gw_op1 (b, "Size", x);
  GwOutput columns = gw_op (b, "StridedSlice", GW_IN (shape, GW_ARRAY_INTS (b, -1), GW_ARRAY_INTS (b, 0), GW_ARRAY_INTS (b, 1)),
                            GW_WITH ({ "end_mask", gw_attr_int (1) }));
  GwOutput k = gw_op (b, "StridedSlice", GW_IN (taken, GW_ARRAY_INTS (b, -1), GW_ARRAY_INTS (b, 0), GW_ARRAY_INTS (b, 1)),
                      GW_WITH ({ "end_mask", gw_attr_int (1) }));
  GwOutput zero = gw_const_scalar (b, GW_INT64, 0);
  GwOutput all = gw_op2 (b, "Reshape", gw_array_cast (b, size, GW_INT64), GW_ARRAY_INTS (b, 1));
  GwOutput begins = gw_op3 (b, "Range", zero, gw_array_cast (b, size, GW_INT64),
                            gw_op2 (b, "Maximum", gw_op2 (b, "Reshape", columns, scalar), gw_const_scalar (b, GW_INT64, 1)));
  GwOutput minus_one = gw_op2 (b, "Reshape", gw_const_scalar (b, GW_INT64, -1), GW_ARRAY_INTS (b, 1));
  GwOutput rows = gw_op2 (b, "Reshape", places,
                          gw_array_join2 (b, gw_op2 (b, "Reshape", gw_array_cast (b, gw_op1 (b, "Size", begins), GW_INT64),
                                                     GW_ARRAY_INTS (b, 1)), k));
  GwOutput flat = gw_op2 (b, "AddV2", rows, gw_op2 (b, "ExpandDims", begins, last));
  GwOutput tuples = gw_op2 (b, "ExpandDims", gw_op2 (b, "Reshape", flat, minus_one), last);
  GwOutput scattered = gw_op3 (b, "ScatterNd", tuples, gw_array_flatten (b, context->dy[0]), all);

  if (context->dy[0].node != NULL)
    context->dx[0] = gw_op2 (b, "Reshape", scattered, shape);
}

enum { TOP_K_K };

static gboolean
top_k_shape (GwShapeContext *context,
             GError        **error)
{
  return top_k_outputs (context, TRUE, context->attrs[TOP_K_K].i, error);
}

static const GwOpDef top_k_op;

static gboolean
top_k_cpu (GwKernelContext *context,
           GError         **error)
{
  return gw_array_prepare (context, &top_k_op, error) && run_top_k (context, error);
}

#define SORTED                                                                                                  \
  { "sorted", GW_ATTR_BOOL, .def = "true", .label = "Sorted",                                                   \
    .help = "Largest first. Without it TensorFlow leaves the order open; here it is the same." }

static const GwOpDef top_k_op = {
  .name = "TopK", .since = 1, .title = "Largest elements (fixed number)", .category = "arrays/Ordering",
  .summary = "The k largest elements of each row and where they are.",
  .doc = "The older form of *TopKV2*, with k as an attribute. Of equal elements the first comes first.",
  .inputs = GW_PORTS ({ "input", "T", "Rows, along the last dimension." }),
  .outputs = GW_PORTS ({ "values", "T", "The k largest of each row." },
                       { "indices", "int32", "Their places in the row." }),
  .attrs = GW_ATTRS ([TOP_K_K] = { "k", GW_ATTR_INT, .def = "1", .min = 0, .max = G_MAXINT32, .label = "Number",
                                   .help = "How many.", .flags = GW_ATTR_REQUIRED },
                     SORTED, GW_ARRAY_ATTR_TYPE ("T", GW_REAL_TYPES)),
  .flags = GW_OP_HIDDEN,
  .shape_rule = "the input's with k as the last dimension, twice",
  .shape = top_k_shape, .grad = top_k_grad, .cpu = top_k_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 5.5, 3.5]"), "k=2", GW_TEXTS ("[5.5, 3.5]", "[1, 2]") }),
  .tell = GW_TEXTS ("k"),
};

static gboolean
top_k_v2_shape (GwShapeContext *context,
                GError        **error)
{
  gboolean known;
  int64_t k = 0;

  return gw_array_input_int (context, 1, &known, &k, error) && top_k_outputs (context, known, k, error);
}

static const GwOpDef top_k_v2_op;

static gboolean
top_k_v2_cpu (GwKernelContext *context,
              GError         **error)
{
  return gw_array_prepare (context, &top_k_v2_op, error) && run_top_k (context, error);
}

static const GwOpDef top_k_v2_op = {
  .name = "TopKV2", .since = 1, .title = "Largest elements", .category = "arrays/Ordering",
  .summary = "The k largest elements of each row and where they are.",
  .doc = "Rows run along the last dimension. Of equal elements the first comes first. With `k` 1 it is a maximum together with "
         "its ArgMax; with all elements of a row it sorts.",
  .inputs = GW_PORTS ({ "input", "T", "Rows, along the last dimension." },
                      { "k", "Tk", "How many; a scalar.", .literal = "1" }),
  .outputs = GW_PORTS ({ "values", "T", "The k largest of each row, largest first." },
                       { "indices", "index_type", "Their places in the row." }),
  .attrs = GW_ATTRS (SORTED, GW_ARRAY_ATTR_TYPE ("T", GW_REAL_TYPES),
                     { "Tk", GW_ATTR_DTYPE, .def = "int32", .choices = GW_SMALL_INDEX_TYPES, .label = "Type of k",
                       .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN },
                     { "index_type", GW_ATTR_DTYPE, .def = "int32", .choices = GW_SMALL_INDEX_TYPES, .label = "Index type",
                       .help = "Type of the places." }),
  .shape_rule = "the input's with k as the last dimension, twice",
  .shape = top_k_v2_shape, .grad = top_k_grad, .cpu = top_k_v2_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 5.5, 3.5], [6.5, 4.5, 6.5]]", "2"), NULL,
      GW_TEXTS ("[[5.5, 3.5], [6.5, 6.5]]", "[[1, 2], [0, 2]]") }),
};

/* ---- NthElement ---- */

static gboolean
nth_element_shape (GwShapeContext *context,
                   GError        **error)
{
  const GwShape *in = &context->inputs[0];
  gboolean known;
  int64_t n;

  if (!gw_array_input_int (context, 1, &known, &n, error) || !gw_shape_want_rank_at_least (context, 0, 1, error))
    return FALSE;
  if (known && n < 0)
    return gw_invalid (error, "n must be non-negative, got %" G_GINT64_FORMAT, n);
  if (in->rank < 0)
    return TRUE;
  if (known && in->dims[in->rank - 1] >= 0 && n >= in->dims[in->rank - 1])
    return gw_invalid (error, "input must have last dimension > n = %" G_GINT64_FORMAT ", but has %" G_GINT64_FORMAT, n,
                       in->dims[in->rank - 1]);
  context->outputs[0] = gw_shape_from_dims (in->rank - 1, in->dims);
  return TRUE;
}

static const GwOpDef nth_element_op;

static gboolean
nth_element_cpu (GwKernelContext *context,
                 GError         **error)
{
  const GwTensor *input = context->inputs[0];
  GwTensor *output;
  int64_t n, length;
  uint64_t *keys;
  int64_t *order;

  if (!gw_array_prepare (context, &nth_element_op, error))
    return FALSE;
  output = context->outputs[0];
  length = row_length (input);
  n = gw_tensor_get_int (context->inputs[1], 0);
  if (!context->attrs[0].b)
    n = length - 1 - n;
  if (output->elements == 0)
    return TRUE;
  order = two_rows (context, length, &keys, error);
  if (order == NULL)
    return FALSE;
  for (int64_t row = 0; row < output->elements; row++)
    {
      gw_sort_keys (input, row * length, length, keys);
      gw_sort_top (keys, length, n + 1, order);
      GW_SWITCH_WIDTH (gw_dtype_size (output->dtype), break,
                       GW_TENSOR_DATA (output, T)[row] = GW_TENSOR_DATA (input, T)[row * length + order[n]]);
    }
  return TRUE;
}

/* Those equal to the one chosen share its gradient. */
static void
nth_element_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput last = gw_const_scalar (b, GW_INT32, -1);
  GwOutput chosen = gw_op2 (b, "ExpandDims", gw_grad_y (context, 0), last);
  GwOutput dy = gw_op2 (b, "ExpandDims", context->dy[0], last);
  GwOutput equal = gw_array_cast (b, gw_op2 (b, "Equal", chosen, gw_grad_x (context, 0)), gw_output_dtype (dy));
  GwOutput number = gw_op (b, "Sum", GW_IN (equal, last), GW_WITH ({ "keep_dims", gw_attr_bool (TRUE) }));

  context->dx[0] = gw_op2 (b, "Mul", gw_op2 (b, "RealDiv", equal, number), dy);
}

static const GwOpDef nth_element_op = {
  .name = "NthElement", .since = 1, .title = "Element by rank", .category = "arrays/Ordering",
  .summary = "The element of each row that would stand at place n were the row sorted.",
  .doc = "0 is the smallest, or with `reverse` the largest. The middle one is the median.",
  .inputs = GW_PORTS ({ "input", "T", "Rows, along the last dimension." },
                      { "n", "int32", "The place, from 0; a scalar.", .literal = "0" }),
  .outputs = GW_PORTS ({ "values", "T", "One element of each row." }),
  .attrs = GW_ATTRS ({ "reverse", GW_ATTR_BOOL, .def = "false", .label = "From the largest", .help = "Counts from the largest." },
                     GW_ARRAY_ATTR_TYPE ("T", GW_REAL_TYPES)),
  .shape_rule = "the input's without its last dimension",
  .shape = nth_element_shape, .grad = nth_element_grad, .cpu = nth_element_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 5.5, 3.5], [6.5, 4.5, 2.5]]", "1"), NULL, GW_TEXTS ("[3.5, 4.5]") }),
};

/* ---- InTopK and InTopKV2 ---- */

static gboolean
in_top_k_shape (GwShapeContext *context,
                GError        **error)
{
  GwShape predictions, targets;

  if (!gw_shape_want_rank (context, 0, 2, &predictions, error) || !gw_shape_want_rank (context, 1, 1, &targets, error) ||
      (context->n_inputs > 2 && !gw_array_want_scalar (context, 2, error)))
    return FALSE;
  if (predictions.dims[0] >= 0 && targets.dims[0] >= 0 && predictions.dims[0] != targets.dims[0])
    return gw_invalid (error, "First dimension of predictions %" G_GINT64_FORMAT " must match length of targets %"
                       G_GINT64_FORMAT, predictions.dims[0], targets.dims[0]);
  context->outputs[0] = GW_SHAPE (MAX (predictions.dims[0], targets.dims[0]));
  return TRUE;
}

/* Fewer than k classes must be above the target; one that is not finite decides
 * nothing. */
static gboolean
is_in_top (const float *row,
           int64_t      n,
           int64_t      target,
           int64_t      k)
{
  int64_t above = 0;

  if (target < 0 || target >= n || !isfinite (row[target]))
    return FALSE;
  for (int64_t i = 0; i < n; i++)
    {
      if (!isfinite (row[i]))
        return FALSE;
      above += row[i] > row[target];
      if (above > k)
        return FALSE;
    }
  return above < k;
}

static gboolean
run_in_top_k (GwKernelContext *context,
              const GwOpDef   *def,
              GError         **error)
{
  const GwTensor *predictions = context->inputs[0], *targets = context->inputs[1];
  int64_t n, k;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  n = predictions->shape.dims[1];
  k = context->n_inputs > 2 ? gw_tensor_get_int (context->inputs[2], 0) : context->attrs[0].i;
  for (int64_t i = 0; i < targets->elements; i++)
    GW_TENSOR_DATA (context->outputs[0], uint8_t)[i] =
      is_in_top (GW_TENSOR_DATA (predictions, float) + i * n, n, gw_tensor_get_int (targets, i), k);
  return TRUE;
}

static const GwOpDef in_top_k_op;
static const GwOpDef in_top_k_v2_op;

static gboolean
in_top_k_cpu (GwKernelContext *context,
              GError         **error)
{
  return run_in_top_k (context, &in_top_k_op, error);
}

static gboolean
in_top_k_v2_cpu (GwKernelContext *context,
                 GError         **error)
{
  return run_in_top_k (context, &in_top_k_v2_op, error);
}

#define PREDICTIONS { "predictions", "float32", "A score for each class, one row for each example." }
#define TARGETS { "targets", "T", "The right class of each example." }
#define PRECISION GW_PORTS ({ "precision", "bool", "Whether the right class is among the k best." })

static const GwOpDef in_top_k_op = {
  .name = "InTopK", .since = 1, .title = "Is among the best (fixed number)", .category = "arrays/Ordering",
  .summary = "Whether the right class has one of the k highest scores.",
  .doc = "The older form of InTopKV2, with k as an attribute.",
  .inputs = GW_PORTS (PREDICTIONS, TARGETS), .outputs = PRECISION,
  .attrs = GW_ATTRS ({ "k", GW_ATTR_INT, .def = "1", .label = "Number", .help = "How many of the best count.",
                       .flags = GW_ATTR_REQUIRED },
                     GW_ARRAY_ATTR_INDEX ("T")),
  .flags = GW_OP_NO_GRADIENT | GW_OP_HIDDEN,
  .shape_rule = "[batch]: predictions are [batch, classes], targets [batch]",
  .shape = in_top_k_shape, .cpu = in_top_k_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[0.1, 0.9, 0.5], [0.8, 0.1, 0.2]]", "[2, 1]"), "k=2", GW_TEXTS ("[true, false]") }),
  .tell = GW_TEXTS ("k"),
};

static const GwOpDef in_top_k_v2_op = {
  .name = "InTopKV2", .since = 1, .title = "Is among the best", .category = "arrays/Ordering",
  .summary = "Whether the right class has one of the k highest scores.",
  .doc = "Top-5 accuracy is its mean with `k` 5. Classes of the same score as the right one do not count against it. A class "
         "that does not exist, or a score that is not finite, gives false.",
  .inputs = GW_PORTS (PREDICTIONS, TARGETS, { "k", "T", "How many of the best count; a scalar.", .literal = "1" }),
  .outputs = PRECISION,
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_INDEX ("T")),
  .flags = GW_OP_NO_GRADIENT,
  .shape_rule = "[batch]: predictions are [batch, classes], targets [batch]",
  .shape = in_top_k_shape, .cpu = in_top_k_v2_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[0.1, 0.9, 0.5], [0.8, 0.1, 0.2]]", "[2, 1]", "2"), NULL, GW_TEXTS ("[true, false]") }),
};

/* ---- LowerBound and UpperBound ---- */

static gboolean
bound_shape (GwShapeContext *context,
             GError        **error)
{
  GwShape sorted, values;

  if (!gw_shape_want_rank (context, 0, 2, &sorted, error) || !gw_shape_want_rank (context, 1, 2, &values, error))
    return FALSE;
  if (sorted.dims[0] >= 0 && values.dims[0] >= 0 && sorted.dims[0] != values.dims[0])
    return gw_invalid (error, "Leading dim_size of both tensors must match: sorted_inputs has %" G_GINT64_FORMAT
                       " rows, values %" G_GINT64_FORMAT, sorted.dims[0], values.dims[0]);
  context->outputs[0] = values;
  if (values.dims[0] < 0)
    context->outputs[0].dims[0] = sorted.dims[0];
  return TRUE;
}

static gboolean
run_bound (GwKernelContext *context,
           const GwOpDef   *def,
           gboolean         or_equal,
           GError         **error)
{
  const GwTensor *sorted = context->inputs[0], *values = context->inputs[1];
  int64_t n = row_length (sorted), m = row_length (values);
  GwTensor *output;
  uint64_t *keys;

  if (!gw_array_prepare (context, def, error) || two_rows (context, MAX (n, m), &keys, error) == NULL)
    return FALSE;
  output = context->outputs[0];
  for (int64_t row = 0; row < row_count (values); row++)
    {
      uint64_t *wanted = keys + n;

      gw_sort_keys (sorted, row * n, n, keys);
      gw_sort_keys (values, row * m, m, wanted);
      for (int64_t i = 0; i < m; i++)
        GW_SWITCH_INTEGER (output->dtype, break,
                           GW_TENSOR_DATA (output, T)[row * m + i] = (T) gw_sort_bound (keys, n, wanted[i], or_equal));
    }
  return TRUE;
}

#define BOUND(NAME, TYPE, TITLE, OR_EQUAL, SUMMARY, RESULT)                                                      \
  static const GwOpDef NAME##_op;                                                                                \
                                                                                                                 \
  static gboolean                                                                                                \
  NAME##_cpu (GwKernelContext *context, GError **error)                                                          \
  {                                                                                                              \
    return run_bound (context, &NAME##_op, OR_EQUAL, error);                                                     \
  }                                                                                                              \
                                                                                                                 \
  static const GwOpDef NAME##_op = {                                                                             \
    .name = TYPE, .since = 1, .title = TITLE, .category = "arrays/Ordering", .summary = SUMMARY,                 \
    .doc = "Each row of `values` is looked up in the row of `sorted_inputs` of the same number, which must ascend: a " \
           "value could be put in at the place that comes out, and the row would stay sorted.",                  \
    .inputs = GW_PORTS ({ "sorted_inputs", "T", "A matrix whose rows ascend." },                                 \
                        { "values", "T", "A matrix of as many rows: what is looked up." }),                      \
    .outputs = GW_PORTS ({ "output", "out_type", "A place for each value." }),                                   \
    .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", GW_REAL_TYPES),                                                  \
                       { "out_type", GW_ATTR_DTYPE, .def = "int32", .choices = GW_INDEX_TYPES,                   \
                         .label = "Result type", .help = "Type of the places." }),                               \
    .shape_rule = "that of `values`, a matrix of as many rows as sorted_inputs", \
    .flags = GW_OP_NO_GRADIENT, .shape = bound_shape, .cpu = NAME##_cpu,                                         \
    .examples = GW_EXAMPLES (                                                                                    \
      { GW_TEXTS ("[[0.5, 3.5, 9.5, 9.5, 10.5]]", "[[2.5, 9.5, 0.0]]"), NULL, GW_TEXTS (RESULT) }),              \
  };

BOUND (lower_bound, "LowerBound", "Lower bound", FALSE, "How many elements of a sorted row are below each value.", "[[1, 2, 0]]")
BOUND (upper_bound, "UpperBound", "Upper bound", TRUE, "How many elements of a sorted row are not above each value.",
       "[[1, 4, 0]]")

const GwOpDef *const gw_ops_array_order[] = {
  &top_k_op, &top_k_v2_op, &nth_element_op, &in_top_k_op, &in_top_k_v2_op, &lower_bound_op, &upper_bound_op, NULL,
};
