/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/proto-arena.h"

#include "engine/base/error.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t) 16 << 10)
#define BUDGET_BASE ((size_t) 1 << 20)
#define BUDGET_FACTOR 32
#define ALIGNMENT 16

typedef struct _Block Block;
struct _Block {
  Block *next;
  size_t size;
  size_t used;
};
#define BLOCK_HEADER ((sizeof (Block) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT)

struct _GwProtoArena {
  Block   *blocks;    /* the first is the one being filled; the last is kept by reset */
  size_t   budget;    /* of the message being decoded */
  gboolean exhausted;
};

GwProtoArena *
gw_proto_arena_new (void)
{
  return g_new0 (GwProtoArena, 1);
}

void
gw_proto_arena_free (GwProtoArena *arena)
{
  if (arena == NULL)
    return;
  while (arena->blocks != NULL)
    {
      Block *next = arena->blocks->next;

      free (arena->blocks);
      arena->blocks = next;
    }
  g_free (arena);
}

void
gw_proto_arena_reset (GwProtoArena *arena)
{
  while (arena->blocks != NULL && (arena->blocks->next != NULL || arena->blocks->size > BLOCK_SIZE))
    {
      Block *next = arena->blocks->next;

      free (arena->blocks);
      arena->blocks = next;
    }
  if (arena->blocks != NULL)
    arena->blocks->used = 0;
}

static void *
take (GwProtoArena *arena,
      size_t        size)
{
  Block *block = arena->blocks;
  size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

  if (rounded < size || rounded > PTRDIFF_MAX / 2)
    return NULL;
  if (block == NULL || block->size - block->used < rounded)
    {
      size_t capacity = MAX (rounded, BLOCK_SIZE);

      block = malloc (BLOCK_HEADER + capacity);
      if (block == NULL)
        return NULL;
      *block = (Block) { .size = capacity };
      block->next = arena->blocks;
      arena->blocks = block;
    }
  block->used += rounded;
  return (char *) block + BLOCK_HEADER + block->used - rounded;
}

void *
gw_proto_arena_alloc (GwProtoArena *arena,
                      size_t        size)
{
  void *memory = take (arena, size);

  if (memory != NULL)
    memset (memory, 0, size);
  return memory;
}

static void *
arena_alloc (void   *data,
             size_t  size)
{
  GwProtoArena *arena = data;
  void *memory = NULL;

  if (size <= arena->budget)
    memory = take (arena, size);
  if (memory == NULL)
    arena->exhausted = TRUE;
  else
    arena->budget -= size;
  return memory;
}

static void
arena_free (void *data,
            void *memory)
{
}

void *
gw_proto_unpack (GwProtoArena                      *arena,
                 const ProtobufCMessageDescriptor  *descriptor,
                 const void                        *data,
                 size_t                             size,
                 const char                        *what,
                 GError                           **error)
{
  ProtobufCAllocator allocator = { arena_alloc, arena_free, arena };
  void *message;

  if (size > INT32_MAX)
    {
      gw_invalid (error, "%s is larger than the 2 GiB that protobuf allows", what);
      return NULL;
    }
  arena->budget = BUDGET_BASE + size * BUDGET_FACTOR;
  arena->exhausted = FALSE;
  message = protobuf_c_message_unpack (descriptor, &allocator, size, size > 0 ? data : (const void *) "");
  if (message == NULL && arena->exhausted)
    g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED,
                 "%s needs far more memory than its %" G_GSIZE_FORMAT " bytes may", what, size);
  else if (message == NULL)
    g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "%s is damaged", what);
  return message;
}

GBytes *
gw_proto_pack (const ProtobufCMessage  *message,
               const char              *what,
               GError                 **error)
{
  size_t size = protobuf_c_message_get_packed_size (message);
  guint8 *data;

  if (size > INT32_MAX)
    {
      gw_invalid (error, "%s is larger than the 2 GiB that protobuf allows", what);
      return NULL;
    }
  data = g_try_malloc (MAX (size, 1));
  if (data == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED,
                   "out of memory: %s takes %" G_GSIZE_FORMAT " bytes", what, size);
      return NULL;
    }
  protobuf_c_message_pack (message, data);
  return g_bytes_new_take (data, size);
}

void
gw_varint_append (GByteArray *buffer,
                  uint64_t    value)
{
  guint8 bytes[10];
  guint n = 0;

  for (; value >= 0x80; value >>= 7)
    bytes[n++] = (guint8) (value | 0x80);
  bytes[n++] = (guint8) value;
  g_byte_array_append (buffer, bytes, n);
}

gboolean
gw_varint_read (const guint8 **cursor,
                const guint8  *end,
                uint64_t      *value)
{
  uint64_t result = 0;

  for (int shift = 0; shift < 64 && *cursor < end; shift += 7)
    {
      uint64_t byte = *(*cursor)++;

      if (shift == 63 && byte > 1)
        return FALSE;
      result |= (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        {
          *value = result;
          return TRUE;
        }
    }
  return FALSE;
}

void
gw_proto_append (GByteArray             *buffer,
                 unsigned                number,
                 const ProtobufCMessage *message)
{
  size_t size = protobuf_c_message_get_packed_size (message);
  guint start;

  gw_varint_append (buffer, (uint64_t) number << 3 | 2);
  gw_varint_append (buffer, size);
  start = buffer->len;
  g_byte_array_set_size (buffer, start + (guint) size);
  protobuf_c_message_pack (message, buffer->data + start);
}

guint
gw_proto_bytes_hash (gconstpointer bytes)
{
  const ProtobufCBinaryData *key = bytes;
  guint hash = 5381;

  for (size_t i = 0; i < key->len; i++)
    hash = hash * 33 + key->data[i];
  return hash;
}

gboolean
gw_proto_bytes_equal (gconstpointer a,
                      gconstpointer b)
{
  const ProtobufCBinaryData *x = a, *y = b;

  return x->len == y->len && (x->len == 0 || memcmp (x->data, y->data, x->len) == 0);
}

char *
gw_proto_bytes_to_text (const ProtobufCBinaryData *bytes)
{
  size_t length = bytes->len > 0 ? strnlen ((const char *) bytes->data, bytes->len) : 0;

  return g_utf8_make_valid (length > 0 ? (const char *) bytes->data : "", (gssize) length);
}

ProtobufCBinaryData
gw_proto_bytes_from_text (const char *text)
{
  return (ProtobufCBinaryData) { strlen (text), (uint8_t *) text };
}
