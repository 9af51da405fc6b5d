/* SPDX-License-Identifier: Apache-2.0 */

/* What is selected, what has the focus, and how the keys walk from node to
 * node. */

#include "widgets/canvas/canvas-private.h"

#include <math.h>

static GHashTable *
make_set (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

static void
set_add (GHashTable *set,
         guint64     id)
{
  g_hash_table_add (set, g_memdup2 (&id, sizeof id));
}

/* Repaints where the state of an item shows in the tiles. */
void
gw_canvas_item_damaged (GwCanvas *canvas,
                        guint64   id)
{
  GwCanvasNodeItem *item;
  const GwSceneFrame *frame;

  gtk_widget_queue_draw (GTK_WIDGET (canvas));
  if (canvas->layout == NULL || id == 0)
    return;
  item = gw_canvas_layout_get_node (canvas->layout, id);
  frame = gw_scene_get_frame (gw_canvas_scene (canvas), id);
  if (item != NULL && gw_canvas_scale (canvas) < GW_CANVAS_LOD_PORTS)
    gw_canvas_tiles_invalidate (canvas, &item->entry.rect);
  if (frame != NULL)
    {
      GwCanvasRect rect = gw_canvas_frame_rect (frame);
      double around = 3 / MIN (gw_canvas_scale (canvas), 1);

      rect = (GwCanvasRect) { rect.x - around, rect.y - around, rect.width + 2 * around,
                              rect.height + 2 * around };
      gw_canvas_tiles_invalidate (canvas, &rect);
    }
}

static void
selection_changed (GwCanvas *canvas)
{
  g_autoptr (GArray) ids = gw_canvas_get_selection (canvas);
  GwCanvasModelInterface *iface;

  gw_canvas_drop_live_pictures (canvas);
  gw_canvas_update_live (canvas);
  gw_canvas_minimap_changed (canvas);
  if (canvas->model == NULL)
    return;
  iface = GW_CANVAS_MODEL_GET_IFACE (canvas->model);
  if (iface->selection_changed != NULL)
    iface->selection_changed (canvas->model, (guint64 *) ids->data, ids->len);
}

static gboolean
same_set (GHashTable *a,
          GHashTable *b)
{
  GHashTableIter iter;
  gpointer key;

  if (g_hash_table_size (a) != g_hash_table_size (b))
    return FALSE;
  g_hash_table_iter_init (&iter, a);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_hash_table_contains (b, key))
      return FALSE;
  return TRUE;
}

void
gw_canvas_take_selection (GwCanvas   *canvas,
                          GHashTable *selected)
{
  GHashTable *before = canvas->selected;
  GHashTableIter iter;
  gpointer key;

  if (same_set (before, selected))
    {
      g_hash_table_unref (selected);
      return;
    }
  canvas->selected = selected;
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_hash_table_contains (selected, key))
      gw_canvas_item_damaged (canvas, *(guint64 *) key);
  g_hash_table_iter_init (&iter, selected);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_hash_table_contains (before, key))
      gw_canvas_item_damaged (canvas, *(guint64 *) key);
  g_hash_table_unref (before);
  selection_changed (canvas);
}

static GHashTable *
copy_selection (GwCanvas *canvas)
{
  GHashTable *copy = make_set ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, canvas->selected);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    set_add (copy, *(guint64 *) key);
  return copy;
}

gboolean
gw_canvas_is_selected (GwCanvas *canvas,
                       guint64   id)
{
  return g_hash_table_contains (canvas->selected, &id);
}

void
gw_canvas_select_only (GwCanvas *canvas,
                       guint64   id)
{
  GHashTable *set = make_set ();

  set_add (set, id);
  gw_canvas_take_selection (canvas, set);
}

void
gw_canvas_select_add (GwCanvas *canvas,
                      guint64   id)
{
  GHashTable *set = copy_selection (canvas);

  set_add (set, id);
  gw_canvas_take_selection (canvas, set);
}

void
gw_canvas_select_toggle (GwCanvas *canvas,
                         guint64   id)
{
  GHashTable *set = copy_selection (canvas);

  if (!g_hash_table_remove (set, &id))
    set_add (set, id);
  gw_canvas_take_selection (canvas, set);
}

void
gw_canvas_clear_selection (GwCanvas *canvas)
{
  gw_canvas_take_selection (canvas, make_set ());
}

void
gw_canvas_select_all (GwCanvas *canvas)
{
  GHashTable *set = make_set ();
  const GwScene *scene = gw_canvas_scene (canvas);

  for (guint i = 0; scene != NULL && i < gw_scene_nodes (scene)->len; i++)
    set_add (set, ((GwSceneNode *) gw_scene_nodes (scene)->pdata[i])->id);
  for (guint i = 0; scene != NULL && i < gw_scene_frames (scene)->len; i++)
    set_add (set, ((GwSceneFrame *) gw_scene_frames (scene)->pdata[i])->id);
  gw_canvas_take_selection (canvas, set);
}

GArray *
gw_canvas_get_selection (GwCanvas *canvas)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, canvas->selected);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_array_append_val (ids, *(guint64 *) key);
  return ids;
}

void
gw_canvas_set_selection (GwCanvas      *canvas,
                         const guint64 *ids,
                         gsize          n_ids)
{
  GHashTable *set = make_set ();

  g_return_if_fail (GW_IS_CANVAS (canvas));
  for (gsize i = 0; i < n_ids; i++)
    set_add (set, ids[i]);
  gw_canvas_take_selection (canvas, set);
}

static gboolean
exists (GwCanvas *canvas,
        guint64   id)
{
  const GwScene *scene = gw_canvas_scene (canvas);

  return scene != NULL
         && (gw_scene_get_node (scene, id) != NULL || gw_scene_get_wire (scene, id) != NULL
             || gw_scene_get_frame (scene, id) != NULL);
}

void
gw_canvas_prune_selection (GwCanvas *canvas)
{
  GHashTable *set = copy_selection (canvas);
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!exists (canvas, *(guint64 *) key))
      g_hash_table_iter_remove (&iter);
  if (canvas->focus != 0 && !exists (canvas, canvas->focus))
    canvas->focus = 0;
  if (canvas->hover.kind != GW_CANVAS_HIT_NONE && !exists (canvas, canvas->hover.id))
    canvas->hover = (GwCanvasHit) { GW_CANVAS_HIT_NONE };
  gw_canvas_take_selection (canvas, set);
}

/* ---- moving ---- */

static gboolean
lies_in (const GwCanvasRect *outer,
         const GwCanvasRect *inner)
{
  return inner->x >= outer->x && inner->y >= outer->y
         && inner->x + inner->width <= outer->x + outer->width
         && inner->y + inner->height <= outer->y + outer->height;
}

static gboolean
scope_holds (const GwScene *scene,
             guint64        scope,
             guint64        inner)
{
  for (int depth = 0; inner != 0 && depth < 64; depth++)
    {
      const GwSceneFrame *frame = gw_scene_get_frame (scene, inner);

      if (inner == scope)
        return TRUE;
      inner = frame != NULL ? frame->parent : 0;
    }
  return FALSE;
}

/* What a frame takes along: a scope its nodes, any other what lies in it. */
static void
add_contents (GwCanvas           *canvas,
              GHashTable         *set,
              const GwSceneFrame *frame)
{
  const GwScene *scene = gw_canvas_scene (canvas);
  GwCanvasRect rect = gw_canvas_frame_rect (frame);
  gboolean scope = frame->kind == GW_SCENE_FRAME_SCOPE;

  if (frame->kind == GW_SCENE_FRAME_NOTE)
    return;
  for (guint i = 0; i < gw_scene_nodes (scene)->len; i++)
    {
      const GwSceneNode *node = g_ptr_array_index (gw_scene_nodes (scene), i);
      GwCanvasNodeItem *item = gw_canvas_layout_get_node (canvas->layout, node->id);

      if (item != NULL && (scope ? scope_holds (scene, frame->id, node->scope)
                                 : lies_in (&rect, &item->box)))
        set_add (set, node->id);
    }
  for (guint i = 0; i < gw_scene_frames (scene)->len; i++)
    {
      const GwSceneFrame *other = g_ptr_array_index (gw_scene_frames (scene), i);
      GwCanvasRect inner = gw_canvas_frame_rect (other);

      if (other != frame && (scope ? scope_holds (scene, frame->id, other->parent)
                                   : lies_in (&rect, &inner)))
        set_add (set, other->id);
    }
}

GArray *
gw_canvas_movable_ids (GwCanvas *canvas)
{
  g_autoptr (GHashTable) set = make_set ();
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  const GwScene *scene = gw_canvas_scene (canvas);
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, canvas->selected);
  while (scene != NULL && g_hash_table_iter_next (&iter, &key, NULL))
    {
      const GwSceneFrame *frame = gw_scene_get_frame (scene, *(guint64 *) key);

      if (frame != NULL)
        {
          set_add (set, frame->id);
          add_contents (canvas, set, frame);
        }
      else if (gw_scene_get_node (scene, *(guint64 *) key) != NULL)
        {
          set_add (set, *(guint64 *) key);
        }
    }
  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      const GwSceneNode *node = gw_scene_get_node (scene, *(guint64 *) key);

      if (node == NULL || !(node->flags & GW_SCENE_NODE_LOCKED))
        g_array_append_val (ids, *(guint64 *) key);
    }
  return ids;
}

/* ---- focus ---- */

guint64
gw_canvas_get_focus_item (GwCanvas *canvas)
{
  g_return_val_if_fail (GW_IS_CANVAS (canvas), 0);
  return canvas->focus;
}

void
gw_canvas_set_focus_item (GwCanvas *canvas,
                          guint64   id)
{
  guint64 before = canvas->focus;

  g_return_if_fail (GW_IS_CANVAS (canvas));
  if (before == id)
    return;
  canvas->focus = id;
  gw_canvas_item_damaged (canvas, before);
  gw_canvas_item_damaged (canvas, id);
  gw_canvas_update_accessible (canvas);
}

/* "?×500" as it is said: "unknown by 500". */
static char *
spoken_shape (const char *shape)
{
  GString *spoken = g_string_new (shape);

  g_string_replace (spoken, "?", "unknown", 0);
  g_string_replace (spoken, "×", " by ", 0);
  return g_string_free (spoken, FALSE);
}

static void
append_ports (GString           *label,
              const GwSceneNode *node)
{
  g_string_append_printf (label, ", %u %s", node->n_inputs,
                          node->n_inputs == 1 ? "input" : "inputs");
  for (guint i = 0; i < node->n_outputs; i++)
    {
      const GwScenePort *port = &node->outputs[i];
      g_autofree char *shape = port->shape != NULL ? spoken_shape (port->shape) : NULL;

      g_string_append_printf (label, ", output %s",
                              port->dtype != NULL ? port->dtype
                                                  : gw_canvas_element_name (port->element));
      if (shape != NULL)
        g_string_append_printf (label, " %s", shape);
    }
}

void
gw_canvas_update_accessible (GwCanvas *canvas)
{
  const GwScene *scene = gw_canvas_scene (canvas);
  const GwSceneNode *node = scene != NULL ? gw_scene_get_node (scene, canvas->focus) : NULL;
  g_autoptr (GString) label = g_string_new (NULL);

  if (node != NULL)
    {
      g_string_append_printf (label, "%s, %s", node->op, node->name);
      append_ports (label, node);
      if (node->problem != NULL)
        g_string_append_printf (label, ", problem: %s", node->problem->text);
    }
  else
    {
      g_string_assign (label, "Graph canvas");
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (canvas), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label->str, -1);
}

/* The node at the other end of a wire of `item` in direction dx, nearest to
 * its height. */
static GwCanvasNodeItem *
along_wires (GwCanvasNodeItem *item,
             int               dx)
{
  GwCanvasNodeItem *best = NULL;
  double nearest = G_MAXDOUBLE;

  for (guint i = 0; i < item->wires->len; i++)
    {
      GwCanvasWireItem *wire = g_ptr_array_index (item->wires, i);
      GwCanvasNodeItem *other = dx > 0 ? wire->to : wire->from;
      double distance;

      if (other == NULL || other == item)
        continue;
      distance = fabs (other->box.y - item->box.y) + 0.01 * fabs (other->box.x - item->box.x);
      if (distance < nearest)
        {
          nearest = distance;
          best = other;
        }
    }
  return best;
}

/* The nearest node that lies in a direction, off-axis distance counting
 * twice. */
static GwCanvasNodeItem *
in_direction (GwCanvas         *canvas,
              GwCanvasNodeItem *from,
              int               dx,
              int               dy)
{
  const GPtrArray *nodes = gw_scene_nodes (gw_canvas_scene (canvas));
  GwCanvasNodeItem *best = NULL;
  double nearest = G_MAXDOUBLE;

  for (guint i = 0; i < nodes->len; i++)
    {
      GwCanvasNodeItem *item = gw_canvas_layout_get_node (
          canvas->layout, ((GwSceneNode *) nodes->pdata[i])->id);
      double x, y, along, across;

      if (item == NULL || item == from)
        continue;
      x = item->box.x + item->box.width / 2 - from->box.x - from->box.width / 2;
      y = item->box.y + item->box.height / 2 - from->box.y - from->box.height / 2;
      along = x * dx + y * dy;
      across = fabs (x * dy) + fabs (y * dx);
      if (along > 0 && along + 2 * across < nearest)
        {
          nearest = along + 2 * across;
          best = item;
        }
    }
  return best;
}

static GwCanvasNodeItem *
walk_start (GwCanvas *canvas)
{
  GwCanvasNodeItem *item = gw_canvas_layout_get_node (canvas->layout, canvas->focus);
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, canvas->selected);
  while (item == NULL && g_hash_table_iter_next (&iter, &key, NULL))
    item = gw_canvas_layout_get_node (canvas->layout, *(guint64 *) key);
  return item;
}

gboolean
gw_canvas_walk (GwCanvas *canvas,
                int       dx,
                int       dy)
{
  GwCanvasNodeItem *from, *to = NULL;

  if (canvas->layout == NULL || gw_scene_nodes (gw_canvas_scene (canvas))->len == 0)
    return FALSE;
  from = walk_start (canvas);
  if (from == NULL)
    to = gw_canvas_layout_get_node (
        canvas->layout, ((GwSceneNode *) gw_scene_nodes (gw_canvas_scene (canvas))->pdata[0])->id);
  else if (dx != 0)
    to = along_wires (from, dx);
  if (to == NULL && from != NULL)
    to = in_direction (canvas, from, dx, dy);
  if (to == NULL)
    return TRUE;
  gw_canvas_set_focus_item (canvas, to->id);
  gw_canvas_select_only (canvas, to->id);
  gw_canvas_ensure_visible (canvas, to->id);
  return TRUE;
}

/* ---- similar nodes ---- */

void
gw_canvas_select_similar (GwCanvas *canvas)
{
  const GwScene *scene;
  g_autoptr (GHashTable) ops = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GArray) ids = NULL;
  GHashTable *set;

  g_return_if_fail (GW_IS_CANVAS (canvas));
  scene = gw_canvas_scene (canvas);
  ids = gw_canvas_get_selection (canvas);
  set = copy_selection (canvas);
  for (guint i = 0; scene != NULL && i < ids->len; i++)
    {
      const GwSceneNode *node = gw_scene_get_node (scene, g_array_index (ids, guint64, i));

      if (node != NULL && node->op != NULL)
        g_hash_table_add (ops, node->op);
    }
  for (guint i = 0; scene != NULL && i < gw_scene_nodes (scene)->len; i++)
    {
      const GwSceneNode *node = g_ptr_array_index (gw_scene_nodes (scene), i);

      if (node->op != NULL && g_hash_table_contains (ops, node->op))
        set_add (set, node->id);
    }
  gw_canvas_take_selection (canvas, set);
}

/* ---- cones ---- */

void
gw_canvas_select_cone (GwCanvas *canvas,
                       gboolean  inputs)
{
  GHashTable *set = copy_selection (canvas);
  g_autoptr (GArray) open = gw_canvas_get_selection (canvas);

  for (guint i = 0; canvas->layout != NULL && i < open->len; i++)
    {
      GwCanvasNodeItem *item = gw_canvas_layout_get_node (canvas->layout,
                                                          g_array_index (open, guint64, i));

      for (guint j = 0; item != NULL && j < item->wires->len; j++)
        {
          GwCanvasWireItem *wire = g_ptr_array_index (item->wires, j);
          GwCanvasNodeItem *next = inputs ? wire->from : wire->to;

          if (next == NULL || g_hash_table_contains (set, &next->id))
            continue;
          set_add (set, next->id);
          g_array_append_val (open, next->id);
        }
    }
  gw_canvas_take_selection (canvas, set);
}
