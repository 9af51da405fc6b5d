/* SPDX-License-Identifier: Apache-2.0 */
/* MirrorPad, Reverse, Roll, SpaceToDepth, SpaceToBatch, diagonals, Bitcast, EnsureShape:
 * what partly known shapes tell, what is refused, corners that examples leave out. */
#include "engine/base/error.h"
#include "tests/engine/ops/op-runner.h"
#include "tests/support/support.h"

#define MATRIX "[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]"
#define INVALID GW_ERROR_INVALID_ARGUMENT

static void
test_mirror (void)
{
  op_gives ("MirrorPad", "mode=SYMMETRIC", OP_IN ("[\"a\", \"b\"]", "[[2, 1]]"),
            OP_IN ("[\"b\", \"a\", \"a\", \"b\", \"b\"]"));
  op_gives ("MirrorPad", "mode=REFLECT", OP_IN ("[[1, 2], [3, 4]]", "int64 [[1, 1], [0, 1]]"),
            OP_IN ("[[3, 4, 3], [1, 2, 1], [3, 4, 3], [1, 2, 1]]"));
  op_infers ("MirrorPad", "mode=REFLECT", OP_IN ("[?,3]", "=[[1, 1], [0, 2]]"), "[?,5]");
  op_infers ("MirrorPad", "mode=REFLECT", OP_IN ("[4,3]", "int32 [2,2]"), "[?,?]");
  op_infers ("MirrorPad", "mode=REFLECT", OP_IN ("?", "int32 [?,2]"), "?");
  op_infers ("MirrorPadGrad", "mode=SYMMETRIC", OP_IN ("[?,7]", "=[[1, 1], [2, 2]]"), "[?,3]");
  op_infers ("MirrorPad", "mode=REFLECT", OP_IN ("[3]", "=[[3, 0]]"), "!must be less than the dimension size: 3, 0");
  op_infers ("MirrorPad", "mode=SYMMETRIC", OP_IN ("[3]", "=[[0, 4]]"), "!no greater than the dimension size: 0, 4");
  op_fails ("MirrorPad", "mode=REFLECT", OP_IN ("[1.5, 2.5]", "[[-1, 0]]"), INVALID, "non-negative");
  op_fails ("MirrorPad", "mode=REFLECT", OP_IN ("[1.5]", "[[0, 0, 0]]"), INVALID, "2 columns");
  op_fails ("MirrorPadGrad", "mode=REFLECT", OP_IN ("[1.5, 2.5]", "[[1, 1]]"), INVALID, "Total paddings");
  op_differentiates ("MirrorPadGrad", "mode=REFLECT", OP_IN ("[1.0, 2.0, 3.0, 4.0]", "[[1, 1]]"), "[1.0, 2.0]", 0,
                     "[2.0, 1.0, 2.0, 1.0]");
}

static void
test_reverse (void)
{
  op_gives ("ReverseV2", NULL, OP_IN ("[[\"a\", \"b\"]]", "int64 [1]"), OP_IN ("[[\"b\", \"a\"]]"));
  op_infers ("ReverseV2", NULL, OP_IN ("[?,3]", "int32 [?]"), "[?,3]");
  op_fails ("ReverseV2", NULL, OP_IN (MATRIX, "[1, -1]"), INVALID, "axis 1 specified more than once");
  op_fails ("ReverseV2", NULL, OP_IN (MATRIX, "[2]"), INVALID, "axis = 2 is not in [-2, 2)");
  op_fails ("Reverse", NULL, OP_IN (MATRIX, "[true]"), INVALID, "must be a vector of size 2");
  op_infers ("ReverseSequence", "seq_dim=1", OP_IN ("[?,4,2]", "int64 [3]"), "[3,4,2]");
  op_fails ("ReverseSequence", "seq_dim=1", OP_IN (MATRIX, "int64 [4, 0]"), INVALID, "seq_lengths[0] = 4 is not in [0, 3]");
  op_fails ("ReverseSequence", "seq_dim=1", OP_IN (MATRIX, "int64 [1, -1]"), INVALID, "seq_lengths[1] = -1");
  op_fails ("ReverseSequence", "seq_dim=0", OP_IN (MATRIX, "int64 [1, 1]"), INVALID, "batch_dim == seq_dim");
  op_fails ("ReverseSequence", "seq_dim=2", OP_IN (MATRIX, "int64 [1, 1]"), INVALID, "seq_dim must be < input rank");
  op_gives ("Roll", NULL, OP_IN ("[[1, 2, 3]]", "[1, 1]", "[1, -1]"), OP_IN ("[[2, 3, 1]]"));
  op_gives ("Roll", NULL, OP_IN ("[1, 2, 3]", "int64 -9223372036854775808", "0"), OP_IN ("[3, 1, 2]"));
  op_fails ("Roll", NULL, OP_IN ("3", "1", "0"), INVALID, "input must be at least rank 1");
  op_fails ("Roll", NULL, OP_IN ("[1, 2]", "[1]", "0"), INVALID, "same size");
  op_fails ("Roll", NULL, OP_IN ("[1, 2]", "1", "1"), INVALID, "axis 1 is out of range");
}

static void
test_space (void)
{
  op_infers ("SpaceToDepth", "block_size=2", OP_IN ("[?,4,?,3]"), "[?,2,?,12]");
  op_infers ("DepthToSpace", "block_size=2", OP_IN ("[?,4,?,12]"), "[?,8,?,3]");
  op_infers ("DepthToSpace", "block_size=2 data_format=NCHW", OP_IN ("[1,8,4,?]"), "[1,2,8,?]");
  op_infers ("SpaceToDepth", "block_size=2", OP_IN ("[1,3,4,1]"), "!the height of input, 3, should be divisible by 2");
  op_infers ("DepthToSpace", "block_size=2", OP_IN ("[1,3,4,6]"), "!the depth of input, 6, should be divisible by 4");
  op_infers ("DepthToSpace", "block_size=2", OP_IN ("[1,4]"), "!input must be rank 4");
  op_infers ("SpaceToBatchND", NULL, OP_IN ("[?,5,?,3]", "=[2, 2]", "=[[1, 0], [0, 1]]"), "[?,3,?,3]");
  op_infers ("SpaceToBatchND", NULL, OP_IN ("[?,5,?,3]", "int32 [2]", "int32 [2,2]"), "[?,?,?,3]");
  op_infers ("SpaceToBatchND", NULL, OP_IN ("[?,5,?,3]", "int32 [?]", "int32 [?,2]"), "[?,?,?,?]");
  op_infers ("BatchToSpaceND", NULL, OP_IN ("[8,2,?]", "=[2]", "=[[1, 0]]"), "[4,3,?]");
  op_infers ("SpaceToBatch", "block_size=2", OP_IN ("[1,4,4,?]", "=[[0, 0], [1, 1]]"), "[4,2,3,?]");
  op_fails ("SpaceToBatchND", NULL, OP_IN (MATRIX, "[2]", "[[0, 0]]"), INVALID, "padded_shape[0]=3 is not divisible");
  op_fails ("SpaceToBatchND", NULL, OP_IN (MATRIX, "[0]", "[[0, 0]]"), INVALID, "block_shape[0] = 0 must be positive");
  op_fails ("SpaceToBatchND", NULL, OP_IN (MATRIX, "[1]", "[[-1, 1]]"), INVALID, "paddings[0] = [-1, 1] must be non-negative");
  op_fails ("BatchToSpaceND", NULL, OP_IN (MATRIX, "[3]", "[[0, 0]]"), INVALID, "(2) is not divisible by product of block sizes (3)");
  op_fails ("BatchToSpaceND", NULL, OP_IN (MATRIX, "[2]", "[[4, 3]]"), INVALID, "cropped_shape[0] must be non-negative");
  op_fails ("SpaceToBatchND", NULL, OP_IN (MATRIX, "int64 [9223372036854775807]", "[[0, 0]]"), INVALID, "not divisible");
}

static void
test_diagonals (void)
{
  op_infers ("Diag", NULL, OP_IN ("[?,2]"), "[?,2,?,2]");
  op_infers ("DiagPart", NULL, OP_IN ("[?,2,3,?]"), "[3,2]");
  op_infers ("DiagPart", NULL, OP_IN ("[2,3]"), "!must be equal, but are 2 and 3");
  op_infers ("DiagPart", NULL, OP_IN ("[2,2,2]"), "!even and non-zero rank");
  op_infers ("Diag", NULL, OP_IN ("[1,1,1,1,1]"), "!more than 8 dimensions");
  op_infers ("MatrixDiagPart", NULL, OP_IN ("[?,2,3]"), "[?,2]");
  op_infers ("MatrixDiagPart", NULL, OP_IN ("[?,?,3]"), "[?,?]");
  op_infers ("MatrixDiagPartV3", NULL, OP_IN ("[?,4,3]", "=[-1, 1]", "=0.0"), "[?,3,3]");
  op_infers ("MatrixDiagPartV3", NULL, OP_IN ("[?,4,3]", "int32 [?]", "=0.0"), "?");
  op_infers ("MatrixDiagV3", NULL, OP_IN ("[?,3]", "=1", "=-1", "=-1", "=0.0"), "[?,4,4]");
  op_infers ("MatrixSetDiag", NULL, OP_IN ("[?,2,3]", "[5,2]"), "[5,2,3]");
  op_infers ("MatrixSetDiag", NULL, OP_IN ("[?,2,3]", "[5,3]"), "!must be equal, but are 2 and 3");
  op_fails ("MatrixDiagPartV3", NULL, OP_IN (MATRIX, "[1, 0]", "0.0"), INVALID, "lower_diag_index must not be larger");
  op_fails ("MatrixDiagPartV3", NULL, OP_IN (MATRIX, "3", "0.0"), INVALID, "lower_diag_index is out of bound: 3");
  op_fails ("MatrixDiagPartV3", NULL, OP_IN (MATRIX, "-2147483648", "0.0"), INVALID, "out of bound");
  op_fails ("MatrixDiagV3", NULL, OP_IN ("[1.5, 2.5]", "0", "1", "-1", "0.0"), INVALID, "number of rows is too small");
  op_fails ("MatrixDiagV3", NULL, OP_IN ("[1.5, 2.5]", "0", "3", "3", "0.0"), INVALID, "not consistent");
  op_fails ("MatrixBandPart", "Tindex=int32", OP_IN (MATRIX, "3", "0"), INVALID,
            "num_lower must be negative or less or equal to number of rows (2) got: 3");
  op_differentiates ("MatrixSetDiag", NULL, OP_IN (MATRIX, "[7.0, 8.0]"), "[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]", 0,
                     "[[0.0, 2.0, 3.0], [4.0, 0.0, 6.0]]");
  op_differentiates ("MatrixSetDiag", NULL, OP_IN (MATRIX, "[7.0, 8.0]"), "[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]", 1, "[1.0, 5.0]");
}

static void
test_checks (void)
{
  op_infers ("EnsureShape", "shape=[?,3]", OP_IN ("[2,?]"), "[2,3]");
  op_infers ("EnsureShape", "shape=[?,3]", OP_IN ("[2,4]"), "!Shape of input [2,4] is not compatible with expected shape [?,3]");
  op_fails ("EnsureShape", "shape=[3]", OP_IN (MATRIX), INVALID, "is not compatible with expected shape [3]");
  op_infers ("Bitcast", "type=uint8", OP_IN ("[?,2]"), "[?,2,4]");
  op_infers ("Bitcast", "type=float64", OP_IN ("[?,2]"), "[?]");
  op_infers ("Bitcast", "type=float64", OP_IN ("[?,3]"), "!Cannot bitcast from float32 to float64");
  op_infers ("Bitcast", "type=float64", OP_IN ("[]"), "!Cannot bitcast");
  op_gives ("Bitcast", "type=int64", OP_IN ("int32 [[1, 2]]"), OP_IN ("int64 [8589934593]"));
  op_gives ("Bitcast", "type=uint8", OP_IN ("int32 [258]"), OP_IN ("uint8 [[2, 1, 0, 0]]"));
  op_infers ("BroadcastArgs", NULL, OP_IN ("=[2, 1]", "=[3]"), "[2]");
  op_fails ("BroadcastArgs", NULL, OP_IN ("[2, 4]", "[3]"), INVALID, "Incompatible shapes");
  op_differentiates ("Tile", NULL, OP_IN ("[[[[[1.0, 2.0]]]]]", "[1, 2, 1, 2, 2]"),
                     "[[[[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]], "
                     "[[[9.0, 10.0, 11.0, 12.0], [13.0, 14.0, 15.0, 16.0]]]]]", 0, "[[[[[64.0, 72.0]]]]]");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  op_runner_init ();
  g_test_add_func ("/array-blocks/mirror", test_mirror);
  g_test_add_func ("/array-blocks/reverse", test_reverse);
  g_test_add_func ("/array-blocks/space", test_space);
  g_test_add_func ("/array-blocks/diagonals", test_diagonals);
  g_test_add_func ("/array-blocks/checks", test_checks);
  return g_test_run ();
}
