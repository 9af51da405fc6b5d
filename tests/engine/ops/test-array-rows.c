/* SPDX-License-Identifier: Apache-2.0 */
/* Gathering and scattering by tuples, segments, partitions, the largest elements, unique
 * ones, counts: what partly known shapes tell, what is refused, corners that examples leave
 * out. */
#include "engine/base/error.h"
#include "tests/engine/ops/op-runner.h"
#include "tests/support/support.h"

#define MATRIX "[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]"
#define INVALID GW_ERROR_INVALID_ARGUMENT

static void
test_tuples (void)
{
  op_gives ("GatherNd", NULL, OP_IN ("[\"a\", \"b\"]", "int16 [[1], [0], [1]]"), OP_IN ("[\"b\", \"a\", \"b\"]"));
  op_gives ("ScatterNd", NULL, OP_IN ("[[0], [0]]", "[\"a\", \"b\"]", "[2]"), OP_IN ("[\"ab\", \"\"]"));
  op_gives ("ScatterNd", NULL, OP_IN ("[[0], [0]]", "[false, true]", "[2]"), OP_IN ("[true, false]"));
  op_infers ("GatherNd", NULL, OP_IN ("[?,3,4]", "int32 [5,?,2]"), "[5,?,4]");
  op_infers ("GatherNd", NULL, OP_IN ("[?,3]", "int32 [5,?]"), "?");
  op_infers ("GatherNd", NULL, OP_IN ("[?,3]", "int32 [5,3]"), "!the last dimension of indices is 3");
  op_infers ("ScatterNd", NULL, OP_IN ("int32 [?,1]", "[?,4]", "=[5, 4]"), "[5,4]");
  op_infers ("ScatterNd", NULL, OP_IN ("int32 [?,1]", "[?,4]", "=[5, 3]"), "!must be equal, but are 3 and 4");
  op_infers ("ScatterNd", NULL, OP_IN ("int32 [?,1]", "[?,4]", "int32 [2]"), "[?,?]");
  op_infers ("TensorScatterUpdate", NULL, OP_IN ("[?,3]", "int32 [2,1]", "[2,?]"), "[?,3]");
  op_fails ("GatherNd", NULL, OP_IN (MATRIX, "[[0, 1], [0, 3]]"), INVALID, "indices[1] = [0, 3] does not index into shape [2,3]");
  op_fails ("GatherNd", NULL, OP_IN (MATRIX, "[[-1]]"), INVALID, "indices[0] = [-1]");
  op_fails ("ScatterNd", NULL, OP_IN ("[[2]]", "[1.5]", "[2]"), INVALID, "indices[0] = [2] does not index into shape [2]");
  op_fails ("ScatterNd", NULL, OP_IN ("[[0]]", "[1.5]", "[-2]"), INVALID, "shape");
  op_fails ("TensorScatterAdd", NULL, OP_IN ("[1.5]", "[[0]]", "[1.5, 2.5]"), INVALID, "updates");
  op_fails ("SparseToDense", NULL, OP_IN ("[2, 1]", "[3]", "[1.5, 2.5]", "0.0"), INVALID, "sparse_indices[1] is out of order");
  op_fails ("SparseToDense", NULL, OP_IN ("[2, 2]", "[3]", "[1.5, 2.5]", "0.0"), INVALID, "sparse_indices[1] is repeated");
  op_fails ("SparseToDense", "validate_indices=false", OP_IN ("[3]", "[3]", "[1.5]", "0.0"), INVALID, "sparse_indices[0] = [3]");
  op_fails ("SparseToDense", NULL, OP_IN ("[[0, 1]]", "[3]", "[1.5]", "0.0"), INVALID, "output_shape has 1 elements, should be: 2");
  op_gives ("SparseToDense", "validate_indices=false", OP_IN ("[2, 1]", "[3]", "[\"a\", \"b\"]", "\"-\""), OP_IN ("[\"-\", \"b\", \"a\"]"));
  op_differentiates ("SparseToDense", NULL, OP_IN ("[0, 2]", "[3]", "1.5", "0.0"), "[1.0, 2.0, 3.0]", 2, "4.0");
  op_differentiates ("SparseToDense", NULL, OP_IN ("[0, 2]", "[3]", "1.5", "0.0"), "[1.0, 2.0, 3.0]", 3, "2.0");
  op_differentiates ("TensorScatterMax", NULL, OP_IN ("[1.0, 2.0]", "[[0], [0]]", "[1.0, 0.0]"), "[6.0, 1.0]", 0, "[3.0, 1.0]");
}

static void
test_segments (void)
{
  op_infers ("SegmentSum", NULL, OP_IN ("[6,?]", "int32 [?]"), "[?,?]");
  op_infers ("SegmentMean", NULL, OP_IN ("[6,3]", "int32 [5]"), "!same size as dimension 0 of data: 6, not 5");
  op_infers ("UnsortedSegmentMax", NULL, OP_IN ("[6,?,3]", "int32 [6,2]", "=4"), "[4,3]");
  op_infers ("UnsortedSegmentMax", NULL, OP_IN ("[6,?,3]", "int32 [6]", "int32 []"), "[?,?,3]");
  op_gives ("SegmentSum", NULL, OP_IN ("float32 []", "int32 []"), OP_IN ("float32 []"));
  op_gives ("SegmentMax", NULL, OP_IN ("[-1, -2, -3]", "[1, 1, 3]"), OP_IN ("[0, -1, 0, -3]"));
  op_gives ("SegmentMean", NULL, OP_IN ("[-5, -2, 1, 2]", "[0, 0, 1, 1]"), OP_IN ("[-3, 1]"));
  op_gives ("UnsortedSegmentMin", NULL, OP_IN ("int8 [5, 3]", "[1, 1]", "2"), OP_IN ("int8 [127, 3]"));
  op_gives ("UnsortedSegmentMax", NULL, OP_IN ("uint16 [5, 3]", "[1, 1]", "2"), OP_IN ("uint16 [0, 5]"));
  op_fails ("SegmentSum", NULL, OP_IN ("[1.5, 2.5]", "[1, 0]"), INVALID, "segment ids are not increasing");
  op_fails ("SegmentSum", NULL, OP_IN ("[1.5, 2.5]", "[-1, 0]"), INVALID, "segment ids must be >= 0");
  op_fails ("SegmentSum", NULL, OP_IN ("[[1.5, 2.5]]", "int64 [9223372036854775806]"), INVALID, "more elements than can be counted");
  op_fails ("SegmentSum", NULL, OP_IN ("[1.5]", "int64 [1125899906842624]"), GW_ERROR_RESOURCE_EXHAUSTED, NULL);
  op_fails ("UnsortedSegmentSum", NULL, OP_IN ("[[1.5, 2.5]]", "[[0, 7]]", "2"), INVALID, "segment_ids[0,1] = 7 is out of range [0, 2)");
  op_fails ("UnsortedSegmentSum", NULL, OP_IN ("[1.5]", "[0]", "-1"), INVALID, "num_segments = -1");
  op_differentiates ("SegmentProd", NULL, OP_IN ("[2.0, 0.0, 3.0, 0.0, 0.0]", "[0, 0, 1, 2, 2]"), "[5.0, 7.0, 11.0]", 0,
                     "[0.0, 10.0, 7.0, 0.0, 0.0]");
  op_differentiates ("UnsortedSegmentMax", NULL, OP_IN ("[2.0, 2.0, 3.0, 4.0]", "[0, 0, 0, -1]", "1"), "[6.0]", 0,
                     "[0.0, 0.0, 6.0, 0.0]");
}

static void
test_partitions (void)
{
  op_infers ("DynamicPartition", "num_partitions=2", OP_IN ("[4,?,3]", "int32 [4]"), "[?,?,3] [?,?,3]");
  op_infers ("DynamicStitch", "N=2", OP_IN ("=[0, 4]", "=1", "[2,3]", "[3]"), "[5,3]");
  op_infers ("DynamicStitch", "N=2", OP_IN ("int32 [?]", "int32 []", "[?,?]", "[3]"), "[?,3]");
  op_infers ("DynamicStitch", "N=2", OP_IN ("int32 [2]", "int32 []", "[2,4]", "[3]"), "!must be equal, but are 4 and 3");
  op_gives ("DynamicStitch", "N=2", OP_IN ("[0, 2]", "[2]", "[\"a\", \"b\"]", "[\"c\"]"), OP_IN ("[\"a\", \"\", \"c\"]"));
  op_fails ("DynamicPartition", "num_partitions=2", OP_IN ("[1.5, 2.5]", "[0, 2]"), INVALID, "partitions[1] = 2 is not in [0, 2)");
  op_fails ("DynamicPartition", "num_partitions=2", OP_IN (MATRIX, "[0, 1, 0]"), INVALID, "data.shape must start with partitions.shape");
  op_fails ("DynamicStitch", "N=1", OP_IN ("[-1]", "[1.5]"), INVALID, "-1, which is out of range");
  op_differentiates ("DynamicPartition", "num_partitions=2", OP_IN ("[1.0, 2.0, 3.0]", "[1, 0, 0]"), "[5.0, 6.0]", 0,
                     "[0.0, 5.0, 6.0]");
}

static void
test_order (void)
{
  op_infers ("TopKV2", NULL, OP_IN ("[?,5]", "=3"), "[?,3] [?,3]");
  op_infers ("TopKV2", NULL, OP_IN ("[?,5]", "int32 []"), "[?,?] [?,?]");
  op_infers ("TopKV2", NULL, OP_IN ("[?,5]", "=6"), "!input must have at least k columns. Had 5, needed 6");
  op_gives ("TopKV2", "index_type=int64", OP_IN ("[0.0, -0.0, -1.0, 0.0]", "int64 3"), OP_IN ("[0.0, -0.0, 0.0]", "int64 [0, 1, 3]"));
  op_gives ("TopKV2", NULL, OP_IN ("int8 [-128, 127, 0]", "3"), OP_IN ("int8 [127, 0, -128]", "[1, 2, 0]"));
  op_fails ("TopKV2", NULL, OP_IN ("[1.5]", "-1"), INVALID, "Need k >= 0, got -1");
  op_fails ("TopKV2", NULL, OP_IN ("1.5", "1"), INVALID, "input must be at least rank 1");
  op_fails ("InTopKV2", NULL, OP_IN (MATRIX, "[0]", "1"), INVALID, "must match length of targets 1");
  op_fails ("NthElement", NULL, OP_IN ("[1.5, 2.5]", "2"), INVALID, "last dimension > n = 2, but has 2");
  op_gives ("InTopKV2", NULL, OP_IN ("[[0.5, nan], [0.5, 0.5], [1.0, 2.0]]", "[0, 1, 5]", "1"), OP_IN ("[false, true, false]"));
  op_differentiates ("TopKV2", NULL, OP_IN ("[[1.0, 3.0, 2.0], [6.0, 5.0, 4.0]]", "2"), "[[1.0, 2.0], [3.0, 4.0]]", 0,
                     "[[0.0, 1.0, 2.0], [3.0, 4.0, 0.0]]");
  op_fails ("LowerBound", NULL, OP_IN (MATRIX, "[[1.5]]"), INVALID, "Leading dim_size of both tensors must match");
}

static void
test_unique (void)
{
  op_infers ("Where", NULL, OP_IN ("bool [?,3]"), "[?,2]");
  op_infers ("Where", NULL, OP_IN ("bool ?"), "[?,?]");
  op_infers ("Where", NULL, OP_IN ("bool []"), "!at least rank 1");
  op_infers ("Unique", NULL, OP_IN ("[5]"), "[?] [5]");
  op_infers ("UniqueV2", NULL, OP_IN ("[5,?]", "=[1]"), "[5,?] [?]");
  op_infers ("UniqueV2", NULL, OP_IN ("[5,?]", "int32 [1]"), "[?,?] [?]");
  op_infers ("Unique", NULL, OP_IN ("[5,1]"), "!x expects a 1D vector");
  op_gives ("Unique", NULL, OP_IN ("[\"b\", \"a\", \"b\", \"\"]"), OP_IN ("[\"b\", \"a\", \"\"]", "[0, 1, 0, 2]"));
  op_gives ("Unique", NULL, OP_IN ("[0.0, nan, -0.0, nan]"), OP_IN ("[0.0, nan, nan]", "[0, 1, 0, 2]"));
  op_gives ("ListDiff", "out_idx=int64", OP_IN ("[\"a\", \"b\", \"a\"]", "[\"b\"]"), OP_IN ("[\"a\", \"a\"]", "int64 [0, 2]"));
  op_fails ("UniqueV2", NULL, OP_IN (MATRIX, "[2]"), INVALID, "axis = 2 is not in [-2, 2)");
  op_fails ("UniqueV2", NULL, OP_IN (MATRIX, "[0, 1]"), INVALID, "larger than 1 elements");
  op_fails ("ListDiff", NULL, OP_IN (MATRIX, "[1.5]"), INVALID, "x must be rank 1");
}

static void
test_counts (void)
{
  op_infers ("Bincount", NULL, OP_IN ("int32 ?", "=4", "[0]"), "[4]");
  op_infers ("DenseBincount", NULL, OP_IN ("int32 [?,3]", "=4", "[0]"), "[?,4]");
  op_fails ("Bincount", NULL, OP_IN ("[1, -1]", "4", "float32 []"), INVALID, "arr must be non-negative, but [1] is -1");
  op_fails ("Bincount", NULL, OP_IN ("[1, 1]", "-4", "float32 []"), INVALID, "size (-4) must be non-negative");
  op_fails ("Bincount", NULL, OP_IN ("[1, 1]", "4", "[1.0]"), INVALID, "weights must be the same shape as arr");
  op_fails ("HistogramFixedWidth", NULL, OP_IN ("[1.0]", "[2.0, 2.0]", "4"), INVALID, "value_range[0] < value_range[1]");
  op_fails ("HistogramFixedWidth", NULL, OP_IN ("[1.0]", "[0.0, 2.0]", "0"), INVALID, "nbins should be a positive number");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  op_runner_init ();
  g_test_add_func ("/array-rows/tuples", test_tuples);
  g_test_add_func ("/array-rows/segments", test_segments);
  g_test_add_func ("/array-rows/partitions", test_partitions);
  g_test_add_func ("/array-rows/order", test_order);
  g_test_add_func ("/array-rows/unique", test_unique);
  g_test_add_func ("/array-rows/counts", test_counts);
  return g_test_run ();
}
