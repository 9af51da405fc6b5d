/* SPDX-License-Identifier: Apache-2.0 */
/* The way of reports from the worker to who polls: order, dropping, newest wins. */
#include "engine/train/reports-private.h"

#include "tests/support/support.h"

static void
put (GwReports *reports,
     int64_t    step)
{
  gw_reports_point (reports, &(GwPoint) { 0, step, 1, (double) step });
}

static void
post_state (GwReports     *reports,
            GwTrainerState state)
{
  gw_reports_post (reports, &(GwReport) { .kind = GW_REPORT_STATE, .state = state });
}

static void
test_order (void)
{
  GwReports *reports = g_new0 (GwReports, 1);
  GwReport report;
  static const GwReportKind want[] = {
    GW_REPORT_STATE, GW_REPORT_SCALAR, GW_REPORT_SCALAR, GW_REPORT_STATE, GW_REPORT_SCALAR, GW_REPORT_PROGRESS,
  };

  gw_reports_init (reports, 16);
  g_assert_false (gw_reports_poll (reports, &report));
  gw_reports_progress (reports, &(GwProgress) { .step = 1 });
  post_state (reports, GW_TRAINER_RUNNING);
  put (reports, 1);
  put (reports, 2);
  post_state (reports, GW_TRAINER_DONE);
  put (reports, 3);
  for (guint i = 0; i < G_N_ELEMENTS (want); i++)
    {
      g_assert_true (gw_reports_poll (reports, &report));
      g_assert_cmpint (report.kind, ==, want[i]);
      g_assert_cmpfloat (report.wall_time, >, 0);
    }
  g_assert_false (gw_reports_poll (reports, &report));
  gw_reports_clear (reports);
  g_free (reports);
}

static void
test_full_ring (void)
{
  GwReports *reports = g_new0 (GwReports, 1);
  GwReport report;

  gw_reports_init (reports, 16);
  for (int64_t step = 1; step <= 20; step++)
    put (reports, step);
  g_assert_cmpint (atomic_load (&reports->dropped), ==, 4);
  for (int64_t step = 1; step <= 16; step++)
    {
      g_assert_true (gw_reports_poll (reports, &report));
      g_assert_cmpint (report.step, ==, step);
    }
  put (reports, 21);
  g_assert_true (gw_reports_poll (reports, &report));
  g_assert_cmpint (report.step, ==, 21);
  gw_reports_clear (reports);
  g_free (reports);
}

/* Lines that nobody takes are counted, not kept. */
static void
test_messages (void)
{
  GwReports *reports = g_new0 (GwReports, 1);
  GwReport report;
  int n = 0;

  gw_reports_init (reports, 16);
  for (int i = 0; i < 1500; i++)
    gw_reports_message (reports, i, 7, "print", "text");
  while (gw_reports_poll (reports, &report))
    {
      g_assert_cmpint (report.kind, ==, GW_REPORT_MESSAGE);
      g_assert_cmpint (report.step, ==, n++);
      g_assert_cmpint (report.message.node, ==, 7);
      g_assert_cmpstr (report.message.name, ==, "print");
      g_assert_cmpstr (report.message.text, ==, "text");
      g_assert_cmpint (report.message.dropped, ==, 0);
      gw_report_clear (&report);
    }
  g_assert_cmpint (n, ==, 1024);
  gw_reports_message (reports, 1500, 7, "print", "text");
  g_assert_true (gw_reports_poll (reports, &report));
  g_assert_cmpint (report.message.dropped, ==, 1500 - 1024);
  gw_report_clear (&report);
  gw_reports_clear (reports);
  g_free (reports);
}

static GwWatchResult *
watch (int     index,
       int64_t step)
{
  GwWatchResult *result = g_new0 (GwWatchResult, 1);

  result->index = index;
  result->step = step;
  result->value = gw_tensor_new_float (1);
  return result;
}

static void
test_newest_wins (void)
{
  GwReports *reports = g_new0 (GwReports, 1);
  GwReport report;

  gw_reports_init (reports, 16);
  gw_reports_set_n_watches (reports, 2);
  for (int64_t step = 1; step <= 5; step++)
    {
      gw_reports_progress (reports, &(GwProgress) { .step = step });
      gw_reports_watch (reports, watch (1, step));
    }
  gw_reports_watch (reports, watch (0, 9));
  g_assert_true (gw_reports_poll (reports, &report));
  g_assert_cmpint (report.progress.step, ==, 5);
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (gw_reports_poll (reports, &report));
      g_assert_cmpint (report.kind, ==, GW_REPORT_WATCH);
      g_assert_cmpint (report.watch->index, ==, i);
      g_assert_cmpint (report.step, ==, i == 0 ? 9 : 5);
      gw_report_clear (&report);
    }
  g_assert_false (gw_reports_poll (reports, &report));
  gw_reports_watch (reports, watch (0, 10)); /* never fetched: freed with the rest */
  gw_reports_post (reports, &(GwReport) { .kind = GW_REPORT_CHECKPOINT, .path = g_strdup ("x") });
  gw_reports_clear (reports);
  g_free (reports);
}

#define MANY 200000

static gpointer
write_many (gpointer data)
{
  GwReports *reports = data;

  for (int64_t step = 1; step <= MANY; step++)
    {
      put (reports, step);
      if (step % 100 == 0)
        gw_reports_progress (reports, &(GwProgress) { .step = step, .total_steps = -step });
      if (step % 1000 == 0)
        gw_reports_watch (reports, watch ((int) (step / 1000 % 4), step));
    }
  post_state (reports, GW_TRAINER_DONE);
  return NULL;
}

/* One thread writes, this one reads: points rise, none is torn, all are counted. */
static void
test_threads (void)
{
  GwReports *reports = g_new0 (GwReports, 1);
  GThread *thread;
  int64_t last = 0, last_progress = 0, n = 0;
  gboolean done = FALSE;

  gw_reports_init (reports, 1024);
  gw_reports_set_n_watches (reports, 4);
  thread = g_thread_new ("writer", write_many, reports);
  while (!done)
    {
      g_auto (GwReport) report = { 0 };

      if (!gw_reports_poll (reports, &report))
        continue;
      if (report.kind == GW_REPORT_SCALAR)
        {
          g_assert_cmpint (report.step, >, last);
          g_assert_cmpfloat (report.scalar.value, ==, (double) report.step);
          last = report.step;
          n++;
        }
      if (report.kind == GW_REPORT_PROGRESS)
        {
          g_assert_cmpint (report.progress.step, >, last_progress);
          g_assert_cmpint (report.progress.total_steps, ==, -report.progress.step);
          last_progress = report.progress.step;
        }
      done = report.kind == GW_REPORT_STATE;
    }
  g_thread_join (thread);
  g_assert_cmpint (n + atomic_load (&reports->dropped), ==, MANY);
  gw_reports_clear (reports);
  g_free (reports);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/reports/order", test_order);
  g_test_add_func ("/train/reports/full-ring", test_full_ring);
  g_test_add_func ("/train/reports/messages", test_messages);
  g_test_add_func ("/train/reports/newest-wins", test_newest_wins);
  g_test_add_func ("/train/reports/threads", test_threads);
  return g_test_run ();
}
