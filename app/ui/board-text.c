/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/board-text.h"

#include "widgets/paint/number-text.h"

#include <math.h>
#include <string.h>

char *
gw_board_value_text (const char *name,
                     double      value)
{
  char number[GW_NUMBER_TEXT_SIZE];

  if (strstr (name, "accuracy") != NULL && value >= 0 && value <= 1)
    return g_strdup_printf ("%.1f %%", 100 * value);
  return g_strdup (gw_number_text (number, value));
}

static gboolean
is_accuracy (const char *name)
{
  return strstr (name, "accuracy") != NULL;
}

/* The metric that a run is known by: an accuracy, else the first. */
static const GwRunMetric *
main_metric (const GwRunInfo *info)
{
  for (guint i = 0; i < info->metrics->len; i++)
    if (is_accuracy (g_array_index (info->metrics, GwRunMetric, i).name))
      return &g_array_index (info->metrics, GwRunMetric, i);
  return info->metrics->len > 0 ? &g_array_index (info->metrics, GwRunMetric, 0) : NULL;
}

static char *
metric_text (const GwRunMetric *metric)
{
  g_autofree char *value = gw_board_value_text (metric->name, metric->value);

  return is_accuracy (metric->name) ? g_steal_pointer (&value) : g_strdup_printf ("%s %s", metric->name, value);
}

static char *
steps_text (GwRunLog *log)
{
  const GwRunInfo *info = gw_run_log_get_info (log);
  char steps[GW_NUMBER_TEXT_SIZE], total[GW_NUMBER_TEXT_SIZE];
  const GPtrArray *data = gw_run_log_get_data (log);
  double last = (double) info->steps;

  /* A folder of another program says nothing of its steps but in its curves. */
  for (guint i = 0; strcmp (info->state, "unknown") == 0 && i < data->len; i++)
    {
      const GwRunData *one = data->pdata[i];

      if (one->n_points > 0)
        last = MAX (last, one->points[one->n_points - 1].step);
    }
  gw_number_text_count (steps, (gint64) last);
  if (strcmp (info->state, "running") == 0 && info->total_steps > info->steps)
    return g_strdup_printf ("%s of %s", steps, gw_number_text_count (total, info->total_steps));
  return last > 0 ? g_strdup_printf ("%s step%s", steps, last == 1 ? "" : "s") : NULL;
}

char *
gw_board_run_text (GwRunLog *log)
{
  const GwRunInfo *info = gw_run_log_get_info (log);
  g_autofree char *steps = steps_text (log);
  g_autofree char *metric = NULL;
  const char *second = NULL;

  if (main_metric (info) != NULL && strcmp (info->state, "running") != 0)
    metric = metric_text (main_metric (info));
  if (strcmp (info->state, "done") == 0 || strcmp (info->state, "unknown") == 0 || strcmp (info->state, "idle") == 0)
    second = metric;
  else
    second = info->state;
  if (steps == NULL)
    return g_strdup (second != NULL ? second : gw_run_log_is_reading (log) ? "reading" : "event files");
  return second != NULL ? g_strdup_printf ("%s, %s", steps, second) : g_steal_pointer (&steps);
}

/* The evaluations of an accuracy (high is good), else of the loss (low is good). */
static const GwRunData *
find_evaluations (GwRunLog    *log,
                  const char **name,
                  gboolean    *least)
{
  const GwRunMetric *metric = main_metric (gw_run_log_get_info (log));
  gboolean accuracy = metric != NULL && is_accuracy (metric->name);
  const GwRunData *data = NULL;

  *least = !accuracy;
  *name = accuracy ? metric->name : "test/loss";
  if (accuracy && !g_str_has_prefix (metric->name, "test/"))
    {
      g_autofree char *tag = g_strconcat ("test/", metric->name, NULL);

      data = gw_run_log_find (log, GW_RUN_SCALAR, tag);
    }
  return data != NULL ? data : gw_run_log_find (log, GW_RUN_SCALAR, *name);
}

gboolean
gw_board_best_text (GwRunLog *log,
                    char    **label,
                    char    **value)
{
  const char *name;
  gboolean least;
  const GwRunData *data = find_evaluations (log, &name, &least);
  const GwRunPoint *best = NULL;
  g_autofree char *text = NULL;
  char step[GW_NUMBER_TEXT_SIZE];

  for (gsize i = 0; data != NULL && i < data->n_points; i++)
    {
      const GwRunPoint *point = &data->points[i];

      if (isfinite (point->value) &&
          (best == NULL || (least ? point->value < best->value : point->value > best->value)))
        best = point;
    }
  if (best == NULL)
    return FALSE;
  text = gw_board_value_text (name, best->value);
  *label = g_strdup_printf ("Best test %s", g_str_has_prefix (name, "test/") ? name + 5 : name);
  *value = g_strdup_printf ("%s at %s", text, gw_number_text_count (step, (gint64) best->step));
  return TRUE;
}
