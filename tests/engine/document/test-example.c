/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of all ops as documents: each can be lowered without a problem, saved and
 * loaded, or says why it cannot be made. */
#include "engine/base/error.h"
#include "engine/document/composites.h"
#include "engine/document/example.h"
#include "engine/document/lower.h"
#include "engine/graph/registry.h"
#include "engine/ops/families.h"

#include <string.h>

static const GwLowerOptions predict = { GW_MODE_PREDICT, FALSE, 42 };

static gboolean
has_variables (const GwOpDef *def)
{
  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    if (port->is_ref || strcmp (port->type, "resource") == 0 || strcmp (port->type, "variant") == 0)
      return TRUE;
  return FALSE;
}

static void
check_op (const GwOpDef *def)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = gw_document_from_example (def, &error);
  g_autoptr (GwDocument) loaded = NULL;
  g_autoptr (GwLowered) lowered = NULL;
  g_autofree char *text = NULL, *again = NULL;

  if (document == NULL)
    {
      g_assert_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED);
      g_assert_true (def->examples == NULL || has_variables (def));
      return;
    }
  text = gw_document_to_json (document);
  loaded = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  again = gw_document_to_json (loaded);
  g_assert_cmpstr (text, ==, again);
  lowered = gw_lower (loaded, &predict);
  for (guint i = 0; i < lowered->problems->len; i++)
    {
      const GwProblem *problem = lowered->problems->pdata[i];

      if (problem->severity == GW_PROBLEM_ERROR)
        g_error ("%s: %s", def->name, problem->message);
    }
}

static void
test_all_ops (void)
{
  int n;
  const GwOpDef *const *defs = gw_registry_list (&n);

  g_assert_cmpint (n, >, 0);
  for (int i = 0; i < n; i++)
    if (defs[i]->expand == NULL && (defs[i]->flags & GW_OP_CALLS) == 0 && *defs[i]->name != '_')
      check_op (defs[i]);
}

static void
test_product (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = gw_document_from_example (gw_registry_find ("MatMul"), &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = gw_document_to_json (document);
  g_assert_nonnull (strstr (text, "\"op\": \"MatMul\""));
  g_assert_nonnull (strstr (text, "\"name\": \"a\""));
  g_assert_nonnull (strstr (text, "\"op\": \"Const\""));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gw_register_all_ops ();
  gw_register_composites ();
  g_test_add_func ("/document/example/all-ops", test_all_ops);
  g_test_add_func ("/document/example/product", test_product);
  return g_test_run ();
}
