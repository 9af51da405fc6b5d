/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps types, shapes and problems up to date: an edit's part of it at once, as far as a
 * part of a frame allows, the rest between frames; a whole large document in a worker. */
#include "app/model/doc-model-private.h"

#include "app/model/background.h"

/* Nodes that are lowered on the main thread when a document is opened. */
#define INLINE_NODES 300
/* Nodes between two looks at the clock, and microseconds until the window gets its turn. */
#define BATCH 50
#define SLICE 4000

static gboolean
work (GwDocModel *self,
      gint64      slice)
{
  g_autoptr (GArray) affected = g_array_new (FALSE, FALSE, sizeof (int64_t));
  gint64 end = slice >= 0 ? g_get_monotonic_time () + slice : G_MAXINT64;
  gboolean done = FALSE;

  while (!done && g_get_monotonic_time () < end)
    done = gw_live_work (self->live, BATCH, affected);
  if (affected->len > 0)
    gw_doc_model_emit_live (self, affected);
  return done;
}

static gboolean
work_idle (gpointer data)
{
  GwDocModel *self = data;

  if (!work (self, SLICE))
    return G_SOURCE_CONTINUE;
  self->live_idle = 0;
  return G_SOURCE_REMOVE;
}

void
gw_doc_model_live_change (GwDocModel   *self,
                          const GArray *ids)
{
  if (self->missed != NULL)
    {
      g_array_append_vals (self->missed, ids->data, ids->len);
      return;
    }
  gw_live_change (self->live, self->document, (int) ids->len, (const int64_t *) (gpointer) ids->data);
  if (self->live_idle == 0)
    self->live_idle = g_idle_add_full (G_PRIORITY_HIGH_IDLE, work_idle, self, NULL);
}

/* ---- a whole document ---- */

typedef struct {
  GwDocument *document;
  guint64     generation;
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

  g_task_return_pointer (task, gw_live_new (job->document), (GDestroyNotify) gw_live_free);
}

static void
take_live (GwDocModel *self,
           GwLive     *live)
{
  g_autoptr (GArray) missed = g_steal_pointer (&self->missed);

  gw_live_free (self->live);
  self->live = live;
  gw_live_change (live, self->document, (int) missed->len, (const int64_t *) (gpointer) missed->data);
  work (self, -1);
  gw_doc_model_emit_live (self, NULL);
}

static void
job_done (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  GwDocModel *self = GW_DOC_MODEL (object);
  Job *job = g_task_get_task_data (G_TASK (result));
  GwLive *live = g_task_propagate_pointer (G_TASK (result), NULL);

  if (live == NULL)
    return;
  if (self->disposed || job->generation != self->generation || self->missed == NULL)
    gw_live_free (live);
  else
    take_live (self, live);
}

static void
start_job (GwDocModel *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, job_done, NULL);
  g_autoptr (GwDocument) nothing = gw_document_new ();
  Job *job = g_new0 (Job, 1);

  job->document = gw_document_copy (self->document);
  job->generation = self->generation;
  g_task_set_task_data (task, job, job_free);
  self->missed = g_array_new (FALSE, FALSE, sizeof (int64_t));
  self->live = gw_live_new (nothing);
  gw_background_run_task (task, job_run);
}

void
gw_doc_model_live_reset (GwDocModel *self)
{
  int n;

  self->generation++;
  g_clear_pointer (&self->missed, g_array_unref);
  g_clear_pointer (&self->live, gw_live_free);
  gw_document_ids (self->document, GW_ITEM_NODE, &n);
  if (n <= INLINE_NODES)
    self->live = gw_live_new (self->document);
  else
    start_job (self);
}

GwLive *
gw_doc_model_get_live (GwDocModel *self)
{
  return self->live;
}

GwLive *
gw_doc_model_settle (GwDocModel *self)
{
  if (self->missed != NULL)
    take_live (self, gw_live_new (self->document));
  work (self, -1);
  return self->live;
}
