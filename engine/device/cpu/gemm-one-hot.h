/* SPDX-License-Identifier: Apache-2.0 */
/* Products of float32 matrices whose first one is one-hot, as letters and words enter a network:
 * rows of the second one are looked up or summed up instead of multiplied with zeros. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

/* c (m × n) = op(a) · b as gw_cpu_gemm(), if every row of a, as it lies, has at most one element
 * other than 0 and b no infinity and no NaN (which 0 would make NaN of): TRUE. Else FALSE, soon for
 * most operands, with anything in c. The first row's look costs a pass over it; every element is
 * summed up in the order of a's rows. */
gboolean gw_gemm_one_hot (GwKernelContext *context, gboolean transpose_a, int64_t m, int64_t n, int64_t k,
                          const float *a, const float *b, float *c);

G_END_DECLS
