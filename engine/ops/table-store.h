/* SPDX-License-Identifier: Apache-2.0 */
/* What a lookup table holds: keys in ascending order and a value for each, as two vectors.
 * It never changes; adding to it makes another one. A table's variable (GwVariable) keeps it
 * as the list of the two. */
#pragma once

#include "engine/device/resource.h"
#include "engine/tensor/tensor-list.h"

G_BEGIN_DECLS

typedef enum {
  GW_TABLE_FILL,    /* a key may stand twice if its value is the same */
  GW_TABLE_INSERT,  /* the last value of a key counts, over what the table held before */
} GwTableFilling;

/* `before` (NULL: an empty table), and the pairs of two tensors of as many elements. Copies
 * what it keeps. FAILED_PRECONDITION when GW_TABLE_FILL meets another value for a key,
 * RESOURCE_EXHAUSTED when there is no memory. */
GwTensorList *gw_table_store_new (const GwTensorList *before, const GwTensor *keys, const GwTensor *values,
                                  GwTableFilling filling, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Without the keys of a tensor; those that it does not hold do not matter. */
GwTensorList *gw_table_store_without (const GwTensorList *before, const GwTensor *keys, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What the variable of a table holds; NULL while nothing has been put in. */
GwTensorList *gw_table_store_of (const GwVariable *variable);
/* `store` is taken over. */
void gw_table_store_set (GwVariable *variable, GwTensorList *store);

/* Of NULL: 0. */
int64_t gw_table_store_size (const GwTensorList *store);
const GwTensor *gw_table_store_keys (const GwTensorList *store);
const GwTensor *gw_table_store_values (const GwTensorList *store);
/* Where key `index` of `keys` stands in the table; -1: nowhere. */
int64_t gw_table_store_find (const GwTensorList *store, const GwTensor *keys, int64_t index);

/* Element `from` of a tensor over element `to` of another of the same type. */
void gw_table_copy_element (GwTensor *dest, int64_t to, const GwTensor *src, int64_t from);

G_END_DECLS
