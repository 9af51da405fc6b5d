/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

static void
test_names (void)
{
  static const struct { const char *text; GwDType dtype; } cases[] = {
    { "float32", GW_FLOAT32 }, { "float", GW_FLOAT32 }, { "DT_FLOAT", GW_FLOAT32 }, { "Float64", GW_FLOAT64 },
    { "double", GW_FLOAT64 }, { "half", GW_FLOAT16 }, { "DT_HALF", GW_FLOAT16 }, { "int", GW_INT32 },
    { "DT_STRING", GW_STRING }, { "boolean", GW_BOOL }, { "dt_float", GW_DTYPE_INVALID }, { "", GW_DTYPE_INVALID },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (gw_dtype_from_name (cases[i].text), ==, cases[i].dtype);
  g_assert_cmpstr (gw_dtype_name (GW_DTYPE_INVALID), ==, "invalid");
  g_assert_cmpstr (gw_dtype_tf_name ((GwDType) 999), ==, "DT_INVALID");
}

static void
test_every_type (void)
{
  int known = 0;

  for (int d = 0; d < 64; d++)
    {
      GwDType dtype = (GwDType) d;

      if (gw_dtype_size (dtype) == 0)
        continue;
      known++;
      g_assert_cmpint (gw_dtype_from_name (gw_dtype_name (dtype)), ==, dtype);
      g_assert_cmpint (gw_dtype_from_name (gw_dtype_tf_name (dtype)), ==, dtype);
      g_assert_cmpint (gw_dtype_is_floating (dtype) + gw_dtype_is_integer (dtype) + gw_dtype_is_complex (dtype), ==,
                       gw_dtype_is_numeric (dtype));
    }
  g_assert_cmpint (known, ==, 18);
  g_assert_false (gw_dtype_is_numeric (GW_BOOL));
  g_assert_false (gw_dtype_is_integer (GW_BOOL));
  g_assert_true (gw_dtype_is_floating (GW_BFLOAT16));
}

static void
test_switches (void)
{
  for (int d = 0; d < 64; d++)
    {
      size_t size = gw_dtype_size ((GwDType) d);
      size_t got = 0;

      GW_SWITCH_NUMBER (d, got = 0, got = sizeof (T));
      if (got > 0)
        g_assert_cmpuint (got, ==, size);
      else
        g_assert_false (gw_dtype_is_integer ((GwDType) d) || d == GW_FLOAT32 || d == GW_FLOAT64);
      if (size > 0)
        {
          GW_SWITCH_WIDTH (size, got = 0, got = sizeof (T));
          g_assert_cmpuint (got, ==, size);
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dtype/names", test_names);
  g_test_add_func ("/dtype/every-type", test_every_type);
  g_test_add_func ("/dtype/switches", test_switches);
  return g_test_run ();
}
