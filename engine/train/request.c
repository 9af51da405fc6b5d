/* SPDX-License-Identifier: Apache-2.0 */
/* What other threads ask of a trainer: put into a queue under a short lock, obeyed by
 * the worker between steps. */
#include "engine/train/trainer-private.h"

#include "engine/base/error.h"

typedef enum {
  REQUEST_PLAY,
  REQUEST_PAUSE,
  REQUEST_STEP,
  REQUEST_STOP,
  REQUEST_QUIT,
  REQUEST_EVALUATE,
  REQUEST_CHECKPOINT,
  REQUEST_SET_VALUE,
  REQUEST_SET_VALUES,
  REQUEST_INITIALIZE,
  REQUEST_LOAD,
  REQUEST_FETCH,
  REQUEST_PREDICT,
  REQUEST_WATCH,
} RequestKind;

typedef struct {
  RequestKind kind;
  guint64     number;
  int64_t     n;        /* steps, watches, step of values */
  char       *name;     /* variable, prefix */
  char      **names;    /* variables, fetches, inner names of watches */
  GwTensor   *tensor;
  GwMode      mode;
  GPtrArray  *feeds;    /* or values of variables */
  GwWatch    *watches;
} GwRequest;

static void
request_free (GwRequest *request)
{
  if (request->kind == REQUEST_WATCH)
    {
      for (int64_t i = 0; i < request->n; i++)
        g_free (request->names[i]);
      g_free (request->names);
    }
  else
    g_strfreev (request->names);
  g_free (request->name);
  gw_tensor_unref (request->tensor);
  g_clear_pointer (&request->feeds, g_ptr_array_unref);
  g_free (request->watches);
  g_free (request);
}

void
gw_trainer_clear_requests (GwTrainer *trainer)
{
  g_queue_clear_full (&trainer->requests, (GDestroyNotify) request_free);
}

/* Takes what `content` points to. */
static guint64
put (GwTrainer       *trainer,
     const GwRequest *content)
{
  GwRequest *request = g_memdup2 (content, sizeof *content);
  guint64 number;

  pthread_mutex_lock (&trainer->lock);
  number = request->number = ++trainer->last_request;
  g_queue_push_tail (&trainer->requests, request);
  atomic_fetch_add (&trainer->n_requests, 1);
  pthread_cond_signal (&trainer->wake);
  pthread_mutex_unlock (&trainer->lock);
  return number;
}

/* ---- asking ---- */

void
gw_trainer_play (GwTrainer *trainer)
{
  put (trainer, &(GwRequest) { .kind = REQUEST_PLAY });
}

void
gw_trainer_pause (GwTrainer *trainer)
{
  put (trainer, &(GwRequest) { .kind = REQUEST_PAUSE });
}

void
gw_trainer_step (GwTrainer *trainer,
                 int64_t    n)
{
  put (trainer, &(GwRequest) { .kind = REQUEST_STEP, .n = n });
}

void
gw_trainer_stop (GwTrainer *trainer)
{
  atomic_store (&trainer->hurry, 1);
  put (trainer, &(GwRequest) { .kind = REQUEST_STOP });
}

void
gw_trainer_quit (GwTrainer *trainer)
{
  atomic_store (&trainer->hurry, 1);
  put (trainer, &(GwRequest) { .kind = REQUEST_QUIT });
}

guint64
gw_trainer_evaluate (GwTrainer *trainer)
{
  return put (trainer, &(GwRequest) { .kind = REQUEST_EVALUATE });
}

guint64
gw_trainer_checkpoint (GwTrainer *trainer)
{
  return put (trainer, &(GwRequest) { .kind = REQUEST_CHECKPOINT });
}

guint64
gw_trainer_set_value (GwTrainer  *trainer,
                      const char *name,
                      GwTensor   *value)
{
  return put (trainer, &(GwRequest) { .kind = REQUEST_SET_VALUE, .name = g_strdup (name),
                                      .tensor = gw_tensor_ref (value) });
}

guint64
gw_trainer_set_values (GwTrainer *trainer,
                       GPtrArray *values,
                       int64_t    step)
{
  return put (trainer, &(GwRequest) { .kind = REQUEST_SET_VALUES, .feeds = g_ptr_array_ref (values), .n = step });
}

guint64
gw_trainer_initialize (GwTrainer         *trainer,
                       const char *const *names)
{
  return put (trainer, &(GwRequest) { .kind = REQUEST_INITIALIZE, .names = g_strdupv ((char **) names) });
}

guint64
gw_trainer_load_checkpoint (GwTrainer         *trainer,
                            const char        *prefix,
                            const char *const *names)
{
  return put (trainer, &(GwRequest) { .kind = REQUEST_LOAD, .name = g_strdup (prefix),
                                      .names = g_strdupv ((char **) names) });
}

guint64
gw_trainer_fetch_variables (GwTrainer         *trainer,
                            const char *const *names)
{
  return put (trainer, &(GwRequest) { .kind = REQUEST_FETCH, .names = g_strdupv ((char **) names) });
}

guint64
gw_trainer_predict (GwTrainer         *trainer,
                    GwMode             mode,
                    const GPtrArray   *feeds,
                    const char *const *fetches)
{
  GPtrArray *copy = gw_named_tensors_new ();

  for (guint i = 0; feeds != NULL && i < feeds->len; i++)
    {
      const GwNamedTensor *feed = g_ptr_array_index (feeds, i);

      gw_named_tensors_add (copy, feed->name, feed->tensor);
    }
  return put (trainer, &(GwRequest) { .kind = REQUEST_PREDICT, .mode = mode, .feeds = copy,
                                      .names = g_strdupv ((char **) fetches) });
}

guint64
gw_trainer_set_watches (GwTrainer     *trainer,
                        const GwWatch *watches,
                        int            n)
{
  GwRequest request = { .kind = REQUEST_WATCH, .n = n };

  request.watches = g_memdup2 (watches, sizeof (GwWatch) * (gsize) n);
  request.names = g_new0 (char *, n + 1);
  for (int i = 0; i < n; i++)
    request.names[i] = g_strdup (watches[i].inner);
  return put (trainer, &request);
}

/* ---- states ---- */

void
gw_trainer_set_state (GwTrainer      *trainer,
                      GwTrainerState  state,
                      GError         *error)
{
  GwReport report = { .kind = GW_REPORT_STATE, .step = trainer->step, .error = error, .state = state };

  atomic_store (&trainer->state, (int) state);
  gw_trainer_send_progress (trainer, g_get_monotonic_time ());
  gw_reports_post (&trainer->reports, &report);
  gw_trainer_record_info (trainer);
}

gboolean
gw_trainer_begin_training (GwTrainer *trainer,
                           GError   **error)
{
  if (!gw_trainer_prepare_training (trainer, error))
    return FALSE;
  gw_trainer_clock_start (trainer);
  gw_trainer_set_state (trainer, GW_TRAINER_RUNNING, NULL);
  return TRUE;
}

static void
warn (GwTrainer *trainer,
      GError    *error)
{
  GwReport report = { .kind = GW_REPORT_WARNING, .step = trainer->step, .error = error };

  gw_reports_post (&trainer->reports, &report);
}

void
gw_trainer_end_training (GwTrainer      *trainer,
                         GwTrainerState  state)
{
  GError *error = NULL;

  gw_trainer_clock_stop (trainer);
  if (trainer->recorder != NULL && !trainer->saved && trainer->step > 0 && !gw_trainer_save (trainer, 0, TRUE, &error))
    warn (trainer, g_steal_pointer (&error));
  if (state == GW_TRAINER_DONE && !trainer->evaluated && trainer->first_evaluation_series < (int) trainer->series->len &&
      !gw_trainer_report_evaluation (trainer, 0, &error))
    warn (trainer, g_steal_pointer (&error));
  if (trainer->recorder != NULL)
    gw_recorder_wait (trainer->recorder);
  gw_trainer_set_state (trainer, state, NULL);
}

static void
fail (GwTrainer *trainer,
      GError    *error)
{
  g_clear_error (&trainer->error);
  trainer->error = error;
  gw_trainer_set_state (trainer, GW_TRAINER_FAILED, g_error_copy (error));
}

static gboolean
is_open (GwTrainerState state)
{
  return state == GW_TRAINER_IDLE || state == GW_TRAINER_RUNNING || state == GW_TRAINER_PAUSED;
}

/* ---- obeying ---- */

static void
play (GwTrainer *trainer,
      int64_t    n_steps)
{
  GwTrainerState state = gw_trainer_state (trainer);
  GError *error = NULL;

  if (!is_open (state))
    return;
  trainer->pause_at = n_steps > 0 ? trainer->step + n_steps : 0;
  if (state != GW_TRAINER_RUNNING && !gw_trainer_begin_training (trainer, &error))
    fail (trainer, error);
}

static void
halt (GwTrainer     *trainer,
      GwTrainerState state)
{
  GwTrainerState now = gw_trainer_state (trainer);

  if (state == GW_TRAINER_PAUSED && now == GW_TRAINER_RUNNING)
    {
      gw_trainer_clock_stop (trainer);
      gw_trainer_set_state (trainer, GW_TRAINER_PAUSED, NULL);
    }
  else if (state == GW_TRAINER_STOPPED && is_open (now))
    gw_trainer_end_training (trainer, GW_TRAINER_STOPPED);
}

/* Evaluation between steps does not count as training time. */
static gboolean
evaluate (GwTrainer *trainer,
          guint64    number,
          GError   **error)
{
  gboolean running = trainer->since != 0;
  gboolean ok;

  gw_trainer_clock_stop (trainer);
  ok = gw_trainer_report_evaluation (trainer, number, error);
  if (running)
    gw_trainer_clock_start (trainer);
  return ok;
}

static gboolean
take_watches (GwTrainer       *trainer,
              const GwRequest *request,
              GError         **error)
{
  gw_trainer_take_watches (trainer, request->number, request->watches, request->names, (int) request->n);
  return gw_trainer_state (trainer) == GW_TRAINER_RUNNING || gw_trainer_look (trainer, error);
}

static gboolean
put_back (GwTrainer       *trainer,
          const GwRequest *request,
          GError         **error)
{
  if (!gw_trainer_take_values (trainer, request->feeds, error))
    return FALSE;
  gw_trainer_set_value_step (trainer, request->n);
  return TRUE;
}

/* FALSE with an error: refused. *answer is DONE unless the answer is something else. */
static gboolean
obey (GwTrainer       *trainer,
      const GwRequest *request,
      GwReport        *answer,
      GError         **error)
{
  const char *const *names = (const char *const *) request->names;

  switch (request->kind)
    {
    case REQUEST_EVALUATE:
      answer->request = 0;
      return evaluate (trainer, request->number, error);
    case REQUEST_CHECKPOINT:
      answer->request = 0;
      return gw_trainer_save (trainer, request->number, TRUE, error);
    case REQUEST_SET_VALUE:
      return gw_trainer_put_value (trainer, request->name, request->tensor, error);
    case REQUEST_INITIALIZE:
      return gw_trainer_initialize_variables (trainer, names, error);
    case REQUEST_SET_VALUES:
      return put_back (trainer, request, error);
    case REQUEST_LOAD:
      answer->kind = GW_REPORT_VALUES;
      answer->values = gw_trainer_exchange_variables (trainer, request->name, names, &answer->step, error);
      return answer->values != NULL;
    case REQUEST_WATCH:
      return take_watches (trainer, request, error);
    case REQUEST_FETCH:
    case REQUEST_PREDICT:
      answer->kind = GW_REPORT_VALUES;
      answer->step = gw_trainer_value_step (trainer);
      answer->values = request->kind == REQUEST_FETCH
                         ? gw_trainer_copy_variables (trainer, names, error)
                         : gw_trainer_make_prediction (trainer, request->mode, request->feeds, names, error);
      return answer->values != NULL;
    default:
      return TRUE;
    }
}

static void
answer (GwTrainer       *trainer,
        const GwRequest *request)
{
  GwReport report = { .kind = GW_REPORT_DONE, .request = request->number, .step = trainer->step };
  GError *error = NULL;

  if (!obey (trainer, request, &report, &error))
    {
      report = (GwReport) { .kind = GW_REPORT_REFUSED, .request = request->number, .step = trainer->step };
      report.error = error;
    }
  if (report.request != 0)
    gw_reports_post (&trainer->reports, &report);
}

static void
serve_one (GwTrainer       *trainer,
           const GwRequest *request)
{
  switch (request->kind)
    {
    case REQUEST_PLAY:
      play (trainer, 0);
      break;
    case REQUEST_STEP:
      play (trainer, MAX (request->n, 1));
      break;
    case REQUEST_PAUSE:
      halt (trainer, GW_TRAINER_PAUSED);
      break;
    case REQUEST_STOP:
      atomic_store (&trainer->hurry, 0);
      halt (trainer, GW_TRAINER_STOPPED);
      break;
    case REQUEST_QUIT:
      atomic_store (&trainer->hurry, 0);
      halt (trainer, GW_TRAINER_STOPPED);
      trainer->quit = TRUE;
      break;
    default:
      answer (trainer, request);
      break;
    }
}

void
gw_trainer_serve (GwTrainer *trainer)
{
  while (!trainer->quit)
    {
      GwRequest *request;

      pthread_mutex_lock (&trainer->lock);
      request = g_queue_pop_head (&trainer->requests);
      pthread_mutex_unlock (&trainer->lock);
      if (request == NULL)
        return;
      atomic_fetch_sub (&trainer->n_requests, 1);
      serve_one (trainer, request);
      request_free (request);
    }
}

void
gw_trainer_wait_for_request (GwTrainer *trainer)
{
  pthread_mutex_lock (&trainer->lock);
  while (g_queue_is_empty (&trainer->requests))
    pthread_cond_wait (&trainer->wake, &trainer->lock);
  pthread_mutex_unlock (&trainer->lock);
}
