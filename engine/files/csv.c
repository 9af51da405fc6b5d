/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/csv.h"

#include "engine/base/error.h"
#include "engine/files/csv-private.h"

#include <string.h>

#define SAMPLE_SIZE ((size_t) 64 << 10)
#define SAMPLE_ROWS 100
#define HEADER_ROWS 50
#define HEADER_MAX_LENGTH 64
#define DEFAULT_DELIMITER ','

struct _GwCsvReader {
  GwCsvScanner scanner;
  int          n_columns;
  char       **names;
  gboolean     has_header;
  gboolean     pending;  /* the first row is in the scanner and was not given out */
};

/* --- Finding out what a table it is --- */

/* A scanner over a copy of the sample, without the row that its end may have cut. */
static void
sample_scanner (GwCsvScanner *sample,
                const guint8 *bytes,
                size_t        size,
                gboolean      whole,
                char          delimiter)
{
  const guint8 *end = whole ? NULL : memrchr (bytes, '\n', size);

  if (end != NULL)
    size = (size_t) (end - bytes) + 1;
  gw_csv_scanner_init (sample, NULL, g_memdup2 (bytes, size), size, size, delimiter);
}

/* The share of rows that have as many fields as the first, 0 when that is one. */
static double
evenness (const guint8 *bytes,
          size_t        size,
          gboolean      whole,
          char          delimiter)
{
  GwCsvScanner sample;
  guint columns = 0;
  int n_rows = 0, n_even = 0;

  sample_scanner (&sample, bytes, size, whole, delimiter);
  while (n_rows < SAMPLE_ROWS && gw_csv_scanner_next (&sample, NULL) == GW_READ_OK)
    {
      if (n_rows++ == 0)
        columns = sample.fields->len;
      n_even += sample.fields->len == columns;
    }
  gw_csv_scanner_clear (&sample);
  return columns > 1 ? (double) n_even / n_rows : 0;
}

static char
detect_delimiter (const guint8 *bytes,
                  size_t        size,
                  gboolean      whole)
{
  /* On a tie the earlier one wins: commas also stand in numbers and texts. */
  static const char candidates[] = { '\t', ';', '|', ',' };
  char best = DEFAULT_DELIMITER;
  double best_share = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      double share = evenness (bytes, size, whole, candidates[i]);

      if (share > best_share)
        {
          best = candidates[i];
          best_share = share;
        }
    }
  return best;
}

/* What the rows below the first say of one column. */
typedef struct {
  char    *first;          /* the field of the first row */
  gboolean first_is_value; /* a number, or missing */
  gboolean numbers;        /* all below are numbers or missing */
  gboolean any_number;
  gboolean repeated;       /* the first row's field comes again below */
} Column;

static gboolean
is_number (const char *text)
{
  double value;

  return gw_csv_parse_number (text, &value);
}

static void
look_at_row (GArray             *columns,
             const GwCsvScanner *sample,
             gboolean            first)
{
  for (guint i = 0; i < sample->fields->len; i++)
    {
      const char *text = g_array_index (sample->fields, GwCsvField, i).text;
      Column *column;

      if (first)
        {
          Column fresh = { g_strdup (text), is_number (text) || gw_csv_is_missing (text), TRUE, FALSE, FALSE };

          g_array_append_val (columns, fresh);
          continue;
        }
      if (i >= columns->len)
        break;
      column = &g_array_index (columns, Column, i);
      column->any_number |= is_number (text);
      column->numbers &= is_number (text) || gw_csv_is_missing (text);
      column->repeated |= strcmp (text, column->first) == 0;
    }
}

static gboolean
is_distinct (GArray *columns,
             guint   i)
{
  const char *first = g_array_index (columns, Column, i).first;

  for (guint k = 0; k < i; k++)
    if (strcmp (g_array_index (columns, Column, k).first, first) == 0)
      return FALSE;
  return TRUE;
}

static gboolean
looks_like_header (GArray *columns,
                   int     n_rows)
{
  gboolean all_text = columns->len > 1 && n_rows > 2;

  for (guint i = 0; i < columns->len; i++)
    {
      const Column *column = &g_array_index (columns, Column, i);

      if (!column->first_is_value && column->numbers && column->any_number)
        return TRUE;
      all_text = all_text && !column->first_is_value && !column->numbers && !column->repeated &&
                 strlen (column->first) <= HEADER_MAX_LENGTH && i < HEADER_MAX_LENGTH && is_distinct (columns, i);
    }
  return all_text;
}

static gboolean
detect_header (const guint8 *bytes,
               size_t        size,
               gboolean      whole,
               char          delimiter)
{
  g_autoptr (GArray) columns = g_array_new (FALSE, FALSE, sizeof (Column));
  GwCsvScanner sample;
  gboolean header;
  int n_rows = 0;

  sample_scanner (&sample, bytes, size, whole, delimiter);
  for (; n_rows < HEADER_ROWS && gw_csv_scanner_next (&sample, NULL) == GW_READ_OK; n_rows++)
    look_at_row (columns, &sample, n_rows == 0);
  header = looks_like_header (columns, n_rows);
  for (guint i = 0; i < columns->len; i++)
    g_free (g_array_index (columns, Column, i).first);
  gw_csv_scanner_clear (&sample);
  return header;
}

/* --- Opening --- */

static char *
unique_name (GHashTable *seen,
             const char *text,
             int         column)
{
  g_autofree char *valid = g_strstrip (g_utf8_make_valid (text, -1));
  g_autofree char *base = valid[0] != '\0' ? g_steal_pointer (&valid) : g_strdup_printf ("column %d", column + 1);
  char *name = g_strdup (base);

  for (int n = 2; g_hash_table_contains (seen, name); n++)
    {
      g_free (name);
      name = g_strdup_printf ("%s (%d)", base, n);
    }
  g_hash_table_add (seen, name);
  return name;
}

static void
set_names (GwCsvReader *reader)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  reader->n_columns = (int) reader->scanner.fields->len;
  reader->names = g_new0 (char *, (gsize) reader->n_columns + 1);
  for (int i = 0; i < reader->n_columns; i++)
    reader->names[i] = unique_name (
      seen, reader->has_header ? g_array_index (reader->scanner.fields, GwCsvField, i).text : "", i);
}

/* Begins reading at `begin` of the sample in `buffer` (taken over). */
static gboolean
start (GwCsvReader         *reader,
       GwInput             *input,
       guint8              *buffer,
       size_t               begin,
       size_t               end,
       const GwCsvOptions  *options,
       GError             **error)
{
  gboolean whole = end < SAMPLE_SIZE;
  char delimiter = options->delimiter;
  GwReadStatus status;

  if (delimiter == 0)
    delimiter = detect_delimiter (buffer + begin, end - begin, whole);
  reader->has_header = options->header == GW_CSV_HEADER_YES ||
                       (options->header == GW_CSV_HEADER_DETECT &&
                        detect_header (buffer + begin, end - begin, whole, delimiter));
  gw_csv_scanner_init (&reader->scanner, input, buffer, end, SAMPLE_SIZE, delimiter);
  reader->scanner.start = begin;
  status = gw_csv_scanner_next (&reader->scanner, error);
  if (status == GW_READ_END)
    return gw_invalid (error, "%s: has no rows", gw_input_name (input));
  if (status == GW_READ_ERROR)
    return FALSE;
  set_names (reader);
  reader->pending = !reader->has_header;
  return TRUE;
}

GwCsvReader *
gw_csv_reader_new (GwInput             *input,
                   const GwCsvOptions  *options,
                   GError             **error)
{
  static const GwCsvOptions detect_all = { 0, GW_CSV_HEADER_DETECT };
  g_autoptr (GwCsvReader) reader = g_new0 (GwCsvReader, 1);
  guint8 *buffer = g_malloc (SAMPLE_SIZE);
  gssize n = gw_input_read (input, buffer, SAMPLE_SIZE, error);
  size_t begin = n >= 3 && memcmp (buffer, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  gboolean utf16 = n >= 2 && (memcmp (buffer, "\xff\xfe", 2) == 0 || memcmp (buffer, "\xfe\xff", 2) == 0);

  reader->scanner.input = input;
  if (utf16)
    gw_invalid (error, "%s: is UTF-16 text; save it as UTF-8", gw_input_name (input));
  if (n < 0 || utf16)
    {
      g_free (buffer);
      return NULL;
    }
  if (!start (reader, input, buffer, begin, (size_t) n, options != NULL ? options : &detect_all, error))
    return NULL;
  return g_steal_pointer (&reader);
}

GwCsvReader *
gw_csv_reader_open (const char          *path,
                    const GwCsvOptions  *options,
                    GError             **error)
{
  GwInput *input = gw_input_open (path, GW_INPUT_AUTO, error);

  return input != NULL ? gw_csv_reader_new (input, options, error) : NULL;
}

void
gw_csv_reader_free (GwCsvReader *reader)
{
  if (reader == NULL)
    return;
  gw_input_free (reader->scanner.input);
  gw_csv_scanner_clear (&reader->scanner);
  g_strfreev (reader->names);
  g_free (reader);
}

char
gw_csv_reader_delimiter (const GwCsvReader *reader)
{
  return (char) reader->scanner.delimiter;
}

gboolean
gw_csv_reader_has_header (const GwCsvReader *reader)
{
  return reader->has_header;
}

int
gw_csv_reader_n_columns (const GwCsvReader *reader)
{
  return reader->n_columns;
}

const char *
gw_csv_reader_column_name (const GwCsvReader *reader,
                           int                column)
{
  g_return_val_if_fail (column >= 0 && column < reader->n_columns, NULL);

  return reader->names[column];
}

int64_t
gw_csv_reader_line (const GwCsvReader *reader)
{
  return reader->scanner.row_line;
}

GwReadStatus
gw_csv_reader_next (GwCsvReader        *reader,
                    const GwCsvField  **fields,
                    GError            **error)
{
  GwCsvScanner *scanner = &reader->scanner;
  GwReadStatus status = GW_READ_OK;

  if (!reader->pending)
    status = gw_csv_scanner_next (scanner, error);
  reader->pending = FALSE;
  if (status != GW_READ_OK)
    return status;
  if ((int) scanner->fields->len != reader->n_columns)
    {
      gw_invalid (error, "%s: line %" G_GINT64_FORMAT ": %u fields instead of %d", gw_input_name (scanner->input),
                  scanner->row_line, scanner->fields->len, reader->n_columns);
      return GW_READ_ERROR;
    }
  *fields = (const GwCsvField *) (void *) scanner->fields->data;
  return GW_READ_OK;
}
