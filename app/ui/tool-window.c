/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/tool-window.h"

typedef struct {
  gboolean (*escape) (GtkWidget *window);
} Escape;

static gboolean
on_escape (GtkWidget *window,
           GVariant  *args,
           gpointer   data)
{
  Escape *escape = data;

  return escape->escape (window);
}

void
gw_tool_window_on_escape (GtkWidget *window,
                          gboolean (*escape) (GtkWidget *window))
{
  GtkEventController *keys = gtk_shortcut_controller_new ();
  Escape *data = g_new (Escape, 1);

  data->escape = escape;
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                                                          gtk_callback_action_new (on_escape, data, g_free)));
  gtk_widget_add_controller (window, keys);
}

GtkWidget *
gw_tool_number_row (const char *title,
                    const char *subtitle,
                    double      value,
                    double      min,
                    double      max,
                    double      step,
                    int         digits,
                    GtkWidget **spin)
{
  GtkWidget *row = adw_action_row_new ();

  *spin = gtk_spin_button_new_with_range (min, max, step);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (*spin), (guint) digits);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (*spin), value);
  gtk_widget_set_valign (*spin, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (*spin), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), *spin);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), *spin);
  return row;
}

GtkWidget *
gw_tool_status_new (void)
{
  GtkWidget *label = gtk_label_new ("");

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "caption");
  return label;
}

void
gw_tool_status_set (GtkWidget  *status,
                    const char *text,
                    gboolean    is_problem)
{
  gtk_label_set_text (GTK_LABEL (status), text);
  if (is_problem)
    gtk_widget_add_css_class (status, "gw-problem");
  else
    gtk_widget_remove_css_class (status, "gw-problem");
}

char *
gw_tool_step_text (const char *what,
                   gint64      step)
{
  return step > 0 ? g_strdup_printf ("%s of step %" G_GINT64_FORMAT, what, step)
                  : g_strdup_printf ("%s as initialised: nothing is trained yet", what);
}
