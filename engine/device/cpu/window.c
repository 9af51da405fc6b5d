/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/window.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"

/* ---- geometry ---- */

static gboolean
refuse_overflow (GError **error)
{
  return gw_invalid (error, "the window, its strides, dilations or paddings are too large to be counted");
}

static void
pad_same (GwWindowAxis *axis,
          int64_t       reach)
{
  int64_t needed;

  axis->output = axis->input / axis->stride + (axis->input % axis->stride != 0);
  /* The last window begins inside of the input, so this does not overflow. */
  needed = axis->output > 0 ? (axis->output - 1) * axis->stride - axis->input : 0;
  needed = axis->output > 0 && needed > -reach ? needed + reach : 0;
  axis->before = needed / 2;
  axis->after = needed - axis->before;
}

gboolean
gw_window_axis_resolve (GwWindowAxis *axis,
                        GwPadding     padding,
                        gboolean      may_be_empty,
                        GError      **error)
{
  int64_t reach = 0, padded, room;

  axis->output = -1;
  if (axis->window >= 0 && (__builtin_mul_overflow (axis->window - 1, axis->dilation, &reach) ||
                            __builtin_add_overflow (reach, 1, &reach) || reach > G_MAXINT64 / 4))
    return refuse_overflow (error);
  if (padding != GW_PADDING_EXPLICIT)
    axis->before = axis->after = 0;
  if (axis->input < 0 || axis->window < 0)
    {
      if (padding == GW_PADDING_SAME && axis->input >= 0)
        axis->output = axis->input / axis->stride + (axis->input % axis->stride != 0);
      return TRUE;
    }
  if (padding == GW_PADDING_SAME)
    {
      pad_same (axis, reach);
      return TRUE;
    }
  if (__builtin_add_overflow (axis->before, axis->after, &padded) ||
      __builtin_add_overflow (axis->input, padded, &padded) || padded > G_MAXINT64 / 4)
    return refuse_overflow (error);
  room = padded - reach;
  if (room < 0 && !(may_be_empty && room + axis->stride >= 0))
    return gw_invalid (error, "Negative dimension size caused by subtracting %" G_GINT64_FORMAT " from %" G_GINT64_FORMAT
                       ": the window is larger than the input", reach, padded);
  axis->output = room < 0 ? 0 : room / axis->stride + 1;
  return TRUE;
}

int64_t
gw_window_product (int            n,
                   const int64_t *sizes)
{
  int64_t product = 1;
  gboolean overflow = FALSE;

  for (int i = 0; i < n; i++)
    if (sizes[i] == 0)
      return 0;
  for (int i = 0; i < n; i++)
    overflow = overflow || __builtin_mul_overflow (product, sizes[i], &product);
  return overflow ? G_MAXINT64 : product;
}

int64_t
gw_window_inputs (const GwWindow *window)
{
  return GW_PRODUCT (window->axes[0].input, window->axes[1].input, window->axes[2].input);
}

int64_t
gw_window_outputs (const GwWindow *window)
{
  return GW_PRODUCT (window->axes[0].output, window->axes[1].output, window->axes[2].output);
}

int64_t
gw_window_taps_count (const GwWindow *window)
{
  return GW_PRODUCT (window->axes[0].window, window->axes[1].window, window->axes[2].window);
}

/* ---- channels ---- */

static void
move_channels (GwKernelContext *context,
               GwDType          dtype,
               const GwShape   *shape,
               gboolean         to_last,
               const void      *from,
               void            *to)
{
  int64_t channels = shape->dims[1];
  int64_t places = gw_shape_span (shape, 2, shape->rank);
  GwStridedCopy copy = { .n_dims = 0 };

  gw_strided_copy_append (&copy, shape->dims[0], channels * places, channels * places);
  if (to_last)
    {
      gw_strided_copy_append (&copy, places, 1, channels);
      gw_strided_copy_append (&copy, channels, places, 1);
    }
  else
    {
      gw_strided_copy_append (&copy, channels, 1, places);
      gw_strided_copy_append (&copy, places, channels, 1);
    }
  gw_strided_copy_run (context, &copy, dtype, from, to);
}

void
gw_channels_to_last (GwKernelContext *context,
                     GwDType          dtype,
                     const GwShape   *shape,
                     const void      *from,
                     void            *to)
{
  move_channels (context, dtype, shape, TRUE, from, to);
}

void
gw_channels_to_second (GwKernelContext *context,
                       GwDType          dtype,
                       const GwShape   *shape,
                       const void      *from,
                       void            *to)
{
  move_channels (context, dtype, shape, FALSE, from, to);
}

/* ---- scratch ---- */

size_t
gw_blocks_add (GwBlocks *blocks,
               int64_t   a,
               int64_t   b,
               int64_t   c)
{
  size_t offset = blocks->total;
  size_t size;

  if (!gw_size_mul ((size_t) a, (size_t) b, &size) || !gw_size_mul (size, (size_t) c, &size) ||
      size > G_MAXSSIZE - GW_ALIGNMENT - offset)
    {
      blocks->overflow = TRUE;
      return 0;
    }
  blocks->total = offset + (size + GW_ALIGNMENT - 1) / GW_ALIGNMENT * GW_ALIGNMENT;
  return offset;
}

char *
gw_blocks_allocate (const GwBlocks  *blocks,
                    GwKernelContext *context,
                    GError         **error)
{
  if (!blocks->overflow)
    return gw_kernel_scratch (context, blocks->total, error);
  g_set_error_literal (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED,
                       "the memory that this needs meanwhile is more than can be addressed");
  return NULL;
}

int
gw_slots_count (const GwKernelContext *context)
{
  return context->workers != NULL ? CLAMP (gw_workers_n_threads (context->workers), 1, 64) : 1;
}

void *
gw_slots_take (GwSlots *slots)
{
  for (guint64 taken = __atomic_load_n (&slots->taken, __ATOMIC_RELAXED);;)
    {
      int place = __builtin_ctzll (~taken);

      if (__atomic_compare_exchange_n (&slots->taken, &taken, taken | (guint64) 1 << place, FALSE,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return slots->memory + (size_t) place * slots->bytes;
    }
}

void
gw_slots_give (GwSlots *slots,
               void    *piece)
{
  size_t place = slots->bytes > 0 ? (size_t) ((char *) piece - slots->memory) / slots->bytes : 0;

  __atomic_fetch_and (&slots->taken, ~((guint64) 1 << place), __ATOMIC_RELEASE);
}
