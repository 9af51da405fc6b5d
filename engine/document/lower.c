/* SPDX-License-Identifier: Apache-2.0 */
/* Node by node, inputs first. */
#include "engine/document/lower.h"

#include "engine/base/error.h"
#include "engine/document/initializers.h"
#include "engine/document/lower-private.h"
#include "engine/graph/registry.h"
#include "engine/tensor/text.h"

#include <string.h>

static GwLowerState
get_state (const GwLowering *lowering,
           int64_t           id)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (lowering->states, GSIZE_TO_POINTER ((gsize) id)));
}

static void
set_state (GwLowering  *lowering,
           int64_t      id,
           GwLowerState state)
{
  g_hash_table_insert (lowering->states, GSIZE_TO_POINTER ((gsize) id), GINT_TO_POINTER (state));
}

/* ---- order ---- */

static const GwPortDef *
find_port (const GwOpDef *def,
           const char    *name)
{
  for (const GwPortDef *port = def != NULL ? def->inputs : NULL; port != NULL && port->name != NULL; port++)
    if (g_str_equal (port->name, name))
      return port;
  return NULL;
}

int64_t
gw_lowering_source (const GwDocument *document,
                    const GwOpDef    *def,
                    const GwDocInput *input,
                    int              *output)
{
  const GwPortDef *port = find_port (def, input->port);

  *output = input->output;
  if (input->from != 0)
    return gw_document_node (document, input->from) != NULL ? input->from : 0;
  return port != NULL && port->is_ref ? gw_document_find (document, input->literal) : 0;
}

static GArray *
nodes_before (const GwDocument *document,
              const GwDocNode  *node)
{
  GArray *before = g_array_new (FALSE, FALSE, sizeof (int64_t));
  const GwOpDef *def = gw_registry_find (node->op);

  for (guint i = 0; i < node->inputs->len; i++)
    {
      int output;
      int64_t source = gw_lowering_source (document, def, &g_array_index (node->inputs, GwDocInput, i), &output);

      if (source != 0)
        g_array_append_val (before, source);
    }
  for (guint i = 0; i < node->controls->len; i++)
    if (gw_document_node (document, g_array_index (node->controls, int64_t, i)) != NULL)
      g_array_append_val (before, g_array_index (node->controls, int64_t, i));
  return before;
}

typedef struct {
  int64_t id;
  GArray *before;
  guint   next;
} Visit;

static void
report_cycle (GwLowering   *lowering,
              const GArray *stack,
              int64_t       id)
{
  GString *text = g_string_new ("a cycle: ");
  guint start = stack->len;

  while (start > 0 && g_array_index (stack, Visit, start - 1).id != id)
    start--;
  for (guint i = start > 0 ? start - 1 : 0; i < stack->len; i++)
    g_string_append_printf (text, "%s ← ", gw_document_node (lowering->document,
                                                             g_array_index (stack, Visit, i).id)->name);
  g_string_append (text, gw_document_node (lowering->document, id)->name);
  g_string_append (text, "; cut one of these wires");
  gw_lowering_problem (lowering, id, NULL,
                       g_error_new_literal (GW_ERROR, GW_ERROR_INVALID_ARGUMENT, text->str));
  g_string_free (text, TRUE);
}

static void
open_visit (GwLowering *lowering,
            GArray     *stack,
            int64_t     id)
{
  Visit visit = { id, nodes_before (lowering->document, gw_document_node (lowering->document, id)), 0 };

  set_state (lowering, id, GW_LOWER_OPEN);
  g_array_append_val (stack, visit);
}

/* Depth first without recursion: documents may be long chains. */
static void
visit_from (GwLowering *lowering,
            int64_t     root)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Visit));

  if (get_state (lowering, root) != GW_LOWER_UNVISITED)
    return;
  open_visit (lowering, stack, root);
  while (stack->len > 0)
    {
      Visit *visit = &g_array_index (stack, Visit, stack->len - 1);

      if (visit->next < visit->before->len)
        {
          int64_t id = g_array_index (visit->before, int64_t, visit->next++);
          GwLowerState state = get_state (lowering, id);

          if (state == GW_LOWER_UNVISITED)
            open_visit (lowering, stack, id);
          else if (state == GW_LOWER_OPEN)
            report_cycle (lowering, stack, id);
          continue;
        }
      g_array_append_val (lowering->order, visit->id);
      set_state (lowering, visit->id, GW_LOWER_DONE);
      g_array_unref (visit->before);
      g_array_set_size (stack, stack->len - 1);
    }
}

static void
sort_document (GwLowering *lowering)
{
  int n;
  const int64_t *ids = gw_document_ids (lowering->document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    visit_from (lowering, ids[i]);
  g_hash_table_remove_all (lowering->states);
}

/* ---- literals ---- */

/* The type that a literal at `port` should have: the port's own, the attribute's
 * when it is set, or that of a sibling that shares the attribute. */
static GwDType
literal_dtype (const GwDocNode *node,
               const GwOpDef   *def,
               const GwPortDef *port,
               const GwOutput  *inputs,
               int              n_inputs)
{
  int attr = gw_attr_defs_find (def->attrs, port->type);
  const GwAttrValue *set = attr >= 0 ? gw_named_attrs_get (node->attrs, port->type) : NULL;
  int input = 0;

  if (attr < 0)
    return gw_dtype_from_name (port->type);
  if (set != NULL && set->type == GW_ATTR_DTYPE)
    return set->dtype;
  for (const GwPortDef *other = def->inputs; other->name != NULL && input < n_inputs; other++)
    {
      int count = gw_doc_node_port_size (node, other);

      for (int i = 0; i < count && input < n_inputs; i++, input++)
        if (g_str_equal (other->type, port->type) && inputs[input].node != NULL)
          return gw_output_dtype (inputs[input]);
    }
  return def->attrs[attr].def != NULL ? gw_dtype_from_name (def->attrs[attr].def) : GW_DTYPE_INVALID;
}

static GwOutput
lower_literal (GwLowering      *lowering,
               const GwDocNode *node,
               const GwPortDef *port,
               GwDType          dtype,
               const char      *text)
{
  GError *error = NULL;
  GwTensor *tensor = gw_tensor_parse (text, dtype, &GW_SHAPE_UNKNOWN, &error);
  g_autofree char *name = NULL;
  GwNode *constant;

  if (tensor == NULL)
    {
      gw_lowering_problem (lowering, lowering->current, port->name, error);
      return GW_NO_OUTPUT;
    }
  name = g_strdup_printf ("%s/%s", node->name, port->name);
  constant = gw_node_new (&lowering->builder, "Const", name, GW_NO_IN,
                          GW_WITH ({ "dtype", gw_attr_dtype (tensor->dtype) },
                                   { "value", gw_attr_tensor (tensor) }));
  gw_tensor_unref (tensor);
  return gw_output_of (constant, 0);
}

/* ---- inputs ---- */

static void
report_missing (GwLowering      *lowering,
                const GwPortDef *port)
{
  GError *error = g_error_new (GW_ERROR, GW_ERROR_INVALID_ARGUMENT, "nothing is wired to %s", port->name);
  GwProblem *problem = gw_lowering_problem (lowering, lowering->current, port->name, error);

  if (!port->is_ref)
    gw_problem_add_fix (problem, GW_FIX_SET_INPUT, lowering->current, port->name, "0", 0,
                        g_strdup_printf ("Set %s to 0", port->name));
}

/* The value at one input. FALSE: there is none, and `*blocked` tells whether that is
 * the fault of something before it. */
static gboolean
gather_one (GwLowering       *lowering,
            const GwDocNode  *node,
            const GwOpDef    *def,
            const GwPortDef  *port,
            const GwDocInput *input,
            GwOutput         *result,
            gboolean         *blocked)
{
  int output;
  int64_t source = input != NULL ? gw_lowering_source (lowering->document, def, input, &output) : 0;

  *result = GW_NO_OUTPUT;
  if (source != 0)
    {
      *result = gw_lowered_output (lowering->lowered, source, output);
      *blocked = *blocked || result->node == NULL;
      return result->node != NULL;
    }
  if ((input != NULL && input->literal != NULL) || port->literal != NULL)
    return TRUE; /* once the types of the wired inputs are known */
  report_missing (lowering, port);
  return FALSE;
}

static void
gather_literals (GwLowering      *lowering,
                 const GwDocNode *node,
                 const GwOpDef   *def,
                 GwOutput        *inputs,
                 int              n_inputs,
                 gboolean        *ok)
{
  int at = 0;

  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    {
      int count = gw_doc_node_port_size (node, port);

      for (int i = 0; i < count; i++, at++)
        {
          const GwDocInput *input = gw_doc_node_input (node, port->name, i);
          const char *text = input != NULL && input->literal != NULL ? input->literal : port->literal;

          if (inputs[at].node != NULL || !*ok)
            continue;
          inputs[at] = lower_literal (lowering, node, port, literal_dtype (node, def, port, inputs, n_inputs), text);
          *ok = inputs[at].node != NULL;
        }
    }
}

GwOutput *
gw_lowering_gather (GwLowering    *lowering,
                    int64_t        id,
                    const GwOpDef *def,
                    int           *n)
{
  const GwDocNode *node = gw_document_node (lowering->document, id);
  g_autoptr (GArray) inputs = g_array_sized_new (FALSE, FALSE, sizeof (GwOutput), 1); /* never NULL */
  gboolean ok = TRUE, blocked = FALSE;

  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    {
      int count = gw_doc_node_port_size (node, port);

      if (count == 0)
        report_missing (lowering, port);
      ok = ok && count > 0;
      for (int i = 0; i < count; i++)
        {
          GwOutput input;

          ok = gather_one (lowering, node, def, port, gw_doc_node_input (node, port->name, i), &input, &blocked) && ok;
          g_array_append_val (inputs, input);
        }
    }
  *n = (int) inputs->len;
  if (ok)
    gather_literals (lowering, node, def, (GwOutput *) inputs->data, *n, &ok);
  if (ok)
    return (GwOutput *) g_array_free (g_steal_pointer (&inputs), FALSE);
  set_state (lowering, id, blocked ? GW_LOWER_BLOCKED : GW_LOWER_FAILED);
  return NULL;
}

/* ---- primitive nodes ---- */

/* Two inputs that share a type attribute but not a type: offer a Cast. */
static void
offer_cast (GwProblem       *problem,
            const GwDocNode *node,
            const GwOpDef   *def,
            const GwOutput  *inputs,
            int              n_inputs)
{
  for (int i = 1; i < n_inputs && i < gw_ports_length (def->inputs); i++)
    for (int j = 0; j < i; j++)
      {
        const GwPortDef *port = &def->inputs[i];
        const char *want = gw_dtype_name (gw_output_dtype (inputs[j]));

        if (!g_str_equal (port->type, def->inputs[j].type) || port->is_ref ||
            gw_output_dtype (inputs[i]) == gw_output_dtype (inputs[j]))
          continue;
        if (problem->port == NULL)
          problem->port = g_strdup (port->name);
        gw_problem_add_fix (problem, GW_FIX_INSERT, problem->node, port->name, "Cast", 0,
                            g_strdup_printf ("Cast %s to %s", port->name, want));
        return;
      }
}

/* Attributes as set; a tensor is turned to the type that its op's `dtype` says. */
static gboolean
collect_settings (const GwDocNode *node,
                  const GwOpDef   *def,
                  GArray          *settings,
                  GPtrArray       *tensors,
                  GError         **error)
{
  for (guint i = 0; i < node->attrs->len; i++)
    {
      const GwNamedAttr *attr = &g_array_index (node->attrs, GwNamedAttr, i);
      GwAttrSetting setting = { attr->name, attr->value };
      GwAttrValue dtype;

      if (attr->value.type == GW_ATTR_TENSOR && attr->value.tensor != NULL &&
          gw_doc_node_attr (node, "dtype", &dtype) && dtype.dtype != attr->value.tensor->dtype)
        {
          setting.value.tensor = gw_tensor_cast (attr->value.tensor, dtype.dtype, error);
          if (setting.value.tensor == NULL)
            return FALSE;
          g_ptr_array_add (tensors, setting.value.tensor);
        }
      g_array_append_val (settings, setting);
    }
  return TRUE;
}

static GwNode *
add_primitive (GwLowering      *lowering,
               const GwDocNode *node,
               const GwOpDef   *def,
               const GwOutput  *inputs,
               int              n_inputs,
               GError         **error)
{
  g_autoptr (GArray) settings = g_array_new (FALSE, FALSE, sizeof (GwAttrSetting));
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_tensor_unref);
  GwNodeSpec spec = {
    .def = def, .name = node->name, .n_inputs = n_inputs, .inputs = inputs,
    .device = node->device, .origin = lowering->current,
  };

  if (!collect_settings (node, def, settings, tensors, error))
    return NULL;
  spec.n_attrs = (int) settings->len;
  spec.attrs = (const GwAttrSetting *) settings->data;
  return gw_graph_add (lowering->lowered->graph, &spec, error);
}

static void
note_input (GwLowering      *lowering,
            const GwDocNode *node,
            GwNode          *placeholder)
{
  const char *value_name = lowering->options.mode == GW_MODE_TRAIN ? "_train_value" : "_evaluate_value";
  const GwAttrValue *column = gw_node_attr (placeholder, "_column");
  const GwAttrValue *value = gw_node_attr (placeholder, value_name);
  GwLoweredInput *input = g_new0 (GwLoweredInput, 1);
  GError *error = NULL;

  input->node = lowering->current;
  input->name = g_strdup (node->name);
  input->output = (GwOutput) { placeholder, 0 };
  if (column->s != NULL && *column->s != '\0')
    input->column = g_strdup (column->s);
  g_ptr_array_add (lowering->lowered->inputs, input);
  if (value->s == NULL || *value->s == '\0')
    return;
  input->value = gw_tensor_parse (value->s, placeholder->dtypes[0], &placeholder->shapes[0], &error);
  if (input->value == NULL)
    gw_lowering_problem (lowering, lowering->current, value_name, error);
}

/* A variable drawn by hand gets its initial value and Assign beside it. */
static void
note_variable (GwLowering      *lowering,
               const GwDocNode *node,
               GwNode          *variable)
{
  GwBuilder *b = &lowering->builder;
  GwLoweredVariable *entry = g_new0 (GwLoweredVariable, 1);
  g_autofree char *assign = g_strdup_printf ("%s/Assign", node->name);
  g_autofree char *scope = g_strdup_printf ("%s/Initializer", node->name);
  const char *text = gw_node_attr (variable, "_initializer")->s;
  char *previous = gw_builder_enter (b, scope);

  entry->name = g_strdup (variable->name);
  entry->variable = variable;
  entry->initial = gw_initializer_build (b, text != NULL && *text != '\0' ? text : "zeros",
                                         variable->dtypes[0], &gw_node_attr (variable, "shape")->shape);
  gw_builder_leave (b, previous);
  entry->initializer = gw_node_new (b, "Assign", assign, GW_IN ((GwOutput) { variable, 0 }, entry->initial), NULL);
  entry->read = (GwOutput) { variable, 0 };
  entry->trainable = gw_node_attr (variable, "_trainable")->b;
  entry->origin = lowering->current;
  g_ptr_array_add (lowering->lowered->variables, entry);
}

static void
note_special (GwLowering      *lowering,
              const GwDocNode *node,
              GwNode          *added)
{
  if (g_str_equal (node->op, "Placeholder"))
    note_input (lowering, node, added);
  else if (g_str_equal (node->op, "VariableV2"))
    note_variable (lowering, node, added);
  if ((added->def->flags & GW_OP_SUMMARY) != 0)
    g_ptr_array_add (lowering->lowered->summaries, added);
}

static gboolean
lower_primitive (GwLowering      *lowering,
                 const GwDocNode *node,
                 const GwOpDef   *def,
                 const GwOutput  *inputs,
                 int              n_inputs)
{
  GError *error = NULL;
  GwNode *added = add_primitive (lowering, node, def, inputs, n_inputs, &error);
  g_autofree GwOutput *outputs = NULL;

  if (added == NULL)
    {
      offer_cast (gw_lowering_problem (lowering, lowering->current, NULL, error), node, def, inputs, n_inputs);
      return FALSE;
    }
  outputs = g_new (GwOutput, MAX (added->n_outputs, 1));
  for (int i = 0; i < added->n_outputs; i++)
    outputs[i] = (GwOutput) { added, i };
  gw_lowered_set_outputs (lowering->lowered, lowering->current, added->n_outputs, outputs);
  gw_lowered_set_final (lowering->lowered, lowering->current, added);
  note_special (lowering, node, added);
  return TRUE;
}

/* ---- composites ---- */

static GwAttrValue *
composite_attrs (const GwDocNode *node,
                 const GwOpDef   *def)
{
  int n = gw_attr_defs_length (def->attrs);
  GwAttrValue *attrs = g_new0 (GwAttrValue, MAX (n, 1));

  for (int i = 0; i < n; i++)
    gw_doc_node_attr (node, def->attrs[i].name, &attrs[i]);
  return attrs;
}

static gboolean
check_attrs (const GwOpDef *def,
             GwAttrValue   *attrs,
             GwBuilder     *builder)
{
  for (int i = 0; i < gw_attr_defs_length (def->attrs); i++)
    if (!gw_attr_check (&def->attrs[i], &attrs[i], &builder->error))
      return FALSE;
  return TRUE;
}

static gboolean
lower_composite (GwLowering      *lowering,
                 const GwDocNode *node,
                 const GwOpDef   *def,
                 const GwOutput  *inputs,
                 int              n_inputs)
{
  GwAttrValue *attrs = composite_attrs (node, def);
  int n_outputs = gw_ports_length (def->outputs);
  g_autofree GwOutput *outputs = g_new0 (GwOutput, MAX (n_outputs, 1));
  GwBuilder *b = &lowering->builder;
  GwExpandContext context = {
    b, def, node->name, attrs, n_inputs, inputs, outputs, lowering->options.mode, lowering,
  };
  char *previous = gw_builder_enter (b, node->name);

  lowering->final = NULL;
  if (check_attrs (def, attrs, b))
    def->expand (&context);
  gw_builder_leave (b, previous);
  for (int i = 0; i < gw_attr_defs_length (def->attrs); i++)
    gw_attr_value_clear (&attrs[i]);
  g_free (attrs);
  gw_lowered_set_outputs (lowering->lowered, lowering->current, n_outputs, outputs);
  if (lowering->final == NULL && n_outputs > 0)
    lowering->final = outputs[0].node;
  if (lowering->final != NULL)
    gw_lowered_set_final (lowering->lowered, lowering->current, lowering->final);
  return b->error == NULL;
}

/* ---- one node ---- */

static void
report_unknown (GwLowering *lowering,
                const char *op)
{
  g_auto (GStrv) near = gw_registry_suggest (op, 3);
  g_autofree char *names = g_strjoinv (", ", near);
  GError *error = g_error_new (GW_ERROR, GW_ERROR_NOT_FOUND, "there is no op called %s%s%s", op,
                               *near != NULL ? "; nearest: " : "", names);

  gw_lowering_problem (lowering, lowering->current, NULL, error);
}

static void
lower_bypassed (GwLowering      *lowering,
                const GwDocNode *node,
                const GwOpDef   *def)
{
  const GwDocInput *input = def->inputs != NULL ? gw_doc_node_input (node, def->inputs[0].name, 0) : NULL;
  int output;
  int64_t source = input != NULL ? gw_lowering_source (lowering->document, def, input, &output) : 0;
  GwOutput value = source != 0 ? gw_lowered_output (lowering->lowered, source, output) : GW_NO_OUTPUT;

  gw_lowered_set_outputs (lowering->lowered, lowering->current, 1, &value);
  if (value.node != NULL)
    gw_lowered_set_final (lowering->lowered, lowering->current, value.node);
}

/* Control inputs hold back everything that the node became. */
static void
add_controls (GwLowering      *lowering,
              const GwDocNode *node,
              int              first_new)
{
  GwGraph *graph = lowering->lowered->graph;

  for (guint i = 0; i < node->controls->len; i++)
    {
      GwNode *before = gw_lowered_final (lowering->lowered, g_array_index (node->controls, int64_t, i));

      for (int id = first_new; before != NULL && id < gw_graph_n_nodes (graph); id++)
        gw_graph_add_control (gw_graph_node (graph, id), before);
    }
}

void
gw_lowering_node (GwLowering *lowering,
                  int64_t     id)
{
  const GwDocNode *node = gw_document_node (lowering->document, id);
  const GwOpDef *def = gw_registry_find (node->op);
  int first_new = gw_graph_n_nodes (lowering->lowered->graph);
  g_autofree GwOutput *inputs = NULL;
  int n_inputs;
  gboolean ok;

  lowering->current = id;
  lowering->builder.origin = id;
  if ((node->flags & GW_DOC_MUTED) != 0)
    {
      set_state (lowering, id, GW_LOWER_BLOCKED);
      return;
    }
  if (def == NULL)
    {
      report_unknown (lowering, node->op);
      return;
    }
  if ((node->flags & GW_DOC_BYPASSED) != 0)
    {
      lower_bypassed (lowering, node, def);
      return;
    }
  inputs = gw_lowering_gather (lowering, id, def, &n_inputs);
  if (inputs == NULL)
    return;
  g_free (lowering->builder.device);
  lowering->builder.device = g_strdup (node->device);
  ok = def->expand != NULL ? lower_composite (lowering, node, def, inputs, n_inputs)
                           : lower_primitive (lowering, node, def, inputs, n_inputs);
  if (lowering->builder.error != NULL)
    gw_lowering_problem (lowering, id, NULL, g_steal_pointer (&lowering->builder.error));
  if (ok && node->controls->len > 0)
    add_controls (lowering, node, first_new);
}

/* ---- the document ---- */

static int64_t
seed_of (const GwDocument     *document,
         const GwLowerOptions *options)
{
  const GwAttrValue *seed = gw_named_attrs_get (gw_document_settings (document)->training_attrs, "seed");

  if (options->seed >= 0)
    return options->seed;
  return seed != NULL && seed->i > 0 && (seed->type == GW_ATTR_INT || seed->type == GW_ATTR_SEED) ? seed->i : -1;
}

GwLowered *
gw_lower (const GwDocument     *document,
          const GwLowerOptions *options)
{
  GwLowering lowering = { .document = document, .options = *options };

  lowering.lowered = gw_lowered_new (options->mode);
  lowering.states = g_hash_table_new (NULL, NULL);
  lowering.order = g_array_new (FALSE, FALSE, sizeof (int64_t));
  gw_graph_set_seed (lowering.lowered->graph, seed_of (document, options));
  gw_builder_init (&lowering.builder, lowering.lowered->graph);
  sort_document (&lowering);
  for (guint i = 0; i < lowering.order->len; i++)
    gw_lowering_node (&lowering, g_array_index (lowering.order, int64_t, i));
  gw_builder_clear (&lowering.builder);
  g_hash_table_unref (lowering.states);
  g_array_unref (lowering.order);
  return lowering.lowered;
}

/* ---- what composites ask for ---- */

const GwAttrValue *
gw_expand_attr (const GwExpandContext *context,
                const char            *name)
{
  int index = gw_attr_defs_find (context->def->attrs, name);

  g_assert (index >= 0);
  return &context->attrs[index];
}

gboolean
gw_lowering_expands_training (GwExpandContext *context)
{
  return context->lowering->options.training;
}

void
gw_lowering_set_final (GwExpandContext *context,
                       GwNode          *node)
{
  context->lowering->final = node;
}

const GPtrArray *
gw_lowering_variables (GwExpandContext *context)
{
  return context->lowering->lowered->variables;
}

/* Variables are named from the root, whatever scope the composite is in. */
static GwLoweredVariable *
make_variable (GwExpandContext *context,
               const char      *full_name,
               GwDType          dtype,
               const GwShape   *shape,
               const char      *initializer,
               gboolean         trainable)
{
  GwBuilder *b = context->builder;
  GwLoweredVariable *entry = g_new0 (GwLoweredVariable, 1);
  char *scope = g_steal_pointer (&b->scope);
  g_autofree char *init_scope = g_strdup_printf ("%s/Initializer", full_name);
  g_autofree char *assign = g_strdup_printf ("%s/Assign", full_name);
  g_autofree char *read = g_strdup_printf ("%s/read", full_name);
  char *previous;

  entry->variable = gw_node_new (b, "VariableV2", full_name, GW_NO_IN,
                                 GW_WITH ({ "shape", gw_attr_shape (*shape) },
                                          { "dtype", gw_attr_dtype (dtype) },
                                          { "_initializer", gw_attr_string (initializer) },
                                          { "_trainable", gw_attr_bool (trainable) }));
  previous = gw_builder_enter (b, init_scope);
  entry->initial = gw_initializer_build (b, initializer, dtype, shape);
  gw_builder_leave (b, previous);
  entry->initializer = gw_node_new (b, "Assign", assign,
                                    GW_IN (gw_output_of (entry->variable, 0), entry->initial), NULL);
  entry->read = gw_output_of (gw_node_new (b, "Identity", read, GW_IN (gw_output_of (entry->variable, 0)), NULL), 0);
  g_free (b->scope);
  b->scope = scope;
  entry->name = g_strdup (entry->variable != NULL ? entry->variable->name : full_name);
  entry->trainable = trainable;
  entry->origin = context->lowering->current;
  if (b->error == NULL)
    g_ptr_array_add (context->lowering->lowered->variables, entry);
  else
    {
      g_free (entry->name);
      g_clear_pointer (&entry, g_free);
    }
  return entry;
}

GwOutput
gw_lowering_variable (GwExpandContext *context,
                      const char      *name,
                      GwDType          dtype,
                      const GwShape   *shape,
                      const char      *initializer,
                      gboolean         trainable)
{
  g_autofree char *full_name = g_strdup_printf ("%s/%s", context->name, name);
  GwLoweredVariable *entry;

  if (context->builder->error != NULL)
    return GW_NO_OUTPUT;
  entry = make_variable (context, full_name, dtype, shape, initializer, trainable);
  return entry != NULL ? entry->read : GW_NO_OUTPUT;
}

GwLoweredVariable *
gw_lowering_global_variable (GwExpandContext *context,
                             const char      *name,
                             GwDType          dtype,
                             const GwShape   *shape,
                             const char      *initializer)
{
  GPtrArray *variables = context->lowering->lowered->variables;

  for (guint i = 0; i < variables->len; i++)
    if (g_str_equal (((GwLoweredVariable *) g_ptr_array_index (variables, i))->name, name))
      return g_ptr_array_index (variables, i);
  if (context->builder->error != NULL)
    return NULL;
  return make_variable (context, name, dtype, shape, initializer, FALSE);
}
