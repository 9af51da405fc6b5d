/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/device/cpu/image.h"

#include <math.h>
#include <string.h>

/* ---- suppression ---- */

typedef struct {
  const float *scores;
} Ranking;

/* Best score first; of equal ones the first. */
static gint
compare_scores (gconstpointer a,
                gconstpointer b,
                gpointer      data)
{
  const Ranking *ranking = data;
  int64_t i = *(const int64_t *) a, j = *(const int64_t *) b;

  if (ranking->scores[i] != ranking->scores[j])
    return ranking->scores[i] > ranking->scores[j] ? -1 : 1;
  return i < j ? -1 : 1;
}

/* The part of the union of two boxes that both cover. */
static float
overlap_of (const float *a,
            const float *b)
{
  float a_top = MIN (a[0], a[2]), a_left = MIN (a[1], a[3]), a_bottom = MAX (a[0], a[2]), a_right = MAX (a[1], a[3]);
  float b_top = MIN (b[0], b[2]), b_left = MIN (b[1], b[3]), b_bottom = MAX (b[0], b[2]), b_right = MAX (b[1], b[3]);
  float a_area = (a_bottom - a_top) * (a_right - a_left), b_area = (b_bottom - b_top) * (b_right - b_left);
  float height = MIN (a_bottom, b_bottom) - MAX (a_top, b_top), width = MIN (a_right, b_right) - MAX (a_left, b_left);
  float both = MAX (height, 0) * MAX (width, 0);

  return a_area <= 0 || b_area <= 0 ? 0 : both / (a_area + b_area - both);
}

int64_t
gw_cpu_suppress_boxes (const float *boxes,
                       const float *scores,
                       int64_t      n,
                       int64_t      most,
                       float        overlap,
                       float        least,
                       int64_t     *order,
                       int64_t     *kept)
{
  Ranking ranking = { scores };
  int64_t n_order = 0, n_kept = 0;

  for (int64_t i = 0; i < n; i++)
    if (scores[i] > least)
      order[n_order++] = i;
  g_qsort_with_data (order, (gint) n_order, sizeof *order, compare_scores, &ranking);
  for (int64_t i = 0; i < n_order && n_kept < most; i++)
    {
      gboolean keep = TRUE;

      for (int64_t k = n_kept - 1; k >= 0 && keep; k--)
        keep = !(overlap_of (boxes + 4 * order[i], boxes + 4 * kept[k]) > overlap);
      if (keep)
        kept[n_kept++] = order[i];
    }
  return n_kept;
}

/* ---- drawing ---- */

/* TensorFlow's colours, used in turn. */
static const float palette[][4] = {
  { 1, 1, 0, 1 }, { 0, 0, 1, 1 }, { 1, 0, 0, 1 }, { 0, 1, 0, 1 }, { 0.5f, 0, 0.5f, 1 }, { 0.5f, 0.5f, 0, 1 },
  { 0.5f, 0, 0, 1 }, { 0, 0, 0.5f, 1 }, { 0, 1, 1, 1 }, { 1, 0, 1, 1 },
};

typedef struct {
  float   *pixels;
  int64_t  height, width, channels;
} Picture;

static void
draw_line (const Picture *picture,
           int64_t        y,
           int64_t        x,
           int64_t        step_y,
           int64_t        step_x,
           int64_t        n,
           const float   *color)
{
  for (int64_t i = 0; i < n; i++, y += step_y, x += step_x)
    if (y >= 0 && y < picture->height && x >= 0 && x < picture->width)
      memcpy (picture->pixels + (y * picture->width + x) * picture->channels, color,
              sizeof (float) * (size_t) picture->channels);
}

/* A row or column, truncated; far outside when it cannot be told. */
static int64_t
edge_of (float   corner,
         int64_t size)
{
  float at = corner * (float) (size - 1);

  return at > -1e9f && at < 1e9f ? (int64_t) at : at > 0 ? size + 1 : -1;
}

static void
draw_box (const Picture *picture,
          const float   *box,
          const float   *color)
{
  int64_t top = edge_of (box[0], picture->height), bottom = edge_of (box[2], picture->height);
  int64_t left = edge_of (box[1], picture->width), right = edge_of (box[3], picture->width);
  int64_t first_y = MAX (top, 0), last_y = MIN (bottom, picture->height - 1);
  int64_t first_x = MAX (left, 0), last_x = MIN (right, picture->width - 1);

  if (top > bottom || left > right || top >= picture->height || bottom < 0 || left >= picture->width || right < 0)
    return;
  draw_line (picture, top, first_x, 0, 1, last_x - first_x + 1, color);
  draw_line (picture, bottom, first_x, 0, 1, last_x - first_x + 1, color);
  draw_line (picture, first_y, left, 1, 0, last_y - first_y + 1, color);
  draw_line (picture, first_y, right, 1, 0, last_y - first_y + 1, color);
}

void
gw_cpu_draw_boxes (GwKernelContext *context)
{
  const GwTensor *images = context->inputs[0], *boxes = context->inputs[1];
  GwTensor *out = context->outputs[0];
  const int64_t *dims = images->shape.dims;
  int64_t n = boxes->shape.dims[1];

  memcpy (out->data, images->data, images->bytes);
  for (int64_t i = 0; i < dims[0] * n && out->elements > 0; i++)
    {
      Picture picture = { GW_TENSOR_DATA (out, float) + i / n * dims[1] * dims[2] * dims[3], dims[1], dims[2], dims[3] };
      const float *color = palette[i % n % (int64_t) G_N_ELEMENTS (palette)];
      float single = 1;

      draw_box (&picture, GW_TENSOR_DATA (boxes, float) + 4 * i, dims[3] == 1 ? &single : color);
    }
}
