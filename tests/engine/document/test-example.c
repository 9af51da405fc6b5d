/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of all ops as documents: each can be lowered without a problem, saved and
 * loaded, or says why it cannot be made; those of the boxes give what they say. */
#include "engine/base/error.h"
#include "engine/document/composites.h"
#include "engine/document/example.h"
#include "engine/document/lower.h"
#include "engine/graph/registry.h"
#include "engine/ops/families.h"
#include "engine/runtime/session.h"
#include "engine/tensor/text.h"
#include "tests/support/support.h"

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

/* The document as it is after saving and loading. */
static GwDocument *
reload (GwDocument *document)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = gw_document_to_json (document), *again = NULL;
  GwDocument *loaded = gw_document_from_json (text, strlen (text), &error);

  g_assert_no_error (error);
  again = gw_document_to_json (loaded);
  g_assert_cmpstr (text, ==, again);
  return loaded;
}

static GwLowered *
lower (const GwOpDef *def,
       GwDocument    *document)
{
  GwLowered *lowered = gw_lower (document, &predict);

  for (guint i = 0; i < lowered->problems->len; i++)
    {
      const GwProblem *problem = lowered->problems->pdata[i];

      if (problem->severity == GW_PROBLEM_ERROR)
        g_error ("%s: %s", def->name, problem->message);
    }
  return lowered;
}

static void
check_op (const GwOpDef *def)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = gw_document_from_example (def, &error);
  g_autoptr (GwDocument) loaded = NULL;
  g_autoptr (GwLowered) lowered = NULL;

  if (document == NULL)
    {
      g_assert_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED);
      g_assert_true (def->examples == NULL || has_variables (def));
      return;
    }
  loaded = reload (document);
  lowered = lower (def, loaded);
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

/* ---- composites ---- */

static void
initialize (GwSession *session,
            GwLowered *lowered)
{
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < lowered->variables->len; i++)
    g_ptr_array_add (targets, ((GwLoweredVariable *) g_ptr_array_index (lowered->variables, i))->initializer);
  gw_session_run (session, lowered->graph, 0, NULL, 0, NULL, (int) targets->len, (GwNode *const *) targets->pdata, NULL, NULL,
                  &error);
  g_assert_no_error (error);
}

/* All outputs of the box `id` can be fetched, and are what the example says. */
static void
check_outputs (const GwOpDef *def,
               GwLowered     *lowered,
               int64_t        id)
{
  g_autoptr (GwSession) session = gw_session_new (1);
  const char *const *wanted = def->examples->outputs;
  int n = gw_lowered_n_outputs (lowered, id);

  g_assert_cmpint (n, >, 0);
  g_assert_true (wanted == NULL || g_strv_length ((char **) wanted) == (guint) n);
  initialize (session, lowered);
  for (int i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GwTensor) got = gw_session_fetch (session, lowered->graph, 0, NULL, gw_lowered_output (lowered, id, i), &error);
      g_autoptr (GwTensor) want = NULL;
      g_autofree char *difference = NULL;

      g_assert_no_error (error);
      want = wanted != NULL ? gw_tensor_parse (wanted[i], got->dtype, NULL, &error) : gw_tensor_ref (got);
      g_assert_no_error (error);
      difference = gw_test_difference (got, want, 1e-6);
      if (difference != NULL)
        g_error ("%s: output %d: %s", def->name, i, difference);
    }
}

/* Boxes give what their examples say, or tell how they are used. */
static void
test_composites (void)
{
  int n, n_run = 0;
  const GwOpDef *const *defs = gw_registry_list (&n);

  for (int i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GwDocument) document = NULL, loaded = NULL;
      g_autoptr (GwLowered) lowered = NULL;

      if (defs[i]->expand == NULL)
        continue;
      if (defs[i]->examples == NULL)
        {
          g_assert_nonnull (strstr (defs[i]->doc, "\nExample: "));
          continue;
        }
      document = gw_document_from_example (defs[i], &error);
      g_assert_no_error (error);
      loaded = reload (document);
      lowered = lower (defs[i], loaded);
      check_outputs (defs[i], lowered, gw_document_find (loaded, defs[i]->name));
      n_run++;
    }
  g_assert_cmpint (n_run, >, 50);
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
  g_test_add_func ("/document/example/composites", test_composites);
  g_test_add_func ("/document/example/product", test_product);
  return g_test_run ();
}
