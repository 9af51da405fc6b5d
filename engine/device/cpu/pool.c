/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/pool.h"

#include "engine/device/cpu/no-kernel.h"
#include "engine/device/cpu/pool-loops.h"

#include <string.h>

/* Elements read in a chunk of a parallel loop, about. */
#define CHUNK_READS 32768

typedef struct {
  const GwPool *pool;
  GwPoolLoop    loop;
  const GwKernelContext *tails; /* whose tail is run on each picture; NULL = a unit is not a picture */
} Job;

static void
run_units (void    *data,
           int64_t  begin,
           int64_t  end)
{
  const Job *job = data;

  int64_t picture = GW_PRODUCT (gw_window_inputs (&job->pool->window), job->pool->window.channels);

  for (int64_t unit = begin; unit < end; unit++)
    {
      job->loop (job->pool, unit);
      if (job->tails != NULL)
        gw_kernel_run_tail (job->tails, unit * picture, (unit + 1) * picture);
    }
}

static void
run_loop (GwKernelContext *context,
          const GwPool    *pool,
          GwPoolLoop       loop,
          gboolean         tails)
{
  const GwWindow *window = &pool->window;
  Job job = { pool, loop, NULL };
  double reads = (double) gw_window_taps_count (window) * (double) window->channels;
  int64_t units;

  if (gw_pool_runs_by_row (pool->op))
    {
      units = window->batch * window->axes[0].output * window->axes[1].output;
      reads *= (double) window->axes[2].output;
    }
  else
    {
      units = window->batch * ((window->channels + GW_POOL_TILE - 1) / GW_POOL_TILE);
      reads *= (double) gw_window_outputs (window);
      job.tails = tails && units == window->batch ? context : NULL;
    }
  gw_kernel_parallel (context, units, (int64_t) MAX (CHUNK_READS / reads, 1), run_units, &job);
  if (job.tails == NULL && tails)
    gw_kernel_run_whole_tail (context);
}

/* Nothing to read or to write: what is left is zeros. */
static gboolean
clear_when_empty (const GwPool *pool)
{
  const GwWindow *window = &pool->window;
  int64_t inputs = GW_PRODUCT (window->batch, gw_window_inputs (window), window->channels);
  int64_t outputs = GW_PRODUCT (window->batch, gw_window_outputs (window), window->channels);
  gboolean makes_inputs = !gw_pool_runs_by_row (pool->op);

  if (inputs > 0 && outputs > 0)
    return FALSE;
  memset (pool->result, 0, (size_t) (makes_inputs ? inputs : outputs) * gw_dtype_size (pool->dtype));
  return TRUE;
}

/* ---- channels second ---- */

/* Makes room for a channels-last copy of what `from` points to, if anything. */
static size_t
reserve (const void    *from,
         const GwShape *shape,
         size_t         size,
         GwBlocks      *blocks)
{
  return from != NULL ? gw_blocks_add (blocks, gw_shape_elements (shape), (int64_t) size, 1) : 0;
}

static const void *
turn (GwKernelContext *context,
      GwDType          dtype,
      const GwShape   *shape,
      const void      *from,
      char            *to)
{
  if (from == NULL)
    return NULL;
  gw_channels_to_last (context, dtype, shape, from, to);
  return to;
}

static gboolean
run_turned (GwKernelContext *context,
            const GwPool    *pool,
            GwPoolLoop       loop,
            GError         **error)
{
  const GwShape *d_shape = pool->op == GW_POOL_MAX_GRAD_GRAD ? pool->input_shape : pool->output_shape;
  const GwShape *result_shape = gw_pool_runs_by_row (pool->op) ? pool->output_shape : pool->input_shape;
  size_t size = gw_dtype_size (pool->dtype);
  GwBlocks blocks = { 0 };
  size_t x_at = reserve (pool->x, pool->input_shape, size, &blocks);
  size_t d_at = reserve (pool->d, d_shape, size, &blocks);
  size_t result_at = reserve (pool->result, result_shape, size, &blocks);
  char *memory = gw_blocks_allocate (&blocks, context, error);
  GwPool turned = *pool;

  if (memory == NULL)
    return FALSE;
  turned.x = turn (context, pool->dtype, pool->input_shape, pool->x, memory + x_at);
  turned.d = turn (context, pool->dtype, d_shape, pool->d, memory + d_at);
  turned.result = memory + result_at;
  run_loop (context, &turned, loop, FALSE);
  gw_channels_to_second (context, pool->dtype, result_shape, turned.result, pool->result);
  gw_kernel_run_whole_tail (context);
  return TRUE;
}

gboolean
gw_cpu_pool (GwKernelContext *context,
             const GwPool    *pool,
             GError         **error)
{
  GwPoolLoop loop = gw_pool_loop (pool->op, pool->dtype, &pool->window);

  if (loop == NULL)
    return gw_cpu_no_kernel (context, pool->dtype, error);
  if (clear_when_empty (pool))
    {
      gw_kernel_run_whole_tail (context);
      return TRUE;
    }
  if (gw_window_inputs (&pool->window) > G_MAXINT32)
    return gw_invalid (error, "a picture of more than 2147483647 positions cannot be pooled");
  if (pool->channels_first)
    return run_turned (context, pool, loop, error);
  run_loop (context, pool, loop, TRUE);
  return TRUE;
}

/* ---- by position ---- */

typedef struct {
  GwDType         dtype;
  int64_t         inputs, outputs;
  const void     *d;
  const GwTensor *positions;
  gboolean        whole_batch;
  void           *result;
} Moves;

/* Where element i of picture `picture` goes to, within the picture. */
static inline int64_t
place_of (const Moves *moves,
          int64_t      picture,
          int64_t      i)
{
  int64_t place = gw_tensor_get_int (moves->positions, picture * moves->outputs + i);

  return (int64_t) ((uint64_t) place - (uint64_t) (moves->whole_batch ? picture * moves->inputs : 0));
}

static gboolean
check_places (const Moves *moves,
              int64_t      batch,
              GError     **error)
{
  for (int64_t picture = 0; picture < batch; picture++)
    for (int64_t i = 0; i < moves->outputs; i++)
      {
        int64_t place = place_of (moves, picture, i);

        if (place < 0 || place >= moves->inputs)
          return gw_invalid (error, "argmax[%" G_GINT64_FORMAT "] is no position in its picture of %" G_GINT64_FORMAT " elements",
                             picture * moves->outputs + i, moves->inputs);
      }
  return TRUE;
}

/* Sums of integers wrap around. */
static void
scatter_one (const Moves *moves,
             int64_t      picture)
{
  switch (moves->dtype)
    {
      GW_FLOAT_CASES (T *to = (T *) moves->result + picture * moves->inputs;
                      const T *d = (const T *) moves->d + picture * moves->outputs;

                      for (int64_t i = 0; i < moves->outputs; i++)
                        to[place_of (moves, picture, i)] += d[i])
      GW_INTEGER_CASES (T *to = (T *) moves->result + picture * moves->inputs;
                        const T *d = (const T *) moves->d + picture * moves->outputs;

                        for (int64_t i = 0; i < moves->outputs; i++)
                          {
                            T *sum = &to[place_of (moves, picture, i)];

                            __builtin_add_overflow (*sum, d[i], sum);
                          })
      default: break;
    }
}

static void
scatter_pictures (void    *data,
                  int64_t  begin,
                  int64_t  end)
{
  const Moves *moves = data;
  size_t bytes = (size_t) moves->inputs * gw_dtype_size (moves->dtype);

  memset ((char *) moves->result + (size_t) begin * bytes, 0, (size_t) (end - begin) * bytes);
  for (int64_t picture = begin; picture < end; picture++)
    scatter_one (moves, picture);
}

gboolean
gw_cpu_pool_scatter (GwKernelContext *context,
                     GwDType          dtype,
                     int64_t          batch,
                     int64_t          inputs,
                     int64_t          outputs,
                     const void      *d,
                     const GwTensor  *positions,
                     gboolean         whole_batch,
                     void            *result,
                     GError         **error)
{
  Moves moves = { dtype, inputs, outputs, d, positions, whole_batch, result };

  if (dtype != GW_FLOAT32 && dtype != GW_FLOAT64 && !gw_dtype_is_integer (dtype))
    return gw_cpu_no_kernel (context, dtype, error);
  if (!check_places (&moves, batch, error))
    return FALSE;
  gw_kernel_parallel (context, batch, CHUNK_READS / MAX (inputs, 1) + 1, scatter_pictures, &moves);
  return TRUE;
}
