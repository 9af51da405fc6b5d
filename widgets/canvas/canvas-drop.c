/* SPDX-License-Identifier: Apache-2.0 */

/* What is dragged from elsewhere, as text: "op:NAME" is an op of the palette, "device:NAME"
 * a device to run on. */

#include "widgets/canvas/canvas-private.h"

#include <string.h>

#define OP_PREFIX "op:"
#define DEVICE_PREFIX "device:"

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

/* What a device would be dropped on: a node, or a frame by its edge or title. */
static guint64
item_at (GwCanvas *canvas,
         double    widget_x,
         double    widget_y)
{
  GwCanvasHit hit;
  double x, y;

  if (canvas->layout == NULL)
    return 0;
  gw_canvas_to_canvas (canvas, widget_x, widget_y, &x, &y);
  gw_canvas_hit_test (canvas->layout, x, y, gw_canvas_scale (canvas), FALSE, &hit);
  return hit.kind != GW_CANVAS_HIT_NONE && hit.kind != GW_CANVAS_HIT_WIRE ? hit.id : 0;
}

static const char *
held_text (GtkDropTarget *target)
{
  const GValue *value = gtk_drop_target_get_value (target);

  return value != NULL ? g_value_get_string (value) : NULL;
}

static GdkDragAction
on_drop_motion (GtkDropTarget *target,
                double         x,
                double         y,
                GwCanvas      *canvas)
{
  const char *text = held_text (target);

  if (text != NULL && g_str_has_prefix (text, DEVICE_PREFIX))
    return item_at (canvas, x, y) != 0 ? GDK_ACTION_COPY : 0;
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
drop_op (GwCanvas   *canvas,
         const char *op,
         double      widget_x,
         double      widget_y)
{
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  double x, y;

  if (iface->drop_op == NULL)
    return FALSE;
  gw_canvas_to_canvas (canvas, widget_x, widget_y, &x, &y);
  iface->drop_op (canvas->model, op, x, y, wire_at (canvas, widget_x, widget_y));
  return TRUE;
}

/* On one of the selected it counts for all of them. */
static gboolean
drop_device (GwCanvas   *canvas,
             const char *device,
             double      widget_x,
             double      widget_y)
{
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  guint64 id = item_at (canvas, widget_x, widget_y);
  g_autoptr (GArray) ids = NULL;
  g_autofree char *reason = NULL;

  if (id == 0 || iface->paint_device == NULL)
    return FALSE;
  if (gw_canvas_is_selected (canvas, id))
    {
      ids = gw_canvas_get_selection (canvas);
    }
  else
    {
      ids = g_array_new (FALSE, FALSE, sizeof (guint64));
      g_array_append_val (ids, id);
    }
  reason = iface->paint_device (canvas->model, (guint64 *) ids->data, ids->len, device);
  return reason == NULL;
}

static gboolean
on_drop (GtkDropTarget *target,
         const GValue  *value,
         double         widget_x,
         double         widget_y,
         GwCanvas      *canvas)
{
  const char *text = g_value_get_string (value);
  gboolean done = FALSE;

  if (canvas->model == NULL || text == NULL)
    return FALSE;
  if (g_str_has_prefix (text, OP_PREFIX))
    done = drop_op (canvas, text + strlen (OP_PREFIX), widget_x, widget_y);
  else if (g_str_has_prefix (text, DEVICE_PREFIX))
    done = drop_device (canvas, text + strlen (DEVICE_PREFIX), widget_x, widget_y);
  set_target (canvas, 0);
  if (done)
    gtk_widget_grab_focus (GTK_WIDGET (canvas));
  return done;
}

void
gw_canvas_init_drop (GwCanvas *canvas)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_STRING, GDK_ACTION_COPY);

  gtk_drop_target_set_preload (target, TRUE);
  g_signal_connect (target, "motion", G_CALLBACK (on_drop_motion), canvas);
  g_signal_connect (target, "leave", G_CALLBACK (on_drop_leave), canvas);
  g_signal_connect (target, "drop", G_CALLBACK (on_drop), canvas);
  gtk_widget_add_controller (GTK_WIDGET (canvas), GTK_EVENT_CONTROLLER (target));
}
