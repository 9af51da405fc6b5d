/* SPDX-License-Identifier: Apache-2.0 */
/* Which nodes a plan runs, and in which order: data, control, and every read of a
 * variable that does not follow a write before that write. */
#include "engine/base/error.h"
#include "engine/runtime/plan-private.h"

#include <string.h>

/* ---- selection ---- */

static void
need (GwCompiler *compiler,
      GArray     *stack,
      GwNode     *node)
{
  if (compiler->needed[node->id])
    return;
  compiler->needed[node->id] = TRUE;
  g_array_append_val (stack, node->id);
}

static void
need_output (GwCompiler *compiler,
             GArray     *stack,
             GwOutput    output)
{
  if (!compiler->fed[gw_plan_value_index (compiler->plan, output)])
    need (compiler, stack, output.node);
}

static void
need_inputs (GwCompiler *compiler,
             GArray     *stack,
             GwNode     *node)
{
  for (int i = 0; i < node->n_inputs; i++)
    need_output (compiler, stack, node->inputs[i]);
  for (guint i = 0; node->control_inputs != NULL && i < node->control_inputs->len; i++)
    need (compiler, stack, g_ptr_array_index (node->control_inputs, i));
}

/* A placeholder that runs was not fed: its kernel has the words for it. */
static gboolean
check_fed (GwNode  *node,
           GError **error)
{
  GwKernelContext context = { .node = node->name, .attrs = node->attrs };

  if (!g_str_equal (node->def->name, "Placeholder") || node->def->cpu (&context, error))
    return TRUE;
  gw_error_set_node (error, node->name, node->def->name);
  return FALSE;
}

gboolean
gw_plan_select (GwCompiler *compiler,
                GError    **error)
{
  const GwPlanSpec *spec = compiler->spec;
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (int));

  for (int i = 0; i < spec->n_fetches; i++)
    need_output (compiler, stack, spec->fetches[i]);
  for (int i = 0; i < spec->n_targets; i++)
    need (compiler, stack, spec->targets[i]);
  if (spec->guard.node != NULL)
    need_output (compiler, stack, spec->guard);
  while (stack->len > 0)
    {
      GwNode *node = gw_graph_node (spec->graph, g_array_index (stack, int, stack->len - 1));

      g_array_set_size (stack, stack->len - 1);
      if (!check_fed (node, error))
        return FALSE;
      need_inputs (compiler, stack, node);
    }
  return TRUE;
}

/* ---- order ---- */

/* Adjacency of the needed nodes: edges[id] lists who must come later. */
typedef struct {
  GwCompiler *compiler;
  int         n;
  GArray    **edges;
  int        *n_before;
} Order;

static void
add_edge (Order *order,
          int    before,
          int    after)
{
  if (before == after || !order->compiler->needed[before] || !order->compiler->needed[after])
    return;
  if (order->edges[before] == NULL)
    order->edges[before] = g_array_new (FALSE, FALSE, sizeof (int));
  g_array_append_val (order->edges[before], after);
  order->n_before[after]++;
}

static void
add_graph_edges (Order *order)
{
  GwGraph *graph = order->compiler->spec->graph;
  const gboolean *fed = order->compiler->fed;

  for (int id = 0; id < order->n; id++)
    {
      GwNode *node = gw_graph_node (graph, id);

      if (!order->compiler->needed[id])
        continue;
      for (int i = 0; i < node->n_inputs; i++)
        if (!fed[gw_plan_value_index (order->compiler->plan, node->inputs[i])])
          add_edge (order, node->inputs[i].node->id, id);
      for (guint i = 0; node->control_inputs != NULL && i < node->control_inputs->len; i++)
        add_edge (order, ((GwNode *) g_ptr_array_index (node->control_inputs, i))->id, id);
    }
}

gboolean
gw_plan_writes (const GwNode *node,
                int           input)
{
  const GwPortDef *port = gw_node_input_port (node, input);

  return port != NULL && port->is_ref && (node->def->flags & GW_OP_STATEFUL) != 0;
}

/* Marks everything that runs after `from` by data or control. */
static void
mark_after (Order    *order,
            int       from,
            gboolean *after)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (int));

  after[from] = TRUE;
  g_array_append_val (stack, from);
  while (stack->len > 0)
    {
      int id = g_array_index (stack, int, stack->len - 1);
      GArray *edges = order->edges[id];

      g_array_set_size (stack, stack->len - 1);
      for (guint i = 0; edges != NULL && i < edges->len; i++)
        {
          int next = g_array_index (edges, int, i);

          if (!after[next])
            {
              after[next] = TRUE;
              g_array_append_val (stack, next);
            }
        }
    }
}

/* Who reads each variable and who writes to it: VariableV2 id → list of node ids. */
typedef struct {
  GHashTable *readers;
  GHashTable *writers;
} Uses;

static void
note_use (GHashTable *table,
          GwNode     *variable,
          int         id)
{
  GArray *list = g_hash_table_lookup (table, variable);

  if (list == NULL)
    {
      list = g_array_new (FALSE, FALSE, sizeof (int));
      g_hash_table_insert (table, variable, list);
    }
  g_array_append_val (list, id);
}

/* The variable whose memory an output is when forwarding ops share it, or NULL. */
static GwNode *
memory_variable (const GwCompiler *compiler,
                 GwOutput          output)
{
  for (;;)
    {
      GwNode *variable = gw_output_variable (output);

      if (variable != NULL)
        return variable;
      if (output.index != 0 || (output.node->def->flags & GW_OP_FORWARDS_INPUT) == 0 ||
          output.node->n_inputs == 0 || compiler->copy_reads[output.node->id])
        return NULL;
      output = output.node->inputs[0];
    }
}

static void
collect_uses (GwCompiler *compiler,
              Uses       *uses)
{
  for (int id = 0; id < gw_graph_n_nodes (compiler->spec->graph); id++)
    {
      GwNode *node = gw_graph_node (compiler->spec->graph, id);

      for (int i = 0; compiler->needed[id] && i < node->n_inputs; i++)
        {
          GwNode *variable = memory_variable (compiler, node->inputs[i]);

          if (variable == NULL || compiler->fed[gw_plan_value_index (compiler->plan, node->inputs[i])])
            continue;
          note_use (gw_plan_writes (node, i) ? uses->writers : uses->readers, variable, id);
          if (gw_plan_writes (node, i))
            g_hash_table_add (compiler->written, variable);
        }
    }
}

typedef struct {
  int before, after;
} Edge;

/* "After" is by data and control alone, so all edges are found before any is added. */
static void
add_variable_edges (Order *order,
                    Uses  *uses)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Edge));
  g_autofree gboolean *after = g_new (gboolean, MAX (order->n, 1));
  GHashTableIter iter;
  gpointer variable, list;

  g_hash_table_iter_init (&iter, uses->writers);
  while (g_hash_table_iter_next (&iter, &variable, &list))
    {
      GArray *writers = list;
      GArray *readers = g_hash_table_lookup (uses->readers, variable);

      for (guint w = 0; w < writers->len && readers != NULL; w++)
        {
          int writer = g_array_index (writers, int, w);

          memset (after, 0, sizeof (gboolean) * (gsize) order->n);
          mark_after (order, writer, after);
          for (guint r = 0; r < readers->len; r++)
            if (!after[g_array_index (readers, int, r)])
              {
                Edge edge = { g_array_index (readers, int, r), writer };

                g_array_append_val (found, edge);
              }
        }
    }
  for (guint i = 0; i < found->len; i++)
    add_edge (order, g_array_index (found, Edge, i).before, g_array_index (found, Edge, i).after);
}

/* The guard is known before anything is written. */
static void
add_guard_edges (Order *order,
                 Uses  *uses)
{
  GwNode *guard = order->compiler->spec->guard.node;
  GHashTableIter iter;
  gpointer list;

  if (guard == NULL)
    return;
  g_hash_table_iter_init (&iter, uses->writers);
  while (g_hash_table_iter_next (&iter, NULL, &list))
    for (guint i = 0; i < ((GArray *) list)->len; i++)
      add_edge (order, guard->id, g_array_index ((GArray *) list, int, i));
}

/* A heap of ids that are ready, smallest first: creation order where it is free. */
static void
heap_push (GArray *heap,
           int     id)
{
  guint i = heap->len;
  int *items;

  g_array_append_val (heap, id);
  items = (int *) heap->data;
  for (; i > 0 && items[(i - 1) / 2] > items[i]; i = (i - 1) / 2)
    {
      int parent = items[(i - 1) / 2];

      items[(i - 1) / 2] = items[i];
      items[i] = parent;
    }
}

static int
heap_pop (GArray *heap)
{
  int *items = (int *) heap->data;
  int top = items[0];
  guint n = heap->len - 1;
  guint i = 0;

  items[0] = items[n];
  g_array_set_size (heap, n);
  for (;;)
    {
      guint child = 2 * i + 1;
      int swap;

      if (child >= n)
        return top;
      if (child + 1 < n && items[child + 1] < items[child])
        child++;
      if (items[i] <= items[child])
        return top;
      swap = items[i];
      items[i] = items[child];
      items[child] = swap;
      i = child;
    }
}

/* Kahn's algorithm; FALSE when the edges form a circle. */
static gboolean
sort_nodes (Order *order)
{
  GwCompiler *compiler = order->compiler;
  g_autoptr (GArray) ready = g_array_new (FALSE, FALSE, sizeof (int));
  int n_needed = 0;

  g_array_set_size (compiler->order, 0);
  for (int id = 0; id < order->n; id++)
    {
      n_needed += compiler->needed[id];
      if (compiler->needed[id] && order->n_before[id] == 0)
        heap_push (ready, id);
    }
  while (ready->len > 0)
    {
      int id = heap_pop (ready);
      GArray *edges = order->edges[id];

      g_array_append_val (compiler->order, id);
      for (guint i = 0; edges != NULL && i < edges->len; i++)
        if (--order->n_before[g_array_index (edges, int, i)] == 0)
          heap_push (ready, g_array_index (edges, int, i));
    }
  return (int) compiler->order->len == n_needed;
}

typedef enum { READS_FIRST = 1, GUARD_FIRST = 2 } Constraints;

static gboolean
try_order (GwCompiler *compiler,
           Constraints constraints)
{
  int n = gw_graph_n_nodes (compiler->spec->graph);
  Order order = { compiler, n, g_new0 (GArray *, MAX (n, 1)), g_new0 (int, MAX (n, 1)) };
  Uses uses = {
    g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref),
    g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref),
  };
  gboolean ok;

  add_graph_edges (&order);
  collect_uses (compiler, &uses);
  if ((constraints & READS_FIRST) != 0)
    add_variable_edges (&order, &uses);
  if ((constraints & GUARD_FIRST) != 0)
    add_guard_edges (&order, &uses);
  ok = sort_nodes (&order);
  for (int i = 0; i < n; i++)
    if (order.edges[i] != NULL)
      g_array_unref (order.edges[i]);
  g_free (order.edges);
  g_free (order.n_before);
  g_hash_table_unref (uses.readers);
  g_hash_table_unref (uses.writers);
  return ok;
}

/* Reads of variables that are written in this plan get memory of their own, so
 * that only the read itself, not all that use it, must come first. */
static void
copy_all_reads (GwCompiler *compiler)
{
  for (int id = 0; id < gw_graph_n_nodes (compiler->spec->graph); id++)
    {
      GwNode *node = gw_graph_node (compiler->spec->graph, id);

      if (compiler->needed[id] && node->n_inputs > 0 &&
          (node->def->flags & GW_OP_FORWARDS_INPUT) != 0 &&
          gw_output_variable (node->inputs[0]) != NULL)
        compiler->copy_reads[id] = TRUE;
    }
}

/* A fetched read of a variable that is written must show what it read. */
static void
copy_fetched_reads (GwCompiler *compiler)
{
  for (int i = 0; i < compiler->spec->n_fetches; i++)
    {
      GwOutput output = compiler->spec->fetches[i];
      GwNode *variable = memory_variable (compiler, output);

      if (variable != NULL && gw_output_variable (output) == NULL &&
          g_hash_table_contains (compiler->written, variable))
        compiler->copy_reads[output.node->id] = TRUE;
    }
}

gboolean
gw_plan_order (GwCompiler *compiler,
               GError    **error)
{
  if (!try_order (compiler, READS_FIRST | GUARD_FIRST))
    {
      copy_all_reads (compiler);
      if (!try_order (compiler, READS_FIRST | GUARD_FIRST) &&
          !try_order (compiler, GUARD_FIRST) &&
          !try_order (compiler, 0))
        return gw_invalid (error, "the graph holds a cycle");
    }
  copy_fetched_reads (compiler);
  return TRUE;
}
