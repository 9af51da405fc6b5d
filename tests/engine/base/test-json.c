/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

static cJSON *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  cJSON *json = gw_json_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return json;
}

static void
test_print (void)
{
  g_autoptr (cJSON) json = parse ("{\"a\": [1,2.5, \"x\\u0001\\\"é\"], \"b\":{}, \"c\":[[1,2],[3]], \"d\":[], "
                                  "\"e\":{\"f\":null,\"g\":true}, \"h\": 0.1, \"i\": 1e-7, \"j\": -0.0}");
  g_autofree char *pretty = gw_json_print (json);
  g_autofree char *compact = gw_json_print_compact (json);

  g_assert_cmpstr (pretty, ==,
                   "{\n  \"a\": [1, 2.5, \"x\\u0001\\\"é\"],\n  \"b\": {},\n  \"c\": [\n    [1, 2],\n    [3]\n  ],\n"
                   "  \"d\": [],\n  \"e\": {\n    \"f\": null,\n    \"g\": true\n  },\n  \"h\": 0.1,\n"
                   "  \"i\": 1e-07,\n  \"j\": -0\n}\n");
  g_assert_cmpstr (compact, ==,
                   "{\"a\":[1,2.5,\"x\\u0001\\\"é\"],\"b\":{},\"c\":[[1,2],[3]],\"d\":[],"
                   "\"e\":{\"f\":null,\"g\":true},\"h\":0.1,\"i\":1e-07,\"j\":-0}");
}

static void
test_numbers_round_trip (void)
{
  static const double values[] = { 0, -1, 0.1, 1.0 / 3, 1e308, 5e-324, 123456789.125, NAN, INFINITY, -INFINITY };
  static const int64_t integers[] = { 0, -5, (int64_t) 1 << 53, ((int64_t) 1 << 53) + 1, G_MAXINT64, G_MININT64 };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (cJSON) json = gw_json_new_double (values[i]);
      g_autofree char *text = gw_json_print_compact (json);
      g_autoptr (cJSON) back = parse (text);
      double value;

      g_assert_true (gw_json_get_double (back, &value));
      g_assert_true (value == values[i] || (isnan (value) && isnan (values[i])));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (integers); i++)
    {
      g_autoptr (cJSON) json = gw_json_new_int (integers[i]);
      g_autofree char *text = gw_json_print_compact (json);
      g_autoptr (cJSON) back = parse (text);
      int64_t value;

      g_assert_true (gw_json_get_int (back, &value));
      g_assert_cmpint (value, ==, integers[i]);
      g_assert_cmpint (cJSON_IsString (back), ==, ABS ((double) integers[i]) > 9007199254740992.0 ||
                       integers[i] == ((int64_t) 1 << 53) + 1);
    }
}

static void
test_wrong_numbers (void)
{
  g_autoptr (cJSON) json = parse ("[1.5, 1e300, \"12x\", \"\", true, null, \"nan\"]");
  const cJSON *item;
  int64_t integer;
  double number;

  cJSON_ArrayForEach (item, json)
    g_assert_false (gw_json_get_int (item, &integer));
  for (int i = 2; i < 7; i++)
    g_assert_false (gw_json_get_double (cJSON_GetArrayItem (json, i), &number));
  g_assert_false (gw_json_get_int (NULL, &integer));
}

static void
test_errors (void)
{
  static const struct { const char *text, *part; } cases[] = {
    { "{\n  \"a\": 1,\n  \"é\": x\n}", "line 3" },
    { "[1, 2", "line 1, column 5" },
    { "", "empty" },
    { "[1] []", "line 1, column 5" },
    { "{\"a\": 1,}", "line 1" },
    { "[\"\xff\"]", "not UTF-8" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (gw_json_parse (cases[i].text, strlen (cases[i].text), &error));
      gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, cases[i].part);
    }
}

/* Depth is limited, so a hostile file cannot overflow the stack. */
static void
test_deep (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strnfill (200000, '[');

  g_assert_null (gw_json_parse (text, 200000, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, NULL);
}

static void
test_every_cut (void)
{
  const char *text = "{\"a\":[1,2.5e3,\"x\\u00e9\"],\"b\":{\"c\":null,\"d\":true}}";

  for (gsize length = 0; length < strlen (text); length++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (gw_json_parse (text, length, &error));
      g_assert_error (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_load (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = gw_test_write_file (dir, "x.json", "{\"a\": }", -1);
  g_autofree char *missing = g_build_filename (dir, "none.json", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (gw_json_load (path, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "x.json");
  g_assert_null (gw_json_load (missing, &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, "none.json");
  g_assert_null (gw_json_load (dir, &error));
  gw_test_assert_error (&error, GW_ERROR_UNAVAILABLE, NULL);
  gw_test_dir_remove (dir);
}

static void
test_members (void)
{
  g_autoptr (cJSON) json = parse ("{\"s\":\"t\",\"i\":\"9223372036854775807\",\"d\":\"-Infinity\",\"b\":true}");

  g_assert_cmpstr (gw_json_member_string (json, "s", "u"), ==, "t");
  g_assert_cmpstr (gw_json_member_string (json, "b", "u"), ==, "u");
  g_assert_cmpint (gw_json_member_int (json, "i", 0), ==, G_MAXINT64);
  g_assert_cmpint (gw_json_member_int (json, "x", 7), ==, 7);
  g_assert_true (gw_json_member_double (json, "d", 0) == -INFINITY);
  g_assert_true (gw_json_member_bool (json, "b", FALSE));
  g_assert_true (gw_json_member_bool (json, "s", TRUE));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/print", test_print);
  g_test_add_func ("/json/numbers-round-trip", test_numbers_round_trip);
  g_test_add_func ("/json/wrong-numbers", test_wrong_numbers);
  g_test_add_func ("/json/errors", test_errors);
  g_test_add_func ("/json/deep", test_deep);
  g_test_add_func ("/json/every-cut", test_every_cut);
  g_test_add_func ("/json/load", test_load);
  g_test_add_func ("/json/members", test_members);
  return g_test_run ();
}
