/* SPDX-License-Identifier: Apache-2.0 */
/* Variables behind handles, as TensorFlow 2 and `use_resource` write them. A handle is a
 * scalar of type resource; kernels get the variable itself in its place. */
#include "engine/base/error.h"
#include "engine/device/cpu/rows.h"
#include "engine/graph/builder.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"
#include "engine/ops/variables-common.h"

#define HANDLE GW_HANDLE_IN ("resource", "Handle of the variable.")
#define DTYPE GW_VARIABLE_T ("dtype", NULL)

/* ---- VarHandleOp ---- */

static const GwOpDef var_handle_op = {
  .name = "VarHandleOp", .since = 1, .title = "Variable by handle", .category = "variables/Variables",
  .summary = "A variable that is reached by a handle, as TensorFlow 2 makes them.",
  .doc = "The wire carries the handle; ReadVariableOp gives the value, AssignVariableOp sets it. In training and in "
         "checkpoints it is a variable like any other, under the node's name.\n\n"
         "Within one step a read that is not ordered after a write sees the value from before the step; a control edge "
         "orders it.\n\n"
         "Example: after a run of `AssignVariableOp (VarHandleOp (shape=[2]), [1, 2])`, `ReadVariableOp (handle)` is [1, 2].",
  .outputs = GW_PORTS ({ "resource", "resource", "The handle." }),
  .attrs = GW_ATTRS (
    GW_VARIABLE_NAMES,
    { "debug_name", GW_ATTR_STRING, .help = "Kept for files of TensorFlow.", .flags = GW_ATTR_HIDDEN },
    { "dtype", GW_ATTR_DTYPE, .def = "float32", .label = "Type", .help = "Element type." },
    { "shape", GW_ATTR_SHAPE, .def = "[]", .label = "Shape", .help = "All sizes must be given before it runs." },
    { "allowed_devices", GW_ATTR_STRINGS, .help = "Kept for files of TensorFlow.", .flags = GW_ATTR_HIDDEN },
    GW_VARIABLE_BEGINNING),
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT,
  /* The plan puts the variable's own tensor in the output's place. */
  .shape = gw_shape_rule_scalar, .cpu = gw_array_kernel_none,
  .tell = GW_TEXTS ("_initializer", "shape"),
};

/* ---- ReadVariableOp ---- */

static gboolean
read_shape (GwShapeContext *context,
            GError        **error)
{
  GwDType dtype;

  return gw_shape_input_variable (context, 0, &dtype, &context->outputs[0], error);
}

static void
read_grad (GwGradContext *context)
{
  context->dx[0] = context->dy[0];
}

static const GwOpDef read_variable_op = {
  .name = "ReadVariableOp", .since = 1, .title = "Read a variable", .category = "variables/Variables",
  .summary = "The value of a variable that a handle leads to.",
  .doc = "Gradients pass through it to the handle. A read that is not ordered after a write sees the value from before the step.",
  .inputs = GW_PORTS (HANDLE),
  .outputs = GW_PORTS ({ "value", "dtype", "What the variable holds." }),
  .attrs = GW_ATTRS (DTYPE),
  .flags = GW_OP_FORWARDS_INPUT,
  .shape_rule = "the variable's",
  .shape = read_shape, .grad = read_grad, .cpu = gw_array_kernel_copy,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2.5]"), NULL, GW_TEXTS ("[1.5, 2.5]") }),
};

/* ---- assigning ---- */

#define ASSIGN_OP(NAME, TYPE, TITLE, FUNCTION, TYPES, FLAGS, LITERAL, VALUE_HELP, ATTRS, SUMMARY, DOC, AFTER) \
  static gboolean                                                                                  \
  NAME##_cpu (GwKernelContext *context, GError **error)                                            \
  {                                                                                                \
    return FUNCTION (context, TYPE, error);                                                        \
  }                                                                                                \
  static const GwOpDef NAME##_op = {                                                               \
    .name = TYPE, .since = 1, .title = TITLE, .category = "variables/Assigning",                   \
    .summary = SUMMARY, .doc = DOC,                                                                \
    .inputs = GW_PORTS (HANDLE, { "value", "dtype", VALUE_HELP, .literal = LITERAL }),             \
    .attrs = ATTRS,                                                                                \
    .flags = GW_OP_STATEFUL | GW_OP_NO_GRADIENT | FLAGS,                                           \
    .shape = gw_variable_update_shape, .cpu = NAME##_cpu,                                          \
    .examples = GW_EXAMPLES ({ GW_TEXTS ("[0.5, 0.5]", "[1.5, 2.5]"), NULL, GW_TEXTS (AFTER) }),   \
  };

#define ORDER "It has no output: a control edge from it orders what reads the variable afterwards."

ASSIGN_OP (assign, "AssignVariableOp", "Assign by handle", gw_variable_assign, NULL, GW_OP_UNINITIALIZED, NULL,
           "What the variable gets.",
           GW_ATTRS (DTYPE, { "validate_shape", GW_ATTR_BOOL, .def = "false", .label = "Check the shape",
                              .help = "Kept for files of TensorFlow: the shapes must agree in any case.",
                              .flags = GW_ATTR_HIDDEN }),
           "Gives a variable a value.", "The first one makes the variable usable. " ORDER, "[1.5, 2.5]")
ASSIGN_OP (assign_add, "AssignAddVariableOp", "Add by handle", gw_variable_add, GW_VARIABLE_NUMBER_TYPES, 0, "1",
           "What is added; of the variable's shape.", GW_ATTRS (GW_VARIABLE_T ("dtype", GW_VARIABLE_NUMBER_TYPES)),
           "Adds a value to a variable.", "For counters and running sums. " ORDER, "[2.0, 3.0]")
ASSIGN_OP (assign_sub, "AssignSubVariableOp", "Subtract by handle", gw_variable_sub, GW_VARIABLE_NUMBER_TYPES, 0, "1",
           "What is subtracted; of the variable's shape.", GW_ATTRS (GW_VARIABLE_T ("dtype", GW_VARIABLE_NUMBER_TYPES)),
           "Subtracts a value from a variable.", "The simplest update rule. " ORDER, "[-1.0, -2.0]")

/* ---- DestroyResourceOp ---- */

static gboolean
destroy_shape (GwShapeContext *context,
               GError        **error)
{
  GwDType dtype;
  GwShape shape;

  return gw_shape_input_variable (context, 0, &dtype, &shape, error);
}

static gboolean
destroy_cpu (GwKernelContext *context,
             GError         **error)
{
  context->variables[0]->initialized = FALSE;
  return TRUE;
}

static const GwOpDef destroy_op = {
  .name = "DestroyResourceOp", .since = 1, .title = "Forget a variable's value", .category = "variables/Variables",
  .summary = "Makes a variable uninitialised again.",
  .doc = "Reading it is an error until something is assigned to it.",
  .inputs = GW_PORTS (HANDLE),
  .attrs = GW_ATTRS ({ "ignore_lookup_error", GW_ATTR_BOOL, .def = "true", .label = "Ignore missing",
                       .help = "Kept for files of TensorFlow: a variable without a value is no error.",
                       .flags = GW_ATTR_HIDDEN }),
  .flags = GW_OP_STATEFUL | GW_OP_UNINITIALIZED | GW_OP_NO_GRADIENT | GW_OP_HIDDEN,
  .shape = destroy_shape, .cpu = destroy_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5]"), NULL, NULL }),
};

/* ---- VarIsInitializedOp ---- */

static gboolean
is_initialized_shape (GwShapeContext *context,
                      GError        **error)
{
  return destroy_shape (context, error) && gw_shape_rule_scalar (context, error);
}

static gboolean
is_initialized_cpu (GwKernelContext *context,
                    GError         **error)
{
  *GW_TENSOR_DATA (context->outputs[0], uint8_t) = context->variables[0]->initialized ? 1 : 0;
  return TRUE;
}

static const GwOpDef is_initialized_op = {
  .name = "VarIsInitializedOp", .since = 1, .title = "Is initialised (by handle)", .category = "variables/Variables",
  .summary = "Whether a variable has a value yet.",
  .doc = "True once an AssignVariableOp or a restored checkpoint has set it.",
  .inputs = GW_PORTS (HANDLE),
  .outputs = GW_PORTS ({ "is_initialized", "bool", "A scalar." }),
  .flags = GW_OP_STATEFUL | GW_OP_UNINITIALIZED | GW_OP_STOPS_GRADIENT,
  .shape_rule = "a scalar",
  .shape = is_initialized_shape, .cpu = is_initialized_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5]"), NULL, GW_TEXTS ("true") }),
};

/* ---- VariableShape ---- */

static gboolean
variable_shape_shape (GwShapeContext *context,
                      GError        **error)
{
  GwDType dtype;
  GwShape shape;

  if (!gw_shape_input_variable (context, 0, &dtype, &shape, error))
    return FALSE;
  context->outputs[0] = GW_SHAPE (shape.rank);
  return TRUE;
}

static gboolean
variable_shape_value (GwShapeContext *context,
                      GwShape        *value)
{
  GwDType dtype;

  return gw_shape_input_variable (context, 0, &dtype, value, NULL) && value->rank >= 0;
}

static gboolean
variable_shape_cpu (GwKernelContext *context,
                    GError         **error)
{
  gw_array_write_ints (context->outputs[0], context->inputs[0]->shape.dims);
  return TRUE;
}

static const GwOpDef variable_shape_op = {
  .name = "VariableShape", .since = 1, .title = "Shape of a variable", .category = "variables/Variables",
  .summary = "The sizes of a variable that a handle leads to.",
  .doc = "A vector with one element for each dimension. Where the shape is known it costs nothing.",
  .inputs = GW_PORTS (GW_HANDLE_IN ("input", "Handle of the variable.")),
  .outputs = GW_PORTS ({ "output", "out_type", "The sizes." }),
  .attrs = GW_ATTRS ({ "out_type", GW_ATTR_DTYPE, .def = "int32", .choices = GW_INDEX_TYPES, .label = "Type",
                       .help = "Type of the sizes." }),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape_rule = "a vector of as many elements as the variable has dimensions",
  .shape = variable_shape_shape, .partial_value = variable_shape_value, .cpu = variable_shape_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5, 3.5]]"), NULL, GW_TEXTS ("[1, 3]") }),
};

/* ---- ResourceCountUpTo ---- */

enum { COUNT_LIMIT };

static gboolean
count_shape (GwShapeContext *context,
             GError        **error)
{
  GwDType dtype;
  g_autofree char *text = NULL;

  if (!gw_shape_input_variable (context, 0, &dtype, &context->outputs[0], error))
    return FALSE;
  if (context->outputs[0].rank <= 0)
    return gw_shape_rule_scalar (context, error);
  text = gw_shape_to_string (&context->outputs[0]);
  return gw_invalid (error, "resource must be a scalar variable, and has the shape %s", text);
}

static gboolean
count_cpu (GwKernelContext *context,
           GError         **error)
{
  return gw_variable_count (context, context->attrs[COUNT_LIMIT].i, error);
}

static const GwOpDef count_op = {
  .name = "ResourceCountUpTo", .since = 1, .title = "Count up to (by handle)", .category = "variables/Assigning",
  .summary = "Counts a variable up by one, and fails once the limit is reached.",
  .doc = "The output is the value from before. When the variable holds `limit` or more, the error OUT_OF_RANGE ends the run.",
  .inputs = GW_PORTS (GW_HANDLE_IN ("resource", "Handle of an integer variable, a scalar.")),
  .outputs = GW_PORTS ({ "output", "T", "What the variable held before." }),
  .attrs = GW_ATTRS (
    [COUNT_LIMIT] = { "limit", GW_ATTR_INT, .label = "Limit", .help = "The value at which it fails.",
                      .flags = GW_ATTR_REQUIRED },
    GW_VARIABLE_T ("T", GW_INDEX_TYPES)),
  .flags = GW_OP_STATEFUL | GW_OP_WRITES_VARIABLE | GW_OP_STOPS_GRADIENT | GW_OP_HIDDEN,
  .shape_rule = "a scalar",
  .shape = count_shape, .cpu = count_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("int32 4"), "limit=10", GW_TEXTS ("int32 4") }),
};

/* ---- ResourceGather ---- */

enum { GATHER_BATCH_DIMS, GATHER_VALIDATE, GATHER_DTYPE, GATHER_INDICES };

/* Dimensions [from, to) of `shape` behind those of `result`. */
static gboolean
append_dims (GwShape       *result,
             const GwShape *shape,
             int            from,
             int            to,
             GError       **error)
{
  for (int i = from; i < to; i++)
    {
      if (result->rank == GW_MAX_RANK)
        return gw_invalid (error, "the result has more than %d dimensions", GW_MAX_RANK);
      result->dims[result->rank++] = shape->dims[i];
    }
  return TRUE;
}

static gboolean
check_batch (const GwShape *params,
             const GwShape *indices,
             int            batch,
             GError       **error)
{
  for (int i = 0; i < batch; i++)
    if (params->dims[i] >= 0 && indices->dims[i] >= 0 && params->dims[i] != indices->dims[i])
      return gw_invalid (error, "params.shape[%d]: %" G_GINT64_FORMAT " should be equal to indices.shape[%d]: %"
                         G_GINT64_FORMAT, i, params->dims[i], i, indices->dims[i]);
  return TRUE;
}

/* core/ops/resource_variable_ops.cc, ResourceGatherShape(): params.shape[:batch + 1] stands
 * for the rows of each batch. */
static gboolean
gather_shape (GwShapeContext *context,
              GError        **error)
{
  const GwShape *indices = &context->inputs[1];
  int64_t batch = context->attrs[GATHER_BATCH_DIMS].i;
  GwDType dtype;
  GwShape params;
  GwShape result = GW_SHAPE_SCALAR;

  if (!gw_shape_input_variable (context, 0, &dtype, &params, error))
    return FALSE;
  if (params.rank == 0)
    return gw_invalid (error, "params must be at least 1 dimensional, got shape []");
  if (batch < 0 || (indices->rank >= 0 && batch > indices->rank) || (params.rank >= 0 && batch >= params.rank))
    return gw_invalid (error, "batch_dims is %" G_GINT64_FORMAT ", and must be below the number of dimensions of the variable "
                       "and not above that of indices", batch);
  if (params.rank < 0 || indices->rank < 0)
    return TRUE;
  if (!check_batch (&params, indices, (int) batch, error) ||
      !append_dims (&result, &params, 0, (int) batch, error) ||
      !append_dims (&result, indices, (int) batch, indices->rank, error) ||
      !append_dims (&result, &params, (int) batch + 1, params.rank, error) || !gw_array_check_size (&result, error))
    return FALSE;
  context->outputs[0] = result;
  return TRUE;
}

static const GwOpDef gather_op;

static gboolean
gather_cpu (GwKernelContext *context,
            GError         **error)
{
  const GwTensor *params = context->inputs[0];
  const GwTensor *indices = context->inputs[1];
  int batch = (int) context->attrs[GATHER_BATCH_DIMS].i;
  int64_t *rows;

  if (!gw_array_prepare (context, &gather_op, error))
    return FALSE;
  if (indices->elements == 0)
    return TRUE;
  rows = gw_kernel_scratch (context, sizeof (int64_t) * (size_t) indices->elements, error);
  if (rows == NULL ||
      !gw_variable_read_rows (indices, params->shape.dims[batch], gw_shape_span (&indices->shape, batch, indices->shape.rank),
                              rows, error))
    return FALSE;
  gw_rows_pick (context, params->dtype, params->data, rows, indices->elements,
                gw_shape_span (&params->shape, batch + 1, params->shape.rank), context->outputs[0]->data);
  return TRUE;
}

/* py/ops/resource_variable_ops.py, _GatherGrad(): the rows that were read. */
static void
gather_grad (GwGradContext *context)
{
  if (context->node->attrs[GATHER_BATCH_DIMS].i != 0)
    gw_builder_fail (context->builder, GW_ERROR_UNIMPLEMENTED, "the gradient of ResourceGather needs batch_dims 0");
  else
    gw_grad_gather_rows (context, 0, gw_op1 (context->builder, "VariableShape", gw_grad_x (context, 0)),
                         gw_grad_x (context, 1));
}

#define TINDICES \
  { "Tindices", GW_ATTR_DTYPE, .choices = GW_INDEX_TYPES, .label = "Index type", \
    .help = "Type of the positions; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }

static const GwOpDef gather_op = {
  .name = "ResourceGather", .since = 1, .title = "Gather rows of a variable", .category = "variables/Variables",
  .summary = "Picks rows of a variable by their numbers, without reading all of it.",
  .doc = "How embeddings are looked up: `output[i, …] = variable[indices[i], …]`. The gradient concerns the rows that "
         "were read alone.",
  .inputs = GW_PORTS (HANDLE, { "indices", "Tindices", "Numbers of rows, any shape." }),
  .outputs = GW_PORTS ({ "output", "dtype", "A row for each index." }),
  .attrs = GW_ATTRS (
    [GATHER_BATCH_DIMS] = { "batch_dims", GW_ATTR_INT, .def = "0", .label = "Batch dimensions",
                            .help = "How many leading dimensions variable and indices share." },
    [GATHER_VALIDATE] = { "validate_indices", GW_ATTR_BOOL, .def = "true", .label = "Check the indices",
                          .help = "Kept for files of TensorFlow; indices are always checked.", .flags = GW_ATTR_HIDDEN },
    [GATHER_DTYPE] = DTYPE, [GATHER_INDICES] = TINDICES),
  .shape_rule = "indices.shape followed by the variable's without its first dimension",
  .shape = gather_shape, .grad = gather_grad, .cpu = gather_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[1, 0, 1]"), NULL, GW_TEXTS ("[[3.5, 4.5], [1.5, 2.5], [3.5, 4.5]]") },
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[[1], [0]]"), "batch_dims=1", GW_TEXTS ("[[2.5], [3.5]]") }),
};

/* ---- ResourceGatherNd ---- */

static gboolean
gather_nd_shape (GwShapeContext *context,
                 GError        **error)
{
  const GwShape *indices = &context->inputs[1];
  GwDType dtype;
  GwShape params;
  GwShape result = GW_SHAPE_SCALAR;
  int64_t depth;

  if (!gw_shape_input_variable (context, 0, &dtype, &params, error) ||
      !gw_shape_want_rank_at_least (context, 1, 1, error))
    return FALSE;
  depth = indices->rank > 0 ? indices->dims[indices->rank - 1] : -1;
  if (params.rank < 0 || depth < 0)
    return TRUE;
  if (depth > params.rank)
    return gw_invalid (error, "indices.shape[-1] must be <= params.rank, but saw indices.shape[-1] %" G_GINT64_FORMAT
                       " and params.rank %d", depth, params.rank);
  if (!append_dims (&result, indices, 0, indices->rank - 1, error) ||
      !append_dims (&result, &params, (int) depth, params.rank, error) || !gw_array_check_size (&result, error))
    return FALSE;
  context->outputs[0] = result;
  return TRUE;
}

static const GwOpDef gather_nd_op;

static gboolean
gather_nd_cpu (GwKernelContext *context,
               GError         **error)
{
  const GwTensor *params = context->inputs[0];
  const GwTensor *indices = context->inputs[1];
  int64_t inner, n;
  int64_t *rows;
  int depth;

  if (!gw_array_prepare (context, &gather_nd_op, error))
    return FALSE;
  depth = (int) indices->shape.dims[indices->shape.rank - 1];
  if ((depth > 0 ? indices : context->outputs[0])->elements == 0)
    return TRUE;
  n = gw_shape_span (&indices->shape, 0, indices->shape.rank - 1);
  inner = gw_shape_span (&params->shape, depth, params->shape.rank);
  rows = gw_kernel_scratch (context, sizeof (int64_t) * (size_t) n, error);
  if (rows == NULL || !gw_rows_resolve (indices, n, depth, &params->shape, "indices", rows, error))
    return FALSE;
  gw_rows_pick (context, params->dtype, params->data, rows, n, inner, context->outputs[0]->data);
  return TRUE;
}

static void
gather_nd_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput indices = gw_grad_x (context, 1);
  GwOutput shape = gw_op (b, "VariableShape", GW_IN (gw_grad_x (context, 0)),
                          GW_WITH ({ "out_type", gw_attr_dtype (gw_output_dtype (indices)) }));

  context->dx[0] = gw_op3 (b, "ScatterNd", indices, context->dy[0], shape);
}

static const GwOpDef gather_nd_op = {
  .name = "ResourceGatherNd", .since = 1, .title = "Gather from a variable at positions", .category = "variables/Variables",
  .summary = "Picks elements or rows of a variable, anywhere in it.",
  .doc = "Each vector along the last dimension of `indices` is one position: as many numbers as the variable has dimensions "
         "lead to an element, fewer to a row.",
  .inputs = GW_PORTS (HANDLE, { "indices", "Tindices", "Positions, along the last dimension." }),
  .outputs = GW_PORTS ({ "output", "dtype", "An element or a row for each position." }),
  .attrs = GW_ATTRS (DTYPE, TINDICES),
  .flags = GW_OP_HIDDEN,
  .shape_rule = "indices.shape without its last dimension n, followed by the variable's without its first n",
  .shape = gather_nd_shape, .grad = gather_nd_grad, .cpu = gather_nd_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[[1, 0], [0, 1]]"), NULL, GW_TEXTS ("[3.5, 2.5]") },
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[[1]]"), NULL, GW_TEXTS ("[[3.5, 4.5]]") }),
};

const GwOpDef *const gw_ops_resource_variables[] = {
  &var_handle_op, &read_variable_op, &assign_op, &assign_add_op, &assign_sub_op, &destroy_op, &is_initialized_op,
  &variable_shape_op, &count_op, &gather_op, &gather_nd_op, NULL,
};
