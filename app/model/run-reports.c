/* SPDX-License-Identifier: Apache-2.0 */
/* What the trainer reports: into the run's state, curves and values. */
#include "app/model/run-private.h"

#include <string.h>

/* Figures that run on by themselves are told no faster than they can be read: every telling
 * makes the window draw, and takes the time from training. */
#define TELL_INTERVAL (95 * G_TIME_SPAN_MILLISECOND)

void
gw_run_emit_changed (GwRun *self)
{
  g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_CHANGED], 0);
}

void
gw_run_emit_message (GwRun      *self,
              const char *text)
{
  g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_MESSAGE], 0, text);
}

static void
emit_error (GwRun        *self,
            const GError *error)
{
  g_autofree char *text = gw_error_text (error);

  gw_run_emit_message (self, text);
}

GwTrainer *
gw_run_trainer (GwRun *self)
{
  return self->worker != NULL ? self->worker->trainer : NULL;
}

static void
watch_result_free (GwWatchResult *result)
{
  GwReport report = { .kind = GW_REPORT_WATCH, .watch = result };

  if (result != NULL)
    gw_report_clear (&report);
}

void
gw_run_watched_clear (gpointer data)
{
  GwRunWatched *watched = data;

  watch_result_free (g_steal_pointer (&watched->result));
}

/* ---- reports ---- */

static void
take_watch (GwRun    *self,
            GwReport *report)
{
  GwWatchResult *result = report->watch;
  GwRunWatched *watched;

  if (result->request != self->watch_request || result->index >= (int) self->watched->len)
    return;
  watched = &g_array_index (self->watched, GwRunWatched, result->index);
  watch_result_free (watched->result);
  watched->result = g_steal_pointer (&report->watch);
  if (watched->n_history == GW_RUN_HISTORY)
    memmove (watched->history, watched->history + 1, sizeof (float) * --watched->n_history);
  watched->history[watched->n_history++] =
    (float) (result->kind == GW_WATCH_SCALAR ? result->scalar : result->stats.mean);
}

static void
take_state (GwRun    *self,
            GwReport *report)
{
  static const GwRunState states[] = {
    [GW_TRAINER_IDLE] = GW_RUN_READY, [GW_TRAINER_RUNNING] = GW_RUN_RUNNING,
    [GW_TRAINER_PAUSED] = GW_RUN_PAUSED, [GW_TRAINER_DONE] = GW_RUN_DONE,
    [GW_TRAINER_FAILED] = GW_RUN_FAILED, [GW_TRAINER_STOPPED] = GW_RUN_STOPPED,
  };

  self->state = states[report->state];
  g_clear_error (&self->error);
  self->error = g_steal_pointer (&report->error);
}

static void
take_scalar (GwRun          *self,
             const GwReport *report)
{
  GwRunPoint point = { (double) report->step, report->wall_time, report->scalar.value };

  if (report->scalar.series < (int) self->curves->len)
    g_array_append_val (((GwRunCurve *) g_ptr_array_index (self->curves, report->scalar.series))->points, point);
}

static void
take_loaded (GwRun    *self,
             GwReport *report)
{
  g_autofree char *prefix = g_steal_pointer (&self->load_prefix);

  self->load_request = 0;
  g_clear_pointer (&self->undo_values, g_ptr_array_unref);
  self->undo_values = g_ptr_array_ref (report->values);
  self->undo_step = report->step;
  g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_LOADED], 0, prefix, report->values->len);
}

static void
take_values (GwRun    *self,
             GwReport *report)
{
  if (report->request == self->load_request)
    {
      take_loaded (self, report);
      return;
    }
  if (report->request == self->fetch)
    {
      self->fetch = 0;
      g_clear_pointer (&self->kept_values, g_ptr_array_unref);
      self->kept_values = g_ptr_array_ref (report->values);
      self->kept_step = report->step;
      if (self->next != NULL && gw_run_trainer (self) != NULL)
        gw_trainer_quit (gw_run_trainer (self));
      return;
    }
  if (report->request == self->fetch_request)
    g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_FETCHED], 0, report->values);
  else if (report->request == self->copy_request)
    g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_VARIABLES], 0, report->values, (gint64) report->step);
  else
    g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_VALUES], 0, report->request, report->values);
}

static void
take_done (GwRun          *self,
           const GwReport *report)
{
  if (report->request == self->undo_request && self->undo_values != NULL)
    {
      g_autoptr (GPtrArray) values = g_steal_pointer (&self->undo_values);

      self->undo_request = 0;
      g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_LOADED], 0, NULL, values->len);
    }
}

static void
take_refusal (GwRun    *self,
              GwReport *report)
{
  if (report->request == self->fetch)
    {
      self->fetch = 0;
      if (gw_run_trainer (self) != NULL)
        gw_trainer_quit (gw_run_trainer (self));
      return;
    }
  if (report->request == self->load_request)
    {
      self->load_request = 0;
      g_clear_pointer (&self->load_prefix, g_free);
    }
  if (report->request == self->watch_request)
    return; /* a node that cannot be computed here shows no value */
  if (report->request == self->fetch_request)
    g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_FETCHED], 0, NULL);
  else if (report->request == self->copy_request)
    g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_VARIABLES], 0, NULL, (gint64) 0);
  else
    g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_VALUES], 0, report->request, NULL);
  emit_error (self, report->error);
  g_clear_error (&self->refusal);
  self->refusal = g_steal_pointer (&report->error);
}

static void
take_message (GwRun          *self,
              const GwReport *report)
{
  const GwNodeMessage *message = &report->message;
  g_autofree char *text = message->dropped > 0
                            ? g_strdup_printf ("(%" G_GINT64_FORMAT " lines left out) %s", message->dropped, message->text)
                            : g_strdup (message->text);

  g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_PRINTED], 0, (gint64) message->node, (gint64) report->step,
                 message->name, text);
}

typedef enum { TOOK_CHANGED = 1, TOOK_POINTS = 2, TOOK_WATCHES = 4, TOOK_PROGRESS = 8 } Took;

static Took
take_report (GwRun    *self,
             GwReport *report)
{
  int64_t step = report->step;

  switch (report->kind)
    {
    case GW_REPORT_STATE:
      take_state (self, report);
      return TOOK_CHANGED;
    case GW_REPORT_SCALAR:
      take_scalar (self, report);
      return TOOK_POINTS;
    case GW_REPORT_PROGRESS:
      self->progress = report->progress;
      return TOOK_PROGRESS;
    case GW_REPORT_WATCH:
      take_watch (self, report);
      return TOOK_WATCHES;
    case GW_REPORT_EVALUATION:
      gw_evaluation_free (self->evaluation);
      self->evaluation = g_steal_pointer (&report->evaluation);
      g_clear_error (&self->refusal);
      g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_EVALUATION], 0);
      return TOOK_CHANGED;
    case GW_REPORT_CHECKPOINT:
      g_array_append_val (self->checkpoints, step);
      g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_CHECKPOINT], 0, report->path);
      return TOOK_CHANGED;
    case GW_REPORT_VALUES:
      take_values (self, report);
      return 0;
    case GW_REPORT_DONE:
      take_done (self, report);
      return TOOK_CHANGED;
    case GW_REPORT_REFUSED:
      take_refusal (self, report);
      return TOOK_CHANGED;
    case GW_REPORT_MESSAGE:
      take_message (self, report);
      return 0;
    case GW_REPORT_WARNING:
      emit_error (self, report->error);
      return 0;
    }
  return 0;
}

/* Tells what was taken: at once what somebody did or waits for. */
static void
tell (GwRun *self,
      Took   took)
{
  gint64 now = g_get_monotonic_time ();

  took |= (Took) self->untold;
  if (took == 0)
    return;
  if ((took & TOOK_CHANGED) == 0 && self->state == GW_RUN_RUNNING && now - self->told < TELL_INTERVAL)
    {
      self->untold = took;
      return;
    }
  self->untold = 0;
  self->told = now;
  if (took & TOOK_POINTS)
    g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_POINTS], 0);
  if (took & TOOK_WATCHES)
    g_signal_emit (self, gw_run_signals[GW_RUN_SIGNAL_WATCHES], 0);
  if (took & (TOOK_CHANGED | TOOK_PROGRESS))
    gw_run_emit_changed (self);
}

void
gw_run_take_reports (GwRun *self,
              gint64 budget)
{
  gint64 end = g_get_monotonic_time () + budget;
  GwTrainer *trainer = gw_run_trainer (self);
  Took took = 0;

  for (int n = 1; trainer != NULL && trainer == gw_run_trainer (self); n++)
    {
      g_auto (GwReport) report = { 0 };

      if (!gw_trainer_poll (trainer, &report))
        break;
      took |= take_report (self, &report);
      if (n % 64 == 0 && g_get_monotonic_time () > end)
        break;
    }
  tell (self, took);
}
