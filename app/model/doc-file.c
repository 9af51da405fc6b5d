/* SPDX-License-Identifier: Apache-2.0 */
/* Loading and saving in worker threads. */
#include "app/model/doc-model-private.h"
#include "app/model/background.h"
#include "app/model/import.h"
#include "app/model/recent.h"

#include <string.h>

/* A file's name without its extension. */
static char *
name_of (GFile *file)
{
  g_autofree char *base = g_file_get_basename (file);
  char *dot = strrchr (base, '.');

  if (dot != NULL && dot != base)
    *dot = 0;
  return g_steal_pointer (&base);
}

typedef struct {
  GFile      *file;
  GwDocument *document;   /* saving: the state to write */
  gsize       undo_length;
  gboolean    as_copy;
  GPtrArray  *notes;      /* of an import: what could not be taken over */
} FileJob;

static void
file_job_free (gpointer data)
{
  FileJob *job = data;

  g_object_unref (job->file);
  gw_document_unref (job->document);
  g_clear_pointer (&job->notes, g_ptr_array_unref);
  g_free (job);
}

static gboolean
need_path (GFile   *file,
           char   **path,
           GError **error)
{
  *path = g_file_get_path (file);
  if (*path != NULL)
    return TRUE;
  g_set_error_literal (error, GW_ERROR, GW_ERROR_UNAVAILABLE, "Only files of this computer can be opened");
  return FALSE;
}

static GwDocument *
load_any (FileJob      *job,
          const char   *path,
          GCancellable *cancellable,
          GError      **error)
{
  if (!gw_import_is_graph (path))
    return gw_document_load (path, error);
  job->as_copy = TRUE;
  job->notes = g_ptr_array_new_with_free_func (g_free);
  return gw_import_graph (path, job->notes, cancellable, error);
}

static void
load_run (GTask        *task,
          gpointer      source,
          gpointer      data,
          GCancellable *cancellable)
{
  FileJob *job = data;
  g_autofree char *path = NULL;
  GError *error = NULL;
  GwDocument *document = need_path (job->file, &path, &error) ? load_any (job, path, cancellable, &error) : NULL;

  if (document == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, document, (GDestroyNotify) gw_document_unref);
}

void
gw_doc_model_load_async (GwDocModel         *self,
                         GFile              *file,
                         gboolean            as_copy,
                         GCancellable       *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer            data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  FileJob *job = g_new0 (FileJob, 1);

  job->file = g_object_ref (file);
  job->as_copy = as_copy;
  g_task_set_source_tag (task, gw_doc_model_load_async);
  g_task_set_task_data (task, job, file_job_free);
  gw_background_run_task (task, load_run);
}

gboolean
gw_doc_model_load_finish (GwDocModel   *self,
                          GAsyncResult *result,
                          GError      **error)
{
  FileJob *job = g_task_get_task_data (G_TASK (result));
  GwDocument *document = g_task_propagate_pointer (G_TASK (result), error);
  g_autofree char *name = name_of (job->file);

  if (document == NULL)
    return FALSE;
  gw_doc_model_set_document (self, document, job->as_copy ? NULL : job->file, name);
  if (!job->as_copy)
    gw_recent_add (job->file);
  return TRUE;
}

GPtrArray *
gw_doc_model_load_notes (GAsyncResult *result)
{
  FileJob *job = g_task_get_task_data (G_TASK (result));

  return job->notes;
}

static void
save_run (GTask        *task,
          gpointer      source,
          gpointer      data,
          GCancellable *cancellable)
{
  FileJob *job = data;
  g_autofree char *path = NULL;
  GError *error = NULL;

  if (need_path (job->file, &path, &error) && gw_document_save (job->document, path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Those of boxes: a vocabulary's. */
static void
keep_node_files (GwEdit           *edit,
                 const GwDocument *document)
{
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    for (guint k = 0; k < gw_document_node (document, ids[i])->attrs->len; k++)
      if (g_array_index (gw_document_node (document, ids[i])->attrs, GwNamedAttr, k).value.type == GW_ATTR_FILE)
        {
          g_autoptr (GwItem) item = gw_edit_take (edit, document, ids[i]);

          gw_document_resolve_file (document, &g_array_index (item->node.attrs, GwNamedAttr, k).value);
          if (!gw_item_equal (item, gw_document_item (document, ids[i])))
            gw_edit_put (edit, document, g_steal_pointer (&item));
        }
}

/* File names relative to the old place are made absolute when the document moves. */
static void
keep_data_files (GwDocModel *self,
                 GFile      *file)
{
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *folder = path != NULL ? g_path_get_dirname (path) : NULL;
  g_autoptr (GwEdit) edit = gw_edit_new ("Keep the data files");
  GwPipelineDef *pipeline;
  GwItem *item;

  if (folder == NULL || g_strcmp0 (folder, gw_document_folder (self->document)) == 0)
    return;
  pipeline = gw_document_resolve_pipeline (self->document);
  if (pipeline != NULL)
    {
      item = gw_edit_take (edit, self->document, 0);
      gw_pipeline_free (item->settings.pipeline);
      item->settings.pipeline = pipeline;
      gw_edit_put (edit, self->document, item);
    }
  keep_node_files (edit, self->document);
  if (!gw_edit_is_empty (edit))
    gw_doc_model_apply (self, g_steal_pointer (&edit), NULL);
  gw_document_set_folder (self->document, folder);
}

void
gw_doc_model_save_async (GwDocModel         *self,
                         GFile              *file,
                         GCancellable       *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer            data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  FileJob *job = g_new0 (FileJob, 1);

  keep_data_files (self, file);
  job->file = g_object_ref (file);
  job->document = gw_document_copy (self->document);
  job->undo_length = self->undo->len;
  gw_doc_model_close_step (self);
  g_task_set_source_tag (task, gw_doc_model_save_async);
  g_task_set_task_data (task, job, file_job_free);
  gw_background_run_task (task, save_run);
}

gboolean
gw_doc_model_save_finish (GwDocModel   *self,
                          GAsyncResult *result,
                          GError      **error)
{
  FileJob *job = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  g_set_object (&self->file, job->file);
  g_free (self->name);
  self->name = name_of (job->file);
  gw_recent_add (job->file);
  gw_doc_model_mark_saved (self, job->undo_length);
  return TRUE;
}
