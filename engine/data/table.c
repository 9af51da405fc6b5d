/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/data/table.h"

#include <string.h>

GwTable *
gw_table_new (int64_t n_rows)
{
  GwTable *table = g_new0 (GwTable, 1);

  table->n_rows = n_rows;
  table->refs = 1;
  return table;
}

void
gw_table_add (GwTable    *table,
              const char *name,
              GwTensor   *tensor,
              char      **classes,
              int64_t     n_missing)
{
  g_assert (tensor->dtype != GW_STRING && tensor->shape.rank > 0 && tensor->shape.dims[0] == table->n_rows);
  table->columns = g_renew (GwTableColumn, table->columns, table->n_columns + 1);
  table->columns[table->n_columns++] = (GwTableColumn) {
    .name = g_strdup (name), .tensor = tensor, .classes = classes, .n_missing = n_missing,
  };
}

void
gw_table_set_lengths (GwTable    *table,
                      const char *name,
                      const char *lengths)
{
  table->columns[gw_table_find (table, name)].lengths = gw_table_find (table, lengths) + 1;
}

GwTable *
gw_table_ref (GwTable *table)
{
  g_atomic_int_inc (&table->refs);
  return table;
}

void
gw_table_unref (GwTable *table)
{
  if (table == NULL || !g_atomic_int_dec_and_test (&table->refs))
    return;
  for (int i = 0; i < table->n_columns; i++)
    {
      g_free (table->columns[i].name);
      gw_tensor_unref (table->columns[i].tensor);
      g_strfreev (table->columns[i].classes);
    }
  g_free (table->columns);
  g_free (table);
}

int
gw_table_find (const GwTable *table,
               const char    *name)
{
  for (int i = 0; i < table->n_columns; i++)
    if (strcmp (table->columns[i].name, name) == 0)
      return i;
  return -1;
}

static void
clear_info (void *info)
{
  g_free (((GwColumnInfo *) info)->name);
}

GArray *
gw_column_infos_new (void)
{
  GArray *infos = g_array_new (FALSE, FALSE, sizeof (GwColumnInfo));

  g_array_set_clear_func (infos, clear_info);
  return infos;
}

void
gw_column_infos_add (GArray        *infos,
                     const char    *name,
                     GwDType        dtype,
                     const GwShape *row_shape,
                     int            n_classes)
{
  GwColumnInfo info = { g_strdup (name), dtype, *row_shape, n_classes };

  g_array_append_val (infos, info);
}

GArray *
gw_table_infos (const GwTable *table)
{
  GArray *infos = gw_column_infos_new ();

  for (int i = 0; i < table->n_columns; i++)
    {
      const GwTableColumn *column = &table->columns[i];
      GwShape row_shape = gw_shape_from_dims (column->tensor->shape.rank - 1, column->tensor->shape.dims + 1);

      gw_column_infos_add (infos, column->name, column->tensor->dtype, &row_shape,
                           column->classes != NULL ? (int) g_strv_length (column->classes) : 0);
      g_array_index (infos, GwColumnInfo, i).padded = column->lengths > 0;
    }
  return infos;
}
