/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of rows of about the same length, as tf.data's bucket_by_sequence_length() makes them: every
 * row goes into the bucket of its length, and a bucket that is full is the next batch. The order of an
 * epoch is made when it begins, so that a place in it is a number of rows. */
#pragma once

#include "engine/data/pipeline.h"

G_BEGIN_DECLS

typedef struct _GwBuckets GwBuckets;

/* Whether the pipeline asks for them. */
gboolean gw_buckets_are_wanted (const GwPipelineDef *pipeline);
/* For the description: `infos` has the column that tells the lengths, whole numbers, one a row, and the
 * boundaries ascend. NOT_FOUND, INVALID_ARGUMENT. */
gboolean gw_buckets_check (const GwPipelineDef *pipeline, GArray *infos, GError **error);

/* For the rows of `table`, which is kept by the caller. `batch_size` rows a batch; those that are short
 * of rows at the end of an epoch are left out when `drop`. */
GwBuckets *gw_buckets_new (const GwPipelineDef *pipeline, const GwTable *table, int64_t batch_size, gboolean drop);
void gw_buckets_free (GwBuckets *buckets); /* NULL is fine */

/* Batches that `n` rows make, in whatever order they come. */
int64_t gw_buckets_count (const GwBuckets *buckets, const int32_t *rows, int64_t n);

/* An epoch: begin, its rows one after another, end. */
void gw_buckets_begin (GwBuckets *buckets);
void gw_buckets_put (GwBuckets *buckets, int32_t row);
void gw_buckets_end (GwBuckets *buckets);
/* The batch that begins after `at` rows of the epoch; *n = 0 when there are no more, −1 when none begins there. */
const int32_t *gw_buckets_batch (const GwBuckets *buckets, int64_t at, int64_t *n);

G_END_DECLS
