/* SPDX-License-Identifier: Apache-2.0 */
/* Layout and drawing of a plot's frame. */
#include "widgets/paint/plot-frame.h"

#include <math.h>

void
gw_plot_layout (GwChartPen *pen, const GwRect *area, const GwPlotRange *range, GwRect *plot,
                GwAxis *x_axis, GwAxis *y_axis)
{
  double line = gw_chart_pen_line_height (pen, GW_PLOT_TEXT);
  double top = area->y + ceil (line / 2) + 1;
  double plot_height = MAX (8, area->y + area->height - top - line - 8);
  double left = 14;

  gw_axis_init (y_axis, range->y_scale, range->y0, range->y1,
                (guint) CLAMP (plot_height / (line * 1.7), 2, 7));
  if (range->y_labels)
    {
      double labels = 24 * pen->text_scale;

      for (guint i = 0; i < y_axis->n_ticks; i++)
        labels = MAX (labels, gw_chart_pen_text_width (pen, y_axis->ticks[i].text, GW_PLOT_TEXT,
                                                       GW_TEXT_PLAIN));
      left = ceil (labels) + 12;
    }

  double plot_width = MAX (8, area->width - left - 14);

  gw_axis_init (x_axis, range->x_scale, range->x0, range->x1,
                (guint) CLAMP (plot_width / (46 * pen->text_scale), 2, 7));
  *plot = (GwRect) { area->x + left, top, plot_width, plot_height };
}

static void
draw_y_axis (GwChartPen *pen, const GwRect *plot, const GwAxis *y_axis, gboolean labels)
{
  for (guint i = 0; i < y_axis->n_ticks; i++)
    {
      const GwAxisTick *tick = &y_axis->ticks[i];
      gboolean zero = tick->value == 0 && y_axis->low < 0 && y_axis->high > 0;
      double y = gw_plot_py (plot, y_axis, tick->value);

      if (!zero)
        y = gw_chart_pen_crisp (pen, y, 1);
      gw_chart_pen_color (pen, zero ? pen->theme->axis : pen->theme->grid, 1);
      cairo_set_line_width (pen->cr, zero ? 1.5 : 1);
      cairo_move_to (pen->cr, plot->x, y);
      cairo_line_to (pen->cr, plot->x + plot->width, y);
      cairo_stroke (pen->cr);
      if (!labels)
        continue;
      gw_chart_pen_color (pen, pen->theme->dim_text, 1);
      gw_chart_pen_text (pen, tick->text, GW_PLOT_TEXT, GW_TEXT_PLAIN, plot->x - 8, y, 1, 0.5, 0);
    }
}

void
gw_plot_draw_frame (GwChartPen *pen, const GwRect *plot, const GwAxis *x_axis,
                    const GwAxis *y_axis, gboolean y_labels)
{
  double base = gw_chart_pen_crisp (pen, plot->y + plot->height, 1);

  if (y_axis != NULL)
    draw_y_axis (pen, plot, y_axis, y_labels);
  gw_chart_pen_color (pen, pen->theme->axis, 1);
  cairo_set_line_width (pen->cr, 1);
  cairo_move_to (pen->cr, plot->x, base);
  cairo_line_to (pen->cr, plot->x + plot->width, base);
  for (guint i = 0; i < x_axis->n_ticks; i++)
    {
      double x
          = gw_chart_pen_crisp (pen, gw_plot_px (plot, x_axis, x_axis->ticks[i].value), 1);

      cairo_move_to (pen->cr, x, base);
      cairo_line_to (pen->cr, x, base + 4);
    }
  cairo_stroke (pen->cr);
  gw_chart_pen_color (pen, pen->theme->dim_text, 1);
  for (guint i = 0; i < x_axis->n_ticks; i++)
    gw_chart_pen_text (pen, x_axis->ticks[i].text, GW_PLOT_TEXT, GW_TEXT_PLAIN,
                       gw_plot_px (plot, x_axis, x_axis->ticks[i].value), base + 6, 0.5, 0, 0);
}

double
gw_plot_px (const GwRect *plot, const GwAxis *x_axis, double x)
{
  double share = gw_axis_map (x_axis, x);

  return isfinite (share) ? plot->x + plot->width * CLAMP (share, -100, 100) : NAN;
}

double
gw_plot_py (const GwRect *plot, const GwAxis *y_axis, double y)
{
  double share = gw_axis_map (y_axis, y);

  return isfinite (share) ? plot->y + plot->height * (1 - CLAMP (share, -100, 100)) : NAN;
}

double
gw_plot_title_height (const GwChartPen *pen)
{
  return gw_chart_pen_line_height (pen, 14) + 8;
}

double
gw_plot_footer_height (const GwChartPen *pen)
{
  return gw_chart_pen_line_height (pen, GW_PLOT_TEXT) + 6;
}

double
gw_plot_draw_title (GwChartPen *pen, const char *title, double width)
{
  if (title == NULL)
    return 0;
  gw_chart_pen_color (pen, pen->theme->text, 1);
  gw_chart_pen_text (pen, title, 14, GW_TEXT_BOLD, 12, 6, 0, 0, width - 24);
  return gw_plot_title_height (pen);
}

double
gw_plot_draw_footer (GwChartPen *pen, const char *text, const char *end, double left,
                     double right, double bottom)
{
  double used = 0;

  gw_chart_pen_color (pen, pen->theme->dim_text, 1);
  if (end != NULL && *end != '\0')
    used = gw_chart_pen_text (pen, end, GW_PLOT_TEXT, GW_TEXT_PLAIN, right, bottom - 4, 1, 1, 0);
  if (text != NULL && *text != '\0')
    gw_chart_pen_text (pen, text, GW_PLOT_TEXT, GW_TEXT_PLAIN, left, bottom - 4, 0, 1,
                       MAX (1, right - left - used - 12));
  return gw_plot_footer_height (pen);
}
