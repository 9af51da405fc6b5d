/* SPDX-License-Identifier: Apache-2.0 */
/* Reverse-mode differentiation: gradients are nodes of the same graph. */
#pragma once

#include "engine/graph/builder.h"

G_BEGIN_DECLS

/* d sum(ys) / d xs[i] → dxs[i], GW_NO_OUTPUT where no path leads from it to ys.
 * `grad_ys` seeds each y (of its type and shape; one without a node means ones), or
 * NULL (ones for all). Several paths are summed by AddN.
 * Nodes are added under the builder's scope; their origin is that of the forward
 * node. FAILED_PRECONDITION “No gradient defined for operation …” carries the
 * path when an op without gradient stands between. */
gboolean gw_gradients (GwBuilder *builder, int n_ys, const GwOutput *ys, const GwOutput *grad_ys,
                       int n_xs, const GwOutput *xs, GwOutput *dxs);

G_END_DECLS
