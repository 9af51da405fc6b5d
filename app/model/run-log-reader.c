/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/run-log-reader.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define BATCH_VALUES 8192
#define BATCH_BYTES ((gsize) 8 << 20)
#define LARGEST_PICTURE ((gsize) 16 << 20)
#define LONGEST_TEXT ((gsize) 64 << 10)
#define MOST_PICTURES 64
#define QUIET_SECONDS 120

typedef struct {
  char          *path;
  GwEventReader *events;  /* NULL = not opened, done or given up */
  gboolean       done;    /* nothing more is expected: another file follows it, it has not been
                           * written for a while, or it cannot be read */
  goffset        size;    /* when it was done */
} File;

struct _GwRunLogReader {
  char      *folder;
  GPtrArray *files;       /* of File, in the order in which they are read */
  guint      current;     /* the one being read */
  double     restart;     /* seen at the end of the batch before; NaN = none */
};

/* A batch while it is filled. */
typedef struct {
  GwRunBatch *batch;
  GHashTable *tags[GW_RUN_N_KINDS]; /* tag → GwRunData in the batch */
  int         n_values;
  gsize       n_bytes;
} Filling;

static void
file_free (gpointer data)
{
  File *file = data;

  g_free (file->path);
  gw_event_reader_free (file->events);
  g_free (file);
}

GwRunLogReader *
gw_run_log_reader_new (const char *folder)
{
  GwRunLogReader *reader = g_new0 (GwRunLogReader, 1);

  reader->folder = g_strdup (folder);
  reader->files = g_ptr_array_new_with_free_func (file_free);
  reader->restart = NAN;
  return reader;
}

void
gw_run_log_reader_free (GwRunLogReader *reader)
{
  if (reader == NULL)
    return;
  g_free (reader->folder);
  g_ptr_array_unref (reader->files);
  g_free (reader);
}

void
gw_run_batch_free (GwRunBatch *batch)
{
  if (batch == NULL)
    return;
  g_ptr_array_unref (batch->data);
  g_ptr_array_unref (batch->warnings);
  g_free (batch);
}

gboolean
gw_run_batch_is_empty (const GwRunBatch *batch)
{
  return batch->data->len == 0 && batch->warnings->len == 0 && isnan (batch->restart);
}

static GwRunData *
data_of (Filling      *filling,
         GwRunDataKind kind,
         const char   *tag)
{
  GwRunData *data = g_hash_table_lookup (filling->tags[kind], tag);

  if (data != NULL)
    return data;
  data = gw_run_data_new (kind, tag);
  g_hash_table_insert (filling->tags[kind], data->tag, data);
  g_ptr_array_add (filling->batch->data, data);
  return data;
}

static void
warn_take (GwRunBatch *batch,
           char       *text)
{
  if (batch->warnings->len < 8)
    g_ptr_array_add (batch->warnings, text);
  else
    g_free (text);
}

/* ---- values ---- */

static void
add_scalar (Filling            *filling,
            const GwEventValue *value)
{
  GwRunPoint point = { (double) value->step, value->wall_time, value->scalar };

  if (!gw_run_data_add_points (data_of (filling, GW_RUN_SCALAR, value->tag), &point, 1))
    warn_take (filling->batch, g_strdup_printf ("%s: not enough memory for all points", value->tag));
}

/* Splits "samples/image/3", as TensorFlow 1 names them, into "samples" and 3. */
static char *
picture_tag (const char *tag,
             int        *index)
{
  const char *end = strrchr (tag, '/');
  gsize length = strlen (tag);

  if (g_str_has_suffix (tag, "/image") && length > 6)
    return g_strndup (tag, length - 6);
  if (end == NULL || end - tag <= 6 || strncmp (end - 6, "/image", 6) != 0 || end[1] == 0 ||
      strspn (end + 1, "0123456789") != strlen (end + 1))
    return g_strdup (tag);
  *index = (int) MIN (g_ascii_strtoull (end + 1, NULL, 10), MOST_PICTURES);
  return g_strndup (tag, (gsize) (end - 6 - tag));
}

static void
bytes_clear (gpointer data)
{
  if (data != NULL)
    g_bytes_unref (data);
}

static void
add_picture (Filling            *filling,
             const GwEventValue *value)
{
  int index = value->index;
  g_autofree char *tag = picture_tag (value->tag, &index);
  GwRunSample *sample;
  gpointer copy;

  if (index < 0 || index >= MOST_PICTURES)
    return;
  copy = value->size <= LARGEST_PICTURE ? g_try_malloc (MAX (value->size, 1)) : NULL;
  if (copy == NULL)
    {
      warn_take (filling->batch, g_strdup_printf ("%s: a picture of step %" G_GINT64_FORMAT " is too large to be shown",
                                                  tag, value->step));
      return;
    }
  memcpy (copy, value->bytes, value->size);
  filling->n_bytes += value->size;
  sample = gw_run_sample_new ((double) value->step, value->wall_time);
  sample->pictures = g_ptr_array_new_with_free_func (bytes_clear);
  g_ptr_array_set_size (sample->pictures, index + 1);
  sample->pictures->pdata[index] = g_bytes_new_take (copy, value->size);
  gw_run_data_add_sample (data_of (filling, GW_RUN_IMAGE, tag), sample);
}

static void
append_text (GString        *text,
             const GwString *string)
{
  gsize room = text->len < LONGEST_TEXT ? LONGEST_TEXT - text->len : 0;

  if (text->len > 0 && room > 0)
    g_string_append_c (text, '\n');
  g_string_append_len (text, string->data, (gssize) MIN ((gsize) string->length, room));
}

static void
add_text (Filling            *filling,
          const GwEventValue *value)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GwRunSample *sample = gw_run_sample_new ((double) value->step, value->wall_time);

  for (int64_t i = 0; i < value->tensor->elements && text->len < LONGEST_TEXT; i++)
    append_text (text, gw_tensor_get_string (value->tensor, i));
  sample->text = g_utf8_make_valid (text->str, (gssize) text->len);
  filling->n_bytes += text->len;
  gw_run_data_add_sample (data_of (filling, GW_RUN_TEXT, value->tag), sample);
}

static void
add_histogram (Filling            *filling,
               const GwEventValue *value)
{
  GwRunSample *sample = gw_run_sample_new ((double) value->step, value->wall_time);

  sample->histogram = gw_histogram_copy (&value->histogram);
  filling->n_bytes += (gsize) value->histogram.n_buckets * 2 * sizeof (double);
  gw_run_data_add_sample (data_of (filling, GW_RUN_HISTOGRAM, value->tag), sample);
}

/* FALSE when the batch ends here. */
static gboolean
add_value (GwRunLogReader     *reader,
           Filling            *filling,
           const GwEventValue *value)
{
  switch (value->kind)
    {
    case GW_EVENT_SCALAR:
      add_scalar (filling, value);
      break;
    case GW_EVENT_HISTOGRAM:
      add_histogram (filling, value);
      break;
    case GW_EVENT_IMAGE:
      add_picture (filling, value);
      break;
    case GW_EVENT_TEXT:
      add_text (filling, value);
      break;
    case GW_EVENT_SESSION_LOG:
      if (value->status != GW_SESSION_START)
        break;
      reader->restart = (double) value->step;
      return FALSE;
    default:
      break;
    }
  filling->n_values++;
  return filling->n_values < BATCH_VALUES && filling->n_bytes < BATCH_BYTES;
}

/* ---- files ---- */

static gboolean
knows_path (GwRunLogReader *reader,
            const char     *path)
{
  for (guint i = 0; i < reader->files->len; i++)
    if (strcmp (((File *) g_ptr_array_index (reader->files, i))->path, path) == 0)
      return TRUE;
  return FALSE;
}

static void
find_files (GwRunLogReader *reader,
            GwRunBatch     *batch)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) paths = gw_event_files_in_folder (reader->folder, &error);

  if (paths == NULL)
    {
      if (reader->files->len == 0)
        warn_take (batch, g_strdup (error->message));
      return;
    }
  for (guint i = 0; i < paths->len; i++)
    if (!knows_path (reader, paths->pdata[i]))
      {
        File *file = g_new0 (File, 1);

        file->path = g_steal_pointer (&paths->pdata[i]);
        g_ptr_array_add (reader->files, file);
      }
}

static void
finish_file (File *file)
{
  GStatBuf status;

  g_clear_pointer (&file->events, gw_event_reader_free);
  file->done = TRUE;
  file->size = g_stat (file->path, &status) == 0 ? status.st_size : -1;
}

/* Whether the last file, read to its end, is worth being kept open: a thousand old runs
 * must not hold a thousand files. */
static gboolean
is_quiet (const File *file)
{
  GStatBuf status;

  return g_stat (file->path, &status) != 0 || g_get_real_time () / G_USEC_PER_SEC - status.st_mtime > QUIET_SECONDS;
}

/* When a file that was done has grown all the same, everything is read again. */
static void
restart_if_grown (GwRunLogReader *reader)
{
  GStatBuf status;
  File *last = reader->files->len > 0 ? g_ptr_array_index (reader->files, reader->files->len - 1) : NULL;

  if (last == NULL || !last->done || last->size < 0 || g_stat (last->path, &status) != 0 ||
      status.st_size <= last->size)
    return;
  g_ptr_array_set_size (reader->files, 0);
  reader->current = 0;
  reader->restart = -INFINITY;
}

/* Reads from one file. FALSE when the batch is full. */
static gboolean
read_file (GwRunLogReader *reader,
           File           *file,
           Filling        *filling)
{
  g_autoptr (GError) error = NULL;
  GwEventValue value;
  GwReadStatus status;

  if (file->done)
    return TRUE;
  if (file->events == NULL)
    file->events = gw_event_reader_open (file->path, &error);
  if (file->events != NULL)
    {
      while ((status = gw_event_reader_next (file->events, &value, &error)) == GW_READ_OK)
        if (!add_value (reader, filling, &value))
          return FALSE;
      if (status == GW_READ_END)
        return TRUE;
    }
  finish_file (file);
  warn_take (filling->batch, g_strdup (error->message));
  return TRUE;
}

static void
read_files (GwRunLogReader *reader,
            Filling        *filling)
{
  while (reader->current < reader->files->len)
    {
      File *file = g_ptr_array_index (reader->files, reader->current);
      gboolean last = reader->current + 1 == reader->files->len;

      if (!read_file (reader, file, filling))
        {
          filling->batch->more = TRUE;
          return;
        }
      if (!file->done && (!last || is_quiet (file)))
        finish_file (file);
      if (last)
        return;
      reader->current++;
    }
}

GwRunBatch *
gw_run_log_reader_next (GwRunLogReader *reader)
{
  GwRunBatch *batch = g_new0 (GwRunBatch, 1);
  Filling filling = { .batch = batch };

  batch->data = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_run_data_free);
  batch->warnings = g_ptr_array_new_with_free_func (g_free);
  restart_if_grown (reader);
  batch->restart = reader->restart;
  reader->restart = NAN;
  for (int i = 0; i < GW_RUN_N_KINDS; i++)
    filling.tags[i] = g_hash_table_new (g_str_hash, g_str_equal);
  find_files (reader, batch);
  read_files (reader, &filling);
  for (int i = 0; i < GW_RUN_N_KINDS; i++)
    g_hash_table_unref (filling.tags[i]);
  return batch;
}
