/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/resize.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/device/cpu/elementwise.h"
#include "engine/device/cpu/no-kernel.h"

#include <math.h>
#include <string.h>

#include "engine/device/cpu/loops.h"

/* What each of n coordinates is made of: source coordinates and their weights, those
 * of coordinate i from starts[i] on up to starts[i + 1]. */
typedef struct {
  int64_t  n, room;
  int64_t *starts;
  int32_t *index;
  float   *weight;
} Taps;

/* ---- where a coordinate comes from: TensorFlow's image_resizer_state.h ---- */

static float
scale_of (const GwResize *resize,
          int64_t         in,
          int64_t         out)
{
  return resize->align_corners && out > 1 ? (float) (in - 1) / (float) (out - 1) : (float) in / (float) out;
}

static float
source_of (const GwResize *resize,
           int64_t         i,
           float           scale)
{
  return resize->half_pixel_centers ? ((float) i + 0.5f) * scale - 0.5f : (float) i * scale;
}

static void
add_tap (Taps    *taps,
         int64_t *at,
         int64_t  index,
         float    weight)
{
  taps->index[*at] = (int32_t) index;
  taps->weight[*at] = weight;
  (*at)++;
}

static void
nearest_taps (const GwResize *resize,
              Taps           *taps,
              int64_t         in,
              int64_t         i,
              int64_t        *at)
{
  float scale = scale_of (resize, in, taps->n);
  float place = resize->half_pixel_centers ? ((float) i + 0.5f) * scale : (float) i * scale;
  int64_t index = (int64_t) (resize->align_corners ? roundf (place) : floorf (place));

  add_tap (taps, at, CLAMP (index, 0, in - 1), 1);
}

static void
bilinear_taps (const GwResize *resize,
               Taps           *taps,
               int64_t         in,
               int64_t         i,
               int64_t        *at)
{
  float place = source_of (resize, i, scale_of (resize, in, taps->n));
  float below = floorf (place), part = place - below;

  add_tap (taps, at, CLAMP ((int64_t) below, 0, in - 1), 1 - part);
  add_tap (taps, at, CLAMP ((int64_t) ceilf (place), 0, in - 1), part);
}

/* Weights are taken from a table of this many steps a pixel. */
#define CUBIC_STEPS 1024

/* Keys' cubic with parameter a, at a distance x up to 1, and at 1 + x. */
static float
cubic_near (double a,
            double x)
{
  return (float) (((a + 2) * x - (a + 3)) * x * x + 1);
}

static float
cubic_far (double a,
           double x)
{
  x += 1;
  return (float) (((a * x - 5 * a) * x + 8 * a) * x - 4 * a);
}

/* With half-pixel centres pixels beyond the edge count nothing and the others make up
 * for it; otherwise the edge is repeated. */
static void
bicubic_taps (const GwResize *resize,
              Taps           *taps,
              int64_t         in,
              int64_t         i,
              int64_t        *at)
{
  double a = resize->half_pixel_centers ? -0.5 : -0.75;
  float place = source_of (resize, i, scale_of (resize, in, taps->n));
  float below = floorf (place);
  double x = (double) lrintf ((place - below) * CUBIC_STEPS) / CUBIC_STEPS;
  float weights[4] = { cubic_far (a, x), cubic_near (a, x), cubic_near (a, 1 - x), cubic_far (a, 1 - x) };
  float sum = 0, factor;

  for (int k = 0; k < 4; k++)
    {
      int64_t index = (int64_t) below + k - 1;

      if (resize->half_pixel_centers && (index < 0 || index >= in))
        weights[k] = 0;
      sum += weights[k];
    }
  factor = resize->half_pixel_centers && fabsf (sum) >= 1000 * 1.17549435e-38f ? 1 / sum : 1;
  for (int k = 0; k < 4; k++)
    add_tap (taps, at, CLAMP ((int64_t) below + k - 1, 0, in - 1), weights[k] * factor);
}

/* How much of each pixel lies under the new one. */
static void
area_taps (const GwResize *resize,
           Taps           *taps,
           int64_t         in,
           int64_t         i,
           int64_t        *at)
{
  float scale = scale_of (resize, in, taps->n);
  float from = (float) i * scale, to = (float) (i + 1) * scale;
  int64_t last = (int64_t) ceilf (to);

  if (scale == 0)
    add_tap (taps, at, 0, 1);
  for (int64_t k = (int64_t) floorf (from); k < last && *at < taps->room; k++)
    {
      float low = MAX ((float) k, from), high = MIN ((float) k + 1, to);

      add_tap (taps, at, CLAMP (k, 0, in - 1), (high - low) / scale);
    }
}

static void
make_taps (const GwResize *resize,
           Taps           *taps,
           int64_t         in)
{
  static void (*const makers[]) (const GwResize *, Taps *, int64_t, int64_t, int64_t *) = {
    [GW_RESIZE_NEAREST] = nearest_taps, [GW_RESIZE_BILINEAR] = bilinear_taps,
    [GW_RESIZE_BICUBIC] = bicubic_taps, [GW_RESIZE_AREA] = area_taps,
  };
  int64_t at = 0;

  for (int64_t i = 0; i < taps->n; i++)
    {
      taps->starts[i] = at;
      makers[resize->method] (resize, taps, in, i, &at);
    }
  taps->starts[taps->n] = at;
}

/* The same weights by source: what each source coordinate goes into. */
static void
turn_taps (const Taps *taps,
           Taps       *turned)
{
  int64_t n = taps->starts[taps->n], at = 0;

  memset (turned->starts, 0, sizeof (int64_t) * (turned->n + 1));
  for (int64_t k = 0; k < n; k++)
    turned->starts[taps->index[k]]++;
  for (int64_t i = 0; i <= turned->n; i++)
    {
      int64_t count = turned->starts[i];

      turned->starts[i] = at;
      at += i < turned->n ? count : 0;
    }
  for (int64_t i = 0; i < taps->n; i++)
    for (int64_t k = taps->starts[i]; k < taps->starts[i + 1]; k++)
      {
        int64_t place = turned->starts[taps->index[k]]++;

        turned->index[place] = (int32_t) i;
        turned->weight[place] = taps->weight[k];
      }
  memmove (turned->starts + 1, turned->starts, sizeof (int64_t) * turned->n);
  turned->starts[0] = 0;
}

/* ---- weighted sums ---- */

typedef struct {
  const void *in;
  void       *out;
  Taps        rows, columns;
  int64_t     in_height, in_width, channels;
  size_t      size;               /* of an element, for copies */
} Sums;

/* One row of one picture of the result at a time. */
#define WEIGHTED_ROWS(NAME, S, D, VALUE, CLONES)                                                 \
  CLONES static void                                                                             \
  NAME (void *data, int64_t begin, int64_t end)                                                  \
  {                                                                                              \
    const Sums *s = data;                                                                        \
    const Taps *rows = &s->rows, *columns = &s->columns;                                         \
    int64_t n = s->channels;                                                                     \
                                                                                                 \
    for (int64_t row = begin; row < end; row++)                                                  \
      {                                                                                          \
        const S *picture = (const S *) s->in + row / rows->n * s->in_height * s->in_width * n;   \
        D *restrict out = (D *) s->out + row * columns->n * n;                                   \
        int64_t y = row % rows->n;                                                               \
                                                                                                 \
        memset (out, 0, sizeof (D) * columns->n * n);                                            \
        for (int64_t r = rows->starts[y]; r < rows->starts[y + 1]; r++)                          \
          {                                                                                      \
            const S *restrict from = picture + (int64_t) rows->index[r] * s->in_width * n;       \
                                                                                                 \
            for (int64_t x = 0; x < columns->n; x++)                                             \
              for (int64_t c = columns->starts[x]; c < columns->starts[x + 1]; c++)              \
                {                                                                                \
                  G_GNUC_UNUSED float down = rows->weight[r], right = columns->weight[c];        \
                  const S *restrict pixel = from + (int64_t) columns->index[c] * n;              \
                                                                                                 \
                  for (int64_t k = 0; k < n; k++)                                                \
                    out[x * n + k] = (D) (out[x * n + k] + (VALUE));                             \
                }                                                                                \
          }                                                                                      \
      }                                                                                          \
  }

/* Products are rounded where TensorFlow rounds them. */
WEIGHTED_ROWS (weighted_float, float, float, pixel[k] * down * right, GW_CLONES)
WEIGHTED_ROWS (weighted_rounded, float, double, pixel[k] * down * right, GW_CLONES)
WEIGHTED_ROWS (weighted_double, float, double, (double) pixel[k] * down * right, GW_CLONES)
WEIGHTED_ROWS (sum_float, float, float, pixel[k], GW_NO_CLONES)
WEIGHTED_ROWS (sum_double, double, double, pixel[k], GW_NO_CLONES)
WEIGHTED_ROWS (sum_uint8, uint8_t, uint8_t, pixel[k], GW_NO_CLONES)
WEIGHTED_ROWS (sum_int8, int8_t, int8_t, pixel[k], GW_NO_CLONES)
WEIGHTED_ROWS (sum_int32, uint32_t, uint32_t, pixel[k], GW_NO_CLONES)

static void
copy_pixels (void    *data,
             int64_t  begin,
             int64_t  end)
{
  const Sums *s = data;
  size_t pixel = s->size * (size_t) s->channels;

  for (int64_t row = begin; row < end; row++)
    {
      int64_t from = row / s->rows.n * s->in_height + s->rows.index[row % s->rows.n];
      char *out = (char *) s->out + (size_t) (row * s->columns.n) * pixel;

      for (int64_t x = 0; x < s->columns.n; x++)
        memcpy (out + (size_t) x * pixel,
                (const char *) s->in + (size_t) (from * s->in_width + s->columns.index[x]) * pixel, pixel);
    }
}

/* ---- memory ---- */

static size_t
taps_bytes (const Taps *taps)
{
  size_t bytes = sizeof (int64_t) * (taps->n + 1) + (sizeof (int32_t) + sizeof (float)) * taps->room;

  return (bytes + GW_ALIGNMENT - 1) / GW_ALIGNMENT * GW_ALIGNMENT;
}

static char *
place_taps (Taps *taps,
            char *memory)
{
  taps->starts = (int64_t *) memory;
  taps->weight = (float *) (taps->starts + taps->n + 1);
  taps->index = (int32_t *) (taps->weight + taps->room);
  return memory + taps_bytes (taps);
}

/* Taps for `out` coordinates out of `in`; at most four each, or all of the source
 * once and each end twice. */
static Taps
plan_taps (int64_t in,
           int64_t out)
{
  return (Taps) { .n = out, .room = in + 4 * out };
}

static gboolean
sizes_fit (const GwTensor  *in,
           const GwTensor  *out,
           GError         **error)
{
  for (int i = 1; i < 3; i++)
    if (in->shape.dims[i] > G_MAXINT32 || out->shape.dims[i] > G_MAXINT32)
      return gw_invalid (error, "a picture of more than 2147483647 rows or columns is too large");
  return TRUE;
}

static void
run_rows (GwKernelContext *context,
          Sums            *sums,
          GwRangeFunc      loop)
{
  int64_t row = sums->columns.n * sums->channels;

  gw_kernel_parallel (context, context->outputs[0]->shape.dims[0] * sums->rows.n, MAX (1, GW_GRAIN / MAX (row, 1)), loop, sums);
}

gboolean
gw_cpu_resize (GwKernelContext  *context,
               const GwResize   *resize,
               GError          **error)
{
  const GwTensor *in = context->inputs[0];
  GwTensor *out = context->outputs[0];
  const int64_t *from = in->shape.dims, *to = out->shape.dims;
  gboolean nearest = resize->method == GW_RESIZE_NEAREST;
  gboolean convert = !nearest && in->dtype != GW_FLOAT32;
  Sums sums = { in->data, out->data, plan_taps (from[1], to[1]), plan_taps (from[2], to[2]), from[1], from[2], from[3],
                gw_dtype_size (in->dtype) };
  size_t taps = taps_bytes (&sums.rows) + taps_bytes (&sums.columns), pixels = 0;
  char *memory;

  if (convert && gw_cast_loop (in->dtype, GW_FLOAT32) == NULL)
    return gw_cpu_no_kernel (context, in->dtype, error);
  if (!sizes_fit (in, out, error))
    return FALSE;
  if (out->elements == 0)
    return TRUE;
  if (convert && !gw_size_mul ((size_t) in->elements, sizeof (float), &pixels))
    return gw_invalid (error, "the pictures are too large");
  memory = gw_kernel_scratch (context, taps + pixels, error);
  if (memory == NULL)
    return FALSE;
  memory = place_taps (&sums.columns, place_taps (&sums.rows, memory));
  make_taps (resize, &sums.rows, from[1]);
  make_taps (resize, &sums.columns, from[2]);
  if (convert)
    {
      gw_cast_loop (in->dtype, GW_FLOAT32) (in->data, memory, in->elements);
      sums.in = memory;
    }
  run_rows (context, &sums, nearest ? copy_pixels : weighted_float);
  return TRUE;
}

gboolean
gw_cpu_resize_grad (GwKernelContext  *context,
                    const GwResize   *resize,
                    GError          **error)
{
  static const GwRangeFunc sum_loops[] = {
    [GW_FLOAT32] = sum_float, [GW_FLOAT64] = sum_double, [GW_UINT8] = sum_uint8, [GW_INT8] = sum_int8, [GW_INT32] = sum_int32,
  };
  const GwTensor *in = context->inputs[0];
  GwTensor *out = context->outputs[0];
  const int64_t *from = in->shape.dims, *to = out->shape.dims;
  GwRangeFunc loop = out->dtype == GW_FLOAT32 ? weighted_float
                     : resize->method == GW_RESIZE_BILINEAR ? weighted_rounded : weighted_double;
  Taps rows = plan_taps (to[1], from[1]), columns = plan_taps (to[2], from[2]);
  Sums sums = { in->data, out->data, { .n = to[1], .room = rows.room }, { .n = to[2], .room = columns.room },
                from[1], from[2], from[3], gw_dtype_size (in->dtype) };
  char *memory;

  if (resize->method == GW_RESIZE_NEAREST)
    loop = (unsigned) out->dtype < G_N_ELEMENTS (sum_loops) ? sum_loops[out->dtype] : NULL;
  if (loop == NULL)
    return gw_cpu_no_kernel (context, out->dtype, error);
  if (!sizes_fit (in, out, error))
    return FALSE;
  if (out->elements == 0)
    return TRUE;
  memory = gw_kernel_scratch (context, taps_bytes (&rows) + taps_bytes (&columns) + taps_bytes (&sums.rows) +
                              taps_bytes (&sums.columns), error);
  if (memory == NULL)
    return FALSE;
  place_taps (&sums.columns, place_taps (&sums.rows, place_taps (&columns, place_taps (&rows, memory))));
  make_taps (resize, &rows, to[1]);
  make_taps (resize, &columns, to[2]);
  turn_taps (&rows, &sums.rows);
  turn_taps (&columns, &sums.columns);
  run_rows (context, &sums, loop);
  return TRUE;
}
