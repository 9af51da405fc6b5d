/* SPDX-License-Identifier: Apache-2.0 */
/* Name scopes of an imported graph as groups. */
#include "engine/document/graph-import-private.h"

#include <string.h>

#define FEWEST 2           /* nodes that make a scope worth a box */
#define FEWEST_OF_NODE 5   /* … below a name that is a node's as well: a variable and its parts are none */

/* Scope path → number of nodes below it. */
static GHashTable *
count_scopes (const GwImportBody *body)
{
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < body->nodes->len; i++)
    {
      const GwImportNode *node = g_ptr_array_index (body->nodes, i);
      const char *name = node->item->node.name;

      for (const char *slash = strchr (name, '/'); slash != NULL && !node->folded; slash = strchr (slash + 1, '/'))
        {
          char *path = g_strndup (name, (gsize) (slash - name));
          guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, path));

          g_hash_table_insert (counts, path, GUINT_TO_POINTER (count + 1));
        }
    }
  return counts;
}

static int64_t
add_group (GwImport   *import,
           int64_t     owner,
           const char *leaf)
{
  GwItem *item = gw_item_new (GW_ITEM_GROUP, gw_document_new_id (import->document));
  int64_t id = item->id;

  item->owner = owner;
  item->group.kind = GW_GROUP_SCOPE;
  item->group.name = g_strdup (leaf);
  gw_edit_put (import->edit, import->document, item);
  return id;
}

/* The innermost group for a name, made with those around it. */
static int64_t
group_for (GwImport           *import,
           const GwImportBody *body,
           GHashTable         *counts,
           GHashTable         *groups,
           const char         *name)
{
  const char *leaf = name;
  int64_t owner = 0;
  int depth = 0;

  for (const char *slash = strchr (name, '/'); slash != NULL && depth < GW_MAX_DEPTH - 1; slash = strchr (slash + 1, '/'), depth++)
    {
      g_autofree char *path = g_strndup (name, (gsize) (slash - name));
      g_autofree char *last = g_strndup (leaf, (gsize) (slash - leaf));
      const GwImportNode *same = g_hash_table_lookup (body->names, path);
      guint fewest = same != NULL && !same->folded ? FEWEST_OF_NODE : FEWEST;
      int64_t id = (int64_t) GPOINTER_TO_SIZE (g_hash_table_lookup (groups, path));

      if (id == 0 && GPOINTER_TO_UINT (g_hash_table_lookup (counts, path)) < fewest)
        break;
      if (id == 0)
        {
          id = add_group (import, owner, last);
          g_hash_table_insert (groups, g_steal_pointer (&path), GSIZE_TO_POINTER ((gsize) id));
        }
      owner = id;
      leaf = slash + 1;
    }
  return owner;
}

void
gw_import_scopes (GwImport     *import,
                  GwImportBody *body)
{
  g_autoptr (GHashTable) counts = count_scopes (body);
  g_autoptr (GHashTable) groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < body->nodes->len; i++)
    {
      GwImportNode *node = g_ptr_array_index (body->nodes, i);

      if (!node->folded)
        node->item->owner = group_for (import, body, counts, groups, node->item->node.name);
    }
}
