/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions between element types, as C converts: towards zero; to bool,
 * whatever is not zero is true; of a complex number the real part. */
#include "engine/device/cpu/elementwise.h"

#include "engine/device/cpu/complex.h"
#include "engine/device/cpu/loops.h"

typedef uint8_t GwTruth;

#define LOOP(S, D, CLONES, VALUE)                       \
  CLONES static void                                    \
  cast_##S##_##D (const void *xs, void *ys, int64_t n)  \
  {                                                     \
    const S *x = xs;                                    \
    D *y = ys;                                          \
                                                        \
    for (int64_t i = 0; i < n; i++)                     \
      y[i] = (VALUE);                                   \
  }

#define CONVERT(S, D, CLONES) LOOP (S, D, CLONES, (D) x[i])
/* A float beyond the range of an integer has no value in C: by way of int64, it
 * wraps around. */
#define TRUNCATE(S, D, CLONES) LOOP (S, D, CLONES, (D) (int64_t) x[i])

/* As uint64 it reaches up to 2^64. */
#define HALF_RANGE 9223372036854775808.0f
#define TO_UINT64(S, REAL)                                                                           \
  LOOP (S, uint64_t, GW_NO_CLONES,                                                                   \
        REAL >= HALF_RANGE && REAL < 2 * HALF_RANGE                                                  \
        ? (uint64_t) (int64_t) (REAL - HALF_RANGE) + ((uint64_t) 1 << 63) : (uint64_t) (int64_t) REAL)

/* What is beyond int64 or no number gives 2^31, as with the processor's conversion to 32 bits. */
#define TO_UINT32(S, D, CLONES) \
  LOOP (S, D, CLONES, (int64_t) x[i] == INT64_MIN ? (D) INT32_MIN : (D) (int64_t) x[i])

#define FROM(S, CLONES, NARROW, UNSIGNED) \
  CONVERT (S, float, CLONES)          \
  CONVERT (S, double, CLONES)         \
  CONVERT (S, int32_t, CLONES)        \
  CONVERT (S, int64_t, CLONES)        \
  NARROW (S, uint8_t, GW_NO_CLONES)   \
  NARROW (S, int8_t, GW_NO_CLONES)    \
  NARROW (S, int16_t, GW_NO_CLONES)   \
  NARROW (S, uint16_t, GW_NO_CLONES)  \
  UNSIGNED (S, uint32_t, GW_NO_CLONES)  \
  CONVERT (S, GwComplex64, GW_NO_CLONES)  \
  CONVERT (S, GwComplex128, GW_NO_CLONES) \
  LOOP (S, GwTruth, CLONES, x[i] != 0)

FROM (float, GW_CLONES, TRUNCATE, TO_UINT32)
FROM (double, GW_CLONES, TRUNCATE, TO_UINT32)
FROM (int32_t, GW_CLONES, CONVERT, CONVERT)
FROM (int64_t, GW_CLONES, CONVERT, CONVERT)
FROM (uint8_t, GW_CLONES, CONVERT, CONVERT)
FROM (int8_t, GW_NO_CLONES, CONVERT, CONVERT)
FROM (int16_t, GW_NO_CLONES, CONVERT, CONVERT)
FROM (uint16_t, GW_NO_CLONES, CONVERT, CONVERT)
FROM (uint32_t, GW_NO_CLONES, CONVERT, CONVERT)
FROM (uint64_t, GW_NO_CLONES, CONVERT, CONVERT)
FROM (GwTruth, GW_CLONES, CONVERT, CONVERT)
FROM (GwComplex64, GW_NO_CLONES, TRUNCATE, TO_UINT32)
FROM (GwComplex128, GW_NO_CLONES, TRUNCATE, TO_UINT32)

TO_UINT64 (float, x[i])
TO_UINT64 (double, x[i])
TO_UINT64 (GwComplex64, crealf (x[i]))
TO_UINT64 (GwComplex128, creal (x[i]))
CONVERT (int32_t, uint64_t, GW_NO_CLONES)
CONVERT (int64_t, uint64_t, GW_NO_CLONES)
CONVERT (uint8_t, uint64_t, GW_NO_CLONES)
CONVERT (int8_t, uint64_t, GW_NO_CLONES)
CONVERT (int16_t, uint64_t, GW_NO_CLONES)
CONVERT (uint16_t, uint64_t, GW_NO_CLONES)
CONVERT (uint32_t, uint64_t, GW_NO_CLONES)
CONVERT (uint64_t, uint64_t, GW_NO_CLONES)
CONVERT (GwTruth, uint64_t, GW_NO_CLONES)

/* From a half type, of which these get float32 copies: to narrow integers by way of int32, to
 * the end of the range that is nearer, as TensorFlow's vectors of eight do it; the rest of the
 * elements wrap around as theirs do. `n` is a multiple of eight but for the tensor's end. */
#define SATURATE(D, LEAST, MOST)                                             \
  static void                                                                \
  saturate_##D (const void *xs, void *ys, int64_t n)                         \
  {                                                                          \
    const float *x = xs;                                                     \
    D *y = ys;                                                               \
                                                                             \
    for (int64_t i = 0; i < n / 8 * 8; i++)                                  \
      y[i] = (D) (x[i] >= (MOST) && x[i] < -(float) INT32_MIN ? (MOST) :     \
                  x[i] > (LEAST) && x[i] < (MOST) ? (int32_t) x[i] : (LEAST)); \
    for (int64_t i = n / 8 * 8; i < n; i++)                                  \
      y[i] = (D) (int64_t) x[i];                                             \
  }

SATURATE (uint8_t, 0, UINT8_MAX)
SATURATE (int8_t, INT8_MIN, INT8_MAX)
SATURATE (uint16_t, 0, UINT16_MAX)
SATURATE (int16_t, INT16_MIN, INT16_MAX)

#define TO_ALL(S)                                                        \
  { [GW_FLOAT32] = cast_##S##_float, [GW_FLOAT64] = cast_##S##_double,   \
    [GW_INT32] = cast_##S##_int32_t, [GW_INT64] = cast_##S##_int64_t,    \
    [GW_UINT8] = cast_##S##_uint8_t, [GW_INT8] = cast_##S##_int8_t,      \
    [GW_INT16] = cast_##S##_int16_t, [GW_UINT16] = cast_##S##_uint16_t,  \
    [GW_UINT32] = cast_##S##_uint32_t, [GW_UINT64] = cast_##S##_uint64_t, \
    [GW_COMPLEX64] = cast_##S##_GwComplex64, [GW_COMPLEX128] = cast_##S##_GwComplex128, \
    [GW_BOOL] = cast_##S##_GwTruth }

static const GwUnaryLoop loops[GW_UINT64 + 1][GW_UINT64 + 1] = {
  [GW_FLOAT32] = TO_ALL (float),
  [GW_FLOAT64] = TO_ALL (double),
  [GW_INT32] = TO_ALL (int32_t),
  [GW_INT64] = TO_ALL (int64_t),
  [GW_UINT8] = TO_ALL (uint8_t),
  [GW_INT8] = TO_ALL (int8_t),
  [GW_INT16] = TO_ALL (int16_t),
  [GW_UINT16] = TO_ALL (uint16_t),
  [GW_UINT32] = TO_ALL (uint32_t),
  [GW_UINT64] = TO_ALL (uint64_t),
  [GW_BOOL] = TO_ALL (GwTruth),
  [GW_COMPLEX64] = TO_ALL (GwComplex64),
  [GW_COMPLEX128] = TO_ALL (GwComplex128),
};

static const GwUnaryLoop from_half[GW_UINT64 + 1] = {
  [GW_UINT8] = saturate_uint8_t, [GW_INT8] = saturate_int8_t, [GW_UINT16] = saturate_uint16_t, [GW_INT16] = saturate_int16_t,
};

GwUnaryLoop
gw_cast_loop (GwDType from,
              GwDType to)
{
  return (unsigned) from <= GW_UINT64 && (unsigned) to <= GW_UINT64 ? loops[from][to] : NULL;
}

GwUnaryLoop
gw_cast_half_loop (GwDType to)
{
  return (unsigned) to <= GW_UINT64 && from_half[to] != NULL ? from_half[to] : gw_cast_loop (GW_FLOAT32, to);
}
