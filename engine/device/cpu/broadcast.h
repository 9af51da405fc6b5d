/* SPDX-License-Identifier: Apache-2.0 */
/* How operands of different shapes run together: dimensions that every operand
 * walks in the same way are merged, so that most cases come down to one or two
 * loops, and the innermost one steps each operand by 0 or 1. */
#pragma once

#include "engine/tensor/shape.h"

G_BEGIN_DECLS

#define GW_BROADCAST_MAX 3

typedef struct {
  int     n_operands;
  int     rank;                                     /* at least 1 */
  int64_t elements;
  int64_t dims[GW_MAX_RANK];
  int64_t strides[GW_BROADCAST_MAX][GW_MAX_RANK];   /* 0 where the operand is repeated */
} GwBroadcast;

/* `operands` are known shapes that broadcast to `result`. */
void gw_broadcast_init (GwBroadcast *plan, const GwShape *result, int n_operands, const GwShape *const *operands);

/* One run along the innermost dimension: `n` results from `out` on, operand k from
 * element offsets[k] on with step plan->strides[k][rank - 1]. */
typedef void (*GwBroadcastFunc) (void *data, const int64_t *offsets, int64_t out, int64_t n);
/* Calls `func` for the results [begin, end), in order. */
void gw_broadcast_run (const GwBroadcast *plan, int64_t begin, int64_t end, GwBroadcastFunc func, void *data);

G_END_DECLS
