/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of any real type as unsigned integers in the same order, so that ordering
 * needs one loop and no arithmetic of the narrow types: integers with the sign bit
 * turned, floating-point numbers by their bits. +0 and -0 are equal; NaN stands above
 * infinity, or below minus infinity when its sign is set. */
#pragma once

#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

/* Keys of elements [begin, begin + n) of a tensor; FALSE for a type without an order. */
gboolean gw_sort_keys (const GwTensor *tensor, int64_t begin, int64_t n, uint64_t *keys);

/* The k biggest of n keys, biggest first and the first of equal ones before the others:
 * their positions to order[0 … k-1]. order holds n numbers; k <= n. */
void gw_sort_top (const uint64_t *keys, int64_t n, int64_t k, int64_t *order);

/* How many of n ascending keys are below `key`, or with `or_equal` not above it. */
int64_t gw_sort_bound (const uint64_t *keys, int64_t n, uint64_t key, gboolean or_equal);

G_END_DECLS
