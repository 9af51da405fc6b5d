/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/record-file.h"

#include "engine/files/crc32c.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

static void
append_record (GByteArray *file,
               const void *payload,
               size_t      size)
{
  guint start = file->len;

  g_byte_array_set_size (file, start + GW_RECORD_HEADER + (guint) size + GW_RECORD_FOOTER);
  memcpy (file->data + start + GW_RECORD_HEADER, payload, size);
  gw_record_frame (file->data + start, size);
}

static GwRecordReader *
reader_of (GByteArray    *file,
           GwRecordFlags  flags)
{
  return gw_record_reader_new (gw_input_new_memory (file->data, file->len, "records", GW_INPUT_PLAIN), flags);
}

/* The bytes that TensorFlow 2.15's TFRecordWriter wrote for b"abc". */
static void
test_known_bytes (void)
{
  static const guint8 want[] = {
    0x03, 0, 0, 0, 0, 0, 0, 0, 0xb0, 0x99, 0x49, 0x0e, 'a', 'b', 'c', 0x6e, 0x57, 0xf1, 0x21,
  };
  g_autoptr (GByteArray) file = g_byte_array_new ();

  append_record (file, "abc", 3);
  g_assert_cmpmem (file->data, file->len, want, sizeof want);
}

static void
test_compressions (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "x.tfrecord", NULL);
  static const GwInputFormat formats[] = { GW_INPUT_AUTO, GW_INPUT_AUTO, GW_INPUT_ZLIB };
  g_autoptr (GString) payload = g_string_new (NULL);

  for (int compression = GW_RECORD_PLAIN; compression <= GW_RECORD_ZLIB; compression++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GwRecordWriter) writer = gw_record_writer_new (path, (GwRecordCompression) compression, &error);
      g_autoptr (GwRecordReader) reader = NULL;
      const guint8 *got;
      size_t size;

      for (int i = 0; i < 2000; i++)
        {
          g_string_printf (payload, "record %d %*d", i, i % 97, i);
          g_assert_true (gw_record_writer_add (writer, payload->str, payload->len, &error));
        }
      g_assert_true (gw_record_writer_finish (writer, &error));
      reader = gw_record_reader_new (gw_input_open (path, formats[compression], &error), GW_RECORD_DEFAULT);
      for (int i = 0; i < 2000; i++)
        {
          g_string_printf (payload, "record %d %*d", i, i % 97, i);
          g_assert_cmpint (gw_record_reader_next (reader, &got, &size, &error), ==, GW_READ_OK);
          g_assert_cmpmem (got, size, payload->str, payload->len);
        }
      g_assert_cmpint (gw_record_reader_next (reader, &got, &size, &error), ==, GW_READ_END);
      g_assert_no_error (error);
    }
  gw_test_dir_remove (dir);
}

static void
test_damage (void)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  const guint8 *got;
  size_t size;

  append_record (file, "first", 5);
  append_record (file, "second", 6);
  for (guint at = 0; at < file->len; at++)
    {
      g_autoptr (GwRecordReader) reader = NULL;
      GwReadStatus status;

      file->data[at] ^= 0x40;
      reader = reader_of (file, GW_RECORD_DEFAULT);
      while ((status = gw_record_reader_next (reader, &got, &size, &error)) == GW_READ_OK)
        ;
      g_assert_cmpint (status, ==, GW_READ_ERROR);
      gw_test_assert_error (&error, GW_ERROR_DATA_LOSS,
                            at < 21 ? "records: corrupted record at 0" : "records: corrupted record at 21");
      g_assert_cmpint (gw_record_reader_next (reader, &got, &size, &error), ==, GW_READ_ERROR);
      gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, NULL);
      file->data[at] ^= 0x40;
    }
}

static void
test_truncated (void)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  const guint8 *got;
  size_t size;

  append_record (file, "first", 5);
  append_record (file, "second", 6);
  for (; file->len > 22; g_byte_array_set_size (file, file->len - 1))
    {
      g_autoptr (GwRecordReader) strict = NULL;
      g_autoptr (GwRecordReader) tail = NULL;
      g_autoptr (GError) error = NULL;

      if (file->len == 21 + 22)
        continue;
      strict = reader_of (file, GW_RECORD_DEFAULT);
      tail = reader_of (file, GW_RECORD_TAIL);
      g_assert_cmpint (gw_record_reader_next (strict, &got, &size, &error), ==, GW_READ_OK);
      g_assert_cmpint (gw_record_reader_next (strict, &got, &size, &error), ==, GW_READ_ERROR);
      gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "truncated record at 21");
      g_assert_cmpint (gw_record_reader_next (tail, &got, &size, &error), ==, GW_READ_OK);
      g_assert_cmpint (gw_record_reader_next (tail, &got, &size, &error), ==, GW_READ_END);
      g_assert_no_error (error);
    }
}

/* A length whose checksum is right, and that is a lie. */
static void
test_hostile_length (void)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GwRecordReader) reader = NULL;
  g_autoptr (GError) error = NULL;
  static const uint64_t lengths[] = { (uint64_t) 1 << 40, (uint64_t) 1 << 62, UINT64_MAX };
  const guint8 *got;
  size_t size;

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      guint8 header[GW_RECORD_HEADER + GW_RECORD_FOOTER];

      gw_record_frame (header, 0);
      memcpy (header, &lengths[i], 8);
      {
        uint32_t crc = gw_crc32c_mask (gw_crc32c (header, 8));

        memcpy (header + 8, &crc, 4);
      }
      g_byte_array_set_size (file, 0);
      g_byte_array_append (file, header, sizeof header);
      g_clear_pointer (&reader, gw_record_reader_free);
      reader = reader_of (file, GW_RECORD_DEFAULT);
      g_assert_cmpint (gw_record_reader_next (reader, &got, &size, &error), ==, GW_READ_ERROR);
      gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "record at 0");
    }
}

/* Byte by byte, a tailing reader sees each record exactly when it is whole. */
static void
test_tail (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = gw_test_write_file (dir, "growing", "", -1);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GwRecordReader) reader = gw_record_reader_new (gw_input_open (path, GW_INPUT_PLAIN, NULL), GW_RECORD_TAIL);
  FILE *out = fopen (path, "a");
  const guint8 *got;
  size_t size;
  int seen = 0;

  append_record (file, "a", 1);
  append_record (file, "", 0);
  append_record (file, "ccc", 3);
  for (guint i = 0; i < file->len; i++)
    {
      static const guint ends[] = { 17, 33, 52 };

      fputc (file->data[i], out);
      fflush (out);
      if (i + 1 == ends[seen])
        {
          g_assert_cmpint (gw_record_reader_next (reader, &got, &size, NULL), ==, GW_READ_OK);
          g_assert_cmpuint (gw_record_reader_offset (reader), ==, seen == 0 ? 0 : ends[seen - 1]);
          seen++;
        }
      g_assert_cmpint (gw_record_reader_next (reader, &got, &size, NULL), ==, GW_READ_END);
    }
  g_assert_cmpint (seen, ==, 3);
  fclose (out);
  gw_test_dir_remove (dir);
}

/* A half record that the writer takes back and replaces by another. */
static void
test_taken_back (void)
{
  char *dir = gw_test_dir_new ();
  g_autoptr (GByteArray) first = g_byte_array_new ();
  g_autoptr (GByteArray) second = g_byte_array_new ();
  g_autofree char *path = NULL;
  g_autoptr (GwRecordReader) reader = NULL;
  const guint8 *got;
  size_t size;

  append_record (first, "kept", 4);
  append_record (second, "kept", 4);
  append_record (first, "never finished", 14);
  append_record (second, "instead of it", 13);
  path = gw_test_write_file (dir, "log", first->data, first->len - 3);
  reader = gw_record_reader_new (gw_input_open (path, GW_INPUT_PLAIN, NULL), GW_RECORD_TAIL);
  g_assert_cmpint (gw_record_reader_next (reader, &got, &size, NULL), ==, GW_READ_OK);
  g_assert_cmpint (gw_record_reader_next (reader, &got, &size, NULL), ==, GW_READ_END);
  {
    FILE *file = fopen (path, "r+");

    g_assert_cmpuint (fwrite (second->data, 1, second->len, file), ==, second->len);
    fclose (file);
  }
  g_assert_cmpint (gw_record_reader_next (reader, &got, &size, NULL), ==, GW_READ_OK);
  g_assert_cmpmem (got, size, "instead of it", 13);
  gw_test_dir_remove (dir);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/record-file/known-bytes", test_known_bytes);
  g_test_add_func ("/files/record-file/compressions", test_compressions);
  g_test_add_func ("/files/record-file/damage", test_damage);
  g_test_add_func ("/files/record-file/truncated", test_truncated);
  g_test_add_func ("/files/record-file/hostile-length", test_hostile_length);
  g_test_add_func ("/files/record-file/tail", test_tail);
  g_test_add_func ("/files/record-file/taken-back", test_taken_back);
  return g_test_run ();
}
