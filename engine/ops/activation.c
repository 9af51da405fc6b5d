/* SPDX-License-Identifier: Apache-2.0 */
/* Activation functions and their backward ops. */
#include "engine/ops/math-common.h"

#define FEATURES "features", "What comes from the layer."
#define ACTIVATIONS "activations", "The activated values, of the same shape."
#define GRADIENTS "gradients", "The gradient that arrives at the activation."
#define FORWARD_FEATURES "features", "What the forward op got."
#define FORWARD_FEATURES_OR_RESULT "features", "What the forward op got, or what it gave."
#define BACKPROPS "backprops", "The gradient for the features."

/* ---- rectifiers ---- */

GW_UNARY_FUNCTION (relu, GW_UNARY_RELU)
GW_UNARY_GRADIENT (relu, gw_op2 (b, "ReluGrad", dz, z))
GW_UNARY_OP (relu, "Relu", "ReLU", "neural/Activations", GW_ANY_REAL, 0, relu_grad, FEATURES, ACTIVATIONS,
             "The rectifier: negative elements become 0.",
             "`activations = max (features, 0)`. The usual activation of hidden layers: cheap, and its gradient does not "
             "fade for positive elements. It is 0 for elements at or below 0; a unit that is negative for all inputs "
             "no longer learns (*LeakyRelu* and *Elu* avoid that).",
             GW_EXAMPLE_1 ("[[-1.5, 2], [0, 0.5]]", "[[0, 2], [0, 0.5]]"))

GW_BINARY_FUNCTION (relu_backward, GW_BINARY_RELU_GRAD)
GW_BINARY_GRADIENT (relu_backward, gw_op2 (b, "ReluGrad", dz, y), gw_op1 (b, "ZerosLike", y))
GW_BACKWARD_OP (relu_backward, "ReluGrad", "Gradient of Relu", "neural/Activations", GW_ANY_REAL,
                GRADIENTS, FORWARD_FEATURES_OR_RESULT, BACKPROPS,
                "The gradient of the rectifier.", "`backprops = gradients` where features > 0, else 0.",
                GW_EXAMPLE_2 ("[1.5, 2, 3]", "[-1.0, 0, 1]", "[0, 0, 3]"))

GW_UNARY_FUNCTION (relu6, GW_UNARY_RELU6)
GW_UNARY_GRADIENT (relu6, gw_op2 (b, "Relu6Grad", dz, z))
GW_UNARY_OP (relu6, "Relu6", "ReLU up to 6", "neural/Activations", GW_ANY_REAL, 0, relu6_grad, FEATURES, ACTIVATIONS,
             "The rectifier with a ceiling of 6.",
             "`activations = min (max (features, 0), 6)`. The ceiling keeps values in a range that few bits can hold.",
             GW_EXAMPLE_1 ("[-1.5, 2, 7]", "[0, 2, 6]"))

GW_BINARY_FUNCTION (relu6_backward, GW_BINARY_RELU6_GRAD)
GW_BINARY_GRADIENT (relu6_backward, gw_op2 (b, "Relu6Grad", dz, y), gw_op1 (b, "ZerosLike", y))
GW_BACKWARD_OP (relu6_backward, "Relu6Grad", "Gradient of Relu6", "neural/Activations", GW_ANY_REAL,
                GRADIENTS, FORWARD_FEATURES_OR_RESULT, BACKPROPS,
                "The gradient of the rectifier with a ceiling.",
                "`backprops = gradients` where 0 < features < 6, else 0.",
                GW_EXAMPLE_2 ("[1.5, 2, 3]", "[-1.0, 2, 6]", "[0, 2, 0]"))

GW_UNARY_FUNCTION (elu, GW_UNARY_ELU)
GW_UNARY_GRADIENT (elu, gw_op2 (b, "EluGrad", dz, z))
GW_UNARY_OP (elu, "Elu", "ELU", "neural/Activations", GW_ANY_FLOAT, 0, elu_grad, FEATURES, ACTIVATIONS,
             "Exponential linear unit: eˣ - 1 below 0, x above.",
             "Smooth where the rectifier has a corner, and never flat: units cannot die. Negative values tend to -1.",
             GW_EXAMPLE_1 ("[-1.0, 0, 2]", "[-0.63212055, 0, 2]"))

GW_BINARY_FUNCTION (elu_backward, GW_BINARY_ELU_GRAD)
GW_BINARY_GRADIENT (elu_backward, gw_op2 (b, "EluGrad", dz, y),
                    gw_op3 (b, "SelectV2", gw_op2 (b, "Less", y, NUMBER (0)), MUL (dz, x), NUMBER (0)))
GW_BACKWARD_OP (elu_backward, "EluGrad", "Gradient of Elu", "neural/Activations", GW_ANY_FLOAT,
                GRADIENTS, "outputs", "The forward op's result.", BACKPROPS,
                "The gradient of the exponential linear unit, from its result.",
                "`backprops = gradients · (outputs + 1)` where outputs < 0, else gradients.",
                GW_EXAMPLE_2 ("[2.0, 3]", "[-0.5, 1]", "[1, 3]"))

GW_UNARY_FUNCTION (selu, GW_UNARY_SELU)
GW_UNARY_GRADIENT (selu, gw_op2 (b, "SeluGrad", dz, z))
GW_UNARY_OP (selu, "Selu", "SELU", "neural/Activations", GW_ANY_FLOAT, 0, selu_grad, FEATURES, ACTIVATIONS,
             "Scaled exponential linear unit: keeps mean 0 and variance 1 from layer to layer.",
             "`1.0507 x` above 0 and `1.7581 (eˣ - 1)` below. The two constants are such that activations of a deep stack of "
             "dense layers settle at mean 0 and variance 1 by themselves, if weights begin with variance 1 / inputs.",
             GW_EXAMPLE_1 ("[-1.0, 0, 2]", "[-1.1113307, 0, 2.101402]"))

GW_BINARY_FUNCTION (selu_backward, GW_BINARY_SELU_GRAD)
GW_BINARY_GRADIENT (selu_backward, gw_op2 (b, "SeluGrad", dz, y),
                    gw_op3 (b, "SelectV2", gw_op2 (b, "Less", y, NUMBER (0)), MUL (dz, x), NUMBER (0)))
GW_BACKWARD_OP (selu_backward, "SeluGrad", "Gradient of Selu", "neural/Activations", GW_ANY_FLOAT,
                GRADIENTS, "outputs", "The forward op's result.", BACKPROPS,
                "The gradient of the scaled exponential linear unit, from its result.",
                "`backprops = gradients · (outputs + 1.7581)` where outputs < 0, else `1.0507 gradients`.",
                GW_EXAMPLE_2 ("[2.0, 3]", "[-1.0, 1]", "[1.5161987, 3.152103]"))

/* ---- LeakyRelu ---- */

enum { LEAKY_ALPHA, LEAKY_T };

#define LEAKY_ATTRS                                                                                          \
  GW_ATTRS ([LEAKY_ALPHA] = { "alpha", GW_ATTR_FLOAT, .def = "0.2", .ui_min = 0, .ui_max = 1,                \
                              .label = "Slope", .help = "What elements below 0 are multiplied by." },        \
            [LEAKY_T] = { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_ANY_FLOAT, .label = "Type",    \
                          .help = "Element type; follows from what is wired.", .flags = GW_ATTR_HIDDEN })

static gboolean
leaky_cpu (GwKernelContext *context,
           GError         **error)
{
  const GwTensor *features = context->inputs[0];
  GwElement slope;
  const GwOperand operands[] = {
    gw_operand (features), gw_operand_of_number (&slope, features->dtype, (float) context->attrs[LEAKY_ALPHA].f),
  };

  return gw_cpu_binary_of (context, GW_BINARY_LEAKY_RELU, features->dtype, operands, context->outputs[0], error);
}

static gboolean
leaky_backward_cpu (GwKernelContext *context,
                    GError         **error)
{
  GwDType dtype = context->inputs[0]->dtype;
  GwElement slope;
  const GwOperand operands[] = {
    gw_operand (context->inputs[0]), gw_operand (context->inputs[1]),
    gw_operand_of_number (&slope, dtype, (float) context->attrs[LEAKY_ALPHA].f),
  };

  return gw_cpu_ternary_of (context, GW_TERNARY_LEAKY_RELU_GRAD, dtype, operands, context->outputs[0], error);
}

/* The backward op of features, for a gradient that arrives. */
static GwOutput
leaky_slope (GwGradContext *context,
             GwOutput       features)
{
  return gw_op (context->builder, "LeakyReluGrad", GW_IN (gw_grad_dy (context, 0), features),
                GW_WITH ({ "alpha", context->node->attrs[LEAKY_ALPHA] }));
}

static void
leaky_grad (GwGradContext *context)
{
  context->dx[0] = leaky_slope (context, gw_grad_x (context, 0));
}

static void
leaky_backward_grad (GwGradContext *context)
{
  context->dx[0] = leaky_slope (context, gw_grad_x (context, 1));
  if (context->wanted[1])
    context->dx[1] = gw_op1 (context->builder, "ZerosLike", gw_grad_x (context, 1));
}

static const GwOpDef leaky = {
  .name = "LeakyRelu", .since = 1, .title = "Leaky ReLU", .category = "neural/Activations",
  .summary = "The rectifier with a small slope below 0.",
  .doc = "`activations = features` above 0, `alpha · features` below. A unit that is negative for all inputs still learns, "
         "unlike one with *Relu*.",
  .inputs = GW_PORTS ({ "features", "T", "The operand." }), .outputs = GW_PORTS ({ "activations", "T", "The result, of the same shape." }),
  .attrs = LEAKY_ATTRS, .flags = GW_OP_INPLACE,
  .shape = gw_shape_rule_same, .grad = leaky_grad, .cpu = leaky_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[-1.5, 0, 2]"), NULL, GW_TEXTS ("[-0.3, 0, 2]") },
                           { GW_TEXTS ("[-1.5, 2]"), "alpha=0.5", GW_TEXTS ("[-0.75, 2]") }),
  .tell = GW_CHOICES ("alpha"),
};

static const GwOpDef leaky_backward = {
  .name = "LeakyReluGrad", .since = 1, .title = "Gradient of LeakyRelu", .category = "neural/Activations",
  .summary = "The gradient of the leaky rectifier.",
  .doc = "`backprops = gradients` where features > 0, else `alpha · gradients`.",
  .inputs = GW_PORTS ({ "gradients", "T", "The gradient that arrives at the forward op." },
                      { "features", "T", "What the forward op got, or what it gave." }),
  .outputs = GW_PORTS ({ "backprops", "T", "The gradient for the features." }),
  .attrs = LEAKY_ATTRS, .flags = GW_OP_INPLACE | GW_OP_HIDDEN,
  .shape = gw_shape_rule_merge, .grad = leaky_backward_grad, .cpu = leaky_backward_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2, 3]", "[-1.0, 0, 1]"), "alpha=0.5", GW_TEXTS ("[0.75, 1, 3]") }),
};

/* ---- curves ---- */

GW_UNARY_FUNCTION (sigmoid, GW_UNARY_SIGMOID)
GW_UNARY_GRADIENT (sigmoid, gw_op2 (b, "SigmoidGrad", CONJ (z), dz))
GW_UNARY_OP (sigmoid, "Sigmoid", "Sigmoid", "neural/Activations", GW_FLOAT_OR_COMPLEX, 0, sigmoid_grad, GW_X_Y,
             "The logistic curve from 0 to 1.",
             "`y = 1 / (1 + e⁻ˣ)`. Turns a score into the probability of yes. For a loss, hand the scores themselves to a "
             "sigmoid cross entropy: it is exact where the curve is flat.",
             GW_EXAMPLE_1 ("[0.0, 2, -2]", "[0.5, 0.880797, 0.119202919]"))

GW_BINARY_FUNCTION (sigmoid_backward, GW_BINARY_SIGMOID_GRAD)
GW_BINARY_GRADIENT (sigmoid_backward, SUB (MUL (dz, CONJ (y)), MUL (MUL (NUMBER (2), MUL (dz, CONJ (y))), CONJ (x))),
                    gw_op2 (b, "SigmoidGrad", CONJ (x), dz))
GW_BACKWARD_OP (sigmoid_backward, "SigmoidGrad", "Gradient of Sigmoid", "neural/Activations", GW_FLOAT_OR_COMPLEX,
                "y", "The forward op's result.", "dy", "The gradient that arrives at it.", "z", "The gradient for the operand.",
                "The gradient of the logistic curve, from its result.", "`z = dy · y · (1 - y)` where `y = sigmoid (x)`.",
                GW_EXAMPLE_2 ("[0.5, 0.25]", "[4.0, 16]", "[1, 3]"))

GW_UNARY_FUNCTION (hyperbolic_tangent, GW_UNARY_TANH)
GW_UNARY_GRADIENT (hyperbolic_tangent, gw_op2 (b, "TanhGrad", CONJ (z), dz))
GW_UNARY_OP (hyperbolic_tangent, "Tanh", "Hyperbolic tangent", "neural/Activations", GW_FLOAT_OR_COMPLEX, 0, hyperbolic_tangent_grad, GW_X_Y,
             "The S-shaped curve from -1 to 1.",
             "`y = (eˣ - e⁻ˣ) / (eˣ + e⁻ˣ)`. Unlike the sigmoid it is centred at 0; the activation of recurrent cells.",
             GW_EXAMPLE_1 ("[0.0, 1, -0.5]", "[0, 0.7615942, -0.46211717]"))

GW_BINARY_FUNCTION (tanh_backward, GW_BINARY_TANH_GRAD)
GW_BINARY_GRADIENT (tanh_backward, MUL (MUL (NUMBER (-2), MUL (dz, CONJ (y))), CONJ (x)),
                    gw_op2 (b, "TanhGrad", CONJ (x), dz))
GW_BACKWARD_OP (tanh_backward, "TanhGrad", "Gradient of Tanh", "neural/Activations", GW_FLOAT_OR_COMPLEX,
                "y", "The forward op's result.", "dy", "The gradient that arrives at it.", "z", "The gradient for the operand.",
                "The gradient of the hyperbolic tangent, from its result.", "`z = dy · (1 - y²)` where `y = tanh (x)`.",
                GW_EXAMPLE_2 ("[0.5, 0]", "[4.0, 2]", "[3, 2]"))

GW_UNARY_FUNCTION (softplus, GW_UNARY_SOFTPLUS)
GW_UNARY_GRADIENT (softplus, gw_op2 (b, "SoftplusGrad", dz, x))
GW_UNARY_OP (softplus, "Softplus", "Softplus", "neural/Activations", GW_ANY_FLOAT, 0, softplus_grad, FEATURES, ACTIVATIONS,
             "A smooth rectifier: ln (1 + eˣ).",
             "Always positive, so that it can make a scale or a variance. Large elements pass unchanged, without overflow.",
             GW_EXAMPLE_1 ("[0.0, 1, -50]", "[0.6931472, 1.3132617, 1.9287499e-22]"))

GW_BINARY_FUNCTION (softplus_backward, GW_BINARY_SOFTPLUS_GRAD)
GW_BINARY_GRADIENT (softplus_backward, gw_op2 (b, "SoftplusGrad", dz, y),
                    DIV (MUL (dz, x), ADD (ADD (gw_op1 (b, "Exp", NEG (y)), NUMBER (2)), gw_op1 (b, "Exp", y))))
GW_BACKWARD_OP (softplus_backward, "SoftplusGrad", "Gradient of Softplus", "neural/Activations", GW_ANY_FLOAT,
                GRADIENTS, FORWARD_FEATURES, BACKPROPS,
                "The gradient of softplus.", "`backprops = gradients / (1 + e⁻ˣ)` where x is features.",
                GW_EXAMPLE_2 ("[2.0, 1]", "[0.0, 2]", "[1, 0.880797]"))

GW_UNARY_FUNCTION (softsign, GW_UNARY_SOFTSIGN)
GW_UNARY_GRADIENT (softsign, gw_op2 (b, "SoftsignGrad", dz, x))
GW_UNARY_OP (softsign, "Softsign", "Softsign", "neural/Activations", GW_ANY_FLOAT, 0, softsign_grad, FEATURES, ACTIVATIONS,
             "x / (1 + |x|): an S-shaped curve with long tails.",
             "Like the hyperbolic tangent from -1 to 1, but it approaches its ends far more slowly.",
             GW_EXAMPLE_1 ("[0.0, 1, -3]", "[0, 0.5, -0.75]"))

/* -2 sign (x) / (1 + |x|)³ is the second derivative. */
static GwOutput
softsign_curvature (GwBuilder *b,
                    GwOutput   x)
{
  GwOutput width = ADD (gw_const_like (b, x, 1), gw_op1 (b, "Abs", x));

  return DIV (MUL (gw_const_like (b, x, -2), gw_op1 (b, "Sign", x)), MUL (width, gw_op1 (b, "Square", width)));
}

GW_BINARY_FUNCTION (softsign_backward, GW_BINARY_SOFTSIGN_GRAD)
GW_BINARY_GRADIENT (softsign_backward, gw_op2 (b, "SoftsignGrad", dz, y), MUL (MUL (dz, x), softsign_curvature (b, y)))
GW_BACKWARD_OP (softsign_backward, "SoftsignGrad", "Gradient of Softsign", "neural/Activations", GW_ANY_FLOAT,
                GRADIENTS, FORWARD_FEATURES, BACKPROPS,
                "The gradient of softsign.", "`backprops = gradients / (1 + |features|)²`.",
                GW_EXAMPLE_2 ("[2.0, 4]", "[0.0, -1]", "[2, 1]"))

const GwOpDef *const gw_ops_activation[] = {
  &relu, &relu_backward, &relu6, &relu6_backward, &elu, &elu_backward, &selu, &selu_backward, &leaky, &leaky_backward,
  &sigmoid, &sigmoid_backward,
  &hyperbolic_tangent, &tanh_backward, &softplus, &softplus_backward, &softsign, &softsign_backward, NULL,
};
