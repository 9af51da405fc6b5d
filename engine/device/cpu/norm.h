/* SPDX-License-Identifier: Apache-2.0 */
/* Normalising: over the batch, one mean and variance a channel, and over neighbouring
 * channels of one position. float32. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

/* Batch normalisation. x and y are (rows, channels); everything else has one element a
 * channel. Sums are kept in float64 and added in an order that depends on the size alone. */
typedef struct {
  int64_t      rows, channels;
  gboolean     training;       /* from the batch itself; else from mean and variance */
  float        epsilon;
  float        factor;         /* training, unless 1: batch_mean = (1 - factor) mean + factor × the batch's */
  const float *x, *scale, *offset;
  const float *mean, *variance;/* not read in training with a factor of 1 */
  float       *y;
  float       *batch_mean, *batch_variance; /* the variance by rows - 1 */
  float       *saved_mean, *saved_variance; /* of the batch, the variance by rows: what the gradient wants */
} GwBatchNorm;

/* RESOURCE_EXHAUSTED. Of no rows: NaN for the batch, zeros for what is saved. */
gboolean gw_cpu_batch_norm (GwKernelContext *context, const GwBatchNorm *norm, const GwShape *channels_first, GError **error);

typedef struct {
  int64_t      rows, channels;
  gboolean     training;       /* mean and variance are those of x, and depend on it */
  float        epsilon;
  const float *dy, *x, *scale;
  const float *mean, *variance;
  float       *dx, *dscale, *doffset;
} GwBatchNormGrad;

/* In both: `channels_first`, unless NULL, is the shape of x and y, (batch, channels, …),
 * instead of (rows, channels). */
gboolean gw_cpu_batch_norm_grad (GwKernelContext *context, const GwBatchNormGrad *norm, const GwShape *channels_first,
                                 GError **error);

/* y = x / (bias + alpha Σ x²)^beta, the sum over the channels at most `radius` away. */
typedef struct {
  int64_t      rows, channels;
  int64_t      radius;
  float        bias, alpha, beta;
  const float *x, *y, *dy;     /* y and dy: for the gradient */
  float       *result;         /* y, or the gradient for x */
} GwLocalNorm;

gboolean gw_cpu_local_norm (GwKernelContext *context, const GwLocalNorm *norm, GError **error);
gboolean gw_cpu_local_norm_grad (GwKernelContext *context, const GwLocalNorm *norm, GError **error);

G_END_DECLS
