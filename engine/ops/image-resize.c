/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures in other sizes, and boxes cut out of them. */
#include "engine/base/error.h"
#include "engine/device/cpu/image.h"
#include "engine/device/cpu/resize.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <math.h>
#include <string.h>

#define PICTURES "arrays/Pictures"
#define PIXEL_TYPES GW_CHOICES ("float32", "float64", "uint8", "int8", "int16", "uint16", "int32", "int64", \
                                 "bfloat16", "float16")
#define T_ATTR(types) \
  { "T", GW_ATTR_DTYPE, .choices = types, .label = "Type", .help = "Type of the pixels; follows from what is wired.", \
    .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }

/* ---- shapes ---- */

/* [batch, height, width, channels], with pixels in it where `pixels` says so. */
static gboolean
want_pictures (GwShapeContext  *context,
               int              input,
               gboolean         pixels,
               GwShape         *shape,
               GError         **error)
{
  if (!gw_shape_want_rank (context, input, 4, shape, error))
    return FALSE;
  for (int i = 1; pixels && i < 4; i++)
    if (shape->dims[i] == 0)
      {
        g_autofree char *text = gw_shape_to_string (shape);

        return gw_invalid (error, "%s must have rows, columns and channels, but has shape %s",
                           gw_shape_input_name (context, input), text);
      }
  return TRUE;
}

/* An input of `n` sizes, positive where they are known. */
static gboolean
want_sizes (GwShapeContext  *context,
            int              input,
            int              n,
            gboolean         positive,
            GwShape         *sizes,
            GError         **error)
{
  const GwTensor *value = gw_shape_input_value (context, input);
  const char *name = gw_shape_input_name (context, input);
  GwShape vector;

  if (!gw_shape_want_rank (context, input, 1, &vector, error))
    return FALSE;
  if (vector.dims[0] >= 0 && vector.dims[0] != n)
    return gw_invalid (error, "%s must have %d elements, not %" G_GINT64_FORMAT, name, n, vector.dims[0]);
  for (int i = 0; value != NULL && i < n; i++)
    if (gw_tensor_get_int (value, i) < (positive ? 1 : 0))
      return gw_invalid (error, "%s: dimensions must be %s, but one is %" G_GINT64_FORMAT, name,
                         positive ? "positive" : ">= 0", gw_tensor_get_int (value, i));
  if (!gw_shape_input_as_shape (context, input, sizes, error))
    return FALSE;
  if (sizes->rank != n)
    *sizes = gw_shape_of_rank (n);
  return TRUE;
}

enum { RESIZE_T, RESIZE_ALIGN_CORNERS, RESIZE_HALF_PIXEL };

static gboolean
check_centers (const GwShapeContext  *context,
               GError               **error)
{
  int half = gw_attr_defs_find (context->def->attrs, "half_pixel_centers");

  if (half < 0 || !context->attrs[half].b || !context->attrs[RESIZE_ALIGN_CORNERS].b)
    return TRUE;
  return gw_invalid (error, "If half_pixel_centers is True, align_corners must be False.");
}

static gboolean
resize_shape (GwShapeContext *context,
              GError        **error)
{
  GwShape images, size;

  if (!check_centers (context, error) || !want_pictures (context, 0, TRUE, &images, error) ||
      !want_sizes (context, 1, 2, TRUE, &size, error))
    return FALSE;
  context->outputs[0] = GW_SHAPE (images.dims[0], size.dims[0], size.dims[1], images.dims[3]);
  return gw_array_check_size (&context->outputs[0], error);
}

/* The original picture is input 1. */
static gboolean
resize_grad_shape (GwShapeContext *context,
                   GError        **error)
{
  GwShape grads, images;

  if (!check_centers (context, error) || !want_pictures (context, 0, TRUE, &grads, error) ||
      !want_pictures (context, 1, TRUE, &images, error))
    return FALSE;
  for (int i = 0; i < 4; i += 3)
    if (grads.dims[i] >= 0 && images.dims[i] >= 0 && grads.dims[i] != images.dims[i])
      return gw_invalid (error, "grads and original_image must have as many pictures and channels: %" G_GINT64_FORMAT
                         " and %" G_GINT64_FORMAT, grads.dims[i], images.dims[i]);
  context->outputs[0] = GW_SHAPE (MAX (grads.dims[0], images.dims[0]), images.dims[1], images.dims[2],
                                  MAX (grads.dims[3], images.dims[3]));
  return TRUE;
}

/* ---- resizing ---- */

static GwResize
read_resize (const GwKernelContext *context,
             GwResizeMethod         method)
{
  return (GwResize) { method, context->attrs[RESIZE_ALIGN_CORNERS].b,
                      method != GW_RESIZE_AREA && context->attrs[RESIZE_HALF_PIXEL].b };
}

#define RESIZE_KERNELS(NAME, METHOD)                                                   \
  static const GwOpDef NAME##_op;                                                      \
  static gboolean                                                                      \
  NAME##_cpu (GwKernelContext *context, GError **error)                                \
  {                                                                                    \
    GwResize resize = read_resize (context, METHOD);                                   \
                                                                                       \
    return gw_array_prepare (context, &NAME##_op, error) && gw_cpu_resize (context, &resize, error); \
  }
#define RESIZE_GRAD_KERNEL(NAME, METHOD)                                               \
  static const GwOpDef NAME##_backward;                                                \
  static gboolean                                                                      \
  NAME##_backward_cpu (GwKernelContext *context, GError **error)                       \
  {                                                                                    \
    GwResize resize = read_resize (context, METHOD);                                   \
                                                                                       \
    return gw_array_prepare (context, &NAME##_backward, error) && gw_cpu_resize_grad (context, &resize, error); \
  }
RESIZE_KERNELS (nearest, GW_RESIZE_NEAREST)
RESIZE_KERNELS (bilinear, GW_RESIZE_BILINEAR)
RESIZE_KERNELS (bicubic, GW_RESIZE_BICUBIC)
RESIZE_KERNELS (area, GW_RESIZE_AREA)
RESIZE_GRAD_KERNEL (nearest, GW_RESIZE_NEAREST)
RESIZE_GRAD_KERNEL (bilinear, GW_RESIZE_BILINEAR)
RESIZE_GRAD_KERNEL (bicubic, GW_RESIZE_BICUBIC)

static GwOutput
backward_of (GwGradContext *context,
             const char    *op,
             GwOutput       second)
{
  const GwAttrValue *attrs = context->node->attrs;

  return gw_op (context->builder, op, GW_IN (gw_grad_dy (context, 0), second),
                GW_WITH ({ "align_corners", attrs[RESIZE_ALIGN_CORNERS] },
                         { "half_pixel_centers", attrs[RESIZE_HALF_PIXEL] }));
}

static void
nearest_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;

  context->dx[0] = backward_of (context, "ResizeNearestNeighborGrad",
                                gw_array_part (b, gw_op1 (b, "Shape", gw_grad_x (context, 0)), 1, 2));
}

static void
bilinear_grad (GwGradContext *context)
{
  if (gw_dtype_is_floating (gw_output_dtype (gw_grad_x (context, 0))))
    context->dx[0] = backward_of (context, "ResizeBilinearGrad", gw_grad_x (context, 0));
}

static void
bicubic_grad (GwGradContext *context)
{
  if (gw_dtype_is_floating (gw_output_dtype (gw_grad_x (context, 0))))
    context->dx[0] = backward_of (context, "ResizeBicubicGrad", gw_grad_x (context, 0));
}

#define ALIGN_ATTR \
  { "align_corners", GW_ATTR_BOOL, .def = "false", .label = "Align corners", \
    .help = "Whether the corner pixels keep their places and the others are spread between them." }
#define HALF_ATTR \
  { "half_pixel_centers", GW_ATTR_BOOL, .def = "false", .label = "Half-pixel centres", \
    .help = "Whether a pixel's place is its middle, as picture programs have it; not with align_corners." }
#define IMAGES_PORT(help) { "images", "T", "Pictures, batch × height × width × channels" help }
#define SIZE_PORT { "size", "int32", "The new height and width." }
#define PLACES \
  "\n\nWithout either option, pixel i of the result lies at i · old / new of the picture. *Half-pixel centres* takes the " \
  "middle of pixels: (i + ½) · old / new - ½. *Align corners* takes i · (old - 1) / (new - 1)."

#define RESIZE_OP(NAME, TYPE, TITLE, OUT_TYPE, FLAGS, GRADIENT, ATTRS, SUMMARY, DOC, EXAMPLES)                        \
  static const GwOpDef NAME##_op = {                                                                                  \
    .name = TYPE, .since = 1, .title = TITLE, .category = PICTURES, .summary = SUMMARY, .doc = DOC,                   \
    .inputs = GW_PORTS (IMAGES_PORT ("."), SIZE_PORT),                                                                \
    .outputs = GW_PORTS ({ "resized_images", OUT_TYPE, "The pictures in the new size." }),                            \
    .attrs = GW_ATTRS (ATTRS), .flags = GW_OP_IN_FLOAT | (FLAGS),                                                                        \
    .shape_rule = "[batch, size[0], size[1], channels]", \
    .shape = resize_shape, .grad = GRADIENT, .cpu = NAME##_cpu, .examples = EXAMPLES,                                 \
    .tell = GW_CHOICES ("align_corners"),                                                                             \
  };
#define WAY_ATTRS [RESIZE_T] = T_ATTR (PIXEL_TYPES), [RESIZE_ALIGN_CORNERS] = ALIGN_ATTR, [RESIZE_HALF_PIXEL] = HALF_ATTR
#define LIST(...) __VA_ARGS__

RESIZE_OP (nearest, "ResizeNearestNeighbor", "Resize, nearest pixel", "T", 0, nearest_grad, LIST (WAY_ATTRS),
           "Resizes pictures by taking the nearest pixel.",
           "No new colours arise: fit for masks and class numbers. Enlarged pictures show squares." PLACES,
           GW_EXAMPLES ({ GW_TEXTS ("[[[[1.5], [2]], [[3], [4]]]]", "[2, 4]"), NULL,
                          GW_TEXTS ("[[[[1.5], [1.5], [2], [2]], [[3], [3], [4], [4]]]]") },
                        { GW_TEXTS ("[[[[1], [2], [3], [4]]]]", "[1, 2]"), "T=int32 half_pixel_centers=true",
                          GW_TEXTS ("[[[[2], [4]]]]") }))
RESIZE_OP (bilinear, "ResizeBilinear", "Resize, bilinear", "float32", 0, bilinear_grad, LIST (WAY_ATTRS),
           "Resizes pictures by blending the four pixels around each place.",
           "The result is float32, whatever the picture holds. Reduced by more than half, some pixels do not count: see "
           "*ResizeArea*." PLACES,
           GW_EXAMPLES ({ GW_TEXTS ("[[[[1.5], [2.5]], [[3.5], [4.5]]]]", "[2, 4]"), NULL,
                          GW_TEXTS ("[[[[1.5], [2], [2.5], [2.5]], [[3.5], [4], [4.5], [4.5]]]]") },
                        { GW_TEXTS ("[[[[1.5], [2.5]]]]", "[1, 3]"), "align_corners=true",
                          GW_TEXTS ("[[[[1.5], [2], [2.5]]]]") }))
RESIZE_OP (bicubic, "ResizeBicubic", "Resize, bicubic", "float32", 0, bicubic_grad, LIST (WAY_ATTRS),
           "Resizes pictures by a smooth curve through the sixteen pixels around each place.",
           "Sharper than bilinear; beside edges values overshoot a little. The curve is Keys' cubic with a = -0.5 for "
           "half-pixel centres and -0.75 otherwise." PLACES,
           GW_EXAMPLES ({ GW_TEXTS ("[[[[1.5], [2.5], [4]]]]", "[1, 6]"), NULL,
                          GW_TEXTS ("[[[[1.5], [1.859375], [2.5], [3.34375], [4], [4.140625]]]]") }))
RESIZE_OP (area, "ResizeArea", "Resize, by area", "float32", GW_OP_NO_GRADIENT, NULL,
           LIST ([RESIZE_T] = T_ATTR (PIXEL_TYPES), [RESIZE_ALIGN_CORNERS] = ALIGN_ATTR),
           "Resizes pictures by the mean of what lies under each new pixel.",
           "The way to make pictures small: every pixel counts as much as it is covered.",
           GW_EXAMPLES ({ GW_TEXTS ("[[[[1.5], [2.5], [4.5], [5.5]]]]", "[1, 2]"), NULL, GW_TEXTS ("[[[[2], [5]]]]") }))

#define RESIZE_GRAD_OP(NAME, TYPE, FORWARD, IN_TYPE, OUT_TYPE, SECOND, SHAPE, TYPES, GRADIENT, FLAGS, EXAMPLES)       \
  static const GwOpDef NAME##_backward = {                                                                            \
    .name = TYPE, .since = 1, .title = "Gradient of " FORWARD, .category = PICTURES,                                  \
    .summary = "The gradient of " FORWARD ".",                                                                        \
    .doc = "Each pixel of the original gets the gradients of the pixels that it went into, by its weights in them.",  \
    .inputs = GW_PORTS ({ "grads", IN_TYPE, "The gradient that arrives at the resized pictures." }, SECOND),          \
    .outputs = GW_PORTS ({ "output", OUT_TYPE, "The gradient for the original pictures." }),                          \
    .attrs = GW_ATTRS ([RESIZE_T] = T_ATTR (TYPES), [RESIZE_ALIGN_CORNERS] = ALIGN_ATTR, [RESIZE_HALF_PIXEL] = HALF_ATTR), \
    .flags = GW_OP_IN_FLOAT | GW_OP_HIDDEN | (FLAGS),                                                                                  \
    .shape_rule = "that of the original pictures", \
    .shape = SHAPE, .grad = GRADIENT, .cpu = NAME##_backward_cpu, .examples = EXAMPLES,                               \
  };
#define ORIGINAL_PORT { "original_image", "T", "The original pictures; only their shape counts." }

RESIZE_GRAD_OP (nearest, "ResizeNearestNeighborGrad", "ResizeNearestNeighbor", "T", "T",
                LIST ({ "size", "int32", "Height and width of the original." }), resize_shape,
                GW_CHOICES ("float32", "float64", "uint8", "int8", "int32", "bfloat16", "float16"), NULL, GW_OP_NO_GRADIENT,
                GW_EXAMPLES ({ GW_TEXTS ("[[[[1.5], [2], [3], [4]]]]", "[1, 2]"), NULL, GW_TEXTS ("[[[[3.5], [7]]]]") }))
RESIZE_GRAD_OP (bilinear, "ResizeBilinearGrad", "ResizeBilinear", "float32", "T", ORIGINAL_PORT, resize_grad_shape,
                GW_ALL_FLOAT_TYPES, NULL, GW_OP_NO_GRADIENT,
                GW_EXAMPLES ({ GW_TEXTS ("[[[[1.5], [2], [3], [4]]]]", "[[[[0.0], [0]]]]"), NULL, GW_TEXTS ("[[[[2.5], [8]]]]") }))
RESIZE_GRAD_OP (bicubic, "ResizeBicubicGrad", "ResizeBicubic", "float32", "T", ORIGINAL_PORT, resize_grad_shape,
                GW_FLOAT_TYPES, NULL, GW_OP_NO_GRADIENT,
                GW_EXAMPLES ({ GW_TEXTS ("[[[[1.5], [2]]]]", "[[[[0.0], [0]]]]"), NULL, GW_TEXTS ("[[[[1.5], [2]]]]") }))

/* ---- crops ---- */

#define CROP_TYPES \
  GW_CHOICES ("float32", "float64", "uint8", "int8", "int16", "uint16", "int32", "int64", "float16")

enum { CROP_T, CROP_METHOD, CROP_OUTSIDE };

/* boxes n × 4 and box_ind n: ports `first` and the next. */
static gboolean
want_boxes (GwShapeContext  *context,
            int              first,
            int64_t         *n,
            GError         **error)
{
  GwShape boxes, box_ind;

  if (!gw_shape_want_rank (context, first, 2, &boxes, error) ||
      !gw_shape_want_rank (context, first + 1, 1, &box_ind, error))
    return FALSE;
  if (boxes.dims[1] >= 0 && boxes.dims[1] != 4)
    return gw_invalid (error, "boxes must have 4 columns, not %" G_GINT64_FORMAT, boxes.dims[1]);
  if (boxes.dims[0] >= 0 && box_ind.dims[0] >= 0 && boxes.dims[0] != box_ind.dims[0])
    return gw_invalid (error, "box_ind must have one element for each of %" G_GINT64_FORMAT " boxes, not %" G_GINT64_FORMAT,
                       boxes.dims[0], box_ind.dims[0]);
  *n = MAX (boxes.dims[0], box_ind.dims[0]);
  return TRUE;
}

static gboolean
crop_shape (GwShapeContext *context,
            GError        **error)
{
  GwShape image, size;
  int64_t n;

  if (!want_pictures (context, 0, FALSE, &image, error) || !want_boxes (context, 1, &n, error) ||
      !want_sizes (context, 3, 2, TRUE, &size, error))
    return FALSE;
  if (image.dims[1] == 0 || image.dims[2] == 0)
    return gw_invalid (error, "image dimensions must be positive");
  context->outputs[0] = GW_SHAPE (n, size.dims[0], size.dims[1], image.dims[3]);
  return gw_array_check_size (&context->outputs[0], error);
}

static gboolean
want_crops (GwShapeContext  *context,
            int64_t          n,
            GwShape         *grads,
            GError         **error)
{
  if (!want_pictures (context, 0, FALSE, grads, error))
    return FALSE;
  if (n >= 0 && grads->dims[0] >= 0 && grads->dims[0] != n)
    return gw_invalid (error, "grads must have one crop for each of %" G_GINT64_FORMAT " boxes, not %" G_GINT64_FORMAT,
                       n, grads->dims[0]);
  return TRUE;
}

static gboolean
crop_grad_image_shape (GwShapeContext *context,
                       GError        **error)
{
  GwShape grads, size;
  int64_t n = -1;

  if (!want_boxes (context, 1, &n, error) || !want_crops (context, n, &grads, error) ||
      !want_sizes (context, 3, 4, FALSE, &size, error))
    return FALSE;
  if (size.dims[3] >= 0 && grads.dims[3] >= 0 && size.dims[3] != grads.dims[3])
    return gw_invalid (error, "image_size and grads are incompatible: %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " channels",
                       size.dims[3], grads.dims[3]);
  context->outputs[0] = GW_SHAPE (size.dims[0], size.dims[1], size.dims[2], MAX (size.dims[3], grads.dims[3]));
  return gw_array_check_size (&context->outputs[0], error);
}

static gboolean
crop_grad_boxes_shape (GwShapeContext *context,
                       GError        **error)
{
  GwShape grads, image;
  int64_t n = -1;

  if (!want_boxes (context, 2, &n, error) || !want_crops (context, n, &grads, error) ||
      !want_pictures (context, 1, FALSE, &image, error))
    return FALSE;
  if (image.dims[3] >= 0 && grads.dims[3] >= 0 && image.dims[3] != grads.dims[3])
    return gw_invalid (error, "image and grads must have as many channels: %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
                       image.dims[3], grads.dims[3]);
  context->outputs[0] = GW_SHAPE (MAX (n, grads.dims[0]), 4);
  return TRUE;
}

static gboolean
check_boxes (const GwTensor  *boxes,
             GError         **error)
{
  for (int64_t i = 0; i < boxes->elements; i++)
    if (!isfinite (GW_TENSOR_DATA (boxes, float)[i]))
      return gw_invalid (error, "boxes contains at least one element that is not finite");
  return TRUE;
}

static gboolean
is_nearest (const GwKernelContext *context)
{
  return strcmp (context->attrs[CROP_METHOD].s, "nearest") == 0;
}

static const GwOpDef crop_op, crop_grad_image_op;

static gboolean
crop_cpu (GwKernelContext *context,
          GError         **error)
{
  GwCrops crops = { context->inputs[1], context->inputs[2], is_nearest (context), (float) context->attrs[CROP_OUTSIDE].f };

  return gw_array_prepare (context, &crop_op, error) && check_boxes (crops.boxes, error) &&
         gw_cpu_crop (context, context->inputs[0], &crops, context->outputs[0], error);
}

static gboolean
crop_grad_image_cpu (GwKernelContext *context,
                     GError         **error)
{
  GwCrops crops = { context->inputs[1], context->inputs[2], is_nearest (context), 0 };

  return gw_array_prepare (context, &crop_grad_image_op, error) && check_boxes (crops.boxes, error) &&
         gw_cpu_crop_grad_image (context, context->inputs[0], &crops, context->outputs[0], error);
}

static gboolean
crop_grad_boxes_cpu (GwKernelContext *context,
                     GError         **error)
{
  GwCrops crops = { context->inputs[2], context->inputs[3], FALSE, 0 };

  return check_boxes (crops.boxes, error) &&
         gw_cpu_crop_grad_boxes (context, context->inputs[0], context->inputs[1], &crops, context->outputs[0], error);
}

static void
crop_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput image = gw_grad_x (context, 0), boxes = gw_grad_x (context, 1), box_ind = gw_grad_x (context, 2);
  GwDType dtype = gw_output_dtype (image);

  if (context->wanted[0] && gw_dtype_is_floating (dtype))
    context->dx[0] = gw_op (b, "CropAndResizeGradImage",
                            GW_IN (gw_grad_dy (context, 0), boxes, box_ind, gw_op1 (b, "Shape", image)),
                            GW_WITH ({ "T", gw_attr_dtype (dtype) }, { "method", context->node->attrs[CROP_METHOD] }));
  if (context->wanted[1])
    context->dx[1] = gw_op (b, "CropAndResizeGradBoxes", GW_IN (gw_grad_dy (context, 0), image, boxes, box_ind), NULL);
}

#define BOX_PORTS \
  { "boxes", "float32", "n × 4: y1, x1, y2, x2 of each box, 0 the first and 1 the last row or column." }, \
  { "box_ind", "int32", "For each box, the number of its picture." }
#define METHOD_ATTR \
  { "method", GW_ATTR_CHOICE, .def = "bilinear", .choices = GW_CHOICES ("bilinear", "nearest"), .label = "Method", \
    .help = "Blend the four pixels around each place, or take the nearest." }
#define GRADS_PORT { "grads", "float32", "The gradient that arrives at the crops." }

static const GwOpDef crop_op = {
  .name = "CropAndResize", .since = 1, .title = "Crop and resize", .category = PICTURES,
  .summary = "Cuts boxes out of pictures and brings all of them to one size.",
  .doc = "A box is given by two corners in parts of the picture: `[0, 0, 1, 1]` is all of it. Boxes with y1 > y2 come out "
         "upside down. What lies beyond the picture has the *Value outside*. Gradients go to the pictures and to the corners.",
  .inputs = GW_PORTS ({ "image", "T", "Pictures, batch × height × width × channels." }, BOX_PORTS,
                      { "crop_size", "int32", "Height and width of the crops." }),
  .outputs = GW_PORTS ({ "crops", "float32", "n × crop height × crop width × channels." }),
  .attrs = GW_ATTRS (
    [CROP_T] = T_ATTR (CROP_TYPES), [CROP_METHOD] = METHOD_ATTR,
    [CROP_OUTSIDE] = { "extrapolation_value", GW_ATTR_FLOAT, .def = "0", .label = "Value outside",
                       .help = "Of pixels beyond the picture." }),
  .flags = GW_OP_IN_FLOAT,
  .shape_rule = "[boxes, crop_size[0], crop_size[1], channels]",
  .shape = crop_shape, .grad = crop_grad, .cpu = crop_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1.5], [2.5]], [[3.5], [4.5]]]]", "[[0.25, 0.25, 0.75, 0.75]]", "[0]", "[2, 2]"), NULL,
      GW_TEXTS ("[[[[2.25], [2.75]], [[3.25], [3.75]]]]") },
    { GW_TEXTS ("[[[[1], [2]], [[3], [4]]]]", "[[0.25, 0.25, 2, 0.75]]", "[0]", "[2, 2]"), "T=int32 extrapolation_value=-1",
      GW_TEXTS ("[[[[1.75], [2.25]], [[-1.0], [-1]]]]") }),
  .tell = GW_CHOICES ("method"),
};

static const GwOpDef crop_grad_image_op = {
  .name = "CropAndResizeGradImage", .since = 1, .title = "Gradient of CropAndResize for the pictures", .category = PICTURES,
  .summary = "The gradient of CropAndResize for the pictures.",
  .doc = "Each pixel gets the gradients of the crops' pixels that it went into.",
  .inputs = GW_PORTS (GRADS_PORT, BOX_PORTS, { "image_size", "int32", "The shape of the pictures." }),
  .outputs = GW_PORTS ({ "output", "T", "The gradient for the pictures." }),
  .attrs = GW_ATTRS ([CROP_T] = { "T", GW_ATTR_DTYPE, .choices = GW_CHOICES ("float32", "float64", "float16"), .label = "Type",
                                  .help = "Type of the pictures.", .flags = GW_ATTR_REQUIRED },
                     [CROP_METHOD] = METHOD_ATTR),
  .flags = GW_OP_IN_FLOAT | GW_OP_HIDDEN | GW_OP_NO_GRADIENT,
  .shape_rule = "what image_size says",
  .shape = crop_grad_image_shape, .cpu = crop_grad_image_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[[[1.0], [2]]]]", "[[0.0, 0, 0, 0.5]]", "[0]", "[1, 1, 2, 1]"), "T=float32",
                             GW_TEXTS ("[[[[2.0], [1]]]]") }),
};

static const GwOpDef crop_grad_boxes_op = {
  .name = "CropAndResizeGradBoxes", .since = 1, .title = "Gradient of CropAndResize for the boxes", .category = PICTURES,
  .summary = "The gradient of CropAndResize for the corners of the boxes.",
  .doc = "How the crops would change if a corner moved; always as with the bilinear method.",
  .inputs = GW_PORTS (GRADS_PORT, { "image", "T", "The pictures." }, BOX_PORTS),
  .outputs = GW_PORTS ({ "output", "float32", "The gradient for the boxes, n × 4." }),
  .attrs = GW_ATTRS ([CROP_T] = T_ATTR (CROP_TYPES),
                     [CROP_METHOD] = { "method", GW_ATTR_CHOICE, .def = "bilinear", .choices = GW_CHOICES ("bilinear"),
                                       .label = "Method", .help = "Bilinear.", .flags = GW_ATTR_HIDDEN }),
  .flags = GW_OP_IN_FLOAT | GW_OP_HIDDEN | GW_OP_NO_GRADIENT,
  .shape_rule = "[boxes, 4]",
  .shape = crop_grad_boxes_shape, .cpu = crop_grad_boxes_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[[[1.0], [2]]]]", "[[[[1.5], [2.5]], [[3.5], [4.5]]]]", "[[0.25, 0.25, 0.25, 0.75]]", "[0]"),
                             NULL, GW_TEXTS ("[[3.0, 1, 3, 2]]") }),
};

const GwOpDef *const gw_ops_image_resize[] = {
  &nearest_op, &bilinear_op, &bicubic_op, &area_op, &nearest_backward, &bilinear_backward, &bicubic_backward,
  &crop_op, &crop_grad_image_op, &crop_grad_boxes_op, NULL,
};
