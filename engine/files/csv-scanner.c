/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/csv-private.h"

#include "engine/base/error.h"

#define END_OF_INPUT (-1)
#define SCAN_ERROR (-2)

void
gw_csv_scanner_init (GwCsvScanner *scanner,
                     GwInput      *input,
                     guint8       *buffer,
                     size_t        end,
                     size_t        capacity,
                     char          delimiter)
{
  *scanner = (GwCsvScanner) {
    .input = input, .buffer = buffer, .end = end, .capacity = capacity,
    .delimiter = (guint8) delimiter, .line = 1,
    .text = g_string_new (NULL), .fields = g_array_new (FALSE, FALSE, sizeof (GwCsvField)),
  };
}

void
gw_csv_scanner_clear (GwCsvScanner *scanner)
{
  g_free (scanner->buffer);
  if (scanner->text != NULL)
    g_string_free (scanner->text, TRUE);
  if (scanner->fields != NULL)
    g_array_unref (scanner->fields);
}

/* The next byte without taking it; END_OF_INPUT, or SCAN_ERROR when reading fails. */
static inline int
peek (GwCsvScanner  *scanner,
      GError       **error)
{
  gssize n;

  if (scanner->start < scanner->end)
    return scanner->buffer[scanner->start];
  if (scanner->input == NULL)
    return END_OF_INPUT;
  n = gw_input_read (scanner->input, scanner->buffer, scanner->capacity, error);
  if (n < 0)
    return SCAN_ERROR;
  scanner->start = 0;
  scanner->end = (size_t) n;
  return n == 0 ? END_OF_INPUT : scanner->buffer[0];
}

static int
fail (GwCsvScanner  *scanner,
      int64_t        line,
      const char    *what,
      GError       **error)
{
  g_autofree char *name = scanner->input != NULL ? g_strconcat (gw_input_name (scanner->input), ": ", NULL)
                                                 : g_strdup ("");

  gw_invalid (error, "%sline %" G_GINT64_FORMAT ": %s", name, line, what);
  return SCAN_ERROR;
}

static gboolean
is_blank (const GwCsvScanner *scanner,
          int                 c)
{
  return (c == ' ' || c == '\t') && c != scanner->delimiter;
}

static int
skip_blanks (GwCsvScanner  *scanner,
             GError       **error)
{
  int c;

  while (is_blank (scanner, c = peek (scanner, error)))
    scanner->start++;
  return c;
}

/* Takes a line end: LF, CRLF or CR. */
static int
take_line_end (GwCsvScanner  *scanner,
               GError       **error)
{
  int first = peek (scanner, error);
  int c;

  scanner->start++;
  scanner->line++;
  if (first != '\r')
    return 0;
  c = peek (scanner, error);
  if (c == '\n')
    scanner->start++;
  return c == SCAN_ERROR ? SCAN_ERROR : 0;
}

/* Appends what is between the quotes; the opening one is at the cursor. */
static int
scan_quoted (GwCsvScanner  *scanner,
             GError       **error)
{
  int64_t line = scanner->line;
  int c;

  scanner->start++;
  for (;;)
    {
      c = peek (scanner, error);
      if (c == SCAN_ERROR)
        return c;
      if (c == END_OF_INPUT)
        return fail (scanner, line, "a quote is opened here and never closed", error);
      scanner->start++;
      if (c == '"')
        {
          c = peek (scanner, error);
          if (c != '"')
            break;
          scanner->start++;
        }
      if (c == '\n')
        scanner->line++;
      g_string_append_c (scanner->text, (char) c);
      if (scanner->text->len > GW_CSV_MAX_ROW)
        return fail (scanner, line, "the row is longer than 64 MiB", error);
    }
  c = c == SCAN_ERROR ? c : skip_blanks (scanner, error);
  if (c >= 0 && c != scanner->delimiter && c != '\n' && c != '\r')
    return fail (scanner, scanner->line, "text follows a closing quote", error);
  return c;
}

static int
scan_plain (GwCsvScanner  *scanner,
            GError       **error)
{
  gsize begin = scanner->text->len;
  int c;

  while ((c = peek (scanner, error)) >= 0 && c != scanner->delimiter && c != '\n' && c != '\r')
    {
      size_t from = scanner->start;

      while (scanner->start < scanner->end && scanner->buffer[scanner->start] != scanner->delimiter &&
             scanner->buffer[scanner->start] != '\n' && scanner->buffer[scanner->start] != '\r')
        scanner->start++;
      g_string_append_len (scanner->text, (const char *) scanner->buffer + from, (gssize) (scanner->start - from));
      if (scanner->text->len > GW_CSV_MAX_ROW)
        return fail (scanner, scanner->line, "the row is longer than 64 MiB", error);
    }
  while (scanner->text->len > begin && is_blank (scanner, scanner->text->str[scanner->text->len - 1]))
    g_string_truncate (scanner->text, scanner->text->len - 1);
  return c;
}

/* One field; returns what ended it. `text` of the field is an offset for now: the
 * buffer may still move. */
static int
scan_field (GwCsvScanner  *scanner,
            GError       **error)
{
  GwCsvField field = { NULL };
  gsize begin = scanner->text->len;
  int c = skip_blanks (scanner, error);

  if (c == SCAN_ERROR)
    return c;
  if (scanner->fields->len == GW_CSV_MAX_FIELDS)
    return fail (scanner, scanner->line, "the row has more than 65536 fields", error);
  field.quoted = c == '"';
  c = field.quoted ? scan_quoted (scanner, error) : scan_plain (scanner, error);
  field.length = scanner->text->len - begin;
  g_string_append_c (scanner->text, '\0');
  g_array_append_val (scanner->fields, field);
  return c;
}

static void
place_fields (GwCsvScanner *scanner)
{
  const char *text = scanner->text->str;

  for (guint i = 0; i < scanner->fields->len; i++)
    {
      GwCsvField *field = &g_array_index (scanner->fields, GwCsvField, i);

      field->text = text;
      text += field->length + 1;
    }
}

GwReadStatus
gw_csv_scanner_next (GwCsvScanner  *scanner,
                     GError       **error)
{
  int c;

  for (;;)
    {
      g_string_truncate (scanner->text, 0);
      g_array_set_size (scanner->fields, 0);
      c = peek (scanner, error);
      if (c < 0)
        return c == END_OF_INPUT ? GW_READ_END : GW_READ_ERROR;
      scanner->row_line = scanner->line;
      while ((c = scan_field (scanner, error)) == scanner->delimiter)
        scanner->start++;
      if (c == SCAN_ERROR || (c != END_OF_INPUT && take_line_end (scanner, error) == SCAN_ERROR))
        return GW_READ_ERROR;
      place_fields (scanner);
      if (scanner->fields->len > 1 || g_array_index (scanner->fields, GwCsvField, 0).length > 0 ||
          g_array_index (scanner->fields, GwCsvField, 0).quoted)
        return GW_READ_OK;
    }
}
