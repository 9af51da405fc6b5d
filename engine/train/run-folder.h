/* SPDX-License-Identifier: Apache-2.0 */
/* A run on disk: a folder with graph.gw (the document as it ran), run.json (what is
 * below), events.out.tfevents.*, model.ckpt-N.* and `checkpoint`. The runs of a
 * document lie together in a folder beside it: NAME.gw → NAME.runs/ID/. */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

#define GW_RUN_DOCUMENT "graph.gw"
#define GW_RUN_INFO "run.json"
#define GW_RUN_CHECKPOINT "model.ckpt"
/* Beside a checkpoint's own files: what a resumed run needs to go on bit for bit. */
#define GW_RUN_RESUME_SUFFIX ".resume.json"
/* Locked by whoever writes the run, as long as it does. */
#define GW_RUN_LOCK "run.lock"

typedef struct {
  char   *name;
  double  value;
} GwRunMetric;

typedef struct {
  char    *path;        /* of the folder; not in run.json */
  char    *id;          /* its name */
  char    *document;    /* file name of the document, or NULL */
  char    *state;       /* as gw_trainer_state_name() says, or "interrupted": it says that it goes on, but
                         * nobody writes it any more */
  char    *error;       /* why it failed, or NULL */
  char    *checkpoint;  /* newest, relative to the folder, or NULL */
  char    *device;
  char    *version;     /* of the program */
  int      n_threads;
  int64_t  seed;
  int64_t  steps, total_steps;
  double   epochs;      /* done so far */
  double   seconds;     /* of training */
  double   loss;        /* last; NaN = none */
  int64_t  started, finished; /* microseconds since 1970; finished 0 = not yet */
  GArray  *metrics;     /* of GwRunMetric: the last evaluation */
} GwRunInfo;

GwRunInfo *gw_run_info_new (void);
GwRunInfo *gw_run_info_copy (const GwRunInfo *info);
void gw_run_info_free (GwRunInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwRunInfo, gw_run_info_free)
/* Replaces the value when the name is there. */
void gw_run_info_set_metric (GwRunInfo *info, const char *name, double value);

/* Atomically. */
gboolean gw_run_info_write (const GwRunInfo *info, const char *run_dir, GError **error);
/* NOT_FOUND without run.json, DATA_LOSS when it is not understood. A folder of another
 * program's events has none and is still a run: see gw_runs_list(). */
GwRunInfo *gw_run_info_read (const char *run_dir, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Marks the run as being written until gw_run_unlock(), or the end of the program however
 * it comes. -1 when that cannot be (somebody else writes it, a file system without
 * locks). */
int gw_run_lock (const char *run_dir);
void gw_run_unlock (int lock, const char *run_dir);

/* "/a/b/NAME.gw" → "/a/b/NAME.runs". */
char *gw_runs_dir_beside (const char *document_path);
/* Makes RUNS_DIR/ID with an ID of the present time ("2026-03-01_14-05-09", "…_2" when
 * that is taken) and returns its path. */
char *gw_run_dir_new (const char *runs_dir, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The runs in a folder, as a GPtrArray of GwRunInfo that frees them, newest first:
 * folders with run.json or an event file (then `state` is "unknown"). Empty when
 * there is no such folder. */
GPtrArray *gw_runs_list (const char *runs_dir);

G_END_DECLS
