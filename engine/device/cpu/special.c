/* SPDX-License-Identifier: Apache-2.0 */
/* Series, continued fractions and asymptotic expansions as handbooks have them
 * (Abramowitz and Stegun; NIST DLMF), chosen so that each is used where it converges
 * quickly and nothing cancels. */
#include "engine/device/cpu/special.h"

#include <math.h>

/* Where a sum has converged, and where one that does not is given up: the incomplete
 * functions need about 10 √a terms for x near a. */
#define EPSILON 1e-17
#define MAX_TERMS 100000

double
gw_log_gamma (double x)
{
  int sign;

  return lgamma_r (x, &sign);
}

/* ---- digamma, zeta ---- */

/* ln x - 1 / 2x - Σ B₂ₖ / (2k x²ᵏ), for x ≥ 10. */
static double
digamma_far (double x)
{
  static const double terms[] = { 1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12 };
  double square = 1 / (x * x);
  double sum = 0;

  for (int k = G_N_ELEMENTS (terms) - 1; k >= 0; k--)
    sum = (sum + terms[k]) * square;
  return log (x) - 0.5 / x - sum;
}

double
gw_digamma (double x)
{
  double reflected = 0;
  double sum = 0;

  if (isnan (x) || x == -INFINITY || (x <= 0 && x == floor (x)))
    return NAN;
  if (x == INFINITY)
    return INFINITY;
  if (x < 0)
    {
      reflected = G_PI / tan (G_PI * (x - round (x)));
      x = 1 - x;
    }
  for (; x < 10; x++)
    sum += 1 / x;
  return digamma_far (x) - sum - reflected;
}

/* Terms one by one until the Euler-Maclaurin formula takes over, for q > 0. */
static double
zeta_positive (double x,
               double q)
{
  /* B₂ⱼ / (2j)! */
  static const double bernoulli[] = {
    1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000.0,
    1.0 / 74724249600.0, -3617.0 / 10670622842880000.0, 43867.0 / 5109094217170944000.0,
    -174611.0 / 802857662698291200000.0, 77683.0 / 14101100039391805440000.0,
    -236364091.0 / 1693824136731743669452800000.0,
  };
  double sum = 0;
  double power, factor;

  for (; q < 10 + x / 2; q++)
    {
      power = pow (q, -x);
      if (power <= EPSILON * sum || isinf (power))
        return sum + power;
      sum += power;
    }
  power = pow (q, -x);
  sum += power * (q / (x - 1) + 0.5);
  factor = x * power / q;
  for (guint j = 0; j < G_N_ELEMENTS (bernoulli); j++)
    {
      sum += bernoulli[j] * factor;
      factor *= (x + 2 * j + 1) * (x + 2 * j + 2) / (q * q);
    }
  return sum;
}

double
gw_hurwitz_zeta (double x,
                 double q)
{
  double whole, rest;
  gboolean even = isinf (x) || fmod (x, 2) == 0;

  if (x == 1)
    return INFINITY;
  if (isnan (x) || isnan (q) || x < 1)
    return NAN;
  if (q > 0)
    return isinf (q) ? 0 : zeta_positive (x, q);
  if (q == floor (q))
    return even ? INFINITY : NAN;
  if (x != floor (x))
    return NAN;
  /* The terms below zero are those of zeta from the rest on, but for their sign. */
  whole = floor (-q);
  rest = -q - whole;
  return (even ? 1 : -1) * (zeta_positive (x, rest) - zeta_positive (x, rest + whole + 1)) + zeta_positive (x, 1 - rest);
}

double
gw_polygamma (double order,
              double x)
{
  if (!(order >= 0) || order != floor (order))
    return NAN;
  if (order == 0)
    return gw_digamma (x);
  return (fmod (order + 1, 2) == 1 ? -1 : 1) * tgamma (order + 1) * gw_hurwitz_zeta (order + 1, x);
}

/* ---- incomplete gamma ---- */

/* x^a e^-x / Γ(a); for large a by Stirling's formula, whose parts do not cancel. */
static double
gamma_density (double a,
               double x)
{
  double excess, square;

  if (a < 20)
    return exp (a * log (x) - x - gw_log_gamma (a));
  excess = (x - a) / a;
  square = 1 / (a * a);
  return sqrt (a / (2 * G_PI)) *
         exp (a * (log1p (excess) - excess) - (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - square / 1680) * square) * square) / a);
}

/* A value and its derivative by a. */
typedef struct {
  double value, slope;
} Dual;

/* Σ xⁿ / ((a + 1) … (a + n)): P = density / a times it. */
static Dual
lower_series (double a,
              double x)
{
  Dual sum = { 1, 0 };
  Dual term = { 1, 0 };

  for (int n = 1; n < MAX_TERMS; n++)
    {
      double ratio = x / (a + n);

      term.slope = ratio * (term.slope - term.value / (a + n));
      term.value *= ratio;
      sum.value += term.value;
      sum.slope += term.slope;
      if (term.value <= EPSILON * sum.value && fabs (term.slope) <= EPSILON * fabs (sum.slope))
        break;
    }
  return sum;
}

/* One step of a continued fraction's numerators or denominators. */
static void
advance (Dual   *now,
         Dual   *before,
         Dual    b,
         Dual    a)
{
  Dual next = { b.value * now->value + a.value * before->value,
                b.slope * now->value + b.value * now->slope + a.slope * before->value + a.value * before->slope };

  *before = *now;
  *now = next;
}

static void
scale (Dual   *dual,
       double  factor)
{
  dual->value *= factor;
  dual->slope *= factor;
}

/* 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / (x + 5 - a - …))): Q = density
 * times it. */
static Dual
upper_fraction (double a,
                double x)
{
  Dual top_before = { 0, 0 }, top = { 1, 0 };
  Dual bottom_before = { 1, 0 }, bottom = { x + 1 - a, -1 };
  Dual result = { top.value / bottom.value, 0 };

  result.slope = -result.value * bottom.slope / bottom.value;
  for (int n = 1; n < MAX_TERMS; n++)
    {
      Dual b = { x + 2 * n + 1 - a, -1 };
      Dual factor = { -n * (n - a), n };
      Dual last = result;

      advance (&top, &top_before, b, factor);
      advance (&bottom, &bottom_before, b, factor);
      result.value = top.value / bottom.value;
      result.slope = (top.slope - result.value * bottom.slope) / bottom.value;
      if (fabs (result.value - last.value) <= 1e-16 * fabs (result.value) &&
          fabs (result.slope - last.slope) <= 1e-16 * fabs (result.slope))
        break;
      if (fabs (bottom.value) > 1e200)
        {
          scale (&top, 1e-200);
          scale (&top_before, 1e-200);
          scale (&bottom, 1e-200);
          scale (&bottom_before, 1e-200);
        }
    }
  return result;
}

static gboolean
is_upper (double a,
          double x)
{
  return x > 1 && x > a;
}

double
gw_igamma (double a,
           double x)
{
  if (x == 0)
    return 0;
  if (!(x > 0) || !(a > 0))
    return NAN;
  if (isinf (a))
    return 0;
  if (isinf (x))
    return 1;
  if (is_upper (a, x))
    return 1 - gamma_density (a, x) * upper_fraction (a, x).value;
  return gamma_density (a, x) / a * lower_series (a, x).value;
}

double
gw_igammac (double a,
            double x)
{
  if (!(x >= 0) || !(a > 0))
    return NAN;
  if (isinf (x))
    return 0;
  if (isinf (a) || x == 0)
    return 1;
  if (is_upper (a, x))
    return gamma_density (a, x) * upper_fraction (a, x).value;
  return 1 - gamma_density (a, x) / a * lower_series (a, x).value;
}

double
gw_igamma_grad_a (double a,
                  double x)
{
  double growth;
  Dual dual;

  if (x == 0)
    return 0;
  if (!(x > 0) || !(a > 0))
    return NAN;
  if (isinf (a) || isinf (x))
    return isinf (a) ? 0 : -0.0;
  growth = log (x) - gw_digamma (a);
  if (is_upper (a, x))
    {
      dual = upper_fraction (a, x);
      return -gamma_density (a, x) * (dual.value * growth + dual.slope);
    }
  dual = lower_series (a, x);
  return gamma_density (a, x) / a * (dual.value * (growth - 1 / a) + dual.slope);
}

/* ---- incomplete beta ---- */

static double
away_from_zero (double x)
{
  return fabs (x) < 1e-300 ? 1e-300 : x;
}

/* The continued fraction, by Lentz's method. */
static double
beta_fraction (double a,
               double b,
               double x)
{
  double c = 1;
  double d = 1 / away_from_zero (1 - (a + b) * x / (a + 1));
  double result = d;

  for (int m = 1; m < MAX_TERMS; m++)
    {
      double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
      double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
      double step;

      d = 1 / away_from_zero (1 + even * d);
      c = away_from_zero (1 + even / c);
      result *= d * c;
      d = 1 / away_from_zero (1 + odd * d);
      c = away_from_zero (1 + odd / c);
      step = d * c;
      result *= step;
      if (fabs (step - 1) <= 1e-16)
        break;
    }
  return result;
}

double
gw_betainc (double a,
            double b,
            double x)
{
  double density;

  if (!(a > 0) || !(b > 0) || !(x >= 0) || !(x <= 1) || isinf (a) || isinf (b))
    return NAN;
  if (x == 0 || x == 1)
    return x;
  density = exp (gw_log_gamma (a + b) - gw_log_gamma (a) - gw_log_gamma (b) + a * log (x) + b * log1p (-x));
  if (x < (a + 1) / (a + b + 2))
    return density * beta_fraction (a, b, x) / a;
  return 1 - density * beta_fraction (b, a, 1 - x) / b;
}

/* ---- inverse error function ---- */

/* A first guess, good to 0.2 %; `tail` is ln (1 - x²). */
static double
guess_inverse_erf (double tail)
{
  double t = 2 / (G_PI * 0.147) + tail / 2;

  return sqrt (sqrt (t * t - tail / 0.147) - t);
}

/* The z with erfc (z) = q, 0 < q ≤ 1: three steps of Halley's method. */
static double
inverse_erfc (double q)
{
  double z = guess_inverse_erf (log (q * (2 - q)));

  for (int i = 0; i < 3 && q > 1e-306; i++)
    {
      double step = (erfc (z) - q) * (-sqrt (G_PI) / 2) * exp (z * z);

      z -= step / (1 + z * step);
    }
  return z;
}

/* The y with erf (y) = x, |x| ≤ ¾. */
static double
inverse_erf (double x)
{
  double y = copysign (guess_inverse_erf (log1p (-x * x)), x);

  for (int i = 0; i < 2; i++)
    {
      double step = (erf (y) - x) * (sqrt (G_PI) / 2) * exp (y * y);

      y -= step / (1 + y * step);
    }
  return y;
}

double
gw_normal_quantile (double p)
{
  if (!(p >= 0) || !(p <= 1))
    return NAN;
  if (p == 0 || p == 1)
    return p == 0 ? -INFINITY : INFINITY;
  if (p > 0.125 && p < 0.875)
    return G_SQRT2 * inverse_erf (2 * p - 1);
  return p < 0.5 ? -G_SQRT2 * inverse_erfc (2 * p) : G_SQRT2 * inverse_erfc (2 * (1 - p));
}

/* ---- Bessel functions ---- */

/* Of order 0 or 1, for x ≥ 0: the power series for small x; the asymptotic one, whose
 * smallest term is about e^-2x, from 20 on. */
static double
bessel_scaled (int    order,
               double x)
{
  double term = 1;
  double sum = 1;

  if (x > 20)
    {
      for (int k = 1; k < 40 && fabs (term) > EPSILON * sum; k++)
        {
          term *= ((2 * k - 1) * (2 * k - 1) - 4 * order) / (8.0 * k * x);
          sum += term;
        }
      return sum / sqrt (2 * G_PI * x);
    }
  for (int k = 1; term > EPSILON * sum; k++)
    {
      term *= x * x / (4.0 * k * (k + order));
      sum += term;
    }
  return exp (-x) * sum * (order == 0 ? 1 : x / 2);
}

double
gw_bessel_i0e (double x)
{
  return bessel_scaled (0, fabs (x));
}

double
gw_bessel_i1e (double x)
{
  return copysign (bessel_scaled (1, fabs (x)), x);
}
