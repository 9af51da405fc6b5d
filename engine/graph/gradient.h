/* SPDX-License-Identifier: Apache-2.0 */
/* Reverse-mode differentiation: gradients are nodes of the same graph. */
#pragma once

#include "engine/graph/builder.h"

G_BEGIN_DECLS

/* What is asked for: d sum (ys) / d xs[i]. */
typedef struct {
  int             n_ys;
  const GwOutput *ys;
  const GwOutput *grad_ys;  /* seeds each y, of its type and shape; one without a node, or NULL: ones */
  int             n_xs;
  const GwOutput *xs;       /* floating-point tensors, or handles of variables */
  int             n_stops;
  const GwOutput *stops;    /* count as constant: nothing flows back through the nodes that make them */
} GwDifferentiation;

/* Gives a gradient per x: as rows where only rows of x were picked, without values
 * where no path leads from it to ys. Several paths are summed (AddN; rows are joined).
 * Nodes are added under the builder's scope; their origin is that of the forward
 * node. FAILED_PRECONDITION “No gradient defined for operation …” carries the
 * path when an op without gradient stands between. */
gboolean gw_differentiate (GwBuilder *builder, const GwDifferentiation *what, GwGradient *gradients);

/* The same, every gradient made whole; GW_NO_OUTPUT where there is none. */
gboolean gw_gradients (GwBuilder *builder, int n_ys, const GwOutput *ys, const GwOutput *grad_ys,
                       int n_xs, const GwOutput *xs, GwOutput *dxs);

/* ---- gradients as values ---- */

static inline gboolean
gw_gradient_is_sparse (const GwGradient *gradient)
{
  return gradient->indices.node != NULL;
}

static inline GwGradient
gw_gradient_whole (GwOutput values)
{
  return (GwGradient) { .values = values };
}

/* The whole tensor: UnsortedSegmentSum over the rows. */
GwOutput gw_gradient_to_dense (GwBuilder *builder, const GwGradient *gradient);
/* n > 0 gradients of one tensor added up: sparse only if all are. */
GwGradient gw_gradient_sum (GwBuilder *builder, int n, const GwGradient *gradients);
/* Rows of the same index summed, each index then standing once. */
GwGradient gw_gradient_unique_rows (GwBuilder *builder, const GwGradient *gradient);

G_END_DECLS
