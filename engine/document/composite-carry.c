/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions of composites on their way between documents: out of one, and into another in
 * place of an older version. */
#include "engine/document/composite-edits.h"

#include "engine/base/error.h"
#include "engine/document/document-private.h"
#include "engine/document/groups-private.h"

#include <string.h>

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

/* The definition and all that it uses or calls, with what is in them, as a set of ids. */
static void
collect_definitions (const GwDocument *document,
                     int64_t           group,
                     GHashTable       *set)
{
  g_autoptr (GArray) content = NULL;

  if (g_hash_table_contains (set, id_key (group)))
    return;
  gw_document_collect (document, &group, 1, set);
  content = gw_document_content (document, group, GW_ITEM_NODE);
  for (guint i = 0; i < content->len; i++)
    {
      const GwDocNode *node = gw_document_node (document, g_array_index (content, int64_t, i));
      int64_t own = gw_document_own_composite (document, g_array_index (content, int64_t, i));

      if (own != 0)
        collect_definitions (document, own, set);
      for (guint k = 0; k < node->attrs->len; k++)
        {
          int n;
          char *const *names = gw_attr_func_names (&g_array_index (node->attrs, GwNamedAttr, k).value, &n);

          for (int m = 0; m < n; m++)
            {
              int64_t called = names[m] != NULL ? gw_document_find_group (document, names[m]) : 0;

              if (called != 0)
                collect_definitions (document, called, set);
            }
        }
    }
}

GwDocument *
gw_document_extract_composite (const GwDocument *document,
                               int64_t           group)
{
  g_autoptr (GHashTable) set = g_hash_table_new (NULL, NULL);
  g_autoptr (GwEdit) edit = gw_edit_new ("Extract");
  GwDocument *alone = gw_document_new ();
  GHashTableIter iter;
  gpointer key;

  collect_definitions (document, group, set);
  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    gw_edit_put (edit, alone, gw_item_copy (gw_document_item (document, (int64_t) GPOINTER_TO_SIZE (key))));
  gw_document_apply (alone, edit);
  return alone;
}

/* ---- into another document ---- */

typedef struct {
  GwDocument       *document;
  const GwDocument *library;
  GwEdit           *edit;
  GHashTable       *ids;     /* id in the library → id in the document */
  GHashTable       *names;   /* set of names given out */
} Carry;

static int64_t
new_id_of (const Carry *carry,
           int64_t      id)
{
  return (int64_t) GPOINTER_TO_SIZE (g_hash_table_lookup (carry->ids, id_key (id)));
}

static void
carry_node (const Carry *carry,
            GwDocNode   *node)
{
  const GwAttrValue *share = gw_named_attrs_get (node->attrs, "share");
  char *name = gw_document_unique_name_among (carry->document, carry->names, node->name);

  g_free (node->name);
  node->name = name;
  g_hash_table_add (carry->names, g_strdup (name));
  for (guint i = 0; i < node->inputs->len; i++)
    {
      GwDocInput *input = &g_array_index (node->inputs, GwDocInput, i);

      if (input->from != 0)
        input->from = new_id_of (carry, input->from);
    }
  for (guint i = 0; i < node->controls->len; i++)
    g_array_index (node->controls, int64_t, i) = new_id_of (carry, g_array_index (node->controls, int64_t, i));
  if (share != NULL && share->type == GW_ATTR_INT && share->i != 0)
    {
      GwAttrValue own = gw_attr_int (new_id_of (carry, share->i));

      gw_named_attrs_set (node->attrs, "share", &own);
    }
}

static void
carry_item (const Carry *carry,
            int64_t      id)
{
  GwItem *item = gw_item_copy (gw_document_item (carry->library, id));

  item->id = new_id_of (carry, id);
  item->owner = item->owner != 0 ? new_id_of (carry, item->owner) : 0;
  if (item->kind == GW_ITEM_NODE)
    carry_node (carry, &item->node);
  for (guint i = 0; item->kind == GW_ITEM_GROUP && i < item->group.params->len; i++)
    {
      GwGroupParam *param = &g_array_index (item->group.params, GwGroupParam, i);

      param->node = new_id_of (carry, param->node);
    }
  gw_edit_put (carry->edit, carry->document, item);
}

/* What is in the document's own definition goes, and the definition keeps its id. */
static void
clear_old (const Carry *carry,
           int64_t      group)
{
  g_autoptr (GHashTable) set = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer key;

  gw_document_collect (carry->document, &group, 1, set);
  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if ((int64_t) GPOINTER_TO_SIZE (key) != group)
      gw_edit_remove (carry->edit, carry->document, (int64_t) GPOINTER_TO_SIZE (key));
}

/* Definitions that the document has already stay as they are there. */
static void
choose_items (const Carry *carry,
              int64_t      group,
              GHashTable  *set)
{
  GHashTableIter iter;
  gpointer key;
  int n;
  const int64_t *groups = gw_document_ids (carry->library, GW_ITEM_GROUP, &n);

  collect_definitions (carry->library, group, set);
  for (int i = 0; i < n; i++)
    {
      const GwDocGroup *definition = gw_document_group (carry->library, groups[i]);
      g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);

      if (groups[i] == group || definition->kind == GW_GROUP_SCOPE || !g_hash_table_contains (set, id_key (groups[i])) ||
          gw_document_find_group (carry->document, definition->name) == 0)
        continue;
      gw_document_collect (carry->library, &groups[i], 1, known);
      g_hash_table_iter_init (&iter, known);
      while (g_hash_table_iter_next (&iter, &key, NULL))
        g_hash_table_remove (set, key);
    }
}

/* Names that the replaced nodes leave free. */
static void
free_names (GwDocument *work,
            int64_t     group)
{
  g_autoptr (GwEdit) edit = gw_edit_new ("Clear");
  Carry carry = { .document = work, .edit = edit };

  clear_old (&carry, group);
  gw_document_apply (work, edit);
}

/* Nodes are made again in the order of their ids, which is that of their random numbers. */
static gint
compare_keys (gconstpointer a,
              gconstpointer b)
{
  return (GPOINTER_TO_SIZE (a) > GPOINTER_TO_SIZE (b)) - (GPOINTER_TO_SIZE (a) < GPOINTER_TO_SIZE (b));
}

GwEdit *
gw_edit_take_composite (GwDocument       *document,
                        const GwDocument *library,
                        const char       *name,
                        GError          **error)
{
  int64_t group = gw_document_find_group (library, name);
  int64_t old = gw_document_find_group (document, name);
  g_autoptr (GwDocument) work = gw_document_copy (document);
  g_autoptr (GHashTable) set = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) ids = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *label = g_strdup_printf (old != 0 ? "Update %s" : "Take %s", name);
  Carry carry = { work, library, NULL, ids, names };
  g_autoptr (GList) sorted = NULL;

  if (group == 0 || gw_document_group (library, group)->kind != GW_GROUP_COMPOSITE)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "there is no composite called “%s” in it", name);
      return NULL;
    }
  if (old != 0 && gw_document_group (document, old)->kind != GW_GROUP_COMPOSITE)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_ALREADY_EXISTS, "there is a sub-graph called “%s” in the document", name);
      return NULL;
    }
  carry.edit = gw_edit_new (label);
  if (old != 0)
    {
      Carry clearing = { .document = document, .edit = carry.edit };

      clear_old (&clearing, old);
      free_names (work, old);
    }
  choose_items (&carry, group, set);
  sorted = g_list_sort (g_hash_table_get_keys (set), compare_keys);
  for (const GList *l = sorted; l != NULL; l = l->next)
    g_hash_table_insert (ids, l->data, (int64_t) GPOINTER_TO_SIZE (l->data) == group && old != 0 ? id_key (old)
                                                                                               : id_key (gw_document_new_id (document)));
  for (const GList *l = sorted; l != NULL; l = l->next)
    carry_item (&carry, (int64_t) GPOINTER_TO_SIZE (l->data));
  return carry.edit;
}
