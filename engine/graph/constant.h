/* SPDX-License-Identifier: Apache-2.0 */
/* Running one node by itself on the calling thread, for constants. */
#pragma once

#include "engine/graph/graph.h"
#include "engine/graph/shape-context.h"

G_BEGIN_DECLS

/* Whether the op's result depends on nothing but its inputs. */
gboolean gw_op_is_foldable (const GwOpDef *def);
gboolean gw_node_is_const (const GwNode *node);

/* Runs the node's kernel; `shapes` are those of its outputs (known, but for ops with
 * GW_OP_DYNAMIC_OUTPUT), which are new tensors on success and NULL on failure. */
gboolean gw_node_evaluate (const GwNode *node, GwTensor *const *inputs, const GwShape *shapes,
                           GwTensor **outputs, GError **error);

/* A known shape value (elements as dimensions) as an int32 or int64 tensor of `shape`;
 * NULL when it is not wholly known or does not fit. */
GwTensor *gw_tensor_from_shape_value (GwDType dtype, const GwShape *shape, const GwShape *value);

/* Value sources that know nothing. */
const GwTensor *gw_no_value (GwShapeContext *context, int input);
gboolean gw_no_partial_value (GwShapeContext *context, int input, GwShape *value);

G_END_DECLS
