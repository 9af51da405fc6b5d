/* SPDX-License-Identifier: Apache-2.0 */
/* Tails: an element-wise step, or several that were fused, which takes what one kernel has
 * made is run by that kernel, part by part, while the part is in the cache. */
#pragma once

#include "engine/runtime/plan-private.h"

G_BEGIN_DECLS

/* Joins steps, after gw_plan_fuse() and before memory is given to values. A step of an op with
 * GW_OP_TAIL whose result one other step alone takes, neither watched nor fetched, moves to
 * where that one stands. Every value is, bit for bit, what the two give one after the other. */
void gw_plan_add_tails (GwPlan *plan);

void gw_plan_tail_free (GwPlanTail *tail);
/* Nodes that it stands for. */
int gw_plan_tail_n_nodes (const GwPlanTail *tail);
double gw_plan_tail_flops (const GwPlanTail *tail);

/* Whether output `output` of the joined step may be written over input `input` of it. */
gboolean gw_plan_tail_may_overwrite (const GwPlanTail *tail, int output, int input);
/* Whether the operand (inputs first, then outputs) is what goes from one to the other. */
gboolean gw_plan_tail_is_between (const GwPlanStep *step, int operand);

G_END_DECLS
