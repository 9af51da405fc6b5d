/* SPDX-License-Identifier: Apache-2.0 */
/* Element-wise functions of one and of two operands: a table of loops by function
 * and element type, and the drivers that cut, broadcast and run them. */
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
  GW_UNARY_FLOOR,
  GW_UNARY_CEIL,
  GW_UNARY_RINT,
  GW_UNARY_IS_NAN,      /* → bool */
  GW_UNARY_IS_INF,      /* → bool */
  GW_UNARY_IS_FINITE,   /* → bool */
  GW_UNARY_NOT,         /* bool */
  GW_UNARY_RELU,
  GW_UNARY_RELU6,
  GW_UNARY_ELU,
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
  GW_BINARY_FLOOR_DIV,
  GW_BINARY_FLOOR_MOD,
  GW_BINARY_DIV_NO_NAN,
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
  GW_BINARY_RELU_GRAD,     /* (gradients, features) */
  GW_BINARY_RELU6_GRAD,    /* (gradients, features) */
  GW_BINARY_ELU_GRAD,      /* (gradients, outputs) */
  GW_BINARY_SIGMOID_GRAD,  /* (y, dy), likewise the next four */
  GW_BINARY_TANH_GRAD,
  GW_BINARY_SQRT_GRAD,
  GW_BINARY_RSQRT_GRAD,
  GW_BINARY_RECIPROCAL_GRAD,
  GW_BINARY_SOFTPLUS_GRAD, /* (gradients, features) */
  GW_BINARY_SOFTSIGN_GRAD, /* (gradients, features) */
  GW_N_BINARY
} GwBinaryOp;

/* y[i] = f (x[i]); x and y may be the same memory. */
typedef void (*GwUnaryLoop) (const void *x, void *y, int64_t n);
/* z[i] = f (x[i × x_step], y[i × y_step]), steps 0 or 1; z may be x or y where
 * their step is 1. */
typedef void (*GwBinaryLoop) (const void *x, int64_t x_step, const void *y, int64_t y_step, void *z, int64_t n);

/* The loop for elements of `dtype` (of the operands); NULL when there is none. */
GwUnaryLoop gw_unary_loop (GwUnaryOp op, GwDType dtype);
GwBinaryLoop gw_binary_loop (GwBinaryOp op, GwDType dtype);
/* From bool or any number to bool or any number, as C converts; NULL otherwise. */
GwUnaryLoop gw_cast_loop (GwDType from, GwDType to);

/* outputs[0] = op (inputs[0]) and op (inputs[0], inputs[1]) with broadcasting, on
 * all workers. UNIMPLEMENTED for a type without a loop; INVALID_ARGUMENT for an
 * integer divided by zero or raised to a negative power. */
gboolean gw_cpu_unary (GwKernelContext *context, GwUnaryOp op, GError **error);
gboolean gw_cpu_binary (GwKernelContext *context, GwBinaryOp op, GError **error);
/* The same with the operands given, seen under shapes of their own. */
gboolean gw_cpu_binary_as (GwKernelContext *context, GwBinaryOp op, const GwTensor *x, const GwShape *x_shape,
                           const GwTensor *y, const GwShape *y_shape, GwTensor *z, GError **error);
/* Runs one loop over `n` elements of these sizes, cut by size. */
void gw_cpu_map (GwKernelContext *context, GwUnaryLoop loop, const void *x, size_t x_size, void *y,
                 size_t y_size, int64_t n);

/* outputs[0] = inputs[1] where inputs[0], seen as `condition_shape`, is true, else
 * inputs[2]; all are broadcast. Any element type, strings as well. */
gboolean gw_cpu_select (GwKernelContext *context, const GwShape *condition_shape, GError **error);

G_END_DECLS
