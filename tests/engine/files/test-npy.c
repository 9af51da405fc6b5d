/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/npy.h"

#include "tests/engine/files/hex.h"
#include "tests/support/support.h"

#include <string.h>

/* A file of version `version` with that header and data. */
static GwTensor *
read_made (int          version,
           const char  *header,
           const void  *data,
           gsize        size,
           GError     **error)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  guint32 length = (guint32) strlen (header);
  guint8 start[12] = { 0x93, 'N', 'U', 'M', 'P', 'Y', (guint8) version, 0, (guint8) length, (guint8) (length >> 8) };
  g_autoptr (GwInput) input = NULL;

  g_byte_array_append (file, start, version == 1 ? 10 : 12);
  g_byte_array_append (file, (const guint8 *) header, length);
  if (size > 0)
    g_byte_array_append (file, data, (guint) size);
  input = gw_input_new_memory (file->data, file->len, "made", GW_INPUT_PLAIN);
  return gw_npy_read (input, error);
}

/* NumPy 1.26's own bytes, read and written. */
static void
test_known_bytes (void)
{
  static const struct {
    const char *tensor;
    GwDType     dtype;
    const char *header;
    const char *data;
    gboolean    same;  /* we write it so, too */
  } cases[] = {
    { "int32 [[1, 2, 3], [4, 5, 6]]", GW_INT16,
      "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }", "010002000300040005000600", TRUE },
    { "float32 [[1, 2, 3], [4, 5, 6]]", GW_FLOAT32,
      "{'descr': '>f4', 'fortran_order': True, 'shape': (2, 3), }",
      "3f800000408000004000000040a000004040000040c00000", FALSE },
    { "string [\"a\", \"bcd\"]", GW_STRING,
      "{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }",
      "610000000000000000000000620000006300000064000000", TRUE },
    { "string [\"a\", \"bcd\"]", GW_STRING,
      "{'descr': '|S3', 'fortran_order': False, 'shape': (2,), }", "610000626364", FALSE },
    { "float32 3.5", GW_FLOAT64, "{'descr': '<f8', 'fortran_order': False, 'shape': (), }", "0000000000000c40", TRUE },
    { "bool [true, false]", GW_BOOL, "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", "0100", TRUE },
  };
  char *dir = gw_test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "x.npy", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *header = g_strdup_printf ("%-117s\n", cases[i].header);
      g_autoptr (GwTensor) typed = gw_test_tensor (cases[i].tensor);
      g_autoptr (GwTensor) want = cases[i].dtype == typed->dtype ? gw_tensor_ref (typed)
                                                                : gw_tensor_cast (typed, cases[i].dtype, NULL);
      g_autoptr (GBytes) data = hex_bytes (cases[i].data);
      g_autoptr (GError) error = NULL;
      g_autoptr (GwTensor) got = read_made (1, header, g_bytes_get_data (data, NULL), g_bytes_get_size (data), &error);
      g_autofree char *written = NULL;
      gsize size;

      g_assert_no_error (error);
      g_assert_true (gw_tensor_equal (got, want));
      g_assert_true (gw_npy_save (path, want, &error));
      g_assert_true (g_file_get_contents (path, &written, &size, NULL));
      g_assert_cmpmem (written, 10, "\x93NUMPY\x01\x00\x76\x00", 10);
      if (cases[i].same)
        {
          g_assert_cmpmem (written + 10, 118, header, 118);
          g_assert_cmpmem (written + 128, size - 128, g_bytes_get_data (data, NULL), g_bytes_get_size (data));
        }
    }
  gw_test_dir_remove (dir);
}

static void
test_round_trips (void)
{
  static const GwDType dtypes[] = {
    GW_FLOAT32, GW_FLOAT64, GW_INT32, GW_UINT8, GW_INT16, GW_INT8, GW_STRING, GW_COMPLEX64, GW_INT64,
    GW_BOOL, GW_UINT16, GW_COMPLEX128, GW_FLOAT16, GW_UINT32, GW_UINT64,
  };
  static const GwShape shapes[] = {
    { .rank = 0 }, { .rank = 1, .dims = { 7 } }, { .rank = 3, .dims = { 2, 3, 4 } }, { .rank = 2, .dims = { 0, 4 } },
  };
  char *dir = gw_test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "x.npy", NULL);

  for (gsize d = 0; d < G_N_ELEMENTS (dtypes); d++)
    for (gsize s = 0; s < G_N_ELEMENTS (shapes); s++)
      {
        g_autoptr (GwTensor) tensor = gw_tensor_new (dtypes[d], &shapes[s], NULL);
        g_autoptr (GwTensor) back = NULL;
        g_autoptr (GError) error = NULL;

        for (size_t i = 0; i < tensor->bytes && dtypes[d] != GW_STRING; i++)
          GW_TENSOR_DATA (tensor, uint8_t)[i] = (uint8_t) (dtypes[d] == GW_BOOL ? i & 1 : i * 37 + 200);
        for (int64_t i = 0; i < tensor->elements && dtypes[d] == GW_STRING; i++)
          gw_string_set (&GW_TENSOR_DATA (tensor, GwString)[i], s == 1 ? "\xff\xfe raw…" : "a😀\0b…", (size_t) i % 2 * 7);
        g_assert_true (gw_npy_save (path, tensor, &error));
        back = gw_npy_load (path, &error);
        g_assert_no_error (error);
        g_assert_true (gw_tensor_equal (tensor, back));
      }
  gw_test_dir_remove (dir);
}

/* Every element order and byte order gives the same tensor. */
static void
test_orders (void)
{
  g_autoptr (GwTensor) rows = read_made (2, "{'shape': (2, 2, 2), 'fortran_order': False, 'descr': '<u2'}",
                                         "\0\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0", 16, NULL);
  g_autoptr (GwTensor) columns = read_made (3, "{\"descr\":\">u2\",\"fortran_order\":True,\"shape\":(2,2,2)}",
                                            "\0\0\0\4\0\2\0\6\0\1\0\5\0\3\0\7", 16, NULL);
  g_autoptr (GwTensor) strings = read_made (1, "{'descr': '|S1', 'fortran_order': True, 'shape': (2L, 2L)}", "acbd", 4, NULL);
  g_autoptr (GwTensor) wide = read_made (1, "{'descr': '>U2', 'fortran_order': False, 'shape': (1,)}",
                                         "\0\1\xf6\0\0\0\0z", 8, NULL);
  g_autoptr (GwTensor) complex_number = read_made (1, "{'descr': '>c8', 'fortran_order': False, 'shape': ()}",
                                                   "\x3f\x80\0\0\x40\0\0\0", 8, NULL);

  for (int i = 0; i < 8; i++)
    {
      g_assert_cmpint (GW_TENSOR_DATA (rows, uint16_t)[i], ==, i);
      g_assert_cmpint (GW_TENSOR_DATA (columns, uint16_t)[i], ==, i);
    }
  gw_test_assert_tensor (strings, "string [[\"a\", \"b\"], [\"c\", \"d\"]]");
  gw_test_assert_tensor (wide, "string [\"😀z\"]");
  g_assert_cmpfloat (GW_TENSOR_DATA (complex_number, float)[0], ==, 1);
  g_assert_cmpfloat (GW_TENSOR_DATA (complex_number, float)[1], ==, 2);
}

static void
test_refused (void)
{
  static const struct {
    const char *header;
    GwErrorCode code;
    const char *part;
  } cases[] = {
    { "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", GW_ERROR_UNIMPLEMENTED, "pickled" },
    { "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", GW_ERROR_UNIMPLEMENTED, "records" },
    { "{'descr': '<f3', 'fortran_order': False, 'shape': (1,), }", GW_ERROR_UNIMPLEMENTED, "type" },
    { "{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (1,), }", GW_ERROR_UNIMPLEMENTED, "type" },
    { "{'descr': '|S0', 'fortran_order': False, 'shape': (1000000000000,), }", GW_ERROR_UNIMPLEMENTED, "type" },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", GW_ERROR_DATA_LOSS, "shorter" },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (9000000000000000000, 9), }", GW_ERROR_DATA_LOSS, "shorter" },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", GW_ERROR_DATA_LOSS, "shape" },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", GW_ERROR_UNIMPLEMENTED, "dimensions" },
    { "{'descr': '<f4', 'fortran_order': False, }", GW_ERROR_DATA_LOSS, "complete" },
    { "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", GW_ERROR_DATA_LOSS, "understood" },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", GW_ERROR_DATA_LOSS, "unknown key" },
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (1,", GW_ERROR_DATA_LOSS, "shape" },
    { "", GW_ERROR_DATA_LOSS, "understood" },
  };
  g_autoptr (GwInput) other = gw_input_new_memory ("not NumPy at all", 16, "other", GW_INPUT_PLAIN);
  g_autoptr (GwTensor) bfloat = gw_tensor_new_zeros (GW_BFLOAT16, &GW_SHAPE (2), NULL);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_null (read_made (1, cases[i].header, "\0\0\0\0", 4, &error));
      gw_test_assert_error (&error, cases[i].code, cases[i].part);
    }
  g_assert_null (read_made (4, "", "", 0, &error));
  gw_test_assert_error (&error, GW_ERROR_UNIMPLEMENTED, "version");
  g_assert_null (gw_npy_read (other, &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "other: is not a NumPy array file");
  g_assert_false (gw_npy_save ("/nowhere", bfloat, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "bfloat16");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/npy/known-bytes", test_known_bytes);
  g_test_add_func ("/files/npy/round-trips", test_round_trips);
  g_test_add_func ("/files/npy/orders", test_orders);
  g_test_add_func ("/files/npy/refused", test_refused);
  return g_test_run ();
}
