/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/costs.h"

#include "engine/graph/flops.h"

static GwNodeCost *
cost_of (GHashTable *costs,
         int64_t     id)
{
  gpointer key = GSIZE_TO_POINTER ((gsize) id);
  GwNodeCost *cost = g_hash_table_lookup (costs, key);

  if (cost == NULL)
    g_hash_table_insert (costs, key, cost = g_new0 (GwNodeCost, 1));
  return cost;
}

/* Nodes that make the initial values of variables run once, not for each example. */
static void
mark_initial (const GwNode *node,
              gboolean     *initial)
{
  if (initial[node->id])
    return;
  initial[node->id] = TRUE;
  for (int i = 0; i < node->n_inputs; i++)
    mark_initial (node->inputs[i].node, initial);
}

/* Whether the node reckons with sizes alone, whole numbers that come from shapes: that is work for the graph, not
 * for an example. `sizes` tells of the nodes before it. */
static gboolean
is_of_sizes (const GwNode   *node,
             const gboolean *sizes)
{
  static const char *const sources[] = { "Shape", "ShapeN", "Size", "Rank", "Const", NULL };

  for (int i = 0; i < node->n_outputs; i++)
    if (!gw_dtype_is_integer (node->dtypes[i]))
      return FALSE;
  if (g_strv_contains (sources, node->def->name))
    return TRUE;
  for (int i = 0; i < node->n_inputs; i++)
    if (node->inputs[i].node->id >= node->id || !sizes[node->inputs[i].node->id])
      return FALSE;
  return node->n_inputs > 0;
}

GHashTable *
gw_lowered_costs (const GwLowered *lowered)
{
  GHashTable *costs = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  int n = gw_graph_n_nodes (lowered->graph);
  g_autofree gboolean *initial = g_new0 (gboolean, MAX (n, 1));
  g_autofree gboolean *sizes = g_new0 (gboolean, MAX (n, 1));

  for (guint i = 0; i < lowered->variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (lowered->variables, i);
      GwShape shape = gw_variable_node_shape (variable->variable);
      int64_t elements = gw_shape_is_known (&shape) ? gw_shape_elements (&shape) : -1;

      if (variable->trainable && elements > 0)
        cost_of (costs, variable->origin)->parameters += elements;
      mark_initial (variable->initializer, initial);
    }
  for (int id = 0; id < n; id++)
    {
      const GwNode *node = gw_graph_node (lowered->graph, id);
      double flops;

      sizes[id] = is_of_sizes (node, sizes);
      flops = initial[id] || sizes[id] ? 0 : gw_node_flops (node);
      if (flops > 0 && node->origin != 0)
        cost_of (costs, node->origin)->flops += flops;
    }
  return costs;
}
