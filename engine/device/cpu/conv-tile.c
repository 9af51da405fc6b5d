/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/conv-tile.h"

#include "engine/device/cpu/loops.h"

typedef float Vector __attribute__ ((vector_size (GW_TILE_LANES * sizeof (float)), aligned (sizeof (float)), may_alias));

#define UNROLL _Pragma ("GCC unroll 16")

#define TILE(ROWS, VECTORS)                                                                  \
  GW_CLONES static void                                                                      \
  tile_##ROWS##_##VECTORS (const GwConvTile *tile)                                           \
  {                                                                                          \
    int64_t a_step = tile->a_step, a_row = tile->a_row, b_step = tile->b_step;               \
    int64_t c_row = tile->c_row;                                                             \
    float *c = tile->c;                                                                      \
    Vector sum[ROWS][VECTORS];                                                               \
                                                                                             \
    UNROLL for (int p = 0; p < ROWS; p++)                                                    \
      UNROLL for (int v = 0; v < VECTORS; v++)                                               \
        sum[p][v] = (Vector) { 0 };                                                          \
    for (int64_t outer = 0; outer < tile->n_outer; outer++)                                  \
      {                                                                                      \
        const float *a = tile->a + tile->a_at[outer];                                        \
        const float *b = tile->b + outer * tile->b_outer;                                    \
                                                                                             \
        for (int64_t inner = tile->n_inner; inner > 0; inner--, a += a_step, b += b_step)    \
          {                                                                                  \
            Vector lanes[VECTORS];                                                           \
                                                                                             \
            UNROLL for (int v = 0; v < VECTORS; v++)                                         \
              lanes[v] = *(const Vector *) (b + v * GW_TILE_LANES);                          \
            UNROLL for (int p = 0; p < ROWS; p++)                                            \
              {                                                                              \
                float factor = a[p * a_row];                                                 \
                                                                                             \
                UNROLL for (int v = 0; v < VECTORS; v++)                                     \
                  sum[p][v] += factor * lanes[v];                                            \
              }                                                                              \
          }                                                                                  \
      }                                                                                      \
    if (tile->add)                                                                           \
      UNROLL for (int p = 0; p < ROWS; p++)                                                  \
        UNROLL for (int v = 0; v < VECTORS; v++)                                             \
          *(Vector *) (c + p * c_row + v * GW_TILE_LANES) += sum[p][v];                      \
    else                                                                                     \
      UNROLL for (int p = 0; p < ROWS; p++)                                                  \
        UNROLL for (int v = 0; v < VECTORS; v++)                                             \
          *(Vector *) (c + p * c_row + v * GW_TILE_LANES) = sum[p][v];                       \
  }

#define TILES(ROWS) TILE (ROWS, 1) TILE (ROWS, 2)

TILES (1)
TILES (2)
TILES (4)
TILES (5)
TILES (7)
TILES (10)
TILES (12)
TILES (14)

#define ENTRY(ROWS) { ROWS, { tile_##ROWS##_1, tile_##ROWS##_2 } }

static const struct {
  int rows;
  GwConvTileFunc funcs[GW_TILE_MAX_VECTORS];
} tiles[] = { ENTRY (1), ENTRY (2), ENTRY (4), ENTRY (5), ENTRY (7), ENTRY (10), ENTRY (12), ENTRY (14) };

int
gw_conv_tile_rows (int64_t rows)
{
  int best = 1;

  for (gsize i = 0; i < G_N_ELEMENTS (tiles); i++)
    if (tiles[i].rows <= rows)
      best = tiles[i].rows;
  return best;
}

GwConvTileFunc
gw_conv_tile_func (int rows,
                   int vectors)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tiles); i++)
    if (tiles[i].rows == rows)
      return tiles[i].funcs[vectors - 1];
  g_assert_not_reached ();
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
