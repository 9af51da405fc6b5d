/* SPDX-License-Identifier: Apache-2.0 */
/* Conformance over the registry: each check of conformance.h for each op, as a test of its
 * own: “/conformance/gradient/MatMul”. */
#include "tests/engine/ops/conformance.h"

#include "engine/graph/registry.h"
#include "tests/engine/ops/op-runner.h"

#include <string.h>

static const struct {
  const char   *name;
  GTestDataFunc func;
  gboolean      of_composites;  /* holds for them too */
  gboolean      of_gradients;   /* only for ops that have one */
} checks[] = {
  { "description", conformance_description, TRUE },
  { "examples", conformance_examples },
  { "types", conformance_types },
  { "shapes", conformance_shapes },
  { "gradient", conformance_gradient, FALSE, TRUE },
  { "wrong-inputs", conformance_wrong_inputs },
  { "any-input", conformance_any_input },
  { "hostile-attrs", conformance_hostile_attrs },
  { "hostile-inputs", conformance_hostile_inputs },
  { "allocations", conformance_allocations },
};

/* Ops that run sub-graphs, and those of lists of tensors and of tables, cannot be written as one
 * node with inputs from text: test-control-flow.c and test-tables.c in tests/engine/runtime has these. */
static gboolean
stands_alone (const GwOpDef *def)
{
  for (int outputs = 0; outputs < 2; outputs++)
    for (const GwPortDef *port = outputs ? def->outputs : def->inputs; port != NULL && port->name != NULL; port++)
      if (g_str_equal (port->type, "variant") || g_str_equal (port->name, "table_handle"))
        return FALSE;
  return (def->flags & GW_OP_CALLS) == 0 && *def->name != '_';
}

/* --shapes-seed=N: other random shapes than those of every day. */
static void
take_seed (int   *argc,
           char **argv)
{
  static const char option[] = "--shapes-seed=";
  int n = 1;

  for (int i = 1; i < *argc; i++)
    if (g_str_has_prefix (argv[i], option))
      conformance_seed = (guint) g_ascii_strtoull (argv[i] + strlen (option), NULL, 10);
    else
      argv[n++] = argv[i];
  argv[n] = NULL;
  *argc = n;
}

int
main (int   argc,
      char *argv[])
{
  const GwOpDef *const *list;
  int n;

  take_seed (&argc, argv);
  g_test_init (&argc, &argv, NULL);
  op_runner_init ();
  list = gw_registry_list (&n);
  g_assert_cmpint (n, >, 0);
  for (guint c = 0; c < G_N_ELEMENTS (checks); c++)
    for (int i = 0; i < n; i++)
      {
        g_autofree char *path = g_strdup_printf ("/conformance/%s/%s", checks[c].name, list[i]->name);

        if ((stands_alone (list[i]) || checks[c].of_composites) && (!checks[c].of_gradients || list[i]->grad != NULL) && (checks[c].of_composites || list[i]->expand == NULL))
          g_test_add_data_func (path, list[i], checks[c].func);
      }
  return g_test_run ();
}
