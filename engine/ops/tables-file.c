/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ops/tables-file.h"

#include "engine/base/error.h"
#include "engine/files/input-file.h"
#include "engine/ops/strings-common.h"

#include <string.h>

enum { WHOLE_LINE = -2, LINE_NUMBER = -1 };

#define PIECE 65536

typedef struct {
  const GwTableFile *file;
  const char        *path;
  GByteArray        *text;
  GArray            *begins;  /* of gsize: where each line begins, and one end more */
} Lines;

static gboolean
read_text (Lines   *lines,
           GError **error)
{
  g_autoptr (GwInput) input = gw_input_open (lines->path, GW_INPUT_PLAIN, error);
  g_autofree char *piece = g_malloc (PIECE);
  gssize n = 1;

  while (input != NULL && n > 0)
    {
      n = gw_input_read (input, piece, PIECE, error);
      if (n > 0 && lines->text->len > G_MAXINT32 - PIECE)
        return gw_invalid (error, "%s is too large for a table", lines->path);
      if (n > 0)
        g_byte_array_append (lines->text, (const guint8 *) piece, (guint) n);
    }
  return input != NULL && n == 0;
}

static void
find_lines (Lines *lines)
{
  gsize begin = 0;

  while (begin < lines->text->len)
    {
      const guint8 *end = memchr (lines->text->data + begin, '\n', lines->text->len - begin);

      g_array_append_val (lines->begins, begin);
      begin = end != NULL ? (gsize) (end - lines->text->data) + 1 : lines->text->len + 1;
    }
  g_array_append_val (lines->begins, begin);
}

/* The line without its end, as TensorFlow's ReadLine() gives it: without a carriage return too. */
static const char *
line_at (const Lines *lines,
         int64_t      number,
         gsize       *length)
{
  gsize begin = g_array_index (lines->begins, gsize, number), end = g_array_index (lines->begins, gsize, number + 1) - 1;
  const char *text = (const char *) lines->text->data + begin;

  *length = end - begin;
  while (*length > 0 && text[*length - 1] == '\r')
    (*length)--;
  return text;
}

static gboolean
take_column (const Lines *lines,
             int64_t      line,
             int64_t      column,
             const char **text,
             gsize       *length,
             GError     **error)
{
  const char *end;

  *text = line_at (lines, line, length);
  if (column == WHOLE_LINE)
    return TRUE;
  for (int64_t k = 0;; k++)
    {
      end = memchr (*text, lines->file->delimiter[0], *length);
      if (k == column)
        {
          *length = end != NULL ? (gsize) (end - *text) : *length;
          return TRUE;
        }
      if (end == NULL)
        return gw_invalid (error, "%s, line %" G_GINT64_FORMAT ": Expected column %" G_GINT64_FORMAT " but there are %" G_GINT64_FORMAT,
                           lines->path, line, column, k + 1);
      *length -= (gsize) (end + 1 - *text);
      *text = end + 1;
    }
}

static gboolean
put_column (const Lines *lines,
            int64_t      line,
            int64_t      column,
            GwTensor    *tensor,
            int64_t      place,
            GError     **error)
{
  const char *text;
  gsize length;

  if (column == LINE_NUMBER)
    {
      GW_TENSOR_DATA (tensor, int64_t)[place] = place;
      return TRUE;
    }
  if (!take_column (lines, line, column, &text, &length, error))
    return FALSE;
  if (tensor->dtype == GW_STRING)
    gw_string_set (gw_string_at (tensor, place), text, length);
  else if (!gw_string_to_number (text, length, tensor->dtype, tensor, place))
    return gw_invalid (error, "%s, line %" G_GINT64_FORMAT ": Field %.*s is not a valid %s", lines->path, line,
                       (int) MIN (length, 40), text, gw_dtype_name (tensor->dtype));
  return TRUE;
}

static gboolean
check_column (const char *name,
              int64_t     column,
              GwDType     dtype,
              GError    **error)
{
  if (column == LINE_NUMBER && dtype != GW_INT64)
    return gw_invalid (error, "%s is the line's number, which is int64, but the table has %s", name, gw_dtype_name (dtype));
  if (column == WHOLE_LINE && dtype != GW_STRING)
    return gw_invalid (error, "%s is the whole line, which is text, but the table has %s", name, gw_dtype_name (dtype));
  if (column >= 0 && dtype == GW_BOOL)
    return gw_invalid (error, "%s: a column cannot be read as bool", name);
  return TRUE;
}

static gboolean
make_tensors (const Lines *lines,
              int64_t      n,
              GwTensor   **keys,
              GwTensor   **values,
              GError     **error)
{
  const GwTableFile *file = lines->file;
  GwShape shape = GW_SHAPE (n);

  *keys = gw_tensor_new (file->key_dtype, &shape, error);
  *values = *keys != NULL ? gw_tensor_new (file->value_dtype, &shape, error) : NULL;
  for (int64_t i = 0; *values != NULL && i < n; i++)
    if (!put_column (lines, file->offset + i, file->key_index, *keys, i, error) ||
        !put_column (lines, file->offset + i, file->value_index, *values, i, error))
      return FALSE;
  return *values != NULL;
}

gboolean
gw_table_file_read (const GwTableFile *file,
                    const char        *path,
                    GwTensor         **keys,
                    GwTensor         **values,
                    GError           **error)
{
  Lines lines = { file, path };
  int64_t n;
  gboolean ok;

  if (file->delimiter == NULL || strlen (file->delimiter) != 1)
    return gw_invalid (error, "delimiter must be one character");
  if (!check_column ("key_index", file->key_index, file->key_dtype, error) ||
      !check_column ("value_index", file->value_index, file->value_dtype, error))
    return FALSE;
  lines.text = g_byte_array_new ();
  lines.begins = g_array_new (FALSE, FALSE, sizeof (gsize));
  ok = read_text (&lines, error);
  if (ok)
    find_lines (&lines);
  n = MAX ((int64_t) lines.begins->len - 1 - file->offset, 0);
  if (ok && file->size >= 0 && file->size > n)
    ok = gw_invalid (error, "Invalid vocab_size in %s: expected %" G_GINT64_FORMAT " but got %" G_GINT64_FORMAT, path, file->size, n);
  ok = ok && make_tensors (&lines, file->size >= 0 ? file->size : n, keys, values, error);
  g_byte_array_unref (lines.text);
  g_array_unref (lines.begins);
  return ok;
}
