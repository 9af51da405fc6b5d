/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions of pictures and volumes, with one filter for all channels or one for
 * each, and the two gradients of each: nine ops out of one set of rules. A
 * convolution is bilinear, so the gradients of all three are again among the three. */
#include "engine/device/cpu/conv.h"

#include "engine/base/error.h"
#include "engine/graph/builder.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"
#include "engine/ops/window-common.h"

enum { CONV_T, CONV_STRIDES, CONV_PADDING, CONV_FORMAT, CONV_DILATIONS, CONV_EXPLICIT };

typedef struct {
  GwWindowSpec  spec;
  gboolean      depthwise;  /* the filter is (sizes…, channels, multiplier) */
  gboolean      grouped;    /* fewer channels in the filter than in the input mean groups */
  gboolean      short_sizes;/* input_sizes may be the spatial ones alone */
  const char   *ops[3];     /* by GwConvPass */
  const GwOpDef *defs[3];
} Kind;

/* ---- shapes ---- */

static gboolean
check_channels (const Kind *kind,
                int64_t     input,
                int64_t     filter,
                int64_t     outputs,
                int64_t    *groups,
                GError    **error)
{
  *groups = 1;
  if (input < 0 || filter < 0)
    return TRUE;
  if (kind->depthwise && input != filter)
    return gw_invalid (error, "input has %" G_GINT64_FORMAT " channels and filter is for %" G_GINT64_FORMAT
                       ": Dimensions must be equal", input, filter);
  if (!kind->depthwise && !kind->grouped && input != filter)
    return gw_invalid (error, "input and filter must have the same depth: %" G_GINT64_FORMAT " vs %" G_GINT64_FORMAT,
                       input, filter);
  if (input == 0 || input % filter != 0)
    return gw_invalid (error, "Depth of input (%" G_GINT64_FORMAT ") is not a multiple of input depth of filter (%"
                       G_GINT64_FORMAT ")", input, filter);
  *groups = kind->depthwise ? input : input / filter;
  if (!kind->depthwise && outputs >= 0 && outputs % *groups != 0)
    return gw_invalid (error, "Depth of output (%" G_GINT64_FORMAT ") of filter is not a multiple of the number of groups (%"
                       G_GINT64_FORMAT ") of input", outputs, *groups);
  return TRUE;
}

/* Channels of the output. */
static gboolean
out_channels (const Kind    *kind,
              const GwShape *filter,
              int64_t       *channels,
              GError       **error)
{
  int64_t in = filter->dims[kind->spec.n_spatial];
  int64_t out = filter->dims[kind->spec.n_spatial + 1];

  *channels = out;
  if (!kind->depthwise)
    return TRUE;
  *channels = -1;
  if (in >= 0 && out >= 0 && __builtin_mul_overflow (in, out, channels))
    return gw_invalid (error, "filter: the output would have more channels than can be counted");
  return TRUE;
}

/* What an input and a filter of these shapes (with all their dimensions, perhaps of
 * unknown sizes) give. */
static gboolean
resolve (const Kind     *kind,
         GwWindowParams *params,
         const GwShape  *input,
         const GwShape  *filter,
         GwShape        *output,
         int64_t        *groups,
         GError        **error)
{
  int n = kind->spec.n_spatial;
  int64_t channels;

  for (int i = 0; i < n + 2; i++)
    if (filter->dims[i] == 0)
      return gw_invalid (error, "filter must not have zero elements (i.e. all dimensions must be non-zero)");
  for (int i = 0; i < n; i++)
    gw_window_axis (params, i)->window = filter->dims[i];
  return check_channels (kind, input->dims[gw_window_channel_dim (params)], filter->dims[n], filter->dims[n + 1], groups,
                         error) &&
         out_channels (kind, filter, &channels, error) &&
         gw_window_resolve (params, input, channels, output, error);
}

static gboolean
output_shape (const Kind     *kind,
              GwShapeContext *context,
              GError        **error)
{
  GwWindowParams params;
  GwShape input, filter;
  int64_t groups;

  return gw_window_read (&kind->spec, context->attrs, &params, error) &&
         gw_window_want (context, &params, 0, &input, error) &&
         gw_window_want (context, &params, 1, &filter, error) &&
         resolve (kind, &params, &input, &filter, &context->outputs[0], &groups, error);
}

/* The shape that input_sizes stands for, as far as it is known. */
static gboolean
read_input_sizes (const Kind           *kind,
                  GwShapeContext       *context,
                  const GwWindowParams *params,
                  const GwShape        *filter,
                  GwShape              *input,
                  GError              **error)
{
  int n = kind->spec.n_spatial;
  GwShape sizes;

  if (!gw_array_input_shape (context, 0, &sizes, error))
    return FALSE;
  *input = gw_shape_of_rank (n + 2);
  if (sizes.rank == n + 2)
    *input = sizes;
  else if (sizes.rank == n && kind->short_sizes)
    {
      input->dims[gw_window_channel_dim (params)] = filter->dims[n];
      for (int i = 0; i < n; i++)
        input->dims[gw_window_spatial_dim (params, i)] = sizes.dims[i];
    }
  else if (sizes.rank >= 0)
    return gw_invalid (error, "input_sizes must contain %d values%s, but got: %d", n + 2,
                       kind->short_sizes ? " or the spatial ones alone" : "", sizes.rank);
  return TRUE;
}

static gboolean
input_shape (const Kind     *kind,
             GwShapeContext *context,
             GError        **error)
{
  GwWindowParams params;
  GwShape filter, gradient, input, output;
  int64_t groups;

  if (!gw_window_read (&kind->spec, context->attrs, &params, error) ||
      !gw_window_want (context, &params, 1, &filter, error) ||
      !gw_window_want (context, &params, 2, &gradient, error) ||
      !read_input_sizes (kind, context, &params, &filter, &input, error))
    return FALSE;
  if (input.dims[0] < 0)
    input.dims[0] = gradient.dims[0];
  if (!resolve (kind, &params, &input, &filter, &output, &groups, error) ||
      !gw_window_agree (context, 2, &output, error))
    return FALSE;
  context->outputs[0] = input;
  return TRUE;
}

static gboolean
filter_shape (const Kind     *kind,
              GwShapeContext *context,
              GError        **error)
{
  GwWindowParams params;
  GwShape gradient, input, filter, output;
  int64_t groups;

  if (!gw_window_read (&kind->spec, context->attrs, &params, error) ||
      !gw_window_want (context, &params, 0, &input, error) ||
      !gw_array_input_shape (context, 1, &filter, error) ||
      !gw_window_want (context, &params, 2, &gradient, error))
    return FALSE;
  if (filter.rank < 0)
    filter = gw_shape_of_rank (kind->spec.n_spatial + 2);
  if (filter.rank != kind->spec.n_spatial + 2)
    return gw_invalid (error, "filter_sizes must contain %d values, but got: %d", kind->spec.n_spatial + 2, filter.rank);
  if (!resolve (kind, &params, &input, &filter, &output, &groups, error) ||
      !gw_window_agree (context, 2, &output, error))
    return FALSE;
  context->outputs[0] = filter;
  return TRUE;
}

/* ---- kernels ---- */

static gboolean
run_pass (const Kind      *kind,
          GwKernelContext *context,
          GwConvPass       pass,
          GwTensor        *input,
          GwTensor        *filter,
          GwTensor        *output,
          GError         **error)
{
  GwWindowParams params;
  GwConv conv = { .dtype = input->dtype };
  GwShape shape;

  if (!gw_window_read (&kind->spec, context->attrs, &params, error) ||
      !resolve (kind, &params, &input->shape, &filter->shape, &shape, &conv.groups, error))
    return FALSE;
  conv.window = gw_window_of (&params, &input->shape);
  conv.out_channels = shape.dims[gw_window_channel_dim (&params)];
  conv.channels_first = params.channels_first;
  return gw_cpu_conv (context, &conv, pass, input->data, filter->data, output->data, error);
}

static gboolean
output_cpu (const Kind      *kind,
            GwKernelContext *context,
            GError         **error)
{
  return run_pass (kind, context, GW_CONV_OUTPUT, context->inputs[0], context->inputs[1], context->outputs[0], error);
}

static gboolean
input_cpu (const Kind      *kind,
           GwKernelContext *context,
           GError         **error)
{
  return gw_array_prepare (context, kind->defs[GW_CONV_INPUT], error) &&
         run_pass (kind, context, GW_CONV_INPUT, context->outputs[0], context->inputs[1], context->inputs[2], error);
}

static gboolean
filter_cpu (const Kind      *kind,
            GwKernelContext *context,
            GError         **error)
{
  return gw_array_prepare (context, kind->defs[GW_CONV_FILTER], error) &&
         run_pass (kind, context, GW_CONV_FILTER, context->inputs[0], context->outputs[0], context->inputs[2], error);
}

/* ---- gradients ---- */

static GwOutput
new_output (GwGradContext *context,
            const Kind    *kind,
            GwOutput       input,
            GwOutput       filter)
{
  return gw_array_op_like (context, kind->ops[GW_CONV_OUTPUT], GW_IN (input, filter));
}

static GwOutput
new_input (GwGradContext *context,
           const Kind    *kind,
           GwOutput       like,
           GwOutput       filter,
           GwOutput       output)
{
  return gw_array_op_like (context, kind->ops[GW_CONV_INPUT],
                           GW_IN (gw_op1 (context->builder, "Shape", like), filter, output));
}

static GwOutput
new_filter (GwGradContext *context,
            const Kind    *kind,
            GwOutput       input,
            GwOutput       like,
            GwOutput       output)
{
  return gw_array_op_like (context, kind->ops[GW_CONV_FILTER],
                           GW_IN (input, gw_op1 (context->builder, "Shape", like), output));
}

static void
output_grad (const Kind    *kind,
             GwGradContext *context)
{
  GwOutput input = gw_grad_x (context, 0), filter = gw_grad_x (context, 1), dy = context->dy[0];

  if (context->wanted[0])
    context->dx[0] = new_input (context, kind, input, filter, dy);
  if (context->wanted[1])
    context->dx[1] = new_filter (context, kind, input, filter, dy);
}

static void
input_grad (const Kind    *kind,
            GwGradContext *context)
{
  GwOutput filter = gw_grad_x (context, 1), output = gw_grad_x (context, 2), d = context->dy[0];

  if (context->wanted[1])
    context->dx[1] = new_filter (context, kind, d, filter, output);
  if (context->wanted[2])
    context->dx[2] = new_output (context, kind, d, filter);
}

static void
filter_grad (const Kind    *kind,
             GwGradContext *context)
{
  GwOutput input = gw_grad_x (context, 0), output = gw_grad_x (context, 2), d = context->dy[0];

  if (context->wanted[0])
    context->dx[0] = new_input (context, kind, input, d, output);
  if (context->wanted[2])
    context->dx[2] = new_output (context, kind, input, d);
}

/* ---- the kinds ---- */

/* The functions of one op, called as the registry calls them. */
#define PASS(KIND, WHAT)                                             \
  static gboolean                                                    \
  KIND##_##WHAT##_shape (GwShapeContext *context, GError **error)    \
  {                                                                  \
    return WHAT##_shape (&KIND, context, error);                     \
  }                                                                  \
  static gboolean                                                    \
  KIND##_##WHAT##_cpu (GwKernelContext *context, GError **error)     \
  {                                                                  \
    return WHAT##_cpu (&KIND, context, error);                       \
  }                                                                  \
  static void                                                        \
  KIND##_##WHAT##_grad (GwGradContext *context)                      \
  {                                                                  \
    WHAT##_grad (&KIND, context);                                    \
  }

#define KIND(NAME, N, EXPLICIT, ...)                                                              \
  static const GwOpDef NAME##_output_op, NAME##_input_op, NAME##_filter_op;                       \
  static const Kind NAME = {                                                                      \
    .spec = { .n_spatial = N, .strides = CONV_STRIDES, .padding = CONV_PADDING,                   \
              .data_format = CONV_FORMAT, .dilations = CONV_DILATIONS, .explicit_paddings = EXPLICIT }, \
    .defs = { &NAME##_output_op, &NAME##_input_op, &NAME##_filter_op }, __VA_ARGS__               \
  };                                                                                              \
  PASS (NAME, output)                                                                             \
  PASS (NAME, input)                                                                              \
  PASS (NAME, filter)

KIND (conv2d, 2, CONV_EXPLICIT, .grouped = TRUE, .short_sizes = TRUE,
      .ops = { "Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter" })
KIND (depthwise, 2, CONV_EXPLICIT, .depthwise = TRUE,
      .ops = { "DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter" })
KIND (conv3d, 3, 0, .ops = { "Conv3D", "Conv3DBackpropInputV2", "Conv3DBackpropFilterV2" })

#define PICTURE_ATTRS                                                                             \
  [CONV_T] = GW_WINDOW_ATTR_T (GW_ALL_FLOAT_TYPES),                                                   \
  [CONV_STRIDES] = GW_WINDOW_ATTR_STRIDES ("[1,1,1,1]", 4),                                       \
  [CONV_PADDING] = GW_WINDOW_ATTR_PADDING ("SAME", "VALID", "EXPLICIT"),                          \
  [CONV_FORMAT] = GW_WINDOW_ATTR_FORMAT ("NHWC", "NCHW"),                                         \
  [CONV_DILATIONS] = GW_WINDOW_ATTR_DILATIONS ("[1,1,1,1]", 4),                                   \
  [CONV_EXPLICIT] = GW_WINDOW_ATTR_EXPLICIT
#define CUDNN_ATTR                                                                                \
  { "use_cudnn_on_gpu", GW_ATTR_BOOL, .def = "true", .label = "cuDNN on GPUs",                    \
    .help = "Kept for files of TensorFlow.", .flags = GW_ATTR_HIDDEN }
#define VOLUME_ATTRS                                                                              \
  [CONV_T] = GW_WINDOW_ATTR_T (GW_ALL_FLOAT_TYPES),                                                   \
  [CONV_STRIDES] = GW_WINDOW_ATTR_STRIDES ("[1,1,1,1,1]", 5),                                     \
  [CONV_PADDING] = GW_WINDOW_ATTR_PADDING ("SAME", "VALID"),                                      \
  [CONV_FORMAT] = GW_WINDOW_ATTR_FORMAT ("NDHWC", "NCDHW"),                                       \
  [CONV_DILATIONS] = GW_WINDOW_ATTR_DILATIONS ("[1,1,1,1,1]", 5)

#define RULE_output                                                                               \
  "[batch, sizes…, channels]: ⌈n / stride⌉ of n with SAME, ⌈(n - reach + 1) / stride⌉ with VALID, the filter reaching over" \
  " (taps - 1) · dilation + 1"
#define RULE_input "what input_sizes says; out_backprop must be what a convolution of that gives"
#define RULE_filter "what filter_sizes says; out_backprop must be what a convolution with that gives"
#define FUNCTIONS(KIND, WHAT) \
  .shape_rule = RULE_##WHAT, .shape = KIND##_##WHAT##_shape, .grad = KIND##_##WHAT##_grad, .cpu = KIND##_##WHAT##_cpu

#define GRADIENT_PORT { "out_backprop", "T", "The gradient that arrives at the convolution's output." }
#define SIZES_PORT(type) { "input_sizes", type, "Shape of the convolution's input." }
#define FILTER_SIZES_PORT { "filter_sizes", "int32", "Shape of the filter." }

#define PICTURE_FILTER "Weights: height × width × channels in × channels out."
#define DEPTHWISE_FILTER "Weights: height × width × channels × multiplier."
#define VOLUME_FILTER "Weights: depth × height × width × channels in × channels out."

/* ---- Conv2D ---- */

static const GwOpDef conv2d_output_op = {
  .name = "Conv2D", .since = 1, .title = "Convolution", .category = "neural/Convolution",
  .summary = "Slides filters over pictures and adds up what lies under each.",
  .doc = "`output[b, i, j, k] = Σ input[b, i·s + di·d - p, j·s + dj·d - p, q] · filter[di, dj, q, k]`, summed over di, dj and "
         "q, with strides s, dilations d and the padding p that *Padding* asks for. The filter is not flipped.\n\n"
         "Sizes: with SAME an input of n gives ⌈n / s⌉, an odd pixel of padding going behind; with VALID ⌈(n - k + 1) / s⌉ "
         "for a filter that reaches over k = (taps - 1) · d + 1; with EXPLICIT the same of the padded input. A window that is "
         "larger than the input is an error.\n\n"
         "Strides and dilations are written for every dimension of the input, in its order, with 1 for batch and channels. "
         "A filter of fewer channels than the input convolves in groups: channels in must be a multiple, channels out of the "
         "number of groups. A convolution over sequences is one over pictures of height 1 (*ExpandDims*).",
  .inputs = GW_PORTS ({ "input", "T", "Pictures: batch × height × width × channels." }, { "filter", "T", PICTURE_FILTER }),
  .outputs = GW_PORTS ({ "output", "T", "Pictures of as many channels as there are filters." }),
  .attrs = GW_ATTRS (PICTURE_ATTRS, CUDNN_ATTR),
  .flags = GW_OP_IN_FLOAT | GW_OP_TAIL,
  FUNCTIONS (conv2d, output),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1.5], [2]], [[3], [4]]]]", "[[[[1.0]], [[2]]], [[[0]], [[1]]]]"), "padding=VALID", GW_TEXTS ("[[[[9.5]]]]") },
    { GW_TEXTS ("[[[[1.5], [2], [1]], [[3], [4], [2]], [[1], [0], [1]]]]", "[[[[1.0, 2]], [[2, 0]]]]"),
      "padding=SAME strides=[1,2,2,1]", GW_TEXTS ("[[[[5.5, 3], [1, 2]], [[1, 2], [1, 2]]]]") },
    { GW_TEXTS ("[[[[1.5, 2]], [[3, 4]]]]", "[[[[1.0, 2]]]]"), "padding=EXPLICIT explicit_paddings=[0,0,1,0,0,0,0,0]",
      GW_TEXTS ("[[[[0.0, 0]], [[1.5, 4]], [[3, 8]]]]") },
    { GW_TEXTS ("[[[[1.5, 2, 1]]]]", "[[[[1.0]], [[2.0]]]]"),
      "data_format=NCHW padding=VALID dilations=[1,1,1,2]", GW_TEXTS ("[[[[3.5]]]]") }),
  .tell = GW_CHOICES ("strides", "padding"),
};

static const GwOpDef conv2d_input_op = {
  .name = "Conv2DBackpropInput", .since = 1, .title = "Transposed convolution", .category = "neural/Convolution",
  .summary = "The gradient of a convolution for its input; run forward, it spreads pictures out again.",
  .doc = "Every element of `out_backprop` is multiplied with the filter and added to the window that it was read from. Placed "
         "by itself it is the *transposed convolution* that decoders and generators use: with strides of 2 it doubles the "
         "size. `input_sizes` is the shape of the result: four numbers, or height and width alone; it must be one from which a "
         "convolution with these attributes gives the shape of `out_backprop`.",
  .inputs = GW_PORTS (SIZES_PORT ("int32"), { "filter", "T", PICTURE_FILTER }, GRADIENT_PORT),
  .outputs = GW_PORTS ({ "output", "T", "Pictures of the shape input_sizes." }),
  .attrs = GW_ATTRS (PICTURE_ATTRS, CUDNN_ATTR),
  .flags = GW_OP_IN_FLOAT | GW_OP_TAIL,
  FUNCTIONS (conv2d, input),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1, 2, 2, 1]", "[[[[1.0]], [[2]]], [[[0]], [[1]]]]", "[[[[2.0]]]]"), "padding=VALID",
      GW_TEXTS ("[[[[2], [4]], [[0], [2]]]]") },
    { GW_TEXTS ("[2, 4]", "[[[[1.0]], [[2]]], [[[0]], [[1]]]]", "[[[[2.0], [1]]]]"), "padding=SAME strides=[1,2,2,1]",
      GW_TEXTS ("[[[[2], [4], [1], [2]], [[0], [2], [0], [1]]]]") }),
  .tell = GW_CHOICES ("strides", "padding"),
};

static const GwOpDef conv2d_filter_op = {
  .name = "Conv2DBackpropFilter", .since = 1, .title = "Gradient of a convolution's filter", .category = "neural/Convolution",
  .summary = "The gradient of a convolution for its filter.",
  .doc = "Each weight's gradient is the sum, over all positions, of the input element that it met times the gradient of the "
         "output that it went into.",
  .inputs = GW_PORTS ({ "input", "T", "The convolution's input." }, FILTER_SIZES_PORT, GRADIENT_PORT),
  .outputs = GW_PORTS ({ "output", "T", "The gradient, of the shape filter_sizes." }),
  .attrs = GW_ATTRS (PICTURE_ATTRS, CUDNN_ATTR),
  .flags = GW_OP_IN_FLOAT | GW_OP_HIDDEN,
  FUNCTIONS (conv2d, filter),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1.5], [2]], [[3], [4]]]]", "[2, 2, 1, 1]", "[[[[2.0]]]]"), "padding=VALID",
      GW_TEXTS ("[[[[3]], [[4]]], [[[6]], [[8]]]]") }),
};

/* ---- DepthwiseConv2dNative ---- */

static const GwOpDef depthwise_output_op = {
  .name = "DepthwiseConv2dNative", .since = 1, .title = "Depthwise convolution", .category = "neural/Convolution",
  .summary = "Convolves every channel with filters of its own.",
  .doc = "Channel q of the input is convolved with the `multiplier` filters `filter[…, q, m]` and gives the channels "
         "q · multiplier + m of the output; nothing is summed over channels. Followed by a *Conv2D* of 1 × 1 it makes the "
         "separable convolution of small networks. Padding, strides and dilations as in *Conv2D*.",
  .inputs = GW_PORTS ({ "input", "T", "Pictures: batch × height × width × channels." }, { "filter", "T", DEPTHWISE_FILTER }),
  .outputs = GW_PORTS ({ "output", "T", "Pictures of channels × multiplier channels." }),
  .attrs = GW_ATTRS (PICTURE_ATTRS),
  .flags = GW_OP_IN_FLOAT,
  FUNCTIONS (depthwise, output),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1.5, 2], [3, 4]]]]", "[[[[1.0], [2]], [[2], [1]]]]"), "padding=VALID", GW_TEXTS ("[[[[7.5, 8]]]]") },
    { GW_TEXTS ("[[[[1.5, 2], [3, 4]]]]", "[[[[1.0, 10], [2, 20]]]]"), "padding=SAME strides=[1,2,2,1]",
      GW_TEXTS ("[[[[1.5, 15, 4, 40]]]]") }),
  .tell = GW_CHOICES ("strides", "padding"),
};

static const GwOpDef depthwise_input_op = {
  .name = "DepthwiseConv2dNativeBackpropInput", .since = 1, .title = "Gradient of a depthwise convolution's input",
  .category = "neural/Convolution",
  .summary = "The gradient of a depthwise convolution for its input.",
  .doc = "Every element of the gradient goes back, times its weight, to the input element that it was made from.",
  .inputs = GW_PORTS (SIZES_PORT ("int32"), { "filter", "T", DEPTHWISE_FILTER }, GRADIENT_PORT),
  .outputs = GW_PORTS ({ "output", "T", "The gradient, of the shape input_sizes." }),
  .attrs = GW_ATTRS (PICTURE_ATTRS),
  .flags = GW_OP_IN_FLOAT | GW_OP_HIDDEN,
  FUNCTIONS (depthwise, input),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1, 1, 2, 2]", "[[[[1.0], [2]], [[2], [1]]]]", "[[[[2.0, 1]]]]"), "padding=VALID",
      GW_TEXTS ("[[[[2, 2], [4, 1]]]]") }),
};

static const GwOpDef depthwise_filter_op = {
  .name = "DepthwiseConv2dNativeBackpropFilter", .since = 1, .title = "Gradient of a depthwise convolution's filter",
  .category = "neural/Convolution",
  .summary = "The gradient of a depthwise convolution for its filter.",
  .doc = "Each weight's gradient is the sum, over all positions, of the input element that it met times the gradient of the "
         "output that it went into.",
  .inputs = GW_PORTS ({ "input", "T", "The convolution's input." }, FILTER_SIZES_PORT, GRADIENT_PORT),
  .outputs = GW_PORTS ({ "output", "T", "The gradient, of the shape filter_sizes." }),
  .attrs = GW_ATTRS (PICTURE_ATTRS),
  .flags = GW_OP_IN_FLOAT | GW_OP_HIDDEN,
  FUNCTIONS (depthwise, filter),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1.5, 2], [3, 4]]]]", "[1, 2, 2, 1]", "[[[[2.0, 1]]]]"), "padding=VALID",
      GW_TEXTS ("[[[[3], [2]], [[6], [4]]]]") }),
};

/* ---- Conv3D ---- */

static const GwOpDef conv3d_output_op = {
  .name = "Conv3D", .since = 1, .title = "Convolution of volumes", .category = "neural/Convolution",
  .summary = "Slides filters over volumes, or over pictures in time, and adds up what lies under each.",
  .doc = "*Conv2D* with one more dimension: depth, or time. The filter must have as many channels as the input.",
  .inputs = GW_PORTS ({ "input", "T", "Volumes: batch × depth × height × width × channels." }, { "filter", "T", VOLUME_FILTER }),
  .outputs = GW_PORTS ({ "output", "T", "Volumes of as many channels as there are filters." }),
  .attrs = GW_ATTRS (VOLUME_ATTRS),
  .flags = GW_OP_IN_FLOAT,
  FUNCTIONS (conv3d, output),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[[1.5], [2]]], [[[3], [4]]]]]", "[[[[[1.0]], [[2]]]], [[[[0]], [[1]]]]]"), "padding=VALID",
      GW_TEXTS ("[[[[[9.5]]]]]") }),
  .tell = GW_CHOICES ("strides", "padding"),
};

static const GwOpDef conv3d_input_op = {
  .name = "Conv3DBackpropInputV2", .since = 1, .title = "Transposed convolution of volumes", .category = "neural/Convolution",
  .summary = "The gradient of a convolution of volumes for its input; run forward, it spreads volumes out again.",
  .doc = "What *Conv2DBackpropInput* is for pictures. `input_sizes` is the shape of the result.",
  .inputs = GW_PORTS (SIZES_PORT ("Tshape"), { "filter", "T", VOLUME_FILTER }, GRADIENT_PORT),
  .outputs = GW_PORTS ({ "output", "T", "Volumes of the shape input_sizes." }),
  .attrs = GW_ATTRS (VOLUME_ATTRS, GW_ARRAY_ATTR_INDEX ("Tshape")),
  .flags = GW_OP_IN_FLOAT,
  FUNCTIONS (conv3d, input),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1, 2, 1, 2, 1]", "[[[[[1.0]], [[2]]]], [[[[0]], [[1]]]]]", "[[[[[2.0]]]]]"), "padding=VALID",
      GW_TEXTS ("[[[[[2], [4]]], [[[0], [2]]]]]") }),
};

static const GwOpDef conv3d_filter_op = {
  .name = "Conv3DBackpropFilterV2", .since = 1, .title = "Gradient of a volume convolution's filter",
  .category = "neural/Convolution",
  .summary = "The gradient of a convolution of volumes for its filter.",
  .doc = "What *Conv2DBackpropFilter* is for pictures: each weight gets the sum of what it was multiplied by, times the gradient there.",
  .inputs = GW_PORTS ({ "input", "T", "The convolution's input." }, FILTER_SIZES_PORT, GRADIENT_PORT),
  .outputs = GW_PORTS ({ "output", "T", "The gradient, of the shape filter_sizes." }),
  .attrs = GW_ATTRS (VOLUME_ATTRS),
  .flags = GW_OP_IN_FLOAT | GW_OP_HIDDEN,
  FUNCTIONS (conv3d, filter),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[[1.5], [2]]], [[[3], [4]]]]]", "[2, 1, 2, 1, 1]", "[[[[[2.0]]]]]"), "padding=VALID",
      GW_TEXTS ("[[[[[3]], [[4]]]], [[[[6]], [[8]]]]]") }),
};

const GwOpDef *const gw_ops_conv[] = {
  &conv2d_output_op, &conv2d_input_op, &conv2d_filter_op,
  &depthwise_output_op, &depthwise_input_op, &depthwise_filter_op,
  &conv3d_output_op, &conv3d_input_op, &conv3d_filter_op, NULL,
};
