/* SPDX-License-Identifier: Apache-2.0 */
/* Optimizer steps: one pass over a variable, its slots and the gradient, of whole
 * tensors or of some rows. float32 and float64; float16 and bfloat16 computed in
 * float32. Formulas: tensorflow/core/kernels/training_ops.cc. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

/* Slots and scalars in the order of the ports of TensorFlow's op of that name, flags
 * (0 or 1) behind the scalars. */
typedef enum {
  GW_UPDATE_GRADIENT_DESCENT,          /* - ; alpha */
  GW_UPDATE_PROXIMAL_GRADIENT_DESCENT, /* - ; alpha, l1, l2 */
  GW_UPDATE_MOMENTUM,                  /* accum; lr, momentum, use_nesterov */
  GW_UPDATE_ADAGRAD,                   /* accum; lr, update_slots */
  GW_UPDATE_ADAGRAD_V2,                /* accum; lr, epsilon, update_slots */
  GW_UPDATE_PROXIMAL_ADAGRAD,          /* accum; lr, l1, l2 */
  GW_UPDATE_ADADELTA,                  /* accum, accum_update; lr, rho, epsilon */
  GW_UPDATE_ADAM,                      /* m, v; beta1_power, beta2_power, lr, beta1, beta2, epsilon, use_nesterov */
  GW_UPDATE_ADA_MAX,                   /* m, v; beta1_power, lr, beta1, beta2, epsilon */
  GW_UPDATE_RMS_PROP,                  /* ms, mom; lr, rho, momentum, epsilon */
  GW_UPDATE_CENTERED_RMS_PROP,         /* mg, ms, mom; lr, rho, momentum, epsilon */
  GW_UPDATE_FTRL,                      /* accum, linear; lr, l1, l2, lr_power, multiply_linear_by_lr */
  GW_UPDATE_FTRL_V2,                   /* accum, linear; lr, l1, l2, l2_shrinkage, lr_power, multiply_linear_by_lr */
  GW_UPDATE_ADD_SIGN,                  /* m; lr, alpha, sign_decay, beta */
  GW_UPDATE_POWER_SIGN,                /* m; lr, logbase, sign_decay, beta */
  GW_N_UPDATES
} GwUpdateRule;

#define GW_UPDATE_MAX_SLOTS 3
#define GW_UPDATE_MAX_SCALARS 8

typedef struct {
  GwUpdateRule    rule;
  GwTensor       *tensors[1 + GW_UPDATE_MAX_SLOTS]; /* the variable, then its slots: of one shape and type */
  const GwTensor *gradient;  /* of the variable's shape; with indices: one row for each of them */
  const GwTensor *indices;   /* int32 or int64 vector of rows, each a row of the variable; NULL: all of it.
                              * A row that comes twice is stepped twice, in the order given */
  double          scalars[GW_UPDATE_MAX_SCALARS];
} GwUpdate;

/* Tensors that the rule changes beside the variable. */
int gw_update_n_slots (GwUpdateRule rule);

/* UNIMPLEMENTED for any other type. The indices must have been checked. */
gboolean gw_cpu_update (GwKernelContext *context, const GwUpdate *update, GError **error);

/* Elements [begin, end) of a step of all of a variable, of a type that there is a rule for;
 * different parts may be made side by side. */
void gw_cpu_update_part (const GwUpdate *update, int64_t begin, int64_t end);

G_END_DECLS
