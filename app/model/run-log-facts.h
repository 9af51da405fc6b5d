/* SPDX-License-Identifier: Apache-2.0 */
/* What the graph of a run tells: how many parameters it trains and in which settings it
 * differs from another run's. Worked out by a worker thread from the runs' graph.gw. */
#pragma once

#include <gio/gio.h>

#include "engine/engine.h"

G_BEGIN_DECLS

typedef struct {
  char *where;   /* "training", "data", name of a node */
  char *what;    /* "learning_rate"; "" = the node itself */
  char *mine;    /* as text; "–" = not there */
  char *theirs;
} GwRunDifference;

typedef struct {
  gint64     parameters;  /* elements of the trainable variables; -1 = not known */
  GPtrArray *differences; /* of GwRunDifference: training, data, then nodes; NULL = nothing to compare with */
} GwRunFacts;

void gw_run_facts_free (GwRunFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwRunFacts, gw_run_facts_free)

/* Settings, nodes by name, their attributes, inputs and flags; places on the canvas and
 * notes do not count. Any thread. */
GPtrArray *gw_document_differences (const GwDocument *mine, const GwDocument *theirs);

/* Paths of documents; `other_path` may be NULL. */
void gw_run_facts_load_async (const char *path, const char *other_path, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer data);
GwRunFacts *gw_run_facts_load_finish (GAsyncResult *result, GError **error);

G_END_DECLS
