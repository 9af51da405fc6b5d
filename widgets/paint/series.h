/* SPDX-License-Identifier: Apache-2.0 */
/* The points of one curve, append-only, with smoothing over all of them and a
 * pyramid of minima and maxima, so that any pixel column of a chart is found in
 * a few dozen reads however many points there are.  Not thread-safe. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _GwSeries GwSeries;

typedef enum
{
  GW_SERIES_X_STEP,
  GW_SERIES_X_RELATIVE,  /* wall time less that of the first point, seconds */
  GW_SERIES_X_WALL       /* seconds since 1970 */
} GwSeriesX;

typedef enum
{
  GW_SMOOTHING_NONE,
  GW_SMOOTHING_EMA,      /* last = w last + (1 - w) y, shown = last / (1 - w^n): debiased */
  GW_SMOOTHING_MEAN      /* mean of the last (1 + w) / (1 - w) points */
} GwSmoothing;

typedef struct
{
  double step, wall, value, smoothed;
} GwSeriesPoint;

/* Finite values only; low > high when there is none. */
typedef struct
{
  double low, high;
  double low_positive;   /* smallest above 0, +infinity when there is none */
} GwSeriesRange;

GwSeries *gw_series_new (void);
GwSeries *gw_series_ref (GwSeries *series);
void gw_series_unref (GwSeries *series);

/* Adds a point; amortised O(1).  @value may be NaN or infinite: it passes
 * through unsmoothed and counts for no range.  FALSE (nothing is added) when
 * @step or @wall is not finite or memory ran out.  A step or wall time below
 * the one before begins a new segment: lines do not join across it. */
gboolean gw_series_append (GwSeries *series, double step, double wall, double value);

/* Drops the points at the end whose step is @step or above (a restarted run). */
void gw_series_truncate_from_step (GwSeries *series, double step);
void gw_series_clear (GwSeries *series);

gsize gw_series_length (const GwSeries *series);
/* Counts every change of the contents or the smoothing. */
guint64 gw_series_version (const GwSeries *series);
GwSeriesPoint gw_series_point (const GwSeries *series, gsize index);

/* @weight 0..0.999; O(n) when it differs from the present one, and from then
 * on kept up to date by each append. */
void gw_series_set_smoothing (GwSeries *series, GwSmoothing method, double weight);

/* x of the point @index on the axis @x. */
double gw_series_x (const GwSeries *series, GwSeriesX x, gsize index);

/* Segments: runs of points with rising x; segment @n covers [begin, end). */
gsize gw_series_n_segments (const GwSeries *series);
void gw_series_segment (const GwSeries *series, gsize n, gsize *begin, gsize *end);

/* First index in [begin, end) (inside one segment) whose x is >= @value, or @end. */
gsize gw_series_lower_bound (const GwSeries *series, GwSeriesX x, gsize begin, gsize end,
                             double value);

/* Index of the point nearest to @value on the axis @x; FALSE when empty. */
gboolean gw_series_nearest (const GwSeries *series, GwSeriesX x, double value, gsize *index);

/* Minimum and maximum of the raw or smoothed values in [begin, end), O(log n). */
GwSeriesRange gw_series_range (const GwSeries *series, gboolean smoothed, gsize begin, gsize end);

/* The 5..95 % range of the smoothed values: sorted[ceil (0.05 (n-1))] ..
 * sorted[floor (0.95 (n-1))].  Exact up to 4,096 points; above, it may lag by
 * up to 1/64 of the points, and from 131,072 on every n-th is looked at.  Fewer
 * than 40 points count all, raw as they are.  low > high when there is no finite
 * value. */
GwSeriesRange gw_series_inner_range (GwSeries *series);

/* Indices of the points that are not finite, ascending, owned by the series. */
const guint *gw_series_non_finite (const GwSeries *series, gsize *n_indices);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwSeries, gw_series_unref)

G_END_DECLS
