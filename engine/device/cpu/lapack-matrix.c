/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/lapack-matrix.h"

#include "engine/base/error.h"
#include "engine/device/cpu/blas.h"

#include <math.h>
#include <string.h>

/* ---- the library ---- */

const GwLapack *
gw_lapack_open (gboolean  complex_numbers,
             GError  **error)
{
  static const char *const names[2][10] = {
    { "dgetrf_", "dgetri_", "dgetrs_", "dpotrf_", "dgeqrf_", "dorgqr_", "dgesdd_", "dsyevd_", "dtrsm_", "dgemm_" },
    { "zgetrf_", "zgetri_", "zgetrs_", "zpotrf_", "zgeqrf_", "zungqr_", "zgesdd_", "zheevd_", "ztrsm_", "zgemm_" },
  };
  static void *routines[2][10];
  static gsize state; /* 1 = there, 2 = not there */

  G_STATIC_ASSERT (sizeof routines[0] == sizeof (GwLapack));
  if (gw_blas (error) == NULL)
    return NULL;
  if (g_once_init_enter (&state))
    {
      gsize found = 1;

      for (guint i = 0; i < 2 * G_N_ELEMENTS (names[0]); i++)
        {
          routines[i % 2][i / 2] = gw_blas_symbol (names[i % 2][i / 2]);
          found = routines[i % 2][i / 2] == NULL ? 2 : found;
        }
      g_once_init_leave (&state, found);
    }
  if (state == 1)
    return (const GwLapack *) routines[complex_numbers ? 1 : 0];
  g_set_error_literal (error, GW_ERROR, GW_ERROR_UNAVAILABLE, "this OpenBLAS was built without LAPACK");
  return NULL;
}

/* ---- one matrix ---- */

#define LETTER(condition, yes, no) ((condition) ? (yes) : (no))

/* 1 and 0, real or complex. */
static const double one[] = { 1, 0 }, zero[] = { 0, 0 };

/* The doubles of `rows` × `columns` elements, and their bytes. */
static size_t
doubles (const GwMatrix *a,
         int           rows,
         int           columns)
{
  return (size_t) a->width * (size_t) rows * (size_t) columns;
}

#define BYTES(a, rows, columns) (sizeof (double) * doubles ((a), (rows), (columns)))

/* The element of a matrix with that many rows. */
static double *
element (const GwMatrix *a,
         double       *matrix,
         int           rows,
         int           row,
         int           column)
{
  return matrix + (size_t) a->width * ((size_t) row + (size_t) column * (size_t) rows);
}

static void
set_identity (const GwMatrix *a,
              double       *to,
              int           rows,
              int           columns)
{
  memset (to, 0, BYTES (a, rows, columns));
  for (int i = 0; i < MIN (rows, columns); i++)
    *element (a, to, rows, i, i) = 1;
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
all_finite (const GwMatrix *a,
            gboolean      lower)
{
  for (int j = 0; j < a->n; j++)
    {
      const double *from = element (a, a->in[0], a->m, lower ? j : 0, j);

      for (size_t i = 0; i < doubles (a, lower ? a->m - j : a->m, 1); i++)
        if (!isfinite (from[i]))
          return FALSE;
    }
  return TRUE;
}

/* Factors input 0; *smallest is the smallest |pivot|. */
static void
factor (GwMatrix *a,
        double *smallest)
{
  int info;

  *smallest = INFINITY;
  if (a->n > 0)
    a->lapack->getrf (&a->n, &a->n, a->in[0], &a->n, a->iwork, &info);
  for (int i = 0; i < a->n; i++)
    {
      const double *pivot = element (a, a->in[0], a->n, i, i);

      *smallest = fmin (*smallest, hypot (pivot[0], a->width > 1 ? pivot[1] : 0));
    }
}

/* *product times the number, both real or both complex. */
static void
multiply (const GwMatrix *a,
          double       *product,
          const double *by,
          double        factor)
{
  double real = product[0];

  if (a->width == 1)
    product[0] *= by[0] * factor;
  else
    {
      product[0] = (real * by[0] - product[1] * by[1]) * factor;
      product[1] = (real * by[1] + product[1] * by[0]) * factor;
    }
}

static double
sign_of_swap (const GwMatrix *a,
              int           row)
{
  return a->iwork[row] != row + 1 ? -1 : 1;
}

static const char *
determinant (GwMatrix *a)
{
  double smallest;

  if (a->work == NULL)
    return NULL;
  factor (a, &smallest);
  memcpy (a->out[0], one, BYTES (a, 1, 1));
  for (int i = 0; i < a->n; i++)
    multiply (a, a->out[0], element (a, a->in[0], a->n, i, i), sign_of_swap (a, i));
  return NULL;
}

static const char *
log_determinant (GwMatrix *a)
{
  double smallest;

  if (a->work == NULL)
    return NULL;
  factor (a, &smallest);
  memcpy (a->out[0], one, BYTES (a, 1, 1));
  memcpy (a->out[1], zero, BYTES (a, 1, 1));
  for (int i = 0; i < a->n; i++)
    {
      const double *pivot = element (a, a->in[0], a->n, i, i);
      double size = a->width > 1 ? hypot (pivot[0], pivot[1]) : fabs (pivot[0]);
      double unit[2] = { size > 0 ? pivot[0] / size : pivot[0], 0 };

      if (a->width > 1)
        unit[1] = size > 0 ? pivot[1] / size : pivot[1];
      multiply (a, a->out[0], unit, sign_of_swap (a, i));
      a->out[1][0] += log (size);
    }
  return NULL;
}

static const char *
inverse (GwMatrix *a)
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
  memcpy (a->out[0], a->in[0], BYTES (a, a->n, a->n));
  return NULL;
}

static const char *
solve (GwMatrix *a)
{
  double smallest;
  int info;

  if (a->work == NULL)
    return NULL;
  factor (a, &smallest);
  if (smallest == 0)
    return "Input matrix is not invertible.";
  memcpy (a->out[0], a->in[1], BYTES (a, a->n, a->k));
  if (a->n > 0)
    a->lapack->getrs ("N", &a->n, &a->k, a->in[0], &a->n, a->iwork, a->out[0], &a->n, &info, 1);
  return NULL;
}

/* b = op (triangle)⁻¹ b, or b op (triangle)⁻¹ from the right; b is rows × columns. */
static void
divide (const GwMatrix *a,
        const char   *side,
        gboolean      lower,
        gboolean      transpose,
        int           rows,
        int           columns,
        double       *b)
{
  if (rows > 0 && columns > 0)
    a->lapack->trsm (side, LETTER (lower, "L", "U"), LETTER (transpose, "C", "N"), "N", &rows, &columns, one, a->in[0],
                   &a->n, b, &rows, 1, 1, 1, 1);
}

/* The transpose of a lower triangle is an upper one: input 0 comes transposed with
 * `adjoint`. */
static const char *
triangular_solve (GwMatrix *a)
{
  if (a->work == NULL)
    return NULL;
  memcpy (a->out[0], a->in[1], BYTES (a, a->n, a->k));
  divide (a, "L", a->options->lower != a->options->adjoint, FALSE, a->n, a->k, a->out[0]);
  return NULL;
}

static void
clear_upper (const GwMatrix *a,
             double       *matrix)
{
  for (int j = 1; j < a->n; j++)
    memset (element (a, matrix, a->n, 0, j), 0, BYTES (a, j, 1));
}

static const char *
cholesky (GwMatrix *a)
{
  int info = 0;

  if (a->work == NULL)
    return NULL;
  if (a->n > 0)
    a->lapack->potrf ("L", &a->n, a->in[0], &a->n, &info, 1);
  if (info != 0 || !all_finite (a, TRUE))
    fill (a->in[0], doubles (a, a->n, a->n), NAN);
  clear_upper (a, a->in[0]);
  memcpy (a->out[0], a->in[0], BYTES (a, a->n, a->n));
  return NULL;
}

/* ½ (S + Sᵀ), S = L⁻ᵀ φ (Lᵀ G) L⁻¹; φ keeps the lower triangle with half its diagonal. */
static const char *
cholesky_grad (GwMatrix *a)
{
  double *s = a->out[0];
  int n = a->n;

  if (a->work == NULL || n == 0)
    return NULL;
  clear_upper (a, a->in[0]);
  clear_upper (a, a->in[1]);
  a->lapack->gemm ("T", "N", &n, &n, &n, one, a->in[0], &n, a->in[1], &n, zero, s, &n, 1, 1);
  clear_upper (a, s);
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
qr (GwMatrix *a)
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
    a->lapack->geqrf (&m, &n, a->in[0], &m, tau, a->work + doubles (a, least, 1), &a->n_work, &info);
  memset (a->out[1], 0, BYTES (a, columns, n));
  for (int j = 0; j < n; j++)
    memcpy (element (a, a->out[1], columns, 0, j), element (a, a->in[0], m, 0, j), BYTES (a, MIN (j + 1, least), 1));
  set_identity (a, a->out[0], m, columns);
  memcpy (a->out[0], a->in[0], BYTES (a, m, least));
  if (least > 0)
    a->lapack->orgqr (&m, &columns, &least, a->out[0], &m, tau, a->work + doubles (a, least, 1), &a->n_work, &info);
  return NULL;
}

/* Singular values and vectors of input 0. With n_work -1 only asks for its size. */
static int
call_gesdd (GwMatrix     *a,
            const char *job,
            double     *s,
            double     *u,
            double     *vt,
            int         ldv,
            double     *work,
            int         n_work)
{
  int ldu = MAX (a->m, 1), info = 0;

  if (a->width == 1)
    a->lapack->gesdd.real (job, &a->m, &a->n, a->in[0], &ldu, s, u, &ldu, vt, &ldv, work, &n_work, a->iwork, &info, 1);
  else
    a->lapack->gesdd.with_complex (job, &a->m, &a->n, a->in[0], &ldu, s, u, &ldu, vt, &ldv, work, &n_work, a->rwork, a->iwork,
                              &info, 1);
  return info;
}

/* `n` real numbers at `values` become elements with nothing imaginary. */
static void
spread (const GwMatrix *a,
        double       *values,
        int           n)
{
  for (int i = n - 1; i >= 0 && a->width > 1; i--)
    {
      values[2 * i] = values[i];
      values[2 * i + 1] = 0;
    }
}

static const char *
svd (GwMatrix *a)
{
  int m = a->m, n = a->n, p = a->least, info = 0;
  gboolean full = a->options->full;
  const char *job = !a->options->vectors ? "N" : full ? "A" : "S";
  int ldv = MAX (full ? n : p, 1);
  double size[2] = { 0, 0 };

  if (a->work == NULL)
    {
      if (p > 0)
        call_gesdd (a, job, NULL, NULL, NULL, ldv, size, -1);
      a->n_work = (int) MIN (size[0], G_MAXINT32);
      a->n_rwork = p * (5.0 * p + 7.0 + 2.0 * a->most + 2.0 * p);
      return NULL;
    }
  if (p == 0 && a->options->vectors && full)
    {
      set_identity (a, a->out[1], m, m);
      set_identity (a, a->out[2], n, n);
    }
  if (p == 0)
    return NULL;
  if (all_finite (a, FALSE))
    {
      info = call_gesdd (a, job, a->out[0], a->out[1], a->out[2], ldv, a->work, a->n_work);
      spread (a, a->out[0], p);
    }
  else
    {
      fill (a->out[0], doubles (a, p, 1), NAN);
      fill (a->out[1], doubles (a, m, full ? m : p), NAN);
      fill (a->out[2], doubles (a, n, ldv), NAN);
    }
  return info == 0 ? NULL : "The singular values did not converge.";
}

static const char *
eigen (GwMatrix *a)
{
  const char *job = a->options->vectors ? "V" : "N";
  int n = a->n, info = 0, n_iwork = 3 + 5 * MIN (n, G_MAXINT32 / 8), n_work = a->n_work;
  double rwork = 1 + 5.0 * n + 2.0 * n * n, size[2] = { 1, 0 }, *work = a->work;
  int n_rwork = (int) MIN (rwork, G_MAXINT32);
  gboolean query = work == NULL;

  if (query)
    {
      work = size;
      n_work = n_rwork = n_iwork = -1;
      a->n_rwork = rwork;
    }
  else if (n > 0 && !all_finite (a, TRUE))
    return "Self-adjoint eigen decomposition was not successful. The input might not be valid.";
  if (n > 0 && a->width == 1)
    a->lapack->eigen.real (job, "L", &n, a->in[0], &n, a->out[0], work, &n_work, query ? (int[1]) { 0 } : a->iwork, &n_iwork,
                           &info, 1, 1);
  else if (n > 0)
    a->lapack->eigen.with_complex (job, "L", &n, a->in[0], &n, a->out[0], work, &n_work, query ? (double[1]) { 0 } : a->rwork,
                              &n_rwork, query ? (int[1]) { 0 } : a->iwork, &n_iwork, &info, 1, 1);
  if (query)
    {
      a->n_work = (int) MIN (size[0], G_MAXINT32);
      return NULL;
    }
  if (info != 0)
    return "Self-adjoint eigen decomposition was not successful. The input might not be valid.";
  spread (a, a->out[0], n);
  if (a->options->vectors)
    memcpy (a->out[1], a->in[0], BYTES (a, n, n));
  return NULL;
}

/* (aᵀa + l2)⁻¹ aᵀ b, or aᵀ (a aᵀ + l2)⁻¹ b where a is wide. */
static const char *
normal_equations (GwMatrix *a)
{
  double *gram = a->work;
  gboolean tall = a->m >= a->n;
  int n = a->least, other = a->most, info;
  double *b = tall ? a->out[0] : a->in[1];

  a->lapack->gemm (LETTER (tall, "C", "N"), LETTER (tall, "N", "C"), &n, &n, &other, one, a->in[0], &a->m, a->in[0],
                   &a->m, zero, gram, &n, 1, 1);
  for (int i = 0; i < n; i++)
    *element (a, gram, n, i, i) += a->options->l2;
  a->lapack->potrf ("L", &n, gram, &n, &info, 1);
  if (info != 0)
    return "Input matrix was rank deficient or ill-conditioned. Try setting fast=False or provide a larger "
           "l2_regularizer > 0.";
  if (tall)
    a->lapack->gemm ("C", "N", &a->n, &a->k, &a->m, one, a->in[0], &a->m, a->in[1], &a->m, zero, b, &a->n, 1, 1);
  for (int turn = 0; turn < 2; turn++)
    a->lapack->trsm ("L", "L", LETTER (turn == 1, "C", "N"), "N", &n, &a->k, one, gram, &n, b, &n, 1, 1, 1, 1);
  if (!tall)
    a->lapack->gemm ("C", "N", &a->n, &a->k, &a->m, one, a->in[0], &a->m, b, &a->m, zero, a->out[0], &a->n, 1, 1);
  return NULL;
}

/* v s⁻¹ uᵀ b, without the singular values that are as good as 0. */
static const char *
pseudo_inverse (GwMatrix *a,
                double *scratch)
{
  int m = a->m, n = a->n, p = a->least;
  double *s = scratch, *u = s + doubles (a, p, 1), *vt = u + doubles (a, m, p), *c = vt + doubles (a, p, n);
  double *work = c + doubles (a, p, a->k);
  int left = a->n_work - (int) ((size_t) (work - a->work) / (size_t) a->width);

  if (!all_finite (a, FALSE))
    {
      fill (a->out[0], doubles (a, n, a->k), NAN);
      return NULL;
    }
  if (call_gesdd (a, "S", s, u, vt, p, work, left) != 0)
    return "The singular values did not converge.";
  a->lapack->gemm ("C", "N", &p, &a->k, &m, one, u, &m, a->in[1], &m, zero, c, &p, 1, 1);
  for (int i = 0; i < p; i++)
    for (int j = 0; j < a->k; j++)
      for (int part = 0; part < a->width; part++)
        element (a, c, p, i, j)[part] *= s[i] > s[0] * a->most * DBL_EPSILON ? 1 / s[i] : 0;
  a->lapack->gemm ("C", "N", &n, &a->k, &p, one, vt, &p, c, &p, zero, a->out[0], &n, 1, 1);
  return NULL;
}

static const char *
least_squares (GwMatrix *a)
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
      fill (a->out[0], doubles (a, a->n, a->k), 0);
      return NULL;
    }
  return a->options->fast ? normal_equations (a) : pseudo_inverse (a, a->work);
}

const GwMatrixRoutine gw_matrix_routines[GW_N_MATRIX] = {
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
