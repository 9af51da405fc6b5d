/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/runtime/call.h"

#include "engine/base/error.h"
#include "engine/runtime/plan-private.h"

/* Plans kept for each sub-graph: one for each set of shapes. */
#define MAX_PLANS 8

/* ---- copies ---- */

void
gw_callee_free (gpointer data)
{
  GwCallee *callee = data;

  gw_function_unref (callee->function);
  gw_graph_unref (callee->graph);
  g_ptr_array_unref (callee->effects);
  g_free (callee);
}

/* Inputs as the caller has them: its variables for handles, open shapes for values. */
static void
make_args (GwBuilder        *builder,
           const GwFunction *function,
           const GwNode     *node,
           int               first,
           GwOutput         *args)
{
  for (int i = 0; i < function->n_inputs; i++)
    {
      const char *name = function->inputs[i].node->name;
      GwNode *variable = gw_output_variable (node->inputs[first + i]);

      if (variable != NULL && gw_output_is_handle (node->inputs[first + i]))
        args[i] = gw_handle_like (builder, name, variable, gw_session_variable_name (variable));
      else
        args[i] = gw_output_of (gw_node_new (builder, "_Arg", name, GW_NO_IN,
                                             GW_WITH ({ "T", gw_attr_dtype (gw_output_dtype (node->inputs[first + i])) },
                                                      { "index", gw_attr_int (i) })), 0);
    }
}

static GwCallee *
copy_function (const GwFunction *function,
               const GwNode     *node,
               int               first,
               GError          **error)
{
  g_autoptr (GwGraph) graph = gw_graph_new ();
  g_autofree GwOutput *args = g_new0 (GwOutput, MAX (function->n_inputs, 1));
  g_autofree GwOutput *results = g_new0 (GwOutput, MAX (function->n_outputs, 1));
  GwBuilder builder;
  GwCallee *callee;
  GwFunction *copy;

  gw_builder_init (&builder, graph);
  make_args (&builder, function, node, first, args);
  gw_function_inline (&builder, function, args, results);
  if (!gw_builder_finish (&builder, error))
    return NULL;
  copy = gw_function_new (function->name, graph, function->n_inputs, args, function->n_outputs, results, error);
  if (copy == NULL)
    return NULL;
  callee = g_new0 (GwCallee, 1);
  *callee = (GwCallee) { node, gw_graph_ref (node->graph), copy, g_ptr_array_new () };
  for (int id = 0; id < gw_graph_n_nodes (graph); id++)
    if (gw_function_is_effect (gw_graph_node (graph, id)))
      g_ptr_array_add (callee->effects, gw_graph_node (graph, id));
  return callee;
}

/* The first input that the sub-graphs get: all inputs belong to the last port. */
static int
first_input (const GwNode *node)
{
  int first = 0;
  const GwPortDef *last = node->def->inputs + gw_ports_length (node->def->inputs) - 1;

  while (first < node->n_inputs && gw_node_input_port (node, first) != last)
    first++;
  return first;
}

GwCallee **
gw_session_callees (GwSession    *session,
                    const GwNode *node,
                    int          *n_functions,
                    GError      **error)
{
  GHashTable *table = gw_session_callee_table (session);
  GPtrArray *callees = g_hash_table_lookup (table, node);
  const GwFunction *function;

  if (callees == NULL)
    {
      g_autoptr (GPtrArray) made = g_ptr_array_new_with_free_func (gw_callee_free);

      for (int n = 0; (function = gw_node_function_at (node, n)) != NULL; n++)
        {
          GwCallee *callee = copy_function (function, node, first_input (node), error);

          if (callee == NULL)
            return NULL;
          g_ptr_array_add (made, callee);
        }
      callees = g_steal_pointer (&made);
      g_hash_table_insert (table, (gpointer) node, callees);
    }
  *n_functions = (int) callees->len;
  return (GwCallee **) callees->pdata;
}

/* ---- calling ---- */

typedef struct {
  GwShape *shapes;  /* per value that is fed */
  GwPlan  *plan;
} Compiled;

/* One sub-graph of the step. */
typedef struct {
  const GwCallee *callee;
  int             n_feeds;
  int            *feed_inputs;  /* which input each feed is: those that are no handles */
  GwOutput       *feeds;
  int             n_fetches;
  int            *fetch_outputs;
  GwOutput       *fetches;
  GPtrArray      *compiled;     /* of Compiled, last used first */
  GwTensor      **fed, **fetched;
  GwShape        *shapes;
} Site;

typedef struct {
  GwKernelCalls base;
  GwPlan       *plan;
  int           n_sites;
  Site         *sites;
} Calls;

static void
compiled_free (gpointer data)
{
  Compiled *compiled = data;

  gw_plan_free (compiled->plan);
  g_free (compiled->shapes);
  g_free (compiled);
}

static void
site_init (Site           *site,
           const GwCallee *callee)
{
  const GwFunction *function = callee->function;
  gsize n = (gsize) MAX (function->n_inputs, 1), m = (gsize) MAX (function->n_outputs, 1);

  *site = (Site) {
    .callee = callee, .compiled = g_ptr_array_new_with_free_func (compiled_free),
    .feed_inputs = g_new (int, n), .feeds = g_new (GwOutput, n), .fed = g_new0 (GwTensor *, n), .shapes = g_new0 (GwShape, n),
    .fetch_outputs = g_new (int, m), .fetches = g_new (GwOutput, m), .fetched = g_new0 (GwTensor *, m),
  };
  for (int i = 0; i < function->n_inputs; i++)
    if (!gw_output_is_handle (function->inputs[i]))
      {
        site->feed_inputs[site->n_feeds] = i;
        site->feeds[site->n_feeds++] = function->inputs[i];
      }
  for (int i = 0; i < function->n_outputs; i++)
    if (!gw_output_is_handle (function->outputs[i]))
      {
        site->fetch_outputs[site->n_fetches] = i;
        site->fetches[site->n_fetches++] = function->outputs[i];
      }
}

static gboolean
same_shapes (const Site     *site,
             const Compiled *compiled)
{
  for (int i = 0; i < site->n_feeds; i++)
    if (!gw_shape_equal (&site->shapes[i], &compiled->shapes[i]))
      return FALSE;
  return TRUE;
}

/* The plan for site->shapes. */
static GwPlan *
find_plan (Calls   *calls,
           Site    *site,
           GError **error)
{
  const GPtrArray *effects = site->callee->effects;
  GwPlanSpec spec = {
    .graph = site->callee->function->body, .n_feeds = site->n_feeds, .feeds = site->feeds, .feed_shapes = site->shapes,
    .n_fetches = site->n_fetches, .fetches = site->fetches,
    .n_targets = (int) effects->len, .targets = (GwNode *const *) effects->pdata,
  };
  Compiled *compiled;
  GwPlan *plan;

  for (guint i = 0; i < site->compiled->len; i++)
    {
      compiled = g_ptr_array_index (site->compiled, i);
      if (!same_shapes (site, compiled))
        continue;
      if (i > 0)
        g_ptr_array_insert (site->compiled, 0, g_ptr_array_steal_index (site->compiled, i));
      return compiled->plan;
    }
  plan = gw_plan_new (calls->plan->session, &spec, error);
  if (plan == NULL)
    return NULL;
  compiled = g_new0 (Compiled, 1);
  *compiled = (Compiled) { g_memdup2 (site->shapes, sizeof (GwShape) * (gsize) MAX (site->n_feeds, 1)), plan };
  g_ptr_array_insert (site->compiled, 0, compiled);
  if (site->compiled->len > MAX_PLANS)
    g_ptr_array_set_size (site->compiled, MAX_PLANS);
  return plan;
}

static gboolean
call (GwKernelCalls    *base,
      int               function,
      GwTensor *const  *inputs,
      GwTensor        **results,
      GError          **error)
{
  Calls *calls = (Calls *) base;
  Site *site = &calls->sites[function];
  GwPlan *plan;

  for (int i = 0; i < site->n_feeds; i++)
    {
      site->fed[i] = inputs[site->feed_inputs[i]];
      site->shapes[i] = site->fed[i]->shape;
    }
  plan = find_plan (calls, site, error);
  if (plan == NULL || !gw_plan_run (plan, site->fed, calls->plan->options, site->fetched, error))
    return FALSE;
  for (int i = 0; i < site->n_fetches; i++)
    results[site->fetch_outputs[i]] = site->fetched[i];
  return TRUE;
}

static int64_t
max_iterations (const GwKernelCalls *base)
{
  const GwRunOptions *options = ((const Calls *) base)->plan->options;

  return options != NULL ? options->max_iterations : 0;
}

GwKernelCalls *
gw_calls_new (GwPlan       *plan,
              const GwNode *node,
              GError      **error)
{
  int n;
  GwCallee **callees = gw_session_callees (plan->session, node, &n, error);
  Calls *calls;

  if (callees == NULL)
    {
      gw_error_set_node (error, node->name, node->def->name);
      return NULL;
    }
  calls = g_new (Calls, 1);
  *calls = (Calls) { { call, max_iterations }, plan, n, g_new0 (Site, MAX (n, 1)) };
  for (int i = 0; i < n; i++)
    site_init (&calls->sites[i], callees[i]);
  return &calls->base;
}

void
gw_calls_free (GwKernelCalls *base)
{
  Calls *calls = (Calls *) base;

  for (int i = 0; calls != NULL && i < calls->n_sites; i++)
    {
      Site *site = &calls->sites[i];

      g_ptr_array_unref (site->compiled);
      g_free (site->feed_inputs);
      g_free (site->feeds);
      g_free (site->fed);
      g_free (site->shapes);
      g_free (site->fetch_outputs);
      g_free (site->fetches);
      g_free (site->fetched);
    }
  if (calls != NULL)
    g_free (calls->sites);
  g_free (calls);
}
