/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/table-private.h"

#include "engine/base/error.h"
#include "engine/files/crc32c.h"
#include "engine/files/proto-arena.h"

#include <snappy-c.h>
#include <string.h>

#define FOOTER_SIZE 48
#define HANDLES_SIZE 40
#define TRAILER_SIZE 5
#define MAGIC G_GUINT64_CONSTANT (0xDB4775248B80FB57)
#define BLOCK_SIZE ((guint) 262144)
#define DATA_RESTARTS 16
#define INDEX_RESTARTS 1

/* Snappy's longest copy makes 64 bytes of 3. */
#define SNAPPY_MAX_RATIO 32
/* What all keys together may take, for each byte of the file. */
#define KEYS_MAX_RATIO 64
#define KEYS_BASE ((size_t) 4 << 20)

enum { BLOCK_PLAIN = 0, BLOCK_SNAPPY = 1 };

/* --- Reading --- */

typedef struct {
  const guint8 *bytes;
  size_t        size;
  const char   *name;
  size_t        block_budget; /* bytes that blocks may still cover: they do not overlap */
  size_t        key_budget;
  GwTableFunc   func;
  void         *data;
  GByteArray   *last_key;     /* of the data entries so far */
  gboolean      any;          /* last_key holds one */
} Reader;

typedef struct {
  const guint8 *body;
  size_t        size;
  guint8       *owned;        /* the uncompressed body, or NULL */
} Block;

static gboolean
damaged (const Reader  *reader,
         const char    *what,
         GError       **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "%s: %s", reader->name, what);
  return FALSE;
}

static uint32_t
load_le32 (const guint8 *bytes)
{
  uint32_t value;

  memcpy (&value, bytes, sizeof value);
  return GUINT32_FROM_LE (value);
}

static gboolean
uncompress (Reader        *reader,
            const guint8  *body,
            size_t         size,
            Block         *block,
            GError       **error)
{
  size_t length;

  if (snappy_uncompressed_length ((const char *) body, size, &length) != SNAPPY_OK ||
      length / SNAPPY_MAX_RATIO > size)
    return damaged (reader, "a compressed block is damaged", error);
  block->owned = g_try_malloc (MAX (length, 1));
  if (block->owned == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "%s: out of memory", reader->name);
      return FALSE;
    }
  if (snappy_uncompress ((const char *) body, size, (char *) block->owned, &length) != SNAPPY_OK)
    {
      g_clear_pointer (&block->owned, g_free);
      return damaged (reader, "a compressed block is damaged", error);
    }
  block->body = block->owned;
  block->size = length;
  return TRUE;
}

static gboolean
open_block (Reader    *reader,
            uint64_t   offset,
            uint64_t   size,
            Block     *block,
            GError   **error)
{
  size_t end = reader->size - FOOTER_SIZE;
  const guint8 *body;

  *block = (Block) { NULL, 0, NULL };
  if (offset > end || size > end - offset || end - offset - size < TRAILER_SIZE || size < sizeof (uint32_t) ||
      size > reader->block_budget)
    return damaged (reader, "a block lies outside the file", error);
  reader->block_budget -= (size_t) size;
  body = reader->bytes + offset;
  if (gw_crc32c_unmask (load_le32 (body + size + 1)) != gw_crc32c (body, (size_t) size + 1))
    return damaged (reader, "the checksum of a block does not match", error);
  if (body[size] == BLOCK_SNAPPY)
    return uncompress (reader, body, (size_t) size, block, error);
  if (body[size] != BLOCK_PLAIN)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "%s: a block with the unknown compression %d",
                   reader->name, body[size]);
      return FALSE;
    }
  block->body = body;
  block->size = (size_t) size;
  return TRUE;
}

/* Calls `func` for each entry of a block. */
static gboolean
block_foreach (Reader       *reader,
               const Block  *block,
               GwTableFunc   func,
               void         *data,
               GError      **error)
{
  g_autoptr (GByteArray) key = g_byte_array_new ();
  const guint8 *cursor = block->body;
  const guint8 *end;
  size_t n_restarts;

  if (block->size < sizeof (uint32_t))
    return damaged (reader, "a block is damaged", error);
  n_restarts = load_le32 (block->body + block->size - sizeof (uint32_t));
  if (n_restarts > block->size / sizeof (uint32_t) - 1)
    return damaged (reader, "a block is damaged", error);
  end = block->body + block->size - (n_restarts + 1) * sizeof (uint32_t);
  while (cursor < end)
    {
      uint64_t shared, unshared, value_size;

      if (!gw_varint_read (&cursor, end, &shared) || !gw_varint_read (&cursor, end, &unshared) ||
          !gw_varint_read (&cursor, end, &value_size) || shared > key->len ||
          unshared > (size_t) (end - cursor) || value_size > (size_t) (end - cursor) - unshared ||
          shared + unshared > GW_TABLE_MAX_KEY)
        return damaged (reader, "an entry of a block is damaged", error);
      if (shared + unshared > reader->key_budget)
        return damaged (reader, "the names are too long for a file of its size", error);
      reader->key_budget -= shared + unshared;
      g_byte_array_set_size (key, (guint) shared);
      g_byte_array_append (key, cursor, (guint) unshared);
      cursor += unshared;
      if (!func (data, key->data, key->len, cursor, (size_t) value_size, error))
        return FALSE;
      cursor += value_size;
    }
  return TRUE;
}

static int
compare_keys (const guint8 *a,
              size_t        a_size,
              const guint8 *b,
              size_t        b_size)
{
  size_t common = MIN (a_size, b_size);
  int order = common > 0 ? memcmp (a, b, common) : 0;

  return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

/* An entry of a data block. */
static gboolean
data_entry (void          *data,
            const guint8  *key,
            size_t         key_size,
            const guint8  *value,
            size_t         value_size,
            GError       **error)
{
  Reader *reader = data;

  if (reader->any && compare_keys (reader->last_key->data, reader->last_key->len, key, key_size) >= 0)
    return damaged (reader, "the names are not in order", error);
  reader->any = TRUE;
  g_byte_array_set_size (reader->last_key, 0);
  if (key_size > 0)
    g_byte_array_append (reader->last_key, key, (guint) key_size);
  return reader->func (reader->data, key, key_size, value, value_size, error);
}

/* An entry of the index block: the handle of a data block. */
static gboolean
index_entry (void          *data,
             const guint8  *key,
             size_t         key_size,
             const guint8  *value,
             size_t         value_size,
             GError       **error)
{
  Reader *reader = data;
  const guint8 *end = value + value_size;
  uint64_t offset, size;
  gboolean ok;
  Block block;

  if (!gw_varint_read (&value, end, &offset) || !gw_varint_read (&value, end, &size))
    return damaged (reader, "the index of the blocks is damaged", error);
  if (!open_block (reader, offset, size, &block, error))
    return FALSE;
  ok = block_foreach (reader, &block, data_entry, reader, error);
  g_free (block.owned);
  return ok;
}

gboolean
gw_table_foreach (const guint8  *bytes,
                  size_t         size,
                  const char    *name,
                  GwTableFunc    func,
                  void          *data,
                  GError       **error)
{
  g_autoptr (GByteArray) last_key = g_byte_array_new ();
  Reader reader = {
    .bytes = bytes, .size = size, .name = name, .block_budget = size,
    .key_budget = size > SIZE_MAX / (2 * KEYS_MAX_RATIO) ? SIZE_MAX : size * KEYS_MAX_RATIO + KEYS_BASE,
    .func = func, .data = data, .last_key = last_key,
  };
  uint64_t meta_offset, meta_size, index_offset, index_size;
  const guint8 *handles, *end;
  gboolean ok;
  Block block;

  if (size < FOOTER_SIZE)
    return damaged (&reader, "is too short for the index of a checkpoint", error);
  handles = bytes + size - FOOTER_SIZE;
  end = handles + HANDLES_SIZE;
  if (load_le32 (end) != (uint32_t) MAGIC || load_le32 (end + 4) != (uint32_t) (MAGIC >> 32))
    return damaged (&reader, "is not the index of a checkpoint, or is cut off", error);
  if (!gw_varint_read (&handles, end, &meta_offset) || !gw_varint_read (&handles, end, &meta_size) ||
      !gw_varint_read (&handles, end, &index_offset) || !gw_varint_read (&handles, end, &index_size))
    return damaged (&reader, "the footer is damaged", error);
  if (!open_block (&reader, index_offset, index_size, &block, error))
    return FALSE;
  ok = block_foreach (&reader, &block, index_entry, &reader, error);
  g_free (block.owned);
  return ok;
}

/* --- Writing --- */

typedef struct {
  GByteArray *body;
  GByteArray *restarts;       /* uint32, little endian */
  guint       n_restarts;
  guint       interval;       /* entries from one full key to the next */
  guint       since_restart;
  GByteArray *last_key;
} Builder;

struct _GwTableWriter {
  GwAtomicFile *file;
  Builder       data;
  Builder       index;
  gboolean      pending;      /* a written block waits for its key in the index */
  uint64_t      pending_offset, pending_size;
  GByteArray   *pending_key;  /* the last key of that block */
};

static void
builder_init (Builder *builder,
              guint    interval)
{
  builder->body = g_byte_array_new ();
  builder->restarts = g_byte_array_new ();
  builder->last_key = g_byte_array_new ();
  builder->interval = interval;
}

static void
builder_clear (Builder *builder)
{
  g_byte_array_unref (builder->body);
  g_byte_array_unref (builder->restarts);
  g_byte_array_unref (builder->last_key);
}

static void
builder_reset (Builder *builder)
{
  g_byte_array_set_size (builder->body, 0);
  g_byte_array_set_size (builder->restarts, 0);
  g_byte_array_set_size (builder->last_key, 0);
  builder->n_restarts = 0;
  builder->since_restart = 0;
}

static void
append_le32 (GByteArray *array,
             uint32_t    value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (array, (const guint8 *) &value, sizeof value);
}

static void
append_bytes (GByteArray *array,
              const void *bytes,
              size_t      size)
{
  if (size > 0)
    g_byte_array_append (array, bytes, (guint) size);
}

static void
builder_add (Builder      *builder,
             const guint8 *key,
             size_t        key_size,
             const void   *value,
             size_t        value_size)
{
  size_t shared = 0;

  if (builder->n_restarts == 0 || builder->since_restart == builder->interval)
    {
      append_le32 (builder->restarts, builder->body->len);
      builder->n_restarts++;
      builder->since_restart = 0;
    }
  else
    while (shared < key_size && shared < builder->last_key->len && key[shared] == builder->last_key->data[shared])
      shared++;
  gw_varint_append (builder->body, shared);
  gw_varint_append (builder->body, key_size - shared);
  gw_varint_append (builder->body, value_size);
  append_bytes (builder->body, key + shared, key_size - shared);
  append_bytes (builder->body, value, value_size);
  g_byte_array_set_size (builder->last_key, 0);
  append_bytes (builder->last_key, key, key_size);
  builder->since_restart++;
}

/* Writes the block and empties the builder. */
static gboolean
builder_flush (Builder       *builder,
               GwAtomicFile  *file,
               uint64_t      *offset,
               uint64_t      *size,
               GError       **error)
{
  GByteArray *body = builder->body;
  guint8 type = BLOCK_PLAIN;
  gboolean ok;

  if (builder->n_restarts == 0)
    {
      append_le32 (builder->restarts, 0);
      builder->n_restarts = 1;
    }
  append_bytes (body, builder->restarts->data, builder->restarts->len);
  append_le32 (body, builder->n_restarts);
  *offset = gw_atomic_file_position (file);
  *size = body->len;
  g_byte_array_append (body, &type, 1);
  append_le32 (body, gw_crc32c_mask (gw_crc32c (body->data, body->len)));
  ok = gw_atomic_file_write (file, body->data, body->len, error);
  builder_reset (builder);
  return ok;
}

GwTableWriter *
gw_table_writer_new (GwAtomicFile *file)
{
  GwTableWriter *writer = g_new0 (GwTableWriter, 1);

  writer->file = file;
  builder_init (&writer->data, DATA_RESTARTS);
  builder_init (&writer->index, INDEX_RESTARTS);
  writer->pending_key = g_byte_array_new ();
  return writer;
}

void
gw_table_writer_free (GwTableWriter *writer)
{
  if (writer == NULL)
    return;
  builder_clear (&writer->data);
  builder_clear (&writer->index);
  g_byte_array_unref (writer->pending_key);
  g_free (writer);
}

/* Cuts `key` to something not below itself and below `next`, where that is shorter. */
static void
shorten_separator (GByteArray   *key,
                   const guint8 *next,
                   size_t        next_size)
{
  guint i = 0;

  while (i < key->len && i < next_size && key->data[i] == next[i])
    i++;
  if (i < key->len && i < next_size && key->data[i] < 0xff && key->data[i] + 1 < next[i])
    {
      key->data[i]++;
      g_byte_array_set_size (key, i + 1);
    }
}

/* The same for the last block, which nothing follows. */
static void
shorten_successor (GByteArray *key)
{
  for (guint i = 0; i < key->len; i++)
    if (key->data[i] != 0xff)
      {
        key->data[i]++;
        g_byte_array_set_size (key, i + 1);
        return;
      }
}

static void
index_pending (GwTableWriter *writer)
{
  g_autoptr (GByteArray) handle = g_byte_array_new ();

  gw_varint_append (handle, writer->pending_offset);
  gw_varint_append (handle, writer->pending_size);
  builder_add (&writer->index, writer->pending_key->data, writer->pending_key->len, handle->data, handle->len);
  writer->pending = FALSE;
}

static gboolean
flush_data (GwTableWriter  *writer,
            GError        **error)
{
  g_byte_array_set_size (writer->pending_key, 0);
  append_bytes (writer->pending_key, writer->data.last_key->data, writer->data.last_key->len);
  writer->pending = TRUE;
  return builder_flush (&writer->data, writer->file, &writer->pending_offset, &writer->pending_size, error);
}

gboolean
gw_table_writer_add (GwTableWriter  *writer,
                     const void     *key,
                     size_t          key_size,
                     const void     *value,
                     size_t          value_size,
                     GError        **error)
{
  Builder *data = &writer->data;

  if (writer->pending)
    {
      shorten_separator (writer->pending_key, key, key_size);
      index_pending (writer);
    }
  builder_add (data, key, key_size, value, value_size);
  if (data->body->len + data->restarts->len + sizeof (uint32_t) >= BLOCK_SIZE)
    return flush_data (writer, error);
  return TRUE;
}

gboolean
gw_table_writer_finish (GwTableWriter  *writer,
                        GError        **error)
{
  g_autoptr (GByteArray) footer = g_byte_array_new ();
  uint64_t meta_offset, meta_size, index_offset, index_size;
  Builder meta = { NULL };
  gboolean ok;

  if (writer->data.n_restarts > 0 && !flush_data (writer, error))
    return FALSE;
  builder_init (&meta, DATA_RESTARTS);
  ok = builder_flush (&meta, writer->file, &meta_offset, &meta_size, error);
  builder_clear (&meta);
  if (!ok)
    return FALSE;
  if (writer->pending)
    {
      shorten_successor (writer->pending_key);
      index_pending (writer);
    }
  if (!builder_flush (&writer->index, writer->file, &index_offset, &index_size, error))
    return FALSE;
  gw_varint_append (footer, meta_offset);
  gw_varint_append (footer, meta_size);
  gw_varint_append (footer, index_offset);
  gw_varint_append (footer, index_size);
  while (footer->len < HANDLES_SIZE)
    g_byte_array_append (footer, (const guint8 *) "", 1);
  append_le32 (footer, (uint32_t) MAGIC);
  append_le32 (footer, (uint32_t) (MAGIC >> 32));
  return gw_atomic_file_write (writer->file, footer->data, footer->len, error);
}
