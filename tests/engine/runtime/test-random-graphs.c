/* SPDX-License-Identifier: Apache-2.0 */
/* Random graphs: whatever a graph is made of, its results do not depend on names, on the
 * order in which the nodes were made, on Identity in the wires, on what else is fetched,
 * on what is fed instead of computed, on having been saved as a document, or on the number
 * of threads. */
#include "engine/base/alloc.h"
#include "engine/document/lower.h"
#include "engine/graph/gradient.h"
#include "tests/engine/runtime/fixture.h"
#include "tests/engine/runtime/random-recipe.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#define N_GRAPHS 1000
#define N_NODES 40
#define MAX_FETCHES 4

/* What was fetched from one graph; results[0] == NULL when the run failed. */
typedef struct {
  int       n;
  GwTensor *results[2 * N_NODES * 8];
} Outcome;

static void
outcome_clear (Outcome *outcome)
{
  for (int i = 0; i < outcome->n; i++)
    g_clear_pointer (&outcome->results[i], gw_tensor_unref);
  outcome->n = 0;
}

/* Fails only with an error that says which node it was. */
static gboolean
run (const Recipe   *recipe,
     GwGraph        *graph,
     int             n_feeds,
     const GwFeed   *feeds,
     int             n_fetches,
     const GwOutput *fetches,
     int             n_threads,
     Outcome        *outcome)
{
  g_autoptr (GwSession) session = recipe_session (recipe, n_threads);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (n_fetches, <=, (int) G_N_ELEMENTS (outcome->results));
  outcome->n = 0;
  if (gw_session_run (session, graph, n_feeds, feeds, n_fetches, fetches, 0, NULL, NULL, outcome->results, &error))
    {
      outcome->n = n_fetches;
      return TRUE;
    }
  g_assert_nonnull (error);
  g_assert_cmpint (error->domain, ==, GW_ERROR);
  return FALSE;
}

static void
assert_same (const Outcome *a,
             const Outcome *b,
             int            n,
             guint32        seed,
             const char    *what)
{
  for (int i = 0; i < n; i++)
    if (!gw_tensor_equal (a->results[i], b->results[i]))
      {
        g_autofree char *difference = gw_test_difference (b->results[i], a->results[i], 0);

        g_error ("graph %u, fetch %d: another result when %s: %s", seed, i, what, difference);
      }
}

/* Outputs of steps, newest first; the same steps in every graph built of the recipe. */
static int
choose_fetches (const Recipe *recipe,
                const Built  *built,
                Source        sources[MAX_FETCHES])
{
  int n = 0;

  for (int i = (int) recipe->steps->len - 1; i >= 0 && n < MAX_FETCHES; i--)
    if (built->nodes[i]->n_outputs > 0)
      sources[n++] = (Source) { i, built->nodes[i]->n_outputs - 1 };
  return n;
}

static void
locate (const Built  *built,
        int           n,
        const Source *sources,
        GwOutput     *outputs)
{
  for (int i = 0; i < n; i++)
    outputs[i] = (GwOutput) { built->nodes[sources[i].step], sources[i].output };
}

/* All outputs that the fetches depend on, behind the fetches themselves. */
static int
add_cone (const Built *built,
          int          n_fetches,
          GwOutput    *outputs,
          int          max)
{
  int n_nodes = gw_graph_n_nodes (built->graph);
  g_autofree gboolean *needed = g_new0 (gboolean, n_nodes);
  int n = n_fetches;

  for (int i = 0; i < n_fetches; i++)
    needed[outputs[i].node->id] = TRUE;
  for (int id = n_nodes - 1; id >= 0; id--)
    {
      GwNode *node = gw_graph_node (built->graph, id);

      for (int i = 0; needed[id] && i < node->n_inputs; i++)
        needed[node->inputs[i].node->id] = TRUE;
      for (int i = 0; needed[id] && i < node->n_outputs && n < max; i++)
        outputs[n++] = (GwOutput) { node, i };
    }
  return n;
}

static void
check_shapes (const Outcome  *outcome,
              const GwOutput *outputs,
              guint32         seed)
{
  for (int i = 0; i < outcome->n; i++)
    {
      g_assert_cmpint (outcome->results[i]->dtype, ==, gw_output_dtype (outputs[i]));
      if (!gw_shape_matches (&outcome->results[i]->shape, gw_output_shape (outputs[i])))
        g_error ("graph %u: %s is of another shape than inferred", seed, outputs[i].node->name);
    }
}

/* Fetching everything on the way changes nothing, and every value has the type and shape
 * that were inferred. Feeding one of those values gives the same again. */
static void
check_watched (const Recipe  *recipe,
               const Built   *built,
               int            n_fetches,
               const Outcome *expected,
               guint32        seed)
{
  GwOutput outputs[G_N_ELEMENTS (expected->results)];
  Outcome watched, fed;
  Source sources[MAX_FETCHES];
  g_autofree GwFeed *feeds = g_new (GwFeed, built->n_feeds + 1);
  int n;

  choose_fetches (recipe, built, sources);
  locate (built, n_fetches, sources, outputs);
  n = add_cone (built, n_fetches, outputs, G_N_ELEMENTS (outputs));
  g_assert_true (run (recipe, built->graph, built->n_feeds, built->feeds, n, outputs, 1, &watched));
  assert_same (expected, &watched, n_fetches, seed, "all is watched");
  check_shapes (&watched, outputs, seed);
  for (int i = n_fetches; i < n; i++)
    {
      gboolean is_fed = FALSE;

      for (int k = 0; k < built->n_feeds; k++)
        {
          feeds[k] = built->feeds[k];
          is_fed = is_fed || gw_output_equal (built->feeds[k].output, outputs[i]);
        }
      if (is_fed || i % 3 != 0)
        continue;
      feeds[built->n_feeds] = (GwFeed) { outputs[i], watched.results[i] };
      g_assert_true (run (recipe, built->graph, built->n_feeds + 1, feeds, n_fetches, outputs, 1, &fed));
      assert_same (expected, &fed, n_fetches, seed, "a value is fed");
      outcome_clear (&fed);
    }
  outcome_clear (&watched);
}

/* d sum of the floating fetches / d what is fed and the variables; FALSE when an op on
 * the way has no gradient. */
static gboolean
differentiate (const Recipe *recipe,
               Built        *built,
               int           n_fetches,
               const Source *sources,
               Outcome      *outcome)
{
  GwBuilder b;
  GwOutput ys[MAX_FETCHES], xs[N_NODES], dxs[N_NODES], found[N_NODES];
  int n_ys = 0, n_xs = 0, n_found = 0;
  gboolean ok;

  for (int i = 0; i < n_fetches; i++)
    if (gw_dtype_is_floating (built->nodes[sources[i].step]->dtypes[sources[i].output]))
      ys[n_ys++] = (GwOutput) { built->nodes[sources[i].step], sources[i].output };
  for (guint i = 0; i < recipe->steps->len && n_xs < N_NODES; i++)
    if (built->nodes[i]->n_inputs == 0 && gw_dtype_is_floating (built->nodes[i]->dtypes[0]))
      xs[n_xs++] = (GwOutput) { built->nodes[i], 0 };
  gw_builder_init (&b, built->graph);
  ok = gw_gradients (&b, n_ys, ys, NULL, n_xs, xs, dxs);
  if (!ok)
    g_assert_true (g_error_matches (b.error, GW_ERROR, GW_ERROR_FAILED_PRECONDITION) ||
                   g_error_matches (b.error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT) ||
                   g_error_matches (b.error, GW_ERROR, GW_ERROR_UNIMPLEMENTED));
  gw_builder_clear (&b);
  outcome->n = 0;
  if (!ok)
    return FALSE;
  for (int i = 0; i < n_xs; i++)
    if (dxs[i].node != NULL)
      found[n_found++] = dxs[i];
  return run (recipe, built->graph, built->n_feeds, built->feeds, n_found, found, 1, outcome);
}

/* Sums may be added in another order, so the last bits may differ. */
static void
check_gradients (const Recipe *recipe,
                 Built        *built,
                 Built        *shuffled,
                 int           n_fetches,
                 const Source *sources,
                 guint32       seed,
                 int          *n_compared)
{
  Outcome one, two;
  gboolean ok = differentiate (recipe, built, n_fetches, sources, &one);

  g_assert_true (differentiate (recipe, shuffled, n_fetches, sources, &two) == ok);
  g_assert_cmpint (one.n, ==, two.n);
  for (int i = 0; ok && i < one.n; i++)
    {
      gboolean tame = TRUE;
      g_autofree char *difference = NULL;

      for (int64_t k = 0; k < one.results[i]->elements; k++)
        tame = tame && fabs (gw_tensor_get_double (one.results[i], k)) < 1e4;
      difference = tame ? gw_test_difference (two.results[i], one.results[i], 1e-3) : NULL;
      if (difference != NULL)
        g_error ("graph %u: gradient %d of the shuffled graph differs: %s", seed, i, difference);
      *n_compared += tame;
    }
  outcome_clear (&one);
  outcome_clear (&two);
}

/* Drawn as a document, written, read and lowered again, the graph gives the same. */
static void
check_document (const Recipe  *recipe,
                const Built   *built,
                int            n_fetches,
                const Source  *sources,
                const Outcome *expected,
                guint32        seed)
{
  static const GwLowerOptions options = { GW_MODE_PREDICT, FALSE, -1 };
  g_autoptr (GwDocument) drawn = recipe_document (recipe, built);
  g_autofree char *text = gw_document_to_json (drawn);
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) read = gw_document_from_json (text, (gsize) strlen (text), &error);
  g_autofree GwFeed *feeds = g_new (GwFeed, built->n_feeds + 1);
  g_autoptr (GwLowered) lowered = NULL;
  GwOutput fetches[MAX_FETCHES];
  Outcome outcome;
  int n_feeds = 0;

  g_assert_no_error (error);
  again = gw_document_to_json (read);
  g_assert_cmpstr (text, ==, again);
  lowered = gw_lower (read, &options);
  gw_lowered_check (lowered, read, NULL, 0, &error);
  if (error != NULL)
    g_error ("graph %u: as a document: %s", seed, error->message);
  for (guint i = 0; i < recipe->steps->len; i++)
    if (((Step *) g_ptr_array_index (recipe->steps, i))->feed != NULL)
      feeds[n_feeds++] = (GwFeed) { gw_lowered_output (lowered, i + 1, 0), ((Step *) g_ptr_array_index (recipe->steps, i))->feed };
  for (int i = 0; i < n_fetches; i++)
    fetches[i] = gw_lowered_output (lowered, sources[i].step + 1, sources[i].output);
  g_assert_true (run (recipe, lowered->graph, n_feeds, feeds, n_fetches, fetches, 1, &outcome));
  assert_same (expected, &outcome, n_fetches, seed, "saved and loaded");
  outcome_clear (&outcome);
}

static void
test_random_graphs (void)
{
  int n_ran = 0, n_gradients = 0, n_nodes = 0;

  for (guint32 seed = 1; seed <= N_GRAPHS; seed++)
    {
      g_autoptr (Recipe) recipe = recipe_new (seed, N_NODES);
      g_autoptr (Built) built = recipe_build (recipe, FALSE);
      g_autoptr (Built) shuffled = recipe_build (recipe, TRUE);
      Source sources[MAX_FETCHES];
      GwOutput fetches[MAX_FETCHES];
      int n_fetches = choose_fetches (recipe, built, sources);
      Outcome expected, other;
      gboolean ok;

      locate (built, n_fetches, sources, fetches);
      ok = run (recipe, built->graph, built->n_feeds, built->feeds, n_fetches, fetches, 1, &expected);
      locate (shuffled, n_fetches, sources, fetches);
      g_assert_true (run (recipe, shuffled->graph, shuffled->n_feeds, shuffled->feeds, n_fetches, fetches, 1, &other) == ok);
      if (!ok)
        continue;
      n_ran++;
      n_nodes += (int) recipe->steps->len;
      assert_same (&expected, &other, n_fetches, seed, "renamed, reordered, with Identity");
      outcome_clear (&other);
      locate (built, n_fetches, sources, fetches);
      g_assert_true (run (recipe, built->graph, built->n_feeds, built->feeds, n_fetches, fetches, 2, &other));
      assert_same (&expected, &other, n_fetches, seed, "on two threads");
      outcome_clear (&other);
      check_watched (recipe, built, n_fetches, &expected, seed);
      check_document (recipe, built, n_fetches, sources, &expected, seed);
      check_gradients (recipe, built, shuffled, n_fetches, sources, seed, &n_gradients);
      outcome_clear (&expected);
    }
  g_test_message ("%d of %d graphs ran, %d nodes, %d gradients compared", n_ran, N_GRAPHS, n_nodes, n_gradients);
  g_assert_cmpint (n_ran, >, N_GRAPHS / 3);
  g_assert_cmpint (n_gradients, >, 50);
}

/* Each allocation of a plan and of its run may fail: that is said, or done without (a
 * value is not folded), and nothing leaks. */
static void
test_failing_allocations (void)
{
  int n_failed = 0;

  for (guint32 seed = 1; seed <= 25; seed++)
    {
      g_autoptr (Recipe) recipe = recipe_new (seed, N_NODES);
      g_autoptr (Built) built = recipe_build (recipe, FALSE);
      Source sources[MAX_FETCHES];
      GwOutput fetches[MAX_FETCHES];
      int n_fetches = choose_fetches (recipe, built, sources);
      gboolean done = FALSE;
      Outcome expected;

      locate (built, n_fetches, sources, fetches);
      if (!run (recipe, built->graph, built->n_feeds, built->feeds, n_fetches, fetches, 1, &expected))
        continue;
      for (int n = 1; !done && n < 500; n++)
        {
          int live = gw_alloc_live_count ();
          GwSession *session = recipe_session (recipe, 1);
          g_autoptr (GError) error = NULL;
          Outcome outcome = { n_fetches };

          gw_alloc_fail_after (n);
          gw_session_run (session, built->graph, built->n_feeds, built->feeds, n_fetches, fetches, 0, NULL, NULL,
                          outcome.results, &error);
          done = gw_alloc_fail_after (0) > 0; /* not so many are made */
          if (error == NULL)
            assert_same (&expected, &outcome, n_fetches, seed, "an allocation fails");
          else
            gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, "memory");
          outcome_clear (&outcome);
          gw_session_free (session);
          g_assert_cmpint (gw_alloc_live_count (), ==, live);
          n_failed += !done;
        }
      outcome_clear (&expected);
    }
  g_test_message ("%d failures", n_failed);
  g_assert_cmpint (n_failed, >, 100);
}

int
main (int    argc,
      char **argv)
{
  fixture_init (&argc, &argv);
  g_test_add_func ("/random-graphs/same-answers", test_random_graphs);
  g_test_add_func ("/random-graphs/failing-allocations", test_failing_allocations);
  return g_test_run ();
}
