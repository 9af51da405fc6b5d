/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic, reductions, products, losses and updates: what the examples of the
 * definitions do not show. Refusals in TensorFlow's words, shapes as far as they are
 * known, gradients at corners and of gradients. */
#include "tests/engine/ops/op-runner.h"

#include "engine/graph/gradient.h"
#include "tests/support/support.h"

#include <math.h>

static void
test_refusals (void)
{
  op_fails ("AddV2", NULL, OP_IN ("float32 [[1,2,3],[4,5,6]]", "float32 [1,2,3,4]"), GW_ERROR_INVALID_ARGUMENT,
            "Incompatible shapes: [2,3] vs. [4]");
  op_fails ("AddV2", NULL, OP_IN ("float32 [1]", "int32 [1]"), GW_ERROR_INVALID_ARGUMENT, "int32");
  op_fails ("FloorDiv", NULL, OP_IN ("int32 [1,2]", "int32 [1,0]"), GW_ERROR_INVALID_ARGUMENT, "Integer division by zero");
  op_fails ("FloorMod", NULL, OP_IN ("int64 [1,2]", "int64 [1,0]"), GW_ERROR_INVALID_ARGUMENT, "Integer division by zero");
  op_fails ("Pow", NULL, OP_IN ("int32 [2]", "int32 [-1]"), GW_ERROR_INVALID_ARGUMENT,
            "Integers to negative integer powers are not allowed");
  op_fails ("AddN", NULL, OP_IN ("float32 [1,2]", "float32 [1]"), GW_ERROR_INVALID_ARGUMENT, "inputs[1]");
  op_fails ("MatMul", NULL, OP_IN ("float32 [[1,2,3],[4,5,6]]", "float32 [[1,2],[3,4]]"), GW_ERROR_INVALID_ARGUMENT,
            "Matrix size-incompatible: In[0]: [2,3], In[1]: [2,2]");
  op_fails ("MatMul", NULL, OP_IN ("float32 [1,2]", "float32 [[1],[2]]"), GW_ERROR_INVALID_ARGUMENT, "In[0] is not a matrix");
  op_fails ("Sum", NULL, OP_IN ("float32 [1,2]", "int32 1"), GW_ERROR_INVALID_ARGUMENT, "Invalid reduction dimension 1");
  op_fails ("Sum", NULL, OP_IN ("float32 [1,2]", "int32 [0,-1]"), GW_ERROR_INVALID_ARGUMENT, "duplicate dimension: 0");
  op_fails ("ArgMax", NULL, OP_IN ("float32 [1,2]", "int32 3"), GW_ERROR_INVALID_ARGUMENT, "range [-1, 1), but got 3");
  op_fails ("BiasAdd", NULL, OP_IN ("float32 [[1,2]]", "float32 [1,2,3]"), GW_ERROR_INVALID_ARGUMENT,
            "Must provide as many biases");
  op_fails ("SparseSoftmaxCrossEntropyWithLogits", NULL, OP_IN ("float32 [[1,2],[3,4]]", "int32 [0,12]"),
            GW_ERROR_INVALID_ARGUMENT, "Received a label value of 12 which is outside the valid range of [0, 2).");
  op_fails ("SparseSoftmaxCrossEntropyWithLogits", NULL, OP_IN ("float32 [[1,2],[3,4]]", "int32 [0]"),
            GW_ERROR_INVALID_ARGUMENT, "got logits shape [2,2] and labels shape [1]");
  op_fails ("SoftmaxCrossEntropyWithLogits", NULL, OP_IN ("float32 [[1,2],[3,4]]", "float32 [[1,2,3]]"),
            GW_ERROR_INVALID_ARGUMENT, "logits and labels must be broadcastable");
  op_fails ("TruncateDiv", NULL, OP_IN ("int8 [1,2]", "int8 [1,0]"), GW_ERROR_INVALID_ARGUMENT, "Integer division by zero");
  op_fails ("TruncateMod", NULL, OP_IN ("int32 [1,2]", "int32 [1,0]"), GW_ERROR_INVALID_ARGUMENT, "Integer division by zero");
  op_fails ("Mod", NULL, OP_IN ("int64 3", "int64 0"), GW_ERROR_INVALID_ARGUMENT, "Integer division by zero");
  op_fails ("ClipByValue", NULL, OP_IN ("float32 [[1,2,3]]", "float32 [1,2,3]", "float32 2"), GW_ERROR_INVALID_ARGUMENT,
            "input shape: [1,3], clip_value_min shape: [3]");
  op_fails ("ClipByValue", NULL, OP_IN ("float32 1", "float32 0", "float32 [1,2]"), GW_ERROR_INVALID_ARGUMENT,
            "clip_value_max shape: [2]");
  op_fails ("Betainc", NULL, OP_IN ("float32 [1,2]", "float32 [1,2,3]", "float32 0.5"), GW_ERROR_INVALID_ARGUMENT,
            "Shapes of a and b are inconsistent: [2] vs. [3]");
  op_fails ("ApproximateEqual", NULL, OP_IN ("float32 [1,2]", "float32 1"), GW_ERROR_INVALID_ARGUMENT,
            "x and y must be of the same shape. x shape: [2]. y shape: []");
  op_fails ("BatchMatMul", NULL, OP_IN ("float32 [[[1]],[[2]]]", "float32 [[[1]]]"), GW_ERROR_INVALID_ARGUMENT,
            "must have the same batch dimensions: [2,1,1] vs. [1,1,1]");
  op_fails ("Complex", NULL, OP_IN ("float64 1", "float64 1"), GW_ERROR_INVALID_ARGUMENT, "Tout is complex64");
  op_fails ("Real", "Tout=float64", OP_IN ("complex64 1+2j"), GW_ERROR_INVALID_ARGUMENT, "Tout is float64");
  op_fails ("AccumulateNV2", "shape=[3]", OP_IN ("float32 [1,2]"), GW_ERROR_INVALID_ARGUMENT, "shape");
  op_fails ("CumulativeLogsumexp", NULL, OP_IN ("float32 [1,2]", "int32 1"), GW_ERROR_INVALID_ARGUMENT, "scan axis");
  op_fails ("BitwiseAnd", NULL, OP_IN ("float32 [1]", "float32 [1]"), GW_ERROR_INVALID_ARGUMENT, "float32");
  op_fails ("Less", NULL, OP_IN ("complex64 [1]", "complex64 [1]"), GW_ERROR_INVALID_ARGUMENT, "complex64");
  op_fails ("Select", NULL, OP_IN ("bool [true,false,true]", "float32 [[1],[2]]", "float32 [[1],[2]]"),
            GW_ERROR_INVALID_ARGUMENT, "condition");
}

static void
test_shapes (void)
{
  op_infers ("AddV2", NULL, OP_IN ("[?,3]", "[3]"), "[?,3]");
  op_infers ("AddV2", NULL, OP_IN ("?", "[3]"), "?");
  op_infers ("AddV2", NULL, OP_IN ("[?,1]", "[4]"), "[?,4]");
  op_infers ("AddV2", NULL, OP_IN ("[2,?]", "[4,3]"), "!Incompatible shapes: [2,?] vs. [4,3]");
  op_infers ("MatMul", NULL, OP_IN ("[2,?]", "[?,5]"), "[2,5]");
  op_infers ("MatMul", "transpose_a=true", OP_IN ("[?,7]", "?"), "[7,?]");
  op_infers ("MatMul", NULL, OP_IN ("[2,3]", "[4,?]"), "!Matrix size-incompatible");
  op_infers ("BatchMatMulV2", NULL, OP_IN ("[?,1,2,3]", "[5,3,?]"), "[?,5,2,?]");
  op_infers ("Sum", NULL, OP_IN ("[?,3,4]", "=int32 [1]"), "[?,4]");
  op_infers ("Sum", "keep_dims=true", OP_IN ("[?,3,4]", "=int32 [0,2]"), "[1,3,1]");
  op_infers ("Mean", NULL, OP_IN ("?", "=int32 [0]"), "?");
  op_infers ("Sum", NULL, OP_IN ("[?,3,4]", "int32 [2]"), "[?]");
  op_infers ("ArgMax", NULL, OP_IN ("[?,10]", "=int32 1"), "[?]");
  op_infers ("BiasAdd", NULL, OP_IN ("[?,?]", "[500]"), "[?,500]");
  op_infers ("BiasAdd", "data_format=NCHW", OP_IN ("[?,?,4,4]", "[3]"), "[?,3,4,4]");
  op_infers ("BiasAddGrad", NULL, OP_IN ("[?,2,3]"), "[3]");
  op_infers ("SoftmaxCrossEntropyWithLogits", NULL, OP_IN ("[?,10]", "[32,?]"), "[32] [32,10]");
  op_infers ("SparseSoftmaxCrossEntropyWithLogits", NULL, OP_IN ("[?,10]", "int64 [32]"), "[32] [32,10]");
  op_infers ("L2Loss", NULL, OP_IN ("[?,3]"), "[]");
  op_infers ("ClipByValue", NULL, OP_IN ("[?,3]", "[]", "[2,?]"), "[2,3]");
  op_infers ("ClipByValue", NULL, OP_IN ("?", "[]", "?"), "?");
  op_infers ("Betainc", NULL, OP_IN ("[]", "[?,3]", "[2,?]"), "[2,3]");
  op_infers ("Betainc", NULL, OP_IN ("[]", "?", "[]"), "?");
  op_infers ("Betainc", NULL, OP_IN ("[]", "[]", "[]"), "[]");
  op_infers ("BatchMatMul", NULL, OP_IN ("[?,2,3]", "[5,3,?]"), "[5,2,?]");
  op_infers ("BatchMatMul", NULL, OP_IN ("?", "[5,3,4]"), "[?,?,?]");
  op_infers ("Igamma", NULL, OP_IN ("[?,1]", "[4]"), "[?,4]");
  op_infers ("ApproximateEqual", NULL, OP_IN ("[?,3]", "[2,?]"), "[2,3]");
  op_infers ("EuclideanNorm", NULL, OP_IN ("[?,3,4]", "=int32 [1]"), "[?,4]");
  op_infers ("AddN", NULL, OP_IN ("[?,3]", "[2,?]"), "[2,3]");
}

/* Corners and ties as TensorFlow resolves them. */
static void
test_corner_gradients (void)
{
  op_differentiates ("Relu", NULL, OP_IN ("float32 [-1,0,2]"), "float32 [1,1,1]", 0, "float32 [0,0,1]");
  op_differentiates ("Abs", NULL, OP_IN ("float32 [-1,0,2]"), "float32 [1,1,1]", 0, "float32 [-1,0,1]");
  op_differentiates ("Maximum", NULL, OP_IN ("float32 [1,2]", "float32 [1,3]"), "float32 [5,7]", 0, "float32 [5,0]");
  op_differentiates ("Maximum", NULL, OP_IN ("float32 [1,2]", "float32 [1,3]"), "float32 [5,7]", 1, "float32 [0,7]");
  op_differentiates ("Minimum", NULL, OP_IN ("float32 [1,2]", "float32 [1,3]"), "float32 [5,7]", 0, "float32 [5,7]");
  op_differentiates ("Max", NULL, OP_IN ("float32 [3,1,3]", "int32 0"), "float32 6", 0, "float32 [3,0,3]");
  op_differentiates ("Pow", NULL, OP_IN ("float32 [0,2]", "float32 [2,3]"), "float32 [1,1]", 1, "float32 [0,5.5451775]");
  op_differentiates ("ClipByValue", NULL, OP_IN ("float32 [-1,0,1,2,3]", "float32 0", "float32 2"), "float32 [1,2,4,8,16]", 0,
                     "float32 [0,2,4,8,0]");
  op_differentiates ("ClipByValue", NULL, OP_IN ("float32 [-1,0,1,2,3]", "float32 0", "float32 2"), "float32 [1,2,4,8,16]", 1,
                     "float32 1");
  op_differentiates ("ClipByValue", NULL, OP_IN ("float32 [-1,0,1,2,3]", "float32 0", "float32 2"), "float32 [1,2,4,8,16]", 2,
                     "float32 16");
  op_differentiates ("Cumprod", NULL, OP_IN ("float32 [2,0,4]", "int32 0"), "float32 [1,1,1]", 0, "float32 [1,0,0]");
  op_differentiates ("Xlogy", NULL, OP_IN ("float32 [0,2]", "float32 [0,1]"), "float32 [1,1]", 0, "float32 [0,0]");
  op_differentiates ("MulNoNan", NULL, OP_IN ("float32 [inf,2]", "float32 [0,3]"), "float32 [1,1]", 0, "float32 [0,3]");
  op_differentiates ("LeakyRelu", "alpha=0.5", OP_IN ("float32 [-2,0,2]"), "float32 [1,1,1]", 0, "float32 [0.5,0.5,1]");
  op_differentiates ("BesselI1e", NULL, OP_IN ("float32 0"), "float32 1", 0, "float32 0.5");
  op_differentiates ("AddV2", NULL, OP_IN ("float32 [[1,2],[3,4]]", "float32 [1,2]"), "float32 [[1,2],[3,4]]", 1, "float32 [4,6]");
  op_differentiates ("Mean", NULL, OP_IN ("float32 [[1,2],[3,4]]", "int32 [0,1]"), "float32 8", 0, "float32 [[2,2],[2,2]]");
}

/* The product of the others, also where that is not the product over the element. */
static void
test_product_gradient (void)
{
  g_autoptr (GwGraph) graph = gw_graph_new ();
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwTensor) result = NULL;
  GwBuilder builder;
  GwOutput x, y, dx;

  op_runner_init ();
  gw_builder_init (&builder, graph);
  x = gw_const (&builder, gw_test_tensor ("float32 [[2,0],[3,4]]"));
  y = gw_op2 (&builder, "Prod", x, gw_const_ints (&builder, 2, (int64_t[]) { 0, 1 }));
  g_assert_true (gw_gradients (&builder, 1, &y, NULL, 1, &x, &dx));
  result = gw_session_fetch (session, graph, 0, NULL, dx, &builder.error);
  g_assert_no_error (builder.error);
  gw_test_assert_tensor (result, "float32 [[0,24],[0,0]]");
  gw_builder_clear (&builder);
}

static void
test_empty (void)
{
  op_gives ("Sum", NULL, OP_IN ("float32 []", "int32 []"), OP_IN ("float32 []"));
  op_gives ("AddV2", NULL, OP_IN ("float32 []", "float32 1"), OP_IN ("float32 []"));
}

/* d²/dx² of a chain, through the backward ops: f = sum (g (x)). */
static double
second_derivative (const char *op,
                   double      at)
{
  g_autoptr (GwGraph) graph = gw_graph_new ();
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwTensor) result = NULL;
  GwBuilder builder;
  GwOutput x, y, first, second;
  double value;

  op_runner_init ();
  gw_builder_init (&builder, graph);
  x = gw_const_scalar (&builder, GW_FLOAT64, at);
  y = gw_op1 (&builder, op, x);
  g_assert_true (gw_gradients (&builder, 1, &y, NULL, 1, &x, &first));
  g_assert_true (gw_gradients (&builder, 1, &first, NULL, 1, &x, &second));
  result = gw_session_fetch (session, graph, 0, NULL, second, &builder.error);
  g_assert_no_error (builder.error);
  value = gw_tensor_get_double (result, 0);
  gw_builder_clear (&builder);
  return value;
}

static void
test_second_derivatives (void)
{
  g_assert_cmpfloat_with_epsilon (second_derivative ("Tanh", 0.5), -0.7268619813835874, 1e-12);
  g_assert_cmpfloat_with_epsilon (second_derivative ("Sigmoid", 0.5), -0.05755679485 , 1e-9);
  g_assert_cmpfloat_with_epsilon (second_derivative ("Softplus", 0.5), 0.2350037122015945, 1e-12);
  g_assert_cmpfloat_with_epsilon (second_derivative ("Sqrt", 4), -0.03125, 1e-12);
  g_assert_cmpfloat_with_epsilon (second_derivative ("Rsqrt", 4), 0.0234375, 1e-12);
  g_assert_cmpfloat_with_epsilon (second_derivative ("Reciprocal", 2), 0.25, 1e-12);
  g_assert_cmpfloat_with_epsilon (second_derivative ("Square", 3), 2, 1e-12);
  g_assert_cmpfloat (second_derivative ("Relu", 3), ==, 0);
  g_assert_cmpfloat (second_derivative ("LeakyRelu", -3), ==, 0);
  g_assert_cmpfloat (second_derivative ("Relu6", 3), ==, 0);
  g_assert_cmpfloat_with_epsilon (second_derivative ("Elu", -0.5), exp (-0.5), 1e-12);
  g_assert_cmpfloat_with_epsilon (second_derivative ("Selu", -0.5), 1.7580993408473769 * exp (-0.5), 1e-12);
  g_assert_cmpfloat_with_epsilon (second_derivative ("Softsign", 1), -0.25, 1e-12);
  g_assert_cmpfloat_with_epsilon (second_derivative ("Inv", 2), 0.25, 1e-12);
  g_assert_cmpfloat_with_epsilon (second_derivative ("Lgamma", 1), G_PI * G_PI / 6, 1e-12);
  g_assert_cmpfloat_with_epsilon (second_derivative ("Erf", 1), -4 / sqrt (G_PI) * exp (-1), 1e-12);
  g_assert_cmpfloat_with_epsilon (second_derivative ("Asinh", 1), -0.35355339059327379, 1e-12);
  g_assert_cmpfloat_with_epsilon (second_derivative ("Atan", 1), -0.5, 1e-12);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/math/refusals", test_refusals);
  g_test_add_func ("/math/shapes", test_shapes);
  g_test_add_func ("/math/corner-gradients", test_corner_gradients);
  g_test_add_func ("/math/product-gradient", test_product_gradient);
  g_test_add_func ("/math/empty", test_empty);
  g_test_add_func ("/math/second-derivatives", test_second_derivatives);
  return g_test_run ();
}
