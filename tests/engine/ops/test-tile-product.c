/* SPDX-License-Identifier: Apache-2.0 */
/* Products of few rows without packing: of any number of rows, one and two vectors wide,
 * written or added, and nothing beside the result touched. */
#include "engine/device/cpu/conv-tile.h"

#include <math.h>

#define GAP 3

static float *
random_floats (GRand   *random,
               int64_t  n)
{
  float *values = g_new (float, MAX (n, 1));

  for (int64_t i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (random, -1, 1);
  return values;
}

static void
check_product (GRand    *random,
               int64_t   m,
               int64_t   n,
               int64_t   k,
               gboolean  add)
{
  int64_t lda = k + GAP, ldb = n + GAP, ldc = n + GAP;
  g_autofree float *a = random_floats (random, m * lda);
  g_autofree float *b = random_floats (random, k * ldb);
  g_autofree float *c = random_floats (random, m * ldc);
  g_autofree float *before = g_memdup2 (c, sizeof (float) * (gsize) (m * ldc));

  gw_conv_tile_product (m, n, k, a, lda, b, ldb, add, c, ldc);
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < ldc; j++)
      {
        double sum = j >= n || add ? before[i * ldc + j] : 0;

        for (int64_t l = 0; l < k && j < n; l++)
          sum += (double) a[i * lda + l] * b[l * ldb + j];
        g_assert_cmpfloat_with_epsilon (c[i * ldc + j], sum, 1e-6 * (double) (k + 1));
      }
}

static void
test_products (void)
{
  static const int64_t columns[] = { 16, 32, 48, 128 }, inner[] = { 0, 1, 7, 130 };
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (int64_t m = 0; m <= 34; m++)
    for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
      for (guint k = 0; k < G_N_ELEMENTS (inner); k++)
        check_product (random, m, columns[i], inner[k], (m + i + k) % 2 == 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tile-product/sizes", test_products);
  return g_test_run ();
}
