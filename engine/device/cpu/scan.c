/* SPDX-License-Identifier: Apache-2.0 */
/* Along one axis: running sums and products, and the place of the extreme. */
#include "engine/device/cpu/half.h"
#include "engine/device/cpu/no-kernel.h"
#include "engine/device/cpu/reduce.h"

#include <math.h>

#include "engine/device/cpu/complex.h"
#include "engine/device/cpu/loops.h"

typedef struct {
  const void *x;
  void       *y;
  int64_t     n, inner;   /* length of the axis, elements from one to the next */
  gboolean    exclusive, reverse;
  void      (*line) (const void *job, int64_t offset);
  void      (*place) (const void *x, int64_t n, int64_t inner, int64_t *y);
  size_t      y_size;     /* bytes of a position */
} Lines;

/* ---- running sums and products ---- */

#define SCAN(NAME, T, A, FIRST, JOIN)                                           \
  static void                                                                   \
  NAME##_##T (const void *data, int64_t offset)                                 \
  {                                                                             \
    const Lines *lines = data;                                                  \
    const T *x = (const T *) lines->x + offset;                                 \
    T *y = (T *) lines->y + offset;                                             \
    A total = FIRST;                                                            \
                                                                                \
    for (int64_t i = 0; i < lines->n; i++)                                      \
      {                                                                         \
        int64_t at = (lines->reverse ? lines->n - 1 - i : i) * lines->inner;    \
        A before = total;                                                       \
                                                                                \
        total = JOIN (A, total, x[at]);                                         \
        y[at] = (T) (lines->exclusive ? before : total);                        \
      }                                                                         \
  }

/* ln (e^a + e^b); of a NaN on the right nothing is added but a itself, as TensorFlow
 * has it. */
GW_INLINE double
log_add (double a,
         double b)
{
  double low = b < a ? b : a;
  double high = a < b ? b : a;

  return low == -INFINITY ? high : high + log1p (exp (low - high));
}

#define LOG_ADD(A, a, b) log_add (a, b)
#define PLUS(A, a, b) ((a) + (b))
#define TIMES(A, a, b) ((a) * (b))
#define WRAP_PLUS(A, a, b) GW_WRAP (A, a, +, b)
#define WRAP_TIMES(A, a, b) GW_WRAP (A, a, *, b)
#define SCANS(T, A, P, M) SCAN (sum, T, A, 0, P) SCAN (product, T, A, 1, M)

SCANS (float, double, PLUS, TIMES)
SCANS (double, double, PLUS, TIMES)
SCANS (int32_t, int32_t, WRAP_PLUS, WRAP_TIMES)
SCANS (int64_t, int64_t, WRAP_PLUS, WRAP_TIMES)
SCANS (uint8_t, uint8_t, WRAP_PLUS, WRAP_TIMES)
SCANS (int8_t, int8_t, WRAP_PLUS, WRAP_TIMES)
SCANS (int16_t, int16_t, WRAP_PLUS, WRAP_TIMES)
SCANS (uint16_t, uint16_t, WRAP_PLUS, WRAP_TIMES)
SCANS (uint32_t, uint32_t, WRAP_PLUS, WRAP_TIMES)
SCANS (uint64_t, uint64_t, WRAP_PLUS, WRAP_TIMES)
SCANS (GwComplex64, GwComplex128, PLUS, TIMES)
SCANS (GwComplex128, GwComplex128, PLUS, TIMES)
SCAN (log_sum, float, double, -INFINITY, LOG_ADD)
SCAN (log_sum, double, double, -INFINITY, LOG_ADD)

#define SCAN_LOOPS(NAME)                                              \
  { [GW_FLOAT32] = NAME##_float, [GW_FLOAT64] = NAME##_double,        \
    [GW_INT32] = NAME##_int32_t, [GW_INT64] = NAME##_int64_t,         \
    [GW_UINT8] = NAME##_uint8_t, [GW_INT8] = NAME##_int8_t,           \
    [GW_INT16] = NAME##_int16_t, [GW_UINT16] = NAME##_uint16_t,       \
    [GW_UINT32] = NAME##_uint32_t, [GW_UINT64] = NAME##_uint64_t,     \
    [GW_COMPLEX64] = NAME##_GwComplex64, [GW_COMPLEX128] = NAME##_GwComplex128 }

static void (*const scans[GW_N_SCAN][GW_UINT64 + 1]) (const void *, int64_t) = {
  [GW_SCAN_SUM] = SCAN_LOOPS (sum),
  [GW_SCAN_PRODUCT] = SCAN_LOOPS (product),
  [GW_SCAN_LOG_SUM_EXP] = { [GW_FLOAT32] = log_sum_float, [GW_FLOAT64] = log_sum_double },
};

static void
scan_lines (void    *data,
            int64_t  begin,
            int64_t  end)
{
  const Lines *lines = data;

  for (int64_t line = begin; line < end; line++)
    lines->line (lines, line / lines->inner * lines->n * lines->inner + line % lines->inner);
}

gboolean
gw_cpu_scan (GwKernelContext *context,
             GwScanOp         op,
             const GwTensor  *x,
             int              axis,
             gboolean         exclusive,
             gboolean         reverse,
             GwTensor        *y,
             GError         **error)
{
  Lines lines = { .exclusive = exclusive, .reverse = reverse };
  GwTwins twins;

  if ((unsigned) x->dtype > GW_UINT64 || scans[op][gw_dtype_computed (x->dtype)] == NULL)
    return gw_cpu_no_kernel (context, x->dtype, error);
  if (x->elements == 0)
    return TRUE;
  if (!gw_twins_begin (&twins, context, 1, &x, 1, &y, error))
    return FALSE;
  lines.x = twins.data[0];
  lines.y = twins.data[1];
  lines.line = scans[op][twins.dtype];
  lines.n = x->shape.dims[axis];
  lines.inner = gw_shape_span (&x->shape, axis + 1, x->shape.rank);
  gw_kernel_parallel (context, x->elements / lines.n, MAX (GW_GRAIN / lines.n, 1), scan_lines, &lines);
  gw_twins_finish (&twins, context);
  return TRUE;
}

/* ---- the place of the extreme ---- */

#define PLACE(NAME, T, OP, WORST)                                             \
  static void                                                                 \
  NAME##_##T (const void *xs, int64_t n, int64_t inner, int64_t *y)           \
  {                                                                           \
    const T *x = xs;                                                          \
    T best = WORST;                                                           \
    int64_t place = 0;                                                        \
                                                                              \
    for (int64_t i = 0; i < n; i++)                                           \
      if (x[i * inner] OP best)                                               \
        {                                                                     \
          best = x[i * inner];                                                \
          place = i;                                                          \
        }                                                                     \
    *y = place;                                                               \
  }

#define PLACES(T, LOWEST, HIGHEST) PLACE (largest, T, >, LOWEST) PLACE (smallest, T, <, HIGHEST)

PLACES (float, -INFINITY, INFINITY)
PLACES (double, -INFINITY, INFINITY)
PLACES (int32_t, INT32_MIN, INT32_MAX)
PLACES (int64_t, INT64_MIN, INT64_MAX)
PLACES (uint8_t, 0, UINT8_MAX)
PLACES (int8_t, INT8_MIN, INT8_MAX)
PLACES (int16_t, INT16_MIN, INT16_MAX)
PLACES (uint16_t, 0, UINT16_MAX)
PLACES (uint32_t, 0, UINT32_MAX)
PLACES (uint64_t, 0, UINT64_MAX)

#define PLACE_LOOPS(NAME)                                             \
  { [GW_FLOAT32] = NAME##_float, [GW_FLOAT64] = NAME##_double,        \
    [GW_INT32] = NAME##_int32_t, [GW_INT64] = NAME##_int64_t,         \
    [GW_UINT8] = NAME##_uint8_t, [GW_INT8] = NAME##_int8_t,           \
    [GW_INT16] = NAME##_int16_t, [GW_UINT16] = NAME##_uint16_t,       \
    [GW_UINT32] = NAME##_uint32_t, [GW_UINT64] = NAME##_uint64_t,     \
    [GW_BOOL] = NAME##_uint8_t }

static void (*const places[2][GW_UINT64 + 1]) (const void *, int64_t, int64_t, int64_t *) = {
  PLACE_LOOPS (smallest), PLACE_LOOPS (largest)
};

typedef struct {
  Lines  lines;
  size_t size;
} Search;

static void
search_lines (void    *data,
              int64_t  begin,
              int64_t  end)
{
  const Search *search = data;
  const Lines *lines = &search->lines;

  for (int64_t line = begin; line < end; line++)
    {
      int64_t offset = line / lines->inner * lines->n * lines->inner + line % lines->inner;
      int64_t place;

      lines->place ((const char *) lines->x + offset * search->size, lines->n, lines->inner, &place);
      switch (lines->y_size)
        {
        case 2: ((uint16_t *) lines->y)[line] = (uint16_t) place; break;
        case 4: ((int32_t *) lines->y)[line] = (int32_t) place; break;
        default: ((int64_t *) lines->y)[line] = place; break;
        }
    }
}

gboolean
gw_cpu_arg_reduce (GwKernelContext *context,
                   gboolean         largest,
                   const GwTensor  *x,
                   int              axis,
                   GwTensor        *y,
                   GError         **error)
{
  GwDType computed = gw_dtype_computed (x->dtype);
  Search search = { .lines = { .y = y->data, .y_size = gw_dtype_size (y->dtype) }, .size = gw_dtype_size (computed) };
  GwTwins twins;

  if ((unsigned) computed > GW_UINT64 || places[largest != 0][computed] == NULL)
    return gw_cpu_no_kernel (context, x->dtype, error);
  if (!gw_twins_begin (&twins, context, 1, &x, 0, NULL, error))
    return FALSE;
  search.lines.x = twins.data[0];
  search.lines.place = places[largest != 0][computed];
  search.lines.n = x->shape.dims[axis];
  search.lines.inner = gw_shape_span (&x->shape, axis + 1, x->shape.rank);
  if (y->elements > 0)
    gw_kernel_parallel (context, y->elements, MAX (GW_GRAIN / search.lines.n, 1), search_lines, &search);
  return TRUE;
}
