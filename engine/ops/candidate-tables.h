/* SPDX-License-Identifier: Apache-2.0 */
/* Weights of classes that candidate samplers draw by: each node keeps a table of its own
 * with each session, as what its kernel leaves at GwKernelContext.object. */
#pragma once

#include "engine/base/random.h"

G_BEGIN_DECLS

typedef struct _GwCandidateTable GwCandidateTable;

/* A GDestroyNotify. */
void gw_candidate_table_free (gpointer table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwCandidateTable, gw_candidate_table_free)

/* `range` classes of count 1 each, to be counted on. RESOURCE_EXHAUSTED without
 * memory. */
GwCandidateTable *gw_candidate_table_new_counts (int64_t range, GError **error);
/* Fixed weights, at least one. INVALID_ARGUMENT unless one is above 0. */
GwCandidateTable *gw_candidate_table_new_weights (const float *weights, int64_t range, GError **error);

/* Classes whose weight is above 0. */
int64_t gw_candidate_table_n_possible (const GwCandidateTable *table);
int64_t gw_candidate_table_sample (const GwCandidateTable *table, GwPhiloxReader *reader);
/* Of a class in [0, range). */
float gw_candidate_table_probability (const GwCandidateTable *table, int64_t value);

/* A table of counts, at the head of run number `run` of its node: counts what the run
 * before left, if that run stands (a run that was taken back has given its number back,
 * and counts for nothing), and makes room for as many values. RESOURCE_EXHAUSTED. */
gboolean gw_candidate_table_begin (GwCandidateTable *table, uint64_t run, int64_t room, GError **error);
/* Each value, no more of them than there is room for, adds 1 to its count when run number
 * `run` begins, as far as an int32 holds the sum of all counts. */
void gw_candidate_table_expect (GwCandidateTable *table, uint64_t run, const int64_t *values, int64_t n);

G_END_DECLS
