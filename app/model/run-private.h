/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the two halves of the run: the worker with its requests, and the reports. */
#pragma once

#include "app/model/run.h"

G_BEGIN_DECLS

/* A trainer and its thread. The thread makes it and runs it; the main thread polls
 * it, and frees it (in a worker again) after the thread has said that it left. */
typedef struct {
  GwRun           *run;        /* a reference */
  GwDocument      *document;
  char            *runs_dir;   /* NULL = writes nothing */
  GPtrArray       *start_values;
  char            *checkpoint;
  int64_t          start_step;   /* of start_values */
  GwTrainerState   begin;
  GwTrainer       *trainer;
  GError          *error;      /* why it could not be made */
  gboolean         has_variables;
  gboolean         quit;       /* main thread: end it as soon as it stands */
} Worker;

typedef struct {
  GwDocument *document;
  char       *runs_dir;
  GwRunHow    how;
} Start;

struct _GwRun {
  GObject       parent_instance;

  GwRunState    state;
  Worker       *worker;       /* the present one, or NULL */
  Start        *next;         /* what begins when the present worker has gone */
  GPtrArray    *kept_values;  /* of the trainer before, for CONTINUE; or NULL */
  int64_t       kept_step;    /* that they are of */
  guint64       fetch;        /* request for kept_values */
  guint64       fetch_request; /* of gw_run_fetch() */
  guint64       copy_request;  /* of gw_run_copy_variables() */
  char        **want_fetch;    /* for the trainer to come, or NULL */
  gboolean      want_evaluation, want_step, want_copy;

  guint64       load_request; /* of the last load, 0 = none is under way */
  guint64       undo_request; /* of its undoing */
  char         *load_prefix;
  GPtrArray    *undo_values;  /* what the last load replaced, or NULL */
  int64_t       undo_step;
  char         *want_prefix;  /* for the trainer to come, or NULL … */
  char        **want_names;   /* … and of it these, NULL = all */

  GError       *error;
  GError       *refusal;
  GwProgress    progress;
  GPtrArray    *curves;
  GArray       *checkpoints;
  GwEvaluation *evaluation;

  GArray       *watches;      /* of GwWatch */
  GArray       *watched;      /* of GwRunWatched */
  guint64       watch_request;

  guint         poll;
  guint         poll_interval;
  gint64        fast_until;
  int           untold;       /* of run-reports.c: what was taken and not told yet */
  gint64        told;         /* when it was told last */
};

typedef enum {
  GW_RUN_SIGNAL_CHANGED,
  GW_RUN_SIGNAL_STARTED,
  GW_RUN_SIGNAL_POINTS,
  GW_RUN_SIGNAL_WATCHES,
  GW_RUN_SIGNAL_EVALUATION,
  GW_RUN_SIGNAL_CHECKPOINT,
  GW_RUN_SIGNAL_VALUES,
  GW_RUN_SIGNAL_FETCHED,
  GW_RUN_SIGNAL_VARIABLES,
  GW_RUN_SIGNAL_LOADED,
  GW_RUN_SIGNAL_MESSAGE,
  GW_RUN_SIGNAL_PRINTED,
  GW_RUN_N_SIGNALS
} GwRunSignal;
extern guint gw_run_signals[GW_RUN_N_SIGNALS];

void gw_run_emit_changed (GwRun *self);
void gw_run_emit_message (GwRun *self, const char *text);
void gw_run_watched_clear (gpointer watched);
/* Nothing is wanted any more of a trainer that does not come. */
void gw_run_forget_wants (GwRun *self);
/* NULL when there is none. */
GwTrainer *gw_run_trainer (GwRun *self);
/* Takes what the trainer has to say, for at most `budget` microseconds. */
void gw_run_take_reports (GwRun *self, gint64 budget);

G_END_DECLS
