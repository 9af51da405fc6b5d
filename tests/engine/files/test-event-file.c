/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/event-file.h"

#include "engine/files/record-file.h"
#include "engine/files/summary.h"
#include "tests/engine/files/hex.h"
#include "tests/support/support.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

static double limits[] = { -1, 0, 2.5, 1e300 };
static double counts[] = { 3, 0, 7, 1 };
static GwHistogram histogram = { -2, 1e299, 11, 5.5, 60.25, 4, limits, counts };

static void
write_everything (GwEventWriter *writer)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = TRUE;

  ok &= gw_event_writer_add_graph (writer, 1, "GRAPH", 5, &error);
  ok &= gw_event_writer_add_meta_graph (writer, 2, "META", 4, &error);
  ok &= gw_event_writer_add_session_log (writer, 3, 4, GW_SESSION_START, NULL, "begin", &error);
  ok &= gw_event_writer_add_scalar (writer, 1234.5, 10, "loss", 0.25f, &error);
  ok &= gw_event_writer_add_scalar (writer, 1235.5, 20, "loss", NAN, &error);
  ok &= gw_event_writer_add_histogram (writer, 1236, 20, "layer/w", &histogram, &error);
  ok &= gw_event_writer_add_image (writer, 1237, 20, "pictures/image/0", 2, 3, 3, "PNG", 3, &error);
  ok &= gw_event_writer_add_text (writer, 1238, 20, "note", "**first**", &error);
  ok &= gw_event_writer_add_text (writer, 1239, 30, "note", "second", &error);
  ok &= gw_event_writer_add_run_metadata (writer, 1240, 30, "step30", "RUN", 3, &error);
  ok &= gw_event_writer_add_session_log (writer, 1241, -1, GW_SESSION_CHECKPOINT, "model.ckpt-30", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
next (GwEventReader *reader,
      GwEventValue  *value,
      GwEventKind    kind,
      int64_t        step,
      const char    *tag,
      const char    *plugin)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (gw_event_reader_next (reader, value, &error), ==, GW_READ_OK);
  g_assert_no_error (error);
  g_assert_cmpint (value->kind, ==, kind);
  g_assert_cmpint (value->step, ==, step);
  g_assert_cmpstr (value->tag, ==, tag);
  g_assert_cmpstr (value->plugin, ==, plugin);
}

static void
assert_histogram (const GwHistogram *got)
{
  g_assert_cmpfloat (got->min, ==, histogram.min);
  g_assert_cmpfloat (got->max, ==, histogram.max);
  g_assert_cmpfloat (got->num, ==, histogram.num);
  g_assert_cmpfloat (got->sum, ==, histogram.sum);
  g_assert_cmpfloat (got->sum_squares, ==, histogram.sum_squares);
  g_assert_cmpint (got->n_buckets, ==, 4);
  g_assert_cmpmem (got->limits, sizeof limits, limits, sizeof limits);
  g_assert_cmpmem (got->counts, sizeof counts, counts, sizeof counts);
}

static void
read_everything (GwEventReader *reader)
{
  GwEventValue value;

  next (reader, &value, GW_EVENT_FILE_VERSION, 0, "", "");
  g_assert_cmpstr (value.text, ==, "brain.Event:2");
  g_assert_cmpfloat (value.wall_time, ==, floor (value.wall_time));
  next (reader, &value, GW_EVENT_GRAPH, 0, "", "");
  g_assert_cmpmem (value.bytes, value.size, "GRAPH", 5);
  next (reader, &value, GW_EVENT_META_GRAPH, 0, "", "");
  g_assert_cmpmem (value.bytes, value.size, "META", 4);
  next (reader, &value, GW_EVENT_SESSION_LOG, 4, "", "");
  g_assert_cmpint (value.status, ==, GW_SESSION_START);
  g_assert_cmpstr (value.text, ==, "begin");
  next (reader, &value, GW_EVENT_SCALAR, 10, "loss", "scalars");
  g_assert_cmpfloat (value.scalar, ==, 0.25);
  g_assert_cmpfloat (value.wall_time, ==, 1234.5);
  next (reader, &value, GW_EVENT_SCALAR, 20, "loss", "scalars");
  g_assert_true (isnan (value.scalar));
  next (reader, &value, GW_EVENT_HISTOGRAM, 20, "layer/w", "histograms");
  assert_histogram (&value.histogram);
  next (reader, &value, GW_EVENT_IMAGE, 20, "pictures/image/0", "images");
  g_assert_cmpint (value.height, ==, 2);
  g_assert_cmpint (value.width, ==, 3);
  g_assert_cmpmem (value.bytes, value.size, "PNG", 3);
  next (reader, &value, GW_EVENT_TEXT, 20, "note", "text");
  gw_test_assert_tensor (value.tensor, "string \"**first**\"");
  next (reader, &value, GW_EVENT_TEXT, 30, "note", "text");
  gw_test_assert_tensor (value.tensor, "string \"second\"");
  next (reader, &value, GW_EVENT_RUN_METADATA, 30, "step30", "graph_tagged_run_metadata");
  g_assert_cmpmem (value.bytes, value.size, "RUN", 3);
  next (reader, &value, GW_EVENT_SESSION_LOG, -1, "", "");
  g_assert_cmpint (value.status, ==, GW_SESSION_CHECKPOINT);
  g_assert_cmpstr (value.path, ==, "model.ckpt-30");
  g_assert_cmpint (gw_event_reader_next (reader, &value, NULL), ==, GW_READ_END);
  g_assert_cmpint (gw_event_reader_n_skipped (reader), ==, 0);
}

static void
test_round_trip (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *folder = g_build_filename (dir, "run", "1", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwEventWriter) writer = gw_event_writer_new (folder, ".test", &error);
  g_autoptr (GwEventWriter) second = gw_event_writer_new (folder, ".test", &error);
  g_autoptr (GwEventReader) reader = NULL;
  g_autoptr (GPtrArray) files = NULL;
  const GPtrArray *tags;
  const GwEventTag *tag;

  g_assert_no_error (error);
  g_assert_cmpstr (gw_event_writer_path (writer), !=, gw_event_writer_path (second));
  g_assert_true (g_str_has_suffix (gw_event_writer_path (writer), ".test"));
  g_assert_true (gw_event_file_is_name (gw_event_writer_path (writer)));
  files = gw_event_files_in_folder (folder, &error);
  g_assert_cmpuint (files->len, ==, 2);
  write_everything (writer);
  g_assert_true (gw_event_writer_flush (writer, &error));
  reader = gw_event_reader_open (gw_event_writer_path (writer), &error);
  g_assert_no_error (error);
  read_everything (reader);
  tags = gw_event_reader_tags (reader);
  g_assert_cmpuint (tags->len, ==, 5);
  tag = g_ptr_array_index (tags, 1);
  g_assert_cmpstr (tag->tag, ==, "loss");
  g_assert_cmpstr (tag->plugin, ==, "scalars");
  g_assert_cmpint (tag->kind, ==, GW_EVENT_SCALAR);
  g_assert_cmpint (tag->count, ==, 2);
  g_assert_cmpint (tag->first_step, ==, 10);
  g_assert_cmpint (tag->last_step, ==, 20);
  g_assert_cmpfloat (tag->last_wall_time, ==, 1235.5);
  gw_test_dir_remove (dir);
}

/* The file begins as TensorFlow's does: field 1, a double, then field 3. */
static void
test_first_record (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwEventWriter) writer = gw_event_writer_new (dir, NULL, NULL);
  g_autoptr (GwRecordReader) records =
    gw_record_reader_new (gw_input_open (gw_event_writer_path (writer), GW_INPUT_PLAIN, NULL), GW_RECORD_DEFAULT);
  const guint8 *payload;
  size_t size;

  g_assert_cmpint (gw_record_reader_next (records, &payload, &size, NULL), ==, GW_READ_OK);
  g_assert_cmpuint (size, ==, 9 + 15);
  g_assert_cmphex (payload[0], ==, 0x09);
  g_assert_cmpmem (payload + 9, 15, "\x1a\x0d" "brain.Event:2", 15);
  g_assert_cmpint (gw_record_reader_next (records, &payload, &size, NULL), ==, GW_READ_END);
  gw_test_dir_remove (dir);
}

/* A tag's metadata goes into the file once. */
static void
test_metadata_once (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwEventWriter) writer = gw_event_writer_new (dir, NULL, NULL);
  g_autofree char *text = NULL;
  gsize length;
  int n = 0;

  for (int i = 0; i < 5; i++)
    {
      g_autoptr (GByteArray) summary = g_byte_array_new ();

      gw_summary_add_text (summary, "note", "x");
      gw_summary_add_scalar (summary, "loss", (float) i);
      g_assert_true (gw_event_writer_add_summary (writer, i, i, summary->data, summary->len, NULL));
    }
  g_assert_true (gw_event_writer_flush (writer, NULL));
  g_assert_true (g_file_get_contents (gw_event_writer_path (writer), &text, &length, NULL));
  for (char *at = text; (at = memmem (at, length - (gsize) (at - text), "text", 4)) != NULL; at++)
    n++;
  g_assert_cmpint (n, ==, 1);
  gw_test_dir_remove (dir);
}

static void
test_bad_summary (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwEventWriter) writer = gw_event_writer_new (dir, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (gw_event_writer_add_summary (writer, 0, 0, "\x0a\x50", 2, &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, NULL);
  gw_test_dir_remove (dir);
}

/* A reader beside the writer sees what was flushed, and goes on. */
static void
test_tail (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwEventWriter) writer = gw_event_writer_new (dir, NULL, NULL);
  g_autoptr (GwEventReader) reader = gw_event_reader_open (gw_event_writer_path (writer), NULL);
  GwEventValue value;

  next (reader, &value, GW_EVENT_FILE_VERSION, 0, "", "");
  for (int i = 0; i < 20; i++)
    {
      g_assert_cmpint (gw_event_reader_next (reader, &value, NULL), ==, GW_READ_END);
      g_assert_true (gw_event_writer_add_scalar (writer, i, i, "x", (float) i, NULL));
      g_assert_cmpint (gw_event_reader_next (reader, &value, NULL), ==, GW_READ_END);
      g_assert_true (gw_event_writer_flush (writer, NULL));
      next (reader, &value, GW_EVENT_SCALAR, i, "x", "scalars");
    }
  gw_test_dir_remove (dir);
}

/* The file stays whole when the disk is full, and nothing queued is lost. */
static void
test_full_disk (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwEventWriter) writer = gw_event_writer_new (dir, NULL, NULL);
  g_autoptr (GwEventReader) reader = gw_event_reader_open (gw_event_writer_path (writer), NULL);
  g_autofree char *large = g_malloc0 (3 << 20);
  g_autoptr (GError) error = NULL;
  struct rlimit before, limit;
  GwEventValue value;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  signal (SIGXFSZ, SIG_IGN);
  limit = before;
  limit.rlim_cur = 100000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  for (int i = 0; i < 5000; i++)
    g_assert_true (gw_event_writer_add_scalar (writer, i, i, "value", (float) i, NULL));
  g_assert_false (gw_event_writer_flush (writer, &error));
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, gw_event_writer_path (writer));
  g_assert_false (gw_event_writer_add_graph (writer, 0, large, 3 << 20, &error));
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, NULL);
  while (gw_event_reader_next (reader, &value, &error) == GW_READ_OK)
    ;
  g_assert_no_error (error);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_true (gw_event_writer_add_graph (writer, 0, large, 3 << 20, &error));
  g_assert_no_error (error);
  g_clear_pointer (&reader, gw_event_reader_free);
  reader = gw_event_reader_open (gw_event_writer_path (writer), NULL);
  next (reader, &value, GW_EVENT_FILE_VERSION, 0, "", "");
  for (int i = 0; i < 5000; i++)
    next (reader, &value, GW_EVENT_SCALAR, i, "value", "scalars");
  next (reader, &value, GW_EVENT_GRAPH, 0, "", "");
  g_assert_cmpuint (value.size, ==, 3 << 20);
  gw_test_dir_remove (dir);
}

/* A full queue refuses what is new, and takes it again when the disk has room. */
static void
test_full_queue (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GwEventWriter) writer = gw_event_writer_new (dir, NULL, NULL);
  g_autofree char *block = g_malloc0 (1000000);
  g_autoptr (GError) error = NULL;
  struct rlimit before, limit;
  int n = 0;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  signal (SIGXFSZ, SIG_IGN);
  limit = before;
  limit.rlim_cur = 50;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  while (gw_event_writer_add_graph (writer, n, block, 1000000, &error))
    g_assert_cmpint (++n, <, 100);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, NULL);
  g_assert_cmpint (n, ==, 16);
  g_assert_true (gw_event_writer_add_graph (writer, n, block, 1000000, &error));
  gw_test_dir_remove (dir);
}

/* Written by TensorFlow 2.15's tf.summary: everything is a tensor there. */
static void
test_new_style (void)
{
  g_autofree char *path = g_build_filename (GW_DATA_DIR, "tensorflow2.tfevents", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwEventReader) reader = gw_event_reader_open (path, &error);
  GwEventValue value;

  g_assert_no_error (error);
  next (reader, &value, GW_EVENT_FILE_VERSION, 0, "", "");
  for (int i = 0; i < 3; i++)
    {
      next (reader, &value, GW_EVENT_SCALAR, i, "loss", "scalars");
      g_assert_cmpfloat (value.scalar, ==, 1.5 - i);
    }
  next (reader, &value, GW_EVENT_HISTOGRAM, 1, "h", "histograms");
  g_assert_cmpint (value.histogram.n_buckets, ==, 4);
  g_assert_cmpfloat (value.histogram.min, ==, 1);
  g_assert_cmpfloat (value.histogram.max, ==, 4);
  g_assert_cmpfloat (value.histogram.num, ==, 4);
  g_assert_cmpfloat (value.histogram.limits[0], ==, 1.75);
  for (int i = 0; i < 2; i++)
    {
      next (reader, &value, GW_EVENT_IMAGE, 2, "pic", "images");
      g_assert_cmpint (value.index, ==, i);
      g_assert_cmpint (value.width, ==, 3);
      g_assert_cmpint (value.height, ==, 2);
      g_assert_cmpmem (value.bytes, 4, "\x89PNG", 4);
    }
  next (reader, &value, GW_EVENT_TEXT, 2, "note", "text");
  gw_test_assert_tensor (value.tensor, "string \"hello **w**\"");
  next (reader, &value, GW_EVENT_AUDIO, 2, "tone", "audio");
  g_assert_cmpmem (value.bytes, 4, "RIFF", 4);
  next (reader, &value, GW_EVENT_TENSOR, 3, "other", "");
  gw_test_assert_tensor (value.tensor, "[[1, 2]]");
  g_assert_cmpint (gw_event_reader_next (reader, &value, &error), ==, GW_READ_END);
  g_assert_cmpint (((GwEventTag *) g_ptr_array_index (gw_event_reader_tags (reader), 4))->count, ==, 1);
}

/* An event that is framed well and not understood is left out; others go on. */
static void
test_skipped (void)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GwEventReader) reader = NULL;
  /* garbage; a histogram with more limits than counts; unknown fields; a scalar */
  static const char *const events[] = {
    "0a7f00", "2a110a0f0a01682a0a3208000000000000f03f", "a20603616263a8062a", "10052a0a0a080a0161150000c03f",
  };
  GwEventValue value;

  for (gsize i = 0; i < G_N_ELEMENTS (events); i++)
    {
      g_autoptr (GBytes) payload = hex_bytes (events[i]);
      gsize size = g_bytes_get_size (payload);
      guint start = file->len;

      g_byte_array_set_size (file, start + GW_RECORD_HEADER + (guint) size + GW_RECORD_FOOTER);
      memcpy (file->data + start + GW_RECORD_HEADER, g_bytes_get_data (payload, NULL), size);
      gw_record_frame (file->data + start, size);
    }
  reader = gw_event_reader_new (gw_input_new_memory (file->data, file->len, "memory", GW_INPUT_PLAIN));
  next (reader, &value, GW_EVENT_OTHER, 0, "", "");
  next (reader, &value, GW_EVENT_SCALAR, 5, "a", "scalars");
  g_assert_cmpint (gw_event_reader_next (reader, &value, NULL), ==, GW_READ_END);
  g_assert_cmpint (gw_event_reader_n_skipped (reader), ==, 2);
}

static void
test_missing_folder (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gw_event_files_in_folder ("/nonexistent/folder", &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, "/nonexistent/folder");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/event-file/round-trip", test_round_trip);
  g_test_add_func ("/files/event-file/first-record", test_first_record);
  g_test_add_func ("/files/event-file/metadata-once", test_metadata_once);
  g_test_add_func ("/files/event-file/bad-summary", test_bad_summary);
  g_test_add_func ("/files/event-file/tail", test_tail);
  g_test_add_func ("/files/event-file/full-disk", test_full_disk);
  g_test_add_func ("/files/event-file/full-queue", test_full_queue);
  g_test_add_func ("/files/event-file/new-style", test_new_style);
  g_test_add_func ("/files/event-file/skipped", test_skipped);
  g_test_add_func ("/files/event-file/missing-folder", test_missing_folder);
  return g_test_run ();
}
