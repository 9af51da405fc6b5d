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

static gboolean
is_fed (const GwCompiler *compiler,
        GwOutput          output)
{
  return compiler->fed[gw_plan_value_index (compiler->plan, output)];
}

static void
need_output (GwCompiler *compiler,
             GArray     *stack,
             GwOutput    output)
{
  if (!is_fed (compiler, output))
    need (compiler, stack, output.node);
}

/* core/graph/subgraph.cc, FeedInputs(): what waits for a placeholder has what it waits
 * for once that is fed. Any other node runs for those who wait for it, fed or not. */
static gboolean
feed_replaces (const GwCompiler *compiler,
               const GwNode     *node)
{
  return g_str_equal (node->def->name, "Placeholder") && is_fed (compiler, (GwOutput) { (GwNode *) node, 0 });
}

static void
need_node (GwCompiler *compiler,
           GArray     *stack,
           GwNode     *node)
{
  if (!feed_replaces (compiler, node))
    need (compiler, stack, node);
}

static void
need_inputs (GwCompiler *compiler,
             GArray     *stack,
             GwNode     *node)
{
  for (int i = 0; i < node->n_inputs; i++)
    need_output (compiler, stack, node->inputs[i]);
  for (guint i = 0; node->control_inputs != NULL && i < node->control_inputs->len; i++)
    need_node (compiler, stack, g_ptr_array_index (node->control_inputs, i));
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
    need_node (compiler, stack, spec->targets[i]);
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

/* ---- edges ---- */

/* A hard edge is one of data or control. A soft one keeps a read before a write; where
 * such edges contradict each other, one of them gives way. */
typedef struct {
  int      before, after;
  gboolean soft;
} Edge;

typedef struct {
  GwCompiler *compiler;
  int         n;
  GArray     *edges;    /* of Edge */
  int        *start;    /* per node and one more: its followers in `followers` */
  Edge       *followers;
  int        *position; /* in an order of data and control alone */
} Order;

static void
add_edge (Order   *order,
          int      before,
          int      after,
          gboolean soft)
{
  Edge edge = { before, after, soft };

  if (before != after && order->compiler->needed[before] && order->compiler->needed[after])
    g_array_append_val (order->edges, edge);
}

static void
add_graph_edges (Order *order)
{
  GwGraph *graph = order->compiler->spec->graph;

  for (int id = 0; id < order->n; id++)
    {
      GwNode *node = gw_graph_node (graph, id);

      if (!order->compiler->needed[id])
        continue;
      for (int i = 0; i < node->n_inputs; i++)
        if (!is_fed (order->compiler, node->inputs[i]))
          add_edge (order, node->inputs[i].node->id, id, FALSE);
      for (guint i = 0; node->control_inputs != NULL && i < node->control_inputs->len; i++)
        add_edge (order, ((GwNode *) g_ptr_array_index (node->control_inputs, i))->id, id, FALSE);
    }
}

/* The edges of each node side by side. */
static void
gather_followers (Order *order)
{
  const Edge *edges = (const Edge *) order->edges->data;
  g_autofree int *fill = g_new (int, order->n + 1);

  order->start = g_renew (int, order->start, order->n + 1);
  order->followers = g_renew (Edge, order->followers, MAX (order->edges->len, 1));
  memset (order->start, 0, sizeof (int) * ((gsize) order->n + 1));
  for (guint i = 0; i < order->edges->len; i++)
    order->start[edges[i].before + 1]++;
  for (int id = 0; id < order->n; id++)
    order->start[id + 1] += order->start[id];
  memcpy (fill, order->start, sizeof (int) * ((gsize) order->n + 1));
  for (guint i = 0; i < order->edges->len; i++)
    order->followers[fill[edges[i].before]++] = edges[i];
}

/* ---- sorting ---- */

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

/* Kahn's algorithm. A node whose hard edges are all met waits in `held` for its soft
 * ones; when nothing else can go on, the oldest of those goes without. */
typedef struct {
  int    *n_hard, *n_soft; /* edges that each node still waits for */
  GArray *ready, *held;
  gboolean *queued;        /* is or was in `ready` */
} Sorter;

static void
queue_node (Sorter *sorter,
            int     id)
{
  if (sorter->n_hard[id] > 0 || sorter->queued[id])
    return;
  sorter->queued[id] = sorter->n_soft[id] == 0;
  heap_push (sorter->queued[id] ? sorter->ready : sorter->held, id);
}

/* FALSE when only a circle of hard edges is left. */
static gboolean
release_held (Sorter *sorter)
{
  while (sorter->held->len > 0)
    {
      int id = heap_pop (sorter->held);

      if (sorter->queued[id])
        continue;
      sorter->queued[id] = TRUE;
      heap_push (sorter->ready, id);
      return TRUE;
    }
  return FALSE;
}

static void
place_node (Order  *order,
            Sorter *sorter,
            int     id)
{
  g_array_append_val (order->compiler->order, id);
  for (int i = order->start[id]; i < order->start[id + 1]; i++)
    {
      const Edge *edge = &order->followers[i];

      if (edge->soft)
        sorter->n_soft[edge->after]--;
      else
        sorter->n_hard[edge->after]--;
      queue_node (sorter, edge->after);
    }
}

/* Into compiler->order. FALSE when data and control edges form a circle; *gave_way tells
 * whether a soft edge could not be kept. */
static gboolean
sort_nodes (Order    *order,
            gboolean *gave_way)
{
  g_autofree int *n_hard = g_new0 (int, order->n);
  g_autofree int *n_soft = g_new0 (int, order->n);
  g_autofree gboolean *queued = g_new0 (gboolean, order->n);
  g_autoptr (GArray) ready = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GArray) held = g_array_new (FALSE, FALSE, sizeof (int));
  Sorter sorter = { n_hard, n_soft, ready, held, queued };
  guint n_needed = 0;

  *gave_way = FALSE;
  g_array_set_size (order->compiler->order, 0);
  gather_followers (order);
  for (int i = 0; i < order->start[order->n]; i++)
    (order->followers[i].soft ? n_soft : n_hard)[order->followers[i].after]++;
  for (int id = 0; id < order->n; id++)
    if (order->compiler->needed[id])
      {
        n_needed++;
        queue_node (&sorter, id);
      }
  for (;;)
    {
      if (ready->len == 0)
        {
          if (!release_held (&sorter))
            return order->compiler->order->len == n_needed;
          *gave_way = TRUE;
        }
      place_node (order, &sorter, heap_pop (ready));
    }
}

/* ---- variables ---- */

gboolean
gw_plan_writes (const GwNode *node,
                int           input)
{
  gboolean is_ref = gw_node_input_port (node, input)->is_ref;
  gboolean is_handle = gw_output_is_handle (node->inputs[input]);

  if ((node->def->flags & GW_OP_WRITES_VARIABLE) != 0)
    return is_ref || is_handle;
  return (is_ref && node->n_outputs > 0 && gw_node_output_is_ref (node, 0)) || (is_handle && node->n_outputs == 0);
}

/* Identity of a handle: the variable's content is not looked at. */
static gboolean
passes_handle_on (const GwNode *node)
{
  return node->n_outputs > 0 && gw_output_is_handle ((GwOutput) { (GwNode *) node, 0 });
}

/* Whose memory output 0 of a node is, when ops that pass their input on share it. */
typedef struct {
  GwNode *variable; /* NULL = memory of its own */
  GwNode *point;    /* where the variable is read: the first op behind it */
} Memory;

static Memory
memory_of (const GwCompiler *compiler,
           const Memory     *memories,
           GwOutput          output)
{
  GwNode *variable = is_fed (compiler, output) ? NULL : gw_output_variable (output);

  if (variable != NULL)
    return (Memory) { variable, NULL };
  return output.index == 0 && !is_fed (compiler, output) ? memories[output.node->id] : (Memory) { NULL, NULL };
}

/* Inputs have smaller numbers than their users, so one pass finds them all. */
static Memory *
find_memories (const GwCompiler *compiler)
{
  int n = gw_graph_n_nodes (compiler->spec->graph);
  Memory *memories = g_new0 (Memory, MAX (n, 1));

  for (int id = 0; id < n; id++)
    {
      GwNode *node = gw_graph_node (compiler->spec->graph, id);

      if (!compiler->needed[id] || (node->def->flags & GW_OP_FORWARDS_INPUT) == 0 ||
          node->n_inputs == 0 || compiler->copy_reads[id])
        continue;
      memories[id] = memory_of (compiler, memories, node->inputs[0]);
      if (memories[id].variable != NULL && memories[id].point == NULL)
        memories[id].point = node;
    }
  return memories;
}

typedef struct {
  int reader; /* node that needs the memory as it was */
  int point;  /* node that reads the variable on its behalf; may be itself */
} Read;

/* What happens to one variable. */
typedef struct {
  GArray *reads;    /* of Read */
  GArray *writers;  /* of int */
} Use;

static void
use_free (gpointer data)
{
  Use *use = data;

  g_array_unref (use->reads);
  g_array_unref (use->writers);
  g_free (use);
}

static Use *
use_of (GHashTable   *uses,
        const GwNode *variable)
{
  const char *name = gw_session_variable_name (variable);
  Use *use = g_hash_table_lookup (uses, name);

  if (use != NULL)
    return use;
  use = g_new (Use, 1);
  use->reads = g_array_new (FALSE, FALSE, sizeof (Read));
  use->writers = g_array_new (FALSE, FALSE, sizeof (int));
  g_hash_table_insert (uses, (gpointer) name, use);
  return use;
}

/* By the variable's name: several nodes may stand for one variable. */
static GHashTable *
find_uses (GwCompiler *compiler)
{
  GHashTable *uses = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, use_free);
  g_autofree Memory *memories = find_memories (compiler);

  for (int id = 0; id < gw_graph_n_nodes (compiler->spec->graph); id++)
    {
      GwNode *node = gw_graph_node (compiler->spec->graph, id);

      for (int i = 0; compiler->needed[id] && !passes_handle_on (node) && i < node->n_inputs; i++)
        {
          Memory memory = memory_of (compiler, memories, node->inputs[i]);
          Read read = { id, memory.point != NULL ? memory.point->id : id };

          if (memory.variable == NULL)
            continue;
          if (!gw_plan_writes (node, i))
            g_array_append_val (use_of (uses, memory.variable)->reads, read);
          else
            {
              g_array_append_val (use_of (uses, memory.variable)->writers, id);
              g_hash_table_add (compiler->written, (gpointer) gw_session_variable_name (memory.variable));
            }
        }
    }
  return uses;
}

/* ---- what comes after a writer ---- */

/* Nodes that come after one node by data or control, as far as was asked. */
typedef struct {
  const Order *order;
  int         *mark;    /* per node: the number of the search that met it */
  int          search;
  GArray      *stack;
} Reach;

/* Marks what comes after `from`, up to position `last`. */
static void
reach_from (Reach *reach,
            int    from,
            int    last)
{
  const Order *order = reach->order;

  reach->search++;
  reach->mark[from] = reach->search;
  g_array_append_val (reach->stack, from);
  while (reach->stack->len > 0)
    {
      int id = g_array_index (reach->stack, int, reach->stack->len - 1);

      g_array_set_size (reach->stack, reach->stack->len - 1);
      for (int i = order->start[id]; i < order->start[id + 1]; i++)
        {
          int next = order->followers[i].after;

          if (reach->mark[next] == reach->search || order->position[next] > last)
            continue;
          reach->mark[next] = reach->search;
          g_array_append_val (reach->stack, next);
        }
    }
}

/* One writer against all reads of its variable: those that do not follow it must come
 * before it. A reader that does follow it, but takes what was read before, needs that
 * read to be a copy. TRUE when such a copy was asked for. */
static gboolean
settle_writer (Order  *order,
               Reach  *reach,
               int     writer,
               GArray *reads,
               GArray *found)
{
  GwCompiler *compiler = order->compiler;
  int last = -1;
  gboolean copies = FALSE;

  for (guint i = 0; i < reads->len; i++)
    last = MAX (last, order->position[g_array_index (reads, Read, i).reader]);
  reach_from (reach, writer, last);
  for (guint i = 0; i < reads->len; i++)
    {
      const Read *read = &g_array_index (reads, Read, i);
      Edge edge = { read->reader, writer, TRUE };

      if (reach->mark[read->point] == reach->search)
        continue;
      if (reach->mark[read->reader] != reach->search)
        g_array_append_val (found, edge);
      else if (read->reader != writer)
        copies = compiler->copy_reads[read->point] = TRUE;
    }
  return copies;
}

/* The guard is known before anything is written, unless it depends on that. */
static void
settle_guard (Order  *order,
              Reach  *reach,
              int     writer,
              GArray *found)
{
  GwNode *guard = order->compiler->spec->guard.node;
  Edge edge = { guard != NULL ? guard->id : -1, writer, TRUE };

  if (guard == NULL || !order->compiler->needed[guard->id])
    return;
  reach_from (reach, writer, order->position[guard->id]);
  if (reach->mark[guard->id] != reach->search)
    g_array_append_val (found, edge);
}

/* "After" is by data and control alone, so all soft edges are found before any is
 * added. FALSE: reads were turned to copies, and the uses are to be found anew. */
static gboolean
find_soft_edges (Order  *order,
                 GArray *found)
{
  g_autoptr (GHashTable) uses = find_uses (order->compiler);
  g_autofree int *mark = g_new0 (int, order->n);
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (int));
  Reach reach = { order, mark, 0, stack };
  gboolean copies = FALSE;
  GHashTableIter iter;
  gpointer value;

  g_array_set_size (found, 0);
  g_hash_table_iter_init (&iter, uses);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Use *use = value;

      for (guint w = 0; w < use->writers->len; w++)
        {
          copies = settle_writer (order, &reach, g_array_index (use->writers, int, w), use->reads, found) || copies;
          settle_guard (order, &reach, g_array_index (use->writers, int, w), found);
        }
    }
  return !copies;
}

/* ---- copies instead of shared memory ---- */

static gboolean
is_written (const GwCompiler *compiler,
            const GwNode     *variable)
{
  return variable != NULL && g_hash_table_contains (compiler->written, gw_session_variable_name (variable));
}

/* Reads of variables that are written in this plan get memory of their own, so that
 * only the read itself, not all that use it, must come first. TRUE when there were
 * such reads. */
static gboolean
copy_all_reads (GwCompiler *compiler)
{
  gboolean changed = FALSE;

  for (int id = 0; id < gw_graph_n_nodes (compiler->spec->graph); id++)
    {
      GwNode *node = gw_graph_node (compiler->spec->graph, id);

      if (!compiler->needed[id] || node->n_inputs == 0 || (node->def->flags & GW_OP_FORWARDS_INPUT) == 0 ||
          compiler->copy_reads[id] || passes_handle_on (node) || is_fed (compiler, node->inputs[0]) ||
          !is_written (compiler, gw_output_variable (node->inputs[0])))
        continue;
      compiler->copy_reads[id] = changed = TRUE;
    }
  return changed;
}

/* A fetched read of a variable that is written must show what it read. */
static void
copy_fetched_reads (GwCompiler *compiler)
{
  g_autofree Memory *memories = find_memories (compiler);

  for (int i = 0; i < compiler->spec->n_fetches; i++)
    {
      GwOutput output = compiler->spec->fetches[i];
      Memory memory = memory_of (compiler, memories, output);

      if (memory.point != NULL && is_written (compiler, memory.variable))
        compiler->copy_reads[memory.point->id] = TRUE;
    }
}

/* ---- the whole ---- */

static void
know_positions (Order *order)
{
  const GArray *sorted = order->compiler->order;

  order->position = g_new0 (int, order->n);
  for (guint i = 0; i < sorted->len; i++)
    order->position[g_array_index (sorted, int, i)] = (int) i;
}

/* Sorts with as many of the soft edges as can be; FALSE when one had to give way. */
static gboolean
sort_with_variables (Order *order)
{
  g_autoptr (GArray) soft = g_array_new (FALSE, FALSE, sizeof (Edge));
  guint n_hard = order->edges->len;
  gboolean gave_way;

  while (!find_soft_edges (order, soft))
    continue;
  g_array_append_vals (order->edges, soft->data, soft->len);
  sort_nodes (order, &gave_way);
  g_array_set_size (order->edges, n_hard);
  gather_followers (order);
  return !gave_way;
}

gboolean
gw_plan_order (GwCompiler *compiler,
               GError    **error)
{
  g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, sizeof (Edge));
  Order order = { compiler, gw_graph_n_nodes (compiler->spec->graph), edges };
  gboolean ok, gave_way;

  add_graph_edges (&order);
  ok = sort_nodes (&order, &gave_way);
  if (ok)
    {
      know_positions (&order);
      if (!sort_with_variables (&order) && copy_all_reads (compiler))
        sort_with_variables (&order);
      copy_fetched_reads (compiler);
    }
  g_free (order.start);
  g_free (order.followers);
  g_free (order.position);
  return ok || gw_invalid (error, "control edges of the graph form a circle");
}
