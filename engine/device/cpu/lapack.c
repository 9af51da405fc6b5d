/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/lapack.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/device/cpu/blas.h"
#include "engine/device/cpu/no-kernel.h"

#include <math.h>
#include <string.h>

/* ---- the library ---- */

/* Fortran passes everything by address, and the lengths of texts behind the rest. */
typedef struct {
  void (*getrf) (const int *m, const int *n, double *a, const int *lda, int *pivots, int *info);
  void (*getri) (const int *n, double *a, const int *lda, const int *pivots, double *work, const int *n_work, int *info);
  void (*getrs) (const char *trans, const int *n, const int *k, const double *a, const int *lda, const int *pivots,
                 double *b, const int *ldb, int *info, size_t length);
  void (*potrf) (const char *uplo, const int *n, double *a, const int *lda, int *info, size_t length);
  void (*geqrf) (const int *m, const int *n, double *a, const int *lda, double *tau, double *work, const int *n_work,
                 int *info);
  void (*orgqr) (const int *m, const int *n, const int *k, double *a, const int *lda, const double *tau, double *work,
                 const int *n_work, int *info);
  void (*gesdd) (const char *job, const int *m, const int *n, double *a, const int *lda, double *s, double *u,
                 const int *ldu, double *vt, const int *ldvt, double *work, const int *n_work, int *iwork, int *info,
                 size_t length);
  void (*syevd) (const char *job, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work,
                 const int *n_work, int *iwork, const int *n_iwork, int *info, size_t job_length, size_t uplo_length);
  void (*trsm) (const char *side, const char *uplo, const char *trans, const char *diag, const int *m, const int *n,
                const double *alpha, const double *a, const int *lda, double *b, const int *ldb, size_t side_length,
                size_t uplo_length, size_t trans_length, size_t diag_length);
  void (*gemm) (const char *ta, const char *tb, const int *m, const int *n, const int *k, const double *alpha,
                const double *a, const int *lda, const double *b, const int *ldb, const double *beta, double *c,
                const int *ldc, size_t ta_length, size_t tb_length);
} Lapack;

static const Lapack *
open_lapack (GError **error)
{
  static const char *const names[] = {
    "dgetrf_", "dgetri_", "dgetrs_", "dpotrf_", "dgeqrf_", "dorgqr_", "dgesdd_", "dsyevd_", "dtrsm_", "dgemm_",
  };
  static void *routines[G_N_ELEMENTS (names)];
  static gsize state; /* 1 = there, 2 = not there */

  G_STATIC_ASSERT (sizeof routines == sizeof (Lapack));
  if (gw_blas (error) == NULL)
    return NULL;
  if (g_once_init_enter (&state))
    {
      gsize found = 1;

      for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        {
          routines[i] = gw_blas_symbol (names[i]);
          found = routines[i] == NULL ? 2 : found;
        }
      g_once_init_leave (&state, found);
    }
  if (state == 1)
    return (const Lapack *) routines;
  g_set_error_literal (error, GW_ERROR, GW_ERROR_UNAVAILABLE, "this OpenBLAS was built without LAPACK");
  return NULL;
}

/* ---- one matrix ---- */

/* Column-major, in float64. The inputs are the routine's to overwrite. */
typedef struct {
  const Lapack          *lapack;
  const GwMatrixOptions *options;
  int     m, n;       /* of input 0 */
  int     least;      /* of m and n, */
  int     most;
  int     k;          /* columns of input 1 */
  double *in[2];
  double *out[3];     /* NULL where not wanted */
  double *work;
  int     n_work;
  int    *iwork;
} Matrix;

/* Computes the outputs; a sentence when it cannot. With work == NULL only says, in
 * n_work, how much of it it wants. */
typedef const char *(*Routine) (Matrix *a);

#define LETTER(condition, yes, no) ((condition) ? (yes) : (no))

static void
set_identity (double *a,
              int     rows,
              int     columns)
{
  memset (a, 0, sizeof (double) * rows * columns);
  for (int i = 0; i < MIN (rows, columns); i++)
    a[i + (size_t) i * rows] = 1;
}

static void
fill (double *a,
      size_t  n,
      double  value)
{
  for (size_t i = 0; a != NULL && i < n; i++)
    a[i] = value;
}

static gboolean
all_finite (const double *a,
            int           m,
            int           n,
            gboolean      lower)
{
  for (int j = 0; j < n; j++)
    for (int i = lower ? j : 0; i < m; i++)
      if (!isfinite (a[i + (size_t) j * m]))
        return FALSE;
  return TRUE;
}

/* Factors input 0; *smallest is the smallest |pivot|. */
static void
factor (Matrix *a,
        double *smallest)
{
  int info;

  *smallest = INFINITY;
  if (a->n > 0)
    a->lapack->getrf (&a->n, &a->n, a->in[0], &a->n, a->iwork, &info);
  for (int i = 0; i < a->n; i++)
    *smallest = fmin (*smallest, fabs (a->in[0][i + (size_t) i * a->n]));
}

static const char *
determinant (Matrix *a)
{
  double smallest, product = 1;

  if (a->work == NULL)
    return NULL;
  factor (a, &smallest);
  for (int i = 0; i < a->n; i++)
    product *= a->in[0][i + (size_t) i * a->n] * (a->iwork[i] != i + 1 ? -1 : 1);
  a->out[0][0] = product;
  return NULL;
}

static const char *
log_determinant (Matrix *a)
{
  double smallest, sign = 1, sum = 0;

  if (a->work == NULL)
    return NULL;
  factor (a, &smallest);
  for (int i = 0; i < a->n; i++)
    {
      double pivot = a->in[0][i + (size_t) i * a->n];

      sign *= (pivot > 0 ? 1 : pivot < 0 ? -1 : pivot) * (a->iwork[i] != i + 1 ? -1 : 1);
      sum += log (fabs (pivot));
    }
  a->out[0][0] = sign;
  a->out[1][0] = sum;
  return NULL;
}

static const char *
inverse (Matrix *a)
{
  double smallest;
  int info;

  if (a->work == NULL)
    {
      a->n_work = MIN (a->n, G_MAXINT32 / 64) * 64;
      return NULL;
    }
  factor (a, &smallest);
  if (smallest == 0)
    return "Input is not invertible.";
  if (a->n > 0)
    a->lapack->getri (&a->n, a->in[0], &a->n, a->iwork, a->work, &a->n_work, &info);
  memcpy (a->out[0], a->in[0], sizeof (double) * a->n * a->n);
  return NULL;
}

static const char *
solve (Matrix *a)
{
  double smallest;
  int info;

  if (a->work == NULL)
    return NULL;
  factor (a, &smallest);
  if (smallest == 0)
    return "Input matrix is not invertible.";
  memcpy (a->out[0], a->in[1], sizeof (double) * a->n * a->k);
  if (a->n > 0)
    a->lapack->getrs ("N", &a->n, &a->k, a->in[0], &a->n, a->iwork, a->out[0], &a->n, &info, 1);
  return NULL;
}

/* b = op (triangle)⁻¹ b, or b op (triangle)⁻¹ from the right; b is rows × columns. */
static void
divide (const Matrix *a,
        const char   *side,
        gboolean      lower,
        gboolean      transpose,
        int           rows,
        int           columns,
        double       *b)
{
  double one = 1;

  if (rows > 0 && columns > 0)
    a->lapack->trsm (side, LETTER (lower, "L", "U"), LETTER (transpose, "T", "N"), "N", &rows, &columns, &one, a->in[0],
                   &a->n, b, &rows, 1, 1, 1, 1);
}

/* The transpose of a lower triangle is an upper one: input 0 comes transposed with
 * `adjoint`. */
static const char *
triangular_solve (Matrix *a)
{
  if (a->work == NULL)
    return NULL;
  memcpy (a->out[0], a->in[1], sizeof (double) * a->n * a->k);
  divide (a, "L", a->options->lower != a->options->adjoint, FALSE, a->n, a->k, a->out[0]);
  return NULL;
}

static void
clear_upper (double *a,
             int     n)
{
  for (int j = 1; j < n; j++)
    memset (a + (size_t) j * n, 0, sizeof (double) * j);
}

static const char *
cholesky (Matrix *a)
{
  int info = 0;

  if (a->work == NULL)
    return NULL;
  if (a->n > 0)
    a->lapack->potrf ("L", &a->n, a->in[0], &a->n, &info, 1);
  if (info != 0 || !all_finite (a->in[0], a->n, a->n, TRUE))
    fill (a->in[0], (size_t) a->n * a->n, NAN);
  clear_upper (a->in[0], a->n);
  memcpy (a->out[0], a->in[0], sizeof (double) * a->n * a->n);
  return NULL;
}

/* ½ (S + Sᵀ), S = L⁻ᵀ φ (Lᵀ G) L⁻¹; φ keeps the lower triangle with half its diagonal. */
static const char *
cholesky_grad (Matrix *a)
{
  double one = 1, zero = 0, *s = a->out[0];
  int n = a->n;

  if (a->work == NULL || n == 0)
    return NULL;
  clear_upper (a->in[0], n);
  clear_upper (a->in[1], n);
  a->lapack->gemm ("T", "N", &n, &n, &n, &one, a->in[0], &n, a->in[1], &n, &zero, s, &n, 1, 1);
  clear_upper (s, n);
  for (int i = 0; i < n; i++)
    s[i + (size_t) i * n] *= 0.5;
  divide (a, "L", TRUE, TRUE, n, n, s);
  divide (a, "R", TRUE, FALSE, n, n, s);
  for (int j = 0; j < n; j++)
    for (int i = 0; i <= j; i++)
      {
        double mean = (s[i + (size_t) j * n] + s[j + (size_t) i * n]) / 2;

        s[i + (size_t) j * n] = s[j + (size_t) i * n] = mean;
      }
  return NULL;
}

static const char *
qr (Matrix *a)
{
  int m = a->m, n = a->n, least = a->least, info;
  int columns = a->options->full ? m : least; /* of q; rows of r */
  double *tau = a->work;

  if (a->work == NULL)
    {
      a->n_work = MIN (a->most, G_MAXINT32 / 128) * 65;
      return NULL;
    }
  a->n_work -= least;
  if (least > 0)
    a->lapack->geqrf (&m, &n, a->in[0], &m, tau, a->work + least, &a->n_work, &info);
  memset (a->out[1], 0, sizeof (double) * columns * n);
  for (int j = 0; j < n; j++)
    memcpy (a->out[1] + (size_t) j * columns, a->in[0] + (size_t) j * m, sizeof (double) * MIN (j + 1, least));
  set_identity (a->out[0], m, columns);
  for (int j = 0; j < least; j++)
    memcpy (a->out[0] + (size_t) j * m, a->in[0] + (size_t) j * m, sizeof (double) * m);
  if (least > 0)
    a->lapack->orgqr (&m, &columns, &least, a->out[0], &m, tau, a->work + least, &a->n_work, &info);
  return NULL;
}

static const char *
svd (Matrix *a)
{
  int m = a->m, n = a->n, p = a->least, info = 0;
  gboolean full = a->options->full;
  const char *job = !a->options->vectors ? "N" : full ? "A" : "S";
  int ldv = MAX (full ? n : p, 1), ldu = MAX (m, 1);
  double size = 0;

  if (a->work == NULL)
    {
      int query = -1;

      if (p > 0)
        a->lapack->gesdd (job, &m, &n, NULL, &ldu, NULL, NULL, &ldu, NULL, &ldv, &size, &query, NULL, &info, 1);
      a->n_work = (int) MIN (size, G_MAXINT32);
      return NULL;
    }
  if (p == 0 && a->options->vectors && full)
    {
      set_identity (a->out[1], m, m);
      set_identity (a->out[2], n, n);
    }
  if (p == 0)
    return NULL;
  if (all_finite (a->in[0], m, n, FALSE))
    a->lapack->gesdd (job, &m, &n, a->in[0], &ldu, a->out[0], a->out[1], &ldu, a->out[2], &ldv, a->work, &a->n_work,
                      a->iwork, &info, 1);
  else
    {
      fill (a->out[0], p, NAN);
      fill (a->out[1], (size_t) m * (full ? m : p), NAN);
      fill (a->out[2], (size_t) n * ldv, NAN);
    }
  return info == 0 ? NULL : "The singular values did not converge.";
}

static const char *
eigen (Matrix *a)
{
  const char *job = a->options->vectors ? "V" : "N";
  int n = a->n, info = 0, n_iwork = 3 + 5 * MIN (n, G_MAXINT32 / 8);
  double size = 1;

  if (a->work == NULL)
    {
      int query = -1, isize;

      if (n > 0)
        a->lapack->syevd (job, "L", &n, NULL, &n, NULL, &size, &query, &isize, &query, &info, 1, 1);
      a->n_work = (int) MIN (size, G_MAXINT32);
      return NULL;
    }
  if (n > 0 && all_finite (a->in[0], n, n, TRUE))
    a->lapack->syevd (job, "L", &n, a->in[0], &n, a->out[0], a->work, &a->n_work, a->iwork, &n_iwork, &info, 1, 1);
  else
    info = n > 0;
  if (info != 0)
    return "Self-adjoint eigen decomposition was not successful. The input might not be valid.";
  if (a->options->vectors)
    memcpy (a->out[1], a->in[0], sizeof (double) * n * n);
  return NULL;
}

/* (aᵀa + l2)⁻¹ aᵀ b, or aᵀ (a aᵀ + l2)⁻¹ b where a is wide. */
static const char *
normal_equations (Matrix *a)
{
  double one = 1, zero = 0, *gram = a->work;
  gboolean tall = a->m >= a->n;
  int n = a->least, other = a->most, info;
  double *b = tall ? a->out[0] : a->in[1];

  a->lapack->gemm (LETTER (tall, "T", "N"), LETTER (tall, "N", "T"), &n, &n, &other, &one, a->in[0], &a->m, a->in[0],
                   &a->m, &zero, gram, &n, 1, 1);
  for (int i = 0; i < n; i++)
    gram[i + (size_t) i * n] += a->options->l2;
  a->lapack->potrf ("L", &n, gram, &n, &info, 1);
  if (info != 0)
    return "Input matrix was rank deficient or ill-conditioned. Try setting fast=False or provide a larger "
           "l2_regularizer > 0.";
  if (tall)
    a->lapack->gemm ("T", "N", &a->n, &a->k, &a->m, &one, a->in[0], &a->m, a->in[1], &a->m, &zero, b, &a->n, 1, 1);
  for (int turn = 0; turn < 2; turn++)
    a->lapack->trsm ("L", "L", LETTER (turn == 1, "T", "N"), "N", &n, &a->k, &one, gram, &n, b, &n, 1, 1, 1, 1);
  if (!tall)
    a->lapack->gemm ("T", "N", &a->n, &a->k, &a->m, &one, a->in[0], &a->m, b, &a->m, &zero, a->out[0], &a->n, 1, 1);
  return NULL;
}

/* v s⁻¹ uᵀ b, without the singular values that are as good as 0. */
static const char *
pseudo_inverse (Matrix *a,
                double *scratch)
{
  int m = a->m, n = a->n, p = a->least, info;
  double *s = scratch, *u = s + p, *vt = u + (size_t) m * p, *c = vt + (size_t) p * n;
  double one = 1, zero = 0;
  int left = (int) (a->n_work - (c + (size_t) p * a->k - a->work));

  if (!all_finite (a->in[0], m, n, FALSE))
    {
      fill (a->out[0], (size_t) n * a->k, NAN);
      return NULL;
    }
  a->lapack->gesdd ("S", &m, &n, a->in[0], &m, s, u, &m, vt, &p, c + (size_t) p * a->k, &left, a->iwork, &info, 1);
  if (info != 0)
    return "The singular values did not converge.";
  a->lapack->gemm ("T", "N", &p, &a->k, &m, &one, u, &m, a->in[1], &m, &zero, c, &p, 1, 1);
  for (int i = 0; i < p; i++)
    for (int j = 0; j < a->k; j++)
      c[i + (size_t) j * p] *= s[i] > s[0] * a->most * DBL_EPSILON ? 1 / s[i] : 0;
  a->lapack->gemm ("T", "N", &n, &a->k, &p, &one, vt, &p, c, &p, &zero, a->out[0], &n, 1, 1);
  return NULL;
}

static const char *
least_squares (Matrix *a)
{
  size_t p = (size_t) a->least;

  if (a->work == NULL)
    {
      const GwMatrixOptions *options = a->options, plain = { .vectors = TRUE };
      double size;

      a->options = &plain;
      svd (a);
      a->options = options;
      size = a->options->fast ? (double) p * p : a->n_work + (double) p * (1.0 + a->m + a->n + a->k);
      a->n_work = (int) MIN (size, G_MAXINT32);
      return NULL;
    }
  if (p == 0 || a->k == 0)
    {
      fill (a->out[0], (size_t) a->n * a->k, 0);
      return NULL;
    }
  return a->options->fast ? normal_equations (a) : pseudo_inverse (a, a->work);
}

static const Routine routines[GW_N_MATRIX] = {
  [GW_MATRIX_DETERMINANT] = determinant,
  [GW_MATRIX_LOG_DETERMINANT] = log_determinant,
  [GW_MATRIX_INVERSE] = inverse,
  [GW_MATRIX_SOLVE] = solve,
  [GW_MATRIX_TRIANGULAR_SOLVE] = triangular_solve,
  [GW_MATRIX_CHOLESKY] = cholesky,
  [GW_MATRIX_CHOLESKY_GRAD] = cholesky_grad,
  [GW_MATRIX_QR] = qr,
  [GW_MATRIX_SVD] = svd,
  [GW_MATRIX_EIGEN] = eigen,
  [GW_MATRIX_LEAST_SQUARES] = least_squares,
};

/* ---- batches ---- */

#define MAX_CHUNKS 16
/* Multiplications that make a chunk worth a thread. */
#define CHUNK_WORK 2e5

typedef struct {
  GwTensor *tensor;
  int       rows, columns;
  gboolean  transposed;  /* column-major already as the tensor has it */
  GwShape   batch;
} Side;

typedef struct {
  Routine     routine;
  Matrix      plan;                 /* sizes and options; memory is each chunk's own */
  int         n_inputs, n_outputs;
  Side        in[2], out[3];
  GwShape     batch;
  int64_t     n, per_chunk;
  char       *scratch;
  size_t      chunk_bytes;
  const char *problem[MAX_CHUNKS];
} Batch;

static void
side_init (Side     *side,
           GwTensor *tensor,
           int       trailing)
{
  const GwShape *shape = &tensor->shape;

  *side = (Side) { .tensor = tensor, .batch = *shape };
  side->batch.rank = shape->rank - trailing;
  side->rows = trailing > 0 ? (int) shape->dims[side->batch.rank] : 1;
  side->columns = trailing > 1 ? (int) shape->dims[side->batch.rank + 1] : 1;
}

static size_t
side_size (const Side *side)
{
  return (size_t) side->rows * (size_t) side->columns;
}

/* Which of the operand's matrices belongs to matrix `index` of the batch. */
static int64_t
matrix_index (const GwShape *batch,
              const GwShape *own,
              int64_t        index)
{
  int64_t place = 0, stride = 1;

  for (int i = 0; i < own->rank; i++)
    {
      int64_t size = batch->dims[batch->rank - 1 - i];
      int64_t mine = own->dims[own->rank - 1 - i];

      place += mine == 1 ? 0 : index % size * stride;
      stride *= mine;
      index /= size;
    }
  return place;
}

#define COPY_MATRICES(T)                                                                          \
  static void                                                                                     \
  load_##T (const Side *side, int64_t index, double *to)                                          \
  {                                                                                               \
    const T *from = GW_TENSOR_DATA (side->tensor, T) + index * (int64_t) side_size (side);        \
    size_t down = side->transposed ? side->columns : 1, along = side->transposed ? 1 : side->rows; \
                                                                                                  \
    for (int i = 0; i < side->rows; i++)                                                          \
      for (int j = 0; j < side->columns; j++)                                                     \
        to[i * down + j * along] = (double) *from++;                                              \
  }                                                                                               \
  static void                                                                                     \
  store_##T (const Side *side, int64_t index, const double *from)                                 \
  {                                                                                               \
    T *to = GW_TENSOR_DATA (side->tensor, T) + index * (int64_t) side_size (side);                \
    size_t down = side->transposed ? side->columns : 1, along = side->transposed ? 1 : side->rows; \
                                                                                                  \
    for (int i = 0; i < side->rows; i++)                                                          \
      for (int j = 0; j < side->columns; j++)                                                     \
        *to++ = (T) from[i * down + j * along];                                                   \
  }
COPY_MATRICES (float)
COPY_MATRICES (double)

static void
run_matrix (const Batch  *batch,
            Matrix       *a,
            int64_t       index,
            const char  **problem)
{
  gboolean twice = batch->in[0].tensor->dtype == GW_FLOAT64;

  for (int i = 0; i < batch->n_inputs; i++)
    (twice ? load_double : load_float) (&batch->in[i], matrix_index (&batch->batch, &batch->in[i].batch, index), a->in[i]);
  *problem = batch->routine (a);
  for (int i = 0; i < batch->n_outputs && *problem == NULL; i++)
    if (a->out[i] != NULL)
      (twice ? store_double : store_float) (&batch->out[i], index, a->out[i]);
}

static double *
take (char   **memory,
      size_t   n)
{
  double *taken = (double *) *memory;

  *memory += n * sizeof (double);
  return taken;
}

static void
run_chunks (void    *data,
            int64_t  begin,
            int64_t  end)
{
  Batch *batch = data;

  for (int64_t chunk = begin; chunk < end; chunk++)
    {
      char *memory = batch->scratch + (size_t) chunk * batch->chunk_bytes;
      int64_t last = MIN (batch->n, (chunk + 1) * batch->per_chunk);
      Matrix a = batch->plan;

      for (int i = 0; i < batch->n_inputs; i++)
        a.in[i] = take (&memory, side_size (&batch->in[i]));
      for (int i = 0; i < batch->n_outputs; i++)
        a.out[i] = i == 0 || batch->routine == qr || batch->routine == log_determinant || a.options->vectors
                     ? take (&memory, side_size (&batch->out[i])) : NULL;
      a.work = take (&memory, (size_t) MAX (a.n_work, 1));
      a.iwork = (int *) memory;
      for (int64_t i = chunk * batch->per_chunk; i < last && batch->problem[chunk] == NULL; i++)
        {
          a.n_work = batch->plan.n_work;
          run_matrix (batch, &a, i, &batch->problem[chunk]);
        }
    }
}

/* Bytes of a chunk: inputs, outputs, work, integers. */
static gboolean
plan_memory (Batch    *batch,
             int       n_chunks,
             size_t   *total,
             GError  **error)
{
  double size = 8.0 * batch->plan.most + 64;

  for (int i = 0; i < batch->n_inputs; i++)
    size += (double) batch->in[i].rows * batch->in[i].columns;
  for (int i = 0; i < batch->n_outputs; i++)
    size += (double) batch->out[i].rows * batch->out[i].columns;
  if (batch->plan.most < G_MAXINT32 / 128 && size < G_MAXSSIZE / 1024)
    {
      batch->routine (&batch->plan);
      batch->chunk_bytes = ((size_t) size + (size_t) batch->plan.n_work) * sizeof (double);
      if (batch->plan.n_work < G_MAXINT32 && gw_size_mul (batch->chunk_bytes, (size_t) n_chunks, total))
        return TRUE;
    }
  g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "matrices of %d × %d are too large for this", batch->plan.m,
               batch->plan.n);
  return FALSE;
}

static void
plan_sides (Batch           *batch,
            GwKernelContext *context,
            GwMatrixOp       op)
{
  const GwMatrixOptions *options = batch->plan.options;
  int batch_rank;

  for (int i = 0; i < batch->n_inputs; i++)
    side_init (&batch->in[i], context->inputs[i], 2);
  batch_rank = MAX (batch->in[0].batch.rank, batch->n_inputs > 1 ? batch->in[1].batch.rank : 0);
  for (int i = 0; i < batch->n_outputs; i++)
    side_init (&batch->out[i], context->outputs[i], MAX (context->outputs[i]->shape.rank - batch_rank, 0));
  batch->in[0].transposed = options->adjoint;
  batch->out[2].transposed = op == GW_MATRIX_SVD;
  batch->batch = batch->out[0].batch;
  batch->plan.m = batch->in[0].rows;
  batch->plan.n = batch->in[0].columns;
  batch->plan.least = MIN (batch->plan.m, batch->plan.n);
  batch->plan.most = MAX (batch->plan.m, batch->plan.n);
  batch->plan.k = batch->in[1].columns;
  batch->n = gw_shape_span (&batch->batch, 0, batch->batch.rank);
}

gboolean
gw_cpu_matrices (GwKernelContext        *context,
                 GwMatrixOp              op,
                 int                     n_inputs,
                 const GwMatrixOptions  *options,
                 GError                **error)
{
  Batch batch = { .routine = routines[op], .plan = { open_lapack (error), options }, .n_inputs = n_inputs,
                  .n_outputs = context->n_outputs };
  double work;
  size_t total;
  int n_chunks;

  if (batch.plan.lapack == NULL)
    return FALSE;
  if (context->inputs[0]->dtype != GW_FLOAT32 && context->inputs[0]->dtype != GW_FLOAT64)
    return gw_cpu_no_kernel (context, context->inputs[0]->dtype, error);
  for (int i = 0; i < n_inputs; i++)
    for (int d = 1; d <= 2; d++)
      if (context->inputs[i]->shape.dims[context->inputs[i]->shape.rank - d] > G_MAXINT32)
        return gw_invalid (error, "a matrix of more than 2147483647 rows or columns is too large");
  plan_sides (&batch, context, op);
  if (batch.n == 0)
    return TRUE;
  work = (double) batch.n * batch.plan.most * batch.plan.least * MAX (batch.plan.least, batch.plan.k);
  n_chunks = (int) CLAMP (work / CHUNK_WORK, 1, MIN (batch.n, MAX_CHUNKS));
  batch.per_chunk = (batch.n + n_chunks - 1) / n_chunks;
  if (!plan_memory (&batch, n_chunks, &total, error))
    return FALSE;
  batch.scratch = gw_kernel_scratch (context, total, error);
  if (batch.scratch == NULL)
    return FALSE;
  gw_kernel_parallel (context, n_chunks, 1, run_chunks, &batch);
  for (int i = 0; i < n_chunks; i++)
    if (batch.problem[i] != NULL)
      return gw_invalid (error, "%s", batch.problem[i]);
  return TRUE;
}
