/* SPDX-License-Identifier: Apache-2.0 */
/* The shuffle buffer of tf.data: the numbers 0 … n - 1 pass through a buffer, out
 * of which one is drawn at a time. A buffer of n or more gives a full permutation.
 * The same seeds give TensorFlow's own order (core/kernels/data/
 * shuffle_dataset_op.cc). */
#pragma once

#include "engine/base/random.h"

G_BEGIN_DECLS

typedef struct {
  int32_t *slots;      /* ring of `capacity` */
  uint32_t capacity;
  uint32_t first;      /* slot of the element that is longest in the buffer */
  uint32_t held;       /* elements in the buffer */
  uint32_t entered;    /* elements that entered it so far */
  uint32_t n;
  GwPhilox philox;
  uint32_t words[4];
  int      n_left;     /* of words */
} GwShuffle;

/* For n numbers, 1 ≤ n ≤ G_MAXINT32; `buffer` ≤ 0 means n. Call gw_shuffle_start()
 * next. */
void gw_shuffle_init (GwShuffle *shuffle, int64_t n, int64_t buffer);
void gw_shuffle_clear (GwShuffle *shuffle);

/* Begins a pass whose draws follow from the pair of seeds. */
void gw_shuffle_start (GwShuffle *shuffle, uint64_t seed, uint64_t seed2);
/* Begins pass `epoch` (from 0) of a shuffle that is reshuffled in each iteration. */
void gw_shuffle_start_epoch (GwShuffle *shuffle, uint64_t seed, uint64_t seed2, int64_t epoch);
/* The next number, -1 at the end of the pass. */
int64_t gw_shuffle_next (GwShuffle *shuffle);

G_END_DECLS
