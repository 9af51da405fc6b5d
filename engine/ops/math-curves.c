/* SPDX-License-Identifier: Apache-2.0 */
/* Angles and hyperbolas, element by element. */
#include "engine/ops/math-common.h"

/* 1 ± x², and what the gradients of the inverse functions divide by. */
static GwOutput
one_and_square (GwBuilder  *b,
                const char *op,
                GwOutput    x)
{
  return gw_op2 (b, op, gw_const_like (b, x, 1), gw_op1 (b, "Square", x));
}

#define CURVE(NAME, TYPE, TITLE, FUNCTION, GRADIENT, SUMMARY, DOC, EXAMPLES)                                      \
  GW_UNARY_FUNCTION (NAME, FUNCTION)                                                                                \
  GW_UNARY_GRADIENT (NAME, GRADIENT)                                                                              \
  GW_UNARY_OP (NAME, TYPE, TITLE, "maths/Trigonometry", GW_FLOAT_OR_COMPLEX, 0, NAME##_grad, GW_X_Y, SUMMARY, DOC, \
               EXAMPLES)

/* ---- angles ---- */

CURVE (sine, "Sin", "Sine", GW_UNARY_SIN, MUL (dz, gw_op1 (b, "Cos", CONJ (x))),
       "The sine of every element, an angle in radians.", "From -1 to 1; NaN for infinite angles.",
       GW_EXAMPLE_1 ("[0.0, 1.5707964]", "[0, 1]"))
CURVE (cosine, "Cos", "Cosine", GW_UNARY_COS, NEG (MUL (dz, gw_op1 (b, "Sin", CONJ (x)))),
       "The cosine of every element, an angle in radians.", "From -1 to 1; NaN for infinite angles.",
       GW_EXAMPLE_1 ("[0.0, 3.1415927]", "[1, -1]"))
CURVE (tangent, "Tan", "Tangent", GW_UNARY_TAN, MUL (dz, gw_op1 (b, "Square", gw_op1 (b, "Reciprocal", gw_op1 (b, "Cos", CONJ (x))))),
       "The tangent of every element, an angle in radians.", "`y = sin x / cos x`; it grows without bound at odd multiples of π / 2.",
       GW_EXAMPLE_1 ("[0.0, 0.7853982]", "[0, 1]"))
CURVE (arc_sine, "Asin", "Arc sine", GW_UNARY_ASIN, DIV (dz, gw_op1 (b, "Sqrt", one_and_square (b, "Sub", CONJ (x)))),
       "The angle whose sine is each element.", "From -π / 2 to π / 2; NaN outside of -1 to 1. The gradient is infinite at -1 and 1.",
       GW_EXAMPLE_1 ("[0.0, 0.5, -0.5]", "[0, 0.5235988, -0.5235988]"))
CURVE (arc_cosine, "Acos", "Arc cosine", GW_UNARY_ACOS, NEG (DIV (dz, gw_op1 (b, "Sqrt", one_and_square (b, "Sub", CONJ (x))))),
       "The angle whose cosine is each element.", "From 0 to π; NaN outside of -1 to 1. The gradient is infinite at -1 and 1.",
       GW_EXAMPLE_1 ("[0.0, 0.5, -0.5]", "[1.5707964, 1.0471976, 2.0943952]"))
CURVE (arc_tangent, "Atan", "Arc tangent", GW_UNARY_ATAN, DIV (dz, one_and_square (b, "AddV2", CONJ (x))),
       "The angle whose tangent is each element.", "In radians, from -π / 2 to π / 2. For the angle of a point, in all four quadrants, take *Atan2*.",
       GW_EXAMPLE_1 ("[0.0, 1, -1]", "[0, 0.7853982, -0.7853982]"))

/* ---- hyperbolas ---- */

CURVE (hyperbolic_sine, "Sinh", "Hyperbolic sine", GW_UNARY_SINH, MUL (dz, gw_op1 (b, "Cosh", CONJ (x))),
       "Half of eˣ - e⁻ˣ.", "An odd function that grows like the exponential on both sides.",
       GW_EXAMPLE_1 ("[0.0, 1, -1]", "[0, 1.1752012, -1.1752012]"))
CURVE (hyperbolic_cosine, "Cosh", "Hyperbolic cosine", GW_UNARY_COSH, MUL (dz, gw_op1 (b, "Sinh", CONJ (x))),
       "Half of eˣ + e⁻ˣ.", "The curve of a hanging chain, 1 at its lowest point.",
       GW_EXAMPLE_1 ("[0.0, 1, -1]", "[1, 1.5430807, 1.5430807]"))
CURVE (area_sine, "Asinh", "Inverse hyperbolic sine", GW_UNARY_ASINH, DIV (dz, gw_op1 (b, "Cosh", CONJ (z))),
       "The number whose hyperbolic sine is each element.", "Like a logarithm for large elements, of either sign, and like x for small ones.",
       GW_EXAMPLE_1 ("[0.0, 1, -1]", "[0, 0.8813736, -0.8813736]"))
CURVE (area_cosine, "Acosh", "Inverse hyperbolic cosine", GW_UNARY_ACOSH, DIV (dz, gw_op1 (b, "Sinh", CONJ (z))),
       "The number from 0 on whose hyperbolic cosine is each element.", "`y = ln (x + √(x² - 1))`, from 0 on; NaN below 1.",
       GW_EXAMPLE_1 ("[1.5, 2, 3]", "[0.9624237, 1.316958, 1.7627472]"))
CURVE (area_tangent, "Atanh", "Inverse hyperbolic tangent", GW_UNARY_ATANH, DIV (dz, one_and_square (b, "Sub", CONJ (x))),
       "The number whose hyperbolic tangent is each element.", "`y = ½ ln ((1 + x) / (1 - x))`; infinite at -1 and 1, NaN beyond.",
       GW_EXAMPLE_1 ("[0.0, 0.5, -0.5]", "[0, 0.54930615, -0.54930615]"))

/* ---- two sides ---- */

GW_BINARY_FUNCTION (arc_tangent_2, GW_BINARY_ATAN2)

static void
arc_tangent_2_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput y = gw_grad_x (context, 0), x = gw_grad_x (context, 1);
  GwOutput share = DIV (gw_grad_dy (context, 0), ADD (gw_op1 (b, "Square", y), gw_op1 (b, "Square", x)));

  if (context->wanted[0])
    context->dx[0] = gw_grad_unbroadcast (context, MUL (x, share), y);
  if (context->wanted[1])
    context->dx[1] = gw_grad_unbroadcast (context, MUL (NEG (y), share), x);
}

static const GwOpDef arc_tangent_2 = {
  .name = "Atan2", .since = 1, .title = "Arc tangent of two sides", .category = "maths/Trigonometry",
  .summary = "The angle of the point (x, y), seen from the origin.",
  .doc = "`z` from -π to π with `tan z = y / x`, in the quadrant that the signs of both tell; unlike *Atan* of the quotient "
         "it tells opposite directions apart and does not mind x being 0. The vertical side comes first." GW_BROADCASTING,
  .inputs = GW_PORTS ({ "y", "T", "The vertical side." }, { "x", "T", "The horizontal side." }),
  .outputs = GW_PORTS ({ "z", "T", "The angle, in radians." }),
  .attrs = GW_ATTRS (GW_MATH_T (GW_ANY_FLOAT)), .flags = GW_OP_INPLACE,
  .shape = gw_shape_rule_broadcast, .grad = arc_tangent_2_grad, GW_FUNCTION (arc_tangent_2),
  .examples = GW_EXAMPLE_2 ("[1.0, 1, -1]", "[1.0, -1, -1]", "[0.7853982, 2.3561945, -2.3561945]"),
};

const GwOpDef *const gw_ops_math_curves[] = {
  &sine, &cosine, &tangent, &arc_sine, &arc_cosine, &arc_tangent, &arc_tangent_2, &hyperbolic_sine, &hyperbolic_cosine,
  &area_sine, &area_cosine, &area_tangent, NULL,
};
