/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/checkpoints-private.h"

#include <string.h>

#include "app/ui/checkpoints-rows.h"
#include "app/ui/checkpoints-table.h"
#include "app/ui/checkpoints-tensor.h"
#include "app/ui/data-style.h"

G_DEFINE_FINAL_TYPE (GwCheckpointsPage, gw_checkpoints_page, ADW_TYPE_BIN)

static void read_list (GwCheckpointsPage *self);

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

static void
swap (GwCheckpointsPage *self)
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

/* Moves A along the list: -1 newer, +1 older. */
static gboolean
step_a (GwCheckpointsPage *self,
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

/* ---- the table ---- */

static void
on_filter (GwCheckpointsPage *self)
{
  if (self->table != NULL)
    gw_checkpoints_table_set_filter (GW_CHECKPOINTS_TABLE (self->table),
                                     (GwVariablesFilter) gw_segments_get (self->filters, 3),
                                     gtk_editable_get_text (GTK_EDITABLE (self->search)));
}

static void
show_counts (GwCheckpointsPage *self)
{
  GListModel *rows = gw_checkpoint_store_get_rows (self->store);
  guint n = g_list_model_get_n_items (rows), shown = gw_checkpoints_table_n_shown (GW_CHECKPOINTS_TABLE (self->table));
  guint ready = gw_checkpoint_store_n_ready (self->store);
  const GError *error = gw_checkpoint_store_get_error (self->store);
  g_autofree char *text = NULL, *hint = g_strdup_printf ("Filter %u variable%s", n, n == 1 ? "" : "s");

  gtk_entry_set_placeholder_text (GTK_ENTRY (self->search), hint);
  if (error == NULL && ready < n)
    text = g_strdup_printf ("reading %u of %u", ready, n);
  else
    text = g_strdup_printf ("%u of %u", shown, n);
  gtk_label_set_label (GTK_LABEL (self->count), text);
  gtk_label_set_label (GTK_LABEL (self->table_message),
                       error != NULL ? error->message : n > 0 ? "No variable matches the filter." : "Reading…");
  gtk_stack_set_visible_child_name (GTK_STACK (self->table_stack), error == NULL && shown > 0 ? "table" : "message");
}

static void
on_rows_changed (GwCheckpointsPage *self)
{
  GListModel *rows = gw_checkpoint_store_get_rows (self->store);
  const char *selected = gw_checkpoint_store_get_selected (self->store);
  gboolean there = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (GwVariableRow) row = g_list_model_get_item (rows, i);

      there |= g_strcmp0 (row->name, selected) == 0;
    }
  if (g_list_model_get_n_items (rows) > 0)
    gw_checkpoints_table_select (GW_CHECKPOINTS_TABLE (self->table), there ? selected : gw_checkpoints_best_variable (rows));
  show_counts (self);
}

static void
on_variable (GwCheckpointsTable *table,
             const char         *name,
             gpointer            data)
{
  GwCheckpointsPage *self = data;

  if (g_strcmp0 (name, gw_checkpoint_store_get_selected (self->store)) != 0)
    gw_checkpoint_store_select (self->store, name);
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
  g_task_run_in_thread (task, list_in_thread);
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
on_run_changed (GwCheckpointsPage *self)
{
  show_state (self);
  gw_checkpoints_page_load_pending (self);
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

/* ---- building ---- */

static GtkWidget *
make_side (GwCheckpointsPage *self)
{
  GtkWidget *side = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *scrolled = gtk_scrolled_window_new (), *button, *hint;

  self->runs = gtk_drop_down_new (NULL, NULL);
  gtk_widget_set_tooltip_text (self->runs, "Run");
  g_signal_connect_swapped (self->runs, "notify::selected", G_CALLBACK (on_run_chosen), self);
  gtk_widget_set_margin_start (self->runs, 10);
  gtk_widget_set_margin_end (self->runs, 10);
  gtk_widget_set_margin_top (self->runs, 10);
  gtk_box_append (GTK_BOX (side), self->runs);
  self->summary = gw_cut_text_new ("", "gw-caption gw-number");
  gtk_widget_set_hexpand (self->summary, TRUE);
  gtk_box_append (GTK_BOX (line), self->summary);
  button = gw_button_new (NULL, "Open other…", "gw-link flat");
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (gw_checkpoints_page_choose_file), self);
  gtk_box_append (GTK_BOX (line), button);
  gtk_widget_set_margin_start (line, 12);
  gtk_widget_set_margin_end (line, 10);
  gtk_widget_set_margin_top (line, 6);
  gtk_widget_set_margin_bottom (line, 2);
  gtk_box_append (GTK_BOX (side), line);
  self->rows = gw_checkpoints_rows_new ();
  gtk_widget_set_margin_start (self->rows, 6);
  gtk_widget_set_margin_end (self->rows, 6);
  g_signal_connect (self->rows, "chosen", G_CALLBACK (on_chosen), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->rows);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_box_append (GTK_BOX (side), scrolled);
  hint = gw_text_new ("Drop A and B on the rows to compare.\nAlt+↑ and Alt+↓ move A, X swaps.", "gw-caption");
  gtk_widget_set_margin_start (hint, 14);
  gtk_widget_set_margin_bottom (hint, 12);
  gtk_widget_set_margin_top (hint, 8);
  gtk_box_append (GTK_BOX (side), hint);
  gtk_widget_set_size_request (side, 264, -1);
  gw_add_classes (side, "gw-page-side");
  return side;
}

static GtkWidget *
choice_new (GwCheckpointsPage *self,
            const char        *letter,
            GtkWidget        **drop_down)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *badge = gtk_label_new (letter);

  gw_add_classes (badge, *letter == 'A' ? "gw-badge gw-badge-a" : "gw-badge gw-badge-b");
  gtk_widget_set_valign (badge, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), badge);
  *drop_down = gtk_drop_down_new (NULL, NULL);
  gtk_widget_set_size_request (*drop_down, 132, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (*drop_down), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  *letter == 'A' ? "Checkpoint A" : "Checkpoint B", -1);
  g_signal_connect_swapped (*drop_down, "notify::selected", G_CALLBACK (on_choice), self);
  gtk_box_append (GTK_BOX (box), *drop_down);
  return box;
}

static GtkWidget *
make_head (GwCheckpointsPage *self)
{
  static const char *const filters[] = { "All", "Trainable", "Slots", NULL };
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10), *button, *label;

  gtk_box_append (GTK_BOX (head), choice_new (self, "A", &self->a_choice));
  button = gw_button_new ("swap-symbolic", NULL, "flat");
  gtk_widget_set_tooltip_text (button, "Swap A and B (X)");
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (swap), self);
  gtk_box_append (GTK_BOX (head), button);
  self->b_box = choice_new (self, "B", &self->b_choice);
  gtk_box_append (GTK_BOX (head), self->b_box);
  label = gw_text_new ("Compare", NULL);
  gtk_widget_set_margin_start (label, 6);
  gtk_box_append (GTK_BOX (head), label);
  self->compare = gtk_switch_new ();
  gtk_widget_set_valign (self->compare, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->compare), GTK_ACCESSIBLE_PROPERTY_LABEL, "Compare A with B", -1);
  g_signal_connect_swapped (self->compare, "notify::active", G_CALLBACK (on_compare), self);
  gtk_box_append (GTK_BOX (head), self->compare);
  self->count = gw_text_new ("", "gw-caption gw-number");
  gtk_label_set_xalign (GTK_LABEL (self->count), 1);
  gtk_widget_set_hexpand (self->count, TRUE);
  gtk_box_append (GTK_BOX (head), self->count);
  gtk_box_append (GTK_BOX (head), gw_segments_new (filters, self->filters, G_CALLBACK (on_filter), self));
  self->search = gtk_entry_new ();
  gtk_entry_set_icon_from_icon_name (GTK_ENTRY (self->search), GTK_ENTRY_ICON_PRIMARY, "edit-find-symbolic");
  gtk_editable_set_width_chars (GTK_EDITABLE (self->search), 20);
  g_signal_connect_swapped (self->search, "changed", G_CALLBACK (on_filter), self);
  gtk_box_append (GTK_BOX (head), self->search);
  gw_add_classes (head, "gw-page-head");
  return head;
}

static GtkWidget *
make_table (GwCheckpointsPage *self)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->table = gw_checkpoints_table_new (self->store);
  g_signal_connect (self->table, "selected", G_CALLBACK (on_variable), self);
  g_signal_connect_swapped (self->table, "shown", G_CALLBACK (show_counts), self);
  self->table_message = gw_text_new ("", "gw-dim");
  gtk_label_set_xalign (GTK_LABEL (self->table_message), 0.5);
  gtk_label_set_wrap (GTK_LABEL (self->table_message), TRUE);
  self->table_stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->table_stack), self->table, "table");
  gtk_stack_add_named (GTK_STACK (self->table_stack), self->table_message, "message");
  gtk_widget_set_vexpand (self->table_stack, TRUE);
  gtk_box_append (GTK_BOX (card), self->table_stack);
  gtk_widget_set_overflow (card, GTK_OVERFLOW_HIDDEN);
  gw_add_classes (card, "gw-card");
  return card;
}

static void
on_load (GwCheckpointsTensor *tensor,
         gboolean             alone,
         gpointer             data)
{
  gw_checkpoints_page_load (data, alone);
}

static GtkWidget *
make_main (GwCheckpointsPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  GtkWidget *card = make_table (self);

  gtk_box_append (GTK_BOX (box), make_head (self));
  self->tensor = gw_checkpoints_tensor_new (self->store);
  g_signal_connect_swapped (self->tensor, "save", G_CALLBACK (gw_checkpoints_page_save_value), self);
  g_signal_connect (self->tensor, "load", G_CALLBACK (on_load), self);
  gtk_widget_set_size_request (card, -1, 150);
  gtk_widget_set_size_request (self->tensor, -1, 260);
  gtk_paned_set_start_child (GTK_PANED (paned), card);
  gtk_paned_set_end_child (GTK_PANED (paned), self->tensor);
  gtk_paned_set_shrink_start_child (GTK_PANED (paned), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (paned), FALSE);
  gtk_paned_set_position (GTK_PANED (paned), 330);
  gtk_widget_set_margin_start (card, 1);
  gtk_widget_set_margin_end (card, 1);
  gtk_widget_set_margin_bottom (card, 2);
  gtk_widget_set_margin_top (self->tensor, 2);
  gw_add_classes (paned, "gw-paned");
  gtk_widget_set_margin_start (paned, 16);
  gtk_widget_set_margin_end (paned, 16);
  gtk_widget_set_margin_bottom (paned, 12);
  gtk_widget_set_margin_top (paned, 4);
  gtk_widget_set_vexpand (paned, TRUE);
  gtk_box_append (GTK_BOX (box), paned);
  gtk_widget_set_hexpand (box, TRUE);
  return box;
}

static GtkWidget *
make_empty (GwCheckpointsPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *open;

  self->empty = adw_status_page_new ();
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (self->empty), "view-checkpoints-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (self->empty), "No checkpoints yet");
  self->save_now = gw_button_new (NULL, "Save one now", "pill suggested-action");
  g_signal_connect_swapped (self->save_now, "clicked", G_CALLBACK (gw_run_checkpoint), self->run);
  open = gw_button_new (NULL, "Open a checkpoint", "pill");
  g_signal_connect_swapped (open, "clicked", G_CALLBACK (gw_checkpoints_page_choose_file), self);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), self->save_now);
  gtk_box_append (GTK_BOX (box), open);
  adw_status_page_set_child (ADW_STATUS_PAGE (self->empty), box);
  return self->empty;
}

static gboolean
key_step (GtkWidget *widget,
          GVariant  *args,
          gpointer   data)
{
  return step_a (GW_CHECKPOINTS_PAGE (widget), g_variant_get_int32 (args));
}

static gboolean
key_swap (GtkWidget *widget,
          GVariant  *args,
          gpointer   data)
{
  swap (GW_CHECKPOINTS_PAGE (widget));
  return TRUE;
}

static gboolean
on_drop (GtkDropTarget *target,
         const GValue  *value,
         double         x,
         double         y,
         gpointer       data)
{
  g_autofree char *path = g_file_get_path (g_value_get_object (value));

  if (path == NULL)
    return FALSE;
  gw_checkpoints_page_open (data, path);
  return TRUE;
}

/* ---- object ---- */

static void
gw_checkpoints_page_dispose (GObject *object)
{
  GwCheckpointsPage *self = GW_CHECKPOINTS_PAGE (object);

  if (self->reading != NULL)
    g_cancellable_cancel (self->reading);
  if (self->store != NULL)
    g_signal_handlers_disconnect_by_data (self->store, self);
  self->updating = TRUE;
  adw_bin_set_child (ADW_BIN (self), NULL);
  g_clear_object (&self->reading);
  g_clear_object (&self->store);
  g_clear_object (&self->model);
  g_clear_object (&self->run);
  g_clear_pointer (&self->list, gw_checkpoint_list_free);
  G_OBJECT_CLASS (gw_checkpoints_page_parent_class)->dispose (object);
}

static void
gw_checkpoints_page_finalize (GObject *object)
{
  GwCheckpointsPage *self = GW_CHECKPOINTS_PAGE (object);

  g_ptr_array_unref (self->folders);
  g_ptr_array_unref (self->opened);
  g_ptr_array_unref (self->others);
  g_ptr_array_unref (self->choices);
  g_free (self->folder);
  g_free (self->a);
  g_free (self->b);
  g_free (self->chosen);
  g_free (self->pending);
  g_strfreev (self->pending_names);
  G_OBJECT_CLASS (gw_checkpoints_page_parent_class)->finalize (object);
}

static void
gw_checkpoints_page_class_init (GwCheckpointsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gw_checkpoints_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = gw_checkpoints_page_finalize;
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Up, GDK_ALT_MASK, key_step, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Down, GDK_ALT_MASK, key_step, "i", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_x, 0, key_swap, NULL);
}

static void
gw_checkpoints_page_init (GwCheckpointsPage *self)
{
  gw_data_style_ensure ();
  self->folders = g_ptr_array_new_with_free_func (g_free);
  self->opened = g_ptr_array_new_with_free_func (g_free);
  self->others = g_ptr_array_new_with_free_func (g_free);
  self->choices = g_ptr_array_new_with_free_func (g_free);
  self->store = gw_checkpoint_store_new ();
}

static void
connect_model (GwCheckpointsPage *self)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  g_signal_connect_swapped (self->store, "rows-changed", G_CALLBACK (on_rows_changed), self);
  g_signal_connect_swapped (self->store, "progress", G_CALLBACK (show_counts), self);
  g_signal_connect_object (self->run, "started", G_CALLBACK (on_started), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "checkpoint", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "changed", G_CALLBACK (on_run_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "reset", G_CALLBACK (on_reset), self, G_CONNECT_SWAPPED);
  g_signal_connect (target, "drop", G_CALLBACK (on_drop), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

GtkWidget *
gw_checkpoints_page_new (GwDocModel *model,
                         GwRun      *run)
{
  GwCheckpointsPage *self = g_object_new (GW_TYPE_CHECKPOINTS_PAGE, NULL);
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->model = g_object_ref (model);
  self->run = g_object_ref (run);
  gtk_box_append (GTK_BOX (page), make_side (self));
  gtk_box_append (GTK_BOX (page), make_main (self));
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), make_empty (self), "empty");
  gtk_stack_add_named (GTK_STACK (self->stack), page, "page");
  self->toasts = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  adw_toast_overlay_set_child (self->toasts, self->stack);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->toasts));
  connect_model (self);
  refresh (self);
  return GTK_WIDGET (self);
}
