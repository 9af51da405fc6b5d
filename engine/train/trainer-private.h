/* SPDX-License-Identifier: Apache-2.0 */
/* A trainer's inside. trainer.c: making, state machine, run loop · feed.c: graphs of
 * a mode and their batches · step.c: one training step · watch.c · evaluate.c ·
 * variables.c: their values · request.c: what other threads ask for · not-finite.c:
 * where a NaN came from · recorder.c and reports.c: what goes out. */
#pragma once

#include "engine/base/json.h"
#include "engine/base/random.h"
#include "engine/data/iterator.h"
#include "engine/document/lower.h"
#include "engine/runtime/session.h"
#include "engine/train/recorder-private.h"
#include "engine/train/trainer.h"

/* The document's graph for a mode, with what is fed to it. */
typedef struct {
  GwLowered *lowered;   /* NULL = not made yet */
  int        n_feeds;   /* placeholders that have a value */
  GwOutput  *feeds;
  int       *columns;   /* per feed: the iterators' column, -1 = a value of its own */
  GwTensor **tensors;   /* per feed: what is fed now; of a column borrowed */
  GwShape   *shapes;    /* per feed, of `tensors`; filled by gw_mode_graph_shapes() */
} GwModeGraph;

/* The batches of one split. */
typedef struct {
  GwIterator *iterator; /* NULL = not opened yet */
  GwTensor  **batch;    /* per column: the last one, in the iterator's memory */
  int64_t     rows;     /* of it; 0 = none yet */
} GwBatches;

/* Which values a plan fetches besides running the step. */
typedef enum {
  GW_STEP_RECORD = 1 << 0,    /* reported values */
  GW_STEP_SUMMARIES = 1 << 1,
  GW_STEP_WATCHES = 1 << 2,
} GwStepKind;

/* A plan for batches of the same shapes. */
typedef struct {
  GwPlan    *plan;
  unsigned   kind;      /* of GwStepKind */
  GwShape   *shapes;    /* per feed of the graph */
  int64_t    used;      /* number of the last search that found it */
  int        n_fetches;
  GwTensor **fetched;
  int        reports, summaries, watches; /* where they begin in `fetched`; the loss is at 0 */
} GwStepPlan;

/* As many as are used now and then: batches of a bucket are of many lengths. */
typedef struct {
  GPtrArray *plans;     /* of GwStepPlan */
  int64_t    searches;
} GwStepPlans;

/* Steps that run the same targets. */
typedef struct {
  guint8    *does;       /* turns.c's own */
  GPtrArray *targets;    /* of GwNode */
  GwStepPlans plans;
} GwPhase;

typedef struct _GwTurns GwTurns;

typedef struct {
  GwWatchKind kind;
  int         index;     /* in the list that was asked for */
  GwOutput    output;
  double      interval;  /* microseconds */
  gint64      next;      /* monotonic time from which it is due */
  GwStopCondition stop;
  int64_t     node;      /* of the document */
} GwWatched;

typedef struct {
  int64_t  node;
  GwOutput output;
  int      series;
} GwReported;

struct _GwTrainer {
  /* What does not change. */
  GwDocument  *document;
  char        *run_dir, *device;
  int64_t      seed, total_steps, steps_per_epoch;
  int          n_threads;
  gboolean     keep_open;
  GwTrainerState begin;
  int64_t      record_every, evaluate_every, checkpoint_every, histograms_every, summaries_every, max_to_keep;
  GArray      *series;     /* of GwTrainerSeries, tags owned */
  int          first_evaluation_series;
  int          loss_series; /* -1 = no loss */

  /* The worker's own. */
  GwSession   *session;
  GwPipelineDef *pipeline; /* NULL = no data; with all its seeds drawn */
  GwDataset   *dataset;
  GwBatches    batches[2]; /* by GwSplit: for training, for evaluation */
  GwModeGraph  graphs[3];  /* by GwMode */
  GwOutput     loss;       /* of the training graph */
  GwTurns     *turns;      /* what the targets do at which step */
  GArray      *reported;   /* of GwReported: recorded during training */
  GArray      *watches;    /* of GwWatched */
  guint64      watches_request;
  gint64       next_watch;
  GError      *stopped_by; /* the breakpoint that the last step met, or NULL */

  int64_t      step, epoch;
  int64_t      loaded_step; /* the variables hold the values of this step … */
  int64_t      loaded_at;   /* … as long as `step` is this one; -1 = nothing was loaded */
  double       last_loss;
  double       seconds;    /* of training before `since` */
  gint64       since;      /* monotonic time at which the clock was started; 0 = stopped */
  gint64       rate_time;  /* the mark from which the present rate is measured */
  int64_t      rate_step;
  double       rate;
  gint64       next_progress;
  int64_t      pause_at;   /* step after which single steps pause; 0 = none */
  gboolean     not_finite; /* the last step failed because of the loss */
  GPtrArray   *copies;     /* of GwNamedTensor: what the recorder saves from */
  GwRunInfo   *info;
  GwRecorder  *recorder;   /* NULL = nothing is written */
  gboolean     evaluated;  /* since the last step */
  gboolean     saved;      /* since the last step */
  gboolean     save_waits; /* a checkpoint is due and the one before is being written */
  GError      *error;      /* why it failed */

  /* Shared. */
  GwReports       reports;
  atomic_int      state;
  atomic_int      n_requests;
  atomic_int      hurry;   /* somebody wants it to stop: an evaluation gives up */
  pthread_mutex_t lock;    /* of what follows */
  pthread_cond_t  wake;
  GQueue          requests; /* of GwRequest */
  guint64         last_request;
  gboolean        quit;    /* the worker's: gw_trainer_run() returns */
};

/* ---- feed.c ---- */

/* Opens the data set that the document names, if any. */
gboolean gw_trainer_open_data (GwTrainer *trainer, GError **error);
/* The graph of a mode, made at the first call. */
GwModeGraph *gw_trainer_graph (GwTrainer *trainer, GwMode mode, GError **error);
void gw_mode_graph_clear (GwModeGraph *graph);
void gw_mode_graph_shapes (GwModeGraph *graph);
/* The next batch of a split into trainer->batches[split], and into `graph`; nothing
 * without data. Training batches go on for ever unless the pipeline says otherwise;
 * OUT_OF_RANGE at the end. */
gboolean gw_trainer_next_batch (GwTrainer *trainer, GwSplit split, GwModeGraph *graph, GError **error);
/* Opens the rows that Evaluate goes through, in order: the test split, or the training
 * split where there is no other. Does nothing without data or when they are open. */
gboolean gw_trainer_open_evaluation (GwTrainer *trainer, GError **error);
/* Makes sure that there is a batch to look at, without moving on. */
gboolean gw_trainer_peek_batch (GwTrainer *trainer, GwSplit split, GwModeGraph *graph, GError **error);
/* Position of the training data for the side file, and back. */
cJSON *gw_trainer_data_position (GwTrainer *trainer);
gboolean gw_trainer_set_data_position (GwTrainer *trainer, const cJSON *position, GError **error);

/* ---- turns.c ---- */

GwTurns *gw_turns_new (void);
void gw_turns_free (GwTurns *turns);
/* The targets of the training settings, from the training graph. */
gboolean gw_turns_take (GwTurns *turns, const GwDocument *document, const GwLowered *lowered, GError **error);
gboolean gw_turns_is_empty (const GwTurns *turns);
/* What the step runs that comes after `step` steps; owned by `turns`, the same for equal steps. */
GwPhase *gw_turns_phase (GwTurns *turns, int64_t step);
void gw_turns_drop_plans (GwTurns *turns, unsigned kinds);

/* ---- step.c ---- */

void gw_step_plans_init (GwStepPlans *plans);
void gw_step_plans_clear (GwStepPlans *plans);
/* The one for what is fed now, NULL when there is none. */
GwStepPlan *gw_step_plans_find (GwStepPlans *plans, unsigned kind, const GwModeGraph *graph);
/* Takes a plan for what is fed now; the one that was not used for longest may go. */
GwStepPlan *gw_step_plans_add (GwStepPlans *plans, unsigned kind, const GwModeGraph *graph, GwPlan *plan);
void gw_phase_drop_plans (GwPhase *phase, unsigned kinds);

/* One step: batch, run, record, watches. Not evaluation and checkpoints. */
gboolean gw_trainer_make_step (GwTrainer *trainer, GError **error);
/* The same without recording; `fixed_batch` keeps the last one. */
gboolean gw_trainer_bare_step (GwTrainer *trainer, gboolean fixed_batch, GError **error);
/* Compiled plans are dropped: what they fetch has changed. */
void gw_trainer_drop_plans (GwTrainer *trainer, unsigned kinds);
/* Why the training graph's loss or targets cannot be trained. */
gboolean gw_trainer_prepare_training (GwTrainer *trainer, GError **error);

/* ---- watch.c ---- */

void gw_trainer_take_watches (GwTrainer *trainer, guint64 request, const GwWatch *watches, char *const *inner, int n);
/* Sends what is due out of `tensors` (one for each watch); `all` = whether due or not. */
void gw_trainer_send_watches (GwTrainer *trainer, GwTensor *const *tensors, gboolean all);
/* Computes them once for the last batch, without a step. */
gboolean gw_trainer_look (GwTrainer *trainer, GError **error);

/* ---- evaluate.c ---- */

GwEvaluation *gw_trainer_make_evaluation (GwTrainer *trainer, GError **error);
/* The same, reported and recorded. */
gboolean gw_trainer_report_evaluation (GwTrainer *trainer, guint64 request, GError **error);

/* ---- totals.c ---- */

typedef struct _GwTotals GwTotals;

/* NULL when the node is no metric that has totals. */
GwTotals *gw_totals_new (const GwLowered *lowered, const GwDocNode *node, int64_t id);
void gw_totals_free (GwTotals *totals);
/* What is to be fetched of each batch … */
GwOutput gw_totals_output (const GwTotals *totals);
/* … and added. */
gboolean gw_totals_add (GwTotals *totals, const GwTensor *tensor, GError **error);
/* The figure of all the batches, and its details, which are the caller's. */
gboolean gw_totals_finish (const GwTotals *totals, GwSession *session, GwGraph *graph, double *value, GwTensor **details,
                           GError **error);

/* ---- variables.c ---- */

/* `names` NULL = all. */
gboolean gw_trainer_initialize_variables (GwTrainer *trainer, const char *const *names, GError **error);
gboolean gw_trainer_load_variables (GwTrainer *trainer, const char *prefix, const char *const *names,
                                    gboolean must_have_all, GError **error);
/* The same, all or nothing; returns what the variables held before and its step. */
GPtrArray *gw_trainer_exchange_variables (GwTrainer *trainer, const char *prefix, const char *const *names,
                                          int64_t *step, GError **error);
/* The step whose values the variables hold. */
int64_t gw_trainer_value_step (const GwTrainer *trainer);
void gw_trainer_set_value_step (GwTrainer *trainer, int64_t step);
gboolean gw_trainer_take_values (GwTrainer *trainer, const GPtrArray *values, GError **error);
gboolean gw_trainer_put_value (GwTrainer *trainer, const char *name, GwTensor *value, GError **error);
/* One run of a plan that is dropped afterwards: results[i] are the caller's. The graph's
 * feeds are fed; its random streams stand afterwards as before when `keep_streams`. */
gboolean gw_trainer_run_once (GwTrainer *trainer, GwModeGraph *graph, int n_fetches, const GwOutput *fetches,
                              int n_targets, GwNode *const *targets, gboolean keep_streams, GwTensor **results,
                              GError **error);
/* Copies of variables; `names` NULL = all that have a value. */
GPtrArray *gw_trainer_copy_variables (GwTrainer *trainer, const char *const *names, GError **error);
GPtrArray *gw_trainer_make_prediction (GwTrainer *trainer, GwMode mode, const GPtrArray *feeds,
                                       const char *const *fetches, GError **error);
/* Hands a copy of all variables to the recorder. `wait`: first waits for the one being
 * written; else leaves it out then and returns FALSE. */
gboolean gw_trainer_save (GwTrainer *trainer, guint64 request, gboolean wait, GError **error);
/* From the run's newest checkpoint and its side file. */
gboolean gw_trainer_resume (GwTrainer *trainer, GError **error);
/* Seed of the run to be resumed. */
gboolean gw_trainer_read_seed (const char *run_dir, int64_t *seed, GError **error);
void gw_trainer_record_histograms (GwTrainer *trainer);

/* ---- request.c ---- */

/* Obeys all that wait; called between steps. */
void gw_trainer_serve (GwTrainer *trainer);
void gw_trainer_wait_for_request (GwTrainer *trainer);
void gw_trainer_clear_requests (GwTrainer *trainer);
void gw_trainer_set_state (GwTrainer *trainer, GwTrainerState state, GError *error);
/* Training begins or goes on. */
gboolean gw_trainer_begin_training (GwTrainer *trainer, GError **error);
/* To `state`: DONE after the last step, STOPPED by request; with a last checkpoint. */
void gw_trainer_end_training (GwTrainer *trainer, GwTrainerState state);

/* ---- trainer.c ---- */

void gw_trainer_clock_start (GwTrainer *trainer);
void gw_trainer_clock_stop (GwTrainer *trainer);
double gw_trainer_seconds (const GwTrainer *trainer, gint64 now);
void gw_trainer_send_progress (GwTrainer *trainer, gint64 now);
/* run.json as things stand. */
void gw_trainer_record_info (GwTrainer *trainer);
void gw_trainer_put_point (GwTrainer *trainer, int series, double wall_time, double value);
/* Puts the document's node into an error that names an inner one. */
void gw_trainer_name_error (const GwTrainer *trainer, const GwGraph *graph, GError **error);

/* ---- run-folder.c ---- */

/* The document as it runs, into the folder; file names made absolute, since it lies elsewhere. */
gboolean gw_run_document_save (const GwDocument *document, const char *run_dir, GError **error);

/* ---- not-finite.c ---- */

/* Runs the forward graph on the same batch and sets the error that says where the first
 * value that is not finite came from. */
void gw_trainer_explain_not_finite (GwTrainer *trainer, GError **error);
