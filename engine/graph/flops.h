/* SPDX-License-Identifier: Apache-2.0 */
/* How many arithmetic operations ops take, as far as shapes tell: those that dominate
 * (products, convolutions, recurrent layers) as they are counted in the field, a
 * multiplication and addition being two. */
#pragma once

#include "engine/graph/graph.h"

G_BEGIN_DECLS

/* Of one of those ops, from the shapes of its inputs and outputs; a NULL shape or an open size
 * counts as 1. Negative for every other op. */
double gw_op_flops (const GwOpDef *def, int n_inputs, const GwShape *const *inputs, int n_outputs, const GwShape *const *outputs);

/* Of any node, with the shapes that the graph knows, an open size (the batch) being 1; one for
 * each element of its largest tensor where the op is none of those, none for constants,
 * variables and ops that only hand on. What sub-graphs take is not counted. */
double gw_node_flops (const GwNode *node);

G_END_DECLS
