/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/functions-private.h"

#include "engine/base/error.h"
#include "engine/graph/registry.h"

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

gboolean
gw_op_calls (const GwOpDef *def)
{
  for (int i = 0; def != NULL && i < gw_attr_defs_length (def->attrs); i++)
    if (def->attrs[i].type == GW_ATTR_FUNC || def->attrs[i].type == GW_ATTR_FUNCS)
      return TRUE;
  return FALSE;
}

void
gw_document_called_nodes (const GwDocument *document,
                          const GwDocNode  *node,
                          GArray           *ids)
{
  for (guint i = 0; i < node->attrs->len; i++)
    {
      const GwAttrValue *value = &g_array_index (node->attrs, GwNamedAttr, i).value;
      int n_names;
      char *const *names = gw_attr_func_names (value, &n_names);

      for (int k = 0; k < n_names; k++)
        {
          int64_t group = names[k] != NULL ? gw_document_find_group (document, names[k]) : 0;
          g_autoptr (GArray) content = group != 0 ? gw_document_content (document, group, GW_ITEM_NODE) : NULL;

          if (content != NULL)
            g_array_append_vals (ids, content->data, content->len);
        }
    }
}

/* ---- one definition ---- */

/* What a body cannot hold: each lives outside, and its value is wired in. */
static void
refuse_residents (GwLowering *inner)
{
  for (guint i = 0; i < inner->lowered->variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (inner->lowered->variables, i);

      gw_lowering_problem (inner, variable->origin, NULL,
                           g_error_new (GW_ERROR, GW_ERROR_INVALID_ARGUMENT,
                                        "the variable %s cannot live in a sub-graph: let it stand outside, and wire its value "
                                        "to an input", variable->name));
    }
  for (guint i = 0; i < inner->lowered->inputs->len; i++)
    {
      const GwLoweredInput *input = g_ptr_array_index (inner->lowered->inputs, i);

      gw_lowering_problem (inner, input->node, NULL,
                           g_error_new (GW_ERROR, GW_ERROR_INVALID_ARGUMENT,
                                        "nothing feeds a placeholder in a sub-graph: use a sub-graph input (_Arg)"));
    }
}

/* Problems go to where the user looks for them: with the whole document, to the nodes inside;
 * of a node by itself, to that node. */
static void
pass_problems (GwLowering *lowering,
               GwLowering *inner,
               const char *name)
{
  GPtrArray *problems = inner->lowered->problems;

  if (!lowering->is_fragment)
    while (problems->len > 0)
      g_ptr_array_add (lowering->lowered->problems, g_ptr_array_steal_index (problems, 0));
  else if (problems->len > 0 && lowering->calling == NULL)
    {
      const GwProblem *first = g_ptr_array_index (problems, 0);

      gw_lowering_problem (lowering, lowering->current, NULL,
                           g_error_new (GW_ERROR, (int) first->rule, "the sub-graph %s: %s: %s", name,
                                        first->node_name != NULL ? first->node_name : "it", first->message));
    }
}

/* The ends of the body in its graph. FALSE when one was not lowered. */
static gboolean
find_ends (const GwLowering *inner,
           int64_t           group,
           gboolean          results,
           GArray           *ends)
{
  g_autoptr (GArray) ids = gw_document_arguments (inner->document, group, results);

  for (guint i = 0; i < ids->len; i++)
    {
      GwNode *node = gw_lowered_final (inner->lowered, g_array_index (ids, int64_t, i));
      GwOutput end = results ? (node != NULL ? node->inputs[0] : GW_NO_OUTPUT) : gw_output_of (node, 0);

      if (end.node == NULL)
        return FALSE;
      g_array_append_val (ends, end);
    }
  return TRUE;
}

static GwFunction *
make_function (GwLowering *inner,
               int64_t     group,
               GError    **error)
{
  g_autoptr (GArray) args = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  g_autoptr (GArray) results = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  const char *name = gw_document_group (inner->document, group)->name;

  if (!find_ends (inner, group, FALSE, args) || !find_ends (inner, group, TRUE, results))
    {
      gw_invalid (error, "the sub-graph %s is not complete: one of its inputs or outputs is left out", name);
      return NULL;
    }
  return gw_function_new (name, inner->lowered->graph, (int) args->len, (const GwOutput *) args->data, (int) results->len,
                          (const GwOutput *) results->data, error);
}

static GwFunction *
lower_definition (GwLowering *lowering,
                  int64_t     group,
                  GError    **error)
{
  const char *name = gw_document_group (lowering->document, group)->name;
  GwLowerOptions options = lowering->options;
  GwCalling calling = { group, lowering->calling };
  GwFunction *function = NULL;
  GwLowering inner;

  options.training = FALSE;
  gw_lowering_init (&inner, lowering->document, &options);
  inner.is_fragment = lowering->is_fragment;
  inner.calling = &calling;
  inner.functions = g_hash_table_ref (lowering->functions);
  gw_lowering_sort (&inner, group);
  for (guint i = 0; i < inner.order->len; i++)
    gw_lowering_node (&inner, g_array_index (inner.order, int64_t, i));
  refuse_residents (&inner);
  if (!gw_lowered_has_errors (inner.lowered))
    function = make_function (&inner, group, error);
  pass_problems (lowering, &inner, name);
  gw_lowering_clear (&inner);
  gw_lowered_unref (inner.lowered);
  return function;
}

static gboolean
is_calling (const GwLowering *lowering,
            int64_t           group)
{
  for (const GwCalling *calling = lowering->calling; calling != NULL; calling = calling->outer)
    if (calling->group == group)
      return TRUE;
  return FALSE;
}

GwFunction *
gw_lowering_function (GwLowering *lowering,
                      const char *name,
                      GError    **error)
{
  int64_t group = name != NULL ? gw_document_find_group (lowering->document, name) : 0;
  gpointer found;

  if (group == 0 || gw_document_group (lowering->document, group)->kind != GW_GROUP_FUNCTION)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "there is no sub-graph called “%s”", name != NULL ? name : "");
      return NULL;
    }
  if (is_calling (lowering, group))
    {
      gw_invalid (error, "the sub-graph %s calls itself", name);
      return NULL;
    }
  if (lowering->functions == NULL)
    lowering->functions = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) gw_function_unref);
  if (!g_hash_table_lookup_extended (lowering->functions, id_key (group), NULL, &found))
    {
      found = lower_definition (lowering, group, error);
      g_hash_table_insert (lowering->functions, id_key (group), found);
    }
  if (found != NULL)
    gw_graph_add_function (lowering->lowered->graph, found);
  return found;
}

/* ---- who calls ---- */

static void
set_output_types (const GwFunction *function,
                  GArray           *settings)
{
  GwAttrSetting setting = { "Tout", gw_attr_dtypes (function->n_outputs, function->output_types) };

  for (guint i = settings->len; i > 0; i--)
    if (g_str_equal (g_array_index (settings, GwAttrSetting, i - 1).name, "Tout"))
      g_array_remove_index (settings, i - 1);
  g_array_append_val (settings, setting);
}

/* The functions that one attribute names: their names become those they have in the graph. */
static gboolean
add_called (GwLowering        *lowering,
            GwAttrSetting     *setting,
            GPtrArray         *lists,
            const GwFunction **first,
            GError           **error)
{
  GwAttrValue *value = &setting->value;
  int n;
  char *const *names = gw_attr_func_names (value, &n);
  char **fresh = n > 0 ? &value->s : NULL;

  if (value->type == GW_ATTR_FUNCS)
    g_ptr_array_add (lists, value->list.s = fresh = g_memdup2 (names, sizeof *names * (gsize) n));
  for (int i = 0; i < n; i++)
    {
      GwFunction *function = gw_lowering_function (lowering, fresh[i], error);

      if (function == NULL)
        {
          if (error != NULL && *error != NULL)
            g_prefix_error (error, "%s: ", setting->name);
          return FALSE;
        }
      fresh[i] = (char *) gw_graph_add_function (lowering->lowered->graph, function);
      if (*first == NULL)
        *first = function;
    }
  return TRUE;
}

gboolean
gw_lowering_add_calls (GwLowering    *lowering,
                       const GwOpDef *def,
                       GArray        *settings,
                       GPtrArray     *lists,
                       GError       **error)
{
  const GwFunction *first = NULL;

  for (guint i = 0; i < settings->len; i++)
    if (!add_called (lowering, &g_array_index (settings, GwAttrSetting, i), lists, &first, error))
      return FALSE;
  if (first != NULL && gw_attr_defs_find (def->attrs, "Tout") >= 0)
    set_output_types (first, settings);
  return TRUE;
}

void
gw_lowering_check_functions (GwLowering *lowering)
{
  int n;
  const int64_t *ids = gw_document_ids (lowering->document, GW_ITEM_GROUP, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocGroup *group = gw_document_group (lowering->document, ids[i]);
      g_autoptr (GError) error = NULL;

      if (group->kind == GW_GROUP_FUNCTION &&
          (lowering->functions == NULL || !g_hash_table_contains (lowering->functions, id_key (ids[i]))))
        gw_lowering_function (lowering, group->name, &error);
    }
}
