/* SPDX-License-Identifier: Apache-2.0 */
/* From files to pipelines, from rows to tensors and pictures. */
#include "app/model/dataset-loader.h"

#include <math.h>
#include <string.h>

/* ---- a pipeline for a file ---- */

/* `name` with `from` in it replaced by `to`; NULL when it is not there. */
static char *
renamed (const char *name,
         const char *from,
         const char *to)
{
  const char *at = strstr (name, from);

  return at != NULL ? g_strdup_printf ("%.*s%s%s", (int) (at - name), name, to, at + strlen (from)) : NULL;
}

/* Path of a file beside `path` whose name has the parts replaced; NULL unless it
 * exists. */
static char *
find_beside (const char        *path,
             const char *const *pairs)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_path_get_basename (path);
  g_autofree char *found = NULL;

  for (int i = 0; pairs[i] != NULL; i += 2)
    {
      g_autofree char *next = renamed (name, pairs[i], pairs[i + 1]);

      if (next != NULL)
        {
          g_free (name);
          name = g_steal_pointer (&next);
        }
    }
  found = g_build_filename (folder, name, NULL);
  return strcmp (found, path) != 0 && g_file_test (found, G_FILE_TEST_EXISTS) ? g_steal_pointer (&found) : NULL;
}

static gboolean
set_idx_files (GwPipelineDef *pipeline,
               const char    *path,
               GError       **error)
{
  static const char *const to_images[] = { "labels", "images", "idx1", "idx3", NULL };
  static const char *const to_labels[] = { "images", "labels", "idx3", "idx1", NULL };
  static const char *const to_test[] = { "train", "t10k", NULL };
  static const char *const names[] = { "images", "labels", "test_images", "test_labels" };
  g_autofree char *given_labels = find_beside (path, to_images);
  g_autofree char *images = given_labels != NULL ? g_strdup (given_labels) : g_strdup (path);
  g_autofree char *labels = find_beside (images, to_labels);
  g_autofree char *test_images = find_beside (images, to_test);
  g_autofree char *test_labels = labels != NULL ? find_beside (labels, to_test) : NULL;
  const char *values[4] = { images, labels, test_images, test_labels };

  if (labels == NULL)
    return gw_invalid (error, "%s: no file of labels lies beside it (its name with “labels” for “images”)", path);
  for (int i = 0; i < (test_images != NULL && test_labels != NULL ? 4 : 2); i++)
    if (!gw_pipeline_set (pipeline, names[i], values[i], error))
      return FALSE;
  return TRUE;
}

GwPipelineDef *
gw_pipeline_new_for_file (const char *path,
                          GError    **error)
{
  static const char *const tables[] = { ".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".data", NULL };
  g_autofree char *name = g_path_get_basename (path), *lower = g_utf8_strdown (name, -1);
  gboolean is_idx = strstr (lower, "-idx") != NULL || strstr (lower, ".idx") != NULL, is_table = FALSE;
  g_autoptr (GwPipelineDef) pipeline = NULL;
  g_autoptr (GArray) infos = NULL;

  for (int i = 0; tables[i] != NULL; i++)
    is_table |= g_str_has_suffix (lower, tables[i]);
  if (!is_idx && !is_table)
    {
      gw_invalid (error, "%s: only tables (.csv, .tsv) and IDX files can be read", name);
      return NULL;
    }
  pipeline = gw_pipeline_new (is_idx ? &gw_source_idx : &gw_source_csv);
  if (!(is_idx ? set_idx_files (pipeline, path, error) : gw_pipeline_set (pipeline, "path", path, error)))
    return NULL;
  infos = pipeline->source->columns (pipeline->source_attrs, error);
  if (infos == NULL)
    return NULL;
  gw_pipeline_suggest_columns (pipeline, infos);
  return g_steal_pointer (&pipeline);
}

/* ---- rows ---- */

GPtrArray *
gw_pipeline_read_row (GwDataset           *dataset,
                      const GwPipelineDef *pipeline,
                      GwSplit              split,
                      int64_t              row,
                      GError             **error)
{
  g_autoptr (GwPipelineDef) one = gw_pipeline_copy (pipeline);
  g_autoptr (GwIterator) iterator = NULL;
  g_autoptr (GPtrArray) values = gw_named_tensors_new ();
  g_autofree GwTensor **columns = NULL;
  GwDataPosition position;

  one->attrs[GW_PIPELINE_BATCH_SIZE].i = 1;
  iterator = gw_iterator_new (dataset, one, split, GW_ITERATOR_IN_ORDER, error);
  if (iterator == NULL)
    return NULL;
  gw_iterator_get_position (iterator, &position);
  position.row = row;
  columns = g_new0 (GwTensor *, gw_iterator_n_columns (iterator) + 1);
  if (!gw_iterator_set_position (iterator, &position, error) || !gw_iterator_next (iterator, columns, error))
    return NULL;
  for (int i = 0; i < gw_iterator_n_columns (iterator); i++)
    {
      g_autoptr (GwTensor) copy = gw_tensor_duplicate (columns[i], error);

      if (copy == NULL)
        return NULL;
      gw_named_tensors_add (values, gw_iterator_column (iterator, i)->name, copy);
    }
  return g_steal_pointer (&values);
}

char *
gw_column_why_not (const GwPipelineDef *pipeline,
                   const GwColumnInfo  *column,
                   GwDType              dtype,
                   const GwShape       *shape)
{
  GwShape batch = gw_pipeline_batch_shape (pipeline, column);

  if (column->dtype != dtype)
    return g_strdup_printf ("%s, not %s: add the step Cast", gw_dtype_name (column->dtype), gw_dtype_name (dtype));
  if (!gw_shape_compatible (&batch, shape))
    {
      g_autofree char *here = gw_shape_to_label (&batch), *wanted = gw_shape_to_label (shape);
      int64_t have = gw_shape_elements (&column->row_shape);
      GwShape rows = *shape;

      if (rows.rank > 0)
        {
          rows.rank--;
          memmove (rows.dims, rows.dims + 1, (gsize) rows.rank * sizeof rows.dims[0]);
        }
      return g_strdup_printf ("%s, not %s%s", here, wanted,
                              shape->rank > 0 && have > 0 && have == gw_shape_elements (&rows) ? ": add the step Reshape"
                                                                                             : "");
    }
  return NULL;
}

/* ---- pictures ---- */

gboolean
gw_row_shape_is_picture (const GwShape *row_shape,
                         int           *height,
                         int           *width,
                         int           *channels)
{
  int64_t deep = row_shape->rank == 3 ? row_shape->dims[2] : 1;

  if (row_shape->rank < 2 || row_shape->rank > 3 || (deep != 1 && deep != 3) || row_shape->dims[0] < 4 ||
      row_shape->dims[1] < 4 || row_shape->dims[0] > 4096 || row_shape->dims[1] > 4096)
    return FALSE;
  *height = (int) row_shape->dims[0];
  *width = (int) row_shape->dims[1];
  *channels = (int) deep;
  return TRUE;
}

void
gw_tensor_to_pixels (const GwTensor *tensor,
                     int64_t         first,
                     int64_t         n,
                     double          low,
                     double          high,
                     guint8         *pixels)
{
  double scale = high > low ? 255 / (high - low) : 0;

  if (tensor->dtype == GW_UINT8 && low == 0 && high == 255)
    {
      memcpy (pixels, (const guint8 *) tensor->data + first, (gsize) n);
      return;
    }
  for (int64_t i = 0; i < n; i++)
    {
      double value = (gw_tensor_get_double (tensor, first + i) - low) * scale;

      pixels[i] = isnan (value) ? 0 : (guint8) CLAMP (value + 0.5, 0, 255);
    }
}
