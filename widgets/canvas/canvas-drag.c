/* SPDX-License-Identifier: Apache-2.0 */

/* One drag of the pointer from press to release: selecting, moving, the
 * rubber band, panning and cutting.  Wires are in canvas-wire-drag.c. */

#include "widgets/canvas/canvas-private.h"

#include <math.h>
#include <stdlib.h>

#define THRESHOLD 4.0           /* px a press may move and stay a click */
#define SNAP_GRID 8.0
#define EDGE 28.0               /* px from the widget's edge where it pans */
#define EDGE_SPEED 14.0         /* px a frame, at the edge */

static gboolean
pans_at_edge (GwCanvasDragKind kind)
{
  return kind == GW_CANVAS_DRAG_MOVE || kind == GW_CANVAS_DRAG_BOX || kind == GW_CANVAS_DRAG_WIRE;
}

/* From here on, up to the end of the drag, everything is one step of undo. */
static void
begin_step (GwCanvas   *canvas,
            const char *label)
{
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);

  if (iface->begin_edit == NULL || iface->end_edit == NULL || iface->cancel_edit == NULL)
    return;
  iface->begin_edit (canvas->model, label);
  canvas->drag.in_step = TRUE;
}

static void
end_step (GwCanvas *canvas)
{
  if (!canvas->drag.in_step)
    return;
  canvas->drag.in_step = FALSE;
  if (canvas->model != NULL)
    GW_CANVAS_MODEL_GET_IFACE (canvas->model)->end_edit (canvas->model);
}

static void
cancel_step (GwCanvas *canvas)
{
  if (!canvas->drag.in_step)
    return;
  canvas->drag.in_step = FALSE;
  if (canvas->model != NULL)
    GW_CANVAS_MODEL_GET_IFACE (canvas->model)->cancel_edit (canvas->model);
}

static void
reset_drag (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;

  end_step (canvas);
  g_clear_pointer (&drag->ids, g_array_unref);
  g_clear_pointer (&drag->verdicts, g_hash_table_unref);
  g_clear_pointer (&drag->before, g_hash_table_unref);
  g_clear_pointer (&drag->trail, g_array_unref);
  g_clear_pointer (&drag->candidates, g_array_unref);
  *drag = (GwCanvasDrag) { GW_CANVAS_DRAG_NONE };
  if (canvas->auto_pan != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (canvas), canvas->auto_pan);
  canvas->auto_pan = 0;
}

void
gw_canvas_drag_start (GwCanvas         *canvas,
                      GwCanvasDragKind  kind,
                      double            x,
                      double            y,
                      GdkModifierType   modifiers)
{
  GwCanvasDrag *drag = &canvas->drag;

  reset_drag (canvas);
  drag->kind = kind;
  drag->modifiers = modifiers;
  drag->start_x = drag->x = x;
  drag->start_y = drag->y = y;
  drag->view_x = canvas->x;
  drag->view_y = canvas->y;
  gw_canvas_to_canvas (canvas, x, y, &drag->anchor_x, &drag->anchor_y);
}

/* ---- press ---- */

static void
press_on_item (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;

  drag->was_selected = gw_canvas_is_selected (canvas, drag->hit.id);
  if (drag->hit.kind == GW_CANVAS_HIT_PORT)
    return;
  if (drag->hit.kind != GW_CANVAS_HIT_WIRE && drag->hit.kind != GW_CANVAS_HIT_FRAME)
    gw_canvas_set_focus_item (canvas, drag->hit.id);
  if (drag->was_selected || (drag->modifiers & GDK_CONTROL_MASK))
    return;
  if (drag->modifiers & GDK_SHIFT_MASK)
    gw_canvas_select_add (canvas, drag->hit.id);
  else
    gw_canvas_select_only (canvas, drag->hit.id);
}

void
gw_canvas_drag_press (GwCanvas        *canvas,
                      double           x,
                      double           y,
                      GdkModifierType  modifiers)
{
  GwCanvasModelInterface *iface;
  int fix;

  gw_canvas_stop_glide (canvas);
  gw_canvas_drag_start (canvas, GW_CANVAS_DRAG_NONE, x, y, modifiers);
  if (canvas->layout == NULL || gw_canvas_minimap_press (canvas, x, y))
    return;
  fix = gw_canvas_problem_hit (canvas, x, y);
  if (fix > -2)
    {
      iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
      if (fix >= 0 && iface->apply_fix != NULL)
        iface->apply_fix (canvas->model, canvas->problem_node, fix);
      return;
    }
  if (canvas->space_down)
    {
      canvas->space_used = TRUE;
      canvas->drag.kind = GW_CANVAS_DRAG_PAN;
      return;
    }
  canvas->drag.kind = GW_CANVAS_DRAG_PRESS;
  gw_canvas_hit_test (canvas->layout, canvas->drag.anchor_x, canvas->drag.anchor_y,
                      gw_canvas_scale (canvas), (modifiers & GDK_CONTROL_MASK) != 0,
                      &canvas->drag.hit);
  if (canvas->drag.hit.kind != GW_CANVAS_HIT_NONE)
    press_on_item (canvas);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

void
gw_canvas_drag_pan_press (GwCanvas *canvas,
                          double    x,
                          double    y)
{
  gw_canvas_stop_glide (canvas);
  gw_canvas_drag_start (canvas, GW_CANVAS_DRAG_PAN, x, y, 0);
}

void
gw_canvas_drag_cut_press (GwCanvas *canvas,
                          double    x,
                          double    y)
{
  GwCanvasPoint point;

  gw_canvas_drag_start (canvas, GW_CANVAS_DRAG_CUT, x, y, 0);
  canvas->drag.trail = g_array_new (FALSE, FALSE, sizeof (GwCanvasPoint));
  gw_canvas_to_canvas (canvas, x, y, &point.x, &point.y);
  g_array_append_val (canvas->drag.trail, point);
}

/* ---- moving ---- */

/* For a drag that is given up, or that adds to it. */
static void
remember_selection (GwCanvas *canvas)
{
  g_autoptr (GArray) ids = gw_canvas_get_selection (canvas);

  canvas->drag.before = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < ids->len; i++)
    g_hash_table_add (canvas->drag.before, g_memdup2 (&g_array_index (ids, guint64, i),
                                                      sizeof (guint64)));
}

static void
run_command (GwCanvas   *canvas,
             const char *name)
{
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);

  if (iface->command != NULL)
    iface->command (canvas->model, name);
}

/* What the whole drag is called in the menu. */
static void
begin_move_step (GwCanvas *canvas)
{
  g_autoptr (GArray) ids = gw_canvas_movable_ids (canvas);
  g_autofree char *label = ids->len == 1 ? g_strdup ("Move a node")
                                         : g_strdup_printf ("Move %u nodes", ids->len);

  if (ids->len > 0)
    begin_step (canvas, label);
}

/* Ctrl copies first, Alt takes the nodes out of their wires first. */
static void
begin_move (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;
  GwCanvasNodeItem *item;

  if (!gw_canvas_is_selected (canvas, drag->hit.id))
    gw_canvas_select_only (canvas, drag->hit.id);
  remember_selection (canvas);
  if (drag->modifiers & GDK_CONTROL_MASK)
    {
      begin_step (canvas, "Copy by dragging");
      run_command (canvas, "duplicate");
    }
  else if (drag->modifiers & GDK_ALT_MASK)
    {
      begin_step (canvas, "Take out");
      run_command (canvas, "take-out");
    }
  else
    {
      begin_move_step (canvas);
    }
  drag->kind = GW_CANVAS_DRAG_MOVE;
  drag->ids = gw_canvas_movable_ids (canvas);
  item = gw_canvas_layout_get_node (canvas->layout, drag->hit.id);
  if (item != NULL)
    {
      drag->origin_x = item->box.x;
      drag->origin_y = item->box.y;
    }
  gw_canvas_update_live (canvas);
}

/* The wire that a single moved node would be put into. */
static guint64
find_target_wire (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;
  GwCanvasNodeItem *item = gw_canvas_layout_get_node (canvas->layout, drag->hit.id);
  GwCanvasWireItem *wire;

  if (drag->ids->len != 1 || item == NULL || item->node->n_inputs == 0
      || item->node->n_outputs == 0)
    return 0;
  wire = gw_canvas_hit_wire (canvas->layout, item->box.x + item->box.width / 2,
                             item->box.y + item->box.height / 2, item->box.height / 3);
  if (wire == NULL || wire->from == item || wire->to == item
      || wire->wire->kind == GW_SCENE_WIRE_CONTROL)
    return 0;
  return wire->id;
}

static void
send_move (GwCanvas *canvas,
           double    dx,
           double    dy,
           gboolean  final)
{
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  GArray *ids = canvas->drag.ids;

  if (iface->move == NULL || ids->len == 0)
    return;
  canvas->drag.moved_x += dx;
  canvas->drag.moved_y += dy;
  iface->move (canvas->model, (guint64 *) ids->data, ids->len, dx, dy, final);
}

static void
update_move (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;
  double x, y, dx, dy;
  guint64 target;

  gw_canvas_to_canvas (canvas, drag->x, drag->y, &x, &y);
  dx = x - drag->anchor_x;
  dy = y - drag->anchor_y;
  drag->snapping = (drag->modifiers & GDK_SHIFT_MASK) != 0;
  if (drag->snapping)
    {
      dx = round ((drag->origin_x + dx) / SNAP_GRID) * SNAP_GRID - drag->origin_x;
      dy = round ((drag->origin_y + dy) / SNAP_GRID) * SNAP_GRID - drag->origin_y;
    }
  else
    {
      dx = round (drag->origin_x + dx) - drag->origin_x;
      dy = round (drag->origin_y + dy) - drag->origin_y;
    }
  if (dx != drag->moved_x || dy != drag->moved_y)
    send_move (canvas, dx - drag->moved_x, dy - drag->moved_y, FALSE);
  target = find_target_wire (canvas);
  if (target != drag->target_wire)
    {
      drag->target_wire = target;
      gw_canvas_drop_live_pictures (canvas);
      gw_canvas_update_live (canvas);
    }
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

static void
end_move (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  guint64 wire = drag->target_wire;

  send_move (canvas, 0, 0, TRUE);
  if (wire != 0 && iface->insert_on_wire != NULL)
    iface->insert_on_wire (canvas->model, drag->hit.id, wire);
}

/* ---- rubber band ---- */

static void
begin_box (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;

  drag->kind = GW_CANVAS_DRAG_BOX;
  if (drag->modifiers & (GDK_SHIFT_MASK | GDK_CONTROL_MASK))
    remember_selection (canvas);
  else
    drag->before = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

static void
box_item (GwCanvas   *canvas,
          GHashTable *set,
          guint64     id)
{
  gboolean toggle = (canvas->drag.modifiers & GDK_CONTROL_MASK) != 0;

  if (toggle && g_hash_table_contains (canvas->drag.before, &id))
    g_hash_table_remove (set, &id);
  else
    g_hash_table_add (set, g_memdup2 (&id, sizeof id));
}

/* Drawn to the right it takes what it encloses, to the left what it touches. */
static void
update_box (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;
  GHashTable *set = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  gboolean enclose = drag->x >= drag->start_x;
  GHashTableIter iter;
  gpointer key;
  GwCanvasRect rect;
  double x, y;

  gw_canvas_to_canvas (canvas, drag->x, drag->y, &x, &y);
  rect = (GwCanvasRect) { MIN (x, drag->anchor_x), MIN (y, drag->anchor_y),
                          fabs (x - drag->anchor_x), fabs (y - drag->anchor_y) };
  g_hash_table_iter_init (&iter, drag->before);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_hash_table_add (set, g_memdup2 (key, sizeof (guint64)));
  gw_canvas_layout_find_nodes (canvas->layout, &rect, nodes);
  for (guint i = 0; i < nodes->len; i++)
    {
      GwCanvasNodeItem *item = g_ptr_array_index (nodes, i);
      gboolean inside = item->box.x >= rect.x && item->box.y >= rect.y
                        && item->box.x + item->box.width <= rect.x + rect.width
                        && item->box.y + item->box.height <= rect.y + rect.height;

      if (inside || (!enclose && gw_canvas_rect_intersects (&item->box, &rect)))
        box_item (canvas, set, item->id);
    }
  gw_canvas_take_selection (canvas, set);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

/* ---- motion ---- */

/* How far a coordinate is beyond the edge's zone, −1 to 1. */
static double
edge_pull (double position,
           double size)
{
  if (position < EDGE)
    return -MIN ((EDGE - position) / EDGE, 1);
  if (position > size - EDGE)
    return MIN ((position - size + EDGE) / EDGE, 1);
  return 0;
}

static void
update_drag (GwCanvas *canvas)
{
  switch (canvas->drag.kind)
    {
    case GW_CANVAS_DRAG_MOVE:
      update_move (canvas);
      break;
    case GW_CANVAS_DRAG_BOX:
      update_box (canvas);
      break;
    case GW_CANVAS_DRAG_WIRE:
      gw_canvas_wire_drag_update (canvas);
      break;
    default:
      break;
    }
}

static gboolean
auto_pan_tick (GtkWidget     *widget,
               GdkFrameClock *clock,
               gpointer       data)
{
  GwCanvas *canvas = GW_CANVAS (widget);
  GwCanvasDrag *drag = &canvas->drag;
  double dx = edge_pull (drag->x, gtk_widget_get_width (widget));
  double dy = edge_pull (drag->y, gtk_widget_get_height (widget));

  if ((dx == 0 && dy == 0) || !pans_at_edge (drag->kind))
    {
      canvas->auto_pan = 0;
      return G_SOURCE_REMOVE;
    }
  gw_canvas_pan_by (canvas, dx * EDGE_SPEED, dy * EDGE_SPEED);
  update_drag (canvas);
  return G_SOURCE_CONTINUE;
}

static void
leave_press (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;

  switch (drag->hit.kind)
    {
    case GW_CANVAS_HIT_PORT:
      gw_canvas_wire_drag_begin (canvas);
      break;
    case GW_CANVAS_HIT_NONE:
      begin_box (canvas);
      break;
    case GW_CANVAS_HIT_WIRE:
      drag->kind = GW_CANVAS_DRAG_NONE;
      break;
    default:
      begin_move (canvas);
      break;
    }
}

static void
cut_to (GwCanvas *canvas)
{
  GwCanvasPoint point;

  gw_canvas_to_canvas (canvas, canvas->drag.x, canvas->drag.y, &point.x, &point.y);
  g_array_append_val (canvas->drag.trail, point);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

void
gw_canvas_drag_motion (GwCanvas        *canvas,
                       double           x,
                       double           y,
                       GdkModifierType  modifiers)
{
  GwCanvasDrag *drag = &canvas->drag;
  GtkWidget *widget = GTK_WIDGET (canvas);

  drag->x = x;
  drag->y = y;
  if (drag->kind == GW_CANVAS_DRAG_PRESS
      && hypot (x - drag->start_x, y - drag->start_y) >= THRESHOLD)
    leave_press (canvas);
  if (drag->kind == GW_CANVAS_DRAG_MOVE)
    drag->modifiers = modifiers;
  if (drag->kind == GW_CANVAS_DRAG_PAN)
    gw_canvas_scroll_to (canvas, drag->view_x - (x - drag->start_x) / gw_canvas_scale (canvas),
                         drag->view_y - (y - drag->start_y) / gw_canvas_scale (canvas));
  else if (drag->kind == GW_CANVAS_DRAG_MINIMAP)
    gw_canvas_minimap_drag (canvas, x, y);
  else if (drag->kind == GW_CANVAS_DRAG_CUT)
    cut_to (canvas);
  update_drag (canvas);
  if (canvas->auto_pan == 0 && pans_at_edge (drag->kind)
      && (edge_pull (x, gtk_widget_get_width (widget)) != 0
          || edge_pull (y, gtk_widget_get_height (widget)) != 0))
    canvas->auto_pan = gtk_widget_add_tick_callback (widget, auto_pan_tick, NULL, NULL);
}

/* ---- release ---- */

static void
click (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;

  if (drag->hit.kind == GW_CANVAS_HIT_NONE)
    {
      gw_canvas_set_focus_item (canvas, 0);
      if (!(drag->modifiers & (GDK_SHIFT_MASK | GDK_CONTROL_MASK)))
        gw_canvas_clear_selection (canvas);
      return;
    }
  if (drag->hit.kind == GW_CANVAS_HIT_PORT)
    {
      gw_canvas_set_focus_item (canvas, drag->hit.id);
      gw_canvas_select_only (canvas, drag->hit.id);
      if (drag->modifiers & GDK_ALT_MASK)
        gw_canvas_select_cone (canvas, !drag->hit.is_output);
      return;
    }
  if (drag->hit.kind == GW_CANVAS_HIT_WIRE && (drag->modifiers & GDK_ALT_MASK))
    run_command (canvas, "breakpoint");
  else if (drag->modifiers & GDK_CONTROL_MASK)
    gw_canvas_select_toggle (canvas, drag->hit.id);
  else if (drag->was_selected && !(drag->modifiers & GDK_SHIFT_MASK))
    gw_canvas_select_only (canvas, drag->hit.id);
}

static gboolean
trail_crosses (GArray           *trail,
               GwCanvasWireItem *wire)
{
  for (guint i = 1; i < trail->len; i++)
    if (gw_canvas_path_crosses (&wire->path, g_array_index (trail, GwCanvasPoint, i - 1),
                                g_array_index (trail, GwCanvasPoint, i)))
      return TRUE;
  return FALSE;
}

static void
end_cut (GwCanvas *canvas)
{
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  GArray *trail = canvas->drag.trail;
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  GwCanvasRect view = gw_canvas_visible_rect (canvas);

  gw_canvas_layout_find_wires (canvas->layout, &view, found);
  for (guint i = 0; i < found->len; i++)
    {
      GwCanvasWireItem *wire = g_ptr_array_index (found, i);

      if (trail_crosses (trail, wire))
        g_array_append_val (ids, wire->id);
    }
  if (ids->len > 0 && iface->remove != NULL)
    iface->remove (canvas->model, (guint64 *) ids->data, ids->len, FALSE);
}

void
gw_canvas_drag_release (GwCanvas *canvas)
{
  GwCanvasDragKind kind = canvas->drag.kind;

  if (canvas->layout == NULL)
    {
      reset_drag (canvas);
      return;
    }
  switch (kind)
    {
    case GW_CANVAS_DRAG_PRESS:
      click (canvas);
      break;
    case GW_CANVAS_DRAG_MOVE:
      end_move (canvas);
      break;
    case GW_CANVAS_DRAG_WIRE:
      gw_canvas_wire_drag_end (canvas);
      break;
    case GW_CANVAS_DRAG_CUT:
      end_cut (canvas);
      break;
    default:
      break;
    }
  reset_drag (canvas);
  gw_canvas_drop_live_pictures (canvas);
  gw_canvas_update_live (canvas);
  gw_canvas_update_hover (canvas);
}

void
gw_canvas_drag_cancel (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;

  if (drag->kind == GW_CANVAS_DRAG_MOVE && !drag->in_step && canvas->model != NULL)
    send_move (canvas, -drag->moved_x, -drag->moved_y, TRUE);
  cancel_step (canvas);
  if (drag->before != NULL && canvas->layout != NULL)
    gw_canvas_take_selection (canvas, g_hash_table_ref (drag->before));
  reset_drag (canvas);
  gw_canvas_drop_live_pictures (canvas);
  gw_canvas_update_live (canvas);
}
