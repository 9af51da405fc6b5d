/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of pooling, by function and element type. */
#pragma once

#include "engine/device/cpu/pool.h"

G_BEGIN_DECLS

/* Channels that a unit of the backward loops works on. */
#define GW_POOL_TILE 64

/* A unit is an output row (through batch, depth and height) of those that make
 * outputs, else GW_POOL_TILE channels of one picture, which nobody else writes to. */
typedef void (*GwPoolLoop) (const GwPool *pool, int64_t unit);

/* NULL when there is none. */
GwPoolLoop gw_pool_loop (GwPoolOp op, GwDType dtype, const GwWindow *window);

/* Whether units are output rows. */
gboolean gw_pool_runs_by_row (GwPoolOp op);

G_END_DECLS
