/* SPDX-License-Identifier: Apache-2.0 */
/* A tensor's histograms over the steps, as offset ridges (oldest at the back
 * and palest) or laid over each other, or as bands of nine percentiles. */
#pragma once

#include "widgets/paint/axis.h"
#include "widgets/paint/chart.h"
#include "widgets/paint/histogram.h"

G_BEGIN_DECLS

typedef enum
{
  GW_HISTOGRAM_OFFSET,
  GW_HISTOGRAM_OVERLAY,
  GW_HISTOGRAM_DISTRIBUTION
} GwHistogramMode;

typedef struct _GwHistogramChart GwHistogramChart;

/* @run gives the colour. */
GwHistogramChart *gw_histogram_chart_new (GwHistogramSeries *series, guint run);
void gw_histogram_chart_set_series (GwHistogramChart *chart, GwHistogramSeries *series);
GwHistogramSeries *gw_histogram_chart_series (GwHistogramChart *chart);
void gw_histogram_chart_set_mode (GwHistogramChart *chart, GwHistogramMode mode);
GwHistogramMode gw_histogram_chart_get_mode (const GwHistogramChart *chart);
/* Title above the drawing and a footer below it, for exports; NULL = none. */
void gw_histogram_chart_set_title (GwHistogramChart *chart, const char *title);
/* The step drawn strongly (offset) or marked by a line (distribution); NaN = none. */
void gw_histogram_chart_set_marked_step (GwHistogramChart *chart, double step);
/* Step under the pointer, NaN when there is none. */
double gw_histogram_chart_step_at (GwHistogramChart *chart, GwChartPen *pen, double width,
                                   double height, double x, double y);
/* "12 of 60 steps, 30 bins"; owned by the chart. */
const char *gw_histogram_chart_footer (GwHistogramChart *chart);

G_END_DECLS
