/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/run-reader.h"

#include <glib/gstdio.h>
#include <string.h>

/* TensorBoard's reservoir would draw at random; the newest are what is asked for. */
#define MOST_HISTOGRAMS 120

static void
histogram_step_clear (gpointer data)
{
  gw_histogram_free (((GwRunHistogramStep *) data)->histogram);
}

void
gw_run_histograms_free (GwRunHistograms *histograms)
{
  g_free (histograms->tag);
  g_array_unref (histograms->steps);
  g_free (histograms);
}

void
gw_run_contents_free (GwRunContents *contents)
{
  gw_run_info_free (contents->info);
  g_clear_pointer (&contents->curves, g_ptr_array_unref);
  g_clear_pointer (&contents->histograms, g_ptr_array_unref);
  g_free (contents);
}

static GwRunCurve *
curve_of (GwRunContents *contents,
          const char    *tag)
{
  GwRunCurve *curve;

  for (guint i = 0; i < contents->curves->len; i++)
    if (strcmp (((GwRunCurve *) g_ptr_array_index (contents->curves, i))->tag, tag) == 0)
      return g_ptr_array_index (contents->curves, i);
  curve = g_new0 (GwRunCurve, 1);
  curve->tag = g_strdup (tag);
  curve->points = g_array_new (FALSE, FALSE, sizeof (GwRunPoint));
  g_ptr_array_add (contents->curves, curve);
  return curve;
}

static GwRunHistograms *
histograms_of (GwRunContents *contents,
               const char    *tag)
{
  GwRunHistograms *histograms;

  for (guint i = 0; i < contents->histograms->len; i++)
    if (strcmp (((GwRunHistograms *) g_ptr_array_index (contents->histograms, i))->tag, tag) == 0)
      return g_ptr_array_index (contents->histograms, i);
  histograms = g_new0 (GwRunHistograms, 1);
  histograms->tag = g_strdup (tag);
  histograms->steps = g_array_new (FALSE, FALSE, sizeof (GwRunHistogramStep));
  g_array_set_clear_func (histograms->steps, histogram_step_clear);
  g_ptr_array_add (contents->histograms, histograms);
  return histograms;
}

/* A resumed run writes its later steps again: those before are void. */
static void
drop_from (GwRunContents *contents,
           double         step)
{
  for (guint i = 0; i < contents->curves->len; i++)
    {
      GArray *points = ((GwRunCurve *) g_ptr_array_index (contents->curves, i))->points;

      while (points->len > 0 && g_array_index (points, GwRunPoint, points->len - 1).step >= step)
        g_array_set_size (points, points->len - 1);
    }
  for (guint i = 0; i < contents->histograms->len; i++)
    {
      GArray *steps = ((GwRunHistograms *) g_ptr_array_index (contents->histograms, i))->steps;

      while (steps->len > 0 && g_array_index (steps, GwRunHistogramStep, steps->len - 1).step >= step)
        g_array_set_size (steps, steps->len - 1);
    }
}

static void
take_value (GwRunContents      *contents,
            const GwEventValue *value)
{
  if (value->kind == GW_EVENT_SCALAR)
    {
      GwRunPoint point = { (double) value->step, value->wall_time, value->scalar };

      g_array_append_val (curve_of (contents, value->tag)->points, point);
    }
  else if (value->kind == GW_EVENT_HISTOGRAM)
    {
      GwRunHistogramStep step = { (double) value->step, value->wall_time, gw_histogram_copy (&value->histogram) };
      GArray *steps = histograms_of (contents, value->tag)->steps;

      g_array_append_val (steps, step);
      if (steps->len > MOST_HISTOGRAMS)
        g_array_remove_index (steps, 0);
    }
  else if (value->kind == GW_EVENT_SESSION_LOG && value->status == GW_SESSION_START && value->step > 0)
    {
      drop_from (contents, (double) value->step);
    }
}

static void
read_file (GwRunContents *contents,
           const char    *path)
{
  g_autoptr (GwEventReader) reader = gw_event_reader_open (path, NULL);
  GwEventValue value;

  while (reader != NULL && gw_event_reader_next (reader, &value, NULL) == GW_READ_OK)
    take_value (contents, &value);
}

static gint64
total_size (const GPtrArray *paths)
{
  gint64 total = 0;
  GStatBuf status;

  for (guint i = 0; i < paths->len; i++)
    if (g_stat (g_ptr_array_index (paths, i), &status) == 0)
      total += status.st_size;
  return total;
}

GwRunContents *
gw_run_read (const GwRunInfo *info,
             gint64           known)
{
  GwRunContents *contents = g_new0 (GwRunContents, 1);
  g_autoptr (GPtrArray) paths = gw_event_files_in_folder (info->path, NULL);

  contents->info = gw_run_info_copy (info);
  contents->stamp = paths != NULL ? total_size (paths) : 0;
  if (contents->stamp == known)
    return contents;
  contents->curves = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_run_curve_free);
  contents->histograms = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_run_histograms_free);
  for (guint i = 0; paths != NULL && i < paths->len; i++)
    read_file (contents, g_ptr_array_index (paths, i));
  return contents;
}
