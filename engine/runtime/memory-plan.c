/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/runtime/memory-plan.h"

#include "engine/base/alloc.h"

#include <stdint.h>

/* Free ranges of the arena, sorted by offset, never touching each other. */
typedef struct {
  size_t offset;
  size_t bytes;
} Range;

typedef struct {
  GArray *ranges;
  size_t  size;   /* of the arena so far */
} Arena;

static size_t
round_up (size_t bytes)
{
  return (MAX (bytes, 1) + GW_ALIGNMENT - 1) / GW_ALIGNMENT * GW_ALIGNMENT;
}

/* The smallest free range that fits, so that large ones stay whole. */
static int
best_fit (const Arena *arena,
          size_t       bytes)
{
  int best = -1;

  for (guint i = 0; i < arena->ranges->len; i++)
    {
      const Range *range = &g_array_index (arena->ranges, Range, i);

      if (range->bytes >= bytes &&
          (best < 0 || range->bytes < g_array_index (arena->ranges, Range, best).bytes))
        best = (int) i;
    }
  return best;
}

/* Where the arena ends when it grows by `bytes` from `offset`; SIZE_MAX, which nobody
 * can allocate, once that is beyond counting. */
static size_t
grown (size_t offset,
       size_t bytes)
{
  return bytes > SIZE_MAX - offset ? SIZE_MAX : offset + bytes;
}

static size_t
take (Arena *arena,
      size_t bytes)
{
  int index = best_fit (arena, bytes);
  guint n = arena->ranges->len;
  size_t offset;

  if (index >= 0)
    {
      Range *range = &g_array_index (arena->ranges, Range, index);

      offset = range->offset;
      range->offset += bytes;
      range->bytes -= bytes;
      if (range->bytes == 0)
        g_array_remove_index (arena->ranges, (guint) index);
      return offset;
    }
  if (n > 0)
    {
      Range *last = &g_array_index (arena->ranges, Range, n - 1);

      if (last->offset + last->bytes == arena->size)
        {
          offset = last->offset;
          g_array_set_size (arena->ranges, n - 1);
          arena->size = grown (offset, bytes);
          return offset;
        }
    }
  offset = arena->size;
  arena->size = grown (offset, bytes);
  return offset;
}

static void
give (Arena *arena,
      size_t offset,
      size_t bytes)
{
  Range range = { offset, bytes };
  guint i = 0;

  while (i < arena->ranges->len && g_array_index (arena->ranges, Range, i).offset < offset)
    i++;
  g_array_insert_val (arena->ranges, i, range);
  if (i + 1 < arena->ranges->len)
    {
      Range *here = &g_array_index (arena->ranges, Range, i);
      Range *next = &g_array_index (arena->ranges, Range, i + 1);

      if (here->offset + here->bytes == next->offset)
        {
          here->bytes += next->bytes;
          g_array_remove_index (arena->ranges, i + 1);
        }
    }
  if (i > 0)
    {
      Range *before = &g_array_index (arena->ranges, Range, i - 1);
      Range *here = &g_array_index (arena->ranges, Range, i);

      if (before->offset + before->bytes == here->offset)
        {
          before->bytes += here->bytes;
          g_array_remove_index (arena->ranges, i);
        }
    }
}

static gint
compare_last (gconstpointer a,
              gconstpointer b)
{
  const GwBlock *const *first = a;
  const GwBlock *const *second = b;

  return ((*first)->last > (*second)->last) - ((*first)->last < (*second)->last);
}

size_t
gw_memory_plan (GwBlock *blocks,
                int      n_blocks)
{
  Arena arena = { g_array_new (FALSE, FALSE, sizeof (Range)), 0 };
  g_autofree GwBlock **by_end = g_new (GwBlock *, MAX (n_blocks, 1));
  int ended = 0;

  for (int i = 0; i < n_blocks; i++)
    by_end[i] = &blocks[i];
  qsort (by_end, (size_t) n_blocks, sizeof *by_end, compare_last);
  for (int i = 0; i < n_blocks; i++)
    {
      for (; ended < n_blocks && by_end[ended]->last < blocks[i].first; ended++)
        give (&arena, by_end[ended]->offset, round_up (by_end[ended]->bytes));
      blocks[i].offset = take (&arena, round_up (blocks[i].bytes));
    }
  g_array_unref (arena.ranges);
  return arena.size;
}
