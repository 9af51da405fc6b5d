/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/run-private.h"

#include "app/model/background.h"
#include "app/model/breakpoints.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>

#define SLICE (4 * G_TIME_SPAN_MILLISECOND)
/* Training yields to the window where both want the same core. */
#define WORKER_NICE 5
/* Milliseconds between two looks at the trainer's reports: while an answer is awaited;
 * while it trains, which is no faster than its figures can be read; else. */
#define FAST_POLL 16
#define RUN_POLL 100
#define SLOW_POLL 200

guint gw_run_signals[GW_RUN_N_SIGNALS];

G_DEFINE_FINAL_TYPE (GwRun, gw_run, G_TYPE_OBJECT)

static void begin_next (GwRun *self);

void
gw_run_curve_free (GwRunCurve *curve)
{
  g_free (curve->tag);
  g_array_unref (curve->points);
  g_free (curve);
}

static void
start_free (Start *start)
{
  if (start == NULL)
    return;
  gw_document_unref (start->document);
  g_free (start->runs_dir);
  g_free (start);
}

static gboolean poll_cb (gpointer data);

static void
set_poll (GwRun *self,
          guint  interval)
{
  if (self->poll != 0 && self->poll_interval == interval)
    return;
  g_clear_handle_id (&self->poll, g_source_remove);
  self->poll_interval = interval;
  self->poll = g_timeout_add (interval, poll_cb, self);
}

static gboolean
poll_cb (gpointer data)
{
  GwRun *self = data;

  g_object_ref (self);
  gw_run_take_reports (self, SLICE);
  if (self->poll != 0)
    set_poll (self, g_get_monotonic_time () < self->fast_until ? FAST_POLL
                    : self->state == GW_RUN_RUNNING            ? RUN_POLL
                                                               : SLOW_POLL);
  g_object_unref (self);
  return G_SOURCE_CONTINUE;
}

/* A request was made: its answer is wanted soon. */
static void
expect_answer (GwRun *self)
{
  self->fast_until = g_get_monotonic_time () + G_TIME_SPAN_SECOND;
  if (gw_run_trainer (self) != NULL)
    set_poll (self, FAST_POLL);
}

/* ---- the worker ---- */

static void
worker_free (Worker *worker)
{
  gw_document_unref (worker->document);
  g_clear_pointer (&worker->start_values, g_ptr_array_unref);
  g_clear_error (&worker->error);
  g_free (worker->runs_dir);
  g_free (worker->checkpoint);
  g_object_unref (worker->run);
  g_free (worker);
}

static void
send_watches (GwRun *self)
{
  GwTrainer *trainer = gw_run_trainer (self);

  for (guint i = 0; i < self->watched->len; i++)
    {
      GwRunWatched *watched = &g_array_index (self->watched, GwRunWatched, i);

      gw_run_watched_clear (watched);
      watched->n_history = 0;
    }
  if (trainer != NULL)
    self->watch_request =
      gw_trainer_set_watches (trainer, (const GwWatch *) (gpointer) self->watches->data, (int) self->watches->len);
}

static void
make_curves (GwRun     *self,
             GwTrainer *trainer)
{
  g_ptr_array_set_size (self->curves, 0);
  for (int i = 0; i < gw_trainer_n_series (trainer); i++)
    {
      GwRunCurve *curve = g_new0 (GwRunCurve, 1);

      curve->tag = g_strdup (gw_trainer_series (trainer, i)->tag);
      curve->evaluation = gw_trainer_series (trainer, i)->evaluation;
      curve->points = g_array_new (FALSE, FALSE, sizeof (GwRunPoint));
      g_ptr_array_add (self->curves, curve);
    }
}

/* A trainer that only looks says whose values it shows. */
static void
tell_values (GwRun        *self,
             const Worker *worker)
{
  g_autofree char *base = worker->checkpoint != NULL ? g_path_get_basename (worker->checkpoint) : NULL;
  g_autofree char *text = base != NULL ? g_strdup_printf ("Values from %s", base) : NULL;

  if (worker->runs_dir == NULL && worker->begin == GW_TRAINER_IDLE && worker->start_values == NULL &&
      worker->has_variables && self->want_prefix == NULL)
    gw_run_emit_message (self, text != NULL ? text : "Nothing trained yet: values are freshly initialised");
}

void
gw_run_forget_wants (GwRun *self)
{
  g_clear_pointer (&self->want_fetch, g_strfreev);
  g_clear_pointer (&self->want_prefix, g_free);
  g_clear_pointer (&self->want_names, g_strfreev);
  self->want_evaluation = self->want_step = self->want_copy = FALSE;
}

static void
send_load (GwRun             *self,
           const char        *prefix,
           const char *const *names)
{
  char *copy = g_strdup (prefix);

  g_free (self->load_prefix);
  self->load_prefix = copy;
  self->load_request = gw_trainer_load_checkpoint (gw_run_trainer (self), prefix, names);
}

static gboolean
trainer_stands (gpointer data)
{
  Worker *worker = data;
  GwRun *self = worker->run;
  GwTrainer *trainer = worker->trainer;

  if (worker->quit)
    {
      gw_trainer_quit (trainer);
      return G_SOURCE_REMOVE;
    }
  self->state = worker->begin == GW_TRAINER_RUNNING ? GW_RUN_RUNNING : GW_RUN_READY;
  make_curves (self, trainer);
  send_watches (self);
  tell_values (self, worker);
  if (self->want_prefix != NULL)
    send_load (self, self->want_prefix, (const char *const *) self->want_names);
  if (self->want_evaluation)
    gw_trainer_evaluate (trainer);
  if (self->want_step)
    gw_trainer_step (trainer, 1);
  if (self->want_fetch != NULL)
    self->fetch_request =
      gw_trainer_predict (trainer, GW_MODE_EVALUATE, NULL, (const char *const *) self->want_fetch);
  if (self->want_copy)
    self->copy_request = gw_trainer_fetch_variables (trainer, NULL);
  gw_run_forget_wants (self);
  expect_answer (self);
  g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_STARTED], 0);
  gw_run_emit_changed (self);
  return G_SOURCE_REMOVE;
}

static gpointer
free_trainer (gpointer data)
{
  gw_trainer_free (data);
  gw_background_end ();
  return NULL;
}

static gboolean
worker_left (gpointer data)
{
  Worker *worker = data;
  GwRun *self = worker->run;

  if (worker->trainer != NULL)
    {
      if (worker == self->worker && !worker->quit)
        gw_run_take_reports (self, G_MAXINT32);
      /* Freeing waits for the disk. */
      gw_background_begin ();
      g_thread_unref (g_thread_new ("free-trainer", free_trainer, worker->trainer));
    }
  if (worker == self->worker)
    {
      self->worker = NULL;
      g_clear_handle_id (&self->poll, g_source_remove);
      if (worker->error != NULL && !worker->quit)
        {
          g_clear_error (&self->error);
          self->error = g_steal_pointer (&worker->error);
          self->state = GW_RUN_FAILED;
          if (self->next == NULL)
            gw_run_forget_wants (self);
        }
      else if (self->state == GW_RUN_PREPARING || self->state == GW_RUN_READY || self->state == GW_RUN_RUNNING ||
               self->state == GW_RUN_PAUSED)
        self->state = self->progress.step > 0 ? GW_RUN_STOPPED : GW_RUN_IDLE;
      if (self->next != NULL)
        begin_next (self);
      else
        gw_run_emit_changed (self);
    }
  worker_free (worker);
  gw_background_end ();
  return G_SOURCE_REMOVE;
}

static gboolean
has_variables (const GwDocument *document)
{
  const GwLowerOptions options = { .mode = GW_MODE_EVALUATE, .training = FALSE, .seed = -1 };
  g_autoptr (GwLowered) lowered = gw_lower (document, &options);

  return lowered->variables->len > 0;
}

static gpointer
worker_run (gpointer data)
{
  Worker *worker = data;
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autofree char *run_dir = NULL;

  /* Of this thread and of those that it starts. */
  setpriority (PRIO_PROCESS, 0, WORKER_NICE);
  worker->has_variables = has_variables (worker->document);
  if (worker->runs_dir != NULL)
    run_dir = gw_run_dir_new (worker->runs_dir, &worker->error);
  if (worker->runs_dir == NULL || run_dir != NULL)
    {
      options.run_dir = run_dir;
      options.start_values = worker->start_values;
      options.start_step = worker->start_step;
      options.checkpoint = worker->checkpoint;
      options.begin = worker->begin;
      options.keep_open = TRUE;
      worker->trainer = gw_trainer_new (worker->document, &options, &worker->error);
    }
  if (worker->trainer != NULL)
    {
      /* Obeyed before the first step; the window's own list comes some steps later. */
      g_autoptr (GArray) stops = gw_document_breakpoints (worker->document);

      if (stops->len > 0)
        gw_trainer_set_watches (worker->trainer, (const GwWatch *) (gpointer) stops->data, (int) stops->len);
      g_idle_add_full (G_PRIORITY_DEFAULT, trainer_stands, worker, NULL);
      if (!gw_trainer_run (worker->trainer, &worker->error))
        g_clear_error (&worker->error); /* a report has told it */
    }
  g_idle_add_full (G_PRIORITY_DEFAULT, worker_left, worker, NULL);
  return NULL;
}

static char *
newest_checkpoint (const char *runs_dir)
{
  g_autoptr (GPtrArray) runs = runs_dir != NULL ? gw_runs_list (runs_dir) : NULL;

  for (guint i = 0; runs != NULL && i < runs->len; i++)
    {
      char *prefix = gw_checkpoint_latest (((GwRunInfo *) g_ptr_array_index (runs, i))->path, NULL);

      if (prefix != NULL)
        return prefix;
    }
  return NULL;
}

static void
begin_next (GwRun *self)
{
  Start *start = g_steal_pointer (&self->next);
  Worker *worker = g_new0 (Worker, 1);
  gboolean carry = start->how == GW_RUN_CONTINUE || start->how == GW_RUN_OPEN;

  worker->run = g_object_ref (self);
  worker->document = gw_document_ref (start->document);
  /* Looking at values and evaluating make no run on disk. */
  worker->runs_dir = start->how == GW_RUN_OPEN ? NULL : g_strdup (start->runs_dir);
  worker->begin = start->how == GW_RUN_OPEN || start->how == GW_RUN_STEP ? GW_TRAINER_IDLE : GW_TRAINER_RUNNING;
  if (carry && self->kept_values != NULL)
    {
      worker->start_values = g_ptr_array_ref (self->kept_values);
      worker->start_step = self->kept_step;
    }
  else if (carry)
    worker->checkpoint = newest_checkpoint (start->runs_dir);
  g_clear_pointer (&self->kept_values, g_ptr_array_unref);
  g_clear_pointer (&self->undo_values, g_ptr_array_unref);
  self->load_request = self->undo_request = 0;
  g_array_set_size (self->checkpoints, 0);
  g_clear_error (&self->error);
  g_clear_error (&self->refusal);
  if (start->how != GW_RUN_OPEN)
    {
      memset (&self->progress, 0, sizeof self->progress);
      self->progress.loss = self->progress.seconds_left = NAN;
      g_clear_pointer (&self->evaluation, gw_evaluation_free);
    }
  self->state = GW_RUN_PREPARING;
  self->want_step = start->how == GW_RUN_STEP;
  self->worker = worker;
  start_free (start);
  gw_run_emit_changed (self);
  gw_background_begin ();
  g_thread_unref (g_thread_new ("trainer", worker_run, worker));
}

/* ---- requests ---- */

void
gw_run_start (GwRun      *self,
              GwDocument *document,
              const char *runs_dir,
              GwRunHow    how)
{
  GwTrainer *trainer = gw_run_trainer (self);

  start_free (self->next);
  self->next = g_new0 (Start, 1);
  self->next->document = gw_document_copy (document);
  self->next->runs_dir = g_strdup (runs_dir);
  self->next->how = how;
  if (self->worker == NULL)
    {
      begin_next (self);
      return;
    }
  if (trainer != NULL && (how == GW_RUN_CONTINUE || how == GW_RUN_OPEN))
    {
      if (self->fetch == 0)
        self->fetch = gw_trainer_fetch_variables (trainer, NULL);
    }
  else if (trainer != NULL)
    gw_trainer_quit (trainer);
  else
    self->worker->quit = TRUE;
  self->state = GW_RUN_PREPARING;
  expect_answer (self);
  gw_run_emit_changed (self);
}

static void
ask (GwRun *self,
     void (*request) (GwTrainer *))
{
  if (gw_run_trainer (self) == NULL)
    return;
  request (gw_run_trainer (self));
  expect_answer (self);
}

void
gw_run_pause (GwRun *self)
{
  ask (self, gw_trainer_pause);
}

void
gw_run_resume (GwRun *self)
{
  ask (self, gw_trainer_play);
}

void
gw_run_step (GwRun *self)
{
  if (gw_run_trainer (self) == NULL)
    return;
  gw_trainer_step (gw_run_trainer (self), 1);
  expect_answer (self);
}

void
gw_run_stop (GwRun *self)
{
  if (self->worker != NULL && self->worker->trainer == NULL)
    self->worker->quit = TRUE;
  ask (self, gw_trainer_stop);
}

void
gw_run_close (GwRun *self)
{
  g_clear_pointer (&self->next, start_free);
  if (self->worker == NULL)
    return;
  if (self->worker->trainer != NULL)
    gw_trainer_quit (self->worker->trainer);
  else
    self->worker->quit = TRUE;
}

/* Whether the trainer answers for this document: what trains now answers for itself,
 * one that only stands must be of the same document. */
static gboolean
stands_for (GwRun            *self,
            const GwDocument *document)
{
  return gw_run_trainer (self) != NULL && self->next == NULL && self->state != GW_RUN_FAILED &&
         self->state != GW_RUN_PREPARING &&
         (gw_run_is_active (self) || gw_document_equal (document, self->worker->document));
}

void
gw_run_evaluate (GwRun      *self,
                 GwDocument *document,
                 const char *runs_dir)
{
  if (stands_for (self, document))
    {
      gw_trainer_evaluate (gw_run_trainer (self));
      expect_answer (self);
      return;
    }
  self->want_evaluation = TRUE;
  if (self->next == NULL && self->state != GW_RUN_PREPARING)
    gw_run_start (self, document, runs_dir, GW_RUN_OPEN);
}

void
gw_run_checkpoint (GwRun *self)
{
  if (gw_run_trainer (self) == NULL)
    return;
  gw_trainer_checkpoint (gw_run_trainer (self));
  expect_answer (self);
}

void
gw_run_initialize (GwRun *self)
{
  if (gw_run_trainer (self) == NULL)
    return;
  gw_trainer_initialize (gw_run_trainer (self), NULL);
  expect_answer (self);
}

gboolean
gw_run_initialize_variables (GwRun             *self,
                             const char *const *names)
{
  if (gw_run_trainer (self) == NULL)
    return FALSE;
  gw_trainer_initialize (gw_run_trainer (self), names);
  expect_answer (self);
  return TRUE;
}

gboolean
gw_run_set_value (GwRun      *self,
                  const char *name,
                  GwTensor   *value)
{
  if (gw_run_trainer (self) == NULL)
    return FALSE;
  gw_trainer_set_value (gw_run_trainer (self), name, value);
  expect_answer (self);
  return TRUE;
}

void
gw_run_load_checkpoint (GwRun             *self,
                        GwDocument        *document,
                        const char        *runs_dir,
                        const char        *prefix,
                        const char *const *names)
{
  char *prefix_copy, **names_copy;

  if (stands_for (self, document))
    {
      send_load (self, prefix, names);
      expect_answer (self);
      return;
    }
  prefix_copy = g_strdup (prefix);
  names_copy = g_strdupv ((char **) names);
  g_free (self->want_prefix);
  g_strfreev (self->want_names);
  self->want_prefix = prefix_copy;
  self->want_names = names_copy;
  if (self->next == NULL && self->state != GW_RUN_PREPARING)
    gw_run_start (self, document, runs_dir, GW_RUN_OPEN);
}

gboolean
gw_run_undo_load (GwRun *self)
{
  if (gw_run_trainer (self) == NULL || self->undo_values == NULL || self->undo_request != 0)
    return FALSE;
  self->undo_request = gw_trainer_set_values (gw_run_trainer (self), self->undo_values, self->undo_step);
  expect_answer (self);
  return TRUE;
}

guint64
gw_run_predict (GwRun             *self,
                GwMode             mode,
                const GPtrArray   *feeds,
                const char *const *fetches)
{
  if (gw_run_trainer (self) == NULL)
    return 0;
  expect_answer (self);
  return gw_trainer_predict (gw_run_trainer (self), mode, feeds, fetches);
}

void
gw_run_fetch (GwRun             *self,
              GwDocument        *document,
              const char        *runs_dir,
              const char *const *fetches)
{
  GwTrainer *trainer = gw_run_trainer (self);

  if (stands_for (self, document))
    {
      self->fetch_request = gw_trainer_predict (trainer, GW_MODE_EVALUATE, NULL, fetches);
      expect_answer (self);
      return;
    }
  g_strfreev (self->want_fetch);
  self->want_fetch = g_strdupv ((char **) fetches);
  if (self->next == NULL && self->state != GW_RUN_PREPARING)
    gw_run_start (self, document, runs_dir, GW_RUN_OPEN);
}

void
gw_run_copy_variables (GwRun      *self,
                       GwDocument *document,
                       const char *runs_dir)
{
  if (stands_for (self, document))
    {
      self->copy_request = gw_trainer_fetch_variables (gw_run_trainer (self), NULL);
      expect_answer (self);
      return;
    }
  self->want_copy = TRUE;
  if (self->next == NULL && self->state != GW_RUN_PREPARING)
    gw_run_start (self, document, runs_dir, GW_RUN_OPEN);
}

void
gw_run_set_watches (GwRun         *self,
                    const GwWatch *watches,
                    int            n)
{
  n = MIN (n, 512);
  g_array_set_size (self->watches, 0);
  g_array_append_vals (self->watches, watches, (guint) n);
  g_array_set_size (self->watched, 0);
  g_array_set_size (self->watched, (guint) n);
  send_watches (self);
  expect_answer (self);
}

/* ---- what stands ---- */

const GwRunWatched *
gw_run_get_watched (GwRun *self,
                    int    index)
{
  return &g_array_index (self->watched, GwRunWatched, index);
}

int
gw_run_get_n_watches (GwRun *self)
{
  return (int) self->watches->len;
}

const GwWatch *
gw_run_get_watch (GwRun *self,
                  int    index)
{
  return &g_array_index (self->watches, GwWatch, index);
}

GwRunState
gw_run_get_state (GwRun *self)
{
  return self->state;
}

gboolean
gw_run_is_active (GwRun *self)
{
  return self->state == GW_RUN_PREPARING || self->state == GW_RUN_RUNNING || self->state == GW_RUN_PAUSED;
}

const GwProgress *
gw_run_get_progress (GwRun *self)
{
  return &self->progress;
}

const GError *
gw_run_get_error (GwRun *self)
{
  return self->error;
}

const GError *
gw_run_get_refusal (GwRun *self)
{
  return self->refusal;
}

const char *
gw_run_get_dir (GwRun *self)
{
  return gw_run_trainer (self) != NULL ? gw_trainer_run_dir (gw_run_trainer (self)) : NULL;
}

GwDocument *
gw_run_get_document (GwRun *self)
{
  return self->worker != NULL ? self->worker->document : NULL;
}

const GPtrArray *
gw_run_get_curves (GwRun *self)
{
  return self->curves;
}

const GwEvaluation *
gw_run_get_evaluation (GwRun *self)
{
  return self->evaluation;
}

const GArray *
gw_run_get_checkpoints (GwRun *self)
{
  return self->checkpoints;
}

static void
gw_run_finalize (GObject *object)
{
  GwRun *self = GW_RUN (object);

  g_clear_handle_id (&self->poll, g_source_remove);
  start_free (self->next);
  g_clear_pointer (&self->kept_values, g_ptr_array_unref);
  g_clear_pointer (&self->undo_values, g_ptr_array_unref);
  g_free (self->load_prefix);
  gw_run_forget_wants (self);
  g_clear_error (&self->error);
  g_clear_error (&self->refusal);
  g_ptr_array_unref (self->curves);
  g_array_unref (self->checkpoints);
  gw_evaluation_free (self->evaluation);
  g_array_unref (self->watches);
  g_array_unref (self->watched);
  G_OBJECT_CLASS (gw_run_parent_class)->finalize (object);
}

static void
gw_run_class_init (GwRunClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gw_run_finalize;
  gw_run_signals[GW_RUN_SIGNAL_CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gw_run_signals[GW_RUN_SIGNAL_STARTED] = g_signal_new ("started", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gw_run_signals[GW_RUN_SIGNAL_POINTS] = g_signal_new ("points", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gw_run_signals[GW_RUN_SIGNAL_WATCHES] = g_signal_new ("watches", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gw_run_signals[GW_RUN_SIGNAL_EVALUATION] = g_signal_new ("evaluation", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gw_run_signals[GW_RUN_SIGNAL_CHECKPOINT] =
    g_signal_new ("checkpoint", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gw_run_signals[GW_RUN_SIGNAL_VALUES] = g_signal_new ("values", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                  G_TYPE_UINT64, G_TYPE_PTR_ARRAY);
  gw_run_signals[GW_RUN_SIGNAL_VARIABLES] =
    g_signal_new ("variables", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_PTR_ARRAY, G_TYPE_INT64);
  gw_run_signals[GW_RUN_SIGNAL_FETCHED] =
    g_signal_new ("fetched", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);
  gw_run_signals[GW_RUN_SIGNAL_LOADED] = g_signal_new ("loaded", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                       G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_UINT);
  gw_run_signals[GW_RUN_SIGNAL_MESSAGE] =
    g_signal_new ("message", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gw_run_signals[GW_RUN_SIGNAL_PRINTED] =
    g_signal_new ("printed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4, G_TYPE_INT64, G_TYPE_INT64,
                  G_TYPE_STRING, G_TYPE_STRING);
}

static void
gw_run_init (GwRun *self)
{
  self->progress.loss = self->progress.seconds_left = NAN;
  self->curves = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_run_curve_free);
  self->checkpoints = g_array_new (FALSE, FALSE, sizeof (int64_t));
  self->watches = g_array_new (FALSE, TRUE, sizeof (GwWatch));
  self->watched = g_array_new (FALSE, TRUE, sizeof (GwRunWatched));
  g_array_set_clear_func (self->watched, gw_run_watched_clear);
}

GwRun *
gw_run_new (void)
{
  return g_object_new (GW_TYPE_RUN, NULL);
}
