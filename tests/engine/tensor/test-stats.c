/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/random.h"
#include "engine/tensor/stats.h"
#include "tests/support/support.h"

#include <float.h>
#include <math.h>

static void
test_small (void)
{
  g_autoptr (GwTensor) tensor = gw_test_tensor ("[[1, -2, nan], [0, inf, -inf], [3.5, -0.0, 7]]");
  GwTensorStats stats;

  gw_tensor_stats (tensor, &stats);
  g_assert_cmpint (stats.count, ==, 9);
  g_assert_cmpint (stats.nan, ==, 1);
  g_assert_cmpint (stats.pos_inf, ==, 1);
  g_assert_cmpint (stats.neg_inf, ==, 1);
  g_assert_cmpint (stats.negative, ==, 1);
  g_assert_cmpint (stats.zero, ==, 2);
  g_assert_cmpint (stats.positive, ==, 3);
  g_assert_cmpfloat (stats.min, ==, -2);
  g_assert_cmpfloat (stats.max, ==, 7);
  g_assert_cmpfloat (stats.sum, ==, 9.5);
  g_assert_cmpfloat (stats.sum_squares, ==, 1 + 4 + 12.25 + 49);
  g_assert_cmpfloat_with_epsilon (stats.mean, 9.5 / 6, 1e-12);
  g_assert_cmpfloat_with_epsilon (stats.stddev, sqrt (66.25 / 6 - 9.5 / 6 * 9.5 / 6), 1e-12);
}

static void
test_without_numbers (void)
{
  static const char *const texts[] = { "[]", "[nan, inf]", "[\"a\", \"b\"]", "1+2j" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GwTensor) tensor = gw_test_tensor (texts[i]);
      GwTensorStats stats;

      gw_tensor_stats (tensor, &stats);
      g_assert_cmpint (stats.count, ==, tensor->elements);
      g_assert_true (isnan (stats.min) && isnan (stats.max) && isnan (stats.mean) && isnan (stats.stddev));
    }
}

static void
test_types (void)
{
  static const char *const texts[] = {
    "[1, 2, 4]", "uint8 [1, 2, 4]", "int64 [1, 2, 4]", "float64 [1, 2, 4]", "float16 [1, 2, 4]", "bfloat16 [1, 2, 4]",
  };
  g_autoptr (GwTensor) booleans = gw_test_tensor ("[true, false, true]");
  GwTensorStats stats;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GwTensor) tensor = gw_test_tensor (texts[i]);

      gw_tensor_stats (tensor, &stats);
      g_assert_cmpfloat (stats.sum, ==, 7);
    }
  gw_tensor_stats (booleans, &stats);
  g_assert_cmpfloat (stats.sum, ==, 2);
  g_assert_cmpint (stats.zero, ==, 1);
}

static GwTensor *
draw_normal (int64_t n)
{
  GwTensor *tensor = gw_tensor_new (GW_FLOAT32, &GW_SHAPE (n), NULL);
  GwPhilox philox;

  gw_philox_init (&philox, 1, (uint64_t) n);
  gw_philox_normal_float (&philox, 0, n, GW_TENSOR_DATA (tensor, float));
  return tensor;
}

/* Against a plain loop, for sizes around a block's, with a few odd values in. */
static void
test_against_plain_loop (void)
{
  static const int64_t sizes[] = { 1, 15, 16, 17, 1023, 1024, 1025, 5000, 100003 };

  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      g_autoptr (GwTensor) tensor = draw_normal (sizes[s]);
      float *data = GW_TENSOR_DATA (tensor, float);
      double sum = 0, squares = 0, deviations = 0, min = INFINITY, max = -INFINITY;
      int64_t finite = 0, negative = 0;
      GwTensorStats stats;

      for (int64_t i = 0; i < sizes[s]; i++)
        {
          data[i] = i % 97 == 5 ? NAN : i % 89 == 7 ? INFINITY : data[i] + 1000.0f;
          if (i % 3 == 1)
            data[i] = -data[i];
          if (!isfinite (data[i]))
            continue;
          finite++;
          negative += data[i] < 0;
          sum += (double) data[i];
          squares += (double) data[i] * (double) data[i];
          min = MIN (min, (double) data[i]);
          max = MAX (max, (double) data[i]);
        }
      for (int64_t i = 0; i < sizes[s]; i++)
        if (isfinite (data[i]))
          deviations += pow ((double) data[i] - sum / (double) finite, 2);
      gw_tensor_stats (tensor, &stats);
      g_assert_cmpint (stats.negative + stats.zero + stats.positive, ==, finite);
      g_assert_cmpint (stats.negative, ==, negative);
      g_assert_cmpint (stats.nan + stats.pos_inf + stats.neg_inf, ==, sizes[s] - finite);
      g_assert_cmpfloat (stats.min, ==, min);
      g_assert_cmpfloat (stats.max, ==, max);
      g_assert_cmpfloat_with_epsilon (stats.sum, sum, 1e-12 * squares);
      g_assert_cmpfloat_with_epsilon (stats.sum_squares, squares, 1e-12 * squares);
      g_assert_cmpfloat_with_epsilon (stats.stddev, sqrt (deviations / (double) finite), 1e-9 * stats.stddev + 1e-300);
    }
}

/* TensorFlow's rule, word by word: the limits by repeated multiplication, the
 * first one above the value, empty runs merged. */
static void
plain_histogram (const GwTensor *tensor,
                 GArray         *limits,
                 GArray         *counts)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (double));
  g_autofree double *buckets = NULL;
  double value, zero = 0, most = DBL_MAX;

  for (value = 1e-12; value < 1e20; value *= 1.1)
    g_array_append_val (all, value);
  g_array_append_val (all, most);
  for (int i = 0; i < 775; i++)
    {
      value = -g_array_index (all, double, 2 * i);
      g_array_prepend_val (all, value);
    }
  g_array_insert_val (all, 775, zero);
  g_assert_cmpuint (all->len, ==, 1551);
  buckets = g_new0 (double, all->len);
  for (int64_t i = 0; i < tensor->elements; i++)
    {
      guint b = 0;

      while (b + 1 < all->len && !(g_array_index (all, double, b) > gw_tensor_get_double (tensor, i)))
        b++;
      buckets[b]++;
    }
  for (guint i = 0; i < all->len;)
    {
      double end = g_array_index (all, double, i), count = buckets[i];

      i++;
      if (count <= 0)
        for (; i < all->len && buckets[i] <= 0; i++)
          end = g_array_index (all, double, i);
      g_array_append_val (limits, end);
      g_array_append_val (counts, count);
    }
}

static void
check_histogram (const GwTensor *tensor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwHistogram) histogram = gw_histogram_new (tensor, "x", &error);
  g_autoptr (GwHistogram) copy = NULL;
  g_autoptr (GArray) limits = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) counts = g_array_new (FALSE, FALSE, sizeof (double));

  g_assert_no_error (error);
  plain_histogram (tensor, limits, counts);
  copy = gw_histogram_copy (histogram);
  g_assert_cmpint (copy->n_buckets, ==, (int) limits->len);
  for (guint i = 0; i < limits->len; i++)
    {
      g_assert_cmpfloat (copy->limits[i], ==, g_array_index (limits, double, i));
      g_assert_cmpfloat (copy->counts[i], ==, g_array_index (counts, double, i));
    }
  g_assert_cmpfloat (copy->num, ==, (double) tensor->elements);
}

static void
test_histogram (void)
{
  static const char *const texts[] = {
    "[0]", "[]", "[1, 1, 1, -1, 0, 2.5]", "float64 [1e-12, 1.1e-12, -1e-12, -1.1e-12, 1e-13, -1e-13, 0, 1e30, -1e30]",
    "float64 [1.7976931348623157e308, -1.7976931348623157e308, 1e20, 9.9e19, 5e-324]", "uint8 [0, 255, 255]",
    "[true, false]",
  };
  g_autoptr (GwTensor) limits = gw_tensor_new (GW_FLOAT64, &GW_SHAPE (774 * 3), NULL);
  g_autoptr (GwTensor) normal = draw_normal (3000);
  double limit = 1e-12;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GwTensor) tensor = gw_test_tensor (texts[i]);

      check_histogram (tensor);
    }
  check_histogram (normal);
  for (int i = 0; i < 774; i++, limit *= 1.1)
    {
      GW_TENSOR_DATA (limits, double)[3 * i] = limit;
      GW_TENSOR_DATA (limits, double)[3 * i + 1] = -limit;
      GW_TENSOR_DATA (limits, double)[3 * i + 2] = nextafter (limit, 0);
    }
  check_histogram (limits);
}

static void
test_histogram_fields (void)
{
  g_autoptr (GwTensor) tensor = gw_test_tensor ("[1, 2, -4]");
  g_autoptr (GwTensor) empty = gw_test_tensor ("[]");
  g_autoptr (GwHistogram) histogram = gw_histogram_new (tensor, "x", NULL);
  g_autoptr (GwHistogram) none = gw_histogram_new (empty, "x", NULL);

  g_assert_cmpfloat (histogram->min, ==, -4);
  g_assert_cmpfloat (histogram->max, ==, 2);
  g_assert_cmpfloat (histogram->sum, ==, -1);
  g_assert_cmpfloat (histogram->sum_squares, ==, 21);
  g_assert_cmpfloat (none->min, ==, DBL_MAX);
  g_assert_cmpfloat (none->max, ==, -DBL_MAX);
  g_assert_cmpint (none->n_buckets, ==, 1);
  g_assert_cmpfloat (none->limits[0], ==, DBL_MAX);
}

static void
test_histogram_errors (void)
{
  static const struct { const char *text, *part; } cases[] = {
    { "[1, nan, inf]", "Nan in summary histogram for: layer/w" },
    { "[-inf]", "Infinity in summary histogram for: layer/w" },
    { "[\"a\"]", "layer/w" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GwTensor) tensor = gw_test_tensor (cases[i].text);
      g_autoptr (GError) error = NULL;

      g_assert_null (gw_histogram_new (tensor, "layer/w", &error));
      gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, cases[i].part);
    }
}

static void
test_bin (void)
{
  g_autoptr (GwTensor) tensor = gw_test_tensor ("[0, 0.24, 0.25, 0.5, 1, 1.01, -0.01, nan, inf]");
  int64_t counts[4];

  gw_tensor_bin (tensor, 0, 1, 4, counts);
  g_assert_true (counts[0] == 2 && counts[1] == 1 && counts[2] == 1 && counts[3] == 1);
  gw_tensor_bin (tensor, 0.5, 0.5, 4, counts);
  g_assert_true (counts[0] == 1 && counts[1] == 0 && counts[2] == 0 && counts[3] == 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stats/small", test_small);
  g_test_add_func ("/stats/without-numbers", test_without_numbers);
  g_test_add_func ("/stats/types", test_types);
  g_test_add_func ("/stats/against-plain-loop", test_against_plain_loop);
  g_test_add_func ("/stats/histogram", test_histogram);
  g_test_add_func ("/stats/histogram-fields", test_histogram_fields);
  g_test_add_func ("/stats/histogram-errors", test_histogram_errors);
  g_test_add_func ("/stats/bin", test_bin);
  return g_test_run ();
}
