/* SPDX-License-Identifier: Apache-2.0 */

/* The courses of wires: where each runs, which of an output's wires carries
 * its text, and which have to be laid anew when boxes come, go or move. */

#include "widgets/paint/canvas/layout-private.h"

#include <math.h>

#define WIRE_AROUND 16.0        /* glow and width */
#define PILL_WIDTH 44.0         /* half of a wire's text, at most */
#define PILL_HEIGHT 10.0
#define FLAG_SIDE 150.0         /* half of a breakpoint's condition, at its smallest zoom */
#define FLAG_ABOVE 130.0
#define CHANNEL_SIDE 6.0        /* boxes this near to the channel's ends count */
#define MANY 64                 /* moved boxes from which all ways are redone */

void
gw_layout_mark_dirty (GwCanvasLayout   *layout,
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
  GwCanvasPoint middle = gw_canvas_path_middle (&item->path);
  double around = WIRE_AROUND + item->width / 2;

  rect.x -= around;
  rect.y -= around;
  rect.width += 2 * around;
  rect.height += 2 * around;
  if (item->labelled || item->wire->conflict != NULL)
    {
      /* Twice the text's size: one that lies beneath is shown, whole, when this wire goes. */
      GwCanvasRect pill = { middle.x - 2 * PILL_WIDTH, middle.y - 2 * PILL_HEIGHT,
                            4 * PILL_WIDTH, 4 * PILL_HEIGHT };
      gw_canvas_rect_union (&rect, &pill);
    }
  if (item->wire->condition != NULL)
    {
      GwCanvasRect flag = { middle.x - FLAG_SIDE, middle.y - FLAG_ABOVE,
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
    gw_layout_report (layout, GW_CANVAS_DAMAGE_WIRE, item->id, &item->entry.rect);
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
          gw_layout_report (layout, GW_CANVAS_DAMAGE_WIRE, item->id, &item->entry.rect);
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

void
gw_layout_update_wire (GwCanvasLayout    *layout,
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
          gw_layout_report (layout, GW_CANVAS_DAMAGE_WIRE, item->id, &item->entry.rect);
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
  gw_layout_mark_dirty (layout, item);
}

/* Wires that were drawn to a node before it came. */
void
gw_layout_adopt_wires (GwCanvasLayout *layout)
{
  guint n;
  g_autofree gpointer *loose = g_hash_table_get_keys_as_array (layout->loose, &n);

  for (guint i = 0; i < n; i++)
    {
      GwCanvasWireItem *item = loose[i];

      detach_wire (item);
      attach_wire (layout, item);
      if (item->from != NULL && item->to != NULL)
        gw_layout_mark_dirty (layout, item);
    }
}

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
        gw_layout_mark_dirty (layout, item);
    }
}

void
gw_layout_finish (GwCanvasLayout *layout)
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
        gw_layout_report (layout, GW_CANVAS_DAMAGE_WIRE, item->id, &item->entry.rect);
    }
  g_ptr_array_set_size (layout->dirty, 0);
  g_array_set_size (layout->moved, 0);
}
