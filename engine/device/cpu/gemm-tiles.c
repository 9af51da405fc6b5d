/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/gemm-tiles.h"

#include "engine/device/cpu/conv-tile.h"
#include "engine/device/cpu/gemm-narrow.h"
#include "engine/device/cpu/vector/vector.h"

#include <string.h>

#include "engine/device/cpu/loops.h"

#define LANES GW_TILE_LANES
#define PANEL (GW_TILE_MAX_VECTORS * LANES) /* columns of b that are packed together */
#define MAX_DEPTH 256                       /* rows of b in a panel: it stays in the first cache */
/* What a chunk does is about WORK multiplications and additions, and not above MAX_CHUNKS
 * chunks; each packs its own panels, for at least FEW_ROWS and at most MANY_ROWS rows. Below
 * SMALL_WORK another core gains less than it takes to fetch the operands and results. */
#define WORK 1e6
#define SMALL_WORK 1e6
#define MAX_CHUNKS 32
#define FEW_ROWS 56
#define MANY_ROWS 448
/* Rows that lie a multiple of it apart drive each other out of the first cache: they are
 * copied closer together before they are used. */
#define BAD_STRIDE 256
/* From here on the library, which packs both operands, is faster, and with registers of fewer
 * floats always. */
#define LARGE_WORK 2e8
#define LEAST_LANES 8
/* Rows of b are fetched into the cache so many before they are packed. */
#define AHEAD 16

typedef struct {
  gboolean     transpose_a, transpose_b;
  int64_t      m, n, k;
  const float *a, *b;
  float       *c;
  int64_t      rows, panels;     /* of a chunk */
  int64_t      row_chunks;
} Product;

/* ---- packing ---- */

/* Rows of b as they lie. */
GW_CLONES static void
copy_rows (const float *b,
           int64_t      stride,
           int64_t      depth,
           int64_t      columns,
           float       *panel)
{
  if (columns == PANEL)
    for (int64_t i = 0; i < depth; i++, b += stride, panel += PANEL)
      {
        __builtin_prefetch (b + AHEAD * stride);
        __builtin_prefetch (b + AHEAD * stride + LANES);
        __builtin_prefetch (b + AHEAD * stride + PANEL - 1);
        memcpy (panel, b, PANEL * sizeof (float));
      }
  else
    for (int64_t i = 0; i < depth; i++)
      for (int64_t j = 0; j < PANEL; j++)
        panel[i * PANEL + j] = j < columns ? b[i * stride + j] : 0;
}

/* Rows [from, from + depth) and `columns` columns from `column` on of op(b), the rest of
 * the panel 0. */
static void
pack_panel (const Product *p,
            int64_t        from,
            int64_t        depth,
            int64_t        column,
            int64_t        columns,
            float         *panel)
{
  int64_t whole = columns / LANES * LANES;
  int64_t deep = depth / LANES * LANES;

  if (!p->transpose_b)
    {
      copy_rows (p->b + from * p->n + column, p->n, depth, columns, panel);
      return;
    }
  for (int64_t j = 0; j < whole; j += LANES)
    for (int64_t i = 0; i < deep; i += LANES)
      gw_vector_loops ()->transpose (p->b + (column + j) * p->k + from + i, p->k, panel + i * PANEL + j, PANEL);
  for (int64_t j = 0; j < columns; j++)
    for (int64_t i = j < whole ? deep : 0; i < depth; i++)
      panel[i * PANEL + j] = p->b[(column + j) * p->k + from + i];
  for (int64_t i = 0; columns < PANEL && i < depth; i++)
    memset (panel + i * PANEL + columns, 0, (size_t) (PANEL - columns) * sizeof (float));
}

/* ---- tiles ---- */

typedef struct {
  int64_t from, depth;      /* along k */
  int64_t column, columns;  /* of the panel */
  float  *panel;            /* MAX_DEPTH × PANEL */
  float  *copy;             /* of rows of a: GW_TILE_MAX_ROWS × MAX_DEPTH and a little between them */
  float  *edge;             /* GW_TILE_MAX_ROWS × PANEL */
} Pass;

#define COPY_ROW (MAX_DEPTH + LANES)

/* Results that do not fill vectors are made beside and copied. */
static void
move_edge (const Pass *pass,
           float      *c,
           int64_t     c_row,
           int         rows,
           gboolean    into_edge)
{
  size_t bytes = (size_t) pass->columns * sizeof (float);

  for (int i = 0; i < rows; i++)
    {
      float *edge = pass->edge + i * PANEL;

      memcpy (into_edge ? edge : c + i * c_row, into_edge ? c + i * c_row : edge, bytes);
    }
}

/* `rows` rows of the result from `row` on, of the pass's panel. */
static void
run_tile (const Product *p,
          const Pass    *pass,
          int64_t        row,
          int            rows)
{
  static const int64_t nowhere = 0;
  int vectors = (int) ((pass->columns + LANES - 1) / LANES);
  gboolean whole = pass->columns == vectors * LANES;
  float *c = p->c + row * p->n + pass->column;
  GwConvTile tile = {
    .a = p->transpose_a ? p->a + pass->from * p->m + row : p->a + row * p->k + pass->from, .a_at = &nowhere,
    .a_step = p->transpose_a ? p->m : 1, .a_row = p->transpose_a ? 1 : p->k,
    .b = pass->panel, .b_step = PANEL, .n_outer = 1, .n_inner = pass->depth,
    .c = whole ? c : pass->edge, .c_row = whole ? p->n : PANEL, .add = pass->from > 0,
  };

  if (!p->transpose_a && p->k % BAD_STRIDE == 0)
    {
      for (int i = 0; i < rows; i++)
        memcpy (pass->copy + i * COPY_ROW, tile.a + i * p->k, (size_t) pass->depth * sizeof (float));
      tile.a = pass->copy;
      tile.a_row = COPY_ROW;
    }
  if (!whole && tile.add)
    move_edge (pass, c, p->n, rows, TRUE);
  gw_conv_tile_func (rows, vectors) (&tile);
  if (!whole)
    move_edge (pass, c, p->n, rows, FALSE);
}

static void
run_panel (const Product *p,
           const Pass    *pass,
           int64_t        first_row,
           int64_t        end_row)
{
  int rows;

  pack_panel (p, pass->from, pass->depth, pass->column, pass->columns, pass->panel);
  for (int64_t row = first_row; row < end_row; row += rows)
    {
      rows = gw_conv_tile_even_rows (end_row - row);
      run_tile (p, pass, row, rows);
    }
}

static void
run_chunk (void *data,
           int   chunk)
{
  const Product *p = data;
  float panel[MAX_DEPTH * PANEL] __attribute__ ((aligned (64)));
  float copy[GW_TILE_MAX_ROWS * COPY_ROW] __attribute__ ((aligned (64)));
  float edge[GW_TILE_MAX_ROWS * PANEL] __attribute__ ((aligned (64)));
  int64_t first_row = chunk % p->row_chunks * p->rows;
  int64_t end_row = MIN (first_row + p->rows, p->m);
  int64_t first_column = chunk / p->row_chunks * p->panels * PANEL;
  int64_t end_column = MIN (first_column + p->panels * PANEL, p->n);
  int64_t n_depths = (p->k + MAX_DEPTH - 1) / MAX_DEPTH;
  int64_t depth = (p->k + n_depths - 1) / n_depths;

  for (int64_t from = 0; from < p->k; from += depth)
    for (int64_t column = first_column; column < end_column; column += PANEL)
      {
        Pass pass = { from, MIN (depth, p->k - from), column, MIN (PANEL, end_column - column), panel, copy, edge };

        run_panel (p, &pass, first_row, end_row);
      }
}

/* ---- chunks ---- */

static int64_t
divide_up (int64_t n,
           int64_t by)
{
  return (n + by - 1) / by;
}

/* Columns first, since panels are packed once then; rows where those do not do. */
static int
cut (Product *p)
{
  double work = 2.0 * (double) p->m * (double) p->n * (double) p->k;
  int64_t wanted = work < SMALL_WORK ? 1 : (int64_t) MIN (work / WORK, MAX_CHUNKS);
  int64_t n_panels = divide_up (p->n, PANEL);
  gboolean by_rows = n_panels * PANEL - p->n > PANEL / 2 && n_panels < 2 * wanted && p->m >= wanted * FEW_ROWS;
  int64_t column_chunks = by_rows ? 1 : MIN (n_panels, wanted);
  int64_t row_chunks = CLAMP (wanted / column_chunks, 1, MAX (p->m / FEW_ROWS, 1));

  row_chunks = MAX (row_chunks, divide_up (p->m, MANY_ROWS));
  p->panels = divide_up (n_panels, column_chunks);
  p->rows = divide_up (p->m, row_chunks);
  p->row_chunks = divide_up (p->m, p->rows);
  return (int) (p->row_chunks * divide_up (n_panels, p->panels));
}

gboolean
gw_gemm_suits_tiles (gboolean transpose_a,
                     gboolean transpose_b,
                     int64_t  m,
                     int64_t  n,
                     int64_t  k)
{
  double work = 2.0 * (double) m * (double) n * (double) k;

  return gw_vector_loops ()->lanes >= LEAST_LANES && (work < LARGE_WORK || n <= PANEL);
}

void
gw_gemm_by_tiles (GwKernelContext *context,
                  gboolean         transpose_a,
                  gboolean         transpose_b,
                  int64_t          m,
                  int64_t          n,
                  int64_t          k,
                  const float     *a,
                  const float     *b,
                  float           *c)
{
  Product product = { transpose_a, transpose_b, m, n, k, a, b, c, 0, 0, 0 };

  if (n <= GW_GEMM_NARROW && (transpose_a ? m : k) >= LANES)
    {
      gw_gemm_narrow (context, transpose_a, transpose_b, m, n, k, a, b, c);
      return;
    }
  gw_workers_run (context->workers, cut (&product), run_chunk, &product);
}
