/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/runtime/session.h"

#include "engine/base/error.h"
#include "engine/runtime/call.h"
#include "engine/runtime/plan-private.h"

#include <string.h>

#define MAX_PLANS 32

/* What a node's kernel keeps beside its state. */
typedef struct {
  void          *object;
  GDestroyNotify free;
} Kept;

/* The kernel states of some of a graph's nodes, in one block in the order of the nodes. */
typedef struct {
  int     first;    /* id of the first node */
  int     n;
  size_t *offset;   /* per node; SIZE_MAX = no state */
  char   *block;
  size_t  bytes;
  Kept   *kept;     /* per node */
} Chunk;

/* Those of a whole graph. When the graph has grown a chunk is added: compiled plans
 * point into the ones that are there. */
typedef struct {
  GwGraph *graph;
  GArray  *chunks;  /* of Chunk */
} Streams;

/* What a cached plan was compiled for. */
typedef struct {
  GwGraph  *graph;
  guint64   version;   /* of the graph then: a grown graph is another one */
  int       n_feeds, n_fetches, n_targets;
  GwOutput *feeds;
  GwShape  *shapes;
  GwOutput *fetches;
  GwNode  **targets;
  GwPlan   *plan;
} CachedPlan;

struct _GwSession {
  GwResources *resources;
  GwWorkers   *workers;
  GPtrArray   *streams;  /* of Streams */
  GPtrArray   *plans;    /* of CachedPlan, last used first */
  GHashTable  *callees;  /* GwNode that calls sub-graphs → GPtrArray of GwCallee */
  GwMessageFunc message;
  void        *message_data;
  GwStepFunc   step;
  void        *step_data;
};

static void
drop_objects (Chunk *chunk)
{
  for (int i = 0; i < chunk->n; i++)
    if (chunk->kept[i].object != NULL)
      chunk->kept[i].free (g_steal_pointer (&chunk->kept[i].object));
}

static void
chunk_clear (gpointer data)
{
  Chunk *chunk = data;

  drop_objects (chunk);
  g_free (chunk->offset);
  g_free (chunk->block);
  g_free (chunk->kept);
}

static void
streams_free (gpointer data)
{
  Streams *streams = data;

  gw_graph_unref (streams->graph);
  g_array_unref (streams->chunks);
  g_free (streams);
}

static void
cached_plan_free (gpointer data)
{
  CachedPlan *cached = data;

  gw_plan_free (cached->plan);
  g_free (cached->feeds);
  g_free (cached->shapes);
  g_free (cached->fetches);
  g_free (cached->targets);
  gw_graph_unref (cached->graph);
  g_free (cached);
}

GwSession *
gw_session_new (int n_threads)
{
  GwSession *session = g_new0 (GwSession, 1);

  session->resources = gw_resources_new ();
  session->workers = gw_workers_new (n_threads);
  session->streams = g_ptr_array_new_with_free_func (streams_free);
  session->plans = g_ptr_array_new_with_free_func (cached_plan_free);
  session->callees = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  return session;
}

void
gw_session_free (GwSession *session)
{
  if (session == NULL)
    return;
  g_ptr_array_unref (session->plans);
  g_hash_table_unref (session->callees);
  g_ptr_array_unref (session->streams);
  gw_workers_free (session->workers);
  gw_resources_free (session->resources);
  g_free (session);
}

GHashTable *
gw_session_callee_table (GwSession *session)
{
  return session->callees;
}

GwResources *
gw_session_resources (GwSession *session)
{
  return session->resources;
}

GwWorkers *
gw_session_workers (GwSession *session)
{
  return session->workers;
}

void
gw_session_set_message_func (GwSession    *session,
                             GwMessageFunc func,
                             void         *data)
{
  session->message = func;
  session->message_data = data;
}

void
gw_session_message (GwSession  *session,
                    const char *node,
                    const char *text)
{
  if (session->message != NULL)
    session->message (session->message_data, node, text);
}

void
gw_session_set_step_func (GwSession *session,
                          GwStepFunc func,
                          void      *data)
{
  session->step = func;
  session->step_data = data;
}

GwStepFunc
gw_session_step_func (GwSession *session,
                      void     **data)
{
  *data = session->step_data;
  return session->step;
}

const char *
gw_session_variable_name (const GwNode *node)
{
  const char *shared = gw_node_attr (node, "shared_name")->s;

  return shared != NULL && *shared != '\0' ? shared : node->name;
}

/* The types of a table, which all nodes of its name must agree on. */
static gboolean
note_table (GwVariable   *table,
            const GwNode *node,
            GError      **error)
{
  GwDType key = gw_node_attr (node, "key_dtype")->dtype, value = gw_node_attr (node, "value_dtype")->dtype;

  if (table->key_dtype == GW_DTYPE_INVALID)
    {
      table->key_dtype = key;
      table->value_dtype = value;
      table->changes = (node->def->flags & GW_OP_UNINITIALIZED) != 0;
      table->initialized = table->changes;
    }
  return (table->key_dtype == key && table->value_dtype == value) ||
         gw_invalid (error, "Conflicting key/value dtypes %s->%s with %s->%s for table %s", gw_dtype_name (key),
                     gw_dtype_name (value), gw_dtype_name (table->key_dtype), gw_dtype_name (table->value_dtype), table->name);
}

GwVariable *
gw_session_variable_of (GwSession    *session,
                        const GwNode *node,
                        GError      **error)
{
  GwShape shape = gw_variable_node_shape (node);
  GwVariable *variable = gw_resources_variable (session->resources, gw_session_variable_name (node),
                                                gw_variable_node_dtype (node), &shape, error);

  if (variable == NULL)
    return NULL;
  variable->has_handle = gw_output_is_handle ((GwOutput) { (GwNode *) node, 0 });
  if (variable->tensor->dtype == GW_VARIANT && !note_table (variable, node, error))
    return NULL;
  return variable;
}

/* ---- random streams ---- */

#define STATE_ALIGNMENT 16

static Chunk
chunk_new (GwGraph *graph,
           int      first)
{
  Chunk chunk = { first, gw_graph_n_nodes (graph) - first };

  chunk.offset = g_new (size_t, MAX (chunk.n, 1));
  chunk.kept = g_new0 (Kept, MAX (chunk.n, 1));
  for (int i = 0; i < chunk.n; i++)
    {
      const GwOpDef *def = gw_graph_node (graph, first + i)->def;
      size_t size = def->state_size;

      chunk.kept[i].free = def->object_free;
      chunk.offset[i] = size > 0 ? chunk.bytes : SIZE_MAX;
      chunk.bytes += (size + STATE_ALIGNMENT - 1) / STATE_ALIGNMENT * STATE_ALIGNMENT;
    }
  chunk.block = g_malloc0 (MAX (chunk.bytes, 1)); /* a few bytes a node, like the node itself */
  return chunk;
}

static Streams *
find_streams (GwSession *session,
              GwGraph   *graph)
{
  for (guint i = 0; i < session->streams->len; i++)
    {
      Streams *streams = g_ptr_array_index (session->streams, i);

      if (streams->graph == graph)
        return streams;
    }
  return NULL;
}

/* With a place for every node that the graph has now. */
static Streams *
ensure_streams (GwSession *session,
                GwGraph   *graph)
{
  Streams *streams = find_streams (session, graph);
  const Chunk *last;
  int covered;

  if (streams == NULL)
    {
      streams = g_new0 (Streams, 1);
      streams->graph = gw_graph_ref (graph);
      streams->chunks = g_array_new (FALSE, FALSE, sizeof (Chunk));
      g_array_set_clear_func (streams->chunks, chunk_clear);
      g_ptr_array_add (session->streams, streams);
    }
  last = streams->chunks->len > 0 ? &g_array_index (streams->chunks, Chunk, streams->chunks->len - 1) : NULL;
  covered = last != NULL ? last->first + last->n : 0;
  if (covered < gw_graph_n_nodes (graph))
    {
      Chunk chunk = chunk_new (graph, covered);

      g_array_append_val (streams->chunks, chunk);
    }
  return streams;
}

/* The chunk that `node` is in. */
static const Chunk *
chunk_of (GwSession    *session,
          GwGraph      *graph,
          const GwNode *node)
{
  const Chunk *chunk = &g_array_index (ensure_streams (session, graph)->chunks, Chunk, 0);

  while (node->id >= chunk->first + chunk->n)
    chunk++;
  return chunk;
}

void *
gw_session_node_state (GwSession    *session,
                       GwGraph      *graph,
                       const GwNode *node)
{
  const Chunk *chunk;

  if (node->def->state_size == 0)
    return NULL;
  chunk = chunk_of (session, graph, node);
  return chunk->block + chunk->offset[node->id - chunk->first];
}

void **
gw_session_node_object (GwSession    *session,
                        GwGraph      *graph,
                        const GwNode *node)
{
  const Chunk *chunk;

  if (node->def->object_free == NULL)
    return NULL;
  chunk = chunk_of (session, graph, node);
  return &chunk->kept[node->id - chunk->first].object;
}

size_t
gw_session_streams_bytes (GwSession *session,
                          GwGraph   *graph)
{
  const GArray *chunks = ensure_streams (session, graph)->chunks;
  size_t bytes = 0;

  for (guint i = 0; i < chunks->len; i++)
    bytes += g_array_index (chunks, Chunk, i).bytes;
  return bytes;
}

/* Between the chunks' blocks and one buffer, which may be that of a smaller graph. */
static void
move_streams (GwSession *session,
              GwGraph   *graph,
              char      *buffer,
              size_t     bytes,
              gboolean   into_streams)
{
  const GArray *chunks = ensure_streams (session, graph)->chunks;

  for (guint i = 0; i < chunks->len && bytes > 0; i++)
    {
      const Chunk *chunk = &g_array_index (chunks, Chunk, i);
      size_t part = MIN (chunk->bytes, bytes);

      memcpy (into_streams ? chunk->block : buffer, into_streams ? buffer : chunk->block, part);
      buffer += part;
      bytes -= part;
    }
}

void
gw_session_save_streams (GwSession *session,
                         GwGraph   *graph,
                         void      *buffer,
                         size_t     bytes)
{
  move_streams (session, graph, buffer, bytes, FALSE);
}

void
gw_session_restore_streams (GwSession  *session,
                            GwGraph    *graph,
                            const void *buffer,
                            size_t      bytes)
{
  move_streams (session, graph, (char *) buffer, bytes, TRUE);
}

/* The graphs that the session made of the sub-graphs that nodes of `graph` call. */
static GPtrArray *
called_graphs (GwSession *session,
               GwGraph   *graph)
{
  GPtrArray *graphs = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_graph_unref);

  for (int id = 0; id < gw_graph_n_nodes (graph); id++)
    {
      const GPtrArray *callees = g_hash_table_lookup (session->callees, gw_graph_node (graph, id));

      for (guint i = 0; callees != NULL && i < callees->len; i++)
        g_ptr_array_add (graphs, gw_graph_ref (((GwCallee *) g_ptr_array_index (callees, i))->function->body));
    }
  return graphs;
}

void
gw_session_reset_streams (GwSession *session,
                          GwGraph   *graph)
{
  Streams *streams = find_streams (session, graph);
  g_autoptr (GPtrArray) called = called_graphs (session, graph);

  for (guint i = 0; i < called->len; i++)
    gw_session_reset_streams (session, g_ptr_array_index (called, i));

  for (guint i = 0; streams != NULL && i < streams->chunks->len; i++)
    {
      Chunk *chunk = &g_array_index (streams->chunks, Chunk, i);

      memset (chunk->block, 0, chunk->bytes);
      drop_objects (chunk);
    }
}

GBytes *
gw_session_get_streams (GwSession *session,
                        GwGraph   *graph)
{
  size_t bytes = gw_session_streams_bytes (session, graph);
  char *buffer = g_malloc (MAX (bytes, 1));

  gw_session_save_streams (session, graph, buffer, bytes);
  return g_bytes_new_take (buffer, bytes);
}

gboolean
gw_session_set_streams (GwSession *session,
                        GwGraph   *graph,
                        GBytes    *state)
{
  gsize size;
  const void *data = g_bytes_get_data (state, &size);

  if (size != gw_session_streams_bytes (session, graph))
    return FALSE;
  gw_session_restore_streams (session, graph, data, size);
  return TRUE;
}

/* ---- cached plans ---- */

void
gw_session_forget_graph (GwSession *session,
                         GwGraph   *graph)
{
  g_autoptr (GPtrArray) called = called_graphs (session, graph);

  for (int id = 0; id < gw_graph_n_nodes (graph); id++)
    g_hash_table_remove (session->callees, gw_graph_node (graph, id));
  for (guint i = 0; i < called->len; i++)
    gw_session_forget_graph (session, g_ptr_array_index (called, i));
  for (guint i = session->plans->len; i > 0; i--)
    if (((CachedPlan *) g_ptr_array_index (session->plans, i - 1))->graph == graph)
      g_ptr_array_remove_index (session->plans, i - 1);
  for (guint i = session->streams->len; i > 0; i--)
    if (((Streams *) g_ptr_array_index (session->streams, i - 1))->graph == graph)
      g_ptr_array_remove_index (session->streams, i - 1);
}

static gboolean
same_outputs (int             n,
              const GwOutput *a,
              const GwOutput *b)
{
  for (int i = 0; i < n; i++)
    if (!gw_output_equal (a[i], b[i]))
      return FALSE;
  return TRUE;
}

static gboolean
serves (const CachedPlan *cached,
        const GwPlanSpec *spec)
{
  if (cached->graph != spec->graph || cached->version != gw_graph_version (spec->graph) ||
      cached->n_feeds != spec->n_feeds || cached->n_fetches != spec->n_fetches ||
      cached->n_targets != spec->n_targets ||
      !same_outputs (spec->n_feeds, cached->feeds, spec->feeds) ||
      !same_outputs (spec->n_fetches, cached->fetches, spec->fetches))
    return FALSE;
  for (int i = 0; i < spec->n_targets; i++)
    if (cached->targets[i] != spec->targets[i])
      return FALSE;
  for (int i = 0; i < spec->n_feeds; i++)
    if (!gw_shape_equal (&cached->shapes[i], &spec->feed_shapes[i]))
      return FALSE;
  return TRUE;
}

static GwPlan *
find_plan (GwSession        *session,
           const GwPlanSpec *spec)
{
  for (guint i = 0; i < session->plans->len; i++)
    {
      CachedPlan *cached = g_ptr_array_index (session->plans, i);

      if (!serves (cached, spec))
        continue;
      if (i > 0)
        g_ptr_array_insert (session->plans, 0, g_ptr_array_steal_index (session->plans, i));
      return cached->plan;
    }
  return NULL;
}

static GwPlan *
remember_plan (GwSession        *session,
               const GwPlanSpec *spec,
               GwPlan           *plan)
{
  CachedPlan *cached = g_new0 (CachedPlan, 1);

  cached->graph = gw_graph_ref (spec->graph);
  cached->version = gw_graph_version (spec->graph);
  cached->n_feeds = spec->n_feeds;
  cached->n_fetches = spec->n_fetches;
  cached->n_targets = spec->n_targets;
  cached->feeds = g_memdup2 (spec->feeds, sizeof (GwOutput) * (gsize) spec->n_feeds);
  cached->shapes = g_memdup2 (spec->feed_shapes, sizeof (GwShape) * (gsize) spec->n_feeds);
  cached->fetches = g_memdup2 (spec->fetches, sizeof (GwOutput) * (gsize) spec->n_fetches);
  cached->targets = g_memdup2 (spec->targets, sizeof (GwNode *) * (gsize) spec->n_targets);
  cached->plan = plan;
  g_ptr_array_insert (session->plans, 0, cached);
  if (session->plans->len > MAX_PLANS)
    g_ptr_array_set_size (session->plans, MAX_PLANS);
  return plan;
}

static gboolean
check_feed_dtype (const GwFeed *feed,
                  GError      **error)
{
  if (feed->tensor->dtype == gw_output_dtype (feed->output))
    return TRUE;
  gw_invalid (error, "the value fed to %s is %s, and %s is wanted", feed->output.node->name,
              gw_dtype_name (feed->tensor->dtype), gw_dtype_name (gw_output_dtype (feed->output)));
  gw_error_set_node (error, feed->output.node->name, feed->output.node->def->name);
  return FALSE;
}

static gboolean
run_plan (GwPlan             *plan,
          int                 n_feeds,
          const GwFeed       *feeds,
          const GwRunOptions *options,
          int                 n_fetches,
          GwTensor          **results,
          GError            **error)
{
  g_autofree GwTensor **tensors = g_new (GwTensor *, MAX (n_feeds, 1));
  g_autofree GwTensor **fetched = g_new0 (GwTensor *, MAX (n_fetches, 1));

  for (int i = 0; i < n_feeds; i++)
    tensors[i] = feeds[i].tensor;
  if (!gw_plan_run (plan, tensors, options, fetched, error))
    return FALSE;
  for (int i = 0; i < n_fetches; i++)
    {
      results[i] = gw_tensor_duplicate (fetched[i], error);
      if (results[i] != NULL)
        continue;
      while (i-- > 0)
        g_clear_pointer (&results[i], gw_tensor_unref);
      return FALSE;
    }
  return TRUE;
}

gboolean
gw_session_run (GwSession          *session,
                GwGraph            *graph,
                int                 n_feeds,
                const GwFeed       *feeds,
                int                 n_fetches,
                const GwOutput     *fetches,
                int                 n_targets,
                GwNode *const      *targets,
                const GwRunOptions *options,
                GwTensor          **results,
                GError            **error)
{
  g_autofree GwOutput *outputs = g_new (GwOutput, MAX (n_feeds, 1));
  g_autofree GwShape *shapes = g_new (GwShape, MAX (n_feeds, 1));
  GwPlanSpec spec = { graph, n_feeds, outputs, shapes, n_fetches, fetches, n_targets, targets, GW_NO_OUTPUT };
  GwPlan *plan;

  for (int i = 0; i < n_feeds; i++)
    {
      if (!check_feed_dtype (&feeds[i], error))
        return FALSE;
      outputs[i] = feeds[i].output;
      shapes[i] = feeds[i].tensor->shape;
    }
  plan = find_plan (session, &spec);
  if (plan == NULL)
    {
      plan = gw_plan_new (session, &spec, error);
      if (plan == NULL)
        return FALSE;
      remember_plan (session, &spec, plan);
    }
  return run_plan (plan, n_feeds, feeds, options, n_fetches, results, error);
}

GwTensor *
gw_session_fetch (GwSession    *session,
                  GwGraph      *graph,
                  int           n_feeds,
                  const GwFeed *feeds,
                  GwOutput      fetch,
                  GError      **error)
{
  GwTensor *result = NULL;

  gw_session_run (session, graph, n_feeds, feeds, 1, &fetch, 0, NULL, NULL, &result, error);
  return result;
}
