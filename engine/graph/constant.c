/* SPDX-License-Identifier: Apache-2.0 */
/* Values known while the graph is built: what shape functions ask for. */
#include "engine/graph/constant.h"

#include "engine/graph/graph-private.h"
#include "engine/graph/op-kernel.h"
#include "engine/graph/shape-infer.h"

#define MAX_ELEMENTS 4096

gboolean
gw_op_is_foldable (const GwOpDef *def)
{
  return def->cpu != NULL &&
         (def->flags & (GW_OP_STATEFUL | GW_OP_RANDOM | GW_OP_SUMMARY | GW_OP_CALLS)) == 0;
}

/* With the rounding of small numbers that a plan runs with, so that folding a node does
 * not change its value. */
static gboolean
run_kernel (const GwNode    *node,
            GwKernelContext *context,
            GError         **error)
{
  unsigned state = gw_float_state_enter ();
  gboolean ok = gw_op_kernel (node->def, node->attrs) (context, error);

  gw_float_state_leave (state);
  return ok;
}

gboolean
gw_node_evaluate (const GwNode    *node,
                  GwTensor *const *inputs,
                  const GwShape   *shapes,
                  GwTensor       **outputs,
                  GError         **error)
{
  g_autoptr (GwKernelMemory) memory = gw_kernel_memory_new ();
  g_autofree GwVariable **variables = g_new0 (GwVariable *, MAX (node->n_inputs, 1));
  GwKernelContext context = {
    .node = node->name, .attrs = node->attrs, .elementwise = node->def->elementwise,
    .n_inputs = node->n_inputs, .n_outputs = node->n_outputs,
    .inputs = inputs, .outputs = outputs, .variables = variables, .def = node->def, .memory = memory,
  };
  g_autofree gboolean *dynamic = g_new0 (gboolean, MAX (node->n_outputs, 1));
  gboolean ok = TRUE;

  for (int i = 0; i < node->n_outputs; i++)
    outputs[i] = NULL;
  for (int i = 0; i < node->n_outputs && ok; i++)
    if (gw_shape_is_known (&shapes[i]) && (node->def->flags & GW_OP_DYNAMIC_OUTPUT) == 0)
      ok = (outputs[i] = gw_tensor_new (node->dtypes[i], &shapes[i], error)) != NULL;
  for (int i = 0; i < node->n_outputs; i++)
    dynamic[i] = outputs[i] == NULL;
  ok = ok && run_kernel (node, &context, error);
  for (int i = 0; i < node->n_outputs; i++)
    if (dynamic[i] && outputs[i] != NULL)
      gw_tensor_ref (outputs[i]);
  for (int i = 0; i < node->n_outputs && !ok; i++)
    g_clear_pointer (&outputs[i], gw_tensor_unref);
  return ok;
}

static int64_t
total_elements (const GwNode *node)
{
  int64_t total = 0;

  for (int i = 0; i < node->n_outputs; i++)
    {
      int64_t elements = gw_shape_elements (&node->shapes[i]);

      if (elements < 0 || elements > MAX_ELEMENTS)
        return -1;
      total += elements;
    }
  return total;
}

GwTensor *
gw_tensor_from_shape_value (GwDType        dtype,
                            const GwShape *shape,
                            const GwShape *value)
{
  GwTensor *tensor;

  if (!gw_shape_is_known (value) || gw_shape_elements (shape) != value->rank ||
      (dtype != GW_INT32 && dtype != GW_INT64))
    return NULL;
  for (int i = 0; i < value->rank; i++)
    if (dtype == GW_INT32 && value->dims[i] > G_MAXINT32)
      return NULL;
  tensor = gw_tensor_new (dtype, shape, NULL);
  for (int i = 0; tensor != NULL && i < value->rank; i++)
    if (dtype == GW_INT32)
      GW_TENSOR_DATA (tensor, int32_t)[i] = (int32_t) value->dims[i];
    else
      GW_TENSOR_DATA (tensor, int64_t)[i] = value->dims[i];
  return tensor;
}

const GwTensor *
gw_no_value (GwShapeContext *context,
             int             input)
{
  return NULL;
}

gboolean
gw_no_partial_value (GwShapeContext *context,
                     int             input,
                     GwShape        *value)
{
  return FALSE;
}

/* ---- the values of a graph's outputs ---- */

/* Whether constant inputs would give the node's outputs values that are kept. */
static gboolean
may_be_constant (const GwNode *node)
{
  for (int i = 0; i < node->n_outputs; i++)
    if (node->dtypes[i] == GW_VARIANT)
      return FALSE; /* no constant can hold a list where the graph is written to a file */
  return gw_op_is_foldable (node->def) && node->n_inputs > 0 &&
         ((node->def->flags & GW_OP_DYNAMIC_OUTPUT) != 0 || total_elements (node) >= 0);
}

/* Whether shapes alone give output 0's value. */
static gboolean
shapes_tell (const GwNode *node)
{
  return node->partial != NULL && gw_shape_is_known (node->partial) &&
         (node->dtypes[0] == GW_INT32 || node->dtypes[0] == GW_INT64);
}

static const GwTensor *
known_value (GwOutput output)
{
  if (gw_node_is_const (output.node))
    return gw_node_attr (output.node, "value")->tensor;
  return output.node->values != NULL ? output.node->values[output.index] : NULL;
}

/* The node's value, once its inputs have been tried; leaves node->values empty when
 * there is none. */
static void
evaluate (GwNode *node)
{
  g_autofree GwTensor **inputs = NULL;

  node->value_tried = TRUE;
  if (shapes_tell (node) || may_be_constant (node))
    node->values = g_new0 (GwTensor *, MAX (node->n_outputs, 1));
  if (shapes_tell (node))
    node->values[0] = gw_tensor_from_shape_value (node->dtypes[0], &node->shapes[0], node->partial);
  if ((node->values != NULL && node->values[0] != NULL) || !may_be_constant (node))
    return;
  inputs = g_new0 (GwTensor *, MAX (node->n_inputs, 1));
  for (int i = 0; i < node->n_inputs; i++)
    {
      inputs[i] = (GwTensor *) known_value (node->inputs[i]);
      if (inputs[i] == NULL)
        return;
    }
  gw_node_evaluate (node, inputs, node->shapes, node->values, NULL);
}

typedef struct {
  GwNode *node;
  int     next;   /* input to look at */
} Visit;

/* The next input that has to be tried before the node can be; NULL = none. */
static GwNode *
untried_input (Visit *visit)
{
  GwNode *node = visit->node;

  if (node->value_tried || shapes_tell (node) || !may_be_constant (node))
    return NULL;
  while (visit->next < node->n_inputs)
    {
      GwNode *input = node->inputs[visit->next].node;

      if (!gw_node_is_const (input) && !input->value_tried)
        return input;
      if (known_value (node->inputs[visit->next]) == NULL)
        return NULL; /* so the node has none: the other inputs do not matter */
      visit->next++;
    }
  return NULL;
}

/* Inputs first, on a stack of its own: graphs may be long chains. */
static void
evaluate_cone (GwNode *root)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Visit));
  Visit first = { root, 0 };

  g_array_append_val (stack, first);
  while (stack->len > 0)
    {
      Visit *visit = &g_array_index (stack, Visit, stack->len - 1);
      Visit before = { untried_input (visit), 0 };

      if (before.node != NULL)
        {
          g_array_append_val (stack, before);
          continue;
        }
      if (!visit->node->value_tried)
        evaluate (visit->node);
      g_array_set_size (stack, stack->len - 1);
    }
}

const GwTensor *
gw_output_constant_unlocked (GwOutput output)
{
  if (!output.node->value_tried && !gw_node_is_const (output.node))
    evaluate_cone (output.node);
  return known_value (output);
}

const GwTensor *
gw_output_constant (GwOutput output)
{
  GwGraph *graph = output.node->graph;
  const GwTensor *tensor;

  pthread_mutex_lock (&graph->lock);
  tensor = gw_output_constant_unlocked (output);
  pthread_mutex_unlock (&graph->lock);
  return tensor;
}

gboolean
gw_node_is_const (const GwNode *node)
{
  return g_str_equal (node->def->name, "Const");
}
