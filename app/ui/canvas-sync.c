/* SPDX-License-Identifier: Apache-2.0 */
/* Brings the scene in line with the document. On the main canvas only what an edit
 * touches is looked at: the items themselves, what is wired to them, what they are wired
 * to, and the scopes that any of these are in. The canvas of a group, which is small, is
 * gone through as a whole. */
#include "app/ui/canvas-sync-private.h"

#include "app/model/targets.h"

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

gboolean
gw_canvas_adapter_wire (GwCanvasAdapter *self,
                        guint64          wire,
                        GwWireEnd       *end)
{
  const GwSceneWire *found = gw_scene_get_wire (self->scene, wire);

  if (found == NULL || g_hash_table_contains (self->bundles, gw_sync_key (wire)) || gw_canvas_adapter_is_inside (self))
    return FALSE;
  *end = (GwWireEnd) { (int64_t) found->to, found->to_port, (int64_t) found->from };
  return TRUE;
}

const GwWireEnd *
gw_canvas_adapter_bundle (GwCanvasAdapter *self,
                          guint64          wire)
{
  return g_hash_table_lookup (self->bundles, gw_sync_key (wire));
}

static void
sync_begin (GwSync          *sync,
            GwCanvasAdapter *self)
{
  *sync = (GwSync) { .self = self };
  sync->changed = g_array_new (FALSE, FALSE, sizeof (guint64));
  sync->neighbours = g_hash_table_new (NULL, NULL);
  gw_canvas_adapter_source (self, &sync->source);
  gw_canvas_adapter_blame (self, &sync->source);
}

static void
sync_end (GwSync *sync)
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
        gw_sync_node (sync, box);
      else if (item->kind == GW_ITEM_GROUP && gw_sync_ports (sync, box) != NULL)
        gw_sync_scope (sync, box);
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
sync_kind (GwSync    *sync,
           GwItemKind kind)
{
  g_autoptr (GArray) ids = gw_document_members (sync->source.document, sync->self->place, kind);

  for (guint i = 0; i < ids->len; i++)
    gw_sync_item (sync, g_array_index (ids, int64_t, i));
}

static void
gather_scopes (GwSync *sync)
{
  g_autoptr (GArray) groups = gw_document_members (sync->source.document, sync->self->place, GW_ITEM_GROUP);

  g_hash_table_remove_all (sync->self->scopes);
  for (guint i = 0; i < groups->len; i++)
    {
      int64_t id = g_array_index (groups, int64_t, i);

      if (gw_document_group (sync->source.document, id)->kind == GW_GROUP_SCOPE)
        g_hash_table_insert (sync->self->scopes, gw_sync_key ((guint64) id), gw_scope_ports_new (&sync->source, id));
    }
}

/* Which scope stands for a node that is not on the canvas itself. */
static void
gather_hidden (GwSync *sync)
{
  GHashTableIter iter;
  gpointer scope;

  g_hash_table_remove_all (sync->self->hidden);
  g_hash_table_iter_init (&iter, sync->self->scopes);
  while (g_hash_table_iter_next (&iter, &scope, NULL))
    {
      g_autoptr (GArray) content = gw_document_content (sync->source.document, (int64_t) GPOINTER_TO_SIZE (scope), GW_ITEM_NODE);

      for (guint i = 0; i < content->len; i++)
        g_hash_table_insert (sync->self->hidden, gw_sync_key ((guint64) g_array_index (content, int64_t, i)), scope);
    }
}

static void
sync_stubs (GwSync *sync)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, sync->self->stubs);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      guint64 id = (guint64) GPOINTER_TO_SIZE (key);
      const GwStub *stub = value;

      gw_sync_put_box (sync, gw_scene_build_stub (&sync->source, id, (int) stub->ports->len,
                                                  (const int *) (gpointer) stub->ports->data, stub->x, stub->y));
      for (guint i = 0; (id & GW_STUB_OUT) != 0 && i < stub->ports->len; i++)
        gw_sync_wire (sync, id, (int) i, (int64_t) (id & ~GW_STUB_MASK), g_array_index (stub->ports, int, i));
      gw_sync_drop_wires (sync, (int64_t) id, FALSE);
    }
}

/* Items of the scene that are not on the canvas any more. */
static void
drop_missing (GwSync *sync)
{
  g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (guint64));
  const GPtrArray *nodes = gw_scene_nodes (sync->self->scene);
  const GPtrArray *frames = gw_scene_frames (sync->self->scene);

  for (guint i = 0; i < nodes->len + frames->len; i++)
    {
      guint64 id = i < nodes->len ? ((GwSceneNode *) g_ptr_array_index (nodes, i))->id
                                  : ((GwSceneFrame *) g_ptr_array_index (frames, i - nodes->len))->id;

      if (!g_hash_table_contains (sync->seen, gw_sync_key (id)))
        g_array_append_val (gone, id);
    }
  for (guint i = 0; i < gone->len; i++)
    gw_sync_remove_box (sync, g_array_index (gone, guint64, i));
}

void
gw_canvas_adapter_sync_all (GwCanvasAdapter *self)
{
  GwSync sync;

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
touch_box (const GwSync *sync,
           GHashTable   *boxes,
           int64_t       node)
{
  int64_t box = gw_place_box (sync->source.document, 0, node);

  if (box != 0 && box != node)
    g_hash_table_add (boxes, gw_sync_key ((guint64) box));
}

/* Scopes that gave something to the item until now. */
static void
touch_old_sources (const GwSync *sync,
                   GHashTable   *boxes,
                   int64_t       id)
{
  const GwSyncSlots *slots = g_hash_table_lookup (sync->self->slots, gw_sync_key ((guint64) id));

  for (guint i = 0; slots != NULL && i < slots->n; i++)
    {
      const GwSceneWire *wire = gw_scene_get_wire (sync->self->scene, slots->slots[i].id);

      if (wire != NULL && gw_sync_ports (sync, (int64_t) wire->from) != NULL)
        g_hash_table_add (boxes, gw_sync_key (wire->from));
    }
}

/* `moved`: the item stands in another box than it did, so that even what takes from it on
 * the canvas itself has a wire from elsewhere now. */
static void
touch_neighbours (const GwSync *sync,
                  GHashTable   *boxes,
                  int64_t       id,
                  gboolean      moved)
{
  const GwDocNode *node = gw_document_node (sync->source.document, id);
  int n = 0;
  const int64_t *users = gw_live_users (sync->source.live, id, &n);

  for (guint i = 0; node != NULL && i < node->inputs->len; i++)
    touch_box (sync, boxes, g_array_index (node->inputs, GwDocInput, i).from);
  for (guint i = 0; node != NULL && i < node->controls->len; i++)
    touch_box (sync, boxes, g_array_index (node->controls, int64_t, i));
  for (int i = 0; i < n; i++)
    {
      touch_box (sync, boxes, users[i]);
      if (moved && gw_place_box (sync->source.document, 0, users[i]) == users[i])
        g_hash_table_add (boxes, gw_sync_key ((guint64) users[i]));
    }
}

static void
touch (GwSync     *sync,
       GHashTable *boxes,
       int64_t     id)
{
  GwCanvasAdapter *self = sync->self;
  const GwItem *item = gw_document_item (sync->source.document, id);
  gpointer hidden = g_hash_table_lookup (self->hidden, gw_sync_key ((guint64) id));
  int64_t box = item != NULL ? gw_place_box (sync->source.document, 0, id) : 0;

  if (hidden != NULL)
    g_hash_table_add (boxes, hidden);
  g_hash_table_add (boxes, gw_sync_key ((guint64) id));
  if (box != 0)
    g_hash_table_add (boxes, gw_sync_key ((guint64) box));
  if (item != NULL && item->kind == GW_ITEM_NODE && box != 0 && box != id)
    g_hash_table_insert (self->hidden, gw_sync_key ((guint64) id), gw_sync_key ((guint64) box));
  else
    g_hash_table_remove (self->hidden, gw_sync_key ((guint64) id));
  if (g_hash_table_size (self->scopes) == 0 && box == id && hidden == NULL)
    return;
  touch_old_sources (sync, boxes, id);
  touch_neighbours (sync, boxes, id, hidden != NULL && hidden != gw_sync_key ((guint64) box));
}

/* The ports of the scopes among the boxes; who takes from one whose outputs are others
 * now has to be looked at as well. */
static void
renew_scopes (GwSync     *sync,
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
      for (guint i = 0; !gw_scope_ports_same_outputs (fresh, gw_sync_ports (sync, id)) && i < fresh->outputs->len; i++)
        {
          int n;
          const int64_t *users = gw_live_users (sync->source.live, g_array_index (fresh->outputs, GwPlaceEnd, i).node, &n);

          for (int k = 0; k < n; k++)
            {
              int64_t box = gw_place_box (sync->source.document, 0, users[k]);

              if (box == users[k])
                g_hash_table_add (boxes, gw_sync_key ((guint64) box));
              else if (box != 0 && gw_sync_ports (sync, box) != NULL)
                g_hash_table_add (boxes, gw_sync_key ((guint64) box));
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
sync_boxes (GwSync     *sync,
            GHashTable *boxes)
{
  g_autoptr (GList) ids = NULL;

  renew_scopes (sync, boxes);
  ids = g_list_sort (g_hash_table_get_keys (boxes), compare_keys);
  for (GList *l = ids; l != NULL; l = l->next)
    gw_sync_item (sync, (int64_t) GPOINTER_TO_SIZE (l->data));
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
  GwSync sync;

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
  GwSync sync;

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
  g_array_set_size (self->callers, 0);
  self->place = 0;
  gw_canvas_adapter_sync_all (self);
  gw_canvas_adapter_end_reset (self);
  if (moved)
    g_signal_emit (self, gw_canvas_adapter_signals[GW_ADAPTER_PLACE], 0);
}
