/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/csv.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void
look_at_table (GwCsvTable *table)
{
  static const GwDType dtypes[] = { GW_STRING, GW_FLOAT64, GW_INT32, GW_UINT64 };

  for (int column = 0; column < gw_csv_table_n_columns (table) && column < 10; column++)
    {
      g_assert_true (g_utf8_validate (gw_csv_table_column_name (table, column), -1, NULL));
      g_assert_cmpint (gw_csv_table_find_column (table, gw_csv_table_column_name (table, column)), ==, column);
      for (gsize i = 0; i < G_N_ELEMENTS (dtypes); i++)
        {
          GError *error = NULL;
          GwTensor *tensor = gw_csv_table_column (table, column, dtypes[i], &error);

          g_assert_true (tensor != NULL || i > 0);
          fuzz_take_tensor (tensor, error);
        }
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  GError *error = NULL;
  GwCsvReader *reader = gw_csv_reader_new (gw_input_new_memory (data, size, "fuzz", GW_INPUT_PLAIN), NULL, &error);
  GwCsvTable *table = reader != NULL ? gw_csv_table_read (reader, 0, &error) : NULL;

  g_assert_true ((table != NULL) != (error != NULL));
  g_assert_true (error == NULL || error->domain == GW_ERROR);
  if (table != NULL)
    look_at_table (table);
  g_clear_error (&error);
  gw_csv_table_free (table);
  gw_csv_reader_free (reader);
  return 0;
}
