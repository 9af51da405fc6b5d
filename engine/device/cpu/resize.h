/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures, batch × height × width × channels, in other sizes. Every way but the
 * nearest pixel is a weighted sum of pixels, weights of rows times weights of columns;
 * its gradient is the same sum with the weights turned round. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

typedef enum {
  GW_RESIZE_NEAREST,
  GW_RESIZE_BILINEAR,
  GW_RESIZE_BICUBIC,
  GW_RESIZE_AREA,
} GwResizeMethod;

typedef struct {
  GwResizeMethod method;
  gboolean       align_corners;      /* corner pixels keep their places */
  gboolean       half_pixel_centers; /* a pixel's place is its middle */
} GwResize;

/* outputs[0] = inputs[0] in the size that it has, which is not empty unless the batch
 * or the channels are: float32, or with NEAREST inputs[0]'s type. */
gboolean gw_cpu_resize (GwKernelContext *context, const GwResize *resize, GError **error);
/* The gradient: inputs[0] in the resized size, outputs[0] in the original one. float32
 * to float32 or float64; with NEAREST any one number type. */
gboolean gw_cpu_resize_grad (GwKernelContext *context, const GwResize *resize, GError **error);

G_END_DECLS
