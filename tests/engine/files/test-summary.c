/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/summary.h"

#include "tests/engine/files/hex.h"
#include "tests/support/support.h"

#include <string.h>

static void
assert_hex (GByteArray *summary,
            const char *want)
{
  g_autofree char *hex = bytes_hex (summary->data, summary->len);

  g_assert_cmpstr (hex, ==, want);
  g_byte_array_set_size (summary, 0);
}

/* What TensorFlow serialises for the same values. */
static void
test_known_bytes (void)
{
  g_autoptr (GByteArray) summary = g_byte_array_new ();
  double limits[] = { 1, 2 }, counts[] = { 0, 3 };
  GwHistogram histogram = { 1, 2, 3, 4, 5, 2, limits, counts };

  gw_summary_add_scalar (summary, "a", 1.5f);
  assert_hex (summary, "0a080a0161150000c03f");
  gw_summary_add_histogram (summary, "h", &histogram);
  assert_hex (summary, "0a560a01682a5109000000000000f03f1100000000000000401900000000000008402100000000000010402900000000"
                       "000014403210000000000000f03f00000000000000403a1000000000000000000000000000000840");
  gw_summary_add_image (summary, "i", 2, 3, 3, "PNG", 3);
  assert_hex (summary, "0a100a0169220b0802100318032203504e47");
  gw_summary_add_audio (summary, "s", 8000, 1, 4, "WAV", 3);
  assert_hex (summary, "0a1e0a017332190d0000fa451001180422035741562a09617564696f2f776176");
  gw_summary_add_text (summary, "t", "x");
  assert_hex (summary, "0a160a01744207080712004201784a080a060a0474657874");
}

static void
test_tensor_with_metadata (void)
{
  g_autoptr (GByteArray) summary = g_byte_array_new ();
  g_autoptr (GwTensor) tensor = gw_tensor_new_string ("x");
  g_autoptr (GBytes) metadata = hex_bytes ("0a060a0474657874");
  g_autoptr (GError) error = NULL;

  g_assert_true (gw_summary_add_tensor_with_metadata (summary, "t", tensor, g_bytes_get_data (metadata, NULL),
                                                      g_bytes_get_size (metadata), &error));
  assert_hex (summary, "0a160a01744207080712004201784a080a060a0474657874");
  g_assert_false (gw_summary_add_tensor_with_metadata (summary, "t", tensor, "\x0a\x50", 2, &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "metadata");
  g_assert_cmpuint (summary->len, ==, 0);
}

static GwString
summary_string (const char *tag,
                float       value)
{
  g_autoptr (GByteArray) summary = g_byte_array_new ();
  GwString string = { NULL, 0 };

  gw_summary_add_scalar (summary, tag, value);
  gw_string_set (&string, (const char *) summary->data, summary->len);
  return string;
}

static void
test_merge (void)
{
  g_autoptr (GByteArray) merged = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  GwString inputs[] = { summary_string ("a", 1), { NULL, 0 }, summary_string ("b", 2), summary_string ("a", 3) };
  GwString nameless[] = { summary_string ("", 1), summary_string ("", 2) };
  GwString broken = { (char *) "\x0a\x7f", 2 };

  g_assert_true (gw_summary_merge (merged, 3, inputs, &error));
  assert_hex (merged, "0a080a0161150000803f0a080a01621500000040");
  g_assert_false (gw_summary_merge (merged, 4, inputs, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "Duplicate tag a found in summary inputs");
  g_assert_cmpuint (merged->len, ==, 0);
  g_assert_true (gw_summary_merge (merged, 2, nameless, &error));
  g_assert_cmpuint (merged->len, >, 0);
  g_assert_false (gw_summary_merge (merged, 1, &broken, &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (inputs); i++)
    g_free (inputs[i].data);
  for (gsize i = 0; i < G_N_ELEMENTS (nameless); i++)
    g_free (nameless[i].data);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/summary/known-bytes", test_known_bytes);
  g_test_add_func ("/files/summary/tensor-with-metadata", test_tensor_with_metadata);
  g_test_add_func ("/files/summary/merge", test_merge);
  return g_test_run ();
}
