/* SPDX-License-Identifier: Apache-2.0 */
/* A tensor: element type, known shape, row-major data. Counted references;
 * the count is atomic, the data is not: one writer, or any number of readers. */
#pragma once

#include "engine/tensor/dtype.h"
#include "engine/tensor/shape.h"

#include <stddef.h>

G_BEGIN_DECLS

typedef struct _GwTensor GwTensor;

/* The fields are read by everyone and written by tensor.c alone. */
struct _GwTensor {
  GwDType  dtype;
  GwShape  shape;    /* always fully known */
  int64_t  elements;
  size_t   bytes;    /* elements × element size (sizeof (GwString) for strings, of a pointer to a list for
                      * variants: tensor-list.h) */
  void    *data;     /* never NULL; aligned to GW_ALIGNMENT unless foreign */

  /*< private >*/
  gint      refs;
  GwTensor *base;    /* whose memory `data` is, or NULL */
  gboolean  owns_data;
};

/* Uninitialised numbers, empty strings. RESOURCE_EXHAUSTED when there is no
 * memory for it, INVALID_ARGUMENT when `shape` is not fully known or its size
 * does not fit into an int64. */
GwTensor *gw_tensor_new (GwDType dtype, const GwShape *shape, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Zeros, FALSE, empty strings. */
GwTensor *gw_tensor_new_zeros (GwDType dtype, const GwShape *shape, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Filled from `data` (gw_tensor_new's size; strings as GwString are duplicated). */
GwTensor *gw_tensor_new_copy (GwDType dtype, const GwShape *shape, const void *data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Wraps memory of the caller's, who keeps it alive and of sufficient size. */
GwTensor *gw_tensor_new_foreign (GwDType dtype, const GwShape *shape, void *data);
/* The same memory under another shape of as many elements; holds a reference. */
GwTensor *gw_tensor_new_view (GwTensor *base, const GwShape *shape);
/* Elements [offset, offset + size) along dimension 0 of `base`, sharing memory. */
GwTensor *gw_tensor_new_rows (GwTensor *base, int64_t offset, int64_t size);
GwTensor *gw_tensor_duplicate (const GwTensor *tensor, GError **error) G_GNUC_WARN_UNUSED_RESULT;

GwTensor *gw_tensor_new_float (float value);            /* scalars: tiny, never fail */
GwTensor *gw_tensor_new_int32 (int32_t value);
GwTensor *gw_tensor_new_int64 (int64_t value);
GwTensor *gw_tensor_new_bool (gboolean value);
GwTensor *gw_tensor_new_string (const char *value);
GwTensor *gw_tensor_new_scalar (GwDType dtype, double value); /* any number or bool */
GwTensor *gw_tensor_new_int32_vector (int n, const int64_t *values);
GwTensor *gw_tensor_new_strings (int n, const char *const *values);

GwTensor *gw_tensor_ref (GwTensor *tensor);
void gw_tensor_unref (GwTensor *tensor); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwTensor, gw_tensor_unref)

/* The same in memory of the caller's, for as long as nobody keeps a reference. */
void gw_tensor_init_foreign (GwTensor *tensor, GwDType dtype, const GwShape *shape, void *data);

/* Points a foreign tensor at other memory; for plans, which place their values. */
void gw_tensor_set_foreign (GwTensor *tensor, const GwShape *shape, void *data);

/* Same dtype and shape required; strings are duplicated. */
void gw_tensor_copy_data (GwTensor *dest, const GwTensor *src);

/* Element `index` (row-major) as a number; any real dtype or bool, else NaN. */
double gw_tensor_get_double (const GwTensor *tensor, int64_t index);
GwComplex128 gw_tensor_get_complex (const GwTensor *tensor, int64_t index); /* complex as well */
int64_t gw_tensor_get_int (const GwTensor *tensor, int64_t index);
/* Of a complex type, the imaginary part becomes 0. */
void gw_tensor_set_double (GwTensor *tensor, int64_t index, double value);
const GwString *gw_tensor_get_string (const GwTensor *tensor, int64_t index);

/* Bit-equal dtype, shape and data (NaN equals itself). */
gboolean gw_tensor_equal (const GwTensor *a, const GwTensor *b);

/* Values converted as TensorFlow's Cast does (floats to integers truncate, bool
 * is 0 or 1). Numbers and bool only. */
GwTensor *gw_tensor_cast (const GwTensor *tensor, GwDType dtype, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#define GW_TENSOR_DATA(tensor, T) ((T *) (tensor)->data)

/* Replaces what `string` holds by a copy of `length` bytes. */
void gw_string_set (GwString *string, const char *data, size_t length);
void gw_string_copy (GwString *dest, const GwString *src);
int gw_string_compare (const GwString *a, const GwString *b);

G_END_DECLS
