/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/graph/shape-context.h"

#include "engine/base/error.h"
#include "engine/graph/graph-private.h"
#include "engine/graph/shape-infer.h"

const GwTensor *
gw_shape_input_value (GwShapeContext *context,
                      int             input)
{
  return input < context->n_inputs ? context->get_value (context, input) : NULL;
}

gboolean
gw_tensor_as_shape (const GwTensor *tensor,
                    GwShape        *value)
{
  if (!gw_dtype_is_integer (tensor->dtype) || tensor->shape.rank > 1 || tensor->elements > GW_MAX_RANK)
    return FALSE;
  value->rank = (int) tensor->elements;
  for (int i = 0; i < value->rank; i++)
    value->dims[i] = gw_tensor_get_int (tensor, i);
  return TRUE;
}

gboolean
gw_shape_input_as_shape (GwShapeContext *context,
                         int             input,
                         GwShape        *value,
                         GError        **error)
{
  const GwTensor *tensor = gw_shape_input_value (context, input);
  const GwShape *shape = &context->inputs[input];

  if (tensor != NULL)
    {
      if (!gw_tensor_as_shape (tensor, value))
        return gw_invalid (error, "%s must be a vector of at most %d integers",
                           gw_shape_input_name (context, input), GW_MAX_RANK);
    }
  else if (!context->get_partial (context, input, value))
    {
      if (shape->rank == 1 && shape->dims[0] > GW_MAX_RANK)
        return gw_invalid (error, "%s has %" G_GINT64_FORMAT " elements; %d dimensions are the most",
                           gw_shape_input_name (context, input), shape->dims[0], GW_MAX_RANK);
      *value = shape->rank == 1 && shape->dims[0] >= 0 ? gw_shape_of_rank ((int) shape->dims[0])
                                                       : GW_SHAPE_UNKNOWN;
    }
  for (int i = 0; i < value->rank; i++)
    if (value->dims[i] < -1)
      return gw_invalid (error, "%s holds the size %" G_GINT64_FORMAT ", which is negative",
                         gw_shape_input_name (context, input), value->dims[i]);
  return TRUE;
}

const GwAttrValue *
gw_shape_attr (const GwShapeContext *context,
               const char           *name)
{
  int index = gw_attr_defs_find (context->def->attrs, name);

  g_assert (index >= 0);
  return &context->attrs[index];
}

const char *
gw_shape_input_name (const GwShapeContext *context,
                     int                   input)
{
  const GwPortDef *port = context->def->inputs;

  for (int i = 0; i < input && port[1].name != NULL && port->number_attr == NULL; i++)
    port++;
  return port->name;
}

/* A kernel has the variable itself where the graph has a handle. */
gboolean
gw_shape_input_variable (GwShapeContext *context,
                         int             input,
                         GwDType        *dtype,
                         GwShape        *shape,
                         GError        **error)
{
  const GwNode *variable;

  *dtype = context->input_dtypes[input];
  *shape = context->inputs[input];
  if (*dtype != GW_RESOURCE)
    return TRUE;
  if (!gw_shape_want_rank (context, input, 0, shape, error))
    return FALSE;
  variable = context->node != NULL ? gw_output_variable (context->node->inputs[input]) : NULL;
  if (variable == NULL)
    return gw_invalid (error, "%s must be the handle of a variable (VarHandleOp)", gw_shape_input_name (context, input));
  *dtype = gw_variable_node_dtype (variable);
  *shape = gw_variable_node_shape (variable);
  return TRUE;
}

gboolean
gw_shape_want_rank (GwShapeContext *context,
                    int             input,
                    int             rank,
                    GwShape        *shape,
                    GError        **error)
{
  g_autofree char *text = NULL;

  *shape = context->inputs[input];
  if (shape->rank < 0)
    *shape = gw_shape_of_rank (rank);
  if (shape->rank == rank)
    return TRUE;
  text = gw_shape_to_string (shape);
  return gw_invalid (error, "%s must be rank %d but is rank %d (%s)",
                     gw_shape_input_name (context, input), rank, shape->rank, text);
}

gboolean
gw_shape_want_rank_at_least (GwShapeContext *context,
                             int             input,
                             int             rank,
                             GError        **error)
{
  const GwShape *shape = &context->inputs[input];
  g_autofree char *text = NULL;

  if (shape->rank < 0 || shape->rank >= rank)
    return TRUE;
  text = gw_shape_to_string (shape);
  return gw_invalid (error, "%s must be at least rank %d but is rank %d (%s)",
                     gw_shape_input_name (context, input), rank, shape->rank, text);
}

static void
init_context (GwShapeContext      *context,
              const GwNode        *node,
              const GwShape       *inputs,
              const GwValueSource *source,
              GwShape             *outputs,
              GwDType             *dtypes)
{
  for (int i = 0; i < node->n_inputs; i++)
    dtypes[i] = gw_output_dtype (node->inputs[i]);
  for (int i = 0; outputs != NULL && i < node->n_outputs; i++)
    outputs[i] = GW_SHAPE_UNKNOWN;
  *context = (GwShapeContext) {
    .def = node->def, .attrs = node->attrs,
    .n_inputs = node->n_inputs, .n_outputs = node->n_outputs,
    .inputs = inputs, .input_dtypes = dtypes, .outputs = outputs,
    .get_value = source->get_value, .get_partial = source->get_partial, .data = source->data, .node = node,
  };
}

gboolean
gw_infer_shapes (const GwNode        *node,
                 const GwShape       *inputs,
                 const GwValueSource *source,
                 GwShape             *outputs,
                 GError             **error)
{
  g_autofree GwDType *dtypes = g_new (GwDType, MAX (node->n_inputs, 1));
  GwShapeContext context;

  init_context (&context, node, inputs, source, outputs, dtypes);
  if (node->def->shape (&context, error))
    return TRUE;
  gw_error_set_node (error, node->name, node->def->name);
  return FALSE;
}

gboolean
gw_infer_partial_value (const GwNode        *node,
                        const GwShape       *inputs,
                        const GwValueSource *source,
                        GwShape             *value)
{
  g_autofree GwDType *dtypes = g_new (GwDType, MAX (node->n_inputs, 1));
  GwShapeContext context;

  if (node->def->partial_value == NULL)
    return FALSE;
  init_context (&context, node, inputs, source, NULL, dtypes);
  return node->def->partial_value (&context, value);
}

/* ---- values as the graph knows them ---- */

static const GwTensor *
graph_value (GwShapeContext *context,
             int             input)
{
  const GwNode *node = context->data;

  return gw_output_constant_unlocked (node->inputs[input]);
}

static gboolean
graph_partial (GwShapeContext *context,
               int             input,
               GwShape        *value)
{
  const GwNode *node = context->data;

  return gw_output_partial_value (node->inputs[input], value);
}

static GwShape *
input_shapes (const GwNode *node)
{
  GwShape *shapes = g_new (GwShape, MAX (node->n_inputs, 1));

  for (int i = 0; i < node->n_inputs; i++)
    shapes[i] = *gw_output_shape (node->inputs[i]);
  return shapes;
}

gboolean
gw_infer_node (GwNode  *node,
               GError **error)
{
  g_autofree GwShape *inputs = input_shapes (node);
  GwValueSource source = { graph_value, graph_partial, node };

  return gw_infer_shapes (node, inputs, &source, node->shapes, error);
}

/* Whether output 0 can be read as a shape. */
static gboolean
is_shape_like (const GwNode *node)
{
  const GwShape *shape = node->shapes;

  return node->n_outputs > 0 && gw_dtype_is_integer (node->dtypes[0]) && shape->rank <= 1 &&
         (shape->rank < 1 || shape->dims[0] <= GW_MAX_RANK);
}

/* Once, when the node is made: its inputs have theirs by then, so nothing is computed
 * twice and nothing recurses. */
void
gw_infer_partial (GwNode *node)
{
  g_autofree GwShape *inputs = NULL;
  GwValueSource source = { graph_value, graph_partial, node };
  GwShape value;

  if (node->def->partial_value == NULL || !is_shape_like (node))
    return;
  inputs = input_shapes (node);
  if (gw_infer_partial_value (node, inputs, &source, &value) && value.rank >= 0)
    node->partial = g_memdup2 (&value, sizeof value);
}

gboolean
gw_output_partial_value (GwOutput output,
                         GwShape *value)
{
  const GwTensor *tensor = gw_output_constant_unlocked (output);

  if (tensor != NULL)
    return gw_tensor_as_shape (tensor, value);
  if (output.index != 0 || output.node->partial == NULL)
    return FALSE;
  *value = *output.node->partial;
  return TRUE;
}
