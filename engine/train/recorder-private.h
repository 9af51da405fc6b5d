/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a run's folder from a thread of its own: events, checkpoints, run.json. The
 * training thread hands over copies and never waits for the disk, except when it
 * outruns it by a whole ring. What cannot be written is reported as a WARNING, once
 * until writing works again, and tried again. */
#pragma once

#include "engine/train/reports-private.h"
#include "engine/train/run-folder.h"

G_BEGIN_DECLS

typedef struct _GwRecorder GwRecorder;

/* `tags` name the series of points (copied); `info` is the run as it stands now, and
 * its path the folder. The event file and run.json are there when this returns. */
GwRecorder *gw_recorder_new (const GwRunInfo *info, int n_tags, const char *const *tags, int max_to_keep,
                             GwReports *reports, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes what is left, then ends the thread. */
void gw_recorder_free (GwRecorder *recorder);

/* One thread calls these. */
void gw_recorder_point (GwRecorder *recorder, const GwPoint *point);
/* Later steps of earlier event files are void. */
void gw_recorder_start_at (GwRecorder *recorder, int64_t step);
void gw_recorder_graph (GwRecorder *recorder, GBytes *graph_def);
/* A serialised Summary. */
void gw_recorder_summary (GwRecorder *recorder, int64_t step, GBytes *summary);
/* Takes `tensor`, a copy. */
void gw_recorder_histogram (GwRecorder *recorder, int64_t step, const char *tag, GwTensor *tensor);
/* Takes `info`; its checkpoint is filled in. Only the newest is written. */
void gw_recorder_info (GwRecorder *recorder, GwRunInfo *info);

/* Writes `variables` (of GwNamedTensor, not touched by the caller until it is saved)
 * as step `step` with `side`, the text of its side file (taken). Answers `request`
 * with CHECKPOINT, or REFUSED; request 0 with CHECKPOINT or WARNING. */
void gw_recorder_checkpoint (GwRecorder *recorder, guint64 request, int64_t step, GPtrArray *variables, char *side);
/* Whether a checkpoint is still being written. */
gboolean gw_recorder_is_saving (GwRecorder *recorder);
/* Returns when everything handed over so far is written, or has failed to be. */
void gw_recorder_wait (GwRecorder *recorder);
/* Path of the newest whole checkpoint, NULL = none yet; free it. */
char *gw_recorder_latest (GwRecorder *recorder);

G_END_DECLS
