/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the line chart share. */
#pragma once

#include "widgets/paint/line-chart.h"
#include "widgets/paint/plot-frame.h"

G_BEGIN_DECLS

typedef struct
{
  GwSeries *series;
  char *name;
  guint run;
  gboolean visible;
} GwLineEntry;

/* What one pixel column shows, in px downwards; top > bottom = nothing. */
typedef struct
{
  double top, bottom;
  gboolean broken;  /* points are there, but none can be drawn */
} GwLineColumn;

struct _GwLineChart
{
  GwChart chart;
  GwLineChartOptions options;
  GArray *entries;    /* of GwLineEntry */
  GArray *columns;    /* of GwLineColumn: scratch, grows only */
  gboolean fixed;
  GwChartRange view;
  char *footer;
};

static inline GwLineEntry *
gw_line_chart_entry (const GwLineChart *chart, guint number)
{
  return &g_array_index (chart->entries, GwLineEntry, number);
}

/* Room at the right for names at the ends of lines. */
#define GW_LINE_END_NAME_WIDTH 90

GwAxisScale gw_line_chart_x_scale (const GwLineChart *chart);
/* Places the legend's entries in rows; draws them when @draw.  Returns the height of
 * the rows. */
double gw_line_chart_legend_rows (GwLineChart *chart, GwChartPen *pen, double left, double top,
                                  double width, gboolean draw);

G_END_DECLS
