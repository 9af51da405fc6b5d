/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/jpeg-file.h"

#include "engine/base/error.h"
#include "tests/engine/files/jpeg-data.h"
#include "tests/support/support.h"

#include <string.h>

#define HEIGHT 9
#define WIDTH 13

static void
decodes_to (const guint8         *file,
            gsize                 size,
            const GwJpegDecoding *decoding,
            const GwShape        *shape,
            const guint8         *pixels)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) image = gw_jpeg_decode (file, size, decoding, &error);

  g_assert_no_error (error);
  g_assert_true (gw_shape_equal (&image->shape, shape));
  g_assert_cmpmem (image->data, image->bytes, pixels, (gsize) image->elements);
}

/* The same pixels as TensorFlow's, whatever is asked for. */
static void
test_tensorflow (void)
{
  GwShape whole = GW_SHAPE (HEIGHT, WIDTH, 3), gray = GW_SHAPE (HEIGHT, WIDTH, 1), half = GW_SHAPE (5, 7, 3);
  GwJpegDecoding decoding = GW_JPEG_DECODING;

  decodes_to (plain_file, sizeof plain_file, &decoding, &whole, plain_pixels);
  decodes_to (progressive_file, sizeof progressive_file, &decoding, &whole, progressive_pixels);
  decoding.accurate = TRUE;
  decodes_to (plain_file, sizeof plain_file, &decoding, &whole, accurate_pixels);
  decoding = GW_JPEG_DECODING;
  decoding.fancy_upscaling = FALSE;
  decodes_to (plain_file, sizeof plain_file, &decoding, &whole, coarse_pixels);
  decoding = GW_JPEG_DECODING;
  decoding.ratio = 2;
  decodes_to (plain_file, sizeof plain_file, &decoding, &half, half_pixels);
  decoding = GW_JPEG_DECODING;
  decoding.channels = 1;
  decodes_to (plain_file, sizeof plain_file, &decoding, &gray, gray_pixels);
}

static void
test_round_trip (void)
{
  g_autoptr (GwTensor) image = gw_tensor_new (GW_UINT8, &GW_SHAPE (20, 30, 3), NULL);
  GwJpegEncoding encoding = GW_JPEG_ENCODING;

  for (int64_t i = 0; i < image->elements; i++)
    GW_TENSOR_DATA (image, uint8_t)[i] = (uint8_t) (i / 3 % 30 * 4 + i / 90 * 3);
  for (int way = 0; way < 4; way++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GwTensor) back = NULL;

      encoding.progressive = way % 2 != 0;
      encoding.chroma_downsampling = way / 2 != 0;
      encoding.xmp = way == 3 ? "<x/>" : NULL;
      bytes = gw_jpeg_encode (image, &encoding, &error);
      g_assert_no_error (error);
      g_assert_true (gw_jpeg_is_jpeg (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)));
      back = gw_jpeg_decode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &GW_JPEG_DECODING, &error);
      g_assert_no_error (error);
      g_assert_true (gw_shape_equal (&back->shape, &image->shape));
      for (int64_t i = 0; i < image->elements; i++)
        g_assert_cmpint (ABS (GW_TENSOR_DATA (back, uint8_t)[i] - GW_TENSOR_DATA (image, uint8_t)[i]), <, 12);
    }
}

static void
test_truncated (void)
{
  GwJpegDecoding recover = { .ratio = 1, .fancy_upscaling = TRUE, .recover = TRUE, .acceptable_fraction = 0 };

  for (gsize n = 0; n < sizeof plain_file - 2; n++)
    {
      g_autofree guint8 *cut = g_memdup2 (plain_file, MAX (n, 1));
      g_autoptr (GError) error = NULL;
      g_autoptr (GwTensor) image = gw_jpeg_decode (cut, n, &GW_JPEG_DECODING, &error);
      g_autoptr (GwTensor) part = gw_jpeg_decode (cut, n, &recover, NULL);

      g_assert_null (image);
      g_assert_error (error, GW_ERROR, GW_ERROR_DATA_LOSS);
      if (n > sizeof plain_file - 20)
        g_assert_nonnull (part);
    }
}

static void
test_refused (void)
{
  g_autoptr (GwTensor) empty = gw_tensor_new (GW_UINT8, &GW_SHAPE (0, 4, 3), NULL);
  g_autoptr (GwTensor) pairs = gw_tensor_new_zeros (GW_UINT8, &GW_SHAPE (2, 2, 2), NULL);
  g_autoptr (GwTensor) floats = gw_tensor_new_zeros (GW_FLOAT32, &GW_SHAPE (2, 2, 3), NULL);
  GwTensor *const wrong[] = { empty, pairs, floats };
  GwJpegDecoding four = GW_JPEG_DECODING;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_null (gw_jpeg_encode (wrong[i], &GW_JPEG_ENCODING, &error));
      gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "JPEG");
    }
  four.channels = 4;
  g_assert_null (gw_jpeg_decode (plain_file, sizeof plain_file, &four, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "channels");
  g_assert_false (gw_jpeg_is_jpeg ("\x89PNG", 4));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/jpeg-file/tensorflow", test_tensorflow);
  g_test_add_func ("/files/jpeg-file/round-trip", test_round_trip);
  g_test_add_func ("/files/jpeg-file/truncated", test_truncated);
  g_test_add_func ("/files/jpeg-file/refused", test_refused);
  return g_test_run ();
}
