/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/dataset-loader.h"

#include "app/model/background.h"

#include <math.h>
#include <string.h>

/* ---- a view ---- */

GwDataView *
gw_data_view_ref (GwDataView *view)
{
  g_atomic_int_inc (&view->refs);
  return view;
}

void
gw_data_view_unref (GwDataView *view)
{
  if (view == NULL || !g_atomic_int_dec_and_test (&view->refs))
    return;
  for (int s = 0; s < 2; s++)
    {
      GwSplitView *split = &view->splits[s];

      for (int i = 0; split->table != NULL && split->columns != NULL && i < split->table->n_columns; i++)
        g_free (split->columns[i].counts);
      g_free (split->columns);
      g_free (split->rows);
      gw_table_unref (split->table);
    }
  gw_dataset_unref (view->dataset);
  g_free (view);
}

static void
measure_column (GwSplitView *split,
                int          column)
{
  GwColumnView *view = &split->columns[column];
  const int32_t *rows = split->n_rows < split->table->n_rows ? split->rows : NULL; /* all need no copy */

  view->has_stats = gw_table_column_stats (split->table, column, rows, split->n_rows, &view->stats, NULL);
  if (!gw_table_class_counts (split->table, column, rows, split->n_rows, &view->counts, &view->n_classes))
    {
      view->counts = NULL;
      view->n_classes = 0;
    }
}

static int32_t *
all_rows (int64_t n)
{
  int32_t *rows = g_try_new (int32_t, (gsize) MAX (n, 1));

  for (int64_t i = 0; rows != NULL && i < n; i++)
    rows[i] = (int32_t) i;
  return rows;
}

static gboolean
open_split (GwDataView          *view,
            const GwPipelineDef *pipeline,
            GwSplit              which,
            GError             **error)
{
  GwSplitView *split = &view->splits[which];
  const GwTable *table = gw_dataset_table (view->dataset, which, error);

  if (table == NULL)
    return FALSE;
  split->table = gw_table_ref ((GwTable *) table);
  if (gw_dataset_has_test (view->dataset))
    {
      split->n_rows = table->n_rows;
      split->rows = all_rows (table->n_rows);
    }
  else
    split->rows = gw_split_rows (table->n_rows, pipeline->attrs[GW_PIPELINE_TEST_FRACTION].f,
                                 (uint64_t) pipeline->attrs[GW_PIPELINE_SPLIT_SEED].i, which, &split->n_rows);
  if (split->rows == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "no memory for %" G_GINT64_FORMAT " row numbers",
                   (gint64) table->n_rows);
      return FALSE;
    }
  split->columns = g_new0 (GwColumnView, table->n_columns);
  for (int i = 0; i < table->n_columns; i++)
    measure_column (split, i);
  return TRUE;
}

GwDataView *
gw_data_view_new (const GwPipelineDef *pipeline,
                  GError             **error)
{
  g_autoptr (GwDataView) view = g_new0 (GwDataView, 1);

  view->refs = 1;
  view->dataset = gw_dataset_new (pipeline->source, pipeline->source_attrs, error);
  if (view->dataset == NULL || !open_split (view, pipeline, GW_SPLIT_TRAIN, error) ||
      !open_split (view, pipeline, GW_SPLIT_TEST, error))
    return NULL;
  return g_steal_pointer (&view);
}

const char *const *
gw_data_view_class_names (const GwDataView *view,
                          int               n)
{
  const GwTable *table = view != NULL ? view->splits[GW_SPLIT_TRAIN].table : NULL;

  for (int i = 0; table != NULL && i < table->n_columns; i++)
    if (table->columns[i].classes != NULL && (int) g_strv_length (table->columns[i].classes) == n)
      return (const char *const *) table->columns[i].classes;
  return NULL;
}

/* ---- the loader ---- */

struct _GwDatasetLoader {
  GObject       parent_instance;
  char         *key;       /* of what is shown or being read */
  GwDataView   *view;
  GError       *error;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (GwDatasetLoader, gw_dataset_loader, G_TYPE_OBJECT)

static guint changed_signal;

/* Everything that the view depends on. */
static char *
key_of (const GwPipelineDef *pipeline)
{
  GString *key;

  if (pipeline == NULL)
    return NULL;
  key = g_string_new (pipeline->source->name);
  for (int i = 0; i < gw_attr_defs_length (pipeline->source->attrs); i++)
    {
      g_autofree char *text = gw_attr_to_string (&pipeline->source_attrs[i]);

      g_string_append_printf (key, "\n%s", text != NULL ? text : "");
    }
  g_string_append_printf (key, "\n%.17g %" G_GINT64_FORMAT, pipeline->attrs[GW_PIPELINE_TEST_FRACTION].f,
                          (gint64) pipeline->attrs[GW_PIPELINE_SPLIT_SEED].i);
  return g_string_free (key, FALSE);
}

static void
read_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  GError *error = NULL;
  GwDataView *view = gw_data_view_new (data, &error);

  if (view != NULL)
    g_task_return_pointer (task, view, (GDestroyNotify) gw_data_view_unref);
  else
    g_task_return_error (task, error);
}

static void
on_read (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  GwDatasetLoader *self = GW_DATASET_LOADER (source);
  g_autoptr (GError) error = NULL;
  GwDataView *view = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    {
      gw_data_view_unref (view);
      return;
    }
  g_clear_object (&self->cancellable);
  self->view = view;
  self->error = g_steal_pointer (&error);
  g_signal_emit (self, changed_signal, 0);
}

void
gw_dataset_loader_set_pipeline (GwDatasetLoader     *self,
                                const GwPipelineDef *pipeline)
{
  g_autofree char *key = key_of (pipeline);
  g_autoptr (GTask) task = NULL;

  if (g_strcmp0 (key, self->key) == 0)
    return;
  g_free (self->key);
  self->key = g_steal_pointer (&key);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->view, gw_data_view_unref);
  g_clear_error (&self->error);
  if (pipeline != NULL)
    {
      self->cancellable = g_cancellable_new ();
      task = g_task_new (self, self->cancellable, on_read, NULL);
      g_task_set_task_data (task, gw_pipeline_copy (pipeline), (GDestroyNotify) gw_pipeline_free);
      gw_background_run_task (task, read_in_thread);
    }
  g_signal_emit (self, changed_signal, 0);
}

GwDataView *
gw_dataset_loader_get_view (GwDatasetLoader *self)
{
  return self->view;
}

const GError *
gw_dataset_loader_get_error (GwDatasetLoader *self)
{
  return self->error;
}

gboolean
gw_dataset_loader_is_loading (GwDatasetLoader *self)
{
  return self->cancellable != NULL;
}

static void
gw_dataset_loader_finalize (GObject *object)
{
  GwDatasetLoader *self = GW_DATASET_LOADER (object);

  g_clear_object (&self->cancellable);
  gw_data_view_unref (self->view);
  g_clear_error (&self->error);
  g_free (self->key);
  G_OBJECT_CLASS (gw_dataset_loader_parent_class)->finalize (object);
}

static void
gw_dataset_loader_class_init (GwDatasetLoaderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gw_dataset_loader_finalize;
  changed_signal = g_signal_new ("changed", GW_TYPE_DATASET_LOADER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
gw_dataset_loader_init (GwDatasetLoader *self)
{
}

GwDatasetLoader *
gw_dataset_loader_new (void)
{
  return g_object_new (GW_TYPE_DATASET_LOADER, NULL);
}
