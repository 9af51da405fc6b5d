/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/data/shuffle.h"
#include "tests/support/support.h"

#include <string.h>

static char *
take_all (GwShuffle *shuffle)
{
  GString *out = g_string_new (NULL);
  int64_t number;

  while ((number = gw_shuffle_next (shuffle)) >= 0)
    g_string_append_printf (out, "%s%d", out->len > 0 ? " " : "", (int) number);
  g_assert_cmpint (gw_shuffle_next (shuffle), ==, -1);
  return g_string_free (out, FALSE);
}

/* The orders that TensorFlow's own tests expect of range(10). */
static void
test_tensorflow (void)
{
  static const struct { int64_t buffer; uint64_t seed, seed2; const char *epochs[2]; } cases[] = {
    { 10, 1, 2, { "2 6 1 3 9 5 0 8 7 4", "1 6 0 5 2 7 4 3 9 8" } },
    { 2, 1, 2, { "0 2 1 3 5 6 4 7 8 9", "1 0 2 3 4 5 6 7 9 8" } },
    { 10, 2, 2, { "3 0 8 1 5 4 7 2 6 9", "4 6 9 0 1 8 2 7 3 5" } },
    { 0, 1, 2, { "2 6 1 3 9 5 0 8 7 4", "1 6 0 5 2 7 4 3 9 8" } },
    { 1000, 1, 2, { "2 6 1 3 9 5 0 8 7 4", "1 6 0 5 2 7 4 3 9 8" } },
  };
  GwShuffle once;
  g_autofree char *order = NULL;

  gw_shuffle_init (&once, 10, 3);
  gw_shuffle_start (&once, 1, 2);
  order = take_all (&once);
  g_assert_cmpstr (order, ==, "2 3 0 5 6 4 7 8 9 1");
  gw_shuffle_clear (&once);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int epoch = 1; epoch >= 0; epoch--)
      {
        GwShuffle shuffle;
        g_autofree char *got = NULL;

        gw_shuffle_init (&shuffle, 10, cases[i].buffer);
        gw_shuffle_start_epoch (&shuffle, cases[i].seed, cases[i].seed2, epoch);
        got = take_all (&shuffle);
        g_assert_cmpstr (got, ==, cases[i].epochs[epoch]);
        gw_shuffle_clear (&shuffle);
      }
}

static void
test_permutation (void)
{
  const int n = 5000;
  static const int64_t buffers[] = { 1, 7, 4999, 5000, 0 };

  for (gsize b = 0; b < G_N_ELEMENTS (buffers); b++)
    {
      g_autofree guint8 *seen = g_new0 (guint8, n);
      gboolean moved = FALSE;
      GwShuffle shuffle;

      gw_shuffle_init (&shuffle, n, buffers[b]);
      gw_shuffle_start (&shuffle, 5, b);
      for (int64_t i = 0; i < n; i++)
        {
          int64_t number = gw_shuffle_next (&shuffle);

          g_assert_true (number >= 0 && number < n && !seen[number]);
          g_assert_true (buffers[b] == 0 || number < i + buffers[b]);
          seen[number] = 1;
          moved = moved || number != i;
        }
      g_assert_cmpint (gw_shuffle_next (&shuffle), ==, -1);
      g_assert_cmpint (moved, ==, buffers[b] != 1);
      gw_shuffle_clear (&shuffle);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shuffle/tensorflow", test_tensorflow);
  g_test_add_func ("/shuffle/permutation", test_permutation);
  return g_test_run ();
}
