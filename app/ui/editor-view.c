/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to look at the canvas: how wires run, and where nodes run, with the chips that are
 * dragged onto them. */
#include "app/ui/editor-private.h"

#include "app/model/preferences.h"

#include <string.h>

static const char *const wire_styles[] = { "spline", "square", "hidden" };

void
gw_editor_page_set_wire_style (GwEditorPage *self,
                               const char   *style)
{
  for (guint i = 0; i < G_N_ELEMENTS (wire_styles); i++)
    if (g_strcmp0 (style, wire_styles[i]) == 0)
      {
        gw_canvas_set_wire_style (GW_CANVAS (self->canvas), (GwCanvasWireStyle) i);
        gw_preference_set ("wires", style);
      }
}

const char *
gw_editor_page_get_wire_style (GwEditorPage *self)
{
  return wire_styles[gw_canvas_get_wire_style (GW_CANVAS (self->canvas))];
}

/* ---- devices ---- */

static const struct {
  const char *label, *device, *help;
} chips[] = {
  { "/cpu:0", "/cpu:0", "The processor" },
  { "/gpu:0", "/gpu:0", "Not on this computer: what asks for it runs on /cpu:0, shown dashed" },
  { "Automatic", "", "Wherever the program sees fit" },
};

static GdkContentProvider *
on_drag_prepare (GtkDragSource *source,
                 double         x,
                 double         y,
                 gpointer       device)
{
  g_autofree char *text = g_strconcat ("device:", (const char *) device, NULL);

  return gdk_content_provider_new_typed (G_TYPE_STRING, text);
}

/* A click is for the selection. */
static void
on_chip_clicked (GwEditorPage *self,
                 GtkButton    *chip)
{
  const GArray *selection = gw_canvas_adapter_get_selection (self->adapter);
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (self->adapter);
  g_autofree char *reason = NULL;

  if (selection->len == 0)
    gw_editor_page_message (self, "Select nodes first, or drag the device onto one");
  else
    reason = iface->paint_device (GW_CANVAS_MODEL (self->adapter), (const guint64 *) (gpointer) selection->data,
                                  selection->len, g_object_get_data (G_OBJECT (chip), "device"));
}

static GtkWidget *
make_chip (GwEditorPage *self,
           guint         number)
{
  GtkWidget *chip = gtk_button_new_with_label (chips[number].label);
  GtkDragSource *source = gtk_drag_source_new ();

  gtk_widget_set_tooltip_text (chip, chips[number].help);
  g_object_set_data (G_OBJECT (chip), "device", (gpointer) chips[number].device);
  g_signal_connect (source, "prepare", G_CALLBACK (on_drag_prepare), (gpointer) chips[number].device);
  gtk_widget_add_controller (chip, GTK_EVENT_CONTROLLER (source));
  g_signal_connect_object (chip, "clicked", G_CALLBACK (on_chip_clicked), self, G_CONNECT_SWAPPED);
  return chip;
}

static GtkWidget *
make_devices (GwEditorPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *label = gtk_label_new ("Run on");

  gtk_widget_add_css_class (box, "gw-breadcrumb");
  gtk_widget_add_css_class (label, "gw-caption");
  gtk_box_append (GTK_BOX (box), label);
  for (guint i = 0; i < G_N_ELEMENTS (chips); i++)
    gtk_box_append (GTK_BOX (box), make_chip (self, i));
  gtk_widget_set_halign (box, GTK_ALIGN_START);
  gtk_widget_set_valign (box, GTK_ALIGN_END);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_bottom (box, 12);
  return box;
}

void
gw_editor_page_set_show_devices (GwEditorPage *self,
                                 gboolean      show)
{
  gw_canvas_adapter_set_show_devices (self->adapter, show);
  gtk_widget_set_visible (self->devices, show);
}

gboolean
gw_editor_page_get_show_devices (GwEditorPage *self)
{
  return self->devices != NULL && gtk_widget_get_visible (self->devices);
}

void
gw_editor_page_make_view (GwEditorPage *self)
{
  g_autofree char *style = gw_preference_get ("wires");

  self->devices = make_devices (self);
  gtk_widget_set_visible (self->devices, FALSE);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), self->devices);
  for (guint i = 0; i < G_N_ELEMENTS (wire_styles); i++)
    if (g_strcmp0 (style, wire_styles[i]) == 0)
      gw_canvas_set_wire_style (GW_CANVAS (self->canvas), (GwCanvasWireStyle) i);
}
