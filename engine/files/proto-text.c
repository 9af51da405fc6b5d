/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/proto-text-private.h"

#include "engine/base/error.h"
#include "engine/files/proto-arena.h"
#include "engine/files/proto/graph.pb-c.h"

#include <math.h>
#include <string.h>

#define REF 100 /* DataType of a reference is its type's and this */

/* ---- what the descriptors do not say ---- */

const ProtobufCMessageDescriptor *
gw_proto_text_nested (const ProtobufCMessageDescriptor *owner,
                      const ProtobufCFieldDescriptor   *field)
{
  static const struct {
    const ProtobufCMessageDescriptor *owner;
    const char                       *field;
    const ProtobufCMessageDescriptor *nested;
  } kept[] = {
    { &gw__attr_value__descriptor, "tensor", &gw__tensor_proto__descriptor },
    { &gw__attr_value__descriptor, "func", &gw__name_attr_list__descriptor },
    { &gw__attr_list_value__descriptor, "tensor", &gw__tensor_proto__descriptor },
    { &gw__attr_list_value__descriptor, "func", &gw__name_attr_list__descriptor },
    { &gw__meta_graph_def__descriptor, "graph_def", &gw__graph_def__descriptor },
    { &gw__saved_model__descriptor, "meta_graphs", &gw__meta_graph_def__descriptor },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++)
    if (kept[i].owner == owner && g_str_equal (kept[i].field, field->name))
      return kept[i].nested;
  return NULL;
}

gboolean
gw_proto_text_is_dtype (const ProtobufCMessageDescriptor *owner,
                        const ProtobufCFieldDescriptor   *field)
{
  if (field->type != PROTOBUF_C_TYPE_INT32)
    return FALSE;
  if (g_str_equal (field->name, "dtype"))
    return TRUE;
  return g_str_equal (field->name, "type") &&
         (owner == &gw__attr_value__descriptor || owner == &gw__attr_list_value__descriptor ||
          owner == &gw__op_arg_def__descriptor);
}

static const char *const dtype_names[] = {
  "DT_INVALID", "DT_FLOAT", "DT_DOUBLE", "DT_INT32", "DT_UINT8", "DT_INT16", "DT_INT8", "DT_STRING", "DT_COMPLEX64",
  "DT_INT64", "DT_BOOL", "DT_QINT8", "DT_QUINT8", "DT_QINT32", "DT_BFLOAT16", "DT_QINT16", "DT_QUINT16", "DT_UINT16",
  "DT_COMPLEX128", "DT_HALF", "DT_RESOURCE", "DT_VARIANT", "DT_UINT32", "DT_UINT64",
};

gboolean
gw_proto_text_dtype_number (const char *name,
                            int        *number)
{
  gboolean is_ref = g_str_has_suffix (name, "_REF");
  g_autofree char *plain = g_strndup (name, strlen (name) - (is_ref ? strlen ("_REF") : 0));

  for (gsize i = 0; i < G_N_ELEMENTS (dtype_names); i++)
    if (g_str_equal (plain, dtype_names[i]))
      {
        *number = (int) i + (is_ref ? REF : 0);
        return TRUE;
      }
  return FALSE;
}

char *
gw_proto_text_dtype_name (int number)
{
  gboolean is_ref = number > REF;

  number -= is_ref ? REF : 0;
  if (number < 0 || number >= (int) G_N_ELEMENTS (dtype_names))
    return NULL;
  return g_strconcat (dtype_names[number], is_ref ? "_REF" : "", NULL);
}

gboolean
gw_proto_is_text (const void *data,
                  size_t      size)
{
  const guint8 *bytes = data;
  size_t n = MIN (size, 512), i = 0;

  while (i < n && g_ascii_isspace (bytes[i]))
    i++;
  /* A binary message begins with a tag: number and kind of its first field. The only tags
   * that are letters are of fields 8 and up; no graph begins with one. */
  if (i == n || (!g_ascii_isalpha (bytes[i]) && bytes[i] != '#'))
    return FALSE;
  for (; i < n; i++)
    if (bytes[i] < ' ' && !g_ascii_isspace (bytes[i]))
      return FALSE;
  return TRUE;
}

/* ---- reading ---- */

typedef struct {
  const char *at, *end;
  int         line;
  GError    **error;
} Reader;

static gboolean
fail (Reader     *reader,
      const char *what)
{
  if (reader->error != NULL && *reader->error == NULL)
    gw_invalid (reader->error, "line %d: %s", reader->line, what);
  return FALSE;
}

static void
skip_space (Reader *reader)
{
  for (; reader->at < reader->end; reader->at++)
    {
      if (*reader->at == '#')
        while (reader->at < reader->end && *reader->at != '\n')
          reader->at++;
      if (reader->at == reader->end || !g_ascii_isspace (*reader->at))
        return;
      reader->line += *reader->at == '\n';
    }
}

static gboolean
take_char (Reader *reader,
           char    wanted)
{
  skip_space (reader);
  if (reader->at == reader->end || *reader->at != wanted)
    return FALSE;
  reader->at++;
  return TRUE;
}

/* A name, a number or a sign with what follows: what stands between separators. */
static char *
take_word (Reader *reader)
{
  const char *start;

  skip_space (reader);
  start = reader->at;
  while (reader->at < reader->end && (g_ascii_isalnum (*reader->at) || strchr ("_.+-", *reader->at) != NULL) &&
         *reader->at != '\0')
    reader->at++;
  return g_strndup (start, (gsize) (reader->at - start));
}

static int
digit_value (char c,
             int  base)
{
  int value = g_ascii_xdigit_value (c);

  return value >= 0 && value < base ? value : -1;
}

/* \123 or \x1f, behind the backslash (and the x). */
static void
take_code (Reader     *reader,
           int         base,
           int         most,
           GByteArray *bytes)
{
  guint8 value = 0;

  for (int i = 0; i < most && reader->at < reader->end && digit_value (*reader->at, base) >= 0; i++)
    value = (guint8) (value * base + digit_value (*reader->at++, base));
  g_byte_array_append (bytes, &value, 1);
}

static void
take_escape (Reader     *reader,
             GByteArray *bytes)
{
  static const char letters[] = "nrtabfv", values[] = "\n\r\t\a\b\f\v";
  char c = reader->at < reader->end ? *reader->at : '\\';
  const char *place = c != '\0' ? strchr (letters, c) : NULL;

  if (digit_value (c, 8) >= 0)
    {
      take_code (reader, 8, 3, bytes);
      return;
    }
  if (reader->at < reader->end)
    reader->at++;
  if (c == 'x' || c == 'X')
    take_code (reader, 16, 2, bytes);
  else
    g_byte_array_append (bytes, (const guint8 *) (place != NULL ? &values[place - letters] : &c), 1);
}

/* One or several literals side by side, which count as one. */
static gboolean
take_string (Reader     *reader,
             GByteArray *bytes)
{
  for (skip_space (reader); reader->at < reader->end && (*reader->at == '"' || *reader->at == '\''); skip_space (reader))
    {
      char quote = *reader->at++;

      while (reader->at < reader->end && *reader->at != quote)
        {
          char c = *reader->at++;

          if (c == '\n')
            return fail (reader, "a text ends at the end of its line");
          if (c == '\\')
            take_escape (reader, bytes);
          else
            g_byte_array_append (bytes, (const guint8 *) &c, 1);
        }
      if (reader->at == reader->end)
        return fail (reader, "a text has no end");
      reader->at++;
    }
  return TRUE;
}

static gboolean take_fields (Reader *reader, const ProtobufCMessageDescriptor *descriptor, char closing, int depth,
                             GByteArray *out);

/* ---- one value ---- */

static void
append_tag (GByteArray *out,
            guint32     number,
            int         kind)
{
  gw_varint_append (out, (uint64_t) number << 3 | (uint64_t) kind);
}

static void
append_bytes (GByteArray       *out,
              guint32           number,
              const GByteArray *bytes)
{
  append_tag (out, number, 2);
  gw_varint_append (out, bytes->len);
  if (bytes->len > 0)
    g_byte_array_append (out, bytes->data, bytes->len);
}

static gboolean
take_integer (Reader     *reader,
              const char *word,
              uint64_t   *value)
{
  static const char *const others[] = { "LEGACY", "V1", "V2" }; /* of SaverDef.version */
  char *end;
  int dtype;

  if (gw_proto_text_dtype_number (word, &dtype))
    {
      *value = (uint64_t) dtype;
      return TRUE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_str_equal (word, others[i]))
      {
        *value = i;
        return TRUE;
      }
  *value = *word == '-' ? (uint64_t) g_ascii_strtoll (word, &end, 0) : g_ascii_strtoull (word, &end, 0);
  if (*word == '\0' || *end != '\0')
    return fail (reader, "a whole number is wanted");
  return TRUE;
}

static gboolean
take_real (Reader     *reader,
           const char *word,
           double     *value)
{
  const char *plain = *word == '-' ? word + 1 : word;
  char *end;

  if (g_ascii_strncasecmp (plain, "inf", 3) == 0)
    *value = *word == '-' ? -INFINITY : INFINITY;
  else if (g_ascii_strcasecmp (plain, "nan") == 0)
    *value = NAN;
  else
    {
      *value = g_ascii_strtod (word, &end);
      if (*word == '\0' || (*end != '\0' && g_ascii_strcasecmp (end, "f") != 0))
        return fail (reader, "a number is wanted");
    }
  return TRUE;
}

static gboolean
take_number (Reader                         *reader,
             const ProtobufCFieldDescriptor *field,
             GByteArray                     *out)
{
  g_autofree char *word = take_word (reader);
  uint64_t integer;
  double real;

  if (field->type == PROTOBUF_C_TYPE_FLOAT || field->type == PROTOBUF_C_TYPE_DOUBLE)
    {
      float narrow;
      gboolean is_wide = field->type == PROTOBUF_C_TYPE_DOUBLE;

      if (!take_real (reader, word, &real))
        return FALSE;
      narrow = (float) real;
      append_tag (out, field->id, is_wide ? 1 : 5);
      g_byte_array_append (out, is_wide ? (const guint8 *) &real : (const guint8 *) &narrow, is_wide ? 8 : 4);
      return TRUE;
    }
  if (field->type == PROTOBUF_C_TYPE_BOOL && (g_ascii_strcasecmp (word, "true") == 0 || g_str_equal (word, "t")))
    integer = 1;
  else if (field->type == PROTOBUF_C_TYPE_BOOL && (g_ascii_strcasecmp (word, "false") == 0 || g_str_equal (word, "f")))
    integer = 0;
  else if (!take_integer (reader, word, &integer))
    return FALSE;
  append_tag (out, field->id, 0);
  gw_varint_append (out, integer);
  return TRUE;
}

static gboolean
take_message (Reader                           *reader,
              const ProtobufCFieldDescriptor   *field,
              const ProtobufCMessageDescriptor *nested,
              int                               depth,
              GByteArray                       *out)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  char closing = take_char (reader, '{') ? '}' : '\0';

  if (closing == '\0' && take_char (reader, '<'))
    closing = '>';
  if (closing == '\0')
    return fail (reader, "a message in { } is wanted");
  if (!take_fields (reader, nested, closing, depth + 1, bytes))
    return FALSE;
  append_bytes (out, field->id, bytes);
  return TRUE;
}

static gboolean
take_value (Reader                           *reader,
            const ProtobufCMessageDescriptor *owner,
            const ProtobufCFieldDescriptor   *field,
            int                               depth,
            GByteArray                       *out)
{
  const ProtobufCMessageDescriptor *nested =
    field->type == PROTOBUF_C_TYPE_MESSAGE ? field->descriptor : gw_proto_text_nested (owner, field);
  g_autoptr (GByteArray) bytes = NULL;

  if (nested != NULL)
    return take_message (reader, field, nested, depth, out);
  if (field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_BYTES)
    return take_number (reader, field, out);
  skip_space (reader);
  if (reader->at == reader->end || (*reader->at != '"' && *reader->at != '\''))
    return fail (reader, "a text in quotes is wanted");
  bytes = g_byte_array_new ();
  if (!take_string (reader, bytes))
    return FALSE;
  append_bytes (out, field->id, bytes);
  return TRUE;
}

/* ---- fields ---- */

/* What belongs to a field that our messages have not. */
static gboolean
skip_value (Reader *reader,
            int     depth)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *word = NULL;

  skip_space (reader);
  if (reader->at < reader->end && (*reader->at == '"' || *reader->at == '\''))
    return take_string (reader, bytes);
  if (take_char (reader, '{'))
    return take_fields (reader, NULL, '}', depth + 1, bytes);
  if (take_char (reader, '<'))
    return take_fields (reader, NULL, '>', depth + 1, bytes);
  word = take_word (reader);
  return *word != '\0' || fail (reader, "a value is wanted");
}

static gboolean
take_values (Reader                           *reader,
             const ProtobufCMessageDescriptor *descriptor,
             const ProtobufCFieldDescriptor   *field,
             int                               depth,
             GByteArray                       *out)
{
  gboolean is_list = take_char (reader, '[');

  if (is_list && take_char (reader, ']'))
    return TRUE;
  do
    if (!(field != NULL ? take_value (reader, descriptor, field, depth, out) : skip_value (reader, depth)))
      return FALSE;
  while (is_list && take_char (reader, ','));
  return !is_list || take_char (reader, ']') || fail (reader, "a list has no end");
}

/* Up to `closing`, or with '\0' to the end. `descriptor` NULL: nothing is known here. */
static gboolean
take_fields (Reader                           *reader,
             const ProtobufCMessageDescriptor *descriptor,
             char                              closing,
             int                               depth,
             GByteArray                       *out)
{
  if (depth > GW_PROTO_TEXT_DEPTH)
    return fail (reader, "messages are nested too deeply");
  for (;;)
    {
      g_autofree char *name = NULL;
      const ProtobufCFieldDescriptor *field;

      skip_space (reader);
      if (reader->at == reader->end)
        return closing == '\0' || fail (reader, "a message has no end");
      if (closing != '\0' && take_char (reader, closing))
        return TRUE;
      name = take_word (reader);
      if (*name == '\0')
        return fail (reader, "the name of a field is wanted");
      field = descriptor != NULL ? protobuf_c_message_descriptor_get_field_by_name (descriptor, name) : NULL;
      take_char (reader, ':');
      if (!take_values (reader, descriptor, field, depth, out))
        return FALSE;
      if (!take_char (reader, ','))
        take_char (reader, ';');
    }
}

GBytes *
gw_proto_from_text (const ProtobufCMessageDescriptor *descriptor,
                    const char                       *text,
                    size_t                            size,
                    GError                          **error)
{
  GError *own = NULL;
  Reader reader = { text, text + size, 1, &own };
  g_autoptr (GByteArray) out = g_byte_array_new ();

  if (!take_fields (&reader, descriptor, '\0', 0, out))
    {
      g_propagate_error (error, own);
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}
