/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/alloc.h"
#include "engine/runtime/memory-plan.h"

#include <limits.h>

static gboolean
overlap (const GwBlock *a,
         const GwBlock *b)
{
  gboolean in_time = a->first <= b->last && b->first <= a->last;
  gboolean in_space = a->offset < b->offset + MAX (b->bytes, 1) && b->offset < a->offset + MAX (a->bytes, 1);

  return in_time && in_space;
}

static void
test_reuse (void)
{
  GwBlock blocks[] = { { 1000, 0, 1, 0 }, { 1000, 1, 2, 0 }, { 1000, 2, 3, 0 }, { 1000, 3, 4, 0 } };

  g_assert_cmpuint (gw_memory_plan (blocks, 4), ==, 2048);
  g_assert_cmpuint (blocks[0].offset, ==, blocks[2].offset);
}

static void
test_random (void)
{
  GRand *rand = g_rand_new_with_seed (7);

  for (int round = 0; round < 200; round++)
    {
      GwBlock blocks[60];
      size_t size, sum = 0;

      for (int i = 0; i < 60; i++)
        {
          blocks[i] = (GwBlock) { (size_t) g_rand_int_range (rand, 0, 5000), i, i + g_rand_int_range (rand, 0, 20), 0 };
          if (g_rand_int_range (rand, 0, 10) == 0)
            blocks[i].last = INT_MAX;
          sum += blocks[i].bytes + GW_ALIGNMENT;
        }
      size = gw_memory_plan (blocks, 60);
      g_assert_cmpuint (size, <=, sum);
      for (int i = 0; i < 60; i++)
        {
          g_assert_cmpuint (blocks[i].offset % GW_ALIGNMENT, ==, 0);
          g_assert_cmpuint (blocks[i].offset + blocks[i].bytes, <=, size);
          for (int j = 0; j < i; j++)
            g_assert_false (overlap (&blocks[i], &blocks[j]));
        }
    }
  g_rand_free (rand);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory-plan/reuse", test_reuse);
  g_test_add_func ("/memory-plan/random", test_random);
  return g_test_run ();
}
