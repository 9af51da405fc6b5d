/* SPDX-License-Identifier: Apache-2.0 */
/* What the recurrent kernels share: cutting a batch into blocks, and products of the
 * rows of a block. */
#pragma once

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/device/cpu/blas.h"
#include "engine/device/cpu/conv-tile.h"
#include "engine/device/cpu/recurrent.h"

G_BEGIN_DECLS

/* A product of fewer rows leaves the processor waiting for the weights. */
#define RECURRENT_BLOCK 32

/* Rows of a block: a function of the batch alone. */
static inline int64_t
recurrent_block_rows (int64_t batch)
{
  return batch >= 2 * RECURRENT_BLOCK ? RECURRENT_BLOCK : batch >= RECURRENT_BLOCK / 2 ? (batch + 1) / 2 : MAX (batch, 1);
}

static inline int64_t
recurrent_blocks (int64_t batch)
{
  int64_t rows = recurrent_block_rows (batch);

  return (batch + rows - 1) / rows;
}

/* c (m × n, rows `ldc` apart) = beta c + a (m × k) · b (k × n, or its transpose where
 * b is n × k; rows `ldb` apart), beta 0 or 1. Sides within int; k may be 0. Few rows by
 * columns that fill vectors are done where they lie, without packing the weights again in
 * every step of a sequence; the rest is OpenBLAS's: by the sizes alone. */
static inline void
recurrent_product (const GwBlas *blas,
                   int64_t       m,
                   int64_t       n,
                   int64_t       k,
                   const float  *a,
                   int64_t       lda,
                   gboolean      transpose_b,
                   const float  *b,
                   int64_t       ldb,
                   float         beta,
                   float        *c,
                   int64_t       ldc)
{
  if (!transpose_b && n % GW_TILE_LANES == 0 && m <= RECURRENT_BLOCK)
    gw_conv_tile_product (m, n, k, a, lda, b, ldb, beta != 0, c, ldc);
  else if (m > 0 && n > 0)
    blas->sgemm (CblasRowMajor, CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, (int) m, (int) n, (int) k, 1, a,
                 (int) MAX (lda, 1), b, (int) MAX (ldb, 1), beta, c, (int) ldc);
}

/* Whether weights of so many columns, and all their rows, can be counted by the
 * library, and an element count a × b × c by a size of floats. */
static inline gboolean
recurrent_floats (int64_t   a,
                  int64_t   b,
                  int64_t   c,
                  size_t   *bytes,
                  GError  **error)
{
  size_t size;

  if (a <= G_MAXINT32 && b <= G_MAXINT32 && c <= G_MAXINT32 && gw_size_mul ((size_t) a, (size_t) b, &size) &&
      gw_size_mul (size, (size_t) c, &size) && gw_size_mul (size, sizeof (float), &size) && size < G_MAXSSIZE / 4)
    {
      *bytes = (size + GW_ALIGNMENT - 1) / GW_ALIGNMENT * GW_ALIGNMENT;
      return TRUE;
    }
  return gw_invalid (error, "a recurrent layer of these sizes is too large");
}

G_END_DECLS
