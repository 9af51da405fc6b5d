/* SPDX-License-Identifier: Apache-2.0 */
/* The scanner that splits bytes into rows of fields; csv.c decides with it what kind
 * of table a file is, and then reads the file with it. */
#pragma once

#include "engine/files/csv.h"

G_BEGIN_DECLS

#define GW_CSV_MAX_FIELDS 65536
#define GW_CSV_MAX_ROW ((size_t) 64 << 20)

typedef struct {
  GwInput  *input;     /* NULL: the buffer is all there is */
  guint8   *buffer;
  size_t    start, end, capacity;
  int       delimiter; /* a byte, 0 … 255 */
  int64_t   line;      /* of the byte at `start`, from 1 */
  int64_t   row_line;  /* where the row that was read last begins */
  GString  *text;      /* its fields one after the other, each ended by a NUL */
  GArray   *fields;    /* GwCsvField of it */
} GwCsvScanner;

/* Takes `buffer` (g_malloc), of which `end` bytes are filled. */
void gw_csv_scanner_init (GwCsvScanner *scanner, GwInput *input, guint8 *buffer, size_t end, size_t capacity,
                          char delimiter);
void gw_csv_scanner_clear (GwCsvScanner *scanner);
/* The next row that is not empty, into scanner->fields. */
GwReadStatus gw_csv_scanner_next (GwCsvScanner *scanner, GError **error);

G_END_DECLS
