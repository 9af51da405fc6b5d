/* SPDX-License-Identifier: Apache-2.0 */
/* Stored histograms (uneven buckets, as event files keep them) and what charts
 * make of them: 30 uniform bins by overlap, percentiles by interpolation. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GW_HISTOGRAM_BINS 30
#define GW_HISTOGRAM_PERCENTILES 9

/* One stored bucket: @count values in left..right (zero width allowed). */
typedef struct
{
  double left, right, count;
} GwBucket;

/* The state of one tensor at one step; buckets ascending, owned. */
typedef struct
{
  double step;
  double wall;
  guint n_buckets;
  GwBucket *buckets;
} GwHistogramStep;

/* An append-only list of steps. */
typedef struct _GwHistogramSeries GwHistogramSeries;

GwHistogramSeries *gw_histogram_series_new (void);
GwHistogramSeries *gw_histogram_series_ref (GwHistogramSeries *series);
void gw_histogram_series_unref (GwHistogramSeries *series);
/* Copies @buckets; those that are not finite or hold no count are left out.
 * FALSE when memory ran out. */
gboolean gw_histogram_series_append (GwHistogramSeries *series, double step, double wall,
                                     const GwBucket *buckets, guint n_buckets);
void gw_histogram_series_clear (GwHistogramSeries *series);
guint gw_histogram_series_length (const GwHistogramSeries *series);
const GwHistogramStep *gw_histogram_series_get (const GwHistogramSeries *series, guint index);
/* Common range of all steps; FALSE when there is none. */
gboolean gw_histogram_series_range (const GwHistogramSeries *series, double *low, double *high);

/* Splits the counts of @buckets over @n_bins equal bins of low..high by overlap;
 * a bucket of zero width goes whole into the bin that holds it (the last bin
 * includes @high).  The total is kept when the buckets lie inside low..high. */
void gw_histogram_rebin (const GwBucket *buckets, guint n_buckets, double low, double high,
                         double *bins, guint n_bins);

/* Values below which a share of the counts lies, linear inside a bucket, for
 * min, 7, 16, 31, 50, 69, 84, 93 %, max.  FALSE when there is no count. */
gboolean gw_histogram_percentiles (const GwBucket *buckets, guint n_buckets,
                                   double percentiles[GW_HISTOGRAM_PERCENTILES]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwHistogramSeries, gw_histogram_series_unref)

G_END_DECLS
