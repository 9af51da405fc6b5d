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

/* Element types by kind, and the sets of them that ops have. */
#define GW_FLOATS "float32", "float64", "float16", "bfloat16"
#define GW_SIGNED_INTEGERS "int32", "int64", "int8", "int16"
#define GW_UNSIGNED_INTEGERS "uint8", "uint16", "uint32", "uint64"
#define GW_COMPLEXES "complex64", "complex128"
#define GW_ANY_FLOAT GW_CHOICES (GW_FLOATS)
#define GW_FLOAT_OR_HALF GW_CHOICES ("float32", "float64", "float16")
#define GW_FLOAT_OR_COMPLEX GW_CHOICES (GW_FLOATS, GW_COMPLEXES)
#define GW_ANY_COMPLEX GW_CHOICES (GW_COMPLEXES)
#define GW_ANY_SIGNED GW_CHOICES (GW_FLOATS, GW_SIGNED_INTEGERS)
#define GW_SIGNED_OR_COMPLEX GW_CHOICES (GW_FLOATS, GW_SIGNED_INTEGERS, GW_COMPLEXES)
#define GW_ANY_INTEGER GW_CHOICES (GW_SIGNED_INTEGERS, GW_UNSIGNED_INTEGERS)
#define GW_ANY_REAL GW_CHOICES (GW_FLOATS, GW_SIGNED_INTEGERS, GW_UNSIGNED_INTEGERS)
#define GW_ANY_NUMBER GW_CHOICES (GW_FLOATS, GW_SIGNED_INTEGERS, GW_UNSIGNED_INTEGERS, GW_COMPLEXES)

#define GW_MATH_T(types)                                                                            \
  { "T", GW_ATTR_DTYPE, .choices = types, .label = "Type",                                          \
    .help = "Element type; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
#define GW_MATH_INDEX(name)                                                                         \
  { name, GW_ATTR_DTYPE, .def = "int32", .choices = GW_INDEX_TYPES, .label = "Index type",          \
    .help = "Type of the axes; follows from what is wired.", .flags = GW_ATTR_HIDDEN }

/* Names of the ports and what is said of them. */
#define GW_X_Y "x", "The operand.", "y", "The result, of the same shape."

/* NAME is nothing but this function, applied to each element; its descriptor says so by
 * GW_FUNCTION (NAME). */
#define GW_UNARY_FUNCTION(NAME, FUNCTION) enum { NAME##_arity = 1, NAME##_function = FUNCTION };
#define GW_BINARY_FUNCTION(NAME, FUNCTION) enum { NAME##_arity = 2, NAME##_function = FUNCTION };
#define GW_TERNARY_FUNCTION(NAME, FUNCTION) enum { NAME##_arity = 3, NAME##_function = FUNCTION };
#define GW_FUNCTION(NAME) .cpu = gw_cpu_elementwise, .elementwise = { NAME##_arity, NAME##_function }

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

/* x, its conjugate where it is complex: a gradient points along the conjugate. */
static inline GwOutput
gw_math_conj (GwBuilder *builder,
              GwOutput   x)
{
  if (x.node == NULL || !gw_dtype_is_complex (gw_output_dtype (x)))
    return x;
  return gw_op (builder, "Conj", GW_IN (x), NULL);
}

/* Short for the formulas. */
#define CONJ(a) gw_math_conj (b, (a))
#define NEG(a) gw_op1 (b, "Neg", (a))
#define ADD(a, c) gw_op2 (b, "AddV2", (a), (c))
#define SUB(a, c) gw_op2 (b, "Sub", (a), (c))
#define MUL(a, c) gw_op2 (b, "Mul", (a), (c))
#define DIV(a, c) gw_op2 (b, "RealDiv", (a), (c))
#define NUMBER(value) gw_const_like (b, dz, (value))

#define GW_BROADCASTING \
  "\n\nShapes are aligned at the right; a dimension that is 1 or missing on one side is repeated: `[2, 3]` and `[3]` " \
  "give `[2, 3]`, `[4, 1]` and `[5]` give `[4, 5]`."

/* A descriptor of two operands that are broadcast, called x and y. */
#define GW_BINARY_OP(NAME, TYPE, TITLE, CATEGORY, TYPES, FLAGS, GRADIENT, PARTIAL, X_HELP, Y_HELP, Z_HELP, SUMMARY, DOC, EXAMPLES) \
  static const GwOpDef NAME = {                                                                       \
    .name = TYPE, .since = 1, .title = TITLE, .category = CATEGORY, .summary = SUMMARY,               \
    .doc = DOC GW_BROADCASTING,                                                                       \
    .inputs = GW_PORTS ({ "x", "T", X_HELP }, { "y", "T", Y_HELP }),                                  \
    .outputs = GW_PORTS ({ "z", "T", Z_HELP }),                                                       \
    .attrs = GW_ATTRS (GW_MATH_T (TYPES)), .flags = GW_OP_INPLACE | (FLAGS),                          \
    .shape = gw_shape_rule_broadcast, .partial_value = PARTIAL, .grad = GRADIENT, GW_FUNCTION (NAME),  \
    .examples = EXAMPLES,                                                                             \
  };

/* A descriptor of one operand; the ports' names and helps as GW_X_Y has them. */
#define GW_UNARY_OP(...) GW_UNARY_OP_ (__VA_ARGS__)
#define GW_UNARY_OP_(NAME, TYPE, TITLE, CATEGORY, TYPES, FLAGS, GRADIENT, IN, IN_HELP, OUT, OUT_HELP, SUMMARY, DOC, EXAMPLES) \
  static const GwOpDef NAME = {                                                                     \
    .name = TYPE, .since = 1, .title = TITLE, .category = CATEGORY, .summary = SUMMARY, .doc = DOC, \
    .inputs = GW_PORTS ({ IN, "T", IN_HELP }),                                                      \
    .outputs = GW_PORTS ({ OUT, "T", OUT_HELP }),                                                   \
    .attrs = GW_ATTRS (GW_MATH_T (TYPES)),                                                          \
    .flags = GW_OP_INPLACE | (FLAGS),                                                               \
    .shape = gw_shape_rule_same, .grad = GRADIENT, GW_FUNCTION (NAME),                               \
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
    .shape = gw_shape_rule_merge, .grad = NAME##_grad, GW_FUNCTION (NAME),                           \
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
