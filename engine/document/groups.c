/* SPDX-License-Identifier: Apache-2.0 */
/* Groups: who lives in which, and what follows from it for names and ports. Everything
 * here walks at most GW_MAX_DEPTH owners up, whatever a file says. */
#include "engine/document/groups-private.h"

#include "engine/base/error.h"

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

void
gw_document_collect (const GwDocument *document,
                     const int64_t    *ids,
                     int               n,
                     GHashTable       *set)
{
  for (int i = 0; i < n; i++)
    {
      const GwItem *item = ids[i] != 0 ? gw_document_item (document, ids[i]) : NULL;
      const GArray *members;

      if (item == NULL || !g_hash_table_add (set, id_key (ids[i])) || item->kind != GW_ITEM_GROUP)
        continue;
      members = g_hash_table_lookup (gw_document_group_index (document)->members, id_key (ids[i]));
      if (members != NULL)
        gw_document_collect (document, (const int64_t *) (gpointer) members->data, (int) members->len, set);
    }
}

static void
add_content (const GwDocument *document,
             int64_t           group,
             GwItemKind        kind,
             int               depth,
             GArray           *ids)
{
  const GArray *members = g_hash_table_lookup (gw_document_group_index (document)->members, id_key (group));

  for (guint i = 0; members != NULL && depth < GW_MAX_DEPTH && i < members->len; i++)
    {
      int64_t id = g_array_index (members, int64_t, i);
      const GwItem *item = gw_document_item (document, id);

      if (item->kind == kind)
        g_array_append_val (ids, id);
      if (item->kind == GW_ITEM_GROUP)
        add_content (document, id, kind, depth + 1, ids);
    }
}

GArray *
gw_document_content (const GwDocument *document,
                     int64_t           group,
                     GwItemKind        kind)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (int64_t));

  add_content (document, group, kind, 0, ids);
  return ids;
}

/* Adds the sub-graphs that the node calls to `called` (set of ids). */
static void
add_called (const GwDocument *document,
            int64_t           id,
            GHashTable       *called)
{
  const GwDocNode *node = gw_document_node (document, id);

  for (guint i = 0; node != NULL && i < node->attrs->len; i++)
    {
      const GwAttrValue *value = &g_array_index (node->attrs, GwNamedAttr, i).value;
      int n_names;
      char *const *names = gw_attr_func_names (value, &n_names);

      for (int k = 0; k < n_names; k++)
        {
          int64_t group = names[k] != NULL ? gw_document_find_group (document, names[k]) : 0;

          if (group != 0)
            g_hash_table_add (called, id_key (group));
        }
    }
}

void
gw_document_collect_orphans (const GwDocument *document,
                             GHashTable       *set)
{
  guint before;
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  if (g_hash_table_size (gw_document_group_index (document)->definitions) == 0)
    return;
  do
    {
      g_autoptr (GHashTable) lost = g_hash_table_new (NULL, NULL);
      g_autoptr (GHashTable) kept = g_hash_table_new (NULL, NULL);
      GHashTableIter iter;
      gpointer key;

      before = g_hash_table_size (set);
      for (int i = 0; i < n; i++)
        add_called (document, ids[i], g_hash_table_contains (set, id_key (ids[i])) ? lost : kept);
      g_hash_table_iter_init (&iter, lost);
      while (g_hash_table_iter_next (&iter, &key, NULL))
        {
          int64_t group = (int64_t) GPOINTER_TO_SIZE (key);

          if (!g_hash_table_contains (kept, key) && gw_document_group (document, group)->kind == GW_GROUP_FUNCTION)
            gw_document_collect (document, &group, 1, set);
        }
    }
  while (g_hash_table_size (set) > before);
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

/* ---- what a file may hold ---- */

static const char *
name_of (const GwItem *item)
{
  return item->kind == GW_ITEM_NODE ? item->node.name : item->kind == GW_ITEM_GROUP ? item->group.name : "a frame";
}

static gboolean
check_owner (const GwDocument *document,
             const GwItem     *item,
             GError          **error)
{
  int64_t owner = item->owner;

  if (owner != 0 && is_definition (item))
    return gw_invalid (error, "%s: a sub-graph cannot live in a group", name_of (item));
  for (int depth = 0; owner != 0; depth++)
    {
      if (depth == GW_MAX_DEPTH)
        return gw_invalid (error, "%s lies in groups more than %d deep, or in itself", name_of (item), GW_MAX_DEPTH);
      if (gw_document_group (document, owner) == NULL)
        return gw_invalid (error, "%s lives in the group %" G_GINT64_FORMAT ", which is not there", name_of (item), owner);
      owner = gw_document_owner (document, owner);
    }
  return TRUE;
}

static gboolean
check_wires (const GwDocument *document,
             const GwItem     *item,
             GError          **error)
{
  int64_t body = gw_document_body (document, item->id);
  g_autoptr (GArray) sources = g_array_new (FALSE, FALSE, sizeof (int64_t));

  g_array_append_vals (sources, item->node.controls->data, item->node.controls->len);
  for (guint i = 0; i < item->node.inputs->len; i++)
    g_array_append_val (sources, g_array_index (item->node.inputs, GwDocInput, i).from);
  for (guint i = 0; i < sources->len; i++)
    {
      const GwDocNode *from = gw_document_node (document, g_array_index (sources, int64_t, i));

      if (from != NULL && gw_document_body (document, g_array_index (sources, int64_t, i)) != body)
        return gw_invalid (error, "%s has a wire from %s, which is in another sub-graph", item->node.name, from->name);
    }
  return TRUE;
}

static gboolean
check_kind (const GwDocument *document,
            GwItemKind        kind,
            GError          **error)
{
  int n;
  const int64_t *ids = gw_document_ids (document, kind, &n);
  gboolean bodies = g_hash_table_size (gw_document_group_index (document)->definitions) > 0;

  for (int i = 0; i < n; i++)
    {
      const GwItem *item = gw_document_item (document, ids[i]);

      if (!check_owner (document, item, error) ||
          (bodies && kind == GW_ITEM_NODE && !check_wires (document, item, error)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_paths (const GwDocument *document,
             GError          **error)
{
  g_autoptr (GHashTable) paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_GROUP, &n);

  for (int i = 0; i < n; i++)
    {
      char *path = gw_document_prefix (document, ids[i]);

      if (!g_hash_table_add (paths, path))
        return gw_invalid (error, "two groups are called “%.*s”", (int) strlen (path) - 1, path);
    }
  return TRUE;
}

gboolean
gw_document_check_groups (const GwDocument *document,
                          GError          **error)
{
  return check_kind (document, GW_ITEM_GROUP, error) && check_kind (document, GW_ITEM_FRAME, error) &&
         check_kind (document, GW_ITEM_NODE, error) && check_paths (document, error);
}
