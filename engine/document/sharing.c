/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/sharing.h"

#include "engine/base/error.h"
#include "engine/document/lower-private.h"
#include "engine/document/variable-scopes.h"

#define MOST_STEPS 1000 /* from one layer to the next that it names */

static int64_t
shares_with (const GwDocNode *node)
{
  const GwAttrValue *value = node != NULL ? gw_named_attrs_get (node->attrs, "share") : NULL;

  return value != NULL && value->type == GW_ATTR_INT ? value->i : 0;
}

/* ---- who owns ---- */

int64_t
gw_sharing_owner (const GwDocument *document,
                  int64_t           id,
                  GError          **error)
{
  const GwDocNode *first = gw_document_node (document, id);

  for (int i = 0; i < MOST_STEPS; i++)
    {
      const GwDocNode *node = gw_document_node (document, id);
      int64_t next = shares_with (node);
      const GwDocNode *other = gw_document_node (document, next);

      if (node == NULL || next == 0)
        return node != NULL ? id : 0;
      if (other == NULL || !g_str_equal (other->op, first->op))
        {
          if (other == NULL)
            gw_invalid (error, "share names node %" G_GINT64_FORMAT ", which does not exist", next);
          else
            gw_invalid (error, "%s shares weights with %s, which is a %s, not a %s", node->name, other->name, other->op, first->op);
          return 0;
        }
      id = next;
    }
  gw_invalid (error, "the layers that share weights name each other in a circle");
  return 0;
}

char *
gw_sharing_owner_name (GwExpandContext *context)
{
  const GwLowering *lowering = context->lowering;
  int64_t owner;

  if (context->builder->error != NULL)
    return NULL;
  if (gw_attr_defs_find (context->def->attrs, "share") < 0 || gw_expand_attr (context, "share")->i == 0)
    return gw_variable_scope_map (lowering, lowering->current, context->name);
  owner = gw_sharing_owner (lowering->document, lowering->current, &context->builder->error);
  return owner != 0 ? gw_variable_scope_map (lowering, owner, gw_lowering_doc_node (lowering, owner)->name) : NULL;
}

gboolean
gw_sharing_is_shared (GwExpandContext *context,
                      int64_t          origin)
{
  const GwLowering *lowering = context->lowering;

  if (lowering->expanding != NULL) /* all of one use has one origin; what is there has this name by sharing alone */
    return origin == lowering->expanding->root && gw_attr_defs_find (context->def->attrs, "share") >= 0;
  return origin != lowering->current && gw_attr_defs_find (context->def->attrs, "share") >= 0 &&
         gw_sharing_owner (lowering->document, origin, NULL) == gw_sharing_owner (lowering->document, lowering->current, NULL);
}

GArray *
gw_sharing_group (const GwDocument *document,
                  int64_t           id)
{
  GArray *group = g_array_new (FALSE, FALSE, sizeof (int64_t));
  int64_t owner = gw_sharing_owner (document, id, NULL);
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  if (owner == 0)
    return group;
  g_array_append_val (group, owner);
  for (int i = 0; i < n; i++)
    if (ids[i] != owner && shares_with (gw_document_node (document, ids[i])) != 0 &&
        gw_sharing_owner (document, ids[i], NULL) == owner)
      g_array_append_val (group, ids[i]);
  return group;
}

/* ---- edits ---- */

static void
put_share (GwEdit           *edit,
           const GwDocument *document,
           int64_t           id,
           int64_t           owner)
{
  GwItem *item = gw_edit_take (edit, document, id);
  GwAttrValue value = gw_attr_int (owner);

  gw_named_attrs_set (item->node.attrs, "share", owner != 0 ? &value : NULL);
  gw_edit_put (edit, document, item);
}

GwEdit *
gw_edit_share (GwDocument *document,
               int64_t     id,
               int64_t     owner,
               GError    **error)
{
  const GwDocNode *node = gw_document_node (document, id);
  const GwDocNode *other = gw_document_node (document, owner);
  GwEdit *edit;

  if (node == NULL || (owner != 0 && other == NULL))
    {
      gw_invalid (error, "there is no such layer");
      return NULL;
    }
  if (owner != 0 && (owner == id || !g_str_equal (node->op, other->op)))
    {
      gw_invalid (error, owner == id ? "%s cannot share weights with itself" : "%s can share weights only with another %s",
                  node->name, node->op);
      return NULL;
    }
  if (owner != 0 && gw_sharing_owner (document, owner, NULL) == id)
    {
      gw_invalid (error, "%s uses the weights of %s already", other->name, node->name);
      return NULL;
    }
  edit = gw_edit_new (owner != 0 ? "Share weights" : "Stop sharing weights");
  put_share (edit, document, id, owner);
  return edit;
}

static gboolean
is_among (const int64_t *ids,
          int            n,
          int64_t        id)
{
  for (int i = 0; i < n; i++)
    if (ids[i] == id)
      return TRUE;
  return FALSE;
}

/* Where sharing with `id` leads past those that go; 0 when none of them stays. */
static int64_t
next_that_stays (const GwDocument *document,
                 int64_t           id,
                 const int64_t    *gone,
                 int               n_gone)
{
  for (int i = 0; i < MOST_STEPS && id != 0 && is_among (gone, n_gone, id); i++)
    id = shares_with (gw_document_node (document, id));
  return is_among (gone, n_gone, id) ? 0 : id;
}

void
gw_sharing_promote (GwEdit           *edit,
                    const GwDocument *document,
                    const int64_t    *ids,
                    int               n)
{
  g_autoptr (GHashTable) heirs = g_hash_table_new_full (NULL, g_direct_equal, NULL, NULL); /* owner that goes → its heir */
  int n_all;
  const int64_t *all = gw_document_ids (document, GW_ITEM_NODE, &n_all);

  for (int i = 0; i < n_all; i++)
    {
      int64_t next = shares_with (gw_document_node (document, all[i]));
      int64_t owner, stays;
      gpointer heir;

      if (next == 0 || !is_among (ids, n, next) || is_among (ids, n, all[i]))
        continue;
      stays = next_that_stays (document, next, ids, n);
      owner = stays == 0 ? gw_sharing_owner (document, all[i], NULL) : 0;
      heir = owner != 0 ? g_hash_table_lookup (heirs, GSIZE_TO_POINTER ((gsize) owner)) : NULL;
      if (owner != 0 && heir == NULL)
        g_hash_table_insert (heirs, GSIZE_TO_POINTER ((gsize) owner), GSIZE_TO_POINTER ((gsize) all[i]));
      put_share (edit, document, all[i], stays != 0 ? stays : (int64_t) GPOINTER_TO_SIZE (heir));
    }
}
