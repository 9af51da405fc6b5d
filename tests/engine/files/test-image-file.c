/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/image-file.h"

#include "tests/engine/files/hex.h"
#include "tests/support/support.h"

#include <string.h>
#include <zlib.h>

static GwTensor *
picture (int height,
         int width,
         int channels)
{
  GwTensor *tensor = gw_tensor_new (GW_UINT8, &GW_SHAPE (height, width, channels), NULL);

  for (size_t i = 0; i < tensor->bytes; i++)
    GW_TENSOR_DATA (tensor, uint8_t)[i] = (uint8_t) (i * 31 + i / 7);
  return tensor;
}

static void
test_round_trips (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "x.png", NULL);

  for (int channels = 1; channels <= 4; channels++)
    {
      g_autoptr (GwTensor) image = picture (13, 9, channels);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) png = gw_png_encode (image, &error);
      g_autoptr (GwTensor) back = NULL;
      g_autoptr (GwTensor) loaded = NULL;
      int height, width, stored;

      g_assert_no_error (error);
      back = gw_png_decode (g_bytes_get_data (png, NULL), g_bytes_get_size (png), 0, &error);
      g_assert_no_error (error);
      g_assert_true (gw_tensor_equal (image, back));
      g_assert_true (gw_png_read_size (g_bytes_get_data (png, NULL), g_bytes_get_size (png), &height, &width, &stored,
                                       &error));
      g_assert_cmpint (height, ==, 13);
      g_assert_cmpint (width, ==, 9);
      g_assert_cmpint (stored, ==, channels);
      g_assert_true (gw_png_save (path, image, &error));
      loaded = gw_png_load (path, 0, &error);
      g_assert_true (gw_tensor_equal (image, loaded));
    }
  gw_test_dir_remove (dir);
}

/* A picture [h,w] is gray; rows may lie apart. */
static void
test_gray_and_stride (void)
{
  g_autoptr (GwTensor) flat = gw_test_tensor ("uint8 [[1, 2, 3], [4, 5, 6]]");
  g_autoptr (GBytes) first = gw_png_encode (flat, NULL);
  static const guint8 rows[] = { 1, 2, 3, 99, 99, 4, 5, 6 };
  g_autoptr (GBytes) second = gw_png_encode_rows (rows, 2, 3, 1, 5, NULL);

  g_assert_true (g_bytes_equal (first, second));
}

static void
test_conversions (void)
{
  g_autoptr (GwTensor) colour = gw_test_tensor ("uint8 [[[10, 10, 10], [255, 0, 0]]]");
  g_autoptr (GwTensor) gray_alpha = gw_test_tensor ("uint8 [[[7, 100], [9, 255]]]");
  g_autoptr (GBytes) a = gw_png_encode (colour, NULL);
  g_autoptr (GBytes) b = gw_png_encode (gray_alpha, NULL);
  g_autoptr (GwTensor) rgba = gw_png_decode (g_bytes_get_data (a, NULL), g_bytes_get_size (a), 4, NULL);
  g_autoptr (GwTensor) gray = gw_png_decode (g_bytes_get_data (a, NULL), g_bytes_get_size (a), 1, NULL);
  g_autoptr (GwTensor) rgb = gw_png_decode (g_bytes_get_data (b, NULL), g_bytes_get_size (b), 3, NULL);
  g_autoptr (GwTensor) plain = gw_png_decode (g_bytes_get_data (b, NULL), g_bytes_get_size (b), 1, NULL);

  gw_test_assert_tensor (rgba, "uint8 [[[10, 10, 10, 255], [255, 0, 0, 255]]]");
  g_assert_cmpint (gray->shape.dims[2], ==, 1);
  g_assert_cmpint (GW_TENSOR_DATA (gray, uint8_t)[0], ==, 10);
  g_assert_cmpint (GW_TENSOR_DATA (gray, uint8_t)[1], >, 40);
  g_assert_cmpint (GW_TENSOR_DATA (gray, uint8_t)[1], <, 90);
  gw_test_assert_tensor (rgb, "uint8 [[[7, 7, 7], [9, 9, 9]]]");
  gw_test_assert_tensor (plain, "uint8 [[[7], [9]]]");
}

static void
append_chunk (GByteArray   *png,
              const char   *type,
              const guint8 *data,
              guint32       size)
{
  guint32 length = GUINT32_TO_BE (size);
  guint32 crc;
  guint start;

  g_byte_array_append (png, (const guint8 *) &length, 4);
  start = png->len;
  g_byte_array_append (png, (const guint8 *) type, 4);
  if (size > 0)
    g_byte_array_append (png, data, size);
  crc = GUINT32_TO_BE ((guint32) crc32 (0, png->data + start, size + 4));
  g_byte_array_append (png, (const guint8 *) &crc, 4);
}

/* A PNG by hand: header fields, then `raw` deflated. */
static GByteArray *
make_png (guint32       width,
          guint32       height,
          guint8        depth,
          guint8        colour,
          guint8        interlace,
          const guint8 *palette,
          guint32       palette_size,
          const guint8 *raw,
          guint32       raw_size)
{
  GByteArray *png = g_byte_array_new ();
  guint8 header[13] = { 0 };
  guint8 packed[4096];
  uLongf packed_size = sizeof packed;

  width = GUINT32_TO_BE (width);
  height = GUINT32_TO_BE (height);
  memcpy (header, &width, 4);
  memcpy (header + 4, &height, 4);
  header[8] = depth;
  header[9] = colour;
  header[12] = interlace;
  g_byte_array_append (png, (const guint8 *) "\x89PNG\r\n\x1a\n", 8);
  append_chunk (png, "IHDR", header, sizeof header);
  if (palette_size > 0)
    append_chunk (png, "PLTE", palette, palette_size);
  g_assert_cmpint (compress (packed, &packed_size, raw, raw_size), ==, Z_OK);
  append_chunk (png, "IDAT", packed, (guint32) packed_size);
  append_chunk (png, "IEND", NULL, 0);
  return png;
}

static void
test_other_kinds (void)
{
  static const guint8 palette[] = { 1, 2, 3, 200, 100, 50 };
  static const guint8 bits[] = { 0, 0x40 };
  static const guint8 deep[] = { 0, 0x12, 0x34, 0xff, 0x00 };
  static const guint8 passes[] = { 0, 11, 0, 12, 0, 13, 14 }; /* 2 × 2: passes 1, 6 and 7 */
  g_autoptr (GByteArray) indexed = make_png (2, 1, 1, 3, 0, palette, sizeof palette, bits, sizeof bits);
  g_autoptr (GByteArray) sixteen = make_png (2, 1, 16, 0, 0, NULL, 0, deep, sizeof deep);
  g_autoptr (GByteArray) interlaced = make_png (2, 2, 8, 0, 1, NULL, 0, passes, sizeof passes);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) a = gw_png_decode (indexed->data, indexed->len, 0, &error);
  g_autoptr (GwTensor) b = gw_png_decode (sixteen->data, sixteen->len, 0, &error);
  g_autoptr (GwTensor) c = gw_png_decode (interlaced->data, interlaced->len, 0, &error);

  g_assert_no_error (error);
  gw_test_assert_tensor (a, "uint8 [[[1, 2, 3], [200, 100, 50]]]");
  gw_test_assert_tensor (b, "uint8 [[[18], [255]]]");
  gw_test_assert_tensor (c, "uint8 [[[11], [12]], [[13], [14]]]");
}

/* Sizes that so few bytes cannot hold are refused before memory is taken. */
static void
test_hostile_size (void)
{
  static const guint8 raw[] = { 0, 0 };
  g_autoptr (GByteArray) bomb = make_png (16000, 16000, 8, 6, 0, NULL, 0, raw, sizeof raw);
  g_autoptr (GByteArray) wide = make_png (1000000, 1000000, 8, 6, 0, NULL, 0, raw, sizeof raw);
  g_autoptr (GByteArray) wider = make_png (2000000000, 1, 8, 6, 0, NULL, 0, raw, sizeof raw);
  g_autoptr (GError) error = NULL;

  g_assert_null (gw_png_decode (bomb->data, bomb->len, 0, &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "16000 × 16000");
  g_assert_null (gw_png_decode (wide->data, wide->len, 0, &error));
  gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, "too large");
  g_assert_null (gw_png_decode (wider->data, wider->len, 0, &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, NULL);
}

static void
test_damage (void)
{
  g_autoptr (GwTensor) image = picture (20, 20, 3);
  g_autoptr (GBytes) png = gw_png_encode (image, NULL);
  gsize size = g_bytes_get_size (png);
  g_autoptr (GError) error = NULL;

  for (gsize cut = 0; cut < size; cut++)
    {
      g_assert_null (gw_png_decode (g_bytes_get_data (png, NULL), cut, 0, &error));
      gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, "not a whole PNG picture");
    }
  g_assert_null (gw_png_decode ("GIF89a", 6, 0, &error));
  gw_test_assert_error (&error, GW_ERROR_DATA_LOSS, NULL);
}

static void
test_refused (void)
{
  g_autoptr (GwTensor) floats = gw_test_tensor ("float32 [[1, 2]]");
  g_autoptr (GwTensor) five = picture (2, 2, 5);
  g_autoptr (GwTensor) none = picture (0, 2, 3);
  g_autoptr (GError) error = NULL;

  g_assert_null (gw_png_encode (floats, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "float32 [1,2]");
  g_assert_null (gw_png_encode (five, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "[2,2,5]");
  g_assert_null (gw_png_encode (none, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, NULL);
  g_assert_null (gw_png_load ("/nonexistent.png", 0, &error));
  gw_test_assert_error (&error, GW_ERROR_NOT_FOUND, "/nonexistent.png");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/image-file/round-trips", test_round_trips);
  g_test_add_func ("/files/image-file/gray-and-stride", test_gray_and_stride);
  g_test_add_func ("/files/image-file/conversions", test_conversions);
  g_test_add_func ("/files/image-file/other-kinds", test_other_kinds);
  g_test_add_func ("/files/image-file/hostile-size", test_hostile_size);
  g_test_add_func ("/files/image-file/damage", test_damage);
  g_test_add_func ("/files/image-file/refused", test_refused);
  return g_test_run ();
}
