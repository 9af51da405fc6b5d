/* SPDX-License-Identifier: Apache-2.0 */
#include "widgets/forms/set-text.h"

gboolean
gw_set_text (GtkWidget  *label,
             const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (label)), text != NULL ? text : "") == 0)
    return FALSE;
  gtk_label_set_text (GTK_LABEL (label), text != NULL ? text : "");
  return TRUE;
}

gboolean
gw_set_tooltip (GtkWidget  *widget,
                const char *text)
{
  if (g_strcmp0 (gtk_widget_get_tooltip_text (widget), text) == 0)
    return FALSE;
  gtk_widget_set_tooltip_text (widget, text);
  return TRUE;
}

gboolean
gw_set_class (GtkWidget  *widget,
              const char *name,
              gboolean    on)
{
  if (gtk_widget_has_css_class (widget, name) == on)
    return FALSE;
  if (on)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
  return TRUE;
}

static gboolean
on_query (GtkWidget  *label,
          int         x,
          int         y,
          gboolean    keyboard,
          GtkTooltip *tooltip,
          gpointer    data)
{
  const char *text = gtk_label_get_text (GTK_LABEL (label));

  gtk_tooltip_set_text (tooltip, text);
  return *text != '\0';
}

void
gw_label_tells_itself (GtkWidget *label)
{
  gtk_widget_set_has_tooltip (label, TRUE);
  g_signal_connect (label, "query-tooltip", G_CALLBACK (on_query), NULL);
}
