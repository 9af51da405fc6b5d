/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "engine/document/live.h"
#include "engine/document/lower-private.h"
#include "engine/graph/registry.h"

/* What lowering one node by itself gave. */
typedef struct {
  int            n_outputs;
  GwOutputFacts *outputs;   /* NULL = it could not be lowered */
  GPtrArray     *problems;  /* of GwProblem, or NULL */
  GPtrArray     *variables; /* of GwLiveVariable, or NULL */
  GwLiveInput   *input;     /* of a placeholder, or NULL */
} GwFragment;

/* A node of the document. */
typedef struct {
  int64_t    id;
  int64_t    rank;     /* grows along wires, but for those that close a circle */
  GArray    *sources;  /* of int64_t: what it takes something from or waits for, each once */
  GArray    *users;    /* of int64_t: the other way round */
  char      *name;     /* as its users last saw it */
  GwFragment fragment;
  GSequenceIter *waiting; /* to be lowered anew: its place in live->waiting, or NULL */
  gboolean   changed;  /* by the user, not only behind something that was */
} GwLiveNode;

struct _GwLive {
  GwDocument *document;
  GHashTable *nodes;       /* id → GwLiveNode */
  int64_t     last_rank;
  GHashTable *circular;    /* ids of nodes that take something from behind them */
  GHashTable *unresolved;  /* ids of nodes with a name in them that no node has */
  GSequence  *waiting;     /* of GwLiveNode *, least rank first once sorted */
  gboolean    sorted;
  GArray     *removed;     /* of int64_t, not yet reported as affected */
  GPtrArray  *problems, *variables, *inputs; /* NULL = to be gathered */
};

static inline GwLiveNode *
gw_live_node (const GwLive *live,
              int64_t       id)
{
  return g_hash_table_lookup (live->nodes, GSIZE_TO_POINTER ((gsize) id));
}

/* live-node.c */
void gw_fragment_clear (GwFragment *fragment);
/* Lowers the node; `instead` stands in its item's place, or NULL. */
void gw_fragment_init (GwFragment *fragment, const GwLive *live, int64_t id, const GwDocNode *instead);
gboolean gw_fragment_same_outputs (const GwFragment *a, const GwFragment *b);

/* live-order.c */
/* Brings the node's wires and its place in the order up to the document; adds whom
 * that concerns to the waiting. */
void gw_live_rewire (GwLive *live, GwLiveNode *node);
/* Cuts it off from all others; its users wait. */
void gw_live_cut (GwLive *live, GwLiveNode *node);
/* Circles that a change has opened are none any more. */
void gw_live_reopen (GwLive *live);
/* Whether `to` gets something from `from`, directly or not. */
gboolean gw_live_reaches (const GwLive *live, int64_t from, int64_t to);
/* TRUE for a wire that closes a circle. */
static inline gboolean
gw_live_is_backward (const GwLiveNode *source,
                     const GwLiveNode *user)
{
  return source->rank >= user->rank;
}

/* live.c */
void gw_live_wait (GwLive *live, GwLiveNode *node);
