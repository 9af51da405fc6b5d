/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ops/function-maker.h"

void
gw_maker_init (GwMaker         *maker,
               const GwBuilder *outer)
{
  maker->graph = gw_graph_new ();
  gw_builder_init (&maker->builder, maker->graph);
  maker->builder.origin = outer->origin;
  maker->args = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  maker->results = g_array_new (FALSE, FALSE, sizeof (GwOutput));
}

GwOutput
gw_maker_add_arg (GwMaker    *maker,
                  const char *prefix,
                  int         number,
                  GwOutput    like)
{
  g_autofree char *name = g_strdup_printf ("%s_%d", prefix, number);
  GwOutput arg = gw_function_arg (&maker->builder, name, (int) maker->args->len, like);

  g_array_append_val (maker->args, arg);
  return arg;
}

void
gw_maker_add_result (GwMaker  *maker,
                     GwOutput  result)
{
  g_array_append_val (maker->results, result);
}

GwFunction *
gw_maker_finish (GwMaker    *maker,
                 GwBuilder  *outer,
                 const char *stem,
                 const char *suffix)
{
  g_autofree char *name = g_strdup_printf ("%s_%s", stem, suffix);
  g_autoptr (GwFunction) function = NULL;
  GError *error = NULL;

  if (gw_builder_finish (&maker->builder, &error))
    function = gw_function_new (name, maker->graph, (int) maker->args->len, (const GwOutput *) maker->args->data,
                                (int) maker->results->len, (const GwOutput *) maker->results->data, &error);
  if (error != NULL && outer->error == NULL)
    outer->error = g_steal_pointer (&error);
  g_clear_error (&error);
  gw_graph_unref (maker->graph);
  g_array_unref (maker->args);
  g_array_unref (maker->results);
  return g_steal_pointer (&function);
}
