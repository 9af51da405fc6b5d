/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the event files of one folder in batches, oldest file first, and goes on where
 * it ended when they have grown or a new one came. Plain C, for a worker thread: one
 * thread at a time, no main loop. */
#pragma once

#include "app/model/run-log-data.h"

G_BEGIN_DECLS

typedef struct _GwRunLogReader GwRunLogReader;

/* What comes next. First drop the steps from `restart` on (NaN = none), then add. */
typedef struct {
  double     restart;
  GPtrArray *data;     /* of GwRunData: one for each tag that is in it */
  GPtrArray *warnings; /* of char: what could not be read, a sentence each */
  gboolean   more;     /* there is more to be read right now */
} GwRunBatch;

GwRunLogReader *gw_run_log_reader_new (const char *folder);
void gw_run_log_reader_free (GwRunLogReader *reader);

/* At most about 8,192 values. Never NULL. */
GwRunBatch *gw_run_log_reader_next (GwRunLogReader *reader);
void gw_run_batch_free (GwRunBatch *batch);
gboolean gw_run_batch_is_empty (const GwRunBatch *batch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwRunLogReader, gw_run_log_reader_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwRunBatch, gw_run_batch_free)

G_END_DECLS
