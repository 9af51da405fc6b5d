/* SPDX-License-Identifier: Apache-2.0 */
/* Products of float32 matrices with few columns, as the last layer of a classifier makes:
 * vectors lie along the inner or the longer side, which few columns would leave half empty. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

/* Columns of the second operand, at most. */
#define GW_GEMM_NARROW 12

/* c (m × n) = op(a) · op(b) as gw_cpu_gemm(), n from 1 to GW_GEMM_NARROW. Every element is
 * summed up in an order that follows from k alone. */
void gw_gemm_narrow (GwKernelContext *context, gboolean transpose_a, gboolean transpose_b, int64_t m, int64_t n,
                     int64_t k, const float *a, const float *b, float *c);

G_END_DECLS
