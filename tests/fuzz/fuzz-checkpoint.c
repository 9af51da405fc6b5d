/* SPDX-License-Identifier: Apache-2.0 */
/* An index as it is, and with the checksums of its blocks put right, before the data
 * file that the corpus's own indices belong to. */
#include "engine/files/checkpoint.h"
#include "engine/files/crc32c.h"
#include "engine/files/proto-arena.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define FOOTER 48
#define TRAILER 5

static void
repair_block (uint8_t  *data,
              size_t    size,
              uint64_t  offset,
              uint64_t  length)
{
  uint32_t crc;

  if (offset > size || length > size - offset || size - offset - length < TRAILER)
    return;
  crc = GUINT32_TO_LE (gw_crc32c_mask (gw_crc32c (data + offset, (size_t) length + 1)));
  memcpy (data + offset + length + 1, &crc, sizeof crc);
}

/* The index block's entries: shared, unshared, value size, key, value = a handle. */
static void
repair_data_blocks (uint8_t *data,
                    size_t   size,
                    uint64_t offset,
                    uint64_t length)
{
  const uint8_t *cursor, *end;
  uint64_t shared, unshared, value, at, block;

  if (offset > size || length > size - offset)
    return;
  cursor = data + offset;
  end = cursor + length;
  while (gw_varint_read (&cursor, end, &shared) && gw_varint_read (&cursor, end, &unshared) &&
         gw_varint_read (&cursor, end, &value) && unshared < (size_t) (end - cursor))
    {
      cursor += unshared;
      if (!gw_varint_read (&cursor, end, &at) || !gw_varint_read (&cursor, end, &block))
        break;
      repair_block (data, size, at, block);
    }
}

static void
repair (uint8_t *data,
        size_t   size)
{
  uint64_t handles[4] = { 0 };
  const uint8_t *cursor;

  if (size < FOOTER)
    return;
  memcpy (data + size - 8, "\x57\xfb\x80\x8b\x24\x75\x47\xdb", 8);
  cursor = data + size - FOOTER;
  for (int i = 0; i < 4; i++)
    if (!gw_varint_read (&cursor, data + size, &handles[i]))
      return;
  repair_data_blocks (data, size, handles[2], handles[3]);
  repair_block (data, size, handles[2], handles[3]);
}

static void
read_index (const uint8_t *data,
            size_t         size)
{
  GError *error = NULL;
  GwCheckpoint *checkpoint = gw_checkpoint_new_from_index (FUZZ_CHECKPOINT, data, size, &error);

  g_assert_true ((checkpoint != NULL) != (error != NULL));
  for (int i = 0; checkpoint != NULL && i < gw_checkpoint_n_entries (checkpoint); i++)
    {
      const GwCheckpointEntry *entry = gw_checkpoint_entry (checkpoint, i);
      GwTensor *tensor;

      g_assert_nonnull (gw_checkpoint_find (checkpoint, entry->name));
      tensor = gw_checkpoint_read (checkpoint, entry->name, &error);
      fuzz_take_tensor (tensor, g_steal_pointer (&error));
    }
  g_clear_error (&error);
  gw_checkpoint_free (checkpoint);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  uint8_t *copy = g_malloc (MAX (size, 1));

  if (size > 0)
    memcpy (copy, data, size);
  read_index (copy, size);
  repair (copy, size);
  read_index (copy, size);
  g_free (copy);
  return 0;
}
