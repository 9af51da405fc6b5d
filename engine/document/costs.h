/* SPDX-License-Identifier: Apache-2.0 */
/* What each box of a document costs: figures for tables and for the inspector. */
#pragma once

#include "engine/document/lower.h"

G_BEGIN_DECLS

typedef struct {
  int64_t parameters;  /* elements of its trainable variables; shared ones count where they live */
  double  flops;       /* arithmetic operations for one example (open sizes count as 1), forwards; the turns of
                        * loops are not counted */
} GwNodeCost;

/* Per document node (its id as a pointer) a GwNodeCost, of the graph of `lowered`; nodes that
 * cost nothing are missing. Unref it. Lower without training for the forward pass alone. */
GHashTable *gw_lowered_costs (const GwLowered *lowered);

G_END_DECLS
