/* SPDX-License-Identifier: Apache-2.0 */
/* Elements and slices by index tuples: GatherNd reads them, ScatterNd and TensorScatter…
 * write them, SparseToDense writes single ones. The last dimension of `indices` holds the
 * tuples; each names a slice of what is left of the tensor's dimensions. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/rows.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

/* ---- what they share ---- */

/* Length of the tuples; -1 when not known. */
static int
tuple_depth (const GwShape *indices)
{
  return indices->rank > 0 && indices->dims[indices->rank - 1] >= 0
           ? (int) MIN (indices->dims[indices->rank - 1], GW_MAX_RANK + 1)
           : -1;
}

/* indices.shape[:-1] + shape[depth:], the shape of the slices; FALSE when a tuple is too
 * long. *known is FALSE when not even the rank can be told. */
static gboolean
slices_shape (const GwShape *indices,
              const GwShape *shape,
              gboolean      *known,
              GwShape       *slices,
              GError       **error)
{
  int depth = tuple_depth (indices);

  *known = indices->rank >= 0 && shape->rank >= 0 && depth >= 0;
  if (depth >= 0 && shape->rank >= 0 && depth > shape->rank)
    return gw_invalid (error, "the last dimension of indices is %d: its tuples must not be longer than the rank %d of what "
                       "they index", depth, shape->rank);
  if (!*known)
    return TRUE;
  if (!gw_array_check_rank (indices->rank - 1 + shape->rank - depth, error))
    return FALSE;
  *slices = gw_shape_from_dims (indices->rank - 1, indices->dims);
  for (int i = depth; i < shape->rank; i++)
    slices->dims[slices->rank++] = shape->dims[i];
  return gw_array_check_size (slices, error);
}

/* Indices as numbers of rows of `shape`, in scratch memory. */
typedef struct {
  int64_t *rows;
  int64_t  n, inner;
} Slices;

static gboolean
resolve_slices (GwKernelContext *context,
                const GwTensor  *indices,
                const GwShape   *shape,
                Slices          *slices,
                GError         **error)
{
  int depth = tuple_depth (&indices->shape);

  slices->n = gw_shape_span (&indices->shape, 0, indices->shape.rank - 1);
  slices->inner = gw_shape_span (shape, depth, shape->rank);
  slices->rows = gw_array_row_scratch (context, slices->n, error);
  return slices->rows != NULL &&
         gw_rows_resolve (indices, slices->n, depth, shape, "indices", slices->rows, error);
}

/* ---- GatherNd ---- */

static gboolean
gather_nd_shape (GwShapeContext *context,
                 GError        **error)
{
  gboolean known;

  return gw_shape_want_rank_at_least (context, 1, 1, error) &&
         slices_shape (&context->inputs[1], &context->inputs[0], &known, &context->outputs[0], error);
}

static const GwOpDef gather_nd_op;

static gboolean
gather_nd_cpu (GwKernelContext *context,
               GError         **error)
{
  const GwTensor *params = context->inputs[0];
  Slices slices;

  if (!gw_array_prepare (context, &gather_nd_op, error))
    return FALSE;
  if (params->elements == 0 && context->outputs[0]->elements > 0)
    return gw_invalid (error, "Requested more than 0 entries, but params is empty");
  if (!resolve_slices (context, context->inputs[1], &params->shape, &slices, error))
    return FALSE;
  gw_rows_pick (context, params->dtype, params->data, slices.rows, slices.n, slices.inner, context->outputs[0]->data);
  return TRUE;
}

static void
gather_nd_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput indices = gw_grad_x (context, 1);
  GwOutput shape = gw_array_shape_of (b, gw_grad_x (context, 0),
                                      gw_output_dtype (indices) == GW_INT64 ? GW_INT64 : GW_INT32);

  if (gw_output_dtype (indices) == GW_INT16)
    indices = gw_array_cast (b, indices, GW_INT32);
  context->dx[0] = gw_op3 (b, "ScatterNd", indices, context->dy[0], shape);
}

static const GwOpDef gather_nd_op = {
  .name = "GatherNd", .since = 1, .title = "Gather by index tuples", .category = "arrays/Picking",
  .summary = "Picks elements or slices by tuples of indices.",
  .doc = "The last dimension of `indices` holds tuples. A tuple as long as the rank of `params` picks an element, a shorter one "
         "the slice that its indices lead to: of a matrix, `[[0, 1], [2, 0]]` picks two elements and `[[0], [2]]` two rows. A "
         "tuple outside of `params` is an error that says which.",
  .inputs = GW_PORTS ({ "params", "Tparams", "What is picked from." },
                      { "indices", "Tindices", "Tuples of indices, along the last dimension." }),
  .outputs = GW_PORTS ({ "output", "Tparams", "indices without its last dimension, then what is left of params." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("Tparams", NULL), GW_ARRAY_ATTR_POSITIONS ("Tindices", GW_SMALL_INDEX_TYPES)),
  .shape_rule = "indices.shape without its last dimension n, followed by params.shape without its first n",
  .shape = gather_nd_shape, .grad = gather_nd_grad, .cpu = gather_nd_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[[0, 1], [1, 0]]"), NULL, GW_TEXTS ("[2.5, 3.5]") },
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[[1], [1], [0]]"), NULL,
      GW_TEXTS ("[[3.5, 4.5], [3.5, 4.5], [1.5, 2.5]]") }),
};

/* ---- ScatterNd ---- */

/* Checks indices (input 0 or 1) and updates against the shape that is written to. */
static gboolean
check_updates (GwShapeContext *context,
               int             indices,
               int             updates,
               const GwShape  *shape,
               GError        **error)
{
  GwShape slices, merged;
  gboolean known;

  if (!gw_shape_want_rank_at_least (context, indices, 1, error) ||
      !slices_shape (&context->inputs[indices], shape, &known, &slices, error))
    return FALSE;
  return !known || gw_array_merge (&slices, &context->inputs[updates], "the slices that indices names and updates", &merged, error);
}

static gboolean
scatter_nd_shape (GwShapeContext *context,
                  GError        **error)
{
  return gw_array_input_shape (context, 2, &context->outputs[0], error) &&
         gw_array_check_size (&context->outputs[0], error) &&
         check_updates (context, 0, 1, &context->outputs[0], error);
}

static gboolean
update_slices (GwKernelContext *context,
               GwRowsOp         op,
               const Slices    *slices,
               const GwTensor  *updates,
               GError         **error)
{
  GwTensor *output = context->outputs[0];
  GwRowsUpdate update = {
    .op = op, .dtype = output->dtype, .rows = slices->rows, .n = slices->n, .inner = slices->inner,
    .src = updates->data, .dst = output->data,
  };

  return gw_rows_update (context, &update, error);
}

static const GwOpDef scatter_nd_op;

static gboolean
scatter_nd_cpu (GwKernelContext *context,
                GError         **error)
{
  Slices slices;

  if (!gw_array_prepare (context, &scatter_nd_op, error) ||
      !resolve_slices (context, context->inputs[0], &context->outputs[0]->shape, &slices, error))
    return FALSE;
  gw_array_clear (context, context->outputs[0]);
  return update_slices (context, GW_ROWS_ADD, &slices, context->inputs[1], error);
}

static void
scatter_nd_grad (GwGradContext *context)
{
  context->dx[1] = gw_op2 (context->builder, "GatherNd", context->dy[0], gw_grad_x (context, 0));
}

static const GwOpDef scatter_nd_op = {
  .name = "ScatterNd", .since = 1, .title = "Scatter by index tuples", .category = "arrays/Scattering",
  .summary = "Zeros of a given shape, with slices put where tuples of indices say.",
  .doc = "The counterpart of GatherNd. What is named more than once adds up. A tuple outside of `shape` is an error that says "
         "which.",
  .inputs = GW_PORTS ({ "indices", "Tindices", "Tuples of indices, along the last dimension." },
                      { "updates", "T", "An element or slice for each tuple." },
                      { "shape", "Tindices", "Shape of the result." }),
  .outputs = GW_PORTS ({ "output", "T", "The slices in their places." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", GW_MOVED_TYPES), GW_ARRAY_ATTR_POSITIONS ("Tindices", GW_SMALL_INDEX_TYPES)),
  .shape_rule = "what `shape` says; updates is indices.shape without its last dimension n, followed by `shape` "
                "without its first n",
  .shape = scatter_nd_shape, .grad = scatter_nd_grad, .cpu = scatter_nd_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[4], [1], [3]]", "[9.5, 10.5, 11.5]", "[6]"), NULL, GW_TEXTS ("[0.0, 10.5, 0.0, 11.5, 9.5, 0.0]") },
    { GW_TEXTS ("[[1]]", "[[1.5, 2.5]]", "[2, 2]"), NULL, GW_TEXTS ("[[0.0, 0.0], [1.5, 2.5]]") }),
};

/* ---- TensorScatter…, ScatterNdNonAliasingAdd ---- */

static gboolean
tensor_scatter_shape (GwShapeContext *context,
                      GError        **error)
{
  context->outputs[0] = context->inputs[0];
  return check_updates (context, 1, 2, &context->inputs[0], error);
}

static gboolean
run_tensor_scatter (GwKernelContext *context,
                    const GwOpDef   *def,
                    GwRowsOp         op,
                    GError         **error)
{
  GwTensor *output;
  Slices slices;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  output = context->outputs[0];
  if (!resolve_slices (context, context->inputs[1], &output->shape, &slices, error))
    return FALSE;
  gw_copy_elements (context, output->dtype, context->inputs[0]->data, output->data, output->elements);
  return update_slices (context, op, &slices, context->inputs[2], error);
}

static void
tensor_scatter_update_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput indices = gw_grad_x (context, 1);

  if (context->wanted[0])
    context->dx[0] = gw_op3 (b, "TensorScatterUpdate", context->dy[0], indices,
                             gw_op1 (b, "ZerosLike", gw_grad_x (context, 2)));
  if (context->wanted[2])
    context->dx[2] = gw_op2 (b, "GatherNd", context->dy[0], indices);
}

static void
tensor_scatter_add_grad (GwGradContext *context)
{
  context->dx[0] = context->dy[0];
  if (context->wanted[2])
    context->dx[2] = gw_op2 (context->builder, "GatherNd", context->dy[0], gw_grad_x (context, 1));
}

static void
tensor_scatter_sub_grad (GwGradContext *context)
{
  tensor_scatter_add_grad (context);
  if (context->wanted[2])
    context->dx[2] = gw_op1 (context->builder, "Neg", context->dx[2]);
}

/* Several that are the extreme of one element share its gradient. */
static void
tensor_scatter_extreme_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = gw_grad_x (context, 0), indices = gw_grad_x (context, 1), updates = gw_grad_x (context, 2);
  GwOutput z = gw_grad_y (context, 0), dz = context->dy[0];
  GwDType type = gw_output_dtype (dz);
  GwOutput x_is = gw_array_cast (b, gw_op2 (b, "Equal", x, z), type);
  GwOutput y_is = gw_array_cast (b, gw_op2 (b, "Equal", updates, gw_op2 (b, "GatherNd", z, indices)), type);
  GwOutput shape = gw_array_shape_of (b, x, gw_output_dtype (indices));
  GwOutput all = gw_op2 (b, "AddV2", x_is, gw_op3 (b, "ScatterNd", indices, y_is, shape));
  GwOutput share = gw_op2 (b, "RealDiv", dz, all);

  context->dx[0] = gw_op2 (b, "Mul", share, x_is);
  context->dx[2] = gw_op2 (b, "Mul", gw_op2 (b, "GatherNd", share, indices), y_is);
}

/* One of the ops that write into a copy of their first input. */
#define TENSOR_SCATTER(NAME, TYPE, TITLE, FLAGS, OP, INPUT, TYPES, INDEX_TYPES, GRADIENT, SUMMARY, DOC, RESULT)   \
  static const GwOpDef NAME##_op;                                                                                 \
                                                                                                                  \
  static gboolean                                                                                                 \
  NAME##_cpu (GwKernelContext *context, GError **error)                                                           \
  {                                                                                                               \
    return run_tensor_scatter (context, &NAME##_op, OP, error);                                                   \
  }                                                                                                               \
                                                                                                                  \
  static const GwOpDef NAME##_op = {                                                                              \
    .name = TYPE, .since = 1, .title = TITLE, .category = "arrays/Scattering", .summary = SUMMARY, .doc = DOC,    \
    .inputs = GW_PORTS ({ INPUT, "T", "What is written to; it stays as it is." },                                 \
                        { "indices", "Tindices", "Tuples of indices, along the last dimension." },                \
                        { "updates", "T", "An element or slice for each tuple." }),                               \
    .outputs = GW_PORTS ({ "output", "T", "A copy with the slices written." }),                                   \
    .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", TYPES), GW_ARRAY_ATTR_POSITIONS ("Tindices", INDEX_TYPES)),       \
    .shape_rule = "the tensor's; updates is indices.shape without its last dimension n, followed by the tensor's " \
                  "without its first n", \
    .flags = FLAGS, .shape = tensor_scatter_shape, .grad = GRADIENT, .cpu = NAME##_cpu,                           \
    .examples = GW_EXAMPLES (                                                                                     \
      { GW_TEXTS ("[1.5, 2.5, 3.5, 4.5]", "[[3], [0], [1]]", "[2.0, 3.0, 1.0]"), NULL, GW_TEXTS (RESULT) }),      \
  };

TENSOR_SCATTER (tensor_scatter_update, "TensorScatterUpdate", "Replace by index tuples", 0, GW_ROWS_ASSIGN, "tensor",
                GW_MOVED_TYPES, GW_SMALL_INDEX_TYPES, tensor_scatter_update_grad,
                "A copy of a tensor with elements or slices replaced.",
                "Tuples of indices say which, as in ScatterNd. Of a slice that is named more than once the last update stays.",
                "[3.0, 1.0, 3.5, 2.0]")
TENSOR_SCATTER (tensor_scatter_add, "TensorScatterAdd", "Add by index tuples", 0, GW_ROWS_ADD, "tensor",
                GW_ARITHMETIC_TYPES, GW_INDEX_TYPES, tensor_scatter_add_grad,
                "A copy of a tensor with updates added to elements or slices.",
                "Tuples of indices say to which, as in ScatterNd; several updates of one slice add up.", "[4.5, 3.5, 3.5, 6.5]")
TENSOR_SCATTER (tensor_scatter_sub, "TensorScatterSub", "Subtract by index tuples", 0, GW_ROWS_SUB, "tensor",
                GW_ARITHMETIC_TYPES, GW_INDEX_TYPES, tensor_scatter_sub_grad,
                "A copy of a tensor with updates subtracted from elements or slices.",
                "Tuples of indices say from which, as in ScatterNd; several updates of one slice add up.",
                "[-1.5, 1.5, 3.5, 2.5]")
TENSOR_SCATTER (tensor_scatter_max, "TensorScatterMax", "Maximum by index tuples", 0, GW_ROWS_MAXIMUM, "tensor",
                GW_REAL_TYPES, GW_INDEX_TYPES, tensor_scatter_extreme_grad,
                "A copy of a tensor in which updates replace what is smaller.",
                "Tuples of indices say with what each update is compared, as in ScatterNd.", "[3.0, 2.5, 3.5, 4.5]")
TENSOR_SCATTER (tensor_scatter_min, "TensorScatterMin", "Minimum by index tuples", 0, GW_ROWS_MINIMUM, "tensor",
                GW_REAL_TYPES, GW_INDEX_TYPES, tensor_scatter_extreme_grad,
                "A copy of a tensor in which updates replace what is bigger.",
                "Tuples of indices say with what each update is compared, as in ScatterNd.", "[1.5, 1.0, 3.5, 2.0]")
TENSOR_SCATTER (scatter_nd_add, "ScatterNdNonAliasingAdd", "Add by index tuples (older)", GW_OP_HIDDEN, GW_ROWS_ADD, "input",
                GW_PLAIN_TYPES, GW_INDEX_TYPES, tensor_scatter_add_grad,
                "A copy of a tensor with updates added to elements or slices.",
                "TensorScatterAdd as older graphs have it; of booleans it is the logical or.", "[4.5, 3.5, 3.5, 6.5]")

/* ---- SparseToDense ---- */

enum { SPARSE_INDICES, SPARSE_SHAPE, SPARSE_VALUES, SPARSE_DEFAULT };

/* sparse_indices is a matrix of tuples, a vector of indices into a vector, or one such
 * index. */
static gboolean
sparse_to_dense_shape (GwShapeContext *context,
                       GError        **error)
{
  const GwShape *indices = &context->inputs[SPARSE_INDICES], *values = &context->inputs[SPARSE_VALUES];
  GwShape *out = &context->outputs[0];
  int64_t number, depth;

  if (!gw_array_input_shape (context, SPARSE_SHAPE, out, error) || !gw_array_check_size (out, error) ||
      !gw_array_want_scalar (context, SPARSE_DEFAULT, error))
    return FALSE;
  if (indices->rank > 2)
    return gw_invalid (error, "sparse_indices should be a scalar, vector, or matrix, but is rank %d", indices->rank);
  if (values->rank > 1)
    return gw_invalid (error, "sparse_values should be a scalar or a vector, but is rank %d", values->rank);
  if (indices->rank < 0)
    return TRUE;
  number = indices->rank > 0 ? indices->dims[0] : 1;
  depth = indices->rank > 1 ? indices->dims[1] : 1;
  if (out->rank >= 0 && depth >= 0 && depth != out->rank)
    return gw_invalid (error, "output_shape has %d elements, should be: %" G_GINT64_FORMAT " (the length of the tuples of "
                       "sparse_indices)", out->rank, depth);
  if (values->rank == 1 && number >= 0 && values->dims[0] >= 0 && values->dims[0] != number)
    return gw_invalid (error, "sparse_values has incorrect length %" G_GINT64_FORMAT ", should be %" G_GINT64_FORMAT
                       " (or a scalar)", values->dims[0], number);
  return TRUE;
}

static gboolean
check_sparse_order (const int64_t *rows,
                    int64_t        n,
                    GError       **error)
{
  for (int64_t i = 1; i < n; i++)
    if (rows[i] <= rows[i - 1])
      return gw_invalid (error, "sparse_indices[%" G_GINT64_FORMAT "] is %s; indices must be in order, without repetition, unless "
                         "validate_indices is false", i, rows[i] == rows[i - 1] ? "repeated" : "out of order");
  return TRUE;
}

static const GwOpDef sparse_to_dense_op;

static gboolean
sparse_to_dense_cpu (GwKernelContext *context,
                     GError         **error)
{
  const GwTensor *indices = context->inputs[SPARSE_INDICES], *values = context->inputs[SPARSE_VALUES];
  int64_t n = indices->shape.rank > 0 ? indices->shape.dims[0] : 1;
  GwTensor *output;
  int64_t *rows;

  if (!gw_array_prepare (context, &sparse_to_dense_op, error))
    return FALSE;
  output = context->outputs[0];
  rows = gw_array_row_scratch (context, n, error);
  if (rows == NULL ||
      !gw_rows_resolve (indices, n, output->shape.rank, &output->shape, "sparse_indices", rows, error) ||
      (context->attrs[0].b && !check_sparse_order (rows, n, error)))
    return FALSE;
  gw_fill_elements (context, output->dtype, context->inputs[SPARSE_DEFAULT]->data, output->data, output->elements);
  for (int64_t i = 0; i < n; i++)
    {
      static const int64_t here = 0;

      gw_rows_pick (context, output->dtype, gw_element_at (values->data, output->dtype, values->shape.rank > 0 ? i : 0), &here,
                    1, 1, gw_element_at (output->data, output->dtype, rows[i]));
    }
  return TRUE;
}

/* The tuples as a matrix [number, rank of the result]. */
static GwOutput
tuple_matrix (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput rank = gw_array_cast (b, gw_op1 (b, "Size", gw_grad_x (context, SPARSE_SHAPE)), GW_INT32);
  GwOutput shape = gw_op (b, "Pack", GW_IN (gw_const_scalar (b, GW_INT32, -1), rank), NULL);

  return gw_op2 (b, "Reshape", gw_grad_x (context, SPARSE_INDICES), shape);
}

/* What is not read through the indices belongs to the default. One value for all indices
 * gets what they read together. */
static void
sparse_to_dense_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput values = gw_op2 (b, "GatherNd", context->dy[0], tuple_matrix (context));
  GwOutput read = gw_array_sum_all (b, values);

  context->dx[SPARSE_VALUES] = gw_output_shape (gw_grad_x (context, SPARSE_VALUES))->rank == 0
                                 ? read
                                 : gw_array_reshape_like (b, values, gw_grad_x (context, SPARSE_VALUES));
  context->dx[SPARSE_DEFAULT] = gw_op2 (b, "Sub", gw_array_sum_all (b, context->dy[0]), read);
}

static const GwOpDef sparse_to_dense_op = {
  .name = "SparseToDense", .since = 1, .title = "Sparse to dense", .category = "arrays/Scattering",
  .summary = "A tensor of one value, with other values where index tuples say.",
  .doc = "Row i of `sparse_indices` is the place of `sparse_values[i]` in a tensor of shape `output_shape`; everything else is "
         "`default_value`. For a vector the tuples may be plain indices. One value instead of a vector goes to all places. The "
         "tuples must be in ascending order and may not repeat, unless `validate_indices` is off.",
  .inputs = GW_PORTS ({ "sparse_indices", "Tindices", "A tuple in each row; for a vector, indices." },
                      { "output_shape", "Tindices", "Shape of the result." },
                      { "sparse_values", "T", "A value for each tuple, or one for all." },
                      { "default_value", "T", "Everything else; a scalar.", .literal = "0.0" }),
  .outputs = GW_PORTS ({ "dense", "T", "The dense tensor." }),
  .attrs = GW_ATTRS (
    { "validate_indices", GW_ATTR_BOOL, .def = "true", .label = "Check the order",
      .help = "Whether tuples out of order or repeated are an error." },
    GW_ARRAY_ATTR_T, GW_ARRAY_ATTR_POSITIONS ("Tindices", GW_INDEX_TYPES)),
  .shape_rule = "what output_shape says",
  .shape = sparse_to_dense_shape, .grad = sparse_to_dense_grad, .cpu = sparse_to_dense_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[0, 1], [1, 0]]", "[2, 2]", "[1.5, 2.5]", "0.5"), NULL, GW_TEXTS ("[[0.5, 1.5], [2.5, 0.5]]") },
    { GW_TEXTS ("[0, 2]", "[4]", "1.5", "0.0"), NULL, GW_TEXTS ("[1.5, 0.0, 1.5, 0.0]") }),
};

const GwOpDef *const gw_ops_array_scatter[] = {
  &gather_nd_op, &scatter_nd_op, &tensor_scatter_update_op, &tensor_scatter_add_op, &tensor_scatter_sub_op,
  &tensor_scatter_max_op, &tensor_scatter_min_op, &scatter_nd_add_op, &sparse_to_dense_op, NULL,
};
