/* SPDX-License-Identifier: Apache-2.0 */
/* The line chart's drawing.  Where more points than pixels are in view each pixel
 * column is drawn from its minimum and maximum, which the series' pyramid gives in
 * O(log n): the cost follows the width, not the points. */
#include "widgets/paint/line-chart.h"
#include "widgets/paint/line-chart-private.h"

#include <math.h>

#define POINTS_PER_PIXEL 1.5 /* above, columns instead of single points */

typedef struct
{
  GwLineChart *chart;
  GwChartPen *pen;
  GwRect plot;
  GwAxis x_axis, y_axis;
} Scene;

/* The points of a segment that the view shows, one more on each side. */
static void
visible_part (const Scene *scene, const GwSeries *series, gsize *begin, gsize *end)
{
  GwSeriesX x = scene->chart->options.x;
  gsize first = gw_series_lower_bound (series, x, *begin, *end, scene->x_axis.low);
  gsize last = gw_series_lower_bound (series, x, first, *end, scene->x_axis.high);

  *begin = first > *begin ? first - 1 : first;
  *end = MIN (*end, last + 2);
}

static void
stroke_points (Scene *scene, const GwSeries *series, gboolean smoothed, gsize begin, gsize end)
{
  cairo_t *cr = scene->pen->cr;
  gboolean started = FALSE;
  gboolean single = FALSE;
  double x = 0;
  double y = 0;

  for (gsize i = begin; i < end; i++)
    {
      GwSeriesPoint point = gw_series_point (series, i);
      double next_x = gw_plot_px (&scene->plot, &scene->x_axis,
                                        gw_series_x (series, scene->chart->options.x, i));
      double next_y = gw_plot_py (&scene->plot, &scene->y_axis,
                                        smoothed ? point.smoothed : point.value);

      if (isnan (next_x) || isnan (next_y))
        {
          if (single)
            cairo_line_to (cr, x, y);
          started = single = FALSE;
          continue;
        }
      x = next_x;
      y = next_y;
      if (started)
        cairo_line_to (cr, x, y);
      else
        cairo_move_to (cr, x, y);
      single = !started;
      started = TRUE;
    }
  if (single)
    cairo_line_to (cr, x, y);
  cairo_stroke (cr);
}

/* Fills the chart's columns; returns their number. */
static guint
find_columns (Scene *scene, const GwSeries *series, gboolean smoothed, gsize begin, gsize end)
{
  GArray *columns = scene->chart->columns;
  double pixel = scene->pen->pixel;
  guint n = (guint) CLAMP (ceil (scene->plot.width / pixel), 1, 16384);
  gsize index = begin;

  if (columns->len < n)
    g_array_set_size (columns, n);
  for (guint c = 0; c < n; c++)
    {
      GwLineColumn *column = &g_array_index (columns, GwLineColumn, c);
      double right = gw_axis_unmap (&scene->x_axis, (c + 1) * pixel / scene->plot.width);
      gsize next = c + 1 == n ? end
                              : gw_series_lower_bound (series, scene->chart->options.x, index,
                                                       end, right);
      GwSeriesRange range = gw_series_range (series, smoothed, index, next);
      double low = scene->chart->options.log_y ? range.low_positive : range.low;

      column->broken = next > index && !(low <= range.high);
      if (low <= range.high)
        {
          column->top = gw_plot_py (&scene->plot, &scene->y_axis, range.high);
          column->bottom = gw_plot_py (&scene->plot, &scene->y_axis, low);
        }
      else
        {
          column->top = 1;
          column->bottom = 0;
        }
      index = next;
    }
  return n;
}

static gboolean
column_empty (const GwLineColumn *column)
{
  return column->top > column->bottom;
}

/* Lets neighbours touch, and bridges columns that hold no point. */
static void
join_columns (GwLineColumn *columns, guint n)
{
  gssize last = -1;

  for (guint c = 0; c < n; c++)
    {
      if (columns[c].broken)
        last = -1;
      if (column_empty (&columns[c]))
        continue;
      if (last >= 0)
        {
          guint gap = c - (guint) last;
          double from = (columns[last].top + columns[last].bottom) / 2;
          double to = (columns[c].top + columns[c].bottom) / 2;

          for (guint k = 1; k < gap; k++)
            {
              double y = from + (to - from) * k / gap;

              columns[last + k].top = columns[last + k].bottom = y;
            }

          GwLineColumn *before = &columns[c - 1];
          GwLineColumn *here = &columns[c];

          if (before->bottom < here->top)
            before->bottom = here->top = (before->bottom + here->top) / 2;
          else if (before->top > here->bottom)
            before->top = here->bottom = (before->top + here->bottom) / 2;
        }
      last = c;
    }
}

/* Each column is as wide as its pixel, so that a spike keeps its full height. */
static void
fill_piece (Scene *scene, const GwLineColumn *columns, guint first, guint end, double half)
{
  cairo_t *cr = scene->pen->cr;
  double pixel = scene->pen->pixel;
  double left = scene->plot.x;

  cairo_move_to (cr, left + first * pixel, columns[first].bottom + half);
  for (guint c = first; c < end; c++)
    {
      cairo_line_to (cr, left + c * pixel, columns[c].top - half);
      cairo_line_to (cr, left + (c + 1) * pixel, columns[c].top - half);
    }
  for (guint c = end; c-- > first;)
    {
      cairo_line_to (cr, left + (c + 1) * pixel, columns[c].bottom + half);
      cairo_line_to (cr, left + c * pixel, columns[c].bottom + half);
    }
  cairo_close_path (cr);
}

/* Whether a dashed line is drawn at @distance px from its start. */
static gboolean
dash_on (const GwRunStyle *style, double distance)
{
  double period = 0;

  if (style->n_dash == 0)
    return TRUE;
  for (int i = 0; i < style->n_dash; i++)
    period += style->dash[i];
  distance = fmod (distance, period);
  for (int i = 0; i < style->n_dash; i++)
    {
      if (distance < style->dash[i])
        return i % 2 == 0;
      distance -= style->dash[i];
    }
  return FALSE;
}

static void
fill_columns (Scene *scene, guint n, double half, const GwRunStyle *dashes)
{
  GwLineColumn *columns = (GwLineColumn *) (gpointer) scene->chart->columns->data;
  double pixel = scene->pen->pixel;

  join_columns (columns, n);
  for (guint c = 0; c < n;)
    {
      guint first = c;

      while (c < n && !column_empty (&columns[c])
             && (dashes == NULL || dash_on (dashes, c * pixel)))
        c++;
      if (c > first)
        fill_piece (scene, columns, first, c, half);
      else
        c++;
    }
  cairo_fill (scene->pen->cr);
}

typedef enum
{
  PASS_ENVELOPE,
  PASS_RAW,
  PASS_LINE,
  N_PASSES
} Pass;

static void
draw_dense (Scene *scene, const GwLineEntry *entry, const GwRunStyle *style, Pass pass,
            gsize begin, gsize end)
{
  gboolean smoothed = pass == PASS_LINE;
  double half = pass == PASS_ENVELOPE ? 0 : pass == PASS_RAW ? 0.5 : 1;

  /* The envelope is what the raw line becomes where points are dense. */
  if (pass == PASS_RAW && scene->chart->options.envelope)
    return;

  guint n = find_columns (scene, entry->series, smoothed, begin, end);

  fill_columns (scene, n, half, pass == PASS_LINE ? style : NULL);
}

static void
draw_points (Scene *scene, const GwLineEntry *entry, const GwRunStyle *style, Pass pass,
             gsize begin, gsize end)
{
  if (pass == PASS_ENVELOPE)
    return;
  cairo_set_line_width (scene->pen->cr, pass == PASS_LINE ? 2 : 1);
  if (pass == PASS_LINE)
    cairo_set_dash (scene->pen->cr, style->dash, style->n_dash, 0);
  cairo_set_line_cap (scene->pen->cr,
                      style->n_dash > 0 ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
  stroke_points (scene, entry->series, pass == PASS_LINE, begin, end);
  cairo_set_dash (scene->pen->cr, NULL, 0, 0);
}

/* On a log axis the points are sparse at first: where two of them first share a
 * pixel column. */
static gsize
dense_from (const Scene *scene, const GwSeries *series, gsize begin, gsize end)
{
  double pixel = scene->pen->pixel;
  gsize index = begin;

  if (scene->x_axis.scale != GW_AXIS_LOG)
    return begin;
  for (double px = pixel; px < scene->plot.width; px += pixel)
    {
      double right = gw_axis_unmap (&scene->x_axis, px / scene->plot.width);
      gsize next
          = gw_series_lower_bound (series, scene->chart->options.x, index, end, right);

      if (next > index + 1 && px > pixel)
        return index;
      index = next;
    }
  return index;
}

static void
draw_segment (Scene *scene, const GwLineEntry *entry, const GwRunStyle *style, Pass pass,
              gsize begin, gsize end)
{
  static const double alphas[N_PASSES] = { 0.15, 0.25, 1 };

  visible_part (scene, entry->series, &begin, &end);
  if (begin >= end)
    return;

  gboolean dense = end - begin > POINTS_PER_PIXEL * scene->plot.width / scene->pen->pixel;
  gsize split = dense ? dense_from (scene, entry->series, begin, end) : end;

  gw_chart_pen_color (scene->pen, style->color, style->alpha * alphas[pass]);
  if (split > begin)
    draw_points (scene, entry, style, pass, begin, MIN (end, split + 1));
  if (split < end)
    draw_dense (scene, entry, style, pass, split, end);
}

static void
draw_pass (Scene *scene, Pass pass)
{
  const GwLineChartOptions *options = &scene->chart->options;

  if ((pass == PASS_ENVELOPE && !options->envelope) || (pass == PASS_RAW && !options->raw_line))
    return;
  for (guint i = 0; i < scene->chart->entries->len; i++)
    {
      const GwLineEntry *entry = gw_line_chart_entry (scene->chart, i);
      GwRunStyle style = gw_chart_theme_run (scene->pen->theme, entry->run);

      if (!entry->visible)
        continue;
      for (gsize n = 0; n < gw_series_n_segments (entry->series); n++)
        {
          gsize begin;
          gsize end;

          gw_series_segment (entry->series, n, &begin, &end);
          draw_segment (scene, entry, &style, pass, begin, end);
        }
    }
}

static void
draw_end (Scene *scene, const GwLineEntry *entry)
{
  GwChartPen *pen = scene->pen;
  GwRunStyle style = gw_chart_theme_run (pen->theme, entry->run);
  gsize length = gw_series_length (entry->series);

  while (length > 0 && !isfinite (gw_series_point (entry->series, length - 1).smoothed))
    length--;
  if (length == 0)
    return;

  double x = gw_series_x (entry->series, scene->chart->options.x, length - 1);
  double y = gw_series_point (entry->series, length - 1).smoothed;
  double px = gw_plot_px (&scene->plot, &scene->x_axis, x);
  double py = gw_plot_py (&scene->plot, &scene->y_axis, y);

  if (!(px >= scene->plot.x && px <= scene->plot.x + scene->plot.width + 0.5)
      || !(py >= scene->plot.y && py <= scene->plot.y + scene->plot.height))
    return;
  gw_chart_pen_color (pen, style.color, style.alpha);
  cairo_arc (pen->cr, px, py, 3, 0, 2 * G_PI);
  cairo_fill (pen->cr);
  if (style.name_at_end)
    {
      gw_chart_pen_color (pen, style.color, 1);
      gw_chart_pen_text (pen, entry->name, GW_PLOT_TEXT, GW_TEXT_PLAIN, px + 6, py, 0, 0.5,
                         GW_LINE_END_NAME_WIDTH);
    }
}

/* First place in indices[0..n) that is >= @index. */
static gsize
first_at_or_after (const guint *indices, gsize begin, gsize n, gsize index)
{
  while (begin < n)
    {
      gsize middle = begin + (n - begin) / 2;

      if (indices[middle] < index)
        begin = middle + 1;
      else
        n = middle;
    }
  return begin;
}

/* A triangle on the axis for points that are not finite, at most one in 4 px. */
static void
draw_non_finite (Scene *scene, const GwLineEntry *entry)
{
  GwChartPen *pen = scene->pen;
  gsize n;
  const guint *indices = gw_series_non_finite (entry->series, &n);
  double base = scene->plot.y + scene->plot.height;

  if (n == 0)
    return;
  gw_chart_pen_color (pen, gw_chart_theme_run (pen->theme, entry->run).color, 1);
  for (gsize s = 0; s < gw_series_n_segments (entry->series); s++)
    {
      gsize begin;
      gsize end;

      gw_series_segment (entry->series, s, &begin, &end);
      begin = gw_series_lower_bound (entry->series, scene->chart->options.x, begin, end,
                                     scene->x_axis.low);
      for (gsize k = first_at_or_after (indices, 0, n, begin); k < n && indices[k] < end;)
        {
          double x = gw_series_x (entry->series, scene->chart->options.x, indices[k]);
          double px = gw_plot_px (&scene->plot, &scene->x_axis, x);

          if (px > scene->plot.x + scene->plot.width + 0.5)
            break;
          cairo_move_to (pen->cr, px, base - 7);
          cairo_line_to (pen->cr, px + 4, base - 0.5);
          cairo_line_to (pen->cr, px - 4, base - 0.5);
          cairo_close_path (pen->cr);

          double beyond = gw_axis_unmap (&scene->x_axis,
                                         (px + 4 - scene->plot.x) / scene->plot.width);
          gsize next = gw_series_lower_bound (entry->series, scene->chart->options.x, indices[k],
                                              end, beyond);

          k = first_at_or_after (indices, k + 1, n, next);
        }
    }
  cairo_fill (pen->cr);
}

static void
draw_surroundings (Scene *scene, double width, double height)
{
  GwLineChart *chart = scene->chart;
  GwChartPen *pen = scene->pen;
  double top = gw_plot_draw_title (pen, chart->options.title, width);

  if (chart->options.legend)
    top += gw_line_chart_legend_rows (chart, pen, 12, top, width - 24, TRUE);
  if (chart->options.y_title != NULL)
    {
      gw_chart_pen_color (pen, pen->theme->dim_text, 1);
      gw_chart_pen_text (pen, chart->options.y_title, GW_PLOT_TEXT, GW_TEXT_PLAIN, 12, top + 2, 0, 0,
                         width - 24);
    }
  if (chart->options.footer)
    gw_plot_draw_footer (pen, gw_line_chart_footer (chart, scene->plot.width / pen->pixel),
                         gw_line_chart_x_title (chart), scene->plot.x,
                         scene->plot.x + scene->plot.width, height);
}

void
gw_line_chart_draw_base (GwLineChart *chart, GwChartPen *pen, double width, double height)
{
  Scene scene = { .chart = chart, .pen = pen };

  gw_line_chart_layout (chart, pen, width, height, &scene.plot, &scene.x_axis, &scene.y_axis);
  gw_plot_draw_frame (pen, &scene.plot, &scene.x_axis, &scene.y_axis, TRUE);
  draw_surroundings (&scene, width, height);

  cairo_save (pen->cr);
  cairo_rectangle (pen->cr, scene.plot.x - 1, scene.plot.y - 2, scene.plot.width + 2,
                   scene.plot.height + 2);
  cairo_clip (pen->cr);
  cairo_set_line_join (pen->cr, CAIRO_LINE_JOIN_ROUND);
  for (Pass pass = PASS_ENVELOPE; pass < N_PASSES; pass++)
    draw_pass (&scene, pass);
  cairo_restore (pen->cr);

  for (guint i = 0; i < chart->entries->len; i++)
    if (gw_line_chart_entry (chart, i)->visible)
      {
        draw_non_finite (&scene, gw_line_chart_entry (chart, i));
        draw_end (&scene, gw_line_chart_entry (chart, i));
      }
}
