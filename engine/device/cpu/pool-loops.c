/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/pool-loops.h"

#include <float.h>
#include <string.h>

#include "engine/device/cpu/loops.h"

/* The part of the window around one output that lies inside the picture. */
typedef struct {
  int64_t d0, d1, h0, h1, w0, w1; /* elements [0, 1) of each axis */
  int64_t count;
} Box;

GW_INLINE Box
box_of (const GwWindow *window,
        int64_t         od,
        int64_t         oh,
        int64_t         ow)
{
  int64_t first, end;
  Box box;

  gw_window_taps (&window->axes[0], od, &first, &end, &box.d0);
  box.d1 = box.d0 + end - first;
  gw_window_taps (&window->axes[1], oh, &first, &end, &box.h0);
  box.h1 = box.h0 + end - first;
  gw_window_taps (&window->axes[2], ow, &first, &end, &box.w0);
  box.w1 = box.w0 + end - first;
  box.count = (box.d1 - box.d0) * (box.h1 - box.h0) * (box.w1 - box.w0);
  return box;
}

/* Runs the statements with `at`, the position in the picture, for every element of
 * the box in their order. */
#define FOR_BOX(window, box, ...)                                                     \
  for (int64_t z_ = (box).d0; z_ < (box).d1; z_++)                                    \
    for (int64_t y_ = (box).h0; y_ < (box).h1; y_++)                                  \
      for (int64_t x_ = (box).w0; x_ < (box).w1; x_++)                                \
        {                                                                             \
          int64_t at = (z_ * (window)->axes[1].input + y_) * (window)->axes[2].input + x_; \
          __VA_ARGS__                                                                 \
        }
/* What a row function and a tile function begin with. */
#define ROW_BEGIN                                                                     \
  const GwWindow *window = &pool->window;                                             \
  const GwWindowAxis *axes = window->axes;                                            \
  int64_t n = window->channels;                                                       \
  int64_t picture = row / (axes[0].output * axes[1].output);                          \
  int64_t input_at = picture * gw_window_inputs (window) * n;                         \
                                                                                      \
  for (int64_t ow = 0; ow < axes[2].output; ow++)                                     \
    {                                                                                 \
      Box box = box_of (window, row / axes[1].output % axes[0].output, row % axes[1].output, ow); \
      int64_t output_at = (row * axes[2].output + ow) * n;
#define ROW_END }

#define TILE_BEGIN                                                                    \
  const GwWindow *window = &pool->window;                                             \
  const GwWindowAxis *axes = window->axes;                                            \
  int64_t channels = window->channels;                                                \
  int64_t n_tiles = (channels + GW_POOL_TILE - 1) / GW_POOL_TILE;                     \
  int64_t first = unit % n_tiles * GW_POOL_TILE;                                      \
  int64_t n = MIN (GW_POOL_TILE, channels - first);                                   \
  int64_t inputs = gw_window_inputs (window), outputs = gw_window_outputs (window);   \
  int64_t input_at = unit / n_tiles * inputs * channels + first;                      \
                                                                                      \
  for (int64_t i = 0; i < inputs; i++)                                                \
    memset ((char *) pool->result + (size_t) (input_at + i * channels) * sizeof (Element), 0, (size_t) n * sizeof (Element)); \
  for (int64_t o = 0; o < outputs; o++)                                               \
    {                                                                                 \
      Box box = box_of (window, o / (axes[1].output * axes[2].output), o / axes[2].output % axes[1].output, \
                        o % axes[2].output);                                          \
      int64_t output_at = (unit / n_tiles * outputs + o) * channels + first;
#define TILE_END }

/* The largest of `count` elements from each channel on, and where it is. */
#define LARGEST(T)                                                                    \
  GW_INLINE void                                                                      \
  largest_##T (const GwWindow *window, const Box *box, const T *x, int64_t n, T *best, int32_t *where) \
  {                                                                                   \
    gboolean begun = FALSE;                                                           \
                                                                                      \
    FOR_BOX (window, *box,                                                            \
      const T *from = x + at * window->channels;                                      \
                                                                                      \
      if (!begun)                                                                     \
        for (int64_t c = 0; c < n; c++)                                               \
          {                                                                           \
            best[c] = from[c];                                                        \
            where[c] = (int32_t) at;                                                  \
          }                                                                           \
      else                                                                            \
        for (int64_t c = 0; c < n; c++)                                               \
          {                                                                           \
            gboolean more = best[c] < from[c];                                        \
                                                                                      \
            where[c] = more ? (int32_t) at : where[c];                                \
            best[c] = more ? from[c] : best[c];                                       \
          }                                                                           \
      begun = TRUE;)                                                                  \
  }

#define MAX_LOOPS(T, LOWEST, ADD, CLONES)                                             \
  LARGEST (T)                                                                         \
                                                                                      \
  CLONES static void                                                                  \
  max_##T (const GwPool *pool, int64_t row)                                           \
  {                                                                                   \
    ROW_BEGIN                                                                         \
      T *restrict to = (T *) pool->result + output_at;                                \
                                                                                      \
      for (int64_t c = 0; c < n; c++)                                                 \
        to[c] = LOWEST;                                                               \
      FOR_BOX (window, box,                                                           \
        const T *restrict from = (const T *) pool->x + input_at + at * n;             \
                                                                                      \
        for (int64_t c = 0; c < n; c++)                                               \
          to[c] = from[c] > to[c] ? from[c] : to[c];)                                 \
    ROW_END                                                                           \
  }                                                                                   \
                                                                                      \
  CLONES static void                                                                  \
  arg_max_##T (const GwPool *pool, int64_t row)                                       \
  {                                                                                   \
    ROW_BEGIN                                                                         \
      for (int64_t c0 = 0; c0 < n; c0 += GW_POOL_TILE)                                \
        {                                                                             \
          T best[GW_POOL_TILE] = { 0 };                                               \
          int32_t where[GW_POOL_TILE] = { 0 };                                        \
          int64_t count = MIN (GW_POOL_TILE, n - c0);                                 \
                                                                                      \
          largest_##T (window, &box, (const T *) pool->x + input_at + c0, count, best, where); \
          memcpy ((T *) pool->result + output_at + c0, best, (size_t) count * sizeof (T)); \
          for (int64_t c = 0; c < count; c++)                                         \
            {                                                                         \
              int64_t place = (pool->whole_batch ? input_at : 0) + where[c] * n + c0 + c; \
                                                                                      \
              if (pool->wide)                                                         \
                ((int64_t *) pool->positions)[output_at + c0 + c] = place;            \
              else                                                                    \
                ((int32_t *) pool->positions)[output_at + c0 + c] = (int32_t) place;  \
            }                                                                         \
        }                                                                             \
    ROW_END                                                                           \
  }                                                                                   \
                                                                                      \
  CLONES static void                                                                  \
  max_grad_##T (const GwPool *pool, int64_t unit)                                     \
  {                                                                                   \
    typedef T Element;                                                                \
    T best[GW_POOL_TILE] = { 0 };                                                     \
    int32_t where[GW_POOL_TILE] = { 0 };                                              \
    TILE_BEGIN                                                                        \
      const T *restrict d = (const T *) pool->d + output_at;                          \
                                                                                      \
      largest_##T (window, &box, (const T *) pool->x + input_at, n, best, where);     \
      FOR_BOX (window, box,                                                           \
        T *restrict to = (T *) pool->result + input_at + at * channels;               \
                                                                                      \
        for (int64_t c = 0; c < n; c++)                                               \
          to[c] = where[c] == (int32_t) at ? ADD (T, to[c], d[c]) : to[c];)           \
    TILE_END                                                                          \
  }                                                                                   \
                                                                                      \
  CLONES static void                                                                  \
  max_grad_ties_##T (const GwPool *pool, int64_t unit)                                \
  {                                                                                   \
    typedef T Element;                                                                \
    T best[GW_POOL_TILE] = { 0 };                                                     \
    int32_t where[GW_POOL_TILE] = { 0 };                                              \
    TILE_BEGIN                                                                        \
      const T *restrict d = (const T *) pool->d + output_at;                          \
                                                                                      \
      largest_##T (window, &box, (const T *) pool->x + input_at, n, best, where);     \
      FOR_BOX (window, box,                                                           \
        const T *restrict from = (const T *) pool->x + input_at + at * channels;      \
        T *restrict to = (T *) pool->result + input_at + at * channels;               \
                                                                                      \
        for (int64_t c = 0; c < n; c++)                                               \
          to[c] = from[c] == best[c] ? ADD (T, to[c], d[c]) : to[c];)                 \
    TILE_END                                                                          \
  }                                                                                   \
                                                                                      \
  CLONES static void                                                                  \
  max_grad_grad_##T (const GwPool *pool, int64_t row)                                 \
  {                                                                                   \
    ROW_BEGIN                                                                         \
      for (int64_t c0 = 0; c0 < n; c0 += GW_POOL_TILE)                                \
        {                                                                             \
          T best[GW_POOL_TILE] = { 0 };                                               \
          int32_t where[GW_POOL_TILE] = { 0 };                                        \
          int64_t count = MIN (GW_POOL_TILE, n - c0);                                 \
          T *restrict to = (T *) pool->result + output_at + c0;                       \
                                                                                      \
          largest_##T (window, &box, (const T *) pool->x + input_at + c0, count, best, where);\
          memset (to, 0, (size_t) count * sizeof (T));                                \
          FOR_BOX (window, box,                                                       \
            const T *restrict d = (const T *) pool->d + input_at + at * n + c0;       \
                                                                                      \
            for (int64_t c = 0; c < count; c++)                                       \
              to[c] = where[c] == (int32_t) at ? d[c] : to[c];)                       \
        }                                                                             \
    ROW_END                                                                           \
  }

/* max_grad of float for windows of 2 × 2 that lie side by side and fill the picture: each
 * element is written once. */
GW_CLONES static void
max_grad_of_four (const GwPool *pool,
                  int64_t       unit)
{
  const GwWindow *window = &pool->window;
  int64_t channels = window->channels, wide = window->axes[2].input * channels;
  int64_t n_tiles = (channels + GW_POOL_TILE - 1) / GW_POOL_TILE;
  int64_t first = unit % n_tiles * GW_POOL_TILE;
  int64_t n = MIN (GW_POOL_TILE, channels - first);
  int64_t at = unit / n_tiles * gw_window_inputs (window) * channels + first;
  const float *d = (const float *) pool->d + unit / n_tiles * gw_window_outputs (window) * channels + first;

  for (int64_t y = 0; y < window->axes[1].output; y++, at += 2 * wide)
    for (int64_t x = 0; x < window->axes[2].output; x++, d += channels)
      {
        const float *from = (const float *) pool->x + at + 2 * x * channels;
        float *to = (float *) pool->result + at + 2 * x * channels;

        GW_IVDEP
        for (int64_t c = 0; c < n; c++)
          {
            float best = from[c], value = d[c] + 0.0f; /* -0 arrives as 0 where it is added */
            int32_t where = 0;

            where = best < from[channels + c] ? 1 : where;
            best = best < from[channels + c] ? from[channels + c] : best;
            where = best < from[wide + c] ? 2 : where;
            best = best < from[wide + c] ? from[wide + c] : best;
            where = best < from[wide + channels + c] ? 3 : where;
            to[c] = where == 0 ? value : 0;
            to[channels + c] = where == 1 ? value : 0;
            to[wide + c] = where == 2 ? value : 0;
            to[wide + channels + c] = where == 3 ? value : 0;
          }
      }
}

static gboolean
is_of_four (const GwWindow *window)
{
  gboolean four = window->axes[0].input == 1 && window->axes[0].window == 1 && window->axes[0].output == 1;

  for (int i = 1; i < GW_WINDOW_AXES; i++)
    {
      const GwWindowAxis *axis = &window->axes[i];

      four = four && axis->window == 2 && axis->stride == 2 && axis->before == 0 && axis->input == 2 * axis->output;
    }
  return four;
}

#define AVG_LOOPS(T)                                                                  \
  GW_CLONES static void                                                               \
  avg_##T (const GwPool *pool, int64_t row)                                           \
  {                                                                                   \
    ROW_BEGIN                                                                         \
      T *restrict to = (T *) pool->result + output_at;                                \
                                                                                      \
      memset (to, 0, (size_t) n * sizeof (T));                                        \
      FOR_BOX (window, box,                                                           \
        const T *restrict from = (const T *) pool->x + input_at + at * n;             \
                                                                                      \
        for (int64_t c = 0; c < n; c++)                                               \
          to[c] += from[c];)                                                          \
      for (int64_t c = 0; c < n; c++)                                                 \
        to[c] /= (T) box.count;                                                       \
    ROW_END                                                                           \
  }                                                                                   \
                                                                                      \
  GW_CLONES static void                                                               \
  avg_grad_##T (const GwPool *pool, int64_t unit)                                     \
  {                                                                                   \
    typedef T Element;                                                                \
    T share[GW_POOL_TILE];                                                            \
    TILE_BEGIN                                                                        \
      const T *restrict d = (const T *) pool->d + output_at;                          \
                                                                                      \
      for (int64_t c = 0; c < n; c++)                                                 \
        share[c] = d[c] / (T) box.count;                                              \
      FOR_BOX (window, box,                                                           \
        T *restrict to = (T *) pool->result + input_at + at * channels;               \
                                                                                      \
        for (int64_t c = 0; c < n; c++)                                               \
          to[c] += share[c];)                                                         \
    TILE_END                                                                          \
  }

#define PLAIN_ADD(T, a, b) ((a) + (b))
#define WRAPPING_ADD(T, a, b) GW_WRAP (T, a, +, b)

MAX_LOOPS (float, -FLT_MAX, PLAIN_ADD, GW_CLONES)
MAX_LOOPS (double, -DBL_MAX, PLAIN_ADD, GW_CLONES)
MAX_LOOPS (int32_t, INT32_MIN, WRAPPING_ADD, GW_NO_CLONES)
MAX_LOOPS (int64_t, INT64_MIN, WRAPPING_ADD, GW_NO_CLONES)
MAX_LOOPS (uint8_t, 0, WRAPPING_ADD, GW_NO_CLONES)
MAX_LOOPS (int8_t, INT8_MIN, WRAPPING_ADD, GW_NO_CLONES)
MAX_LOOPS (int16_t, INT16_MIN, WRAPPING_ADD, GW_NO_CLONES)
MAX_LOOPS (uint16_t, 0, WRAPPING_ADD, GW_NO_CLONES)
MAX_LOOPS (uint32_t, 0, WRAPPING_ADD, GW_NO_CLONES)
MAX_LOOPS (uint64_t, 0, WRAPPING_ADD, GW_NO_CLONES)
AVG_LOOPS (float)
AVG_LOOPS (double)

#define MAX_ENTRIES(T)                                                                                   \
  [GW_POOL_MAX] = max_##T, [GW_POOL_ARG_MAX] = arg_max_##T, [GW_POOL_MAX_GRAD] = max_grad_##T,           \
  [GW_POOL_MAX_GRAD_TIES] = max_grad_ties_##T, [GW_POOL_MAX_GRAD_GRAD] = max_grad_grad_##T
#define AVG_ENTRIES(T) [GW_POOL_AVG] = avg_##T, [GW_POOL_AVG_GRAD] = avg_grad_##T

static const struct {
  GwDType dtype;
  GwPoolLoop loops[GW_N_POOL];
} loops[] = {
  { GW_FLOAT32, { MAX_ENTRIES (float), AVG_ENTRIES (float) } },
  { GW_FLOAT64, { MAX_ENTRIES (double), AVG_ENTRIES (double) } },
  { GW_INT32, { MAX_ENTRIES (int32_t) } },
  { GW_INT64, { MAX_ENTRIES (int64_t) } },
  { GW_UINT8, { MAX_ENTRIES (uint8_t) } },
  { GW_INT8, { MAX_ENTRIES (int8_t) } },
  { GW_INT16, { MAX_ENTRIES (int16_t) } },
  { GW_UINT16, { MAX_ENTRIES (uint16_t) } },
  { GW_UINT32, { MAX_ENTRIES (uint32_t) } },
  { GW_UINT64, { MAX_ENTRIES (uint64_t) } },
};

GwPoolLoop
gw_pool_loop (GwPoolOp        op,
              GwDType         dtype,
              const GwWindow *window)
{
  if (op == GW_POOL_MAX_GRAD && dtype == GW_FLOAT32 && is_of_four (window))
    return max_grad_of_four;
  for (gsize i = 0; i < G_N_ELEMENTS (loops); i++)
    if (loops[i].dtype == dtype)
      return loops[i].loops[op];
  return NULL;
}

gboolean
gw_pool_runs_by_row (GwPoolOp op)
{
  return op == GW_POOL_MAX || op == GW_POOL_ARG_MAX || op == GW_POOL_AVG || op == GW_POOL_MAX_GRAD_GRAD;
}
