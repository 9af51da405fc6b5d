/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up data for charts. */
#include "tests/widgets/charts/sample-data.h"

#include <math.h>

static double
next_share (guint32 *state)
{
  *state = *state * 1664525u + 1013904223u;
  return (*state >> 8) / 16777216.0;
}

static double
next_normal (guint32 *state)
{
  double sum = -6;

  for (int i = 0; i < 12; i++)
    sum += next_share (state);
  return sum;
}

GwSeries *
sample_loss (gsize n, double start, double end, guint32 seed)
{
  GwSeries *series = gw_series_new ();
  guint32 state = seed;

  for (gsize i = 0; i < n; i++)
    {
      double t = (double) i / MAX (1, n - 1);
      double level = end + (start - end) * exp (-6 * t);

      gw_series_append (series, (double) (i + 1), 1700000000.0 + i / 512.0,
                        level * (1 + 0.12 * next_normal (&state)));
    }
  return series;
}

GwBucket *
sample_buckets (double deviation, double n, guint *n_buckets)
{
  const guint half = 40;
  GwBucket *buckets = g_new0 (GwBucket, 2 * half);
  double edges[41];

  edges[0] = 0;
  for (guint i = 1; i <= half; i++)
    edges[i] = 0.01 * deviation * pow (1.16, i);
  for (guint i = 0; i < half; i++)
    {
      double left = edges[i];
      double right = edges[i + 1];
      double count = n / 2 * (erf (right / deviation / G_SQRT2) - erf (left / deviation / G_SQRT2));

      if (left > 4 * deviation)
        count = 0;
      buckets[half + i] = (GwBucket) { left, right, floor (count) };
      buckets[half - 1 - i] = (GwBucket) { -right, -left, floor (count) };
    }
  *n_buckets = 2 * half;
  return buckets;
}

GwHistogramSeries *
sample_histograms (guint n_steps)
{
  GwHistogramSeries *series = gw_histogram_series_new ();

  for (guint i = 0; i < n_steps; i++)
    {
      guint n;
      g_autofree GwBucket *buckets
          = sample_buckets (0.03 + 0.06 * sqrt ((i + 1.0) / n_steps), 392000, &n);

      gw_histogram_series_append (series, (i + 1) * 100.0, i, buckets, n);
    }
  return series;
}

float *
sample_matrix (gsize rows, gsize columns)
{
  float *values = g_new (float, rows *columns);
  guint32 state = 7;

  for (gsize r = 0; r < rows; r++)
    for (gsize c = 0; c < columns; c++)
      values[r * columns + c]
          = (float) (0.12 * sin (r * 9.0 / rows) * cos (c * 14.0 / columns)
                     + 0.05 * next_normal (&state));
  return values;
}

/* A blob whose outline has @lobes; @size x @size. */
static void
fill_picture (guint8 *pixels, guint size, double lobes, guint32 seed)
{
  guint32 state = seed;

  for (guint y = 0; y < size; y++)
    for (guint x = 0; x < size; x++)
      {
        double dx = (x + 0.5) / size - 0.5;
        double dy = (y + 0.5) / size - 0.5;
        double edge = 0.32 + 0.09 * cos (lobes * atan2 (dy, dx));
        double level = hypot (dx, dy) < edge ? 120 + 60 * next_share (&state) : 0;

        pixels[y * size + x] = (guint8) level;
      }
}

GwImageGrid *
sample_images (void)
{
  static const char *const captions[]
      = { "T-shirt 0.97", "Trouser 1.00", "Sneaker 0.98", "Bag 0.99", "Boot 0.93", "Shirt 0.51" };
  guint8 pixels[6][28 * 28];
  GwImageItem items[6];
  GwImageGrid *grid = gw_image_grid_new ();

  for (guint i = 0; i < 6; i++)
    {
      fill_picture (pixels[i], 28, i + 2, i + 1);
      items[i] = (GwImageItem) { 28, 28, 1, pixels[i], captions[i], i == 5 };
    }
  g_assert_true (gw_image_grid_set (grid, items, 6));
  return grid;
}

GwConfusionChart *
sample_confusion (void)
{
  static const char *const names[] = { "T-shirt", "Trouser", "Pullover", "Dress", "Coat",
                                       "Sandal",  "Shirt",   "Sneaker",  "Bag",   "Boot" };
  GwConfusionChart *chart = gw_confusion_chart_new ();
  gint64 counts[100];
  guint32 state = 3;

  for (int row = 0; row < 10; row++)
    {
      gint64 rest = 1000;

      for (int column = 0; column < 10; column++)
        {
          double share = next_share (&state);
          gint64 count = row == column ? 0 : (gint64) (share * share * share * share * 40);

          if ((row == 6 && column < 5 && column % 2 == 0) || (row == 4 && column == 2))
            count += 70;
          counts[row * 10 + column] = count;
          rest -= count;
        }
      counts[row * 10 + row] = rest;
    }
  g_assert_true (gw_confusion_chart_set (chart, counts, 10, names));
  return chart;
}
