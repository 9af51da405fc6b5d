/* SPDX-License-Identifier: Apache-2.0 */
/* All variables of an optimizer in one pass: neighbouring steps that each change a variable
 * of their own become one, cut into chunks by size whatever variable they are of. */
#pragma once

#include "engine/runtime/plan-private.h"

G_BEGIN_DECLS

/* Rewrites the plan's steps, before memory is given to values. Changes no value. */
void gw_plan_group_updates (GwPlan *plan);

void gw_update_group_free (GwUpdateGroup *group);
/* Variables that it changes. */
int gw_update_group_size (const GwUpdateGroup *group);

G_END_DECLS
