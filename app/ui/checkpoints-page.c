/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/checkpoints-private.h"

#include <string.h>

#include "app/ui/checkpoints-rows.h"
#include "app/ui/checkpoints-table.h"
#include "app/ui/checkpoints-tensor.h"
#include "app/ui/data-style.h"

G_DEFINE_FINAL_TYPE (GwCheckpointsPage, gw_checkpoints_page, ADW_TYPE_BIN)

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

/* ---- building ---- */

static GtkWidget *
make_side (GwCheckpointsPage *self)
{
  GtkWidget *side = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *scrolled = gtk_scrolled_window_new (), *button, *hint;

  self->runs = gtk_drop_down_new (NULL, NULL);
  gtk_widget_set_tooltip_text (self->runs, "Run");
  gtk_widget_set_margin_start (self->runs, 10);
  gtk_widget_set_margin_end (self->runs, 10);
  gtk_widget_set_margin_top (self->runs, 10);
  gtk_box_append (GTK_BOX (side), self->runs);
  self->summary = gw_cut_text_new ("", "gw-caption gw-number");
  gtk_widget_set_hexpand (self->summary, TRUE);
  gtk_box_append (GTK_BOX (line), self->summary);
  button = gw_button_new (NULL, "Open other…", "gw-link flat");
  g_signal_connect_object (button, "clicked", G_CALLBACK (gw_checkpoints_page_choose_file), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (line), button);
  gtk_widget_set_margin_start (line, 12);
  gtk_widget_set_margin_end (line, 10);
  gtk_widget_set_margin_top (line, 6);
  gtk_widget_set_margin_bottom (line, 2);
  gtk_box_append (GTK_BOX (side), line);
  self->rows = gw_checkpoints_rows_new ();
  gtk_widget_set_margin_start (self->rows, 6);
  gtk_widget_set_margin_end (self->rows, 6);
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
  gtk_widget_set_hexpand (side, FALSE);
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
  g_signal_connect_object (button, "clicked", G_CALLBACK (gw_checkpoints_page_swap), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (head), button);
  self->b_box = choice_new (self, "B", &self->b_choice);
  gtk_box_append (GTK_BOX (head), self->b_box);
  label = gw_text_new ("Compare", NULL);
  gtk_widget_set_margin_start (label, 6);
  gtk_box_append (GTK_BOX (head), label);
  self->compare = gtk_switch_new ();
  gtk_widget_set_valign (self->compare, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->compare), GTK_ACCESSIBLE_PROPERTY_LABEL, "Compare A with B", -1);
  gtk_box_append (GTK_BOX (head), self->compare);
  self->count = gw_text_new ("", "gw-caption gw-number");
  gtk_label_set_xalign (GTK_LABEL (self->count), 1);
  gtk_widget_set_hexpand (self->count, TRUE);
  gtk_box_append (GTK_BOX (head), self->count);
  gtk_box_append (GTK_BOX (head), gw_segments_new (filters, self->filters, G_CALLBACK (on_filter), self));
  self->search = gtk_entry_new ();
  gtk_entry_set_icon_from_icon_name (GTK_ENTRY (self->search), GTK_ENTRY_ICON_PRIMARY, "edit-find-symbolic");
  gtk_editable_set_width_chars (GTK_EDITABLE (self->search), 20);
  g_signal_connect_object (self->search, "changed", G_CALLBACK (on_filter), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (head), self->search);
  gw_add_classes (head, "gw-page-head");
  return head;
}

static GtkWidget *
make_table (GwCheckpointsPage *self)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->table = gw_checkpoints_table_new (self->store);
  g_signal_connect_object (self->table, "selected", G_CALLBACK (on_variable), self, 0);
  g_signal_connect_object (self->table, "shown", G_CALLBACK (show_counts), self, G_CONNECT_SWAPPED);
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
  g_signal_connect_object (self->tensor, "save", G_CALLBACK (gw_checkpoints_page_save_value), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tensor, "load", G_CALLBACK (on_load), self, 0);
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
  g_signal_connect_object (self->save_now, "clicked", G_CALLBACK (gw_run_checkpoint), self->run, G_CONNECT_SWAPPED);
  open = gw_button_new (NULL, "Open a checkpoint", "pill");
  g_signal_connect_object (open, "clicked", G_CALLBACK (gw_checkpoints_page_choose_file), self, G_CONNECT_SWAPPED);
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
  return gw_checkpoints_page_step (GW_CHECKPOINTS_PAGE (widget), g_variant_get_int32 (args));
}

static gboolean
key_swap (GtkWidget *widget,
          GVariant  *args,
          gpointer   data)
{
  gw_checkpoints_page_swap (GW_CHECKPOINTS_PAGE (widget));
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

  g_signal_connect_object (self->store, "rows-changed", G_CALLBACK (on_rows_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->store, "progress", G_CALLBACK (show_counts), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), self, 0);
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
  gw_checkpoints_page_follow (self);
  gw_checkpoints_page_tell_loads (self);
  return GTK_WIDGET (self);
}
