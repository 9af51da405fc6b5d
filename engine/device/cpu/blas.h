/* SPDX-License-Identifier: Apache-2.0 */
/* OpenBLAS, opened at run time, one-threaded.
 *
 * Not linked, because it chooses its kernels while it is loaded, and a release that
 * is older than the processor falls back to SSE3 (0.3.21 on a processor of 2023:
 * seven times slower). So the choice is made here, from what the processor says it
 * can do, and handed over in the variable that the library reads. A variable that
 * the user has set stands. */
#pragma once

#include <cblas.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  void (*sgemm) (enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb, blasint m, blasint n,
                 blasint k, float alpha, const float *a, blasint lda, const float *b, blasint ldb, float beta,
                 float *c, blasint ldc);
  void (*dgemm) (enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb, blasint m, blasint n,
                 blasint k, double alpha, const double *a, blasint lda, const double *b, blasint ldb, double beta,
                 double *c, blasint ldc);
  void (*cgemm) (enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb, blasint m, blasint n,
                 blasint k, const void *alpha, const void *a, blasint lda, const void *b, blasint ldb,
                 const void *beta, void *c, blasint ldc);
  void (*zgemm) (enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb, blasint m, blasint n,
                 blasint k, const void *alpha, const void *a, blasint lda, const void *b, blasint ldb,
                 const void *beta, void *c, blasint ldc);
  char *(*get_corename) (void);
} GwBlas;

/* Opens it on the first call; best made early, while there is one thread: it sets
 * and restores environment variables. NULL with UNAVAILABLE when the library is not
 * installed. Afterwards any thread. */
const GwBlas *gw_blas (GError **error);

/* The address of another routine of the library ("dgetrf_"), or NULL. */
void *gw_blas_symbol (const char *name);

G_END_DECLS
