/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/variable-scopes.h"

#include "engine/base/error.h"
#include "engine/document/composite-own.h"
#include "engine/document/groups-private.h"
#include "engine/document/lower-private.h"
#include "engine/document/sharing.h"
#include "engine/graph/registry.h"

#include <string.h>

gboolean
gw_variable_scope_check (const char *name,
                         GError    **error)
{
  return gw_node_name_check (*name == '/' ? name + 1 : name, error);
}

/* ---- the document's scopes ---- */

static gboolean
is_variable_scope (const GwDocGroup *group)
{
  return group->variables != NULL || group->reuse != GW_REUSE_INHERIT;
}

gboolean
gw_variable_scopes_any (const GwDocument *document)
{
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_GROUP, &n);

  for (int i = 0; i < n; i++)
    if (is_variable_scope (gw_document_group (document, ids[i])))
      return TRUE;
  return FALSE;
}

/* The node's name below `within` (0 = the document), its scopes' as their variables have them; *from_root is
 * whether one of these begins anew. */
static char *
name_within (const GwDocument *document,
             int64_t           within,
             int64_t           node,
             gboolean         *from_root)
{
  const char *own = gw_document_node (document, node)->name;
  int64_t owner = gw_document_owner (document, node);
  g_autofree char *prefix = gw_document_prefix (document, owner);
  GString *name = g_string_new (g_str_has_prefix (own, prefix) ? own + strlen (prefix) : own);

  *from_root = FALSE;
  for (int depth = 0; g_str_has_prefix (own, prefix) && owner != within && owner != 0 && !*from_root && depth < GW_MAX_DEPTH;
       depth++)
    {
      const GwDocGroup *group = gw_document_group (document, owner);
      const char *part = group != NULL && group->variables != NULL ? group->variables : group != NULL ? group->name : "";

      *from_root = *part == '/';
      g_string_prepend_c (name, '/');
      g_string_prepend (name, *from_root ? part + 1 : part);
      owner = gw_document_owner (document, owner);
    }
  return g_string_free (name, FALSE);
}

char *
gw_variable_scope_name (const GwDocument *document,
                        int64_t           node)
{
  gboolean from_root;

  return name_within (document, 0, node, &from_root);
}

GwReuse
gw_variable_scope_reuse (const GwDocument *document,
                         int64_t           id)
{
  int64_t owner = gw_document_owner (document, id);

  for (int depth = 0; owner != 0 && depth < GW_MAX_DEPTH; depth++)
    {
      const GwDocGroup *group = gw_document_group (document, owner);

      if (group != NULL && group->reuse != GW_REUSE_INHERIT)
        return group->reuse;
      owner = gw_document_owner (document, owner);
    }
  return GW_REUSE_INHERIT;
}

/* ---- layers of one name ---- */

/* Shipped layers have the attribute; what the user made of them is one as well. */
static gboolean
is_layer (const GwDocument *document,
          const GwDocNode  *node)
{
  const GwOpDef *def = gw_registry_find (node->op);

  return def != NULL ? gw_attr_defs_find (def->attrs, "share") >= 0 : gw_document_find_group (document, node->op) != 0;
}

/* By the name of their variables, in the order of their ids: name → GArray of int64_t. */
static GHashTable *
layers_by_name (const GwDocument *document)
{
  GHashTable *layers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);
      g_autofree char *name = NULL;
      GArray *same;

      if (!is_layer (document, node) || (node->flags & (GW_DOC_MUTED | GW_DOC_BYPASSED)) != 0)
        continue;
      name = gw_variable_scope_name (document, ids[i]);
      same = g_hash_table_lookup (layers, name);
      if (same == NULL)
        {
          same = g_array_new (FALSE, FALSE, sizeof (int64_t));
          g_hash_table_insert (layers, g_steal_pointer (&name), same);
        }
      g_array_append_val (same, ids[i]);
    }
  return layers;
}

static void
append_with (GArray           *chosen,
             const GwDocument *document,
             const GArray     *ids,
             GwReuse           reuse)
{
  for (guint i = 0; i < ids->len; i++)
    if (gw_variable_scope_reuse (document, g_array_index (ids, int64_t, i)) == reuse)
      g_array_append_val (chosen, g_array_index (ids, int64_t, i));
}

/* The composites of the user's own that have a layer with reuse=True in them: a set of ids. */
static GHashTable *
composites_with_reuse (const GwDocument *document,
                       GHashTable       *layers)
{
  GHashTable *composites = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer same;

  for (g_hash_table_iter_init (&iter, layers); g_hash_table_iter_next (&iter, NULL, &same);)
    for (guint i = 0; i < ((GArray *) same)->len; i++)
      {
        int64_t id = g_array_index ((GArray *) same, int64_t, i);

        if (gw_variable_scope_reuse (document, id) == GW_REUSE_TRUE)
          g_hash_table_add (composites, GSIZE_TO_POINTER ((gsize) gw_document_body (document, id)));
      }
  return composites;
}

/* A layer with reuse=True may take what is made within a use of a composite, under whatever name the use has: the uses
 * that need no maker themselves come before it. */
static void
append_making_uses (GArray           *chosen,
                    const GwDocument *document,
                    GHashTable       *layers)
{
  g_autoptr (GHashTable) takers = composites_with_reuse (document, layers);
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n && g_hash_table_size (takers) > 0; i++)
    {
      int64_t composite = gw_document_own_composite (document, ids[i]);

      if (composite != 0 && !g_hash_table_contains (takers, GSIZE_TO_POINTER ((gsize) composite))
          && gw_variable_scope_reuse (document, ids[i]) != GW_REUSE_TRUE)
        g_array_append_val (chosen, ids[i]);
    }
}

GArray *
gw_variable_scope_layers (const GwDocument *document)
{
  static const GwReuse order[] = { GW_REUSE_INHERIT, GW_REUSE_AUTO, GW_REUSE_TRUE };
  GArray *chosen = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GHashTable) layers = NULL;

  if (!gw_variable_scopes_any (document))
    return chosen;
  layers = layers_by_name (document);
  for (gsize k = 0; k < G_N_ELEMENTS (order); k++)
    {
      GHashTableIter iter;
      gpointer ids;

      if (order[k] == GW_REUSE_TRUE)
        append_making_uses (chosen, document, layers);
      for (g_hash_table_iter_init (&iter, layers); g_hash_table_iter_next (&iter, NULL, &ids);)
        if (((GArray *) ids)->len > 1 || order[k] == GW_REUSE_TRUE)
          append_with (chosen, document, ids, order[k]);
    }
  return chosen;
}

/* ---- lowering ---- */

/* What of the document the layer is, or is a part of. */
static int64_t
layer_of (const GwLowering *lowering)
{
  return lowering->expanding != NULL ? lowering->expanding->root : lowering->current;
}

/* Of a layer in the definition of what is being expanded. */
static char *
map_inside (const GwLowering *lowering,
            int64_t           id,
            const char       *name)
{
  const GwExpanding *expanding = lowering->expanding;
  const char *inner = gw_document_inner_name (lowering->document, expanding->group, id);
  g_autofree char *whole = g_strconcat (expanding->name, "/", inner, NULL);
  g_autofree char *mapped = NULL;
  gboolean from_root;

  if (!g_str_has_prefix (name, whole))
    return g_strdup (name);
  mapped = name_within (lowering->document, expanding->group, id, &from_root);
  return g_strconcat (from_root ? "" : expanding->variables, from_root ? "" : "/", mapped, name + strlen (whole), NULL);
}

char *
gw_variable_scope_map (const GwLowering *lowering,
                       int64_t           id,
                       const char       *name)
{
  const GwDocNode *node = gw_document_node (lowering->document, id);
  g_autofree char *mapped = NULL;

  if (node == NULL || !gw_variable_scopes_any (lowering->document))
    return g_strdup (name);
  if (lowering->expanding != NULL)
    return map_inside (lowering, id, name);
  if (!g_str_has_prefix (name, node->name))
    return g_strdup (name);
  mapped = gw_variable_scope_name (lowering->document, id);
  return g_strconcat (mapped, name + strlen (node->name), NULL);
}

/* What the scopes around the layer say, those within composites first; *within is whether one of those did. */
static GwReuse
reuse_of (const GwLowering *lowering,
          gboolean         *within)
{
  GwReuse reuse = gw_variable_scope_reuse (lowering->document, lowering->current);

  *within = FALSE;
  for (const GwExpanding *at = lowering->expanding; at != NULL && reuse == GW_REUSE_INHERIT; at = at->outer)
    reuse = gw_variable_scope_reuse (lowering->document, at->use);
  if (lowering->expanding != NULL && reuse != GW_REUSE_INHERIT)
    *within = gw_variable_scope_reuse (lowering->document, layer_of (lowering)) != reuse;
  return reuse;
}

/* The first of the others of this name that makes its variables, before or behind this one; 0 = none. A node that
 * is lowered by itself finds no variables of others: then this tells. */
static int64_t
maker_beside (const GwLowering *lowering,
              gboolean          before)
{
  int64_t layer = layer_of (lowering);
  g_autofree char *name = gw_variable_scope_name (lowering->document, layer);
  g_autoptr (GHashTable) layers = layers_by_name (lowering->document);
  const GArray *same = g_hash_table_lookup (layers, name);

  for (guint i = 0; same != NULL && i < same->len; i++)
    {
      int64_t id = g_array_index (same, int64_t, i);
      GwReuse reuse = gw_variable_scope_reuse (lowering->document, id);

      if (id == layer && before)
        return 0;
      if (id != layer && (reuse == GW_REUSE_INHERIT || (reuse == GW_REUSE_AUTO && !before)))
        return id;
    }
  return 0;
}

/* Whether the layer's name lies below that of a use of a composite, whose variables cannot be known here. */
static gboolean
is_below_use (const GwLowering *lowering)
{
  g_autofree char *name = gw_variable_scope_name (lowering->document, layer_of (lowering));
  g_autoptr (GHashTable) layers = layers_by_name (lowering->document);

  for (char *slash = strrchr (name, '/'); slash != NULL; slash = strrchr (name, '/'))
    {
      const GArray *same;

      *slash = '\0';
      same = g_hash_table_lookup (layers, name);
      for (guint i = 0; same != NULL && i < same->len; i++)
        if (gw_document_own_composite (lowering->document, g_array_index (same, int64_t, i)) != 0)
          return TRUE;
    }
  return FALSE;
}

static gboolean
refuse_second (GwExpandContext *context,
               const char      *full_name,
               int64_t          first)
{
  const GwDocNode *maker = gw_document_node (context->lowering->document, first);

  gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT,
                   "Variable %s already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope? "
                   "Originally defined by %s", full_name, maker != NULL ? maker->name : "another layer");
  return FALSE;
}

static gboolean
refuse_missing (GwExpandContext *context,
                const char      *full_name)
{
  gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT,
                   "Variable %s does not exist, or was not created with tf.get_variable(). "
                   "Did you mean to set reuse=tf.AUTO_REUSE in VarScope?", full_name);
  return FALSE;
}

/* A variable of another layer, not one that was drawn. */
static gboolean
is_of_another_layer (const GwLowering        *lowering,
                     const GwLoweredVariable *found)
{
  const GwDocNode *maker = found != NULL && found->origin != layer_of (lowering)
                             ? gw_document_node (lowering->document, found->origin) : NULL;

  return maker != NULL && is_layer (lowering->document, maker);
}

gboolean
gw_variable_scope_allows (GwExpandContext         *context,
                          const char              *full_name,
                          const GwLoweredVariable *found,
                          gboolean                *take)
{
  const GwLowering *lowering = context->lowering;
  gboolean alone = lowering->is_fragment || lowering->on_trial;
  gboolean there, within;
  GwReuse reuse;

  *take = FALSE;
  if (!gw_variable_scopes_any (lowering->document))
    return TRUE;
  reuse = reuse_of (lowering, &within);
  there = is_of_another_layer (lowering, found);
  *take = there && reuse != GW_REUSE_INHERIT;
  if (reuse == GW_REUSE_TRUE)
    return there || (alone && (within || maker_beside (lowering, FALSE) != 0 || is_below_use (lowering)))
           || refuse_missing (context, full_name);
  if (reuse == GW_REUSE_INHERIT && there)
    return refuse_second (context, full_name, found->origin);
  if (reuse == GW_REUSE_INHERIT && alone && maker_beside (lowering, TRUE) != 0)
    return refuse_second (context, full_name, maker_beside (lowering, TRUE));
  return TRUE;
}

/* ---- the edit ---- */

GwEdit *
gw_edit_set_variable_scope (GwDocument *document,
                            int64_t     scope,
                            const char *variables,
                            GwReuse     reuse,
                            GError    **error)
{
  const GwDocGroup *group = gw_document_group (document, scope);
  GwEdit *edit;
  GwItem *item;

  if (group == NULL || group->kind != GW_GROUP_SCOPE)
    {
      gw_invalid (error, "there is no such scope");
      return NULL;
    }
  if (variables != NULL && (*variables == '\0' || g_str_equal (variables, group->name)))
    variables = NULL;
  if (variables != NULL && !gw_variable_scope_check (variables, error))
    return NULL;
  edit = gw_edit_new ("Set variable scope");
  item = gw_edit_take (edit, document, scope);
  g_free (item->group.variables);
  item->group.variables = g_strdup (variables);
  item->group.reuse = reuse;
  gw_edit_put (edit, document, item);
  return edit;
}
