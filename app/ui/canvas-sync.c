/* SPDX-License-Identifier: Apache-2.0 */
/* Brings the scene in line with the document. On the main canvas only what an edit
 * touches is looked at: the items themselves, what is wired to them, what they are wired
 * to, and the scopes that any of these are in. The canvas of a group, which is small, is
 * gone through as a whole. */
#include "app/ui/canvas-adapter-private.h"

#include "app/model/targets.h"

#include <string.h>

/* Wires have no ids in the document; theirs begin here, above all of its ids. */
#define FIRST_WIRE (G_GUINT64_CONSTANT (1) << 48)

/* A wire into a node. */
typedef struct {
  guint64 id;
  int     input;  /* GW_SCENE_CONTROL_PORT for a control wire … */
  int64_t from;   /* … which is told apart by this */
  gboolean seen;  /* in the sync that is under way */
} Slot;

typedef struct {
  GwCanvasAdapter *self;
  GwSceneSource    source;
  GArray          *changed;    /* of guint64: for the canvas */
  GHashTable      *neighbours; /* set of ids whose ports have become wired or bare */
  GHashTable      *seen;       /* of a whole sync: set of ids that are on the canvas, else NULL */
} Sync;

static gpointer
id_key (guint64 id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

static double
batch_size (const GwDocument *document)
{
  const GwPipelineDef *pipeline = gw_document_settings (document)->pipeline;

  return pipeline != NULL ? (double) pipeline->attrs[GW_PIPELINE_BATCH_SIZE].i : 1;
}

void
gw_canvas_adapter_source (GwCanvasAdapter *self,
                          GwSceneSource   *source)
{
  GwDocument *document = gw_doc_model_get_document (self->model);

  *source = (GwSceneSource) { .document = document, .live = gw_doc_model_get_live (self->model),
                              .needed = self->needed, .batch = batch_size (document),
                              .devices = self->show_devices };
}

const GwWireEnd *
gw_canvas_adapter_wire (GwCanvasAdapter *self,
                        guint64          wire)
{
  return g_hash_table_contains (self->bundles, id_key (wire)) ? NULL
                                                              : g_hash_table_lookup (self->wire_ends, id_key (wire));
}

const GwWireEnd *
gw_canvas_adapter_bundle (GwCanvasAdapter *self,
                          guint64          wire)
{
  return g_hash_table_contains (self->bundles, id_key (wire)) ? g_hash_table_lookup (self->wire_ends, id_key (wire))
                                                              : NULL;
}

/* ---- items ---- */

static void
note (Sync    *sync,
      guint64  id)
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
static void
put_box (Sync        *sync,
         GwSceneNode *fresh)
{
  GwScene *scene = sync->self->scene;
  GwSceneNode *old = gw_scene_get_node (scene, fresh->id);
  guint64 id = fresh->id;

  if (sync->seen != NULL)
    g_hash_table_add (sync->seen, id_key (id));
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

static void
sync_node (Sync    *sync,
           int64_t  id)
{
  GwSceneNode *fresh = gw_scene_build_node (&sync->source, id);

  if (gw_document_owner (sync->source.document, id) != 0)
    gw_scene_set_string (&fresh->name, gw_document_leaf_name (sync->source.document, id));
  put_box (sync, fresh);
}

static const GwScopePorts *
ports_of (const Sync *sync,
          int64_t     scope)
{
  return g_hash_table_lookup (sync->self->scopes, id_key ((guint64) scope));
}

static void
sync_scope (Sync    *sync,
            int64_t  id)
{
  put_box (sync, gw_scene_build_scope (&sync->source, id, ports_of (sync, id)));
}

static void
sync_frame (Sync    *sync,
            int64_t  id)
{
  if (sync->seen != NULL)
    g_hash_table_add (sync->seen, id_key ((guint64) id));
  gw_scene_add_frame (sync->self->scene, gw_scene_build_frame (sync->source.document, id));
  note (sync, (guint64) id);
}

/* ---- wires ---- */

static Slot *
find_slot (Sync    *sync,
           int64_t  to,
           int      input,
           int64_t  from)
{
  GwCanvasAdapter *self = sync->self;
  GArray *slots = g_hash_table_lookup (self->slots, id_key ((guint64) to));
  Slot fresh = { .input = input, .from = from };
  GwWireEnd end = { to, input, from };

  if (slots == NULL)
    {
      slots = g_array_new (FALSE, FALSE, sizeof (Slot));
      g_hash_table_insert (self->slots, id_key ((guint64) to), slots);
    }
  for (guint i = 0; i < slots->len; i++)
    {
      Slot *slot = &g_array_index (slots, Slot, i);

      if (slot->input == input && slot->from == from)
        return slot;
    }
  fresh.id = FIRST_WIRE + ++self->last_wire;
  g_array_append_val (slots, fresh);
  g_hash_table_insert (self->wire_ends, id_key (fresh.id), g_memdup2 (&end, sizeof end));
  return &g_array_index (slots, Slot, slots->len - 1);
}

/* Takes the wire. */
static void
put_wire (Sync        *sync,
          Slot        *slot,
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
    g_hash_table_add (sync->neighbours, id_key (old->from));
  if (old == NULL || old->from != fresh->from)
    g_hash_table_add (sync->neighbours, id_key (fresh->from));
  gw_scene_add_wire (scene, fresh);
  note (sync, slot->id);
}

static void
drop_wire (Sync    *sync,
           guint64  id)
{
  GwScene *scene = sync->self->scene;
  GwSceneWire *wire = gw_scene_get_wire (scene, id);

  if (wire != NULL)
    {
      g_hash_table_add (sync->neighbours, id_key (wire->from));
      gw_scene_remove (scene, id);
      note (sync, id);
    }
  g_hash_table_remove (sync->self->wire_ends, id_key (id));
  g_hash_table_remove (sync->self->bundles, id_key (id));
}

/* Those that were not seen go; `all`: every one. */
static void
drop_wires (Sync     *sync,
            int64_t   to,
            gboolean  all)
{
  GArray *slots = g_hash_table_lookup (sync->self->slots, id_key ((guint64) to));

  for (guint i = slots != NULL ? slots->len : 0; i > 0; i--)
    {
      Slot *slot = &g_array_index (slots, Slot, i - 1);

      if (slot->seen && !all)
        {
          slot->seen = FALSE;
          continue;
        }
      drop_wire (sync, slot->id);
      g_array_remove_index_fast (slots, i - 1);
    }
  if (slots != NULL && slots->len == 0)
    g_hash_table_remove (sync->self->slots, id_key ((guint64) to));
}

/* Where on the canvas the value of an output comes from; FALSE = from nowhere. */
static gboolean
source_end (const Sync *sync,
            int64_t     from,
            int         output,
            guint64    *box,
            int        *port)
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
    *port = ports_of (sync, there) != NULL && output != GW_SCENE_CONTROL_PORT
              ? gw_scope_ports_find_output (ports_of (sync, there), from, output) : output;
  return *box != 0 && (*port >= 0 || output == GW_SCENE_CONTROL_PORT);
}

/* Whether it is another than a wire between two nodes that are both on the canvas. */
static void
note_bundle (Sync    *sync,
             guint64  wire,
             gboolean is_bundle)
{
  if (is_bundle)
    g_hash_table_add (sync->self->bundles, id_key (wire));
  else
    g_hash_table_remove (sync->self->bundles, id_key (wire));
}

/* The wire into input number `input` of node `to`, which goes to `port` of `box` here. */
static void
sync_wire (Sync    *sync,
           guint64  box,
           int      port,
           int64_t  to,
           int      input)
{
  const GwDocNode *node = gw_document_node (sync->source.document, to);
  const GwDocInput *there = NULL;
  const char *name;
  int index, from_port;
  guint64 from_box;
  GwSceneWire *wire;
  Slot *slot;

  if (gw_scene_input_port (node, input, &name, &index))
    there = gw_doc_node_input (node, name, index);
  if (there == NULL || gw_document_node (sync->source.document, there->from) == NULL ||
      !source_end (sync, there->from, there->output, &from_box, &from_port))
    return;
  slot = find_slot (sync, (int64_t) box, port, 0);
  wire = gw_scene_build_wire (&sync->source, slot->id, to, input);
  note_bundle (sync, slot->id, from_box != (guint64) there->from || box != (guint64) to);
  *(GwWireEnd *) g_hash_table_lookup (sync->self->wire_ends, id_key (slot->id)) = (GwWireEnd) { to, input, there->from };
  wire->from = from_box;
  wire->from_port = from_port;
  wire->to = box;
  wire->to_port = port;
  put_wire (sync, slot, wire);
}

static void
sync_control (Sync    *sync,
              guint64  box,
              int64_t  from)
{
  guint64 from_box;
  int port;
  Slot *slot;

  if (gw_document_node (sync->source.document, from) == NULL ||
      !source_end (sync, from, GW_SCENE_CONTROL_PORT, &from_box, &port) || from_box == box ||
      (sync->self->place != 0 && (from_box & GW_STUB_MASK) != 0))
    return;
  slot = find_slot (sync, (int64_t) box, GW_SCENE_CONTROL_PORT, (int64_t) from_box);
  note_bundle (sync, slot->id, from_box != (guint64) from || gw_document_node (sync->source.document, (int64_t) box) == NULL);
  put_wire (sync, slot, gw_scene_build_control (slot->id, (int64_t) from_box, (int64_t) box));
}

static void
sync_wires (Sync    *sync,
            int64_t  id)
{
  const GwDocNode *node = gw_document_node (sync->source.document, id);
  int n = gw_scene_n_inputs (node);

  for (int i = 0; i < n; i++)
    sync_wire (sync, (guint64) id, i, id, i);
  for (guint i = 0; i < node->controls->len; i++)
    sync_control (sync, (guint64) id, g_array_index (node->controls, int64_t, i));
  drop_wires (sync, id, FALSE);
}

static void
sync_scope_wires (Sync    *sync,
                  int64_t  id)
{
  const GwScopePorts *ports = ports_of (sync, id);

  for (guint i = 0; i < ports->inputs->len; i++)
    {
      const GwPlaceEnd *end = &g_array_index (g_array_index (ports->inputs, GwScopeInput, i).ends, GwPlaceEnd, 0);

      sync_wire (sync, (guint64) id, (int) i, end->node, end->port);
    }
  for (guint i = 0; i < ports->before->len; i++)
    sync_control (sync, (guint64) id, g_array_index (ports->before, int64_t, i));
  drop_wires (sync, id, FALSE);
}

/* ---- a sync ---- */

static void
remove_box (Sync    *sync,
            guint64  id)
{
  drop_wires (sync, (int64_t) id, TRUE);
  g_hash_table_remove (sync->self->scopes, id_key (id));
  if (gw_scene_remove (sync->self->scene, id))
    note (sync, id);
}

/* An item that stands on the canvas itself. */
static void
sync_item (Sync    *sync,
           int64_t  id)
{
  const GwItem *item = gw_document_item (sync->source.document, id);

  if (item == NULL || item->owner != sync->self->place ||
      (item->kind == GW_ITEM_GROUP && item->group.kind != GW_GROUP_SCOPE))
    {
      remove_box (sync, (guint64) id);
    }
  else if (item->kind == GW_ITEM_FRAME)
    {
      sync_frame (sync, id);
    }
  else if (item->kind == GW_ITEM_NODE)
    {
      sync_node (sync, id);
      sync_wires (sync, id);
    }
  else if (item->kind == GW_ITEM_GROUP)
    {
      sync_scope (sync, id);
      sync_scope_wires (sync, id);
    }
}

static void
sync_begin (Sync            *sync,
            GwCanvasAdapter *self)
{
  *sync = (Sync) { .self = self };
  sync->changed = g_array_new (FALSE, FALSE, sizeof (guint64));
  sync->neighbours = g_hash_table_new (NULL, NULL);
  gw_canvas_adapter_source (self, &sync->source);
}

static void
sync_end (Sync *sync)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, sync->neighbours);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      int64_t box = (int64_t) GPOINTER_TO_SIZE (id);
      const GwItem *item = gw_document_item (sync->source.document, box);

      if (item == NULL || item->owner != sync->self->place)
        continue;
      if (item->kind == GW_ITEM_NODE)
        sync_node (sync, box);
      else if (item->kind == GW_ITEM_GROUP && ports_of (sync, box) != NULL)
        sync_scope (sync, box);
    }
  if (sync->changed->len > 0 && !sync->self->resetting)
    gw_canvas_model_changed (GW_CANVAS_MODEL (sync->self), (const guint64 *) (gpointer) sync->changed->data,
                             sync->changed->len);
  g_array_unref (sync->changed);
  g_hash_table_unref (sync->neighbours);
}

/* What the run needs may be something else now; TRUE when it is. */
static gboolean
update_needed (GwCanvasAdapter *self)
{
  GHashTable *old = self->needed;
  GHashTableIter iter;
  gpointer id;
  gboolean same;

  self->needed = gw_run_is_active (self->run) ? gw_document_needed (gw_doc_model_get_document (self->model)) : NULL;
  same = (old == NULL) == (self->needed == NULL) &&
         (old == NULL || g_hash_table_size (old) == g_hash_table_size (self->needed));
  if (same && old != NULL)
    {
      g_hash_table_iter_init (&iter, old);
      while (same && g_hash_table_iter_next (&iter, &id, NULL))
        same = g_hash_table_contains (self->needed, id);
    }
  g_clear_pointer (&old, g_hash_table_unref);
  return !same;
}

/* ---- the whole canvas ---- */

static void
sync_kind (Sync       *sync,
           GwItemKind  kind)
{
  g_autoptr (GArray) ids = gw_document_members (sync->source.document, sync->self->place, kind);

  for (guint i = 0; i < ids->len; i++)
    sync_item (sync, g_array_index (ids, int64_t, i));
}

static void
gather_scopes (Sync *sync)
{
  g_autoptr (GArray) groups = gw_document_members (sync->source.document, sync->self->place, GW_ITEM_GROUP);

  g_hash_table_remove_all (sync->self->scopes);
  for (guint i = 0; i < groups->len; i++)
    {
      int64_t id = g_array_index (groups, int64_t, i);

      if (gw_document_group (sync->source.document, id)->kind == GW_GROUP_SCOPE)
        g_hash_table_insert (sync->self->scopes, id_key ((guint64) id), gw_scope_ports_new (&sync->source, id));
    }
}

/* Which scope stands for a node that is not on the canvas itself. */
static void
gather_hidden (Sync *sync)
{
  GHashTableIter iter;
  gpointer scope;

  g_hash_table_remove_all (sync->self->hidden);
  g_hash_table_iter_init (&iter, sync->self->scopes);
  while (g_hash_table_iter_next (&iter, &scope, NULL))
    {
      g_autoptr (GArray) content = gw_document_content (sync->source.document, (int64_t) GPOINTER_TO_SIZE (scope), GW_ITEM_NODE);

      for (guint i = 0; i < content->len; i++)
        g_hash_table_insert (sync->self->hidden, id_key ((guint64) g_array_index (content, int64_t, i)), scope);
    }
}

static void
sync_stubs (Sync *sync)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, sync->self->stubs);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      guint64 id = (guint64) GPOINTER_TO_SIZE (key);
      const GwStub *stub = value;

      put_box (sync, gw_scene_build_stub (&sync->source, id, (int) stub->ports->len,
                                          (const int *) (gpointer) stub->ports->data, stub->x, stub->y));
      for (guint i = 0; (id & GW_STUB_OUT) != 0 && i < stub->ports->len; i++)
        sync_wire (sync, id, (int) i, (int64_t) (id & ~GW_STUB_MASK), g_array_index (stub->ports, int, i));
      drop_wires (sync, (int64_t) id, FALSE);
    }
}

/* Items of the scene that are not on the canvas any more. */
static void
drop_missing (Sync *sync)
{
  g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (guint64));
  const GPtrArray *nodes = gw_scene_nodes (sync->self->scene);
  const GPtrArray *frames = gw_scene_frames (sync->self->scene);

  for (guint i = 0; i < nodes->len + frames->len; i++)
    {
      guint64 id = i < nodes->len ? ((GwSceneNode *) g_ptr_array_index (nodes, i))->id
                                  : ((GwSceneFrame *) g_ptr_array_index (frames, i - nodes->len))->id;

      if (!g_hash_table_contains (sync->seen, id_key (id)))
        g_array_append_val (gone, id);
    }
  for (guint i = 0; i < gone->len; i++)
    remove_box (sync, g_array_index (gone, guint64, i));
}

void
gw_canvas_adapter_sync_all (GwCanvasAdapter *self)
{
  Sync sync;

  update_needed (self);
  if (!gw_canvas_adapter_check_place (self))
    return; /* another place has been synced instead */
  if (gw_canvas_adapter_is_inside (self))
    {
      gw_canvas_adapter_show_inside (self);
      return;
    }
  sync_begin (&sync, self);
  sync.seen = g_hash_table_new (NULL, NULL);
  self->batch = sync.source.batch;
  gather_scopes (&sync);
  gather_hidden (&sync);
  gw_canvas_adapter_gather_stubs (self, &sync.source);
  sync_kind (&sync, GW_ITEM_FRAME);
  sync_kind (&sync, GW_ITEM_GROUP);
  sync_kind (&sync, GW_ITEM_NODE);
  sync_stubs (&sync);
  drop_missing (&sync);
  sync_end (&sync);
  g_hash_table_unref (sync.seen);
}

/* ---- parts of the main canvas ---- */

/* The boxes that an item and what it is wired to stand in are looked at again. */
static void
touch_box (const Sync *sync,
           GHashTable *boxes,
           int64_t     node)
{
  int64_t box = gw_place_box (sync->source.document, 0, node);

  if (box != 0 && box != node)
    g_hash_table_add (boxes, id_key ((guint64) box));
}

/* Scopes that gave something to the item until now. */
static void
touch_old_sources (const Sync *sync,
                   GHashTable *boxes,
                   int64_t     id)
{
  const GArray *slots = g_hash_table_lookup (sync->self->slots, id_key ((guint64) id));

  for (guint i = 0; slots != NULL && i < slots->len; i++)
    {
      const GwSceneWire *wire = gw_scene_get_wire (sync->self->scene, g_array_index (slots, Slot, i).id);

      if (wire != NULL && ports_of (sync, (int64_t) wire->from) != NULL)
        g_hash_table_add (boxes, id_key (wire->from));
    }
}

static void
touch_neighbours (const Sync *sync,
                  GHashTable *boxes,
                  int64_t     id)
{
  const GwDocNode *node = gw_document_node (sync->source.document, id);
  int n = 0;
  const int64_t *users = gw_live_users (sync->source.live, id, &n);

  for (guint i = 0; node != NULL && i < node->inputs->len; i++)
    touch_box (sync, boxes, g_array_index (node->inputs, GwDocInput, i).from);
  for (guint i = 0; node != NULL && i < node->controls->len; i++)
    touch_box (sync, boxes, g_array_index (node->controls, int64_t, i));
  for (int i = 0; i < n; i++)
    touch_box (sync, boxes, users[i]);
}

static void
touch (Sync       *sync,
       GHashTable *boxes,
       int64_t     id)
{
  GwCanvasAdapter *self = sync->self;
  const GwItem *item = gw_document_item (sync->source.document, id);
  gpointer hidden = g_hash_table_lookup (self->hidden, id_key ((guint64) id));
  int64_t box = item != NULL ? gw_place_box (sync->source.document, 0, id) : 0;

  if (hidden != NULL)
    g_hash_table_add (boxes, hidden);
  g_hash_table_add (boxes, id_key ((guint64) id));
  if (box != 0)
    g_hash_table_add (boxes, id_key ((guint64) box));
  if (item != NULL && item->kind == GW_ITEM_NODE && box != 0 && box != id)
    g_hash_table_insert (self->hidden, id_key ((guint64) id), id_key ((guint64) box));
  else
    g_hash_table_remove (self->hidden, id_key ((guint64) id));
  if (g_hash_table_size (self->scopes) == 0 && box == id)
    return;
  touch_old_sources (sync, boxes, id);
  touch_neighbours (sync, boxes, id);
}

/* The ports of the scopes among the boxes; who takes from one whose outputs are others
 * now has to be looked at as well. */
static void
renew_scopes (Sync       *sync,
              GHashTable *boxes)
{
  g_autoptr (GList) ids = g_hash_table_get_keys (boxes);

  for (GList *l = ids; l != NULL; l = l->next)
    {
      int64_t id = (int64_t) GPOINTER_TO_SIZE (l->data);
      const GwItem *item = gw_document_item (sync->source.document, id);
      GwScopePorts *fresh;

      if (item == NULL || item->kind != GW_ITEM_GROUP || item->group.kind != GW_GROUP_SCOPE || item->owner != 0)
        continue;
      fresh = gw_scope_ports_new (&sync->source, id);
      for (guint i = 0; !gw_scope_ports_same_outputs (fresh, ports_of (sync, id)) && i < fresh->outputs->len; i++)
        {
          int n;
          const int64_t *users = gw_live_users (sync->source.live, g_array_index (fresh->outputs, GwPlaceEnd, i).node, &n);

          for (int k = 0; k < n; k++)
            {
              int64_t box = gw_place_box (sync->source.document, 0, users[k]);

              if (box == users[k])
                g_hash_table_add (boxes, id_key ((guint64) box));
              else if (box != 0 && ports_of (sync, box) != NULL)
                g_hash_table_add (boxes, id_key ((guint64) box));
            }
        }
      g_hash_table_insert (sync->self->scopes, l->data, fresh);
    }
}

static gint
compare_keys (gconstpointer a,
              gconstpointer b)
{
  return (GPOINTER_TO_SIZE (a) > GPOINTER_TO_SIZE (b)) - (GPOINTER_TO_SIZE (a) < GPOINTER_TO_SIZE (b));
}

/* In the order of their ids, which is the one they are painted in. A scope that came in
 * while others were renewed has its ports already. */
static void
sync_boxes (Sync       *sync,
            GHashTable *boxes)
{
  g_autoptr (GList) ids = NULL;

  renew_scopes (sync, boxes);
  ids = g_list_sort (g_hash_table_get_keys (boxes), compare_keys);
  for (GList *l = ids; l != NULL; l = l->next)
    sync_item (sync, (int64_t) GPOINTER_TO_SIZE (l->data));
}

static gboolean
has_new_batch (GwCanvasAdapter *self,
               const GArray    *ids)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, int64_t, i) == 0)
      return batch_size (gw_doc_model_get_document (self->model)) != self->batch;
  return FALSE;
}

/* So many that going through everything is no slower. */
#define MANY 2000

void
gw_canvas_adapter_sync_items (GwCanvasAdapter *self,
                              const GArray    *ids)
{
  g_autoptr (GHashTable) boxes = g_hash_table_new (NULL, NULL);
  Sync sync;

  if (update_needed (self) || self->place != 0 || has_new_batch (self, ids) || ids->len > MANY)
    {
      gw_canvas_adapter_sync_all (self);
      return;
    }
  sync_begin (&sync, self);
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, int64_t, i) != 0)
      touch (&sync, boxes, g_array_index (ids, int64_t, i));
  sync_boxes (&sync, boxes);
  sync_end (&sync);
}

void
gw_canvas_adapter_sync_live (GwCanvasAdapter *self,
                             const GArray    *ids)
{
  g_autoptr (GHashTable) boxes = g_hash_table_new (NULL, NULL);
  Sync sync;

  if (ids == NULL || self->place != 0 || ids->len > MANY)
    {
      gw_canvas_adapter_sync_all (self);
      return;
    }
  sync_begin (&sync, self);
  for (guint i = 0; i < ids->len; i++)
    {
      int64_t id = g_array_index (ids, int64_t, i);
      int n;
      const int64_t *users = gw_live_users (sync.source.live, id, &n);

      touch (&sync, boxes, id);
      for (int k = 0; k < n; k++)
        touch (&sync, boxes, users[k]);
    }
  sync_boxes (&sync, boxes);
  sync_end (&sync);
}

void
gw_canvas_adapter_clear_scene (GwCanvasAdapter *self)
{
  self->resetting = TRUE;
  gw_scene_clear (self->scene);
  g_hash_table_remove_all (self->slots);
  g_hash_table_remove_all (self->wire_ends);
  g_hash_table_remove_all (self->bundles);
  g_hash_table_remove_all (self->scopes);
  g_hash_table_remove_all (self->hidden);
  g_hash_table_remove_all (self->stubs);
}

void
gw_canvas_adapter_end_reset (GwCanvasAdapter *self)
{
  self->resetting = FALSE;
  gw_canvas_model_reset (GW_CANVAS_MODEL (self));
}

void
gw_canvas_adapter_reset_scene (GwCanvasAdapter *self)
{
  gboolean moved = self->place != 0;

  gw_canvas_adapter_clear_scene (self);
  self->place = 0;
  gw_canvas_adapter_sync_all (self);
  gw_canvas_adapter_end_reset (self);
  if (moved)
    g_signal_emit (self, gw_canvas_adapter_signals[GW_ADAPTER_PLACE], 0);
}
