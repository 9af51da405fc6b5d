/* SPDX-License-Identifier: Apache-2.0 */
/* The special functions: values that handbooks give, the identities that tie them
 * together over wide ranges, and what stands at poles and outside of the domain. */
#include "engine/device/cpu/special.h"

#include <glib.h>
#include <math.h>

#define EULER 0.57721566490153286061

static void
close_to (double got,
          double want,
          double tolerance)
{
  if (got != want && !(fabs (got - want) <= tolerance * MAX (1, fabs (want))))
    g_error ("%.17g, not %.17g", got, want);
}

static void
test_values (void)
{
  close_to (gw_digamma (1), -EULER, 1e-14);
  close_to (gw_digamma (0.5), -EULER - 2 * G_LN2, 1e-14);
  close_to (gw_digamma (-0.5), 2 - EULER - 2 * G_LN2, 1e-14);
  close_to (gw_polygamma (1, 1), G_PI * G_PI / 6, 1e-14);
  close_to (gw_polygamma (2, 1), -2 * 1.2020569031595942854, 1e-14);
  close_to (gw_hurwitz_zeta (2, 1), G_PI * G_PI / 6, 1e-14);
  close_to (gw_hurwitz_zeta (4, 1), G_PI * G_PI * G_PI * G_PI / 90, 1e-14);
  close_to (gw_hurwitz_zeta (1.5, 1), 2.6123753486854883433, 1e-13);
  close_to (gw_igamma (0.5, 0.25), erf (0.5), 1e-14);
  close_to (gw_igammac (1, 3), exp (-3), 1e-15);
  close_to (gw_betainc (2, 3, 0.5), 0.6875, 1e-14);
  close_to (gw_normal_quantile (0.975), 1.9599639845400542355, 1e-14);
  close_to (gw_normal_quantile (1e-30), -11.464024688443615727, 1e-14);
  close_to (gw_bessel_i0e (1), 0.46575960759364043, 1e-14);
  close_to (gw_bessel_i1e (1), 0.20791041534970847, 1e-14);
}

/* f (x) from f (x + 1). */
static void
test_recurrences (void)
{
  for (double x = -30.3; x < 60; x += 0.37)
    {
      close_to (gw_digamma (x + 1) - 1 / x, gw_digamma (x), 1e-12);
      close_to (gw_polygamma (1, x + 1) + 1 / (x * x), gw_polygamma (1, x), 1e-12);
      close_to (gw_polygamma (3, x + 1) + 6 / pow (x, 4), gw_polygamma (3, x), 1e-12);
      if (x > 0)
        close_to (gw_hurwitz_zeta (2.7, x + 1) + pow (x, -2.7), gw_hurwitz_zeta (2.7, x), 1e-12);
      close_to (gw_hurwitz_zeta (5, x + 1) + pow (x, -5), gw_hurwitz_zeta (5, x), 1e-12);
    }
  for (double x = 1.01; x < 900; x *= 1.3)
    for (double q = 1e-3; q < 1e6; q *= 7)
      close_to (gw_hurwitz_zeta (x, q + 1) + pow (q, -x), gw_hurwitz_zeta (x, q), 1e-12);
}

static void
test_incomplete_gamma (void)
{
  for (double a = 1e-3; a < 3000; a *= 2.3)
    for (double share = 0.01; share < 4; share *= 1.4)
      {
        double x = a * share;
        double step = 1e-5 * a;
        double slope = (gw_igamma (a + step, x) - gw_igamma (a - step, x)) / (2 * step);

        close_to (gw_igamma (a, x) + gw_igammac (a, x), 1, 1e-13);
        close_to (gw_igamma (a + 1, x), gw_igamma (a, x) - exp (a * log (x) - x - lgamma (a + 1)), 2e-12);
        close_to (gw_igamma_grad_a (a, x), slope, 1e-6);
      }
}

static void
test_incomplete_beta (void)
{
  for (double a = 0.05; a < 300; a *= 1.9)
    for (double b = 0.05; b < 300; b *= 2.3)
      for (double x = 0.001; x < 1; x += 0.0731)
        {
          double density = exp (lgamma (a + b) - lgamma (a + 1) - lgamma (b) + a * log (x) + b * log1p (-x));

          close_to (gw_betainc (a, b, x), 1 - gw_betainc (b, a, 1 - x), 1e-12);
          close_to (gw_betainc (a + 1, b, x), gw_betainc (a, b, x) - density, 1e-11);
        }
}

static void
test_quantiles (void)
{
  for (double x = -37; x < 8; x += 0.0371)
    {
      double p = erfc (-x / G_SQRT2) / 2;

      if (p < 0.9)
        close_to (gw_normal_quantile (p), x, 2e-14);
    }
}

/* I₀ and I₁ tie over the step between the two series; the power series as a sum is
 * within a relative error that does not grow. */
static void
test_bessel (void)
{
  for (double x = 0.01; x < 200; x *= 1.07)
    {
      double step = x * 1e-5;
      double slope = (gw_bessel_i0e (x + step) - gw_bessel_i0e (x - step)) / (2 * step);

      close_to (slope, gw_bessel_i1e (x) - gw_bessel_i0e (x), 1e-8);
      g_assert_cmpfloat (gw_bessel_i1e (-x), ==, -gw_bessel_i1e (x));
    }
  close_to (gw_bessel_i0e (20.0000001), gw_bessel_i0e (19.9999999), 1e-9);
}

static void
test_edges (void)
{
  g_assert_true (isnan (gw_digamma (0)) && isnan (gw_digamma (-3)) && isnan (gw_digamma (-INFINITY)));
  g_assert_cmpfloat (gw_digamma (INFINITY), ==, INFINITY);
  close_to (gw_digamma (-1e-300), 1e300, 1e-14);
  g_assert_true (isnan (gw_polygamma (1.5, 2)) && isnan (gw_polygamma (-1, 2)) && isnan (gw_polygamma (1, NAN)));
  g_assert_cmpfloat (gw_polygamma (1, 0), ==, INFINITY);
  g_assert_cmpfloat (gw_hurwitz_zeta (1, 3), ==, INFINITY);
  g_assert_cmpfloat (gw_hurwitz_zeta (2, -4), ==, INFINITY);
  g_assert_cmpfloat (gw_hurwitz_zeta (INFINITY, 1), ==, 1);
  g_assert_cmpfloat (gw_hurwitz_zeta (2, INFINITY), ==, 0);
  g_assert_true (isnan (gw_hurwitz_zeta (0.5, 1)) && isnan (gw_hurwitz_zeta (3, -4)) && isnan (gw_hurwitz_zeta (2.5, -0.5)));
  close_to (gw_hurwitz_zeta (2, -1e9 - 0.5), G_PI * G_PI, 1e-8);
  g_assert_cmpfloat (gw_igamma (0, 0), ==, 0);
  g_assert_cmpfloat (gw_igamma (INFINITY, INFINITY), ==, 0);
  g_assert_cmpfloat (gw_igammac (INFINITY, INFINITY), ==, 0);
  g_assert_cmpfloat (gw_igammac (2, 0), ==, 1);
  g_assert_true (isnan (gw_igamma (0, 1)) && isnan (gw_igamma (1, -1)) && isnan (gw_igammac (NAN, 1)));
  g_assert_true (isnan (gw_betainc (0, 1, 0.5)) && isnan (gw_betainc (1, INFINITY, 0.5)) && isnan (gw_betainc (1, 1, 1.5)));
  g_assert_cmpfloat (gw_betainc (2, 3, 0), ==, 0);
  g_assert_cmpfloat (gw_betainc (2, 3, 1), ==, 1);
  g_assert_cmpfloat (gw_normal_quantile (0), ==, -INFINITY);
  g_assert_cmpfloat (gw_normal_quantile (1), ==, INFINITY);
  g_assert_true (isnan (gw_normal_quantile (-0.1)) && isnan (gw_normal_quantile (NAN)));
  g_assert_cmpfloat (gw_bessel_i0e (INFINITY), ==, 0);
  g_assert_true (isnan (gw_bessel_i0e (NAN)));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/special/values", test_values);
  g_test_add_func ("/special/recurrences", test_recurrences);
  g_test_add_func ("/special/incomplete-gamma", test_incomplete_gamma);
  g_test_add_func ("/special/incomplete-beta", test_incomplete_beta);
  g_test_add_func ("/special/quantiles", test_quantiles);
  g_test_add_func ("/special/bessel", test_bessel);
  g_test_add_func ("/special/edges", test_edges);
  return g_test_run ();
}
