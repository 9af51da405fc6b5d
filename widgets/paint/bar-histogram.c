/* SPDX-License-Identifier: Apache-2.0 */
/* A tensor's histogram as bars, a second tensor's as an outline over it.  Both
 * are shown as densities of their own total, so that tensors of different sizes
 * compare. */
#include "widgets/paint/tensor-chart.h"

#include <math.h>
#include <string.h>

#include "widgets/paint/plot-frame.h"

#define MAX_BINS 400

typedef struct
{
  GwBucket *buckets;
  guint n;
  double bins[MAX_BINS]; /* shares of the total */
} Part;

struct _GwBarHistogram
{
  GwChart chart;
  Part filled;
  Part outlined;
  guint n_bins;
  gboolean compact;
  gboolean empty;
  double low, high, tallest;
};

static void bar_histogram_draw (GwChart *base, GwChartPen *pen, double width, double height);
static void bar_histogram_clear (GwChart *base);

static const GwChartClass bar_histogram_class
    = { "bar histogram", bar_histogram_draw, bar_histogram_clear };

GwBarHistogram *
gw_bar_histogram_new (void)
{
  GwBarHistogram *chart = gw_chart_alloc (&bar_histogram_class, sizeof *chart);

  chart->n_bins = GW_HISTOGRAM_BINS;
  chart->empty = TRUE;
  return chart;
}

static void
bar_histogram_clear (GwChart *base)
{
  GwBarHistogram *chart = (GwBarHistogram *) base;

  g_free (chart->filled.buckets);
  g_free (chart->outlined.buckets);
}

static void
set_part (Part *part, const GwBucket *buckets, guint n)
{
  g_free (part->buckets);
  part->buckets = n > 0 ? g_try_new (GwBucket, n) : NULL;
  part->n = part->buckets != NULL ? n : 0;
  if (part->n > 0)
    memcpy (part->buckets, buckets, n * sizeof *buckets);
}

static void
include_range (GwBarHistogram *chart, const Part *part)
{
  for (guint i = 0; i < part->n; i++)
    {
      const GwBucket *bucket = &part->buckets[i];

      if (!(bucket->count > 0) || !isfinite (bucket->left) || !isfinite (bucket->right))
        continue;
      chart->low = MIN (chart->low, bucket->left);
      chart->high = MAX (chart->high, bucket->right);
    }
}

static void
rebin_part (GwBarHistogram *chart, Part *part)
{
  double total = 0;

  gw_histogram_rebin (part->buckets, part->n, chart->low, chart->high, part->bins,
                      chart->n_bins);
  for (guint i = 0; i < chart->n_bins; i++)
    total += part->bins[i];
  for (guint i = 0; i < chart->n_bins && total > 0; i++)
    {
      part->bins[i] /= total;
      chart->tallest = MAX (chart->tallest, part->bins[i]);
    }
}

static void
update (GwBarHistogram *chart)
{
  chart->low = INFINITY;
  chart->high = -INFINITY;
  chart->tallest = 0;
  include_range (chart, &chart->filled);
  include_range (chart, &chart->outlined);
  chart->empty = chart->low > chart->high;
  if (chart->empty)
    return;
  if (chart->low == chart->high)
    {
      double half = chart->low != 0 ? fabs (chart->low) / 2 : 0.5;

      chart->low -= half;
      chart->high += half;
    }
  rebin_part (chart, &chart->filled);
  rebin_part (chart, &chart->outlined);
}

void
gw_bar_histogram_set (GwBarHistogram *chart, const GwBucket *filled, guint n_filled,
                      const GwBucket *outlined, guint n_outlined)
{
  g_return_if_fail (chart != NULL);

  set_part (&chart->filled, filled, n_filled);
  set_part (&chart->outlined, outlined, n_outlined);
  update (chart);
}

void
gw_bar_histogram_set_bins (GwBarHistogram *chart, guint n_bins)
{
  chart->n_bins = CLAMP (n_bins, 1, MAX_BINS);
  update (chart);
}

void
gw_bar_histogram_set_compact (GwBarHistogram *chart, gboolean compact)
{
  chart->compact = compact;
}

static void
draw_bars (GwBarHistogram *chart, GwChartPen *pen, const GwRect *plot, double top_value)
{
  double slot = plot->width / chart->n_bins;
  double gap = slot >= 3 ? 1 : 0;

  gw_chart_pen_color (pen, pen->theme->run[0], chart->compact ? 0.9 : 0.75);
  for (guint i = 0; i < chart->n_bins; i++)
    {
      double height = chart->filled.bins[i] / top_value * plot->height;

      if (!(height > 0))
        continue;
      height = MAX (height, 1);

      double left = plot->x + i * slot + gap / 2;

      cairo_rectangle (pen->cr, left, plot->y + plot->height - height, slot - gap, height);
    }
  cairo_fill (pen->cr);
}

static void
draw_outline (GwBarHistogram *chart, GwChartPen *pen, const GwRect *plot, double top_value)
{
  double slot = plot->width / chart->n_bins;
  double base = plot->y + plot->height;

  if (chart->outlined.n == 0)
    return;
  gw_chart_pen_color (pen, pen->theme->run[1], 1);
  cairo_set_line_width (pen->cr, chart->compact ? 1 : 2);
  cairo_set_line_join (pen->cr, CAIRO_LINE_JOIN_ROUND);
  cairo_move_to (pen->cr, plot->x, base);
  for (guint i = 0; i < chart->n_bins; i++)
    {
      double y = base - chart->outlined.bins[i] / top_value * plot->height;

      cairo_line_to (pen->cr, plot->x + i * slot, y);
      cairo_line_to (pen->cr, plot->x + (i + 1) * slot, y);
    }
  cairo_line_to (pen->cr, plot->x + plot->width, base);
  cairo_stroke (pen->cr);
}

static void
bar_histogram_draw (GwChart *base, GwChartPen *pen, double width, double height)
{
  GwBarHistogram *chart = (GwBarHistogram *) base;

  if (chart->compact)
    {
      GwRect plot = { 0, 1, width, height - 2 };

      gw_chart_pen_color (pen, pen->theme->border, 1);
      cairo_rectangle (pen->cr, 0, height - 1, width, 1);
      cairo_fill (pen->cr);
      if (!chart->empty && chart->tallest > 0)
        {
          draw_bars (chart, pen, &plot, chart->tallest);
          draw_outline (chart, pen, &plot, chart->tallest);
        }
      return;
    }

  GwRect area = { 0, 0, width, height };
  GwRect plot;
  GwAxis x_axis;
  GwAxis y_axis;
  GwPlotRange range = { GW_AXIS_LINEAR, GW_AXIS_LINEAR, 0, 1, 0, 1, FALSE };

  if (!chart->empty)
    {
      range.x0 = chart->low;
      range.x1 = chart->high;
      range.y1 = MAX (chart->tallest, 1e-9) * 1.04;
    }
  gw_plot_layout (pen, &area, &range, &plot, &x_axis, &y_axis);
  gw_plot_draw_frame (pen, &plot, &x_axis, &y_axis, FALSE);
  if (chart->empty)
    {
      gw_chart_pen_color (pen, pen->theme->dim_text, 1);
      gw_chart_pen_text (pen, "No finite values", 12, GW_TEXT_PLAIN, plot.x + plot.width / 2,
                         plot.y + plot.height / 2, 0.5, 0.5, plot.width);
      return;
    }
  draw_bars (chart, pen, &plot, range.y1);
  draw_outline (chart, pen, &plot, range.y1);
}
