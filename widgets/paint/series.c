/* SPDX-License-Identifier: Apache-2.0 */
/* Points of a curve in parallel arrays, and two pyramids of ranges over them:
 * level 0 covers 16 points a block, each level above 8 blocks of the one below. */
#include "widgets/paint/series.h"

#include <math.h>
#include <string.h>

#define BASE_BLOCK 16
#define FAN_OUT 8
#define MAX_LEVELS 9
/* Of more points than this every n-th is looked at: a percentile needs no more. */
#define SAMPLED_INNER_RANGE 65536
/* Of fewer points none is an outlier: all are shown. */
#define FEWEST_FOR_OUTLIERS 40
#define EXACT_INNER_RANGE 4096

typedef struct
{
  GwSeriesRange *blocks;
  gsize capacity;
} Level;

typedef struct
{
  Level level[MAX_LEVELS];
} Pyramid;

struct _GwSeries
{
  gint ref_count;
  guint64 version;

  gsize length;
  gsize capacity;
  double *step;
  double *wall;
  double *value;
  double *smoothed;

  Pyramid raw_ranges;
  Pyramid smoothed_ranges;
  GArray *starts;       /* gsize: first index of each segment */
  GArray *non_finite;   /* guint: indices */

  GwSmoothing method;
  double weight;
  double average;       /* EMA before debiasing */
  double decay;         /* weight to the power of the finite points so far */
  double window_sum;    /* MEAN: over the finite points of the window */
  gsize window_count;

  GwSeriesRange inner;
  gsize inner_length;   /* points when inner was found; G_MAXSIZE = never */
};

static const GwSeriesRange empty_range = { INFINITY, -INFINITY, INFINITY };

GwSeries *
gw_series_new (void)
{
  GwSeries *series = g_new0 (GwSeries, 1);

  series->ref_count = 1;
  series->starts = g_array_new (FALSE, FALSE, sizeof (gsize));
  series->non_finite = g_array_new (FALSE, FALSE, sizeof (guint));
  series->decay = 1;
  series->inner_length = G_MAXSIZE;
  return series;
}

GwSeries *
gw_series_ref (GwSeries *series)
{
  g_return_val_if_fail (series != NULL, NULL);

  series->ref_count++;
  return series;
}

void
gw_series_unref (GwSeries *series)
{
  g_return_if_fail (series != NULL);

  if (--series->ref_count > 0)
    return;

  for (int i = 0; i < MAX_LEVELS; i++)
    {
      g_free (series->raw_ranges.level[i].blocks);
      g_free (series->smoothed_ranges.level[i].blocks);
    }
  g_free (series->step);
  g_free (series->wall);
  g_free (series->value);
  g_free (series->smoothed);
  g_array_unref (series->starts);
  g_array_unref (series->non_finite);
  g_free (series);
}

static gboolean
grow (gpointer array, gsize capacity, gsize size)
{
  gpointer *place = array;
  gpointer grown = g_try_realloc_n (*place, capacity, size);

  if (grown == NULL)
    return FALSE;
  *place = grown;
  return TRUE;
}

static gsize
block_size (int level)
{
  gsize size = BASE_BLOCK;

  while (level-- > 0)
    size *= FAN_OUT;
  return size;
}

static gboolean
reserve_pyramid (Pyramid *pyramid, gsize capacity)
{
  for (int i = 0; i < MAX_LEVELS; i++)
    {
      Level *level = &pyramid->level[i];
      gsize wanted = capacity / block_size (i) + 1;

      if (wanted <= level->capacity)
        continue;
      if (!grow (&level->blocks, wanted, sizeof *level->blocks))
        return FALSE;
      level->capacity = wanted;
    }
  return TRUE;
}

static gboolean
reserve (GwSeries *series)
{
  if (series->length < series->capacity)
    return TRUE;
  if (series->length >= G_MAXUINT / 2)
    return FALSE;

  gsize capacity = MAX (64, series->capacity * 2);

  if (!grow (&series->step, capacity, sizeof (double))
      || !grow (&series->wall, capacity, sizeof (double))
      || !grow (&series->value, capacity, sizeof (double))
      || !grow (&series->smoothed, capacity, sizeof (double))
      || !reserve_pyramid (&series->raw_ranges, capacity)
      || !reserve_pyramid (&series->smoothed_ranges, capacity))
    return FALSE;
  series->capacity = capacity;
  return TRUE;
}

static inline void
merge_value (GwSeriesRange *range, double value)
{
  range->low = MIN (range->low, value);
  range->high = MAX (range->high, value);
  if (value > 0)
    range->low_positive = MIN (range->low_positive, value);
}

static inline void
merge_range (GwSeriesRange *range, const GwSeriesRange *other)
{
  range->low = MIN (range->low, other->low);
  range->high = MAX (range->high, other->high);
  range->low_positive = MIN (range->low_positive, other->low_positive);
}

static void
add_to_pyramid (Pyramid *pyramid, gsize index, double value)
{
  gsize size = BASE_BLOCK;

  for (int i = 0; i < MAX_LEVELS; i++, size *= FAN_OUT)
    {
      GwSeriesRange *block = &pyramid->level[i].blocks[index / size];

      if (index % size == 0)
        *block = empty_range;
      if (isfinite (value))
        merge_value (block, value);
    }
}

static gsize
window_length (double weight)
{
  return (gsize) MAX (1, round ((1 + weight) / (1 - weight)));
}

static double
smooth_mean (GwSeries *series, gsize index)
{
  gsize window = window_length (series->weight);
  gsize first = index + 1 > window ? index + 1 - window : 0;

  /* Summed anew once a window, so that rounding errors do not pile up. */
  if (index % window == 0)
    {
      series->window_sum = 0;
      series->window_count = 0;
      for (gsize i = first; i <= index; i++)
        if (isfinite (series->value[i]))
          {
            series->window_sum += series->value[i];
            series->window_count++;
          }
    }
  else
    {
      if (isfinite (series->value[index]))
        {
          series->window_sum += series->value[index];
          series->window_count++;
        }
      if (first > 0 && isfinite (series->value[first - 1]))
        {
          series->window_sum -= series->value[first - 1];
          series->window_count--;
        }
    }
  return series->window_count > 0 ? series->window_sum / series->window_count
                                  : series->value[index];
}

static double
smooth_next (GwSeries *series, gsize index)
{
  double value = series->value[index];

  if (series->method == GW_SMOOTHING_MEAN)
    {
      double mean = smooth_mean (series, index);

      return isfinite (value) ? mean : value;
    }
  if (series->method != GW_SMOOTHING_EMA || !isfinite (value))
    return value;

  series->average = series->weight * series->average + (1 - series->weight) * value;
  series->decay *= series->weight;
  return series->average / (1 - series->decay);
}

static void
smooth_all (GwSeries *series)
{
  series->average = 0;
  series->decay = 1;
  series->window_sum = 0;
  series->window_count = 0;
  for (gsize i = 0; i < series->length; i++)
    {
      series->smoothed[i] = smooth_next (series, i);
      add_to_pyramid (&series->smoothed_ranges, i, series->smoothed[i]);
    }
  series->inner_length = G_MAXSIZE;
  series->version++;
}

gboolean
gw_series_append (GwSeries *series, double step, double wall, double value)
{
  g_return_val_if_fail (series != NULL, FALSE);

  if (!isfinite (step) || !isfinite (wall) || !reserve (series))
    return FALSE;

  gsize index = series->length;

  if (index == 0 || step < series->step[index - 1] || wall < series->wall[index - 1])
    g_array_append_val (series->starts, index);
  if (!isfinite (value))
    {
      guint narrow = (guint) index;

      g_array_append_val (series->non_finite, narrow);
    }

  series->step[index] = step;
  series->wall[index] = wall;
  series->value[index] = value;
  series->length++;
  series->smoothed[index] = smooth_next (series, index);
  add_to_pyramid (&series->raw_ranges, index, value);
  add_to_pyramid (&series->smoothed_ranges, index, series->smoothed[index]);
  series->version++;
  return TRUE;
}

void
gw_series_truncate_from_step (GwSeries *series, double step)
{
  g_return_if_fail (series != NULL);

  gsize length = series->length;

  while (length > 0 && series->step[length - 1] >= step)
    length--;
  if (length == series->length)
    return;

  series->length = length;
  while (series->starts->len > 0
         && g_array_index (series->starts, gsize, series->starts->len - 1) >= length)
    g_array_set_size (series->starts, series->starts->len - 1);
  while (series->non_finite->len > 0
         && g_array_index (series->non_finite, guint, series->non_finite->len - 1) >= length)
    g_array_set_size (series->non_finite, series->non_finite->len - 1);
  for (gsize i = 0; i < length; i++)
    add_to_pyramid (&series->raw_ranges, i, series->value[i]);
  smooth_all (series);
}

void
gw_series_clear (GwSeries *series)
{
  gw_series_truncate_from_step (series, -INFINITY);
}

gsize
gw_series_length (const GwSeries *series)
{
  return series->length;
}

guint64
gw_series_version (const GwSeries *series)
{
  return series->version;
}

GwSeriesPoint
gw_series_point (const GwSeries *series, gsize index)
{
  g_return_val_if_fail (index < series->length, ((GwSeriesPoint) { 0 }));

  return (GwSeriesPoint) { series->step[index], series->wall[index], series->value[index],
                           series->smoothed[index] };
}

void
gw_series_set_smoothing (GwSeries *series, GwSmoothing method, double weight)
{
  g_return_if_fail (series != NULL);

  weight = isnan (weight) ? 0 : CLAMP (weight, 0, 0.999);
  if (weight == 0)
    method = GW_SMOOTHING_NONE;
  if (method == GW_SMOOTHING_NONE)
    weight = 0;
  if (series->method == method && series->weight == weight)
    return;
  series->method = method;
  series->weight = weight;
  smooth_all (series);
}

double
gw_series_x (const GwSeries *series, GwSeriesX x, gsize index)
{
  switch (x)
    {
    case GW_SERIES_X_RELATIVE:
      return series->wall[index] - series->wall[0];
    case GW_SERIES_X_WALL:
      return series->wall[index];
    case GW_SERIES_X_STEP:
    default:
      return series->step[index];
    }
}

gsize
gw_series_n_segments (const GwSeries *series)
{
  return series->starts->len;
}

void
gw_series_segment (const GwSeries *series, gsize n, gsize *begin, gsize *end)
{
  g_return_if_fail (n < series->starts->len);

  *begin = g_array_index (series->starts, gsize, n);
  *end = n + 1 < series->starts->len ? g_array_index (series->starts, gsize, n + 1)
                                     : series->length;
}

gsize
gw_series_lower_bound (const GwSeries *series, GwSeriesX x, gsize begin, gsize end, double value)
{
  const double *axis = x == GW_SERIES_X_STEP ? series->step : series->wall;
  double origin = x == GW_SERIES_X_RELATIVE && series->length > 0 ? series->wall[0] : 0;

  /* Galloping: the next column begins close by. */
  gsize stride = 1;

  while (begin + stride < end && axis[begin + stride] - origin < value)
    {
      begin += stride;
      stride *= 2;
    }
  end = MIN (end, begin + stride);
  while (begin < end)
    {
      gsize middle = begin + (end - begin) / 2;

      if (axis[middle] - origin < value)
        begin = middle + 1;
      else
        end = middle;
    }
  return begin;
}

gboolean
gw_series_nearest (const GwSeries *series, GwSeriesX x, double value, gsize *index)
{
  double best = INFINITY;

  for (gsize n = 0; n < series->starts->len; n++)
    {
      gsize begin;
      gsize end;

      gw_series_segment (series, n, &begin, &end);

      gsize above = gw_series_lower_bound (series, x, begin, end, value);

      for (gsize i = above > begin ? above - 1 : above; i <= above && i < end; i++)
        {
          double distance = fabs (gw_series_x (series, x, i) - value);

          if (distance < best)
            {
              best = distance;
              *index = i;
            }
        }
    }
  return best < INFINITY;
}

GwSeriesRange
gw_series_range (const GwSeries *series, gboolean smoothed, gsize begin, gsize end)
{
  const Pyramid *pyramid = smoothed ? &series->smoothed_ranges : &series->raw_ranges;
  const double *values = smoothed ? series->smoothed : series->value;
  GwSeriesRange range = empty_range;

  end = MIN (end, series->length);
  while (begin < end)
    {
      int level = -1;
      gsize size = 1;

      while (level + 1 < MAX_LEVELS)
        {
          gsize next = block_size (level + 1);

          if (begin % next != 0 || begin + next > end)
            break;
          size = next;
          level++;
        }
      if (level >= 0)
        merge_range (&range, &pyramid->level[level].blocks[begin / size]);
      else if (isfinite (values[begin]))
        merge_value (&range, values[begin]);
      begin += size;
    }
  return range;
}

/* Brings the @k-th smallest of values[0..n) to its place and returns it. */
static double
select_nth (double *values, gsize n, gsize k)
{
  gssize left = 0;
  gssize right = (gssize) n - 1;

  while (left < right)
    {
      double pivot = values[(left + right) / 2];
      gssize i = left;
      gssize j = right;

      while (i <= j)
        {
          while (values[i] < pivot)
            i++;
          while (values[j] > pivot)
            j--;
          if (i <= j)
            {
              double swap = values[i];

              values[i++] = values[j];
              values[j--] = swap;
            }
        }
      if ((gssize) k <= j)
        right = j;
      else if ((gssize) k >= i)
        left = i;
      else
        break;
    }
  return values[k];
}

GwSeriesRange
gw_series_inner_range (GwSeries *series)
{
  gsize allowed_lag = series->length <= EXACT_INNER_RANGE ? 0 : series->length / 64;

  if (series->inner_length != G_MAXSIZE && series->length - series->inner_length <= allowed_lag)
    return series->inner;

  GwSeriesRange whole = gw_series_range (series, series->length >= FEWEST_FOR_OUTLIERS, 0, series->length);
  double *scratch = series->length > 0 ? g_try_new (double, MIN (series->length, 2 * SAMPLED_INNER_RANGE)) : NULL;
  gsize stride = MAX (series->length / SAMPLED_INNER_RANGE, 1);
  gsize n = 0;

  if (scratch == NULL)
    return whole;
  for (gsize i = 0; i < series->length; i += stride)
    if (isfinite (series->smoothed[i]))
      scratch[n++] = series->smoothed[i];

  series->inner = whole;
  if (n >= FEWEST_FOR_OUTLIERS)
    {
      gsize low = (gsize) ceil ((n - 1) * 0.05);
      gsize high = (gsize) floor ((n - 1) * 0.95);

      if (low <= high)
        {
          series->inner.low = select_nth (scratch, n, low);
          series->inner.high = select_nth (scratch, n, high);
          series->inner.low_positive
              = series->inner.low > 0 ? series->inner.low : whole.low_positive;
        }
    }
  series->inner_length = series->length;
  g_free (scratch);
  return series->inner;
}

const guint *
gw_series_non_finite (const GwSeries *series, gsize *n_indices)
{
  *n_indices = series->non_finite->len;
  return (const guint *) (gpointer) series->non_finite->data;
}
