/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/pool-dilation.h"

#include "engine/device/cpu/no-kernel.h"

#include <float.h>
#include <string.h>

#include "engine/device/cpu/loops.h"

/* Channels of a unit of the backward loops. */
#define TILE 64

typedef void (*Loop) (const GwDilation *dilation, int64_t unit);

/* The taps of one output position: runs the statements with `x_at` and `tap`, positions
 * in the picture and in the filter. */
#define FOR_TAPS(window, oh, ow, ...)                                                  \
  {                                                                                    \
    const GwWindowAxis *h_ = &(window)->axes[1], *w_ = &(window)->axes[2];             \
    int64_t h0_, h1_, y_, w0_, w1_, x_;                                                \
                                                                                       \
    gw_window_taps (h_, oh, &h0_, &h1_, &y_);                                          \
    gw_window_taps (w_, ow, &w0_, &w1_, &x_);                                          \
    for (int64_t kh_ = h0_; kh_ < h1_; kh_++)                                          \
      for (int64_t kw_ = w0_; kw_ < w1_; kw_++)                                        \
        {                                                                              \
          int64_t x_at = (y_ + (kh_ - h0_) * h_->dilation) * w_->input + x_ + (kw_ - w0_) * w_->dilation; \
          int64_t tap = kh_ * w_->window + kw_;                                        \
          __VA_ARGS__                                                                  \
        }                                                                              \
  }

/* A unit is an output row. */
#define OUTPUT_LOOP(T, LOWEST, ADD, CLONES)                                            \
  CLONES static void                                                                   \
  output_##T (const GwDilation *dilation, int64_t row)                                 \
  {                                                                                    \
    const GwWindow *window = &dilation->window;                                        \
    int64_t n = window->channels, width = window->axes[2].output;                      \
    const T *x = (const T *) dilation->x + row / window->axes[1].output * gw_window_inputs (window) * n; \
                                                                                       \
    for (int64_t ow = 0; ow < width; ow++)                                             \
      {                                                                                \
        T *restrict to = (T *) dilation->result + (row * width + ow) * n;              \
                                                                                       \
        for (int64_t c = 0; c < n; c++)                                                \
          to[c] = LOWEST;                                                              \
        FOR_TAPS (window, row % window->axes[1].output, ow,                            \
          const T *restrict from = x + x_at * n;                                       \
          const T *restrict weights = (const T *) dilation->filter + tap * n;          \
                                                                                       \
          for (int64_t c = 0; c < n; c++)                                              \
            {                                                                          \
              T value = ADD (T, from[c], weights[c]);                                  \
                                                                                       \
              to[c] = value > to[c] ? value : to[c];                                   \
            })                                                                         \
      }                                                                                \
  }

/* Where the gradient goes when nothing is larger than the least number (a NaN, say, or
 * no tap inside of the picture): as TensorFlow has it, to where the window begins, or
 * the picture does, and to the filter's first element. */
static int64_t
first_place (const GwWindow *window,
             int64_t         o,
             gboolean        to_input)
{
  const GwWindowAxis *h = &window->axes[1], *w = &window->axes[2];
  int64_t y = o / w->output * h->stride - h->before;
  int64_t x = o % w->output * w->stride - w->before;

  return to_input ? CLAMP (y, 0, h->input - 1) * w->input + CLAMP (x, 0, w->input - 1) : 0;
}

/* A unit is TILE channels of one picture (INPUT) or of all of them (FILTER). */
#define BACKWARD_LOOP(T, LOWEST, ADD, CLONES)                                          \
  CLONES static void                                                                   \
  backward_##T (const GwDilation *dilation, int64_t unit)                              \
  {                                                                                    \
    const GwWindow *window = &dilation->window;                                        \
    int64_t channels = window->channels, inputs = gw_window_inputs (window), outputs = gw_window_outputs (window); \
    int64_t n_tiles = (channels + TILE - 1) / TILE, c0 = unit % n_tiles * TILE;        \
    int64_t n = MIN (TILE, channels - c0);                                             \
    gboolean to_input = dilation->pass == GW_DILATION_INPUT;                           \
    int64_t picture = to_input ? unit / n_tiles : 0, end = to_input ? picture + 1 : window->batch; \
    int64_t places = to_input ? inputs : gw_window_taps_count (window);                \
    T *result = (T *) dilation->result + (to_input ? picture * inputs * channels : 0) + c0; \
                                                                                       \
    for (int64_t i = 0; i < places; i++)                                               \
      memset (result + i * channels, 0, (size_t) n * sizeof (T));                      \
    for (; picture < end; picture++)                                                   \
      for (int64_t o = 0; o < outputs; o++)                                            \
        {                                                                              \
          const T *x = (const T *) dilation->x + picture * inputs * channels + c0;     \
          const T *d = (const T *) dilation->d + (picture * outputs + o) * channels + c0; \
          T best[TILE];                                                                \
          int64_t where[TILE];                                                         \
                                                                                       \
          for (int64_t c = 0; c < n; c++)                                              \
            {                                                                          \
              best[c] = LOWEST;                                                        \
              where[c] = first_place (window, o, to_input);                            \
            }                                                                          \
          FOR_TAPS (window, o / window->axes[2].output, o % window->axes[2].output,    \
            const T *from = x + x_at * channels;                                       \
            const T *weights = (const T *) dilation->filter + tap * channels + c0;     \
            int64_t place = to_input ? x_at : tap;                                     \
                                                                                       \
            for (int64_t c = 0; c < n; c++)                                            \
              {                                                                        \
                T value = ADD (T, from[c], weights[c]);                                \
                gboolean more = value > best[c];                                       \
                                                                                       \
                best[c] = more ? value : best[c];                                      \
                where[c] = more ? place : where[c];                                    \
              })                                                                       \
          for (int64_t c = 0; c < n; c++)                                              \
            result[where[c] * channels + c] = ADD (T, result[where[c] * channels + c], d[c]); \
        }                                                                              \
  }

#define PLAIN_ADD(T, a, b) ((a) + (b))
#define WRAPPING_ADD(T, a, b) GW_WRAP (T, a, +, b)

#define LOOPS(T, LOWEST, ADD, CLONES)    \
  OUTPUT_LOOP (T, LOWEST, ADD, CLONES)   \
  BACKWARD_LOOP (T, LOWEST, ADD, CLONES)

LOOPS (float, -FLT_MAX, PLAIN_ADD, GW_CLONES)
LOOPS (double, -DBL_MAX, PLAIN_ADD, GW_CLONES)
LOOPS (int32_t, INT32_MIN, WRAPPING_ADD, GW_NO_CLONES)
LOOPS (int64_t, INT64_MIN, WRAPPING_ADD, GW_NO_CLONES)
LOOPS (uint8_t, 0, WRAPPING_ADD, GW_NO_CLONES)
LOOPS (int8_t, INT8_MIN, WRAPPING_ADD, GW_NO_CLONES)
LOOPS (int16_t, INT16_MIN, WRAPPING_ADD, GW_NO_CLONES)
LOOPS (uint16_t, 0, WRAPPING_ADD, GW_NO_CLONES)
LOOPS (uint32_t, 0, WRAPPING_ADD, GW_NO_CLONES)
LOOPS (uint64_t, 0, WRAPPING_ADD, GW_NO_CLONES)

#define LOOPS_OF(T) output_##T, backward_##T

static const struct {
  GwDType dtype;
  Loop output, backward;
} loops[] = {
  { GW_FLOAT32, LOOPS_OF (float) }, { GW_FLOAT64, LOOPS_OF (double) },
  { GW_INT32, LOOPS_OF (int32_t) }, { GW_INT64, LOOPS_OF (int64_t) }, { GW_UINT8, LOOPS_OF (uint8_t) },
  { GW_INT8, LOOPS_OF (int8_t) }, { GW_INT16, LOOPS_OF (int16_t) }, { GW_UINT16, LOOPS_OF (uint16_t) },
  { GW_UINT32, LOOPS_OF (uint32_t) }, { GW_UINT64, LOOPS_OF (uint64_t) },
};

typedef struct {
  const GwDilation *dilation;
  Loop              loop;
} Job;

static void
run_units (void    *data,
           int64_t  begin,
           int64_t  end)
{
  const Job *job = data;

  for (int64_t unit = begin; unit < end; unit++)
    job->loop (job->dilation, unit);
}

static int64_t
result_elements (const GwDilation *dilation)
{
  const GwWindow *window = &dilation->window;

  if (dilation->pass == GW_DILATION_FILTER)
    return GW_PRODUCT (gw_window_taps_count (window), window->channels);
  return GW_PRODUCT (window->batch, window->channels,
                     dilation->pass == GW_DILATION_INPUT ? gw_window_inputs (window) : gw_window_outputs (window));
}

gboolean
gw_cpu_dilation (GwKernelContext  *context,
                 const GwDilation *dilation,
                 GError          **error)
{
  const GwWindow *window = &dilation->window;
  int64_t tiles = (window->channels + TILE - 1) / TILE;
  int64_t units = dilation->pass == GW_DILATION_OUTPUT  ? GW_PRODUCT (window->batch, window->axes[1].output)
                  : dilation->pass == GW_DILATION_INPUT ? GW_PRODUCT (window->batch, tiles) : tiles;
  Job job = { dilation, NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (loops); i++)
    if (loops[i].dtype == dilation->dtype)
      job.loop = dilation->pass == GW_DILATION_OUTPUT ? loops[i].output : loops[i].backward;
  if (job.loop == NULL)
    return gw_cpu_no_kernel (context, dilation->dtype, error);
  if (GW_PRODUCT (window->batch, window->channels, gw_window_outputs (window)) == 0)
    memset (dilation->result, 0, (size_t) result_elements (dilation) * gw_dtype_size (dilation->dtype));
  else
    gw_kernel_parallel (context, units, 1, run_units, &job);
  return TRUE;
}
