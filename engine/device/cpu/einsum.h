/* SPDX-License-Identifier: Apache-2.0 */
/* Einstein sums of one or two operands, and the cross product of vectors. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

#define GW_EINSUM_LABELS (2 * GW_MAX_RANK)

/* The label, 0 … GW_EINSUM_LABELS - 1, of each dimension; one may come twice. */
typedef struct {
  int n;
  int labels[GW_MAX_RANK];
} GwEinsumTerm;

typedef struct {
  int          n_inputs;                 /* 1 or 2 */
  GwEinsumTerm inputs[2];
  GwEinsumTerm output;
  int64_t      dims[GW_EINSUM_LABELS];   /* of each label; an operand may have 1 instead: it is repeated */
} GwEinsum;

/* outputs[0] = for each combination of its labels, the sum over all others of the
 * products of the operands' elements; 0 where labels that come twice in the output
 * differ. Element types of gw_cpu_gemm(). */
gboolean gw_cpu_einsum (GwKernelContext *context, const GwEinsum *einsum, GError **error);

/* outputs[0] = inputs[0] × inputs[1], vectors of three along the last dimension;
 * UNIMPLEMENTED for a type without a loop. */
gboolean gw_cpu_cross (GwKernelContext *context, GError **error);

G_END_DECLS
