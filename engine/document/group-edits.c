/* SPDX-License-Identifier: Apache-2.0 */
/* Edits that make, break and rename groups. The names of nodes are full paths, so that
 * whatever changes a path renames what is below it. */
#include "engine/document/groups-private.h"

#include "engine/base/error.h"
#include "engine/document/document-private.h"
#include "engine/graph/graph.h"
#include "engine/graph/registry.h"

#include <math.h>
#include <string.h>

/* Whom a move or a new name renames. */
typedef struct {
  GwEdit     *edit;
  GwDocument *document;
  GHashTable *names;  /* old name → new name, both owned */
  GHashTable *given;  /* set of the new ones, borrowed */
} Renaming;

static void
renaming_init (Renaming   *renaming,
               GwEdit     *edit,
               GwDocument *document)
{
  renaming->edit = edit;
  renaming->document = document;
  renaming->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  renaming->given = g_hash_table_new (g_str_hash, g_str_equal);
}

static void
renaming_finish (Renaming *renaming)
{
  if (g_hash_table_size (renaming->names) > 0)
    gw_edit_follow_names (renaming->edit, renaming->document, renaming->names);
  g_hash_table_unref (renaming->given);
  g_hash_table_unref (renaming->names);
}

/* The name without `old`, behind `fresh`; what has `fresh` before it already keeps it. */
static char *
exchange_prefix (const char *name,
                 const char *old,
                 const char *fresh)
{
  const char *leaf = g_str_has_prefix (name, old) && name[strlen (old)] != '\0' ? name + strlen (old) : name;

  return g_str_has_prefix (leaf, fresh) ? g_strdup (leaf) : g_strconcat (fresh, leaf, NULL);
}

static void
rename_node (Renaming   *renaming,
             GwItem     *item,
             const char *old,
             const char *fresh)
{
  g_autofree char *wanted = exchange_prefix (item->node.name, old, fresh);
  char *name;

  if (g_str_equal (wanted, item->node.name))
    return;
  name = gw_document_unique_name_among (renaming->document, renaming->given, wanted);
  g_hash_table_insert (renaming->names, g_strdup (item->node.name), name);
  g_hash_table_add (renaming->given, name);
  g_free (item->node.name);
  item->node.name = g_strdup (name);
}

/* All nodes below `group`, whose path changes. */
static void
rename_content (Renaming   *renaming,
                int64_t     group,
                const char *old,
                const char *fresh)
{
  g_autoptr (GHashTable) set = g_hash_table_new (NULL, NULL);
  int n;
  const int64_t *ids = gw_document_ids (renaming->document, GW_ITEM_NODE, &n);

  gw_document_collect (renaming->document, &group, 1, set);
  for (int i = 0; i < n; i++)
    if (g_hash_table_contains (set, GSIZE_TO_POINTER ((gsize) ids[i])))
      {
        GwItem *item = gw_edit_take (renaming->edit, renaming->document, ids[i]);

        rename_node (renaming, item, old, fresh);
        gw_edit_put (renaming->edit, renaming->document, item);
      }
}

/* ---- names of groups ---- */

static gboolean
path_is_taken (const GwEdit     *edit,
               const GwDocument *document,
               int64_t           owner,
               const char       *name,
               int64_t           but)
{
  g_autoptr (GArray) groups = gw_document_members (document, owner, GW_ITEM_GROUP);

  for (guint i = 0; i < groups->len; i++)
    if (g_array_index (groups, int64_t, i) != but &&
        g_str_equal (gw_document_group (document, g_array_index (groups, int64_t, i))->name, name))
      return TRUE;
  for (guint i = 0; i < edit->changes->len; i++)
    {
      const GwItem *item = g_array_index (edit->changes, GwChange, i).after;

      if (item != NULL && item->kind == GW_ITEM_GROUP && item->owner == owner && item->id != but &&
          g_str_equal (item->group.name, name))
        return TRUE;
    }
  return FALSE;
}

static char *
free_group_name (const GwEdit     *edit,
                 const GwDocument *document,
                 int64_t           owner,
                 const char       *name,
                 int64_t           but)
{
  char *fresh = g_strdup (name);

  for (int i = 1; path_is_taken (edit, document, owner, fresh, but); i++)
    {
      g_free (fresh);
      fresh = g_strdup_printf ("%s_%d", name, i);
    }
  return fresh;
}

static gboolean
check_name (const char *name,
            GError    **error)
{
  if (strchr (name, '/') != NULL)
    return gw_invalid (error, "a group's name has no “/” in it");
  return gw_node_name_check (name, error);
}

/* ---- moving ---- */

static void
move_group (Renaming   *renaming,
            GwItem     *item,
            int64_t     owner,
            const char *fresh)
{
  g_autofree char *old = gw_document_prefix (renaming->document, item->id);
  char *name = free_group_name (renaming->edit, renaming->document, owner, item->group.name, item->id);
  g_autofree char *prefix = g_strdup_printf ("%s%s/", fresh, name);

  g_free (item->group.name);
  item->group.name = name;
  rename_content (renaming, item->id, old, prefix);
}

/* The path of a group that may be in the edit alone. */
static char *
prefix_in (const GwEdit     *edit,
           const GwDocument *document,
           int64_t           group)
{
  g_autoptr (GwItem) item = group != 0 ? gw_edit_take (edit, document, group) : NULL;
  g_autofree char *before = NULL;

  if (item == NULL || item->kind != GW_ITEM_GROUP)
    return g_strdup ("");
  before = gw_document_prefix (document, item->owner);
  return g_strdup_printf ("%s%s/", before, item->group.name);
}

void
gw_edit_move_into (GwEdit        *edit,
                   GwDocument    *document,
                   const int64_t *ids,
                   int            n,
                   int64_t        owner)
{
  g_autofree char *fresh = prefix_in (edit, document, owner);
  Renaming renaming;

  renaming_init (&renaming, edit, document);
  for (int i = 0; i < n; i++)
    {
      GwItem *item = gw_edit_take (edit, document, ids[i]);

      if (item == NULL || item->kind == GW_ITEM_SETTINGS || item->owner == owner)
        {
          gw_item_unref (item);
          continue;
        }
      if (item->kind == GW_ITEM_NODE)
        {
          g_autofree char *old = gw_document_prefix (document, item->owner);

          rename_node (&renaming, item, old, fresh);
        }
      else if (item->kind == GW_ITEM_GROUP)
        move_group (&renaming, item, owner, fresh);
      item->owner = owner;
      gw_edit_put (edit, document, item);
    }
  renaming_finish (&renaming);
}

/* ---- scopes ---- */

/* About what a box takes: enough to put one in the middle of what it stands for. */
#define BOX_WIDTH 160
#define BOX_HEIGHT 72
#define SNAP 8

typedef struct {
  double x0, y0, x1, y1;
} Extent;

static void
extend (Extent       *extent,
        const GwItem *item)
{
  double width = item->kind == GW_ITEM_FRAME ? item->frame.width : BOX_WIDTH;
  double height = item->kind == GW_ITEM_FRAME ? item->frame.height : BOX_HEIGHT;
  double x = item->kind == GW_ITEM_NODE ? item->node.x : item->kind == GW_ITEM_FRAME ? item->frame.x : item->group.x;
  double y = item->kind == GW_ITEM_NODE ? item->node.y : item->kind == GW_ITEM_FRAME ? item->frame.y : item->group.y;

  extent->x0 = MIN (extent->x0, x);
  extent->y0 = MIN (extent->y0, y);
  extent->x1 = MAX (extent->x1, x + width);
  extent->y1 = MAX (extent->y1, y + height);
}

static Extent
extent_of (const GwDocument *document,
           const GArray     *ids)
{
  Extent extent = { G_MAXDOUBLE, G_MAXDOUBLE, -G_MAXDOUBLE, -G_MAXDOUBLE };

  for (guint i = 0; i < ids->len; i++)
    extend (&extent, gw_document_item (document, g_array_index (ids, int64_t, i)));
  return extent;
}

static double
snap (double x)
{
  return SNAP * round (x / SNAP);
}

/* Those of `ids` that can be put into a scope together: what lives where the first does. */
static GArray *
of_one_canvas (const GwDocument *document,
               const int64_t    *ids,
               int               n)
{
  GArray *members = g_array_new (FALSE, FALSE, sizeof (int64_t));
  int64_t owner = 0;

  for (int i = 0; i < n; i++)
    {
      const GwItem *item = ids[i] != 0 ? gw_document_item (document, ids[i]) : NULL;

      if (item == NULL || (item->kind == GW_ITEM_GROUP && item->group.kind != GW_GROUP_SCOPE))
        continue;
      if (item->kind == GW_ITEM_NODE && *item->node.op == '_')
        continue; /* the ports of a sub-graph stay at its border */
      if (members->len == 0)
        owner = item->owner;
      if (item->owner == owner)
        g_array_append_val (members, ids[i]);
    }
  return members;
}

/* "hidden" of hidden/MatMul and hidden/Relu; NULL when they have no scope in common. */
static char *
common_scope (const GwDocument *document,
              const GArray     *members)
{
  g_autofree char *common = NULL;

  for (guint i = 0; i < members->len; i++)
    {
      int64_t id = g_array_index (members, int64_t, i);
      const char *leaf = gw_document_node (document, id) != NULL ? gw_document_leaf_name (document, id) : NULL;
      const char *slash = leaf != NULL ? strchr (leaf, '/') : NULL;
      g_autofree char *scope = slash != NULL ? g_strndup (leaf, (gsize) (slash - leaf)) : NULL;

      if (leaf == NULL)
        continue;
      if (scope == NULL || (common != NULL && !g_str_equal (common, scope)))
        return NULL;
      g_free (common);
      common = g_steal_pointer (&scope);
    }
  return g_steal_pointer (&common);
}

/* Groups below the deepest of the items, with it. */
static int
height_of (const GwDocument *document,
           int64_t           group)
{
  g_autoptr (GArray) inner = gw_document_members (document, group, GW_ITEM_GROUP);
  int height = 0;

  for (guint i = 0; i < inner->len; i++)
    height = MAX (height, height_of (document, g_array_index (inner, int64_t, i)));
  return height + 1;
}

static gboolean
fits_in_depth (const GwDocument *document,
               const GArray     *members,
               int64_t           owner)
{
  int depth = 1, height = 0;

  for (; owner != 0; owner = gw_document_owner (document, owner))
    depth++;
  for (guint i = 0; i < members->len; i++)
    if (gw_document_group (document, g_array_index (members, int64_t, i)) != NULL)
      height = MAX (height, height_of (document, g_array_index (members, int64_t, i)));
  return depth + height < GW_MAX_DEPTH;
}

GwEdit *
gw_edit_group (GwDocument    *document,
               const int64_t *ids,
               int            n,
               const char    *name,
               int64_t       *group,
               GError       **error)
{
  g_autoptr (GArray) members = of_one_canvas (document, ids, n);
  g_autofree char *common = common_scope (document, members);
  g_autoptr (GwEdit) edit = NULL;
  g_autofree char *label = NULL;
  int64_t owner = members->len > 0 ? gw_document_owner (document, g_array_index (members, int64_t, 0)) : 0;
  Extent extent = extent_of (document, members);
  GwItem *item;

  *group = 0;
  if (name == NULL)
    name = common != NULL ? common : "scope";
  if (members->len == 0)
    gw_invalid (error, "nothing is selected that could be in a group");
  else if (!fits_in_depth (document, members, owner))
    gw_invalid (error, "groups lie in each other at most %d deep", GW_MAX_DEPTH);
  if (members->len == 0 || !fits_in_depth (document, members, owner) || !check_name (name, error))
    return NULL;
  label = g_strdup_printf ("Group %u items", members->len);
  edit = gw_edit_new (label);
  *group = gw_document_new_id (document);
  item = gw_item_new (GW_ITEM_GROUP, *group);
  item->owner = owner;
  item->group.name = free_group_name (edit, document, owner, name, 0);
  item->group.x = snap ((extent.x0 + extent.x1 - BOX_WIDTH) / 2);
  item->group.y = snap ((extent.y0 + extent.y1 - BOX_HEIGHT) / 2);
  gw_edit_put (edit, document, item);
  gw_edit_move_into (edit, document, (const int64_t *) (gpointer) members->data, (int) members->len, *group);
  return g_steal_pointer (&edit);
}

/* How far a box went from where it was put: at first it stands half a step off at most. */
static double
way (double box,
     double middle)
{
  return fabs (box - middle) <= SNAP / 2.0 ? 0 : snap (box - middle);
}

static void
move_by (GwItem *item,
         double  dx,
         double  dy)
{
  double *x = item->kind == GW_ITEM_NODE ? &item->node.x : item->kind == GW_ITEM_FRAME ? &item->frame.x : &item->group.x;
  double *y = item->kind == GW_ITEM_NODE ? &item->node.y : item->kind == GW_ITEM_FRAME ? &item->frame.y : &item->group.y;

  *x += dx;
  *y += dy;
}

static void
lift (GwEdit     *edit,
      GwDocument *document,
      int64_t     group,
      GArray     *lifted)
{
  const GwItem *box = gw_document_item (document, group);
  g_autoptr (GArray) members = gw_document_members (document, group, GW_ITEM_NODE);
  g_autoptr (GArray) frames = gw_document_members (document, group, GW_ITEM_FRAME);
  g_autoptr (GArray) inner = gw_document_members (document, group, GW_ITEM_GROUP);
  Extent extent;
  double dx, dy;

  g_array_append_vals (members, frames->data, frames->len);
  g_array_append_vals (members, inner->data, inner->len);
  extent = extent_of (document, members);
  dx = way (box->group.x, (extent.x0 + extent.x1 - BOX_WIDTH) / 2);
  dy = way (box->group.y, (extent.y0 + extent.y1 - BOX_HEIGHT) / 2);
  gw_edit_remove (edit, document, group);
  gw_edit_move_into (edit, document, (const int64_t *) (gpointer) members->data, (int) members->len, box->owner);
  for (guint i = 0; i < members->len; i++)
    {
      GwItem *item = gw_edit_take (edit, document, g_array_index (members, int64_t, i));

      move_by (item, dx, dy);
      gw_edit_put (edit, document, item);
    }
  if (lifted != NULL)
    g_array_append_vals (lifted, members->data, members->len);
}

GwEdit *
gw_edit_ungroup (GwDocument    *document,
                 const int64_t *ids,
                 int            n,
                 GArray        *lifted)
{
  GwEdit *edit = gw_edit_new ("Break apart");

  for (int i = 0; i < n; i++)
    {
      const GwDocGroup *group = gw_document_group (document, ids[i]);

      if (group != NULL && group->kind == GW_GROUP_SCOPE)
        lift (edit, document, ids[i], lifted);
    }
  return edit;
}

/* ---- definitions ---- */

int64_t
gw_edit_add_definition (GwEdit      *edit,
                        GwDocument  *document,
                        GwGroupKind  kind,
                        const char  *name)
{
  GwItem *item = gw_item_new (GW_ITEM_GROUP, gw_document_new_id (document));
  int64_t id = item->id;

  item->group.kind = kind;
  item->group.name = free_group_name (edit, document, 0, name, 0);
  gw_edit_put (edit, document, item);
  return id;
}

/* `value` with `name` wherever it calls `old`; FALSE when it does not. */
static gboolean
rename_calls (const GwAttrValue *value,
              const char        *old,
              const char        *name,
              GwAttrValue       *fresh)
{
  gboolean any = FALSE;
  int n;
  char *const *names = gw_attr_func_names (value, &n);

  for (int i = 0; i < n; i++)
    any = any || g_strcmp0 (names[i], old) == 0;
  if (!any)
    return FALSE;
  gw_attr_value_copy (fresh, value);
  for (int i = 0; i < n; i++)
    if (g_strcmp0 (names[i], old) == 0)
      {
        char **place = fresh->type == GW_ATTR_FUNCS ? &fresh->list.s[i] : &fresh->s;

        g_free (*place);
        *place = g_strdup (name);
      }
  return TRUE;
}

/* Attributes that call a sub-graph by its name. */
static void
follow_calls (GwEdit     *edit,
              GwDocument *document,
              const char *old,
              const char *name)
{
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);

      if (g_str_equal (node->op, old))
        {
          GwItem *use = gw_edit_take (edit, document, ids[i]);

          g_free (use->node.op);
          use->node.op = g_strdup (name);
          gw_edit_put (edit, document, use);
        }
      for (guint k = 0; k < node->attrs->len; k++)
        {
          const GwNamedAttr *attr = &g_array_index (node->attrs, GwNamedAttr, k);
          GwAttrValue fresh;
          GwItem *item;

          if (!rename_calls (&attr->value, old, name, &fresh))
            continue;
          item = gw_edit_take (edit, document, ids[i]);
          gw_named_attrs_set (item->node.attrs, attr->name, &fresh);
          gw_edit_put (edit, document, item);
          gw_attr_value_clear (&fresh);
        }
    }
}

GwEdit *
gw_edit_rename_group (GwDocument *document,
                      int64_t     group,
                      const char *name,
                      GError    **error)
{
  const GwItem *before = gw_document_item (document, group);
  g_autofree char *old = gw_document_prefix (document, group);
  g_autofree char *above = gw_document_prefix (document, before->owner);
  g_autofree char *fresh = g_strdup_printf ("%s%s/", above, name);
  g_autofree char *label = g_strdup_printf ("Rename %s", before->group.name);
  g_autoptr (GwEdit) edit = gw_edit_new (label);
  Renaming renaming;
  GwItem *item;

  if (!check_name (name, error))
    return NULL;
  if (path_is_taken (edit, document, before->owner, name, group))
    {
      g_set_error (error, GW_ERROR, GW_ERROR_ALREADY_EXISTS, "another group is called “%s” already", name);
      return NULL;
    }
  item = gw_edit_take (edit, document, group);
  g_free (item->group.name);
  item->group.name = g_strdup (name);
  gw_edit_put (edit, document, item);
  renaming_init (&renaming, edit, document);
  rename_content (&renaming, group, old, fresh);
  renaming_finish (&renaming);
  if (before->group.kind != GW_GROUP_SCOPE)
    follow_calls (edit, document, before->group.name, name);
  return g_steal_pointer (&edit);
}
