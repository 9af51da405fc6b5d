/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/graph/flops.h"

#include <math.h>
#include <string.h>

typedef struct {
  int                   n_inputs, n_outputs;
  const GwShape *const *inputs, *const *outputs;
} Shapes;

static const GwShape *
input (const Shapes *shapes,
       int           i)
{
  return i < shapes->n_inputs ? shapes->inputs[i] : NULL;
}

static const GwShape *
output (const Shapes *shapes,
        int           i)
{
  return i < shapes->n_outputs ? shapes->outputs[i] : NULL;
}

/* The sizes of dimensions [from, to) multiplied, counted from the end where negative. */
static double
span (const GwShape *shape,
      int            from,
      int            to)
{
  double product = 1;

  if (shape == NULL || shape->rank < 0)
    return 1;
  from = from < 0 ? shape->rank + from : from;
  to = to <= 0 ? shape->rank + to : to;
  for (int i = MAX (from, 0); i < MIN (to, shape->rank); i++)
    product *= shape->dims[i] >= 0 ? (double) shape->dims[i] : 1;
  return product;
}

static double
elements (const GwShape *shape)
{
  return span (shape, 0, 0);
}

/* m, n and k of a product are known from the sizes mk, kn and mn. */
static double
product_flops (const Shapes *shapes)
{
  const GwShape *z = output (shapes, 0);
  double inner = span (input (shapes, 0), -2, 0) * span (input (shapes, 1), -2, 0) / MAX (span (z, -2, 0), 1);

  return 2 * elements (z) * sqrt (inner);
}

/* Of the forward convolution: each result is a sum over the filter but for its last
 * dimension, the results' channels. */
static double
convolution_flops (const GwShape *results,
                   const GwShape *filter)
{
  return 2 * elements (results) * span (filter, 0, -1);
}

static double
forward_flops (const Shapes *shapes)
{
  return convolution_flops (output (shapes, 0), input (shapes, 1));
}

static double
input_backward_flops (const Shapes *shapes)
{
  return convolution_flops (input (shapes, 2), input (shapes, 1));
}

static double
filter_backward_flops (const Shapes *shapes)
{
  return convolution_flops (input (shapes, 2), output (shapes, 0));
}

/* A filter is used for each result once per channel of its own. */
static double
depthwise_flops (const Shapes *shapes)
{
  return 2 * elements (output (shapes, 0)) * span (input (shapes, 1), 0, 2);
}

/* Inputs: seq_len_max, x (steps × batch × inputs), cs_prev, h_prev, w, … */
static double
lstm_flops (const Shapes *shapes)
{
  return 2 * span (input (shapes, 1), 0, 2) * elements (input (shapes, 4));
}

static double
lstm_backward_flops (const Shapes *shapes)
{
  return 2 * lstm_flops (shapes);
}

static const struct {
  const char *op;
  double    (*flops) (const Shapes *shapes);
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

double
gw_op_flops (const GwOpDef        *def,
             int                   n_inputs,
             const GwShape *const *inputs,
             int                   n_outputs,
             const GwShape *const *outputs)
{
  Shapes shapes = { n_inputs, n_outputs, inputs, outputs };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].op, def->name))
      return known[i].flops (&shapes);
  return -1;
}

static gboolean
computes (const GwNode *node)
{
  return node->n_inputs > 0 && (node->def->flags & GW_OP_FORWARDS_INPUT) == 0 && !g_str_equal (node->def->name, "Shape") &&
         !gw_node_output_is_ref (node, 0);
}

double
gw_node_flops (const GwNode *node)
{
  int n = node->n_inputs, m = node->n_outputs;
  g_autofree const GwShape **shapes = g_new0 (const GwShape *, MAX (n + m, 1));
  double flops, largest = 0;

  if (n == 0 || m == 0 || !computes (node))
    return 0;
  for (int i = 0; i < n + m; i++)
    shapes[i] = i < n ? gw_output_shape (node->inputs[i]) : &node->shapes[i - n];
  flops = gw_op_flops (node->def, n, shapes, m, shapes + n);
  for (int i = 0; i < n + m; i++)
    largest = MAX (largest, elements (shapes[i]));
  return flops >= 0 ? flops : largest;
}
