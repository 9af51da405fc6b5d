/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of x[1:3, ::-1, ..., new, 2]: what StridedSlice reads and its gradient
 * writes, for its shape functions and kernels
 * (TensorFlow's core/util/strided_slice_op.cc). */
#pragma once

#include "engine/device/cpu/copy.h"
#include "engine/tensor/attr.h"

G_BEGIN_DECLS

/* The attributes that both ops share, in this order from the first on. */
enum {
  GW_SLICE_T,
  GW_SLICE_INDEX,
  GW_SLICE_BEGIN_MASK,
  GW_SLICE_END_MASK,
  GW_SLICE_ELLIPSIS_MASK,
  GW_SLICE_NEW_AXIS_MASK,
  GW_SLICE_SHRINK_AXIS_MASK,
};

typedef struct {
  int     rank;                    /* of the sliced tensor */
  int64_t begin[GW_MAX_RANK];      /* first index per dimension */
  int64_t stride[GW_MAX_RANK];
  int64_t size[GW_MAX_RANK];       /* elements taken, -1 where that is not known */
  GwShape result;                  /* after new and dropped axes */
} GwSlicing;

/* `n` entries of begin, end and stride; begin and end may be NULL where not known, `shape`
 * may be partly known (of known rank). INVALID_ARGUMENT in TensorFlow's words. */
gboolean gw_slicing_resolve (const GwAttrValue *attrs, const GwShape *shape, int n, const int64_t *begin,
                             const int64_t *end, const int64_t *strides, GwSlicing *slicing, GError **error);

G_END_DECLS
