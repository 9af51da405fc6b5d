/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/crc32c.h"

#include <string.h>

#define POLYNOMIAL 0x82F63B78u
#define MASK_DELTA 0xA282EAD8u

/* tables[k][b]: what byte b contributes when k more bytes follow it in the block. */
static uint32_t tables[8][256];

static void
fill_tables (void)
{
  for (uint32_t i = 0; i < 256; i++)
    {
      uint32_t crc = i;

      for (int bit = 0; bit < 8; bit++)
        crc = (crc >> 1) ^ ((crc & 1) != 0 ? POLYNOMIAL : 0);
      tables[0][i] = crc;
    }
  for (int k = 1; k < 8; k++)
    for (int i = 0; i < 256; i++)
      tables[k][i] = (tables[k - 1][i] >> 8) ^ tables[0][tables[k - 1][i] & 0xff];
}

static uint64_t
load_le64 (const uint8_t *bytes)
{
  uint64_t word;

  memcpy (&word, bytes, sizeof word);
  return GUINT64_FROM_LE (word);
}

uint32_t
gw_crc32c_extend_portable (uint32_t    crc,
                           const void *data,
                           size_t      size)
{
  static gsize ready;
  const uint8_t *bytes = data;
  uint32_t state = ~crc;

  if (g_once_init_enter (&ready))
    {
      fill_tables ();
      g_once_init_leave (&ready, 1);
    }
  for (; size >= 8; size -= 8, bytes += 8)
    {
      uint64_t word = load_le64 (bytes) ^ state;

      state = 0;
      for (int k = 0; k < 8; k++)
        state ^= tables[7 - k][(word >> (8 * k)) & 0xff];
    }
  for (; size > 0; size--, bytes++)
    state = (state >> 8) ^ tables[0][(state ^ *bytes) & 0xff];
  return ~state;
}

#ifdef __x86_64__
__attribute__ ((target ("sse4.2"))) static uint32_t
extend_sse42 (uint32_t    crc,
              const void *data,
              size_t      size)
{
  const uint8_t *bytes = data;
  uint64_t state = (uint32_t) ~crc;

  for (; size >= 8; size -= 8, bytes += 8)
    state = __builtin_ia32_crc32di (state, load_le64 (bytes));
  for (; size > 0; size--, bytes++)
    state = __builtin_ia32_crc32qi ((uint32_t) state, *bytes);
  return ~(uint32_t) state;
}
#endif

uint32_t
gw_crc32c_extend (uint32_t    crc,
                  const void *data,
                  size_t      size)
{
#ifdef __x86_64__
  if (__builtin_cpu_supports ("sse4.2"))
    return extend_sse42 (crc, data, size);
#endif
  return gw_crc32c_extend_portable (crc, data, size);
}

uint32_t
gw_crc32c (const void *data,
           size_t      size)
{
  return gw_crc32c_extend (0, data, size);
}

uint32_t
gw_crc32c_mask (uint32_t crc)
{
  return ((crc >> 15) | (crc << 17)) + MASK_DELTA;
}

uint32_t
gw_crc32c_unmask (uint32_t masked)
{
  uint32_t rotated = masked - MASK_DELTA;

  return (rotated << 15) | (rotated >> 17);
}
