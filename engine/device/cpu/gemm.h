/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix products: OpenBLAS for floats, one-threaded calls side by side on the
 * workers; plain loops for integers. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

/* How an operand enters a product; FALSE and TRUE say the first two as well. */
typedef enum {
  GW_GEMM_PLAIN,
  GW_GEMM_TRANSPOSED,
  GW_GEMM_ADJOINT,     /* transposed and, where complex, conjugated */
} GwGemmForm;

/* c (m × n) = op(a) (m × k) · op(b) (k × n), all row-major without gaps; op
 * transposes where asked: a is k × m then, b n × k. k may be 0. float32, float64,
 * int16, int32, int64, complex64, complex128; UNIMPLEMENTED otherwise; INVALID_ARGUMENT
 * for a side beyond 2^31. */
gboolean gw_cpu_gemm (GwKernelContext *context, GwDType dtype, GwGemmForm form_a, GwGemmForm form_b,
                      int64_t m, int64_t n, int64_t k, const void *a, const void *b, void *c, GError **error);

/* The products of all matrices, which are the last two dimensions; those before them are
 * broadcast to z's. The half types as well. */
gboolean gw_cpu_matmul (GwKernelContext *context, const GwTensor *x, GwGemmForm form_x, const GwTensor *y,
                        GwGemmForm form_y, GwTensor *z, GError **error);

G_END_DECLS
