/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/recurrent-private.h"

#include "engine/device/cpu/vector-math.h"

typedef struct {
  const GwGru      *gru;
  const GwGruGrads *grads;
  const GwBlas     *blas;
  float            *gates;  /* batch × 2 units: sums before r and u */
  float            *reset;  /* batch × units: r · h, or its gradient */
} Gru;

/* ---- rows ---- */

GW_CLONES static void
gate_row (const GwGru *g,
          const float *restrict z,
          float       *restrict reset,
          int64_t      at)
{
  int64_t n = g->units;
  const float *restrict h = g->h_prev + at;
  float *restrict r = g->r + at, *restrict u = g->u + at;

  GW_IVDEP
  for (int64_t j = 0; j < n; j++)
    {
      r[j] = gw_sigmoidf (z[j] + g->b_ru[j]);
      u[j] = gw_sigmoidf (z[n + j] + g->b_ru[n + j]);
      reset[j] = r[j] * h[j];
    }
}

/* c holds the sums of the candidate. */
GW_CLONES static void
state_row (const GwGru *g,
           int64_t      at)
{
  const float *restrict before = g->h_prev + at, *restrict u = g->u + at;
  float *restrict c = g->c + at, *restrict h = g->h + at;

  GW_IVDEP
  for (int64_t j = 0; j < g->units; j++)
    {
      c[j] = gw_tanhf (c[j] + g->b_c[j]);
      h[j] = u[j] * before[j] + (1 - u[j]) * c[j];
    }
}

GW_CLONES static void
state_row_back (const GwGru      *g,
                const GwGruGrads *grads,
                int64_t           at,
                float            *restrict du)
{
  const float *restrict dh = grads->d_h + at, *restrict u = g->u + at, *restrict c = g->c + at;
  const float *restrict before = g->h_prev + at;
  float *restrict dc = grads->d_c_bar + at;

  GW_IVDEP
  for (int64_t j = 0; j < g->units; j++)
    {
      dc[j] = dh[j] * (1 - u[j]) * (1 - c[j] * c[j]);
      du[j] = dh[j] * (before[j] - c[j]) * (u[j] * (1 - u[j]));
    }
}

/* `reset` is the gradient of r · h. */
GW_CLONES static void
gate_row_back (const GwGru      *g,
               const GwGruGrads *grads,
               const float      *restrict reset,
               int64_t           at,
               float            *restrict dr)
{
  const float *restrict dh = grads->d_h + at, *restrict u = g->u + at, *restrict r = g->r + at;
  const float *restrict before = g->h_prev + at;
  float *restrict out = grads->d_h_prev + at;

  GW_IVDEP
  for (int64_t j = 0; j < g->units; j++)
    {
      dr[j] = reset[j] * before[j] * (r[j] * (1 - r[j]));
      out[j] = reset[j] * r[j] + dh[j] * u[j];
    }
}

/* ---- blocks ---- */

static void
run_block (const Gru *s,
           int64_t    row,
           int64_t    rows)
{
  const GwGru *g = s->gru;
  int64_t n = g->units, m = g->inputs;
  const float *x = g->x + row * m;
  float *z = s->gates + row * 2 * n, *reset = s->reset + row * n, *c = g->c + row * n;

  recurrent_product (s->blas, rows, 2 * n, m, x, m, FALSE, g->w_ru, 2 * n, 0, z, 2 * n);
  recurrent_product (s->blas, rows, 2 * n, n, g->h_prev + row * n, n, FALSE, g->w_ru + m * 2 * n, 2 * n, 1, z, 2 * n);
  for (int64_t r = 0; r < rows; r++)
    gate_row (g, z + r * 2 * n, reset + r * n, (row + r) * n);
  recurrent_product (s->blas, rows, n, m, x, m, FALSE, g->w_c, n, 0, c, n);
  recurrent_product (s->blas, rows, n, n, reset, n, FALSE, g->w_c + m * n, n, 1, c, n);
  for (int64_t r = 0; r < rows; r++)
    state_row (g, (row + r) * n);
}

static void
run_block_back (const Gru *s,
                int64_t    row,
                int64_t    rows)
{
  const GwGru *g = s->gru;
  const GwGruGrads *grads = s->grads;
  int64_t n = g->units, m = g->inputs;
  float *z = grads->d_r_bar_u_bar + row * 2 * n, *dc = grads->d_c_bar + row * n, *reset = s->reset + row * n;
  float *dx = grads->d_x + row * m, *dh = grads->d_h_prev + row * n;

  for (int64_t r = 0; r < rows; r++)
    state_row_back (g, grads, (row + r) * n, z + r * 2 * n + n);
  recurrent_product (s->blas, rows, n, n, dc, n, TRUE, g->w_c + m * n, n, 0, reset, n);
  recurrent_product (s->blas, rows, m, n, dc, n, TRUE, g->w_c, n, 0, dx, m);
  for (int64_t r = 0; r < rows; r++)
    gate_row_back (g, grads, reset + r * n, (row + r) * n, z + r * 2 * n);
  recurrent_product (s->blas, rows, m, 2 * n, z, 2 * n, TRUE, g->w_ru, 2 * n, 1, dx, m);
  recurrent_product (s->blas, rows, n, 2 * n, z, 2 * n, TRUE, g->w_ru + m * 2 * n, 2 * n, 1, dh, n);
}

static void
run_blocks (void    *data,
            int64_t  begin,
            int64_t  end)
{
  const Gru *s = data;
  int64_t side = recurrent_block_rows (s->gru->batch);

  for (int64_t block = begin; block < end; block++)
    {
      int64_t row = block * side, rows = MIN (side, s->gru->batch - row);

      if (s->grads != NULL)
        run_block_back (s, row, rows);
      else
        run_block (s, row, rows);
    }
}

static gboolean
run (GwKernelContext   *context,
     const GwGru       *g,
     const GwGruGrads  *grads,
     GError           **error)
{
  Gru s = { g, grads, gw_blas (error) };
  size_t gates = 0, reset = 0, weights = 0;
  char *scratch;

  if (g->units > G_MAXINT32 / 2)
    return gw_invalid (error, "a recurrent layer of these sizes is too large");
  if (s.blas == NULL || !recurrent_floats (g->batch, 2, g->units, &gates, error) ||
      !recurrent_floats (g->batch, 1, g->units, &reset, error) ||
      !recurrent_floats (g->inputs, 2, g->units, &weights, error))
    return FALSE;
  scratch = gw_kernel_scratch (context, gates + reset, error);
  if (scratch == NULL)
    return FALSE;
  s.gates = (float *) scratch;
  s.reset = (float *) (scratch + gates);
  gw_kernel_parallel (context, recurrent_blocks (g->batch), 1, run_blocks, &s);
  return TRUE;
}

gboolean
gw_cpu_gru (GwKernelContext *context,
            const GwGru     *gru,
            GError         **error)
{
  return run (context, gru, NULL, error);
}

gboolean
gw_cpu_gru_backward (GwKernelContext   *context,
                     const GwGru       *gru,
                     const GwGruGrads  *grads,
                     GError           **error)
{
  return run (context, gru, grads, error);
}
