/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of documents as text, for the clipboard and for a mail. */
#include "engine/base/error.h"
#include "engine/document/document-private.h"
#include "engine/document/json-items.h"

#include <string.h>

char *
gw_document_copy_items (const GwDocument *document,
                        const int64_t    *ids,
                        int               n)
{
  g_autoptr (cJSON) root = cJSON_CreateObject ();
  cJSON *nodes = cJSON_AddArrayToObject (root, "nodes");
  cJSON *frames = cJSON_AddArrayToObject (root, "frames");

  cJSON_AddItemToObject (root, "graphwright-clipboard", gw_json_new_int (1));
  for (int i = 0; i < n; i++)
    {
      GwItem *item = gw_document_item (document, ids[i]);

      if (item != NULL && item->kind != GW_ITEM_SETTINGS)
        cJSON_AddItemToArray (item->kind == GW_ITEM_NODE ? nodes : frames, gw_item_to_json (item));
    }
  return gw_json_print (root);
}

typedef struct {
  GwDocument *document;
  GPtrArray  *items;    /* of GwItem, still with the ids of the text */
  GHashTable *new_ids;  /* old id → new id */
  GHashTable *names;    /* names given out in this paste */
  gboolean    keep_inputs;
} Paste;

static gboolean
read_items (Paste       *paste,
            const cJSON *array,
            GwItemKind   kind,
            GError     **error)
{
  const cJSON *element;

  cJSON_ArrayForEach (element, array)
    {
      GwItem *item = gw_item_from_json (kind, element, error);

      if (item == NULL)
        return FALSE;
      g_ptr_array_add (paste->items, item);
      if (!g_hash_table_insert (paste->new_ids, GSIZE_TO_POINTER ((gsize) item->id), NULL))
        return gw_invalid (error, "two items have the id %" G_GINT64_FORMAT, item->id);
    }
  return TRUE;
}

static int64_t
new_id_of (const Paste *paste,
           int64_t      old)
{
  return (int64_t) GPOINTER_TO_SIZE (g_hash_table_lookup (paste->new_ids, GSIZE_TO_POINTER ((gsize) old)));
}

/* The pasted twin of a wire's source; the source itself when inputs are kept. */
static int64_t
translate (const Paste *paste,
           int64_t      from)
{
  int64_t twin = new_id_of (paste, from);

  if (twin != 0)
    return twin;
  return paste->keep_inputs && gw_document_node (paste->document, from) != NULL ? from : 0;
}

static void
rewire (Paste     *paste,
        GwDocNode *node)
{
  for (guint i = node->inputs->len; i > 0; i--)
    {
      GwDocInput *input = &g_array_index (node->inputs, GwDocInput, i - 1);

      if (input->from == 0)
        continue;
      input->from = translate (paste, input->from);
      if (input->from == 0)
        g_array_remove_index (node->inputs, i - 1);
    }
  for (guint i = node->controls->len; i > 0; i--)
    {
      int64_t *before = &g_array_index (node->controls, int64_t, i - 1);

      *before = translate (paste, *before);
      if (*before == 0)
        g_array_remove_index (node->controls, i - 1);
    }
}

/* Unique in the document and in this paste. */
static char *
unique_name (Paste      *paste,
             const char *name)
{
  char *unique = gw_document_unique_name_among (paste->document, paste->names, name);

  g_hash_table_add (paste->names, g_strdup (unique));
  return unique;
}

static void
place (Paste  *paste,
       GwItem *item,
       double  dx,
       double  dy)
{
  item->id = new_id_of (paste, item->id);
  if (item->kind == GW_ITEM_FRAME)
    {
      item->frame.x += dx;
      item->frame.y += dy;
      return;
    }
  {
    char *name = unique_name (paste, item->node.name);

    g_free (item->node.name);
    item->node.name = name;
  }
  item->node.x += dx;
  item->node.y += dy;
  rewire (paste, &item->node);
}

static GwEdit *
make_edit (Paste  *paste,
           double  dx,
           double  dy,
           GArray *ids)
{
  g_autofree char *label = g_strdup_printf ("Paste %u items", paste->items->len);
  GwEdit *edit = gw_edit_new (label);

  for (guint i = 0; i < paste->items->len; i++)
    {
      GwItem *item = g_ptr_array_index (paste->items, i);
      int64_t id = gw_document_new_id (paste->document);

      g_hash_table_insert (paste->new_ids, GSIZE_TO_POINTER ((gsize) item->id), GSIZE_TO_POINTER ((gsize) id));
    }
  for (guint i = 0; i < paste->items->len; i++)
    {
      GwItem *item = g_ptr_array_index (paste->items, i);

      place (paste, item, dx, dy);
      if (ids != NULL)
        g_array_append_val (ids, item->id);
      gw_edit_put (edit, paste->document, gw_item_ref (item));
    }
  return edit;
}

GwEdit *
gw_document_paste (GwDocument *document,
                   const char *text,
                   double      dx,
                   double      dy,
                   gboolean    keep_inputs,
                   GArray     *ids,
                   GError    **error)
{
  g_autoptr (cJSON) root = gw_json_parse (text, strlen (text), error);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_item_unref);
  g_autoptr (GHashTable) new_ids = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Paste paste = { document, items, new_ids, names, keep_inputs };

  if (root == NULL)
    return NULL;
  if (gw_json_member_int (root, "graphwright-clipboard", 0) != 1)
    {
      gw_invalid (error, "the clipboard holds no nodes");
      return NULL;
    }
  if (!read_items (&paste, cJSON_GetObjectItemCaseSensitive (root, "nodes"), GW_ITEM_NODE, error) ||
      !read_items (&paste, cJSON_GetObjectItemCaseSensitive (root, "frames"), GW_ITEM_FRAME, error))
    return NULL;
  return make_edit (&paste, dx, dy, ids);
}
