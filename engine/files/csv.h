/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of text: commas, semicolons, tabs or another delimiter, quotes as in
 * RFC 4180, LF, CRLF or CR. Read row by row in one pass, or whole as a table. */
#pragma once

#include "engine/files/input-file.h"
#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

typedef enum {
  GW_CSV_HEADER_DETECT, /* the first row is one when a column below it is of numbers and its own field is not,
                         * or when all columns are text and its fields are distinct, short and not seen below */
  GW_CSV_HEADER_YES,
  GW_CSV_HEADER_NO,
} GwCsvHeader;

typedef struct {
  char        delimiter; /* 0 = the one of , ; tab | that splits the first rows most evenly */
  GwCsvHeader header;
} GwCsvOptions;

/* One field, without quotes and doubled quotes; `text` ends in a NUL that does not
 * count. Bytes as in the file, which need not be UTF-8. Unquoted fields lose spaces
 * at both ends. */
typedef struct {
  const char *text;
  size_t      length;
  gboolean    quoted;
} GwCsvField;

/* --- Row by row. --- */
typedef struct _GwCsvReader GwCsvReader;

/* Takes `input`. `options` NULL detects everything. Reads the first 64 KiB to find
 * out. INVALID_ARGUMENT for an empty file and for UTF-16. A UTF-8 byte order mark is
 * skipped. */
GwCsvReader *gw_csv_reader_new (GwInput *input, const GwCsvOptions *options, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
GwCsvReader *gw_csv_reader_open (const char *path, const GwCsvOptions *options, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
void gw_csv_reader_free (GwCsvReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwCsvReader, gw_csv_reader_free)

char gw_csv_reader_delimiter (const GwCsvReader *reader);
gboolean gw_csv_reader_has_header (const GwCsvReader *reader);
int gw_csv_reader_n_columns (const GwCsvReader *reader);
/* From the header, or "column 1", "column 2"…; never empty, made distinct. */
const char *gw_csv_reader_column_name (const GwCsvReader *reader, int column);

/* The next row after the header: n_columns fields, borrowed until the next call.
 * Empty lines are skipped. INVALID_ARGUMENT with the line number for a row with more
 * or fewer fields than the first, for a quote that does not close, for text behind a
 * closing quote, and for a row beyond 64 MiB or 65,536 fields. */
GwReadStatus gw_csv_reader_next (GwCsvReader *reader, const GwCsvField **fields, GError **error);
/* The line at which the row that next() gave begins, from 1. */
int64_t gw_csv_reader_line (const GwCsvReader *reader);

/* --- Whole. --- */
typedef enum {
  GW_CSV_INTEGER, /* every field is an integer within int64 */
  GW_CSV_NUMBER,  /* every field is a number or empty (missing: empty, "NA", "nan", "?") */
  GW_CSV_TEXT,
} GwCsvKind;

typedef struct _GwCsvTable GwCsvTable;

/* RESOURCE_EXHAUSTED when the file does not fit into memory. */
GwCsvTable *gw_csv_load (const char *path, const GwCsvOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes the rest of `reader` (which stays the caller's), at most `max_rows` (0 = all). */
GwCsvTable *gw_csv_table_read (GwCsvReader *reader, int64_t max_rows, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void gw_csv_table_free (GwCsvTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwCsvTable, gw_csv_table_free)

int64_t gw_csv_table_n_rows (const GwCsvTable *table);
int gw_csv_table_n_columns (const GwCsvTable *table);
const char *gw_csv_table_column_name (const GwCsvTable *table, int column);
/* -1 when there is none of that name. */
int gw_csv_table_find_column (const GwCsvTable *table, const char *name);
GwCsvKind gw_csv_table_column_kind (const GwCsvTable *table, int column);
/* NUL-terminated, owned by `table`. */
const char *gw_csv_table_text (const GwCsvTable *table, int64_t row, int column);
int64_t gw_csv_table_line (const GwCsvTable *table, int64_t row);

/* A column as a vector of n_rows: `dtype` GW_STRING, or a float or integer type.
 * Missing numbers become NaN in a float type. INVALID_ARGUMENT with line, column and
 * text for a field that is no such number. */
GwTensor *gw_csv_table_column (const GwCsvTable *table, int column, GwDType dtype, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* One field as a number, whatever the locale; FALSE when it is none. */
gboolean gw_csv_parse_number (const char *text, double *value);
/* Whether `text` stands for a missing value: "", "NA", "N/A", "nan", "null", "?". */
gboolean gw_csv_is_missing (const char *text);

G_END_DECLS
