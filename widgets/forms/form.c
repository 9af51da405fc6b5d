/* SPDX-License-Identifier: Apache-2.0 */
/* The form: cards of rows. */
#include "widgets/forms/form.h"

#include "widgets/charts/widget-style.h"
#include "widgets/forms/form-private.h"

struct _GwForm
{
  GtkWidget parent_instance;
  GPtrArray *rows;  /* of GwFormRow */
};

G_DEFINE_FINAL_TYPE (GwForm, gw_form, GTK_TYPE_WIDGET)

static guint committed_signal;

static GwFormRow *
find_row (GwForm *self, const char *key)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      GwFormRow *row = g_ptr_array_index (self->rows, i);

      if (g_strcmp0 (row->key, key) == 0)
        return row;
    }
  return NULL;
}

void
gw_form_emit_committed (GwForm *self, const char *key, const char *text)
{
  g_signal_emit (self, committed_signal, 0, key, text);
}

/* --- cards --- */

static GtkWidget *
add_group (GwForm *self, const char *title)
{
  GtkWidget *group = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  if (title != NULL && *title != '\0')
    {
      GtkWidget *label = gtk_label_new (title);

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_widget_add_css_class (label, "gw-form-title");
      if (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
        gtk_widget_set_margin_top (label, 12);
      gtk_widget_set_parent (label, GTK_WIDGET (self));
    }
  gtk_widget_add_css_class (group, "gw-form-group");
  gtk_widget_set_overflow (group, GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_parent (group, GTK_WIDGET (self));
  return group;
}

/* A card with no visible row hides, and its title with it; the first visible
 * row of a card has no line above. */
static void
tidy_groups (GwForm *self)
{
  GtkWidget *title = NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      gboolean any = FALSE;

      if (GTK_IS_LABEL (child))
        {
          title = child;
          continue;
        }
      for (GtkWidget *row = gtk_widget_get_first_child (child); row != NULL;
           row = gtk_widget_get_next_sibling (row))
        if (gtk_widget_get_visible (row))
          {
            if (any)
              gtk_widget_add_css_class (row, "gw-form-line");
            else
              gtk_widget_remove_css_class (row, "gw-form-line");
            any = TRUE;
          }
      gtk_widget_set_visible (child, any);
      if (title != NULL)
        gtk_widget_set_visible (title, any);
      title = NULL;
    }
}

static void
clear (GwForm *self)
{
  GtkWidget *child;

  g_ptr_array_set_size (self->rows, 0);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
}

static void
rebuild (GwForm *self, const GwFormField *fields, guint n_fields)
{
  GtkWidget *group = NULL;

  clear (self);
  for (guint i = 0; i < n_fields; i++)
    {
      GwFormRow *row = gw_form_row_new (self, &fields[i]);

      if (group == NULL || fields[i].group != NULL)
        group = add_group (self, fields[i].group);
      gtk_box_append (GTK_BOX (group), row->widget);
      g_ptr_array_add (self->rows, row);
    }
}

static gboolean
matches (GwForm *self, const GwFormField *fields, guint n_fields)
{
  if (self->rows->len != n_fields)
    return FALSE;
  for (guint i = 0; i < n_fields; i++)
    if (!gw_form_row_matches (g_ptr_array_index (self->rows, i), &fields[i]))
      return FALSE;
  return TRUE;
}

/* --- public --- */

void
gw_form_set_fields (GwForm *self, const GwFormField *fields, guint n_fields)
{
  g_return_if_fail (GW_IS_FORM (self));
  g_return_if_fail (fields != NULL || n_fields == 0);

  if (matches (self, fields, n_fields))
    for (guint i = 0; i < n_fields; i++)
      gw_form_row_update (g_ptr_array_index (self->rows, i), &fields[i]);
  else
    rebuild (self, fields, n_fields);
  tidy_groups (self);
}

void
gw_form_set_value (GwForm *self, const char *key, const char *value)
{
  g_return_if_fail (GW_IS_FORM (self));

  GwFormRow *row = find_row (self, key);

  if (row != NULL)
    gw_form_row_set_value (row, value);
}

void
gw_form_set_error (GwForm *self, const char *key, const char *text)
{
  g_return_if_fail (GW_IS_FORM (self));

  GwFormRow *row = find_row (self, key);

  if (row != NULL)
    gw_form_row_set_error (row, text);
}

void
gw_form_set_hidden (GwForm *self, const char *key, gboolean hidden)
{
  g_return_if_fail (GW_IS_FORM (self));

  GwFormRow *row = find_row (self, key);

  if (row == NULL)
    return;
  gtk_widget_set_visible (row->widget, !hidden);
  tidy_groups (self);
}

const char *
gw_form_get_text (GwForm *self, const char *key)
{
  g_return_val_if_fail (GW_IS_FORM (self), NULL);

  GwFormRow *row = find_row (self, key);

  return row != NULL ? row->text : NULL;
}

const char *
gw_form_get_error (GwForm *self, const char *key)
{
  g_return_val_if_fail (GW_IS_FORM (self), NULL);

  GwFormRow *row = find_row (self, key);

  return row != NULL ? row->error : NULL;
}

void
gw_form_commit_pending (GwForm *self)
{
  g_return_if_fail (GW_IS_FORM (self));

  g_auto (GStrv) keys = g_new0 (char *, self->rows->len + 1);
  guint n = self->rows->len;

  /* An answer to a commit may rebuild the form: rows are found by key again. */
  for (guint i = 0; i < n; i++)
    keys[i] = g_strdup (((GwFormRow *) g_ptr_array_index (self->rows, i))->key);
  for (guint i = 0; i < n; i++)
    {
      GwFormRow *row = find_row (self, keys[i]);

      if (row != NULL)
        gw_form_row_commit (row);
    }
}

gboolean
gw_form_focus_field (GwForm *self, const char *key)
{
  g_return_val_if_fail (GW_IS_FORM (self), FALSE);

  GwFormRow *row = find_row (self, key);

  return row != NULL && row->focus != NULL && gtk_widget_grab_focus (row->focus);
}

/* --- object --- */

static void
gw_form_dispose (GObject *object)
{
  GwForm *self = GW_FORM (object);

  if (self->rows != NULL)
    clear (self);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  G_OBJECT_CLASS (gw_form_parent_class)->dispose (object);
}

static void
gw_form_class_init (GwFormClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gw_form_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "gwform");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_FORM);
  committed_signal
      = g_signal_new ("field-committed", GW_TYPE_FORM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
gw_form_init (GwForm *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gw_widget_style_ensure ();
  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_widget_add_css_class (GTK_WIDGET (self), "gw-form");
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_form_row_free);
}

GtkWidget *
gw_form_new (void)
{
  return g_object_new (GW_TYPE_FORM, NULL);
}
