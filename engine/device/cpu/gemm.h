/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix products: OpenBLAS for floats, one-threaded calls side by side on the
 * workers; plain loops for integers. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

/* c (m × n) = op(a) (m × k) · op(b) (k × n), all row-major without gaps; op
 * transposes where asked: a is k × m then, b n × k. k may be 0. float32, float64,
 * int32, int64; UNIMPLEMENTED otherwise; INVALID_ARGUMENT for a side beyond 2^31. */
gboolean gw_cpu_gemm (GwKernelContext *context, GwDType dtype, gboolean transpose_a, gboolean transpose_b,
                      int64_t m, int64_t n, int64_t k, const void *a, const void *b, void *c, GError **error);

G_END_DECLS
