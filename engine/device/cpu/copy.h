/* SPDX-License-Identifier: Apache-2.0 */
/* One engine for everything that only moves elements: transposing, slicing,
 * repeating, joining, splitting and padding are all a box of elements read with
 * one set of strides and written with another. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

/* Tiling a tensor takes two dimensions for each of its own. */
#define GW_COPY_MAX_DIMS (2 * GW_MAX_RANK)

/* Element (i, j, …) goes from src + i·src_strides[0] + j·src_strides[1] + … to the
 * same with dst_strides. Strides count elements; of the source they may be 0 (an
 * element is repeated) and either may be negative. */
typedef struct {
  int     n_dims;
  int64_t dims[GW_COPY_MAX_DIMS];
  int64_t src_strides[GW_COPY_MAX_DIMS];
  int64_t dst_strides[GW_COPY_MAX_DIMS];
} GwStridedCopy;

/* Adds a dimension behind the ones there are. */
void gw_strided_copy_append (GwStridedCopy *copy, int64_t dim, int64_t src_stride, int64_t dst_stride);

/* Copies; `src` and `dst` point to element (0, 0, …). The boxes must not overlap.
 * Strings are duplicated. Shared out over the workers when big. */
void gw_strided_copy_run (GwKernelContext *context, const GwStridedCopy *copy, GwDType dtype,
                          const void *src, void *dst);

/* n equal elements. */
void gw_fill_elements (GwKernelContext *context, GwDType dtype, const void *value, void *dst, int64_t n);
/* n elements in a row; nothing when src is dst. */
void gw_copy_elements (GwKernelContext *context, GwDType dtype, const void *src, void *dst, int64_t n);

/* The address of element `index` of memory that starts at `data`. */
static inline void *
gw_element_at (const void *data,
               GwDType     dtype,
               int64_t     index)
{
  return (char *) data + (ptrdiff_t) gw_dtype_size (dtype) * index;
}

G_END_DECLS
