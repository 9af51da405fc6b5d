/* SPDX-License-Identifier: Apache-2.0 */
/* Convolution: the direct loops, the depthwise ones and Winograd's transforms against matrix
 * products over many shapes, the same bits on any number of threads; sizes that TensorFlow's
 * rules give and what they refuse. Pooling, dilation and normalising where numbers are not
 * enough. */
#include "engine/device/cpu/conv.h"

#include "engine/base/error.h"
#include "engine/ops/families.h"
#include "tests/engine/ops/op-runner.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#define N_SHAPES 400
#define N_SQUARES 60

typedef struct {
  GwConv   conv;
  GwTensor *tensors[3];   /* input, filter, output */
} Case;

static GwWindowAxis
random_axis (GRand     *rand,
             GwPadding  padding,
             int        largest)
{
  for (;;)
    {
      GwWindowAxis axis = { .input = g_rand_int_range (rand, 1, largest), .window = g_rand_int_range (rand, 1, 6),
                            .stride = g_rand_int_range (rand, 1, 4), .dilation = g_rand_int_range (rand, 1, 3) };

      if (g_rand_boolean (rand))
        axis.stride = 1;
      if (padding == GW_PADDING_EXPLICIT)
        {
          axis.before = g_rand_int_range (rand, 0, 7);
          axis.after = g_rand_int_range (rand, 0, 7);
        }
      if (gw_window_axis_resolve (&axis, padding, FALSE, NULL))
        return axis;
    }
}

static GwTensor *
random_tensor (GRand         *rand,
               GwDType        dtype,
               const GwShape *shape)
{
  GwTensor *tensor = gw_tensor_new (dtype, shape, NULL);

  for (int64_t i = 0; i < tensor->elements; i++)
    gw_tensor_set_double (tensor, i, g_rand_double_range (rand, -1, 1));
  return tensor;
}

/* The shapes of input, filter and output, and random numbers in them. */
static void
fill_case (Case    *c,
           GRand   *rand,
           GwDType  dtype)
{
  const GwWindowAxis *axes = c->conv.window.axes;
  int64_t channels = c->conv.window.channels;
  GwShape shapes[3] = {
    GW_SHAPE (c->conv.window.batch, axes[0].input, axes[1].input, axes[2].input, channels),
    GW_SHAPE (axes[0].window, axes[1].window, axes[2].window, channels / c->conv.groups, c->conv.out_channels),
    GW_SHAPE (c->conv.window.batch, axes[0].output, axes[1].output, axes[2].output, c->conv.out_channels),
  };

  for (int i = 0; i < 3; i++)
    c->tensors[i] = random_tensor (rand, dtype, &shapes[i]);
}

/* What Winograd's transforms are for: squares that move by 1 over channels in whole vectors. */
static void
square_case_init (Case    *c,
                  GRand   *rand,
                  GwDType  dtype)
{
  GwPadding padding = (GwPadding) g_rand_int_range (rand, 0, 3);
  int64_t side = g_rand_int_range (rand, 3, 6);

  c->conv = (GwConv) { .dtype = dtype, .groups = 1, .out_channels = 16 * g_rand_int_range (rand, 1, 6) };
  c->conv.window.batch = g_rand_int_range (rand, 1, 20);
  c->conv.window.channels = 16 * g_rand_int_range (rand, 1, 6);
  c->conv.window.axes[0] = GW_WINDOW_AXIS_NONE;
  for (int i = 1; i <= 2; i++)
    {
      GwWindowAxis axis = { .input = g_rand_int_range (rand, 5, 20), .window = side, .stride = 1, .dilation = 1 };

      if (padding == GW_PADDING_EXPLICIT)
        {
          axis.before = g_rand_int_range (rand, 0, (int) side);
          axis.after = g_rand_int_range (rand, 0, (int) side);
        }
      g_assert_true (gw_window_axis_resolve (&axis, padding, FALSE, NULL));
      c->conv.window.axes[i] = axis;
    }
  fill_case (c, rand, dtype);
}

static void
case_init (Case    *c,
           GRand   *rand,
           GwDType  dtype)
{
  GwPadding padding = (GwPadding) g_rand_int_range (rand, 0, 3);
  gboolean depthwise = g_rand_int_range (rand, 0, 4) == 0, volume = g_rand_int_range (rand, 0, 8) == 0;
  int64_t channels = g_rand_int_range (rand, 1, 20), multiplier = g_rand_int_range (rand, 1, 40);
  GwWindowAxis *axes = c->conv.window.axes;

  c->conv = (GwConv) { .dtype = dtype, .groups = depthwise ? channels : 1,
                       .out_channels = depthwise ? channels * (multiplier % 3 + 1) : multiplier };
  c->conv.window.batch = g_rand_int_range (rand, 1, 5);
  c->conv.window.channels = channels;
  axes[0] = volume ? random_axis (rand, padding, 5) : GW_WINDOW_AXIS_NONE;
  axes[1] = random_axis (rand, padding, 12);
  axes[2] = random_axis (rand, padding, 34);
  fill_case (c, rand, dtype);
}

static void
case_clear (Case *c)
{
  for (int i = 0; i < 3; i++)
    gw_tensor_unref (c->tensors[i]);
}

static GwTensor *
run_case (Case      *c,
          GwConvPass pass,
          gboolean   reference,
          GwWorkers *workers)
{
  static const int written[] = { 2, 0, 1 };
  g_autoptr (GwKernelMemory) memory = gw_kernel_memory_new ();
  g_autoptr (GError) error = NULL;
  GwKernelContext context = { .node = "conv", .workers = workers, .memory = memory };
  GwTensor *like = c->tensors[written[pass]];
  GwTensor *result = gw_tensor_new (like->dtype, &like->shape, NULL);
  void *data[3];
  gboolean ran;

  for (int i = 0; i < 3; i++)
    data[i] = i == written[pass] ? result->data : c->tensors[i]->data;
  memset (result->data, 0xff, result->bytes);
  ran = (reference ? gw_cpu_conv_reference : gw_cpu_conv) (&context, &c->conv, pass, data[0], data[1], data[2], &error);
  g_assert_no_error (error);
  g_assert_true (ran);
  return result;
}

/* The largest difference, as a part of the largest element. */
static double
distance (const GwTensor *a,
          const GwTensor *b)
{
  double largest = 1, worst = 0;

  for (int64_t i = 0; i < a->elements; i++)
    {
      double difference = fabs (gw_tensor_get_double (a, i) - gw_tensor_get_double (b, i));

      g_assert_true (isfinite (difference));
      largest = MAX (largest, fabs (gw_tensor_get_double (b, i)));
      worst = MAX (worst, difference);
    }
  return worst / largest;
}

/* Every pass by the best way and by the reference, on one thread and on three. */
static void
check_case (Case      *c,
            GwWorkers *one,
            GwWorkers *three,
            double     tolerance)
{
  for (int pass = GW_CONV_OUTPUT; pass <= GW_CONV_FILTER; pass++)
    {
      g_autoptr (GwTensor) reference = run_case (c, pass, TRUE, one);
      g_autoptr (GwTensor) result = run_case (c, pass, FALSE, one);
      g_autoptr (GwTensor) shared = run_case (c, pass, FALSE, three);
      g_autoptr (GwTensor) shared_reference = run_case (c, pass, TRUE, three);

      g_assert_cmpfloat (distance (result, reference), <, tolerance);
      g_assert_cmpmem (result->data, result->bytes, shared->data, shared->bytes);
      g_assert_cmpmem (reference->data, reference->bytes, shared_reference->data, shared_reference->bytes);
    }
}

static void
check_cases (GwDType  dtype,
             int      n,
             void   (*init) (Case *c, GRand *rand, GwDType dtype))
{
  GRand *rand = g_rand_new_with_seed (7);
  g_autoptr (GwWorkers) one = gw_workers_new (1);
  g_autoptr (GwWorkers) three = gw_workers_new (3);

  for (int i = 0; i < n; i++)
    {
      Case c;

      init (&c, rand, dtype);
      check_case (&c, one, three, dtype == GW_FLOAT32 ? 1e-5 : 1e-13);
      case_clear (&c);
    }
  g_rand_free (rand);
}

static void
test_ways_agree (gconstpointer data)
{
  check_cases (GPOINTER_TO_INT (data), N_SHAPES, case_init);
}

static void
test_squares_agree (void)
{
  check_cases (GW_FLOAT32, N_SQUARES, square_case_init);
}

/* ---- sizes ---- */

static void
test_sizes (void)
{
  op_infers ("Conv2D", "padding=SAME strides=[1,2,2,1]", OP_IN ("[?,7,?,3]", "[3,3,3,8]"), "[?,4,?,8]");
  op_infers ("Conv2D", "padding=VALID", OP_IN ("[?,7,?,3]", "[3,3,3,8]"), "[?,5,?,8]");
  op_infers ("Conv2D", "padding=VALID", OP_IN ("?", "[3,3,3,8]"), "[?,?,?,8]");
  op_infers ("Conv2D", "padding=SAME", OP_IN ("[2,7,7,3]", "?"), "[2,7,7,?]");
  op_infers ("Conv2D", "padding=EXPLICIT explicit_paddings=[0,0,1,2,3,4,0,0]", OP_IN ("[1,7,7,3]", "[3,3,3,8]"), "[1,8,12,8]");
  op_infers ("Conv2D", "data_format=NCHW padding=SAME strides=[1,1,2,2]", OP_IN ("[?,3,7,?]", "[3,3,3,8]"), "[?,8,4,?]");
  op_infers ("Conv2DBackpropInput", "padding=SAME strides=[1,2,2,1]", OP_IN ("=[4, 8, 8, 3]", "[3,3,3,8]", "[?,?,4,8]"), "[4,8,8,3]");
  op_infers ("Conv2DBackpropInput", "padding=SAME strides=[1,2,2,1]", OP_IN ("=[8, 8]", "[3,3,3,8]", "[?,?,4,8]"), "[?,8,8,3]");
  op_infers ("Conv2DBackpropInput", "padding=SAME", OP_IN ("int32 [4]", "?", "?"), "[?,?,?,?]");
  op_infers ("DepthwiseConv2dNative", "padding=SAME", OP_IN ("[?,7,7,3]", "[3,3,3,2]"), "[?,7,7,6]");
  op_infers ("MaxPool", "padding=SAME ksize=[1,2,2,1] strides=[1,2,2,1]", OP_IN ("[?,7,?,3]"), "[?,4,?,3]");
  op_infers ("MaxPool", "padding=SAME ksize=[1,1,1,3] strides=[1,1,1,3]", OP_IN ("[?,7,?,6]"), "[?,7,?,2]");
  op_infers ("MaxPoolV2", "padding=SAME", OP_IN ("[?,7,?,3]", "int32 [4]", "int32 [4]"), "[?,?,?,?]");
  op_infers ("FusedBatchNormV3", NULL, OP_IN ("[?,7,?,?]", "[3]", "?", "[0]", "[0]"), "[?,7,?,3] [3] [3] [3] [3] [0]");
  op_infers ("Dilation2D", "padding=VALID", OP_IN ("[1,1,3,?]", "[2,2,4]"), "[1,0,2,4]");
}

static void
test_refusals (void)
{
  op_infers ("Conv2D", "padding=VALID", OP_IN ("[1,2,7,3]", "[3,3,3,8]"), "!height (dimension 1): Negative dimension size");
  op_infers ("Conv2D", NULL, OP_IN ("[1,7,7,3]", "[3,3,2,8]"), "!Depth of input (3) is not a multiple");
  op_infers ("Conv2D", NULL, OP_IN ("[1,7,7,4]", "[3,3,2,7]"), "!Depth of output (7)");
  op_infers ("Conv2D", NULL, OP_IN ("[7,7,3]", "[3,3,2,8]"), "!input must be rank 4");
  op_infers ("Conv2D", NULL, OP_IN ("[1,7,7,3]", "[0,3,3,8]"), "!filter must not have zero elements");
  op_infers ("Conv2D", "strides=[2,1,1,1]", OP_IN ("?", "?"), "!strides must be 1 for the batch");
  op_infers ("Conv2D", "strides=[1,0,1,1]", OP_IN ("?", "?"), "!strides must be positive");
  op_infers ("Conv2D", "dilations=[1,-1,1,1]", OP_IN ("?", "?"), "!dilations must be positive");
  op_infers ("Conv2D", "padding=EXPLICIT", OP_IN ("?", "?"), "!explicit_paddings must contain 8 values, but got: 0");
  op_infers ("Conv2D", "padding=EXPLICIT explicit_paddings=[0,0,-1,0,0,0,0,0]", OP_IN ("?", "?"), "!nonnegative");
  op_infers ("Conv2D", "padding=EXPLICIT explicit_paddings=[1,0,0,0,0,0,0,0]", OP_IN ("?", "?"), "!batch or depth");
  op_infers ("Conv2D", "explicit_paddings=[0,0,0,0,0,0,0,0]", OP_IN ("?", "?"), "!must be empty");
  op_infers ("Conv2DBackpropInput", NULL, OP_IN ("=[1, 7, 7]", "[3,3,3,8]", "?"), "!input_sizes must contain 4 values");
  op_infers ("Conv2DBackpropInput", NULL, OP_IN ("=[1, 7, 7, 3]", "[3,3,3,8]", "[1,7,6,8]"), "!out_backprop has the shape [1,7,6,8]");
  op_infers ("Conv3D", NULL, OP_IN ("[1,7,7,7,4]", "[3,3,3,2,8]"), "!the same depth");
  op_infers ("MaxPool", "ksize=[1,2,2,2] strides=[1,1,1,2]", OP_IN ("?"), "!exactly one of pooling");
  op_infers ("MaxPool", "ksize=[1,1,1,2] strides=[1,1,1,2]", OP_IN ("[1,2,2,5]"), "!evenly divide");
  op_infers ("MaxPool", "padding=EXPLICIT explicit_paddings=[0,0,2,0,0,0,0,0] ksize=[1,2,2,1]", OP_IN ("?"), "!smaller than the window");
  op_infers ("FusedBatchNormV3", "is_training=false", OP_IN ("[1,2,2,3]", "[3]", "[3]", "[0]", "[0]"), "!mean must have one element");
  op_fails ("MaxPoolGradWithArgmax", "ksize=[1,2,2,1] strides=[1,2,2,1]",
            OP_IN ("[[[[1.5], [2]], [[3], [4]]]]", "[[[[0.5]]]]", "[[[[4]]]]"), GW_ERROR_INVALID_ARGUMENT, "argmax[0]");
}

/* ---- gradients that flow where they should ---- */

static void
test_gradients (void)
{
  /* Overlapping windows: the first of equal elements gets all, in volumes each of them does. */
  op_differentiates ("MaxPool", "padding=VALID ksize=[1,1,2,1]", OP_IN ("[[[[2.0], [2], [1]]]]"), "[[[[1.0], [10]]]]", 0,
                     "[[[[1.0], [10], [0]]]]");
  op_differentiates ("MaxPool3D", "padding=VALID ksize=[1,1,1,2,1]", OP_IN ("[[[[[2.0], [2], [1]]]]]"), "[[[[[1.0], [10]]]]]",
                     0, "[[[[[1.0], [11], [0]]]]]");
  op_differentiates ("AvgPool", "padding=SAME ksize=[1,1,2,1]", OP_IN ("[[[[2.0], [2], [1]]]]"), "[[[[2.0], [4], [5]]]]", 0,
                     "[[[[1.0], [3], [7]]]]");
  op_differentiates ("Dilation2D", "padding=VALID", OP_IN ("[[[[1.0], [5]]]]", "[[[3.0], [0]]]"), "[[[[2.0]]]]", 1,
                     "[[[0.0], [2]]]");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  op_runner_init ();
  g_test_add_data_func ("/conv/ways-agree/float32", GINT_TO_POINTER (GW_FLOAT32), test_ways_agree);
  g_test_add_data_func ("/conv/ways-agree/float64", GINT_TO_POINTER (GW_FLOAT64), test_ways_agree);
  g_test_add_func ("/conv/ways-agree/squares", test_squares_agree);
  g_test_add_func ("/conv/sizes", test_sizes);
  g_test_add_func ("/conv/refusals", test_refusals);
  g_test_add_func ("/conv/gradients", test_gradients);
  return g_test_run ();
}
