/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/picker.h"

#define MOST_ROWS 12
#define WIDTH 360

struct _GwPicker {
  GtkPopover parent_instance;

  GtkWidget *entry, *list;
  int        n_rows;
};

G_DEFINE_FINAL_TYPE (GwPicker, gw_picker, GTK_TYPE_POPOVER)

static guint fill_signal, chosen_signal;

static GtkListBoxRow *
row_at (GwPicker *self,
        int       index)
{
  return gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), index);
}

static void
fill (GwPicker *self)
{
  while (row_at (self, 0) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), GTK_WIDGET (row_at (self, 0)));
  self->n_rows = 0;
  g_signal_emit (self, fill_signal, 0, gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  gtk_list_box_select_row (GTK_LIST_BOX (self->list), row_at (self, 0));
}

gboolean
gw_picker_add (GwPicker   *self,
               const char *text,
               const char *detail,
               guint64     key)
{
  GtkWidget *box, *label, *end;

  if (self->n_rows >= MOST_ROWS)
    return FALSE;
  box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  label = gtk_label_new (text);
  end = gtk_label_new (detail);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (end, "gw-caption");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), end);
  g_object_set_data_full (G_OBJECT (box), "key", g_memdup2 (&key, sizeof key), g_free);
  gtk_list_box_append (GTK_LIST_BOX (self->list), box);
  self->n_rows++;
  return self->n_rows < MOST_ROWS;
}

static void
choose (GwPicker      *self,
        GtkListBoxRow *row)
{
  const guint64 *found = g_object_get_data (G_OBJECT (gtk_list_box_row_get_child (row)), "key");
  guint64 key = *found;

  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, chosen_signal, 0, key);
}

static void
on_activate (GwPicker *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list));

  if (row != NULL)
    choose (self, row);
}

static gboolean
on_key (GtkEventControllerKey *controller,
        guint                  key,
        guint                  keycode,
        GdkModifierType        modifiers,
        GwPicker              *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list));
  int step = key == GDK_KEY_Down ? 1 : key == GDK_KEY_Up ? -1 : 0;

  if (step == 0 || row == NULL)
    return FALSE;
  row = row_at (self, MAX (gtk_list_box_row_get_index (row) + step, 0));
  if (row != NULL)
    gtk_list_box_select_row (GTK_LIST_BOX (self->list), row);
  return TRUE;
}

void
gw_picker_open (GwPicker *self)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));

  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  fill (self);
  gtk_popover_set_pointing_to (GTK_POPOVER (self), &(GdkRectangle) { gtk_widget_get_width (parent) / 2, 12, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self));
  gtk_widget_grab_focus (self->entry);
}

static void
gw_picker_class_init (GwPickerClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  fill_signal = g_signal_new ("fill", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  chosen_signal = g_signal_new ("chosen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
}

static void
gw_picker_init (GwPicker *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->entry = gtk_search_entry_new ();
  self->list = gtk_list_box_new ();
  gtk_widget_set_size_request (box, WIDTH, -1);
  gtk_box_append (GTK_BOX (box), self->entry);
  gtk_box_append (GTK_BOX (box), self->list);
  gtk_popover_set_child (GTK_POPOVER (self), box);
  gtk_popover_set_has_arrow (GTK_POPOVER (self), FALSE);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (on_key), self, 0);
  gtk_widget_add_controller (self->entry, keys);
  g_signal_connect_object (self->entry, "changed", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (on_activate), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "stop-search", G_CALLBACK (gtk_popover_popdown), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (choose), self, G_CONNECT_SWAPPED);
}

GtkWidget *
gw_picker_new (const char *placeholder)
{
  GwPicker *self = g_object_new (GW_TYPE_PICKER, NULL);

  g_object_set (self->entry, "placeholder-text", placeholder, NULL);
  return GTK_WIDGET (self);
}
