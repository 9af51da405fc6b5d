/* SPDX-License-Identifier: Apache-2.0 */
/* What the body of a While draws at random, kept by the loop for its gradient. As in
 * TensorFlow's control flow v2 the loop has a list for each random op, to which every turn
 * adds what it drew; the gradient takes the values from there and draws nothing again.
 * Random ops in sub-graphs that the body calls are not kept. */
#pragma once

#include "engine/graph/function.h"

G_BEGIN_DECLS

/* An output of a random op in a body. */
typedef struct {
  GwFunctionValue value; /* `inside` is it */
  int             list;  /* the variable of the loop whose list gets it in every turn; -1: none does */
} GwLoopDraw;

/* Appends all of the body's to `draws`. The node that could not be repeated and is no random op
 * of the body itself, NULL where there is none. */
const GwNode *gw_loop_draws (const GwFunction *body, GArray *draws);

/* Whether it is While or StatelessWhile. */
gboolean gw_op_is_loop (const GwOpDef *def);

/* gw_graph_add() of a While or a StatelessWhile; where its graph keeps the draws of a loop of this
 * name, with a variable more for each of them, the last ones. */
GwNode *gw_loop_add (GwGraph *graph, const GwNodeSpec *spec, GError **error);

/* gw_node_new() of one, called after its op within the scope. */
GwNode *gw_loop_new (GwBuilder *b, const char *op, int n, const GwOutput *inputs, GwFunction *cond, GwFunction *body);

G_END_DECLS
