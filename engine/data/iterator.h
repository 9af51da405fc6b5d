/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of a pipeline, pulled one at a time by one thread. The place reached is a
 * small struct, so that a run goes on exactly where it stopped. */
#pragma once

#include "engine/base/workers.h"
#include "engine/data/pipeline.h"

G_BEGIN_DECLS

typedef struct _GwIterator GwIterator;

typedef enum {
  GW_ITERATOR_DEFAULT = 0,
  GW_ITERATOR_IN_ORDER = 1 << 0, /* for evaluation: not shuffled, once through, with the remainder */
} GwIteratorFlags;

/* Everything needed to go on: the order of an epoch follows from the seeds and its
 * number. */
typedef struct {
  int64_t  epoch;       /* from 0 */
  int64_t  row;         /* rows of this epoch that were given out */
  uint64_t seed, seed2; /* of the shuffle; drawn ones are seen here */
} GwDataPosition;

/* Reads the data if nobody has yet. Errors of the source, of
 * gw_pipeline_describe(), and RESOURCE_EXHAUSTED. `pipeline` is not needed
 * afterwards. */
GwIterator *gw_iterator_new (GwDataset *dataset, const GwPipelineDef *pipeline, GwSplit split, GwIteratorFlags flags,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void gw_iterator_free (GwIterator *iterator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwIterator, gw_iterator_free)

/* What comes out, in order. Owned by the iterator. */
int gw_iterator_n_columns (const GwIterator *iterator);
const GwColumnInfo *gw_iterator_column (const GwIterator *iterator, int column);
int gw_iterator_find_column (const GwIterator *iterator, const char *name); /* -1 when there is none */
/* Names of the classes of a column of ids, or NULL. */
const char *const *gw_iterator_classes (const GwIterator *iterator, int column);

/* Only wanted columns are gathered; all are at first. */
void gw_iterator_set_wanted (GwIterator *iterator, int column, gboolean wanted);

/* Who gathers large batches together with the caller of gw_iterator_next(), which then must be
 * the only one to run loops on them; not owned. NULL, as at first: the caller alone. */
void gw_iterator_set_workers (GwIterator *iterator, GwWorkers *workers);

int64_t gw_iterator_n_rows (const GwIterator *iterator); /* of the split */
int64_t gw_iterator_batches_per_epoch (const GwIterator *iterator);

/* The next batch: columns[i] is the iterator's own tensor [rows, …], overwritten by
 * the next call, NULL for a column that is not wanted. Allocates nothing after the
 * first call. OUT_OF_RANGE “End of sequence” when the last epoch is through. */
gboolean gw_iterator_next (GwIterator *iterator, GwTensor **columns, GError **error);

/* Rows of the table that the last batch was made of, and how many. */
const int32_t *gw_iterator_last_rows (const GwIterator *iterator, int64_t *n);

void gw_iterator_get_position (const GwIterator *iterator, GwDataPosition *position);
/* INVALID_ARGUMENT when it is beyond the rows there are. */
gboolean gw_iterator_set_position (GwIterator *iterator, const GwDataPosition *position, GError **error);
/* Back to the first row of the first epoch, same seeds. */
void gw_iterator_rewind (GwIterator *iterator);

G_END_DECLS
