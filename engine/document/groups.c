/* SPDX-License-Identifier: Apache-2.0 */
/* Groups: who lives in which, and what follows from it for names and ports. Everything
 * here walks at most GW_MAX_DEPTH owners up, whatever a file says. */
#include "engine/document/groups-private.h"

#include <string.h>

struct _GwGroupIndex {
  GHashTable *members;      /* owner → GArray of ids, sorted; none for 0 */
  GHashTable *definitions;  /* name (owned by its item) → item */
};

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

static gboolean
is_definition (const GwItem *item)
{
  return item->kind == GW_ITEM_GROUP && item->group.kind != GW_GROUP_SCOPE;
}

/* ---- the index ---- */

GwGroupIndex *
gw_group_index_new (void)
{
  GwGroupIndex *index = g_new0 (GwGroupIndex, 1);

  index->members = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  index->definitions = g_hash_table_new (g_str_hash, g_str_equal);
  return index;
}

GwGroupIndex *
gw_group_index_copy (const GwGroupIndex *index)
{
  GwGroupIndex *copy = gw_group_index_new ();
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, index->members);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (copy->members, key, g_array_copy (value));
  g_hash_table_iter_init (&iter, index->definitions);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (copy->definitions, key, value);
  return copy;
}

void
gw_group_index_free (GwGroupIndex *index)
{
  g_hash_table_unref (index->members);
  g_hash_table_unref (index->definitions);
  g_free (index);
}

void
gw_group_index_add (GwGroupIndex *index,
                    const GwItem *item)
{
  GArray *members = item->owner != 0 ? g_hash_table_lookup (index->members, id_key (item->owner)) : NULL;

  if (item->owner != 0 && members == NULL)
    {
      members = g_array_new (FALSE, FALSE, sizeof (int64_t));
      g_hash_table_insert (index->members, id_key (item->owner), members);
    }
  if (members != NULL)
    g_array_insert_val (members, gw_id_position (members, item->id), item->id);
  if (is_definition (item))
    g_hash_table_insert (index->definitions, item->group.name, (gpointer) item);
}

void
gw_group_index_remove (GwGroupIndex *index,
                       const GwItem *item)
{
  GArray *members = item->owner != 0 ? g_hash_table_lookup (index->members, id_key (item->owner)) : NULL;
  guint position = members != NULL ? gw_id_position (members, item->id) : 0;

  if (members != NULL && position < members->len && g_array_index (members, int64_t, position) == item->id)
    g_array_remove_index (members, position);
  if (members != NULL && members->len == 0)
    g_hash_table_remove (index->members, id_key (item->owner));
  if (is_definition (item) && g_hash_table_lookup (index->definitions, item->group.name) == item)
    g_hash_table_remove (index->definitions, item->group.name);
}

/* ---- asking ---- */

const GwDocGroup *
gw_document_group (const GwDocument *document,
                   int64_t           id)
{
  const GwItem *item = gw_document_item (document, id);

  return item != NULL && item->kind == GW_ITEM_GROUP ? &item->group : NULL;
}

int64_t
gw_document_owner (const GwDocument *document,
                   int64_t           id)
{
  const GwItem *item = gw_document_item (document, id);

  return item != NULL ? item->owner : 0;
}

int64_t
gw_document_find_group (const GwDocument *document,
                        const char       *name)
{
  const GwItem *item = g_hash_table_lookup (gw_document_group_index (document)->definitions, name);

  return item != NULL ? item->id : 0;
}

GArray *
gw_document_members (const GwDocument *document,
                     int64_t           owner,
                     GwItemKind        kind)
{
  const GArray *all = owner != 0 ? g_hash_table_lookup (gw_document_group_index (document)->members, id_key (owner)) : NULL;
  GArray *members = g_array_new (FALSE, FALSE, sizeof (int64_t));
  int n = all != NULL ? (int) all->len : 0;
  const int64_t *ids = all != NULL ? (const int64_t *) (gpointer) all->data : NULL;

  if (owner == 0)
    ids = gw_document_ids (document, kind, &n);
  for (int i = 0; i < n; i++)
    {
      const GwItem *item = gw_document_item (document, ids[i]);

      if (item->kind == kind && item->owner == owner)
        g_array_append_val (members, ids[i]);
    }
  return members;
}

int64_t
gw_document_body (const GwDocument *document,
                  int64_t           id)
{
  int64_t owner;

  if (g_hash_table_size (gw_document_group_index (document)->definitions) == 0)
    return 0;
  owner = gw_document_owner (document, id);
  for (int depth = 0; owner != 0 && depth < GW_MAX_DEPTH; depth++)
    {
      const GwDocGroup *group = gw_document_group (document, owner);

      if (group == NULL || group->kind != GW_GROUP_SCOPE)
        return group != NULL ? owner : 0;
      owner = gw_document_owner (document, owner);
    }
  return 0;
}

gboolean
gw_document_is_inside (const GwDocument *document,
                       int64_t           id,
                       int64_t           group)
{
  int64_t owner = gw_document_owner (document, id);

  for (int depth = 0; owner != 0 && depth < GW_MAX_DEPTH; depth++)
    {
      if (owner == group)
        return TRUE;
      owner = gw_document_owner (document, owner);
    }
  return FALSE;
}

char *
gw_document_prefix (const GwDocument *document,
                    int64_t           group)
{
  GString *prefix = g_string_new (NULL);

  for (int depth = 0; group != 0 && depth < GW_MAX_DEPTH; depth++)
    {
      const GwDocGroup *at = gw_document_group (document, group);

      if (at == NULL)
        break;
      g_string_prepend_c (prefix, '/');
      g_string_prepend (prefix, at->name);
      group = gw_document_owner (document, group);
    }
  return g_string_free (prefix, FALSE);
}

const char *
gw_document_leaf_name (const GwDocument *document,
                       int64_t           node)
{
  g_autofree char *prefix = gw_document_prefix (document, gw_document_owner (document, node));
  const char *name = gw_document_node (document, node)->name;

  return g_str_has_prefix (name, prefix) && name[strlen (prefix)] != '\0' ? name + strlen (prefix) : name;
}

/* ---- ports of a definition ---- */

static int64_t
index_of (const GwDocNode *node)
{
  const GwAttrValue *index = gw_named_attrs_get (node->attrs, "index");

  return index != NULL && index->type == GW_ATTR_INT ? index->i : 0;
}

static gint
compare_indices (gconstpointer a,
                 gconstpointer b,
                 gpointer      data)
{
  const int64_t *first = a, *second = b;
  int64_t x = index_of (gw_document_node (data, *first));
  int64_t y = index_of (gw_document_node (data, *second));

  return x != y ? (x > y) - (x < y) : (*first > *second) - (*first < *second);
}

GArray *
gw_document_arguments (const GwDocument *document,
                       int64_t           group,
                       gboolean          results)
{
  const char *op = results ? "_Retval" : "_Arg";
  GArray *ids = gw_document_members (document, group, GW_ITEM_NODE);

  for (guint i = ids->len; i > 0; i--)
    if (!g_str_equal (gw_document_node (document, g_array_index (ids, int64_t, i - 1))->op, op))
      g_array_remove_index (ids, i - 1);
  g_array_sort_with_data (ids, compare_indices, (gpointer) document);
  return ids;
}
