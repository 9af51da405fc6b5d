/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/input-file.h"

#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

/* `size` bytes as a gzip (16) or zlib (0) stream. */
static GBytes *
squeeze (const void *data,
         gsize       size,
         int         kind)
{
  gsize capacity = size + 1024;
  guint8 *out = g_malloc (capacity);
  z_stream stream = { 0 };

  g_assert_cmpint (deflateInit2 (&stream, 6, Z_DEFLATED, 15 + kind, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
  stream.next_in = (Bytef *) data;
  stream.avail_in = (uInt) size;
  stream.next_out = out;
  stream.avail_out = (uInt) capacity;
  g_assert_cmpint (deflate (&stream, Z_FINISH), ==, Z_STREAM_END);
  capacity = stream.total_out;
  deflateEnd (&stream);
  return g_bytes_new_take (out, capacity);
}

static GwInput *
input_of (GBytes        *bytes,
          GwInputFormat  format)
{
  return gw_input_new_memory (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "memory", format);
}

/* Reads all in pieces of `step` and compares. */
static void
assert_content (GwInput    *input,
                const void *want,
                gsize       size,
                gsize       step)
{
  g_autofree guint8 *got = g_malloc (size + step);
  g_autoptr (GError) error = NULL;
  gsize done = 0;

  while (done <= size)
    {
      gssize n = gw_input_read (input, got + done, step, &error);

      g_assert_no_error (error);
      done += (gsize) n;
      if ((gsize) n < step)
        break;
    }
  g_assert_cmpmem (got, done, want, size);
  g_assert_cmpuint (gw_input_position (input), ==, size);
}

static guint8 *
noise (gsize size)
{
  guint8 *bytes = g_malloc (size);
  guint32 state = 7;

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) ((state = state * 1664525 + 1013904223) >> 26);
  return bytes;
}

static void
test_forms (void)
{
  const gsize size = 300000;
  g_autofree guint8 *data = noise (size);
  g_autoptr (GBytes) plain = g_bytes_new (data, size);
  g_autoptr (GBytes) gzip = squeeze (data, size, 16);
  g_autoptr (GBytes) zlib = squeeze (data, size, 0);
  static const gsize steps[] = { 7, 4096, 65536, 100000, 400000 };

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (GwInput) a = input_of (plain, GW_INPUT_AUTO);
      g_autoptr (GwInput) b = input_of (gzip, GW_INPUT_AUTO);
      g_autoptr (GwInput) c = input_of (zlib, GW_INPUT_ZLIB);
      g_autoptr (GwInput) d = input_of (gzip, GW_INPUT_PLAIN);

      g_assert_cmpuint (gw_input_limit (a), ==, size);
      g_assert_cmpuint (gw_input_limit (b), >=, size);
      assert_content (a, data, size, steps[i]);
      assert_content (b, data, size, steps[i]);
      assert_content (c, data, size, steps[i]);
      assert_content (d, g_bytes_get_data (gzip, NULL), g_bytes_get_size (gzip), steps[i]);
    }
}

/* gzip files may be several streams one after the other. */
static void
test_members (void)
{
  g_autoptr (GBytes) first = squeeze ("hello ", 6, 16);
  g_autoptr (GBytes) second = squeeze ("world", 5, 16);
  g_autoptr (GByteArray) both = g_byte_array_new ();
  g_autoptr (GwInput) input = NULL;

  g_byte_array_append (both, g_bytes_get_data (first, NULL), (guint) g_bytes_get_size (first));
  g_byte_array_append (both, g_bytes_get_data (second, NULL), (guint) g_bytes_get_size (second));
  input = gw_input_new_memory (both->data, both->len, "memory", GW_INPUT_AUTO);
  assert_content (input, "hello world", 11, 100);
}

static void
test_damage (void)
{
  g_autofree guint8 *data = noise (50000);
  g_autoptr (GBytes) gzip = squeeze (data, 50000, 16);
  gsize size = g_bytes_get_size (gzip);
  g_autofree guint8 *broken = g_memdup2 (g_bytes_get_data (gzip, NULL), size);
  g_autofree guint8 *out = g_malloc (60000);
  g_autoptr (GwInput) cut = gw_input_new_memory (broken, size - 9, "cut", GW_INPUT_AUTO);
  g_autoptr (GwInput) flipped = gw_input_new_memory (broken, size, "flipped", GW_INPUT_AUTO);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (gw_input_read (cut, out, 60000, &error), ==, -1);
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "cut: the compressed data ends too early");
  broken[size / 2] ^= 0x10;
  g_assert_cmpint (gw_input_read (flipped, out, 60000, &error), ==, -1);
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "flipped: the compressed data is damaged");
}

static void
test_errors (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *missing = g_build_filename (dir, "missing", NULL);
  g_autoptr (GwInput) input = gw_input_new_memory ("abc", 3, "three", GW_INPUT_PLAIN);
  g_autoptr (GError) error = NULL;
  char buffer[4];

  g_assert_null (gw_input_open (missing, GW_INPUT_AUTO, &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, missing);
  g_assert_null (gw_input_open (dir, GW_INPUT_AUTO, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, dir);
  g_assert_false (gw_input_read_all (input, buffer, 4, "the title", &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "three: ends in the middle of the title");
  gw_test_dir_remove (dir);
}

/* A plain file can be read on when it has grown. */
static void
test_growing (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = gw_test_write_file (dir, "log", "one", -1);
  g_autoptr (GwInput) input = gw_input_open (path, GW_INPUT_PLAIN, NULL);
  FILE *file = fopen (path, "a");
  char buffer[10];

  g_assert_cmpint (gw_input_read (input, buffer, 10, NULL), ==, 3);
  g_assert_cmpint (gw_input_read (input, buffer, 10, NULL), ==, 0);
  fputs ("three", file);
  fclose (file);
  g_assert_cmpuint (gw_input_limit (input), ==, 5);
  g_assert_cmpint (gw_input_read (input, buffer, 10, NULL), ==, 5);
  g_assert_cmpmem (buffer, 5, "three", 5);
  gw_test_dir_remove (dir);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/input-file/forms", test_forms);
  g_test_add_func ("/files/input-file/members", test_members);
  g_test_add_func ("/files/input-file/damage", test_damage);
  g_test_add_func ("/files/input-file/errors", test_errors);
  g_test_add_func ("/files/input-file/growing", test_growing);
  return g_test_run ();
}
