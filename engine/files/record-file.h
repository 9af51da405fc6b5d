/* SPDX-License-Identifier: Apache-2.0 */
/* TFRecord framing: length (8 bytes, little endian), masked CRC-32C of the
 * length, payload, masked CRC-32C of the payload. Event files are made of it. */
#pragma once

#include "engine/files/input-file.h"

G_BEGIN_DECLS

#define GW_RECORD_HEADER 12
#define GW_RECORD_FOOTER 4

/* Makes a record of `record`, where GW_RECORD_HEADER + size + GW_RECORD_FOOTER bytes
 * have room and the payload stands behind the header's place. */
void gw_record_frame (guint8 *record, size_t size);

typedef struct _GwRecordReader GwRecordReader;

typedef enum {
  GW_RECORD_DEFAULT = 0,
  /* The file may still be growing: a record that is not whole yet is the end for
   * now, and the next call tries it again. */
  GW_RECORD_TAIL = 1 << 0,
} GwRecordFlags;

/* Takes `input`. */
GwRecordReader *gw_record_reader_new (GwInput *input, GwRecordFlags flags);
void gw_record_reader_free (GwRecordReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwRecordReader, gw_record_reader_free)

/* The next payload, borrowed until the next call. DATA_LOSS “PATH: truncated
 * record at OFFSET” or “corrupted record at OFFSET”, which ends the reading: the
 * same error comes again. Memory grows with what was really read, never with what
 * a header claims. */
GwReadStatus gw_record_reader_next (GwRecordReader *reader, const guint8 **payload, size_t *size, GError **error);
/* Where the record that next() gave last begins, in uncompressed bytes. */
uint64_t gw_record_reader_offset (const GwRecordReader *reader);

/* Writing a record file, all or nothing (see atomic-file.h). */
typedef struct _GwRecordWriter GwRecordWriter;
typedef enum { GW_RECORD_PLAIN, GW_RECORD_GZIP, GW_RECORD_ZLIB } GwRecordCompression;

GwRecordWriter *gw_record_writer_new (const char *path, GwRecordCompression compression, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
gboolean gw_record_writer_add (GwRecordWriter *writer, const void *payload, size_t size, GError **error);
gboolean gw_record_writer_finish (GwRecordWriter *writer, GError **error);
/* Without finish: leaves no file. */
void gw_record_writer_free (GwRecordWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwRecordWriter, gw_record_writer_free)

G_END_DECLS
