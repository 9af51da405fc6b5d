/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of functions of three operands. Each runs in three forms: the last operand
 * stands still, the last two do, or any steps. */
#include "engine/device/cpu/elementwise.h"

#include "engine/device/cpu/special.h"
#include "engine/device/cpu/loops.h"

#include <math.h>

/* VALUE is an expression of `a`, `b` and `c`. */
#define LOOP(NAME, T, R, CLONES, VALUE)                                           \
  CLONES static void                                                              \
  NAME##_##T (const void *as, int64_t a_step, const void *bs, int64_t b_step,     \
              const void *cs, int64_t c_step, void *zs, int64_t n)                \
  {                                                                               \
    const T *x = as;                                                              \
    const T *y = bs;                                                              \
    const T *w = cs;                                                              \
    R *z = zs;                                                                    \
                                                                                  \
    if (a_step == 1 && b_step == 0 && c_step == 0)                                \
      {                                                                           \
        T b = *y, c = *w;                                                         \
                                                                                  \
        GW_IVDEP                                                                  \
        for (int64_t i = 0; i < n; i++)                                           \
          {                                                                       \
            T a = x[i];                                                           \
                                                                                  \
            z[i] = (R) (VALUE);                                                   \
          }                                                                       \
      }                                                                           \
    else if (a_step == 1 && b_step == 1 && c_step == 0)                           \
      {                                                                           \
        T c = *w;                                                                 \
                                                                                  \
        GW_IVDEP                                                                  \
        for (int64_t i = 0; i < n; i++)                                           \
          {                                                                       \
            T a = x[i], b = y[i];                                                 \
                                                                                  \
            z[i] = (R) (VALUE);                                                   \
          }                                                                       \
      }                                                                           \
    else                                                                          \
      for (int64_t i = 0; i < n; i++)                                             \
        {                                                                         \
          T a = x[i * a_step], b = y[i * b_step], c = w[i * c_step];              \
                                                                                  \
          z[i] = (R) (VALUE);                                                     \
        }                                                                         \
  }

#define EACH_FLOAT(ONE) ONE (float, GW_CLONES) ONE (double, GW_CLONES)
#define EACH_INTEGER(ONE)          \
  ONE (int32_t, GW_CLONES)         \
  ONE (int64_t, GW_CLONES)         \
  ONE (int8_t, GW_NO_CLONES)       \
  ONE (int16_t, GW_NO_CLONES)      \
  ONE (uint8_t, GW_NO_CLONES)      \
  ONE (uint16_t, GW_NO_CLONES)

/* The lower bound wins; NaN of x stays, NaN of a bound is none. */
#define LEAST(a, c) (c < a ? c : a)
#define CLIP(T, CLONES) LOOP (clip, T, T, CLONES, LEAST (a, c) < b ? b : LEAST (a, c))
EACH_FLOAT (CLIP)
EACH_INTEGER (CLIP)

#define LEAKY_RELU_GRAD(T, CLONES) LOOP (leaky_relu_grad, T, T, CLONES, b > 0 ? a : a * c)
EACH_FLOAT (LEAKY_RELU_GRAD)

LOOP (approximate_equal, float, uint8_t, GW_CLONES, fabsf (a - b) < c)
LOOP (approximate_equal, double, uint8_t, GW_CLONES, fabs (a - b) < c)

LOOP (betainc, float, float, GW_NO_CLONES, gw_betainc (a, b, c))
LOOP (betainc, double, double, GW_NO_CLONES, gw_betainc (a, b, c))

#define OF_FLOATS(NAME) [GW_FLOAT32] = NAME##_float, [GW_FLOAT64] = NAME##_double

static const GwTernaryLoop loops[GW_N_TERNARY][GW_UINT64 + 1] = {
  [GW_TERNARY_CLIP] = { OF_FLOATS (clip), [GW_INT32] = clip_int32_t, [GW_INT64] = clip_int64_t, [GW_INT8] = clip_int8_t,
                        [GW_INT16] = clip_int16_t, [GW_UINT8] = clip_uint8_t, [GW_UINT16] = clip_uint16_t },
  [GW_TERNARY_LEAKY_RELU_GRAD] = { OF_FLOATS (leaky_relu_grad) },
  [GW_TERNARY_APPROXIMATE_EQUAL] = { OF_FLOATS (approximate_equal) },
  [GW_TERNARY_BETAINC] = { OF_FLOATS (betainc) },
};

GwTernaryLoop
gw_ternary_loop (GwTernaryOp op,
                 GwDType     dtype)
{
  return (unsigned) dtype <= GW_UINT64 ? loops[op][dtype] : NULL;
}
