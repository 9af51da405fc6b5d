/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of ONNX over pictures: convolutions, pools, sizes. They stay in its order, [batch,
 * channels, height, width], but where TensorFlow has an op for the other order alone. */
#include "engine/files/onnx-private.h"

#include <math.h>
#include <string.h>

/* ---- windows ---- */

/* Over pictures, or over sequences: those are pictures of height 1 meanwhile. */
typedef struct {
  gboolean    is_sequence;
  int64_t     kernel[2], strides[2], dilations[2], output_padding[2];
  int64_t     sides[8]; /* TensorFlow's paddings: before and after, for each dimension */
  const char *padding;  /* TensorFlow's word: VALID, SAME, EXPLICIT */
} Window;

static gboolean
read_pair (const GwOnnxStep *step,
           const char       *name,
           gboolean          is_sequence,
           int64_t           standard,
           int64_t           pair[2])
{
  GwOnnxInts ints;

  pair[0] = pair[1] = standard;
  if (gw_onnx_ints (step, name, &ints))
    {
      if (ints.n != (is_sequence ? 1 : 2))
        return FALSE;
      memcpy (pair + (is_sequence ? 1 : 0), ints.values, (size_t) ints.n * sizeof pair[0]);
    }
  return pair[0] >= standard && pair[1] >= standard && MAX (pair[0], pair[1]) < (1 << 24);
}

/* ONNX's paddings are those before each dimension, then those after. */
static gboolean
read_padding (const GwOnnxStep *step,
              Window           *window)
{
  int dims = window->is_sequence ? 1 : 2, first = window->is_sequence ? 3 : 2;
  GwOnnxInts pads = { 0 };

  window->padding = "VALID";
  if (gw_onnx_ints (step, "pads", &pads) && pads.n != 2 * dims)
    return FALSE;
  for (int i = 0; i < pads.n; i++)
    {
      if (pads.values[i] < 0 || pads.values[i] >= (1 << 24))
        return FALSE;
      window->sides[(first + i % dims) * 2 + i / dims] = pads.values[i];
      if (pads.values[i] > 0)
        window->padding = "EXPLICIT";
    }
  if (gw_onnx_is_text (step, "auto_pad", "NOTSET", "SAME_UPPER"))
    window->padding = "SAME";
  else if (gw_onnx_is_text (step, "auto_pad", "NOTSET", "VALID"))
    window->padding = "VALID";
  else
    return gw_onnx_is_text (step, "auto_pad", "NOTSET", "NOTSET");
  return TRUE;
}

/* FALSE: it is over more dimensions, or one that TensorFlow does not have. `rank` is that of what
 * it goes over. */
static gboolean
read_window (const GwOnnxStep *step,
             int               rank,
             Window           *window)
{
  memset (window, 0, sizeof *window);
  window->is_sequence = rank == 3;
  return (rank == 3 || rank == 4) && read_pair (step, "kernel_shape", rank == 3, 1, window->kernel) &&
         read_pair (step, "strides", rank == 3, 1, window->strides) &&
         read_pair (step, "dilations", rank == 3, 1, window->dilations) &&
         read_pair (step, "output_padding", rank == 3, 0, window->output_padding) && read_padding (step, window);
}

static void
set_pair (GwOnnxStep    *step,
          Gw__NodeDef   *def,
          const char    *name,
          const int64_t  pair[2])
{
  int64_t values[] = { 1, 1, pair[0], pair[1] };

  gw_onnx_set_ints (step->onnx, def, name, 4, values);
}

static void
set_window (GwOnnxStep   *step,
            Gw__NodeDef  *def,
            const Window *window)
{
  set_pair (step, def, "strides", window->strides);
  gw_onnx_set_text (step->onnx, def, "data_format", "NCHW");
  gw_onnx_set_text (step->onnx, def, "padding", window->padding);
  if (g_str_equal (window->padding, "EXPLICIT"))
    gw_onnx_set_ints (step->onnx, def, "explicit_paddings", 8, window->sides);
}

/* Input 0 as pictures. */
static const char *
pictures_of (GwOnnxStep   *step,
             const Window *window)
{
  const char *x = gw_onnx_input (step, 0);

  return window->is_sequence ? GW_ONNX_NODE (step, "ExpandDims", "rows", x, gw_onnx_emit_int (step, "height", 2)) : x;
}

/* The suffix of the node that gives pictures: for sequences another one comes behind it. */
static const char *
last_suffix (const Window *window)
{
  return window->is_sequence ? "row" : NULL;
}

static gboolean
give_pictures (GwOnnxStep   *step,
               Gw__NodeDef  *def,
               const Window *window)
{
  int64_t height = 2;

  if (window->is_sequence)
    {
      def = GW_ONNX_EMIT (step, "Squeeze", NULL, def->name);
      gw_onnx_set_ints (step->onnx, def, "squeeze_dims", 1, &height);
    }
  return gw_onnx_give_shaped (step, def, window->is_sequence ? 3 : 4);
}

/* ---- convolutions ---- */

/* Filters with the order of their dimensions turned round, [width, second, first] or [height,
 * width, second, first]: those that stand in the model are stored so. */
static const char *
filter_of (GwOnnxStep   *step,
           const Window *window)
{
  static const int picture_order[] = { 2, 3, 1, 0 }, sequence_order[] = { 2, 1, 0 };
  static const int64_t picture_axes[] = { 2, 3, 1, 0 }, sequence_axes[] = { 2, 1, 0 };
  const GwTensor *constant = gw_onnx_value (step, 1)->tensor;
  gboolean is_row = window->is_sequence;
  GwTensor *tensor = constant != NULL ? gw_onnx_transpose (constant, is_row ? sequence_order : picture_order, NULL) : NULL;
  const char *filter = tensor != NULL ? gw_onnx_emit_tensor (step, "filter", tensor)
                                      : gw_onnx_reordered (step, "filter", gw_onnx_input (step, 1), is_row ? 3 : 4,
                                                           is_row ? sequence_axes : picture_axes);

  return is_row ? GW_ONNX_NODE (step, "ExpandDims", "filter_row", filter, gw_onnx_emit_int (step, "first", 0)) : filter;
}

/* The bias of input 2, if there is one. */
static gboolean
give_biased (GwOnnxStep   *step,
             Gw__NodeDef  *def,
             const Window *window)
{
  if (gw_onnx_value (step, 2) != NULL)
    {
      def = GW_ONNX_EMIT (step, "BiasAdd", last_suffix (window), def->name, gw_onnx_input (step, 2));
      gw_onnx_set_text (step->onnx, def, "data_format", "NCHW");
    }
  return give_pictures (step, def, window);
}

static const char *
unbiased_suffix (const GwOnnxStep *step,
                 const Window     *window)
{
  return gw_onnx_value (step, 2) != NULL ? "conv" : last_suffix (window);
}

/* Filters of [out, in / groups, height, width]. A group for each channel is TensorFlow's depthwise
 * convolution, with filters of [height, width, channels, multiplier]: ONNX's of one channel in and
 * multiplier · channels out, the channels changing slowest. */
static gboolean
conv (GwOnnxStep *step,
      const char *op)
{
  const GwOnnxValue *filter = gw_onnx_value (step, 1);
  int64_t groups = gw_onnx_int (step, "group", 1);
  gboolean is_depthwise;
  Window window;
  Gw__NodeDef *def;
  const char *weights;

  if (!gw_onnx_has_floats (step, 2) || !read_window (step, filter->rank, &window))
    return FALSE;
  is_depthwise = groups > 1 && filter->tensor != NULL && filter->tensor->shape.dims[1] == 1 &&
                 filter->tensor->shape.dims[0] % groups == 0;
  weights = filter_of (step, &window);
  if (is_depthwise)
    {
      const int64_t *dims = filter->tensor->shape.dims + filter->rank - 2;
      int64_t shape[] = { window.is_sequence ? 1 : dims[0], dims[1], groups, filter->tensor->shape.dims[0] / groups };

      weights = GW_ONNX_NODE (step, "Reshape", "depthwise_filter", weights, gw_onnx_emit_ints (step, "shape", 4, shape));
    }
  def = GW_ONNX_EMIT (step, is_depthwise ? "DepthwiseConv2dNative" : op, unbiased_suffix (step, &window),
                      pictures_of (step, &window), weights);
  set_window (step, def, &window);
  set_pair (step, def, "dilations", window.dilations);
  return give_biased (step, def, &window);
}

/* Height and width of the result: (n - 1) · stride + reach - paddings + output_padding. */
static const char *
transposed_sizes (GwOnnxStep   *step,
                  const Window *window)
{
  const int64_t *dims = gw_onnx_value (step, 1)->tensor->shape.dims + 2;
  int64_t more[2];
  const char *sizes = gw_onnx_part_of (step, "sizes", gw_onnx_shape_of (step, "own_shape"), 2, 4)->name;

  for (int i = 0; i < 2; i++)
    more[i] = (dims[i] - 1) * window->dilations[i] + 1 - window->strides[i] - window->sides[4 + 2 * i] - window->sides[5 + 2 * i] +
              window->output_padding[i];
  sizes = GW_ONNX_NODE (step, "Mul", "scaled_sizes", sizes, gw_onnx_emit_ints (step, "strides", 2, window->strides));
  return GW_ONNX_NODE (step, "AddV2", "new_sizes", sizes, gw_onnx_emit_ints (step, "more", 2, more));
}

/* Filters of [in, out, height, width]. */
static gboolean
conv_transpose (GwOnnxStep *step,
                const char *op)
{
  const GwOnnxValue *filter = gw_onnx_value (step, 1);
  Window window;
  Gw__NodeDef *def;
  const char *weights;

  if (!gw_onnx_has_floats (step, 2) || filter->tensor == NULL || gw_onnx_int (step, "group", 1) != 1 ||
      gw_onnx_attribute (step, "output_shape") != NULL || !read_window (step, filter->rank, &window) || window.is_sequence ||
      g_str_equal (window.padding, "SAME"))
    return FALSE;
  weights = filter_of (step, &window);
  def = GW_ONNX_EMIT (step, op, unbiased_suffix (step, &window), transposed_sizes (step, &window), weights, gw_onnx_input (step, 0));
  set_window (step, def, &window);
  set_pair (step, def, "dilations", window.dilations);
  return give_biased (step, def, &window);
}

/* ---- pools ---- */

static gboolean
has_plain_windows (const GwOnnxStep *step,
                   Window           *window)
{
  GwOnnxInts sizes;

  return gw_onnx_has_floats (step, 1) && !gw_onnx_gives (step, 1) && gw_onnx_ints (step, "kernel_shape", &sizes) &&
         gw_onnx_int (step, "ceil_mode", 0) == 0 && read_window (step, sizes.n + 2, window) && window->dilations[0] == 1 &&
         window->dilations[1] == 1;
}

static Gw__NodeDef *
pool (GwOnnxStep   *step,
      const char   *op,
      const char   *suffix,
      const char   *x,
      const Window *window)
{
  Gw__NodeDef *def = GW_ONNX_EMIT (step, op, suffix, x);

  set_window (step, def, window);
  set_pair (step, def, "ksize", window->kernel);
  return def;
}

static gboolean
max_pool (GwOnnxStep *step,
          const char *op)
{
  Window window;

  if (!has_plain_windows (step, &window))
    return FALSE;
  return give_pictures (step, pool (step, op, last_suffix (&window), pictures_of (step, &window), &window), &window);
}

/* TensorFlow's has no paddings of one's own: zeros are put around it, and where they do not count
 * the mean is divided by that of ones with zeros around. */
static gboolean
avg_pool (GwOnnxStep *step,
          const char *op)
{
  static const int64_t four_pairs[] = { 4, 2 };
  GwShape shape = gw_shape_from_dims (2, four_pairs);
  gboolean counts = gw_onnx_int (step, "count_include_pad", 0) != 0;
  const char *x, *paddings, *ones, *mean, *share;
  Window window;

  if (!has_plain_windows (step, &window) || (counts && g_str_equal (window.padding, "SAME")))
    return FALSE;
  x = pictures_of (step, &window);
  if (!g_str_equal (window.padding, "EXPLICIT"))
    return give_pictures (step, pool (step, op, last_suffix (&window), x, &window), &window);
  paddings = gw_onnx_emit_tensor (step, "paddings", gw_tensor_new_copy (GW_INT64, &shape, window.sides, NULL));
  window.padding = "VALID";
  if (counts)
    return give_pictures (step, pool (step, op, last_suffix (&window), GW_ONNX_NODE (step, "Pad", "padded", x, paddings), &window),
                          &window);
  ones = GW_ONNX_NODE (step, "OnesLike", "ones", x);
  mean = pool (step, op, "mean", GW_ONNX_NODE (step, "Pad", "padded", x, paddings), &window)->name;
  share = pool (step, op, "share", GW_ONNX_NODE (step, "Pad", "padded_ones", ones, paddings), &window)->name;
  return give_pictures (step, GW_ONNX_EMIT (step, "RealDiv", last_suffix (&window), mean, share), &window);
}

/* Over all that is behind the channels. */
static gboolean
global_pool (GwOnnxStep *step,
             const char *op)
{
  int rank = gw_onnx_rank (step, 0);
  int64_t axes[GW_MAX_RANK];
  Gw__NodeDef *def;

  if (!gw_onnx_has (step, 1) || rank < 3)
    return FALSE;
  for (int i = 2; i < rank; i++)
    axes[i - 2] = i;
  def = GW_ONNX_EMIT (step, op, NULL, gw_onnx_input (step, 0), gw_onnx_emit_ints (step, "axes", rank - 2, axes));
  gw_onnx_set_bool (step->onnx, def, "keep_dims", TRUE);
  return gw_onnx_give_like (step, def);
}

/* ---- with the channels last ---- */

static const char *
channels_last (GwOnnxStep *step)
{
  static const int64_t order[] = { 0, 2, 3, 1 };

  return gw_onnx_reordered (step, "channels_last", gw_onnx_input (step, 0), 4, order);
}

static gboolean
give_channels_first (GwOnnxStep        *step,
                     const Gw__NodeDef *def)
{
  static const int64_t order[] = { 0, 3, 1, 2 };

  return gw_onnx_give_shaped (step, GW_ONNX_EMIT (step, "Transpose", NULL, def->name, gw_onnx_emit_ints (step, "first", 4, order)), 4);
}

/* TensorFlow's alpha is for each channel. */
static gboolean
local_response_norm (GwOnnxStep *step,
                     const char *op)
{
  int64_t size = gw_onnx_int (step, "size", 0);
  Gw__NodeDef *def;

  if (!gw_onnx_has_floats (step, 1) || gw_onnx_rank (step, 0) != 4 || size < 1 || size % 2 == 0)
    return FALSE;
  def = GW_ONNX_EMIT (step, op, "lrn", channels_last (step));
  gw_onnx_set_int (step->onnx, def, "depth_radius", (size - 1) / 2);
  gw_onnx_set_float (step->onnx, def, "bias", gw_onnx_float (step, "bias", 1));
  gw_onnx_set_float (step->onnx, def, "alpha", gw_onnx_float (step, "alpha", 1e-4) / (double) size);
  gw_onnx_set_float (step->onnx, def, "beta", gw_onnx_float (step, "beta", 0.75));
  return give_channels_first (step, def);
}

/* Whole factors of height and width, from an attribute or a constant input. */
static gboolean
read_factors (const GwOnnxStep *step,
              size_t            i,
              int64_t           factors[2])
{
  const Gw__OnnxAttribute *attribute = gw_onnx_attribute (step, "scales");
  const GwTensor *tensor = gw_onnx_value (step, i) != NULL ? gw_onnx_value (step, i)->tensor : NULL;
  gboolean is_told = attribute != NULL ? attribute->n_floats == 4 : tensor != NULL && tensor->elements == 4;

  for (int k = 0; k < 4 && is_told; k++)
    {
      double factor = attribute != NULL ? (double) attribute->floats[k] : gw_tensor_get_double (tensor, k);

      is_told = factor == floor (factor) && factor >= 1 && factor < 1 << 16 && (k >= 2 || factor == 1);
      if (is_told && k >= 2)
        factors[k - 2] = (int64_t) factor;
    }
  return is_told;
}

/* How TensorFlow says where the new pixels lie in the old picture; FALSE: it cannot. With whole
 * factors the nearest pixel is the one that holds the new one's middle, in the usual two ways. */
static gboolean
read_places (const GwOnnxStep *step,
             gboolean          is_nearest,
             gboolean          is_whole,
             const char      **option)
{
  const char *way = "coordinate_transformation_mode";
  gboolean is_early = step->onnx->opset < 11;
  gboolean is_half = !is_early && (gw_onnx_is_text (step, way, "half_pixel", "half_pixel") ||
                                   gw_onnx_is_text (step, way, "half_pixel", "pytorch_half_pixel"));
  gboolean is_plain = is_early || gw_onnx_is_text (step, way, "half_pixel", "asymmetric");
  gboolean is_floor = is_early || gw_onnx_is_text (step, "nearest_mode", "round_prefer_floor", "floor");
  gboolean is_rounded = !is_floor && !gw_onnx_is_text (step, "nearest_mode", "round_prefer_floor", "ceil");

  *option = NULL;
  if (is_nearest)
    return (is_plain && is_floor) || (is_half && is_rounded && is_whole);
  if (is_half)
    *option = "half_pixel_centers";
  else if (!is_plain)
    *option = "align_corners";
  return is_half || is_plain || gw_onnx_is_text (step, way, "half_pixel", "align_corners");
}

static const char *
new_sizes (GwOnnxStep    *step,
           const int64_t *factors, /* or NULL: input 3 tells */
           const char    *sizes)
{
  Gw__NodeDef *def;

  if (factors != NULL)
    return GW_ONNX_NODE (step, "Mul", "new_sizes", gw_onnx_part_of (step, "sizes", gw_onnx_shape_of (step, "own_shape"), 2, 4)->name,
                         gw_onnx_emit_ints (step, "factors", 2, factors));
  def = GW_ONNX_EMIT (step, "Cast", "new_sizes", gw_onnx_part_of (step, "sizes", sizes, 2, 4)->name);
  gw_onnx_set_dtype (step->onnx, def, "DstT", GW_INT32);
  return def->name;
}

/* To twice the size, say, or to a given one. */
static gboolean
resize (GwOnnxStep *step,
        const char *op G_GNUC_UNUSED)
{
  gboolean is_nearest = gw_onnx_is_text (step, "mode", "nearest", "nearest");
  gboolean is_linear = gw_onnx_is_text (step, "mode", "nearest", "linear") || gw_onnx_is_text (step, "mode", "nearest", "bilinear");
  gboolean has_sizes = gw_onnx_value (step, 3) != NULL, has_factors;
  int64_t factors[2];
  const char *option, *sizes;
  Gw__NodeDef *def;
  GwOnnxInts given;

  has_factors = !has_sizes && read_factors (step, step->onnx->opset < 11 ? 1 : 2, factors);
  if (has_sizes && gw_onnx_is_text (step, "coordinate_transformation_mode", "half_pixel", "pytorch_half_pixel") &&
      (!gw_onnx_input_ints (step, 3, &given) || given.n != 4 || given.values[2] < 2 || given.values[3] < 2))
    return FALSE; /* a single pixel lies elsewhere there */
  if (!gw_onnx_has (step, 1) || gw_onnx_rank (step, 0) != 4 || gw_onnx_dtype_of (step, 0) != GW_FLOAT32 ||
      (!is_nearest && !is_linear) || (!has_factors && !has_sizes) || gw_onnx_int (step, "antialias", 0) != 0 ||
      gw_onnx_attribute (step, "axes") != NULL || !gw_onnx_is_text (step, "keep_aspect_ratio_policy", "stretch", "stretch") ||
      !read_places (step, is_nearest, has_factors, &option))
    return FALSE;
  sizes = new_sizes (step, has_factors ? factors : NULL, has_sizes ? gw_onnx_input (step, 3) : NULL);
  def = GW_ONNX_EMIT (step, is_nearest ? "ResizeNearestNeighbor" : "ResizeBilinear", "resized", channels_last (step), sizes);
  if (option != NULL)
    gw_onnx_set_bool (step->onnx, def, option, TRUE);
  return give_channels_first (step, def);
}

const GwOnnxOperator gw_onnx_pictures[] = {
  { "AveragePool", avg_pool, "AvgPool" },
  { "Conv", conv, "Conv2D" },
  { "ConvTranspose", conv_transpose, "Conv2DBackpropInput" },
  { "GlobalAveragePool", global_pool, "Mean" },
  { "GlobalMaxPool", global_pool, "Max" },
  { "LRN", local_response_norm, "LRN" },
  { "MaxPool", max_pool, "MaxPool" },
  { "Resize", resize, NULL },
  { "Upsample", resize, NULL },
  { NULL },
};
