/* SPDX-License-Identifier: Apache-2.0 */
/* A tensor of any rank looked at as a matrix: all its dimensions but the last make
 * rows, and a part of it is said as "[150:159, 0:8]". */
#pragma once

#include "engine/engine.h"

G_BEGIN_DECLS

/* A scalar is 1×1, a vector of n is n×1, [a,b,…,z] is (a·b·…)×z. FALSE when a size
 * does not fit. */
gboolean gw_matrix_size (const GwShape *shape, gsize *rows, gsize *columns);
/* The first `n` values of a real tensor or bool as floats in that order, less those
 * of `minus` unless it is NULL. RESOURCE_EXHAUSTED, or INVALID_ARGUMENT for other
 * types and different shapes. Free with gw_free(). */
float *gw_matrix_floats (const GwTensor *tensor, const GwTensor *minus, gsize n, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* A block of that matrix. */
typedef struct {
  gsize row, column, rows, columns;
} GwMatrixPart;

/* Reads "[i, j, a:b, c:d]" for a tensor of `shape`: one entry a dimension, of which
 * only the last two may be ranges ("3", "2:9", ":", "5:", ":5", negative numbers count
 * from the end); missing ones at the end are whole, brackets may be left out, "" is
 * everything. Without leading indexes everything before the last two is whole too.
 * INVALID_ARGUMENT says what is wrong. */
gboolean gw_matrix_part_parse (const char *text, const GwShape *shape, GwMatrixPart *part, GError **error);

G_END_DECLS
