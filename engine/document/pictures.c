/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures, one or a batch: brightness, flips, crops and margins, and what varies them at
 * random for training (python/ops/image_ops_impl.py). */
#include "engine/base/random.h"
#include "engine/document/composites.h"
#include "engine/document/lower.h"
#include "engine/document/parts.h"

/* ---- sizes, known or not ---- */

typedef struct {
  int64_t  known;  /* -1: only the graph knows, as `value` */
  GwOutput value;
} Length;

typedef struct {
  GwExpandContext *context;
  GwBuilder       *b;
  GwOutput         image;
  int              rank, rows;   /* `rows`: the axis of the height; the width follows */
  Length           height, width;
} Picture;

static Length
length (int64_t known)
{
  return (Length) { known, GW_NO_OUTPUT };
}

static GwOutput
length_value (GwBuilder    *b,
              const Length *length)
{
  return length->known >= 0 ? gw_const_scalar (b, GW_INT32, (double) length->known) : length->value;
}

static Length
axis_length (GwBuilder *b,
             GwOutput   image,
             int        axis)
{
  Length result = length (gw_output_shape (image)->dims[axis]);

  if (result.known < 0)
    result.value = gw_op (b, "Squeeze", GW_IN (gw_part_slice (b, gw_op1 (b, "Shape", image), axis, 1)), NULL);
  return result;
}

/* One of "Sub", "Minimum", "Maximum". */
static Length
combine (GwBuilder  *b,
         const char *op,
         Length      x,
         Length      y)
{
  if (x.known < 0 || y.known < 0)
    return (Length) { -1, gw_op2 (b, op, length_value (b, &x), length_value (b, &y)) };
  return length (*op == 'S' ? MAX (x.known - y.known, 0) : op[1] == 'i' ? MIN (x.known, y.known) : MAX (x.known, y.known));
}

/* Pictures of known rank: height × width × channels, or a batch of them. */
static gboolean
picture_init (Picture         *picture,
              GwExpandContext *context)
{
  GwOutput image = context->inputs[0];
  const GwShape *shape = gw_output_shape (image);
  g_autofree char *text = gw_shape_to_string (shape);

  *picture = (Picture) { context, context->builder, image, shape->rank, shape->rank - 3 };
  if (shape->rank != 3 && shape->rank != 4)
    {
      gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT,
                       "image must be height × width × channels, or a batch of that, but its shape is %s", text);
      return FALSE;
    }
  picture->height = axis_length (context->builder, image, picture->rows);
  picture->width = axis_length (context->builder, image, picture->rows + 1);
  return context->builder->error == NULL;
}

/* ---- crops and margins ---- */

/* A vector with `rows` and `columns` at the axes of the picture, `others` elsewhere. */
static GwOutput
along_axes (const Picture *picture,
            Length         rows,
            Length         columns,
            int64_t        others)
{
  GwOutput parts[4];

  for (int i = 0; i < picture->rank; i++)
    parts[i] = gw_const_scalar (picture->b, GW_INT32, (double) others);
  parts[picture->rows] = length_value (picture->b, &rows);
  parts[picture->rows + 1] = length_value (picture->b, &columns);
  return gw_op (picture->b, "Pack", picture->rank, parts, NULL);
}

static gboolean
fits_inside (const Picture *picture,
             const char    *what,
             int64_t        offset,
             int64_t        size,
             int64_t        all)
{
  if (all < 0 || offset + size <= all)
    return TRUE;
  gw_builder_fail (picture->b, GW_ERROR_INVALID_ARGUMENT,
                   "offset_%s + %s = %" G_GINT64_FORMAT " is more than the %" G_GINT64_FORMAT " there are", what, what,
                   offset + size, all);
  return FALSE;
}

static GwOutput
crop (const Picture *picture,
      Length         top,
      Length         left,
      Length         height,
      Length         width)
{
  GwOutput size = along_axes (picture, height, width, -1);

  return gw_op3 (picture->b, "Slice", picture->image, along_axes (picture, top, left, 0), size);
}

/* Zeros around the picture, `bottom` and `right` by its own size. */
static GwOutput
pad (const Picture *picture,
     GwOutput       image,
     Length         top,
     Length         left,
     Length         bottom,
     Length         right)
{
  GwBuilder *b = picture->b;
  GwOutput sides[] = { along_axes (picture, top, left, 0), along_axes (picture, bottom, right, 0) };

  return gw_op2 (b, "Pad", image, gw_op (b, "Pack", 2, sides, GW_WITH ({ "axis", gw_attr_int (1) })));
}

static int64_t
int_attr (const Picture *picture,
          const char    *name)
{
  return gw_expand_attr (picture->context, name)->i;
}

static void
crop_to_box_expand (GwExpandContext *context)
{
  Picture picture;
  int64_t top, left, height, width;

  if (!picture_init (&picture, context))
    return;
  top = int_attr (&picture, "offset_height");
  left = int_attr (&picture, "offset_width");
  height = int_attr (&picture, "target_height");
  width = int_attr (&picture, "target_width");
  if (fits_inside (&picture, "height", top, height, picture.height.known) &&
      fits_inside (&picture, "width", left, width, picture.width.known))
    context->outputs[0] = crop (&picture, length (top), length (left), length (height), length (width));
}

/* What is left of `target` behind `offset` and `size`. */
static Length
left_over (GwBuilder *b,
           int64_t    target,
           int64_t    offset,
           Length     size)
{
  return size.known >= 0 ? length (target - offset - size.known)
                         : combine (b, "Sub", length (target - offset), size);
}

static void
pad_to_box_expand (GwExpandContext *context)
{
  Picture picture;
  int64_t top, left, height, width;

  if (!picture_init (&picture, context))
    return;
  top = int_attr (&picture, "offset_height");
  left = int_attr (&picture, "offset_width");
  height = int_attr (&picture, "target_height");
  width = int_attr (&picture, "target_width");
  if (!fits_inside (&picture, "height", top, MAX (picture.height.known, 0), height) ||
      !fits_inside (&picture, "width", left, MAX (picture.width.known, 0), width))
    return;
  context->outputs[0] = pad (&picture, picture.image, length (top), length (left),
                             left_over (context->builder, height, top, picture.height),
                             left_over (context->builder, width, left, picture.width));
}

/* Half of what `larger` has more than `smaller`, rounded down (up with `up`); 0 when it has less. */
static Length
half_excess (GwBuilder *b,
             Length     larger,
             Length     smaller,
             gboolean   up)
{
  Length zero = length (0);
  Length excess = combine (b, "Maximum", combine (b, "Sub", larger, smaller), zero);
  GwOutput more;

  if (excess.known >= 0)
    return length ((excess.known + up) / 2);
  more = up ? gw_op2 (b, "AddV2", excess.value, gw_const_scalar (b, GW_INT32, 1)) : excess.value;
  return (Length) { -1, gw_op2 (b, "FloorDiv", more, gw_const_scalar (b, GW_INT32, 2)) };
}

/* Margins of one axis: `size` of the picture in the middle of `target`. */
static void
margins (GwBuilder *b,
         Length     size,
         int64_t    target,
         Length    *before,
         Length    *after)
{
  Length all = length (target);
  Length kept = combine (b, "Minimum", size, all);

  *before = half_excess (b, all, size, FALSE);
  *after = combine (b, "Sub", combine (b, "Sub", all, kept), *before);
}

static void
crop_or_pad_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  Picture picture;
  Length height, width, top, left, bottom, right;
  GwOutput cropped;

  if (!picture_init (&picture, context))
    return;
  height = length (int_attr (&picture, "target_height"));
  width = length (int_attr (&picture, "target_width"));
  cropped = crop (&picture, half_excess (b, picture.height, height, FALSE), half_excess (b, picture.width, width, FALSE),
                  combine (b, "Minimum", picture.height, height), combine (b, "Minimum", picture.width, width));
  margins (b, picture.height, height.known, &top, &bottom);
  margins (b, picture.width, width.known, &left, &right);
  context->outputs[0] = pad (&picture, cropped, top, left, bottom, right);
}

/* trunc ((n - n · fraction) / 2) */
static Length
central_start (GwBuilder *b,
               Length     size,
               double     fraction)
{
  GwOutput n, margin;

  if (size.known >= 0)
    return length ((int64_t) (((double) size.known - (double) size.known * fraction) / 2));
  n = gw_part_cast (b, size.value, GW_FLOAT64);
  margin = gw_op2 (b, "Sub", n, gw_op2 (b, "Mul", n, gw_const_scalar (b, GW_FLOAT64, fraction)));
  margin = gw_op2 (b, "RealDiv", margin, gw_const_scalar (b, GW_FLOAT64, 2));
  return (Length) { -1, gw_part_cast (b, margin, GW_INT32) };
}

static void
central_crop_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  double fraction = gw_expand_attr (context, "central_fraction")->f;
  Picture picture;
  Length top, left;

  if (!picture_init (&picture, context))
    return;
  top = central_start (b, picture.height, fraction);
  left = central_start (b, picture.width, fraction);
  context->outputs[0] = crop (&picture, top, left, combine (b, "Sub", combine (b, "Sub", picture.height, top), top),
                              combine (b, "Sub", combine (b, "Sub", picture.width, left), left));
}

/* ---- numbers at random ---- */

/* Chance has its place in training alone: otherwise the pictures pass unchanged. */
static gboolean
passes_unchanged (GwExpandContext *context)
{
  if (context->mode == GW_MODE_TRAIN)
    return FALSE;
  context->outputs[0] = gw_op1 (context->builder, "Identity", context->inputs[0]);
  return TRUE;
}

/* Uniform in [lowest, highest), of this vector's shape; the box's seed. */
static GwOutput
draw (GwExpandContext *context,
      GwOutput         shape,
      double           lowest,
      double           highest)
{
  GwBuilder *b = context->builder;
  int64_t own = gw_expand_attr (context, "seed")->i;
  int64_t seed = 0, seed2 = 0;  /* the graph gives some */
  GwOutput unit;

  if (own != 0)
    gw_combine_seeds (gw_graph_seed (b->graph), own, 0, &seed, &seed2);
  unit = gw_op (b, "RandomUniform", GW_IN (shape),
                GW_WITH ({ "dtype", gw_attr_dtype (GW_FLOAT32) }, { "seed", gw_attr_int (seed) },
                         { "seed2", gw_attr_int (seed2) }));
  return gw_op2 (b, "AddV2", gw_op2 (b, "Mul", unit, gw_const_scalar (b, GW_FLOAT32, (float) highest - (float) lowest)),
                 gw_const_scalar (b, GW_FLOAT32, lowest));
}

static GwOutput
draw_one (GwExpandContext *context,
          double           lowest,
          double           highest)
{
  return draw (context, gw_const_ints (context->builder, 0, NULL), lowest, highest);
}

/* ---- flips ---- */

static GwOutput
flip (const Picture *picture,
      int            axis)
{
  return gw_op2 (picture->b, "ReverseV2", picture->image, GW_INTS (picture->b, picture->rows + axis));
}

/* One picture is flipped when the number drawn is below ½; of a batch each one whose number is above. */
static GwOutput
flip_some (const Picture *picture,
           int            axis)
{
  GwBuilder *b = picture->b;
  GwOutput flipped = flip (picture, axis), half = gw_const_scalar (b, GW_FLOAT32, 0.5);
  GwOutput batch;

  if (picture->rank == 3)
    return gw_op3 (b, "Select", gw_op2 (b, "Less", draw_one (picture->context, 0, 1), half), flipped, picture->image);
  batch = gw_part_slice (b, gw_op1 (b, "Shape", picture->image), 0, 1);
  return gw_op3 (b, "Select", gw_op2 (b, "Greater", draw (picture->context, batch, 0, 1), half), flipped, picture->image);
}

#define FLIP(NAME, UNLESS, FUNCTION, AXIS)                      \
  static void                                                   \
  NAME##_expand (GwExpandContext *context)                      \
  {                                                             \
    Picture picture;                                            \
                                                                \
    if (!(UNLESS) && picture_init (&picture, context))          \
      context->outputs[0] = FUNCTION (&picture, AXIS);          \
  }

FLIP (flip_left_right, FALSE, flip, 1)
FLIP (flip_up_down, FALSE, flip, 0)
FLIP (random_flip_left_right, passes_unchanged (context), flip_some, 1)
FLIP (random_flip_up_down, passes_unchanged (context), flip_some, 0)

/* ---- brightness and colours ---- */

/* The largest value of an integer type, 0 for another one. */
static double
largest_of (GwDType dtype)
{
  static const double largest[] = { [GW_UINT8] = 255, [GW_INT8] = 127, [GW_INT16] = 32767, [GW_UINT16] = 65535 };

  return dtype < G_N_ELEMENTS (largest) ? largest[dtype] : 0;
}

/* float32 in [0, 1]: convert_image_dtype() */
static GwOutput
to_float (GwBuilder *b,
          GwOutput   image)
{
  double largest = b->error == NULL ? largest_of (gw_output_dtype (image)) : 0;
  GwOutput wide = gw_part_cast (b, image, GW_FLOAT32);

  return largest > 0 ? gw_op2 (b, "Mul", wide, gw_const_scalar (b, GW_FLOAT32, 1 / largest)) : wide;
}

static GwOutput
from_float (GwBuilder *b,
            GwOutput   image,
            GwDType    dtype)
{
  double largest = largest_of (dtype);
  double least = dtype == GW_INT8 || dtype == GW_INT16 ? -largest - 1 : 0;
  GwOutput scaled = image;

  if (largest > 0)
    scaled = gw_op3 (b, "ClipByValue", gw_op2 (b, "Mul", image, gw_const_scalar (b, GW_FLOAT32, largest + 0.5)),
                     gw_const_scalar (b, GW_FLOAT32, least), gw_const_scalar (b, GW_FLOAT32, largest));
  return gw_part_cast (b, scaled, dtype);
}

/* `op` of the pictures as floats and of an amount. */
static void
adjust (GwExpandContext *context,
        const char      *op,
        GwOutput         amount)
{
  GwBuilder *b = context->builder;
  GwOutput image = context->inputs[0];
  GwDType dtype = gw_output_dtype (image);

  if (b->error == NULL)
    context->outputs[0] = from_float (b, gw_op2 (b, op, to_float (b, image), amount), dtype);
}

static void
brightness_expand (GwExpandContext *context)
{
  adjust (context, "AddV2", gw_part_cast (context->builder, context->inputs[1], GW_FLOAT32));
}

static double
float_attr (const GwExpandContext *context,
            const char            *name)
{
  return gw_expand_attr (context, name)->f;
}

static void
random_brightness_expand (GwExpandContext *context)
{
  double most = float_attr (context, "max_delta");

  if (!passes_unchanged (context))
    adjust (context, "AddV2", draw_one (context, -most, most));
}

static void
random_hue_expand (GwExpandContext *context)
{
  double most = float_attr (context, "max_delta");

  if (!passes_unchanged (context))
    adjust (context, "AdjustHue", draw_one (context, -most, most));
}

/* Between the attributes `lower` and `upper`. */
static void
adjust_between (GwExpandContext *context,
                const char      *op)
{
  double lower = float_attr (context, "lower"), upper = float_attr (context, "upper");

  if (lower >= upper)
    gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT, "upper must be above lower: %g and %g", upper, lower);
  else if (!passes_unchanged (context))
    adjust (context, op, draw_one (context, lower, upper));
}

static void
random_contrast_expand (GwExpandContext *context)
{
  adjust_between (context, "AdjustContrastv2");
}

static void
random_saturation_expand (GwExpandContext *context)
{
  adjust_between (context, "AdjustSaturation");
}

/* (x - mean) / max (deviation, 1 / √elements), each picture by itself. */
static void
standardize_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  Picture picture;
  GwOutput x, axes, mean, away, variance, count, least;

  if (!picture_init (&picture, context))
    return;
  x = gw_part_cast (b, picture.image, GW_FLOAT32);
  axes = GW_INTS (b, picture.rows, picture.rows + 1, picture.rows + 2);
  mean = gw_op (b, "Mean", GW_IN (x, axes), GW_WITH ({ "keep_dims", gw_attr_bool (TRUE) }));
  away = gw_op2 (b, "Sub", x, mean);
  variance = gw_op (b, "Mean", GW_IN (gw_op1 (b, "Square", away), axes), GW_WITH ({ "keep_dims", gw_attr_bool (TRUE) }));
  count = gw_op2 (b, "Prod", gw_part_slice (b, gw_op1 (b, "Shape", x), picture.rows, 3), GW_INTS (b, 0));
  least = gw_op1 (b, "Rsqrt", gw_part_cast (b, count, GW_FLOAT32));
  context->outputs[0] = gw_op2 (b, "RealDiv", away, gw_op2 (b, "Maximum", gw_op1 (b, "Sqrt", variance), least));
}

/* ---- descriptions ---- */

#define TYPE(...) \
  { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_CHOICES (__VA_ARGS__), .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }
#define ANY_TYPE \
  TYPE ("float32", "float64", "uint8", "int8", "int16", "uint16", "int32", "int64", "float16", "bfloat16", "bool")
#define COLOR_TYPE TYPE ("float32", "float64", "float16", "uint8", "int8", "int16", "uint16")
#define SEED { "seed", GW_ATTR_SEED, .def = "0", .label = "Seed", .help = "0: follows the document's seed." }
#define PIXELS(name_text, label_text, help_text) \
  { name_text, GW_ATTR_INT, .def = "0", .max = G_MAXINT32, .label = label_text, .unit = "pixels", .help = help_text }
#define TARGETS \
  { "target_height", GW_ATTR_INT, .def = "28", .min = 1, .max = G_MAXINT32, .label = "Height", .unit = "pixels", .help = "Of the result." }, \
  { "target_width", GW_ATTR_INT, .def = "28", .min = 1, .max = G_MAXINT32, .label = "Width", .unit = "pixels", .help = "Of the result." }
#define BETWEEN(low, high) \
  { "lower", GW_ATTR_FLOAT, .def = low, .max = G_MAXFLOAT, .label = "From", .help = "The least factor." }, \
  { "upper", GW_ATTR_FLOAT, .def = high, .max = G_MAXFLOAT, .label = "To", .help = "The factor stays below it." }
#define MOST(value, top, help_text) \
  { "max_delta", GW_ATTR_FLOAT, .def = value, .max = top, .label = "At most", .help = help_text }
#define IMAGE_PORT { "image", "T", "Height × width × channels, or a batch of that." }

#define BOX(NAME, TYPE, TITLE, SUMMARY, DOC, MORE_INPUTS, OUTPUT_TYPE, ATTRS, ...)                          \
  static const GwOpDef NAME = {                                                                             \
    .name = TYPE, .since = 1, .title = TITLE, .category = "arrays/Pictures", .summary = SUMMARY, .doc = DOC, \
    .inputs = GW_PORTS (IMAGE_PORT MORE_INPUTS), .outputs = GW_PORTS ({ "output", OUTPUT_TYPE, "The pictures." }), \
    .attrs = GW_ATTRS (ATTRS), .expand = NAME##_expand, .examples = NAME##_examples,                       \
    .tell = GW_TEXTS (__VA_ARGS__),                                                                         \
  };
#define LIST(...) __VA_ARGS__
#define NOTHING

/* ---- examples ---- */

#define EXAMPLE(NAME, INPUTS, ATTRS, OUTPUTS) \
  static const GwOpExample NAME##_examples[] = { { INPUTS, ATTRS, OUTPUTS }, { NULL, NULL, NULL } };

EXAMPLE (brightness, GW_TEXTS ("[[[0.25], [0.5]]]", "0.25"), NULL, GW_TEXTS ("[[[0.5], [0.75]]]"))
EXAMPLE (random_brightness, GW_TEXTS ("[[[0.25], [0.5]]]"), "max_delta=0.1", NULL)
EXAMPLE (random_contrast, GW_TEXTS ("[[[0.25, 0.5, 0]]]"), "lower=0.5 upper=1.5", NULL)
EXAMPLE (random_saturation, GW_TEXTS ("[[[0.25, 0.5, 0]]]"), "lower=0.5 upper=1.5", NULL)
EXAMPLE (random_hue, GW_TEXTS ("[[[0.25, 0.5, 0]]]"), "max_delta=0.1", NULL)
EXAMPLE (flip_left_right, GW_TEXTS ("[[[1], [2]]]"), NULL, GW_TEXTS ("[[[2], [1]]]"))
EXAMPLE (flip_up_down, GW_TEXTS ("[[[1]], [[2]]]"), NULL, GW_TEXTS ("[[[2]], [[1]]]"))
EXAMPLE (random_flip_left_right, GW_TEXTS ("[[[1], [2]]]"), "seed=1", NULL)
EXAMPLE (random_flip_up_down, GW_TEXTS ("[[[1]], [[2]]]"), "seed=1", NULL)
EXAMPLE (central_crop, GW_TEXTS ("[[[1], [2], [3], [4]]]"), "central_fraction=0.5", GW_TEXTS ("[[[2], [3]]]"))
EXAMPLE (crop_to_box, GW_TEXTS ("[[[1], [2], [3]]]"), "offset_width=1 target_height=1 target_width=2", GW_TEXTS ("[[[2], [3]]]"))
EXAMPLE (pad_to_box, GW_TEXTS ("[[[1]]]"), "offset_width=1 target_height=1 target_width=3", GW_TEXTS ("[[[0], [1], [0]]]"))
EXAMPLE (crop_or_pad, GW_TEXTS ("[[[1], [2], [3]]]"), "target_height=1 target_width=1", GW_TEXTS ("[[[2]]]"))
EXAMPLE (standardize, GW_TEXTS ("[[[1], [3]]]"), NULL, GW_TEXTS ("[[[-1], [1]]]"))

/* ---- boxes ---- */

#define CHANCE_DOC " Outside of training pictures pass unchanged."
#define RANGE_DOC " Pictures of whole numbers are taken as 0 to 1 in between, rounded and cut to their type's range afterwards."

BOX (brightness, "AdjustBrightness", "Adjust brightness", "Adds a number to all values of pictures.",
     "`output = image + delta`." RANGE_DOC " Floats are not cut.",
     LIST (, { "delta", "float32", "What is added; pictures go from 0 to 1.", .literal = "0.1" }), "T", COLOR_TYPE, NULL)
BOX (random_brightness, "RandomBrightness", "Random brightness", "Adds a random number to all values of pictures.",
     "The number is drawn anew for every step, uniformly between ± *At most*, one for the whole batch." RANGE_DOC CHANCE_DOC,
     NOTHING, "T", LIST (MOST ("0.2", G_MAXFLOAT, "The largest amount either way; pictures go from 0 to 1."), SEED, COLOR_TYPE), "max_delta")
BOX (random_contrast, "RandomContrast", "Random contrast", "Changes the contrast of pictures by a random factor.",
     "*AdjustContrastv2* with a factor drawn anew for every step, one for the whole batch." RANGE_DOC CHANCE_DOC,
     NOTHING, "T", LIST (BETWEEN ("0.8", "1.2"), SEED, COLOR_TYPE), "lower", "upper")
BOX (random_saturation, "RandomSaturation", "Random saturation", "Changes the strength of colours by a random factor.",
     "*AdjustSaturation* with a factor drawn anew for every step, one for the whole batch." RANGE_DOC CHANCE_DOC,
     NOTHING, "T", LIST (BETWEEN ("0.8", "1.2"), SEED, COLOR_TYPE), "lower", "upper")
BOX (random_hue, "RandomHue", "Random hue", "Turns the colours of pictures on by a random amount.",
     "*AdjustHue* by an amount drawn anew for every step, uniformly between ± *At most*, one for the whole batch." RANGE_DOC CHANCE_DOC,
     NOTHING, "T", LIST (MOST ("0.1", 0.5, "The largest part of a turn either way, up to 0.5."), SEED, COLOR_TYPE), "max_delta")

BOX (flip_left_right, "FlipLeftRight", "Flip left to right", "Mirrors pictures: what was left comes to the right.",
     "Column i becomes column width - 1 - i. To mirror some of the pictures by chance while training, take *RandomFlipLeftRight*.",
     NOTHING, "T", ANY_TYPE, NULL)
BOX (flip_up_down, "FlipUpDown", "Flip upside down", "Turns pictures upside down, as a mirror does.",
     "Row i becomes row height - 1 - i. To turn some of the pictures by chance while training, take *RandomFlipUpDown*.",
     NOTHING, "T", ANY_TYPE, NULL)
BOX (random_flip_left_right, "RandomFlipLeftRight", "Random flip left to right", "Mirrors about half of the pictures, by chance.",
     "Each picture of a batch by itself, anew for every step: the usual way to have more pictures to train with." CHANCE_DOC,
     NOTHING, "T", LIST (SEED, ANY_TYPE), "seed")
BOX (random_flip_up_down, "RandomFlipUpDown", "Random flip upside down", "Turns about half of the pictures upside down, by chance.",
     "Each picture of a batch by itself, anew for every step." CHANCE_DOC,
     NOTHING, "T", LIST (SEED, ANY_TYPE), "seed")

BOX (central_crop, "CentralCrop", "Central crop", "Keeps the middle of pictures.",
     "Of n rows, trunc ((n - n · fraction) / 2) go at the top and as many at the bottom; columns likewise.",
     NOTHING, "T",
     LIST ({ "central_fraction", GW_ATTR_FLOAT, .def = "0.5", .min = 0.001, .max = 1, .label = "Part",
             .help = "How much of the height and of the width stays, up to 1." }, ANY_TYPE), "central_fraction")
BOX (crop_to_box, "CropToBoundingBox", "Crop to box", "Cuts a rectangle out of pictures.",
     "The rectangle must lie inside of the picture; `image[offset_height : offset_height + target_height, …]`.", NOTHING, "T",
     LIST (PIXELS ("offset_height", "Top", "Rows above the rectangle."), PIXELS ("offset_width", "Left", "Columns left of it."),
           TARGETS, ANY_TYPE), "target_height", "target_width")
BOX (pad_to_box, "PadToBoundingBox", "Pad to box", "Sets pictures into larger ones of zeros.",
     "The picture's corner comes to (`offset_height`, `offset_width`), and it must fit there.", NOTHING, "T",
     LIST (PIXELS ("offset_height", "Top", "Rows of zeros above."), PIXELS ("offset_width", "Left", "Columns of zeros on the left."),
           TARGETS, ANY_TYPE), "target_height", "target_width")
BOX (crop_or_pad, "ResizeWithCropOrPad", "Crop or pad to size", "Brings pictures to a size by cutting their edges or adding zeros.",
     "Nothing is stretched: height and width are each cropped to the middle where the picture is larger, and surrounded by zeros "
     "where it is smaller.", NOTHING, "T", LIST (TARGETS, ANY_TYPE), "target_height", "target_width")
BOX (standardize, "PerImageStandardization", "Standardize pictures", "Brings every picture to a mean of 0 and a deviation of 1.",
     "`(image - mean) / max (deviation, 1 / √n)` over the n values of each picture, so that an even one gives zeros.",
     NOTHING, "float32", COLOR_TYPE, NULL)

const GwOpDef *const gw_composites_pictures[] = {
  &brightness, &random_brightness, &random_contrast, &random_saturation, &random_hue,
  &flip_left_right, &flip_up_down, &random_flip_left_right, &random_flip_up_down,
  &central_crop, &crop_to_box, &pad_to_box, &crop_or_pad, &standardize, NULL,
};
