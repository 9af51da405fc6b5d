/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/vector/native.h"

/* Rows and vectors of a block of results that fits into the registers, with two for `b` and one
 * for `a`: of 32 registers, or of 16. A tile is made of such blocks. */
#if NATIVE == 16
#define MOST_ROWS GW_TILE_MAX_ROWS
#else
#define MOST_ROWS 6
#endif
#define MOST_NATIVES 2

typedef void (*BlockFunc) (const GwConvTile *tile, const float *first_a, const float *first_b, float *c);

#define BLOCK(ROWS, NATIVES)                                                                         \
  static void                                                                                        \
  block_##ROWS##_##NATIVES (const GwConvTile *tile, const float *first_a, const float *first_b,      \
                            float *c)                                                                \
  {                                                                                                  \
    int64_t a_step = tile->a_step, a_row = tile->a_row, b_step = tile->b_step, c_row = tile->c_row;  \
    Native sum[ROWS][NATIVES];                                                                       \
                                                                                                     \
    UNROLL for (int p = 0; p < ROWS; p++)                                                            \
      UNROLL for (int v = 0; v < NATIVES; v++)                                                       \
        sum[p][v] = (Native) { 0 };                                                                  \
    for (int64_t outer = 0; outer < tile->n_outer; outer++)                                          \
      {                                                                                              \
        const float *a = first_a + tile->a_at[outer];                                                \
        const float *b = first_b + outer * tile->b_outer;                                            \
                                                                                                     \
        for (int64_t inner = tile->n_inner; inner > 0; inner--, a += a_step, b += b_step)            \
          {                                                                                          \
            Native lanes[NATIVES];                                                                   \
                                                                                                     \
            UNROLL for (int v = 0; v < NATIVES; v++)                                                 \
              lanes[v] = *(const Native *) (b + v * NATIVE);                                         \
            UNROLL for (int p = 0; p < ROWS; p++)                                                    \
              {                                                                                      \
                float factor = a[p * a_row];                                                         \
                                                                                                     \
                UNROLL for (int v = 0; v < NATIVES; v++)                                             \
                  sum[p][v] += factor * lanes[v];                                                    \
              }                                                                                      \
          }                                                                                          \
      }                                                                                              \
    if (tile->add)                                                                                   \
      UNROLL for (int p = 0; p < ROWS; p++)                                                          \
        UNROLL for (int v = 0; v < NATIVES; v++)                                                     \
          *(Native *) (c + p * c_row + v * NATIVE) += sum[p][v];                                     \
    else                                                                                             \
      UNROLL for (int p = 0; p < ROWS; p++)                                                          \
        UNROLL for (int v = 0; v < NATIVES; v++)                                                     \
          *(Native *) (c + p * c_row + v * NATIVE) = sum[p][v];                                      \
  }

#if NATIVE == 16
#define EACH_BLOCK(X) X (1) X (2) X (4) X (5) X (7) X (10) X (12) X (14)
#else
#define EACH_BLOCK(X) X (1) X (2) X (3) X (4) X (5) X (6)
#endif

#define BLOCKS(ROWS) BLOCK (ROWS, 1) BLOCK (ROWS, 2)
#define BLOCK_ENTRY(ROWS) [ROWS] = { block_##ROWS##_1, block_##ROWS##_2 },

EACH_BLOCK (BLOCKS)

static const BlockFunc blocks[MOST_ROWS + 1][MOST_NATIVES] = { EACH_BLOCK (BLOCK_ENTRY) };

/* Rows in parts of about the same size, at most MOST_ROWS. */
GW_INLINE void
run_tile (const GwConvTile *tile,
          int               rows,
          int               vectors)
{
  const int lanes = vectors * GW_TILE_LANES, width = MIN (lanes, MOST_NATIVES * NATIVE);
  const int n_parts = (rows + MOST_ROWS - 1) / MOST_ROWS, part = (rows + n_parts - 1) / n_parts;

  for (int lane = 0; lane < lanes; lane += width)
    for (int row = 0; row < rows; row += part)
      blocks[MIN (part, rows - row)][width / NATIVE - 1] (tile, tile->a + row * tile->a_row, tile->b + lane,
                                                         tile->c + row * tile->c_row + lane);
}

#define TILE(ROWS, VECTORS)                              \
  static void                                            \
  tile_##ROWS##_##VECTORS (const GwConvTile *tile)       \
  {                                                      \
    run_tile (tile, ROWS, VECTORS);                      \
  }

#define EACH_TILE(X) X (1) X (2) X (4) X (5) X (7) X (10) X (12) X (14)
#define TILES(ROWS) TILE (ROWS, 1) TILE (ROWS, 2)
#define TILE_ENTRY(ROWS)                  \
  loops->tiles[ROWS][0] = tile_##ROWS##_1; \
  loops->tiles[ROWS][1] = tile_##ROWS##_2;

EACH_TILE (TILES)

/* ---- turning round ---- */

#define LOW(lane, distance) (((lane) & (distance)) == 0 ? (lane) : NATIVE + (lane) - (distance))
#define HIGH(lane, distance) (((lane) & (distance)) == 0 ? (lane) + (distance) : NATIVE + (lane))

/* Exchanges blocks of `distance` between rows that are as far apart. */
#define EXCHANGE(rows, distance)                                                            \
  UNROLL for (int i = 0; i < NATIVE; i++)                                                   \
    if ((i & (distance)) == 0)                                                              \
      {                                                                                     \
        Native first = rows[i], second = rows[i + (distance)];                              \
                                                                                            \
        rows[i] = __builtin_shuffle (first, second, EACH_LANE (LOW, distance));             \
        rows[i + (distance)] = __builtin_shuffle (first, second, EACH_LANE (HIGH, distance)); \
      }

GW_INLINE void
transpose_square (const float *b,
                  int64_t      stride,
                  float       *to,
                  int64_t      to_stride)
{
  Native rows[NATIVE];

  UNROLL for (int i = 0; i < NATIVE; i++)
    rows[i] = *(const Native *) (b + i * stride);
#if NATIVE > 8
  EXCHANGE (rows, 8)
#endif
#if NATIVE > 4
  EXCHANGE (rows, 4)
#endif
  EXCHANGE (rows, 2)
  EXCHANGE (rows, 1)
  UNROLL for (int i = 0; i < NATIVE; i++)
    *(Native *) (to + i * to_stride) = rows[i];
}

static void
transpose (const float *b,
           int64_t      stride,
           float       *to,
           int64_t      to_stride)
{
  for (int i = 0; i < GW_TILE_LANES; i += NATIVE)
    for (int j = 0; j < GW_TILE_LANES; j += NATIVE)
      transpose_square (b + j * stride + i, stride, to + i * to_stride + j, to_stride);
}

void
NATIVE_NAME (gw_vector_tiles) (GwVectorLoops *loops)
{
  EACH_TILE (TILE_ENTRY)
  loops->lanes = NATIVE;
  loops->transpose = transpose;
}
