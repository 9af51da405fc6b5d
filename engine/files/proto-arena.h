/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding protobuf messages from files that are not to be trusted. A decoded
 * message and all it points to live in an arena with a budget; nothing is freed
 * one by one. None of this room's .proto files nests without end: what could
 * (functions in attributes, tensors) is a bytes field that its reader decodes. */
#pragma once

#include <glib.h>
#include <protobuf-c/protobuf-c.h>

G_BEGIN_DECLS

typedef struct _GwProtoArena GwProtoArena;

GwProtoArena *gw_proto_arena_new (void);
void gw_proto_arena_free (GwProtoArena *arena);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwProtoArena, gw_proto_arena_free)
/* Everything decoded so far is gone; keeps a little memory for the next. */
void gw_proto_arena_reset (GwProtoArena *arena);

/* A message of type `descriptor` (cast it), valid until reset or free. It may take
 * 1 MiB plus 32 bytes for each byte of input: RESOURCE_EXHAUSTED beyond that;
 * DATA_LOSS “WHAT is damaged” when it is no such message. */
void *gw_proto_unpack (GwProtoArena *arena, const ProtobufCMessageDescriptor *descriptor,
                       const void *data, size_t size, const char *what, GError **error);

/* `size` zeroed bytes that live as long as the messages; NULL when malloc fails. Not
 * counted in the budget. */
void *gw_proto_arena_alloc (GwProtoArena *arena, size_t size);

/* Serialised. NULL with INVALID_ARGUMENT beyond 2 GiB, RESOURCE_EXHAUSTED without
 * memory. */
GBytes *gw_proto_pack (const ProtobufCMessage *message, const char *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Appends field `number` (length-delimited) holding `message` to `buffer`; for small
 * messages. */
void gw_proto_append (GByteArray *buffer, unsigned number, const ProtobufCMessage *message);

/* Keys of hash tables: compare what `bytes` (ProtobufCBinaryData *) hold. */
guint gw_proto_bytes_hash (gconstpointer bytes);
gboolean gw_proto_bytes_equal (gconstpointer a, gconstpointer b);
/* As text that can be shown: valid UTF-8 up to the first NUL. */
char *gw_proto_bytes_to_text (const ProtobufCBinaryData *bytes);
/* Borrows `text`. */
ProtobufCBinaryData gw_proto_bytes_from_text (const char *text);

/* Varints, as in protobuf and in tables. `cursor` moves behind the number; FALSE when
 * it does not end before `end` or does not fit. */
gboolean gw_varint_read (const guint8 **cursor, const guint8 *end, uint64_t *value);
void gw_varint_append (GByteArray *buffer, uint64_t value);

G_END_DECLS
