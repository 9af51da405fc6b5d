/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/gemm.h"
#include "engine/device/cpu/recurrent-private.h"

#include <string.h>

#include "engine/device/cpu/vector-math.h"

typedef struct {
  const GwLstm      *lstm;
  const GwLstmGrads *grads;
  const GwBlas      *blas;
  float             *gates;      /* steps × batch × 4 units: sums before the gates, or their gradients */
  float             *transposed; /* recurrent weights, 4 units × units: backward */
  float             *dh, *dc;    /* batch × units: what comes from the step behind */
  float             *bias;       /* blocks × 4 units: sums of the gates' gradients; backward */
} Lstm;

/* ---- one row of one step ---- */

/* Short loops of few operands, each of which becomes vectors; a row stays in the first
 * cache between them. */
GW_INLINE void
gate_row (const float *z,
          const float *bias,
          float        shift,
          const float *cells,
          const float *peephole,
          int64_t      n,
          float       *gate)
{
  if (peephole != NULL)
    GW_IVDEP
    for (int64_t j = 0; j < n; j++)
      gate[j] = gw_sigmoidf (z[j] + bias[j] + shift + cells[j] * peephole[j]);
  else
    GW_IVDEP
    for (int64_t j = 0; j < n; j++)
      gate[j] = gw_sigmoidf (z[j] + bias[j] + shift);
}

GW_INLINE void
tanh_row (const float *z,
          const float *bias,
          int64_t      n,
          float       *y)
{
  GW_IVDEP
  for (int64_t j = 0; j < n; j++)
    y[j] = gw_tanhf (z[j] + bias[j]);
}

GW_INLINE void
state_row (const float *i,
           const float *f,
           const float *ci,
           const float *before,
           float        limit,
           int64_t      n,
           float       *cs,
           float       *co)
{
  GW_IVDEP
  for (int64_t j = 0; j < n; j++)
    {
      float c = f[j] * before[j] + i[j] * ci[j];
      float low = c < -limit ? -limit : c;
      float cell = low > limit ? limit : low;

      cs[j] = cell;
      co[j] = gw_tanhf (cell);
    }
}

GW_INLINE void
cell_row (const GwLstm *l,
          const float  *z,
          const float  *before,
          int64_t       at,
          gboolean      peephole)
{
  int64_t n = l->units, i = l->order.i * n, f = l->order.f * n, ci = l->order.ci * n, o = l->order.o * n;
  const float *gate = l->o + at, *shown = l->co + at;
  float *h = l->h + at;

  gate_row (z + i, l->b + i, 0, before, peephole ? l->wci : NULL, n, l->i + at);
  gate_row (z + f, l->b + f, l->forget_bias, before, peephole ? l->wcf : NULL, n, l->f + at);
  tanh_row (z + ci, l->b + ci, n, l->ci + at);
  state_row (l->i + at, l->f + at, l->ci + at, before, l->cell_clip > 0 ? l->cell_clip : INFINITY, n, l->cs + at, l->co + at);
  gate_row (z + o, l->b + o, 0, l->cs + at, peephole ? l->wco : NULL, n, l->o + at);
  GW_IVDEP
  for (int64_t j = 0; j < n; j++)
    h[j] = gate[j] * shown[j];
}

GW_CLONES static void
cell_rows (const GwLstm *l,
           const float  *z,
           const float  *before,
           int64_t       at,
           int64_t       rows)
{
  for (int64_t r = 0; r < rows; r++)
    if (l->peephole)
      cell_row (l, z + 4 * l->units * r, before + l->units * r, at + l->units * r, TRUE);
    else
      cell_row (l, z + 4 * l->units * r, before + l->units * r, at + l->units * r, FALSE);
}

/* With dc and dh from the step behind: the gradients of the gates' sums, and dc for
 * the step before. */
GW_INLINE void
cell_row_back (const GwLstm      *l,
               const GwLstmGrads *g,
               const float       *restrict before,
               const float       *restrict dh_next,
               float             *restrict dc,
               float             *restrict z,
               int64_t            at,
               gboolean           peephole)
{
  int64_t n = l->units;
  const float *restrict is = l->i + at, *restrict fs = l->f + at, *restrict os = l->o + at;
  const float *restrict cis = l->ci + at, *restrict cos = l->co + at;
  const float *restrict hg = g->h_grad + at, *restrict cg = g->cs_grad + at;
  float *restrict zi = z + l->order.i * n, *restrict zc = z + l->order.ci * n;
  float *restrict zf = z + l->order.f * n, *restrict zo = z + l->order.o * n;

  GW_IVDEP
  for (int64_t j = 0; j < n; j++)
    {
      float dh = hg[j] + dh_next[j];
      float d_o = os[j] * (1 - os[j]) * dh * cos[j];
      float dcs = (1 - cos[j] * cos[j]) * dh * os[j] + cg[j] + dc[j] + (peephole ? d_o * l->wco[j] : 0);
      float di = is[j] * (1 - is[j]) * dcs * cis[j];
      float df = fs[j] * (1 - fs[j]) * dcs * before[j];

      zo[j] = d_o;
      zc[j] = (1 - cis[j] * cis[j]) * dcs * is[j];
      zf[j] = df;
      zi[j] = di;
      dc[j] = dcs * fs[j] + (peephole ? di * l->wci[j] + df * l->wcf[j] : 0);
    }
}

GW_CLONES static void
cell_rows_back (const Lstm  *s,
                const float *before,
                float       *z,
                int64_t      row,
                int64_t      at,
                int64_t      rows)
{
  const GwLstm *l = s->lstm;
  int64_t n = l->units;

  for (int64_t r = 0; r < rows; r++)
    {
      const float *dh = s->dh + n * (row + r);
      float *dc = s->dc + n * (row + r);

      if (l->peephole)
        cell_row_back (l, s->grads, before + n * r, dh, dc, z + 4 * n * r, at + n * r, TRUE);
      else
        cell_row_back (l, s->grads, before + n * r, dh, dc, z + 4 * n * r, at + n * r, FALSE);
    }
}

/* ---- a block of the batch through all steps ---- */

static void
run_blocks (void    *data,
            int64_t  begin,
            int64_t  end)
{
  const Lstm *s = data;
  const GwLstm *l = s->lstm;
  int64_t n = l->units, all = l->batch * n, side = recurrent_block_rows (l->batch);

  for (int64_t block = begin; block < end; block++)
    {
      int64_t row = block * side, rows = MIN (side, l->batch - row);

      for (int64_t t = 0; t < l->steps; t++)
        {
          int64_t at = t * all + row * n;
          const float *h = t > 0 ? l->h + at - all : l->h_prev + row * n;
          const float *c = t > 0 ? l->cs + at - all : l->cs_prev + row * n;
          float *z = s->gates + 4 * at;

          recurrent_product (s->blas, rows, 4 * n, n, h, n, FALSE, l->w + l->inputs * 4 * n, 4 * n, 1, z, 4 * n);
          cell_rows (l, z, c, at, rows);
        }
    }
}

/* While the rows are still in the cache. */
GW_CLONES static void
add_rows (const float *restrict rows,
          int64_t      n_rows,
          int64_t      n,
          float       *restrict sums)
{
  for (int64_t r = 0; r < n_rows; r++)
    for (int64_t j = 0; j < n; j++)
      sums[j] += rows[r * n + j];
}

static void
run_blocks_back (void    *data,
                 int64_t  begin,
                 int64_t  end)
{
  const Lstm *s = data;
  const GwLstm *l = s->lstm;
  int64_t n = l->units, all = l->batch * n, side = recurrent_block_rows (l->batch);

  for (int64_t block = begin; block < end; block++)
    {
      int64_t row = block * side, rows = MIN (side, l->batch - row);

      memset (s->dh + row * n, 0, sizeof (float) * rows * n);
      memset (s->dc + row * n, 0, sizeof (float) * rows * n);
      if (s->bias != NULL)
        memset (s->bias + block * 4 * n, 0, sizeof (float) * 4 * n);
      for (int64_t t = l->steps - 1; t >= 0; t--)
        {
          int64_t at = t * all + row * n;
          const float *c = t > 0 ? l->cs + at - all : l->cs_prev + row * n;
          float *z = s->gates + 4 * at;

          cell_rows_back (s, c, z, row, at, rows);
          if (s->bias != NULL)
            add_rows (z, rows, 4 * n, s->bias + block * 4 * n);
          if (s->transposed != NULL)
            recurrent_product (s->blas, rows, n, 4 * n, z, 4 * n, FALSE, s->transposed, n, 0, s->dh + row * n, n);
        }
    }
}

/* ---- sums over the batch and the steps ---- */

/* y[j] (+)= Σ a[r][j] b[r][j] over the rows; b may be NULL for ones. */
typedef struct {
  const float *a, *b;
  int64_t      a_stride, b_stride, rows;
  gboolean     add;
  float       *y;
} Sums;

GW_CLONES static void
sum_columns (void    *data,
             int64_t  begin,
             int64_t  end)
{
  const Sums *s = data;
  float *restrict y = s->y;

  for (int64_t j = begin; j < end && !s->add; j++)
    y[j] = 0;
  for (int64_t r = 0; r < s->rows; r++)
    {
      const float *restrict a = s->a + r * s->a_stride;
      const float *restrict b = s->b + r * s->b_stride;

      if (s->b == NULL)
        for (int64_t j = begin; j < end; j++)
          y[j] += a[j];
      else
        for (int64_t j = begin; j < end; j++)
          y[j] += a[j] * b[j];
    }
}

static void
sum_gate (GwKernelContext *context,
          const Lstm      *s,
          int              gate,
          const float     *first,
          const float     *others,
          float           *y)
{
  const GwLstm *l = s->lstm;
  int64_t n = l->units, width = 4 * n;
  gboolean split = first != others;
  int64_t rows = l->steps * l->batch, head = split ? MIN (l->batch, rows) : 0;
  Sums sums = { s->gates + gate * n, first, width, n, head, FALSE, y };
  int64_t grain = MAX (16, 65536 / MAX (rows, 1));

  if (split)
    gw_kernel_parallel (context, n, grain, sum_columns, &sums);
  sums = (Sums) { s->gates + head * width + gate * n, others, width, n, rows - head, split, y };
  gw_kernel_parallel (context, n, grain, sum_columns, &sums);
}

/* ---- whole sequences ---- */

static gboolean
sizes_fit (const GwLstm  *l,
           size_t        *gates,
           size_t        *state,
           size_t        *weights,
           GError       **error)
{
  size_t unused;

  if (l->units > G_MAXINT32 / 4 || l->steps > G_MAXINT32 / MAX (l->batch, 1) || l->inputs > G_MAXINT32)
    return gw_invalid (error, "a recurrent layer of these sizes is too large");
  return recurrent_floats (l->steps * l->batch, 4, l->units, gates, error) &&
         recurrent_floats (l->batch, 1, l->units, state, error) &&
         recurrent_floats (l->inputs, 4, l->units, &unused, error) &&
         recurrent_floats (l->units, 4, l->units, weights, error);
}

static void
clear_behind (const GwLstm *l,
              float        *values,
              int64_t       width)
{
  int64_t done = l->steps * l->batch * width;

  if (values != NULL)
    memset (values + done, 0, sizeof (float) * (l->all_steps * l->batch * width - done));
}

gboolean
gw_cpu_lstm (GwKernelContext *context,
             const GwLstm    *lstm,
             GError         **error)
{
  Lstm s = { lstm, NULL, gw_blas (error) };
  float *const outputs[] = { lstm->i, lstm->cs, lstm->f, lstm->o, lstm->ci, lstm->co, lstm->h };
  size_t gates, state, weights;

  if (s.blas == NULL || !sizes_fit (lstm, &gates, &state, &weights, error))
    return FALSE;
  s.gates = gw_kernel_scratch (context, gates, error);
  if (s.gates == NULL ||
      !gw_cpu_gemm (context, GW_FLOAT32, FALSE, FALSE, lstm->steps * lstm->batch, 4 * lstm->units, lstm->inputs, lstm->x,
                    lstm->w, s.gates, error))
    return FALSE;
  if (lstm->units > 0)
    gw_kernel_parallel (context, recurrent_blocks (lstm->batch), 1, run_blocks, &s);
  for (guint i = 0; i < G_N_ELEMENTS (outputs); i++)
    clear_behind (lstm, outputs[i], lstm->units);
  return TRUE;
}

static gboolean
weight_gradients (GwKernelContext *context,
                  const Lstm      *s,
                  GError         **error)
{
  const GwLstm *l = s->lstm;
  const GwLstmGrads *g = s->grads;
  int64_t n = l->units, width = 4 * n, rows = l->steps * l->batch, later = MAX (rows - l->batch, 0);
  float *recurrent = g->w_grad + l->inputs * width;
  Sums bias = { s->bias, NULL, width, 0, n > 0 ? recurrent_blocks (l->batch) : 0, FALSE, g->b_grad };

  if ((g->x_grad != NULL &&
       !gw_cpu_gemm (context, GW_FLOAT32, FALSE, TRUE, rows, l->inputs, width, s->gates, l->w, g->x_grad, error)) ||
      !gw_cpu_gemm (context, GW_FLOAT32, TRUE, FALSE, l->inputs, width, rows, l->x, s->gates, g->w_grad, error) ||
      !gw_cpu_gemm (context, GW_FLOAT32, TRUE, FALSE, n, width, later, l->h, s->gates + l->batch * width, recurrent, error))
    return FALSE;
  if (rows > 0 && n > 0)
    s->blas->sgemm (CblasRowMajor, CblasTrans, CblasNoTrans, (int) n, (int) width, (int) l->batch, 1, l->h_prev, (int) n,
                    s->gates, (int) width, 1, recurrent, (int) width);
  sum_columns (&bias, 0, width);
  clear_behind (l, g->x_grad, l->inputs);
  return TRUE;
}

static void
peephole_gradients (GwKernelContext *context,
                    const Lstm      *s)
{
  const GwLstm *l = s->lstm;
  const GwLstmGrads *g = s->grads;
  size_t size = sizeof (float) * l->units;

  if (l->peephole)
    {
      sum_gate (context, s, l->order.i, l->cs_prev, l->cs, g->wci_grad);
      sum_gate (context, s, l->order.f, l->cs_prev, l->cs, g->wcf_grad);
      sum_gate (context, s, l->order.o, l->cs, l->cs, g->wco_grad);
      return;
    }
  memset (g->wci_grad, 0, size);
  memset (g->wcf_grad, 0, size);
  memset (g->wco_grad, 0, size);
}

/* The recurrent weights turned round once, instead of in every product. */
static void
transpose_weights (GwKernelContext *context,
                   Lstm            *s)
{
  int64_t n = s->lstm->units;
  GwStridedCopy copy = { 0 };

  gw_strided_copy_append (&copy, 4 * n, 1, n);
  gw_strided_copy_append (&copy, n, 4 * n, 1);
  gw_strided_copy_run (context, &copy, GW_FLOAT32, s->lstm->w + s->lstm->inputs * 4 * n, s->transposed);
}

gboolean
gw_cpu_lstm_backward (GwKernelContext    *context,
                      const GwLstm       *lstm,
                      const GwLstmGrads  *grads,
                      GError            **error)
{
  Lstm s = { lstm, grads, gw_blas (error) };
  gboolean whole = grads->w_grad != NULL;
  size_t gates, state, weights, bias = 0;
  char *scratch;

  if (s.blas == NULL || !sizes_fit (lstm, &gates, &state, &weights, error) ||
      !recurrent_floats (recurrent_blocks (lstm->batch), 4, lstm->units, &bias, error))
    return FALSE;
  scratch = gw_kernel_scratch (context, gates + 2 * state + weights + bias, error);
  if (scratch == NULL)
    return FALSE;
  s.gates = grads->gates_grad != NULL ? grads->gates_grad : (float *) scratch;
  s.dh = (float *) (scratch + gates);
  s.dc = (float *) (scratch + gates + state);
  s.transposed = whole ? (float *) (scratch + gates + 2 * state) : NULL;
  s.bias = whole ? (float *) (scratch + gates + 2 * state + weights) : NULL;
  if (whole && lstm->units > 0)
    transpose_weights (context, &s);
  gw_kernel_parallel (context, recurrent_blocks (lstm->batch), 1, run_blocks_back, &s);
  memcpy (grads->cs_prev_grad, s.dc, sizeof (float) * lstm->batch * lstm->units);
  if (grads->h_prev_grad != NULL)
    memcpy (grads->h_prev_grad, s.dh, sizeof (float) * lstm->batch * lstm->units);
  peephole_gradients (context, &s);
  return !whole || weight_gradients (context, &s, error);
}
