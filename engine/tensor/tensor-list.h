/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of tensors: what an element of a GW_VARIANT tensor is. A list never changes;
 * adding to its end or taking from it gives another list that shares the elements, at the
 * cost of one element. Loops keep in them what each turn leaves behind. */
#pragma once

#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

typedef struct _GwTensorList GwTensorList;

/* `n` elements that nobody has set: NULL. `element_shape` is what all of them are to match,
 * as far as it is known. RESOURCE_EXHAUSTED when there is no memory. */
GwTensorList *gw_tensor_list_new (GwDType dtype, const GwShape *element_shape, int64_t n, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GwTensorList *gw_tensor_list_ref (GwTensorList *list);
void gw_tensor_list_unref (GwTensorList *list); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwTensorList, gw_tensor_list_unref)

int64_t gw_tensor_list_length (const GwTensorList *list);
GwDType gw_tensor_list_dtype (const GwTensorList *list);
const GwShape *gw_tensor_list_element_shape (const GwTensorList *list);
/* NULL while nobody has set it. Owned by the list. */
GwTensor *gw_tensor_list_get (const GwTensorList *list, int64_t index);

/* New lists; `element` is taken by reference, and must not change any more. Pushing NULL adds
 * one that nobody has set. */
GwTensorList *gw_tensor_list_push (GwTensorList *list, GwTensor *element, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GwTensorList *gw_tensor_list_pop (GwTensorList *list) G_GNUC_WARN_UNUSED_RESULT; /* length > 0 */
GwTensorList *gw_tensor_list_set (GwTensorList *list, int64_t index, GwTensor *element, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Zeros in the place of every element that is set. */
GwTensorList *gw_tensor_list_zeros_like (const GwTensorList *list, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean gw_tensor_list_equal (const GwTensorList *a, const GwTensorList *b);

/* Element `index` of a GW_VARIANT tensor, NULL when it holds none; and putting a list
 * there, whose reference is taken over. */
GwTensorList *gw_tensor_get_list (const GwTensor *tensor, int64_t index);
void gw_tensor_set_list (GwTensor *tensor, int64_t index, GwTensorList *list);

G_END_DECLS
