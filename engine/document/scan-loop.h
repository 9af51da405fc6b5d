/* SPDX-License-Identifier: Apache-2.0 */
/* A cell run along a sequence of any number of steps: a While whose variables are the list of
 * the steps still to come, the list of results, the states, and what the cell only reads. */
#pragma once

#include "engine/graph/function.h"

G_BEGIN_DECLS

typedef struct {
  const GwFunction *cell;    /* of a step, the states and the reads; gives a result and the next states */
  GwOutput          xs;      /* [time, …], of the type of the results */
  gboolean          reverse; /* from the last step to the first */
  int               n_states, n_reads;
  const GwOutput   *inputs;  /* the first states, then the reads */
} GwScanLoop;

/* ys [time, …] gets the results, `last` the n_states last states. FALSE with the builder's error
 * set. */
gboolean gw_scan_loop_add (GwBuilder *builder, const GwScanLoop *loop, GwOutput *ys, GwOutput *last);

/* Makes the function `name` of the finished builder's graph, of which it drops the reference;
 * NULL with *error set. */
GwFunction *gw_scan_finish_function (GwBuilder *inner, const char *name, int n_args, const GwOutput *args, int n_results,
                                     const GwOutput *results, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
