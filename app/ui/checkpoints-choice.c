/* SPDX-License-Identifier: Apache-2.0 */
/* What the Checkpoints page looks at: which run's folder, which of its checkpoints there
 * are, and which two of them are A and B. */
#include "app/ui/checkpoints-private.h"

#include "app/model/background.h"
#include "app/ui/checkpoints-rows.h"
#include "app/ui/checkpoints-table.h"
#include "app/ui/data-style.h"

const char *
gw_checkpoints_page_get_b (GwCheckpointsPage *self)
{
  return gtk_switch_get_active (GTK_SWITCH (self->compare)) && g_strcmp0 (self->a, self->b) != 0 ? self->b : NULL;
}

char *
gw_checkpoints_page_label (GwCheckpointsPage *self,
                           const char        *prefix)
{
  const GwCheckpointItem *item = gw_checkpoint_list_find (self->list, prefix);

  return item != NULL ? g_strdup (item->label) : g_path_get_basename (prefix);
}

/* ---- A and B ---- */

static void
show_choice (GwCheckpointsPage *self,
             GtkWidget         *drop_down,
             const char        *prefix)
{
  int place = gw_checkpoints_find_text (self->choices, prefix);

  gtk_drop_down_set_selected (GTK_DROP_DOWN (drop_down), place >= 0 ? (guint) place : GTK_INVALID_LIST_POSITION);
}

/* Opens A and B where they are not what the store has. */
static void
update_store (GwCheckpointsPage *self)
{
  const char *b = gw_checkpoints_page_get_b (self);
  g_auto (GStrv) trainable = NULL, known = NULL;
  gboolean compare = gtk_switch_get_active (GTK_SWITCH (self->compare));

  self->updating = TRUE;
  show_choice (self, self->a_choice, self->a);
  show_choice (self, self->b_choice, self->b);
  self->updating = FALSE;
  gtk_widget_set_sensitive (self->b_box, compare);
  gw_checkpoints_rows_mark (GW_CHECKPOINTS_ROWS (self->rows), self->a, compare ? self->b : NULL);
  if (g_strcmp0 (self->a, gw_checkpoint_store_get_a (self->store)) == 0 &&
      g_strcmp0 (b, gw_checkpoint_store_get_b (self->store)) == 0)
    return;
  gw_checkpoints_document_names (self->model, &trainable, &known);
  gw_checkpoint_store_open (self->store, self->a, b, (const char *const *) trainable, (const char *const *) known);
  gw_checkpoints_table_set_compare (GW_CHECKPOINTS_TABLE (self->table), b != NULL);
}

static void
set_checkpoint (GwCheckpointsPage *self,
                const char        *prefix,
                gboolean           as_b)
{
  char **place = as_b ? &self->b : &self->a, **other = as_b ? &self->a : &self->b;
  char *copy = g_strdup (prefix);

  /* A badge that goes where the other one is trades places with it. */
  if (g_strcmp0 (copy, *other) == 0 && (as_b || gtk_switch_get_active (GTK_SWITCH (self->compare))))
    {
      g_free (*other);
      *other = g_steal_pointer (place);
    }
  g_free (*place);
  *place = copy;
  if (as_b && !gtk_switch_get_active (GTK_SWITCH (self->compare)))
    gtk_switch_set_active (GTK_SWITCH (self->compare), TRUE);
  else
    update_store (self);
}

static void
on_chosen (GwCheckpointsRows *rows,
           const char        *prefix,
           gboolean           as_b,
           gpointer           data)
{
  g_autofree char *copy = g_strdup (prefix);

  set_checkpoint (data, copy, as_b);
}

static void
on_choice (GwCheckpointsPage *self,
           GParamSpec        *pspec,
           GtkWidget         *drop_down)
{
  guint place = gtk_drop_down_get_selected (GTK_DROP_DOWN (drop_down));
  gboolean as_b = drop_down == self->b_choice;

  if (self->updating || place >= self->choices->len)
    return;
  if (g_strcmp0 (g_ptr_array_index (self->choices, place), as_b ? self->b : self->a) != 0)
    {
      g_autofree char *copy = g_strdup (g_ptr_array_index (self->choices, place));

      set_checkpoint (self, copy, as_b);
    }
}

void
gw_checkpoints_page_swap (GwCheckpointsPage *self)
{
  char *a = self->a;

  if (!gtk_switch_get_active (GTK_SWITCH (self->compare)) || self->b == NULL)
    return;
  self->a = self->b;
  self->b = a;
  update_store (self);
}

static void
on_compare (GwCheckpointsPage *self)
{
  /* Without a B yet, the run's first checkpoint says most. */
  if (self->b == NULL && self->choices->len > 0)
    for (guint i = self->choices->len; i > 0 && self->b == NULL; i--)
      if (g_strcmp0 (g_ptr_array_index (self->choices, i - 1), self->a) != 0)
        self->b = g_strdup (g_ptr_array_index (self->choices, i - 1));
  update_store (self);
}

void
gw_checkpoints_page_set_compare (GwCheckpointsPage *self,
                                 gboolean           compare)
{
  gtk_switch_set_active (GTK_SWITCH (self->compare), compare);
}

gboolean
gw_checkpoints_page_step (GwCheckpointsPage *self,
                          int                direction)
{
  int place = gw_checkpoints_find_text (self->choices, self->a) + direction;

  if (place < 0 || place >= (int) self->choices->len)
    return FALSE;
  if (g_strcmp0 (g_ptr_array_index (self->choices, place), gw_checkpoints_page_get_b (self)) == 0)
    place += direction;
  if (place < 0 || place >= (int) self->choices->len)
    return FALSE;
  {
    g_autofree char *copy = g_strdup (g_ptr_array_index (self->choices, place));

    set_checkpoint (self, copy, FALSE);
  }
  return TRUE;
}

/* ---- the list of checkpoints ---- */

static void
fill_choices (GwCheckpointsPage *self)
{
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GListModel) model = NULL;

  g_ptr_array_set_size (self->choices, 0);
  for (guint i = 0; self->list != NULL && i < self->list->items->len; i++)
    g_ptr_array_add (self->choices,
                     g_strdup (((const GwCheckpointItem *) g_ptr_array_index (self->list->items, i))->prefix));
  for (guint i = 0; i < self->others->len; i++)
    if (gw_checkpoints_find_text (self->choices, g_ptr_array_index (self->others, i)) < 0)
      g_ptr_array_add (self->choices, g_strdup (g_ptr_array_index (self->others, i)));
  for (guint i = 0; i < self->choices->len; i++)
    g_ptr_array_add (labels, gw_checkpoints_page_label (self, g_ptr_array_index (self->choices, i)));
  g_ptr_array_add (labels, NULL);
  model = gw_name_list_new ((const char *const *) labels->pdata);
  self->updating = TRUE;
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->a_choice), model);
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->b_choice), model);
  self->updating = FALSE;
}

/* Keeps A and B where they still are, else takes what was asked for, else the newest. */
static void
choose_defaults (GwCheckpointsPage *self)
{
  if (self->chosen != NULL && gw_checkpoints_find_text (self->choices, self->chosen) >= 0)
    {
      g_free (self->a);
      self->a = g_steal_pointer (&self->chosen);
    }
  if (gw_checkpoints_find_text (self->choices, self->a) < 0)
    {
      g_free (self->a);
      self->a = self->choices->len > 0 ? g_strdup (g_ptr_array_index (self->choices, 0)) : NULL;
    }
  if (gw_checkpoints_find_text (self->choices, self->b) < 0 || g_strcmp0 (self->a, self->b) == 0)
    g_clear_pointer (&self->b, g_free);
  if (self->b == NULL && gtk_switch_get_active (GTK_SWITCH (self->compare)))
    on_compare (self);
}

static void
show_state (GwCheckpointsPage *self)
{
  gboolean empty = self->choices->len == 0;
  gboolean can_save = gw_run_get_state (self->run) != GW_RUN_IDLE && gw_run_get_state (self->run) != GW_RUN_PREPARING;
  const GwDocSettings *settings = gw_document_settings (gw_doc_model_get_document (self->model));
  GwAttrValue every = gw_attr_int (0);
  g_autofree char *text = NULL;

  if (gw_training_setting (settings, "checkpoint_every", &every) && every.i > 0)
    text = g_strdup_printf ("Training writes one every %" G_GINT64_FORMAT " steps.", every.i);
  adw_status_page_set_description (ADW_STATUS_PAGE (self->empty), text != NULL ? text : "Training writes one at its end.");
  gtk_widget_set_sensitive (self->save_now, can_save);
  gtk_widget_set_tooltip_text (self->save_now, can_save ? NULL : "Train or evaluate first: nothing has values yet");
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), empty ? "empty" : "page");
}

static void
list_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  GwCheckpointList *list = gw_checkpoint_list_new (data, cancellable);

  if (list != NULL)
    g_task_return_pointer (task, list, (GDestroyNotify) gw_checkpoint_list_free);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
}

/* Whoever looks at the newest checkpoint goes on to the next one. */
static void
follow_newest (GwCheckpointsPage *self)
{
  if (self->choices->len > 0 && !gtk_switch_get_active (GTK_SWITCH (self->compare)) &&
      g_strcmp0 (self->a, g_ptr_array_index (self->choices, 0)) == 0)
    g_clear_pointer (&self->a, g_free);
}

static void
on_list (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  GwCheckpointsPage *self = GW_CHECKPOINTS_PAGE (source);
  GwCheckpointList *list = g_task_propagate_pointer (G_TASK (result), NULL);

  if (list == NULL || self->store == NULL)
    {
      gw_checkpoint_list_free (list);
      return;
    }
  follow_newest (self);
  gw_checkpoint_list_free (self->list);
  self->list = list;
  gw_checkpoints_rows_set (GW_CHECKPOINTS_ROWS (self->rows), list);
  fill_choices (self);
  choose_defaults (self);
  gw_checkpoints_page_show_summary (self);
  show_state (self);
  update_store (self);
}

static void
read_list (GwCheckpointsPage *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->reading != NULL)
    g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  if (self->folder == NULL)
    {
      show_state (self);
      return;
    }
  self->reading = g_cancellable_new ();
  task = g_task_new (self, self->reading, on_list, NULL);
  g_task_set_task_data (task, g_strdup (self->folder), g_free);
  gw_background_run_task (task, list_in_thread);
}

/* ---- runs ---- */

static void
add_folder (GPtrArray  *folders,
            const char *folder)
{
  if (folder != NULL && gw_checkpoints_find_text (folders, folder) < 0)
    g_ptr_array_add (folders, g_strdup (folder));
}

static void
fill_runs (GwCheckpointsPage *self)
{
  g_autofree char *runs_dir = gw_doc_model_runs_dir (self->model);
  g_autoptr (GPtrArray) runs = gw_runs_list (runs_dir), labels = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GListModel) model = NULL;
  int place;

  g_ptr_array_set_size (self->folders, 0);
  add_folder (self->folders, gw_run_get_dir (self->run));
  for (guint i = 0; i < runs->len; i++)
    add_folder (self->folders, ((const GwRunInfo *) g_ptr_array_index (runs, i))->path);
  for (guint i = 0; i < self->opened->len; i++)
    add_folder (self->folders, g_ptr_array_index (self->opened, i));
  for (guint i = 0; i < self->folders->len; i++)
    g_ptr_array_add (labels, g_path_get_basename (g_ptr_array_index (self->folders, i)));
  g_ptr_array_add (labels, NULL);
  if (gw_checkpoints_find_text (self->folders, self->folder) < 0)
    {
      g_free (self->folder);
      self->folder = self->folders->len > 0 ? g_strdup (g_ptr_array_index (self->folders, 0)) : NULL;
    }
  place = gw_checkpoints_find_text (self->folders, self->folder);
  model = gw_name_list_new ((const char *const *) labels->pdata);
  self->updating = TRUE;
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->runs), model);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->runs), place >= 0 ? (guint) place : GTK_INVALID_LIST_POSITION);
  self->updating = FALSE;
}

static void
on_run_chosen (GwCheckpointsPage *self)
{
  guint place = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->runs));

  if (self->updating || place >= self->folders->len ||
      g_strcmp0 (self->folder, g_ptr_array_index (self->folders, place)) == 0)
    return;
  g_free (self->folder);
  self->folder = g_strdup (g_ptr_array_index (self->folders, place));
  read_list (self);
}

static void
refresh (GwCheckpointsPage *self)
{
  fill_runs (self);
  read_list (self);
}

static void
on_started (GwCheckpointsPage *self)
{
  if (gw_run_get_dir (self->run) != NULL)
    {
      g_free (self->folder);
      self->folder = g_strdup (gw_run_get_dir (self->run));
    }
  refresh (self);
}

static void
on_reset (GwCheckpointsPage *self)
{
  g_ptr_array_set_size (self->others, 0);
  g_ptr_array_set_size (self->opened, 0);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->list, gw_checkpoint_list_free);
  gw_checkpoints_rows_set (GW_CHECKPOINTS_ROWS (self->rows), NULL);
  fill_choices (self);
  choose_defaults (self);
  update_store (self);
  refresh (self);
}

void
gw_checkpoints_page_open (GwCheckpointsPage *self,
                          const char        *path)
{
  gboolean is_folder = g_file_test (path, G_FILE_TEST_IS_DIR);
  g_autofree char *prefix = is_folder ? NULL : gw_checkpoint_prefix_of (path);
  g_autofree char *folder = is_folder ? g_strdup (path) : g_path_get_dirname (prefix);

  add_folder (self->opened, folder);
  if (prefix != NULL)
    add_folder (self->others, prefix);
  g_free (self->chosen);
  self->chosen = g_steal_pointer (&prefix);
  g_free (self->folder);
  self->folder = g_steal_pointer (&folder);
  refresh (self);
}

/* ---- what it follows ---- */

void
gw_checkpoints_page_follow (GwCheckpointsPage *self)
{
  g_signal_connect_object (self->runs, "notify::selected", G_CALLBACK (on_run_chosen), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->rows, "chosen", G_CALLBACK (on_chosen), self, 0);
  g_signal_connect_object (self->a_choice, "notify::selected", G_CALLBACK (on_choice), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->b_choice, "notify::selected", G_CALLBACK (on_choice), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->compare, "notify::active", G_CALLBACK (on_compare), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "started", G_CALLBACK (on_started), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "checkpoint", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "changed", G_CALLBACK (show_state), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "reset", G_CALLBACK (on_reset), self, G_CONNECT_SWAPPED);
  refresh (self);
}
