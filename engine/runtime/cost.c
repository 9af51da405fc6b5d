/* SPDX-License-Identifier: Apache-2.0 */
/* What a step costs, from its tensors' shapes. */
#include "engine/runtime/tail.h"
#include "engine/runtime/update-group.h"

#include "engine/graph/flops.h"

#include <string.h>

static double
elements (const GwTensor *tensor)
{
  return tensor != NULL ? (double) tensor->elements : 0;
}

/* Of the ops that dominate; negative for every other one. */
static double
known_flops (const GwPlanStep *step)
{
  int n = MIN (step->context.n_inputs, step->node->n_inputs), m = MIN (step->context.n_outputs, step->node->n_outputs);
  g_autofree const GwShape **shapes = g_new0 (const GwShape *, MAX (n + m, 1));

  for (int i = 0; i < n + m; i++)
    {
      const GwTensor *tensor = i < n ? step->context.inputs[i] : step->context.outputs[i - n];

      shapes[i] = tensor != NULL ? &tensor->shape : NULL;
    }
  return gw_op_flops (step->node->def, n, shapes, m, shapes + n);
}

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

  if (gw_plan_tail_is_between (step, i))
    return NULL;
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
    return (double) step->program->elements * step->program->n_nodes;
  if (step->group != NULL)
    {
      for (int i = 0; i < step->context.n_inputs; i++)
        largest += step->context.variables[i] == NULL ? elements (step->context.inputs[i]) : 0;
      return largest; /* the gradients */
    }
  if (step->tail != NULL)
    largest = gw_plan_tail_flops (step->tail);
  if (known_flops (step) >= 0)
    return known_flops (step) + largest;
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
    cost->n_nodes = step->program->n_nodes;
  if (step->tail != NULL)
    cost->n_nodes += gw_plan_tail_n_nodes (step->tail);
  if (step->group != NULL)
    cost->n_nodes = gw_update_group_size (step->group);
  for (int i = 0; i < step->context.n_inputs + step->context.n_outputs; i++)
    cost->bytes += bytes_of (tensor_of (step, i));
}
