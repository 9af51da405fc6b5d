/* SPDX-License-Identifier: Apache-2.0 */
/* Convolution where every channel has filters of its own: groups of one channel.
 * Nothing is summed over channels, so there is no matrix; the loops run along them. */
#include "engine/device/cpu/conv-private.h"

#include <string.h>

#include "engine/device/cpu/loops.h"

static gboolean
depthwise_fits (const GwConvJob *job)
{
  return job->group_in == 1 && job->conv->groups > 1;
}

static void
depthwise_reserve (GwConvJob *job,
                   GwBlocks  *blocks)
{
  const GwWindowAxis *axes = job->conv->window.axes;

  if (job->pass == GW_CONV_INPUT)
    job->n_units = job->conv->window.batch * axes[0].input * axes[1].input;
  else
    job->n_units = job->conv->window.batch * axes[0].output * axes[1].output;
  if (job->pass == GW_CONV_FILTER)
    gw_conv_reserve_pieces (job, blocks);
}

/* One tap at one position: `m` filters for each of `n` channels x. */
typedef void (*TapFunc) (void *result, const void *x, const void *y, int64_t n, int64_t m);

#define TAPS(T)                                                                    \
  /* out[c, q] += x[c] × w[c, q], also for the filter's gradient. */                \
  GW_CLONES static void                                                            \
  spread_##T (void *result, const void *x_data, const void *w_data, int64_t n, int64_t m) \
  {                                                                                \
    T *restrict out = result;                                                      \
    const T *restrict x = x_data;                                                  \
    const T *restrict w = w_data;                                                  \
                                                                                   \
    if (m == 1)                                                                    \
      for (int64_t c = 0; c < n; c++)                                              \
        out[c] += x[c] * w[c];                                                     \
    else                                                                           \
      for (int64_t c = 0; c < n; c++)                                              \
        for (int64_t q = 0; q < m; q++)                                            \
          out[c * m + q] += x[c] * w[c * m + q];                                   \
  }                                                                                \
                                                                                   \
  /* x[c] += Σ out[c, q] × w[c, q]. */                                             \
  GW_CLONES static void                                                            \
  gather_##T (void *result, const void *out_data, const void *w_data, int64_t n, int64_t m) \
  {                                                                                \
    T *restrict x = result;                                                        \
    const T *restrict out = out_data;                                              \
    const T *restrict w = w_data;                                                  \
                                                                                   \
    if (m == 1)                                                                    \
      for (int64_t c = 0; c < n; c++)                                              \
        x[c] += out[c] * w[c];                                                     \
    else                                                                           \
      for (int64_t c = 0; c < n; c++)                                              \
        for (int64_t q = 0; q < m; q++)                                            \
          x[c] += out[c * m + q] * w[c * m + q];                                   \
  }

TAPS (float)
TAPS (double)

/* Output row `row` (through batch, depth and height), tap by tap: one of the three is
 * added to. */
static void
run_row (const GwConvJob *job,
         TapFunc          tap,
         int64_t          row,
         char            *filter)
{
  const GwWindowAxis *d = &job->conv->window.axes[0], *h = d + 1, *w = d + 2;
  int64_t channels = job->conv->window.channels, outs = job->conv->out_channels;
  int64_t picture = row / (d->output * h->output);
  int64_t d_first, d_end, d_start, h_first, h_end, h_start, w_first, w_end, w_start;

  gw_window_taps (d, row / h->output % d->output, &d_first, &d_end, &d_start);
  gw_window_taps (h, row % h->output, &h_first, &h_end, &h_start);
  for (int64_t ow = 0; ow < w->output; ow++)
    {
      char *output = job->output + (size_t) ((row * w->output + ow) * outs) * job->size;

      gw_window_taps (w, ow, &w_first, &w_end, &w_start);
      for (int64_t kd = d_first; kd < d_end; kd++)
        for (int64_t kh = h_first; kh < h_end; kh++)
          for (int64_t kw = w_first; kw < w_end; kw++)
            {
              int64_t id = d_start + (kd - d_first) * d->dilation, ih = h_start + (kh - h_first) * h->dilation;
              int64_t at = ((picture * d->input + id) * h->input + ih) * w->input + w_start + (kw - w_first) * w->dilation;
              char *input = job->input + (size_t) (at * channels) * job->size;
              char *weights = filter + (size_t) (((kd * h->window + kh) * w->window + kw) * outs) * job->size;

              if (job->pass == GW_CONV_OUTPUT)
                tap (output, input, weights, channels, job->group_out);
              else
                tap (weights, input, output, channels, job->group_out);
            }
    }
}

static TapFunc
tap_of (const GwConvJob *job)
{
  gboolean single = job->conv->dtype == GW_FLOAT32;

  if (job->pass == GW_CONV_INPUT)
    return single ? gather_float : gather_double;
  return single ? spread_float : spread_double;
}

static void
run_outputs (void    *data,
             int64_t  begin,
             int64_t  end)
{
  const GwConvJob *job = data;
  size_t row = (size_t) (job->conv->window.axes[2].output * job->conv->out_channels) * job->size;

  memset (job->output + (size_t) begin * row, 0, (size_t) (end - begin) * row);
  for (int64_t i = begin; i < end; i++)
    run_row (job, tap_of (job), i, job->filter);
}

static void
run_pieces (void    *data,
            int64_t  begin,
            int64_t  end)
{
  const GwConvJob *job = data;

  for (int64_t piece = begin; piece < end; piece++)
    {
      char *sum = gw_conv_piece (job, piece);
      int64_t first, last;

      gw_conv_piece_units (job, piece, &first, &last);
      memset (sum, 0, (size_t) (job->depth * job->conv->out_channels) * job->size);
      for (int64_t row = first; row < last; row++)
        run_row (job, tap_of (job), row, sum);
    }
}

/* The output whose tap k reads element i; -1 when there is none. */
static int64_t
output_of (const GwWindowAxis *axis,
           int64_t             i,
           int64_t             k)
{
  int64_t at = i + axis->before - k * axis->dilation;

  return at >= 0 && at % axis->stride == 0 && at / axis->stride < axis->output ? at / axis->stride : -1;
}

/* One position of the input: adds up what every output that saw it sends back. */
static void
run_input (const GwConvJob *job,
           TapFunc          tap,
           int64_t          row,
           int64_t          iw)
{
  const GwWindowAxis *d = &job->conv->window.axes[0], *h = d + 1, *w = d + 2;
  int64_t channels = job->conv->window.channels, outs = job->conv->out_channels;
  int64_t picture = row / (d->input * h->input);
  char *input = job->input + (size_t) ((row * w->input + iw) * channels) * job->size;

  for (int64_t k = 0; k < job->taps; k++)
    {
      int64_t od = output_of (d, row / h->input % d->input, k / (h->window * w->window));
      int64_t oh = output_of (h, row % h->input, k / w->window % h->window);
      int64_t ow = output_of (w, iw, k % w->window);
      int64_t at = ((picture * d->output + od) * h->output + oh) * w->output + ow;

      if (od >= 0 && oh >= 0 && ow >= 0)
        tap (input, job->output + (size_t) (at * outs) * job->size, job->filter + (size_t) (k * outs) * job->size,
             channels, job->group_out);
    }
}

static void
run_inputs (void    *data,
            int64_t  begin,
            int64_t  end)
{
  const GwConvJob *job = data;
  int64_t width = job->conv->window.axes[2].input;
  size_t row = (size_t) (width * job->conv->window.channels) * job->size;

  memset (job->input + (size_t) begin * row, 0, (size_t) (end - begin) * row);
  for (int64_t i = begin; i < end; i++)
    for (int64_t iw = 0; iw < width; iw++)
      run_input (job, tap_of (job), i, iw);
}

static gboolean
depthwise_run (GwConvJob *job,
               GError   **error)
{
  double work = (double) job->conv->window.axes[2].output * (double) job->conv->out_channels * (double) job->taps;
  int64_t grain = (int64_t) MAX (100000 / work, 1);

  if (job->pass == GW_CONV_FILTER)
    gw_conv_run_pieces (job, run_pieces);
  else
    gw_kernel_parallel (job->context, job->n_units, grain, job->pass == GW_CONV_INPUT ? run_inputs : run_outputs, job);
  return TRUE;
}

const GwConvWay gw_conv_depthwise = { depthwise_fits, depthwise_reserve, depthwise_run };
