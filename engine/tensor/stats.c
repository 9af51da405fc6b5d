/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors are read by blocks that are turned to double once and stay in the L1
 * cache; within a block sums run in LANES parallel lanes, blocks are added one
 * after another: the order depends on the size alone. */
#include "engine/tensor/stats.h"

#include "engine/base/error.h"
#include "engine/base/simd.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define BLOCK 1024
#define LANES 16

#define LOAD(T, CONVERT)                                             \
  {                                                                  \
    const T *in = GW_TENSOR_DATA (tensor, T) + first;                \
                                                                     \
    for (int i = 0; i < n; i++)                                      \
      out[i] = CONVERT;                                              \
  }

/* Elements [first, first + n) as doubles; FALSE for types that are no numbers. */
static gboolean
load_block (const GwTensor *tensor,
            int64_t         first,
            int             n,
            double         *restrict out)
{
  if (tensor->dtype == GW_BOOL)
    LOAD (uint8_t, in[i] != 0)
  else if (tensor->dtype == GW_FLOAT16 || tensor->dtype == GW_BFLOAT16)
    for (int i = 0; i < n; i++)
      out[i] = gw_tensor_get_double (tensor, first + i);
  else
    GW_SWITCH_NUMBER (tensor->dtype, return FALSE, LOAD (T, (double) in[i]));
  return TRUE;
}

typedef struct {
  int64_t nan, neg_inf, pos_inf, negative, zero;
  double  min, max; /* +infinity and -infinity without a finite element */
  double  sum, sum_squares;
  double  mean, squared_deviations; /* from `mean`, of the finite elements */
} BlockStats;

static double
add_lanes (const double *lanes)
{
  double parts[LANES];

  memcpy (parts, lanes, sizeof parts);
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++)
      parts[i] += parts[i + width];
  return parts[0];
}

/* n is a multiple of LANES; what is not finite adds nothing. */
GW_CLONES static double
sum_squared_deviations (const double *values,
                        int           n,
                        double        mean)
{
  double lanes[LANES] = { 0 };

  for (int i = 0; i < n; i += LANES)
    for (int lane = 0; lane < LANES; lane++)
      {
        double v = values[i + lane];
        double d = fabs (v) <= DBL_MAX ? v - mean : 0;

        lanes[lane] += d * d;
      }
  return add_lanes (lanes);
}

GW_CLONES static void
block_sums (const double *values,
            int           n,
            BlockStats   *out)
{
  double sum[LANES] = { 0 }, squares[LANES] = { 0 }, low[LANES], high[LANES];

  for (int lane = 0; lane < LANES; lane++)
    {
      low[lane] = INFINITY;
      high[lane] = -INFINITY;
    }
  for (int i = 0; i < n; i += LANES)
    for (int lane = 0; lane < LANES; lane++)
      {
        double v = values[i + lane];
        gboolean finite = fabs (v) <= DBL_MAX;
        double f = finite ? v : 0;
        double l = finite ? v : INFINITY;
        double h = finite ? v : -INFINITY;

        sum[lane] += f;
        squares[lane] += f * f;
        low[lane] = l < low[lane] ? l : low[lane];
        high[lane] = h > high[lane] ? h : high[lane];
      }
  out->sum = add_lanes (sum);
  out->sum_squares = add_lanes (squares);
  out->min = INFINITY;
  out->max = -INFINITY;
  for (int lane = 0; lane < LANES; lane++)
    {
      out->min = MIN (out->min, low[lane]);
      out->max = MAX (out->max, high[lane]);
    }
}

GW_CLONES static void
block_counts (const double *values,
              int           n,
              BlockStats   *out)
{
  int64_t nan = 0, neg_inf = 0, pos_inf = 0, negative = 0, zero = 0;

  for (int i = 0; i < n; i++)
    {
      double v = values[i];

      nan += v != v;
      neg_inf += v < -DBL_MAX;
      pos_inf += v > DBL_MAX;
      negative += v < 0;
      zero += v == 0;
    }
  out->nan = nan;
  out->neg_inf = neg_inf;
  out->pos_inf = pos_inf;
  out->negative = negative - neg_inf;
  out->zero = zero;
}

/* Adds a block (mean and squared deviations by Chan, Golub and LeVeque). */
static void
merge_block (GwTensorStats    *stats,
             double           *squared_deviations,
             int64_t           n_finite,
             const BlockStats *block)
{
  double n_before = (double) (stats->negative + stats->zero + stats->positive);
  double n_all = n_before + (double) n_finite;

  stats->nan += block->nan;
  stats->neg_inf += block->neg_inf;
  stats->pos_inf += block->pos_inf;
  if (n_finite == 0)
    return;
  if (n_before > 0)
    {
      double delta = block->mean - stats->mean;

      *squared_deviations += block->squared_deviations + delta * delta * n_before * (double) n_finite / n_all;
    }
  else
    *squared_deviations = block->squared_deviations;
  stats->negative += block->negative;
  stats->zero += block->zero;
  stats->positive += n_finite - block->negative - block->zero;
  stats->min = isnan (stats->min) ? block->min : MIN (stats->min, block->min);
  stats->max = isnan (stats->max) ? block->max : MAX (stats->max, block->max);
  stats->sum += block->sum;
  stats->sum_squares += block->sum_squares;
  stats->mean = stats->sum / n_all;
}

void
gw_tensor_stats (const GwTensor *tensor,
                 GwTensorStats  *stats)
{
  double squared_deviations = 0;
  double values[BLOCK];

  *stats = (GwTensorStats) { .count = tensor->elements, .min = NAN, .max = NAN, .mean = NAN, .stddev = NAN };
  for (int64_t first = 0; first < tensor->elements; first += BLOCK)
    {
      int n = (int) MIN ((int64_t) BLOCK, tensor->elements - first);
      int padded = (n + LANES - 1) / LANES * LANES;
      int64_t n_finite;
      BlockStats block = { 0 };

      if (!load_block (tensor, first, n, values))
        return;
      for (int i = n; i < padded; i++)
        values[i] = NAN;
      block_sums (values, padded, &block);
      block_counts (values, n, &block);
      n_finite = n - block.nan - block.neg_inf - block.pos_inf;
      if (n_finite > 0)
        {
          block.mean = block.sum / (double) n_finite;
          block.squared_deviations = sum_squared_deviations (values, padded, block.mean);
        }
      merge_block (stats, &squared_deviations, n_finite, &block);
    }
  if (stats->negative + stats->zero + stats->positive > 0)
    stats->stddev = sqrt (squared_deviations / (double) (stats->negative + stats->zero + stats->positive));
}

#define SIDE 775               /* limits above zero */
#define N_LIMITS (2 * SIDE + 1)
#define MANTISSA_BITS 6        /* cells of the table are narrower than a factor 1.1 */
#define CELL_SHIFT (52 - MANTISSA_BITS)
#define FIRST_EXPONENT (-40)   /* 2^-40 < 1e-12 */
#define LAST_EXPONENT 66       /* 1e20 < 2^67 */
#define N_CELLS ((LAST_EXPONENT - FIRST_EXPONENT + 1) << MANTISSA_BITS)

typedef struct {
  double  above_zero[SIDE];
  guint16 first[N_CELLS]; /* the first limit at or above the cell's lower edge */
} LimitTable;

static int64_t
cell_of (double value)
{
  int64_t bits;

  memcpy (&bits, &value, sizeof bits);
  return (bits >> CELL_SHIFT) - ((int64_t) (FIRST_EXPONENT + 1023) << MANTISSA_BITS);
}

static const LimitTable *
limit_table (void)
{
  static LimitTable table;
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      double limit = 1e-12;
      int at = 0;

      for (int i = 0; i < SIDE - 1; i++, limit *= 1.1)
        table.above_zero[i] = limit;
      table.above_zero[SIDE - 1] = DBL_MAX;
      for (int64_t cell = 0; cell < N_CELLS; cell++)
        {
          int64_t bits = (cell + ((int64_t) (FIRST_EXPONENT + 1023) << MANTISSA_BITS)) << CELL_SHIFT;
          double edge;

          memcpy (&edge, &bits, sizeof edge);
          while (table.above_zero[at] < edge)
            at++;
          table.first[cell] = (guint16) at;
        }
      g_once_init_leave (&ready, 1);
    }
  return &table;
}

/* Number of limits above zero that are below `value` (or equal to it, with
 * `inclusive`); value > 0. */
static inline int
limits_below (const LimitTable *table,
              double            value,
              gboolean          inclusive)
{
  int64_t cell = cell_of (value);
  int at = cell < 0 ? 0 : cell >= N_CELLS ? SIDE - 1 : table->first[cell];

  while (at < SIDE && (table->above_zero[at] < value || (inclusive && table->above_zero[at] == value)))
    at++;
  return at;
}

/* The first bucket whose limit is above `value`. */
static inline int
find_bucket (const LimitTable *table,
             double            value)
{
  if (value < 0)
    return SIDE - limits_below (table, -value, FALSE);
  if (value > 0)
    return MIN (SIDE + 1 + limits_below (table, value, TRUE), N_LIMITS - 1);
  return SIDE + 1;
}

static double
limit_at (const LimitTable *table,
          int               i)
{
  if (i == SIDE)
    return 0;
  return i > SIDE ? table->above_zero[i - SIDE - 1] : -table->above_zero[SIDE - 1 - i];
}

/* Keeps the buckets in use and one for each run of empty ones, which takes the
 * last limit of its run. */
static void
collapse (GwHistogram      *histogram,
          const LimitTable *table,
          const int64_t    *counts)
{
  int n = 0;

  histogram->limits = g_new (double, N_LIMITS);
  histogram->counts = g_new (double, N_LIMITS);
  for (int i = 0; i < N_LIMITS; i++)
    {
      while (counts[i] == 0 && i + 1 < N_LIMITS && counts[i + 1] == 0)
        i++;
      histogram->limits[n] = limit_at (table, i);
      histogram->counts[n++] = (double) counts[i];
    }
  histogram->n_buckets = n;
  histogram->limits = g_renew (double, histogram->limits, n);
  histogram->counts = g_renew (double, histogram->counts, n);
}

GwHistogram *
gw_histogram_new (const GwTensor *tensor,
                  const char     *name,
                  GError        **error)
{
  const LimitTable *table = limit_table ();
  g_autofree int64_t *counts = g_new0 (int64_t, N_LIMITS);
  double values[BLOCK];
  GwHistogram *histogram;
  GwTensorStats stats;

  if (tensor->elements > 0 && !load_block (tensor, 0, 1, values))
    {
      gw_invalid (error, "a histogram needs numbers, not %s, for: %s", gw_dtype_name (tensor->dtype), name);
      return NULL;
    }
  gw_tensor_stats (tensor, &stats);
  if (stats.nan > 0 || stats.neg_inf > 0 || stats.pos_inf > 0)
    {
      gw_invalid (error, "%s in summary histogram for: %s", stats.nan > 0 ? "Nan" : "Infinity", name);
      return NULL;
    }
  for (int64_t first = 0; first < tensor->elements; first += BLOCK)
    {
      int n = (int) MIN ((int64_t) BLOCK, tensor->elements - first);

      load_block (tensor, first, n, values);
      for (int i = 0; i < n; i++)
        counts[find_bucket (table, values[i])]++;
    }
  histogram = g_new0 (GwHistogram, 1);
  histogram->num = (double) tensor->elements;
  histogram->min = tensor->elements > 0 ? stats.min : DBL_MAX;
  histogram->max = tensor->elements > 0 ? stats.max : -DBL_MAX;
  histogram->sum = stats.sum;
  histogram->sum_squares = stats.sum_squares;
  collapse (histogram, table, counts);
  return histogram;
}

GwHistogram *
gw_histogram_copy (const GwHistogram *histogram)
{
  GwHistogram *copy = g_memdup2 (histogram, sizeof *histogram);

  copy->limits = g_memdup2 (histogram->limits, sizeof (double) * (gsize) histogram->n_buckets);
  copy->counts = g_memdup2 (histogram->counts, sizeof (double) * (gsize) histogram->n_buckets);
  return copy;
}

void
gw_histogram_free (GwHistogram *histogram)
{
  if (histogram == NULL)
    return;
  g_free (histogram->limits);
  g_free (histogram->counts);
  g_free (histogram);
}

void
gw_tensor_bin (const GwTensor *tensor,
               double          min,
               double          max,
               int             n_bins,
               int64_t        *counts)
{
  double scale = max > min ? n_bins / (max - min) : 0;
  double values[BLOCK];

  memset (counts, 0, sizeof (int64_t) * (size_t) n_bins);
  for (int64_t first = 0; first < tensor->elements; first += BLOCK)
    {
      int n = (int) MIN ((int64_t) BLOCK, tensor->elements - first);

      if (!load_block (tensor, first, n, values))
        return;
      for (int i = 0; i < n; i++)
        if (values[i] >= min && values[i] <= max)
          counts[MIN ((int) ((values[i] - min) * scale), n_bins - 1)]++;
    }
}
