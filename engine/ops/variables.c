/* SPDX-License-Identifier: Apache-2.0 */
/* Variables: what training changes and checkpoints keep. */
#include "engine/base/error.h"
#include "engine/base/simd.h"
#include "engine/device/cpu/copy.h"
#include "engine/graph/builder.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

/* ---- VariableV2 ---- */

enum { VARIABLE_SHAPE, VARIABLE_DTYPE };

static gboolean
variable_shape (GwShapeContext *context,
                GError        **error)
{
  context->outputs[0] = context->attrs[VARIABLE_SHAPE].shape;
  return TRUE;
}

static const GwOpDef variable_op = {
  .name = "VariableV2", .since = 1, .title = "Variable", .category = "variables/Variables",
  .summary = "A tensor that lives from step to step: a weight, a bias, a counter.",
  .doc = "It has no value until an Assign gives it one (*Initialise* runs them all); optimizers change it, checkpoints "
         "store it under the node's name. Reading it before that fails with “Attempting to use uninitialized value”.\n\n"
         "Within one step a read that is not ordered after a write sees the value from before the step; a control edge "
         "orders it.",
  .outputs = GW_PORTS ({ "ref", "dtype", "The variable; wire it to Assign, or to anything that reads it.",
                         .is_ref = TRUE }),
  .attrs = GW_ATTRS (
    [VARIABLE_SHAPE] = { "shape", GW_ATTR_SHAPE, .def = "[]", .label = "Shape", .help = "All sizes must be given." },
    [VARIABLE_DTYPE] = { "dtype", GW_ATTR_DTYPE, .def = "float32", .label = "Type", .help = "Element type." },
    { "container", GW_ATTR_STRING, .help = "Kept for files of TensorFlow.", .flags = GW_ATTR_HIDDEN },
    { "shared_name", GW_ATTR_STRING, .label = "Shared name",
      .help = "Variables of one shared name are one variable; empty = the node's own name.",
      .flags = GW_ATTR_HIDDEN },
    { "_initializer", GW_ATTR_STRING, .def = "zeros", .label = "Initial value",
      .help = "zeros, ones, constant(v), random_uniform(min, max), random_normal(mean, stddev), "
              "truncated_normal(mean, stddev), glorot_uniform, he_normal, …, or the values themselves." },
    { "_trainable", GW_ATTR_BOOL, .def = "true", .label = "Trainable",
      .help = "Off: Minimize leaves it as it is." }),
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT,
  /* The session puts the variable's own tensor in the output's place. */
  .shape = variable_shape, .cpu = gw_array_kernel_none,
  .tell = GW_TEXTS ("_initializer", "shape"),
};

/* ---- Assign ---- */

enum { ASSIGN_T, ASSIGN_VALIDATE_SHAPE, ASSIGN_USE_LOCKING };

static gboolean
assign_shape (GwShapeContext *context,
              GError        **error)
{
  if (!context->attrs[ASSIGN_VALIDATE_SHAPE].b)
    {
      context->outputs[0] = context->inputs[1];
      return TRUE;
    }
  return gw_array_merge (&context->inputs[0], &context->inputs[1], "ref and value", &context->outputs[0], error);
}

static gboolean
same_shapes (const char     *op,
             const GwTensor *ref,
             const GwTensor *value,
             GError        **error)
{
  g_autofree char *left = NULL;
  g_autofree char *right = NULL;

  if (gw_shape_equal (&ref->shape, &value->shape))
    return TRUE;
  left = gw_shape_to_string (&ref->shape);
  right = gw_shape_to_string (&value->shape);
  return gw_invalid (error, "%s requires shapes of both tensors to match. lhs shape= %s rhs shape= %s", op, left, right);
}

/* Output 0 of these ops is the variable itself; a plan may also keep it apart. */
static void
publish_reference (GwKernelContext *context)
{
  if (context->outputs[0] != NULL)
    gw_tensor_copy_data (context->outputs[0], context->inputs[0]);
}

static gboolean
assign_cpu (GwKernelContext *context,
            GError         **error)
{
  GwTensor *ref = context->inputs[0];
  GwTensor *value = context->inputs[1];

  if (!same_shapes ("Assign", ref, value, error))
    return FALSE;
  gw_copy_elements (context, ref->dtype, value->data, ref->data, ref->elements);
  context->variables[0]->initialized = TRUE;
  publish_reference (context);
  return TRUE;
}

#define USE_LOCKING(value) \
  { "use_locking", GW_ATTR_BOOL, .def = value, .label = "Locking", \
    .help = "Kept for files of TensorFlow; writes are never mixed here.", .flags = GW_ATTR_HIDDEN }

static const GwOpDef assign_op = {
  .name = "Assign", .since = 1, .title = "Assign", .category = "variables/Assigning",
  .summary = "Gives a variable a value.",
  .doc = "The first Assign makes the variable usable. The output is the variable after the assignment: whatever is wired "
         "to it waits for the assignment.",
  .inputs = GW_PORTS ({ "ref", "T", "The variable.", .is_ref = TRUE }, { "value", "T", "What it gets." }),
  .outputs = GW_PORTS ({ "output_ref", "T", "The variable, with its new value.", .is_ref = TRUE }),
  .attrs = GW_ATTRS (
    [ASSIGN_T] = GW_ARRAY_ATTR_T,
    [ASSIGN_VALIDATE_SHAPE] = { "validate_shape", GW_ATTR_BOOL, .def = "true", .label = "Check the shape",
                                .help = "Whether the shapes are compared when the graph is built; they must agree when it "
                                        "runs.", .flags = GW_ATTR_HIDDEN },
    [ASSIGN_USE_LOCKING] = USE_LOCKING ("true")),
  .flags = GW_OP_STATEFUL | GW_OP_UNINITIALIZED | GW_OP_STOPS_GRADIENT,
  .shape = assign_shape, .cpu = assign_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[0.5, 0.5]", "[1.5, 2.5]"), NULL, GW_TEXTS ("[1.5, 2.5]") }),
};

/* ---- AssignAdd, AssignSub ---- */

typedef struct {
  GwDType     dtype;
  gboolean    is_sub;
  void       *ref;
  const void *value;
} Update;

GW_CLONES static void
update_range (void   *data,
              int64_t begin,
              int64_t end)
{
  const Update *update = data;

  GW_SWITCH_NUMBER (update->dtype, return,
                    T *ref = update->ref;
                    const T *value = update->value;

                    if (update->is_sub)
                      for (int64_t i = begin; i < end; i++)
                        ref[i] = (T) (ref[i] - value[i]);
                    else
                      for (int64_t i = begin; i < end; i++)
                        ref[i] = (T) (ref[i] + value[i]));
}

static gboolean
update_variable (GwKernelContext *context,
                 gboolean         is_sub,
                 GError         **error)
{
  GwTensor *ref = context->inputs[0];
  GwTensor *value = context->inputs[1];
  Update update = { ref->dtype, is_sub, ref->data, value->data };

  if (!context->variables[0]->initialized)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_FAILED_PRECONDITION, "Attempting to use uninitialized value %s",
                   context->variables[0]->name);
      return FALSE;
    }
  if (!same_shapes (is_sub ? "AssignSub" : "AssignAdd", ref, value, error))
    return FALSE;
  gw_kernel_parallel (context, ref->elements, 32768, update_range, &update);
  publish_reference (context);
  return TRUE;
}

static gboolean
assign_add_cpu (GwKernelContext *context,
                GError         **error)
{
  return update_variable (context, FALSE, error);
}

static gboolean
assign_sub_cpu (GwKernelContext *context,
                GError         **error)
{
  return update_variable (context, TRUE, error);
}

static gboolean
update_shape (GwShapeContext *context,
              GError        **error)
{
  return gw_array_merge (&context->inputs[0], &context->inputs[1], "ref and value", &context->outputs[0], error);
}

static const GwOpDef assign_add_op = {
  .name = "AssignAdd", .since = 1, .title = "Add to a variable", .category = "variables/Assigning",
  .summary = "Adds a value to a variable.",
  .doc = "For counters and running sums. The output is the variable after the addition.",
  .inputs = GW_PORTS ({ "ref", "T", "The variable.", .is_ref = TRUE },
                      { "value", "T", "What is added; of the variable's shape.", .literal = "1" }),
  .outputs = GW_PORTS ({ "output_ref", "T", "The variable, with its new value.", .is_ref = TRUE }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_NUMBER_T, USE_LOCKING ("false")),
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT,
  .shape = update_shape, .cpu = assign_add_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[0.5, 0.5]", "[1.5, 2.5]"), NULL, GW_TEXTS ("[2.0, 3.0]") }),
};

static const GwOpDef assign_sub_op = {
  .name = "AssignSub", .since = 1, .title = "Subtract from a variable", .category = "variables/Assigning",
  .summary = "Subtracts a value from a variable.",
  .doc = "The simplest update rule: wire the gradient times the learning rate. The output is the variable after it.",
  .inputs = GW_PORTS ({ "ref", "T", "The variable.", .is_ref = TRUE },
                      { "value", "T", "What is subtracted; of the variable's shape.", .literal = "1" }),
  .outputs = GW_PORTS ({ "output_ref", "T", "The variable, with its new value.", .is_ref = TRUE }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_NUMBER_T, USE_LOCKING ("false")),
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT,
  .shape = update_shape, .cpu = assign_sub_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[3.5, 3.5]", "[1.5, 2.5]"), NULL, GW_TEXTS ("[2.0, 1.0]") }),
};

/* ---- IsVariableInitialized ---- */

static gboolean
is_initialized_cpu (GwKernelContext *context,
                    GError         **error)
{
  *GW_TENSOR_DATA (context->outputs[0], uint8_t) = context->variables[0]->initialized ? 1 : 0;
  return TRUE;
}

static const GwOpDef is_initialized_op = {
  .name = "IsVariableInitialized", .since = 1, .title = "Is initialised", .category = "variables/Variables",
  .summary = "Whether a variable has a value yet.",
  .doc = "True once an Assign or a restored checkpoint has set it.",
  .inputs = GW_PORTS ({ "ref", "dtype", "The variable.", .is_ref = TRUE }),
  .outputs = GW_PORTS ({ "is_initialized", "bool", "A scalar." }),
  .attrs = GW_ATTRS ({ "dtype", GW_ATTR_DTYPE, .label = "Type", .help = "Element type; follows from the variable.",
                       .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }),
  .flags = GW_OP_STATEFUL | GW_OP_UNINITIALIZED | GW_OP_STOPS_GRADIENT,
  .shape = gw_shape_rule_scalar, .cpu = is_initialized_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5]"), NULL, GW_TEXTS ("true") }),
};

const GwOpDef *const gw_ops_variables[] = {
  &variable_op, &assign_op, &assign_add_op, &assign_sub_op, &is_initialized_op, NULL,
};
