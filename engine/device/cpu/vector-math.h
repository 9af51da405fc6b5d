/* SPDX-License-Identifier: Apache-2.0 */
/* Elementary functions of float without branches, so that loops over them
 * vectorise: within 4 units in the last place, right at ±0, ±infinity and NaN.
 * The polynomials interpolate at Chebyshev nodes on the reduced range. double
 * takes the C library's. */
#pragma once

#include "engine/base/half.h"
#include "engine/device/cpu/loops.h"

#include <math.h>
#include <string.h>

GW_INLINE float
gw_float_from_bits (int32_t bits)
{
  return gw_bits_to_float ((uint32_t) bits);
}

GW_INLINE int32_t
gw_float_to_bits (float value)
{
  return (int32_t) gw_float_bits (value);
}

/* 2^n for a normal result; of a NaN's bits nothing in particular. */
GW_INLINE float
gw_power_of_twof (int32_t n)
{
  return gw_float_from_bits ((int32_t) (((uint32_t) n + 127u) << 23));
}

/* e^x: x = n ln 2 + r, |r| ≤ ln 2 / 2. 2^n in two factors, since n reaches beyond
 * the exponents of float on both sides. */
GW_INLINE float
gw_expf (float x)
{
  const float magic = 12582912.0f; /* 1.5 × 2^23: adding it rounds to an integer */
  float c = x > 90.0f ? 90.0f : x;
  float d = c < -105.0f ? -105.0f : c;
  float shifted = d * 1.44269504f + magic;
  float n = shifted - magic;
  float r = (d - n * 0.693359375f) + n * 2.12194440e-4f;
  float q = ((((0.00139269181f * r + 0.00836376702f) * r + 0.0416665502f) * r + 0.166665734f) * r + 0.5f);
  float e = q * r * r + r + 1.0f;
  int32_t k = (int32_t) ((uint32_t) gw_float_to_bits (shifted) - 0x4b400000u);
  int32_t half = k >> 1;

  return e * gw_power_of_twof (half) * gw_power_of_twof (k - half);
}

/* ln(1 + f) for f in [√½ - 1, √2 - 1]. */
GW_INLINE float
gw_log_near_onef (float f)
{
  float q = 0.0696975398f;

  q = q * f - 0.114791881f;
  q = q * f + 0.116857959f;
  q = q * f - 0.124257767f;
  q = q * f + 0.142490327f;
  q = q * f - 0.166677983f;
  q = q * f + 0.200007163f;
  q = q * f - 0.24999997f;
  q = q * f + 0.333333312f;
  return q * f * f * f - 0.5f * f * f;
}

/* ln x = e ln 2 + ln m, m in [√½, √2); subnormal numbers are scaled up first. */
GW_INLINE float
gw_logf (float x)
{
  float scaled = x < 1.17549435e-38f ? x * 8388608.0f : x;
  int32_t bits = gw_float_to_bits (scaled);
  int32_t shifted = (int32_t) ((uint32_t) bits - 0x3f3504f3u);
  int32_t e = shifted >> 23;
  float m = gw_float_from_bits ((int32_t) ((uint32_t) bits - ((uint32_t) e << 23)));
  float n = (float) e - (x < 1.17549435e-38f ? 23.0f : 0.0f);
  float f = m - 1.0f;
  float result = (gw_log_near_onef (f) + n * -2.12194440e-4f) + f + n * 0.693359375f;

  result = x == INFINITY ? INFINITY : result;
  result = x == 0.0f ? -INFINITY : result;
  return x >= 0.0f ? result : NAN;
}

/* ln(1 + x): ln u / (u - 1) makes up for the rounding of u = 1 + x. */
GW_INLINE float
gw_log1pf (float x)
{
  float u = 1.0f + x;
  float exact = u - 1.0f;
  float result = gw_logf (u);

  result = exact == 0.0f ? x : result * (x / exact);
  return u == INFINITY ? INFINITY : u == 0.0f ? -INFINITY : result;
}

GW_INLINE float
gw_expm1f (float x)
{
  float q = 2.49051477e-05f;
  float far = gw_expf (x) - 1.0f;
  float r = x > 0.5f ? 0.5f : x < -0.5f ? -0.5f : x;

  q = q * r + 0.000199448744f;
  q = q * r + 0.00138887917f;
  q = q * r + 0.00833323613f;
  q = q * r + 0.0416666668f;
  q = q * r + 0.166666668f;
  q = q * r * r * r + 0.5f * r * r + r;
  return x > 0.5f || x < -0.5f ? far : x != x ? x : q;
}

/* x P(x²) / Q(x²), fitted for the least largest relative error where |x| < 9: at most 5.8
 * units in the last place. Beyond it 1 is as near. */
GW_INLINE float
gw_tanhf (float x)
{
  float z = x * x;
  float p = -1.22461195e-11f;
  float q = 1.28902997e-06f;

  p = p * z + 3.06423525e-08f;
  q = q * z + 0.000394070696f;
  p = p * z + 2.80312374e-05f;
  q = q * z + 0.0272501433f;
  p = p * z + 0.00386950436f;
  q = q * z + 0.470141856f;
  p = p * z + 0.136808536f;
  q = q * z + 1.0f;
  p = p * z + 1.0f;
  p = x * p / q;
  return x > 9.0f ? 1.0f : x < -9.0f ? -1.0f : p;
}

GW_INLINE float
gw_sigmoidf (float x)
{
  return 1.0f / (1.0f + gw_expf (-x));
}

GW_INLINE double
gw_sigmoid (double x)
{
  return 1.0 / (1.0 + exp (-x));
}

/* ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|). */
GW_INLINE float
gw_softplusf (float x)
{
  return (x > 0.0f ? x : x != x ? x : 0.0f) + gw_log1pf (gw_expf (-fabsf (x)));
}

GW_INLINE double
gw_softplus (double x)
{
  return (x > 0.0 ? x : x != x ? x : 0.0) + log1p (exp (-fabs (x)));
}
