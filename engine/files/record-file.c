/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/record-file.h"

#include "engine/base/error.h"
#include "engine/files/atomic-file.h"
#include "engine/files/crc32c.h"

#include <string.h>
#include <zlib.h>

#define FIRST_CAPACITY ((size_t) 4 << 10)

/* --- Framing --- */

static void
store_le32 (guint8   *bytes,
            uint32_t  value)
{
  value = GUINT32_TO_LE (value);
  memcpy (bytes, &value, sizeof value);
}

static uint32_t
load_le32 (const guint8 *bytes)
{
  uint32_t value;

  memcpy (&value, bytes, sizeof value);
  return GUINT32_FROM_LE (value);
}

static void
make_header (guint8   header[GW_RECORD_HEADER],
             uint64_t size)
{
  uint64_t length = GUINT64_TO_LE (size);

  memcpy (header, &length, sizeof length);
  store_le32 (header + 8, gw_crc32c_mask (gw_crc32c (header, 8)));
}

static void
make_footer (guint8      footer[GW_RECORD_FOOTER],
             const void *payload,
             size_t      size)
{
  store_le32 (footer, gw_crc32c_mask (gw_crc32c (payload, size)));
}

void
gw_record_frame (guint8 *record,
                 size_t  size)
{
  make_header (record, size);
  make_footer (record + GW_RECORD_HEADER + size, record + GW_RECORD_HEADER, size);
}

/* --- Reading --- */

struct _GwRecordReader {
  GwInput      *input;
  GwRecordFlags flags;
  guint8       *buffer;    /* the record at `start`, header included */
  size_t        capacity;
  size_t        have;      /* bytes of it read so far */
  uint64_t      start;     /* where the record in the buffer begins */
  gboolean      delivered; /* it was given out: the next call begins a new one */
  GError       *failure;
};

GwRecordReader *
gw_record_reader_new (GwInput       *input,
                      GwRecordFlags  flags)
{
  GwRecordReader *reader = g_new0 (GwRecordReader, 1);

  reader->input = input;
  reader->flags = flags;
  reader->capacity = FIRST_CAPACITY;
  reader->buffer = g_malloc (FIRST_CAPACITY);
  return reader;
}

void
gw_record_reader_free (GwRecordReader *reader)
{
  if (reader == NULL)
    return;
  gw_input_free (reader->input);
  g_free (reader->buffer);
  g_clear_error (&reader->failure);
  g_free (reader);
}

uint64_t
gw_record_reader_offset (const GwRecordReader *reader)
{
  return reader->start;
}

static GwReadStatus
fail (GwRecordReader  *reader,
      const char      *how,
      GError         **error)
{
  g_set_error (&reader->failure, GW_ERROR, GW_ERROR_DATA_LOSS, "%s: %s record at %" G_GUINT64_FORMAT,
               gw_input_name (reader->input), how, reader->start);
  if (error != NULL)
    *error = g_error_copy (reader->failure);
  return GW_READ_ERROR;
}

/* Reads on until `want` bytes of the record are there. END when the file has no more. */
static GwReadStatus
fill (GwRecordReader  *reader,
      size_t           want,
      GError         **error)
{
  while (reader->have < want)
    {
      gssize n;

      if (reader->have == reader->capacity)
        {
          size_t capacity = MIN (want, reader->capacity * 2);
          guint8 *larger = g_try_realloc (reader->buffer, capacity);

          if (larger == NULL)
            {
              g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED,
                           "%s: out of memory for a record of %" G_GSIZE_FORMAT " bytes",
                           gw_input_name (reader->input), want);
              return GW_READ_ERROR;
            }
          reader->buffer = larger;
          reader->capacity = capacity;
        }
      n = gw_input_read (reader->input, reader->buffer + reader->have,
                         MIN (want, reader->capacity) - reader->have, error);
      if (n < 0)
        return GW_READ_ERROR;
      if (n == 0)
        return GW_READ_END;
      reader->have += (size_t) n;
    }
  return GW_READ_OK;
}

/* What fill() answered, in terms of records. A half record of a growing file is read
 * anew next time: its writer may have taken it back and written another. */
static GwReadStatus
cut_short (GwRecordReader  *reader,
           GwReadStatus     status,
           GError         **error)
{
  if (status != GW_READ_END || reader->have == 0)
    return status;
  if ((reader->flags & GW_RECORD_TAIL) == 0)
    return fail (reader, "truncated", error);
  if (gw_input_rewind (reader->input, reader->start))
    reader->have = 0;
  return GW_READ_END;
}

GwReadStatus
gw_record_reader_next (GwRecordReader  *reader,
                       const guint8   **payload,
                       size_t          *size,
                       GError         **error)
{
  uint64_t length;
  GwReadStatus status;

  if (reader->failure != NULL)
    {
      if (error != NULL)
        *error = g_error_copy (reader->failure);
      return GW_READ_ERROR;
    }
  if (reader->delivered)
    {
      reader->start += reader->have;
      reader->have = 0;
      reader->delivered = FALSE;
    }
  status = fill (reader, GW_RECORD_HEADER, error);
  if (status != GW_READ_OK)
    return cut_short (reader, status, error);
  if (gw_crc32c_unmask (load_le32 (reader->buffer + 8)) != gw_crc32c (reader->buffer, 8))
    return fail (reader, "corrupted", error);
  memcpy (&length, reader->buffer, sizeof length);
  length = GUINT64_FROM_LE (length);
  if (length > PTRDIFF_MAX - GW_RECORD_HEADER - GW_RECORD_FOOTER)
    return fail (reader, "corrupted", error);
  status = fill (reader, GW_RECORD_HEADER + (size_t) length + GW_RECORD_FOOTER, error);
  if (status != GW_READ_OK)
    return cut_short (reader, status, error);
  if (gw_crc32c_unmask (load_le32 (reader->buffer + GW_RECORD_HEADER + length)) !=
      gw_crc32c (reader->buffer + GW_RECORD_HEADER, (size_t) length))
    return fail (reader, "corrupted", error);
  *payload = reader->buffer + GW_RECORD_HEADER;
  *size = (size_t) length;
  reader->delivered = TRUE;
  return GW_READ_OK;
}

/* --- Writing --- */

struct _GwRecordWriter {
  GwAtomicFile *file;
  gboolean      compressing;
  z_stream      stream;
};

GwRecordWriter *
gw_record_writer_new (const char           *path,
                      GwRecordCompression   compression,
                      GError              **error)
{
  GwAtomicFile *file = gw_atomic_file_new (path, error);
  GwRecordWriter *writer;

  if (file == NULL)
    return NULL;
  writer = g_new0 (GwRecordWriter, 1);
  writer->file = file;
  writer->compressing = compression != GW_RECORD_PLAIN;
  /* 16 on top of the window asks for gzip's header instead of zlib's. */
  if (writer->compressing &&
      deflateInit2 (&writer->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                    compression == GW_RECORD_GZIP ? 15 + 16 : 15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    g_error ("out of memory");
  return writer;
}

static gboolean
deflate_out (GwRecordWriter  *writer,
             const void      *data,
             size_t           size,
             int              flush,
             GError         **error)
{
  guint8 chunk[16 << 10];
  const guint8 *bytes = data;
  gboolean more = TRUE;

  while (more)
    {
      uInt ask = (uInt) MIN (size, (size_t) 1 << 30);
      int status;

      writer->stream.next_in = (Bytef *) bytes;
      writer->stream.avail_in = ask;
      writer->stream.next_out = chunk;
      writer->stream.avail_out = sizeof chunk;
      status = deflate (&writer->stream, flush);
      if (!gw_atomic_file_write (writer->file, chunk, sizeof chunk - writer->stream.avail_out, error))
        return FALSE;
      bytes += ask - writer->stream.avail_in;
      size -= ask - writer->stream.avail_in;
      more = flush == Z_FINISH ? status != Z_STREAM_END : size > 0 || writer->stream.avail_out == 0;
    }
  return TRUE;
}

static gboolean
put (GwRecordWriter  *writer,
     const void      *data,
     size_t           size,
     GError         **error)
{
  return writer->compressing ? deflate_out (writer, data, size, Z_NO_FLUSH, error)
                             : gw_atomic_file_write (writer->file, data, size, error);
}

gboolean
gw_record_writer_add (GwRecordWriter  *writer,
                      const void      *payload,
                      size_t           size,
                      GError         **error)
{
  guint8 header[GW_RECORD_HEADER], footer[GW_RECORD_FOOTER];

  make_header (header, size);
  make_footer (footer, payload, size);
  return put (writer, header, sizeof header, error) && put (writer, payload, size, error) &&
         put (writer, footer, sizeof footer, error);
}

gboolean
gw_record_writer_finish (GwRecordWriter  *writer,
                         GError         **error)
{
  if (writer->compressing && !deflate_out (writer, NULL, 0, Z_FINISH, error))
    return FALSE;
  return gw_atomic_file_commit (writer->file, error);
}

void
gw_record_writer_free (GwRecordWriter *writer)
{
  if (writer == NULL)
    return;
  if (writer->compressing)
    deflateEnd (&writer->stream);
  gw_atomic_file_free (writer->file);
  g_free (writer);
}
