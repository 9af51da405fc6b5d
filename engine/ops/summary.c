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
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_NUMBER_T),
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
  .attrs = GW_ATTRS ({ "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_NUMBER_TYPES, .label = "Type",
                       .help = "Element type; follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
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
    [IMAGE_T] = { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_CHOICES ("uint8", "float32", "float64"),
                  .label = "Type", .help = "Element type; follows from what is wired.", .flags = GW_ATTR_HIDDEN },
    [IMAGE_BAD_COLOR] = { "bad_color", GW_ATTR_TENSOR, .label = "Colour of bad pixels",
                          .help = "Red, green, blue, alpha from 0 to 255; left out = red.", .flags = GW_ATTR_HIDDEN }),
  .flags = SUMMARY_FLAGS, .shape = image_summary_shape, .cpu = image_summary_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("\"digits\"", "[[[[0.5], [1.5]]]]"), "max_images=1", NULL }),
  .tell = GW_TEXTS ("max_images"),
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
  .inputs = GW_PORTS ({ "tag", "string", "Name.", .literal = "\"tensor\"" },
                      { "tensor", "T", "The value." },
                      { "serialized_summary_metadata", "string", "A SummaryMetadata message, or nothing.",
                        .literal = "\"\"" }),
  .outputs = GW_PORTS (SUMMARY_PORT),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T),
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
  .doc = "No two values may have the same tag.",
  .inputs = GW_PORTS ({ "inputs", "string", "Serialised summaries.", .number_attr = "N" }),
  .outputs = GW_PORTS (SUMMARY_PORT),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_N ("N", 1)),
  .flags = SUMMARY_FLAGS, .shape = gw_shape_rule_scalar, .cpu = merge_summary_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("\"\"", "\"\""), "N=2", GW_TEXTS ("\"\"") }),
};

const GwOpDef *const gw_ops_summary[] = {
  &scalar_summary_op, &histogram_summary_op, &image_summary_op, &tensor_summary_op, &merge_summary_op, NULL,
};
