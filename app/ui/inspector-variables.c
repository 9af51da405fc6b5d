/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/inspector-variables.h"

#include "app/model/values.h"
#include "app/ui/variable-editor.h"

#include <string.h>

struct _GwInspectorVariables {
  GtkBox      parent_instance;

  GwDocModel *model;
  GwRun      *run;
  GtkWidget  *list;
  char       *shown;        /* what the rows were made of */
  char       *edit;         /* the variable whose editor opens with its value; or NULL */
  char       *initialize;   /* that is initialised as soon as a trainer stands; or NULL */
};

G_DEFINE_FINAL_TYPE (GwInspectorVariables, gw_inspector_variables, GTK_TYPE_BOX)

/* Asks for the value; a trainer is opened when there is none. */
static void
fetch (GwInspectorVariables *self,
       const char           *name)
{
  const char *const names[] = { name, NULL };
  g_autofree char *runs = gw_doc_model_runs_dir (self->model);

  gw_run_fetch (self->run, gw_doc_model_get_document (self->model), runs, names);
}

static const char *
name_of (GtkWidget *button)
{
  return g_object_get_data (G_OBJECT (button), "variable");
}

static void
on_show (GtkWidget            *button,
         GwInspectorVariables *self)
{
  fetch (self, name_of (button));
}

static void
on_edit (GtkWidget            *button,
         GwInspectorVariables *self)
{
  g_free (self->edit);
  self->edit = g_strdup (name_of (button));
  fetch (self, self->edit);
}

static void
initialize_now (GwInspectorVariables *self)
{
  const char *const names[] = { self->initialize, NULL };

  if (self->initialize == NULL || !gw_run_initialize_variables (self->run, names))
    return;
  fetch (self, self->initialize);
  g_clear_pointer (&self->initialize, g_free);
}

static void
on_initialize (GtkWidget            *button,
               GwInspectorVariables *self)
{
  g_free (self->initialize);
  self->initialize = g_strdup (name_of (button));
  initialize_now (self);
  if (self->initialize != NULL)
    fetch (self, self->initialize); /* opens a trainer: "started" follows */
}

static void
on_fetched (GwInspectorVariables *self,
            const GPtrArray      *values)
{
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;
  GtkWidget *window;
  GwTensor *value;

  if (self->edit == NULL || values == NULL || (value = gw_named_tensors_find (values, self->edit)) == NULL)
    return;
  name = g_steal_pointer (&self->edit);
  window = gw_variable_editor_new (self->run, name, value, &error);
  if (window == NULL)
    {
      g_signal_emit_by_name (self->run, "message", error->message);
      return;
    }
  gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  gtk_window_present (GTK_WINDOW (window));
}

/* ---- rows ---- */

static GtkWidget *
new_label (const char *text,
           const char *css)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, css);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_START);
  gtk_widget_set_tooltip_text (label, text);
  return label;
}

static void
add_button (GwInspectorVariables *self,
            GtkWidget            *line,
            const char           *label,
            const char           *variable,
            const char           *tip,
            GCallback             clicked)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_add_css_class (button, "gw-link");
  gtk_widget_set_tooltip_text (button, tip);
  g_object_set_data_full (G_OBJECT (button), "variable", g_strdup (variable), g_free);
  g_signal_connect_object (button, "clicked", clicked, self, 0);
  gtk_box_append (GTK_BOX (line), button);
}

static GtkWidget *
variable_row (GwInspectorVariables *self,
              const GwLiveVariable *variable)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  g_autofree char *shape = gw_shape_to_label (&variable->shape);
  g_autofree char *text = g_strdup_printf ("%s · %s%s", gw_dtype_name (variable->dtype), shape,
                                           variable->trainable ? "" : " · frozen");
  int64_t elements = gw_shape_elements (&variable->shape);

  gtk_box_append (GTK_BOX (row), new_label (variable->name, "gw-bold"));
  gtk_box_append (GTK_BOX (row), new_label (text, "gw-caption"));
  add_button (self, line, "Show", variable->name, "What it holds now", G_CALLBACK (on_show));
  add_button (self, line, "Initialise", variable->name, "Gives it a fresh value", G_CALLBACK (on_initialize));
  if (elements > 0 && elements <= GW_VARIABLE_EDITOR_MOST)
    add_button (self, line, "Edit…", variable->name, "Changes its numbers by hand", G_CALLBACK (on_edit));
  gtk_box_append (GTK_BOX (row), line);
  gtk_widget_add_css_class (row, "gw-form-row");
  return row;
}

void
gw_inspector_variables_show (GwInspectorVariables *self,
                             int64_t               node)
{
  const GPtrArray *variables = gw_live_variables (gw_doc_model_get_live (self->model));
  g_autoptr (GString) content = g_string_new (NULL);
  GtkWidget *child;

  for (guint i = 0; node != 0 && i < variables->len; i++)
    {
      const GwLiveVariable *variable = g_ptr_array_index (variables, i);
      g_autofree char *shape = gw_shape_to_label (&variable->shape);

      if (variable->node == node)
        g_string_append_printf (content, "%s %d %s %d\n", variable->name, variable->dtype, shape, variable->trainable);
    }
  gtk_widget_set_visible (GTK_WIDGET (self), content->len > 0);
  if (g_strcmp0 (content->str, self->shown) == 0)
    return;
  g_free (self->shown);
  self->shown = g_strdup (content->str);
  while ((child = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_box_remove (GTK_BOX (self->list), child);
  for (guint i = 0; node != 0 && i < variables->len; i++)
    if (((const GwLiveVariable *) g_ptr_array_index (variables, i))->node == node)
      gtk_box_append (GTK_BOX (self->list), variable_row (self, g_ptr_array_index (variables, i)));
}

static void
gw_inspector_variables_dispose (GObject *object)
{
  GwInspectorVariables *self = GW_INSPECTOR_VARIABLES (object);

  g_clear_object (&self->model);
  g_clear_object (&self->run);
  g_clear_pointer (&self->shown, g_free);
  g_clear_pointer (&self->edit, g_free);
  g_clear_pointer (&self->initialize, g_free);
  G_OBJECT_CLASS (gw_inspector_variables_parent_class)->dispose (object);
}

static void
gw_inspector_variables_class_init (GwInspectorVariablesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_inspector_variables_dispose;
}

static void
gw_inspector_variables_init (GwInspectorVariables *self)
{
  GtkWidget *title = new_label ("Variables", "gw-bold");

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 4);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self), 12);
  self->list = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->list, "gw-card");
  gtk_box_append (GTK_BOX (self), title);
  gtk_box_append (GTK_BOX (self), self->list);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
gw_inspector_variables_new (GwDocModel *model,
                            GwRun      *run)
{
  GwInspectorVariables *self = g_object_new (GW_TYPE_INSPECTOR_VARIABLES, NULL);

  self->model = g_object_ref (model);
  self->run = g_object_ref (run);
  g_signal_connect_object (run, "fetched", G_CALLBACK (on_fetched), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "started", G_CALLBACK (initialize_now), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
