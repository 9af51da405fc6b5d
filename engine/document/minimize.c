/* SPDX-License-Identifier: Apache-2.0 */
/* Minimize: gradients of a loss and the ops that apply them, as TensorFlow's
 * optimizers build them (python/training). */
#include "engine/document/averages.h"
#include "engine/document/composites.h"
#include "engine/document/optimizers.h"

#include <string.h>

/* ---- which variables ---- */

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
        found = gw_variable_is_chosen (g_ptr_array_index (all, i), NULL) &&
                gw_variable_is_under (((GwLoweredVariable *) g_ptr_array_index (all, i))->name, names->list.s[k]);
      if (found)
        continue;
      gw_builder_fail (context->builder, GW_ERROR_NOT_FOUND,
                       "var_list names “%s”, and the loss depends on no trainable variable of that name", names->list.s[k]);
      return FALSE;
    }
  return TRUE;
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp ((*(GwLoweredVariable *const *) a)->name, (*(GwLoweredVariable *const *) b)->name);
}

/* By name: what is added up over all of them does not depend on the order of drawing. NULL
 * after an error. */
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

      if (gw_variable_is_chosen (variable, names))
        g_ptr_array_add (chosen, variable);
    }
  g_ptr_array_sort (chosen, compare_names);
  return chosen;
}

/* ---- the whole ---- */

static void
minimize (GwExpandContext *context,
          const GPtrArray *variables)
{
  GwBuilder *b = context->builder;
  int n = (int) variables->len;
  g_autofree GwOutput *xs = g_new (GwOutput, MAX (n, 1));
  g_autofree GwGradient *gradients = g_new0 (GwGradient, MAX (n, 1));
  GwDifferentiation what = { .n_ys = 1, .ys = &context->inputs[0], .n_xs = n, .xs = xs };
  GwLoweredVariable *const *list = (GwLoweredVariable *const *) variables->pdata;
  g_autoptr (GArray) sums = NULL;
  GwNode *final;
  char *previous;

  for (int i = 0; i < n; i++)
    xs[i] = gw_optimizer_x (g_ptr_array_index (variables, (guint) i));
  previous = gw_builder_enter (b, "gradients");
  gw_differentiate (b, &what, gradients);
  gw_builder_leave (b, previous);
  sums = gw_gather_gradients (context, n, list, gradients);
  final = gw_optimizer_apply (context, context->inputs[1], n, list, gradients);
  final = gw_gathered_clear (context, gw_averages_move (context, final, n, list), sums);
  if (final != NULL)
    gw_lowering_set_final (context, final);
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
  g_autoptr (GPtrArray) variables = NULL;

  if (!check_loss (context) || !gw_lowering_expands_training (context))
    return;
  variables = chosen_variables (context);
  if (variables != NULL)
    minimize (context, variables);
}

static const GwOpDef minimize_op = {
  .name = "Minimize", .since = 1, .title = "Minimize", .category = "training/Minimizing",
  .summary = "Changes variables so that a loss gets smaller: gradients and the optimizer's updates.",
  .doc = "When it runs it computes the gradient of `loss` with respect to every trainable variable that the "
         "loss depends on, and applies one step of the optimizer. Inside are TensorFlow's own ops: the "
         "gradient nodes, one Apply… op a variable, and slot variables named as TensorFlow names them "
         "(`hidden1/kernel/Adam`). `global_step` counts the steps.\n\n"
         "Training runs the Minimize nodes that the training settings name: all of them at every step, or in turns where "
         "`turn_steps` says so, as the two sides of a GAN do. Gradients may be gathered over several batches. With "
         "`moving_average_decay` every variable has an average beside it (`hidden1/kernel/ExponentialMovingAverage`), which "
         "evaluation and prediction use in its place.\n\n"
         "Example: `Minimize (Loss (Dense (x), y), 0.01; optimizer=Adam)` trains a layer; the learning rate may be a schedule as well.",
  .inputs = GW_PORTS ({ "loss", "T", "Scalar." },
                      { "learning_rate", "R", "Scalar: a number, or a schedule.", .literal = "0.001" }),
  .attrs = GW_ATTRS (
    GW_OPTIMIZER_ATTRS,
    { "var_list", GW_ATTR_STRINGS, .label = "Variables",
      .help = "Names or scopes of the variables to change, or regular expressions such as `gen.*/kernel` that their names begin "
              "with; empty: all trainable ones." },
    { "turn_steps", GW_ATTR_INT, .def = "0", .min = 0, .max = 1e6, .ui_min = 0, .ui_max = 10, .label = "Takes turns", .unit = "steps",
      .help = "0: runs at every step. Else it takes turns with the others that have a number here: so many steps, then theirs, in "
              "the order of the training settings." },
    GW_AVERAGES_ATTRS,
    { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES,
      .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN },
    GW_OPTIMIZER_RATE_TYPE),
  .flags = GW_OP_STATEFUL | GW_OP_NO_GRADIENT,
  .expand = minimize_expand,
  .tell = GW_TEXTS ("optimizer"),
};

const GwOpDef *const gw_composites_training[] = { &minimize_op, NULL };
