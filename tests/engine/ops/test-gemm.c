/* SPDX-License-Identifier: Apache-2.0 */
/* Products of float32 matrices in all forms: right whatever way is chosen for their sizes,
 * and of the same bits on any number of threads. */
#include "engine/device/cpu/gemm.h"
#include "engine/device/cpu/gemm-narrow.h"
#include "engine/device/cpu/gemm-one-hot.h"
#include "engine/device/cpu/gemm-tiles.h"

#include <math.h>
#include <string.h>

typedef struct {
  gboolean transpose_a, transpose_b;
  int64_t  m, n, k;
  float   *a, *b;
} Product;

static float *
random_floats (GRand   *random,
               int64_t  n)
{
  float *values = g_new (float, n);

  for (int64_t i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (random, -1, 1);
  return values;
}

static Product
random_product (GRand   *random,
                int      form,
                int64_t  m,
                int64_t  n,
                int64_t  k)
{
  return (Product) { form & 1, form >> 1, m, n, k, random_floats (random, m * k), random_floats (random, k * n) };
}

static void
clear (Product *p)
{
  g_free (p->a);
  g_free (p->b);
}

/* A few elements by the definition; all of small products. */
static void
check_values (GRand         *random,
              const Product *p,
              const float   *c)
{
  int64_t elements = p->m * p->n;

  for (int64_t t = 0; t < MIN (elements, 400); t++)
    {
      int64_t at = elements <= 400 ? t : g_rand_int_range (random, 0, (gint32) elements);
      int64_t i = at / p->n, j = at % p->n;
      double sum = 0;

      for (int64_t l = 0; l < p->k; l++)
        sum += (double) p->a[p->transpose_a ? l * p->m + i : i * p->k + l] *
               p->b[p->transpose_b ? j * p->k + l : l * p->n + j];
      g_assert_cmpfloat_with_epsilon (c[at], sum, 2e-7 * (double) (p->k + 4));
    }
}

typedef void (*Way) (GwKernelContext *context, gboolean transpose_a, gboolean transpose_b, int64_t m, int64_t n, int64_t k,
                     const float *a, const float *b, float *c);

static void
any_way (GwKernelContext *context,
         gboolean         transpose_a,
         gboolean         transpose_b,
         int64_t          m,
         int64_t          n,
         int64_t          k,
         const float     *a,
         const float     *b,
         float           *c)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (gw_cpu_gemm (context, GW_FLOAT32, transpose_a, transpose_b, m, n, k, a, b, c, &error));
  g_assert_no_error (error);
}

static void
check (GRand *random,
       Way    way,
       int    form,
       int64_t m,
       int64_t n,
       int64_t k)
{
  Product p = random_product (random, form, m, n, k);
  size_t bytes = (size_t) (m * n) * sizeof (float);
  g_autofree float *c = g_malloc (bytes), *alone = g_malloc (bytes);
  g_autoptr (GwWorkers) workers = gw_workers_new (3);
  GwKernelContext single = { .node = "product" }, team = { .node = "product", .workers = workers };

  memset (c, 0xff, bytes); /* NaN where nothing is written */
  way (&team, p.transpose_a, p.transpose_b, m, n, k, p.a, p.b, c);
  way (&single, p.transpose_a, p.transpose_b, m, n, k, p.a, p.b, alone);
  check_values (random, &p, c);
  g_assert_cmpmem (c, bytes, alone, bytes);
  clear (&p);
}

static void
test_small (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (int round = 0; round < 200; round++)
    {
      int64_t m = g_rand_int_range (random, 1, 90), n = g_rand_int_range (random, 1, 90), k = g_rand_int_range (random, 1, 300);

      check (random, gw_gemm_by_tiles, round % 4, m, n, k);
      check (random, gw_gemm_narrow, round % 4, m, n % GW_GEMM_NARROW + 1, k);
      check (random, any_way, round % 4, m, n, k);
    }
}

/* Several depths, panels and chunks; rows that lie an unlucky distance apart. */
static void
test_large (void)
{
  static const int64_t sizes[][3] = {
    { 100, 500, 784 }, { 784, 500, 100 }, { 128, 10, 784 }, { 784, 10, 128 }, { 1000, 33, 512 }, { 30, 16, 1024 },
    { 500, 12, 2500 }, { 257, 70, 257 }, { 3, 1030, 1030 }, { 460, 300, 800 },
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (2);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (int form = 0; form < 4; form++)
      {
        check (random, gw_gemm_by_tiles, form, sizes[i][0], sizes[i][1], sizes[i][2]);
        check (random, any_way, form, sizes[i][0], sizes[i][1], sizes[i][2]);
      }
}

/* A NaN or an infinity reaches its own row and column and nothing else. */
static void
test_not_finite (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (int form = 0; form < 4; form++)
    for (int64_t n = 5; n <= 45; n += 40)
      {
        Product p = random_product (random, form, 37, n, 50);
        g_autofree float *c = g_new (float, 37 * n);
        GwKernelContext context = { .node = "product" };

        p.a[p.transpose_a ? 7 * 37 + 20 : 20 * 50 + 7] = NAN;
        p.b[p.transpose_b ? 3 * 50 + 9 : 9 * n + 3] = INFINITY;
        gw_gemm_by_tiles (&context, p.transpose_a, p.transpose_b, 37, n, 50, p.a, p.b, c);
        for (int64_t i = 0; i < 37; i++)
          for (int64_t j = 0; j < n; j++)
            g_assert_true (i == 20 ? isnan (c[i * n + j]) : j == 3 ? !isfinite (c[i * n + j]) : isfinite (c[i * n + j]));
        clear (&p);
      }
}

/* Each row of a as it lies becomes one number among zeros, every fifth nothing but zeros. */
static Product
one_hot_product (GRand   *random,
                 int      form,
                 int64_t  m,
                 int64_t  n,
                 int64_t  k)
{
  Product p = random_product (random, form, m, n, k);
  int64_t rows = p.transpose_a ? k : m, width = p.transpose_a ? m : k;

  memset (p.a, 0, m * k * sizeof (float));
  for (int64_t r = 0; r < rows; r++)
    if (r % 5 != 4)
      p.a[r * width + g_rand_int_range (random, 0, (gint32) width)] = r % 3 == 0 ? 1 : (float) g_rand_double_range (random, -2, 2);
  return p;
}

/* Looked up: the same bits as multiplied, on any number of threads. */
static void
test_one_hot (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  g_autoptr (GwWorkers) workers = gw_workers_new (3);
  GwKernelContext single = { .node = "product" }, team = { .node = "product", .workers = workers };

  for (int round = 0; round < 40; round++)
    {
      int64_t m = g_rand_int_range (random, 30, 300), n = g_rand_int_range (random, 16, 900), k = g_rand_int_range (random, 300, 400);
      Product p = one_hot_product (random, round % 2, m, n, k);
      size_t bytes = (size_t) (m * n) * sizeof (float);
      g_autofree float *c = g_malloc (bytes), *alone = g_malloc (bytes), *dense = g_malloc (bytes);

      g_assert_true (gw_gemm_one_hot (&team, p.transpose_a, m, n, k, p.a, p.b, c));
      g_assert_true (gw_gemm_one_hot (&single, p.transpose_a, m, n, k, p.a, p.b, alone));
      g_assert_cmpmem (c, bytes, alone, bytes);
      check_values (random, &p, c);
      gw_gemm_by_tiles (&single, p.transpose_a, FALSE, m, n, k, p.a, p.b, dense);
      for (int64_t i = 0; i < m * n && !p.transpose_a; i++)
        g_assert_true (c[i] == dense[i] && signbit (c[i]) == signbit (dense[i]));
      any_way (&team, p.transpose_a, FALSE, m, n, k, p.a, p.b, alone);
      g_assert_cmpmem (c, bytes, alone, bytes);
      clear (&p);
    }
}

/* What only looks so is multiplied: a second number in the last row; 0 times infinity. */
static void
test_not_one_hot (void)
{
  const int64_t m = 120, n = 40, k = 110;
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  g_autofree float *c = g_new (float, m * n), *dense = g_new (float, m * n);
  GwKernelContext context = { .node = "product" };

  for (int round = 0; round < 4; round++)
    {
      Product p = one_hot_product (random, round % 2, m, n, k);

      if (round < 2)
        p.a[m * k - 1] = p.a[m * k - 2] = 1.5F;
      else
        p.b[7 * n + 3] = round == 2 ? INFINITY : NAN;
      g_assert_false (gw_gemm_one_hot (&context, p.transpose_a, m, n, k, p.a, p.b, c));
      any_way (&context, p.transpose_a, FALSE, m, n, k, p.a, p.b, c);
      gw_gemm_by_tiles (&context, p.transpose_a, FALSE, m, n, k, p.a, p.b, dense);
      for (int64_t i = 0; i < m * n; i++)
        g_assert_true (round >= 2 && i % n == 3 ? !isfinite (c[i]) && !isfinite (dense[i]) : fabsf (c[i] - dense[i]) < 1e-4F);
      clear (&p);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gemm/small", test_small);
  g_test_add_func ("/gemm/large", test_large);
  g_test_add_func ("/gemm/not-finite", test_not_finite);
  g_test_add_func ("/gemm/one-hot", test_one_hot);
  g_test_add_func ("/gemm/not-one-hot", test_not_one_hot);
  return g_test_run ();
}
