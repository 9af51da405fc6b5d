/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/alloc.h"

#include "engine/base/error.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t) 2 << 20)

static atomic_int fail_countdown;
static atomic_int live_count;

static gboolean
must_fail (void)
{
  if (atomic_load_explicit (&fail_countdown, memory_order_relaxed) <= 0)
    return FALSE;
  return atomic_fetch_sub (&fail_countdown, 1) == 1;
}

void *
gw_alloc (size_t   size,
          GError **error)
{
  gboolean huge = size >= 2 * HUGE_PAGE;
  void *memory = NULL;

  if (must_fail () || size > PTRDIFF_MAX / 2 ||
      posix_memalign (&memory, huge ? HUGE_PAGE : GW_ALIGNMENT, MAX (size, 1)) != 0)
    {
      g_autofree char *text = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);

      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED,
                   "out of memory: %s asked for", text);
      return NULL;
    }
  if (huge)
    madvise (memory, size, MADV_HUGEPAGE);
  atomic_fetch_add_explicit (&live_count, 1, memory_order_relaxed);
  return memory;
}

void *
gw_alloc0 (size_t   size,
           GError **error)
{
  void *memory = gw_alloc (size, error);

  if (memory != NULL)
    memset (memory, 0, size);
  return memory;
}

void
gw_free (void *memory)
{
  if (memory == NULL)
    return;
  atomic_fetch_sub_explicit (&live_count, 1, memory_order_relaxed);
  free (memory);
}

int
gw_alloc_fail_after (int n)
{
  int left = atomic_exchange (&fail_countdown, n);

  return MAX (left, 0);
}

int
gw_alloc_live_count (void)
{
  return atomic_load (&live_count);
}

gboolean
gw_size_mul (size_t  a,
             size_t  b,
             size_t *product)
{
  return !__builtin_mul_overflow (a, b, product) && *product <= PTRDIFF_MAX;
}
