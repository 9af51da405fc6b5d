/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/tensor-proto.h"

#include "engine/base/error.h"
#include "engine/files/proto-arena.h"
#include "engine/files/raw-private.h"
#include "engine/files/shape-message.h"

#include <string.h>

/* --- Shapes --- */

gboolean
gw_shape_from_message (const Gw__TensorShapeProto  *message,
                       GwShape                     *shape,
                       GError                     **error)
{
  *shape = GW_SHAPE_SCALAR;
  if (message == NULL)
    return TRUE;
  if (message->unknown_rank)
    {
      *shape = GW_SHAPE_UNKNOWN;
      return TRUE;
    }
  if (message->n_dim > GW_MAX_RANK)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED,
                   "a shape of %" G_GSIZE_FORMAT " dimensions; at most %d are possible",
                   message->n_dim, GW_MAX_RANK);
      return FALSE;
    }
  shape->rank = (int) message->n_dim;
  for (int i = 0; i < shape->rank; i++)
    {
      shape->dims[i] = message->dim[i]->size;
      if (shape->dims[i] < GW_DIM_UNKNOWN)
        return gw_invalid (error, "a shape whose dimension %d has the size %" G_GINT64_FORMAT, i, shape->dims[i]);
    }
  return TRUE;
}

gboolean
gw_shape_from_proto (const void  *data,
                     size_t       size,
                     GwShape     *shape,
                     GError     **error)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  Gw__TensorShapeProto *message = gw_proto_unpack (arena, &gw__tensor_shape_proto__descriptor, data, size,
                                                   "a shape", error);

  return message != NULL && gw_shape_from_message (message, shape, error);
}

void
gw_shape_message_init (GwShapeMessage *storage,
                       const GwShape  *shape)
{
  gw__tensor_shape_proto__init (&storage->message);
  storage->message.unknown_rank = shape->rank < 0;
  storage->message.n_dim = (size_t) MAX (shape->rank, 0);
  storage->message.dim = storage->pointers;
  for (int i = 0; i < shape->rank; i++)
    {
      gw__tensor_shape_dim__init (&storage->dims[i]);
      storage->dims[i].size = shape->dims[i];
      storage->pointers[i] = &storage->dims[i];
    }
}

GBytes *
gw_shape_to_proto (const GwShape *shape)
{
  GwShapeMessage storage;

  gw_shape_message_init (&storage, shape);
  return gw_proto_pack (&storage.message.base, "a shape", NULL);
}

/* --- Decoding --- */

static size_t
list_length (const Gw__TensorProto *proto)
{
  switch ((GwDType) proto->dtype)
    {
    case GW_FLOAT32:    return proto->n_float_val;
    case GW_FLOAT64:    return proto->n_double_val;
    case GW_INT32:
    case GW_INT16:
    case GW_INT8:
    case GW_UINT8:
    case GW_UINT16:     return proto->n_int_val;
    case GW_STRING:     return proto->n_string_val;
    case GW_COMPLEX64:  return proto->n_scomplex_val / 2;
    case GW_INT64:      return proto->n_int64_val;
    case GW_BOOL:       return proto->n_bool_val;
    case GW_COMPLEX128: return proto->n_dcomplex_val / 2;
    case GW_FLOAT16:
    case GW_BFLOAT16:   return proto->n_half_val;
    case GW_UINT32:     return proto->n_uint32_val;
    case GW_UINT64:     return proto->n_uint64_val;
    default:            return 0;
    }
}

typedef struct { float re, im; } Complex64;
typedef struct { double re, im; } Complex128;

/* Element i is value i of the list, or the last one. */
#define FROM_LIST(ENUM, T, VALUES)                                              \
  case ENUM:                                                                    \
    for (size_t i = 0; i < elements; i++)                                       \
      GW_TENSOR_DATA (tensor, T)[i] = (T) (VALUES)[MIN (i, length - 1)];        \
    break;
#define FROM_PAIRS(ENUM, T, VALUES)                                             \
  case ENUM:                                                                    \
    for (size_t i = 0; i < elements; i++)                                       \
      GW_TENSOR_DATA (tensor, T)[i] =                                           \
        (T) { (VALUES)[2 * MIN (i, length - 1)], (VALUES)[2 * MIN (i, length - 1) + 1] }; \
    break;

static void
copy_list (GwTensor              *tensor,
           const Gw__TensorProto *proto,
           size_t                 length)
{
  size_t elements = (size_t) tensor->elements;

  switch (tensor->dtype)
    {
    FROM_LIST (GW_FLOAT32, float, proto->float_val)
    FROM_LIST (GW_FLOAT64, double, proto->double_val)
    FROM_LIST (GW_INT32, int32_t, proto->int_val)
    FROM_LIST (GW_INT16, int16_t, proto->int_val)
    FROM_LIST (GW_INT8, int8_t, proto->int_val)
    FROM_LIST (GW_UINT8, uint8_t, proto->int_val)
    FROM_LIST (GW_UINT16, uint16_t, proto->int_val)
    FROM_LIST (GW_INT64, int64_t, proto->int64_val)
    FROM_LIST (GW_UINT32, uint32_t, proto->uint32_val)
    FROM_LIST (GW_UINT64, uint64_t, proto->uint64_val)
    FROM_LIST (GW_FLOAT16, uint16_t, proto->half_val)
    FROM_LIST (GW_BFLOAT16, uint16_t, proto->half_val)
    FROM_LIST (GW_BOOL, uint8_t, proto->bool_val)
    FROM_PAIRS (GW_COMPLEX64, Complex64, proto->scomplex_val)
    FROM_PAIRS (GW_COMPLEX128, Complex128, proto->dcomplex_val)
    case GW_STRING:
      for (size_t i = 0; i < elements; i++)
        {
          const ProtobufCBinaryData *value = &proto->string_val[MIN (i, length - 1)];

          gw_string_set (&GW_TENSOR_DATA (tensor, GwString)[i], (const char *) value->data, value->len);
        }
      break;
    default:
      break;
    }
}

static GwTensor *
contradiction (const Gw__TensorProto  *proto,
               const GwShape          *shape,
               GError                **error)
{
  g_autofree char *text = gw_shape_to_string (shape);

  gw_invalid (error, "a tensor of shape %s and type %s with %" G_GSIZE_FORMAT " bytes of content", text,
              gw_dtype_name ((GwDType) proto->dtype), proto->tensor_content.len);
  return NULL;
}

/* Strings in tensor_content: all lengths as varints, then all bytes. */
static GwTensor *
strings_from_content (const Gw__TensorProto  *proto,
                      const GwShape          *shape,
                      GError                **error)
{
  const guint8 *lengths = proto->tensor_content.data;
  const guint8 *end = lengths + proto->tensor_content.len;
  const guint8 *text = lengths;
  int64_t elements = gw_shape_elements (shape);
  g_autoptr (GwTensor) tensor = NULL;
  uint64_t length;

  if ((uint64_t) elements > proto->tensor_content.len)
    return contradiction (proto, shape, error);
  for (int64_t i = 0; i < elements; i++)
    if (!gw_varint_read (&text, end, &length))
      return contradiction (proto, shape, error);
  tensor = gw_tensor_new (GW_STRING, shape, error);
  if (tensor == NULL)
    return NULL;
  for (int64_t i = 0; i < elements; i++)
    {
      if (!gw_varint_read (&lengths, end, &length) || length > (size_t) (end - text))
        return contradiction (proto, shape, error);
      gw_string_set (&GW_TENSOR_DATA (tensor, GwString)[i], (const char *) text, (size_t) length);
      text += length;
    }
  return text == end ? g_steal_pointer (&tensor) : contradiction (proto, shape, error);
}

static GwTensor *
from_content (const Gw__TensorProto  *proto,
              const GwShape          *shape,
              size_t                  bytes,
              GError                **error)
{
  GwTensor *tensor;

  if ((GwDType) proto->dtype == GW_STRING)
    return strings_from_content (proto, shape, error);
  if (proto->tensor_content.len != bytes)
    return contradiction (proto, shape, error);
  tensor = gw_tensor_new ((GwDType) proto->dtype, shape, error);
  if (tensor == NULL)
    return NULL;
  memcpy (tensor->data, proto->tensor_content.data, bytes);
  if (tensor->dtype == GW_BOOL)
    gw_normalize_bools (tensor->data, bytes);
  return tensor;
}

/* What the elements that the list does not name will take. */
static gboolean
fill_is_bounded (const Gw__TensorProto *proto,
                 size_t                 elements,
                 size_t                 length,
                 GError               **error)
{
  size_t element = gw_dtype_size ((GwDType) proto->dtype);
  size_t limit;

  if (length >= elements)
    return TRUE;
  if ((GwDType) proto->dtype == GW_STRING && length > 0)
    element += proto->string_val[length - 1].len + 32; /* and what malloc adds */
  limit = GW_TENSOR_PROTO_MAX_FILL / element;
  if (elements - length <= limit)
    return TRUE;
  g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED,
               "a tensor of %" G_GSIZE_FORMAT " elements is given by %" G_GSIZE_FORMAT
               " values; at most %" G_GSIZE_FORMAT " may be filled up", elements, length, limit);
  return FALSE;
}

static GwTensor *
from_message (const Gw__TensorProto  *proto,
              GError                **error)
{
  GwDType dtype = (GwDType) proto->dtype;
  size_t length = list_length (proto);
  int64_t elements;
  GwTensor *tensor;
  GwShape shape;

  if (gw_dtype_size (dtype) == 0 || dtype == GW_RESOURCE || dtype == GW_VARIANT)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "a tensor of the type number %d, which is not supported",
                   proto->dtype);
      return NULL;
    }
  if (!gw_shape_from_message (proto->tensor_shape, &shape, error))
    return NULL;
  elements = gw_shape_elements (&shape);
  if (elements < 0 || (uint64_t) elements > PTRDIFF_MAX / gw_dtype_size (dtype))
    {
      g_autofree char *text = gw_shape_to_string (&shape);

      gw_invalid (error, "a tensor cannot have the shape %s", text);
      return NULL;
    }
  if (proto->tensor_content.len > 0)
    return from_content (proto, &shape, (size_t) elements * gw_dtype_size (dtype), error);
  if (!fill_is_bounded (proto, (size_t) elements, length, error))
    return NULL;
  tensor = gw_tensor_new_zeros (dtype, &shape, error);
  if (tensor != NULL && length > 0)
    copy_list (tensor, proto, length);
  return tensor;
}

GwTensor *
gw_tensor_from_proto (const void  *data,
                      size_t       size,
                      GError     **error)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  Gw__TensorProto *proto = gw_proto_unpack (arena, &gw__tensor_proto__descriptor, data, size,
                                            "a serialised tensor", error);

  return proto != NULL ? from_message (proto, error) : NULL;
}

/* --- Encoding --- */

/* The field's own element type where it is not the tensor's. */
#define TO_LIST(FIELD, T, STORED)                                               \
  G_STMT_START {                                                                \
    proto->FIELD = *scratch = g_try_new (T, MAX (n, 1));                        \
    if (*scratch == NULL)                                                       \
      return FALSE;                                                             \
    for (size_t i = 0; i < n; i++)                                              \
      proto->FIELD[i] = (T) GW_TENSOR_DATA (tensor, const STORED)[i];           \
    proto->n_##FIELD = n;                                                       \
  } G_STMT_END
#define USE_DATA(FIELD, COUNT)                                                  \
  G_STMT_START {                                                                \
    proto->FIELD = tensor->data;                                                \
    proto->n_##FIELD = (COUNT);                                                 \
  } G_STMT_END

/* Points the typed field at the tensor's data, or at *scratch; FALSE without memory. */
static gboolean
set_list (Gw__TensorProto  *proto,
          const GwTensor   *tensor,
          void            **scratch)
{
  size_t n = (size_t) tensor->elements;

  switch (tensor->dtype)
    {
    case GW_FLOAT32:    USE_DATA (float_val, n); break;
    case GW_FLOAT64:    USE_DATA (double_val, n); break;
    case GW_INT32:      USE_DATA (int_val, n); break;
    case GW_INT64:      USE_DATA (int64_val, n); break;
    case GW_UINT32:     USE_DATA (uint32_val, n); break;
    case GW_UINT64:     USE_DATA (uint64_val, n); break;
    case GW_COMPLEX64:  USE_DATA (scomplex_val, 2 * n); break;
    case GW_COMPLEX128: USE_DATA (dcomplex_val, 2 * n); break;
    case GW_INT16:      TO_LIST (int_val, int32_t, int16_t); break;
    case GW_INT8:       TO_LIST (int_val, int32_t, int8_t); break;
    case GW_UINT8:      TO_LIST (int_val, int32_t, uint8_t); break;
    case GW_UINT16:     TO_LIST (int_val, int32_t, uint16_t); break;
    case GW_FLOAT16:
    case GW_BFLOAT16:   TO_LIST (half_val, int32_t, uint16_t); break;
    case GW_BOOL:       TO_LIST (bool_val, protobuf_c_boolean, uint8_t); break;
    case GW_STRING:
      proto->string_val = *scratch = g_try_new (ProtobufCBinaryData, MAX (n, 1));
      if (*scratch == NULL)
        return FALSE;
      for (size_t i = 0; i < n; i++)
        {
          const GwString *string = gw_tensor_get_string (tensor, (int64_t) i);

          proto->string_val[i] = (ProtobufCBinaryData) { string->length, (uint8_t *) string->data };
        }
      proto->n_string_val = n;
      break;
    default:
      break;
    }
  return TRUE;
}

static gboolean
uses_content (const GwTensor *tensor)
{
  return tensor->elements > 1 && gw_dtype_is_numeric (tensor->dtype) && !gw_dtype_is_complex (tensor->dtype) &&
         tensor->dtype != GW_FLOAT16 && tensor->dtype != GW_BFLOAT16;
}

GBytes *
gw_tensor_to_proto (const GwTensor  *tensor,
                    GError         **error)
{
  Gw__TensorProto proto = GW__TENSOR_PROTO__INIT;
  GwShapeMessage shape;
  g_autofree void *scratch = NULL;

  if (tensor->dtype == GW_RESOURCE || tensor->dtype == GW_VARIANT)
    {
      gw_invalid (error, "a tensor of type %s cannot be serialised", gw_dtype_name (tensor->dtype));
      return NULL;
    }
  gw_shape_message_init (&shape, &tensor->shape);
  proto.dtype = (int32_t) tensor->dtype;
  proto.tensor_shape = &shape.message;
  if (uses_content (tensor))
    proto.tensor_content = (ProtobufCBinaryData) { tensor->bytes, tensor->data };
  else if (!set_list (&proto, tensor, &scratch))
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "out of memory for serialising a tensor of %"
                   G_GINT64_FORMAT " elements", tensor->elements);
      return NULL;
    }
  return gw_proto_pack (&proto.base, "a serialised tensor", error);
}
