/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/conv-tile.h"

#include "engine/device/cpu/vector/vector.h"

int
gw_conv_tile_rows (int64_t rows)
{
  const GwVectorLoops *loops = gw_vector_loops ();
  int best = (int) MIN (rows, GW_TILE_MAX_ROWS);

  while (loops->tiles[best][0] == NULL)
    best--;
  return best;
}

GwConvTileFunc
gw_conv_tile_func (int rows,
                   int vectors)
{
  return gw_vector_loops ()->tiles[rows][vectors - 1];
}

int
gw_conv_tile_even_rows (int64_t left)
{
  int64_t n_tiles = (left + GW_TILE_MAX_ROWS - 1) / GW_TILE_MAX_ROWS;

  return gw_conv_tile_rows ((left + n_tiles - 1) / n_tiles);
}

void
gw_conv_tile_product (int64_t      m,
                      int64_t      n,
                      int64_t      k,
                      const float *a,
                      int64_t      lda,
                      const float *b,
                      int64_t      ldb,
                      gboolean     add,
                      float       *c,
                      int64_t      ldc)
{
  static const int64_t nowhere = 0;
  GwConvTile tile = { .a_at = &nowhere, .a_step = 1, .a_row = lda, .b_step = ldb, .n_outer = 1, .n_inner = k,
                      .c_row = ldc, .add = add };

  for (int64_t column = 0; column < n; column += GW_TILE_MAX_VECTORS * GW_TILE_LANES)
    {
      int vectors = (int) (MIN (n - column, GW_TILE_MAX_VECTORS * GW_TILE_LANES) / GW_TILE_LANES);
      int rows;

      for (int64_t row = 0; row < m; row += rows)
        {
          rows = gw_conv_tile_even_rows (m - row);
          tile.a = a + row * lda;
          tile.b = b + column;
          tile.c = c + row * ldc + column;
          gw_conv_tile_func (rows, vectors) (&tile);
        }
    }
}
