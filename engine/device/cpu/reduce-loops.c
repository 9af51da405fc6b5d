/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/reduce-loops.h"

#include "engine/device/cpu/complex.h"
#include "engine/device/cpu/loops.h"

#include <math.h>
#include <string.h>

/* A long row runs in 64 lanes, block by block; A is the type in which blocks add
 * up. */
#define LANES 64
#define BLOCK GW_SUM_BLOCK

#define LOOPS(NAME, T, A, CLONES, FIRST, MAP, JOIN)                               \
  GW_INLINE A                                                                     \
  NAME##_add_##T (A total, const T *x, int64_t n)                                 \
  {                                                                               \
    while (n >= 2 * LANES)                                                        \
      {                                                                           \
        T lanes[LANES];                                                           \
        int64_t end = (n < BLOCK ? n : BLOCK) / LANES * LANES;                    \
                                                                                  \
        for (int j = 0; j < LANES; j++)                                           \
          lanes[j] = MAP (T, x[j]);                                               \
        for (int64_t i = LANES; i < end; i += LANES)                              \
          for (int j = 0; j < LANES; j++)                                         \
            lanes[j] = JOIN (T, lanes[j], MAP (T, x[i + j]));                     \
        for (int half = LANES / 2; half > 0; half /= 2)                           \
          for (int j = 0; j < half; j++)                                          \
            lanes[j] = JOIN (T, lanes[j], lanes[j + half]);                       \
        total = JOIN (A, total, lanes[0]);                                        \
        x += end;                                                                 \
        n -= end;                                                                 \
      }                                                                           \
    for (int64_t i = 0; i < n; i++)                                               \
      total = JOIN (A, total, MAP (T, x[i]));                                     \
    return total;                                                                 \
  }                                                                               \
                                                                                  \
  CLONES static void                                                              \
  NAME##_row_##T (void *acc, const void *xs, int64_t n)                           \
  {                                                                               \
    *(T *) acc = (T) NAME##_add_##T (*(T *) acc, xs, n);                          \
  }                                                                               \
                                                                                  \
  CLONES static void                                                              \
  NAME##_columns_##T (void *accs, const void *xs, int64_t n, int64_t rows, int64_t stride) \
  {                                                                               \
    T *restrict acc = accs;                                                       \
                                                                                  \
    for (int64_t r = 0; r < rows; r++)                                            \
      {                                                                           \
        const T *restrict x = (const T *) xs + r * stride;                        \
                                                                                  \
        for (int64_t j = 0; j < n; j++)                                           \
          acc[j] = JOIN (T, acc[j], MAP (T, x[j]));                               \
      }                                                                           \
  }                                                                               \
                                                                                  \
  static void                                                                     \
  NAME##_start_##T (void *acc, int64_t n)                                         \
  {                                                                               \
    for (int64_t j = 0; j < n; j++)                                               \
      ((T *) acc)[j] = FIRST;                                                     \
  }

#define ITSELF(T, v) (v)
#define SQUARED(T, v) ((v) * (v))
#define WRAP_SQUARED(T, v) GW_WRAP (T, v, *, v)
#define DISTANCE(T, v) ((v) * conj (v))
#define PLUS(T, a, b) ((a) + (b))
#define TIMES(T, a, b) ((a) * (b))
#define WRAP_PLUS(T, a, b) GW_WRAP (T, a, +, b)
#define WRAP_TIMES(T, a, b) GW_WRAP (T, a, *, b)
#define LARGER(T, a, b) ((a) >= (b) || (a) != (a) ? (a) : (b))
#define SMALLER(T, a, b) ((a) <= (b) || (a) != (a) ? (a) : (b))
#define AND(T, a, b) ((a) & ((b) != 0))
#define OR(T, a, b) ((a) | ((b) != 0))

LOOPS (sum, float, double, GW_CLONES, 0, ITSELF, PLUS)
LOOPS (sum, double, double, GW_CLONES, 0, ITSELF, PLUS)
LOOPS (squares, float, double, GW_CLONES, 0, SQUARED, PLUS)
LOOPS (squares, double, double, GW_CLONES, 0, SQUARED, PLUS)
LOOPS (sum, GwComplex64, GwComplex128, GW_NO_CLONES, 0, ITSELF, PLUS)
LOOPS (sum, GwComplex128, GwComplex128, GW_NO_CLONES, 0, ITSELF, PLUS)
LOOPS (squares, GwComplex64, GwComplex128, GW_NO_CLONES, 0, DISTANCE, PLUS)
LOOPS (squares, GwComplex128, GwComplex128, GW_NO_CLONES, 0, DISTANCE, PLUS)
LOOPS (prod, GwComplex64, GwComplex128, GW_NO_CLONES, 1, ITSELF, TIMES)
LOOPS (prod, GwComplex128, GwComplex128, GW_NO_CLONES, 1, ITSELF, TIMES)
LOOPS (prod, float, float, GW_CLONES, 1, ITSELF, TIMES)
LOOPS (prod, double, double, GW_CLONES, 1, ITSELF, TIMES)
LOOPS (max, float, float, GW_CLONES, -INFINITY, ITSELF, LARGER)
LOOPS (max, double, double, GW_CLONES, -INFINITY, ITSELF, LARGER)
LOOPS (min, float, float, GW_CLONES, INFINITY, ITSELF, SMALLER)
LOOPS (min, double, double, GW_CLONES, INFINITY, ITSELF, SMALLER)

#define INTEGER(T, CLONES, LOWEST, HIGHEST)            \
  LOOPS (sum, T, T, CLONES, 0, ITSELF, WRAP_PLUS)      \
  LOOPS (squares, T, T, CLONES, 0, WRAP_SQUARED, WRAP_PLUS) \
  LOOPS (prod, T, T, CLONES, 1, ITSELF, WRAP_TIMES)    \
  LOOPS (max, T, T, CLONES, LOWEST, ITSELF, LARGER)    \
  LOOPS (min, T, T, CLONES, HIGHEST, ITSELF, SMALLER)

INTEGER (int32_t, GW_CLONES, INT32_MIN, INT32_MAX)
INTEGER (int64_t, GW_CLONES, INT64_MIN, INT64_MAX)
INTEGER (int8_t, GW_NO_CLONES, INT8_MIN, INT8_MAX)
INTEGER (int16_t, GW_NO_CLONES, INT16_MIN, INT16_MAX)
INTEGER (uint8_t, GW_NO_CLONES, 0, UINT8_MAX)
INTEGER (uint16_t, GW_NO_CLONES, 0, UINT16_MAX)
INTEGER (uint32_t, GW_NO_CLONES, 0, UINT32_MAX)
INTEGER (uint64_t, GW_NO_CLONES, 0, UINT64_MAX)

LOOPS (all, uint8_t, uint8_t, GW_CLONES, 1, ITSELF, AND)
LOOPS (any, uint8_t, uint8_t, GW_CLONES, 0, ITSELF, OR)

#define OF(NAME, T) { NAME##_row_##T, NAME##_columns_##T, NAME##_start_##T }
#define OF_FLOATS(NAME) [GW_FLOAT32] = OF (NAME, float), [GW_FLOAT64] = OF (NAME, double)
#define OF_NUMBERS(NAME)                                           \
  OF_FLOATS (NAME),                                                \
  [GW_INT32] = OF (NAME, int32_t), [GW_INT64] = OF (NAME, int64_t), \
  [GW_INT8] = OF (NAME, int8_t), [GW_INT16] = OF (NAME, int16_t),  \
  [GW_UINT8] = OF (NAME, uint8_t), [GW_UINT16] = OF (NAME, uint16_t), \
  [GW_UINT32] = OF (NAME, uint32_t), [GW_UINT64] = OF (NAME, uint64_t)
#define OF_COMPLEX(NAME) [GW_COMPLEX64] = OF (NAME, GwComplex64), [GW_COMPLEX128] = OF (NAME, GwComplex128)

static const GwReduceLoops loops[GW_N_REDUCE][GW_UINT64 + 1] = {
  [GW_REDUCE_SUM] = { OF_NUMBERS (sum), OF_COMPLEX (sum) },
  [GW_REDUCE_MEAN] = { OF_NUMBERS (sum), OF_COMPLEX (sum) },
  [GW_REDUCE_PROD] = { OF_NUMBERS (prod), OF_COMPLEX (prod) },
  [GW_REDUCE_MAX] = { OF_NUMBERS (max) },
  [GW_REDUCE_MIN] = { OF_NUMBERS (min) },
  [GW_REDUCE_ALL] = { [GW_BOOL] = OF (all, uint8_t) },
  [GW_REDUCE_ANY] = { [GW_BOOL] = OF (any, uint8_t) },
  [GW_REDUCE_HALF_SQUARES] = { OF_FLOATS (squares) },
  [GW_REDUCE_NORM] = { OF_NUMBERS (squares), OF_COMPLEX (squares) },
};

GwReduceLoops
gw_reduce_loops (GwReduceOp op,
                 GwDType    dtype)
{
  return (unsigned) dtype <= GW_UINT64 ? loops[op][dtype] : (GwReduceLoops) { NULL };
}

#define SUM_LOOP(T)                                              \
  GW_CLONES static void                                          \
  sum_part_##T (double *total, const void *x, int64_t n)         \
  {                                                              \
    *total = sum_add_##T (*total, x, n);                         \
  }

SUM_LOOP (float)
SUM_LOOP (double)

GwSumLoop
gw_sum_loop (GwDType dtype)
{
  return dtype == GW_FLOAT32 ? sum_part_float : dtype == GW_FLOAT64 ? sum_part_double : NULL;
}
