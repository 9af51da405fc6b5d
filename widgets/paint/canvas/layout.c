/* SPDX-License-Identifier: Apache-2.0 */

/* Keeps boxes in step with the scene and answers what lies where.  A moved box
 * takes its wires along, see layout-route.c. */

#include "widgets/paint/canvas/layout-private.h"

#include <math.h>

#define NODE_SIDE 14.0          /* halo, ports, stack edges around a box */
#define NODE_ABOVE 26.0         /* "running now" */
#define NODE_BELOW 90.0         /* shelf with histogram */

static void
drop_picture (GwCanvasLayout   *layout,
              GwCanvasNodeItem *item)
{
  if (item->picture != NULL && layout->free_picture != NULL)
    layout->free_picture (item->picture);
  item->picture = NULL;
}

static void
free_node_items (GwCanvasLayout *layout)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, layout->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GwCanvasNodeItem *item = value;

      drop_picture (layout, item);
      g_ptr_array_unref (item->wires);
      g_free (item);
      g_hash_table_iter_remove (&iter);
    }
}

GwCanvasLayout *
gw_canvas_layout_new (const GwScene *scene,
                      GwCanvasText  *text)
{
  GwCanvasLayout *layout = g_new0 (GwCanvasLayout, 1);

  layout->scene = scene;
  layout->text = text;
  layout->nodes = g_hash_table_new (g_int64_hash, g_int64_equal);
  layout->wires = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  layout->loose = g_hash_table_new (NULL, NULL);
  layout->frames = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  layout->node_grid = gw_canvas_grid_new ();
  layout->wire_grid = gw_canvas_grid_new ();
  layout->dirty = g_ptr_array_new ();
  layout->relabel = g_ptr_array_new ();
  layout->moved = g_array_new (FALSE, FALSE, sizeof (GwCanvasRect));
  gw_canvas_layout_reset (layout);
  return layout;
}

void
gw_canvas_layout_free (GwCanvasLayout *layout)
{
  if (layout == NULL)
    return;
  free_node_items (layout);
  g_hash_table_unref (layout->nodes);
  g_hash_table_unref (layout->wires);
  g_hash_table_unref (layout->loose);
  g_hash_table_unref (layout->frames);
  gw_canvas_grid_free (layout->node_grid);
  gw_canvas_grid_free (layout->wire_grid);
  g_ptr_array_unref (layout->dirty);
  g_ptr_array_unref (layout->relabel);
  g_array_unref (layout->moved);
  g_free (layout);
}

void
gw_canvas_layout_set_hooks (GwCanvasLayout    *layout,
                            GwCanvasDamageFunc damage,
                            gpointer           data,
                            GDestroyNotify     free_picture)
{
  layout->damage = damage;
  layout->damage_data = data;
  layout->free_picture = free_picture;
}

const GwScene *
gw_canvas_layout_scene (GwCanvasLayout *layout)
{
  return layout->scene;
}

GwCanvasText *
gw_canvas_layout_text (GwCanvasLayout *layout)
{
  return layout->text;
}

GwCanvasNodeItem *
gw_canvas_layout_get_node (GwCanvasLayout *layout,
                           guint64         id)
{
  return g_hash_table_lookup (layout->nodes, &id);
}

GwCanvasWireItem *
gw_canvas_layout_get_wire (GwCanvasLayout *layout,
                           guint64         id)
{
  return g_hash_table_lookup (layout->wires, &id);
}

GwCanvasPoint
gw_canvas_layout_port (const GwCanvasNodeItem *item,
                       gboolean                is_output,
                       int                     port)
{
  GwCanvasPoint point;

  gw_canvas_port_position (item->node, &item->metrics, is_output, port, &point.x, &point.y);
  point.x += item->box.x;
  point.y += item->box.y;
  return point;
}

GwCanvasRect
gw_canvas_frame_rect (const GwSceneFrame *frame)
{
  return (GwCanvasRect) { frame->x, frame->y, frame->width, frame->height };
}

/* ---- nodes and frames ---- */

static void
place_node (GwCanvasLayout   *layout,
            GwCanvasNodeItem *item)
{
  GwCanvasRect around;

  item->box = (GwCanvasRect) { item->node->x, item->node->y, item->metrics.width,
                               item->metrics.height };
  around = (GwCanvasRect) { item->box.x - NODE_SIDE, item->box.y - NODE_ABOVE,
                            item->box.width + 2 * NODE_SIDE,
                            item->box.height + NODE_ABOVE + NODE_BELOW };
  gw_canvas_grid_insert (layout->node_grid, &item->entry, &around);
  gw_layout_report (layout, GW_CANVAS_DAMAGE_NODE, item->id, &item->entry.rect);
  g_array_append_val (layout->moved, item->box);
  if (layout->has_bounds)
    gw_canvas_rect_union (&layout->bounds, &item->box);
}

/* The bounds stand while what leaves a place did not make them. */
static void
leave_place (GwCanvasLayout     *layout,
             const GwCanvasRect *rect)
{
  const GwCanvasRect *bounds = &layout->bounds;

  if (rect->x <= bounds->x || rect->y <= bounds->y
      || rect->x + rect->width >= bounds->x + bounds->width
      || rect->y + rect->height >= bounds->y + bounds->height)
    layout->has_bounds = FALSE;
}

static void
remove_node (GwCanvasLayout   *layout,
             GwCanvasNodeItem *item)
{
  for (guint i = 0; i < item->wires->len; i++)
    {
      GwCanvasWireItem *wire = g_ptr_array_index (item->wires, i);

      if (wire->from == item)
        wire->from = NULL;
      if (wire->to == item)
        wire->to = NULL;
      g_hash_table_add (layout->loose, wire);
      gw_layout_mark_dirty (layout, wire);
    }
  gw_canvas_grid_remove (layout->node_grid, &item->entry);
  g_hash_table_remove (layout->nodes, &item->id);
  drop_picture (layout, item);
  g_ptr_array_unref (item->wires);
  g_free (item);
}

static void
update_node (GwCanvasLayout    *layout,
             guint64            id,
             const GwSceneNode *node)
{
  GwCanvasNodeItem *item = gw_canvas_layout_get_node (layout, id);
  gboolean is_new = item == NULL;

  if (!is_new)
    {
      gw_layout_report (layout, GW_CANVAS_DAMAGE_NODE, item->id, &item->entry.rect);
      g_array_append_val (layout->moved, item->box);
      leave_place (layout, &item->box);
      if (node == NULL)
        {
          remove_node (layout, item);
          return;
        }
    }
  if (node == NULL)
    return;
  if (is_new)
    {
      item = g_new0 (GwCanvasNodeItem, 1);
      item->id = id;
      item->wires = g_ptr_array_new ();
      item->order = layout->next_order++;
      g_hash_table_insert (layout->nodes, &item->id, item);
    }
  item->node = node;
  if (is_new || !layout->only_moved)
    {
      drop_picture (layout, item);
      gw_canvas_measure_node (layout->text, node, &item->metrics);
    }
  place_node (layout, item);
  for (guint i = 0; i < item->wires->len; i++)
    gw_layout_mark_dirty (layout, g_ptr_array_index (item->wires, i));
}

static void
update_frame (GwCanvasLayout     *layout,
              guint64             id,
              const GwSceneFrame *frame)
{
  GwCanvasRect *old = g_hash_table_lookup (layout->frames, &id);
  GwCanvasRect rect;

  layout->has_bounds = FALSE;
  if (old != NULL)
    gw_layout_report (layout, GW_CANVAS_DAMAGE_FRAME, id, old);
  if (frame == NULL)
    {
      g_hash_table_remove (layout->frames, &id);
      return;
    }
  rect = gw_canvas_frame_rect (frame);
  rect.x -= 4;
  rect.y -= 4;
  rect.width += 8;
  rect.height += 8;
  gw_layout_report (layout, GW_CANVAS_DAMAGE_FRAME, id, &rect);
  g_hash_table_replace (layout->frames, g_memdup2 (&id, sizeof id),
                        g_memdup2 (&rect, sizeof rect));
}

/* ---- updates ---- */

void
gw_canvas_layout_update (GwCanvasLayout *layout,
                         const guint64  *ids,
                         gsize           n_ids)
{
  guint before = layout->next_order;

  layout->mark++;
  for (gsize i = 0; i < n_ids; i++)
    {
      guint64 id = ids[i];
      const GwSceneNode *node = gw_scene_get_node (layout->scene, id);

      if (node != NULL || gw_canvas_layout_get_node (layout, id) != NULL)
        update_node (layout, id, node);
    }
  for (gsize i = 0; i < n_ids; i++)
    {
      const GwSceneFrame *frame = gw_scene_get_frame (layout->scene, ids[i]);
      const GwSceneWire *wire = gw_scene_get_wire (layout->scene, ids[i]);

      if (frame != NULL || g_hash_table_contains (layout->frames, &ids[i]))
        update_frame (layout, ids[i], frame);
      if (wire != NULL || gw_canvas_layout_get_wire (layout, ids[i]) != NULL)
        gw_layout_update_wire (layout, ids[i], wire);
    }
  if (layout->next_order > before)
    gw_layout_adopt_wires (layout);
  gw_layout_finish (layout);
}

void
gw_canvas_layout_move (GwCanvasLayout *layout,
                       const guint64  *ids,
                       gsize           n_ids)
{
  layout->only_moved = TRUE;
  gw_canvas_layout_update (layout, ids, n_ids);
  layout->only_moved = FALSE;
}

void
gw_canvas_layout_reset (GwCanvasLayout *layout)
{
  const GPtrArray *nodes = gw_scene_nodes (layout->scene);
  const GPtrArray *wires = gw_scene_wires (layout->scene);
  const GPtrArray *frames = gw_scene_frames (layout->scene);

  gw_canvas_grid_clear (layout->wire_grid);
  gw_canvas_grid_clear (layout->node_grid);
  g_hash_table_remove_all (layout->loose);
  g_hash_table_remove_all (layout->wires);
  g_hash_table_remove_all (layout->frames);
  g_ptr_array_set_size (layout->dirty, 0);
  free_node_items (layout);
  layout->has_bounds = FALSE;
  layout->mark++;
  layout->next_order = 0;
  for (guint i = 0; i < nodes->len; i++)
    {
      const GwSceneNode *node = g_ptr_array_index (nodes, i);

      update_node (layout, node->id, node);
    }
  for (guint i = 0; i < frames->len; i++)
    {
      const GwSceneFrame *frame = g_ptr_array_index (frames, i);

      update_frame (layout, frame->id, frame);
    }
  for (guint i = 0; i < wires->len; i++)
    {
      const GwSceneWire *wire = g_ptr_array_index (wires, i);

      gw_layout_update_wire (layout, wire->id, wire);
    }
  g_array_set_size (layout->moved, 0);
  gw_layout_finish (layout);
}

void
gw_canvas_layout_set_square_wires (GwCanvasLayout *layout,
                                   gboolean        square)
{
  GHashTableIter iter;
  gpointer wire;

  if (layout->square == square)
    return;
  layout->square = square;
  layout->mark++;
  g_hash_table_iter_init (&iter, layout->wires);
  while (g_hash_table_iter_next (&iter, NULL, &wire))
    gw_layout_mark_dirty (layout, wire);
  gw_layout_finish (layout);
}

/* ---- queries ---- */

static int
compare_node_order (gconstpointer a,
                    gconstpointer b)
{
  const GwCanvasNodeItem *first = *(gpointer *) a, *second = *(gpointer *) b;

  return (first->order > second->order) - (first->order < second->order);
}

static int
compare_wire_order (gconstpointer a,
                    gconstpointer b)
{
  const GwCanvasWireItem *first = *(gpointer *) a, *second = *(gpointer *) b;

  return (first->id > second->id) - (first->id < second->id);
}

void
gw_canvas_layout_find_nodes (GwCanvasLayout     *layout,
                             const GwCanvasRect *rect,
                             GPtrArray          *found)
{
  gw_canvas_grid_find (layout->node_grid, rect, found);
  g_ptr_array_sort (found, compare_node_order);
}

void
gw_canvas_layout_find_wires (GwCanvasLayout     *layout,
                             const GwCanvasRect *rect,
                             GPtrArray          *found)
{
  gw_canvas_grid_find (layout->wire_grid, rect, found);
  g_ptr_array_sort (found, compare_wire_order);
}

static void
grow (GwCanvasRect       *rect,
      const GwCanvasRect *other,
      gboolean           *any)
{
  if (*any)
    gw_canvas_rect_union (rect, other);
  else
    *rect = *other;
  *any = TRUE;
}

gboolean
gw_canvas_layout_bounds (GwCanvasLayout *layout,
                         GwCanvasRect   *rect)
{
  GHashTableIter iter;
  gpointer value;
  gboolean any = layout->has_bounds;

  if (!layout->has_bounds)
    {
      g_hash_table_iter_init (&iter, layout->nodes);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        grow (&layout->bounds, &((GwCanvasNodeItem *) value)->box, &any);
      g_hash_table_iter_init (&iter, layout->frames);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        grow (&layout->bounds, value, &any);
    }
  layout->has_bounds = any;
  if (any)
    *rect = layout->bounds;
  return any;
}

gboolean
gw_canvas_layout_bounds_of (GwCanvasLayout *layout,
                            const guint64  *ids,
                            gsize           n_ids,
                            GwCanvasRect   *rect)
{
  gboolean any = FALSE;

  for (gsize i = 0; i < n_ids; i++)
    {
      GwCanvasNodeItem *node = gw_canvas_layout_get_node (layout, ids[i]);
      GwCanvasWireItem *wire = gw_canvas_layout_get_wire (layout, ids[i]);
      GwCanvasRect *frame = g_hash_table_lookup (layout->frames, &ids[i]);

      if (node != NULL)
        grow (rect, &node->box, &any);
      if (frame != NULL)
        grow (rect, frame, &any);
      if (wire != NULL && wire->from != NULL && wire->to != NULL)
        {
          grow (rect, &wire->from->box, &any);
          grow (rect, &wire->to->box, &any);
        }
    }
  return any;
}
