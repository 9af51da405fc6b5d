/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/checkpoint-private.h"

#include <string.h>

/* --- Ordered code (core/lib/strings/ordered_code): bytes that sort as the values do --- */

static void
append (GByteArray   *key,
        const guint8 *bytes,
        size_t        size)
{
  g_byte_array_append (key, bytes, (guint) size);
}

/* A count of bytes, then as many of the number, most significant first. */
static void
append_number (GByteArray *key,
               uint64_t    number)
{
  guint8 bytes[9];
  guint n = 0;

  for (; number > 0; number >>= 8)
    bytes[8 - n++] = (guint8) number;
  bytes[8 - n] = (guint8) n;
  append (key, bytes + 8 - n, n + 1);
}

/* 0x00 and 0xff are escaped; 00 01 ends it. */
static void
append_string (GByteArray *key,
               const char *text)
{
  for (const guint8 *byte = (const guint8 *) text; *byte != 0; byte++)
    {
      append (key, byte, 1);
      if (*byte == 0xff)
        append (key, (const guint8[]) { 0x00 }, 1);
    }
  append (key, (const guint8[]) { 0x00, 0x01 }, 2);
}

/* The leading ones of the first byte (behind the sign) tell how many bytes follow. */
static void
append_signed (GByteArray *key,
               int64_t     number)
{
  static const guint8 headers[11][2] = {
    { 0, 0 }, { 0x80, 0 }, { 0xc0, 0 }, { 0xe0, 0 }, { 0xf0, 0 }, { 0xf8, 0 },
    { 0xfc, 0 }, { 0xfe, 0 }, { 0xff, 0 }, { 0xff, 0x80 }, { 0xff, 0xc0 },
  };
  uint64_t magnitude = number < 0 ? ~(uint64_t) number : (uint64_t) number;
  guint8 bytes[10];
  int bits = 1;
  int n;

  while (magnitude >> (bits - 1) != 0)
    bits++; /* significant bits and one for the sign */
  n = (bits + 6) / 7;
  memset (bytes, number < 0 ? 0xff : 0, 2);
  for (int i = 0; i < 8; i++)
    bytes[2 + i] = (guint8) ((uint64_t) number >> (8 * (7 - i)));
  bytes[10 - n] ^= headers[n][0];
  if (n >= 2)
    bytes[11 - n] ^= headers[n][1];
  append (key, bytes + 10 - n, (size_t) n);
}

GByteArray *
gw_checkpoint_slice_key (const char              *name,
                         const GwCheckpointSlice *slice)
{
  GByteArray *key = g_byte_array_new ();

  append_number (key, 0);
  append_string (key, name);
  append_number (key, (uint64_t) slice->rank);
  for (int i = 0; i < slice->rank; i++)
    {
      append_signed (key, slice->start[i]);
      append_signed (key, slice->length[i]);
    }
  return key;
}

/* --- Placing slices --- */

gboolean
gw_checkpoint_slice_region (const GwCheckpointSlice *slice,
                            const GwShape           *shape,
                            GwShape                 *region)
{
  if (slice->rank != shape->rank)
    return FALSE;
  *region = *shape;
  for (int i = 0; i < shape->rank; i++)
    {
      if (slice->length[i] >= 0)
        region->dims[i] = slice->length[i];
      if (slice->start[i] < 0 || slice->start[i] > shape->dims[i] ||
          region->dims[i] > shape->dims[i] - slice->start[i])
        return FALSE;
    }
  return TRUE;
}

static void
copy_run (GwTensor       *whole,
          int64_t         to,
          const GwTensor *part,
          int64_t         from,
          int64_t         n)
{
  size_t size = gw_dtype_size (whole->dtype);

  if (whole->dtype == GW_STRING)
    for (int64_t i = 0; i < n; i++)
      gw_string_copy (&GW_TENSOR_DATA (whole, GwString)[to + i], &GW_TENSOR_DATA (part, GwString)[from + i]);
  else if (n > 0)
    memcpy ((char *) whole->data + (size_t) to * size, (const char *) part->data + (size_t) from * size,
            (size_t) n * size);
}

void
gw_checkpoint_slice_store (const GwCheckpointSlice *slice,
                           const GwTensor          *part,
                           GwTensor                *whole)
{
  int last = slice->rank - 1;
  int64_t run = last >= 0 ? part->shape.dims[last] : 1;
  int64_t strides[GW_MAX_RANK];

  gw_shape_strides (&whole->shape, strides);
  for (int64_t from = 0; from < part->elements; from += run)
    {
      int64_t rest = run > 0 ? from / run : 0;
      int64_t to = last >= 0 ? slice->start[last] : 0;

      for (int i = last - 1; i >= 0; i--)
        {
          to += (slice->start[i] + rest % part->shape.dims[i]) * strides[i];
          rest /= part->shape.dims[i];
        }
      copy_run (whole, to, part, from, run);
    }
}
