/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/alloc.h"

#include "engine/base/error.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE_PAGE ((size_t) 2 << 20)
#define LARGE ((size_t) 64 << 20)

static atomic_int fail_countdown;
static atomic_size_t limit;        /* of one block; 0 = none */
static atomic_int live_count;
static atomic_size_t large_bytes; /* in blocks of LARGE and more */

static gboolean
must_fail (size_t size)
{
  size_t most = atomic_load_explicit (&limit, memory_order_relaxed);

  if (most > 0 && size > most)
    return TRUE;
  if (atomic_load_explicit (&fail_countdown, memory_order_relaxed) <= 0)
    return FALSE;
  return atomic_fetch_sub (&fail_countdown, 1) == 1;
}

/* Kibibytes after `key` in the text of /proc/meminfo. */
static size_t
meminfo (const char *text,
         const char *key)
{
  const char *line = strstr (text, key);

  return line != NULL ? (size_t) g_ascii_strtoull (line + strlen (key), NULL, 10) << 10 : 0;
}

/* What the machine could still give to large blocks, were none of them touched yet;
 * SIZE_MAX where that cannot be found out. */
static size_t
room_for_large (void)
{
  g_autofree char *machine = NULL;
  g_autofree char *process = NULL;
  size_t available;
  char *resident;

  if (!g_file_get_contents ("/proc/meminfo", &machine, NULL, NULL) ||
      !g_file_get_contents ("/proc/self/statm", &process, NULL, NULL))
    return SIZE_MAX;
  available = meminfo (machine, "\nMemAvailable:") + meminfo (machine, "\nSwapFree:");
  if (available == 0)
    return SIZE_MAX;
  g_ascii_strtoull (process, &resident, 10);
  return available + (size_t) g_ascii_strtoull (resident, NULL, 10) * (size_t) sysconf (_SC_PAGESIZE);
}

/* Linux hands out more memory than there is and kills the program when it is used. */
static gboolean
has_room (size_t   size,
          GError **error)
{
  g_autofree char *wanted = NULL;
  g_autofree char *left = NULL;
  size_t room, taken;

  if (size < LARGE)
    return TRUE;
  room = room_for_large ();
  taken = MIN (atomic_load_explicit (&large_bytes, memory_order_relaxed), room);
  if (size <= room - taken)
    return TRUE;
  wanted = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);
  left = g_format_size_full (room - taken, G_FORMAT_SIZE_IEC_UNITS);
  g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "out of memory: %s asked for, %s are left", wanted, left);
  return FALSE;
}

/* Counts the block in (or out). */
static void
count_block (void     *memory,
             gboolean  in)
{
  size_t usable = malloc_usable_size (memory);

  if (in)
    atomic_fetch_add_explicit (&live_count, 1, memory_order_relaxed);
  else
    atomic_fetch_sub_explicit (&live_count, 1, memory_order_relaxed);
  if (usable < LARGE)
    return;
  if (in)
    atomic_fetch_add_explicit (&large_bytes, usable, memory_order_relaxed);
  else
    atomic_fetch_sub_explicit (&large_bytes, usable, memory_order_relaxed);
}

void *
gw_alloc (size_t   size,
          GError **error)
{
  gboolean huge = size >= 2 * HUGE_PAGE;
  void *memory = NULL;

  if (!has_room (size, error))
    return NULL;
  if (must_fail (size) || size > PTRDIFF_MAX / 2 ||
      posix_memalign (&memory, huge ? HUGE_PAGE : GW_ALIGNMENT, MAX (size, 1)) != 0)
    {
      g_autofree char *text = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);

      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED,
                   "out of memory: %s asked for", text);
      return NULL;
    }
  if (huge)
    madvise (memory, size, MADV_HUGEPAGE);
  count_block (memory, TRUE);
  return memory;
}

/* Zeros without touching the memory: whole pages are given back, and come as zeros. */
static gboolean
drop_pages (void   *memory,
            size_t  size)
{
  size_t whole = size / HUGE_PAGE * HUGE_PAGE;

  if (madvise (memory, whole, MADV_DONTNEED) != 0)
    return FALSE;
  memset ((char *) memory + whole, 0, size - whole);
  return TRUE;
}

void *
gw_alloc0 (size_t   size,
           GError **error)
{
  void *memory = gw_alloc (size, error);

  if (memory != NULL && (size < LARGE || !drop_pages (memory, size)))
    memset (memory, 0, size);
  return memory;
}

void
gw_free (void *memory)
{
  if (memory == NULL)
    return;
  count_block (memory, FALSE);
  free (memory);
}

int
gw_alloc_fail_after (int n)
{
  int left = atomic_exchange (&fail_countdown, n);

  return MAX (left, 0);
}

void
gw_alloc_set_limit (size_t size)
{
  atomic_store (&limit, size);
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
