/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/gemm.h"

#include "engine/device/cpu/blas.h"
#include "engine/device/cpu/no-kernel.h"

#include <string.h>

#include "engine/device/cpu/loops.h"

/* A product is cut into 1, 2, 4, … blocks of rows or columns, by its size alone: up
 * to four as soon as each has SMALL_WORK multiplications and additions, more when each
 * has LARGE_WORK, since every block packs the other operand anew. Sides are multiples
 * of what the library's inner loops take at once. */
#define SMALL_WORK 4e6
#define LARGE_WORK 2e7
#define FEW_BLOCKS 4
#define MAX_BLOCKS 64
#define ROWS_AT_ONCE 4
#define COLUMNS_AT_ONCE 16

typedef struct {
  const GwBlas *blas;
  GwDType     dtype;
  gboolean    transpose_a, transpose_b;
  int64_t     m, n, k;
  const char *a, *b;
  char       *c;
  size_t      size;
  gboolean    by_rows;  /* blocks are rows of c, else columns */
  int64_t     side;     /* of a block */
} Product;

#define INTEGER_PRODUCT(T)                                                                   \
  GW_CLONES static void                                                                      \
  product_##T (const Product *p, const T *a, const T *b, T *c, int64_t m, int64_t n)         \
  {                                                                                          \
    int64_t a_row = p->transpose_a ? 1 : p->k, a_column = p->transpose_a ? p->m : 1;         \
    int64_t b_row = p->transpose_b ? 1 : p->n, b_column = p->transpose_b ? p->k : 1;         \
                                                                                             \
    for (int64_t i = 0; i < m; i++)                                                          \
      {                                                                                      \
        T *row = c + i * p->n;                                                               \
                                                                                             \
        memset (row, 0, n * sizeof (T));                                                     \
        for (int64_t l = 0; l < p->k; l++)                                                   \
          {                                                                                  \
            T factor = a[i * a_row + l * a_column];                                          \
                                                                                             \
            for (int64_t j = 0; j < n; j++)                                                  \
              row[j] = GW_WRAP (T, row[j], +, GW_WRAP (T, factor, *, b[l * b_row + j * b_column])); \
          }                                                                                  \
      }                                                                                      \
  }

INTEGER_PRODUCT (int32_t)
INTEGER_PRODUCT (int64_t)

static void
run_block (const Product *p,
           int64_t        block)
{
  int64_t first = block * p->side;
  int64_t m = p->by_rows ? MIN (p->side, p->m - first) : p->m;
  int64_t n = p->by_rows ? p->n : MIN (p->side, p->n - first);
  const char *a = p->a + (p->by_rows ? first * (p->transpose_a ? 1 : p->k) : 0) * p->size;
  const char *b = p->b + (p->by_rows ? 0 : first * (p->transpose_b ? p->k : 1)) * p->size;
  char *c = p->c + first * (p->by_rows ? p->n : 1) * p->size;
  enum CBLAS_TRANSPOSE ta = p->transpose_a ? CblasTrans : CblasNoTrans;
  enum CBLAS_TRANSPOSE tb = p->transpose_b ? CblasTrans : CblasNoTrans;
  int lda = (int) (p->transpose_a ? p->m : p->k);
  int ldb = (int) (p->transpose_b ? p->k : p->n);

  if (p->dtype == GW_FLOAT32)
    p->blas->sgemm (CblasRowMajor, ta, tb, (int) m, (int) n, (int) p->k, 1, (const float *) a, lda,
                 (const float *) b, ldb, 0, (float *) c, (int) p->n);
  else if (p->dtype == GW_FLOAT64)
    p->blas->dgemm (CblasRowMajor, ta, tb, (int) m, (int) n, (int) p->k, 1, (const double *) a, lda,
                 (const double *) b, ldb, 0, (double *) c, (int) p->n);
  else if (p->dtype == GW_INT32)
    product_int32_t (p, (const int32_t *) a, (const int32_t *) b, (int32_t *) c, m, n);
  else
    product_int64_t (p, (const int64_t *) a, (const int64_t *) b, (int64_t *) c, m, n);
}

static void
run_blocks (void    *data,
            int64_t  begin,
            int64_t  end)
{
  for (int64_t block = begin; block < end; block++)
    run_block (data, block);
}

static int64_t
block_side (const Product *p)
{
  double work = 2.0 * (double) p->m * (double) p->n * (double) p->k;
  int64_t at_once = p->by_rows ? ROWS_AT_ONCE : COLUMNS_AT_ONCE;
  int64_t blocks = 1;
  int64_t side;

  while (blocks < MAX_BLOCKS && work > (double) blocks * (blocks < FEW_BLOCKS ? SMALL_WORK : LARGE_WORK))
    blocks *= 2;
  side = (MAX (p->m, p->n) + blocks - 1) / blocks;
  return (side + at_once - 1) / at_once * at_once;
}

gboolean
gw_cpu_gemm (GwKernelContext *context,
             GwDType          dtype,
             gboolean         transpose_a,
             gboolean         transpose_b,
             int64_t          m,
             int64_t          n,
             int64_t          k,
             const void      *a,
             const void      *b,
             void            *c,
             GError         **error)
{
  Product product = { NULL, dtype, transpose_a, transpose_b, m, n, k, a, b, c, gw_dtype_size (dtype), m >= n, 0 };

  if (dtype != GW_FLOAT32 && dtype != GW_FLOAT64 && dtype != GW_INT32 && dtype != GW_INT64)
    return gw_cpu_no_kernel (context, dtype, error);
  if (m > G_MAXINT32 || n > G_MAXINT32 || k > G_MAXINT32)
    return gw_invalid (error, "a matrix of more than 2147483647 rows or columns cannot be multiplied");
  if (m == 0 || n == 0)
    return TRUE;
  if (k == 0)
    {
      memset (c, 0, (size_t) m * n * product.size);
      return TRUE;
    }
  product.blas = gw_blas (error);
  if (product.blas == NULL)
    return FALSE;
  product.side = block_side (&product);
  gw_kernel_parallel (context, (MAX (m, n) + product.side - 1) / product.side, 1, run_blocks, &product);
  return TRUE;
}
