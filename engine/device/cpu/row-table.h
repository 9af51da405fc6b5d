/* SPDX-License-Identifier: Apache-2.0 */
/* Rows numbered by their first appearance: a hash table over the elements of rows.
 * Numbers are compared as numbers, so that 0 equals -0 and NaN equals nothing, itself
 * not excepted; 0 and -0 of the half types are two, as in TensorFlow. */
#pragma once

#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

typedef struct {
  int64_t *number;     /* per row: its number, from 0, equal rows sharing one */
  int64_t *first;      /* per number: the row that brought it */
  int64_t *count;      /* per number: how many rows have it */
  int64_t  n_numbers;

  /*< private >*/
  void    *memory;
} GwRowTable;

/* `n` rows of `inner` elements in a sequence; inner may be 0. RESOURCE_EXHAUSTED when there
 * is no memory for it. */
gboolean gw_row_table_init (GwRowTable *table, GwDType dtype, const void *data, int64_t n, int64_t inner, GError **error);
void gw_row_table_clear (GwRowTable *table);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GwRowTable, gw_row_table_clear)

G_END_DECLS
