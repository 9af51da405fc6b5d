/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzy matching by classes: equal, prefix, start of a word, inside, letters in
 * order; within a class the shorter text is better. */
#include "widgets/forms/fuzzy.h"

#include <string.h>

#define LONGEST 128

static gboolean
word_start (const char *text, gsize i)
{
  if (i == 0)
    return TRUE;
  if (!g_ascii_isalnum (text[i]))
    return FALSE;
  if (!g_ascii_isalnum (text[i - 1]))
    return TRUE;
  if (g_ascii_isdigit (text[i]) != g_ascii_isdigit (text[i - 1]))
    return TRUE;
  return g_ascii_isupper (text[i]) && !g_ascii_isupper (text[i - 1]);
}

static gboolean
starts_with (const char *text, const char *typed, gsize length)
{
  return g_ascii_strncasecmp (text, typed, length) == 0;
}

/* Letters in order: 100, more for letters that begin words, less for gaps. */
static int
score_letters (const char *typed, const char *text)
{
  int score = 100;
  gsize last = 0;
  gsize at = 0;
  gboolean first = TRUE;

  for (const char *p = typed; *p != '\0'; p++)
    {
      gsize found = at;

      while (text[found] != '\0' && g_ascii_tolower (text[found]) != g_ascii_tolower (*p))
        found++;
      if (text[found] == '\0')
        return 0;

      /* A letter that begins a word is taken before one inside. */
      for (gsize i = found; text[i] != '\0'; i++)
        if (g_ascii_tolower (text[i]) == g_ascii_tolower (*p) && word_start (text, i))
          {
            if (i == found || found != at)
              found = i;
            break;
          }
      if (first && !word_start (text, found))
        return 0;
      if (word_start (text, found))
        score += 12;
      if (!first)
        score -= (int) MIN (8, found - last - 1);
      first = FALSE;
      last = found;
      at = found + 1;
    }
  return MAX (1, MIN (score, 299));
}

int
gw_fuzzy_score (const char *typed, const char *text)
{
  gsize length;
  int inside = 0;

  if (typed == NULL || text == NULL || *typed == '\0' || *text == '\0')
    return 0;
  length = strlen (typed);

  int penalty = (int) MIN (99, strlen (text));

  if (g_ascii_strcasecmp (typed, text) == 0)
    return 1000;
  if (starts_with (text, typed, length))
    return 900 - penalty;
  for (gsize i = 1; text[i] != '\0'; i++)
    if (starts_with (text + i, typed, length))
      {
        if (word_start (text, i))
          return 700 - penalty;
        inside = 500 - penalty;
      }
  if (inside > 0)
    return inside;
  return length > 1 ? score_letters (typed, text) : 0;
}

guint
gw_fuzzy_distance (const char *a, const char *b)
{
  guint row[LONGEST + 1];
  gsize n = MIN (strlen (b), LONGEST);
  gsize m = MIN (strlen (a), LONGEST);

  for (gsize j = 0; j <= n; j++)
    row[j] = (guint) j;
  for (gsize i = 1; i <= m; i++)
    {
      guint corner = row[0];

      row[0] = (guint) i;
      for (gsize j = 1; j <= n; j++)
        {
          guint above = row[j];
          guint change = g_ascii_tolower (a[i - 1]) == g_ascii_tolower (b[j - 1]) ? 0 : 1;

          row[j] = MIN (corner + change, MIN (above, row[j - 1]) + 1);
          corner = above;
        }
    }
  return row[n];
}
