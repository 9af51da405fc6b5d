/* SPDX-License-Identifier: Apache-2.0 */
/* Sub-graphs where they run. Every node that calls some has copies of its own, kept by the
 * session, in which the handles that it passes stand for its variables; random streams live
 * there. A copy is compiled for the shapes it is called with, and the last few plans are
 * kept. */
#pragma once

#include "engine/device/kernel.h"
#include "engine/graph/function.h"
#include "engine/runtime/session.h"

/* What a step of `plan` calls: for GwKernelContext.calls. Errors name the node inside. */
GwKernelCalls *gw_calls_new (GwPlan *plan, const GwNode *node, GError **error);
void gw_calls_free (GwKernelCalls *calls); /* NULL is fine */

/* The copies of all sub-graphs that a graph's nodes call, made when first asked for. */
typedef struct {
  const GwNode *node;       /* who calls */
  GwGraph      *graph;      /* its graph, a reference */
  GwFunction   *function;   /* its inputs are nodes of the copy */
  GPtrArray    *effects;    /* of GwNode: what runs for what it does */
} GwCallee;

/* Of the node's `n_functions` sub-graphs; owned by the session. NULL with an error. */
GwCallee **gw_session_callees (GwSession *session, const GwNode *node, int *n_functions, GError **error);
void gw_callee_free (gpointer callee);
