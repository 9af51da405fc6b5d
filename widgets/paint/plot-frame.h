/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of a plot: y labels outside left, horizontal grid, x axis with
 * ticks.  Shared by all charts with axes. */
#pragma once

#include "widgets/paint/axis.h"
#include "widgets/paint/chart-pen.h"

G_BEGIN_DECLS

#define GW_PLOT_TEXT 11

/* Data ranges and scales of the two axes. */
typedef struct
{
  GwAxisScale x_scale, y_scale;
  double x0, x1, y0, y1;
  gboolean y_labels;  /* FALSE: no y labels and no room for them */
} GwPlotRange;

/* Divides @area into the plot and the room of the labels, and sets up the axes. */
void gw_plot_layout (GwChartPen *pen, const GwRect *area, const GwPlotRange *range, GwRect *plot,
                     GwAxis *x_axis, GwAxis *y_axis);

/* Grid, axis, ticks and labels. */
void gw_plot_draw_frame (GwChartPen *pen, const GwRect *plot, const GwAxis *x_axis,
                         const GwAxis *y_axis, gboolean y_labels);

/* Px of data values; clamped to some plots around so that Cairo never sees huge
 * numbers.  NaN where the scale has no place. */
double gw_plot_px (const GwRect *plot, const GwAxis *x_axis, double x);
double gw_plot_py (const GwRect *plot, const GwAxis *y_axis, double y);

/* Title line above a drawing (NULL = nothing); returns its height. */
double gw_plot_draw_title (GwChartPen *pen, const char *title, double width);

/* Footer line at the bottom, @end at its right; returns its height. */
double gw_plot_draw_footer (GwChartPen *pen, const char *text, const char *end, double left,
                            double right, double bottom);
double gw_plot_title_height (const GwChartPen *pen);
double gw_plot_footer_height (const GwChartPen *pen);

G_END_DECLS
