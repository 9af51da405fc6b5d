/* SPDX-License-Identifier: Apache-2.0 */
/* Rows picked by number, and sums of rows that share a number. */
#include "engine/base/error.h"
#include "engine/base/simd.h"
#include "engine/device/cpu/copy.h"
#include "engine/graph/builder.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <string.h>

/* ---- Gather, GatherV2 ---- */

/* “1,0”: where element `index` of `shape` is. */
static char *
position_text (const GwShape *shape,
               int64_t        index)
{
  g_autoptr (GString) text = g_string_new (NULL);
  int64_t strides[GW_MAX_RANK];

  gw_shape_strides (shape, strides);
  for (int i = 0; i < shape->rank; i++)
    {
      g_string_append_printf (text, i == 0 ? "%" G_GINT64_FORMAT : ",%" G_GINT64_FORMAT, index / strides[i]);
      index %= strides[i];
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
check_indices (const GwTensor *indices,
               int64_t         n,
               GError        **error)
{
  for (int64_t i = 0; i < indices->elements; i++)
    {
      int64_t index = gw_tensor_get_int (indices, i);

      if (index < 0 || index >= n)
        {
          g_autofree char *at = position_text (&indices->shape, i);

          return gw_invalid (error, "indices[%s] = %" G_GINT64_FORMAT " is not in [0, %" G_GINT64_FORMAT ")", at, index, n);
        }
    }
  return TRUE;
}

/* params as [batch, outer, n, inner], indices as [batch, m], the result as
 * [batch, outer, m, inner]. */
typedef struct {
  const GwTensor *params, *indices;
  GwTensor       *output;
  int64_t         outer, n, m, inner;
} Gather;

/* A row is `inner` elements of the result. */
static void
gather_rows (void   *data,
             int64_t begin,
             int64_t end)
{
  const Gather *gather = data;
  GwDType dtype = gather->params->dtype;
  size_t bytes = (size_t) gather->inner * gw_dtype_size (dtype);

  for (int64_t row = begin; row < end; row++)
    {
      int64_t slab = row / gather->m;
      int64_t index = gw_tensor_get_int (gather->indices, slab / gather->outer * gather->m + row % gather->m);
      const void *from = gw_element_at (gather->params->data, dtype, (slab * gather->n + index) * gather->inner);
      void *to = gw_element_at (gather->output->data, dtype, row * gather->inner);

      if (dtype == GW_STRING)
        for (int64_t i = 0; i < gather->inner; i++)
          gw_string_copy ((GwString *) to + i, (const GwString *) from + i);
      else
        memcpy (to, from, bytes);
    }
}

static gboolean
run_gather (GwKernelContext *context,
            int              axis,
            int              batch_dims,
            GError         **error)
{
  const GwShape *params = &context->inputs[0]->shape;
  const GwShape *indices = &context->inputs[1]->shape;
  Gather gather = {
    .params = context->inputs[0], .indices = context->inputs[1], .output = context->outputs[0],
    .outer = gw_shape_span (params, batch_dims, axis), .n = params->dims[axis],
    .m = gw_shape_span (indices, batch_dims, indices->rank),
    .inner = gw_shape_span (params, axis + 1, params->rank),
  };

  if (!check_indices (gather.indices, gather.n, error))
    return FALSE;
  if (gather.output->elements > 0)
    gw_kernel_parallel (context, gather.output->elements / gather.inner, MAX (1, 32768 / gather.inner),
                        gather_rows, &gather);
  return TRUE;
}

/* params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:], of
 * known ranks. */
static gboolean
gathered_shape (const GwShape *params,
                const GwShape *indices,
                int            axis,
                int            batch_dims,
                GwShape       *out,
                GError       **error)
{
  *out = GW_SHAPE_SCALAR;
  if (params->rank - 1 + indices->rank - batch_dims > GW_MAX_RANK)
    return gw_invalid (error, "the result has more than %d dimensions", GW_MAX_RANK);
  for (int i = 0; i < axis; i++)
    out->dims[out->rank++] = params->dims[i];
  for (int i = batch_dims; i < indices->rank; i++)
    out->dims[out->rank++] = indices->dims[i];
  for (int i = axis + 1; i < params->rank; i++)
    out->dims[out->rank++] = params->dims[i];
  return gw_array_check_size (out, error);
}

enum { GATHER_VALIDATE_INDICES, GATHER_PARAMS, GATHER_INDICES };

static gboolean
gather_shape (GwShapeContext *context,
              GError        **error)
{
  if (!gw_shape_want_rank_at_least (context, 0, 1, error))
    return FALSE;
  if (context->inputs[0].rank < 0 || context->inputs[1].rank < 0)
    return TRUE;
  return gathered_shape (&context->inputs[0], &context->inputs[1], 0, 0, &context->outputs[0], error);
}

static gboolean
gather_cpu (GwKernelContext *context,
            GError         **error)
{
  return run_gather (context, 0, 0, error);
}

enum { GATHER_V2_BATCH_DIMS, GATHER_V2_PARAMS, GATHER_V2_INDICES, GATHER_V2_AXIS };

static gboolean
check_batch_dims (int64_t        batch_dims,
                  const GwShape *params,
                  const GwShape *indices,
                  int            axis,
                  int           *result,
                  GError       **error)
{
  if (batch_dims < -indices->rank || batch_dims > indices->rank)
    return gw_invalid (error, "Expected batch_dims in the range [%d, %d], but got %" G_GINT64_FORMAT,
                       -indices->rank, indices->rank, batch_dims);
  *result = (int) (batch_dims < 0 ? batch_dims + indices->rank : batch_dims);
  if (*result > axis)
    return gw_invalid (error, "batch_dims (%d) must be less than or equal to axis (%d)", *result, axis);
  for (int i = 0; i < *result; i++)
    if (params->dims[i] >= 0 && indices->dims[i] >= 0 && params->dims[i] != indices->dims[i])
      return gw_invalid (error, "params.shape[%d]: %" G_GINT64_FORMAT " should be equal to indices.shape[%d]: %"
                         G_GINT64_FORMAT, i, params->dims[i], i, indices->dims[i]);
  return TRUE;
}

static gboolean
gather_v2_shape (GwShapeContext *context,
                 GError        **error)
{
  const GwShape *params = &context->inputs[0];
  const GwShape *indices = &context->inputs[1];
  gboolean known;
  int64_t value;
  int axis, batch_dims = 0;

  if (!gw_shape_want_rank_at_least (context, 0, 1, error) ||
      !gw_array_input_int (context, 2, &known, &value, error))
    return FALSE;
  if (params->rank < 0 || indices->rank < 0)
    return TRUE;
  if (!known)
    {
      if (context->attrs[GATHER_V2_BATCH_DIMS].i == 0 && params->rank - 1 + indices->rank <= GW_MAX_RANK)
        context->outputs[0] = gw_shape_of_rank (params->rank - 1 + indices->rank);
      return TRUE;
    }
  return gw_array_axis ("axis", value, params->rank, &axis, error) &&
         check_batch_dims (context->attrs[GATHER_V2_BATCH_DIMS].i, params, indices, axis, &batch_dims, error) &&
         gathered_shape (params, indices, axis, batch_dims, &context->outputs[0], error);
}

/* Some sizes of a shape: Gather (Shape (x), [0, 2]). */
static gboolean
gather_value (GwShapeContext *context,
              GwShape        *value)
{
  const GwTensor *indices = gw_shape_input_value (context, 1);
  GwShape whole;

  if (indices == NULL || indices->shape.rank > 1 || indices->elements > GW_MAX_RANK ||
      context->inputs[0].rank != 1 || !gw_shape_input_as_shape (context, 0, &whole, NULL) || whole.rank < 0)
    return FALSE;
  *value = gw_shape_of_rank ((int) indices->elements);
  for (int i = 0; i < value->rank; i++)
    {
      int64_t index = gw_tensor_get_int (indices, i);

      if (index < 0 || index >= whole.rank)
        return FALSE;
      value->dims[i] = whole.dims[index];
    }
  return TRUE;
}

static const GwOpDef gather_v2_op;

static gboolean
gather_v2_cpu (GwKernelContext *context,
               GError         **error)
{
  int64_t batch_dims = context->attrs[GATHER_V2_BATCH_DIMS].i;
  int axis = 0;

  if (!gw_array_prepare (context, &gather_v2_op, error))
    return FALSE;
  gw_shape_normalize_axis (gw_tensor_get_int (context->inputs[2], 0), context->inputs[0]->shape.rank, &axis);
  if (batch_dims < 0)
    batch_dims += context->inputs[1]->shape.rank;
  return run_gather (context, axis, (int) batch_dims, error);
}

/* `values` with `axis` in front, or back again. */
static GwOutput
move_axis (GwBuilder *b,
           GwOutput   values,
           int        rank,
           int        axis,
           gboolean   to_front)
{
  int64_t perm[GW_MAX_RANK];

  if (axis == 0)
    return values;
  for (int i = 0; i < rank; i++)
    if (to_front)
      perm[i] = i == 0 ? axis : i <= axis ? i - 1 : i;
    else
      perm[i] = i < axis ? i + 1 : i == axis ? 0 : i;
  return gw_op2 (b, "Transpose", values, gw_const_ints (b, rank, perm));
}

/* Row indices[i] of the gradient is the sum of the dy that were read from it. */
static void
gather_grad_axis (GwGradContext *context,
                  int            axis)
{
  GwBuilder *b = context->builder;
  GwOutput params = gw_grad_x (context, 0);
  int rank = gw_output_shape (params)->rank;
  GwOutput minus_one = gw_const_ints (b, 1, (const int64_t[]) { -1 });
  GwOutput shape = gw_op1 (b, "Shape", params);
  GwOutput before = gw_op3 (b, "Slice", shape, gw_const_ints (b, 1, (const int64_t[]) { 0 }),
                            gw_const_ints (b, 1, (const int64_t[]) { axis }));
  GwOutput behind = gw_op3 (b, "Slice", shape, gw_const_ints (b, 1, (const int64_t[]) { axis + 1 }), minus_one);
  GwOutput one = gw_op3 (b, "Slice", shape, gw_const_ints (b, 1, (const int64_t[]) { axis }),
                         gw_const_ints (b, 1, (const int64_t[]) { 1 }));
  GwOutput size = gw_op2 (b, "Reshape", one, gw_const_ints (b, 0, NULL));
  GwOutput parts = gw_op (b, "ConcatV2", GW_IN (before, gw_op2 (b, "Reshape", gw_op1 (b, "Size", gw_grad_x (context, 1)),
                                                                minus_one),
                                                behind, gw_const_scalar (b, GW_INT32, 0)), NULL);
  GwOutput values = move_axis (b, gw_op2 (b, "Reshape", context->dy[0], parts), rank, axis, TRUE);
  GwOutput ids = gw_op2 (b, "Reshape", gw_grad_x (context, 1), minus_one);

  context->dx[0] = move_axis (b, gw_op3 (b, "UnsortedSegmentSum", values, ids, size), rank, axis, FALSE);
}

static void
gather_grad (GwGradContext *context)
{
  if (gw_output_shape (gw_grad_x (context, 0))->rank < 0)
    gw_builder_fail (context->builder, GW_ERROR_UNIMPLEMENTED, "the gradient of Gather needs params of known rank");
  else
    gather_grad_axis (context, 0);
}

static void
gather_v2_grad (GwGradContext *context)
{
  const GwTensor *value = gw_output_constant (gw_grad_x (context, 2));
  int rank = gw_output_shape (gw_grad_x (context, 0))->rank;
  int axis;

  if (value == NULL || rank < 0 || context->node->attrs[GATHER_V2_BATCH_DIMS].i != 0 ||
      !gw_shape_normalize_axis (gw_tensor_get_int (value, 0), rank, &axis))
    gw_builder_fail (context->builder, GW_ERROR_UNIMPLEMENTED,
                     "the gradient of GatherV2 needs params of known rank, a constant axis and batch_dims 0");
  else
    gather_grad_axis (context, axis);
}

#define INDICES_ATTR(name) \
  { name, GW_ATTR_DTYPE, .choices = GW_INDEX_TYPES, .label = "Index type", \
    .help = "Type of the indices; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
#define PARAMS_ATTR \
  { "Tparams", GW_ATTR_DTYPE, .label = "Type", .help = "Element type; follows from what is wired.", \
    .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }

static const GwOpDef gather_op = {
  .name = "Gather", .since = 1, .title = "Gather rows", .category = "arrays/Picking",
  .summary = "Picks rows by their numbers.",
  .doc = "The older form of GatherV2, along the first dimension.",
  .inputs = GW_PORTS ({ "params", "Tparams", "The rows." }, { "indices", "Tindices", "Numbers of rows, any shape." }),
  .outputs = GW_PORTS ({ "output", "Tparams", "A row for each index." }),
  .attrs = GW_ATTRS (
    [GATHER_VALIDATE_INDICES] = { "validate_indices", GW_ATTR_BOOL, .def = "true", .label = "Check the indices",
                                  .help = "Kept for files of TensorFlow; indices are always checked.",
                                  .flags = GW_ATTR_HIDDEN },
    [GATHER_PARAMS] = PARAMS_ATTR, [GATHER_INDICES] = INDICES_ATTR ("Tindices")),
  .flags = GW_OP_HIDDEN,
  .shape = gather_shape, .partial_value = gather_value, .grad = gather_grad, .cpu = gather_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[1, 0, 1]"), NULL,
      GW_TEXTS ("[[3.5, 4.5], [1.5, 2.5], [3.5, 4.5]]") }),
};

static const GwOpDef gather_v2_op = {
  .name = "GatherV2", .since = 1, .title = "Gather", .category = "arrays/Picking",
  .summary = "Picks rows, or other slices, by their numbers.",
  .doc = "An embedding: `params` holds a vector for each word, `indices` the words of a batch in any shape, and the result one "
         "vector for each of them. Along `axis`, index k is taken for each element k of `indices`. An index outside of the "
         "dimension is an error that says which.\n\n"
         "With `batch_dims` the first dimensions of both are gone through together.",
  .inputs = GW_PORTS ({ "params", "Tparams", "What is picked from." },
                      { "indices", "Tindices", "Numbers, any shape." },
                      { "axis", "Taxis", "Dimension of params that they count.", .literal = "0" }),
  .outputs = GW_PORTS ({ "output", "Tparams", "params with that dimension replaced by those of indices." }),
  .attrs = GW_ATTRS (
    [GATHER_V2_BATCH_DIMS] = { "batch_dims", GW_ATTR_INT, .def = "0", .min = -GW_MAX_RANK, .max = GW_MAX_RANK,
                               .label = "Batch dimensions", .help = "Leading dimensions that both share." },
    [GATHER_V2_PARAMS] = PARAMS_ATTR, [GATHER_V2_INDICES] = INDICES_ATTR ("Tindices"),
    [GATHER_V2_AXIS] = INDICES_ATTR ("Taxis")),
  .shape = gather_v2_shape, .partial_value = gather_value, .grad = gather_v2_grad, .cpu = gather_v2_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[1, 0, 1]", "0"), NULL,
      GW_TEXTS ("[[3.5, 4.5], [1.5, 2.5], [3.5, 4.5]]") },
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[1]", "1"), NULL, GW_TEXTS ("[[2.5], [4.5]]") }),
};

/* ---- UnsortedSegmentSum ---- */

static gboolean
segment_sum_shape (GwShapeContext *context,
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
  if (!gw_array_merge (&head, ids, "data.shape must start with segment_ids.shape", &merged, error))
    return FALSE;
  if (data->rank - ids->rank + 1 > GW_MAX_RANK)
    return gw_invalid (error, "the result has more than %d dimensions", GW_MAX_RANK);
  *out = GW_SHAPE (known ? n : GW_DIM_UNKNOWN);
  for (int i = ids->rank; i < data->rank; i++)
    out->dims[out->rank++] = data->dims[i];
  return gw_array_check_size (out, error);
}

typedef struct {
  const GwTensor *data, *ids;
  GwTensor       *output;
  int64_t         inner;
} SegmentSum;

/* Columns [begin, end): every thread adds the rows in their order. */
GW_CLONES static void
sum_columns (void   *user_data,
             int64_t begin,
             int64_t end)
{
  const SegmentSum *sum = user_data;

  GW_SWITCH_NUMBER (sum->data->dtype, return,
                    for (int64_t i = 0; i < sum->ids->elements; i++)
                      {
                        int64_t id = gw_tensor_get_int (sum->ids, i);
                        const T *from = GW_TENSOR_DATA (sum->data, T) + i * sum->inner;
                        T *to = GW_TENSOR_DATA (sum->output, T) + id * sum->inner;

                        if (id >= 0)
                          for (int64_t j = begin; j < end; j++)
                            to[j] = (T) (to[j] + from[j]);
                      });
}

static const GwOpDef segment_sum_op;

static gboolean
segment_sum_cpu (GwKernelContext *context,
                 GError         **error)
{
  static const GwBits128 zero;
  SegmentSum sum = { .data = context->inputs[0], .ids = context->inputs[1] };
  int64_t n;

  if (!gw_array_prepare (context, &segment_sum_op, error))
    return FALSE;
  sum.output = context->outputs[0];
  n = sum.output->shape.dims[0];
  for (int64_t i = 0; i < sum.ids->elements; i++)
    if (gw_tensor_get_int (sum.ids, i) >= n)
      {
        g_autofree char *at = position_text (&sum.ids->shape, i);

        return gw_invalid (error, "segment_ids[%s] = %" G_GINT64_FORMAT " is out of range [0, %" G_GINT64_FORMAT ")",
                           at, gw_tensor_get_int (sum.ids, i), n);
      }
  gw_fill_elements (context, sum.output->dtype, &zero, sum.output->data, sum.output->elements);
  sum.inner = gw_shape_span (&sum.output->shape, 1, sum.output->shape.rank);
  gw_kernel_parallel (context, sum.inner, MAX (16, 65536 / MAX (1, sum.ids->elements)), sum_columns, &sum);
  return TRUE;
}

/* Each row of data gets the gradient of its segment, and a dropped one zeros. */
static void
segment_sum_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput ids = gw_grad_x (context, 1);
  GwOutput zero = gw_const_like (b, ids, 0);
  GwOutput kept = gw_op2 (b, "GreaterEqual", ids, zero);
  GwOutput rows = gw_op3 (b, "GatherV2", context->dy[0], gw_op2 (b, "Maximum", ids, zero),
                          gw_const_scalar (b, GW_INT32, 0));
  int extra = gw_output_shape (gw_grad_x (context, 0))->rank - gw_output_shape (ids)->rank;

  if (gw_output_shape (gw_grad_x (context, 0))->rank < 0 || gw_output_shape (ids)->rank < 0)
    {
      gw_builder_fail (b, GW_ERROR_UNIMPLEMENTED, "the gradient of UnsortedSegmentSum needs inputs of known rank");
      return;
    }
  for (int i = 0; i < extra; i++)
    kept = gw_op2 (b, "ExpandDims", kept, gw_const_scalar (b, GW_INT32, -1));
  kept = gw_op (b, "Cast", GW_IN (kept), GW_WITH ({ "DstT", *gw_node_attr (context->node, "T") }));
  context->dx[0] = gw_op2 (b, "Mul", rows, kept);
}

static const GwOpDef segment_sum_op = {
  .name = "UnsortedSegmentSum", .since = 1, .title = "Sums by number", .category = "arrays/Segments",
  .summary = "Adds up the rows that carry the same number.",
  .doc = "Row k of the result is the sum of the rows of `data` whose number in `segment_ids` is k, and zero when there is none. "
         "The numbers may come in any order; rows with a negative one are left out.",
  .inputs = GW_PORTS ({ "data", "T", "The rows." },
                      { "segment_ids", "Tindices", "A number for each row." },
                      { "num_segments", "Tnumsegments", "How many rows the result has." }),
  .outputs = GW_PORTS ({ "output", "T", "The sums." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_NUMBER_T, INDICES_ATTR ("Tindices"), GW_ARRAY_ATTR_INDEX ("Tnumsegments")),
  .shape = segment_sum_shape, .grad = segment_sum_grad, .cpu = segment_sum_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5], [5.0, 6.0]]", "[1, -1, 1]", "3"), NULL,
      GW_TEXTS ("[[0.0, 0.0], [6.5, 8.5], [0.0, 0.0]]") }),
};

const GwOpDef *const gw_ops_array_gather[] = { &gather_op, &gather_v2_op, &segment_sum_op, NULL };
