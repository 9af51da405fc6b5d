/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of documents as text, for the clipboard and for a mail. */
#include "engine/base/error.h"
#include "engine/document/composite-own.h"
#include "engine/document/document-private.h"
#include "engine/document/groups-private.h"
#include "engine/document/json-items.h"

#include <string.h>

/* Sub-graphs that the nodes of `set` call, with what they call, are copied along. */
static void
collect_called (const GwDocument *document,
                GHashTable       *set)
{
  guint before;

  do
    {
      int n;
      const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

      before = g_hash_table_size (set);
      for (int i = 0; i < n; i++)
        {
          const GwDocNode *node = gw_document_node (document, ids[i]);
          int64_t own = g_hash_table_contains (set, GSIZE_TO_POINTER ((gsize) ids[i])) ? gw_document_own_composite (document, ids[i]) : 0;

          gw_document_collect (document, &own, 1, set);
          for (guint k = 0; g_hash_table_contains (set, GSIZE_TO_POINTER ((gsize) ids[i])) && k < node->attrs->len; k++)
            {
              const GwAttrValue *value = &g_array_index (node->attrs, GwNamedAttr, k).value;
              int n_names;
              char *const *names = gw_attr_func_names (value, &n_names);

              for (int m = 0; m < n_names; m++)
                {
                  int64_t called = names[m] != NULL ? gw_document_find_group (document, names[m]) : 0;

                  gw_document_collect (document, &called, 1, set);
                }
            }
        }
    }
  while (g_hash_table_size (set) > before);
}

/* Of one kind: those asked for first, in their order, then what came along. */
static void
add_items (const GwDocument *document,
           GwItemKind        kind,
           const int64_t    *ids,
           int               n,
           GHashTable       *set,
           cJSON            *array)
{
  int n_all;
  const int64_t *all = gw_document_ids (document, kind, &n_all);

  for (int i = 0; i < n + n_all; i++)
    {
      int64_t id = i < n ? ids[i] : all[i - n];
      const GwItem *item = gw_document_item (document, id);

      if (item != NULL && item->kind == kind && g_hash_table_remove (set, GSIZE_TO_POINTER ((gsize) id)))
        cJSON_AddItemToArray (array, gw_item_to_json (item));
    }
}

char *
gw_document_copy_items (const GwDocument *document,
                        const int64_t    *ids,
                        int               n)
{
  g_autoptr (cJSON) root = cJSON_CreateObject ();
  cJSON *nodes = cJSON_AddArrayToObject (root, "nodes");
  cJSON *frames = cJSON_AddArrayToObject (root, "frames");
  g_autoptr (GHashTable) set = g_hash_table_new (NULL, NULL);
  g_autofree char *prefix = gw_document_prefix (document, n > 0 ? gw_document_owner (document, ids[0]) : 0);
  cJSON *groups;
  int n_groups;

  cJSON_AddItemToObject (root, "graphwright-clipboard", gw_json_new_int (1));
  gw_document_collect (document, ids, n, set);
  gw_document_ids (document, GW_ITEM_GROUP, &n_groups);
  if (n_groups > 0)
    collect_called (document, set);
  add_items (document, GW_ITEM_NODE, ids, n, set, nodes);
  add_items (document, GW_ITEM_FRAME, ids, n, set, frames);
  if (g_hash_table_size (set) > 0)
    {
      groups = cJSON_AddArrayToObject (root, "groups");
      add_items (document, GW_ITEM_GROUP, ids, n, set, groups);
    }
  if (*prefix != '\0')
    cJSON_AddStringToObject (root, "within", prefix);
  return gw_json_print (root);
}

typedef struct {
  GwDocument *document;
  GPtrArray  *items;    /* of GwItem, still with the ids of the text */
  GHashTable *new_ids;  /* old id → new id */
  GHashTable *names;    /* names given out in this paste */
  GHashTable *groups;   /* id of the text → its GwItem in `items`, with its new name */
  GHashTable *paths;    /* id of the text → GroupPath */
  int64_t     owner;    /* the canvas that is pasted into */
  const char *within;   /* the prefix of what was copied */
  gboolean    keep_inputs;
  int64_t     body;     /* of the canvas that is pasted into */
  GHashTable *called;   /* name of a sub-graph in the text → its own here; only what differs */
} Paste;

/* What the names of the nodes in a group begin with. */
typedef struct {
  char *before, *after;
} GroupPath;

static void
group_path_free (gpointer data)
{
  GroupPath *path = data;

  g_free (path->before);
  g_free (path->after);
  g_free (path);
}

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
  return paste->keep_inputs && gw_document_node (paste->document, from) != NULL &&
         gw_document_body (paste->document, from) == paste->body ? from : 0;
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

/* ---- names and owners ---- */

static gboolean
is_scope (const GwItem *item)
{
  return item->kind == GW_ITEM_GROUP && item->group.kind == GW_GROUP_SCOPE;
}

static gpointer
key_of (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

static gboolean
group_name_is_taken (const Paste *paste,
                     int64_t      owner,
                     const char  *name)
{
  g_autofree char *prefix = gw_document_prefix (paste->document, owner);
  g_autofree char *path = g_strdup_printf ("%s%s/", prefix, name);
  g_autoptr (GArray) there = gw_document_members (paste->document, owner, GW_ITEM_GROUP);

  for (guint i = 0; i < there->len; i++)
    if (g_str_equal (gw_document_group (paste->document, g_array_index (there, int64_t, i))->name, name))
      return TRUE;
  return g_hash_table_contains (paste->names, path);
}

/* Unique among the groups of the canvas that is pasted into. */
static void
name_group (Paste   *paste,
            GwItem  *item,
            int64_t  owner)
{
  g_autofree char *stem = g_strdup (item->group.name);
  g_autofree char *prefix = gw_document_prefix (paste->document, owner);

  for (int i = 1; group_name_is_taken (paste, owner, item->group.name); i++)
    {
      g_free (item->group.name);
      item->group.name = g_strdup_printf ("%s_%d", stem, i);
    }
  g_hash_table_add (paste->names, g_strdup_printf ("%s%s/", prefix, item->group.name));
}

/* What a sub-graph was called that is called `name` now. */
static const char *
name_in_text (const Paste *paste,
              const char  *name)
{
  GHashTableIter iter;
  gpointer old, fresh;

  g_hash_table_iter_init (&iter, paste->called);
  while (g_hash_table_iter_next (&iter, &old, &fresh))
    if (g_str_equal (fresh, name))
      return old;
  return name;
}

/* Where the names in a group of the text begin, then and now. `depth` ends circles. */
static const GroupPath *
path_of (Paste   *paste,
         int64_t  group,
         int      depth)
{
  GroupPath *path = g_hash_table_lookup (paste->paths, key_of (group));
  GwItem *item = group != 0 ? g_hash_table_lookup (paste->groups, key_of (group)) : NULL;
  const GroupPath *above;
  g_autofree char *name = NULL;

  if (path != NULL)
    return path;
  path = g_new0 (GroupPath, 1);
  if (item == NULL || depth == GW_MAX_DEPTH)
    {
      path->before = g_strdup (paste->within);
      path->after = gw_document_prefix (paste->document, paste->owner);
    }
  else if (!is_scope (item))
    {
      path->after = g_strdup_printf ("%s/", item->group.name);
      path->before = g_strdup_printf ("%s/", name_in_text (paste, item->group.name));
    }
  else
    {
      above = path_of (paste, item->owner, depth + 1);
      name = g_strdup (item->group.name);
      if (g_hash_table_lookup (paste->groups, key_of (item->owner)) == NULL)
        name_group (paste, item, paste->owner);
      path->before = g_strdup_printf ("%s%s/", above->before, name);
      path->after = g_strdup_printf ("%s%s/", above->after, item->group.name);
    }
  g_hash_table_insert (paste->paths, key_of (group), path);
  return path;
}

/* Unique in the document and in this paste. */
static char *
unique_name (Paste      *paste,
             int64_t     owner,
             const char *name)
{
  const GroupPath *path = path_of (paste, owner, 0);
  const char *leaf = g_str_has_prefix (name, path->before) && name[strlen (path->before)] != '\0'
                       ? name + strlen (path->before) : name;
  g_autofree char *wanted = g_strconcat (g_str_has_prefix (leaf, path->after) ? "" : path->after, leaf, NULL);
  char *unique = gw_document_unique_name_among (paste->document, paste->names, wanted);

  g_hash_table_add (paste->names, g_strdup (unique));
  return unique;
}

static void
translate_params (Paste      *paste,
                  GwDocGroup *group)
{
  for (guint i = group->params->len; i > 0; i--)
    {
      GwGroupParam *param = &g_array_index (group->params, GwGroupParam, i - 1);

      param->node = new_id_of (paste, param->node);
      if (param->node == 0)
        g_array_remove_index (group->params, i - 1);
    }
}

/* Whether it was copied from the canvas itself and not out of a group of the text. */
static gboolean
is_on_top (const Paste  *paste,
           const GwItem *item)
{
  return g_hash_table_lookup (paste->groups, key_of (item->owner)) == NULL;
}

static void
place_node (Paste  *paste,
            GwItem *item)
{
  char *name = unique_name (paste, item->owner, item->node.name);

  g_free (item->node.name);
  item->node.name = name;
  rewire (paste, &item->node);
}

static void
place (Paste  *paste,
       GwItem *item,
       double  dx,
       double  dy)
{
  gboolean on_top = is_on_top (paste, item);

  dx = on_top ? dx : 0;
  dy = on_top ? dy : 0;
  if (item->kind == GW_ITEM_FRAME)
    {
      item->frame.x += dx;
      item->frame.y += dy;
    }
  else if (item->kind == GW_ITEM_GROUP)
    {
      path_of (paste, item->id, 0);
      item->group.x += is_scope (item) ? dx : 0;
      item->group.y += is_scope (item) ? dy : 0;
      translate_params (paste, &item->group);
    }
  else
    {
      item->node.x += dx;
      item->node.y += dy;
      place_node (paste, item);
    }
}

/* A layer that shared weights with one that is pasted too shares them with the pasted one. */
static void
share_with_twin (Paste  *paste,
                 GwItem *item)
{
  const GwAttrValue *share = item->kind == GW_ITEM_NODE ? gw_named_attrs_get (item->node.attrs, "share") : NULL;
  int64_t twin = share != NULL && share->type == GW_ATTR_INT ? new_id_of (paste, share->i) : 0;
  GwAttrValue value = gw_attr_int (twin);

  if (twin != 0)
    gw_named_attrs_set (item->node.attrs, "share", &value);
}

/* Its new id and owner, when everything else is known of it. */
static void
settle_item (Paste  *paste,
             GwItem *item)
{
  if (item->kind == GW_ITEM_GROUP && !is_scope (item))
    item->owner = 0;
  else
    item->owner = is_on_top (paste, item) ? paste->owner : new_id_of (paste, item->owner);
}

/* ---- sub-graphs ---- */

static gboolean
is_function (const GwItem *item)
{
  return item->kind == GW_ITEM_GROUP && item->group.kind == GW_GROUP_FUNCTION;
}

static gboolean
function_name_is_taken (const Paste *paste,
                        const char  *name)
{
  gboolean taken = gw_document_find_group (paste->document, name) != 0;

  for (guint i = 0; !taken && i < paste->items->len; i++)
    {
      const GwItem *item = g_ptr_array_index (paste->items, i);

      taken = item->kind == GW_ITEM_GROUP && !is_scope (item) && g_str_equal (item->group.name, name);
    }
  return taken;
}

static void
follow_called (const Paste *paste,
               GwAttrValue *value)
{
  int n;
  char *const *names = gw_attr_func_names (value, &n);

  for (int i = 0; i < n; i++)
    {
      const char *fresh = names[i] != NULL ? g_hash_table_lookup (paste->called, names[i]) : NULL;
      char **place = value->type == GW_ATTR_FUNCS ? &value->list.s[i] : &value->s;

      if (fresh == NULL)
        continue;
      g_free (*place);
      *place = g_strdup (fresh);
    }
}

/* The bodies of an If or a While are its own: a pasted one gets bodies with names of their
 * own, so that an edit of the one's does not change the other. */
static void
name_functions (Paste *paste)
{
  for (guint i = 0; i < paste->items->len; i++)
    {
      GwItem *item = g_ptr_array_index (paste->items, i);
      char *name = NULL;

      if (!is_function (item) || gw_document_find_group (paste->document, item->group.name) == 0)
        continue;
      for (int number = 1; name == NULL || function_name_is_taken (paste, name); number++)
        {
          g_free (name);
          name = g_strdup_printf ("%s_%d", item->group.name, number);
        }
      g_hash_table_insert (paste->called, item->group.name, g_strdup (name));
      item->group.name = name;
    }
  for (guint i = 0; i < paste->items->len; i++)
    {
      GwItem *item = g_ptr_array_index (paste->items, i);

      for (guint k = 0; item->kind == GW_ITEM_NODE && k < item->node.attrs->len; k++)
        follow_called (paste, &g_array_index (item->node.attrs, GwNamedAttr, k).value);
    }
}

/* Composites that the document has already are not pasted again: what uses them by name
 * finds its own. */
static void
drop_known (Paste *paste)
{
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  gboolean more = TRUE;

  while (more)
    {
      more = FALSE;
      for (guint i = 0; i < paste->items->len; i++)
        {
          const GwItem *item = g_ptr_array_index (paste->items, i);
          gboolean is_known = item->kind == GW_ITEM_GROUP && item->group.kind == GW_GROUP_COMPOSITE &&
                              gw_document_find_group (paste->document, item->group.name) != 0;

          if (is_known || (item->owner != 0 && g_hash_table_contains (known, key_of (item->owner))))
            more |= g_hash_table_add (known, key_of (item->id));
        }
    }
  for (guint i = paste->items->len; i > 0; i--)
    {
      GwItem *item = g_ptr_array_index (paste->items, i - 1);

      if (!g_hash_table_contains (known, key_of (item->id)))
        continue;
      g_hash_table_remove (paste->new_ids, key_of (item->id));
      g_hash_table_remove (paste->groups, key_of (item->id));
      g_ptr_array_remove_index (paste->items, i - 1);
    }
}

static gboolean
check_depth (const Paste *paste,
             GError     **error)
{
  for (guint i = 0; i < paste->items->len; i++)
    {
      const GwItem *item = g_ptr_array_index (paste->items, i);
      int depth = 0;

      for (; item != NULL && depth <= GW_MAX_DEPTH; depth++)
        item = g_hash_table_lookup (paste->groups, key_of (item->owner));
      for (int64_t owner = paste->owner; owner != 0; owner = gw_document_owner (paste->document, owner))
        depth++;
      if (depth > GW_MAX_DEPTH)
        return gw_invalid (error, "the groups on the clipboard would lie more than %d deep", GW_MAX_DEPTH);
    }
  return TRUE;
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

      g_hash_table_insert (paste->new_ids, key_of (item->id), key_of (gw_document_new_id (paste->document)));
    }
  for (guint i = 0; i < paste->items->len; i++)
    {
      GwItem *item = g_ptr_array_index (paste->items, i);

      if (ids != NULL && is_on_top (paste, item) && (item->kind != GW_ITEM_GROUP || is_scope (item)))
        g_array_append_vals (ids, &(int64_t) { new_id_of (paste, item->id) }, 1);
      place (paste, item, dx, dy);
    }
  for (guint i = 0; i < paste->items->len; i++)
    {
      settle_item (paste, g_ptr_array_index (paste->items, i));
      share_with_twin (paste, g_ptr_array_index (paste->items, i));
    }
  for (guint i = 0; i < paste->items->len; i++)
    {
      GwItem *item = g_ptr_array_index (paste->items, i);

      item->id = new_id_of (paste, item->id);
      gw_edit_put (edit, paste->document, gw_item_ref (item));
    }
  return edit;
}

/* By the rules of a document's file. */
static gboolean
check_text (const Paste *paste,
            GError     **error)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  g_autoptr (GwEdit) edit = gw_edit_new ("");

  for (guint i = 0; i < paste->items->len; i++)
    {
      GwItem *item = g_ptr_array_index (paste->items, i);

      if (is_on_top (paste, item))
        item->owner = 0;
      gw_edit_put (edit, document, gw_item_ref (item));
    }
  gw_document_apply (document, edit);
  return gw_document_check_groups (document, error);
}

static gboolean
read_all (Paste       *paste,
          const cJSON *root,
          GError     **error)
{
  if (!read_items (paste, cJSON_GetObjectItemCaseSensitive (root, "nodes"), GW_ITEM_NODE, error) ||
      !read_items (paste, cJSON_GetObjectItemCaseSensitive (root, "frames"), GW_ITEM_FRAME, error) ||
      !read_items (paste, cJSON_GetObjectItemCaseSensitive (root, "groups"), GW_ITEM_GROUP, error))
    return FALSE;
  for (guint i = 0; i < paste->items->len; i++)
    {
      GwItem *item = g_ptr_array_index (paste->items, i);

      if (item->kind == GW_ITEM_GROUP)
        g_hash_table_insert (paste->groups, key_of (item->id), item);
    }
  if (!check_text (paste, error))
    return FALSE;
  drop_known (paste);
  name_functions (paste);
  return check_depth (paste, error);
}

/* The sub-graph or composite that the nodes on a canvas are nodes of; 0 = the main graph. */
static int64_t
body_of_canvas (const GwDocument *document,
                int64_t           owner)
{
  const GwDocGroup *group = gw_document_group (document, owner);

  return group != NULL && group->kind != GW_GROUP_SCOPE ? owner : gw_document_body (document, owner);
}

GwEdit *
gw_document_paste_into (GwDocument *document,
                        int64_t     owner,
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
  g_autoptr (GHashTable) groups = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) paths = g_hash_table_new_full (NULL, NULL, NULL, group_path_free);
  g_autoptr (GHashTable) called = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Paste paste = { document, items, new_ids, names, groups, paths, owner, "", keep_inputs, .called = called };

  if (root == NULL)
    return NULL;
  if (gw_json_member_int (root, "graphwright-clipboard", 0) != 1)
    {
      gw_invalid (error, "the clipboard holds no nodes");
      return NULL;
    }
  paste.body = body_of_canvas (document, owner);
  paste.within = gw_json_member_string (root, "within", "");
  return read_all (&paste, root, error) ? make_edit (&paste, dx, dy, ids) : NULL;
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
  return gw_document_paste_into (document, 0, text, dx, dy, keep_inputs, ids, error);
}
