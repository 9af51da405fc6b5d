/* SPDX-License-Identifier: Apache-2.0 */
/* Element types. The values are TensorFlow's DataType numbers, so that files
 * need no table. */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef enum {
  GW_DTYPE_INVALID = 0,
  GW_FLOAT32 = 1,
  GW_FLOAT64 = 2,
  GW_INT32 = 3,
  GW_UINT8 = 4,
  GW_INT16 = 5,
  GW_INT8 = 6,
  GW_STRING = 7,
  GW_COMPLEX64 = 8,
  GW_INT64 = 9,
  GW_BOOL = 10,
  GW_BFLOAT16 = 14,
  GW_UINT16 = 17,
  GW_COMPLEX128 = 18,
  GW_FLOAT16 = 19,
  GW_RESOURCE = 20,
  GW_VARIANT = 21,
  GW_UINT32 = 22,
  GW_UINT64 = 23,
} GwDType;

/* What one element of a GW_STRING tensor holds: `length` bytes, always followed
 * by a NUL that does not count. `data` is owned by the tensor (g_malloc) and is
 * NULL for the empty string that a new tensor holds. */
typedef struct {
  char  *data;
  size_t length;
} GwString;

/* Elements of the complex types. */
typedef float _Complex GwComplex64;
typedef double _Complex GwComplex128;

/* Bytes of one element; sizeof (GwString) for strings; 0 for INVALID. */
size_t gw_dtype_size (GwDType dtype);

/* "float32"; "invalid" for anything that is not a type. */
const char *gw_dtype_name (GwDType dtype);
/* TensorFlow's "DT_FLOAT". */
const char *gw_dtype_tf_name (GwDType dtype);

/* Accepts "float32", "float", "DT_FLOAT", "double", "half" …; INVALID if unknown. */
GwDType gw_dtype_from_name (const char *name);

gboolean gw_dtype_is_floating (GwDType dtype); /* float16, bfloat16, float32, float64 */
gboolean gw_dtype_is_integer (GwDType dtype);  /* signed and unsigned, not bool */
gboolean gw_dtype_is_complex (GwDType dtype);
gboolean gw_dtype_is_numeric (GwDType dtype);  /* floating, integer, complex */

/* Runs the statement block with T as the C type of `dtype`; `otherwise` runs for
 * any other type. E.g.
 *   GW_SWITCH_FLOAT (dtype, { sum_##T… }, return unsupported (…));              */
#define GW_CASE(ENUM, CTYPE, ...) case ENUM: { typedef CTYPE T; __VA_ARGS__; } break;

#define GW_FLOAT_CASES(...)                 \
  GW_CASE (GW_FLOAT32, float, __VA_ARGS__)  \
  GW_CASE (GW_FLOAT64, double, __VA_ARGS__)

#define GW_INTEGER_CASES(...)                   \
  GW_CASE (GW_INT32, int32_t, __VA_ARGS__)      \
  GW_CASE (GW_INT64, int64_t, __VA_ARGS__)      \
  GW_CASE (GW_UINT8, uint8_t, __VA_ARGS__)      \
  GW_CASE (GW_INT8, int8_t, __VA_ARGS__)        \
  GW_CASE (GW_INT16, int16_t, __VA_ARGS__)      \
  GW_CASE (GW_UINT16, uint16_t, __VA_ARGS__)    \
  GW_CASE (GW_UINT32, uint32_t, __VA_ARGS__)    \
  GW_CASE (GW_UINT64, uint64_t, __VA_ARGS__)

#define GW_COMPLEX_CASES(...)                       \
  GW_CASE (GW_COMPLEX64, GwComplex64, __VA_ARGS__)  \
  GW_CASE (GW_COMPLEX128, GwComplex128, __VA_ARGS__)

#define GW_SWITCH_FLOAT(dtype, otherwise, ...) \
  switch (dtype) { GW_FLOAT_CASES (__VA_ARGS__) default: { otherwise; } break; }

#define GW_SWITCH_INTEGER(dtype, otherwise, ...) \
  switch (dtype) { GW_INTEGER_CASES (__VA_ARGS__) default: { otherwise; } break; }

#define GW_SWITCH_COMPLEX(dtype, otherwise, ...) \
  switch (dtype) { GW_COMPLEX_CASES (__VA_ARGS__) default: { otherwise; } break; }

/* float32, float64 and every integer. */
#define GW_SWITCH_NUMBER(dtype, otherwise, ...) \
  switch (dtype) { GW_FLOAT_CASES (__VA_ARGS__) GW_INTEGER_CASES (__VA_ARGS__) default: { otherwise; } break; }

/* One loop for each element width, for ops that only move elements (all fixed
 * size types; strings are moved with gw_string_copy()). T is an unsigned integer,
 * or a pair of uint64_t for complex128. */
typedef struct { uint64_t lo, hi; } GwBits128;
#define GW_SWITCH_WIDTH(size, otherwise, ...)       \
  switch (size)                                     \
    {                                               \
      GW_CASE (1, uint8_t, __VA_ARGS__)             \
      GW_CASE (2, uint16_t, __VA_ARGS__)            \
      GW_CASE (4, uint32_t, __VA_ARGS__)            \
      GW_CASE (8, uint64_t, __VA_ARGS__)            \
      GW_CASE (16, GwBits128, __VA_ARGS__)          \
      default: { otherwise; } break;                \
    }

G_END_DECLS
