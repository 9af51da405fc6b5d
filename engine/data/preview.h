/* SPDX-License-Identifier: Apache-2.0 */
/* What a person wants to see of data before training on it. */
#pragma once

#include "engine/data/table.h"
#include "engine/tensor/stats.h"

G_BEGIN_DECLS

/* Element 0 of a row as text: the word of an id where it has one (“?” for a
 * missing one), a number, or for longer rows “[a, b, …]” of at most `max_elements`.
 * Free it. */
char *gw_table_cell_to_string (const GwTable *table, int64_t row, int column, int64_t max_elements);

/* `n` rows of a column from `first` on, sharing memory. Clipped to the rows there
 * are. */
GwTensor *gw_table_rows (const GwTable *table, int column, int64_t first, int64_t n);

/* Minimum, maximum, mean … of a column; `rows` NULL = all, else n_rows of them (a
 * split). Any row shape. */
gboolean gw_table_column_stats (const GwTable *table, int column, const int32_t *rows, int64_t n_rows,
                                GwTensorStats *stats, GError **error);

/* How often each class 0 … n_classes-1 occurs in a column of scalar ids. FALSE when
 * the column holds no ids: more than one element a row, not whole numbers, or
 * beyond 1,000 classes without names. `counts` is freed by the caller. */
gboolean gw_table_class_counts (const GwTable *table, int column, const int32_t *rows, int64_t n_rows,
                                int64_t **counts, int *n_classes);

G_END_DECLS
