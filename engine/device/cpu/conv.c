/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/conv.h"

#include "engine/device/cpu/conv-private.h"
#include "engine/device/cpu/no-kernel.h"

#include <string.h>

#include "engine/device/cpu/loops.h"

/* Partial sums of the filter's gradient: at most so many, in so many bytes, each of
 * at least so many output positions, so that adding them up stays cheap. */
#define MAX_PIECES 16
#define MAX_PIECE_BYTES (64 << 20)
#define MIN_PIECE_PIXELS 64

/* ---- partial sums ---- */

static int64_t
filter_elements (const GwConvJob *job)
{
  return job->depth * job->conv->out_channels;
}

void
gw_conv_reserve_pieces (GwConvJob *job,
                        GwBlocks  *blocks)
{
  int64_t bytes = filter_elements (job) * (int64_t) job->size;
  int64_t most = MIN (MAX_PIECES, MAX_PIECE_BYTES / bytes);

  most = MIN (most, job->conv->window.batch * job->pixels / MIN_PIECE_PIXELS);
  job->n_pieces = (int) CLAMP (most, 1, MAX (job->n_units, 1));
  if (job->n_pieces > 1)
    job->partial_at = gw_blocks_add (blocks, job->n_pieces, bytes, 1);
}

void *
gw_conv_piece (const GwConvJob *job,
               int64_t          piece)
{
  if (job->n_pieces == 1)
    return job->filter;
  return job->memory + job->partial_at + (size_t) (piece * filter_elements (job)) * job->size;
}

void
gw_conv_piece_units (const GwConvJob *job,
                     int64_t          piece,
                     int64_t         *begin,
                     int64_t         *end)
{
  int64_t share = job->n_units / job->n_pieces;
  int64_t rest = job->n_units % job->n_pieces;

  *begin = piece * share + MIN (piece, rest);
  *end = *begin + share + (piece < rest);
}

#define ADD_PIECES(T)                                                       \
  GW_CLONES static void                                                     \
  add_pieces_##T (T *sum, const T *parts, int64_t stride, int n, int64_t count) \
  {                                                                         \
    for (int64_t i = 0; i < count; i++)                                     \
      sum[i] = parts[i] + parts[stride + i];                                \
    for (int p = 2; p < n; p++)                                             \
      for (int64_t i = 0; i < count; i++)                                   \
        sum[i] += parts[p * stride + i];                                    \
  }

ADD_PIECES (float)
ADD_PIECES (double)

static void
add_pieces (void    *data,
            int64_t  begin,
            int64_t  end)
{
  const GwConvJob *job = data;
  int64_t stride = filter_elements (job);
  const void *parts = gw_conv_piece (job, 0);

  if (job->conv->dtype == GW_FLOAT32)
    add_pieces_float ((float *) job->filter + begin, (const float *) parts + begin, stride, job->n_pieces, end - begin);
  else
    add_pieces_double ((double *) job->filter + begin, (const double *) parts + begin, stride, job->n_pieces, end - begin);
}

void
gw_conv_run_pieces (GwConvJob   *job,
                    GwRangeFunc  func)
{
  gw_kernel_parallel (job->context, job->n_pieces, 1, func, job);
  if (job->n_pieces > 1)
    gw_kernel_parallel (job->context, filter_elements (job), GW_GRAIN / 4, add_pieces, job);
}

void
gw_conv_reserve_slots (GwConvJob *job,
                       GwBlocks  *blocks,
                       int64_t    a,
                       int64_t    b,
                       int64_t    c)
{
  GwBlocks one = { 0 };

  gw_blocks_add (&one, a, b, c);
  gw_blocks_add (&one, 1, 1, 1);
  blocks->overflow = blocks->overflow || one.overflow;
  job->slots.bytes = one.total;
  job->slots_at = gw_blocks_add (blocks, (int64_t) one.total, gw_slots_count (job->context), 1);
}

/* ---- one call ---- */

static GwShape
outer_shape (const GwConv *conv,
             gboolean      output)
{
  const GwWindowAxis *axes = conv->window.axes;

  if (output)
    return GW_SHAPE (conv->window.batch, conv->out_channels, axes[0].output, axes[1].output, axes[2].output);
  return GW_SHAPE (conv->window.batch, conv->window.channels, axes[0].input, axes[1].input, axes[2].input);
}

/* Room for a channels-last copy of the input or the output. */
static size_t
reserve_turned (const GwConv *conv,
                gboolean      output,
                GwBlocks     *blocks)
{
  GwShape shape = outer_shape (conv, output);

  return gw_blocks_add (blocks, gw_shape_elements (&shape), (int64_t) gw_dtype_size (conv->dtype), 1);
}

/* Around the run: turns what is read beforehand, what is written afterwards. */
static gboolean
run_turned (GwConvJob       *job,
            const GwConvWay *way,
            size_t           input_at,
            size_t           output_at,
            GError         **error)
{
  const GwConv *conv = job->conv;
  GwShape input = outer_shape (conv, FALSE), output = outer_shape (conv, TRUE);
  char *outer_input = job->input, *outer_output = job->output;

  job->input = job->memory + input_at;
  job->output = job->memory + output_at;
  if (job->pass != GW_CONV_INPUT)
    gw_channels_to_last (job->context, conv->dtype, &input, outer_input, job->input);
  if (job->pass != GW_CONV_OUTPUT)
    gw_channels_to_last (job->context, conv->dtype, &output, outer_output, job->output);
  if (!way->run (job, error))
    return FALSE;
  if (job->pass == GW_CONV_INPUT)
    gw_channels_to_second (job->context, conv->dtype, &input, job->input, outer_input);
  if (job->pass == GW_CONV_OUTPUT)
    gw_channels_to_second (job->context, conv->dtype, &output, job->output, outer_output);
  return TRUE;
}

/* Nothing to add up: the result is zeros, or nothing. */
static gboolean
clear_when_empty (const GwConvJob *job)
{
  int64_t ins = GW_PRODUCT (job->conv->window.batch, job->inputs, job->conv->window.channels);
  int64_t outs = GW_PRODUCT (job->conv->window.batch, job->pixels, job->conv->out_channels);

  if (ins > 0 && outs > 0 && job->depth > 0)
    return FALSE;
  if (job->pass == GW_CONV_INPUT)
    memset (job->input, 0, (size_t) ins * job->size);
  else if (job->pass == GW_CONV_OUTPUT)
    memset (job->output, 0, (size_t) outs * job->size);
  else
    memset (job->filter, 0, (size_t) GW_PRODUCT (job->depth, job->conv->out_channels) * job->size);
  return TRUE;
}

static gboolean
run_way (GwConvJob       *job,
         const GwConvWay *way,
         GError         **error)
{
  const GwConv *conv = job->conv;
  GwBlocks blocks = { 0 };
  size_t input_at = 0, output_at = 0;

  if (conv->channels_first)
    {
      input_at = reserve_turned (conv, FALSE, &blocks);
      output_at = reserve_turned (conv, TRUE, &blocks);
    }
  way->reserve (job, &blocks);
  job->memory = gw_blocks_allocate (&blocks, job->context, error);
  if (job->memory == NULL)
    return FALSE;
  job->slots.memory = job->memory + job->slots_at;
  job->tails = way->tails && !conv->channels_first && job->context->tail != NULL;
  if (!(conv->channels_first ? run_turned (job, way, input_at, output_at, error) : way->run (job, error)))
    return FALSE;
  if (!job->tails)
    gw_kernel_run_whole_tail (job->context);
  return TRUE;
}

static gboolean
run_best (GwKernelContext *context,
          const GwConv    *conv,
          GwConvPass       pass,
          void            *input,
          void            *filter,
          void            *output,
          gboolean         reference,
          GError         **error)
{
  GwConvJob job = {
    .context = context, .conv = conv, .pass = pass, .input = input, .filter = filter, .output = output,
    .size = gw_dtype_size (conv->dtype), .group_in = conv->window.channels / conv->groups,
    .group_out = conv->out_channels / conv->groups, .taps = gw_window_taps_count (&conv->window),
    .pixels = gw_window_outputs (&conv->window), .inputs = gw_window_inputs (&conv->window),
  };

  job.depth = GW_PRODUCT (job.taps, job.group_in);
  if (conv->dtype != GW_FLOAT32 && conv->dtype != GW_FLOAT64)
    return gw_cpu_no_kernel (context, conv->dtype, error);
  if (clear_when_empty (&job))
    {
      gw_kernel_run_whole_tail (context);
      return TRUE;
    }
  if (!reference && gw_conv_depthwise.fits (&job))
    return run_way (&job, &gw_conv_depthwise, error);
  if (!reference && gw_conv_winograd.fits (&job))
    return run_way (&job, &gw_conv_winograd, error);
  if (!reference && gw_conv_direct.fits (&job))
    return run_way (&job, &gw_conv_direct, error);
  if (gw_conv_gemm.fits (&job))
    return run_way (&job, &gw_conv_gemm, error);
  return gw_invalid (error, "a filter of more than 2147483647 weights a channel or channels cannot be multiplied");
}

gboolean
gw_cpu_conv (GwKernelContext *context,
             const GwConv    *conv,
             GwConvPass       pass,
             void            *input,
             void            *filter,
             void            *output,
             GError         **error)
{
  return run_best (context, conv, pass, input, filter, output, FALSE, error);
}

gboolean
gw_cpu_conv_reference (GwKernelContext *context,
                       const GwConv    *conv,
                       GwConvPass       pass,
                       void            *input,
                       void            *filter,
                       void            *output,
                       GError         **error)
{
  return run_best (context, conv, pass, input, filter, output, TRUE, error);
}
