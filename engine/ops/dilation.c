/* SPDX-License-Identifier: Apache-2.0 */
/* Grey-scale dilation and its two gradients. */
#include "engine/device/cpu/pool-dilation.h"

#include "engine/base/error.h"
#include "engine/graph/builder.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"
#include "engine/ops/window-common.h"

enum { DILATION_T, DILATION_STRIDES, DILATION_PADDING, DILATION_RATES };

static const GwWindowSpec spec = { .n_spatial = 2, .strides = DILATION_STRIDES, .padding = DILATION_PADDING,
                                   .dilations = DILATION_RATES, .may_be_empty = TRUE };

/* What an input and a filter of these shapes, of rank 4 and 3, give. */
static gboolean
resolve (const GwAttrValue *attrs,
         const GwShape     *input,
         const GwShape     *filter,
         GwWindowParams    *params,
         GwShape           *output,
         GError           **error)
{
  int64_t channels = input->dims[3] >= 0 ? input->dims[3] : filter->dims[2];

  if (!gw_window_read (&spec, attrs, params, error))
    return FALSE;
  if (channels >= 0 && filter->dims[2] >= 0 && channels != filter->dims[2])
    return gw_invalid (error, "input has %" G_GINT64_FORMAT " channels and filter %" G_GINT64_FORMAT
                       ": Dimensions must be equal", channels, filter->dims[2]);
  for (int i = 0; i < 2; i++)
    {
      if (filter->dims[i] == 0)
        return gw_invalid (error, "filter must not be empty");
      gw_window_axis (params, i)->window = filter->dims[i];
    }
  return gw_window_resolve (params, input, channels, output, error);
}

static gboolean
resolve_inputs (GwShapeContext *context,
                GwShape        *input,
                GwShape        *filter,
                GwShape        *output,
                GError        **error)
{
  GwWindowParams params;

  return gw_shape_want_rank (context, 0, 4, input, error) && gw_shape_want_rank (context, 1, 3, filter, error) &&
         resolve (context->attrs, input, filter, &params, output, error) &&
         (context->n_inputs < 3 || gw_window_agree (context, 2, output, error));
}

static gboolean
output_shape (GwShapeContext *context,
              GError        **error)
{
  GwShape input, filter;

  return resolve_inputs (context, &input, &filter, &context->outputs[0], error);
}

static gboolean
input_shape (GwShapeContext *context,
             GError        **error)
{
  GwShape filter, output;

  return resolve_inputs (context, &context->outputs[0], &filter, &output, error);
}

static gboolean
filter_shape (GwShapeContext *context,
              GError        **error)
{
  GwShape input, output;

  return resolve_inputs (context, &input, &context->outputs[0], &output, error);
}

static gboolean
run_pass (GwKernelContext *context,
          GwDilationPass   pass,
          GError         **error)
{
  GwTensor *const *in = context->inputs;
  GwDilation dilation = {
    .pass = pass, .dtype = in[0]->dtype, .x = in[0]->data, .filter = in[1]->data,
    .d = context->n_inputs > 2 ? in[2]->data : NULL, .result = context->outputs[0]->data,
  };
  GwWindowParams params;
  GwShape output;

  if (!resolve (context->attrs, &in[0]->shape, &in[1]->shape, &params, &output, error))
    return FALSE;
  dilation.window = gw_window_of (&params, &in[0]->shape);
  return gw_cpu_dilation (context, &dilation, error);
}

static gboolean
output_cpu (GwKernelContext *context,
            GError         **error)
{
  return run_pass (context, GW_DILATION_OUTPUT, error);
}

static gboolean
input_cpu (GwKernelContext *context,
           GError         **error)
{
  return run_pass (context, GW_DILATION_INPUT, error);
}

static gboolean
filter_cpu (GwKernelContext *context,
            GError         **error)
{
  return run_pass (context, GW_DILATION_FILTER, error);
}

static void
output_grad (GwGradContext *context)
{
  static const char *const ops[] = { "Dilation2DBackpropInput", "Dilation2DBackpropFilter" };

  for (int i = 0; i < 2; i++)
    if (context->wanted[i])
      context->dx[i] = gw_array_op_like (context, ops[i],
                                         GW_IN (gw_grad_x (context, 0), gw_grad_x (context, 1), context->dy[0]));
}

#define ATTRS(types)                                                                               \
  GW_ATTRS (                                                                                       \
    [DILATION_T] = GW_WINDOW_ATTR_T (types), [DILATION_STRIDES] = GW_WINDOW_ATTR_STRIDES ("[1,1,1,1]", 4), \
    [DILATION_PADDING] = GW_WINDOW_ATTR_PADDING ("SAME", "VALID"),                                 \
    [DILATION_RATES] = { "rates", GW_ATTR_INTS, .def = "[1,1,1,1]", .min = 4, .max = 4, .label = "Rates", \
                         .help = "Distance between the taps of the filter, one number for each dimension of the input; 1" \
                                 " for batch and channels." })
#define PORTS                                                                                      \
  { "input", "T", "Pictures: batch × height × width × channels." },                                \
  { "filter", "T", "What is added under the window: height × width × channels." }
#define GRADIENT_PORT { "out_backprop", "T", "The gradient that arrives at the dilation's output." }
#define PICTURE "[[[[1.5], [2]], [[3], [4]]]]"
#define STEPS "[[[1.0], [0]], [[2.0], [0.5]]]"

static const GwOpDef dilation = {
  .name = "Dilation2D", .since = 1, .title = "Dilation", .category = "neural/Pooling",
  .summary = "The largest sum of input and filter under every window.",
  .doc = "`output[y, x, c] = max input[s·y + r·dy, s·x + r·dx, c] + filter[dy, dx, c]`: grey-scale dilation, a max pooling with "
         "a shape of its own for each channel. With a filter of zeros it is *MaxPool*. Sizes and padding as in *Conv2D*; "
         "padding never counts.",
  .inputs = GW_PORTS (PORTS),
  .outputs = GW_PORTS ({ "output", "T", "Pictures." }),
  .attrs = ATTRS (GW_REAL_TYPES),
  .flags = GW_OP_IN_FLOAT,
  .shape_rule = "[batch, rows, columns, channels]: ⌈n / stride⌉ of n with SAME, ⌈(n - reach + 1) / stride⌉ with "
                "VALID, the filter reaching over (size - 1) · rate + 1",
  .shape = output_shape, .grad = output_grad, .cpu = output_cpu, .tell = GW_CHOICES ("strides", "rates", "padding"),
  .examples = GW_EXAMPLES (
    { GW_TEXTS (PICTURE, STEPS), "padding=VALID", GW_TEXTS ("[[[[5]]]]") },
    { GW_TEXTS (PICTURE, STEPS), "padding=SAME strides=[1,1,2,1]", GW_TEXTS ("[[[[5]], [[4]]]]") }),
};

static const GwOpDef dilation_input = {
  .name = "Dilation2DBackpropInput", .since = 1, .title = "Gradient of a dilation's input", .category = "neural/Pooling",
  .summary = "The gradient of a dilation for its input.",
  .doc = "The gradient of each output goes to the input element that it came from, the first of equal ones.",
  .inputs = GW_PORTS (PORTS, GRADIENT_PORT),
  .outputs = GW_PORTS ({ "in_backprop", "T", "The gradient for the input." }),
  .attrs = ATTRS (GW_REAL_TYPES), .flags = GW_OP_IN_FLOAT | GW_OP_HIDDEN | GW_OP_NO_GRADIENT,
  .shape_rule = "the input's",
  .shape = input_shape, .cpu = input_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS (PICTURE, STEPS, "[[[[0.5]]]]"), "padding=VALID", GW_TEXTS ("[[[[0], [0]], [[0.5], [0]]]]") }),
};

static const GwOpDef dilation_filter = {
  .name = "Dilation2DBackpropFilter", .since = 1, .title = "Gradient of a dilation's filter", .category = "neural/Pooling",
  .summary = "The gradient of a dilation for its filter.",
  .doc = "The gradient of each output goes to the filter element that it came from, the first of equal ones.",
  .inputs = GW_PORTS (PORTS, GRADIENT_PORT),
  .outputs = GW_PORTS ({ "filter_backprop", "T", "The gradient for the filter." }),
  .attrs = ATTRS (GW_REAL_TYPES), .flags = GW_OP_IN_FLOAT | GW_OP_HIDDEN | GW_OP_NO_GRADIENT,
  .shape_rule = "the filter's",
  .shape = filter_shape, .cpu = filter_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS (PICTURE, STEPS, "[[[[0.5]]]]"), "padding=VALID", GW_TEXTS ("[[[0], [0]], [[0.5], [0]]]") }),
};

const GwOpDef *const gw_ops_dilation[] = { &dilation, &dilation_input, &dilation_filter, NULL };
