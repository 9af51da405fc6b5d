/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors of the composites of a document. Each is made of the definition's ports and
 * parameters when it is asked for, and kept by what it says, so that pointers to it stay
 * good while the definition changes. */
#include "engine/document/composite-own.h"

#include "engine/document/composite-use.h"
#include "engine/document/document-private.h"
#include "engine/graph/registry.h"
#include "engine/tensor/attr.h"

#include <string.h>

#define MOST_PARAM_STEPS 32 /* a parameter of a parameter of … */

static GMutex lock;
static GHashTable *made; /* what a descriptor says → GwOpDef */

/* A definition on its way to a descriptor. */
typedef struct {
  GString *text;     /* all that it says */
  GArray  *inputs;   /* of GwPortDef, strings interned */
  GArray  *outputs;
  GArray  *attrs;    /* of GwAttrDef */
} Draft;

/* ---- ports ---- */

static const char *
type_of (const GwDocNode *node)
{
  const GwAttrValue *type = gw_named_attrs_get (node->attrs, "T");

  return type != NULL && type->type == GW_ATTR_DTYPE && type->dtype != GW_DTYPE_INVALID ? gw_dtype_name (type->dtype)
                                                                                       : "float32";
}

static void
add_ports (Draft            *draft,
           const GwDocument *document,
           int64_t           group,
           gboolean          results)
{
  g_autoptr (GArray) ids = gw_document_arguments (document, group, results);
  GArray *ports = results ? draft->outputs : draft->inputs;

  for (guint i = 0; i < ids->len; i++)
    {
      int64_t id = g_array_index (ids, int64_t, i);
      const GwDocNode *node = gw_document_node (document, id);
      GwPortDef port = { .name = g_intern_string (gw_document_leaf_name (document, id)), .type = g_intern_string (type_of (node)),
                         .help = g_intern_string (node->note != NULL ? node->note : results ? "what it gives" : "what it gets") };

      g_array_append_val (ports, port);
      g_string_append_printf (draft->text, "%s %s:%s %s\n", results ? "out" : "in", port.name, port.type, port.help);
    }
}

/* ---- parameters ---- */

static const GwAttrDef *
find_attr (const GwOpDef *def,
           const char    *name)
{
  int index = def != NULL ? gw_attr_defs_find (def->attrs, name) : -1;

  return index >= 0 ? &def->attrs[index] : NULL;
}

static const GwOpDef *op_within (const GwDocument *document, const char *op, int depth);

static void
add_attr (Draft           *draft,
          const GwAttrDef *attr)
{
  g_array_append_vals (draft->attrs, attr, 1);
  g_string_append_printf (draft->text, "attr %s:%d=%s %g %g %s %p\n", attr->name, (int) attr->type,
                          attr->def != NULL ? attr->def : "", attr->min, attr->max, attr->help != NULL ? attr->help : "",
                          (gconstpointer) attr->choices);
}

/* The attribute of the node inside, under the parameter's name; what it is set to there is
 * the default. */
static void
add_param (Draft              *draft,
           const GwDocument   *document,
           const GwGroupParam *param,
           int                 depth)
{
  const GwDocNode *node = gw_document_node (document, param->node);
  const GwAttrDef *inner = node != NULL ? find_attr (op_within (document, node->op, depth + 1), param->attr) : NULL;
  const GwAttrValue *set = inner != NULL ? gw_named_attrs_get (node->attrs, param->attr) : NULL;
  g_autofree char *text = set != NULL ? gw_attr_to_string (set) : NULL;
  GwAttrDef attr;

  if (inner == NULL)
    return; /* the node has gone; the parameter means nothing */
  attr = *inner;
  attr.name = g_intern_string (param->name);
  attr.label = NULL;
  attr.visible_if = NULL;
  attr.flags &= (GwAttrFlags) ~(GW_ATTR_REQUIRED | GW_ATTR_HIDDEN);
  if (text != NULL)
    attr.def = g_intern_string (text);
  if (param->help != NULL)
    attr.help = g_intern_string (param->help);
  add_attr (draft, &attr);
}

static void
add_repeat (Draft *draft)
{
  const GwAttrDef repeat = {
    .name = "repeat", .type = GW_ATTR_INT, .def = "1", .min = 1, .max = GW_MAX_REPEAT, .ui_min = 1, .ui_max = 16,
    .help = "How many of it stand in a row: the outputs of each are the first inputs of the next one, and the variables "
            "of each are its own.",
  };

  for (guint i = 0; i < draft->attrs->len; i++)
    if (g_str_equal (g_array_index (draft->attrs, GwAttrDef, i).name, "repeat"))
      return;
  add_attr (draft, &repeat);
}

/* ---- the descriptor ---- */

static gpointer
ended (GArray *array,
       gsize   size)
{
  gpointer copy = g_malloc0 ((array->len + 1) * size);

  if (array->len > 0)
    memcpy (copy, array->data, array->len * size);
  return copy;
}

static const char *
category_of (const GwDocGroup *group)
{
  const GwOpDef probe = { .category = group->category };

  return group->category != NULL && gw_op_category (&probe) != NULL ? g_intern_string (group->category) : "mine";
}

static const GwOpDef *
finish (const Draft      *draft,
        const GwDocGroup *group)
{
  static const char *const tell[] = { "repeat", NULL };
  GwOpDef *def;

  g_mutex_lock (&lock);
  if (made == NULL)
    made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  def = g_hash_table_lookup (made, draft->text->str);
  if (def == NULL)
    {
      def = g_new0 (GwOpDef, 1);
      def->name = g_intern_string (group->name);
      def->since = 1;
      def->title = def->name;
      def->category = category_of (group);
      def->summary = g_intern_string (group->summary != NULL ? group->summary : "A composite of your own.");
      def->inputs = ended (draft->inputs, sizeof (GwPortDef));
      def->outputs = ended (draft->outputs, sizeof (GwPortDef));
      def->attrs = ended (draft->attrs, sizeof (GwAttrDef));
      def->expand = gw_composite_use_expand;
      def->tell = tell;
      g_hash_table_insert (made, g_strdup (draft->text->str), def);
    }
  g_mutex_unlock (&lock);
  return def;
}

static const GwOpDef *
describe (const GwDocument *document,
          int64_t           id,
          int               depth)
{
  const GwDocGroup *group = gw_document_group (document, id);
  Draft draft = { g_string_new (NULL), g_array_new (FALSE, TRUE, sizeof (GwPortDef)),
                  g_array_new (FALSE, TRUE, sizeof (GwPortDef)), g_array_new (FALSE, TRUE, sizeof (GwAttrDef)) };
  const GwOpDef *def;

  g_string_append_printf (draft.text, "%s %s %s\n", group->name, category_of (group), group->summary != NULL ? group->summary : "");
  add_ports (&draft, document, id, FALSE);
  add_ports (&draft, document, id, TRUE);
  for (guint i = 0; depth < MOST_PARAM_STEPS && i < group->params->len; i++)
    add_param (&draft, document, &g_array_index (group->params, GwGroupParam, i), depth);
  add_repeat (&draft);
  def = finish (&draft, group);
  g_string_free (draft.text, TRUE);
  g_array_unref (draft.inputs);
  g_array_unref (draft.outputs);
  g_array_unref (draft.attrs);
  return def;
}

static int64_t
find_composite (const GwDocument *document,
                const char       *op)
{
  int64_t group = gw_document_find_group (document, op);

  return group != 0 && gw_document_group (document, group)->kind == GW_GROUP_COMPOSITE ? group : 0;
}

static const GwOpDef *
op_within (const GwDocument *document,
           const char       *op,
           int               depth)
{
  const GwOpDef *shipped = gw_registry_find (op);
  int64_t group = shipped == NULL ? find_composite (document, op) : 0;

  return group != 0 ? describe (document, group, depth) : shipped;
}

const GwOpDef *
gw_document_op (const GwDocument *document,
                const char       *op)
{
  return op_within (document, op, 0);
}

/* ---- uses ---- */

int64_t
gw_document_own_composite (const GwDocument *document,
                           int64_t           id)
{
  const GwDocNode *node = gw_document_node (document, id);

  return node != NULL && gw_registry_find (node->op) == NULL ? find_composite (document, node->op) : 0;
}

GArray *
gw_document_uses (const GwDocument *document,
                  int64_t           group)
{
  GArray *uses = g_array_new (FALSE, FALSE, sizeof (int64_t));
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    if (gw_document_own_composite (document, ids[i]) == group)
      g_array_append_val (uses, ids[i]);
  return uses;
}

static gboolean
contains_use (const GwDocument *document,
              int64_t           group,
              int64_t           other,
              GHashTable       *seen)
{
  g_autoptr (GArray) content = gw_document_content (document, group, GW_ITEM_NODE);

  if (!g_hash_table_add (seen, GSIZE_TO_POINTER ((gsize) group)))
    return FALSE;
  for (guint i = 0; i < content->len; i++)
    {
      int64_t used = gw_document_own_composite (document, g_array_index (content, int64_t, i));

      if (used != 0 && (used == other || contains_use (document, used, other, seen)))
        return TRUE;
    }
  return FALSE;
}

gboolean
gw_document_contains_use (const GwDocument *document,
                          int64_t           group,
                          int64_t           other)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  return contains_use (document, group, other, seen);
}

const char *
gw_document_inner_name (const GwDocument *document,
                        int64_t           group,
                        int64_t           node)
{
  const char *name = gw_document_node (document, node)->name;
  const char *own = gw_document_group (document, group)->name;
  gsize length = strlen (own);

  return g_str_has_prefix (name, own) && name[length] == '/' && name[length + 1] != '\0' ? name + length + 1 : name;
}

gboolean
gw_document_attr (const GwDocument *document,
                  const GwDocNode  *node,
                  const char       *name,
                  GwAttrValue      *value)
{
  const GwAttrDef *attr;

  if (gw_doc_node_attr (node, name, value))
    return TRUE;
  attr = find_attr (gw_document_op (document, node->op), name);
  if (attr != NULL)
    gw_attr_default (attr, value);
  return attr != NULL;
}

char *
gw_composite_use_name (const GwDocument *document,
                       const char       *op)
{
  char *name = g_ascii_strdown (op, -1);

  for (int i = 1; g_str_equal (name, op) || gw_document_find_group (document, name) != 0; i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s_%d", op, i);
    }
  return name;
}

/* ---- after reading ---- */

static void
settle_value (GwItem      *item,
              guint        number,
              const GwOpDef *def)
{
  GwNamedAttr *attr = &g_array_index (item->node.attrs, GwNamedAttr, number);
  const GwAttrDef *wanted = find_attr (def, attr->name);
  cJSON *json = wanted != NULL && wanted->type != attr->value.type ? gw_attr_to_json (&attr->value) : NULL;
  GwAttrValue value;

  if (json != NULL && gw_attr_from_json (wanted, json, &value, NULL))
    {
      gw_attr_value_clear (&attr->value);
      attr->value = value;
    }
  cJSON_Delete (json);
}

void
gw_document_settle_uses (GwDocument *document)
{
  g_autoptr (GwEdit) edit = gw_edit_new ("Read");
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      GwItem *item;
      const GwOpDef *def;

      if (gw_document_own_composite (document, ids[i]) == 0 || gw_document_node (document, ids[i])->attrs->len == 0)
        continue;
      item = gw_edit_take (edit, document, ids[i]);
      def = gw_document_op (document, item->node.op);
      for (guint k = 0; k < item->node.attrs->len; k++)
        settle_value (item, k, def);
      gw_edit_put (edit, document, item);
    }
  gw_document_apply (document, edit);
}
