/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ops/table-store.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/tensor/text.h"

#include <string.h>

enum { KEYS, VALUES };

GwTensorList *
gw_table_store_of (const GwVariable *variable)
{
  return gw_tensor_get_list (variable->tensor, 0);
}

void
gw_table_store_set (GwVariable   *variable,
                    GwTensorList *store)
{
  gw_tensor_set_list (variable->tensor, 0, store);
  variable->initialized = TRUE;
}

const GwTensor *
gw_table_store_keys (const GwTensorList *store)
{
  return gw_tensor_list_get (store, KEYS);
}

const GwTensor *
gw_table_store_values (const GwTensorList *store)
{
  return gw_tensor_list_get (store, VALUES);
}

int64_t
gw_table_store_size (const GwTensorList *store)
{
  return store != NULL ? gw_table_store_keys (store)->elements : 0;
}

void
gw_table_copy_element (GwTensor       *dest,
                       int64_t         to,
                       const GwTensor *src,
                       int64_t         from)
{
  size_t size = gw_dtype_size (src->dtype);

  if (src->dtype == GW_STRING)
    gw_string_copy (&GW_TENSOR_DATA (dest, GwString)[to], gw_tensor_get_string (src, from));
  else
    memcpy ((char *) dest->data + size * (size_t) to, (const char *) src->data + size * (size_t) from, size);
}

static int
compare (const GwTensor *a,
         int64_t         i,
         const GwTensor *b,
         int64_t         k)
{
  int64_t x, y;

  if (a->dtype == GW_STRING)
    return gw_string_compare (gw_tensor_get_string (a, i), gw_tensor_get_string (b, k));
  x = gw_tensor_get_int (a, i);
  y = gw_tensor_get_int (b, k);
  return x < y ? -1 : x > y;
}

int64_t
gw_table_store_find (const GwTensorList *store,
                     const GwTensor     *keys,
                     int64_t             index)
{
  int64_t low = 0, high = gw_table_store_size (store);

  while (low < high)
    {
      int64_t middle = low + (high - low) / 2;
      int order = compare (gw_table_store_keys (store), middle, keys, index);

      if (order == 0)
        return middle;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return -1;
}

/* ---- making ---- */

/* A pair: where its key and value stand. */
typedef struct {
  const GwTensor *keys, *values;
  int64_t         index;
} Pair;

static gint
compare_pairs (gconstpointer a,
               gconstpointer b,
               gpointer      data)
{
  const Pair *x = a, *y = b;

  return compare (x->keys, x->index, y->keys, y->index);
}

static gboolean
same_value (const Pair *a,
            const Pair *b)
{
  size_t size = gw_dtype_size (a->values->dtype);

  if (a->values->dtype == GW_STRING)
    return gw_string_compare (gw_tensor_get_string (a->values, a->index), gw_tensor_get_string (b->values, b->index)) == 0;
  return memcmp ((const char *) a->values->data + size * (size_t) a->index,
                 (const char *) b->values->data + size * (size_t) b->index, size) == 0;
}

/* core/kernels/lookup_table_init_op.cc: what a table says when a key comes with two values. */
static gboolean
refuse_second_value (const Pair *first,
                     const Pair *second,
                     GError    **error)
{
  g_autofree char *key = gw_tensor_element_to_string (first->keys, first->index);
  g_autofree char *has = gw_tensor_element_to_string (first->values, first->index);
  g_autofree char *adds = gw_tensor_element_to_string (second->values, second->index);

  g_set_error (error, GW_ERROR, GW_ERROR_FAILED_PRECONDITION,
               "HashTable has different value for same key. Key %s has %s and trying to add value %s", key, has, adds);
  return FALSE;
}

/* One pair a key stays, sorted pairs given: the last, whose number is that of those that stay. */
static int64_t
drop_doubles (Pair          *pairs,
              int64_t        n,
              GwTableFilling filling,
              GError       **error)
{
  int64_t kept = 0;

  for (int64_t i = 0; i < n; i++)
    {
      gboolean same = kept > 0 && compare_pairs (&pairs[kept - 1], &pairs[i], NULL) == 0;

      if (same && filling == GW_TABLE_FILL && !same_value (&pairs[kept - 1], &pairs[i]))
        {
          refuse_second_value (&pairs[kept - 1], &pairs[i], error);
          return -1;
        }
      kept += !same;
      pairs[kept - 1] = pairs[i];
    }
  return kept;
}

static GwTensorList *
store_of_pairs (const Pair *pairs,
                int64_t     n,
                GwDType     key_type,
                GwDType     value_type,
                GError    **error)
{
  GwShape shape = GW_SHAPE (n), open = GW_SHAPE_UNKNOWN;
  g_autoptr (GwTensor) keys = gw_tensor_new (key_type, &shape, error);
  g_autoptr (GwTensor) values = keys != NULL ? gw_tensor_new (value_type, &shape, error) : NULL;
  g_autoptr (GwTensorList) empty = values != NULL ? gw_tensor_list_new (key_type, &open, 0, error) : NULL;
  g_autoptr (GwTensorList) half = NULL;

  for (int64_t i = 0; empty != NULL && i < n; i++)
    {
      gw_table_copy_element (keys, i, pairs[i].keys, pairs[i].index);
      gw_table_copy_element (values, i, pairs[i].values, pairs[i].index);
    }
  half = empty != NULL ? gw_tensor_list_push (empty, keys, error) : NULL;
  return half != NULL ? gw_tensor_list_push (half, values, error) : NULL;
}

static Pair *
new_pairs (int64_t  n,
           GError **error)
{
  size_t bytes;

  if (!gw_size_mul ((size_t) MAX (n, 1), sizeof (Pair), &bytes))
    bytes = SIZE_MAX;
  return gw_alloc0 (bytes, error);
}

GwTensorList *
gw_table_store_new (const GwTensorList *before,
                    const GwTensor     *keys,
                    const GwTensor     *values,
                    GwTableFilling      filling,
                    GError            **error)
{
  int64_t n_before = gw_table_store_size (before), n = n_before + keys->elements;
  Pair *pairs = new_pairs (n, error);
  GwTensorList *store = NULL;

  if (pairs == NULL)
    return NULL;
  for (int64_t i = 0; i < n; i++)
    pairs[i] = i < n_before ? (Pair) { gw_table_store_keys (before), gw_table_store_values (before), i }
                            : (Pair) { keys, values, i - n_before };
  /* a stable sort: what came later stands later */
  if (n <= G_MAXINT32)
    g_qsort_with_data (pairs, (gint) n, sizeof *pairs, compare_pairs, NULL);
  n = n <= G_MAXINT32 ? drop_doubles (pairs, n, filling, error) : -1;
  if (n >= 0)
    store = store_of_pairs (pairs, n, keys->dtype, values->dtype, error);
  else if (error != NULL && *error == NULL)
    g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "a table holds at most %d keys", G_MAXINT32);
  gw_free (pairs);
  return store;
}

GwTensorList *
gw_table_store_without (const GwTensorList *before,
                        const GwTensor     *keys,
                        GError            **error)
{
  int64_t n = gw_table_store_size (before), kept = 0;
  Pair *pairs = new_pairs (n, error);
  GwTensorList *store;

  if (pairs == NULL)
    return NULL;
  for (int64_t i = 0; i < n; i++)
    pairs[i] = (Pair) { gw_table_store_keys (before), gw_table_store_values (before), i };
  for (int64_t i = 0; i < keys->elements; i++)
    {
      int64_t place = gw_table_store_find (before, keys, i);

      if (place >= 0)
        pairs[place].keys = NULL;
    }
  for (int64_t i = 0; i < n; i++)
    if (pairs[i].keys != NULL)
      pairs[kept++] = pairs[i];
  store = store_of_pairs (pairs, kept, keys->dtype, gw_table_store_values (before)->dtype, error);
  gw_free (pairs);
  return store;
}
