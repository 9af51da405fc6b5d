/* SPDX-License-Identifier: Apache-2.0 */
/* Stored histograms and their rebinning. */
#include "widgets/paint/histogram.h"

#include <math.h>
#include <string.h>

struct _GwHistogramSeries
{
  gint ref_count;
  GArray *steps;   /* of GwHistogramStep */
  double low, high;
};

static void
clear_step (gpointer data)
{
  g_free (((GwHistogramStep *) data)->buckets);
}

GwHistogramSeries *
gw_histogram_series_new (void)
{
  GwHistogramSeries *series = g_new0 (GwHistogramSeries, 1);

  series->ref_count = 1;
  series->steps = g_array_new (FALSE, FALSE, sizeof (GwHistogramStep));
  g_array_set_clear_func (series->steps, clear_step);
  series->low = INFINITY;
  series->high = -INFINITY;
  return series;
}

GwHistogramSeries *
gw_histogram_series_ref (GwHistogramSeries *series)
{
  g_return_val_if_fail (series != NULL, NULL);

  series->ref_count++;
  return series;
}

void
gw_histogram_series_unref (GwHistogramSeries *series)
{
  g_return_if_fail (series != NULL);

  if (--series->ref_count > 0)
    return;
  g_array_unref (series->steps);
  g_free (series);
}

static gboolean
usable (const GwBucket *bucket)
{
  return bucket->count > 0 && isfinite (bucket->count) && isfinite (bucket->left)
         && isfinite (bucket->right) && bucket->left <= bucket->right;
}

gboolean
gw_histogram_series_append (GwHistogramSeries *series, double step, double wall,
                            const GwBucket *buckets, guint n_buckets)
{
  g_return_val_if_fail (series != NULL, FALSE);
  g_return_val_if_fail (buckets != NULL || n_buckets == 0, FALSE);

  GwHistogramStep entry = { .step = step, .wall = wall };

  if (n_buckets > 0)
    {
      entry.buckets = g_try_new (GwBucket, n_buckets);
      if (entry.buckets == NULL)
        return FALSE;
    }
  for (guint i = 0; i < n_buckets; i++)
    if (usable (&buckets[i]))
      {
        entry.buckets[entry.n_buckets++] = buckets[i];
        series->low = MIN (series->low, buckets[i].left);
        series->high = MAX (series->high, buckets[i].right);
      }
  g_array_append_val (series->steps, entry);
  return TRUE;
}

void
gw_histogram_series_clear (GwHistogramSeries *series)
{
  g_return_if_fail (series != NULL);

  g_array_set_size (series->steps, 0);
  series->low = INFINITY;
  series->high = -INFINITY;
}

guint
gw_histogram_series_length (const GwHistogramSeries *series)
{
  return series->steps->len;
}

const GwHistogramStep *
gw_histogram_series_get (const GwHistogramSeries *series, guint index)
{
  g_return_val_if_fail (index < series->steps->len, NULL);

  return &g_array_index (series->steps, GwHistogramStep, index);
}

gboolean
gw_histogram_series_range (const GwHistogramSeries *series, double *low, double *high)
{
  *low = series->low;
  *high = series->high;
  return series->low <= series->high;
}

void
gw_histogram_rebin (const GwBucket *buckets, guint n_buckets, double low, double high,
                    double *bins, guint n_bins)
{
  memset (bins, 0, sizeof *bins * n_bins);
  if (n_bins == 0 || !(high >= low))
    return;

  double width = (high - low) / n_bins;

  for (guint i = 0; i < n_buckets; i++)
    {
      const GwBucket *bucket = &buckets[i];

      if (!usable (bucket) || bucket->right < low || bucket->left > high)
        continue;
      if (bucket->right == bucket->left || !(width > 0))
        {
          double place = width > 0 ? floor ((bucket->left - low) / width) : 0;

          bins[(guint) CLAMP (place, 0, n_bins - 1)] += bucket->count;
          continue;
        }

      double density = bucket->count / (bucket->right - bucket->left);
      double first = CLAMP (floor ((bucket->left - low) / width), 0, n_bins - 1);
      double last = CLAMP (ceil ((bucket->right - low) / width), first + 1, n_bins);

      for (guint bin = (guint) first; bin < (guint) last; bin++)
        {
          double left = MAX (bucket->left, low + bin * width);
          double right = MIN (bucket->right, bin + 1 == n_bins ? high : low + (bin + 1) * width);

          if (right > left)
            bins[bin] += density * (right - left);
        }
    }
}

gboolean
gw_histogram_percentiles (const GwBucket *buckets, guint n_buckets,
                          double percentiles[GW_HISTOGRAM_PERCENTILES])
{
  static const double shares[GW_HISTOGRAM_PERCENTILES]
      = { 0, 0.07, 0.16, 0.31, 0.50, 0.69, 0.84, 0.93, 1 };
  double total = 0;

  for (guint i = 0; i < n_buckets; i++)
    if (usable (&buckets[i]))
      total += buckets[i].count;
  if (!(total > 0))
    return FALSE;

  double below = 0;
  double right = 0;
  guint place = 0;

  for (guint i = 0; i < n_buckets; i++)
    {
      const GwBucket *bucket = &buckets[i];

      if (!usable (bucket))
        continue;
      while (place < GW_HISTOGRAM_PERCENTILES
             && shares[place] * total <= below + bucket->count)
        {
          double inside = (shares[place] * total - below) / bucket->count;

          percentiles[place++]
              = bucket->left + CLAMP (inside, 0, 1) * (bucket->right - bucket->left);
        }
      below += bucket->count;
      right = bucket->right;
    }
  while (place < GW_HISTOGRAM_PERCENTILES)
    percentiles[place++] = right;
  return TRUE;
}
