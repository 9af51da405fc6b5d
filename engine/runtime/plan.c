/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/runtime/plan.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/graph/constant.h"
#include "engine/graph/shape-infer.h"
#include "engine/runtime/plan-private.h"
#include "engine/runtime/session.h"

#include <math.h>
#include <string.h>

/* ---- making ---- */

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
number_values (GwPlan *plan)
{
  int n = gw_graph_n_nodes (plan->graph);

  plan->base = g_new (int, MAX (n, 1));
  for (int id = 0; id < n; id++)
    {
      plan->base[id] = plan->n_values;
      plan->n_values += gw_graph_node (plan->graph, id)->n_outputs;
    }
  plan->values = g_new0 (GwPlanValue, MAX (plan->n_values, 1));
  for (int id = 0; id < n; id++)
    for (int i = 0; i < gw_graph_node (plan->graph, id)->n_outputs; i++)
      plan->values[plan->base[id] + i].dtype = gw_graph_node (plan->graph, id)->dtypes[i];
}

static void
resolve_fetches (GwPlan           *plan,
                 const GwPlanSpec *spec)
{
  plan->n_fetches = spec->n_fetches;
  plan->fetch_values = g_new (int, MAX (spec->n_fetches, 1));
  for (int i = 0; i < spec->n_fetches; i++)
    plan->fetch_values[i] = gw_plan_resolve (plan, gw_plan_value_index (plan, spec->fetches[i]));
}

static gboolean
compile (GwPlan           *plan,
         const GwPlanSpec *spec,
         GError          **error)
{
  int n = MAX (gw_graph_n_nodes (spec->graph), 1);
  GwCompiler compiler = { .plan = plan, .spec = spec };
  gboolean ok;

  number_values (plan);
  compiler.needed = g_new0 (gboolean, n);
  compiler.copy_reads = g_new0 (gboolean, n);
  compiler.fed = g_new0 (gboolean, MAX (plan->n_values, 1));
  compiler.order = g_array_new (FALSE, FALSE, sizeof (int));
  compiler.written = g_hash_table_new (NULL, NULL);
  for (int i = 0; i < spec->n_feeds; i++)
    compiler.fed[gw_plan_value_index (plan, spec->feeds[i])] = TRUE;
  ok = gw_plan_select (&compiler, error) && gw_plan_order (&compiler, error) &&
       gw_plan_know_values (&compiler, error);
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
  g_autoptr (GwPlan) plan = g_new0 (GwPlan, 1);

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
gw_plan_free (GwPlan *plan)
{
  if (plan == NULL)
    return;
  for (int s = 0; s < plan->n_steps; s++)
    {
      GwPlanStep *step = &plan->steps[s];

      g_free ((gpointer) step->context.inputs);
      g_free (step->context.outputs);
      g_free ((gpointer) step->context.variables);
      g_free (step->required);
      g_free (step->input_values);
    }
  for (int v = 0; v < plan->n_values && plan->values != NULL; v++)
    if (plan->values[v].kind != GW_VALUE_DYNAMIC)
      gw_tensor_unref (plan->values[v].tensor);
  gw_kernel_memory_free (plan->memory);
  gw_free (plan->arena);
  g_free (plan->saved_streams);
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
check_required (const GwPlanStep *step,
                GError          **error)
{
  for (int i = 0; i < step->n_required; i++)
    if (!step->required[i]->initialized)
      {
        g_set_error (error, GW_ERROR, GW_ERROR_FAILED_PRECONDITION,
                     "Attempting to use uninitialized value %s", step->required[i]->name);
        gw_error_set_node (error, step->required[i]->name, "VariableV2");
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
      shapes[i] = inputs[i]->shape;
    }
  if (!gw_infer_shapes (node, shapes, &source, outputs, error))
    return FALSE;
  for (int i = 0; i < node->n_outputs; i++)
    {
      GwPlanValue *value = &plan->values[step->first_output + i];

      if (value->kind != GW_VALUE_DYNAMIC)
        continue;
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
    if (plan->values[step->first_output + i].kind == GW_VALUE_DYNAMIC)
      plan->values[step->first_output + i].tensor = step->context.outputs[i];
}

static gboolean
guard_is_finite (GwPlan           *plan,
                 const GwPlanStep *step,
                 GError          **error)
{
  double value = gw_tensor_get_double (step->context.outputs[0], 0);

  if (isfinite (value))
    return TRUE;
  plan->guard_tripped = TRUE;
  g_set_error (error, GW_ERROR, GW_ERROR_OUT_OF_RANGE, "%s is %s", step->node->name,
               isnan (value) ? "NaN" : value > 0 ? "infinite" : "minus infinite");
  return FALSE;
}

static gboolean
run_step (GwPlan     *plan,
          GwPlanStep *step,
          GError    **error)
{
  if (!check_required (step, error))
    return FALSE;
  if (step->dynamic && !prepare_dynamic (plan, step, error))
    return FALSE;
  if (!step->func (&step->context, error))
    return FALSE;
  if (step->dynamic)
    publish_dynamic (plan, step);
  return !step->is_guard || guard_is_finite (plan, step, error);
}

static gboolean
run_steps (GwPlan             *plan,
           const GwRunOptions *options,
           GError            **error)
{
  const gint *cancel = options != NULL ? options->cancel : NULL;

  for (int s = 0; s < plan->n_steps; s++)
    {
      GwPlanStep *step = &plan->steps[s];

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
    }
  return TRUE;
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
    memcpy (plan->saved_streams, plan->streams, plan->streams_bytes);
  gw_workers_begin (workers);
  state = gw_float_state_enter ();
  ok = run_steps (plan, options, error);
  gw_float_state_leave (state);
  gw_workers_end (workers);
  if (plan->guard_tripped && plan->saved_streams != NULL)
    memcpy (plan->streams, plan->saved_streams, plan->streams_bytes);
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
