/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/tensor/tensor.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/base/half.h"
#include "engine/tensor/tensor-list.h"

#include <math.h>
#include <string.h>

static gboolean
measure (GwDType        dtype,
         const GwShape *shape,
         int64_t       *elements,
         size_t        *bytes,
         GError       **error)
{
  g_autofree char *text = NULL;

  *elements = gw_shape_elements (shape);
  if (*elements >= 0 && gw_dtype_size (dtype) > 0 &&
      gw_size_mul ((size_t) *elements, gw_dtype_size (dtype), bytes))
    return TRUE;
  text = gw_shape_to_string (shape);
  if (gw_dtype_size (dtype) == 0)
    return gw_invalid (error, "a tensor cannot have the type %s", gw_dtype_name (dtype));
  if (!gw_shape_is_known (shape))
    return gw_invalid (error, "the shape %s is not fully known", text);
  return gw_invalid (error, "the shape %s has more elements than can be counted", text);
}

static GwTensor *
alloc_tensor (GwDType        dtype,
              const GwShape *shape,
              int64_t        elements,
              size_t         bytes,
              void          *data)
{
  GwTensor *tensor = g_new (GwTensor, 1);

  *tensor = (GwTensor) {
    .dtype = dtype, .shape = *shape, .elements = elements, .bytes = bytes, .data = data, .refs = 1,
  };
  return tensor;
}

static GwTensor *
new_tensor (GwDType        dtype,
            const GwShape *shape,
            gboolean       zeros,
            GError       **error)
{
  GwTensor *tensor;
  int64_t elements;
  size_t bytes;
  void *data;

  if (!measure (dtype, shape, &elements, &bytes, error))
    return NULL;
  data = zeros || dtype == GW_STRING || dtype == GW_VARIANT ? gw_alloc0 (bytes, error) : gw_alloc (bytes, error);
  if (data == NULL)
    {
      g_autofree char *text = gw_shape_to_string (shape);

      g_prefix_error (error, "a tensor of shape %s and type %s: ", text, gw_dtype_name (dtype));
      return NULL;
    }
  tensor = alloc_tensor (dtype, shape, elements, bytes, data);
  tensor->owns_data = TRUE;
  return tensor;
}

GwTensor *
gw_tensor_new (GwDType        dtype,
               const GwShape *shape,
               GError       **error)
{
  return new_tensor (dtype, shape, FALSE, error);
}

GwTensor *
gw_tensor_new_zeros (GwDType        dtype,
                     const GwShape *shape,
                     GError       **error)
{
  return new_tensor (dtype, shape, TRUE, error);
}

/* Texts are duplicated, lists shared. */
static void
copy_elements (GwDType     dtype,
               int64_t     n,
               size_t      bytes,
               void       *dest,
               const void *src)
{
  if (dtype == GW_STRING)
    for (int64_t i = 0; i < n; i++)
      gw_string_copy (&((GwString *) dest)[i], &((const GwString *) src)[i]);
  else if (dtype == GW_VARIANT)
    for (int64_t i = 0; i < n; i++)
      {
        GwTensorList *list = ((GwTensorList *const *) src)[i];
        GwTensorList *before = ((GwTensorList **) dest)[i];

        ((GwTensorList **) dest)[i] = list != NULL ? gw_tensor_list_ref (list) : NULL;
        gw_tensor_list_unref (before);
      }
  else if (bytes > 0)
    memcpy (dest, src, bytes);
}

GwTensor *
gw_tensor_new_copy (GwDType        dtype,
                    const GwShape *shape,
                    const void    *data,
                    GError       **error)
{
  GwTensor *tensor = gw_tensor_new (dtype, shape, error);

  if (tensor == NULL)
    return NULL;
  copy_elements (dtype, tensor->elements, tensor->bytes, tensor->data, data);
  return tensor;
}

GwTensor *
gw_tensor_new_foreign (GwDType        dtype,
                       const GwShape *shape,
                       void          *data)
{
  int64_t elements = gw_shape_elements (shape);

  g_assert (elements >= 0);
  return alloc_tensor (dtype, shape, elements, (size_t) elements * gw_dtype_size (dtype), data);
}

void
gw_tensor_init_foreign (GwTensor      *tensor,
                        GwDType        dtype,
                        const GwShape *shape,
                        void          *data)
{
  *tensor = (GwTensor) { .dtype = dtype, .refs = 1 };
  gw_tensor_set_foreign (tensor, shape, data);
}

void
gw_tensor_set_foreign (GwTensor      *tensor,
                       const GwShape *shape,
                       void          *data)
{
  g_assert (!tensor->owns_data && tensor->base == NULL);
  tensor->shape = *shape;
  tensor->elements = gw_shape_elements (shape);
  tensor->bytes = (size_t) tensor->elements * gw_dtype_size (tensor->dtype);
  tensor->data = data;
}

GwTensor *
gw_tensor_new_view (GwTensor      *base,
                    const GwShape *shape)
{
  GwTensor *tensor = gw_tensor_new_foreign (base->dtype, shape, base->data);

  g_assert (tensor->elements == base->elements);
  tensor->base = gw_tensor_ref (base);
  return tensor;
}

GwTensor *
gw_tensor_new_rows (GwTensor *base,
                    int64_t   offset,
                    int64_t   size)
{
  GwShape shape = base->shape;
  size_t row = base->shape.dims[0] > 0 ? base->bytes / (size_t) base->shape.dims[0] : 0;
  GwTensor *tensor;

  g_assert (offset >= 0 && size >= 0 && offset + size <= base->shape.dims[0]);
  shape.dims[0] = size;
  tensor = gw_tensor_new_foreign (base->dtype, &shape, (char *) base->data + (size_t) offset * row);
  tensor->base = gw_tensor_ref (base);
  return tensor;
}

GwTensor *
gw_tensor_duplicate (const GwTensor *tensor,
                     GError        **error)
{
  return gw_tensor_new_copy (tensor->dtype, &tensor->shape, tensor->data, error);
}

/* A scalar is small bookkeeping, which GLib may abort on. */
static GwTensor *
new_small (GwDType        dtype,
           const GwShape *shape)
{
  g_autoptr (GError) error = NULL;
  GwTensor *tensor = gw_tensor_new_zeros (dtype, shape, &error);

  if (tensor == NULL)
    tensor = gw_tensor_new_zeros (dtype, shape, NULL); /* a test let the first one fail */
  if (tensor == NULL)
    g_error ("out of memory");
  return tensor;
}

GwTensor *
gw_tensor_new_scalar (GwDType dtype,
                      double  value)
{
  GwTensor *tensor = new_small (dtype, &GW_SHAPE_SCALAR);

  gw_tensor_set_double (tensor, 0, value);
  return tensor;
}

GwTensor *
gw_tensor_new_float (float value)
{
  return gw_tensor_new_scalar (GW_FLOAT32, value);
}

GwTensor *
gw_tensor_new_int32 (int32_t value)
{
  return gw_tensor_new_scalar (GW_INT32, value);
}

GwTensor *
gw_tensor_new_int64 (int64_t value)
{
  GwTensor *tensor = new_small (GW_INT64, &GW_SHAPE_SCALAR);

  GW_TENSOR_DATA (tensor, int64_t)[0] = value;
  return tensor;
}

GwTensor *
gw_tensor_new_bool (gboolean value)
{
  return gw_tensor_new_scalar (GW_BOOL, value ? 1 : 0);
}

GwTensor *
gw_tensor_new_string (const char *value)
{
  GwTensor *tensor = new_small (GW_STRING, &GW_SHAPE_SCALAR);

  gw_string_set (GW_TENSOR_DATA (tensor, GwString), value, strlen (value));
  return tensor;
}

GwTensor *
gw_tensor_new_int32_vector (int            n,
                            const int64_t *values)
{
  GwTensor *tensor = new_small (GW_INT32, &GW_SHAPE (n));

  for (int i = 0; i < n; i++)
    GW_TENSOR_DATA (tensor, int32_t)[i] = (int32_t) values[i];
  return tensor;
}

GwTensor *
gw_tensor_new_strings (int                n,
                       const char *const *values)
{
  GwTensor *tensor = new_small (GW_STRING, &GW_SHAPE (n));

  for (int i = 0; i < n; i++)
    gw_string_set (&GW_TENSOR_DATA (tensor, GwString)[i], values[i], strlen (values[i]));
  return tensor;
}

GwTensor *
gw_tensor_ref (GwTensor *tensor)
{
  g_atomic_int_inc (&tensor->refs);
  return tensor;
}

void
gw_tensor_unref (GwTensor *tensor)
{
  if (tensor == NULL || !g_atomic_int_dec_and_test (&tensor->refs))
    return;
  if (tensor->owns_data)
    {
      if (tensor->dtype == GW_STRING)
        for (int64_t i = 0; i < tensor->elements; i++)
          g_free (GW_TENSOR_DATA (tensor, GwString)[i].data);
      if (tensor->dtype == GW_VARIANT)
        for (int64_t i = 0; i < tensor->elements; i++)
          gw_tensor_list_unref (gw_tensor_get_list (tensor, i));
      gw_free (tensor->data);
    }
  gw_tensor_unref (tensor->base);
  g_free (tensor);
}

void
gw_tensor_copy_data (GwTensor       *dest,
                     const GwTensor *src)
{
  g_assert (dest->dtype == src->dtype && dest->elements == src->elements);
  if (dest->data != src->data)
    copy_elements (dest->dtype, dest->elements, dest->bytes, dest->data, src->data);
}

double
gw_tensor_get_double (const GwTensor *tensor,
                      int64_t         index)
{
  if (tensor->dtype == GW_BOOL)
    return GW_TENSOR_DATA (tensor, uint8_t)[index] != 0;
  if (tensor->dtype == GW_FLOAT16)
    return gw_half_to_float (GW_TENSOR_DATA (tensor, uint16_t)[index]);
  if (tensor->dtype == GW_BFLOAT16)
    return gw_bfloat_to_float (GW_TENSOR_DATA (tensor, uint16_t)[index]);
  GW_SWITCH_NUMBER (tensor->dtype, return NAN, return (double) GW_TENSOR_DATA (tensor, T)[index]);
  return NAN;
}

GwComplex128
gw_tensor_get_complex (const GwTensor *tensor,
                       int64_t         index)
{
  if (tensor->dtype == GW_COMPLEX64)
    return GW_TENSOR_DATA (tensor, GwComplex64)[index];
  if (tensor->dtype == GW_COMPLEX128)
    return GW_TENSOR_DATA (tensor, GwComplex128)[index];
  return gw_tensor_get_double (tensor, index);
}

int64_t
gw_tensor_get_int (const GwTensor *tensor,
                   int64_t         index)
{
  GW_SWITCH_INTEGER (tensor->dtype, break, return (int64_t) GW_TENSOR_DATA (tensor, T)[index]);
  return (int64_t) gw_tensor_get_double (tensor, index);
}

void
gw_tensor_set_double (GwTensor *tensor,
                      int64_t   index,
                      double    value)
{
  if (tensor->dtype == GW_BOOL)
    GW_TENSOR_DATA (tensor, uint8_t)[index] = value != 0;
  else if (tensor->dtype == GW_FLOAT16)
    GW_TENSOR_DATA (tensor, uint16_t)[index] = gw_float_to_half ((float) value);
  else if (tensor->dtype == GW_BFLOAT16)
    GW_TENSOR_DATA (tensor, uint16_t)[index] = gw_float_to_bfloat ((float) value);
  else if (tensor->dtype == GW_COMPLEX64)
    GW_TENSOR_DATA (tensor, GwComplex64)[index] = (float) value;
  else if (tensor->dtype == GW_COMPLEX128)
    GW_TENSOR_DATA (tensor, GwComplex128)[index] = value;
  else
    GW_SWITCH_NUMBER (tensor->dtype, break, GW_TENSOR_DATA (tensor, T)[index] = (T) value)
}

const GwString *
gw_tensor_get_string (const GwTensor *tensor,
                      int64_t         index)
{
  return tensor->dtype == GW_STRING ? &GW_TENSOR_DATA (tensor, GwString)[index] : NULL;
}

gboolean
gw_tensor_equal (const GwTensor *a,
                 const GwTensor *b)
{
  if (a->dtype != b->dtype || !gw_shape_equal (&a->shape, &b->shape))
    return FALSE;
  if (a->dtype == GW_VARIANT)
    {
      for (int64_t i = 0; i < a->elements; i++)
        if (!gw_tensor_list_equal (gw_tensor_get_list (a, i), gw_tensor_get_list (b, i)))
          return FALSE;
      return TRUE;
    }
  if (a->dtype != GW_STRING)
    return a->bytes == 0 || memcmp (a->data, b->data, a->bytes) == 0;
  for (int64_t i = 0; i < a->elements; i++)
    if (gw_string_compare (gw_tensor_get_string (a, i), gw_tensor_get_string (b, i)) != 0)
      return FALSE;
  return TRUE;
}

static gboolean
is_real (GwDType dtype)
{
  return dtype == GW_BOOL || gw_dtype_is_floating (dtype) || gw_dtype_is_integer (dtype);
}

GwTensor *
gw_tensor_cast (const GwTensor *tensor,
                GwDType         dtype,
                GError        **error)
{
  GwTensor *result;

  if (!is_real (tensor->dtype) || !is_real (dtype))
    {
      gw_invalid (error, "a %s cannot be cast to %s", gw_dtype_name (tensor->dtype), gw_dtype_name (dtype));
      return NULL;
    }
  result = gw_tensor_new (dtype, &tensor->shape, error);
  if (result == NULL)
    return NULL;
  if (tensor->dtype == dtype)
    gw_tensor_copy_data (result, tensor);
  else if (gw_dtype_is_integer (dtype) && gw_dtype_is_integer (tensor->dtype))
    {
      for (int64_t i = 0; i < tensor->elements; i++)
        GW_SWITCH_INTEGER (dtype, break, GW_TENSOR_DATA (result, T)[i] = (T) gw_tensor_get_int (tensor, i));
    }
  else
    for (int64_t i = 0; i < tensor->elements; i++)
      gw_tensor_set_double (result, i, gw_tensor_get_double (tensor, i));
  return result;
}

void
gw_string_set (GwString   *string,
               const char *data,
               size_t      length)
{
  char *copy = g_malloc (length + 1);

  if (length > 0)
    memcpy (copy, data, length);
  copy[length] = '\0';
  g_free (string->data);
  string->data = copy;
  string->length = length;
}

void
gw_string_copy (GwString       *dest,
                const GwString *src)
{
  if (dest != src)
    gw_string_set (dest, src->data, src->length);
}

int
gw_string_compare (const GwString *a,
                   const GwString *b)
{
  size_t common = MIN (a->length, b->length);
  int order = common > 0 ? memcmp (a->data, b->data, common) : 0;

  return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}
