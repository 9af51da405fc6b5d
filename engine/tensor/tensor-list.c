/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/tensor/tensor-list.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"

#include <string.h>

/* Elements that several lists share: each list is the first n of them. Room behind the
 * last one that any list knows may be filled by whoever ends there. */
typedef struct {
  gint       refs;
  int64_t    used, room;
  GwTensor **elements;
} Store;

struct _GwTensorList {
  gint    refs;
  GwDType dtype;
  GwShape element_shape;
  int64_t n;
  Store  *store;
};

static void
store_unref (Store *store)
{
  if (!g_atomic_int_dec_and_test (&store->refs))
    return;
  for (int64_t i = 0; i < store->used; i++)
    gw_tensor_unref (store->elements[i]);
  gw_free (store->elements);
  g_free (store);
}

/* With the first n elements of `from` (NULL: unset ones). */
static Store *
store_new (const Store *from,
           int64_t      n,
           int64_t      room,
           GError     **error)
{
  Store *store;
  size_t bytes;
  GwTensor **elements;

  if (!gw_size_mul ((size_t) MAX (room, 1), sizeof (GwTensor *), &bytes))
    bytes = SIZE_MAX;
  elements = gw_alloc0 (bytes, error);
  if (elements == NULL)
    {
      g_prefix_error (error, "a list of %" G_GINT64_FORMAT " tensors: ", room);
      return NULL;
    }
  store = g_new (Store, 1);
  *store = (Store) { 1, n, MAX (room, 1), elements };
  for (int64_t i = 0; from != NULL && i < n; i++)
    if (from->elements[i] != NULL)
      elements[i] = gw_tensor_ref (from->elements[i]);
  return store;
}

/* Takes over `store`. */
static GwTensorList *
list_of (const GwTensorList *like,
         Store              *store,
         int64_t             n)
{
  GwTensorList *list;

  if (store == NULL)
    return NULL;
  list = g_new (GwTensorList, 1);
  *list = *like;
  list->refs = 1;
  list->n = n;
  list->store = store;
  return list;
}

GwTensorList *
gw_tensor_list_new (GwDType        dtype,
                    const GwShape *element_shape,
                    int64_t        n,
                    GError       **error)
{
  GwTensorList like = { .dtype = dtype, .element_shape = *element_shape };

  return list_of (&like, store_new (NULL, n, n, error), n);
}

GwTensorList *
gw_tensor_list_ref (GwTensorList *list)
{
  g_atomic_int_inc (&list->refs);
  return list;
}

void
gw_tensor_list_unref (GwTensorList *list)
{
  if (list == NULL || !g_atomic_int_dec_and_test (&list->refs))
    return;
  store_unref (list->store);
  g_free (list);
}

int64_t
gw_tensor_list_length (const GwTensorList *list)
{
  return list->n;
}

GwDType
gw_tensor_list_dtype (const GwTensorList *list)
{
  return list->dtype;
}

const GwShape *
gw_tensor_list_element_shape (const GwTensorList *list)
{
  return &list->element_shape;
}

GwTensor *
gw_tensor_list_get (const GwTensorList *list,
                    int64_t             index)
{
  return list->store->elements[index];
}

GwTensorList *
gw_tensor_list_push (GwTensorList *list,
                     GwTensor     *element,
                     GError      **error)
{
  Store *store = list->store;

  if (store->used == list->n && store->used < store->room)
    g_atomic_int_inc (&store->refs);
  else
    store = store_new (store, list->n, list->n < 4 ? 8 : list->n * 2, error);
  if (store == NULL)
    return NULL;
  store->elements[store->used++] = element != NULL ? gw_tensor_ref (element) : NULL;
  return list_of (list, store, list->n + 1);
}

GwTensorList *
gw_tensor_list_pop (GwTensorList *list)
{
  g_atomic_int_inc (&list->store->refs);
  return list_of (list, list->store, list->n - 1);
}

GwTensorList *
gw_tensor_list_set (GwTensorList *list,
                    int64_t       index,
                    GwTensor     *element,
                    GError      **error)
{
  Store *store = store_new (list->store, list->n, list->n, error);

  if (store == NULL)
    return NULL;
  gw_tensor_unref (store->elements[index]);
  store->elements[index] = gw_tensor_ref (element);
  return list_of (list, store, list->n);
}

/* A tensor of zeros; of a tensor of lists, lists of zeros. */
static GwTensor *
zeros_like (const GwTensor *tensor,
            GError        **error)
{
  g_autoptr (GwTensor) zeros = gw_tensor_new_zeros (tensor->dtype, &tensor->shape, error);

  for (int64_t i = 0; zeros != NULL && tensor->dtype == GW_VARIANT && i < tensor->elements; i++)
    {
      GwTensorList *list = gw_tensor_get_list (tensor, i);

      list = list != NULL ? gw_tensor_list_zeros_like (list, error) : NULL;
      if (list == NULL && gw_tensor_get_list (tensor, i) != NULL)
        return NULL;
      gw_tensor_set_list (zeros, i, list);
    }
  return g_steal_pointer (&zeros);
}

GwTensorList *
gw_tensor_list_zeros_like (const GwTensorList *list,
                           GError            **error)
{
  g_autoptr (GwTensorList) zeros = list_of (list, store_new (NULL, list->n, list->n, error), list->n);

  for (int64_t i = 0; zeros != NULL && i < list->n; i++)
    if (list->store->elements[i] != NULL)
      {
        zeros->store->elements[i] = zeros_like (list->store->elements[i], error);
        if (zeros->store->elements[i] == NULL)
          return NULL;
      }
  return g_steal_pointer (&zeros);
}

gboolean
gw_tensor_list_equal (const GwTensorList *a,
                      const GwTensorList *b)
{
  if (a == NULL || b == NULL || a->dtype != b->dtype || a->n != b->n)
    return a == b;
  for (int64_t i = 0; i < a->n; i++)
    {
      const GwTensor *x = a->store->elements[i];
      const GwTensor *y = b->store->elements[i];

      if (x != y && (x == NULL || y == NULL || !gw_tensor_equal (x, y)))
        return FALSE;
    }
  return TRUE;
}

GwTensorList *
gw_tensor_get_list (const GwTensor *tensor,
                    int64_t         index)
{
  return GW_TENSOR_DATA (tensor, GwTensorList *)[index];
}

void
gw_tensor_set_list (GwTensor     *tensor,
                    int64_t       index,
                    GwTensorList *list)
{
  GwTensorList **place = &GW_TENSOR_DATA (tensor, GwTensorList *)[index];
  GwTensorList *before = *place;

  *place = list;
  gw_tensor_list_unref (before);
}
