/* SPDX-License-Identifier: Apache-2.0 */
/* Element-wise functions of one, two and three operands: tables of loops by function
 * and element type, and the drivers that cut, broadcast and run them. float16 and
 * bfloat16 have no loops: the drivers run those of float32 tile by tile. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

typedef enum {
  GW_UNARY_NEG,
  GW_UNARY_SQUARE,
  GW_UNARY_ABS,
  GW_UNARY_SIGN,
  GW_UNARY_RECIPROCAL,
  GW_UNARY_SQRT,
  GW_UNARY_RSQRT,
  GW_UNARY_EXP,
  GW_UNARY_EXPM1,
  GW_UNARY_LOG,
  GW_UNARY_LOG1P,
  GW_UNARY_SIN,
  GW_UNARY_COS,
  GW_UNARY_TAN,
  GW_UNARY_ASIN,
  GW_UNARY_ACOS,
  GW_UNARY_ATAN,
  GW_UNARY_SINH,
  GW_UNARY_COSH,
  GW_UNARY_ASINH,
  GW_UNARY_ACOSH,
  GW_UNARY_ATANH,
  GW_UNARY_ERF,
  GW_UNARY_ERFC,
  GW_UNARY_ERFINV,
  GW_UNARY_NDTRI,
  GW_UNARY_LGAMMA,
  GW_UNARY_DIGAMMA,
  GW_UNARY_BESSEL_I0E,
  GW_UNARY_BESSEL_I1E,
  GW_UNARY_FLOOR,
  GW_UNARY_CEIL,
  GW_UNARY_RINT,        /* integers stay */
  GW_UNARY_IS_NAN,      /* → bool */
  GW_UNARY_IS_INF,      /* → bool */
  GW_UNARY_IS_FINITE,   /* → bool */
  GW_UNARY_NOT,         /* bool */
  GW_UNARY_INVERT,      /* the bits of integers */
  GW_UNARY_POPULATION_COUNT, /* integers → uint8 */
  GW_UNARY_CONJ,        /* complex, likewise the next four, which give real numbers */
  GW_UNARY_REAL,
  GW_UNARY_IMAG,
  GW_UNARY_ANGLE,
  GW_UNARY_COMPLEX_ABS,
  GW_UNARY_RELU,
  GW_UNARY_RELU6,
  GW_UNARY_ELU,
  GW_UNARY_SELU,
  GW_UNARY_SIGMOID,
  GW_UNARY_TANH,
  GW_UNARY_SOFTPLUS,
  GW_UNARY_SOFTSIGN,
  GW_N_UNARY
} GwUnaryOp;

typedef enum {
  GW_BINARY_ADD,
  GW_BINARY_SUB,
  GW_BINARY_MUL,
  GW_BINARY_DIV,           /* integers: towards zero; the divisor is checked by the driver */
  GW_BINARY_TRUNCATE_DIV,  /* towards zero, floats as well; likewise checked, as the next three */
  GW_BINARY_FLOOR_DIV,
  GW_BINARY_FLOOR_MOD,
  GW_BINARY_TRUNCATE_MOD,
  GW_BINARY_DIV_NO_NAN,    /* 0 where the divisor is 0 */
  GW_BINARY_MUL_NO_NAN,    /* 0 where y is 0 */
  GW_BINARY_XDIVY,         /* 0 where x is 0, likewise the next two */
  GW_BINARY_XLOGY,
  GW_BINARY_XLOG1PY,
  GW_BINARY_ATAN2,
  GW_BINARY_NEXT_AFTER,
  GW_BINARY_MAXIMUM,       /* NaN wins */
  GW_BINARY_MINIMUM,
  GW_BINARY_SQUARED_DIFFERENCE,
  GW_BINARY_POW,           /* integers: the exponent is checked by the driver */
  GW_BINARY_EQUAL,         /* → bool, also of bool; likewise the next five */
  GW_BINARY_NOT_EQUAL,
  GW_BINARY_LESS,
  GW_BINARY_LESS_EQUAL,
  GW_BINARY_GREATER,
  GW_BINARY_GREATER_EQUAL,
  GW_BINARY_AND,           /* bool */
  GW_BINARY_OR,
  GW_BINARY_BIT_AND,       /* integers, likewise the next four */
  GW_BINARY_BIT_OR,
  GW_BINARY_BIT_XOR,
  GW_BINARY_LEFT_SHIFT,    /* by 0 to the width less one: what is beyond counts as that */
  GW_BINARY_RIGHT_SHIFT,
  GW_BINARY_COMPLEX,       /* (real, imaginary) → complex */
  GW_BINARY_POLYGAMMA,     /* (order, x) */
  GW_BINARY_ZETA,          /* (x, q) */
  GW_BINARY_IGAMMA,        /* (a, x), likewise the next two */
  GW_BINARY_IGAMMAC,
  GW_BINARY_IGAMMA_GRAD_A,
  GW_BINARY_LEAKY_RELU,    /* (features, slope) */
  GW_BINARY_RELU_GRAD,     /* (gradients, features) */
  GW_BINARY_RELU6_GRAD,    /* (gradients, features) */
  GW_BINARY_ELU_GRAD,      /* (gradients, outputs) */
  GW_BINARY_SELU_GRAD,     /* (gradients, outputs) */
  GW_BINARY_SIGMOID_GRAD,  /* (y, dy), likewise the next four */
  GW_BINARY_TANH_GRAD,
  GW_BINARY_SQRT_GRAD,     /* a complex y is conjugated, likewise in the next two */
  GW_BINARY_RSQRT_GRAD,
  GW_BINARY_RECIPROCAL_GRAD,
  GW_BINARY_SOFTPLUS_GRAD, /* (gradients, features) */
  GW_BINARY_SOFTSIGN_GRAD, /* (gradients, features) */
  GW_N_BINARY
} GwBinaryOp;

typedef enum {
  GW_TERNARY_CLIP,              /* (x, lowest, highest) */
  GW_TERNARY_LEAKY_RELU_GRAD,   /* (gradients, features, slope) */
  GW_TERNARY_APPROXIMATE_EQUAL, /* (x, y, tolerance) → bool */
  GW_TERNARY_BETAINC,           /* (a, b, x) */
  GW_N_TERNARY
} GwTernaryOp;

/* y[i] = f (x[i]); x and y may be the same memory. */
typedef void (*GwUnaryLoop) (const void *x, void *y, int64_t n);
/* z[i] = f (x[i × x_step], y[i × y_step]), steps 0 or 1; z may be x or y where
 * their step is 1. */
typedef void (*GwBinaryLoop) (const void *x, int64_t x_step, const void *y, int64_t y_step, void *z, int64_t n);
/* The same of a, b and c; z may be one of them where its step is 1. */
typedef void (*GwTernaryLoop) (const void *a, int64_t a_step, const void *b, int64_t b_step,
                               const void *c, int64_t c_step, void *z, int64_t n);

/* The loop for elements of `dtype` (of the operands); NULL when there is none. */
GwUnaryLoop gw_unary_loop (GwUnaryOp op, GwDType dtype);
GwBinaryLoop gw_binary_loop (GwBinaryOp op, GwDType dtype);
GwTernaryLoop gw_ternary_loop (GwTernaryOp op, GwDType dtype);
/* From bool or any number to bool or any number, as C converts; a complex number gives
 * its real part. NULL otherwise, and for the half types. */
GwUnaryLoop gw_cast_loop (GwDType from, GwDType to);
/* From the float32 copy of a half type: narrow integers saturate. */
GwUnaryLoop gw_cast_half_loop (GwDType to);

/* An operand seen under a shape of its own, which has as many elements. */
typedef struct {
  const void *data;
  GwShape     shape;
} GwOperand;

/* outputs[0] = op (inputs…) with broadcasting, on all workers. UNIMPLEMENTED for a type
 * without a loop; INVALID_ARGUMENT for an integer divided by zero or raised to a
 * negative power. */
gboolean gw_cpu_unary (GwKernelContext *context, GwUnaryOp op, GError **error);
gboolean gw_cpu_binary (GwKernelContext *context, GwBinaryOp op, GError **error);
gboolean gw_cpu_ternary (GwKernelContext *context, GwTernaryOp op, GError **error);
/* The one that the op's definition names. */
gboolean gw_cpu_elementwise (GwKernelContext *context, GError **error);
/* The same with the operands given, all of type `dtype`, into z. */
gboolean gw_cpu_binary_of (GwKernelContext *context, GwBinaryOp op, GwDType dtype, const GwOperand operands[2],
                           GwTensor *z, GError **error);
gboolean gw_cpu_ternary_of (GwKernelContext *context, GwTernaryOp op, GwDType dtype, const GwOperand operands[3],
                            GwTensor *z, GError **error);
static inline GwOperand
gw_operand (const GwTensor *tensor)
{
  return (GwOperand) { tensor->data, tensor->shape };
}

/* One number as an operand: its element of type `dtype` is written to `element`, which
 * must outlive the call that takes the operand. */
typedef union { char bytes[16]; double numbers[2]; } GwElement;
GwOperand gw_operand_of_number (GwElement *element, GwDType dtype, double value);

/* y = x in y's type; `truncate` drops the bits that a narrower floating-point type does
 * not have instead of rounding. UNIMPLEMENTED for strings and handles. */
gboolean gw_cpu_cast (GwKernelContext *context, const GwTensor *x, gboolean truncate, GwTensor *y, GError **error);

/* outputs[0] = inputs[1] where inputs[0], seen as `condition_shape`, is true, else
 * inputs[2]; all are broadcast. Any element type, strings as well. */
gboolean gw_cpu_select (GwKernelContext *context, const GwShape *condition_shape, GError **error);

G_END_DECLS
