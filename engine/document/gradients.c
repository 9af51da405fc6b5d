/* SPDX-License-Identifier: Apache-2.0 */
/* Training wired by hand: Gradients computes, anything may change what it gives, and
 * ApplyGradients lets an optimizer apply it. */
#include "engine/document/composites.h"
#include "engine/document/optimizers.h"

#include <string.h>

/* ---- variables by name ---- */

static void
fail_unknown (GwExpandContext *context,
              const char      *name)
{
  const GPtrArray *all = gw_lowering_variables (context);
  g_autofree char *prefix = g_strconcat (name, "/", NULL);
  g_autoptr (GString) under = g_string_new (NULL);

  for (guint i = 0; i < all->len; i++)
    {
      const char *other = ((GwLoweredVariable *) g_ptr_array_index (all, i))->name;

      if (g_str_has_prefix (other, prefix) && strchr (other + strlen (prefix), '/') == NULL)
        g_string_append_printf (under, "%s%s", under->len > 0 ? ", " : "", other);
    }
  gw_builder_fail (context->builder, GW_ERROR_NOT_FOUND, "var_list names “%s”, which is not a variable that stands before it%s%s",
                   name, under->len > 0 ? "; name each of " : "", under->str);
}

/* NULL with the builder's error. */
static GwLoweredVariable *
named_variable (GwExpandContext *context,
                const char      *name)
{
  const GPtrArray *all = gw_lowering_variables (context);

  for (guint i = 0; i < all->len; i++)
    if (g_str_equal (((GwLoweredVariable *) g_ptr_array_index (all, i))->name, name))
      return g_ptr_array_index (all, i);
  fail_unknown (context, name);
  return NULL;
}

/* What stands in the place of a value whose graph is left out while only checking. */
static GwOutput
stand_in (GwBuilder *b,
          GwDType    dtype,
          GwShape    shape)
{
  return gw_op (b, "Placeholder", GW_NO_IN, GW_WITH ({ "dtype", gw_attr_dtype (dtype) }, { "shape", gw_attr_shape (shape) }));
}

/* ---- Gradients ---- */

enum { GRADIENTS_YS, GRADIENTS_XS, GRADIENTS_GRAD_YS, GRADIENTS_STOPS };

/* The inputs by port. */
typedef struct {
  int             n_ys, n_xs, n_grad_ys, n_stops;
  const GwOutput *ys, *xs, *grad_ys, *stops;
} Wires;

static Wires
read_wires (const GwExpandContext *context)
{
  const int *sizes = context->port_sizes;
  Wires wires = { sizes[GRADIENTS_YS], sizes[GRADIENTS_XS], sizes[GRADIENTS_GRAD_YS], sizes[GRADIENTS_STOPS] };

  wires.ys = context->inputs;
  wires.xs = wires.ys + wires.n_ys;
  wires.grad_ys = wires.xs + wires.n_xs;
  wires.stops = wires.grad_ys + wires.n_grad_ys;
  return wires;
}

static gboolean
check_wires (GwExpandContext *context,
             const Wires     *wires,
             int              n_names)
{
  GwBuilder *b = context->builder;

  if (wires->n_xs + n_names == 0)
    gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT,
                     "nothing to differentiate with respect to: wire xs, or name variables in var_list");
  else if (wires->n_grad_ys > wires->n_ys)
    gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "grad_ys has %d gradients for %d ys", wires->n_grad_ys, wires->n_ys);
  for (int i = 0; i < wires->n_xs && b->error == NULL; i++)
    if (wires->xs[i].node == NULL)
      gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "nothing is wired to xs[%d]", i);
  return b->error == NULL;
}

/* Wired ones first, then those named. */
static GwOutput *
collect_xs (GwExpandContext   *context,
            const Wires       *wires,
            const GwAttrValue *names)
{
  GwOutput *xs = g_new0 (GwOutput, wires->n_xs + names->list.n);

  for (int i = 0; i < wires->n_xs; i++)
    xs[i] = wires->xs[i];
  for (int i = 0; i < names->list.n && context->builder->error == NULL; i++)
    {
      GwLoweredVariable *variable = named_variable (context, names->list.s[i]);

      if (variable != NULL)
        xs[wires->n_xs + i] = gw_optimizer_x (variable);
    }
  return xs;
}

static void
fail_unconnected (GwExpandContext *context,
                  GwOutput         x,
                  int              i)
{
  g_autofree char *name = gw_output_name (x);

  gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT,
                   "no path along which gradients flow leads from %s to ys: gradient %d is none; set unconnected_gradients "
                   "to zero to get zeros there", name, i);
}

static void
differentiate (GwExpandContext *context,
               const Wires     *wires,
               int              n,
               const GwOutput  *xs)
{
  GwBuilder *b = context->builder;
  gboolean zeros = g_str_equal (gw_expand_attr (context, "unconnected_gradients")->s, "zero");
  g_autofree GwGradient *gradients = g_new0 (GwGradient, n);
  g_autofree GwOutput *grad_ys = g_new0 (GwOutput, MAX (wires->n_ys, 1));
  g_autofree GwOutput *results = g_new0 (GwOutput, n);
  g_autoptr (GArray) stops = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  GwDifferentiation what = { .n_ys = wires->n_ys, .ys = wires->ys, .grad_ys = grad_ys, .n_xs = n, .xs = xs };

  for (int i = 0; i < wires->n_grad_ys; i++)
    grad_ys[i] = wires->grad_ys[i];
  for (int i = 0; i < wires->n_stops; i++)
    if (wires->stops[i].node != NULL)
      g_array_append_val (stops, wires->stops[i]);
  what.n_stops = (int) stops->len;
  what.stops = (const GwOutput *) stops->data;
  gw_differentiate (b, &what, gradients);
  for (int i = 0; i < n && b->error == NULL; i++)
    {
      if (gradients[i].values.node != NULL)
        results[i] = gw_gradient_to_dense (b, &gradients[i]);
      else if (zeros)
        results[i] = gw_op1 (b, "ZerosLike", gw_output_is_handle (xs[i]) ? gw_op1 (b, "ReadVariableOp", xs[i]) : xs[i]);
      else
        fail_unconnected (context, xs[i], i);
    }
  if (b->error == NULL)
    gw_lowering_set_outputs (context, n, results);
}

/* Types and shapes alone: those of xs. */
static void
outline (GwExpandContext *context,
         const Wires     *wires,
         int              n)
{
  GwDType dtype = gw_expand_attr (context, "X")->dtype;
  g_autofree GwOutput *results = g_new0 (GwOutput, n);

  if (wires->n_xs > 0)
    dtype = gw_output_dtype (wires->xs[0]);
  for (int i = 0; i < n; i++)
    results[i] = i < wires->n_xs ? stand_in (context->builder, dtype, *gw_output_shape (wires->xs[i]))
                                 : stand_in (context->builder, dtype, GW_SHAPE_UNKNOWN);
  gw_lowering_set_outputs (context, n, results);
}

static void
gradients_expand (GwExpandContext *context)
{
  const GwAttrValue *names = gw_expand_attr (context, "var_list");
  Wires wires = read_wires (context);
  int n = wires.n_xs + names->list.n;
  g_autofree GwOutput *xs = NULL;

  if (!check_wires (context, &wires, names->list.n))
    return;
  if (context->mode == GW_MODE_TRAIN && !gw_lowering_expands_training (context))
    {
      outline (context, &wires, n);
      return;
    }
  xs = collect_xs (context, &wires, names);
  if (context->builder->error == NULL)
    differentiate (context, &wires, n, xs);
}

#define FLOATS GW_CHOICES ("float32", "float64", "float16", "bfloat16")
#define TYPE(NAME) \
  { NAME, GW_ATTR_DTYPE, .def = "float32", .choices = FLOATS, .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }
#define NUMBER(NAME, HELP) { NAME, GW_ATTR_INT, .help = HELP, .flags = GW_ATTR_HIDDEN }

static const GwOpDef gradients_op = {
  .name = "Gradients", .since = 1, .title = "Gradients", .category = "training/Gradients",
  .summary = "How much each of the xs changes the sum of the ys.",
  .doc = "Output i is d (Σ ys) / d xs[i], of the shape of xs[i]: the gradients of all paths added up. Inside are the "
         "gradient nodes of TensorFlow. Wire a loss to `ys` and variables to `xs`, or name variables of layers in "
         "*Variables* (`hidden1/kernel`): their gradients stand behind those of xs. Then change the gradients as you like "
         "(clip them, say) and let *Apply gradients* use them.\n\n"
         "A gradient can be differentiated again. A gradient of rows that were picked (an embedding) comes whole here; "
         "*Minimize* keeps it as rows.\n\n"
         "An operation that has no gradient is an error that names the path it stands on; what is not connected at all is one "
         "too, unless zeros are asked for.\n\n"
         "Example: with x = [1, 2] and y = Square (x), `Gradients (y, x)` is [2, 4].",
  .inputs = GW_PORTS (
    { "ys", "T", "What is differentiated, usually a loss.", .number_attr = "n_ys" },
    { "xs", "X", "With respect to what.", .number_attr = "n_xs", .literal = "" },
    { "grad_ys", "T", "What each of the ys is weighted with, of its shape; ones where nothing is wired.",
      .number_attr = "n_grad_ys", .literal = "" },
    { "stop_gradients", "S", "What counts as constant: nothing flows back through it.", .number_attr = "n_stops", .literal = "" }),
  .outputs = GW_PORTS ({ "gradients", "X", "One for each of xs, then one for each variable named.", .number_attr = "n_xs" }),
  .attrs = GW_ATTRS (
    { "var_list", GW_ATTR_STRINGS, .label = "Variables", .help = "Names of further variables to differentiate with respect to." },
    { "unconnected_gradients", GW_ATTR_CHOICE, .def = "none", .choices = GW_CHOICES ("none", "zero"), .label = "Not connected",
      .help = "What an x gets that does not lead to ys: none is an error." },
    NUMBER ("n_ys", "How many ys are wired."), NUMBER ("n_xs", "How many xs are wired."),
    NUMBER ("n_grad_ys", "How many grad_ys are wired."), NUMBER ("n_stops", "How many stop_gradients are wired."),
    TYPE ("T"), TYPE ("X"), TYPE ("S")),
  .expand = gradients_expand,
};

/* ---- ApplyGradients ---- */

enum { APPLY_GRADIENTS, APPLY_VARIABLES, APPLY_RATE };

/* NULL with the builder's error. */
static GwLoweredVariable *
wired_variable (GwExpandContext *context,
                GwOutput         output,
                int              i)
{
  const GPtrArray *all = gw_lowering_variables (context);
  const GwNode *node = output.node != NULL ? gw_output_variable (output) : NULL;

  for (guint k = 0; node != NULL && k < all->len; k++)
    if (((GwLoweredVariable *) g_ptr_array_index (all, k))->variable == node)
      return g_ptr_array_index (all, k);
  gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT, "variables[%d] must be a variable", i);
  return NULL;
}

static gboolean
check_gradients (GwExpandContext *context,
                 int              n,
                 int              n_variables)
{
  GwBuilder *b = context->builder;

  if (n != n_variables)
    gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "%d gradients for %d variables: there must be as many of both", n, n_variables);
  for (int i = 0; i < n && b->error == NULL; i++)
    if (context->inputs[i].node == NULL)
      gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "nothing is wired to gradients[%d]", i);
  return b->error == NULL;
}

static gboolean
check_fit (GwExpandContext         *context,
           const GwLoweredVariable *variable,
           int                      i)
{
  GwDType dtype = gw_variable_node_dtype (variable->variable);
  const GwShape *want = &gw_node_attr (variable->variable, "shape")->shape;
  const GwShape *got = gw_output_shape (context->inputs[i]);
  g_autofree char *want_text = gw_shape_to_string (want);
  g_autofree char *got_text = gw_shape_to_string (got);

  if (gw_output_dtype (context->inputs[i]) == dtype && gw_shape_compatible (want, got))
    return TRUE;
  gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT, "gradients[%d] is %s %s, and its variable %s is %s %s", i,
                   gw_dtype_name (gw_output_dtype (context->inputs[i])), got_text, variable->name, gw_dtype_name (dtype),
                   want_text);
  return FALSE;
}

static void
apply_expand (GwExpandContext *context)
{
  const GwAttrValue *names = gw_expand_attr (context, "var_list");
  int n = context->port_sizes[APPLY_GRADIENTS];
  int n_wired = context->port_sizes[APPLY_VARIABLES];
  g_autofree GwLoweredVariable **variables = g_new0 (GwLoweredVariable *, MAX (n, 1));
  g_autofree GwGradient *gradients = g_new0 (GwGradient, MAX (n, 1));

  if (!check_gradients (context, n, n_wired + names->list.n) || !gw_lowering_expands_training (context))
    return;
  for (int i = 0; i < n && context->builder->error == NULL; i++)
    {
      variables[i] = i < n_wired ? wired_variable (context, context->inputs[n + i], i)
                                 : named_variable (context, names->list.s[i - n_wired]);
      gradients[i] = gw_gradient_whole (context->inputs[i]);
      if (variables[i] == NULL || !check_fit (context, variables[i], i))
        return;
    }
  gw_optimizer_apply (context, context->inputs[n + n_wired], n, variables, gradients);
}

static const GwOpDef apply_op = {
  .name = "ApplyGradients", .since = 1, .title = "Apply gradients", .category = "training/Gradients",
  .summary = "Changes variables by gradients that are wired to it, as an optimizer does.",
  .doc = "The second half of *Minimize*: one step of the optimizer for each pair of gradient and variable, with slot variables "
         "named as TensorFlow names them, and `global_step` counted. The variables are wired in the order of the gradients; "
         "those of layers, and those that go by handles, are named in *Variables*, in the order in which *Gradients* names "
         "them.\n\n"
         "Training runs the Apply gradients nodes that the training settings name.\n\n"
         "Example: `ApplyGradients (ClipByNorm (Gradients (loss, w), 1), w, 0.01; optimizer=GradientDescent)` is a step of a "
         "variable w whose gradient is at most 1 long.",
  .inputs = GW_PORTS (
    { "gradients", "T", "One for each variable, of its shape.", .number_attr = "N" },
    { "variables", "T", "The variables to change.", .number_attr = "n_variables", .is_ref = TRUE, .literal = "" },
    { "learning_rate", "R", "Scalar: a number, or a schedule.", .literal = "0.001" }),
  .attrs = GW_ATTRS (
    GW_OPTIMIZER_ATTRS,
    { "var_list", GW_ATTR_STRINGS, .label = "Variables",
      .help = "Names of further variables, for the gradients behind those of the wired ones." },
    NUMBER ("N", "How many gradients are wired."), NUMBER ("n_variables", "How many variables are wired."),
    TYPE ("T"), GW_OPTIMIZER_RATE_TYPE),
  .flags = GW_OP_STATEFUL | GW_OP_NO_GRADIENT,
  .expand = apply_expand,
  .tell = GW_TEXTS ("optimizer"),
};

const GwOpDef *const gw_composites_gradients[] = { &gradients_op, &apply_op, NULL };
