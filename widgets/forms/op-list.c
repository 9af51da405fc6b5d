/* SPDX-License-Identifier: Apache-2.0 */
/* The palette's widgets: search entry, list, empty state, hint. */
#include "widgets/forms/op-list.h"

#include <string.h>

#include "widgets/charts/widget-style.h"
#include "widgets/forms/op-list-private.h"

struct _GwOpList
{
  GtkWidget parent_instance;

  GtkWidget *entry, *stack, *view, *empty_title, *nearest, *foot, *hidden_toggle;
  GListStore *rows;
  GtkSingleSelection *selection;

  GListModel *model;
  char *search;
  char **recent;
  GHashTable *expanded;
  gboolean flat, show_hidden;
  gboolean searched; /* the rows are those of a search */
  GwOpFilter filter;
  gpointer filter_data;
  GDestroyNotify filter_destroy;
};

static guint activated_signal, menu_signal, delete_signal;

G_DEFINE_FINAL_TYPE (GwOpList, gw_op_list, GTK_TYPE_WIDGET)

static GwOpListQuery
query_of (GwOpList *self)
{
  return (GwOpListQuery) { self->model, self->search,      self->recent, self->expanded,
                           self->flat,  self->show_hidden, self->filter, self->filter_data };
}

/* --- rows --- */

static void
fill_nearest (GwOpList *self, const GwOpListQuery *query);

static gboolean
same_at (GwOpList *self, guint place, GwOpRow *row)
{
  g_autoptr (GwOpRow) old = g_list_model_get_item (G_LIST_MODEL (self->rows), place);

  return old->kind == row->kind && old->entry == row->entry && old->expanded == row->expanded
         && old->count == row->count;
}

/* Only what differs is replaced, so that the list stays where it was scrolled to. */
static void
show_rows (GwOpList *self, const GPtrArray *rows)
{
  guint old = g_list_model_get_n_items (G_LIST_MODEL (self->rows));
  guint most = MIN (old, rows->len);
  guint head = 0;
  guint tail = 0;

  /* Rows look different while a search stands in the entry. */
  if (self->searched == (*self->search != '\0'))
    {
      while (head < most && same_at (self, head, rows->pdata[head]))
        head++;
      while (tail < most - head && same_at (self, old - 1 - tail, rows->pdata[rows->len - 1 - tail]))
        tail++;
    }
  self->searched = *self->search != '\0';
  g_list_store_splice (self->rows, head, old - head - tail, rows->pdata + head,
                       rows->len - head - tail);
}

static void
refresh (GwOpList *self)
{
  if (self->rows == NULL)
    return;

  GwOpListQuery query = query_of (self);
  g_autoptr (GPtrArray) rows = gw_op_list_rows (&query);
  gboolean searching = self->search != NULL && *self->search != '\0';
  g_autofree char *hint = g_strdup_printf ("Search %u ops", gw_op_list_count (&query));

  show_rows (self, rows);
  g_object_set (self->entry, "placeholder-text", hint, NULL);
  if (searching && rows->len == 0)
    fill_nearest (self, &query);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack),
                                    searching && rows->len == 0 ? "empty" : "list");
  if (searching && rows->len > 0)
    gtk_single_selection_set_selected (self->selection, 0);
}

void
gw_op_list_toggle (GwOpList *self, GwOpRow *row)
{
  gw_op_list_set_expanded (self, gw_op_entry_get_info (row->entry)->category, !row->expanded);
}

static void
activate_row (GwOpList *self, GwOpRow *row)
{
  if (row->kind == GW_OP_ROW_CATEGORY)
    gw_op_list_toggle (self, row);
  if (row->kind != GW_OP_ROW_OP)
    return;

  g_autoptr (GwOpEntry) entry = g_object_ref (row->entry);

  g_signal_emit (self, activated_signal, 0, entry);
}

static void
row_activated (GwOpList *self, guint position)
{
  g_autoptr (GwOpRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), position);

  if (row != NULL)
    activate_row (self, row);
}

void
gw_op_list_activate_selected (GwOpList *self)
{
  g_return_if_fail (GW_IS_OP_LIST (self));

  GwOpRow *row = gtk_single_selection_get_selected_item (self->selection);

  if (row == NULL)
    return;

  g_autoptr (GwOpRow) held = g_object_ref (row);

  activate_row (self, held);
}

void
gw_op_list_open_menu (GwOpList *self, GwOpRow *row, GtkWidget *widget)
{
  g_autoptr (GwOpEntry) entry = row->kind == GW_OP_ROW_OP ? g_object_ref (row->entry) : NULL;

  if (entry != NULL)
    g_signal_emit (self, menu_signal, 0, entry, widget);
}

static gboolean
list_key (GwOpList *self, guint key, guint code, GdkModifierType state)
{
  GwOpRow *row = gtk_single_selection_get_selected_item (self->selection);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));
  g_autoptr (GwOpEntry) entry = row != NULL && row->kind == GW_OP_ROW_OP ? g_object_ref (row->entry) : NULL;

  if (entry == NULL || focus == NULL)
    return GDK_EVENT_PROPAGATE;
  if (key == GDK_KEY_Menu || (key == GDK_KEY_F10 && (state & GDK_SHIFT_MASK) != 0))
    g_signal_emit (self, menu_signal, 0, entry, focus);
  else if (key == GDK_KEY_Delete || key == GDK_KEY_KP_Delete)
    g_signal_emit (self, delete_signal, 0, entry);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

/* --- search --- */

static void
search_typed (GwOpList *self)
{
  gw_op_list_set_search (self, gtk_editable_get_text (GTK_EDITABLE (self->entry)));
}

static void
clear_search (GwOpList *self)
{
  gw_op_list_set_search (self, "");
  gtk_widget_grab_focus (self->entry);
}

static void
nearest_clicked (GwOpList *self, GtkButton *button)
{
  gw_op_list_set_search (self, gtk_button_get_label (button));
  gtk_widget_grab_focus (self->entry);
}

static void
fill_nearest (GwOpList *self, const GwOpListQuery *query)
{
  g_autoptr (GPtrArray) nearest = gw_op_list_nearest (query);
  g_autofree char *title = g_strdup_printf ("No op called “%s”", self->search);
  GtkWidget *child;

  gtk_label_set_text (GTK_LABEL (self->empty_title), title);
  while ((child = gtk_widget_get_first_child (self->nearest)) != NULL)
    gtk_box_remove (GTK_BOX (self->nearest), child);
  for (guint i = 0; i < nearest->len; i++)
    {
      const GwOpEntryInfo *info = gw_op_entry_get_info (g_ptr_array_index (nearest, i));
      GtkWidget *button = gtk_button_new_with_label (info->name);

      gtk_widget_add_css_class (button, "flat");
      g_signal_connect_object (button, "clicked", G_CALLBACK (nearest_clicked), self, G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (self->nearest), button);
    }
}

/* The next row that can be chosen; a heading within a category cannot. */
static guint
next_row (GwOpList *self, guint from, int direction)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->rows));

  for (guint i = from + (guint) direction; i < n; i += (guint) direction)
    {
      g_autoptr (GwOpRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);

      if (row->kind != GW_OP_ROW_GROUP)
        return i;
    }
  return from;
}

static void
move_selection (GwOpList *self, int direction)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->rows));
  guint selected = gtk_single_selection_get_selected (self->selection);

  if (n == 0)
    return;
  if (selected == GTK_INVALID_LIST_POSITION)
    selected = direction > 0 ? 0 : n - 1;
  else
    selected = next_row (self, selected, direction);
  gtk_single_selection_set_selected (self->selection, selected);
  gtk_widget_activate_action (self->view, "list.scroll-to-item", "u", selected);
}

static gboolean
entry_key (GwOpList *self, guint key, guint code, GdkModifierType state)
{
  switch (key)
    {
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      move_selection (self, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      move_selection (self, -1);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* --- public --- */

void
gw_op_list_set_search (GwOpList *self, const char *text)
{
  g_return_if_fail (GW_IS_OP_LIST (self));

  if (text == NULL)
    text = "";
  if (strcmp (self->search, text) == 0)
    return;

  char *copy = g_strdup (text);

  g_free (self->search);
  self->search = copy;
  if (strcmp (gtk_editable_get_text (GTK_EDITABLE (self->entry)), copy) != 0)
    {
      /* Setting says "changed" twice, once with nothing. */
      g_signal_handlers_block_by_func (self->entry, search_typed, self);
      gtk_editable_set_text (GTK_EDITABLE (self->entry), copy);
      g_signal_handlers_unblock_by_func (self->entry, search_typed, self);
      gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
    }
  refresh (self);
}

const char *
gw_op_list_get_search (GwOpList *self)
{
  g_return_val_if_fail (GW_IS_OP_LIST (self), NULL);
  return self->search;
}

void
gw_op_list_set_model (GwOpList *self, GListModel *model)
{
  g_return_if_fail (GW_IS_OP_LIST (self));
  g_return_if_fail (model == NULL || G_IS_LIST_MODEL (model));

  if (self->model == model)
    return;
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_func (self->model, refresh, self);
  g_set_object (&self->model, model);
  if (model != NULL)
    g_signal_connect_object (model, "items-changed", G_CALLBACK (refresh), self,
                             G_CONNECT_SWAPPED);
  refresh (self);
}

GListModel *
gw_op_list_get_model (GwOpList *self)
{
  g_return_val_if_fail (GW_IS_OP_LIST (self), NULL);
  return self->model;
}

void
gw_op_list_set_recent (GwOpList *self, const char *const *names)
{
  g_return_if_fail (GW_IS_OP_LIST (self));

  char **copy = g_strdupv ((char **) names);

  g_strfreev (self->recent);
  self->recent = copy;
  refresh (self);
}

static void
drop_filter (GwOpList *self)
{
  if (self->filter_destroy != NULL)
    self->filter_destroy (self->filter_data);
  self->filter = NULL;
  self->filter_data = NULL;
  self->filter_destroy = NULL;
}

void
gw_op_list_set_filter (GwOpList *self, GwOpFilter filter, gpointer data, GDestroyNotify destroy)
{
  g_return_if_fail (GW_IS_OP_LIST (self));

  drop_filter (self);
  self->filter = filter;
  self->filter_data = data;
  self->filter_destroy = destroy;
  refresh (self);
}

void
gw_op_list_set_flat (GwOpList *self, gboolean flat)
{
  g_return_if_fail (GW_IS_OP_LIST (self));

  self->flat = flat;
  g_list_store_remove_all (self->rows); /* all look different */
  gtk_widget_set_visible (self->foot, !flat);
  gtk_list_view_set_single_click_activate (GTK_LIST_VIEW (self->view), flat);
  refresh (self);
}

void
gw_op_list_set_show_hidden (GwOpList *self, gboolean show)
{
  g_return_if_fail (GW_IS_OP_LIST (self));

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->hidden_toggle), show);
}

gboolean
gw_op_list_get_show_hidden (GwOpList *self)
{
  g_return_val_if_fail (GW_IS_OP_LIST (self), FALSE);
  return self->show_hidden;
}

gboolean
gw_op_list_is_flat (GwOpList *self)
{
  return self->flat;
}

void
gw_op_list_set_expanded (GwOpList *self, const char *category, gboolean expanded)
{
  g_return_if_fail (GW_IS_OP_LIST (self));
  g_return_if_fail (category != NULL);

  gboolean changed = expanded ? g_hash_table_add (self->expanded, g_strdup (category))
                              : g_hash_table_remove (self->expanded, category);
  guint selected = gtk_single_selection_get_selected (self->selection);

  if (!changed)
    return;
  refresh (self);
  if (selected < g_list_model_get_n_items (G_LIST_MODEL (self->rows)))
    gtk_single_selection_set_selected (self->selection, selected);
}

gboolean
gw_op_list_get_expanded (GwOpList *self, const char *category)
{
  g_return_val_if_fail (GW_IS_OP_LIST (self), FALSE);
  return g_hash_table_contains (self->expanded, category);
}

GwOpEntry *
gw_op_list_get_shown (GwOpList *self, guint position)
{
  g_return_val_if_fail (GW_IS_OP_LIST (self), NULL);

  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->rows));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GwOpRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);

      if (row->kind == GW_OP_ROW_OP && position-- == 0)
        return row->entry;
    }
  return NULL;
}

guint
gw_op_list_get_n_shown (GwOpList *self)
{
  guint count = 0;

  g_return_val_if_fail (GW_IS_OP_LIST (self), 0);
  while (gw_op_list_get_shown (self, count) != NULL)
    count++;
  return count;
}

void
gw_op_list_grab_search (GwOpList *self)
{
  g_return_if_fail (GW_IS_OP_LIST (self));

  gtk_widget_grab_focus (self->entry);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
}

/* --- object --- */

static void
gw_op_list_dispose (GObject *object)
{
  GwOpList *self = GW_OP_LIST (object);
  GtkWidget *child;

  gw_op_list_set_model (self, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->selection);
  g_clear_object (&self->rows);
  G_OBJECT_CLASS (gw_op_list_parent_class)->dispose (object);
}

static void
gw_op_list_finalize (GObject *object)
{
  GwOpList *self = GW_OP_LIST (object);

  drop_filter (self);
  g_free (self->search);
  g_strfreev (self->recent);
  g_hash_table_unref (self->expanded);
  G_OBJECT_CLASS (gw_op_list_parent_class)->finalize (object);
}

static void
gw_op_list_class_init (GwOpListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = gw_op_list_dispose;
  object_class->finalize = gw_op_list_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "gwoplist");
  activated_signal = g_signal_new ("activated", GW_TYPE_OP_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, GW_TYPE_OP_ENTRY);
  menu_signal = g_signal_new ("menu", GW_TYPE_OP_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 2, GW_TYPE_OP_ENTRY, GTK_TYPE_WIDGET);
  delete_signal = g_signal_new ("delete", GW_TYPE_OP_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, GW_TYPE_OP_ENTRY);
}

static GtkWidget *
make_entry (GwOpList *self)
{
  GtkEventController *key = gtk_event_controller_key_new ();

  self->entry = gtk_search_entry_new ();
  gtk_widget_set_margin_start (self->entry, 8);
  gtk_widget_set_margin_end (self->entry, 8);
  gtk_widget_set_margin_top (self->entry, 8);
  gtk_widget_set_margin_bottom (self->entry, 6);
  g_signal_connect_object (self->entry, "changed", G_CALLBACK (search_typed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (gw_op_list_activate_selected), self, G_CONNECT_SWAPPED);
  gtk_event_controller_set_propagation_phase (key, GTK_PHASE_CAPTURE);
  g_signal_connect_object (key, "key-pressed", G_CALLBACK (entry_key), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (self->entry, key);
  return self->entry;
}

static GtkWidget *
make_list (GwOpList *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkListItemFactory *factory = gw_op_list_factory_new (self);
  GtkEventController *key = gtk_event_controller_key_new ();

  self->view = gtk_list_view_new (g_object_ref (GTK_SELECTION_MODEL (self->selection)), factory);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (row_activated), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (key, "key-pressed", G_CALLBACK (list_key), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (self->view, key);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  "Ops", -1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->view);
  gtk_widget_set_vexpand (scrolled, TRUE);
  return scrolled;
}

static GtkWidget *
make_empty (GwOpList *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *caption = gtk_label_new ("Nearest:");
  GtkWidget *clear = gtk_button_new_with_label ("Clear search");

  gtk_widget_add_css_class (box, "gw-op-empty");
  self->empty_title = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->empty_title), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->empty_title), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify (GTK_LABEL (self->empty_title), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (self->empty_title, "title");
  gtk_widget_add_css_class (caption, "dim-label");
  self->nearest = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_halign (clear, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_top (clear, 6);
  g_signal_connect_object (clear, "clicked", G_CALLBACK (clear_search), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), self->empty_title);
  gtk_box_append (GTK_BOX (box), caption);
  gtk_box_append (GTK_BOX (box), self->nearest);
  gtk_box_append (GTK_BOX (box), clear);
  return box;
}

static void
hidden_toggled (GwOpList *self)
{
  self->show_hidden = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->hidden_toggle));
  refresh (self);
}

static GtkWidget *
make_hidden_toggle (GwOpList *self)
{
  self->hidden_toggle = gtk_toggle_button_new ();
  gtk_button_set_icon_name (GTK_BUTTON (self->hidden_toggle), "view-reveal-symbolic");
  gtk_widget_add_css_class (self->hidden_toggle, "flat");
  gtk_widget_set_valign (self->hidden_toggle, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->hidden_toggle,
                               "Show backward ops: those that gradients are made of");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->hidden_toggle),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, "Show backward ops", -1);
  g_signal_connect_object (self->hidden_toggle, "toggled", G_CALLBACK (hidden_toggled), self, G_CONNECT_SWAPPED);
  return self->hidden_toggle;
}

static GtkWidget *
make_foot (GwOpList *self)
{
  GtkWidget *hint = gtk_label_new ("Drag, or press");
  GtkWidget *key = gtk_label_new ("Tab");

  self->foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_add_css_class (self->foot, "gw-op-foot");
  gtk_widget_add_css_class (hint, "dim-label");
  gtk_label_set_ellipsize (GTK_LABEL (hint), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (hint), 0);
  gtk_widget_add_css_class (key, "gw-key");
  gtk_widget_set_valign (key, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (key, TRUE);
  gtk_widget_set_halign (key, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (self->foot), hint);
  gtk_box_append (GTK_BOX (self->foot), key);
  gtk_box_append (GTK_BOX (self->foot), make_hidden_toggle (self));
  return self->foot;
}

static void
gw_op_list_init (GwOpList *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gw_widget_style_ensure ();
  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_widget_add_css_class (GTK_WIDGET (self), "gw-op-list");
  self->search = g_strdup ("");
  self->expanded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->rows = g_list_store_new (GW_TYPE_OP_ROW);
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->rows)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);

  gtk_widget_set_parent (make_entry (self), GTK_WIDGET (self));
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), make_list (self), "list");
  gtk_stack_add_named (GTK_STACK (self->stack), make_empty (self), "empty");
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
  gtk_widget_set_parent (make_foot (self), GTK_WIDGET (self));
  refresh (self);
}

GtkWidget *
gw_op_list_new (void)
{
  return g_object_new (GW_TYPE_OP_LIST, NULL);
}
