/* SPDX-License-Identifier: Apache-2.0 */
/* One row of the form: label, editor, reset button, reason of a refusal, and
 * the rules of when a value is committed. */
#include <string.h>

#include "widgets/forms/form-private.h"

#define REST_MS 400
#define LABEL_WIDTH 104

static void
stop_rest (GwFormRow *row)
{
  g_clear_handle_id (&row->rest, g_source_remove);
}

static void
show_reset (GwFormRow *row)
{
  gboolean differs = row->default_value != NULL
                     && g_strcmp0 (row->text, row->default_value) != 0;

  gtk_widget_set_visible (row->reset, differs);
}

static void
show_text (GwFormRow *row, const char *text)
{
  g_free (row->text);
  row->text = g_strdup (text);
  row->updating = TRUE;
  row->editor->show (row, row->text);
  row->updating = FALSE;
  show_reset (row);
}

void
gw_form_row_set_error (GwFormRow *row, const char *error)
{
  if (error != NULL && *error == '\0')
    error = NULL;
  if (g_strcmp0 (row->error, error) == 0)
    return;
  g_free (row->error);
  row->error = g_strdup (error);
  gtk_label_set_text (GTK_LABEL (row->error_label), error != NULL ? error : "");
  gtk_widget_set_visible (row->error_label, error != NULL);
  if (row->focus == NULL)
    return;
  if (error != NULL)
    gtk_widget_add_css_class (row->focus, "error");
  else
    gtk_widget_remove_css_class (row->focus, "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (row->focus), GTK_ACCESSIBLE_STATE_INVALID,
                               error != NULL ? GTK_ACCESSIBLE_INVALID_TRUE
                                             : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

void
gw_form_row_commit (GwFormRow *row)
{
  stop_rest (row);
  if (row->dead || row->type == GW_FIELD_READONLY)
    return;
  if (strcmp (row->text, row->committed) == 0)
    return;

  g_autofree char *reason
      = gw_form_check (row->type, row->text, row->hard_min, row->hard_max);

  if (reason != NULL)
    {
      gw_form_row_set_error (row, reason);
      return;
    }
  gw_form_row_set_error (row, NULL);
  g_free (row->committed);
  row->committed = g_strdup (row->text);

  g_autofree char *key = g_strdup (row->key);
  g_autofree char *text = g_strdup (row->text);

  /* The owner may answer with new fields: the row may be gone afterwards. */
  gw_form_emit_committed (row->form, key, text);
}

static gboolean
rested (gpointer data)
{
  GwFormRow *row = data;

  row->rest = 0;
  gw_form_row_commit (row);
  return G_SOURCE_REMOVE;
}

void
gw_form_row_typed (GwFormRow *row, const char *text, gboolean now)
{
  if (row->updating || row->dead)
    return;
  if (text != row->text)
    {
      g_free (row->text);
      row->text = g_strdup (text);
    }
  show_reset (row);
  stop_rest (row);
  if (now)
    gw_form_row_commit (row);
  else if (strcmp (row->text, row->committed) != 0)
    row->rest = g_timeout_add (REST_MS, rested, row);
  else
    gw_form_row_set_error (row, NULL);
}

void
gw_form_row_revert (GwFormRow *row)
{
  stop_rest (row);
  show_text (row, row->committed);
  gw_form_row_set_error (row, NULL);
}

/* The user is typing something that is not committed yet. */
static gboolean
being_edited (const GwFormRow *row)
{
  return row->rest != 0
         || (strcmp (row->text, row->committed) != 0 && row->focus != NULL
             && (gtk_widget_get_state_flags (row->focus) & GTK_STATE_FLAG_FOCUS_WITHIN) != 0);
}

void
gw_form_row_set_value (GwFormRow *row, const char *value)
{
  gboolean keep = being_edited (row);

  if (value == NULL)
    value = "";
  if (strcmp (row->committed, value) != 0)
    {
      g_free (row->committed);
      row->committed = g_strdup (value);
    }
  if (!keep && strcmp (row->text, value) != 0)
    show_text (row, value);
}

static void
reset_clicked (GwFormRow *row)
{
  g_autofree char *text = g_strdup (row->default_value);

  show_text (row, text);
  gw_form_row_commit (row);
}

/* --- making --- */

static double
finite_or_zero (double low, double high, double value)
{
  return low == 0 && high == 0 ? 0 : value;
}

static void
take_description (GwFormRow *row, const GwFormField *field)
{
  g_free (row->default_value);
  row->default_value = g_strdup (field->default_value);
  row->hard_min = finite_or_zero (field->hard_min, field->hard_max, field->hard_min);
  row->hard_max = finite_or_zero (field->hard_min, field->hard_max, field->hard_max);
  gtk_label_set_text (GTK_LABEL (row->label), field->label != NULL ? field->label : field->key);
  gtk_widget_set_tooltip_text (row->widget, field->help);
  gtk_widget_set_visible (row->widget, !field->hidden);
  if (row->focus != NULL)
    gtk_widget_set_sensitive (gtk_widget_get_parent (row->focus), !field->insensitive);
  if (row->button != NULL)
    gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (row->button), field->action);
}

static void
add_action (GwFormRow *row, GtkWidget *line, const GwFormField *field)
{
  if (field->action == NULL)
    return;
  row->button = gtk_button_new_with_label (field->action_label);
  gtk_widget_add_css_class (row->button, "flat");
  gtk_widget_set_valign (row->button, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (line), row->button);
}

static GtkWidget *
label_column (GwFormRow *row)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);

  row->label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (row->label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (row->label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (row->label), 1);
  gtk_label_set_wrap (GTK_LABEL (row->label), TRUE);
  gtk_label_set_lines (GTK_LABEL (row->label), 2);
  gtk_widget_add_css_class (row->label, "gw-form-label");
  gtk_widget_set_hexpand (row->label, TRUE);
  gtk_box_append (GTK_BOX (column), row->label);

  row->reset = gtk_button_new_from_icon_name ("edit-undo-symbolic");
  gtk_widget_add_css_class (row->reset, "flat");
  gtk_widget_add_css_class (row->reset, "gw-form-reset");
  gtk_widget_set_valign (row->reset, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (row->reset, "Back to the default");
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->reset), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  "Back to the default", -1);
  gw_form_row_connect (row, row->reset, "clicked", G_CALLBACK (reset_clicked));
  gtk_box_append (GTK_BOX (column), row->reset);
  gtk_widget_set_size_request (column, LABEL_WIDTH, -1);
  gtk_widget_set_hexpand (column, FALSE);
  return column;
}

static GtkWidget *
error_line (GwFormRow *row)
{
  row->error_label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (row->error_label), 0);
  gtk_label_set_wrap (GTK_LABEL (row->error_label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (row->error_label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (row->error_label), TRUE);
  gtk_widget_set_focusable (row->error_label, FALSE);
  gtk_widget_add_css_class (row->error_label, "gw-form-error");
  gtk_widget_set_visible (row->error_label, FALSE);
  return row->error_label;
}

GwFormRow *
gw_form_row_new (GwForm *form, const GwFormField *field)
{
  GwFormRow *row = g_rc_box_new0 (GwFormRow);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *editor_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  row->form = form;
  row->key = g_strdup (field->key);
  row->group = g_strdup (field->group);
  row->type = field->type;
  row->soft_min = field->soft_min;
  row->soft_max = field->soft_max;
  row->unit = g_strdup (field->unit);
  row->choices = g_strdupv ((char **) field->choices);
  row->editor = gw_form_editor_for (field->type);
  row->committed = g_strdup (field->value != NULL ? field->value : "");
  row->text = g_strdup (row->committed);

  row->widget = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  gtk_widget_add_css_class (row->widget, "gw-form-row");
  gtk_box_append (GTK_BOX (line), label_column (row));
  gtk_widget_set_hexpand (editor_box, TRUE);
  if (row->type == GW_FIELD_TEXT)
    gtk_orientable_set_orientation (GTK_ORIENTABLE (line), GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_valign (editor_box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (line), editor_box);
  add_action (row, line, field);
  gtk_widget_set_vexpand (line, TRUE);
  gtk_widget_set_vexpand (row->widget, FALSE);
  gtk_box_append (GTK_BOX (row->widget), line);
  gtk_box_append (GTK_BOX (row->widget), error_line (row));

  row->updating = TRUE;
  row->editor->build (row, editor_box);
  row->updating = FALSE;
  if (row->focus != NULL)
    gtk_accessible_update_relation (GTK_ACCESSIBLE (row->focus),
                                    GTK_ACCESSIBLE_RELATION_LABELLED_BY, row->label, NULL, -1);
  take_description (row, field);
  show_text (row, row->committed);
  gw_form_row_set_error (row, field->error);
  return row;
}

static void
clear_row (gpointer data)
{
  GwFormRow *row = data;

  g_clear_pointer (&row->toggles, g_ptr_array_unref);
  g_strfreev (row->choices);
  g_free (row->key);
  g_free (row->group);
  g_free (row->default_value);
  g_free (row->unit);
  g_free (row->committed);
  g_free (row->text);
  g_free (row->error);
}

static void
release (gpointer row)
{
  g_rc_box_release_full (row, clear_row);
}

static void
release_closure (gpointer row, GClosure *closure)
{
  release (row);
}

void
gw_form_row_connect (GwFormRow *row, gpointer instance, const char *signal, GCallback callback)
{
  g_signal_connect_data (instance, signal, callback, g_rc_box_acquire (row), release_closure,
                         G_CONNECT_SWAPPED);
}

static void
let_go (gpointer data)
{
  GwFormRow *row = data;

  g_object_unref (row->widget);
  release (row);
}

static gboolean
do_nothing (gpointer data)
{
  return G_SOURCE_REMOVE;
}

/* A row may be dropped by the answer to its own signal, while its widgets still run: it leaves
 * the form now, its widgets are let go from the main loop. GTK keeps one that had the focus,
 * and tells it so, still longer: the row goes with the last widget that can call it. */
void
gw_form_row_free (GwFormRow *row)
{
  stop_rest (row);
  row->dead = TRUE;
  gtk_widget_unparent (row->widget);
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, do_nothing, row, let_go);
}

static gboolean
same_choices (char **a, const char *const *b)
{
  if (a == NULL || b == NULL)
    return a == NULL && b == NULL;
  return g_strv_equal ((const char *const *) a, b);
}

gboolean
gw_form_row_matches (const GwFormRow *row, const GwFormField *field)
{
  return row->type == field->type && g_strcmp0 (row->key, field->key) == 0
         && g_strcmp0 (row->group, field->group) == 0 && g_strcmp0 (row->unit, field->unit) == 0
         && (row->button != NULL) == (field->action != NULL) && row->soft_min == field->soft_min && row->soft_max == field->soft_max
         && same_choices (row->choices, field->choices);
}

void
gw_form_row_update (GwFormRow *row, const GwFormField *field)
{
  gboolean keep = being_edited (row);

  take_description (row, field);
  gw_form_row_set_value (row, field->value);
  show_reset (row);
  if (!keep)
    gw_form_row_set_error (row, field->error);
}
