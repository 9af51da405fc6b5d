/* SPDX-License-Identifier: Apache-2.0 */
/* A training run. A trainer owns a snapshot of the document, its graphs, its data
 * and a session; one thread (the worker) makes it and sits in gw_trainer_run().
 * Other threads talk to it by requests, which return at once and are obeyed
 * between steps, and hear from it by gw_trainer_poll(). Nothing else is shared.
 *
 *   idle ──► running ⇄ paused ──► done | failed | stopped
 *
 * A step that is not recorded or watched takes no lock, allocates nothing and looks
 * nothing up. Events, checkpoints and run.json are written by a thread of their own
 * from copies. */
#pragma once

#include "engine/document/document.h"
#include "engine/graph/builder.h"
#include "engine/runtime/session.h"
#include "engine/tensor/stats.h"
#include "engine/train/stop-condition.h"

G_BEGIN_DECLS

typedef struct _GwTrainer GwTrainer;

/* Settings of a training: GwDocSettings.training_attrs. epochs, steps (0 = by epochs),
 * record_every, evaluate_every, checkpoint_every, max_to_keep, histograms_every,
 * summaries_every, seed (0 = drawn when the run starts), device. */
const GwAttrDef *gw_training_attrs (void);
/* A setting as it stands in the document, else its default; `value` is the caller's.
 * FALSE when there is no such setting. */
gboolean gw_training_setting (const GwDocSettings *settings, const char *name, GwAttrValue *value);

typedef enum {
  GW_TRAINER_IDLE,
  GW_TRAINER_RUNNING,
  GW_TRAINER_PAUSED,
  GW_TRAINER_DONE,     /* all steps made */
  GW_TRAINER_FAILED,
  GW_TRAINER_STOPPED,  /* by request */
} GwTrainerState;
/* "running", as in run.json. */
const char *gw_trainer_state_name (GwTrainerState state);

/* A value with its name: "hidden1/kernel", "logits:0". */
typedef struct {
  char     *name;
  GwTensor *tensor;
} GwNamedTensor;
GPtrArray *gw_named_tensors_new (void); /* of GwNamedTensor, frees them */
/* Takes a reference of its own. */
void gw_named_tensors_add (GPtrArray *tensors, const char *name, GwTensor *tensor);
GwTensor *gw_named_tensors_find (const GPtrArray *tensors, const char *name); /* NULL = none */

/* Everything is borrowed for the call of gw_trainer_new(). */
typedef struct {
  const char      *run_dir;      /* folder of the run, made when missing; NULL = nothing is written */
  const char      *document_name;/* its file's name, for run.json; may be NULL */
  int              n_threads;    /* 0 = as many as there are cores */
  int64_t          seed;         /* -1 = the document's, and drawn when that is left open */
  int64_t          steps;        /* -1 = the document's; 0 = by epochs */
  int64_t          epochs;       /* -1 = the document's */
  const char      *device;       /* NULL = the document's */
  gboolean         resume;       /* go on from run_dir's newest checkpoint, bit for bit */
  const GPtrArray *start_values; /* of GwNamedTensor: variables that begin with these instead of freshly
                                  * initialised; NULL = none (Continue from current values) */
  int64_t          start_step;   /* of the training that `start_values` come from; 0 = not known */
  const char      *checkpoint;   /* prefix; variables found in it begin with its values; NULL = none */
  GwTrainerState   begin;        /* what gw_trainer_run() does first: IDLE or PAUSED waits for requests,
                                  * RUNNING trains */
  gboolean         keep_open;    /* TRUE: gw_trainer_run() goes on serving requests after done, stopped and
                                  * failed until gw_trainer_quit(); a loss that is not finite pauses.
                                  * FALSE: it returns then, and such a loss is a failure */
  int              ring_capacity;/* scalar points that can wait for poll; 0 = 65536 */
} GwTrainerOptions;

#define GW_TRAINER_OPTIONS_INIT \
  { .seed = -1, .steps = -1, .epochs = -1, .begin = GW_TRAINER_RUNNING }

/* Takes a reference to `document`, which must not be edited afterwards (pass a copy).
 * Lowers, opens the data, gives the variables their values: may take a second. The
 * error carries the node. A document without training targets is fine until it is
 * asked to train. */
GwTrainer *gw_trainer_new (GwDocument *document, const GwTrainerOptions *options, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
/* Not while gw_trainer_run() is active. Waits until all is written. */
void gw_trainer_free (GwTrainer *trainer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwTrainer, gw_trainer_free)

/* Blocks the calling thread. FALSE with the error when the training failed. */
gboolean gw_trainer_run (GwTrainer *trainer, GError **error);

/* ---- what never changes: any thread ---- */

GwDocument *gw_trainer_document (const GwTrainer *trainer);
const char *gw_trainer_run_dir (const GwTrainer *trainer);   /* NULL = none */
int64_t gw_trainer_seed (const GwTrainer *trainer);          /* as drawn */
int64_t gw_trainer_total_steps (const GwTrainer *trainer);   /* that the training will have made when done */
int64_t gw_trainer_steps_per_epoch (const GwTrainer *trainer);
const char *gw_trainer_device (const GwTrainer *trainer);    /* "/cpu:0" */

/* A curve. Number 0 is the loss when there is one. */
typedef struct {
  const char *tag;        /* as in the event file: "loss", "accuracy", "test/loss" */
  int64_t     node;       /* document node */
  gboolean    evaluation; /* a point per evaluation, of the test split */
} GwTrainerSeries;
int gw_trainer_n_series (const GwTrainer *trainer);
const GwTrainerSeries *gw_trainer_series (const GwTrainer *trainer, int i);

/* ---- requests: any thread, return at once ---- */

GwTrainerState gw_trainer_state (GwTrainer *trainer);

void gw_trainer_play (GwTrainer *trainer);           /* idle, paused → running */
void gw_trainer_pause (GwTrainer *trainer);
void gw_trainer_step (GwTrainer *trainer, int64_t n); /* n steps, then paused */
void gw_trainer_stop (GwTrainer *trainer);           /* checkpoint, then stopped */
void gw_trainer_quit (GwTrainer *trainer);           /* stop, and gw_trainer_run() returns */

/* The following answer with a report that carries the number returned: EVALUATION,
 * CHECKPOINT, VALUES or DONE; REFUSED with the error when it could not be done. They
 * work in every state while gw_trainer_run() is active. */

guint64 gw_trainer_evaluate (GwTrainer *trainer);
guint64 gw_trainer_checkpoint (GwTrainer *trainer);
/* Variable by its full name, or a scalar placeholder by its document name (its value
 * for training). `value` must have dtype and shape. */
guint64 gw_trainer_set_value (GwTrainer *trainer, const char *name, GwTensor *value);
/* NULL-terminated names of variables; NULL = all. */
guint64 gw_trainer_initialize (GwTrainer *trainer, const char *const *names);
/* VALUES: copies of what the variables held before, the report's step being that of those
 * values, for gw_trainer_set_values() to undo it. When one variable does not fit none is
 * loaded. `names` NULL = all that the checkpoint holds. */
guint64 gw_trainer_load_checkpoint (GwTrainer *trainer, const char *prefix, const char *const *names);
/* Variables (of GwNamedTensor, kept by reference) as they were after `step`. Those that
 * the graph has no more, or in another type or shape, are left out. */
guint64 gw_trainer_set_values (GwTrainer *trainer, GPtrArray *values, int64_t step);
/* VALUES: copies of variables (NULL = all); the report's step is that of the values. */
guint64 gw_trainer_fetch_variables (GwTrainer *trainer, const char *const *names);
/* VALUES: `fetches` ("name", "name:k" of document or primitive nodes; NULL-terminated)
 * with `feeds` (of GwNamedTensor, placeholders by name; NULL = none). Columns that are
 * not fed take the last batch of that mode. References are kept, so the tensors must
 * not be written any more. */
guint64 gw_trainer_predict (GwTrainer *trainer, GwMode mode, const GPtrArray *feeds,
                            const char *const *fetches);

typedef enum {
  GW_WATCH_SCALAR,     /* mean when it is not a scalar */
  GW_WATCH_STATS,
  GW_WATCH_HISTOGRAM,  /* stats as well */
  GW_WATCH_VALUE,      /* stats as well, and a copy of the tensor */
} GwWatchKind;

/* An output to be looked at during training, in training mode. */
typedef struct {
  int64_t     node;       /* document node … */
  int         output;
  const char *inner;      /* … or a primitive output by name, "gradients/…:0", "hidden1/kernel"; NULL */
  GwWatchKind kind;
  double      per_second; /* at most that often; 0 = at every step */
  GwStopCondition stop;   /* a breakpoint: a step after which the value meets it is the last before a pause,
                           * whose STATE report says so. Looked at when the watch is due: per_second 0 */
} GwWatch;

/* Replaces the list. In pause the new ones are computed once, of the last batch. An
 * output that cannot be found or run is reported once as REFUSED and left out. */
guint64 gw_trainer_set_watches (GwTrainer *trainer, const GwWatch *watches, int n);

/* ---- reports: one thread ---- */

typedef enum {
  GW_REPORT_STATE,      /* state; error when failed, or when a loss that is not finite paused it */
  GW_REPORT_SCALAR,     /* series, value */
  GW_REPORT_PROGRESS,   /* progress: the newest */
  GW_REPORT_WATCH,      /* watch: the newest of each */
  GW_REPORT_EVALUATION, /* evaluation */
  GW_REPORT_CHECKPOINT, /* path: the prefix that is now on disk */
  GW_REPORT_VALUES,     /* values */
  GW_REPORT_DONE,       /* a request without an answer has been obeyed */
  GW_REPORT_REFUSED,    /* error */
  GW_REPORT_WARNING,    /* error: what could not be written; the training goes on */
  GW_REPORT_MESSAGE,    /* message: a line that a Print node wrote */
} GwReportKind;

typedef struct {
  int64_t step;             /* steps made since the variables were initialised */
  int64_t total_steps;
  double  epoch;            /* 1.5 = half of the second epoch is done */
  double  steps_per_second; /* lately; 0 while nothing runs */
  double  seconds;          /* of training, without pauses and evaluations */
  double  seconds_left;     /* NaN = unknown */
  double  loss;             /* last; NaN = none yet */
  int64_t dropped;          /* scalar points that were not taken in time, or not written */
} GwProgress;

typedef struct {
  int           index;      /* in the list given to gw_trainer_set_watches() … */
  guint64       request;    /* … by this request */
  GwWatchKind   kind;
  int64_t       step;
  GwDType       dtype;
  GwShape       shape;
  double        scalar;
  GwTensorStats stats;
  GwHistogram  *histogram;  /* NULL unless asked for, or when the value is not finite */
  GwTensor     *value;      /* NULL unless asked for */
} GwWatchResult;

typedef struct {
  char     *name;
  int64_t   node;
  double    value;
  GwTensor *details;   /* of a Metric box, of all the examples: a curve's points, a figure for each class; NULL */
} GwMetricResult;

typedef struct {
  int64_t index;       /* row of the table in which the evaluated rows lie (gw_dataset_table()) */
  int     truth, predicted;
  double  probability; /* given to `predicted`, 0 … 1 */
} GwMistake;

typedef struct {
  int64_t         step;       /* of the variables' values: a loaded checkpoint's own, until training goes on */
  int64_t         n_examples;
  double          seconds;
  double          loss;       /* mean over the test split; NaN = the document names no loss */
  int             n_metrics;
  GwMetricResult *metrics;
  int             n_classes;  /* 0 = labels are no classes */
  char          **class_names;/* n_classes of them; "0", "1" … where the data set names none */
  int64_t        *confusion;  /* [truth * n_classes + predicted] */
  char           *column;     /* of the labels, when they come straight from one; NULL */
  int             n_mistakes;
  GwMistake      *mistakes;   /* surest first, at most 64 */
} GwEvaluation;

typedef struct {
  int64_t node;    /* document node; 0 = not known */
  char   *name;    /* of the document node, else of the primitive one */
  char   *text;
  int64_t dropped; /* lines before it that were not taken in time */
} GwNodeMessage;

typedef struct {
  GwReportKind kind;
  guint64      request;    /* that it answers; 0 = none */
  int64_t      step;
  double       wall_time;  /* seconds since 1970 */
  GError      *error;
  union {
    GwTrainerState  state;
    struct {
      int           series;
      double        value;
    } scalar;
    GwProgress      progress;
    GwWatchResult  *watch;
    GwEvaluation   *evaluation;
    char           *path;
    GPtrArray      *values; /* of GwNamedTensor */
    GwNodeMessage   message;
  };
} GwReport;

/* The next report, or FALSE. Order is kept between STATE, SCALAR and the answers; the
 * newest PROGRESS and WATCH come after them. Never blocks. What the report points to
 * is the caller's: gw_report_clear(). */
gboolean gw_trainer_poll (GwTrainer *trainer, GwReport *report);
void gw_report_clear (GwReport *report);
void gw_evaluation_free (GwEvaluation *evaluation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwEvaluation, gw_evaluation_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GwReport, gw_report_clear)

/* ---- for the worker's own thread, while gw_trainer_run() is not active ---- */

/* Evaluates at once. */
GwEvaluation *gw_trainer_evaluate_now (GwTrainer *trainer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What a model that continues texts is asked. */
typedef struct {
  const char *prompt;      /* what the text begins with */
  int64_t     count;       /* characters or words to add */
  double      temperature; /* of the scalar placeholder called “temperature”; 0 = as it stands */
  const char *input;       /* placeholder [batch, time] of a column with a vocabulary; NULL = the first one */
  const char *next;        /* output that draws the number of what comes next, "next" */
  gboolean  (*added) (const char *text, gpointer data); /* told what is put behind, from the calling thread; FALSE
                            * ends it there. NULL = not told */
  gpointer    data;
} GwGenerateOptions;

/* The prompt and what the model puts behind it: each time what is there is fed, and the
 * last number of `next` appended. To be freed. */
char *gw_trainer_generate_now (GwTrainer *trainer, const GwGenerateOptions *options, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
/* Its session, for `gw bench`. */
GwSession *gw_trainer_session (GwTrainer *trainer);
/* Makes `n` training steps with no recording; for `gw bench`. With `fixed_batch` all
 * use the batch of the last step. */
gboolean gw_trainer_run_steps (GwTrainer *trainer, int64_t n, gboolean fixed_batch, GError **error);
/* Where it stands. */
void gw_trainer_get_progress (GwTrainer *trainer, GwProgress *progress);

G_END_DECLS
