/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/tensor-proto.h"

#include "engine/base/alloc.h"
#include "tests/engine/files/hex.h"
#include "tests/support/support.h"

#include <string.h>

static GwTensor *
decode (const char  *digits,
        GError     **error)
{
  g_autoptr (GBytes) bytes = hex_bytes (digits);

  return gw_tensor_from_proto (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
}

/* What TensorFlow 2.15's make_tensor_proto gives. */
static const struct {
  const char *tensor;
  GwDType     dtype;
  const char *hex;
} cases[] = {
  { "float32 1.5", GW_FLOAT32, "080112002a040000c03f" },
  { "float32 [1, 2]", GW_FLOAT32, "080112041202080222080000803f00000040" },
  { "int32 7", GW_INT64, "08091200520107" },
  { "bool [true, false]", GW_BOOL, "080a1204120208025a020100" },
  { "string \"hi\"", GW_STRING, "0807120042026869" },
  { "string [\"a\", \"bc\"]", GW_STRING, "080712041202080242016142026263" },
  { "int32 -3", GW_INT8, "080612003a0afdffffffffffffffff01" },
  { "int32 -2", GW_INT32, "080312003a0afeffffffffffffffff01" },
  { "int32 [1, 2]", GW_UINT8, "080412041202080222020102" },
};

static void
test_known_bytes (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GwTensor) typed = gw_test_tensor (cases[i].tensor);
      g_autoptr (GwTensor) tensor = cases[i].dtype == typed->dtype ? gw_tensor_ref (typed)
                                                                  : gw_tensor_cast (typed, cases[i].dtype, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = gw_tensor_to_proto (tensor, &error);
      g_autofree char *hex = bytes_hex (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      g_autoptr (GwTensor) back = decode (cases[i].hex, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (hex, ==, cases[i].hex);
      g_assert_true (gw_tensor_equal (back, tensor));
    }
}

/* Forms that are read and not written. */
static void
test_other_forms (void)
{
  g_autoptr (GwTensor) fill = decode ("0801120812020802120208032a0400002040", NULL);
  g_autoptr (GwTensor) half = decode ("08131204120208022204003e00c0", NULL);
  g_autoptr (GwTensor) half_list = decode ("08131204120208026a0480f80100", NULL);
  g_autoptr (GwTensor) uint16 = decode ("08111204120208023a0401ffff03", NULL);
  g_autoptr (GwTensor) empty = decode ("080112021200", NULL);
  g_autoptr (GwTensor) zeros = decode ("08031204120208033a00", NULL);
  g_autoptr (GwTensor) repeated = decode ("08031204120208043a020509", NULL);

  gw_test_assert_tensor (fill, "float32 [[2.5, 2.5, 2.5], [2.5, 2.5, 2.5]]");
  g_assert_cmphex (GW_TENSOR_DATA (half, uint16_t)[0], ==, 0x3e00);
  g_assert_cmphex (GW_TENSOR_DATA (half, uint16_t)[1], ==, 0xc000);
  g_assert_cmphex (GW_TENSOR_DATA (half_list, uint16_t)[0], ==, 0x7c00);
  g_assert_cmphex (GW_TENSOR_DATA (half_list, uint16_t)[1], ==, 0);
  g_assert_cmpint (GW_TENSOR_DATA (uint16, uint16_t)[1], ==, 65535);
  g_assert_cmpint (empty->elements, ==, 0);
  gw_test_assert_tensor (zeros, "[0, 0, 0]");
  gw_test_assert_tensor (repeated, "[5, 9, 9, 9]");
}

static void
test_round_trips (void)
{
  static const GwDType dtypes[] = {
    GW_FLOAT32, GW_FLOAT64, GW_INT32, GW_UINT8, GW_INT16, GW_INT8, GW_STRING, GW_COMPLEX64, GW_INT64,
    GW_BOOL, GW_BFLOAT16, GW_UINT16, GW_COMPLEX128, GW_FLOAT16, GW_UINT32, GW_UINT64,
  };
  static const GwShape shapes[] = {
    { .rank = 0 }, { .rank = 1, .dims = { 1 } }, { .rank = 2, .dims = { 3, 5 } }, { .rank = 2, .dims = { 0, 4 } },
    { .rank = 8, .dims = { 1, 2, 1, 2, 1, 2, 1, 2 } },
  };

  for (gsize d = 0; d < G_N_ELEMENTS (dtypes); d++)
    for (gsize s = 0; s < G_N_ELEMENTS (shapes); s++)
      {
        g_autoptr (GwTensor) tensor = gw_tensor_new (dtypes[d], &shapes[s], NULL);
        g_autoptr (GError) error = NULL;
        g_autoptr (GBytes) bytes = NULL;
        g_autoptr (GwTensor) back = NULL;

        for (size_t i = 0; i < tensor->bytes && dtypes[d] != GW_STRING; i++)
          GW_TENSOR_DATA (tensor, uint8_t)[i] = (uint8_t) (dtypes[d] == GW_BOOL ? i & 1 : i * 37 + 200);
        for (int64_t i = 0; i < tensor->elements && dtypes[d] == GW_STRING; i++)
          gw_string_set (&GW_TENSOR_DATA (tensor, GwString)[i], "\0\xff text", (size_t) i % 7);
        bytes = gw_tensor_to_proto (tensor, &error);
        g_assert_no_error (error);
        back = gw_tensor_from_proto (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
        g_assert_no_error (error);
        g_assert_true (gw_tensor_equal (tensor, back));
      }
}

static void
test_refused (void)
{
  g_autoptr (GError) error = NULL;

  /* content of 4 bytes for two floats */
  g_assert_null (decode ("0801120412020802220400000000", &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "[2]");
  /* an unknown dimension */
  g_assert_null (decode ("0801120d120b08ffffffffffffffffff01", &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "[?]");
  /* dimension -2 */
  g_assert_null (decode ("0801120d120b08feffffffffffffffff01", &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "-2");
  /* qint8 */
  g_assert_null (decode ("080b1200", &error));
  gw_test_assert_error (&error, GW_ERROR_UNIMPLEMENTED, "11");
  /* nine dimensions */
  g_assert_null (decode ("08011224120208011202080112020801120208011202080112020801120208011202080112020801", &error));
  gw_test_assert_error (&error, GW_ERROR_UNIMPLEMENTED, "9 dimensions");
  /* one value for 2^40 elements: never taken for granted */
  g_assert_null (decode ("080112091207088080808080402a0400002040", &error));
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, NULL);
  /* cut in the middle */
  g_assert_null (decode ("0801120412020802220800", &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, NULL);
  /* string lengths beyond the content */
  g_assert_null (decode ("080712041202080222027f61", &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, NULL);
}

/* Strings may also stand in tensor_content: lengths, then bytes. */
static void
test_string_content (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) strings = decode ("08071204120208032206020001616263", &error);

  g_assert_no_error (error);
  gw_test_assert_tensor (strings, "string [\"ab\", \"\", \"c\"]");
}

static void
test_no_memory (void)
{
  int before = gw_alloc_live_count ();
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gw_alloc_fail_after (1);
      g_assert_null (decode (cases[i].hex, &error));
      gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, NULL);
    }
  gw_alloc_fail_after (0);
  g_assert_cmpint (gw_alloc_live_count (), ==, before);
}

static void
test_shapes (void)
{
  static const char *const texts[] = { "?", "[]", "[?]", "[3,?,0]", "[1,2,3,4,5,6,7,8]" };
  g_autoptr (GBytes) unknown = hex_bytes ("1801");
  GwShape shape;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) bytes = NULL;
      g_autofree char *text = NULL;

      g_assert_true (gw_shape_parse (texts[i], &shape, NULL));
      bytes = gw_shape_to_proto (&shape);
      g_assert_true (gw_shape_from_proto (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &shape, NULL));
      text = gw_shape_to_string (&shape);
      g_assert_cmpstr (text, ==, texts[i]);
    }
  g_assert_true (gw_shape_from_proto (g_bytes_get_data (unknown, NULL), 2, &shape, NULL));
  g_assert_cmpint (shape.rank, ==, -1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/tensor-proto/known-bytes", test_known_bytes);
  g_test_add_func ("/files/tensor-proto/other-forms", test_other_forms);
  g_test_add_func ("/files/tensor-proto/string-content", test_string_content);
  g_test_add_func ("/files/tensor-proto/round-trips", test_round_trips);
  g_test_add_func ("/files/tensor-proto/refused", test_refused);
  g_test_add_func ("/files/tensor-proto/no-memory", test_no_memory);
  g_test_add_func ("/files/tensor-proto/shapes", test_shapes);
  return g_test_run ();
}
