/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/half.h"

#include "engine/base/half.h"

#include "engine/device/cpu/loops.h"

#define WIDEN(NAME, CONVERT)                                                    \
  GW_CLONES static void                                                         \
  NAME (const uint16_t *restrict x, float *restrict y, int64_t n)               \
  {                                                                             \
    for (int64_t i = 0; i < n; i++)                                             \
      y[i] = CONVERT (x[i]);                                                    \
  }
#define NARROW(NAME, CONVERT)                                                   \
  GW_CLONES static void                                                         \
  NAME (const float *restrict x, uint16_t *restrict y, int64_t n)               \
  {                                                                             \
    for (int64_t i = 0; i < n; i++)                                             \
      y[i] = CONVERT (x[i]);                                                    \
  }

WIDEN (widen_half, gw_half_to_float)
WIDEN (widen_bfloat, gw_bfloat_to_float)
NARROW (narrow_half, gw_float_to_half)
NARROW (narrow_bfloat, gw_float_to_bfloat)

void
gw_half_widen (GwDType     half,
               const void *x,
               float      *y,
               int64_t     n)
{
  if (half == GW_FLOAT16)
    widen_half (x, y, n);
  else
    widen_bfloat (x, y, n);
}

void
gw_half_narrow (GwDType      half,
                const float *x,
                void        *y,
                int64_t      n)
{
  if (half == GW_FLOAT16)
    narrow_half (x, y, n);
  else
    narrow_bfloat (x, y, n);
}

/* ---- twins ---- */

typedef struct {
  GwDType   half;
  uint16_t *narrow;
  float    *wide;
  gboolean  back;   /* from wide to narrow */
} Twin;

static void
convert_range (void    *data,
               int64_t  begin,
               int64_t  end)
{
  const Twin *twin = data;

  if (twin->back)
    gw_half_narrow (twin->half, twin->wide + begin, twin->narrow + begin, end - begin);
  else
    gw_half_widen (twin->half, twin->narrow + begin, twin->wide + begin, end - begin);
}

/* Twins begin at multiples of 64 bytes. */
static size_t
twin_size (const GwTensor *tensor)
{
  return gw_dtype_is_half (tensor->dtype) ? (tensor->bytes * 2 + 63) / 64 * 64 : 0;
}

void
gw_half_copy (GwKernelContext *context,
              const GwTensor  *from,
              GwTensor        *to)
{
  gboolean back = gw_dtype_is_half (to->dtype);
  const GwTensor *narrow = back ? to : from, *wide = back ? from : to;
  Twin twin = { narrow->dtype, narrow->data, wide->data, back };

  gw_kernel_parallel (context, from->elements, GW_GRAIN, convert_range, &twin);
}

static void
convert (GwTwins         *twins,
         GwKernelContext *context,
         int              i,
         gboolean         back)
{
  GwTensor *tensor = twins->tensors[i];
  Twin twin = { tensor->dtype, tensor->data, twins->data[i], back };

  if (gw_dtype_is_half (tensor->dtype))
    gw_kernel_parallel (context, tensor->elements, GW_GRAIN, convert_range, &twin);
}

gboolean
gw_twins_begin (GwTwins               *twins,
                GwKernelContext       *context,
                int                    n_operands,
                const GwTensor *const *operands,
                int                    n_results,
                GwTensor *const       *results,
                GError               **error)
{
  size_t size = 0;
  char *scratch = NULL;

  *twins = (GwTwins) { .dtype = gw_dtype_computed (operands[0]->dtype), .n_operands = n_operands, .n_results = n_results };
  for (int i = 0; i < n_operands + n_results; i++)
    {
      twins->tensors[i] = i < n_operands ? (GwTensor *) operands[i] : results[i - n_operands];
      twins->data[i] = twins->tensors[i]->data;
      size += twin_size (twins->tensors[i]);
    }
  if (size == 0)
    return TRUE;
  scratch = gw_kernel_scratch (context, size, error);
  if (scratch == NULL)
    return FALSE;
  for (int i = 0; i < n_operands + n_results; i++)
    if (gw_dtype_is_half (twins->tensors[i]->dtype))
      {
        twins->data[i] = scratch;
        scratch += twin_size (twins->tensors[i]);
        if (i < n_operands)
          convert (twins, context, i, FALSE);
      }
  return TRUE;
}

void
gw_twins_finish (GwTwins         *twins,
                 GwKernelContext *context)
{
  for (int i = 0; i < twins->n_results; i++)
    convert (twins, context, twins->n_operands + i, TRUE);
}
