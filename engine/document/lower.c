/* SPDX-License-Identifier: Apache-2.0 */
/* Node by node, inputs first. */
#include "engine/document/lower.h"

#include "engine/base/error.h"
#include "engine/document/composite-own.h"
#include "engine/document/initializers.h"
#include "engine/document/functions-private.h"
#include "engine/document/lower-private.h"
#include "engine/graph/registry.h"
#include "engine/ops/loop-draws.h"
#include "engine/tensor/text.h"

#include <string.h>

const GwDocNode *
gw_lowering_doc_node (const GwLowering *lowering,
                      int64_t           id)
{
  for (const GwExpanding *at = lowering->expanding; at != NULL; at = at->outer)
    {
      const GwItem *item = g_hash_table_lookup (at->instances, GSIZE_TO_POINTER ((gsize) id));

      if (item != NULL)
        return &item->node;
    }
  if (lowering->instead != NULL && lowering->expanding == NULL && id == lowering->current)
    return lowering->instead;
  return gw_document_node (lowering->document, id);
}

/* ---- primitive nodes ---- */

/* The type that a node's `dtype` gives to its tensors; INVALID when it has none. */
static GwDType
tensor_dtype (const GwDocNode *node)
{
  GwAttrValue value;
  GwDType dtype;

  if (!gw_doc_node_attr (node, "dtype", &value))
    return GW_DTYPE_INVALID;
  dtype = value.type == GW_ATTR_DTYPE ? value.dtype : GW_DTYPE_INVALID;
  gw_attr_value_clear (&value);
  return dtype;
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
      GwTensor *tensor = attr->value.type == GW_ATTR_TENSOR ? attr->value.tensor : NULL;
      GwDType dtype = tensor != NULL ? tensor_dtype (node) : GW_DTYPE_INVALID;

      if (gw_attr_defs_find (def->attrs, attr->name) < 0)
        continue; /* one that begins with an underscore: see check_attr_names() */
      if (dtype != GW_DTYPE_INVALID && dtype != tensor->dtype)
        {
          setting.value.tensor = gw_tensor_cast (tensor, dtype, error);
          if (setting.value.tensor == NULL)
            return FALSE;
          g_ptr_array_add (tensors, setting.value.tensor);
        }
      g_array_append_val (settings, setting);
    }
  return TRUE;
}

/* A tensor that cannot be turned to its node's `dtype`: let `dtype` follow. */
static void
offer_dtype (GwProblem       *problem,
             const GwDocNode *node)
{
  const GwAttrValue *value = gw_named_attrs_get (node->attrs, "value");

  if (value == NULL || value->type != GW_ATTR_TENSOR || value->tensor == NULL ||
      tensor_dtype (node) == GW_DTYPE_INVALID || tensor_dtype (node) == value->tensor->dtype)
    return;
  gw_problem_add_fix (problem, GW_FIX_SET_ATTR, problem->node, "dtype", gw_dtype_name (value->tensor->dtype), 0,
                      g_strdup_printf ("Set dtype to %s", gw_dtype_name (value->tensor->dtype)));
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
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func (g_free);
  GwNodeSpec spec = {
    .def = def, .name = node->name, .n_inputs = n_inputs, .inputs = inputs,
    .device = node->device, .origin = lowering->builder.origin,
  };

  gw_lowering_own_seed (lowering, node, def, settings);
  if (!collect_settings (node, def, settings, tensors, error) || !gw_lowering_add_calls (lowering, def, settings, lists, error))
    return NULL;
  spec.n_attrs = (int) settings->len;
  spec.attrs = (const GwAttrSetting *) settings->data;
  return gw_op_is_loop (def) ? gw_loop_add (lowering->lowered->graph, &spec, error)
                             : gw_graph_add (lowering->lowered->graph, &spec, error);
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

  input->node = lowering->builder.origin;
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

/* A variable drawn by hand gets its initial value and Assign beside it, one by handle its
 * AssignVariableOp and a read. */
static void
note_variable (GwLowering      *lowering,
               const GwDocNode *node,
               GwNode          *variable)
{
  GwBuilder *b = &lowering->builder;
  GwLoweredVariable *entry;
  g_autofree char *assign = g_strdup_printf ("%s/Assign", node->name);
  g_autofree char *scope = g_strdup_printf ("%s/Initializer", node->name);
  const char *text = gw_node_attr (variable, "_initializer")->s;
  char *previous = gw_builder_enter (b, scope);
  GwOutput initial = gw_initializer_build (b, text != NULL && *text != '\0' ? text : "zeros",
                                           gw_variable_node_dtype (variable), &gw_node_attr (variable, "shape")->shape);
  GwOutput output = { variable, 0 };
  gboolean is_handle = gw_output_is_handle (output);
  GwNode *initializer;

  gw_builder_leave (b, previous);
  initializer = gw_node_new (b, is_handle ? "AssignVariableOp" : "Assign", assign, GW_IN (output, initial), NULL);
  gw_lowering_note_setup (lowering, variable->id);
  if (initializer == NULL)
    return;
  entry = g_new0 (GwLoweredVariable, 1);
  entry->name = g_strdup (variable->name);
  entry->variable = variable;
  entry->initial = initial;
  entry->initializer = initializer;
  entry->read = is_handle ? gw_op1 (b, "ReadVariableOp", output) : output;
  entry->trainable = gw_node_attr (variable, "_trainable")->b;
  entry->origin = lowering->builder.origin;
  g_ptr_array_add (lowering->lowered->variables, entry);
}

static void
note_special (GwLowering      *lowering,
              const GwDocNode *node,
              GwNode          *added)
{
  if (g_str_equal (node->op, "Placeholder"))
    note_input (lowering, node, added);
  else if (g_str_equal (node->op, "VariableV2") || g_str_equal (node->op, "VarHandleOp"))
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
  int n_outputs;

  if (added == NULL && error == NULL)
    return FALSE; /* problems are noted */
  if (added == NULL)
    {
      GwProblem *problem = gw_lowering_problem (lowering, lowering->current, NULL, error);

      offer_dtype (problem, node);
      gw_problem_explain (lowering, problem, def, inputs, n_inputs);
      return FALSE;
    }
  n_outputs = gw_op_is_loop (def) ? n_inputs : added->n_outputs; /* lists of what a loop drew are its own */
  outputs = g_new (GwOutput, MAX (n_outputs, 1));
  for (int i = 0; i < n_outputs; i++)
    outputs[i] = (GwOutput) { added, i };
  gw_lowered_set_outputs (lowering->lowered, lowering->current, n_outputs, outputs);
  gw_lowered_set_final (lowering->lowered, lowering->current, added);
  note_special (lowering, node, added);
  return TRUE;
}

/* ---- composites ---- */

/* Files are those of the document's folder. */
static GwAttrValue *
composite_attrs (const GwDocument *document,
                 const GwDocNode  *node,
                 const GwOpDef    *def)
{
  int n = gw_attr_defs_length (def->attrs);
  GwAttrValue *attrs = g_new0 (GwAttrValue, MAX (n, 1));

  for (int i = 0; i < n; i++)
    {
      if (!gw_doc_node_attr (node, def->attrs[i].name, &attrs[i]))
        gw_attr_default (&def->attrs[i], &attrs[i]);
      gw_document_resolve_file (document, &attrs[i]);
    }
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

static int *
port_sizes (const GwDocNode *node,
            const GwOpDef   *def)
{
  int n = gw_ports_length (def->inputs);
  int *sizes = g_new (int, MAX (n, 1));

  for (int i = 0; i < n; i++)
    sizes[i] = gw_doc_node_port_size (node, &def->inputs[i]);
  return sizes;
}

static void
set_composite_outputs (GwLowering *lowering,
                       int         n,
                       GwOutput   *outputs)
{
  if (lowering->outputs->len > 0)
    {
      n = (int) lowering->outputs->len;
      outputs = (GwOutput *) lowering->outputs->data;
    }
  gw_lowered_set_outputs (lowering->lowered, lowering->current, n, outputs);
  if (lowering->final == NULL && n > 0)
    lowering->final = outputs[0].node;
  if (lowering->final != NULL)
    gw_lowered_set_final (lowering->lowered, lowering->current, lowering->final);
}

static gboolean
lower_composite (GwLowering      *lowering,
                 const GwDocNode *node,
                 const GwOpDef   *def,
                 const GwOutput  *inputs,
                 int              n_inputs)
{
  GwAttrValue *attrs = composite_attrs (lowering->document, node, def);
  int n_outputs = gw_ports_length (def->outputs);
  g_autofree GwOutput *outputs = g_new0 (GwOutput, MAX (n_outputs, 1));
  g_autofree int *sizes = port_sizes (node, def);
  GwBuilder *b = &lowering->builder;
  GwExpandContext context = {
    b, def, node->name, attrs, n_inputs, inputs, sizes, outputs, lowering->options.mode, lowering,
  };
  char *previous = gw_builder_enter (b, node->name);

  lowering->final = NULL;
  g_array_set_size (lowering->outputs, 0);
  g_clear_pointer (&b->failed, gw_failed_node_free);
  if (check_attrs (def, attrs, b) && gw_lowering_check_types (def, sizes, inputs, &b->error))
    def->expand (&context);
  if (b->error != NULL && b->failed == NULL) /* no op of it: the box has a rule of its own */
    gw_builder_blame (b, &(GwNodeSpec) { .def = def, .name = node->name, .n_inputs = n_inputs, .inputs = inputs });
  gw_builder_leave (b, previous);
  for (int i = 0; i < gw_attr_defs_length (def->attrs); i++)
    gw_attr_value_clear (&attrs[i]);
  g_free (attrs);
  if (b->error != NULL)
    {
      gw_problem_explain (lowering, gw_lowering_problem (lowering, lowering->current, NULL, g_steal_pointer (&b->error)),
                          def, inputs, n_inputs);
      return FALSE;
    }
  set_composite_outputs (lowering, n_outputs, outputs);
  return TRUE;
}

/* ---- one node ---- */

static void
report_unknown (GwLowering *lowering,
                const char *op)
{
  g_auto (GStrv) near = gw_registry_suggest (op, 3);
  g_autofree char *names = g_strjoinv (", ", near);
  GError *error = g_error_new (GW_ERROR, GW_ERROR_NOT_FOUND, "there is no op called %.80s%s%s", op,
                               *near != NULL ? "; nearest: " : "", names);
  GwProblem *problem = gw_lowering_problem (lowering, lowering->current, NULL, error);

  gw_problem_add_fix (problem, GW_FIX_DELETE, lowering->current, NULL, NULL, 0, g_strdup ("Delete it"));
}

/* A name that a graph cannot have; it may come from a file. */
static gboolean
check_name (GwLowering      *lowering,
            const GwDocNode *node)
{
  GError *error = NULL;
  g_autofree char *valid = NULL;
  g_autofree char *name = NULL;

  if (gw_node_name_check (node->name, &error))
    return TRUE;
  valid = g_strcanon (g_strdup (node->name), G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-", '_');
  name = g_ascii_isalnum (*valid) ? g_strdup (valid) : g_strconcat ("node", valid, NULL);
  g_free (valid);
  valid = gw_document_unique_name (lowering->document, name);
  gw_problem_add_fix (gw_lowering_problem (lowering, lowering->current, "name", error), GW_FIX_SET_ATTR,
                      lowering->current, "name", valid, 0, g_strdup_printf ("Call it %s", valid));
  return FALSE;
}

/* Attributes that begin with an underscore are notes of whoever wrote the file. */
static gboolean
check_attr_names (GwLowering      *lowering,
                  const GwDocNode *node,
                  const GwOpDef   *def)
{
  gboolean ok = TRUE;

  for (guint i = 0; i < node->attrs->len; i++)
    {
      const char *name = g_array_index (node->attrs, GwNamedAttr, i).name;
      GError *error;

      if (*name == '_' || gw_attr_defs_find (def->attrs, name) >= 0)
        continue;
      error = g_error_new (GW_ERROR, GW_ERROR_NOT_FOUND, "%s has no attribute “%s”", def->name, name);
      gw_problem_add_fix (gw_lowering_problem (lowering, lowering->current, name, error), GW_FIX_SET_ATTR,
                          lowering->current, name, "", 0, g_strdup_printf ("Remove %s", name));
      ok = FALSE;
    }
  return ok;
}

/* What passes through waits for what the node would have waited for. */
static void
lower_bypassed (GwLowering      *lowering,
                const GwDocNode *node,
                const GwOpDef   *def)
{
  GwOutput value = gw_lowering_first_input (lowering, lowering->current, def);

  if (value.node != NULL && node->controls->len > 0)
    value = gw_output_of (gw_node_new (&lowering->builder, "Identity", node->name, GW_IN (value), NULL), 0);
  if (value.node == NULL)
    return;
  gw_lowered_set_outputs (lowering->lowered, lowering->current, 1, &value);
  gw_lowered_set_final (lowering->lowered, lowering->current, value.node);
}

static gboolean
is_setup (const GwLowering *lowering,
          int               id)
{
  for (guint i = 0; i < lowering->setup->len; i++)
    if (id >= g_array_index (lowering->setup, GwNodeRange, i).first &&
        id < g_array_index (lowering->setup, GwNodeRange, i).end)
      return TRUE;
  return FALSE;
}

void
gw_lowering_note_setup (GwLowering *lowering,
                        int         first)
{
  GwNodeRange range = { first, gw_graph_n_nodes (lowering->lowered->graph) };

  g_array_append_val (lowering->setup, range);
}

/* Control inputs hold back everything that the node became, but for what makes and
 * initialises its variables: as in TensorFlow, whose variables are made outside of
 * control dependencies (init_scope). */
static void
add_controls (GwLowering      *lowering,
              const GwDocNode *node,
              int              first_new)
{
  GwGraph *graph = lowering->lowered->graph;
  int end = gw_graph_n_nodes (graph);

  for (int id = first_new; id < end; id++)
    for (guint i = 0; !is_setup (lowering, id) && i < node->controls->len; i++)
      {
        GwNode *before = gw_lowered_final (lowering->lowered, g_array_index (node->controls, int64_t, i));

        if (before != NULL && before->id < first_new)
          gw_graph_add_control (gw_graph_node (graph, id), before);
      }
}

/* FALSE: it is left out, or a problem says why it cannot be. */
static gboolean
lower_node (GwLowering      *lowering,
            const GwDocNode *node,
            const GwOpDef   *def)
{
  g_autofree GwOutput *inputs = NULL;
  int n_inputs;

  if (!check_attr_names (lowering, node, def))
    return FALSE;
  inputs = gw_lowering_gather (lowering, lowering->current, def, &n_inputs);
  if (inputs == NULL)
    return FALSE;
  return def->expand != NULL ? lower_composite (lowering, node, def, inputs, n_inputs)
                             : lower_primitive (lowering, node, def, inputs, n_inputs);
}

void
gw_lowering_node (GwLowering *lowering,
                  int64_t     id)
{
  int first_new = gw_graph_n_nodes (lowering->lowered->graph);
  const GwDocNode *node;
  const GwOpDef *def;

  lowering->current = id;
  node = gw_lowering_doc_node (lowering, id);
  def = gw_document_op (lowering->document, node->op);
  lowering->builder.origin = lowering->expanding != NULL ? lowering->expanding->root : id;
  if (lowering->expanding == NULL)
    {
      GwLoweredMaker maker = { first_new, id };

      g_array_set_size (lowering->setup, 0);
      g_array_append_val (lowering->lowered->makers, maker);
      gw_lowering_give_numbers (lowering, id);
    }
  g_free (lowering->builder.device);
  lowering->builder.device = g_strdup (node->device);
  if ((node->flags & GW_DOC_MUTED) != 0 || !check_name (lowering, node))
    return;
  if (def == NULL)
    report_unknown (lowering, node->op);
  else if ((node->flags & GW_DOC_BYPASSED) != 0)
    lower_bypassed (lowering, node, def);
  else
    lower_node (lowering, node, def);
  if (lowering->builder.error != NULL)
    gw_lowering_problem (lowering, id, NULL, g_steal_pointer (&lowering->builder.error));
  else if (node->controls->len > 0)
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

void
gw_lowering_init (GwLowering           *lowering,
                  const GwDocument     *document,
                  const GwLowerOptions *options)
{
  *lowering = (GwLowering) { .document = document, .options = *options };
  lowering->lowered = gw_lowered_new (options->mode);
  lowering->order = g_array_new (FALSE, FALSE, sizeof (int64_t));
  lowering->outputs = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  lowering->setup = g_array_new (FALSE, FALSE, sizeof (GwNodeRange));
  gw_graph_set_seed (lowering->lowered->graph, seed_of (document, options));
  gw_builder_init (&lowering->builder, lowering->lowered->graph);
}

void
gw_lowering_clear (GwLowering *lowering)
{
  gw_builder_clear (&lowering->builder);
  g_array_unref (lowering->order);
  g_array_unref (lowering->outputs);
  g_array_unref (lowering->setup);
  g_clear_pointer (&lowering->averaging, g_ptr_array_unref);
  g_clear_pointer (&lowering->functions, g_hash_table_unref);
  g_clear_pointer (&lowering->numbers, g_hash_table_unref);
}

gboolean
gw_lowering_accepts (const GwLowering    *lowering,
                     const GwDocNode     *node,
                     const GwOpDef       *def,
                     int                  n,
                     const GwOutputFacts *facts)
{
  const GwLowerOptions options = { lowering->options.mode, FALSE, lowering->options.seed };
  g_autofree GwOutput *inputs = g_new0 (GwOutput, MAX (n, 1));
  GwLowering trial;
  gboolean accepted;

  gw_lowering_init (&trial, lowering->document, &options);
  trial.on_trial = TRUE;
  trial.current = lowering->current;
  trial.instead = node;
  for (int i = 0; i < n; i++)
    if (facts[i].dtype != GW_DTYPE_INVALID)
      inputs[i] = gw_output_stand_in (&trial.builder, &facts[i], ".in");
  accepted = (def->expand != NULL ? lower_composite (&trial, node, def, inputs, n)
                                  : lower_primitive (&trial, node, def, inputs, n)) &&
             trial.builder.error == NULL && trial.lowered->problems->len == 0;
  gw_lowering_clear (&trial);
  gw_lowered_unref (trial.lowered);
  return accepted;
}

static GwLowered *
lower_keeping (const GwDocument     *document,
               const GwLowerOptions *options,
               GHashTable           *loops)
{
  GwLowering lowering;
  GHashTableIter iter;
  gpointer name;

  gw_lowering_init (&lowering, document, options);
  if (loops != NULL)
    for (g_hash_table_iter_init (&iter, loops); g_hash_table_iter_next (&iter, &name, NULL);)
      gw_graph_keep_draws (lowering.lowered->graph, name);
  gw_lowering_reserve_numbers (&lowering);
  gw_lowering_sort (&lowering, 0);
  for (guint i = 0; i < lowering.order->len; i++)
    gw_lowering_node (&lowering, g_array_index (lowering.order, int64_t, i));
  gw_graph_give_random_numbers (lowering.lowered->graph, 0, NULL);
  gw_lowering_check_functions (&lowering);
  gw_lowering_clear (&lowering);
  return lowering.lowered;
}

/* A gradient may find that a loop before it should have kept what it drew: then all is made once
 * more, and the loop keeps it. */
GwLowered *
gw_lower (const GwDocument     *document,
          const GwLowerOptions *options)
{
  GwLowered *lowered = lower_keeping (document, options, NULL);
  GHashTable *loops = gw_graph_draws_kept (lowered->graph);

  for (guint n = 0; loops != NULL && g_hash_table_size (loops) > n;)
    {
      GwLowered *again = lower_keeping (document, options, loops);

      n = g_hash_table_size (loops);
      gw_lowered_unref (lowered);
      lowered = again;
      loops = gw_graph_draws_kept (lowered->graph);
    }
  return lowered;
}
