/* SPDX-License-Identifier: Apache-2.0 */
/* Uses of a composite of the user's own are lowered in place: the nodes of its definition
 * stand in for a while under the use's name, and under their own ids, so that wires and
 * names within the definition lead where they should. */
#include "engine/document/composite-use.h"

#include "engine/base/error.h"
#include "engine/document/composite-own.h"
#include "engine/document/lower-private.h"
#include "engine/document/variable-scopes.h"

#include <string.h>

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

/* ---- the nodes that stand in ---- */

/* Copies of the definition's nodes, named below `name`. */
static GHashTable *
make_instances (const GwDocument *document,
                int64_t           group,
                const char       *name)
{
  GHashTable *instances = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) gw_item_unref);
  g_autoptr (GArray) content = gw_document_content (document, group, GW_ITEM_NODE);

  for (guint i = 0; i < content->len; i++)
    {
      int64_t id = g_array_index (content, int64_t, i);
      GwItem *item = gw_item_copy (gw_document_item (document, id));

      g_free (item->node.name);
      item->node.name = g_strdup_printf ("%s/%s", name, gw_document_inner_name (document, group, id));
      g_hash_table_insert (instances, id_key (id), item);
    }
  return instances;
}

/* Only what was set on the use: else the node inside keeps what it has. */
static void
set_params (const GwDocGroup *group,
            const GwDocNode  *use,
            GHashTable       *instances)
{
  for (guint i = 0; i < group->params->len; i++)
    {
      const GwGroupParam *param = &g_array_index (group->params, GwGroupParam, i);
      const GwAttrValue *value = gw_named_attrs_get (use->attrs, param->name);
      GwItem *item = g_hash_table_lookup (instances, id_key (param->node));

      if (value != NULL && item != NULL)
        gw_named_attrs_set (item->node.attrs, param->attr, value);
    }
}

/* ---- state of the lowering that the nodes inside would change ---- */

typedef struct {
  int64_t current, origin;
  char   *device;
  char   *scope;
} Saved;

static Saved
save (GwLowering *lowering)
{
  GwBuilder *b = &lowering->builder;

  return (Saved) { lowering->current, b->origin, g_steal_pointer (&b->device), g_steal_pointer (&b->scope) };
}

static void
restore (GwLowering *lowering,
         Saved      *saved)
{
  GwBuilder *b = &lowering->builder;

  lowering->current = saved->current;
  b->origin = saved->origin;
  g_free (b->device);
  b->device = saved->device;
  g_free (b->scope);
  b->scope = saved->scope;
}

/* ---- one copy ---- */

typedef struct {
  GwExpandContext *context;
  const GwDocNode *use;
  int64_t          group;
  GArray          *order;     /* of int64_t: nodes of the definition, inputs first */
  GArray          *args;      /* of int64_t */
  GArray          *results;
  GwNode          *last;      /* the last node that ran something */
  GPtrArray       *runs;      /* of GwNode: what nobody inside takes, to be run with it */
} Use;

static GArray *
order_of (GwLowering *lowering,
          int64_t     group)
{
  const GwLowerOptions options = lowering->options;
  GwLowering sorting;
  GArray *order;

  gw_lowering_init (&sorting, lowering->document, &options);
  gw_lowering_sort (&sorting, group);
  order = g_array_ref (sorting.order);
  gw_lowering_clear (&sorting);
  gw_lowered_unref (sorting.lowered);
  return order;
}

static void
forget (GwLowered    *lowered,
        const GArray *ids)
{
  for (guint i = 0; i < ids->len; i++)
    {
      gpointer key = id_key (g_array_index (ids, int64_t, i));

      g_hash_table_remove (lowered->outputs, key);
      g_hash_table_remove (lowered->finals, key);
      g_hash_table_remove (lowered->partials, key);
    }
}

static void
lower_result (Use      *use,
              int64_t   id,
              GwOutput *output)
{
  GwLowering *lowering = use->context->lowering;
  const GwDocNode *node = gw_lowering_doc_node (lowering, id);
  int n;
  g_autofree GwOutput *inputs = NULL;

  lowering->current = id;
  inputs = gw_lowering_gather (lowering, id, gw_document_op (lowering->document, node->op), &n);
  *output = inputs != NULL && n > 0 ? inputs[0] : GW_NO_OUTPUT;
}

/* Lowers the nodes of one copy called `name`; `values` in place of the arguments, and then
 * the results in `outputs`. */
static void
lower_copy (Use            *use,
            const char     *name,
            const GwOutput *values,
            GwOutput       *outputs)
{
  GwLowering *lowering = use->context->lowering;
  GwExpanding expanding = { .group = use->group, .use = lowering->current, .name = name, .outer = lowering->expanding };
  Saved saved = save (lowering);

  expanding.root = lowering->expanding != NULL ? lowering->expanding->root : saved.current;
  expanding.instances = make_instances (lowering->document, use->group, name);
  set_params (gw_document_group (lowering->document, use->group), use->use, expanding.instances);
  expanding.variables = gw_variable_scope_map (lowering, saved.current, name);
  lowering->expanding = &expanding;
  for (guint i = 0; i < use->args->len; i++)
    gw_lowered_set_outputs (lowering->lowered, g_array_index (use->args, int64_t, i), 1, &values[i]);
  for (guint i = 0; i < use->order->len; i++)
    {
      int64_t id = g_array_index (use->order, int64_t, i);
      const char *op = gw_lowering_doc_node (lowering, id)->op;

      if (g_str_equal (op, "_Arg") || g_str_equal (op, "_Retval"))
        continue;
      gw_lowering_node (lowering, id);
      if (gw_lowered_final (lowering->lowered, id) != NULL)
        use->last = gw_lowered_final (lowering->lowered, id);
      if (gw_lowered_n_outputs (lowering->lowered, id) == 0 && gw_lowered_final (lowering->lowered, id) != NULL)
        g_ptr_array_add (use->runs, gw_lowered_final (lowering->lowered, id));
      if (gw_lowered_partial (lowering->lowered, id) != NULL)
        gw_lowered_set_partial (lowering->lowered, saved.current, gw_lowered_partial (lowering->lowered, id));
    }
  for (guint i = 0; i < use->results->len; i++)
    lower_result (use, g_array_index (use->results, int64_t, i), &outputs[i]);
  forget (lowering->lowered, use->order);
  lowering->expanding = expanding.outer;
  restore (lowering, &saved);
  g_hash_table_unref (expanding.instances);
  g_free (expanding.variables);
}

/* ---- all copies ---- */

static gboolean
is_expanding (const GwLowering *lowering,
              int64_t           group)
{
  for (const GwExpanding *at = lowering->expanding; at != NULL; at = at->outer)
    if (at->group == group)
      return TRUE;
  return FALSE;
}

/* Whether the outputs fit the inputs that they would be wired to. */
static gboolean
check_repeat (const Use *use)
{
  const GwOpDef *def = use->context->def;
  int n_inputs = gw_ports_length (def->inputs), n_outputs = gw_ports_length (def->outputs);

  if (n_outputs == 0 || n_outputs > n_inputs)
    {
      gw_builder_fail (use->context->builder, GW_ERROR_INVALID_ARGUMENT,
                       "%s cannot be repeated: each output needs an input of the next one, and it has %d input%s and %d output%s",
                       def->name, n_inputs, n_inputs == 1 ? "" : "s", n_outputs, n_outputs == 1 ? "" : "s");
      return FALSE;
    }
  for (int i = 0; i < n_outputs; i++)
    if (!g_str_equal (def->inputs[i].type, def->outputs[i].type))
      {
        gw_builder_fail (use->context->builder, GW_ERROR_INVALID_ARGUMENT,
                         "%s cannot be repeated: its output %s is %s, and its input %s, which would take it, is %s", def->name,
                         def->outputs[i].name, def->outputs[i].type, def->inputs[i].name, def->inputs[i].type);
        return FALSE;
      }
  return TRUE;
}

static int64_t
repeat_of (const GwExpandContext *context)
{
  int index = gw_attr_defs_find (context->def->attrs, "repeat");

  return index >= 0 && context->attrs[index].type == GW_ATTR_INT ? context->attrs[index].i : 1;
}

static void
lower_copies (Use     *use,
              int64_t  repeat)
{
  GwExpandContext *context = use->context;
  GwLowered *lowered = context->lowering->lowered;
  g_autofree GwOutput *values = g_new0 (GwOutput, MAX (use->args->len, 1));
  g_autofree GwOutput *outputs = g_new0 (GwOutput, MAX (use->results->len, 1));
  guint problems = lowered->problems->len;

  for (int i = 0; i < context->n_inputs && i < (int) use->args->len; i++)
    values[i] = context->inputs[i];
  for (int64_t i = 0; i < repeat && lowered->problems->len == problems; i++)
    {
      g_autofree char *name = repeat > 1 ? g_strdup_printf ("%s/%" G_GINT64_FORMAT, context->name, i + 1) : g_strdup (context->name);

      lower_copy (use, name, values, outputs);
      for (guint k = 0; repeat > 1 && k < use->results->len; k++)
        values[k] = outputs[k];
    }
  for (guint i = 0; i < use->results->len && lowered->problems->len == problems; i++)
    if (outputs[i].node == NULL)
      gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT, "%s: its output %s is left out: something before it is missing or muted",
                       context->def->name, context->def->outputs[i].name);
  memcpy (context->outputs, outputs, use->results->len * sizeof (GwOutput));
}

/* What runs it as a target: what is not taken from, all of it; else its first output. */
static GwNode *
final_of (Use *use)
{
  GwExpandContext *context = use->context;
  GwNode *group;

  if (use->runs->len == 1 && use->results->len == 0)
    return g_ptr_array_index (use->runs, 0);
  if (use->runs->len == 0)
    return use->results->len > 0 ? context->outputs[0].node : use->last;
  group = gw_node_new (context->builder, "NoOp", "run", GW_NO_IN, NULL);
  for (guint i = 0; group != NULL && i < use->runs->len; i++)
    gw_graph_add_control (group, g_ptr_array_index (use->runs, i));
  for (guint i = 0; group != NULL && i < use->results->len; i++)
    if (context->outputs[i].node != NULL)
      gw_graph_add_control (group, context->outputs[i].node);
  return group;
}

void
gw_composite_use_expand (GwExpandContext *context)
{
  GwLowering *lowering = context->lowering;
  Use use = { .context = context, .use = gw_lowering_doc_node (lowering, lowering->current) };
  int64_t repeat = repeat_of (context);

  use.group = gw_document_find_group (lowering->document, context->def->name);
  if (is_expanding (lowering, use.group))
    {
      gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT, "the composite %s contains itself", context->def->name);
      return;
    }
  if (repeat > 1 && !check_repeat (&use))
    return;
  use.order = order_of (lowering, use.group);
  use.args = gw_document_arguments (lowering->document, use.group, FALSE);
  use.results = gw_document_arguments (lowering->document, use.group, TRUE);
  use.runs = g_ptr_array_new ();
  lower_copies (&use, repeat);
  lowering->final = context->builder->error == NULL ? final_of (&use) : NULL;
  g_array_set_size (lowering->outputs, 0);
  g_array_unref (use.order);
  g_array_unref (use.args);
  g_array_unref (use.results);
  g_ptr_array_unref (use.runs);
}
