/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions of pictures and volumes, their gradients, in groups or not: float32
 * and float64. Four ways underneath, chosen by shape alone: direct loops
 * (conv-direct.c), Winograd's transforms where they save work (conv-winograd.c), patches laid
 * out as a matrix and multiplied (conv-gemm.c), and one filter a channel (conv-depthwise.c). */
#pragma once

#include "engine/device/cpu/window.h"

G_BEGIN_DECLS

/* What is wanted. Each is bilinear in the two others. */
typedef enum {
  GW_CONV_OUTPUT,   /* from input and filter: the convolution itself */
  GW_CONV_INPUT,    /* from filter and output: the input's gradient from the output's */
  GW_CONV_FILTER,   /* from input and output: the filter's gradient */
} GwConvPass;

typedef struct {
  GwDType  dtype;
  GwWindow window;        /* of known sizes, each at least 1 in window.axes[].window */
  int64_t  out_channels;  /* divided by groups, as the input's channels are */
  int64_t  groups;
  gboolean channels_first;/* input and output are (batch, channels, sizes…) */
} GwConv;

/* The input is (batch, depth, height, width, channels), the filter (depth, height,
 * width, channels / groups, out_channels), the output (batch, …, out_channels), or
 * with channels_first both with their channels second. The one that `pass` names is
 * written, the others are read. RESOURCE_EXHAUSTED, UNIMPLEMENTED for another type. */
gboolean gw_cpu_conv (GwKernelContext *context, const GwConv *conv, GwConvPass pass, void *input, void *filter,
                      void *output, GError **error);

/* The same without the direct loops: what those are compared with. */
gboolean gw_cpu_conv_reference (GwKernelContext *context, const GwConv *conv, GwConvPass pass, void *input,
                                void *filter, void *output, GError **error);

G_END_DECLS
