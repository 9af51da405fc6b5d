/* SPDX-License-Identifier: Apache-2.0 */
/* The glow of what is being computed. */
#include "app/ui/canvas-adapter-private.h"

/* What stands for the nodes on the canvas: a scope for those in it. */
static GHashTable *
boxes_of (GwCanvasAdapter *self,
          GHashTable      *nodes)
{
  GHashTable *boxes = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer node, scope;

  if (nodes != NULL)
    {
      g_hash_table_iter_init (&iter, nodes);
      while (g_hash_table_iter_next (&iter, &node, NULL))
        {
          scope = g_hash_table_lookup (self->hidden, node);
          g_hash_table_add (boxes, scope != NULL ? scope : node);
        }
    }
  return boxes;
}

/* TRUE when the flag was set otherwise. */
static gboolean
put_flag (guint   *flags,
          guint    flag,
          gboolean on)
{
  guint before = *flags;

  *flags = on ? before | flag : before & ~flag;
  return *flags != before;
}

void
gw_canvas_adapter_set_running (GwCanvasAdapter *self,
                               GHashTable      *nodes)
{
  const GPtrArray *all = gw_scene_nodes (self->scene), *wires = gw_scene_wires (self->scene);
  g_autoptr (GHashTable) boxes = boxes_of (self, nodes);
  g_autoptr (GArray) changed = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint i = 0; i < all->len; i++)
    {
      GwSceneNode *node = g_ptr_array_index (all, i);
      guint flags = node->flags;

      if (!put_flag (&flags, GW_SCENE_NODE_RUNNING, g_hash_table_contains (boxes, GSIZE_TO_POINTER ((gsize) node->id))))
        continue;
      node->flags = flags;
      g_array_append_val (changed, node->id);
    }
  for (guint i = 0; i < wires->len; i++)
    {
      GwSceneWire *wire = g_ptr_array_index (wires, i);
      guint flags = wire->flags;

      if (!put_flag (&flags, GW_SCENE_WIRE_RUNNING, g_hash_table_contains (boxes, GSIZE_TO_POINTER ((gsize) wire->to))))
        continue;
      wire->flags = flags;
      g_array_append_val (changed, wire->id);
    }
  if (changed->len > 0)
    gw_canvas_model_changed (GW_CANVAS_MODEL (self), (const guint64 *) (gpointer) changed->data, changed->len);
}
