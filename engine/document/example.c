/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/example.h"

#include "engine/base/error.h"
#include "engine/tensor/text.h"

#include <stdlib.h>
#include <string.h>

#define COLUMN 312.0
#define ROW 120.0

typedef struct {
  const GwOpDef     *def;
  const GwOpExample *example;
  GwDocument        *document;
  GwEdit            *edit;
  GwItem            *node;       /* of the op */
  GwDType           *bound;      /* per attribute: the type that the inputs so far gave it */
  int                n_inputs;   /* so far */
} Maker;

/* ---- attributes ---- */

static gboolean
set_attrs (Maker   *maker,
           GError **error)
{
  g_auto (GStrv) parts = g_strsplit (maker->example->attrs != NULL ? maker->example->attrs : "", " ", -1);

  for (int i = 0; parts[i] != NULL; i++)
    {
      char *text = strchr (parts[i], '=');
      GwAttrValue value;
      int index;

      if (text == NULL)
        continue;
      *text++ = '\0';
      index = gw_attr_defs_find (maker->def->attrs, parts[i]);
      if (index < 0)
        return gw_invalid (error, "%s has no attribute %s", maker->def->name, parts[i]);
      if (!gw_attr_parse (&maker->def->attrs[index], text, &value, error))
        return FALSE;
      gw_named_attrs_set (maker->node->node.attrs, parts[i], &value);
      gw_attr_value_clear (&value);
    }
  return TRUE;
}

/* ---- types ---- */

static gboolean
allowed (const GwAttrDef *attr,
         GwDType          dtype)
{
  return attr->choices == NULL || g_strv_contains (attr->choices, gw_dtype_name (dtype));
}

/* The type of the text alone, made one that the op has. */
static GwDType
guess_type (const GwAttrDef *attr,
            const char      *text)
{
  g_autoptr (GwTensor) tensor = gw_tensor_parse (text, GW_DTYPE_INVALID, NULL, NULL);
  GwDType dtype = tensor != NULL ? tensor->dtype : GW_FLOAT32;

  if (attr == NULL || allowed (attr, dtype))
    return dtype;
  return gw_dtype_from_name (attr->def != NULL ? attr->def : attr->choices[0]);
}

/* What input `which` of a port is: as the attributes say, else as inputs before it have it,
 * else as its text looks. */
static GwDType
input_type (const Maker     *maker,
            const GwPortDef *port,
            int              which,
            const char      *text)
{
  int index = gw_attr_defs_find (maker->def->attrs, port->type);
  const GwAttrDef *attr = index >= 0 ? &maker->def->attrs[index] : NULL;
  const GwAttrValue *value;

  if (attr == NULL)
    return gw_dtype_from_name (port->type);
  value = gw_named_attrs_get (maker->node->node.attrs, attr->name);
  if (attr->type == GW_ATTR_DTYPES)
    return value != NULL && which < value->list.n ? value->list.dtypes[which] : guess_type (NULL, text);
  if (value != NULL)
    return value->dtype;
  return maker->bound[index] != GW_DTYPE_INVALID ? maker->bound[index] : guess_type (attr, text);
}

/* “int64 [0,2] []”: an empty tensor whose shape brackets cannot say. */
static GwTensor *
empty_tensor (GwDType      dtype,
              const char  *text,
              GError     **error)
{
  const char *open = strchr (text, '[');
  g_autofree char *inner = g_strndup (open, strlen (open) - strlen (" []"));
  GwShape shape;

  return gw_shape_parse (inner, &shape, error) ? gw_tensor_new_zeros (dtype, &shape, error) : NULL;
}

static GwTensor *
read_tensor (const char  *text,
             GwDType      dtype,
             GError     **error)
{
  size_t length = strcspn (text, " ");
  g_autofree char *word = g_strndup (text, length);
  gboolean typed = length > 1 && text[length] == ' ' && gw_dtype_from_name (word) != GW_DTYPE_INVALID;

  if (typed)
    dtype = gw_dtype_from_name (word);
  if (typed && g_str_has_suffix (text, "] []"))
    return empty_tensor (dtype, text, error);
  return gw_tensor_parse (text + (typed ? length + 1 : 0), dtype, NULL, error);
}

/* ---- inputs ---- */

/* How many of the `left` texts belong to a port: of a list what its number says, or all but
 * one for each port behind it. */
static int
port_share (const Maker     *maker,
            const GwPortDef *port,
            int              left)
{
  int index = gw_attr_defs_find (maker->def->attrs, port->type);
  const GwAttrValue *number = port->number_attr != NULL ? gw_named_attrs_get (maker->node->node.attrs, port->number_attr) : NULL;

  if (port->number_attr == NULL && (index < 0 || maker->def->attrs[index].type != GW_ATTR_DTYPES))
    return MIN (left, 1);
  return number != NULL ? (int) MIN (number->i, left) : left - (gw_ports_length (port) - 1);
}

static gboolean
is_tensor (const GwPortDef *port)
{
  return !port->is_ref && strcmp (port->type, "resource") != 0 && strcmp (port->type, "variant") != 0;
}

static gboolean
add_input (Maker           *maker,
           const GwPortDef *port,
           int              which,
           const char      *text,
           GError         **error)
{
  GwDType dtype = input_type (maker, port, which, text);
  g_autoptr (GwTensor) tensor = read_tensor (text, dtype, error);
  int index = gw_attr_defs_find (maker->def->attrs, port->type);
  GwAttrValue value;
  GwItem *item;

  if (tensor == NULL)
    return FALSE;
  if (index >= 0)
    maker->bound[index] = tensor->dtype;
  item = gw_item_new (GW_ITEM_NODE, gw_document_new_id (maker->document));
  item->node.op = g_strdup ("Const");
  item->node.name = port->number_attr == NULL && which == 0 ? g_strdup (port->name)
                                                            : g_strdup_printf ("%s_%d", port->name, which + 1);
  item->node.y = maker->n_inputs++ * ROW;
  value = gw_attr_dtype (tensor->dtype);
  gw_named_attrs_set (item->node.attrs, "dtype", &value);
  value = gw_attr_tensor (tensor);
  gw_named_attrs_set (item->node.attrs, "value", &value);
  gw_doc_node_set_input (&maker->node->node, port->name, which, item->id, 0, NULL);
  gw_edit_put (maker->edit, maker->document, item);
  return TRUE;
}

static gboolean
add_inputs (Maker   *maker,
            GError **error)
{
  const char *const *texts = maker->example->inputs;
  int left = texts != NULL ? (int) g_strv_length ((char **) texts) : 0;

  for (const GwPortDef *port = maker->def->inputs; port != NULL && port->name != NULL; port++)
    {
      int share = port_share (maker, port, left);

      if (!is_tensor (port))
        {
          g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "%s of %s is no tensor that an example could hold",
                       port->name, maker->def->name);
          return FALSE;
        }
      for (int i = 0; i < share; i++, left--)
        if (!add_input (maker, port, i, *texts++, error))
          return FALSE;
    }
  return TRUE;
}

GwDocument *
gw_document_from_example (const GwOpDef  *def,
                          GError        **error)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  g_autoptr (GwEdit) edit = gw_edit_new ("Example");
  g_autofree GwDType *bound = g_new (GwDType, gw_attr_defs_length (def->attrs) + 1);
  Maker maker = { .def = def, .example = def->examples, .document = document, .edit = edit, .bound = bound };

  if (def->examples == NULL || (def->examples->inputs == NULL && def->examples->outputs == NULL))
    {
      g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "%s has no example", def->name);
      return NULL;
    }
  for (int i = 0; i < gw_attr_defs_length (def->attrs); i++)
    bound[i] = GW_DTYPE_INVALID;
  maker.node = gw_item_new (GW_ITEM_NODE, gw_document_new_id (document));
  maker.node->node.op = g_strdup (def->name);
  maker.node->node.name = g_strdup (def->name);
  maker.node->node.x = COLUMN;
  if (!set_attrs (&maker, error) || !add_inputs (&maker, error))
    {
      gw_item_unref (maker.node);
      return NULL;
    }
  maker.node->node.y = MAX (maker.n_inputs - 1, 0) * ROW / 2;
  gw_edit_put (edit, document, maker.node);
  gw_document_apply (document, edit);
  return g_steal_pointer (&document);
}
