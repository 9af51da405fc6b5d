/* SPDX-License-Identifier: Apache-2.0 */

/* Pulling a wire from a port: which ports fit, which one it snaps to, and
 * what is asked of the model when it is let go. */

#include "widgets/canvas/canvas-private.h"

#include <math.h>

/* Ports are few: the low bits of a key hold the port. */
static guint64
verdict_key (guint64 node,
             int     port)
{
  return node * 4096 + (guint64) (port + 1);
}

const char *
gw_canvas_wire_drag_verdict (GwCanvas *canvas,
                             guint64   node,
                             int       port)
{
  GwCanvasDrag *drag = &canvas->drag;
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  guint64 key = verdict_key (node, port);
  char *verdict = g_hash_table_lookup (drag->verdicts, &key);

  if (verdict != NULL)
    return verdict;
  if (iface->can_connect == NULL || node == drag->port.node
      || (port < 0) != (drag->port.port < 0))
    verdict = g_strdup (node == drag->port.node ? "A node cannot feed itself"
                                                : "A control port goes to a control port");
  else if (drag->port.is_output)
    verdict = iface->can_connect (canvas->model, drag->port.node, drag->port.port, node, port);
  else
    verdict = iface->can_connect (canvas->model, node, port, drag->port.node, drag->port.port);
  if (verdict == NULL)
    verdict = g_strdup ("");
  g_hash_table_insert (drag->verdicts, g_memdup2 (&key, sizeof key), verdict);
  return verdict;
}

/* An input's wire is taken off it: its source is what is held then. */
static void
take_wire_off (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;
  GwCanvasNodeItem *item = gw_canvas_layout_get_node (canvas->layout, drag->port.node);

  if (drag->port.is_output || item == NULL)
    return;
  for (guint i = 0; i < item->wires->len; i++)
    {
      GwCanvasWireItem *wire = g_ptr_array_index (item->wires, i);

      if (wire->to != item || wire->from == NULL || wire->wire->to_port != drag->port.port)
        continue;
      drag->old_wire = wire->id;
      drag->port = (GwCanvasPort) { wire->wire->from, wire->wire->from_port, TRUE };
      return;
    }
}

void
gw_canvas_wire_drag_begin (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;

  drag->kind = GW_CANVAS_DRAG_WIRE;
  drag->port = (GwCanvasPort) { drag->hit.id, drag->hit.port, drag->hit.is_output };
  drag->old_wire = 0;
  drag->verdicts = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  take_wire_off (canvas);
}

typedef struct
{
  double x, y, nearest;
  GwCanvasDrag *drag;
} SnapSearch;

static void
try_snap (SnapSearch       *search,
          GwCanvasNodeItem *item,
          int               port)
{
  gboolean is_output = !search->drag->port.is_output;
  GwCanvasPoint at = gw_canvas_layout_port (item, is_output, port);
  double distance = hypot (at.x - search->x, at.y - search->y);

  if (distance > search->nearest)
    return;
  search->nearest = distance;
  search->drag->has_snap = TRUE;
  search->drag->snap = (GwCanvasPort) { item->id, port, is_output };
}

/* The nearest port of the other side within reach; one that fits wins over a
 * nearer one that does not, so that rows of 20 px do not fight. */
void
gw_canvas_wire_drag_update (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;
  double reach = GW_CANVAS_SNAP / gw_canvas_scale (canvas);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  SnapSearch search = { 0, 0, reach, drag };
  GwCanvasRect around;

  drag->has_snap = FALSE;
  gw_canvas_to_canvas (canvas, drag->x, drag->y, &search.x, &search.y);
  around = (GwCanvasRect) { search.x - reach, search.y - reach, 2 * reach, 2 * reach };
  gw_canvas_layout_find_nodes (canvas->layout, &around, nodes);
  for (guint i = 0; i < nodes->len; i++)
    {
      GwCanvasNodeItem *item = g_ptr_array_index (nodes, i);
      guint n = drag->port.is_output ? item->node->n_inputs : item->node->n_outputs;

      if (item->id == drag->port.node)
        continue;
      if (drag->port.port < 0)
        try_snap (&search, item, GW_SCENE_CONTROL_PORT);
      for (guint port = 0; drag->port.port >= 0 && port < n; port++)
        try_snap (&search, item, port);
    }
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

static gboolean
same_port_as_before (GwCanvas *canvas)
{
  GwCanvasWireItem *wire = gw_canvas_layout_get_wire (canvas->layout, canvas->drag.old_wire);

  return wire != NULL && canvas->drag.has_snap && wire->wire->to == canvas->drag.snap.node
         && wire->wire->to_port == canvas->drag.snap.port;
}

static void
connect_ends (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  GwCanvasPort from = drag->port.is_output ? drag->port : drag->snap;
  GwCanvasPort to = drag->port.is_output ? drag->snap : drag->port;

  if (iface->begin_edit != NULL)
    iface->begin_edit (canvas->model, drag->old_wire != 0 ? "Move wire" : "Connect");
  if (drag->old_wire != 0 && iface->disconnect != NULL)
    iface->disconnect (canvas->model, drag->old_wire);
  if (iface->connect != NULL)
    iface->connect (canvas->model, from.node, from.port, to.node, to.port);
  if (iface->end_edit != NULL)
    iface->end_edit (canvas->model);
}

/* Let go on a node that is no port, for a wire taken off, disconnects too. */
void
gw_canvas_wire_drag_end (GwCanvas *canvas)
{
  GwCanvasDrag *drag = &canvas->drag;
  GwCanvasModelInterface *iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  GwCanvasHit hit;
  double x, y;

  gw_canvas_to_canvas (canvas, drag->x, drag->y, &x, &y);
  if (drag->has_snap)
    {
      const char *verdict = gw_canvas_wire_drag_verdict (canvas, drag->snap.node, drag->snap.port);

      if (!same_port_as_before (canvas) && verdict[0] == '\0')
        connect_ends (canvas);
      return;
    }
  if (drag->old_wire != 0)
    {
      if (iface->disconnect != NULL)
        iface->disconnect (canvas->model, drag->old_wire);
      return;
    }
  gw_canvas_hit_test (canvas->layout, x, y, gw_canvas_scale (canvas), FALSE, &hit);
  if ((hit.kind == GW_CANVAS_HIT_NONE || hit.kind == GW_CANVAS_HIT_WIRE
       || hit.kind == GW_CANVAS_HIT_FRAME)
      && iface->request_search != NULL)
    iface->request_search (canvas->model, x, y, &drag->port, "");
}
