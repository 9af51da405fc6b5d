/* SPDX-License-Identifier: Apache-2.0 */
/* A line chart to work with: drag zooms into a box, double-click fits, Alt or
 * middle drag pans, the wheel zooms once it has the focus, Y toggles the log
 * scale, + - arrows 0 move by keyboard, comma and point step from point to
 * point; the pointer shows the table of values. */
#pragma once

#include "widgets/charts/chart-area.h"
#include "widgets/charts/chart-cursor.h"
#include "widgets/paint/line-chart.h"

G_BEGIN_DECLS

#define GW_TYPE_CHART_VIEW (gw_chart_view_get_type ())
G_DECLARE_FINAL_TYPE (GwChartView, gw_chart_view, GW, CHART_VIEW, GwChartArea)

/* Properties: "log-y" (boolean), "zoomed" (boolean, read only), "cursor"
 * (GwChartCursor). */
GtkWidget *gw_chart_view_new (void);
/* The chart: add series and set options in it, then gw_chart_area_changed(). */
GwLineChart *gw_chart_view_get_line_chart (GwChartView *view);
void gw_chart_view_set_cursor (GwChartView *view, GwChartCursor *cursor);
GwChartCursor *gw_chart_view_get_cursor (GwChartView *view);
void gw_chart_view_set_log_y (GwChartView *view, gboolean log_y);
gboolean gw_chart_view_get_log_y (GwChartView *view);
/* Show all data again. */
void gw_chart_view_fit (GwChartView *view);
/* NULL = fit. */
void gw_chart_view_set_range (GwChartView *view, const GwChartRange *range);
gboolean gw_chart_view_is_zoomed (GwChartView *view);
/* @factor > 1 shows less of the range, about the share (x, y) of the plot. */
void gw_chart_view_zoom (GwChartView *view, double factor, double x_share, double y_share);
/* By shares of the visible range. */
void gw_chart_view_pan (GwChartView *view, double x_share, double y_share);
/* Cursor to the next (+1) or previous (-1) point of the first visible series. */
void gw_chart_view_step_cursor (GwChartView *view, int direction);

G_END_DECLS
