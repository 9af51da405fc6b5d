/* SPDX-License-Identifier: Apache-2.0 */

/* A wire without the pointer: from a port of the focused node to one of the
 * ports in sight that fit, the nearest first.  It is a drag of a wire whose
 * loose end the keys put. */

#include "widgets/canvas/canvas-private.h"

#include <math.h>

/* A port that fits, and how far it is from the one that is held. */
typedef struct
{
  GwCanvasPort port;
  double distance;
} Candidate;

static int
compare_candidates (gconstpointer a,
                    gconstpointer b)
{
  const Candidate *first = a, *second = b;

  if (first->distance != second->distance)
    return first->distance > second->distance ? 1 : -1;
  if (first->port.node != second->port.node)
    return first->port.node > second->port.node ? 1 : -1;
  return first->port.port - second->port.port;
}

/* The n-th port of a node, outputs first; FALSE when it has not as many. */
static gboolean
nth_port (const GwSceneNode *node,
          guint              n,
          GwCanvasPort      *port)
{
  gboolean is_output = n < node->n_outputs;
  guint place = is_output ? n : n - node->n_outputs;

  *port = (GwCanvasPort) { node->id, (int) place, is_output };
  return is_output || place < node->n_inputs;
}

static void
add_ports (GwCanvas         *canvas,
           GwCanvasNodeItem *item,
           GwCanvasPoint     from,
           GArray           *found)
{
  gboolean is_output = !canvas->drag.port.is_output;
  guint n = is_output ? item->node->n_outputs : item->node->n_inputs;

  for (guint i = 0; i < n; i++)
    {
      GwCanvasPoint at = gw_canvas_layout_port (item, is_output, (int) i);
      Candidate candidate = { { item->id, (int) i, is_output },
                              hypot (at.x - from.x, at.y - from.y) };

      if (gw_canvas_wire_drag_verdict (canvas, item->id, (int) i)[0] == '\0')
        g_array_append_val (found, candidate);
    }
}

static GArray *
find_candidates (GwCanvas         *canvas,
                 GwCanvasNodeItem *held)
{
  GwCanvasPort *port = &canvas->drag.port;
  GwCanvasPoint from = gw_canvas_layout_port (held, port->is_output, port->port);
  GwCanvasRect view = gw_canvas_visible_rect (canvas);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Candidate));
  GArray *candidates = g_array_new (FALSE, FALSE, sizeof (GwCanvasPort));

  gw_canvas_layout_find_nodes (canvas->layout, &view, nodes);
  for (guint i = 0; i < nodes->len; i++)
    if (g_ptr_array_index (nodes, i) != held)
      add_ports (canvas, g_ptr_array_index (nodes, i), from, found);
  g_array_sort (found, compare_candidates);
  for (guint i = 0; i < found->len; i++)
    g_array_append_val (candidates, g_array_index (found, Candidate, i).port);
  return candidates;
}

/* Puts the loose end to the present candidate; with none it hangs beside the
 * port, and letting it go asks for an op. */
static void
show_candidate (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;
  GwCanvasNodeItem *item;
  GwCanvasPoint at;

  drag->has_snap = drag->candidates->len > 0;
  if (drag->has_snap)
    drag->snap = g_array_index (drag->candidates, GwCanvasPort, drag->candidate);
  item = gw_canvas_layout_get_node (canvas->layout,
                                    drag->has_snap ? drag->snap.node : drag->port.node);
  if (item == NULL)
    return;
  at = drag->has_snap
           ? gw_canvas_layout_port (item, drag->snap.is_output, drag->snap.port)
           : gw_canvas_layout_port (item, drag->port.is_output, drag->port.port);
  if (!drag->has_snap)
    at.x += drag->port.is_output ? 60 : -60;
  gw_canvas_to_widget (canvas, at.x, at.y, &drag->x, &drag->y);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

/* The node that has the focus, else a selected one. */
static GwCanvasNodeItem *
start_node (GwCanvas *canvas)
{
  GwCanvasNodeItem *item = gw_canvas_layout_get_node (canvas->layout, canvas->focus);
  g_autoptr (GArray) selected = gw_canvas_get_selection (canvas);

  for (guint i = 0; item == NULL && i < selected->len; i++)
    item = gw_canvas_layout_get_node (canvas->layout, g_array_index (selected, guint64, i));
  return item;
}

gboolean
gw_canvas_wire_keys_begin (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;
  GwCanvasNodeItem *item;
  GwCanvasPort port;
  guint next = 0;

  if (canvas->layout == NULL)
    return FALSE;
  if (drag->kind != GW_CANVAS_DRAG_NONE && drag->candidates == NULL)
    return FALSE;
  item = drag->candidates != NULL ? gw_canvas_layout_get_node (canvas->layout, drag->hit.id)
                                  : start_node (canvas);
  if (item == NULL)
    return FALSE;
  if (drag->candidates != NULL)
    next = (guint) drag->hit.port + (drag->hit.is_output ? 0 : item->node->n_outputs) + 1;
  if (!nth_port (item->node, next, &port) && !nth_port (item->node, 0, &port))
    return FALSE;
  gw_canvas_drag_start (canvas, GW_CANVAS_DRAG_WIRE, 0, 0, 0);
  drag->hit = (GwCanvasHit) { GW_CANVAS_HIT_PORT, item->id, port.port, port.is_output };
  gw_canvas_wire_drag_begin (canvas);
  item = gw_canvas_layout_get_node (canvas->layout, drag->port.node);
  drag->candidates = find_candidates (canvas, item);
  show_candidate (canvas);
  return TRUE;
}

void
gw_canvas_wire_keys_step (GwCanvas *canvas,
                          int       step)
{
  GwCanvasDrag *drag = &canvas->drag;
  guint n = drag->candidates->len;

  if (n > 0)
    drag->candidate = (drag->candidate + n + (step > 0 ? 1 : n - 1)) % n;
  show_candidate (canvas);
}
