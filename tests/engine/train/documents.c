/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/engine/train/documents.h"

#include <string.h>

GwDocument *
gw_test_document (const char *json)
{
  GError *error = NULL;
  GwDocument *document = gw_document_from_json (json, strlen (json), &error);

  g_assert_no_error (error);
  return document;
}

GwDocument *
gw_test_xor (const char *training)
{
  g_autofree char *json = g_strdup_printf (
    "{\"graphwright\": 1, \"nodes\": ["
    "{\"id\": 1, \"name\": \"point\", \"op\": \"Placeholder\", \"at\": [0, 0], \"attrs\": {\"shape\": [null, 2], \"_column\": \"x\"}},"
    "{\"id\": 2, \"name\": \"hidden\", \"op\": \"Dense\", \"at\": [0, 0], \"attrs\": {\"units\": 15, \"activation\": \"tanh\"},"
    " \"inputs\": {\"inputs\": {\"from\": 1}}},"
    "{\"id\": 3, \"name\": \"keep\", \"op\": \"Placeholder\", \"at\": [0, 0],"
    " \"attrs\": {\"shape\": [], \"_train_value\": \"0.9\", \"_evaluate_value\": \"1\"}},"
    "{\"id\": 4, \"name\": \"drop\", \"op\": \"Dropout\", \"at\": [0, 0],"
    " \"inputs\": {\"x\": {\"from\": 2}, \"keep_prob\": {\"from\": 3}}},"
    "{\"id\": 5, \"name\": \"logit\", \"op\": \"Dense\", \"at\": [0, 0], \"attrs\": {\"units\": 1}, \"inputs\": {\"inputs\": {\"from\": 4}}},"
    "{\"id\": 6, \"name\": \"label\", \"op\": \"Placeholder\", \"at\": [0, 0], \"attrs\": {\"shape\": [null, 1], \"_column\": \"y\"}},"
    "{\"id\": 7, \"name\": \"cost\", \"op\": \"Loss\", \"at\": [0, 0], \"attrs\": {\"kind\": \"sigmoid_cross_entropy\"},"
    " \"inputs\": {\"predictions\": {\"from\": 5}, \"labels\": {\"from\": 6}}},"
    "{\"id\": 8, \"name\": \"train\", \"op\": \"Minimize\", \"at\": [0, 0],"
    " \"inputs\": {\"loss\": {\"from\": 7}, \"learning_rate\": {\"literal\": \"0.03\"}}},"
    "{\"id\": 9, \"name\": \"accuracy\", \"op\": \"Accuracy\", \"at\": [0, 0], \"attrs\": {\"threshold\": 0}, \"report\": true,"
    " \"inputs\": {\"predictions\": {\"from\": 5}, \"labels\": {\"from\": 6}}}],"
    "\"data\": {\"source\": \"xor\", \"source_attrs\": {\"n\": 400, \"noise\": 0.1}, \"test_fraction\": 0.25, \"batch_size\": 40,"
    " \"columns\": [{\"name\": \"x\", \"from\": [\"x\"]}, {\"name\": \"y\", \"from\": [\"y\"]}]},"
    "\"training\": {\"targets\": [8], \"loss\": 7, \"metrics\": [9], \"attrs\": {\"seed\": 5, %s}}}", training);

  return gw_test_document (json);
}

GwDocument *
gw_test_logarithm (const char *rate)
{
  g_autofree char *json = g_strdup_printf (
    "{\"graphwright\": 1, \"nodes\": ["
    "{\"id\": 1, \"name\": \"weight\", \"op\": \"VariableV2\", \"at\": [0, 0], \"attrs\": {\"shape\": [2], \"_initializer\": \"ones\"}},"
    "{\"id\": 2, \"name\": \"logarithm\", \"op\": \"Log\", \"at\": [0, 0], \"inputs\": {\"x\": {\"from\": 1}}},"
    "{\"id\": 3, \"name\": \"cost\", \"op\": \"Mean\", \"at\": [0, 0], \"inputs\": {\"input\": {\"from\": 2}, \"axis\": {\"literal\": \"0\"}}},"
    "{\"id\": 4, \"name\": \"train\", \"op\": \"Minimize\", \"at\": [0, 0], \"attrs\": {\"optimizer\": \"GradientDescent\"},"
    " \"inputs\": {\"loss\": {\"from\": 3}, \"learning_rate\": {\"literal\": \"%s\"}}}],"
    "\"training\": {\"targets\": [4], \"loss\": 3, \"attrs\": {\"steps\": 50, \"seed\": 1}}}", rate);

  return gw_test_document (json);
}

/* ---- reports ---- */

static void
report_clear (gpointer data)
{
  gw_report_clear (data);
}

GArray *
gw_test_reports (GwTrainer *trainer)
{
  GArray *reports = g_array_new (FALSE, FALSE, sizeof (GwReport));
  GwReport report;

  g_array_set_clear_func (reports, report_clear);
  while (gw_trainer_poll (trainer, &report))
    g_array_append_val (reports, report);
  return reports;
}

GwReport *
gw_test_report (GArray      *reports,
                GwReportKind kind)
{
  for (guint i = 0; i < reports->len; i++)
    if (g_array_index (reports, GwReport, i).kind == kind)
      return &g_array_index (reports, GwReport, i);
  return NULL;
}

int
gw_test_count_reports (GArray      *reports,
                       GwReportKind kind)
{
  int n = 0;

  for (guint i = 0; i < reports->len; i++)
    n += g_array_index (reports, GwReport, i).kind == kind;
  return n;
}

/* ---- threads ---- */

static gpointer
work (gpointer data)
{
  GwTestWorker *worker = data;

  worker->ok = gw_trainer_run (worker->trainer, &worker->error);
  return NULL;
}

void
gw_test_worker_start (GwTestWorker           *worker,
                      GwDocument             *document,
                      const GwTrainerOptions *options)
{
  GError *error = NULL;

  *worker = (GwTestWorker) { .trainer = gw_trainer_new (document, options, &error) };
  g_assert_no_error (error);
  gw_test_worker_run (worker);
}

void
gw_test_worker_run (GwTestWorker *worker)
{
  worker->thread = g_thread_new ("trainer", work, worker);
}

GwReport
gw_test_await (GwTestWorker *worker,
               GwReportKind  kind,
               guint64       request)
{
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  GwReport report;

  for (;;)
    {
      while (gw_trainer_poll (worker->trainer, &report))
        {
          /* a watch names its request too, but is no answer to it */
          if (request != 0 ? report.request == request && report.kind != GW_REPORT_WATCH : report.kind == kind)
            {
              g_assert_cmpint (report.kind, ==, kind);
              return report;
            }
          gw_report_clear (&report);
        }
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (200);
    }
}

void
gw_test_await_state (GwTestWorker  *worker,
                     GwTrainerState state)
{
  for (;;)
    {
      GwReport report = gw_test_await (worker, GW_REPORT_STATE, 0);
      gboolean found = report.state == state;

      gw_report_clear (&report);
      if (found)
        return;
    }
}

void
gw_test_worker_end (GwTestWorker *worker)
{
  gw_trainer_quit (worker->trainer);
  g_thread_join (worker->thread);
  g_clear_error (&worker->error);
  g_clear_pointer (&worker->trainer, gw_trainer_free);
}

/* ---- values ---- */

void
gw_test_run (GwTrainer *trainer)
{
  GError *error = NULL;

  g_assert_true (gw_trainer_run (trainer, &error));
  g_assert_no_error (error);
}

GPtrArray *
gw_test_checkpoint (const char *run_dir,
                    int64_t     step)
{
  g_autofree char *prefix = g_strdup_printf ("%s/model.ckpt-%" G_GINT64_FORMAT, run_dir, step);
  GError *error = NULL;
  g_autoptr (GwCheckpoint) checkpoint = gw_checkpoint_open (prefix, &error);
  GPtrArray *values = gw_named_tensors_new ();

  g_assert_no_error (error);
  for (int i = 0; i < gw_checkpoint_n_entries (checkpoint); i++)
    {
      const char *name = gw_checkpoint_entry (checkpoint, i)->name;
      g_autoptr (GwTensor) tensor = gw_checkpoint_read (checkpoint, name, &error);

      g_assert_no_error (error);
      gw_named_tensors_add (values, name, tensor);
    }
  return values;
}

void
gw_test_assert_same_values (const GPtrArray *a,
                            const GPtrArray *b)
{
  g_assert_cmpint (a->len, ==, b->len);
  g_assert_cmpint (a->len, >, 0);
  for (guint i = 0; i < a->len; i++)
    {
      const GwNamedTensor *value = g_ptr_array_index (a, i);
      GwTensor *other = gw_named_tensors_find (b, value->name);

      g_assert_nonnull (other);
      if (!gw_tensor_equal (value->tensor, other))
        g_error ("%s differs", value->name);
    }
}
