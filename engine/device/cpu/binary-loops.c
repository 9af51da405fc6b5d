/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of functions of two operands. Each runs in three forms: both operands
 * walk, or either stands still. */
#include "engine/device/cpu/elementwise.h"

#include "engine/device/cpu/special.h"
#include "engine/device/cpu/complex.h"
#include "engine/device/cpu/vector-math.h"

#define RUN(A, B, VALUE)            \
  GW_IVDEP                          \
  for (int64_t i = 0; i < n; i++)   \
    {                               \
      A;                            \
      B;                            \
      z[i] = (VALUE);               \
    }

/* VALUE is an expression of `a` and `b`. */
#define LOOP(NAME, T, R, CLONES, VALUE)                                          \
  CLONES static void                                                             \
  NAME##_##T (const void *xs, int64_t x_step, const void *ys, int64_t y_step,    \
              void *zs, int64_t n)                                               \
  {                                                                              \
    const T *x = xs;                                                             \
    const T *y = ys;                                                             \
    R *z = zs;                                                                   \
                                                                                 \
    if (y_step == 0)                                                             \
      {                                                                          \
        T b = *y;                                                                \
                                                                                 \
        RUN (T a = x[i], (void) b, VALUE)                                        \
      }                                                                          \
    else if (x_step == 0)                                                        \
      {                                                                          \
        T a = *x;                                                                \
                                                                                 \
        RUN (T b = y[i], (void) a, VALUE)                                        \
      }                                                                          \
    else                                                                         \
      RUN (T a = x[i], T b = y[i], VALUE)                                        \
  }

#define FLOATS(NAME, VALUE)                   \
  LOOP (NAME, float, float, GW_CLONES, VALUE) \
  LOOP (NAME, double, double, GW_CLONES, VALUE)

/* VALUE may use T, the element type. */
#define EACH_SIGNED(ONE)            \
  ONE (int32_t, GW_CLONES)          \
  ONE (int64_t, GW_CLONES)          \
  ONE (int8_t, GW_NO_CLONES)        \
  ONE (int16_t, GW_NO_CLONES)

#define EACH_UNSIGNED(ONE)          \
  ONE (uint8_t, GW_NO_CLONES)       \
  ONE (uint16_t, GW_NO_CLONES)      \
  ONE (uint32_t, GW_NO_CLONES)      \
  ONE (uint64_t, GW_NO_CLONES)

#define COMPLEXES(NAME, VALUE)                                   \
  LOOP (NAME, GwComplex64, GwComplex64, GW_NO_CLONES, VALUE)     \
  LOOP (NAME, GwComplex128, GwComplex128, GW_NO_CLONES, VALUE)

/* A function of double, called for each element. */
#define SPECIAL(NAME, FUNCTION)                                \
  LOOP (NAME, float, float, GW_NO_CLONES, FUNCTION (a, b))     \
  LOOP (NAME, double, double, GW_NO_CLONES, FUNCTION (a, b))

#define EACH_INTEGER(ONE) EACH_SIGNED (ONE) EACH_UNSIGNED (ONE)

#define OF_FLOATS(NAME) [GW_FLOAT32] = NAME##_float, [GW_FLOAT64] = NAME##_double
#define OF_COMPLEX(NAME) [GW_COMPLEX64] = NAME##_GwComplex64, [GW_COMPLEX128] = NAME##_GwComplex128
#define OF_SIGNED(NAME)                                          \
  [GW_INT32] = NAME##_int32_t, [GW_INT64] = NAME##_int64_t,      \
  [GW_INT8] = NAME##_int8_t, [GW_INT16] = NAME##_int16_t
#define OF_INTEGERS(NAME)                                        \
  OF_SIGNED (NAME),                                              \
  [GW_UINT8] = NAME##_uint8_t, [GW_UINT16] = NAME##_uint16_t,    \
  [GW_UINT32] = NAME##_uint32_t, [GW_UINT64] = NAME##_uint64_t
#define OF_NUMBERS(NAME) OF_FLOATS (NAME), OF_INTEGERS (NAME)

FLOATS (add, a + b)
#define ADD(T, CLONES) LOOP (add, T, T, CLONES, GW_WRAP (T, a, +, b))
EACH_INTEGER (ADD)
COMPLEXES (add, a + b)
FLOATS (subtract, a - b)
#define SUBTRACT(T, CLONES) LOOP (subtract, T, T, CLONES, GW_WRAP (T, a, -, b))
EACH_INTEGER (SUBTRACT)
COMPLEXES (subtract, a - b)
FLOATS (multiply, a * b)
#define MULTIPLY(T, CLONES) LOOP (multiply, T, T, CLONES, GW_WRAP (T, a, *, b))
EACH_INTEGER (MULTIPLY)
COMPLEXES (multiply, a * b)

/* a / -1 is written as 0 - a: the lowest integer has no counterpart. */
#define QUOTIENT(T, a, b) (b == -1 ? GW_WRAP (T, 0, -, a) : (T) (a / b))
#define REMAINDER(T, a, b) (b == -1 ? 0 : (T) (a % b))
FLOATS (divide, a / b)
#define DIVIDE(T, CLONES) LOOP (divide, T, T, CLONES, QUOTIENT (T, a, b))
EACH_SIGNED (DIVIDE)
#define DIVIDE_UNSIGNED(T, CLONES) LOOP (divide, T, T, CLONES, a / b)
EACH_UNSIGNED (DIVIDE_UNSIGNED)
COMPLEXES (divide, (GwComplex128) a / b)
LOOP (truncate_divide, float, float, GW_CLONES, truncf (a / b))
LOOP (truncate_divide, double, double, GW_CLONES, trunc (a / b))

/* Down instead of towards zero: one less where the signs differ and a rest is left. */
#define GOES_DOWN(T, a, b) (REMAINDER (T, a, b) != 0 && (a ^ b) < 0)
LOOP (floor_divide, float, float, GW_CLONES, floorf (a / b))
LOOP (floor_divide, double, double, GW_CLONES, floor (a / b))
#define FLOOR_DIVIDE(T, CLONES) \
  LOOP (floor_divide, T, T, CLONES, (T) (QUOTIENT (T, a, b) - GOES_DOWN (T, a, b)))
EACH_SIGNED (FLOOR_DIVIDE)
#define FLOOR_DIVIDE_UNSIGNED(T, CLONES) LOOP (floor_divide, T, T, CLONES, a / b)
EACH_UNSIGNED (FLOOR_DIVIDE_UNSIGNED)

#define FLOAT_MODULO(T, FMOD)                                     \
  GW_INLINE T                                                     \
  floored_modulo_##T (T a, T b)                                   \
  {                                                               \
    T remainder = FMOD (a, b);                                    \
                                                                  \
    return remainder != 0 && (b < 0) != (remainder < 0) ? remainder + b : remainder; \
  }
FLOAT_MODULO (float, fmodf)
FLOAT_MODULO (double, fmod)
LOOP (floor_modulo, float, float, GW_NO_CLONES, floored_modulo_float (a, b))
LOOP (floor_modulo, double, double, GW_NO_CLONES, floored_modulo_double (a, b))
#define FLOOR_MODULO(T, CLONES) \
  LOOP (floor_modulo, T, T, CLONES, (T) (REMAINDER (T, a, b) + (GOES_DOWN (T, a, b) ? b : 0)))
EACH_SIGNED (FLOOR_MODULO)
#define FLOOR_MODULO_UNSIGNED(T, CLONES) LOOP (floor_modulo, T, T, CLONES, a % b)
EACH_UNSIGNED (FLOOR_MODULO_UNSIGNED)

LOOP (truncate_modulo, float, float, GW_NO_CLONES, fmodf (a, b))
LOOP (truncate_modulo, double, double, GW_NO_CLONES, fmod (a, b))
LOOP (truncate_modulo, int32_t, int32_t, GW_NO_CLONES, REMAINDER (int32_t, a, b))
LOOP (truncate_modulo, int64_t, int64_t, GW_NO_CLONES, REMAINDER (int64_t, a, b))

FLOATS (divide_no_nan, b == 0 ? 0 : a / b)
COMPLEXES (divide_no_nan, b == 0 ? 0 : (GwComplex128) a / b)
FLOATS (multiply_no_nan, b == 0 ? 0 : a * b)
COMPLEXES (multiply_no_nan, b == 0 ? 0 : a * b)
FLOATS (x_divided_by_y, a == 0 ? 0 : a / b)
COMPLEXES (x_divided_by_y, a == 0 ? 0 : (GwComplex128) a / b)
LOOP (x_log_y, float, float, GW_CLONES, a == 0 ? 0 : a * gw_logf (b))
LOOP (x_log_y, double, double, GW_NO_CLONES, a == 0 ? 0 : a * log (b))
COMPLEXES (x_log_y, a == 0 ? 0 : a * clog (b))
LOOP (x_log1p_y, float, float, GW_CLONES, a == 0 ? 0 : a * gw_log1pf (b))
LOOP (x_log1p_y, double, double, GW_NO_CLONES, a == 0 ? 0 : a * log1p (b))
COMPLEXES (x_log1p_y, a == 0 ? 0 : a * gw_complex_log1p (b))
LOOP (arc_tangent, float, float, GW_NO_CLONES, atan2f (a, b))
LOOP (arc_tangent, double, double, GW_NO_CLONES, atan2 (a, b))
LOOP (next_after, float, float, GW_NO_CLONES, nextafterf (a, b))
LOOP (next_after, double, double, GW_NO_CLONES, nextafter (a, b))

FLOATS (maximum, a >= b || a != a ? a : b)
#define MAXIMUM(T, CLONES) LOOP (maximum, T, T, CLONES, a > b ? a : b)
EACH_INTEGER (MAXIMUM)
FLOATS (minimum, a <= b || a != a ? a : b)
#define MINIMUM(T, CLONES) LOOP (minimum, T, T, CLONES, a < b ? a : b)
EACH_INTEGER (MINIMUM)
FLOATS (squared_difference, (a - b) * (a - b))
#define SQUARED_DIFFERENCE(T, CLONES) \
  LOOP (squared_difference, T, T, CLONES, GW_WRAP (T, GW_WRAP (T, a, -, b), *, GW_WRAP (T, a, -, b)))
EACH_SIGNED (SQUARED_DIFFERENCE)
COMPLEXES (squared_difference, gw_squared_distance (a, b))

/* By squaring; the exponent is not negative. */
GW_INLINE uint64_t
integer_power (uint64_t base,
               uint64_t exponent)
{
  uint64_t power = 1;

  for (; exponent > 0; exponent >>= 1)
    {
      power *= exponent & 1 ? base : 1;
      base *= base;
    }
  return power;
}
LOOP (power, float, float, GW_NO_CLONES, powf (a, b))
LOOP (power, double, double, GW_NO_CLONES, pow (a, b))
#define POWER(T, CLONES) LOOP (power, T, T, GW_NO_CLONES, (T) integer_power ((uint64_t) a, (uint64_t) b))
EACH_SIGNED (POWER)
COMPLEXES (power, cpow (a, b))

SPECIAL (polygamma, gw_polygamma)
SPECIAL (zeta, gw_hurwitz_zeta)
SPECIAL (igamma, gw_igamma)
SPECIAL (igammac, gw_igammac)
SPECIAL (igamma_grad_a, gw_igamma_grad_a)
LOOP (complex, float, GwComplex64, GW_NO_CLONES, CMPLXF (a, b))
LOOP (complex, double, GwComplex128, GW_NO_CLONES, CMPLX (a, b))

#define COMPARE(NAME, OP)                             \
  LOOP (NAME, float, uint8_t, GW_CLONES, a OP b)      \
  LOOP (NAME, double, uint8_t, GW_CLONES, a OP b)     \
  LOOP (NAME, int32_t, uint8_t, GW_CLONES, a OP b)    \
  LOOP (NAME, int64_t, uint8_t, GW_CLONES, a OP b)    \
  LOOP (NAME, uint8_t, uint8_t, GW_NO_CLONES, a OP b) \
  LOOP (NAME, int8_t, uint8_t, GW_NO_CLONES, a OP b)  \
  LOOP (NAME, int16_t, uint8_t, GW_NO_CLONES, a OP b) \
  LOOP (NAME, uint16_t, uint8_t, GW_NO_CLONES, a OP b) \
  LOOP (NAME, uint32_t, uint8_t, GW_NO_CLONES, a OP b) \
  LOOP (NAME, uint64_t, uint8_t, GW_NO_CLONES, a OP b)
#define COMPARE_COMPLEX(NAME, OP)                            \
  LOOP (NAME, GwComplex64, uint8_t, GW_NO_CLONES, a OP b)    \
  LOOP (NAME, GwComplex128, uint8_t, GW_NO_CLONES, a OP b)
COMPARE (equal, ==)
COMPARE_COMPLEX (equal, ==)
COMPARE (not_equal, !=)
COMPARE_COMPLEX (not_equal, !=)
COMPARE (less, <)
COMPARE (less_equal, <=)
COMPARE (greater, >)
COMPARE (greater_equal, >=)

LOOP (logical_and, uint8_t, uint8_t, GW_CLONES, (a != 0) & (b != 0))
LOOP (logical_or, uint8_t, uint8_t, GW_CLONES, (a != 0) | (b != 0))

#define BIT_AND(T, CLONES) LOOP (bit_and, T, T, CLONES, a & b)
EACH_INTEGER (BIT_AND)
#define BIT_OR(T, CLONES) LOOP (bit_or, T, T, CLONES, a | b)
EACH_INTEGER (BIT_OR)
#define BIT_XOR(T, CLONES) LOOP (bit_xor, T, T, CLONES, a ^ b)
EACH_INTEGER (BIT_XOR)
#define PLACES(T, b) (b <= 0 ? 0 : b >= (T) (8 * sizeof (T)) ? (int) (8 * sizeof (T)) - 1 : (int) b)
#define LEFT_SHIFT(T, CLONES) LOOP (left_shift, T, T, GW_NO_CLONES, (T) ((uint64_t) a << PLACES (T, b)))
EACH_INTEGER (LEFT_SHIFT)
#define RIGHT_SHIFT(T, CLONES) LOOP (right_shift, T, T, GW_NO_CLONES, (T) (a >> PLACES (T, b)))
EACH_INTEGER (RIGHT_SHIFT)

FLOATS (leaky_relu, a > 0 ? a : a * b)
FLOATS (relu_grad, b > 0 ? a : 0)
#define RELU_GRAD(T, CLONES) LOOP (relu_grad, T, T, CLONES, b > 0 ? a : 0)
EACH_INTEGER (RELU_GRAD)
FLOATS (relu6_grad, b > 0 && b < 6 ? a : 0)
#define RELU6_GRAD(T, CLONES) LOOP (relu6_grad, T, T, CLONES, b > 0 && b < 6 ? a : 0)
EACH_INTEGER (RELU6_GRAD)
FLOATS (elu_grad, b < 0 ? a * (b + 1) : a)
LOOP (selu_grad, float, float, GW_CLONES, b < 0 ? a * (b + (float) GW_SELU_NEGATIVE) : a * (float) GW_SELU_SCALE)
LOOP (selu_grad, double, double, GW_CLONES, b < 0 ? a * (b + GW_SELU_NEGATIVE) : a * GW_SELU_SCALE)
FLOATS (sigmoid_grad, b * a * (1 - a))
COMPLEXES (sigmoid_grad, b * a * (1 - a))
FLOATS (tanh_grad, b * (1 - a * a))
COMPLEXES (tanh_grad, b * (1 - a * a))
/* Where no gradient arrives none leaves, however steep the curve. */
FLOATS (sqrt_grad, b == 0 ? 0 : b / (a + a))
COMPLEXES (sqrt_grad, b == 0 ? 0 : b / (conj (a) + conj (a)))
FLOATS (rsqrt_grad, b == 0 ? 0 : b * a * a * a / -2)
COMPLEXES (rsqrt_grad, b == 0 ? 0 : b * conj (a) * conj (a) * conj (a) / -2)
FLOATS (reciprocal_grad, b == 0 ? 0 : -b * a * a)
COMPLEXES (reciprocal_grad, b == 0 ? 0 : -b * conj (a) * conj (a))
LOOP (softplus_grad, float, float, GW_CLONES, a * gw_sigmoidf (b))
LOOP (softplus_grad, double, double, GW_CLONES, a * gw_sigmoid (b))
LOOP (softsign_grad, float, float, GW_CLONES, a / ((1.0f + fabsf (b)) * (1.0f + fabsf (b))))
LOOP (softsign_grad, double, double, GW_CLONES, a / ((1.0 + fabs (b)) * (1.0 + fabs (b))))

static const GwBinaryLoop loops[GW_N_BINARY][GW_UINT64 + 1] = {
  [GW_BINARY_ADD] = { OF_NUMBERS (add), OF_COMPLEX (add) },
  [GW_BINARY_SUB] = { OF_NUMBERS (subtract), OF_COMPLEX (subtract) },
  [GW_BINARY_MUL] = { OF_NUMBERS (multiply), OF_COMPLEX (multiply) },
  [GW_BINARY_DIV] = { OF_NUMBERS (divide), OF_COMPLEX (divide) },
  [GW_BINARY_TRUNCATE_DIV] = { OF_FLOATS (truncate_divide), OF_INTEGERS (divide) },
  [GW_BINARY_FLOOR_DIV] = { OF_NUMBERS (floor_divide) },
  [GW_BINARY_FLOOR_MOD] = { OF_NUMBERS (floor_modulo) },
  [GW_BINARY_DIV_NO_NAN] = { OF_FLOATS (divide_no_nan), OF_COMPLEX (divide_no_nan) },
  [GW_BINARY_TRUNCATE_MOD] = { OF_FLOATS (truncate_modulo), [GW_INT32] = truncate_modulo_int32_t,
                               [GW_INT64] = truncate_modulo_int64_t },
  [GW_BINARY_MUL_NO_NAN] = { OF_FLOATS (multiply_no_nan), OF_COMPLEX (multiply_no_nan) },
  [GW_BINARY_XDIVY] = { OF_FLOATS (x_divided_by_y), OF_COMPLEX (x_divided_by_y) },
  [GW_BINARY_XLOGY] = { OF_FLOATS (x_log_y), OF_COMPLEX (x_log_y) },
  [GW_BINARY_XLOG1PY] = { OF_FLOATS (x_log1p_y), OF_COMPLEX (x_log1p_y) },
  [GW_BINARY_ATAN2] = { OF_FLOATS (arc_tangent) },
  [GW_BINARY_NEXT_AFTER] = { OF_FLOATS (next_after) },
  [GW_BINARY_MAXIMUM] = { OF_NUMBERS (maximum) },
  [GW_BINARY_MINIMUM] = { OF_NUMBERS (minimum) },
  [GW_BINARY_SQUARED_DIFFERENCE] = { OF_FLOATS (squared_difference), OF_SIGNED (squared_difference), OF_COMPLEX (squared_difference) },
  [GW_BINARY_POW] = { OF_FLOATS (power), OF_SIGNED (power), OF_COMPLEX (power) },
  [GW_BINARY_EQUAL] = { OF_NUMBERS (equal), OF_COMPLEX (equal), [GW_BOOL] = equal_uint8_t },
  [GW_BINARY_NOT_EQUAL] = { OF_NUMBERS (not_equal), OF_COMPLEX (not_equal), [GW_BOOL] = not_equal_uint8_t },
  [GW_BINARY_LESS] = { OF_NUMBERS (less) },
  [GW_BINARY_LESS_EQUAL] = { OF_NUMBERS (less_equal) },
  [GW_BINARY_GREATER] = { OF_NUMBERS (greater) },
  [GW_BINARY_GREATER_EQUAL] = { OF_NUMBERS (greater_equal) },
  [GW_BINARY_AND] = { [GW_BOOL] = logical_and_uint8_t },
  [GW_BINARY_OR] = { [GW_BOOL] = logical_or_uint8_t },
  [GW_BINARY_BIT_AND] = { OF_INTEGERS (bit_and) },
  [GW_BINARY_BIT_OR] = { OF_INTEGERS (bit_or) },
  [GW_BINARY_BIT_XOR] = { OF_INTEGERS (bit_xor) },
  [GW_BINARY_LEFT_SHIFT] = { OF_INTEGERS (left_shift) },
  [GW_BINARY_RIGHT_SHIFT] = { OF_INTEGERS (right_shift) },
  [GW_BINARY_COMPLEX] = { OF_FLOATS (complex) },
  [GW_BINARY_POLYGAMMA] = { OF_FLOATS (polygamma) },
  [GW_BINARY_ZETA] = { OF_FLOATS (zeta) },
  [GW_BINARY_IGAMMA] = { OF_FLOATS (igamma) },
  [GW_BINARY_IGAMMAC] = { OF_FLOATS (igammac) },
  [GW_BINARY_IGAMMA_GRAD_A] = { OF_FLOATS (igamma_grad_a) },
  [GW_BINARY_LEAKY_RELU] = { OF_FLOATS (leaky_relu) },
  [GW_BINARY_RELU_GRAD] = { OF_NUMBERS (relu_grad) },
  [GW_BINARY_RELU6_GRAD] = { OF_NUMBERS (relu6_grad) },
  [GW_BINARY_ELU_GRAD] = { OF_FLOATS (elu_grad) },
  [GW_BINARY_SELU_GRAD] = { OF_FLOATS (selu_grad) },
  [GW_BINARY_SIGMOID_GRAD] = { OF_FLOATS (sigmoid_grad), OF_COMPLEX (sigmoid_grad) },
  [GW_BINARY_TANH_GRAD] = { OF_FLOATS (tanh_grad), OF_COMPLEX (tanh_grad) },
  [GW_BINARY_SQRT_GRAD] = { OF_FLOATS (sqrt_grad), OF_COMPLEX (sqrt_grad) },
  [GW_BINARY_RSQRT_GRAD] = { OF_FLOATS (rsqrt_grad), OF_COMPLEX (rsqrt_grad) },
  [GW_BINARY_RECIPROCAL_GRAD] = { OF_FLOATS (reciprocal_grad), OF_COMPLEX (reciprocal_grad) },
  [GW_BINARY_SOFTPLUS_GRAD] = { OF_FLOATS (softplus_grad) },
  [GW_BINARY_SOFTSIGN_GRAD] = { OF_FLOATS (softsign_grad) },
};

GwBinaryLoop
gw_binary_loop (GwBinaryOp op,
                GwDType    dtype)
{
  return (unsigned) dtype <= GW_UINT64 ? loops[op][dtype] : NULL;
}
