/* SPDX-License-Identifier: Apache-2.0 */
/* The innermost loops of the direct convolution and of the products of recurrent layers:
 * a tile of results kept in registers while one operand is broadcast element by element
 * and the other read in vectors. */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Floats of a vector. Where the processor's are shorter the compiler splits them. */
#define GW_TILE_LANES 16
#define GW_TILE_MAX_ROWS 14
#define GW_TILE_MAX_VECTORS 2

/* c[p, lane] (+)= Σ over outer, inner of a[a_at[outer] + inner × a_step + p × a_row]
 *                                       × b[outer × b_outer + inner × b_step + lane]
 * for p in [0, rows) and the lanes of the vectors. Each element adds its products in
 * that order, whatever tile it is part of, so the choice of tiles changes no bit. */
typedef struct {
  const float   *a;
  const int64_t *a_at;
  int64_t        a_step, a_row;
  const float   *b;
  int64_t        b_outer, b_step;
  int64_t        n_outer, n_inner;
  float         *c;
  int64_t        c_row;
  gboolean       add;      /* to what c holds, else c is overwritten */
} GwConvTile;

typedef void (*GwConvTileFunc) (const GwConvTile *tile);

/* The largest number of rows, at most `rows` (at least 1), that there are loops for. */
int gw_conv_tile_rows (int64_t rows);
/* Rows of the next tile of `left`: about as many as those that follow it. */
int gw_conv_tile_even_rows (int64_t left);
/* Loops for that many rows and 1 or 2 vectors. */
GwConvTileFunc gw_conv_tile_func (int rows, int vectors);

/* c (m × n, rows `ldc` apart) = a (m × k) · b (k × n), rows `lda` and `ldb` apart, or that
 * added to what c holds. n is a multiple of GW_TILE_LANES; k may be 0. Nothing is packed:
 * for few rows, and a `b` that the second cache holds. */
void gw_conv_tile_product (int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *b, int64_t ldb,
                           gboolean add, float *c, int64_t ldc);

G_END_DECLS
