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

GW_UNARY_KERNEL (relu, GW_UNARY_RELU)
GW_UNARY_GRADIENT (relu, gw_op2 (b, "ReluGrad", dz, z))
GW_UNARY_OP (relu, "Relu", "ReLU", "neural/Activations", GW_NUMBER_TYPES, 0, relu_grad, FEATURES, ACTIVATIONS,
             "The rectifier: negative elements become 0.",
             "`activations = max (features, 0)`. The usual activation of hidden layers: cheap, and its gradient does not "
             "fade for positive elements. It is 0 for elements at or below 0; a unit that is negative for all inputs "
             "no longer learns (*LeakyRelu* and *Elu* avoid that).",
             GW_EXAMPLE_1 ("[[-1.5, 2], [0, 0.5]]", "[[0, 2], [0, 0.5]]"))

GW_BINARY_KERNEL (relu_backward, GW_BINARY_RELU_GRAD)
GW_BINARY_GRADIENT (relu_backward, gw_op2 (b, "ReluGrad", dz, y), gw_op1 (b, "ZerosLike", y))
GW_BACKWARD_OP (relu_backward, "ReluGrad", "Gradient of Relu", "neural/Activations", GW_NUMBER_TYPES,
                GRADIENTS, FORWARD_FEATURES_OR_RESULT, BACKPROPS,
                "The gradient of the rectifier.", "`backprops = gradients` where features > 0, else 0.",
                GW_EXAMPLE_2 ("[1.5, 2, 3]", "[-1.0, 0, 1]", "[0, 0, 3]"))

GW_UNARY_KERNEL (relu6, GW_UNARY_RELU6)
GW_UNARY_GRADIENT (relu6, gw_op2 (b, "Relu6Grad", dz, z))
GW_UNARY_OP (relu6, "Relu6", "ReLU up to 6", "neural/Activations", GW_NUMBER_TYPES, 0, relu6_grad, FEATURES, ACTIVATIONS,
             "The rectifier with a ceiling of 6.",
             "`activations = min (max (features, 0), 6)`. The ceiling keeps values in a range that few bits can hold.",
             GW_EXAMPLE_1 ("[-1.5, 2, 7]", "[0, 2, 6]"))

GW_BINARY_KERNEL (relu6_backward, GW_BINARY_RELU6_GRAD)
GW_BINARY_GRADIENT (relu6_backward, gw_op2 (b, "Relu6Grad", dz, y), gw_op1 (b, "ZerosLike", y))
GW_BACKWARD_OP (relu6_backward, "Relu6Grad", "Gradient of Relu6", "neural/Activations", GW_NUMBER_TYPES,
                GRADIENTS, FORWARD_FEATURES_OR_RESULT, BACKPROPS,
                "The gradient of the rectifier with a ceiling.",
                "`backprops = gradients` where 0 < features < 6, else 0.",
                GW_EXAMPLE_2 ("[1.5, 2, 3]", "[-1.0, 2, 6]", "[0, 2, 0]"))

GW_UNARY_KERNEL (elu, GW_UNARY_ELU)
GW_UNARY_GRADIENT (elu, gw_op2 (b, "EluGrad", dz, z))
GW_UNARY_OP (elu, "Elu", "ELU", "neural/Activations", GW_FLOAT_TYPES, 0, elu_grad, FEATURES, ACTIVATIONS,
             "Exponential linear unit: eˣ - 1 below 0, x above.",
             "Smooth where the rectifier has a corner, and never flat: units cannot die. Negative values tend to -1.",
             GW_EXAMPLE_1 ("[-1.0, 0, 2]", "[-0.63212055, 0, 2]"))

GW_BINARY_KERNEL (elu_backward, GW_BINARY_ELU_GRAD)
GW_BINARY_GRADIENT (elu_backward, gw_op2 (b, "EluGrad", dz, y),
                    gw_op3 (b, "SelectV2", gw_op2 (b, "Less", y, NUMBER (0)), MUL (dz, x), NUMBER (0)))
GW_BACKWARD_OP (elu_backward, "EluGrad", "Gradient of Elu", "neural/Activations", GW_FLOAT_TYPES,
                GRADIENTS, "outputs", "The forward op's result.", BACKPROPS,
                "The gradient of the exponential linear unit, from its result.",
                "`backprops = gradients · (outputs + 1)` where outputs < 0, else gradients.",
                GW_EXAMPLE_2 ("[2.0, 3]", "[-0.5, 1]", "[1, 3]"))

/* ---- curves ---- */

GW_UNARY_KERNEL (sigmoid, GW_UNARY_SIGMOID)
GW_UNARY_GRADIENT (sigmoid, gw_op2 (b, "SigmoidGrad", z, dz))
GW_UNARY_OP (sigmoid, "Sigmoid", "Sigmoid", "neural/Activations", GW_FLOAT_TYPES, 0, sigmoid_grad, GW_X_Y,
             "The logistic curve from 0 to 1.",
             "`y = 1 / (1 + e⁻ˣ)`. Turns a score into the probability of yes. For a loss, hand the scores themselves to a "
             "sigmoid cross entropy: it is exact where the curve is flat.",
             GW_EXAMPLE_1 ("[0.0, 2, -2]", "[0.5, 0.880797, 0.119202919]"))

GW_BINARY_KERNEL (sigmoid_backward, GW_BINARY_SIGMOID_GRAD)
GW_BINARY_GRADIENT (sigmoid_backward, SUB (MUL (dz, y), MUL (MUL (NUMBER (2), MUL (dz, y)), x)),
                    gw_op2 (b, "SigmoidGrad", x, dz))
GW_BACKWARD_OP (sigmoid_backward, "SigmoidGrad", "Gradient of Sigmoid", "neural/Activations", GW_FLOAT_TYPES,
                "y", "The forward op's result.", "dy", "The gradient that arrives at it.", "z", "The gradient for the operand.",
                "The gradient of the logistic curve, from its result.", "`z = dy · y · (1 - y)` where `y = sigmoid (x)`.",
                GW_EXAMPLE_2 ("[0.5, 0.25]", "[4.0, 16]", "[1, 3]"))

GW_UNARY_KERNEL (hyperbolic_tangent, GW_UNARY_TANH)
GW_UNARY_GRADIENT (hyperbolic_tangent, gw_op2 (b, "TanhGrad", z, dz))
GW_UNARY_OP (hyperbolic_tangent, "Tanh", "Hyperbolic tangent", "neural/Activations", GW_FLOAT_TYPES, 0, hyperbolic_tangent_grad, GW_X_Y,
             "The S-shaped curve from -1 to 1.",
             "`y = (eˣ - e⁻ˣ) / (eˣ + e⁻ˣ)`. Unlike the sigmoid it is centred at 0; the activation of recurrent cells.",
             GW_EXAMPLE_1 ("[0.0, 1, -0.5]", "[0, 0.7615942, -0.46211717]"))

GW_BINARY_KERNEL (tanh_backward, GW_BINARY_TANH_GRAD)
GW_BINARY_GRADIENT (tanh_backward, MUL (MUL (NUMBER (-2), MUL (dz, y)), x), gw_op2 (b, "TanhGrad", x, dz))
GW_BACKWARD_OP (tanh_backward, "TanhGrad", "Gradient of Tanh", "neural/Activations", GW_FLOAT_TYPES,
                "y", "The forward op's result.", "dy", "The gradient that arrives at it.", "z", "The gradient for the operand.",
                "The gradient of the hyperbolic tangent, from its result.", "`z = dy · (1 - y²)` where `y = tanh (x)`.",
                GW_EXAMPLE_2 ("[0.5, 0]", "[4.0, 2]", "[3, 2]"))

GW_UNARY_KERNEL (softplus, GW_UNARY_SOFTPLUS)
GW_UNARY_GRADIENT (softplus, gw_op2 (b, "SoftplusGrad", dz, x))
GW_UNARY_OP (softplus, "Softplus", "Softplus", "neural/Activations", GW_FLOAT_TYPES, 0, softplus_grad, FEATURES, ACTIVATIONS,
             "A smooth rectifier: ln (1 + eˣ).",
             "Always positive, so that it can make a scale or a variance. Large elements pass unchanged, without overflow.",
             GW_EXAMPLE_1 ("[0.0, 1, -50]", "[0.6931472, 1.3132617, 1.9287499e-22]"))

GW_BINARY_KERNEL (softplus_backward, GW_BINARY_SOFTPLUS_GRAD)
GW_BINARY_GRADIENT (softplus_backward, gw_op2 (b, "SoftplusGrad", dz, y),
                    gw_op2 (b, "SigmoidGrad", gw_op1 (b, "Sigmoid", y), MUL (dz, x)))
GW_BACKWARD_OP (softplus_backward, "SoftplusGrad", "Gradient of Softplus", "neural/Activations", GW_FLOAT_TYPES,
                GRADIENTS, FORWARD_FEATURES, BACKPROPS,
                "The gradient of softplus.", "`backprops = gradients / (1 + e⁻ˣ)` where x is features.",
                GW_EXAMPLE_2 ("[2.0, 1]", "[0.0, 2]", "[1, 0.880797]"))

GW_UNARY_KERNEL (softsign, GW_UNARY_SOFTSIGN)
GW_UNARY_GRADIENT (softsign, gw_op2 (b, "SoftsignGrad", dz, x))
GW_UNARY_OP (softsign, "Softsign", "Softsign", "neural/Activations", GW_FLOAT_TYPES, 0, softsign_grad, FEATURES, ACTIVATIONS,
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

GW_BINARY_KERNEL (softsign_backward, GW_BINARY_SOFTSIGN_GRAD)
GW_BINARY_GRADIENT (softsign_backward, gw_op2 (b, "SoftsignGrad", dz, y), MUL (MUL (dz, x), softsign_curvature (b, y)))
GW_BACKWARD_OP (softsign_backward, "SoftsignGrad", "Gradient of Softsign", "neural/Activations", GW_FLOAT_TYPES,
                GRADIENTS, FORWARD_FEATURES, BACKPROPS,
                "The gradient of softsign.", "`backprops = gradients / (1 + |features|)²`.",
                GW_EXAMPLE_2 ("[2.0, 4]", "[0.0, -1]", "[2, 1]"))

const GwOpDef *const gw_ops_activation[] = {
  &relu, &relu_backward, &relu6, &relu6_backward, &elu, &elu_backward, &sigmoid, &sigmoid_backward,
  &hyperbolic_tangent, &tanh_backward, &softplus, &softplus_backward, &softsign, &softsign_backward, NULL,
};
