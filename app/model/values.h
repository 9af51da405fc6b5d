/* SPDX-License-Identifier: Apache-2.0 */
/* Values that were asked for: “evaluate here”. Each is kept, with its figures, until it is
 * asked for anew; it is stale while something that it was computed from is another. Main
 * thread only.
 *
 * Signals:
 *   "changed" (GArray of int64_t)  values of these nodes are new, stale or gone
 *   "asked"                        a computation began, or the last one ended */
#pragma once

#include "app/model/doc-model.h"
#include "app/model/run.h"

G_BEGIN_DECLS

#define GW_TYPE_VALUES (gw_values_get_type ())
G_DECLARE_FINAL_TYPE (GwValues, gw_values, GW, VALUES, GObject)

typedef struct {
  int64_t       node;
  int           output;
  GwTensor     *tensor;
  GwTensorStats stats;
  const char   *mode;    /* that it was computed in: "evaluate" */
  gboolean      stale;
} GwValue;

/* A node of a computation; those that need nothing have rank 0, each other is one above
 * the highest that it needs. */
typedef struct {
  int64_t node;
  int     rank;
} GwValueStep;

GwValues *gw_values_new (GwDocModel *model, GwRun *run);

/* Asks for all outputs of the nodes, of which only what they need runs; the answer comes by
 * "changed". INVALID_ARGUMENT or what the graph says when they cannot be computed. */
gboolean gw_values_compute (GwValues *values, const GArray *nodes, GError **error);
/* NULL = it was never asked for. */
const GwValue *gw_values_get (GwValues *values, int64_t node, int output);
/* “min −0.2 · mean 0.01 · max 0.3 · σ 0.1 · 2 NaN”; NULL for strings. */
char *gw_value_summary (const GwTensorStats *stats);
/* What the computation under way runs, in an order that it can run in; NULL = there is
 * none. Free with g_array_unref(). */
GArray *gw_values_get_pending (GwValues *values);
/* “evaluate · min … ”: the same with the mode. */
char *gw_value_describe (const GwTensorStats *stats, const char *mode);
/* Nodes that have a value, one entry an output (GArray of int64_t). */
GArray *gw_values_get_nodes (GwValues *values);
void gw_values_forget (GwValues *values, int64_t node);

G_END_DECLS
