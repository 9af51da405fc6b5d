/* SPDX-License-Identifier: Apache-2.0 */

/* Keeps boxes and wires in step with the scene.  A moved box takes its wires
 * along; a wire that goes back chooses its channel anew when a box comes or
 * goes where it runs. */

#include "widgets/paint/canvas/layout.h"

#include <math.h>

#define NODE_SIDE 14.0          /* halo, ports, stack edges around a box */
#define NODE_ABOVE 26.0         /* "running now" */
#define NODE_BELOW 90.0         /* shelf with histogram */
#define WIRE_AROUND 16.0        /* glow and width */
#define PILL_WIDTH 44.0         /* half of a wire's text, at most */
#define PILL_HEIGHT 10.0
#define FLAG_SIDE 150.0         /* half of a breakpoint's condition, at its smallest zoom */
#define FLAG_ABOVE 130.0
#define CHANNEL_SIDE 6.0        /* boxes this near to the channel's ends count */
#define MANY 64                 /* moved boxes from which all ways are redone */

struct _GwCanvasLayout
{
  const GwScene *scene;
  GwCanvasText *text;
  GHashTable *nodes;            /* id → GwCanvasNodeItem */
  GHashTable *wires;            /* id → GwCanvasWireItem */
  GHashTable *loose;            /* set of GwCanvasWireItem: an end is missing */
  GHashTable *frames;           /* id → GwCanvasRect, as last seen */
  GwCanvasGrid *node_grid, *wire_grid;
  GPtrArray *dirty;             /* wires to route in this update */
  GPtrArray *relabel;           /* nodes that lost a wire in this update */
  GArray *moved;                /* GwCanvasRect: where boxes were and are */
  gboolean only_moved;          /* in this update */
  gboolean square;              /* forward wires have right angles */
  gboolean has_bounds;          /* bounds is right */
  GwCanvasRect bounds;
  guint mark;
  guint next_order;
  GwCanvasDamageFunc damage;
  gpointer damage_data;
  GDestroyNotify free_picture;
};

static void
report_damage (GwCanvasLayout     *layout,
               GwCanvasDamageKind  kind,
               guint64             id,
               const GwCanvasRect *rect)
{
  if (layout->damage != NULL && (rect->width > 0 || rect->height > 0))
    layout->damage (kind, id, rect, layout->damage_data);
}

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
gw_canvas_layout_set_hooks (GwCanvasLayout     *layout,
                            GwCanvasDamageFunc  damage,
                            gpointer            data,
                            GDestroyNotify      free_picture)
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

/* ---- wires ---- */

static void
mark_dirty (GwCanvasLayout   *layout,
            GwCanvasWireItem *item)
{
  if (item->mark == layout->mark)
    return;
  item->mark = layout->mark;
  g_ptr_array_add (layout->dirty, item);
}

static double
choose_channel (GwCanvasLayout *layout,
                GwCanvasPoint   from,
                GwCanvasPoint   to)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  g_autofree GwCanvasRect *boxes = NULL;
  GwCanvasRect area = { to.x - GW_CANVAS_BACK - CHANNEL_SIDE, MIN (from.y, to.y) - 400,
                        from.x - to.x + GW_CANVAS_BACK + GW_CANVAS_OUT + 2 * CHANNEL_SIDE,
                        fabs (from.y - to.y) + 800 };

  gw_canvas_grid_find (layout->node_grid, &area, found);
  boxes = g_new (GwCanvasRect, MAX (found->len, 1));
  for (guint i = 0; i < found->len; i++)
    {
      GwCanvasNodeItem *item = g_ptr_array_index (found, i);

      boxes[i] = item->box;
      boxes[i].height += gw_canvas_shelf_height (item->node, 1);
    }
  return gw_canvas_find_channel (from.y, to.y, boxes, found->len);
}

static guint64
parent_scope (GwCanvasLayout *layout,
              guint64         scope)
{
  const GwSceneFrame *frame = gw_scene_get_frame (layout->scene, scope);

  return frame != NULL ? frame->parent : 0;
}

/* The innermost scope around both nodes. */
static guint64
common_scope (GwCanvasLayout    *layout,
              const GwSceneNode *a,
              const GwSceneNode *b)
{
  int depth = 0;

  for (guint64 i = a->scope; i != 0 && depth < 64; i = parent_scope (layout, i), depth++)
    {
      int inner = 0;

      for (guint64 j = b->scope; j != 0 && inner < 64; j = parent_scope (layout, j), inner++)
        if (i == j)
          return i;
    }
  return 0;
}

static void
place_wire (GwCanvasLayout   *layout,
            GwCanvasWireItem *item)
{
  GwCanvasRect rect = gw_canvas_path_bounds (&item->path);
  double around = WIRE_AROUND + item->width / 2;

  rect.x -= around;
  rect.y -= around;
  rect.width += 2 * around;
  rect.height += 2 * around;
  if (item->labelled || item->wire->conflict != NULL)
    {
      GwCanvasRect pill = { item->middle.x - PILL_WIDTH, item->middle.y - PILL_HEIGHT,
                            2 * PILL_WIDTH, 2 * PILL_HEIGHT };
      gw_canvas_rect_union (&rect, &pill);
    }
  if (item->wire->condition != NULL)
    {
      GwCanvasRect flag = { item->middle.x - FLAG_SIDE, item->middle.y - FLAG_ABOVE,
                            2 * FLAG_SIDE, FLAG_ABOVE };
      gw_canvas_rect_union (&rect, &flag);
    }
  gw_canvas_grid_insert (layout->wire_grid, &item->entry, &rect);
}

static void
route_wire (GwCanvasLayout   *layout,
            GwCanvasWireItem *item)
{
  GwCanvasPoint from, to;

  if (item->entry.inserted)
    report_damage (layout, GW_CANVAS_DAMAGE_WIRE, item->id, &item->entry.rect);
  if (item->from == NULL || item->to == NULL)
    {
      gw_canvas_grid_remove (layout->wire_grid, &item->entry);
      return;
    }
  from = gw_canvas_layout_port (item->from, TRUE, item->wire->from_port);
  to = gw_canvas_layout_port (item->to, FALSE, item->wire->to_port);
  if (gw_canvas_path_is_forward (from.x, to.x) && layout->square)
    gw_canvas_path_square (&item->path, from.x, from.y, to.x, to.y);
  else if (gw_canvas_path_is_forward (from.x, to.x))
    gw_canvas_path_cubic (&item->path, from.x, from.y, to.x, to.y);
  else
    gw_canvas_path_way (&item->path, from.x, from.y, to.x, to.y,
                        choose_channel (layout, from, to));
  item->middle = gw_canvas_path_middle (&item->path);
  item->length = gw_canvas_path_length (&item->path);
  item->width = gw_canvas_wire_width (item->wire->n_elements);
  item->scope = common_scope (layout, item->from->node, item->to->node);
  place_wire (layout, item);
}

/* One text for each output: on the longest of its wires. */
static void
label_outputs (GwCanvasLayout   *layout,
               GwCanvasNodeItem *node)
{
  g_autoptr (GHashTable) longest = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < node->wires->len; i++)
    {
      GwCanvasWireItem *item = g_ptr_array_index (node->wires, i);
      gpointer port = GINT_TO_POINTER (item->wire->from_port);
      GwCanvasWireItem *best = g_hash_table_lookup (longest, port);

      if (item->from == node && item->to != NULL && item->wire->shape != NULL
          && (best == NULL || item->length > best->length))
        g_hash_table_insert (longest, port, item);
    }
  for (guint i = 0; i < node->wires->len; i++)
    {
      GwCanvasWireItem *item = g_ptr_array_index (node->wires, i);
      gpointer port = GINT_TO_POINTER (item->wire->from_port);
      gboolean labelled;

      if (item->from != node)
        continue;
      labelled = g_hash_table_lookup (longest, port) == item;
      if (item->labelled == labelled)
        continue;
      item->labelled = labelled;
      if (item->entry.inserted)
        {
          report_damage (layout, GW_CANVAS_DAMAGE_WIRE, item->id, &item->entry.rect);
          place_wire (layout, item);
        }
    }
}

static void
detach_wire (GwCanvasWireItem *item)
{
  if (item->from != NULL)
    g_ptr_array_remove_fast (item->from->wires, item);
  if (item->to != NULL && item->to != item->from)
    g_ptr_array_remove_fast (item->to->wires, item);
  item->from = item->to = NULL;
}

static void
attach_wire (GwCanvasLayout   *layout,
             GwCanvasWireItem *item)
{
  item->from = gw_canvas_layout_get_node (layout, item->wire->from);
  item->to = gw_canvas_layout_get_node (layout, item->wire->to);
  if (item->from != NULL)
    g_ptr_array_add (item->from->wires, item);
  if (item->to != NULL && item->to != item->from)
    g_ptr_array_add (item->to->wires, item);
  if (item->from == NULL || item->to == NULL)
    g_hash_table_add (layout->loose, item);
  else
    g_hash_table_remove (layout->loose, item);
}

static void
update_wire (GwCanvasLayout    *layout,
             guint64            id,
             const GwSceneWire *wire)
{
  GwCanvasWireItem *item = gw_canvas_layout_get_wire (layout, id);

  if (item != NULL)
    {
      GwCanvasNodeItem *from = item->from;

      detach_wire (item);
      if (wire == NULL)
        {
          report_damage (layout, GW_CANVAS_DAMAGE_WIRE, item->id, &item->entry.rect);
          gw_canvas_grid_remove (layout->wire_grid, &item->entry);
          g_ptr_array_remove_fast (layout->dirty, item);
          g_hash_table_remove (layout->loose, item);
          g_hash_table_remove (layout->wires, &id);
          if (from != NULL)
            g_ptr_array_add (layout->relabel, from);
          return;
        }
    }
  if (wire == NULL)
    return;
  if (item == NULL)
    {
      item = g_new0 (GwCanvasWireItem, 1);
      item->id = id;
      g_hash_table_insert (layout->wires, &item->id, item);
    }
  item->wire = wire;
  attach_wire (layout, item);
  mark_dirty (layout, item);
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
  report_damage (layout, GW_CANVAS_DAMAGE_NODE, item->id, &item->entry.rect);
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
      mark_dirty (layout, wire);
    }
  gw_canvas_grid_remove (layout->node_grid, &item->entry);
  g_hash_table_remove (layout->nodes, &item->id);
  drop_picture (layout, item);
  g_ptr_array_unref (item->wires);
  g_free (item);
}

/* Wires that were drawn to a node before it came. */
static void
adopt_wires (GwCanvasLayout *layout)
{
  guint n;
  g_autofree gpointer *loose = g_hash_table_get_keys_as_array (layout->loose, &n);

  for (guint i = 0; i < n; i++)
    {
      GwCanvasWireItem *item = loose[i];

      detach_wire (item);
      attach_wire (layout, item);
      if (item->from != NULL && item->to != NULL)
        mark_dirty (layout, item);
    }
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
      report_damage (layout, GW_CANVAS_DAMAGE_NODE, item->id, &item->entry.rect);
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
    mark_dirty (layout, g_ptr_array_index (item->wires, i));
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
    report_damage (layout, GW_CANVAS_DAMAGE_FRAME, id, old);
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
  report_damage (layout, GW_CANVAS_DAMAGE_FRAME, id, &rect);
  g_hash_table_replace (layout->frames, g_memdup2 (&id, sizeof id),
                        g_memdup2 (&rect, sizeof rect));
}

/* ---- updates ---- */

static void
mark_ways_near_moved (GwCanvasLayout *layout)
{
  static const GwCanvasRect everywhere = { -1e9, -1e9, 2e9, 2e9 };
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  if (layout->moved->len > MANY)
    gw_canvas_grid_find (layout->wire_grid, &everywhere, found);
  for (guint i = 0; i < layout->moved->len && layout->moved->len <= MANY; i++)
    gw_canvas_grid_find (layout->wire_grid, &g_array_index (layout->moved, GwCanvasRect, i),
                         found);
  for (guint i = 0; i < found->len; i++)
    {
      GwCanvasWireItem *item = g_ptr_array_index (found, i);

      if (item->path.is_way)
        mark_dirty (layout, item);
    }
}

static void
finish_update (GwCanvasLayout *layout)
{
  g_autoptr (GHashTable) sources = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer node;

  mark_ways_near_moved (layout);
  for (guint i = 0; i < layout->dirty->len; i++)
    {
      GwCanvasWireItem *item = g_ptr_array_index (layout->dirty, i);

      route_wire (layout, item);
      if (item->from != NULL)
        g_hash_table_add (sources, item->from);
    }
  for (guint i = 0; i < layout->relabel->len; i++)
    g_hash_table_add (sources, g_ptr_array_index (layout->relabel, i));
  g_ptr_array_set_size (layout->relabel, 0);
  g_hash_table_iter_init (&iter, sources);
  while (g_hash_table_iter_next (&iter, &node, NULL))
    label_outputs (layout, node);
  for (guint i = 0; i < layout->dirty->len; i++)
    {
      GwCanvasWireItem *item = g_ptr_array_index (layout->dirty, i);

      if (item->entry.inserted)
        report_damage (layout, GW_CANVAS_DAMAGE_WIRE, item->id, &item->entry.rect);
    }
  g_ptr_array_set_size (layout->dirty, 0);
  g_array_set_size (layout->moved, 0);
}

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
        update_wire (layout, ids[i], wire);
    }
  if (layout->next_order > before)
    adopt_wires (layout);
  finish_update (layout);
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

      update_wire (layout, wire->id, wire);
    }
  g_array_set_size (layout->moved, 0);
  finish_update (layout);
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
    mark_dirty (layout, wire);
  finish_update (layout);
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
