/* SPDX-License-Identifier: Apache-2.0 */
/* Minimize: gradients of a loss and the ops that apply them, as TensorFlow's
 * optimizers build them (python/training). */
#include "engine/document/composites.h"
#include "engine/document/lower.h"
#include "engine/graph/gradient.h"

#include <string.h>

/* What an optimizer needs while it is built. */
typedef struct {
  GwExpandContext *context;
  GwBuilder       *b;
  GwOutput         learning_rate;
  GwDType          dtype;          /* of the loss */
  GwOutput         beta1_power, beta2_power; /* Adam: references */
  GwOutput         beta1, beta2, epsilon, momentum;
  GPtrArray       *updates;        /* of GwNode */
} Optimizer;

static GwOutput
scalar_attr (Optimizer  *optimizer,
             const char *name)
{
  return gw_const_scalar (optimizer->b, optimizer->dtype, gw_expand_attr (optimizer->context, name)->f);
}

/* A slot variable “<variable>/<name>”, like the variable and zero at first. The second
 * of a name gets “_1”, whichever optimizer asks: slot_creator.py. */
static GwOutput
slot (Optimizer               *optimizer,
      const GwLoweredVariable *variable,
      const char              *name)
{
  g_autofree char *full_name = g_strdup_printf ("%s/%s", variable->name, name);
  GwOutput reference = { variable->variable, 0 };
  GwLoweredVariable *made = gw_lowering_new_variable (optimizer->context, full_name, gw_output_dtype (reference),
                                                      gw_output_shape (reference), "zeros");

  return made != NULL ? gw_output_of (made->variable, 0) : GW_NO_OUTPUT;
}

/* A hyper-parameter in the type of the variable that it updates. */
static GwOutput
cast_for (Optimizer               *optimizer,
          const GwLoweredVariable *variable,
          GwOutput                 value)
{
  GwDType dtype = variable->variable->dtypes[0];

  if (value.node == NULL || gw_output_dtype (value) == dtype)
    return value;
  return gw_op (optimizer->b, "Cast", GW_IN (value), GW_WITH ({ "DstT", gw_attr_dtype (dtype) }));
}

static GwNode *
update_gradient_descent (Optimizer               *optimizer,
                         const GwLoweredVariable *variable,
                         GwOutput                 gradient)
{
  return gw_node_new (optimizer->b, "ApplyGradientDescent", NULL,
                      GW_IN ((GwOutput) { variable->variable, 0 },
                             cast_for (optimizer, variable, optimizer->learning_rate), gradient), NULL);
}

static GwNode *
update_momentum (Optimizer               *optimizer,
                 const GwLoweredVariable *variable,
                 GwOutput                 gradient)
{
  return gw_node_new (optimizer->b, "ApplyMomentum", NULL,
                      GW_IN ((GwOutput) { variable->variable, 0 }, slot (optimizer, variable, "Momentum"),
                             cast_for (optimizer, variable, optimizer->learning_rate), gradient,
                             cast_for (optimizer, variable, optimizer->momentum)),
                      GW_WITH ({ "use_nesterov", *gw_expand_attr (optimizer->context, "use_nesterov") }));
}

static GwNode *
update_adam (Optimizer               *optimizer,
             const GwLoweredVariable *variable,
             GwOutput                 gradient)
{
  GwOutput m = slot (optimizer, variable, "Adam");
  GwOutput v = slot (optimizer, variable, "Adam");

  return gw_node_new (optimizer->b, "ApplyAdam", NULL,
                      GW_IN ((GwOutput) { variable->variable, 0 }, m, v,
                             cast_for (optimizer, variable, optimizer->beta1_power),
                             cast_for (optimizer, variable, optimizer->beta2_power),
                             cast_for (optimizer, variable, optimizer->learning_rate),
                             cast_for (optimizer, variable, optimizer->beta1),
                             cast_for (optimizer, variable, optimizer->beta2),
                             cast_for (optimizer, variable, optimizer->epsilon), gradient), NULL);
}

/* Each optimizer has its own: adam.py, _create_slots(). */
static GwOutput
beta_power (Optimizer  *optimizer,
            const char *name,
            const char *attr)
{
  double beta = gw_expand_attr (optimizer->context, attr)->f;
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *initializer = g_strdup_printf ("constant(%s)", g_ascii_dtostr (number, sizeof number, beta));
  GwLoweredVariable *made = gw_lowering_new_variable (optimizer->context, name, optimizer->dtype,
                                                      &GW_SHAPE_SCALAR, initializer);

  return made != NULL ? gw_output_of (made->variable, 0) : GW_NO_OUTPUT;
}

static void
prepare_none (Optimizer *optimizer)
{
}

static void
prepare_momentum (Optimizer *optimizer)
{
  optimizer->momentum = scalar_attr (optimizer, "momentum");
}

static void
prepare_adam (Optimizer *optimizer)
{
  optimizer->beta1_power = beta_power (optimizer, "beta1_power", "beta1");
  optimizer->beta2_power = beta_power (optimizer, "beta2_power", "beta2");
  optimizer->beta1 = scalar_attr (optimizer, "beta1");
  optimizer->beta2 = scalar_attr (optimizer, "beta2");
  optimizer->epsilon = scalar_attr (optimizer, "epsilon");
}

static GwNode *group_updates (Optimizer *optimizer);

static void
multiply_power (Optimizer *optimizer,
                GwNode    *after,
                GwOutput   power,
                GwOutput   beta)
{
  GwNode *assign = gw_node_new (optimizer->b, "Assign", NULL,
                                GW_IN (power, gw_op2 (optimizer->b, "Mul", power, beta)), NULL);

  if (assign == NULL)
    return;
  gw_graph_add_control (assign, after);
  g_ptr_array_add (optimizer->updates, assign);
}

static void
finish_none (Optimizer *optimizer)
{
}

static void
finish_adam (Optimizer *optimizer)
{
  GwNode *after = group_updates (optimizer);

  if (after == NULL)
    return;
  multiply_power (optimizer, after, optimizer->beta1_power, optimizer->beta1);
  multiply_power (optimizer, after, optimizer->beta2_power, optimizer->beta2);
}

static const struct {
  const char *name;
  void      (*prepare) (Optimizer *optimizer);
  GwNode   *(*update) (Optimizer *optimizer, const GwLoweredVariable *variable, GwOutput gradient);
  void      (*finish) (Optimizer *optimizer);
} optimizers[] = {
  { "GradientDescent", prepare_none, update_gradient_descent, finish_none },
  { "Momentum", prepare_momentum, update_momentum, finish_none },
  { "Adam", prepare_adam, update_adam, finish_adam },
};

static GwNode *
group_updates (Optimizer *optimizer)
{
  GwNode *group = gw_node_new (optimizer->b, "NoOp", "update", GW_NO_IN, NULL);

  for (guint i = 0; group != NULL && i < optimizer->updates->len; i++)
    gw_graph_add_control (group, g_ptr_array_index (optimizer->updates, i));
  return group;
}

/* ---- which variables ---- */

/* "hidden1" and "hidden1/" stand for all variables under it. */
static gboolean
is_under (const char *name,
          const char *prefix)
{
  gsize length = strlen (prefix);

  while (length > 0 && prefix[length - 1] == '/')
    length--;
  return length > 0 && strncmp (name, prefix, length) == 0 && (name[length] == '\0' || name[length] == '/');
}

static gboolean
can_train (const GwLoweredVariable *variable)
{
  return variable->trainable && gw_dtype_is_floating (variable->variable->dtypes[0]);
}

/* A name that stands for none is a mistake, not a wish. */
static gboolean
check_names (GwExpandContext   *context,
             const GPtrArray   *all,
             const GwAttrValue *names)
{
  for (int k = 0; k < names->list.n; k++)
    {
      gboolean found = FALSE;

      for (guint i = 0; i < all->len && !found; i++)
        found = can_train (g_ptr_array_index (all, i)) &&
                is_under (((GwLoweredVariable *) g_ptr_array_index (all, i))->name, names->list.s[k]);
      if (found)
        continue;
      gw_builder_fail (context->builder, GW_ERROR_NOT_FOUND,
                       "var_list names “%s”, and the loss depends on no trainable variable of that name", names->list.s[k]);
      return FALSE;
    }
  return TRUE;
}

static gboolean
is_chosen (const GwAttrValue *names,
           const char        *name)
{
  for (int i = 0; i < names->list.n; i++)
    if (is_under (name, names->list.s[i]))
      return TRUE;
  return names->list.n == 0;
}

/* NULL after an error. */
static GPtrArray *
chosen_variables (GwExpandContext *context)
{
  const GPtrArray *all = gw_lowering_variables (context);
  const GwAttrValue *names = gw_expand_attr (context, "var_list");
  GPtrArray *chosen;

  if (!check_names (context, all, names))
    return NULL;
  chosen = g_ptr_array_new ();
  for (guint i = 0; i < all->len; i++)
    {
      GwLoweredVariable *variable = g_ptr_array_index (all, i);

      if (can_train (variable) && is_chosen (names, variable->name))
        g_ptr_array_add (chosen, variable);
    }
  return chosen;
}

/* ---- the whole ---- */

static void
update_all (Optimizer       *optimizer,
            const GPtrArray *variables,
            const GwOutput  *gradients,
            int              kind)
{
  GwBuilder *b = optimizer->b;

  for (guint i = 0; i < variables->len && b->error == NULL; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (variables, i);
      g_autofree char *scope = g_strdup_printf ("update_%s", variable->name);
      char *previous;
      GwNode *update;

      if (gradients[i].node == NULL)
        continue;
      previous = gw_builder_enter (b, scope);
      update = optimizers[kind].update (optimizer, variable, gradients[i]);
      gw_builder_leave (b, previous);
      if (update != NULL)
        g_ptr_array_add (optimizer->updates, update);
    }
}

static void
count_step (Optimizer *optimizer)
{
  GwBuilder *b = optimizer->b;
  GwNode *after = group_updates (optimizer);
  GwLoweredVariable *step = gw_lowering_global_variable (optimizer->context, "global_step", GW_INT64,
                                                         &GW_SHAPE_SCALAR, "zeros");
  GwNode *add;

  if (after == NULL || step == NULL)
    return;
  add = gw_node_new (b, "AssignAdd", NULL,
                     GW_IN ((GwOutput) { step->variable, 0 }, gw_const (b, gw_tensor_new_int64 (1))), NULL);
  if (add == NULL)
    return;
  gw_graph_add_control (add, after);
  gw_lowering_set_final (optimizer->context, add);
}

static void
minimize (Optimizer       *optimizer,
          const GPtrArray *variables,
          int              kind)
{
  GwExpandContext *context = optimizer->context;
  GwBuilder *b = optimizer->b;
  g_autofree GwOutput *xs = g_new (GwOutput, MAX (variables->len, 1));
  g_autofree GwOutput *gradients = g_new0 (GwOutput, MAX (variables->len, 1));
  char *previous;

  for (guint i = 0; i < variables->len; i++)
    xs[i] = ((GwLoweredVariable *) g_ptr_array_index (variables, i))->read;
  previous = gw_builder_enter (b, "gradients");
  gw_gradients (b, 1, &context->inputs[0], NULL, (int) variables->len, xs, gradients);
  gw_builder_leave (b, previous);
  if (b->error != NULL)
    return;
  optimizers[kind].prepare (optimizer);
  update_all (optimizer, variables, gradients, kind);
  if (b->error == NULL && optimizer->updates->len == 0)
    {
      gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT,
                       "No gradients provided for any variable: the loss depends on no trainable variable%s",
                       variables->len == 0 ? "" : " through ops that have gradients");
      return;
    }
  optimizers[kind].finish (optimizer);
  count_step (optimizer);
}

static gboolean
check_loss (GwExpandContext *context)
{
  const GwShape *shape = gw_output_shape (context->inputs[0]);
  g_autofree char *text = gw_shape_to_string (shape);

  if (gw_shape_compatible (shape, &GW_SHAPE_SCALAR))
    return TRUE;
  gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT,
                   "loss must be a scalar, but is %s; take its Mean or Sum first", text);
  return FALSE;
}

static void
minimize_expand (GwExpandContext *context)
{
  Optimizer optimizer = {
    .context = context, .b = context->builder,
    .learning_rate = context->inputs[1], .dtype = gw_output_dtype (context->inputs[0]),
  };
  const char *name = gw_expand_attr (context, "optimizer")->s;
  g_autoptr (GPtrArray) variables = NULL;

  if (!check_loss (context) || !gw_lowering_expands_training (context))
    return;
  variables = chosen_variables (context);
  if (variables == NULL)
    return;
  optimizer.updates = g_ptr_array_new ();
  for (guint kind = 0; kind < G_N_ELEMENTS (optimizers); kind++)
    if (g_str_equal (optimizers[kind].name, name))
      minimize (&optimizer, variables, (int) kind);
  g_ptr_array_unref (optimizer.updates);
}

static const GwOpDef minimize_op = {
  .name = "Minimize", .since = 1, .title = "Minimize", .category = "training/Minimizing",
  .summary = "Changes variables so that a loss gets smaller: gradients and the optimizer's updates.",
  .doc = "When it runs it computes the gradient of `loss` with respect to every trainable variable that the "
         "loss depends on, and applies one step of the optimizer. Inside are TensorFlow's own ops: the "
         "gradient nodes, one Apply… op a variable, and slot variables named as TensorFlow names them "
         "(`hidden1/kernel/Adam`). `global_step` counts the steps.\n\n"
         "Training runs the Minimize nodes that the training settings name.",
  .inputs = GW_PORTS ({ "loss", "T", "Scalar." },
                      { "learning_rate", "T", "Scalar: a number, or a schedule.", .literal = "0.001" }),
  .attrs = GW_ATTRS (
    { "optimizer", GW_ATTR_CHOICE, .def = "Adam", .label = "Optimizer",
      .choices = GW_CHOICES ("GradientDescent", "Momentum", "Adam"), .help = "How gradients become updates." },
    { "momentum", GW_ATTR_FLOAT, .def = "0.9", .ui_min = 0, .ui_max = 1, .label = "Momentum",
      .help = "Share of the last update that is kept.", .visible_if = "optimizer=Momentum" },
    { "use_nesterov", GW_ATTR_BOOL, .def = "false", .label = "Nesterov",
      .help = "Look ahead along the momentum.", .visible_if = "optimizer=Momentum" },
    { "beta1", GW_ATTR_FLOAT, .def = "0.9", .min = 0, .max = 1, .label = "β₁",
      .help = "Decay of the mean of the gradient.", .visible_if = "optimizer=Adam" },
    { "beta2", GW_ATTR_FLOAT, .def = "0.999", .min = 0, .max = 1, .label = "β₂",
      .help = "Decay of the mean of its square.", .visible_if = "optimizer=Adam" },
    { "epsilon", GW_ATTR_FLOAT, .def = "1e-8", .min = 0, .max = 1, .label = "ε",
      .help = "Keeps the division finite.", .visible_if = "optimizer=Adam" },
    { "var_list", GW_ATTR_STRINGS, .label = "Variables",
      .help = "Names or scopes of the variables to change; empty: all trainable ones." },
    { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES, .flags = GW_ATTR_HIDDEN }),
  .flags = GW_OP_STATEFUL | GW_OP_NO_GRADIENT,
  .expand = minimize_expand,
  .tell = GW_TEXTS ("optimizer"),
};

const GwOpDef *const gw_composites_training[] = { &minimize_op, NULL };
