/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures to and from the bytes of their files. */
#include "engine/base/error.h"
#include "engine/files/image-file.h"
#include "engine/files/jpeg-file.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <string.h>

#define FILES "strings/Files"

/* ---- decoding ---- */

static gboolean
decode_shape (GwShapeContext *context,
              GError        **error)
{
  int64_t channels = gw_shape_attr (context, "channels")->i;

  if (!gw_array_want_scalar (context, 0, error))
    return FALSE;
  if (channels != 0 && channels != 1 && channels != 3 && channels != 4)
    return gw_invalid (error, "channels must be 0, 1, 3 or 4, not %" G_GINT64_FORMAT, channels);
  context->outputs[0] = GW_SHAPE (-1, -1, channels == 0 ? -1 : channels);
  return TRUE;
}

/* By what the bytes begin with, whatever the op is called; `jpeg` is how a JPEG is read. */
static GwTensor *
decode_any (const GwString        *contents,
            int                    channels,
            GwDType                dtype,
            const GwJpegDecoding  *jpeg,
            GError               **error)
{
  GwJpegDecoding decoding = *jpeg;

  if (gw_jpeg_is_jpeg (contents->data, contents->length))
    {
      if (channels == 4)
        {
          gw_invalid (error, "channels: JPEG does not support 4 channels");
          return NULL;
        }
      decoding.channels = channels;
      return gw_jpeg_decode (contents->data, contents->length, &decoding, error);
    }
  if (contents->length >= 8 && memcmp (contents->data, "\x89PNG\r\n\x1a\n", 8) == 0)
    return gw_png_decode_as (contents->data, contents->length, channels, dtype, error);
  gw_invalid (error, "contents: unknown image file format; PNG and JPEG are read");
  return NULL;
}

/* To the output: as it is, or widened from 8 bits. */
static gboolean
give_picture (GwKernelContext  *context,
              const GwTensor   *image,
              GwDType           dtype,
              GError          **error)
{
  GwTensor *out;

  if (!gw_kernel_allocate_output (context, 0, dtype, &image->shape, error))
    return FALSE;
  out = context->outputs[0];
  if (image->dtype == dtype)
    memcpy (out->data, image->data, image->bytes);
  else
    for (int64_t i = 0; i < image->elements; i++)
      {
        double value = gw_tensor_get_double (image, i);
        double top = image->dtype == GW_UINT16 ? 65535 : 255;

        if (dtype == GW_FLOAT32)
          GW_TENSOR_DATA (out, float)[i] = (float) value / (float) top;
        else
          GW_TENSOR_DATA (out, uint16_t)[i] = (uint16_t) (value * 257);
      }
  return TRUE;
}

enum { PNG_CHANNELS, PNG_DTYPE };

static gboolean
decode_cpu (GwKernelContext *context,
            GError         **error)
{
  GwDType dtype = context->attrs[PNG_DTYPE].dtype;
  g_autoptr (GwTensor) image = decode_any (gw_tensor_get_string (context->inputs[0], 0),
                                           (int) context->attrs[PNG_CHANNELS].i, dtype == GW_UINT8 ? GW_UINT8 : GW_UINT16,
                                           &GW_JPEG_DECODING, error);

  return image != NULL && give_picture (context, image, dtype, error);
}

enum { JPEG_CHANNELS, JPEG_RATIO, JPEG_FANCY, JPEG_RECOVER, JPEG_FRACTION, JPEG_DCT };

static gboolean
decode_jpeg_shape (GwShapeContext *context,
                   GError        **error)
{
  int64_t ratio = context->attrs[JPEG_RATIO].i;

  if (ratio != 1 && ratio != 2 && ratio != 4 && ratio != 8)
    return gw_invalid (error, "ratio must be 1, 2, 4, or 8, not %" G_GINT64_FORMAT, ratio);
  return decode_shape (context, error);
}

static gboolean
decode_jpeg_cpu (GwKernelContext *context,
                 GError         **error)
{
  GwJpegDecoding decoding = {
    .ratio = (int) context->attrs[JPEG_RATIO].i, .fancy_upscaling = context->attrs[JPEG_FANCY].b,
    .recover = context->attrs[JPEG_RECOVER].b, .acceptable_fraction = context->attrs[JPEG_FRACTION].f,
    .accurate = strcmp (context->attrs[JPEG_DCT].s, "INTEGER_ACCURATE") == 0,
  };
  g_autoptr (GwTensor) image = decode_any (gw_tensor_get_string (context->inputs[0], 0),
                                           (int) context->attrs[JPEG_CHANNELS].i, GW_UINT8, &decoding, error);

  return image != NULL && give_picture (context, image, GW_UINT8, error);
}

/* ---- encoding ---- */

/* A text for each picture: the dimensions before height, width, channels. */
static gboolean
encode_png_shape (GwShapeContext *context,
                  GError        **error)
{
  const GwShape *image = &context->inputs[0];
  GwShape *out = &context->outputs[0];

  if (!gw_shape_want_rank_at_least (context, 0, 3, error))
    return FALSE;
  *out = *image;
  if (out->rank < 0)
    return TRUE;
  out->rank -= 3;
  if (image->dims[image->rank - 1] > 4 || image->dims[image->rank - 1] == 0)
    return gw_invalid (error, "image must have 1, 2, 3, or 4 channels, not %" G_GINT64_FORMAT, image->dims[image->rank - 1]);
  return TRUE;
}

static void
give_text (GwTensor *out,
           int64_t   index,
           GBytes   *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  gw_string_set (&GW_TENSOR_DATA (out, GwString)[index], data, size);
}

static gboolean
encode_png_cpu (GwKernelContext *context,
                GError         **error)
{
  const GwTensor *images = context->inputs[0];
  const GwShape *shape = &images->shape;
  GwShape one = GW_SHAPE (shape->dims[shape->rank - 3], shape->dims[shape->rank - 2], shape->dims[shape->rank - 1]);
  int64_t n = gw_shape_span (shape, 0, shape->rank - 3);
  size_t size = (size_t) gw_shape_elements (&one) * gw_dtype_size (images->dtype);

  for (int64_t i = 0; i < n; i++)
    {
      g_autoptr (GwTensor) image = gw_tensor_new_foreign (images->dtype, &one, (char *) images->data + (size_t) i * size);
      g_autoptr (GBytes) bytes = gw_png_encode_packed (image, (int) context->attrs[0].i, error);

      if (bytes == NULL)
        return FALSE;
      give_text (context->outputs[0], i, bytes);
    }
  return TRUE;
}

enum {
  ENCODE_FORMAT, ENCODE_QUALITY, ENCODE_PROGRESSIVE, ENCODE_OPTIMIZE, ENCODE_CHROMA, ENCODE_UNIT, ENCODE_X, ENCODE_Y, ENCODE_XMP
};

static gboolean
encode_jpeg_shape (GwShapeContext *context,
                   GError        **error)
{
  const char *format = context->attrs[ENCODE_FORMAT].s;
  GwShape image;
  int64_t wanted = strcmp (format, "grayscale") == 0 ? 1 : strcmp (format, "rgb") == 0 ? 3 : 0;

  if (!gw_shape_want_rank (context, 0, 3, &image, error))
    return FALSE;
  if (image.dims[2] >= 0 && (wanted > 0 ? image.dims[2] != wanted : image.dims[2] != 1 && image.dims[2] != 3))
    return gw_invalid (error, "image must have %s channels%s%s, not %" G_GINT64_FORMAT,
                       wanted == 1 ? "1" : wanted == 3 ? "3" : "1 or 3", wanted > 0 ? " for format " : "",
                       wanted > 0 ? format : "", image.dims[2]);
  context->outputs[0] = GW_SHAPE_SCALAR;
  return TRUE;
}

static gboolean
encode_jpeg_cpu (GwKernelContext *context,
                 GError         **error)
{
  const GwAttrValue *attrs = context->attrs;
  GwJpegEncoding encoding = {
    .quality = (int) attrs[ENCODE_QUALITY].i, .progressive = attrs[ENCODE_PROGRESSIVE].b,
    .optimize_size = attrs[ENCODE_OPTIMIZE].b, .chroma_downsampling = attrs[ENCODE_CHROMA].b,
    .per_centimetre = strcmp (attrs[ENCODE_UNIT].s, "cm") == 0, .x_density = (int) attrs[ENCODE_X].i,
    .y_density = (int) attrs[ENCODE_Y].i, .xmp = attrs[ENCODE_XMP].s,
  };
  g_autoptr (GBytes) bytes = gw_jpeg_encode (context->inputs[0], &encoding, error);

  if (bytes == NULL)
    return FALSE;
  give_text (context->outputs[0], 0, bytes);
  return TRUE;
}

/* ---- descriptors ---- */

#define CONTENTS_PORT { "contents", "string", "The bytes of the file, a scalar: of *ReadFile*, say." }
#define CHANNELS_ATTR \
  { "channels", GW_ATTR_INT, .def = "0", .min = 0, .max = 4, .label = "Channels", \
    .help = "1 gray, 3 red-green-blue, 4 with alpha; 0 as the file has it." }
#define DTYPE_ATTR(types) \
  { "dtype", GW_ATTR_DTYPE, .def = "uint8", .choices = types, .label = "Type", .help = "Element type of the picture." }
#define IMAGE_OUT(type) { "image", type, "height × width × channels." }
#define DECODED \
  " PNG and JPEG are told apart by their first bytes, whichever of the ops is used. Bytes that are no whole picture are an error."

/* The file of two black pixels. */
#define PNG_FILE \
  "\"" \
  "\\x89PNG\\x0d\\x0a\\x1a\\x0a\\x00\\x00\\x00\\x0dIHDR\\x00\\x00\\x00\\x02\\x00\\x00\\x00\\x01\\x08" \
  "\\x00\\x00\\x00\\x00\\xd1I V\\x00\\x00\\x00\\x0bIDAT\\x08\\x99c``\\x00\\x00\\x00\\x03\\x00\\x01\\xa0" \
  "\\xa6\\xa3\\xd4\\x00\\x00\\x00\\x00IEND\\xaeB`\\x82" \
  "\""

static const GwOpDef decode_png = {
  .name = "DecodePng", .since = 1, .title = "Decode PNG", .category = FILES,
  .summary = "The picture in the bytes of a PNG file.",
  .doc = "As rows of pixels, 0 to 255, or to 65535 as uint16." DECODED,
  .inputs = GW_PORTS (CONTENTS_PORT), .outputs = GW_PORTS (IMAGE_OUT ("dtype")),
  .attrs = GW_ATTRS ([PNG_CHANNELS] = CHANNELS_ATTR, [PNG_DTYPE] = DTYPE_ATTR (GW_CHOICES ("uint8", "uint16"))),
  .flags = GW_OP_STOPS_GRADIENT | GW_OP_DYNAMIC_OUTPUT,
  .shape_rule = "[height, width, channels]; what `channels` does not say follows from the file",
  .shape = decode_shape, .cpu = decode_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS (PNG_FILE), NULL, GW_TEXTS ("[[[0], [0]]]") },
                           { GW_TEXTS (PNG_FILE), "dtype=uint16 channels=3", GW_TEXTS ("uint16 [[[0, 0, 0], [0, 0, 0]]]") }),
  .tell = GW_CHOICES ("channels", "dtype"),
};

static const GwOpDef decode_image = {
  .name = "DecodeImage", .since = 1, .title = "Decode picture", .category = FILES,
  .summary = "The picture in the bytes of a PNG or JPEG file.",
  .doc = "As float32 its values are 0 to 1." DECODED,
  .inputs = GW_PORTS (CONTENTS_PORT), .outputs = GW_PORTS (IMAGE_OUT ("dtype")),
  .attrs = GW_ATTRS ([PNG_CHANNELS] = CHANNELS_ATTR, [PNG_DTYPE] = DTYPE_ATTR (GW_CHOICES ("uint8", "uint16", "float32")),
                     { "expand_animations", GW_ATTR_BOOL, .def = "true", .label = "All frames",
                       .help = "Of animations; PNG and JPEG have one frame.", .flags = GW_ATTR_HIDDEN }),
  .flags = GW_OP_STOPS_GRADIENT | GW_OP_DYNAMIC_OUTPUT,
  .shape_rule = "[height, width, channels]; what `channels` does not say follows from the file",
  .shape = decode_shape, .cpu = decode_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS (PNG_FILE), NULL, GW_TEXTS ("[[[0], [0]]]") },
                           { GW_TEXTS (PNG_FILE), "dtype=float32 channels=4", GW_TEXTS ("float32 [[[0.0, 0, 0, 1], [0, 0, 0, 1]]]") }),
  .tell = GW_CHOICES ("channels", "dtype"),
};

static const GwOpDef decode_jpeg = {
  .name = "DecodeJpeg", .since = 1, .title = "Decode JPEG", .category = FILES,
  .summary = "The picture in the bytes of a JPEG file.",
  .doc = "As rows of pixels, 0 to 255." DECODED " With *Ratio* a smaller picture comes out, faster than by resizing.",
  .inputs = GW_PORTS (CONTENTS_PORT), .outputs = GW_PORTS (IMAGE_OUT ("uint8")),
  .attrs = GW_ATTRS (
    [JPEG_CHANNELS] = CHANNELS_ATTR,
    [JPEG_RATIO] = { "ratio", GW_ATTR_INT, .def = "1", .label = "Ratio", .help = "1, 2, 4 or 8: so much smaller." },
    [JPEG_FANCY] = { "fancy_upscaling", GW_ATTR_BOOL, .def = "true", .label = "Smooth colours",
                     .help = "Whether colours, which are stored coarser, are blended; slower." },
    [JPEG_RECOVER] = { "try_recover_truncated", GW_ATTR_BOOL, .def = "false", .label = "Take broken files",
                       .help = "Whether a file that ends early gives what there is of it." },
    [JPEG_FRACTION] = { "acceptable_fraction", GW_ATTR_FLOAT, .def = "1", .ui_max = 1, .label = "Least part",
                        .help = "Of the rows that a broken file must have." },
    [JPEG_DCT] = { "dct_method", GW_ATTR_STRING, .def = "", .label = "Cosine transform",
                   .help = "INTEGER_FAST, which is the default, or INTEGER_ACCURATE." }),
  .flags = GW_OP_STOPS_GRADIENT | GW_OP_DYNAMIC_OUTPUT,
  .shape_rule = "[height, width, channels]; what `channels` does not say follows from the file",
  .shape = decode_jpeg_shape, .cpu = decode_jpeg_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS (PNG_FILE), NULL, GW_TEXTS ("[[[0], [0]]]") }),
  .tell = GW_CHOICES ("channels", "ratio"),
};

static const GwOpDef encode_png = {
  .name = "EncodePng", .since = 1, .title = "Encode PNG", .category = FILES,
  .summary = "Pictures as the bytes of PNG files.",
  .doc = "Nothing is lost. 1 channel gray, 2 gray and alpha, 3 red-green-blue, 4 with alpha; of a batch, a text for each picture.",
  .inputs = GW_PORTS ({ "image", "T", "… × height × width × 1 to 4." }),
  .outputs = GW_PORTS ({ "contents", "string", "The bytes, one text a picture." }),
  .attrs = GW_ATTRS ({ "compression", GW_ATTR_INT, .def = "-1", .min = -1, .max = 9, .label = "Compression",
                       .help = "0 none to 9 most; -1 the usual." },
                     { "T", GW_ATTR_DTYPE, .def = "uint8", .choices = GW_CHOICES ("uint8", "uint16"), .label = "Type",
                       .help = "Element type; follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape_rule = "those of a batch in front of [height, width, channels]; for one picture a scalar",
  .shape = encode_png_shape, .cpu = encode_png_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[[64], [191]]]"), NULL, NULL }, { GW_TEXTS ("[[[[1, 2, 3]]], [[[4, 5, 6]]]]"), NULL, NULL }),
  .tell = GW_CHOICES ("compression"),
};

static const GwOpDef encode_jpeg = {
  .name = "EncodeJpeg", .since = 1, .title = "Encode JPEG", .category = FILES,
  .summary = "A picture as the bytes of a JPEG file.",
  .doc = "Small, for photographs; details are lost, the more the lower the quality.",
  .inputs = GW_PORTS ({ "image", "uint8", "height × width × 1 or 3." }),
  .outputs = GW_PORTS ({ "contents", "string", "The bytes." }),
  .attrs = GW_ATTRS (
    [ENCODE_FORMAT] = { "format", GW_ATTR_CHOICE, .def = "", .choices = GW_CHOICES ("", "grayscale", "rgb"), .label = "Format",
                        .help = "What the picture must be; empty: by its channels." },
    [ENCODE_QUALITY] = { "quality", GW_ATTR_INT, .def = "95", .min = 0, .max = 100, .label = "Quality", .help = "0 to 100." },
    [ENCODE_PROGRESSIVE] = { "progressive", GW_ATTR_BOOL, .def = "false", .label = "Progressive",
                             .help = "Whether a coarse picture comes first in the file." },
    [ENCODE_OPTIMIZE] = { "optimize_size", GW_ATTR_BOOL, .def = "false", .label = "Smaller file",
                          .help = "Whether to spend time on a smaller file of the same picture." },
    [ENCODE_CHROMA] = { "chroma_downsampling", GW_ATTR_BOOL, .def = "true", .label = "Coarser colours",
                        .help = "Whether colours are stored at half the size." },
    [ENCODE_UNIT] = { "density_unit", GW_ATTR_CHOICE, .def = "in", .choices = GW_CHOICES ("in", "cm"), .label = "Density unit",
                      .help = "Pixels per inch or per centimetre." },
    [ENCODE_X] = { "x_density", GW_ATTR_INT, .def = "300", .min = 0, .max = 65535, .label = "Density across", .help = "Pixels per unit." },
    [ENCODE_Y] = { "y_density", GW_ATTR_INT, .def = "300", .min = 0, .max = 65535, .label = "Density down", .help = "Pixels per unit." },
    [ENCODE_XMP] = { "xmp_metadata", GW_ATTR_STRING, .def = "", .label = "Metadata", .help = "XMP text to be kept in the file." }),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape_rule = "a scalar; the picture is [height, width, channels]",
  .shape = encode_jpeg_shape, .cpu = encode_jpeg_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[[64], [191]]]"), NULL, NULL }),
  .tell = GW_CHOICES ("quality"),
};

const GwOpDef *const gw_ops_image_files[] = { &decode_png, &decode_jpeg, &decode_image, &encode_png, &encode_jpeg, NULL };
