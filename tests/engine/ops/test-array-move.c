/* SPDX-License-Identifier: Apache-2.0 */
/* Transpose, Slice, Pad, Tile, BroadcastTo, Concat, Pack, Unpack, Split, Gather and
 * their gradients. */
#include "engine/base/error.h"
#include "tests/engine/ops/op-runner.h"
#include "tests/support/support.h"

#define MATRIX "[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]"
#define ONES "[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]"

static void
test_transpose (void)
{
  op_gives ("Transpose", NULL, OP_IN (MATRIX, "[1, 0]"), OP_IN ("[[1.5, 4.5], [2.5, 5.5], [3.5, 6.5]]"));
  op_gives ("Transpose", NULL, OP_IN ("[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]", "int64 [2, 0, 1]"),
            OP_IN ("[[[1, 3], [5, 7]], [[2, 4], [6, 8]]]"));
  op_gives ("Transpose", NULL, OP_IN ("[[\"a\", \"b\"]]", "[1, 0]"), OP_IN ("[[\"a\"], [\"b\"]]"));
  op_gives ("InvertPermutation", NULL, OP_IN ("[3, 4, 0, 2, 1]"), OP_IN ("[2, 4, 3, 0, 1]"));
  op_infers ("Transpose", NULL, OP_IN ("[?,3,4]", "=[2, 0, 1]"), "[4,?,3]");
  op_infers ("Transpose", NULL, OP_IN ("[?,3,4]", "int32 [3]"), "[?,?,?]");
  op_fails ("Transpose", NULL, OP_IN (MATRIX, "[0, 0]"), GW_ERROR_INVALID_ARGUMENT, "1 is missing");
  op_fails ("Transpose", NULL, OP_IN (MATRIX, "[0, 2]"), GW_ERROR_INVALID_ARGUMENT,
            "perm dim 2 is out of range of input rank 2");
  op_fails ("Transpose", NULL, OP_IN (MATRIX, "[0]"), GW_ERROR_INVALID_ARGUMENT,
            "transpose expects a vector of size 2. But input(1) is a vector of size 1");
  op_fails ("InvertPermutation", NULL, OP_IN ("[0, 0]"), GW_ERROR_INVALID_ARGUMENT, "0 is duplicated");
  op_differentiates ("Transpose", NULL, OP_IN ("[[[1.0], [2.0], [3.0]]]", "[1, 2, 0]"), "[[[5.0]], [[6.0]], [[7.0]]]", 0,
                     "[[[5.0], [6.0], [7.0]]]");
}

static void
test_slice (void)
{
  op_gives ("Slice", NULL, OP_IN (MATRIX, "[0, 1]", "[-1, 2]"), OP_IN ("[[2.5, 3.5], [5.5, 6.5]]"));
  op_gives ("Slice", NULL, OP_IN (MATRIX, "int64 [1, 3]", "int64 [1, 0]"), OP_IN ("float32 [[]]"));
  op_infers ("Slice", NULL, OP_IN ("[?,5]", "=[1, 2]", "=[2, -1]"), "[2,3]");
  op_infers ("Slice", NULL, OP_IN ("[?,5]", "=[1, 2]", "=[-1, 2]"), "[?,2]");
  op_infers ("Slice", NULL, OP_IN ("?", "int32 [2]", "=[3, -1]"), "[3,?]");
  op_infers ("Slice", NULL, OP_IN ("[2,5]", "=[1]", "=[1]"), "!1-D tensors of size 2, but got begin with 1");
  op_fails ("Slice", NULL, OP_IN (MATRIX, "[3, 0]", "[0, 1]"), GW_ERROR_INVALID_ARGUMENT,
            "Expected begin[0] in [0, 2], but got 3");
  op_fails ("Slice", NULL, OP_IN (MATRIX, "[1, 0]", "[2, 1]"), GW_ERROR_INVALID_ARGUMENT,
            "Expected size[0] in [0, 1], but got 2");
  op_fails ("Slice", NULL, OP_IN (MATRIX, "[-1, 0]", "[1, 1]"), GW_ERROR_INVALID_ARGUMENT, "begin[0] = -1 is negative");
  op_fails ("Slice", NULL, OP_IN (MATRIX, "[0, 0]", "[1, -2]"), GW_ERROR_INVALID_ARGUMENT, "size");
  op_differentiates ("Slice", NULL, OP_IN (MATRIX, "[0, 1]", "[1, 2]"), "[[7.0, 8.0]]", 0,
                     "[[0.0, 7.0, 8.0], [0.0, 0.0, 0.0]]");
}

static void
test_pad (void)
{
  op_gives ("Pad", NULL, OP_IN ("[[1.5, 2.5]]", "[[1, 0], [0, 1]]"), OP_IN ("[[0.0, 0.0, 0.0], [1.5, 2.5, 0.0]]"));
  op_gives ("Pad", NULL, OP_IN ("[\"a\"]", "[[1, 1]]"), OP_IN ("[\"\", \"a\", \"\"]"));
  op_gives ("PadV2", NULL, OP_IN ("[1, 2]", "int64 [[1, 2]]", "7"), OP_IN ("[7, 1, 2, 7, 7]"));
  op_infers ("Pad", NULL, OP_IN ("[?,3]", "=[[1, 1], [0, 2]]"), "[?,5]");
  op_infers ("Pad", NULL, OP_IN ("?", "int32 [2,2]"), "[?,?]");
  op_fails ("Pad", NULL, OP_IN ("[1.5]", "[[-1, 2]]"), GW_ERROR_INVALID_ARGUMENT, "Paddings must be non-negative: -1 2");
  op_fails ("Pad", NULL, OP_IN ("[1.5]", "[[1, 2], [3, 4]]"), GW_ERROR_INVALID_ARGUMENT,
            "The first dimension of paddings must be the rank of inputs");
  op_fails ("Pad", NULL, OP_IN ("[1.5]", "[[1, 2, 3]]"), GW_ERROR_INVALID_ARGUMENT,
            "paddings must be a matrix with 2 columns");
  op_fails ("Pad", NULL, OP_IN ("[1.5]", "int64 [[9223372036854775807, 9223372036854775807]]"),
            GW_ERROR_INVALID_ARGUMENT, "more elements than can be counted");
  op_differentiates ("Pad", NULL, OP_IN ("[1.5, 2.5]", "[[1, 2]]"), "[1.0, 2.0, 3.0, 4.0, 5.0]", 0, "[2.0, 3.0]");
}

static void
test_tile (void)
{
  op_gives ("Tile", NULL, OP_IN ("[[1, 2], [3, 4]]", "[2, 3]"),
            OP_IN ("[[1, 2, 1, 2, 1, 2], [3, 4, 3, 4, 3, 4], [1, 2, 1, 2, 1, 2], [3, 4, 3, 4, 3, 4]]"));
  op_gives ("Tile", NULL, OP_IN ("[\"a\", \"b\"]", "int64 [2]"), OP_IN ("[\"a\", \"b\", \"a\", \"b\"]"));
  op_gives ("Tile", NULL, OP_IN ("[1, 2]", "[0]"), OP_IN ("int32 []"));
  op_infers ("Tile", NULL, OP_IN ("[?,3]", "=[2, 2]"), "[?,6]");
  op_fails ("Tile", NULL, OP_IN ("[1, 2]", "[1, 1]"), GW_ERROR_INVALID_ARGUMENT,
            "Expected multiples argument to be a vector of length 1 but got length 2");
  op_fails ("Tile", NULL, OP_IN ("[1, 2]", "[-1]"), GW_ERROR_INVALID_ARGUMENT, "multiples: Dimension -1 must be >= 0");
  op_fails ("Tile", NULL, OP_IN ("[1, 2]", "int64 [9223372036854775807]"), GW_ERROR_INVALID_ARGUMENT,
            "more elements than can be counted");
  op_differentiates ("Tile", NULL, OP_IN ("[[1.0, 2.0]]", "[2, 2]"), "[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]", 0,
                     "[[16.0, 20.0]]");
}

static void
test_broadcast (void)
{
  op_gives ("BroadcastTo", NULL, OP_IN ("[[1], [2]]", "[2, 2, 3]"),
            OP_IN ("[[[1, 1, 1], [2, 2, 2]], [[1, 1, 1], [2, 2, 2]]]"));
  op_gives ("BroadcastTo", NULL, OP_IN ("7", "int64 [2]"), OP_IN ("[7, 7]"));
  op_infers ("BroadcastTo", NULL, OP_IN ("[?,1]", "=[4, 5]"), "[4,5]");
  op_fails ("BroadcastTo", NULL, OP_IN ("[1, 2]", "[3]"), GW_ERROR_INVALID_ARGUMENT, "Incompatible shapes: [2] vs. [3]");
  op_fails ("BroadcastTo", NULL, OP_IN ("[1, 2]", "[1]"), GW_ERROR_INVALID_ARGUMENT, "Incompatible shapes: [2] vs. [1]");
  op_fails ("BroadcastTo", NULL, OP_IN ("[[1, 2]]", "[2]"), GW_ERROR_INVALID_ARGUMENT, "Incompatible shapes");
  op_differentiates ("BroadcastTo", NULL, OP_IN ("[[1.0], [2.0]]", "[2, 3]"), ONES, 0, "[[6.0], [15.0]]");
  op_gives ("BroadcastGradientArgs", NULL, OP_IN ("[2, 3]", "[3]"), OP_IN ("int32 []", "[0]"));
  op_gives ("BroadcastGradientArgs", NULL, OP_IN ("[4, 1, 5]", "[3, 5]"), OP_IN ("[1]", "[0]"));
  op_gives ("BroadcastGradientArgs", NULL, OP_IN ("int64 [2, 3]", "int64 [2, 3]"), OP_IN ("int64 []", "int64 []"));
  op_fails ("BroadcastGradientArgs", NULL, OP_IN ("[2]", "[3]"), GW_ERROR_INVALID_ARGUMENT,
            "Incompatible shapes: [2] vs. [3]");
}

static void
test_concat (void)
{
  op_gives ("ConcatV2", NULL, OP_IN (MATRIX, "[[9.5], [8.5]]", "1"),
            OP_IN ("[[1.5, 2.5, 3.5, 9.5], [4.5, 5.5, 6.5, 8.5]]"));
  op_gives ("ConcatV2", NULL, OP_IN ("[1]", "[2, 3]", "int32 []", "int64 -1"), OP_IN ("[1, 2, 3]"));
  op_gives ("ConcatV2", NULL, OP_IN ("[\"a\"]", "[\"b\", \"c\"]", "0"), OP_IN ("[\"a\", \"b\", \"c\"]"));
  op_infers ("ConcatV2", NULL, OP_IN ("[?,3]", "[4,3]", "=0"), "[?,3]");
  op_infers ("ConcatV2", NULL, OP_IN ("[?,3]", "[4,?]", "=1"), "[4,?]");
  op_infers ("ConcatV2", NULL, OP_IN ("[2,3]", "?", "int32 []"), "[?,?]");
  op_fails ("ConcatV2", NULL, OP_IN (MATRIX, "[[9.5]]", "1"), GW_ERROR_INVALID_ARGUMENT,
            "ConcatOp : Dimensions of inputs should match");
  op_fails ("ConcatV2", NULL, OP_IN (MATRIX, "[9.5]", "0"), GW_ERROR_INVALID_ARGUMENT,
            "ConcatOp : Dimensions of inputs should match");
  op_fails ("ConcatV2", NULL, OP_IN (MATRIX, MATRIX, "2"), GW_ERROR_INVALID_ARGUMENT,
            "ConcatOp : Expected concatenating dimensions in the range [-2, 2), but got 2");
  op_fails ("ConcatV2", NULL, OP_IN ("1", "2", "0"), GW_ERROR_INVALID_ARGUMENT, "scalar");
  op_fails ("ConcatV2", NULL, OP_IN (MATRIX, MATRIX, "[0]"), GW_ERROR_INVALID_ARGUMENT, "axis must be a scalar");
  op_gives ("ConcatOffset", NULL, OP_IN ("-1", "[2, 2]", "[2, 3]", "[2, 4]"), OP_IN ("[0, 0]", "[0, 2]", "[0, 5]"));
  op_differentiates ("ConcatV2", NULL, OP_IN ("[[1.0, 2.0]]", "[[3.0]]", "1"), "[[5.0, 6.0, 7.0]]", 0, "[[5.0, 6.0]]");
  op_differentiates ("ConcatV2", NULL, OP_IN ("[[1.0, 2.0]]", "[[3.0]]", "int64 -1"), "[[5.0, 6.0, 7.0]]", 1, "[[7.0]]");
}

static void
test_pack (void)
{
  op_gives ("Pack", NULL, OP_IN ("[1, 2]", "[3, 4]", "[5, 6]"), OP_IN ("[[1, 2], [3, 4], [5, 6]]"));
  op_gives ("Pack", "axis=-1", OP_IN ("[1, 2]", "[3, 4]"), OP_IN ("[[1, 3], [2, 4]]"));
  op_gives ("Pack", NULL, OP_IN ("\"a\"", "\"b\""), OP_IN ("[\"a\", \"b\"]"));
  op_infers ("Pack", "axis=1", OP_IN ("[?,3]", "[2,?]"), "[2,2,3]");
  op_fails ("Pack", NULL, OP_IN ("[1, 2]", "[3]"), GW_ERROR_INVALID_ARGUMENT, "Dimension 0 in both shapes must be equal");
  op_fails ("Pack", "axis=2", OP_IN ("[1, 2]", "[3, 4]"), GW_ERROR_INVALID_ARGUMENT, "Invalid axis: 2; must be in [-2,2)");
  op_differentiates ("Pack", "axis=1", OP_IN ("[1.0, 2.0]", "[3.0, 4.0]"), "[[5.0, 6.0], [7.0, 8.0]]", 1, "[6.0, 8.0]");
  op_gives ("Unpack", "num=3", OP_IN ("[[1, 2], [3, 4], [5, 6]]"), OP_IN ("[1, 2]", "[3, 4]", "[5, 6]"));
  op_gives ("Unpack", "num=2 axis=-1", OP_IN ("[[1, 2], [3, 4], [5, 6]]"), OP_IN ("[1, 3, 5]", "[2, 4, 6]"));
  op_infers ("Unpack", "num=3 axis=1", OP_IN ("[?,?,4]"), "[?,4] [?,4] [?,4]");
  op_fails ("Unpack", "num=2", OP_IN ("[1, 2, 3]"), GW_ERROR_INVALID_ARGUMENT,
            "Input shape axis 0 must equal 2, got shape [3]");
  op_fails ("Unpack", "num=2 axis=1", OP_IN ("[1, 2]"), GW_ERROR_INVALID_ARGUMENT, "axis = 1 is not in [-1, 1)");
  op_differentiates ("Unpack", "num=2", OP_IN ("[[1.0, 2.0], [3.0, 4.0]]"), "[5.0, 6.0]", 0, "[[5.0, 6.0], [0.0, 0.0]]");
}

static void
test_split (void)
{
  op_gives ("Split", "num_split=3", OP_IN ("1", "[[1, 2, 3], [4, 5, 6]]"), OP_IN ("[[1], [4]]", "[[2], [5]]", "[[3], [6]]"));
  op_infers ("Split", "num_split=2", OP_IN ("=0", "[?,3]"), "[?,3] [?,3]");
  op_infers ("Split", "num_split=2", OP_IN ("=-1", "[?,4]"), "[?,2] [?,2]");
  op_fails ("Split", "num_split=2", OP_IN ("0", "[1, 2, 3]"), GW_ERROR_INVALID_ARGUMENT,
            "Number of ways to split should evenly divide the split dimension, but got axis 0 (size = 3) and num_split 2");
  op_fails ("Split", "num_split=2", OP_IN ("1", "[1, 2]"), GW_ERROR_INVALID_ARGUMENT, "axis = 1 is not in [-1, 1)");
  op_differentiates ("Split", "num_split=2", OP_IN ("0", "[1.0, 2.0]"), "[5.0]", 1, "[5.0, 0.0]");
  op_gives ("SplitV", "num_split=3", OP_IN ("[1, 2, 3, 4]", "[1, -1, 2]", "0"), OP_IN ("[1]", "[2]", "[3, 4]"));
  op_fails ("SplitV", "num_split=2", OP_IN ("[1, 2, 3]", "[1, 1]", "0"), GW_ERROR_INVALID_ARGUMENT,
            "Determined shape must either match input shape along split_dim exactly");
  op_fails ("SplitV", "num_split=2", OP_IN ("[1, 2, 3]", "[-1, -1]", "0"), GW_ERROR_INVALID_ARGUMENT, "size_splits[1] = -1");
  op_differentiates ("SplitV", "num_split=2", OP_IN ("[1.0, 2.0, 3.0]", "[1, 2]", "0"), "[5.0]", 0, "[5.0, 0.0, 0.0]");
}

static void
test_gather (void)
{
  op_gives ("GatherV2", NULL, OP_IN (MATRIX, "[[1, 0], [1, 1]]", "0"),
            OP_IN ("[[[4.5, 5.5, 6.5], [1.5, 2.5, 3.5]], [[4.5, 5.5, 6.5], [4.5, 5.5, 6.5]]]"));
  op_gives ("GatherV2", NULL, OP_IN (MATRIX, "int64 [2, 0]", "-1"), OP_IN ("[[3.5, 1.5], [6.5, 4.5]]"));
  op_gives ("GatherV2", NULL, OP_IN ("[\"a\", \"b\"]", "1", "0"), OP_IN ("\"b\""));
  op_gives ("GatherV2", "batch_dims=1", OP_IN ("[[1, 2, 3], [4, 5, 6]]", "[[2, 0], [1, 1]]", "1"),
            OP_IN ("[[3, 1], [5, 5]]"));
  op_gives ("Gather", NULL, OP_IN ("[1, 2, 3]", "[2, 2]"), OP_IN ("[3, 3]"));
  op_infers ("GatherV2", NULL, OP_IN ("[?,8]", "int32 [?,5]", "=0"), "[?,5,8]");
  op_infers ("GatherV2", NULL, OP_IN ("[9,8]", "int32 [5]", "int32 []"), "[?,?]");
  op_fails ("GatherV2", NULL, OP_IN (MATRIX, "[[0, 1], [5, 0]]", "0"), GW_ERROR_INVALID_ARGUMENT,
            "indices[1,0] = 5 is not in [0, 2)");
  op_fails ("GatherV2", NULL, OP_IN (MATRIX, "-1", "0"), GW_ERROR_INVALID_ARGUMENT, "indices[] = -1 is not in [0, 2)");
  op_fails ("GatherV2", NULL, OP_IN (MATRIX, "[0]", "2"), GW_ERROR_INVALID_ARGUMENT, "axis = 2 is not in [-2, 2)");
  op_fails ("GatherV2", NULL, OP_IN ("1.5", "[0]", "0"), GW_ERROR_INVALID_ARGUMENT, "params must be at least rank 1");
  op_differentiates ("Gather", NULL, OP_IN (MATRIX, "[1, 1]"), "[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]", 0,
                     "[[0.0, 0.0, 0.0], [5.0, 7.0, 9.0]]");
}

static void
test_segment_sum (void)
{
  op_gives ("UnsortedSegmentSum", NULL, OP_IN ("[[1, 2], [3, 4], [5, 6], [7, 8]]", "[2, -1, 2, 0]", "3"),
            OP_IN ("[[7, 8], [0, 0], [6, 8]]"));
  op_gives ("UnsortedSegmentSum", NULL, OP_IN ("[[1, 2], [3, 4]]", "[[0, 1], [1, 1]]", "2"), OP_IN ("[1, 9]"));
  op_fails ("UnsortedSegmentSum", NULL, OP_IN ("[1, 2]", "[0, 3]", "3"), GW_ERROR_INVALID_ARGUMENT,
            "segment_ids[1] = 3 is out of range [0, 3)");
  op_fails ("UnsortedSegmentSum", NULL, OP_IN ("[1, 2]", "[0]", "3"), GW_ERROR_INVALID_ARGUMENT,
            "data.shape must start with segment_ids.shape");
  op_differentiates ("UnsortedSegmentSum", NULL, OP_IN ("[[1.0, 2.0], [3.0, 4.0]]", "[1, -1]", "2"),
                     "[[5.0, 6.0], [7.0, 8.0]]", 0, "[[7.0, 8.0], [0.0, 0.0]]");
}

/* Large enough that the workers share it; checked against one thread by its rule. */
static void
test_large_transpose (void)
{
  g_autoptr (GwGraph) graph = NULL;
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GwTensor) x = gw_tensor_new (GW_FLOAT32, &GW_SHAPE (517, 389), NULL);
  g_autoptr (GwTensor) y = NULL;
  g_autoptr (GError) error = NULL;
  GwBuilder b;
  GwOutput input, output;

  op_runner_init ();
  graph = gw_graph_new ();
  gw_builder_init (&b, graph);
  for (int i = 0; i < x->elements; i++)
    GW_TENSOR_DATA (x, float)[i] = (float) i;
  input = gw_op (&b, "Placeholder", GW_NO_IN, NULL);
  output = gw_op2 (&b, "Transpose", input, gw_const_ints (&b, 2, (const int64_t[]) { 1, 0 }));
  y = gw_session_fetch (session, graph, 1, &(GwFeed) { input, x }, output, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 389; i++)
    for (int j = 0; j < 517; j++)
      g_assert_cmpfloat (GW_TENSOR_DATA (y, float)[i * 517 + j], ==, (float) (j * 389 + i));
  gw_builder_clear (&b);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/array-move/transpose", test_transpose);
  g_test_add_func ("/ops/array-move/slice", test_slice);
  g_test_add_func ("/ops/array-move/pad", test_pad);
  g_test_add_func ("/ops/array-move/large-transpose", test_large_transpose);
  g_test_add_func ("/ops/array-broadcast/tile", test_tile);
  g_test_add_func ("/ops/array-broadcast/broadcast", test_broadcast);
  g_test_add_func ("/ops/array-join/concat", test_concat);
  g_test_add_func ("/ops/array-join/pack", test_pack);
  g_test_add_func ("/ops/array-join/split", test_split);
  g_test_add_func ("/ops/array-gather/gather", test_gather);
  g_test_add_func ("/ops/array-gather/segment-sum", test_segment_sum);
  return g_test_run ();
}
