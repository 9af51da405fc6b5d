/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "engine/graph/graph.h"

#include <pthread.h>

struct _GwGraph {
  gint        refs;
  GPtrArray  *nodes;          /* owned */
  GHashTable *by_name;        /* name → node */
  GHashTable *name_counters;  /* lower-cased name → next suffix, as TensorFlow counts */
  guint64     version;
  int64_t     seed;           /* -1 = none */
  int64_t     n_random_ops;   /* the next number, unless it is reserved */
  GHashTable *reserved;       /* set of numbers, or NULL */
  const int64_t *given;       /* numbers of the next random ops */
  int         n_given;
  GHashTable *functions;      /* name → GwFunction that nodes name in attributes, or NULL */
  GHashTable *keep_draws;     /* names of loops, or NULL */
  pthread_mutex_t lock;       /* of the nodes' constant values */
};

void gw_node_free (GwNode *node);

/* The number of the random op that is being added. */
int64_t gw_graph_take_random_number (GwGraph *graph);

/* gw_output_constant() for who builds the graph: takes no lock. */
const GwTensor *gw_output_constant_unlocked (GwOutput output);
/* What is known of an integer vector or scalar: its constant value, else what shapes
 * tell. */
gboolean gw_output_partial_value (GwOutput output, GwShape *value);
/* Notes what shapes tell of a node that has just been inferred. */
void gw_infer_partial (GwNode *node);
