/* SPDX-License-Identifier: Apache-2.0 */
/* Training as the window sees it: a trainer in a worker thread, its state, curves,
 * newest values, evaluation and error. Nothing here waits: requests return at once
 * and what the worker reports is taken in slices of at most 4 ms.
 *
 *   idle → preparing → ready → running ⇄ paused → done | failed | stopped
 *
 * Signals:
 *   "changed"     state, progress or error
 *   "started"     a trainer of a new document stands; curves were emptied
 *   "points"      curves grew
 *   "watches"     values of watched outputs are new
 *   "evaluation"  gw_run_get_evaluation() is new
 *   "checkpoint"  (string prefix) one was written
 *   "values"      (guint64 request, GPtrArray of GwNamedTensor, or NULL) an answer
 *   "fetched"     (GPtrArray of GwNamedTensor, or NULL) the answer to gw_run_fetch()
 *   "variables"   (GPtrArray of GwNamedTensor, or NULL; gint64 step that they are of) the
 *                 answer to gw_run_copy_variables()
 *   "loaded"      (string prefix, guint n) a checkpoint's n variables are in the graph;
 *                 prefix NULL: those before them are back
 *   "message"     (string) something to tell that stops nothing
 *   "printed"     (gint64 node, gint64 step, string name, string text) a line of a Print
 *                 node; node 0 = not one of the document's */
#pragma once

#include <gio/gio.h>

#include "engine/engine.h"

G_BEGIN_DECLS

#define GW_TYPE_RUN (gw_run_get_type ())
G_DECLARE_FINAL_TYPE (GwRun, gw_run, GW, RUN, GObject)

typedef enum {
  GW_RUN_IDLE,       /* no trainer */
  GW_RUN_PREPARING,  /* lowering, reading data, initialising */
  GW_RUN_READY,      /* a trainer that has not trained */
  GW_RUN_RUNNING,
  GW_RUN_PAUSED,
  GW_RUN_DONE,
  GW_RUN_FAILED,
  GW_RUN_STOPPED,
} GwRunState;

typedef struct {
  double step, wall, value;
} GwRunPoint;

typedef struct {
  char    *tag;
  gboolean evaluation;
  GArray  *points;    /* of GwRunPoint */
} GwRunCurve;

void gw_run_curve_free (GwRunCurve *curve);

#define GW_RUN_HISTORY 48

/* The newest value of a watched output and those before it. */
typedef struct {
  GwWatchResult *result;                /* NULL = none yet */
  float          history[GW_RUN_HISTORY]; /* of the mean, oldest first */
  int            n_history;
} GwRunWatched;

GwRun *gw_run_new (void);

GwRunState gw_run_get_state (GwRun *run);
/* Whether a training is under way that closing would interrupt. */
gboolean gw_run_is_active (GwRun *run);
const GwProgress *gw_run_get_progress (GwRun *run);
const GError *gw_run_get_error (GwRun *run);        /* of FAILED, or of a pause; NULL = none */
const GError *gw_run_get_refusal (GwRun *run);      /* of the last request that was refused since it began; NULL = none */
const char *gw_run_get_dir (GwRun *run);            /* folder of the run; NULL = none */
GwDocument *gw_run_get_document (GwRun *run);       /* as it runs; NULL = none */
const GPtrArray *gw_run_get_curves (GwRun *run);    /* of GwRunCurve; the loss first */
const GwEvaluation *gw_run_get_evaluation (GwRun *run);
/* Steps at which checkpoints were written (GArray of int64_t). */
const GArray *gw_run_get_checkpoints (GwRun *run);

typedef enum {
  GW_RUN_TRAIN,      /* fresh variables, then train */
  GW_RUN_CONTINUE,   /* the present values (or the newest checkpoint's), then train */
  GW_RUN_STEP,       /* fresh, one step, then pause */
  GW_RUN_OPEN,       /* present values or the newest checkpoint's, and wait */
} GwRunHow;

/* Begins anew with a copy of `document`; a trainer that stands is ended first. Its
 * folder is made in `runs_dir`. */
void gw_run_start (GwRun *run, GwDocument *document, const char *runs_dir, GwRunHow how);
void gw_run_pause (GwRun *run);
void gw_run_resume (GwRun *run);
void gw_run_step (GwRun *run);
void gw_run_stop (GwRun *run);
/* Ends the worker (it writes a checkpoint first). "changed" tells when it has gone. */
void gw_run_close (GwRun *run);
/* Opens a trainer when there is none. */
void gw_run_evaluate (GwRun *run, GwDocument *document, const char *runs_dir);
void gw_run_checkpoint (GwRun *run);
void gw_run_initialize (GwRun *run);
/* The same for some variables, and a variable's value (a reference is kept: `value` must not
 * be written any more). FALSE when no trainer stands; "message" tells what was refused. */
gboolean gw_run_initialize_variables (GwRun *run, const char *const *names);
gboolean gw_run_set_value (GwRun *run, const char *name, GwTensor *value);
/* Puts a checkpoint's variables into `document` as it runs, names NULL = all that are in
 * both. Opens a trainer when there is none or, while nothing trains, when it has another
 * document. "loaded" tells that it was obeyed, "message" why not. */
void gw_run_load_checkpoint (GwRun *run, GwDocument *document, const char *runs_dir, const char *prefix,
                             const char *const *names);
/* Takes back the last load, once, while the trainer stands that obeyed it; FALSE when
 * there is nothing to take back. */
gboolean gw_run_undo_load (GwRun *run);
guint64 gw_run_predict (GwRun *run, GwMode mode, const GPtrArray *feeds, const char *const *fetches);
/* Values of outputs ("name", "name:k"; NULL-terminated) of `document`, with the present
 * variables and the last batch of the test split. Opens a trainer when there is none
 * or, while nothing trains, when it has another document. */
void gw_run_fetch (GwRun *run, GwDocument *document, const char *runs_dir, const char *const *fetches);
/* Copies of all variables as they stand; a trainer is opened as for gw_run_fetch(). Answered by
 * "variables", or by a run that has FAILED. */
void gw_run_copy_variables (GwRun *run, GwDocument *document, const char *runs_dir);
/* Replaces the list; kept for the trainers to come. */
void gw_run_set_watches (GwRun *run, const GwWatch *watches, int n);
const GwRunWatched *gw_run_get_watched (GwRun *run, int index);
int gw_run_get_n_watches (GwRun *run);
const GwWatch *gw_run_get_watch (GwRun *run, int index);

G_END_DECLS
