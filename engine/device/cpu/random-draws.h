/* SPDX-License-Identifier: Apache-2.0 */
/* Distributions that draw a varying number of random words for each result. Every
 * one gives TensorFlow's numbers: the same algorithm, the same words in the same
 * order, the arithmetic rounded to the element type after each step. */
#pragma once

#include "engine/base/random.h"
#include "engine/device/kernel.h"

G_BEGIN_DECLS

/* Marsaglia and Tsang's gamma (core/kernels/random_op.cc): `output` is
 * [samples, elements of alpha], each element drawn from a region of 256 blocks of its
 * own. float16, bfloat16, float32, float64. */
void gw_cpu_random_gamma (GwKernelContext *context, const GwPhilox *philox, const GwTensor *alpha, GwTensor *output);

/* Knuth's Poisson numbers for rates below 10, Hörmann's transformed rejection
 * above (core/kernels/random_poisson_op.cc). `rate` and `output` of any of float16,
 * float32, float64, int32, int64; laid out as for gamma. A negative or NaN rate gives
 * NaN, or the least integer. */
void gw_cpu_random_poisson (GwKernelContext *context, const GwPhilox *philox, const GwTensor *rate, GwTensor *output);

/* What a truncated normal draws its rows from. Each tensor is a scalar or has one
 * element, or one for each row. */
typedef struct {
  const GwTensor *means, *deviations, *minima, *maxima;
} GwTruncation;

/* Robert's rejection sampling within bounds
 * (core/kernels/parameterized_truncated_normal_op.cc), `n_rows` rows of `row`
 * elements, the last perhaps cut short, one after the other from one stream.
 * INVALID_ARGUMENT for a deviation that is not positive, a minimum not below the
 * maximum, or no finite bound. */
gboolean gw_cpu_truncated_normal (const GwPhilox *philox, const GwTruncation *parameters, int64_t n_rows, int64_t row,
                                  GwTensor *output, GError **error);

/* Classes drawn with the probabilities softmax (logits): `output` [rows, samples] of
 * int32 or int64, `logits` [rows, classes], at least one class, `scratch` one double a
 * class. A logit that is not finite is never drawn
 * (core/kernels/multinomial_op.cc). */
void gw_cpu_multinomial (const GwPhilox *philox, const GwTensor *logits, double *scratch, GwTensor *output);

/* d sample / d alpha of a gamma variable by implicit differentiation of its
 * cumulative distribution (Figurnov et al. 2018). */
double gw_cpu_gamma_sample_derivative (double alpha, double sample);

G_END_DECLS
