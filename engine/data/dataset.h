/* SPDX-License-Identifier: Apache-2.0 */
/* A source with its parameters, read when first asked for, and the parts into
 * which its rows fall. Any thread. */
#pragma once

#include "engine/data/source.h"

G_BEGIN_DECLS

typedef struct _GwDataset GwDataset;

/* Reads nothing yet. `attrs` (one for each of the source's definitions) are copied
 * and checked: INVALID_ARGUMENT for a value out of its range, or a required one
 * that is empty. Gives a reference to the one that is open already, of the same
 * source and settings, while its files are as they were. */
GwDataset *gw_dataset_new (const GwSourceDef *source, const GwAttrValue *attrs, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GwDataset *gw_dataset_ref (GwDataset *dataset);
void gw_dataset_unref (GwDataset *dataset); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwDataset, gw_dataset_unref)

const GwSourceDef *gw_dataset_source (const GwDataset *dataset);
/* Whether the test rows are a table of their own. */
gboolean gw_dataset_has_test (const GwDataset *dataset);

/* The table in which the rows of `split` lie, read on the first call (seconds, for
 * large files; others who ask wait). Without a test table both splits lie in the
 * one of TRAIN. Owned by `dataset`. */
const GwTable *gw_dataset_table (GwDataset *dataset, GwSplit split, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Rows of `split` when round (test_fraction × n_rows) of n_rows are set apart for
 * tests, drawn by `seed`: ascending, the two splits disjoint, together all. A
 * fraction above 0 leaves each split at least one of two or more rows. `n` is their
 * number. Free it. */
int32_t *gw_split_rows (int64_t n_rows, double test_fraction, uint64_t seed, GwSplit split, int64_t *n);

G_END_DECLS
