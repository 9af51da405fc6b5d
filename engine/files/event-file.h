/* SPDX-License-Identifier: Apache-2.0 */
/* TensorBoard's event files: a record file of Event messages. The writer appends
 * and survives a full disk; the reader takes every form that TensorFlow 1 and 2
 * write, skips what it does not know, and can follow a file that still grows. */
#pragma once

#include "engine/files/input-file.h"
#include "engine/tensor/stats.h"
#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

/* Whether the base name contains "tfevents", which is TensorBoard's test. */
gboolean gw_event_file_is_name (const char *path);
/* Paths of the event files in `folder` (not below it), oldest first by name, as a
 * GPtrArray of char * that frees them; empty when there is none. */
GPtrArray *gw_event_files_in_folder (const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
  GW_SESSION_START = 1,
  GW_SESSION_STOP = 2,
  GW_SESSION_CHECKPOINT = 3,
} GwSessionStatus;

/* --- Writing. One file a writer; one thread at a time. ---
 * What is added is queued and goes to the file by 64 KiB, and at flush. When
 * writing fails the file is cut back to its last whole record, the queue is kept,
 * flush reports it (RESOURCE_EXHAUSTED for a full disk, naming the file) and the
 * next one tries again. `add` fails, and then the event is not taken, only when
 * 16 MiB are queued, when an event of more than 1 MiB cannot be written, or when
 * what it is given is no summary. */
typedef struct _GwEventWriter GwEventWriter;

/* Makes `folder` when missing and FOLDER/events.out.tfevents.SECONDS.HOST`suffix`
 * (`suffix` may be NULL), with a number appended where that name is taken. The
 * first event (“brain.Event:2”) is in the file when this returns. */
GwEventWriter *gw_event_writer_new (const char *folder, const char *suffix, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
/* Flushes and closes; call gw_event_writer_flush() before to hear of errors. */
void gw_event_writer_free (GwEventWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwEventWriter, gw_event_writer_free)
const char *gw_event_writer_path (const GwEventWriter *writer);

/* `wall_time` in seconds since 1970 throughout; g_get_real_time () / 1e6. */
gboolean gw_event_writer_add_scalar (GwEventWriter *writer, double wall_time, int64_t step, const char *tag,
                                     float value, GError **error);
gboolean gw_event_writer_add_histogram (GwEventWriter *writer, double wall_time, int64_t step, const char *tag,
                                        const GwHistogram *histogram, GError **error);
gboolean gw_event_writer_add_image (GwEventWriter *writer, double wall_time, int64_t step, const char *tag,
                                    int height, int width, int channels, const void *png, size_t png_size,
                                    GError **error);
gboolean gw_event_writer_add_text (GwEventWriter *writer, double wall_time, int64_t step, const char *tag,
                                   const char *text, GError **error);
/* An already serialised Summary (see summary.h). As TensorFlow's FileWriter does,
 * a tag's metadata is kept the first time only. */
gboolean gw_event_writer_add_summary (GwEventWriter *writer, double wall_time, int64_t step,
                                      const void *summary, size_t size, GError **error);
/* A serialised GraphDef or MetaGraphDef; they carry no step. */
gboolean gw_event_writer_add_graph (GwEventWriter *writer, double wall_time, const void *graph_def, size_t size,
                                    GError **error);
gboolean gw_event_writer_add_meta_graph (GwEventWriter *writer, double wall_time, const void *meta_graph_def,
                                         size_t size, GError **error);
/* `path` and `message` may be NULL. START tells readers to drop later steps. */
gboolean gw_event_writer_add_session_log (GwEventWriter *writer, double wall_time, int64_t step,
                                          GwSessionStatus status, const char *path, const char *message,
                                          GError **error);
gboolean gw_event_writer_add_run_metadata (GwEventWriter *writer, double wall_time, int64_t step, const char *tag,
                                           const void *run_metadata, size_t size, GError **error);
/* Everything queued is in the file afterwards (not fsynced: a killed process
 * loses nothing, a crashed machine may). */
gboolean gw_event_writer_flush (GwEventWriter *writer, GError **error);

/* --- Reading. One thread at a time. --- */
typedef enum {
  GW_EVENT_FILE_VERSION,  /* text */
  GW_EVENT_SCALAR,        /* scalar */
  GW_EVENT_HISTOGRAM,     /* histogram */
  GW_EVENT_IMAGE,         /* width, height, bytes = PNG (or what else was encoded) */
  GW_EVENT_AUDIO,         /* sample_rate, bytes = WAV */
  GW_EVENT_TEXT,          /* tensor: strings of any shape */
  GW_EVENT_TENSOR,        /* tensor of any other plugin, or NULL with `text` the reason */
  GW_EVENT_GRAPH,         /* bytes = GraphDef */
  GW_EVENT_META_GRAPH,    /* bytes = MetaGraphDef */
  GW_EVENT_SESSION_LOG,   /* status, path, text */
  GW_EVENT_RUN_METADATA,  /* tag, bytes = RunMetadata */
  GW_EVENT_LOG_MESSAGE,   /* level, text */
  GW_EVENT_OTHER,         /* nothing known in it */
} GwEventKind;

/* One value of one event; a Summary of several values gives several of these.
 * Everything is borrowed until the next call; fields that the kind does not name
 * are 0 or NULL. */
typedef struct {
  GwEventKind  kind;
  double       wall_time;
  int64_t      step;
  const char  *tag;        /* "" where the event has none */
  const char  *plugin;     /* "scalars", "histograms", "images", "audio", "text" or the file's own name; "" */
  double       scalar;
  GwHistogram  histogram;  /* new-style: right edges as limits, sums from the buckets' middles */
  int          width, height;
  int          index;      /* of pictures or sounds that share one tag: 0, 1, … */
  float        sample_rate;
  const guint8 *bytes;
  size_t       size;
  GwTensor    *tensor;
  const char  *text;
  const char  *path;
  int          status;     /* GwSessionStatus, 0 unknown */
  int          level;      /* LogMessage's: 10 debug … 50 fatal */
} GwEventValue;

/* What has been read of one tag. */
typedef struct {
  const char *tag;
  const char *plugin;
  GwEventKind kind;
  int64_t     count;
  int64_t     first_step, last_step;           /* in reading order */
  double      first_wall_time, last_wall_time;
} GwEventTag;

typedef struct _GwEventReader GwEventReader;

/* The file may still be growing. */
GwEventReader *gw_event_reader_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes `input`; for bytes in memory. */
GwEventReader *gw_event_reader_new (GwInput *input);
void gw_event_reader_free (GwEventReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwEventReader, gw_event_reader_free)

/* The next value. END: all that is there was read; call again when the file has
 * grown. ERROR: DATA_LOSS in the framing, which ends the reading. An event whose
 * framing is whole but whose content is not is skipped and counted. */
GwReadStatus gw_event_reader_next (GwEventReader *reader, GwEventValue *value, GError **error);
/* Events left out because their content could not be understood. */
int64_t gw_event_reader_n_skipped (const GwEventReader *reader);

/* The tags met so far, sorted by name; the array (of const GwEventTag *) and what
 * it holds belong to the reader and are good until it reads on. */
const GPtrArray *gw_event_reader_tags (GwEventReader *reader);

G_END_DECLS
