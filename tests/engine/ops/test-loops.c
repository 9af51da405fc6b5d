/* SPDX-License-Identifier: Apache-2.0 */
/* The loops under the ops: elementary functions against the C library, broadcasting
 * and reductions against the definition element by element, and the same bits on any
 * number of threads. */
#include "engine/base/half.h"
#include "engine/device/cpu/elementwise.h"
#include "engine/device/cpu/gemm.h"
#include "engine/device/cpu/reduce.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

/* ---- elementary functions ---- */

typedef struct {
  const char *name;
  GwUnaryOp   op;
  double    (*exact) (double);
  double      from, to;
  int64_t     ulps;
} Function;

static double
exact_sigmoid (double x)
{
  return 1 / (1 + exp (-x));
}

static double
exact_softplus (double x)
{
  return fmax (x, 0) + log1p (exp (-fabs (x)));
}

static double
exact_rsqrt (double x)
{
  return 1 / sqrt (x);
}

static const Function functions[] = {
  { "exp", GW_UNARY_EXP, exp, -87, 88.7, 4 },
  { "expm1", GW_UNARY_EXPM1, expm1, -20, 80, 4 },
  { "log", GW_UNARY_LOG, log, 1e-37, 1e6, 4 },
  { "log1p", GW_UNARY_LOG1P, log1p, -0.999, 1000, 5 },
  { "tanh", GW_UNARY_TANH, tanh, -12, 12, 6 },
  { "sigmoid", GW_UNARY_SIGMOID, exact_sigmoid, -80, 30, 5 },
  { "softplus", GW_UNARY_SOFTPLUS, exact_softplus, -80, 80, 6 },
  { "rsqrt", GW_UNARY_RSQRT, exact_rsqrt, 1e-30, 1e6, 2 },
};

#define N_POINTS 100003

static void
check_range (const Function *function,
             double          from,
             double          to)
{
  g_autofree float *x = g_new (float, N_POINTS);
  g_autofree float *y = g_new (float, N_POINTS);

  for (int i = 0; i < N_POINTS; i++)
    x[i] = (float) (from + (to - from) * i / (N_POINTS - 1));
  gw_unary_loop (function->op, GW_FLOAT32) (x, y, N_POINTS);
  for (int i = 0; i < N_POINTS; i++)
    {
      float want = (float) function->exact (x[i]);
      int64_t ulps = gw_test_ulps (y[i], want);

      if (ulps > function->ulps && fabsf (want) > 1e-36f)
        g_error ("%s (%.9g) = %.9g, not %.9g: %" G_GINT64_FORMAT " units in the last place", function->name, x[i], y[i],
                 want, ulps);
    }
}

static void
test_function (gconstpointer data)
{
  const Function *function = data;

  check_range (function, function->from, function->to);
  check_range (function, MAX (function->from, -1), MIN (function->to, 1));
  check_range (function, MAX (function->from, -1e-3), 1e-3);
  check_range (function, MAX (function->from, 0.9), 1.1);
}

static float
at (GwUnaryOp op,
    float     x)
{
  float y;

  gw_unary_loop (op, GW_FLOAT32) (&x, &y, 1);
  return y;
}

static void
test_special_values (void)
{
  g_assert_true (isnan (at (GW_UNARY_EXP, NAN)) && isnan (at (GW_UNARY_LOG, NAN)) && isnan (at (GW_UNARY_TANH, NAN)));
  g_assert_true (isnan (at (GW_UNARY_SIGMOID, NAN)) && isnan (at (GW_UNARY_SOFTPLUS, NAN)) && isnan (at (GW_UNARY_RELU, NAN)));
  g_assert_true (isnan (at (GW_UNARY_EXPM1, NAN)) && isnan (at (GW_UNARY_LOG1P, NAN)) && isnan (at (GW_UNARY_SIGN, NAN)));
  g_assert_cmpfloat (at (GW_UNARY_EXP, INFINITY), ==, INFINITY);
  g_assert_cmpfloat (at (GW_UNARY_EXP, 200), ==, INFINITY);
  g_assert_cmpfloat (at (GW_UNARY_EXP, -INFINITY), ==, 0);
  g_assert_cmpfloat (at (GW_UNARY_EXP, -200), ==, 0);
  g_assert_cmpfloat (at (GW_UNARY_EXP, 0), ==, 1);
  g_assert_cmpfloat (at (GW_UNARY_LOG, 0), ==, -INFINITY);
  g_assert_cmpfloat (at (GW_UNARY_LOG, INFINITY), ==, INFINITY);
  g_assert_cmpfloat (at (GW_UNARY_LOG, 1), ==, 0);
  g_assert_true (isnan (at (GW_UNARY_LOG, -1)) && isnan (at (GW_UNARY_LOG1P, -2)));
  g_assert_cmpfloat (at (GW_UNARY_LOG1P, -1), ==, -INFINITY);
  g_assert_cmpfloat (at (GW_UNARY_LOG1P, INFINITY), ==, INFINITY);
  g_assert_cmpfloat (at (GW_UNARY_EXPM1, -INFINITY), ==, -1);
  g_assert_cmpfloat (at (GW_UNARY_EXPM1, INFINITY), ==, INFINITY);
  g_assert_cmpfloat (at (GW_UNARY_TANH, INFINITY), ==, 1);
  g_assert_cmpfloat (at (GW_UNARY_TANH, -INFINITY), ==, -1);
  g_assert_cmpfloat (at (GW_UNARY_SIGMOID, -INFINITY), ==, 0);
  g_assert_cmpfloat (at (GW_UNARY_SIGMOID, INFINITY), ==, 1);
  g_assert_cmpfloat (at (GW_UNARY_SOFTPLUS, INFINITY), ==, INFINITY);
  g_assert_cmpfloat (at (GW_UNARY_SOFTPLUS, -INFINITY), ==, 0);
}

/* ---- kernels without a graph ---- */

typedef struct {
  GwKernelContext   context;
  GwTensor         *inputs[3];
  GwTensor         *outputs[1];
} Bench;

static void
bench_init (Bench          *bench,
            GwWorkers      *workers,
            GwKernelMemory *memory)
{
  *bench = (Bench) { .context = { .node = "test", .workers = workers, .memory = (struct _GwKernelMemory *) memory } };
  bench->context.inputs = bench->inputs;
  bench->context.outputs = bench->outputs;
}

static GwTensor *
random_tensor (GRand         *rand,
               GwDType        dtype,
               const GwShape *shape)
{
  GwTensor *tensor = gw_tensor_new (dtype, shape, NULL);

  for (int64_t i = 0; i < tensor->elements; i++)
    gw_tensor_set_double (tensor, i, gw_dtype_is_floating (dtype) ? g_rand_double_range (rand, -2, 2)
                                                                  : g_rand_int_range (rand, 1, 9));
  return tensor;
}

static GwShape
random_shape (GRand *rand,
              int    max_rank,
              int    max_dim)
{
  GwShape shape = { .rank = g_rand_int_range (rand, 0, max_rank + 1) };

  for (int i = 0; i < shape.rank; i++)
    shape.dims[i] = g_rand_int_range (rand, 1, max_dim + 1);
  return shape;
}

/* Element of an operand that broadcasting puts at position `index` of the result. */
static int64_t
broadcast_index (const GwShape *result,
                 const GwShape *operand,
                 int64_t        index)
{
  int64_t strides[GW_MAX_RANK];
  int64_t place = 0;

  gw_shape_strides (operand, strides);
  for (int i = result->rank - 1; i >= 0; i--)
    {
      int k = i - (result->rank - operand->rank);

      if (k >= 0 && operand->dims[k] != 1)
        place += index % result->dims[i] * strides[k];
      index /= result->dims[i];
    }
  return place;
}

static void
test_broadcasting (void)
{
  GRand *rand = g_rand_new_with_seed (7);
  g_autoptr (GwKernelMemory) memory = gw_kernel_memory_new ();
  g_autoptr (GwWorkers) workers = gw_workers_new (2);

  for (int round = 0; round < 400; round++)
    {
      GwDType dtype = round % 2 == 0 ? GW_FLOAT32 : GW_INT16;
      GwShape both = random_shape (rand, 5, round % 40 == 0 ? 17 : 4);
      GwShape shapes[2] = { both, both };
      g_autoptr (GError) error = NULL;
      Bench bench;

      for (int k = 0; k < 2; k++)
        {
          int drop = g_rand_boolean (rand) ? g_rand_int_range (rand, 0, both.rank + 1) : 0;

          for (int i = 0; i < both.rank; i++)
            shapes[k].dims[i] = i + drop >= both.rank ? 1 : g_rand_int_range (rand, 0, 3) == 0 ? 1 : both.dims[i + drop];
          shapes[k].rank = both.rank - drop;
        }
      g_assert_true (gw_shape_broadcast (&shapes[0], &shapes[1], &both));
      bench_init (&bench, workers, memory);
      for (int k = 0; k < 2; k++)
        bench.inputs[k] = random_tensor (rand, dtype, &shapes[k]);
      bench.outputs[0] = gw_tensor_new (dtype, &both, NULL);
      g_assert_true (gw_cpu_binary (&bench.context, GW_BINARY_SUB, &error));
      for (int64_t i = 0; i < bench.outputs[0]->elements; i++)
        g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (bench.outputs[0], i),
                                        gw_tensor_get_double (bench.inputs[0], broadcast_index (&both, &shapes[0], i)) -
                                        gw_tensor_get_double (bench.inputs[1], broadcast_index (&both, &shapes[1], i)), 1e-6);
      gw_tensor_unref (bench.inputs[0]);
      gw_tensor_unref (bench.inputs[1]);
      gw_tensor_unref (bench.outputs[0]);
    }
  g_rand_free (rand);
}

/* The sums of the definition, in double. */
static double *
plain_sums (const GwTensor *x,
            const gboolean *reduced,
            const GwShape  *kept)
{
  double *sums = g_new0 (double, MAX (gw_shape_elements (kept), 1));

  for (int64_t i = 0; i < x->elements; i++)
    {
      int64_t rest = i, place = 0, stride = 1;

      for (int d = x->shape.rank - 1; d >= 0; d--)
        {
          if (!reduced[d])
            {
              place += rest % x->shape.dims[d] * stride;
              stride *= x->shape.dims[d];
            }
          rest /= x->shape.dims[d];
        }
      sums[place] += gw_tensor_get_double (x, i);
    }
  return sums;
}

static void
check_reduction (GwTensor       *x,
                 const gboolean *reduced,
                 GwWorkers      *one,
                 GwWorkers      *three)
{
  g_autoptr (GwKernelMemory) memory = gw_kernel_memory_new ();
  GwShape kept = { .rank = 0 };
  g_autofree double *sums = NULL;
  g_autoptr (GwTensor) y = NULL;
  g_autoptr (GwTensor) again = NULL;
  Bench bench;

  for (int i = 0; i < x->shape.rank; i++)
    if (!reduced[i])
      kept.dims[kept.rank++] = x->shape.dims[i];
  y = gw_tensor_new (x->dtype, &kept, NULL);
  again = gw_tensor_new (x->dtype, &kept, NULL);
  bench_init (&bench, one, memory);
  g_assert_true (gw_cpu_reduce (&bench.context, GW_REDUCE_SUM, x->dtype, &x->shape, reduced, x->data, y->data, NULL));
  bench_init (&bench, three, memory);
  g_assert_true (gw_cpu_reduce (&bench.context, GW_REDUCE_SUM, x->dtype, &x->shape, reduced, x->data, again->data, NULL));
  g_assert_true (gw_tensor_equal (y, again));
  sums = plain_sums (x, reduced, &kept);
  for (int64_t i = 0; i < y->elements; i++)
    g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (y, i), sums[i], x->dtype == GW_FLOAT32 ? 2e-5 * MAX (100, fabs (sums[i])) : 0.5);
}

static void
test_reductions (void)
{
  GRand *rand = g_rand_new_with_seed (11);
  g_autoptr (GwWorkers) one = gw_workers_new (1);
  g_autoptr (GwWorkers) three = gw_workers_new (3);

  for (int round = 0; round < 300; round++)
    {
      GwShape shape = random_shape (rand, 5, round % 10 == 0 ? 11 : 5);
      GwTensor *x = random_tensor (rand, round % 3 == 0 ? GW_INT32 : GW_FLOAT32, &shape);
      gboolean reduced[GW_MAX_RANK];

      for (int i = 0; i < GW_MAX_RANK; i++)
        reduced[i] = g_rand_boolean (rand);
      check_reduction (x, reduced, one, three);
      gw_tensor_unref (x);
    }
  g_rand_free (rand);
}

/* Sizes at which work is cut into pieces. */
static void
test_big_reductions (void)
{
  static const int64_t shapes[][3] = { { 1, 1, 300001 }, { 1, 5003, 37 }, { 70, 3, 2049 }, { 3, 40000, 5 }, { 2, 90000, 1 } };
  GRand *rand = g_rand_new_with_seed (13);
  g_autoptr (GwWorkers) one = gw_workers_new (1);
  g_autoptr (GwWorkers) three = gw_workers_new (3);

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (int mask = 0; mask < 8; mask++)
      {
        GwShape shape = gw_shape_from_dims (3, shapes[i]);
        GwTensor *x = random_tensor (rand, GW_FLOAT32, &shape);
        gboolean reduced[GW_MAX_RANK] = { mask & 1, (mask & 2) != 0, (mask & 4) != 0 };

        check_reduction (x, reduced, one, three);
        gw_tensor_unref (x);
      }
  g_rand_free (rand);
}

/* ---- matrix products ---- */

static void
check_product (GRand     *rand,
               GwWorkers *one,
               GwWorkers *three,
               GwDType    dtype,
               int64_t    m,
               int64_t    n,
               int64_t    k,
               int        transposed)
{
  gboolean ta = transposed & 1, tb = (transposed & 2) != 0;
  g_autoptr (GwTensor) a = random_tensor (rand, dtype, &GW_SHAPE (ta ? k : m, ta ? m : k));
  g_autoptr (GwTensor) b = random_tensor (rand, dtype, &GW_SHAPE (tb ? n : k, tb ? k : n));
  g_autoptr (GwTensor) c = gw_tensor_new (dtype, &GW_SHAPE (m, n), NULL);
  g_autoptr (GwTensor) again = gw_tensor_new (dtype, &GW_SHAPE (m, n), NULL);
  g_autoptr (GwKernelMemory) memory = gw_kernel_memory_new ();
  Bench bench;

  bench_init (&bench, one, memory);
  g_assert_true (gw_cpu_gemm (&bench.context, dtype, ta, tb, m, n, k, a->data, b->data, c->data, NULL));
  bench_init (&bench, three, memory);
  g_assert_true (gw_cpu_gemm (&bench.context, dtype, ta, tb, m, n, k, a->data, b->data, again->data, NULL));
  g_assert_true (gw_tensor_equal (c, again));
  for (int64_t i = 0; i < m; i += MAX (1, m / 7))
    for (int64_t j = 0; j < n; j += MAX (1, n / 7))
      {
        double sum = 0;

        for (int64_t l = 0; l < k; l++)
          sum += gw_tensor_get_double (a, ta ? l * m + i : i * k + l) * gw_tensor_get_double (b, tb ? j * k + l : l * n + j);
        g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (c, i * n + j), sum, dtype == GW_FLOAT32 ? 1e-3 : 1e-9);
      }
}

static void
test_products (void)
{
  static const int64_t sizes[][3] = { { 1, 1, 1 }, { 5, 3, 7 }, { 100, 500, 784 }, { 300, 2, 50 }, { 3, 700, 200 }, { 4, 4, 0 } };
  static const GwDType dtypes[] = { GW_FLOAT32, GW_FLOAT64, GW_INT32, GW_INT64 };
  GRand *rand = g_rand_new_with_seed (17);
  g_autoptr (GwWorkers) one = gw_workers_new (1);
  g_autoptr (GwWorkers) three = gw_workers_new (3);

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (guint d = 0; d < G_N_ELEMENTS (dtypes); d++)
      for (int transposed = 0; transposed < 4; transposed++)
        check_product (rand, one, three, dtypes[d], sizes[s][0], sizes[s][1], sizes[s][2], transposed);
  g_rand_free (rand);
}

/* ---- conversions ---- */

static void
test_casts (void)
{
  static const float floats[] = { 1.9f, -1.9f, 0, 255.7f, -300, 70000 };
  uint8_t bytes[6];
  int32_t ints[6];
  uint8_t truths[6];

  gw_cast_loop (GW_FLOAT32, GW_INT32) (floats, ints, 6);
  gw_cast_loop (GW_FLOAT32, GW_UINT8) (floats, bytes, 6);
  gw_cast_loop (GW_FLOAT32, GW_BOOL) (floats, truths, 6);
  g_assert_cmpint (ints[0], ==, 1);
  g_assert_cmpint (ints[1], ==, -1);
  g_assert_cmpint (ints[5], ==, 70000);
  g_assert_cmpint (bytes[3], ==, 255);
  g_assert_cmpint (bytes[4], ==, 212);
  g_assert_cmpint (truths[0], ==, 1);
  g_assert_cmpint (truths[2], ==, 0);
  g_assert_null (gw_cast_loop (GW_STRING, GW_INT32));
}

/* ---- half types ---- */

/* The value of a half by its definition. */
static double
plain_half (uint16_t half)
{
  int exponent = half >> 10 & 31;
  int mantissa = half & 1023;
  double size = exponent == 0 ? ldexp (mantissa, -24) : ldexp (1024 + mantissa, exponent - 25);

  if (exponent == 31)
    size = mantissa != 0 ? NAN : INFINITY;
  return half & 0x8000 ? -size : size;
}

/* Every half there and back, and what lies between two neighbours: to the nearer one,
 * from the middle to the even one. */
static void
test_half_conversions (void)
{
  for (int bits = 0; bits < 0x7C00; bits++)
    {
      double low = plain_half ((uint16_t) bits);
      double high = bits == 0x7BFF ? 65536 : plain_half ((uint16_t) (bits + 1));
      float middle = (float) ((low + high) / 2);

      g_assert_cmpfloat (gw_half_to_float ((uint16_t) bits), ==, low);
      g_assert_cmpfloat (gw_half_to_float ((uint16_t) (bits | 0x8000)), ==, -low);
      g_assert_cmpint (gw_float_to_half ((float) low), ==, bits);
      g_assert_cmpint (gw_float_to_half (-(float) low), ==, bits | 0x8000);
      g_assert_cmpint (gw_float_to_half (middle), ==, bits + (bits & 1));
      g_assert_cmpint (gw_float_to_half (nextafterf (middle, 0)), ==, bits);
      g_assert_cmpint (gw_float_to_half (nextafterf (middle, INFINITY)), ==, bits + 1);
    }
  g_assert_cmpint (gw_float_to_half (INFINITY), ==, 0x7C00);
  g_assert_cmpint (gw_float_to_half (-1e30f), ==, 0xFC00);
  g_assert_true (isnan (gw_half_to_float (gw_float_to_half (NAN))));
  g_assert_cmpfloat (gw_half_to_float (0x7C00), ==, INFINITY);
  g_assert_cmpfloat (gw_bfloat_to_float (gw_float_to_bfloat (1.00390625f)), ==, 1);
  g_assert_cmpfloat (gw_bfloat_to_float (gw_float_to_bfloat (1.01171875f)), ==, 1.015625);
  g_assert_true (isnan (gw_bfloat_to_float (gw_float_to_bfloat (NAN))));
}

static GwTensor *
widened (const GwTensor *tensor)
{
  GwTensor *wide = gw_tensor_new (GW_FLOAT32, &tensor->shape, NULL);

  for (int64_t i = 0; i < wide->elements; i++)
    gw_tensor_set_double (wide, i, gw_tensor_get_double (tensor, i));
  return wide;
}

/* What a half type gives is what float gives, rounded. */
static void
check_rounded (const GwTensor *half,
               const GwTensor *wide)
{
  g_autoptr (GwTensor) rounded = gw_tensor_new (half->dtype, &half->shape, NULL);

  for (int64_t i = 0; i < wide->elements; i++)
    gw_tensor_set_double (rounded, i, gw_tensor_get_double (wide, i));
  g_assert_true (gw_tensor_equal (half, rounded));
}

typedef gboolean (*RunFunc) (GwKernelContext *context, GError **error);

static gboolean
run_exp (GwKernelContext *context,
         GError         **error)
{
  return gw_cpu_unary (context, GW_UNARY_EXP, error);
}

static gboolean
run_divide (GwKernelContext *context,
            GError         **error)
{
  return gw_cpu_binary (context, GW_BINARY_DIV, error);
}

static gboolean
run_clip (GwKernelContext *context,
          GError         **error)
{
  return gw_cpu_ternary (context, GW_TERNARY_CLIP, error);
}

static gboolean
run_rows (GwKernelContext *context,
          GError         **error)
{
  gboolean reduced[GW_MAX_RANK] = { FALSE, TRUE };

  return gw_cpu_reduce (context, GW_REDUCE_MEAN, context->inputs[0]->dtype, &context->inputs[0]->shape, reduced,
                        context->inputs[0]->data, context->outputs[0]->data, error);
}

static gboolean
run_columns (GwKernelContext *context,
             GError         **error)
{
  gboolean reduced[GW_MAX_RANK] = { TRUE, FALSE };

  return gw_cpu_reduce (context, GW_REDUCE_SUM, context->inputs[0]->dtype, &context->inputs[0]->shape, reduced,
                        context->inputs[0]->data, context->outputs[0]->data, error);
}

static gboolean
run_scan (GwKernelContext *context,
          GError         **error)
{
  return gw_cpu_scan (context, GW_SCAN_SUM, context->inputs[0], 1, FALSE, TRUE, context->outputs[0], error);
}

static gboolean
run_product (GwKernelContext *context,
             GError         **error)
{
  return gw_cpu_matmul (context, context->inputs[0], GW_GEMM_TRANSPOSED, context->inputs[0], GW_GEMM_PLAIN,
                        context->outputs[0], error);
}

static void
check_half (RunFunc        run,
            GwDType        dtype,
            const GwShape *a,
            const GwShape *b,
            const GwShape *out,
            GwWorkers     *workers)
{
  GRand *rand = g_rand_new_with_seed (3);
  g_autoptr (GwKernelMemory) memory = gw_kernel_memory_new ();
  const GwShape *shapes[] = { a, b, b };
  g_autoptr (GError) error = NULL;
  Bench half, wide;

  bench_init (&half, workers, memory);
  bench_init (&wide, workers, memory);
  for (int k = 0; k < 3; k++)
    {
      half.inputs[k] = random_tensor (rand, dtype, shapes[k]);
      wide.inputs[k] = widened (half.inputs[k]);
    }
  half.outputs[0] = gw_tensor_new (dtype, out, NULL);
  wide.outputs[0] = gw_tensor_new (GW_FLOAT32, out, NULL);
  g_assert_true (run (&half.context, &error));
  g_assert_true (run (&wide.context, &error));
  check_rounded (half.outputs[0], wide.outputs[0]);
  for (int k = 0; k < 3; k++)
    {
      gw_tensor_unref (half.inputs[k]);
      gw_tensor_unref (wide.inputs[k]);
    }
  gw_tensor_unref (half.outputs[0]);
  gw_tensor_unref (wide.outputs[0]);
  g_rand_free (rand);
}

/* Tiles, their rests, operands that stand still, rows and columns, on two threads. */
static void
test_half_kernels (void)
{
  static const GwDType dtypes[] = { GW_FLOAT16, GW_BFLOAT16 };
  g_autoptr (GwWorkers) workers = gw_workers_new (2);
  GwShape flat = GW_SHAPE (40000), one = GW_SHAPE (1), wide = GW_SHAPE (3, 2500), tall = GW_SHAPE (2500, 3);
  GwShape row = GW_SHAPE (2500), three = GW_SHAPE (3), column = GW_SHAPE (3, 1), square = GW_SHAPE (3, 3);

  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    {
      check_half (run_exp, dtypes[i], &flat, &one, &flat, workers);
      check_half (run_divide, dtypes[i], &flat, &one, &flat, workers);
      check_half (run_divide, dtypes[i], &wide, &row, &wide, workers);
      check_half (run_divide, dtypes[i], &wide, &column, &wide, workers);
      check_half (run_divide, dtypes[i], &row, &wide, &wide, workers);
      check_half (run_clip, dtypes[i], &wide, &one, &wide, workers);
      check_half (run_clip, dtypes[i], &wide, &wide, &wide, workers);
      check_half (run_rows, dtypes[i], &wide, &one, &three, workers);
      check_half (run_rows, dtypes[i], &tall, &one, &row, workers);
      check_half (run_columns, dtypes[i], &wide, &one, &row, workers);
      check_half (run_columns, dtypes[i], &tall, &one, &three, workers);
      check_half (run_scan, dtypes[i], &wide, &one, &wide, workers);
      check_half (run_product, dtypes[i], &tall, &one, &square, workers);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      g_autofree char *path = g_strconcat ("/loops/function/", functions[i].name, NULL);

      g_test_add_data_func (path, &functions[i], test_function);
    }
  g_test_add_func ("/loops/special-values", test_special_values);
  g_test_add_func ("/loops/broadcasting", test_broadcasting);
  g_test_add_func ("/loops/reductions", test_reductions);
  g_test_add_func ("/loops/big-reductions", test_big_reductions);
  g_test_add_func ("/loops/products", test_products);
  g_test_add_func ("/loops/casts", test_casts);
  g_test_add_func ("/loops/half-conversions", test_half_conversions);
  g_test_add_func ("/loops/half-kernels", test_half_kernels);
  return g_test_run ();
}
