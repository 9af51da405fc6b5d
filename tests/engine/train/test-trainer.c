/* SPDX-License-Identifier: Apache-2.0 */
/* A training from beginning to end: results, files, resuming. */
#include "tests/engine/train/documents.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define STEPS_PER_EPOCH 8 /* of gw_test_xor(): 300 rows by 40 */

static GwTrainer *
make (GwDocument             *document,
      const GwTrainerOptions *options)
{
  GError *error = NULL;
  GwTrainer *trainer = gw_trainer_new (document, options, &error);

  g_assert_no_error (error);
  return trainer;
}

static void
test_learns (void)
{
  g_autoptr (GwDocument) document = gw_test_xor ("\"epochs\": 40");
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autoptr (GwTrainer) trainer = make (document, &options);
  g_autoptr (GArray) reports = NULL;
  const GwEvaluation *evaluation = NULL;
  int n_losses = 0;

  g_assert_cmpint (gw_trainer_steps_per_epoch (trainer), ==, STEPS_PER_EPOCH);
  g_assert_cmpint (gw_trainer_total_steps (trainer), ==, 40 * STEPS_PER_EPOCH);
  g_assert_cmpint (gw_trainer_seed (trainer), ==, 5);
  gw_test_run (trainer);
  g_assert_cmpint (gw_trainer_state (trainer), ==, GW_TRAINER_DONE);
  reports = gw_test_reports (trainer);
  for (guint i = 0; i < reports->len; i++)
    {
      const GwReport *report = &g_array_index (reports, GwReport, i);

      if (report->kind == GW_REPORT_SCALAR && report->scalar.series == 0)
        g_assert_cmpint (report->step, ==, ++n_losses);
      if (report->kind == GW_REPORT_EVALUATION)
        evaluation = report->evaluation;
    }
  g_assert_cmpint (n_losses, ==, 40 * STEPS_PER_EPOCH);
  g_assert_cmpint (gw_test_count_reports (reports, GW_REPORT_EVALUATION), ==, 40);
  g_assert_cmpint (evaluation->n_examples, ==, 100);
  g_assert_cmpfloat (evaluation->loss, <, 0.2);
  g_assert_cmpstr (evaluation->metrics[0].name, ==, "accuracy");
  g_assert_cmpfloat (evaluation->metrics[0].value, >, 0.95);
}

static void
test_series (void)
{
  g_autoptr (GwDocument) document = gw_test_xor ("\"epochs\": 2, \"record_every\": 5, \"evaluate_every\": 6");
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autoptr (GwTrainer) trainer = make (document, &options);
  static const struct { const char *tag; gboolean evaluation; int n; } want[] = {
    { "loss", FALSE, 3 }, { "train/accuracy", FALSE, 3 }, { "test/loss", TRUE, 3 }, { "accuracy", TRUE, 3 },
  };
  g_autoptr (GArray) reports = NULL;

  g_assert_cmpint (gw_trainer_n_series (trainer), ==, 4);
  gw_test_run (trainer);
  reports = gw_test_reports (trainer);
  for (int s = 0; s < 4; s++)
    {
      int n = 0;

      g_assert_cmpstr (gw_trainer_series (trainer, s)->tag, ==, want[s].tag);
      g_assert_cmpint (gw_trainer_series (trainer, s)->evaluation, ==, want[s].evaluation);
      for (guint i = 0; i < reports->len; i++)
        {
          const GwReport *report = &g_array_index (reports, GwReport, i);

          if (report->kind == GW_REPORT_SCALAR && report->scalar.series == s)
            n++;
        }
      g_assert_cmpint (n, ==, want[s].n); /* at 5, 10, 15; and at 6, 12 and the end */
    }
}

/* Names of nodes may be those of other curves; a loss that is a metric too is one curve. */
static void
test_tags (void)
{
  g_autoptr (GwDocument) document = gw_test_document (
    "{\"graphwright\": 1, \"nodes\": ["
    "{\"id\": 1, \"name\": \"x\", \"op\": \"Placeholder\", \"at\": [0, 0], \"attrs\": {\"shape\": [null, 2], \"_column\": \"x\"}},"
    "{\"id\": 2, \"name\": \"loss\", \"op\": \"Dense\", \"at\": [0, 0], \"attrs\": {\"units\": 1}, \"report\": true,"
    " \"inputs\": {\"inputs\": {\"from\": 1}}},"
    "{\"id\": 3, \"name\": \"cost\", \"op\": \"Mean\", \"at\": [0, 0],"
    " \"inputs\": {\"input\": {\"from\": 2}, \"axis\": {\"literal\": \"[0, 1]\"}}},"
    "{\"id\": 4, \"name\": \"train\", \"op\": \"Minimize\", \"at\": [0, 0], \"inputs\": {\"loss\": {\"from\": 3}}}],"
    "\"data\": {\"source\": \"xor\", \"columns\": [{\"name\": \"x\", \"from\": [\"x\"]}]},"
    "\"training\": {\"targets\": [4], \"loss\": 3, \"metrics\": [3], \"attrs\": {\"steps\": 2}}}");
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autoptr (GwTrainer) trainer = make (document, &options);
  g_autoptr (GArray) reports = NULL;
  static const char *const want[] = { "loss", "loss_1", "test/loss" };
  int n[3] = { 0 };

  g_assert_cmpint (gw_trainer_n_series (trainer), ==, 3);
  for (int i = 0; i < 3; i++)
    g_assert_cmpstr (gw_trainer_series (trainer, i)->tag, ==, want[i]);
  gw_test_run (trainer);
  reports = gw_test_reports (trainer);
  for (guint i = 0; i < reports->len; i++)
    if (g_array_index (reports, GwReport, i).kind == GW_REPORT_SCALAR)
      n[g_array_index (reports, GwReport, i).scalar.series]++;
  g_assert_cmpint (n[0], ==, 2);
  g_assert_cmpint (n[1], ==, 2);
  g_assert_cmpint (n[2], ==, 1);
}

static void
test_confusion (void)
{
  g_autoptr (GwDocument) document = gw_test_xor ("\"epochs\": 1");
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autoptr (GwTrainer) trainer = make (document, &options);
  GError *error = NULL;
  g_autoptr (GwEvaluation) evaluation = gw_trainer_evaluate_now (trainer, &error);
  int64_t total = 0, right = 0;

  g_assert_no_error (error);
  g_assert_cmpint (evaluation->n_classes, ==, 2);
  g_assert_cmpstr (evaluation->column, ==, "y");
  for (int i = 0; i < 4; i++)
    total += evaluation->confusion[i];
  right = evaluation->confusion[0] + evaluation->confusion[3];
  g_assert_cmpint (total, ==, 100);
  g_assert_cmpfloat (fabs ((double) right / 100 - evaluation->metrics[0].value), <, 1e-6);
  g_assert_cmpint (evaluation->n_mistakes, ==, MIN (100 - right, 64));
  for (int i = 0; i < evaluation->n_mistakes; i++)
    {
      const GwMistake *mistake = &evaluation->mistakes[i];

      g_assert_cmpint (mistake->truth, !=, mistake->predicted);
      g_assert_cmpfloat (mistake->probability, >=, 0.5);
      g_assert_cmpfloat (mistake->probability, <=, i > 0 ? mistake[-1].probability : 1);
      g_assert_cmpint (mistake->index, >=, 0);
      g_assert_cmpint (mistake->index, <, 400);
    }
}

/* ---- determinism ---- */

static GPtrArray *
train_and_read (const char *training,
                int         n_threads,
                int64_t     seed)
{
  g_autoptr (GwDocument) document = gw_test_xor (training);
  char *dir = gw_test_dir_new ();
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autoptr (GwTrainer) trainer = NULL;
  GPtrArray *values;

  options.run_dir = dir;
  options.n_threads = n_threads;
  options.seed = seed;
  trainer = make (document, &options);
  gw_test_run (trainer);
  values = gw_test_checkpoint (dir, gw_trainer_total_steps (trainer));
  g_clear_pointer (&trainer, gw_trainer_free);
  gw_test_dir_remove (dir);
  return values;
}

static void
test_deterministic (void)
{
  g_autoptr (GPtrArray) one = train_and_read ("\"epochs\": 3", 1, -1);
  g_autoptr (GPtrArray) again = train_and_read ("\"epochs\": 3", 3, 5);
  g_autoptr (GPtrArray) other = train_and_read ("\"epochs\": 3", 1, 6);

  gw_test_assert_same_values (one, again);
  g_assert_false (gw_tensor_equal (gw_named_tensors_find (one, "hidden/kernel"),
                                   gw_named_tensors_find (other, "hidden/kernel")));
}

/* Looking (evaluations, records) changes nothing. */
static void
test_looking_changes_nothing (void)
{
  g_autoptr (GPtrArray) plain = train_and_read ("\"epochs\": 3, \"record_every\": 1000, \"evaluate_every\": 1000", 2, -1);
  g_autoptr (GPtrArray) watched = train_and_read ("\"epochs\": 3, \"histograms_every\": 2, \"evaluate_every\": 3, "
                                                  "\"checkpoint_every\": 1", 2, -1);

  gw_test_assert_same_values (plain, watched);
}

static void
test_resume (void)
{
  g_autoptr (GwDocument) document = gw_test_xor ("\"epochs\": 4, \"checkpoint_every\": 3");
  g_autoptr (GPtrArray) straight = train_and_read ("\"epochs\": 4, \"checkpoint_every\": 3", 1, -1);
  g_autoptr (GPtrArray) resumed = NULL;
  char *dir = gw_test_dir_new ();
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;

  options.run_dir = dir;
  for (int64_t steps = 5; steps <= 32; steps += 9)
    {
      g_autoptr (GwTrainer) trainer = NULL;
      GwProgress progress;

      options.steps = steps;
      trainer = make (document, &options);
      gw_trainer_get_progress (trainer, &progress);
      g_assert_cmpint (progress.step, ==, options.resume ? steps - 9 : 0);
      gw_test_run (trainer);
      options.resume = TRUE;
    }
  resumed = gw_test_checkpoint (dir, 32);
  gw_test_assert_same_values (straight, resumed);
  gw_test_dir_remove (dir);
}

static void
test_resume_needs_a_run (void)
{
  g_autoptr (GwDocument) document = gw_test_xor ("\"epochs\": 1");
  char *dir = gw_test_dir_new ();
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  GError *error = NULL;

  options.resume = TRUE;
  g_assert_null (gw_trainer_new (document, &options, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "folder");
  options.run_dir = dir;
  g_assert_null (gw_trainer_new (document, &options, &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, NULL);
  gw_test_dir_remove (dir);
}

static void
test_continue (void)
{
  g_autoptr (GwDocument) document = gw_test_xor ("\"epochs\": 30");
  char *dir = gw_test_dir_new ();
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autoptr (GwTrainer) first = NULL;
  g_autoptr (GwTrainer) second = NULL;
  g_autoptr (GwTrainer) third = NULL;
  g_autoptr (GPtrArray) values = NULL;
  g_autoptr (GwEvaluation) before = NULL;
  g_autoptr (GwEvaluation) after = NULL;
  g_autoptr (GwEvaluation) loaded = NULL;
  g_autofree char *prefix = g_strdup_printf ("%s/model.ckpt-240", dir);

  options.run_dir = dir;
  first = make (document, &options);
  gw_test_run (first);
  before = gw_trainer_evaluate_now (first, NULL);
  values = gw_test_checkpoint (dir, 240);
  options.run_dir = NULL;
  options.start_values = values;
  second = make (document, &options);
  after = gw_trainer_evaluate_now (second, NULL);
  g_assert_cmpfloat (after->loss, ==, before->loss);
  options.start_values = NULL;
  options.checkpoint = prefix;
  third = make (document, &options);
  loaded = gw_trainer_evaluate_now (third, NULL);
  g_assert_cmpfloat (loaded->loss, ==, before->loss);
  gw_test_dir_remove (dir);
}

/* ---- files ---- */

static int
count_scalars (const char *run_dir,
               const char *tag)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) files = gw_event_files_in_folder (run_dir, &error);
  int n = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < files->len; i++)
    {
      g_autoptr (GwEventReader) reader = gw_event_reader_open (g_ptr_array_index (files, i), &error);
      GwEventValue value;

      while (gw_event_reader_next (reader, &value, &error) == GW_READ_OK)
        n += strcmp (value.tag, tag) == 0;
      g_assert_no_error (error);
      g_assert_cmpint (gw_event_reader_n_skipped (reader), ==, 0);
    }
  return n;
}

static void
test_run_folder (void)
{
  g_autoptr (GwDocument) document = gw_test_xor ("\"epochs\": 4, \"checkpoint_every\": 4, \"max_to_keep\": 3, \"histograms_every\": 8");
  char *dir = gw_test_dir_new ();
  g_autofree char *state_path = g_build_filename (dir, "graph.gw", NULL);
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autoptr (GwTrainer) trainer = NULL;
  g_autoptr (GwRunInfo) info = NULL;
  g_autoptr (GwCheckpointState) state = NULL;
  g_autoptr (GwDocument) snapshot = NULL;
  GError *error = NULL;

  options.run_dir = dir;
  options.document_name = "xor.gw";
  trainer = make (document, &options);
  gw_test_run (trainer);
  g_assert_cmpint (count_scalars (dir, "loss"), ==, 32);
  g_assert_cmpint (count_scalars (dir, "accuracy"), ==, 4);
  g_assert_cmpint (count_scalars (dir, "hidden/kernel"), ==, 4);
  info = gw_run_info_read (dir, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (info->state, ==, "done");
  g_assert_cmpstr (info->document, ==, "xor.gw");
  g_assert_cmpstr (info->checkpoint, ==, "model.ckpt-32");
  g_assert_cmpint (info->steps, ==, 32);
  g_assert_cmpint (info->seed, ==, 5);
  g_assert_cmpfloat (info->epochs, ==, 4);
  g_assert_cmpint (info->metrics->len, ==, 2);
  g_assert_cmpint (info->finished, >=, info->started);
  state = gw_checkpoint_state_read (dir, &error);
  g_assert_no_error (error);
  g_assert_cmpint (state->all->len, <=, 3); /* fewer when writing is slower than training */
  g_assert_cmpstr (state->latest, ==, "model.ckpt-32");
  snapshot = gw_document_load (state_path, &error);
  g_assert_no_error (error);
  g_assert_true (gw_document_equal (snapshot, document));
  gw_test_dir_remove (dir);
}

static void
test_full_disk (void)
{
  g_autoptr (GwDocument) document = gw_test_xor ("\"epochs\": 60, \"checkpoint_every\": 50");
  char *dir = gw_test_dir_new ();
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autoptr (GwTrainer) trainer = NULL;
  g_autoptr (GArray) reports = NULL;
  struct rlimit before, small;
  GwReport *warning;

  options.run_dir = dir;
  trainer = make (document, &options);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  small = before;
  small.rlim_cur = 3000; /* no file grows beyond: neither events nor checkpoints fit */
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  gw_test_run (trainer);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_cmpint (gw_trainer_state (trainer), ==, GW_TRAINER_DONE);
  reports = gw_test_reports (trainer);
  warning = gw_test_report (reports, GW_REPORT_WARNING);
  g_assert_nonnull (warning);
  g_assert_cmpint (warning->error->domain, ==, GW_ERROR);
  g_clear_pointer (&trainer, gw_trainer_free); /* tries again, and now there is room */
  g_assert_cmpint (count_scalars (dir, "loss"), ==, 480);
  gw_test_dir_remove (dir);
}

static void
test_folder_cannot_be (void)
{
  g_autoptr (GwDocument) document = gw_test_xor ("\"epochs\": 1");
  char *dir = gw_test_dir_new ();
  g_autofree char *file = gw_test_write_file (dir, "file", "x", 1);
  g_autofree char *below = g_build_filename (file, "run", NULL);
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  GError *error = NULL;

  options.run_dir = below;
  g_assert_null (gw_trainer_new (document, &options, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "Not a directory");
  gw_test_dir_remove (dir);
}

/* ---- what cannot be ---- */

static void
refused (const char *json,
         GwErrorCode code,
         const char *node,
         const char *part)
{
  g_autoptr (GwDocument) document = gw_test_document (json);
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  GError *error = NULL;
  g_autoptr (GwTrainer) trainer = gw_trainer_new (document, &options, &error);

  if (trainer != NULL)
    g_assert_false (gw_trainer_run (trainer, &error));
  g_assert_cmpstr (gw_error_get_node (error), ==, node);
  gw_test_assert_error (&error, code, part);
}

#define VARIABLE "{\"id\": 1, \"name\": \"w\", \"op\": \"VariableV2\", \"at\": [0, 0], \"attrs\": {\"shape\": [2]}}"
#define INPUT "{\"id\": 2, \"name\": \"x\", \"op\": \"Placeholder\", \"at\": [0, 0], \"attrs\": {\"shape\": [null, 2], \"_column\": \"nothing\"}}"

static void
test_refusals (void)
{
  refused ("{\"graphwright\": 1, \"nodes\": [" VARIABLE "]}", GW_ERROR_INVALID_ARGUMENT, NULL, "nothing to train");
  refused ("{\"graphwright\": 1, \"nodes\": [" VARIABLE "], \"training\": {\"targets\": [1], \"loss\": 1}}",
           GW_ERROR_INVALID_ARGUMENT, "w", "floating scalar");
  refused ("{\"graphwright\": 1, \"nodes\": [" INPUT "]}", GW_ERROR_INVALID_ARGUMENT, "x", "has no data");
  refused ("{\"graphwright\": 1, \"nodes\": [" INPUT "], \"data\": {\"source\": \"xor\"}}",
           GW_ERROR_INVALID_ARGUMENT, "x", "the data does not have; it has x, y");
  refused ("{\"graphwright\": 1, \"nodes\": [" VARIABLE "], \"training\": {\"attrs\": {\"epochs\": 0}}}",
           GW_ERROR_INVALID_ARGUMENT, NULL, "epochs");
  refused ("{\"graphwright\": 1, \"nodes\": [" VARIABLE "], \"training\": {\"attrs\": {\"device\": \"/gpu:0\"}}}",
           GW_ERROR_INVALID_ARGUMENT, NULL, "/gpu:0");
}

static void
test_no_data (void)
{
  g_autoptr (GwDocument) document = gw_test_document (
    "{\"graphwright\": 1, \"nodes\": ["
    "{\"id\": 1, \"name\": \"count\", \"op\": \"VariableV2\", \"at\": [0, 0], \"attrs\": {\"shape\": []}},"
    "{\"id\": 2, \"name\": \"add\", \"op\": \"AssignAdd\", \"at\": [0, 0],"
    " \"inputs\": {\"ref\": {\"from\": 1}, \"value\": {\"literal\": \"2\"}}}],"
    "\"training\": {\"targets\": [2], \"attrs\": {\"steps\": 7}}}");
  char *dir = gw_test_dir_new ();
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autoptr (GwTrainer) trainer = NULL;
  g_autoptr (GPtrArray) values = NULL;

  options.run_dir = dir;
  trainer = make (document, &options);
  gw_test_run (trainer);
  values = gw_test_checkpoint (dir, 7);
  gw_test_assert_tensor (gw_named_tensors_find (values, "count"), "14.0");
  g_assert_cmpint (gw_trainer_n_series (trainer), ==, 0);
  gw_test_dir_remove (dir);
}

static void
test_not_finite_fails (void)
{
  g_autoptr (GwDocument) document = gw_test_logarithm ("0.7");
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autoptr (GwTrainer) trainer = make (document, &options);
  GError *error = NULL;

  g_assert_false (gw_trainer_run (trainer, &error));
  g_assert_cmpint (gw_trainer_state (trainer), ==, GW_TRAINER_FAILED);
  g_assert_cmpstr (gw_error_get_node (error), ==, "logarithm");
  g_assert_nonnull (strstr (error->message, "the loss is NaN at step"));
  g_assert_nonnull (strstr (error->message, "came out of logarithm (Log), whose input x (weight) held -"));
  gw_test_assert_error (&error, GW_ERROR_OUT_OF_RANGE, NULL);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  g_test_add_func ("/train/learns", test_learns);
  g_test_add_func ("/train/series", test_series);
  g_test_add_func ("/train/tags", test_tags);
  g_test_add_func ("/train/confusion", test_confusion);
  g_test_add_func ("/train/deterministic", test_deterministic);
  g_test_add_func ("/train/looking-changes-nothing", test_looking_changes_nothing);
  g_test_add_func ("/train/resume", test_resume);
  g_test_add_func ("/train/resume-needs-a-run", test_resume_needs_a_run);
  g_test_add_func ("/train/continue", test_continue);
  g_test_add_func ("/train/run-folder", test_run_folder);
  g_test_add_func ("/train/full-disk", test_full_disk);
  g_test_add_func ("/train/folder-cannot-be", test_folder_cannot_be);
  g_test_add_func ("/train/refusals", test_refusals);
  g_test_add_func ("/train/no-data", test_no_data);
  g_test_add_func ("/train/not-finite-fails", test_not_finite_fails);
  return g_test_run ();
}
