/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/run-log-data.h"

#include <string.h>

#define MOST_BYTES ((gsize) 64 << 20)

guint
gw_run_data_limit (GwRunDataKind kind)
{
  static const guint limits[GW_RUN_N_KINDS] = { [GW_RUN_HISTOGRAM] = 500, [GW_RUN_IMAGE] = 100, [GW_RUN_TEXT] = 200 };

  return limits[kind];
}

GwRunSample *
gw_run_sample_new (double step,
                   double wall)
{
  GwRunSample *sample = g_new0 (GwRunSample, 1);

  sample->step = step;
  sample->wall = wall;
  return sample;
}

void
gw_run_sample_free (GwRunSample *sample)
{
  if (sample == NULL)
    return;
  gw_histogram_free (sample->histogram);
  g_clear_pointer (&sample->pictures, g_ptr_array_unref);
  g_free (sample->text);
  g_free (sample);
}

GwRunData *
gw_run_data_new (GwRunDataKind kind,
                 const char   *tag)
{
  GwRunData *data = g_new0 (GwRunData, 1);

  data->kind = kind;
  data->tag = g_strdup (tag);
  data->stride = 1;
  data->samples = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_run_sample_free);
  return data;
}

void
gw_run_data_free (GwRunData *data)
{
  if (data == NULL)
    return;
  g_free (data->tag);
  g_free (data->points);
  g_ptr_array_unref (data->samples);
  g_free (data);
}

/* ---- points ---- */

static gboolean
reserve_points (GwRunData *data,
                gsize      more)
{
  gsize wanted = MAX (data->allocated * 2, 64);
  GwRunPoint *points;

  if (more <= data->allocated - data->n_points)
    return TRUE;
  if (more > G_MAXSIZE / 4 / sizeof (GwRunPoint) - data->n_points)
    return FALSE;
  wanted = MAX (wanted, data->n_points + more);
  points = g_try_realloc_n (data->points, wanted, sizeof (GwRunPoint));
  if (points == NULL)
    return FALSE;
  data->points = points;
  data->allocated = wanted;
  return TRUE;
}

gboolean
gw_run_data_add_points (GwRunData        *data,
                        const GwRunPoint *points,
                        gsize             n)
{
  if (!reserve_points (data, n))
    return FALSE;
  if (n > 0)
    memcpy (data->points + data->n_points, points, n * sizeof (GwRunPoint));
  data->n_points += n;
  return TRUE;
}

/* ---- samples ---- */

static gsize
sample_bytes (const GwRunSample *sample)
{
  gsize bytes = sample->text != NULL ? strlen (sample->text) : 0;

  for (guint i = 0; sample->pictures != NULL && i < sample->pictures->len; i++)
    if (sample->pictures->pdata[i] != NULL)
      bytes += g_bytes_get_size (sample->pictures->pdata[i]);
  return bytes;
}

static GwRunSample *
last_sample (const GwRunData *data)
{
  return data->samples->len > 0 ? g_ptr_array_index (data->samples, data->samples->len - 1) : NULL;
}

static void
remove_sample (GwRunData *data,
               guint      index)
{
  data->bytes -= sample_bytes (g_ptr_array_index (data->samples, index));
  g_ptr_array_remove_index (data->samples, index);
  data->resets++;
}

/* Keeps every second of the samples that are kept by now, and the newest. */
static void
thin (GwRunData *data)
{
  g_autoptr (GPtrArray) all = g_steal_pointer (&data->samples);

  data->stride *= 2;
  data->bytes = 0;
  data->samples = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_run_sample_free);
  for (guint i = 0; i < all->len; i++)
    {
      GwRunSample *sample = g_ptr_array_index (all, i);

      if (sample->number % data->stride != 0 && i + 1 < all->len)
        continue;
      all->pdata[i] = NULL;
      data->bytes += sample_bytes (sample);
      g_ptr_array_add (data->samples, sample);
    }
  data->resets++;
}

/* Fills the gaps of `sample` with what `more`, of the same step, has; FALSE when both
 * have the same picture. */
static gboolean
join_pictures (GwRunSample *sample,
               GwRunSample *more)
{
  for (guint i = 0; i < MIN (sample->pictures->len, more->pictures->len); i++)
    if (sample->pictures->pdata[i] != NULL && more->pictures->pdata[i] != NULL)
      return FALSE;
  if (sample->pictures->len < more->pictures->len)
    g_ptr_array_set_size (sample->pictures, (gint) more->pictures->len);
  for (guint i = 0; i < more->pictures->len; i++)
    if (more->pictures->pdata[i] != NULL)
      sample->pictures->pdata[i] = g_steal_pointer (&more->pictures->pdata[i]);
  return TRUE;
}

void
gw_run_data_add_sample (GwRunData   *data,
                        GwRunSample *sample)
{
  GwRunSample *last = last_sample (data);
  gsize bytes = sample_bytes (sample);

  if (last != NULL && data->kind == GW_RUN_IMAGE && last->step == sample->step && join_pictures (last, sample))
    {
      data->bytes += bytes;
      data->resets++;
      gw_run_sample_free (sample);
      return;
    }
  if (last != NULL && last->number % data->stride != 0)
    remove_sample (data, data->samples->len - 1);
  sample->number = data->n_seen++;
  data->bytes += bytes;
  g_ptr_array_add (data->samples, sample);
  while (data->samples->len > 2 &&
         (data->samples->len > gw_run_data_limit (data->kind) || data->bytes > MOST_BYTES))
    thin (data);
}

/* ---- all kinds ---- */

gboolean
gw_run_data_take (GwRunData *data,
                  GwRunData *newer)
{
  g_autoptr (GPtrArray) samples = g_steal_pointer (&newer->samples);
  gboolean ok = gw_run_data_add_points (data, newer->points, newer->n_points);

  newer->samples = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_run_sample_free);
  newer->n_points = newer->n_seen = newer->bytes = 0;
  for (guint i = 0; i < samples->len; i++)
    gw_run_data_add_sample (data, g_steal_pointer (&samples->pdata[i]));
  return ok;
}

void
gw_run_data_truncate (GwRunData *data,
                      double     step)
{
  gsize n = data->n_points;

  while (n > 0 && data->points[n - 1].step >= step)
    n--;
  if (n < data->n_points)
    data->resets++;
  data->n_points = n;
  while (data->samples->len > 0 && last_sample (data)->step >= step)
    remove_sample (data, data->samples->len - 1);
}

void
gw_run_data_clear (GwRunData *data)
{
  data->n_points = 0;
  g_ptr_array_set_size (data->samples, 0);
  data->n_seen = 0;
  data->bytes = 0;
  data->stride = 1;
  data->resets++;
}
