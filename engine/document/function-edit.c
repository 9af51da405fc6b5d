/* SPDX-License-Identifier: Apache-2.0 */
/* Sub-graphs that a new If, Case, While or Scan begins with: complete, so that they run, and small
 * enough to be changed. */
#include "engine/document/function-edit.h"


/* A node of a new sub-graph: up to two inputs, each a node of it made before (by its place
 * in the list, from 1) or a literal. */
typedef struct {
  const char *op, *leaf;
  const char *attr, *value;     /* one attribute as text, or NULL */
  struct {
    const char *port;
    int         from;           /* 0 = the literal */
    const char *literal;
  } inputs[2];
  double      x, y;
} Part;

typedef struct {
  const char *op, *attr;        /* whose sub-graph, and which attribute names it */
  const char *suffix;           /* of its name, behind that of the node */
  Part        parts[8];
} Template;

#define ARG(LEAF, INDEX, Y) { "_Arg", LEAF, "index", INDEX, .x = 40, .y = Y }
#define RETVAL(LEAF, INDEX, FROM, X, Y) { "_Retval", LEAF, "index", INDEX, { { "input", FROM } }, X, Y }

static const Template templates[] = {
  { "If", "then_branch", "_then", { ARG ("x", "0", 60), RETVAL ("y", "0", 1, 320, 60) } },
  { "If", "else_branch", "_else", { ARG ("x", "0", 60), { "Neg", "Neg", NULL, NULL, { { "x", 1 } }, 300, 60 },
                                    RETVAL ("y", "0", 2, 560, 60) } },
  { "Case", "branches", "_0", { ARG ("x", "0", 60), RETVAL ("y", "0", 1, 320, 60) } },
  { "Case", "branches", "_1", { ARG ("x", "0", 60), { "Neg", "Neg", NULL, NULL, { { "x", 1 } }, 300, 60 },
                                RETVAL ("y", "0", 2, 560, 60) } },
  { "Case", "branches", "_2", { ARG ("x", "0", 60), { "Square", "Square", NULL, NULL, { { "x", 1 } }, 300, 60 },
                                RETVAL ("y", "0", 2, 560, 60) } },
  { "While", "cond", "_cond", { ARG ("x", "0", 60),
                                { "Less", "Less", NULL, NULL, { { "x", 1 }, { "y", 0, "10.0" } }, 300, 60 },
                                RETVAL ("goes_on", "0", 2, 560, 60) } },
  { "While", "body", "_body", { ARG ("x", "0", 60),
                                { "AddV2", "Add", NULL, NULL, { { "x", 1 }, { "y", 0, "1.0" } }, 300, 60 },
                                RETVAL ("next_x", "0", 2, 560, 60) } },
  { "Scan", "cell", "_cell", { ARG ("x", "0", 60), ARG ("state", "1", 180),
                               { "AddV2", "Add", NULL, NULL, { { "x", 1 }, { "y", 2 } }, 300, 100 },
                               RETVAL ("y", "0", 3, 560, 60), RETVAL ("next_state", "1", 3, 560, 180) } },
};

static void
set_attr (GwDocNode  *node,
          const char *op,
          const char *name,
          const char *text)
{
  const GwOpDef *def = gw_registry_find (op);
  int index = def != NULL ? gw_attr_defs_find (def->attrs, name) : -1;
  GwAttrValue value;

  if (index < 0 || !gw_attr_parse (&def->attrs[index], text, &value, NULL))
    return;
  gw_named_attrs_set (node->attrs, name, &value);
  gw_attr_value_clear (&value);
}

static void
add_parts (GwEdit         *edit,
           GwDocument     *document,
           int64_t         group,
           const char     *group_name,
           const Template *template)
{
  int64_t ids[G_N_ELEMENTS (template->parts)];

  for (gsize i = 0; i < G_N_ELEMENTS (template->parts) && template->parts[i].op != NULL; i++)
    {
      const Part *part = &template->parts[i];
      GwItem *item = gw_item_new (GW_ITEM_NODE, ids[i] = gw_document_new_id (document));

      item->owner = group;
      item->node.op = g_strdup (part->op);
      item->node.name = g_strdup_printf ("%s/%s", group_name, part->leaf);
      item->node.x = part->x;
      item->node.y = part->y;
      if (part->attr != NULL)
        set_attr (&item->node, part->op, part->attr, part->value);
      for (gsize k = 0; k < G_N_ELEMENTS (part->inputs) && part->inputs[k].port != NULL; k++)
        gw_doc_node_set_input (&item->node, part->inputs[k].port, 0,
                               part->inputs[k].from > 0 ? ids[part->inputs[k].from - 1] : 0, 0, part->inputs[k].literal);
      gw_edit_put (edit, document, item);
    }
}

/* Sets the attribute to the sub-graph, or adds it to the end of the list that it is. */
static void
name_body (GwDocNode  *node,
           const char *attr,
           const char *name)
{
  const GwOpDef *def = gw_registry_find (node->op);
  int index = def != NULL ? gw_attr_defs_find (def->attrs, attr) : -1;
  const GwAttrValue *before = gw_named_attrs_get (node->attrs, attr);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  GwAttrValue value = gw_attr_func (name);
  int n = 0;
  char *const *old = before != NULL ? gw_attr_func_names (before, &n) : NULL;

  if (index >= 0 && def->attrs[index].type == GW_ATTR_FUNCS)
    {
      for (int i = 0; i < n; i++)
        g_ptr_array_add (names, g_strdup (old[i]));
      g_ptr_array_add (names, g_strdup (name));
      value = gw_attr_funcs ((int) names->len, (const char *const *) names->pdata);
    }
  gw_named_attrs_set (node->attrs, attr, &value);
}

void
gw_edit_add_bodies (GwEdit     *edit,
                    GwDocument *document,
                    GwDocNode  *node)
{
  gboolean had[G_N_ELEMENTS (templates)];

  for (gsize i = 0; i < G_N_ELEMENTS (templates); i++)
    had[i] = !g_str_equal (templates[i].op, node->op) || gw_named_attrs_get (node->attrs, templates[i].attr) != NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (templates); i++)
    {
      g_autofree char *wanted = NULL;
      g_autoptr (GwItem) group = NULL;
      int64_t id;

      if (had[i])
        continue;
      wanted = g_strconcat (node->name, templates[i].suffix, NULL);
      g_strdelimit (wanted, "/", '_');
      id = gw_edit_add_definition (edit, document, GW_GROUP_FUNCTION, wanted);
      group = gw_edit_take (edit, document, id);
      name_body (node, templates[i].attr, group->group.name);
      add_parts (edit, document, id, group->group.name, &templates[i]);
    }
}
