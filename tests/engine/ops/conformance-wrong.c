/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs that are plainly wrong are refused while the graph is built. */
#include "tests/engine/ops/conformance.h"

#include "engine/base/error.h"
#include "tests/engine/ops/op-runner.h"
#include "tests/support/support.h"

#include <string.h>

static gboolean
is_list (const GwOpDef   *def,
         const GwPortDef *port)
{
  int index = gw_attr_defs_find (def->attrs, port->type);

  return port->number_attr != NULL || (index >= 0 && def->attrs[index].type == GW_ATTR_DTYPES);
}

/* Adds the op with these inputs as constants; TRUE when it was refused, as it should. */
static gboolean
is_refused (const Example   *example,
            int              n_inputs,
            GwTensor *const *tensors)
{
  g_autoptr (GwGraph) graph = gw_graph_new ();
  GwOutput inputs[EXAMPLE_MAX];
  GwBuilder builder;
  GwNode *node;

  gw_builder_init (&builder, graph);
  for (int i = 0; i < n_inputs; i++)
    inputs[i] = gw_const (&builder, gw_tensor_ref (tensors[i]));
  g_assert_no_error (builder.error);
  node = op_add (graph, example->def->name, example->example->attrs, n_inputs, inputs, &builder.error);
  if (node == NULL)
    gw_test_assert_error (&builder.error, GW_ERROR_INVALID_ARGUMENT, NULL);
  gw_builder_clear (&builder);
  return node == NULL;
}

/* Whether a port can be of `dtype` at all. */
static gboolean
takes_type (const GwOpDef   *def,
            const GwPortDef *port,
            GwDType          dtype)
{
  int index = gw_attr_defs_find (def->attrs, port->type);
  const char *const *choices = index >= 0 ? def->attrs[index].choices : NULL;

  if (index < 0)
    return gw_dtype_from_name (port->type) == dtype;
  return choices == NULL || g_strv_contains (choices, gw_dtype_name (dtype));
}

/* An input of a type that its port does not have, and an input too few. */
void
conformance_wrong_inputs (gconstpointer data)
{
  const GwOpDef *def = data;
  const GwOpExample *text = example_next (def->examples);
  g_autoptr (Example) example = NULL;
  gboolean has_list = FALSE;
  Stage stage;

  if (text == NULL || text->inputs == NULL)
    return;
  example = example_new (def, text, GW_DTYPE_INVALID);
  stage_init (&stage, example, EXAMPLE_CONSTANT);
  g_assert_no_error (stage.builder.error);
  for (int i = 0; i < example->n_inputs; i++)
    {
      const GwPortDef *port = gw_node_input_port (stage.node, i);
      g_autoptr (GwTensor) wrong = example->inputs[i]->dtype == GW_STRING ? gw_tensor_new_float (1)
                                                                        : gw_tensor_new_string ("x");
      GwTensor *tensors[EXAMPLE_MAX];

      memcpy (tensors, example->inputs, sizeof tensors);
      tensors[i] = wrong;
      has_list = has_list || is_list (def, port);
      if (port->is_ref || example_is_handle (port) || !takes_type (def, port, wrong->dtype))
        g_assert_true (is_refused (example, example->n_inputs, tensors));
    }
  if (!has_list && example->n_inputs == gw_ports_length (def->inputs))
    for (int i = 0; i < example->n_inputs; i++)
      g_assert_true (is_refused (example, i, example->inputs));
  stage_clear (&stage);
}
