/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of every value before the plan runs: shapes from the shapes of the
 * feeds, constants folded, equal nodes merged, memory shared where ops only pass
 * their input on. */
#include "engine/base/error.h"
#include "engine/graph/constant.h"
#include "engine/graph/shape-infer.h"
#include "engine/graph/shape-rules.h"
#include "engine/runtime/plan-private.h"

#include <string.h>

/* Folding must not blow a small graph up into large constants. */
#define MAX_FOLDED_ELEMENTS 65536

static GwPlanValue *
input_value (const GwCompiler *compiler,
             const GwNode     *node,
             int               input)
{
  GwPlan *plan = compiler->plan;

  return &plan->values[gw_plan_resolve (plan, gw_plan_value_index (plan, node->inputs[input]))];
}

static GwPlanValue *
own_value (GwPlan       *plan,
           const GwNode *node,
           int           output)
{
  return &plan->values[gw_plan_own_index (plan, node, output)];
}

/* ---- what shape functions may ask ---- */

typedef struct {
  const GwCompiler *compiler;
  const GwNode     *node;
} ValueData;

static const GwTensor *
known_value (GwShapeContext *context,
             int             input)
{
  ValueData *data = context->data;
  const GwPlanValue *value = input_value (data->compiler, data->node, input);

  return value->kind == GW_VALUE_CONSTANT ? value->tensor : NULL;
}

/* ---- the kinds of values ---- */

static void
set_constant (GwPlanValue *value,
              GwTensor    *tensor)
{
  value->kind = GW_VALUE_CONSTANT;
  value->tensor = tensor;
  value->shape = tensor->shape;
}

static gboolean
all_inputs_constant (const GwCompiler *compiler,
                     const GwNode     *node)
{
  for (int i = 0; i < node->n_inputs; i++)
    if (input_value (compiler, node, i)->kind != GW_VALUE_CONSTANT)
      return FALSE;
  return TRUE;
}

static gboolean
small_enough (const GwCompiler *compiler,
              const GwNode     *node,
              const GwShape    *shapes)
{
  int64_t most = MAX_FOLDED_ELEMENTS;

  for (int i = 0; i < node->n_inputs; i++)
    most = MAX (most, input_value (compiler, node, i)->tensor->elements);
  for (int i = 0; i < node->n_outputs; i++)
    if (gw_shape_elements (&shapes[i]) > most ||
        (gw_shape_elements (&shapes[i]) < 0 && (node->def->flags & GW_OP_DYNAMIC_OUTPUT) == 0))
      return FALSE;
  return TRUE;
}

/* Runs the node now when its inputs are constants. FALSE with `error` when its kernel
 * refuses them: it would refuse them in every run. */
static gboolean
fold (GwCompiler    *compiler,
      const GwNode  *node,
      const GwShape *shapes,
      gboolean      *folded,
      GError       **error)
{
  GwPlan *plan = compiler->plan;
  g_autofree GwTensor **inputs = g_new0 (GwTensor *, MAX (node->n_inputs, 1));
  g_autofree GwTensor **outputs = g_new0 (GwTensor *, MAX (node->n_outputs, 1));

  *folded = FALSE;
  if (!gw_op_is_foldable (node->def) || node->n_outputs == 0 || node->n_inputs == 0 ||
      !all_inputs_constant (compiler, node) || !small_enough (compiler, node, shapes))
    return TRUE;
  for (int i = 0; i < node->n_inputs; i++)
    inputs[i] = input_value (compiler, node, i)->tensor;
  if (!gw_node_evaluate (node, inputs, shapes, outputs, error))
    {
      gw_error_set_node (error, node->name, node->def->name);
      return FALSE;
    }
  for (int i = 0; i < node->n_outputs; i++)
    set_constant (own_value (plan, node, i), outputs[i]);
  *folded = TRUE;
  return TRUE;
}

/* Shape and its kind: constant once the input's shape is. */
static gboolean
fold_shape (GwCompiler          *compiler,
            const GwNode        *node,
            const GwShape       *input_shapes,
            const GwValueSource *source,
            const GwShape       *output_shapes)
{
  GwShape value;
  GwTensor *tensor;

  if (node->n_outputs != 1 ||
      !gw_infer_partial_value (node, input_shapes, source, &value))
    return FALSE;
  tensor = gw_tensor_from_shape_value (node->dtypes[0], &output_shapes[0], &value);
  if (tensor == NULL)
    return FALSE;
  set_constant (own_value (compiler->plan, node, 0), tensor);
  return TRUE;
}

/* Whether a variable's memory is behind the value. */
static gboolean
is_variable (const GwPlan      *plan,
             const GwPlanValue *value)
{
  return (value->kind == GW_VALUE_ALIAS ? &plan->values[value->root] : value)->kind == GW_VALUE_VARIABLE;
}

/* A reduction over no axes gives its input back, as do the ops that say so. The order
 * of reads and writes knows of the latter alone: see gw_plan_order(). */
static gboolean
passes_input_on (const GwCompiler *compiler,
                 const GwNode     *node)
{
  if (node->n_inputs == 0 || node->n_outputs == 0 || compiler->copy_reads[node->id])
    return FALSE;
  if ((node->def->flags & GW_OP_FORWARDS_INPUT) != 0)
    return TRUE;
  if (node->def->shape != gw_shape_rule_reduce || node->dtypes[0] != gw_output_dtype (node->inputs[0]))
    return FALSE;
  return input_value (compiler, node, 1)->kind == GW_VALUE_CONSTANT &&
         input_value (compiler, node, 1)->tensor->elements == 0 &&
         !is_variable (compiler->plan, input_value (compiler, node, 0));
}

static gboolean
make_alias (GwCompiler    *compiler,
            const GwNode  *node,
            const GwShape *shape)
{
  GwPlan *plan = compiler->plan;
  GwPlanValue *value = own_value (plan, node, 0);
  int source = gw_plan_resolve (plan, gw_plan_value_index (plan, node->inputs[0]));
  GwPlanValue *input = &plan->values[source];

  if (!passes_input_on (compiler, node) || input->kind == GW_VALUE_DYNAMIC ||
      gw_shape_elements (shape) != gw_shape_elements (&input->shape) || value->dtype != input->dtype)
    return FALSE;
  value->shape = *shape;
  if (input->kind == GW_VALUE_CONSTANT)
    {
      set_constant (value, gw_tensor_new_view (input->tensor, shape));
      return TRUE;
    }
  value->kind = GW_VALUE_ALIAS;
  value->root = input->kind == GW_VALUE_ALIAS ? input->root : source;
  return TRUE;
}

/* ---- merging equal nodes ---- */

typedef struct {
  const GwCompiler *compiler;
  guint             hash;
  const GwNode     *node;
} MergeKey;

static int
resolved_input (const GwCompiler *compiler,
                const GwNode     *node,
                int               i)
{
  return gw_plan_resolve (compiler->plan, gw_plan_value_index (compiler->plan, node->inputs[i]));
}

static guint
merge_hash (gconstpointer key)
{
  return ((const MergeKey *) key)->hash;
}

static gboolean
merge_equal (gconstpointer a,
             gconstpointer b)
{
  const MergeKey *first = a;
  const MergeKey *second = b;
  const GwNode *x = first->node;
  const GwNode *y = second->node;

  if (x->def != y->def || x->n_inputs != y->n_inputs || x->n_outputs != y->n_outputs)
    return FALSE;
  for (int i = 0; i < x->n_inputs; i++)
    if (resolved_input (first->compiler, x, i) != resolved_input (first->compiler, y, i))
      return FALSE;
  for (int i = 0; i < gw_attr_defs_length (x->def->attrs); i++)
    if (!gw_attr_value_equal (&x->attrs[i], &y->attrs[i]))
      return FALSE;
  return TRUE;
}

/* Whether the node reads memory that something in this plan writes to: two such
 * reads may stand on either side of the write. */
static gboolean
reads_written (const GwCompiler *compiler,
               const GwNode     *node)
{
  for (int i = 0; i < node->n_inputs; i++)
    if (is_variable (compiler->plan, input_value (compiler, node, i)) && g_hash_table_size (compiler->written) > 0)
      return TRUE;
  return FALSE;
}

static gboolean
merge (GwCompiler *compiler,
       GHashTable *seen,
       GwNode     *node)
{
  GwPlan *plan = compiler->plan;
  MergeKey *key;
  MergeKey *found;
  guint hash = g_direct_hash (node->def);

  if (!gw_op_is_foldable (node->def) || node->n_inputs == 0 || node->n_outputs == 0 ||
      node->control_inputs != NULL || reads_written (compiler, node))
    return FALSE;
  for (int i = 0; i < node->n_inputs; i++)
    hash = hash * 1000003u + (guint) resolved_input (compiler, node, i);
  key = g_new (MergeKey, 1);
  *key = (MergeKey) { compiler, hash, node };
  found = g_hash_table_lookup (seen, key);
  if (found == NULL)
    {
      g_hash_table_add (seen, key);
      return FALSE;
    }
  g_free (key);
  if (own_value (plan, found->node, 0)->kind == GW_VALUE_DYNAMIC)
    return FALSE;
  for (int i = 0; i < node->n_outputs; i++)
    {
      GwPlanValue *value = own_value (plan, node, i);

      value->kind = GW_VALUE_SAME;
      value->root = gw_plan_resolve (plan, gw_plan_own_index (plan, found->node, i));
      value->shape = plan->values[value->root].shape;
    }
  return TRUE;
}

/* ---- node by node ---- */

static void
know_feeds (GwCompiler *compiler)
{
  const GwPlanSpec *spec = compiler->spec;
  GwPlan *plan = compiler->plan;

  for (int i = 0; i < spec->n_feeds; i++)
    {
      GwPlanValue *value = &plan->values[gw_plan_value_index (plan, spec->feeds[i])];

      value->kind = GW_VALUE_FEED;
      value->feed = i;
      value->shape = spec->feed_shapes[i];
    }
}

/* The reference outputs of a node, and handles, are the variable's memory. */
static gboolean
know_variable (GwCompiler   *compiler,
               const GwNode *node,
               GError      **error)
{
  GwPlan *plan = compiler->plan;
  GwNode *variable_node = gw_output_variable ((GwOutput) { (GwNode *) node, 0 });
  GwVariable *variable;

  if (variable_node == NULL)
    {
      gw_invalid (error, "%s refers to no variable", node->name);
      gw_error_set_node (error, node->name, node->def->name);
      return FALSE;
    }
  variable = gw_session_variable_of (plan->session, variable_node, error);
  if (variable == NULL)
    {
      gw_error_set_node (error, variable_node->name, variable_node->def->name);
      return FALSE;
    }
  for (int i = 0; i < node->n_outputs; i++)
    {
      GwPlanValue *value = own_value (plan, node, i);

      value->kind = GW_VALUE_VARIABLE;
      value->variable = variable;
      value->shape = variable->tensor->shape;
      value->dtype = variable->tensor->dtype;
    }
  return TRUE;
}

static void
set_memory_kind (GwPlanValue   *value,
                 const GwNode  *node,
                 const GwShape *shape)
{
  value->shape = *shape;
  if (!gw_shape_is_known (shape) || (node->def->flags & GW_OP_DYNAMIC_OUTPUT) != 0)
    value->kind = GW_VALUE_DYNAMIC;
  else
    value->kind = value->dtype == GW_STRING || value->dtype == GW_VARIANT ? GW_VALUE_OWNED : GW_VALUE_ARENA;
}

/* A node is dynamic as a whole. */
static void
set_memory_kinds (GwCompiler    *compiler,
                  const GwNode  *node,
                  const GwShape *shapes)
{
  GwPlan *plan = compiler->plan;
  gboolean dynamic = FALSE;

  for (int i = 0; i < node->n_outputs; i++)
    {
      set_memory_kind (own_value (plan, node, i), node, &shapes[i]);
      dynamic = dynamic || own_value (plan, node, i)->kind == GW_VALUE_DYNAMIC;
    }
  for (int i = 0; dynamic && i < node->n_outputs; i++)
    own_value (plan, node, i)->kind = GW_VALUE_DYNAMIC;
}

static gboolean
too_large (const GwNode  *node,
           const GwShape *shapes,
           GError       **error)
{
  for (int i = 0; i < node->n_outputs; i++)
    {
      int64_t elements = gw_shape_elements (&shapes[i]);
      g_autofree char *text = NULL;

      if (!gw_shape_is_known (&shapes[i]) ||
          (elements >= 0 && elements < ((int64_t) 1 << 46) / (int64_t) gw_dtype_size (node->dtypes[i])))
        continue;
      text = gw_shape_to_string (&shapes[i]);
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED,
                   "output %d has the shape %s: more memory than any machine has", i, text);
      gw_error_set_node (error, node->name, node->def->name);
      return TRUE;
    }
  return FALSE;
}

static gboolean
know_node (GwCompiler *compiler,
           GHashTable *seen,
           GwNode     *node,
           GError    **error)
{
  g_autofree GwShape *inputs = g_new (GwShape, MAX (node->n_inputs, 1));
  g_autofree GwShape *outputs = g_new (GwShape, MAX (node->n_outputs, 1));
  ValueData data = { compiler, node };
  GwValueSource source = { known_value, gw_no_partial_value, &data };
  gboolean folded;

  if (gw_node_is_const (node))
    {
      set_constant (own_value (compiler->plan, node, 0), gw_tensor_ref (gw_node_attr (node, "value")->tensor));
      return TRUE;
    }
  /* What the graph says of a value may be wrong here: something before it may be fed. */
  for (int i = 0; i < node->n_inputs; i++)
    inputs[i] = gw_output_is_handle (node->inputs[i]) ? GW_SHAPE_SCALAR : input_value (compiler, node, i)->shape;
  if (!gw_infer_shapes (node, inputs, &source, outputs, error) || too_large (node, outputs, error))
    return FALSE;
  if (node->n_outputs > 0 && (gw_node_output_is_ref (node, 0) || (gw_output_is_handle ((GwOutput) { node, 0 }) && (node->def->flags & GW_OP_CALLS) == 0)))
    return know_variable (compiler, node, error);
  if (fold_shape (compiler, node, inputs, &source, outputs))
    return TRUE;
  if (!fold (compiler, node, outputs, &folded, error) || folded)
    return folded;
  if (node->n_outputs == 1 && node->n_inputs > 0 && make_alias (compiler, node, &outputs[0]))
    return TRUE;
  if (!merge (compiler, seen, node))
    set_memory_kinds (compiler, node, outputs);
  return TRUE;
}

gboolean
gw_plan_know_values (GwCompiler *compiler,
                     GError    **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (merge_hash, merge_equal, g_free, NULL);

  know_feeds (compiler);
  for (guint i = 0; i < compiler->order->len; i++)
    {
      GwNode *node = gw_graph_node (compiler->spec->graph, g_array_index (compiler->order, int, i));

      if (!know_node (compiler, seen, node, error))
        return FALSE;
    }
  return TRUE;
}
