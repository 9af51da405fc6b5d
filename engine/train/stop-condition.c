/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/train/stop-condition.h"

#include "engine/base/error.h"

#include <math.h>
#include <string.h>

static const struct {
  const char *sign;
  GwStopKind  kind;
} signs[] = {
  { ">=", GW_STOP_AT_LEAST }, { "≥", GW_STOP_AT_LEAST }, { "<=", GW_STOP_AT_MOST }, { "≤", GW_STOP_AT_MOST },
  { ">", GW_STOP_ABOVE }, { "<", GW_STOP_BELOW },
};

static gboolean
parse_limit (const char      *text,
             GwStopCondition *condition)
{
  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    if (g_str_has_prefix (text, signs[i].sign))
      {
        g_autofree char *number = g_strstrip (g_strdup (text + strlen (signs[i].sign)));
        char *end;

        condition->kind = signs[i].kind;
        condition->limit = g_ascii_strtod (number, &end);
        return end != number && *end == 0 && isfinite (condition->limit);
      }
  return FALSE;
}

gboolean
gw_stop_condition_parse (const char      *text,
                         GwStopCondition *condition,
                         GError         **error)
{
  g_autofree char *words = g_strstrip (g_strdup (text != NULL ? text : ""));

  *condition = (GwStopCondition) { GW_STOP_ALWAYS, 0 };
  if (words[0] == 0 || g_ascii_strcasecmp (words, "always") == 0)
    return TRUE;
  if (g_ascii_strcasecmp (words, "nan") == 0)
    {
      condition->kind = GW_STOP_NOT_FINITE;
      return TRUE;
    }
  if (parse_limit (words, condition))
    return TRUE;
  return gw_invalid (error, "“%s” is no condition of a breakpoint: write “always”, “NaN”, or a sign and a number "
                     "as in “> 3” or “<= 0.5”", words);
}

gboolean
gw_stop_condition_is_met (const GwStopCondition *condition,
                          const GwTensorStats   *stats)
{
  double most = stats->pos_inf > 0 ? INFINITY : stats->max;
  double least = stats->neg_inf > 0 ? -INFINITY : stats->min;

  if (isnan (stats->max) && stats->neg_inf > 0 && stats->pos_inf == 0)
    most = -INFINITY;
  if (isnan (stats->min) && stats->pos_inf > 0 && stats->neg_inf == 0)
    least = INFINITY;
  switch (condition->kind)
    {
    case GW_STOP_NEVER:
      return FALSE;
    case GW_STOP_ALWAYS:
      return TRUE;
    case GW_STOP_NOT_FINITE:
      return stats->nan > 0 || stats->neg_inf > 0 || stats->pos_inf > 0;
    case GW_STOP_ABOVE:
      return most > condition->limit;
    case GW_STOP_AT_LEAST:
      return most >= condition->limit;
    case GW_STOP_BELOW:
      return least < condition->limit;
    case GW_STOP_AT_MOST:
      return least <= condition->limit;
    }
  return FALSE;
}

char *
gw_stop_condition_describe (const GwStopCondition *condition,
                            const GwTensorStats   *stats)
{
  int64_t not_finite = stats->nan + stats->neg_inf + stats->pos_inf;

  if (condition->kind == GW_STOP_NOT_FINITE)
    return g_strdup_printf ("%" G_GINT64_FORMAT " of its %" G_GINT64_FORMAT " elements are not finite", not_finite,
                            stats->count);
  if (stats->count == 1 && not_finite == 0)
    return g_strdup_printf ("it is %.4g", stats->max);
  return g_strdup_printf ("min %.4g, mean %.4g, max %.4g", stats->min, stats->mean, stats->max);
}
