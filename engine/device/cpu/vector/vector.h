/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that keep their results in registers have to know how many floats one holds and how
 * many there are: the files of this folder are compiled once for each set of instructions, and
 * the processor's own is chosen when the program runs. A vector that is wider than its registers
 * the compiler would keep in memory, at a thirtieth of the speed. */
#pragma once

#include "engine/device/cpu/conv-tile.h"
#include "engine/device/cpu/gemm-narrow.h"
#include "engine/device/cpu/winograd.h"

G_BEGIN_DECLS

/* Sums over `depth` of the products of a0, a1 and each of some columns, which lie `apart`
 * floats from each other, added to c0 and c1 or put there. */
typedef void (*GwDotFunc) (const float *a0, const float *a1, const float *columns, int64_t apart, int64_t depth,
                           gboolean add, float *c0, float *c1);

typedef enum { GW_VECTOR_PLAIN, GW_VECTOR_AVX2, GW_VECTOR_AVX512, GW_VECTOR_N_SETS } GwVectorSet;

typedef struct {
  int            lanes;                                            /* floats of a register */
  GwConvTileFunc tiles[GW_TILE_MAX_ROWS + 1][GW_TILE_MAX_VECTORS]; /* by rows and vectors less one; NULL = there are none */
  /* to[i × to_stride + j] = b[j × stride + i] for i and j in [0, GW_TILE_LANES). */
  void (*transpose) (const float *b, int64_t stride, float *to, int64_t to_stride);
  GwDotFunc dots[GW_GEMM_NARROW + 1];                              /* by columns; NULL = there are none */
  void (*winograd_input) (const float *const *pixels, int64_t channels, float *to, int64_t stride);
  /* By the side of the small square. */
  void (*winograd_evaluate[GW_WINOGRAD_MOST + 1]) (const float *const *pixels, int64_t channels, float *to, int64_t stride);
  void (*winograd_collect[GW_WINOGRAD_MOST + 1]) (const float *from, int64_t stride, int64_t channels, float *const *pixels);
} GwVectorLoops;

/* The best that the processor has. Any thread. */
const GwVectorLoops *gw_vector_loops (void);
/* Those of one set; FALSE where the processor does not have it. */
gboolean gw_vector_loops_of (GwVectorSet set, GwVectorLoops *loops);

/* What each file adds, for each set of instructions. */
#define GW_VECTOR_FILES(set)                           \
  void gw_vector_tiles_##set (GwVectorLoops *loops);   \
  void gw_vector_narrow_##set (GwVectorLoops *loops);  \
  void gw_vector_winograd_##set (GwVectorLoops *loops);

GW_VECTOR_FILES (plain)
GW_VECTOR_FILES (avx2)
GW_VECTOR_FILES (avx512)

G_END_DECLS
