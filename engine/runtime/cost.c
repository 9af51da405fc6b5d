/* SPDX-License-Identifier: Apache-2.0 */
/* What a step costs, from its tensors' shapes: operations of the ops that dominate (products,
 * convolutions, recurrent layers) as they are counted in the field, a multiplication and
 * addition being two; for every other op one for each element of its largest tensor. */
#include "engine/runtime/update-group.h"

#include <math.h>
#include <string.h>

static double
elements (const GwTensor *tensor)
{
  return tensor != NULL ? (double) tensor->elements : 0;
}

/* The sizes of dimensions [from, to) multiplied, counted from the end where negative. */
static double
span (const GwTensor *tensor,
      int             from,
      int             to)
{
  double product = 1;

  if (tensor == NULL)
    return 0;
  from = from < 0 ? tensor->shape.rank + from : from;
  to = to <= 0 ? tensor->shape.rank + to : to;
  for (int i = MAX (from, 0); i < MIN (to, tensor->shape.rank); i++)
    product *= (double) tensor->shape.dims[i];
  return product;
}

/* m, n and k of a product are known from the sizes mk, kn and mn. */
static double
product_flops (const GwPlanStep *step)
{
  const GwTensor *z = step->context.outputs[0];
  double inner = span (step->context.inputs[0], -2, 0) * span (step->context.inputs[1], -2, 0) / MAX (span (z, -2, 0), 1);

  return 2 * elements (z) * sqrt (inner);
}

/* Of the forward convolution: each result is a sum over the filter but for its last
 * dimension, the results' channels. */
static double
convolution_flops (const GwTensor *results,
                   const GwTensor *filter)
{
  return 2 * elements (results) * span (filter, 0, -1);
}

static double
forward_flops (const GwPlanStep *step)
{
  return convolution_flops (step->context.outputs[0], step->context.inputs[1]);
}

static double
input_backward_flops (const GwPlanStep *step)
{
  return convolution_flops (step->context.inputs[2], step->context.inputs[1]);
}

static double
filter_backward_flops (const GwPlanStep *step)
{
  return convolution_flops (step->context.inputs[2], step->context.outputs[0]);
}

/* A filter is used for each result once per channel of its own. */
static double
depthwise_flops (const GwPlanStep *step)
{
  return 2 * elements (step->context.outputs[0]) * span (step->context.inputs[1], 0, 2);
}

/* Inputs: seq_len_max, x (steps × batch × inputs), cs_prev, h_prev, w, … */
static double
lstm_flops (const GwPlanStep *step)
{
  return 2 * span (step->context.inputs[1], 0, 2) * elements (step->context.inputs[4]);
}

static double
lstm_backward_flops (const GwPlanStep *step)
{
  return 2 * lstm_flops (step);
}

static const struct {
  const char *op;
  double    (*flops) (const GwPlanStep *step);
} known[] = {
  { "MatMul", product_flops },
  { "BatchMatMul", product_flops },
  { "BatchMatMulV2", product_flops },
  { "Conv2D", forward_flops },
  { "Conv3D", forward_flops },
  { "Conv2DBackpropInput", input_backward_flops },
  { "Conv3DBackpropInputV2", input_backward_flops },
  { "Conv2DBackpropFilter", filter_backward_flops },
  { "Conv3DBackpropFilterV2", filter_backward_flops },
  { "DepthwiseConv2dNative", depthwise_flops },
  { "BlockLSTM", lstm_flops },
  { "BlockLSTMGrad", lstm_backward_flops },
};

/* Of the first operand they touch only the rows that another one names. */
static const char *const by_rows[] = {
  "Gather", "GatherV2", "GatherNd", "ResourceGather", "ResourceGatherNd",
};
static const char *const by_rows_prefixes[] = { "Scatter", "ResourceScatter", "SparseApply", "ResourceSparseApply" };

static gboolean
takes_rows (const GwNode *node)
{
  for (gsize i = 0; i < G_N_ELEMENTS (by_rows); i++)
    if (g_str_equal (by_rows[i], node->def->name))
      return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (by_rows_prefixes); i++)
    if (g_str_has_prefix (node->def->name, by_rows_prefixes[i]))
      return TRUE;
  return FALSE;
}

/* The tensors that count, inputs first; a variable that goes in and out once. */
static const GwTensor *
tensor_of (const GwPlanStep *step,
           int               i)
{
  const GwTensor *tensor = i < step->context.n_inputs ? step->context.inputs[i] : step->context.outputs[i - step->context.n_inputs];

  if (step->program != NULL || step->group != NULL)
    return i < step->context.n_inputs || step->program != NULL ? tensor : NULL;
  if (i < step->context.n_inputs)
    return takes_rows (step->node) && (i == 0 || step->context.variables[i] != NULL) ? NULL : tensor;
  return step->context.n_inputs > 0 && tensor == step->context.inputs[0] ? NULL : tensor;
}

static double
flops_of (const GwPlanStep *step)
{
  double largest = 0;

  if (step->program != NULL)
    return (double) step->program->elements * (step->program->n_ops + step->program->sum.wanted);
  if (step->group != NULL)
    {
      for (int i = 0; i < step->context.n_inputs; i++)
        largest += step->context.variables[i] == NULL ? elements (step->context.inputs[i]) : 0;
      return largest; /* the gradients */
    }
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].op, step->node->def->name))
      return known[i].flops (step);
  for (int i = 0; i < step->context.n_inputs + step->context.n_outputs; i++)
    largest = MAX (largest, elements (tensor_of (step, i)));
  return largest;
}

static double
bytes_of (const GwTensor *tensor)
{
  return tensor != NULL ? (double) tensor->elements * (double) gw_dtype_size (tensor->dtype) : 0;
}

void
gw_plan_step_cost (const GwPlan *plan,
                   int           s,
                   GwStepCost   *cost)
{
  const GwPlanStep *step = &plan->steps[s];

  *cost = (GwStepCost) { .node = step->node, .n_nodes = 1, .flops = flops_of (step) };
  if (step->program != NULL)
    cost->n_nodes = step->program->n_ops + step->program->sum.wanted;
  if (step->group != NULL)
    cost->n_nodes = gw_update_group_size (step->group);
  for (int i = 0; i < step->context.n_inputs + step->context.n_outputs; i++)
    cost->bytes += bytes_of (tensor_of (step, i));
}
