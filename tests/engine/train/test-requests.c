/* SPDX-License-Identifier: Apache-2.0 */
/* A trainer in its thread, asked from another one. */
#include "tests/engine/train/documents.h"

#include <string.h>

static GwTrainerOptions
open_options (GwTrainerState begin)
{
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;

  options.begin = begin;
  options.keep_open = TRUE;
  options.n_threads = 1;
  return options;
}

static void
start (GwTestWorker  *worker,
       GwTrainerState begin)
{
  g_autoptr (GwDocument) document = gw_test_xor ("\"epochs\": 100000");
  GwTrainerOptions options = open_options (begin);

  gw_test_worker_start (worker, document, &options);
}

static int64_t
step_now (GwTestWorker *worker)
{
  guint64 request = gw_trainer_fetch_variables (worker->trainer, (const char *[]) { "global_step", NULL });
  g_auto (GwReport) report = gw_test_await (worker, GW_REPORT_VALUES, request);

  g_assert_cmpint (report.values->len, ==, 1);
  return gw_tensor_get_int (gw_named_tensors_find (report.values, "global_step"), 0);
}

static void
test_states (void)
{
  GwTestWorker worker;
  int64_t paused;

  start (&worker, GW_TRAINER_IDLE);
  g_assert_cmpint (gw_trainer_state (worker.trainer), ==, GW_TRAINER_IDLE);
  gw_trainer_play (worker.trainer);
  gw_test_await_state (&worker, GW_TRAINER_RUNNING);
  gw_trainer_pause (worker.trainer);
  gw_test_await_state (&worker, GW_TRAINER_PAUSED);
  paused = step_now (&worker);
  g_usleep (20000);
  g_assert_cmpint (step_now (&worker), ==, paused);
  gw_trainer_step (worker.trainer, 1);
  gw_test_await_state (&worker, GW_TRAINER_PAUSED);
  g_assert_cmpint (step_now (&worker), ==, paused + 1);
  gw_trainer_step (worker.trainer, 5);
  gw_test_await_state (&worker, GW_TRAINER_PAUSED);
  g_assert_cmpint (step_now (&worker), ==, paused + 6);
  gw_trainer_play (worker.trainer);
  gw_test_await_state (&worker, GW_TRAINER_RUNNING);
  gw_trainer_stop (worker.trainer);
  gw_test_await_state (&worker, GW_TRAINER_STOPPED);
  gw_trainer_play (worker.trainer); /* does nothing any more */
  g_assert_cmpint (step_now (&worker), >=, paused + 6);
  g_assert_cmpint (gw_trainer_state (worker.trainer), ==, GW_TRAINER_STOPPED);
  gw_test_worker_end (&worker);
}

static void
test_evaluate_while_running (void)
{
  GwTestWorker worker;
  guint64 request;

  start (&worker, GW_TRAINER_RUNNING);
  request = gw_trainer_evaluate (worker.trainer);
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_EVALUATION, request);

    g_assert_cmpint (report.evaluation->n_examples, ==, 100);
  }
  g_assert_cmpint (gw_trainer_state (worker.trainer), ==, GW_TRAINER_RUNNING);
  gw_test_worker_end (&worker);
}

static void
done (GwTestWorker *worker,
      guint64       request)
{
  g_auto (GwReport) report = gw_test_await (worker, GW_REPORT_DONE, request);

  g_assert_no_error (report.error);
}

static void
test_values (void)
{
  GwTestWorker worker;
  g_autoptr (GwTensor) ones = gw_test_tensor ("[1.0]");
  g_autoptr (GwTensor) half = gw_test_tensor ("0.5");
  g_autoptr (GwTensor) wrong = gw_test_tensor ("[1.0, 2.0]");
  const char *names[] = { "logit/bias", NULL };

  start (&worker, GW_TRAINER_IDLE);
  done (&worker, gw_trainer_set_value (worker.trainer, "logit/bias", ones));
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_VALUES, gw_trainer_fetch_variables (worker.trainer, names));

    gw_test_assert_tensor (gw_named_tensors_find (report.values, "logit/bias"), "[1.0]");
  }
  done (&worker, gw_trainer_set_value (worker.trainer, "keep", half));
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_REFUSED, gw_trainer_set_value (worker.trainer, "logit/bias", wrong));

    gw_test_assert_error (&report.error, GW_ERROR_INVALID_ARGUMENT, "lhs shape= [1] rhs shape= [2]");
  }
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_REFUSED, gw_trainer_set_value (worker.trainer, "nothing", ones));

    gw_test_assert_error (&report.error, GW_ERROR_NOT_FOUND, "nothing");
  }
  done (&worker, gw_trainer_initialize (worker.trainer, names));
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_VALUES, gw_trainer_fetch_variables (worker.trainer, NULL));

    gw_test_assert_tensor (gw_named_tensors_find (report.values, "logit/bias"), "[0.0]");
    g_assert_nonnull (gw_named_tensors_find (report.values, "hidden/kernel/Adam"));
  }
  gw_test_worker_end (&worker);
}

/* Loads, and gives the step and the values from before. */
static int64_t
loaded (GwTestWorker      *worker,
        const char        *path,
        const char *const *names,
        GPtrArray        **before)
{
  g_auto (GwReport) report = gw_test_await (worker, GW_REPORT_VALUES,
                                            gw_trainer_load_checkpoint (worker->trainer, path, names));

  *before = g_ptr_array_ref (report.values);
  return report.step;
}

static int64_t
evaluated_step (GwTestWorker *worker)
{
  g_auto (GwReport) report = gw_test_await (worker, GW_REPORT_EVALUATION, gw_trainer_evaluate (worker->trainer));

  return report.evaluation->step;
}

/* A checkpoint of another graph changes nothing, not even what fits. */
static void
test_load_of_another (void)
{
  GwTestWorker worker;
  char *dir = gw_test_dir_new ();
  g_autofree char *prefix = g_build_filename (dir, "other", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwCheckpointWriter) writer = gw_checkpoint_writer_new (prefix, &error);
  g_autoptr (GwTensor) fits = gw_test_tensor ("[7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0]");
  g_autoptr (GwTensor) fits_not = gw_test_tensor ("[7.0, 8.0]");
  const char *names[] = { "hidden/bias", "logit/bias", NULL };

  g_assert_true (gw_checkpoint_writer_add (writer, "hidden/bias", fits, &error));
  g_assert_true (gw_checkpoint_writer_add (writer, "logit/bias", fits_not, &error));
  g_assert_true (gw_checkpoint_writer_finish (writer, &error));
  start (&worker, GW_TRAINER_IDLE);
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_REFUSED,
                                              gw_trainer_load_checkpoint (worker.trainer, prefix, names));

    gw_test_assert_error (&report.error, GW_ERROR_INVALID_ARGUMENT, "lhs shape");
  }
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_VALUES, gw_trainer_fetch_variables (worker.trainer, NULL));

    g_assert_cmpfloat (gw_tensor_get_double (gw_named_tensors_find (report.values, "hidden/bias"), 3), ==, 0);
  }
  gw_test_worker_end (&worker);
  gw_test_dir_remove (dir);
}

static void
test_checkpoints (void)
{
  g_autoptr (GwDocument) document = gw_test_xor ("\"epochs\": 100000");
  char *dir = gw_test_dir_new ();
  GwTrainerOptions options = open_options (GW_TRAINER_IDLE);
  GwTestWorker worker;
  g_autofree char *path = NULL;
  g_autoptr (GPtrArray) before = NULL;
  const char *names[] = { "logit/bias", NULL };

  options.run_dir = dir;
  gw_test_worker_start (&worker, document, &options);
  gw_trainer_step (worker.trainer, 3);
  gw_test_await_state (&worker, GW_TRAINER_PAUSED);
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_CHECKPOINT, gw_trainer_checkpoint (worker.trainer));

    path = g_strdup (report.path);
    g_assert_cmpint (report.step, ==, 3);
  }
  gw_trainer_step (worker.trainer, 3);
  gw_test_await_state (&worker, GW_TRAINER_PAUSED);
  g_assert_cmpint (loaded (&worker, path, names, &before), ==, 6);
  g_assert_cmpuint (before->len, ==, 1);
  g_assert_cmpint (step_now (&worker), ==, 6);
  g_assert_cmpint (evaluated_step (&worker), ==, 6); /* one variable makes no checkpoint */
  g_clear_pointer (&before, g_ptr_array_unref);
  g_assert_cmpint (loaded (&worker, path, NULL, &before), ==, 6);
  g_assert_cmpint (step_now (&worker), ==, 3);
  g_assert_cmpint (evaluated_step (&worker), ==, 3);
  done (&worker, gw_trainer_set_values (worker.trainer, before, 6));
  g_assert_cmpint (step_now (&worker), ==, 6);
  g_assert_cmpint (evaluated_step (&worker), ==, 6);
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_REFUSED,
                                              gw_trainer_load_checkpoint (worker.trainer, "/nowhere/model", NULL));

    gw_test_assert_error (&report.error, GW_ERROR_NOT_FOUND, NULL);
  }
  gw_test_worker_end (&worker);
  gw_test_dir_remove (dir);
}

static void
test_no_place_for_checkpoints (void)
{
  GwTestWorker worker;

  start (&worker, GW_TRAINER_IDLE);
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_REFUSED, gw_trainer_checkpoint (worker.trainer));

    gw_test_assert_error (&report.error, GW_ERROR_FAILED_PRECONDITION, NULL);
  }
  gw_test_worker_end (&worker);
}

static void
test_predict (void)
{
  GwTestWorker worker;
  g_autoptr (GPtrArray) feeds = gw_named_tensors_new ();
  g_autoptr (GwTensor) points = gw_test_tensor ("[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]");
  const char *fetches[] = { "logit", "hidden:0", NULL };
  const char *unknown[] = { "nothing", NULL };

  gw_named_tensors_add (feeds, "point", points);
  start (&worker, GW_TRAINER_IDLE);
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_VALUES,
                                              gw_trainer_predict (worker.trainer, GW_MODE_PREDICT, feeds, fetches));

    g_assert_true (gw_shape_equal (&gw_named_tensors_find (report.values, "logit")->shape, &GW_SHAPE (3, 1)));
    g_assert_true (gw_shape_equal (&gw_named_tensors_find (report.values, "hidden:0")->shape, &GW_SHAPE (3, 15)));
  }
  { /* not fed: a batch of the test rows */
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_VALUES,
                                              gw_trainer_predict (worker.trainer, GW_MODE_EVALUATE, NULL, fetches));

    g_assert_true (gw_shape_equal (&gw_named_tensors_find (report.values, "logit")->shape, &GW_SHAPE (40, 1)));
  }
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_REFUSED,
                                              gw_trainer_predict (worker.trainer, GW_MODE_PREDICT, feeds, unknown));

    g_assert_nonnull (strstr (report.error->message, "nothing"));
  }
  gw_test_worker_end (&worker);
}

/* ---- watches ---- */

static const GwWatch watches[] = {
  { .node = 7, .kind = GW_WATCH_SCALAR },
  { .node = 2, .kind = GW_WATCH_VALUE },
  { .inner = "hidden/kernel", .kind = GW_WATCH_HISTOGRAM },
  { .inner = "not/there", .kind = GW_WATCH_STATS },
};

static void
check_watch (const GwWatchResult *result)
{
  g_assert_cmpint (result->kind, ==, watches[result->index].kind);
  g_assert_cmpint (result->dtype, ==, GW_FLOAT32);
  if (result->index == 0)
    g_assert_cmpfloat (result->scalar, >, 0);
  if (result->index == 1)
    g_assert_cmpint (result->value->shape.dims[1], ==, 15);
  if (result->index == 2)
    g_assert_cmpfloat (result->histogram->num, ==, 30);
}

/* One of each of the three that can be; the fourth is refused. */
static void
await_watches (GwTestWorker *worker,
               guint64       request)
{
  gboolean seen[3] = { FALSE };

  while (!seen[0] || !seen[1] || !seen[2])
    {
      g_auto (GwReport) report = gw_test_await (worker, GW_REPORT_WATCH, 0);

      g_assert_cmpint (report.watch->request, ==, request);
      g_assert_cmpint (report.watch->index, <, 3);
      check_watch (report.watch);
      seen[report.watch->index] = TRUE;
    }
}

static void
test_watches (void)
{
  GwTestWorker worker;
  guint64 request;

  start (&worker, GW_TRAINER_IDLE);
  request = gw_trainer_set_watches (worker.trainer, watches, 4);
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_REFUSED, request);

    g_assert_nonnull (strstr (report.error->message, "not/there"));
  }
  await_watches (&worker, request); /* at once, though nothing runs */
  gw_trainer_play (worker.trainer);
  await_watches (&worker, request);
  await_watches (&worker, request);
  request = gw_trainer_set_watches (worker.trainer, NULL, 0);
  done (&worker, request);
  gw_test_worker_end (&worker);
}

/* Watching changes no result. */
static void
test_watching_changes_nothing (void)
{
  GwTestWorker plain, watched;
  const char *names[] = { "hidden/kernel", NULL };

  start (&plain, GW_TRAINER_IDLE);
  start (&watched, GW_TRAINER_IDLE);
  done (&watched, gw_trainer_set_watches (watched.trainer, watches, 3));
  gw_trainer_step (plain.trainer, 20);
  gw_trainer_step (watched.trainer, 20);
  gw_test_await_state (&plain, GW_TRAINER_PAUSED);
  gw_test_await_state (&watched, GW_TRAINER_PAUSED);
  {
    g_auto (GwReport) a = gw_test_await (&plain, GW_REPORT_VALUES, gw_trainer_fetch_variables (plain.trainer, names));
    g_auto (GwReport) b = gw_test_await (&watched, GW_REPORT_VALUES, gw_trainer_fetch_variables (watched.trainer, names));

    gw_test_assert_same_values (a.values, b.values);
  }
  gw_test_worker_end (&plain);
  gw_test_worker_end (&watched);
}

/* Training pauses at the first value that meets the condition, says so, and goes on. */
static void
test_breakpoint (void)
{
  GwWatch stops[] = { { .node = 2, .kind = GW_WATCH_STATS }, { .node = 7, .kind = GW_WATCH_STATS } };
  g_autoptr (GError) error = NULL;
  GwTestWorker worker;

  start (&worker, GW_TRAINER_IDLE);
  g_assert_true (gw_stop_condition_parse ("> 1e30", &stops[0].stop, &error));
  g_assert_true (gw_stop_condition_parse (" >= 0 ", &stops[1].stop, &error));
  done (&worker, gw_trainer_set_watches (worker.trainer, stops, 2));
  for (int step = 1; step <= 2; step++)
    {
      gw_trainer_play (worker.trainer);
      for (;;)
        {
          g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_STATE, 0);

          if (report.state != GW_TRAINER_PAUSED)
            continue;
          g_assert_nonnull (report.error);
          g_assert_cmpint (report.step, ==, step);
          g_assert_nonnull (strstr (report.error->message, "breakpoint"));
          g_assert_nonnull (gw_error_get_node (report.error));
          break;
        }
    }
  done (&worker, gw_trainer_set_watches (worker.trainer, stops, 1)); /* that one is never met */
  gw_trainer_step (worker.trainer, 5);
  gw_test_await_state (&worker, GW_TRAINER_PAUSED);
  gw_test_worker_end (&worker);
}

/* Set before the thread starts it is obeyed at the first step, also when a longer list follows at once. */
static void
test_breakpoint_at_the_start (void)
{
  GwWatch list[] = { { .node = 7, .kind = GW_WATCH_STATS }, { .node = 2, .kind = GW_WATCH_STATS, .per_second = 4 } };
  GwTrainerOptions options = open_options (GW_TRAINER_RUNNING);
  g_autoptr (GError) error = NULL;

  g_assert_true (gw_stop_condition_parse (">= 0", &list[0].stop, &error));
  for (int i = 0; i < 20; i++)
    {
      g_autoptr (GwDocument) document = gw_test_xor ("\"epochs\": 100000");
      GwTestWorker worker = { .trainer = gw_trainer_new (document, &options, &error) };

      g_assert_no_error (error);
      gw_trainer_set_watches (worker.trainer, list, 1);
      gw_test_worker_run (&worker);
      gw_trainer_set_watches (worker.trainer, list, 2);
      gw_test_await_state (&worker, GW_TRAINER_PAUSED);
      g_assert_cmpint (step_now (&worker), ==, 1);
      gw_test_worker_end (&worker);
    }
}

static void
test_stop_conditions (void)
{
  static const struct {
    const char *condition;
    gboolean    small, large, not_finite;   /* met by [-1, 2], [3.5, 10], [0, NaN, inf] */
  } cases[] = {
    { "", TRUE, TRUE, TRUE }, { "always", TRUE, TRUE, TRUE }, { "nan", FALSE, FALSE, TRUE },
    { "> 3", FALSE, TRUE, TRUE }, { ">= 10", FALSE, TRUE, TRUE }, { "> 10", FALSE, FALSE, TRUE },
    { "< -0.5", TRUE, FALSE, FALSE }, { "≤ -1", TRUE, FALSE, FALSE }, { "<= 0", TRUE, FALSE, TRUE },
  };
  static const char *const wrong[] = { "3", ">", "> x", "> 3 4", "== 2", "> inf" };
  const GwTensorStats small = { .count = 2, .min = -1, .max = 2 }, large = { .count = 2, .min = 3.5, .max = 10 };
  const GwTensorStats odd = { .count = 3, .nan = 1, .pos_inf = 1, .min = 0, .max = 0 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      GwStopCondition condition;

      g_assert_true (gw_stop_condition_parse (cases[i].condition, &condition, &error));
      g_assert_cmpint (gw_stop_condition_is_met (&condition, &small), ==, cases[i].small);
      g_assert_cmpint (gw_stop_condition_is_met (&condition, &large), ==, cases[i].large);
      g_assert_cmpint (gw_stop_condition_is_met (&condition, &odd), ==, cases[i].not_finite);
    }
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      GwStopCondition condition;

      g_assert_false (gw_stop_condition_parse (wrong[i], &condition, &error));
      gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, NULL);
    }
}

static void
test_not_finite_pauses (void)
{
  g_autoptr (GwDocument) document = gw_test_logarithm ("0.7");
  GwTrainerOptions options = open_options (GW_TRAINER_RUNNING);
  GwTestWorker worker;
  g_autoptr (GwTensor) good = gw_test_tensor ("[1.0, 1.0]");
  const char *names[] = { "weight", NULL };

  gw_test_worker_start (&worker, document, &options);
  for (;;)
    {
      g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_STATE, 0);

      if (report.state != GW_TRAINER_PAUSED)
        continue;
      g_assert_cmpstr (gw_error_get_node (report.error), ==, "logarithm");
      break;
    }
  { /* still what made it NaN: the step was not done */
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_VALUES, gw_trainer_fetch_variables (worker.trainer, names));

    g_assert_cmpfloat (gw_tensor_get_double (gw_named_tensors_find (report.values, "weight"), 0), <, 0);
  }
  done (&worker, gw_trainer_set_value (worker.trainer, "weight", good));
  gw_trainer_step (worker.trainer, 1);
  gw_test_await_state (&worker, GW_TRAINER_RUNNING);
  {
    g_auto (GwReport) report = gw_test_await (&worker, GW_REPORT_STATE, 0);

    g_assert_cmpint (report.state, ==, GW_TRAINER_PAUSED);
    g_assert_no_error (report.error);
  }
  gw_test_worker_end (&worker);
}

static void
test_dropped (void)
{
  g_autoptr (GwDocument) document = gw_test_xor ("\"steps\": 100");
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autoptr (GwTrainer) trainer = NULL;
  GError *error = NULL;
  GwProgress progress;

  options.ring_capacity = 16;
  trainer = gw_trainer_new (document, &options, &error);
  g_assert_no_error (error);
  gw_test_run (trainer); /* nobody polls: 2 series a step, and 2 at each of 13 evaluations */
  gw_trainer_get_progress (trainer, &progress);
  g_assert_cmpint (progress.dropped, ==, 2 * 100 + 2 * 13 - 16);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  g_test_add_func ("/train/requests/states", test_states);
  g_test_add_func ("/train/requests/evaluate-while-running", test_evaluate_while_running);
  g_test_add_func ("/train/requests/values", test_values);
  g_test_add_func ("/train/requests/checkpoints", test_checkpoints);
  g_test_add_func ("/train/requests/load-of-another", test_load_of_another);
  g_test_add_func ("/train/requests/no-place-for-checkpoints", test_no_place_for_checkpoints);
  g_test_add_func ("/train/requests/predict", test_predict);
  g_test_add_func ("/train/requests/watches", test_watches);
  g_test_add_func ("/train/requests/watching-changes-nothing", test_watching_changes_nothing);
  g_test_add_func ("/train/requests/breakpoint", test_breakpoint);
  g_test_add_func ("/train/requests/breakpoint-at-the-start", test_breakpoint_at_the_start);
  g_test_add_func ("/train/requests/stop-conditions", test_stop_conditions);
  g_test_add_func ("/train/requests/not-finite-pauses", test_not_finite_pauses);
  g_test_add_func ("/train/requests/dropped", test_dropped);
  return g_test_run ();
}
