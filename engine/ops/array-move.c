/* SPDX-License-Identifier: Apache-2.0 */
/* Ops that move elements to other places: each is a box with two sets of strides
 * for the copy engine. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/graph/builder.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

/* ---- Transpose and InvertPermutation ---- */

/* Whether the n values hold each of 0 … n-1 once. */
static gboolean
check_permutation (const int64_t *perm,
                   int            n,
                   const char    *port,
                   GError       **error)
{
  unsigned met = 0;

  for (int i = 0; i < n; i++)
    {
      if (perm[i] < 0 || perm[i] >= n)
        return gw_invalid (error, "%s: perm dim %" G_GINT64_FORMAT " is out of range of input rank %d", port, perm[i], n);
      met |= 1u << perm[i];
    }
  for (int i = 0; i < n; i++)
    if ((met & 1u << i) == 0)
      return gw_invalid (error, "%s: %d is missing from the permutation", port, i);
  return TRUE;
}

static gboolean
transpose_shape (GwShapeContext *context,
                 GError        **error)
{
  const GwShape *in = &context->inputs[0];
  GwShape *out = &context->outputs[0];
  const GwTensor *value = gw_shape_input_value (context, 1);
  int64_t perm[2 * GW_MAX_RANK];
  GwShape vector;

  if (!gw_shape_want_rank (context, 1, 1, &vector, error))
    return FALSE;
  if (in->rank >= 0 && vector.dims[0] >= 0 && vector.dims[0] != in->rank)
    return gw_invalid (error, "transpose expects a vector of size %d. But input(1) is a vector of size %"
                       G_GINT64_FORMAT, in->rank, vector.dims[0]);
  if (in->rank < 0 && (vector.dims[0] < 0 || vector.dims[0] > GW_MAX_RANK))
    return TRUE;
  *out = gw_shape_of_rank (in->rank >= 0 ? in->rank : (int) vector.dims[0]);
  if (value == NULL)
    return TRUE;
  gw_array_read_ints (value, perm);
  if (!check_permutation (perm, out->rank, "perm", error))
    return FALSE;
  for (int i = 0; in->rank >= 0 && i < out->rank; i++)
    out->dims[i] = in->dims[perm[i]];
  return TRUE;
}

static const GwOpDef transpose_op;

static gboolean
transpose_cpu (GwKernelContext *context,
               GError         **error)
{
  const GwTensor *input = context->inputs[0];
  int64_t strides[GW_MAX_RANK], packed[GW_MAX_RANK], perm[2 * GW_MAX_RANK];
  GwStridedCopy box = { 0 };
  GwTensor *output;

  if (!gw_array_prepare (context, &transpose_op, error))
    return FALSE;
  output = context->outputs[0];
  if (output->elements == 0)
    return TRUE;
  gw_array_read_ints (context->inputs[1], perm);
  gw_shape_strides (&input->shape, strides);
  gw_shape_strides (&output->shape, packed);
  for (int i = 0; i < output->shape.rank; i++)
    gw_strided_copy_append (&box, output->shape.dims[i], strides[perm[i]], packed[i]);
  gw_strided_copy_run (context, &box, input->dtype, input->data, output->data);
  return TRUE;
}

static void
transpose_grad (GwGradContext *context)
{
  GwOutput back = gw_op1 (context->builder, "InvertPermutation", gw_grad_x (context, 1));

  context->dx[0] = gw_op2 (context->builder, "Transpose", context->dy[0], back);
}

static const GwOpDef transpose_op = {
  .name = "Transpose", .since = 1, .title = "Transpose", .category = "arrays/Moving",
  .summary = "Permutes the dimensions.",
  .doc = "Dimension i of the result is dimension `perm[i]` of the input: `[1, 0]` flips a matrix, `[0, 3, 1, 2]` turns "
         "pictures with the channels last into pictures with the channels first.",
  .inputs = GW_PORTS ({ "x", "T", "Any tensor." },
                      { "perm", "Tperm", "Each dimension's number once.", .literal = "[1, 0]" }),
  .outputs = GW_PORTS ({ "y", "T", "The elements in their new order." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T, GW_ARRAY_ATTR_INDEX ("Tperm")),
  .shape_rule = "dimension i is the input's dimension perm[i]",
  .shape = transpose_shape, .grad = transpose_grad, .cpu = transpose_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]", "[1, 0]"), NULL,
      GW_TEXTS ("[[1.5, 4.5], [2.5, 5.5], [3.5, 6.5]]") }),
};

static gboolean
invert_permutation_shape (GwShapeContext *context,
                          GError        **error)
{
  return gw_shape_want_rank (context, 0, 1, &context->outputs[0], error);
}

static gboolean
invert_permutation_cpu (GwKernelContext *context,
                        GError         **error)
{
  const GwTensor *x = context->inputs[0];
  GwTensor *y = context->outputs[0];

  for (int64_t i = 0; i < y->elements; i++)
    gw_tensor_set_double (y, i, -1);
  for (int64_t i = 0; i < x->elements; i++)
    {
      int64_t at = gw_tensor_get_int (x, i);

      if (at < 0 || at >= x->elements)
        return gw_invalid (error, "%" G_GINT64_FORMAT " is not between 0 and %" G_GINT64_FORMAT, at, x->elements);
      if (gw_tensor_get_int (y, at) != -1)
        return gw_invalid (error, "%" G_GINT64_FORMAT " is duplicated in the input.", at);
      gw_tensor_set_double (y, at, (double) i);
    }
  return TRUE;
}

static const GwOpDef invert_permutation_op = {
  .name = "InvertPermutation", .since = 1, .title = "Invert permutation", .category = "arrays/Ordering",
  .summary = "The permutation that undoes the given one.",
  .doc = "`y[x[i]] = i`. The input must hold each of 0 … n-1 once.",
  .inputs = GW_PORTS ({ "x", "T", "A permutation." }),
  .outputs = GW_PORTS ({ "y", "T", "Its inverse." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_INDEX ("T")),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape_rule = "the input's, a vector",
  .shape = invert_permutation_shape, .cpu = invert_permutation_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[3, 4, 0, 2, 1]"), NULL, GW_TEXTS ("[2, 4, 3, 0, 1]") }),
};

/* ---- Slice ---- */

/* begin[i] and size[i] as far as known, -1 otherwise; *to_end says that size[i] is a
 * constant -1. */
typedef struct {
  GwShape         begin, size;
  const GwTensor *begin_value, *size_value;
} SliceArguments;

static gboolean
read_slice_arguments (GwShapeContext *context,
                      SliceArguments *arguments,
                      GError        **error)
{
  const GwTensor *begin = gw_shape_input_value (context, 1);

  arguments->begin_value = begin;
  arguments->size_value = gw_shape_input_value (context, 2);
  for (int64_t i = 0; begin != NULL && i < begin->elements; i++)
    if (gw_tensor_get_int (begin, i) < 0)
      return gw_invalid (error, "begin[%" G_GINT64_FORMAT "] = %" G_GINT64_FORMAT " is negative", i,
                         gw_tensor_get_int (begin, i));
  return gw_array_want_vector (context, 1, error) && gw_array_want_vector (context, 2, error) &&
         gw_shape_input_as_shape (context, 1, &arguments->begin, error) &&
         gw_shape_input_as_shape (context, 2, &arguments->size, error);
}

static gboolean
slice_dim (int                   i,
           int64_t               dim,
           const SliceArguments *arguments,
           int64_t              *result,
           GError              **error)
{
  int64_t begin = arguments->begin.dims[i];
  int64_t size = arguments->size.dims[i];

  if (size < 0 && arguments->size_value != NULL && dim >= 0 && begin >= 0)
    size = dim - begin;
  *result = size;
  if (dim >= 0 && begin > dim)
    return gw_invalid (error, "Expected begin[%d] in [0, %" G_GINT64_FORMAT "], but got %" G_GINT64_FORMAT,
                       i, dim, begin);
  if (dim >= 0 && size > dim - MAX (begin, 0))
    return gw_invalid (error, "Expected size[%d] in [0, %" G_GINT64_FORMAT "], but got %" G_GINT64_FORMAT,
                       i, dim - MAX (begin, 0), size);
  return TRUE;
}

static gboolean
slice_shape (GwShapeContext *context,
             GError        **error)
{
  const GwShape *in = &context->inputs[0];
  GwShape *out = &context->outputs[0];
  SliceArguments arguments;
  GwShape vector, *lengths[] = { &arguments.begin, &arguments.size };

  if (!read_slice_arguments (context, &arguments, error))
    return FALSE;
  vector.rank = in->rank;
  for (int i = 0; i < 2; i++)
    {
      if (vector.rank >= 0 && lengths[i]->rank >= 0 && lengths[i]->rank != vector.rank)
        return gw_invalid (error, "Expected begin and size arguments to be 1-D tensors of size %d, but got %s with %d",
                           vector.rank, i == 0 ? "begin" : "size", lengths[i]->rank);
      vector.rank = MAX (vector.rank, lengths[i]->rank);
    }
  if (vector.rank < 0)
    return TRUE;
  *out = gw_shape_of_rank (vector.rank);
  for (int i = 0; i < 2; i++)
    if (lengths[i]->rank < 0)
      *lengths[i] = gw_shape_of_rank (vector.rank);
  for (int i = 0; i < out->rank; i++)
    if (!slice_dim (i, in->rank >= 0 ? in->dims[i] : -1, &arguments, &out->dims[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
slice_value (GwShapeContext *context,
             GwShape        *value)
{
  SliceArguments arguments;
  GwShape whole;
  int64_t size;

  if (!gw_shape_input_as_shape (context, 0, &whole, NULL) || whole.rank < 0 ||
      !read_slice_arguments (context, &arguments, NULL) || arguments.begin_value == NULL ||
      arguments.size_value == NULL || arguments.begin.rank != 1 || arguments.size.rank != 1 ||
      !slice_dim (0, whole.rank, &arguments, &size, NULL))
    return FALSE;
  *value = gw_shape_from_dims ((int) size, whole.dims + arguments.begin.dims[0]);
  return TRUE;
}

static const GwOpDef slice_op;

static gboolean
slice_cpu (GwKernelContext *context,
           GError         **error)
{
  const GwTensor *input = context->inputs[0];
  int64_t strides[GW_MAX_RANK], packed[GW_MAX_RANK], begin[2 * GW_MAX_RANK];
  GwStridedCopy box = { 0 };
  int64_t offset = 0;
  GwTensor *output;

  if (!gw_array_prepare (context, &slice_op, error))
    return FALSE;
  output = context->outputs[0];
  if (output->elements == 0)
    return TRUE;
  gw_array_read_ints (context->inputs[1], begin);
  gw_shape_strides (&input->shape, strides);
  gw_shape_strides (&output->shape, packed);
  for (int i = 0; i < output->shape.rank; i++)
    {
      offset += begin[i] * strides[i];
      gw_strided_copy_append (&box, output->shape.dims[i], strides[i], packed[i]);
    }
  gw_strided_copy_run (context, &box, input->dtype, gw_element_at (input->data, input->dtype, offset), output->data);
  return TRUE;
}

/* Shape (x) in the type of attribute `attr`. */
static GwOutput
shape_as (GwGradContext *context,
          GwOutput       x,
          const char    *attr)
{
  const GwAttrSetting type[] = { { "out_type", *gw_node_attr (context->node, attr) }, { NULL } };

  return gw_op (context->builder, "Shape", GW_IN (x), type);
}

static void
slice_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput begin = gw_grad_x (context, 1);
  GwOutput before = shape_as (context, gw_grad_x (context, 0), "Index");
  GwOutput after = shape_as (context, gw_grad_y (context, 0), "Index");
  GwOutput behind = gw_op2 (b, "Sub", gw_op2 (b, "Sub", before, after), begin);
  GwOutput paddings = gw_op (b, "Pack", GW_IN (begin, behind), GW_WITH ({ "axis", gw_attr_int (1) }));

  context->dx[0] = gw_op2 (b, "Pad", context->dy[0], paddings);
}

static const GwOpDef slice_op = {
  .name = "Slice", .since = 1, .title = "Slice", .category = "arrays/Picking",
  .summary = "A box cut out of a tensor.",
  .doc = "Takes `size[i]` indices of dimension i from `begin[i]` on. A size of -1 means all that are left.",
  .inputs = GW_PORTS ({ "input", "T", "Any tensor." },
                      { "begin", "Index", "First index of each dimension, from 0.", .literal = "[0]" },
                      { "size", "Index", "How many of each; -1 = up to the edge.", .literal = "[-1]" }),
  .outputs = GW_PORTS ({ "output", "T", "The box." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T,
                     { "Index", GW_ATTR_DTYPE, .choices = GW_INDEX_TYPES, .label = "Index type",
                       .help = "Type of begin and size.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }),
  .shape_rule = "what `size` says, -1 reaching to the end; begin + size must lie inside of the input",
  .shape = slice_shape, .partial_value = slice_value, .grad = slice_grad, .cpu = slice_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]", "[0, 1]", "[-1, 2]"), NULL,
      GW_TEXTS ("[[2.5, 3.5], [5.5, 6.5]]") }),
};

/* ---- Pad, PadV2 ---- */

static gboolean
pad_dims (const GwTensor *paddings,
          const GwShape  *in,
          GwShape        *out,
          GError        **error)
{
  for (int i = 0; i < out->rank; i++)
    {
      int64_t before = gw_tensor_get_int (paddings, 2 * i);
      int64_t after = gw_tensor_get_int (paddings, 2 * i + 1);
      int64_t dim = in->rank >= 0 ? in->dims[i] : -1;

      if (before < 0 || after < 0)
        return gw_invalid (error, "Paddings must be non-negative: %" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
                           before, after);
      if (dim >= 0 && (__builtin_add_overflow (dim, before, &dim) || __builtin_add_overflow (dim, after, &dim)))
        return gw_invalid (error, "the padded shape has more elements than can be counted");
      out->dims[i] = dim;
    }
  return gw_array_check_size (out, error);
}

static gboolean
pad_shape (GwShapeContext *context,
           GError        **error)
{
  const GwShape *in = &context->inputs[0];
  const GwTensor *value = gw_shape_input_value (context, 1);
  g_autofree char *text = NULL;
  GwShape paddings;

  if (!gw_shape_want_rank (context, 1, 2, &paddings, error) ||
      (context->n_inputs > 2 && !gw_array_want_scalar (context, 2, error)))
    return FALSE;
  text = gw_shape_to_string (&paddings);
  if (paddings.dims[1] >= 0 && paddings.dims[1] != 2)
    return gw_invalid (error, "paddings must be a matrix with 2 columns: %s", text);
  if (in->rank >= 0 && paddings.dims[0] >= 0 && paddings.dims[0] != in->rank)
    return gw_invalid (error, "The first dimension of paddings must be the rank of inputs: %d, not %s", in->rank, text);
  if (paddings.dims[0] > GW_MAX_RANK)
    return gw_invalid (error, "paddings has more than %d rows", GW_MAX_RANK);
  if (in->rank < 0 && paddings.dims[0] < 0)
    return TRUE;
  context->outputs[0] = gw_shape_of_rank (in->rank >= 0 ? in->rank : (int) paddings.dims[0]);
  return value == NULL || pad_dims (value, in, &context->outputs[0], error);
}

static gboolean
run_pad (GwKernelContext *context,
         const GwOpDef   *def,
         const void      *value,
         GError         **error)
{
  const GwTensor *input = context->inputs[0];
  int64_t strides[GW_MAX_RANK], packed[GW_MAX_RANK];
  GwStridedCopy box = { 0 };
  int64_t offset = 0;
  GwTensor *output;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  output = context->outputs[0];
  gw_fill_elements (context, output->dtype, value, output->data, output->elements);
  if (input->elements == 0)
    return TRUE;
  gw_shape_strides (&input->shape, packed);
  gw_shape_strides (&output->shape, strides);
  for (int i = 0; i < input->shape.rank; i++)
    {
      offset += gw_tensor_get_int (context->inputs[1], 2 * i) * strides[i];
      gw_strided_copy_append (&box, input->shape.dims[i], packed[i], strides[i]);
    }
  gw_strided_copy_run (context, &box, input->dtype, input->data,
                       gw_element_at (output->data, output->dtype, offset));
  return TRUE;
}

static const GwOpDef pad_op;
static const GwOpDef pad_v2_op;

static gboolean
pad_cpu (GwKernelContext *context,
         GError         **error)
{
  static const union { GwBits128 bits; GwString string; } zero;

  return run_pad (context, &pad_op, &zero, error);
}

static gboolean
pad_v2_cpu (GwKernelContext *context,
            GError         **error)
{
  return run_pad (context, &pad_v2_op, context->inputs[2]->data, error);
}

static void
pad_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = gw_grad_x (context, 0);
  GwOutput zeros = gw_const_ints (b, 2, (const int64_t[]) { 0, 0 });
  GwOutput column = gw_op (b, "Pack", GW_IN (gw_op1 (b, "Rank", x), gw_const_scalar (b, GW_INT32, 1)), NULL);
  GwOutput before = gw_op3 (b, "Slice", gw_grad_x (context, 1), zeros, column);
  GwOutput minus_one = gw_const_ints (b, 1, (const int64_t[]) { -1 });
  GwOutput begin = gw_op2 (b, "Reshape", before, minus_one);

  context->dx[0] = gw_op3 (b, "Slice", context->dy[0], begin, shape_as (context, x, "Tpaddings"));
}

static const GwOpDef pad_op = {
  .name = "Pad", .since = 1, .title = "Pad", .category = "arrays/Moving",
  .summary = "Adds zeros around a tensor.",
  .doc = "Row i of `paddings` says how many zeros come before and after along dimension i.",
  .inputs = GW_PORTS ({ "input", "T", "Any tensor." },
                      { "paddings", "Tpaddings", "A row [before, after] for each dimension.", .literal = "[[1, 1]]" }),
  .outputs = GW_PORTS ({ "output", "T", "The padded tensor." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T, GW_ARRAY_ATTR_INDEX ("Tpaddings")),
  .shape_rule = "dimension i is the input's plus paddings[i, 0] + paddings[i, 1]",
  .shape = pad_shape, .grad = pad_grad, .cpu = pad_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5]]", "[[1, 0], [0, 1]]"), NULL, GW_TEXTS ("[[0.0, 0.0, 0.0], [1.5, 2.5, 0.0]]") }),
};

static const GwOpDef pad_v2_op = {
  .name = "PadV2", .since = 1, .title = "Pad with a value", .category = "arrays/Moving",
  .summary = "Adds a value around a tensor.",
  .doc = "As *Pad*, with `constant_values` instead of zeros: row i of `paddings` says how many before and behind dimension i.",
  .inputs = GW_PORTS ({ "input", "T", "Any tensor." },
                      { "paddings", "Tpaddings", "A row [before, after] for each dimension.", .literal = "[[1, 1]]" },
                      { "constant_values", "T", "What is added, a scalar.", .literal = "0" }),
  .outputs = GW_PORTS ({ "output", "T", "The padded tensor." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T, GW_ARRAY_ATTR_INDEX ("Tpaddings")),
  .shape_rule = "dimension i is the input's plus paddings[i, 0] + paddings[i, 1]",
  .shape = pad_shape, .grad = pad_grad, .cpu = pad_v2_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1.5, 2.5]", "[[1, 2]]", "7.0"), NULL, GW_TEXTS ("[7.0, 1.5, 2.5, 7.0, 7.0]") }),
};

const GwOpDef *const gw_ops_array_move[] = {
  &transpose_op, &invert_permutation_op, &slice_op, &pad_op, &pad_v2_op, NULL,
};
