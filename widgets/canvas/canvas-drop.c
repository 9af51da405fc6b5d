/* SPDX-License-Identifier: Apache-2.0 */

/* Ops dragged from a palette: strings that begin with "op:". */

#include "widgets/canvas/canvas-private.h"

#include <string.h>

#define PREFIX "op:"

static void
set_target (GwCanvas *canvas,
            guint64   wire)
{
  if (canvas->drag.target_wire == wire)
    return;
  canvas->drag.target_wire = wire;
  gw_canvas_drop_live_pictures (canvas);
  gw_canvas_update_live (canvas);
}

static guint64
wire_at (GwCanvas *canvas,
         double    widget_x,
         double    widget_y)
{
  GwCanvasWireItem *wire;
  double x, y;

  if (canvas->layout == NULL)
    return 0;
  gw_canvas_to_canvas (canvas, widget_x, widget_y, &x, &y);
  wire = gw_canvas_hit_wire (canvas->layout, x, y, GW_CANVAS_WIRE_HIT / gw_canvas_scale (canvas));
  return wire != NULL && wire->wire->kind != GW_SCENE_WIRE_CONTROL ? wire->id : 0;
}

static GdkDragAction
on_drop_motion (GtkDropTarget *target,
                double         x,
                double         y,
                GwCanvas      *canvas)
{
  set_target (canvas, wire_at (canvas, x, y));
  return GDK_ACTION_COPY;
}

static void
on_drop_leave (GtkDropTarget *target,
               GwCanvas      *canvas)
{
  set_target (canvas, 0);
}

static gboolean
on_drop (GtkDropTarget *target,
         const GValue  *value,
         double         widget_x,
         double         widget_y,
         GwCanvas      *canvas)
{
  const char *text = g_value_get_string (value);
  GwCanvasModelInterface *iface;
  guint64 wire = wire_at (canvas, widget_x, widget_y);
  double x, y;

  set_target (canvas, 0);
  if (canvas->model == NULL || text == NULL || !g_str_has_prefix (text, PREFIX))
    return FALSE;
  iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  if (iface->drop_op == NULL)
    return FALSE;
  gw_canvas_to_canvas (canvas, widget_x, widget_y, &x, &y);
  iface->drop_op (canvas->model, text + strlen (PREFIX), x, y, wire);
  gtk_widget_grab_focus (GTK_WIDGET (canvas));
  return TRUE;
}

void
gw_canvas_init_drop (GwCanvas *canvas)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_STRING, GDK_ACTION_COPY);

  g_signal_connect (target, "motion", G_CALLBACK (on_drop_motion), canvas);
  g_signal_connect (target, "leave", G_CALLBACK (on_drop_leave), canvas);
  g_signal_connect (target, "drop", G_CALLBACK (on_drop), canvas);
  gtk_widget_add_controller (GTK_WIDGET (canvas), GTK_EVENT_CONTROLLER (target));
}
