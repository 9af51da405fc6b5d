/* SPDX-License-Identifier: Apache-2.0 */
/* What LAPACK does to one matrix, real or complex: shared by lapack-matrix.c, which calls it,
 * and lapack.c, which brings it the matrices of a batch. */
#pragma once

#include "engine/device/cpu/lapack.h"

G_BEGIN_DECLS

/* Fortran passes everything by address, and the lengths of texts behind the rest. A complex
 * number is two doubles. */
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
  union {
    void (*real) (const char *job, const int *m, const int *n, double *a, const int *lda, double *s, double *u,
                  const int *ldu, double *vt, const int *ldvt, double *work, const int *n_work, int *iwork, int *info,
                  size_t length);
    void (*with_complex) (const char *job, const int *m, const int *n, double *a, const int *lda, double *s, double *u,
                          const int *ldu, double *vt, const int *ldvt, double *work, const int *n_work, double *rwork,
                          int *iwork, int *info, size_t length);
  } gesdd;
  union {
    void (*real) (const char *job, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work,
                  const int *n_work, int *iwork, const int *n_iwork, int *info, size_t job_length, size_t uplo_length);
    void (*with_complex) (const char *job, const char *uplo, const int *n, double *a, const int *lda, double *w,
                          double *work, const int *n_work, double *rwork, const int *n_rwork, int *iwork,
                          const int *n_iwork, int *info, size_t job_length, size_t uplo_length);
  } eigen;
  void (*trsm) (const char *side, const char *uplo, const char *trans, const char *diag, const int *m, const int *n,
                const double *alpha, const double *a, const int *lda, double *b, const int *ldb, size_t side_length,
                size_t uplo_length, size_t trans_length, size_t diag_length);
  void (*gemm) (const char *ta, const char *tb, const int *m, const int *n, const int *k, const double *alpha,
                const double *a, const int *lda, const double *b, const int *ldb, const double *beta, double *c,
                const int *ldc, size_t ta_length, size_t tb_length);
} GwLapack;

/* The routines for real matrices, or for complex ones. UNAVAILABLE without them. */
const GwLapack *gw_lapack_open (gboolean complex_numbers, GError **error);

/* Column-major, in float64 or complex128. The inputs are the routine's to overwrite. */
typedef struct {
  const GwLapack        *lapack;
  const GwMatrixOptions *options;
  int     width;      /* doubles an element: 2 where complex */
  int     m, n;       /* of input 0 */
  int     least;      /* of m and n, */
  int     most;
  int     k;          /* columns of input 1 */
  double *in[2];
  double *out[3];     /* NULL where not wanted */
  double *work;
  int     n_work;     /* elements */
  double *rwork;      /* real numbers behind it, of a routine for complex matrices that wants some */
  double  n_rwork;
  int    *iwork;
} GwMatrix;

/* Computes the outputs; a sentence when it cannot. With work == NULL only says, in
 * n_work, how much of it it wants. */
typedef const char *(*GwMatrixRoutine) (GwMatrix *a);

extern const GwMatrixRoutine gw_matrix_routines[GW_N_MATRIX];

G_END_DECLS
