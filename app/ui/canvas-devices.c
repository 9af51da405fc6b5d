/* SPDX-License-Identifier: Apache-2.0 */
/* Painting devices onto what the canvas shows. */
#include "app/ui/canvas-adapter-private.h"

#include <string.h>

static gboolean
has_strings (const GwPortDef *ports)
{
  for (int i = 0; i < gw_ports_length (ports); i++)
    if (strcmp (ports[i].type, "string") == 0)
      return TRUE;
  return FALSE;
}

/* Why the node cannot be asked to run there; NULL = it can. */
static char *
refusal (const GwDocNode *node,
         const char      *device)
{
  const GwOpDef *op = gw_registry_find (node->op);

  if (op != NULL && g_str_has_prefix (device, "/gpu") &&
      (has_strings (op->inputs) || has_strings (op->outputs) || gw_op_is_in (op, "strings")))
    return g_strdup_printf ("%s cannot be on %s: %s works on strings, which a processor alone does", node->name, device,
                            node->op);
  return NULL;
}

static void
add_node (GHashTable *set,
          GArray     *nodes,
          int64_t     id)
{
  if (g_hash_table_add (set, GSIZE_TO_POINTER ((gsize) id)))
    g_array_append_val (nodes, id);
}

/* What stands in the frame's area, on the canvas that the frame is on. */
static void
add_framed (GwDocument   *document,
            const GwItem *frame,
            GHashTable   *set,
            GArray       *nodes)
{
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);

      if (gw_document_owner (document, ids[i]) == frame->owner && node->x >= frame->frame.x &&
          node->x < frame->frame.x + frame->frame.width && node->y >= frame->frame.y &&
          node->y < frame->frame.y + frame->frame.height)
        add_node (set, nodes, ids[i]);
    }
}

static void
add_group (GwDocument *document,
           int64_t     group,
           GHashTable *set,
           GArray     *nodes)
{
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    if (gw_document_is_inside (document, ids[i], group))
      add_node (set, nodes, ids[i]);
}

/* The nodes that the items mean: those in frames and scopes as well. */
static GArray *
collect_nodes (GwDocument    *document,
               const guint64 *ids,
               gsize          n_ids)
{
  g_autoptr (GHashTable) set = g_hash_table_new (NULL, NULL);
  GArray *nodes = g_array_new (FALSE, FALSE, sizeof (int64_t));

  for (gsize i = 0; i < n_ids; i++)
    {
      const GwItem *item = gw_document_item (document, (int64_t) ids[i]);

      if (item != NULL && item->kind == GW_ITEM_NODE && strcmp (item->node.op, "Reroute") != 0)
        add_node (set, nodes, item->id);
      else if (item != NULL && item->kind == GW_ITEM_FRAME)
        add_framed (document, item, set, nodes);
      else if (item != NULL && item->kind == GW_ITEM_GROUP)
        add_group (document, item->id, set, nodes);
    }
  return nodes;
}

char *
gw_canvas_adapter_paint_device (GwCanvasModel *model,
                                const guint64 *ids,
                                gsize          n_ids,
                                const char    *device)
{
  GwCanvasAdapter *self = GW_CANVAS_ADAPTER (model);
  GwDocument *document = gw_doc_model_get_document (self->model);
  g_autoptr (GArray) nodes = collect_nodes (document, ids, n_ids);
  g_autofree char *label = device[0] != 0 ? g_strdup_printf ("Run on %s", device) : g_strdup ("Choose the device automatically");
  g_autofree char *reason = nodes->len == 0 ? g_strdup ("There is no node in it that could run somewhere") : NULL;
  GwEdit *edit;

  for (guint i = 0; i < nodes->len && reason == NULL; i++)
    reason = refusal (gw_document_node (document, g_array_index (nodes, int64_t, i)), device);
  if (reason != NULL)
    {
      g_signal_emit (self, gw_canvas_adapter_signals[GW_ADAPTER_MESSAGE], 0, reason);
      return g_steal_pointer (&reason);
    }
  edit = gw_edit_new (label);
  for (guint i = 0; i < nodes->len; i++)
    {
      GwItem *item = gw_edit_take (edit, document, g_array_index (nodes, int64_t, i));

      g_free (item->node.device);
      item->node.device = device[0] != 0 ? g_strdup (device) : NULL;
      gw_edit_put (edit, document, item);
    }
  gw_doc_model_apply (self->model, edit, NULL);
  return NULL;
}

void
gw_canvas_adapter_set_show_devices (GwCanvasAdapter *self,
                                    gboolean         show)
{
  if (self->show_devices == show)
    return;
  self->show_devices = show;
  gw_canvas_adapter_sync_all (self);
}
