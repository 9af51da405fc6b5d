/* SPDX-License-Identifier: Apache-2.0 */
/* One number a channel, added to every position; its gradient sums over them. */
#include "engine/base/error.h"
#include "engine/device/cpu/reduce.h"
#include "engine/ops/math-common.h"

#include <string.h>

enum { BIAS_T, BIAS_DATA_FORMAT };

/* The dimension that the channels are in. */
static int
channel_axis (const GwAttrValue *data_format,
              int                rank)
{
  return strcmp (data_format->s, "NCHW") == 0 ? 1 : rank - 1;
}

static gboolean
bias_add_shape (GwShapeContext *context,
                GError        **error)
{
  GwShape value = context->inputs[0];
  const GwShape *bias = &context->inputs[1];
  g_autofree char *value_text = gw_shape_to_string (&value);
  g_autofree char *bias_text = gw_shape_to_string (bias);
  int axis;

  context->outputs[0] = value;
  if (bias->rank >= 0 && bias->rank != 1)
    return gw_invalid (error, "Biases must be 1D: %s", bias_text);
  if (value.rank < 0)
    return TRUE;
  if (value.rank < 2)
    return gw_invalid (error, "Input tensor must be at least 2D: %s", value_text);
  axis = channel_axis (&context->attrs[BIAS_DATA_FORMAT], value.rank);
  if (bias->rank == 1 && bias->dims[0] >= 0)
    {
      if (value.dims[axis] >= 0 && value.dims[axis] != bias->dims[0])
        return gw_invalid (error, "Must provide as many biases as the %s dimension of the input tensor: %s vs. %s",
                           axis == 1 && value.rank > 2 ? "channel" : "last", bias_text, value_text);
      context->outputs[0].dims[axis] = bias->dims[0];
    }
  return TRUE;
}

/* The bias as it stands beside a value of `rank` dimensions. */
static GwShape
bias_shape (const GwAttrValue *data_format,
            int                rank,
            int64_t            channels)
{
  GwShape shape = { .rank = rank - channel_axis (data_format, rank) };

  for (int i = 0; i < shape.rank; i++)
    shape.dims[i] = i == 0 ? channels : 1;
  return shape;
}

static gboolean
bias_add_cpu (GwKernelContext *context,
              GError         **error)
{
  const GwTensor *value = context->inputs[0];
  const GwTensor *bias = context->inputs[1];
  const GwOperand operands[] = {
    gw_operand (value),
    { bias->data, bias_shape (&context->attrs[BIAS_DATA_FORMAT], value->shape.rank, bias->elements) },
  };

  return gw_cpu_binary_of (context, GW_BINARY_ADD, value->dtype, operands, context->outputs[0], error);
}

static void
bias_add_grad (GwGradContext *context)
{
  GwOutput dy = gw_grad_dy (context, 0);

  context->dx[0] = dy;
  if (context->wanted[1])
    context->dx[1] = gw_op (context->builder, "BiasAddGrad", GW_IN (dy),
                            GW_WITH ({ "data_format", context->node->attrs[BIAS_DATA_FORMAT] }));
}

static gboolean
bias_backward_shape (GwShapeContext *context,
                     GError        **error)
{
  const GwShape *value = &context->inputs[0];

  context->outputs[0] = gw_shape_of_rank (1);
  if (value->rank < 0)
    return TRUE;
  if (!gw_shape_want_rank_at_least (context, 0, 2, error))
    return FALSE;
  context->outputs[0].dims[0] = value->dims[channel_axis (&context->attrs[BIAS_DATA_FORMAT], value->rank)];
  return TRUE;
}

static gboolean
bias_backward_cpu (GwKernelContext *context,
                   GError         **error)
{
  const GwTensor *value = context->inputs[0];
  int axis = channel_axis (&context->attrs[BIAS_DATA_FORMAT], value->shape.rank);
  gboolean reduced[GW_MAX_RANK];

  for (int i = 0; i < GW_MAX_RANK; i++)
    reduced[i] = i != axis;
  return gw_cpu_reduce (context, GW_REDUCE_SUM, value->dtype, &value->shape, reduced, value->data,
                        context->outputs[0]->data, error);
}

static void
bias_backward_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput value = gw_grad_x (context, 0);
  GwOutput dy = gw_grad_dy (context, 0);
  int rank = gw_output_shape (value)->rank;
  const GwAttrValue *format = &context->node->attrs[BIAS_DATA_FORMAT];

  if (rank < 0 && channel_axis (format, 8) == 1)
    {
      gw_builder_fail (b, GW_ERROR_UNIMPLEMENTED, "BiasAddGrad: the gradient needs the rank of what it sums");
      return;
    }
  if (rank > 0 && channel_axis (format, rank) != rank - 1)
    {
      GwShape shape = bias_shape (format, rank, -1);

      dy = gw_op2 (b, "Reshape", dy, gw_const_ints (b, shape.rank, shape.dims));
    }
  context->dx[0] = gw_op2 (b, "BroadcastTo", dy, gw_op1 (b, "Shape", value));
}

#define DATA_FORMAT                                                                                      \
  { "data_format", GW_ATTR_CHOICE, .def = "NHWC", .choices = GW_CHOICES ("NHWC", "NCHW"),                \
    .label = "Data format",                                                                              \
    .help = "Where the channels are: in the last dimension (NHWC) or in the second (NCHW)." }

static const GwOpDef bias_add = {
  .name = "BiasAdd", .since = 1, .title = "Add bias", .category = "neural/Activations",
  .summary = "Adds one number a channel to every position.",
  .doc = "The bias is a vector with one element for each channel of the value, which stands in the last dimension, or "
         "with data format NCHW in the second. What a layer adds behind its matrix product or convolution.",
  .inputs = GW_PORTS ({ "value", "T", "At least two dimensions." }, { "bias", "T", "A vector, one element a channel." }),
  .outputs = GW_PORTS ({ "output", "T", "The sum, shaped like value." }),
  .attrs = GW_ATTRS ([BIAS_T] = GW_MATH_T (GW_ANY_NUMBER), [BIAS_DATA_FORMAT] = DATA_FORMAT),
  .flags = GW_OP_INPLACE, .elementwise = { 2, GW_BINARY_ADD },
  .shape_rule = "the value's; bias has one element for each of its channels",
  .shape = bias_add_shape, .grad = bias_add_grad, .cpu = bias_add_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2], [3, 4]]", "[10.0, 20]"), NULL, GW_TEXTS ("[[11.5, 22], [13, 24]]") },
    { GW_TEXTS ("[[[1.5, 2], [3, 4]]]", "[10.0, 20]"), "data_format=NCHW", GW_TEXTS ("[[[11.5, 12], [23, 24]]]") }),
};

static const GwOpDef bias_backward = {
  .name = "BiasAddGrad", .since = 1, .title = "Gradient of BiasAdd", .category = "neural/Activations",
  .summary = "The gradient of a bias: the sum over every position.",
  .doc = "Sums over all dimensions but that of the channels.",
  .inputs = GW_PORTS ({ "out_backprop", "T", "The gradient that arrives at the forward op." }),
  .outputs = GW_PORTS ({ "output", "T", "The gradient for the bias." }),
  .attrs = GW_ATTRS ([BIAS_T] = GW_MATH_T (GW_ANY_NUMBER), [BIAS_DATA_FORMAT] = DATA_FORMAT),
  .flags = GW_OP_HIDDEN,
  .shape_rule = "[channels]",
  .shape = bias_backward_shape, .grad = bias_backward_grad, .cpu = bias_backward_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2], [3, 4]]"), NULL, GW_TEXTS ("[4.5, 6]") },
    { GW_TEXTS ("[[[1.5, 2], [3, 4]]]"), "data_format=NCHW", GW_TEXTS ("[3.5, 7]") }),
};

const GwOpDef *const gw_ops_bias[] = { &bias_add, &bias_backward, NULL };
