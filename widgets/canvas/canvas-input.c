/* SPDX-License-Identifier: Apache-2.0 */

/* Event controllers of the pointer: they sit on the canvas, never on a node,
 * and hand over to the drag. */

#include "widgets/canvas/canvas-private.h"

#include <math.h>

#define WHEEL_FACTOR 1.15
#define SURFACE_FACTOR 0.01     /* of touchpad px, for Ctrl+scroll */
#define WHEEL_PAN 60.0          /* px a notch */

static GdkModifierType
modifiers_of (gpointer controller)
{
  return gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller))
         & (GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_ALT_MASK);
}

static void
set_cursor (GwCanvas *canvas)
{
  const char *name = NULL;

  if (canvas->drag.kind == GW_CANVAS_DRAG_PAN || canvas->space_down)
    name = "grabbing";
  else if (canvas->problem_hot >= 0)
    name = "pointer";
  else if (canvas->hover.kind == GW_CANVAS_HIT_PORT)
    name = "crosshair";
  else if (canvas->hover.kind == GW_CANVAS_HIT_LITERAL)
    name = "text";
  gtk_widget_set_cursor_from_name (GTK_WIDGET (canvas), name);
}

static gboolean
same_hit (const GwCanvasHit *a,
          const GwCanvasHit *b)
{
  return a->kind == b->kind && a->id == b->id && a->port == b->port
         && a->is_output == b->is_output;
}

void
gw_canvas_update_hover (GwCanvas *canvas)
{
  GwCanvasHit hit = { GW_CANVAS_HIT_NONE };
  GwCanvasRect minimap;
  int hot = -2;
  double x, y;

  if (canvas->layout != NULL && canvas->pointer_inside
      && canvas->drag.kind == GW_CANVAS_DRAG_NONE
      && !(gw_canvas_minimap_rect (canvas, &minimap)
           && gw_canvas_rect_contains (&minimap, canvas->pointer_x, canvas->pointer_y)))
    {
      hot = gw_canvas_problem_hit (canvas, canvas->pointer_x, canvas->pointer_y);
      gw_canvas_to_canvas (canvas, canvas->pointer_x, canvas->pointer_y, &x, &y);
      if (hot == -2)
        gw_canvas_hit_test (canvas->layout, x, y, gw_canvas_scale (canvas), FALSE, &hit);
      else
        hit = canvas->hover;    /* the box keeps the node that it belongs to */
    }
  if (hot != canvas->problem_hot)
    gtk_widget_queue_draw (GTK_WIDGET (canvas));
  canvas->problem_hot = hot;
  if (!same_hit (&hit, &canvas->hover))
    {
      gboolean wires = hit.kind == GW_CANVAS_HIT_WIRE || canvas->hover.kind == GW_CANVAS_HIT_WIRE;

      canvas->hover = hit;
      if (wires)
        {
          gw_canvas_drop_live_pictures (canvas);
          gw_canvas_update_live (canvas);
        }
      gtk_widget_queue_draw (GTK_WIDGET (canvas));
      gtk_widget_trigger_tooltip_query (GTK_WIDGET (canvas));
    }
  set_cursor (canvas);
}

/* ---- motion ---- */

static void
on_motion (GtkEventControllerMotion *controller,
           double                    x,
           double                    y,
           GwCanvas                 *canvas)
{
  if (canvas->pointer_inside && canvas->pointer_x == x && canvas->pointer_y == y)
    return;
  canvas->pointer_inside = TRUE;
  canvas->pointer_x = x;
  canvas->pointer_y = y;
  gw_canvas_update_hover (canvas);
}

static void
on_leave (GtkEventControllerMotion *controller,
          GwCanvas                 *canvas)
{
  canvas->pointer_inside = FALSE;
  gw_canvas_update_hover (canvas);
}

/* ---- primary button ---- */

static void
double_click (GwCanvas        *canvas,
              double           widget_x,
              double           widget_y)
{
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  GwCanvasHit hit;
  double x, y;

  gw_canvas_to_canvas (canvas, widget_x, widget_y, &x, &y);
  gw_canvas_hit_test (canvas->layout, x, y, gw_canvas_scale (canvas), FALSE, &hit);
  switch (hit.kind)
    {
    case GW_CANVAS_HIT_NONE:
      if (iface->request_search != NULL)
        iface->request_search (canvas->model, x, y, &(GwCanvasPort) { 0, 0, FALSE }, "");
      break;
    case GW_CANVAS_HIT_WIRE:
      if (iface->add_reroute != NULL)
        iface->add_reroute (canvas->model, hit.id, x, y);
      break;
    case GW_CANVAS_HIT_LITERAL:
      gw_canvas_edit_literal (canvas, hit.id, hit.port);
      break;
    case GW_CANVAS_HIT_NAME:
      gw_canvas_rename (canvas, hit.id);
      break;
    default:
      if (iface->activate != NULL)
        iface->activate (canvas->model, hit.id);
      break;
    }
}

static gboolean
on_chrome (GwCanvas *canvas,
           double    x,
           double    y)
{
  GwCanvasRect minimap;

  return gw_canvas_problem_hit (canvas, x, y) > -2
         || (gw_canvas_minimap_rect (canvas, &minimap)
             && gw_canvas_rect_contains (&minimap, x, y));
}

static void
on_pressed (GtkGestureClick *gesture,
            int              n_press,
            double           x,
            double           y,
            GwCanvas        *canvas)
{
  gtk_widget_grab_focus (GTK_WIDGET (canvas));
  if (n_press == 2 && canvas->layout != NULL && !on_chrome (canvas, x, y))
    double_click (canvas, x, y);
}

static void
on_drag_begin (GtkGestureDrag *gesture,
               double          x,
               double          y,
               GwCanvas       *canvas)
{
  gw_canvas_drag_press (canvas, x, y, modifiers_of (gesture));
  set_cursor (canvas);
}

static void
on_drag_update (GtkGestureDrag *gesture,
                double          dx,
                double          dy,
                GwCanvas       *canvas)
{
  double x, y;

  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  gw_canvas_drag_motion (canvas, x + dx, y + dy, modifiers_of (gesture));
}

static void
on_drag_end (GtkGestureDrag *gesture,
             double          dx,
             double          dy,
             GwCanvas       *canvas)
{
  gw_canvas_drag_release (canvas);
  set_cursor (canvas);
}

static void
on_drag_cancel (GtkGesture       *gesture,
                GdkEventSequence *sequence,
                GwCanvas         *canvas)
{
  gw_canvas_drag_cancel (canvas);
}

static void
on_pan_begin (GtkGestureDrag *gesture,
              double          x,
              double          y,
              GwCanvas       *canvas)
{
  gw_canvas_drag_pan_press (canvas, x, y);
  set_cursor (canvas);
}

/* ---- secondary button: a menu, or with Ctrl the scissors ---- */

static void
on_cut_begin (GtkGestureDrag *gesture,
              double          x,
              double          y,
              GwCanvas       *canvas)
{
  GwCanvasModelInterface *iface;
  GwCanvasHit hit;
  double at_x, at_y;

  gtk_widget_grab_focus (GTK_WIDGET (canvas));
  if (canvas->layout == NULL)
    return;
  if (modifiers_of (gesture) & GDK_CONTROL_MASK)
    {
      gw_canvas_drag_cut_press (canvas, x, y);
      return;
    }
  iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  gw_canvas_to_canvas (canvas, x, y, &at_x, &at_y);
  gw_canvas_hit_test (canvas->layout, at_x, at_y, gw_canvas_scale (canvas), FALSE, &hit);
  if (hit.kind == GW_CANVAS_HIT_NONE)
    gw_canvas_clear_selection (canvas);
  else if (!gw_canvas_is_selected (canvas, hit.id))
    gw_canvas_select_only (canvas, hit.id);
  if (hit.kind != GW_CANVAS_HIT_NONE)
    gw_canvas_set_focus_item (canvas, hit.id);
  if (iface->context_menu != NULL)
    iface->context_menu (canvas->model, hit.kind != GW_CANVAS_HIT_NONE ? hit.id : 0, x, y);
}

/* ---- wheel, touchpad, pinch ---- */

static gboolean
on_scroll (GtkEventControllerScroll *controller,
           double                    dx,
           double                    dy,
           GwCanvas                 *canvas)
{
  GdkModifierType modifiers = modifiers_of (controller);
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (controller));
  gboolean wheel = event == NULL || gdk_event_get_event_type (event) != GDK_SCROLL
                   || gdk_scroll_event_get_unit (event) == GDK_SCROLL_UNIT_WHEEL;
  double x = canvas->pointer_x, y = canvas->pointer_y;

  if (!wheel && !(modifiers & GDK_CONTROL_MASK))
    gw_canvas_pan_by (canvas, dx, dy);
  else if (wheel && (modifiers & GDK_SHIFT_MASK))
    gw_canvas_pan_by (canvas, (dx + dy) * WHEEL_PAN, 0);
  else if (wheel)
    gw_canvas_zoom_at (canvas, pow (WHEEL_FACTOR, -dy), x, y);
  else
    gw_canvas_zoom_at (canvas, exp (-dy * SURFACE_FACTOR), x, y);
  gw_canvas_update_hover (canvas);
  return TRUE;
}

static void
on_pinch_begin (GtkGesture       *gesture,
                GdkEventSequence *sequence,
                GwCanvas         *canvas)
{
  gw_canvas_drag_cancel (canvas);
  g_object_set_data (G_OBJECT (gesture), "last-scale", NULL);
}

static void
on_pinch (GtkGestureZoom *gesture,
          double          scale,
          GwCanvas       *canvas)
{
  double *last = g_object_get_data (G_OBJECT (gesture), "last-scale");
  double x, y;

  if (last == NULL)
    {
      last = g_new (double, 1);
      *last = 1;
      g_object_set_data_full (G_OBJECT (gesture), "last-scale", last, g_free);
    }
  if (!gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    return;
  gw_canvas_zoom_at (canvas, scale / *last, x, y);
  *last = scale;
}

/* ---- the card of what is under the pointer ---- */

static void
append_row (GString    *markup,
            const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  g_string_append_printf (markup, "\n%s", escaped);
}

static char *
node_card (const GwSceneNode *node)
{
  g_autofree char *name = g_markup_escape_text (node->name != NULL ? node->name : "", -1);
  g_autofree char *op = g_markup_escape_text (node->op != NULL ? node->op : "", -1);
  GString *markup = g_string_new (NULL);

  g_string_append_printf (markup, "<b>%s</b>  %s", name, op);
  for (guint i = 0; i < node->n_outputs; i++)
    {
      const GwScenePort *port = &node->outputs[i];
      g_autofree char *row = g_strdup_printf (
          "%s: %s %s", port->name != NULL ? port->name : "output",
          port->dtype != NULL ? port->dtype : gw_canvas_element_name (port->element),
          port->shape != NULL ? port->shape : "");

      append_row (markup, g_strchomp (row));
    }
  if (node->live != NULL && node->live->value != NULL)
    {
      g_autofree char *row = g_strconcat ("last value ", node->live->value, NULL);
      append_row (markup, row);
    }
  if (node->problem != NULL)
    append_row (markup, node->problem->text);
  return g_string_free (markup, FALSE);
}

/* What the model knows of the item, below what the scene does. */
static char *
model_card (GwCanvas *canvas,
            guint64   id,
            gboolean  keyboard)
{
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  GwCanvasPort port = { 0, 0, FALSE };

  if (iface->tooltip == NULL || id == 0)
    return NULL;
  if (!keyboard && canvas->hover.kind == GW_CANVAS_HIT_PORT)
    port = (GwCanvasPort) { canvas->hover.id, canvas->hover.port, canvas->hover.is_output };
  return iface->tooltip (canvas->model, id, &port);
}

static gboolean
on_query_tooltip (GtkWidget  *widget,
                  int         x,
                  int         y,
                  gboolean    keyboard,
                  GtkTooltip *tooltip,
                  gpointer    data)
{
  GwCanvas *canvas = GW_CANVAS (widget);
  guint64 id = keyboard ? canvas->focus : canvas->hover.id;
  const GwSceneNode *node;
  g_autofree char *card = NULL, *more = NULL, *markup = NULL;

  if (canvas->layout == NULL || canvas->drag.kind != GW_CANVAS_DRAG_NONE
      || (!keyboard && canvas->hover.kind == GW_CANVAS_HIT_NONE))
    return FALSE;
  node = gw_scene_get_node (gw_canvas_scene (canvas), id);
  if (node != NULL && ((node->flags & GW_SCENE_NODE_REROUTE) || canvas->problem_node == id))
    return FALSE;
  card = node != NULL ? node_card (node) : NULL;
  more = model_card (canvas, id, keyboard);
  if (card == NULL && more == NULL)
    return FALSE;
  markup = card == NULL || more == NULL ? g_strdup (card != NULL ? card : more)
                                        : g_strconcat (card, "\n", more, NULL);
  gtk_tooltip_set_markup (tooltip, markup);
  return TRUE;
}

/* ---- set-up ---- */

static void
add_drag (GwCanvas  *canvas,
          guint      button,
          GCallback  begin)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), button);
  g_signal_connect (drag, "drag-begin", begin, canvas);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), canvas);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_drag_end), canvas);
  g_signal_connect (drag, "cancel", G_CALLBACK (on_drag_cancel), canvas);
  gtk_widget_add_controller (GTK_WIDGET (canvas), GTK_EVENT_CONTROLLER (drag));
}

void
gw_canvas_init_input (GwCanvas *canvas)
{
  GtkWidget *widget = GTK_WIDGET (canvas);
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *pinch = gtk_gesture_zoom_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (
      GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);

  add_drag (canvas, GDK_BUTTON_PRIMARY, G_CALLBACK (on_drag_begin));
  add_drag (canvas, GDK_BUTTON_MIDDLE, G_CALLBACK (on_pan_begin));
  add_drag (canvas, GDK_BUTTON_SECONDARY, G_CALLBACK (on_cut_begin));
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), canvas);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), canvas);
  g_signal_connect (motion, "enter", G_CALLBACK (on_motion), canvas);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), canvas);
  gtk_widget_add_controller (widget, motion);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll), canvas);
  gtk_widget_add_controller (widget, scroll);
  g_signal_connect (pinch, "begin", G_CALLBACK (on_pinch_begin), canvas);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (on_pinch), canvas);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
  gtk_widget_set_has_tooltip (widget, TRUE);
  g_signal_connect (widget, "query-tooltip", G_CALLBACK (on_query_tooltip), NULL);
}
