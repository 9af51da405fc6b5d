/* SPDX-License-Identifier: Apache-2.0 */
/* Factorisations and solutions of batches of matrices, by OpenBLAS's LAPACK. All of
 * it is computed in float64 or complex128, whatever the tensors hold: the result of
 * float32 is then as good as float32 can be. Matrices of a batch run side by side. */
#pragma once

#include "engine/device/kernel.h"

G_BEGIN_DECLS

typedef enum {
  GW_MATRIX_DETERMINANT,      /* n × n → scalar */
  GW_MATRIX_LOG_DETERMINANT,  /* n × n → sign, log |det| */
  GW_MATRIX_INVERSE,          /* n × n → n × n, of the adjoint with `adjoint` */
  GW_MATRIX_SOLVE,            /* n × n, n × k → n × k */
  GW_MATRIX_TRIANGULAR_SOLVE, /* the same; one triangle counts */
  GW_MATRIX_CHOLESKY,         /* n × n, lower triangle → lower triangle; NaN when it has no such factor */
  GW_MATRIX_CHOLESKY_GRAD,    /* the factor and its gradient, n × n → n × n */
  GW_MATRIX_QR,               /* m × n → q, r */
  GW_MATRIX_SVD,              /* m × n → s, u, v: s falling; a = u · s · vᵀ, vᴴ where complex */
  GW_MATRIX_EIGEN,            /* n × n, lower triangle → e rising, v */
  GW_MATRIX_LEAST_SQUARES,    /* m × n, m × k → n × k */
  GW_N_MATRIX
} GwMatrixOp;

typedef struct {
  gboolean adjoint;  /* inverse, solve: of the transpose, conjugated where complex */
  gboolean lower;    /* triangular solve */
  gboolean full;     /* QR, SVD: the square factors */
  gboolean vectors;  /* SVD, EIGEN: outputs behind the first are computed */
  double   l2;       /* least squares: added to the diagonal; 0 or more */
  gboolean fast;     /* least squares by normal equations, else by singular values */
} GwMatrixOptions;

/* context->inputs[0 … n_inputs-1] and all outputs, float32, float64, complex64 or
 * complex128 (CHOLESKY_GRAD: the first two): the last two
 * dimensions of the inputs are matrices, those before them the batch. Batches of the
 * inputs are broadcast against that of output 0; the shapes have been checked.
 * INVALID_ARGUMENT for a matrix that cannot be inverted or factored,
 * RESOURCE_EXHAUSTED without memory. */
gboolean gw_cpu_matrices (GwKernelContext *context, GwMatrixOp op, int n_inputs, const GwMatrixOptions *options,
                          GError **error);

G_END_DECLS
