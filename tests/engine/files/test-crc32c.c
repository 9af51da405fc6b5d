/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/crc32c.h"

#include <string.h>

/* RFC 3720, appendix B.4, and the usual check value. */
static void
test_known (void)
{
  guint8 bytes[32];

  g_assert_cmphex (gw_crc32c ("123456789", 9), ==, 0xe3069283);
  g_assert_cmphex (gw_crc32c ("", 0), ==, 0);
  memset (bytes, 0, sizeof bytes);
  g_assert_cmphex (gw_crc32c (bytes, sizeof bytes), ==, 0x8a9136aa);
  memset (bytes, 0xff, sizeof bytes);
  g_assert_cmphex (gw_crc32c (bytes, sizeof bytes), ==, 0x62a8ab43);
  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) i;
  g_assert_cmphex (gw_crc32c (bytes, sizeof bytes), ==, 0x46dd794e);
}

static void
test_mask (void)
{
  g_assert_cmphex (gw_crc32c_mask (0), ==, 0xa282ead8);
  g_assert_cmphex (gw_crc32c_mask (0xe3069283), ==, ((0xe3069283u >> 15 | 0xe3069283u << 17) + 0xa282ead8u));
  for (guint32 crc = 1; crc != 0x10000000; crc <<= 1)
    {
      g_assert_cmphex (gw_crc32c_unmask (gw_crc32c_mask (crc)), ==, crc);
      g_assert_cmphex (gw_crc32c_mask (crc), !=, crc);
    }
}

/* Both forms agree at every length and misalignment, in one go and in two. */
static void
test_forms_agree (void)
{
  guint8 bytes[300];
  guint32 state = 1;

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) ((state = state * 1664525 + 1013904223) >> 24);
  for (guint start = 0; start < 9; start++)
    for (guint size = 0; start + size <= sizeof bytes; size++)
      {
        guint32 crc = gw_crc32c (bytes + start, size);
        guint half = size / 2;

        g_assert_cmphex (gw_crc32c_extend_portable (0, bytes + start, size), ==, crc);
        g_assert_cmphex (gw_crc32c_extend (gw_crc32c (bytes + start, half), bytes + start + half, size - half), ==, crc);
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/crc32c/known", test_known);
  g_test_add_func ("/files/crc32c/mask", test_mask);
  g_test_add_func ("/files/crc32c/forms-agree", test_forms_agree);
  return g_test_run ();
}
