/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/image.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/device/cpu/elementwise.h"
#include "engine/device/cpu/no-kernel.h"

#include <math.h>
#include <string.h>

#include "engine/device/cpu/loops.h"

typedef struct {
  const GwCrops *crops;
  const float   *grads;                 /* n × height × width × channels */
  const float   *image;
  void          *out;
  int64_t        batch, in_height, in_width, channels;
  int64_t        n, height, width;      /* of the crops */
} Job;

/* Where a coordinate of a crop lies in the picture: between two pixels. */
typedef struct {
  gboolean inside;
  int64_t  low, high;
  float    part;
} Place;

static Place
place_of (const Job *job,
          int64_t    box,
          int        axis,
          int64_t    i)
{
  const float *corners = GW_TENSOR_DATA (job->crops->boxes, float) + 4 * box;
  float from = corners[axis], to = corners[axis + 2];
  int64_t in = axis == 0 ? job->in_height : job->in_width;
  int64_t n = axis == 0 ? job->height : job->width;
  float scale = n > 1 ? (to - from) * (float) (in - 1) / (float) (n - 1) : 0;
  float at = n > 1 ? from * (float) (in - 1) + (float) i * scale : 0.5f * (from + to) * (float) (in - 1);
  Place place = { at >= 0 && at <= (float) (in - 1) };

  if (!place.inside)
    return place;
  if (job->crops->nearest)
    {
      place.low = place.high = MIN ((int64_t) roundf (at), in - 1);
      return place;
    }
  place.low = MIN ((int64_t) floorf (at), in - 1);
  place.high = MIN ((int64_t) ceilf (at), in - 1);
  place.part = at - floorf (at);
  return place;
}

static int64_t
pixel_at (const Job *job,
          int64_t    box,
          int64_t    y,
          int64_t    x)
{
  int64_t picture = GW_TENSOR_DATA (job->crops->box_ind, int32_t)[box];

  return ((picture * job->in_height + y) * job->in_width + x) * job->channels;
}

static void
crop_boxes (void    *data,
            int64_t  begin,
            int64_t  end)
{
  const Job *job = data;
  int64_t n = job->channels;

  for (int64_t row = begin; row < end; row++)
    {
      int64_t box = row / job->height;
      Place y = place_of (job, box, 0, row % job->height);
      float *out = (float *) job->out + row * job->width * n;

      for (int64_t i = 0; i < job->width; i++, out += n)
        {
          Place x = place_of (job, box, 1, i);
          const float *tl, *tr, *bl, *br;

          for (int64_t k = 0; k < n && !(x.inside && y.inside); k++)
            out[k] = job->crops->outside;
          if (!x.inside || !y.inside)
            continue;
          tl = job->image + pixel_at (job, box, y.low, x.low);
          tr = job->image + pixel_at (job, box, y.low, x.high);
          bl = job->image + pixel_at (job, box, y.high, x.low);
          br = job->image + pixel_at (job, box, y.high, x.high);
          for (int64_t k = 0; k < n; k++)
            {
              float top = tl[k] + (tr[k] - tl[k]) * x.part;
              float bottom = bl[k] + (br[k] - bl[k]) * x.part;

              out[k] = top + (bottom - top) * y.part;
            }
        }
    }
}

/* Several boxes may lie over one pixel: one after the other. */
#define SPREAD_BOXES(T)                                                                          \
  static void                                                                                    \
  spread_boxes_##T (const Job *job)                                                              \
  {                                                                                              \
    const float *grads = job->grads;                                                             \
    T *out = job->out;                                                                           \
                                                                                                 \
    for (int64_t row = 0; row < job->n * job->height; row++)                                     \
      for (int64_t i = 0; i < job->width; i++, grads += job->channels)                           \
        {                                                                                        \
          int64_t box = row / job->height;                                                       \
          Place y = place_of (job, box, 0, row % job->height), x = place_of (job, box, 1, i);    \
                                                                                                 \
          for (int corner = 0; corner < 4 && x.inside && y.inside; corner++)                     \
            {                                                                                    \
              gboolean down = corner >= 2, right = corner % 2 != 0;                              \
              T *pixel = out + pixel_at (job, box, down ? y.high : y.low, right ? x.high : x.low); \
              float weight_y = down ? y.part : 1 - y.part, weight_x = right ? x.part : 1 - x.part; \
                                                                                                 \
              for (int64_t k = 0; k < job->channels; k++)                                        \
                pixel[k] += (T) (grads[k] * weight_y * weight_x);                                \
            }                                                                                    \
        }                                                                                        \
  }
SPREAD_BOXES (float)
SPREAD_BOXES (double)

/* d place / d corner: (1 - t, t) times the picture's extent, t how far the coordinate
 * stands in the crop. */
static void
add_corner_gradients (float   *corners,
                      float    slope,
                      int64_t  in,
                      int64_t  n,
                      int64_t  i)
{
  float ratio = n > 1 ? (float) (in - 1) / (float) (n - 1) : 0.5f * (float) (in - 1);
  float far = n > 1 ? (float) i * ratio : ratio;

  corners[0] += slope * (n > 1 ? (float) (in - 1) - far : ratio);
  corners[2] += slope * far;
}

static void
box_gradients (void    *data,
               int64_t  begin,
               int64_t  end)
{
  const Job *job = data;
  int64_t n = job->channels;

  for (int64_t box = begin; box < end; box++)
    {
      float *corners = (float *) job->out + 4 * box;

      memset (corners, 0, 4 * sizeof (float));
      for (int64_t p = 0; p < job->height * job->width; p++)
        {
          const float *grads = job->grads + (box * job->height * job->width + p) * n;
          Place y = place_of (job, box, 0, p / job->width), x = place_of (job, box, 1, p % job->width);

          for (int64_t k = 0; k < n && x.inside && y.inside; k++)
            {
              float tl = job->image[pixel_at (job, box, y.low, x.low) + k];
              float tr = job->image[pixel_at (job, box, y.low, x.high) + k];
              float bl = job->image[pixel_at (job, box, y.high, x.low) + k];
              float br = job->image[pixel_at (job, box, y.high, x.high) + k];
              float dy = (1 - x.part) * (bl - tl) + x.part * (br - tr);
              float dx = (1 - y.part) * (tr - tl) + y.part * (br - bl);

              add_corner_gradients (corners, grads[k] * dy, job->in_height, job->height, p / job->width);
              add_corner_gradients (corners + 1, grads[k] * dx, job->in_width, job->width, p % job->width);
            }
        }
    }
}

/* ---- calls ---- */

static gboolean
job_init (Job            *job,
          const GwCrops  *crops,
          const GwShape  *image,
          const GwShape  *cut,
          GError        **error)
{
  *job = (Job) { .crops = crops, .batch = image->dims[0], .in_height = image->dims[1], .in_width = image->dims[2],
                 .channels = image->dims[3], .n = cut->dims[0], .height = cut->dims[1], .width = cut->dims[2] };
  for (int64_t i = 0; i < job->n; i++)
    {
      int32_t picture = GW_TENSOR_DATA (crops->box_ind, int32_t)[i];

      if (picture >= 0 && picture < job->batch)
        continue;
      g_set_error (error, GW_ERROR, GW_ERROR_OUT_OF_RANGE, "box_ind has values outside [0, batch_size): element %"
                   G_GINT64_FORMAT " is %d, of %" G_GINT64_FORMAT " pictures", i, picture, job->batch);
      return FALSE;
    }
  return TRUE;
}

/* The picture in float32: as it is, or converted in scratch. */
static gboolean
load_image (GwKernelContext  *context,
            Job              *job,
            const GwTensor   *image,
            GError          **error)
{
  GwUnaryLoop cast = gw_cast_loop (image->dtype, GW_FLOAT32);
  size_t bytes;
  float *copy;

  job->image = image->data;
  if (image->dtype == GW_FLOAT32)
    return TRUE;
  if (cast == NULL)
    return gw_cpu_no_kernel (context, image->dtype, error);
  if (!gw_size_mul ((size_t) image->elements, sizeof (float), &bytes))
    return gw_invalid (error, "the pictures are too large");
  copy = gw_kernel_scratch (context, bytes, error);
  if (copy == NULL)
    return FALSE;
  cast (image->data, copy, image->elements);
  job->image = copy;
  return TRUE;
}

gboolean
gw_cpu_crop (GwKernelContext  *context,
             const GwTensor   *image,
             const GwCrops    *crops,
             GwTensor         *out,
             GError          **error)
{
  Job job;

  if (!job_init (&job, crops, &image->shape, &out->shape, error) || !load_image (context, &job, image, error))
    return FALSE;
  job.out = out->data;
  if (out->elements > 0)
    gw_kernel_parallel (context, job.n * job.height, MAX (1, GW_GRAIN / (job.width * job.channels)), crop_boxes, &job);
  return TRUE;
}

gboolean
gw_cpu_crop_grad_image (GwKernelContext  *context,
                        const GwTensor   *grads,
                        const GwCrops    *crops,
                        GwTensor         *out,
                        GError          **error)
{
  Job job;

  if (out->dtype != GW_FLOAT32 && out->dtype != GW_FLOAT64)
    return gw_cpu_no_kernel (context, out->dtype, error);
  if (!job_init (&job, crops, &out->shape, &grads->shape, error))
    return FALSE;
  job.grads = grads->data;
  job.out = out->data;
  memset (out->data, 0, out->bytes);
  if (out->dtype == GW_FLOAT64)
    spread_boxes_double (&job);
  else
    spread_boxes_float (&job);
  return TRUE;
}

gboolean
gw_cpu_crop_grad_boxes (GwKernelContext  *context,
                        const GwTensor   *grads,
                        const GwTensor   *image,
                        const GwCrops    *crops,
                        GwTensor         *out,
                        GError          **error)
{
  Job job;

  if (!job_init (&job, crops, &image->shape, &grads->shape, error) || !load_image (context, &job, image, error))
    return FALSE;
  job.grads = grads->data;
  job.out = out->data;
  gw_kernel_parallel (context, job.n, MAX (1, GW_GRAIN / MAX (1, job.height * job.width * job.channels)), box_gradients, &job);
  return TRUE;
}
