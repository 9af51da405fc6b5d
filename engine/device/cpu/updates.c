/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/updates.h"

#include "engine/device/cpu/half.h"
#include "engine/device/cpu/no-kernel.h"

#include <tgmath.h>

#include "engine/device/cpu/loops.h"

/* n elements of the variable, its slots and the gradient; p are the rule's scalars. */
typedef void (*Loop) (void *const *tensors, const void *gradient, const double *p, int64_t n);

/* The rule NAME in the type T. SETUP declares what the step needs of the scalars `p`;
 * STEP changes x, an element of the variable, and a, b, c, those of its SLOTS, by that
 * of the gradient, g. */
#define LOOP(NAME, T, SLOTS, SETUP, STEP)                                                     \
  GW_CLONES static void                                                                       \
  NAME##_##T (void *const *tensors, const void *gradient, const double *p, int64_t n)         \
  {                                                                                           \
    T *xs = tensors[0];                                                                       \
    T *as = tensors[SLOTS > 0 ? 1 : 0];                                                       \
    T *bs = tensors[SLOTS > 1 ? 2 : 0];                                                       \
    T *cs = tensors[SLOTS > 2 ? 3 : 0];                                                       \
    const T *gs = gradient;                                                                   \
    SETUP                                                                                     \
                                                                                              \
    GW_IVDEP                                                                                  \
    for (int64_t i = 0; i < n; i++)                                                           \
      {                                                                                       \
        T g = gs[i];                                                                          \
        T x = xs[i];                                                                          \
        T a = as[i];                                                                          \
        T b = bs[i];                                                                          \
        T c = cs[i];                                                                          \
                                                                                              \
        STEP                                                                                  \
        if (SLOTS > 0)                                                                        \
          as[i] = a;                                                                          \
        if (SLOTS > 1)                                                                        \
          bs[i] = b;                                                                          \
        if (SLOTS > 2)                                                                        \
          cs[i] = c;                                                                          \
        xs[i] = x;                                                                            \
        (void) a, (void) b, (void) c;                                                         \
      }                                                                                       \
  }

/* In float and double; T in SETUP and STEP is REAL. */
#define RULE(NAME, SLOTS, SETUP, STEP) \
  RULE_IN (NAME, float, SLOTS, SETUP, STEP) \
  RULE_IN (NAME, double, SLOTS, SETUP, STEP)
#define RULE_IN(NAME, T, SLOTS, SETUP, STEP) LOOP (NAME, T, SLOTS, typedef T REAL; SETUP, STEP)

#define SCALAR(name, index) REAL name = (REAL) p[index];
#define FLAG(name, index) gboolean name = p[index] != 0;
#define SIGN(value) (REAL) (((value) > 0) - ((value) < 0))

RULE (gradient_descent, 0,
      SCALAR (rate, 0),
      x -= g * rate;)

/* What stays of x when l1 pulls it to 0 by `l1` times the rate, and l2 shrinks it. */
#define PROXIMAL(moved, rate)                                                                 \
  REAL kept = fabs (moved) - (rate) * l1;                                                     \
  REAL shrunk = l1 > 0 ? SIGN (moved) * (kept > 0 ? kept : 0) : (moved);                      \
                                                                                              \
  x = shrunk / (1 + l2 * (rate));

RULE (proximal_gradient_descent, 0,
      SCALAR (rate, 0) SCALAR (l1, 1) SCALAR (l2, 2),
      REAL moved = x - g * rate;
      PROXIMAL (moved, rate))

RULE (momentum, 1,
      SCALAR (rate, 0) SCALAR (keep, 1) FLAG (nesterov, 2)
      REAL direct = nesterov ? rate : 0;
      REAL through = nesterov ? rate * keep : rate;,
      a = a * keep + g;
      x -= direct * g + through * a;)

RULE (adagrad, 1,
      SCALAR (rate, 0) REAL grow = p[1] != 0;,
      a += grow * g * g;
      x -= g * rate / sqrt (a);)

RULE (adagrad_v2, 1,
      SCALAR (rate, 0) SCALAR (epsilon, 1) REAL grow = p[2] != 0;,
      a += grow * g * g;
      x -= g * rate / (sqrt (a) + epsilon);)

RULE (proximal_adagrad, 1,
      SCALAR (rate, 0) SCALAR (l1, 1) SCALAR (l2, 2),
      a += g * g;
      REAL own_rate = rate / sqrt (a);
      REAL moved = x - g * own_rate;
      PROXIMAL (moved, own_rate))

RULE (adadelta, 2,
      SCALAR (rate, 0) SCALAR (rho, 1) SCALAR (epsilon, 2)
      REAL rest = 1 - rho;,
      a = a * rho + g * g * rest;
      REAL move = sqrt (b + epsilon) / sqrt (a + epsilon) * g;
      x -= move * rate;
      b = b * rho + move * move * rest;)

RULE (adam, 2,
      SCALAR (beta1, 3) SCALAR (epsilon, 5) FLAG (nesterov, 6)
      REAL rate = (REAL) (p[2] * sqrt (1 - p[1]) / (1 - p[0]));
      REAL rest1 = 1 - beta1;
      REAL rest2 = 1 - (REAL) p[4];
      REAL keep = nesterov ? beta1 : 1;
      REAL ahead = nesterov ? rest1 : 0;,
      a += (g - a) * rest1;
      b += (g * g - b) * rest2;
      x -= (a * keep + g * ahead) * rate / (sqrt (b) + epsilon);)

RULE (ada_max, 2,
      SCALAR (beta2, 3) SCALAR (epsilon, 4)
      REAL rate = (REAL) (p[1] / (1 - p[0]));
      REAL rest1 = 1 - (REAL) p[2];,
      a += (g - a) * rest1;
      b = beta2 * b > fabs (g) ? beta2 * b : fabs (g);
      x -= rate * a / (b + epsilon);)

RULE (rms_prop, 2,
      SCALAR (rate, 0) SCALAR (momentum, 2) SCALAR (epsilon, 3)
      REAL rest = 1 - (REAL) p[1];,
      a += (g * g - a) * rest;
      b = b * momentum + g * rate / sqrt (a + epsilon);
      x -= b;)

/* a is the mean of the gradients, b that of their squares. */
RULE (centered_rms_prop, 3,
      SCALAR (rate, 0) SCALAR (momentum, 2) SCALAR (epsilon, 3)
      REAL rest = 1 - (REAL) p[1];,
      b += (g * g - b) * rest;
      a += (g - a) * rest;
      c = c * momentum + g * rate / sqrt (b - a * a + epsilon);
      x -= c;)

/* a is the sum of the squares, b the linear term. With multiply_linear_by_lr the linear
 * term is kept multiplied by the rate. */
#define FTRL_SETUP(power_at, flag_at)                                                         \
  SCALAR (rate, 0) SCALAR (l1, 1) SCALAR (l2, 2)                                              \
  REAL power = -(REAL) p[power_at];                                                           \
  gboolean root = power == (REAL) 0.5;                                                        \
  FLAG (multiplied, flag_at)                                                                  \
  REAL scale = multiplied ? rate : 1;                                                         \
  REAL divisor = multiplied ? 1 : rate;                                                       \
  REAL threshold = l1 * scale;                                                                \
  REAL stiffness = 2 * l2 * scale;
#define FTRL_STEP(shrunk)                                                                     \
  REAL grown = a + g * g;                                                                     \
  REAL before = root ? sqrt (a) : pow (a, power);                                             \
  REAL after = root ? sqrt (grown) : pow (grown, power);                                      \
                                                                                              \
  b += (shrunk) * scale - (after - before) / divisor * x;                                     \
  x = fabs (b) > threshold ? (threshold * SIGN (b) - b) / (after / divisor + stiffness) : 0;  \
  a = grown;

RULE (ftrl, 2, FTRL_SETUP (3, 4), FTRL_STEP (g))
RULE (ftrl_v2, 2, FTRL_SETUP (4, 5) SCALAR (shrinkage, 3), FTRL_STEP (g + 2 * shrinkage * x))

RULE (add_sign, 1,
      SCALAR (rate, 0) SCALAR (alpha, 1) SCALAR (decay, 2) SCALAR (beta, 3),
      a = a * beta + g * (1 - beta);
      x -= rate * (alpha + decay * SIGN (g) * SIGN (a)) * g;)

RULE (power_sign, 1,
      SCALAR (rate, 0) SCALAR (base, 1) SCALAR (decay, 2) SCALAR (beta, 3),
      a = a * beta + g * (1 - beta);
      x -= rate * exp (base * decay * SIGN (g) * SIGN (a)) * g;)

static const struct {
  int  n_slots;
  Loop single, twice;
} rules[GW_N_UPDATES] = {
#define ENTRY(RULE, NAME, SLOTS) [GW_UPDATE_##RULE] = { SLOTS, NAME##_float, NAME##_double }
  ENTRY (GRADIENT_DESCENT, gradient_descent, 0),
  ENTRY (PROXIMAL_GRADIENT_DESCENT, proximal_gradient_descent, 0),
  ENTRY (MOMENTUM, momentum, 1),
  ENTRY (ADAGRAD, adagrad, 1),
  ENTRY (ADAGRAD_V2, adagrad_v2, 1),
  ENTRY (PROXIMAL_ADAGRAD, proximal_adagrad, 1),
  ENTRY (ADADELTA, adadelta, 2),
  ENTRY (ADAM, adam, 2),
  ENTRY (ADA_MAX, ada_max, 2),
  ENTRY (RMS_PROP, rms_prop, 2),
  ENTRY (CENTERED_RMS_PROP, centered_rms_prop, 3),
  ENTRY (FTRL, ftrl, 2),
  ENTRY (FTRL_V2, ftrl_v2, 2),
  ENTRY (ADD_SIGN, add_sign, 1),
  ENTRY (POWER_SIGN, power_sign, 1),
};

/* ---- running them ---- */

typedef struct {
  const GwUpdate *update;
  Loop            loop;
  int             n_tensors;
  GwDType         dtype;
  size_t          size;        /* of an element */
  int64_t         row;         /* elements of a row */
} Run;

#define BLOCK 512      /* elements that are widened at a time */
#define ROWS_AHEAD 4   /* of a sparse update are fetched into the cache */
#define CACHE_LINE 64

/* In float32, a block at a time. */
static void
run_widened (const Run     *run,
             void *const   *tensors,
             const uint8_t *gradient,
             int64_t        n)
{
  float wide[1 + GW_UPDATE_MAX_SLOTS][BLOCK];
  float wide_gradient[BLOCK];
  void *blocks[1 + GW_UPDATE_MAX_SLOTS];

  for (int64_t from = 0; from < n; from += BLOCK)
    {
      int64_t length = MIN (BLOCK, n - from);
      size_t offset = (size_t) from * run->size;

      for (int i = 0; i < run->n_tensors; i++)
        {
          blocks[i] = wide[i];
          gw_half_widen (run->dtype, (const uint8_t *) tensors[i] + offset, wide[i], length);
        }
      gw_half_widen (run->dtype, gradient + offset, wide_gradient, length);
      run->loop (blocks, wide_gradient, run->update->scalars, length);
      for (int i = 0; i < run->n_tensors; i++)
        gw_half_narrow (run->dtype, wide[i], (uint8_t *) tensors[i] + offset, length);
    }
}

/* n elements, from `at` of the variable and from `gradient_at` of the gradient. */
static void
run_piece (const Run *run,
           int64_t    at,
           int64_t    gradient_at,
           int64_t    n)
{
  void *tensors[1 + GW_UPDATE_MAX_SLOTS] = { NULL };
  const uint8_t *gradient = (const uint8_t *) run->update->gradient->data + (size_t) gradient_at * run->size;

  for (int i = 0; i < run->n_tensors; i++)
    tensors[i] = (uint8_t *) run->update->tensors[i]->data + (size_t) at * run->size;
  if (gw_dtype_is_half (run->dtype))
    run_widened (run, tensors, gradient, n);
  else
    run->loop (tensors, gradient, run->update->scalars, n);
}

static void
run_elements (void   *data,
              int64_t begin,
              int64_t end)
{
  run_piece (data, begin, begin, end - begin);
}

static int64_t
index_at (const GwTensor *indices,
          int64_t         i)
{
  return indices->dtype == GW_INT32 ? GW_TENSOR_DATA (indices, int32_t)[i] : GW_TENSOR_DATA (indices, int64_t)[i];
}

/* n elements of the variable and its slots, into the cache. */
static void
fetch_piece (const Run *run,
             int64_t    at,
             int64_t    n)
{
  for (int i = 0; i < run->n_tensors; i++)
    {
      const char *piece = (const char *) run->update->tensors[i]->data + (size_t) at * run->size;

      for (size_t byte = 0; byte < (size_t) n * run->size; byte += CACHE_LINE)
        __builtin_prefetch (piece + byte, 1);
    }
}

/* Columns [begin, end) of every row: a row that comes twice stays in one thread. */
static void
run_columns (void   *data,
             int64_t begin,
             int64_t end)
{
  const Run *run = data;
  const GwTensor *indices = run->update->indices;

  for (int64_t i = 0; i < indices->elements; i++)
    {
      if (i + ROWS_AHEAD < indices->elements)
        fetch_piece (run, index_at (indices, i + ROWS_AHEAD) * run->row + begin, end - begin);
      run_piece (run, index_at (indices, i) * run->row + begin, i * run->row + begin, end - begin);
    }
}

int
gw_update_n_slots (GwUpdateRule rule)
{
  return rules[rule].n_slots;
}

static Run
run_of (const GwUpdate *update)
{
  GwDType dtype = update->tensors[0]->dtype;

  return (Run) {
    .update = update, .loop = dtype == GW_FLOAT64 ? rules[update->rule].twice : rules[update->rule].single,
    .n_tensors = 1 + rules[update->rule].n_slots, .dtype = dtype, .size = gw_dtype_size (dtype),
  };
}

void
gw_cpu_update_part (const GwUpdate *update,
                    int64_t         begin,
                    int64_t         end)
{
  Run run = run_of (update);

  run_piece (&run, begin, begin, end - begin);
}

gboolean
gw_cpu_update (GwKernelContext *context,
               const GwUpdate  *update,
               GError         **error)
{
  GwDType dtype = update->tensors[0]->dtype;
  Run run = run_of (update);

  if (!gw_dtype_is_floating (dtype))
    return gw_cpu_no_kernel (context, dtype, error);
  if (update->indices == NULL)
    gw_kernel_parallel (context, update->gradient->elements, GW_GRAIN, run_elements, &run);
  else if (update->gradient->elements > 0)
    {
      run.row = update->gradient->elements / update->indices->elements;
      gw_kernel_parallel (context, run.row, MAX (16, GW_GRAIN / update->indices->elements), run_columns, &run);
    }
  return TRUE;
}
