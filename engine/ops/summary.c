/* SPDX-License-Identifier: Apache-2.0 */
/* Summaries for TensorBoard and the board: each op gives a serialised Summary as a
 * string scalar (core/kernels/summary_op.cc, summary_image_op.cc). */
#include "engine/files/summary.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/files/image-file.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <math.h>
#include <string.h>

typedef GByteArray GwSummary;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwSummary, g_byte_array_unref)

#define SUMMARY_FLAGS (GW_OP_NO_GRADIENT | GW_OP_SUMMARY)
#define SUMMARY_PORT { "summary", "string", "A serialised Summary." }

static void
set_summary (GwKernelContext *context,
             const GwSummary *summary)
{
  gw_string_set (GW_TENSOR_DATA (context->outputs[0], GwString), (const char *) summary->data, summary->len);
}

/* Tags go into protobuf strings, which are UTF-8. */
static gboolean
read_tag (const GwTensor *tags,
          int64_t         index,
          const char    **tag,
          GError        **error)
{
  const GwString *string = gw_tensor_get_string (tags, index);

  *tag = string->data != NULL ? string->data : "";
  if (g_utf8_validate (*tag, (gssize) string->length, NULL))
    return TRUE;
  return gw_invalid (error, "the tag is not valid UTF-8");
}

static gboolean
scalar_tag_shape (GwShapeContext *context,
                  GError        **error)
{
  return gw_array_want_scalar (context, 0, error) && gw_shape_rule_scalar (context, error);
}

static gboolean
check_scalar_tag (const GwTensor *tag,
                  GError        **error)
{
  return tag->elements == 1 ? TRUE : gw_invalid (error, "Tags must be a scalar");
}

/* ---- ScalarSummary ---- */

static gboolean
scalar_summary_shape (GwShapeContext *context,
                      GError        **error)
{
  g_autofree char *tags = gw_shape_to_string (&context->inputs[0]);
  g_autofree char *values = gw_shape_to_string (&context->inputs[1]);

  if (!gw_shape_compatible (&context->inputs[0], &context->inputs[1]))
    return gw_invalid (error, "tags and values are not the same shape: %s != %s", tags, values);
  return gw_shape_rule_scalar (context, error);
}

static const GwOpDef scalar_summary_op;

static gboolean
scalar_summary_cpu (GwKernelContext *context,
                    GError         **error)
{
  g_autoptr (GwSummary) summary = g_byte_array_new ();
  const char *tag;

  if (!gw_array_prepare (context, &scalar_summary_op, error))
    return FALSE;
  for (int64_t i = 0; i < context->inputs[1]->elements; i++)
    {
      if (!read_tag (context->inputs[0], i, &tag, error))
        return FALSE;
      gw_summary_add_scalar (summary, tag, (float) gw_tensor_get_double (context->inputs[1], i));
    }
  set_summary (context, summary);
  return TRUE;
}

static const GwOpDef scalar_summary_op = {
  .name = "ScalarSummary", .since = 1, .title = "Scalar summary", .category = "summaries",
  .summary = "Records a number as a point of a curve.",
  .doc = "Each time training records, the value becomes a point of the curve called `tags`: a loss, an accuracy, a learning "
         "rate. A slash in the name makes a group.",
  .inputs = GW_PORTS ({ "tags", "string", "Name of the curve.", .literal = "\"loss\"" },
                      { "values", "T", "The number." }),
  .outputs = GW_PORTS (SUMMARY_PORT),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", GW_REAL_TYPES)),
  .shape_rule = "a scalar",
  .flags = SUMMARY_FLAGS, .shape = scalar_summary_shape, .cpu = scalar_summary_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("\"loss\"", "0.5"), NULL, NULL }),
};

/* ---- HistogramSummary ---- */

static gboolean
histogram_summary_cpu (GwKernelContext *context,
                       GError         **error)
{
  g_autoptr (GwSummary) summary = g_byte_array_new ();
  g_autoptr (GwHistogram) histogram = NULL;
  const char *tag;

  if (!check_scalar_tag (context->inputs[0], error) || !read_tag (context->inputs[0], 0, &tag, error))
    return FALSE;
  histogram = gw_histogram_new (context->inputs[1], context->node, error);
  if (histogram == NULL)
    return FALSE;
  gw_summary_add_histogram (summary, tag, histogram);
  set_summary (context, summary);
  return TRUE;
}

static const GwOpDef histogram_summary_op = {
  .name = "HistogramSummary", .since = 1, .title = "Histogram summary", .category = "summaries",
  .summary = "Records how the values of a tensor are distributed.",
  .doc = "For weights, activations and gradients: how the histogram changes over the steps shows what vanishes and what "
         "explodes. NaN and infinity are an error that names the node.",
  .inputs = GW_PORTS ({ "tag", "string", "Name of the histogram.", .literal = "\"histogram\"" },
                      { "values", "T", "Any tensor of numbers." }),
  .outputs = GW_PORTS (SUMMARY_PORT),
  .attrs = GW_ATTRS ({ "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_REAL_TYPES, .label = "Type",
                       .help = "Element type; follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .shape_rule = "a scalar",
  .flags = SUMMARY_FLAGS, .shape = scalar_tag_shape, .cpu = histogram_summary_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("\"weights\"", "[0.5, -0.5]"), NULL, NULL }),
};

/* ---- ImageSummary ---- */

enum { IMAGE_MAX_IMAGES, IMAGE_T, IMAGE_BAD_COLOR };

static gboolean
image_summary_shape (GwShapeContext *context,
                     GError        **error)
{
  const GwShape *shape = &context->inputs[1];
  const GwTensor *bad_color = context->attrs[IMAGE_BAD_COLOR].tensor;
  g_autofree char *text = gw_shape_to_string (shape);

  if (bad_color != NULL && (bad_color->elements < 4 || !gw_dtype_is_integer (bad_color->dtype)))
    return gw_invalid (error, "bad_color must be four integers");
  if (shape->rank >= 0 &&
      (shape->rank != 4 || shape->dims[3] == 0 || shape->dims[3] == 2 || shape->dims[3] > 4))
    return gw_invalid (error, "Tensor must be 4-D with last dim 1, 3, or 4, not %s", text);
  if (shape->rank == 4 && (shape->dims[1] > G_MAXINT32 || shape->dims[2] > G_MAXINT32))
    return gw_invalid (error, "pictures of shape %s are too big", text);
  return scalar_tag_shape (context, error);
}

typedef struct {
  float scale, offset;
} PixelRange;

static gboolean
is_finite_pixel (const GwTensor *tensor,
                 int64_t         first,
                 int             depth)
{
  for (int c = 0; c < depth; c++)
    if (!isfinite (gw_tensor_get_double (tensor, first + c)))
      return FALSE;
  return TRUE;
}

/* Values below 0 put 0 at 128; without any the largest is 255. */
static PixelRange
pixel_range (const GwTensor *tensor,
             int64_t         first,
             int64_t         n_pixels,
             int             depth)
{
  float least = INFINITY, most = -INFINITY;
  PixelRange range = { 0, 0 };

  for (int64_t p = 0; p < n_pixels; p++)
    if (is_finite_pixel (tensor, first + p * depth, depth))
      for (int c = 0; c < depth; c++)
        {
          float value = (float) gw_tensor_get_double (tensor, first + p * depth + c);

          least = MIN (least, value);
          most = MAX (most, value);
        }
  if (least < 0)
    {
      float largest = MAX (fabsf (least), fabsf (most));

      range.scale = largest < 1e-6f ? 0 : 127.0f / largest;
      range.offset = 128;
    }
  else
    range.scale = most < 1e-6f ? 0 : 255.0f / most;
  return range;
}

static void
paint_pixels (const GwTensor *tensor,
              int64_t         first,
              int64_t         n_pixels,
              int             depth,
              const guint8    bad_color[4],
              guint8         *pixels)
{
  PixelRange range = pixel_range (tensor, first, n_pixels, depth);

  for (int64_t p = 0; p < n_pixels; p++)
    {
      gboolean is_finite = is_finite_pixel (tensor, first + p * depth, depth);

      for (int c = 0; c < depth; c++)
        {
          float value = (float) gw_tensor_get_double (tensor, first + p * depth + c);

          pixels[p * depth + c] = is_finite ? (guint8) CLAMP (value * range.scale + range.offset, 0, 255) : bad_color[c];
        }
    }
}

static gboolean
add_image (GwKernelContext *context,
           GwSummary       *summary,
           const char      *tag,
           int64_t          index,
           guint8          *scratch,
           GError         **error)
{
  const GwTensor *tensor = context->inputs[1];
  const GwTensor *bad_color = context->attrs[IMAGE_BAD_COLOR].tensor;
  guint8 bad[4] = { 255, 0, 0, 255 };
  const int64_t *dims = tensor->shape.dims;
  int64_t first = index * dims[1] * dims[2] * dims[3];
  const guint8 *pixels = scratch;
  g_autofree char *numbered = NULL;
  g_autoptr (GBytes) png = NULL;
  size_t size;
  const void *data;

  for (int c = 0; bad_color != NULL && c < 4; c++)
    bad[c] = (guint8) gw_tensor_get_int (bad_color, c);
  if (tensor->dtype == GW_UINT8)
    pixels = GW_TENSOR_DATA (tensor, guint8) + first;
  else
    paint_pixels (tensor, first, dims[1] * dims[2], (int) dims[3], bad, scratch);
  png = gw_png_encode_rows (pixels, (int) dims[1], (int) dims[2], (int) dims[3], (size_t) (dims[2] * dims[3]), error);
  if (png == NULL)
    return FALSE;
  numbered = context->attrs[IMAGE_MAX_IMAGES].i == 1 ? g_strdup_printf ("%s/image", tag)
                                                     : g_strdup_printf ("%s/image/%" G_GINT64_FORMAT, tag, index);
  data = g_bytes_get_data (png, &size);
  gw_summary_add_image (summary, numbered, (int) dims[1], (int) dims[2], (int) dims[3], data, size);
  return TRUE;
}

static const GwOpDef image_summary_op;

static gboolean
image_summary_cpu (GwKernelContext *context,
                   GError         **error)
{
  g_autoptr (GwSummary) summary = g_byte_array_new ();
  const GwTensor *tensor = context->inputs[1];
  guint8 *scratch = NULL;
  const char *tag;
  int64_t n;

  if (!gw_array_prepare (context, &image_summary_op, error) || !read_tag (context->inputs[0], 0, &tag, error))
    return FALSE;
  n = MIN (context->attrs[IMAGE_MAX_IMAGES].i, tensor->shape.dims[0]);
  if (tensor->dtype != GW_UINT8 && n > 0)
    {
      scratch = gw_kernel_scratch (context, (size_t) gw_shape_span (&tensor->shape, 1, 4), error);
      if (scratch == NULL)
        return FALSE;
    }
  for (int64_t i = 0; i < n; i++)
    if (!add_image (context, summary, tag, i, scratch, error))
      return FALSE;
  set_summary (context, summary);
  return TRUE;
}

static const GwOpDef image_summary_op = {
  .name = "ImageSummary", .since = 1, .title = "Image summary", .category = "summaries",
  .summary = "Records pictures of a batch.",
  .doc = "The tensor is [batch, height, width, channels] with 1 (gray), 3 (RGB) or 4 (RGBA) channels. uint8 is taken as it is. "
         "Floats are scaled for each picture: without negative values the largest becomes 255; otherwise 0 becomes 128 and "
         "the largest magnitude 1 or 255. Pixels that are NaN or infinite are painted in `bad_color`.",
  .inputs = GW_PORTS ({ "tag", "string", "Name of the pictures.", .literal = "\"image\"" },
                      { "tensor", "T", "[batch, height, width, channels]." }),
  .outputs = GW_PORTS (SUMMARY_PORT),
  .attrs = GW_ATTRS (
    [IMAGE_MAX_IMAGES] = { "max_images", GW_ATTR_INT, .def = "3", .min = 1, .max = 1000, .label = "Pictures",
                           .help = "How many of the batch, at most." },
    [IMAGE_T] = { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_CHOICES ("uint8", "float32", "float64", "float16"),
                  .label = "Type", .help = "Element type; follows from what is wired.", .flags = GW_ATTR_HIDDEN },
    [IMAGE_BAD_COLOR] = { "bad_color", GW_ATTR_TENSOR, .label = "Colour of bad pixels",
                          .help = "Red, green, blue, alpha from 0 to 255; left out = red.", .flags = GW_ATTR_HIDDEN }),
  .shape_rule = "a scalar",
  .flags = SUMMARY_FLAGS, .shape = image_summary_shape, .cpu = image_summary_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("\"digits\"", "[[[[0.5], [1.5]]]]"), "max_images=1", NULL }),
  .tell = GW_TEXTS ("max_images"),
};

/* ---- AudioSummaryV2 ---- */

enum { AUDIO_MAX_OUTPUTS };

static gboolean
audio_summary_shape (GwShapeContext *context,
                     GError        **error)
{
  const GwShape *tensor = &context->inputs[1];
  g_autofree char *text = gw_shape_to_string (tensor);

  if (tensor->rank >= 0 && tensor->rank != 2 && tensor->rank != 3)
    return gw_invalid (error, "tensor must be 3-D or 2-D, got: %s", text);
  return gw_array_want_scalar (context, 2, error) && scalar_tag_shape (context, error);
}

static void
append_little_endian (GByteArray *bytes,
                      uint32_t    value,
                      int         n)
{
  for (int i = 0; i < n; i++)
    {
      guint8 byte = (guint8) (value >> (8 * i));

      g_byte_array_append (bytes, &byte, 1);
    }
}

/* core/lib/wav/wav_io.cc, EncodeAudioAsS16LEWav(): 16-bit samples, clipped to [-1, 1). */
static GByteArray *
encode_wav (const float *samples,
            int64_t      frames,
            int64_t      channels,
            uint32_t     rate)
{
  uint32_t size = (uint32_t) (frames * channels * 2);
  GByteArray *wav = g_byte_array_sized_new (44 + size);

  g_byte_array_append (wav, (const guint8 *) "RIFF", 4);
  append_little_endian (wav, 36 + size, 4);
  g_byte_array_append (wav, (const guint8 *) "WAVEfmt ", 8);
  append_little_endian (wav, 16, 4);
  append_little_endian (wav, 1, 2);
  append_little_endian (wav, (uint32_t) channels, 2);
  append_little_endian (wav, rate, 4);
  append_little_endian (wav, rate * (uint32_t) channels * 2, 4);
  append_little_endian (wav, (uint32_t) channels * 2, 2);
  append_little_endian (wav, 16, 2);
  g_byte_array_append (wav, (const guint8 *) "data", 4);
  append_little_endian (wav, size, 4);
  for (int64_t i = 0; i < frames * channels; i++)
    {
      float sample = isnan (samples[i]) ? 0 : CLAMP (roundf (samples[i] * 32768.0f), -32768.0f, 32767.0f);

      append_little_endian (wav, (uint32_t) (int32_t) sample, 2);
    }
  return wav;
}

/* A WAV file counts its bytes, and those of a second, in 32 bits. */
static gboolean
check_audio (const GwTensor *tensor,
             float           rate,
             int64_t         channels,
             GError        **error)
{
  if (!(rate > 0) || !(rate * (float) channels * 2 < 4294967295.0f))
    return gw_invalid (error, "sample_rate must be in (0, 2^32), got: %g", rate);
  if (channels == 0 || channels > G_MAXUINT16 / 2)
    return gw_invalid (error, "tensor has %" G_GINT64_FORMAT " channels; 1 to %d are possible", channels, G_MAXUINT16 / 2);
  if (tensor->elements > 0 && tensor->elements / tensor->shape.dims[0] > G_MAXINT32 / 2 - 64)
    return gw_invalid (error, "tensor holds more samples than a WAV file");
  return TRUE;
}

static gboolean
audio_summary_cpu (GwKernelContext *context,
                   GError         **error)
{
  g_autoptr (GwSummary) summary = g_byte_array_new ();
  const GwTensor *tensor = context->inputs[1];
  int64_t most = context->attrs[AUDIO_MAX_OUTPUTS].i;
  int64_t frames, channels;
  float rate;
  const char *tag;

  if (!check_scalar_tag (context->inputs[0], error) || !read_tag (context->inputs[0], 0, &tag, error))
    return FALSE;
  if ((tensor->shape.rank != 2 && tensor->shape.rank != 3) || context->inputs[2]->elements != 1)
    return gw_invalid (error, "tensor must be 3-D or 2-D, and sample_rate a scalar");
  rate = *GW_TENSOR_DATA (context->inputs[2], float);
  frames = tensor->shape.dims[1];
  channels = tensor->shape.rank == 3 ? tensor->shape.dims[2] : 1;
  if (!check_audio (tensor, rate, channels, error))
    return FALSE;
  for (int64_t i = 0; i < MIN (most, tensor->shape.dims[0]); i++)
    {
      g_autofree char *name = most == 1 ? g_strdup_printf ("%s/audio", tag)
                                        : g_strdup_printf ("%s/audio/%" G_GINT64_FORMAT, tag, i);
      g_autoptr (GwSummary) wav = encode_wav (GW_TENSOR_DATA (tensor, float) + i * frames * channels, frames, channels,
                                              (uint32_t) lrintf (rate));

      gw_summary_add_audio (summary, name, rate, channels, frames, wav->data, wav->len);
    }
  set_summary (context, summary);
  return TRUE;
}

static const GwOpDef audio_summary_op = {
  .name = "AudioSummaryV2", .since = 1, .title = "Audio summary", .category = "summaries",
  .summary = "Records sounds, which TensorBoard plays.",
  .doc = "`tensor` is [batch, frames, channels], or [batch, frames] of one channel, with samples from -1 to 1; what is beyond "
         "is cut off. Each becomes a WAV file of 16 bits a sample, called `tag/audio/0`, `tag/audio/1`, …, or `tag/audio` "
         "where *Sounds* is 1.",
  .inputs = GW_PORTS ({ "tag", "string", "Name of the sounds.", .literal = "\"audio\"" },
                      { "tensor", "float32", "[batch, frames, channels] or [batch, frames]." },
                      { "sample_rate", "float32", "Samples in a second, a scalar.", .literal = "44100" }),
  .outputs = GW_PORTS (SUMMARY_PORT),
  .attrs = GW_ATTRS (
    [AUDIO_MAX_OUTPUTS] = { "max_outputs", GW_ATTR_INT, .def = "3", .min = 1, .max = 1000, .label = "Sounds",
                            .help = "How many of the batch, at most." }),
  .shape_rule = "a scalar",
  .flags = SUMMARY_FLAGS, .shape = audio_summary_shape, .cpu = audio_summary_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("\"beep\"", "[[0.5, -0.5, 2.0]]", "8000.0"), "max_outputs=1", NULL }),
  .tell = GW_TEXTS ("max_outputs"),
};

/* ---- TensorSummaryV2 ---- */

static gboolean
tensor_summary_shape (GwShapeContext *context,
                      GError        **error)
{
  return gw_array_want_scalar (context, 2, error) && scalar_tag_shape (context, error);
}

static gboolean
tensor_summary_cpu (GwKernelContext *context,
                    GError         **error)
{
  g_autoptr (GwSummary) summary = g_byte_array_new ();
  const GwString *metadata;
  const char *tag;

  if (!check_scalar_tag (context->inputs[0], error) || !read_tag (context->inputs[0], 0, &tag, error))
    return FALSE;
  if (context->inputs[2]->elements != 1)
    return gw_invalid (error, "serialized_summary_metadata must be a scalar");
  metadata = gw_tensor_get_string (context->inputs[2], 0);
  if (!gw_summary_add_tensor_with_metadata (summary, tag, context->inputs[1], metadata->data, metadata->length, error))
    return FALSE;
  set_summary (context, summary);
  return TRUE;
}

static const GwOpDef tensor_summary_op = {
  .name = "TensorSummaryV2", .since = 1, .title = "Tensor summary", .category = "summaries",
  .summary = "Records a tensor, for a plugin that the metadata names.",
  .doc = "How TensorFlow records texts: a string tensor with the metadata of the plugin `text`.",
  .inputs = GW_PORTS ({ "tag", "string", "Name that the log shows it under.", .literal = "\"tensor\"" },
                      { "tensor", "T", "The value." },
                      { "serialized_summary_metadata", "string", "A SummaryMetadata message, or nothing.",
                        .literal = "\"\"" }),
  .outputs = GW_PORTS (SUMMARY_PORT),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T),
  .shape_rule = "a scalar",
  .flags = SUMMARY_FLAGS, .shape = tensor_summary_shape, .cpu = tensor_summary_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("\"values\"", "[1.5, 2.5]", "\"\""), NULL, NULL }),
};

/* ---- MergeSummary ---- */

static gboolean
merge_summary_cpu (GwKernelContext *context,
                   GError         **error)
{
  g_autoptr (GwSummary) summary = g_byte_array_new ();
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (GwString)); /* borrowed */

  for (int i = 0; i < context->n_inputs; i++)
    g_array_append_vals (inputs, context->inputs[i]->data, (guint) context->inputs[i]->elements);
  if (!gw_summary_merge (summary, (int) inputs->len, (const GwString *) inputs->data, error))
    return FALSE;
  set_summary (context, summary);
  return TRUE;
}

static const GwOpDef merge_summary_op = {
  .name = "MergeSummary", .since = 1, .title = "Merge summaries", .category = "summaries",
  .summary = "Puts several summaries into one.",
  .doc = "One node to fetch instead of many. No two values may have the same tag.",
  .inputs = GW_PORTS ({ "inputs", "string", "Serialised summaries.", .number_attr = "N" }),
  .outputs = GW_PORTS (SUMMARY_PORT),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_N ("N", 1)),
  .flags = SUMMARY_FLAGS, .shape = gw_shape_rule_scalar, .cpu = merge_summary_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("\"\"", "\"\""), "N=2", GW_TEXTS ("\"\"") }),
};

const GwOpDef *const gw_ops_summary[] = {
  &scalar_summary_op, &histogram_summary_op, &image_summary_op, &audio_summary_op, &tensor_summary_op, &merge_summary_op, NULL,
};
