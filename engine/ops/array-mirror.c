/* SPDX-License-Identifier: Apache-2.0 */
/* Padding by reflection, and its gradient, which folds the padding back. Both go one
 * dimension after the other: a slab beside the middle is the mirror image of what lies
 * next to it, in all the dimensions behind that were padded before. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/rows.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <string.h>

enum { MIRROR_T, MIRROR_PADDINGS, MIRROR_MODE };

/* SYMMETRIC repeats the edge, REFLECT does not. */
static gboolean
repeats_edge (const GwAttrValue *attrs)
{
  return g_str_equal (attrs[MIRROR_MODE].s, "SYMMETRIC");
}

/* One dimension padded by `before` and `after` around a middle of `dim` (-1 = open). */
static gboolean
check_mirror (const GwAttrValue *attrs,
              int                i,
              int64_t            dim,
              int64_t            before,
              int64_t            after,
              GError           **error)
{
  if (before < 0 || after < 0)
    return gw_invalid (error, "paddings must be non-negative: %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, before, after);
  if (dim < 0)
    return TRUE;
  if (repeats_edge (attrs) && (before > dim || after > dim))
    return gw_invalid (error, "paddings must be no greater than the dimension size: %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
                       " greater than %" G_GINT64_FORMAT " (dimension %d)", before, after, dim, i);
  if (!repeats_edge (attrs) && (before >= dim || after >= dim))
    return gw_invalid (error, "paddings must be less than the dimension size: %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
                       " not less than %" G_GINT64_FORMAT " (dimension %d)", before, after, dim, i);
  return TRUE;
}

/* Size of dimension i with the paddings put on, or taken off. */
static gboolean
mirrored_dim (GwShapeContext *context,
              int             i,
              gboolean        grows,
              int64_t        *dim,
              GError        **error)
{
  const GwTensor *paddings = gw_shape_input_value (context, 1);
  int64_t before = gw_tensor_get_int (paddings, 2 * i);
  int64_t after = gw_tensor_get_int (paddings, 2 * i + 1);

  if (before < 0 || after < 0 || *dim < 0)
    return check_mirror (context->attrs, i, -1, before, after, error);
  if (grows)
    {
      if (!check_mirror (context->attrs, i, *dim, before, after, error))
        return FALSE;
      if (__builtin_add_overflow (*dim, before, dim) || __builtin_add_overflow (*dim, after, dim))
        return gw_invalid (error, "the padded shape has more elements than can be counted");
      return TRUE;
    }
  if (before >= *dim || after >= *dim - before)
    return gw_invalid (error, "Total paddings must be less than the input dimension size: %" G_GINT64_FORMAT " and %"
                       G_GINT64_FORMAT " are not less than %" G_GINT64_FORMAT " (dimension %d)", before, after, *dim, i);
  *dim -= before + after;
  return check_mirror (context->attrs, i, *dim, before, after, error);
}

static gboolean
mirror_shape_of (GwShapeContext *context,
                 gboolean        grows,
                 GError        **error)
{
  const GwShape *in = &context->inputs[0];
  GwShape *out = &context->outputs[0];
  GwShape paddings;

  if (!gw_shape_want_rank (context, 1, 2, &paddings, error))
    return FALSE;
  if (paddings.dims[1] >= 0 && paddings.dims[1] != 2)
    return gw_invalid (error, "paddings must be a matrix with 2 columns, not %" G_GINT64_FORMAT, paddings.dims[1]);
  if (in->rank >= 0 && paddings.dims[0] >= 0 && paddings.dims[0] != in->rank)
    return gw_invalid (error, "The first dimension of paddings must be the rank of input: %d, not %" G_GINT64_FORMAT,
                       in->rank, paddings.dims[0]);
  if (paddings.dims[0] > GW_MAX_RANK)
    return gw_invalid (error, "paddings has more than %d rows", GW_MAX_RANK);
  if (in->rank < 0 && paddings.dims[0] < 0)
    return TRUE;
  *out = in->rank >= 0 ? *in : gw_shape_of_rank ((int) paddings.dims[0]);
  if (gw_shape_input_value (context, 1) == NULL)
    {
      *out = gw_shape_of_rank (out->rank);
      return TRUE;
    }
  for (int i = 0; i < out->rank; i++)
    if (!mirrored_dim (context, i, grows, &out->dims[i], error))
      return FALSE;
  return gw_array_check_size (out, error);
}

/* ---- slabs ---- */

/* Around dimension `dim` of a padded tensor: dimensions before it in the middle only,
 * those behind it whole. */
typedef struct {
  const GwShape  *padded;
  const GwTensor *paddings;
  int64_t         strides[GW_MAX_RANK];
  gboolean        repeats;
} Mirror;

static int64_t
before_of (const Mirror *mirror,
           int           dim)
{
  return gw_tensor_get_int (mirror->paddings, 2 * dim);
}

static int64_t
middle_of (const Mirror *mirror,
           int           dim)
{
  return mirror->padded->dims[dim] - before_of (mirror, dim) - gw_tensor_get_int (mirror->paddings, 2 * dim + 1);
}

typedef struct {
  GwStridedCopy box;    /* src: the image in the middle; dst: the slab, walked backwards */
  int64_t       src, dst;
} Slab;

/* FALSE for an empty one. */
static gboolean
find_slab (const Mirror *mirror,
           int           dim,
           gboolean      is_after,
           Slab         *slab)
{
  int64_t begin = before_of (mirror, dim);
  int64_t end = begin + middle_of (mirror, dim);
  int64_t size = is_after ? mirror->padded->dims[dim] - end : begin;
  int64_t stride = mirror->strides[dim];
  int skip = mirror->repeats ? 0 : 1;

  *slab = (Slab) { 0 };
  for (int i = 0; i < mirror->padded->rank; i++)
    if (i < dim)
      {
        slab->src += before_of (mirror, i) * mirror->strides[i];
        gw_strided_copy_append (&slab->box, middle_of (mirror, i), mirror->strides[i], mirror->strides[i]);
      }
    else if (i > dim)
      gw_strided_copy_append (&slab->box, mirror->padded->dims[i], mirror->strides[i], mirror->strides[i]);
    else
      gw_strided_copy_append (&slab->box, size, is_after ? -stride : stride, is_after ? stride : -stride);
  slab->dst = slab->src + (is_after ? end : begin - 1) * stride;
  slab->src += (is_after ? end - 1 - skip : begin + skip) * stride;
  return size > 0;
}

static Mirror
make_mirror (const GwKernelContext *context,
             const GwShape         *padded)
{
  Mirror mirror = { .padded = padded, .paddings = context->inputs[1], .repeats = repeats_edge (context->attrs) };

  gw_shape_strides (padded, mirror.strides);
  return mirror;
}

/* Offset and box of the middle in the padded tensor; the other side is contiguous. */
static int64_t
middle_box (const Mirror  *mirror,
            GwStridedCopy *box,
            gboolean       from_padded)
{
  GwShape sizes = *mirror->padded;
  int64_t packed[GW_MAX_RANK];
  int64_t offset = 0;

  for (int i = 0; i < sizes.rank; i++)
    sizes.dims[i] = middle_of (mirror, i);
  gw_shape_strides (&sizes, packed);
  *box = (GwStridedCopy) { 0 };
  for (int i = 0; i < sizes.rank; i++)
    {
      offset += before_of (mirror, i) * mirror->strides[i];
      gw_strided_copy_append (box, sizes.dims[i], from_padded ? mirror->strides[i] : packed[i],
                              from_padded ? packed[i] : mirror->strides[i]);
    }
  return offset;
}

/* ---- MirrorPad ---- */

static gboolean
mirror_pad_shape (GwShapeContext *context,
                  GError        **error)
{
  return mirror_shape_of (context, TRUE, error);
}

static const GwOpDef mirror_pad_op;

static gboolean
mirror_pad_cpu (GwKernelContext *context,
                GError         **error)
{
  const GwTensor *input = context->inputs[0];
  GwTensor *output;
  GwStridedCopy box;
  int64_t offset;
  Mirror mirror;
  Slab slab;

  if (!gw_array_prepare (context, &mirror_pad_op, error))
    return FALSE;
  output = context->outputs[0];
  mirror = make_mirror (context, &output->shape);
  offset = middle_box (&mirror, &box, FALSE);
  if (output->elements == 0)
    return TRUE;
  gw_strided_copy_run (context, &box, input->dtype, input->data, gw_element_at (output->data, input->dtype, offset));
  for (int dim = output->shape.rank - 1; dim >= 0; dim--)
    for (int is_after = 0; is_after < 2; is_after++)
      if (find_slab (&mirror, dim, is_after != 0, &slab))
        gw_strided_copy_run (context, &slab.box, input->dtype, gw_element_at (output->data, input->dtype, slab.src),
                             gw_element_at (output->data, input->dtype, slab.dst));
  return TRUE;
}

static void
mirror_pad_grad (GwGradContext *context)
{
  context->dx[0] = gw_array_op_like (context, "MirrorPadGrad", GW_IN (context->dy[0], gw_grad_x (context, 1)));
}

#define MIRROR_ATTRS(types)                                                                                     \
  GW_ATTRS ([MIRROR_T] = types, [MIRROR_PADDINGS] = GW_ARRAY_ATTR_INDEX ("Tpaddings"),                          \
            [MIRROR_MODE] = { "mode", GW_ATTR_CHOICE, .choices = GW_CHOICES ("REFLECT", "SYMMETRIC"),           \
                              .label = "Mode", .flags = GW_ATTR_REQUIRED,                                       \
                              .help = "REFLECT leaves the edge itself out of the mirror image, SYMMETRIC "      \
                                      "repeats it." })

static const GwOpDef mirror_pad_op = {
  .name = "MirrorPad", .since = 1, .title = "Mirror pad", .category = "arrays/Moving",
  .summary = "Adds a mirror image of the tensor around it.",
  .doc = "Row i of `paddings` says how many elements come before and after along dimension i; they are those next to the "
         "edge, in reversed order. With `REFLECT` the edge itself is not repeated (`[1, 2, 3]` padded by 2 on the left is "
         "`[3, 2, 1, 2, 3]`), with `SYMMETRIC` it is (`[2, 1, 1, 2, 3]`). A padding can be no larger than what there is to "
         "mirror.",
  .inputs = GW_PORTS ({ "input", "T", "Any tensor." },
                      { "paddings", "Tpaddings", "A row [before, after] for each dimension.", .literal = "[[1, 1]]" }),
  .outputs = GW_PORTS ({ "output", "T", "The padded tensor." }),
  .attrs = MIRROR_ATTRS (GW_ARRAY_ATTR_T),
  .shape_rule = "dimension i is the input's plus paddings[i, 0] + paddings[i, 1]",
  .shape = mirror_pad_shape, .grad = mirror_pad_grad, .cpu = mirror_pad_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1.5, 2.5, 3.5]", "[[2, 1]]"), "mode=REFLECT", GW_TEXTS ("[3.5, 2.5, 1.5, 2.5, 3.5, 2.5]") },
    { GW_TEXTS ("[[1.5, 2.5]]", "[[1, 0], [1, 2]]"), "mode=SYMMETRIC",
      GW_TEXTS ("[[1.5, 1.5, 2.5, 2.5, 1.5], [1.5, 1.5, 2.5, 2.5, 1.5]]") }),
  .tell = GW_TEXTS ("mode"),
};

/* ---- MirrorPadGrad ---- */

static gboolean
mirror_pad_grad_shape (GwShapeContext *context,
                       GError        **error)
{
  return mirror_shape_of (context, FALSE, error);
}

/* Adds `slab` (packed, in the order of the image) to its image in `sum`: rows along the
 * last dimension. */
static gboolean
add_slab (GwKernelContext *context,
          const Slab      *slab,
          GwDType          dtype,
          void            *sum,
          const void      *packed,
          GError         **error)
{
  GwStridedCopy box = slab->box;
  int last = box.n_dims - 1;
  gboolean backwards = box.src_strides[last] < 0;
  int64_t at[GW_COPY_MAX_DIMS] = { 0 };
  int64_t n = box.dims[last], rows = 1, offset = slab->src - (backwards ? n - 1 : 0);
  static const int64_t here = 0;

  for (int i = 0; i < last; i++)
    rows *= box.dims[i];
  for (int64_t row = 0; row < rows && n > 0; row++)
    {
      GwRowsUpdate update = {
        .op = GW_ROWS_ADD, .dtype = dtype, .rows = &here, .n = 1, .inner = n,
        .src = gw_element_at (packed, dtype, row * n), .dst = gw_element_at (sum, dtype, offset),
      };

      if (!gw_rows_update (context, &update, error))
        return FALSE;
      for (int i = last - 1; i >= 0; i--)
        {
          offset += box.src_strides[i];
          if (++at[i] < box.dims[i])
            break;
          at[i] = 0;
          offset -= box.dims[i] * box.src_strides[i];
        }
    }
  return TRUE;
}

/* Copies the slab so that it lies as its image does, each row forwards. */
static void
pack_slab (GwKernelContext *context,
           const Slab      *slab,
           GwDType          dtype,
           const void      *sum,
           void            *packed)
{
  GwStridedCopy box = { 0 };
  int last = slab->box.n_dims - 1;
  int64_t n = slab->box.dims[last], stride = 1, offset = slab->dst;
  int64_t strides[GW_COPY_MAX_DIMS];

  for (int i = last; i >= 0; i--)
    {
      strides[i] = stride;
      stride *= slab->box.dims[i];
    }
  for (int i = 0; i <= last; i++)
    {
      gboolean turn = i == last && slab->box.src_strides[i] < 0;

      if (turn)
        offset += (n - 1) * slab->box.dst_strides[i];
      gw_strided_copy_append (&box, slab->box.dims[i], turn ? -slab->box.dst_strides[i] : slab->box.dst_strides[i],
                              strides[i]);
    }
  gw_strided_copy_run (context, &box, dtype, gw_element_at (sum, dtype, offset), packed);
}

static const GwOpDef mirror_pad_grad_op;

static gboolean
mirror_pad_grad_cpu (GwKernelContext *context,
                     GError         **error)
{
  const GwTensor *input = context->inputs[0];
  GwDType dtype = input->dtype;
  GwStridedCopy box;
  char *sum, *packed;
  int64_t offset;
  Mirror mirror;
  Slab slab;

  if (!gw_array_prepare (context, &mirror_pad_grad_op, error))
    return FALSE;
  if (input->elements == 0)
    return TRUE;
  sum = gw_kernel_scratch (context, 2 * input->bytes, error);
  if (sum == NULL)
    return FALSE;
  packed = sum + input->bytes;
  memcpy (sum, input->data, input->bytes);
  mirror = make_mirror (context, &input->shape);
  for (int dim = 0; dim < input->shape.rank; dim++)
    for (int is_after = 0; is_after < 2; is_after++)
      if (find_slab (&mirror, dim, is_after != 0, &slab))
        {
          pack_slab (context, &slab, dtype, sum, packed);
          if (!add_slab (context, &slab, dtype, sum, packed, error))
            return FALSE;
        }
  offset = middle_box (&mirror, &box, TRUE);
  gw_strided_copy_run (context, &box, dtype, gw_element_at (sum, dtype, offset), context->outputs[0]->data);
  return TRUE;
}

static void
mirror_pad_grad_grad (GwGradContext *context)
{
  context->dx[0] = gw_array_op_like (context, "MirrorPad", GW_IN (context->dy[0], gw_grad_x (context, 1)));
}

static const GwOpDef mirror_pad_grad_op = {
  .name = "MirrorPadGrad", .since = 1, .title = "Gradient of mirror pad", .category = "arrays/Moving",
  .summary = "Folds a mirrored padding back and adds it up.",
  .doc = "What MirrorPad made of one element is added to it again. `mode` must be the same.",
  .inputs = GW_PORTS ({ "input", "T", "Gradient of the padded tensor." },
                      { "paddings", "Tpaddings", "A row [before, after] for each dimension.", .literal = "[[1, 1]]" }),
  .outputs = GW_PORTS ({ "output", "T", "Gradient of what was padded." }),
  .attrs = MIRROR_ATTRS (GW_ARRAY_ATTR_TYPE ("T", GW_ARITHMETIC_TYPES)),
  .flags = GW_OP_HIDDEN,
  .shape_rule = "dimension i is the input's less paddings[i, 0] + paddings[i, 1]",
  .shape = mirror_pad_grad_shape, .grad = mirror_pad_grad_grad, .cpu = mirror_pad_grad_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]", "[[2, 1]]"), "mode=REFLECT", GW_TEXTS ("[3.0, 12.0, 6.0]") },
    { GW_TEXTS ("[1.0, 2.0, 3.0, 4.0]", "[[1, 1]]"), "mode=SYMMETRIC", GW_TEXTS ("[3.0, 7.0]") }),
};

const GwOpDef *const gw_ops_array_mirror[] = { &mirror_pad_op, &mirror_pad_grad_op, NULL };
