/* SPDX-License-Identifier: Apache-2.0 */
/* Products of float32 matrices by the register tiles of the direct convolution: a panel
 * of the second operand is packed where it is used, the first one is read where it lies. */
#pragma once

#include "engine/device/cpu/gemm.h"

G_BEGIN_DECLS

/* Whether such a product is made faster so than by the library: not where the processor's
 * registers hold but four floats, nor where packing both operands pays. */
gboolean gw_gemm_suits_tiles (gboolean transpose_a, gboolean transpose_b, int64_t m, int64_t n, int64_t k);

/* gw_cpu_gemm() of float32 with m, n and k above 0. Every element is summed up in an
 * order that follows from k alone. */
void gw_gemm_by_tiles (GwKernelContext *context, gboolean transpose_a, gboolean transpose_b, int64_t m, int64_t n,
                       int64_t k, const float *a, const float *b, float *c);

G_END_DECLS
