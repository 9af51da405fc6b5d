/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/winograd.h"

#include "engine/device/cpu/vector/vector.h"

void
gw_winograd_input (const float *const *pixels,
                   int64_t             channels,
                   float              *to,
                   int64_t             stride)
{
  gw_vector_loops ()->winograd_input (pixels, channels, to, stride);
}

void
gw_winograd_evaluate (int                 n,
                      const float *const *pixels,
                      int64_t             channels,
                      float              *to,
                      int64_t             stride)
{
  gw_vector_loops ()->winograd_evaluate[n] (pixels, channels, to, stride);
}

void
gw_winograd_collect (int           n,
                     const float  *from,
                     int64_t       stride,
                     int64_t       channels,
                     float *const *pixels)
{
  gw_vector_loops ()->winograd_collect[n] (from, stride, channels, pixels);
}

float
gw_winograd_scale (int place)
{
  /* One over the products of the differences between a point and the others. */
  static const float scales[GW_WINOGRAD_SIDE] = { 1, -2.0f / 3, -2.0f / 3, 1.0f / 6, 1.0f / 6, 1 };

  return scales[place / GW_WINOGRAD_SIDE] * scales[place % GW_WINOGRAD_SIDE];
}
