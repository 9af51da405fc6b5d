/* SPDX-License-Identifier: Apache-2.0 */
/* Fusion: neighbouring element-wise steps of a plan become one that runs tile by tile. */
#pragma once

#include "engine/runtime/plan-private.h"

G_BEGIN_DECLS

/* Rewrites the plan's steps, before memory is given to values. What is watched or fetched
 * in between is written out beside; it changes nothing in what is fused nor in any value. */
void gw_plan_fuse (GwPlan *plan);

/* Whether output `output` of a fused step may be written over input `input`: nothing
 * reads that after it is written. */
gboolean gw_fuse_may_overwrite (const GwFusedProgram *program, int output, int input);

G_END_DECLS
