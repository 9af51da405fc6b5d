/* SPDX-License-Identifier: Apache-2.0 */
/* Weights of classes that candidate samplers draw by. A node's state is a few bytes
 * that a session copies and clears as it likes, so it holds only a table's key; the
 * tables themselves are kept here, the 64 last used of the process. */
#pragma once

#include "engine/base/random.h"

G_BEGIN_DECLS

typedef struct _GwCandidateTable GwCandidateTable;

/* The table of a key with a reference for the caller; NULL when there is none (any
 * more), also for key 0. Any thread. */
GwCandidateTable *gw_candidate_table_find (uint64_t key);
void gw_candidate_table_unref (GwCandidateTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwCandidateTable, gw_candidate_table_unref)

/* `range` classes of count 1 each, to be counted on. RESOURCE_EXHAUSTED without
 * memory. */
GwCandidateTable *gw_candidate_table_new_counts (int64_t range, uint64_t *key, GError **error);
/* Fixed weights, at least one. INVALID_ARGUMENT unless one is above 0. */
GwCandidateTable *gw_candidate_table_new_weights (const float *weights, int64_t range, uint64_t *key, GError **error);

int64_t gw_candidate_table_range (const GwCandidateTable *table);
/* Classes whose weight is above 0. */
int64_t gw_candidate_table_n_possible (const GwCandidateTable *table);
int64_t gw_candidate_table_sample (const GwCandidateTable *table, GwPhiloxReader *reader);
/* Of a class in [0, range). */
float gw_candidate_table_probability (const GwCandidateTable *table, int64_t value);
/* Adds 1 to the count of each value, as far as an int32 holds their sum. */
void gw_candidate_table_count (GwCandidateTable *table, const int64_t *values, int64_t n);

G_END_DECLS
