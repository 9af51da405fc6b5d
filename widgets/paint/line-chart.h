/* SPDX-License-Identifier: Apache-2.0 */
/* Curves over steps or time: smoothed line, faint raw line, minimum-maximum
 * envelope per pixel column, last-point dot, log scales, a cursor with the
 * table of values beside it, a legend for exports. */
#pragma once

#include "widgets/paint/axis.h"
#include "widgets/paint/chart.h"
#include "widgets/paint/series.h"

G_BEGIN_DECLS

typedef struct _GwLineChart GwLineChart;

typedef struct
{
  GwSeriesX x;
  gboolean log_x;
  gboolean log_y;
  gboolean raw_line;         /* faint line of the unsmoothed values */
  gboolean envelope;         /* minimum-maximum band per pixel column */
  gboolean ignore_outliers;  /* y range from the 5..95 % of each series */
  gboolean legend;           /* names and colours above the plot (exports) */
  gboolean footer;           /* "6,000 of 6,000 points, min-max per pixel" below */
  const char *title;         /* drawn above when not NULL; interned or static */
  const char *x_title;       /* NULL = "step", "time", "time of day" by x */
  const char *y_title;       /* NULL = none; interned or static */
  guint tooltip_rows;        /* at most this many; the rest is counted */
} GwLineChartOptions;

/* The visible range in data units. */
typedef struct
{
  double x0, x1, y0, y1;
} GwChartRange;

/* One line of the table at the cursor. */
typedef struct
{
  guint series;          /* number given by gw_line_chart_add() */
  gsize index;           /* of the point */
  GwSeriesPoint point;
  double x;              /* data units of the x axis */
  double seconds;        /* since the first point of its series */
  double distance;       /* px from the pointer, by which rows are sorted */
} GwLineChartRow;

/* Starts with: step axis, linear, raw line and envelope on, outliers kept. */
GwLineChart *gw_line_chart_new (void);

/* The options; change them in place, then draw. */
GwLineChartOptions *gw_line_chart_options (GwLineChart *chart);

/* Adds a curve drawn in the style of run number @run; takes a reference on
 * @series.  Returns its number, stable until gw_line_chart_clear(). */
guint gw_line_chart_add (GwLineChart *chart, GwSeries *series, const char *name, guint run);
void gw_line_chart_clear (GwLineChart *chart);
guint gw_line_chart_n_series (const GwLineChart *chart);
GwSeries *gw_line_chart_series (const GwLineChart *chart, guint number);
const char *gw_line_chart_name (const GwLineChart *chart, guint number);
guint gw_line_chart_run (const GwLineChart *chart, guint number);
void gw_line_chart_set_visible (GwLineChart *chart, guint number, gboolean visible);
gboolean gw_line_chart_get_visible (const GwLineChart *chart, guint number);

/* Fixes the visible range; NULL = fit the data at each draw. */
void gw_line_chart_set_view (GwLineChart *chart, const GwChartRange *view);
/* The fixed range, or what fitting gives now.  TRUE when it is fixed. */
gboolean gw_line_chart_get_view (GwLineChart *chart, GwChartRange *view);

/* Where the plot lies in a drawing of this size, and its axes. */
void gw_line_chart_layout (GwLineChart *chart, GwChartPen *pen, double width, double height,
                           GwRect *plot, GwAxis *x_axis, GwAxis *y_axis);

/* Everything but the cursor: what stays while the pointer moves. */
void gw_line_chart_draw_base (GwLineChart *chart, GwChartPen *pen, double width, double height);

/* The dashed line at @x (data units), ringed points, the flag on the x axis;
 * with @table also the table, placed where it hides no line.  @pointer_y in px,
 * NaN when the pointer is elsewhere. */
void gw_line_chart_draw_cursor (GwLineChart *chart, GwChartPen *pen, double width, double height,
                                double x, double pointer_y, gboolean table);

/* The nearest point of each visible series to @x, nearest row to @pointer_y
 * first.  Returns the number of rows written, at most @max_rows; @total (may be
 * NULL) gets how many there are. */
guint gw_line_chart_rows (GwLineChart *chart, GwChartPen *pen, double width, double height,
                          double x, double pointer_y, GwLineChartRow *rows, guint max_rows,
                          guint *total);

/* Name of the x axis: the option, or what x measures. */
const char *gw_line_chart_x_title (const GwLineChart *chart);

/* "6,000 of 6,000 points, min–max per pixel" for a plot of @plot_width device
 * pixels; owned by the chart. */
const char *gw_line_chart_footer (GwLineChart *chart, double plot_width);

/* All points as CSV (run,step,wall,value,smoothed) or as a pgfplots picture;
 * free with g_free(). */
char *gw_line_chart_to_csv (GwLineChart *chart);
char *gw_line_chart_to_pgfplots (GwLineChart *chart);

G_END_DECLS
