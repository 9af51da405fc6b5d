/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

static GwShape
shape (const char *text)
{
  g_autoptr (GError) error = NULL;
  GwShape result;

  gw_shape_parse (text, &result, &error);
  g_assert_no_error (error);
  return result;
}

static void
test_parse (void)
{
  static const struct { const char *text, *printed, *label; } cases[] = {
    { "[?,28,28,1]", "[?,28,28,1]", "?×28×28×1" }, { "?,28", "[?,28]", "?×28" }, { "(2, 3)", "[2,3]", "2×3" },
    { "2x3", "[2,3]", "2×3" }, { "2×3", "[2,3]", "2×3" }, { "[]", "[]", "scalar" }, { "scalar", "[]", "scalar" },
    { "?", "?", "any" }, { "any", "?", "any" }, { "-1,3", "[?,3]", "?×3" }, { "[?]", "[?]", "[?]" },
    { " [ 5 ] ", "[5]", "[5]" }, { "5", "[5]", "[5]" }, { "0, 2", "[0,2]", "0×2" }, { "2 3", "[2,3]", "2×3" },
    { "", "[]", "scalar" }, { "[3,]", "[3]", "[3]" }, { "1,2,3,4,5,6,7,8", "[1,2,3,4,5,6,7,8]", "1×2×3×4×5×6×7×8" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GwShape parsed = shape (cases[i].text);
      g_autofree char *printed = gw_shape_to_string (&parsed);
      g_autofree char *label = gw_shape_to_label (&parsed);

      g_assert_cmpstr (printed, ==, cases[i].printed);
      g_assert_cmpstr (label, ==, cases[i].label);
    }
}

static void
test_parse_errors (void)
{
  static const char *const texts[] = {
    "[2,3", "2,3]", "(2,3]", "[2,,3]", "[,2]", "abc", "2,-2", "1.5", "1,2,3,4,5,6,7,8,9", "[[2]]", "2;3", "--1",
    "99999999999999999999", "[2] 3",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      GwShape parsed;

      if (gw_shape_parse (texts[i], &parsed, &error))
        g_error ("“%s” was taken", texts[i]);
      gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, NULL);
    }
}

static void
check_pair (gboolean (*combine) (const GwShape *, const GwShape *, GwShape *),
            const char *a,
            const char *b,
            const char *want)
{
  for (int order = 0; order < 2; order++)
    {
      GwShape x = shape (order == 0 ? a : b), y = shape (order == 0 ? b : a), result;
      gboolean ok = combine (&x, &y, &result);
      g_autofree char *text = ok ? gw_shape_to_string (&result) : NULL;

      g_assert_cmpstr (text, ==, want);
    }
}

static void
test_broadcast (void)
{
  check_pair (gw_shape_broadcast, "[2,3]", "[3]", "[2,3]");
  check_pair (gw_shape_broadcast, "[2,1]", "[1,5]", "[2,5]");
  check_pair (gw_shape_broadcast, "[]", "[4,?]", "[4,?]");
  check_pair (gw_shape_broadcast, "[?,3]", "[2,1]", "[2,3]");
  check_pair (gw_shape_broadcast, "[?]", "[1]", "[?]");
  check_pair (gw_shape_broadcast, "[?]", "[0]", "[0]");
  check_pair (gw_shape_broadcast, "[?]", "[?]", "[?]");
  check_pair (gw_shape_broadcast, "?", "[2]", "?");
  check_pair (gw_shape_broadcast, "[0]", "[1]", "[0]");
  check_pair (gw_shape_broadcast, "[2]", "[3]", NULL);
  check_pair (gw_shape_broadcast, "[0]", "[2]", NULL);
  check_pair (gw_shape_broadcast, "[4,2]", "[2,4]", NULL);
}

static void
test_merge (void)
{
  GwShape a = shape ("[?,3]"), b = shape ("[2,?]");

  check_pair (gw_shape_merge, "[?,3]", "[2,?]", "[2,3]");
  check_pair (gw_shape_merge, "?", "[2,?]", "[2,?]");
  check_pair (gw_shape_merge, "[2]", "[3]", NULL);
  check_pair (gw_shape_merge, "[2]", "[2,1]", NULL);
  check_pair (gw_shape_merge, "[]", "[]", "[]");
  g_assert_true (gw_shape_merge (&a, &b, &a));
  g_assert_true (gw_shape_equal (&a, &GW_SHAPE (2, 3)));
  g_assert_true (gw_shape_matches (&a, &b));
  g_assert_false (gw_shape_matches (&b, &a));
  g_assert_false (gw_shape_matches (&GW_SHAPE (3, 3), &b));
  g_assert_true (gw_shape_compatible (&b, &GW_SHAPE_UNKNOWN));
}

static void
test_counts (void)
{
  GwShape huge = GW_SHAPE ((int64_t) 1 << 40, (int64_t) 1 << 40);
  GwShape empty = GW_SHAPE ((int64_t) 1 << 40, (int64_t) 1 << 40, 0);
  GwShape cube = GW_SHAPE (2, 3, 4);
  int64_t strides[GW_MAX_RANK];
  int axis;

  g_assert_cmpint (gw_shape_elements (&cube), ==, 24);
  g_assert_cmpint (gw_shape_elements (&GW_SHAPE_SCALAR), ==, 1);
  g_assert_cmpint (gw_shape_elements (&GW_SHAPE_UNKNOWN), ==, -1);
  g_assert_cmpint (gw_shape_elements (&huge), ==, -1);
  g_assert_cmpint (gw_shape_elements (&empty), ==, 0);
  g_assert_cmpint (gw_shape_span (&cube, 1, 3), ==, 12);
  g_assert_cmpint (gw_shape_span (&cube, 3, 3), ==, 1);
  gw_shape_strides (&cube, strides);
  g_assert_true (strides[0] == 12 && strides[1] == 4 && strides[2] == 1);
  g_assert_true (gw_shape_normalize_axis (-3, 3, &axis) && axis == 0);
  g_assert_true (gw_shape_normalize_axis (2, 3, &axis) && axis == 2);
  g_assert_false (gw_shape_normalize_axis (3, 3, &axis));
  g_assert_false (gw_shape_normalize_axis (-4, 3, &axis));
  g_assert_false (gw_shape_normalize_axis (0, 0, &axis));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shape/parse", test_parse);
  g_test_add_func ("/shape/parse-errors", test_parse_errors);
  g_test_add_func ("/shape/broadcast", test_broadcast);
  g_test_add_func ("/shape/merge", test_merge);
  g_test_add_func ("/shape/counts", test_counts);
  return g_test_run ();
}
