/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/image.h"

#include "engine/device/cpu/no-kernel.h"

#include <math.h>

#include "engine/device/cpu/loops.h"

typedef struct {
  GwKernelContext *context;
  GwColorOp        op;
  float            amount;
  int64_t          pixels;   /* of a picture: contrast */
  int64_t          channels;
} Job;

/* ---- colours ---- */

/* Hue, saturation and value of red, green, blue, and back: TensorFlow's colorspace_op.h. */
#define CONVERSIONS(T, FABS)                                                              \
  GW_INLINE void                                                                          \
  rgb_to_hsv_##T (const T *rgb, T *hsv)                                                   \
  {                                                                                       \
    T r = rgb[0], g = rgb[1], b = rgb[2];                                                 \
    T value = MAX (MAX (r, g), b);                                                        \
    T range = value - MIN (MIN (r, g), b);                                                \
    T norm = range > 0 ? (T) (1.0 / 6.0) / range : 0;                                     \
    T hue = r == value ? norm * (g - b)                                                   \
            : g == value ? norm * (b - r) + (T) (2.0 / 6.0) : norm * (r - g) + (T) (4.0 / 6.0); \
                                                                                          \
    hue = range > 0 ? hue : 0;                                                            \
    hsv[0] = hue < 0 ? hue + 1 : hue;                                                     \
    hsv[1] = value > 0 ? range / value : 0;                                               \
    hsv[2] = value;                                                                       \
  }                                                                                       \
  GW_INLINE void                                                                          \
  hsv_to_rgb_##T (const T *hsv, T *rgb)                                                   \
  {                                                                                       \
    T h = hsv[0] * 6, s = hsv[1], v = hsv[2];                                             \
    T parts[3] = { FABS (h - 3) - 1, 2 - FABS (h - 2), 2 - FABS (h - 4) };                \
                                                                                          \
    for (int i = 0; i < 3; i++)                                                           \
      rgb[i] = ((1 - s) + s * CLAMP (parts[i], 0, 1)) * v;                                \
  }
CONVERSIONS (float, fabsf)
CONVERSIONS (double, fabs)

#define COLOR_LOOP(NAME, T, FUNCTION)                                  \
  static void                                                          \
  NAME (void *data, int64_t begin, int64_t end)                        \
  {                                                                    \
    const Job *job = data;                                             \
    const T *in = GW_TENSOR_DATA (job->context->inputs[0], T);         \
    T *out = GW_TENSOR_DATA (job->context->outputs[0], T);             \
                                                                       \
    for (int64_t i = 3 * begin; i < 3 * end; i += 3)                   \
      {                                                                \
        T pixel[3] = { in[i], in[i + 1], in[i + 2] };                  \
                                                                       \
        FUNCTION;                                                      \
      }                                                                \
  }

/* Turns the hue on, six sectors a turn, the largest and the smallest part of a colour
 * staying what they are. */
static void
turn_hue (const float *rgb,
          float        turn,
          float       *out)
{
  float top = MAX (MAX (rgb[0], rgb[1]), rgb[2]), bottom = MIN (MIN (rgb[0], rgb[1]), rgb[2]);
  float range = top - bottom, place, part, hsv[3], sector;
  static const int largest[] = { 0, 1, 1, 2, 2, 0 }, smallest[] = { 2, 2, 0, 0, 1, 1 };
  int which;

  rgb_to_hsv_float (rgb, hsv);
  place = fmodf ((range > 0 ? hsv[0] * 6 : 0) + turn * 6, 6);
  place = place < 0 ? place + 6 : place;
  sector = floorf (place);
  which = sector >= 0 && sector < 6 ? (int) sector : 0;
  part = place - sector;
  if (which % 2 != 0)
    part = 1 - part;
  for (int i = 0; i < 3; i++)
    out[i] = i == largest[which] ? top : i == smallest[which] ? bottom : bottom + part * range;
}

static void
scale_saturation (const float *rgb,
                  float        factor,
                  float       *out)
{
  float hsv[3];

  rgb_to_hsv_float (rgb, hsv);
  hsv[1] = fminf (1.0f, fmaxf (0.0f, hsv[1] * factor));
  hsv_to_rgb_float (hsv, out);
}

COLOR_LOOP (rgb_to_hsv_32, float, rgb_to_hsv_float (pixel, out + i))
COLOR_LOOP (rgb_to_hsv_64, double, rgb_to_hsv_double (pixel, out + i))
COLOR_LOOP (hsv_to_rgb_32, float, hsv_to_rgb_float (pixel, out + i))
COLOR_LOOP (hsv_to_rgb_64, double, hsv_to_rgb_double (pixel, out + i))
COLOR_LOOP (hue_32, float, turn_hue (pixel, job->amount, out + i))
COLOR_LOOP (saturation_32, float, scale_saturation (pixel, job->amount, out + i))

gboolean
gw_cpu_color (GwKernelContext *context,
              GwColorOp        op,
              float            amount,
              GError         **error)
{
  static const GwRangeFunc loops[][2] = {
    [GW_COLOR_RGB_TO_HSV] = { rgb_to_hsv_32, rgb_to_hsv_64 },
    [GW_COLOR_HSV_TO_RGB] = { hsv_to_rgb_32, hsv_to_rgb_64 },
    [GW_COLOR_HUE] = { hue_32, NULL },
    [GW_COLOR_SATURATION] = { saturation_32, NULL },
  };
  const GwTensor *in = context->inputs[0];
  Job job = { context, op, amount };
  GwRangeFunc loop = in->dtype == GW_FLOAT32 ? loops[op][0] : in->dtype == GW_FLOAT64 ? loops[op][1] : NULL;

  if (loop == NULL)
    return gw_cpu_no_kernel (context, in->dtype, error);
  gw_kernel_parallel (context, in->elements / 3, GW_GRAIN / 8, loop, &job);
  return TRUE;
}

/* ---- contrast ---- */

/* A picture at a time: means are summed in float64. */
static void
contrast_pictures (void    *data,
                   int64_t  begin,
                   int64_t  end)
{
  const Job *job = data;
  int64_t n = job->pixels, channels = job->channels;

  for (int64_t i = begin; i < end; i++)
    {
      int64_t at = i / channels * n * channels + i % channels;
      const float *in = GW_TENSOR_DATA (job->context->inputs[0], float) + at;
      float *out = GW_TENSOR_DATA (job->context->outputs[0], float) + at;
      double sum = 0;
      float mean;

      for (int64_t k = 0; k < n; k++)
        sum += in[k * channels];
      mean = (float) (sum / (double) n);
      for (int64_t k = 0; k < n; k++)
        out[k * channels] = (in[k * channels] - mean) * job->amount + mean;
    }
}

gboolean
gw_cpu_contrast (GwKernelContext *context,
                 float            factor,
                 GError         **error)
{
  const GwShape *shape = &context->inputs[0]->shape;
  Job job = { context, GW_COLOR_HUE, factor, gw_shape_span (shape, shape->rank - 3, shape->rank - 1),
              shape->dims[shape->rank - 1] };

  if (context->inputs[0]->dtype != GW_FLOAT32)
    return gw_cpu_no_kernel (context, context->inputs[0]->dtype, error);
  if (context->inputs[0]->elements > 0)
    gw_kernel_parallel (context, gw_shape_span (shape, 0, shape->rank - 3) * job.channels,
                        MAX (1, GW_GRAIN / job.pixels), contrast_pictures, &job);
  return TRUE;
}
