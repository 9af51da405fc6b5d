/* SPDX-License-Identifier: Apache-2.0 */
/* How float16 and bfloat16 are computed: in float. Element-wise loops and reductions
 * convert a tile that fits into the first cache, run the loop of float over it and
 * convert back; kernels that need whole operands (products, softmax, running sums) work
 * on float twins of them. No op has a loop of its own for these types. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

/* Elements of a tile. */
#define GW_HALF_TILE 1024

static inline gboolean
gw_dtype_is_half (GwDType dtype)
{
  return dtype == GW_FLOAT16 || dtype == GW_BFLOAT16;
}

/* What elements of `dtype` are computed in: float32 for the half types. */
static inline GwDType
gw_dtype_computed (GwDType dtype)
{
  return gw_dtype_is_half (dtype) ? GW_FLOAT32 : dtype;
}

/* `half` is one of the two; x and y do not overlap. */
void gw_half_widen (GwDType half, const void *x, float *y, int64_t n);
void gw_half_narrow (GwDType half, const float *x, void *y, int64_t n);

/* Converts all elements of `from` to those of `to`, of as many: one is of a half type, the
 * other float32. */
void gw_half_copy (GwKernelContext *context, const GwTensor *from, GwTensor *to);

#define GW_TWINS_MAX 4

/* Operands of a kernel, then its results: of half types their float twins in the
 * kernel's scratch, of others their own memory. */
typedef struct {
  GwDType   dtype;                /* of what `data` holds; of the first operand */
  void     *data[GW_TWINS_MAX];
  int       n_operands, n_results;
  GwTensor *tensors[GW_TWINS_MAX];
} GwTwins;

/* Widens the operands; tensors of other types among them (class numbers) stay as they
 * are. Takes the kernel's scratch when there is a half type. RESOURCE_EXHAUSTED without
 * memory. A result may be the memory of an operand. */
gboolean gw_twins_begin (GwTwins *twins, GwKernelContext *context, int n_operands, const GwTensor *const *operands,
                         int n_results, GwTensor *const *results, GError **error);
/* Narrows the results. */
void gw_twins_finish (GwTwins *twins, GwKernelContext *context);

G_END_DECLS
