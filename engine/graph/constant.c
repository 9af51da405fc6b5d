/* SPDX-License-Identifier: Apache-2.0 */
/* Values known while the graph is built: what shape functions ask for. */
#include "engine/graph/constant.h"

#include "engine/graph/graph-private.h"
#include "engine/graph/shape-infer.h"

#define MAX_ELEMENTS 4096

gboolean
gw_op_is_foldable (const GwOpDef *def)
{
  return def->cpu != NULL &&
         (def->flags & (GW_OP_STATEFUL | GW_OP_RANDOM | GW_OP_SUMMARY)) == 0;
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
    .node = node->name, .attrs = node->attrs,
    .n_inputs = node->n_inputs, .n_outputs = node->n_outputs,
    .inputs = inputs, .outputs = outputs, .variables = variables, .memory = memory,
  };
  g_autofree gboolean *dynamic = g_new0 (gboolean, MAX (node->n_outputs, 1));
  gboolean ok = TRUE;

  for (int i = 0; i < node->n_outputs; i++)
    outputs[i] = NULL;
  for (int i = 0; i < node->n_outputs && ok; i++)
    if (gw_shape_is_known (&shapes[i]))
      ok = (outputs[i] = gw_tensor_new (node->dtypes[i], &shapes[i], error)) != NULL;
  for (int i = 0; i < node->n_outputs; i++)
    dynamic[i] = outputs[i] == NULL;
  ok = ok && node->def->cpu (&context, error);
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

/* The op's value from constant inputs; leaves node->values empty when that cannot be. */
static void
evaluate_constant (GwNode *node,
                   int     depth)
{
  g_autofree GwTensor **inputs = g_new0 (GwTensor *, MAX (node->n_inputs, 1));

  if (!gw_op_is_foldable (node->def) || node->n_inputs == 0 ||
      ((node->def->flags & GW_OP_DYNAMIC_OUTPUT) == 0 && total_elements (node) < 0))
    return;
  for (int i = 0; i < node->n_inputs; i++)
    {
      inputs[i] = (GwTensor *) gw_output_constant_at (node->inputs[i], depth - 1);
      if (inputs[i] == NULL)
        return;
    }
  gw_node_evaluate (node, inputs, node->shapes, node->values, NULL);
}

/* Shape of a tensor whose shape is known is a constant, whatever its value. */
static void
evaluate_from_shapes (GwNode *node,
                      int     depth)
{
  GwShape value;

  if (node->def->partial_value == NULL || gw_shape_elements (&node->shapes[0]) < 0)
    return;
  {
    g_autofree GwShape *shapes = g_new (GwShape, MAX (node->n_inputs, 1));
    GwValueSource source = { gw_no_value, gw_no_partial_value, NULL };

    for (int i = 0; i < node->n_inputs; i++)
      shapes[i] = *gw_output_shape (node->inputs[i]);
    if (!gw_infer_partial_value (node, shapes, &source, &value) || !gw_shape_is_known (&value) ||
        value.rank != gw_shape_elements (&node->shapes[0]))
      return;
  }
  node->values[0] = gw_tensor_new (node->dtypes[0], &node->shapes[0], NULL);
  for (int i = 0; node->values[0] != NULL && i < value.rank; i++)
    gw_tensor_set_double (node->values[0], i, (double) value.dims[i]);
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

const GwTensor *
gw_output_constant_at (GwOutput output,
                       int      depth)
{
  GwNode *node = output.node;

  if (gw_node_is_const (node))
    return gw_node_attr (node, "value")->tensor;
  if (!node->value_tried && depth > 0)
    {
      node->value_tried = TRUE;
      node->values = g_new0 (GwTensor *, MAX (node->n_outputs, 1));
      evaluate_from_shapes (node, depth);
      if (node->n_outputs > 0 && node->values[0] == NULL)
        evaluate_constant (node, depth);
    }
  return node->values != NULL ? node->values[output.index] : NULL;
}

const GwTensor *
gw_output_constant (GwOutput output)
{
  return gw_output_constant_at (output, GW_CONSTANT_DEPTH);
}

gboolean
gw_node_is_const (const GwNode *node)
{
  return g_str_equal (node->def->name, "Const");
}
