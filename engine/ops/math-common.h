/* SPDX-License-Identifier: Apache-2.0 */
/* What the families of element-wise ops share: types, descriptors of one and two
 * operands, gradients written as formulas. The macros make one GwOpDef a line; they
 * are for the family files alone. */
#pragma once

#include "engine/device/cpu/elementwise.h"
#include "engine/graph/builder.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/families.h"

G_BEGIN_DECLS

#define GW_SIGNED_TYPES GW_CHOICES ("float32", "float64", "int32", "int64", "int8", "int16")
#define GW_INTEGER_TYPES GW_CHOICES ("int32", "int64", "uint8", "int8", "int16", "uint16")

#define GW_MATH_T(types)                                                                            \
  { "T", GW_ATTR_DTYPE, .choices = types, .label = "Type",                                          \
    .help = "Element type; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
#define GW_MATH_INDEX(name)                                                                         \
  { name, GW_ATTR_DTYPE, .def = "int32", .choices = GW_INDEX_TYPES, .label = "Index type",          \
    .help = "Type of the axes; follows from what is wired.", .flags = GW_ATTR_HIDDEN }

/* Names of the ports and what is said of them. */
#define GW_X_Y "x", "The operand.", "y", "The result, of the same shape."

/* The kernel `NAME_cpu`. */
#define GW_UNARY_KERNEL(NAME, FUNCTION)                                   \
  static gboolean                                                         \
  NAME##_cpu (GwKernelContext *context, GError **error)                   \
  {                                                                       \
    return gw_cpu_unary (context, FUNCTION, error);                       \
  }
#define GW_BINARY_KERNEL(NAME, FUNCTION)                                  \
  static gboolean                                                         \
  NAME##_cpu (GwKernelContext *context, GError **error)                   \
  {                                                                       \
    return gw_cpu_binary (context, FUNCTION, error);                      \
  }

/* The gradient `NAME_grad` from formulas in b (builder), x, y (operands), z (result)
 * and dz (its gradient). */
#define GW_UNARY_GRADIENT(NAME, VALUE)                                    \
  static void                                                             \
  NAME##_grad (GwGradContext *context)                                    \
  {                                                                       \
    G_GNUC_UNUSED GwBuilder *b = context->builder;                        \
    G_GNUC_UNUSED GwOutput x = gw_grad_x (context, 0);                    \
    G_GNUC_UNUSED GwOutput z = gw_grad_y (context, 0);                    \
    G_GNUC_UNUSED GwOutput dz = gw_grad_dy (context, 0);                  \
                                                                          \
    context->dx[0] = (VALUE);                                             \
  }
#define GW_BINARY_GRADIENT(NAME, DX, DY)                                  \
  static void                                                             \
  NAME##_grad (GwGradContext *context)                                    \
  {                                                                       \
    G_GNUC_UNUSED GwBuilder *b = context->builder;                        \
    G_GNUC_UNUSED GwOutput x = gw_grad_x (context, 0);                    \
    G_GNUC_UNUSED GwOutput y = gw_grad_x (context, 1);                    \
    G_GNUC_UNUSED GwOutput z = gw_grad_y (context, 0);                    \
    G_GNUC_UNUSED GwOutput dz = gw_grad_dy (context, 0);                  \
                                                                          \
    if (context->wanted[0])                                               \
      context->dx[0] = gw_grad_unbroadcast (context, (DX), x);            \
    if (context->wanted[1])                                               \
      context->dx[1] = gw_grad_unbroadcast (context, (DY), y);            \
  }

/* Short for the formulas. */
#define NEG(a) gw_op1 (b, "Neg", (a))
#define ADD(a, c) gw_op2 (b, "AddV2", (a), (c))
#define SUB(a, c) gw_op2 (b, "Sub", (a), (c))
#define MUL(a, c) gw_op2 (b, "Mul", (a), (c))
#define DIV(a, c) gw_op2 (b, "RealDiv", (a), (c))
#define NUMBER(value) gw_const_like (b, dz, (value))

/* A descriptor of one operand; the ports' names and helps as GW_X_Y has them. */
#define GW_UNARY_OP(...) GW_UNARY_OP_ (__VA_ARGS__)
#define GW_UNARY_OP_(NAME, TYPE, TITLE, CATEGORY, TYPES, FLAGS, GRADIENT, IN, IN_HELP, OUT, OUT_HELP, SUMMARY, DOC, EXAMPLES) \
  static const GwOpDef NAME = {                                                                     \
    .name = TYPE, .since = 1, .title = TITLE, .category = CATEGORY, .summary = SUMMARY, .doc = DOC, \
    .inputs = GW_PORTS ({ IN, "T", IN_HELP }),                                                      \
    .outputs = GW_PORTS ({ OUT, "T", OUT_HELP }),                                                   \
    .attrs = GW_ATTRS (GW_MATH_T (TYPES)),                                                          \
    .flags = GW_OP_INPLACE | (FLAGS),                                                               \
    .shape = gw_shape_rule_same, .grad = GRADIENT, .cpu = NAME##_cpu,                               \
    .examples = EXAMPLES,                                                                           \
  };

/* A backward op: (gradients, features) or (y, dy), of one shape. */
#define GW_BACKWARD_OP(...) GW_BACKWARD_OP_ (__VA_ARGS__)
#define GW_BACKWARD_OP_(NAME, TYPE, TITLE, CATEGORY, TYPES, X, X_HELP, Y, Y_HELP, Z, Z_HELP, SUMMARY, DOC, EXAMPLES) \
  static const GwOpDef NAME = {                                                                     \
    .name = TYPE, .since = 1, .title = TITLE, .category = CATEGORY, .summary = SUMMARY, .doc = DOC, \
    .inputs = GW_PORTS ({ X, "T", X_HELP }, { Y, "T", Y_HELP }),                                    \
    .outputs = GW_PORTS ({ Z, "T", Z_HELP }),                                                       \
    .attrs = GW_ATTRS (GW_MATH_T (TYPES)),                                                          \
    .flags = GW_OP_INPLACE | GW_OP_HIDDEN,                                                          \
    .shape = gw_shape_rule_merge, .grad = NAME##_grad, .cpu = NAME##_cpu,                           \
    .examples = EXAMPLES,                                                                           \
  };

/* One example of one operand, of two. */
#define GW_EXAMPLE_1(x, y) GW_EXAMPLES ({ GW_TEXTS (x), NULL, GW_TEXTS (y) })
#define GW_EXAMPLE_2(x, y, z) GW_EXAMPLES ({ GW_TEXTS (x, y), NULL, GW_TEXTS (z) })

/* Partial value of AddV2, Sub and Mul of shapes: what is known element by element. */
typedef enum {
  GW_PARTIAL_ADD,
  GW_PARTIAL_SUB,
  GW_PARTIAL_MUL,
} GwPartialOp;
gboolean gw_math_partial_value (GwShapeContext *context, GwPartialOp op, GwShape *value);

G_END_DECLS
