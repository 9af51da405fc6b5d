/* SPDX-License-Identifier: Apache-2.0 */
/* The text format, written from descriptors. */
#include "engine/files/proto-text-private.h"

#include "engine/base/error.h"
#include "engine/files/proto-arena.h"

#include <math.h>
#include <string.h>

typedef struct {
  GString      *text;
  GwProtoArena *arena;
  GError      **error;
} Writer;

static gboolean write_message (Writer *writer, const ProtobufCMessage *message, int depth);

static void
indent (Writer *writer,
        int     depth)
{
  g_string_append_printf (writer->text, "%*s", 2 * depth, "");
}

static void
write_bytes (Writer       *writer,
             const guint8 *bytes,
             size_t        size)
{
  g_string_append_c (writer->text, '"');
  for (size_t i = 0; i < size; i++)
    switch (bytes[i])
      {
      case '\n': g_string_append (writer->text, "\\n"); break;
      case '\r': g_string_append (writer->text, "\\r"); break;
      case '\t': g_string_append (writer->text, "\\t"); break;
      case '"':  g_string_append (writer->text, "\\\""); break;
      case '\'': g_string_append (writer->text, "\\\'"); break;
      case '\\': g_string_append (writer->text, "\\\\"); break;
      default:
        if (bytes[i] >= ' ' && bytes[i] < 0x7f)
          g_string_append_c (writer->text, (char) bytes[i]);
        else
          g_string_append_printf (writer->text, "\\%03o", bytes[i]);
      }
  g_string_append_c (writer->text, '"');
}

static void
write_real (Writer     *writer,
            double      value,
            const char *format)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value))
    g_string_append (writer->text, "nan");
  else if (isinf (value))
    g_string_append (writer->text, value < 0 ? "-inf" : "inf");
  else
    g_string_append (writer->text, g_ascii_formatd (number, sizeof number, format, value));
}

static void
write_int (Writer                           *writer,
           const ProtobufCMessageDescriptor *owner,
           const ProtobufCFieldDescriptor   *field,
           int32_t                           value)
{
  g_autofree char *name = gw_proto_text_is_dtype (owner, field) ? gw_proto_text_dtype_name (value) : NULL;

  if (name != NULL)
    g_string_append (writer->text, name);
  else
    g_string_append_printf (writer->text, "%d", value);
}

static void
write_scalar (Writer                           *writer,
              const ProtobufCMessageDescriptor *owner,
              const ProtobufCFieldDescriptor   *field,
              const void                       *at)
{
  const ProtobufCBinaryData *bytes = at;
  const char *string;

  switch (field->type)
    {
    case PROTOBUF_C_TYPE_BOOL:   g_string_append (writer->text, *(const protobuf_c_boolean *) at ? "true" : "false"); break;
    case PROTOBUF_C_TYPE_FLOAT:  write_real (writer, (double) *(const float *) at, "%.9g"); break;
    case PROTOBUF_C_TYPE_DOUBLE: write_real (writer, *(const double *) at, "%.17g"); break;
    case PROTOBUF_C_TYPE_UINT32: g_string_append_printf (writer->text, "%u", *(const uint32_t *) at); break;
    case PROTOBUF_C_TYPE_INT64:  g_string_append_printf (writer->text, "%" G_GINT64_FORMAT, *(const int64_t *) at); break;
    case PROTOBUF_C_TYPE_UINT64: g_string_append_printf (writer->text, "%" G_GUINT64_FORMAT, *(const uint64_t *) at); break;
    case PROTOBUF_C_TYPE_BYTES:  write_bytes (writer, bytes->data, bytes->len); break;
    case PROTOBUF_C_TYPE_STRING:
      string = *(const char *const *) at;
      write_bytes (writer, (const guint8 *) (string != NULL ? string : ""), string != NULL ? strlen (string) : 0);
      break;
    default: write_int (writer, owner, field, *(const int32_t *) at); break;
    }
}

/* A field whose value is a message, unpacked first where it is kept as bytes. */
static gboolean
write_nested (Writer                           *writer,
              const ProtobufCFieldDescriptor   *field,
              const ProtobufCMessageDescriptor *nested,
              const void                       *at,
              int                               depth)
{
  const ProtobufCBinaryData *bytes = at;
  const ProtobufCMessage *message;

  if (field->type == PROTOBUF_C_TYPE_BYTES)
    message = gw_proto_unpack (writer->arena, nested, bytes->data, bytes->len, field->name, writer->error);
  else
    message = *(const ProtobufCMessage *const *) at;
  if (message == NULL)
    return FALSE;
  indent (writer, depth);
  g_string_append_printf (writer->text, "%s {\n", field->name);
  if (!write_message (writer, message, depth + 1))
    return FALSE;
  indent (writer, depth);
  g_string_append (writer->text, "}\n");
  return TRUE;
}

static gboolean
write_value (Writer                           *writer,
             const ProtobufCMessageDescriptor *owner,
             const ProtobufCFieldDescriptor   *field,
             const void                       *at,
             int                               depth)
{
  const ProtobufCMessageDescriptor *nested =
    field->type == PROTOBUF_C_TYPE_MESSAGE ? field->descriptor : gw_proto_text_nested (owner, field);

  if (nested != NULL)
    return write_nested (writer, field, nested, at, depth);
  indent (writer, depth);
  g_string_append_printf (writer->text, "%s: ", field->name);
  write_scalar (writer, owner, field, at);
  g_string_append_c (writer->text, '\n');
  return TRUE;
}

static size_t
element_size (const ProtobufCFieldDescriptor *field)
{
  switch (field->type)
    {
    case PROTOBUF_C_TYPE_BOOL:    return sizeof (protobuf_c_boolean);
    case PROTOBUF_C_TYPE_BYTES:   return sizeof (ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE: return sizeof (void *);
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:  return 8;
    default:                      return 4;
    }
}

/* Whether a field that is there once is there: proto3 leaves out zeros, but not those of a oneof. */
static gboolean
is_present (const ProtobufCMessage         *message,
            const ProtobufCFieldDescriptor *field)
{
  const void *at = G_STRUCT_MEMBER_P (message, field->offset);
  const char *string;

  if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
    return G_STRUCT_MEMBER (uint32_t, message, field->quantifier_offset) == field->id;
  switch (field->type)
    {
    case PROTOBUF_C_TYPE_MESSAGE: return *(void *const *) at != NULL;
    case PROTOBUF_C_TYPE_BYTES:   return ((const ProtobufCBinaryData *) at)->len > 0;
    case PROTOBUF_C_TYPE_STRING:
      string = *(const char *const *) at;
      return string != NULL && *string != '\0';
    default:
      for (size_t i = 0; i < element_size (field); i++)
        if (((const guint8 *) at)[i] != 0)
          return TRUE;
      return FALSE;
    }
}

static gboolean
write_message (Writer                 *writer,
               const ProtobufCMessage *message,
               int                     depth)
{
  const ProtobufCMessageDescriptor *descriptor = message->descriptor;

  if (depth > GW_PROTO_TEXT_DEPTH)
    return gw_invalid (writer->error, "messages are nested too deeply");
  for (unsigned i = 0; i < descriptor->n_fields; i++)
    {
      const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
      const void *at = G_STRUCT_MEMBER_P (message, field->offset);
      gboolean is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
      size_t n = is_list ? G_STRUCT_MEMBER (size_t, message, field->quantifier_offset) : (size_t) is_present (message, field);

      if (is_list && n > 0)
        at = *(void *const *) at;
      for (size_t k = 0; k < n; k++)
        if (!write_value (writer, descriptor, field, (const guint8 *) at + k * element_size (field), depth))
          return FALSE;
    }
  return TRUE;
}

char *
gw_proto_to_text (const ProtobufCMessage *message,
                  GError                **error)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  Writer writer = { g_string_new (NULL), arena, error };
  gboolean ok = write_message (&writer, message, 0);

  return g_string_free (writer.text, !ok);
}
