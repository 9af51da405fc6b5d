/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/alloc.h"
#include "tests/support/support.h"

#include <stdint.h>
#include <string.h>

static void
test_alignment (void)
{
  static const size_t sizes[] = { 0, 1, 63, 64, 65, 4096, (size_t) 5 << 20 };
  int live = gw_alloc_live_count ();

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;
      void *memory = gw_alloc0 (sizes[i], &error);

      g_assert_no_error (error);
      g_assert_cmpuint ((uintptr_t) memory % GW_ALIGNMENT, ==, 0);
      if (sizes[i] > (size_t) 4 << 20)
        g_assert_cmpuint ((uintptr_t) memory % ((size_t) 2 << 20), ==, 0);
      for (size_t b = 0; b < sizes[i]; b++)
        g_assert_true (((char *) memory)[b] == 0);
      g_assert_cmpint (gw_alloc_live_count (), ==, live + 1);
      gw_free (memory);
    }
  gw_free (NULL);
  g_assert_cmpint (gw_alloc_live_count (), ==, live);
}

static void
test_too_much (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gw_alloc (SIZE_MAX - 100, &error));
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, "out of memory");
  g_assert_null (gw_alloc ((size_t) 1 << 61, &error));
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, "EiB");
}

/* Large blocks: zeros also where the memory was used before, and no more than there is. */
static void
test_large (void)
{
  size_t size = ((size_t) 70 << 20) + 12345;
  g_autoptr (GError) error = NULL;

  for (int round = 0; round < 3; round++)
    {
      guint8 *memory = gw_alloc0 (size, &error);

      g_assert_no_error (error);
      for (size_t b = 0; b < size; b++)
        if (memory[b] != 0)
          g_error ("byte %" G_GSIZE_FORMAT " is not zero", b);
      memset (memory, 0xa5, size);
      gw_free (memory);
    }
  g_assert_null (gw_alloc ((size_t) 1 << 46, &error));
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, "asked for");
}

static void
test_fail_after (void)
{
  g_autoptr (GError) error = NULL;
  void *first;
  void *third;

  g_assert_cmpint (gw_alloc_fail_after (2), ==, 0);
  first = gw_alloc (8, &error);
  g_assert_nonnull (first);
  g_assert_null (gw_alloc (8, &error));
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, NULL);
  third = gw_alloc (8, &error);
  g_assert_nonnull (third);
  g_assert_cmpint (gw_alloc_fail_after (5), ==, 0);
  g_assert_cmpint (gw_alloc_fail_after (0), ==, 5);
  gw_free (first);
  gw_free (third);
}

static void
test_size_mul (void)
{
  size_t product;

  g_assert_true (gw_size_mul (6, 7, &product));
  g_assert_cmpuint (product, ==, 42);
  g_assert_false (gw_size_mul (SIZE_MAX / 2, 3, &product));
  g_assert_false (gw_size_mul ((size_t) PTRDIFF_MAX / 2 + 1, 2, &product));
  g_assert_true (gw_size_mul (0, SIZE_MAX, &product));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/alloc/alignment", test_alignment);
  g_test_add_func ("/alloc/too-much", test_too_much);
  g_test_add_func ("/alloc/large", test_large);
  g_test_add_func ("/alloc/fail-after", test_fail_after);
  g_test_add_func ("/alloc/size-mul", test_size_mul);
  return g_test_run ();
}
