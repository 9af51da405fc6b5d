/* SPDX-License-Identifier: Apache-2.0 */
/* The one reduction engine: any axes, any of the functions below. Partial results
 * are cut by size and combined in a fixed order, so that the bits do not depend on
 * the number of threads. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

typedef enum {
  GW_REDUCE_SUM,
  GW_REDUCE_MEAN,        /* integers: towards zero */
  GW_REDUCE_PROD,
  GW_REDUCE_MAX,         /* NaN wins */
  GW_REDUCE_MIN,
  GW_REDUCE_ALL,         /* bool */
  GW_REDUCE_ANY,
  GW_REDUCE_HALF_SQUARES,/* sum of squares / 2: L2Loss */
  GW_REDUCE_NORM,        /* square root of the sum of squares */
  GW_N_REDUCE
} GwReduceOp;

/* Reduces `x`, seen as `shape`, over the dimensions that are marked into `y`, which
 * holds the others in order. UNIMPLEMENTED for a type without loops,
 * RESOURCE_EXHAUSTED without memory for the partial results. */
gboolean gw_cpu_reduce (GwKernelContext *context, GwReduceOp op, GwDType dtype, const GwShape *shape,
                        const gboolean reduced[GW_MAX_RANK], const void *x, void *y, GError **error);

/* The sum of all of n elements that somebody makes on the way: cut into gw_sum_pieces (n)
 * pieces as even as can be, the longer ones first, each gone through with gw_sum_loop() from
 * its beginning in parts of GW_SUM_BLOCK elements (the last may be shorter), then put
 * together by gw_sum_finish(), it is bit for bit what gw_cpu_reduce() gives. */
#define GW_SUM_BLOCK 4096
#define GW_SUM_MAX_PIECES 64
typedef void (*GwSumLoop) (double *total, const void *x, int64_t n);
int64_t gw_sum_pieces (int64_t n);
/* For float32 and float64; NULL for other types. */
GwSumLoop gw_sum_loop (GwDType dtype);
/* *y, of type `dtype`, becomes the sum of the pieces' totals or, if asked for, the mean. */
void gw_sum_finish (GwDType dtype, gboolean mean, int64_t n, const double *totals, void *y);

/* Position of the largest (or smallest) element along `axis`, the first of equal
 * ones, NaN left out; y has x's shape without `axis` and holds int32 or int64. Not of an empty
 * dimension. UNIMPLEMENTED for a type without loops. */
gboolean gw_cpu_arg_reduce (GwKernelContext *context, gboolean largest, const GwTensor *x, int axis,
                            GwTensor *y, GError **error);

typedef enum {
  GW_SCAN_SUM,
  GW_SCAN_PRODUCT,
  GW_SCAN_LOG_SUM_EXP,  /* ln Σ e^x; floating-point types */
  GW_N_SCAN
} GwScanOp;

/* Running sum (product, …) along `axis`; exclusive leaves the element itself out.
 * y has x's shape and is not x. UNIMPLEMENTED for a type without loops. */
gboolean gw_cpu_scan (GwKernelContext *context, GwScanOp op, const GwTensor *x, int axis,
                      gboolean exclusive, gboolean reverse, GwTensor *y, GError **error);

G_END_DECLS
