/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of one operand, element by element, with the backward ops of those
 * whose gradient is one pass over the result. */
#include "engine/ops/math-common.h"

/* ---- signs and powers ---- */

GW_UNARY_FUNCTION (neg, GW_UNARY_NEG)
GW_UNARY_GRADIENT (neg, NEG (dz))
GW_UNARY_OP (neg, "Neg", "Negative", "maths/Arithmetic", GW_SIGNED_OR_COMPLEX, 0, neg_grad, GW_X_Y,
             "Changes the sign of every element.",
             "`y = -x`. The lowest integer of a type has no positive counterpart and stays what it is.",
             GW_EXAMPLE_1 ("[1.5, -2, 0]", "[-1.5, 2, 0]"))

GW_UNARY_FUNCTION (square, GW_UNARY_SQUARE)
GW_UNARY_GRADIENT (square, MUL (dz, MUL (CONJ (x), NUMBER (2))))
GW_UNARY_OP (square, "Square", "Square", "maths/Powers and logarithms", GW_ANY_NUMBER, 0, square_grad, GW_X_Y,
             "Multiplies every element by itself.",
             "`y = x · x`. Integers wrap around where the square does not fit their type.\n\n"
             "A square weighs large deviations more than small ones; the mean of squared differences is "
             "the usual loss of a regression (see also *SquaredDifference*).",
             GW_EXAMPLE_1 ("[[1.5, -2], [3, 0]]", "[[2.25, 4], [9, 0]]"))

GW_UNARY_FUNCTION (absolute, GW_UNARY_ABS)
GW_UNARY_GRADIENT (absolute, MUL (dz, gw_op1 (b, "Sign", x)))
GW_UNARY_OP (absolute, "Abs", "Absolute value", "maths/Arithmetic", GW_ANY_SIGNED, 0, absolute_grad, GW_X_Y,
             "The distance of every element from zero.",
             "`y = |x|`. The gradient is the sign of x, and 0 at 0, where the function has a corner.",
             GW_EXAMPLE_1 ("[-2.25, 3.5, 0.5]", "[2.25, 3.5, 0.5]"))

GW_UNARY_FUNCTION (sign, GW_UNARY_SIGN)
GW_UNARY_GRADIENT (sign, gw_op1 (b, "ZerosLike", x))
GW_UNARY_OP (sign, "Sign", "Sign", "maths/Arithmetic", GW_SIGNED_OR_COMPLEX, 0, sign_grad, GW_X_Y,
             "-1, 0 or 1 for negative, zero and positive elements.",
             "NaN stays NaN. The gradient is 0 everywhere: nothing is learned through a sign.",
             GW_EXAMPLE_1 ("[-7.5, 0, 2.5]", "[-1, 0, 1]"))

GW_UNARY_FUNCTION (reciprocal, GW_UNARY_RECIPROCAL)
GW_UNARY_GRADIENT (reciprocal, gw_op2 (b, "ReciprocalGrad", z, dz))
GW_UNARY_OP (reciprocal, "Reciprocal", "Reciprocal", "maths/Arithmetic", GW_FLOAT_OR_COMPLEX, 0, reciprocal_grad, GW_X_Y,
             "One divided by every element.",
             "`y = 1 / x`; infinity at 0, with the sign of the zero.",
             GW_EXAMPLE_1 ("[2.0, -4, 0.5]", "[0.5, -0.25, 2]"))

GW_UNARY_FUNCTION (inverse_v1, GW_UNARY_RECIPROCAL)
GW_UNARY_OP (inverse_v1, "Inv", "Reciprocal (first version)", "maths/Arithmetic", GW_FLOAT_OR_COMPLEX, GW_OP_HIDDEN,
             reciprocal_grad, GW_X_Y, "One divided by every element, as older graphs write it.",
             "The same as *Reciprocal*: `y = 1 / x`.", GW_EXAMPLE_1 ("[2.0, -4, 0.5]", "[0.5, -0.25, 2]"))

GW_UNARY_FUNCTION (square_root, GW_UNARY_SQRT)
GW_UNARY_GRADIENT (square_root, gw_op2 (b, "SqrtGrad", z, dz))
GW_UNARY_OP (square_root, "Sqrt", "Square root", "maths/Powers and logarithms", GW_FLOAT_OR_COMPLEX, 0, square_root_grad, GW_X_Y,
             "The square root of every element.",
             "NaN for negative elements. The gradient `1 / (2 √x)` grows without bound towards 0: add a small "
             "number before the root where x can reach it.",
             GW_EXAMPLE_1 ("[4.0, 2.25, 0.25]", "[2, 1.5, 0.5]"))

GW_UNARY_FUNCTION (inverse_root, GW_UNARY_RSQRT)
GW_UNARY_GRADIENT (inverse_root, gw_op2 (b, "RsqrtGrad", z, dz))
GW_UNARY_OP (inverse_root, "Rsqrt", "Inverse square root", "maths/Powers and logarithms", GW_FLOAT_OR_COMPLEX, 0, inverse_root_grad, GW_X_Y,
             "One divided by the square root of every element.",
             "`y = 1 / √x`, as normalisations use it; infinity at 0, NaN below.",
             GW_EXAMPLE_1 ("[4.0, 0.25, 1]", "[0.5, 2, 1]"))

/* ---- exponentials, logarithms ---- */

GW_UNARY_FUNCTION (exponential, GW_UNARY_EXP)
GW_UNARY_GRADIENT (exponential, MUL (dz, CONJ (z)))
GW_UNARY_OP (exponential, "Exp", "Exponential", "maths/Powers and logarithms", GW_FLOAT_OR_COMPLEX, 0, exponential_grad, GW_X_Y,
             "e to the power of every element.",
             "`y = eˣ`. float32 overflows to infinity above 88.7. The function is its own gradient.",
             GW_EXAMPLE_1 ("[0.0, 1, -1]", "[1, 2.7182817, 0.36787945]"))

GW_UNARY_FUNCTION (exponential_m1, GW_UNARY_EXPM1)
GW_UNARY_GRADIENT (exponential_m1, MUL (dz, gw_op1 (b, "Exp", CONJ (x))))
GW_UNARY_OP (exponential_m1, "Expm1", "Exponential minus one", "maths/Powers and logarithms", GW_FLOAT_OR_COMPLEX, 0, exponential_m1_grad, GW_X_Y,
             "e to the power of every element, minus 1, exact near zero.",
             "`y = eˣ - 1`. Where x is small, `Exp` followed by a subtraction would lose most digits; this does not.",
             GW_EXAMPLE_1 ("[0.0, 1, 1e-7]", "[0, 1.7182818, 1e-7]"))

GW_UNARY_FUNCTION (logarithm, GW_UNARY_LOG)
GW_UNARY_GRADIENT (logarithm, MUL (dz, gw_op1 (b, "Reciprocal", CONJ (x))))
GW_UNARY_OP (logarithm, "Log", "Logarithm", "maths/Powers and logarithms", GW_FLOAT_OR_COMPLEX, 0, logarithm_grad, GW_X_Y,
             "The natural logarithm of every element.",
             "-infinity at 0 and NaN below. A loss that takes the logarithm of a probability should be built from "
             "the logits instead (*SoftmaxCrossEntropyWithLogits*), which cannot meet a zero.",
             GW_EXAMPLE_1 ("[1.0, 2.7182817, 0.5]", "[0, 1, -0.6931472]"))

GW_UNARY_FUNCTION (logarithm_1p, GW_UNARY_LOG1P)
GW_UNARY_GRADIENT (logarithm_1p, MUL (dz, gw_op1 (b, "Reciprocal", ADD (NUMBER (1), CONJ (x)))))
GW_UNARY_OP (logarithm_1p, "Log1p", "Logarithm of one plus", "maths/Powers and logarithms", GW_FLOAT_OR_COMPLEX, 0, logarithm_1p_grad, GW_X_Y,
             "The natural logarithm of 1 + x, exact near zero.",
             "`y = ln (1 + x)`; -infinity at -1 and NaN below.",
             GW_EXAMPLE_1 ("[0.0, 1, 1e-7]", "[0, 0.6931472, 1e-7]"))

/* ---- rounding ---- */

GW_UNARY_FUNCTION (floor_of, GW_UNARY_FLOOR)
GW_UNARY_OP (floor_of, "Floor", "Round down", "maths/Rounding", GW_ANY_FLOAT, GW_OP_STOPS_GRADIENT, NULL, GW_X_Y,
             "The largest whole number not above each element.",
             "The result stays a floating-point number. No gradient flows through it.",
             GW_EXAMPLE_1 ("[1.7, -1.2, 3]", "[1, -2, 3]"))

GW_UNARY_FUNCTION (ceiling, GW_UNARY_CEIL)
GW_UNARY_OP (ceiling, "Ceil", "Round up", "maths/Rounding", GW_ANY_FLOAT, GW_OP_STOPS_GRADIENT, NULL, GW_X_Y,
             "The smallest whole number not below each element.",
             "The result stays a floating-point number. No gradient flows through it.",
             GW_EXAMPLE_1 ("[1.2, -1.7, 3]", "[2, -1, 3]"))

GW_UNARY_FUNCTION (nearest, GW_UNARY_RINT)
GW_UNARY_OP (nearest, "Rint", "Round", "maths/Rounding", GW_FLOAT_TYPES, GW_OP_STOPS_GRADIENT, NULL, GW_X_Y,
             "The nearest whole number, the even one of two equally near.",
             "The result stays a floating-point number. No gradient flows through it.",
             GW_EXAMPLE_1 ("[0.5, 1.5, -1.7]", "[0, 2, -2]"))

#define ROUND_TYPES GW_CHOICES (GW_FLOATS, "int32", "int64")
GW_UNARY_FUNCTION (nearest_v1, GW_UNARY_RINT)
GW_UNARY_OP (nearest_v1, "Round", "Round (as Python)", "maths/Rounding", ROUND_TYPES, GW_OP_STOPS_GRADIENT | GW_OP_HIDDEN, NULL, GW_X_Y,
             "The nearest whole number, the even one of two equally near.",
             "The same as *Rint*, of more types: integers stay. What TensorFlow's `round` writes. No gradient flows through it.",
             GW_EXAMPLE_1 ("[0.5, 1.5, -1.7]", "[0, 2, -2]"))

/* ---- backward ops ---- */

#define Y_HELP "The forward op's result."
#define DY_HELP "The gradient that arrives at it."
#define Z_HELP "The gradient for the operand."

GW_BINARY_FUNCTION (square_root_backward, GW_BINARY_SQRT_GRAD)
GW_BINARY_GRADIENT (square_root_backward, NEG (MUL (CONJ (DIV (dz, x)), z)), MUL (NUMBER (0.5), DIV (dz, x)))
GW_BACKWARD_OP (square_root_backward, "SqrtGrad", "Gradient of Sqrt", "maths/Powers and logarithms", GW_FLOAT_OR_COMPLEX,
                "y", Y_HELP, "dy", DY_HELP, "z", Z_HELP,
                "The gradient of the square root, from its result.", "`z = dy / (2 y)` where `y = √x`.",
                GW_EXAMPLE_2 ("[2.0, 0.5]", "[1.0, 3]", "[0.25, 3]"))

GW_BINARY_FUNCTION (inverse_root_backward, GW_BINARY_RSQRT_GRAD)
GW_BINARY_GRADIENT (inverse_root_backward, MUL (MUL (MUL (NUMBER (-1.5), CONJ (dz)), y), gw_op1 (b, "Square", CONJ (x))),
                    gw_op2 (b, "RsqrtGrad", CONJ (x), dz))
GW_BACKWARD_OP (inverse_root_backward, "RsqrtGrad", "Gradient of Rsqrt", "maths/Powers and logarithms", GW_FLOAT_OR_COMPLEX,
                "y", Y_HELP, "dy", DY_HELP, "z", Z_HELP,
                "The gradient of the inverse square root, from its result.", "`z = -dy · y³ / 2` where `y = 1 / √x`.",
                GW_EXAMPLE_2 ("[2.0, 0.5]", "[1.0, 4]", "[-4, -0.25]"))

GW_BINARY_FUNCTION (reciprocal_backward, GW_BINARY_RECIPROCAL_GRAD)
GW_BINARY_GRADIENT (reciprocal_backward, MUL (MUL (MUL (CONJ (dz), NUMBER (-2)), y), CONJ (x)),
                    gw_op2 (b, "ReciprocalGrad", CONJ (x), dz))
GW_BACKWARD_OP (reciprocal_backward, "ReciprocalGrad", "Gradient of Reciprocal", "maths/Arithmetic", GW_FLOAT_OR_COMPLEX,
                "y", Y_HELP, "dy", DY_HELP, "z", Z_HELP,
                "The gradient of the reciprocal, from its result.", "`z = -dy · y²` where `y = 1 / x`.",
                GW_EXAMPLE_2 ("[2.0, 0.5]", "[1.0, 4]", "[-4, -1]"))

GW_BINARY_FUNCTION (inverse_v1_backward, GW_BINARY_RECIPROCAL_GRAD)
#define inverse_v1_backward_grad reciprocal_backward_grad
GW_BACKWARD_OP (inverse_v1_backward, "InvGrad", "Gradient of Inv", "maths/Arithmetic", GW_FLOAT_OR_COMPLEX,
                "y", Y_HELP, "dy", DY_HELP, "z", Z_HELP,
                "The gradient of the reciprocal, as older graphs write it.",
                "The same as *ReciprocalGrad*: `z = -dy · y²` where `y = 1 / x`.",
                GW_EXAMPLE_2 ("[2.0, 0.5]", "[1.0, 4]", "[-4, -1]"))

/* ---- Cast ---- */

enum { CAST_SRC, CAST_DST, CAST_TRUNCATE };

static gboolean
cast_cpu (GwKernelContext *context,
          GError         **error)
{
  return gw_cpu_cast (context, context->inputs[0], context->attrs[CAST_TRUNCATE].b, context->outputs[0], error);
}

static gboolean
has_gradient (GwDType dtype)
{
  return gw_dtype_is_floating (dtype) || gw_dtype_is_complex (dtype);
}

static void
cast_grad (GwGradContext *context)
{
  GwDType from = gw_output_dtype (gw_grad_x (context, 0));

  if (has_gradient (from) && has_gradient (gw_output_dtype (gw_grad_y (context, 0))))
    context->dx[0] = gw_op (context->builder, "Cast", GW_IN (gw_grad_dy (context, 0)),
                            GW_WITH ({ "DstT", gw_attr_dtype (from) }));
}

static gboolean
cast_partial_value (GwShapeContext *context,
                    GwShape        *value)
{
  return gw_dtype_is_integer (context->attrs[CAST_SRC].dtype) &&
         gw_dtype_is_integer (context->attrs[CAST_DST].dtype) &&
         context->get_partial (context, 0, value);
}

#define CAST_TYPES GW_CHOICES (GW_FLOATS, GW_SIGNED_INTEGERS, GW_UNSIGNED_INTEGERS, GW_COMPLEXES, "bool")

static const GwOpDef cast = {
  .name = "Cast", .since = 1, .title = "Convert type", .category = "arrays/Types and checks",
  .summary = "The same values in another element type.",
  .doc = "Floating-point numbers become integers by dropping what stands behind the point. A bool becomes 0 or 1; "
         "as a bool, whatever is not zero is true. An integer that does not fit wraps around. A number that a narrower "
         "floating-point type does not have is rounded to the nearest that it has. A complex number gives its real part.\n\n"
         "A gradient flows only between floating-point and complex types.",
  .inputs = GW_PORTS ({ "x", "SrcT", "The values." }),
  .outputs = GW_PORTS ({ "y", "DstT", "The values in the new type." }),
  .attrs = GW_ATTRS (
    [CAST_SRC] = { "SrcT", GW_ATTR_DTYPE, .choices = CAST_TYPES, .label = "From",
                   .help = "Element type of x; follows from what is wired.",
                   .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },
    [CAST_DST] = { "DstT", GW_ATTR_DTYPE, .choices = CAST_TYPES, .label = "To", .help = "The new element type.",
                   .flags = GW_ATTR_REQUIRED },
    [CAST_TRUNCATE] = { "Truncate", GW_ATTR_BOOL, .def = "false", .label = "Truncate",
                        .help = "Whether a narrower floating-point type drops the bits that it does not have, "
                                "instead of rounding." }),
  .shape = gw_shape_rule_same, .partial_value = cast_partial_value, .grad = cast_grad, .cpu = cast_cpu,
  .elementwise = { .arity = 1, .converts = TRUE },
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1.8, -2.2]"), "SrcT=float32 DstT=int32", GW_TEXTS ("[1, -2]") },
    { GW_TEXTS ("[true, false]"), "SrcT=bool DstT=float32", GW_TEXTS ("[1, 0]") },
    { GW_TEXTS ("[0, 3]"), "SrcT=int32 DstT=bool", GW_TEXTS ("[false, true]") },
    { GW_TEXTS ("[300, -1]"), "SrcT=int32 DstT=uint8", GW_TEXTS ("[44, 255]") },
    { GW_TEXTS ("[1.5, -2.5]"), "SrcT=float32 DstT=float64", GW_TEXTS ("[1.5, -2.5]") },
    { GW_TEXTS ("[3.9999]"), "SrcT=float32 DstT=bfloat16 Truncate=true", GW_TEXTS ("[3.984375]") },
    { GW_TEXTS ("[1.5+2j]"), "SrcT=complex64 DstT=float32", GW_TEXTS ("[1.5]") }),
  .tell = GW_CHOICES ("DstT"),
};

/* ---- tests of numbers ---- */

#define TEST_OP(NAME, TYPE, TITLE, FUNCTION, SUMMARY, DOC, EXAMPLES)                                \
  GW_UNARY_FUNCTION (NAME, FUNCTION)                                                                  \
  static const GwOpDef NAME = {                                                                     \
    .name = TYPE, .since = 1, .title = TITLE, .category = "maths/Comparing", .summary = SUMMARY, .doc = DOC,  \
    .inputs = GW_PORTS ({ "x", "T", "The operand." }),                                              \
    .outputs = GW_PORTS ({ "y", "bool", "True where it holds." }),                                  \
    .attrs = GW_ATTRS (GW_MATH_T (GW_ANY_FLOAT)), .flags = GW_OP_STOPS_GRADIENT,                  \
    .shape = gw_shape_rule_same, GW_FUNCTION (NAME), .examples = EXAMPLES,                           \
  };

TEST_OP (is_nan, "IsNan", "Is not a number", GW_UNARY_IS_NAN, "True where an element is NaN.",
         "NaN (“not a number”) is what 0 / 0 or the logarithm of a negative number gives; it spreads to all that is "
         "computed from it.", GW_EXAMPLE_1 ("[1.0, nan, inf]", "[false, true, false]"))
TEST_OP (is_infinite, "IsInf", "Is infinite", GW_UNARY_IS_INF, "True where an element is plus or minus infinity.",
         "Infinity is what an overflow or a division by zero gives.",
         GW_EXAMPLE_1 ("[1.0, nan, -inf]", "[false, false, true]"))
TEST_OP (is_finite, "IsFinite", "Is finite", GW_UNARY_IS_FINITE, "True where an element is neither infinite nor NaN.",
         "Followed by *All*, it tells whether a tensor is healthy.",
         GW_EXAMPLE_1 ("[1.0, nan, -inf]", "[true, false, false]"))

const GwOpDef *const gw_ops_math_unary[] = {
  &neg, &square, &absolute, &sign, &reciprocal, &inverse_v1, &square_root, &inverse_root, &exponential, &exponential_m1,
  &logarithm, &logarithm_1p, &floor_of, &ceiling, &nearest, &nearest_v1, &square_root_backward,
  &inverse_root_backward, &reciprocal_backward, &inverse_v1_backward, &cast, &is_nan, &is_infinite, &is_finite, NULL,
};
