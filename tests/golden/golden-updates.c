/* SPDX-License-Identifier: Apache-2.0 */
/* One step of an Apply… or SparseApply… op: "update" names it, "inputs" are its ports in
 * order, "after" what its variables then hold, in the order of their ports. */
#include "tests/golden/golden.h"

#include <string.h>

#define MAX_PORTS 16

typedef struct {
  GwGraph  *graph;
  GwBuilder b;
  GwOutput  inputs[MAX_PORTS], variables[MAX_PORTS];
  int       n_inputs, n_variables;
  GPtrArray *assigns;
  GwNode   *step;
} Update;

static void
add_input (Update          *update,
           const GwPortDef *port,
           const cJSON     *json)
{
  GwBuilder *b = &update->b;
  GwTensor *tensor = gw_tensor_from_json (json, &b->error);
  GwOutput value;

  if (tensor == NULL)
    return;
  value = gw_const (b, tensor);
  if (port->is_ref && b->error == NULL)
    {
      GwOutput variable = gw_op (b, "VariableV2", GW_NO_IN,
                                 GW_WITH ({ "dtype", gw_attr_dtype (tensor->dtype) }, { "shape", gw_attr_shape (tensor->shape) }));

      g_ptr_array_add (update->assigns, gw_node_new (b, "Assign", NULL, GW_IN (variable, value), NULL));
      update->variables[update->n_variables++] = value = variable;
    }
  update->inputs[update->n_inputs++] = value;
}

static void
build (Update      *update,
       const cJSON *golden,
       const GwOpDef *def)
{
  const cJSON *inputs = cJSON_GetObjectItemCaseSensitive (golden, "inputs");
  GwAttrSetting settings[8] = { { NULL } };
  const cJSON *attr;
  int n = 0;

  for (int i = 0; i < gw_ports_length (def->inputs) && update->b.error == NULL; i++)
    add_input (update, &def->inputs[i], cJSON_GetArrayItem (inputs, i));
  cJSON_ArrayForEach (attr, cJSON_GetObjectItemCaseSensitive (golden, "attrs"))
    if (n < 7)
      settings[n++] = (GwAttrSetting) { attr->string, gw_attr_bool (cJSON_IsTrue (attr)) };
  update->step = gw_node_new (&update->b, def->name, NULL, update->n_inputs, update->inputs, settings);
}

/* float16 and bfloat16 are computed in float32 here and step by step there: a few units
 * in the last place. */
static double
tolerance (GwDType dtype)
{
  return dtype == GW_FLOAT16 ? 0.01 : dtype == GW_BFLOAT16 ? 0.06 : golden_tolerance (dtype);
}

static char *
run (Update      *update,
     GwSession   *session,
     const cJSON *golden)
{
  GError **error = &update->b.error;
  char *problem = NULL;

  if (*error != NULL ||
      !gw_session_run (session, update->graph, 0, NULL, 0, NULL, (int) update->assigns->len,
                       (GwNode *const *) update->assigns->pdata, NULL, NULL, error) ||
      !gw_session_run (session, update->graph, 0, NULL, 0, NULL, 1, &update->step, NULL, NULL, error))
    return g_strdup ((*error)->message);
  for (int i = 0; i < update->n_variables && problem == NULL; i++)
    {
      g_autoptr (GwTensor) after = gw_session_fetch (session, update->graph, 0, NULL, update->variables[i], error);
      g_autofree char *what = g_strdup_printf ("variable %d", i);

      if (after == NULL)
        return g_strdup ((*error)->message);
      golden_compare (what, after, cJSON_GetArrayItem (cJSON_GetObjectItemCaseSensitive (golden, "after"), i),
                      tolerance (after->dtype), &problem);
    }
  return problem;
}

void
golden_update_case (GoldenReport *report,
                    const cJSON  *golden)
{
  const GwOpDef *def = gw_registry_find (gw_json_member_string (golden, "update", ""));
  g_autoptr (GwSession) session = gw_session_new (2);
  g_autoptr (GwGraph) graph = gw_graph_new ();
  g_autofree char *problem = NULL;
  Update update = { .graph = graph };

  if (def == NULL)
    {
      golden_skipped (report, "update %s", gw_json_member_string (golden, "update", ""));
      return;
    }
  gw_builder_init (&update.b, graph);
  update.assigns = g_ptr_array_new ();
  build (&update, golden, def);
  problem = run (&update, session, golden);
  if (problem != NULL)
    golden_failed (report, golden, "%s", problem);
  else
    golden_passed (report);
  g_ptr_array_unref (update.assigns);
  gw_builder_clear (&update.b);
}
