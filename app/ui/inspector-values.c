/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/inspector-values.h"

#include "app/ui/value-card.h"

#define MOST_COPIED 1000000 /* elements; a clipboard is no file */

static void
tensor_unref (gpointer tensor)
{
  gw_tensor_unref (tensor);
}

static void
on_copy (GtkWidget *button,
         gpointer   data)
{
  const GwTensor *tensor = g_object_get_data (G_OBJECT (button), "tensor");
  g_autofree char *text = gw_tensor_to_string (tensor, MOST_COPIED);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (button), text);
}

static GtkWidget *
copy_button (GwTensor *tensor)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-copy-symbolic");

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, "Copy the numbers");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, "Copy the numbers", -1);
  g_object_set_data_full (G_OBJECT (button), "tensor", gw_tensor_ref (tensor), tensor_unref);
  g_signal_connect (button, "clicked", G_CALLBACK (on_copy), NULL);
  return button;
}

static GtkWidget *
new_label (const char *text,
           const char *css,
           gboolean    wrap)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, css);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), wrap);
  gtk_label_set_ellipsize (GTK_LABEL (label), wrap ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_selectable (GTK_LABEL (label), wrap);
  gtk_widget_set_tooltip_text (label, text);
  return label;
}

GtkWidget *
gw_inspector_value_new (const GwNamedTensor *named)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *names = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GwValue value = { .tensor = named->tensor };
  g_autofree char *shape = gw_shape_to_label (&named->tensor->shape);
  g_autofree char *type = g_strdup_printf ("%s · %s", gw_dtype_name (named->tensor->dtype), shape);
  g_autofree char *figures = NULL;

  gw_tensor_stats (named->tensor, &value.stats);
  figures = named->tensor->elements > 1 ? gw_value_summary (&value.stats) : NULL;
  gtk_widget_set_hexpand (names, TRUE);
  gtk_box_append (GTK_BOX (names), new_label (named->name, "gw-bold", FALSE));
  gtk_box_append (GTK_BOX (names), new_label (type, "gw-caption", FALSE));
  gtk_box_append (GTK_BOX (head), names);
  gtk_box_append (GTK_BOX (head), copy_button (named->tensor));
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), gw_value_picture_new (&value));
  if (figures != NULL)
    {
      GtkWidget *label = new_label (figures, "gw-caption", TRUE);

      gtk_widget_add_css_class (label, "gw-number");
      gtk_box_append (GTK_BOX (box), label);
    }
  return box;
}
