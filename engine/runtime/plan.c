/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/runtime/plan.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/graph/constant.h"
#include "engine/graph/shape-infer.h"
#include "engine/runtime/call.h"
#include "engine/runtime/plan-private.h"
#include "engine/runtime/session.h"
#include "engine/runtime/tail.h"
#include "engine/runtime/update-group.h"

#include <math.h>

/* ---- making ---- */

static gboolean
check_output (const GwPlanSpec *spec,
              GwOutput          output,
              GError          **error)
{
  if (output.node->graph != spec->graph)
    return gw_invalid (error, "%s must be from the same graph as what runs", output.node->name);
  if (output.index >= 0 && output.index < output.node->n_outputs)
    return TRUE;
  return gw_invalid (error, "%s has %d outputs, and none with the number %d",
                     output.node->name, output.node->n_outputs, output.index);
}

/* Everything that the caller names is of the graph. */
static gboolean
check_spec (const GwPlanSpec *spec,
            GError          **error)
{
  for (int i = 0; i < spec->n_feeds; i++)
    if (!check_output (spec, spec->feeds[i], error))
      return FALSE;
  for (int i = 0; i < spec->n_fetches; i++)
    if (!check_output (spec, spec->fetches[i], error))
      return FALSE;
  for (int i = 0; i < spec->n_targets; i++)
    if (spec->targets[i]->graph != spec->graph)
      return gw_invalid (error, "%s must be from the same graph as what runs", spec->targets[i]->name);
  return spec->guard.node == NULL || check_output (spec, spec->guard, error);
}

static gboolean
check_feed (const GwPlanSpec *spec,
            int               i,
            GError          **error)
{
  const GwShape *want = gw_output_shape (spec->feeds[i]);
  g_autofree char *got_text = NULL;
  g_autofree char *want_text = NULL;

  if (gw_shape_matches (&spec->feed_shapes[i], want))
    return TRUE;
  got_text = gw_shape_to_string (&spec->feed_shapes[i]);
  want_text = gw_shape_to_string (want);
  gw_invalid (error, "Cannot feed value of shape %s for Tensor '%s:%d', which has shape %s",
              got_text, spec->feeds[i].node->name, spec->feeds[i].index, want_text);
  gw_error_set_node (error, spec->feeds[i].node->name, spec->feeds[i].node->def->name);
  return FALSE;
}

static void
number_values (GwPlan           *plan,
               const GwPlanSpec *spec)
{
  int n = gw_graph_n_nodes (plan->graph);

  plan->base = g_new (int, MAX (n, 1));
  for (int id = 0; id < n; id++)
    {
      plan->base[id] = plan->n_values;
      plan->n_values += gw_graph_node (plan->graph, id)->n_outputs;
    }
  plan->first_own = plan->n_values;
  plan->n_values += spec->n_feeds;
  plan->values = g_new0 (GwPlanValue, MAX (plan->n_values, 1));
  for (int id = 0; id < n; id++)
    for (int i = 0; i < gw_graph_node (plan->graph, id)->n_outputs; i++)
      plan->values[plan->base[id] + i].dtype = gw_graph_node (plan->graph, id)->dtypes[i];
  for (int i = 0; i < spec->n_feeds; i++)
    plan->values[plan->first_own + i].dtype = gw_output_dtype (spec->feeds[i]);
}

static gboolean
mark_fed (GwCompiler *compiler,
          GError    **error)
{
  const GwPlanSpec *spec = compiler->spec;

  for (int i = 0; i < spec->n_feeds; i++)
    {
      gboolean *fed = &compiler->fed[gw_plan_value_index (compiler->plan, spec->feeds[i])];

      if (*fed)
        return gw_invalid (error, "Endpoint \"%s:%d\" fed more than once.",
                           spec->feeds[i].node->name, spec->feeds[i].index);
      *fed = TRUE;
    }
  return TRUE;
}

static void
resolve_fetches (GwPlan           *plan,
                 const GwPlanSpec *spec)
{
  plan->n_fetches = spec->n_fetches;
  plan->fetch_values = g_new (int, MAX (spec->n_fetches, 1));
  for (int i = 0; i < spec->n_fetches; i++)
    plan->fetch_values[i] = gw_plan_resolve (plan, gw_plan_value_index (plan, spec->fetches[i]));
  plan->guard = spec->guard.node;
  if (plan->guard != NULL)
    plan->guard_value = gw_plan_resolve (plan, gw_plan_value_index (plan, spec->guard));
}

static gboolean
compile (GwPlan           *plan,
         const GwPlanSpec *spec,
         GError          **error)
{
  int n = MAX (gw_graph_n_nodes (spec->graph), 1);
  GwCompiler compiler = { .plan = plan, .spec = spec };
  gboolean ok;

  number_values (plan, spec);
  compiler.needed = g_new0 (gboolean, n);
  compiler.copy_reads = g_new0 (gboolean, n);
  compiler.fed = g_new0 (gboolean, MAX (plan->n_values, 1));
  compiler.order = g_array_new (FALSE, FALSE, sizeof (int));
  compiler.written = g_hash_table_new (g_str_hash, g_str_equal);
  ok = mark_fed (&compiler, error) && gw_plan_select (&compiler, error) &&
       gw_plan_order (&compiler, error) && gw_plan_know_values (&compiler, error);
  if (ok)
    {
      resolve_fetches (plan, spec);
      ok = gw_plan_lay_out (&compiler, error);
    }
  g_free (compiler.needed);
  g_free (compiler.copy_reads);
  g_free (compiler.fed);
  g_array_unref (compiler.order);
  g_hash_table_unref (compiler.written);
  return ok;
}

GwPlan *
gw_plan_new (GwSession        *session,
             const GwPlanSpec *spec,
             GError          **error)
{
  g_autoptr (GwPlan) plan = NULL;

  if (!check_spec (spec, error))
    return NULL;
  plan = g_new0 (GwPlan, 1);
  plan->session = session;
  plan->graph = gw_graph_ref (spec->graph);
  plan->n_feeds = spec->n_feeds;
  plan->memory = gw_kernel_memory_new ();
  for (int i = 0; i < spec->n_feeds; i++)
    if (!check_feed (spec, i, error))
      return NULL;
  if (!compile (plan, spec, error))
    return NULL;
  plan->feed_of_value = g_new0 (int, MAX (spec->n_feeds, 1));
  for (int i = 0; i < spec->n_feeds; i++)
    plan->feed_of_value[i] = gw_plan_value_index (plan, spec->feeds[i]);
  return g_steal_pointer (&plan);
}

void
gw_plan_step_clear (GwPlanStep *step)
{
  g_free ((gpointer) step->context.inputs);
  g_free (step->context.outputs);
  g_free ((gpointer) step->context.variables);
  g_free (step->required);
  gw_calls_free (step->context.calls);
  g_free (step->input_values);
  g_free (step->output_values);
  gw_fused_free (step->program);
  gw_update_group_free (step->group);
  gw_plan_tail_free (step->tail);
}

void
gw_plan_free (GwPlan *plan)
{
  if (plan == NULL)
    return;
  for (int s = 0; s < plan->n_steps; s++)
    gw_plan_step_clear (&plan->steps[s]);
  for (int v = 0; v < plan->n_values && plan->values != NULL; v++)
    if (plan->values[v].kind != GW_VALUE_DYNAMIC)
      gw_tensor_unref (plan->values[v].tensor);
  gw_kernel_memory_free (plan->memory);
  gw_free (plan->arena);
  g_free (plan->saved_streams);
  g_free (plan->last);
  g_free (plan->steps);
  g_free (plan->values);
  g_free (plan->base);
  g_free (plan->fetch_values);
  g_free (plan->feed_aliases);
  g_free (plan->feed_of_value);
  gw_graph_unref (plan->graph);
  g_free (plan);
}

/* ---- running ---- */

static void
adopt_feeds (GwPlan          *plan,
             GwTensor *const *feeds)
{
  for (int i = 0; i < plan->n_feeds; i++)
    {
      GwTensor *tensor = plan->values[plan->feed_of_value[i]].tensor;

      if (tensor != NULL && tensor->data != feeds[i]->data)
        gw_tensor_set_foreign (tensor, &feeds[i]->shape, feeds[i]->data);
    }
  for (int i = 0; i < plan->n_feed_aliases; i++)
    {
      GwPlanValue *value = &plan->values[plan->feed_aliases[i]];

      if (value->tensor->data != plan->values[value->root].tensor->data)
        gw_tensor_set_foreign (value->tensor, &value->shape, plan->values[value->root].tensor->data);
    }
}

static gboolean
check_initialized (int                n,
                   GwVariable *const *variables,
                   GError           **error)
{
  for (int i = 0; i < n; i++)
    if (!variables[i]->initialized)
      {
        g_set_error (error, GW_ERROR, GW_ERROR_FAILED_PRECONDITION, variables[i]->tensor->dtype == GW_VARIANT
                       ? "Table not initialized: %s has not been filled yet"
                       : variables[i]->has_handle
                       ? "Error while reading resource variable %s: attempting to use uninitialized value"
                       : "Attempting to use uninitialized value %s", variables[i]->name);
        gw_error_set_node (error, variables[i]->name, variables[i]->tensor->dtype == GW_VARIANT ? "HashTableV2" : variables[i]->has_handle ? "VarHandleOp" : "VariableV2");
        return FALSE;
      }
  return TRUE;
}

static const GwTensor *
run_value (GwShapeContext *context,
           int             input)
{
  const GwPlanStep *step = context->data;

  return step->context.inputs[input];
}

/* An output whose memory is settled must be as large as was planned. */
static gboolean
check_planned (const GwPlanValue *value,
               const GwShape     *shape,
               GError           **error)
{
  g_autofree char *planned = NULL;
  g_autofree char *found = NULL;

  if (shape->rank < 0 || gw_shape_matches (&value->shape, shape))
    return TRUE;
  planned = gw_shape_to_string (&value->shape);
  found = gw_shape_to_string (shape);
  return gw_invalid (error, "the result has the shape %s where %s was expected", found, planned);
}

/* Shapes as the values of this run make them, and memory for the outputs. */
static gboolean
prepare_dynamic (GwPlan     *plan,
                 GwPlanStep *step,
                 GError    **error)
{
  const GwNode *node = step->node;
  GwTensor **inputs = (GwTensor **) step->context.inputs;
  g_autofree GwShape *shapes = g_new (GwShape, MAX (node->n_inputs, 1));
  g_autofree GwShape *outputs = g_new (GwShape, MAX (node->n_outputs, 1));
  GwValueSource source = { run_value, gw_no_partial_value, step };

  for (int i = 0; i < node->n_inputs; i++)
    {
      inputs[i] = plan->values[step->input_values[i]].tensor;
      shapes[i] = gw_output_is_handle (node->inputs[i]) ? GW_SHAPE_SCALAR : inputs[i]->shape;
    }
  for (int i = 0; i < node->n_outputs; i++)
    outputs[i] = GW_SHAPE_UNKNOWN;
  if (step->context.calls == NULL && !gw_infer_shapes (node, shapes, &source, outputs, error))
    return FALSE;
  for (int i = 0; i < node->n_outputs; i++)
    {
      GwPlanValue *value = &plan->values[step->output_values[i]];

      if (value->kind != GW_VALUE_DYNAMIC)
        {
          if (!check_planned (value, &outputs[i], error))
            return FALSE;
          continue;
        }
      step->context.outputs[i] = NULL;
      if (gw_shape_is_known (&outputs[i]) && (node->def->flags & GW_OP_DYNAMIC_OUTPUT) == 0 &&
          !gw_kernel_allocate_output (&step->context, i, node->dtypes[i], &outputs[i], error))
        return FALSE;
    }
  return TRUE;
}

static void
publish_dynamic (GwPlan     *plan,
                 GwPlanStep *step)
{
  for (int i = 0; i < step->node->n_outputs; i++)
    if (plan->values[step->output_values[i]].kind == GW_VALUE_DYNAMIC)
      plan->values[step->output_values[i]].tensor = step->context.outputs[i];
}

static gboolean
guard_is_finite (GwPlan  *plan,
                 GError **error)
{
  const GwTensor *guard = plan->values[plan->guard_value].tensor;

  for (int64_t i = 0; i < guard->elements; i++)
    {
      double value = gw_tensor_get_double (guard, i);

      if (isfinite (value))
        continue;
      plan->guard_tripped = TRUE;
      g_set_error (error, GW_ERROR, GW_ERROR_OUT_OF_RANGE, "%s is %s", plan->guard->name,
                   isnan (value) ? "NaN" : value > 0 ? "infinite" : "minus infinite");
      gw_error_set_node (error, plan->guard->name, plan->guard->def->name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
run_step (GwPlan     *plan,
          GwPlanStep *step,
          GError    **error)
{
  if (!check_initialized (step->n_required, step->required, error))
    return FALSE;
  if (step->dynamic && !prepare_dynamic (plan, step, error))
    return FALSE;
  if (!step->func (&step->context, error))
    return FALSE;
  if (step->dynamic)
    publish_dynamic (plan, step);
  return TRUE;
}

static gboolean
run_steps (GwPlan             *plan,
           const GwRunOptions *options,
           GError            **error)
{
  const gint *cancel = options != NULL ? options->cancel : NULL;
  void *data;
  GwStepFunc told = gw_session_step_func (plan->session, &data);

  if (plan->guard != NULL && plan->guard_step < 0 && !guard_is_finite (plan, error))
    return FALSE;
  for (int s = 0; s < plan->n_steps; s++)
    {
      GwPlanStep *step = &plan->steps[s];
      int64_t begin = G_UNLIKELY (told != NULL) ? gw_nanoseconds () : 0;

      if (cancel != NULL && g_atomic_int_get (cancel) != 0)
        {
          g_set_error_literal (error, GW_ERROR, GW_ERROR_CANCELLED, "the run was cancelled");
          return FALSE;
        }
      if (!run_step (plan, step, error))
        {
          gw_error_set_node (error, step->node->name, step->node->def->name);
          return FALSE;
        }
      if (G_UNLIKELY (told != NULL))
        told (data, plan, s, begin, gw_nanoseconds ());
      if (G_UNLIKELY (plan->guard_step == s) && plan->guard != NULL && !guard_is_finite (plan, error))
        return FALSE;
    }
  return check_initialized (plan->n_last, plan->last, error);
}

gboolean
gw_plan_run (GwPlan             *plan,
             GwTensor *const    *feeds,
             const GwRunOptions *options,
             GwTensor          **fetched,
             GError            **error)
{
  GwWorkers *workers = gw_session_workers (plan->session);
  unsigned state;
  gboolean ok;

  plan->guard_tripped = FALSE;
  gw_kernel_memory_reset (plan->memory);
  adopt_feeds (plan, feeds);
  if (plan->saved_streams != NULL)
    gw_session_save_streams (plan->session, plan->graph, plan->saved_streams, plan->streams_bytes);
  gw_workers_begin (workers);
  state = gw_float_state_enter ();
  plan->options = options;
  ok = run_steps (plan, options, error);
  plan->options = NULL;
  gw_float_state_leave (state);
  gw_workers_end (workers);
  if (plan->guard_tripped && plan->saved_streams != NULL)
    gw_session_restore_streams (plan->session, plan->graph, plan->saved_streams, plan->streams_bytes);
  for (int i = 0; ok && i < plan->n_fetches; i++)
    fetched[i] = plan->values[plan->fetch_values[i]].tensor;
  return ok;
}

gboolean
gw_plan_guard_tripped (const GwPlan *plan)
{
  return plan->guard_tripped;
}

int
gw_plan_n_steps (const GwPlan *plan)
{
  return plan->n_steps;
}

size_t
gw_plan_arena_bytes (const GwPlan *plan)
{
  return plan->arena_bytes;
}

gboolean
gw_plan_is_dynamic (const GwPlan *plan)
{
  return plan->dynamic;
}
