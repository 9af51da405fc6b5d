/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/checkpoint-slice.h"

#include <string.h>

gboolean
gw_matrix_size (const GwShape *shape,
                gsize         *rows,
                gsize         *columns)
{
  int64_t elements = gw_shape_elements (shape);

  if (elements < 0)
    return FALSE;
  *columns = shape->rank >= 2 ? (gsize) shape->dims[shape->rank - 1] : 1;
  *rows = *columns > 0 ? (gsize) elements / *columns : 0;
  return TRUE;
}

static gboolean
is_number (const GwTensor *tensor)
{
  return tensor->dtype == GW_BOOL || (gw_dtype_is_numeric (tensor->dtype) && !gw_dtype_is_complex (tensor->dtype));
}

float *
gw_matrix_floats (const GwTensor *tensor,
                  const GwTensor *minus,
                  gsize           n,
                  GError        **error)
{
  gsize bytes;
  float *values = NULL;

  n = MIN (n, (gsize) tensor->elements);
  if (!is_number (tensor) || (minus != NULL && !is_number (minus)))
    gw_invalid (error, "%s values make no picture", gw_dtype_name (tensor->dtype));
  else if (minus != NULL && !gw_shape_equal (&tensor->shape, &minus->shape))
    gw_invalid (error, "A and B have different shapes");
  else if (!gw_size_mul (n, sizeof (float), &bytes))
    g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "the tensor is too large to be shown");
  else
    values = gw_alloc (bytes, error);
  if (values == NULL)
    return NULL;
  if (tensor->dtype == GW_FLOAT32)
    memcpy (values, tensor->data, n * sizeof (float));
  else
    for (gsize i = 0; i < n; i++)
      values[i] = (float) gw_tensor_get_double (tensor, (int64_t) i);
  for (gsize i = 0; minus != NULL && i < n; i++)
    values[i] = (float) (gw_tensor_get_double (tensor, (int64_t) i) - gw_tensor_get_double (minus, (int64_t) i));
  return values;
}

/* ---- slices ---- */

typedef struct {
  int64_t  begin, end;
  gboolean single;
} Range;

/* A number within 0 … size (negative ones from the end). */
static gboolean
parse_bound (const char *text,
             int         axis,
             int64_t     size,
             int64_t    *value,
             GError    **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  gint64 number;

  if (!g_ascii_string_to_signed (trimmed, 10, G_MININT32, G_MAXINT64, &number, NULL))
    return gw_invalid (error, "“%s” is no index: write 3, 2:9 or :", trimmed);
  if (number < 0)
    number += size;
  if (number < 0 || number > size)
    return gw_invalid (error, "%s is outside dimension %d, which has %" G_GINT64_FORMAT, trimmed, axis, (gint64) size);
  *value = number;
  return TRUE;
}

static gboolean
parse_range (const char *text,
             int         axis,
             int64_t     size,
             Range      *range,
             GError    **error)
{
  g_auto (GStrv) ends = g_strsplit (text, ":", 3);
  guint n = g_strv_length (ends);

  *range = (Range) { 0, size, n == 1 };
  for (guint i = 0; i < n; i++)
    g_strstrip (ends[i]);
  if (n > 2)
    return gw_invalid (error, "“%s”: a step is not possible, write begin:end", text);
  if (n == 1)
    {
      if (!parse_bound (ends[0], axis, size, &range->begin, error))
        return FALSE;
      range->end = range->begin + 1;
    }
  else if ((*ends[0] != '\0' && !parse_bound (ends[0], axis, size, &range->begin, error)) ||
           (*ends[1] != '\0' && !parse_bound (ends[1], axis, size, &range->end, error)))
    return FALSE;
  if (range->begin >= range->end || range->end > size)
    return gw_invalid (error, "dimension %d has %" G_GINT64_FORMAT ": nothing lies in %s", axis, (gint64) size, text);
  return TRUE;
}

static char **
split_axes (const char *text)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  gsize n = strlen (trimmed);

  if (n >= 2 && trimmed[0] == '[' && trimmed[n - 1] == ']')
    {
      trimmed[n - 1] = '\0';
      memmove (trimmed, trimmed + 1, n - 1);
    }
  g_strstrip (trimmed);
  return *trimmed == '\0' ? g_new0 (char *, 1) : g_strsplit (trimmed, ",", -1);
}

/* Rows and columns of a block, its leading dimensions fixed by `ranges`. */
static void
part_of_ranges (const GwShape *shape,
                const Range   *ranges,
                GwMatrixPart  *part)
{
  int rank = shape->rank;
  int64_t row = 0;

  for (int i = 0; i + 1 < rank; i++)
    row = row * shape->dims[i] + ranges[i].begin;
  part->row = (gsize) row;
  part->rows = (gsize) (ranges[rank - 2].end - ranges[rank - 2].begin);
  part->column = (gsize) ranges[rank - 1].begin;
  part->columns = (gsize) (ranges[rank - 1].end - ranges[rank - 1].begin);
}

gboolean
gw_matrix_part_parse (const char    *text,
                      const GwShape *shape,
                      GwMatrixPart  *part,
                      GError       **error)
{
  g_auto (GStrv) axes = split_axes (text);
  int n = (int) g_strv_length (axes), rank = shape->rank;
  Range ranges[GW_MAX_RANK];

  *part = (GwMatrixPart) { 0 };
  if (!gw_matrix_size (shape, &part->rows, &part->columns))
    return gw_invalid (error, "the shape is not known");
  if (n == 0)
    return TRUE;
  if (n > rank)
    return gw_invalid (error, "%d entries for %d dimension%s", n, rank, rank == 1 ? "" : "s");
  for (int i = 0; i < rank; i++)
    if (!parse_range (i < n ? axes[i] : ":", i, shape->dims[i], &ranges[i], error))
      return FALSE;
  for (int i = 0; i < rank - 2; i++)
    if (ranges[i].end - ranges[i].begin != 1)
      return gw_invalid (error, "dimension %d needs one index: only the last two can be ranges", i);
  if (rank == 1)
    {
      part->row = (gsize) ranges[0].begin;
      part->rows = (gsize) (ranges[0].end - ranges[0].begin);
    }
  else
    part_of_ranges (shape, ranges, part);
  return TRUE;
}
