/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/norm.h"

#include "engine/device/cpu/window.h"

#include <math.h>
#include <string.h>

#include "engine/device/cpu/loops.h"

/* ---- sums over rows ---- */

/* Rows are cut into at most so many pieces, each with its own sums. */
#define MAX_PIECES 64

/* Σ a and Σ a·(x - mean), for each channel; of the forward pass a is x or x - mean. */
typedef struct {
  int64_t       rows, channels, piece_rows;
  const float  *x, *dy, *mean;
  double       *partial;      /* pieces × 2 × channels */
  const double *total;        /* 2 × channels: the first piece's place, once added up */
} Sums;

GW_CLONES static void
sum_rows (const Sums *sums,
          int64_t     first,
          int64_t     end,
          double     *restrict plain,
          double     *restrict weighted)
{
  int64_t n = sums->channels;

  memset (plain, 0, (size_t) n * sizeof (double));
  memset (weighted, 0, (size_t) n * sizeof (double));
  for (int64_t row = first; row < end; row++)
    {
      const float *restrict x = sums->x + row * n;
      const float *restrict dy = sums->dy != NULL ? sums->dy + row * n : NULL;
      const float *restrict mean = sums->mean;

      if (mean == NULL)
        for (int64_t c = 0; c < n; c++)
          plain[c] += x[c];
      else if (dy == NULL)
        for (int64_t c = 0; c < n; c++)
          {
            double away = (double) x[c] - mean[c];

            weighted[c] += away * away;
          }
      else
        for (int64_t c = 0; c < n; c++)
          {
            plain[c] += dy[c];
            weighted[c] += (double) dy[c] * ((double) x[c] - mean[c]);
          }
    }
}

static void
sum_pieces (void    *data,
            int64_t  begin,
            int64_t  end)
{
  const Sums *sums = data;

  for (int64_t piece = begin; piece < end; piece++)
    {
      double *at = sums->partial + piece * 2 * sums->channels;

      sum_rows (sums, piece * sums->piece_rows, MIN ((piece + 1) * sums->piece_rows, sums->rows), at, at + sums->channels);
    }
}

static int64_t
n_pieces (const Sums *sums)
{
  return (sums->rows + sums->piece_rows - 1) / sums->piece_rows;
}

/* Cuts the work; `partial` is room that gw_blocks has yet to give. */
static Sums
sums_of (int64_t      rows,
         int64_t      channels,
         const float *x,
         const float *dy)
{
  Sums sums = { .rows = rows, .channels = channels, .x = x, .dy = dy };

  sums.piece_rows = MAX (GW_GRAIN / MAX (channels, 1), 1);
  sums.piece_rows = MAX (sums.piece_rows, (rows + MAX_PIECES - 1) / MAX_PIECES);
  return sums;
}

static void
run_sums (GwKernelContext *context,
          Sums            *sums)
{
  int64_t pieces = n_pieces (sums);

  gw_kernel_parallel (context, pieces, 1, sum_pieces, sums);
  for (int64_t piece = 1; piece < pieces; piece++)
    for (int64_t i = 0; i < 2 * sums->channels; i++)
      sums->partial[i] += sums->partial[piece * 2 * sums->channels + i];
  sums->total = sums->partial;
}

/* ---- rows scaled channel by channel ---- */

/* y = a·scale + (x - centre)·slope + shift; the first term only where there is an a.
 * The centre is taken off first: where x lies far from 0 for its spread, x·slope alone
 * has lost the digits that count. */
typedef struct {
  int64_t      channels;
  const float *x, *a;
  const float *centre, *slope, *shift, *scale;
  float       *y;
} Affine;

GW_CLONES static void
run_affine (void    *data,
            int64_t  begin,
            int64_t  end)
{
  const Affine *affine = data;
  int64_t n = affine->channels;

  for (int64_t row = begin; row < end; row++)
    {
      const float *restrict x = affine->x + row * n;
      const float *restrict centre = affine->centre;
      const float *restrict slope = affine->slope;
      const float *restrict shift = affine->shift;
      float *restrict y = affine->y + row * n;

      if (affine->a == NULL)
        for (int64_t c = 0; c < n; c++)
          y[c] = (x[c] - centre[c]) * slope[c] + shift[c];
      else
        for (int64_t c = 0; c < n; c++)
          y[c] = affine->a[row * n + c] * affine->scale[c] + (x[c] - centre[c]) * slope[c] + shift[c];
    }
}

static void
scale_rows (GwKernelContext *context,
            int64_t          rows,
            Affine          *affine)
{
  gw_kernel_parallel (context, rows, MAX (GW_GRAIN / MAX (affine->channels, 1), 1), run_affine, affine);
}

/* ---- batch normalisation ---- */

static void
fill (float  *to,
      int64_t n,
      float   value)
{
  for (int64_t i = 0; i < n; i++)
    to[i] = value;
}

/* Mean and variance of the batch, and what is reported of them. */
static void
find_moments (GwKernelContext   *context,
              const GwBatchNorm *norm,
              Sums              *sums)
{
  int64_t n = norm->channels;
  double rows = (double) norm->rows;

  run_sums (context, sums);
  for (int64_t c = 0; c < n; c++)
    norm->saved_mean[c] = (float) (sums->total[c] / rows);
  sums->mean = norm->saved_mean;
  run_sums (context, sums);
  for (int64_t c = 0; c < n; c++)
    {
      float unbiased = (float) (sums->total[n + c] / MAX (rows - 1, 1));
      float mean = norm->saved_mean[c];

      norm->saved_variance[c] = (float) (sums->total[n + c] / rows);
      norm->batch_mean[c] = norm->factor == 1 ? mean : (1 - norm->factor) * norm->mean[c] + norm->factor * mean;
      norm->batch_variance[c] = norm->factor == 1 ? unbiased
                                                  : (1 - norm->factor) * norm->variance[c] + norm->factor * unbiased;
    }
}

/* The moments that were given, handed on. */
static void
take_moments (const GwBatchNorm *norm)
{
  size_t bytes = (size_t) norm->channels * sizeof (float);

  memcpy (norm->batch_mean, norm->mean, bytes);
  memcpy (norm->batch_variance, norm->variance, bytes);
  memcpy (norm->saved_mean, norm->mean, bytes);
  memcpy (norm->saved_variance, norm->variance, bytes);
}

gboolean
gw_cpu_batch_norm (GwKernelContext   *context,
                   const GwBatchNorm *norm,
                   const GwShape     *channels_first,
                   GError           **error)
{
  Sums sums = sums_of (norm->rows, norm->channels, norm->x, NULL);
  int64_t n = norm->channels, elements = channels_first != NULL ? norm->rows * n : 0;
  GwBlocks blocks = { 0 };
  size_t partial_at = gw_blocks_add (&blocks, n_pieces (&sums), 2 * n, (int64_t) sizeof (double));
  size_t slope_at = gw_blocks_add (&blocks, n, 1, (int64_t) sizeof (float));
  size_t x_at = gw_blocks_add (&blocks, elements, 2, (int64_t) sizeof (float));
  char *memory = gw_blocks_allocate (&blocks, context, error);
  float *slope, *turned;
  Affine affine;

  if (memory == NULL)
    return FALSE;
  if (norm->rows == 0)
    {
      fill (norm->batch_mean, n, NAN);
      fill (norm->batch_variance, n, NAN);
      fill (norm->saved_mean, n, 0);
      fill (norm->saved_variance, n, 0);
      return TRUE;
    }
  slope = (float *) (memory + slope_at);
  turned = (float *) (memory + x_at);
  sums.partial = (double *) (memory + partial_at);
  if (channels_first != NULL)
    {
      gw_channels_to_last (context, GW_FLOAT32, channels_first, norm->x, turned);
      sums.x = turned;
    }
  if (norm->training)
    find_moments (context, norm, &sums);
  else
    take_moments (norm);
  for (int64_t c = 0; c < n; c++)
    slope[c] = (float) (norm->scale[c] / sqrt ((double) norm->saved_variance[c] + norm->epsilon));
  affine = (Affine) { n, sums.x, NULL, norm->saved_mean, slope, norm->offset, NULL,
                      channels_first != NULL ? turned + elements : norm->y };
  scale_rows (context, norm->rows, &affine);
  if (channels_first != NULL)
    gw_channels_to_second (context, GW_FLOAT32, channels_first, affine.y, norm->y);
  return TRUE;
}

/* dx = dy·scale/σ, in training less its mean and its part along x. As one affine map
 * of dy and x - mean for each channel. */
static void
find_slopes (const GwBatchNormGrad *norm,
             const Sums            *sums,
             float                 *scale,
             float                 *slope,
             float                 *shift)
{
  int64_t n = norm->channels;

  for (int64_t c = 0; c < n; c++)
    {
      double variance = (double) norm->variance[c] + norm->epsilon;
      double factor = norm->scale[c] / sqrt (variance);
      double along = norm->training ? factor * (sums->total[n + c] / (double) norm->rows) / variance : 0;
      double mean = norm->training ? factor * sums->total[c] / (double) norm->rows : 0;

      scale[c] = (float) factor;
      slope[c] = (float) -along;
      shift[c] = (float) -mean;
      norm->dscale[c] = (float) (sums->total[n + c] / sqrt (variance));
      norm->doffset[c] = (float) sums->total[c];
    }
}

gboolean
gw_cpu_batch_norm_grad (GwKernelContext       *context,
                        const GwBatchNormGrad *norm,
                        const GwShape         *channels_first,
                        GError               **error)
{
  Sums sums = sums_of (norm->rows, norm->channels, norm->x, norm->dy);
  int64_t n = norm->channels, elements = channels_first != NULL ? norm->rows * n : 0;
  GwBlocks blocks = { 0 };
  size_t partial_at = gw_blocks_add (&blocks, n_pieces (&sums), 2 * n, (int64_t) sizeof (double));
  size_t slope_at = gw_blocks_add (&blocks, n, 3, (int64_t) sizeof (float));
  size_t x_at = gw_blocks_add (&blocks, elements, 3, (int64_t) sizeof (float));
  char *memory = gw_blocks_allocate (&blocks, context, error);
  float *slope, *turned;
  Affine affine;

  if (memory == NULL)
    return FALSE;
  if (norm->rows == 0)
    {
      fill (norm->dscale, n, 0);
      fill (norm->doffset, n, 0);
      return TRUE;
    }
  slope = (float *) (memory + slope_at);
  turned = (float *) (memory + x_at);
  sums.partial = (double *) (memory + partial_at);
  sums.mean = norm->mean;
  if (channels_first != NULL)
    {
      gw_channels_to_last (context, GW_FLOAT32, channels_first, norm->x, turned);
      gw_channels_to_last (context, GW_FLOAT32, channels_first, norm->dy, turned + elements);
      sums.x = turned;
      sums.dy = turned + elements;
    }
  run_sums (context, &sums);
  find_slopes (norm, &sums, slope + 2 * n, slope, slope + n);
  affine = (Affine) { n, sums.x, sums.dy, norm->mean, slope, slope + n, slope + 2 * n,
                      channels_first != NULL ? turned + 2 * elements : norm->dx };
  scale_rows (context, norm->rows, &affine);
  if (channels_first != NULL)
    gw_channels_to_second (context, GW_FLOAT32, channels_first, affine.y, norm->dx);
  return TRUE;
}

/* ---- over neighbouring channels ---- */

typedef struct {
  const GwLocalNorm *norm;
  GwSlots            slots;   /* of 3 × channels floats */
} LocalJob;

/* sum[c] = Σ of a over the channels at most `radius` away. */
GW_CLONES static void
sum_neighbours (const float *restrict a,
                float       *restrict sum,
                int64_t      n,
                int64_t      radius)
{
  memcpy (sum, a, (size_t) n * sizeof (float));
  for (int64_t away = 1; away <= MIN (radius, n - 1); away++)
    {
      for (int64_t c = 0; c < n - away; c++)
        sum[c] += a[c + away];
      for (int64_t c = away; c < n; c++)
        sum[c] += a[c - away];
    }
}

/* bias + alpha Σ x². */
static void
find_norms (const GwLocalNorm *norm,
            const float       *x,
            float             *squares,
            float             *norms)
{
  for (int64_t c = 0; c < norm->channels; c++)
    squares[c] = x[c] * x[c];
  sum_neighbours (squares, norms, norm->channels, norm->radius);
  for (int64_t c = 0; c < norm->channels; c++)
    norms[c] = norm->bias + norm->alpha * norms[c];
}

static void
local_rows (void    *data,
            int64_t  begin,
            int64_t  end)
{
  LocalJob *job = data;
  const GwLocalNorm *norm = job->norm;
  int64_t n = norm->channels;
  float *room = gw_slots_take (&job->slots);

  for (int64_t row = begin; row < end; row++)
    {
      const float *x = norm->x + row * n;

      find_norms (norm, x, room, room + n);
      for (int64_t c = 0; c < n; c++)
        norm->result[row * n + c] = x[c] * powf (room[n + c], -norm->beta);
    }
  gw_slots_give (&job->slots, room);
}

/* dx = dy·norm^-beta - 2·alpha·beta·x·Σ dy·y/norm. */
static void
local_grad_rows (void    *data,
                 int64_t  begin,
                 int64_t  end)
{
  LocalJob *job = data;
  const GwLocalNorm *norm = job->norm;
  int64_t n = norm->channels;
  float *room = gw_slots_take (&job->slots), *norms = room + n, *sums = norms + n;

  for (int64_t row = begin; row < end; row++)
    {
      const float *x = norm->x + row * n, *y = norm->y + row * n, *dy = norm->dy + row * n;

      find_norms (norm, x, room, norms);
      for (int64_t c = 0; c < n; c++)
        room[c] = dy[c] * y[c] / norms[c];
      sum_neighbours (room, sums, n, norm->radius);
      for (int64_t c = 0; c < n; c++)
        norm->result[row * n + c] = dy[c] * powf (norms[c], -norm->beta) - 2 * norm->alpha * norm->beta * x[c] * sums[c];
    }
  gw_slots_give (&job->slots, room);
}

static gboolean
run_local (GwKernelContext   *context,
           const GwLocalNorm *norm,
           GwRangeFunc        func,
           GError           **error)
{
  LocalJob job = { .norm = norm };
  GwBlocks piece = { 0 }, blocks = { 0 };

  if (norm->rows == 0 || norm->channels == 0)
    return TRUE;
  gw_blocks_add (&piece, norm->channels, 3, (int64_t) sizeof (float));
  blocks.overflow = piece.overflow;
  gw_blocks_add (&blocks, (int64_t) piece.total, gw_slots_count (context), 1);
  job.slots.bytes = piece.total;
  job.slots.memory = gw_blocks_allocate (&blocks, context, error);
  if (job.slots.memory == NULL)
    return FALSE;
  gw_kernel_parallel (context, norm->rows, MAX (GW_GRAIN / 8 / norm->channels, 1), func, &job);
  return TRUE;
}

gboolean
gw_cpu_local_norm (GwKernelContext   *context,
                   const GwLocalNorm *norm,
                   GError           **error)
{
  return run_local (context, norm, local_rows, error);
}

gboolean
gw_cpu_local_norm_grad (GwKernelContext   *context,
                        const GwLocalNorm *norm,
                        GError           **error)
{
  return run_local (context, norm, local_grad_rows, error);
}
