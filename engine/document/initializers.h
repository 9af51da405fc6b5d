/* SPDX-License-Identifier: Apache-2.0 */
/* Initial values in text form, one vocabulary for variables and layers:
 * "zeros", "ones", "constant(0.1)", "random_uniform(-0.05, 0.05)",
 * "random_normal(0, 0.1)", "truncated_normal(0, 0.1)", "glorot_uniform",
 * "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal",
 * "variance_scaling(1, fan_in, truncated_normal)", "orthogonal(1)", "identity(1)",
 * or a literal as gw_tensor_parse() reads it. Formulas: TensorFlow's init_ops.py. */
#pragma once

#include "engine/graph/builder.h"

G_BEGIN_DECLS

/* Adds the ops that compute it, under the builder's scope. `shape` fully known. */
GwOutput gw_initializer_build (GwBuilder *builder, const char *text, GwDType dtype, const GwShape *shape);

/* Names for a choice list; NULL-terminated, static. */
const char *const *gw_initializer_names (void);

/* Mean and deviation of what it draws for `shape`, for the picture in the
 * inspector; FALSE for a literal. */
gboolean gw_initializer_moments (const char *text, const GwShape *shape, double *mean, double *stddev);

G_END_DECLS
