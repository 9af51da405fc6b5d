/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/data/preview.h"

#include "engine/tensor/text.h"

#include <string.h>

#define MAX_UNNAMED_CLASSES 1000

char *
gw_table_cell_to_string (const GwTable *table,
                         int64_t        row,
                         int            column,
                         int64_t        max_elements)
{
  const GwTableColumn *source = &table->columns[column];
  g_autoptr (GwTensor) rows = gw_table_rows (table, column, row, 1);
  g_autoptr (GwTensor) cell = NULL;
  GwShape shape = gw_shape_from_dims (rows->shape.rank - 1, rows->shape.dims + 1);

  if (rows->elements == 1 && source->classes != NULL)
    {
      int64_t id = gw_tensor_get_int (rows, 0);

      return g_strdup (id >= 0 && id < (int64_t) g_strv_length (source->classes) ? source->classes[id] : "?");
    }
  cell = gw_tensor_new_view (rows, &shape);
  return gw_tensor_to_string (cell, max_elements);
}

GwTensor *
gw_table_rows (const GwTable *table,
               int            column,
               int64_t        first,
               int64_t        n)
{
  first = CLAMP (first, 0, table->n_rows);
  return gw_tensor_new_rows (table->columns[column].tensor, first, CLAMP (n, 0, table->n_rows - first));
}

/* The rows in question, put side by side; the column itself when that is all. */
static GwTensor *
pick_rows (const GwTable *table,
           int            column,
           const int32_t *rows,
           int64_t        n_rows,
           GError       **error)
{
  GwTensor *all = table->columns[column].tensor;
  size_t size = all->bytes / (size_t) MAX (table->n_rows, 1);
  GwShape shape = all->shape;
  GwTensor *picked;

  if (rows == NULL)
    return gw_tensor_ref (all);
  shape.dims[0] = n_rows;
  picked = gw_tensor_new (all->dtype, &shape, error);
  for (int64_t i = 0; picked != NULL && i < n_rows; i++)
    memcpy ((char *) picked->data + (size_t) i * size, (const char *) all->data + (size_t) rows[i] * size, size);
  return picked;
}

gboolean
gw_table_column_stats (const GwTable *table,
                       int            column,
                       const int32_t *rows,
                       int64_t        n_rows,
                       GwTensorStats *stats,
                       GError       **error)
{
  g_autoptr (GwTensor) picked = pick_rows (table, column, rows, n_rows, error);

  if (picked == NULL)
    return FALSE;
  gw_tensor_stats (picked, stats);
  return TRUE;
}

gboolean
gw_table_class_counts (const GwTable *table,
                       int            column,
                       const int32_t *rows,
                       int64_t        n_rows,
                       int64_t      **counts,
                       int           *n_classes)
{
  const GwTableColumn *source = &table->columns[column];
  const GwTensor *tensor = source->tensor;
  int64_t least = 0, most = -1;

  if (tensor->elements != table->n_rows || !(gw_dtype_is_integer (tensor->dtype) || tensor->dtype == GW_BOOL))
    return FALSE;
  for (int64_t i = 0; i < tensor->elements; i++)
    {
      least = MIN (least, gw_tensor_get_int (tensor, i));
      most = MAX (most, gw_tensor_get_int (tensor, i));
    }
  if (source->classes != NULL)
    most = MAX (most, (int64_t) g_strv_length (source->classes) - 1);
  else if (least < 0 || most >= MAX_UNNAMED_CLASSES)
    return FALSE;
  *n_classes = (int) (most + 1);
  *counts = g_new0 (int64_t, most + 2);
  for (int64_t i = 0; i < (rows != NULL ? n_rows : table->n_rows); i++)
    {
      int64_t id = gw_tensor_get_int (tensor, rows != NULL ? rows[i] : i);

      if (id >= 0)
        (*counts)[id]++;
    }
  return TRUE;
}
