/* SPDX-License-Identifier: Apache-2.0 */
/* Shape functions that many ops share. */
#pragma once

#include "engine/graph/shape-context.h"

G_BEGIN_DECLS

gboolean gw_shape_rule_none (GwShapeContext *context, GError **error);      /* no outputs */
gboolean gw_shape_rule_same (GwShapeContext *context, GError **error);      /* every output like input 0 */
gboolean gw_shape_rule_scalar (GwShapeContext *context, GError **error);    /* every output a scalar */
gboolean gw_shape_rule_unknown (GwShapeContext *context, GError **error);   /* every output unknown */
gboolean gw_shape_rule_broadcast (GwShapeContext *context, GError **error); /* inputs 0 and 1 */
/* Inputs must agree in shape with input 0; output 0 is what they say together. */
gboolean gw_shape_rule_merge (GwShapeContext *context, GError **error);
/* Input 1 holds axes, attribute keep_dims: reductions. */
gboolean gw_shape_rule_reduce (GwShapeContext *context, GError **error);

/* Marks the dimensions that `axes` (integers, negative ones from the end) names in
 * a shape of this rank. INVALID_ARGUMENT for one out of range or named twice. */
gboolean gw_shape_reduced_axes (const GwTensor *axes, int rank, gboolean reduced[GW_MAX_RANK], GError **error);
/* What is left of `shape` (known rank) without the marked dimensions; with keep_dims
 * they stay as 1. */
void gw_shape_reduce (const GwShape *shape, const gboolean reduced[GW_MAX_RANK], gboolean keep_dims, GwShape *result);

G_END_DECLS
