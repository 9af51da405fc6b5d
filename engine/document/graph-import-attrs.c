/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes of a NodeDef as those of a document's node. */
#include "engine/document/graph-import-private.h"

#include "engine/base/error.h"
#include "engine/files/proto-arena.h"
#include "engine/files/shape-message.h"
#include "engine/files/tensor-proto.h"

#include <string.h>

#define REF 100 /* DataType of a reference is its type's and this */

const Gw__AttrValue *
gw_import_attr (const Gw__NodeDef *def,
                const char        *name)
{
  for (size_t i = 0; i < def->n_attr; i++)
    if (g_str_equal (def->attr[i]->key, name))
      return def->attr[i]->value;
  return NULL;
}

/* ---- single values ---- */

/* 0.1f as 0.1: the shortest number that is the same float. */
static double
widen (float value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  double wide = g_ascii_strtod (g_ascii_formatd (text, sizeof text, "%.7g", (double) value), NULL);

  return (float) wide == value ? wide : (double) value;
}

static GwDType
dtype_of (int32_t type)
{
  return (GwDType) (type > REF ? type - REF : type);
}

static void
take_text (GwAttrValue *value,
           char        *text)
{
  value->type = GW_ATTR_STRING;
  value->s = text;
}

static gboolean
take_dtype (int32_t      type,
            gboolean     as_text,
            GwAttrValue *value,
            GError     **error)
{
  GwDType dtype = dtype_of (type);

  if (dtype == GW_DTYPE_INVALID || gw_dtype_name (dtype) == NULL || gw_dtype_from_name (gw_dtype_name (dtype)) != dtype)
    return gw_invalid (error, "there is no type number %d", type);
  if (as_text)
    take_text (value, g_strdup (gw_dtype_name (dtype)));
  else
    *value = gw_attr_dtype (dtype);
  return TRUE;
}

static gboolean
take_shape (const Gw__TensorShapeProto *message,
            gboolean                    as_text,
            GwAttrValue                *value,
            GError                    **error)
{
  GwShape shape;

  if (!gw_shape_from_message (message, &shape, error))
    return FALSE;
  if (as_text)
    take_text (value, gw_shape_to_string (&shape));
  else
    *value = gw_attr_shape (shape);
  return TRUE;
}

static gboolean
take_tensor (const ProtobufCBinaryData *bytes,
             GwAttrValue               *value,
             GError                   **error)
{
  value->type = GW_ATTR_TENSOR;
  value->tensor = gw_tensor_from_proto (bytes->data, bytes->len, error);
  return value->tensor != NULL;
}

/* The sub-graph that the function became; or its name in the file. */
static gboolean
take_function (const GwImport            *import,
               const ProtobufCBinaryData *bytes,
               gboolean                   as_text,
               GwAttrValue               *value,
               GError                   **error)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  const Gw__NameAttrList *list = gw_proto_unpack (arena, &gw__name_attr_list__descriptor, bytes->data, bytes->len,
                                                  "the name of a function", error);
  gpointer id = list != NULL ? g_hash_table_lookup (import->functions, list->name) : NULL;
  g_autoptr (GwItem) group = id != NULL ? gw_edit_take (import->edit, import->document, (int64_t) GPOINTER_TO_SIZE (id)) : NULL;

  if (list == NULL)
    return FALSE;
  take_text (value, g_strdup (group != NULL ? group->group.name : list->name));
  if (!as_text)
    value->type = GW_ATTR_FUNC;
  return TRUE;
}

/* ---- lists ---- */

/* Text for what a file of an unknown op could not tell apart when it is read again. */
#define TAKE_TEXTS(N, EXPRESSION)                               \
  G_STMT_START {                                                \
    value->type = GW_ATTR_STRINGS;                              \
    value->list.n = (int) (N);                                  \
    value->list.s = g_new0 (char *, (N) + 1);                   \
    for (size_t i = 0; i < (N); i++)                            \
      value->list.s[i] = (EXPRESSION);                          \
  } G_STMT_END

static gboolean
take_dtypes (const Gw__AttrListValue *list,
             gboolean                 as_text,
             GwAttrValue             *value,
             GError                 **error)
{
  for (size_t i = 0; i < list->n_type; i++)
    {
      GwAttrValue one = { 0 };

      if (!take_dtype (list->type[i], FALSE, &one, error))
        return FALSE;
    }
  if (as_text)
    {
      TAKE_TEXTS (list->n_type, g_strdup (gw_dtype_name (dtype_of (list->type[i]))));
      return TRUE;
    }
  value->type = GW_ATTR_DTYPES;
  value->list.n = (int) list->n_type;
  value->list.dtypes = g_new0 (GwDType, list->n_type + 1);
  for (size_t i = 0; i < list->n_type; i++)
    value->list.dtypes[i] = dtype_of (list->type[i]);
  return TRUE;
}

static gboolean
take_shapes (const Gw__AttrListValue *list,
             gboolean                 as_text,
             GwAttrValue             *value,
             GError                 **error)
{
  g_autofree GwShape *shapes = g_new0 (GwShape, list->n_shape + 1);

  for (size_t i = 0; i < list->n_shape; i++)
    if (!gw_shape_from_message (list->shape[i], &shapes[i], error))
      return FALSE;
  if (as_text)
    {
      TAKE_TEXTS (list->n_shape, gw_shape_to_string (&shapes[i]));
      return TRUE;
    }
  value->type = GW_ATTR_SHAPES;
  value->list.n = (int) list->n_shape;
  value->list.shapes = g_steal_pointer (&shapes);
  return TRUE;
}

/* A list says nothing of its type where it is empty: then `def` does. */
static gboolean
take_list (const Gw__AttrListValue *list,
           const GwAttrDef         *def,
           GwAttrValue             *value,
           GError                 **error)
{
  if (list->n_s > 0 || (def != NULL && def->type == GW_ATTR_STRINGS))
    TAKE_TEXTS (list->n_s, gw_proto_bytes_to_text (&list->s[i]));
  else if (list->n_type > 0 || (def != NULL && def->type == GW_ATTR_DTYPES))
    return take_dtypes (list, def == NULL, value, error);
  else if (list->n_shape > 0 || (def != NULL && def->type == GW_ATTR_SHAPES))
    return take_shapes (list, def == NULL, value, error);
  else if (list->n_f > 0 || (def != NULL && def->type == GW_ATTR_FLOATS))
    {
      value->type = GW_ATTR_FLOATS;
      value->list.n = (int) list->n_f;
      value->list.f = g_new0 (double, list->n_f + 1);
      for (size_t i = 0; i < list->n_f; i++)
        value->list.f[i] = widen (list->f[i]);
    }
  else if (list->n_b > 0 || list->n_tensor > 0 || list->n_func > 0)
    return gw_invalid (error, "lists of such values are not supported");
  else
    {
      value->type = GW_ATTR_INTS;
      value->list.n = (int) list->n_i;
      value->list.i = g_new0 (int64_t, list->n_i + 1);
      for (size_t i = 0; i < list->n_i; i++)
        value->list.i[i] = list->i[i];
    }
  return TRUE;
}

/* ---- all ---- */

/* `def` NULL: of an op or an attribute that this program has not. */
static gboolean
take_value (const GwImport      *import,
            const Gw__AttrValue *message,
            const GwAttrDef     *def,
            GwAttrValue         *value,
            GError             **error)
{
  gboolean as_text = def == NULL;

  memset (value, 0, sizeof *value);
  switch (message->value_case)
    {
    case GW__ATTR_VALUE__VALUE_S: take_text (value, gw_proto_bytes_to_text (&message->s)); return TRUE;
    case GW__ATTR_VALUE__VALUE_I: *value = gw_attr_int (message->i); return TRUE;
    case GW__ATTR_VALUE__VALUE_F: *value = gw_attr_float (widen (message->f)); return TRUE;
    case GW__ATTR_VALUE__VALUE_B: *value = gw_attr_bool (message->b); return TRUE;
    case GW__ATTR_VALUE__VALUE_TYPE: return take_dtype (message->type, as_text, value, error);
    case GW__ATTR_VALUE__VALUE_SHAPE: return take_shape (message->shape, as_text, value, error);
    case GW__ATTR_VALUE__VALUE_TENSOR: return take_tensor (&message->tensor, value, error);
    case GW__ATTR_VALUE__VALUE_LIST: return take_list (message->list, def, value, error);
    case GW__ATTR_VALUE__VALUE_FUNC: return take_function (import, &message->func, as_text, value, error);
    default: return gw_invalid (error, "it has no value");
    }
}

/* Types and numbers follow from what is wired to the ports. */
static gboolean
follows_from_wires (const GwImportNode *node,
                    const char         *name)
{
  for (int i = 0; i < gw_ports_length (node->op->inputs); i++)
    {
      const GwPortDef *port = &node->op->inputs[i];

      if ((g_strcmp0 (port->type, name) == 0 || g_strcmp0 (port->number_attr, name) == 0) &&
          gw_doc_node_input (&node->item->node, port->name, 0) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* What an op of a later TensorFlow has and ours has not, and says “as before”. */
static gboolean
says_nothing (const GwAttrValue *value)
{
  switch (value->type)
    {
    case GW_ATTR_BOOL: return !value->b;
    case GW_ATTR_INT: return value->i == 0;
    case GW_ATTR_STRING: return *value->s == '\0';
    case GW_ATTR_INTS:
    case GW_ATTR_STRINGS: return value->list.n == 0;
    default: return FALSE;
    }
}

static void
take_attr (GwImport            *import,
           GwImportNode        *node,
           const Gw__AttrEntry *entry)
{
  int index = node->op != NULL ? gw_attr_defs_find (node->op->attrs, entry->key) : -1;
  const GwAttrDef *def = index >= 0 ? &node->op->attrs[index] : NULL;
  g_autoptr (GError) error = NULL;
  GwAttrValue value, standard;
  gboolean is_default = FALSE;

  if (entry->value == NULL || (def == NULL && *entry->key == '_') || *entry->key == '\0')
    return;
  if (def != NULL && follows_from_wires (node, entry->key))
    return;
  if (!take_value (import, entry->value, def, &value, &error) || (def != NULL && !gw_attr_check (def, &value, &error)))
    {
      gw_import_note (import, "%s: %s is left out: %s", node->def->name, entry->key, error->message);
      gw_attr_value_clear (&value);
      return;
    }
  if (def != NULL)
    {
      gw_attr_default (def, &standard);
      is_default = (def->flags & GW_ATTR_REQUIRED) == 0 && gw_attr_value_equal (&value, &standard);
      gw_attr_value_clear (&standard);
    }
  if (!is_default && (def != NULL || node->op == NULL || !says_nothing (&value)))
    gw_named_attrs_set (node->item->node.attrs, entry->key, &value);
  gw_attr_value_clear (&value);
}

void
gw_import_attrs (GwImport     *import,
                 GwImportNode *node)
{
  for (size_t i = 0; i < node->def->n_attr; i++)
    take_attr (import, node, node->def->attr[i]);
}
