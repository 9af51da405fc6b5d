/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/graph/output-facts.h"

#include "engine/graph/graph-private.h"

void
gw_output_facts_init (GwOutputFacts *facts,
                      GwOutput       output)
{
  const GwTensor *value = gw_output_constant (output);
  const GwNode *variable = gw_output_is_handle (output) ? gw_output_variable (output) : NULL;

  *facts = (GwOutputFacts) {
    .dtype = gw_output_dtype (output),
    .is_ref = gw_node_output_is_ref (output.node, output.index),
    .shape = *gw_output_shape (output),
    .value = value != NULL ? gw_tensor_ref ((GwTensor *) value) : NULL,
  };
  if (variable != NULL)
    {
      facts->is_handle = TRUE;
      facts->dtype = gw_variable_node_dtype (variable);
      facts->shape = gw_variable_node_shape (variable);
    }
  if (value == NULL && output.index == 0 && output.node->partial != NULL)
    facts->partial = g_memdup2 (output.node->partial, sizeof *facts->partial);
}

void
gw_output_facts_clear (GwOutputFacts *facts)
{
  g_clear_pointer (&facts->value, gw_tensor_unref);
  g_clear_pointer (&facts->partial, g_free);
}

static gboolean
equal_partials (const GwShape *a,
                const GwShape *b)
{
  return a == b || (a != NULL && b != NULL && gw_shape_equal (a, b));
}

static gboolean
equal_values (const GwTensor *a,
              const GwTensor *b)
{
  return a == b || (a != NULL && b != NULL && gw_tensor_equal (a, b));
}

gboolean
gw_output_facts_equal (const GwOutputFacts *a,
                       const GwOutputFacts *b)
{
  return a->dtype == b->dtype && a->is_ref == b->is_ref && a->is_handle == b->is_handle &&
         gw_shape_equal (&a->shape, &b->shape) &&
         equal_partials (a->partial, b->partial) && equal_values (a->value, b->value);
}

GwOutput
gw_output_stand_in (GwBuilder           *builder,
                    const GwOutputFacts *facts,
                    const char          *name)
{
  GwAttrSetting dtype = { "dtype", gw_attr_dtype (facts->dtype) };
  GwAttrSetting shape = { "shape", gw_attr_shape (facts->shape) };
  GwNode *node;

  if (facts->value != NULL)
    return gw_output_of (gw_node_new (builder, "Const", name, GW_NO_IN,
                                      GW_WITH (dtype, { "value", gw_attr_tensor (facts->value) })), 0);
  if (facts->is_handle && facts->dtype == GW_VARIANT) /* of a table */
    return gw_output_of (gw_node_new (builder, "HashTableV2", name, GW_NO_IN, NULL), 0);
  node = gw_node_new (builder, facts->is_handle ? "VarHandleOp" : facts->is_ref ? "VariableV2" : "Placeholder", name, GW_NO_IN,
                      GW_WITH (dtype, shape));
  if (node != NULL && facts->partial != NULL)
    node->partial = g_memdup2 (facts->partial, sizeof *node->partial);
  return gw_output_of (node, 0);
}
