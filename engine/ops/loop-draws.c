/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ops/loop-draws.h"

#include "engine/graph/registry.h"
#include "engine/ops/function-maker.h"

#include <string.h>

/* ---- finding them ---- */

static gboolean
is_op (const GwNode *node,
       const char   *op)
{
  return strcmp (node->def->name, op) == 0;
}

/* The variable of the loop that is a list to whose end every turn puts `value`; -1. */
static int
list_of (const GwFunction *body,
         GwOutput          value)
{
  for (int i = 0; i < body->n_outputs && i < body->n_inputs; i++)
    {
      const GwNode *push = body->outputs[i].node;

      if (is_op (push, "TensorListPushBack") && gw_output_equal (push->inputs[0], body->inputs[i]) &&
          gw_output_equal (push->inputs[1], value))
        return i;
    }
  return -1;
}

const GwNode *
gw_loop_draws (const GwFunction *body,
               GArray           *draws)
{
  g_autofree gboolean *reached = gw_function_reached (body);

  for (int id = 0; id < gw_graph_n_nodes (body->body); id++)
    {
      GwNode *node = gw_graph_node (body->body, id);
      const GwNode *unrepeatable = reached[id] ? gw_function_node_unrepeatable (node) : NULL;

      if (unrepeatable == NULL)
        continue;
      if (unrepeatable != node || (node->def->flags & GW_OP_RANDOM) == 0)
        return unrepeatable;
      for (int i = 0; i < node->n_outputs; i++)
        {
          GwOutput inside = { node, i };
          GwLoopDraw draw = { { inside, GW_NO_OUTPUT }, list_of (body, inside) };

          g_array_append_val (draws, draw);
        }
    }
  return NULL;
}

/* ---- keeping them ---- */

gboolean
gw_op_is_loop (const GwOpDef *def)
{
  return strcmp (def->name, "While") == 0 || strcmp (def->name, "StatelessWhile") == 0;
}

typedef struct {
  GwBuilder         b;      /* of the graph that the loop stands in */
  const GwNodeSpec *spec;
  const GwFunction *cond, *body;
  GArray           *draws;
  GArray           *inputs; /* of GwOutput: the loop's, then the lists */
} Keeper;

static const GwFunction *
called (const Keeper *keeper,
        const char   *attr)
{
  for (int i = 0; i < keeper->spec->n_attrs; i++)
    if (strcmp (keeper->spec->attrs[i].name, attr) == 0)
      return gw_graph_function (keeper->b.graph, keeper->spec->attrs[i].value.s);
  return NULL;
}

static GwAttrSetting
element_type (GwOutput value)
{
  return (GwAttrSetting) { "element_dtype", gw_attr_dtype (gw_output_dtype (value)) };
}

static void
add_lists (Keeper *keeper)
{
  GwBuilder *b = &keeper->b;
  g_autofree char *scope = g_strconcat (keeper->spec->name, "/draws", NULL);
  char *previous = gw_builder_enter (b, scope);

  g_array_append_vals (keeper->inputs, keeper->spec->inputs, (guint) keeper->spec->n_inputs);
  for (guint i = 0; i < keeper->draws->len; i++)
    {
      GwOutput inside = g_array_index (keeper->draws, GwLoopDraw, i).value.inside;
      GwOutput list = gw_op (b, "EmptyTensorList", GW_IN (gw_const_scalar (b, GW_INT32, -1), gw_const_scalar (b, GW_INT32, -1)),
                             GW_WITH (element_type (inside)));

      g_array_append_val (keeper->inputs, list);
    }
  gw_builder_leave (b, previous);
}

/* With the inputs of `function`, and the lists. */
static void
begin (Keeper           *keeper,
       GwMaker          *maker,
       const GwFunction *function)
{
  gw_maker_init (maker, &keeper->b);
  for (guint i = 0; i < keeper->inputs->len; i++)
    gw_maker_add_arg (maker, "v", (int) i, (int) i < function->n_inputs ? function->inputs[i]
                                                                       : g_array_index (keeper->inputs, GwOutput, i));
}

static GwFunction *
keeping_cond (Keeper *keeper)
{
  GwOutput result = GW_NO_OUTPUT;
  GwMaker maker;

  begin (keeper, &maker, keeper->cond);
  gw_function_inline (&maker.builder, keeper->cond, (const GwOutput *) maker.args->data, &result);
  gw_maker_add_result (&maker, result);
  return gw_maker_finish (&maker, &keeper->b, keeper->cond->name, "keeping");
}

static GwFunction *
keeping_body (Keeper *keeper)
{
  int n = keeper->body->n_outputs, n_draws = (int) keeper->draws->len;
  g_autofree GwOutput *results = g_new0 (GwOutput, MAX (n, 1));
  g_autofree GwFunctionValue *values = g_new0 (GwFunctionValue, n_draws);
  const GwOutput *args;
  GwMaker maker;

  begin (keeper, &maker, keeper->body);
  args = (const GwOutput *) maker.args->data;
  for (int i = 0; i < n_draws; i++)
    values[i] = g_array_index (keeper->draws, GwLoopDraw, i).value;
  gw_function_inline_values (&maker.builder, keeper->body, args, n_draws, values, results);
  for (int i = 0; i < n; i++)
    gw_maker_add_result (&maker, results[i]);
  for (int i = 0; i < n_draws && maker.builder.error == NULL; i++)
    gw_maker_add_result (&maker, gw_op (&maker.builder, "TensorListPushBack", GW_IN (args[n + i], values[i].outside),
                                        GW_WITH (element_type (values[i].inside))));
  return gw_maker_finish (&maker, &keeper->b, keeper->body->name, "keeping");
}

/* The loop with the lists; what follows from the inputs is left to follow. */
static GwNode *
add_keeping (Keeper *keeper)
{
  g_autoptr (GwFunction) cond = keeper->b.error == NULL ? keeping_cond (keeper) : NULL;
  g_autoptr (GwFunction) body = cond != NULL ? keeping_body (keeper) : NULL;
  GwGraph *graph = keeper->b.graph;
  GwNodeSpec spec = *keeper->spec;

  if (body == NULL)
    return NULL;
  spec.n_inputs = (int) keeper->inputs->len;
  spec.inputs = (const GwOutput *) keeper->inputs->data;
  spec.n_attrs = 2;
  spec.attrs = (const GwAttrSetting[]) { { "cond", gw_attr_func (gw_graph_add_function (graph, cond)) },
                                         { "body", gw_attr_func (gw_graph_add_function (graph, body)) } };
  return gw_graph_add (graph, &spec, &keeper->b.error);
}

GwNode *
gw_loop_add (GwGraph           *graph,
             const GwNodeSpec  *spec,
             GError           **error)
{
  g_autoptr (GArray) draws = g_array_new (FALSE, TRUE, sizeof (GwLoopDraw));
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  Keeper keeper = { .spec = spec, .draws = draws, .inputs = inputs };
  GwNode *node = NULL;

  gw_builder_init (&keeper.b, graph);
  keeper.b.origin = spec->origin;
  keeper.cond = called (&keeper, "cond");
  keeper.body = called (&keeper, "body");
  if (!gw_graph_keeps_draws (graph, spec->name) || keeper.cond == NULL || keeper.body == NULL ||
      keeper.body->n_inputs != spec->n_inputs || keeper.cond->n_inputs != spec->n_inputs || keeper.cond->n_outputs != 1 ||
      gw_loop_draws (keeper.body, draws) != NULL)
    node = gw_graph_add (graph, spec, error);
  else
    {
      add_lists (&keeper);
      node = add_keeping (&keeper);
      gw_builder_finish (&keeper.b, error);
    }
  gw_builder_clear (&keeper.b);
  return node;
}

GwNode *
gw_loop_new (GwBuilder      *b,
             const char     *op,
             int             n,
             const GwOutput *inputs,
             GwFunction     *cond,
             GwFunction     *body)
{
  g_autofree char *name = g_strconcat (b->scope != NULL ? b->scope : "", op, NULL);
  GwNodeSpec spec = {
    .def = gw_registry_find (op), .name = name, .n_inputs = n, .inputs = inputs, .n_attrs = 2,
    .device = b->device, .origin = b->origin,
  };

  if (b->error != NULL)
    return NULL;
  spec.attrs = (const GwAttrSetting[]) { { "cond", gw_attr_func (gw_graph_add_function (b->graph, cond)) },
                                         { "body", gw_attr_func (gw_graph_add_function (b->graph, body)) } };
  return gw_loop_add (b->graph, &spec, &b->error);
}
