/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes and wires of the scene out of the document's items: built anew, and put into the
 * scene when they differ from those there. */
#include "app/ui/canvas-sync-private.h"

#include <string.h>

/* Wires have no ids in the document; theirs begin here, above all of its ids. */
#define FIRST_WIRE (G_GUINT64_CONSTANT (1) << 48)

/* ---- items ---- */

static void
note (GwSync *sync,
      guint64 id)
{
  g_array_append_val (sync->changed, id);
}

static gboolean
differs (char *fresh,
         char *old)
{
  gboolean result = strcmp (fresh, old) != 0;

  g_free (fresh);
  g_free (old);
  return result;
}

/* Takes the picture. */
void
gw_sync_put_box (GwSync      *sync,
                 GwSceneNode *fresh)
{
  GwScene *scene = sync->self->scene;
  GwSceneNode *old = gw_scene_get_node (scene, fresh->id);
  guint64 id = fresh->id;

  if (sync->seen != NULL)
    g_hash_table_add (sync->seen, gw_sync_key (id));
  if (old != NULL)
    fresh->flags |= old->flags & GW_SCENE_NODE_RUNNING;
  if (old != NULL && !differs (gw_scene_node_signature (fresh), gw_scene_node_signature (old)))
    {
      gw_scene_node_free (fresh);
      return;
    }
  if (old != NULL)
    fresh->live = g_steal_pointer (&old->live);
  gw_scene_add_node (scene, fresh);
  note (sync, id);
}

void
gw_sync_node (GwSync *sync,
              int64_t id)
{
  GwSceneNode *fresh = gw_scene_build_node (&sync->source, id);

  if (gw_document_owner (sync->source.document, id) != 0)
    gw_scene_set_string (&fresh->name, gw_document_leaf_name (sync->source.document, id));
  gw_sync_put_box (sync, fresh);
}

const GwScopePorts *
gw_sync_ports (const GwSync *sync,
               int64_t       scope)
{
  return g_hash_table_lookup (sync->self->scopes, gw_sync_key ((guint64) scope));
}

void
gw_sync_scope (GwSync *sync,
               int64_t id)
{
  gw_sync_put_box (sync, gw_scene_build_scope (&sync->source, id, gw_sync_ports (sync, id)));
}

static void
sync_frame (GwSync *sync,
            int64_t id)
{
  if (sync->seen != NULL)
    g_hash_table_add (sync->seen, gw_sync_key ((guint64) id));
  gw_scene_add_frame (sync->self->scene, gw_scene_build_frame (sync->source.document, id));
  note (sync, (guint64) id);
}

/* ---- wires ---- */

static GwSyncSlot *
find_slot (GwSync *sync,
           int64_t to,
           int     input,
           int64_t from)
{
  GwCanvasAdapter *self = sync->self;
  GwSyncSlots *slots = g_hash_table_lookup (self->slots, gw_sync_key ((guint64) to));
  guint n = slots != NULL ? slots->n : 0;

  for (guint i = 0; i < n; i++)
    if (slots->slots[i].input == input && slots->slots[i].from == from)
      return &slots->slots[i];
  g_hash_table_steal (self->slots, gw_sync_key ((guint64) to));
  slots = g_realloc (slots, sizeof *slots + (n + 1) * sizeof (GwSyncSlot));
  slots->n = n + 1;
  slots->slots[n] = (GwSyncSlot) { .id = FIRST_WIRE + ++self->last_wire, .input = input, .from = from };
  g_hash_table_insert (self->slots, gw_sync_key ((guint64) to), slots);
  return &slots->slots[n];
}

/* Takes the wire. */
static void
put_wire (GwSync      *sync,
          GwSyncSlot  *slot,
          GwSceneWire *fresh)
{
  GwScene *scene = sync->self->scene;
  GwSceneWire *old = gw_scene_get_wire (scene, slot->id);

  slot->seen = TRUE;
  if (old != NULL && !differs (gw_scene_wire_signature (fresh), gw_scene_wire_signature (old)))
    {
      gw_scene_wire_free (fresh);
      return;
    }
  if (old != NULL && old->from != fresh->from)
    g_hash_table_add (sync->neighbours, gw_sync_key (old->from));
  if (old == NULL || old->from != fresh->from)
    g_hash_table_add (sync->neighbours, gw_sync_key (fresh->from));
  gw_scene_add_wire (scene, fresh);
  note (sync, slot->id);
}

static void
drop_wire (GwSync *sync,
           guint64 id)
{
  GwScene *scene = sync->self->scene;
  GwSceneWire *wire = gw_scene_get_wire (scene, id);

  if (wire != NULL)
    {
      g_hash_table_add (sync->neighbours, gw_sync_key (wire->from));
      gw_scene_remove (scene, id);
      note (sync, id);
    }
  g_hash_table_remove (sync->self->bundles, gw_sync_key (id));
}

/* Those that were not seen go; `all`: every one. */
void
gw_sync_drop_wires (GwSync  *sync,
                    int64_t  to,
                    gboolean all)
{
  GwSyncSlots *slots = g_hash_table_lookup (sync->self->slots, gw_sync_key ((guint64) to));

  for (guint i = slots != NULL ? slots->n : 0; i > 0; i--)
    {
      GwSyncSlot *slot = &slots->slots[i - 1];

      if (slot->seen && !all)
        {
          slot->seen = FALSE;
          continue;
        }
      drop_wire (sync, slot->id);
      *slot = slots->slots[--slots->n];
    }
  if (slots != NULL && slots->n == 0)
    g_hash_table_remove (sync->self->slots, gw_sync_key ((guint64) to));
}

/* Where on the canvas the value of an output comes from; FALSE = from nowhere. */
static gboolean
source_end (const GwSync *sync,
            int64_t       from,
            int           output,
            guint64      *box,
            int          *port)
{
  int64_t there = gw_place_box (sync->source.document, sync->self->place, from);

  *box = (guint64) there;
  *port = output;
  if (there == 0 && sync->self->place != 0)
    {
      *box = GW_STUB_IN | (guint64) from;
      *port = gw_canvas_adapter_stub_port (sync->self, *box, output);
    }
  else if (there != 0 && there != from)
    *port = gw_sync_ports (sync, there) != NULL && output != GW_SCENE_CONTROL_PORT
              ? gw_scope_ports_find_output (gw_sync_ports (sync, there), from, output) : output;
  return *box != 0 && (*port >= 0 || output == GW_SCENE_CONTROL_PORT);
}

/* Keeps one of the document's wires that the wire stands for (`end`), when it is another
 * than one between two nodes that are both on the canvas; else NULL. */
static void
note_bundle (GwSync          *sync,
             guint64          wire,
             const GwWireEnd *end)
{
  if (end != NULL)
    g_hash_table_insert (sync->self->bundles, gw_sync_key (wire), g_memdup2 (end, sizeof *end));
  else
    g_hash_table_remove (sync->self->bundles, gw_sync_key (wire));
}

/* The wire into input number `input` of node `to`, which goes to `port` of `box` here. */
void
gw_sync_wire (GwSync *sync,
              guint64 box,
              int     port,
              int64_t to,
              int     input)
{
  const GwDocNode *node = gw_document_node (sync->source.document, to);
  const GwDocInput *there = NULL;
  const char *name;
  int index, from_port;
  guint64 from_box;
  GwSceneWire *wire;
  GwSyncSlot *slot;
  GwWireEnd end;

  if (gw_scene_input_port (sync->source.document, node, input, &name, &index))
    there = gw_doc_node_input (node, name, index);
  if (there == NULL || gw_document_node (sync->source.document, there->from) == NULL ||
      !source_end (sync, there->from, there->output, &from_box, &from_port))
    return;
  slot = find_slot (sync, (int64_t) box, port, 0);
  wire = gw_scene_build_wire (&sync->source, slot->id, to, input);
  end = (GwWireEnd) { to, input, there->from };
  note_bundle (sync, slot->id, from_box != (guint64) there->from || box != (guint64) to ? &end : NULL);
  wire->from = from_box;
  wire->from_port = from_port;
  wire->to = box;
  wire->to_port = port;
  put_wire (sync, slot, wire);
}

static void
sync_control (GwSync *sync,
              guint64 box,
              int64_t from)
{
  guint64 from_box;
  int port;
  gboolean is_bundle;
  GwWireEnd end;
  GwSyncSlot *slot;

  if (gw_document_node (sync->source.document, from) == NULL ||
      !source_end (sync, from, GW_SCENE_CONTROL_PORT, &from_box, &port) || from_box == box ||
      (sync->self->place != 0 && (from_box & GW_STUB_MASK) != 0))
    return;
  is_bundle = from_box != (guint64) from || gw_document_node (sync->source.document, (int64_t) box) == NULL;
  end = (GwWireEnd) { (int64_t) box, GW_SCENE_CONTROL_PORT, (int64_t) from_box };
  slot = find_slot (sync, (int64_t) box, GW_SCENE_CONTROL_PORT, (int64_t) from_box);
  note_bundle (sync, slot->id, is_bundle ? &end : NULL);
  put_wire (sync, slot, gw_scene_build_control (slot->id, (int64_t) from_box, (int64_t) box));
}

static void
sync_wires (GwSync *sync,
            int64_t id)
{
  const GwDocNode *node = gw_document_node (sync->source.document, id);
  int n = gw_scene_n_inputs (sync->source.document, node);

  for (int i = 0; i < n; i++)
    gw_sync_wire (sync, (guint64) id, i, id, i);
  for (guint i = 0; i < node->controls->len; i++)
    sync_control (sync, (guint64) id, g_array_index (node->controls, int64_t, i));
  gw_sync_drop_wires (sync, id, FALSE);
}

static void
sync_scope_wires (GwSync *sync,
                  int64_t id)
{
  const GwScopePorts *ports = gw_sync_ports (sync, id);

  for (guint i = 0; i < ports->inputs->len; i++)
    {
      const GwPlaceEnd *end = &g_array_index (g_array_index (ports->inputs, GwScopeInput, i).ends, GwPlaceEnd, 0);

      gw_sync_wire (sync, (guint64) id, (int) i, end->node, end->port);
    }
  for (guint i = 0; i < ports->before->len; i++)
    sync_control (sync, (guint64) id, g_array_index (ports->before, int64_t, i));
  gw_sync_drop_wires (sync, id, FALSE);
}

/* ---- a sync ---- */

void
gw_sync_remove_box (GwSync *sync,
                    guint64 id)
{
  gw_sync_drop_wires (sync, (int64_t) id, TRUE);
  g_hash_table_remove (sync->self->scopes, gw_sync_key (id));
  if (gw_scene_remove (sync->self->scene, id))
    note (sync, id);
}

/* An item that stands on the canvas itself. */
void
gw_sync_item (GwSync *sync,
              int64_t id)
{
  const GwItem *item = gw_document_item (sync->source.document, id);

  if (item == NULL || item->owner != sync->self->place ||
      (item->kind == GW_ITEM_GROUP && item->group.kind != GW_GROUP_SCOPE))
    {
      gw_sync_remove_box (sync, (guint64) id);
    }
  else if (item->kind == GW_ITEM_FRAME)
    {
      sync_frame (sync, id);
    }
  else if (item->kind == GW_ITEM_NODE)
    {
      gw_sync_node (sync, id);
      sync_wires (sync, id);
    }
  else if (item->kind == GW_ITEM_GROUP)
    {
      gw_sync_scope (sync, id);
      sync_scope_wires (sync, id);
    }
}
