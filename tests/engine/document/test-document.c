/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: edits are exact, files round-trip, bad files are refused in words. */
#include "engine/base/error.h"
#include "engine/document/composites.h"
#include "engine/document/document.h"
#include "engine/graph/registry.h"
#include "engine/ops/families.h"

#include <glib/gstdio.h>
#include <string.h>

static int64_t
add_node (GwDocument *document,
          const char *op,
          GPtrArray  *history)
{
  int64_t id;
  GwEdit *edit = gw_edit_add_node (document, gw_registry_find (op), 10, 20, &id);

  gw_document_apply (document, edit);
  if (history != NULL)
    g_ptr_array_add (history, edit);
  else
    gw_edit_free (edit);
  return id;
}

static void
connect (GwDocument *document,
         int64_t     from,
         int64_t     to,
         const char *port,
         GPtrArray  *history)
{
  GwEdit *edit = gw_edit_new ("Connect");
  GwItem *item = gw_edit_take (edit, document, to);

  gw_doc_node_set_input (&item->node, port, 0, from, 0, NULL);
  gw_edit_put (edit, document, item);
  gw_document_apply (document, edit);
  if (history != NULL)
    g_ptr_array_add (history, edit);
  else
    gw_edit_free (edit);
}

static void
test_names_and_ids (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  int64_t first = add_node (document, "MatMul", NULL);
  int64_t second = add_node (document, "MatMul", NULL);

  g_assert_cmpint (first, !=, second);
  g_assert_cmpstr (gw_document_node (document, first)->name, ==, "MatMul");
  g_assert_cmpstr (gw_document_node (document, second)->name, ==, "MatMul_1");
  g_assert_cmpint (gw_document_find (document, "MatMul_1"), ==, second);
}

static void
test_undo_is_exact (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  g_autoptr (GPtrArray) history = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_edit_free);
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_document_unref);
  g_autoptr (GError) error = NULL;
  int64_t x = add_node (document, "Placeholder", history);
  int64_t dense = add_node (document, "Dense", history);
  int64_t soft = add_node (document, "Softmax", history);
  GwEdit *edit;

  connect (document, x, dense, "inputs", history);
  connect (document, dense, soft, "logits", history);
  edit = gw_edit_set_attr (document, dense, "units", "500", &error);
  g_assert_no_error (error);
  gw_document_apply (document, edit);
  g_ptr_array_add (history, edit);
  edit = gw_edit_delete (document, &dense, 1, TRUE);
  gw_document_apply (document, edit);
  g_ptr_array_add (history, edit);
  g_assert_cmpint (gw_doc_node_input (gw_document_node (document, soft), "logits", 0)->from, ==, x);

  for (guint i = history->len; i > 0; i--)
    {
      g_ptr_array_add (states, gw_document_copy (document));
      gw_document_revert (document, g_ptr_array_index (history, i - 1));
    }
  {
    g_autoptr (GwDocument) empty = gw_document_new ();

    g_assert_true (gw_document_equal (document, empty));
  }
  for (guint i = 0; i < history->len; i++)
    {
      gw_document_apply (document, g_ptr_array_index (history, i));
      g_assert_true (gw_document_equal (document, g_ptr_array_index (states, history->len - 1 - i)));
    }
}

static void
test_attributes_refuse (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  int64_t dense = add_node (document, "Dense", NULL);
  int64_t other = add_node (document, "Relu", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (gw_edit_set_attr (document, dense, "units", "-3", &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (gw_error_get_node (error), ==, "Dense");
  g_clear_error (&error);
  g_assert_null (gw_edit_set_attr (document, dense, "activation", "zigzag", &error));
  g_clear_error (&error);
  g_assert_null (gw_edit_set_attr (document, dense, "colour", "red", &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (gw_edit_set_attr (document, dense, "name", "Relu", &error));
  g_assert_error (error, GW_ERROR, GW_ERROR_ALREADY_EXISTS);
  g_clear_error (&error);
  g_assert_null (gw_edit_set_attr (document, other, "name", "a b", &error));
  g_assert_nonnull (error);
}

/* A literal at a port is set like an attribute. */
static void
test_port_literal (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  int64_t id = add_node (document, "Minimize", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwEdit) edit = gw_edit_set_attr (document, id, "learning_rate", "0.01", &error);

  g_assert_no_error (error);
  gw_document_apply (document, edit);
  g_assert_cmpstr (gw_doc_node_input (gw_document_node (document, id), "learning_rate", 0)->literal, ==, "0.01");
}

static void
test_examples_round_trip (void)
{
  const char *folder = g_getenv ("GW_EXAMPLES");
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  int n = 0;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GwDocument) document = NULL;
      g_autoptr (GwDocument) again = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;
      g_autofree char *text_again = NULL;

      if (!g_str_has_suffix (name, ".gw"))
        continue;
      document = gw_document_load (path, &error);
      g_assert_no_error (error);
      text = gw_document_to_json (document);
      again = gw_document_from_json (text, strlen (text), &error);
      g_assert_no_error (error);
      g_assert_true (gw_document_equal (document, again));
      text_again = gw_document_to_json (again);
      g_assert_cmpstr (text, ==, text_again);
      n++;
    }
  g_assert_cmpint (n, >=, 5);
}

/* What this version does not know survives. */
static void
test_unknown_survives (void)
{
  const char *text =
    "{\"graphwright\":1,\"nodes\":[{\"id\":7,\"name\":\"later\",\"op\":\"FromTheFuture\",\"at\":[1,2],"
    "\"attrs\":{\"depth\":3,\"rate\":0.5,\"mode\":\"x\",\"list\":[1,2,3],\"on\":true},"
    "\"inputs\":{\"in\":{\"literal\":\"1\"}}}]}";
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = gw_document_from_json (text, strlen (text), &error);
  g_autofree char *written = NULL;
  g_autoptr (GwDocument) again = NULL;

  g_assert_no_error (error);
  written = gw_document_to_json (document);
  again = gw_document_from_json (written, strlen (written), &error);
  g_assert_no_error (error);
  g_assert_true (gw_document_equal (document, again));
  g_assert_nonnull (strstr (written, "FromTheFuture"));
  g_assert_nonnull (strstr (written, "\"depth\": 3"));
}

static void
test_bad_files (void)
{
  static const char *const bad[] = {
    "", "{", "[]", "null", "{\"nodes\":[]}", "{\"graphwright\":99}",
    "{\"graphwright\":1,\"nodes\":3}", "{\"graphwright\":1,\"nodes\":[3]}",
    "{\"graphwright\":1,\"nodes\":[{\"id\":1}]}",
    "{\"graphwright\":1,\"nodes\":[{\"id\":1,\"name\":\"a\",\"op\":\"Relu\"}]}",
    "{\"graphwright\":1,\"nodes\":[{\"id\":1,\"name\":\"a\",\"op\":\"Relu\",\"at\":[0,0]},"
    "{\"id\":1,\"name\":\"b\",\"op\":\"Relu\",\"at\":[0,0]}]}",
    "{\"graphwright\":1,\"nodes\":[{\"id\":1,\"name\":\"a\",\"op\":\"Relu\",\"at\":[0,0]},"
    "{\"id\":2,\"name\":\"a\",\"op\":\"Relu\",\"at\":[0,0]}]}",
    "{\"graphwright\":1,\"nodes\":[{\"id\":1,\"name\":\"a\",\"op\":\"Dense\",\"at\":[0,0],\"attrs\":{\"units\":-1}}]}",
    "{\"graphwright\":1,\"nodes\":[{\"id\":1,\"name\":\"a\",\"op\":\"Relu\",\"at\":[0,0],\"inputs\":{\"x\":{}}}]}",
    "{\"graphwright\":1,\"nodes\":[{\"id\":1,\"name\":\"a\",\"op\":\"Relu\",\"at\":[0,\"NaN\"]}]}",
    "{\"graphwright\":1,\"training\":{\"targets\":[\"x\"]}}",
    "{\"graphwright\":1,\"data\":{\"source\":\"nowhere\"}}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GwDocument) document = gw_document_from_json (bad[i], strlen (bad[i]), &error);

      g_assert_null (document);
      g_assert_nonnull (error);
      g_assert_cmpuint (strlen (error->message), >, 10);
    }
}

static void
test_clipboard (void)
{
  g_autoptr (GwDocument) document = gw_document_new ();
  int64_t x = add_node (document, "Placeholder", NULL);
  int64_t a = add_node (document, "Relu", NULL);
  int64_t b = add_node (document, "Relu", NULL);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GwEdit) edit = NULL;
  int64_t new_a, new_b;

  connect (document, x, a, "features", NULL);
  connect (document, a, b, "features", NULL);
  text = gw_document_copy_items (document, (int64_t[]) { a, b }, 2);
  edit = gw_document_paste (document, text, 30, 40, TRUE, ids, &error);
  g_assert_no_error (error);
  gw_document_apply (document, edit);
  g_assert_cmpuint (ids->len, ==, 2);
  new_a = g_array_index (ids, int64_t, 0);
  new_b = g_array_index (ids, int64_t, 1);
  g_assert_cmpint (gw_doc_node_input (gw_document_node (document, new_a), "features", 0)->from, ==, x);
  g_assert_cmpint (gw_doc_node_input (gw_document_node (document, new_b), "features", 0)->from, ==, new_a);
  g_assert_cmpfloat (gw_document_node (document, new_a)->x, ==, 40);
  g_assert_cmpstr (gw_document_node (document, new_a)->name, !=, gw_document_node (document, new_b)->name);

  g_clear_pointer (&edit, gw_edit_free);
  edit = gw_document_paste (document, text, 0, 0, FALSE, NULL, &error);
  gw_document_apply (document, edit);
  g_assert_null (gw_document_paste (document, "no nodes here", 0, 0, FALSE, NULL, &error));
  g_assert_nonnull (error);
}

static void
test_save_is_atomic (void)
{
  g_autofree char *folder = g_dir_make_tmp ("gw-document-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a.gw", NULL);
  g_autofree char *below_file = g_build_filename (path, "b.gw", NULL);
  g_autoptr (GwDocument) document = gw_document_new ();
  g_autoptr (GwDocument) back = NULL;
  g_autoptr (GError) error = NULL;

  add_node (document, "Relu", NULL);
  g_assert_true (gw_document_save (document, path, &error));
  g_assert_no_error (error);
  back = gw_document_load (path, &error);
  g_assert_no_error (error);
  g_assert_true (gw_document_equal (document, back));
  g_assert_cmpstr (gw_document_folder (back), ==, folder);
  g_assert_false (gw_document_save (document, below_file, &error));
  g_assert_nonnull (error);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gw_register_all_ops ();
  gw_register_composites ();
  g_test_add_func ("/document/names-and-ids", test_names_and_ids);
  g_test_add_func ("/document/undo-is-exact", test_undo_is_exact);
  g_test_add_func ("/document/attributes-refuse", test_attributes_refuse);
  g_test_add_func ("/document/port-literal", test_port_literal);
  g_test_add_func ("/document/examples-round-trip", test_examples_round_trip);
  g_test_add_func ("/document/unknown-survives", test_unknown_survives);
  g_test_add_func ("/document/bad-files", test_bad_files);
  g_test_add_func ("/document/clipboard", test_clipboard);
  g_test_add_func ("/document/save-is-atomic", test_save_is_atomic);
  return g_test_run ();
}
