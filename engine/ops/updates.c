/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of optimizers: each changes a variable and its slots in place, all of it
 * (Apply…) or the rows that a gradient names (SparseApply…), for references and for
 * handles (Resource…). A step is described once and makes an op of each form. */
#include "engine/device/cpu/updates.h"

#include "engine/base/error.h"
#include "engine/graph/op-update.h"
#include "engine/ops/math-common.h"
#include "engine/ops/variables-common.h"

#include <string.h>

/* ---- what all of them share ---- */

static gboolean
refuse_shape (const char    *name,
              GwUpdatePort       kind,
              const GwShape *want,
              const GwShape *got,
              GError       **error)
{
  g_autofree char *want_text = gw_shape_to_string (want);
  g_autofree char *got_text = gw_shape_to_string (got);

  if (kind == GW_UPDATE_SCALAR)
    return gw_invalid (error, "%s is not a scalar: %s", name, got_text);
  if (kind == GW_UPDATE_INDICES)
    return gw_invalid (error, "indices must be a vector with an element for each row of grad (%s), and is %s",
                       want_text, got_text);
  return gw_invalid (error, "var and %s do not have the same shape: %s %s", name, want_text, got_text);
}

/* The variable's shape for a dense gradient; for rows of it, any number of them. */
static gboolean
check_gradient (const char    *name,
                gboolean       sparse,
                const GwShape *shape,
                GwShape       *all,
                GError       **error)
{
  GwShape rows = *all;

  if (!sparse)
    return gw_shape_merge (all, shape, all) || refuse_shape (name, GW_UPDATE_GRADIENT, all, shape, error);
  if (all->rank == 0)
    return gw_invalid (error, "var must have at least one dimension, to have rows");
  if (rows.rank > 0)
    rows.dims[0] = GW_DIM_UNKNOWN;
  if (!gw_shape_merge (&rows, shape, &rows))
    return refuse_shape (name, GW_UPDATE_GRADIENT, &rows, shape, error);
  if (all->rank > 0)
    rows.dims[0] = all->dims[0];
  else if (rows.rank > 0)
    rows.dims[0] = GW_DIM_UNKNOWN;
  *all = rows;
  return TRUE;
}

/* Tensors must agree, the indices fit the gradient, the rest be scalars. `all` gets
 * what is known of the variable's shape. */
static gboolean
check_shapes (const GwOpDef        *def,
              const GwShape *const *shapes,
              GwShape              *all,
              GError              **error)
{
  int n = gw_ports_length (def->inputs);
  GwShape rows = GW_SHAPE_UNKNOWN;
  gboolean sparse = FALSE;

  *all = GW_SHAPE_UNKNOWN;
  for (int i = 0; i < n; i++)
    {
      GwUpdatePort kind = gw_update_port (&def->inputs[i]);

      sparse = sparse || kind == GW_UPDATE_INDICES;
      if (kind == GW_UPDATE_TENSOR ? !gw_shape_merge (all, shapes[i], all) : kind == GW_UPDATE_SCALAR && shapes[i]->rank > 0)
        return refuse_shape (def->inputs[i].name, kind, all, shapes[i], error);
    }
  for (int i = 0; i < n; i++)
    if (gw_update_port (&def->inputs[i]) == GW_UPDATE_GRADIENT)
      {
        if (!check_gradient (def->inputs[i].name, sparse, shapes[i], all, error))
          return FALSE;
        rows = shapes[i]->rank > 0 ? GW_SHAPE (shapes[i]->dims[0]) : GW_SHAPE (GW_DIM_UNKNOWN);
      }
  for (int i = 0; i < n; i++)
    if (gw_update_port (&def->inputs[i]) == GW_UPDATE_INDICES && !gw_shape_compatible (&rows, shapes[i]))
      return refuse_shape ("indices", GW_UPDATE_INDICES, &rows, shapes[i], error);
  return TRUE;
}

#define MAX_PORTS 16

static gboolean
update_shape (GwShapeContext *context,
              GError        **error)
{
  const GwShape *shapes[MAX_PORTS];
  GwShape behind[MAX_PORTS];
  GwShape all;

  for (int i = 0; i < context->n_inputs; i++)
    {
      GwDType dtype;

      shapes[i] = &context->inputs[i];
      if (gw_update_port (&context->def->inputs[i]) != GW_UPDATE_TENSOR)
        continue;
      if (!gw_shape_input_variable (context, i, &dtype, &behind[i], error))
        return FALSE;
      if (dtype != gw_shape_attr (context, "T")->dtype)
        return gw_invalid (error, "%s is %s, and must be %s", context->def->inputs[i].name, gw_dtype_name (dtype),
                           gw_dtype_name (gw_shape_attr (context, "T")->dtype));
      shapes[i] = &behind[i];
    }
  if (!check_shapes (context->def, shapes, &all, error))
    return FALSE;
  if (context->n_outputs > 0)
    context->outputs[0] = all;
  return TRUE;
}

static gboolean
check_rows (const GwTensor *indices,
            const GwTensor *variable,
            GError        **error)
{
  for (int64_t i = 0; i < indices->elements; i++)
    {
      int64_t index = gw_tensor_get_int (indices, i);

      if (index < 0 || index >= variable->shape.dims[0])
        return gw_invalid (error, "indices[%" G_GINT64_FORMAT "] = %" G_GINT64_FORMAT " is not in [0, %" G_GINT64_FORMAT ")",
                           i, index, variable->shape.dims[0]);
    }
  return TRUE;
}

static gboolean
run_update (GwKernelContext *context,
            const GwOpDef   *def,
            GError         **error)
{
  const GwShape *shapes[MAX_PORTS];
  GwUpdateLayout layout;
  GwUpdate update;
  GwShape all;

  for (int i = 0; i < context->n_inputs; i++)
    shapes[i] = &context->inputs[i]->shape;
  if (!check_shapes (def, shapes, &all, error))
    return FALSE;
  gw_update_layout (def, &layout);
  gw_update_read (&layout, context, &update);
  if (update.indices != NULL && !check_rows (update.indices, update.tensors[0], error))
    return FALSE;
  if (!gw_cpu_update (context, &update, error))
    return FALSE;
  gw_variable_publish (context);
  return TRUE;
}

/* ---- descriptors ---- */

/* The two forms of a variable: a reference, or its handle. */
#define REFERENCE(NAME, HELP) { NAME, "T", HELP, .is_ref = TRUE }
#define HANDLE(NAME, HELP) { NAME, "resource", HELP }
#define VARIABLE(SLOT) SLOT ("var", "The variable.")
#define SCALAR(NAME, LITERAL, HELP) { NAME, "T", HELP, .literal = LITERAL }
#define RATE(NAME, LITERAL) SCALAR (NAME, LITERAL, "The learning rate, a scalar.")
#define L1 SCALAR ("l1", "0", "How strongly the variable is pulled to exactly 0, a scalar.")
#define L2 SCALAR ("l2", "0", "How strongly large values are shrunk, a scalar.")

/* The two forms of a gradient, within the ports of a step. */
#define DENSE(NAME) { NAME, "T", "The gradient, of the variable's shape." }
#define ROWS(NAME)                                                                                   \
  { "grad", "T", "The gradient of some rows of the variable." },                                     \
  { "indices", "Tindices", "Which row of the variable each row of grad belongs to." }

#define OUT GW_PORTS ({ "out", "T", "The variable, after the step.", .is_ref = TRUE })
#define UPDATE_T                                                                                     \
  { "T", GW_ATTR_DTYPE, .choices = GW_CHOICES ("float32", "float64", "float16", "bfloat16"),         \
    .label = "Type", .help = "Element type; follows from the variable.",                             \
    .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
#define INDICES_T                                                                                    \
  { "Tindices", GW_ATTR_DTYPE, .choices = GW_INDEX_TYPES, .label = "Index type",                     \
    .help = "Type of the indices; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
#define USE_LOCKING                                                                                  \
  { "use_locking", GW_ATTR_BOOL, .def = "false", .label = "Lock",                                    \
    .help = "Kept for files: a step is never interrupted here.", .flags = GW_ATTR_HIDDEN }
#define WITH_NESTEROV                                                                                \
  , { "use_nesterov", GW_ATTR_BOOL, .def = "false", .label = "Nesterov",                             \
    .help = "Whether the step looks ahead along the momentum (Nesterov's method)." }
#define WITH_UPDATE_SLOTS                                                                            \
  , { "update_slots", GW_ATTR_BOOL, .def = "true", .label = "Add to the sum",                        \
    .help = "Off: the sum of squares is used and left as it is." }
#define WITH_MULTIPLY_LINEAR                                                                         \
  , { "multiply_linear_by_lr", GW_ATTR_BOOL, .def = "false", .label = "Linear term times rate",      \
    .help = "Whether the linear term is kept multiplied by the learning rate, so that a rate of 0 is allowed." }
#define WITH_NOTHING

#define KERNEL(ID)                                                                             \
  static const GwOpDef ID;                                                                           \
                                                                                                     \
  static gboolean                                                                                    \
  ID##_cpu (GwKernelContext *context, GError **error)                                                \
  {                                                                                                  \
    return run_update (context, &ID, error);                                       \
  }

/* One op; PREFIX goes before TYPE in its name. */
#define STEP(ID, RULE, PREFIX, TYPE, TITLE, CATEGORY, SUMMARY, DOC, INPUTS, OUTPUTS, ATTRS, FLAGS, EXAMPLES) \
  KERNEL (ID)                                                                                  \
  static const GwOpDef ID = {                                                                        \
    .name = PREFIX TYPE, .since = 1, .title = TITLE, .category = CATEGORY, .summary = SUMMARY, .doc = DOC, \
    .inputs = INPUTS, .outputs = OUTPUTS, .attrs = ATTRS,                                            \
    .flags = GW_OP_STATEFUL | GW_OP_NO_GRADIENT | (FLAGS), .update = 1 + GW_UPDATE_##RULE,                                           \
    .shape = update_shape, .cpu = ID##_cpu, .examples = EXAMPLES,                                    \
  };

#define OF_HANDLES "\n\nThe variables are given by their handles (VarHandleOp)."
#define OF_ROWS                                                                                      \
  "\n\nThis form touches the rows of the variable and of its slots that `indices` names, and leaves the others as they " \
  "are. A row that is named twice is stepped twice: sum its gradients first (Unique, UnsortedSegmentSum) as optimizers do."

/* The step RULE of all of a variable: Apply… TYPE and ResourceApply… TYPE. PORTS makes the
 * list of ports from the forms of a variable and of the gradient; SWITCHES are further
 * attributes. */
#define DENSE_STEP(ID, RULE, TYPE, TITLE, SUMMARY, DOC, PORTS, SWITCHES, EXAMPLES)                   \
  STEP (ID, RULE, "Apply", TYPE, TITLE " step", "training/Steps", SUMMARY ".", DOC, GW_PORTS (PORTS (REFERENCE, DENSE)), OUT, \
        GW_ATTRS (UPDATE_T, USE_LOCKING WITH_##SWITCHES), 0, EXAMPLES)                               \
  STEP (resource_##ID, RULE, "ResourceApply", TYPE, TITLE " step (by handle)", "training/Steps", SUMMARY ".", DOC OF_HANDLES, \
        GW_PORTS (PORTS (HANDLE, DENSE)), NULL, GW_ATTRS (UPDATE_T, USE_LOCKING WITH_##SWITCHES), GW_OP_HIDDEN, EXAMPLES)

/* The same of some rows. */
#define SPARSE_STEP(ID, RULE, TYPE, TITLE, SUMMARY, DOC, PORTS, SWITCHES, EXAMPLES)                  \
  STEP (sparse_##ID, RULE, "SparseApply", TYPE, TITLE " step of rows", "training/Sparse steps",      \
        SUMMARY ": only the rows that the gradient names.", DOC OF_ROWS, GW_PORTS (PORTS (REFERENCE, ROWS)), OUT, \
        GW_ATTRS (UPDATE_T, INDICES_T, USE_LOCKING WITH_##SWITCHES), 0, EXAMPLES)                    \
  STEP (resource_sparse_##ID, RULE, "ResourceSparseApply", TYPE, TITLE " step of rows (by handle)", "training/Sparse steps", \
        SUMMARY ": only the rows that the gradient names.", DOC OF_ROWS OF_HANDLES, GW_PORTS (PORTS (HANDLE, ROWS)), NULL, \
        GW_ATTRS (UPDATE_T, INDICES_T, USE_LOCKING WITH_##SWITCHES), GW_OP_HIDDEN, EXAMPLES)

#define BOTH_STEPS(ID, RULE, TYPE, TITLE, SUMMARY, DOC, PORTS, SWITCHES, EXAMPLES, SPARSE_EXAMPLES)  \
  DENSE_STEP (ID, RULE, TYPE, TITLE, SUMMARY, DOC, PORTS, SWITCHES, EXAMPLES)                        \
  SPARSE_STEP (ID, RULE, TYPE, TITLE, SUMMARY, DOC, PORTS, SWITCHES, SPARSE_EXAMPLES)

/* The one example: attributes, the variable afterwards, inputs. */
#define EXAMPLE(ATTRS, RESULT, ...) GW_EXAMPLES ({ GW_TEXTS (__VA_ARGS__), ATTRS, GW_TEXTS (RESULT) })

/* ---- gradient descent ---- */

#define DESCENT_PORTS(SLOT, GRADIENT) VARIABLE (SLOT), RATE ("alpha", "0.01"), GRADIENT ("delta")
DENSE_STEP (gradient_descent, GRADIENT_DESCENT, "GradientDescent", "Gradient descent",
            "Moves a variable against its gradient",
            "`var -= alpha · delta`: the plainest step, which remembers nothing of those before.", DESCENT_PORTS, NOTHING,
            EXAMPLE ("T=float32", "[1, 3]", "[1.5, 2]", "0.5", "[1.0, -2]"))

#define PROXIMAL_DESCENT_PORTS(SLOT, GRADIENT) VARIABLE (SLOT), RATE ("alpha", "0.01"), L1, L2, GRADIENT ("delta")
BOTH_STEPS (proximal_gradient_descent, PROXIMAL_GRADIENT_DESCENT, "ProximalGradientDescent", "Proximal gradient descent",
            "Moves a variable against its gradient and then towards 0",
            "`p = var - alpha · delta`, then `var = sign (p) · max (|p| - alpha · l1, 0) / (1 + alpha · l2)`. l1 makes many "
            "weights exactly 0, l2 keeps them small (FOBOS, Duchi and Singer 2009).",
            PROXIMAL_DESCENT_PORTS, NOTHING,
            EXAMPLE ("T=float32", "[0.5, 0]", "[2.0, 0.75]", "0.5", "1.0", "2.0", "[1.0, 0.5]"),
            EXAMPLE ("T=float32", "[[7], [0.5]]", "[[7.0], [2.0]]", "0.5", "1.0", "2.0", "[[1.0]]", "[1]"))

/* ---- momentum ---- */

#define MOMENTUM_PORTS(SLOT, GRADIENT)                                                                     \
  VARIABLE (SLOT), SLOT ("accum", "The sum so far, a variable of the same shape."), RATE ("lr", "0.01"),    \
  GRADIENT ("grad"), SCALAR ("momentum", "0.9", "What is kept of the sum, a scalar from 0 to 1.")
BOTH_STEPS (momentum, MOMENTUM, "Momentum", "Momentum", "Moves a variable along a fading sum of its gradients",
            "`accum = momentum · accum + grad`, then `var -= lr · accum`; with *Nesterov* "
            "`var -= lr · grad + lr · momentum · accum`. Steps in a steady direction add up, those to and fro cancel out.",
            MOMENTUM_PORTS, NESTEROV,
            EXAMPLE ("T=float32", "[0.5]", "[1.5]", "[2.0]", "0.5", "[1.0]", "0.5"),
            EXAMPLE ("T=float32 use_nesterov=true", "[[0.5], [3]]", "[[1.5], [3]]", "[[2.0], [0]]", "0.5", "[[1.0]]", "[0]", "0.5"))

/* ---- Adagrad ---- */

#define SQUARES(SLOT) SLOT ("accum", "The sum of the squares so far, a variable of the same shape; above 0.")
#define ADAGRAD_PORTS(SLOT, GRADIENT) VARIABLE (SLOT), SQUARES (SLOT), RATE ("lr", "0.01"), GRADIENT ("grad")
BOTH_STEPS (adagrad, ADAGRAD, "Adagrad", "Adagrad",
            "Moves a variable by its gradient over the root of the sum of all squares so far",
            "`accum += grad²`, then `var -= lr · grad / √accum`. What has moved much moves less and less; what is seldom "
            "touched keeps a large step, which suits rare words (Duchi, Hazan and Singer 2011).",
            ADAGRAD_PORTS, UPDATE_SLOTS,
            EXAMPLE ("T=float32", "[1.75]", "[2.0]", "[3.0]", "0.5", "[1.0]"),
            EXAMPLE ("T=float32", "[[2], [1.75]]", "[[2.0], [2.0]]", "[[3.0], [3.0]]", "0.5", "[[1.0]]", "[1]"))

#define ADAGRAD_V2_PORTS(SLOT, GRADIENT)                                                                   \
  VARIABLE (SLOT), SQUARES (SLOT), RATE ("lr", "0.01"), SCALAR ("epsilon", "1e-7", "Keeps the divisor from 0, a scalar."), GRADIENT ("grad")
BOTH_STEPS (adagrad_v2, ADAGRAD_V2, "AdagradV2", "Adagrad with epsilon",
            "Moves a variable by its gradient over the root of the sum of all squares so far, kept from 0",
            "`accum += grad²`, then `var -= lr · grad / (√accum + epsilon)`.",
            ADAGRAD_V2_PORTS, UPDATE_SLOTS,
            EXAMPLE ("T=float32", "[1.875]", "[2.0]", "[3.0]", "0.5", "2.0", "[1.0]"),
            EXAMPLE ("T=float32", "[[2], [1.875]]", "[[2.0], [2.0]]", "[[3.0], [3.0]]", "0.5", "2.0", "[[1.0]]", "[1]"))

#define PROXIMAL_ADAGRAD_PORTS(SLOT, GRADIENT) VARIABLE (SLOT), SQUARES (SLOT), RATE ("lr", "0.01"), L1, L2, GRADIENT ("grad")
BOTH_STEPS (proximal_adagrad, PROXIMAL_ADAGRAD, "ProximalAdagrad", "Proximal Adagrad",
            "Moves a variable as Adagrad does and then towards 0",
            "`accum += grad²`, `rate = lr / √accum`, `p = var - rate · grad`, then "
            "`var = sign (p) · max (|p| - rate · l1, 0) / (1 + rate · l2)`.",
            PROXIMAL_ADAGRAD_PORTS, NOTHING,
            EXAMPLE ("T=float32", "[0.5]", "[2.0]", "[3.0]", "1.0", "1.0", "2.0", "[1.0]"),
            EXAMPLE ("T=float32", "[[0.5], [9]]", "[[2.0], [9]]", "[[3.0], [3]]", "1.0", "1.0", "2.0", "[[1.0]]", "[0]"))

/* ---- Adadelta ---- */

#define ADADELTA_PORTS(SLOT, GRADIENT)                                                                     \
  VARIABLE (SLOT), SLOT ("accum", "Running mean of the squared gradients."),                                \
  SLOT ("accum_update", "Running mean of the squared moves."), RATE ("lr", "0.001"),                 \
  SCALAR ("rho", "0.95", "What is kept of the running means, a scalar from 0 to 1."),                \
  SCALAR ("epsilon", "1e-8", "Keeps both roots from 0, a scalar."), GRADIENT ("grad")
BOTH_STEPS (adadelta, ADADELTA, "Adadelta", "Adadelta",
            "Moves a variable by its gradient, scaled by the size of past moves over that of past gradients",
            "`accum = rho · accum + (1 - rho) · grad²`,\n"
            "`move = √(accum_update + epsilon) / √(accum + epsilon) · grad`, `var -= lr · move`,\n"
            "`accum_update = rho · accum_update + (1 - rho) · move²`. The step has the unit of the variable, so that hardly any "
            "rate must be chosen (Zeiler 2012).",
            ADADELTA_PORTS, NOTHING,
            EXAMPLE ("T=float32", "[1]", "[2.0]", "[1.0]", "[4.0]", "0.5", "0.5", "0.0", "[1.0]"),
            EXAMPLE ("T=float32", "[[2], [1]]", "[[2.0], [2.0]]", "[[1.0], [1.0]]", "[[4.0], [4.0]]", "0.5", "0.5", "0.0",
                     "[[1.0]]", "[1]"))

/* ---- Adam ---- */

#define ADAM_PORTS(SLOT, GRADIENT)                                                                         \
  VARIABLE (SLOT), SLOT ("m", "Running mean of the gradients."), SLOT ("v", "Running mean of their squares."), \
  SCALAR ("beta1_power", "0.9", "beta1 to the power of the step's number."),                         \
  SCALAR ("beta2_power", "0.999", "beta2 to the power of the step's number."), RATE ("lr", "0.001"), \
  SCALAR ("beta1", "0.9", "What is kept of m."), SCALAR ("beta2", "0.999", "What is kept of v."),    \
  SCALAR ("epsilon", "1e-8", "Keeps the divisor from 0."), GRADIENT ("grad")
DENSE_STEP (adam, ADAM, "Adam", "Adam",
            "Moves a variable by the running mean of its gradients over the root of the mean of their squares",
            "`m += (1 - beta1) (grad - m)`, `v += (1 - beta2) (grad² - v)`, then\n"
            "`var -= lr · √(1 - beta2_power) / (1 - beta1_power) · m / (√v + epsilon)`.\n\n"
            "The powers of beta1 and beta2 make up for m and v starting at 0; whoever calls multiplies them after each step. "
            "Every element gets a step of about the learning rate, whatever the size of its gradients.",
            ADAM_PORTS, NESTEROV,
            EXAMPLE ("T=float32", "[1]", "[1.5]", "[0.0]", "[0.0]", "0.5", "0.75", "0.5", "0.5", "0.75", "0.0", "[2.0]"))

#define ADA_MAX_PORTS(SLOT, GRADIENT)                                                                      \
  VARIABLE (SLOT), SLOT ("m", "Running mean of the gradients."), SLOT ("v", "Fading maximum of their sizes."), \
  SCALAR ("beta1_power", "0.9", "beta1 to the power of the step's number."), RATE ("lr", "0.001"),   \
  SCALAR ("beta1", "0.9", "What is kept of m."), SCALAR ("beta2", "0.999", "What is kept of v."),    \
  SCALAR ("epsilon", "1e-8", "Keeps the divisor from 0."), GRADIENT ("grad")
DENSE_STEP (ada_max, ADA_MAX, "AdaMax", "AdaMax",
            "Moves a variable by the running mean of its gradients over their fading maximum",
            "`m += (1 - beta1) (grad - m)`, `v = max (beta2 · v, |grad|)`, then "
            "`var -= lr / (1 - beta1_power) · m / (v + epsilon)`: Adam with the largest gradient instead of the root of the mean "
            "of squares.",
            ADA_MAX_PORTS, NOTHING,
            EXAMPLE ("T=float32", "[1]", "[1.5]", "[0.0]", "[0.0]", "0.5", "0.5", "0.5", "0.5", "0.0", "[2.0]"))

/* ---- RMSProp ---- */

#define RMS_SCALARS                                                                                  \
  RATE ("lr", "0.001"), SCALAR ("rho", "0.9", "What is kept of the running mean, a scalar from 0 to 1."), \
  SCALAR ("momentum", "0", "What is kept of the last move, a scalar from 0 to 1."),                  \
  SCALAR ("epsilon", "1e-10", "Keeps the divisor from 0, a scalar.")
#define RMS_PROP_PORTS(SLOT, GRADIENT)                                                                     \
  VARIABLE (SLOT), SLOT ("ms", "Running mean of the squared gradients."), SLOT ("mom", "The last move."), RMS_SCALARS, GRADIENT ("grad")
BOTH_STEPS (rms_prop, RMS_PROP, "RMSProp", "RMSProp",
            "Moves a variable by its gradient over the root of the running mean of its squares",
            "`ms += (1 - rho) (grad² - ms)`, `mom = momentum · mom + lr · grad / √(ms + epsilon)`, `var -= mom` "
            "(Tieleman and Hinton 2012).",
            RMS_PROP_PORTS, NOTHING,
            EXAMPLE ("T=float32", "[1]", "[2.0]", "[4.0]", "[1.0]", "0.5", "0.5", "0.5", "0.0", "[2.0]"),
            EXAMPLE ("T=float32", "[[1], [2]]", "[[2.0], [2.0]]", "[[4.0], [4.0]]", "[[1.0], [1.0]]", "0.5", "0.5", "0.5", "0.0",
                     "[[2.0]]", "[0]"))

#define CENTERED_PORTS(SLOT, GRADIENT)                                                                     \
  VARIABLE (SLOT), SLOT ("mg", "Running mean of the gradients."), SLOT ("ms", "Running mean of their squares."), \
  SLOT ("mom", "The last move."), RMS_SCALARS, GRADIENT ("grad")
BOTH_STEPS (centered_rms_prop, CENTERED_RMS_PROP, "CenteredRMSProp", "Centered RMSProp",
            "Moves a variable by its gradient over the running standard deviation of the gradient",
            "`ms += (1 - rho) (grad² - ms)`, `mg += (1 - rho) (grad - mg)`,\n"
            "`mom = momentum · mom + lr · grad / √(ms - mg² + epsilon)`, `var -= mom` (Graves 2013).",
            CENTERED_PORTS, NOTHING,
            EXAMPLE ("T=float32", "[1]", "[2.0]", "[0.0]", "[6.0]", "[1.0]", "0.5", "0.5", "0.5", "0.0", "[2.0]"),
            EXAMPLE ("T=float32", "[[2], [1]]", "[[2.0], [2.0]]", "[[0.0], [0.0]]", "[[6.0], [6.0]]", "[[1.0], [1.0]]", "0.5", "0.5",
                     "0.5", "0.0", "[[2.0]]", "[1]"))

/* ---- Ftrl ---- */

#define FTRL_SLOTS(SLOT)                                                                                   \
  SLOT ("accum", "Sum of the squared gradients, a variable of the same shape; 0 or more."),          \
  SLOT ("linear", "Sum of the gradients as the method corrects them.")
#define FTRL_POWER                                                                                   \
  SCALAR ("lr_power", "-0.5", "How the rate falls as accum grows: accum to this power, 0 or less.")
#define FTRL_PORTS(SLOT, GRADIENT) VARIABLE (SLOT), FTRL_SLOTS (SLOT), GRADIENT ("grad"), RATE ("lr", "0.01"), L1, L2, FTRL_POWER
#define FTRL_DOC(GRADIENT)                                                                           \
  "`n = accum + grad²`, `linear += " GRADIENT " - (n^-lr_power - accum^-lr_power) / lr · var`, then " \
  "`var = (sign (linear) · l1 - linear) / (n^-lr_power / lr + 2 · l2)` where |linear| > l1, else 0; `accum = n`. "
BOTH_STEPS (ftrl, FTRL, "Ftrl", "Ftrl", "Sets a variable to the best that the sum of all gradients so far allows",
            FTRL_DOC ("grad") "Follow the regularised leader: with l1 most weights of a wide linear model stay exactly 0 "
            "(McMahan and others 2013).",
            FTRL_PORTS, MULTIPLY_LINEAR,
            EXAMPLE ("T=float32", "[-0.25]", "[1.0]", "[9.0]", "[0.0]", "[4.0]", "1.0", "0.0", "1.5", "-0.5"),
            EXAMPLE ("T=float32", "[[1], [-0.25]]", "[[1.0], [1.0]]", "[[9.0], [9.0]]", "[[0.0], [0.0]]", "[[4.0]]", "[1]", "1.0",
                     "0.0", "1.5", "-0.5"))

#define FTRL_V2_PORTS(SLOT, GRADIENT)                                                                      \
  VARIABLE (SLOT), FTRL_SLOTS (SLOT), GRADIENT ("grad"), RATE ("lr", "0.01"), L1, L2,                              \
  SCALAR ("l2_shrinkage", "0", "Penalty on the size of the variable itself, added to its gradient; a scalar."), FTRL_POWER
BOTH_STEPS (ftrl_v2, FTRL_V2, "FtrlV2", "Ftrl with shrinkage",
            "Sets a variable to the best that the sum of all gradients so far allows, and shrinks it",
            FTRL_DOC ("grad + 2 · l2_shrinkage · var") "The shrinkage is a penalty on the variable; l2 only steadies the steps.",
            FTRL_V2_PORTS, MULTIPLY_LINEAR,
            EXAMPLE ("T=float32", "[-0.375]", "[1.0]", "[9.0]", "[0.0]", "[4.0]", "1.0", "0.0", "1.5", "0.5", "-0.5"),
            EXAMPLE ("T=float32", "[[1], [-0.375]]", "[[1.0], [1.0]]", "[[9.0], [9.0]]", "[[0.0], [0.0]]", "[[4.0]]", "[1]", "1.0",
                     "0.0", "1.5", "0.5", "-0.5"))

/* ---- signs ---- */

#define SIGN_SCALARS                                                                                 \
  SCALAR ("sign_decay", "0.9", "Scales the agreement of the signs, a scalar."),                      \
  SCALAR ("beta", "0.9", "What is kept of the mean, a scalar from 0 to 1.")
#define ADD_SIGN_PORTS(SLOT, GRADIENT)                                                                     \
  VARIABLE (SLOT), SLOT ("m", "Running mean of the gradients."), RATE ("lr", "0.01"),                       \
  SCALAR ("alpha", "1", "The step where the signs say nothing, a scalar."), SIGN_SCALARS, GRADIENT ("grad")
DENSE_STEP (add_sign, ADD_SIGN, "AddSign", "AddSign",
            "Moves a variable further where its gradient agrees in sign with the mean of those before",
            "`m = beta · m + (1 - beta) · grad`, then `var -= lr · (alpha + sign_decay · sign (grad) · sign (m)) · grad` "
            "(Bello and others 2017).",
            ADD_SIGN_PORTS, NOTHING,
            EXAMPLE ("T=float32", "[1.25]", "[2.0]", "[1.0]", "0.5", "1.0", "0.5", "0.5", "[1.0]"))

#define POWER_SIGN_PORTS(SLOT, GRADIENT)                                                                   \
  VARIABLE (SLOT), SLOT ("m", "Running mean of the gradients."), RATE ("lr", "0.01"),                       \
  SCALAR ("logbase", "1", "Logarithm of the factor between agreeing and disagreeing signs, a scalar."), SIGN_SCALARS, GRADIENT ("grad")
DENSE_STEP (power_sign, POWER_SIGN, "PowerSign", "PowerSign",
            "Moves a variable many times further where its gradient agrees in sign with the mean of those before",
            "`m = beta · m + (1 - beta) · grad`, then `var -= lr · exp (logbase · sign_decay · sign (grad) · sign (m)) · grad` "
            "(Bello and others 2017).",
            POWER_SIGN_PORTS, NOTHING,
            EXAMPLE ("T=float32", "[1.5]", "[2.0]", "[1.0]", "0.5", "0.0", "0.5", "0.5", "[1.0]"))

#define DENSE_OPS(ID) &ID, &resource_##ID
#define BOTH_OPS(ID) DENSE_OPS (ID), &sparse_##ID, &resource_sparse_##ID

const GwOpDef *const gw_ops_updates[] = {
  DENSE_OPS (gradient_descent), BOTH_OPS (proximal_gradient_descent), BOTH_OPS (momentum), BOTH_OPS (adagrad),
  BOTH_OPS (adagrad_v2), BOTH_OPS (proximal_adagrad), BOTH_OPS (adadelta), DENSE_OPS (adam), DENSE_OPS (ada_max),
  BOTH_OPS (rms_prop), BOTH_OPS (centered_rms_prop), BOTH_OPS (ftrl), BOTH_OPS (ftrl_v2), DENSE_OPS (add_sign),
  DENSE_OPS (power_sign), NULL,
};
