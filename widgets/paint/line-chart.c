/* SPDX-License-Identifier: Apache-2.0 */
/* The line chart's data, ranges and layout. */
#include "widgets/paint/line-chart.h"
#include "widgets/paint/line-chart-private.h"

#include <math.h>

#define AXIS_TEXT GW_PLOT_TEXT

static void line_chart_draw (GwChart *base, GwChartPen *pen, double width, double height);
static void line_chart_clear (GwChart *base);

static const GwChartClass line_chart_class = { "line chart", line_chart_draw, line_chart_clear };

static void
clear_entry (gpointer data)
{
  GwLineEntry *entry = data;

  gw_series_unref (entry->series);
  g_free (entry->name);
}

GwLineChart *
gw_line_chart_new (void)
{
  GwLineChart *chart = gw_chart_alloc (&line_chart_class, sizeof *chart);

  chart->entries = g_array_new (FALSE, TRUE, sizeof (GwLineEntry));
  g_array_set_clear_func (chart->entries, clear_entry);
  chart->columns = g_array_new (FALSE, FALSE, sizeof (GwLineColumn));
  chart->options.raw_line = TRUE;
  chart->options.envelope = TRUE;
  chart->options.tooltip_rows = 12;
  return chart;
}

static void
line_chart_clear (GwChart *base)
{
  GwLineChart *chart = (GwLineChart *) base;

  g_array_unref (chart->entries);
  g_array_unref (chart->columns);
  g_free (chart->footer);
}

GwLineChartOptions *
gw_line_chart_options (GwLineChart *chart)
{
  return &chart->options;
}

guint
gw_line_chart_add (GwLineChart *chart, GwSeries *series, const char *name, guint run)
{
  g_return_val_if_fail (series != NULL, 0);

  GwLineEntry entry = { gw_series_ref (series), g_strdup (name != NULL ? name : ""), run, TRUE };

  g_array_append_val (chart->entries, entry);
  return chart->entries->len - 1;
}

void
gw_line_chart_clear (GwLineChart *chart)
{
  g_array_set_size (chart->entries, 0);
}

guint
gw_line_chart_n_series (const GwLineChart *chart)
{
  return chart->entries->len;
}

GwSeries *
gw_line_chart_series (const GwLineChart *chart, guint number)
{
  g_return_val_if_fail (number < chart->entries->len, NULL);
  return gw_line_chart_entry (chart, number)->series;
}

const char *
gw_line_chart_name (const GwLineChart *chart, guint number)
{
  g_return_val_if_fail (number < chart->entries->len, NULL);
  return gw_line_chart_entry (chart, number)->name;
}

guint
gw_line_chart_run (const GwLineChart *chart, guint number)
{
  g_return_val_if_fail (number < chart->entries->len, 0);
  return gw_line_chart_entry (chart, number)->run;
}

void
gw_line_chart_set_visible (GwLineChart *chart, guint number, gboolean visible)
{
  g_return_if_fail (number < chart->entries->len);
  gw_line_chart_entry (chart, number)->visible = visible;
}

gboolean
gw_line_chart_get_visible (const GwLineChart *chart, guint number)
{
  g_return_val_if_fail (number < chart->entries->len, FALSE);
  return gw_line_chart_entry (chart, number)->visible;
}

/* --- ranges --- */

GwAxisScale
gw_line_chart_x_scale (const GwLineChart *chart)
{
  if (chart->options.x == GW_SERIES_X_WALL)
    return GW_AXIS_CLOCK;
  if (chart->options.log_x)
    return GW_AXIS_LOG;
  return chart->options.x == GW_SERIES_X_RELATIVE ? GW_AXIS_DURATION : GW_AXIS_INTEGER;
}

static GwAxisScale
y_scale (const GwLineChart *chart)
{
  return chart->options.log_y ? GW_AXIS_LOG : GW_AXIS_LINEAR;
}

const char *
gw_line_chart_x_title (const GwLineChart *chart)
{
  if (chart->options.x_title != NULL)
    return chart->options.x_title;
  switch (chart->options.x)
    {
    case GW_SERIES_X_RELATIVE:
      return "time";
    case GW_SERIES_X_WALL:
      return "time of day";
    case GW_SERIES_X_STEP:
    default:
      return "step";
    }
}

static void
fit_x (GwLineChart *chart, GwLineEntry *entry, GwChartRange *range)
{
  GwSeries *series = entry->series;
  gboolean log_x = gw_line_chart_x_scale (chart) == GW_AXIS_LOG;

  for (gsize n = 0; n < gw_series_n_segments (series); n++)
    {
      gsize begin;
      gsize end;

      gw_series_segment (series, n, &begin, &end);
      if (log_x)
        begin = gw_series_lower_bound (series, chart->options.x, begin, end, 5e-324);
      if (begin >= end)
        continue;
      range->x0 = MIN (range->x0, gw_series_x (series, chart->options.x, begin));
      range->x1 = MAX (range->x1, gw_series_x (series, chart->options.x, end - 1));
    }
}

static void
fit_y (GwLineChart *chart, GwLineEntry *entry, GwChartRange *range)
{
  gsize length = gw_series_length (entry->series);
  gboolean raw = chart->options.raw_line || chart->options.envelope;
  GwSeriesRange inner = chart->options.ignore_outliers
                            ? gw_series_inner_range (entry->series)
                            : gw_series_range (entry->series, !raw, 0, length);

  range->y0 = MIN (range->y0, chart->options.log_y ? inner.low_positive : inner.low);
  range->y1 = MAX (range->y1, inner.high);
}

static void
fit (GwLineChart *chart, GwChartRange *range)
{
  *range = (GwChartRange) { INFINITY, -INFINITY, INFINITY, -INFINITY };

  for (guint i = 0; i < chart->entries->len; i++)
    {
      GwLineEntry *entry = gw_line_chart_entry (chart, i);

      if (!entry->visible || gw_series_length (entry->series) == 0)
        continue;
      fit_x (chart, entry, range);

      fit_y (chart, entry, range);
    }

  if (range->x0 > range->x1)
    {
      range->x0 = gw_line_chart_x_scale (chart) == GW_AXIS_LOG ? 1 : 0;
      range->x1 = gw_line_chart_x_scale (chart) == GW_AXIS_LOG ? 10 : 1;
    }
  if (range->y0 > range->y1)
    {
      range->y0 = chart->options.log_y ? 0.1 : 0;
      range->y1 = 1;
    }
  gw_axis_pad (y_scale (chart), &range->y0, &range->y1, 0.05);
}

void
gw_line_chart_set_view (GwLineChart *chart, const GwChartRange *view)
{
  chart->fixed = view != NULL;
  if (view != NULL)
    chart->view = *view;
}

gboolean
gw_line_chart_get_view (GwLineChart *chart, GwChartRange *view)
{
  if (chart->fixed)
    *view = chart->view;
  else
    fit (chart, view);
  return chart->fixed;
}

/* --- layout --- */

static gboolean
legend_entry (const GwLineChart *chart, guint number)
{
  const GwLineEntry *entry = gw_line_chart_entry (chart, number);

  return entry->visible && gw_series_length (entry->series) > 0;
}

double
gw_line_chart_legend_rows (GwLineChart *chart, GwChartPen *pen, double left, double top,
                           double width, gboolean draw)
{
  double line = gw_chart_pen_line_height (pen, AXIS_TEXT) + 2;
  double x = left;
  double y = top;
  gboolean any = FALSE;

  for (guint i = 0; i < chart->entries->len; i++)
    {
      if (!legend_entry (chart, i))
        continue;

      GwLineEntry *entry = gw_line_chart_entry (chart, i);
      double text = gw_chart_pen_text_width (pen, entry->name, AXIS_TEXT, GW_TEXT_PLAIN);

      text = MIN (text, width - 24);
      if (any && x + 24 + text > left + width)
        {
          x = left;
          y += line;
        }
      any = TRUE;
      if (draw)
        {
          GwRunStyle style = gw_chart_theme_run (pen->theme, entry->run);

          gw_chart_pen_color (pen, style.color, style.alpha);
          cairo_set_line_width (pen->cr, 2);
          cairo_set_dash (pen->cr, style.dash, style.n_dash, 0);
          cairo_move_to (pen->cr, x, y + line / 2);
          cairo_line_to (pen->cr, x + 18, y + line / 2);
          cairo_stroke (pen->cr);
          cairo_set_dash (pen->cr, NULL, 0, 0);
          gw_chart_pen_color (pen, pen->theme->text, 1);
          gw_chart_pen_text (pen, entry->name, AXIS_TEXT, GW_TEXT_PLAIN, x + 24, y + line / 2, 0,
                             0.5, width - 24);
        }
      x += 24 + text + 16;
    }
  return any ? y + line - top : 0;
}

static double
right_margin (const GwLineChart *chart)
{
  for (guint i = 0; i < chart->entries->len; i++)
    {
      const GwLineEntry *entry = gw_line_chart_entry (chart, i);

      if (entry->visible && entry->run >= GW_CHART_RUN_COLORS)
        return GW_LINE_END_NAME_WIDTH;
    }
  return 0;
}

void
gw_line_chart_layout (GwLineChart *chart, GwChartPen *pen, double width, double height,
                      GwRect *plot, GwAxis *x_axis, GwAxis *y_axis)
{
  GwChartRange view;
  double top = chart->options.title != NULL ? gw_plot_title_height (pen) : 0;

  gw_line_chart_get_view (chart, &view);
  if (chart->options.legend)
    top += gw_line_chart_legend_rows (chart, pen, 12, top, width - 24, FALSE);
  if (chart->options.y_title != NULL)
    top += gw_chart_pen_line_height (pen, AXIS_TEXT) + 4;

  double bottom = chart->options.footer ? gw_plot_footer_height (pen) : 0;
  GwRect area = { 0, top, width - right_margin (chart), height - top - bottom };
  GwPlotRange range = {
    gw_line_chart_x_scale (chart), y_scale (chart), view.x0, view.x1, view.y0, view.y1, TRUE,
  };

  gw_plot_layout (pen, &area, &range, plot, x_axis, y_axis);
}

static void
line_chart_draw (GwChart *base, GwChartPen *pen, double width, double height)
{
  gw_line_chart_draw_base ((GwLineChart *) base, pen, width, height);
}
