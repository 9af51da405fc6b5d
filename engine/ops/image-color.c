/* SPDX-License-Identifier: Apache-2.0 */
/* Colours of pictures. */
#include "engine/base/error.h"
#include "engine/device/cpu/image.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#define PICTURES "arrays/Pictures"
#define T_ATTR(types) \
  { "T", GW_ATTR_DTYPE, .def = "float32", .choices = types, .label = "Type", \
    .help = "Type of the pixels; follows from what is wired.", .flags = GW_ATTR_HIDDEN }

/* ---- shapes ---- */

/* Like input 0, at least of this rank and, where they are colours, with three channels. */
static gboolean
pixels_shape (GwShapeContext  *context,
              int              rank,
              gboolean         colors,
              GError         **error)
{
  GwShape *out = &context->outputs[0];
  int64_t channels;

  if (!gw_shape_want_rank_at_least (context, 0, rank, error))
    return FALSE;
  *out = context->inputs[0];
  channels = colors && out->rank > 0 ? out->dims[out->rank - 1] : GW_DIM_UNKNOWN;
  if (channels >= 0 && channels != 3)
    return gw_invalid (error, "images must have 3 channels but has %" G_GINT64_FORMAT " channels", channels);
  if (colors && out->rank > 0)
    out->dims[out->rank - 1] = 3;
  return TRUE;
}

static gboolean
color_shape (GwShapeContext *context,
             GError        **error)
{
  return pixels_shape (context, 1, TRUE, error);
}

static gboolean
adjust_shape (GwShapeContext *context,
              GError        **error)
{
  return gw_array_want_scalar (context, 1, error) && pixels_shape (context, 3, TRUE, error);
}

static gboolean
contrast_shape (GwShapeContext *context,
                GError        **error)
{
  return gw_array_want_scalar (context, 1, error) && pixels_shape (context, 3, FALSE, error);
}

/* ---- kernels ---- */

static gboolean
rgb_to_hsv_cpu (GwKernelContext *context,
                GError         **error)
{
  return gw_cpu_color (context, GW_COLOR_RGB_TO_HSV, 0, error);
}

static gboolean
hsv_to_rgb_cpu (GwKernelContext *context,
                GError         **error)
{
  return gw_cpu_color (context, GW_COLOR_HSV_TO_RGB, 0, error);
}

static float
amount (const GwKernelContext *context)
{
  return GW_TENSOR_DATA (context->inputs[1], float)[0];
}

static gboolean
hue_cpu (GwKernelContext *context,
         GError         **error)
{
  return gw_cpu_color (context, GW_COLOR_HUE, amount (context), error);
}

static gboolean
saturation_cpu (GwKernelContext *context,
                GError         **error)
{
  return gw_cpu_color (context, GW_COLOR_SATURATION, amount (context), error);
}

static gboolean
contrast_cpu (GwKernelContext *context,
              GError         **error)
{
  return gw_cpu_contrast (context, amount (context), error);
}

/* ---- gradient of RGBToHSV ---- */

/* Red, green and blue of the pixels; of each, 1 where it is the largest, the smallest,
 * above 0. Ties go as in TensorFlow's image_grad.py. */
typedef struct {
  GwBuilder *b;
  GwDType    dtype;
  GwOutput   c[3], largest[3], smallest[3], positive[3];
} Colors;

#define ADD(x, y) gw_op2 (colors->b, "AddV2", (x), (y))
#define SUB(x, y) gw_op2 (colors->b, "Sub", (x), (y))
#define MUL(x, y) gw_op2 (colors->b, "Mul", (x), (y))
#define MUL3(x, y, z) MUL (MUL ((x), (y)), (z))
#define NEG(x) gw_op1 (colors->b, "Neg", (x))
#define SQUARE(x) gw_op1 (colors->b, "Square", (x))

static GwOutput
channel (GwBuilder *b,
         GwOutput   pixels,
         int        which)
{
  return gw_op (b, "StridedSlice", GW_IN (pixels, GW_ARRAY_INTS (b, 0, which), GW_ARRAY_INTS (b, 0, which + 1),
                                          GW_ARRAY_INTS (b, 1, 1)),
                GW_WITH ({ "ellipsis_mask", gw_attr_int (1) }, { "shrink_axis_mask", gw_attr_int (2) }));
}

/* 1 / x, 0 of 0. */
static GwOutput
reciprocal (const Colors *colors,
            GwOutput      x)
{
  return gw_op2 (colors->b, "DivNoNan", gw_const_like (colors->b, colors->c[0], 1), x);
}

static GwOutput
as_number (const Colors *colors,
           GwOutput      truth)
{
  return gw_op (colors->b, "Cast", GW_IN (truth), GW_WITH ({ "DstT", gw_attr_dtype (colors->dtype) }));
}

/* 1 where `first` (x, y) and `second` (x, z) hold. */
static GwOutput
both (const Colors *colors,
      const char   *first,
      const char   *second,
      int           x,
      int           y,
      int           z)
{
  return as_number (colors, gw_op2 (colors->b, "LogicalAnd", gw_op2 (colors->b, first, colors->c[x], colors->c[y]),
                                    gw_op2 (colors->b, second, colors->c[x], colors->c[z])));
}

static void
colors_init (Colors    *colors,
             GwBuilder *b,
             GwOutput   pixels)
{
  *colors = (Colors) { .b = b, .dtype = gw_output_dtype (pixels) };
  for (int i = 0; i < 3; i++)
    colors->c[i] = channel (b, pixels, i);
  for (int i = 0; i < 3; i++)
    colors->positive[i] = as_number (colors, gw_op2 (b, "Greater", colors->c[i], gw_const_like (b, colors->c[i], 0)));
  colors->largest[0] = both (colors, "GreaterEqual", "GreaterEqual", 0, 2, 1);
  colors->largest[1] = both (colors, "Greater", "GreaterEqual", 1, 0, 2);
  colors->largest[2] = both (colors, "Greater", "Greater", 2, 0, 1);
  colors->smallest[0] = both (colors, "Less", "Less", 0, 2, 1);
  colors->smallest[1] = both (colors, "LessEqual", "Less", 1, 0, 2);
  colors->smallest[2] = both (colors, "LessEqual", "LessEqual", 2, 0, 1);
}

/* d saturation / d channel k: smallest / largest² where it is the largest, -1 / largest
 * where it is the smallest. */
static GwOutput
saturation_slope (const Colors *colors,
                  int           k)
{
  int l = (k + 1) % 3, m = (k + 2) % 3;
  GwOutput smallest = ADD (MUL (colors->smallest[l], colors->c[l]), MUL (colors->smallest[m], colors->c[m]));
  GwOutput largest = ADD (MUL (colors->largest[l], colors->c[l]), MUL (colors->largest[m], colors->c[m]));

  return MUL (colors->positive[k], SUB (MUL3 (colors->largest[k], smallest, reciprocal (colors, SQUARE (colors->c[k]))),
                                        MUL (colors->smallest[k], reciprocal (colors, largest))));
}

/* d hue / d channel k, in sixths of a turn. */
static GwOutput
hue_slope (const Colors *colors,
           int           k,
           GwOutput      saturation,
           GwOutput      value)
{
  int l = (k + 1) % 3, m = (k + 2) % 3;
  const GwOutput *c = colors->c;
  GwOutput l_top = MUL (colors->positive[l], colors->largest[l]), m_top = MUL (colors->positive[m], colors->largest[m]);
  GwOutput back = SUB (c[m], c[l]);
  GwOutput own = MUL3 (MUL (colors->positive[k], colors->largest[k]), back,
                       MUL (reciprocal (colors, SQUARE (saturation)), reciprocal (colors, SQUARE (value))));
  GwOutput below_l = MUL3 (MUL (l_top, colors->smallest[k]), back, reciprocal (colors, SQUARE (SUB (c[k], c[l]))));
  GwOutput beside_l = MUL3 (l_top, colors->smallest[m], reciprocal (colors, SUB (c[l], c[m])));
  GwOutput below_m = MUL3 (MUL (m_top, colors->smallest[k]), back, reciprocal (colors, SQUARE (SUB (c[m], c[k]))));
  GwOutput beside_m = MUL3 (m_top, colors->smallest[l], reciprocal (colors, back));

  return ADD (ADD (own, SUB (below_l, beside_l)), ADD (below_m, beside_m));
}

static void
rgb_to_hsv_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput hsv = gw_grad_y (context, 0), dy = gw_grad_dy (context, 0), parts[3];
  GwOutput saturation = channel (b, hsv, 1), value = channel (b, hsv, 2), d[3], sixth;
  Colors all, *colors = &all;

  colors_init (colors, b, gw_grad_x (context, 0));
  for (int i = 0; i < 3; i++)
    d[i] = channel (b, dy, i);
  sixth = gw_const_like (b, dy, 1.0 / 6.0);
  for (int k = 0; k < 3; k++)
    parts[k] = ADD (ADD (MUL3 (d[0], sixth, hue_slope (colors, k, saturation, value)),
                         MUL (d[1], saturation_slope (colors, k))), MUL (d[2], colors->largest[k]));
  context->dx[0] = gw_op (b, "Pack", 3, parts, GW_WITH ({ "axis", gw_attr_int (-1) }));
}

/* ---- descriptors ---- */

#define COLORS_PORT(what) { "images", "T", "Pixels of " what " along the last dimension." }
#define AMOUNT_DOC " Values are not cut to [0, 1] afterwards. For pictures of whole numbers, convert to float32 and back."

static const GwOpDef rgb_to_hsv = {
  .name = "RGBToHSV", .since = 1, .title = "RGB to HSV", .category = PICTURES,
  .summary = "Red, green, blue to hue, saturation, value.",
  .doc = "Value is the largest of the three, saturation how far the smallest lies below it in parts of it, hue the place on "
         "the colour wheel: 0 red, ⅓ green, ⅔ blue. Fit for values in [0, 1].",
  .inputs = GW_PORTS (COLORS_PORT ("red, green, blue")),
  .outputs = GW_PORTS ({ "output", "T", "Hue, saturation, value, of the same shape." }),
  .attrs = GW_ATTRS (T_ATTR (GW_ALL_FLOAT_TYPES)),
  .flags = GW_OP_IN_FLOAT,
  .shape_rule = "that of images, whose last dimension is 3",
  .shape = color_shape, .grad = rgb_to_hsv_grad, .cpu = rgb_to_hsv_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[0.5, 0.25, 0.25], [0.25, 0.5, 1]]"), NULL,
                             GW_TEXTS ("[[0, 0.5, 0.5], [0.61111111, 0.75, 1]]") },
                           { GW_TEXTS ("[0.2, 0.2, 0.2]"), NULL, GW_TEXTS ("[0, 0, 0.2]") }),
};

static const GwOpDef hsv_to_rgb = {
  .name = "HSVToRGB", .since = 1, .title = "HSV to RGB", .category = PICTURES,
  .summary = "Hue, saturation, value to red, green, blue.",
  .doc = "Undoes *RGBToHSV*. Nothing flows back through it, as in TensorFlow.",
  .inputs = GW_PORTS (COLORS_PORT ("hue, saturation, value")),
  .outputs = GW_PORTS ({ "output", "T", "Red, green, blue, of the same shape." }),
  .attrs = GW_ATTRS (T_ATTR (GW_ALL_FLOAT_TYPES)),
  .flags = GW_OP_STOPS_GRADIENT | GW_OP_IN_FLOAT,
  .shape_rule = "that of images, whose last dimension is 3",
  .shape = color_shape, .cpu = hsv_to_rgb_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[0.0, 0.5, 0.5], [0.5, 0.75, 1]]"), NULL,
                             GW_TEXTS ("[[0.5, 0.25, 0.25], [0.25, 1, 1]]") }),
};

static const GwOpDef hue = {
  .name = "AdjustHue", .since = 1, .title = "Adjust hue", .category = PICTURES,
  .summary = "Turns all colours of pictures on along the colour wheel.",
  .doc = "`delta` 0.5 makes each colour its opposite; 1 is a whole turn. Gray stays gray." AMOUNT_DOC,
  .inputs = GW_PORTS (COLORS_PORT ("red, green, blue"), { "delta", "float32", "Part of a turn, any number.", .literal = "0.1" }),
  .outputs = GW_PORTS ({ "output", "T", "The pictures, of the same shape." }),
  .attrs = GW_ATTRS (T_ATTR (GW_CHOICES ("float32"))),
  .flags = GW_OP_NO_GRADIENT,
  .shape_rule = "that of images, whose last dimension is 3",
  .shape = adjust_shape, .cpu = hue_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[[0.5, 0.25, 0.25], [1, 1, 1]]]", "0.5"), NULL,
                             GW_TEXTS ("[[[0.25, 0.5, 0.5], [1, 1, 1]]]") }),
};

static const GwOpDef saturation = {
  .name = "AdjustSaturation", .since = 1, .title = "Adjust saturation", .category = PICTURES,
  .summary = "Makes the colours of pictures stronger or weaker.",
  .doc = "The saturation of each pixel is multiplied by `scale` and cut to [0, 1]: 0 gives gray, 1 changes nothing." AMOUNT_DOC,
  .inputs = GW_PORTS (COLORS_PORT ("red, green, blue"), { "scale", "float32", "Factor of the saturation.", .literal = "1.5" }),
  .outputs = GW_PORTS ({ "output", "T", "The pictures, of the same shape." }),
  .attrs = GW_ATTRS (T_ATTR (GW_CHOICES ("float32"))),
  .flags = GW_OP_NO_GRADIENT,
  .shape_rule = "that of images, whose last dimension is 3",
  .shape = adjust_shape, .cpu = saturation_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[[0.5, 0.25, 0.25], [1, 0.5, 0]]]", "0.5"), NULL,
                             GW_TEXTS ("[[[0.5, 0.375, 0.375], [1, 0.75, 0.5]]]") }),
};

static const GwOpDef contrast = {
  .name = "AdjustContrastv2", .since = 1, .title = "Adjust contrast", .category = PICTURES,
  .summary = "Spreads the values of each channel of pictures about their mean.",
  .doc = "`output = (images - mean) · contrast_factor + mean`, the mean taken over the rows and columns of each channel. Above 1 "
         "the contrast grows, below it shrinks." AMOUNT_DOC " To make pictures brighter, add a number (*AddV2*).",
  .inputs = GW_PORTS ({ "images", "T", "Pictures, … × height × width × channels." },
                      { "contrast_factor", "float32", "Factor of the distance from the mean.", .literal = "1.5" }),
  .outputs = GW_PORTS ({ "output", "T", "The pictures, of the same shape." }),
  .attrs = GW_ATTRS (T_ATTR (GW_CHOICES ("float32"))),
  .flags = GW_OP_NO_GRADIENT,
  .shape_rule = "that of images, of rank 3 or more",
  .shape = contrast_shape, .cpu = contrast_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[[1.5], [2.5]], [[3.5], [4.5]]]", "2"), NULL,
                             GW_TEXTS ("[[[0.0], [2]], [[4], [6]]]") }),
};

const GwOpDef *const gw_ops_image_color[] = { &rgb_to_hsv, &hsv_to_rgb, &hue, &saturation, &contrast, NULL };
