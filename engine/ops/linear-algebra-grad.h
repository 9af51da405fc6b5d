/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients of the matrix ops, built as TensorFlow's linalg_grad.py builds them. */
#pragma once

#include "engine/graph/builder.h"
#include "engine/ops/families.h"

G_BEGIN_DECLS

void gw_determinant_grad (GwGradContext *context);
void gw_log_determinant_grad (GwGradContext *context);
void gw_inverse_grad (GwGradContext *context);
void gw_solve_grad (GwGradContext *context);
void gw_triangular_solve_grad (GwGradContext *context);
void gw_cholesky_grad (GwGradContext *context);
void gw_qr_grad (GwGradContext *context);
void gw_svd_grad (GwGradContext *context);
void gw_eigen_grad (GwGradContext *context);
void gw_least_squares_grad (GwGradContext *context);
void gw_cross_grad (GwGradContext *context);

G_END_DECLS
