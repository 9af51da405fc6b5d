/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/train/run-folder.h"

#include "engine/files/event-file.h"
#include "tests/support/support.h"

#include <glib/gstdio.h>
#include <math.h>
#include <unistd.h>

static void
test_names (void)
{
  g_autofree char *beside = gw_runs_dir_beside ("/a/b/digits.gw");
  g_autofree char *other = gw_runs_dir_beside ("/a/b/digits");
  char *dir = gw_test_dir_new ();
  g_autofree char *runs = g_build_filename (dir, "x.runs", NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  GError *error = NULL;

  g_assert_cmpstr (beside, ==, "/a/b/digits.runs");
  g_assert_cmpstr (other, ==, "/a/b/digits.runs");
  first = gw_run_dir_new (runs, &error);
  g_assert_no_error (error);
  second = gw_run_dir_new (runs, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (first, !=, second);
  g_assert_true (g_file_test (first, G_FILE_TEST_IS_DIR));
  g_assert_true (g_file_test (second, G_FILE_TEST_IS_DIR));
  gw_test_dir_remove (dir);
}

static GwRunInfo *
example (void)
{
  GwRunInfo *info = gw_run_info_new ();

  info->document = g_strdup ("digits.gw");
  info->state = g_strdup ("failed");
  info->error = g_strdup ("the loss is NaN");
  info->checkpoint = g_strdup ("model.ckpt-7");
  info->device = g_strdup ("/cpu:0");
  info->version = g_strdup ("9.9.9");
  info->n_threads = 3;
  info->seed = G_MAXINT64 - 1;
  info->steps = 7;
  info->total_steps = 70;
  info->epochs = 0.25;
  info->seconds = 1.5;
  info->started = G_GINT64_CONSTANT (1772373909123456);
  info->finished = G_GINT64_CONSTANT (1772373910000000);
  gw_run_info_set_metric (info, "accuracy", 0.5);
  gw_run_info_set_metric (info, "odd", NAN);
  gw_run_info_set_metric (info, "accuracy", 0.75);
  return info;
}

static void
test_round_trip (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwRunInfo) first = example ();
  g_autoptr (GwRunInfo) info = gw_run_info_copy (first);
  g_autoptr (GwRunInfo) read = NULL;
  GError *error = NULL;

  g_assert_true (gw_run_info_write (info, dir, &error));
  g_assert_no_error (error);
  read = gw_run_info_read (dir, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->path, ==, dir);
  g_assert_cmpstr (read->document, ==, "digits.gw");
  g_assert_cmpstr (read->state, ==, "failed");
  g_assert_cmpstr (read->error, ==, "the loss is NaN");
  g_assert_cmpstr (read->checkpoint, ==, "model.ckpt-7");
  g_assert_cmpstr (read->device, ==, "/cpu:0");
  g_assert_cmpstr (read->version, ==, "9.9.9");
  g_assert_cmpint (read->n_threads, ==, 3);
  g_assert_cmpint (read->seed, ==, G_MAXINT64 - 1);
  g_assert_cmpint (read->steps, ==, 7);
  g_assert_cmpint (read->total_steps, ==, 70);
  g_assert_cmpfloat (read->epochs, ==, 0.25);
  g_assert_cmpfloat (read->seconds, ==, 1.5);
  g_assert_true (isnan (read->loss));
  g_assert_cmpint (read->started, ==, info->started);
  g_assert_cmpint (read->finished, ==, info->finished);
  g_assert_cmpint (read->metrics->len, ==, 2);
  g_assert_cmpfloat (g_array_index (read->metrics, GwRunMetric, 0).value, ==, 0.75);
  g_assert_true (isnan (g_array_index (read->metrics, GwRunMetric, 1).value));
  gw_test_dir_remove (dir);
}

/* A run that says "running" is so only while its writer lives. */
static void
test_interrupted (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwRunInfo) info = example ();
  g_autoptr (GwRunInfo) held = NULL, left = NULL;
  int lock = gw_run_lock (dir);

  g_free (info->state);
  info->state = g_strdup ("running");
  g_assert_cmpint (lock, >=, 0);
  g_assert_cmpint (gw_run_lock (dir), ==, -1);
  g_assert_true (gw_run_info_write (info, dir, NULL));
  held = gw_run_info_read (dir, NULL);
  g_assert_cmpstr (held->state, ==, "running");
  close (lock); /* as a killed program leaves it */
  left = gw_run_info_read (dir, NULL);
  g_assert_cmpstr (left->state, ==, "interrupted");
  gw_test_dir_remove (dir);
}

static void
test_damaged (void)
{
  char *dir = gw_test_dir_new ();
  GError *error = NULL;

  g_assert_null (gw_run_info_read (dir, &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, NULL);
  g_free (gw_test_write_file (dir, "run.json", "{\"state\": ", -1));
  g_assert_null (gw_run_info_read (dir, &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "run.json");
  gw_test_dir_remove (dir);
}

static void
add_run (const char *runs,
         const char *name,
         int64_t     started)
{
  g_autofree char *path = g_build_filename (runs, name, NULL);
  g_autoptr (GwRunInfo) info = example ();
  GError *error = NULL;

  g_assert_cmpint (g_mkdir (path, 0777), ==, 0);
  if (started == 0)
    return;
  info->started = started;
  g_assert_true (gw_run_info_write (info, path, &error));
  g_assert_no_error (error);
}

static void
test_list (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *foreign = g_build_filename (dir, "foreign", NULL);
  g_autofree char *missing = g_build_filename (dir, "missing", NULL);
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GPtrArray) none = gw_runs_list (missing);
  static const char *const want[] = { "new", "old", "foreign" };
  GError *error = NULL;
  GwEventWriter *writer;

  add_run (dir, "old", 1000);
  add_run (dir, "new", 2000);
  add_run (dir, "empty", 0);
  writer = gw_event_writer_new (foreign, NULL, &error); /* another program's run */
  g_assert_no_error (error);
  gw_event_writer_free (writer);
  g_free (gw_test_write_file (dir, "file", "", 0));
  runs = gw_runs_list (dir);
  g_assert_cmpint (none->len, ==, 0);
  g_assert_cmpint (runs->len, ==, G_N_ELEMENTS (want));
  for (guint i = 0; i < runs->len; i++)
    g_assert_cmpstr (((GwRunInfo *) g_ptr_array_index (runs, i))->id, ==, want[i]);
  g_assert_cmpstr (((GwRunInfo *) g_ptr_array_index (runs, 2))->state, ==, "unknown");
  gw_test_dir_remove (dir);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/run-folder/names", test_names);
  g_test_add_func ("/train/run-folder/round-trip", test_round_trip);
  g_test_add_func ("/train/run-folder/interrupted", test_interrupted);
  g_test_add_func ("/train/run-folder/damaged", test_damaged);
  g_test_add_func ("/train/run-folder/list", test_list);
  return g_test_run ();
}
