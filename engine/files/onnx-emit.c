/* SPDX-License-Identifier: Apache-2.0 */
/* What rules read of an operator, and the nodes that they make of it. */
#include "engine/files/onnx-private.h"

#include "engine/base/error.h"
#include "engine/files/shape-message.h"
#include "engine/files/tensor-proto.h"

#include <string.h>

#define MOST_ATTRS 8 /* that a rule sets on a node */

/* ---- attributes of the operator ---- */

const Gw__OnnxAttribute *
gw_onnx_attribute (const GwOnnxStep *step,
                   const char       *name)
{
  for (size_t i = 0; i < step->node->n_attribute; i++)
    if (g_str_equal (step->node->attribute[i]->name, name))
      return step->node->attribute[i];
  return NULL;
}

int64_t
gw_onnx_int (const GwOnnxStep *step,
             const char       *name,
             int64_t           standard)
{
  const Gw__OnnxAttribute *attribute = gw_onnx_attribute (step, name);

  return attribute != NULL ? attribute->i : standard;
}

double
gw_onnx_float (const GwOnnxStep *step,
               const char       *name,
               double            standard)
{
  const Gw__OnnxAttribute *attribute = gw_onnx_attribute (step, name);

  return attribute != NULL ? (double) attribute->f : standard;
}

gboolean
gw_onnx_is_text (const GwOnnxStep *step,
                 const char       *name,
                 const char       *standard,
                 const char       *text)
{
  const Gw__OnnxAttribute *attribute = gw_onnx_attribute (step, name);
  ProtobufCBinaryData expected = gw_proto_bytes_from_text (text);

  return attribute != NULL ? gw_proto_bytes_equal (&attribute->s, &expected) : g_str_equal (standard, text);
}

/* ---- inputs and outputs ---- */

GwOnnxValue *
gw_onnx_value (const GwOnnxStep *step,
               size_t            i)
{
  if (i >= step->node->n_input || *step->node->input[i] == '\0')
    return NULL;
  return g_hash_table_lookup (step->onnx->values, step->node->input[i]);
}

gboolean
gw_onnx_has (const GwOnnxStep *step,
             size_t            n)
{
  for (size_t i = 0; i < n; i++)
    if (gw_onnx_value (step, i) == NULL)
      return FALSE;
  return TRUE;
}

int
gw_onnx_rank (const GwOnnxStep *step,
              size_t            i)
{
  const GwOnnxValue *value = gw_onnx_value (step, i);

  return value != NULL ? value->rank : -1;
}

GwDType
gw_onnx_dtype_of (const GwOnnxStep *step,
                  size_t            i)
{
  const GwOnnxValue *value = gw_onnx_value (step, i);

  return value != NULL ? value->dtype : GW_DTYPE_INVALID;
}

gboolean
gw_onnx_has_floats (const GwOnnxStep *step,
                    size_t            n)
{
  return gw_onnx_has (step, n) && gw_dtype_is_floating (gw_onnx_dtype_of (step, 0));
}

int
gw_onnx_axis (int64_t axis,
              int     rank)
{
  if (axis < 0 && rank >= 0)
    axis += rank;
  return axis >= 0 && axis < (rank >= 0 ? rank : GW_MAX_RANK) ? (int) axis : -1;
}

gboolean
gw_onnx_gives (const GwOnnxStep *step,
               size_t            i)
{
  return i < step->node->n_output && g_hash_table_contains (step->onnx->read, step->node->output[i]);
}

static gboolean
take_ints (size_t         n,
           const int64_t *values,
           GwOnnxInts    *ints)
{
  if (n > G_N_ELEMENTS (ints->values))
    return FALSE;
  ints->n = (int) n;
  for (size_t i = 0; i < n; i++)
    ints->values[i] = values[i];
  return TRUE;
}

gboolean
gw_onnx_ints (const GwOnnxStep *step,
              const char       *name,
              GwOnnxInts       *ints)
{
  const Gw__OnnxAttribute *attribute = gw_onnx_attribute (step, name);

  return attribute != NULL && take_ints (attribute->n_ints, attribute->ints, ints);
}

gboolean
gw_onnx_input_ints (const GwOnnxStep *step,
                    size_t            i,
                    GwOnnxInts       *ints)
{
  const GwOnnxValue *value = gw_onnx_value (step, i);
  const GwTensor *tensor = value != NULL ? value->tensor : NULL;

  if (tensor == NULL || !gw_dtype_is_integer (tensor->dtype) || tensor->shape.rank > 1 ||
      tensor->elements > (int64_t) G_N_ELEMENTS (ints->values))
    return FALSE;
  ints->n = (int) tensor->elements;
  for (int k = 0; k < ints->n; k++)
    ints->values[k] = gw_tensor_get_int (tensor, k);
  return TRUE;
}

gboolean
gw_onnx_input_number (const GwOnnxStep *step,
                      size_t            i,
                      double           *number)
{
  const GwOnnxValue *value = gw_onnx_value (step, i);
  const GwTensor *tensor = value != NULL ? value->tensor : NULL;

  if (tensor == NULL || tensor->elements != 1 || tensor->dtype == GW_STRING)
    return FALSE;
  *number = gw_tensor_get_double (tensor, 0);
  return TRUE;
}

gboolean
gw_onnx_either_ints (const GwOnnxStep *step,
                     const char       *name,
                     size_t            i,
                     GwOnnxInts       *ints)
{
  return gw_onnx_ints (step, name, ints) || gw_onnx_input_ints (step, i, ints);
}

GwOnnxValue *
gw_onnx_new_value (GwOnnx     *onnx,
                   const char *name,
                   int         rank,
                   GwDType     dtype)
{
  GwOnnxValue *value = g_new0 (GwOnnxValue, 1);

  value->rank = rank;
  value->dtype = dtype;
  g_hash_table_replace (onnx->values, g_strdup (name), value);
  return value;
}

void
gw_onnx_give (GwOnnxStep        *step,
              size_t             i,
              const Gw__NodeDef *def,
              int                output,
              int                rank,
              GwDType            dtype)
{
  if (i >= step->node->n_output || *step->node->output[i] == '\0')
    return;
  gw_onnx_new_value (step->onnx, step->node->output[i], rank, dtype)->text =
    output > 0 ? g_strdup_printf ("%s:%d", def->name, output) : g_strdup (def->name);
}

gboolean
gw_onnx_give_like (GwOnnxStep        *step,
                   const Gw__NodeDef *def)
{
  return gw_onnx_give_shaped (step, def, gw_onnx_rank (step, 0));
}

gboolean
gw_onnx_give_shaped (GwOnnxStep        *step,
                     const Gw__NodeDef *def,
                     int                rank)
{
  gw_onnx_give (step, 0, def, 0, rank, gw_onnx_dtype_of (step, 0));
  return TRUE;
}

gboolean
gw_onnx_give_tensor (GwOnnxStep *step,
                     GwTensor   *tensor)
{
  GwOnnxValue *value = gw_onnx_new_value (step->onnx, step->node->output[0], tensor->shape.rank, tensor->dtype);

  value->name = g_strdup (step->name);
  value->tensor = tensor;
  return TRUE;
}

/* ---- names ---- */

char *
gw_onnx_keep_text (GwOnnx     *onnx,
                   const char *text)
{
  size_t size = strlen (text) + 1;

  return memcpy (gw_proto_arena_alloc (onnx->arena, size), text, size);
}

/* Without a leading slash, or an empty part: "/layer1//Conv" → "layer1/Conv". */
static char *
clean_name (const char *text)
{
  GString *name = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    {
      gboolean fits = g_ascii_isalnum (*p) || *p == '.' || (name->len > 0 && strchr ("_-/", *p) != NULL);

      if (*p == '/' && (p[1] == '/' || p[1] == '\0'))
        continue;
      if (fits)
        g_string_append_c (name, *p);
      else if (name->len > 0)
        g_string_append_c (name, '_');
    }
  if (name->len == 0)
    g_string_assign (name, "node");
  return g_string_free (name, FALSE);
}

char *
gw_onnx_free_name (GwOnnx     *onnx,
                   const char *text)
{
  g_autofree char *name = clean_name (text);
  char *own = g_strdup (name);

  for (int i = 1; g_hash_table_contains (onnx->taken, own); i++)
    {
      g_free (own);
      own = g_strdup_printf ("%s_%d", name, i);
    }
  g_hash_table_add (onnx->taken, g_strdup (own));
  return own;
}

/* ---- nodes ---- */

Gw__NodeDef *
gw_onnx_new_node (GwOnnx     *onnx,
                  const char *op,
                  const char *name,
                  size_t      n_inputs,
                  size_t      n_attrs)
{
  Gw__NodeDef *def = gw_proto_arena_alloc (onnx->arena, sizeof *def);

  gw__node_def__init (def);
  def->name = gw_onnx_keep_text (onnx, name);
  def->op = gw_onnx_keep_text (onnx, op);
  def->input = gw_proto_arena_alloc (onnx->arena, sizeof (char *) * MAX (n_inputs, 1));
  def->attr = gw_proto_arena_alloc (onnx->arena, sizeof (Gw__AttrEntry *) * MAX (n_attrs, 1));
  g_ptr_array_add (onnx->nodes, def);
  return def;
}

static char *
inner_name (const GwOnnxStep *step,
            const char       *suffix)
{
  g_autofree char *name = g_strconcat (step->name, "/", suffix, NULL);

  return gw_onnx_free_name (step->onnx, name);
}

Gw__NodeDef *
gw_onnx_emit (GwOnnxStep        *step,
              const char        *op,
              const char        *suffix,
              size_t             n_inputs,
              const char *const *inputs)
{
  g_autofree char *name = suffix != NULL ? inner_name (step, suffix) : g_strdup (step->name);
  Gw__NodeDef *def = gw_onnx_new_node (step->onnx, op, name, n_inputs, MOST_ATTRS);

  for (size_t i = 0; i < n_inputs; i++)
    def->input[def->n_input++] = gw_onnx_keep_text (step->onnx, inputs[i]);
  return def;
}

static Gw__NodeDef *
new_constant (GwOnnx         *onnx,
              const char     *name,
              const GwTensor *tensor)
{
  Gw__NodeDef *def = gw_onnx_new_node (onnx, "Const", name, 0, 2);

  gw_onnx_set_dtype (onnx, def, "dtype", tensor->dtype);
  gw_onnx_set_tensor (onnx, def, "value", tensor);
  return def;
}

const char *
gw_onnx_input (GwOnnxStep *step,
               size_t      i)
{
  GwOnnxValue *value = gw_onnx_value (step, i);

  if (value != NULL && value->text == NULL)
    value->text = g_strdup (new_constant (step->onnx, value->name, value->tensor)->name);
  return value != NULL ? value->text : NULL;
}

const char *
gw_onnx_emit_tensor (GwOnnxStep *step,
                     const char *suffix,
                     GwTensor   *tensor)
{
  g_autofree char *name = inner_name (step, suffix);
  const char *text = new_constant (step->onnx, name, tensor)->name;

  gw_tensor_unref (tensor);
  return text;
}

const char *
gw_onnx_emit_ints (GwOnnxStep    *step,
                   const char    *suffix,
                   int            n,
                   const int64_t *values)
{
  return gw_onnx_emit_tensor (step, suffix, gw_tensor_new_int32_vector (n, values));
}

const char *
gw_onnx_emit_int (GwOnnxStep *step,
                  const char *suffix,
                  int64_t     value)
{
  return gw_onnx_emit_tensor (step, suffix, gw_tensor_new_int32 ((int32_t) CLAMP (value, INT32_MIN, INT32_MAX)));
}

const char *
gw_onnx_emit_number (GwOnnxStep *step,
                     const char *suffix,
                     GwDType     dtype,
                     double      value)
{
  return gw_onnx_emit_tensor (step, suffix, gw_tensor_new_scalar (dtype, value));
}

const char *
gw_onnx_number (GwOnnxStep *step,
                const char *suffix,
                double      value)
{
  return gw_onnx_emit_number (step, suffix, gw_onnx_dtype_of (step, 0), value);
}

const char *
gw_onnx_reordered (GwOnnxStep    *step,
                   const char    *suffix,
                   const char    *x,
                   int            rank,
                   const int64_t *order)
{
  return GW_ONNX_NODE (step, "Transpose", suffix, x, gw_onnx_emit_ints (step, "order", rank, order));
}

const char *
gw_onnx_shape_of (GwOnnxStep *step,
                  const char *suffix)
{
  Gw__NodeDef *def = GW_ONNX_EMIT (step, "Shape", suffix, gw_onnx_input (step, 0));

  gw_onnx_set_dtype (step->onnx, def, "out_type", GW_INT32);
  return def->name;
}

Gw__NodeDef *
gw_onnx_part_of (GwOnnxStep *step,
                 const char *suffix,
                 const char *vector,
                 int64_t     first,
                 int64_t     end)
{
  int64_t one = 1;

  return GW_ONNX_EMIT (step, "StridedSlice", suffix, vector, gw_onnx_emit_ints (step, "first", 1, &first),
                       gw_onnx_emit_ints (step, "end", 1, &end), gw_onnx_emit_ints (step, "step", 1, &one));
}

/* ---- attributes of a node ---- */

static Gw__AttrValue *
add_attr (GwOnnx      *onnx,
          Gw__NodeDef *def,
          const char  *name)
{
  Gw__AttrEntry *entry = gw_proto_arena_alloc (onnx->arena, sizeof *entry);

  gw__attr_entry__init (entry);
  entry->key = gw_onnx_keep_text (onnx, name);
  entry->value = gw_proto_arena_alloc (onnx->arena, sizeof *entry->value);
  gw__attr_value__init (entry->value);
  def->attr[def->n_attr++] = entry;
  return entry->value;
}

#define DEFINE_SET(NAME, TYPE, CASE, FIELD, EXPRESSION)         \
  void                                                          \
  gw_onnx_set_##NAME (GwOnnx      *onnx,                        \
                      Gw__NodeDef *def,                         \
                      const char  *name,                        \
                      TYPE         value)                       \
  {                                                             \
    Gw__AttrValue *attr = add_attr (onnx, def, name);           \
                                                                \
    attr->value_case = GW__ATTR_VALUE__VALUE_##CASE;            \
    attr->FIELD = (EXPRESSION);                                 \
  }

DEFINE_SET (bool, gboolean, B, b, value)
DEFINE_SET (int, int64_t, I, i, value)
DEFINE_SET (float, double, F, f, (float) value)
DEFINE_SET (text, const char *, S, s, gw_proto_bytes_from_text (gw_onnx_keep_text (onnx, value)))
DEFINE_SET (dtype, GwDType, TYPE, type, (int32_t) value)

/* What `list` points to stays the model's, or the arena's. */
static Gw__AttrListValue *
add_list (GwOnnx      *onnx,
          Gw__NodeDef *def,
          const char  *name)
{
  Gw__AttrValue *attr = add_attr (onnx, def, name);

  attr->value_case = GW__ATTR_VALUE__VALUE_LIST;
  attr->list = gw_proto_arena_alloc (onnx->arena, sizeof *attr->list);
  gw__attr_list_value__init (attr->list);
  return attr->list;
}

#define DEFINE_SET_LIST(NAME, TYPE, FIELD)                                                     \
  void                                                                                         \
  gw_onnx_set_##NAME (GwOnnx      *onnx,                                                       \
                      Gw__NodeDef *def,                                                        \
                      const char  *name,                                                       \
                      size_t       n,                                                          \
                      const TYPE  *values)                                                     \
  {                                                                                            \
    Gw__AttrListValue *list = add_list (onnx, def, name);                                      \
                                                                                               \
    list->n_##FIELD = n;                                                                       \
    list->FIELD = gw_proto_arena_alloc (onnx->arena, sizeof *list->FIELD * MAX (n, 1));        \
    for (size_t i = 0; i < n; i++)                                                             \
      list->FIELD[i] = values[i];                                                              \
  }

DEFINE_SET_LIST (ints, int64_t, i)
DEFINE_SET_LIST (floats, float, f)
DEFINE_SET_LIST (texts, ProtobufCBinaryData, s)

void
gw_onnx_set_shape (GwOnnx        *onnx,
                   Gw__NodeDef   *def,
                   const char    *name,
                   const GwShape *value)
{
  Gw__AttrValue *attr = add_attr (onnx, def, name);
  GwShapeMessage *storage = gw_proto_arena_alloc (onnx->arena, sizeof *storage);

  gw_shape_message_init (storage, value);
  attr->value_case = GW__ATTR_VALUE__VALUE_SHAPE;
  attr->shape = &storage->message;
}

void
gw_onnx_set_tensor (GwOnnx         *onnx,
                    Gw__NodeDef    *def,
                    const char     *name,
                    const GwTensor *value)
{
  GBytes *bytes = gw_tensor_to_proto (value, onnx->error == NULL ? &onnx->error : NULL);
  Gw__AttrValue *attr;

  if (bytes == NULL)
    return;
  g_ptr_array_add (onnx->keep, bytes);
  attr = add_attr (onnx, def, name);
  attr->value_case = GW__ATTR_VALUE__VALUE_TENSOR;
  attr->tensor = (ProtobufCBinaryData) { g_bytes_get_size (bytes), (uint8_t *) g_bytes_get_data (bytes, NULL) };
}
