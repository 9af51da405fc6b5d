/* SPDX-License-Identifier: Apache-2.0 */
/* What the golden files cannot hold of the candidate samplers: limits, a vocabulary file,
 * and the counts that a node learns: each session has its own. */
#include "engine/base/error.h"
#include "engine/graph/builder.h"
#include "engine/runtime/plan.h"
#include "engine/runtime/session.h"
#include "tests/engine/ops/op-runner.h"
#include "tests/support/support.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define SAMPLER "num_true=1 num_sampled=3 seed=1 "

static void
test_sampler_refusals (void)
{
  op_fails ("LogUniformCandidateSampler", SAMPLER "unique=true range_max=2", OP_IN ("int64 [[0]]"),
            GW_ERROR_INVALID_ARGUMENT, "range is too small");
  op_fails ("UniformCandidateSampler", SAMPLER "unique=false range_max=2", OP_IN ("int64 [[2]]"),
            GW_ERROR_INVALID_ARGUMENT, "true_classes: `true_candidate` out of range [0, 2), received 2");
  op_fails ("UniformCandidateSampler", SAMPLER "unique=false range_max=2", OP_IN ("int64 [[0, 1]]"),
            GW_ERROR_INVALID_ARGUMENT, "num_true = 1 columns");
  op_fails ("FixedUnigramCandidateSampler", SAMPLER "unique=false range_max=2", OP_IN ("int64 [[0]]"),
            GW_ERROR_INVALID_ARGUMENT, "either vocab_file or unigrams");
  op_fails ("FixedUnigramCandidateSampler", SAMPLER "unique=false range_max=3 unigrams=[1,2]", OP_IN ("int64 [[0]]"),
            GW_ERROR_INVALID_ARGUMENT, "range_max is 3 and must be equal to the number of weights, 2");
  op_fails ("FixedUnigramCandidateSampler", SAMPLER "unique=true range_max=4 unigrams=[1,0,0,2]", OP_IN ("int64 [[0]]"),
            GW_ERROR_INVALID_ARGUMENT, "only 2 classes have a weight above 0");
  op_fails ("FixedUnigramCandidateSampler", SAMPLER "unique=false range_max=2 unigrams=[0,0]", OP_IN ("int64 [[0]]"),
            GW_ERROR_INVALID_ARGUMENT, "add up to 0");
  op_fails ("FixedUnigramCandidateSampler", SAMPLER "unique=false range_max=2 unigrams=[1,-1]", OP_IN ("int64 [[0]]"),
            GW_ERROR_INVALID_ARGUMENT, "unigrams[1]");
  op_fails ("FixedUnigramCandidateSampler", SAMPLER "unique=false range_max=2 vocab_file=/no/such/file", OP_IN ("int64 [[0]]"),
            GW_ERROR_NOT_FOUND, "/no/such/file");
}

/* The same weights from a file as from the list. */
static void
test_vocabulary (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("gw-vocabulary-XXXXXX", &path, &error);
  g_autofree char *from_file = NULL;
  g_autofree char *from_list = g_strdup (SAMPLER "unique=true range_max=4 distortion=0.5 unigrams=[4,1,2,1]");
  GwTensor *results[2][3] = { { NULL } };

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_file_set_contents (path, "the,x,4\nof,1\nand,2\r\nto,1", -1, &error);
  g_assert_no_error (error);
  from_file = g_strdup_printf (SAMPLER "unique=true range_max=4 distortion=0.5 vocab_file=%s", path);
  op_runner_init ();
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GwGraph) graph = gw_graph_new ();
      g_autoptr (GwSession) session = gw_session_new (1);
      GwBuilder builder;
      GwOutput input, fetches[3];
      GwNode *node;

      gw_builder_init (&builder, graph);
      input = gw_const (&builder, gw_test_tensor ("int64 [[1], [2]]"));
      node = op_add (graph, "FixedUnigramCandidateSampler", i == 0 ? from_file : from_list, 1, &input, &error);
      g_assert_no_error (error);
      for (int k = 0; k < 3; k++)
        fetches[k] = (GwOutput) { node, k };
      gw_session_run (session, graph, 0, NULL, 3, fetches, 0, NULL, NULL, results[i], &error);
      g_assert_no_error (error);
      gw_builder_clear (&builder);
    }
  for (int k = 0; k < 3; k++)
    {
      g_assert_true (gw_tensor_equal (results[0][k], results[1][k]));
      gw_tensor_unref (results[0][k]);
      gw_tensor_unref (results[1][k]);
    }
  g_unlink (path);
}

/* ---- counts that are learned ---- */

/* A graph of nodes that count class 3 twice a run. */
typedef struct {
  GwGraph  *graph;
  GwBuilder builder;
  GPtrArray *nodes;
} Learning;

static void
learning_init (Learning   *learning,
               const char *attrs,
               int         n)
{
  g_autoptr (GError) error = NULL;
  GwOutput input;

  op_runner_init ();
  learning->graph = gw_graph_new ();
  learning->nodes = g_ptr_array_new ();
  gw_builder_init (&learning->builder, learning->graph);
  input = gw_const (&learning->builder, gw_test_tensor ("int64 [[3], [3]]"));
  for (int i = 0; i < n; i++)
    {
      g_ptr_array_add (learning->nodes, op_add (learning->graph, "LearnedUnigramCandidateSampler", attrs, 1, &input, &error));
      g_assert_no_error (error);
    }
}

static void
learning_clear (Learning *learning)
{
  gw_builder_clear (&learning->builder);
  g_ptr_array_unref (learning->nodes);
  gw_graph_unref (learning->graph);
}

static GwTensor *
fetch (const Learning *learning,
       GwSession      *session,
       guint           node,
       int             port)
{
  g_autoptr (GError) error = NULL;
  GwOutput output = { g_ptr_array_index (learning->nodes, node), port };
  GwTensor *result = gw_session_fetch (session, learning->graph, 0, NULL, output, &error);

  g_assert_no_error (error);
  return result;
}

#define COUNTING SAMPLER "unique=false range_max=5"

/* Runs node number `node`, which has run `runs` times: of three candidates so many are
 * expected to be class 3, whose count has grown by two a run. */
static void
assert_has_run (const Learning *learning,
                GwSession      *session,
                guint           node,
                int             runs)
{
  g_autoptr (GwTensor) expected = fetch (learning, session, node, 1);

  g_assert_cmpfloat_with_epsilon (GW_TENSOR_DATA (expected, float)[0], 3.0 * (1 + 2 * runs) / (5 + 2 * runs), 1e-6);
}

/* Classes that were right come more often; a stream that begins anew has forgotten. */
static void
test_learning (void)
{
  g_autoptr (GwSession) session = gw_session_new (1);
  Learning learning;

  learning_init (&learning, COUNTING, 1);
  for (int step = 0; step < 6; step++)
    {
      if (step == 3)
        gw_session_reset_streams (session, learning.graph);
      assert_has_run (&learning, session, 0, step % 3);
    }
  learning_clear (&learning);
}

/* Two sessions of one graph do not see each other, whatever each of them has counted, and
 * with one seed they draw the same. */
static void
test_sessions (void)
{
  g_autoptr (GwSession) one = gw_session_new (1), two = gw_session_new (2);
  Learning learning;

  learning_init (&learning, COUNTING, 1);
  for (int run = 0; run < 4; run++)
    assert_has_run (&learning, one, 0, run);
  for (int run = 0; run < 4; run++)
    {
      assert_has_run (&learning, two, 0, run);
      assert_has_run (&learning, one, 0, run + 4);
    }
  gw_session_reset_streams (one, learning.graph);
  assert_has_run (&learning, two, 0, 4);
  gw_session_reset_streams (two, learning.graph);
  for (int run = 0; run < 8; run++)
    {
      g_autoptr (GwTensor) a = fetch (&learning, one, 0, 0), b = fetch (&learning, two, 0, 0);

      g_assert_true (gw_tensor_equal (a, b));
    }
  learning_clear (&learning);
}

/* Each node counts for itself, however many there are. */
static void
test_many_nodes (void)
{
  g_autoptr (GwSession) session = gw_session_new (1);
  Learning learning;

  learning_init (&learning, COUNTING, 100);
  for (int run = 0; run < 3; run++)
    for (guint node = 0; node < learning.nodes->len; node++)
      assert_has_run (&learning, session, node, run);
  learning_clear (&learning);
}

/* A run whose streams are set back counts for nothing. */
static void
test_taken_back (void)
{
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GBytes) before = NULL;
  Learning learning;

  learning_init (&learning, COUNTING, 1);
  assert_has_run (&learning, session, 0, 0);
  before = gw_session_get_streams (session, learning.graph);
  for (int i = 0; i < 3; i++)
    {
      assert_has_run (&learning, session, 0, 1);
      g_assert_true (gw_session_set_streams (session, learning.graph, before));
    }
  assert_has_run (&learning, session, 0, 1);
  assert_has_run (&learning, session, 0, 2);
  learning_clear (&learning);
}

/* And so does one that a guard stopped. */
static void
test_guarded (void)
{
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwTensor) good = gw_tensor_new_float (1), bad = gw_tensor_new_float (NAN);
  g_autoptr (GwPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  GwTensor *expected;
  Learning learning;
  GwOutput x, fetched;

  learning_init (&learning, COUNTING, 1);
  x = gw_op (&learning.builder, "Placeholder", GW_NO_IN,
             GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }, { "shape", gw_attr_shape (GW_SHAPE_SCALAR) }));
  fetched = (GwOutput) { g_ptr_array_index (learning.nodes, 0), 1 };
  plan = gw_plan_new (session, &(GwPlanSpec) { learning.graph, 1, &x, &GW_SHAPE_SCALAR, 1, &fetched, 0, NULL, x }, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 6; i++)
    {
      gboolean ok = gw_plan_run (plan, i % 2 == 0 ? &good : &bad, NULL, &expected, &error);

      g_assert_cmpint (ok, ==, i % 2 == 0);
      g_assert_cmpint (gw_plan_guard_tripped (plan), ==, i % 2 != 0);
      g_clear_error (&error);
      if (ok)
        g_assert_cmpfloat_with_epsilon (GW_TENSOR_DATA (expected, float)[0], 3.0 * (1 + i) / (5 + i), 1e-6);
    }
  learning_clear (&learning);
}

#define N_RUNS 200

static gpointer
draw_all (gpointer data)
{
  g_autoptr (GwSession) session = gw_session_new (1);
  int64_t *drawn = g_new (int64_t, N_RUNS * 3);

  for (int run = 0; run < N_RUNS; run++)
    {
      g_autoptr (GwTensor) candidates = fetch (data, session, 0, 0);

      memcpy (&drawn[3 * run], GW_TENSOR_DATA (candidates, int64_t), 3 * sizeof *drawn);
    }
  return drawn;
}

/* Sessions in several threads at a time, each with a graph of its own. */
static void
test_threads (void)
{
  GThread *threads[4];
  Learning learnings[4];
  int64_t *drawn[4];

  for (int i = 0; i < 4; i++)
    learning_init (&learnings[i], COUNTING, 1);
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("draw", draw_all, &learnings[i]);
  for (int i = 0; i < 4; i++)
    drawn[i] = g_thread_join (threads[i]);
  for (int i = 0; i < 4; i++)
    g_assert_cmpmem (drawn[i], N_RUNS * 3 * sizeof (int64_t), drawn[0], N_RUNS * 3 * sizeof (int64_t));
  for (int i = 0; i < 4; i++)
    {
      g_free (drawn[i]);
      learning_clear (&learnings[i]);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampling/refusals", test_sampler_refusals);
  g_test_add_func ("/sampling/vocabulary", test_vocabulary);
  g_test_add_func ("/sampling/learning", test_learning);
  g_test_add_func ("/sampling/sessions", test_sessions);
  g_test_add_func ("/sampling/many-nodes", test_many_nodes);
  g_test_add_func ("/sampling/taken-back", test_taken_back);
  g_test_add_func ("/sampling/guarded", test_guarded);
  g_test_add_func ("/sampling/threads", test_threads);
  return g_test_run ();
}
