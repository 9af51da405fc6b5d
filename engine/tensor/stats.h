/* SPDX-License-Identifier: Apache-2.0 */
/* What a tensor is like: for summaries, the checkpoint table and the window. */
#pragma once

#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

/* Over finite elements; means and sums in double, in a fixed order. */
typedef struct {
  int64_t count;            /* all elements */
  int64_t nan, neg_inf, pos_inf;
  int64_t negative, zero, positive; /* finite ones */
  double  min, max;         /* NaN when there is no finite element */
  double  mean, stddev;     /* population deviation; NaN likewise */
  double  sum, sum_squares;
} GwTensorStats;

/* Numbers and bool; a string tensor gives count alone. */
void gw_tensor_stats (const GwTensor *tensor, GwTensorStats *stats);

/* TensorFlow's summary histogram (core/lib/histogram): 1551 limits growing by
 * 1.1, runs of empty buckets collapsed to one. */
typedef struct {
  double  min, max, num, sum, sum_squares;
  int     n_buckets;
  double *limits;  /* upper edges, ascending */
  double *counts;
} GwHistogram;

/* INVALID_ARGUMENT “Nan in summary histogram for: NAME” as TensorFlow does
 * (likewise Infinity). Free with gw_histogram_free(). */
GwHistogram *gw_histogram_new (const GwTensor *tensor, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GwHistogram *gw_histogram_copy (const GwHistogram *histogram);
void gw_histogram_free (GwHistogram *histogram);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwHistogram, gw_histogram_free)

/* Counts of finite elements in `n_bins` equal bins over [min, max] (max in the
 * last). */
void gw_tensor_bin (const GwTensor *tensor, double min, double max, int n_bins, int64_t *counts);

G_END_DECLS
