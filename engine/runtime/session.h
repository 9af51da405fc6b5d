/* SPDX-License-Identifier: Apache-2.0 */
/* A session owns variables, random streams, worker threads and compiled plans.
 * Any tensor of a graph can be fetched or fed; only what is needed runs. One
 * thread at a time. */
#pragma once

#include "engine/runtime/plan.h"

G_BEGIN_DECLS

/* n_threads as in gw_workers_new(). Variables are shared by name between all the
 * graphs that run in the session. */
GwSession *gw_session_new (int n_threads);
void gw_session_free (GwSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwSession, gw_session_free)

GwResources *gw_session_resources (GwSession *session);
GwWorkers *gw_session_workers (GwSession *session);

/* Who gets what Print writes, in all plans of the session; NULL = nobody. `func` is
 * called on the thread that runs. */
void gw_session_set_message_func (GwSession *session, GwMessageFunc func, void *data);

/* Who is told of every step of all plans; NULL = nobody. */
void gw_session_set_step_func (GwSession *session, GwStepFunc func, void *data);

typedef struct {
  GwOutput  output;
  GwTensor *tensor;
} GwFeed;

/* TensorFlow's run(): results[i] is a new tensor of the caller's. Plans are cached
 * per (graph, feeds and their shapes, fetches, targets); the 32 last used are kept.
 * Errors carry the node. */
gboolean gw_session_run (GwSession *session, GwGraph *graph, int n_feeds, const GwFeed *feeds,
                         int n_fetches, const GwOutput *fetches, int n_targets, GwNode *const *targets,
                         const GwRunOptions *options, GwTensor **results, GError **error);

/* The one fetch, for short. */
GwTensor *gw_session_fetch (GwSession *session, GwGraph *graph, int n_feeds, const GwFeed *feeds,
                            GwOutput fetch, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The random streams of a graph's nodes start anew. */
void gw_session_reset_streams (GwSession *session, GwGraph *graph);

/* The streams' state as bytes, in the order of the nodes: with it a resumed run
 * continues bit for bit. set returns FALSE when it does not fit this graph. */
GBytes *gw_session_get_streams (GwSession *session, GwGraph *graph);
gboolean gw_session_set_streams (GwSession *session, GwGraph *graph, GBytes *state);

/* Drops cached plans and streams of a graph that will not be run again. */
void gw_session_forget_graph (GwSession *session, GwGraph *graph);

G_END_DECLS
