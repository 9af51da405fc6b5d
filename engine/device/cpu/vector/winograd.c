/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/vector/native.h"

#define SIDE GW_WINOGRAD_SIDE
#define PLACES GW_WINOGRAD_PLACES

/* Powers of the points: the square root of one half and that of two. */
static const float near[] = { 1, 0.70710678f, 0.5f, 0.35355339f, 0.25f };
static const float far[] = { 1, 1.41421356f, 2, 2.82842712f, 4 };

/* One column or row: elements of x and y lie `x_step` and `y_step` vectors apart. */

GW_INLINE void
input_line (const Native *x,
            int           x_step,
            Native       *y,
            int           y_step)
{
  Native x1 = x[x_step], x2 = x[2 * x_step], x3 = x[3 * x_step], x4 = x[4 * x_step];
  Native even_near = x4 - far[2] * x2, odd_near = near[1] * x3 - far[1] * x1;
  Native even_far = x4 - near[2] * x2, odd_far = far[1] * x3 - near[1] * x1;

  y[0] = x[0] - (near[2] + far[2]) * x2 + x4;
  y[y_step] = even_near + odd_near;
  y[2 * y_step] = even_near - odd_near;
  y[3 * y_step] = even_far + odd_far;
  y[4 * y_step] = even_far - odd_far;
  y[5 * y_step] = x1 - (near[2] + far[2]) * x3 + x[5 * x_step];
}

/* x of n coefficients at each point. */
GW_INLINE void
evaluate_line (int           n,
               const Native *x,
               int           x_step,
               Native       *y,
               int           y_step)
{
  Native even_near = x[0], odd_near = near[1] * x[x_step];
  Native even_far = x[0], odd_far = far[1] * x[x_step];

  UNROLL for (int i = 2; i < n; i += 2)
    {
      even_near += near[i] * x[i * x_step];
      even_far += far[i] * x[i * x_step];
    }
  UNROLL for (int i = 3; i < n; i += 2)
    {
      odd_near += near[i] * x[i * x_step];
      odd_far += far[i] * x[i * x_step];
    }
  y[0] = x[0];
  y[y_step] = even_near + odd_near;
  y[2 * y_step] = even_near - odd_near;
  y[3 * y_step] = even_far + odd_far;
  y[4 * y_step] = even_far - odd_far;
  y[5 * y_step] = x[(n - 1) * x_step];
}

GW_INLINE void
collect_line (int           n,
              const Native *x,
              int           x_step,
              Native       *y,
              int           y_step)
{
  Native even_near = x[x_step] + x[2 * x_step], odd_near = x[x_step] - x[2 * x_step];
  Native even_far = x[3 * x_step] + x[4 * x_step], odd_far = x[3 * x_step] - x[4 * x_step];

  y[0] = x[0] + even_near + even_far;
  UNROLL for (int i = 1; i < n; i++)
    y[i * y_step] = i % 2 == 0 ? near[i] * even_near + far[i] * even_far : near[i] * odd_near + far[i] * odd_far;
  y[(n - 1) * y_step] += x[5 * x_step];
}

static void
input (const float *const *pixels,
       int64_t             channels,
       float              *to,
       int64_t             stride)
{
  for (int64_t c = 0; c < channels; c += NATIVE)
    {
      Native lines[PLACES], places[PLACES];

      UNROLL for (int x = 0; x < SIDE; x++)
        {
          Native column[SIDE];

          UNROLL for (int y = 0; y < SIDE; y++)
            column[y] = *(const Native *) (pixels[y * SIDE + x] + c);
          input_line (column, 1, lines + x, SIDE);
        }
      UNROLL for (int y = 0; y < SIDE; y++)
        {
          input_line (lines + y * SIDE, 1, places + y * SIDE, 1);
          UNROLL for (int x = 0; x < SIDE; x++)
            *(Native *) (to + (y * SIDE + x) * stride + c) = places[y * SIDE + x];
        }
    }
}

GW_INLINE void
evaluate (int                 n,
          const float *const *pixels,
          int64_t             channels,
          float              *to,
          int64_t             stride)
{
  for (int64_t c = 0; c < channels; c += NATIVE)
    {
      Native lines[SIDE * GW_WINOGRAD_MOST], places[SIDE];

      UNROLL for (int x = 0; x < n; x++)
        {
          Native column[GW_WINOGRAD_MOST];

          UNROLL for (int y = 0; y < n; y++)
            column[y] = *(const Native *) (pixels[y * n + x] + c);
          evaluate_line (n, column, 1, lines + x, n);
        }
      UNROLL for (int y = 0; y < SIDE; y++)
        {
          evaluate_line (n, lines + y * n, 1, places, 1);
          UNROLL for (int x = 0; x < SIDE; x++)
            *(Native *) (to + (y * SIDE + x) * stride + c) = places[x];
        }
    }
}

GW_INLINE void
collect (int           n,
         const float  *from,
         int64_t       stride,
         int64_t       channels,
         float *const *pixels)
{
  for (int64_t c = 0; c < channels; c += NATIVE)
    {
      Native lines[SIDE * GW_WINOGRAD_MOST], row[GW_WINOGRAD_MOST];

      UNROLL for (int x = 0; x < SIDE; x++)
        {
          Native column[SIDE];

          UNROLL for (int y = 0; y < SIDE; y++)
            column[y] = *(const Native *) (from + (y * SIDE + x) * stride + c);
          collect_line (n, column, 1, lines + x, SIDE);
        }
      UNROLL for (int y = 0; y < n; y++)
        {
          collect_line (n, lines + y * SIDE, 1, row, 1);
          UNROLL for (int x = 0; x < n; x++)
            *(Native *) (pixels[y * n + x] + c) = row[x];
        }
    }
}

/* A version of the loops for each side, unrolled. */
#define SIDE_OF(N)                                                                                       \
  static void                                                                                            \
  evaluate_##N (const float *const *pixels, int64_t channels, float *to, int64_t stride)                 \
  {                                                                                                      \
    evaluate (N, pixels, channels, to, stride);                                                          \
  }                                                                                                      \
                                                                                                         \
  static void                                                                                            \
  collect_##N (const float *from, int64_t stride, int64_t channels, float *const *pixels)                \
  {                                                                                                      \
    collect (N, from, stride, channels, pixels);                                                         \
  }

#define EACH_SIDE(X) X (2) X (3) X (4) X (5)
#define SIDE_ENTRY(N)                          \
  loops->winograd_evaluate[N] = evaluate_##N;  \
  loops->winograd_collect[N] = collect_##N;

EACH_SIDE (SIDE_OF)

void
NATIVE_NAME (gw_vector_winograd) (GwVectorLoops *loops)
{
  EACH_SIDE (SIDE_ENTRY)
  loops->winograd_input = input;
}
