/* SPDX-License-Identifier: Apache-2.0 */
/* The inner loops of reductions, by function and element type. */
#pragma once

#include "engine/device/cpu/reduce.h"

G_BEGIN_DECLS

typedef struct {
  /* *acc = f (*acc, x[0], …, x[n-1]) */
  void (*row) (void *acc, const void *x, int64_t n);
  /* acc[j] = f (acc[j], x[j], x[stride + j], …) for j < n, over `rows` rows */
  void (*columns) (void *acc, const void *x, int64_t n, int64_t rows, int64_t stride);
  /* acc[j] = what an empty reduction gives */
  void (*start) (void *acc, int64_t n);
} GwReduceLoops;

/* NULL members when there are none. Functions that end with a further step (mean,
 * norm) give the loops of what comes before it. */
GwReduceLoops gw_reduce_loops (GwReduceOp op, GwDType dtype);

G_END_DECLS
