/* SPDX-License-Identifier: Apache-2.0 */
/* Softmax over rows, and the cross entropy with its gradient. Floating-point
 * types; UNIMPLEMENTED otherwise. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

/* y = softmax (x) or its logarithm along the last dimension; y may be x. */
gboolean gw_cpu_softmax (GwKernelContext *context, gboolean logarithm, const GwTensor *x, GwTensor *y,
                         GError **error);

/* loss[i] = Σ labels × -log softmax (features); backprop = softmax - labels. Features
 * and labels of one row or one column are repeated over backprop's shape. */
gboolean gw_cpu_cross_entropy (GwKernelContext *context, const GwTensor *features, const GwTensor *labels,
                               GwTensor *loss, GwTensor *backprop, GError **error);

/* The same with class numbers (int32 or int64), which must lie within the columns. */
gboolean gw_cpu_sparse_cross_entropy (GwKernelContext *context, const GwTensor *features,
                                      const GwTensor *labels, GwTensor *loss, GwTensor *backprop,
                                      GError **error);

G_END_DECLS
