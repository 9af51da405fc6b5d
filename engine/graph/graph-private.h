/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "engine/graph/graph.h"

struct _GwGraph {
  gint        refs;
  GPtrArray  *nodes;          /* owned */
  GHashTable *by_name;        /* name → node */
  GHashTable *name_counters;  /* lower-cased name → next suffix, as TensorFlow counts */
  int64_t     seed;           /* -1 = none */
  int64_t     n_random_ops;
};

void gw_node_free (GwNode *node);

/* Values nested deeper than this behind one another count as unknown while the
 * graph is built; keeps the recursion shallow. */
#define GW_CONSTANT_DEPTH 64
const GwTensor *gw_output_constant_at (GwOutput output, int depth);
gboolean gw_output_partial_value_at (GwOutput output, int depth, GwShape *value);
