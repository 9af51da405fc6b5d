/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/alloc.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

static void
test_new (void)
{
  int live = gw_alloc_live_count ();

  for (int d = 1; d < 64; d++)
    {
      GwDType dtype = (GwDType) d;
      g_autoptr (GError) error = NULL;
      g_autoptr (GwTensor) tensor = NULL;

      if (gw_dtype_size (dtype) == 0)
        continue;
      tensor = gw_tensor_new_zeros (dtype, &GW_SHAPE (3, 5), &error);
      g_assert_no_error (error);
      g_assert_cmpint (tensor->elements, ==, 15);
      g_assert_cmpuint (tensor->bytes, ==, 15 * gw_dtype_size (dtype));
      g_assert_cmpuint ((uintptr_t) tensor->data % GW_ALIGNMENT, ==, 0);
      for (size_t i = 0; i < tensor->bytes; i++)
        g_assert_cmpint (((char *) tensor->data)[i], ==, 0);
    }
  g_assert_cmpint (gw_alloc_live_count (), ==, live);
}

static void
test_new_errors (void)
{
  g_autoptr (GError) error = NULL;
  GwShape partly = gw_shape_of_rank (2);

  g_assert_null (gw_tensor_new (GW_FLOAT32, &partly, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "[?,?]");
  g_assert_null (gw_tensor_new (GW_DTYPE_INVALID, &GW_SHAPE (1), &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "invalid");
  g_assert_null (gw_tensor_new (GW_FLOAT32, &GW_SHAPE ((int64_t) 1 << 40, (int64_t) 1 << 40), &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "more elements");
  g_assert_null (gw_tensor_new (GW_FLOAT32, &GW_SHAPE ((int64_t) 1 << 58), &error));
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, "float32");
  gw_alloc_fail_after (1);
  g_assert_null (gw_tensor_new (GW_STRING, &GW_SHAPE (2), &error));
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, "string");
  gw_alloc_fail_after (1);
  gw_tensor_unref (gw_tensor_new_float (1));
}

static void
test_views (void)
{
  int live = gw_alloc_live_count ();
  GwTensor *base = gw_test_tensor ("[[1, 2], [3, 4], [5, 6]]");
  GwTensor *flat = gw_tensor_new_view (base, &GW_SHAPE (6));
  GwTensor *rows = gw_tensor_new_rows (base, 1, 2);
  GwTensor *none = gw_tensor_new_rows (base, 3, 0);
  int32_t memory[4] = { 1, 2, 3, 4 };
  GwTensor *foreign = gw_tensor_new_foreign (GW_INT32, &GW_SHAPE (2, 2), memory);

  gw_tensor_unref (base);
  GW_TENSOR_DATA (flat, int32_t)[3] = 40;
  gw_test_assert_tensor (rows, "[[3, 40], [5, 6]]");
  g_assert_cmpint (none->elements, ==, 0);
  gw_tensor_unref (flat);
  gw_tensor_unref (none);
  gw_test_assert_tensor (rows, "[[3, 40], [5, 6]]");
  gw_tensor_unref (rows);
  gw_tensor_set_foreign (foreign, &GW_SHAPE (2), memory + 1);
  gw_test_assert_tensor (foreign, "[2, 3]");
  gw_tensor_unref (foreign);
  gw_tensor_unref (NULL);
  g_assert_cmpint (gw_alloc_live_count (), ==, live);
}

static void
test_strings (void)
{
  int live = gw_alloc_live_count ();
  const char *const texts[] = { "a", "", "long text" };
  GwTensor *strings = gw_tensor_new_strings (3, texts);
  GwTensor *copy = gw_tensor_duplicate (strings, NULL);
  GwTensor *empty = gw_tensor_new_zeros (GW_STRING, &GW_SHAPE (3), NULL);
  const GwString *element;

  g_assert_true (gw_tensor_equal (strings, copy));
  gw_string_set (&GW_TENSOR_DATA (copy, GwString)[1], "a\0b", 3);
  element = gw_tensor_get_string (copy, 1);
  g_assert_cmpmem (element->data, element->length + 1, "a\0b", 4);
  g_assert_false (gw_tensor_equal (strings, copy));
  g_assert_cmpint (gw_string_compare (gw_tensor_get_string (strings, 0), element), <, 0);
  g_assert_cmpint (gw_string_compare (element, gw_tensor_get_string (strings, 2)), <, 0);
  g_assert_cmpint (gw_string_compare (gw_tensor_get_string (strings, 1), gw_tensor_get_string (empty, 0)), ==, 0);
  gw_tensor_copy_data (empty, copy);
  g_assert_true (gw_tensor_equal (empty, copy));
  gw_tensor_copy_data (copy, copy);
  gw_tensor_unref (strings);
  gw_tensor_unref (copy);
  gw_tensor_unref (empty);
  g_assert_cmpint (gw_alloc_live_count (), ==, live);
}

static void
check_cast (const char *from,
            GwDType     dtype,
            const char *want)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) tensor = gw_test_tensor (from);
  g_autoptr (GwTensor) cast = gw_tensor_cast (tensor, dtype, &error);

  g_assert_no_error (error);
  gw_test_assert_tensor (cast, want);
}

static void
test_cast (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) text = gw_tensor_new_string ("x");

  check_cast ("[1.9, -1.9, 0.5]", GW_INT32, "[1, -1, 0]");
  check_cast ("[0.0, -2.5, 1]", GW_BOOL, "[false, true, true]");
  check_cast ("[true, false]", GW_FLOAT32, "float32 [1, 0]");
  check_cast ("[300, -1]", GW_UINT8, "uint8 [44, 255]");
  check_cast ("[9007199254740993]", GW_UINT64, "uint64 [9007199254740993]");
  check_cast ("uint8 [255]", GW_INT8, "int8 [-1]");
  check_cast ("[1, 2]", GW_FLOAT64, "float64 [1, 2]");
  check_cast ("[true]", GW_INT64, "int64 [1]");
  check_cast ("[1.5, 65519, 65520, 6e-8, 2049]", GW_FLOAT16, "float16 [1.5, 65504, inf, 5.9604645e-08, 2048]");
  check_cast ("[1.00390625, 3e38]", GW_BFLOAT16, "bfloat16 [1, 3.0040553e38]");
  g_assert_null (gw_tensor_cast (text, GW_FLOAT32, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "string cannot be cast to float32");
}

/* All the halves there are come back from a float. */
static void
test_halves (void)
{
  g_autoptr (GwTensor) half = gw_tensor_new_zeros (GW_FLOAT16, &GW_SHAPE (1), NULL);
  g_autoptr (GwTensor) bfloat = gw_tensor_new_zeros (GW_BFLOAT16, &GW_SHAPE (1), NULL);

  for (guint bits = 0; bits < 65536; bits++)
    {
      double value;

      GW_TENSOR_DATA (half, uint16_t)[0] = (uint16_t) bits;
      value = gw_tensor_get_double (half, 0);
      gw_tensor_set_double (half, 0, value);
      g_assert_true (isnan (value) || GW_TENSOR_DATA (half, uint16_t)[0] == bits);
      GW_TENSOR_DATA (bfloat, uint16_t)[0] = (uint16_t) bits;
      value = gw_tensor_get_double (bfloat, 0);
      gw_tensor_set_double (bfloat, 0, value);
      g_assert_true (isnan (value) || GW_TENSOR_DATA (bfloat, uint16_t)[0] == bits);
    }
  gw_tensor_set_double (half, 0, 1 + 0x1p-11); /* a tie: to even */
  g_assert_true (gw_tensor_get_double (half, 0) == 1);
  gw_tensor_set_double (half, 0, 1 + 3 * 0x1p-11);
  g_assert_true (gw_tensor_get_double (half, 0) == 1 + 0x1p-9);
  gw_tensor_set_double (half, 0, 0x1p-14 - 0x1p-26);
  g_assert_true (gw_tensor_get_double (half, 0) == 0x1p-14);
}

static void
test_elements (void)
{
  g_autoptr (GwTensor) complex_numbers = gw_tensor_new_zeros (GW_COMPLEX64, &GW_SHAPE (1), NULL);
  g_autoptr (GwTensor) nan = gw_test_tensor ("[nan, 1]");
  g_autoptr (GwTensor) nan_copy = gw_tensor_duplicate (nan, NULL);
  g_autoptr (GwTensor) vector = gw_tensor_new_int32_vector (2, (const int64_t[]) { 4, 5 });
  g_autoptr (GwTensor) big = gw_tensor_new_int64 (G_MAXINT64);
  g_autoptr (GwTensor) yes = gw_tensor_new_bool (5);

  g_assert_true (isnan (gw_tensor_get_double (complex_numbers, 0)));
  g_assert_true (gw_tensor_equal (nan, nan_copy));
  gw_test_assert_tensor (vector, "[4, 5]");
  g_assert_cmpint (gw_tensor_get_int (big, 0), ==, G_MAXINT64);
  g_assert_cmpint (gw_tensor_get_int (yes, 0), ==, 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/new", test_new);
  g_test_add_func ("/tensor/new-errors", test_new_errors);
  g_test_add_func ("/tensor/views", test_views);
  g_test_add_func ("/tensor/strings", test_strings);
  g_test_add_func ("/tensor/cast", test_cast);
  g_test_add_func ("/tensor/halves", test_halves);
  g_test_add_func ("/tensor/elements", test_elements);
  return g_test_run ();
}
