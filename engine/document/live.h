/* SPDX-License-Identifier: Apache-2.0 */
/* What the eye needs of a document while it is edited: the type and shape of every
 * output, the variables, the placeholders and all problems, kept up to date edit by
 * edit. Every node is lowered by itself, with stand-ins for what is wired to it, so
 * that an edit costs the nodes it touches and those behind them whose inputs really
 * change. What runs is lowered as a whole: document/lower.h.
 *
 * One thread at a time. */
#pragma once

#include "engine/document/lower.h"
#include "engine/graph/output-facts.h"

G_BEGIN_DECLS

typedef struct _GwLive GwLive;

typedef struct {
  int64_t  node;       /* document node that it belongs to */
  char    *name;       /* "hidden1/kernel" */
  GwDType  dtype;
  GwShape  shape;
  gboolean trainable;
} GwLiveVariable;

typedef struct {
  int64_t   node;
  char     *name;
  char     *column;    /* of the pipeline, or NULL */
  GwTensor *value;     /* of a scalar placeholder while training, or NULL */
} GwLiveInput;

/* Lowers all of it. The document is held, not copied: every change of it has to be told
 * by gw_live_change() before anything else is asked. */
GwLive *gw_live_new (GwDocument *document);
void gw_live_free (GwLive *live);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwLive, gw_live_free)

/* The document has become `document`, which differs in the nodes `changed` (made,
 * changed or removed). Notes what has to be lowered anew. */
void gw_live_change (GwLive *live, GwDocument *document, int n, const int64_t *changed);
/* Lowers up to `most` nodes of what is waiting, inputs first; appends to `affected`
 * (GArray of int64_t, each once a call) those that changed or whose outputs or
 * problems did. TRUE when nothing is waiting any more. */
gboolean gw_live_work (GwLive *live, int most, GArray *affected);

/* The document as of the last change. */
const GwDocument *gw_live_document (const GwLive *live);

/* NULL when the node has no such output or cannot be lowered. */
const GwOutputFacts *gw_live_output (const GwLive *live, int64_t node, int output);
int gw_live_n_outputs (const GwLive *live, int64_t node);
/* Those that take something from the node or wait for it; *n of them, owned by `live`. */
const int64_t *gw_live_users (const GwLive *live, int64_t node, int *n);
/* The node's worst problem, or NULL. */
const GwProblem *gw_live_problem (const GwLive *live, int64_t node);

/* Of the whole document, inputs first; gathered anew after a change, so that the
 * arrays and what is in them are valid until then. */
const GPtrArray *gw_live_problems (GwLive *live);  /* of GwProblem */
const GPtrArray *gw_live_variables (GwLive *live); /* of GwLiveVariable */
const GPtrArray *gw_live_inputs (GwLive *live);    /* of GwLiveInput */

/* The first error as a GError carrying its node; FALSE when there is one. `needed_by`
 * limits it to what those nodes need; NULL = all. */
gboolean gw_live_check (GwLive *live, const int64_t *needed_by, int n, GError **error);

/* What the node by itself is lowered to; nodes whose names begin with a full stop stand in
 * for what is wired to it. Costs one node; the caller's. */
GwLowered *gw_live_inside (const GwLive *live, int64_t node);

/* Why the output cannot be wired to that input, in words; NULL = it can. For the canvas
 * while a wire is dragged: costs one node. */
char *gw_live_why_not (const GwLive *live, int64_t from, int output, int64_t to, const char *port, int index);

G_END_DECLS
