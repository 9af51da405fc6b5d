/* SPDX-License-Identifier: Apache-2.0 */
/* Reshape, ExpandDims, Squeeze, Shape and its like, Fill, Range, LinSpace, OneHot. */
#include "engine/base/error.h"
#include "tests/engine/ops/op-runner.h"
#include "tests/support/support.h"

#define MATRIX "[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]"

static void
test_identity (void)
{
  op_gives ("Identity", NULL, OP_IN ("[\"a\", \"\"]"), OP_IN ("[\"a\", \"\"]"));
  op_gives ("Identity", NULL, OP_IN ("bool [true, false]"), OP_IN ("bool [true, false]"));
  op_gives ("StopGradient", NULL, OP_IN (MATRIX), OP_IN (MATRIX));
  op_gives ("IdentityN", NULL, OP_IN ("[1.5]", "7", "\"x\""), OP_IN ("[1.5]", "7", "\"x\""));
  op_infers ("IdentityN", NULL, OP_IN ("[?,3]", "int32 []"), "[?,3] []");
  op_differentiates ("Identity", NULL, OP_IN ("[1.5, 2.5]"), "[3.0, 4.0]", 0, "[3.0, 4.0]");
  op_differentiates ("IdentityN", NULL, OP_IN ("[1.5, 2.5]", "[7.0]"), "[3.0, 4.0]", 0, "[3.0, 4.0]");
}

static void
test_reshape (void)
{
  op_gives ("Reshape", NULL, OP_IN (MATRIX, "[3, -1]"), OP_IN ("[[1.5, 2.5], [3.5, 4.5], [5.5, 6.5]]"));
  op_gives ("Reshape", NULL, OP_IN (MATRIX, "int64 [6]"), OP_IN ("[1.5, 2.5, 3.5, 4.5, 5.5, 6.5]"));
  op_gives ("Reshape", NULL, OP_IN ("[7]", "int32 []"), OP_IN ("7"));
  op_gives ("Reshape", NULL, OP_IN ("[\"a\", \"b\"]", "[2, 1]"), OP_IN ("[[\"a\"], [\"b\"]]"));
  op_infers ("Reshape", NULL, OP_IN ("[?,28,28]", "=[-1, 784]"), "[?,784]");
  op_infers ("Reshape", NULL, OP_IN ("[5,28,28]", "=[-1, 784]"), "[5,784]");
  op_infers ("Reshape", NULL, OP_IN ("?", "int32 [3]"), "[?,?,?]");
  op_infers ("Reshape", NULL, OP_IN ("[2,3]", "int32 ?"), "?");
  op_differentiates ("Reshape", NULL, OP_IN (MATRIX, "[6]"), "[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]", 0,
                     "[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]");
}

static void
test_reshape_errors (void)
{
  op_fails ("Reshape", NULL, OP_IN (MATRIX, "[4]"), GW_ERROR_INVALID_ARGUMENT,
            "Input to reshape is a tensor with 6 values, but the requested shape has 4");
  op_fails ("Reshape", NULL, OP_IN (MATRIX, "[4, -1]"), GW_ERROR_INVALID_ARGUMENT,
            "Input to reshape is a tensor with 6 values, but the requested shape requires a multiple of 4");
  op_fails ("Reshape", NULL, OP_IN (MATRIX, "[-1, -1]"), GW_ERROR_INVALID_ARGUMENT, "only one input size may be -1");
  op_fails ("Reshape", NULL, OP_IN (MATRIX, "[-2, 3]"), GW_ERROR_INVALID_ARGUMENT, "shape");
  op_fails ("Reshape", NULL, OP_IN (MATRIX, "6"), GW_ERROR_INVALID_ARGUMENT, "shape must be rank 1");
  op_fails ("Reshape", NULL, OP_IN (MATRIX, "int64 [4000000000, 4000000000]"), GW_ERROR_INVALID_ARGUMENT,
            "more elements than can be counted");
  op_fails ("Reshape", NULL, OP_IN ("[1.5]", "[1, 1, 1, 1, 1, 1, 1, 1, 1]"), GW_ERROR_INVALID_ARGUMENT, "shape");
}

static void
test_expand_and_squeeze (void)
{
  op_gives ("ExpandDims", NULL, OP_IN ("[1.5, 2.5]", "0"), OP_IN ("[[1.5, 2.5]]"));
  op_gives ("ExpandDims", NULL, OP_IN ("[1.5, 2.5]", "-1"), OP_IN ("[[1.5], [2.5]]"));
  op_gives ("ExpandDims", NULL, OP_IN ("7", "0"), OP_IN ("[7]"));
  op_infers ("ExpandDims", NULL, OP_IN ("[?,3]", "=1"), "[?,1,3]");
  op_infers ("ExpandDims", NULL, OP_IN ("[?,3]", "int32 []"), "[?,?,?]");
  op_fails ("ExpandDims", NULL, OP_IN ("[1.5, 2.5]", "2"), GW_ERROR_INVALID_ARGUMENT, "dim = 2 is not in [-2, 2)");
  op_gives ("Squeeze", NULL, OP_IN ("[[[1.5], [2.5]]]"), OP_IN ("[1.5, 2.5]"));
  op_gives ("Squeeze", "squeeze_dims=[0]", OP_IN ("[[[1.5], [2.5]]]"), OP_IN ("[[1.5], [2.5]]"));
  op_gives ("Squeeze", "squeeze_dims=[-1,0]", OP_IN ("[[[1.5], [2.5]]]"), OP_IN ("[1.5, 2.5]"));
  op_infers ("Squeeze", NULL, OP_IN ("[?,1]"), "?");
  op_infers ("Squeeze", "squeeze_dims=[1]", OP_IN ("[?,1]"), "[?]");
  op_fails ("Squeeze", "squeeze_dims=[1]", OP_IN ("[[[1.5], [2.5]]]"), GW_ERROR_INVALID_ARGUMENT,
            "Can not squeeze dim[1], expected a dimension of 1, got 2");
  op_fails ("Squeeze", "squeeze_dims=[3]", OP_IN ("[[[1.5], [2.5]]]"), GW_ERROR_INVALID_ARGUMENT,
            "squeeze_dims = 3 is not in [-3, 3)");
  op_differentiates ("Squeeze", NULL, OP_IN ("[[[1.5], [2.5]]]"), "[1.0, 2.0]", 0, "[[[1.0], [2.0]]]");
  op_differentiates ("ExpandDims", NULL, OP_IN ("[1.5, 2.5]", "0"), "[[3.0, 4.0]]", 0, "[3.0, 4.0]");
}

static void
test_shape_of (void)
{
  op_gives ("Shape", NULL, OP_IN (MATRIX), OP_IN ("[2, 3]"));
  op_gives ("Shape", "out_type=int64", OP_IN ("7.5"), OP_IN ("int64 []"));
  op_gives ("ShapeN", NULL, OP_IN (MATRIX, "[1.0]"), OP_IN ("[2, 3]", "[1]"));
  op_gives ("Size", NULL, OP_IN (MATRIX), OP_IN ("6"));
  op_gives ("Rank", NULL, OP_IN (MATRIX), OP_IN ("2"));
  op_infers ("Shape", NULL, OP_IN ("[?,3]"), "[2]");
  op_infers ("Shape", NULL, OP_IN ("?"), "[?]");
  op_infers ("Size", NULL, OP_IN ("?"), "[]");
}

/* What is known of a computed shape reaches the op that uses it. */
static void
test_partial_values (void)
{
  g_autoptr (GwGraph) graph = NULL;
  GwBuilder b;
  GwOutput x, shape, batch, rest, joined, packed;
  const GwAttrSetting scalar[] = { { "shrink_axis_mask", gw_attr_int (1) }, { NULL } };

  op_runner_init ();
  graph = gw_graph_new ();
  gw_builder_init (&b, graph);
  x = gw_op (&b, "Placeholder", GW_NO_IN, GW_WITH ({ "shape", gw_attr_shape (GW_SHAPE (-1, 4, 5)) }));
  shape = gw_op1 (&b, "Shape", x);
  batch = gw_op (&b, "StridedSlice", GW_IN (shape, gw_const_ints (&b, 1, (const int64_t[]) { 0 }),
                                            gw_const_ints (&b, 1, (const int64_t[]) { 1 }),
                                            gw_const_ints (&b, 1, (const int64_t[]) { 1 })), scalar);
  rest = gw_op3 (&b, "Slice", shape, gw_const_ints (&b, 1, (const int64_t[]) { 1 }),
                 gw_const_ints (&b, 1, (const int64_t[]) { -1 }));
  packed = gw_op (&b, "Pack", GW_IN (batch, gw_const_scalar (&b, GW_INT32, 20)), NULL);
  joined = gw_op (&b, "ConcatV2", GW_IN (rest, gw_const_ints (&b, 1, (const int64_t[]) { 7 }),
                                         gw_const_scalar (&b, GW_INT32, 0)), NULL);
  g_assert_no_error (b.error);
  {
    g_autofree char *reshaped = gw_shape_to_string (gw_output_shape (gw_op2 (&b, "Reshape", x, packed)));
    g_autofree char *filled = gw_shape_to_string (gw_output_shape (
      gw_op2 (&b, "Fill", joined, gw_const_scalar (&b, GW_FLOAT32, 1))));
    g_autofree char *gathered = gw_shape_to_string (gw_output_shape (
      gw_op2 (&b, "Fill", gw_op3 (&b, "GatherV2", shape, gw_const_ints (&b, 2, (const int64_t[]) { 2, 0 }),
                                  gw_const_scalar (&b, GW_INT32, 0)),
              gw_op1 (&b, "Size", gw_const_ints (&b, 0, NULL)))));

    g_assert_no_error (b.error);
    g_assert_cmpstr (reshaped, ==, "[?,20]");
    g_assert_cmpstr (filled, ==, "[4,5,7]");
    g_assert_cmpstr (gathered, ==, "[5,?]");
  }
  gw_builder_clear (&b);
}

static void
test_fill (void)
{
  op_gives ("Fill", NULL, OP_IN ("[2, 3]", "1.5"), OP_IN ("[[1.5, 1.5, 1.5], [1.5, 1.5, 1.5]]"));
  op_gives ("Fill", NULL, OP_IN ("int32 []", "7"), OP_IN ("7"));
  op_gives ("Fill", NULL, OP_IN ("int64 [2]", "\"ab\""), OP_IN ("[\"ab\", \"ab\"]"));
  op_gives ("ZerosLike", NULL, OP_IN ("[\"ab\", \"c\"]"), OP_IN ("[\"\", \"\"]"));
  op_gives ("ZerosLike", NULL, OP_IN ("bool [true]"), OP_IN ("bool [false]"));
  op_gives ("OnesLike", NULL, OP_IN ("[[2.5, 3.5]]"), OP_IN ("[[1.0, 1.0]]"));
  op_gives ("OnesLike", NULL, OP_IN ("bool [false]"), OP_IN ("bool [true]"));
  op_infers ("Fill", NULL, OP_IN ("int32 [2]", "[]"), "[?,?]");
  op_fails ("Fill", NULL, OP_IN ("[-1, 2]", "1.5"), GW_ERROR_INVALID_ARGUMENT, "dims: Dimension -1 must be >= 0");
  op_fails ("Fill", NULL, OP_IN ("[2]", "[1.5]"), GW_ERROR_INVALID_ARGUMENT, "value must be rank 0");
  op_fails ("Fill", NULL, OP_IN ("[[2]]", "1.5"), GW_ERROR_INVALID_ARGUMENT, "dims must be rank 1");
  op_fails ("Fill", NULL, OP_IN ("int64 [1000000000000000]", "1.5"), GW_ERROR_RESOURCE_EXHAUSTED, NULL);
  op_fails ("Fill", NULL, OP_IN ("int64 [4000000000, 4000000000]", "1.5"), GW_ERROR_INVALID_ARGUMENT,
            "more elements than can be counted");
  op_differentiates ("Fill", NULL, OP_IN ("[2, 2]", "1.5"), "[[1.0, 2.0], [3.0, 4.0]]", 1, "10.0");
}

static void
test_sequences (void)
{
  op_gives ("Range", NULL, OP_IN ("3", "18", "4"), OP_IN ("[3, 7, 11, 15]"));
  op_gives ("Range", NULL, OP_IN ("3", "-3", "-2"), OP_IN ("[3, 1, -1]"));
  op_gives ("Range", NULL, OP_IN ("5", "5", "1"), OP_IN ("int32 []"));
  op_gives ("Range", NULL, OP_IN ("0.0", "1.0", "0.3"), OP_IN ("[0.0, 0.3, 0.6, 0.90000004]"));
  op_gives ("Range", NULL, OP_IN ("2147483600", "2147483647", "40"), OP_IN ("[2147483600, 2147483640]"));
  op_infers ("Range", NULL, OP_IN ("int32 []", "=7", "=1"), "[?]");
  op_fails ("Range", NULL, OP_IN ("3", "18", "0"), GW_ERROR_INVALID_ARGUMENT, "Requires delta != 0: 0");
  op_fails ("Range", NULL, OP_IN ("3", "1", "1"), GW_ERROR_INVALID_ARGUMENT,
            "Requires start <= limit when delta > 0: 3/1");
  op_fails ("Range", NULL, OP_IN ("1", "3", "-1"), GW_ERROR_INVALID_ARGUMENT,
            "Requires start >= limit when delta < 0: 1/3");
  op_fails ("Range", NULL, OP_IN ("0.0", "1e30", "1e-30"), GW_ERROR_INVALID_ARGUMENT, "more elements than can be counted");
  op_fails ("Range", NULL, OP_IN ("[3]", "18", "4"), GW_ERROR_INVALID_ARGUMENT, "start must be rank 0");
  op_gives ("LinSpace", NULL, OP_IN ("10.0", "13.0", "4"), OP_IN ("[10.0, 11.0, 12.0, 13.0]"));
  op_gives ("LinSpace", NULL, OP_IN ("float64 10", "float64 13", "int64 1"), OP_IN ("float64 [10]"));
  op_fails ("LinSpace", NULL, OP_IN ("10.0", "13.0", "0"), GW_ERROR_INVALID_ARGUMENT, "Requires num > 0: 0");
}

static void
test_one_hot (void)
{
  op_gives ("OneHot", NULL, OP_IN ("[0, 2, -1, 5]", "3", "1.0", "0.0"),
            OP_IN ("[[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]"));
  op_gives ("OneHot", "axis=0", OP_IN ("int64 [0, 1]", "3", "5", "-1"), OP_IN ("[[5, -1], [-1, 5], [-1, -1]]"));
  op_gives ("OneHot", "axis=1", OP_IN ("[[0, 1], [1, 0]]", "2", "1", "0"),
            OP_IN ("[[[1, 0], [0, 1]], [[0, 1], [1, 0]]]"));
  op_gives ("OneHot", NULL, OP_IN ("uint8 [1]", "2", "\"on\"", "\"off\""), OP_IN ("[[\"off\", \"on\"]]"));
  op_infers ("OneHot", NULL, OP_IN ("int32 [?]", "=10", "[]", "[]"), "[?,10]");
  op_infers ("OneHot", NULL, OP_IN ("int32 [4]", "int32 []", "[]", "[]"), "[4,?]");
  op_fails ("OneHot", "axis=2", OP_IN ("[0]", "3", "1.0", "0.0"), GW_ERROR_INVALID_ARGUMENT,
            "Expected axis to be -1 or between [0, 2). Received: 2");
  op_fails ("OneHot", NULL, OP_IN ("[0]", "-3", "1.0", "0.0"), GW_ERROR_INVALID_ARGUMENT,
            "depth must be non-negative, got: -3");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/array-shape/identity", test_identity);
  g_test_add_func ("/ops/array-shape/reshape", test_reshape);
  g_test_add_func ("/ops/array-shape/reshape-errors", test_reshape_errors);
  g_test_add_func ("/ops/array-shape/expand-and-squeeze", test_expand_and_squeeze);
  g_test_add_func ("/ops/array-shape/shape-of", test_shape_of);
  g_test_add_func ("/ops/array-shape/partial-values", test_partial_values);
  g_test_add_func ("/ops/array-fill/fill", test_fill);
  g_test_add_func ("/ops/array-fill/sequences", test_sequences);
  g_test_add_func ("/ops/array-fill/one-hot", test_one_hot);
  return g_test_run ();
}
