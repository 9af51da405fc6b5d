/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers to text, independent of the locale. */
#include "widgets/paint/number-text.h"

#include <math.h>
#include <string.h>

#define MINUS "\xe2\x88\x92"
#define INFINITY_SIGN "\xe2\x88\x9e"

/* Appends the ASCII number @ascii with true minus signs and, when @commas, its
 * integer part in groups of three. */
static const char *
dress (char *buffer, const char *ascii, gboolean commas)
{
  char *out = buffer;
  const char *end = buffer + GW_NUMBER_TEXT_SIZE - 4;
  const char *digits = ascii;

  if (*digits == '-')
    {
      out = g_stpcpy (out, MINUS);
      digits++;
    }

  gsize whole = strspn (digits, "0123456789");

  for (gsize i = 0; i < whole && out < end; i++)
    {
      if (commas && i > 0 && (whole - i) % 3 == 0)
        *out++ = ',';
      *out++ = digits[i];
    }
  for (const char *p = digits + whole; *p != '\0' && out < end; p++)
    {
      if (*p == '-')
        out = g_stpcpy (out, MINUS);
      else if (*p != '+')
        *out++ = *p;
    }
  *out = '\0';
  return buffer;
}

static void
strip_zeros (char *text)
{
  if (strchr (text, '.') == NULL)
    return;

  gsize length = strlen (text);

  while (length > 0 && text[length - 1] == '0')
    length--;
  if (length > 0 && text[length - 1] == '.')
    length--;
  text[length] = '\0';
}

static const char *
scientific (char *buffer, double value, int digits)
{
  char ascii[G_ASCII_DTOSTR_BUF_SIZE];
  char format[8];

  g_snprintf (format, sizeof format, "%%.%de", digits - 1);
  g_ascii_formatd (ascii, sizeof ascii, format, value);

  char *exponent_mark = strchr (ascii, 'e');
  int exponent = (int) g_ascii_strtoll (exponent_mark + 1, NULL, 10);

  *exponent_mark = '\0';
  strip_zeros (ascii);

  char whole[G_ASCII_DTOSTR_BUF_SIZE + 8];

  g_snprintf (whole, sizeof whole, "%se%d", ascii, exponent);
  return dress (buffer, whole, FALSE);
}

static const char *
fixed (char *buffer, double value, int decimals, gboolean strip)
{
  char ascii[G_ASCII_DTOSTR_BUF_SIZE];
  char format[8];

  g_snprintf (format, sizeof format, "%%.%df", CLAMP (decimals, 0, 17));
  g_ascii_formatd (ascii, sizeof ascii, format, value);
  if (strip)
    strip_zeros (ascii);
  if (strspn (ascii, "-0.") == strlen (ascii) && ascii[0] == '-')
    return dress (buffer, ascii + 1, TRUE);
  return dress (buffer, ascii, TRUE);
}

static gboolean
special (char *buffer, double value)
{
  if (isnan (value))
    g_strlcpy (buffer, "NaN", GW_NUMBER_TEXT_SIZE);
  else if (isinf (value))
    g_strlcpy (buffer, value > 0 ? INFINITY_SIGN : MINUS INFINITY_SIGN, GW_NUMBER_TEXT_SIZE);
  else
    return FALSE;
  return TRUE;
}

const char *
gw_number_text_digits (char buffer[GW_NUMBER_TEXT_SIZE], double value, int digits)
{
  if (special (buffer, value))
    return buffer;
  if (value == 0)
    return g_strlcpy (buffer, "0", GW_NUMBER_TEXT_SIZE), buffer;

  digits = CLAMP (digits, 1, 17);

  double magnitude = fabs (value);
  int exponent = (int) floor (log10 (magnitude));

  if (exponent < -4 || (exponent == -4 && digits < 8) || exponent >= 15)
    return scientific (buffer, value, MIN (digits, 17));
  return fixed (buffer, value, digits - 1 - exponent, TRUE);
}

const char *
gw_number_text (char buffer[GW_NUMBER_TEXT_SIZE], double value)
{
  return gw_number_text_digits (buffer, value, 4);
}

const char *
gw_number_text_count (char buffer[GW_NUMBER_TEXT_SIZE], gint64 value)
{
  char ascii[32];

  g_snprintf (ascii, sizeof ascii, "%" G_GINT64_FORMAT, value);
  return dress (buffer, ascii, TRUE);
}

/* Decimals that show multiples of @step exactly, at most @limit. */
static int
decimals_for (double step, int limit)
{
  for (int decimals = 0; decimals < limit; decimals++)
    {
      double scaled = step * pow (10, decimals);

      if (fabs (scaled - round (scaled)) < 1e-6 * scaled)
        return decimals;
    }
  return limit;
}

const char *
gw_number_text_tick (char buffer[GW_NUMBER_TEXT_SIZE], double value, double step, double magnitude)
{
  static const struct
  {
    double unit;
    const char *suffix;
  } units[] = { { 1e12, "T" }, { 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" } };

  if (special (buffer, value))
    return buffer;
  if (fabs (value) < step * 1e-6)
    return g_strlcpy (buffer, "0", GW_NUMBER_TEXT_SIZE), buffer;
  if (magnitude < 1e-3 || magnitude >= 1e15)
    {
      double unit = floor (log10 (step) + 1e-9);
      double mantissa = step / pow (10, unit);
      double last = fabs (mantissa - round (mantissa)) > 1e-6 ? unit - 1 : unit;
      double digits = floor (log10 (fabs (value)) + 1e-9) - last + 1;

      return scientific (buffer, value, (int) CLAMP (digits, 1, 15));
    }

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (fabs (value) >= units[i].unit * (1 - 1e-9))
      {
        fixed (buffer, value / units[i].unit, decimals_for (step / units[i].unit, 9), TRUE);
        g_strlcat (buffer, units[i].suffix, GW_NUMBER_TEXT_SIZE);
        return buffer;
      }

  return fixed (buffer, value, decimals_for (step, 12), TRUE);
}

const char *
gw_number_text_duration (char buffer[GW_NUMBER_TEXT_SIZE], double seconds)
{
  char number[GW_NUMBER_TEXT_SIZE];

  if (special (buffer, seconds))
    return buffer;

  double magnitude = fabs (seconds);

  if (magnitude < 59.95)
    {
      fixed (number, seconds, magnitude < 0.0005 ? 0 : magnitude < 1 ? 3 : 1, magnitude < 1);
      g_snprintf (buffer, GW_NUMBER_TEXT_SIZE, "%s s", number);
      return buffer;
    }

  gint64 total = (gint64) MIN (round (magnitude), 9e15);
  const char *sign = seconds < 0 ? MINUS : "";
  int minutes = (int) (total / 60 % 60);
  int hours = (int) (total / 3600 % 24);

  if (total < 3600)
    g_snprintf (buffer, GW_NUMBER_TEXT_SIZE, "%s%d min %d s", sign, minutes, (int) (total % 60));
  else if (total < 86400)
    g_snprintf (buffer, GW_NUMBER_TEXT_SIZE, "%s%d h %d min", sign, hours, minutes);
  else
    g_snprintf (buffer, GW_NUMBER_TEXT_SIZE, "%s%" G_GINT64_FORMAT " d %d h", sign, total / 86400,
                hours);
  return buffer;
}
