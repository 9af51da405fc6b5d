/* SPDX-License-Identifier: Apache-2.0 */
/* Rebinning, reduction, layout and pixels of charts, without a display. */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "tests/widgets/charts/sample-data.h"
#include "widgets/paint/export.h"
#include "widgets/paint/indicators.h"

/* A bucket 0..4 with 8 over bins of 0..2, 2..4, 4..6 gives 4, 4, 0; a bucket of
 * zero width at 6 goes into the last bin, one at 2 into the second. */
static void
test_rebin (void)
{
  const GwBucket buckets[] = { { 0, 4, 8 }, { 2, 2, 5 }, { 6, 6, 3 } };
  double bins[3];

  gw_histogram_rebin (buckets, 3, 0, 6, bins, 3);
  g_assert_cmpfloat_with_epsilon (bins[0], 4, 1e-12);
  g_assert_cmpfloat_with_epsilon (bins[1], 9, 1e-12);
  g_assert_cmpfloat_with_epsilon (bins[2], 3, 1e-12);

  /* Uneven edges: -1..1 holds 10; over -2..1 in 3 bins: 0, 5, 5. */
  gw_histogram_rebin ((GwBucket[]) { { -1, 1, 10 } }, 1, -2, 1, bins, 3);
  g_assert_cmpfloat_with_epsilon (bins[0], 0, 1e-12);
  g_assert_cmpfloat_with_epsilon (bins[1], 5, 1e-12);
  g_assert_cmpfloat_with_epsilon (bins[2], 5, 1e-12);

  /* A tensor of one value: everything in one bin. */
  gw_histogram_rebin ((GwBucket[]) { { 3, 3, 7 } }, 1, 3, 3, bins, 3);
  g_assert_cmpfloat (bins[0] + bins[1] + bins[2], ==, 7);
  gw_histogram_rebin ((GwBucket[]) { { NAN, 3, 7 }, { 1, 2, -4 } }, 2, 0, 3, bins, 3);
  g_assert_cmpfloat (bins[0] + bins[1] + bins[2], ==, 0);
}

static void
test_rebin_keeps_total (void)
{
  guint n;
  g_autofree GwBucket *buckets = sample_buckets (0.05, 392000, &n);
  double bins[GW_HISTOGRAM_BINS];
  double total = 0;
  double sum = 0;
  double low = INFINITY;
  double high = -INFINITY;

  for (guint i = 0; i < n; i++)
    {
      total += buckets[i].count;
      low = MIN (low, buckets[i].left);
      high = MAX (high, buckets[i].right);
    }
  gw_histogram_rebin (buckets, n, low, high, bins, GW_HISTOGRAM_BINS);
  for (guint i = 0; i < GW_HISTOGRAM_BINS; i++)
    sum += bins[i];
  g_assert_cmpfloat_with_epsilon (sum, total, total * 1e-12);
}

/* 100 values spread evenly over 0..10: the share p lies at 10 p. */
static void
test_percentiles (void)
{
  const GwBucket even[] = { { 0, 4, 40 }, { 4, 10, 60 } };
  const GwBucket gap[] = { { 0, 1, 50 }, { 5, 5, 50 } };
  const double shares[] = { 0, 0.07, 0.16, 0.31, 0.50, 0.69, 0.84, 0.93, 1 };
  double found[GW_HISTOGRAM_PERCENTILES];

  g_assert_true (gw_histogram_percentiles (even, 2, found));
  for (int i = 0; i < GW_HISTOGRAM_PERCENTILES; i++)
    g_assert_cmpfloat_with_epsilon (found[i], 10 * shares[i], 1e-9);
  g_assert_true (gw_histogram_percentiles (gap, 2, found));
  g_assert_cmpfloat_with_epsilon (found[4], 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (found[5], 5, 1e-9);
  g_assert_cmpfloat_with_epsilon (found[8], 5, 1e-9);
  g_assert_false (gw_histogram_percentiles (even, 0, found));
}

static void
test_reduce (void)
{
  const float values[] = { 1, -2, 3, /**/ 4, -5, 0, /**/ NAN, 7, -8 };
  float out[4];

  gw_heat_map_reduce (values, 3, 3, 2, 2, out);
  g_assert_cmpfloat (out[0], ==, -5);
  g_assert_cmpfloat (out[1], ==, 3);
  g_assert_true (isnan (out[2]));
  g_assert_cmpfloat (out[3], ==, -8);
}

/* 100 px for 2 : 1 : 97 with a NaN: 98 px to share, none below 3. */
static void
test_health_widths (void)
{
  const double counts[GW_HEALTH_N_KINDS] = { 1, 0, 0, 49, 50, 0 };
  const double nothing[GW_HEALTH_N_KINDS] = { 0 };
  double widths[GW_HEALTH_N_KINDS];

  gw_chart_health_widths (counts, 100, widths);
  g_assert_cmpfloat (widths[GW_HEALTH_NAN], ==, 3);
  g_assert_cmpfloat (widths[GW_HEALTH_NEGATIVE], ==, 0);
  g_assert_cmpfloat_with_epsilon (widths[GW_HEALTH_ZERO], 95.0 * 49 / 99, 1e-9);
  g_assert_cmpfloat_with_epsilon (widths[GW_HEALTH_POSITIVE], 95.0 * 50 / 99, 1e-9);
  gw_chart_health_widths (nothing, 100, widths);
  for (int i = 0; i < GW_HEALTH_N_KINDS; i++)
    g_assert_cmpfloat (widths[i], ==, 0);
}

static void
test_run_styles (void)
{
  const GwChartTheme *light = gw_chart_theme_get (FALSE);

  g_assert_cmpint (gw_chart_theme_run (light, 0).n_dash, ==, 0);
  g_assert_cmpint (gw_chart_theme_run (light, 5).n_dash, ==, 0);
  g_assert_cmpfloat (gw_chart_theme_run (light, 6).dash[0], ==, 8);
  g_assert_cmpfloat (gw_chart_theme_run (light, 9).dash[0], ==, 2);
  g_assert_cmpint (gw_chart_theme_run (light, 11).n_dash, ==, 4);
  g_assert_false (gw_chart_theme_run (light, 11).name_at_end);
  g_assert_true (gw_chart_theme_run (light, 12).name_at_end);
  g_assert_cmpfloat (gw_chart_theme_run (light, 12).alpha, ==, 0.6);
  g_assert_cmpfloat (gw_chart_theme_run (light, 12).color.red, ==, light->run[0].red);

  /* Signed map: the ground at 0, power 0.8, clamped. */
  GwChartColor half = gw_chart_theme_signed (light, 0.5);

  g_assert_cmpfloat (gw_chart_theme_signed (light, 0).red, ==, 1);
  g_assert_cmpfloat_with_epsilon (half.blue, 1 + (light->positive.blue - 1) * pow (0.5, 0.8),
                                  1e-12);
  g_assert_cmpfloat_with_epsilon (gw_chart_theme_signed (light, -9).red, light->negative.red, 1e-12);
}

/* --- drawing --- */

typedef struct
{
  cairo_surface_t *surface;
  cairo_t *cr;
  GwChartPen pen;
} Canvas;

static void
canvas_init (Canvas *canvas, int width, int height)
{
  canvas->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  canvas->cr = cairo_create (canvas->surface);
  gw_chart_pen_init (&canvas->pen, canvas->cr, gw_chart_theme_get (FALSE), NULL, 0);
}

static void
canvas_clear (Canvas *canvas)
{
  gw_chart_pen_clear (&canvas->pen);
  cairo_destroy (canvas->cr);
  cairo_surface_destroy (canvas->surface);
}

/* Alpha of the pixel, 0..255. */
static guint
alpha_at (Canvas *canvas, int x, int y)
{
  cairo_surface_flush (canvas->surface);

  const guint8 *data = cairo_image_surface_get_data (canvas->surface);
  int stride = cairo_image_surface_get_stride (canvas->surface);
  guint32 pixel;

  memcpy (&pixel, data + y * stride + x * 4, sizeof pixel);
  return pixel >> 24;
}

/* A spike of one point among 200,000 must be seen in its pixel column. */
static void
test_spike_is_drawn (void)
{
  g_autoptr (GwSeries) series = gw_series_new ();
  GwLineChart *chart = gw_line_chart_new ();
  GwAxis x_axis;
  GwAxis y_axis;
  GwRect plot;
  Canvas canvas;

  for (int i = 0; i < 200000; i++)
    gw_series_append (series, i, i, i == 123456 ? 10 : 0);
  gw_line_chart_add (chart, series, "spiky", 0);
  canvas_init (&canvas, 500, 300);
  gw_chart_draw (chart, &canvas.pen, 500, 300);
  gw_line_chart_layout (chart, &canvas.pen, 500, 300, &plot, &x_axis, &y_axis);

  double x = plot.x + plot.width * gw_axis_map (&x_axis, 123456);
  double y = plot.y + plot.height * (1 - gw_axis_map (&y_axis, 9));

  g_assert_cmpuint (alpha_at (&canvas, (int) x, (int) y), >, 150);
  g_assert_cmpuint (alpha_at (&canvas, (int) x + 6, (int) y), ==, 0);
  canvas_clear (&canvas);
  gw_chart_unref (chart);
}

/* Points as a line and as columns lie at the same place. */
static void
test_dense_and_sparse_agree (void)
{
  for (int n = 50; n <= 20000; n *= 20)
    {
      g_autoptr (GwSeries) series = gw_series_new ();
      GwLineChart *chart = gw_line_chart_new ();
      GwAxis x_axis;
      GwAxis y_axis;
      GwRect plot;
      Canvas canvas;

      for (int i = 0; i < n; i++)
        gw_series_append (series, i, i, (double) i / (n - 1));
      gw_line_chart_add (chart, series, "ramp", 0);
      canvas_init (&canvas, 400, 300);
      gw_chart_draw (chart, &canvas.pen, 400, 300);
      gw_line_chart_layout (chart, &canvas.pen, 400, 300, &plot, &x_axis, &y_axis);
      for (double share = 0.1; share < 0.95; share += 0.2)
        {
          int x = (int) (plot.x + plot.width * share);
          int y = (int) (plot.y + plot.height * (1 - gw_axis_map (&y_axis, share)));

          g_assert_cmpuint (alpha_at (&canvas, x, y), >, 200);
          g_assert_cmpuint (alpha_at (&canvas, x, y - 9), <, 60);
        }
      canvas_clear (&canvas);
      gw_chart_unref (chart);
    }
}

static void
test_view_and_footer (void)
{
  g_autoptr (GwSeries) series = sample_loss (6000, 2, 0.2, 1);
  GwLineChart *chart = gw_line_chart_new ();
  GwChartRange view;

  g_assert_cmpstr (gw_line_chart_footer (chart, 400), ==, "No points yet");
  gw_line_chart_add (chart, series, "a", 0);
  g_assert_false (gw_line_chart_get_view (chart, &view));
  g_assert_cmpfloat (view.x0, ==, 1);
  g_assert_cmpfloat (view.x1, ==, 6000);
  g_assert_cmpstr (gw_line_chart_footer (chart, 400), ==,
                   "6,000 of 6,000 points, min–max per pixel");
  view = (GwChartRange) { 101, 200, 0, 1 };
  gw_line_chart_set_view (chart, &view);
  g_assert_true (gw_line_chart_get_view (chart, &view));
  g_assert_cmpstr (gw_line_chart_footer (chart, 400), ==, "100 of 6,000 points");
  gw_line_chart_set_view (chart, NULL);
  gw_line_chart_set_visible (chart, 0, FALSE);
  g_assert_cmpstr (gw_line_chart_footer (chart, 400), ==, "No points yet");
  gw_chart_unref (chart);
}

static void
test_rows_sorted (void)
{
  GwLineChart *chart = gw_line_chart_new ();
  GwLineChartRow rows[2];
  GwAxis x_axis;
  GwAxis y_axis;
  GwRect plot;
  Canvas canvas;
  guint total;

  for (int k = 0; k < 3; k++)
    {
      g_autoptr (GwSeries) series = gw_series_new ();

      for (int i = 0; i <= 10; i++)
        gw_series_append (series, i * 10, i, k);
      gw_line_chart_add (chart, series, "s", (guint) k);
    }
  canvas_init (&canvas, 400, 300);
  gw_line_chart_layout (chart, &canvas.pen, 400, 300, &plot, &x_axis, &y_axis);

  double y = plot.y + plot.height * (1 - gw_axis_map (&y_axis, 1.6));

  g_assert_cmpuint (gw_line_chart_rows (chart, &canvas.pen, 400, 300, 43, y, rows, 2, &total), ==,
                    2);
  g_assert_cmpuint (total, ==, 3);
  g_assert_cmpuint (rows[0].series, ==, 2);
  g_assert_cmpuint (rows[1].series, ==, 1);
  g_assert_cmpfloat (rows[0].x, ==, 40);
  g_assert_cmpfloat (rows[0].seconds, ==, 4);
  canvas_clear (&canvas);
  gw_chart_unref (chart);
}

static void
test_text_exports (void)
{
  g_autoptr (GwSeries) series = gw_series_new ();
  GwLineChart *chart = gw_line_chart_new ();

  gw_series_append (series, 1, 10, 0.5);
  gw_series_append (series, 2, 11, NAN);
  gw_line_chart_add (chart, series, "a, \"b\"_1", 0);

  g_autofree char *csv = gw_line_chart_to_csv (chart);
  g_autofree char *latex = gw_line_chart_to_pgfplots (chart);

  g_assert_cmpstr (csv, ==,
                   "run,step,wall_time,value,smoothed\n"
                   "\"a, \"\"b\"\"_1\",1,10,0.5,0.5\n"
                   "\"a, \"\"b\"\"_1\",2,11,nan,nan\n");
  g_assert_nonnull (strstr (latex, "(1,0.5)"));
  g_assert_nonnull (strstr (latex, "\\addlegendentry{a, \"b\"\\_1}"));
  g_assert_true (g_str_has_suffix (latex, "\\end{tikzpicture}\n"));
  gw_chart_unref (chart);
}

static void
test_heat_map_pick (void)
{
  GwHeatMap *map = gw_heat_map_new ();
  const float values[] = { 1, 2, 3, 4, 5, 6 };
  gsize row = 99;
  gsize column = 99;
  Canvas canvas;

  canvas_init (&canvas, 300, 200);
  g_assert_false (gw_heat_map_pick (map, &canvas.pen, 300, 200, 100, 100, &row, &column));
  g_assert_true (gw_heat_map_set (map, values, 2, 3));
  g_assert_false (gw_heat_map_pick (map, &canvas.pen, 300, 200, 1, 1, &row, &column));
  g_assert_true (gw_heat_map_pick (map, &canvas.pen, 300, 200, 30, 20, &row, &column));
  g_assert_cmpuint (row, ==, 0);
  g_assert_cmpuint (column, ==, 0);
  g_assert_cmpfloat (gw_heat_map_value (map, 1, 2), ==, 6);
  g_assert_false (gw_heat_map_set (map, values, G_MAXSIZE / 2, 8));
  canvas_clear (&canvas);
  gw_chart_unref (map);
}

static void
test_images (void)
{
  GwImageGrid *grid = sample_images ();
  const GwImageItem odd[] = { { 2, 2, 4, (const guint8 *) "0123456789abcdef", "rgba", FALSE },
                              { 0, 0, 1, NULL, NULL, TRUE } };
  Canvas canvas;

  canvas_init (&canvas, 400, 300);
  g_assert_cmpuint (gw_image_grid_length (grid), ==, 6);
  g_assert_cmpuint (gw_image_grid_capacity (grid, &canvas.pen, 400, 300), >=, 6);
  g_assert_cmpint (gw_image_grid_pick (grid, &canvas.pen, 400, 300, 20, 20), ==, 0);
  g_assert_cmpint (gw_image_grid_pick (grid, &canvas.pen, 400, 300, 1, 1), ==, -1);
  g_assert_cmpint (gw_image_grid_pick (grid, &canvas.pen, 400, 300, 1e6, 1e6), ==, -1);
  /* What cannot be shown is an empty frame. */
  g_assert_true (gw_image_grid_set (grid, odd, 2));
  gw_chart_draw (grid, &canvas.pen, 400, 300);
  g_assert_cmpuint (gw_image_grid_length (grid), ==, 2);
  canvas_clear (&canvas);
  gw_chart_unref (grid);
}

static void
test_confusion (void)
{
  GwConfusionChart *chart = sample_confusion ();
  const gint64 counts[] = { 3, 1, -5, 4 };
  guint row;
  guint column;
  Canvas canvas;

  canvas_init (&canvas, 400, 300);
  g_assert_cmpuint (gw_confusion_chart_n_classes (chart), ==, 10);
  g_assert_false (gw_confusion_chart_pick (chart, &canvas.pen, 400, 300, 2, 2, &row, &column));
  g_assert_true (gw_confusion_chart_pick (chart, &canvas.pen, 400, 300, 200, 200, &row, &column));
  g_assert_true (gw_confusion_chart_set (chart, counts, 2, NULL));
  g_assert_cmpint (gw_confusion_chart_count (chart, 1, 0), ==, 0);
  g_assert_cmpint (gw_confusion_chart_count (chart, 0, 1), ==, 1);
  g_assert_false (gw_confusion_chart_set (chart, counts, 100000, NULL));
  g_assert_cmpuint (gw_confusion_chart_n_classes (chart), ==, 2);
  canvas_clear (&canvas);
  gw_chart_unref (chart);
}

/* Every chart draws in every size, from nothing to a page, without data as well. */
static void
test_any_size (void)
{
  static const int sizes[][2] = { { 1, 1 }, { 16, 300 }, { 300, 16 }, { 60, 40 }, { 900, 700 } };
  g_autoptr (GwHistogramSeries) steps = sample_histograms (40);
  g_autoptr (GwHistogramSeries) one = sample_histograms (1);
  g_autoptr (GwSeries) loss = sample_loss (3000, 2, 0.1, 1);
  GwLineChart *line = gw_line_chart_new ();
  gpointer charts[] = { line,
                        gw_line_chart_new (),
                        gw_histogram_chart_new (steps, 0),
                        gw_histogram_chart_new (one, 1),
                        gw_histogram_chart_new (NULL, 2),
                        gw_bar_histogram_new (),
                        gw_heat_map_new (),
                        gw_image_grid_new (),
                        sample_images (),
                        gw_confusion_chart_new (),
                        sample_confusion () };

  gw_line_chart_add (line, loss, "loss", 3);
  gw_line_chart_options (line)->legend = gw_line_chart_options (line)->footer = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (charts); i++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      for (int mode = 0; mode < 3; mode++)
        {
          Canvas canvas;

          if (i >= 2 && i <= 4)
            gw_histogram_chart_set_mode (charts[i], mode);
          gw_line_chart_options (line)->log_x = mode == 1;
          gw_line_chart_options (line)->log_y = mode == 2;
          canvas_init (&canvas, sizes[s][0], sizes[s][1]);
          gw_chart_draw (charts[i], &canvas.pen, sizes[s][0], sizes[s][1]);
          g_assert_cmpint (cairo_status (canvas.cr), ==, CAIRO_STATUS_SUCCESS);
          canvas_clear (&canvas);
        }
  for (guint i = 0; i < G_N_ELEMENTS (charts); i++)
    gw_chart_unref (charts[i]);
}

/* --- files --- */

static void
assert_starts (const char *path, const char *magic)
{
  g_autofree char *contents = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  g_assert_cmpuint (length, >, 500);
  g_assert_true (memcmp (contents, magic, strlen (magic)) == 0);
}

static void
test_export (void)
{
  static const struct
  {
    const char *name;
    const char *magic;
  } files[] = { { "a.png", "\x89PNG" }, { "a.svg", "<?xml" }, { "a.PDF", "%PDF" } };
  g_autofree char *folder = g_dir_make_tmp ("gw-export-XXXXXX", NULL);
  g_autoptr (GwSeries) loss = sample_loss (500, 2, 0.1, 1);
  GwLineChart *chart = gw_line_chart_new ();
  GwExportOptions options = { .width = 400, .height = 300, .scale = 2 };

  gw_line_chart_add (chart, loss, "loss", 0);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i].name, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_true (gw_chart_export (chart, path, &options, &error));
      g_assert_no_error (error);
      assert_starts (path, files[i].magic);
      if (i == 0)
        {
          cairo_surface_t *image = cairo_image_surface_create_from_png (path);

          g_assert_cmpint (cairo_image_surface_get_width (image), ==, 800);
          g_assert_cmpint (cairo_image_surface_get_height (image), ==, 600);
          cairo_surface_destroy (image);
        }
      g_assert_cmpint (g_remove (path), ==, 0);
    }
  gw_chart_unref (chart);
  /* Nothing is left beside the files. */
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_export_refuses (void)
{
  GwHeatMap *chart = gw_heat_map_new ();
  GwExportOptions good = { .width = 400, .height = 300 };
  GwExportOptions huge = { .width = 40000, .height = 300 };
  g_autoptr (GError) error = NULL;

  g_assert_false (gw_chart_export (chart, "a.jpg", &good, &error));
  g_assert_error (error, GW_EXPORT_ERROR, GW_EXPORT_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_false (gw_chart_export (chart, "a.png", &huge, &error));
  g_assert_error (error, GW_EXPORT_ERROR, GW_EXPORT_ERROR_SIZE);
  g_clear_error (&error);
  g_assert_false (gw_chart_export (chart, "/nowhere/at/all/a.png", &good, &error));
  g_assert_error (error, GW_EXPORT_ERROR, GW_EXPORT_ERROR_WRITE);
  gw_chart_unref (chart);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/charts/rebin", test_rebin);
  g_test_add_func ("/charts/rebin-keeps-total", test_rebin_keeps_total);
  g_test_add_func ("/charts/percentiles", test_percentiles);
  g_test_add_func ("/charts/reduce", test_reduce);
  g_test_add_func ("/charts/health-widths", test_health_widths);
  g_test_add_func ("/charts/run-styles", test_run_styles);
  g_test_add_func ("/charts/spike-is-drawn", test_spike_is_drawn);
  g_test_add_func ("/charts/dense-and-sparse-agree", test_dense_and_sparse_agree);
  g_test_add_func ("/charts/view-and-footer", test_view_and_footer);
  g_test_add_func ("/charts/rows-sorted", test_rows_sorted);
  g_test_add_func ("/charts/text-exports", test_text_exports);
  g_test_add_func ("/charts/heat-map-pick", test_heat_map_pick);
  g_test_add_func ("/charts/images", test_images);
  g_test_add_func ("/charts/confusion", test_confusion);
  g_test_add_func ("/charts/any-size", test_any_size);
  g_test_add_func ("/charts/export", test_export);
  g_test_add_func ("/charts/export-refuses", test_export_refuses);
  return g_test_run ();
}
