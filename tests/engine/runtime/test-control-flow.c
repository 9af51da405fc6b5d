/* SPDX-License-Identifier: Apache-2.0 */
/* If and While with their sub-graphs: values, shapes, gradients, refusals, cancelling, and
 * lists of tensors. Figures are TensorFlow's where they are not plain. */
#include "engine/files/proto/graph.pb-c.h"
#include "engine/graph/function.h"
#include "engine/graph/gradient.h"
#include "engine/graph/graph-pb.h"
#include "tests/engine/runtime/body.h"
#include "tests/engine/runtime/fixture.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

/* ---- building sub-graphs ---- */

/* then: x·y, else: x - y */
static GwOutput
add_if (Fixture *f,
        GwOutput cond,
        GwOutput x,
        GwOutput y)
{
  const GwDType out = GW_FLOAT32;
  const char *then_name, *else_name;
  GwOutput result;
  Body body;

  body_init (&body, FLOATS (2));
  result = gw_op2 (&body.b, "Mul", body.args[0], body.args[1]);
  then_name = body_add_to (&body, f->graph, "then", 1, &result);
  body_init (&body, FLOATS (2));
  result = gw_op2 (&body.b, "Sub", body.args[0], body.args[1]);
  else_name = body_add_to (&body, f->graph, "else", 1, &result);
  return gw_op (&f->b, "If", GW_IN (cond, x, y),
                GW_WITH ({ "then_branch", gw_attr_func (then_name) }, { "else_branch", gw_attr_func (else_name) },
                         { "Tout", gw_attr_dtypes (1, &out) }));
}

/* for (i = 0; i < limit; i++) x = tanh (x · w): outputs i, x, w */
static GwNode *
add_power (Fixture *f,
           int      limit,
           GwOutput x,
           GwOutput w)
{
  const char *cond, *loop;
  GwOutput results[3];
  Body body;

  body_init (&body, INT_AND_FLOATS (3));
  results[0] = gw_op2 (&body.b, "Less", body.args[0], number (&body.b, GW_INT32, limit));
  cond = body_add_to (&body, f->graph, "cond", 1, results);
  body_init (&body, INT_AND_FLOATS (3));
  results[0] = gw_op2 (&body.b, "AddV2", body.args[0], number (&body.b, GW_INT32, 1));
  results[1] = gw_op1 (&body.b, "Tanh", gw_op2 (&body.b, "MatMul", body.args[1], body.args[2]));
  results[2] = body.args[2];
  loop = body_add_to (&body, f->graph, "body", 3, results);
  return gw_node_new (&f->b, "While", NULL, GW_IN (number (&f->b, GW_INT32, 0), x, w),
                      GW_WITH ({ "cond", gw_attr_func (cond) }, { "body", gw_attr_func (loop) }));
}

/* ---- values and shapes ---- */

static void
test_if (Fixture      *f,
         gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (2)), y = fixture_placeholder (f, GW_SHAPE (2));
  GwOutput cond = gw_op (&f->b, "Placeholder", GW_NO_IN, GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) },
                                                                 { "shape", gw_attr_shape (GW_SHAPE_UNKNOWN) }));
  GwOutput z = add_if (f, cond, x, y);
  g_autoptr (GwTensor) x_value = fixture_tensor ("[2, 3]", GW_FLOAT32);
  g_autoptr (GwTensor) y_value = fixture_tensor ("[10, 100]", GW_FLOAT32);
  const struct { const char *cond, *expected; } cases[] = {
    { "1", "[20, 300]" }, { "0", "[-8, -97]" }, { "[0]", "[20, 300]" }, { "[0.5, 0]", "[20, 300]" }, { "-0.5", "[20, 300]" },
  };

  g_assert_no_error (f->b.error);
  g_assert_true (gw_shape_equal (gw_output_shape (z), &GW_SHAPE (2)));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GwTensor) cond_value = fixture_tensor (cases[i].cond, GW_FLOAT32);
      GwFeed feeds[3] = { { x, x_value }, { y, y_value }, { cond, cond_value } };

      fixture_assert (f, z, 3, feeds, cases[i].expected);
    }
}

static void
test_while (Fixture      *f,
            gconstpointer data)
{
  GwOutput x = fixture_const (f, "[[1, 2]]", GW_FLOAT32), w = fixture_const (f, "[[0.5, -0.25], [0.125, 1]]", GW_FLOAT32);
  GwNode *loop = add_power (f, 3, x, w);
  GwNode *none = add_power (f, 0, x, w);

  g_assert_no_error (f->b.error);
  g_assert_true (gw_shape_equal (&loop->shapes[1], &GW_SHAPE (1, 2)));
  fixture_assert (f, gw_output_of (loop, 0), 0, NULL, "3");
  fixture_assert (f, gw_output_of (loop, 2), 0, NULL, "[[0.5, -0.25], [0.125, 1]]");
  fixture_assert (f, gw_output_of (none, 1), 0, NULL, "[[1, 2]]");
}

/* The variables of a loop change places, and one of them grows: an open size. */
static void
test_swap_and_grow (Fixture      *f,
                    gconstpointer data)
{
  const char *cond, *loop;
  GwOutput results[4];
  GwNode *node;
  Body body;

  body_init (&body, INT_AND_FLOATS (4));
  results[0] = gw_op2 (&body.b, "Less", body.args[0], number (&body.b, GW_INT32, 5));
  cond = body_add_to (&body, f->graph, "cond", 1, results);
  body_init (&body, INT_AND_FLOATS (4));
  results[0] = gw_op2 (&body.b, "AddV2", body.args[0], number (&body.b, GW_INT32, 1));
  results[1] = body.args[2];
  results[2] = body.args[1];
  results[3] = gw_op (&body.b, "ConcatV2", GW_IN (body.args[3], body.args[1], number (&body.b, GW_INT32, 0)), NULL);
  loop = body_add_to (&body, f->graph, "body", 4, results);
  node = gw_node_new (&f->b, "While", NULL,
                      GW_IN (number (&f->b, GW_INT32, 0), fixture_const (f, "[1]", GW_FLOAT32), fixture_const (f, "[2]", GW_FLOAT32),
                             fixture_const (f, "[0]", GW_FLOAT32)),
                      GW_WITH ({ "cond", gw_attr_func (cond) }, { "body", gw_attr_func (loop) }));
  g_assert_no_error (f->b.error);
  g_assert_true (gw_shape_equal (&node->shapes[1], &GW_SHAPE (1)));
  g_assert_true (gw_shape_equal (&node->shapes[3], &GW_SHAPE (-1)));
  fixture_assert (f, gw_output_of (node, 1), 0, NULL, "[2]");
  fixture_assert (f, gw_output_of (node, 3), 0, NULL, "[0, 1, 2, 1, 2, 1]");
}

/* ---- gradients ---- */

static double
fetch_double (Fixture *f,
              GwOutput y,
              GwOutput x,
              GwTensor *value)
{
  g_autoptr (GError) error = NULL;
  GwFeed feed = { x, value };
  g_autoptr (GwTensor) result = gw_session_fetch (f->session, f->graph, 1, &feed, y, &error);

  g_assert_no_error (error);
  return gw_tensor_get_double (result, 0);
}

/* d y / d x against finite differences at `text`. */
static void
check_gradient (Fixture    *f,
                GwOutput    y,
                GwOutput    x,
                const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) value = fixture_tensor (text, GW_FLOAT32);
  GwFeed feed = { x, value };
  g_autoptr (GwTensor) dx = NULL;
  GwOutput dx_output;

  gw_gradients (&f->b, 1, &y, NULL, 1, &x, &dx_output);
  g_assert_no_error (f->b.error);
  g_assert_nonnull (dx_output.node);
  dx = gw_session_fetch (f->session, f->graph, 1, &feed, dx_output, &error);
  g_assert_no_error (error);
  for (int64_t i = 0; i < value->elements; i++)
    {
      const double step = 1e-2;
      double at = gw_tensor_get_double (value, i), above, below, difference;

      gw_tensor_set_double (value, i, at + step);
      above = fetch_double (f, y, x, value);
      gw_tensor_set_double (value, i, at - step);
      below = fetch_double (f, y, x, value);
      gw_tensor_set_double (value, i, at);
      difference = (above - below) / (2 * step);
      g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (dx, i), difference, 2e-3 * MAX (1, fabs (difference)));
    }
}

static GwOutput
sum_all (Fixture *f,
         GwOutput x)
{
  return gw_op2 (&f->b, "Sum", x, gw_const_ints (&f->b, 2, (const int64_t[]) { 0, 1 }));
}

static void
test_if_gradient (Fixture      *f,
                  gconstpointer data)
{
  GwOutput x = fixture_const (f, "[2, 3]", GW_FLOAT32), y = fixture_const (f, "[10, 100]", GW_FLOAT32);
  GwOutput cond = fixture_placeholder (f, GW_SHAPE_SCALAR);
  GwOutput z = add_if (f, cond, x, y);
  g_autoptr (GwTensor) yes = fixture_tensor ("1", GW_FLOAT32);
  g_autoptr (GwTensor) no = fixture_tensor ("0", GW_FLOAT32);
  GwFeed feeds[2] = { { cond, yes }, { cond, no } };
  GwOutput xs[2] = { x, y }, dxs[2], second;

  g_assert_true (gw_gradients (&f->b, 1, &z, NULL, 2, xs, dxs));
  fixture_assert (f, dxs[0], 1, &feeds[0], "[10, 100]");
  fixture_assert (f, dxs[1], 1, &feeds[0], "[2, 3]");
  fixture_assert (f, dxs[0], 1, &feeds[1], "[1, 1]");
  fixture_assert (f, dxs[1], 1, &feeds[1], "[-1, -1]");
  /* d/dy (dz/dx) = 1 where they are multiplied */
  g_assert_true (gw_gradients (&f->b, 1, &dxs[0], NULL, 1, &y, &second));
  fixture_assert (f, second, 1, &feeds[0], "[1, 1]");
  fixture_assert (f, second, 1, &feeds[1], "[0, 0]");
}

static void
test_while_gradient (Fixture      *f,
                     gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (1, 2));
  GwOutput w = fixture_const (f, "[[0.5, -0.25], [0.125, 1]]", GW_FLOAT32);
  GwOutput v = fixture_placeholder (f, GW_SHAPE (2, 2));

  check_gradient (f, sum_all (f, gw_output_of (add_power (f, 4, x, w), 1)), x, "[[1, 2]]");
  check_gradient (f, sum_all (f, gw_output_of (add_power (f, 4, fixture_const (f, "[[1, 2]]", GW_FLOAT32), v), 1)), v,
                  "[[0.5, -0.25], [0.125, 1]]");
}

/* Both ways to the weights: through the loop, and beside it. */
static void
test_fixed_output_gradient (Fixture      *f,
                            gconstpointer data)
{
  GwOutput v = fixture_placeholder (f, GW_SHAPE (2, 2));
  GwNode *loop = add_power (f, 3, fixture_const (f, "[[1, 2]]", GW_FLOAT32), v);
  GwOutput y = gw_op2 (&f->b, "AddV2", sum_all (f, gw_output_of (loop, 1)),
                       sum_all (f, gw_op1 (&f->b, "Square", gw_output_of (loop, 2))));

  check_gradient (f, y, v, "[[0.5, -0.25], [0.125, 1]]");
}

/* A While in an If's branch. */
static void
test_nested (Fixture      *f,
             gconstpointer data)
{
  const GwDType out = GW_FLOAT32;
  GwOutput x = fixture_placeholder (f, GW_SHAPE (1, 2)), w = fixture_const (f, "[[0.5, -0.25], [0.125, 1]]", GW_FLOAT32);
  Fixture inner = { .session = f->session };
  const char *then_name, *else_name;
  GwOutput result, y;
  Body body;

  body_init (&body, FLOATS (2));
  inner.graph = body.graph;
  inner.b = body.b;
  result = gw_output_of (add_power (&inner, 2, body.args[0], body.args[1]), 1);
  body.b = inner.b;
  then_name = body_add_to (&body, f->graph, "then", 1, &result);
  body_init (&body, FLOATS (2));
  else_name = body_add_to (&body, f->graph, "else", 1, body.args);
  y = gw_op (&f->b, "If", GW_IN (number (&f->b, GW_BOOL, 1), x, w),
             GW_WITH ({ "then_branch", gw_attr_func (then_name) }, { "else_branch", gw_attr_func (else_name) },
                      { "Tout", gw_attr_dtypes (1, &out) }));
  check_gradient (f, sum_all (f, y), x, "[[1, 2]]");
}

/* The way of a recurrent layer: rows are taken from a list, results are put into another. */
static void
test_scan (Fixture      *f,
           gconstpointer data)
{
  const GwDType dtypes[4] = { GW_VARIANT, GW_VARIANT, GW_FLOAT32, GW_FLOAT32 };
  GwAttrSetting element = { "element_dtype", gw_attr_dtype (GW_FLOAT32) };
  GwOutput xs = fixture_placeholder (f, GW_SHAPE (3, 2)), w = fixture_placeholder (f, GW_SHAPE (2));
  g_autoptr (GwTensor) w_value = fixture_tensor ("[0.5, -0.75]", GW_FLOAT32);
  g_autoptr (GwTensor) xs_value = fixture_tensor ("[[1, 2], [3, 4], [5, 6]]", GW_FLOAT32);
  GwFeed feeds[2] = { { w, w_value }, { xs, xs_value } };
  GwOutput open = number (&f->b, GW_INT32, -1), results[4], ys, dw, dxs;
  GwOutput both[2] = { w, xs }, derived[2];
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
  node = gw_node_new (&f->b, "While", NULL,
                      GW_IN (gw_op (&f->b, "TensorListFromTensor", GW_IN (xs, open), GW_WITH (element)),
                             gw_op (&f->b, "EmptyTensorList", GW_IN (open, open), GW_WITH (element)),
                             fixture_const (f, "[0.25, 0.5]", GW_FLOAT32), w),
                      GW_WITH ({ "cond", gw_attr_func (cond) }, { "body", gw_attr_func (loop) }));
  ys = gw_op (&f->b, "TensorListStack", GW_IN (gw_output_of (node, 1), gw_const_ints (&f->b, 1, (const int64_t[]) { 2 })),
              GW_WITH (element));
  g_assert_no_error (f->b.error);
  g_assert_true (gw_shape_equal (gw_output_shape (ys), &GW_SHAPE (-1, 2)));
  ys = sum_all (f, gw_op1 (&f->b, "Square", ys));
  gw_gradients (&f->b, 1, &ys, NULL, 2, both, derived);
  g_assert_no_error (f->b.error);
  dw = derived[0];
  dxs = derived[1];
  for (int i = 0; i < 2; i++)
    {
      GwTensor *value = i == 0 ? w_value : xs_value;
      g_autoptr (GError) error = NULL;
      g_autoptr (GwTensor) got = gw_session_fetch (f->session, f->graph, 2, feeds, i == 0 ? dw : dxs, &error);

      g_assert_no_error (error);
      for (int64_t k = 0; k < value->elements; k++)
        {
          double at = gw_tensor_get_double (value, k), sides[2];

          for (int s = 0; s < 2; s++)
            {
              g_autoptr (GwTensor) y = NULL;

              gw_tensor_set_double (value, k, at + (s == 0 ? 1e-2 : -1e-2));
              y = gw_session_fetch (f->session, f->graph, 2, feeds, ys, &error);
              g_assert_no_error (error);
              sides[s] = gw_tensor_get_double (y, 0);
            }
          gw_tensor_set_double (value, k, at);
          g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (got, k), (sides[0] - sides[1]) / 2e-2, 2e-3);
        }
    }
}

/* ---- variables ---- */

/* A loop reads a variable by its handle; the gradient of the handle is that of the value. */
static void
test_handle (Fixture      *f,
             gconstpointer data)
{
  GwNode *variable = gw_node_new (&f->b, "VarHandleOp", "v", GW_NO_IN,
                                  GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }, { "shape", gw_attr_shape (GW_SHAPE (2)) }));
  GwOutput handle = gw_output_of (variable, 0), x = fixture_const (f, "[1, 2]", GW_FLOAT32), y, dv;
  GwNode *assign = gw_node_new (&f->b, "AssignVariableOp", NULL, GW_IN (handle, fixture_const (f, "[2, 3]", GW_FLOAT32)), NULL);
  const char *cond, *loop;
  GwOutput results[3];
  g_autoptr (GError) error = NULL;
  Body body;

  for (int which = 0; which < 2; which++)
    {
      body_init (&body, INT_AND_FLOATS (2));
      body.args[body.n++] = gw_function_arg (&body.b, "handle", 2, handle);
      results[0] = gw_op2 (&body.b, which == 0 ? "Less" : "AddV2", body.args[0], number (&body.b, GW_INT32, which == 0 ? 2 : 1));
      if (which == 1)
        results[1] = gw_op2 (&body.b, "Mul", body.args[1],
                             gw_op (&body.b, "ReadVariableOp", GW_IN (body.args[2]), GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) })));
      results[2] = body.args[2];
      if (which == 0)
        cond = body_add_to (&body, f->graph, "cond", 1, results);
      else
        loop = body_add_to (&body, f->graph, "body", 3, results);
    }
  y = gw_output_of (gw_node_new (&f->b, "While", NULL, GW_IN (number (&f->b, GW_INT32, 0), x, handle),
                                 GW_WITH ({ "cond", gw_attr_func (cond) }, { "body", gw_attr_func (loop) })), 1);
  g_assert_no_error (f->b.error);
  g_assert_true (gw_session_run (f->session, f->graph, 0, NULL, 0, NULL, 1, &assign, NULL, NULL, &error));
  fixture_assert (f, y, 0, NULL, "[4, 18]");
  g_assert_true (gw_gradients (&f->b, 1, &y, NULL, 1, &handle, &dv));
  g_assert_no_error (f->b.error);
  fixture_assert (f, dv, 0, NULL, "[4, 12]");
}

/* ---- refusals ---- */

static GwNode *
add_endless (Fixture *f)
{
  const char *cond, *loop;
  GwOutput result;
  Body body;

  body_init (&body, FLOATS (1));
  result = number (&body.b, GW_BOOL, 1);
  cond = body_add_to (&body, f->graph, "always", 1, &result);
  body_init (&body, FLOATS (1));
  result = gw_op1 (&body.b, "Neg", body.args[0]);
  loop = body_add_to (&body, f->graph, "turn", 1, &result);
  return gw_node_new (&f->b, "While", NULL, GW_IN (fixture_const (f, "1", GW_FLOAT32)),
                      GW_WITH ({ "cond", gw_attr_func (cond) }, { "body", gw_attr_func (loop) }));
}

static void
test_limit (Fixture      *f,
            gconstpointer data)
{
  GwRunOptions options = { .max_iterations = 1000 };
  GwOutput y = gw_output_of (add_endless (f), 0);
  GwTensor *result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_no_error (f->b.error);
  g_assert_false (gw_session_run (f->session, f->graph, 0, NULL, 1, &y, 0, NULL, &options, &result, &error));
  gw_test_assert_error (&error, GW_ERROR_OUT_OF_RANGE, "1000 turns");
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (20000);
  g_atomic_int_set ((gint *) data, 1);
  return NULL;
}

static void
test_cancel (Fixture      *f,
             gconstpointer data)
{
  gint cancel = 0;
  GwRunOptions options = { .cancel = &cancel };
  GwOutput y = gw_output_of (add_endless (f), 0);
  GwTensor *result = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_soon, &cancel);

  g_assert_false (gw_session_run (f->session, f->graph, 0, NULL, 1, &y, 0, NULL, &options, &result, &error));
  g_thread_join (thread);
  gw_test_assert_error (&error, GW_ERROR_CANCELLED, "cancelled");
}

/* Errors name the node inside, whether it fails while it is built or while it runs. */
static void
test_errors (Fixture      *f,
             gconstpointer data)
{
  GwOutput x = fixture_const (f, "[[1, 2]]", GW_FLOAT32), check;
  const GwDType out = GW_FLOAT32;
  const char *name;
  Body body;

  g_assert_null (add_power (f, 2, x, fixture_const (f, "[[1, 2, 3]]", GW_FLOAT32)));
  g_assert_cmpstr (gw_error_get_node (f->b.error), ==, "MatMul");
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "");
  g_assert_null (add_if (f, x, x, number (&f->b, GW_INT32, 1)).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "then_branch: input 1 of then is float32 where int32 is wanted");
  g_assert_null (gw_op (&f->b, "If", GW_IN (x, x), GW_WITH ({ "then_branch", gw_attr_func ("nowhere") },
                                                           { "else_branch", gw_attr_func ("nowhere") },
                                                           { "Tout", gw_attr_dtypes (1, &out) })).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_NOT_FOUND, "“nowhere”");
  body_init (&body, FLOATS (1));
  check = gw_op (&body.b, "CheckNumerics", GW_IN (body.args[0]), GW_WITH ({ "message", gw_attr_string ("inside") }));
  name = body_add_to (&body, f->graph, "checked", 1, &check);
  check = gw_op (&f->b, "If", GW_IN (x, fixture_const (f, "[nan]", GW_FLOAT32)),
                 GW_WITH ({ "then_branch", gw_attr_func (name) }, { "else_branch", gw_attr_func (name) },
                          { "Tout", gw_attr_dtypes (1, &out) }));
  fixture_assert_fails (f, check, 0, NULL, GW_ERROR_INVALID_ARGUMENT, "inside : Tensor had NaN");
}

static void
test_no_variables_inside (Fixture      *f,
                          gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Body body;

  body_init (&body, FLOATS (1));
  gw_op (&body.b, "VariableV2", GW_NO_IN, GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }, { "shape", gw_attr_shape (GW_SHAPE (2)) }));
  g_assert_null (gw_function_new ("f", body.graph, 1, body.args, 1, body.args, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "a variable cannot stand in the sub-graph f");
  gw_builder_clear (&body.b);
  gw_graph_unref (body.graph);
}

/* A draw would come out differently the second time. */
static void
test_random_gradient (Fixture      *f,
                      gconstpointer data)
{
  GwOutput x = fixture_const (f, "[1, 2]", GW_FLOAT32), y, dx;
  const GwDType out = GW_FLOAT32;
  const char *name;
  Body body;

  body_init (&body, FLOATS (1));
  y = gw_op2 (&body.b, "Mul", body.args[0],
              gw_op (&body.b, "RandomUniform", GW_IN (gw_op1 (&body.b, "Shape", body.args[0])),
                     GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }, { "seed", gw_attr_int (3) })));
  name = body_add_to (&body, f->graph, "noisy", 1, &y);
  y = gw_op (&f->b, "If", GW_IN (number (&f->b, GW_BOOL, 1), x),
             GW_WITH ({ "then_branch", gw_attr_func (name) }, { "else_branch", gw_attr_func (name) },
                      { "Tout", gw_attr_dtypes (1, &out) }));
  g_assert_no_error (f->b.error);
  g_assert_false (gw_gradients (&f->b, 1, &y, NULL, 1, &x, &dx));
  gw_test_assert_error (&f->b.error, GW_ERROR_UNIMPLEMENTED, "RandomUniform");
}

/* ---- in TensorFlow's form ---- */

static const Gw__FunctionDef *
find_function (const Gw__GraphDef *graph,
               const char         *name)
{
  for (size_t i = 0; i < graph->library->n_function; i++)
    if (g_str_equal (graph->library->function[i]->signature->name, name))
      return graph->library->function[i];
  return NULL;
}

/* The sub-graphs of a loop and of its gradient stand in the library, each once, and name what
 * they take as functions do. */
static void
test_library (Fixture      *f,
              gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (1, 2)), w = fixture_const (f, "[[0.5, -0.25], [0.125, 1]]", GW_FLOAT32);
  GwOutput y = gw_output_of (add_power (f, 4, x, w), 1), dx;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  Gw__GraphDef *graph;
  const Gw__FunctionDef *body;

  g_assert_true (gw_gradients (&f->b, 1, &y, NULL, 1, &x, &dx));
  bytes = gw_graph_to_proto (f->graph, &error);
  g_assert_no_error (error);
  graph = gw__graph_def__unpack (NULL, g_bytes_get_size (bytes), g_bytes_get_data (bytes, NULL));
  g_assert_nonnull (graph);
  g_assert_cmpuint (graph->library->n_function, ==, 6);
  g_assert_nonnull (find_function (graph, "body_backward"));
  body = find_function (graph, "body");
  g_assert_cmpuint (body->signature->n_input_arg, ==, 3);
  g_assert_cmpint (body->signature->input_arg[0]->type, ==, GW_INT32);
  g_assert_cmpuint (body->n_ret, ==, 3);
  for (size_t i = 0; i < body->n_ret; i++)
    g_assert_cmpstr (body->ret[i]->value, ==, g_str_equal (body->ret[i]->key, "gw_ret_0") ? "AddV2:z:0"
                                                : g_str_equal (body->ret[i]->key, "gw_ret_1") ? "Tanh:y:0" : "gw_arg_2");
  for (size_t i = 0; i < body->n_node_def; i++)
    if (g_str_equal (body->node_def[i]->name, "MatMul"))
      {
        g_assert_cmpstr (body->node_def[i]->input[0], ==, "gw_arg_1");
        g_assert_cmpstr (body->node_def[i]->input[1], ==, "gw_arg_2");
      }
  gw__graph_def__free_unpacked (graph, NULL);
}

/* ---- lists ---- */

static void
test_lists (Fixture      *f,
            gconstpointer data)
{
  GwAttrSetting element = { "element_dtype", gw_attr_dtype (GW_FLOAT32) };
  GwOutput open = number (&f->b, GW_INT32, -1), row = gw_const_ints (&f->b, 1, (const int64_t[]) { 2 });
  GwOutput list = gw_op (&f->b, "TensorListFromTensor", GW_IN (fixture_const (f, "[[1, 2], [3, 4]]", GW_FLOAT32), open), GW_WITH (element));
  GwOutput longer = gw_op (&f->b, "TensorListPushBack", GW_IN (list, fixture_const (f, "[5, 6]", GW_FLOAT32)), GW_WITH (element));
  GwOutput other = gw_op (&f->b, "TensorListPushBack", GW_IN (list, fixture_const (f, "[7, 8]", GW_FLOAT32)), GW_WITH (element));
  GwOutput changed = gw_op (&f->b, "TensorListSetItem", GW_IN (longer, number (&f->b, GW_INT32, 1), fixture_const (f, "[0, 9]", GW_FLOAT32)),
                            GW_WITH (element));
  GwNode *pop = gw_node_new (&f->b, "TensorListPopBack", NULL, GW_IN (longer, row), GW_WITH (element));
  GwOutput reserved = gw_op (&f->b, "TensorListReserve", GW_IN (row, number (&f->b, GW_INT32, 2)), GW_WITH (element));

#define STACKED(l) gw_op (&f->b, "TensorListStack", GW_IN (l, row), GW_WITH (element))
  fixture_assert (f, STACKED (list), 0, NULL, "[[1, 2], [3, 4]]");
  fixture_assert (f, STACKED (longer), 0, NULL, "[[1, 2], [3, 4], [5, 6]]");
  fixture_assert (f, STACKED (other), 0, NULL, "[[1, 2], [3, 4], [7, 8]]");
  fixture_assert (f, STACKED (changed), 0, NULL, "[[1, 2], [0, 9], [5, 6]]");
  fixture_assert (f, STACKED (gw_output_of (pop, 0)), 0, NULL, "[[1, 2], [3, 4]]");
  fixture_assert (f, STACKED (reserved), 0, NULL, "[[0, 0], [0, 0]]");
  fixture_assert (f, STACKED (gw_op1 (&f->b, "ZerosLike", longer)), 0, NULL, "[[0, 0], [0, 0], [0, 0]]");
  fixture_assert (f, gw_output_of (pop, 1), 0, NULL, "[5, 6]");
  fixture_assert (f, gw_op1 (&f->b, "TensorListLength", longer), 0, NULL, "3");
  fixture_assert (f, gw_op (&f->b, "TensorListGetItem", GW_IN (longer, number (&f->b, GW_INT32, 2), open), GW_WITH (element)), 0, NULL,
                  "[5, 6]");
  fixture_assert_fails (f, gw_op (&f->b, "TensorListGetItem", GW_IN (longer, number (&f->b, GW_INT32, 3), open), GW_WITH (element)),
                        0, NULL, GW_ERROR_INVALID_ARGUMENT, "element 3 in a list with 3 elements");
  fixture_assert_fails (f, gw_op (&f->b, "TensorListPushBack", GW_IN (reserved, fixture_const (f, "[5]", GW_FLOAT32)), GW_WITH (element)),
                        0, NULL, GW_ERROR_INVALID_ARGUMENT, "[1]");
  g_assert_null (gw_op2 (&f->b, "AddV2", list, list).node);
  gw_test_assert_error (&f->b.error, GW_ERROR_INVALID_ARGUMENT, "cannot be a list of tensors");
}

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv);
  FIXTURE_ADD ("/control-flow/if", test_if);
  FIXTURE_ADD ("/control-flow/while", test_while);
  FIXTURE_ADD ("/control-flow/swap-and-grow", test_swap_and_grow);
  FIXTURE_ADD ("/control-flow/if-gradient", test_if_gradient);
  FIXTURE_ADD ("/control-flow/while-gradient", test_while_gradient);
  FIXTURE_ADD ("/control-flow/fixed-output-gradient", test_fixed_output_gradient);
  FIXTURE_ADD ("/control-flow/nested", test_nested);
  FIXTURE_ADD ("/control-flow/scan", test_scan);
  FIXTURE_ADD ("/control-flow/handle", test_handle);
  FIXTURE_ADD ("/control-flow/limit", test_limit);
  FIXTURE_ADD ("/control-flow/cancel", test_cancel);
  FIXTURE_ADD ("/control-flow/errors", test_errors);
  FIXTURE_ADD ("/control-flow/no-variables-inside", test_no_variables_inside);
  FIXTURE_ADD ("/control-flow/random-gradient", test_random_gradient);
  FIXTURE_ADD ("/control-flow/library", test_library);
  FIXTURE_ADD ("/control-flow/lists", test_lists);
  return g_test_run ();
}
