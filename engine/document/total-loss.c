/* SPDX-License-Identifier: Apache-2.0 */
/* TotalLoss: what training minimises, losses and the penalties that layers put on their
 * weights (losses_impl.py's get_total_loss()). */
#include "engine/document/averages.h"
#include "engine/document/composites.h"
#include "engine/document/lower.h"
#include "engine/document/parts.h"

#include <string.h>

/* Marks, by node id, all that the outputs are computed from. */
static gboolean *
mark_ancestors (const GwGraph  *graph,
                int             n,
                const GwOutput *outputs)
{
  gboolean *marked = g_new0 (gboolean, MAX (gw_graph_n_nodes (graph), 1));
  g_autoptr (GPtrArray) open = g_ptr_array_new ();

  for (int i = 0; i < n; i++)
    if (outputs[i].node != NULL)
      g_ptr_array_add (open, outputs[i].node);
  while (open->len > 0)
    {
      const GwNode *node = g_ptr_array_steal_index_fast (open, open->len - 1);

      if (marked[node->id])
        continue;
      marked[node->id] = TRUE;
      for (int i = 0; i < node->n_inputs; i++)
        g_ptr_array_add (open, node->inputs[i].node);
    }
  return marked;
}

static int
compare_weights (gconstpointer a,
                 gconstpointer b)
{
  return strcmp (((const GwLoweredPenalty *) a)->weights.node->name, ((const GwLoweredPenalty *) b)->weights.node->name);
}

/* Those of the weights on which the losses depend, by the names of these: what is added up does
 * not depend on the order of drawing. */
static GArray *
collect_penalties (GwExpandContext *context,
                   GwDType          dtype)
{
  g_autofree gboolean *marked = mark_ancestors (context->builder->graph, context->n_inputs, context->inputs);
  int n_marked = gw_graph_n_nodes (context->builder->graph);
  g_autoptr (GArray) all = g_array_copy ((GArray *) gw_lowering_penalties (context));
  const char *scope = gw_expand_attr (context, "scope")->s;
  GArray *chosen = g_array_new (FALSE, FALSE, sizeof (GwOutput));

  g_array_sort (all, compare_weights);
  for (guint i = 0; i < all->len; i++)
    {
      const GwLoweredPenalty *penalty = &g_array_index (all, GwLoweredPenalty, i);
      GwOutput value;

      if (penalty->weights.node->id >= n_marked || !marked[penalty->weights.node->id] ||
          (*scope != '\0' && !gw_variable_is_under (penalty->weights.node->name, scope)))
        continue;
      value = gw_part_cast (context->builder, penalty->penalty, dtype);
      g_array_append_val (chosen, value);
    }
  return chosen;
}

static GwOutput
sum (GwBuilder    *b,
     const GArray *terms)
{
  const GwOutput *values = (const GwOutput *) terms->data;

  return terms->len == 1 ? values[0] : gw_op (b, "AddN", (int) terms->len, values, NULL);
}

static void
total_loss_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  GwDType dtype = gw_output_dtype (context->inputs[0]);
  g_autoptr (GArray) terms = NULL;

  for (int i = 0; i < context->n_inputs; i++)
    {
      const GwShape *shape = gw_output_shape (context->inputs[i]);
      g_autofree char *text = gw_shape_to_string (shape);

      if (!gw_shape_compatible (shape, &GW_SHAPE_SCALAR))
        {
          gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "losses[%d] must be a scalar, but is %s; take its Mean or Sum first", i, text);
          return;
        }
    }
  terms = collect_penalties (context, dtype);
  context->outputs[1] = terms->len > 0 ? sum (b, terms) : gw_const_scalar (b, dtype, 0);
  g_array_prepend_vals (terms, context->inputs, (guint) context->n_inputs);
  context->outputs[0] = terms->len > 1 ? sum (b, terms) : gw_op1 (b, "Identity", context->inputs[0]);
}

static const GwOpDef total_loss = {
  .name = "TotalLoss", .since = 1, .title = "Total loss", .category = "losses/Losses",
  .summary = "Adds losses up, and what layers put on the size of their weights.",
  .doc = "As tf.losses.get_total_loss. Every layer on which the losses depend and whose *Kernel penalty* (or another one) is not "
         "none adds its penalty: l1 pulls weights to exactly 0, l2 keeps them small, l1_l2 is the elastic net. Wire `total` to "
         "*Minimize*; `regularization` is the penalties' part of it, 0 where there are none.",
  .inputs = GW_PORTS ({ "losses", "T", "Scalars.", .number_attr = "N" }),
  .outputs = GW_PORTS ({ "total", "T", "Scalar: the sum." }, { "regularization", "T", "Scalar: the penalties alone." }),
  .attrs = GW_ATTRS (
    { "N", GW_ATTR_INT, .def = "1", .min = 1, .max = 1e6, .help = "Number of losses; follows from what is wired.", .flags = GW_ATTR_HIDDEN },
    { "scope", GW_ATTR_STRING, .def = "", .label = "Penalties of",
      .help = "Name or scope of the layers whose penalties are added, or a regular expression that the names of their variables "
              "begin with; empty: all on which the losses depend." },
    GW_LAYER_TYPE_ATTR),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("1.5", "2"), NULL, GW_TEXTS ("3.5", "0") }),
  .expand = total_loss_expand,
};

const GwOpDef *const gw_composites_total_loss[] = { &total_loss, NULL };
