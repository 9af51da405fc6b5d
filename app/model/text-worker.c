/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/text-worker.h"

#include "app/model/background.h"

typedef struct {
  gint          refs;
  GwTextWorker *worker;
  gboolean      reads_embeddings;
  char         *prompt, *next;
  int64_t       count, seed, step;
  double        temperature;
  GwDocument   *document;   /* as it runs; NULL = the variables have not come yet */
  GPtrArray    *values;
  gint          stop;       /* atomic */

  /* From the thread. */
  GMutex        lock;       /* of the next two */
  GString      *added;      /* not told yet */
  gboolean      telling;    /* an idle call will tell it */
  GPtrArray    *embeddings;
  GError       *error;
} Job;

struct _GwTextWorker {
  GObject parent_instance;

  GwRun  *run;
  Job    *job;   /* the present one, or NULL */
  int64_t step;
};

enum { ADDED, EMBEDDINGS, ENDED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GwTextWorker, gw_text_worker, G_TYPE_OBJECT)

static Job *
job_ref (Job *job)
{
  g_atomic_int_inc (&job->refs);
  return job;
}

static void
job_unref (gpointer data)
{
  Job *job = data;

  if (!g_atomic_int_dec_and_test (&job->refs))
    return;
  g_clear_pointer (&job->document, gw_document_unref);
  g_clear_pointer (&job->values, g_ptr_array_unref);
  g_clear_pointer (&job->embeddings, g_ptr_array_unref);
  g_clear_error (&job->error);
  g_string_free (job->added, TRUE);
  g_mutex_clear (&job->lock);
  g_free (job->prompt);
  g_free (job->next);
  g_object_unref (job->worker);
  g_free (job);
}

/* ---- main thread: what the job says ---- */

static gboolean
tell_added (gpointer data)
{
  Job *job = data;
  g_autofree char *text = NULL;

  g_mutex_lock (&job->lock);
  text = g_strdup (job->added->str);
  g_string_truncate (job->added, 0);
  job->telling = FALSE;
  g_mutex_unlock (&job->lock);
  if (job->worker->job == job && *text != '\0')
    g_signal_emit (job->worker, signals[ADDED], 0, text);
  return G_SOURCE_REMOVE;
}

/* The job is no more the present one; `reason` NULL = it is done. */
static void
end_job (GwTextWorker *self,
         const char   *reason)
{
  Job *job = g_steal_pointer (&self->job);

  g_signal_emit (self, signals[ENDED], 0, reason);
  job_unref (job);
}

static gboolean
tell_end (gpointer data)
{
  Job *job = data;

  tell_added (job);
  if (job->worker->job != job)
    return G_SOURCE_REMOVE;
  if (job->embeddings != NULL)
    g_signal_emit (job->worker, signals[EMBEDDINGS], 0, job->embeddings);
  end_job (job->worker, job->error != NULL ? job->error->message : NULL);
  return G_SOURCE_REMOVE;
}

/* ---- the job's thread ---- */

static gboolean
on_added (const char *text,
          gpointer    data)
{
  Job *job = data;

  g_mutex_lock (&job->lock);
  g_string_append (job->added, text);
  if (!job->telling)
    g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, tell_added, job_ref (job), job_unref);
  job->telling = TRUE;
  g_mutex_unlock (&job->lock);
  return g_atomic_int_get (&job->stop) == 0;
}

static void
work (Job       *job,
      GwTrainer *trainer)
{
  GwGenerateOptions options = {
    .prompt = job->prompt, .count = job->count, .temperature = job->temperature, .next = job->next,
    .added = on_added, .data = job,
  };

  if (job->reads_embeddings)
    job->embeddings = gw_trainer_embeddings_now (trainer, &job->error);
  else
    g_free (gw_trainer_generate_now (trainer, &options, &job->error));
}

static gpointer
run_job (gpointer data)
{
  Job *job = data;
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  g_autoptr (GwTrainer) trainer = NULL;

  options.seed = job->seed;
  options.start_values = job->values;
  options.start_step = job->step;
  options.begin = GW_TRAINER_IDLE;
  trainer = gw_trainer_new (job->document, &options, &job->error);
  if (trainer != NULL && g_atomic_int_get (&job->stop) == 0)
    work (job, trainer);
  g_clear_pointer (&trainer, gw_trainer_free);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, tell_end, job, job_unref);
  gw_background_end ();
  return NULL;
}

/* ---- main thread: jobs ---- */

static void
on_variables (GwTextWorker *self,
              GPtrArray    *values,
              gint64        step)
{
  Job *job = self->job;

  if (job == NULL || job->document != NULL)
    return;
  if (values == NULL || g_atomic_int_get (&job->stop) != 0)
    {
      end_job (self, values == NULL ? "The graph does not run." : NULL);
      return;
    }
  job->values = g_ptr_array_ref (values);
  job->step = self->step = step;
  job->document = gw_document_copy (gw_run_get_document (self->run));
  gw_background_begin ();
  g_thread_unref (g_thread_new ("text", run_job, job_ref (job)));
}

static void
on_run_changed (GwTextWorker *self)
{
  const GError *error = gw_run_get_error (self->run);

  if (self->job != NULL && self->job->document == NULL && gw_run_get_state (self->run) == GW_RUN_FAILED)
    end_job (self, error != NULL ? error->message : "The graph does not run.");
}

static void
start (GwTextWorker *self,
       Job          *job,
       GwDocument   *document,
       const char   *runs_dir)
{
  if (self->job != NULL)
    {
      g_atomic_int_set (&self->job->stop, 1);
      end_job (self, NULL);
    }
  job->refs = 1;
  job->worker = g_object_ref (self);
  job->added = g_string_new (NULL);
  g_mutex_init (&job->lock);
  self->job = job;
  gw_run_copy_variables (self->run, document, runs_dir);
}

void
gw_text_worker_generate (GwTextWorker        *self,
                         GwDocument          *document,
                         const char          *runs_dir,
                         const GwTextRequest *request)
{
  g_autoptr (GError) error = NULL;
  const char *next = gw_document_draws_text (document, &error);
  Job *job;

  if (next == NULL)
    {
      g_signal_emit (self, signals[ENDED], 0, error->message);
      return;
    }
  job = g_new0 (Job, 1);
  job->prompt = g_strdup (request->prompt);
  job->next = g_strdup (next);
  job->count = request->count;
  job->temperature = request->temperature;
  job->seed = request->seed;
  start (self, job, document, runs_dir);
}

void
gw_text_worker_read_embeddings (GwTextWorker *self,
                                GwDocument   *document,
                                const char   *runs_dir)
{
  Job *job = g_new0 (Job, 1);

  job->reads_embeddings = TRUE;
  job->seed = -1;
  start (self, job, document, runs_dir);
}

void
gw_text_worker_stop (GwTextWorker *self)
{
  if (self->job == NULL)
    return;
  g_atomic_int_set (&self->job->stop, 1);
  if (self->job->document == NULL)
    end_job (self, NULL);
}

gboolean
gw_text_worker_is_busy (GwTextWorker *self)
{
  return self->job != NULL;
}

int64_t
gw_text_worker_get_step (GwTextWorker *self)
{
  return self->step;
}

static void
gw_text_worker_finalize (GObject *object)
{
  g_object_unref (GW_TEXT_WORKER (object)->run);
  G_OBJECT_CLASS (gw_text_worker_parent_class)->finalize (object);
}

static void
gw_text_worker_class_init (GwTextWorkerClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gw_text_worker_finalize;
  signals[ADDED] = g_signal_new ("added", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[EMBEDDINGS] =
    g_signal_new ("embeddings", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);
  signals[ENDED] = g_signal_new ("ended", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gw_text_worker_init (GwTextWorker *self)
{
}

GwTextWorker *
gw_text_worker_new (GwRun *run)
{
  GwTextWorker *self = g_object_new (GW_TYPE_TEXT_WORKER, NULL);

  self->run = g_object_ref (run);
  g_signal_connect_object (run, "variables", G_CALLBACK (on_variables), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "changed", G_CALLBACK (on_run_changed), self, G_CONNECT_SWAPPED);
  return self;
}
