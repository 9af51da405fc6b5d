/* SPDX-License-Identifier: Apache-2.0 */
/* Histograms over steps: ridges, overlay, bands of percentiles. */
#include "widgets/paint/histogram-chart.h"

#include <math.h>

#include "widgets/paint/plot-frame.h"

#define MAX_RIDGES 12
#define MAX_BANDS 512
#define PALEST 0.82

struct _GwHistogramChart
{
  GwChart chart;
  GwHistogramSeries *series;
  guint run;
  GwHistogramMode mode;
  char *title;
  char *footer;
  double marked_step;
  guint bands_shown;   /* steps drawn by the last distribution */
};

static void histogram_chart_draw (GwChart *base, GwChartPen *pen, double width, double height);
static void histogram_chart_clear (GwChart *base);

static const GwChartClass histogram_chart_class
    = { "histogram chart", histogram_chart_draw, histogram_chart_clear };

GwHistogramChart *
gw_histogram_chart_new (GwHistogramSeries *series, guint run)
{
  GwHistogramChart *chart = gw_chart_alloc (&histogram_chart_class, sizeof *chart);

  chart->series
      = series != NULL ? gw_histogram_series_ref (series) : gw_histogram_series_new ();
  chart->run = run;
  chart->marked_step = NAN;
  return chart;
}

static void
histogram_chart_clear (GwChart *base)
{
  GwHistogramChart *chart = (GwHistogramChart *) base;

  gw_histogram_series_unref (chart->series);
  g_free (chart->title);
  g_free (chart->footer);
}

void
gw_histogram_chart_set_series (GwHistogramChart *chart, GwHistogramSeries *series)
{
  g_return_if_fail (series != NULL);

  gw_histogram_series_ref (series);
  gw_histogram_series_unref (chart->series);
  chart->series = series;
}

GwHistogramSeries *
gw_histogram_chart_series (GwHistogramChart *chart)
{
  return chart->series;
}

void
gw_histogram_chart_set_mode (GwHistogramChart *chart, GwHistogramMode mode)
{
  chart->mode = mode;
}

GwHistogramMode
gw_histogram_chart_get_mode (const GwHistogramChart *chart)
{
  return chart->mode;
}

void
gw_histogram_chart_set_title (GwHistogramChart *chart, const char *title)
{
  g_free (chart->title);
  chart->title = g_strdup (title);
}

void
gw_histogram_chart_set_marked_step (GwHistogramChart *chart, double step)
{
  chart->marked_step = step;
}

/* --- which steps --- */

/* @n of the steps, evenly spread, the first and the last among them. */
static guint
spread (const GwHistogramChart *chart, guint most, guint *indices)
{
  guint length = gw_histogram_series_length (chart->series);
  guint n = MIN (length, most);

  for (guint i = 0; i < n; i++)
    indices[i] = n > 1 ? (guint) round ((double) i * (length - 1) / (n - 1)) : length - 1;
  return n;
}

static double
step_of (const GwHistogramChart *chart, guint index)
{
  return gw_histogram_series_get (chart->series, index)->step;
}

/* Place in indices[0..n) of the step nearest to @step, -1 when @step is NaN. */
static int
nearest_step (const GwHistogramChart *chart, const guint *indices, guint n, double step)
{
  int best = -1;
  double distance = INFINITY;

  for (guint i = 0; i < n; i++)
    {
      double here = fabs (step_of (chart, indices[i]) - step);

      if (here < distance)
        {
          distance = here;
          best = (int) i;
        }
    }
  return best;
}

static gboolean
value_range (const GwHistogramChart *chart, double *low, double *high)
{
  if (!gw_histogram_series_range (chart->series, low, high))
    {
      *low = 0;
      *high = 1;
      return FALSE;
    }
  if (*low == *high)
    {
      double half = *low != 0 ? fabs (*low) * 0.1 : 0.5;

      *low -= half;
      *high += half;
    }
  return TRUE;
}

static GwChartColor
shade (const GwHistogramChart *chart, const GwChartPen *pen, guint place, guint n)
{
  double pale = n > 1 ? PALEST * (1 - (double) place / (n - 1)) : 0;
  GwRunStyle style = gw_chart_theme_run (pen->theme, chart->run);

  return gw_chart_color_mix (style.color, pen->theme->card, 0.12 + pale * 0.88);
}

/* --- offset --- */

typedef struct
{
  guint n;
  guint indices[MAX_RIDGES];
  double bins[MAX_RIDGES][GW_HISTOGRAM_BINS];
  double tallest;
  double low, high;
  GwRect plot;
  GwAxis x_axis;
  double first_base, spacing, rise; /* px: oldest baseline, step down, highest ridge */
} Ridges;

/* Lets the marked step take the place of its nearest neighbour. */
static void
show_marked (const GwHistogramChart *chart, guint *indices, guint n)
{
  int place = nearest_step (chart, indices, n, chart->marked_step);
  guint best = 0;
  double distance = INFINITY;

  if (place < 0)
    return;
  for (guint i = 0; i < gw_histogram_series_length (chart->series); i++)
    {
      double here = fabs (step_of (chart, i) - chart->marked_step);

      if (here < distance)
        {
          distance = here;
          best = i;
        }
    }
  indices[place] = best;
}

static void
find_ridges (GwHistogramChart *chart, Ridges *ridges)
{
  value_range (chart, &ridges->low, &ridges->high);
  ridges->n = spread (chart, MAX_RIDGES, ridges->indices);
  show_marked (chart, ridges->indices, ridges->n);
  ridges->tallest = 0;
  for (guint i = 0; i < ridges->n; i++)
    {
      const GwHistogramStep *step = gw_histogram_series_get (chart->series, ridges->indices[i]);

      gw_histogram_rebin (step->buckets, step->n_buckets, ridges->low, ridges->high,
                          ridges->bins[i], GW_HISTOGRAM_BINS);
      for (guint b = 0; b < GW_HISTOGRAM_BINS; b++)
        ridges->tallest = MAX (ridges->tallest, ridges->bins[i][b]);
    }
}

static GwRect
drawing_area (const GwHistogramChart *chart, const GwChartPen *pen, double width, double height)
{
  double top = chart->title != NULL ? gw_plot_title_height (pen) : 0;
  double bottom = chart->title != NULL ? gw_plot_footer_height (pen) : 0;

  return (GwRect) { 0, top, width, MAX (40, height - top - bottom) };
}

static void
lay_ridges (GwHistogramChart *chart, GwChartPen *pen, Ridges *ridges, double width,
            double height)
{
  GwRect area = drawing_area (chart, pen, width, height);
  GwPlotRange range = { GW_AXIS_LINEAR, GW_AXIS_LINEAR, ridges->low, ridges->high, 0, 1, FALSE };
  GwAxis unused;
  double labels = 0;

  for (guint i = 0; i < ridges->n; i++)
    {
      char text[GW_NUMBER_TEXT_SIZE];

      gw_number_text_digits (text, step_of (chart, ridges->indices[i]), 12);
      labels = MAX (labels, gw_chart_pen_text_width (pen, text, GW_PLOT_TEXT, GW_TEXT_BOLD));
    }
  area.width -= ceil (labels);
  gw_plot_layout (pen, &area, &range, &ridges->plot, &ridges->x_axis, &unused);

  /* The highest ridge rises over about three of its neighbours' baselines. */
  guint gaps = MAX (1, ridges->n) - 1;

  ridges->spacing = gaps > 0 ? ridges->plot.height / (gaps + 2.6) : 0;
  ridges->rise = gaps > 0 ? ridges->spacing * 2.6 : ridges->plot.height * 0.9;
  ridges->first_base = ridges->plot.y + ridges->plot.height - gaps * ridges->spacing;
}

static void
trace_ridge (const Ridges *ridges, GwChartPen *pen, guint i, gboolean closed)
{
  double base = ridges->first_base + i * ridges->spacing;
  double slot = ridges->plot.width / GW_HISTOGRAM_BINS;
  double scale = ridges->tallest > 0 ? ridges->rise / ridges->tallest : 0;

  cairo_move_to (pen->cr, ridges->plot.x, base);
  for (guint b = 0; b < GW_HISTOGRAM_BINS; b++)
    cairo_line_to (pen->cr, ridges->plot.x + (b + 0.5) * slot,
                   base - ridges->bins[i][b] * scale);
  cairo_line_to (pen->cr, ridges->plot.x + ridges->plot.width, base);
  if (closed)
    cairo_close_path (pen->cr);
}

static void
label_ridges (GwHistogramChart *chart, GwChartPen *pen, const Ridges *ridges, int marked)
{
  double line = gw_chart_pen_line_height (pen, GW_PLOT_TEXT);
  guint every = ridges->spacing > 0 ? (guint) MAX (1, ceil (line * 1.1 / ridges->spacing)) : 1;

  for (guint i = 0; i < ridges->n; i++)
    {
      gboolean strong = (int) i == marked;
      gboolean crowded = marked >= 0 && !strong && (guint) abs ((int) i - marked) < every;
      char text[GW_NUMBER_TEXT_SIZE];

      if ((!strong && (ridges->n - 1 - i) % every != 0) || crowded)
        continue;
      gw_number_text_digits (text, step_of (chart, ridges->indices[i]), 12);
      gw_chart_pen_color (pen, strong ? pen->theme->text : pen->theme->dim_text, 1);
      gw_chart_pen_text (pen, text, GW_PLOT_TEXT, strong ? GW_TEXT_BOLD : GW_TEXT_PLAIN,
                         ridges->plot.x + ridges->plot.width + 8,
                         ridges->first_base + i * ridges->spacing, 0, 0.5, 0);
    }
}

static void
draw_offset (GwHistogramChart *chart, GwChartPen *pen, double width, double height)
{
  Ridges ridges;

  find_ridges (chart, &ridges);
  lay_ridges (chart, pen, &ridges, width, height);
  gw_plot_draw_frame (pen, &ridges.plot, &ridges.x_axis, NULL, FALSE);

  int marked = nearest_step (chart, ridges.indices, ridges.n, chart->marked_step);
  GwRunStyle style = gw_chart_theme_run (pen->theme, chart->run);

  cairo_set_line_join (pen->cr, CAIRO_LINE_JOIN_ROUND);
  for (guint i = 0; i < ridges.n; i++)
    {
      gw_chart_pen_color (pen, shade (chart, pen, i, ridges.n), 1);
      trace_ridge (&ridges, pen, i, TRUE);
      cairo_fill (pen->cr);
      trace_ridge (&ridges, pen, i, FALSE);
      if ((int) i == marked)
        {
          gw_chart_pen_color (
              pen, gw_chart_color_mix (style.color, pen->theme->text, 0.35), 1);
          cairo_set_line_width (pen->cr, 2);
        }
      else
        {
          gw_chart_pen_color (pen, pen->theme->card, 1);
          cairo_set_line_width (pen->cr, 1);
        }
      cairo_stroke (pen->cr);
    }
  label_ridges (chart, pen, &ridges, marked);
}

/* --- overlay --- */

static void
draw_overlay (GwHistogramChart *chart, GwChartPen *pen, double width, double height)
{
  Ridges ridges;
  GwAxis y_axis;

  find_ridges (chart, &ridges);

  GwRect area = drawing_area (chart, pen, width, height);
  GwPlotRange range = { GW_AXIS_LINEAR, GW_AXIS_LINEAR, ridges.low, ridges.high, 0,
                        MAX (ridges.tallest, 1e-9) * 1.05, TRUE };

  gw_plot_layout (pen, &area, &range, &ridges.plot, &ridges.x_axis, &y_axis);
  gw_plot_draw_frame (pen, &ridges.plot, &ridges.x_axis, &y_axis, TRUE);
  ridges.first_base = ridges.plot.y + ridges.plot.height;
  ridges.spacing = 0;
  ridges.rise = ridges.plot.height / 1.05;
  cairo_set_line_join (pen->cr, CAIRO_LINE_JOIN_ROUND);
  for (guint i = 0; i < ridges.n; i++)
    {
      gboolean newest = i + 1 == ridges.n;

      gw_chart_pen_color (pen, shade (chart, pen, i, ridges.n), 1);
      cairo_set_line_width (pen->cr, newest ? 2 : 1);
      trace_ridge (&ridges, pen, i, FALSE);
      cairo_stroke (pen->cr);
    }
}

/* --- distribution --- */

typedef struct
{
  guint n;
  double step[MAX_BANDS];
  double percentile[MAX_BANDS][GW_HISTOGRAM_PERCENTILES];
  GwRect plot;
  GwAxis x_axis, y_axis;
} Bands;

static void
find_bands (GwHistogramChart *chart, GwChartPen *pen, double width, double height, Bands *bands)
{
  guint indices[MAX_BANDS];
  guint n = spread (chart, (guint) CLAMP (width, 2, MAX_BANDS), indices);
  double low;
  double high;

  bands->n = 0;
  for (guint i = 0; i < n; i++)
    {
      const GwHistogramStep *step = gw_histogram_series_get (chart->series, indices[i]);

      if (!gw_histogram_percentiles (step->buckets, step->n_buckets,
                                     bands->percentile[bands->n]))
        continue;
      bands->step[bands->n++] = step->step;
    }
  chart->bands_shown = bands->n;
  value_range (chart, &low, &high);
  gw_axis_pad (GW_AXIS_LINEAR, &low, &high, 0.05);

  GwRect area = drawing_area (chart, pen, width, height);
  GwPlotRange range = { GW_AXIS_INTEGER, GW_AXIS_LINEAR, 0, 1, low, high, TRUE };

  if (bands->n > 0)
    {
      range.x0 = bands->step[0];
      range.x1 = bands->step[bands->n - 1];
    }
  gw_plot_layout (pen, &area, &range, &bands->plot, &bands->x_axis, &bands->y_axis);
}

static void
fill_band (const Bands *bands, GwChartPen *pen, int lower, int upper)
{
  for (guint i = 0; i < bands->n; i++)
    cairo_line_to (pen->cr, gw_plot_px (&bands->plot, &bands->x_axis, bands->step[i]),
                   gw_plot_py (&bands->plot, &bands->y_axis, bands->percentile[i][upper]));
  for (guint i = bands->n; i-- > 0;)
    cairo_line_to (pen->cr, gw_plot_px (&bands->plot, &bands->x_axis, bands->step[i]),
                   gw_plot_py (&bands->plot, &bands->y_axis, bands->percentile[i][lower]));
  cairo_close_path (pen->cr);
  cairo_fill (pen->cr);
}

static void
draw_mark (const Bands *bands, GwChartPen *pen, double step)
{
  static const double dash[] = { 3, 3 };
  double x = gw_plot_px (&bands->plot, &bands->x_axis, step);

  if (!(x >= bands->plot.x - 0.5 && x <= bands->plot.x + bands->plot.width + 0.5))
    return;
  x = gw_chart_pen_crisp (pen, x, 1);
  gw_chart_pen_color (pen, pen->theme->cursor, 1);
  cairo_set_line_width (pen->cr, 1);
  cairo_set_dash (pen->cr, dash, 2, 0);
  cairo_move_to (pen->cr, x, bands->plot.y);
  cairo_line_to (pen->cr, x, bands->plot.y + bands->plot.height);
  cairo_stroke (pen->cr);
  cairo_set_dash (pen->cr, NULL, 0, 0);
}

static void
draw_distribution (GwHistogramChart *chart, GwChartPen *pen, double width, double height)
{
  /* Each band lies over the wider ones: alone they add up to 13, 26, 40, 56 %. */
  static const double alphas[] = { 0.13, 0.149, 0.189, 0.267 };
  Bands bands;
  GwRunStyle style = gw_chart_theme_run (pen->theme, chart->run);

  find_bands (chart, pen, width, height, &bands);
  gw_plot_draw_frame (pen, &bands.plot, &bands.x_axis, &bands.y_axis, TRUE);
  for (int i = 0; i < 4; i++)
    {
      gw_chart_pen_color (pen, style.color, alphas[i]);
      cairo_new_path (pen->cr);
      fill_band (&bands, pen, i, GW_HISTOGRAM_PERCENTILES - 1 - i);
    }
  gw_chart_pen_color (pen, style.color, 1);
  cairo_set_line_width (pen->cr, 2);
  cairo_set_line_join (pen->cr, CAIRO_LINE_JOIN_ROUND);
  for (guint i = 0; i < bands.n; i++)
    cairo_line_to (pen->cr, gw_plot_px (&bands.plot, &bands.x_axis, bands.step[i]),
                   gw_plot_py (&bands.plot, &bands.y_axis, bands.percentile[i][4]));
  cairo_stroke (pen->cr);
  draw_mark (&bands, pen, chart->marked_step);
}

/* --- all --- */

const char *
gw_histogram_chart_footer (GwHistogramChart *chart)
{
  guint length = gw_histogram_series_length (chart->series);
  char all[GW_NUMBER_TEXT_SIZE];

  g_free (chart->footer);
  gw_number_text_count (all, length);
  if (length == 0)
    chart->footer = g_strdup ("No steps yet");
  else if (chart->mode != GW_HISTOGRAM_DISTRIBUTION)
    chart->footer = g_strdup_printf ("%u of %s steps, %d bins", MIN (length, MAX_RIDGES), all,
                                     GW_HISTOGRAM_BINS);
  else if (chart->bands_shown > 0 && chart->bands_shown < length)
    chart->footer = g_strdup_printf ("%u of %s steps; min, 7, 16, 31, 50, 69, 84, 93 %%, max",
                                     chart->bands_shown, all);
  else
    chart->footer = g_strdup ("min, 7, 16, 31, 50, 69, 84, 93 %, max");
  return chart->footer;
}

static void
histogram_chart_draw (GwChart *base, GwChartPen *pen, double width, double height)
{
  GwHistogramChart *chart = (GwHistogramChart *) base;

  switch (chart->mode)
    {
    case GW_HISTOGRAM_OVERLAY:
      draw_overlay (chart, pen, width, height);
      break;
    case GW_HISTOGRAM_DISTRIBUTION:
      draw_distribution (chart, pen, width, height);
      break;
    case GW_HISTOGRAM_OFFSET:
    default:
      draw_offset (chart, pen, width, height);
      break;
    }
  if (chart->title == NULL)
    return;
  gw_plot_draw_title (pen, chart->title, width);
  gw_plot_draw_footer (pen, gw_histogram_chart_footer (chart),
                       chart->mode == GW_HISTOGRAM_OVERLAY ? "value" : "step", 14, width - 14,
                       height);
}

double
gw_histogram_chart_step_at (GwHistogramChart *chart, GwChartPen *pen, double width, double height,
                            double x, double y)
{
  if (gw_histogram_series_length (chart->series) == 0)
    return NAN;
  if (chart->mode == GW_HISTOGRAM_DISTRIBUTION)
    {
      Bands bands;
      double best = NAN;
      double distance = INFINITY;

      find_bands (chart, pen, width, height, &bands);
      if (x < bands.plot.x - 4 || x > bands.plot.x + bands.plot.width + 4)
        return NAN;
      for (guint i = 0; i < bands.n; i++)
        {
          double here = fabs (gw_plot_px (&bands.plot, &bands.x_axis, bands.step[i]) - x);

          if (here < distance)
            {
              distance = here;
              best = bands.step[i];
            }
        }
      return best;
    }
  if (chart->mode != GW_HISTOGRAM_OFFSET)
    return NAN;

  Ridges ridges;

  find_ridges (chart, &ridges);
  lay_ridges (chart, pen, &ridges, width, height);
  if (y < ridges.first_base - ridges.rise || y > ridges.plot.y + ridges.plot.height + 4)
    return NAN;

  double place = ridges.spacing > 0 ? round ((y - ridges.first_base) / ridges.spacing) : 0;

  return step_of (chart, ridges.indices[(guint) CLAMP (place, 0, ridges.n - 1)]);
}
