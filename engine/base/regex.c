/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/regex.h"

#include "engine/base/error.h"

#include <string.h>

#define MAX_REPEAT 1000 /* as in RE2 */

struct _GwRegex {
  char    *pattern;  /* rewritten */
  GRegex  *regex;
  gboolean is_raw;   /* it has \C and so matches bytes, in any text */
};

/* ---- from RE2's syntax to GRegex's ---- */

typedef struct {
  const char *at, *end;
  GString    *out;
  gboolean    after_repeat;  /* a repetition must not follow */
  gboolean    bytes;         /* \C was there */
  GArray     *multi_line;    /* of gboolean: whether ^ and $ are those of lines, for each open group */
  const char *problem;
} Reader;

#define DIGITS "0-9"
#define SPACES "\\t\\n\\x0c\\r "
#define WORDS "0-9A-Za-z_"
#define NOT_DIGITS "\\x{0}-/:-\\x{10ffff}"
#define NOT_SPACES "\\x{0}-\\x{8}\\x{b}\\x{e}-\\x{1f}!-\\x{10ffff}"
#define NOT_WORDS "\\x{0}-/:-@[-\\^`{-\\x{10ffff}"

static const struct {
  const char *name, *inside, *outside;  /* what is in the class, and what is not */
} named_classes[] = {
  { "alnum", "0-9A-Za-z", "\\x{0}-/:-@[-`{-\\x{10ffff}" },
  { "alpha", "A-Za-z", "\\x{0}-@[-`{-\\x{10ffff}" },
  { "ascii", "\\x{0}-\\x{7f}", "\\x{80}-\\x{10ffff}" },
  { "blank", "\\t ", "\\x{0}-\\x{8}\\x{a}-\\x{1f}!-\\x{10ffff}" },
  { "cntrl", "\\x{0}-\\x{1f}\\x{7f}", " -~\\x{80}-\\x{10ffff}" },
  { "digit", DIGITS, NOT_DIGITS },
  { "graph", "!-~", "\\x{0}- \\x{7f}-\\x{10ffff}" },
  { "lower", "a-z", "\\x{0}-`{-\\x{10ffff}" },
  { "print", " -~", "\\x{0}-\\x{1f}\\x{7f}-\\x{10ffff}" },
  { "punct", "!-/:-@[-`{-~", "\\x{0}- 0-9A-Za-z\\x{7f}-\\x{10ffff}" },
  { "space", "\\t-\\r ", "\\x{0}-\\x{8}\\x{e}-\\x{1f}!-\\x{10ffff}" },
  { "upper", "A-Z", "\\x{0}-@[-\\x{10ffff}" },
  { "word", WORDS, NOT_WORDS },
  { "xdigit", "0-9A-Fa-f", "\\x{0}-/:-@G-`g-\\x{10ffff}" },
};

/* What stands inside brackets for \d and its like, or NULL. */
static const char *
perl_class (char letter)
{
  switch (letter)
    {
    case 'd': return DIGITS;
    case 's': return SPACES;
    case 'w': return WORDS;
    case 'D': return NOT_DIGITS;
    case 'S': return NOT_SPACES;
    case 'W': return NOT_WORDS;
    default:  return NULL;
    }
}

static gboolean
fail (Reader     *reader,
      const char *problem)
{
  if (reader->problem == NULL)
    reader->problem = problem;
  return FALSE;
}

static gboolean
next_is (const Reader *reader,
         const char   *text)
{
  size_t length = strlen (text);

  return (size_t) (reader->end - reader->at) >= length && memcmp (reader->at, text, length) == 0;
}

static gunichar
take_char (Reader *reader)
{
  gunichar c = g_utf8_get_char (reader->at);

  reader->at = g_utf8_next_char (reader->at);
  return c;
}

static void
emit_char (Reader   *reader,
           gunichar  c)
{
  if (c < 0x80 && g_ascii_isalnum ((char) c))
    g_string_append_c (reader->out, (char) c);
  else if (c < 0x80)
    g_string_append_printf (reader->out, "\\x{%x}", c);
  else
    g_string_append_unichar (reader->out, c);
}

static gboolean
read_hex (Reader   *reader,
          gunichar *c)
{
  gboolean braces = next_is (reader, "{");
  int n = 0;

  *c = 0;
  reader->at += braces;
  for (; reader->at < reader->end && g_ascii_isxdigit (*reader->at) && (braces || n < 2) && *c <= 0x10ffff; n++)
    *c = *c * 16 + (gunichar) g_ascii_xdigit_value (*reader->at++);
  if (braces && !next_is (reader, "}"))
    return fail (reader, "invalid escape sequence");
  reader->at += braces;
  return (n > 0 && (braces || n == 2) && *c <= 0x10ffff) || fail (reader, "invalid escape sequence");
}

/* A single character behind a backslash. */
static gboolean
read_escape (Reader   *reader,
             gunichar *c)
{
  static const char letters[] = "afnrtv", values[] = "\a\f\n\r\t\v";
  const char *found;

  if (reader->at == reader->end)
    return fail (reader, "trailing \\ at end of the pattern");
  *c = take_char (reader);
  if (*c == 'x')
    return read_hex (reader, c);
  if (*c >= '0' && *c <= '7')
    {
      int n = 1;

      if (*c != '0' && (reader->at == reader->end || *reader->at < '0' || *reader->at > '7'))
        return fail (reader, "invalid escape sequence: there are no back references");
      for (*c -= '0'; n < 3 && reader->at < reader->end && *reader->at >= '0' && *reader->at <= '7'; n++)
        *c = *c * 8 + (gunichar) (*reader->at++ - '0');
      return TRUE;
    }
  found = *c < 0x80 ? strchr (letters, (int) *c) : NULL;
  if (found != NULL && *c != 0)
    *c = (guchar) values[found - letters];
  else if (*c >= 0x80 || g_ascii_isalnum ((char) *c))
    return fail (reader, "invalid escape sequence");
  return TRUE;
}

/* \pN, \p{Greek}, \P…: handed on. */
static gboolean
read_property (Reader *reader)
{
  const char *begin = reader->at++;
  const char *close;

  if (next_is (reader, "{"))
    {
      close = memchr (reader->at, '}', (size_t) (reader->end - reader->at));
      if (close == NULL)
        return fail (reader, "invalid character class range");
      reader->at = close + 1;
    }
  else if (reader->at < reader->end)
    reader->at++;
  g_string_append_c (reader->out, '\\');
  g_string_append_len (reader->out, begin, reader->at - begin);
  return TRUE;
}

static gboolean
read_named_class (Reader *reader)
{
  gboolean negated = reader->at[2] == '^';
  const char *name = reader->at + (negated ? 3 : 2);

  for (guint i = 0; i < G_N_ELEMENTS (named_classes); i++)
    {
      size_t length = strlen (named_classes[i].name);

      if ((size_t) (reader->end - name) >= length + 2 && memcmp (name, named_classes[i].name, length) == 0 &&
          memcmp (name + length, ":]", 2) == 0)
        {
          g_string_append (reader->out, negated ? named_classes[i].outside : named_classes[i].inside);
          reader->at = name + length + 2;
          return TRUE;
        }
    }
  return fail (reader, "invalid character class range");
}

static gboolean
read_class_char (Reader   *reader,
                 gunichar *c)
{
  if (reader->at == reader->end)
    return fail (reader, "missing ]");
  if (*reader->at == '\\')
    {
      reader->at++;
      return read_escape (reader, c);
    }
  *c = take_char (reader);
  return TRUE;
}

static gboolean
read_class_item (Reader *reader)
{
  const char *perl = next_is (reader, "\\") && reader->end - reader->at > 1 ? perl_class (reader->at[1]) : NULL;
  gunichar low, high;

  if (perl != NULL)
    {
      g_string_append (reader->out, perl);
      reader->at += 2;
      return TRUE;
    }
  if (next_is (reader, "\\p") || next_is (reader, "\\P"))
    {
      reader->at++;
      return read_property (reader);
    }
  if (next_is (reader, "[:") && g_strstr_len (reader->at + 2, reader->end - reader->at - 2, ":]") != NULL)
    return read_named_class (reader);
  if (!read_class_char (reader, &low))
    return FALSE;
  emit_char (reader, low);
  if (!next_is (reader, "-") || reader->end - reader->at < 2 || reader->at[1] == ']')
    return TRUE;
  reader->at++;
  if (!read_class_char (reader, &high))
    return FALSE;
  if (high < low)
    return fail (reader, "invalid character class range");
  g_string_append_c (reader->out, '-');
  emit_char (reader, high);
  return TRUE;
}

/* Behind the “[”. */
static gboolean
read_class (Reader *reader)
{
  gboolean first = TRUE;

  g_string_append_c (reader->out, '[');
  if (next_is (reader, "^"))
    {
      g_string_append_c (reader->out, '^');
      reader->at++;
    }
  while (first || !next_is (reader, "]"))
    {
      if (reader->at == reader->end)
        return fail (reader, "missing ]");
      if (!first && next_is (reader, "-") && reader->end - reader->at > 1 && reader->at[1] != ']')
        return fail (reader, "invalid character class range");
      if (!read_class_item (reader))
        return FALSE;
      first = FALSE;
    }
  reader->at++;
  g_string_append_c (reader->out, ']');
  return TRUE;
}

static gboolean
is_multi_line (const Reader *reader)
{
  return g_array_index (reader->multi_line, gboolean, reader->multi_line->len - 1);
}

static void
open_group (Reader *reader)
{
  gboolean same = is_multi_line (reader);

  g_array_append_val (reader->multi_line, same);
}

/* Flags from `at` on: “m” sets, behind a “-” unsets. */
static void
set_multi_line (Reader     *reader,
                const char *at)
{
  gboolean on = TRUE;

  for (; at < reader->at; at++)
    if (*at == '-')
      on = FALSE;
    else if (*at == 'm')
      g_array_index (reader->multi_line, gboolean, reader->multi_line->len - 1) = on;
}

/* Behind “(?”. */
static gboolean
read_group_kind (Reader *reader)
{
  const char *begin;

  if (next_is (reader, "P<"))
    {
      reader->at += 2;
      begin = reader->at;
      while (reader->at < reader->end && (g_ascii_isalnum (*reader->at) || *reader->at == '_'))
        reader->at++;
      if (reader->at == begin || !next_is (reader, ">"))
        return fail (reader, "invalid named capture group");
      reader->at++;
      g_string_append_c (reader->out, '(');
      open_group (reader);
      return TRUE;
    }
  begin = reader->at;
  while (reader->at < reader->end && strchr ("imsU-", *reader->at) != NULL)
    reader->at++;
  if (reader->at == reader->end || (*reader->at != ':' && (*reader->at != ')' || reader->at == begin)))
    return fail (reader, "invalid perl operator: (?");
  if (*reader->at == ':')
    open_group (reader);
  set_multi_line (reader, begin);
  reader->at++;
  g_string_append (reader->out, "(?");
  g_string_append_len (reader->out, begin, reader->at - begin);
  return TRUE;
}

/* Up to \E, or to the end. */
static void
read_quoted (Reader *reader)
{
  while (reader->at < reader->end && !next_is (reader, "\\E"))
    emit_char (reader, take_char (reader));
  reader->at += next_is (reader, "\\E") ? 2 : 0;
}

/* Behind a backslash outside of brackets. */
static gboolean
read_backslash (Reader *reader)
{
  char letter = reader->at < reader->end ? *reader->at : '\0';
  const char *perl = perl_class (letter);
  gunichar c;

  if (perl != NULL)
    g_string_append_printf (reader->out, "[%s]", perl);
  else if (letter == 'b')
    g_string_append (reader->out, "(?:(?<![" WORDS "])(?=[" WORDS "])|(?<=[" WORDS "])(?![" WORDS "]))");
  else if (letter == 'B')
    g_string_append (reader->out, "(?:(?<![" WORDS "])(?![" WORDS "])|(?<=[" WORDS "])(?=[" WORDS "]))");
  else if (letter == 'C')
    {
      g_string_append (reader->out, "[\\x{0}-\\x{ff}]");
      reader->bytes = TRUE;
    }
  else if (letter == 'A' || letter == 'z')
    g_string_append_printf (reader->out, "\\%c", letter);
  else if (letter == 'p' || letter == 'P')
    return read_property (reader);
  else if (letter == 'Q')
    {
      reader->at++;
      read_quoted (reader);
      return TRUE;
    }
  else
    {
      if (!read_escape (reader, &c))
        return FALSE;
      emit_char (reader, c);
      return TRUE;
    }
  reader->at++;
  return TRUE;
}

static gboolean
read_count (const char **at,
            const char  *end,
            int         *count)
{
  const char *begin = *at;

  *count = 0;
  for (; *at < end && g_ascii_isdigit (**at); (*at)++)
    *count = MIN (*count * 10 + (**at - '0'), MAX_REPEAT + 1);
  return *at > begin;
}

/* {n}, {n,} or {n,m}: *close is behind it. FALSE for a brace that stands for itself. */
static gboolean
is_repeat (const Reader *reader,
           const char  **close,
           gboolean     *too_many)
{
  const char *at = reader->at + 1;
  int low, high;

  if (!read_count (&at, reader->end, &low))
    return FALSE;
  high = low;
  if (at < reader->end && *at == ',')
    {
      at++;
      read_count (&at, reader->end, &high);
      if (at[-1] == ',')
        high = low;
    }
  if (at == reader->end || *at != '}')
    return FALSE;
  *close = at + 1;
  *too_many = low > MAX_REPEAT || high > MAX_REPEAT || high < low;
  return TRUE;
}

/* A repetition [at, behind), with a “?” that makes it lazy. */
static gboolean
read_repeat (Reader     *reader,
             const char *behind)
{
  if (reader->after_repeat)
    return fail (reader, "bad repetition operator");
  if (behind < reader->end && *behind == '?')
    behind++;
  g_string_append_len (reader->out, reader->at, behind - reader->at);
  reader->at = behind;
  reader->after_repeat = TRUE;
  return TRUE;
}

static gboolean
read_item (Reader *reader)
{
  char c = *reader->at;
  const char *behind;
  gboolean too_many;

  if (c == '*' || c == '+' || c == '?')
    return read_repeat (reader, reader->at + 1);
  if (c == '{' && is_repeat (reader, &behind, &too_many))
    return too_many ? fail (reader, "invalid repetition size") : read_repeat (reader, behind);
  reader->after_repeat = FALSE;
  if (c == '\\' || c == '[')
    {
      reader->at++;
      return c == '[' ? read_class (reader) : read_backslash (reader);
    }
  if (next_is (reader, "(?"))
    {
      reader->at += 2;
      return read_group_kind (reader);
    }
  if (next_is (reader, "(*"))
    return fail (reader, "no argument for repetition operator: *");
  if (c == '(')
    open_group (reader);
  else if (c == ')' && reader->multi_line->len > 1)
    g_array_set_size (reader->multi_line, reader->multi_line->len - 1);
  if (c == '^' || c == '$')
    {
      reader->at++;
      g_string_append (reader->out, c == '^' ? (is_multi_line (reader) ? "(?:\\A|(?<=\\n))" : "\\A")
                                             : (is_multi_line (reader) ? "(?:\\z|(?=\\n))" : "\\z"));
    }
  else if (c != '\0' && strchr ("().|", c) != NULL)
    g_string_append_c (reader->out, *reader->at++);
  else
    emit_char (reader, take_char (reader));
  return TRUE;
}

/* ---- compiling ---- */

static GRegex *
compile (const char         *pattern,
         GRegexCompileFlags  flags,
         GError            **error)
{
  return g_regex_new (pattern, flags | G_REGEX_DOLLAR_ENDONLY | G_REGEX_NEWLINE_LF, 0, error);
}

/* Of a rewritten pattern, for bytes: ranges beyond a byte end at it. */
static GRegex *
compile_raw (const char *pattern,
             GError    **error)
{
  g_autoptr (GString) bytes = g_string_new (pattern);

  g_string_replace (bytes, "\\x{10ffff}", "\\x{ff}", 0);
  return compile (bytes->str, G_REGEX_RAW, error);
}

GwRegex *
gw_regex_new (const char *pattern,
              gsize       length,
              gboolean    full,
              GError    **error)
{
  g_autoptr (GString) out = g_string_new (full ? "\\A(?:" : NULL);
  g_autoptr (GArray) multi_line = g_array_new (FALSE, TRUE, sizeof (gboolean));
  g_autofree char *shown = g_utf8_make_valid (pattern, (gssize) length);
  g_autoptr (GError) problem = NULL;
  Reader reader = { .at = pattern, .end = pattern + length, .out = out, .multi_line = multi_line };
  GwRegex *regex;
  GRegex *compiled;

  g_array_set_size (multi_line, 1);
  if (!g_utf8_validate_len (pattern, length, NULL))
    fail (&reader, "invalid UTF-8");
  while (reader.problem == NULL && reader.at < reader.end)
    read_item (&reader);
  if (reader.problem != NULL)
    {
      gw_invalid (error, "Invalid pattern: %s, error: %s", shown, reader.problem);
      return NULL;
    }
  g_string_append (out, full ? ")\\z" : "");
  compiled = reader.bytes ? compile_raw (out->str, &problem) : compile (out->str, G_REGEX_OPTIMIZE, &problem);
  if (compiled == NULL)
    {
      gw_invalid (error, "Invalid pattern: %s, error: %s", shown, problem->message);
      return NULL;
    }
  regex = g_new0 (GwRegex, 1);
  regex->regex = compiled;
  regex->is_raw = reader.bytes;
  regex->pattern = g_string_free (g_steal_pointer (&out), FALSE);
  return regex;
}

void
gw_regex_free (GwRegex *regex)
{
  if (regex == NULL)
    return;
  g_free (regex->pattern);
  g_regex_unref (regex->regex);
  g_free (regex);
}

/* ---- matching ---- */

/* The expression for this text, with a reference. */
static GRegex *
expression_for (const GwRegex *regex,
                const char    *text,
                gsize          length,
                GError       **error)
{
  g_autoptr (GError) problem = NULL;
  GRegex *raw;

  if (regex->is_raw || g_utf8_validate_len (text, length, NULL))
    return g_regex_ref (regex->regex);
  raw = compile_raw (regex->pattern, &problem);
  if (raw == NULL)
    gw_invalid (error, "the text is not UTF-8, and the pattern cannot be matched to bytes: %s", problem->message);
  return raw;
}

/* The next match from byte `from` on. FALSE after an error. */
static gboolean
find (GRegex      *expression,
      const char  *text,
      gsize        length,
      gsize        from,
      GMatchInfo **match,
      GError     **error)
{
  g_autoptr (GError) problem = NULL;

  g_regex_match_full (expression, text, (gssize) length, (gint) from, 0, match, &problem);
  if (problem == NULL)
    return TRUE;
  g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "the pattern takes too long to match: %s", problem->message);
  return FALSE;
}

static gboolean
check_length (gsize    length,
              GError **error)
{
  return length <= G_MAXINT32 / 2 || gw_invalid (error, "a text of %" G_GSIZE_FORMAT " bytes is too long to match", length);
}

gboolean
gw_regex_match (const GwRegex *regex,
                const char    *text,
                gsize          length,
                gboolean      *matches,
                GError       **error)
{
  g_autoptr (GRegex) expression = check_length (length, error) ? expression_for (regex, text, length, error) : NULL;
  g_autoptr (GMatchInfo) match = NULL;

  if (expression == NULL || !find (expression, text, length, 0, &match, error))
    return FALSE;
  *matches = g_match_info_matches (match);
  return TRUE;
}

/* The highest group that a rewrite text names; *valid: every backslash is followed by a
 * digit or another one. */
static int
highest_group (const char *rewrite,
               gsize       length,
               gboolean   *valid)
{
  int highest = 0;

  *valid = TRUE;
  for (gsize i = 0; i < length; i++)
    if (rewrite[i] != '\\')
      continue;
    else if (++i < length && g_ascii_isdigit (rewrite[i]))
      highest = MAX (highest, rewrite[i] - '0');
    else if (i == length || rewrite[i] != '\\')
      *valid = FALSE;
  return highest;
}

static void
append_rewritten (GString          *out,
                  const char       *rewrite,
                  gsize             length,
                  const GMatchInfo *match,
                  const char       *text)
{
  for (gsize i = 0; i < length; i++)
    {
      gint begin, end;

      if (rewrite[i] != '\\')
        g_string_append_c (out, rewrite[i]);
      else if (++i < length && rewrite[i] == '\\')
        g_string_append_c (out, '\\');
      else if (i == length || !g_ascii_isdigit (rewrite[i]))
        return;
      else if (g_match_info_fetch_pos (match, rewrite[i] - '0', &begin, &end) && begin >= 0)
        g_string_append_len (out, text + begin, end - begin);
    }
}

/* Bytes of the character at `at`, of one that is no UTF-8 one byte. */
static gsize
char_length (const char *at,
             const char *end,
             gboolean    is_raw)
{
  return is_raw || at == end ? 1 : (gsize) (g_utf8_next_char (at) - at);
}

gboolean
gw_regex_replace (const GwRegex *regex,
                  const char    *text,
                  gsize          length,
                  const char    *rewrite,
                  gsize          rewrite_length,
                  gboolean       all,
                  GString       *out,
                  GError       **error)
{
  g_autoptr (GRegex) expression = check_length (length, error) ? expression_for (regex, text, length, error) : NULL;
  gsize done = 0, last = G_MAXSIZE;
  gboolean valid;
  int groups = highest_group (rewrite, rewrite_length, &valid);

  if (expression == NULL)
    return FALSE;
  while (done <= length && groups <= g_regex_get_capture_count (expression) && (valid || all))
    {
      g_autoptr (GMatchInfo) match = NULL;
      gint begin, end;

      if (!find (expression, text, length, done, &match, error))
        return FALSE;
      if (!g_match_info_matches (match))
        break;
      g_match_info_fetch_pos (match, 0, &begin, &end);
      g_string_append_len (out, text + done, begin - (gssize) done);
      done = (gsize) end;
      if (begin == end && (gsize) begin == last)
        {
          /* no empty match where the last one ended */
          gsize step = char_length (text + done, text + length, regex->is_raw || expression != regex->regex);

          if (done < length)
            g_string_append_len (out, text + done, (gssize) step);
          done += step;
          continue;
        }
      append_rewritten (out, rewrite, rewrite_length, match, text);
      last = done;
      if (!all)
        break;
    }
  if (done < length)
    g_string_append_len (out, text + done, (gssize) (length - done));
  return TRUE;
}
