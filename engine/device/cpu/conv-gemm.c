/* SPDX-License-Identifier: Apache-2.0 */
/* Convolution as a matrix product. The patch that each output position sees is one
 * row of a matrix; patches × filter = output. Only a tile of the matrix that fits
 * into the cache exists at a time, one for each thread. */
#include "engine/device/cpu/conv-private.h"

#include "engine/device/cpu/blas.h"

#include <string.h>

#include "engine/device/cpu/loops.h"

#define TILE_BYTES (256 << 10)
#define MIN_TILE_ROWS 16
#define MAX_TILE_ROWS 1024
/* Multiplications below which a chunk of a parallel loop is not worth a thread. */
#define CHUNK_WORK 500000

static gboolean
gemm_fits (const GwConvJob *job)
{
  return job->depth <= G_MAXINT32 && job->conv->out_channels <= G_MAXINT32 && job->conv->window.channels <= G_MAXINT32;
}

/* The patches are the input's own rows. */
static gboolean
is_pointwise (const GwConvJob *job)
{
  if (job->taps != 1 || job->conv->groups != 1)
    return FALSE;
  for (int i = 0; i < GW_WINDOW_AXES; i++)
    {
      const GwWindowAxis *axis = &job->conv->window.axes[i];

      if (axis->stride != 1 || axis->before != 0 || axis->output != axis->input)
        return FALSE;
    }
  return TRUE;
}

static int64_t
tile_rows (const GwConvJob *job)
{
  int64_t rows = TILE_BYTES / (job->depth * (int64_t) job->size);
  int64_t all = job->pass == GW_CONV_INPUT ? job->pixels : job->conv->window.batch * job->pixels;

  return MIN (CLAMP (rows, MIN_TILE_ROWS, MAX_TILE_ROWS), all);
}

static void
gemm_reserve (GwConvJob *job,
              GwBlocks  *blocks)
{
  int64_t rows = tile_rows (job);
  int64_t batch = job->conv->window.batch;

  job->n_units = job->pass == GW_CONV_INPUT ? batch : (batch * job->pixels + rows - 1) / rows;
  if (job->pass == GW_CONV_FILTER)
    gw_conv_reserve_pieces (job, blocks);
  if (is_pointwise (job))
    rows = 0;
  gw_conv_reserve_slots (job, blocks, rows, job->depth, (int64_t) job->size);
}

/* ---- patches ---- */

#define ADD_RUN(T)                                       \
  GW_CLONES static void                                  \
  add_run_##T (T *to, const T *from, int64_t n)          \
  {                                                      \
    for (int64_t i = 0; i < n; i++)                      \
      to[i] += from[i];                                  \
  }

ADD_RUN (float)
ADD_RUN (double)

/* `n` elements between a patch and the picture: read, or added to it. */
static inline void
move_run (const GwConvJob *job,
          gboolean         add,
          char            *picture,
          char            *patch,
          int64_t          n)
{
  if (!add)
    memcpy (patch, picture, (size_t) n * job->size);
  else if (job->conv->dtype == GW_FLOAT32)
    add_run_float ((float *) picture, (const float *) patch, n);
  else
    add_run_double ((double *) picture, (const double *) patch, n);
}

/* The patch of output `pixel` (of one picture) for a group of channels. */
static void
move_patch (const GwConvJob *job,
            gboolean         add,
            int64_t          group,
            int64_t          pixel,
            char            *picture,
            char            *patch)
{
  const GwWindowAxis *d = &job->conv->window.axes[0], *h = d + 1, *w = d + 2;
  int64_t channels = job->conv->window.channels, n = job->group_in;
  int64_t d_first, d_end, d_start, h_first, h_end, h_start, w_first, w_end, w_start;
  gboolean joined = w->dilation == 1 && job->conv->groups == 1;

  gw_window_taps (d, pixel / (h->output * w->output), &d_first, &d_end, &d_start);
  gw_window_taps (h, pixel / w->output % h->output, &h_first, &h_end, &h_start);
  gw_window_taps (w, pixel % w->output, &w_first, &w_end, &w_start);
  if (!add && (d_end - d_first) * (h_end - h_first) * (w_end - w_first) < job->taps)
    memset (patch, 0, (size_t) job->depth * job->size);
  for (int64_t kd = d_first; kd < d_end; kd++)
    for (int64_t kh = h_first; kh < h_end; kh++)
      {
        int64_t row = ((d_start + (kd - d_first) * d->dilation) * h->input + h_start + (kh - h_first) * h->dilation) * w->input;
        char *from = picture + (size_t) ((row + w_start) * channels + group * n) * job->size;
        char *to = patch + (size_t) (((kd * h->window + kh) * w->window + w_first) * n) * job->size;

        if (joined)
          move_run (job, add, from, to, (w_end - w_first) * n);
        else
          for (int64_t kw = w_first; kw < w_end; kw++, to += (size_t) n * job->size)
            move_run (job, add, from + (size_t) ((kw - w_first) * w->dilation * channels) * job->size, to, n);
      }
}

/* Patches of output positions [first, first + rows), counted through the batch. */
static void
move_patches (const GwConvJob *job,
              gboolean         add,
              int64_t          group,
              int64_t          first,
              int64_t          rows,
              char            *patches)
{
  size_t picture = (size_t) (job->inputs * job->conv->window.channels) * job->size;

  for (int64_t i = 0; i < rows; i++)
    move_patch (job, add, group, (first + i) % job->pixels, job->input + (size_t) ((first + i) / job->pixels) * picture,
                patches + (size_t) (i * job->depth) * job->size);
}

/* ---- products ---- */

typedef struct {
  gboolean    transpose_a, transpose_b;
  int64_t     m, n, k;
  const char *a, *b;
  int64_t     a_row, b_row;
  gboolean    add;
  char       *c;
  int64_t     c_row;
} Product;

static void
multiply (const GwConvJob *job,
          const Product   *p)
{
  const GwBlas *blas = gw_blas (NULL);
  enum CBLAS_TRANSPOSE ta = p->transpose_a ? CblasTrans : CblasNoTrans;
  enum CBLAS_TRANSPOSE tb = p->transpose_b ? CblasTrans : CblasNoTrans;

  if (job->conv->dtype == GW_FLOAT32)
    blas->sgemm (CblasRowMajor, ta, tb, (int) p->m, (int) p->n, (int) p->k, 1, (const float *) p->a, (int) p->a_row,
                 (const float *) p->b, (int) p->b_row, p->add ? 1 : 0, (float *) p->c, (int) p->c_row);
  else
    blas->dgemm (CblasRowMajor, ta, tb, (int) p->m, (int) p->n, (int) p->k, 1, (const double *) p->a, (int) p->a_row,
                 (const double *) p->b, (int) p->b_row, p->add ? 1 : 0, (double *) p->c, (int) p->c_row);
}

/* One group of one tile: output positions [first, first + rows), counted through the
 * batch. */
static void
run_tile (const GwConvJob *job,
          int64_t          group,
          int64_t          first,
          int64_t          rows,
          char            *patches,
          char            *filter,
          gboolean         add)
{
  int64_t outs = job->conv->out_channels;
  gboolean pointwise = is_pointwise (job);
  char *a = pointwise ? job->input + (size_t) (first * job->depth) * job->size : patches;
  char *b = filter + (size_t) (group * job->group_out) * job->size;
  char *c = job->output + (size_t) (first * outs + group * job->group_out) * job->size;
  Product product = { FALSE, FALSE, rows, job->group_out, job->depth, a, b, job->depth, outs, FALSE, c, outs };

  if (!pointwise && job->pass != GW_CONV_INPUT)
    move_patches (job, FALSE, group, first, rows, patches);
  if (job->pass == GW_CONV_FILTER)
    product = (Product) { TRUE, FALSE, job->depth, job->group_out, rows, a, c, job->depth, outs, add, b, outs };
  else if (job->pass == GW_CONV_INPUT)
    product = (Product) { FALSE, TRUE, rows, job->depth, job->group_out, c, b, outs, outs, FALSE, a, job->depth };
  multiply (job, &product);
  if (!pointwise && job->pass == GW_CONV_INPUT)
    move_patches (job, TRUE, group, first, rows, patches);
}

static void
run_tiles (const GwConvJob *job,
           int64_t          begin,
           int64_t          end,
           char            *filter)
{
  GwConvJob *own = (GwConvJob *) job;
  int64_t rows = tile_rows (job);
  int64_t all = job->conv->window.batch * job->pixels;
  char *patches = gw_slots_take (&own->slots);

  for (int64_t tile = begin; tile < end; tile++)
    for (int64_t group = 0; group < job->conv->groups; group++)
      run_tile (job, group, tile * rows, MIN (rows, all - tile * rows), patches, filter, tile > begin);
  gw_slots_give (&own->slots, patches);
}

static void
run_outputs (void    *data,
             int64_t  begin,
             int64_t  end)
{
  const GwConvJob *job = data;

  run_tiles (job, begin, end, job->filter);
}

static void
run_pieces (void    *data,
            int64_t  begin,
            int64_t  end)
{
  const GwConvJob *job = data;

  for (int64_t piece = begin; piece < end; piece++)
    {
      int64_t first, last;

      gw_conv_piece_units (job, piece, &first, &last);
      run_tiles (job, first, last, gw_conv_piece (job, piece));
    }
}

/* Pictures [begin, end): patches of one overlap, so a picture is one thread's. */
static void
run_inputs (void    *data,
            int64_t  begin,
            int64_t  end)
{
  GwConvJob *job = data;
  int64_t rows = tile_rows (job);
  size_t bytes = (size_t) (job->inputs * job->conv->window.channels) * job->size;
  char *patches = gw_slots_take (&job->slots);

  memset (job->input + (size_t) begin * bytes, 0, (size_t) (end - begin) * bytes);
  for (int64_t picture = begin; picture < end; picture++)
    for (int64_t first = 0; first < job->pixels; first += rows)
      for (int64_t group = 0; group < job->conv->groups; group++)
        run_tile (job, group, picture * job->pixels + first, MIN (rows, job->pixels - first), patches, job->filter, FALSE);
  gw_slots_give (&job->slots, patches);
}

static gboolean
gemm_run (GwConvJob *job,
          GError   **error)
{
  double work = (double) job->depth * (double) job->conv->out_channels *
                (double) (job->pass == GW_CONV_INPUT ? job->pixels : tile_rows (job));
  int64_t grain = work >= CHUNK_WORK ? 1 : (int64_t) (CHUNK_WORK / work);

  if (gw_blas (error) == NULL)
    return FALSE;
  if (job->pass == GW_CONV_FILTER)
    gw_conv_run_pieces (job, run_pieces);
  else
    gw_kernel_parallel (job->context, job->n_units, grain, job->pass == GW_CONV_INPUT ? run_inputs : run_outputs, job);
  return TRUE;
}

const GwConvWay gw_conv_gemm = { gemm_fits, gemm_reserve, gemm_run };
