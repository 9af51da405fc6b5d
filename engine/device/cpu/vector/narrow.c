/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/vector/native.h"

#define ROTATED(lane, distance) (((lane) + (distance)) % NATIVE)

/* The lanes' sum, by halves. */
GW_INLINE float
sum_of (Native v)
{
#if NATIVE > 8
  v += __builtin_shuffle (v, EACH_LANE (ROTATED, 8));
#endif
#if NATIVE > 4
  v += __builtin_shuffle (v, EACH_LANE (ROTATED, 4));
#endif
  v += __builtin_shuffle (v, EACH_LANE (ROTATED, 2));
  v += __builtin_shuffle (v, EACH_LANE (ROTATED, 1));
  return v[0];
}

#define DOT(COLUMNS)                                                                            \
  static void                                                                                   \
  dot_##COLUMNS (const float *a0, const float *a1, const float *columns, int64_t apart,         \
                 int64_t depth, gboolean add, float *c0, float *c1)                             \
  {                                                                                             \
    Native sum0[COLUMNS], sum1[COLUMNS];                                                        \
    int64_t whole = depth / NATIVE * NATIVE;                                                    \
                                                                                                \
    UNROLL for (int j = 0; j < COLUMNS; j++)                                                    \
      sum0[j] = sum1[j] = (Native) { 0 };                                                       \
    for (int64_t i = 0; i < whole; i += NATIVE)                                                 \
      {                                                                                         \
        Native x0 = *(const Native *) (a0 + i), x1 = *(const Native *) (a1 + i);                \
                                                                                                \
        UNROLL for (int j = 0; j < COLUMNS; j++)                                                \
          {                                                                                     \
            Native y = *(const Native *) (columns + j * apart + i);                             \
                                                                                                \
            sum0[j] += x0 * y;                                                                  \
            sum1[j] += x1 * y;                                                                  \
          }                                                                                     \
      }                                                                                         \
    UNROLL for (int j = 0; j < COLUMNS; j++)                                                    \
      {                                                                                         \
        float total0 = sum_of (sum0[j]), total1 = sum_of (sum1[j]);                             \
                                                                                                \
        for (int64_t i = whole; i < depth; i++)                                                 \
          {                                                                                     \
            total0 += a0[i] * columns[j * apart + i];                                           \
            total1 += a1[i] * columns[j * apart + i];                                           \
          }                                                                                     \
        c0[j] = add ? c0[j] + total0 : total0;                                                  \
        c1[j] = add ? c1[j] + total1 : total1;                                                  \
      }                                                                                         \
  }

/* Two sums for each column, the two rows and one column: of 32 registers, or of 16. */
#if NATIVE == 16
#define EACH_DOT(X) X (1) X (2) X (4) X (6) X (8) X (10) X (12)
#else
#define EACH_DOT(X) X (1) X (2) X (3) X (4) X (5) X (6)
#endif

#define DOT_ENTRY(COLUMNS) loops->dots[COLUMNS] = dot_##COLUMNS;

EACH_DOT (DOT)

void
NATIVE_NAME (gw_vector_narrow) (GwVectorLoops *loops)
{
  EACH_DOT (DOT_ENTRY)
}
