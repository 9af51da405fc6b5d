/* SPDX-License-Identifier: Apache-2.0 */
/* Rows picked by number. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/rows.h"
#include "engine/graph/builder.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <string.h>

/* ---- Gather, GatherV2 ---- */

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
          g_autofree char *at = gw_position_text (&indices->shape, i);

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

/* ---- gradients of picking ---- */

/* `values` with dimension `from` moved to the place `to`. */
static GwOutput
move_axis (GwBuilder *b,
           GwOutput   values,
           int        rank,
           int        from,
           int        to)
{
  int64_t perm[GW_MAX_RANK];
  int next = 0;

  if (from == to)
    return values;
  for (int i = 0; i < rank; i++)
    {
      next += next == from;
      perm[i] = i == to ? from : next++;
    }
  return gw_op2 (b, "Transpose", values, gw_const_ints (b, rank, perm));
}

/* A constant where the shape is known, so that the tensor itself need not be there. */
static GwOutput
shape_of (GwBuilder *b,
          GwOutput   x)
{
  const GwShape *shape = gw_output_shape (x);

  return gw_shape_is_known (shape) ? gw_const_ints (b, shape->rank, shape->dims) : gw_op1 (b, "Shape", x);
}

/* `size` elements of a vector from `begin`; -1 is the rest. */
static GwOutput
part (GwBuilder *b,
      GwOutput   vector,
      int64_t    begin,
      int64_t    size)
{
  return gw_op3 (b, "Slice", vector, gw_const_ints (b, 1, &begin), gw_const_ints (b, 1, &size));
}

/* Product of the elements of an integer vector, as a vector of one. */
static GwOutput
product (GwBuilder *b,
         GwOutput   sizes)
{
  return gw_op (b, "Prod", GW_IN (sizes, gw_const_ints (b, 1, (const int64_t[]) { 0 })),
                GW_WITH ({ "keep_dims", gw_attr_bool (TRUE) }));
}

static GwOutput
join3 (GwBuilder *b,
       GwOutput   x,
       GwOutput   y,
       GwOutput   z)
{
  return gw_op (b, "ConcatV2", GW_IN (x, y, z, gw_const_scalar (b, GW_INT32, 0)), NULL);
}

/* Rows of all batches counted through: row k of batch i is i · n + k; a vector. `batches`
 * and `n` are vectors of one. */
static GwOutput
rows_of_batches (GwBuilder *b,
                 GwOutput   indices,
                 GwOutput   batches,
                 GwOutput   m,
                 GwOutput   n)
{
  GwOutput minus_one = gw_const_ints (b, 1, (const int64_t[]) { -1 });
  GwOutput count = gw_op2 (b, "Reshape", batches, gw_const_ints (b, 0, NULL));
  GwOutput starts = gw_op2 (b, "Mul", gw_op3 (b, "Range", gw_const_scalar (b, GW_INT32, 0), count,
                                              gw_const_scalar (b, GW_INT32, 1)), n);
  GwOutput column = gw_op2 (b, "ExpandDims", starts, gw_const_scalar (b, GW_INT32, 1));
  GwOutput table = gw_op2 (b, "Reshape", indices,
                           gw_op (b, "ConcatV2", GW_IN (batches, m, gw_const_scalar (b, GW_INT32, 0)), NULL));

  if (table.node != NULL && gw_output_dtype (table) != GW_INT32)
    column = gw_op (b, "Cast", GW_IN (column), GW_WITH ({ "DstT", gw_attr_dtype (gw_output_dtype (table)) }));
  return gw_op2 (b, "Reshape", gw_op2 (b, "AddV2", table, column), minus_one);
}

/* Along `axis` behind `batch_dims` dimensions that both share (py/ops/array_grad.py,
 * _GatherV2Grad()): the gradient with that dimension first is summed by index, each
 * batch into rows of its own. */
static void
gather_grad_axis (GwGradContext *context,
                  int            axis,
                  int            batch_dims)
{
  GwBuilder *b = context->builder;
  GwOutput params = gw_grad_x (context, 0);
  GwOutput indices = gw_grad_x (context, 1);
  int rank = gw_output_shape (params)->rank;
  GwOutput scalar = gw_const_ints (b, 0, NULL);
  GwOutput shape = shape_of (b, params);
  GwOutput index_shape = shape_of (b, indices);
  GwOutput m = product (b, part (b, index_shape, batch_dims, -1));
  GwOutput n = part (b, shape, axis, 1);
  GwOutput batch = part (b, shape, 0, batch_dims);
  GwOutput batches = product (b, batch);
  GwOutput between = part (b, shape, batch_dims, axis - batch_dims);
  GwOutput behind = part (b, shape, axis + 1, -1);
  GwOutput inner = gw_op (b, "ConcatV2", GW_IN (between, behind, gw_const_scalar (b, GW_INT32, 0)), NULL);
  GwOutput values = gw_op2 (b, "Reshape", gw_grad_dy (context, 0), join3 (b, part (b, shape, 0, axis), m, behind));
  GwOutput ids = rows_of_batches (b, indices, batches, m, n);
  GwOutput summed;

  values = move_axis (b, values, rank, axis, batch_dims);
  values = gw_op2 (b, "Reshape", values,
                   gw_op (b, "ConcatV2", GW_IN (gw_op2 (b, "Mul", batches, m), inner, gw_const_scalar (b, GW_INT32, 0)), NULL));
  summed = gw_op3 (b, "UnsortedSegmentSum", values, ids, gw_op2 (b, "Reshape", gw_op2 (b, "Mul", batches, n), scalar));
  summed = gw_op2 (b, "Reshape", summed, join3 (b, batch, n, inner));
  context->dx[0] = move_axis (b, summed, rank, batch_dims, axis);
}

static void
gather_grad (GwGradContext *context)
{
  gw_grad_gather_rows (context, 0, shape_of (context->builder, gw_grad_x (context, 0)), gw_grad_x (context, 1));
}

static void
gather_v2_grad (GwGradContext *context)
{
  const GwTensor *value = gw_output_constant (gw_grad_x (context, 2));
  int rank = gw_output_shape (gw_grad_x (context, 0))->rank;
  int index_rank = gw_output_shape (gw_grad_x (context, 1))->rank;
  int64_t batch_dims = context->node->attrs[GATHER_V2_BATCH_DIMS].i;
  int axis = 0;

  if (value != NULL && gw_tensor_get_int (value, 0) == 0)
    gather_grad (context);
  else if (value != NULL && rank >= 0 && gw_shape_normalize_axis (gw_tensor_get_int (value, 0), rank, &axis) &&
           (batch_dims >= 0 || index_rank >= 0))
    gather_grad_axis (context, axis, (int) (batch_dims < 0 ? batch_dims + index_rank : batch_dims));
  else
    gw_builder_fail (context->builder, GW_ERROR_UNIMPLEMENTED,
                     "the gradient of GatherV2 needs a constant axis and, but for axis 0, params of known rank");
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
    [GATHER_PARAMS] = PARAMS_ATTR, [GATHER_INDICES] = GW_ARRAY_ATTR_POSITIONS ("Tindices", GW_SMALL_INDEX_TYPES)),
  .flags = GW_OP_HIDDEN,
  .shape_rule = "indices.shape followed by params.shape without its first dimension",
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
    [GATHER_V2_PARAMS] = PARAMS_ATTR, [GATHER_V2_INDICES] = GW_ARRAY_ATTR_POSITIONS ("Tindices", GW_SMALL_INDEX_TYPES),
    [GATHER_V2_AXIS] = INDICES_ATTR ("Taxis")),
  .shape_rule = "params.shape with dimension `axis` replaced by the dimensions of indices behind the first "
                "batch_dims",
  .shape = gather_v2_shape, .partial_value = gather_value, .grad = gather_v2_grad, .cpu = gather_v2_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[1, 0, 1]", "0"), NULL,
      GW_TEXTS ("[[3.5, 4.5], [1.5, 2.5], [3.5, 4.5]]") },
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[1]", "1"), NULL, GW_TEXTS ("[[2.5], [4.5]]") }),
};

const GwOpDef *const gw_ops_array_gather[] = { &gather_op, &gather_v2_op, NULL };
