/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/data/preview.h"
#include "tests/support/support.h"

#include <math.h>

static GwTable *
example (void)
{
  GwTable *table = gw_table_new (4);
  const char *const words[] = { "cat", "dog", "cow", NULL };

  gw_table_add (table, "word", gw_test_tensor ("[0, 1, -1, 0]"), g_strdupv ((char **) words), 1);
  gw_table_add (table, "pair", gw_test_tensor ("[[1.5, 2], [3, 4], [5, nan], [7, 8]]"), NULL, 1);
  gw_table_add (table, "count", gw_test_tensor ("uint8 [2, 0, 2, 1]"), NULL, 0);
  gw_table_add (table, "id", gw_test_tensor ("[5, -7, 100000, 1]"), NULL, 0);
  return table;
}

static void
check_cell (const GwTable *table,
            int64_t        row,
            int            column,
            const char    *want)
{
  g_autofree char *text = gw_table_cell_to_string (table, row, column, 2);

  g_assert_cmpstr (text, ==, want);
}

static void
test_cells (void)
{
  g_autoptr (GwTable) table = example ();
  g_autoptr (GwTensor) rows = gw_table_rows (table, 1, 2, 100);
  g_autoptr (GwTensor) none = gw_table_rows (table, 1, 9, 1);

  check_cell (table, 1, 0, "dog");
  check_cell (table, 2, 0, "?");
  check_cell (table, 0, 1, "[1.5, 2]");
  check_cell (table, 3, 2, "1");
  g_assert_true (gw_shape_equal (&rows->shape, &GW_SHAPE (2, 2)));
  g_assert_cmpint (none->elements, ==, 0);
}

static void
test_stats (void)
{
  g_autoptr (GwTable) table = example ();
  g_autoptr (GError) error = NULL;
  const int32_t some[] = { 3, 1 };
  GwTensorStats stats;

  g_assert_true (gw_table_column_stats (table, 1, NULL, 0, &stats, &error));
  g_assert_cmpint (stats.nan, ==, 1);
  g_assert_cmpfloat (stats.max, ==, 8);
  g_assert_true (gw_table_column_stats (table, 1, some, 2, &stats, &error));
  g_assert_cmpint (stats.count, ==, 4);
  g_assert_cmpfloat (stats.mean, ==, 5.5);
}

static void
test_class_counts (void)
{
  g_autoptr (GwTable) table = example ();
  const int32_t some[] = { 0, 2 };
  g_autofree int64_t *words = NULL, *some_words = NULL, *counts = NULL, *none = NULL;
  int n;

  g_assert_true (gw_table_class_counts (table, 0, NULL, 0, &words, &n));
  g_assert_cmpint (n, ==, 3);
  g_assert_true (words[0] == 2 && words[1] == 1 && words[2] == 0);
  g_assert_true (gw_table_class_counts (table, 0, some, 2, &some_words, &n));
  g_assert_true (n == 3 && some_words[0] == 1 && some_words[1] == 0);
  g_assert_true (gw_table_class_counts (table, 2, NULL, 0, &counts, &n));
  g_assert_true (n == 3 && counts[0] == 1 && counts[1] == 1 && counts[2] == 2);
  g_assert_false (gw_table_class_counts (table, 1, NULL, 0, &none, &n));
  g_assert_false (gw_table_class_counts (table, 3, NULL, 0, &none, &n));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preview/cells", test_cells);
  g_test_add_func ("/preview/stats", test_stats);
  g_test_add_func ("/preview/class-counts", test_class_counts);
  return g_test_run ();
}
