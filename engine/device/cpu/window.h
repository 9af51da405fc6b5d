/* SPDX-License-Identifier: Apache-2.0 */
/* The geometry of everything that slides a window over a picture or a volume:
 * convolutions, pooling, dilation. One reckoning for shape rules and for kernels.
 * Beside it what their kernels share: memory for each thread, and turning channels
 * from the second place to the last and back. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

#define GW_WINDOW_AXES 3

/* In the order of the attribute's choices. */
typedef enum {
  GW_PADDING_SAME,      /* as many outputs as there are strides in the input */
  GW_PADDING_VALID,     /* none */
  GW_PADDING_EXPLICIT,  /* before and after are given */
} GwPadding;

/* One dimension that the window moves along. Tap k of output o reads element
 * o × stride + k × dilation - before of the input; what lies outside is padding. */
typedef struct {
  int64_t input;     /* elements; -1 = not known */
  int64_t window;    /* taps; -1 = not known */
  int64_t stride;    /* at least 1 */
  int64_t dilation;  /* at least 1: distance of the taps */
  int64_t before, after; /* padding */
  int64_t output;    /* -1 = not known */
} GwWindowAxis;

/* A whole window over channels-last data. Pictures have a depth of 1. */
typedef struct {
  int64_t      batch;
  int64_t      channels;             /* of the input */
  GwWindowAxis axes[GW_WINDOW_AXES]; /* depth, height, width */
} GwWindow;

/* A dimension that nothing moves along. */
#define GW_WINDOW_AXIS_NONE ((GwWindowAxis) { 1, 1, 1, 1, 0, 0, 1 })

/* Fills in the output and, but for EXPLICIT, the padding; what is not known gives
 * an output that is not known. A window that does not fit into the padded input is
 * refused in TensorFlow's words, unless `may_be_empty` and the output is 0 then, as
 * are sizes that overflow. INVALID_ARGUMENT. */
gboolean gw_window_axis_resolve (GwWindowAxis *axis, GwPadding padding, gboolean may_be_empty, GError **error);

/* The taps [first, end) of output `o` that lie inside the input; tap `first` reads
 * element *start. Empty when first == end. */
static inline void
gw_window_taps (const GwWindowAxis *axis,
                int64_t             o,
                int64_t            *first,
                int64_t            *end,
                int64_t            *start)
{
  int64_t begin = o * axis->stride - axis->before;
  int64_t skip = begin < 0 ? (axis->dilation - 1 - begin) / axis->dilation : 0;
  int64_t fit = axis->input > begin ? (axis->input - begin + axis->dilation - 1) / axis->dilation : 0;

  *end = fit < axis->window ? fit : axis->window;
  *first = skip < *end ? skip : *end;
  *start = begin + *first * axis->dilation;
}

/* The product of some sizes: 0 when one is 0, G_MAXINT64 when it is larger than that. */
int64_t gw_window_product (int n, const int64_t *sizes);
#define GW_PRODUCT(...) \
  gw_window_product ((int) (sizeof ((int64_t[]) { __VA_ARGS__ }) / sizeof (int64_t)), (const int64_t[]) { __VA_ARGS__ })

/* Elements of one picture of the input, or positions of one of the output, without
 * channels; taps of the window. */
int64_t gw_window_inputs (const GwWindow *window);
int64_t gw_window_outputs (const GwWindow *window);
int64_t gw_window_taps_count (const GwWindow *window);

/* ---- channels ---- */

/* Copies a tensor of `shape` (batch, channels, sizes…) to (batch, sizes…, channels). */
void gw_channels_to_last (GwKernelContext *context, GwDType dtype, const GwShape *shape, const void *from, void *to);
/* Back to `shape`, with the channels in the second place. */
void gw_channels_to_second (GwKernelContext *context, GwDType dtype, const GwShape *shape, const void *from, void *to);

/* ---- scratch ---- */

/* Blocks of one allocation, each on a cache line of its own. Ask for all sizes first,
 * then let gw_blocks_allocate() make them. */
typedef struct {
  size_t   total;
  gboolean overflow;
} GwBlocks;

/* Room for the product of three counts; gives the offset of the block. */
size_t gw_blocks_add (GwBlocks *blocks, int64_t a, int64_t b, int64_t c);
/* NULL with RESOURCE_EXHAUSTED. Scratch memory of the kernel, see gw_kernel_scratch(). */
char *gw_blocks_allocate (const GwBlocks *blocks, GwKernelContext *context, GError **error);

/* Equal pieces of memory, one for each thread that works on a parallel loop. Whoever
 * runs a chunk takes one and gives it back; which one it is makes no difference. */
typedef struct {
  char   *memory;
  size_t  bytes;   /* of one piece */
  guint64 taken;   /* a bit for each piece */
} GwSlots;

/* How many pieces a loop of this context needs. */
int gw_slots_count (const GwKernelContext *context);
void *gw_slots_take (GwSlots *slots);
void gw_slots_give (GwSlots *slots, void *piece);

G_END_DECLS
