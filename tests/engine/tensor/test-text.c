/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/random.h"
#include "engine/tensor/text.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

static void
test_parse_and_print (void)
{
  static const struct { const char *text; GwDType in, out; const char *printed; } cases[] = {
    { "3", 0, GW_INT32, "3" }, { "3.0", 0, GW_FLOAT32, "3" }, { "1 2 3", 0, GW_INT32, "[1, 2, 3]" },
    { "1, 2, 3.5", 0, GW_FLOAT32, "[1, 2, 3.5]" }, { "[[1,2],[3,4]]", 0, GW_INT32, "[[1, 2], [3, 4]]" },
    { "((1,2),(3,4))", 0, GW_INT32, "[[1, 2], [3, 4]]" }, { "[1,2],[3,4]", 0, GW_INT32, "[[1, 2], [3, 4]]" },
    { "[[1 2]\n [3 4]]", 0, GW_INT32, "[[1, 2], [3, 4]]" }, { "3,", 0, GW_INT32, "[3]" }, { "[3,]", 0, GW_INT32, "[3]" },
    { "true", 0, GW_BOOL, "true" }, { "[True, false]", 0, GW_BOOL, "[true, false]" }, { "[1, 0]", GW_BOOL, GW_BOOL, "[true, false]" },
    { "[nan, inf, -inf, 0.1, 1e-7]", 0, GW_FLOAT32, "[nan, inf, -inf, 0.1, 1e-07]" },
    { "3000000000", 0, GW_INT64, "3000000000" }, { "[]", 0, GW_FLOAT32, "[]" }, { "[[], []]", 0, GW_FLOAT32, "[[], []]" },
    { "\"a b\"", 0, GW_STRING, "\"a b\"" }, { "'a', \"b\"", 0, GW_STRING, "[\"a\", \"b\"]" }, { "hello world", 0, GW_STRING, "\"hello world\"" },
    { "Hello, TensorFlow!", 0, GW_STRING, "\"Hello, TensorFlow!\"" }, { "true false", 0, GW_BOOL, "[true, false]" },
    { "hello world", GW_STRING, GW_STRING, "\"hello world\"" }, { "[hello world]", GW_STRING, GW_STRING, "[\"hello\", \"world\"]" },
    { "12", GW_STRING, GW_STRING, "\"12\"" }, { "", GW_STRING, GW_STRING, "\"\"" }, { "[\"x\"]", GW_STRING, GW_STRING, "[\"x\"]" },
    { "\"\\n\\x41\\t\\\\\\\"\\xff\"", 0, GW_STRING, "\"\\nA\\t\\\\\\\"\\xff\"" }, { "\"é\"", 0, GW_STRING, "\"é\"" },
    { "255", GW_UINT8, GW_UINT8, "255" }, { "-128", GW_INT8, GW_INT8, "-128" }, { "0x10", GW_INT32, GW_INT32, "16" },
    { "010", GW_INT32, GW_INT32, "10" }, { "1e3", GW_INT32, GW_INT32, "1000" }, { "4.0", GW_INT64, GW_INT64, "4" },
    { "18446744073709551615", GW_UINT64, GW_UINT64, "18446744073709551615" }, { "0.1", GW_FLOAT64, GW_FLOAT64, "0.1" },
    { "-9223372036854775808", GW_INT64, GW_INT64, "-9223372036854775808" }, { "1+2j", 0, GW_COMPLEX64, "1+2j" },
    { "[-2.5j, 1]", GW_COMPLEX128, GW_COMPLEX128, "[0-2.5j, 1+0j]" }, { "0.1", GW_FLOAT16, GW_FLOAT16, "0.099975586" },
    { "[[[[[[[[7]]]]]]]]", 0, GW_INT32, "[[[[[[[[7]]]]]]]]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GwTensor) tensor = gw_tensor_parse (cases[i].text, cases[i].in, NULL, &error);
      g_autoptr (GwTensor) back = NULL;
      g_autofree char *printed = NULL;

      if (tensor == NULL)
        g_error ("%s: %s", cases[i].text, error->message);
      g_assert_cmpint (tensor->dtype, ==, cases[i].out);
      printed = gw_tensor_to_string (tensor, 0);
      g_assert_cmpstr (printed, ==, cases[i].printed);
      back = gw_tensor_parse (printed, tensor->dtype, &tensor->shape, &error);
      g_assert_no_error (error);
      g_assert_true (gw_tensor_equal (back, tensor) || strstr (printed, "nan") != NULL);
    }
}

static void
test_errors (void)
{
  static const struct { const char *text; GwDType dtype; const char *part; } cases[] = {
    { "", GW_FLOAT32, "a value is wanted" }, { "", 0, "the text ends" }, { "[1, 2", 0, "not closed" }, { "1 2]", 0, "too many" },
    { "[1, 2]]", 0, "too many" }, { "[[1, 2], [3]]", 0, "character 12" }, { "[1, [2]]", 0, "character 6" },
    { "[[1], 2]", 0, "as deep" }, { "[[1], []]", 0, "as long" }, { "[1, []]", 0, "a list stands" }, { "[[], 1]", 0, "a list stands" },
    { "1,,2", 0, "a value is wanted here" }, { "[,1]", 0, "a value is wanted here" }, { "\"abc", 0, "quote" },
    { "2.5", GW_INT32, "not an integer" }, { "300", GW_UINT8, "does not fit" }, { "-1", GW_UINT64, "does not fit" },
    { "1e40", GW_FLOAT32, "too large" }, { "99999999999999999999", GW_INT64, "does not fit" }, { "nan", GW_INT32, "not an integer" },
    { "true", GW_FLOAT32, "no such value" }, { "yes", GW_BOOL, "no such value" }, { "abc", GW_FLOAT64, "no such value" },
    { "[1, true]", 0, "another kind" }, { "[1, \"a\"]", 0, "another kind" }, { "[1, abc]", 0, "another kind" },
    { "[1, …, 9]", 0, "cut" }, { "[[[[[[[[[1]]]]]]]]]", 0, "8 dimensions" }, { "1", GW_RESOURCE, "resource" },
    { "[1)", 0, "not closed" }, { "\"a\"", GW_FLOAT32, "no such value" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      if (gw_tensor_parse (cases[i].text, cases[i].dtype, NULL, &error) != NULL)
        g_error ("“%s” was taken", cases[i].text);
      gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, cases[i].part);
    }
}

static void
check_shape (const char *text,
             GwDType     dtype,
             const char *shape_text,
             const char *want)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) tensor = NULL;
  GwShape shape;

  g_assert_true (gw_shape_parse (shape_text, &shape, NULL));
  tensor = gw_tensor_parse (text, dtype, &shape, &error);
  if (want == NULL)
    {
      g_assert_null (tensor);
      gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, NULL);
      return;
    }
  g_assert_no_error (error);
  gw_test_assert_tensor (tensor, want);
}

static void
test_shapes (void)
{
  check_shape ("7", GW_INT32, "[2,2]", "[[7, 7], [7, 7]]");
  check_shape ("1 2 3 4", GW_INT32, "[2,2]", "[[1, 2], [3, 4]]");
  check_shape ("[1, 2]", GW_INT32, "[?]", "[1, 2]");
  check_shape ("[1, 2]", GW_INT32, "?", "[1, 2]");
  check_shape ("[1, 2]", GW_INT32, "[3]", NULL);
  check_shape ("[1, 2]", GW_INT32, "[?,2]", NULL);
  check_shape ("7", GW_INT32, "[?]", NULL);
  check_shape ("[[1, 2], [3, 4]]", GW_INT32, "[4]", NULL);
  check_shape ("x", GW_STRING, "[2]", "[\"x\", \"x\"]");
  check_shape ("a b", GW_STRING, "[2]", "[\"a\", \"b\"]");
  check_shape ("a b", GW_STRING, "[]", "\"a b\"");
  check_shape ("3", GW_FLOAT32, "[0]", "[]");
}

static void
test_cut (void)
{
  g_autoptr (GwTensor) vector = gw_test_tensor ("[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]");
  g_autoptr (GwTensor) matrix = gw_test_tensor ("[[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [0, 0, 0, 0, 0]]");
  g_autofree char *whole = gw_tensor_to_string (vector, 10);
  g_autofree char *four = gw_tensor_to_string (vector, 5);
  g_autofree char *one = gw_tensor_to_string (vector, 1);
  g_autofree char *cut = gw_tensor_to_string (matrix, 4);
  g_autoptr (GwTensor) empty = gw_tensor_new (GW_FLOAT32, &GW_SHAPE ((int64_t) 1 << 40, (int64_t) 1 << 40, 0), NULL);
  g_autofree char *lists = gw_tensor_to_string (empty, 4);
  g_autofree char *uncut = gw_tensor_to_string (empty, 0);

  g_assert_cmpstr (whole, ==, "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]");
  g_assert_cmpstr (four, ==, "[0, 1, …, 8, 9]");
  g_assert_cmpstr (one, ==, "[0, …, 9]");
  g_assert_cmpstr (cut, ==, "[[0, …, 4], …, [0, …, 0]]");
  g_assert_cmpstr (lists, ==, "[[[], …, []], …, [[], …, []]]");
  g_assert_cmpint (strlen (uncut), <, 100000);
}

/* Random floats of every magnitude come back bit for bit. */
static void
test_shortest (void)
{
  const int n = 2000;
  g_autoptr (GwTensor) bits = gw_tensor_new (GW_UINT32, &GW_SHAPE (n), NULL);
  g_autoptr (GwTensor) floats = gw_tensor_new_foreign (GW_FLOAT32, &GW_SHAPE (n), bits->data);
  g_autoptr (GwTensor) doubles = gw_tensor_new_foreign (GW_FLOAT64, &GW_SHAPE (n / 2), bits->data);
  GwPhilox philox;

  gw_philox_init (&philox, 7, 8);
  gw_philox_words (&philox, 0, n, GW_TENSOR_DATA (bits, uint32_t));
  for (int64_t i = 0; i < n; i++)
    {
      g_autofree char *text = gw_tensor_element_to_string (floats, i);
      float value = GW_TENSOR_DATA (floats, float)[i];

      g_assert_true (isnan (value) || (float) g_ascii_strtod (text, NULL) == value);
    }
  for (int64_t i = 0; i < n / 2; i++)
    {
      g_autofree char *text = gw_tensor_element_to_string (doubles, i);
      double value = GW_TENSOR_DATA (doubles, double)[i];

      g_assert_true (isnan (value) || g_ascii_strtod (text, NULL) == value);
    }
}

/* No cut or changed byte of a text makes the reader stumble. */
static void
test_damaged (void)
{
  const char *text = "[[1.5, \"a\\x41\"], [true, 2j], (nan, -3)]";
  const char *bytes = "[](),\"'\\ x9é.…";

  for (gsize i = 0; i < strlen (text); i++)
    for (gsize b = 0; b < strlen (bytes); b++)
      {
        g_autofree char *damaged = g_strdup (text);
        g_autofree char *cut = g_strndup (text, i);

        damaged[i] = bytes[b];
        for (int dtype = 0; dtype < 12; dtype++)
          {
            gw_tensor_unref (gw_tensor_parse (damaged, (GwDType) dtype, NULL, NULL));
            gw_tensor_unref (gw_tensor_parse (cut, (GwDType) dtype, NULL, NULL));
          }
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/parse-and-print", test_parse_and_print);
  g_test_add_func ("/text/errors", test_errors);
  g_test_add_func ("/text/shapes", test_shapes);
  g_test_add_func ("/text/cut", test_cut);
  g_test_add_func ("/text/shortest", test_shortest);
  g_test_add_func ("/text/damaged", test_damaged);
  return g_test_run ();
}
