/* SPDX-License-Identifier: Apache-2.0 */
/* What a form accepts by itself: syntax and hard range of a field. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "widgets/forms/form.h"
#include "widgets/paint/number-text.h"

static gboolean
has_range (double low, double high)
{
  return low != 0 || high != 0;
}

static char *
check_range (double value, double low, double high)
{
  char low_text[GW_NUMBER_TEXT_SIZE];
  char high_text[GW_NUMBER_TEXT_SIZE];
  gboolean below = value < low;
  gboolean above = value > high;

  if (!has_range (low, high) || (!below && !above))
    return NULL;
  gw_number_text_digits (low_text, low, 15);
  gw_number_text_digits (high_text, high, 15);
  if (isinf (high))
    return g_strdup_printf ("At least %s", low_text);
  if (isinf (low))
    return g_strdup_printf ("At most %s", high_text);
  return g_strdup_printf ("Between %s and %s", low_text, high_text);
}

static gboolean
parse_int (const char *text, gint64 *value)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  char *end;

  errno = 0;
  *value = g_ascii_strtoll (copy, &end, 10);
  return *copy != '\0' && *end == '\0' && errno == 0;
}

static char *
check_int (const char *text, double low, double high)
{
  gint64 value;

  if (!parse_int (text, &value))
    return g_strdup ("A whole number, like 500");
  return check_range ((double) value, low, high);
}

static char *
check_float (const char *text, double low, double high)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  char *end;
  double value = g_ascii_strtod (copy, &end);

  if (*copy == '\0' || *end != '\0')
    return g_strdup ("A number, like 0.001 or 1e-3");
  if (isnan (value) && has_range (low, high))
    return g_strdup ("A number, not NaN");
  return check_range (value, low, high);
}

/* Text inside optional brackets or parentheses, stripped. */
static char *
unwrap (const char *text)
{
  char *copy = g_strstrip (g_strdup (text));
  gsize length = strlen (copy);

  if (length >= 2
      && ((copy[0] == '[' && copy[length - 1] == ']')
          || (copy[0] == '(' && copy[length - 1] == ')')))
    {
      copy[length - 1] = '\0';
      memmove (copy, copy + 1, length - 1);
      g_strstrip (copy);
    }
  return copy;
}

static char *
check_shape (const char *text)
{
  g_autofree char *inside = unwrap (text);

  if (*inside == '\0' || g_ascii_strcasecmp (inside, "unknown") == 0)
    return NULL;

  g_auto (GStrv) parts = g_strsplit (inside, ",", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *part = g_strstrip (parts[i]);
      gint64 size;

      if (strcmp (part, "?") == 0 || strcmp (part, "-1") == 0)
        continue;
      if (*part == '\0')
        return g_strdup_printf ("Size %u is missing; write ? for an unknown one", i + 1);
      if (!parse_int (part, &size) || size < 0)
        return g_strdup_printf ("\xe2\x80\x9c%s\xe2\x80\x9d is no size; write 28 or ?", part);
    }
  return NULL;
}

static char *
check_ints (const char *text, double low, double high)
{
  g_autofree char *inside = unwrap (text);

  if (*inside == '\0')
    return NULL;

  g_auto (GStrv) parts = g_strsplit (inside, ",", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      gint64 value;
      char *reason;

      if (!parse_int (parts[i], &value))
        return g_strdup ("Whole numbers with commas, like 1,2,2,1");
      reason = check_range ((double) value, low, high);
      if (reason != NULL)
        return reason;
    }
  return NULL;
}

char *
gw_form_check (GwFieldType type, const char *text, double hard_min, double hard_max)
{
  g_return_val_if_fail (text != NULL, NULL);

  switch (type)
    {
    case GW_FIELD_BOOL:
      if (strcmp (text, "true") != 0 && strcmp (text, "false") != 0)
        return g_strdup ("true or false");
      return NULL;
    case GW_FIELD_INT:
    case GW_FIELD_SEED:
      return check_int (text, hard_min, hard_max);
    case GW_FIELD_FLOAT:
      return check_float (text, hard_min, hard_max);
    case GW_FIELD_SHAPE:
      return check_shape (text);
    case GW_FIELD_INTS:
      return check_ints (text, hard_min, hard_max);
    case GW_FIELD_STRING:
    case GW_FIELD_CHOICE:
    case GW_FIELD_DTYPE:
    case GW_FIELD_FILE:
    case GW_FIELD_TEXT:
    case GW_FIELD_READONLY:
    default:
      return NULL;
    }
}
