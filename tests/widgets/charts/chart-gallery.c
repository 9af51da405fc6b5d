/* SPDX-License-Identifier: Apache-2.0 */
/* Renders every chart to PNG, light and dark, into the folder given as the
 * argument, and prints how long a curve of a million points takes to draw. */
#include <glib/gstdio.h>
#include <math.h>

#include "tests/widgets/charts/sample-data.h"
#include "widgets/paint/export.h"
#include "widgets/paint/indicators.h"

static gboolean
save (gpointer chart, const char *folder, const char *name, double width, double height)
{
  for (int dark = 0; dark < 2; dark++)
    {
      g_autofree char *file
          = g_strdup_printf ("%s/%s-%s.png", folder, name, dark ? "dark" : "light");
      GwExportOptions options = { .width = width, .height = height, .scale = 2, .dark = dark };
      g_autoptr (GError) error = NULL;

      if (!gw_chart_export (chart, file, &options, &error))
        {
          g_printerr ("%s\n", error->message);
          return FALSE;
        }
    }
  return TRUE;
}

typedef struct
{
  GwLineChart *chart;
  double x, y;
} CursorScene;

static void
draw_with_cursor (GwChartPen *pen, double width, double height, gpointer data)
{
  CursorScene *scene = data;

  gw_chart_draw (scene->chart, pen, width, height);
  gw_line_chart_draw_cursor (scene->chart, pen, width, height, scene->x, scene->y, TRUE);
}

static gboolean
save_cursor (GwLineChart *chart, const char *folder, const char *name, double x, double y)
{
  CursorScene scene = { chart, x, y };

  for (int dark = 0; dark < 2; dark++)
    {
      g_autofree char *file
          = g_strdup_printf ("%s/%s-%s.png", folder, name, dark ? "dark" : "light");
      GwExportOptions options = { .width = 440, .height = 300, .scale = 2, .dark = dark };
      g_autoptr (GError) error = NULL;

      if (!gw_export_draw (file, &options, draw_with_cursor, &scene, &error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
lines (const char *folder)
{
  g_autoptr (GwSeries) adam = sample_loss (6000, 2.3, 0.21, 1);
  g_autoptr (GwSeries) sgd = sample_loss (6000, 2.35, 0.42, 2);
  g_autoptr (GwSeries) few = sample_loss (24, 0.5, 0.9, 3);
  GwLineChart *chart = gw_line_chart_new ();
  GwLineChartOptions *options = gw_line_chart_options (chart);
  gboolean ok;

  gw_series_set_smoothing (adam, GW_SMOOTHING_EMA, 0.9);
  gw_series_set_smoothing (sgd, GW_SMOOTHING_EMA, 0.9);
  gw_line_chart_add (chart, adam, "adam 0.001", 0);
  gw_line_chart_add (chart, sgd, "sgd 0.1", 1);
  options->log_y = TRUE;
  options->footer = TRUE;
  ok = save_cursor (chart, folder, "line-cursor", 3120, 150);
  options->legend = TRUE;
  options->title = "loss";
  options->y_title = "cross entropy";
  ok &= save (chart, folder, "line-log-y", 440, 300);
  options->log_y = FALSE;
  options->log_x = TRUE;
  ok &= save (chart, folder, "line-log-x", 440, 300);
  options->log_x = FALSE;
  options->x = GW_SERIES_X_RELATIVE;
  ok &= save (chart, folder, "line-relative", 288, 216);
  options->x = GW_SERIES_X_WALL;
  ok &= save (chart, folder, "line-wall", 735, 490);
  gw_line_chart_clear (chart);

  gw_series_append (few, 30, 1700000100, NAN);
  gw_series_append (few, 31, 1700000101, -0.2);
  gw_series_append (few, 33, 1700000102, -0.1);
  gw_series_set_smoothing (few, GW_SMOOTHING_EMA, 0.6);
  options->x = GW_SERIES_X_STEP;
  gw_line_chart_add (chart, few, "sparse", 2);
  ok &= save (chart, folder, "line-sparse-nan", 440, 300);
  gw_line_chart_clear (chart);
  options->ignore_outliers = TRUE;
  for (guint run = 0; run < 14; run++)
    {
      g_autoptr (GwSeries) series = sample_loss (run < 7 ? 60 : 6000, 1 + 0.2 * run,
                                                 0.1 + 0.1 * run, run + 1);
      g_autofree char *name = g_strdup_printf ("run number %u", run + 1);

      gw_series_set_smoothing (series, GW_SMOOTHING_EMA, 0.95);
      gw_line_chart_add (chart, series, name, run);
    }
  options->raw_line = options->envelope = FALSE;
  ok &= save (chart, folder, "line-14-runs", 735, 490);
  gw_line_chart_clear (chart);
  ok &= save (chart, folder, "line-empty", 288, 216);
  gw_chart_unref (chart);
  return ok;
}

static gboolean
tensors (const char *folder)
{
  g_autoptr (GwHistogramSeries) steps = sample_histograms (60);
  GwHistogramChart *histogram = gw_histogram_chart_new (steps, 0);
  GwBarHistogram *bars = gw_bar_histogram_new ();
  GwHeatMap *map = gw_heat_map_new ();
  guint n_a;
  guint n_b;
  g_autofree GwBucket *a = sample_buckets (0.05, 392000, &n_a);
  g_autofree GwBucket *b = sample_buckets (0.08, 392000, &n_b);
  g_autofree float *matrix = sample_matrix (784, 500);
  gboolean ok;

  gw_histogram_chart_set_title (histogram, "hidden1/kernel");
  ok = save (histogram, folder, "histogram-plain", 288, 330);
  gw_histogram_chart_set_marked_step (histogram, 3000);
  ok &= save (histogram, folder, "histogram-offset", 288, 330);
  gw_histogram_chart_set_mode (histogram, GW_HISTOGRAM_OVERLAY);
  ok &= save (histogram, folder, "histogram-overlay", 288, 330);
  gw_histogram_chart_set_mode (histogram, GW_HISTOGRAM_DISTRIBUTION);
  ok &= save (histogram, folder, "distribution", 288, 330);
  gw_bar_histogram_set_bins (bars, 50);
  gw_bar_histogram_set (bars, a, n_a, b, n_b);
  ok &= save (bars, folder, "bars", 300, 280);
  gw_bar_histogram_set_bins (bars, 24);
  gw_bar_histogram_set_compact (bars, TRUE);
  ok &= save (bars, folder, "bars-compact", 96, 24);
  ok &= gw_heat_map_set (map, matrix, 784, 500);
  gw_heat_map_set_mark (map, 150, 0, 16, 8);
  ok &= save (map, folder, "heat-map", 400, 320);
  for (int i = 0; i < 48; i++)
    matrix[i] = i == 13 ? NAN : fabsf (matrix[i]);
  ok &= gw_heat_map_set (map, matrix, 6, 8);
  gw_heat_map_set_mark (map, 2, 3, 1, 1);
  ok &= save (map, folder, "heat-map-small", 300, 240);
  gw_chart_unref (histogram);
  gw_chart_unref (bars);
  gw_chart_unref (map);
  return ok;
}

static gboolean
samples (const char *folder)
{
  GwImageGrid *images = sample_images ();
  GwConfusionChart *confusion = sample_confusion ();
  gboolean ok = save (images, folder, "images", 290, 230);

  ok &= save (images, folder, "images-large", 600, 400);
  gw_confusion_chart_set_hover (confusion, 6, 2);
  ok &= save (confusion, folder, "confusion", 520, 420);
  ok &= save (confusion, folder, "confusion-small", 288, 260);
  gw_chart_unref (images);
  gw_chart_unref (confusion);
  return ok;
}

static void
draw_indicators (GwChartPen *pen, double width, double height, gpointer data)
{
  static const double healths[][GW_HEALTH_N_KINDS]
      = { { 0, 0, 40, 20, 60, 0 }, { 5, 1, 400, 200, 600, 2 }, { 0, 0, 0, 100, 0, 0 } };
  static const double ticks[] = { 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9 };
  static const char *const types[]
      = { "float32", "float64", "float16", "int32",      "int64",    "uint8",
          "bool",    "string",  "complex64", "complex128", "resource", "float32_ref" };
  double values[300];

  for (int i = 0; i < 300; i++)
    values[i] = exp (-i / 60.0) + 0.06 * sin (i * 1.7) + (i == 200 ? NAN : 0);
  gw_chart_draw_sparkline (pen, 12, 12, 144, 34, values, 300, pen->theme->run[0]);
  for (int i = 0; i < 3; i++)
    gw_chart_draw_health (pen, 170, 12 + 14 * i, 120, 8, healths[i]);
  gw_chart_draw_progress (pen, 12, 62, 280, 6, 0.42, pen->theme->running, ticks, 9);
  for (int i = 0; i < 4; i++)
    gw_chart_draw_change (pen, 12 + 72 * i, 80, 52, 12, pow (10, 2 * i - 4.5));
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    gw_chart_draw_dtype (pen, 20 + 24 * i, 112, types[i][7] == '_' ? 16 : 10, types[i]);
}

static gboolean
indicators (const char *folder)
{
  for (int dark = 0; dark < 2; dark++)
    {
      g_autofree char *file
          = g_strdup_printf ("%s/indicators-%s.png", folder, dark ? "dark" : "light");
      GwExportOptions options = { .width = 304, .height = 130, .scale = 3, .dark = dark };
      g_autoptr (GError) error = NULL;

      if (!gw_export_draw (file, &options, draw_indicators, NULL, &error))
        return FALSE;
    }
  return TRUE;
}

static void
time_million (void)
{
  g_autoptr (GwSeries) series = sample_loss (1000000, 2.3, 0.2, 5);
  GwLineChart *chart = gw_line_chart_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 735, 490);
  cairo_t *cr = cairo_create (surface);
  GwChartPen pen;

  gw_chart_pen_init (&pen, cr, gw_chart_theme_get (FALSE), NULL, 0);
  gw_line_chart_add (chart, series, "million", 0);

  gint64 begin = g_get_monotonic_time ();

  gw_series_set_smoothing (series, GW_SMOOTHING_EMA, 0.6);
  g_print ("smoothing a million points: %.1f ms\n", (g_get_monotonic_time () - begin) / 1000.0);
  for (int i = 0; i < 5; i++)
    {
      begin = g_get_monotonic_time ();
      gw_chart_draw (chart, &pen, 735, 490);
      g_print ("drawing a million points, %s time: %.2f ms\n", i == 0 ? "first" : "next",
               (g_get_monotonic_time () - begin) / 1000.0);
    }
  gw_line_chart_options (chart)->ignore_outliers = TRUE;
  for (int i = 0; i < 2; i++)
    {
      begin = g_get_monotonic_time ();
      gw_chart_draw (chart, &pen, 735, 490);
      g_print ("with outliers cut, %s time: %.2f ms\n", i == 0 ? "first" : "next",
               (g_get_monotonic_time () - begin) / 1000.0);
    }
  gw_chart_pen_clear (&pen);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  gw_chart_unref (chart);
}

int
main (int argc, char **argv)
{
  if (argc != 2)
    {
      g_printerr ("Usage: chart-gallery FOLDER\n");
      return 2;
    }
  g_mkdir_with_parents (argv[1], 0755);

  gboolean ok = lines (argv[1]);

  ok &= tensors (argv[1]);
  ok &= samples (argv[1]);
  ok &= indicators (argv[1]);
  time_million ();
  return ok ? 0 : 1;
}
