/* SPDX-License-Identifier: Apache-2.0 */
/* Convolution of float32 pictures by Winograd's transforms (winograd.h): tiles of pixels are
 * transformed, multiplied by the transformed filter as 36 matrix products and turned back. For
 * squares of 3 to 5 taps that move by 1, where there are channels enough to pay for the
 * transforms.
 *
 * The gradient for the input is the same over the output's gradient with the filter turned
 * round; that for the filter sums up products of both sides' transforms and turns back the
 * sums alone.
 *
 * The rounding error was seen to stay within 4e-6 of the largest result, a few times that of
 * the direct loops; an infinity or NaN reaches all outputs of the tiles that see it. */
#include "engine/device/cpu/conv-private.h"

#include "engine/device/cpu/conv-tile.h"
#include "engine/device/cpu/winograd.h"

#include "engine/device/cpu/loops.h"

#define PLACES GW_WINOGRAD_PLACES
#define SIDE GW_WINOGRAD_SIDE
#define LANES GW_WINOGRAD_LANES
#define BLOCK (GW_TILE_LANES * GW_TILE_MAX_VECTORS)
/* Tiles of a unit: what they are transformed to shall stay in the second cache. */
#define UNIT_BYTES (832 << 10)
#define MIN_TILES (2 * GW_TILE_MAX_ROWS)
#define MAX_TILES (16 * GW_TILE_MAX_ROWS)
#define MAX_PIECES 16
#define MAX_FILTER_BYTES (64 << 20)
/* Time in vectors of multiplications, as it was measured: of 16 channels of a tile's two
 * transforms and of a filter's; and how much less than the direct loops take is wanted. */
#define TILE_COST 230
#define FILTER_COST 400
#define GAIN 0.85

typedef struct {
  int          taps, outputs;   /* sides of the squares */
  GwWindowAxis h, w;            /* of the pass as a forward convolution */
  int64_t      n_in, n_out;
  int64_t      across, down;    /* tiles of a picture */
  int64_t      n_tiles, unit;   /* all of them; tiles of a unit */
  int64_t      in_stride, out_stride; /* from one of the 36 places to the next, of a unit */
  int64_t      filter_stride;
} Winograd;

static Winograd
winograd_of (const GwConvJob *job)
{
  const GwConv *conv = job->conv;
  const GwWindowAxis *h = &conv->window.axes[1], *w = &conv->window.axes[2];
  gboolean turned = job->pass == GW_CONV_INPUT;
  Winograd g = {
    .taps = (int) h->window, .outputs = SIDE + 1 - (int) h->window,
    .h = turned ? gw_conv_turned_axis (h) : *h, .w = turned ? gw_conv_turned_axis (w) : *w,
    .n_in = turned ? conv->out_channels : conv->window.channels,
    .n_out = turned ? conv->window.channels : conv->out_channels,
  };
  int64_t bytes = GW_PRODUCT (PLACES, g.n_in + g.n_out, (int64_t) sizeof (float));

  g.across = (g.w.output + g.outputs - 1) / g.outputs;
  g.down = (g.h.output + g.outputs - 1) / g.outputs;
  g.n_tiles = GW_PRODUCT (conv->window.batch, g.down, g.across);
  g.unit = CLAMP (UNIT_BYTES / bytes / GW_TILE_MAX_ROWS * GW_TILE_MAX_ROWS, MIN_TILES, MAX_TILES);
  g.unit = MIN (g.unit, g.n_tiles);
  /* A line more, or the 36 places would share few sets of the first cache. */
  g.in_stride = g.unit * g.n_in + LANES;
  g.out_stride = g.unit * g.n_out + LANES;
  g.filter_stride = g.n_in * g.n_out;
  return g;
}

static gboolean
winograd_fits (const GwConvJob *job)
{
  const GwConv *conv = job->conv;
  const GwWindowAxis *axes = conv->window.axes;
  double direct, own, pairs;
  Winograd g;

  if (conv->dtype != GW_FLOAT32 || conv->groups != 1 || axes[0].input != 1 || axes[0].window != 1 || axes[0].output != 1)
    return FALSE;
  for (int i = 1; i <= 2; i++)
    if (axes[i].stride != 1 || axes[i].dilation != 1 || axes[i].window < 3 || axes[i].window > GW_WINOGRAD_MOST ||
        axes[i].window != axes[1].window)
      return FALSE;
  if (conv->window.channels % LANES != 0 || conv->out_channels % LANES != 0 ||
      GW_PRODUCT (PLACES, conv->window.channels, conv->out_channels, (int64_t) sizeof (float)) > MAX_FILTER_BYTES)
    return FALSE;
  g = winograd_of (job);
  pairs = (double) g.n_in * (double) g.n_out / LANES;
  direct = (double) conv->window.batch * (double) g.h.output * (double) g.w.output * (double) (g.taps * g.taps) * pairs;
  own = (double) g.n_tiles * (PLACES * pairs + TILE_COST * (double) (g.n_in + g.n_out) / LANES) + FILTER_COST * pairs;
  return g.h.before >= 0 && g.w.before >= 0 && own < GAIN * direct;
}

static void
winograd_reserve (GwConvJob *job,
                  GwBlocks  *blocks)
{
  Winograd g = winograd_of (job);
  int64_t n_pieces = 1;

  job->n_units = (g.n_tiles + g.unit - 1) / g.unit;
  job->shared_at = gw_blocks_add (blocks, MAX (g.n_in, g.n_out), (int64_t) sizeof (float), 1);
  if (job->pass == GW_CONV_FILTER)
    n_pieces = CLAMP (MAX_FILTER_BYTES / (PLACES * g.filter_stride * (int64_t) sizeof (float)), 1,
                      MIN (MAX_PIECES, job->n_units));
  job->n_pieces = (int) n_pieces;
  job->partial_at = gw_blocks_add (blocks, n_pieces * PLACES, g.filter_stride, (int64_t) sizeof (float));
  gw_conv_reserve_slots (job, blocks, PLACES * (g.in_stride + g.out_stride) + g.n_out, (int64_t) sizeof (float), 1);
}

/* Zeros for what is read outside of a picture. */
static float *
zeros (const GwConvJob *job)
{
  return (float *) (job->memory + job->shared_at);
}

/* The transformed filter in blocks of 32 outputs, or a partial sum of its gradient. */
static float *
transformed_filter (const GwConvJob *job,
                    const Winograd  *g,
                    int64_t          piece)
{
  return (float *) (job->memory + job->partial_at) + piece * PLACES * g->filter_stride;
}

/* ---- tiles ---- */

/* Points at `side` × `side` pixels of a picture, the first at (y, x); at `outside` for those that
 * are not in it. */
static void
point_at_pixels (float              *picture,
                 const GwWindowAxis *h,
                 const GwWindowAxis *w,
                 gboolean            outputs,
                 int64_t             y,
                 int64_t             x,
                 int                 side,
                 int64_t             channels,
                 float              *outside,
                 float             **pixels)
{
  int64_t height = outputs ? h->output : h->input, width = outputs ? w->output : w->input;

  for (int i = 0; i < side; i++)
    for (int j = 0; j < side; j++)
      pixels[i * side + j] = y + i >= 0 && y + i < height && x + j >= 0 && x + j < width
                               ? picture + ((y + i) * width + x + j) * channels
                               : outside;
}

/* The pixels that tile number `tile` reads, or those that it makes. */
static void
point_at_tile (const GwConvJob *job,
               const Winograd  *g,
               int64_t          tile,
               gboolean         outputs,
               float           *outside,
               float          **pixels)
{
  gboolean turned = job->pass == GW_CONV_INPUT;
  float *data = (float *) (outputs != turned ? job->output : job->input);
  int64_t y = tile / g->across % g->down * g->outputs, x = tile % g->across * g->outputs;
  int64_t picture = tile / (g->across * g->down);

  if (outputs)
    point_at_pixels (data + picture * g->h.output * g->w.output * g->n_out, &g->h, &g->w, TRUE, y, x, g->outputs, g->n_out,
                     outside, pixels);
  else
    point_at_pixels (data + picture * g->h.input * g->w.input * g->n_in, &g->h, &g->w, FALSE, y - g->h.before,
                     x - g->w.before, SIDE, g->n_in, outside, pixels);
}

static void
transform_inputs (const GwConvJob *job,
                  const Winograd  *g,
                  int64_t          first,
                  int64_t          n,
                  float           *to)
{
  float *pixels[PLACES];

  for (int64_t i = 0; i < n; i++)
    {
      point_at_tile (job, g, first + i, FALSE, zeros (job), pixels);
      gw_winograd_input ((const float *const *) pixels, g->n_in, to + i * g->n_in, g->in_stride);
    }
}

/* ---- forward, and the gradient for the input ---- */

/* Where the transformed weights of input i for outputs from `block` on stand. */
static float *
block_of_filter (const Winograd *g,
                 float          *filter,
                 int64_t         block,
                 int64_t         i)
{
  return filter + block * g->n_in + i * MIN (BLOCK, g->n_out - block);
}

/* 16 weights of each tap that lie side by side in the filter, scaled. */
static void
transform_weights (const GwConvJob *job,
                   const Winograd  *g,
                   int64_t          at,
                   float           *to)
{
  gboolean turned = job->pass == GW_CONV_INPUT;
  int n_taps = g->taps * g->taps;
  const float *taps[GW_WINOGRAD_MOST * GW_WINOGRAD_MOST];

  for (int tap = 0; tap < n_taps; tap++)
    taps[tap] = (const float *) job->filter + (turned ? n_taps - 1 - tap : tap) * g->filter_stride + at;
  gw_winograd_evaluate (g->taps, taps, LANES, to, LANES);
  for (int k = 0; k < PLACES; k++)
    for (int j = 0; j < LANES; j++)
      to[k * LANES + j] *= gw_winograd_scale (k);
}

/* Rows of the filter: weights of one of its own input channels each. */
static void
transform_filter (void    *data,
                  int64_t  begin,
                  int64_t  end)
{
  const GwConvJob *job = data;
  Winograd g = winograd_of (job);
  gboolean turned = job->pass == GW_CONV_INPUT;
  float *filter = transformed_filter (job, &g, 0);
  int64_t width = job->conv->out_channels;
  float places[PLACES * LANES];

  for (int64_t row = begin; row < end; row++)
    for (int64_t column = 0; column < width; column += LANES)
      {
        transform_weights (job, &g, row * width + column, places);
        for (int k = 0; k < PLACES; k++)
          for (int j = 0; j < LANES; j++)
            {
              int64_t i = turned ? column + j : row, o = turned ? row : column + j;
              float *to = block_of_filter (&g, filter + k * g.filter_stride, o / BLOCK * BLOCK, i);

              to[o % BLOCK] = places[k * LANES + j];
            }
      }
}

/* `n` rows of the 36 products. */
static void
multiply_places (const Winograd *g,
                 float          *filter,
                 const float    *inputs,
                 int64_t         n,
                 float          *outputs)
{
  static const int64_t nowhere = 0;
  GwConvTile tile = { .a_at = &nowhere, .a_step = 1, .a_row = g->n_in, .n_outer = 1, .n_inner = g->n_in, .c_row = g->n_out };
  int rows;

  for (int k = 0; k < PLACES; k++)
    for (int64_t block = 0; block < g->n_out; block += BLOCK)
      for (int64_t row = 0; row < n; row += rows)
        {
          int64_t width = MIN (BLOCK, g->n_out - block);

          rows = gw_conv_tile_even_rows (n - row);
          tile.a = inputs + k * g->in_stride + row * g->n_in;
          tile.b = block_of_filter (g, filter + k * g->filter_stride, block, 0);
          tile.b_step = width;
          tile.c = outputs + k * g->out_stride + row * g->n_out + block;
          gw_conv_tile_func (rows, (int) (width / LANES)) (&tile);
        }
}

/* The kernel's tail on the outputs of n tiles, in stretches as long as they are. */
static void
run_tails (const GwConvJob *job,
           const Winograd  *g,
           int64_t          first,
           int64_t          n)
{
  int64_t begin = 0, end = 0;

  for (int64_t tile = first, next; tile < first + n; tile = next)
    {
      int64_t column = tile % g->across, line = tile / g->across;
      int64_t top = line % g->down * g->outputs, bottom = MIN (top + g->outputs, g->h.output);
      int64_t left = column * g->outputs, right;

      next = MIN ((line + 1) * g->across, first + n);
      right = MIN ((column + next - tile) * g->outputs, g->w.output);
      for (int64_t y = top; y < bottom; y++)
        {
          int64_t row = (line / g->down * g->h.output + y) * g->w.output;

          if ((row + left) * g->n_out != end)
            {
              gw_kernel_run_tail (job->context, begin, end);
              begin = (row + left) * g->n_out;
            }
          end = (row + right) * g->n_out;
        }
    }
  gw_kernel_run_tail (job->context, begin, end);
}

static void
run_units (void    *data,
           int64_t  begin,
           int64_t  end)
{
  GwConvJob *job = data;
  Winograd g = winograd_of (job);
  float *filter = transformed_filter (job, &g, 0);
  float *inputs = gw_slots_take (&job->slots), *outputs = inputs + PLACES * g.in_stride;
  float *outside = outputs + PLACES * g.out_stride;
  float *pixels[PLACES];

  for (int64_t unit = begin; unit < end; unit++)
    {
      int64_t first = unit * g.unit, n = MIN (g.unit, g.n_tiles - first);

      transform_inputs (job, &g, first, n, inputs);
      multiply_places (&g, filter, inputs, n, outputs);
      for (int64_t i = 0; i < n; i++)
        {
          point_at_tile (job, &g, first + i, TRUE, outside, pixels);
          gw_winograd_collect (g.outputs, outputs + i * g.n_out, g.out_stride, g.n_out, pixels);
        }
      if (job->tails)
        run_tails (job, &g, first, n);
    }
  gw_slots_give (&job->slots, inputs);
}

/* ---- the gradient for the filter ---- */

/* The 36 products of both sides' tiles, summed over n of them. */
static void
add_products (const Winograd *g,
              const float    *inputs,
              const float    *outputs,
              int64_t         n,
              gboolean        add,
              float          *sums)
{
  static const int64_t nowhere = 0;
  GwConvTile tile = { .a_at = &nowhere, .a_step = g->n_in, .a_row = 1, .b_step = g->n_out, .n_outer = 1, .n_inner = n,
                      .c_row = g->n_out, .add = add };
  int rows;

  for (int k = 0; k < PLACES; k++)
    for (int64_t block = 0; block < g->n_out; block += BLOCK)
      for (int64_t i = 0; i < g->n_in; i += rows)
        {
          rows = gw_conv_tile_even_rows (g->n_in - i);
          tile.a = inputs + k * g->in_stride + i;
          tile.b = outputs + k * g->out_stride + block;
          tile.c = sums + k * g->filter_stride + i * g->n_out + block;
          gw_conv_tile_func (rows, (int) (MIN (BLOCK, g->n_out - block) / LANES)) (&tile);
        }
}

static void
run_pieces (void    *data,
            int64_t  begin,
            int64_t  end)
{
  GwConvJob *job = data;
  Winograd g = winograd_of (job);
  float *inputs = gw_slots_take (&job->slots), *outputs = inputs + PLACES * g.in_stride;
  float *pixels[PLACES];

  for (int64_t piece = begin; piece < end; piece++)
    {
      int64_t first_unit, end_unit;

      gw_conv_piece_units (job, piece, &first_unit, &end_unit);
      for (int64_t unit = first_unit; unit < end_unit; unit++)
        {
          int64_t first = unit * g.unit, n = MIN (g.unit, g.n_tiles - first);

          transform_inputs (job, &g, first, n, inputs);
          for (int64_t i = 0; i < n; i++)
            {
              point_at_tile (job, &g, first + i, TRUE, zeros (job), pixels);
              gw_winograd_evaluate (g.outputs, (const float *const *) pixels, g.n_out, outputs + i * g.n_out, g.out_stride);
            }
          add_products (&g, inputs, outputs, n, unit > first_unit, transformed_filter (job, &g, piece));
        }
    }
  gw_slots_give (&job->slots, inputs);
}

/* Rows of the filter's gradient: the partial sums, in their order, turned back. */
static void
collect_filter (void    *data,
                int64_t  begin,
                int64_t  end)
{
  const GwConvJob *job = data;
  Winograd g = winograd_of (job);
  float *taps[GW_WINOGRAD_MOST * GW_WINOGRAD_MOST], sums[PLACES * LANES];

  for (int64_t at = begin * g.n_out; at < end * g.n_out; at += LANES)
    {
      for (int k = 0; k < PLACES; k++)
        for (int j = 0; j < LANES; j++)
          {
            float sum = 0;

            for (int piece = 0; piece < job->n_pieces; piece++)
              sum += transformed_filter (job, &g, piece)[k * g.filter_stride + at + j];
            sums[k * LANES + j] = sum * gw_winograd_scale (k);
          }
      for (int tap = 0; tap < g.taps * g.taps; tap++)
        taps[tap] = (float *) job->filter + tap * g.filter_stride + at;
      gw_winograd_collect (g.taps, sums, LANES, LANES, taps);
    }
}

static gboolean
winograd_run (GwConvJob *job,
              GError   **error)
{
  Winograd g = winograd_of (job);
  int64_t rows = job->conv->window.channels;
  int64_t grain = MAX (GW_GRAIN / (PLACES * job->conv->out_channels), 1);

  for (int64_t i = 0; i < MAX (g.n_in, g.n_out); i++)
    zeros (job)[i] = 0;
  if (job->pass == GW_CONV_FILTER)
    {
      gw_kernel_parallel (job->context, job->n_pieces, 1, run_pieces, job);
      gw_kernel_parallel (job->context, rows, grain, collect_filter, job);
      return TRUE;
    }
  gw_kernel_parallel (job->context, rows, grain, transform_filter, job);
  gw_kernel_parallel (job->context, job->n_units, 1, run_units, job);
  return TRUE;
}

const GwConvWay gw_conv_winograd = { winograd_fits, winograd_reserve, winograd_run, TRUE };
