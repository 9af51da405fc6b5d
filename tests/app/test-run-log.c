/* SPDX-License-Identifier: Apache-2.0 */
/* Runs as the Board reads them: event files written by the engine come back by tag, in
 * batches and while they grow; the list of runs keeps names, colours and visibility. */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "app/model/run-log-facts.h"
#include "app/model/run-log-list.h"
#include "app/model/run-notes.h"
#include "app/model/run-log-reader.h"
#include "engine/files/summary.h"
#include "tests/support/support.h"

#define PATIENCE (20 * G_TIME_SPAN_SECOND)

/* Runs the main loop until `condition` holds. */
#define wait_until(condition)                                       \
  G_STMT_START                                                      \
  {                                                                 \
    gint64 end = g_get_monotonic_time () + PATIENCE;                \
    while (!(condition) && g_get_monotonic_time () < end)           \
      {                                                             \
        if (!g_main_context_iteration (NULL, FALSE))                \
          g_usleep (1000);                                          \
      }                                                             \
    g_assert_true (condition);                                      \
  }                                                                 \
  G_STMT_END

static GwEventWriter *
writer_in (const char *dir,
           const char *suffix)
{
  g_autoptr (GError) error = NULL;
  GwEventWriter *writer = gw_event_writer_new (dir, suffix, &error);

  g_assert_no_error (error);
  return writer;
}

static void
add_points (GwEventWriter *writer,
            const char    *tag,
            int            first,
            int            last)
{
  for (int step = first; step <= last; step++)
    g_assert_true (gw_event_writer_add_scalar (writer, 1000 + step, step, tag, (float) (step * 0.5), NULL));
  g_assert_true (gw_event_writer_flush (writer, NULL));
}

static void
add_histogram (GwEventWriter *writer,
               int            step,
               const char    *tag)
{
  g_autoptr (GwTensor) tensor = gw_test_tensor ("float32 [-1, 0.5, 0.5, 2]");
  g_autoptr (GwHistogram) histogram = gw_histogram_new (tensor, tag, NULL);

  g_assert_true (gw_event_writer_add_histogram (writer, 1000 + step, step, tag, histogram, NULL));
}

static GwRunLog *
log_of (const char *dir)
{
  GwRunInfo *info = gw_run_info_new ();

  info->path = g_strdup (dir);
  info->id = g_path_get_basename (dir);
  info->state = g_strdup ("unknown");
  return gw_run_log_new (info, NULL);
}

static const GwRunData *
find (GwRunLog     *log,
      GwRunDataKind kind,
      const char   *tag)
{
  const GwRunData *data = gw_run_log_find (log, kind, tag);

  g_assert_nonnull (data);
  return data;
}

/* ---- the reader ---- */

static void
test_kinds (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwEventWriter) writer = writer_in (dir, NULL);
  g_autoptr (GwRunLog) log = log_of (dir);
  const GwRunData *data;
  const GwRunSample *sample;

  add_points (writer, "loss", 1, 10);
  add_histogram (writer, 5, "kernel");
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *tag = g_strdup_printf ("samples/image/%d", i);

      gw_event_writer_add_image (writer, 1005, 5, tag, 2, 2, 1, "png", 3, NULL);
    }
  gw_event_writer_add_image (writer, 1006, 6, "one/image", 2, 2, 1, "pn", 2, NULL);
  gw_event_writer_add_text (writer, 1007, 7, "says", "ab\ncd", NULL);
  gw_event_writer_flush (writer, NULL);

  g_assert_cmpuint (gw_run_log_get_data (log)->len, ==, 0);
  gw_run_log_read (log);
  wait_until (!gw_run_log_is_reading (log));
  g_assert_cmpuint (gw_run_log_get_data (log)->len, ==, 5);
  g_assert_null (gw_run_log_get_warning (log));

  data = find (log, GW_RUN_SCALAR, "loss");
  g_assert_cmpuint (data->n_points, ==, 10);
  g_assert_cmpfloat (data->points[9].step, ==, 10);
  g_assert_cmpfloat (data->points[9].wall, ==, 1010);
  g_assert_cmpfloat (data->points[9].value, ==, 5);

  sample = find (log, GW_RUN_HISTOGRAM, "kernel")->samples->pdata[0];
  g_assert_cmpfloat (sample->histogram->num, ==, 4);
  g_assert_cmpfloat (sample->histogram->min, ==, -1);

  data = find (log, GW_RUN_IMAGE, "samples");
  g_assert_cmpuint (data->samples->len, ==, 1);
  sample = data->samples->pdata[0];
  g_assert_cmpuint (sample->pictures->len, ==, 3);
  g_assert_cmpuint (g_bytes_get_size (sample->pictures->pdata[2]), ==, 3);
  sample = find (log, GW_RUN_IMAGE, "one")->samples->pdata[0];
  g_assert_cmpuint (g_bytes_get_size (sample->pictures->pdata[0]), ==, 2);

  sample = find (log, GW_RUN_TEXT, "says")->samples->pdata[0];
  g_assert_cmpstr (sample->text, ==, "ab\ncd");
  gw_test_dir_remove (dir);
}

static void
test_grows (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwEventWriter) writer = writer_in (dir, NULL);
  g_autoptr (GwEventWriter) second = NULL;
  g_autoptr (GwRunLog) log = log_of (dir);

  add_points (writer, "loss", 1, 100);
  gw_run_log_read (log);
  wait_until (gw_run_log_find (log, GW_RUN_SCALAR, "loss") != NULL);
  g_assert_cmpuint (find (log, GW_RUN_SCALAR, "loss")->n_points, ==, 100);
  add_points (writer, "loss", 101, 250);
  wait_until (find (log, GW_RUN_SCALAR, "loss")->n_points == 250);
  g_assert_cmpuint (find (log, GW_RUN_SCALAR, "loss")->resets, ==, 0);
  /* A second file of the folder goes on after the first. */
  second = writer_in (dir, ".2");
  add_points (second, "loss", 251, 300);
  wait_until (find (log, GW_RUN_SCALAR, "loss")->n_points == 300);
  for (int i = 0; i < 300; i++)
    g_assert_cmpfloat (find (log, GW_RUN_SCALAR, "loss")->points[i].step, ==, i + 1);
  gw_test_dir_remove (dir);
}

/* TensorBoard's rule: START at a step makes what came at that step or later void. */
static void
test_restart (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwEventWriter) writer = writer_in (dir, NULL);
  g_autoptr (GwRunLog) log = log_of (dir);
  const GwRunData *data;

  add_points (writer, "loss", 1, 50);
  add_histogram (writer, 20, "kernel");
  add_histogram (writer, 40, "kernel");
  gw_event_writer_add_session_log (writer, 2000, 31, GW_SESSION_START, NULL, NULL, NULL);
  add_points (writer, "loss", 31, 35);
  gw_run_log_read (log);
  wait_until (!gw_run_log_is_reading (log));
  data = find (log, GW_RUN_SCALAR, "loss");
  g_assert_cmpuint (data->n_points, ==, 35);
  g_assert_cmpfloat (data->points[29].step, ==, 30);
  g_assert_cmpfloat (data->points[30].step, ==, 31);
  g_assert_cmpuint (data->resets, >, 0);
  g_assert_cmpuint (find (log, GW_RUN_HISTOGRAM, "kernel")->samples->len, ==, 1);
  gw_test_dir_remove (dir);
}

static void
test_batches (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwEventWriter) writer = writer_in (dir, NULL);
  g_autoptr (GwRunLogReader) reader = gw_run_log_reader_new (dir);
  gsize n = 0;
  int n_batches = 0;
  gboolean more = TRUE;

  add_points (writer, "loss", 1, 50000);
  while (more)
    {
      g_autoptr (GwRunBatch) batch = gw_run_log_reader_next (reader);

      g_assert_cmpuint (batch->data->len, <=, 1);
      if (batch->data->len > 0)
        {
          g_assert_cmpuint (((GwRunData *) batch->data->pdata[0])->n_points, <=, 8192);
          n += ((GwRunData *) batch->data->pdata[0])->n_points;
        }
      more = batch->more;
      n_batches++;
    }
  g_assert_cmpuint (n, ==, 50000);
  g_assert_cmpint (n_batches, >=, 6);
  gw_test_dir_remove (dir);
}

static void
test_damage (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwEventWriter) writer = writer_in (dir, NULL);
  g_autoptr (GwRunLog) log = log_of (dir);
  g_autofree char *path = g_strdup (gw_event_writer_path (writer));
  g_autofree char *bytes = NULL;
  gsize size;

  add_points (writer, "loss", 1, 100);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  bytes[size / 2] ^= 0x55;
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
  gw_run_log_read (log);
  wait_until (!gw_run_log_is_reading (log));
  g_assert_nonnull (gw_run_log_get_warning (log));
  g_assert_cmpuint (find (log, GW_RUN_SCALAR, "loss")->n_points, >, 10);
  g_assert_cmpuint (find (log, GW_RUN_SCALAR, "loss")->n_points, <, 100);
  gw_test_dir_remove (dir);
}

/* Of many samples few are kept, evenly, with the first and the newest. */
static void
test_thinning (void)
{
  g_autoptr (GwRunData) data = gw_run_data_new (GW_RUN_TEXT, "t");
  double gap, largest = 0, smallest = INFINITY;

  for (int i = 0; i < 3001; i++)
    {
      GwRunSample *sample = gw_run_sample_new (i, i);

      sample->text = g_strdup ("x");
      gw_run_data_add_sample (data, sample);
      g_assert_cmpuint (data->samples->len, <=, gw_run_data_limit (GW_RUN_TEXT));
      g_assert_cmpfloat (((GwRunSample *) data->samples->pdata[data->samples->len - 1])->step, ==, i);
    }
  g_assert_cmpint (data->n_seen, ==, 3001);
  g_assert_cmpuint (data->samples->len, >=, gw_run_data_limit (GW_RUN_TEXT) / 2);
  g_assert_cmpfloat (((GwRunSample *) data->samples->pdata[0])->step, ==, 0);
  for (guint i = 1; i + 1 < data->samples->len; i++)
    {
      gap = ((GwRunSample *) data->samples->pdata[i])->step - ((GwRunSample *) data->samples->pdata[i - 1])->step;
      largest = MAX (largest, gap);
      smallest = MIN (smallest, gap);
    }
  g_assert_cmpfloat (largest, ==, smallest);
}

/* ---- the list ---- */

static char *
make_run (const char *runs_dir,
          const char *id,
          int         steps)
{
  char *dir = g_build_filename (runs_dir, id, NULL);
  g_autoptr (GwRunInfo) info = gw_run_info_new ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (dir, 0700), ==, 0);
  info->state = g_strdup ("done");
  info->steps = steps;
  gw_run_info_set_metric (info, "accuracy", 0.9);
  gw_run_info_write (info, dir, &error);
  g_assert_no_error (error);
  return dir;
}

static GwRunLogList *
list_of (const char *runs_dir)
{
  GwRunLogList *list = gw_run_log_list_new ();

  gw_run_log_list_set_dir (list, runs_dir);
  wait_until (gw_run_log_list_is_ready (list));
  return list;
}

static void
test_list (void)
{
  char *runs = gw_test_dir_new ();
  g_autofree char *first = make_run (runs, "2026-03-01_14-05-09", 100);
  g_autofree char *second = make_run (runs, "2026-03-02_08-00-00_2", 200);
  g_autofree char *third = NULL;
  g_autofree char *kept = g_build_filename (runs, GW_RUNS_FILE, NULL);
  GwRunLogList *list = list_of (runs);
  GwRunLog *log;

  g_assert_cmpuint (gw_run_log_list_get_n (list), ==, 2);
  log = gw_run_log_list_get (list, 0);
  g_assert_cmpstr (gw_run_log_get_info (log)->path, ==, second);
  g_assert_cmpint (gw_run_log_get_info (log)->steps, ==, 200);
  g_assert_cmpstr (gw_run_log_get_name (log), ==, "2 Mar 2026, 08:00:00 (2)");
  g_assert_cmpuint (gw_run_log_get_color (log), ==, 1); /* the older run came first */
  g_assert_true (gw_run_log_get_visible (log));
  gw_run_log_set_name (log, " mine ");
  gw_run_log_set_visible (log, FALSE);
  third = make_run (runs, "2026-03-03_08-00-00", 300);
  wait_until (gw_run_log_list_get_n (list) == 3);
  g_assert_true (gw_run_log_list_get (list, 1) == log);
  g_assert_cmpuint (gw_run_log_get_color (gw_run_log_list_get (list, 0)), ==, 2);
  wait_until (g_file_test (kept, G_FILE_TEST_EXISTS));
  g_object_unref (list);

  list = list_of (runs);
  log = gw_run_log_list_find (list, second);
  g_assert_cmpstr (gw_run_log_get_name (log), ==, "mine");
  g_assert_false (gw_run_log_get_visible (log));
  g_assert_cmpuint (gw_run_log_get_color (log), ==, 1);
  g_assert_cmpuint (gw_run_log_get_color (gw_run_log_list_find (list, third)), ==, 2);
  g_object_unref (list);
  gw_test_dir_remove (runs);
}

static void
test_remove (void)
{
  char *runs = gw_test_dir_new ();
  g_autofree char *first = make_run (runs, "a", 100);
  g_autofree char *second = make_run (runs, "b", 200);
  g_autoptr (GwRunLogList) list = list_of (runs);
  g_autoptr (GwRunLog) log = g_object_ref (gw_run_log_list_find (list, second));
  g_autofree char *other = NULL;

  gw_run_log_list_remove (list, log);
  g_assert_cmpuint (gw_run_log_list_get_n (list), ==, 1);
  /* A new look at the folder does not bring it back, Undo does. */
  other = make_run (runs, "c", 1);
  wait_until (gw_run_log_list_get_n (list) == 2);
  g_assert_null (gw_run_log_list_find (list, second));
  gw_run_log_list_restore (list, log);
  g_assert_cmpuint (gw_run_log_list_get_n (list), ==, 3);
  g_assert_true (gw_run_log_list_find (list, second) == log);
  g_assert_true (g_file_test (second, G_FILE_TEST_IS_DIR));
  gw_test_dir_remove (runs);
}

typedef struct {
  int      n;
  GError  *error;
  gboolean done;
} Opened;

static void
opened (GObject      *list,
        GAsyncResult *result,
        gpointer      data)
{
  Opened *answer = data;

  answer->n = gw_run_log_list_open_finish (GW_RUN_LOG_LIST (list), result, &answer->error);
  answer->done = TRUE;
}

static void
test_open (void)
{
  char *dir = gw_test_dir_new (), *empty = gw_test_dir_new ();
  g_autofree char *deep = g_build_filename (dir, "x", "train", NULL);
  g_autoptr (GwEventWriter) top = writer_in (dir, NULL);
  g_autoptr (GwEventWriter) below = writer_in (deep, NULL);
  g_autoptr (GwRunLogList) list = gw_run_log_list_new ();
  g_autoptr (GFile) file = g_file_new_for_path (dir), none = g_file_new_for_path (empty);
  Opened answer = { 0 }, again = { 0 }, nothing = { 0 };

  gw_run_log_list_open_async (list, file, opened, &answer);
  wait_until (answer.done);
  g_assert_cmpint (answer.n, ==, 2);
  g_assert_cmpuint (gw_run_log_list_get_n (list), ==, 2);
  g_assert_cmpstr (gw_run_log_get_name (gw_run_log_list_find (list, deep)), ==, "x/train");
  gw_run_log_list_open_async (list, file, opened, &again);
  wait_until (again.done);
  g_assert_cmpint (again.n, ==, 0);
  gw_run_log_list_open_async (list, none, opened, &nothing);
  wait_until (nothing.done);
  g_assert_cmpint (nothing.n, ==, -1);
  gw_test_assert_error (&nothing.error, GW_ERROR_NOT_FOUND, "no event files");
  /* Deleting only forgets it. */
  gw_run_log_list_delete (list, gw_run_log_list_find (list, deep));
  g_assert_cmpuint (gw_run_log_list_get_n (list), ==, 1);
  g_assert_true (g_file_test (deep, G_FILE_TEST_IS_DIR));
  gw_test_dir_remove (dir);
  gw_test_dir_remove (empty);
}

/* ---- the run that trains ---- */

static const char training[] =
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
  "\"training\":{\"targets\":[6],\"loss\":5,\"metrics\":[7],\"attrs\":{\"epochs\":20,\"histograms_every\":20,\"seed\":1}}}";

/* The curves come from memory, all points and each once; histograms from the files. */
static void
test_live (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *runs = g_build_filename (dir, "doc.runs", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = gw_document_from_json (training, strlen (training), &error);
  g_autoptr (GwRunLogList) list = gw_run_log_list_new ();
  g_autoptr (GwRun) run = gw_run_new ();
  const GwRunCurve *curve;
  const GwRunData *data;
  GwRunLog *log;

  g_assert_no_error (error);
  gw_run_log_list_set_dir (list, runs);
  gw_run_log_list_set_run (list, run);
  gw_run_start (run, document, runs, GW_RUN_TRAIN);
  wait_until (gw_run_log_list_get_n (list) == 1);
  log = gw_run_log_list_get (list, 0);
  gw_run_log_read (log);
  wait_until (gw_run_get_state (run) == GW_RUN_DONE);
  curve = g_ptr_array_index (gw_run_get_curves (run), 0);
  g_assert_cmpstr (curve->tag, ==, "loss");
  g_assert_cmpuint (curve->points->len, >, 50);
  data = find (log, GW_RUN_SCALAR, "loss");
  g_assert_cmpuint (data->n_points, ==, curve->points->len);
  g_assert_cmpmem (data->points, data->n_points * sizeof (GwRunPoint), curve->points->data,
                   curve->points->len * sizeof (GwRunPoint));
  g_assert_cmpint (gw_run_log_get_info (log)->steps, ==, gw_run_get_progress (run)->step);
  g_assert_cmpstr (gw_run_log_get_info (log)->state, ==, "done");
  g_assert_false (gw_run_log_is_live (log));
  /* The files are written a moment later and add no second copy. */
  wait_until (gw_run_log_find (log, GW_RUN_HISTOGRAM, "hidden/kernel") != NULL);
  wait_until (!gw_run_log_is_reading (log));
  g_assert_cmpuint (data->n_points, ==, curve->points->len);
  gw_run_close (run);
  wait_until (gw_run_get_document (run) == NULL);
  gw_test_dir_remove (dir);
}

/* ---- facts ---- */

static const GwRunDifference *
difference (const GPtrArray *list,
            const char      *where,
            const char      *what)
{
  for (guint i = 0; i < list->len; i++)
    {
      const GwRunDifference *one = list->pdata[i];

      if (strcmp (one->where, where) == 0 && strcmp (one->what, what) == 0)
        return one;
    }
  return NULL;
}

static void
test_differences (void)
{
  g_autoptr (GwDocument) mine = gw_document_new ();
  g_autoptr (GwDocument) theirs = NULL;
  g_autoptr (GwEdit) dense = NULL, units = NULL, relu = NULL;
  g_autoptr (GPtrArray) list = NULL, same = NULL;
  const GwRunDifference *one;
  int64_t id, other;

  dense = gw_edit_add_node (mine, gw_registry_find ("Dense"), 0, 0, &id);
  gw_document_apply (mine, dense);
  theirs = gw_document_copy (mine);
  same = gw_document_differences (mine, theirs);
  g_assert_cmpuint (same->len, ==, 0);
  units = gw_edit_set_attr (theirs, id, "units", "77", NULL);
  gw_document_apply (theirs, units);
  relu = gw_edit_add_node (theirs, gw_registry_find ("Relu"), 0, 0, &other);
  gw_document_apply (theirs, relu);
  list = gw_document_differences (mine, theirs);
  g_assert_cmpuint (list->len, ==, 2);
  one = difference (list, gw_document_node (mine, id)->name, "units");
  g_assert_nonnull (one);
  g_assert_cmpstr (one->theirs, ==, "77");
  g_assert_cmpstr (one->mine, !=, "77");
  one = difference (list, gw_document_node (theirs, other)->name, "");
  g_assert_nonnull (one);
  g_assert_cmpstr (one->mine, ==, "–");
}

int
main (int   argc,
      char *argv[])
{
  g_setenv ("TZ", "UTC", TRUE);
  g_setenv ("LC_ALL", "C", TRUE);
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  g_test_add_func ("/run-log/kinds", test_kinds);
  g_test_add_func ("/run-log/grows", test_grows);
  g_test_add_func ("/run-log/restart", test_restart);
  g_test_add_func ("/run-log/batches", test_batches);
  g_test_add_func ("/run-log/damage", test_damage);
  g_test_add_func ("/run-log/thinning", test_thinning);
  g_test_add_func ("/run-log-list/list", test_list);
  g_test_add_func ("/run-log-list/remove", test_remove);
  g_test_add_func ("/run-log-list/open", test_open);
  g_test_add_func ("/run-log-list/live", test_live);
  g_test_add_func ("/run-log-facts/differences", test_differences);
  return g_test_run ();
}
