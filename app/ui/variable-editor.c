/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/variable-editor.h"

#include "app/model/checkpoint-slice.h"
#include "widgets/charts/tensor-grid.h"

#include <string.h>

struct _GwVariableEditor {
  AdwWindow  parent_instance;

  GwRun     *run;
  char      *name;
  GwTensor  *value, *before;   /* as it stands; as it was before the last change, or NULL */
  gsize      rows, columns, row, column;

  GtkWidget *toasts, *grid, *place, *entry;
};

G_DEFINE_FINAL_TYPE (GwVariableEditor, gw_variable_editor, ADW_TYPE_WINDOW)

static double
cell_text (gsize    row,
           gsize    column,
           char    *buffer,
           gsize    size,
           gpointer data)
{
  GwVariableEditor *self = data;
  g_autofree char *text = gw_tensor_element_to_string (self->value, (int64_t) (row * self->columns + column));

  g_strlcpy (buffer, text, size);
  return row == self->row && column == self->column ? 0.35 : 0;
}

static void
choose (GwVariableEditor *self,
        guint64           row,
        guint64           column)
{
  g_autofree char *text = NULL, *place = NULL;

  if (row >= self->rows || column >= self->columns)
    return;
  self->row = row;
  self->column = column;
  text = gw_tensor_element_to_string (self->value, (int64_t) (row * self->columns + column));
  place = self->columns > 1 ? g_strdup_printf ("Row %" G_GSIZE_FORMAT ", column %" G_GSIZE_FORMAT, self->row, self->column)
                         : g_strdup_printf ("Element %" G_GSIZE_FORMAT, self->row);
  gtk_label_set_text (GTK_LABEL (self->place), place);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  gtk_widget_remove_css_class (self->entry, "error");
  gw_tensor_grid_changed (GW_TENSOR_GRID (self->grid));
}

static void
on_cell (GwVariableEditor *self,
         guint64           row,
         guint64           column)
{
  choose (self, row, column);
  gtk_widget_grab_focus (self->entry);
}

static void
on_undo (GwVariableEditor *self)
{
  if (self->before == NULL)
    return;
  gw_tensor_unref (self->value);
  self->value = g_steal_pointer (&self->before);
  gw_run_set_value (self->run, self->name, self->value);
  choose (self, self->row, self->column);
}

static void
tell_change (GwVariableEditor *self,
             const char       *old,
             const char       *new)
{
  g_autofree char *text = g_markup_printf_escaped ("%s became %s", old, new);
  AdwToast *toast = adw_toast_new (text);

  adw_toast_set_button_label (toast, "Undo");
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (on_undo), self, G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
}

/* What the trainer gets is never written afterwards: each change makes a new tensor. */
static void
on_entered (GwVariableEditor *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  int64_t at = (int64_t) (self->row * self->columns + self->column);
  g_autofree char *old = gw_tensor_element_to_string (self->value, at), *new = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) number = gw_tensor_parse (text, self->value->dtype, &GW_SHAPE_SCALAR, &error);
  GwTensor *changed = number != NULL ? gw_tensor_duplicate (self->value, &error) : NULL;
  size_t size = gw_dtype_size (self->value->dtype);

  gtk_widget_set_tooltip_text (self->entry, error != NULL ? error->message : NULL);
  if (changed == NULL)
    {
      gtk_widget_add_css_class (self->entry, "error");
      return;
    }
  memcpy ((char *) changed->data + (size_t) at * size, number->data, size);
  gw_tensor_unref (self->before);
  self->before = self->value;
  self->value = changed;
  gw_run_set_value (self->run, self->name, changed);
  new = gw_tensor_element_to_string (changed, at);
  tell_change (self, old, new);
  choose (self, self->row, self->column);
}

static void
gw_variable_editor_dispose (GObject *object)
{
  GwVariableEditor *self = GW_VARIABLE_EDITOR (object);

  if (self->grid != NULL)
    gw_tensor_grid_set_source (GW_TENSOR_GRID (self->grid), 0, 0, 0, 0, NULL, NULL, NULL);
  self->grid = NULL;
  g_clear_object (&self->run);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->value, gw_tensor_unref);
  g_clear_pointer (&self->before, gw_tensor_unref);
  G_OBJECT_CLASS (gw_variable_editor_parent_class)->dispose (object);
}

static void
gw_variable_editor_class_init (GwVariableEditorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_variable_editor_dispose;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static GtkWidget *
make_line (GwVariableEditor *self)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->place = gtk_label_new (NULL);
  self->entry = gtk_entry_new ();
  gtk_widget_set_hexpand (self->entry, TRUE);
  gtk_widget_set_margin_start (line, 12);
  gtk_widget_set_margin_end (line, 12);
  gtk_widget_set_margin_top (line, 8);
  gtk_widget_set_margin_bottom (line, 12);
  gtk_box_append (GTK_BOX (line), self->place);
  gtk_box_append (GTK_BOX (line), self->entry);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (on_entered), self);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_RELATION_LABELLED_BY, self->place, NULL,
                                  -1);
  return line;
}

static void
gw_variable_editor_init (GwVariableEditor *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *scroller = gtk_scrolled_window_new ();

  self->grid = gw_tensor_grid_new ();
  self->toasts = adw_toast_overlay_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->grid);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_set_margin_start (scroller, 12);
  gtk_widget_set_margin_end (scroller, 12);
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->toasts), scroller);
  gtk_box_append (GTK_BOX (column), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (column), self->toasts);
  gtk_box_append (GTK_BOX (column), make_line (self));
  adw_window_set_content (ADW_WINDOW (self), column);
  gtk_window_set_default_size (GTK_WINDOW (self), 560, 420);
  gtk_widget_add_css_class (GTK_WIDGET (self), "graphwright");
  g_signal_connect_swapped (self->grid, "cell-activated", G_CALLBACK (on_cell), self);
}

GtkWidget *
gw_variable_editor_new (GwRun          *run,
                        const char     *name,
                        const GwTensor *value,
                        GError        **error)
{
  GwVariableEditor *self;
  GwTensor *copy;

  if (value->elements > GW_VARIABLE_EDITOR_MOST || value->elements == 0 || value->dtype == GW_STRING)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT, "%s: numbers of 1 to %d elements are edited by hand", name,
                   GW_VARIABLE_EDITOR_MOST);
      return NULL;
    }
  copy = gw_tensor_duplicate (value, error);
  if (copy == NULL)
    return NULL;
  self = g_object_new (GW_TYPE_VARIABLE_EDITOR, "title", name, NULL);
  self->run = g_object_ref (run);
  self->name = g_strdup (name);
  self->value = copy;
  if (!gw_matrix_size (&copy->shape, &self->rows, &self->columns))
    self->rows = self->columns = 1;
  gw_tensor_grid_set_source (GW_TENSOR_GRID (self->grid), self->rows, self->columns, 0, 0, cell_text, self, NULL);
  choose (self, 0, 0);
  gtk_window_set_focus (GTK_WINDOW (self), self->entry);
  return GTK_WIDGET (self);
}
