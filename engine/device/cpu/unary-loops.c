/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of functions of one operand. */
#include "engine/device/cpu/elementwise.h"

#include "engine/device/cpu/special.h"
#include "engine/device/cpu/complex.h"
#include "engine/device/cpu/vector-math.h"

/* VALUE is an expression of `v`. */
#define LOOP(NAME, T, R, CLONES, VALUE)                          \
  CLONES static void                                             \
  NAME##_##T (const void *xs, void *ys, int64_t n)               \
  {                                                              \
    const T *x = xs;                                             \
    R *y = ys;                                                   \
                                                                 \
    GW_IVDEP                                                     \
    for (int64_t i = 0; i < n; i++)                              \
      {                                                          \
        T v = x[i];                                              \
                                                                 \
        y[i] = (R) (VALUE);                                      \
      }                                                          \
  }

#define FLOATS(NAME, VALUE32, VALUE64)          \
  LOOP (NAME, float, float, GW_CLONES, VALUE32) \
  LOOP (NAME, double, double, GW_CLONES, VALUE64)

/* A function of the C library, which is called for each element: nothing to clone. */
#define LIBRARY(NAME, FUNCTION)                              \
  LOOP (NAME, float, float, GW_NO_CLONES, FUNCTION##f (v))   \
  LOOP (NAME, double, double, GW_NO_CLONES, FUNCTION (v))

/* One that exists for double alone. */
#define SPECIAL(NAME, FUNCTION)                            \
  LOOP (NAME, float, float, GW_NO_CLONES, FUNCTION (v))    \
  LOOP (NAME, double, double, GW_NO_CLONES, FUNCTION (v))

#define COMPLEXES(NAME, VALUE)                                      \
  LOOP (NAME, GwComplex64, GwComplex64, GW_NO_CLONES, VALUE)        \
  LOOP (NAME, GwComplex128, GwComplex128, GW_NO_CLONES, VALUE)
#define TO_REAL(NAME, VALUE)                                        \
  LOOP (NAME, GwComplex64, float, GW_NO_CLONES, VALUE)              \
  LOOP (NAME, GwComplex128, double, GW_NO_CLONES, VALUE)

#define INTEGERS(NAME, VALUE)                         \
  LOOP (NAME, int32_t, int32_t, GW_CLONES, VALUE)     \
  LOOP (NAME, int64_t, int64_t, GW_CLONES, VALUE)     \
  LOOP (NAME, int8_t, int8_t, GW_NO_CLONES, VALUE)    \
  LOOP (NAME, int16_t, int16_t, GW_NO_CLONES, VALUE)

#define UNSIGNED(NAME, VALUE)                             \
  LOOP (NAME, uint8_t, uint8_t, GW_NO_CLONES, VALUE)      \
  LOOP (NAME, uint16_t, uint16_t, GW_NO_CLONES, VALUE)    \
  LOOP (NAME, uint32_t, uint32_t, GW_NO_CLONES, VALUE)    \
  LOOP (NAME, uint64_t, uint64_t, GW_NO_CLONES, VALUE)

#define TESTS(NAME, VALUE)                        \
  LOOP (NAME, float, uint8_t, GW_CLONES, VALUE)   \
  LOOP (NAME, double, uint8_t, GW_CLONES, VALUE)

FLOATS (negate, -v, -v)
INTEGERS (negate, 0u - (uint64_t) v)
FLOATS (square, v * v, v * v)
INTEGERS (square, (uint64_t) v * (uint64_t) v)
UNSIGNED (square, (uint64_t) v * (uint64_t) v)
FLOATS (absolute, fabsf (v), fabs (v))
INTEGERS (absolute, v < 0 ? 0u - (uint64_t) v : (uint64_t) v)
FLOATS (sign, (float) (v > 0) - (float) (v < 0) + (v != v ? v : 0.0f), (double) (v > 0) - (double) (v < 0) + (v != v ? v : 0.0))
INTEGERS (sign, (v > 0) - (v < 0))
FLOATS (reciprocal, 1.0f / v, 1.0 / v)
FLOATS (square_root, sqrtf (v), sqrt (v))
FLOATS (inverse_root, 1.0f / sqrtf (v), 1.0 / sqrt (v))
FLOATS (exponential, gw_expf (v), exp (v))
FLOATS (exponential_m1, gw_expm1f (v), expm1 (v))
FLOATS (logarithm, gw_logf (v), log (v))
FLOATS (logarithm_1p, gw_log1pf (v), log1p (v))
LIBRARY (sine, sin)
LIBRARY (cosine, cos)
LIBRARY (tangent, tan)
LIBRARY (arc_sine, asin)
LIBRARY (arc_cosine, acos)
LIBRARY (arc_tangent, atan)
LIBRARY (hyperbolic_sine, sinh)
LIBRARY (hyperbolic_cosine, cosh)
LIBRARY (area_sine, asinh)
LIBRARY (area_cosine, acosh)
LIBRARY (area_tangent, atanh)
LIBRARY (error_function, erf)
LIBRARY (error_complement, erfc)
/* As TensorFlow has it: what is lost near ±1 is lost there as well. */
LOOP (inverse_error, float, float, GW_NO_CLONES, gw_normal_quantile (0.5f * v + 0.5f) * M_SQRT1_2)
LOOP (inverse_error, double, double, GW_NO_CLONES, gw_normal_quantile (0.5 * v + 0.5) * M_SQRT1_2)
SPECIAL (normal_quantile, gw_normal_quantile)
SPECIAL (log_gamma, gw_log_gamma)
SPECIAL (digamma, gw_digamma)
SPECIAL (bessel_i0e, gw_bessel_i0e)
SPECIAL (bessel_i1e, gw_bessel_i1e)
FLOATS (floor_of, floorf (v), floor (v))
FLOATS (ceiling, ceilf (v), ceil (v))
FLOATS (nearest, rintf (v), rint (v))
LOOP (nearest, int32_t, int32_t, GW_CLONES, v)
LOOP (nearest, int64_t, int64_t, GW_CLONES, v)
TESTS (is_nan, v != v)
TESTS (is_infinite, v - v != 0 && v == v)
TESTS (is_finite, v - v == 0)
LOOP (logical_not, uint8_t, uint8_t, GW_CLONES, v == 0)
INTEGERS (invert, ~v)
UNSIGNED (invert, ~v)
#define COUNT_BITS(T, U) LOOP (population_count, T, uint8_t, GW_NO_CLONES, __builtin_popcountll ((U) v))
COUNT_BITS (int8_t, uint8_t)
COUNT_BITS (int16_t, uint16_t)
COUNT_BITS (int32_t, uint32_t)
COUNT_BITS (int64_t, uint64_t)
COUNT_BITS (uint8_t, uint8_t)
COUNT_BITS (uint16_t, uint16_t)
COUNT_BITS (uint32_t, uint32_t)
COUNT_BITS (uint64_t, uint64_t)
FLOATS (relu, v > 0 || v != v ? v : 0, v > 0 || v != v ? v : 0)
INTEGERS (relu, v > 0 ? v : 0)
UNSIGNED (relu, v)
FLOATS (relu6, v > 6 ? 6 : v > 0 || v != v ? v : 0, v > 6 ? 6 : v > 0 || v != v ? v : 0)
INTEGERS (relu6, v > 6 ? 6 : v > 0 ? v : 0)
UNSIGNED (relu6, v > 6 ? 6 : v)
FLOATS (elu, v < 0 ? gw_expm1f (v) : v, v < 0 ? expm1 (v) : v)
FLOATS (selu, v < 0 ? (float) GW_SELU_NEGATIVE * gw_expm1f (v) : (float) GW_SELU_SCALE * v,
        v < 0 ? GW_SELU_NEGATIVE * expm1 (v) : GW_SELU_SCALE * v)
FLOATS (sigmoid, gw_sigmoidf (v), gw_sigmoid (v))
FLOATS (hyperbolic_tangent, gw_tanhf (v), tanh (v))
FLOATS (softplus, gw_softplusf (v), gw_softplus (v))
FLOATS (softsign, v / (1.0f + fabsf (v)), v / (1.0 + fabs (v)))

/* Complex functions run in double: the narrow type neither overflows within them nor
 * needs functions of its own. */
COMPLEXES (negate, -v)
COMPLEXES (square, v * v)
COMPLEXES (sign, gw_complex_sign (v))
COMPLEXES (reciprocal, 1.0 / (GwComplex128) v)
COMPLEXES (square_root, csqrt (v))
COMPLEXES (inverse_root, 1.0 / csqrt (v))
COMPLEXES (exponential, cexp (v))
COMPLEXES (exponential_m1, gw_complex_expm1 (v))
COMPLEXES (logarithm, clog (v))
COMPLEXES (logarithm_1p, gw_complex_log1p (v))
COMPLEXES (sine, csin (v))
COMPLEXES (cosine, ccos (v))
COMPLEXES (tangent, ctan (v))
COMPLEXES (arc_sine, casin (v))
COMPLEXES (arc_cosine, cacos (v))
COMPLEXES (arc_tangent, catan (v))
COMPLEXES (hyperbolic_sine, csinh (v))
COMPLEXES (hyperbolic_cosine, ccosh (v))
COMPLEXES (hyperbolic_tangent, ctanh (v))
COMPLEXES (area_sine, casinh (v))
COMPLEXES (area_cosine, cacosh (v))
COMPLEXES (area_tangent, catanh (v))
COMPLEXES (sigmoid, 1.0 / (1.0 + cexp (-(GwComplex128) v)))
COMPLEXES (conjugate, conj (v))
TO_REAL (real, creal (v))
TO_REAL (imaginary, cimag (v))
TO_REAL (angle, carg (v))
TO_REAL (magnitude, cabs (v))

#define OF_COMPLEX(NAME) [GW_COMPLEX64] = NAME##_GwComplex64, [GW_COMPLEX128] = NAME##_GwComplex128
#define OF_FLOATS(NAME) [GW_FLOAT32] = NAME##_float, [GW_FLOAT64] = NAME##_double
#define OF_INTEGERS(NAME)                                      \
  [GW_INT32] = NAME##_int32_t, [GW_INT64] = NAME##_int64_t,    \
  [GW_INT8] = NAME##_int8_t, [GW_INT16] = NAME##_int16_t
#define OF_UNSIGNED(NAME)                                      \
  [GW_UINT8] = NAME##_uint8_t, [GW_UINT16] = NAME##_uint16_t,  \
  [GW_UINT32] = NAME##_uint32_t, [GW_UINT64] = NAME##_uint64_t

static const GwUnaryLoop loops[GW_N_UNARY][GW_UINT64 + 1] = {
  [GW_UNARY_NEG] = { OF_FLOATS (negate), OF_COMPLEX (negate), OF_INTEGERS (negate) },
  [GW_UNARY_SQUARE] = { OF_FLOATS (square), OF_COMPLEX (square), OF_INTEGERS (square), OF_UNSIGNED (square) },
  [GW_UNARY_ABS] = { OF_FLOATS (absolute), OF_INTEGERS (absolute) },
  [GW_UNARY_SIGN] = { OF_FLOATS (sign), OF_COMPLEX (sign), OF_INTEGERS (sign) },
  [GW_UNARY_RECIPROCAL] = { OF_FLOATS (reciprocal), OF_COMPLEX (reciprocal) },
  [GW_UNARY_SQRT] = { OF_FLOATS (square_root), OF_COMPLEX (square_root) },
  [GW_UNARY_RSQRT] = { OF_FLOATS (inverse_root), OF_COMPLEX (inverse_root) },
  [GW_UNARY_EXP] = { OF_FLOATS (exponential), OF_COMPLEX (exponential) },
  [GW_UNARY_EXPM1] = { OF_FLOATS (exponential_m1), OF_COMPLEX (exponential_m1) },
  [GW_UNARY_LOG] = { OF_FLOATS (logarithm), OF_COMPLEX (logarithm) },
  [GW_UNARY_LOG1P] = { OF_FLOATS (logarithm_1p), OF_COMPLEX (logarithm_1p) },
  [GW_UNARY_SIN] = { OF_FLOATS (sine), OF_COMPLEX (sine) },
  [GW_UNARY_COS] = { OF_FLOATS (cosine), OF_COMPLEX (cosine) },
  [GW_UNARY_TAN] = { OF_FLOATS (tangent), OF_COMPLEX (tangent) },
  [GW_UNARY_ASIN] = { OF_FLOATS (arc_sine), OF_COMPLEX (arc_sine) },
  [GW_UNARY_ACOS] = { OF_FLOATS (arc_cosine), OF_COMPLEX (arc_cosine) },
  [GW_UNARY_ATAN] = { OF_FLOATS (arc_tangent), OF_COMPLEX (arc_tangent) },
  [GW_UNARY_SINH] = { OF_FLOATS (hyperbolic_sine), OF_COMPLEX (hyperbolic_sine) },
  [GW_UNARY_COSH] = { OF_FLOATS (hyperbolic_cosine), OF_COMPLEX (hyperbolic_cosine) },
  [GW_UNARY_ASINH] = { OF_FLOATS (area_sine), OF_COMPLEX (area_sine) },
  [GW_UNARY_ACOSH] = { OF_FLOATS (area_cosine), OF_COMPLEX (area_cosine) },
  [GW_UNARY_ATANH] = { OF_FLOATS (area_tangent), OF_COMPLEX (area_tangent) },
  [GW_UNARY_ERF] = { OF_FLOATS (error_function) },
  [GW_UNARY_ERFC] = { OF_FLOATS (error_complement) },
  [GW_UNARY_ERFINV] = { OF_FLOATS (inverse_error) },
  [GW_UNARY_NDTRI] = { OF_FLOATS (normal_quantile) },
  [GW_UNARY_LGAMMA] = { OF_FLOATS (log_gamma) },
  [GW_UNARY_DIGAMMA] = { OF_FLOATS (digamma) },
  [GW_UNARY_BESSEL_I0E] = { OF_FLOATS (bessel_i0e) },
  [GW_UNARY_BESSEL_I1E] = { OF_FLOATS (bessel_i1e) },
  [GW_UNARY_FLOOR] = { OF_FLOATS (floor_of) },
  [GW_UNARY_CEIL] = { OF_FLOATS (ceiling) },
  [GW_UNARY_RINT] = { OF_FLOATS (nearest), [GW_INT32] = nearest_int32_t, [GW_INT64] = nearest_int64_t },
  [GW_UNARY_IS_NAN] = { OF_FLOATS (is_nan) },
  [GW_UNARY_IS_INF] = { OF_FLOATS (is_infinite) },
  [GW_UNARY_IS_FINITE] = { OF_FLOATS (is_finite) },
  [GW_UNARY_NOT] = { [GW_BOOL] = logical_not_uint8_t },
  [GW_UNARY_INVERT] = { OF_INTEGERS (invert), OF_UNSIGNED (invert) },
  [GW_UNARY_POPULATION_COUNT] = { OF_INTEGERS (population_count), OF_UNSIGNED (population_count) },
  [GW_UNARY_CONJ] = { OF_COMPLEX (conjugate) },
  [GW_UNARY_REAL] = { OF_COMPLEX (real) },
  [GW_UNARY_IMAG] = { OF_COMPLEX (imaginary) },
  [GW_UNARY_ANGLE] = { OF_COMPLEX (angle) },
  [GW_UNARY_COMPLEX_ABS] = { OF_COMPLEX (magnitude) },
  [GW_UNARY_RELU] = { OF_FLOATS (relu), OF_INTEGERS (relu), OF_UNSIGNED (relu) },
  [GW_UNARY_RELU6] = { OF_FLOATS (relu6), OF_INTEGERS (relu6), OF_UNSIGNED (relu6) },
  [GW_UNARY_ELU] = { OF_FLOATS (elu) },
  [GW_UNARY_SELU] = { OF_FLOATS (selu) },
  [GW_UNARY_SIGMOID] = { OF_FLOATS (sigmoid), OF_COMPLEX (sigmoid) },
  [GW_UNARY_TANH] = { OF_FLOATS (hyperbolic_tangent), OF_COMPLEX (hyperbolic_tangent) },
  [GW_UNARY_SOFTPLUS] = { OF_FLOATS (softplus) },
  [GW_UNARY_SOFTSIGN] = { OF_FLOATS (softsign) },
};

GwUnaryLoop
gw_unary_loop (GwUnaryOp op,
               GwDType   dtype)
{
  return (unsigned) dtype <= GW_UINT64 ? loops[op][dtype] : NULL;
}
