/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/sort-keys.h"

#include <string.h>

/* Bits of an element as an unsigned integer. */
#define READ_BITS(WIDTH)                                                                       \
  for (int64_t i = 0; i < n; i++)                                                              \
    keys[i] = GW_TENSOR_DATA (tensor, uint##WIDTH##_t)[begin + i];                             \
  break

static void
read_bits (const GwTensor *tensor,
           int64_t         begin,
           int64_t         n,
           uint64_t       *keys)
{
  switch (gw_dtype_size (tensor->dtype))
    {
    case 1:
      READ_BITS (8);
    case 2:
      READ_BITS (16);
    case 4:
      READ_BITS (32);
    default:
      READ_BITS (64);
    }
}

gboolean
gw_sort_keys (const GwTensor *tensor,
              int64_t         begin,
              int64_t         n,
              uint64_t       *keys)
{
  GwDType dtype = tensor->dtype;
  uint64_t sign = G_GUINT64_CONSTANT (1) << (8 * gw_dtype_size (dtype) - 1);
  uint64_t all = sign | (sign - 1);
  gboolean is_float = gw_dtype_is_floating (dtype);
  gboolean is_signed = dtype == GW_INT8 || dtype == GW_INT16 || dtype == GW_INT32 || dtype == GW_INT64;

  if (!is_float && !gw_dtype_is_integer (dtype))
    return FALSE;
  read_bits (tensor, begin, n, keys);
  for (int64_t i = 0; is_signed && i < n; i++)
    keys[i] ^= sign;
  for (int64_t i = 0; is_float && i < n; i++)
    if (keys[i] == sign)
      keys[i] = sign; /* -0 is 0 */
    else
      keys[i] = (keys[i] & sign) != 0 ? ~keys[i] & all : keys[i] | sign;
  return TRUE;
}

/* ---- the biggest ones: a heap whose top is the least of those kept ---- */

/* Whether position a comes behind b: a smaller key, or the same one later. */
static inline gboolean
is_behind (const uint64_t *keys,
           int64_t         a,
           int64_t         b)
{
  return keys[a] != keys[b] ? keys[a] < keys[b] : a > b;
}

static void
sift_down (const uint64_t *keys,
           int64_t        *heap,
           int64_t         n,
           int64_t         at)
{
  int64_t moved = heap[at];

  for (int64_t child = 2 * at + 1; child < n; child = 2 * at + 1)
    {
      if (child + 1 < n && is_behind (keys, heap[child + 1], heap[child]))
        child++;
      if (!is_behind (keys, heap[child], moved))
        break;
      heap[at] = heap[child];
      at = child;
    }
  heap[at] = moved;
}

void
gw_sort_top (const uint64_t *keys,
             int64_t         n,
             int64_t         k,
             int64_t        *order)
{
  for (int64_t i = 0; i < k; i++)
    order[i] = i;
  for (int64_t i = k / 2 - 1; i >= 0; i--)
    sift_down (keys, order, k, i);
  for (int64_t i = k; i < n && k > 0; i++)
    if (is_behind (keys, order[0], i))
      {
        order[0] = i;
        sift_down (keys, order, k, 0);
      }
  for (int64_t last = k - 1; last > 0; last--)
    {
      int64_t least = order[0];

      order[0] = order[last];
      order[last] = least;
      sift_down (keys, order, last, 0);
    }
}

int64_t
gw_sort_bound (const uint64_t *keys,
               int64_t         n,
               uint64_t        key,
               gboolean        or_equal)
{
  int64_t low = 0, high = n;

  while (low < high)
    {
      int64_t middle = low + (high - low) / 2;

      if (keys[middle] < key || (or_equal && keys[middle] == key))
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}
