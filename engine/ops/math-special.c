/* SPDX-License-Identifier: Apache-2.0 */
/* Special functions: of probability, the gamma family, zeta, Bessel. */
#include "engine/base/error.h"
#include "engine/ops/math-common.h"

#include <math.h>

#define SPECIAL "maths/Special functions"

#define SPECIAL_OP(NAME, TYPE, TITLE, FUNCTION, TYPES, GRADIENT, SUMMARY, DOC, EXAMPLES)  \
  GW_UNARY_FUNCTION (NAME, FUNCTION)                                                        \
  GW_UNARY_GRADIENT (NAME, GRADIENT)                                                      \
  GW_UNARY_OP (NAME, TYPE, TITLE, SPECIAL, TYPES, 0, NAME##_grad, GW_X_Y, SUMMARY, DOC, EXAMPLES)

/* ---- of probability ---- */

/* `factor` · e^(sign x²), as a factor of dz. */
static GwOutput
bell (GwBuilder *b,
      GwOutput   dz,
      double     factor,
      GwOutput   exponent)
{
  return MUL (MUL (dz, NUMBER (factor)), gw_op1 (b, "Exp", exponent));
}

#define SQUARE(x) gw_op1 (b, "Square", (x))

SPECIAL_OP (error_function, "Erf", "Error function", GW_UNARY_ERF, GW_ANY_FLOAT,
            bell (b, dz, 2 / sqrt (G_PI), NEG (SQUARE (x))),
            "The error function, an S-shaped curve from -1 to 1.",
            "`y = 2 / √π · ∫₀ˣ e^(-t²) dt`. `(1 + erf (x / √2)) / 2` is the probability that a normal number is below x.",
            GW_EXAMPLE_1 ("[0.0, 1, -1]", "[0, 0.8427008, -0.8427008]"))
SPECIAL_OP (error_complement, "Erfc", "Complementary error function", GW_UNARY_ERFC, GW_ANY_FLOAT,
            bell (b, dz, -2 / sqrt (G_PI), NEG (SQUARE (x))),
            "One minus the error function, exact where that is close to 1.", "`y = 1 - erf x`, from 2 down to 0: for large x the difference itself would be rounded to 0.",
            GW_EXAMPLE_1 ("[0.0, 1, -1]", "[1, 0.1572992, 1.8427008]"))
SPECIAL_OP (inverse_error, "Erfinv", "Inverse error function", GW_UNARY_ERFINV, GW_FLOAT_TYPES,
            bell (b, dz, sqrt (G_PI) / 2, SQUARE (z)),
            "The number whose error function is each element.", "`erf (y) = x`. Infinite at -1 and 1, NaN beyond.",
            GW_EXAMPLE_1 ("[0.0, 0.5, -0.5]", "[0, 0.4769363, -0.4769363]"))
SPECIAL_OP (quantile, "Ndtri", "Normal quantile", GW_UNARY_NDTRI, GW_FLOAT_TYPES,
            bell (b, dz, sqrt (2 * G_PI), DIV (SQUARE (z), NUMBER (2))),
            "The number that a standard normal number is below with each probability.",
            "The inverse of the normal distribution function: 0.5 gives 0, 0.975 gives 1.96. Minus and plus infinity at 0 and "
            "1, NaN outside. It turns uniform random numbers into normal ones.",
            GW_EXAMPLE_1 ("[0.5, 0.25, 0.75]", "[0, -0.6744898, 0.6744898]"))

/* ---- gamma and its derivatives ---- */

SPECIAL_OP (log_gamma, "Lgamma", "Logarithm of gamma", GW_UNARY_LGAMMA, GW_FLOAT_OR_HALF,
            MUL (dz, gw_op1 (b, "Digamma", x)),
            "The logarithm of the absolute value of the gamma function.",
            "The gamma function continues the factorial: `Γ (n) = (n - 1)!`. Its logarithm does not overflow. Infinite at 0 "
            "and the negative whole numbers.",
            GW_EXAMPLE_1 ("[1.0, 0.5, 5]", "[0, 0.5723649, 3.1780539]"))
SPECIAL_OP (digamma, "Digamma", "Digamma function", GW_UNARY_DIGAMMA, GW_FLOAT_OR_HALF,
            MUL (dz, gw_op2 (b, "Polygamma", NUMBER (1), x)),
            "The derivative of the logarithm of the gamma function.",
            "`y = Γ' (x) / Γ (x)`; about `ln x` for large x. NaN at 0 and the negative whole numbers.",
            GW_EXAMPLE_1 ("[1.0, 0.5, 5]", "[-0.5772157, -1.9635100, 1.5061177]"))

GW_BINARY_FUNCTION (polygamma, GW_BINARY_POLYGAMMA)
GW_BINARY_FUNCTION (zeta, GW_BINARY_ZETA)
GW_BINARY_FUNCTION (igamma, GW_BINARY_IGAMMA)
GW_BINARY_FUNCTION (igammac, GW_BINARY_IGAMMAC)
GW_BINARY_FUNCTION (igamma_slope, GW_BINARY_IGAMMA_GRAD_A)

/* Only the second operand has a gradient, as TensorFlow registers it. */
static void
second_grad (GwGradContext *context,
             GwOutput       slope)
{
  GwBuilder *b = context->builder;

  if (context->wanted[1])
    context->dx[1] = gw_grad_unbroadcast (context, MUL (slope, gw_grad_dy (context, 0)), gw_grad_x (context, 1));
}

static void
polygamma_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput order = gw_grad_x (context, 0);

  second_grad (context, gw_op2 (b, "Polygamma", ADD (order, gw_const_like (b, order, 1)), gw_grad_x (context, 1)));
}

static void
zeta_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = gw_grad_x (context, 0);

  second_grad (context, MUL (NEG (x), gw_op2 (b, "Zeta", ADD (x, gw_const_like (b, x, 1)), gw_grad_x (context, 1))));
}

/* Of P (a, x): ∂/∂a by an op of its own, ∂/∂x = e^(-x + (a - 1) ln x - ln Γ (a)). */
static void
igamma_grad_with (GwGradContext *context,
                  GwOutput       dz)
{
  GwBuilder *b = context->builder;
  GwOutput a = gw_grad_x (context, 0), x = gw_grad_x (context, 1);
  GwOutput exponent;

  if (context->wanted[0])
    context->dx[0] = gw_grad_unbroadcast (context, MUL (gw_op2 (b, "IgammaGradA", a, x), dz), a);
  if (!context->wanted[1])
    return;
  exponent = ADD (NEG (x), MUL (SUB (a, gw_const_like (b, a, 1)), gw_op1 (b, "Log", x)));
  exponent = SUB (exponent, gw_op1 (b, "Lgamma", a));
  context->dx[1] = gw_grad_unbroadcast (context, MUL (gw_op1 (b, "Exp", exponent), dz), x);
}

static void
igamma_grad (GwGradContext *context)
{
  igamma_grad_with (context, gw_grad_dy (context, 0));
}

static void
igammac_grad (GwGradContext *context)
{
  igamma_grad_with (context, gw_op1 (context->builder, "Neg", gw_grad_dy (context, 0)));
}

#define PAIR_OP(NAME, TYPE, TITLE, FLAGS, GRADIENT, A, A_HELP, X, X_HELP, Z_HELP, SUMMARY, DOC, EXAMPLES)     \
  static const GwOpDef NAME = {                                                                              \
    .name = TYPE, .since = 1, .title = TITLE, .category = SPECIAL, .summary = SUMMARY,                       \
    .doc = DOC GW_BROADCASTING,                                                                              \
    .inputs = GW_PORTS ({ A, "T", A_HELP }, { X, "T", X_HELP }),                                             \
    .outputs = GW_PORTS ({ "z", "T", Z_HELP }),                                                              \
    .attrs = GW_ATTRS (GW_MATH_T (GW_FLOAT_TYPES)), .flags = GW_OP_INPLACE | (FLAGS),                        \
    .shape = gw_shape_rule_broadcast, .grad = GRADIENT, GW_FUNCTION (NAME), .examples = EXAMPLES,             \
  };

PAIR_OP (polygamma, "Polygamma", "Polygamma function", 0, polygamma_grad,
         "a", "The order: a whole number from 0.", "x", "The operand.", "The derivative.",
         "A derivative of the digamma function.",
         "Of order 0 it is digamma itself, of order a its a-th derivative. NaN for an order that is no whole number. Only x "
         "has a gradient.",
         GW_EXAMPLE_2 ("[1.0, 2, 0]", "[1.0, 1.5, 5]", "[1.6449341, -0.8287966, 1.5061177]"))
PAIR_OP (zeta, "Zeta", "Hurwitz zeta function", 0, zeta_grad,
         "x", "The exponent, above 1.", "q", "Where the sum begins.", "The sum.",
         "The sum of 1 / (q + k)ˣ over k from 0 on.",
         "With `q = 1` it is Riemann's zeta function. Infinite where x is 1, NaN below; for q below zero defined where x is a "
         "whole number. Only q has a gradient.",
         GW_EXAMPLE_2 ("[2.0, 3, 2]", "[1.0, 1, 2.5]", "[1.6449341, 1.2020569, 0.4903578]"))
PAIR_OP (igamma, "Igamma", "Lower incomplete gamma", 0, igamma_grad,
         "a", "The shape, above 0.", "x", "The upper end of the integral, from 0.", "P (a, x), from 0 to 1.",
         "The lower incomplete gamma function, as a share of the whole.",
         "`P (a, x) = 1 / Γ (a) · ∫₀ˣ tᵃ⁻¹ e⁻ᵗ dt`: the probability that a gamma-distributed number of shape a is below x.",
         GW_EXAMPLE_2 ("[1.0, 2, 0.5]", "[1.0, 3, 0.5]", "[0.6321206, 0.8008517, 0.6826895]"))
PAIR_OP (igammac, "Igammac", "Upper incomplete gamma", 0, igammac_grad,
         "a", "The shape, above 0.", "x", "The lower end of the integral, from 0.", "Q (a, x), from 0 to 1.",
         "The upper incomplete gamma function, as a share of the whole.",
         "`Q (a, x) = 1 - P (a, x)`, exact where it is small (see *Igamma*).",
         GW_EXAMPLE_2 ("[1.0, 2, 0.5]", "[1.0, 3, 0.5]", "[0.3678794, 0.1991483, 0.3173105]"))
PAIR_OP (igamma_slope, "IgammaGradA", "Gradient of Igamma by its shape", GW_OP_HIDDEN | GW_OP_NO_GRADIENT, NULL,
         "a", "The shape, above 0.", "x", "The upper end of the integral, from 0.", "∂P / ∂a.",
         "The derivative of the lower incomplete gamma function by its shape.", "The backward op of *Igamma* for a.",
         GW_EXAMPLE_2 ("[1.0, 2]", "[1.0, 3]", "[-0.4317297, -0.1974254]"))

/* ---- Betainc ---- */

/* Scalars go with any shape; the others agree. */
static gboolean
betainc_shape (GwShapeContext *context,
               GError        **error)
{
  GwShape *out = &context->outputs[0];
  gboolean open = FALSE;
  int first = -1;

  for (int i = 0; i < 3; i++)
    {
      const GwShape *shape = &context->inputs[i];
      g_autofree char *text = gw_shape_to_string (shape);
      g_autofree char *other = NULL;

      open = open || shape->rank < 0;
      if (shape->rank <= 0)
        continue;
      if (first < 0)
        *out = *shape;
      else if (!gw_shape_merge (out, shape, out))
        {
          other = gw_shape_to_string (&context->inputs[first]);
          return gw_invalid (error, "Shapes of %s and %s are inconsistent: %s vs. %s", gw_shape_input_name (context, first),
                             gw_shape_input_name (context, i), other, text);
        }
      first = first < 0 ? i : first;
    }
  if (first < 0)
    *out = open ? GW_SHAPE_UNKNOWN : GW_SHAPE_SCALAR;
  return TRUE;
}

static gboolean
betainc_cpu (GwKernelContext *context,
             GError         **error)
{
  return gw_cpu_ternary (context, GW_TERNARY_BETAINC, error);
}

/* Only x has a gradient: xᵃ⁻¹ (1 - x)ᵇ⁻¹ / B (a, b). */
static void
betainc_grad (GwGradContext *context)
{
  GwBuilder *builder = context->builder, *b = builder;
  GwOutput shape_a = gw_grad_x (context, 0), shape_b = gw_grad_x (context, 1), x = gw_grad_x (context, 2);
  GwOutput one, log_beta, exponent;

  if (!context->wanted[2])
    return;
  one = gw_const_like (builder, x, 1);
  log_beta = SUB (ADD (gw_op1 (b, "Lgamma", shape_a), gw_op1 (b, "Lgamma", shape_b)),
                  gw_op1 (b, "Lgamma", ADD (shape_a, shape_b)));
  exponent = ADD (gw_op2 (b, "Xlog1py", SUB (shape_b, one), NEG (x)), gw_op2 (b, "Xlogy", SUB (shape_a, one), x));
  exponent = gw_op1 (b, "Exp", SUB (exponent, log_beta));
  context->dx[2] = gw_grad_unbroadcast (context, MUL (exponent, gw_grad_dy (context, 0)), x);
}

static const GwOpDef betainc = {
  .name = "Betainc", .since = 1, .title = "Incomplete beta", .category = SPECIAL,
  .summary = "The incomplete beta function, as a share of the whole.",
  .doc = "`z = 1 / B (a, b) · ∫₀ˣ tᵃ⁻¹ (1 - t)ᵇ⁻¹ dt`: the probability that a beta-distributed number is below x. All three "
         "have one shape; scalars go with any. Only x has a gradient.",
  .inputs = GW_PORTS ({ "a", "T", "The first shape, above 0." }, { "b", "T", "The second shape, above 0." },
                      { "x", "T", "The upper end of the integral, from 0 to 1." }),
  .outputs = GW_PORTS ({ "z", "T", "From 0 to 1." }),
  .attrs = GW_ATTRS (GW_MATH_T (GW_FLOAT_TYPES)),
  .shape_rule = "that of the inputs that are no scalars, which must agree",
  .shape = betainc_shape, .grad = betainc_grad, .cpu = betainc_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.0, 2]", "[1.0, 3]", "[0.5, 0.25]"), NULL, GW_TEXTS ("[0.5, 0.2617188]") },
                           { GW_TEXTS ("2.0", "3.0", "[0.25, 0.5]"), NULL, GW_TEXTS ("[0.2617188, 0.6875]") }),
};

/* ---- Bessel functions ---- */

static GwOutput
choose_at_zero (GwBuilder *b,
                GwOutput   x,
                double     at_zero,
                GwOutput   elsewhere)
{
  return gw_op3 (b, "SelectV2", gw_op2 (b, "Equal", x, gw_const_like (b, x, 0)), gw_const_like (b, x, at_zero), elsewhere);
}

SPECIAL_OP (bessel_i0e, "BesselI0e", "Bessel function I0, scaled", GW_UNARY_BESSEL_I0E, GW_FLOAT_OR_HALF,
            MUL (dz, SUB (gw_op1 (b, "BesselI1e", x), MUL (gw_op1 (b, "Sign", x), z))),
            "The modified Bessel function of order 0, times e to the minus absolute value.",
            "`y = e^(-|x|) I₀ (x)`; the scale keeps it from overflowing. The von Mises distribution is normalised by it.",
            GW_EXAMPLE_1 ("[0.0, 1, -1]", "[1, 0.4657596, 0.4657596]"))
SPECIAL_OP (bessel_i1e, "BesselI1e", "Bessel function I1, scaled", GW_UNARY_BESSEL_I1E, GW_FLOAT_OR_HALF,
            MUL (dz, choose_at_zero (b, x, 0.5, SUB (gw_op1 (b, "BesselI0e", x),
                                                     MUL (z, ADD (gw_op1 (b, "Sign", x), gw_op1 (b, "Reciprocal", x)))))),
            "The modified Bessel function of order 1, times e to the minus absolute value.",
            "`y = e^(-|x|) I₁ (x)`; the scale keeps it from overflowing.",
            GW_EXAMPLE_1 ("[0.0, 1, -1]", "[0, 0.2079104, -0.2079104]"))

/* ---- NextAfter ---- */

GW_BINARY_FUNCTION (next_after, GW_BINARY_NEXT_AFTER)

static void
next_after_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput dz = gw_grad_dy (context, 0);

  if (context->wanted[0])
    context->dx[0] = gw_grad_unbroadcast (context, dz, gw_grad_x (context, 0));
  if (context->wanted[1])
    context->dx[1] = gw_op1 (b, "ZerosLike", gw_grad_x (context, 1));
}

static const GwOpDef next_after = {
  .name = "NextAfter", .since = 1, .title = "Next number", .category = SPECIAL,
  .summary = "The floating-point number next to x1 on the way to x2.",
  .doc = "The smallest step that the type can make; x2 itself where both are equal. The gradient passes to x1 unchanged."
         GW_BROADCASTING,
  .inputs = GW_PORTS ({ "x1", "T", "Where the step begins." }, { "x2", "T", "Where it leads." }),
  .outputs = GW_PORTS ({ "output", "T", "The neighbours of x1." }),
  .attrs = GW_ATTRS ({ "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES, .label = "Type",
                       .help = "Element type; follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .flags = GW_OP_INPLACE,
  .shape = gw_shape_rule_broadcast, .grad = next_after_grad, GW_FUNCTION (next_after),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.0, 2]", "[2.0, 2]"), NULL, GW_TEXTS ("[1.0000001, 2]") }),
};

const GwOpDef *const gw_ops_math_special[] = {
  &error_function, &error_complement, &inverse_error, &quantile, &log_gamma, &digamma, &polygamma, &zeta, &igamma,
  &igammac, &igamma_slope, &betainc, &bessel_i0e, &bessel_i1e, &next_after, NULL,
};
