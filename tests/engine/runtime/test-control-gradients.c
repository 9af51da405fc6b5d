/* SPDX-License-Identifier: Apache-2.0 */
/* Case, and derivatives of derivatives through Case, loops and sequences in lists. The figures
 * are TensorFlow 2.15's (control flow v2, graph mode, float32). */
#include "engine/graph/gradient.h"
#include "tests/engine/runtime/body.h"
#include "tests/engine/runtime/fixture.h"
#include "tests/support/support.h"

#include <math.h>

static void
assert_near (Fixture      *f,
             GwOutput      fetch,
             int           n_feeds,
             const GwFeed *feeds,
             const double *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) got = NULL;

  g_assert_nonnull (fetch.node);
  got = gw_session_fetch (f->session, f->graph, n_feeds, feeds, fetch, &error);
  g_assert_no_error (error);
  for (int64_t i = 0; i < got->elements; i++)
    g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (got, i), expected[i], 2e-5 * MAX (1, fabs (expected[i])));
}

#define ASSERT_NEAR(fetch, ...) assert_near (f, fetch, 0, NULL, (const double[]) { __VA_ARGS__ })

static GwOutput
sum_of (GwBuilder *b,
        GwOutput   x)
{
  const GwShape *shape = gw_output_shape (x);

  return gw_op2 (b, "Sum", x, gw_const_ints (b, shape->rank, (const int64_t[]) { 0, 1 }));
}

static GwOutput
sum_of_squares (GwBuilder *b,
                GwOutput   x)
{
  return sum_of (b, gw_op1 (b, "Square", x));
}

/* ---- Case ---- */

/* 0: a·a·b, 1: sin (a)·b·b, 2: exp (a·b) */
static const char *
add_branch (Fixture *f,
            int      which)
{
  const char *const names[] = { "power", "sine", "exponential" };
  GwOutput a, b, result;
  Body body;

  body_init (&body, FLOATS (2));
  a = body.args[0];
  b = body.args[1];
  result = which == 0 ? gw_op2 (&body.b, "Mul", gw_op2 (&body.b, "Mul", a, a), b)
             : which == 1 ? gw_op2 (&body.b, "Mul", gw_op2 (&body.b, "Mul", gw_op1 (&body.b, "Sin", a), b), b)
                          : gw_op1 (&body.b, "Exp", gw_op2 (&body.b, "Mul", a, b));
  return body_add_to (&body, f->graph, names[which], 1, &result);
}

static GwOutput
add_case (Fixture    *f,
          const char *op,
          GwOutput    index,
          GwOutput    a,
          GwOutput    b)
{
  const GwDType out = GW_FLOAT32;
  const char *branches[3] = { add_branch (f, 0), add_branch (f, 1), add_branch (f, 2) };

  return gw_op (&f->b, op, GW_IN (index, a, b),
                GW_WITH ({ "branches", gw_attr_funcs (3, branches) }, { "Tout", gw_attr_dtypes (1, &out) }));
}

static void
test_case (Fixture      *f,
           gconstpointer data)
{
  /* branch_index; z, dz/da, dz/db, d (dz/da)/da, d (dz/da)/db */
  const struct { const char *index; double expected[5][2]; } cases[] = {
    { "0", { { 2, -9 }, { 2, -6 }, { 4, 9 }, { 1, -2 }, { 4, 6 } } },
    { "1", { { 0.22732435, 0.14112 }, { -0.10403671, -0.9899925 }, { 0.9092974, -0.28224 }, { -0.22732435, -0.14112 },
             { -0.41614684, 1.979985 } } },
    { "2", { { 2.7182817, 0.049787067 }, { 1.3591409, -0.049787067 }, { 5.4365635, 0.1493612 }, { 0.67957044, 0.049787067 },
             { 5.4365635, -0.09957413 } } },
    { "-1", { { 2.7182817, 0.049787067 }, { 1.3591409, -0.049787067 }, { 5.4365635, 0.1493612 }, { 0.67957044, 0.049787067 },
              { 5.4365635, -0.09957413 } } },
    { "7", { { 2.7182817, 0.049787067 }, { 1.3591409, -0.049787067 }, { 5.4365635, 0.1493612 }, { 0.67957044, 0.049787067 },
             { 5.4365635, -0.09957413 } } },
  };
  GwOutput ab[2] = { fixture_const (f, "[2, 3]", GW_FLOAT32), fixture_const (f, "[0.5, -1]", GW_FLOAT32) };
  GwOutput index = gw_op (&f->b, "Placeholder", GW_NO_IN, GW_WITH ({ "dtype", gw_attr_dtype (GW_INT32) },
                                                                  { "shape", gw_attr_shape (GW_SHAPE_SCALAR) }));
  GwOutput fetches[5] = { add_case (f, data, index, ab[0], ab[1]) };

  g_assert_true (gw_shape_equal (gw_output_shape (fetches[0]), &GW_SHAPE (2)));
  gw_gradients (&f->b, 1, fetches, NULL, 2, ab, fetches + 1);
  gw_gradients (&f->b, 1, fetches + 1, NULL, 2, ab, fetches + 3);
  g_assert_no_error (f->b.error);
  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      g_autoptr (GwTensor) value = fixture_tensor (cases[c].index, GW_INT32);
      GwFeed feed = { index, value };

      for (int i = 0; i < 5; i++)
        assert_near (f, fetches[i], 1, &feed, cases[c].expected[i]);
    }
}

/* Branches that differ in shape leave open what they differ in; in type they are refused. */
static void
test_case_shapes (Fixture      *f,
                  gconstpointer data)
{
  const GwDType out = GW_FLOAT32;
  GwOutput x = fixture_const (f, "[[1, 2], [3, 4]]", GW_FLOAT32), result, y;
  GwOutput index = number (&f->b, GW_INT32, 1);
  const char *names[3] = { NULL };
  Body body;

  body_init (&body, FLOATS (1));
  names[0] = body_add_to (&body, f->graph, "same", 1, body.args);
  body_init (&body, FLOATS (1));
  result = gw_op (&body.b, "ConcatV2", GW_IN (body.args[0], body.args[0], number (&body.b, GW_INT32, 1)), NULL);
  names[1] = body_add_to (&body, f->graph, "wide", 1, &result);
  y = gw_op (&f->b, "Case", GW_IN (index, x), GW_WITH ({ "branches", gw_attr_funcs (2, names) }, { "Tout", gw_attr_dtypes (1, &out) }));
  g_assert_no_error (f->b.error);
  g_assert_true (gw_shape_equal (gw_output_shape (y), &GW_SHAPE (2, -1)));
  fixture_assert (f, y, 0, NULL, "[[1, 2, 1, 2], [3, 4, 3, 4]]");
  body_init (&body, FLOATS (1));
  result = gw_op (&body.b, "Cast", GW_IN (body.args[0]), GW_WITH ({ "DstT", gw_attr_dtype (GW_INT32) }));
  names[2] = body_add_to (&body, f->graph, "other", 1, &result);
  g_assert_null (gw_op (&f->b, "Case", GW_IN (index, x),
                        GW_WITH ({ "branches", gw_attr_funcs (3, names) }, { "Tout", gw_attr_dtypes (1, &out) })).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "branches: output 0 of other is int32 where float32 is wanted");
  g_assert_null (gw_op (&f->b, "Case", GW_IN (x, x),
                        GW_WITH ({ "branches", gw_attr_funcs (2, names) }, { "Tout", gw_attr_dtypes (1, &out) })).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "branch_index");
  names[1] = "nowhere";
  g_assert_null (gw_op (&f->b, "Case", GW_IN (index, x),
                        GW_WITH ({ "branches", gw_attr_funcs (2, names) }, { "Tout", gw_attr_dtypes (1, &out) })).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_NOT_FOUND, "“nowhere”");
}

/* ---- loops ---- */

/* Four times x ← tanh (x·w); d/dx and d/dw of the squares of d/dx and d/dw. */
static void
test_while (Fixture      *f,
            gconstpointer data)
{
  GwOutput xw[2] = { fixture_const (f, "[[1, 2]]", GW_FLOAT32), fixture_const (f, "[[0.5, -0.25], [0.125, 1]]", GW_FLOAT32) };
  GwOutput results[3], y, first[2], both, second[2];
  const char *cond, *loop;
  Body body;

  body_init (&body, INT_AND_FLOATS (3));
  results[0] = gw_op2 (&body.b, "Less", body.args[0], number (&body.b, GW_INT32, 4));
  cond = body_add_to (&body, f->graph, "cond", 1, results);
  body_init (&body, INT_AND_FLOATS (3));
  results[0] = gw_op2 (&body.b, "AddV2", body.args[0], number (&body.b, GW_INT32, 1));
  results[1] = gw_op1 (&body.b, "Tanh", gw_op2 (&body.b, "MatMul", body.args[1], body.args[2]));
  results[2] = body.args[2];
  loop = body_add_to (&body, f->graph, "body", 3, results);
  y = gw_output_of (gw_node_new (&f->b, "While", NULL, GW_IN (number (&f->b, GW_INT32, 0), xw[0], xw[1]),
                                 GW_WITH ({ "cond", gw_attr_func (cond) }, { "body", gw_attr_func (loop) })), 1);
  y = sum_of (&f->b, y);
  gw_gradients (&f->b, 1, &y, NULL, 2, xw, first);
  g_assert_no_error (f->b.error);
  ASSERT_NEAR (first[0], -0.050380714, 0.03828788);
  ASSERT_NEAR (first[1], 0.26550427, 0.84397376, 0.45026976, 1.3828778);
  both = gw_op2 (&f->b, "AddV2", sum_of_squares (&f->b, first[0]), sum_of_squares (&f->b, first[1]));
  gw_gradients (&f->b, 1, &both, NULL, 2, xw, second);
  g_assert_no_error (f->b.error);
  ASSERT_NEAR (second[0], 1.1723696, -0.51904887);
  ASSERT_NEAR (second[1], 6.1946263, -1.6437492, 10.878945, -3.2351775);
}

/* Steps taken from a list, results put into another: state ← tanh (state·u + 0.1·step). */
static GwOutput
add_scan (Fixture *f,
          GwOutput xs,
          GwOutput u)
{
  const GwDType dtypes[4] = { GW_VARIANT, GW_VARIANT, GW_FLOAT32, GW_FLOAT32 };
  GwAttrSetting element = { "element_dtype", gw_attr_dtype (GW_FLOAT32) };
  GwOutput open = number (&f->b, GW_INT32, -1), shape = gw_const_ints (&f->b, 1, (const int64_t[]) { 2 }), results[4];
  const char *cond, *loop;
  GwNode *pop, *node;
  Body body;

  body_init (&body, 4, dtypes);
  results[0] = gw_op2 (&body.b, "Greater", gw_op1 (&body.b, "TensorListLength", body.args[0]), number (&body.b, GW_INT32, 0));
  cond = body_add_to (&body, f->graph, "cond", 1, results);
  body_init (&body, 4, dtypes);
  pop = gw_node_new (&body.b, "TensorListPopBack", NULL, GW_IN (body.args[0], gw_const_ints (&body.b, 1, (const int64_t[]) { 2 })),
                     GW_WITH (element));
  results[0] = gw_output_of (pop, 0);
  results[2] = gw_op1 (&body.b, "Tanh", gw_op2 (&body.b, "AddV2", gw_op2 (&body.b, "Mul", body.args[2], body.args[3]),
                                                gw_op2 (&body.b, "Mul", number (&body.b, GW_FLOAT32, 0.1), gw_output_of (pop, 1))));
  results[1] = gw_op (&body.b, "TensorListPushBack", GW_IN (body.args[1], results[2]), GW_WITH (element));
  results[3] = body.args[3];
  loop = body_add_to (&body, f->graph, "body", 4, results);
  xs = gw_op2 (&f->b, "ReverseV2", xs, gw_const_ints (&f->b, 1, (const int64_t[]) { 0 }));
  node = gw_node_new (&f->b, "While", NULL,
                      GW_IN (gw_op (&f->b, "TensorListFromTensor", GW_IN (xs, open), GW_WITH (element)),
                             gw_op (&f->b, "EmptyTensorList", GW_IN (shape, open), GW_WITH (element)),
                             fixture_const (f, "[0.25, 0.5]", GW_FLOAT32), u),
                      GW_WITH ({ "cond", gw_attr_func (cond) }, { "body", gw_attr_func (loop) }));
  return gw_op (&f->b, "TensorListStack", GW_IN (gw_output_of (node, 1), shape), GW_WITH (element, { "num_elements", gw_attr_int (3) }));
}

static void
test_scan (Fixture      *f,
           gconstpointer data)
{
  GwOutput both[2] = { fixture_const (f, "[[1, 2], [3, 4], [5, 6]]", GW_FLOAT32), fixture_const (f, "[0.5, -0.75]", GW_FLOAT32) };
  GwOutput first[2], second[2], y = sum_of_squares (&f->b, add_scan (f, both[0], both[1]));

  g_assert_no_error (f->b.error);
  ASSERT_NEAR (y, 0.8805866);
  gw_gradients (&f->b, 1, &y, NULL, 2, both, first);
  g_assert_no_error (f->b.error);
  ASSERT_NEAR (first[0], 0.08898037, -0.06929648, 0.09861169, 0.049057867, 0.07678581, 0.04385562);
  ASSERT_NEAR (first[1], 0.7393659, -0.21862566);
  y = gw_op2 (&f->b, "AddV2", sum_of_squares (&f->b, first[0]), sum_of_squares (&f->b, first[1]));
  gw_gradients (&f->b, 1, &y, NULL, 2, both, second);
  g_assert_no_error (f->b.error);
  ASSERT_NEAR (second[0], 0.25459257, -0.084285215, 0.12844561, 0.034793537, -0.008669114, -0.055485792);
  ASSERT_NEAR (second[1], 1.5965211, -0.77622944);
}

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv);
  g_test_add ("/control-gradients/case", Fixture, "Case", fixture_set_up, test_case, fixture_tear_down);
  g_test_add ("/control-gradients/stateless-case", Fixture, "StatelessCase", fixture_set_up, test_case, fixture_tear_down);
  FIXTURE_ADD ("/control-gradients/case-shapes", test_case_shapes);
  FIXTURE_ADD ("/control-gradients/while", test_while);
  FIXTURE_ADD ("/control-gradients/scan", test_scan);
  return g_test_run ();
}
