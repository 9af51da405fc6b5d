/* SPDX-License-Identifier: Apache-2.0 */

/* What stands above the nodes: the loose wire and the ports of a drag, the
 * rubber band, guide lines, the cut, the rule beside the pointer, and the box
 * that tells a problem. */

#include "widgets/canvas/canvas-private.h"

#include <math.h>

#define GROWN_PORT 14.0
#define FADED 0.65              /* of the node's colour over a port that does not fit */
#define TIP_OFFSET 16.0
#define TIP_HEIGHT 24.0
#define TIP_PADDING 10.0
#define PROBLEM_GAP 12.0
#define BOX_MARGIN 8.0
#define GUIDE_REACH 2000.0

/* A cairo_t for an area of the widget, in widget px. */
static cairo_t *
begin_area (GtkSnapshot *snapshot,
            double       x,
            double       y,
            double       width,
            double       height)
{
  return gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (floor (x), floor (y),
                                                                   ceil (width) + 1,
                                                                   ceil (height) + 1));
}

static void
snapshot_rubber_band (GwCanvas    *canvas,
                      GtkSnapshot *snapshot)
{
  GwCanvasDrag *drag = &canvas->drag;
  double x0, y0, x, y, width, height;
  cairo_t *cr;

  gw_canvas_to_widget (canvas, drag->anchor_x, drag->anchor_y, &x0, &y0);
  x = MIN (x0, drag->x);
  y = MIN (y0, drag->y);
  width = fabs (x0 - drag->x);
  height = fabs (y0 - drag->y);
  cr = begin_area (snapshot, x - 2, y - 2, width + 4, height + 4);
  cairo_rectangle (cr, x + 0.5, y + 0.5, width, height);
  gw_canvas_set_color (cr, &canvas->theme.accent, 0.15);
  cairo_fill_preserve (cr);
  gw_canvas_set_color (cr, &canvas->theme.accent, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
snapshot_cut (GwCanvas    *canvas,
              GtkSnapshot *snapshot)
{
  static const double dash[2] = { 4, 3 };
  GArray *trail = canvas->drag.trail;
  cairo_t *cr;

  if (trail == NULL || trail->len < 2)
    return;
  cr = begin_area (snapshot, 0, 0, gtk_widget_get_width (GTK_WIDGET (canvas)),
                   gtk_widget_get_height (GTK_WIDGET (canvas)));
  for (guint i = 0; i < trail->len; i++)
    {
      GwCanvasPoint *point = &g_array_index (trail, GwCanvasPoint, i);
      double x, y;

      gw_canvas_to_widget (canvas, point->x, point->y, &x, &y);
      cairo_line_to (cr, x, y);
    }
  cairo_set_dash (cr, dash, 2, 0);
  cairo_set_line_width (cr, 1.5);
  gw_canvas_set_color (cr, &canvas->theme.text, 1);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

/* Lines along the edges that a snapped node shares with others in sight. */
static void
snapshot_guides (GwCanvas    *canvas,
                 GtkSnapshot *snapshot)
{
  GwCanvasNodeItem *moved = gw_canvas_layout_get_node (canvas->layout, canvas->drag.hit.id);
  GwCanvasRect view = gw_canvas_visible_rect (canvas);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  double width = gtk_widget_get_width (GTK_WIDGET (canvas));
  double height = gtk_widget_get_height (GTK_WIDGET (canvas));

  if (moved == NULL || !canvas->drag.snapping)
    return;
  gw_canvas_layout_find_nodes (canvas->layout, &view, nodes);
  for (guint i = 0; i < nodes->len; i++)
    {
      GwCanvasNodeItem *item = g_ptr_array_index (nodes, i);
      GdkRGBA color = { canvas->theme.accent.red, canvas->theme.accent.green,
                        canvas->theme.accent.blue, 0.6 };

      if (gw_canvas_is_selected (canvas, item->id))
        continue;
      if (fabs (item->box.x - moved->box.x) < 0.5)
        gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT (
            gw_canvas_screen_x (canvas, item->box.x), 0, 1, height));
      if (fabs (item->box.y - moved->box.y) < 0.5)
        gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT (
            0, gw_canvas_screen_y (canvas, item->box.y), width, 1));
    }
}

/* ---- wire drags ---- */

/* One port of a node in sight: grown when it fits, faded when not. */
static void
draw_candidate (GwCanvas         *canvas,
                cairo_t          *cr,
                GwCanvasNodeItem *item,
                int               port)
{
  GwCanvasDrag *drag = &canvas->drag;
  gboolean is_output = !drag->port.is_output;
  const GwScenePort *ports = is_output ? item->node->outputs : item->node->inputs;
  GwCanvasPoint at = gw_canvas_layout_port (item, is_output, port);
  gboolean fits = gw_canvas_wire_drag_verdict (canvas, item->id, port)[0] == '\0';
  GwCanvasPaint paint = gw_canvas_make_paint (canvas);

  if (ports[port].hidden)
    return;
  if (fits)
    {
      gw_canvas_paint_port (&paint, cr, &ports[port], at.x, at.y, GROWN_PORT);
      return;
    }
  cairo_arc (cr, at.x, at.y, 8, 0, 2 * G_PI);
  gw_canvas_set_color (cr, &canvas->theme.node, FADED);
  cairo_fill (cr);
}

static void
snapshot_candidates (GwCanvas    *canvas,
                     GtkSnapshot *snapshot)
{
  GwCanvasRect view = gw_canvas_visible_rect (canvas);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  double scale = gw_canvas_scale (canvas);
  cairo_t *cr = begin_area (snapshot, 0, 0, gtk_widget_get_width (GTK_WIDGET (canvas)),
                            gtk_widget_get_height (GTK_WIDGET (canvas)));

  cairo_translate (cr, gw_canvas_screen_x (canvas, 0), gw_canvas_screen_y (canvas, 0));
  cairo_scale (cr, scale, scale);
  gw_canvas_layout_find_nodes (canvas->layout, &view, nodes);
  for (guint i = 0; i < nodes->len && canvas->drag.port.port >= 0; i++)
    {
      GwCanvasNodeItem *item = g_ptr_array_index (nodes, i);
      guint n = canvas->drag.port.is_output ? item->node->n_inputs : item->node->n_outputs;

      if (item->id == canvas->drag.port.node)
        continue;
      for (guint port = 0; port < n; port++)
        draw_candidate (canvas, cr, item, port);
    }
  cairo_destroy (cr);
}

static GwCanvasElement
held_element (GwCanvas *canvas)
{
  GwCanvasPort *port = &canvas->drag.port;
  GwCanvasNodeItem *item = gw_canvas_layout_get_node (canvas->layout, port->node);

  if (item == NULL || port->port < 0)
    return GW_CANVAS_ELEMENT_UNKNOWN;
  if (port->is_output)
    return (guint) port->port < item->node->n_outputs ? item->node->outputs[port->port].element : 0;
  return (guint) port->port < item->node->n_inputs ? item->node->inputs[port->port].element : 0;
}

static void
snapshot_loose_wire (GwCanvas    *canvas,
                     GtkSnapshot *snapshot)
{
  GwCanvasDrag *drag = &canvas->drag;
  GwCanvasNodeItem *item = gw_canvas_layout_get_node (canvas->layout, drag->port.node);
  GwCanvasPaint paint = gw_canvas_make_paint (canvas);
  GwCanvasPoint held, loose;
  GwCanvasPath path;
  gboolean refused = FALSE;
  cairo_t *cr;

  if (item == NULL)
    return;
  held = gw_canvas_layout_port (item, drag->port.is_output, drag->port.port);
  gw_canvas_to_canvas (canvas, drag->x, drag->y, &loose.x, &loose.y);
  if (drag->has_snap)
    {
      GwCanvasNodeItem *end = gw_canvas_layout_get_node (canvas->layout, drag->snap.node);

      refused = gw_canvas_wire_drag_verdict (canvas, drag->snap.node, drag->snap.port)[0] != '\0';
      if (end != NULL)
        loose = gw_canvas_layout_port (end, drag->snap.is_output, drag->snap.port);
    }
  if (drag->port.is_output)
    gw_canvas_path_cubic (&path, held.x, held.y, loose.x, loose.y);
  else
    gw_canvas_path_cubic (&path, loose.x, loose.y, held.x, held.y);
  cr = begin_area (snapshot, 0, 0, gtk_widget_get_width (GTK_WIDGET (canvas)),
                   gtk_widget_get_height (GTK_WIDGET (canvas)));
  cairo_translate (cr, gw_canvas_screen_x (canvas, 0), gw_canvas_screen_y (canvas, 0));
  cairo_scale (cr, paint.zoom, paint.zoom);
  gw_canvas_paint_loose_wire (&paint, cr, &path, held_element (canvas), 2, refused);
  cairo_destroy (cr);
}

/* The rule that the wire would break, beside the pointer. */
static void
snapshot_rule (GwCanvas    *canvas,
               GtkSnapshot *snapshot)
{
  GwCanvasDrag *drag = &canvas->drag;
  const char *rule;
  double width, x, y;
  GwCanvasLine line;
  cairo_t *cr;

  if (!drag->has_snap)
    return;
  rule = gw_canvas_wire_drag_verdict (canvas, drag->snap.node, drag->snap.port);
  if (rule[0] == '\0')
    return;
  width = gw_canvas_text_width (canvas->text, GW_CANVAS_FONT_TEXT, rule) + 2 * TIP_PADDING;
  width = MIN (width, gtk_widget_get_width (GTK_WIDGET (canvas)) - 2 * BOX_MARGIN);
  x = MIN (drag->x + TIP_OFFSET,
           gtk_widget_get_width (GTK_WIDGET (canvas)) - width - BOX_MARGIN);
  y = drag->y + TIP_OFFSET;
  if (y + TIP_HEIGHT + BOX_MARGIN > gtk_widget_get_height (GTK_WIDGET (canvas)))
    y = drag->y - TIP_OFFSET - TIP_HEIGHT;
  line = (GwCanvasLine) { .font = GW_CANVAS_FONT_TEXT, .text = rule, .x = x + TIP_PADDING,
                          .baseline = y + 16, .max_width = width - 2 * TIP_PADDING,
                          .color = canvas->theme.problem };
  cr = begin_area (snapshot, x - 2, y - 2, width + 4, TIP_HEIGHT + 4);
  gw_canvas_rounded_rect (cr, x + 0.5, y + 0.5, width - 1, TIP_HEIGHT - 1, 6);
  gw_canvas_set_color (cr, &canvas->theme.problem_ground, 1);
  cairo_fill_preserve (cr);
  gw_canvas_set_color (cr, &canvas->theme.problem, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  gw_canvas_text_draw (canvas->text, cr, &line);
  cairo_destroy (cr);
}

/* ---- the problem box ---- */

static void
snapshot_problem (GwCanvas    *canvas,
                  GtkSnapshot *snapshot)
{
  GwCanvasNodeItem *item = gw_canvas_problem_item (canvas);
  GwCanvasPaint paint = gw_canvas_make_paint (canvas);
  double scale = canvas->font_scale, middle, x, y, room;
  GwCanvasProblemBox box;
  cairo_t *cr;

  canvas->problem_node = 0;
  if (item == NULL || !gw_canvas_problem_measure (canvas->text, item->node, &box))
    return;
  middle = gw_canvas_screen_x (canvas, item->box.x + item->box.width / 2);
  y = gw_canvas_screen_y (canvas, item->box.y + item->box.height
                                  + gw_canvas_shelf_height (item->node, paint.zoom))
      + PROBLEM_GAP;
  room = gtk_widget_get_width (GTK_WIDGET (canvas)) - box.width * scale - BOX_MARGIN;
  x = MAX (MIN (round (middle - box.width * scale / 2), room), BOX_MARGIN);
  if (middle < x + 14)
    x = middle - 14;
  if (middle > x + box.width * scale - 14)
    x = middle - box.width * scale + 14;
  x = round (x);
  canvas->problem_node = item->id;
  canvas->problem_rect = (GwCanvasRect) { x, y, box.width * scale, box.height * scale };
  cr = begin_area (snapshot, x - 2, y - 10, box.width * scale + 4, box.height * scale + 12);
  cairo_translate (cr, x, y);
  cairo_scale (cr, scale, scale);
  paint.zoom = scale;
  gw_canvas_paint_problem (&paint, cr, item->node, &box, (middle - x) / scale, canvas->problem_hot);
  cairo_destroy (cr);
  gw_canvas_problem_clear (&box);
}

int
gw_canvas_problem_hit (GwCanvas *canvas,
                       double    x,
                       double    y)
{
  GwCanvasNodeItem *item;
  GwCanvasProblemBox box;
  int hit = -1;

  if (canvas->problem_node == 0 || canvas->layout == NULL
      || !gw_canvas_rect_contains (&canvas->problem_rect, x, y))
    return -2;
  item = gw_canvas_layout_get_node (canvas->layout, canvas->problem_node);
  if (item == NULL || !gw_canvas_problem_measure (canvas->text, item->node, &box))
    return -2;
  for (guint i = 0; i < box.n_fixes; i++)
    {
      GwCanvasRect fix = box.fixes[i];

      fix.y -= 4;
      fix.height += 8;
      if (gw_canvas_rect_contains (&fix, (x - canvas->problem_rect.x) / canvas->font_scale,
                                   (y - canvas->problem_rect.y) / canvas->font_scale))
        hit = i;
    }
  gw_canvas_problem_clear (&box);
  return hit;
}

void
gw_canvas_snapshot_overlay (GwCanvas    *canvas,
                            GtkSnapshot *snapshot)
{
  switch (canvas->drag.kind)
    {
    case GW_CANVAS_DRAG_BOX:
      snapshot_rubber_band (canvas, snapshot);
      break;
    case GW_CANVAS_DRAG_CUT:
      snapshot_cut (canvas, snapshot);
      break;
    case GW_CANVAS_DRAG_MOVE:
      snapshot_guides (canvas, snapshot);
      break;
    case GW_CANVAS_DRAG_WIRE:
      if (gw_canvas_scale (canvas) >= GW_CANVAS_LOD_PORTS)
        snapshot_candidates (canvas, snapshot);
      snapshot_loose_wire (canvas, snapshot);
      snapshot_rule (canvas, snapshot);
      break;
    default:
      break;
    }
  snapshot_problem (canvas, snapshot);
}
