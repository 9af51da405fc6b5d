/* SPDX-License-Identifier: Apache-2.0 */
/* Normalising each element by its neighbours in the channels. */
#include "engine/device/cpu/norm.h"

#include "engine/base/error.h"
#include "engine/graph/builder.h"
#include "engine/graph/shape-context.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

enum { LRN_RADIUS, LRN_BIAS, LRN_ALPHA, LRN_BETA, LRN_T };

static gboolean
lrn_shape (GwShapeContext *context,
           GError        **error)
{
  GwShape all = gw_shape_of_rank (4);

  for (int i = 0; i < context->n_inputs; i++)
    {
      GwShape shape;

      if (!gw_shape_want_rank (context, i, 4, &shape, error) ||
          !gw_array_merge (&all, &shape, gw_shape_input_name (context, i), &all, error))
        return FALSE;
    }
  context->outputs[0] = all;
  return TRUE;
}

static GwLocalNorm
norm_of (GwKernelContext *context)
{
  const GwAttrValue *attrs = context->attrs;
  const GwTensor *output = context->outputs[0];
  int64_t channels = output->shape.dims[3];

  return (GwLocalNorm) {
    .rows = channels > 0 ? output->elements / channels : 0, .channels = channels, .radius = attrs[LRN_RADIUS].i,
    .bias = (float) attrs[LRN_BIAS].f, .alpha = (float) attrs[LRN_ALPHA].f, .beta = (float) attrs[LRN_BETA].f,
    .result = output->data,
  };
}

static gboolean
lrn_cpu (GwKernelContext *context,
         GError         **error)
{
  GwLocalNorm norm = norm_of (context);

  norm.x = context->inputs[0]->data;
  return gw_cpu_local_norm (context, &norm, error);
}

static gboolean
lrn_backward_cpu (GwKernelContext *context,
                  GError         **error)
{
  GwLocalNorm norm = norm_of (context);

  norm.dy = context->inputs[0]->data;
  norm.x = context->inputs[1]->data;
  norm.y = context->inputs[2]->data;
  return gw_cpu_local_norm_grad (context, &norm, error);
}

static void
lrn_grad (GwGradContext *context)
{
  context->dx[0] = gw_array_op_like (context, "LRNGrad",
                                     GW_IN (context->dy[0], gw_grad_x (context, 0), gw_grad_y (context, 0)));
}

#define ATTRS                                                                                      \
  GW_ATTRS (                                                                                       \
    [LRN_RADIUS] = { "depth_radius", GW_ATTR_INT, .def = "5", .min = 0, .max = G_MAXINT32, .ui_min = 0, .ui_max = 16, \
                     .label = "Radius", .help = "How many channels on either side count." },       \
    [LRN_BIAS] = { "bias", GW_ATTR_FLOAT, .def = "1", .label = "Bias",                             \
                   .help = "Added to the sum, so that nothing is divided by zero." },              \
    [LRN_ALPHA] = { "alpha", GW_ATTR_FLOAT, .def = "1", .label = "Alpha", .help = "Factor of the sum." }, \
    [LRN_BETA] = { "beta", GW_ATTR_FLOAT, .def = "0.5", .label = "Beta", .help = "Power that the sum is raised to." }, \
    [LRN_T] = { "T", GW_ATTR_DTYPE, .choices = GW_CHOICES ("float32", "bfloat16", "float16"), .label = "Type", \
                .help = "Element type; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN })

static const GwOpDef lrn = {
  .name = "LRN", .since = 1, .title = "Local response normalization", .category = "neural/Normalising",
  .summary = "Divides each element by the strength of its neighbours in the channels.",
  .doc = "`output[c] = input[c] / (bias + alpha · Σ input[k]²)^beta`, summed over the channels k from c - radius to c + radius "
         "of the same position. Strong channels quieten the ones beside them. Note that alpha is not divided by the number of "
         "channels summed over.",
  .inputs = GW_PORTS ({ "input", "T", "Pictures: batch × height × width × channels." }),
  .outputs = GW_PORTS ({ "output", "T", "The normalised pictures." }),
  .attrs = ATTRS, .flags = GW_OP_IN_FLOAT,
  .shape_rule = "the input's, of rank 4",
  .shape = lrn_shape, .grad = lrn_grad, .cpu = lrn_cpu, .tell = GW_CHOICES ("depth_radius"),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1.0, 2, 2]]]]"), "depth_radius=1 bias=0 alpha=1 beta=1", GW_TEXTS ("[[[[0.2, 0.2222222, 0.25]]]]") },
    { GW_TEXTS ("[[[[3.0, 0]]]]"), "depth_radius=0 bias=16", GW_TEXTS ("[[[[0.6, 0]]]]") }),
};

static const GwOpDef lrn_backward = {
  .name = "LRNGrad", .since = 1, .title = "Gradient of local response normalization", .category = "neural/Normalising",
  .summary = "The gradient of local response normalization.",
  .doc = "`dx = dy / n^beta - 2 · alpha · beta · x · Σ dy · y / n`, n being what each element was divided by before the power.",
  .inputs = GW_PORTS ({ "input_grads", "T", "The gradient that arrives at the output." },
                      { "input_image", "T", "The input." }, { "output_image", "T", "The output." }),
  .outputs = GW_PORTS ({ "output", "T", "The gradient for the input." }),
  .attrs = ATTRS, .flags = GW_OP_IN_FLOAT | GW_OP_HIDDEN | GW_OP_NO_GRADIENT,
  .shape_rule = "the input's, of rank 4",
  .shape = lrn_shape, .cpu = lrn_backward_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1.0, 1]]]]", "[[[[1.0, 2]]]]", "[[[[1.0, 0.5]]]]"), "depth_radius=0 bias=0 beta=1",
      GW_TEXTS ("[[[[-1, -0.25]]]]") }),
};

const GwOpDef *const gw_ops_lrn[] = { &lrn, &lrn_backward, NULL };
