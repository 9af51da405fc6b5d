/* SPDX-License-Identifier: Apache-2.0 */
/* Golden bytes written as hexadecimal digits. */
#pragma once

#include <glib.h>

static inline GBytes *
hex_bytes (const char *digits)
{
  GByteArray *bytes = g_byte_array_new ();

  for (const char *cursor = digits; *cursor != '\0'; cursor += 2)
    {
      guint8 byte = (guint8) (g_ascii_xdigit_value (cursor[0]) << 4 | g_ascii_xdigit_value (cursor[1]));

      g_byte_array_append (bytes, &byte, 1);
    }
  return g_byte_array_free_to_bytes (bytes);
}

static inline char *
bytes_hex (const void *data,
           gsize       size)
{
  GString *digits = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (digits, "%02x", ((const guint8 *) data)[i]);
  return g_string_free (digits, FALSE);
}
