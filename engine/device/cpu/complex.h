/* SPDX-License-Identifier: Apache-2.0 */
/* Complex functions that the C library lacks, in double. Products and quotients of
 * complex numbers follow the plain formulas (with scaled quotients), without C's
 * recovery of infinities. Include it before loops.h, like any other header. */
#pragma once

#include "engine/tensor/dtype.h"

#include <complex.h>
#include <math.h>
#undef I

#pragma GCC optimize ("cx-fortran-rules")

static inline GwComplex128
gw_complex (double real,
            double imaginary)
{
  return CMPLX (real, imaginary);
}

/* The unit in the direction of x, and 0 at 0. */
static inline GwComplex128
gw_complex_sign (GwComplex128 x)
{
  return x == 0 ? 0 : x / cabs (x);
}

/* e^x - 1 = expm1 (a) cos b - 2 sin² (b / 2) + i e^a sin b for x = a + bi */
static inline GwComplex128
gw_complex_expm1 (GwComplex128 x)
{
  double half = sin (cimag (x) / 2);

  return gw_complex (expm1 (creal (x)) * cos (cimag (x)) - 2 * half * half, exp (creal (x)) * sin (cimag (x)));
}

/* ln |1 + x|² = log1p (a (2 + a) + b²), which does not cancel near 0. */
static inline GwComplex128
gw_complex_log1p (GwComplex128 x)
{
  double a = creal (x), b = cimag (x);
  double size = fabs (a) < 0.5 && fabs (b) < 0.5 ? log1p (a * (2 + a) + b * b) / 2 : log (hypot (1 + a, b));

  return gw_complex (size, atan2 (b, 1 + a));
}

/* (x - y) times its conjugate. */
static inline GwComplex128
gw_squared_distance (GwComplex128 x,
                     GwComplex128 y)
{
  return (x - y) * conj (x - y);
}
