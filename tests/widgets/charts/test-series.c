/* SPDX-License-Identifier: Apache-2.0 */
/* Smoothing, ranges and search in a series, against hand-worked values and
 * against a plain scan. */
#include <math.h>

#include "widgets/paint/series.h"

static GwSeries *
series_of (const double *values, gsize n)
{
  GwSeries *series = gw_series_new ();

  for (gsize i = 0; i < n; i++)
    g_assert_true (gw_series_append (series, (double) i, 100.0 + (double) i / 2, values[i]));
  return series;
}

/* w = 0.5 over 1, 3, NaN, 5: average 0.5, 1.75, -, 3.375; n = 1, 2, -, 3, so
 * 0.5/0.5 = 1, 1.75/0.75 = 7/3, NaN, 3.375/0.875 = 27/7. */
static void
test_debiased_average (void)
{
  const double values[] = { 1, 3, NAN, 5 };
  g_autoptr (GwSeries) before = series_of (values, 4);
  g_autoptr (GwSeries) after = gw_series_new ();

  gw_series_set_smoothing (before, GW_SMOOTHING_EMA, 0.5);
  gw_series_set_smoothing (after, GW_SMOOTHING_EMA, 0.5);
  for (gsize i = 0; i < 4; i++)
    gw_series_append (after, (double) i, (double) i, values[i]);

  GwSeries *both[] = { before, after };

  for (int k = 0; k < 2; k++)
    {
      g_assert_cmpfloat_with_epsilon (gw_series_point (both[k], 0).smoothed, 1, 1e-12);
      g_assert_cmpfloat_with_epsilon (gw_series_point (both[k], 1).smoothed, 7.0 / 3, 1e-12);
      g_assert_true (isnan (gw_series_point (both[k], 2).smoothed));
      g_assert_cmpfloat_with_epsilon (gw_series_point (both[k], 3).smoothed, 27.0 / 7, 1e-12);
      g_assert_cmpfloat (gw_series_point (both[k], 3).value, ==, 5);
    }
  gw_series_set_smoothing (before, GW_SMOOTHING_EMA, 0);
  g_assert_cmpfloat (gw_series_point (before, 3).smoothed, ==, 5);
}

static void
test_constant_stays (void)
{
  g_autoptr (GwSeries) series = gw_series_new ();

  gw_series_set_smoothing (series, GW_SMOOTHING_EMA, 0.999);
  for (int i = 0; i < 1000; i++)
    gw_series_append (series, i, i, 0.7);
  g_assert_cmpfloat_with_epsilon (gw_series_point (series, 0).smoothed, 0.7, 1e-12);
  g_assert_cmpfloat_with_epsilon (gw_series_point (series, 999).smoothed, 0.7, 1e-12);
}

/* w = 0.5 means a window of (1 + 0.5) / (1 - 0.5) = 3 points. */
static void
test_mean (void)
{
  const double values[] = { 3, 6, 9, 12, NAN, 30, 0 };
  const double means[] = { 3, 4.5, 6, 9, NAN, 21, 15 };
  g_autoptr (GwSeries) series = series_of (values, 7);

  gw_series_set_smoothing (series, GW_SMOOTHING_MEAN, 0.5);
  for (gsize i = 0; i < 7; i++)
    {
      double smoothed = gw_series_point (series, i).smoothed;

      if (isnan (means[i]))
        g_assert_true (isnan (smoothed));
      else
        g_assert_cmpfloat_with_epsilon (smoothed, means[i], 1e-12);
    }
}

static GwSeriesRange
scan (GwSeries *series, gsize begin, gsize end)
{
  GwSeriesRange range = { INFINITY, -INFINITY, INFINITY };

  for (gsize i = begin; i < end; i++)
    {
      double value = gw_series_point (series, i).value;

      if (!isfinite (value))
        continue;
      range.low = MIN (range.low, value);
      range.high = MAX (range.high, value);
      if (value > 0)
        range.low_positive = MIN (range.low_positive, value);
    }
  return range;
}

static void
test_ranges (void)
{
  g_autoptr (GwSeries) series = gw_series_new ();
  GRand *random = g_rand_new_with_seed (1);

  for (int i = 0; i < 5000; i++)
    {
      double value = g_rand_double_range (random, -1, 1);

      if (i % 97 == 0)
        value = i % 2 == 0 ? NAN : INFINITY;
      gw_series_append (series, i, i, value);
    }
  for (int i = 0; i < 3000; i++)
    {
      gsize begin = (gsize) g_rand_int_range (random, 0, 5001);
      gsize end = (gsize) g_rand_int_range (random, (gint32) begin, 5001);
      GwSeriesRange fast = gw_series_range (series, FALSE, begin, end);
      GwSeriesRange plain = scan (series, begin, end);

      g_assert_cmpfloat (fast.low, ==, plain.low);
      g_assert_cmpfloat (fast.high, ==, plain.high);
      g_assert_cmpfloat (fast.low_positive, ==, plain.low_positive);
    }
  g_rand_free (random);
}

/* 0..100: index ceil (0.05 * 100) = 5 and floor (0.95 * 100) = 95. */
static void
test_inner_range (void)
{
  g_autoptr (GwSeries) series = gw_series_new ();

  g_assert_cmpfloat (gw_series_inner_range (series).low, >, gw_series_inner_range (series).high);
  for (int i = 0; i <= 100; i++)
    gw_series_append (series, i, i, (i * 37) % 101);
  gw_series_append (series, 101, 101, NAN);
  g_assert_cmpfloat (gw_series_inner_range (series).low, ==, 5);
  g_assert_cmpfloat (gw_series_inner_range (series).high, ==, 95);
  g_assert_cmpfloat (gw_series_inner_range (series).low_positive, ==, 5);
  /* Few points are never cut, the raw ones under a smoothed line neither. */
  gw_series_clear (series);
  gw_series_set_smoothing (series, GW_SMOOTHING_EMA, 0.9);
  for (int i = 0; i < 10; i++)
    gw_series_append (series, i, i, 4 + i);
  g_assert_cmpfloat (gw_series_inner_range (series).low, ==, 4);
  g_assert_cmpfloat (gw_series_inner_range (series).high, ==, 13);
}

static void
test_segments_and_search (void)
{
  g_autoptr (GwSeries) series = gw_series_new ();
  const double steps[] = { 10, 20, 20, 30, 15, 25 };
  gsize begin;
  gsize end;
  gsize index;

  g_assert_false (gw_series_nearest (series, GW_SERIES_X_STEP, 1, &index));
  for (int i = 0; i < 6; i++)
    gw_series_append (series, steps[i], 1000 + i * 10, i);
  g_assert_cmpuint (gw_series_n_segments (series), ==, 2);
  gw_series_segment (series, 0, &begin, &end);
  g_assert_cmpuint (begin, ==, 0);
  g_assert_cmpuint (end, ==, 4);
  g_assert_cmpuint (gw_series_lower_bound (series, GW_SERIES_X_STEP, 0, 4, 20), ==, 1);
  g_assert_cmpuint (gw_series_lower_bound (series, GW_SERIES_X_STEP, 0, 4, 20.5), ==, 3);
  g_assert_cmpuint (gw_series_lower_bound (series, GW_SERIES_X_STEP, 0, 4, 99), ==, 4);
  g_assert_cmpuint (gw_series_lower_bound (series, GW_SERIES_X_STEP, 0, 4, -1), ==, 0);
  g_assert_cmpuint (gw_series_lower_bound (series, GW_SERIES_X_RELATIVE, 0, 4, 20), ==, 2);
  g_assert_true (gw_series_nearest (series, GW_SERIES_X_STEP, 26, &index));
  g_assert_cmpuint (index, ==, 5);
  g_assert_true (gw_series_nearest (series, GW_SERIES_X_STEP, 1e9, &index));
  g_assert_cmpuint (index, ==, 3);
  g_assert_cmpfloat (gw_series_x (series, GW_SERIES_X_RELATIVE, 3), ==, 30);
}

static void
test_refused_and_truncated (void)
{
  g_autoptr (GwSeries) series = gw_series_new ();
  guint64 version;
  gsize n;

  g_assert_false (gw_series_append (series, NAN, 0, 1));
  g_assert_false (gw_series_append (series, 1, INFINITY, 1));
  g_assert_cmpuint (gw_series_length (series), ==, 0);
  for (int i = 0; i < 100; i++)
    gw_series_append (series, i, i, i == 70 ? NAN : i);
  gw_series_non_finite (series, &n);
  g_assert_cmpuint (n, ==, 1);
  version = gw_series_version (series);
  gw_series_truncate_from_step (series, 200);
  g_assert_cmpuint (gw_series_version (series), ==, version);
  gw_series_truncate_from_step (series, 60);
  g_assert_cmpuint (gw_series_version (series), !=, version);
  g_assert_cmpuint (gw_series_length (series), ==, 60);
  gw_series_non_finite (series, &n);
  g_assert_cmpuint (n, ==, 0);
  g_assert_cmpfloat (gw_series_range (series, TRUE, 0, 100).high, ==, 59);
  gw_series_append (series, 60, 60, 7);
  g_assert_cmpfloat (gw_series_range (series, FALSE, 60, 61).high, ==, 7);
  g_assert_cmpuint (gw_series_n_segments (series), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/series/debiased-average", test_debiased_average);
  g_test_add_func ("/series/constant-stays", test_constant_stays);
  g_test_add_func ("/series/mean", test_mean);
  g_test_add_func ("/series/ranges", test_ranges);
  g_test_add_func ("/series/inner-range", test_inner_range);
  g_test_add_func ("/series/segments-and-search", test_segments_and_search);
  g_test_add_func ("/series/refused-and-truncated", test_refused_and_truncated);
  return g_test_run ();
}
