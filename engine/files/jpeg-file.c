/* SPDX-License-Identifier: Apache-2.0 */
/* libjpeg's errors must not return: they leave by longjmp. Only the functions marked so
 * run under setjmp; they own nothing, everything they touch belongs to their caller. */
#include "engine/files/jpeg-file.h"

#include "engine/base/error.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#define MAX_PIXELS ((uint64_t) 1 << 28)
/* A progressive file may hold any number of passes over the picture, each of which
 * costs as much as the first. */
#define MAX_SCANS 200
#define XMP_HEAD "http://ns.adobe.com/xap/1.0/"
#define MAX_MARKER 65533

typedef struct {
  struct jpeg_error_mgr base; /* first: libjpeg hands it back */
  jmp_buf               back;
  char                  message[JMSG_LENGTH_MAX];
} Errors;

static void
on_error (j_common_ptr jpeg)
{
  Errors *errors = (Errors *) jpeg->err;

  jpeg->err->format_message (jpeg, errors->message);
  longjmp (errors->back, 1);
}

static void
on_message (j_common_ptr jpeg)
{
}

static struct jpeg_error_mgr *
errors_init (Errors *errors)
{
  struct jpeg_error_mgr *base = jpeg_std_error (&errors->base);

  base->error_exit = on_error;
  base->output_message = on_message;
  errors->message[0] = '\0';
  return base;
}

gboolean
gw_jpeg_is_jpeg (const void *data,
                 size_t      size)
{
  return size >= 3 && memcmp (data, "\xff\xd8\xff", 3) == 0;
}

/* ---- decoding ---- */

typedef struct {
  struct jpeg_decompress_struct jpeg;
  Errors                        errors;
  struct jpeg_source_mgr        source;
  struct jpeg_progress_mgr      progress;
  gboolean                      ended_early, recover;
  JDIMENSION                    rows_before_end;
} Decoder;

static void
decoder_clear (Decoder *decoder)
{
  jpeg_destroy_decompress (&decoder->jpeg);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Decoder, decoder_clear)

static void
on_source_start (j_decompress_ptr jpeg)
{
}

/* The bytes are at their end: an end marker in their place. */
static boolean
on_source_empty (j_decompress_ptr jpeg)
{
  static const JOCTET end[] = { 0xff, JPEG_EOI };
  Decoder *decoder = jpeg->client_data;

  if (!decoder->ended_early)
    decoder->rows_before_end = jpeg->output_scanline;
  decoder->ended_early = TRUE;
  jpeg->src->next_input_byte = end;
  jpeg->src->bytes_in_buffer = sizeof end;
  return TRUE;
}

static void
on_source_skip (j_decompress_ptr jpeg,
                long             n)
{
  size_t skip = n > 0 ? MIN ((size_t) n, jpeg->src->bytes_in_buffer) : 0;

  jpeg->src->next_input_byte += skip;
  jpeg->src->bytes_in_buffer -= skip;
  if (n > 0 && skip < (size_t) n)
    on_source_empty (jpeg);
}

static void
on_progress (j_common_ptr jpeg)
{
  Decoder *decoder = jpeg->client_data;

  if (decoder->jpeg.input_scan_number <= MAX_SCANS)
    return;
  g_strlcpy (decoder->errors.message, "it has too many scans", sizeof decoder->errors.message);
  longjmp (decoder->errors.back, 1);
}

/* Under setjmp. */
static gboolean
read_header_guarded (Decoder    *decoder,
                     const void *data,
                     size_t      size)
{
  struct jpeg_decompress_struct *jpeg = &decoder->jpeg;

  jpeg->err = errors_init (&decoder->errors);
  if (setjmp (decoder->errors.back) != 0)
    return FALSE;
  jpeg_create_decompress (jpeg);
  jpeg->client_data = decoder;
  decoder->progress.progress_monitor = on_progress;
  jpeg->progress = &decoder->progress;
  decoder->source = (struct jpeg_source_mgr) {
    .next_input_byte = data, .bytes_in_buffer = size, .init_source = on_source_start,
    .fill_input_buffer = on_source_empty, .skip_input_data = on_source_skip,
    .resync_to_restart = jpeg_resync_to_restart, .term_source = on_source_start,
  };
  jpeg->src = &decoder->source;
  jpeg_read_header (jpeg, TRUE);
  return TRUE;
}

/* Under setjmp. Leaves the size of the picture in jpeg->output_…. */
static gboolean
start_guarded (Decoder              *decoder,
               const GwJpegDecoding *decoding)
{
  struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
  int channels = decoding->channels != 0 ? decoding->channels : MIN (jpeg->num_components, 3);

  if (setjmp (decoder->errors.back) != 0)
    return FALSE;
  jpeg->out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  if (jpeg->num_components == 4)
    jpeg->out_color_space = JCS_CMYK;
  jpeg->scale_num = 1;
  jpeg->scale_denom = (unsigned) decoding->ratio;
  jpeg->do_fancy_upsampling = decoding->fancy_upscaling;
  jpeg->dct_method = decoding->accurate ? JDCT_ISLOW : JDCT_IFAST;
  jpeg_calc_output_dimensions (jpeg);
  return TRUE;
}

/* Ink to light, as Adobe's files have it, inverted; then to gray where that is wanted. */
static void
convert_cmyk (const JSAMPLE *ink,
              guint8        *row,
              int            width,
              gboolean       inverted,
              int            channels)
{
  for (int x = 0; x < width; x++, ink += 4, row += channels)
    {
      int black = inverted ? ink[3] : 255 - ink[3];
      int light[3];

      for (int i = 0; i < 3; i++)
        light[i] = (inverted ? ink[i] : 255 - ink[i]) * black / 255;
      for (int i = 0; i < 3 && channels == 3; i++)
        row[i] = (guint8) light[i];
      if (channels == 1)
        row[0] = (guint8) ((299 * light[0] + 587 * light[1] + 114 * light[2] + 500) / 1000);
    }
}

/* Under setjmp. `ink` holds a row of a picture in ink colours. */
static gboolean
read_rows_guarded (Decoder  *decoder,
                   guint8   *pixels,
                   JSAMPLE  *ink,
                   int       channels)
{
  struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
  size_t stride = (size_t) jpeg->output_width * (size_t) channels;

  if (setjmp (decoder->errors.back) != 0)
    return FALSE;
  jpeg_start_decompress (jpeg);
  while (jpeg->output_scanline < jpeg->output_height && (decoder->recover || !decoder->ended_early))
    {
      guint8 *row = pixels + (size_t) jpeg->output_scanline * stride;
      JSAMPROW target = ink != NULL ? ink : row;

      jpeg_read_scanlines (jpeg, &target, 1);
      if (ink != NULL)
        convert_cmyk (ink, row, (int) jpeg->output_width, jpeg->saw_Adobe_marker, channels);
    }
  return TRUE;
}

static gboolean
decoder_failed (const Decoder  *decoder,
                GError        **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "not a whole JPEG picture: %s",
               decoder->ended_early && !decoder->recover ? "it ends too early" : decoder->errors.message);
  return FALSE;
}

static GwTensor *
read_picture (Decoder               *decoder,
              const GwJpegDecoding  *decoding,
              GError               **error)
{
  struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
  int channels = decoding->channels != 0 ? decoding->channels : MIN (jpeg->num_components, 3);
  uint64_t pixels = (uint64_t) jpeg->output_width * jpeg->output_height;
  g_autofree JSAMPLE *ink = NULL;
  g_autoptr (GwTensor) image = NULL;

  if (pixels > MAX_PIXELS || (uint64_t) jpeg->image_width * jpeg->image_height > MAX_PIXELS)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "a picture of %u × %u pixels is too large",
                   jpeg->image_width, jpeg->image_height);
      return NULL;
    }
  image = gw_tensor_new_zeros (GW_UINT8, &GW_SHAPE (jpeg->output_height, jpeg->output_width, channels), error);
  if (image == NULL)
    return NULL;
  if (jpeg->out_color_space == JCS_CMYK)
    ink = g_new (JSAMPLE, 4 * (gsize) jpeg->output_width);
  if (!read_rows_guarded (decoder, image->data, ink, channels) || (decoder->ended_early && !decoder->recover) ||
      (decoder->ended_early && decoder->rows_before_end < decoding->acceptable_fraction * jpeg->output_height))
    {
      decoder_failed (decoder, error);
      return NULL;
    }
  return g_steal_pointer (&image);
}

GwTensor *
gw_jpeg_decode (const void            *data,
                size_t                 size,
                const GwJpegDecoding  *decoding,
                GError               **error)
{
  g_auto (Decoder) decoder = { .recover = decoding->recover };

  if (decoding->channels != 0 && decoding->channels != 1 && decoding->channels != 3)
    {
      gw_invalid (error, "a JPEG picture has 1 or 3 channels, not %d", decoding->channels);
      return NULL;
    }
  if (!read_header_guarded (&decoder, data, size) || !start_guarded (&decoder, decoding))
    {
      decoder_failed (&decoder, error);
      return NULL;
    }
  return read_picture (&decoder, decoding, error);
}

/* ---- encoding ---- */

typedef struct {
  struct jpeg_compress_struct jpeg;
  Errors                      errors;
  unsigned char              *bytes;  /* libjpeg's, by malloc */
  unsigned long               size;
} Encoder;

static void
encoder_clear (Encoder *encoder)
{
  jpeg_destroy_compress (&encoder->jpeg);
  free (encoder->bytes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Encoder, encoder_clear)

static void
set_options (struct jpeg_compress_struct *jpeg,
             const GwJpegEncoding        *encoding)
{
  jpeg_set_defaults (jpeg);
  jpeg_set_quality (jpeg, encoding->quality, TRUE);
  if (encoding->progressive)
    jpeg_simple_progression (jpeg);
  jpeg->optimize_coding = encoding->optimize_size;
  jpeg->density_unit = encoding->per_centimetre ? 2 : 1;
  jpeg->X_density = (UINT16) encoding->x_density;
  jpeg->Y_density = (UINT16) encoding->y_density;
  for (int i = 0; i < jpeg->num_components && !encoding->chroma_downsampling; i++)
    jpeg->comp_info[i].h_samp_factor = jpeg->comp_info[i].v_samp_factor = 1;
}

/* Under setjmp. `marker` is what is kept as metadata, or NULL. */
static gboolean
encode_guarded (Encoder              *encoder,
                const GwTensor       *image,
                const GwJpegEncoding *encoding,
                const GString        *marker)
{
  struct jpeg_compress_struct *jpeg = &encoder->jpeg;
  size_t stride = (size_t) (image->shape.dims[1] * image->shape.dims[2]);

  jpeg->err = errors_init (&encoder->errors);
  if (setjmp (encoder->errors.back) != 0)
    return FALSE;
  jpeg_create_compress (jpeg);
  jpeg_mem_dest (jpeg, &encoder->bytes, &encoder->size);
  jpeg->image_height = (JDIMENSION) image->shape.dims[0];
  jpeg->image_width = (JDIMENSION) image->shape.dims[1];
  jpeg->input_components = (int) image->shape.dims[2];
  jpeg->in_color_space = jpeg->input_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  set_options (jpeg, encoding);
  jpeg_start_compress (jpeg, TRUE);
  if (marker != NULL)
    jpeg_write_marker (jpeg, JPEG_APP0 + 1, (const JOCTET *) marker->str, (unsigned) marker->len);
  while (jpeg->next_scanline < jpeg->image_height)
    {
      JSAMPROW row = (JSAMPROW) image->data + (size_t) jpeg->next_scanline * stride;

      jpeg_write_scanlines (jpeg, &row, 1);
    }
  jpeg_finish_compress (jpeg);
  return TRUE;
}

GBytes *
gw_jpeg_encode (const GwTensor        *image,
                const GwJpegEncoding  *encoding,
                GError               **error)
{
  g_auto (Encoder) encoder = { .bytes = NULL };
  const GwShape *shape = &image->shape;
  g_autoptr (GString) marker = NULL;
  g_autofree char *text = gw_shape_to_string (shape);

  if (image->dtype != GW_UINT8 || shape->rank != 3 || (shape->dims[2] != 1 && shape->dims[2] != 3) ||
      shape->dims[0] < 1 || shape->dims[1] < 1 || shape->dims[0] > JPEG_MAX_DIMENSION || shape->dims[1] > JPEG_MAX_DIMENSION)
    {
      gw_invalid (error, "a JPEG picture is a uint8 tensor [height,width,1 or 3] of at most %ld pixels a side, not %s %s",
                  (long) JPEG_MAX_DIMENSION, gw_dtype_name (image->dtype), text);
      return NULL;
    }
  if (encoding->xmp != NULL && *encoding->xmp != '\0')
    {
      marker = g_string_new_len (XMP_HEAD, sizeof XMP_HEAD);
      g_string_append (marker, encoding->xmp);
    }
  if (marker != NULL && marker->len > MAX_MARKER)
    {
      gw_invalid (error, "the metadata of a JPEG picture may have at most %d bytes", MAX_MARKER);
      return NULL;
    }
  if (encode_guarded (&encoder, image, encoding, marker))
    return g_bytes_new (encoder.bytes, encoder.size);
  g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "cannot encode a picture: %s", encoder.errors.message);
  return NULL;
}
