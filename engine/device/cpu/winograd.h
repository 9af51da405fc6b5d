/* SPDX-License-Identifier: Apache-2.0 */
/* Winograd's transforms for tiles of 6 × 6: a convolution of r × r taps makes m × m = (7 - r)²
 * outputs with 36 multiplications instead of m² r². Both sides are polynomials that are
 * evaluated at six points, multiplied there and turned back (Toom and Cook; Lavin and Gray,
 * "Fast Algorithms for Convolutional Neural Networks", 2015). The points are 0, infinity and,
 * with either sign, the square roots of 1/2 and 2: whole numbers (1 and 2, as in the paper)
 * round nearly three times as badly.
 *
 * Pixels are given by pointers to their channels, 16 of which are transformed at once; what
 * comes out at place k of 36 is `stride` floats from place k - 1. */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

#define GW_WINOGRAD_SIDE 6
#define GW_WINOGRAD_PLACES (GW_WINOGRAD_SIDE * GW_WINOGRAD_SIDE)
/* Channels of all calls are a multiple of it. */
#define GW_WINOGRAD_LANES 16
/* Sides of the small squares: taps, or outputs of a tile. */
#define GW_WINOGRAD_LEAST 2
#define GW_WINOGRAD_MOST 5

/* The 36 pixels that a tile of outputs sees. */
void gw_winograd_input (const float *const *pixels, int64_t channels, float *to, int64_t stride);
/* n × n taps or outputs, evaluated: E g Eᵀ. */
void gw_winograd_evaluate (int n, const float *const *pixels, int64_t channels, float *to, int64_t stride);
/* The transpose of that, from 36 places to n × n pixels, which are overwritten: Eᵀ m E. */
void gw_winograd_collect (int n, const float *from, int64_t stride, int64_t channels, float *const *pixels);
/* What the evaluated taps are multiplied with at place k. */
float gw_winograd_scale (int place);

G_END_DECLS
