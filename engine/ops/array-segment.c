/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that carry the same number, reduced to one: Segment… for numbers in order,
 * UnsortedSegment… for any. */
#include "engine/ops/array-segment.h"

#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/rows.h"
#include "engine/ops/families.h"

#include <math.h>
#include <string.h>

/* ---- Segment… ---- */

static gboolean
segment_shape (GwShapeContext *context,
               GError        **error)
{
  const GwShape *data = &context->inputs[0];
  GwShape ids, *out = &context->outputs[0];

  if (!gw_shape_want_rank_at_least (context, 0, 1, error) || !gw_shape_want_rank (context, 1, 1, &ids, error))
    return FALSE;
  if (data->rank < 0)
    return TRUE;
  if (data->dims[0] >= 0 && ids.dims[0] >= 0 && data->dims[0] != ids.dims[0])
    return gw_invalid (error, "segment_ids should be the same size as dimension 0 of data: %" G_GINT64_FORMAT ", not %"
                       G_GINT64_FORMAT, data->dims[0], ids.dims[0]);
  *out = *data;
  out->dims[0] = GW_DIM_UNKNOWN;
  return TRUE;
}

gboolean
gw_segment_read (const GwTensor *ids,
                 int64_t        *rows,
                 GError        **error)
{
  for (int64_t i = 0; i < ids->elements; i++)
    {
      rows[i] = gw_tensor_get_int (ids, i);
      if (rows[i] < 0 || rows[i] == G_MAXINT64)
        return gw_invalid (error, "segment ids must be >= 0 and countable, but segment_ids[%" G_GINT64_FORMAT "] = %" G_GINT64_FORMAT, i, rows[i]);
      if (i > 0 && rows[i] < rows[i - 1])
        return gw_invalid (error, "segment ids are not increasing: segment_ids[%" G_GINT64_FORMAT "] = %" G_GINT64_FORMAT
                           " comes behind %" G_GINT64_FORMAT, i, rows[i], rows[i - 1]);
    }
  return TRUE;
}

/* One element of a number type that holds `value`. */
static GwBits128
number_of (GwDType dtype,
           double  value)
{
  union { GwBits128 bits; float f[4]; double d[2]; } number = { .bits = { 0, 0 } };
  g_autoptr (GwTensor) scalar = NULL;

  if (dtype == GW_COMPLEX64)
    number.f[0] = (float) value;
  else if (dtype == GW_COMPLEX128)
    number.d[0] = value;
  else
    {
      scalar = gw_tensor_new_scalar (dtype, value);
      memcpy (&number, scalar->data, gw_dtype_size (dtype));
    }
  return number.bits;
}

gboolean
gw_segment_divide (GwKernelContext *context,
                   GwSegmentScale   scale,
                   GwDType          dtype,
                   void            *data,
                   const int64_t   *rows,
                   int64_t          n,
                   int64_t          inner,
                   GError         **error)
{
  static const GwBits128 zero;

  for (int64_t i = 0, first = 0; i < n && scale != GW_SEGMENT_SUM; i++)
    {
      double count = (double) (i - first + 1);
      GwBits128 by = number_of (dtype, scale == GW_SEGMENT_MEAN ? count : sqrt (count));
      GwRowsUpdate update = { .op = GW_ROWS_DIV, .dtype = dtype, .rows = rows + i, .n = 1, .inner = inner,
                              .one_for_all = TRUE, .src = &by, .dst = data };

      if (i + 1 < n && rows[i + 1] == rows[i])
        continue;
      /* A count that a narrow integer cannot hold wraps around; to nothing at worst. */
      if (i > first && memcmp (&by, &zero, sizeof by) != 0 && !gw_rows_update (context, &update, error))
        return FALSE;
      first = i + 1;
    }
  return TRUE;
}

static gboolean
run_segment (GwKernelContext *context,
             const GwOpDef   *def,
             GwRowsOp         op,
             GwSegmentScale   scale,
             GError         **error)
{
  const GwTensor *data = context->inputs[0], *ids = context->inputs[1];
  GwShape shape = data->shape;
  GwRowsUpdate update = { .op = op, .dtype = data->dtype, .n = ids->elements, .first_assigns = TRUE, .src = data->data };
  int64_t *rows;
  GwBits128 gap;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  rows = gw_array_row_scratch (context, ids->elements, error);
  if (rows == NULL || !gw_segment_read (ids, rows, error))
    return FALSE;
  shape.dims[0] = ids->elements > 0 ? rows[ids->elements - 1] + 1 : 0;
  if (!gw_array_check_size (&shape, error) || !gw_kernel_allocate_output (context, 0, data->dtype, &shape, error))
    return FALSE;
  update.rows = rows;
  update.dst = context->outputs[0]->data;
  update.inner = gw_shape_span (&shape, 1, shape.rank);
  gw_rows_identity (op == GW_ROWS_MUL ? GW_ROWS_MUL : GW_ROWS_ADD, data->dtype, &gap);
  gw_fill_elements (context, data->dtype, &gap, update.dst, context->outputs[0]->elements);
  return gw_rows_update (context, &update, error) &&
         gw_segment_divide (context, scale, data->dtype, update.dst, rows, update.n, update.inner, error);
}

/* ---- their gradients ---- */

static GwOutput
gather_rows (GwBuilder *b,
             GwOutput   params,
             GwOutput   ids)
{
  return gw_op3 (b, "GatherV2", params, ids, gw_const_scalar (b, GW_INT32, 0));
}

static void
segment_sum_grad (GwGradContext *context)
{
  context->dx[0] = gather_rows (context->builder, context->dy[0], gw_grad_x (context, 1));
}

/* Shape of `ids` with 1 for every dimension that `data` has behind it. */
static GwOutput
ids_shape_over (GwBuilder *b,
                GwOutput   ids,
                GwOutput   data)
{
  GwOutput extra = gw_op2 (b, "Sub", gw_op1 (b, "Rank", data), gw_op1 (b, "Rank", ids));
  GwOutput ones = gw_op2 (b, "Fill", gw_op2 (b, "Reshape", extra, GW_ARRAY_INTS (b, 1)), gw_const_scalar (b, GW_INT32, 1));

  return gw_array_join2 (b, gw_op1 (b, "Shape", ids), ones);
}

static void
segment_mean_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput ids = gw_grad_x (context, 1), dy = context->dy[0];
  GwOutput ones = gw_op2 (b, "Fill", ids_shape_over (b, ids, gw_grad_x (context, 0)), gw_const_like (b, dy, 1));
  GwOutput share = gw_op2 (b, "RealDiv", dy, gw_op2 (b, "SegmentSum", ones, ids));

  context->dx[0] = gather_rows (b, share, ids);
}

/* Rows that are the extreme of their segment share its gradient. */
static void
segment_extreme_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = gw_grad_x (context, 0), ids = gw_grad_x (context, 1), dy = context->dy[0];
  GwOutput selected = gw_op2 (b, "Equal", x, gather_rows (b, gw_grad_y (context, 0), ids));
  GwOutput number = gw_op2 (b, "SegmentSum", gw_array_cast (b, selected, gw_output_dtype (dy)), ids);
  GwOutput gathered = gather_rows (b, gw_op2 (b, "RealDiv", dy, number), ids);

  context->dx[0] = gw_op3 (b, "SelectV2", selected, gathered, gw_op1 (b, "ZerosLike", x));
}

static GwOutput
is_zero (GwBuilder *b,
         GwOutput   x)
{
  return gw_op2 (b, "Equal", x, gw_const_like (b, x, 0));
}

/* The product of the others: the whole divided by the element; where the element is zero,
 * the product of those that are not; and nothing where two are zero. */
static void
segment_prod_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = gw_grad_x (context, 0), ids = gw_grad_x (context, 1), dy = context->dy[0];
  GwOutput zero = is_zero (b, x);
  GwOutput n_zeros = gw_op2 (b, "SegmentSum", gw_array_cast (b, zero, GW_INT32), ids);
  GwOutput several = gw_op2 (b, "Greater", n_zeros, gw_const_scalar (b, GW_INT32, 1));
  GwOutput grad = gw_op3 (b, "SelectV2", several, gw_op1 (b, "ZerosLike", dy), dy);
  GwOutput nonzero = gw_op3 (b, "SelectV2", zero, gw_op1 (b, "OnesLike", x), x);
  GwOutput rest = gather_rows (b, gw_op2 (b, "SegmentProd", nonzero, ids), ids);
  GwOutput whole = gather_rows (b, gw_grad_y (context, 0), ids);
  GwOutput others = gw_op3 (b, "SelectV2", zero, rest, gw_op2 (b, "RealDiv", whole, nonzero));

  context->dx[0] = gw_op2 (b, "Mul", gather_rows (b, grad, ids), others);
}

#define SEGMENT(NAME, TYPE, TITLE, OP, SCALE, TYPES, GRADIENT, SUMMARY, DOC, RESULT)                              \
  static const GwOpDef NAME##_op;                                                                                \
                                                                                                                 \
  static gboolean                                                                                                \
  NAME##_cpu (GwKernelContext *context, GError **error)                                                          \
  {                                                                                                              \
    return run_segment (context, &NAME##_op, OP, SCALE, error);                                                  \
  }                                                                                                              \
                                                                                                                 \
  static const GwOpDef NAME##_op = {                                                                             \
    .name = TYPE, .since = 1, .title = TITLE, .category = "arrays/Segments", .summary = SUMMARY,                 \
    .doc = DOC " The numbers must be in ascending order and may leave some out; how many rows the result has "   \
           "follows from the last one.",                                                                         \
    .inputs = GW_PORTS ({ "data", "T", "The rows." },                                                            \
                        { "segment_ids", "Tindices", "A number for each row, ascending." }),                     \
    .outputs = GW_PORTS ({ "output", "T", "A row for each number." }),                                           \
    .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", TYPES), GW_ARRAY_ATTR_POSITIONS ("Tindices", GW_INDEX_TYPES)),   \
    .shape_rule = "the data's with the number of segments (largest id + 1, which follows from the values) as first " \
                  "dimension", \
    .flags = GW_OP_DYNAMIC_OUTPUT, .shape = segment_shape, .grad = GRADIENT, .cpu = NAME##_cpu,                  \
    .examples = GW_EXAMPLES (                                                                                    \
      { GW_TEXTS ("[[1.0, 2.0], [4.0, 3.0], [5.0, 6.0]]", "[0, 0, 2]"), NULL, GW_TEXTS (RESULT) }),              \
  };

SEGMENT (segment_sum, "SegmentSum", "Sums of segments", GW_ROWS_ADD, GW_SEGMENT_SUM, GW_ARITHMETIC_TYPES, segment_sum_grad,
         "Adds up rows that carry the same number.",
         "Row k of the result is the sum of the rows of `data` whose number is k, and zero when there is none.",
         "[[5.0, 5.0], [0.0, 0.0], [5.0, 6.0]]")
SEGMENT (segment_mean, "SegmentMean", "Means of segments", GW_ROWS_ADD, GW_SEGMENT_MEAN, GW_ARITHMETIC_TYPES, segment_mean_grad,
         "Averages rows that carry the same number.",
         "Row k of the result is the mean of the rows of `data` whose number is k, and zero when there is none.",
         "[[2.5, 2.5], [0.0, 0.0], [5.0, 6.0]]")
SEGMENT (segment_max, "SegmentMax", "Maxima of segments", GW_ROWS_MAXIMUM, GW_SEGMENT_SUM, GW_REAL_TYPES, segment_extreme_grad,
         "The largest of each element over rows that carry the same number.",
         "Row k of the result is the maximum of the rows of `data` whose number is k, and zero when there is none.",
         "[[4.0, 3.0], [0.0, 0.0], [5.0, 6.0]]")
SEGMENT (segment_min, "SegmentMin", "Minima of segments", GW_ROWS_MINIMUM, GW_SEGMENT_SUM, GW_REAL_TYPES, segment_extreme_grad,
         "The smallest of each element over rows that carry the same number.",
         "Row k of the result is the minimum of the rows of `data` whose number is k, and zero when there is none.",
         "[[1.0, 2.0], [0.0, 0.0], [5.0, 6.0]]")
SEGMENT (segment_prod, "SegmentProd", "Products of segments", GW_ROWS_MUL, GW_SEGMENT_SUM, GW_ARITHMETIC_TYPES, segment_prod_grad,
         "Multiplies rows that carry the same number.",
         "Row k of the result is the product of the rows of `data` whose number is k, and one when there is none.",
         "[[4.0, 6.0], [1.0, 1.0], [5.0, 6.0]]")

/* ---- UnsortedSegment… ---- */

static gboolean
unsorted_shape (GwShapeContext *context,
                GError        **error)
{
  const GwShape *data = &context->inputs[0];
  const GwShape *ids = &context->inputs[1];
  GwShape *out = &context->outputs[0];
  GwShape head, merged;
  gboolean known;
  int64_t n;

  if (!gw_array_input_int (context, 2, &known, &n, error))
    return FALSE;
  if (known && n < 0)
    return gw_invalid (error, "num_segments = %" G_GINT64_FORMAT " must be >= 0", n);
  if (data->rank < 0 || ids->rank < 0)
    return TRUE;
  head = *data;
  head.rank = MIN (data->rank, ids->rank);
  if (!gw_array_merge (&head, ids, "data.shape must start with segment_ids.shape", &merged, error) ||
      !gw_array_check_rank (data->rank - ids->rank + 1, error))
    return FALSE;
  *out = GW_SHAPE (known ? n : GW_DIM_UNKNOWN);
  for (int i = ids->rank; i < data->rank; i++)
    out->dims[out->rank++] = data->dims[i];
  return gw_array_check_size (out, error);
}

static gboolean
read_unsorted (const GwTensor *ids,
               int64_t         n,
               int64_t        *rows,
               GError        **error)
{
  for (int64_t i = 0; i < ids->elements; i++)
    {
      rows[i] = gw_tensor_get_int (ids, i);
      if (rows[i] >= n)
        {
          g_autofree char *at = gw_position_text (&ids->shape, i);

          return gw_invalid (error, "segment_ids[%s] = %" G_GINT64_FORMAT " is out of range [0, %" G_GINT64_FORMAT ")", at,
                             rows[i], n);
        }
    }
  return TRUE;
}

static gboolean
run_unsorted (GwKernelContext *context,
              const GwOpDef   *def,
              GwRowsOp         op,
              GError         **error)
{
  const GwTensor *data = context->inputs[0], *ids = context->inputs[1];
  GwRowsUpdate update = { .op = op, .dtype = data->dtype, .n = ids->elements, .src = data->data };
  GwTensor *output;
  int64_t *rows;
  GwBits128 start;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  output = context->outputs[0];
  rows = gw_array_row_scratch (context, ids->elements, error);
  if (rows == NULL ||
      !read_unsorted (ids, output->shape.dims[0], rows, error))
    return FALSE;
  gw_rows_identity (op, data->dtype, &start);
  gw_fill_elements (context, data->dtype, &start, output->data, output->elements);
  update.rows = rows;
  update.dst = output->data;
  update.inner = gw_shape_span (&output->shape, 1, output->shape.rank);
  return gw_rows_update (context, &update, error);
}

/* Numbers with the negative ones, whose rows are left out, made 0, and where that was not
 * needed, in a shape that goes with the rows. */
typedef struct {
  GwOutput ids, kept;
} Kept;

static Kept
keep_rows (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput ids = gw_grad_x (context, 1);
  GwOutput zero = gw_const_like (b, ids, 0);
  Kept kept = { gw_op2 (b, "Maximum", ids, zero), gw_op2 (b, "GreaterEqual", ids, zero) };

  kept.kept = gw_op2 (b, "Reshape", kept.kept, ids_shape_over (b, ids, gw_grad_x (context, 0)));
  return kept;
}

/* The row of each number, zeros for those left out. */
static GwOutput
gather_kept (GwBuilder  *b,
             GwOutput    params,
             const Kept *kept)
{
  GwOutput rows = gather_rows (b, params, kept->ids);

  return gw_op3 (b, "SelectV2", kept->kept, rows, gw_op1 (b, "ZerosLike", rows));
}

static void
unsorted_sum_grad (GwGradContext *context)
{
  Kept kept = keep_rows (context);

  context->dx[0] = gather_kept (context->builder, context->dy[0], &kept);
}

static GwOutput
sum_unsorted (GwGradContext *context,
              GwOutput       rows)
{
  return gw_op3 (context->builder, "UnsortedSegmentSum", rows, gw_grad_x (context, 1), gw_grad_x (context, 2));
}

static void
unsorted_extreme_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = gw_grad_x (context, 0), dy = context->dy[0];
  Kept kept = keep_rows (context);
  GwOutput equal = gw_op2 (b, "Equal", x, gather_kept (b, gw_grad_y (context, 0), &kept));
  GwOutput selected = gw_op2 (b, "LogicalAnd", equal, kept.kept);
  GwOutput number = sum_unsorted (context, gw_array_cast (b, selected, gw_output_dtype (dy)));
  GwOutput gathered = gather_kept (b, gw_op2 (b, "RealDiv", dy, number), &kept);

  context->dx[0] = gw_op3 (b, "SelectV2", selected, gathered, gw_op1 (b, "ZerosLike", gathered));
}

static void
unsorted_prod_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = gw_grad_x (context, 0), dy = context->dy[0];
  Kept kept = keep_rows (context);
  GwOutput zero = is_zero (b, x);
  GwOutput n_zeros = sum_unsorted (context, gw_array_cast (b, zero, GW_INT32));
  GwOutput several = gw_op2 (b, "Greater", n_zeros, gw_const_scalar (b, GW_INT32, 1));
  GwOutput grad = gw_op3 (b, "SelectV2", several, gw_op1 (b, "ZerosLike", dy), dy);
  GwOutput nonzero = gw_op3 (b, "SelectV2", zero, gw_op1 (b, "OnesLike", x), x);
  GwOutput prod = gw_op3 (b, "UnsortedSegmentProd", nonzero, gw_grad_x (context, 1), gw_grad_x (context, 2));
  GwOutput whole = gw_op2 (b, "RealDiv", gather_rows (b, gw_grad_y (context, 0), kept.ids), x);
  GwOutput others = gw_op3 (b, "SelectV2", zero, gather_rows (b, prod, kept.ids), whole);

  context->dx[0] = gw_op2 (b, "Mul", gather_kept (b, grad, &kept), others);
}

#define UNSORTED(NAME, TYPE, TITLE, OP, TYPES, ID_TYPES, GRADIENT, SUMMARY, DOC, RESULT)                           \
  static const GwOpDef NAME##_op;                                                                                \
                                                                                                                 \
  static gboolean                                                                                                \
  NAME##_cpu (GwKernelContext *context, GError **error)                                                          \
  {                                                                                                              \
    return run_unsorted (context, &NAME##_op, OP, error);                                                        \
  }                                                                                                              \
                                                                                                                 \
  static const GwOpDef NAME##_op = {                                                                             \
    .name = TYPE, .since = 1, .title = TITLE, .category = "arrays/Segments", .summary = SUMMARY,                 \
    .doc = DOC " The numbers may come in any order; rows with a negative one are left out.",                     \
    .inputs = GW_PORTS ({ "data", "T", "The rows." },                                                            \
                        { "segment_ids", "Tindices", "A number for each row." },                                 \
                        { "num_segments", "Tnumsegments", "How many rows the result has." }),                    \
    .outputs = GW_PORTS ({ "output", "T", "A row for each number." }),                                           \
    .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", TYPES), GW_ARRAY_ATTR_POSITIONS ("Tindices", ID_TYPES),          \
                       GW_ARRAY_ATTR_INDEX ("Tnumsegments")),                                                    \
    .shape_rule = "[num_segments] followed by the dimensions of data that segment_ids does not have", \
    .shape = unsorted_shape, .grad = GRADIENT, .cpu = NAME##_cpu,                                                \
    .examples = GW_EXAMPLES (                                                                                    \
      { GW_TEXTS ("[[1.5, 3.5], [3.5, 2.0], [5.0, 6.0]]", "[1, 0, 1]", "2"), NULL, GW_TEXTS (RESULT) }),        \
  };

UNSORTED (unsorted_sum, "UnsortedSegmentSum", "Sums by number", GW_ROWS_ADD, GW_ARITHMETIC_TYPES, GW_SMALL_INDEX_TYPES,
          unsorted_sum_grad, "Adds up the rows that carry the same number.",
          "Row k of the result is the sum of the rows of `data` whose number in `segment_ids` is k, and zero when there is none.",
          "[[3.5, 2.0], [6.5, 9.5]]")
UNSORTED (unsorted_max, "UnsortedSegmentMax", "Maxima by number", GW_ROWS_MAXIMUM, GW_REAL_TYPES, GW_SMALL_INDEX_TYPES,
          unsorted_extreme_grad, "The largest of each element over the rows that carry the same number.",
          "Row k of the result is the maximum of the rows of `data` whose number is k, and the lowest number of the type when "
          "there is none.",
          "[[3.5, 2.0], [5.0, 6.0]]")
UNSORTED (unsorted_min, "UnsortedSegmentMin", "Minima by number", GW_ROWS_MINIMUM, GW_REAL_TYPES, GW_SMALL_INDEX_TYPES,
          unsorted_extreme_grad, "The smallest of each element over the rows that carry the same number.",
          "Row k of the result is the minimum of the rows of `data` whose number is k, and the highest number of the type when "
          "there is none.",
          "[[3.5, 2.0], [1.5, 3.5]]")
UNSORTED (unsorted_prod, "UnsortedSegmentProd", "Products by number", GW_ROWS_MUL, GW_ARITHMETIC_TYPES, GW_SMALL_INDEX_TYPES,
          unsorted_prod_grad, "Multiplies the rows that carry the same number.",
          "Row k of the result is the product of the rows of `data` whose number is k, and one when there is none.",
          "[[3.5, 2.0], [7.5, 21.0]]")

const GwOpDef *const gw_ops_array_segment[] = {
  &segment_sum_op, &segment_mean_op, &segment_max_op, &segment_min_op, &segment_prod_op,
  &unsorted_sum_op, &unsorted_max_op, &unsorted_min_op, &unsorted_prod_op, NULL,
};
