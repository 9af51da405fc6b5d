/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/engine/runtime/body.h"

void
body_init (Body          *body,
           int            n,
           const GwDType *dtypes)
{
  *body = (Body) { gw_graph_new (), .n = n };
  gw_builder_init (&body->b, body->graph);
  for (int i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("x%d", i);

      body->args[i] = gw_output_of (gw_node_new (&body->b, "_Arg", name, GW_NO_IN,
                                                 GW_WITH ({ "T", gw_attr_dtype (dtypes[i]) }, { "index", gw_attr_int (i) })), 0);
    }
}

const char *
body_add_to (Body           *body,
             GwGraph        *graph,
             const char     *name,
             int             n,
             const GwOutput *outputs)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwFunction) function = NULL;

  g_assert_no_error (body->b.error);
  function = gw_function_new (name, body->graph, body->n, body->args, n, outputs, &error);
  g_assert_no_error (error);
  gw_builder_clear (&body->b);
  gw_graph_unref (body->graph);
  return gw_graph_add_function (graph, function);
}

GwOutput
number (GwBuilder *b,
        GwDType    dtype,
        double     value)
{
  return gw_const_scalar (b, dtype, value);
}
