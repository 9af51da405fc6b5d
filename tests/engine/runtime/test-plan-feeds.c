/* SPDX-License-Identifier: Apache-2.0 */
/* Feeding any tensor, fetching any tensor, and plans that cannot be made: what is fed
 * is never written to, and what is asked wrongly is refused with the reason. */
#include "engine/base/alloc.h"
#include "engine/tensor/text.h"
#include "tests/engine/runtime/fixture.h"
#include "tests/support/support.h"

#include <math.h>

static GwNode *
split (Fixture *f,
       GwOutput x)
{
  return gw_node_new (&f->b, "Split", NULL, GW_IN (gw_const_scalar (&f->b, GW_INT32, 0), x),
                      GW_WITH ({ "num_split", gw_attr_int (2) }));
}

/* One output of a node is fed, the other is computed: the feed is not overwritten. */
static void
test_partial_feed (Fixture      *f,
                   gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (4));
  GwNode *parts = split (f, x);
  GwOutput first = { parts, 0 }, second = { parts, 1 };
  GwOutput sum = gw_op2 (&f->b, "AddV2", first, second);
  g_autoptr (GwTensor) four = fixture_tensor ("[1, 2, 3, 4]", GW_FLOAT32);
  g_autoptr (GwTensor) fed = fixture_tensor ("[10, 20]", GW_FLOAT32);
  GwFeed feeds[2] = { { x, four }, { first, fed } };

  fixture_assert (f, sum, 2, feeds, "[13, 24]");
  fixture_assert (f, first, 2, feeds, "[10, 20]");
  fixture_assert (f, sum, 1, feeds, "[4, 6]");
  gw_test_assert_tensor (fed, "float32 [10, 20]");
}

/* The same for outputs whose shape only the run knows. */
static void
test_partial_feed_dynamic (Fixture      *f,
                           gconstpointer data)
{
  GwOutput dims = gw_op (&f->b, "Placeholder", GW_NO_IN, GW_WITH ({ "dtype", gw_attr_dtype (GW_INT32) },
                                                                  { "shape", gw_attr_shape (GW_SHAPE (1)) }));
  GwNode *parts = split (f, gw_op2 (&f->b, "Fill", dims, gw_const_scalar (&f->b, GW_FLOAT32, 2)));
  GwOutput first = { parts, 0 }, second = { parts, 1 };
  GwOutput sum = gw_op2 (&f->b, "AddV2", first, second);
  g_autoptr (GwTensor) four = fixture_tensor ("[4]", GW_INT32);
  g_autoptr (GwTensor) fed = fixture_tensor ("[10, 20]", GW_FLOAT32);
  GwFeed feeds[2] = { { dims, four }, { first, fed } };

  fixture_assert (f, sum, 2, feeds, "[12, 22]");
  gw_test_assert_tensor (fed, "float32 [10, 20]");
}

/* Nodes that run although their output is fed: a control edge or a target asks for it. */
static void
test_fed_node_that_runs (Fixture      *f,
                         gconstpointer data)
{
  GwOutput counter = fixture_initialized (f, "counter", GW_SHAPE_SCALAR, "0");
  GwOutput constant = fixture_const (f, "[1, 1]", GW_FLOAT32);
  GwOutput squared = gw_op1 (&f->b, "Square", fixture_const (f, "[3, 3]", GW_FLOAT32));
  GwOutput sum = gw_op2 (&f->b, "AddV2", constant, squared);
  GwOutput after = gw_op1 (&f->b, "Neg", sum);
  GwOutput count = gw_op2 (&f->b, "AssignAdd", counter, gw_const_scalar (&f->b, GW_FLOAT32, 1));
  g_autoptr (GwTensor) fed = fixture_tensor ("[5, 6]", GW_FLOAT32);
  g_autoptr (GwTensor) two = fixture_tensor ("[2, 2]", GW_FLOAT32);
  GwFeed feeds[2] = { { constant, fed }, { squared, two } };

  gw_graph_add_control (after.node, constant.node);
  gw_graph_add_control (after.node, squared.node);
  gw_graph_add_control (squared.node, count.node);
  fixture_assert (f, after, 2, feeds, "[-7, -8]");
  fixture_assert (f, counter, 0, NULL, "1");
  gw_test_assert_tensor (fed, "float32 [5, 6]");
  gw_test_assert_tensor (two, "float32 [2, 2]");
}

/* A fed placeholder has "run" for those who wait for it. */
static void
test_wait_for_placeholder (Fixture      *f,
                           gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (2));
  GwOutput y = gw_op1 (&f->b, "Neg", fixture_const (f, "[1, 2]", GW_FLOAT32));
  g_autoptr (GwTensor) value = fixture_tensor ("[5, 6]", GW_FLOAT32);

  gw_graph_add_control (y.node, x.node);
  fixture_assert (f, y, 1, &(GwFeed) { x, value }, "[-1, -2]");
  fixture_assert_fails (f, y, 0, NULL, GW_ERROR_INVALID_ARGUMENT, "You must feed a value for placeholder");
}

/* What the graph knew of shapes and values does not hold behind a feed. */
static void
test_feed_a_constant (Fixture      *f,
                      gconstpointer data)
{
  GwOutput dims = fixture_const (f, "[2]", GW_INT32);
  GwOutput filled = gw_op2 (&f->b, "Fill", dims, gw_const_scalar (&f->b, GW_FLOAT32, 1));
  GwOutput negative = gw_op1 (&f->b, "Neg", filled);
  GwOutput sum = gw_op2 (&f->b, "Sum", gw_op1 (&f->b, "Exp", negative), fixture_const (f, "[0]", GW_INT32));
  GwOutput size = gw_op1 (&f->b, "Size", negative);
  g_autoptr (GwTensor) many = fixture_tensor ("[100000]", GW_INT32);

  g_assert_cmpint (gw_output_shape (negative)->dims[0], ==, 2);
  fixture_assert (f, negative, 0, NULL, "[-1, -1]");
  fixture_assert (f, size, 1, &(GwFeed) { dims, many }, "100000");
  fixture_assert (f, gw_op1 (&f->b, "Rint", sum), 1, &(GwFeed) { dims, many }, "36788");
}

static void
test_feed_variable (Fixture      *f,
                    gconstpointer data)
{
  GwOutput w = fixture_initialized (f, "w", GW_SHAPE (2), "[1, 2]");
  GwOutput y = gw_op1 (&f->b, "Neg", gw_op1 (&f->b, "Identity", w));
  GwOutput add = gw_op2 (&f->b, "AssignAdd", w, fixture_const (f, "[1, 1]", GW_FLOAT32));
  g_autoptr (GwTensor) value = fixture_tensor ("[5, 6]", GW_FLOAT32);

  fixture_assert (f, y, 1, &(GwFeed) { w, value }, "[-5, -6]");
  fixture_assert (f, w, 1, &(GwFeed) { w, value }, "[5, 6]");
  fixture_assert_fails (f, add, 1, &(GwFeed) { w, value }, GW_ERROR_INVALID_ARGUMENT, "ref is fed");
  fixture_assert (f, y, 0, NULL, "[-1, -2]");
}

/* Fetching a variable, or a read that shares its memory, is using it. */
static void
test_fetch_uninitialized (Fixture      *f,
                          gconstpointer data)
{
  GwOutput w = fixture_variable (f, "w", GW_SHAPE (2));
  GwOutput read = gw_op1 (&f->b, "Identity", w);
  GwOutput init = gw_op2 (&f->b, "Assign", w, fixture_const (f, "[1, 2]", GW_FLOAT32));
  GwOutput known = gw_op1 (&f->b, "IsVariableInitialized", w);

  fixture_assert_fails (f, w, 0, NULL, GW_ERROR_FAILED_PRECONDITION, "Attempting to use uninitialized value w");
  fixture_assert_fails (f, read, 0, NULL, GW_ERROR_FAILED_PRECONDITION, "Attempting to use uninitialized value w");
  fixture_assert (f, known, 0, NULL, "false");
  fixture_assert_all (f, 2, (const GwOutput[]) { known, w }, 1, &init.node,
                      (const char *const[]) { "false", "[1, 2]" });
  fixture_assert (f, read, 0, NULL, "[1, 2]");
}

static void
test_strings (Fixture      *f,
              gconstpointer data)
{
  GwOutput x = gw_op (&f->b, "Placeholder", GW_NO_IN, GW_WITH ({ "dtype", gw_attr_dtype (GW_STRING) }));
  GwOutput pair = gw_op (&f->b, "Pack", GW_IN (x, x), NULL);
  g_autoptr (GwTensor) a = fixture_tensor ("\"a longer piece of text than fits\"", GW_STRING);
  g_autoptr (GwTensor) b = fixture_tensor ("[\"b\", \"c\"]", GW_STRING);

  for (int i = 0; i < 3; i++)
    {
      fixture_assert (f, pair, 1, &(GwFeed) { x, a },
                      "[\"a longer piece of text than fits\", \"a longer piece of text than fits\"]");
      fixture_assert (f, pair, 1, &(GwFeed) { x, b }, "[[\"b\", \"c\"], [\"b\", \"c\"]]");
      fixture_assert (f, x, 1, &(GwFeed) { x, b }, "[\"b\", \"c\"]");
    }
}

static void
test_refused (Fixture      *f,
              gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (2));
  GwOutput y = gw_op1 (&f->b, "Neg", x);
  g_autoptr (GwGraph) other = gw_graph_new ();
  g_autoptr (GwTensor) value = fixture_tensor ("[5, 6]", GW_FLOAT32);
  GwFeed twice[2] = { { x, value }, { x, value } };
  GwBuilder b;
  GwOutput foreign;

  gw_builder_init (&b, other);
  foreign = gw_const_scalar (&b, GW_FLOAT32, 1);
  fixture_assert_fails (f, y, 2, twice, GW_ERROR_INVALID_ARGUMENT, "Endpoint \"Placeholder:0\" fed more than once");
  fixture_assert_fails (f, foreign, 0, NULL, GW_ERROR_INVALID_ARGUMENT, "must be from the same graph");
  fixture_assert_fails (f, (GwOutput) { y.node, 1 }, 0, NULL, GW_ERROR_INVALID_ARGUMENT, "has 1 outputs");
  fixture_assert_fails (f, y, 1, &(GwFeed) { foreign, value }, GW_ERROR_INVALID_ARGUMENT, "must be from the same graph");
  gw_builder_clear (&b);
}

/* The graph may grow between runs; states of random ops stay where they are. */
static void
test_growing_graph (Fixture      *f,
                    gconstpointer data)
{
  GwOutput shape = fixture_const (f, "[3]", GW_INT32);
  GwOutput first, second;
  g_autoptr (GwTensor) before = NULL;
  g_autoptr (GwTensor) after = NULL;
  g_autoptr (GBytes) streams = NULL;

  gw_graph_set_seed (f->graph, 7);
  first = gw_op (&f->b, "RandomUniform", GW_IN (shape), GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }));
  before = gw_session_fetch (f->session, f->graph, 0, NULL, first, NULL);
  for (int i = 0; i < 100; i++)
    second = gw_op (&f->b, "RandomUniform", GW_IN (shape), GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }));
  after = gw_session_fetch (f->session, f->graph, 0, NULL, second, NULL);
  g_assert_nonnull (after);
  streams = gw_session_get_streams (f->session, f->graph);
  g_clear_pointer (&after, gw_tensor_unref);
  after = gw_session_fetch (f->session, f->graph, 0, NULL, first, NULL);
  g_assert_false (gw_tensor_equal (before, after)); /* the stream went on */
  g_assert_true (gw_session_set_streams (f->session, f->graph, streams));
  g_clear_pointer (&before, gw_tensor_unref);
  before = gw_session_fetch (f->session, f->graph, 0, NULL, first, NULL);
  g_assert_true (gw_tensor_equal (before, after)); /* and was put back */
  gw_session_reset_streams (f->session, f->graph);

  /* A control edge alone makes another graph of it as well. */
  {
    GwOutput w = fixture_initialized (f, "w", GW_SHAPE_SCALAR, "1");
    GwOutput add = gw_op2 (&f->b, "AssignAdd", w, gw_const_scalar (&f->b, GW_FLOAT32, 1));
    GwOutput read = gw_op1 (&f->b, "Identity", w);

    fixture_assert (f, read, 0, NULL, "1");
    gw_graph_add_control (read.node, add.node);
    fixture_assert (f, read, 0, NULL, "2");
  }
}

/* Every allocation of a plan may fail: an error, nothing leaked, and it works again. */
static void
test_failing_allocations (Fixture      *f,
                          gconstpointer data)
{
  GwOutput x = fixture_placeholder (f, GW_SHAPE (-1, 3));
  GwOutput w = fixture_initialized (f, "w", GW_SHAPE (3, 2), "[[1, 0], [0, 1], [1, 1]]");
  GwOutput folded = gw_op2 (&f->b, "AddV2", fixture_const (f, "[1, 2]", GW_FLOAT32), fixture_const (f, "[3, 4]", GW_FLOAT32));
  GwOutput y = gw_op2 (&f->b, "AddV2", gw_op2 (&f->b, "MatMul", x, w), folded);
  g_autoptr (GwTensor) value = fixture_tensor ("[[1, 2, 3]]", GW_FLOAT32);
  GwOutput fetches[2] = { y, gw_op1 (&f->b, "Softmax", y) };
  gboolean done = FALSE;
  int live;

  gw_session_forget_graph (f->session, f->graph);
  live = gw_alloc_live_count ();
  for (int n = 1; !done; n++)
    {
      g_autoptr (GError) error = NULL;
      GwTensor *results[2] = { NULL, NULL };

      g_assert_cmpint (n, <, 1000);
      gw_alloc_fail_after (n);
      done = gw_session_run (f->session, f->graph, 1, &(GwFeed) { x, value }, 2, fetches, 0, NULL, NULL, results, &error);
      gw_alloc_fail_after (0);
      if (!done)
        g_assert_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED);
      gw_tensor_unref (results[0]);
      gw_tensor_unref (results[1]);
      gw_session_forget_graph (f->session, f->graph);
    }
  g_assert_cmpint (gw_alloc_live_count (), ==, live);
}

int
main (int    argc,
      char **argv)
{
  fixture_init (&argc, &argv);
#define ADD(name, func) FIXTURE_ADD ("/plan-feeds/" name, func)
  ADD ("partial", test_partial_feed);
  ADD ("partial-dynamic", test_partial_feed_dynamic);
  ADD ("fed-node-that-runs", test_fed_node_that_runs);
  ADD ("wait-for-placeholder", test_wait_for_placeholder);
  ADD ("a-constant", test_feed_a_constant);
  ADD ("variable", test_feed_variable);
  ADD ("fetch-uninitialized", test_fetch_uninitialized);
  ADD ("strings", test_strings);
  ADD ("refused", test_refused);
  ADD ("growing-graph", test_growing_graph);
  ADD ("failing-allocations", test_failing_allocations);
  return g_test_run ();
}
