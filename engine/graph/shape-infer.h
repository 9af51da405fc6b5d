/* SPDX-License-Identifier: Apache-2.0 */
/* Running an op's shape function: over a graph while it is built, and over a plan
 * where more is known. */
#pragma once

#include "engine/graph/graph.h"
#include "engine/graph/shape-context.h"

G_BEGIN_DECLS

/* Where values come from: `get_value` gives a constant or NULL, `get_partial` what
 * shapes alone tell of an integer vector. */
typedef struct {
  const GwTensor *(*get_value) (GwShapeContext *context, int input);
  gboolean (*get_partial) (GwShapeContext *context, int input, GwShape *value);
  void *data;
} GwValueSource;

/* Infers `outputs` (node->n_outputs of them) from the shapes of the inputs. The
 * error carries the node. */
gboolean gw_infer_shapes (const GwNode *node, const GwShape *inputs, const GwValueSource *source,
                          GwShape *outputs, GError **error);

/* With what the graph knows, into node->shapes. */
gboolean gw_infer_node (GwNode *node, GError **error);

/* What `partial_value` of the op says, with the same context; FALSE = nothing. */
gboolean gw_infer_partial_value (const GwNode *node, const GwShape *inputs,
                                 const GwValueSource *source, GwShape *value);

/* An integer tensor of rank 0 or 1 as a shape (its elements the dimensions). FALSE
 * when it is no such tensor or longer than GW_MAX_RANK. */
gboolean gw_tensor_as_shape (const GwTensor *tensor, GwShape *value);

G_END_DECLS
