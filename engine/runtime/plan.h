/* SPDX-License-Identifier: Apache-2.0 */
/* A plan: what one call of run() does, compiled for its fetches, feeds and their
 * shapes. Order, buffers, constants and kernels are settled; running it is a walk
 * over an array that looks nothing up and allocates nothing but what depends on
 * values (see GW_OP_DYNAMIC_OUTPUT). */
#pragma once

#include "engine/graph/graph.h"

G_BEGIN_DECLS

typedef struct _GwPlan GwPlan;
typedef struct _GwSession GwSession;

typedef struct {
  GwGraph         *graph;
  int              n_feeds;
  const GwOutput  *feeds;
  const GwShape   *feed_shapes;  /* fully known */
  int              n_fetches;
  const GwOutput  *fetches;
  int              n_targets;    /* nodes to run for their effect */
  GwNode *const   *targets;
  GwOutput         guard;        /* floating scalar that is computed before any variable is
                                  * written (but for those that it follows from); when it is
                                  * not finite the run stops there. GW_NO_OUTPUT = none */
} GwPlanSpec;

typedef struct {
  const gint *cancel;  /* polled between steps (atomic); NULL = cannot be cancelled */
  int64_t     max_iterations; /* of any one loop; 0 = as many as it takes */
} GwRunOptions;

/* Any output can be fed, also one that a needed node makes beside others, or that
 * something waits for by a control edge: the node then runs, and those who take that
 * output get what was fed. A fed placeholder never runs.
 *
 * INVALID_ARGUMENT, FAILED_PRECONDITION … carrying the node that cannot be. The plan
 * belongs to the session's thread and must not outlive the session. */
GwPlan *gw_plan_new (GwSession *session, const GwPlanSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void gw_plan_free (GwPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwPlan, gw_plan_free)

/* `feeds` in the order and of the shapes of the spec; they are used in place. On
 * success fetched[i] is set to a tensor that the plan owns and overwrites in the
 * next run: of a fed output the value fed, of a variable (or the handle of one) its value
 * after the run, of a read of one what was read. OUT_OF_RANGE with the message “not finite” when the guard stopped it:
 * gw_plan_guard_tripped() tells it apart. */
gboolean gw_plan_run (GwPlan *plan, GwTensor *const *feeds, const GwRunOptions *options,
                      GwTensor **fetched, GError **error);
gboolean gw_plan_guard_tripped (const GwPlan *plan);

/* Figures of the compiled plan: for `gw bench`, tests and the window. */
int gw_plan_n_steps (const GwPlan *plan);
size_t gw_plan_arena_bytes (const GwPlan *plan);
/* What a step is, and what it costs as far as shapes tell (gw_plan_step_cost() in cost.c). */
typedef struct {
  const GwNode *node;     /* of a fused step the last of its nodes */
  int           n_nodes;  /* that it stands for */
  double        flops;    /* arithmetic operations of one run */
  double        bytes;    /* that it takes and makes, each tensor once */
} GwStepCost;
void gw_plan_step_cost (const GwPlan *plan, int step, GwStepCost *cost);

/* Called after each step on the thread that runs; times as gw_nanoseconds(). */
typedef void (*GwStepFunc) (void *data, const GwPlan *plan, int step, int64_t begin, int64_t end);

/* Whether any step needs memory whose size depends on values. */
gboolean gw_plan_is_dynamic (const GwPlan *plan);

G_END_DECLS
