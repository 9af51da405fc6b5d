/* SPDX-License-Identifier: Apache-2.0 */
/* Quotients, remainders, and products with a logarithm that are 0 where a factor is. */
#include "engine/ops/math-common.h"

#define ARITHMETIC "maths/Arithmetic"
#define LOGARITHMS "maths/Powers and logarithms"
#define FEW_TYPES GW_CHOICES ("float32", "float64", "int32", "int64")

/* ---- quotients ---- */

GW_BINARY_FUNCTION (divide, GW_BINARY_DIV)
GW_BINARY_GRADIENT (divide, DIV (dz, CONJ (y)), MUL (dz, DIV (DIV (NEG (CONJ (x)), CONJ (y)), CONJ (y))))
GW_BINARY_OP (divide, "RealDiv", "Divide", ARITHMETIC, GW_FLOAT_OR_COMPLEX, 0, divide_grad, NULL,
              "The dividend.", "The divisor.", "The quotient, x / y.",
              "The quotient of two tensors, element by element.",
              "`z = x / y`; plus or minus infinity where y is 0, NaN for 0 / 0. Integers are converted first "
              "(*Cast*), or divided by *Div* and *FloorDiv*.",
              GW_EXAMPLE_2 ("[[1.5, 2], [3, 4]]", "[0.5, 4]", "[[3, 0.5], [6, 1]]"))

GW_BINARY_FUNCTION (divide_v1, GW_BINARY_DIV)
GW_BINARY_OP (divide_v1, "Div", "Divide (first version)", ARITHMETIC, GW_ANY_NUMBER, GW_OP_HIDDEN, divide_grad, NULL,
              "The dividend.", "The divisor.", "The quotient, x / y.",
              "The quotient of two tensors; integers towards zero.",
              "`z = x / y`. An integer divided by zero is an error.",
              GW_EXAMPLES ({ GW_TEXTS ("[7.5, 2]", "2.5"), NULL, GW_TEXTS ("[3, 0.8]") },
                           { GW_TEXTS ("[7, -7]", "2"), "T=int32", GW_TEXTS ("[3, -3]") }))

GW_BINARY_FUNCTION (truncate_divide, GW_BINARY_TRUNCATE_DIV)
GW_BINARY_OP (truncate_divide, "TruncateDiv", "Divide, rounded towards zero", ARITHMETIC, GW_ANY_REAL, GW_OP_STOPS_GRADIENT,
              NULL, NULL, "The dividend.", "The divisor.", "The quotient without its fraction.",
              "The quotient of two tensors, its fraction dropped.",
              "`z = x / y`, rounded towards zero as C does: -7 / 2 gives -3, where *FloorDiv* gives -4. An integer divided by "
              "zero is an error. No gradient flows through it.",
              GW_EXAMPLE_2 ("[7, -7]", "[2, 2]", "[3, -3]"))

GW_BINARY_FUNCTION (floor_divide, GW_BINARY_FLOOR_DIV)
GW_BINARY_OP (floor_divide, "FloorDiv", "Divide, rounded down", ARITHMETIC, GW_ANY_REAL, GW_OP_STOPS_GRADIENT, NULL, NULL,
              "The dividend.", "The divisor.", "The quotient, rounded down.",
              "The quotient of two tensors, rounded down.",
              "`z = ⌊x / y⌋`, Python's `//`: rounded towards minus infinity, not towards zero. An integer divided by zero is "
              "an error. No gradient flows through it.",
              GW_EXAMPLE_2 ("[7, -7]", "[2, 2]", "[3, -4]"))

GW_BINARY_FUNCTION (floor_modulo, GW_BINARY_FLOOR_MOD)
GW_BINARY_GRADIENT (floor_modulo, dz, MUL (dz, NEG (gw_op2 (b, "FloorDiv", x, y))))
GW_BINARY_OP (floor_modulo, "FloorMod", "Remainder", ARITHMETIC, GW_ANY_REAL, 0, floor_modulo_grad, NULL,
              "The dividend.", "The divisor.", "The remainder, with the sign of y.",
              "The remainder of a division rounded down.",
              "`z = x - ⌊x / y⌋ · y`, Python's `%`: it has the sign of the divisor. An integer divided by zero is an error.",
              GW_EXAMPLE_2 ("[7, -7]", "[3, 3]", "[1, 2]"))

GW_BINARY_FUNCTION (divide_no_nan, GW_BINARY_DIV_NO_NAN)
GW_BINARY_GRADIENT (divide_no_nan, gw_op2 (b, "DivNoNan", dz, CONJ (y)),
                    MUL (dz, gw_op2 (b, "DivNoNan", gw_op2 (b, "DivNoNan", NEG (CONJ (x)), CONJ (y)), CONJ (y))))
GW_BINARY_OP (divide_no_nan, "DivNoNan", "Divide, 0 where the divisor is 0", ARITHMETIC, GW_FLOAT_OR_COMPLEX, 0, divide_no_nan_grad, NULL,
              "The dividend.", "The divisor.", "x / y, or 0.",
              "The quotient of two tensors, and 0 where the divisor is 0.",
              "For means over what may be empty.",
              GW_EXAMPLE_2 ("[3.0, 3]", "[1.5, 0]", "[2, 0]"))

/* ---- remainders ---- */

GW_BINARY_FUNCTION (truncate_modulo, GW_BINARY_TRUNCATE_MOD)
GW_BINARY_OP (truncate_modulo, "TruncateMod", "Remainder with the sign of x", ARITHMETIC, FEW_TYPES, GW_OP_NO_GRADIENT, NULL,
              NULL, "The dividend.", "The divisor.", "The remainder, with the sign of x.",
              "The remainder of a division rounded towards zero.",
              "C's `%` and `fmod`: -7 and 3 give -1, where *FloorMod* gives 2. An integer divided by zero is an error.",
              GW_EXAMPLE_2 ("[7, -7]", "[3, 3]", "[1, -1]"))

GW_BINARY_FUNCTION (modulo_v1, GW_BINARY_TRUNCATE_MOD)
GW_BINARY_OP (modulo_v1, "Mod", "Remainder (first version)", ARITHMETIC, FEW_TYPES, GW_OP_NO_GRADIENT | GW_OP_HIDDEN, NULL,
              NULL, "The dividend.", "The divisor.", "The remainder, with the sign of x.",
              "The remainder of a division rounded towards zero, as older graphs write it.", "The same as *TruncateMod*.",
              GW_EXAMPLE_2 ("[7, -7]", "[3, 3]", "[1, -1]"))

/* ---- nothing times anything is nothing ---- */

/* 1 where x is not 0, else 0. */
static GwOutput
not_zero (GwBuilder *b,
          GwOutput   x)
{
  GwOutput test = gw_op2 (b, "NotEqual", x, gw_const_like (b, x, 0));

  return x.node == NULL ? x : gw_op (b, "Cast", GW_IN (test), GW_WITH ({ "DstT", gw_attr_dtype (gw_output_dtype (x)) }));
}

#define ZERO_OP(NAME, TYPE, TITLE, FUNCTION, FORMULA, DY, Y_HELP, DOC, EXAMPLE)                                    \
  GW_BINARY_FUNCTION (NAME, FUNCTION)                                                                                \
  GW_BINARY_GRADIENT (NAME, MUL (gw_op2 (b, TYPE, not_zero (b, x), y), dz), MUL (DY, dz))                          \
  GW_BINARY_OP (NAME, TYPE, TITLE, LOGARITHMS, GW_FLOAT_OR_COMPLEX, 0, NAME##_grad, NULL, "The factor that decides.", \
                Y_HELP, FORMULA ", or 0.", "`" FORMULA "`, and 0 where x is 0 whatever y is.", DOC, EXAMPLE)

ZERO_OP (x_divided_by_y, "Xdivy", "x / y, 0 where x is 0", GW_BINARY_XDIVY, "x / y",
         gw_op2 (b, "Xdivy", NEG (x), gw_op1 (b, "Square", y)), "The divisor.",
         "0 / 0 is 0 here. The derivatives of *Xlogy* are written with it.",
         GW_EXAMPLE_2 ("[3.0, 0, 0]", "[1.5, 0, 2]", "[2, 0, 0]"))
ZERO_OP (x_log_y, "Xlogy", "x · ln y, 0 where x is 0", GW_BINARY_XLOGY, "x · ln y", gw_op2 (b, "Xdivy", x, y),
         "What the logarithm is taken of.",
         "Entropies and likelihoods are sums of such terms: a class of probability 0 adds nothing to them, instead of NaN.",
         GW_EXAMPLE_2 ("[2.0, 0, 1]", "[1.5, 0, 2]", "[0.8109302, 0, 0.6931472]"))
ZERO_OP (x_log1p_y, "Xlog1py", "x · ln (1 + y), 0 where x is 0", GW_BINARY_XLOG1PY, "x · ln (1 + y)",
         gw_op2 (b, "Xdivy", x, ADD (y, NUMBER (1))), "What the logarithm is taken of, less 1.",
         "Exact for small y, as *Log1p* is.",
         GW_EXAMPLE_2 ("[2.0, 0, 1]", "[0.5, -1, 1]", "[0.8109302, 0, 0.6931472]"))

const GwOpDef *const gw_ops_math_division[] = {
  &divide, &divide_v1, &truncate_divide, &floor_divide, &floor_modulo, &truncate_modulo, &modulo_v1, &divide_no_nan,
  &x_divided_by_y, &x_log_y, &x_log1p_y, NULL,
};
