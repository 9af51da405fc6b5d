/* SPDX-License-Identifier: Apache-2.0 */
/* The whole-table half of csv.h: all text in one block, numbers parsed on demand. */
#include "engine/files/csv.h"

#include "engine/base/error.h"
#include "engine/files/csv-private.h"

#include <math.h>
#include <string.h>

struct _GwCsvTable {
  char      *name;       /* of the file, for messages */
  int        n_columns;
  char     **names;
  GwCsvKind *kinds;
  gboolean  *any_value;  /* whether a column has a field that is not missing */

  char      *pool;       /* the fields of all rows, each ended by a NUL */
  size_t     pool_used, pool_capacity;
  int64_t    n_rows, row_capacity;
  size_t    *row_starts; /* in the pool */
  int64_t   *row_lines;
  guint32   *offsets;    /* n_columns a row, from the row's start */
};

/* --- Numbers --- */

gboolean
gw_csv_is_missing (const char *text)
{
  static const char *const words[] = { "NA", "N/A", "nan", "NaN", "NAN", "null", "NULL", "?" };

  if (text[0] == '\0')
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (text, words[i]) == 0)
      return TRUE;
  return FALSE;
}

/* Decimal numbers whose digits fit into a double's 53 bits and whose power of ten is
 * exact are one multiplication or division away, correctly rounded (W. D. Clinger,
 * "How to read floating point numbers accurately"). */
static gboolean
parse_exact (const char *text,
             double     *value)
{
  static const double powers[] = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  };
  gboolean negative = *text == '-';
  uint64_t digits = 0;
  int n_digits = 0, n_fraction = 0;

  text += *text == '-' || *text == '+';
  for (; g_ascii_isdigit (*text) && n_digits < 19; text++, n_digits++)
    digits = digits * 10 + (uint64_t) (*text - '0');
  if (*text == '.')
    for (text++; g_ascii_isdigit (*text) && n_digits < 19; text++, n_digits++, n_fraction++)
      digits = digits * 10 + (uint64_t) (*text - '0');
  if (*text != '\0' || n_digits == 0 || digits > (uint64_t) 1 << 53)
    return FALSE;
  *value = (double) digits / powers[n_fraction];
  if (negative)
    *value = -*value;
  return TRUE;
}

gboolean
gw_csv_parse_number (const char *text,
                     double     *value)
{
  char *end;

  while (g_ascii_isspace (*text))
    text++;
  if (parse_exact (text, value))
    return TRUE;
  if (*text == '\0' || strpbrk (text, "xXpP(") != NULL) /* hexadecimal, nan(…) */
    return FALSE;
  *value = g_ascii_strtod (text, &end);
  if (end == text)
    return FALSE;
  while (g_ascii_isspace (*end))
    end++;
  return *end == '\0';
}

static gboolean
parse_integer (const char *text,
               int64_t    *value)
{
  return g_ascii_string_to_signed (*text == '+' ? text + 1 : text, 10, INT64_MIN, INT64_MAX, value, NULL);
}

/* --- Reading --- */

static gboolean
grow (void    **array,
      size_t    n,
      size_t    size)
{
  size_t bytes;
  void *larger;

  if (__builtin_mul_overflow (n, size, &bytes) || bytes > PTRDIFF_MAX)
    return FALSE;
  larger = g_try_realloc (*array, MAX (bytes, 1));
  if (larger == NULL)
    return FALSE;
  *array = larger;
  return TRUE;
}

static gboolean
make_room (GwCsvTable *table,
           size_t      bytes)
{
  if (table->pool_capacity - table->pool_used < bytes)
    {
      size_t capacity = MAX (table->pool_capacity * 2, table->pool_used + bytes + 4096);

      if (!grow ((void **) &table->pool, capacity, 1))
        return FALSE;
      table->pool_capacity = capacity;
    }
  if (table->n_rows == table->row_capacity)
    {
      int64_t capacity = table->row_capacity * 2 + 64;

      if (!grow ((void **) &table->row_starts, (size_t) capacity, sizeof (size_t)) ||
          !grow ((void **) &table->row_lines, (size_t) capacity, sizeof (int64_t)) ||
          !grow ((void **) &table->offsets, (size_t) capacity * (size_t) table->n_columns, sizeof (guint32)))
        return FALSE;
      table->row_capacity = capacity;
    }
  return TRUE;
}

static void
note_kind (GwCsvTable *table,
           int         column,
           const char *text)
{
  double number;
  int64_t integer;

  if (table->kinds[column] == GW_CSV_TEXT)
    return;
  if (gw_csv_is_missing (text))
    table->kinds[column] = GW_CSV_NUMBER;
  else
    {
      table->any_value[column] = TRUE;
      if (table->kinds[column] == GW_CSV_INTEGER && !parse_integer (text, &integer))
        table->kinds[column] = GW_CSV_NUMBER;
      if (table->kinds[column] == GW_CSV_NUMBER && !gw_csv_parse_number (text, &number))
        table->kinds[column] = GW_CSV_TEXT;
    }
}

static gboolean
add_row (GwCsvTable       *table,
         const GwCsvField *fields,
         int64_t           line)
{
  size_t bytes = 0;
  guint32 *offsets;
  char *row;

  for (int i = 0; i < table->n_columns; i++)
    bytes += fields[i].length + 1;
  if (!make_room (table, bytes))
    return FALSE;
  row = table->pool + table->pool_used;
  offsets = table->offsets + table->n_rows * table->n_columns;
  for (int i = 0, at = 0; i < table->n_columns; i++)
    {
      memcpy (row + at, fields[i].text, fields[i].length + 1);
      offsets[i] = (guint32) at;
      at += (int) fields[i].length + 1;
      note_kind (table, i, fields[i].text);
    }
  table->row_starts[table->n_rows] = table->pool_used;
  table->row_lines[table->n_rows] = line;
  table->pool_used += bytes;
  table->n_rows++;
  return TRUE;
}

static GwCsvTable *
table_for (const GwCsvReader *reader)
{
  GwCsvTable *table = g_new0 (GwCsvTable, 1);

  table->n_columns = gw_csv_reader_n_columns (reader);
  table->names = g_new0 (char *, (gsize) table->n_columns + 1);
  table->kinds = g_new0 (GwCsvKind, table->n_columns);
  table->any_value = g_new0 (gboolean, table->n_columns);
  for (int i = 0; i < table->n_columns; i++)
    table->names[i] = g_strdup (gw_csv_reader_column_name (reader, i));
  return table;
}

GwCsvTable *
gw_csv_table_read (GwCsvReader  *reader,
                   int64_t       max_rows,
                   GError      **error)
{
  g_autoptr (GwCsvTable) table = table_for (reader);
  const GwCsvField *fields;
  GwReadStatus status = GW_READ_END;

  while ((max_rows <= 0 || table->n_rows < max_rows) &&
         (status = gw_csv_reader_next (reader, &fields, error)) == GW_READ_OK)
    if (!add_row (table, fields, gw_csv_reader_line (reader)))
      {
        g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED,
                     "line %" G_GINT64_FORMAT ": the table does not fit into memory", gw_csv_reader_line (reader));
        return NULL;
      }
  if (status == GW_READ_ERROR)
    return NULL;
  for (int i = 0; i < table->n_columns; i++)
    if (!table->any_value[i] && table->n_rows > 0)
      table->kinds[i] = GW_CSV_TEXT; /* nothing but missing ones */
  return g_steal_pointer (&table);
}

GwCsvTable *
gw_csv_load (const char          *path,
             const GwCsvOptions  *options,
             GError             **error)
{
  g_autoptr (GwCsvReader) reader = gw_csv_reader_open (path, options, error);
  GwCsvTable *table = reader != NULL ? gw_csv_table_read (reader, 0, error) : NULL;

  if (table != NULL)
    table->name = g_strdup (path);
  return table;
}

void
gw_csv_table_free (GwCsvTable *table)
{
  if (table == NULL)
    return;
  g_free (table->name);
  g_strfreev (table->names);
  g_free (table->kinds);
  g_free (table->any_value);
  g_free (table->pool);
  g_free (table->row_starts);
  g_free (table->row_lines);
  g_free (table->offsets);
  g_free (table);
}

/* --- Looking into it --- */

int64_t
gw_csv_table_n_rows (const GwCsvTable *table)
{
  return table->n_rows;
}

int
gw_csv_table_n_columns (const GwCsvTable *table)
{
  return table->n_columns;
}

const char *
gw_csv_table_column_name (const GwCsvTable *table,
                          int               column)
{
  g_return_val_if_fail (column >= 0 && column < table->n_columns, NULL);

  return table->names[column];
}

int
gw_csv_table_find_column (const GwCsvTable *table,
                          const char       *name)
{
  for (int i = 0; i < table->n_columns; i++)
    if (strcmp (table->names[i], name) == 0)
      return i;
  return -1;
}

GwCsvKind
gw_csv_table_column_kind (const GwCsvTable *table,
                          int               column)
{
  g_return_val_if_fail (column >= 0 && column < table->n_columns, GW_CSV_TEXT);

  return table->kinds[column];
}

const char *
gw_csv_table_text (const GwCsvTable *table,
                   int64_t           row,
                   int               column)
{
  g_return_val_if_fail (row >= 0 && row < table->n_rows && column >= 0 && column < table->n_columns, NULL);

  return table->pool + table->row_starts[row] + table->offsets[row * table->n_columns + column];
}

int64_t
gw_csv_table_line (const GwCsvTable *table,
                   int64_t           row)
{
  g_return_val_if_fail (row >= 0 && row < table->n_rows, 0);

  return table->row_lines[row];
}

/* --- Columns as tensors --- */

static gboolean
integer_range (GwDType  dtype,
               double  *min,
               double  *max)
{
  int bits = (int) gw_dtype_size (dtype) * 8;
  gboolean is_signed = dtype == GW_INT8 || dtype == GW_INT16 || dtype == GW_INT32 || dtype == GW_INT64;

  if (!gw_dtype_is_integer (dtype))
    return FALSE;
  *min = is_signed ? -ldexp (1, bits - 1) : 0;
  *max = ldexp (1, is_signed ? bits - 1 : bits); /* not included */
  return TRUE;
}

static gboolean
store_integer (GwTensor   *tensor,
               int64_t     row,
               const char *text)
{
  int64_t integer;
  double number, min, max;

  if (!integer_range (tensor->dtype, &min, &max))
    return FALSE;
  if (parse_integer (text, &integer))
    {
      /* Every int64 is in the range of int64, though the nearest double may not be. */
      if (tensor->dtype != GW_INT64 && ((double) integer < min || (double) integer >= max))
        return FALSE;
      GW_SWITCH_INTEGER (tensor->dtype, break, GW_TENSOR_DATA (tensor, T)[row] = (T) integer);
      return TRUE;
    }
  if (!gw_csv_parse_number (text, &number) || number != floor (number) || number < min || number >= max)
    return FALSE;
  gw_tensor_set_double (tensor, row, number);
  return TRUE;
}

static gboolean
store_field (GwTensor   *tensor,
             int64_t     row,
             const char *text)
{
  double number;

  if (tensor->dtype == GW_STRING)
    {
      gw_string_set (&GW_TENSOR_DATA (tensor, GwString)[row], text, strlen (text));
      return TRUE;
    }
  if (gw_dtype_is_integer (tensor->dtype))
    return store_integer (tensor, row, text);
  if (gw_csv_is_missing (text))
    number = NAN;
  else if (!gw_csv_parse_number (text, &number))
    return FALSE;
  gw_tensor_set_double (tensor, row, number);
  return TRUE;
}

GwTensor *
gw_csv_table_column (const GwCsvTable  *table,
                     int                column,
                     GwDType            dtype,
                     GError           **error)
{
  g_autoptr (GwTensor) tensor = NULL;

  g_return_val_if_fail (column >= 0 && column < table->n_columns, NULL);

  if (dtype != GW_STRING && dtype != GW_FLOAT32 && dtype != GW_FLOAT64 && !gw_dtype_is_integer (dtype))
    {
      gw_invalid (error, "a column of a table cannot be %s", gw_dtype_name (dtype));
      return NULL;
    }
  tensor = gw_tensor_new (dtype, &GW_SHAPE (table->n_rows), error);
  for (int64_t row = 0; tensor != NULL && row < table->n_rows; row++)
    {
      const char *text = gw_csv_table_text (table, row, column);

      if (store_field (tensor, row, text))
        continue;
      gw_invalid (error, "%s%sline %" G_GINT64_FORMAT ", %s: “%.60s” is not %s %s number",
                  table->name != NULL ? table->name : "", table->name != NULL ? ": " : "", table->row_lines[row],
                  table->names[column], text, gw_dtype_is_integer (dtype) ? "an" : "a", gw_dtype_name (dtype));
      return NULL;
    }
  return g_steal_pointer (&tensor);
}
