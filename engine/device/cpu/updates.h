/* SPDX-License-Identifier: Apache-2.0 */
/* Optimizer steps: one pass over the variable, its slots and the gradient.
 * float32 and float64; UNIMPLEMENTED otherwise. Formulas:
 * tensorflow/core/kernels/training_ops.cc. Tensors have the variable's shape,
 * the others are scalars of its type. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

/* variable -= rate × gradient */
gboolean gw_cpu_gradient_descent (GwKernelContext *context, GwTensor *variable, const GwTensor *rate,
                                  const GwTensor *gradient, GError **error);

/* slot = momentum × slot + gradient; variable -= rate × slot, with nesterov
 * variable -= rate × gradient + rate × momentum × slot */
gboolean gw_cpu_momentum (GwKernelContext *context, GwTensor *variable, GwTensor *slot, const GwTensor *rate,
                          const GwTensor *gradient, const GwTensor *momentum, gboolean nesterov, GError **error);

typedef struct {
  GwTensor       *variable, *m, *v;
  const GwTensor *beta1_power, *beta2_power, *rate, *beta1, *beta2, *epsilon, *gradient;
  gboolean        nesterov;
} GwAdamStep;

/* m += (1 - beta1) (g - m); v += (1 - beta2) (g² - v);
 * variable -= rate √(1 - beta2_power) / (1 - beta1_power) × m / (√v + epsilon) */
gboolean gw_cpu_adam (GwKernelContext *context, const GwAdamStep *step, GError **error);

G_END_DECLS
