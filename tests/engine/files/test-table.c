/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/table-private.h"

#include "engine/files/crc32c.h"
#include "tests/support/support.h"

#include <snappy-c.h>
#include <string.h>

static void
key_of (int   i,
        char *key)
{
  g_snprintf (key, 64, "layer%03d/some/longer/name/%06d", i / 100, i);
}

/* A table of `n` entries, the value of entry i being i bytes of 'v', up to 50. */
static GBytes *
make_table (const char *dir,
            int         n)
{
  g_autofree char *path = g_build_filename (dir, "table", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwAtomicFile) file = gw_atomic_file_new (path, &error);
  g_autoptr (GwTableWriter) writer = gw_table_writer_new (file);
  char value[50];
  char *bytes;
  gsize size;
  char key[64];

  memset (value, 'v', sizeof value);
  for (int i = 0; i < n; i++)
    {
      key_of (i, key);
      g_assert_true (gw_table_writer_add (writer, key, strlen (key), value, (size_t) i % 50, &error));
    }
  g_assert_true (gw_table_writer_finish (writer, &error));
  g_assert_true (gw_atomic_file_commit (file, &error));
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  return g_bytes_new_take (bytes, size);
}

static gboolean
count_entry (void          *data,
             const guint8  *key,
             size_t         key_size,
             const guint8  *value,
             size_t         value_size,
             GError       **error)
{
  int *n = data;
  char want[64];

  key_of (*n, want);
  g_assert_cmpmem (key, key_size, want, strlen (want));
  g_assert_cmpuint (value_size, ==, *n % 50);
  (*n)++;
  return TRUE;
}

/* For damaged tables: what comes is not looked at. */
static gboolean
take_entry (void          *data,
            const guint8  *key,
            size_t         key_size,
            const guint8  *value,
            size_t         value_size,
            GError       **error)
{
  (*(int *) data)++;
  return TRUE;
}

static void
test_round_trip (void)
{
  char *dir = gw_test_dir_new ();
  static const int sizes[] = { 0, 1, 15, 16, 17, 1000, 30000 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) table = make_table (dir, sizes[i]);
      g_autoptr (GError) error = NULL;
      int n = 0;

      g_assert_true (gw_table_foreach (g_bytes_get_data (table, NULL), g_bytes_get_size (table), "table",
                                       count_entry, &n, &error));
      g_assert_no_error (error);
      g_assert_cmpint (n, ==, sizes[i]);
      if (sizes[i] == 30000)
        g_assert_cmpuint (g_bytes_get_size (table), >, 2 * 262144); /* several blocks */
    }
  gw_test_dir_remove (dir);
}

/* The empty table: metaindex block 00000000 01000000, type 00; the magic number. */
static void
test_known_bytes (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GBytes) table = make_table (dir, 0);
  const guint8 *bytes = g_bytes_get_data (table, NULL);
  gsize size = g_bytes_get_size (table);

  g_assert_cmpuint (size, ==, 13 + 13 + 48);
  g_assert_cmpmem (bytes, 9, "\0\0\0\0\1\0\0\0\0", 9);
  g_assert_cmpmem (bytes + size - 8, 8, "\x57\xfb\x80\x8b\x24\x75\x47\xdb", 8);
  gw_test_dir_remove (dir);
}

/* A flipped bit is noticed wherever it would change what is read. */
static void
test_damage (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GBytes) table = make_table (dir, 40);
  gsize size = g_bytes_get_size (table);
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (table, NULL), size);

  for (gsize at = 0; at < size; at++)
    {
      g_autoptr (GError) error = NULL;
      gboolean padding = at >= size - 48 && at < size - 8;
      int n = 0;

      bytes[at] ^= 0x04;
      if (!gw_table_foreach (bytes, size, "table", take_entry, &n, &error))
        g_assert_true (error->domain == GW_ERROR);
      else
        g_assert_true (padding || n == 40); /* in the metaindex, which is not read */
      bytes[at] ^= 0x04;
    }
  for (gsize cut = 0; cut < size; cut++)
    {
      int n = 0;

      g_assert_false (gw_table_foreach (bytes, cut, "table", take_entry, &n, NULL));
    }
  gw_test_dir_remove (dir);
}

static void
append_block (GByteArray   *file,
              const guint8 *body,
              gsize         size,
              guint8        type)
{
  guint start = file->len;
  guint32 crc;

  g_byte_array_append (file, body, (guint) size);
  g_byte_array_append (file, &type, 1);
  crc = GUINT32_TO_LE (gw_crc32c_mask (gw_crc32c (file->data + start, size + 1)));
  g_byte_array_append (file, (const guint8 *) &crc, 4);
}

static void
append_footer (GByteArray *file,
               guint8      index_offset,
               guint8      index_size)
{
  guint8 footer[48] = { 0, 0, index_offset, index_size };

  memcpy (footer + 40, "\x57\xfb\x80\x8b\x24\x75\x47\xdb", 8);
  g_byte_array_append (file, footer, sizeof footer);
}

/* One data block with one entry k → value, Snappy-compressed. */
static GByteArray *
snappy_table (guint8 claimed)
{
  static const guint8 body[] = { 0, 1, 3, 'k', 'v', 'v', 'v', 0, 0, 0, 0, 1, 0, 0, 0 };
  guint8 index[] = { 0, 1, 2, 'l', 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 };
  GByteArray *file = g_byte_array_new ();
  char packed[100];
  size_t size = sizeof packed;
  guint8 index_offset;

  g_assert_cmpint (snappy_compress ((const char *) body, sizeof body, packed, &size), ==, SNAPPY_OK);
  if (claimed != 0)
    packed[0] = (char) claimed;
  index[5] = (guint8) size;
  append_block (file, (guint8 *) packed, size, 1);
  index_offset = (guint8) file->len;
  append_block (file, index, sizeof index, 0);
  append_footer (file, index_offset, sizeof index);
  return file;
}

static gboolean
snappy_entry (void          *data,
              const guint8  *key,
              size_t         key_size,
              const guint8  *value,
              size_t         value_size,
              GError       **error)
{
  g_assert_cmpmem (key, key_size, "k", 1);
  g_assert_cmpmem (value, value_size, "vvv", 3);
  *(int *) data = 1;
  return TRUE;
}

static void
test_snappy (void)
{
  g_autoptr (GByteArray) good = snappy_table (0);
  g_autoptr (GByteArray) bad = snappy_table (14);
  g_autoptr (GError) error = NULL;
  int seen = 0;

  g_assert_true (gw_table_foreach (good->data, good->len, "t", snappy_entry, &seen, &error));
  g_assert_cmpint (seen, ==, 1);
  g_assert_false (gw_table_foreach (bad->data, bad->len, "t", take_entry, &seen, &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "compressed block is damaged");
}

/* A plain data block of our own making, under a right checksum. */
static void
assert_refused (const guint8 *body,
                gsize         size,
                guint8        type,
                GwErrorCode   code,
                const char   *part)
{
  guint8 index[] = { 0, 1, 2, 'z', 0, (guint8) size, 0, 0, 0, 0, 1, 0, 0, 0 };
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  guint8 index_offset;
  int n = 0;

  append_block (file, body, size, type);
  index_offset = (guint8) file->len;
  append_block (file, index, sizeof index, 0);
  append_footer (file, index_offset, sizeof index);
  g_assert_false (gw_table_foreach (file->data, file->len, "t", take_entry, &n, &error));
  gw_test_assert_error (&error, code, part);
}

static void
test_hostile (void)
{
  static const guint8 shared_beyond[] = { 5, 1, 0, 'k', 0, 0, 0, 0, 1, 0, 0, 0 };
  static const guint8 value_beyond[] = { 0, 1, 100, 'k', 0, 0, 0, 0, 1, 0, 0, 0 };
  static const guint8 huge[] = { 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 'k', 0, 0, 0, 0, 1, 0, 0, 0 };
  static const guint8 restarts[] = { 0, 1, 0, 'k', 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff };
  static const guint8 order[] = { 0, 1, 0, 'b', 0, 1, 0, 'a', 0, 0, 0, 0, 1, 0, 0, 0 };
  static const guint8 twice[] = { 0, 1, 0, 'b', 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 };

  assert_refused (shared_beyond, sizeof shared_beyond, 0, GW_ERROR_DATA_LOSS, "an entry of a block is damaged");
  assert_refused (value_beyond, sizeof value_beyond, 0, GW_ERROR_DATA_LOSS, "an entry of a block is damaged");
  assert_refused (huge, sizeof huge, 0, GW_ERROR_DATA_LOSS, "an entry of a block is damaged");
  assert_refused (restarts, sizeof restarts, 0, GW_ERROR_DATA_LOSS, "a block is damaged");
  assert_refused (order, sizeof order, 0, GW_ERROR_DATA_LOSS, "not in order");
  assert_refused (twice, sizeof twice, 0, GW_ERROR_DATA_LOSS, "not in order");
  assert_refused (order, sizeof order, 2, GW_ERROR_UNIMPLEMENTED, "compression 2");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/table/round-trip", test_round_trip);
  g_test_add_func ("/files/table/known-bytes", test_known_bytes);
  g_test_add_func ("/files/table/damage", test_damage);
  g_test_add_func ("/files/table/snappy", test_snappy);
  g_test_add_func ("/files/table/hostile", test_hostile);
  return g_test_run ();
}
