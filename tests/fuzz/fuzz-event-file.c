/* SPDX-License-Identifier: Apache-2.0 */
/* Once as it is, and once with the checksums put right, so that mutations reach
 * what lies behind them. */
#include "engine/files/event-file.h"
#include "engine/files/record-file.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* So that every byte is really read. */
static volatile double sink;

static void
repair (uint8_t *data,
        size_t   size)
{
  size_t at = 0;
  uint64_t length;

  while (size - at >= GW_RECORD_HEADER + GW_RECORD_FOOTER)
    {
      memcpy (&length, data + at, sizeof length);
      length = GUINT64_FROM_LE (length);
      if (length > size - at - GW_RECORD_HEADER - GW_RECORD_FOOTER)
        length = size - at - GW_RECORD_HEADER - GW_RECORD_FOOTER;
      gw_record_frame (data + at, (size_t) length);
      at += GW_RECORD_HEADER + (size_t) length + GW_RECORD_FOOTER;
    }
}

static void
read_events (const uint8_t *data,
             size_t         size)
{
  GwEventReader *reader = gw_event_reader_new (gw_input_new_memory (data, size, "fuzz", GW_INPUT_PLAIN));
  GError *error = NULL;
  GwEventValue value;
  GwReadStatus status;
  double sum = 0;

  while ((status = gw_event_reader_next (reader, &value, &error)) == GW_READ_OK)
    {
      g_assert_true (g_utf8_validate (value.tag, -1, NULL) && g_utf8_validate (value.plugin, -1, NULL));
      for (int i = 0; i < value.histogram.n_buckets; i++)
        sum += value.histogram.limits[i] + value.histogram.counts[i];
      for (size_t i = 0; i < value.size; i++)
        sum += value.bytes[i];
      if (value.tensor != NULL)
        g_assert_true (gw_shape_is_known (&value.tensor->shape));
    }
  sink = sum;
  g_assert_true ((status == GW_READ_ERROR) == (error != NULL));
  for (guint i = 0; i < gw_event_reader_tags (reader)->len; i++)
    g_assert_cmpint (((const GwEventTag *) g_ptr_array_index (gw_event_reader_tags (reader), i))->count, >=, 0);
  g_clear_error (&error);
  gw_event_reader_free (reader);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  uint8_t *copy = g_malloc (MAX (size, 1));

  if (size > 0)
    memcpy (copy, data, size);
  read_events (copy, size);
  repair (copy, size);
  read_events (copy, size);
  g_free (copy);
  return 0;
}
