/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/softmax.h"

#include "engine/device/cpu/half.h"
#include "engine/device/cpu/no-kernel.h"

#include "engine/device/cpu/vector-math.h"

/* Elements of the rows that are worked on together, and lanes of a row's sum. */
#define TILE 1024
#define LANES 32

typedef struct {
  const void    *x;
  const void    *labels;
  int64_t        x_row, x_column;       /* steps, 0 where repeated */
  int64_t        label_row, label_column;
  void          *y;                     /* backprop */
  void          *loss;
  int64_t        columns;
  gboolean       logarithm;
  gboolean       wide;                  /* class numbers are int64 */
} Rows;

#define ROW_HELPERS(T, LOWEST)                                              \
  GW_INLINE T                                                               \
  row_max_##T (const T *x, int64_t n)                                       \
  {                                                                         \
    T lanes[LANES];                                                         \
    T result = LOWEST;                                                      \
    int64_t i = 0;                                                          \
                                                                            \
    if (n >= 2 * LANES)                                                     \
      {                                                                     \
        for (int j = 0; j < LANES; j++)                                     \
          lanes[j] = x[j];                                                  \
        for (i = LANES; i + LANES <= n; i += LANES)                         \
          for (int j = 0; j < LANES; j++)                                   \
            lanes[j] = x[i + j] > lanes[j] ? x[i + j] : lanes[j];           \
        for (int j = 0; j < LANES; j++)                                     \
          result = lanes[j] > result ? lanes[j] : result;                   \
      }                                                                     \
    for (; i < n; i++)                                                      \
      result = x[i] > result ? x[i] : result;                               \
    return result;                                                          \
  }                                                                         \
                                                                            \
  GW_INLINE T                                                               \
  row_sum_##T (const T *x, int64_t n)                                       \
  {                                                                         \
    T lanes[LANES] = { 0 };                                                 \
    T result = 0;                                                           \
    int64_t i = 0;                                                          \
                                                                            \
    if (n >= 2 * LANES)                                                     \
      {                                                                     \
        for (; i + LANES <= n; i += LANES)                                  \
          for (int j = 0; j < LANES; j++)                                   \
            lanes[j] += x[i + j];                                           \
        for (int j = 0; j < LANES; j++)                                     \
          result += lanes[j];                                               \
      }                                                                     \
    for (; i < n; i++)                                                      \
      result += x[i];                                                       \
    return result;                                                          \
  }

ROW_HELPERS (float, -INFINITY)
ROW_HELPERS (double, -INFINITY)

/* y = x - the row's maximum. */
#define SHIFT(T)                                                            \
  GW_INLINE void                                                            \
  shift_##T (const T *x, int64_t step, T *y, int64_t n)                     \
  {                                                                         \
    T top = step != 0 ? row_max_##T (x, n) : x[0];                          \
                                                                            \
    if (step != 0)                                                          \
      GW_IVDEP                                                              \
      for (int64_t j = 0; j < n; j++)                                       \
        y[j] = x[j] - top;                                                  \
    else                                                                    \
      for (int64_t j = 0; j < n; j++)                                       \
        y[j] = x[0] - top;                                                  \
  }

SHIFT (float)
SHIFT (double)

/* TensorFlow's softmax of float32 takes e to what is no number for infinite: such an element
 * comes out as NaN and leaves 0 to the others of its row. */
static inline float
power_or_infinity (float x)
{
  float power = gw_expf (x);

  return x == x ? power : INFINITY;
}

#define SOFTMAX(NAME, T, EXP)                                               \
  GW_CLONES static void                                                     \
  softmax_##NAME (void *data, int64_t begin, int64_t end)                   \
  {                                                                         \
    const Rows *rows = data;                                                \
    int64_t n = rows->columns;                                              \
    int64_t tile = n < TILE ? TILE / n : 1;                                 \
                                                                            \
    for (int64_t first = begin; first < end; first += tile)                 \
      {                                                                     \
        int64_t count = end - first < tile ? end - first : tile;            \
        const T *x = (const T *) rows->x + first * n;                       \
        T *y = (T *) rows->y + first * n;                                   \
                                                                            \
        for (int64_t r = 0; r < count; r++)                                 \
          shift_##T (x + r * n, 1, y + r * n, n);                           \
        if (rows->logarithm)                                                \
          {                                                                 \
            for (int64_t r = 0; r < count; r++)                             \
              log_row_##T (y + r * n, n);                                   \
            continue;                                                       \
          }                                                                 \
        GW_IVDEP                                                            \
        for (int64_t j = 0; j < count * n; j++)                             \
          y[j] = EXP (y[j]);                                                \
        for (int64_t r = 0; r < count; r++)                                 \
          {                                                                 \
            T scale = 1 / row_sum_##T (y + r * n, n);                       \
                                                                            \
            for (int64_t j = 0; j < n; j++)                                 \
              y[r * n + j] *= scale;                                        \
          }                                                                 \
      }                                                                     \
  }

/* y -= log Σ e^y. */
#define LOG_ROW(T, EXP, LOG)                                                \
  GW_INLINE void                                                            \
  log_row_##T (T *y, int64_t n)                                             \
  {                                                                         \
    T powers[TILE];                                                         \
    T sum = 0;                                                              \
                                                                            \
    for (int64_t first = 0; first < n; first += TILE)                       \
      {                                                                     \
        int64_t count = n - first < TILE ? n - first : TILE;                \
                                                                            \
        for (int64_t j = 0; j < count; j++)                                 \
          powers[j] = EXP (y[first + j]);                                   \
        sum += row_sum_##T (powers, count);                                 \
      }                                                                     \
    sum = LOG (sum);                                                        \
    for (int64_t j = 0; j < n; j++)                                         \
      y[j] -= sum;                                                          \
  }

LOG_ROW (float, gw_expf, logf)
LOG_ROW (double, exp, log)
SOFTMAX (float, float, power_or_infinity)
SOFTMAX (half, float, gw_expf)
SOFTMAX (double, double, exp)

/* Powers of the shifted features into y; log of their sum is returned. */
#define POWERS(T, EXP, LOG)                                                 \
  GW_INLINE T                                                               \
  powers_##T (const Rows *rows, int64_t row, T *y, T *sum)                  \
  {                                                                         \
    int64_t n = rows->columns;                                              \
                                                                            \
    shift_##T ((const T *) rows->x + row * rows->x_row, rows->x_column, y, n); \
    for (int64_t j = 0; j < n; j++)                                         \
      y[j] = EXP (y[j]);                                                    \
    *sum = row_sum_##T (y, n);                                              \
    return LOG (*sum);                                                      \
  }

POWERS (float, gw_expf, logf)
POWERS (double, exp, log)

#define CROSS_ENTROPY(T)                                                    \
  GW_CLONES static void                                                     \
  cross_entropy_##T (void *data, int64_t begin, int64_t end)                \
  {                                                                         \
    const Rows *rows = data;                                                \
    int64_t n = rows->columns;                                              \
                                                                            \
    for (int64_t row = begin; row < end; row++)                             \
      {                                                                     \
        const T *x = (const T *) rows->x + row * rows->x_row;               \
        const T *labels = (const T *) rows->labels + row * rows->label_row; \
        T *y = (T *) rows->y + row * n;                                     \
        T terms[TILE];                                                      \
        T loss = 0;                                                         \
        T sum;                                                              \
        T log_sum = powers_##T (rows, row, y, &sum);                        \
        T top = rows->x_column != 0 ? row_max_##T (x, n) : x[0];            \
                                                                            \
        for (int64_t first = 0; first < n; first += TILE)                   \
          {                                                                 \
            int64_t count = n - first < TILE ? n - first : TILE;            \
                                                                            \
            for (int64_t j = 0; j < count; j++)                             \
              {                                                             \
                T label = labels[(first + j) * rows->label_column];         \
                T z = x[(first + j) * rows->x_column] - top;                \
                                                                            \
                terms[j] = label * (log_sum - z);                           \
                y[first + j] = y[first + j] / sum - label;                  \
              }                                                             \
            loss += row_sum_##T (terms, count);                             \
          }                                                                 \
        ((T *) rows->loss)[row] = loss;                                     \
      }                                                                     \
  }                                                                         \
                                                                            \
  GW_CLONES static void                                                     \
  sparse_cross_entropy_##T (void *data, int64_t begin, int64_t end)         \
  {                                                                         \
    const Rows *rows = data;                                                \
    int64_t n = rows->columns;                                              \
                                                                            \
    for (int64_t row = begin; row < end; row++)                             \
      {                                                                     \
        const T *x = (const T *) rows->x + row * n;                         \
        T *y = (T *) rows->y + row * n;                                     \
        int64_t label = rows->wide ? ((const int64_t *) rows->labels)[row]  \
                                   : ((const int32_t *) rows->labels)[row]; \
        T sum;                                                              \
        T log_sum = powers_##T (rows, row, y, &sum);                        \
        T top = row_max_##T (x, n);                                         \
                                                                            \
        ((T *) rows->loss)[row] = log_sum - (x[label] - top);               \
        for (int64_t j = 0; j < n; j++)                                     \
          y[j] /= sum;                                                      \
        y[label] -= 1;                                                      \
      }                                                                     \
  }

CROSS_ENTROPY (float)
CROSS_ENTROPY (double)

static void
run_rows (GwKernelContext *context,
          GwDType          dtype,
          int64_t          n_rows,
          Rows            *rows,
          GwRangeFunc      single,
          GwRangeFunc      twice)
{
  if (n_rows > 0 && rows->columns > 0)
    gw_kernel_parallel (context, n_rows, MAX (GW_GRAIN / 4 / rows->columns, 1),
                        dtype == GW_FLOAT32 ? single : twice, rows);
}

gboolean
gw_cpu_softmax (GwKernelContext *context,
                gboolean         logarithm,
                const GwTensor  *x,
                GwTensor        *y,
                GError         **error)
{
  Rows rows = { .logarithm = logarithm, .columns = x->shape.dims[x->shape.rank - 1] };
  GwTwins twins;

  if (!gw_dtype_is_floating (x->dtype))
    return gw_cpu_no_kernel (context, x->dtype, error);
  if (!gw_twins_begin (&twins, context, 1, &x, 1, &y, error))
    return FALSE;
  rows.x = twins.data[0];
  rows.y = twins.data[1];
  run_rows (context, twins.dtype, gw_shape_span (&x->shape, 0, x->shape.rank - 1), &rows,
            gw_dtype_is_half (x->dtype) ? softmax_half : softmax_float, softmax_double);
  gw_twins_finish (&twins, context);
  return TRUE;
}

/* The cross entropies: the tensors' data (or that of their float twins) in place. */
static gboolean
run_losses (GwKernelContext       *context,
            Rows                  *rows,
            const GwTensor *const  operands[2],
            GwTensor *const        results[2],
            GwRangeFunc            single,
            GwRangeFunc            twice,
            GError               **error)
{
  GwTwins twins;

  if (!gw_twins_begin (&twins, context, 2, operands, 2, results, error))
    return FALSE;
  rows->x = twins.data[0];
  rows->labels = twins.data[1];
  rows->loss = twins.data[2];
  rows->y = twins.data[3];
  if (rows->columns == 0)
    memset (rows->loss, 0, results[0]->elements * gw_dtype_size (twins.dtype));
  run_rows (context, twins.dtype, results[1]->shape.dims[0], rows, single, twice);
  gw_twins_finish (&twins, context);
  return TRUE;
}

gboolean
gw_cpu_cross_entropy (GwKernelContext *context,
                      const GwTensor  *features,
                      const GwTensor  *labels,
                      GwTensor        *loss,
                      GwTensor        *backprop,
                      GError         **error)
{
  const GwTensor *const operands[] = { features, labels };
  GwTensor *const results[] = { loss, backprop };
  int64_t x_columns = features->shape.dims[features->shape.rank - 1];
  int64_t label_columns = labels->shape.dims[labels->shape.rank - 1];
  Rows rows = { .columns = backprop->shape.dims[1] };

  if (!gw_dtype_is_floating (features->dtype))
    return gw_cpu_no_kernel (context, features->dtype, error);
  rows.x_column = x_columns == rows.columns;
  rows.x_row = features->elements == x_columns ? 0 : x_columns;
  rows.label_column = label_columns == rows.columns;
  rows.label_row = labels->elements == label_columns ? 0 : label_columns;
  return run_losses (context, &rows, operands, results, cross_entropy_float, cross_entropy_double, error);
}

/* As TensorFlow says it, with at most the first ten labels. */
static gboolean
refuse_label (const GwTensor *labels,
              int64_t         value,
              int64_t         columns,
              GError        **error)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (int64_t i = 0; i < MIN (labels->elements, 10); i++)
    g_string_append_printf (list, " %" G_GINT64_FORMAT, gw_tensor_get_int (labels, i));
  if (labels->elements > 10)
    g_string_append (list, " …");
  return gw_invalid (error, "Received a label value of %" G_GINT64_FORMAT " which is outside the valid range "
                     "of [0, %" G_GINT64_FORMAT ").  Label values:%s", value, columns, list->str);
}

gboolean
gw_cpu_sparse_cross_entropy (GwKernelContext *context,
                             const GwTensor  *features,
                             const GwTensor  *labels,
                             GwTensor        *loss,
                             GwTensor        *backprop,
                             GError         **error)
{
  const GwTensor *const operands[] = { features, labels };
  GwTensor *const results[] = { loss, backprop };
  Rows rows = { .columns = features->shape.dims[1], .wide = labels->dtype == GW_INT64, .x_column = 1 };

  if (!gw_dtype_is_floating (features->dtype))
    return gw_cpu_no_kernel (context, features->dtype, error);
  rows.x_row = rows.columns;
  for (int64_t i = 0; i < labels->elements; i++)
    {
      int64_t label = gw_tensor_get_int (labels, i);

      if (label < 0 || label >= rows.columns)
        return refuse_label (labels, label, rows.columns, error);
    }
  return run_losses (context, &rows, operands, results, sparse_cross_entropy_float, sparse_cross_entropy_double, error);
}
