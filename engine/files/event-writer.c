/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/event-file.h"

#include "engine/base/error.h"
#include "engine/files/atomic-file.h"
#include "engine/files/proto-arena.h"
#include "engine/files/proto/event.pb-c.h"
#include "engine/files/record-file.h"
#include "engine/files/summary.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define QUEUE_WRITE ((guint) 64 << 10)
#define QUEUE_LIMIT ((guint) 16 << 20)
#define LARGE_EVENT ((size_t) 1 << 20)
#define FILE_VERSION "brain.Event:2"

struct _GwEventWriter {
  char         *path;
  int           fd;
  uint64_t      written;    /* whole records up to here are in the file */
  GByteArray   *queue;      /* framed records that are not in it yet */
  GByteArray   *summary;    /* of the convenience functions */
  GHashTable   *described;  /* GBytes: tags whose metadata has been written */
  GwProtoArena *arena;
};

/* --- The file --- */

/* Puts `size` bytes behind what is written; on failure the file ends where it did. */
static gboolean
write_behind (GwEventWriter  *writer,
              const guint8   *data,
              size_t          size,
              GError        **error)
{
  size_t done = 0;

  while (done < size)
    {
      ssize_t n = pwrite (writer->fd, data + done, size - done, (off_t) (writer->written + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          int reason = errno;
          int ignored G_GNUC_UNUSED = ftruncate (writer->fd, (off_t) writer->written);

          return gw_set_file_error (error, reason, "write", writer->path);
        }
      done += (size_t) n;
    }
  writer->written += size;
  return TRUE;
}

gboolean
gw_event_writer_flush (GwEventWriter  *writer,
                       GError        **error)
{
  if (!write_behind (writer, writer->queue->data, writer->queue->len, error))
    return FALSE;
  g_byte_array_set_size (writer->queue, 0);
  return TRUE;
}

static void
pack_record (guint8                 *record,
             const ProtobufCMessage *message,
             size_t                  size)
{
  protobuf_c_message_pack (message, record + GW_RECORD_HEADER);
  gw_record_frame (record, size);
}

/* Past the queue, which is written first. */
static gboolean
write_large (GwEventWriter           *writer,
             const ProtobufCMessage  *message,
             size_t                   size,
             GError                 **error)
{
  size_t total = size + GW_RECORD_HEADER + GW_RECORD_FOOTER;
  g_autofree guint8 *record = g_try_malloc (total);

  if (record == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED,
                   "out of memory for an event of %" G_GSIZE_FORMAT " bytes", size);
      return FALSE;
    }
  pack_record (record, message, size);
  return gw_event_writer_flush (writer, error) && write_behind (writer, record, total, error);
}

static gboolean
add_event (GwEventWriter    *writer,
           const Gw__Event  *event,
           GError          **error)
{
  size_t size = protobuf_c_message_get_packed_size (&event->base);
  size_t total = size + GW_RECORD_HEADER + GW_RECORD_FOOTER;
  guint start;

  if (size > INT32_MAX)
    return gw_invalid (error, "an event of more than 2 GiB");
  if (size > LARGE_EVENT)
    return write_large (writer, &event->base, size, error);
  if (writer->queue->len + total > QUEUE_LIMIT && !gw_event_writer_flush (writer, error))
    return FALSE;
  start = writer->queue->len;
  g_byte_array_set_size (writer->queue, start + (guint) total);
  pack_record (writer->queue->data + start, &event->base, size);
  if (writer->queue->len >= QUEUE_WRITE)
    gw_event_writer_flush (writer, NULL); /* when it fails, the caller's own flush will tell */
  return TRUE;
}

/* --- Opening and closing --- */

/* Creates the file under the first free name. */
static int
create_file (const char  *folder,
             const char  *suffix,
             double       wall_time,
             char       **path,
             GError     **error)
{
  char host[256] = "localhost";

  if (gethostname (host, sizeof host - 1) != 0 || host[0] == '\0')
    g_strlcpy (host, "localhost", sizeof host);
  for (int attempt = 0; attempt < 1000; attempt++)
    {
      g_autofree char *number = attempt > 0 ? g_strdup_printf (".%d", attempt) : g_strdup ("");
      g_autofree char *name = g_strdup_printf ("events.out.tfevents.%010" G_GINT64_FORMAT ".%s%s%s",
                                               (gint64) wall_time, host, number, suffix);
      g_autofree char *full = g_build_filename (folder, name, NULL);
      int fd = open (full, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);

      if (fd < 0 && errno == EEXIST)
        continue;
      if (fd < 0)
        gw_set_file_error (error, errno, "write", full);
      else
        *path = g_steal_pointer (&full);
      return fd;
    }
  gw_set_file_error (error, EEXIST, "write a new event file in", folder);
  return -1;
}

GwEventWriter *
gw_event_writer_new (const char  *folder,
                     const char  *suffix,
                     GError     **error)
{
  g_autoptr (GwEventWriter) writer = g_new0 (GwEventWriter, 1);
  Gw__Event event = GW__EVENT__INIT;
  double now = (double) (g_get_real_time () / G_USEC_PER_SEC);

  writer->fd = -1;
  writer->queue = g_byte_array_new ();
  writer->summary = g_byte_array_new ();
  writer->described = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  writer->arena = gw_proto_arena_new ();
  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      gw_set_file_error (error, errno, "make the folder", folder);
      return NULL;
    }
  writer->fd = create_file (folder, suffix != NULL ? suffix : "", now, &writer->path, error);
  if (writer->fd < 0)
    return NULL;
  event.wall_time = now;
  event.what_case = GW__EVENT__WHAT_FILE_VERSION;
  event.file_version = gw_proto_bytes_from_text (FILE_VERSION);
  if (add_event (writer, &event, error) && gw_event_writer_flush (writer, error))
    return g_steal_pointer (&writer);
  unlink (writer->path); /* an empty file would look like a run */
  g_byte_array_set_size (writer->queue, 0);
  return NULL;
}

void
gw_event_writer_free (GwEventWriter *writer)
{
  if (writer == NULL)
    return;
  if (writer->fd >= 0)
    {
      gw_event_writer_flush (writer, NULL);
      close (writer->fd);
    }
  g_byte_array_unref (writer->queue);
  g_byte_array_unref (writer->summary);
  g_hash_table_unref (writer->described);
  gw_proto_arena_free (writer->arena);
  g_free (writer->path);
  g_free (writer);
}

const char *
gw_event_writer_path (const GwEventWriter *writer)
{
  return writer->path;
}

/* --- Events --- */

static Gw__Event
event_of (double              wall_time,
          int64_t             step,
          Gw__Event__WhatCase what)
{
  Gw__Event event = GW__EVENT__INIT;

  event.wall_time = wall_time;
  event.step = step;
  event.what_case = what;
  return event;
}

static gboolean
add_summary_bytes (GwEventWriter  *writer,
                   double          wall_time,
                   int64_t         step,
                   const void     *data,
                   size_t          size,
                   GError        **error)
{
  Gw__Event event = event_of (wall_time, step, GW__EVENT__WHAT_SUMMARY);

  event.summary = (ProtobufCBinaryData) { size, (uint8_t *) data };
  return add_event (writer, &event, error);
}

/* The summary that a convenience function has composed. */
static gboolean
add_composed (GwEventWriter  *writer,
              double          wall_time,
              int64_t         step,
              GError        **error)
{
  return add_summary_bytes (writer, wall_time, step, writer->summary->data, writer->summary->len, error);
}

static GByteArray *
compose (GwEventWriter *writer)
{
  return g_byte_array_set_size (writer->summary, 0);
}

gboolean
gw_event_writer_add_scalar (GwEventWriter  *writer,
                            double          wall_time,
                            int64_t         step,
                            const char     *tag,
                            float           value,
                            GError        **error)
{
  gw_summary_add_scalar (compose (writer), tag, value);
  return add_composed (writer, wall_time, step, error);
}

gboolean
gw_event_writer_add_histogram (GwEventWriter      *writer,
                               double              wall_time,
                               int64_t             step,
                               const char         *tag,
                               const GwHistogram  *histogram,
                               GError            **error)
{
  gw_summary_add_histogram (compose (writer), tag, histogram);
  return add_composed (writer, wall_time, step, error);
}

gboolean
gw_event_writer_add_image (GwEventWriter  *writer,
                           double          wall_time,
                           int64_t         step,
                           const char     *tag,
                           int             height,
                           int             width,
                           int             channels,
                           const void     *png,
                           size_t          png_size,
                           GError        **error)
{
  gw_summary_add_image (compose (writer), tag, height, width, channels, png, png_size);
  return add_composed (writer, wall_time, step, error);
}

gboolean
gw_event_writer_add_text (GwEventWriter  *writer,
                          double          wall_time,
                          int64_t         step,
                          const char     *tag,
                          const char     *text,
                          GError        **error)
{
  gw_summary_add_text (compose (writer), tag, text);
  return gw_event_writer_add_summary (writer, wall_time, step, writer->summary->data, writer->summary->len, error);
}

/* Takes metadata off values whose tag has had some; TRUE when any was. New tags
 * are added to `fresh`. */
static gboolean
strip_metadata (GwEventWriter *writer,
                Gw__Summary   *summary,
                GPtrArray     *fresh)
{
  gboolean changed = FALSE;

  for (size_t i = 0; i < summary->n_value; i++)
    {
      Gw__SummaryValue *value = summary->value[i];
      GBytes *tag;

      if (value->metadata == NULL)
        continue;
      tag = g_bytes_new (value->tag.data, value->tag.len);
      if (g_hash_table_add (writer->described, g_bytes_ref (tag)))
        g_ptr_array_add (fresh, g_bytes_ref (tag));
      else
        {
          value->metadata = NULL;
          changed = TRUE;
        }
      g_bytes_unref (tag);
    }
  return changed;
}

gboolean
gw_event_writer_add_summary (GwEventWriter  *writer,
                             double          wall_time,
                             int64_t         step,
                             const void     *summary,
                             size_t          size,
                             GError        **error)
{
  g_autoptr (GPtrArray) fresh = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) stripped = NULL;
  Gw__Summary *message;
  gboolean added;

  gw_proto_arena_reset (writer->arena);
  message = gw_proto_unpack (writer->arena, &gw__summary__descriptor, summary, size, "a summary", error);
  if (message == NULL)
    return FALSE;
  if (strip_metadata (writer, message, fresh))
    {
      stripped = gw_proto_pack (&message->base, "a summary", error);
      if (stripped == NULL)
        return FALSE;
      summary = g_bytes_get_data (stripped, &size);
    }
  added = add_summary_bytes (writer, wall_time, step, summary, size, error);
  for (guint i = 0; !added && i < fresh->len; i++)
    g_hash_table_remove (writer->described, g_ptr_array_index (fresh, i));
  return added;
}

gboolean
gw_event_writer_add_graph (GwEventWriter  *writer,
                           double          wall_time,
                           const void     *graph_def,
                           size_t          size,
                           GError        **error)
{
  Gw__Event event = event_of (wall_time, 0, GW__EVENT__WHAT_GRAPH_DEF);

  event.graph_def = (ProtobufCBinaryData) { size, (uint8_t *) graph_def };
  return add_event (writer, &event, error);
}

gboolean
gw_event_writer_add_meta_graph (GwEventWriter  *writer,
                                double          wall_time,
                                const void     *meta_graph_def,
                                size_t          size,
                                GError        **error)
{
  Gw__Event event = event_of (wall_time, 0, GW__EVENT__WHAT_META_GRAPH_DEF);

  event.meta_graph_def = (ProtobufCBinaryData) { size, (uint8_t *) meta_graph_def };
  return add_event (writer, &event, error);
}

gboolean
gw_event_writer_add_session_log (GwEventWriter    *writer,
                                 double            wall_time,
                                 int64_t           step,
                                 GwSessionStatus   status,
                                 const char       *path,
                                 const char       *message,
                                 GError          **error)
{
  Gw__Event event = event_of (wall_time, step, GW__EVENT__WHAT_SESSION_LOG);
  Gw__SessionLog log = GW__SESSION_LOG__INIT;

  log.status = (int32_t) status;
  log.checkpoint_path = gw_proto_bytes_from_text (path != NULL ? path : "");
  log.msg = gw_proto_bytes_from_text (message != NULL ? message : "");
  event.session_log = &log;
  return add_event (writer, &event, error);
}

gboolean
gw_event_writer_add_run_metadata (GwEventWriter  *writer,
                                  double          wall_time,
                                  int64_t         step,
                                  const char     *tag,
                                  const void     *run_metadata,
                                  size_t          size,
                                  GError        **error)
{
  Gw__Event event = event_of (wall_time, step, GW__EVENT__WHAT_TAGGED_RUN_METADATA);
  Gw__TaggedRunMetadata tagged = GW__TAGGED_RUN_METADATA__INIT;

  tagged.tag = gw_proto_bytes_from_text (tag);
  tagged.run_metadata = (ProtobufCBinaryData) { size, (uint8_t *) run_metadata };
  event.tagged_run_metadata = &tagged;
  return add_event (writer, &event, error);
}
