/* SPDX-License-Identifier: Apache-2.0 */
/* Small drawings inside rows, node shelves and the run bar: sparkline, health
 * pill, progress with a tick per checkpoint, bar of change. */
#pragma once

#include "widgets/paint/chart-pen.h"

G_BEGIN_DECLS

/* The last values as a line with a dot at its end, filled below at 20 %.  At
 * most one value per pixel is drawn (the mean of its share).  Values that are
 * not finite break the line. */
void gw_chart_draw_sparkline (GwChartPen *pen, double x, double y, double width, double height,
                              const double *values, gsize n_values, GwChartColor color);

/* Shares by count; @counts in the order of GwHealthKind.  A share above 0 is at
 * least 3 px wide, 1 px between.  Nothing is drawn when all counts are 0. */
void gw_chart_draw_health (GwChartPen *pen, double x, double y, double width, double height,
                           const double counts[GW_HEALTH_N_KINDS]);

/* The widths that gw_chart_draw_health() uses; 0 for an empty kind.  Gaps of 1
 * px are not included. */
void gw_chart_health_widths (const double counts[GW_HEALTH_N_KINDS], double width,
                             double widths[GW_HEALTH_N_KINDS]);

/* Bar of @share 0..1 with ticks at @ticks (shares). */
void gw_chart_draw_progress (GwChartPen *pen, double x, double y, double width, double height,
                             double share, GwChartColor color, const double *ticks,
                             guint n_ticks);

/* Relative change on a log scale 1e-4..10, with a break drawn above 10. */
void gw_chart_draw_change (GwChartPen *pen, double x, double y, double width, double height,
                           double change);

/* Port glyph of an element type by TensorFlow's name ("float32", "int64_ref");
 * @size px, centred. */
void gw_chart_draw_dtype (GwChartPen *pen, double x, double y, double size, const char *dtype);

G_END_DECLS
