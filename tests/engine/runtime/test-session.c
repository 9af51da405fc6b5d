/* SPDX-License-Identifier: Apache-2.0 */
/* What a session promises: only the needed part runs, any tensor can be fed or
 * fetched, errors name the node, reads come before unordered writes. */
#include "engine/base/error.h"
#include "engine/graph/gradient.h"
#include "engine/tensor/text.h"
#include "tests/engine/runtime/fixture.h"

#include <math.h>

static void
test_feed_anything (Fixture      *f,
                    gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (-1, 2));
  GwOutput y = gw_op2 (&f->b, "AddV2", x, gw_const_scalar (&f->b, GW_FLOAT32, 1));
  GwOutput z = gw_op2 (&f->b, "Mul", y, y);
  g_autoptr (GwTensor) three = gw_tensor_parse ("[[1,2],[3,4],[5,6]]", GW_FLOAT32, &GW_SHAPE_UNKNOWN, NULL);
  g_autoptr (GwTensor) one = gw_tensor_parse ("[[10,20]]", GW_FLOAT32, &GW_SHAPE_UNKNOWN, NULL);

  fixture_assert (f, z, 1, &(GwFeed) { x, three }, "[[4, 9], [16, 25], [36, 49]]");
  fixture_assert (f, z, 1, &(GwFeed) { x, one }, "[[121, 441]]");
  fixture_assert (f, z, 1, &(GwFeed) { y, one }, "[[100, 400]]");
  fixture_assert (f, x, 1, &(GwFeed) { x, one }, "[[10, 20]]");
  fixture_assert (f, z, 1, &(GwFeed) { x, three }, "[[4, 9], [16, 25], [36, 49]]");
}

static void
test_errors_name_node (Fixture      *f,
                       gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (-1, 3));
  GwOutput w = fixture_variable (f, "w", GW_SHAPE (3));
  GwOutput y = gw_op2 (&f->b, "AddV2", x, w);
  g_autoptr (GwTensor) wrong = gw_tensor_parse ("[[1,2]]", GW_FLOAT32, &GW_SHAPE_UNKNOWN, NULL);
  g_autoptr (GwTensor) right = gw_tensor_parse ("[[1,2,3]]", GW_FLOAT32, &GW_SHAPE_UNKNOWN, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (gw_session_fetch (f->session, f->graph, 0, NULL, y, &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, "You must feed a value for placeholder tensor 'Placeholder' with dtype float and shape [?,3]");
  g_assert_cmpstr (gw_error_get_node (error), ==, "Placeholder");
  g_clear_error (&error);

  g_assert_null (gw_session_fetch (f->session, f->graph, 1, &(GwFeed) { x, wrong }, y, &error));
  g_assert_cmpstr (error->message, ==, "Cannot feed value of shape [1,2] for Tensor 'Placeholder:0', which has shape [?,3]");
  g_clear_error (&error);

  g_assert_null (gw_session_fetch (f->session, f->graph, 1, &(GwFeed) { x, right }, y, &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_FAILED_PRECONDITION);
  g_assert_cmpstr (error->message, ==, "Attempting to use uninitialized value w");
  g_assert_cmpstr (gw_error_get_node (error), ==, "w");
}

static void
test_variables (Fixture      *f,
                gconstpointer data)
{
  GwOutput w = fixture_variable (f, "w", GW_SHAPE (2));
  GwOutput init = gw_op2 (&f->b, "Assign", w, fixture_const (f, "[1,2]", GW_FLOAT32));
  GwOutput add = gw_op2 (&f->b, "AssignAdd", w, fixture_const (f, "[10,10]", GW_FLOAT32));
  GwOutput read = gw_op1 (&f->b, "Identity", w);
  GwOutput twice = gw_op2 (&f->b, "AddV2", read, read);

  fixture_run (f, init);
  fixture_assert (f, read, 0, NULL, "[1, 2]");
  fixture_run (f, add);
  fixture_assert (f, twice, 0, NULL, "[22, 24]");
  fixture_assert (f, w, 0, NULL, "[11, 12]");
}

/* A read that is not ordered after a write sees the value from before the step,
 * whichever was created first; one that is ordered sees the new one. */
static void
test_read_before_write (Fixture      *f,
                        gconstpointer data)
{
  GwOutput w = fixture_variable (f, "w", GW_SHAPE_SCALAR);
  GwOutput init = gw_op2 (&f->b, "Assign", w, fixture_const (f, "1", GW_FLOAT32));
  GwOutput add = gw_op2 (&f->b, "AssignAdd", w, fixture_const (f, "10", GW_FLOAT32));
  GwOutput read = gw_op1 (&f->b, "Identity", w);
  GwOutput twice = gw_op2 (&f->b, "AddV2", read, read);
  GwOutput after = gw_op1 (&f->b, "Identity", add);
  GwOutput fetches[3] = { read, twice, after };
  GwTensor *results[3];
  g_autoptr (GError) error = NULL;

  fixture_run (f, init);
  g_assert_true (gw_session_run (f->session, f->graph, 0, NULL, 3, fetches, 1, &add.node, NULL, results, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (gw_tensor_get_double (results[0], 0), ==, 1);
  g_assert_cmpfloat (gw_tensor_get_double (results[1], 0), ==, 2);
  g_assert_cmpfloat (gw_tensor_get_double (results[2], 0), ==, 11);
  for (int i = 0; i < 3; i++)
    gw_tensor_unref (results[i]);
}

/* Two variables that swap: reads need memory of their own. */
static void
test_swap (Fixture      *f,
           gconstpointer data)
{
  GwOutput a = fixture_variable (f, "a", GW_SHAPE_SCALAR);
  GwOutput b = fixture_variable (f, "b", GW_SHAPE_SCALAR);
  GwOutput init_a = gw_op2 (&f->b, "Assign", a, fixture_const (f, "1", GW_FLOAT32));
  GwOutput init_b = gw_op2 (&f->b, "Assign", b, fixture_const (f, "2", GW_FLOAT32));
  GwOutput read_a = gw_op1 (&f->b, "Identity", a);
  GwOutput read_b = gw_op1 (&f->b, "Identity", b);
  GwOutput to_b = gw_op2 (&f->b, "Assign", b, read_a);
  GwOutput to_a = gw_op2 (&f->b, "Assign", a, read_b);
  GwNode *targets[2] = { to_a.node, to_b.node };
  g_autoptr (GError) error = NULL;

  fixture_run (f, init_a);
  fixture_run (f, init_b);
  gw_session_run (f->session, f->graph, 0, NULL, 0, NULL, 2, targets, NULL, NULL, &error);
  g_assert_no_error (error);
  fixture_assert (f, a, 0, NULL, "2");
  fixture_assert (f, b, 0, NULL, "1");
}

static void
test_gradient (Fixture      *f,
               gconstpointer data)
{
  GwOutput x = fixture_const (f, "[[1,2],[3,4]]", GW_FLOAT32);
  GwOutput w = fixture_const (f, "[0.5, -1]", GW_FLOAT32);
  GwOutput y = gw_op2 (&f->b, "Mul", x, w);
  GwOutput loss = gw_op2 (&f->b, "Sum", gw_op1 (&f->b, "Square", y), fixture_const (f, "[0,1]", GW_INT32));
  GwOutput unused = fixture_const (f, "3", GW_FLOAT32);
  GwOutput xs[3] = { x, w, unused };
  GwOutput dxs[3];

  g_assert_true (gw_gradients (&f->b, 1, &loss, NULL, 3, xs, dxs));
  fixture_assert (f, dxs[0], 0, NULL, "[[0.5, 4], [1.5, 8]]");
  fixture_assert (f, dxs[1], 0, NULL, "[10, -40]");
  g_assert_null (dxs[2].node);
}

static void
test_no_gradient_names_path (Fixture      *f,
                             gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (3));
  GwOutput w = fixture_variable (f, "w", GW_SHAPE (3));
  GwOutput applied = gw_op3 (&f->b, "ApplyGradientDescent", w, gw_const_scalar (&f->b, GW_FLOAT32, 1), x);
  GwOutput loss = gw_op2 (&f->b, "Sum", applied, fixture_const (f, "[0]", GW_INT32));
  GwOutput dx;

  g_assert_false (gw_gradients (&f->b, 1, &loss, NULL, 1, &x, &dx));
  g_assert_error (f->b.error, GW_ERROR, GW_ERROR_FAILED_PRECONDITION);
  g_assert_cmpstr (gw_error_get_node (f->b.error), ==, "ApplyGradientDescent");
  g_assert_nonnull (strstr (f->b.error->message, "ApplyGradientDescent → Sum"));
  g_clear_error (&f->b.error);
}

/* Assign has no gradient either, but TensorFlow says so silently. */
static void
test_assign_stops_gradient (Fixture      *f,
                            gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (3));
  GwOutput w = fixture_variable (f, "w", GW_SHAPE (3));
  GwOutput assigned = gw_op2 (&f->b, "Assign", w, x);
  GwOutput loss = gw_op2 (&f->b, "Sum", assigned, fixture_const (f, "[0]", GW_INT32));
  GwOutput dx;

  g_assert_true (gw_gradients (&f->b, 1, &loss, NULL, 1, &x, &dx));
  g_assert_null (dx.node);
}

/* Only what the fetch needs runs. */
static void
test_pruning (Fixture      *f,
              gconstpointer data)
{
  GwOutput counter = fixture_variable (f, "counter", GW_SHAPE_SCALAR);
  GwOutput init = gw_op2 (&f->b, "Assign", counter, fixture_const (f, "0", GW_FLOAT32));
  GwOutput count = gw_op2 (&f->b, "AssignAdd", counter, fixture_const (f, "1", GW_FLOAT32));
  GwOutput other = gw_op2 (&f->b, "AddV2", fixture_const (f, "1", GW_FLOAT32), fixture_const (f, "2", GW_FLOAT32));

  fixture_run (f, init);
  fixture_assert (f, other, 0, NULL, "3");
  fixture_assert (f, counter, 0, NULL, "0");
  fixture_assert (f, count, 0, NULL, "1");
}

static void
test_guard (Fixture      *f,
            gconstpointer data)
{
  GwOutput w = fixture_variable (f, "w", GW_SHAPE_SCALAR);
  GwOutput init = gw_op2 (&f->b, "Assign", w, fixture_const (f, "1", GW_FLOAT32));
  GwOutput x = fixture_placeholder (f, GW_SHAPE_SCALAR);
  GwOutput update = gw_op2 (&f->b, "AssignAdd", w, x);
  GwOutput loss = gw_op1 (&f->b, "Log", x);
  GwPlanSpec spec = { f->graph, 1, &x, &GW_SHAPE_SCALAR, 1, &loss, 1, &update.node, loss };
  g_autoptr (GwTensor) good = gw_tensor_new_float (2);
  g_autoptr (GwTensor) bad = gw_tensor_new_float (-1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwPlan) plan = NULL;
  GwTensor *fetched;

  fixture_run (f, init);
  plan = gw_plan_new (f->session, &spec, &error);
  g_assert_no_error (error);
  g_assert_true (gw_plan_run (plan, &good, NULL, &fetched, &error));
  fixture_assert (f, w, 0, NULL, "3");
  g_assert_false (gw_plan_run (plan, &bad, NULL, &fetched, &error));
  g_assert_true (gw_plan_guard_tripped (plan));
  g_assert_cmpstr (gw_error_get_node (error), ==, "Log");
  fixture_assert (f, w, 0, NULL, "3");
}

static void
test_cancel (Fixture      *f,
             gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE_SCALAR);
  GwOutput y = gw_op1 (&f->b, "Exp", x);
  gint cancel = 1;
  GwRunOptions options = { &cancel };
  g_autoptr (GwTensor) value = gw_tensor_new_float (2);
  g_autoptr (GError) error = NULL;
  GwTensor *result;

  g_assert_false (gw_session_run (f->session, f->graph, 1, &(GwFeed) { x, value }, 1, &y, 0, NULL, &options, &result, &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_CANCELLED);
}

/* A shape that a fed value decides is inferred in each run. */
static void
test_dynamic_shape (Fixture      *f,
                    gconstpointer data)
{
  GwOutput dims = gw_op (&f->b, "Placeholder", GW_NO_IN, GW_WITH ({ "dtype", gw_attr_dtype (GW_INT32) },
                                                                  { "shape", gw_attr_shape (GW_SHAPE (-1)) }));
  GwOutput filled = gw_op2 (&f->b, "Fill", dims, gw_const_scalar (&f->b, GW_FLOAT32, 2));
  GwOutput doubled = gw_op2 (&f->b, "AddV2", filled, filled);
  g_autoptr (GwTensor) two = gw_tensor_parse ("[1,2]", GW_INT32, &GW_SHAPE_UNKNOWN, NULL);
  g_autoptr (GwTensor) three = gw_tensor_parse ("[3,1]", GW_INT32, &GW_SHAPE_UNKNOWN, NULL);

  fixture_assert (f, doubled, 1, &(GwFeed) { dims, two }, "[[4, 4]]");
  fixture_assert (f, doubled, 1, &(GwFeed) { dims, three }, "[[4], [4], [4]]");
}

static void
test_huge_shape (Fixture      *f,
                 gconstpointer data)
{
  GwOutput filled = gw_op2 (&f->b, "Fill", fixture_const (f, "[1000000, 1000000, 1000]", GW_INT32),
                            gw_const_scalar (&f->b, GW_FLOAT32, 2));
  g_autoptr (GError) error = NULL;

  g_assert_no_error (f->b.error);
  g_assert_null (gw_session_fetch (f->session, f->graph, 0, NULL, filled, &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED);
  g_assert_cmpstr (gw_error_get_node (error), ==, "Fill");
}

/* The same seed gives the same bits on one and on several threads. */
static GBytes *
draw (int n_threads)
{
  g_autoptr (GwGraph) graph = gw_graph_new ();
  g_autoptr (GwSession) session = gw_session_new (n_threads);
  g_autoptr (GwTensor) tensor = NULL;
  g_autoptr (GError) error = NULL;
  GwBuilder b;
  GwOutput x, y;

  gw_graph_set_seed (graph, 42);
  gw_builder_init (&b, graph);
  x = gw_op (&b, "RandomStandardNormal", GW_IN (gw_const_ints (&b, 2, (const int64_t[]) { 300, 400 })),
             GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }));
  y = gw_op (&b, "MatMul", GW_IN (x, x), GW_WITH ({ "transpose_b", gw_attr_bool (TRUE) }));
  y = gw_op2 (&b, "Sum", gw_op1 (&b, "Tanh", y), gw_const_ints (&b, 1, (const int64_t[]) { 0 }));
  g_assert_true (gw_builder_finish (&b, &error));
  tensor = gw_session_fetch (session, graph, 0, NULL, y, &error);
  g_assert_no_error (error);
  return g_bytes_new (tensor->data, tensor->bytes);
}

static void
test_same_bits (void)
{
  g_autoptr (GBytes) one = draw (1);
  g_autoptr (GBytes) two = draw (2);
  g_autoptr (GBytes) three = draw (3);

  g_assert_true (g_bytes_equal (one, two));
  g_assert_true (g_bytes_equal (one, three));
}

int
main (int    argc,
      char **argv)
{
  fixture_init (&argc, &argv);
#define ADD(name, func) FIXTURE_ADD ("/session/" name, func)
  ADD ("feed-anything", test_feed_anything);
  ADD ("errors-name-node", test_errors_name_node);
  ADD ("variables", test_variables);
  ADD ("read-before-write", test_read_before_write);
  ADD ("swap", test_swap);
  ADD ("gradient", test_gradient);
  ADD ("no-gradient-names-path", test_no_gradient_names_path);
  ADD ("assign-stops-gradient", test_assign_stops_gradient);
  ADD ("pruning", test_pruning);
  ADD ("guard", test_guard);
  ADD ("cancel", test_cancel);
  ADD ("dynamic-shape", test_dynamic_shape);
  ADD ("huge-shape", test_huge_shape);
  g_test_add_func ("/session/same-bits", test_same_bits);
  return g_test_run ();
}
