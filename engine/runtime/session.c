/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/runtime/session.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/runtime/plan-private.h"

#include <string.h>

#define MAX_PLANS 32

/* The kernel states of one graph's nodes, in one block in the order of the nodes. */
typedef struct {
  GwGraph *graph;
  size_t  *offset;   /* per node; SIZE_MAX = no state */
  char    *block;
  size_t   bytes;
} Streams;

/* What a cached plan was compiled for. */
typedef struct {
  GwGraph  *graph;
  int       n_nodes;   /* of the graph then: a grown graph is another one */
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
};

static void
streams_free (gpointer data)
{
  Streams *streams = data;

  gw_graph_unref (streams->graph);
  g_free (streams->offset);
  gw_free (streams->block);
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
  return session;
}

void
gw_session_free (GwSession *session)
{
  if (session == NULL)
    return;
  g_ptr_array_unref (session->plans);
  g_ptr_array_unref (session->streams);
  gw_workers_free (session->workers);
  gw_resources_free (session->resources);
  g_free (session);
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

GwVariable *
gw_session_variable_of (GwSession    *session,
                        const GwNode *node,
                        GError      **error)
{
  const char *shared = gw_node_attr (node, "shared_name")->s;

  return gw_resources_variable (session->resources,
                                shared != NULL && *shared != '\0' ? shared : node->name,
                                node->dtypes[0], &gw_node_attr (node, "shape")->shape, error);
}

/* ---- random streams ---- */

#define STATE_ALIGNMENT 16

static Streams *
streams_new (GwGraph *graph)
{
  Streams *streams = g_new0 (Streams, 1);
  int n = gw_graph_n_nodes (graph);

  streams->graph = gw_graph_ref (graph);
  streams->offset = g_new (size_t, MAX (n, 1));
  for (int id = 0; id < n; id++)
    {
      size_t size = gw_graph_node (graph, id)->def->state_size;

      streams->offset[id] = size > 0 ? streams->bytes : SIZE_MAX;
      streams->bytes += (size + STATE_ALIGNMENT - 1) / STATE_ALIGNMENT * STATE_ALIGNMENT;
    }
  streams->block = gw_alloc0 (streams->bytes, NULL);
  if (streams->block == NULL)
    g_error ("out of memory");
  return streams;
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

static Streams *
ensure_streams (GwSession *session,
                GwGraph   *graph)
{
  Streams *streams = find_streams (session, graph);

  if (streams == NULL)
    {
      streams = streams_new (graph);
      g_ptr_array_add (session->streams, streams);
    }
  return streams;
}

void *
gw_session_node_state (GwSession    *session,
                       GwGraph      *graph,
                       const GwNode *node)
{
  Streams *streams;

  if (node->def->state_size == 0)
    return NULL;
  streams = ensure_streams (session, graph);
  return streams->block + streams->offset[node->id];
}

void *
gw_session_graph_streams (GwSession *session,
                          GwGraph   *graph,
                          size_t    *bytes)
{
  Streams *streams = ensure_streams (session, graph);

  *bytes = streams->bytes;
  return streams->block;
}

void
gw_session_reset_streams (GwSession *session,
                          GwGraph   *graph)
{
  Streams *streams = find_streams (session, graph);

  if (streams != NULL)
    memset (streams->block, 0, streams->bytes);
}

GBytes *
gw_session_get_streams (GwSession *session,
                        GwGraph   *graph)
{
  Streams *streams = ensure_streams (session, graph);

  return g_bytes_new (streams->block, streams->bytes);
}

gboolean
gw_session_set_streams (GwSession *session,
                        GwGraph   *graph,
                        GBytes    *state)
{
  Streams *streams = ensure_streams (session, graph);
  gsize size;
  const void *data = g_bytes_get_data (state, &size);

  if (size != streams->bytes)
    return FALSE;
  if (size > 0)
    memcpy (streams->block, data, size);
  return TRUE;
}

/* ---- cached plans ---- */

void
gw_session_forget_graph (GwSession *session,
                         GwGraph   *graph)
{
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
  if (cached->graph != spec->graph || cached->n_nodes != gw_graph_n_nodes (spec->graph) ||
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
  cached->n_nodes = gw_graph_n_nodes (spec->graph);
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
