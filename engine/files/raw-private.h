/* SPDX-License-Identifier: Apache-2.0 */
/* Byte order of whole arrays, and other care for values that come from files. */
#pragma once

#include "engine/tensor/dtype.h"

#include <stddef.h>
#include <string.h>

/* Turns each of `n` words of `width` bytes (1, 2, 4, 8) around. */
static inline void
gw_swap_words (void   *data,
               size_t  n,
               size_t  width)
{
  switch (width)
    {
    case 2:
      for (size_t i = 0; i < n; i++)
        ((uint16_t *) data)[i] = GUINT16_SWAP_LE_BE (((uint16_t *) data)[i]);
      break;
    case 4:
      for (size_t i = 0; i < n; i++)
        ((uint32_t *) data)[i] = GUINT32_SWAP_LE_BE (((uint32_t *) data)[i]);
      break;
    case 8:
      for (size_t i = 0; i < n; i++)
        ((uint64_t *) data)[i] = GUINT64_SWAP_LE_BE (((uint64_t *) data)[i]);
      break;
    default:
      break;
    }
}

/* Elements as they are stored the other way round; a complex number is two words. */
static inline void
gw_swap_elements (void    *data,
                  size_t   n,
                  GwDType  dtype)
{
  gsize parts = gw_dtype_is_complex (dtype) ? 2 : 1;

  gw_swap_words (data, n * parts, gw_dtype_size (dtype) / parts);
}

/* Bytes of a file as truth values: every one but 0 counts as 1. */
static inline void
gw_normalize_bools (void   *data,
                    size_t  n)
{
  for (size_t i = 0; i < n; i++)
    ((uint8_t *) data)[i] = ((uint8_t *) data)[i] != 0;
}
