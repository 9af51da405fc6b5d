/* SPDX-License-Identifier: Apache-2.0 */
/* Ops whose results are as many as their inputs' values say: where something holds, what
 * is different, what one list has and another has not. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/row-table.h"
#include "engine/device/cpu/rows.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <string.h>

/* ---- Where ---- */

static gboolean
where_shape (GwShapeContext *context,
             GError        **error)
{
  if (!gw_shape_want_rank_at_least (context, 0, 1, error))
    return FALSE;
  context->outputs[0] = GW_SHAPE (GW_DIM_UNKNOWN, context->inputs[0].rank < 0 ? GW_DIM_UNKNOWN : context->inputs[0].rank);
  return TRUE;
}

/* Whether number `index` of memory is neither 0 nor, where there is a sign bit, -0. */
static gboolean
is_set (const char *data,
        size_t      size,
        uint64_t    sign,
        int64_t     index)
{
  uint64_t bits = 0;

  memcpy (&bits, data + (size_t) index * size, size);
  return bits != 0 && bits != sign;
}

/* How many elements hold; with `index` their places are written there. */
static int64_t
find_set (const GwTensor *input,
          GwTensor       *index)
{
  GwDType dtype = input->dtype;
  gboolean is_complex = gw_dtype_is_complex (dtype);
  int parts = is_complex ? 2 : 1;
  size_t size = gw_dtype_size (dtype) / (size_t) parts;
  uint64_t sign = is_complex || gw_dtype_is_floating (dtype) ? G_GUINT64_CONSTANT (1) << (8 * size - 1) : 0;
  int64_t strides[GW_MAX_RANK], found = 0;

  if (input->elements == 0)
    return 0;
  gw_shape_strides (&input->shape, strides);
  for (int64_t i = 0; i < input->elements; i++)
    {
      int64_t rest = i;

      if (!is_set (input->data, size, sign, i * parts) && !(is_complex && is_set (input->data, size, sign, i * parts + 1)))
        continue;
      for (int d = 0; index != NULL && d < input->shape.rank; rest %= strides[d], d++)
        GW_TENSOR_DATA (index, int64_t)[found * input->shape.rank + d] = rest / strides[d];
      found++;
    }
  return found;
}

static const GwOpDef where_op;

static gboolean
where_cpu (GwKernelContext *context,
           GError         **error)
{
  const GwTensor *input = context->inputs[0];
  GwShape shape = GW_SHAPE (0, input->shape.rank);

  if (!gw_array_prepare (context, &where_op, error))
    return FALSE;
  shape.dims[0] = find_set (input, NULL);
  if (!gw_kernel_allocate_output (context, 0, GW_INT64, &shape, error))
    return FALSE;
  find_set (input, context->outputs[0]);
  return TRUE;
}

static const GwOpDef where_op = {
  .name = "Where", .since = 1, .title = "Where", .category = "arrays/Picking",
  .summary = "The places at which a condition holds.",
  .doc = "One row for each element that is true (or not zero), in order, with its indices along all dimensions. GatherNd with "
         "the result picks those elements. To choose between two tensors element by element use Select.",
  .inputs = GW_PORTS ({ "condition", "T", "Booleans, or numbers: what is not 0 holds." }),
  .outputs = GW_PORTS ({ "index", "int64", "A row of indices for each place." }),
  .attrs = GW_ATTRS ({ "T", GW_ATTR_DTYPE, .def = "bool", .choices = GW_PLAIN_TYPES, .label = "Type",
                       .help = "Element type; follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .flags = GW_OP_DYNAMIC_OUTPUT | GW_OP_NO_GRADIENT,
  .shape_rule = "[number of elements that are true, rank of the input]",
  .shape = where_shape, .cpu = where_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[true, false], [true, true]]"), NULL, GW_TEXTS ("int64 [[0, 0], [1, 0], [1, 1]]") },
    { GW_TEXTS ("[0.0, 1.5, -0.0, 2.5]"), NULL, GW_TEXTS ("int64 [[1], [3]]") }),
};

/* ---- Unique, UniqueWithCounts and their second versions ---- */

/* The axis that input 1 names; 0 of a vector when there is none. -1 = not known yet. */
static gboolean
unique_axis (GwShapeContext *context,
             int            *axis,
             GError        **error)
{
  const GwShape *in = &context->inputs[0];
  const GwTensor *value = gw_shape_input_value (context, 1);

  *axis = context->n_inputs == 1 || (value != NULL && value->elements == 0) ? 0 : -1;
  if (*axis == 0)
    return in->rank < 0 || in->rank == 1 || gw_invalid (error, "x expects a 1D vector, but is rank %d", in->rank);
  if (!gw_array_want_vector (context, 1, error))
    return FALSE;
  if (context->inputs[1].rank == 1 && context->inputs[1].dims[0] > 1)
    return gw_invalid (error, "axis does not support input tensors larger than 1 elements, but has %" G_GINT64_FORMAT,
                       context->inputs[1].dims[0]);
  if (value == NULL || in->rank < 0)
    return TRUE;
  return gw_array_axis ("axis", gw_tensor_get_int (value, 0), in->rank, axis, error);
}

static gboolean
unique_shape (GwShapeContext *context,
              GError        **error)
{
  const GwShape *in = &context->inputs[0];
  GwShape *y = &context->outputs[0];
  int axis;

  if (!unique_axis (context, &axis, error))
    return FALSE;
  context->outputs[1] = gw_shape_of_rank (1);
  if (context->n_outputs > 2)
    context->outputs[2] = gw_shape_of_rank (1);
  if (in->rank < 0 && context->n_inputs == 1)
    *y = gw_shape_of_rank (1);
  else if (axis >= 0 && in->rank >= 0)
    {
      *y = *in;
      y->dims[axis] = GW_DIM_UNKNOWN;
      context->outputs[1].dims[0] = in->dims[axis];
    }
  else if (in->rank >= 0)
    *y = gw_shape_of_rank (in->rank);
  return TRUE;
}

/* x as [before, n, behind] around the axis, and how its slices are copied to rows. */
typedef struct {
  int64_t n, inner;
  GwShape shape;
  int     axis;
} UniqueView;

static void
copy_slices (GwKernelContext  *context,
             const UniqueView *view,
             GwDType           dtype,
             const void       *x,
             void             *rows)
{
  int64_t before = gw_shape_span (&view->shape, 0, view->axis);
  int64_t behind = gw_shape_span (&view->shape, view->axis + 1, view->shape.rank);
  GwStridedCopy box = { 0 };

  gw_strided_copy_append (&box, view->n, behind, view->inner);
  gw_strided_copy_append (&box, before, view->n * behind, behind);
  gw_strided_copy_append (&box, behind, 1, 1);
  gw_strided_copy_run (context, &box, dtype, x, rows);
}

/* y is slice first[k] of x for each number k. */
static void
write_unique (GwKernelContext  *context,
              const UniqueView *view,
              const GwRowTable *table)
{
  const GwTensor *x = context->inputs[0];
  GwTensor *y = context->outputs[0];
  int64_t before = gw_shape_span (&view->shape, 0, view->axis);
  int64_t behind = gw_shape_span (&view->shape, view->axis + 1, view->shape.rank);

  if (before == 1)
    {
      gw_rows_pick (context, x->dtype, x->data, table->first, table->n_numbers, behind, y->data);
      return;
    }
  for (int64_t k = 0; k < table->n_numbers; k++)
    {
      GwStridedCopy box = { 0 };

      gw_strided_copy_append (&box, before, view->n * behind, table->n_numbers * behind);
      gw_strided_copy_append (&box, behind, 1, 1);
      gw_strided_copy_run (context, &box, x->dtype, gw_element_at (x->data, x->dtype, table->first[k] * behind),
                           gw_element_at (y->data, x->dtype, k * behind));
    }
}

/* Numbers the slices of x along the axis. Unless they lie in a row already they are copied
 * there first. */
static gboolean
number_slices (GwKernelContext  *context,
               const UniqueView *view,
               GwRowTable       *table,
               GError          **error)
{
  const GwTensor *x = context->inputs[0];
  g_autoptr (GwTensor) rows = NULL;

  if (view->axis == 0)
    return gw_row_table_init (table, x->dtype, x->data, view->n, view->inner, error);
  rows = gw_tensor_new (x->dtype, &x->shape, error);
  if (rows == NULL)
    return FALSE;
  if (x->elements > 0)
    copy_slices (context, view, x->dtype, x->data, rows->data);
  return gw_row_table_init (table, x->dtype, rows->data, view->n, view->inner, error);
}

static gboolean
allocate_unique (GwKernelContext  *context,
                 const UniqueView *view,
                 GwDType           index_type,
                 int64_t           n_numbers,
                 GError          **error)
{
  GwShape y = view->shape, idx = GW_SHAPE (view->n), count = GW_SHAPE (n_numbers);

  y.dims[view->axis] = n_numbers;
  return gw_kernel_allocate_output (context, 0, context->inputs[0]->dtype, &y, error) &&
         (context->outputs[1] != NULL || gw_kernel_allocate_output (context, 1, index_type, &idx, error)) &&
         (context->n_outputs < 3 || gw_kernel_allocate_output (context, 2, index_type, &count, error));
}

static gboolean
run_unique (GwKernelContext *context,
            const GwOpDef   *def,
            GError         **error)
{
  const GwTensor *x = context->inputs[0];
  GwDType index_type = context->attrs[gw_attr_defs_find (def->attrs, "out_idx")].dtype;
  UniqueView view = { .shape = x->shape };
  g_auto (GwRowTable) table = { 0 };

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  if (context->n_inputs > 1 && context->inputs[1]->elements > 0)
    gw_shape_normalize_axis (gw_tensor_get_int (context->inputs[1], 0), x->shape.rank, &view.axis);
  view.n = x->shape.dims[view.axis];
  view.inner = gw_shape_span (&x->shape, 0, view.axis) * gw_shape_span (&x->shape, view.axis + 1, x->shape.rank);
  if (index_type == GW_INT32 && view.n > G_MAXINT32)
    return gw_invalid (error, "unique does not support input tensors larger than %d elements with out_idx int32", G_MAXINT32);
  if (!number_slices (context, &view, &table, error) ||
      !allocate_unique (context, &view, index_type, table.n_numbers, error))
    return FALSE;
  write_unique (context, &view, &table);
  gw_array_write_ints (context->outputs[1], table.number);
  if (context->n_outputs > 2)
    gw_array_write_ints (context->outputs[2], table.count);
  return TRUE;
}

#define OUT_IDX \
  { "out_idx", GW_ATTR_DTYPE, .def = "int32", .choices = GW_INDEX_TYPES, .label = "Index type", .help = "Type of the numbers." }
#define UNIQUE_TYPES GW_CHOICES (GW_REAL_NAMES, "bool", "string")
#define Y_PORT { "y", "T", "The different elements, in the order in which they first come." }
#define IDX_PORT { "idx", "out_idx", "For each element of x the number of its equal in y." }
#define COUNT_PORT { "count", "out_idx", "How often each element of y is in x." }
#define AXIS_PORT                                                                                                \
  { "axis", "Taxis", "The dimension whose slices are compared: [axis], or empty for a vector.", .literal = "[0]" }
#define TAXIS                                                                                                    \
  { "Taxis", GW_ATTR_DTYPE, .def = "int64", .choices = GW_INDEX_TYPES, .label = "Type of the axis",              \
    .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }

#define UNIQUE(NAME, TYPE, TITLE, SUMMARY, DOC, INPUTS, OUTPUTS, ATTRS, EXAMPLES)                                \
  static const GwOpDef NAME##_op;                                                                                \
                                                                                                                 \
  static gboolean                                                                                                \
  NAME##_cpu (GwKernelContext *context, GError **error)                                                          \
  {                                                                                                              \
    return run_unique (context, &NAME##_op, error);                                                              \
  }                                                                                                              \
                                                                                                                 \
  static const GwOpDef NAME##_op = {                                                                             \
    .name = TYPE, .since = 1, .title = TITLE, .category = "arrays/Ordering", .summary = SUMMARY, .doc = DOC,     \
    .inputs = INPUTS, .outputs = OUTPUTS, .attrs = ATTRS, .flags = GW_OP_DYNAMIC_OUTPUT | GW_OP_NO_GRADIENT,     \
    .shape_rule = "y and count are vectors whose length follows from the values, idx is as long as x", \
    .shape = unique_shape, .cpu = NAME##_cpu, .examples = EXAMPLES,                                              \
  };

UNIQUE (unique, "Unique", "Unique", "The different elements of a vector, each once.",
        "They come in the order of their first appearance, and are not sorted. `y[idx[i]]` is `x[i]` again.",
        GW_PORTS ({ "x", "T", "A vector." }), GW_PORTS (Y_PORT, IDX_PORT),
        GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", UNIQUE_TYPES), OUT_IDX),
        GW_EXAMPLES ({ GW_TEXTS ("[4, 1, 4, 2, 1]"), NULL, GW_TEXTS ("[4, 1, 2]", "[0, 1, 0, 2, 1]") }))
UNIQUE (unique_with_counts, "UniqueWithCounts", "Unique with counts",
        "The different elements of a vector, and how often each is there.",
        "They come in the order of their first appearance, and are not sorted. `y[idx[i]]` is `x[i]` again.",
        GW_PORTS ({ "x", "T", "A vector." }), GW_PORTS (Y_PORT, IDX_PORT, COUNT_PORT),
        GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", UNIQUE_TYPES), OUT_IDX),
        GW_EXAMPLES ({ GW_TEXTS ("[4, 1, 4, 2, 1]"), NULL, GW_TEXTS ("[4, 1, 2]", "[0, 1, 0, 2, 1]", "[2, 2, 1]") }))
UNIQUE (unique_v2, "UniqueV2", "Unique slices", "The different slices of a tensor along a dimension, each once.",
        "Rows of a matrix (`axis` [0]) or its columns ([1]) are compared as a whole. They come in the order of their first "
        "appearance.",
        GW_PORTS ({ "x", "T", "Any tensor but a scalar." }, AXIS_PORT), GW_PORTS (Y_PORT, IDX_PORT),
        GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", UNIQUE_TYPES), TAXIS, OUT_IDX),
        GW_EXAMPLES ({ GW_TEXTS ("[[1, 0], [1, 0], [2, 0]]", "[0]"), "Taxis=int32",
                       GW_TEXTS ("[[1, 0], [2, 0]]", "[0, 0, 1]") },
                     { GW_TEXTS ("[[1, 1, 2], [3, 3, 4]]", "[-1]"), "Taxis=int32", GW_TEXTS ("[[1, 2], [3, 4]]", "[0, 0, 1]") }))
UNIQUE (unique_with_counts_v2, "UniqueWithCountsV2", "Unique slices with counts",
        "The different slices of a tensor along a dimension, and how often each is there.",
        "Rows of a matrix (`axis` [0]) or its columns ([1]) are compared as a whole. They come in the order of their first "
        "appearance.",
        GW_PORTS ({ "x", "T", "Any tensor but a scalar." }, AXIS_PORT), GW_PORTS (Y_PORT, IDX_PORT, COUNT_PORT),
        GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", UNIQUE_TYPES), TAXIS, OUT_IDX),
        GW_EXAMPLES ({ GW_TEXTS ("[[1, 0], [1, 0], [2, 0]]", "[0]"), "Taxis=int32",
                       GW_TEXTS ("[[1, 0], [2, 0]]", "[0, 0, 1]", "[2, 1]") }))

/* ---- ListDiff ---- */

static gboolean
list_diff_shape (GwShapeContext *context,
                 GError        **error)
{
  if (!gw_array_want_vector (context, 0, error) || !gw_array_want_vector (context, 1, error))
    return FALSE;
  context->outputs[0] = gw_shape_of_rank (1);
  context->outputs[1] = gw_shape_of_rank (1);
  return TRUE;
}

/* y and x behind each other: what of x has a number that y brought is left out. */
static gboolean
number_lists (GwKernelContext *context,
              GwRowTable      *table,
              GError         **error)
{
  const GwTensor *x = context->inputs[0], *y = context->inputs[1];
  GwShape shape = GW_SHAPE (0);
  g_autoptr (GwTensor) both = NULL;

  if (__builtin_add_overflow (x->elements, y->elements, &shape.dims[0]))
    return gw_invalid (error, "x and y have more elements than can be counted");
  both = gw_tensor_new (x->dtype, &shape, error);
  if (both == NULL)
    return FALSE;
  gw_copy_elements (context, x->dtype, y->data, both->data, y->elements);
  gw_copy_elements (context, x->dtype, x->data, gw_element_at (both->data, x->dtype, y->elements), x->elements);
  return gw_row_table_init (table, x->dtype, both->data, shape.dims[0], 1, error);
}

static const GwOpDef list_diff_op;

static gboolean
list_diff_cpu (GwKernelContext *context,
               GError         **error)
{
  const GwTensor *x = context->inputs[0];
  int64_t n_y = context->inputs[1]->elements;
  g_auto (GwRowTable) table = { 0 };
  GwShape shape = GW_SHAPE (0);
  int64_t *kept;

  if (!gw_array_prepare (context, &list_diff_op, error) || !number_lists (context, &table, error))
    return FALSE;
  kept = table.number + n_y;
  for (int64_t i = 0; i < x->elements; i++)
    if (table.first[kept[i]] >= n_y)
      kept[shape.dims[0]++] = i;
  if (!gw_kernel_allocate_output (context, 0, x->dtype, &shape, error) ||
      !gw_kernel_allocate_output (context, 1, context->attrs[1].dtype, &shape, error))
    return FALSE;
  gw_rows_pick (context, x->dtype, x->data, kept, shape.dims[0], 1, context->outputs[0]->data);
  gw_array_write_ints (context->outputs[1], kept);
  return TRUE;
}

static const GwOpDef list_diff_op = {
  .name = "ListDiff", .since = 1, .title = "Difference of lists", .category = "arrays/Ordering",
  .summary = "The elements of one vector that are not in another.",
  .doc = "They keep their order, and those that are there more than once stay so. `out[i]` is `x[idx[i]]`.",
  .inputs = GW_PORTS ({ "x", "T", "A vector." }, { "y", "T", "A vector of what is to be left out." }),
  .outputs = GW_PORTS ({ "out", "T", "What is left of x." }, { "idx", "out_idx", "Where in x each of them is." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", UNIQUE_TYPES), OUT_IDX),
  .flags = GW_OP_DYNAMIC_OUTPUT | GW_OP_NO_GRADIENT,
  .shape_rule = "two vectors of one length, which follows from the values",
  .shape = list_diff_shape, .cpu = list_diff_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1, 2, 3, 4, 5, 6]", "[1, 3, 5]"), NULL, GW_TEXTS ("[2, 4, 6]", "[1, 3, 5]") }),
};

const GwOpDef *const gw_ops_array_unique[] = {
  &where_op, &unique_op, &unique_with_counts_op, &unique_v2_op, &unique_with_counts_v2_op, &list_diff_op, NULL,
};
