/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and values of a lookup table out of a text file. */
#pragma once

#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

typedef struct {
  int64_t     key_index, value_index; /* a column from 0, -1 the line's number, -2 the whole line */
  int64_t     size;                   /* lines to read, -1: all */
  const char *delimiter;              /* one byte, ends a column */
  int64_t     offset;                 /* lines to leave out at the beginning */
  GwDType     key_dtype, value_dtype;
} GwTableFile;

/* Vectors of one length. As core/kernels/lookup_util.cc: a whole line is text, a line's number
 * int64. INVALID_ARGUMENT names the file and the line. */
gboolean gw_table_file_read (const GwTableFile *file, const char *path, GwTensor **keys, GwTensor **values, GError **error);

G_END_DECLS
