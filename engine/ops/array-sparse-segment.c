/* SPDX-License-Identifier: Apache-2.0 */
/* Segments of rows that are picked by number first: what embedding_lookup_sparse() is
 * made of. SparseSegmentSum (data, indices, ids) is SegmentSum (Gather (data, indices),
 * ids) without the gathered rows in between. */
#include "engine/ops/array-segment.h"

#include "engine/base/error.h"
#include "engine/device/cpu/rows.h"
#include "engine/ops/families.h"

#include <string.h>

/* Inputs of the forward ops (the number of segments is there in half of them) and of the
 * backward ones, whose first is the gradient and whose last the rows of what was picked
 * from. */
enum { SPARSE_DATA, SPARSE_INDICES, SPARSE_IDS, SPARSE_NUMBER };

static gboolean
check_lists (GwShapeContext *context,
             GError        **error)
{
  GwShape indices, ids;

  return gw_shape_want_rank_at_least (context, SPARSE_DATA, 1, error) &&
         gw_shape_want_rank (context, SPARSE_INDICES, 1, &indices, error) &&
         gw_shape_want_rank (context, SPARSE_IDS, 1, &ids, error) &&
         gw_array_merge (&indices, &ids, "segment_ids and indices should have same size", &indices, error);
}

/* Rows of input `number` (one more than the last id where there is none) over those of
 * data. */
static gboolean
sparse_shape (GwShapeContext *context,
              GError        **error)
{
  GwShape *out = &context->outputs[0];
  gboolean known = FALSE;
  int64_t n = GW_DIM_UNKNOWN;

  if (!check_lists (context, error) ||
      (context->n_inputs > SPARSE_NUMBER && !gw_array_input_int (context, SPARSE_NUMBER, &known, &n, error)))
    return FALSE;
  if (known && n < 0)
    return gw_invalid (error, "%s = %" G_GINT64_FORMAT " must not be negative", gw_shape_input_name (context, SPARSE_NUMBER), n);
  if (context->inputs[SPARSE_DATA].rank < 0)
    return TRUE;
  *out = context->inputs[SPARSE_DATA];
  out->dims[0] = known ? n : GW_DIM_UNKNOWN;
  return gw_array_check_size (out, error);
}

/* Reads numbers that must lie in [0, limit). */
static gboolean
read_indices (const GwTensor *indices,
              int64_t         limit,
              int64_t        *rows,
              GError        **error)
{
  for (int64_t i = 0; i < indices->elements; i++)
    {
      rows[i] = gw_tensor_get_int (indices, i);
      if (rows[i] < 0 || rows[i] >= limit)
        return gw_invalid (error, "indices[%" G_GINT64_FORMAT "] == %" G_GINT64_FORMAT " out of range [0, %" G_GINT64_FORMAT ")",
                           i, rows[i], limit);
    }
  return TRUE;
}

static gboolean
check_last (const int64_t *ids,
            int64_t        n,
            int64_t        limit,
            GError       **error)
{
  if (n > 0 && ids[n - 1] >= limit)
    return gw_invalid (error, "segment_ids[%" G_GINT64_FORMAT "] = %" G_GINT64_FORMAT " is out of range [0, %" G_GINT64_FORMAT ")",
                       n - 1, ids[n - 1], limit);
  return TRUE;
}

static gboolean
run_sparse (GwKernelContext *context,
            const GwOpDef   *def,
            GwSegmentScale   scale,
            GError         **error)
{
  const GwTensor *data = context->inputs[SPARSE_DATA];
  int64_t n = context->inputs[SPARSE_IDS]->elements;
  GwRowsUpdate update = { .op = GW_ROWS_ADD, .dtype = data->dtype, .n = n, .first_assigns = TRUE, .src = data->data };
  GwShape shape = data->shape;
  int64_t *ids, *indices;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  ids = gw_array_row_scratch (context, 2 * n, error);
  indices = ids + n;
  if (ids == NULL || !gw_segment_read (context->inputs[SPARSE_IDS], ids, error) ||
      !read_indices (context->inputs[SPARSE_INDICES], data->shape.dims[0], indices, error))
    return FALSE;
  shape.dims[0] = n > 0 ? ids[n - 1] + 1 : 0;
  if (context->outputs[0] == NULL &&
      (!gw_array_check_size (&shape, error) || !gw_kernel_allocate_output (context, 0, data->dtype, &shape, error)))
    return FALSE;
  if (!check_last (ids, n, context->outputs[0]->shape.dims[0], error))
    return FALSE;
  update.rows = ids;
  update.src_rows = indices;
  update.dst = context->outputs[0]->data;
  update.inner = gw_shape_span (&shape, 1, shape.rank);
  gw_array_clear (context, context->outputs[0]);
  return gw_rows_update (context, &update, error) &&
         gw_segment_divide (context, scale, data->dtype, update.dst, ids, n, update.inner, error);
}

/* Row indices[i] gets the gradient of segment ids[i], divided as the sum was. */
static gboolean
run_sparse_grad (GwKernelContext *context,
                 const GwOpDef   *def,
                 GwSegmentScale   scale,
                 GError         **error)
{
  const GwTensor *grad = context->inputs[SPARSE_DATA];
  int64_t n = context->inputs[SPARSE_IDS]->elements;
  GwRowsUpdate update = { .op = GW_ROWS_ADD, .dtype = grad->dtype, .n = n };
  int64_t *ids, *indices;
  void *scaled;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  ids = gw_array_row_scratch (context, 2 * n + (int64_t) (grad->bytes / sizeof (int64_t)) + 1, error);
  if (ids == NULL || !gw_segment_read (context->inputs[SPARSE_IDS], ids, error))
    return FALSE;
  indices = ids + n;
  scaled = indices + n;
  if (!read_indices (context->inputs[SPARSE_INDICES], context->outputs[0]->shape.dims[0], indices, error) ||
      !check_last (ids, n, grad->shape.dims[0], error))
    return FALSE;
  update.inner = gw_shape_span (&grad->shape, 1, grad->shape.rank);
  memcpy (scaled, grad->data, grad->bytes);
  if (!gw_segment_divide (context, scale, grad->dtype, scaled, ids, n, update.inner, error))
    return FALSE;
  update.rows = indices;
  update.src_rows = ids;
  update.src = scaled;
  update.dst = context->outputs[0]->data;
  gw_array_clear (context, context->outputs[0]);
  return gw_rows_update (context, &update, error);
}

static void
sparse_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  const char *name = context->node->def->name;
  const char *op = g_str_has_prefix (name, "SparseSegmentMean")   ? "SparseSegmentMeanGrad"
                   : g_str_has_prefix (name, "SparseSegmentSqrtN") ? "SparseSegmentSqrtNGrad"
                                                                   : "SparseSegmentSumGrad";
  GwOutput rows = gw_op2 (b, "Reshape", gw_array_part (b, gw_op1 (b, "Shape", gw_grad_x (context, SPARSE_DATA)), 0, 1),
                          gw_const_ints (b, 0, NULL));

  context->dx[SPARSE_DATA] = gw_op (b, op, GW_IN (context->dy[0], gw_grad_x (context, SPARSE_INDICES),
                                                  gw_grad_x (context, SPARSE_IDS), rows), NULL);
}

#define LIST_PORTS                                                                                               \
  { "indices", "Tidx", "Numbers of the rows that are picked." },                                                 \
  { "segment_ids", "Tsegmentids", "For each of them its segment, ascending." }
#define LIST_ATTRS(types) \
  GW_ARRAY_ATTR_TYPE ("T", types), GW_ARRAY_ATTR_INDEX ("Tidx"), GW_ARRAY_ATTR_INDEX ("Tsegmentids")
#define SPARSE_GRADIENT                                                                                          \
  { "sparse_gradient", GW_ATTR_BOOL, .def = "false", .label = "Sparse gradient", .flags = GW_ATTR_HIDDEN,        \
    .help = "Kept for files of TensorFlow; the gradient is dense." }

#define KERNEL(NAME, RUN, SCALE)                                                                                 \
  static const GwOpDef NAME##_op;                                                                                \
                                                                                                                 \
  static gboolean                                                                                                \
  NAME##_cpu (GwKernelContext *context, GError **error)                                                          \
  {                                                                                                              \
    return RUN (context, &NAME##_op, SCALE, error);                                                              \
  }

/* The op, the one that is told the number of segments, and their gradient. */
#define SPARSE_SEGMENT(NAME, TYPE, TITLE, SCALE, TYPES, WHAT, RESULT, GRADIENT)                                  \
  KERNEL (NAME, run_sparse, SCALE)                                                                               \
  KERNEL (NAME##_with_number, run_sparse, SCALE)                                                                 \
  KERNEL (NAME##_back, run_sparse_grad, SCALE)                                                                   \
                                                                                                                 \
  static const GwOpDef NAME##_op = {                                                                             \
    .name = TYPE, .since = 1, .title = TITLE, .category = "arrays/Segments",                                     \
    .summary = "Picks rows and gives " WHAT " of those in one segment.",                                         \
    .doc = "Row k of the result is " WHAT " of the rows of `data` whose numbers stand in `indices` where "       \
           "`segment_ids` is k, and zero when there is none. The embedding of a text of any number of words is made so.", \
    .inputs = GW_PORTS ({ "data", "T", "Rows to pick from." }, LIST_PORTS),                                      \
    .outputs = GW_PORTS ({ "output", "T", "A row for each segment." }),                                          \
    .attrs = GW_ATTRS (LIST_ATTRS (TYPES), SPARSE_GRADIENT), .flags = GW_OP_DYNAMIC_OUTPUT,                      \
    .shape_rule = "the data's with another first dimension: the number of segments, or for a gradient output_dim0", \
    .shape = sparse_shape, .grad = sparse_grad, .cpu = NAME##_cpu,                                               \
    .examples = GW_EXAMPLES (                                                                                    \
      { GW_TEXTS ("[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]", "[0, 2, 1]", "[0, 0, 2]"), NULL, GW_TEXTS (RESULT) }), \
  };                                                                                                             \
                                                                                                                 \
  static const GwOpDef NAME##_with_number_op = {                                                                 \
    .name = TYPE "WithNumSegments", .since = 1, .title = TITLE " (number given)", .category = "arrays/Segments", \
    .summary = "Picks rows and gives " WHAT " of those in one segment, for a given number of segments.",         \
    .doc = "As " TYPE ", with `num_segments` rows in the result, the last ones zero when no row belongs to them.", \
    .inputs = GW_PORTS ({ "data", "T", "Rows to pick from." }, LIST_PORTS,                                       \
                        { "num_segments", "Tnumsegments", "How many rows the result has." }),                    \
    .outputs = GW_PORTS ({ "output", "T", "A row for each segment." }),                                          \
    .attrs = GW_ATTRS (LIST_ATTRS (TYPES), GW_ARRAY_ATTR_INDEX ("Tnumsegments"), SPARSE_GRADIENT),               \
    .shape_rule = "the data's with another first dimension: the number of segments, or for a gradient output_dim0", \
    .shape = sparse_shape, .grad = sparse_grad, .cpu = NAME##_with_number_cpu,                                   \
    .examples = GW_EXAMPLES (                                                                                    \
      { GW_TEXTS ("[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]", "[0, 2, 1]", "[0, 0, 2]", "3"), NULL, GW_TEXTS (RESULT) }), \
  };                                                                                                             \
                                                                                                                 \
  static const GwOpDef NAME##_back_op = {                                                                        \
    .name = TYPE "Grad", .since = 1, .title = "Gradient of " TYPE, .category = "arrays/Segments",                \
    .summary = "Puts the gradient of each segment back to the rows that were picked for it.",                    \
    .doc = "The counterpart of " TYPE ": what it divided by is divided by again, and rows picked more than once add up.", \
    .inputs = GW_PORTS ({ "grad", "T", "Gradient of the segments." }, LIST_PORTS,                                \
                        { "output_dim0", "int32", "Rows of what was picked from." }),                            \
    .outputs = GW_PORTS ({ "output", "T", "Gradient of what was picked from." }),                                \
    .attrs = GW_ATTRS (LIST_ATTRS (TYPES)), .flags = GW_OP_NO_GRADIENT | GW_OP_HIDDEN,                           \
    .shape_rule = "the data's with another first dimension: the number of segments, or for a gradient output_dim0", \
    .shape = sparse_shape, .cpu = NAME##_back_cpu,                                                               \
    .examples = GW_EXAMPLES (                                                                                    \
      { GW_TEXTS ("[[1.0, 2.0], [3.0, 4.0]]", "[0, 2, 2, 0]", "[0, 1, 1, 1]", "3"), NULL, GRADIENT }),           \
  };

SPARSE_SEGMENT (sparse_sum, "SparseSegmentSum", "Sums of picked rows", GW_SEGMENT_SUM, GW_REAL_TYPES, "the sum",
                "[[6.0, 8.0], [0.0, 0.0], [3.0, 4.0]]", GW_TEXTS ("[[4.0, 6.0], [0.0, 0.0], [6.0, 8.0]]"))
SPARSE_SEGMENT (sparse_mean, "SparseSegmentMean", "Means of picked rows", GW_SEGMENT_MEAN, GW_ALL_FLOAT_TYPES, "the mean",
                "[[3.0, 4.0], [0.0, 0.0], [3.0, 4.0]]",
                GW_TEXTS ("[[2.0, 3.33333333], [0.0, 0.0], [2.0, 2.66666667]]"))
SPARSE_SEGMENT (sparse_sqrt_n, "SparseSegmentSqrtN", "Scaled sums of picked rows", GW_SEGMENT_SQRT_N, GW_ALL_FLOAT_TYPES,
                "the sum, divided by the square root of the number,",
                "[[4.24264069, 5.65685425], [0.0, 0.0], [3.0, 4.0]]",
                GW_TEXTS ("[[2.73205081, 4.30940108], [0.0, 0.0], [3.46410162, 4.61880215]]"))

const GwOpDef *const gw_ops_array_sparse_segment[] = {
  &sparse_sum_op, &sparse_mean_op, &sparse_sqrt_n_op, &sparse_sum_with_number_op, &sparse_mean_with_number_op,
  &sparse_sqrt_n_with_number_op, &sparse_sum_back_op, &sparse_mean_back_op, &sparse_sqrt_n_back_op, NULL,
};
