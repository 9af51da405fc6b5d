/* SPDX-License-Identifier: Apache-2.0 */
/* Differentiation: sums over paths, seeds, what stops it, gradients of gradients. */
#include "engine/graph/gradient.h"
#include "tests/engine/runtime/fixture.h"
#include "tests/support/support.h"

#include <string.h>

static GwOutput
derive (Fixture *f,
        GwOutput y,
        GwOutput x)
{
  GwOutput dx;

  g_assert_no_error (f->b.error);
  gw_gradients (&f->b, 1, &y, NULL, 1, &x, &dx);
  g_assert_no_error (f->b.error);
  return dx;
}

static void
test_paths (Fixture      *f,
            gconstpointer data)
{
  GwOutput x = fixture_const (f, "[1, 2]", GW_FLOAT32);
  GwOutput y = gw_op (&f->b, "AddN", GW_IN (gw_op1 (&f->b, "Square", x), x, x, gw_op2 (&f->b, "Mul", x, x)), NULL);

  fixture_assert (f, derive (f, y, x), 0, NULL, "[6, 10]");
  fixture_assert (f, derive (f, x, x), 0, NULL, "[1, 1]");
  fixture_assert (f, derive (f, gw_op2 (&f->b, "AddV2", y, y), x), 0, NULL, "[12, 20]");
}

/* Several ys add up; each with a gradient of its own, or ones. An x may lie between. */
static void
test_several (Fixture      *f,
              gconstpointer data)
{
  GwOutput x = fixture_const (f, "[1, 2]", GW_FLOAT32);
  GwOutput middle = gw_op1 (&f->b, "Square", x);
  GwOutput ys[2] = { gw_op1 (&f->b, "Neg", middle), middle };
  GwOutput grad_ys[2] = { fixture_const (f, "[10, 100]", GW_FLOAT32), GW_NO_OUTPUT };
  GwOutput xs[3] = { x, middle, fixture_const (f, "[1, 2]", GW_FLOAT32) };
  GwOutput dxs[3];

  g_assert_true (gw_gradients (&f->b, 2, ys, grad_ys, 3, xs, dxs));
  fixture_assert (f, dxs[0], 0, NULL, "[-18, -396]");
  fixture_assert (f, dxs[1], 0, NULL, "[-9, -99]");
  g_assert_null (dxs[2].node);
}

static void
test_seeds_are_checked (Fixture      *f,
                        gconstpointer data)
{
  GwOutput x = fixture_const (f, "[1, 2]", GW_FLOAT32);
  GwOutput y = gw_op1 (&f->b, "Neg", x);
  GwOutput i = fixture_const (f, "[1, 2]", GW_INT32);
  GwOutput long_one = fixture_const (f, "[1, 2, 3]", GW_FLOAT32);
  GwOutput dx;

  g_assert_false (gw_gradients (&f->b, 1, &i, NULL, 1, &x, &dx));
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "it is int32, not a floating-point number");
  g_assert_false (gw_gradients (&f->b, 1, &y, &i, 1, &x, &dx));
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "the gradient given for it is int32");
  g_assert_false (gw_gradients (&f->b, 1, &y, &long_one, 1, &x, &dx));
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "the gradient given for it has the shape [3]");
}

/* d³ x⁴, and the Hessian's diagonal of a product. */
static void
test_higher (Fixture      *f,
             gconstpointer data)
{
  GwOutput x = fixture_const (f, "[1, 2]", GW_FLOAT32);
  GwOutput y = gw_op1 (&f->b, "Square", gw_op1 (&f->b, "Square", x));
  GwOutput first = derive (f, y, x);
  GwOutput second = derive (f, first, x);

  fixture_assert (f, first, 0, NULL, "[4, 32]");
  fixture_assert (f, second, 0, NULL, "[12, 48]");
  fixture_assert (f, derive (f, second, x), 0, NULL, "[24, 48]");
  y = gw_op2 (&f->b, "Mul", gw_op1 (&f->b, "Exp", gw_op2 (&f->b, "Mul", x, fixture_const (f, "0", GW_FLOAT32))),
              gw_op1 (&f->b, "Square", x));
  fixture_assert (f, derive (f, derive (f, y, x), x), 0, NULL, "[2, 2]");
}

/* What does not flow back: integers, StopGradient, what x does not lead to. */
static void
test_stops (Fixture      *f,
            gconstpointer data)
{
  GwOutput x = fixture_const (f, "[1.5, 2.5]", GW_FLOAT32);
  GwOutput cast = gw_op (&f->b, "Cast", GW_IN (gw_op (&f->b, "Cast", GW_IN (x), GW_WITH ({ "DstT", gw_attr_dtype (GW_INT32) }))),
                         GW_WITH ({ "DstT", gw_attr_dtype (GW_FLOAT32) }));
  GwOutput stopped = gw_op1 (&f->b, "StopGradient", x);
  int n;

  g_assert_null (derive (f, cast, x).node);
  g_assert_null (derive (f, stopped, x).node);
  fixture_assert (f, derive (f, gw_op2 (&f->b, "Mul", stopped, x), x), 0, NULL, "[1.5, 2.5]");
  fixture_assert (f, derive (f, gw_op2 (&f->b, "Mul", cast, x), x), 0, NULL, "[1, 2]");
  n = gw_graph_n_nodes (f->graph);
  g_assert_null (derive (f, gw_op1 (&f->b, "Neg", fixture_const (f, "1", GW_FLOAT32)), x).node);
  g_assert_cmpint (gw_graph_n_nodes (f->graph), <=, n + 6);
}

/* What was broadcast is summed, whatever of the shapes is known. */
static void
test_unbroadcast (Fixture      *f,
                  gconstpointer data)
{
  static const GwShape shapes[][2] = {
    { { 2, { 2, 3 } }, { 1, { 3 } } }, { { 2, { -1, 3 } }, { 1, { -1 } } }, { { -1 }, { -1 } }, { { 2, { -1, -1 } }, { 1, { 3 } } },
  };
  g_autoptr (GwTensor) x_value = fixture_tensor ("[[1, 2, 3], [4, 5, 6]]", GW_FLOAT32);
  g_autoptr (GwTensor) one = fixture_tensor ("[[2], [3]]", GW_FLOAT32);
  g_autoptr (GwTensor) row = fixture_tensor ("[1, 10, 100]", GW_FLOAT32);

  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      GwOutput x = fixture_placeholder (f, shapes[i][0]), w = fixture_placeholder (f, shapes[i][1]);
      GwOutput y = gw_op2 (&f->b, "Mul", x, w);
      GwOutput dw = derive (f, y, w), dx = derive (f, y, x);
      GwFeed feeds[2] = { { x, x_value }, { w, row } };

      fixture_assert (f, dw, 2, feeds, "[5, 7, 9]");
      fixture_assert (f, dx, 2, feeds, "[[1, 10, 100], [1, 10, 100]]");
    }
  {
    GwOutput x = fixture_placeholder (f, GW_SHAPE (-1, -1)), w = fixture_placeholder (f, GW_SHAPE (-1, -1));
    GwOutput dw = derive (f, gw_op2 (&f->b, "Mul", x, w), w);

    fixture_assert (f, dw, 2, (GwFeed[]) { { x, x_value }, { w, one } }, "[[6], [15]]");
  }
}

/* The gradient's nodes are named after those that they belong to, and know where they
 * come from. */
static void
test_names_and_origins (Fixture      *f,
                        gconstpointer data)
{
  GwOutput x = fixture_const (f, "[1, 2]", GW_FLOAT32);
  GwOutput y, dx;
  char *root;

  f->b.origin = 7;
  y = gw_op1 (&f->b, "Tanh", x);
  f->b.origin = 9;
  root = gw_builder_enter (&f->b, "gradients");
  dx = derive (f, y, x);
  gw_builder_leave (&f->b, root);
  g_assert_true (g_str_has_prefix (dx.node->name, "gradients/Tanh_grad/"));
  g_assert_cmpint (dx.node->origin, ==, 7);
  g_assert_nonnull (gw_graph_find (f->graph, "gradients/Fill"));
  g_assert_cmpint (gw_graph_find (f->graph, "gradients/Fill")->origin, ==, 9);
}

/* One of several outputs: the others count as zero. */
static void
test_several_outputs (Fixture      *f,
                      gconstpointer data)
{
  GwOutput x = fixture_const (f, "[1, 2, 3, 4]", GW_FLOAT32);
  GwNode *parts = gw_node_new (&f->b, "Split", NULL, GW_IN (gw_const_scalar (&f->b, GW_INT32, 0), x),
                               GW_WITH ({ "num_split", gw_attr_int (2) }));
  GwOutput y = gw_op1 (&f->b, "Square", (GwOutput) { parts, 1 });

  fixture_assert (f, derive (f, y, x), 0, NULL, "[0, 0, 6, 8]");
  fixture_assert (f, derive (f, y, (GwOutput) { parts, 1 }), 0, NULL, "[6, 8]");
  g_assert_null (derive (f, y, (GwOutput) { parts, 0 }).node);
}

/* ---- rows ---- */

static GwGradient
derive_rows (Fixture *f,
             GwOutput y,
             GwOutput x)
{
  GwDifferentiation what = { .n_ys = 1, .ys = &y, .n_xs = 1, .xs = &x };
  GwGradient gradient;

  gw_differentiate (&f->b, &what, &gradient);
  g_assert_no_error (f->b.error);
  return gradient;
}

static GwOutput
pick (Fixture    *f,
      GwOutput    x,
      const char *indices,
      GwDType     dtype)
{
  return gw_op3 (&f->b, "GatherV2", x, fixture_const (f, indices, dtype), gw_const_scalar (&f->b, GW_INT32, 0));
}

/* Picked rows give rows, through Identity too; the same row twice stands twice. */
static void
test_rows (Fixture      *f,
           gconstpointer data)
{
  GwOutput x = fixture_const (f, "[[1, 2], [3, 4], [5, 6]]", GW_FLOAT32);
  GwOutput picked = pick (f, gw_op1 (&f->b, "Identity", x), "[[2, 0], [2, 2]]", GW_INT32);
  GwGradient rows = derive_rows (f, gw_op1 (&f->b, "Square", picked), x);
  GwGradient unique = gw_gradient_unique_rows (&f->b, &rows);

  g_assert_true (gw_gradient_is_sparse (&rows));
  fixture_assert (f, rows.values, 0, NULL, "[[10, 12], [2, 4], [10, 12], [10, 12]]");
  fixture_assert (f, rows.indices, 0, NULL, "[2, 0, 2, 2]");
  fixture_assert (f, rows.dense_shape, 0, NULL, "[3, 2]");
  fixture_assert (f, gw_gradient_to_dense (&f->b, &rows), 0, NULL, "[[2, 4], [0, 0], [30, 36]]");
  fixture_assert (f, unique.values, 0, NULL, "[[30, 36], [2, 4]]");
  fixture_assert (f, unique.indices, 0, NULL, "[2, 0]");
  fixture_assert (f, derive (f, gw_op1 (&f->b, "Square", picked), x), 0, NULL, "[[2, 4], [0, 0], [30, 36]]");
  g_assert_false (gw_gradient_is_sparse (&(GwGradient) { derive (f, picked, x) }));
}

/* Rows and rows are joined, of int32 and int64 too; rows and a whole become whole; any op
 * between makes them whole. */
static void
test_rows_add_up (Fixture      *f,
                  gconstpointer data)
{
  GwOutput x = fixture_const (f, "[[1], [2], [3]]", GW_FLOAT32);
  GwOutput a = pick (f, x, "[1, 1]", GW_INT32), b = pick (f, x, "[2, 1]", GW_INT64);
  GwOutput both = gw_op2 (&f->b, "AddV2", a, gw_op1 (&f->b, "Neg", b));
  GwGradient rows = derive_rows (f, both, x);
  GwGradient whole = derive_rows (f, gw_op2 (&f->b, "MatMul", both, gw_op2 (&f->b, "Reshape", x, fixture_const (f, "[1, 3]", GW_INT32))), x);
  GwGradient scaled = derive_rows (f, pick (f, gw_op1 (&f->b, "Square", x), "[2]", GW_INT32), x);

  g_assert_true (gw_gradient_is_sparse (&rows));
  g_assert_cmpint (gw_output_dtype (rows.indices), ==, GW_INT64);
  fixture_assert (f, gw_gradient_to_dense (&f->b, &rows), 0, NULL, "[[0], [1], [-1]]");
  g_assert_false (gw_gradient_is_sparse (&whole));
  fixture_assert (f, whole.values, 0, NULL, "[[-1], [5], [-7]]");
  g_assert_false (gw_gradient_is_sparse (&scaled));
  fixture_assert (f, scaled.values, 0, NULL, "[[0], [0], [6]]");
}

/* The gradient of a gradient of rows. */
static void
test_rows_twice (Fixture      *f,
                 gconstpointer data)
{
  GwOutput x = fixture_const (f, "[[1], [2], [3]]", GW_FLOAT32);
  GwOutput cubed = gw_op2 (&f->b, "Pow", pick (f, x, "[2, 0, 2]", GW_INT32), fixture_const (f, "3", GW_FLOAT32));

  fixture_assert (f, derive (f, derive (f, cubed, x), x), 0, NULL, "[[6], [0], [36]]");
}

/* Along other axes, and in batches; params of unknown size. */
static void
test_gather_axes (Fixture      *f,
                  gconstpointer data)
{
  g_autoptr (GwTensor) value = fixture_tensor ("[[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]]]", GW_FLOAT32);
  static const struct { GwShape shape; int axis, batch_dims; const char *indices, *want; } cases[] = {
    { { 3, { 2, 3, 2 } }, 1, 0, "[2, 0, 2]", "[[[1, 1], [0, 0], [2, 2]], [[1, 1], [0, 0], [2, 2]]]" },
    { { 3, { -1, -1, -1 } }, -1, 0, "[1]", "[[[0, 1], [0, 1], [0, 1]], [[0, 1], [0, 1], [0, 1]]]" },
    { { 3, { 2, 3, 2 } }, 1, 1, "[[0, 0], [2, 1]]", "[[[2, 2], [0, 0], [0, 0]], [[0, 0], [1, 1], [1, 1]]]" },
    { { 3, { -1, 3, 2 } }, 2, 1, "[[0], [1]]", "[[[1, 0], [1, 0], [1, 0]], [[0, 1], [0, 1], [0, 1]]]" },
    { { 3, { 2, 3, 2 } }, 2, 2, "[[1, 0, 1], [1, 1, 1]]", "[[[0, 1], [1, 0], [0, 1]], [[0, 1], [0, 1], [0, 1]]]" },
    { { -1 }, 0, 0, "[1]", "[[[0, 0], [0, 0], [0, 0]], [[1, 1], [1, 1], [1, 1]]]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GwOutput x = fixture_placeholder (f, cases[i].shape);
      GwOutput y = gw_op (&f->b, "GatherV2", GW_IN (x, fixture_const (f, cases[i].indices, GW_INT32),
                                                    gw_const_scalar (&f->b, GW_INT32, cases[i].axis)),
                          GW_WITH ({ "batch_dims", gw_attr_int (cases[i].batch_dims) }));

      fixture_assert (f, derive (f, y, x), 1, &(GwFeed) { x, value }, cases[i].want);
    }
}

/* What is named as a stop counts as constant. */
static void
test_named_stops (Fixture      *f,
                  gconstpointer data)
{
  GwOutput x = fixture_const (f, "[1, 2]", GW_FLOAT32);
  GwOutput middle = gw_op1 (&f->b, "Square", x);
  GwOutput y = gw_op2 (&f->b, "Mul", middle, x);
  GwOutput xs[2] = { x, middle };
  GwDifferentiation what = { .n_ys = 1, .ys = &y, .n_xs = 2, .xs = xs, .n_stops = 1, .stops = &middle };
  GwGradient gradients[2];

  g_assert_true (gw_differentiate (&f->b, &what, gradients));
  fixture_assert (f, gradients[0].values, 0, NULL, "[1, 4]");
  fixture_assert (f, gradients[1].values, 0, NULL, "[1, 2]");
}

int
main (int    argc,
      char **argv)
{
  fixture_init (&argc, &argv);
#define ADD(name, func) FIXTURE_ADD ("/gradient/" name, func)
  ADD ("paths", test_paths);
  ADD ("several", test_several);
  ADD ("seeds-are-checked", test_seeds_are_checked);
  ADD ("higher", test_higher);
  ADD ("stops", test_stops);
  ADD ("unbroadcast", test_unbroadcast);
  ADD ("names-and-origins", test_names_and_origins);
  ADD ("several-outputs", test_several_outputs);
  ADD ("rows", test_rows);
  ADD ("rows-add-up", test_rows_add_up);
  ADD ("rows-twice", test_rows_twice);
  ADD ("gather-axes", test_gather_axes);
  ADD ("named-stops", test_named_stops);
  return g_test_run ();
}
