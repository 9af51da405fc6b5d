/* SPDX-License-Identifier: Apache-2.0 */
/* What convolutions, pooling and dilation share: the attributes that place a window,
 * read and checked in one place, and the shapes that follow from them. */
#pragma once

#include "engine/device/cpu/window.h"
#include "engine/graph/op-def.h"
#include "engine/graph/shape-context.h"

G_BEGIN_DECLS

/* Where an op keeps its attributes; 0 (the type's place) = it has none of that kind. */
typedef struct {
  int      n_spatial;  /* 2 or 3 */
  int      strides, padding, data_format;
  int      dilations;  /* or rates */
  int      ksize;      /* size of the window: pooling */
  int      explicit_paddings;
  gboolean may_be_empty;   /* a window larger than the input gives nothing instead of an error */
  gboolean pools_channels; /* the window may run over channels instead */
} GwWindowSpec;

typedef struct {
  int          n_spatial;
  gboolean     may_be_empty;
  gboolean     channels_first;
  GwPadding    padding;
  int64_t      channel_window;       /* 1, or what MaxPool joins of the channels */
  GwWindowAxis axes[GW_WINDOW_AXES]; /* stride, dilation, window (-1 unless the op has ksize), and the
                                      * padding when it is explicit; the last n_spatial are used */
} GwWindowParams;

/* Reads and checks the attributes. `attrs` in the order of the op's definition.
 * INVALID_ARGUMENT names the attribute. */
gboolean gw_window_read (const GwWindowSpec *spec, const GwAttrValue *attrs, GwWindowParams *params, GError **error);

/* The same for sizes that arrive as tensors (MaxPoolV2): ksize and strides, or NULL for
 * those whose values are not known, which stay -1 then. */
gboolean gw_window_read_sizes (GwWindowParams *params, const GwTensor *ksize, const GwTensor *strides, GError **error);

/* Dimensions of a tensor of n_spatial + 2: where the channels are, where spatial
 * dimension `i` (0 … n_spatial - 1) is. */
int gw_window_channel_dim (const GwWindowParams *params);
int gw_window_spatial_dim (const GwWindowParams *params, int i);
/* The axis of that spatial dimension. */
static inline GwWindowAxis *
gw_window_axis (GwWindowParams *params, int i)
{
  return &params->axes[GW_WINDOW_AXES - params->n_spatial + i];
}

/* inputs[input] with n_spatial + 2 dimensions. */
gboolean gw_window_want (GwShapeContext *context, const GwWindowParams *params, int input, GwShape *shape, GError **error);
/* Takes the sizes of `input`, resolves every axis and gives the output's shape: input's
 * batch, the new sizes, `channels`. Strides or windows of -1 leave sizes open. */
gboolean gw_window_resolve (GwWindowParams *params, const GwShape *input, int64_t channels, GwShape *output, GError **error);
/* The resolved window over an input of this shape. */
GwWindow gw_window_of (const GwWindowParams *params, const GwShape *input);

/* shapes[input], which an op gets beside what it follows from, must be `want`. */
gboolean gw_window_agree (GwShapeContext *context, int input, const GwShape *want, GError **error);

/* ---- attributes ---- */

#define GW_WINDOW_ATTR_T(types)                                                                     \
  { "T", GW_ATTR_DTYPE, .choices = types, .label = "Type",                                          \
    .help = "Element type; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
#define GW_WINDOW_ATTR_STRIDES(ones, n)                                                             \
  { "strides", GW_ATTR_INTS, .def = ones, .min = n, .max = n, .label = "Strides",                   \
    .help = "How far the window moves, one number for each dimension of the input; 1 for batch and channels." }
#define GW_WINDOW_ATTR_PADDING(...)                                                                 \
  { "padding", GW_ATTR_CHOICE, .choices = GW_CHOICES (__VA_ARGS__), .label = "Padding",             \
    .help = "SAME pads so that a stride of 1 keeps the size, VALID uses only windows that lie wholly inside" \
            " (EXPLICIT, where offered, pads as Explicit paddings says)." }
#define GW_WINDOW_ATTR_FORMAT(...)                                                                  \
  { "data_format", GW_ATTR_CHOICE, .choices = GW_CHOICES (__VA_ARGS__), .label = "Data format",     \
    .help = "Order of the dimensions: batch N, depth D, height H, width W, channels C." }
#define GW_WINDOW_ATTR_DILATIONS(ones, n)                                                           \
  { "dilations", GW_ATTR_INTS, .def = ones, .min = n, .max = n, .label = "Dilations",               \
    .help = "Distance between the taps of the filter, one number for each dimension of the input; 1 for batch and" \
            " channels." }
#define GW_WINDOW_ATTR_KSIZE(ones, n)                                                               \
  { "ksize", GW_ATTR_INTS, .def = ones, .min = n, .max = n, .label = "Window",                      \
    .help = "Size of the window, one number for each dimension of the input; 1 for batch and channels." }
#define GW_WINDOW_ATTR_EXPLICIT                                                                     \
  { "explicit_paddings", GW_ATTR_INTS, .def = "[]", .label = "Explicit paddings",                   \
    .help = "With padding EXPLICIT: before and after, for each dimension of the input, 0 for batch and channels.", \
    .visible_if = "padding=EXPLICIT" }

G_END_DECLS
