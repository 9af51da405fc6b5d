/* SPDX-License-Identifier: Apache-2.0 */
/* Steps with everything resolved, and the arena they work in. */
#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/graph/op-kernel.h"
#include "engine/runtime/call.h"
#include "engine/runtime/fuse.h"
#include "engine/runtime/memory-plan.h"
#include "engine/runtime/plan-private.h"
#include "engine/runtime/session.h"
#include "engine/runtime/tail.h"
#include "engine/runtime/update-group.h"

#include <limits.h>

/* ---- which nodes become steps ---- */

static gboolean
outputs_need_no_step (const GwPlan *plan,
                      const GwNode *node)
{
  if (node->n_outputs == 0)
    return node->def->cpu == NULL || (node->def->flags & GW_OP_STATEFUL) == 0;
  for (int i = 0; i < node->n_outputs; i++)
    {
      GwValueKind kind = plan->values[gw_plan_own_index (plan, node, i)].kind;

      if (kind == GW_VALUE_ARENA || kind == GW_VALUE_OWNED || kind == GW_VALUE_DYNAMIC)
        return FALSE;
      if (kind == GW_VALUE_VARIABLE && node->n_inputs > 0 && gw_node_output_is_ref (node, i))
        return FALSE;
    }
  return TRUE;
}

static gboolean
step_is_dynamic (const GwPlan *plan,
                 const GwNode *node)
{
  for (int i = 0; i < node->n_inputs; i++)
    if (plan->values[gw_plan_resolve (plan, gw_plan_value_index (plan, node->inputs[i]))].kind == GW_VALUE_DYNAMIC)
      return TRUE;
  for (int i = 0; i < node->n_outputs; i++)
    if (plan->values[gw_plan_own_index (plan, node, i)].kind == GW_VALUE_DYNAMIC)
      return TRUE;
  return FALSE;
}

/* ---- variables that a step touches ---- */

static GwVariable *
variable_behind (const GwPlan *plan,
                 int           index)
{
  const GwPlanValue *value = &plan->values[gw_plan_memory_root (plan, index)];

  return value->kind == GW_VALUE_VARIABLE ? value->variable : NULL;
}

static gboolean
resolve_variables (GwPlan      *plan,
                   GwPlanStep  *step,
                   GwVariable **variables,
                   GError     **error)
{
  const GwNode *node = step->node;

  step->required = g_new0 (GwVariable *, MAX (node->n_inputs, 1));
  for (int i = 0; i < node->n_inputs; i++)
    {
      GwVariable *variable = variable_behind (plan, step->input_values[i]);
      const GwPortDef *port = gw_node_input_port (node, i);
      gboolean refers = port->is_ref || gw_output_is_handle (node->inputs[i]);

      if (refers)
        variables[i] = variable;
      if (variable == NULL && refers)
        {
          gw_invalid (error, "%s is fed, and must be the variable itself", port->name);
          gw_error_set_node (error, node->name, node->def->name);
          return FALSE;
        }
      if (variable != NULL && (!refers || (node->def->flags & GW_OP_UNINITIALIZED) == 0))
        step->required[step->n_required++] = variable;
    }
  return TRUE;
}

/* ---- steps ---- */

/* The session's listener may change between runs. */
static void
pass_message (void       *session,
              const char *node,
              const char *text)
{
  gw_session_message (session, node, text);
}

static gboolean
make_step (GwCompiler *compiler,
           GwNode     *node,
           GwPlanStep *step,
           GError    **error)
{
  GwPlan *plan = compiler->plan;
  int n_inputs = MAX (node->n_inputs, 1);
  int n_outputs = MAX (node->n_outputs, 1);
  GwVariable **variables = g_new0 (GwVariable *, n_inputs);

  *step = (GwPlanStep) {
    .func = gw_op_kernel (node->def, node->attrs), .node = node,
    .dynamic = step_is_dynamic (plan, node),
    .input_values = g_new (int, n_inputs),
    .output_values = g_new (int, n_outputs),
  };
  for (int i = 0; i < node->n_inputs; i++)
    step->input_values[i] = gw_plan_resolve (plan, gw_plan_value_index (plan, node->inputs[i]));
  for (int i = 0; i < node->n_outputs; i++)
    step->output_values[i] = gw_plan_own_index (plan, node, i);
  step->context = (GwKernelContext) {
    .node = node->name, .attrs = node->attrs, .elementwise = node->def->elementwise,
    .n_inputs = node->n_inputs, .n_outputs = node->n_outputs,
    .inputs = g_new0 (GwTensor *, n_inputs), .outputs = g_new0 (GwTensor *, n_outputs),
    .variables = variables,
    .state = gw_session_node_state (plan->session, plan->graph, node),
    .object = gw_session_node_object (plan->session, plan->graph, node),
    .workers = gw_session_workers (plan->session), .def = node->def, .memory = plan->memory,
    .message = pass_message, .message_data = plan->session,
  };
  plan->dynamic = plan->dynamic || step->dynamic;
  if ((node->def->flags & GW_OP_CALLS) != 0)
    {
      step->context.calls = gw_calls_new (plan, node, error);
      if (step->context.calls == NULL)
        return FALSE;
    }
  return resolve_variables (plan, step, variables, error);
}

static gboolean
make_steps (GwCompiler *compiler,
            GError    **error)
{
  GwPlan *plan = compiler->plan;

  plan->steps = g_new0 (GwPlanStep, MAX (compiler->order->len, 1));
  for (guint i = 0; i < compiler->order->len; i++)
    {
      GwNode *node = gw_graph_node (plan->graph, g_array_index (compiler->order, int, i));

      if (!outputs_need_no_step (plan, node) && !make_step (compiler, node, &plan->steps[plan->n_steps++], error))
        return FALSE;
    }
  return TRUE;
}

/* ---- guard and fetches ---- */

/* The step after which the guard's memory holds its value. */
static void
find_guard_step (GwPlan *plan)
{
  int root = gw_plan_memory_root (plan, plan->guard_value);

  plan->guard_step = -1;
  for (int s = 0; s < plan->n_steps; s++)
    for (int i = 0; i < plan->steps[s].context.n_outputs; i++)
      if (plan->steps[s].output_values[i] == root)
        plan->guard_step = s;
}

static void
find_last_variables (GwPlan *plan)
{
  plan->last = g_new (GwVariable *, MAX (plan->n_fetches, 1));
  for (int i = 0; i < plan->n_fetches; i++)
    {
      GwVariable *variable = variable_behind (plan, plan->fetch_values[i]);

      if (variable != NULL)
        plan->last[plan->n_last++] = variable;
    }
}

/* ---- life of values ---- */

/* Its memory holds to the end. */
static void
keep (GwPlan *plan,
      int     index)
{
  plan->values[gw_plan_memory_root (plan, index)].last = INT_MAX;
}

static void
note_lives (GwPlan *plan)
{
  for (int v = 0; v < plan->n_values; v++)
    plan->values[v].first = plan->values[v].last = -1;
  for (int s = 0; s < plan->n_steps; s++)
    {
      const GwPlanStep *step = &plan->steps[s];

      for (int i = 0; i < step->context.n_inputs; i++)
        plan->values[gw_plan_memory_root (plan, step->input_values[i])].last = s;
      for (int i = 0; i < step->context.n_outputs; i++)
        {
          GwPlanValue *value = &plan->values[step->output_values[i]];

          if (value->kind != GW_VALUE_ARENA)
            continue;
          value->first = s;
          value->last = MAX (value->last, s);
          value->bytes = (size_t) gw_shape_elements (&value->shape) * gw_dtype_size (value->dtype);
        }
    }
  for (int i = 0; i < plan->n_fetches; i++)
    keep (plan, plan->fetch_values[i]);
  if (plan->guard != NULL)
    keep (plan, plan->guard_value);
}

/* Constants that only served to fold others. */
static void
drop_unused_constants (GwPlan *plan)
{
  for (int v = 0; v < plan->n_values; v++)
    if (plan->values[v].kind == GW_VALUE_CONSTANT && plan->values[v].last < 0)
      g_clear_pointer (&plan->values[v].tensor, gw_tensor_unref);
}

/* Whether the memory of the input is that of another one as well. */
static gboolean
is_shared (const GwPlan     *plan,
           const GwPlanStep *step,
           int               input)
{
  for (int i = 0; i < step->context.n_inputs; i++)
    if (i != input && gw_plan_memory_root (plan, step->input_values[i]) ==
                        gw_plan_memory_root (plan, step->input_values[input]))
      return TRUE;
  return FALSE;
}

static gboolean
may_overwrite (const GwPlan     *plan,
               const GwPlanStep *step,
               int               output,
               int               input)
{
  if (step->tail != NULL)
    return gw_plan_tail_may_overwrite (step->tail, output, input);
  if (step->program != NULL)
    return !is_shared (plan, step, input) && gw_fuse_may_overwrite (step->program, output, input);
  return output == 0 && (step->node->def->flags & GW_OP_INPLACE) != 0;
}

/* An input of step s whose memory its output, `value`, may take over: it dies here and
 * is of the same size. With the same number of elements a broadcast operand is laid out
 * as the result is. -1 when there is none. */
static int
input_to_take_over (const GwPlan      *plan,
                    int                s,
                    int                output,
                    const GwPlanValue *value,
                    const int         *taken_by)
{
  const GwPlanStep *step = &plan->steps[s];

  for (int i = 0; i < step->context.n_inputs; i++)
    {
      int root = gw_plan_memory_root (plan, step->input_values[i]);
      const GwPlanValue *input = &plan->values[root];

      if (input->kind == GW_VALUE_ARENA && input->last == s && input->bytes == value->bytes &&
          input->dtype == value->dtype && taken_by[root] < 0 && may_overwrite (plan, step, output, i))
        return root;
    }
  return -1;
}

typedef struct {
  GwPlan  *plan;
  GwBlock *blocks;
  int      n_blocks;
  int     *block_of;  /* per value: the block that holds it, or -1 */
  int     *taken_by;  /* per value: the value that took its memory over, or -1 */
} Placement;

/* Whether the step need not make the output: nothing reads it. */
static gboolean
is_left_out (const GwPlan *plan,
             int           s,
             int           output)
{
  const GwPlanStep *step = &plan->steps[s];

  return output == 0 && step->program == NULL && step->group == NULL && !step->dynamic &&
         (step->node->def->flags & GW_OP_LEAVES_OUT) != 0 && step->func == step->node->def->cpu &&
         plan->values[step->output_values[0]].last == s;
}

static void
place_output (Placement *placement,
              int        s,
              int        output)
{
  GwPlan *plan = placement->plan;
  int index = plan->steps[s].output_values[output];
  GwPlanValue *value = &plan->values[index];
  int from;

  if (value->kind != GW_VALUE_ARENA || is_left_out (plan, s, output))
    return;
  from = input_to_take_over (plan, s, output, value, placement->taken_by);
  if (from >= 0)
    {
      GwBlock *block = &placement->blocks[placement->block_of[from]];

      placement->taken_by[from] = index;
      placement->block_of[index] = placement->block_of[from];
      block->last = MAX (block->last, value->last);
      return;
    }
  placement->block_of[index] = placement->n_blocks;
  placement->blocks[placement->n_blocks++] = (GwBlock) { value->bytes, value->first, value->last, 0 };
}

static gboolean
place_arena (GwPlan  *plan,
             GError **error)
{
  int n = MAX (plan->n_values, 1);
  g_autofree GwBlock *blocks = g_new0 (GwBlock, n);
  g_autofree int *block_of = g_new (int, n);
  g_autofree int *taken_by = g_new (int, n);
  Placement placement = { plan, blocks, 0, block_of, taken_by };

  for (int v = 0; v < plan->n_values; v++)
    block_of[v] = taken_by[v] = -1;
  for (int s = 0; s < plan->n_steps; s++)
    for (int i = 0; i < plan->steps[s].context.n_outputs; i++)
      place_output (&placement, s, i);
  plan->arena_bytes = gw_memory_plan (blocks, placement.n_blocks);
  plan->arena = gw_alloc (plan->arena_bytes, error);
  if (plan->arena == NULL)
    {
      g_prefix_error (error, "the values of one step: ");
      return FALSE;
    }
  for (int v = 0; v < plan->n_values; v++)
    if (block_of[v] >= 0)
      plan->values[v].tensor = gw_tensor_new_foreign (plan->values[v].dtype, &plan->values[v].shape,
                                                      (char *) plan->arena + blocks[block_of[v]].offset);
  return TRUE;
}

/* ---- tensors that steps see ---- */

static gboolean
make_tensor (GwPlan      *plan,
             GwPlanValue *value,
             GError     **error)
{
  static max_align_t nowhere;

  switch (value->kind)
    {
    case GW_VALUE_VARIABLE:
      value->tensor = gw_tensor_ref (value->variable->tensor);
      return TRUE;
    case GW_VALUE_FEED:
      value->tensor = gw_tensor_new_foreign (value->dtype, &value->shape, &nowhere);
      return TRUE;
    case GW_VALUE_OWNED:
      value->tensor = gw_tensor_new (value->dtype, &value->shape, error);
      return value->tensor != NULL;
    default:
      return TRUE;
    }
}

static void
make_alias_tensor (GwPlan *plan,
                   int     index,
                   GArray *aliases)
{
  GwPlanValue *value = &plan->values[index];

  if (value->kind != GW_VALUE_ALIAS || plan->values[value->root].tensor == NULL)
    return; /* nobody reads it, so that a fused step keeps it to itself */
  value->tensor = gw_tensor_new_foreign (value->dtype, &value->shape, plan->values[value->root].tensor->data);
  if (plan->values[value->root].kind == GW_VALUE_FEED)
    g_array_append_val (aliases, index);
}

static gboolean
make_tensors (GwPlan  *plan,
              GError **error)
{
  GArray *aliases = g_array_new (FALSE, FALSE, sizeof (int));
  gboolean ok = TRUE;

  for (int v = 0; v < plan->n_values && ok; v++)
    ok = make_tensor (plan, &plan->values[v], error);
  for (int v = 0; v < plan->n_values && ok; v++)
    make_alias_tensor (plan, v, aliases);
  plan->n_feed_aliases = (int) aliases->len;
  plan->feed_aliases = (int *) g_array_free (aliases, FALSE);
  return ok;
}

static void
connect_step (GwPlan     *plan,
              GwPlanStep *step)
{
  GwTensor **inputs = (GwTensor **) step->context.inputs;

  for (int i = 0; i < step->context.n_inputs; i++)
    inputs[i] = plan->values[step->input_values[i]].tensor;
  for (int i = 0; i < step->context.n_outputs; i++)
    step->context.outputs[i] = plan->values[step->output_values[i]].tensor;
}

gboolean
gw_plan_lay_out (GwCompiler *compiler,
                 GError    **error)
{
  GwPlan *plan = compiler->plan;

  if (!make_steps (compiler, error))
    return FALSE;
  gw_plan_fuse (plan);
  gw_plan_add_tails (plan);
  gw_plan_group_updates (plan);
  if (plan->guard != NULL)
    find_guard_step (plan);
  find_last_variables (plan);
  note_lives (plan);
  drop_unused_constants (plan);
  if (!place_arena (plan, error) || !make_tensors (plan, error))
    return FALSE;
  for (int s = 0; s < plan->n_steps; s++)
    connect_step (plan, &plan->steps[s]);
  if (plan->guard != NULL)
    plan->streams_bytes = gw_session_streams_bytes (plan->session, plan->graph);
  if (plan->streams_bytes > 0)
    plan->saved_streams = g_malloc (plan->streams_bytes);
  return TRUE;
}
