/* SPDX-License-Identifier: Apache-2.0 */
/* Scales and ticks. */
#include "widgets/paint/axis.h"

#include <math.h>
#include <time.h>

static gboolean
is_log (const GwAxis *axis)
{
  return axis->scale == GW_AXIS_LOG;
}

static void
repair_range (GwAxisScale scale, double *low, double *high)
{
  if (!isfinite (*low))
    *low = isfinite (*high) && *high > 0 ? (scale == GW_AXIS_LOG ? *high / 10 : 0) : 0;
  if (!isfinite (*high))
    *high = *low + 1;
  if (*low > *high)
    {
      double swap = *low;
      *low = *high;
      *high = swap;
    }

  if (scale == GW_AXIS_LOG)
    {
      if (*high <= 0)
        *high = 1;
      *high = MAX (*high, 1e-300);
      if (*low <= 0)
        *low = *high / 1000;
      if (*high / *low < 1.0001)
        {
          *low /= 1.5;
          *high *= 1.5;
        }
      return;
    }

  *low = CLAMP (*low, -1e300, 1e300);
  *high = CLAMP (*high, -1e300, 1e300);

  double size = MAX (fabs (*low), fabs (*high));

  if (*high - *low <= size * 1e-12 || *high == *low)
    {
      double half = size > 0 ? size * 0.1 : 0.5;

      if (scale == GW_AXIS_INTEGER || scale == GW_AXIS_DURATION || scale == GW_AXIS_CLOCK)
        half = 0.5;
      if (size > 0 && half < size * 1e-9)
        half = size * 1e-9;
      *low -= half;
      *high += half;
    }
}

static double
count_ticks (double low, double high, double step)
{
  double slack = (high - low) * 1e-9;

  return floor ((high + slack) / step) - ceil ((low - slack) / step) + 1;
}

/* The step, 1, 2, 2.5 or 5 times a power of ten and at least @least, that gives
 * the most ticks up to @max_labels; of equals the widest. */
static double
choose_step (double low, double high, guint max_labels, double least)
{
  static const double steps[] = { 5, 2.5, 2, 1 };
  double power = pow (10, ceil (log10 (high - low)));
  double best = 0;
  double most = 0;

  for (int round = 0; round < 4; round++, power /= 10)
    for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
      {
        double step = steps[i] * power;
        double n = count_ticks (low, high, step);

        if (step < least)
          return MAX (best, least);
        if (least >= 1 && step < 10 && step != floor (step))
          continue;
        if (n > max_labels)
          return best > 0 ? best : step;
        if (n > most)
          {
            best = step;
            most = n;
          }
      }
  return best;
}

static void
add_tick (GwAxis *axis, double value)
{
  if (axis->n_ticks < GW_AXIS_MAX_TICKS)
    axis->ticks[axis->n_ticks++].value = value;
}

static void
add_multiples (GwAxis *axis, double step)
{
  double slack = (axis->high - axis->low) * 1e-9;
  double first = ceil ((axis->low - slack) / step);
  double last = floor ((axis->high + slack) / step);

  for (double n = first; n <= last && axis->n_ticks < GW_AXIS_MAX_TICKS; n += 1)
    add_tick (axis, n * step == 0 ? 0 : n * step);
}

static void
linear_ticks (GwAxis *axis, guint max_labels)
{
  double least = axis->scale == GW_AXIS_INTEGER ? 1 : 0;
  double step = choose_step (axis->low, axis->high, max_labels, least);
  double magnitude = MAX (fabs (axis->low), fabs (axis->high));

  if (!(step > 0))
    return;
  add_multiples (axis, step);
  for (guint i = 0; i < axis->n_ticks; i++)
    gw_number_text_tick (axis->ticks[i].text, axis->ticks[i].value, step, magnitude);
}

static guint
add_log_ticks (GwAxis *axis, const double *mantissas, guint n_mantissas, int every)
{
  int first = (int) floor (log10 (axis->low)) - 1;
  int last = (int) ceil (log10 (axis->high)) + 1;
  guint n = 0;

  axis->n_ticks = 0;
  for (int exponent = first; exponent <= last; exponent++)
    for (guint i = 0; i < n_mantissas; i++)
      {
        double value = mantissas[i] * pow (10, exponent);

        if (((exponent % every) + every) % every != 0 || value < axis->low * (1 - 1e-9)
            || value > axis->high * (1 + 1e-9))
          continue;
        n++;
        add_tick (axis, value);
      }
  return n;
}

static void
log_ticks (GwAxis *axis, guint max_labels)
{
  static const double all[] = { 1, 2, 5 };
  static const double one_and_three[] = { 1, 3 };
  guint n = add_log_ticks (axis, all, 3, 1);

  if (n < 3)
    {
      axis->n_ticks = 0;
      linear_ticks (axis, max_labels);
      return;
    }
  if (n > max_labels)
    n = add_log_ticks (axis, one_and_three, 2, 1);
  for (int every = 1; n > max_labels && every < 400; every++)
    n = add_log_ticks (axis, all, 1, every);

  for (guint i = 0; i < axis->n_ticks; i++)
    {
      double value = axis->ticks[i].value;

      if (value >= 1e-3 * (1 - 1e-9) && value < 1e15)
        gw_number_text_tick (axis->ticks[i].text, value, value, value);
      else
        gw_number_text_digits (axis->ticks[i].text, value, 1);
    }
}

static const double time_steps[] = {
  1,    2,    5,     10,    15,    30,    60,     120,    300,     600,      900,
  1800, 3600, 7200,  10800, 21600, 43200, 86400,  172800, 432000,  864000,   2592000,
};

static double
choose_time_step (double low, double high, guint max_labels)
{
  for (guint i = 0; i < G_N_ELEMENTS (time_steps); i++)
    if (count_ticks (low, high, time_steps[i]) <= max_labels)
      return time_steps[i];
  return choose_step (low, high, max_labels, 86400);
}

/* All labels of an axis in one unit, which its end and its step decide. */
static void
duration_text (char *buffer, double value, double step, double end)
{
  double magnitude = fabs (value);
  const char *sign = value < 0 ? "\xe2\x88\x92" : "";

  if (value == 0)
    g_strlcpy (buffer, "0", GW_NUMBER_TEXT_SIZE);
  else if (end < 60)
    g_snprintf (buffer, GW_NUMBER_TEXT_SIZE, "%s%.0f s", sign, magnitude);
  else if (end < 3600 && step < 60)
    g_snprintf (buffer, GW_NUMBER_TEXT_SIZE, "%s%.0f:%02.0f", sign, floor (magnitude / 60),
                fmod (magnitude, 60));
  else if (end < 3600)
    g_snprintf (buffer, GW_NUMBER_TEXT_SIZE, "%s%.0f min", sign, magnitude / 60);
  else if (step < 86400)
    g_snprintf (buffer, GW_NUMBER_TEXT_SIZE, "%s%.0f:%02.0f h", sign, floor (magnitude / 3600),
                fmod (floor (magnitude / 60), 60));
  else
    g_snprintf (buffer, GW_NUMBER_TEXT_SIZE, "%s%.4g d", sign, magnitude / 86400);
}

static void
clock_text (char *buffer, double value, double step)
{
  time_t seconds = (time_t) value;
  struct tm parts;
  const char *format = step < 60 ? "%H:%M:%S" : step < 86400 ? "%H:%M" : "%e %b";

  if (localtime_r (&seconds, &parts) == NULL
      || strftime (buffer, GW_NUMBER_TEXT_SIZE, format, &parts) == 0)
    buffer[0] = '\0';
}

/* Seconds that local time is ahead of UTC at @value. */
static double
utc_offset (double value)
{
  time_t seconds = (time_t) value;
  struct tm parts;

  return localtime_r (&seconds, &parts) != NULL ? (double) parts.tm_gmtoff : 0;
}

static void
time_ticks (GwAxis *axis, guint max_labels)
{
  gboolean clock = axis->scale == GW_AXIS_CLOCK;

  if (axis->high - axis->low < 3.0)
    {
      linear_ticks (axis, clock ? 3 : max_labels);
      if (!clock)
        for (guint i = 0; i < axis->n_ticks; i++)
          g_strlcat (axis->ticks[i].text, axis->ticks[i].value == 0 ? "" : " s",
                     GW_NUMBER_TEXT_SIZE);
      return;
    }

  double offset = clock ? utc_offset (axis->low) : 0;
  double step = choose_time_step (axis->low, axis->high, max_labels);
  double first = ceil ((axis->low + offset) / step) * step - offset;

  for (double value = first; value <= axis->high && axis->n_ticks < max_labels; value += step)
    {
      guint place = axis->n_ticks;

      add_tick (axis, value);
      if (clock)
        clock_text (axis->ticks[place].text, value, step);
      else
        duration_text (axis->ticks[place].text, value, step,
                       MAX (fabs (axis->low), fabs (axis->high)));
    }
}

void
gw_axis_init (GwAxis *axis, GwAxisScale scale, double low, double high, guint max_labels)
{
  max_labels = CLAMP (max_labels, 2, GW_AXIS_MAX_TICKS);
  repair_range (scale, &low, &high);
  axis->scale = scale;
  axis->low = low;
  axis->high = high;
  axis->n_ticks = 0;

  switch (scale)
    {
    case GW_AXIS_LOG:
      log_ticks (axis, max_labels);
      break;
    case GW_AXIS_DURATION:
    case GW_AXIS_CLOCK:
      time_ticks (axis, max_labels);
      break;
    case GW_AXIS_LINEAR:
    case GW_AXIS_INTEGER:
    default:
      linear_ticks (axis, max_labels);
      break;
    }
}

double
gw_axis_map (const GwAxis *axis, double value)
{
  if (is_log (axis))
    return value > 0 ? log (value / axis->low) / log (axis->high / axis->low)
           : isnan (value) ? NAN : -INFINITY;
  return (value - axis->low) / (axis->high - axis->low);
}

double
gw_axis_unmap (const GwAxis *axis, double share)
{
  if (is_log (axis))
    return axis->low * pow (axis->high / axis->low, share);
  return axis->low + share * (axis->high - axis->low);
}

void
gw_axis_pad (GwAxisScale scale, double *low, double *high, double share)
{
  repair_range (scale, low, high);
  if (scale == GW_AXIS_LOG)
    {
      double factor = pow (*high / *low, share);

      *low /= factor;
      *high *= factor;
      return;
    }

  double margin = (*high - *low) * share;

  *low -= margin;
  *high += margin;
}
