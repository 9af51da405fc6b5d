/* SPDX-License-Identifier: Apache-2.0 */
/* Patches of pictures and boxes found in them. */
#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/image.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <string.h>

#define PICTURES "arrays/Pictures"

/* ---- ExtractImagePatches ---- */

enum { PATCHES_SIZES, PATCHES_STRIDES, PATCHES_RATES, PATCHES_T, PATCHES_PADDING };

/* A window along rows or columns. */
typedef struct {
  int64_t size, stride, rate;
  int64_t out, before;   /* positions; padding before the first, both -1 when not known */
} Window;

static gboolean
read_window (const GwAttrValue  *attrs,
             int64_t             in,
             int                 axis,
             Window             *window,
             GError            **error)
{
  static const char *const names[] = { "ksizes", "strides", "rates" };
  int64_t *const values[] = { &window->size, &window->stride, &window->rate };
  gboolean same = strcmp (attrs[PATCHES_PADDING].s, "SAME") == 0;
  int64_t reach, padding;

  for (int i = 0; i < 3; i++)
    {
      const GwAttrValue *list = &attrs[PATCHES_SIZES + i];

      if (list->list.n != 4)
        return gw_invalid (error, "%s must have 4 elements, not %d", names[i], list->list.n);
      if (list->list.i[0] != 1 || list->list.i[3] != 1)
        return gw_invalid (error, "%s: only windows across rows and columns are possible: [1, rows, columns, 1]", names[i]);
      *values[i] = list->list.i[axis];
      if (*values[i] < 1 || *values[i] > G_MAXINT32)
        return gw_invalid (error, "%s: %" G_GINT64_FORMAT " is out of range", names[i], *values[i]);
    }
  window->out = window->before = GW_DIM_UNKNOWN;
  if (in < 0)
    return TRUE;
  reach = (window->size - 1) * window->rate + 1;
  window->out = same ? (in + window->stride - 1) / window->stride : (in - reach + window->stride) / window->stride;
  if (window->out < 0)
    return gw_invalid (error, "the window of ksizes and rates reaches over %" G_GINT64_FORMAT " pixels, and images has %"
                       G_GINT64_FORMAT, reach, in);
  padding = same ? MAX ((window->out - 1) * window->stride + reach - in, 0) : 0;
  window->before = padding / 2;
  return TRUE;
}

static gboolean
patches_shape (GwShapeContext *context,
               GError        **error)
{
  GwShape images;
  Window rows, columns;
  int64_t patch;

  if (!gw_shape_want_rank (context, 0, 4, &images, error) ||
      !read_window (context->attrs, images.dims[1], 1, &rows, error) ||
      !read_window (context->attrs, images.dims[2], 2, &columns, error))
    return FALSE;
  patch = rows.size * columns.size;
  if (images.dims[3] > 0 && patch > G_MAXINT64 / images.dims[3])
    return gw_invalid (error, "ksizes: the patches are too large");
  context->outputs[0] = GW_SHAPE (images.dims[0], rows.out, columns.out, images.dims[3] < 0 ? -1 : patch * images.dims[3]);
  return gw_array_check_size (&context->outputs[0], error);
}

/* First and last position, [first, last), of which pixel k of the window lies inside. */
static void
positions_inside (const Window *window,
                  int64_t       in,
                  int64_t       k,
                  int64_t      *first,
                  int64_t      *last)
{
  int64_t shift = window->before - k * window->rate;

  *first = shift <= 0 ? 0 : (shift + window->stride - 1) / window->stride;
  *last = in + shift <= 0 ? 0 : MIN (window->out, (in + shift - 1) / window->stride + 1);
}

/* One pixel of the window at a time, for all positions and pictures: a strided box. */
static void
copy_pixel (GwKernelContext *context,
            const Window    *rows,
            const Window    *columns,
            int64_t          r,
            int64_t          c)
{
  const GwTensor *in = context->inputs[0];
  GwTensor *out = context->outputs[0];
  const int64_t *dims = in->shape.dims;
  int64_t n = dims[3], patch = rows->size * columns->size * n, y, y_end, x, x_end, from, to;
  GwStridedCopy copy = { 0 };

  positions_inside (rows, dims[1], r, &y, &y_end);
  positions_inside (columns, dims[2], c, &x, &x_end);
  if (y >= y_end || x >= x_end)
    return;
  from = ((y * rows->stride - rows->before + r * rows->rate) * dims[2] +
          x * columns->stride - columns->before + c * columns->rate) * n;
  to = (y * columns->out + x) * patch + (r * columns->size + c) * n;
  gw_strided_copy_append (&copy, dims[0], dims[1] * dims[2] * n, rows->out * columns->out * patch);
  gw_strided_copy_append (&copy, y_end - y, rows->stride * dims[2] * n, columns->out * patch);
  gw_strided_copy_append (&copy, x_end - x, columns->stride * n, patch);
  gw_strided_copy_append (&copy, n, 1, 1);
  gw_strided_copy_run (context, &copy, in->dtype, gw_element_at (in->data, in->dtype, from),
                       gw_element_at (out->data, out->dtype, to));
}

static gboolean
patches_cpu (GwKernelContext *context,
             GError         **error)
{
  const int64_t *dims = context->inputs[0]->shape.dims;
  Window rows, columns;

  if (!read_window (context->attrs, dims[1], 1, &rows, error) || !read_window (context->attrs, dims[2], 2, &columns, error))
    return FALSE;
  gw_array_clear (context, context->outputs[0]);
  for (int64_t r = 0; r < rows.size && context->outputs[0]->elements > 0; r++)
    for (int64_t c = 0; c < columns.size; c++)
      copy_pixel (context, &rows, &columns, r, c);
  return TRUE;
}

/* Patches of a picture of pixel numbers say where each gradient goes; 0 is padding. */
static void
patches_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  const GwAttrValue *attrs = context->node->attrs;
  GwOutput minus_one = GW_ARRAY_INTS (b, -1), one = GW_ARRAY_INTS (b, 1), zero = gw_const_scalar (b, GW_INT32, 0);
  GwOutput shape = gw_op1 (b, "Shape", gw_grad_x (context, 0)), batch = gw_array_part (b, shape, 0, 1);
  GwOutput size = gw_array_part (b, shape, 1, 2), channels = gw_array_part (b, shape, 3, 1);
  GwOutput out = gw_array_part (b, gw_op1 (b, "Shape", gw_grad_y (context, 0)), 1, 2);
  GwOutput window = GW_ARRAY_INTS (b, attrs[PATCHES_SIZES].list.i[1], attrs[PATCHES_SIZES].list.i[2]);
  GwOutput n = gw_op2 (b, "Prod", size, zero), numbers, dy, sums;

  numbers = gw_op3 (b, "Range", gw_const_scalar (b, GW_INT32, 1), gw_op2 (b, "AddV2", n, gw_const_scalar (b, GW_INT32, 1)),
                    gw_const_scalar (b, GW_INT32, 1));
  numbers = gw_op2 (b, "Reshape", numbers, gw_array_join3 (b, one, size, one));
  numbers = gw_op (b, "ExtractImagePatches", GW_IN (numbers),
                   GW_WITH ({ "ksizes", attrs[PATCHES_SIZES] }, { "strides", attrs[PATCHES_STRIDES] },
                            { "rates", attrs[PATCHES_RATES] }, { "padding", attrs[PATCHES_PADDING] }));
  numbers = gw_op2 (b, "Sub", gw_op2 (b, "Reshape", numbers, minus_one), gw_const_scalar (b, GW_INT32, 1));
  dy = gw_op2 (b, "Reshape", gw_grad_dy (context, 0),
               gw_array_join3 (b, batch, gw_array_join2 (b, out, window), channels));
  dy = gw_op2 (b, "Transpose", dy, GW_ARRAY_INTS (b, 1, 2, 3, 4, 0, 5));
  dy = gw_op2 (b, "Reshape", dy, gw_array_join2 (b, minus_one, gw_op2 (b, "Mul", batch, channels)));
  sums = gw_op3 (b, "UnsortedSegmentSum", dy, numbers, n);
  sums = gw_op2 (b, "Reshape", sums, gw_array_join3 (b, size, batch, channels));
  context->dx[0] = gw_op2 (b, "Transpose", sums, GW_ARRAY_INTS (b, 2, 0, 1, 3));
}

#define FOUR_ATTR(name, text, helptext) \
  { name, GW_ATTR_INTS, .min = 4, .max = 4, .label = text, .help = helptext, .flags = GW_ATTR_REQUIRED }

static const GwOpDef patches = {
  .name = "ExtractImagePatches", .since = 1, .title = "Patches of pictures", .category = PICTURES,
  .summary = "The pixels under a window at each of its places, as channels.",
  .doc = "What a convolution sees: at each place the window's pixels, row by row, their channels side by side. With rates above "
         "1 the window's pixels stand apart. *SAME* pads with 0 so that there is a place for each stride; *VALID* keeps the "
         "window inside.",
  .inputs = GW_PORTS ({ "images", "T", "Pictures, batch × height × width × channels." }),
  .outputs = GW_PORTS ({ "patches", "T", "batch × places × places × (rows · columns · channels)." }),
  .attrs = GW_ATTRS (
    [PATCHES_SIZES] = FOUR_ATTR ("ksizes", "Window", "1, rows, columns, 1."),
    [PATCHES_STRIDES] = FOUR_ATTR ("strides", "Strides", "Steps from place to place: 1, rows, columns, 1."),
    [PATCHES_RATES] = FOUR_ATTR ("rates", "Rates", "Steps between the window's pixels: 1, rows, columns, 1."),
    [PATCHES_T] = { "T", GW_ATTR_DTYPE, .label = "Type", .help = "Element type; follows from what is wired.",
                    .choices = GW_PLAIN_TYPES, .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },
    [PATCHES_PADDING] = { "padding", GW_ATTR_CHOICE, .choices = GW_CHOICES ("SAME", "VALID"), .label = "Padding",
                          .help = "Whether the window may stand out.", .flags = GW_ATTR_REQUIRED }),
  .shape_rule = "[batch, rows, columns, window rows · window columns · channels]: ⌈n / stride⌉ of n with SAME, ⌈(n "
                "- reach + 1) / stride⌉ with VALID",
  .shape = patches_shape, .grad = patches_grad, .cpu = patches_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1.5], [2], [3]], [[4], [5], [6]]]]"), "ksizes=[1,2,2,1] strides=[1,1,1,1] rates=[1,1,1,1] padding=VALID",
      GW_TEXTS ("[[[[1.5, 2, 4, 5], [2, 3, 5, 6]]]]") },
    { GW_TEXTS ("[[[[1.5], [2], [3]]]]"), "ksizes=[1,1,2,1] strides=[1,1,2,1] rates=[1,1,1,1] padding=SAME",
      GW_TEXTS ("[[[[1.5, 2], [3, 0]]]]") }),
  .tell = GW_CHOICES ("ksizes", "padding"),
};

/* ---- NonMaxSuppression ---- */

static gboolean
suppression_shape (GwShapeContext *context,
                   GError        **error)
{
  GwShape boxes, scores;

  if (!gw_shape_want_rank (context, 0, 2, &boxes, error) || !gw_shape_want_rank (context, 1, 1, &scores, error))
    return FALSE;
  for (int i = 2; i < context->n_inputs; i++)
    if (!gw_array_want_scalar (context, i, error))
      return FALSE;
  if (boxes.dims[1] >= 0 && boxes.dims[1] != 4)
    return gw_invalid (error, "boxes must have 4 columns, not %" G_GINT64_FORMAT, boxes.dims[1]);
  if (boxes.dims[0] >= 0 && scores.dims[0] >= 0 && boxes.dims[0] != scores.dims[0])
    return gw_invalid (error, "scores must have one element for each of %" G_GINT64_FORMAT " boxes, not %" G_GINT64_FORMAT,
                       boxes.dims[0], scores.dims[0]);
  context->outputs[0] = gw_shape_of_rank (1);
  return TRUE;
}

static gboolean
suppress (GwKernelContext *context,
          float            overlap,
          float            least,
          GError         **error)
{
  const GwTensor *boxes = context->inputs[0];
  int64_t n = boxes->shape.dims[0], most = gw_tensor_get_int (context->inputs[2], 0), kept;
  int64_t *order;
  size_t bytes;

  if (most < 0)
    return gw_invalid (error, "max_output_size must be >= 0, not %" G_GINT64_FORMAT, most);
  if (!(overlap >= 0 && overlap <= 1))
    return gw_invalid (error, "iou_threshold must be in [0, 1], not %g", overlap);
  if (n > G_MAXINT32 || !gw_size_mul ((size_t) n, 2 * sizeof (int64_t), &bytes))
    return gw_invalid (error, "boxes: there are more than 2147483647");
  order = gw_kernel_scratch (context, bytes, error);
  if (order == NULL)
    return FALSE;
  kept = gw_cpu_suppress_boxes (boxes->data, context->inputs[1]->data, n, most, overlap, least, order, order + n);
  if (!gw_kernel_allocate_output (context, 0, GW_INT32, &GW_SHAPE (kept), error))
    return FALSE;
  gw_array_write_ints (context->outputs[0], order + n);
  return TRUE;
}

static gboolean
suppression_cpu (GwKernelContext *context,
                 GError         **error)
{
  return suppress (context, (float) context->attrs[0].f, -G_MAXFLOAT, error);
}

static gboolean
suppression_v2_cpu (GwKernelContext *context,
                    GError         **error)
{
  return suppress (context, GW_TENSOR_DATA (context->inputs[3], float)[0], -G_MAXFLOAT, error);
}

static gboolean
suppression_v3_cpu (GwKernelContext *context,
                    GError         **error)
{
  return suppress (context, GW_TENSOR_DATA (context->inputs[3], float)[0], GW_TENSOR_DATA (context->inputs[4], float)[0],
                   error);
}

#define FLOAT_ATTR(name, text) \
  { name, GW_ATTR_DTYPE, .def = "float32", .choices = GW_CHOICES ("float32", "float16"), .label = text, \
    .help = "Element type; follows from what is wired.", .flags = GW_ATTR_HIDDEN }
#define SUPPRESSION_PORTS(type) \
  { "boxes", type, "n × 4: y1, x1, y2, x2, any two opposite corners." }, \
  { "scores", type, "One number a box." }, \
  { "max_output_size", "int32", "How many boxes to keep at most.", .literal = "10" }
#define IOU_PORT \
  { "iou_threshold", "T_threshold", "A box goes when more than this part of it and a better one together is common to both; 0 to 1.", \
    .literal = "0.5" }
#define SUPPRESSION_OP(NAME, TYPE, TITLE, PORTS, ATTRS, FLAGS, EXAMPLES)                                               \
  static const GwOpDef NAME = {                                                                                        \
    .name = TYPE, .since = 1, .title = TITLE, .category = PICTURES,                                                    \
    .summary = "Keeps the best of boxes that lie over each other.",                                                    \
    .doc = "Goes through the boxes from the highest score down and keeps one unless it overlaps one kept before by more than "  \
           "the threshold: what both cover in parts of what at least one covers. So a detector's many boxes around one " \
           "thing become one.",                                                                                        \
    .inputs = GW_PORTS (PORTS),                                                                                        \
    .outputs = GW_PORTS ({ "selected_indices", "int32", "Numbers of the boxes kept, best first." }),                   \
    .attrs = GW_ATTRS (ATTRS), .flags = GW_OP_STOPS_GRADIENT | GW_OP_DYNAMIC_OUTPUT | GW_OP_IN_FLOAT | (FLAGS),                         \
    .shape_rule = "a vector of at most max_output_size elements; how many follows from the values", \
    .shape = suppression_shape, .cpu = NAME##_cpu, .examples = EXAMPLES,                                               \
  };
#define LIST(...) __VA_ARGS__
#define BOXES_EXAMPLE "[[0.0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 2, 1, 3]]", "[0.75, 0.9, 0.5]", "3"

SUPPRESSION_OP (suppression, "NonMaxSuppression", "Suppress overlapping boxes (first form)", LIST (SUPPRESSION_PORTS ("float32")),
                LIST ({ "iou_threshold", GW_ATTR_FLOAT, .def = "0.5", .label = "Overlap", .ui_max = 1,
                        .help = "Part of the union from which on a box goes, 0 to 1." }), GW_OP_HIDDEN,
                GW_EXAMPLES ({ GW_TEXTS (BOXES_EXAMPLE), NULL, GW_TEXTS ("[1, 2]") }))
SUPPRESSION_OP (suppression_v2, "NonMaxSuppressionV2", "Suppress overlapping boxes (V2)",
                LIST (SUPPRESSION_PORTS ("T"), IOU_PORT),
                LIST (FLOAT_ATTR ("T", "Type"), FLOAT_ATTR ("T_threshold", "Type of the thresholds")), GW_OP_HIDDEN,
                GW_EXAMPLES ({ GW_TEXTS (BOXES_EXAMPLE, "0.9"), NULL, GW_TEXTS ("[1, 0, 2]") }))
SUPPRESSION_OP (suppression_v3, "NonMaxSuppressionV3", "Suppress overlapping boxes",
                LIST (SUPPRESSION_PORTS ("T"), IOU_PORT,
                      { "score_threshold", "T_threshold", "Boxes must score above it.", .literal = "0.0" }),
                LIST (FLOAT_ATTR ("T", "Type"), FLOAT_ATTR ("T_threshold", "Type of the thresholds")), 0,
                GW_EXAMPLES ({ GW_TEXTS (BOXES_EXAMPLE, "0.5", "0.6"), NULL, GW_TEXTS ("[1]") }))

/* ---- DrawBoundingBoxes ---- */

static gboolean
draw_shape (GwShapeContext *context,
            GError        **error)
{
  GwShape images, boxes;

  if (!gw_shape_want_rank (context, 0, 4, &images, error) || !gw_shape_want_rank (context, 1, 3, &boxes, error))
    return FALSE;
  if (images.dims[3] >= 0 && images.dims[3] != 1 && images.dims[3] != 3 && images.dims[3] != 4)
    return gw_invalid (error, "images: Channel depth should be either 1 (GRY), 3 (RGB), or 4 (RGBA), not %" G_GINT64_FORMAT,
                       images.dims[3]);
  if (boxes.dims[2] >= 0 && boxes.dims[2] != 4)
    return gw_invalid (error, "boxes must have 4 columns, not %" G_GINT64_FORMAT, boxes.dims[2]);
  if (images.dims[0] >= 0 && boxes.dims[0] >= 0 && images.dims[0] != boxes.dims[0])
    return gw_invalid (error, "boxes must be given for each of %" G_GINT64_FORMAT " images, not %" G_GINT64_FORMAT,
                       images.dims[0], boxes.dims[0]);
  images.dims[0] = MAX (images.dims[0], boxes.dims[0]);
  context->outputs[0] = images;
  return TRUE;
}

static gboolean
draw_cpu (GwKernelContext *context,
          GError         **error)
{
  gw_cpu_draw_boxes (context);
  return TRUE;
}

static const GwOpDef draw = {
  .name = "DrawBoundingBoxes", .since = 1, .title = "Draw boxes", .category = PICTURES,
  .summary = "Draws the outlines of boxes into pictures.",
  .doc = "For looking at what a detector found, say with *ImageSummary*. Outlines are one pixel wide, in ten colours by turns; in "
         "gray pictures 1. Boxes outside of the picture are left out.",
  .inputs = GW_PORTS ({ "images", "T", "Pictures, batch × height × width × 1, 3 or 4." },
                      { "boxes", "float32", "batch × n × 4: y1, x1, y2, x2 in parts of the picture." }),
  .outputs = GW_PORTS ({ "output", "T", "The pictures with the outlines." }),
  .attrs = GW_ATTRS (FLOAT_ATTR ("T", "Type")),
  .flags = GW_OP_STOPS_GRADIENT | GW_OP_IN_FLOAT,
  .shape_rule = "that of images",
  .shape = draw_shape, .cpu = draw_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[[[0.0], [0], [0]], [[0], [0], [0]]]]", "[[[0.0, 0, 0, 0.5]]]"), NULL,
                             GW_TEXTS ("[[[[1.0], [1], [0]], [[0], [0], [0]]]]") }),
};

const GwOpDef *const gw_ops_image_boxes[] = {
  &patches, &suppression, &suppression_v2, &suppression_v3, &draw, NULL,
};
