/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of space moved into the depth or into the batch, and back: SpaceToDepth,
 * SpaceToBatch and what undoes them. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

/* ---- depth ---- */

enum { DEPTH_T, DEPTH_BLOCK, DEPTH_FORMAT };

/* Numbers of the dimensions. */
typedef struct {
  int height, width, depth;
} Layout;

static Layout
layout_of (const GwAttrValue *attrs)
{
  if (g_str_equal (attrs[DEPTH_FORMAT].s, "NHWC"))
    return (Layout) { 1, 2, 3 };
  return (Layout) { 2, 3, 1 };
}

/* *dim / by, where it is known. */
static gboolean
divide (int64_t     *dim,
        int64_t      by,
        const char  *what,
        GError     **error)
{
  if (*dim >= 0 && *dim % by != 0)
    return gw_invalid (error, "%s of input, %" G_GINT64_FORMAT ", should be divisible by %" G_GINT64_FORMAT
                       " (block_size)", what, *dim, by);
  if (*dim >= 0)
    *dim /= by;
  return TRUE;
}

static gboolean
multiply (int64_t  *dim,
          int64_t   by,
          GError  **error)
{
  if (*dim >= 0 && __builtin_mul_overflow (*dim, by, dim))
    return gw_invalid (error, "the result has more elements than can be counted");
  return TRUE;
}

static gboolean
depth_shape (GwShapeContext *context,
             gboolean        to_depth,
             GError        **error)
{
  Layout at = layout_of (context->attrs);
  int64_t block = context->attrs[DEPTH_BLOCK].i, area;
  GwShape *out = &context->outputs[0];

  if (!gw_shape_want_rank (context, 0, 4, out, error))
    return FALSE;
  if (__builtin_mul_overflow (block, block, &area))
    return gw_invalid (error, "block_size %" G_GINT64_FORMAT " is too big", block);
  if (to_depth)
    return divide (&out->dims[at.height], block, "the height", error) &&
           divide (&out->dims[at.width], block, "the width", error) &&
           multiply (&out->dims[at.depth], area, error) && gw_array_check_size (out, error);
  if (out->dims[at.depth] >= 0 && out->dims[at.depth] % area != 0)
    return gw_invalid (error, "the depth of input, %" G_GINT64_FORMAT ", should be divisible by %" G_GINT64_FORMAT
                       " (block_size * block_size)", out->dims[at.depth], area);
  if (out->dims[at.depth] >= 0)
    out->dims[at.depth] /= area;
  return multiply (&out->dims[at.height], block, error) && multiply (&out->dims[at.width], block, error) &&
         gw_array_check_size (out, error);
}

/* Element (y, x) of a block stands at depth (y × block + x) × channels. */
static void
move_depth (GwKernelContext *context,
            gboolean         to_depth)
{
  const GwTensor *input = context->inputs[0];
  GwTensor *output = context->outputs[0];
  const GwShape *wide = to_depth ? &input->shape : &output->shape;
  const GwShape *deep = to_depth ? &output->shape : &input->shape;
  Layout at = layout_of (context->attrs);
  int64_t block = context->attrs[DEPTH_BLOCK].i;
  int64_t w[GW_MAX_RANK], d[GW_MAX_RANK];
  GwStridedCopy box = { 0 };

  gw_shape_strides (wide, w);
  gw_shape_strides (deep, d);
  for (int i = 0; i < 6; i++)
    {
      int64_t channels = wide->dims[at.depth];
      int64_t dims[] = { wide->dims[0], deep->dims[at.height], block, deep->dims[at.width], block, channels };
      int64_t in_wide[] = { w[0], block * w[at.height], w[at.height], block * w[at.width], w[at.width], w[at.depth] };
      int64_t in_deep[] = { d[0], d[at.height], block * channels * d[at.depth], d[at.width], channels * d[at.depth],
                            d[at.depth] };

      gw_strided_copy_append (&box, dims[i], to_depth ? in_wide[i] : in_deep[i], to_depth ? in_deep[i] : in_wide[i]);
    }
  if (input->elements > 0)
    gw_strided_copy_run (context, &box, input->dtype, input->data, output->data);
}

static gboolean
space_to_depth_shape (GwShapeContext *context,
                      GError        **error)
{
  return depth_shape (context, TRUE, error);
}

static gboolean
depth_to_space_shape (GwShapeContext *context,
                      GError        **error)
{
  return depth_shape (context, FALSE, error);
}

static const GwOpDef space_to_depth_op;
static const GwOpDef depth_to_space_op;

static gboolean
space_to_depth_cpu (GwKernelContext *context,
                    GError         **error)
{
  if (!gw_array_prepare (context, &space_to_depth_op, error))
    return FALSE;
  move_depth (context, TRUE);
  return TRUE;
}

static gboolean
depth_to_space_cpu (GwKernelContext *context,
                    GError         **error)
{
  if (!gw_array_prepare (context, &depth_to_space_op, error))
    return FALSE;
  move_depth (context, FALSE);
  return TRUE;
}

static void
space_to_depth_grad (GwGradContext *context)
{
  context->dx[0] = gw_array_op_like (context, "DepthToSpace", GW_IN (context->dy[0]));
}

static void
depth_to_space_grad (GwGradContext *context)
{
  context->dx[0] = gw_array_op_like (context, "SpaceToDepth", GW_IN (context->dy[0]));
}

#define BLOCK_SIZE(name_of_index)                                                                             \
  [name_of_index] = { "block_size", GW_ATTR_INT, .def = "2", .min = 2, .max = G_MAXINT32, .label = "Block size", \
                      .help = "Side of the blocks.", .flags = GW_ATTR_REQUIRED }
#define DEPTH_ATTRS                                                                                           \
  GW_ATTRS ([DEPTH_T] = GW_ARRAY_ATTR_T, BLOCK_SIZE (DEPTH_BLOCK),                                            \
            [DEPTH_FORMAT] = { "data_format", GW_ATTR_CHOICE, .def = "NHWC", .choices = GW_CHOICES ("NHWC", "NCHW"), \
                               .label = "Data format",                                                        \
                               .help = "Whether the channels are the last dimension or the one behind the batch." })

static const GwOpDef space_to_depth_op = {
  .name = "SpaceToDepth", .since = 1, .title = "Space to depth", .category = "arrays/Space and depth",
  .summary = "Turns blocks of a picture into channels.",
  .doc = "Each block of `block_size` × `block_size` pixels becomes one pixel that holds the channels of all of them, row by "
         "row: a picture of 4 × 4 with 3 channels becomes one of 2 × 2 with 12. Height and width must be multiples of the "
         "block.",
  .inputs = GW_PORTS ({ "input", "T", "A batch of pictures, rank 4." }),
  .outputs = GW_PORTS ({ "output", "T", "Smaller pictures with more channels." }),
  .attrs = DEPTH_ATTRS,
  .shape_rule = "[batch, height / block, width / block, channels · block²], or with the channels second; the block "
                "must divide both",
  .shape = space_to_depth_shape, .grad = space_to_depth_grad, .cpu = space_to_depth_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1.5], [2.5]], [[3.5], [4.5]]]]"), "block_size=2", GW_TEXTS ("[[[[1.5, 2.5, 3.5, 4.5]]]]") },
    { GW_TEXTS ("[[[[1.5, 2.5], [3.5, 4.5]]]]"), "block_size=2 data_format=NCHW",
      GW_TEXTS ("[[[[1.5]], [[2.5]], [[3.5]], [[4.5]]]]") }),
  .tell = GW_TEXTS ("block_size"),
};

static const GwOpDef depth_to_space_op = {
  .name = "DepthToSpace", .since = 1, .title = "Depth to space", .category = "arrays/Space and depth",
  .summary = "Turns channels into blocks of a picture.",
  .doc = "What SpaceToDepth undoes: the channels of a pixel are laid out as a block of `block_size` × `block_size` pixels. The "
         "number of channels must be a multiple of the block's area. Networks that enlarge pictures end with it.",
  .inputs = GW_PORTS ({ "input", "T", "A batch of pictures, rank 4." }),
  .outputs = GW_PORTS ({ "output", "T", "Bigger pictures with fewer channels." }),
  .attrs = DEPTH_ATTRS,
  .shape_rule = "[batch, height · block, width · block, channels / block²], or with the channels second",
  .shape = depth_to_space_shape, .grad = depth_to_space_grad, .cpu = depth_to_space_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1.5, 2.5, 3.5, 4.5]]]]"), "block_size=2", GW_TEXTS ("[[[[1.5], [2.5]], [[3.5], [4.5]]]]") }),
  .tell = GW_TEXTS ("block_size"),
};

/* ---- batch ---- */

/* How space of `n` dimensions (behind the batch) is cut. */
typedef struct {
  int     n;
  int64_t block[GW_MAX_RANK];
  int64_t pad[GW_MAX_RANK][2]; /* before and after: paddings, or crops */
} Blocks;

static int64_t
block_volume (const Blocks *blocks)
{
  int64_t volume = 1;

  for (int i = 0; i < blocks->n; i++)
    if (__builtin_mul_overflow (volume, blocks->block[i], &volume))
      return -1;
  return volume;
}

static gboolean
check_blocks (const Blocks *blocks,
              const char   *pads,
              GError      **error)
{
  for (int i = 0; i < blocks->n; i++)
    {
      if (blocks->block[i] < 1)
        return gw_invalid (error, "block_shape[%d] = %" G_GINT64_FORMAT " must be positive", i, blocks->block[i]);
      if (blocks->pad[i][0] < 0 || blocks->pad[i][1] < 0)
        return gw_invalid (error, "%s[%d] = [%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "] must be non-negative", pads, i,
                           blocks->pad[i][0], blocks->pad[i][1]);
    }
  if (block_volume (blocks) < 0)
    return gw_invalid (error, "the product of block_shape is too big");
  return TRUE;
}

/* Padded and cut, the batch grows. */
static gboolean
shape_to_batch (const Blocks *blocks,
                GwShape      *shape,
                GError      **error)
{
  for (int i = 0; i < blocks->n; i++)
    {
      int64_t *dim = &shape->dims[i + 1];

      if (*dim < 0)
        continue;
      if (__builtin_add_overflow (*dim, blocks->pad[i][0], dim) || __builtin_add_overflow (*dim, blocks->pad[i][1], dim))
        return gw_invalid (error, "the padded shape has more elements than can be counted");
      if (*dim % blocks->block[i] != 0)
        return gw_invalid (error, "padded_shape[%d]=%" G_GINT64_FORMAT " is not divisible by block_shape[%d]=%" G_GINT64_FORMAT,
                           i, *dim, i, blocks->block[i]);
      *dim /= blocks->block[i];
    }
  return multiply (&shape->dims[0], block_volume (blocks), error) && gw_array_check_size (shape, error);
}

static gboolean
shape_from_batch (const Blocks *blocks,
                  GwShape      *shape,
                  GError      **error)
{
  int64_t volume = block_volume (blocks);

  if (shape->dims[0] >= 0 && shape->dims[0] % volume != 0)
    return gw_invalid (error, "Input batch dimension (%" G_GINT64_FORMAT ") is not divisible by product of block sizes (%"
                       G_GINT64_FORMAT ")", shape->dims[0], volume);
  if (shape->dims[0] >= 0)
    shape->dims[0] /= volume;
  for (int i = 0; i < blocks->n; i++)
    {
      int64_t *dim = &shape->dims[i + 1];
      int64_t crops;

      if (*dim < 0)
        continue;
      if (!multiply (dim, blocks->block[i], error))
        return FALSE;
      if (__builtin_add_overflow (blocks->pad[i][0], blocks->pad[i][1], &crops) || crops > *dim)
        return gw_invalid (error, "cropped_shape[%d] must be non-negative: %" G_GINT64_FORMAT " is cropped by %" G_GINT64_FORMAT
                           " and %" G_GINT64_FORMAT, i, *dim, blocks->pad[i][0], blocks->pad[i][1]);
      *dim -= crops;
    }
  return gw_array_check_size (shape, error);
}

static void
read_pads (const GwTensor *pads,
           Blocks         *blocks)
{
  for (int i = 0; i < blocks->n; i++)
    for (int side = 0; side < 2; side++)
      blocks->pad[i][side] = gw_tensor_get_int (pads, 2 * i + side);
}

/* Element (n, i…) of the batch side, in sub-batch `at` of the block, is element
 * i × block + at - pad of the spatial side; what falls into the padding is left out. */
static void
copy_block (GwKernelContext *context,
            const Blocks    *blocks,
            const int64_t   *at,
            int64_t          number,
            gboolean         to_batch)
{
  const GwTensor *input = context->inputs[0];
  GwTensor *output = context->outputs[0];
  const GwShape *space = to_batch ? &input->shape : &output->shape;
  const GwShape *batch = to_batch ? &output->shape : &input->shape;
  int64_t in_space[GW_MAX_RANK], in_batch[GW_MAX_RANK];
  int64_t space_at = 0, batch_at;
  GwStridedCopy box = { 0 };

  gw_shape_strides (space, in_space);
  gw_shape_strides (batch, in_batch);
  batch_at = number * space->dims[0] * in_batch[0];
  for (int i = 0; i < space->rank; i++)
    {
      int64_t size = space->dims[i], step = 1;

      if (i > 0 && i <= blocks->n)
        {
          int64_t block = blocks->block[i - 1], shift = at[i - 1] - blocks->pad[i - 1][0];
          int64_t first = shift < 0 ? (-shift + block - 1) / block : 0;

          size = space->dims[i] - 1 - shift < 0 ? 0 : (space->dims[i] - 1 - shift) / block + 1;
          size = MAX (MIN (size, batch->dims[i]) - first, 0);
          space_at += (first * block + shift) * in_space[i];
          batch_at += first * in_batch[i];
          step = block;
        }
      if (size == 0)
        return;
      gw_strided_copy_append (&box, size, (to_batch ? in_space : in_batch)[i] * (to_batch ? step : 1),
                              (to_batch ? in_batch : in_space)[i] * (to_batch ? 1 : step));
    }
  gw_strided_copy_run (context, &box, input->dtype,
                       gw_element_at (input->data, input->dtype, to_batch ? space_at : batch_at),
                       gw_element_at (output->data, input->dtype, to_batch ? batch_at : space_at));
}

static void
move_batch (GwKernelContext *context,
            const Blocks    *blocks,
            gboolean         to_batch)
{
  int64_t at[GW_MAX_RANK] = { 0 };
  int64_t volume = block_volume (blocks);

  if (context->outputs[0]->elements == 0)
    return;
  if (to_batch)
    gw_array_clear (context, context->outputs[0]);
  for (int64_t number = 0; number < volume; number++)
    {
      copy_block (context, blocks, at, number, to_batch);
      for (int i = blocks->n - 1; i >= 0; i--)
        {
          if (++at[i] < blocks->block[i])
            break;
          at[i] = 0;
        }
    }
}

/* ---- SpaceToBatchND and BatchToSpaceND ---- */

/* Reads block_shape and paddings where they are constants; blocks->n is -1 when their
 * number is not even known. *known says whether all is. */
static gboolean
read_blocks_nd (GwShapeContext *context,
                Blocks         *blocks,
                gboolean       *known,
                GError        **error)
{
  const GwTensor *block = gw_shape_input_value (context, 1), *pads = gw_shape_input_value (context, 2);
  const char *name = gw_shape_input_name (context, 2);
  GwShape vector, matrix;
  int64_t n;

  *known = block != NULL && pads != NULL;
  if (!gw_shape_want_rank (context, 1, 1, &vector, error) || !gw_shape_want_rank (context, 2, 2, &matrix, error))
    return FALSE;
  n = vector.dims[0] >= 0 ? vector.dims[0] : matrix.dims[0];
  if (n >= GW_MAX_RANK)
    return gw_invalid (error, "block_shape has %" G_GINT64_FORMAT " elements; at most %d dimensions are possible", n,
                       GW_MAX_RANK - 1);
  if ((matrix.dims[0] >= 0 && n >= 0 && matrix.dims[0] != n) || (matrix.dims[1] >= 0 && matrix.dims[1] != 2))
    return gw_invalid (error, "%s should have shape [%" G_GINT64_FORMAT ", 2] instead of [%" G_GINT64_FORMAT ", %"
                       G_GINT64_FORMAT "]", name, n, matrix.dims[0], matrix.dims[1]);
  *blocks = (Blocks) { .n = (int) n };
  for (int i = 0; block != NULL && i < blocks->n; i++)
    blocks->block[i] = gw_tensor_get_int (block, i);
  if (!*known)
    return TRUE;
  read_pads (pads, blocks);
  return check_blocks (blocks, name, error);
}

static gboolean
batch_nd_shape (GwShapeContext *context,
                gboolean        to_batch,
                GError        **error)
{
  GwShape *out = &context->outputs[0];
  Blocks blocks;
  gboolean known;

  if (!read_blocks_nd (context, &blocks, &known, error))
    return FALSE;
  if (!gw_shape_want_rank_at_least (context, 0, MAX (blocks.n, 0) + 1, error))
    return FALSE;
  *out = context->inputs[0];
  if (out->rank < 0)
    return TRUE;
  if (known)
    return (to_batch ? shape_to_batch : shape_from_batch) (&blocks, out, error);
  for (int i = 0; i <= (blocks.n < 0 ? out->rank - 1 : blocks.n); i++)
    out->dims[i] = GW_DIM_UNKNOWN;
  return TRUE;
}

static gboolean
space_to_batch_nd_shape (GwShapeContext *context,
                         GError        **error)
{
  return batch_nd_shape (context, TRUE, error);
}

static gboolean
batch_to_space_nd_shape (GwShapeContext *context,
                         GError        **error)
{
  return batch_nd_shape (context, FALSE, error);
}

static gboolean
run_batch_nd (GwKernelContext *context,
              const GwOpDef   *def,
              gboolean         to_batch,
              GError         **error)
{
  Blocks blocks = { .n = (int) context->inputs[1]->elements };

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  for (int i = 0; i < blocks.n; i++)
    blocks.block[i] = gw_tensor_get_int (context->inputs[1], i);
  read_pads (context->inputs[2], &blocks);
  move_batch (context, &blocks, to_batch);
  return TRUE;
}

static const GwOpDef space_to_batch_nd_op;
static const GwOpDef batch_to_space_nd_op;

static gboolean
space_to_batch_nd_cpu (GwKernelContext *context,
                       GError         **error)
{
  return run_batch_nd (context, &space_to_batch_nd_op, TRUE, error);
}

static gboolean
batch_to_space_nd_cpu (GwKernelContext *context,
                       GError         **error)
{
  return run_batch_nd (context, &batch_to_space_nd_op, FALSE, error);
}

/* The opposite op, with the same other inputs. */
static void
opposite_grad (GwGradContext *context,
               const char    *op)
{
  GwOutput inputs[3] = { context->dy[0] };
  int n = context->node->n_inputs;

  for (int i = 1; i < n; i++)
    inputs[i] = gw_grad_x (context, i);
  context->dx[0] = gw_array_op_like (context, op, n, inputs);
}

static void
space_to_batch_nd_grad (GwGradContext *context)
{
  opposite_grad (context, "BatchToSpaceND");
}

static void
batch_to_space_nd_grad (GwGradContext *context)
{
  opposite_grad (context, "SpaceToBatchND");
}

static const GwOpDef space_to_batch_nd_op = {
  .name = "SpaceToBatchND", .since = 1, .title = "Space to batch", .category = "arrays/Space and depth",
  .summary = "Cuts space into blocks and moves the places in a block into the batch.",
  .doc = "Dimensions 1 … M of the input are padded with zeros by `paddings` and then cut into blocks of `block_shape`. All "
         "elements that stand at one place of their block make a batch of their own, and these are put behind each other. A "
         "convolution over the result, turned back with BatchToSpaceND, is a dilated convolution.",
  .inputs = GW_PORTS ({ "input", "T", "Batch, M dimensions of space, then anything." },
                      { "block_shape", "Tblock_shape", "Size of a block along each of the M dimensions.", .literal = "[2, 2]" },
                      { "paddings", "Tpaddings", "A row [before, after] for each of them.", .literal = "[[0, 0], [0, 0]]" }),
  .outputs = GW_PORTS ({ "output", "T", "A batch as many times bigger as a block has places." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T, GW_ARRAY_ATTR_INDEX ("Tblock_shape"), GW_ARRAY_ATTR_INDEX ("Tpaddings")),
  .shape_rule = "[batch · Π block, padded sizes / block, …]; the blocks must divide them",
  .shape = space_to_batch_nd_shape, .grad = space_to_batch_nd_grad, .cpu = space_to_batch_nd_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1.5], [2.5]], [[3.5], [4.5]]]]", "[2, 2]", "[[0, 0], [0, 0]]"), NULL,
      GW_TEXTS ("[[[[1.5]]], [[[2.5]]], [[[3.5]]], [[[4.5]]]]") },
    { GW_TEXTS ("[[1.5, 2.5, 3.5]]", "[2]", "[[1, 0]]"), NULL, GW_TEXTS ("[[0.0, 2.5], [1.5, 3.5]]") }),
};

static const GwOpDef batch_to_space_nd_op = {
  .name = "BatchToSpaceND", .since = 1, .title = "Batch to space", .category = "arrays/Space and depth",
  .summary = "Lays parts of the batch out in space again.",
  .doc = "Undoes SpaceToBatchND: the batch is taken apart into as many batches as a block of `block_shape` has places, each is "
         "spread over its places, and then `crops` is cut off at the edges.",
  .inputs = GW_PORTS ({ "input", "T", "Batch, M dimensions of space, then anything." },
                      { "block_shape", "Tblock_shape", "Size of a block along each of the M dimensions.", .literal = "[2, 2]" },
                      { "crops", "Tcrops", "A row [before, after] for each of them.", .literal = "[[0, 0], [0, 0]]" }),
  .outputs = GW_PORTS ({ "output", "T", "A smaller batch of bigger space." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T, GW_ARRAY_ATTR_INDEX ("Tblock_shape"), GW_ARRAY_ATTR_INDEX ("Tcrops")),
  .shape_rule = "[batch / Π block, sizes · block less the crops, …]",
  .shape = batch_to_space_nd_shape, .grad = batch_to_space_nd_grad, .cpu = batch_to_space_nd_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1.5]]], [[[2.5]]], [[[3.5]]], [[[4.5]]]]", "[2, 2]", "[[0, 0], [0, 0]]"), NULL,
      GW_TEXTS ("[[[[1.5], [2.5]], [[3.5], [4.5]]]]") },
    { GW_TEXTS ("[[9.5, 2.5], [1.5, 3.5]]", "[2]", "[[1, 0]]"), NULL, GW_TEXTS ("[[1.5, 2.5, 3.5]]") }),
};

/* ---- SpaceToBatch and BatchToSpace: two dimensions, square blocks ---- */

static int64_t
square_block (const GwAttrValue *attrs,
              const GwOpDef     *def)
{
  return attrs[gw_attr_defs_find (def->attrs, "block_size")].i;
}

static gboolean
batch_square_shape (GwShapeContext *context,
                    gboolean        to_batch,
                    GError        **error)
{
  const GwTensor *pads = gw_shape_input_value (context, 1);
  int64_t block = square_block (context->attrs, context->def);
  GwShape matrix, wanted = GW_SHAPE (2, 2), *out = &context->outputs[0];
  Blocks blocks = { .n = 2, .block = { block, block } };

  if (!gw_shape_want_rank (context, 0, 4, out, error) || !gw_shape_want_rank (context, 1, 2, &matrix, error) ||
      !gw_array_merge (&matrix, &wanted, gw_shape_input_name (context, 1), &matrix, error))
    return FALSE;
  if (pads == NULL)
    {
      *out = GW_SHAPE (GW_DIM_UNKNOWN, GW_DIM_UNKNOWN, GW_DIM_UNKNOWN, out->dims[3]);
      return TRUE;
    }
  read_pads (pads, &blocks);
  return check_blocks (&blocks, gw_shape_input_name (context, 1), error) &&
         (to_batch ? shape_to_batch : shape_from_batch) (&blocks, out, error);
}

static gboolean
space_to_batch_shape (GwShapeContext *context,
                      GError        **error)
{
  return batch_square_shape (context, TRUE, error);
}

static gboolean
batch_to_space_shape (GwShapeContext *context,
                      GError        **error)
{
  return batch_square_shape (context, FALSE, error);
}

static gboolean
run_batch_square (GwKernelContext *context,
                  const GwOpDef   *def,
                  gboolean         to_batch,
                  GError         **error)
{
  int64_t block = square_block (context->attrs, def);
  Blocks blocks = { .n = 2, .block = { block, block } };

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  read_pads (context->inputs[1], &blocks);
  move_batch (context, &blocks, to_batch);
  return TRUE;
}

static const GwOpDef space_to_batch_op;
static const GwOpDef batch_to_space_op;

static gboolean
space_to_batch_cpu (GwKernelContext *context,
                    GError         **error)
{
  return run_batch_square (context, &space_to_batch_op, TRUE, error);
}

static gboolean
batch_to_space_cpu (GwKernelContext *context,
                    GError         **error)
{
  return run_batch_square (context, &batch_to_space_op, FALSE, error);
}

static void
space_to_batch_grad (GwGradContext *context)
{
  opposite_grad (context, "BatchToSpace");
}

static void
batch_to_space_grad (GwGradContext *context)
{
  opposite_grad (context, "SpaceToBatch");
}

static const GwOpDef space_to_batch_op = {
  .name = "SpaceToBatch", .since = 1, .title = "Space to batch (pictures)", .category = "arrays/Space and depth",
  .summary = "SpaceToBatchND for pictures with square blocks.",
  .doc = "The older form: rank 4, and blocks of `block_size` × `block_size`.",
  .inputs = GW_PORTS ({ "input", "T", "A batch of pictures, channels last." },
                      { "paddings", "Tpaddings", "[[top, bottom], [left, right]].", .literal = "[[0, 0], [0, 0]]" }),
  .outputs = GW_PORTS ({ "output", "T", "A bigger batch of smaller pictures." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T, GW_ARRAY_ATTR_INDEX ("Tpaddings"), BLOCK_SIZE (2)),
  .flags = GW_OP_HIDDEN,
  .shape_rule = "[batch · block², padded height / block, padded width / block, channels]; the block must divide them",
  .shape = space_to_batch_shape, .grad = space_to_batch_grad, .cpu = space_to_batch_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1.5], [2.5]], [[3.5], [4.5]]]]", "[[0, 0], [0, 0]]"), "block_size=2",
      GW_TEXTS ("[[[[1.5]]], [[[2.5]]], [[[3.5]]], [[[4.5]]]]") }),
  .tell = GW_TEXTS ("block_size"),
};

static const GwOpDef batch_to_space_op = {
  .name = "BatchToSpace", .since = 1, .title = "Batch to space (pictures)", .category = "arrays/Space and depth",
  .summary = "BatchToSpaceND for pictures with square blocks.",
  .doc = "The older form: rank 4, and blocks of `block_size` × `block_size`.",
  .inputs = GW_PORTS ({ "input", "T", "A batch of pictures, channels last." },
                      { "crops", "Tidx", "[[top, bottom], [left, right]].", .literal = "[[0, 0], [0, 0]]" }),
  .outputs = GW_PORTS ({ "output", "T", "A smaller batch of bigger pictures." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T, BLOCK_SIZE (1), GW_ARRAY_ATTR_INDEX ("Tidx")),
  .flags = GW_OP_HIDDEN,
  .shape_rule = "[batch / block², height · block less the crops, width · block less the crops, channels]",
  .shape = batch_to_space_shape, .grad = batch_to_space_grad, .cpu = batch_to_space_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[[1.5]]], [[[2.5]]], [[[3.5]]], [[[4.5]]]]", "[[0, 0], [0, 0]]"), "block_size=2",
      GW_TEXTS ("[[[[1.5], [2.5]], [[3.5], [4.5]]]]") }),
  .tell = GW_TEXTS ("block_size"),
};

const GwOpDef *const gw_ops_array_space[] = {
  &space_to_depth_op, &depth_to_space_op, &space_to_batch_nd_op, &batch_to_space_nd_op, &space_to_batch_op,
  &batch_to_space_op, NULL,
};
