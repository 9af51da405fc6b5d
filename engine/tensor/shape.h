/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes, fully or partly known. A plain value: copied freely, owns nothing. */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

#define GW_MAX_RANK 8
#define GW_DIM_UNKNOWN (-1)

typedef struct {
  int     rank;              /* 0 … GW_MAX_RANK, or -1 when not even the rank is known */
  int64_t dims[GW_MAX_RANK]; /* sizes, GW_DIM_UNKNOWN where not known */
} GwShape;

#define GW_SHAPE_UNKNOWN ((GwShape) { .rank = -1 })
#define GW_SHAPE_SCALAR ((GwShape) { .rank = 0 })
/* GW_SHAPE (2, 3) is the shape [2,3]. */
#define GW_SHAPE(...) \
  ((GwShape) { .rank = (int) (sizeof ((int64_t[]) { __VA_ARGS__ }) / sizeof (int64_t)), .dims = { __VA_ARGS__ } })

/* A shape of unknown sizes. */
GwShape gw_shape_of_rank (int rank);
/* `rank` sizes copied from `dims`; rank must be within GW_MAX_RANK. */
GwShape gw_shape_from_dims (int rank, const int64_t *dims);

gboolean gw_shape_equal (const GwShape *a, const GwShape *b);
gboolean gw_shape_is_known (const GwShape *shape); /* every dimension */

/* Number of elements; -1 when not fully known or beyond int64. */
int64_t gw_shape_elements (const GwShape *shape);
/* Product of dims[from … to-1] of a known shape. Beside a size of 0 the others may be so
 * large that it wraps around: nobody uses it then. */
int64_t gw_shape_span (const GwShape *shape, int from, int to);
/* The same of two sizes. */
static inline int64_t
gw_size_times (int64_t a,
               int64_t b)
{
  return (int64_t) ((uint64_t) a * (uint64_t) b);
}

/* Whether one concrete shape could satisfy both. */
gboolean gw_shape_compatible (const GwShape *a, const GwShape *b);
/* What both say together; FALSE when they contradict each other. `merged` may
 * be a or b. */
gboolean gw_shape_merge (const GwShape *a, const GwShape *b, GwShape *merged);
/* Whether a known `shape` is one of those that `pattern` allows. */
gboolean gw_shape_matches (const GwShape *shape, const GwShape *pattern);

/* NumPy's broadcasting of partly known shapes: dimensions aligned at the right,
 * equal or 1. FALSE when they cannot be broadcast. */
gboolean gw_shape_broadcast (const GwShape *a, const GwShape *b, GwShape *result);

/* Row-major strides in elements of a known shape. */
void gw_shape_strides (const GwShape *shape, int64_t strides[GW_MAX_RANK]);

/* "[?,28,28,1]", "[]" for a scalar, "?" for unknown rank. */
char *gw_shape_to_string (const GwShape *shape);
/* As people say it on wires: "?×784", "[?]", "[5]", "scalar", "any". */
char *gw_shape_to_label (const GwShape *shape);

/* Accepts "[?,28]", "?,28", "(2, 3)", "2x3", "2×3", "[]", "scalar", "?", "any",
 * "-1,3" (-1 = ?). INVALID_ARGUMENT otherwise. A lone "?" means unknown rank,
 * "[?]" a vector. */
gboolean gw_shape_parse (const char *text, GwShape *shape, GError **error);

/* Axis in [-rank, rank) → [0, rank); FALSE when out of range. */
gboolean gw_shape_normalize_axis (int64_t axis, int rank, int *result);

G_END_DECLS
