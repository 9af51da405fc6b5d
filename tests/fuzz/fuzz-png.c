/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte is the number of channels asked for. Checksums of chunks are put
 * right, or libpng would see little of the mutations. */
#include "engine/files/image-file.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <zlib.h>

static uint32_t
load_be32 (const uint8_t *bytes)
{
  return (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8 | bytes[3];
}

static void
repair (uint8_t *data,
        size_t   size)
{
  size_t at = 8;

  while (at < size && size - at >= 12 && load_be32 (data + at) <= size - at - 12)
    {
      uint32_t length = load_be32 (data + at);
      uint32_t crc = GUINT32_TO_BE ((uint32_t) crc32 (0, data + at + 4, length + 4));

      memcpy (data + at + 8 + length, &crc, sizeof crc);
      at += 12 + (size_t) length;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  uint8_t *copy = g_malloc (MAX (size, 1));
  int channels = size > 0 ? data[0] % 6 : 0;

  if (size > 0)
    memcpy (copy, data, size);
  for (int repaired = 0; size > 0 && repaired < 2; repaired++)
    {
      GError *error = NULL;
      GwTensor *tensor = gw_png_decode (copy + 1, size - 1, channels, &error);

      fuzz_take_tensor (tensor, error);
      repair (copy + 1, size - 1);
    }
  g_free (copy);
  return 0;
}
