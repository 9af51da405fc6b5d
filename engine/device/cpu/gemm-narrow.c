/* SPDX-License-Identifier: Apache-2.0 */
/* With a as it stands each element is a sum of two rows' products, taken in vectors along
 * k. With a transposed the result's rows lie side by side in it: the product is made
 * transposed, by register tiles, and turned round. */
#include "engine/device/cpu/gemm-narrow.h"

#include "engine/device/cpu/vector/vector.h"

#include "engine/device/cpu/loops.h"

#define LANES GW_TILE_LANES
#define PANEL (GW_TILE_MAX_VECTORS * LANES)
#define DEPTH 1024    /* of b's columns that are kept side by side … */
#define APART (DEPTH + LANES) /* … so far apart: not all in the same places of the cache */
#define WORK 1e6      /* multiplications and additions of a chunk, about */
#define MAX_CHUNKS 32

typedef struct {
  gboolean     transpose_b;
  int64_t      m, n, k;
  const float *a, *b;
  float       *c;
  int64_t      rows;    /* of a chunk */
} Product;

/* ---- a as it stands ---- */

/* All of b's columns, rows [from, from + depth) of each. */
static void
pack_columns (const Product *p,
              int64_t        from,
              int64_t        depth,
              float         *columns)
{
  int64_t row = p->transpose_b ? 1 : p->n, column = p->transpose_b ? p->k : 1;

  for (int64_t j = 0; j < p->n; j++)
    for (int64_t i = 0; i < depth; i++)
      columns[j * APART + i] = p->b[(from + i) * row + j * column];
}

/* Rows `row` and `next`, which may be the same one. */
static void
run_dots (const Product *p,
          int64_t        from,
          int64_t        depth,
          const float   *columns,
          int64_t        row,
          int64_t        next)
{
  const float *a0 = p->a + row * p->k + from, *a1 = p->a + next * p->k + from;
  float beside[GW_GEMM_NARROW];
  const GwVectorLoops *loops = gw_vector_loops ();
  int64_t n;

  for (int64_t done = 0; done < p->n; done += n)
    {
      for (n = MIN (p->n - done, GW_GEMM_NARROW); loops->dots[n] == NULL;)
        n--;
      loops->dots[n] (a0, a1, columns + done * APART, APART, depth, from > 0, p->c + row * p->n + done,
                      next != row ? p->c + next * p->n + done : beside);
    }
}

static void
run_rows (void *data,
          int   chunk)
{
  const Product *p = data;
  float columns[GW_GEMM_NARROW * APART] __attribute__ ((aligned (64)));
  int64_t first = chunk * p->rows, end = MIN (first + p->rows, p->m);

  for (int64_t from = 0; from < p->k; from += DEPTH)
    {
      int64_t depth = MIN (DEPTH, p->k - from);

      pack_columns (p, from, depth, columns);
      for (int64_t row = first; row < end; row += 2)
        run_dots (p, from, depth, columns, row, MIN (row + 1, end - 1));
    }
}

/* ---- a transposed ---- */

/* `vectors` vectors of the result's rows from `row` on, or `lanes` of them: the product
 * transposed, then turned round. */
static void
run_turned (const Product *p,
            int64_t        row,
            int64_t        lanes)
{
  static const int64_t nowhere = 0;
  float turned[GW_GEMM_NARROW * PANEL] __attribute__ ((aligned (64)));
  int rows;

  for (int64_t column = 0; column < p->n; column += rows)
    {
      GwConvTile tile = {
        .a = p->b + column * (p->transpose_b ? p->k : 1), .a_at = &nowhere, .a_step = p->transpose_b ? 1 : p->n,
        .a_row = p->transpose_b ? p->k : 1, .b = p->a + row, .b_step = p->m, .n_outer = 1, .n_inner = p->k,
        .c = turned + column * PANEL, .c_row = PANEL,
      };

      rows = gw_conv_tile_rows (p->n - column);
      gw_conv_tile_func (rows, (int) (lanes / LANES)) (&tile);
    }
  for (int64_t i = 0; i < lanes; i++)
    for (int64_t j = 0; j < p->n; j++)
      p->c[(row + i) * p->n + j] = turned[j * PANEL + i];
}

/* One row of the result in plain steps, for those that fill no vector. */
static void
run_single (const Product *p,
            int64_t        row)
{
  int64_t b_row = p->transpose_b ? 1 : p->n, b_column = p->transpose_b ? p->k : 1;
  float sums[GW_GEMM_NARROW] = { 0 };

  for (int64_t i = 0; i < p->k; i++)
    for (int64_t j = 0; j < p->n; j++)
      sums[j] += p->a[i * p->m + row] * p->b[i * b_row + j * b_column];
  for (int64_t j = 0; j < p->n; j++)
    p->c[row * p->n + j] = sums[j];
}

static void
run_columns (void *data,
             int   chunk)
{
  const Product *p = data;
  int64_t row = chunk * p->rows, end = MIN (row + p->rows, p->m);

  for (; end - row >= PANEL; row += PANEL)
    run_turned (p, row, PANEL);
  for (; end - row >= LANES; row += LANES)
    run_turned (p, row, LANES);
  for (; row < end; row++)
    run_single (p, row);
}

void
gw_gemm_narrow (GwKernelContext *context,
                gboolean         transpose_a,
                gboolean         transpose_b,
                int64_t          m,
                int64_t          n,
                int64_t          k,
                const float     *a,
                const float     *b,
                float           *c)
{
  Product product = { transpose_b, m, n, k, a, b, c, 0 };
  int64_t n_chunks = (int64_t) CLAMP (2.0 * (double) m * (double) n * (double) k / WORK, 1, MAX_CHUNKS);

  product.rows = ((m + n_chunks - 1) / n_chunks + PANEL - 1) / PANEL * PANEL;
  gw_workers_run (context->workers, (int) ((m + product.rows - 1) / product.rows), transpose_a ? run_columns : run_rows, &product);
}
