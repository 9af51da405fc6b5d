/* SPDX-License-Identifier: Apache-2.0 */

/* The items of a picture, found by id and kept in painting order. */

#include "widgets/paint/canvas/scene.h"

#include <string.h>

typedef struct
{
  GHashTable *index;            /* item (by its id) → its place in order, or a later one */
  GPtrArray *order;
} ItemList;

struct _GwScene
{
  ItemList nodes, wires, frames;
};

/* Names of ports, types and shapes are the same ones again and again in a
 * large graph: one copy of each is kept. */
static char *
share (const char *value)
{
  return value != NULL ? g_ref_string_new_intern (value) : NULL;
}

static void
drop_string (char *value)
{
  if (value != NULL)
    g_ref_string_release (value);
}

void
gw_scene_set_string (char       **field,
                     const char  *value)
{
  char *shared = share (value);

  drop_string (*field);
  *field = shared;
}

static void
port_clear (GwScenePort *port)
{
  drop_string (port->name);
  drop_string (port->shape);
  drop_string (port->dtype);
  drop_string (port->literal);
}

static void
problem_free (GwSceneProblem *problem)
{
  if (problem == NULL)
    return;
  g_free (problem->text);
  g_strfreev (problem->fixes);
  g_free (problem);
}

GwSceneNode *
gw_scene_node_new (guint64           id,
                   const char       *name,
                   const char       *op,
                   GwCanvasCategory  category)
{
  GwSceneNode *node = g_new0 (GwSceneNode, 1);

  g_return_val_if_fail (id != 0, node);
  node->id = id;
  node->name = share (name);
  node->op = share (op);
  node->category = category;
  return node;
}

void
gw_scene_node_clear_live (GwSceneNode *node)
{
  if (node->live == NULL)
    return;
  drop_string (node->live->value);
  drop_string (node->live->detail);
  g_free (node->live->samples);
  g_free (node->live->histogram);
  g_clear_pointer (&node->live, g_free);
}

void
gw_scene_node_free (GwSceneNode *node)
{
  if (node == NULL)
    return;
  for (guint i = 0; i < node->n_inputs; i++)
    port_clear (&node->inputs[i]);
  for (guint i = 0; i < node->n_outputs; i++)
    port_clear (&node->outputs[i]);
  g_free (node->inputs);
  g_free (node->outputs);
  drop_string (node->name);
  drop_string (node->op);
  drop_string (node->device);
  g_strfreev (node->attributes);
  problem_free (node->problem);
  gw_scene_node_clear_live (node);
  g_free (node);
}

static GwScenePort *
add_port (GwScenePort     **ports,
          guint            *n_ports,
          const char       *name,
          GwCanvasElement   element,
          const char       *shape)
{
  GwScenePort *port;

  *ports = g_renew (GwScenePort, *ports, *n_ports + 1);
  port = &(*ports)[(*n_ports)++];
  *port = (GwScenePort) { .name = share (name), .shape = share (shape), .element = element };
  return port;
}

GwScenePort *
gw_scene_node_add_input (GwSceneNode     *node,
                         const char      *name,
                         GwCanvasElement  element,
                         const char      *shape)
{
  return add_port (&node->inputs, &node->n_inputs, name, element, shape);
}

GwScenePort *
gw_scene_node_add_output (GwSceneNode     *node,
                          const char      *name,
                          GwCanvasElement  element,
                          const char      *shape)
{
  return add_port (&node->outputs, &node->n_outputs, name, element, shape);
}

void
gw_scene_node_set_problem (GwSceneNode       *node,
                           const char        *text,
                           const char *const *fixes)
{
  g_clear_pointer (&node->problem, problem_free);
  if (text == NULL)
    return;
  node->problem = g_new0 (GwSceneProblem, 1);
  node->problem->text = g_strdup (text);
  node->problem->fixes = g_strdupv ((char **) fixes);
}

GwSceneLive *
gw_scene_node_ensure_live (GwSceneNode *node)
{
  if (node->live == NULL)
    node->live = g_new0 (GwSceneLive, 1);
  return node->live;
}

GwSceneWire *
gw_scene_wire_new (guint64 id,
                   guint64 from,
                   int     from_port,
                   guint64 to,
                   int     to_port)
{
  GwSceneWire *wire = g_new0 (GwSceneWire, 1);

  g_return_val_if_fail (id != 0, wire);
  wire->id = id;
  wire->from = from;
  wire->from_port = from_port;
  wire->to = to;
  wire->to_port = to_port;
  wire->n_elements = 1;
  return wire;
}

void
gw_scene_wire_free (GwSceneWire *wire)
{
  if (wire == NULL)
    return;
  drop_string (wire->shape);
  drop_string (wire->dtype);
  drop_string (wire->conflict);
  drop_string (wire->condition);
  g_free (wire);
}

GwSceneFrame *
gw_scene_frame_new (guint64           id,
                    GwSceneFrameKind  kind,
                    const char       *title)
{
  GwSceneFrame *frame = g_new0 (GwSceneFrame, 1);

  g_return_val_if_fail (id != 0, frame);
  frame->id = id;
  frame->kind = kind;
  frame->title = share (title);
  return frame;
}

void
gw_scene_frame_free (GwSceneFrame *frame)
{
  if (frame == NULL)
    return;
  drop_string (frame->title);
  drop_string (frame->detail);
  drop_string (frame->hint);
  g_free (frame);
}

static void
item_list_init (ItemList       *list,
                GDestroyNotify  free_item)
{
  list->index = g_hash_table_new (g_int64_hash, g_int64_equal);
  list->order = g_ptr_array_new_with_free_func (free_item);
}

static void
item_list_clear (ItemList *list)
{
  g_hash_table_remove_all (list->index);
  g_ptr_array_set_size (list->order, 0);
}

static void
item_list_finish (ItemList *list)
{
  g_hash_table_unref (list->index);
  g_ptr_array_unref (list->order);
}

static gpointer
item_list_get (const ItemList *list,
               guint64         id)
{
  gpointer item = NULL;

  return g_hash_table_lookup_extended (list->index, &id, &item, NULL) ? item : NULL;
}

/* Items only ever come nearer to the front: removals before them are found out
 * here. */
static guint
item_list_place (const ItemList *list,
                 gpointer        item)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (list->index, item));

  place = MIN (place, list->order->len - 1);
  while (place > 0 && g_ptr_array_index (list->order, place) != item)
    place--;
  return place;
}

/* Every kind of item begins with its id, which serves as the key. */
static void
item_list_add (ItemList       *list,
               guint64        *item,
               GDestroyNotify  free_item)
{
  gpointer old = item_list_get (list, *item);
  guint place = list->order->len;

  if (old == item)
    return;
  if (old != NULL)
    {
      place = item_list_place (list, old);
      g_ptr_array_index (list->order, place) = item;
    }
  else
    {
      g_ptr_array_add (list->order, item);
    }
  g_hash_table_replace (list->index, item, GUINT_TO_POINTER (place));
  if (old != NULL)
    free_item (old);
}

static gboolean
item_list_remove (ItemList *list,
                  guint64   id)
{
  gpointer item = item_list_get (list, id);
  guint place;

  if (item == NULL)
    return FALSE;
  place = item_list_place (list, item);
  g_hash_table_remove (list->index, item);
  g_ptr_array_remove_index (list->order, place);
  return TRUE;
}

GwScene *
gw_scene_new (void)
{
  GwScene *scene = g_new0 (GwScene, 1);

  G_STATIC_ASSERT (G_STRUCT_OFFSET (GwSceneNode, id) == 0);
  G_STATIC_ASSERT (G_STRUCT_OFFSET (GwSceneWire, id) == 0);
  G_STATIC_ASSERT (G_STRUCT_OFFSET (GwSceneFrame, id) == 0);
  item_list_init (&scene->nodes, (GDestroyNotify) gw_scene_node_free);
  item_list_init (&scene->wires, (GDestroyNotify) gw_scene_wire_free);
  item_list_init (&scene->frames, (GDestroyNotify) gw_scene_frame_free);
  return scene;
}

void
gw_scene_free (GwScene *scene)
{
  if (scene == NULL)
    return;
  item_list_finish (&scene->nodes);
  item_list_finish (&scene->wires);
  item_list_finish (&scene->frames);
  g_free (scene);
}

void
gw_scene_add_node (GwScene     *scene,
                   GwSceneNode *node)
{
  item_list_add (&scene->nodes, &node->id, (GDestroyNotify) gw_scene_node_free);
}

void
gw_scene_add_wire (GwScene     *scene,
                   GwSceneWire *wire)
{
  item_list_add (&scene->wires, &wire->id, (GDestroyNotify) gw_scene_wire_free);
}

void
gw_scene_add_frame (GwScene      *scene,
                    GwSceneFrame *frame)
{
  item_list_add (&scene->frames, &frame->id, (GDestroyNotify) gw_scene_frame_free);
}

gboolean
gw_scene_remove (GwScene *scene,
                 guint64  id)
{
  return item_list_remove (&scene->nodes, id) || item_list_remove (&scene->wires, id)
         || item_list_remove (&scene->frames, id);
}

void
gw_scene_clear (GwScene *scene)
{
  item_list_clear (&scene->nodes);
  item_list_clear (&scene->wires);
  item_list_clear (&scene->frames);
}

GwSceneNode *
gw_scene_get_node (const GwScene *scene,
                   guint64        id)
{
  return item_list_get (&scene->nodes, id);
}

GwSceneWire *
gw_scene_get_wire (const GwScene *scene,
                   guint64        id)
{
  return item_list_get (&scene->wires, id);
}

GwSceneFrame *
gw_scene_get_frame (const GwScene *scene,
                    guint64        id)
{
  return item_list_get (&scene->frames, id);
}

const GPtrArray *
gw_scene_nodes (const GwScene *scene)
{
  return scene->nodes.order;
}

const GPtrArray *
gw_scene_wires (const GwScene *scene)
{
  return scene->wires.order;
}

const GPtrArray *
gw_scene_frames (const GwScene *scene)
{
  return scene->frames.order;
}
