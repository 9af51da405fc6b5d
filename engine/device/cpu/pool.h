/* SPDX-License-Identifier: Apache-2.0 */
/* Pooling of pictures and volumes, and what flows back through it. */
#pragma once

#include "engine/device/cpu/window.h"

G_BEGIN_DECLS

/* “Input” and “output” are those of the pooling itself; what lies in the padding does
 * not count. Of equal elements the first one is the largest; a NaN is only when it
 * comes first (arg max) or never (max). */
typedef enum {
  GW_POOL_MAX,             /* x → the largest of each window */
  GW_POOL_ARG_MAX,         /* x → that, and where it was found */
  GW_POOL_MAX_GRAD,        /* x, d (like the output) → d goes to the largest of each window */
  GW_POOL_MAX_GRAD_TIES,   /* x, d (like the output) → d goes to every element that is as large */
  GW_POOL_MAX_GRAD_GRAD,   /* x, d (like the input) → d at the largest of each window */
  GW_POOL_AVG,             /* x → the mean of each window */
  GW_POOL_AVG_GRAD,        /* d (like the output) → shared out over each window */
  GW_N_POOL
} GwPoolOp;

typedef struct {
  GwPoolOp        op;
  GwDType         dtype;
  GwWindow        window;         /* dilations of 1 */
  gboolean        channels_first; /* then tensors are (batch, channels, sizes…), of these shapes: */
  const GwShape  *input_shape, *output_shape;
  const void     *x, *d;          /* those that the op reads */
  void           *result;
  void           *positions;      /* of ARG_MAX: in the picture, (position × channels) + channel; with
                                   * whole_batch counted through the batch */
  gboolean        wide;           /* positions are int64, else int32 */
  gboolean        whole_batch;
} GwPool;

/* float32 and float64; but for AVG also the integers. UNIMPLEMENTED otherwise,
 * RESOURCE_EXHAUSTED, INVALID_ARGUMENT for pictures of 2^31 positions. */
gboolean gw_cpu_pool (GwKernelContext *context, const GwPool *pool, GError **error);

/* The gradient of ARG_MAX: result (of `inputs` elements a picture) gets d[i] at
 * positions[i]; d has `outputs` elements a picture. A position outside of the picture is
 * INVALID_ARGUMENT. */
gboolean gw_cpu_pool_scatter (GwKernelContext *context, GwDType dtype, int64_t batch, int64_t inputs, int64_t outputs,
                              const void *d, const GwTensor *positions, gboolean whole_batch, void *result,
                              GError **error);
G_END_DECLS
