/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/gemm.h"

#include "engine/device/cpu/blas.h"
#include "engine/device/cpu/gemm-one-hot.h"
#include "engine/device/cpu/gemm-tiles.h"
#include "engine/device/cpu/half.h"
#include "engine/device/cpu/no-kernel.h"

#include <string.h>

#include "engine/device/cpu/loops.h"

/* A product is cut into 1, 2, 4, … blocks of rows or columns, by its size alone: up
 * to four as soon as each has SMALL_WORK multiplications and additions, more when each
 * has LARGE_WORK and a side of LARGE_SIDE, since every block packs the other operand
 * anew. Sides are multiples of what the library's inner loops take at once. */
#define SMALL_WORK 4e6
#define LARGE_WORK 2e7
#define LARGE_SIDE 192
#define FEW_BLOCKS 4
#define MAX_BLOCKS 64
#define ROWS_AT_ONCE 4
#define COLUMNS_AT_ONCE 16

typedef struct {
  const GwBlas *blas;
  GwDType     dtype;
  GwGemmForm  form_a, form_b;
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
    int64_t a_row = p->form_a ? 1 : p->k, a_column = p->form_a ? p->m : 1;         \
    int64_t b_row = p->form_b ? 1 : p->n, b_column = p->form_b ? p->k : 1;         \
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

INTEGER_PRODUCT (int16_t)
INTEGER_PRODUCT (int32_t)
INTEGER_PRODUCT (int64_t)

static enum CBLAS_TRANSPOSE
blas_form (GwGemmForm form)
{
  return form == GW_GEMM_PLAIN ? CblasNoTrans : form == GW_GEMM_TRANSPOSED ? CblasTrans : CblasConjTrans;
}

/* The block of m × n results at c. */
static void
call_product (const Product *p,
              const void    *a,
              const void    *b,
              void          *c,
              int64_t        m,
              int64_t        n)
{
  static const double one[] = { 1, 0 }, zero[] = { 0, 0 };
  static const float one_float[] = { 1, 0 }, zero_float[] = { 0, 0 };
  enum CBLAS_TRANSPOSE ta = blas_form (p->form_a), tb = blas_form (p->form_b);
  int lda = (int) (p->form_a ? p->m : p->k);
  int ldb = (int) (p->form_b ? p->k : p->n);
  int ldc = (int) p->n, rows = (int) m, columns = (int) n, inner = (int) p->k;

  switch (p->dtype)
    {
    case GW_FLOAT32:
      p->blas->sgemm (CblasRowMajor, ta, tb, rows, columns, inner, 1, a, lda, b, ldb, 0, c, ldc);
      break;
    case GW_FLOAT64:
      p->blas->dgemm (CblasRowMajor, ta, tb, rows, columns, inner, 1, a, lda, b, ldb, 0, c, ldc);
      break;
    case GW_COMPLEX64:
      p->blas->cgemm (CblasRowMajor, ta, tb, rows, columns, inner, one_float, a, lda, b, ldb, zero_float, c, ldc);
      break;
    case GW_COMPLEX128:
      p->blas->zgemm (CblasRowMajor, ta, tb, rows, columns, inner, one, a, lda, b, ldb, zero, c, ldc);
      break;
    case GW_INT16:
      product_int16_t (p, a, b, c, m, n);
      break;
    case GW_INT32:
      product_int32_t (p, a, b, c, m, n);
      break;
    default:
      product_int64_t (p, a, b, c, m, n);
      break;
    }
}

static void
run_block (const Product *p,
           int64_t        block)
{
  int64_t first = block * p->side;
  int64_t m = p->by_rows ? MIN (p->side, p->m - first) : p->m;
  int64_t n = p->by_rows ? p->n : MIN (p->side, p->n - first);
  const char *a = p->a + (p->by_rows ? first * (p->form_a ? 1 : p->k) : 0) * p->size;
  const char *b = p->b + (p->by_rows ? 0 : first * (p->form_b ? p->k : 1)) * p->size;
  char *c = p->c + first * (p->by_rows ? p->n : 1) * p->size;

  call_product (p, a, b, c, m, n);
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
  int64_t all = MAX (p->m, p->n);
  int64_t blocks = 1;
  int64_t side;

  while (blocks < FEW_BLOCKS && work > (double) blocks * SMALL_WORK)
    blocks *= 2;
  while (blocks >= FEW_BLOCKS && blocks < MAX_BLOCKS && work > (double) blocks * LARGE_WORK &&
         all / (2 * blocks) >= LARGE_SIDE)
    blocks *= 2;
  side = (all + blocks - 1) / blocks;
  return (side + at_once - 1) / at_once * at_once;
}

gboolean
gw_cpu_gemm (GwKernelContext *context,
             GwDType          dtype,
             GwGemmForm       form_a,
             GwGemmForm       form_b,
             int64_t          m,
             int64_t          n,
             int64_t          k,
             const void      *a,
             const void      *b,
             void            *c,
             GError         **error)
{
  Product product = { NULL, dtype, form_a, form_b, m, n, k, a, b, c, gw_dtype_size (dtype), m >= n, 0 };

  if (dtype != GW_FLOAT32 && dtype != GW_FLOAT64 && dtype != GW_INT16 && dtype != GW_INT32 && dtype != GW_INT64 &&
      !gw_dtype_is_complex (dtype))
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
  if (dtype == GW_FLOAT32 && form_b == GW_GEMM_PLAIN &&
      gw_gemm_one_hot (context, form_a != GW_GEMM_PLAIN, m, n, k, a, b, c))
    return TRUE;
  if (dtype == GW_FLOAT32 && gw_gemm_suits_tiles (form_a != GW_GEMM_PLAIN, form_b != GW_GEMM_PLAIN, m, n, k))
    {
      gw_gemm_by_tiles (context, form_a != GW_GEMM_PLAIN, form_b != GW_GEMM_PLAIN, m, n, k, a, b, c);
      return TRUE;
    }
  product.blas = gw_blas (error);
  if (product.blas == NULL)
    return FALSE;
  product.side = block_side (&product);
  gw_kernel_parallel (context, (MAX (m, n) + product.side - 1) / product.side, 1, run_blocks, &product);
  return TRUE;
}

/* ---- stacks of matrices ---- */

/* Which matrix of an operand belongs to matrix `index` of the result. */
static int64_t
matrix_of (const GwShape *result,
           const GwShape *operand,
           int64_t        index)
{
  int64_t place = 0;
  int64_t stride = 1;

  for (int i = 3; i <= operand->rank; i++)
    {
      int64_t size = result->dims[result->rank - i];
      int64_t own = operand->dims[operand->rank - i];

      place += own == 1 ? 0 : index % size * stride;
      stride *= own;
      index /= size;
    }
  return place;
}

gboolean
gw_cpu_matmul (GwKernelContext *context,
               const GwTensor  *x,
               GwGemmForm       form_x,
               const GwTensor  *y,
               GwGemmForm       form_y,
               GwTensor        *z,
               GError         **error)
{
  const GwTensor *const operands[] = { x, y };
  int64_t m = z->shape.dims[z->shape.rank - 2], n = z->shape.dims[z->shape.rank - 1];
  int64_t k = x->shape.dims[x->shape.rank - (form_x ? 2 : 1)];
  int64_t count = gw_shape_span (&z->shape, 0, z->shape.rank - 2);
  size_t size;
  GwTwins twins;

  if (!gw_twins_begin (&twins, context, 2, operands, 1, &z, error))
    return FALSE;
  size = gw_dtype_size (twins.dtype);
  for (int64_t i = 0; i < count; i++)
    if (!gw_cpu_gemm (context, twins.dtype, form_x, form_y, m, n, k,
                      (const char *) twins.data[0] + matrix_of (&z->shape, &x->shape, i) * m * k * size,
                      (const char *) twins.data[1] + matrix_of (&z->shape, &y->shape, i) * k * n * size,
                      (char *) twins.data[2] + i * m * n * size, error))
      return FALSE;
  gw_twins_finish (&twins, context);
  return TRUE;
}
