/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/idx.h"

#include "tests/engine/files/hex.h"
#include "tests/support/support.h"

#include <string.h>

static GwTensor *
read_hex (const char  *digits,
          GError     **error)
{
  g_autoptr (GBytes) bytes = hex_bytes (digits);
  g_autoptr (GwInput) input = gw_input_new_memory (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "idx",
                                                   GW_INPUT_AUTO);

  return gw_idx_read (input, error);
}

static void
test_known_bytes (void)
{
  static const struct {
    const char *hex;
    const char *tensor;
  } cases[] = {
    { "00000801" "00000003" "0001ff", "uint8 [0, 1, 255]" },
    { "00000902" "00000001" "00000002" "80ff", "int8 [[-128, -1]]" },
    { "00000b01" "00000002" "0102fffe", "int16 [258, -2]" },
    { "00000c01" "00000001" "ff000000", "int32 [-16777216]" },
    { "00000d01" "00000001" "3fc00000", "float32 [1.5]" },
    { "00000e01" "00000001" "3ff8000000000000", "float64 [1.5]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GwTensor) tensor = read_hex (cases[i].hex, &error);

      g_assert_no_error (error);
      gw_test_assert_tensor (tensor, cases[i].tensor);
    }
}

static void
test_round_trips (void)
{
  static const GwDType dtypes[] = { GW_UINT8, GW_INT8, GW_INT16, GW_INT32, GW_FLOAT32, GW_FLOAT64 };
  char *dir = gw_test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "x-idx3", NULL);

  for (gsize d = 0; d < G_N_ELEMENTS (dtypes); d++)
    {
      g_autoptr (GwTensor) tensor = gw_tensor_new (dtypes[d], &GW_SHAPE (11, 29, 31), NULL);
      g_autoptr (GwTensor) back = NULL;
      g_autoptr (GwInput) input = NULL;
      g_autoptr (GError) error = NULL;
      GwDType dtype;
      GwShape shape;

      for (size_t i = 0; i < tensor->bytes; i++)
        GW_TENSOR_DATA (tensor, uint8_t)[i] = (uint8_t) (i * 37 + i / 256);
      g_assert_true (gw_idx_save (path, tensor, &error));
      back = gw_idx_load (path, &error);
      g_assert_no_error (error);
      g_assert_true (gw_tensor_equal (tensor, back));
      input = gw_input_open (path, GW_INPUT_AUTO, NULL);
      g_assert_true (gw_idx_read_header (input, &dtype, &shape, &error));
      g_assert_cmpint (dtype, ==, dtypes[d]);
      g_assert_true (gw_shape_equal (&shape, &tensor->shape));
    }
  gw_test_dir_remove (dir);
}

static void
test_refused (void)
{
  g_autoptr (GwTensor) strings = gw_tensor_new_string ("x");
  g_autoptr (GError) error = NULL;

  g_assert_null (read_hex ("00000801" "00000004" "0001ff", &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "idx: is shorter than its header says");
  g_assert_null (read_hex ("00000803" "ffffffff" "ffffffff" "ffffffff" "00", &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "shorter");
  g_assert_null (read_hex ("00000802" "00000001", &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "header");
  g_assert_null (read_hex ("00000a01" "00000000", &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "is not an IDX file");
  g_assert_null (read_hex ("89504e47", &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "is not an IDX file");
  g_assert_null (read_hex ("00000809", &error));
  gw_test_assert_error (&error, GW_ERROR_UNIMPLEMENTED, "9 dimensions");
  g_assert_null (read_hex ("", &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, NULL);
  g_assert_false (gw_idx_save ("/nowhere", strings, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "string");
}

/* The data set that Debian installs, when it is there. */
static void
test_fashion_mnist (void)
{
  const char *folder = "/usr/share/datasets/fashion-mnist";
  g_autofree char *images_path = g_build_filename (folder, "t10k-images-idx3-ubyte.gz", NULL);
  g_autofree char *labels_path = g_build_filename (folder, "t10k-labels-idx1-ubyte.gz", NULL);
  g_autoptr (GwTensor) images = NULL;
  g_autoptr (GwTensor) labels = NULL;
  g_autoptr (GError) error = NULL;
  int counts[10] = { 0 };

  if (!g_file_test (images_path, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("dataset-fashion-mnist is not installed");
      return;
    }
  images = gw_idx_load (images_path, &error);
  labels = gw_idx_load (labels_path, &error);
  g_assert_no_error (error);
  g_assert_true (gw_shape_equal (&images->shape, &GW_SHAPE (10000, 28, 28)));
  g_assert_true (gw_shape_equal (&labels->shape, &GW_SHAPE (10000)));
  for (int i = 0; i < 10000; i++)
    counts[GW_TENSOR_DATA (labels, uint8_t)[i]]++;
  for (int i = 0; i < 10; i++)
    g_assert_cmpint (counts[i], ==, 1000);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/idx/known-bytes", test_known_bytes);
  g_test_add_func ("/files/idx/round-trips", test_round_trips);
  g_test_add_func ("/files/idx/refused", test_refused);
  g_test_add_func ("/files/idx/fashion-mnist", test_fashion_mnist);
  return g_test_run ();
}
