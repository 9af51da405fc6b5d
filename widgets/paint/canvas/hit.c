/* SPDX-License-Identifier: Apache-2.0 */

/* Ports before boxes, boxes before wires, wires before frames; of several
 * boxes the topmost, of several ports or wires the nearest. */

#include "widgets/paint/canvas/hit.h"

#include "widgets/paint/canvas/lod.h"

#include <math.h>

#define NAME_LEFT 34.0
#define NAME_BOTTOM 22.0
#define FRAME_EDGE 6.0

typedef struct
{
  double x, y;                  /* from the node's corner */
  double nearest;
  GwCanvasHit *hit;
} PortSearch;

static void
try_port (PortSearch             *search,
          const GwCanvasNodeItem *item,
          gboolean                is_output,
          int                     port)
{
  double x, y, distance;

  gw_canvas_port_position (item->node, &item->metrics, is_output, port, &x, &y);
  distance = hypot (x - search->x, y - search->y);
  if (distance > search->nearest)
    return;
  search->nearest = distance;
  *search->hit = (GwCanvasHit) { GW_CANVAS_HIT_PORT, item->id, port, is_output };
}

static gboolean
hit_ports (const GwCanvasNodeItem *item,
           double                  x,
           double                  y,
           double                  zoom,
           gboolean                control_ports,
           GwCanvasHit            *hit)
{
  const GwSceneNode *node = item->node;
  PortSearch search = { x, y, GW_CANVAS_PORT_HIT / zoom, hit };
  double start = search.nearest;

  for (guint i = 0; i < node->n_inputs; i++)
    if (!node->inputs[i].hidden)
      try_port (&search, item, FALSE, i);
  for (guint i = 0; i < node->n_outputs; i++)
    if (!node->outputs[i].hidden)
      try_port (&search, item, TRUE, i);
  if (node->flags & GW_SCENE_NODE_REROUTE)
    return FALSE;
  if (control_ports || (node->flags & GW_SCENE_NODE_CONTROL_IN))
    try_port (&search, item, FALSE, GW_SCENE_CONTROL_PORT);
  if (control_ports || (node->flags & GW_SCENE_NODE_CONTROL_OUT))
    try_port (&search, item, TRUE, GW_SCENE_CONTROL_PORT);
  return search.nearest < start;
}

static gboolean
hit_literal (GwCanvasLayout         *layout,
             const GwCanvasNodeItem *item,
             double                  x,
             double                  y,
             GwCanvasHit            *hit)
{
  GwCanvasRect rect;

  for (guint i = 0; i < item->node->n_inputs; i++)
    if (gw_canvas_literal_rect (gw_canvas_layout_text (layout), item->node, &item->metrics, i,
                                &rect)
        && gw_canvas_rect_contains (&rect, x, y))
      {
        *hit = (GwCanvasHit) { GW_CANVAS_HIT_LITERAL, item->id, i, FALSE };
        return TRUE;
      }
  return FALSE;
}

static gboolean
hit_node (GwCanvasLayout         *layout,
          const GwCanvasNodeItem *item,
          double                  x,
          double                  y,
          double                  zoom,
          gboolean                control_ports,
          GwCanvasHit            *hit)
{
  GwCanvasRect box = item->box;
  double dx = x - box.x, dy = y - box.y;
  gboolean reroute = (item->node->flags & GW_SCENE_NODE_REROUTE) != 0;

  if (reroute)
    {
      box.x -= 3;
      box.y -= 3;
      box.width += 6;
      box.height += 6;
    }
  if (reroute && gw_canvas_rect_contains (&box, x, y))
    {
      *hit = (GwCanvasHit) { GW_CANVAS_HIT_NODE, item->id, 0, FALSE };
      return TRUE;
    }
  if (zoom >= GW_CANVAS_LOD_PORTS)
    {
      if (gw_canvas_rect_contains (&box, x, y) && hit_literal (layout, item, dx, dy, hit))
        return TRUE;
      if (hit_ports (item, dx, dy, zoom, control_ports, hit))
        return TRUE;
    }
  if (!gw_canvas_rect_contains (&box, x, y))
    return FALSE;
  *hit = (GwCanvasHit) { dx >= NAME_LEFT && dy < NAME_BOTTOM ? GW_CANVAS_HIT_NAME
                                                                         : GW_CANVAS_HIT_NODE,
                         item->id, 0, FALSE };
  return TRUE;
}

GwCanvasWireItem *
gw_canvas_hit_wire (GwCanvasLayout *layout,
                    double          x,
                    double          y,
                    double          reach)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  GwCanvasRect around = { x - 1, y - 1, 2, 2 };
  GwCanvasWireItem *nearest = NULL;

  around.x -= reach;
  around.y -= reach;
  around.width += 2 * reach;
  around.height += 2 * reach;
  gw_canvas_layout_find_wires (layout, &around, found);
  for (guint i = 0; i < found->len; i++)
    {
      GwCanvasWireItem *item = g_ptr_array_index (found, i);
      double distance = gw_canvas_path_distance (&item->path, x, y) - item->width / 2;

      if (distance <= reach)
        {
          reach = distance;
          nearest = item;
        }
    }
  return nearest;
}

static gboolean
hit_frame (GwCanvasLayout *layout,
           double          x,
           double          y,
           double          zoom,
           GwCanvasHit    *hit)
{
  const GPtrArray *frames = gw_scene_frames (gw_canvas_layout_scene (layout));
  double edge = FRAME_EDGE / MIN (zoom, 1);

  for (guint i = frames->len; i > 0; i--)
    {
      const GwSceneFrame *frame = g_ptr_array_index (frames, i - 1);
      GwCanvasRect rect = gw_canvas_frame_rect (frame);
      gboolean inner;

      if (!gw_canvas_rect_contains (&rect, x, y))
        continue;
      inner = y >= rect.y + GW_CANVAS_TITLE_BAR / MIN (zoom, 1) && x >= rect.x + edge
              && x < rect.x + rect.width - edge && y < rect.y + rect.height - edge;
      if (inner && frame->kind != GW_SCENE_FRAME_NOTE)
        continue;
      *hit = (GwCanvasHit) { GW_CANVAS_HIT_FRAME, frame->id, 0, FALSE };
      return TRUE;
    }
  return FALSE;
}

gboolean
gw_canvas_hit_test (GwCanvasLayout *layout,
                    double          x,
                    double          y,
                    double          zoom,
                    gboolean        control_ports,
                    GwCanvasHit    *hit)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  double reach = GW_CANVAS_PORT_HIT / zoom;
  GwCanvasRect around = { x - reach, y - reach, 2 * reach, 2 * reach };
  GwCanvasWireItem *wire;

  *hit = (GwCanvasHit) { GW_CANVAS_HIT_NONE };
  gw_canvas_layout_find_nodes (layout, &around, found);
  for (guint i = found->len; i > 0; i--)
    if (hit_node (layout, g_ptr_array_index (found, i - 1), x, y, zoom, control_ports, hit))
      return TRUE;
  wire = gw_canvas_hit_wire (layout, x, y, GW_CANVAS_WIRE_HIT / zoom);
  if (wire != NULL)
    {
      *hit = (GwCanvasHit) { GW_CANVAS_HIT_WIRE, wire->id, 0, FALSE };
      return TRUE;
    }
  return hit_frame (layout, x, y, zoom, hit);
}
