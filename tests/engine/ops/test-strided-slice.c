/* SPDX-License-Identifier: Apache-2.0 */
/* StridedSlice with all its masks, its errors and its gradient. */
#include "engine/base/error.h"
#include "tests/engine/ops/op-runner.h"

#define M "[[0, 1, 2, 3, 4], [10, 11, 12, 13, 14], [20, 21, 22, 23, 24], [30, 31, 32, 33, 34]]"

static void
test_ranges (void)
{
  op_gives ("StridedSlice", NULL, OP_IN (M, "[0, 1]", "[3, 5]", "[2, 2]"), OP_IN ("[[1, 3], [21, 23]]"));
  op_gives ("StridedSlice", NULL, OP_IN (M, "[-1, 0]", "[-4, 5]", "[-1, 2]"),
            OP_IN ("[[30, 32, 34], [20, 22, 24], [10, 12, 14]]"));
  op_gives ("StridedSlice", NULL, OP_IN (M, "[1]", "[2]", "[1]"), OP_IN ("[[10, 11, 12, 13, 14]]"));
  op_gives ("StridedSlice", NULL, OP_IN ("[1, 2, 3]", "[-100]", "[100]", "[2]"), OP_IN ("[1, 3]"));
  op_gives ("StridedSlice", NULL, OP_IN ("[1, 2, 3]", "[100]", "[-100]", "[-2]"), OP_IN ("[3, 1]"));
  op_gives ("StridedSlice", NULL, OP_IN ("[1, 2, 3]", "[2]", "[1]", "[1]"), OP_IN ("int32 []"));
  op_gives ("StridedSlice", NULL, OP_IN ("[1, 2, 3]", "int64 [0]", "int64 [3]", "int64 [9223372036854775807]"), OP_IN ("[1]"));
  op_gives ("StridedSlice", NULL, OP_IN ("[\"a\", \"b\", \"c\"]", "[2]", "[0]", "[-1]"), OP_IN ("[\"c\", \"b\"]"));
}

static void
test_masks (void)
{
  op_gives ("StridedSlice", "begin_mask=3 end_mask=3", OP_IN ("[[1, 2], [3, 4]]", "[1, 1]", "[1, 1]", "[1, 1]"),
            OP_IN ("[[1, 2], [3, 4]]"));
  op_gives ("StridedSlice", "begin_mask=1 end_mask=1", OP_IN ("[1, 2, 3]", "[0]", "[0]", "[-1]"), OP_IN ("[3, 2, 1]"));
  op_gives ("StridedSlice", "shrink_axis_mask=1 end_mask=2", OP_IN (M, "[1, 0]", "[2, 0]", "[1, 1]"),
            OP_IN ("[10, 11, 12, 13, 14]"));
  op_gives ("StridedSlice", "new_axis_mask=2 begin_mask=1 end_mask=1", OP_IN (M, "[0, 0, 0]", "[0, 0, 2]", "[1, 1, 1]"),
            OP_IN ("[[[0, 1]], [[10, 11]], [[20, 21]], [[30, 31]]]"));
  op_gives ("StridedSlice", "ellipsis_mask=1 shrink_axis_mask=2", OP_IN (M, "[0, -1]", "[0, 0]", "[1, 1]"),
            OP_IN ("[4, 14, 24, 34]"));
  op_gives ("StridedSlice", "shrink_axis_mask=3", OP_IN (M, "[-1, -2]", "[0, 0]", "[1, 1]"), OP_IN ("33"));
  op_gives ("StridedSlice", "ellipsis_mask=2 new_axis_mask=4", OP_IN (M, "[1, 0, 0]", "[2, 0, 0]", "[1, 1, 1]"),
            OP_IN ("[[[10], [11], [12], [13], [14]]]"));
}

static void
test_inference (void)
{
  op_infers ("StridedSlice", NULL, OP_IN ("[?,28]", "=[0, 1]", "=[5, 9]", "=[1, 2]"), "[?,4]");
  op_infers ("StridedSlice", "shrink_axis_mask=1", OP_IN ("[?,28]", "=[0]", "=[1]", "=[1]"), "[28]");
  op_infers ("StridedSlice", "shrink_axis_mask=1", OP_IN ("[?,28]", "int32 [1]", "int32 [1]", "=[1]"), "[28]");
  op_infers ("StridedSlice", NULL, OP_IN ("[4,28]", "int32 [1]", "=[2]", "=[1]"), "[?,28]");
  op_infers ("StridedSlice", "begin_mask=1", OP_IN ("[4,28]", "int32 [1]", "=[3]", "=[2]"), "[2,28]");
  op_infers ("StridedSlice", NULL, OP_IN ("[4,28]", "int32 ?", "int32 ?", "int32 ?"), "?");
  op_infers ("StridedSlice", NULL, OP_IN ("?", "=[0]", "=[1]", "=[1]"), "?");
}

static void
test_errors (void)
{
  op_fails ("StridedSlice", NULL, OP_IN ("[1, 2]", "[0]", "[1]", "[0]"), GW_ERROR_INVALID_ARGUMENT,
            "strides[0] must be non-zero");
  op_fails ("StridedSlice", "shrink_axis_mask=1", OP_IN ("[1, 2]", "[2]", "[3]", "[1]"), GW_ERROR_INVALID_ARGUMENT,
            "slice index 2 of dimension 0 out of bounds.");
  op_fails ("StridedSlice", "shrink_axis_mask=1", OP_IN ("[1, 2]", "[0]", "[1]", "[-1]"), GW_ERROR_INVALID_ARGUMENT,
            "only stride 1 allowed on non-range indexing.");
  op_fails ("StridedSlice", "ellipsis_mask=3", OP_IN ("[1, 2]", "[0, 0]", "[1, 1]", "[1, 1]"), GW_ERROR_INVALID_ARGUMENT,
            "Multiple ellipses in slice spec not allowed");
  op_fails ("StridedSlice", NULL, OP_IN ("[1, 2]", "[0, 0]", "[1, 1]", "[1, 1]"), GW_ERROR_INVALID_ARGUMENT,
            "Index out of range using input dim 1; input has only 1 dims");
  op_fails ("StridedSlice", NULL, OP_IN ("[1, 2]", "[0]", "[1]", "[1, 1]"), GW_ERROR_INVALID_ARGUMENT, "equal size tensors");
  op_fails ("StridedSlice", NULL, OP_IN ("[1, 2]", "0", "1", "1"), GW_ERROR_INVALID_ARGUMENT, "begin must be rank 1");
  op_fails ("StridedSlice", NULL,
            OP_IN ("[1]", "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]", "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]",
                   "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"), GW_ERROR_INVALID_ARGUMENT, "17 entries");
  op_fails ("StridedSlice", "new_axis_mask=255", OP_IN ("[1]", "[0,0,0,0,0,0,0,0]", "[0,0,0,0,0,0,0,0]", "[1,1,1,1,1,1,1,1]"),
            GW_ERROR_INVALID_ARGUMENT, "more than 8 dimensions");
}

static void
test_gradient (void)
{
  op_gives ("StridedSliceGrad", NULL, OP_IN ("[4]", "[3]", "[0]", "[-2]", "[1.5, 2.5]"), OP_IN ("[0.0, 2.5, 0.0, 1.5]"));
  op_fails ("StridedSliceGrad", NULL, OP_IN ("[4]", "[0]", "[4]", "[2]", "[1.5]"), GW_ERROR_INVALID_ARGUMENT,
            "the slice and dy");
  op_differentiates ("StridedSlice", "shrink_axis_mask=1", OP_IN ("[[1.0, 2.0], [3.0, 4.0]]", "[1]", "[2]", "[1]"),
                     "[5.0, 6.0]", 0, "[[0.0, 0.0], [5.0, 6.0]]");
  op_differentiates ("StridedSlice", "begin_mask=1 end_mask=1 new_axis_mask=2",
                     OP_IN ("[1.0, 2.0, 3.0]", "[0, 0]", "[0, 0]", "[-2, 1]"), "[[5.0], [6.0]]", 0, "[6.0, 0.0, 5.0]");
  op_differentiates ("StridedSliceGrad", NULL, OP_IN ("[4]", "[0]", "[4]", "[2]", "[1.5, 2.5]"),
                     "[1.0, 2.0, 3.0, 4.0]", 4, "[1.0, 3.0]");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/strided-slice/ranges", test_ranges);
  g_test_add_func ("/ops/strided-slice/masks", test_masks);
  g_test_add_func ("/ops/strided-slice/inference", test_inference);
  g_test_add_func ("/ops/strided-slice/errors", test_errors);
  g_test_add_func ("/ops/strided-slice/gradient", test_gradient);
  return g_test_run ();
}
