/* SPDX-License-Identifier: Apache-2.0 */
/* Ops that change variables, against TensorFlow's numbers: tests/golden/state/state.json.
 * A case is an op, the variable before, the other inputs, the outputs and the variable
 * after, or that it is an error, which leaves the variable as it was. */
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/graph/builder.h"
#include "engine/graph/registry.h"
#include "engine/runtime/session.h"
#include "tests/engine/ops/op-runner.h"
#include "tests/support/support.h"

#include <string.h>

#define MAX_INPUTS 8

typedef struct {
  const GwOpDef *def;
  const cJSON   *golden;
  GwGraph       *graph;
  GwBuilder      b;
  GwSession     *session;
  GwOutput       variable;
  GwNode        *init;
  GwNode        *node;
} Case;

static GwTensor *
read_tensor (const cJSON *json)
{
  g_autoptr (GError) error = NULL;
  GwTensor *tensor = gw_tensor_from_json (json, &error);

  g_assert_no_error (error);
  return tensor;
}

static void
add_variable (Case *c)
{
  g_autoptr (GwTensor) before = read_tensor (cJSON_GetObjectItemCaseSensitive (c->golden, "variable"));
  gboolean is_handle = strcmp (c->def->inputs[0].type, "resource") == 0;

  c->variable = gw_op (&c->b, is_handle ? "VarHandleOp" : "VariableV2", GW_NO_IN,
                       GW_WITH ({ "dtype", gw_attr_dtype (before->dtype) }, { "shape", gw_attr_shape (before->shape) }));
  c->init = gw_node_new (&c->b, is_handle ? "AssignVariableOp" : "Assign", NULL,
                         GW_IN (c->variable, gw_const (&c->b, gw_tensor_ref (before))), NULL);
  g_assert_no_error (c->b.error);
}

static void
add_op (Case *c)
{
  GwOutput inputs[MAX_INPUTS] = { c->variable };
  GwAttrSetting settings[MAX_INPUTS] = { 0 };
  GwNodeSpec spec = { .def = c->def, .n_inputs = 1, .inputs = inputs, .attrs = settings };
  const cJSON *item;

  cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive (c->golden, "inputs"))
    {
      g_assert_cmpstr (gw_json_member_string (item, "port", ""), ==, c->def->inputs[spec.n_inputs].name);
      inputs[spec.n_inputs++] = gw_const (&c->b, read_tensor (item));
    }
  cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive (c->golden, "attrs"))
    {
      int index = gw_attr_defs_find (c->def->attrs, item->string);

      g_assert_cmpint (index, >=, 0);
      settings[spec.n_attrs].name = item->string;
      g_assert_true (gw_attr_from_json (&c->def->attrs[index], item, &settings[spec.n_attrs++].value, NULL));
    }
  c->node = gw_graph_add (c->graph, &spec, &c->b.error);
  for (int i = 0; i < spec.n_attrs; i++)
    gw_attr_value_clear (&settings[i].value);
}

static double
tolerance_of (GwDType dtype)
{
  return dtype == GW_FLOAT64 ? 1e-12 : dtype == GW_FLOAT16 ? 1e-3 : dtype == GW_BFLOAT16 ? 1e-2 : 2e-6;
}

static void
compare (const Case     *c,
         const char     *what,
         const GwTensor *got,
         const cJSON    *json)
{
  g_autoptr (GwTensor) want = read_tensor (json);
  g_autofree char *difference = gw_test_difference (got, want, tolerance_of (want->dtype));
  g_autofree char *text = difference != NULL ? cJSON_PrintUnformatted (c->golden) : NULL;

  if (difference != NULL)
    g_error ("%s: %s: %s", text, what, difference);
}

/* Runs the op for its outputs; FALSE when it refused. */
static gboolean
run_op (Case *c)
{
  const cJSON *outputs = cJSON_GetObjectItemCaseSensitive (c->golden, "outputs");
  GwTensor *result = NULL;
  GwOutput fetch = { c->node, 0 };
  int n = c->node != NULL ? c->node->n_outputs : 0;

  if (c->node == NULL ||
      !gw_session_run (c->session, c->graph, 0, NULL, n, &fetch, 1, &c->node, NULL, &result, &c->b.error))
    return FALSE;
  if (n > 0 && cJSON_GetArraySize (outputs) == n)
    compare (c, "output", result, cJSON_GetArrayItem (outputs, 0));
  g_clear_pointer (&result, gw_tensor_unref);
  return TRUE;
}

static void
run_case (const cJSON *golden)
{
  Case c = { .def = gw_registry_find (gw_json_member_string (golden, "op", "")), .golden = golden };
  gboolean is_error = cJSON_HasObjectItem (golden, "error");
  g_autoptr (GwTensor) after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (c.def);
  c.graph = gw_graph_new ();
  c.session = gw_session_new (2);
  gw_builder_init (&c.b, c.graph);
  add_variable (&c);
  gw_session_run (c.session, c.graph, 0, NULL, 0, NULL, 1, &c.init, NULL, NULL, &error);
  g_assert_no_error (error);
  add_op (&c);
  if (run_op (&c) == is_error)
    {
      g_autofree char *text = cJSON_PrintUnformatted (golden);

      g_error ("%s: %s", text, c.b.error != NULL ? c.b.error->message : "is no error");
    }
  after = gw_session_fetch (c.session, c.graph, 0, NULL, c.variable, &error);
  g_assert_no_error (error);
  compare (&c, "variable after", after, cJSON_GetObjectItemCaseSensitive (golden, "after"));
  gw_builder_clear (&c.b);
  gw_session_free (c.session);
  gw_graph_unref (c.graph);
}

static void
test_cases (void)
{
  cJSON *file = gw_test_golden ("state/state.json");
  const cJSON *golden;
  int n = 0;

  cJSON_ArrayForEach (golden, cJSON_GetObjectItemCaseSensitive (file, "cases"))
    {
      run_case (golden);
      n++;
    }
  g_test_message ("%d cases", n);
  g_assert_cmpint (n, >, 100);
  cJSON_Delete (file);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  op_runner_init ();
  g_test_add_func ("/ops/state/golden", test_cases);
  return g_test_run ();
}
