/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target without a fuzzer: every file of a corpus folder as it is, then
 * `count` mutations of each, the same ones every time.
 *   fuzz-x CORPUS [COUNT [SEED]]                                              */
#include "tests/fuzz/fuzz.h"

#include "engine/base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SIZE ((gsize) 1 << 20)

static guint64 state;

/* splitmix64 */
static guint64
next_random (void)
{
  guint64 z = state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static gsize
below (gsize n)
{
  return n > 0 ? (gsize) (next_random () % n) : 0;
}

static void
insert (GByteArray *bytes,
        gsize       at,
        gsize       size)
{
  guint old = bytes->len;

  g_byte_array_set_size (bytes, old + (guint) size);
  memmove (bytes->data + at + size, bytes->data + at, old - at);
}

/* One small change. */
static void
mutate (GByteArray *bytes)
{
  static const guint8 edges[] = { 0, 1, 0x7f, 0x80, 0xfe, 0xff, '"', '\n', ',', '-', '9' };
  gsize at = below (bytes->len);
  gsize wish = 1 + below (16);
  gsize run = MIN (wish, bytes->len - at);

  switch (bytes->len > 0 ? below (8) : 6)
    {
    case 0:
    case 1:
      bytes->data[at] ^= (guint8) (1 << below (8));
      break;
    case 2:
      bytes->data[at] = edges[below (G_N_ELEMENTS (edges))];
      break;
    case 3:
      memset (bytes->data + at, edges[below (G_N_ELEMENTS (edges))], run);
      break;
    case 4:
      g_byte_array_remove_range (bytes, (guint) at, (guint) run);
      break;
    case 5:
      insert (bytes, at, run);
      memcpy (bytes->data + at, bytes->data + at + run, run);
      break;
    case 6:
      insert (bytes, at, 1);
      bytes->data[at] = (guint8) next_random ();
      break;
    default:
      if (below (4) == 0)
        g_byte_array_set_size (bytes, (guint) at);
      else
        memmove (bytes->data + at, bytes->data + below (bytes->len - run + 1), run);
      break;
    }
}

/* No memory may be left behind, whatever the input was. */
static void
run_one (const guint8 *data,
         gsize         size)
{
  int before = gw_alloc_live_count ();
  guint8 *exact = g_malloc (MAX (size, 1)); /* so that a sanitizer sees the end */

  if (size > 0)
    memcpy (exact, data, size);
  LLVMFuzzerTestOneInput (exact, size);
  g_free (exact);
  g_assert_cmpint (gw_alloc_live_count (), ==, before);
}

static void
run_file (const char *path,
          int         count)
{
  g_autofree char *content = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  g_assert_cmpuint (size, <=, MAX_SIZE);
  run_one ((const guint8 *) content, size);
  for (int i = 0; i < count; i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      if (size > 0)
        g_byte_array_append (bytes, (const guint8 *) content, (guint) size);
      for (gsize changes = 1 + below (4); changes > 0; changes--)
        mutate (bytes);
      run_one (bytes->data, bytes->len);
    }
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

int
main (int    argc,
      char **argv)
{
  const char *folder = argc > 1 ? argv[1] : ".";
  int count = argc > 2 ? atoi (argv[2]) : 1000;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  g_assert_cmpuint (names->len, >, 0);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, g_ptr_array_index (names, i), NULL);

      state = argc > 3 ? g_ascii_strtoull (argv[3], NULL, 10) : i;
      run_file (path, count);
    }
  g_print ("1..1\nok 1 %s: %u files, %d mutations each\n", folder, names->len, count);
  return 0;
}
