/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/tensor/attr.h"
#include "tests/support/support.h"

#include <string.h>

static const GwAttrDef defs[] = {
  { "flag", GW_ATTR_BOOL, "true" },
  { "depth", GW_ATTR_INT, "2", .min = 1, .max = 10 },
  { "rate", GW_ATTR_FLOAT, "0.5", .min = 0, .max = 1 },
  { "title", GW_ATTR_STRING, "x y" },
  { "padding", GW_ATTR_CHOICE, "SAME", .choices = GW_CHOICES ("VALID", "SAME") },
  { "T", GW_ATTR_DTYPE, "float32", .choices = GW_CHOICES ("float32", "float64") },
  { "shape", GW_ATTR_SHAPE, "?,28" },
  { "strides", GW_ATTR_INTS, "[1,2,2,1]", .min = 4, .max = 4 },
  { "boundaries", GW_ATTR_FLOATS, "0.5 1.5" },
  { "names", GW_ATTR_STRINGS, "[a, \"b c\"]" },
  { "types", GW_ATTR_DTYPES, "[float32, int32]" },
  { "shapes", GW_ATTR_SHAPES, "[[?,2], ?, []]" },
  { "value", GW_ATTR_TENSOR, "[[1, 2], [3, 4]]" },
  { "path", GW_ATTR_FILE, "/tmp/x" },
  { "branches", GW_ATTR_FUNCS, "[first, second]", .min = 1, .max = 0 },
  { "seed", GW_ATTR_SEED, "9007199254740993" },
  { "steps", GW_ATTR_INT, "5", .min = 1, .max = 0 },
  { NULL }
};

static const GwAttrDef *
def_of (const char *name)
{
  int i = gw_attr_defs_find (defs, name);

  g_assert_cmpint (i, >=, 0);
  return &defs[i];
}

static void
test_find (void)
{
  g_assert_cmpint (gw_attr_defs_length (defs), ==, 17);
  g_assert_cmpint (gw_attr_defs_length (NULL), ==, 0);
  g_assert_cmpint (gw_attr_defs_find (defs, "T"), ==, 5);
  g_assert_cmpint (gw_attr_defs_find (defs, "t"), ==, -1);
  g_assert_cmpint (gw_attr_defs_find (NULL, "t"), ==, -1);
}

/* Text and JSON bring each default back, and the copies are deep. */
static void
test_round_trips (void)
{
  for (int i = 0; defs[i].name != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL, *json_text = NULL;
      g_autoptr (cJSON) json = NULL, json_back = NULL;
      GwAttrValue value, copy, from_text, from_json;

      gw_attr_default (&defs[i], &value);
      gw_attr_value_copy (&copy, &value);
      text = gw_attr_to_string (&value);
      json = gw_attr_to_json (&value);
      json_text = gw_json_print_compact (json);
      json_back = gw_json_parse (json_text, strlen (json_text), &error);
      g_assert_no_error (error);
      gw_attr_parse (&defs[i], text, &from_text, &error);
      g_assert_no_error (error);
      gw_attr_from_json (&defs[i], json_back, &from_json, &error);
      g_assert_no_error (error);
      g_assert_true (gw_attr_value_equal (&value, &from_text));
      g_assert_true (gw_attr_value_equal (&value, &from_json));
      gw_attr_value_clear (&value);
      g_assert_true (gw_attr_value_equal (&copy, &from_text));
      gw_attr_value_clear (&copy);
      gw_attr_value_clear (&from_text);
      gw_attr_value_clear (&from_json);
    }
}

static void
check_text (const char *name,
            const char *text,
            const char *want)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *got = NULL;
  GwAttrValue value;

  gw_attr_parse (def_of (name), text, &value, &error);
  g_assert_no_error (error);
  got = gw_attr_to_string (&value);
  g_assert_cmpstr (got, ==, want);
  gw_attr_value_clear (&value);
}

static void
test_parse (void)
{
  check_text ("flag", "off", "false");
  check_text ("flag", "1", "true");
  check_text ("depth", " 7 ", "7");
  check_text ("rate", "1e-3", "0.001");
  check_text ("shape", "any", "?");
  check_text ("shape", "(2, ?)", "[2,?]");
  check_text ("strides", "1 2 2 1", "[1, 2, 2, 1]");
  check_text ("boundaries", "", "[]");
  check_text ("boundaries", "3", "[3]");
  check_text ("boundaries", "[]", "[]");
  check_text ("names", "alone", "[\"alone\"]");
  check_text ("names", "a,b", "[\"a\", \"b\"]");
  check_text ("types", "DT_FLOAT", "[float32]");
  check_text ("types", "", "[]");
  check_text ("shapes", "[2,?], any", "[[2,?], ?]");
  check_text ("shapes", "[]", "[]");
  check_text ("value", "float64 [1, 2]", "float64 [1, 2]");
  check_text ("value", "hello world", "\"hello world\"");
  check_text ("value", "1.5", "1.5");
  check_text ("steps", "1000000", "1000000");
}

static void
test_parse_errors (void)
{
  static const struct { const char *name, *text, *part; } cases[] = {
    { "flag", "maybe", "flag is “maybe”, but must be true or false" }, { "depth", "0", "depth is 0, but must be from 1 to 10" },
    { "depth", "2.5", "whole number" }, { "depth", "", "whole number" }, { "rate", "1.5", "from 0 to 1" }, { "rate", "nan", "from 0 to 1" },
    { "rate", "half", "a number" }, { "padding", "FULL", "VALID, SAME" }, { "T", "int32", "float32, float64" }, { "T", "what", "such as float32" },
    { "shape", "[2", "shape: " }, { "strides", "1 2", "strides's length is 2" }, { "strides", "1 x", "strides is" },
    { "strides", "[[1,2],[3,4]]", "list of whole numbers" }, { "shapes", "[2,3]", "such as [[?,2],[3]]" }, { "shapes", "[[2,3]", "shapes: " },
    { "types", "[float32, nope]", "nope" }, { "value", "[1,", "value: " }, { "seed", "9223372036854775808", "whole number" },
    { "steps", "0", "at least 1" }, { "names", "[a, [b]]", "list of texts" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      GwAttrValue value;

      if (gw_attr_parse (def_of (cases[i].name), cases[i].text, &value, &error))
        g_error ("%s took “%s”", cases[i].name, cases[i].text);
      gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, cases[i].part);
    }
}

static void
test_check_converts (void)
{
  GwAttrValue integer = gw_attr_int (1);
  GwAttrValue text = gw_attr_string ("SAME");
  GwAttrValue wrong = gw_attr_bool (TRUE);
  GwAttrValue seed = gw_attr_int (4);
  g_autoptr (GError) error = NULL;

  g_assert_true (gw_attr_check (def_of ("rate"), &integer, &error));
  g_assert_true (integer.type == GW_ATTR_FLOAT && integer.f == 1);
  g_assert_true (gw_attr_check (def_of ("padding"), &text, &error));
  g_assert_cmpint (text.type, ==, GW_ATTR_CHOICE);
  g_assert_true (gw_attr_check (def_of ("seed"), &seed, &error));
  g_assert_false (gw_attr_check (def_of ("rate"), &wrong, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "rate is “true”, but must be a number");
}

static void
test_json_forms (void)
{
  static const struct { const char *name, *json; } good[] = {
    { "shape", "[null,28]" }, { "shape", "\"?\"" }, { "shape", "[]" }, { "rate", "1" }, { "seed", "\"9007199254740993\"" },
    { "boundaries", "[\"NaN\", \"-Infinity\", 2]" }, { "types", "[\"float32\"]" }, { "shapes", "[[1,null],\"?\"]" }, { "value", "null" },
  };
  static const struct { const char *name, *json; } bad[] = {
    { "shape", "[-1,28]" }, { "shape", "[1,2,3,4,5,6,7,8,9]" }, { "shape", "5" }, { "depth", "\"two\"" }, { "depth", "99" },
    { "flag", "1" }, { "title", "5" }, { "types", "[\"float\",\"x\"]" }, { "names", "[1]" }, { "strides", "[1,2,2,1.5]" }, { "strides", "[1]" },
    { "value", "{}" }, { "value", "{\"dtype\":\"float32\",\"shape\":[2],\"data\":[1]}" },
    { "value", "{\"dtype\":\"uint8\",\"shape\":[1],\"data\":[256]}" }, { "value", "{\"dtype\":\"uint64\",\"shape\":[1],\"data\":[-1]}" },
    { "value", "{\"dtype\":\"x\",\"shape\":[],\"data\":[1]}" }, { "value", "{\"dtype\":\"int32\",\"shape\":[null],\"data\":[1]}" },
    { "value", "{\"dtype\":\"float32\",\"shape\":[1099511627776,1099511627776],\"data\":[]}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (good) + G_N_ELEMENTS (bad); i++)
    {
      gboolean is_good = i < G_N_ELEMENTS (good);
      const char *name = is_good ? good[i].name : bad[i - G_N_ELEMENTS (good)].name;
      const char *text = is_good ? good[i].json : bad[i - G_N_ELEMENTS (good)].json;
      g_autoptr (cJSON) json = gw_json_parse (text, strlen (text), NULL);
      g_autoptr (GError) error = NULL;
      GwAttrValue value;

      if (gw_attr_from_json (def_of (name), json, &value, &error) != is_good)
        g_error ("%s from %s: %s", name, text, error != NULL ? error->message : "taken");
      if (is_good)
        gw_attr_value_clear (&value);
      else
        gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, name);
    }
}

static void
test_tensor_json (void)
{
  static const struct { const char *tensor, *json; } cases[] = {
    { "[0.1, nan, -inf]", "{\"dtype\":\"float32\",\"shape\":[3],\"data\":[0.1,\"NaN\",\"-Infinity\"]}" },
    { "uint64 [18446744073709551615, 1]", "{\"dtype\":\"uint64\",\"shape\":[2],\"data\":[\"18446744073709551615\",1]}" },
    { "[\"é\", \"\", \"\\xff\\x00\"]", "{\"dtype\":\"string\",\"shape\":[3],\"data\":[\"é\",\"\",{\"base64\":\"/wA=\"}]}" },
    { "1+2j", "{\"dtype\":\"complex64\",\"shape\":[],\"data\":[[1,2]]}" },
    { "[[true], [false]]", "{\"dtype\":\"bool\",\"shape\":[2,1],\"data\":[true,false]}" },
    { "float16 [1.5]", "{\"dtype\":\"float16\",\"shape\":[1],\"data\":[1.5]}" },
    { "[[], []]", "{\"dtype\":\"float32\",\"shape\":[2,0],\"data\":[]}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GwTensor) tensor = gw_test_tensor (cases[i].tensor);
      g_autoptr (cJSON) json = gw_tensor_to_json (tensor);
      g_autofree char *text = gw_json_print_compact (json);
      g_autoptr (GError) error = NULL;
      g_autoptr (GwTensor) back = gw_tensor_from_json (json, &error);

      g_assert_cmpstr (text, ==, cases[i].json);
      g_assert_no_error (error);
      gw_test_assert_close (back, tensor, 0);
    }
}

/* Weights stand as their bytes, and are for the eye by their ends. */
static void
test_weights_json (void)
{
  int64_t size[] = { 64, GW_ATTR_MOST_LISTED / 64 };
  GwShape shape = gw_shape_from_dims (2, size);
  g_autoptr (GwTensor) tensor = gw_tensor_new_zeros (GW_FLOAT32, &shape, NULL);
  GwAttrValue value = { .type = GW_ATTR_TENSOR, .tensor = tensor }, back;
  g_autoptr (cJSON) json = NULL;
  g_autofree char *label = NULL;
  GError *error = NULL;

  for (int64_t i = 0; i < tensor->elements; i++)
    GW_TENSOR_DATA (tensor, float)[i] = (float) i / 3;
  json = gw_attr_to_json (&value);
  g_assert_nonnull (cJSON_GetObjectItemCaseSensitive (json, "base64"));
  g_assert_null (cJSON_GetObjectItemCaseSensitive (json, "data"));
  g_assert_true (gw_attr_from_json (def_of ("value"), json, &back, &error));
  g_assert_no_error (error);
  g_assert_true (gw_attr_value_equal (&value, &back));
  gw_attr_value_clear (&back);
  label = gw_attr_to_label (&value, 16);
  g_assert_cmpint (g_utf8_strlen (label, -1), <, 200);
  g_assert_nonnull (strstr (label, "…"));
  cJSON_ReplaceItemInObjectCaseSensitive (json, "base64", cJSON_CreateString ("AAAA"));
  g_assert_false (gw_attr_from_json (def_of ("value"), json, &back, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "base64");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/attr/find", test_find);
  g_test_add_func ("/attr/round-trips", test_round_trips);
  g_test_add_func ("/attr/parse", test_parse);
  g_test_add_func ("/attr/parse-errors", test_parse_errors);
  g_test_add_func ("/attr/check-converts", test_check_converts);
  g_test_add_func ("/attr/json-forms", test_json_forms);
  g_test_add_func ("/attr/tensor-json", test_tensor_json);
  g_test_add_func ("/attr/weights-json", test_weights_json);
  return g_test_run ();
}
