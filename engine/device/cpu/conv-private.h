/* SPDX-License-Identifier: Apache-2.0 */
/* What the ways to compute a convolution share. */
#pragma once

#include "engine/device/cpu/conv.h"

G_BEGIN_DECLS

/* One call. The pointers are to channels-last data. */
typedef struct {
  GwKernelContext *context;
  const GwConv    *conv;
  GwConvPass       pass;
  char            *input, *filter, *output;
  size_t           size;          /* of an element */
  int64_t          group_in, group_out; /* channels of a group */
  int64_t          taps;
  int64_t          depth;         /* taps × group_in: what one output element sums over */
  int64_t          pixels;        /* outputs of one picture */
  int64_t          inputs;        /* positions of one picture of the input */

  /* Set by the way's reserve(). */
  int64_t          n_units;       /* of work, cut by size */
  int              n_pieces;      /* GW_CONV_FILTER: partial sums */
  size_t           partial_at;    /* offset of the partial sums, when there are several */
  size_t           shared_at;     /* offset of what all threads read */
  size_t           slots_at;
  GwSlots          slots;
  char            *memory;        /* that the offsets count in */
  gboolean         tails;         /* the way runs the kernel's tail on what it has made */
} GwConvJob;

typedef struct {
  gboolean (*fits) (const GwConvJob *job);
  void (*reserve) (GwConvJob *job, GwBlocks *blocks);
  gboolean (*run) (GwConvJob *job, GError **error);
  gboolean tails;                 /* run() looks at the job's `tails` */
} GwConvWay;

extern const GwConvWay gw_conv_direct;
extern const GwConvWay gw_conv_gemm;
extern const GwConvWay gw_conv_depthwise;
extern const GwConvWay gw_conv_winograd;

/* The axis of the input's gradient as a forward convolution of the output's, for strides of 1. */
GwWindowAxis gw_conv_turned_axis (const GwWindowAxis *axis);

/* Chooses the number of partial sums of the filter's gradient for n_units units of
 * work and makes room for them. */
void gw_conv_reserve_pieces (GwConvJob *job, GwBlocks *blocks);
/* Memory of partial sum number `piece`; the filter itself when there is one alone. */
void *gw_conv_piece (const GwConvJob *job, int64_t piece);
/* Units [begin, end) of a piece. */
void gw_conv_piece_units (const GwConvJob *job, int64_t piece, int64_t *begin, int64_t *end);
/* Runs `func` over the pieces, then adds them up in their order. */
void gw_conv_run_pieces (GwConvJob *job, GwRangeFunc func);

/* Room of `bytes` for each thread. */
void gw_conv_reserve_slots (GwConvJob *job, GwBlocks *blocks, int64_t a, int64_t b, int64_t c);

G_END_DECLS
