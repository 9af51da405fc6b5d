/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/reduce.h"

#include "engine/device/cpu/half.h"
#include "engine/device/cpu/no-kernel.h"
#include "engine/device/cpu/reduce-loops.h"
#include "engine/device/cpu/complex.h"
#include "engine/device/cpu/loops.h"

#include <math.h>
#include <string.h>

/* Results that one job takes side by side, and rows that it adds up at most. */
#define MAX_WIDTH 1024
#define MAX_ROWS 4096
#define MAX_PIECES GW_SUM_MAX_PIECES
#define FEW_SEGMENTS 16

/* Neighbouring dimensions of the same kind are one. The innermost reduced one is
 * the run: of elements, or, where a kept dimension lies inside it, of rows of
 * `width` elements. */
typedef struct {
  int     n_kept, n_reduced;                       /* outside the run and the width */
  int64_t kept_dims[GW_MAX_RANK], kept_strides[GW_MAX_RANK];
  int64_t reduced_dims[GW_MAX_RANK], reduced_strides[GW_MAX_RANK];
  int64_t run, run_stride, width;
  int64_t outer_kept, outer_reduced;
} Layout;

typedef struct {
  Layout        layout;
  GwReduceLoops loops;
  GwDType       dtype;      /* of the elements; the results are of the type it is computed in */
  size_t        x_size;     /* of an element */
  size_t        size;       /* of a result */
  const char   *x;
  char         *out;        /* pieces × outer_kept × width results */
  int64_t       results;    /* outer_kept × width */
  int64_t       blocks;     /* of the width */
  int64_t       pieces;     /* of the reduced elements (rows) */
} Reduction;

static void
layout_init (Layout         *layout,
             const GwShape  *shape,
             const gboolean *reduced)
{
  int64_t dims[GW_MAX_RANK], strides[GW_MAX_RANK];
  gboolean kinds[GW_MAX_RANK];
  int64_t stride = 1;
  int n = 0;

  /* From the inside out. */
  for (int i = shape->rank - 1; i >= 0; i--)
    {
      if (shape->dims[i] == 1)
        continue;
      if (n > 0 && kinds[n - 1] == reduced[i])
        dims[n - 1] = gw_size_times (dims[n - 1], shape->dims[i]);
      else
        {
          dims[n] = shape->dims[i];
          strides[n] = stride;
          kinds[n++] = reduced[i];
        }
      stride = gw_size_times (stride, shape->dims[i]);
    }
  *layout = (Layout) { .run = 1, .width = 1, .outer_kept = 1, .outer_reduced = 1 };
  for (int i = 0; i < n; i++)
    if (i == 0 && !kinds[i])
      layout->width = dims[i];
    else if (kinds[i] && i <= 1 && (i == 0 || !kinds[0]))
      {
        layout->run = dims[i];
        layout->run_stride = strides[i];
      }
    else if (kinds[i])
      {
        layout->reduced_dims[layout->n_reduced] = dims[i];
        layout->reduced_strides[layout->n_reduced++] = strides[i];
        layout->outer_reduced = gw_size_times (layout->outer_reduced, dims[i]);
      }
    else
      {
        layout->kept_dims[layout->n_kept] = dims[i];
        layout->kept_strides[layout->n_kept++] = strides[i];
        layout->outer_kept = gw_size_times (layout->outer_kept, dims[i]);
      }
}

static int64_t
offset_of (int            n,
           const int64_t *dims,
           const int64_t *strides,
           int64_t        index)
{
  int64_t offset = 0;

  for (int i = 0; i < n; i++)
    {
      offset += index % dims[i] * strides[i];
      index /= dims[i];
    }
  return offset;
}

/* The `n` elements (rows of `width`) from `x` on into `acc`. */
static void
run_piece (const Reduction *reduction,
           char            *acc,
           const char      *x,
           int64_t          width,
           int64_t          n)
{
  int64_t stride = reduction->layout.run_stride;
  float tile[MAX (MAX_WIDTH, GW_HALF_TILE)];

  if (!gw_dtype_is_half (reduction->dtype))
    {
      if (reduction->layout.width > 1)
        reduction->loops.columns (acc, x, width, n, stride);
      else
        reduction->loops.row (acc, x, n);
      return;
    }
  if (reduction->layout.width > 1)
    for (int64_t row = 0; row < n; row++)
      {
        gw_half_widen (reduction->dtype, x + row * stride * reduction->x_size, tile, width);
        reduction->loops.columns (acc, tile, width, 1, 0);
      }
  else
    for (int64_t first = 0; first < n; first += GW_HALF_TILE)
      {
        int64_t count = MIN (n - first, GW_HALF_TILE);

        gw_half_widen (reduction->dtype, x + first * reduction->x_size, tile, count);
        reduction->loops.row (acc, tile, count);
      }
}

/* Job number = (piece × outer kept + kept) × blocks + block. */
static void
run_job (const Reduction *reduction,
         int64_t          job)
{
  const Layout *layout = &reduction->layout;
  int64_t block = job % reduction->blocks;
  int64_t kept = job / reduction->blocks % layout->outer_kept;
  int64_t piece = job / reduction->blocks / layout->outer_kept;
  int64_t total = layout->run * layout->outer_reduced;
  int64_t first = total / reduction->pieces * piece + MIN (piece, total % reduction->pieces);
  int64_t count = total / reduction->pieces + (piece < total % reduction->pieces);
  int64_t column = block * MAX_WIDTH;
  int64_t width = MIN (layout->width - column, MAX_WIDTH);
  int64_t base = offset_of (layout->n_kept, layout->kept_dims, layout->kept_strides, kept) + column;
  char *acc = reduction->out + (piece * reduction->results + kept * layout->width + column) * reduction->size;

  reduction->loops.start (acc, width);
  while (count > 0)
    {
      int64_t within = first % layout->run;
      int64_t n = MIN (layout->run - within, count);
      int64_t offset = base + within * layout->run_stride +
                       offset_of (layout->n_reduced, layout->reduced_dims, layout->reduced_strides,
                                  first / layout->run);

      run_piece (reduction, acc, reduction->x + offset * reduction->x_size, width, n);
      first += n;
      count -= n;
    }
}

static void
run_jobs (void    *data,
          int64_t  begin,
          int64_t  end)
{
  for (int64_t job = begin; job < end; job++)
    run_job (data, job);
}

/* How many pieces the reduced elements are cut into: by size alone. */
static int64_t
count_pieces (const Layout *layout,
              int64_t       blocks)
{
  int64_t rows = layout->run * layout->outer_reduced;
  int64_t work = rows * MIN (layout->width, MAX_WIDTH);
  int64_t pieces = 1;

  if (layout->outer_kept * blocks < FEW_SEGMENTS && work > 2 * GW_GRAIN)
    pieces = MIN (work / GW_GRAIN, MAX_PIECES);
  if (layout->width > 1)
    pieces = MAX (pieces, (rows + MAX_ROWS - 1) / MAX_ROWS);
  return MIN (pieces, rows);
}

/* Pairs of neighbours, then pairs of pairs, into the first piece. */
static void
join_pieces (Reduction           *reduction,
             const GwReduceLoops *join)
{
  size_t piece_size = reduction->results * reduction->size;

  for (int64_t step = 1; step < reduction->pieces; step *= 2)
    for (int64_t i = 0; i + step < reduction->pieces; i += 2 * step)
      join->columns (reduction->out + i * piece_size, reduction->out + (i + step) * piece_size,
                     reduction->results, 1, 0);
}

/* The step behind the loops. */
static void
finish (GwReduceOp op,
        GwDType    dtype,
        void      *y,
        int64_t    results,
        int64_t    count)
{
  if (op == GW_REDUCE_MEAN)
    {
      GW_SWITCH_FLOAT (dtype, break, for (int64_t i = 0; i < results; i++) ((T *) y)[i] /= (T) count;)
      GW_SWITCH_COMPLEX (dtype, break, for (int64_t i = 0; count > 0 && i < results; i++) ((T *) y)[i] /= (double) count;)
      GW_SWITCH_INTEGER (dtype, break,
                         for (int64_t i = 0; count > 0 && i < results; i++)
                           ((T *) y)[i] = (T) -1 > 0 ? (T) ((uint64_t) ((T *) y)[i] / (uint64_t) count)
                                                     : (T) ((int64_t) ((T *) y)[i] / count);)
    }
  else if (op == GW_REDUCE_HALF_SQUARES)
    GW_SWITCH_FLOAT (dtype, break, for (int64_t i = 0; i < results; i++) ((T *) y)[i] /= 2;)
  else if (op == GW_REDUCE_NORM)
    {
      GW_SWITCH_NUMBER (dtype, break, for (int64_t i = 0; i < results; i++) ((T *) y)[i] = (T) sqrt ((double) ((T *) y)[i]);)
      GW_SWITCH_COMPLEX (dtype, break, for (int64_t i = 0; i < results; i++) ((T *) y)[i] = sqrt (creal (((T *) y)[i]));)
    }
}

gboolean
gw_cpu_reduce (GwKernelContext *context,
               GwReduceOp       op,
               GwDType          dtype,
               const GwShape   *shape,
               const gboolean   reduced[GW_MAX_RANK],
               const void      *x,
               void            *y,
               GError         **error)
{
  GwDType computed = gw_dtype_computed (dtype);
  Reduction reduction = { .loops = gw_reduce_loops (op, computed), .dtype = dtype, .x_size = gw_dtype_size (dtype),
                          .size = gw_dtype_size (computed), .x = x, .out = y };
  gboolean squares = op == GW_REDUCE_HALF_SQUARES || op == GW_REDUCE_NORM;
  GwReduceLoops join = gw_reduce_loops (squares ? GW_REDUCE_SUM : op, computed);
  Layout *layout = &reduction.layout;
  int64_t work;

  if (reduction.loops.row == NULL)
    return gw_cpu_no_kernel (context, dtype, error);
  layout_init (layout, shape, reduced);
  reduction.results = layout->outer_kept * layout->width;
  reduction.blocks = (layout->width + MAX_WIDTH - 1) / MAX_WIDTH;
  reduction.pieces = MAX (count_pieces (layout, reduction.blocks), 1);
  if (reduction.results == 0)
    return TRUE;
  if (reduction.pieces > 1 || computed != dtype)
    {
      reduction.out = gw_kernel_scratch (context, reduction.pieces * reduction.results * reduction.size, error);
      if (reduction.out == NULL)
        return FALSE;
    }
  work = layout->run * layout->outer_reduced / reduction.pieces * MIN (layout->width, MAX_WIDTH);
  gw_kernel_parallel (context, reduction.pieces * layout->outer_kept * reduction.blocks,
                      MAX (GW_GRAIN / MAX (work, 1), 1), run_jobs, &reduction);
  join_pieces (&reduction, &join);
  finish (op, computed, reduction.out, reduction.results, layout->run * layout->outer_reduced);
  if (computed != dtype)
    gw_half_narrow (dtype, (const float *) (const void *) reduction.out, y, reduction.results);
  else if (reduction.out != y)
    memcpy (y, reduction.out, reduction.results * reduction.size);
  return TRUE;
}

/* ---- a sum of elements that are made on the way ---- */

int64_t
gw_sum_pieces (int64_t n)
{
  Layout layout = { .run = n, .width = 1, .outer_kept = 1, .outer_reduced = 1 };

  return MAX (count_pieces (&layout, 1), 1);
}

void
gw_sum_finish (GwDType       dtype,
               gboolean      mean,
               int64_t       n,
               const double *totals,
               void         *y)
{
  GwReduceLoops join = gw_reduce_loops (GW_REDUCE_SUM, dtype);
  Reduction reduction = { .size = gw_dtype_size (dtype), .results = 1, .pieces = gw_sum_pieces (n) };
  double pieces[MAX_PIECES];

  reduction.out = (char *) pieces;
  GW_SWITCH_FLOAT (dtype, break, for (int64_t i = 0; i < reduction.pieces; i++)
                     { T piece = (T) totals[i]; memcpy (reduction.out + i * sizeof piece, &piece, sizeof piece); })
  join_pieces (&reduction, &join);
  memcpy (y, pieces, reduction.size);
  finish (mean ? GW_REDUCE_MEAN : GW_REDUCE_SUM, dtype, y, 1, n);
}
