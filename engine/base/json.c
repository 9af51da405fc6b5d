/* SPDX-License-Identifier: Apache-2.0 */
/* The printer is our own: cJSON's breaks every array over lines, loses
 * non-finite numbers and passes invalid UTF-8 through. */
#include "engine/base/json.h"

#include "engine/base/error.h"

#include <math.h>
#include <string.h>

#define MAX_TEXT ((gsize) 1 << 30)
#define MAX_EXACT_INT ((int64_t) 1 << 53)

static const struct {
  const char *name;
  double      value;
} non_finite[] = {
  { "NaN", NAN },
  { "Infinity", INFINITY },
  { "-Infinity", -INFINITY },
};

static gboolean
syntax_error (const char *text,
              gsize       length,
              gsize       offset,
              GError    **error)
{
  gsize line = 1;
  const char *line_start = text;
  const char *at = text + MIN (offset, length);
  g_autofree char *near = NULL;
  g_autofree char *printable = NULL;
  gsize column;

  for (const char *c = text; c < at; c++)
    if (*c == '\n')
      {
        line++;
        line_start = c + 1;
      }
  column = (gsize) g_utf8_strlen (line_start, at - line_start) + 1;
  if (length == 0)
    return gw_invalid (error, "not valid JSON: it is empty");
  near = g_strndup (at, MIN ((gsize) 20, length - (gsize) (at - text)));
  near[strcspn (near, "\n")] = '\0';
  printable = g_utf8_make_valid (near, -1);
  return gw_invalid (error, "not valid JSON at line %" G_GSIZE_FORMAT ", column %" G_GSIZE_FORMAT
                     ", near “%s”", line, column, printable);
}

cJSON *
gw_json_parse (const char *text,
               gsize       length,
               GError    **error)
{
  g_autoptr (cJSON) json = NULL;
  const char *end = NULL;

  if (length > MAX_TEXT)
    {
      gw_invalid (error, "the JSON text is larger than 1 GiB");
      return NULL;
    }
  if (!g_utf8_validate_len (text, length, &end))
    {
      syntax_error (text, length, (gsize) (end - text), error);
      g_prefix_error (error, "not UTF-8: ");
      return NULL;
    }
  end = NULL;
  json = length > 0 ? cJSON_ParseWithLengthOpts (text, length, &end, FALSE) : NULL;
  if (json != NULL)
    while (end < text + length && (g_ascii_isspace (*end) || *end == '\0'))
      end++;
  if (json == NULL || end < text + length)
    {
      syntax_error (text, length, end != NULL ? (gsize) (end - text) : length, error);
      return NULL;
    }
  return g_steal_pointer (&json);
}

cJSON *
gw_json_load (const char *path,
              GError    **error)
{
  g_autoptr (GError) file_error = NULL;
  g_autofree char *text = NULL;
  gsize length;
  cJSON *json;

  if (!g_file_get_contents (path, &text, &length, &file_error))
    {
      gboolean missing = g_error_matches (file_error, G_FILE_ERROR, G_FILE_ERROR_NOENT);

      g_set_error_literal (error, GW_ERROR, missing ? GW_ERROR_NOT_FOUND : GW_ERROR_UNAVAILABLE,
                           file_error->message);
      return NULL;
    }
  json = gw_json_parse (text, length, error);
  if (json == NULL)
    g_prefix_error (error, "%s: ", path);
  return json;
}

static void
print_string (GString    *out,
              const char *string)
{
  g_autofree char *valid = NULL;

  if (!g_utf8_validate (string, -1, NULL))
    string = valid = g_utf8_make_valid (string, -1);
  g_string_append_c (out, '"');
  for (const char *c = string; *c != '\0'; c++)
    switch (*c)
      {
      case '"': g_string_append (out, "\\\""); break;
      case '\\': g_string_append (out, "\\\\"); break;
      case '\n': g_string_append (out, "\\n"); break;
      case '\t': g_string_append (out, "\\t"); break;
      case '\r': g_string_append (out, "\\r"); break;
      default:
        if ((guchar) *c < 0x20 || *c == 0x7f)
          g_string_append_printf (out, "\\u%04x", *c);
        else
          g_string_append_c (out, *c);
      }
  g_string_append_c (out, '"');
}

static void
print_number (GString *out,
              double   value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  for (gsize i = 0; i < G_N_ELEMENTS (non_finite); i++)
    if (value == non_finite[i].value || (isnan (value) && isnan (non_finite[i].value)))
      {
        print_string (out, non_finite[i].name);
        return;
      }
  if (value == floor (value) && fabs (value) <= (double) MAX_EXACT_INT && !(value == 0 && signbit (value)))
    {
      g_string_append_printf (out, "%" G_GINT64_FORMAT, (gint64) value);
      return;
    }
  for (int digits = 15; digits <= 17; digits++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (buffer, sizeof buffer, format, value);
      if (g_ascii_strtod (buffer, NULL) == value)
        break;
    }
  g_string_append (out, buffer);
}

static void print_value (GString *out, const cJSON *json, int indent);

static void
print_break (GString *out,
             int      indent)
{
  if (indent < 0)
    return;
  g_string_append_c (out, '\n');
  for (int i = 0; i < indent; i++)
    g_string_append (out, "  ");
}

/* The members of an array or object; indent < 0 keeps all on one line. */
static void
print_children (GString     *out,
                const cJSON *json,
                int          indent)
{
  gboolean object = cJSON_IsObject (json);
  gboolean flat = TRUE;
  int inner;
  const cJSON *child;

  cJSON_ArrayForEach (child, json)
    flat = flat && !object && !cJSON_IsObject (child) && !cJSON_IsArray (child);
  inner = indent < 0 || flat ? -1 : indent + 1;
  g_string_append_c (out, object ? '{' : '[');
  cJSON_ArrayForEach (child, json)
    {
      if (child != json->child)
        g_string_append (out, inner < 0 && indent >= 0 ? ", " : ",");
      print_break (out, inner);
      if (object)
        {
          print_string (out, child->string);
          g_string_append (out, indent < 0 ? ":" : ": ");
        }
      print_value (out, child, inner);
    }
  if (json->child != NULL && inner >= 0)
    print_break (out, indent);
  g_string_append_c (out, object ? '}' : ']');
}

static void
print_value (GString     *out,
             const cJSON *json,
             int          indent)
{
  if (cJSON_IsArray (json) || cJSON_IsObject (json))
    print_children (out, json, indent);
  else if (cJSON_IsNumber (json))
    print_number (out, json->valuedouble);
  else if (cJSON_IsString (json))
    print_string (out, json->valuestring);
  else if (cJSON_IsRaw (json))
    g_string_append (out, json->valuestring);
  else if (cJSON_IsBool (json))
    g_string_append (out, cJSON_IsTrue (json) ? "true" : "false");
  else
    g_string_append (out, "null");
}

char *
gw_json_print (const cJSON *json)
{
  GString *out = g_string_new (NULL);

  print_value (out, json, 0);
  g_string_append_c (out, '\n');
  return g_string_free (out, FALSE);
}

char *
gw_json_print_compact (const cJSON *json)
{
  GString *out = g_string_new (NULL);

  print_value (out, json, -1);
  return g_string_free (out, FALSE);
}

cJSON *
gw_json_new_int (int64_t value)
{
  char text[32];

  if (value >= -MAX_EXACT_INT && value <= MAX_EXACT_INT)
    return cJSON_CreateNumber ((double) value);
  g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, (gint64) value);
  return cJSON_CreateString (text);
}

cJSON *
gw_json_new_double (double value)
{
  for (gsize i = 0; i < G_N_ELEMENTS (non_finite); i++)
    if (value == non_finite[i].value || (isnan (value) && isnan (non_finite[i].value)))
      return cJSON_CreateString (non_finite[i].name);
  return cJSON_CreateNumber (value);
}

gboolean
gw_json_get_int (const cJSON *json,
                 int64_t     *value)
{
  gint64 parsed;

  if (cJSON_IsNumber (json))
    {
      double number = json->valuedouble;

      if (!(fabs (number) <= (double) MAX_EXACT_INT) || number != floor (number))
        return FALSE;
      *value = (int64_t) number;
      return TRUE;
    }
  if (!cJSON_IsString (json) ||
      !g_ascii_string_to_signed (json->valuestring, 10, G_MININT64, G_MAXINT64, &parsed, NULL))
    return FALSE;
  *value = parsed;
  return TRUE;
}

gboolean
gw_json_get_double (const cJSON *json,
                    double      *value)
{
  int64_t integer;

  if (cJSON_IsNumber (json))
    {
      *value = json->valuedouble;
      return TRUE;
    }
  if (!cJSON_IsString (json))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (non_finite); i++)
    if (strcmp (json->valuestring, non_finite[i].name) == 0)
      {
        *value = non_finite[i].value;
        return TRUE;
      }
  if (!gw_json_get_int (json, &integer))
    return FALSE;
  *value = (double) integer;
  return TRUE;
}

const char *
gw_json_member_string (const cJSON *object,
                       const char  *key,
                       const char  *otherwise)
{
  const cJSON *member = cJSON_GetObjectItemCaseSensitive (object, key);

  return cJSON_IsString (member) ? member->valuestring : otherwise;
}

int64_t
gw_json_member_int (const cJSON *object,
                    const char  *key,
                    int64_t      otherwise)
{
  int64_t value;

  return gw_json_get_int (cJSON_GetObjectItemCaseSensitive (object, key), &value) ? value : otherwise;
}

double
gw_json_member_double (const cJSON *object,
                       const char  *key,
                       double       otherwise)
{
  double value;

  return gw_json_get_double (cJSON_GetObjectItemCaseSensitive (object, key), &value) ? value : otherwise;
}

gboolean
gw_json_member_bool (const cJSON *object,
                     const char  *key,
                     gboolean     otherwise)
{
  const cJSON *member = cJSON_GetObjectItemCaseSensitive (object, key);

  return cJSON_IsBool (member) ? cJSON_IsTrue (member) : otherwise;
}
