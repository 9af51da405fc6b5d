/* SPDX-License-Identifier: Apache-2.0 */
/* Fusion in two parts: which steps go together (fuse.c) and what they become
 * (fuse-program.c). */
#pragma once

#include "engine/runtime/fuse.h"

G_BEGIN_DECLS

/* What a group takes from outside, at most. */
#define GW_FUSE_MAX_EXTERNAL 48

/* Steps that are to become one. */
typedef struct {
  GArray *members;   /* of int: numbers of steps, each behind those that it takes from */
  GArray *external;  /* of int: values that it takes from outside */
  GwShape shape;
  int64_t elements;
  int64_t inner;     /* of row and column operands; 0 = there are none */
  int     sum;       /* the step that sums up what a member makes; -1 = none */
} GwFuseGroup;

/* For each value how many steps use its memory, counted on from what stands there; more when
 * it is fetched or guards. */
void gw_fuse_count_users (const GwPlan *plan, int *users);

/* Whether the step is one that a group may hold. */
gboolean gw_fuse_is_element_wise (const GwPlan *plan, const GwPlanStep *step);
/* Whether the step's operands can be walked for a result of `shape` together with others
 * that are rows and columns of *inner (0 = none yet), which becomes what they all are. */
gboolean gw_fuse_operands_fit (const GwPlan *plan, const GwPlanStep *step, const GwShape *shape, int64_t *inner);

/* The group as one step, whose members' steps are freed then; `users` tells for each value
 * how many steps use its memory, more when it is kept. FALSE when it would not fit into
 * tiles: nothing has happened. */
gboolean gw_fuse_make_step (GwPlan *plan, const GwFuseGroup *group, const int *users, GwPlanStep *fused);

G_END_DECLS
