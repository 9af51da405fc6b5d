/* SPDX-License-Identifier: Apache-2.0 */
/* Variables: what training changes and checkpoints keep. */
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"
#include "engine/ops/variables-common.h"

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
         "orders it.\n\n"
         "Example: after a run of `Assign (VariableV2 (shape=[2]), [1, 2])`, `Mul (variable, 3)` is [3, 6].",
  .outputs = GW_PORTS ({ "ref", "dtype", "The variable; wire it to Assign, or to anything that reads it.",
                         .is_ref = TRUE }),
  .attrs = GW_ATTRS (
    [VARIABLE_SHAPE] = { "shape", GW_ATTR_SHAPE, .def = "[]", .label = "Shape", .help = "All sizes must be given." },
    [VARIABLE_DTYPE] = { "dtype", GW_ATTR_DTYPE, .def = "float32", .label = "Type", .help = "Element type." },
    GW_VARIABLE_NAMES, GW_VARIABLE_BEGINNING),
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT,
  /* The session puts the variable's own tensor in the output's place. */
  .shape_rule = "the attribute `shape`",
  .shape = variable_shape, .cpu = gw_array_kernel_none,
  .tell = GW_TEXTS ("_initializer", "shape"),
};

static const GwOpDef variable_v1_op = {
  .name = "Variable", .since = 1, .title = "Variable (old form)", .category = "variables/Variables",
  .summary = "A variable as graphs of the first TensorFlow versions have it.",
  .doc = "Works as *VariableV2* does, which replaced it.\n\n"
         "Example: after a run of `Assign (Variable (shape=[2]), [1, 2])`, `Mul (variable, 3)` is [3, 6].",
  .outputs = GW_PORTS ({ "ref", "dtype", "The variable; wire it to Assign, or to anything that reads it.",
                         .is_ref = TRUE }),
  .attrs = GW_ATTRS (
    [VARIABLE_SHAPE] = { "shape", GW_ATTR_SHAPE, .def = "[]", .label = "Shape", .help = "All sizes must be given." },
    [VARIABLE_DTYPE] = { "dtype", GW_ATTR_DTYPE, .def = "float32", .label = "Type", .help = "Element type." },
    GW_VARIABLE_NAMES),
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT | GW_OP_HIDDEN,
  .shape_rule = "the attribute `shape`",
  .shape = variable_shape, .cpu = gw_array_kernel_none,
  .tell = GW_TEXTS ("shape"),
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
assign_cpu (GwKernelContext *context,
            GError         **error)
{
  return gw_variable_assign (context, "Assign", error);
}

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
    [ASSIGN_USE_LOCKING] = GW_VARIABLE_LOCKING ("true")),
  .flags = GW_OP_STATEFUL | GW_OP_UNINITIALIZED | GW_OP_STOPS_GRADIENT,
  .shape_rule = "the value's",
  .shape = assign_shape, .cpu = assign_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[0.5, 0.5]", "[1.5, 2.5]"), NULL, GW_TEXTS ("[1.5, 2.5]") }),
};

/* ---- AssignAdd, AssignSub ---- */

static gboolean
assign_add_cpu (GwKernelContext *context,
                GError         **error)
{
  return gw_variable_add (context, "AssignAdd", error);
}

static gboolean
assign_sub_cpu (GwKernelContext *context,
                GError         **error)
{
  return gw_variable_sub (context, "AssignSub", error);
}

static const GwOpDef assign_add_op = {
  .name = "AssignAdd", .since = 1, .title = "Add to a variable", .category = "variables/Assigning",
  .summary = "Adds a value to a variable.",
  .doc = "For counters and running sums. The output is the variable after the addition.",
  .inputs = GW_PORTS ({ "ref", "T", "The variable.", .is_ref = TRUE },
                      { "value", "T", "What is added; of the variable's shape.", .literal = "1" }),
  .outputs = GW_PORTS ({ "output_ref", "T", "The variable, with its new value.", .is_ref = TRUE }),
  .attrs = GW_ATTRS (GW_VARIABLE_T ("T", GW_VARIABLE_NUMBER_TYPES), GW_VARIABLE_LOCKING ("false")),
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT,
  .shape = gw_variable_update_shape, .cpu = assign_add_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[0.5, 0.5]", "[1.5, 2.5]"), NULL, GW_TEXTS ("[2.0, 3.0]") }),
};

static const GwOpDef assign_sub_op = {
  .name = "AssignSub", .since = 1, .title = "Subtract from a variable", .category = "variables/Assigning",
  .summary = "Subtracts a value from a variable.",
  .doc = "The simplest update rule: wire the gradient times the learning rate. The output is the variable after it.",
  .inputs = GW_PORTS ({ "ref", "T", "The variable.", .is_ref = TRUE },
                      { "value", "T", "What is subtracted; of the variable's shape.", .literal = "1" }),
  .outputs = GW_PORTS ({ "output_ref", "T", "The variable, with its new value.", .is_ref = TRUE }),
  .attrs = GW_ATTRS (GW_VARIABLE_T ("T", GW_VARIABLE_NUMBER_TYPES), GW_VARIABLE_LOCKING ("false")),
  .flags = GW_OP_STATEFUL | GW_OP_STOPS_GRADIENT,
  .shape = gw_variable_update_shape, .cpu = assign_sub_cpu,
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

/* ---- CountUpTo ---- */

enum { COUNT_LIMIT, COUNT_T };

static gboolean
count_shape (GwShapeContext *context,
             GError        **error)
{
  return gw_shape_want_rank (context, 0, 0, &context->outputs[0], error);
}

static gboolean
count_cpu (GwKernelContext *context,
           GError         **error)
{
  return gw_variable_count (context, context->attrs[COUNT_LIMIT].i, error);
}

static const GwOpDef count_up_to_op = {
  .name = "CountUpTo", .since = 1, .title = "Count up to", .category = "variables/Assigning",
  .summary = "Counts a variable up by one, and fails once the limit is reached.",
  .doc = "The output is the value from before. When the variable holds `limit` or more, the error OUT_OF_RANGE ends the "
         "run: how TensorFlow 1 ends an input that runs through its data so many times.",
  .inputs = GW_PORTS (GW_REF_IN ("ref", "An integer variable, a scalar.")),
  .outputs = GW_PORTS ({ "output", "T", "What the variable held before." }),
  .attrs = GW_ATTRS (
    [COUNT_LIMIT] = { "limit", GW_ATTR_INT, .label = "Limit", .help = "The value at which it fails.",
                      .flags = GW_ATTR_REQUIRED },
    [COUNT_T] = GW_VARIABLE_T ("T", GW_INDEX_TYPES)),
  .flags = GW_OP_STATEFUL | GW_OP_WRITES_VARIABLE | GW_OP_STOPS_GRADIENT,
  .shape_rule = "a scalar",
  .shape = count_shape, .cpu = count_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("int32 4"), "limit=10", GW_TEXTS ("int32 4") }),
  .tell = GW_TEXTS ("limit"),
};

const GwOpDef *const gw_ops_variables[] = {
  &variable_op, &variable_v1_op, &assign_op, &assign_add_op, &assign_sub_op, &is_initialized_op, &count_up_to_op, NULL,
};
