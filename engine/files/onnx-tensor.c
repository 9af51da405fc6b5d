/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors of ONNX: typed lists, raw bytes, bytes in files beside the model. */
#include "engine/files/onnx-private.h"

#include "engine/base/error.h"
#include "engine/files/raw-private.h"

#include <stdio.h>
#include <string.h>

#define DATA_IN_FILE 1 /* of data_location */

/* onnx.proto, TensorProto.DataType */
GwDType
gw_onnx_dtype (int32_t data_type)
{
  static const GwDType dtypes[] = {
    GW_DTYPE_INVALID, GW_FLOAT32, GW_UINT8, GW_INT8, GW_UINT16, GW_INT16, GW_INT32, GW_INT64, GW_STRING, GW_BOOL,
    GW_FLOAT16, GW_FLOAT64, GW_UINT32, GW_UINT64, GW_COMPLEX64, GW_COMPLEX128, GW_BFLOAT16,
  };

  return data_type > 0 && data_type < (int32_t) G_N_ELEMENTS (dtypes) ? dtypes[data_type] : GW_DTYPE_INVALID;
}

static gboolean
shape_of (const Gw__OnnxTensor *message,
          GwShape              *shape,
          GError              **error)
{
  if (message->n_dims > GW_MAX_RANK)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "it has %" G_GSIZE_FORMAT " dimensions; at most %d are possible",
                   message->n_dims, GW_MAX_RANK);
      return FALSE;
    }
  for (size_t i = 0; i < message->n_dims; i++)
    if (message->dims[i] < 0)
      return gw_invalid (error, "its dimension %" G_GSIZE_FORMAT " has the size %" G_GINT64_FORMAT, i, message->dims[i]);
  *shape = gw_shape_from_dims ((int) message->n_dims, message->dims);
  return TRUE;
}

/* ---- bytes ---- */

static const char *
entry (const Gw__OnnxTensor *message,
       const char           *key)
{
  for (size_t i = 0; i < message->n_external_data; i++)
    if (g_str_equal (message->external_data[i]->key, key))
      return message->external_data[i]->value;
  return NULL;
}

static gboolean
seek_place (FILE       *file,
            const char *text,
            int64_t    *offset)
{
  *offset = text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
  return *offset >= 0 && fseeko (file, (off_t) *offset, SEEK_SET) == 0;
}

/* A file of weights lies beside the model or in a folder there, and nowhere else. */
static gboolean
read_file (const Gw__OnnxTensor *message,
           const char           *folder,
           GwTensor             *tensor,
           GError              **error)
{
  const char *location = entry (message, "location");
  g_auto (GStrv) parts = g_strsplit (location != NULL ? location : "", "/", -1);
  g_autofree char *path = NULL;
  int64_t offset;
  gboolean is_whole;
  FILE *file;

  if (location == NULL || *location == '\0' || *location == '/' || g_strv_contains ((const char *const *) parts, ".."))
    return gw_invalid (error, "the file with its values, “%s”, is not beside the model", location != NULL ? location : "");
  path = folder != NULL ? g_build_filename (folder, location, NULL) : NULL;
  file = path != NULL ? fopen (path, "rbe") : NULL;
  if (file == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "its values are in the file “%s” beside the model, which cannot be read",
                   location);
      return FALSE;
    }
  is_whole = seek_place (file, entry (message, "offset"), &offset) && fread (tensor->data, 1, tensor->bytes, file) == tensor->bytes;
  fclose (file);
  if (!is_whole)
    g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "the file “%s” ends before its %" G_GSIZE_FORMAT " bytes from %" G_GINT64_FORMAT
                 " on", location, tensor->bytes, offset);
  return is_whole;
}

static gboolean
mismatch (const GwTensor *tensor,
          size_t          n,
          GError        **error)
{
  g_autofree char *shape = gw_shape_to_string (&tensor->shape);

  return gw_invalid (error, "it has the shape %s and %" G_GSIZE_FORMAT " values of %s", shape, n, gw_dtype_name (tensor->dtype));
}

/* Stored with the lowest byte first, as memory has it. */
static gboolean
fill_raw (const Gw__OnnxTensor *message,
          const char           *folder,
          GwTensor             *tensor,
          GError              **error)
{
  if (message->data_location == DATA_IN_FILE)
    {
      if (!read_file (message, folder, tensor, error))
        return FALSE;
    }
  else if (message->raw_data.len != tensor->bytes)
    return mismatch (tensor, message->raw_data.len / gw_dtype_size (tensor->dtype), error);
  else if (tensor->bytes > 0)
    memcpy (tensor->data, message->raw_data.data, tensor->bytes);
  if (tensor->dtype == GW_BOOL)
    gw_normalize_bools (tensor->data, tensor->bytes);
  return TRUE;
}

/* ---- typed lists ---- */

static size_t
list_length (const Gw__OnnxTensor *message,
             GwDType               dtype)
{
  switch (dtype)
    {
    case GW_FLOAT32: return message->n_float_data;
    case GW_COMPLEX64: return message->n_float_data / 2;
    case GW_FLOAT64: return message->n_double_data;
    case GW_COMPLEX128: return message->n_double_data / 2;
    case GW_INT64: return message->n_int64_data;
    case GW_UINT32:
    case GW_UINT64: return message->n_uint64_data;
    case GW_STRING: return message->n_string_data;
    default: return message->n_int32_data;
    }
}

#define FROM_LIST(T, FIELD)                              \
  for (size_t i = 0; i < n; i++)                         \
    GW_TENSOR_DATA (tensor, T)[i] = (T) message->FIELD[i]

static gboolean
fill_list (const Gw__OnnxTensor *message,
           GwTensor             *tensor,
           GError              **error)
{
  size_t n = list_length (message, tensor->dtype);

  if (n != (size_t) tensor->elements)
    return mismatch (tensor, n, error);
  switch (tensor->dtype)
    {
    case GW_STRING:
      for (size_t i = 0; i < n; i++)
        gw_string_set (&GW_TENSOR_DATA (tensor, GwString)[i], (const char *) message->string_data[i].data, message->string_data[i].len);
      break;
    case GW_COMPLEX64:
    case GW_COMPLEX128: n *= 2; G_GNUC_FALLTHROUGH;
    default:
      switch (gw_dtype_is_complex (tensor->dtype) ? (tensor->dtype == GW_COMPLEX64 ? GW_FLOAT32 : GW_FLOAT64) : tensor->dtype)
        {
        case GW_FLOAT32: FROM_LIST (float, float_data); break;
        case GW_FLOAT64: FROM_LIST (double, double_data); break;
        case GW_INT64: FROM_LIST (int64_t, int64_data); break;
        case GW_UINT32: FROM_LIST (uint32_t, uint64_data); break;
        case GW_UINT64: FROM_LIST (uint64_t, uint64_data); break;
        case GW_INT32: FROM_LIST (int32_t, int32_data); break;
        case GW_BOOL:
          for (size_t i = 0; i < n; i++)
            GW_TENSOR_DATA (tensor, uint8_t)[i] = message->int32_data[i] != 0;
          break;
        case GW_INT8:
        case GW_UINT8: FROM_LIST (uint8_t, int32_data); break;
        default: FROM_LIST (uint16_t, int32_data); break; /* also the bits of short floats */
        }
    }
  return TRUE;
}

/* What a file may make us set aside before its values are looked at. */
static gboolean
is_there (const Gw__OnnxTensor *message,
          const GwShape        *shape,
          GwDType               dtype,
          GError              **error)
{
  int64_t elements = gw_shape_elements (shape);
  size_t given = message->raw_data.len > 0 ? message->raw_data.len / gw_dtype_size (dtype) : list_length (message, dtype);
  g_autofree char *text = gw_shape_to_string (shape);

  if (elements >= 0 && (message->data_location == DATA_IN_FILE || (size_t) elements == given))
    return TRUE;
  return gw_invalid (error, "it has the shape %s and %" G_GSIZE_FORMAT " values", text, given);
}

GwTensor *
gw_onnx_tensor (const Gw__OnnxTensor *message,
                const char           *folder,
                GError              **error)
{
  GwDType dtype = gw_onnx_dtype (message->data_type);
  g_autoptr (GwTensor) tensor = NULL;
  gboolean is_raw = message->data_location == DATA_IN_FILE || message->raw_data.len > 0;
  GwShape shape;

  if (dtype == GW_DTYPE_INVALID || (is_raw && dtype == GW_STRING))
    {
      g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "its type, number %d of ONNX, is not supported", message->data_type);
      return NULL;
    }
  if (!shape_of (message, &shape, error) || !is_there (message, &shape, dtype, error))
    return NULL;
  tensor = gw_tensor_new (dtype, &shape, error);
  if (tensor == NULL || !(is_raw ? fill_raw (message, folder, tensor, error) : fill_list (message, tensor, error)))
    return NULL;
  return g_steal_pointer (&tensor);
}

/* ---- order of dimensions ---- */

GwTensor *
gw_onnx_transpose (const GwTensor *tensor,
                   const int      *order,
                   GError        **error)
{
  size_t size = gw_dtype_size (tensor->dtype);
  int rank = tensor->shape.rank;
  int64_t from[GW_MAX_RANK], at[GW_MAX_RANK] = { 0 }, source = 0;
  GwShape shape = tensor->shape;
  g_autoptr (GwTensor) result = NULL;

  gw_shape_strides (&tensor->shape, from);
  for (int i = 0; i < rank; i++)
    shape.dims[i] = tensor->shape.dims[order[i]];
  result = gw_tensor_new (tensor->dtype, &shape, error);
  for (int64_t k = 0; result != NULL && k < result->elements; k++)
    {
      memcpy ((char *) result->data + (size_t) k * size, (const char *) tensor->data + (size_t) source * size, size);
      for (int i = rank - 1; i >= 0; i--)
        {
          source += from[order[i]];
          if (++at[i] < shape.dims[i])
            break;
          source -= from[order[i]] * shape.dims[i];
          at[i] = 0;
        }
    }
  return g_steal_pointer (&result);
}
