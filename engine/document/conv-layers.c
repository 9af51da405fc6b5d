/* SPDX-License-Identifier: Apache-2.0 */
/* Convolution and pooling layers as tf.layers builds them: channels last, along one, two
 * or three dimensions. One dimension is done as pictures of height 1. */
#include "engine/document/composites.h"
#include "engine/document/lower.h"
#include "engine/document/parts.h"
#include "engine/document/weights.h"

/* A window over the dimensions between batch and channels. */
typedef struct {
  GwExpandContext *context;
  GwBuilder       *b;
  GwOutput         x;
  int              n;                  /* how many dimensions it moves along */
  int64_t          channels;           /* of x */
  int64_t          size[3], strides[3], dilations[3];
} Window;

/* One number for all dimensions, or one for each. */
static gboolean
read_numbers (Window     *w,
              const char *attr,
              int64_t    *values)
{
  const GwAttrValue *value = gw_expand_attr (w->context, attr);

  if (value->list.n != 1 && value->list.n != w->n)
    {
      gw_builder_fail (w->b, GW_ERROR_INVALID_ARGUMENT, "%s must be one number, or %d, but has %d", attr, w->n, value->list.n);
      return FALSE;
    }
  for (int i = 0; i < w->n; i++)
    {
      values[i] = value->list.i[value->list.n == 1 ? 0 : i];
      if (values[i] >= 1 && values[i] <= G_MAXINT32)
        continue;
      gw_builder_fail (w->b, GW_ERROR_INVALID_ARGUMENT, "%s must be 1 or more, but has %" G_GINT64_FORMAT, attr, values[i]);
      return FALSE;
    }
  return TRUE;
}

/* `n` 0: as many dimensions as x has between batch and channels. */
static gboolean
begin (Window          *w,
       GwExpandContext *context,
       int              n)
{
  const GwShape *shape = gw_output_shape (context->inputs[0]);
  g_autofree char *text = gw_shape_to_string (shape);

  *w = (Window) { .context = context, .b = context->builder, .x = context->inputs[0], .n = n > 0 ? n : shape->rank - 2,
                  .size = { 1, 1, 1 }, .strides = { 1, 1, 1 }, .dilations = { 1, 1, 1 } };
  if (!gw_dtype_is_floating (gw_output_dtype (w->x)))
    gw_builder_fail (w->b, GW_ERROR_INVALID_ARGUMENT, "inputs must be floating-point numbers, not %s; put a Cast before",
                     gw_dtype_name (gw_output_dtype (w->x)));
  else if (n > 0 && shape->rank != n + 2)
    gw_builder_fail (w->b, GW_ERROR_INVALID_ARGUMENT,
                     "inputs must have %d dimensions, batch first and channels last, but is %s", n + 2, text);
  else if (w->n < 1 || w->n > 3)
    gw_builder_fail (w->b, GW_ERROR_INVALID_ARGUMENT,
                     "inputs must have 3, 4 or 5 dimensions, batch first and channels last, but is %s", text);
  if (w->b->error != NULL)
    return FALSE;
  w->channels = shape->dims[shape->rank - 1];
  return TRUE;
}

static gboolean
begin_convolution (Window          *w,
                   GwExpandContext *context,
                   int              n,
                   gboolean         has_dilations)
{
  if (!begin (w, context, n) || !read_numbers (w, "kernel_size", w->size) || !read_numbers (w, "strides", w->strides) ||
      (has_dilations && !read_numbers (w, "dilation_rate", w->dilations)))
    return FALSE;
  if (w->channels < 0)
    gw_builder_fail (w->b, GW_ERROR_INVALID_ARGUMENT, "the number of channels of inputs, its last dimension, must be known");
  return w->channels >= 0;
}

/* [1, …, 1] as an attribute of an op along `n` or, for one, two dimensions. */
static void
spread (const Window  *w,
        const int64_t *values,
        int64_t       *all)
{
  int skip = w->n == 1 ? 1 : 0;

  for (int i = 0; i < 5; i++)
    all[i] = 1;
  for (int i = 0; i < w->n; i++)
    all[1 + skip + i] = values[i];
}

static int
attr_length (const Window *w)
{
  return w->n == 3 ? 5 : 4;
}

static GwOutput
convolve (const Window *w,
          const char   *op,
          GwOutput      first,
          GwOutput      filter,
          GwOutput      out_backprop)
{
  int64_t strides[5], dilations[5];
  GwOutput inputs[] = { first, filter, out_backprop };

  spread (w, w->strides, strides);
  spread (w, w->dilations, dilations);
  return gw_op (w->b, op, out_backprop.node != NULL ? 3 : 2, inputs,
                GW_WITH ({ "strides", gw_attr_ints (attr_length (w), strides) },
                         { "padding", *gw_expand_attr (w->context, "padding") },
                         { "dilations", gw_attr_ints (attr_length (w), dilations) }));
}

static GwOutput
expand_dim (const Window *w,
            GwOutput      x,
            int           axis)
{
  return w->n == 1 ? gw_op2 (w->b, "ExpandDims", x, gw_const_scalar (w->b, GW_INT32, axis)) : x;
}

static GwOutput
squeeze_dim (const Window *w,
             GwOutput      x)
{
  if (w->n != 1)
    return x;
  return gw_op (w->b, "Squeeze", GW_IN (x), GW_WITH ({ "squeeze_dims", gw_attr_ints (1, (int64_t[]) { 1 }) }));
}

/* The variable of the window's size followed by `a` and `c`. */
static GwOutput
kernel (const Window *w,
        const char   *name,
        int64_t       a,
        int64_t       c)
{
  GwShape shape = { .rank = w->n + 2 };

  for (int i = 0; i < w->n; i++)
    shape.dims[i] = w->size[i];
  shape.dims[w->n] = a;
  shape.dims[w->n + 1] = c;
  return gw_layer_weights (w->context, name, name, gw_output_dtype (w->x), &shape);
}

static void
finish (const Window *w,
        GwOutput      y,
        int64_t       filters)
{
  if (gw_expand_attr (w->context, "use_bias")->b)
    y = gw_op2 (w->b, "BiasAdd", y,
                gw_layer_weights (w->context, "bias", "bias", gw_output_dtype (w->x), &GW_SHAPE (filters)));
  w->context->outputs[0] = gw_part_activation (w->b, gw_expand_attr (w->context, "activation")->s, y);
}

/* ---- convolution ---- */

static void
convolution (GwExpandContext *context,
             int              n)
{
  int64_t filters = gw_expand_attr (context, "filters")->i;
  GwOutput filter;
  Window w;

  if (!begin_convolution (&w, context, n, TRUE))
    return;
  filter = expand_dim (&w, kernel (&w, "kernel", w.channels, filters), 0);
  finish (&w, squeeze_dim (&w, convolve (&w, n == 3 ? "Conv3D" : "Conv2D", expand_dim (&w, w.x, 1), filter, GW_NO_OUTPUT)), filters);
}

static void conv1d_expand (GwExpandContext *context) { convolution (context, 1); }
static void conv2d_expand (GwExpandContext *context) { convolution (context, 2); }
static void conv3d_expand (GwExpandContext *context) { convolution (context, 3); }

/* ---- transposed ---- */

/* in · stride, and with VALID what a window sticks out beyond its stride. */
static GwOutput
transposed_shape (const Window *w,
                  int64_t       filters)
{
  GwBuilder *b = w->b;
  GwOutput shape = gw_op1 (b, "Shape", w->x);
  gboolean valid = g_str_equal (gw_expand_attr (w->context, "padding")->s, "VALID");
  int64_t extra[3], sizes[3];
  gboolean known = TRUE;
  GwOutput middle;

  for (int i = 0; i < w->n; i++)
    {
      int64_t in = gw_output_shape (w->x)->dims[1 + i];

      extra[i] = valid ? MAX (w->size[i] - w->strides[i], 0) : 0;
      known = known && in >= 0 && !__builtin_mul_overflow (in, w->strides[i], &sizes[i]) &&
              !__builtin_add_overflow (sizes[i], extra[i], &sizes[i]) && sizes[i] <= G_MAXINT32;
    }
  if (known)
    middle = gw_const_ints (b, w->n, sizes);
  else
    middle = gw_op2 (b, "AddV2", gw_op2 (b, "Mul", gw_part_slice (b, shape, 1, w->n), gw_const_ints (b, w->n, w->strides)),
                     gw_const_ints (b, w->n, extra));
  return gw_part_concat (b, GW_IN (gw_part_slice (b, shape, 0, 1), middle, GW_INTS (b, filters)), 0);
}

static void
transposed (GwExpandContext *context,
            int              n)
{
  int64_t filters = gw_expand_attr (context, "filters")->i;
  GwOutput filter;
  Window w;

  if (!begin_convolution (&w, context, n, FALSE))
    return;
  filter = kernel (&w, "kernel", filters, w.channels);
  finish (&w, convolve (&w, n == 3 ? "Conv3DBackpropInputV2" : "Conv2DBackpropInput", transposed_shape (&w, filters), filter, w.x),
          filters);
}

static void conv2d_transpose_expand (GwExpandContext *context) { transposed (context, 2); }
static void conv3d_transpose_expand (GwExpandContext *context) { transposed (context, 3); }

/* ---- depthwise and separable ---- */

static gboolean
depthwise (Window   *w,
           GwOutput *y,
           int64_t  *channels)
{
  int64_t multiplier = gw_expand_attr (w->context, "depth_multiplier")->i;
  GwOutput filter;

  if (__builtin_mul_overflow (w->channels, multiplier, channels))
    {
      gw_builder_fail (w->b, GW_ERROR_INVALID_ARGUMENT, "depth_multiplier gives too many channels");
      return FALSE;
    }
  filter = kernel (w, "depthwise_kernel", w->channels, multiplier);
  *y = convolve (w, "DepthwiseConv2dNative", w->x, filter, GW_NO_OUTPUT);
  return w->b->error == NULL;
}

static void
depthwise_expand (GwExpandContext *context)
{
  GwOutput y;
  int64_t channels;
  Window w;

  if (begin_convolution (&w, context, 2, TRUE) && depthwise (&w, &y, &channels))
    finish (&w, y, channels);
}

static void
separable_expand (GwExpandContext *context)
{
  int64_t filters = gw_expand_attr (context, "filters")->i;
  GwOutput y;
  int64_t channels;
  Window w, point;

  if (!begin_convolution (&w, context, 2, TRUE) || !depthwise (&w, &y, &channels))
    return;
  point = w;
  for (int i = 0; i < 3; i++)
    point.size[i] = point.strides[i] = point.dilations[i] = 1;
  finish (&w, convolve (&point, "Conv2D", y, kernel (&point, "pointwise_kernel", channels, filters), GW_NO_OUTPUT), filters);
}

/* ---- pooling ---- */

static void
global_pool (const Window *w,
             const char   *op)
{
  int64_t axes[3] = { 1, 2, 3 };

  w->context->outputs[0] = gw_op2 (w->b, op, w->x, gw_const_ints (w->b, w->n, axes));
}

static void
pool_expand (GwExpandContext *context)
{
  const char *kind = gw_expand_attr (context, "kind")->s;
  gboolean max = g_str_equal (kind, "max") || g_str_equal (kind, "global_max");
  int64_t size[5], strides[5];
  Window w;

  if (!begin (&w, context, 0))
    return;
  if (g_str_has_prefix (kind, "global_"))
    {
      global_pool (&w, max ? "Max" : "Mean");
      return;
    }
  if (!read_numbers (&w, "pool_size", w.size) ||
      !read_numbers (&w, gw_expand_attr (context, "strides")->list.n > 0 ? "strides" : "pool_size", w.strides))
    return;
  spread (&w, w.size, size);
  spread (&w, w.strides, strides);
  context->outputs[0] =
    squeeze_dim (&w, gw_op (w.b, w.n == 3 ? (max ? "MaxPool3D" : "AvgPool3D") : (max ? "MaxPool" : "AvgPool"),
                            GW_IN (expand_dim (&w, w.x, 1)),
                            GW_WITH ({ "ksize", gw_attr_ints (attr_length (&w), size) },
                                     { "strides", gw_attr_ints (attr_length (&w), strides) },
                                     { "padding", *gw_expand_attr (context, "padding") })));
}

/* ---- Flatten ---- */

static void
flatten_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = context->inputs[0];
  const GwShape *shape = gw_output_shape (x);
  int64_t n = shape->rank >= 0 ? 1 : -1;

  if (shape->rank == 0)
    gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "inputs must have a batch dimension, but is a scalar");
  for (int i = 1; i < shape->rank; i++)
    n = n < 0 || shape->dims[i] < 0 || __builtin_mul_overflow (n, shape->dims[i], &n) ? -1 : n;
  context->outputs[0] = gw_op2 (b, "Reshape", x,
                                gw_part_concat (b, GW_IN (gw_part_slice (b, gw_op1 (b, "Shape", x), 0, 1), GW_INTS (b, n)), 0));
}

/* ---- descriptions ---- */

#define KERNEL_SIZE(default_value, n)                                                                                  \
  { "kernel_size", GW_ATTR_INTS, .def = default_value, .min = 1, .max = n, .label = "Kernel size",                     \
    .help = "Of the window, in order of the dimensions; one number stands for all." }
#define STRIDES(n)                                                                                                     \
  { "strides", GW_ATTR_INTS, .def = "[1]", .min = 1, .max = n, .label = "Strides", .help = "How far the window moves." }
#define DILATIONS(n)                                                                                                   \
  { "dilation_rate", GW_ATTR_INTS, .def = "[1]", .min = 1, .max = n, .label = "Dilation",                              \
    .help = "Distance between the elements that the kernel sees." }
#define PADDING                                                                                                        \
  { "padding", GW_ATTR_CHOICE, .def = "VALID", .choices = GW_CHOICES ("VALID", "SAME"), .label = "Padding",            \
    .help = "SAME pads with zeros so that stride 1 keeps the size; VALID uses only windows that lie wholly inside." }
#define FILTERS                                                                                                        \
  { "filters", GW_ATTR_INT, .def = "32", .min = 1, .max = 1e9, .ui_min = 1, .ui_max = 512, .label = "Filters",         \
    .help = "Channels of the output." }
#define MULTIPLIER                                                                                                     \
  { "depth_multiplier", GW_ATTR_INT, .def = "1", .min = 1, .max = 1e6, .ui_min = 1, .ui_max = 16, .label = "Multiplier", \
    .help = "Filters for each channel of the input." }
#define KERNEL_INIT \
  GW_INITIALIZER_ATTR ("kernel_initializer", "glorot_uniform", "Kernel init"), \
  GW_REGULARIZER_ATTR ("kernel_regularizer", "Kernel penalty")
#define DEPTHWISE_INIT \
  GW_INITIALIZER_ATTR ("depthwise_kernel_initializer", "glorot_uniform", "Depthwise init"), \
  GW_REGULARIZER_ATTR ("depthwise_kernel_regularizer", "Depthwise penalty")
#define COMMON                                                                                                         \
  GW_ACTIVATION_ATTR ("linear"), GW_INITIALIZER_ATTR ("bias_initializer", "zeros", "Bias init"), GW_USE_BIAS_ATTR,      \
  GW_VARIABLES_ATTRS, GW_LAYER_TYPE_ATTR
#define LAYER(in_help, out_help)                                                                                       \
  .since = 1, .category = "layers", .inputs = GW_PORTS ({ "inputs", "T", in_help }), .outputs = GW_PORTS ({ "outputs", "T", out_help })
#define PICTURES_IN "[batch, height, width, channels]"
#define PICTURES_OUT "[batch, height, width, filters]"
#define VARIABLES "\n\nThe variables are called NAME/kernel and NAME/bias, as TensorFlow calls them."

static const GwOpDef conv1d = {
  .name = "Conv1DLayer", .title = "Convolution layer, 1D", LAYER ("[batch, steps, channels]", "[batch, steps, filters]"),
  .summary = "Slides trainable filters along sequences: activation (conv (inputs, kernel) + bias).",
  .doc = "As tf.layers.conv1d, channels last. `kernel` is [size, channels, filters]." VARIABLES,
  .attrs = GW_ATTRS (FILTERS, KERNEL_SIZE ("[3]", 1), STRIDES (1), PADDING, DILATIONS (1), KERNEL_INIT, COMMON),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[1], [2], [3]]]"),
      "filters=1 kernel_size=[2] kernel_initializer=ones",
      GW_TEXTS ("[[[3], [5]]]") }),
  .expand = conv1d_expand, .tell = GW_TEXTS ("filters", "kernel_size", "activation"),
};

static const GwOpDef conv2d = {
  .name = "Conv2DLayer", .title = "Convolution layer", LAYER (PICTURES_IN, PICTURES_OUT),
  .summary = "Slides trainable filters over pictures: activation (conv (inputs, kernel) + bias).",
  .doc = "As tf.layers.conv2d, channels last. `kernel` is [height, width, channels, filters]." VARIABLES,
  .attrs = GW_ATTRS (FILTERS, KERNEL_SIZE ("[3, 3]", 2), STRIDES (2), PADDING, DILATIONS (2), KERNEL_INIT, COMMON),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1], [2]], [[3], [4]]]]"),
      "filters=1 kernel_size=[2,2] kernel_initializer=ones",
      GW_TEXTS ("[[[[10]]]]") }),
  .expand = conv2d_expand, .tell = GW_TEXTS ("filters", "kernel_size", "activation"),
};

static const GwOpDef conv3d = {
  .name = "Conv3DLayer", .title = "Convolution layer, 3D",
  LAYER ("[batch, depth, height, width, channels]", "[batch, depth, height, width, filters]"),
  .summary = "Slides trainable filters over volumes: activation (conv (inputs, kernel) + bias).",
  .doc = "As tf.layers.conv3d, channels last. `kernel` is [depth, height, width, channels, filters]." VARIABLES,
  .attrs = GW_ATTRS (FILTERS, KERNEL_SIZE ("[3, 3, 3]", 3), STRIDES (3), PADDING, DILATIONS (3), KERNEL_INIT, COMMON),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[[1], [2]]]]]"),
      "filters=1 kernel_size=[1,1,2] kernel_initializer=ones",
      GW_TEXTS ("[[[[[3]]]]]") }),
  .expand = conv3d_expand, .tell = GW_TEXTS ("filters", "kernel_size", "activation"),
};

static const GwOpDef conv2d_transpose = {
  .name = "Conv2DTransposeLayer", .title = "Transposed convolution layer", LAYER (PICTURES_IN, PICTURES_OUT),
  .summary = "Makes pictures larger: spreads each pixel out by trainable filters.",
  .doc = "As tf.layers.conv2d_transpose, channels last. With SAME the picture becomes `strides` times as large, with VALID by "
         "kernel_size − strides larger still. `kernel` is [height, width, filters, channels]." VARIABLES,
  .attrs = GW_ATTRS (FILTERS, KERNEL_SIZE ("[3, 3]", 2), STRIDES (2), PADDING, KERNEL_INIT, COMMON),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1], [2]]]]"),
      "filters=1 kernel_size=[1,2] strides=[1,2] kernel_initializer=ones",
      GW_TEXTS ("[[[[1], [1], [2], [2]]]]") }),
  .expand = conv2d_transpose_expand, .tell = GW_TEXTS ("filters", "kernel_size", "strides"),
};

static const GwOpDef conv3d_transpose = {
  .name = "Conv3DTransposeLayer", .title = "Transposed convolution layer, 3D",
  LAYER ("[batch, depth, height, width, channels]", "[batch, depth, height, width, filters]"),
  .summary = "Makes volumes larger: spreads each element out by trainable filters.",
  .doc = "As tf.layers.conv3d_transpose; see *Conv2DTransposeLayer*. `kernel` is [depth, height, width, filters, "
         "channels]." VARIABLES,
  .attrs = GW_ATTRS (FILTERS, KERNEL_SIZE ("[3, 3, 3]", 3), STRIDES (3), PADDING, KERNEL_INIT, COMMON),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[[1], [2]]]]]"),
      "filters=1 kernel_size=[1,1,2] strides=[1,1,2] kernel_initializer=ones",
      GW_TEXTS ("[[[[[1], [1], [2], [2]]]]]") }),
  .expand = conv3d_transpose_expand, .tell = GW_TEXTS ("filters", "kernel_size", "strides"),
};

static const GwOpDef depthwise_conv2d = {
  .name = "DepthwiseConv2DLayer", .title = "Depthwise convolution layer",
  LAYER (PICTURES_IN, "[batch, height, width, channels × multiplier]"),
  .summary = "Slides filters over each channel by itself.",
  .doc = "`depthwise_kernel` is [height, width, channels, multiplier]; far fewer weights than a full convolution.\n\n"
         "The variables are called NAME/depthwise_kernel and NAME/bias.",
  .attrs = GW_ATTRS (MULTIPLIER, KERNEL_SIZE ("[3, 3]", 2), STRIDES (2), PADDING, DILATIONS (2), DEPTHWISE_INIT, COMMON),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1, 10], [2, 20]]]]"),
      "kernel_size=[1,2] depthwise_kernel_initializer=ones",
      GW_TEXTS ("[[[[3, 30]]]]") }),
  .expand = depthwise_expand, .tell = GW_TEXTS ("kernel_size", "depth_multiplier", "activation"),
};

static const GwOpDef separable_conv2d = {
  .name = "SeparableConv2DLayer", .title = "Separable convolution layer", LAYER (PICTURES_IN, PICTURES_OUT),
  .summary = "A convolution in two parts: over each channel by itself, then across channels.",
  .doc = "As tf.layers.separable_conv2d: a depthwise convolution, then one of size 1 that mixes its channels; far fewer weights than "
         "a full convolution.\n\nThe variables are called NAME/depthwise_kernel, NAME/pointwise_kernel and NAME/bias.",
  .attrs = GW_ATTRS (FILTERS, KERNEL_SIZE ("[3, 3]", 2), STRIDES (2), PADDING, DILATIONS (2), MULTIPLIER, DEPTHWISE_INIT,
                     GW_INITIALIZER_ATTR ("pointwise_kernel_initializer", "glorot_uniform", "Pointwise init"),
                     GW_REGULARIZER_ATTR ("pointwise_kernel_regularizer", "Pointwise penalty"), COMMON),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1, 10], [2, 20]]]]"),
      "filters=1 kernel_size=[1,2] depthwise_kernel_initializer=ones pointwise_kernel_initializer=ones",
      GW_TEXTS ("[[[[33]]]]") }),
  .expand = separable_expand, .tell = GW_TEXTS ("filters", "kernel_size", "activation"),
};

static const GwOpDef pool = {
  .name = "Pool", .title = "Pooling layer",
  LAYER ("[batch, …, channels], with one, two or three dimensions between.", "Smaller; global: [batch, channels]."),
  .summary = "Makes sequences, pictures or volumes smaller: the largest or the mean element of each window.",
  .doc = "As tf.layers.max_pooling1d, 2d, 3d and average_pooling1d, 2d, 3d, channels last. The global kinds take one window as large as "
         "the input, and its dimensions vanish.",
  .attrs = GW_ATTRS (
    { "kind", GW_ATTR_CHOICE, .def = "max", .choices = GW_CHOICES ("max", "average", "global_max", "global_average"),
      .label = "Kind", .help = "What is taken of each window." },
    { "pool_size", GW_ATTR_INTS, .def = "[2]", .min = 1, .max = 3, .label = "Size", .visible_if = "kind=max|average",
      .help = "Of the window; one number stands for all dimensions." },
    { "strides", GW_ATTR_INTS, .def = "[]", .max = 3, .label = "Strides", .visible_if = "kind=max|average",
      .help = "How far the window moves; empty: by its size." },
    PADDING, GW_LAYER_TYPE_ATTR),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[[1], [3], [2], [5]]]"), NULL, GW_TEXTS ("[[[3], [5]]]") }),
  .expand = pool_expand, .tell = GW_TEXTS ("kind", "pool_size"),
};

static const GwOpDef flatten = {
  .name = "Flatten", .title = "Flatten", .since = 1, .category = "layers",
  .summary = "Lays all dimensions but the batch end to end.",
  .doc = "As tf.layers.flatten: [batch, a, b, c] becomes [batch, a·b·c].",
  .inputs = GW_PORTS ({ "inputs", "T", "[batch, …]" }), .outputs = GW_PORTS ({ "outputs", "T", "[batch, features]" }),
  .attrs = GW_ATTRS ({ "T", GW_ATTR_DTYPE, .def = "float32", .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[[1, 2], [3, 4]]]"), NULL, GW_TEXTS ("[[1, 2, 3, 4]]") }),
  .expand = flatten_expand,
};

const GwOpDef *const gw_composites_conv_layers[] = {
  &conv1d, &conv2d, &conv3d, &conv2d_transpose, &conv3d_transpose, &depthwise_conv2d, &separable_conv2d, &pool, &flatten, NULL,
};
