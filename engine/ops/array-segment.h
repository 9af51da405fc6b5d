/* SPDX-License-Identifier: Apache-2.0 */
/* What the families of segments share. */
#pragma once

#include "engine/ops/array-common.h"

G_BEGIN_DECLS

/* Reads segment numbers that must be in ascending order and not negative. */
gboolean gw_segment_read (const GwTensor *ids, int64_t *rows, GError **error);

typedef enum {
  GW_SEGMENT_SUM,
  GW_SEGMENT_MEAN,    /* divided by how many rows there are of the number */
  GW_SEGMENT_SQRT_N,  /* by the square root of it */
} GwSegmentScale;

/* Divides each row of `data` by what `scale` makes of the length of its run of equal
 * numbers in `rows`. UNIMPLEMENTED for a type that has no division. */
gboolean gw_segment_divide (GwKernelContext *context, GwSegmentScale scale, GwDType dtype, void *data,
                            const int64_t *rows, int64_t n, int64_t inner, GError **error);

G_END_DECLS
