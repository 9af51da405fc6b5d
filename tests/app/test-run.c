/* SPDX-License-Identifier: Apache-2.0 */
/* The run: its states, curves, evaluation and files, on a document of 0.1 s. */
#include "app/model/run.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

typedef struct {
  GwDocument *document;
  char       *dir;
  GwRun      *run;
  int         started, checkpoints, messages;
  guint64     answer;
  GPtrArray  *values;
} Fixture;

static const char text[] =
  "{\"graphwright\":1,\"nodes\":["
  "{\"id\":1,\"name\":\"x\",\"op\":\"Placeholder\",\"at\":[0,0],\"attrs\":{\"shape\":[null,2],\"_column\":\"x\"}},"
  "{\"id\":2,\"name\":\"hidden\",\"op\":\"Dense\",\"at\":[168,0],\"attrs\":{\"units\":8,\"activation\":\"tanh\"},"
  "\"inputs\":{\"inputs\":{\"from\":1}}},"
  "{\"id\":3,\"name\":\"logit\",\"op\":\"Dense\",\"at\":[336,0],\"attrs\":{\"units\":1},\"inputs\":{\"inputs\":{\"from\":2}}},"
  "{\"id\":4,\"name\":\"y\",\"op\":\"Placeholder\",\"at\":[336,176],\"attrs\":{\"shape\":[null,1],\"_column\":\"y\"}},"
  "{\"id\":5,\"name\":\"loss\",\"op\":\"Loss\",\"at\":[512,0],\"attrs\":{\"kind\":\"sigmoid_cross_entropy\"},"
  "\"inputs\":{\"predictions\":{\"from\":3},\"labels\":{\"from\":4}}},"
  "{\"id\":6,\"name\":\"train\",\"op\":\"Minimize\",\"at\":[712,0],\"inputs\":{\"loss\":{\"from\":5},"
  "\"learning_rate\":{\"literal\":\"0.03\"}}},"
  "{\"id\":7,\"name\":\"accuracy\",\"op\":\"Accuracy\",\"at\":[512,144],\"attrs\":{\"threshold\":0},"
  "\"inputs\":{\"predictions\":{\"from\":3},\"labels\":{\"from\":4}}}],"
  "\"data\":{\"source\":\"xor\",\"source_attrs\":{\"n\":400},\"test_fraction\":0.25,\"batch_size\":50,"
  "\"columns\":[{\"name\":\"x\",\"from\":[\"x\"]},{\"name\":\"y\",\"from\":[\"y\"]}]},"
  "\"training\":{\"targets\":[6],\"loss\":5,\"metrics\":[7],\"attrs\":{\"epochs\":20,\"checkpoint_every\":50,\"seed\":1}}}";

static void
count (gpointer data)
{
  (*(int *) data)++;
}

static void
on_checkpoint (GwRun      *run,
               const char *prefix,
               Fixture    *f)
{
  f->checkpoints++;
}

static void
on_message (GwRun      *run,
            const char *message,
            Fixture    *f)
{
  f->messages++;
}

static void
on_values (GwRun     *run,
           guint64    request,
           GPtrArray *values,
           Fixture   *f)
{
  f->answer = request;
  g_clear_pointer (&f->values, g_ptr_array_unref);
  f->values = values != NULL ? g_ptr_array_ref (values) : NULL;
}

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->document = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  f->dir = gw_test_dir_new ();
  f->run = gw_run_new ();
  g_signal_connect_swapped (f->run, "started", G_CALLBACK (count), &f->started);
  g_signal_connect (f->run, "checkpoint", G_CALLBACK (on_checkpoint), f);
  g_signal_connect (f->run, "message", G_CALLBACK (on_message), f);
  g_signal_connect (f->run, "values", G_CALLBACK (on_values), f);
}

static gboolean
wake (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
wait_state (Fixture   *f,
            GwRunState state)
{
  gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  guint source = g_timeout_add (20, wake, NULL);

  while (gw_run_get_state (f->run) != state && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
  return gw_run_get_state (f->run) == state;
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  gint64 end = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;

  gw_run_close (f->run);
  while (gw_run_get_document (f->run) != NULL && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
  g_assert_null (gw_run_get_document (f->run));
  g_clear_pointer (&f->values, g_ptr_array_unref);
  g_object_unref (f->run);
  gw_document_unref (f->document);
  /* The last of the run's files may still be on their way. */
  g_usleep (200000);
  gw_test_dir_remove (f->dir);
}

static const GwRunCurve *
curve (Fixture    *f,
       const char *tag)
{
  const GPtrArray *curves = gw_run_get_curves (f->run);

  for (guint i = 0; i < curves->len; i++)
    if (strcmp (((GwRunCurve *) g_ptr_array_index (curves, i))->tag, tag) == 0)
      return g_ptr_array_index (curves, i);
  return NULL;
}

static void
test_train (Fixture      *f,
            gconstpointer data)
{
  const GwRunCurve *loss;

  g_assert_cmpint (gw_run_get_state (f->run), ==, GW_RUN_IDLE);
  gw_run_start (f->run, f->document, f->dir, GW_RUN_TRAIN);
  g_assert_cmpint (gw_run_get_state (f->run), ==, GW_RUN_PREPARING);
  g_assert_true (gw_run_is_active (f->run));
  g_assert_true (wait_state (f, GW_RUN_DONE));
  g_assert_cmpint (f->started, ==, 1);
  g_assert_cmpint (f->messages, ==, 0);
  /* 300 rows in batches of 50, 20 epochs, a point each. */
  g_assert_cmpint (gw_run_get_progress (f->run)->step, ==, 120);
  loss = curve (f, "loss");
  g_assert_nonnull (loss);
  g_assert_cmpuint (loss->points->len, ==, 120);
  g_assert_cmpfloat (g_array_index (loss->points, GwRunPoint, 119).value, <,
                     g_array_index (loss->points, GwRunPoint, 0).value);
  g_assert_cmpint (f->checkpoints, >=, 2);
  g_assert_nonnull (gw_run_get_evaluation (f->run));
  g_assert_true (g_file_test (gw_run_get_dir (f->run), G_FILE_TEST_IS_DIR));
}

static void
test_step_pause_stop (Fixture      *f,
                      gconstpointer data)
{
  gw_run_start (f->run, f->document, f->dir, GW_RUN_STEP);
  g_assert_true (wait_state (f, GW_RUN_PAUSED));
  g_assert_cmpint (gw_run_get_progress (f->run)->step, ==, 1);
  gw_run_step (f->run);
  while (gw_run_get_progress (f->run)->step < 2)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (wait_state (f, GW_RUN_PAUSED));
  gw_run_stop (f->run);
  g_assert_true (wait_state (f, GW_RUN_STOPPED));
  g_assert_cmpint (gw_run_get_progress (f->run)->step, ==, 2);
  g_assert_false (gw_run_is_active (f->run));
}

/* The loss goes on from where the first training left it. */
static void
test_continue (Fixture      *f,
               gconstpointer data)
{
  double first, last, again;

  gw_run_start (f->run, f->document, f->dir, GW_RUN_TRAIN);
  g_assert_true (wait_state (f, GW_RUN_DONE));
  first = g_array_index (curve (f, "loss")->points, GwRunPoint, 0).value;
  last = g_array_index (curve (f, "loss")->points, GwRunPoint, 119).value;
  gw_run_start (f->run, f->document, f->dir, GW_RUN_CONTINUE);
  g_assert_cmpint (gw_run_get_state (f->run), ==, GW_RUN_PREPARING);
  g_assert_true (wait_state (f, GW_RUN_DONE));
  g_assert_cmpint (f->started, ==, 2);
  again = g_array_index (curve (f, "loss")->points, GwRunPoint, 0).value;
  g_assert_cmpfloat (fabs (again - last), <, fabs (again - first));
}

static void
test_evaluate_and_predict (Fixture      *f,
                           gconstpointer data)
{
  const char *const fetches[] = { "logit", NULL };
  g_autoptr (GPtrArray) feeds = gw_named_tensors_new ();
  g_autoptr (GwTensor) x = gw_test_tensor ("[[0.0, 1.0], [1.0, 1.0], [0.5, 0.5]]");
  guint64 request;

  gw_run_evaluate (f->run, f->document, f->dir);
  while (gw_run_get_evaluation (f->run) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (gw_run_get_evaluation (f->run)->n_examples, ==, 100);
  /* Looking makes no run. */
  g_assert_null (gw_run_get_dir (f->run));

  gw_named_tensors_add (feeds, "x", x);
  request = gw_run_predict (f->run, GW_MODE_PREDICT, feeds, fetches);
  g_assert_cmpuint (request, !=, 0);
  while (f->answer != request)
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (f->values);
  g_assert_cmpint (gw_named_tensors_find (f->values, "logit")->shape.dims[0], ==, 3);
}

static void
on_fetched (GwRun     *run,
            GPtrArray *values,
            Fixture   *f)
{
  g_assert_nonnull (values);
  g_clear_pointer (&f->values, g_ptr_array_unref);
  f->values = g_ptr_array_ref (values);
}

/* Values come of a document that never trained, and again after it was changed. */
static void
test_fetch (Fixture      *f,
            gconstpointer data)
{
  const char *const fetches[] = { "hidden", NULL };
  GwItem *item;
  GwEdit *edit;
  GwAttrValue units = gw_attr_int (5);

  g_signal_connect (f->run, "fetched", G_CALLBACK (on_fetched), f);
  gw_run_fetch (f->run, f->document, f->dir, fetches);
  while (f->values == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (gw_named_tensors_find (f->values, "hidden")->shape.dims[1], ==, 8);

  edit = gw_edit_new ("Change");
  item = gw_edit_take (edit, f->document, 2);
  gw_named_attrs_set (item->node.attrs, "units", &units);
  gw_edit_put (edit, f->document, item);
  gw_document_apply (f->document, edit);
  gw_edit_free (edit);
  g_clear_pointer (&f->values, g_ptr_array_unref);
  gw_run_fetch (f->run, f->document, f->dir, fetches);
  while (f->values == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (gw_named_tensors_find (f->values, "hidden")->shape.dims[1], ==, 5);
}

/* A document that cannot be trained ends in FAILED with the reason, and the next
 * start is a fresh one. */
static void
test_failure (Fixture      *f,
              gconstpointer data)
{
  GwEdit *edit = gw_edit_new ("Break");
  GwItem *item = gw_edit_take (edit, f->document, 2);

  gw_doc_node_set_input (&item->node, "inputs", 0, 0, 0, NULL);
  gw_edit_put (edit, f->document, item);
  gw_document_apply (f->document, edit);
  gw_run_start (f->run, f->document, f->dir, GW_RUN_TRAIN);
  g_assert_true (wait_state (f, GW_RUN_FAILED));
  g_assert_nonnull (gw_run_get_error (f->run));
  gw_document_revert (f->document, edit);
  gw_edit_free (edit);
  gw_run_start (f->run, f->document, f->dir, GW_RUN_TRAIN);
  g_assert_true (wait_state (f, GW_RUN_DONE));
  g_assert_null (gw_run_get_error (f->run));
}

/* Watched values come while it trains, of the node that was asked for. */
static void
test_watches (Fixture      *f,
              gconstpointer data)
{
  const GwWatch watch = { .node = 2, .kind = GW_WATCH_STATS, .per_second = 0 };

  gw_run_set_watches (f->run, &watch, 1);
  gw_run_start (f->run, f->document, f->dir, GW_RUN_TRAIN);
  g_assert_true (wait_state (f, GW_RUN_DONE));
  g_assert_nonnull (gw_run_get_watched (f->run, 0)->result);
  g_assert_cmpint (gw_run_get_watched (f->run, 0)->result->shape.dims[1], ==, 8);
  g_assert_cmpint (gw_run_get_watched (f->run, 0)->n_history, >=, 1);
}

#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  gw_init ();
  ADD ("/run/train", test_train);
  ADD ("/run/step-pause-stop", test_step_pause_stop);
  ADD ("/run/continue", test_continue);
  ADD ("/run/evaluate-and-predict", test_evaluate_and_predict);
  ADD ("/run/fetch", test_fetch);
  ADD ("/run/failure", test_failure);
  ADD ("/run/watches", test_watches);
  return g_test_run ();
}
