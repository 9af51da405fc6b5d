/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/winograd.h"

#include "engine/device/cpu/loops.h"

#define SIDE GW_WINOGRAD_SIDE
#define PLACES GW_WINOGRAD_PLACES
#define LANES GW_WINOGRAD_LANES
#define UNROLL _Pragma ("GCC unroll 8")

typedef float Vector __attribute__ ((vector_size (LANES * sizeof (float)), aligned (sizeof (float)), may_alias));

/* Powers of the points: the square root of one half and that of two. */
static const float near[] = { 1, 0.70710678f, 0.5f, 0.35355339f, 0.25f };
static const float far[] = { 1, 1.41421356f, 2, 2.82842712f, 4 };

/* One column or row: elements of x and y lie `x_step` and `y_step` vectors apart. */

GW_INLINE void
input_line (const Vector *x,
            int           x_step,
            Vector       *y,
            int           y_step)
{
  Vector x1 = x[x_step], x2 = x[2 * x_step], x3 = x[3 * x_step], x4 = x[4 * x_step];
  Vector even_near = x4 - far[2] * x2, odd_near = near[1] * x3 - far[1] * x1;
  Vector even_far = x4 - near[2] * x2, odd_far = far[1] * x3 - near[1] * x1;

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
               const Vector *x,
               int           x_step,
               Vector       *y,
               int           y_step)
{
  Vector even_near = x[0], odd_near = near[1] * x[x_step];
  Vector even_far = x[0], odd_far = far[1] * x[x_step];

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
              const Vector *x,
              int           x_step,
              Vector       *y,
              int           y_step)
{
  Vector even_near = x[x_step] + x[2 * x_step], odd_near = x[x_step] - x[2 * x_step];
  Vector even_far = x[3 * x_step] + x[4 * x_step], odd_far = x[3 * x_step] - x[4 * x_step];

  y[0] = x[0] + even_near + even_far;
  UNROLL for (int i = 1; i < n; i++)
    y[i * y_step] = i % 2 == 0 ? near[i] * even_near + far[i] * even_far : near[i] * odd_near + far[i] * odd_far;
  y[(n - 1) * y_step] += x[5 * x_step];
}

GW_CLONES void
gw_winograd_input (const float *const *pixels,
                   int64_t             channels,
                   float              *to,
                   int64_t             stride)
{
  for (int64_t c = 0; c < channels; c += LANES)
    {
      Vector lines[PLACES], places[PLACES];

      UNROLL for (int x = 0; x < SIDE; x++)
        {
          Vector column[SIDE];

          UNROLL for (int y = 0; y < SIDE; y++)
            column[y] = *(const Vector *) (pixels[y * SIDE + x] + c);
          input_line (column, 1, lines + x, SIDE);
        }
      UNROLL for (int y = 0; y < SIDE; y++)
        {
          input_line (lines + y * SIDE, 1, places + y * SIDE, 1);
          UNROLL for (int x = 0; x < SIDE; x++)
            *(Vector *) (to + (y * SIDE + x) * stride + c) = places[y * SIDE + x];
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
  for (int64_t c = 0; c < channels; c += LANES)
    {
      Vector lines[SIDE * GW_WINOGRAD_MOST], places[SIDE];

      UNROLL for (int x = 0; x < n; x++)
        {
          Vector column[GW_WINOGRAD_MOST];

          UNROLL for (int y = 0; y < n; y++)
            column[y] = *(const Vector *) (pixels[y * n + x] + c);
          evaluate_line (n, column, 1, lines + x, n);
        }
      UNROLL for (int y = 0; y < SIDE; y++)
        {
          evaluate_line (n, lines + y * n, 1, places, 1);
          UNROLL for (int x = 0; x < SIDE; x++)
            *(Vector *) (to + (y * SIDE + x) * stride + c) = places[x];
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
  for (int64_t c = 0; c < channels; c += LANES)
    {
      Vector lines[SIDE * GW_WINOGRAD_MOST], row[GW_WINOGRAD_MOST];

      UNROLL for (int x = 0; x < SIDE; x++)
        {
          Vector column[SIDE];

          UNROLL for (int y = 0; y < SIDE; y++)
            column[y] = *(const Vector *) (from + (y * SIDE + x) * stride + c);
          collect_line (n, column, 1, lines + x, SIDE);
        }
      UNROLL for (int y = 0; y < n; y++)
        {
          collect_line (n, lines + y * SIDE, 1, row, 1);
          UNROLL for (int x = 0; x < n; x++)
            *(Vector *) (pixels[y * n + x] + c) = row[x];
        }
    }
}

/* A version of the loops for each side, unrolled. */
#define SIDE_OF(N)                                                                                       \
  GW_CLONES static void                                                                                  \
  evaluate_##N (const float *const *pixels, int64_t channels, float *to, int64_t stride)                 \
  {                                                                                                      \
    evaluate (N, pixels, channels, to, stride);                                                          \
  }                                                                                                      \
                                                                                                         \
  GW_CLONES static void                                                                                  \
  collect_##N (const float *from, int64_t stride, int64_t channels, float *const *pixels)                \
  {                                                                                                      \
    collect (N, from, stride, channels, pixels);                                                         \
  }

SIDE_OF (2)
SIDE_OF (3)
SIDE_OF (4)
SIDE_OF (5)

static const struct {
  void (*evaluate) (const float *const *pixels, int64_t channels, float *to, int64_t stride);
  void (*collect) (const float *from, int64_t stride, int64_t channels, float *const *pixels);
} sides[] = { { evaluate_2, collect_2 }, { evaluate_3, collect_3 }, { evaluate_4, collect_4 }, { evaluate_5, collect_5 } };

void
gw_winograd_evaluate (int                 n,
                      const float *const *pixels,
                      int64_t             channels,
                      float              *to,
                      int64_t             stride)
{
  sides[n - GW_WINOGRAD_LEAST].evaluate (pixels, channels, to, stride);
}

void
gw_winograd_collect (int           n,
                     const float  *from,
                     int64_t       stride,
                     int64_t       channels,
                     float *const *pixels)
{
  sides[n - GW_WINOGRAD_LEAST].collect (from, stride, channels, pixels);
}

float
gw_winograd_scale (int place)
{
  /* One over the products of the differences between a point and the others. */
  static const float scales[SIDE] = { 1, -2.0f / 3, -2.0f / 3, 1.0f / 6, 1.0f / 6, 1 };

  return scales[place / SIDE] * scales[place % SIDE];
}
