/* SPDX-License-Identifier: Apache-2.0 */
/* What drawing means for the training settings, and laying out. */
#include "app/model/doc-model.h"
#include "app/model/targets.h"
#include "tests/support/support.h"

static int64_t
add (GwDocModel *model,
     const char *op)
{
  GwDocument *document = gw_doc_model_get_document (model);
  int64_t id;
  GwEdit *edit = gw_edit_add_node (document, gw_registry_find (op), 0, 0, &id);

  gw_targets_node_added (edit, document, id);
  gw_doc_model_apply (model, edit, NULL);
  return id;
}

static void
wire (GwDocModel *model,
      int64_t     from,
      int64_t     to,
      const char *port)
{
  GwDocument *document = gw_doc_model_get_document (model);
  GwEdit *edit = gw_edit_new ("Connect");
  GwItem *item = gw_edit_take (edit, document, to);

  gw_doc_node_set_input (&item->node, port, 0, from, 0, NULL);
  gw_edit_put (edit, document, item);
  gw_targets_connected (edit, document, from, to, port);
  gw_doc_model_apply (model, edit, NULL);
}

static void
test_roles_follow_drawing (void)
{
  g_autoptr (GwDocModel) model = gw_doc_model_new ();
  GwDocument *document = gw_doc_model_get_document (model);
  int64_t x = add (model, "Placeholder"), other = add (model, "Placeholder"), loss = add (model, "Mean");
  int64_t train = add (model, "Minimize"), accuracy = add (model, "Accuracy");
  g_autoptr (GHashTable) needed = NULL;

  wire (model, x, loss, "input");
  wire (model, loss, train, "loss");
  g_assert_true (gw_document_has_role (document, train, GW_ROLE_TARGET));
  g_assert_true (gw_document_has_role (document, loss, GW_ROLE_LOSS));
  g_assert_true (gw_document_has_role (document, accuracy, GW_ROLE_METRIC));
  g_assert_false (gw_document_has_role (document, x, GW_ROLE_TARGET));
  needed = gw_document_needed (document);
  g_assert_true (g_hash_table_contains (needed, &x));
  g_assert_true (g_hash_table_contains (needed, &accuracy));
  g_assert_false (g_hash_table_contains (needed, &other));

  /* A second loss does not take the first one's place; by hand it does. */
  wire (model, x, train, "loss");
  g_assert_true (gw_document_has_role (document, loss, GW_ROLE_LOSS));
  gw_doc_model_apply (model, gw_edit_set_role (document, x, GW_ROLE_LOSS, TRUE), NULL);
  g_assert_true (gw_document_has_role (document, x, GW_ROLE_LOSS));
  gw_doc_model_apply (model, gw_edit_set_role (document, loss, GW_ROLE_REPORT, TRUE), NULL);
  g_assert_true (gw_document_has_role (document, loss, GW_ROLE_REPORT));

  while (gw_doc_model_undo (model))
    ;
  g_assert_cmpuint (gw_document_settings (document)->targets->len, ==, 0);
  g_assert_cmpint (gw_document_settings (document)->loss, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  gw_init ();
  g_test_add_func ("/targets/roles-follow-drawing", test_roles_follow_drawing);
  return g_test_run ();
}
