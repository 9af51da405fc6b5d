/* SPDX-License-Identifier: Apache-2.0 */
/* Brings the scene in line with the document. Only what an edit touches is looked at: the
 * items themselves, what is wired to them, and what they are wired to. */
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
                              .needed = self->needed, .batch = batch_size (document) };
}

const GwWireEnd *
gw_canvas_adapter_wire (GwCanvasAdapter *self,
                        guint64          wire)
{
  return g_hash_table_lookup (self->wire_ends, id_key (wire));
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

static void
sync_node (Sync    *sync,
           int64_t  id)
{
  GwScene *scene = sync->self->scene;
  GwSceneNode *fresh = gw_scene_build_node (&sync->source, id);
  GwSceneNode *old = gw_scene_get_node (scene, (guint64) id);

  if (old != NULL && !differs (gw_scene_node_signature (fresh), gw_scene_node_signature (old)))
    {
      gw_scene_node_free (fresh);
      return;
    }
  if (old != NULL)
    fresh->live = g_steal_pointer (&old->live);
  gw_scene_add_node (scene, fresh);
  note (sync, (guint64) id);
}

static void
sync_frame (Sync    *sync,
            int64_t  id)
{
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

static void
sync_wires (Sync    *sync,
            int64_t  id)
{
  const GwDocNode *node = gw_document_node (sync->source.document, id);
  int n = gw_scene_n_inputs (node);

  for (int i = 0; i < n; i++)
    if (gw_scene_has_wire (&sync->source, id, i))
      {
        Slot *slot = find_slot (sync, id, i, 0);

        put_wire (sync, slot, gw_scene_build_wire (&sync->source, slot->id, id, i));
      }
  for (guint i = 0; i < node->controls->len; i++)
    {
      int64_t from = g_array_index (node->controls, int64_t, i);
      Slot *slot;

      if (gw_document_node (sync->source.document, from) == NULL)
        continue;
      slot = find_slot (sync, id, GW_SCENE_CONTROL_PORT, from);
      put_wire (sync, slot, gw_scene_build_control (slot->id, from, id));
    }
  drop_wires (sync, id, FALSE);
}

/* ---- a sync ---- */

static void
sync_item (Sync    *sync,
           int64_t  id)
{
  const GwItem *item = gw_document_item (sync->source.document, id);

  if (item == NULL)
    {
      drop_wires (sync, id, TRUE);
      if (gw_scene_remove (sync->self->scene, (guint64) id))
        note (sync, (guint64) id);
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
    if (gw_document_node (sync->source.document, (int64_t) GPOINTER_TO_SIZE (id)) != NULL)
      sync_node (sync, (int64_t) GPOINTER_TO_SIZE (id));
  if (sync->changed->len > 0)
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

static void
sync_kind (Sync       *sync,
           GwItemKind  kind)
{
  int n;
  const int64_t *ids = gw_document_ids (sync->source.document, kind, &n);

  for (int i = 0; i < n; i++)
    sync_item (sync, ids[i]);
}

/* Items of the scene that the document does not have any more. */
static void
drop_missing (Sync *sync)
{
  g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (int64_t));
  const GPtrArray *nodes = gw_scene_nodes (sync->self->scene);
  const GPtrArray *frames = gw_scene_frames (sync->self->scene);

  for (guint i = 0; i < nodes->len + frames->len; i++)
    {
      int64_t id = (int64_t) (i < nodes->len ? ((GwSceneNode *) g_ptr_array_index (nodes, i))->id
                                             : ((GwSceneFrame *) g_ptr_array_index (frames, i - nodes->len))->id);

      if (gw_document_item (sync->source.document, id) == NULL)
        g_array_append_val (gone, id);
    }
  for (guint i = 0; i < gone->len; i++)
    sync_item (sync, g_array_index (gone, int64_t, i));
}

void
gw_canvas_adapter_sync_all (GwCanvasAdapter *self)
{
  Sync sync;

  update_needed (self);
  sync_begin (&sync, self);
  drop_missing (&sync);
  sync_kind (&sync, GW_ITEM_FRAME);
  sync_kind (&sync, GW_ITEM_NODE);
  sync_end (&sync);
}

void
gw_canvas_adapter_sync_items (GwCanvasAdapter *self,
                              const GArray    *ids)
{
  Sync sync;

  if (update_needed (self))
    {
      gw_canvas_adapter_sync_all (self);
      return;
    }
  sync_begin (&sync, self);
  for (guint i = 0; i < ids->len; i++)
    sync_item (&sync, g_array_index (ids, int64_t, i));
  sync_end (&sync);
}

void
gw_canvas_adapter_sync_live (GwCanvasAdapter *self,
                             const GArray    *ids)
{
  Sync sync;

  if (ids == NULL)
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

      sync_item (&sync, id);
      for (int k = 0; k < n; k++)
        sync_item (&sync, users[k]);
    }
  sync_end (&sync);
}

void
gw_canvas_adapter_reset_scene (GwCanvasAdapter *self)
{
  gw_scene_clear (self->scene);
  g_hash_table_remove_all (self->slots);
  g_hash_table_remove_all (self->wire_ends);
  gw_canvas_adapter_sync_all (self);
  gw_canvas_model_reset (GW_CANVAS_MODEL (self));
}
