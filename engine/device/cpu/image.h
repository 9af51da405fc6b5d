/* SPDX-License-Identifier: Apache-2.0 */
/* Loops over the pixels of pictures: colours, crops, patches, boxes. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

typedef enum {
  GW_COLOR_RGB_TO_HSV,
  GW_COLOR_HSV_TO_RGB,
  GW_COLOR_HUE,          /* amount is added to the hue, a turn is 1 */
  GW_COLOR_SATURATION,   /* amount times the saturation */
} GwColorOp;

/* outputs[0] = inputs[0] with each group of three along the last dimension changed;
 * float32, and for the first two float64. */
gboolean gw_cpu_color (GwKernelContext *context, GwColorOp op, float amount, GError **error);

/* outputs[0] = mean + (inputs[0] - mean) × factor, the mean that of each channel of
 * each picture; float32, at least rank 3. */
gboolean gw_cpu_contrast (GwKernelContext *context, float factor, GError **error);

/* How boxes are cut out: [batch, height, width, channels] at n × 4 corners y1, x1, y2, x2
 * in [0, 1], each of picture box_ind[i]. */
typedef struct {
  const GwTensor *boxes, *box_ind;
  gboolean        nearest;   /* else bilinear */
  float           outside;   /* value of what lies beyond the picture */
} GwCrops;

/* OUT_OF_RANGE for a box_ind that is no picture. */
gboolean gw_cpu_crop (GwKernelContext *context, const GwTensor *image, const GwCrops *crops, GwTensor *out, GError **error);
gboolean gw_cpu_crop_grad_image (GwKernelContext *context, const GwTensor *grads, const GwCrops *crops, GwTensor *out,
                                 GError **error);
gboolean gw_cpu_crop_grad_boxes (GwKernelContext *context, const GwTensor *grads, const GwTensor *image,
                                 const GwCrops *crops, GwTensor *out, GError **error);

/* Which of n boxes (y1, x1, y2, x2 each, any corners) are kept, best score first: one
 * goes when it overlaps a kept one by more than `overlap` of their union, or its score
 * is not above `least`. `order` has room for n, `kept` for `most`; returns how many. */
int64_t gw_cpu_suppress_boxes (const float *boxes, const float *scores, int64_t n, int64_t most, float overlap,
                               float least, int64_t *order, int64_t *kept);

/* Copies inputs[0] to outputs[0], both float32 [batch, height, width, 1…4], and draws the
 * outlines of boxes [batch, n, 4] in TensorFlow's colours. */
void gw_cpu_draw_boxes (GwKernelContext *context);

G_END_DECLS
