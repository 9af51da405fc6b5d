/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

static void
test_node (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) copy = NULL;

  gw_error_set_node (NULL, "n", "Op");
  gw_error_set_node (&error, "n", "Op");
  g_assert_null (error);
  g_assert_false (gw_invalid (&error, "depth must be positive, not %d", -3));
  g_assert_cmpstr (error->message, ==, "depth must be positive, not -3");
  g_assert_null (gw_error_get_node (error));
  gw_error_set_node (&error, "layer1/matmul", "MatMul");
  gw_error_set_node (&error, "layer1", "Dense");
  copy = g_error_copy (error);
  g_assert_cmpstr (gw_error_get_node (copy), ==, "layer1/matmul");
  g_assert_cmpstr (gw_error_get_op (copy), ==, "MatMul");
  g_assert_null (gw_error_get_node (NULL));
}

static void
test_text (void)
{
  static const struct {
    const char *node, *message, *text;
  } cases[] = {
    { "huge", "output 0 is too large", "huge: output 0 is too large" },
    { "x", "expected [2], not [3]", "x: expected [2], not [3]" },
    { "x", "input x is missing", "input x is missing" },
    { "a/b", "a/bc feeds it", "a/b: a/bc feeds it" },
    { NULL, "no file", "no file" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (GW_ERROR, GW_ERROR_INVALID_ARGUMENT, cases[i].message);
      g_autofree char *text = NULL;

      if (cases[i].node != NULL)
        gw_error_set_node (&error, cases[i].node, NULL);
      text = gw_error_text (error);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_foreign (void)
{
  g_autoptr (GError) error = NULL;
  GError *file = g_error_new (G_FILE_ERROR, G_FILE_ERROR_ACCES, "not for you");
  GError *own = g_error_new (GW_ERROR, GW_ERROR_DATA_LOSS, "broken");

  gw_error_set_node (&file, "n", "Op");
  g_assert_null (gw_error_get_node (file));
  gw_propagate_foreign_error (&error, file, GW_ERROR_UNAVAILABLE, "data.csv");
  g_assert_cmpstr (error->message, ==, "data.csv: not for you");
  gw_test_assert_error (&error, GW_ERROR_UNAVAILABLE, NULL);
  gw_propagate_foreign_error (&error, own, GW_ERROR_UNAVAILABLE, "data.csv");
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "broken");
  gw_propagate_foreign_error (NULL, g_error_new (G_FILE_ERROR, 0, "x"), GW_ERROR_UNAVAILABLE, "y");
}

static void
test_names (void)
{
  g_assert_cmpstr (gw_error_code_name (GW_ERROR_INVALID_ARGUMENT), ==, "INVALID_ARGUMENT");
  g_assert_cmpstr (gw_error_code_name (GW_ERROR_RESOURCE_EXHAUSTED), ==, "RESOURCE_EXHAUSTED");
  g_assert_cmpstr (gw_error_code_name (GW_ERROR_UNAVAILABLE), ==, "UNAVAILABLE");
  g_assert_cmpstr (gw_error_code_name ((GwErrorCode) 77), ==, "UNKNOWN");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/node", test_node);
  g_test_add_func ("/error/text", test_text);
  g_test_add_func ("/error/foreign", test_foreign);
  g_test_add_func ("/error/names", test_names);
  return g_test_run ();
}
