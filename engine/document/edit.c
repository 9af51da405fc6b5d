/* SPDX-License-Identifier: Apache-2.0 */
/* Edits: collecting changes, and the changes that every view makes. */
#include "engine/base/error.h"
#include "engine/document/composite-edits.h"
#include "engine/document/function-edit.h"
#include "engine/document/groups-private.h"
#include "engine/document/sharing.h"
#include "engine/graph/graph.h"
#include "engine/graph/registry.h"

#include <string.h>

static void
change_clear (gpointer data)
{
  GwChange *change = data;

  gw_item_unref (change->before);
  gw_item_unref (change->after);
}

GwEdit *
gw_edit_new (const char *label)
{
  GwEdit *edit = g_new0 (GwEdit, 1);

  edit->label = g_strdup (label);
  edit->changes = g_array_new (FALSE, TRUE, sizeof (GwChange));
  g_array_set_clear_func (edit->changes, change_clear);
  edit->index = g_hash_table_new (NULL, NULL);
  return edit;
}

void
gw_edit_free (GwEdit *edit)
{
  if (edit == NULL)
    return;
  g_array_unref (edit->changes);
  g_hash_table_unref (edit->index);
  g_free (edit->label);
  g_free (edit);
}

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

static int64_t
change_id (const GwChange *change)
{
  return (change->before != NULL ? change->before : change->after)->id;
}

static GwChange *
find_change (const GwEdit *edit,
             int64_t       id)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (edit->index, id_key (id)));

  return place > 0 ? &g_array_index (edit->changes, GwChange, place - 1) : NULL;
}

static void
drop_change (GwEdit *edit,
             guint   place)
{
  g_hash_table_remove (edit->index, id_key (change_id (&g_array_index (edit->changes, GwChange, place))));
  g_array_remove_index (edit->changes, place);
  for (guint i = place; i < edit->changes->len; i++)
    g_hash_table_insert (edit->index, id_key (change_id (&g_array_index (edit->changes, GwChange, i))),
                         GUINT_TO_POINTER (i + 1));
}

/* Notes that `id` becomes `after` (taken; NULL = removed). A change that ends as it
 * began is dropped. */
static void
note_change (GwEdit *edit,
             GwItem *before,
             int64_t id,
             GwItem *after)
{
  GwChange *change = find_change (edit, id);
  GwChange fresh = { before != NULL ? gw_item_ref (before) : NULL, after };

  if (change == NULL)
    {
      if (before == NULL && after == NULL)
        return;
      g_array_append_val (edit->changes, fresh);
      g_hash_table_insert (edit->index, id_key (id), GUINT_TO_POINTER (edit->changes->len));
      return;
    }
  g_clear_pointer (&fresh.before, gw_item_unref);
  if (change->before == NULL ? after == NULL : after != NULL && gw_item_equal (change->before, after))
    {
      gw_item_unref (after);
      drop_change (edit, (guint) (change - (GwChange *) edit->changes->data));
      return;
    }
  gw_item_unref (change->after);
  change->after = after;
}

void
gw_edit_put (GwEdit           *edit,
             const GwDocument *document,
             GwItem           *after)
{
  GwItem *before = gw_document_item (document, after->id);

  if (find_change (edit, after->id) == NULL && before != NULL && gw_item_equal (before, after))
    gw_item_unref (after);
  else
    note_change (edit, before, after->id, after);
}

void
gw_edit_remove (GwEdit           *edit,
                const GwDocument *document,
                int64_t           id)
{
  note_change (edit, gw_document_item (document, id), id, NULL);
}

GwItem *
gw_edit_take (const GwEdit     *edit,
              const GwDocument *document,
              int64_t           id)
{
  GwChange *change = find_change (edit, id);
  GwItem *item = change != NULL ? change->after : gw_document_item (document, id);

  return item != NULL ? gw_item_copy (item) : NULL;
}

gboolean
gw_edit_is_empty (const GwEdit *edit)
{
  return edit->changes->len == 0;
}

void
gw_edit_merge (GwEdit       *earlier,
               const GwEdit *later)
{
  for (guint i = 0; i < later->changes->len; i++)
    {
      const GwChange *change = &g_array_index (later->changes, GwChange, i);

      note_change (earlier, change->before, change_id (change), change->after != NULL ? gw_item_ref (change->after) : NULL);
    }
}

/* ---- adding ---- */

/* TensorFlow's names are CamelCase; so are ours until the user renames. */
GwEdit *
gw_edit_add_node (GwDocument    *document,
                  const GwOpDef *op,
                  double         x,
                  double         y,
                  int64_t       *id)
{
  g_autofree char *label = g_strdup_printf ("Add %s", op->title != NULL ? op->title : op->name);
  GwEdit *edit = gw_edit_new (label);
  GwItem *item = gw_item_new (GW_ITEM_NODE, gw_document_new_id (document));
  g_autofree char *own = gw_registry_find (op->name) == NULL ? gw_composite_use_name (document, op->name) : NULL;

  item->node.op = g_strdup (op->name);
  item->node.name = gw_document_unique_name (document, own != NULL ? own : op->name);
  item->node.x = x;
  item->node.y = y;
  *id = item->id;
  gw_edit_add_bodies (edit, document, &item->node);
  gw_edit_put (edit, document, item);
  return edit;
}

/* ---- deleting ---- */

/* What is deleted, and how. */
typedef struct {
  GwEdit           *edit;
  const GwDocument *document;
  GHashTable       *ids;
  gboolean          reconnect;
} Deletion;

static gboolean
goes (const Deletion *deletion,
      int64_t         id)
{
  return g_hash_table_contains (deletion->ids, id_key (id));
}

/* The wire at the first of a node's inputs that has one, in the order of its ports. */
static const GwDocInput *
first_wire (const GwDocNode *node)
{
  const GwOpDef *def = gw_registry_find (node->op);

  for (const GwPortDef *port = def != NULL ? def->inputs : NULL; port != NULL && port->name != NULL; port++)
    for (guint i = 0; i < node->inputs->len; i++)
      if (g_array_index (node->inputs, GwDocInput, i).from != 0 &&
          g_str_equal (g_array_index (node->inputs, GwDocInput, i).port, port->name))
        return &g_array_index (node->inputs, GwDocInput, i);
  for (guint i = 0; def == NULL && i < node->inputs->len; i++)
    if (g_array_index (node->inputs, GwDocInput, i).from != 0)
      return &g_array_index (node->inputs, GwDocInput, i);
  return NULL;
}

/* Where a wire from a deleted node comes from in its stead: along first wires, to a
 * node that stays. */
static gboolean
source_before (const Deletion *deletion,
               int64_t        *from,
               int            *output)
{
  guint n = g_hash_table_size (deletion->ids);

  for (guint hops = 0; hops <= n; hops++)
    {
      const GwDocNode *node = gw_document_node (deletion->document, *from);
      const GwDocInput *input;

      if (!goes (deletion, *from))
        return node != NULL;
      input = node != NULL ? first_wire (node) : NULL;
      if (input == NULL)
        return FALSE;
      *from = input->from;
      *output = input->output;
    }
  return FALSE;
}

static void
forget_inputs (const Deletion *deletion,
               int64_t         user)
{
  const GwDocNode *node = gw_document_node (deletion->document, user);
  GwItem *item = NULL;

  for (guint i = 0; i < node->inputs->len; i++)
    {
      const GwDocInput *input = &g_array_index (node->inputs, GwDocInput, i);
      int64_t from = input->from;
      int output = input->output;

      if (from == 0 || !goes (deletion, from))
        continue;
      if (item == NULL)
        item = gw_edit_take (deletion->edit, deletion->document, user);
      if (!deletion->reconnect || !source_before (deletion, &from, &output))
        from = 0;
      gw_doc_node_set_input (&item->node, input->port, input->index, from, output, NULL);
    }
  for (guint i = node->controls->len; i > 0; i--)
    if (goes (deletion, g_array_index (node->controls, int64_t, i - 1)))
      {
        if (item == NULL)
          item = gw_edit_take (deletion->edit, deletion->document, user);
        g_array_remove_index (item->node.controls, i - 1);
      }
  if (item != NULL)
    gw_edit_put (deletion->edit, deletion->document, item);
}

static void
forget_ids (const Deletion *deletion,
            GArray         *list)
{
  for (guint i = list->len; i > 0; i--)
    if (goes (deletion, g_array_index (list, int64_t, i - 1)))
      g_array_remove_index (list, i - 1);
}

/* Parameters of composites that are attributes of what goes. */
static void
forget_params (const Deletion *deletion)
{
  int n;
  const int64_t *groups = gw_document_ids (deletion->document, GW_ITEM_GROUP, &n);

  for (int i = 0; i < n; i++)
    {
      GwItem *item = goes (deletion, groups[i]) ? NULL : gw_edit_take (deletion->edit, deletion->document, groups[i]);

      if (item == NULL)
        continue;
      for (guint k = item->group.params->len; k > 0; k--)
        if (goes (deletion, g_array_index (item->group.params, GwGroupParam, k - 1).node))
          g_array_remove_index (item->group.params, k - 1);
      gw_edit_put (deletion->edit, deletion->document, item);
    }
}

static gint
compare_ids (gconstpointer a,
             gconstpointer b)
{
  const int64_t *first = a, *second = b;

  return (*first > *second) - (*first < *second);
}

static GArray *
sorted_ids (GHashTable *set)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      int64_t id = (int64_t) GPOINTER_TO_SIZE (key);

      g_array_append_val (ids, id);
    }
  g_array_sort (ids, compare_ids);
  return ids;
}

GwEdit *
gw_edit_delete (GwDocument    *document,
                const int64_t *ids,
                int            n,
                gboolean       reconnect)
{
  const GwDocNode *only = n == 1 ? gw_document_node (document, ids[0]) : NULL;
  g_autofree char *label = only != NULL ? g_strdup_printf ("Delete %s", only->name)
                                        : g_strdup_printf ("Delete %d items", n);
  g_autoptr (GHashTable) set = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) all = NULL;
  GwEdit *edit = gw_edit_new (label);
  Deletion deletion = { edit, document, set, reconnect };
  GwItem *settings = gw_edit_take (edit, document, 0);
  const int64_t *users;
  int n_users;

  gw_document_collect (document, ids, n, set);
  gw_document_collect_orphans (document, set);
  users = gw_document_ids (document, GW_ITEM_NODE, &n_users);
  for (int i = 0; i < n_users; i++)
    if (!goes (&deletion, users[i]))
      forget_inputs (&deletion, users[i]);
  forget_ids (&deletion, settings->settings.targets);
  forget_ids (&deletion, settings->settings.metrics);
  if (goes (&deletion, settings->settings.loss))
    settings->settings.loss = 0;
  gw_edit_put (edit, document, settings);
  forget_params (&deletion);
  all = sorted_ids (set);
  gw_sharing_promote (edit, document, (const int64_t *) (gpointer) all->data, (int) all->len);
  for (guint i = 0; i < all->len; i++)
    gw_edit_remove (edit, document, g_array_index (all, int64_t, i));
  return edit;
}

/* ---- attributes from text ---- */

static const GwPortDef *
find_port (const GwOpDef *def,
           const char    *name)
{
  for (const GwPortDef *port = def != NULL ? def->inputs : NULL; port != NULL && port->name != NULL; port++)
    if (g_str_equal (port->name, name))
      return port;
  return NULL;
}

/* What a literal at a reference port becomes when the variable that it names is called
 * anew; NULL = as it is. */
static const char *
new_literal (const GwOpDef    *def,
             const GwDocInput *input,
             GHashTable       *names)
{
  const char *fresh = input->literal != NULL ? g_hash_table_lookup (names, input->literal) : NULL;
  const GwPortDef *port = fresh != NULL ? find_port (def, input->port) : NULL;

  return port != NULL && port->is_ref ? fresh : NULL;
}

void
gw_edit_follow_names (GwEdit           *edit,
                      const GwDocument *document,
                      GHashTable       *names)
{
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int k = 0; k < n; k++)
    {
      const GwDocNode *node = gw_document_node (document, ids[k]);
      const GwOpDef *def = gw_document_op (document, node->op);

      for (guint i = 0; i < node->inputs->len; i++)
        {
          const GwDocInput *input = &g_array_index (node->inputs, GwDocInput, i);
          const char *fresh = new_literal (def, input, names);
          GwItem *item = fresh != NULL ? gw_edit_take (edit, document, ids[k]) : NULL;

          if (item == NULL)
            continue;
          gw_doc_node_set_input (&item->node, input->port, input->index, 0, 0, fresh);
          gw_edit_put (edit, document, item);
        }
    }
}

static gboolean
rename_node (GwDocument *document,
             GwItem     *item,
             const char *name,
             GError    **error)
{
  int64_t owner = gw_document_find (document, name);

  if (!gw_node_name_check (name, error))
    return FALSE;
  if (owner != 0 && owner != item->id)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_ALREADY_EXISTS, "another node is called “%s” already", name);
      return FALSE;
    }
  g_free (item->node.name);
  item->node.name = g_strdup (name);
  return TRUE;
}

static void
set_text (char      **field,
          const char *text)
{
  g_free (*field);
  *field = *text != '\0' ? g_strdup (text) : NULL;
}

static gboolean
set_op_attr (const GwDocument *document,
             GwItem           *item,
             const char       *name,
             const char       *text,
             GError          **error)
{
  const GwOpDef *def = gw_document_op (document, item->node.op);
  int index = def != NULL ? gw_attr_defs_find (def->attrs, name) : -1;
  GwAttrValue value, standard;
  gboolean is_default;

  if (index < 0 && *text == '\0' && gw_named_attrs_get (item->node.attrs, name) != NULL)
    {
      gw_named_attrs_set (item->node.attrs, name, NULL);
      return TRUE;
    }
  if (index < 0 && find_port (def, name) != NULL)
    {
      gw_doc_node_set_input (&item->node, name, 0, 0, 0, *text != '\0' ? text : NULL);
      return TRUE;
    }
  if (index < 0)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "%s has no attribute “%s”", item->node.op, name);
      return FALSE;
    }
  if (!gw_attr_parse (&def->attrs[index], text, &value, error))
    return FALSE;
  gw_attr_default (&def->attrs[index], &standard);
  is_default = gw_attr_value_equal (&value, &standard) && (def->attrs[index].flags & GW_ATTR_REQUIRED) == 0;
  gw_named_attrs_set (item->node.attrs, name, is_default ? NULL : &value);
  gw_attr_value_clear (&value);
  gw_attr_value_clear (&standard);
  return TRUE;
}

GwEdit *
gw_edit_set_attr (GwDocument *document,
                  int64_t     id,
                  const char *name,
                  const char *text,
                  GError    **error)
{
  const GwDocNode *node = gw_document_node (document, id);
  g_autofree char *label = NULL;
  g_autoptr (GwEdit) edit = NULL;
  g_autoptr (GwItem) item = NULL;
  gboolean ok = TRUE;

  g_return_val_if_fail (node != NULL, NULL);
  label = g_strdup_printf ("Set %s of %s", name, node->name);
  edit = gw_edit_new (label);
  item = gw_edit_take (edit, document, id);
  if (g_str_equal (name, "name"))
    ok = rename_node (document, item, text, error);
  else if (g_str_equal (name, "device"))
    set_text (&item->node.device, text);
  else if (g_str_equal (name, "note"))
    set_text (&item->node.note, text);
  else
    ok = set_op_attr (document, item, name, text, error);
  if (!ok)
    {
      gw_error_set_node (error, node->name, node->op);
      return NULL;
    }
  gw_edit_put (edit, document, g_steal_pointer (&item));
  if (g_str_equal (name, "name"))
    {
      g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

      g_hash_table_insert (names, node->name, (gpointer) text);
      gw_edit_follow_names (edit, document, names);
      if (g_str_equal (node->op, "_Arg"))
        gw_edit_follow_port (edit, document, id, text);
    }
  return g_steal_pointer (&edit);
}
