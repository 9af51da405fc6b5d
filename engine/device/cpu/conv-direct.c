/* SPDX-License-Identifier: Apache-2.0 */
/* Direct convolution of float32 pictures, channels last, without patches: the taps of
 * one filter row and their channels lie side by side in the picture, so that a row of
 * output positions is a matrix product over overlapping rows of the picture itself.
 * Work is cut into bands of output rows; a band's input is copied once with its
 * padding around it (or read in place where there is none) and stays in the cache.
 *
 * The gradient for the input is the same loop over the output's gradient with the
 * filter turned round, for strides of 1; the gradient for the filter sums over the
 * positions of a band instead of over taps. */
#include "engine/device/cpu/conv-private.h"

#include "engine/device/cpu/conv-tile.h"

#include <string.h>

#include "engine/device/cpu/loops.h"

#define BLOCK (GW_TILE_LANES * GW_TILE_MAX_VECTORS)
#define BAND_BYTES (192 << 10)
#define MAX_BAND_BYTES (64 << 20)
#define CHUNK_WORK 500000
/* Below these the matrix product is the better way. */
#define MIN_WIDTH 4
#define MIN_CHANNELS 4
#define MIN_BAND_PIXELS 96 /* of the filter's gradient, whose sums are read and written once a band */

/* A pass seen as a forward convolution: of the output's gradient for the input's. */
typedef struct {
  GwWindowAxis h, w;
  int64_t      n_in, n_out;      /* channels read and made, of a forward pass */
  int64_t      outs_padded;      /* n_out in whole vectors */
  int64_t      padded_width;     /* positions of a padded row */
  int64_t      reach;            /* rows that one output row sees */
  gboolean     in_place;         /* no padding: read from the tensor */
  int64_t      row;              /* elements from one row of the band to the next */
  int64_t      band, n_bands;    /* output rows of a band; bands of a picture */
  int64_t      n_outer, n_inner; /* runs of elements that lie side by side, and their length */
  int          tile_rows;        /* output positions of a tile; of the filter's gradient, weights */
} Direct;

GwWindowAxis
gw_conv_turned_axis (const GwWindowAxis *axis)
{
  GwWindowAxis turned = *axis;

  turned.input = axis->output;
  turned.output = axis->input;
  turned.before = (axis->window - 1) * axis->dilation - axis->before;
  turned.after = turned.output - 1 + (axis->window - 1) * axis->dilation + 1 - turned.before - turned.input;
  return turned;
}

/* Time of a step of a tile's loop: a multiplication for each row, but no less than the
 * depth of the pipeline. */
static int64_t
tile_cost (int64_t rows)
{
  return MAX (rows, 4);
}

/* Time for the last n rows, in tiles as large as there are. */
static int64_t
rest_cost (int64_t n)
{
  int64_t cost = 0;

  for (int rows; n > 0; n -= rows)
    {
      rows = gw_conv_tile_rows (n);
      cost += tile_cost (rows);
    }
  return cost;
}

/* The rows of a tile that need the least time for `n` of them. The last tile may overlap
 * the one before, or what is left is done in smaller ones. */
static int
best_tile_rows (int64_t  n,
                gboolean overlaps)
{
  int best = 1;
  int64_t best_cost = G_MAXINT64;

  for (int rows = GW_TILE_MAX_ROWS; rows >= 1; rows = rows > 1 ? gw_conv_tile_rows (rows - 1) : 0)
    {
      int64_t cost = n / rows * tile_cost (rows);

      if (n % rows != 0)
        cost += overlaps ? tile_cost (rows) : rest_cost (n % rows);
      if (rows <= n && cost < best_cost)
        {
          best = rows;
          best_cost = cost;
        }
    }
  return best;
}

static Direct
direct_of (const GwConvJob *job)
{
  const GwConv *conv = job->conv;
  const GwWindowAxis *h = &conv->window.axes[1], *w = &conv->window.axes[2];
  gboolean turned = job->pass == GW_CONV_INPUT;
  Direct d = {
    .h = turned ? gw_conv_turned_axis (h) : *h, .w = turned ? gw_conv_turned_axis (w) : *w,
    .n_in = turned ? conv->out_channels : conv->window.channels,
    .n_out = turned ? conv->window.channels : conv->out_channels,
  };
  int64_t row_bytes, most;

  d.outs_padded = (d.n_out + GW_TILE_LANES - 1) / GW_TILE_LANES * GW_TILE_LANES;
  d.padded_width = (d.w.output - 1) * d.w.stride + (d.w.window - 1) * d.w.dilation + 1;
  d.reach = (d.h.window - 1) * d.h.dilation + 1;
  d.in_place = d.h.before == 0 && d.w.before == 0 && d.h.after <= 0 && d.w.after <= 0;
  d.row = (d.in_place ? d.w.input : d.padded_width) * d.n_in;
  d.n_outer = d.w.dilation == 1 ? d.h.window : d.h.window * d.w.window;
  d.n_inner = d.w.dilation == 1 ? d.w.window * d.n_in : d.n_in;
  row_bytes = GW_PRODUCT (d.row, (int64_t) sizeof (float));
  most = (BAND_BYTES / row_bytes - d.reach) / d.h.stride + 1;
  if (job->pass == GW_CONV_FILTER)
    most = MIN (most, BAND_BYTES / GW_PRODUCT (d.w.output, d.outs_padded, (int64_t) sizeof (float)));
  d.band = CLAMP (most, 1, d.h.output);
  d.n_bands = (d.h.output + d.band - 1) / d.band;
  d.tile_rows = job->pass == GW_CONV_FILTER ? best_tile_rows (d.n_inner, FALSE) : best_tile_rows (d.w.output, TRUE);
  return d;
}

static gboolean
direct_fits (const GwConvJob *job)
{
  const GwConv *conv = job->conv;
  const GwWindowAxis *axes = conv->window.axes;
  Direct d;

  if (conv->dtype != GW_FLOAT32 || conv->groups != 1 || axes[0].input != 1 || axes[0].window != 1 || axes[0].output != 1)
    return FALSE;
  if (job->pass == GW_CONV_INPUT && (axes[1].stride != 1 || axes[2].stride != 1))
    return FALSE;
  d = direct_of (job);
  if (job->pass == GW_CONV_FILTER && d.band * d.w.output < MIN_BAND_PIXELS)
    return FALSE;
  return d.h.before >= 0 && d.w.before >= 0 && d.w.output >= MIN_WIDTH && d.n_out >= MIN_CHANNELS &&
         GW_PRODUCT (d.row, d.reach) <= MAX_BAND_BYTES / (int64_t) sizeof (float) &&
         GW_PRODUCT (d.w.output, d.outs_padded) <= MAX_BAND_BYTES / (int64_t) sizeof (float);
}

/* Elements of a band's padded input. */
static int64_t
band_elements (const Direct *d)
{
  return d->in_place ? 0 : ((d->band - 1) * d->h.stride + d->reach) * d->row;
}

static void
direct_reserve (GwConvJob *job,
                GwBlocks  *blocks)
{
  Direct d = direct_of (job);
  int64_t elements = band_elements (&d);
  int64_t rows_of_offsets = MAX (d.n_outer, d.band);

  job->n_units = job->conv->window.batch * d.n_bands;
  job->shared_at = gw_blocks_add (blocks, rows_of_offsets, (int64_t) sizeof (int64_t), 2);
  if (job->pass == GW_CONV_FILTER)
    {
      elements += d.band * d.w.output * d.outs_padded;
      gw_conv_reserve_pieces (job, blocks);
    }
  else
    gw_blocks_add (blocks, job->taps * d.n_in, d.outs_padded, (int64_t) sizeof (float));
  gw_conv_reserve_slots (job, blocks, elements + GW_TILE_LANES, (int64_t) sizeof (float), 1);
}

/* ---- a band ---- */

/* Copies input rows with zeros around them. */
static void
pad_band (const Direct *d,
          const float  *picture,
          int64_t       first_row,
          int64_t       n_rows,
          float        *to)
{
  int64_t left = MIN (d->w.before, d->padded_width);
  int64_t middle = MIN (d->w.input, d->padded_width - left);
  size_t right = (size_t) ((d->padded_width - left - middle) * d->n_in) * sizeof (float);

  for (int64_t r = 0; r < n_rows; r++, to += d->row)
    {
      int64_t y = first_row + r;

      if (y < 0 || y >= d->h.input)
        {
          memset (to, 0, (size_t) d->row * sizeof (float));
          continue;
        }
      memset (to, 0, (size_t) (left * d->n_in) * sizeof (float));
      memcpy (to + left * d->n_in, picture + y * d->w.input * d->n_in, (size_t) (middle * d->n_in) * sizeof (float));
      memset (to + (left + middle) * d->n_in, 0, right);
    }
}

/* What the band of unit `unit` reads: in place or copied to `room`. Sets its first
 * output row and the number of them. */
static const float *
band_input (const GwConvJob *job,
            const Direct    *d,
            int64_t          unit,
            float           *room,
            int64_t         *first,
            int64_t         *n)
{
  const float *input = (const float *) (job->pass == GW_CONV_INPUT ? job->output : job->input);
  const float *picture = input + unit / d->n_bands * d->h.input * d->w.input * d->n_in;

  *first = unit % d->n_bands * d->band;
  *n = MIN (d->band, d->h.output - *first);
  if (d->in_place)
    return picture + *first * d->h.stride * d->row;
  pad_band (d, picture, *first * d->h.stride - d->h.before, (*n - 1) * d->h.stride + d->reach, room);
  return room;
}

static void
set_offsets (const GwConvJob *job,
             const Direct    *d,
             int64_t         *taps,
             int64_t         *rows)
{
  for (int64_t i = 0; i < d->n_outer; i++)
    if (d->w.dilation == 1)
      taps[i] = i * d->h.dilation * d->row;
    else
      taps[i] = i / d->w.window * d->h.dilation * d->row + i % d->w.window * d->w.dilation * d->n_in;
  for (int64_t i = 0; i < d->band; i++)
    rows[i] = i * d->h.stride * d->row;
}

/* Offsets of the runs within a band, and of its output rows. */
static int64_t *
tap_offsets (const GwConvJob *job)
{
  return (int64_t *) (job->memory + job->shared_at);
}

static int64_t *
row_offsets (const GwConvJob *job,
             const Direct    *d)
{
  return tap_offsets (job) + MAX (d->n_outer, d->band);
}

/* ---- forward, and the gradient for the input ---- */

/* The filter as the tiles read it: blocks of 32 (the last one of 16 or 32) outputs,
 * in each the weights in the order of the taps. */
static float *
packed_filter (const GwConvJob *job,
               const Direct    *d)
{
  size_t offsets = (size_t) MAX (d->n_outer, d->band) * 2 * sizeof (int64_t);

  return (float *) (job->memory + job->shared_at + (offsets + 63) / 64 * 64);
}

static void
pack_tap (const GwConvJob *job,
          const Direct    *d,
          int64_t          tap,
          float           *packed)
{
  const float *filter = (const float *) job->filter;
  gboolean turned = job->pass == GW_CONV_INPUT;
  int64_t depth = job->taps * d->n_in;
  int64_t from = (turned ? job->taps - 1 - tap : tap) * d->n_in * d->n_out;

  for (int64_t block = 0; block < d->outs_padded; block += BLOCK)
    {
      int64_t width = MIN (BLOCK, d->outs_padded - block);
      int64_t n = MIN (width, d->n_out - block);
      float *to = packed + block * depth + tap * d->n_in * width;

      for (int64_t i = 0; i < d->n_in; i++, to += width)
        {
          if (turned)
            for (int64_t o = 0; o < n; o++)
              to[o] = filter[from + (block + o) * d->n_in + i];
          else
            memcpy (to, filter + from + i * d->n_out + block, (size_t) n * sizeof (float));
          memset (to + n, 0, (size_t) (width - n) * sizeof (float));
        }
    }
}

static void
pack_taps (void    *data,
           int64_t  begin,
           int64_t  end)
{
  const GwConvJob *job = data;
  Direct d = direct_of (job);

  for (int64_t tap = begin; tap < end; tap++)
    pack_tap (job, &d, tap, packed_filter (job, &d));
}

/* One row of outputs for one block of channels, n of them real. */
static void
run_row (const Direct *d,
         GwConvTile   *tile,
         const float  *a,
         float        *to,
         int           vectors,
         int64_t       n)
{
  GwConvTileFunc func = gw_conv_tile_func (d->tile_rows, vectors);
  float room[GW_TILE_MAX_ROWS * BLOCK];
  gboolean whole = n == vectors * GW_TILE_LANES;

  /* The last tile may overlap the one before: it writes the same again. */
  for (int64_t x = 0; x < d->w.output; x += d->tile_rows)
    {
      int64_t at = MIN (x, d->w.output - d->tile_rows);

      tile->a = a + at * d->w.stride * d->n_in;
      tile->c = whole ? to + at * d->n_out : room;
      tile->c_row = whole ? d->n_out : vectors * GW_TILE_LANES;
      func (tile);
      for (int p = 0; !whole && p < d->tile_rows; p++)
        memcpy (to + (at + p) * d->n_out, room + p * tile->c_row, (size_t) n * sizeof (float));
    }
}

static void
run_bands (void    *data,
           int64_t  begin,
           int64_t  end)
{
  GwConvJob *job = data;
  Direct d = direct_of (job);
  int64_t depth = job->taps * d.n_in;
  const float *packed = packed_filter (job, &d);
  float *outputs = (float *) (job->pass == GW_CONV_INPUT ? job->input : job->output);
  GwConvTile tile = { .a_at = tap_offsets (job), .a_step = 1, .a_row = d.w.stride * d.n_in,
                      .n_outer = d.n_outer, .n_inner = d.n_inner };
  float *room = gw_slots_take (&job->slots);

  for (int64_t unit = begin; unit < end; unit++)
    {
      int64_t first, n_rows;
      const float *a = band_input (job, &d, unit, room, &first, &n_rows);
      float *to = outputs + (unit / d.n_bands * d.h.output + first) * d.w.output * d.n_out;

      for (int64_t block = 0; block < d.outs_padded; block += BLOCK)
        {
          int vectors = (int) MIN (BLOCK, d.outs_padded - block) / GW_TILE_LANES;

          tile.b = packed + block * depth;
          tile.b_step = vectors * GW_TILE_LANES;
          tile.b_outer = tile.b_step * d.n_inner;
          for (int64_t y = 0; y < n_rows; y++)
            run_row (&d, &tile, a + y * d.h.stride * d.row, to + y * d.w.output * d.n_out + block, vectors,
                     MIN (vectors * GW_TILE_LANES, d.n_out - block));
        }
      if (job->tails)
        gw_kernel_run_tail (job->context, to - outputs, to - outputs + n_rows * d.w.output * d.n_out);
    }
  gw_slots_give (&job->slots, room);
}

/* ---- the gradient for the filter ---- */

/* Copies the output's gradient for a band of n_rows, each block of channels by itself
 * and in whole vectors: read with the strides that it has, few sets of the cache would
 * have to hold it. */
static void
pack_gradient (const GwConvJob *job,
               const Direct    *d,
               int64_t          unit,
               int64_t          first,
               int64_t          n_rows,
               float           *to)
{
  const float *from = (const float *) job->output + (unit / d->n_bands * d->h.output + first) * d->w.output * d->n_out;

  for (int64_t block = 0; block < d->outs_padded; block += BLOCK)
    {
      int64_t width = MIN (BLOCK, d->outs_padded - block);
      int64_t n = MIN (width, d->n_out - block);

      for (int64_t i = 0; i < n_rows * d->w.output; i++, to += width)
        {
          memcpy (to, from + i * d->n_out + block, (size_t) n * sizeof (float));
          memset (to + n, 0, (size_t) (width - n) * sizeof (float));
        }
    }
}

/* Weights [run, run + n_inner) of one block of channels. */
static void
add_weights (const Direct *d,
             GwConvTile   *tile,
             const float  *a,
             float        *to,
             int           vectors,
             int64_t       n,
             gboolean      add)
{
  gboolean whole = n == vectors * GW_TILE_LANES;
  float room[GW_TILE_MAX_ROWS * BLOCK];
  int rows;

  for (int64_t i = 0; i < d->n_inner; i += rows)
    {
      rows = d->n_inner - i >= d->tile_rows ? d->tile_rows : gw_conv_tile_rows (d->n_inner - i);
      tile->a = a + i;
      tile->c = whole ? to + i * d->n_out : room;
      tile->c_row = whole ? d->n_out : vectors * GW_TILE_LANES;
      tile->add = whole && add;
      gw_conv_tile_func (rows, vectors) (tile);
      for (int p = 0; !whole && p < rows; p++)
        for (int64_t o = 0; o < n; o++)
          to[(i + p) * d->n_out + o] = room[p * tile->c_row + o] + (add ? to[(i + p) * d->n_out + o] : 0);
    }
}

static void
add_band (const GwConvJob *job,
          const Direct    *d,
          int64_t          unit,
          float           *room,
          float           *sum,
          gboolean         add)
{
  int64_t first, n_rows;
  const float *a = band_input (job, d, unit, room, &first, &n_rows);
  float *packed = room + band_elements (d);
  GwConvTile tile = { .a_at = row_offsets (job, d), .a_step = d->w.stride * d->n_in, .a_row = 1,
                      .n_outer = n_rows, .n_inner = d->w.output };

  pack_gradient (job, d, unit, first, n_rows, packed);
  for (int64_t block = 0; block < d->outs_padded; block += BLOCK)
    {
      int vectors = (int) MIN (BLOCK, d->outs_padded - block) / GW_TILE_LANES;

      tile.b = packed + block * n_rows * d->w.output;
      tile.b_step = vectors * GW_TILE_LANES;
      tile.b_outer = tile.b_step * d->w.output;
      for (int64_t run = 0; run < d->n_outer; run++)
        add_weights (d, &tile, a + tap_offsets (job)[run], sum + run * d->n_inner * d->n_out + block, vectors,
                     MIN (vectors * GW_TILE_LANES, d->n_out - block), add);
    }
}

static void
run_pieces (void    *data,
            int64_t  begin,
            int64_t  end)
{
  GwConvJob *job = data;
  Direct d = direct_of (job);
  float *room = gw_slots_take (&job->slots);

  for (int64_t piece = begin; piece < end; piece++)
    {
      int64_t first, last;

      gw_conv_piece_units (job, piece, &first, &last);
      for (int64_t unit = first; unit < last; unit++)
        add_band (job, &d, unit, room, gw_conv_piece (job, piece), unit > first);
    }
  gw_slots_give (&job->slots, room);
}

static gboolean
direct_run (GwConvJob *job,
            GError   **error)
{
  Direct d = direct_of (job);
  double work = (double) d.band * (double) d.w.output * (double) (job->taps * d.n_in) * (double) d.n_out;
  int64_t grain = (int64_t) MAX (CHUNK_WORK / work, 1);

  set_offsets (job, &d, tap_offsets (job), row_offsets (job, &d));
  if (job->pass == GW_CONV_FILTER)
    {
      gw_conv_run_pieces (job, run_pieces);
      return TRUE;
    }
  gw_kernel_parallel (job->context, job->taps, MAX (GW_GRAIN / (d.n_in * d.outs_padded), 1), pack_taps, job);
  gw_kernel_parallel (job->context, job->n_units, grain, run_bands, job);
  return TRUE;
}

const GwConvWay gw_conv_direct = { direct_fits, direct_reserve, direct_run, TRUE };
