/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the lowered graph up to date: at once while that costs less than a part of
 * a frame, else in a worker thread, newest document last. */
#include "app/model/doc-model-private.h"

/* Microseconds that lowering may take on the main thread. */
#define INLINE_COST 4000

static const GwLowerOptions check_options = { .mode = GW_MODE_TRAIN, .training = FALSE, .seed = -1 };

static void
publish (GwDocModel *self,
         GwLowered  *lowered,
         guint64     version,
         gint64      cost)
{
  gw_lowered_unref (self->lowered);
  self->lowered = lowered;
  self->lowered_version = version;
  self->lower_cost = cost;
  gw_doc_model_emit_lowered (self);
}

typedef struct {
  GwDocument *document;
  guint64     version;
  gint64      cost;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  gw_document_unref (job->document);
  g_free (job);
}

static void
job_run (GTask        *task,
         gpointer      source,
         gpointer      data,
         GCancellable *cancellable)
{
  Job *job = data;
  gint64 start = g_get_monotonic_time ();
  GwLowered *lowered = gw_lower (job->document, &check_options);

  job->cost = g_get_monotonic_time () - start;
  g_task_return_pointer (task, lowered, (GDestroyNotify) gw_lowered_unref);
}

static void
job_done (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  GwDocModel *self = GW_DOC_MODEL (object);
  Job *job = g_task_get_task_data (G_TASK (result));
  GwLowered *lowered = g_task_propagate_pointer (G_TASK (result), NULL);

  self->lowering = FALSE;
  if (lowered == NULL)
    return;
  if (self->disposed || job->version < self->lowered_version)
    {
      gw_lowered_unref (lowered);
      return;
    }
  publish (self, lowered, job->version, job->cost);
  if (self->version != self->lowered_version)
    gw_doc_model_queue_lower (self);
}

static void
start_job (GwDocModel *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, job_done, NULL);
  Job *job = g_new0 (Job, 1);

  job->document = gw_document_copy (self->document);
  job->version = self->version;
  g_task_set_task_data (task, job, job_free);
  self->lowering = TRUE;
  g_task_run_in_thread (task, job_run);
}

static gboolean
lower_idle (gpointer data)
{
  GwDocModel *self = data;

  self->lower_idle = 0;
  if (self->version == self->lowered_version)
    return G_SOURCE_REMOVE;
  if (self->lower_cost < INLINE_COST)
    gw_doc_model_lower_now (self);
  else if (!self->lowering)
    start_job (self);
  return G_SOURCE_REMOVE;
}

void
gw_doc_model_queue_lower (GwDocModel *self)
{
  self->version++;
  if (self->lower_idle == 0)
    self->lower_idle = g_idle_add_full (G_PRIORITY_HIGH_IDLE, lower_idle, self, NULL);
}

GwLowered *
gw_doc_model_lower_now (GwDocModel *self)
{
  if (self->lowered == NULL || self->version != self->lowered_version)
    {
      gint64 start = g_get_monotonic_time ();
      GwLowered *lowered = gw_lower (self->document, &check_options);

      publish (self, lowered, self->version, g_get_monotonic_time () - start);
    }
  return self->lowered;
}

GwLowered *
gw_doc_model_get_lowered (GwDocModel *self)
{
  return self->lowered;
}

const GwProblem *
gw_doc_model_problem_of (GwDocModel *self,
                         int64_t     node)
{
  const GwProblem *warning = NULL;

  for (guint i = 0; i < self->lowered->problems->len; i++)
    {
      const GwProblem *problem = g_ptr_array_index (self->lowered->problems, i);

      if (problem->node != node)
        continue;
      if (problem->severity == GW_PROBLEM_ERROR)
        return problem;
      if (warning == NULL)
        warning = problem;
    }
  return warning;
}
