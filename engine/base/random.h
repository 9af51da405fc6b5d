/* SPDX-License-Identifier: Apache-2.0 */
/* Philox 4x32-10, keyed and drawn from as TensorFlow does, so that the same
 * seeds give TensorFlow's own numbers (core/lib/random/philox_random.h,
 * random_distributions.h, core/util/guarded_philox_random.cc). */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct {
  uint32_t counter[4];
  uint32_t key[2];
} GwPhilox;

/* key = seed, upper half of the counter = seed2. Both 0 is a valid state here:
 * drawing a seed for "none given" is the caller's. */
void gw_philox_init (GwPhilox *philox, uint64_t seed, uint64_t seed2);
/* Four words; advances by one block. */
void gw_philox_next (GwPhilox *philox, uint32_t words[4]);
/* Advances by `blocks` blocks of four words. */
void gw_philox_skip (GwPhilox *philox, uint64_t blocks);

/* A distribution fills `n` values from the state as it stands; elements are
 * drawn by groups of a block, so [begin, end) of a longer fill is obtained by
 * skipping (begin must be a multiple of 4 for float, of 2 for double). None moves
 * the caller's state: TensorFlow advances by n × 256 blocks after every op. */
void gw_philox_words (const GwPhilox *philox, int64_t begin, int64_t end, uint32_t *out);
void gw_philox_uniform_float (const GwPhilox *philox, int64_t begin, int64_t end, float *out);
void gw_philox_uniform_double (const GwPhilox *philox, int64_t begin, int64_t end, double *out);
void gw_philox_normal_float (const GwPhilox *philox, int64_t begin, int64_t end, float *out);
void gw_philox_normal_double (const GwPhilox *philox, int64_t begin, int64_t end, double *out);
void gw_philox_truncated_normal_float (const GwPhilox *philox, int64_t begin, int64_t end, float *out);
void gw_philox_truncated_normal_double (const GwPhilox *philox, int64_t begin, int64_t end, double *out);

/* One block as the numbers that a distribution makes of it: 4 of them, 2 when
 * `is_double`; advances by that block. With the C library's logarithm, sine and
 * cosine, as TensorFlow's own kernels have them. */
int gw_philox_uniform_block (GwPhilox *philox, gboolean is_double, double values[4]);
int gw_philox_normal_block (GwPhilox *philox, gboolean is_double, double values[4]);

/* Words one by one (core/lib/random/simple_philox.h). */
typedef struct {
  GwPhilox philox;
  uint32_t words[4];
  int      used;      /* of words; 4 = draw a block first */
} GwPhiloxReader;

void gw_philox_reader_init (GwPhiloxReader *reader, const GwPhilox *philox);
uint32_t gw_philox_read_word (GwPhiloxReader *reader);
uint64_t gw_philox_read_long (GwPhiloxReader *reader);      /* low word first */
float gw_philox_read_float (GwPhiloxReader *reader);        /* [0, 1), one word */
double gw_philox_read_double (GwPhiloxReader *reader);      /* [0, 1), two words */
/* Without bias from [0, n), by drawing again what would favour small ones; n > 0. */
uint32_t gw_philox_read_below (GwPhiloxReader *reader, uint32_t n);
uint64_t gw_philox_read_long_below (GwPhiloxReader *reader, uint64_t n);

/* The generator of a stateless op: the two seeds scrambled by a round of Philox
 * (core/kernels/stateless_random_ops.cc, GenerateKey). */
void gw_philox_init_stateless (GwPhilox *philox, uint64_t seed, uint64_t seed2);

/* What TensorFlow's random_seed.get_seed() gives: `graph_seed`, `op_seed` -1 for
 * "not set"; `op_number` counts the random ops of the graph in creation order
 * (TensorFlow 2's rule, see golden/seeds.json). */
void gw_combine_seeds (int64_t graph_seed, int64_t op_seed, int64_t op_number, int64_t *seed, int64_t *seed2);

/* A non-zero seed drawn from the system's entropy. */
uint64_t gw_random_seed (void);

G_END_DECLS
