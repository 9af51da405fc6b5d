/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/tensor/shape.h"

#include "engine/base/error.h"

#include <string.h>

GwShape
gw_shape_of_rank (int rank)
{
  GwShape shape = { .rank = rank };

  for (int i = 0; i < rank; i++)
    shape.dims[i] = GW_DIM_UNKNOWN;
  return shape;
}

GwShape
gw_shape_from_dims (int            rank,
                    const int64_t *dims)
{
  GwShape shape = { .rank = rank };

  g_assert (rank >= 0 && rank <= GW_MAX_RANK);
  if (rank > 0)
    memcpy (shape.dims, dims, sizeof (int64_t) * (size_t) rank);
  return shape;
}

gboolean
gw_shape_equal (const GwShape *a,
                const GwShape *b)
{
  if (a->rank != b->rank)
    return FALSE;
  for (int i = 0; i < a->rank; i++)
    if (a->dims[i] != b->dims[i])
      return FALSE;
  return TRUE;
}

gboolean
gw_shape_is_known (const GwShape *shape)
{
  if (shape->rank < 0)
    return FALSE;
  for (int i = 0; i < shape->rank; i++)
    if (shape->dims[i] < 0)
      return FALSE;
  return TRUE;
}

int64_t
gw_shape_elements (const GwShape *shape)
{
  int64_t count = 1;

  if (!gw_shape_is_known (shape))
    return -1;
  for (int i = 0; i < shape->rank; i++)
    if (shape->dims[i] == 0)
      return 0;
  for (int i = 0; i < shape->rank; i++)
    if (__builtin_mul_overflow (count, shape->dims[i], &count))
      return -1;
  return count;
}

int64_t
gw_shape_span (const GwShape *shape,
               int            from,
               int            to)
{
  uint64_t count = 1;

  /* Beside a size of 0 the others may be of any size: nobody uses the product. */
  for (int i = from; i < to; i++)
    count *= (uint64_t) shape->dims[i];
  return (int64_t) count;
}

gboolean
gw_shape_merge (const GwShape *a,
                const GwShape *b,
                GwShape       *merged)
{
  GwShape result;

  if (a->rank < 0 || b->rank < 0)
    {
      *merged = a->rank < 0 ? *b : *a;
      return TRUE;
    }
  if (a->rank != b->rank)
    return FALSE;
  result = *a;
  for (int i = 0; i < a->rank; i++)
    {
      if (result.dims[i] < 0)
        result.dims[i] = b->dims[i];
      else if (b->dims[i] >= 0 && b->dims[i] != result.dims[i])
        return FALSE;
    }
  *merged = result;
  return TRUE;
}

gboolean
gw_shape_compatible (const GwShape *a,
                     const GwShape *b)
{
  GwShape merged;

  return gw_shape_merge (a, b, &merged);
}

gboolean
gw_shape_matches (const GwShape *shape,
                  const GwShape *pattern)
{
  return gw_shape_is_known (shape) && gw_shape_compatible (shape, pattern);
}

/* The size of one broadcast dimension, or -2 when a and b do not fit. An unknown
 * against a size above 1 must be that size or 1, so the result is known. */
static int64_t
broadcast_dim (int64_t a,
               int64_t b)
{
  if (a == 1)
    return b;
  if (b == 1)
    return a;
  if (a < 0)
    return b;
  if (b < 0 || a == b)
    return a;
  return -2;
}

gboolean
gw_shape_broadcast (const GwShape *a,
                    const GwShape *b,
                    GwShape       *result)
{
  GwShape out;

  if (a->rank < 0 || b->rank < 0)
    {
      *result = GW_SHAPE_UNKNOWN;
      return TRUE;
    }
  out.rank = MAX (a->rank, b->rank);
  for (int i = 0; i < out.rank; i++)
    {
      int ia = i - (out.rank - a->rank);
      int ib = i - (out.rank - b->rank);
      int64_t dim = broadcast_dim (ia < 0 ? 1 : a->dims[ia], ib < 0 ? 1 : b->dims[ib]);

      if (dim == -2)
        return FALSE;
      out.dims[i] = dim;
    }
  *result = out;
  return TRUE;
}

void
gw_shape_strides (const GwShape *shape,
                  int64_t        strides[GW_MAX_RANK])
{
  uint64_t stride = 1;

  for (int i = shape->rank - 1; i >= 0; i--)
    {
      strides[i] = (int64_t) stride;
      stride *= (uint64_t) shape->dims[i];
    }
}

static void
append_dims (GString       *text,
             const GwShape *shape,
             const char    *separator)
{
  for (int i = 0; i < shape->rank; i++)
    {
      if (i > 0)
        g_string_append (text, separator);
      if (shape->dims[i] < 0)
        g_string_append_c (text, '?');
      else
        g_string_append_printf (text, "%" G_GINT64_FORMAT, shape->dims[i]);
    }
}

char *
gw_shape_to_string (const GwShape *shape)
{
  GString *text;

  if (shape->rank < 0)
    return g_strdup ("?");
  text = g_string_new ("[");
  append_dims (text, shape, ",");
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

char *
gw_shape_to_label (const GwShape *shape)
{
  GString *text;

  if (shape->rank < 0)
    return g_strdup ("any");
  if (shape->rank == 0)
    return g_strdup ("scalar");
  if (shape->rank == 1)
    return gw_shape_to_string (shape);
  text = g_string_new (NULL);
  append_dims (text, shape, "×");
  return g_string_free (text, FALSE);
}

/* One dimension at *cursor; moves the cursor behind it. */
static gboolean
parse_dim (const char **cursor,
           int64_t     *dim)
{
  char *end;
  gint64 value;

  if (**cursor == '?')
    {
      *dim = GW_DIM_UNKNOWN;
      (*cursor)++;
      return TRUE;
    }
  if (!g_ascii_isdigit (**cursor) && **cursor != '-')
    return FALSE;
  value = g_ascii_strtoll (*cursor, &end, 10);
  if (end == *cursor || value < -1 || value == G_MAXINT64)
    return FALSE;
  *dim = value;
  *cursor = end;
  return TRUE;
}

static void
skip_spaces (const char **cursor)
{
  while (**cursor == ' ')
    (*cursor)++;
}

/* Spaces and at most one comma or multiplication sign. */
static void
skip_separator (const char **cursor)
{
  skip_spaces (cursor);
  if (**cursor == ',' || **cursor == 'x')
    (*cursor)++;
  else if (g_str_has_prefix (*cursor, "×"))
    *cursor += strlen ("×");
  skip_spaces (cursor);
}

gboolean
gw_shape_parse (const char  *text,
                GwShape     *shape,
                GError     **error)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  const char *cursor = copy;
  GwShape result = GW_SHAPE_SCALAR;
  char close = 0;

  if (g_str_equal (copy, "?") || g_str_equal (copy, "any"))
    {
      *shape = GW_SHAPE_UNKNOWN;
      return TRUE;
    }
  if (g_str_equal (copy, "scalar"))
    {
      *shape = GW_SHAPE_SCALAR;
      return TRUE;
    }
  if (*cursor == '[' || *cursor == '(')
    close = *cursor++ == '[' ? ']' : ')';
  skip_spaces (&cursor);
  while (*cursor != '\0' && *cursor != close)
    {
      if (result.rank == GW_MAX_RANK)
        return gw_invalid (error, "“%s” has more than %d dimensions", text, GW_MAX_RANK);
      if (!parse_dim (&cursor, &result.dims[result.rank]))
        return gw_invalid (error, "“%s” is not a shape; write for instance ?,28,28,1", text);
      result.rank++;
      skip_separator (&cursor);
    }
  if (close != 0 && (*cursor != close || cursor[1] != '\0'))
    return gw_invalid (error, "“%s” is not a shape: the bracket does not close", text);
  *shape = result;
  return TRUE;
}

gboolean
gw_shape_normalize_axis (int64_t  axis,
                         int      rank,
                         int     *result)
{
  if (axis < -rank || axis >= rank)
    return FALSE;
  *result = (int) (axis < 0 ? axis + rank : axis);
  return TRUE;
}
