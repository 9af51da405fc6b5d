/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/random-draws.h"

#include "engine/base/error.h"
#include "engine/base/half.h"

#include <math.h>

#define BLOCKS_PER_ELEMENT 256
#define GRAIN 256

/* ---- arithmetic of an element type ---- */

/* A result of double arithmetic on values of `dtype`, as that type would have it: of
 * one operation the double result, rounded once more, is the correctly rounded one. */
static inline double
narrow (GwDType dtype,
        double  value)
{
  switch ((int) dtype)
    {
    case GW_FLOAT64:
      return value;
    case GW_FLOAT16:
      return gw_half_to_float (gw_float_to_half ((float) value));
    case GW_BFLOAT16:
      return gw_bfloat_to_float (gw_float_to_bfloat ((float) value));
    default:
      return (float) value;
    }
}

/* A function of the type: float's own for everything narrower than double. */
#define NARROW_FUNCTION(name)                                                       \
  static inline double                                                              \
  narrow_##name (GwDType dtype, double x)                                           \
  {                                                                                 \
    return dtype == GW_FLOAT64 ? name (x) : narrow (dtype, name##f ((float) x));    \
  }
NARROW_FUNCTION (log)
NARROW_FUNCTION (exp)
NARROW_FUNCTION (sqrt)

/* A block of uniform numbers: the low bits of the words, as many as the type keeps. */
static int
uniform_block (GwPhilox *philox,
               GwDType   dtype,
               double    values[4])
{
  uint32_t words[4];
  uint32_t steps = dtype == GW_FLOAT16 ? 1u << 10 : 1u << 7;

  if (dtype != GW_FLOAT16 && dtype != GW_BFLOAT16)
    return gw_philox_uniform_block (philox, dtype == GW_FLOAT64, values);
  gw_philox_next (philox, words);
  for (int i = 0; i < 4; i++)
    values[i] = (double) (words[i] % steps) / steps;
  return 4;
}

static int
normal_block (GwPhilox *philox,
              GwDType   dtype,
              double    values[4])
{
  int n = gw_philox_normal_block (philox, dtype == GW_FLOAT64, values);

  for (int i = 0; i < n; i++)
    values[i] = narrow (dtype, values[i]);
  return n;
}

/* Numbers one by one, each block used from its end, as TensorFlow's gamma and
 * Poisson kernels use it. */
typedef int (*BlockFunc) (GwPhilox *philox, GwDType dtype, double values[4]);
typedef struct {
  BlockFunc draw;
  int       left;
  double    values[4];
} Supply;

static double
take (Supply   *supply,
      GwPhilox *philox,
      GwDType   dtype)
{
  if (supply->left == 0)
    supply->left = supply->draw (philox, dtype, supply->values);
  return supply->values[--supply->left];
}

/* Elements [begin, end), counted parameter by parameter: sample i of parameter p is
 * at i × parameters + p and has number p × samples + i. */
typedef struct {
  const GwPhilox *philox;
  const GwTensor *parameter;
  GwTensor       *output;
  int64_t         samples;
  void          (*draw) (GwPhilox *philox, double parameter, GwDType dtype, double *value);
  GwDType         dtype;   /* of the arithmetic */
} Draws;

static void
run_draws (void   *data,
           int64_t begin,
           int64_t end)
{
  const Draws *draws = data;

  for (int64_t i = begin; i < end; i++)
    {
      GwPhilox philox = *draws->philox;
      int64_t parameter = i / draws->samples;
      double value;

      gw_philox_skip (&philox, BLOCKS_PER_ELEMENT * (uint64_t) i);
      draws->draw (&philox, gw_tensor_get_double (draws->parameter, parameter), draws->dtype, &value);
      gw_tensor_set_double (draws->output, i % draws->samples * draws->parameter->elements + parameter, value);
    }
}

static void
start_draws (GwKernelContext *context,
             Draws           *draws)
{
  if (draws->output->elements == 0)
    return;
  draws->samples = draws->output->elements / draws->parameter->elements;
  gw_kernel_parallel (context, draws->output->elements, GRAIN, run_draws, draws);
}

/* ---- gamma ---- */

/* In double whatever the type of the result; 1 is the exponential distribution. */
static void
draw_gamma (GwPhilox *philox,
            double    alpha,
            GwDType   dtype,
            double   *value)
{
  const double d = alpha + (alpha < 1 ? 2.0 / 3 : -1.0 / 3);
  const double c = 1.0 / 3 / sqrt (d);
  Supply normal = { .draw = normal_block };
  Supply uniform = { .draw = uniform_block };

  if (alpha == 1)
    {
      *value = -log1p (-take (&uniform, philox, GW_FLOAT64));
      return;
    }
  for (;;)
    {
      double x = take (&normal, philox, GW_FLOAT64);
      double v = 1 + c * x;
      double u;

      if (v <= 0)
        continue;
      v = v * v * v;
      u = take (&uniform, philox, GW_FLOAT64);
      if (u < 1 - 0.0331 * (x * x) * (x * x) || log (u) < 0.5 * x * x + d * (1 - v + log (v)) || isnan (v))
        {
          *value = d * v;
          if (alpha < 1)
            *value *= pow (take (&uniform, philox, GW_FLOAT64), 1 / alpha);
          return;
        }
    }
}

void
gw_cpu_random_gamma (GwKernelContext *context,
                     const GwPhilox  *philox,
                     const GwTensor  *alpha,
                     GwTensor        *output)
{
  Draws draws = { .philox = philox, .parameter = alpha, .output = output, .draw = draw_gamma, .dtype = alpha->dtype };

  start_draws (context, &draws);
}

/* ---- Poisson ---- */

static double
draw_small_poisson (GwPhilox *philox,
                    double    rate)
{
  const double least = exp (-rate);
  Supply uniform = { .draw = uniform_block };
  double product = 1;
  double n = 0;

  for (;; n++)
    {
      product *= take (&uniform, philox, GW_FLOAT64);
      if (product <= least)
        return n;
    }
}

/* Hörmann, “The transformed rejection method for generating Poisson random
 * variables” (1993), algorithm PTRS. */
static double
draw_large_poisson (GwPhilox *philox,
                    double    rate)
{
  const double b = 0.931 + 2.53 * sqrt (rate);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double log_rate = log (rate);
  Supply uniform = { .draw = uniform_block };

  for (;;)
    {
      double u = take (&uniform, philox, GW_FLOAT64) - 0.5;
      double v = take (&uniform, philox, GW_FLOAT64);
      double us = 0.5 - fabs (u);
      double k = floor ((2 * a / us + b) * u + rate + 0.43);

      if (us >= 0.07 && v <= 0.9277 - 3.6224 / (b - 2))
        return k;
      if (k < 0 || (us < 0.013 && v > us))
        continue;
      if (log (v * inverse_alpha / (a / (us * us) + b)) <= -rate + k * log_rate - lgamma (k + 1))
        return k;
    }
}

static void
draw_poisson (GwPhilox *philox,
              double    rate,
              GwDType   dtype,
              double   *value)
{
  if (isnan (rate) || rate < 0)
    *value = dtype == GW_INT32 ? G_MININT32 : dtype == GW_INT64 ? (double) G_MININT64 : NAN;
  else if (isinf (rate))
    *value = dtype == GW_INT32 ? G_MAXINT32 : dtype == GW_INT64 ? 0x1.fffffffffffffp62 : INFINITY;
  else
    *value = rate < 10 ? draw_small_poisson (philox, rate) : draw_large_poisson (philox, rate);
  if (dtype == GW_INT32)
    *value = CLAMP (*value, G_MININT32, G_MAXINT32);
  else if (dtype == GW_INT64)
    *value = MIN (*value, 0x1.fffffffffffffp62);
}

void
gw_cpu_random_poisson (GwKernelContext *context,
                       const GwPhilox  *philox,
                       const GwTensor  *rate,
                       GwTensor        *output)
{
  Draws draws = { .philox = philox, .parameter = rate, .output = output, .draw = draw_poisson, .dtype = output->dtype };

  start_draws (context, &draws);
}

/* ---- truncated normal with parameters ---- */

#define MAX_ITERATIONS 1000
/* With this many deviations between the mean and a bound, normal numbers are
 * drawn until one lies within. */
#define DEVIATIONS_FOR_NORMAL 1.3

typedef struct {
  GwPhilox *philox;
  GwDType   dtype;
  double    low, high;         /* bounds in deviations from the mean */
  double    mean, deviation;
  GwTensor *output;
  int64_t   next, end;         /* elements to fill */
  int       failures;          /* draws refused in a row */
} Row;

/* Keeps `z`, or counts a refusal. FALSE when the row is full. */
static gboolean
offer (Row      *row,
       double    z,
       gboolean  accept)
{
  if (!accept)
    {
      row->failures++;
      return TRUE;
    }
  gw_tensor_set_double (row->output, row->next++, narrow (row->dtype, narrow (row->dtype, z * row->deviation) + row->mean));
  row->failures = 0;
  return row->next < row->end;
}

static gboolean
fill_from_normal (Row     *row,
                  GError **error)
{
  double values[4];

  for (;;)
    for (int i = 0, n = normal_block (row->philox, row->dtype, values); i < n; i++)
      {
        if (!offer (row, values[i], values[i] >= row->low && values[i] <= row->high))
          return TRUE;
        if (row->failures > MAX_ITERATIONS)
          return gw_invalid (error, "no normal number falls between minvals and maxvals");
      }
}

static gboolean
fill_from_uniform (Row *row)
{
#define R(x) narrow (row->dtype, (x))
  const double width = R (row->high - row->low);
  const double plus = row->low < 0 ? 0 : R (row->low * row->low);
  double drawn[4], u[4];

  for (;;)
    {
      int n = uniform_block (row->philox, row->dtype, drawn);

      uniform_block (row->philox, row->dtype, u);
      for (int i = 0; i < n; i++)
        {
          double z = R (R (drawn[i] * width) + row->low);
          double g = R (R (plus - R (z * z)) / 2);

          if (!offer (row, z, u[i] <= narrow_exp (row->dtype, g) || row->failures + 1 >= MAX_ITERATIONS))
            return TRUE;
        }
    }
}

static gboolean
fill_from_exponential (Row *row)
{
  const double alpha = R (R (row->low + narrow_sqrt (row->dtype, R (R (row->low * row->low) + 4))) / 2);
  double drawn[4];

  for (;;)
    for (int i = 0, n = uniform_block (row->philox, row->dtype, drawn); i < n; i += 2)
      {
        double z = R (R (-narrow_log (row->dtype, drawn[i]) / alpha) + row->low);
        double x = row->low < alpha ? R (alpha - z) : R (row->low - alpha);
        double g = narrow_exp (row->dtype, R (R (-x * x) / 2));

        if (!offer (row, z, (drawn[i + 1] <= g && z < row->high) || row->failures + 1 >= MAX_ITERATIONS))
          return TRUE;
      }
}

static double
parameter (const GwTensor *tensor,
           int64_t         row)
{
  return gw_tensor_get_double (tensor, tensor->elements == 1 ? 0 : row);
}

static gboolean
fill_row (Row     *row,
          double   low,
          double   high,
          GError **error)
{
  const double limit = R (DEVIATIONS_FOR_NORMAL);
  double root, cutoff;

  if (!(row->deviation > 0 && low < high && (isfinite (low) || isfinite (high))))
    return gw_invalid (error, "stdevs must be positive, minvals below maxvals and one of them finite, but are %g, %g and %g",
                       row->deviation, low, high);
  if (low == -INFINITY || high < row->mean)
    {
      double swap = low;

      low = high;
      high = swap;
      row->deviation = -row->deviation;
    }
  row->low = R (R (low - row->mean) / row->deviation);
  row->high = R (R (high - row->mean) / row->deviation);
  root = narrow_sqrt (row->dtype, R (R (row->low * row->low) + 4));
  cutoff = R (R (2 * narrow_exp (row->dtype, R (0.5 + R (R (row->low * R (row->low - root)) / 4)))) / R (row->low + root));
  if ((row->low < -limit && row->high >= 0) || (row->high > limit && row->low <= 0))
    return fill_from_normal (row, error);
  return R (row->high - row->low) < cutoff ? fill_from_uniform (row) : fill_from_exponential (row);
#undef R
}

gboolean
gw_cpu_truncated_normal (const GwPhilox     *philox,
                         const GwTruncation *parameters,
                         int64_t             n_rows,
                         int64_t             row_size,
                         GwTensor           *output,
                         GError            **error)
{
  GwPhilox stream = *philox;

  for (int64_t i = 0; i < n_rows && row_size > 0; i++)
    {
      Row row = {
        .philox = &stream, .dtype = output->dtype, .output = output,
        .mean = parameter (parameters->means, i), .deviation = parameter (parameters->deviations, i),
        .next = i * row_size, .end = MIN ((i + 1) * row_size, output->elements),
      };

      if (!fill_row (&row, parameter (parameters->minima, i), parameter (parameters->maxima, i), error))
        return FALSE;
    }
  return TRUE;
}

/* ---- classes ---- */

/* Probabilities added up, unscaled; returns their sum. */
static double
accumulate (const GwTensor *logits,
            int64_t         row,
            int64_t         classes,
            double         *sums)
{
  double largest = -INFINITY;
  double sum = 0;

  for (int64_t j = 0; j < classes; j++)
    {
      double logit = gw_tensor_get_double (logits, row * classes + j);

      if (isfinite (logit))
        largest = MAX (largest, logit);
    }
  for (int64_t j = 0; j < classes; j++)
    {
      double logit = gw_tensor_get_double (logits, row * classes + j);

      if (isfinite (logit))
        sum += exp (logit - largest);
      sums[j] = sum;
    }
  return sum;
}

/* How many of the rising `sums` are at most `value`. */
static int64_t
upper_bound (const double *sums,
             int64_t       n,
             double        value)
{
  int64_t low = 0;

  while (n > 0)
    {
      int64_t half = n / 2;

      if (value < sums[low + half])
        n = half;
      else
        {
          low += half + 1;
          n -= half + 1;
        }
    }
  return low;
}

void
gw_cpu_multinomial (const GwPhilox *philox,
                    const GwTensor *logits,
                    double         *scratch,
                    GwTensor       *output)
{
  int64_t rows = logits->shape.dims[0];
  int64_t classes = logits->shape.dims[1];
  int64_t samples = output->shape.dims[1];
  GwPhiloxReader reader;

  gw_philox_reader_init (&reader, philox);
  for (int64_t row = 0; row < rows; row++)
    {
      double sum = accumulate (logits, row, classes, scratch);

      for (int64_t j = 0; j < samples; j++)
        {
          int64_t drawn = upper_bound (scratch, classes, gw_philox_read_double (&reader) * sum);

          if (output->dtype == GW_INT64)
            GW_TENSOR_DATA (output, int64_t)[row * samples + j] = drawn;
          else
            GW_TENSOR_DATA (output, int32_t)[row * samples + j] = (int32_t) drawn;
        }
    }
}

/* ---- derivative of a gamma variable ---- */

#define MAX_TERMS 2000
#define EPSILON 0x1p-53

/* By recurrence up to where the asymptotic series is exact. */
static double
digamma (double x)
{
  double shift = 0, inverse;

  for (; x < 10; x += 1)
    shift -= 1 / x;
  inverse = 1 / (x * x);
  return shift + log (x) - 0.5 / x -
         inverse * (1.0 / 12 - inverse * (1.0 / 120 - inverse * (1.0 / 252 - inverse * (1.0 / 240 - inverse *
         (1.0 / 132 - inverse * (691.0 / 32760 - inverse / 12))))));
}

/* P (a, x) = x^a e^-x / Γ (a + 1) Σ c_n with c_n = c_n-1 x / (a + n); its derivative
 * by a, over the density. */
static double
derivative_by_series (double a,
                      double x)
{
  double c = 1, sum = 1, dc = 0, dsum = 0;

  for (int n = 1; n <= MAX_TERMS; n++)
    {
      double term = x / (a + n);

      dc = term * dc - x / ((a + n) * (a + n)) * c;
      dsum += dc;
      c *= term;
      sum += c;
      if (fabs (dc) <= EPSILON * fabs (dsum))
        break;
    }
  return -(dsum + sum * (log (x) - digamma (a + 1))) * x / a;
}

/* The continued fraction of 1 - P (a, x), numerators and denominators p and q
 * differentiated along. */
static double
derivative_by_fraction (double a,
                        double x)
{
  double p[2] = { 1, x + 1 }, q[2] = { x, (x + 2 - a) * x };
  double dp[2] = { 0, 0 }, dq[2] = { 0, -x };
  double value = p[1] / q[1];
  double derivative = (dp[1] - value * dq[1]) / q[1];

  for (int n = 1; n <= MAX_TERMS; n++)
    {
      double yc = (1 - a + n) * n;
      double z = x + 2 - a + 2 * n;
      double next_p = p[1] * z - p[0] * yc;
      double next_q = q[1] * z - q[0] * yc;
      double next_dp = dp[1] * z - p[1] - dp[0] * yc + p[0] * n;
      double next_dq = dq[1] * z - q[1] - dq[0] * yc + q[0] * n;
      double before = derivative;
      double scale = fabs (next_p) > 0x1p52 ? 0x1p-52 : 1;

      if (next_q != 0)
        {
          value = next_p / next_q;
          derivative = (next_dp - value * next_dq) / next_q;
        }
      p[0] = p[1] * scale, p[1] = next_p * scale;
      q[0] = q[1] * scale, q[1] = next_q * scale;
      dp[0] = dp[1] * scale, dp[1] = next_dp * scale;
      dq[0] = dq[1] * scale, dq[1] = next_dq * scale;
      if (next_q != 0 && fabs (derivative - before) <= EPSILON)
        break;
    }
  return (derivative + value * (log (x) - digamma (a))) * x;
}

double
gw_cpu_gamma_sample_derivative (double alpha,
                                double sample)
{
  if (sample == 0)
    return 0;
  if (isnan (alpha) || isnan (sample) || sample < 0 || alpha <= 0)
    return NAN;
  if (sample <= 1 || sample <= alpha)
    return derivative_by_series (alpha, sample);
  return isinf (sample) ? 0 : derivative_by_fraction (alpha, sample);
}
