/* SPDX-License-Identifier: Apache-2.0 */
/* libpng reports errors by longjmp. Only the four functions marked so run under
 * setjmp; they own nothing, everything they touch belongs to their caller. */
#include "engine/files/image-file.h"

#include "engine/base/error.h"
#include "engine/files/atomic-file.h"
#include "engine/files/input-file.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>
#include <zlib.h>

#define DEFLATE_MAX_RATIO 1032
#define MAX_SIDE 1000000
#define MAX_PIXELS ((uint64_t) 1 << 28)

/* What went wrong, kept beside libpng, which calls back with it. */
typedef struct {
  char message[120];
} Failure;

static void
on_error (png_structp     png,
          png_const_charp message)
{
  Failure *failure = png_get_error_ptr (png);

  g_strlcpy (failure->message, message, sizeof failure->message);
  png_longjmp (png, 1);
}

static void
on_warning (png_structp     png,
            png_const_charp message)
{
}

/* --- Encoding --- */

typedef struct {
  const guint8 *pixels;
  png_uint_32   height, width;
  int           channels;
  size_t        stride;
  int           depth;        /* bits of a channel: 8, or 16 as this machine stores them */
  int           compression;  /* zlib's level */
} Picture;

static void
on_write (png_structp png,
          png_bytep   data,
          size_t      size)
{
  g_byte_array_append (png_get_io_ptr (png), data, (guint) size);
}

static void
on_flush (png_structp png)
{
}

/* Under setjmp. */
static gboolean
encode_guarded (png_structp    png,
                png_infop      info,
                const Picture *picture)
{
  static const int color_types[] = {
    0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA,
  };

  if (setjmp (png_jmpbuf (png)) != 0)
    return FALSE;
  png_set_user_limits (png, MAX_SIDE, MAX_SIDE);
  png_set_IHDR (png, info, picture->width, picture->height, picture->depth, color_types[picture->channels],
                PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level (png, picture->compression);
  png_write_info (png, info);
  if (picture->depth == 16 && G_BYTE_ORDER == G_LITTLE_ENDIAN)
    png_set_swap (png);
  for (png_uint_32 y = 0; y < picture->height; y++)
    png_write_row (png, picture->pixels + y * picture->stride);
  png_write_end (png, NULL);
  return TRUE;
}

static GBytes *
encode_picture (const Picture  *picture,
                GError        **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Failure failure = { "" };
  png_structp png;
  png_infop info;
  gboolean ok;

  if (picture->height < 1 || picture->width < 1 || picture->height > MAX_SIDE || picture->width > MAX_SIDE ||
      picture->channels < 1 || picture->channels > 4)
    {
      gw_invalid (error, "a picture of %d × %d pixels with %d channels cannot be a PNG", (int) picture->height,
                  (int) picture->width, picture->channels);
      return NULL;
    }
  png = png_create_write_struct (PNG_LIBPNG_VER_STRING, &failure, on_error, on_warning);
  info = png != NULL ? png_create_info_struct (png) : NULL;
  if (info != NULL)
    png_set_write_fn (png, bytes, on_write, on_flush);
  else
    g_strlcpy (failure.message, "out of memory", sizeof failure.message);
  ok = info != NULL && encode_guarded (png, info, picture);
  png_destroy_write_struct (&png, &info);
  if (ok)
    return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "cannot encode a picture: %s", failure.message);
  return NULL;
}

GBytes *
gw_png_encode_rows (const guint8  *pixels,
                    int            height,
                    int            width,
                    int            channels,
                    size_t         stride,
                    GError       **error)
{
  Picture picture = { pixels, (png_uint_32) height, (png_uint_32) width, channels, stride, 8, Z_DEFAULT_COMPRESSION };

  return encode_picture (&picture, error);
}

GBytes *
gw_png_encode_packed (const GwTensor  *image,
                      int              compression,
                      GError         **error)
{
  const GwShape *shape = &image->shape;
  size_t size = gw_dtype_size (image->dtype);
  int channels = shape->rank == 3 && shape->dims[2] >= 1 && shape->dims[2] <= 4 ? (int) shape->dims[2]
                                                                                : shape->rank == 2;
  g_autofree char *text = NULL;

  if ((image->dtype == GW_UINT8 || image->dtype == GW_UINT16) && channels > 0 && shape->dims[0] <= MAX_SIDE &&
      shape->dims[1] <= MAX_SIDE)
    {
      Picture picture = { image->data, (png_uint_32) shape->dims[0], (png_uint_32) shape->dims[1], channels,
                          (size_t) shape->dims[1] * (size_t) channels * size, (int) size * 8,
                          CLAMP (compression, Z_DEFAULT_COMPRESSION, Z_BEST_COMPRESSION) };

      return encode_picture (&picture, error);
    }
  text = gw_shape_to_string (shape);
  gw_invalid (error, "a picture is a uint8 or uint16 tensor [height,width,1…4], not %s %s", gw_dtype_name (image->dtype), text);
  return NULL;
}

GBytes *
gw_png_encode (const GwTensor  *image,
               GError         **error)
{
  return gw_png_encode_packed (image, Z_DEFAULT_COMPRESSION, error);
}

gboolean
gw_png_save (const char      *path,
             const GwTensor  *image,
             GError         **error)
{
  g_autoptr (GBytes) bytes = gw_png_encode (image, error);

  return bytes != NULL && gw_atomic_write (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
}

/* --- Decoding --- */

typedef struct {
  const guint8 *data;
  size_t        left;
} Source;

typedef struct {
  png_structp png;
  png_infop   info;
  Source      source;
  Failure     failure;
  int         height, width, channels; /* as stored */
  int         wanted;                  /* channels to be delivered */
  gboolean    deep;                    /* 16 bits of each, else 8 */
} Decoder;

static void
on_read (png_structp png,
         png_bytep   data,
         size_t      size)
{
  Source *source = png_get_io_ptr (png);

  if (size > source->left)
    png_error (png, "ends too early");
  memcpy (data, source->data, size);
  source->data += size;
  source->left -= size;
}

static void
decoder_clear (Decoder *decoder)
{
  if (decoder->png != NULL)
    png_destroy_read_struct (&decoder->png, &decoder->info, NULL);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Decoder, decoder_clear)

static gboolean
decoder_failed (const Decoder  *decoder,
                GError        **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "not a whole PNG picture: %s", decoder->failure.message);
  return FALSE;
}

static int
count_channels (png_structp png,
                png_infop   info)
{
  gboolean transparent = png_get_valid (png, info, PNG_INFO_tRNS) != 0;

  switch (png_get_color_type (png, info))
    {
    case PNG_COLOR_TYPE_GRAY:       return transparent ? 2 : 1;
    case PNG_COLOR_TYPE_GRAY_ALPHA: return 2;
    case PNG_COLOR_TYPE_RGB_ALPHA:  return 4;
    default:                        return transparent ? 4 : 3;
    }
}

/* Under setjmp. */
static gboolean
read_info_guarded (Decoder *decoder)
{
  if (setjmp (png_jmpbuf (decoder->png)) != 0)
    return FALSE;
  png_set_user_limits (decoder->png, MAX_SIDE, MAX_SIDE);
  png_set_chunk_malloc_max (decoder->png, 8 << 20);
  png_set_read_fn (decoder->png, &decoder->source, on_read);
  png_read_info (decoder->png, decoder->info);
  decoder->height = (int) png_get_image_height (decoder->png, decoder->info);
  decoder->width = (int) png_get_image_width (decoder->png, decoder->info);
  decoder->channels = count_channels (decoder->png, decoder->info);
  return TRUE;
}

/* Gray as television had it, and as TensorFlow takes it; parts in 100,000. */
#define GRAY_RED 29900
#define GRAY_GREEN 58700

/* Under setjmp. 8 or 16 bits, and the wanted number of channels. */
static gboolean
set_conversion_guarded (Decoder *decoder,
                        size_t  *row_bytes)
{
  png_structp png = decoder->png;
  gboolean colour = (png_get_color_type (png, decoder->info) & PNG_COLOR_MASK_COLOR) != 0;
  gboolean alpha = decoder->channels == 2 || decoder->channels == 4;
  gboolean want_alpha = decoder->wanted == 2 || decoder->wanted == 4;

  if (setjmp (png_jmpbuf (png)) != 0)
    return FALSE;
  png_set_expand (png);
  if (decoder->deep)
    png_set_expand_16 (png);
  else
    png_set_strip_16 (png);
  if (decoder->deep && G_BYTE_ORDER == G_LITTLE_ENDIAN)
    png_set_swap (png);
  if (colour && decoder->wanted <= 2)
    png_set_rgb_to_gray_fixed (png, 1, GRAY_RED, GRAY_GREEN);
  if (!colour && decoder->wanted >= 3)
    png_set_gray_to_rgb (png);
  if (alpha && !want_alpha)
    png_set_strip_alpha (png);
  if (!alpha && want_alpha)
    png_set_add_alpha (png, decoder->deep ? 0xffff : 0xff, PNG_FILLER_AFTER);
  png_set_interlace_handling (png);
  png_read_update_info (png, decoder->info);
  *row_bytes = png_get_rowbytes (png, decoder->info);
  return TRUE;
}

/* Under setjmp. */
static gboolean
read_pixels_guarded (Decoder *decoder,
                     guint8  *pixels,
                     size_t   stride)
{
  int passes;

  if (setjmp (png_jmpbuf (decoder->png)) != 0)
    return FALSE;
  passes = png_get_interlace_type (decoder->png, decoder->info) == PNG_INTERLACE_ADAM7 ? 7 : 1;
  for (int pass = 0; pass < passes; pass++)
    for (int y = 0; y < decoder->height; y++)
      png_read_row (decoder->png, pixels + (size_t) y * stride, NULL);
  png_read_end (decoder->png, NULL);
  return TRUE;
}

static gboolean
decoder_open (Decoder     *decoder,
              const void  *data,
              size_t       size,
              GError     **error)
{
  decoder->source = (Source) { data, size };
  decoder->png = png_create_read_struct (PNG_LIBPNG_VER_STRING, &decoder->failure, on_error, on_warning);
  decoder->info = decoder->png != NULL ? png_create_info_struct (decoder->png) : NULL;
  if (decoder->info == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "out of memory for a picture");
      return FALSE;
    }
  return read_info_guarded (decoder) || decoder_failed (decoder, error);
}

/* Whether deflate could have packed so many rows into the file, and whether the
 * unpacked picture is of a size that anybody means. */
static gboolean
size_is_possible (const Decoder  *decoder,
                  size_t          size,
                  GError        **error)
{
  uint64_t packed = (uint64_t) decoder->height * png_get_rowbytes (decoder->png, decoder->info);

  if ((uint64_t) decoder->height * (uint64_t) decoder->width > MAX_PIXELS)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED,
                   "a picture of %d × %d pixels is too large", decoder->width, decoder->height);
      return FALSE;
    }
  if (packed / DEFLATE_MAX_RATIO <= size)
    return TRUE;
  g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS,
               "not a whole PNG picture: %d × %d pixels cannot be in %" G_GSIZE_FORMAT " bytes",
               decoder->width, decoder->height, size);
  return FALSE;
}

GwTensor *
gw_png_decode (const void  *data,
               size_t       size,
               int          channels,
               GError     **error)
{
  return gw_png_decode_as (data, size, channels, GW_UINT8, error);
}

GwTensor *
gw_png_decode_as (const void  *data,
                  size_t       size,
                  int          channels,
                  GwDType      dtype,
                  GError     **error)
{
  g_auto (Decoder) decoder = { NULL };
  g_autoptr (GwTensor) image = NULL;
  size_t row_bytes;

  if (channels < 0 || channels > 4)
    {
      gw_invalid (error, "a picture has 1 to 4 channels, not %d", channels);
      return NULL;
    }
  if (!decoder_open (&decoder, data, size, error) || !size_is_possible (&decoder, size, error))
    return NULL;
  decoder.wanted = channels > 0 ? channels : decoder.channels;
  decoder.deep = dtype == GW_UINT16;
  if (!set_conversion_guarded (&decoder, &row_bytes) ||
      row_bytes != (size_t) decoder.width * (size_t) decoder.wanted * gw_dtype_size (dtype))
    {
      decoder_failed (&decoder, error);
      return NULL;
    }
  image = gw_tensor_new (dtype, &GW_SHAPE (decoder.height, decoder.width, decoder.wanted), error);
  if (image == NULL)
    return NULL;
  if (read_pixels_guarded (&decoder, image->data, row_bytes))
    return g_steal_pointer (&image);
  decoder_failed (&decoder, error);
  return NULL;
}

gboolean
gw_png_read_size (const void  *data,
                  size_t       size,
                  int         *height,
                  int         *width,
                  int         *channels,
                  GError     **error)
{
  g_auto (Decoder) decoder = { NULL };

  if (!decoder_open (&decoder, data, size, error))
    return FALSE;
  if (height != NULL)
    *height = decoder.height;
  if (width != NULL)
    *width = decoder.width;
  if (channels != NULL)
    *channels = decoder.channels;
  return TRUE;
}

GwTensor *
gw_png_load (const char  *path,
             int          channels,
             GError     **error)
{
  g_autoptr (GwInput) input = gw_input_open (path, GW_INPUT_PLAIN, error);
  g_autofree guint8 *bytes = NULL;
  GwTensor *image;
  uint64_t size;

  if (input == NULL)
    return NULL;
  size = gw_input_limit (input);
  bytes = g_try_malloc (MAX (size, 1));
  if (bytes == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "%s: does not fit into memory", path);
      return NULL;
    }
  if (!gw_input_read_all (input, bytes, size, "the picture", error))
    return NULL;
  image = gw_png_decode (bytes, size, channels, error);
  if (image == NULL)
    g_prefix_error (error, "%s: ", path);
  return image;
}
