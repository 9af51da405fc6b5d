/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes and tensors as JSON. */
#include "engine/tensor/attr.h"

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/tensor/text.h"

#include <string.h>

static cJSON *
shape_to_json (const GwShape *shape)
{
  cJSON *json;

  if (shape->rank < 0)
    return cJSON_CreateString ("?");
  json = cJSON_CreateArray ();
  for (int i = 0; i < shape->rank; i++)
    cJSON_AddItemToArray (json, shape->dims[i] < 0 ? cJSON_CreateNull () : gw_json_new_int (shape->dims[i]));
  return json;
}

static gboolean
shape_from_json (const cJSON *json,
                 GwShape     *shape)
{
  const cJSON *dim;

  if (cJSON_IsString (json) && strcmp (json->valuestring, "?") == 0)
    {
      *shape = GW_SHAPE_UNKNOWN;
      return TRUE;
    }
  if (!cJSON_IsArray (json) || cJSON_GetArraySize (json) > GW_MAX_RANK)
    return FALSE;
  *shape = GW_SHAPE_SCALAR;
  cJSON_ArrayForEach (dim, json)
    {
      int64_t *size = &shape->dims[shape->rank++];

      *size = GW_DIM_UNKNOWN;
      if (!cJSON_IsNull (dim) && (!gw_json_get_int (dim, size) || *size < 0))
        return FALSE;
    }
  return TRUE;
}

/* The double of the fewest digits that is the same number as a float. */
static double
neat_double (float value)
{
  g_autoptr (GwTensor) scalar = gw_tensor_new_float (value);
  g_autofree char *text = gw_tensor_element_to_string (scalar, 0);
  double neat = g_ascii_strtod (text, NULL);

  return (float) neat == value ? neat : (double) value;
}

static cJSON *
bytes_to_json (const GwString *string)
{
  cJSON *json;
  g_autofree char *text = NULL;

  if (string->length == 0)
    return cJSON_CreateString ("");
  if (g_utf8_validate_len (string->data, string->length, NULL))
    return cJSON_CreateString (string->data);
  text = g_base64_encode ((const guchar *) string->data, string->length);
  json = cJSON_CreateObject ();
  cJSON_AddStringToObject (json, "base64", text);
  return json;
}

static gboolean
bytes_from_json (const cJSON *json,
                 GwString    *string)
{
  const char *text = gw_json_member_string (json, "base64", NULL);

  if (cJSON_IsString (json))
    gw_string_set (string, json->valuestring, strlen (json->valuestring));
  else if (text != NULL)
    {
      gsize length;
      g_autofree guchar *bytes = g_base64_decode (text, &length);

      gw_string_set (string, (const char *) bytes, length);
    }
  return cJSON_IsString (json) || text != NULL;
}

/* Real and imaginary part stand as a list of two. */
static cJSON *
complex_to_json (const GwTensor *tensor,
                 int64_t         i)
{
  cJSON *json = cJSON_CreateArray ();

  for (int64_t part = 2 * i; part < 2 * i + 2; part++)
    cJSON_AddItemToArray (json, tensor->dtype == GW_COMPLEX64
                          ? gw_json_new_double (neat_double (GW_TENSOR_DATA (tensor, float)[part]))
                          : gw_json_new_double (GW_TENSOR_DATA (tensor, double)[part]));
  return json;
}

static cJSON *
element_to_json (const GwTensor *tensor,
                 int64_t         i)
{
  g_autofree char *text = NULL;

  if (tensor->dtype == GW_STRING)
    return bytes_to_json (gw_tensor_get_string (tensor, i));
  if (tensor->dtype == GW_BOOL)
    return cJSON_CreateBool (gw_tensor_get_int (tensor, i) != 0);
  if (gw_dtype_is_complex (tensor->dtype))
    return complex_to_json (tensor, i);
  if (tensor->dtype == GW_UINT64 && gw_tensor_get_int (tensor, i) < 0)
    {
      text = gw_tensor_element_to_string (tensor, i);
      return cJSON_CreateString (text);
    }
  if (gw_dtype_is_integer (tensor->dtype))
    return gw_json_new_int (gw_tensor_get_int (tensor, i));
  if (tensor->dtype == GW_FLOAT32)
    return gw_json_new_double (neat_double (GW_TENSOR_DATA (tensor, float)[i]));
  return gw_json_new_double (gw_tensor_get_double (tensor, i));
}

static cJSON *
head_to_json (const GwTensor *tensor)
{
  cJSON *json = cJSON_CreateObject ();

  cJSON_AddStringToObject (json, "dtype", gw_dtype_name (tensor->dtype));
  cJSON_AddItemToObject (json, "shape", shape_to_json (&tensor->shape));
  return json;
}

/* Weights of a model that came from elsewhere: as a list they would take a minute and three times
 * the space. */
static cJSON *
weights_to_json (const GwTensor *tensor)
{
  cJSON *json = head_to_json (tensor);
  g_autofree char *text = g_base64_encode (tensor->data, tensor->bytes);

  cJSON_AddStringToObject (json, "base64", text);
  return json;
}

cJSON *
gw_tensor_to_json (const GwTensor *tensor)
{
  cJSON *json = head_to_json (tensor);
  cJSON *data = cJSON_CreateArray ();

  cJSON_AddItemToObject (json, "data", data);
  for (int64_t i = 0; i < tensor->elements; i++)
    cJSON_AddItemToArray (data, element_to_json (tensor, i));
  return json;
}

static gboolean
integer_from_json (const cJSON *json,
                   GwTensor    *tensor,
                   int64_t      i)
{
  int64_t value;
  guint64 large;

  if (gw_json_get_int (json, &value))
    {
      GW_SWITCH_INTEGER (tensor->dtype, return FALSE, {
        GW_TENSOR_DATA (tensor, T)[i] = (T) value;
        return (int64_t) (T) value == value && (value >= 0 || (T) -1 < 1);
      });
    }
  if (tensor->dtype != GW_UINT64 || !cJSON_IsString (json) ||
      !g_ascii_string_to_unsigned (json->valuestring, 10, 0, G_MAXUINT64, &large, NULL))
    return FALSE;
  GW_TENSOR_DATA (tensor, uint64_t)[i] = large;
  return TRUE;
}

static gboolean
complex_from_json (const cJSON *json,
                   GwTensor    *tensor,
                   int64_t      i)
{
  const cJSON *real = cJSON_IsArray (json) ? json->child : NULL;
  double parts[2];

  if (real == NULL || real->next == NULL || !gw_json_get_double (real, &parts[0]) ||
      !gw_json_get_double (real->next, &parts[1]))
    return FALSE;
  for (int part = 0; part < 2; part++)
    if (tensor->dtype == GW_COMPLEX64)
      GW_TENSOR_DATA (tensor, float)[2 * i + part] = (float) parts[part];
    else
      GW_TENSOR_DATA (tensor, double)[2 * i + part] = parts[part];
  return TRUE;
}

static gboolean
element_from_json (const cJSON *json,
                   GwTensor    *tensor,
                   int64_t      i)
{
  double value;

  if (tensor->dtype == GW_STRING)
    return bytes_from_json (json, &GW_TENSOR_DATA (tensor, GwString)[i]);
  if (tensor->dtype == GW_BOOL)
    {
      GW_TENSOR_DATA (tensor, uint8_t)[i] = cJSON_IsTrue (json);
      return cJSON_IsBool (json);
    }
  if (gw_dtype_is_complex (tensor->dtype))
    return complex_from_json (json, tensor, i);
  if (gw_dtype_is_integer (tensor->dtype))
    return integer_from_json (json, tensor, i);
  if (!gw_json_get_double (json, &value))
    return FALSE;
  gw_tensor_set_double (tensor, i, value);
  return TRUE;
}

/* Whether a complex tensor stands as numbers, real and imaginary part in turn. */
static gboolean
are_parts (GwDType        dtype,
           const GwShape *shape,
           const cJSON   *data)
{
  int64_t n = gw_shape_elements (shape);

  return gw_dtype_is_complex (dtype) && n > 0 && n == cJSON_GetArraySize (data) / 2 &&
         cJSON_GetArraySize (data) % 2 == 0 && !cJSON_IsArray (data->child);
}

/* A complex tensor's parts one behind the other, twice as many as it has elements. */
static gboolean
parts_from_json (const cJSON *data,
                 GwTensor    *tensor)
{
  const cJSON *part;
  int64_t i = 0;
  double value;

  cJSON_ArrayForEach (part, data)
    {
      if (!gw_json_get_double (part, &value))
        return FALSE;
      if (tensor->dtype == GW_COMPLEX64)
        GW_TENSOR_DATA (tensor, float)[i++] = (float) value;
      else
        GW_TENSOR_DATA (tensor, double)[i++] = value;
    }
  return TRUE;
}

static GwTensor *
weights_from_json (GwDType        dtype,
                   const GwShape *shape,
                   const char    *text,
                   GError       **error)
{
  gsize length = 0;
  g_autofree guchar *bytes = g_base64_decode (text, &length);
  int64_t elements = gw_shape_elements (shape);
  g_autoptr (GwTensor) tensor = NULL;

  if (dtype == GW_STRING || elements < 0 || length / gw_dtype_size (dtype) != (gsize) elements ||
      length % gw_dtype_size (dtype) != 0)
    gw_invalid (error, "a tensor's \"base64\" must hold as many numbers as its shape");
  else
    tensor = gw_tensor_new_copy (dtype, shape, bytes, error);
  for (int64_t i = 0; tensor != NULL && dtype == GW_BOOL && i < elements; i++)
    GW_TENSOR_DATA (tensor, uint8_t)[i] = GW_TENSOR_DATA (tensor, uint8_t)[i] != 0;
  return g_steal_pointer (&tensor);
}

GwTensor *
gw_tensor_from_json (const cJSON *json,
                     GError     **error)
{
  const char *type_name = gw_json_member_string (json, "dtype", "");
  GwDType dtype = gw_dtype_from_name (type_name);
  const cJSON *data = cJSON_GetObjectItemCaseSensitive (json, "data");
  const char *weights = gw_json_member_string (json, "base64", NULL);
  const cJSON *element;
  g_autoptr (GwTensor) tensor = NULL;
  GwShape shape;
  int64_t i = 0;

  if (dtype != GW_BOOL && dtype != GW_STRING && !gw_dtype_is_numeric (dtype))
    gw_invalid (error, "a tensor's \"dtype\" is “%s”, which is no type of tensor", type_name);
  else if (!shape_from_json (cJSON_GetObjectItemCaseSensitive (json, "shape"), &shape) || !gw_shape_is_known (&shape))
    gw_invalid (error, "a tensor's \"shape\" must be a list of sizes");
  else if (weights != NULL)
    return weights_from_json (dtype, &shape, weights, error);
  else if (!cJSON_IsArray (data) || gw_shape_elements (&shape) < 0 ||
           (gw_shape_elements (&shape) != cJSON_GetArraySize (data) && !are_parts (dtype, &shape, data)))
    gw_invalid (error, "a tensor's \"data\" must be a flat list of as many elements as its shape has");
  else
    tensor = gw_tensor_new (dtype, &shape, error);
  if (tensor == NULL)
    return NULL;
  if (are_parts (dtype, &shape, data))
    {
      if (parts_from_json (data, tensor))
        return g_steal_pointer (&tensor);
      gw_invalid (error, "a tensor's \"data\" holds something that is no number");
      return NULL;
    }
  cJSON_ArrayForEach (element, data)
    if (!element_from_json (element, tensor, i++))
      {
        gw_invalid (error, "element %" G_GINT64_FORMAT " of a tensor's \"data\" is no %s", (gint64) i - 1,
                    gw_dtype_name (dtype));
        return NULL;
      }
  return g_steal_pointer (&tensor);
}

static cJSON *
item_to_json (const GwAttrValue *value,
              int                i)
{
  switch (value->type)
    {
    case GW_ATTR_INTS: return gw_json_new_int (value->list.i[i]);
    case GW_ATTR_FLOATS: return gw_json_new_double (value->list.f[i]);
    case GW_ATTR_STRINGS:
    case GW_ATTR_FUNCS: return cJSON_CreateString (value->list.s[i]);
    case GW_ATTR_DTYPES: return cJSON_CreateString (gw_dtype_name (value->list.dtypes[i]));
    default: return shape_to_json (&value->list.shapes[i]);
    }
}

cJSON *
gw_attr_to_json (const GwAttrValue *value)
{
  cJSON *json;

  switch (value->type)
    {
    case GW_ATTR_BOOL: return cJSON_CreateBool (value->b);
    case GW_ATTR_INT:
    case GW_ATTR_SEED: return gw_json_new_int (value->i);
    case GW_ATTR_FLOAT: return gw_json_new_double (value->f);
    case GW_ATTR_STRING:
    case GW_ATTR_CHOICE:
    case GW_ATTR_FILE:
    case GW_ATTR_FUNC: return cJSON_CreateString (value->s != NULL ? value->s : "");
    case GW_ATTR_DTYPE: return cJSON_CreateString (gw_dtype_name (value->dtype));
    case GW_ATTR_SHAPE: return shape_to_json (&value->shape);
    case GW_ATTR_TENSOR:
      if (value->tensor != NULL && value->tensor->elements >= GW_ATTR_MOST_LISTED && value->tensor->dtype != GW_STRING)
        return weights_to_json (value->tensor);
      return value->tensor != NULL ? gw_tensor_to_json (value->tensor) : cJSON_CreateNull ();
    default:
      json = cJSON_CreateArray ();
      for (int i = 0; i < value->list.n; i++)
        cJSON_AddItemToArray (json, item_to_json (value, i));
      return json;
    }
}

static gboolean
dtype_from_json (const cJSON *json,
                 GwDType     *dtype)
{
  *dtype = cJSON_IsString (json) ? gw_dtype_from_name (json->valuestring) : GW_DTYPE_INVALID;
  return *dtype != GW_DTYPE_INVALID;
}

static gboolean
item_from_json (const cJSON *json,
                GwAttrValue *value,
                int          i)
{
  switch (value->type)
    {
    case GW_ATTR_INTS: return gw_json_get_int (json, &value->list.i[i]);
    case GW_ATTR_FLOATS: return gw_json_get_double (json, &value->list.f[i]);
    case GW_ATTR_DTYPES: return dtype_from_json (json, &value->list.dtypes[i]);
    case GW_ATTR_SHAPES: return shape_from_json (json, &value->list.shapes[i]);
    default:
      value->list.s[i] = g_strdup (cJSON_IsString (json) ? json->valuestring : NULL);
      return value->list.s[i] != NULL;
    }
}

static gboolean
list_from_json (const cJSON *json,
                GwAttrValue *value)
{
  const cJSON *item;
  int i = 0;

  if (!cJSON_IsArray (json))
    return FALSE;
  value->list.n = cJSON_GetArraySize (json);
  if (value->list.n > 0)
    value->list.shapes = g_malloc0_n ((gsize) value->list.n, value->type == GW_ATTR_SHAPES ? sizeof (GwShape)
                                                                                           : sizeof (int64_t));
  cJSON_ArrayForEach (item, json)
    if (!item_from_json (item, value, i++))
      return FALSE;
  return TRUE;
}

static gboolean
value_from_json (const cJSON *json,
                 GwAttrValue *value,
                 GError     **error)
{
  switch (value->type)
    {
    case GW_ATTR_BOOL:
      value->b = cJSON_IsTrue (json);
      return cJSON_IsBool (json);
    case GW_ATTR_INT:
    case GW_ATTR_SEED: return gw_json_get_int (json, &value->i);
    case GW_ATTR_FLOAT: return gw_json_get_double (json, &value->f);
    case GW_ATTR_STRING:
    case GW_ATTR_CHOICE:
    case GW_ATTR_FILE:
    case GW_ATTR_FUNC:
      value->s = g_strdup (cJSON_IsString (json) ? json->valuestring : NULL);
      return value->s != NULL;
    case GW_ATTR_DTYPE: return dtype_from_json (json, &value->dtype);
    case GW_ATTR_SHAPE: return shape_from_json (json, &value->shape);
    case GW_ATTR_TENSOR:
      value->tensor = cJSON_IsNull (json) ? NULL : gw_tensor_from_json (json, error);
      return cJSON_IsNull (json) || value->tensor != NULL;
    default: return list_from_json (json, value);
    }
}

gboolean
gw_attr_from_json (const GwAttrDef *def,
                   const cJSON     *json,
                   GwAttrValue     *value,
                   GError         **error)
{
  GError *inner = NULL;

  memset (value, 0, sizeof *value);
  value->type = def->type;
  if (!value_from_json (json, value, &inner))
    {
      g_autofree char *text = json != NULL ? gw_json_print_compact (json) : g_strdup ("missing");

      if (inner != NULL)
        {
          g_propagate_prefixed_error (error, inner, "%s: ", def->name);
        }
      else
        gw_invalid (error, "%s is %.60s in the file, which is not the kind of value it takes", def->name, text);
      gw_attr_value_clear (value);
      return FALSE;
    }
  if (gw_attr_check (def, value, error))
    return TRUE;
  gw_attr_value_clear (value);
  return FALSE;
}
