/* SPDX-License-Identifier: Apache-2.0 */
/* Where values enter a graph: constants and what is fed. */
#include "engine/base/error.h"
#include "engine/graph/builder.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

/* ---- Const ---- */

enum { CONST_VALUE, CONST_DTYPE };

static gboolean
const_shape (GwShapeContext *context,
             GError        **error)
{
  const GwTensor *value = context->attrs[CONST_VALUE].tensor;
  GwDType dtype = context->attrs[CONST_DTYPE].dtype;

  if (value == NULL)
    return gw_invalid (error, "Const has no value");
  if (value->dtype != dtype)
    return gw_invalid (error, "the value is %s but dtype says %s",
                       gw_dtype_name (value->dtype), gw_dtype_name (dtype));
  context->outputs[0] = value->shape;
  return TRUE;
}

static gboolean
const_cpu (GwKernelContext *context,
           GError         **error)
{
  gw_tensor_copy_data (context->outputs[0], context->attrs[CONST_VALUE].tensor);
  return TRUE;
}

static const GwOpDef const_op = {
  .name = "Const", .since = 1, .title = "Constant", .category = "inputs",
  .summary = "A value that never changes.",
  .doc = "The value is part of the graph. Write it as nested lists: `3`, `[1, 2, 3]`, `[[1, 2], [3, 4]]`, "
         "`\"text\"`. What follows from constants alone is computed once, when the graph is prepared.\n\n"
         "For something that training should change use a variable; for something that is given "
         "anew for each step, a placeholder.",
  .outputs = GW_PORTS ({ "output", "dtype", "The value." }),
  .attrs = GW_ATTRS (
    [CONST_VALUE] = { "value", GW_ATTR_TENSOR, .label = "Value", .help = "Numbers, booleans or texts in brackets.",
                      .flags = GW_ATTR_REQUIRED },
    [CONST_DTYPE] = { "dtype", GW_ATTR_DTYPE, .def = "float32", .label = "Type", .help = "Element type." }),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape_rule = "the value's",
  .shape = const_shape, .cpu = const_cpu,
  .examples = GW_EXAMPLES (
    { NULL, "dtype=float32 value=[[1.5,2.5],[3.5,4.5]]", GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]") },
    { NULL, "dtype=int32 value=7", GW_TEXTS ("7") }),
  .tell = GW_TEXTS ("value", "dtype"),
};

/* ---- Placeholder ---- */

enum { PLACEHOLDER_DTYPE, PLACEHOLDER_SHAPE };

static gboolean
placeholder_shape (GwShapeContext *context,
                   GError        **error)
{
  context->outputs[0] = context->attrs[PLACEHOLDER_SHAPE].shape;
  return TRUE;
}

/* The names that TensorFlow's C++ side uses in its messages. */
static const char *
message_dtype (GwDType dtype)
{
  switch (dtype)
    {
    case GW_FLOAT32:
      return "float";
    case GW_FLOAT64:
      return "double";
    case GW_FLOAT16:
      return "half";
    default:
      return gw_dtype_name (dtype);
    }
}

static gboolean
placeholder_cpu (GwKernelContext *context,
                 GError         **error)
{
  const GwShape *shape = &context->attrs[PLACEHOLDER_SHAPE].shape;
  const char *dtype = message_dtype (context->attrs[PLACEHOLDER_DTYPE].dtype);
  g_autofree char *text = gw_shape_to_string (shape);

  if (shape->rank > 0)
    return gw_invalid (error, "You must feed a value for placeholder tensor '%s' with dtype %s and shape %s",
                       context->node, dtype, text);
  return gw_invalid (error, "You must feed a value for placeholder tensor '%s' with dtype %s",
                     context->node, dtype);
}

static const GwOpDef placeholder_op = {
  .name = "Placeholder", .since = 1, .title = "Placeholder", .category = "inputs",
  .summary = "A value that is given anew for each step: the features, the labels, a keep probability.",
  .doc = "Bind it to a column of a data set, or feed it by hand. Leave the size of the batch open "
         "(`?,784`), so that the same graph takes batches of any size.\n\n"
         "Running something that depends on a placeholder without a value is an error that names it.\n\n"
         "Example: `Square (Placeholder (dtype=float32 shape=?,2))`, fed [[1, 2], [3, 4]], is [[1, 4], [9, 16]].",
  .outputs = GW_PORTS ({ "output", "dtype", "What is fed." }),
  .attrs = GW_ATTRS (
    [PLACEHOLDER_DTYPE] = { "dtype", GW_ATTR_DTYPE, .def = "float32", .label = "Type", .help = "Element type." },
    [PLACEHOLDER_SHAPE] = { "shape", GW_ATTR_SHAPE, .def = "?", .label = "Shape",
                            .help = "Sizes, ? where open; a lone ? accepts any shape." },
    { "_column", GW_ATTR_STRING, .label = "Column", .help = "Column of the data set that feeds it." },
    { "_train_value", GW_ATTR_STRING, .label = "Value for training",
      .help = "What is fed while training when no column is bound, for instance a keep probability of 0.75." },
    { "_evaluate_value", GW_ATTR_STRING, .label = "Value for evaluation",
      .help = "What is fed when evaluating or predicting, for instance 1." }),
  /* Two placeholders of one type and shape are two values. */
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT,
  .shape_rule = "the attribute `shape`",
  .shape = placeholder_shape, .cpu = placeholder_cpu,
  .tell = GW_TEXTS ("_column", "_train_value", "_evaluate_value"),
};

/* ---- PlaceholderWithDefault ---- */

enum { DEFAULT_DTYPE, DEFAULT_SHAPE };

static gboolean
default_shape (GwShapeContext *context,
               GError        **error)
{
  const GwShape *shape = &context->attrs[DEFAULT_SHAPE].shape;
  GwShape merged;

  if (!gw_array_merge (&context->inputs[0], shape, "input and shape", &merged, error))
    return FALSE;
  context->outputs[0] = *shape;
  return TRUE;
}

static gboolean
default_cpu (GwKernelContext *context,
             GError         **error)
{
  const GwTensor *input = context->inputs[0];
  GwShape merged;

  if (context->outputs[0] == NULL &&
      !gw_kernel_allocate_output (context, 0, input->dtype, &input->shape, error))
    return FALSE;
  return gw_array_merge (&input->shape, &context->outputs[0]->shape, "input and shape", &merged, error) &&
         gw_array_merge (&input->shape, &context->attrs[DEFAULT_SHAPE].shape, "input and shape", &merged, error) &&
         gw_array_kernel_copy (context, error);
}

static void
default_grad (GwGradContext *context)
{
  context->dx[0] = context->dy[0];
}

static const GwOpDef placeholder_with_default_op = {
  .name = "PlaceholderWithDefault", .since = 1, .title = "Placeholder with default", .category = "inputs",
  .summary = "A placeholder that gives its input on when nothing is fed.",
  .doc = "Useful for what rarely changes, like a learning rate or a keep probability: wire the usual value, "
         "feed another one where it should differ. The default must fit the shape given here.",
  .inputs = GW_PORTS ({ "input", "dtype", "The value when nothing is fed.", .literal = "0.0" }),
  .outputs = GW_PORTS ({ "output", "dtype", "What is fed, else the input." }),
  .attrs = GW_ATTRS (
    [DEFAULT_DTYPE] = { "dtype", GW_ATTR_DTYPE, .label = "Type", .help = "Element type; follows from the input.",
                        .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },
    [DEFAULT_SHAPE] = { "shape", GW_ATTR_SHAPE, .def = "?", .label = "Shape",
                        .help = "Sizes, ? where what is fed may differ." }),
  /* Never folded away: it may be fed. */
  .flags = GW_OP_STATEFUL | GW_OP_FORWARDS_INPUT,
  .shape_rule = "the attribute `shape`, to which the input must fit",
  .shape = default_shape, .grad = default_grad, .cpu = default_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2.5]"), "shape=?", GW_TEXTS ("[1.5, 2.5]") }),
  .tell = GW_TEXTS ("shape"),
};

const GwOpDef *const gw_ops_inputs[] = {
  &const_op, &placeholder_op, &placeholder_with_default_op, NULL,
};
