/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/checkpoint.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/files/checkpoint-private.h"
#include "engine/tensor/text.h"
#include "tests/engine/files/hex.h"
#include "tests/support/support.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

static const GwDType dtypes[] = {
  GW_FLOAT32, GW_FLOAT64, GW_INT32, GW_UINT8, GW_INT16, GW_INT8, GW_STRING, GW_COMPLEX64, GW_INT64,
  GW_BOOL, GW_BFLOAT16, GW_UINT16, GW_COMPLEX128, GW_FLOAT16, GW_UINT32, GW_UINT64,
};

/* Some tensor of that type; strings with zeros, long and empty ones. */
static GwTensor *
sample (GwDType dtype,
        int     variant)
{
  static const GwShape shapes[] = { { .rank = 0 }, { .rank = 2, .dims = { 3, 5 } }, { .rank = 3, .dims = { 2, 0, 4 } } };
  GwTensor *tensor = gw_tensor_new (dtype, &shapes[variant % 3], NULL);
  g_autofree char *text = g_strnfill (400, 'x');

  text[1] = '\0';
  for (size_t i = 0; i < tensor->bytes && dtype != GW_STRING; i++)
    GW_TENSOR_DATA (tensor, uint8_t)[i] = (uint8_t) (dtype == GW_BOOL ? i & 1 : i * 37 + 200 + (size_t) variant);
  for (int64_t i = 0; i < tensor->elements && dtype == GW_STRING; i++)
    gw_string_set (&GW_TENSOR_DATA (tensor, GwString)[i], text, (size_t) (i * 29) % 400);
  return tensor;
}

static char *
write_samples (const char *dir,
               int         variant)
{
  char *prefix = g_build_filename (dir, "model.ckpt-1", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwCheckpointWriter) writer = gw_checkpoint_writer_new (prefix, &error);

  g_assert_no_error (error);
  for (gsize d = 0; d < G_N_ELEMENTS (dtypes); d++)
    for (int v = 0; v < 3; v++)
      {
        g_autoptr (GwTensor) tensor = sample (dtypes[d], v + variant);
        g_autofree char *name = g_strdup_printf ("%s/%d", gw_dtype_name (dtypes[d]), v);

        g_assert_true (gw_checkpoint_writer_add (writer, name, tensor, &error));
      }
  g_assert_true (gw_checkpoint_writer_finish (writer, &error));
  g_assert_no_error (error);
  return prefix;
}

static void
assert_samples (const char *prefix,
                int         variant)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwCheckpoint) checkpoint = gw_checkpoint_open (prefix, &error);

  g_assert_no_error (error);
  g_assert_cmpint (gw_checkpoint_n_entries (checkpoint), ==, 3 * (int) G_N_ELEMENTS (dtypes));
  for (int i = 1; i < gw_checkpoint_n_entries (checkpoint); i++)
    g_assert_cmpstr (gw_checkpoint_entry (checkpoint, i - 1)->name, <, gw_checkpoint_entry (checkpoint, i)->name);
  for (gsize d = 0; d < G_N_ELEMENTS (dtypes); d++)
    for (int v = 0; v < 3; v++)
      {
        g_autoptr (GwTensor) want = sample (dtypes[d], v + variant);
        g_autofree char *name = g_strdup_printf ("%s/%d", gw_dtype_name (dtypes[d]), v);
        const GwCheckpointEntry *entry = gw_checkpoint_find (checkpoint, name);
        g_autoptr (GwTensor) got = gw_checkpoint_read (checkpoint, name, &error);

        g_assert_no_error (error);
        g_assert_cmpint (entry->dtype, ==, dtypes[d]);
        g_assert_true (gw_shape_equal (&entry->shape, &want->shape));
        g_assert_false (entry->partitioned);
        g_assert_null (entry->problem);
        if (dtypes[d] != GW_STRING)
          g_assert_cmpint (entry->bytes, ==, (int64_t) want->bytes);
        g_assert_true (gw_tensor_equal (got, want));
      }
}

static void
test_round_trip (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *folder = g_build_filename (dir, "made", "here", NULL);
  g_autofree char *prefix = write_samples (folder, 0);
  g_autofree char *data = g_strconcat (prefix, ".data-00000-of-00001", NULL);

  g_assert_true (g_file_test (data, G_FILE_TEST_EXISTS));
  assert_samples (prefix, 0);
  gw_test_dir_remove (dir);
}

/* Names of files beginning with the prefix. */
static int
count_files (const char *dir)
{
  g_autoptr (GDir) files = g_dir_open (dir, 0, NULL);
  int n = 0;

  while (g_dir_read_name (files) != NULL)
    n++;
  return n;
}

/* Over and over under one prefix: always whole, never more than two files. */
static void
test_overwrite (void)
{
  char *dir = gw_test_dir_new ();

  for (int variant = 0; variant < 4; variant++)
    {
      g_autofree char *prefix = write_samples (dir, variant);

      assert_samples (prefix, variant);
      g_assert_cmpint (count_files (dir), ==, 2);
    }
  gw_test_dir_remove (dir);
}

static void
test_known_header (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *prefix = g_build_filename (dir, "p", NULL);
  g_autofree char *index = g_strconcat (prefix, ".index", NULL);
  g_autoptr (GwCheckpointWriter) writer = gw_checkpoint_writer_new (prefix, NULL);
  g_autoptr (GwTensor) step = gw_tensor_new_int64 (7);
  g_autofree char *bytes = NULL;
  g_autofree char *hex = NULL;
  gsize size;

  g_assert_true (gw_checkpoint_writer_add (writer, "global_step", step, NULL));
  g_assert_true (gw_checkpoint_writer_finish (writer, NULL));
  g_assert_true (g_file_get_contents (index, &bytes, &size, NULL));
  hex = bytes_hex (bytes, size);
  /* shared 0, unshared 0, 6 bytes of header; then “global_step” in full; 9 bytes are dtype, shape, size, crc */
  g_assert_true (g_str_has_prefix (hex, "00000608011a020801" "000b0b676c6f62616c5f73746570" "08091200" "2808" "35"));
  /* the last key's successor in the index block */
  g_assert_nonnull (strstr (hex, "00010268"));
  gw_test_dir_remove (dir);
}

/* An error, a kill (the writer given up) and a full disk leave the old one alone. */
static void
test_old_one_stays (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *prefix = write_samples (dir, 0);
  g_autoptr (GwTensor) large = gw_tensor_new_zeros (GW_FLOAT32, &GW_SHAPE (1000, 1000), NULL);
  g_autoptr (GError) error = NULL;
  struct rlimit before, limit;
  gboolean ok;

  {
    g_autoptr (GwCheckpointWriter) writer = gw_checkpoint_writer_new (prefix, NULL);

    g_assert_true (gw_checkpoint_writer_add (writer, "x", large, NULL));
    g_assert_false (gw_checkpoint_writer_add (writer, "x", large, &error));
    gw_test_assert_error (&error, GW_ERROR_ALREADY_EXISTS, "x");
    g_assert_false (gw_checkpoint_writer_add (writer, "", large, &error));
    gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, NULL);
  }
  assert_samples (prefix, 0);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  signal (SIGXFSZ, SIG_IGN);
  limit = before;
  limit.rlim_cur = 1000000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  {
    g_autoptr (GwCheckpointWriter) writer = gw_checkpoint_writer_new (prefix, &error);

    ok = gw_checkpoint_writer_add (writer, "x", large, &error) && gw_checkpoint_writer_finish (writer, &error);
  }
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_false (ok);
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, prefix);
  assert_samples (prefix, 0);
  g_assert_cmpint (count_files (dir), ==, 2);
  gw_test_dir_remove (dir);
}

/* The index that cannot be put in place leaves no half of the new one. */
static void
test_index_in_the_way (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *prefix = g_build_filename (dir, "p", NULL);
  g_autofree char *index = g_strconcat (prefix, ".index", NULL);
  g_autoptr (GwCheckpointWriter) writer = gw_checkpoint_writer_new (prefix, NULL);
  g_autoptr (GwTensor) step = gw_tensor_new_int64 (7);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (index, 0777), ==, 0);
  g_assert_true (gw_checkpoint_writer_add (writer, "a", step, NULL));
  g_assert_false (gw_checkpoint_writer_finish (writer, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, index);
  g_clear_pointer (&writer, gw_checkpoint_writer_free);
  g_assert_cmpint (count_files (dir), ==, 1);
  gw_test_dir_remove (dir);
}

static void
test_many (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *prefix = g_build_filename (dir, "many", NULL);
  g_autoptr (GwCheckpointWriter) writer = gw_checkpoint_writer_new (prefix, NULL);
  g_autoptr (GwCheckpoint) checkpoint = NULL;
  g_autoptr (GwTensor) got = NULL;

  for (int i = 0; i < 20000; i++)
    {
      g_autoptr (GwTensor) tensor = gw_tensor_new_int64 (i);
      g_autofree char *name = g_strdup_printf ("scope/of/many/variables/weights_%d", i * 7919 % 20000);

      g_assert_true (gw_checkpoint_writer_add (writer, name, tensor, NULL));
    }
  g_assert_true (gw_checkpoint_writer_finish (writer, NULL));
  checkpoint = gw_checkpoint_open (prefix, NULL);
  g_assert_cmpint (gw_checkpoint_n_entries (checkpoint), ==, 20000);
  for (int i = 0; i < 20000; i += 371)
    {
      g_autofree char *name = g_strdup_printf ("scope/of/many/variables/weights_%d", i * 7919 % 20000);
      g_autoptr (GwTensor) tensor = gw_checkpoint_read (checkpoint, name, NULL);

      g_assert_cmpint (gw_tensor_get_int (tensor, 0), ==, i);
    }
  gw_test_dir_remove (dir);
}

static void
test_read_errors (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *prefix = write_samples (dir, 0);
  g_autofree char *data = g_strconcat (prefix, ".data-00000-of-00001", NULL);
  g_autofree char *missing = g_build_filename (dir, "none", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwCheckpoint) checkpoint = gw_checkpoint_open (prefix, NULL);
  g_autofree char *bytes = NULL;
  gsize size;

  g_assert_null (gw_checkpoint_open (missing, &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, "none.index");
  g_assert_null (gw_checkpoint_find (checkpoint, "nobody"));
  g_assert_null (gw_checkpoint_read (checkpoint, "nobody", &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, "Key nobody not found in checkpoint");
  g_assert_true (g_file_get_contents (data, &bytes, &size, NULL));
  for (gsize i = 0; i < size; i++)
    bytes[i] ^= 0x20;
  g_assert_true (g_file_set_contents (data, bytes, (gssize) size, NULL));
  for (int i = 0; i < gw_checkpoint_n_entries (checkpoint); i++)
    {
      const GwCheckpointEntry *entry = gw_checkpoint_entry (checkpoint, i);

      if (entry->bytes == 0)
        continue;
      g_assert_null (gw_checkpoint_read (checkpoint, entry->name, &error));
      gw_test_assert_error (&error, GW_ERROR_DATA_LOSS,
                            entry->dtype == GW_STRING ? entry->name : "Checksum does not match: stored");
    }
  g_assert_true (g_file_set_contents (data, bytes, 3, NULL));
  g_assert_null (gw_checkpoint_read (checkpoint, "uint64/1", &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "shorter than the index says");
  g_assert_cmpint (g_unlink (data), ==, 0);
  g_assert_null (gw_checkpoint_read (checkpoint, "uint64/1", &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, data);
  gw_test_dir_remove (dir);
}

/* Written by TensorFlow 2.15's tf.compat.v1.train.Saver. */
static void
test_from_tensorflow (void)
{
  g_autofree char *prefix = g_build_filename (GW_DATA_DIR, "tf", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwCheckpoint) checkpoint = gw_checkpoint_open (prefix, &error);
  g_autoptr (GwTensor) strings = gw_checkpoint_read (checkpoint, "strings", &error);
  g_autoptr (GwTensor) step = gw_checkpoint_read (checkpoint, "global_step", &error);
  g_autoptr (GwTensor) bools = gw_checkpoint_read (checkpoint, "bools", &error);
  g_autoptr (GwTensor) half = gw_checkpoint_read (checkpoint, "half", &error);
  g_autoptr (GwTensor) empty = gw_checkpoint_read (checkpoint, "empty", &error);
  g_autoptr (GwTensor) rows = gw_checkpoint_read (checkpoint, "part", &error);
  g_autoptr (GwTensor) columns = gw_checkpoint_read (checkpoint, "wide", &error);

  g_assert_no_error (error);
  g_assert_cmpint (gw_checkpoint_n_entries (checkpoint), ==, 9);
  g_assert_cmpuint (gw_tensor_get_string (strings, 2)->length, ==, 300);
  g_assert_cmpmem (gw_tensor_get_string (strings, 3)->data, gw_tensor_get_string (strings, 3)->length, "\xff\0z", 3);
  gw_test_assert_tensor (bools, "bool [true, false, true]");
  g_assert_cmpint (gw_tensor_get_int (step, 0), ==, -5);
  g_assert_cmphex (GW_TENSOR_DATA (half, uint16_t)[1], ==, 0xc000);
  g_assert_cmpint (empty->shape.dims[1], ==, 4);
  /* partitioned in three rows of slices, and in two columns */
  g_assert_true (gw_checkpoint_find (checkpoint, "part")->partitioned);
  g_assert_cmpint (gw_checkpoint_find (checkpoint, "part")->bytes, ==, 21 * 4);
  for (int i = 0; i < 21; i++)
    g_assert_cmpfloat (GW_TENSOR_DATA (rows, float)[i], ==, i);
  for (int i = 0; i < 600; i++)
    g_assert_cmpfloat (GW_TENSOR_DATA (columns, float)[i], ==, i);
}

/* Numbers of one to ten bytes, on both sides of each border. */
static void
test_slice_keys (void)
{
  static const struct {
    int64_t     number;
    const char *hex;
  } cases[] = {
    { 0, "80" }, { 63, "bf" }, { 64, "c040" }, { -1, "7f" }, { -64, "40" }, { -65, "3fbf" },
    { 8191, "dfff" }, { 8192, "e02000" }, { -8192, "2000" }, { -8193, "1fdfff" },
    { INT64_MAX, "ffc07fffffffffffffff" }, { INT64_MIN, "003f8000000000000000" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GwCheckpointSlice slice = { 1, { cases[i].number }, { -1 } };
      g_autoptr (GByteArray) key = gw_checkpoint_slice_key ("a", &slice);
      g_autofree char *hex = bytes_hex (key->data, key->len);
      g_autofree char *want = g_strconcat ("00" "610001" "0101", cases[i].hex, "7f", NULL);

      g_assert_cmpstr (hex, ==, want);
    }
}

/* Slices in any order, of numbers and of strings, beside whole tensors. */
static void
test_write_slices (void)
{
  static const GwShape whole = { .rank = 2, .dims = { 3, 2 } };
  static const int64_t start[2][2] = { { 1, 0 }, { 0, 0 } }, length[2][2] = { { 2, -1 }, { 1, 2 } };
  static const GwDType of[] = { GW_FLOAT32, GW_STRING };
  static const char *const texts[2][2] = { { "[[3.0, 4], [5, 6]]", "[[1.0, 2]]" }, { "[[c, d], [e, f]]", "[[a, b]]" } };
  static const char *const joined[] = { "[[1.0, 2], [3, 4], [5, 6]]", "[[a, b], [c, d], [e, f]]" };
  char *dir = gw_test_dir_new ();
  g_autofree char *prefix = g_build_filename (dir, "parts", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwCheckpointWriter) writer = gw_checkpoint_writer_new (prefix, &error);
  g_autoptr (GwTensor) plain = gw_tensor_parse ("[7, 8]", GW_INT32, NULL, NULL);
  g_autoptr (GwCheckpoint) checkpoint = NULL;

  g_assert_no_error (error);
  for (int k = 0; k < 4; k++)
    {
      g_autoptr (GwTensor) part = gw_tensor_parse (texts[k % 2][k / 2], of[k % 2], NULL, &error);

      g_assert_no_error (error);
      g_assert_true (gw_checkpoint_writer_add_slice (writer, gw_dtype_name (of[k % 2]), &whole, start[k / 2], length[k / 2],
                                                     part, &error));
      g_assert_false (gw_checkpoint_writer_add_slice (writer, gw_dtype_name (of[k % 2]), &whole, start[k / 2], length[k / 2],
                                                      part, &error));
      gw_test_assert_error (&error, GW_ERROR_ALREADY_EXISTS, "is in the checkpoint already");
    }
  g_assert_true (gw_checkpoint_writer_add (writer, "g", plain, &error));
  g_assert_false (gw_checkpoint_writer_add (writer, "float32", plain, &error));
  gw_test_assert_error (&error, GW_ERROR_ALREADY_EXISTS, "float32 is in the checkpoint already");
  g_assert_true (gw_checkpoint_writer_finish (writer, &error));
  checkpoint = gw_checkpoint_open (prefix, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gw_checkpoint_n_entries (checkpoint), ==, 3);
  for (int k = 0; k < 2; k++)
    {
      g_autoptr (GwTensor) got = gw_checkpoint_read (checkpoint, gw_dtype_name (of[k]), &error);
      g_autoptr (GwTensor) want = gw_tensor_parse (joined[k], of[k], NULL, NULL);

      g_assert_no_error (error);
      g_assert_true (gw_tensor_equal (got, want));
    }
  gw_test_dir_remove (dir);
}

static void
test_delete (void)
{
  char *dir = gw_test_dir_new ();
  static const char *const kept[] = {
    "model.ckpt-10.index", "model.ckpt-10.data-00000-of-00001", "model.ckpt-1.notes", "xmodel.ckpt-1.index",
  };
  static const char *const gone[] = {
    "model.ckpt-1.index", "model.ckpt-1.data-00000-of-00002", "model.ckpt-1.data-00001-of-00002",
    "model.ckpt-1.meta", "model.ckpt-1.state",
  };
  static const char *const side[] = { ".state", NULL };
  g_autofree char *prefix = g_build_filename (dir, "model.ckpt-1", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++)
    g_free (gw_test_write_file (dir, kept[i], "x", -1));
  for (gsize i = 0; i < G_N_ELEMENTS (gone); i++)
    g_free (gw_test_write_file (dir, gone[i], "x", -1));
  g_assert_true (gw_checkpoint_delete (prefix, side, NULL));
  g_assert_true (gw_checkpoint_delete (prefix, side, NULL));
  g_assert_cmpint (count_files (dir), ==, (int) G_N_ELEMENTS (kept));
  gw_test_dir_remove (dir);
}

static void
test_prefix_of (void)
{
  static const char *const paths[] = {
    "/a/m.ckpt-5", "/a/m.ckpt-5.index", "/a/m.ckpt-5.meta", "/a/m.ckpt-5.data-00003-of-00012",
  };
  g_autofree char *other = gw_checkpoint_prefix_of ("/a/m.data-0000x-of-00012");

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *prefix = gw_checkpoint_prefix_of (paths[i]);

      g_assert_cmpstr (prefix, ==, "/a/m.ckpt-5");
    }
  g_assert_cmpstr (other, ==, "/a/m.data-0000x-of-00012");
}

/* Memory that runs out is an error that names the tensor, and leaves nothing behind. */
static void
test_no_memory (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *prefix = write_samples (dir, 0);
  g_autoptr (GwCheckpoint) checkpoint = gw_checkpoint_open (prefix, NULL);
  g_autoptr (GError) error = NULL;
  int before = gw_alloc_live_count ();

  for (int i = 0; i < gw_checkpoint_n_entries (checkpoint); i++)
    {
      const char *name = gw_checkpoint_entry (checkpoint, i)->name;

      gw_alloc_fail_after (1);
      g_assert_null (gw_checkpoint_read (checkpoint, name, &error));
      gw_alloc_fail_after (0);
      gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, name);
    }
  g_assert_cmpint (gw_alloc_live_count (), ==, before);
  gw_test_dir_remove (dir);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/checkpoint/round-trip", test_round_trip);
  g_test_add_func ("/files/checkpoint/overwrite", test_overwrite);
  g_test_add_func ("/files/checkpoint/known-header", test_known_header);
  g_test_add_func ("/files/checkpoint/old-one-stays", test_old_one_stays);
  g_test_add_func ("/files/checkpoint/index-in-the-way", test_index_in_the_way);
  g_test_add_func ("/files/checkpoint/many", test_many);
  g_test_add_func ("/files/checkpoint/read-errors", test_read_errors);
  g_test_add_func ("/files/checkpoint/from-tensorflow", test_from_tensorflow);
  g_test_add_func ("/files/checkpoint/no-memory", test_no_memory);
  g_test_add_func ("/files/checkpoint/slice-keys", test_slice_keys);
  g_test_add_func ("/files/checkpoint/write-slices", test_write_slices);
  g_test_add_func ("/files/checkpoint/delete", test_delete);
  g_test_add_func ("/files/checkpoint/prefix-of", test_prefix_of);
  return g_test_run ();
}
