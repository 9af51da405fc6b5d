/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of optimizers: each changes a variable and its slots in place. */
#include "engine/device/cpu/updates.h"

#include "engine/base/error.h"
#include "engine/ops/math-common.h"

#include <string.h>

/* Tensors are the references and the gradient; every other input is a scalar. */
static gboolean
is_tensor_port (const GwPortDef *port)
{
  return port->is_ref || strcmp (port->name, "delta") == 0 || strcmp (port->name, "grad") == 0;
}

static gboolean
refuse_shape (const char    *name,
              gboolean       tensor,
              const GwShape *want,
              const GwShape *got,
              GError       **error)
{
  g_autofree char *want_text = gw_shape_to_string (want);
  g_autofree char *got_text = gw_shape_to_string (got);

  if (tensor)
    return gw_invalid (error, "var and %s do not have the same shape: %s %s", name, want_text, got_text);
  return gw_invalid (error, "%s is not a scalar: %s", name, got_text);
}

/* Tensors must agree in shape; the output is the variable. */
static gboolean
update_shape (GwShapeContext *context,
              GError        **error)
{
  const GwPortDef *ports = context->def->inputs;
  GwShape all = context->inputs[0];

  for (int i = 1; i < context->n_inputs; i++)
    {
      const GwShape *shape = &context->inputs[i];
      gboolean tensor = is_tensor_port (&ports[i]);

      if (tensor ? !gw_shape_merge (&all, shape, &all) : shape->rank > 0)
        return refuse_shape (ports[i].name, tensor, &all, shape, error);
    }
  context->outputs[0] = all;
  return TRUE;
}

/* The same of the values that are there now. */
static gboolean
check_update (const GwKernelContext *context,
              const GwOpDef         *def,
              GError               **error)
{
  const GwShape *variable = &context->inputs[0]->shape;

  for (int i = 1; i < context->n_inputs; i++)
    {
      const GwShape *shape = &context->inputs[i]->shape;
      gboolean tensor = is_tensor_port (&def->inputs[i]);

      if (tensor ? !gw_shape_equal (variable, shape) : shape->rank > 0)
        return refuse_shape (def->inputs[i].name, tensor, variable, shape, error);
    }
  return TRUE;
}

#define VARIABLE { "var", "T", "The variable.", .is_ref = TRUE }
#define OUT GW_PORTS ({ "out", "T", "The variable, after the step.", .is_ref = TRUE })
#define USE_LOCKING                                                                                  \
  { "use_locking", GW_ATTR_BOOL, .def = "false", .label = "Lock",                                    \
    .help = "Kept for files: a step is never interrupted here.", .flags = GW_ATTR_HIDDEN }
#define USE_NESTEROV                                                                                 \
  { "use_nesterov", GW_ATTR_BOOL, .def = "false", .label = "Nesterov",                               \
    .help = "Whether the step looks ahead along the momentum (Nesterov's method)." }
#define UPDATE_T                                                                                     \
  { "T", GW_ATTR_DTYPE, .choices = GW_FLOAT_TYPES, .label = "Type",                                  \
    .help = "Element type; follows from the variable.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
#define UPDATE_FLAGS (GW_OP_STATEFUL | GW_OP_NO_GRADIENT)

/* ---- gradient descent ---- */

static const GwOpDef gradient_descent;

static gboolean
gradient_descent_cpu (GwKernelContext *context,
                      GError         **error)
{
  return check_update (context, &gradient_descent, error) &&
         gw_cpu_gradient_descent (context, context->inputs[0], context->inputs[1], context->inputs[2], error);
}

static const GwOpDef gradient_descent = {
  .name = "ApplyGradientDescent", .since = 1, .title = "Gradient descent step", .category = "training/Steps",
  .summary = "Moves a variable against its gradient.",
  .doc = "`var -= alpha · delta`.",
  .inputs = GW_PORTS (VARIABLE, { "alpha", "T", "The learning rate, a scalar.", .literal = "0.01" },
                      { "delta", "T", "The gradient." }),
  .outputs = OUT,
  .attrs = GW_ATTRS (UPDATE_T, USE_LOCKING),
  .flags = UPDATE_FLAGS,
  .shape = update_shape, .cpu = gradient_descent_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2]", "0.5", "[1.0, -2]"), "T=float32", GW_TEXTS ("[1, 3]") }),
};

/* ---- momentum ---- */

static const GwOpDef momentum;

enum { MOMENTUM_T, MOMENTUM_USE_LOCKING, MOMENTUM_USE_NESTEROV };

static gboolean
momentum_cpu (GwKernelContext *context,
              GError         **error)
{
  GwTensor *const *in = context->inputs;

  return check_update (context, &momentum, error) &&
         gw_cpu_momentum (context, in[0], in[1], in[2], in[3], in[4], context->attrs[MOMENTUM_USE_NESTEROV].b, error);
}

static const GwOpDef momentum = {
  .name = "ApplyMomentum", .since = 1, .title = "Momentum step", .category = "training/Steps",
  .summary = "Moves a variable along a fading sum of its gradients.",
  .doc = "`accum = momentum · accum + grad`, then `var -= lr · accum`; with *Nesterov* "
         "`var -= lr · grad + lr · momentum · accum`. Steps in a steady direction add up, those to and fro cancel out.",
  .inputs = GW_PORTS (VARIABLE, { "accum", "T", "The sum so far, a variable of the same shape.", .is_ref = TRUE },
                      { "lr", "T", "The learning rate, a scalar.", .literal = "0.01" }, { "grad", "T", "The gradient." },
                      { "momentum", "T", "What is kept of the sum, a scalar from 0 to 1.", .literal = "0.9" }),
  .outputs = OUT,
  .attrs = GW_ATTRS ([MOMENTUM_T] = UPDATE_T, [MOMENTUM_USE_LOCKING] = USE_LOCKING, [MOMENTUM_USE_NESTEROV] = USE_NESTEROV),
  .flags = UPDATE_FLAGS,
  .shape = update_shape, .cpu = momentum_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1.5]", "[2.0]", "0.5", "[1.0]", "0.5"), "T=float32", GW_TEXTS ("[0.5]") },
    { GW_TEXTS ("[1.5]", "[2.0]", "0.5", "[1.0]", "0.5"), "T=float32 use_nesterov=true", GW_TEXTS ("[0.5]") },
    { GW_TEXTS ("[1.5]", "[4.0]", "0.5", "[1.0]", "0.5"), "T=float64 use_nesterov=true", GW_TEXTS ("[0.25]") }),
};

/* ---- Adam ---- */

static const GwOpDef adam;

enum { ADAM_T, ADAM_USE_LOCKING, ADAM_USE_NESTEROV };

static gboolean
adam_cpu (GwKernelContext *context,
          GError         **error)
{
  GwTensor *const *in = context->inputs;
  GwAdamStep step = {
    .variable = in[0], .m = in[1], .v = in[2], .beta1_power = in[3], .beta2_power = in[4], .rate = in[5],
    .beta1 = in[6], .beta2 = in[7], .epsilon = in[8], .gradient = in[9], .nesterov = context->attrs[ADAM_USE_NESTEROV].b,
  };

  return check_update (context, &adam, error) && gw_cpu_adam (context, &step, error);
}

static const GwOpDef adam = {
  .name = "ApplyAdam", .since = 1, .title = "Adam step", .category = "training/Steps",
  .summary = "Moves a variable by the running mean of its gradients over the root of the mean of their squares.",
  .doc = "`m += (1 - beta1) (grad - m)`, `v += (1 - beta2) (grad² - v)`, then\n"
         "`var -= lr · √(1 - beta2_power) / (1 - beta1_power) · m / (√v + epsilon)`.\n\n"
         "The powers of beta1 and beta2 make up for m and v starting at 0; whoever calls multiplies them after each step. "
         "Every element gets a step of about the learning rate, whatever the size of its gradients.",
  .inputs = GW_PORTS (VARIABLE, { "m", "T", "Running mean of the gradients.", .is_ref = TRUE },
                      { "v", "T", "Running mean of their squares.", .is_ref = TRUE },
                      { "beta1_power", "T", "beta1 to the power of the step's number.", .literal = "0.9" },
                      { "beta2_power", "T", "beta2 to the power of the step's number.", .literal = "0.999" },
                      { "lr", "T", "The learning rate, a scalar.", .literal = "0.001" },
                      { "beta1", "T", "What is kept of m.", .literal = "0.9" },
                      { "beta2", "T", "What is kept of v.", .literal = "0.999" },
                      { "epsilon", "T", "Keeps the divisor from 0.", .literal = "1e-8" },
                      { "grad", "T", "The gradient." }),
  .outputs = OUT,
  .attrs = GW_ATTRS ([ADAM_T] = UPDATE_T, [ADAM_USE_LOCKING] = USE_LOCKING, [ADAM_USE_NESTEROV] = USE_NESTEROV),
  .flags = UPDATE_FLAGS,
  .shape = update_shape, .cpu = adam_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1.5]", "[0.0]", "[0.0]", "0.5", "0.75", "0.5", "0.5", "0.75", "0.0", "[2.0]"), "T=float32",
      GW_TEXTS ("[1]") }),
};

const GwOpDef *const gw_ops_updates[] = { &gradient_descent, &momentum, &adam, NULL };
