/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/graph/function.h"

#include "engine/graph/graph-private.h"
#include "engine/graph/registry.h"

#include <string.h>

/* ---- making ---- */

static gboolean
is_op (const GwNode *node,
       const char   *op)
{
  return g_str_equal (node->def->name, op);
}

static gboolean
is_input (const GwFunction *function,
          const GwNode     *node)
{
  for (int i = 0; i < function->n_inputs; i++)
    if (function->inputs[i].node == node)
      return TRUE;
  return FALSE;
}

static gboolean
check_inputs (const GwFunction *function,
              GError          **error)
{
  for (int i = 0; i < function->n_inputs; i++)
    {
      const GwNode *node = function->inputs[i].node;

      if (node == NULL || node->graph != function->body || (!is_op (node, "_Arg") && !gw_output_is_handle ((GwOutput) { (GwNode *) node, 0 })))
        return gw_invalid (error, "%s: input %d must be an _Arg of its own", function->name, i);
      for (int k = 0; k < i; k++)
        if (function->inputs[k].node == node)
          return gw_invalid (error, "%s: %s is two of its inputs", function->name, node->name);
    }
  return TRUE;
}

static gboolean
check_body (const GwFunction *function,
            GError          **error)
{
  for (int id = 0; id < gw_graph_n_nodes (function->body); id++)
    {
      const GwNode *node = gw_graph_node (function->body, id);
      gboolean is_ref = node->n_outputs > 0 && gw_node_output_is_ref (node, 0);

      if (is_ref)
        gw_invalid (error, "a variable cannot stand in the sub-graph %s: wire its value to an input", function->name);
      else if (is_op (node, "_Arg") && !is_input (function, node))
        gw_invalid (error, "%s is not among the inputs of the sub-graph %s", node->name, function->name);
      else
        continue;
      gw_error_set_node (error, node->name, node->def->name);
      return FALSE;
    }
  for (int i = 0; i < function->n_outputs; i++)
    if (function->outputs[i].node == NULL || function->outputs[i].node->graph != function->body)
      return gw_invalid (error, "%s: output %d is not of its body", function->name, i);
  return TRUE;
}

GwFunction *
gw_function_new (const char     *name,
                 GwGraph        *body,
                 int             n_inputs,
                 const GwOutput *inputs,
                 int             n_outputs,
                 const GwOutput *outputs,
                 GError        **error)
{
  g_autoptr (GwFunction) function = g_new0 (GwFunction, 1);

  function->refs = 1;
  function->name = g_strdup (name);
  function->body = gw_graph_ref (body);
  function->n_inputs = n_inputs;
  function->inputs = g_memdup2 (inputs, sizeof *inputs * (gsize) n_inputs);
  function->n_outputs = n_outputs;
  function->outputs = g_memdup2 (outputs, sizeof *outputs * (gsize) n_outputs);
  function->output_types = g_new (GwDType, MAX (n_outputs, 1));
  if (!check_inputs (function, error) || !check_body (function, error))
    return NULL;
  for (int i = 0; i < n_outputs; i++)
    function->output_types[i] = gw_output_dtype (outputs[i]);
  return g_steal_pointer (&function);
}

GwFunction *
gw_function_ref (GwFunction *function)
{
  g_atomic_int_inc (&function->refs);
  return function;
}

void
gw_function_unref (GwFunction *function)
{
  if (function == NULL || !g_atomic_int_dec_and_test (&function->refs))
    return;
  gw_graph_unref (function->body);
  g_free (function->inputs);
  g_free (function->outputs);
  g_free (function->output_types);
  g_free (function->name);
  g_free (function);
}

/* ---- the functions of a graph ---- */

const char *
gw_graph_add_function (GwGraph    *graph,
                       GwFunction *function)
{
  g_autofree char *name = g_strdup (function->name);
  gpointer key, value;

  if (graph->functions == NULL)
    graph->functions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) gw_function_unref);
  for (int n = 1; g_hash_table_lookup_extended (graph->functions, name, &key, &value); n++)
    {
      if (value == function)
        return key;
      g_free (name);
      name = g_strdup_printf ("%s_%d", function->name, n);
    }
  g_hash_table_insert (graph->functions, name, gw_function_ref (function));
  return g_steal_pointer (&name);
}

GwFunction *
gw_graph_function (const GwGraph *graph,
                   const char    *name)
{
  return graph->functions != NULL && name != NULL ? g_hash_table_lookup (graph->functions, name) : NULL;
}

GwFunction *
gw_node_function (const GwNode *node,
                  const char   *attr,
                  int           index,
                  GError      **error)
{
  int n;
  char *const *names = gw_attr_func_names (gw_node_attr (node, attr), &n);
  const char *name = index < n ? names[index] : NULL;
  GwFunction *function = gw_graph_function (node->graph, name);

  if (function != NULL)
    return function;
  if (name == NULL || *name == '\0')
    gw_invalid (error, "%s names no sub-graph", attr);
  else
    g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "%s names the sub-graph “%s”, and there is none called so", attr, name);
  return NULL;
}

GwFunction *
gw_node_function_at (const GwNode *node,
                     int           n)
{
  for (int i = 0; i < gw_attr_defs_length (node->def->attrs); i++)
    {
      int n_names;
      char *const *names = gw_attr_func_names (&node->attrs[i], &n_names);

      if (n < n_names)
        return gw_graph_function (node->graph, names[n]);
      n -= n_names;
    }
  return NULL;
}

GwOutput
gw_function_arg (GwBuilder  *builder,
                 const char *name,
                 int         index,
                 GwOutput    like)
{
  GwNode *variable;

  if (like.node == NULL || builder->error != NULL)
    return GW_NO_OUTPUT;
  variable = gw_output_is_handle (like) ? gw_output_variable (like) : NULL;
  if (variable != NULL)
    return gw_handle_like (builder, name, variable, NULL);
  return gw_output_of (gw_node_new (builder, "_Arg", name, GW_NO_IN,
                                    GW_WITH ({ "T", gw_attr_dtype (gw_output_dtype (like)) },
                                             { "index", gw_attr_int (index) },
                                             { "shape", gw_attr_shape (*gw_output_shape (like)) })), 0);
}

/* ---- copying a body ---- */

typedef struct {
  GwBuilder        *builder;
  const GwFunction *function;
  const GwOutput   *args;
  GwNode          **copies;  /* per node of the body; NULL for inputs and what is left out */
  int               n_values;
  const GwFunctionValue *values; /* those that are something outside take the place of what is inside */
} Copier;

static GwOutput
copied (const Copier *copier,
        GwOutput      output)
{
  for (int i = 0; i < copier->function->n_inputs; i++)
    if (copier->function->inputs[i].node == output.node)
      return copier->args[i];
  for (int i = 0; i < copier->n_values; i++)
    if (copier->values[i].outside.node != NULL && gw_output_equal (copier->values[i].inside, output))
      return copier->values[i].outside;
  return gw_output_of (copier->copies[output.node->id], output.index);
}

/* The attributes of a node; the functions that they name become the other graph's. Lists of
 * names are put into `lists`. */
static GwAttrSetting *
copy_settings (const Copier *copier,
               const GwNode *node,
               GPtrArray    *lists,
               int          *n)
{
  GwAttrSetting *settings;

  *n = gw_attr_defs_length (node->def->attrs);
  settings = g_new (GwAttrSetting, MAX (*n, 1));
  for (int i = 0; i < *n; i++)
    {
      GwAttrValue *value = &settings[i].value;
      int n_names;
      char *const *names = gw_attr_func_names (&node->attrs[i], &n_names);
      char **copies = n_names > 0 ? (char **) &value->s : NULL;

      settings[i] = (GwAttrSetting) { node->def->attrs[i].name, node->attrs[i] };
      if (value->type == GW_ATTR_FUNCS)
        g_ptr_array_add (lists, value->list.s = copies = g_memdup2 (names, sizeof *names * (gsize) n_names));
      for (int k = 0; k < n_names; k++)
        {
          GwFunction *function = gw_graph_function (node->graph, names[k]);

          if (function != NULL)
            copies[k] = (char *) gw_graph_add_function (copier->builder->graph, function);
        }
    }
  return settings;
}

static void
copy_node (Copier       *copier,
           const GwNode *node)
{
  GwBuilder *builder = copier->builder;
  g_autofree GwOutput *inputs = g_new (GwOutput, MAX (node->n_inputs, 1));
  g_autofree char *name = g_strconcat (builder->scope != NULL ? builder->scope : "", node->name, NULL);
  g_autofree GwAttrSetting *settings = NULL;
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func (g_free);
  GwNodeSpec spec = {
    .def = node->def, .name = name, .n_inputs = node->n_inputs, .inputs = inputs,
    .device = node->device, .origin = node->origin != 0 ? node->origin : builder->origin,
  };

  for (int i = 0; i < node->n_inputs; i++)
    inputs[i] = copied (copier, node->inputs[i]);
  spec.attrs = settings = copy_settings (copier, node, lists, &spec.n_attrs);
  copier->copies[node->id] = gw_graph_add (builder->graph, &spec, &builder->error);
  if (copier->copies[node->id] != NULL && node->partial != NULL && node->n_inputs == 0)
    copier->copies[node->id]->partial = g_memdup2 (node->partial, sizeof *node->partial);
}

static void
copy_controls (const Copier *copier,
               const GwNode *node)
{
  for (guint i = 0; node->control_inputs != NULL && i < node->control_inputs->len; i++)
    {
      const GwNode *before = g_ptr_array_index (node->control_inputs, i);

      if (copier->copies[before->id] != NULL && copier->copies[node->id] != NULL)
        gw_graph_add_control (copier->copies[node->id], copier->copies[before->id]);
    }
}

/* Marks what a marked node needs. FALSE when there was nothing to mark. */
static gboolean
mark_needed (const GwNode *node,
             gboolean     *reached)
{
  gboolean changed = FALSE;

  for (int i = 0; i < node->n_inputs; i++)
    {
      changed = changed || !reached[node->inputs[i].node->id];
      reached[node->inputs[i].node->id] = TRUE;
    }
  for (guint i = 0; node->control_inputs != NULL && i < node->control_inputs->len; i++)
    {
      gboolean *before = &reached[((const GwNode *) g_ptr_array_index (node->control_inputs, i))->id];

      changed = changed || !*before;
      *before = TRUE;
    }
  return changed;
}

gboolean *
gw_function_reached (const GwFunction *function)
{
  int n = gw_graph_n_nodes (function->body);
  gboolean *reached = g_new0 (gboolean, MAX (n, 1));
  gboolean changed = TRUE;

  for (int i = 0; i < function->n_outputs; i++)
    reached[function->outputs[i].node->id] = TRUE;
  for (int id = 0; id < n; id++)
    reached[id] = reached[id] || gw_function_is_effect (gw_graph_node (function->body, id));
  /* One pass, but for control edges from younger nodes. */
  while (changed)
    {
      changed = FALSE;
      for (int id = n - 1; id >= 0; id--)
        if (reached[id])
          changed = mark_needed (gw_graph_node (function->body, id), reached) || changed;
    }
  return reached;
}

/* Whether nothing of the node is wanted, as other values take the place of all its outputs. */
static gboolean
is_replaced (const Copier *copier,
             GwNode       *node)
{
  int n = 0;

  for (int i = 0; i < copier->n_values; i++)
    n += copier->values[i].outside.node != NULL && copier->values[i].inside.node == node;
  return n > 0 && n == node->n_outputs;
}

static void
copy_body (Copier         *copier,
           const gboolean *reached)
{
  const GwFunction *function = copier->function;
  GwBuilder *builder = copier->builder;
  int n = gw_graph_n_nodes (function->body);

  for (int i = 0; i < function->n_inputs; i++)
    if (copier->args[i].node == NULL && builder->error == NULL)
      gw_builder_fail (builder, GW_ERROR_INVALID_ARGUMENT, "%s: input %d is missing", function->name, i);
  for (int id = 0; id < n && builder->error == NULL; id++)
    {
      GwNode *node = gw_graph_node (function->body, id);

      if (reached[id] && !is_input (function, node) && !is_replaced (copier, node))
        copy_node (copier, node);
    }
  for (int id = 0; id < n && builder->error == NULL; id++)
    copy_controls (copier, gw_graph_node (function->body, id));
}

gboolean
gw_function_inline_values (GwBuilder        *builder,
                           const GwFunction *function,
                           const GwOutput   *args,
                           int               n,
                           GwFunctionValue  *values,
                           GwOutput         *results)
{
  g_autofree GwNode **copies = g_new0 (GwNode *, MAX (gw_graph_n_nodes (function->body), 1));
  g_autofree gboolean *reached = gw_function_reached (function);
  Copier copier = { builder, function, args, copies, n, values };

  copy_body (&copier, reached);
  for (int i = 0; i < function->n_outputs; i++)
    results[i] = builder->error == NULL ? copied (&copier, function->outputs[i]) : GW_NO_OUTPUT;
  for (int i = 0; i < n; i++)
    values[i].outside = builder->error == NULL ? copied (&copier, values[i].inside) : GW_NO_OUTPUT;
  return builder->error == NULL;
}

gboolean
gw_function_inline (GwBuilder        *builder,
                    const GwFunction *function,
                    const GwOutput   *args,
                    GwOutput         *results)
{
  return gw_function_inline_values (builder, function, args, 0, NULL, results);
}

/* ---- inference ---- */

gboolean
gw_function_infer (const GwFunction    *function,
                   const GwOutputFacts *facts,
                   GwShape             *shapes,
                   GError             **error)
{
  g_autoptr (GwGraph) graph = gw_graph_new ();
  g_autofree GwOutput *args = g_new0 (GwOutput, MAX (function->n_inputs, 1));
  g_autofree GwOutput *results = g_new0 (GwOutput, MAX (function->n_outputs, 1));
  GwBuilder builder;

  gw_builder_init (&builder, graph);
  for (int i = 0; i < function->n_inputs; i++)
    args[i] = gw_output_stand_in (&builder, &facts[i], function->inputs[i].node->name);
  gw_function_inline (&builder, function, args, results);
  for (int i = 0; i < function->n_outputs && builder.error == NULL; i++)
    shapes[i] = *gw_output_shape (results[i]);
  return gw_builder_finish (&builder, error);
}

/* ---- what a body does besides giving values ---- */

gboolean
gw_function_is_effect (const GwNode *node)
{
  return (node->def->flags & GW_OP_STATEFUL) != 0 && (node->def->flags & (GW_OP_RANDOM | GW_OP_FORWARDS_INPUT)) == 0 &&
         (node->n_inputs > 0 || node->control_inputs != NULL) && (node->def->flags & GW_OP_CALLS) == 0 && !is_op (node, "_Retval");
}

/* Assert and its like may run twice: they only look. */
static gboolean
may_repeat (const GwNode *node)
{
  return (node->def->flags & (GW_OP_STATEFUL | GW_OP_RANDOM)) == 0 || (node->def->flags & GW_OP_CALLS) != 0 ||
         is_op (node, "_Arg") || is_op (node, "VarHandleOp") || is_op (node, "HashTableV2") || is_op (node, "LookupTableFindV2") ||
         is_op (node, "ReadVariableOp") || is_op (node, "Assert") ||
         is_op (node, "NoOp") || is_op (node, "Placeholder") || is_op (node, "_Retval") || (node->def->flags & GW_OP_FORWARDS_INPUT) != 0;
}

const GwNode *
gw_function_node_unrepeatable (const GwNode *node)
{
  const GwFunction *called;
  const GwNode *found = NULL;

  if (!may_repeat (node))
    return node;
  for (int n = 0; found == NULL && (called = gw_node_function_at (node, n)) != NULL; n++)
    found = gw_function_unrepeatable (called);
  return found;
}

const GwNode *
gw_function_unrepeatable (const GwFunction *function)
{
  const GwNode *found = NULL;

  for (int id = 0; found == NULL && id < gw_graph_n_nodes (function->body); id++)
    found = gw_function_node_unrepeatable (gw_graph_node (function->body, id));
  return found;
}
