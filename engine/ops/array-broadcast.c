/* SPDX-License-Identifier: Apache-2.0 */
/* Repeating: Tile, BroadcastTo, and what undoes a broadcast in gradients. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/graph/builder.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

/* ---- Tile ---- */

static gboolean
tile_shape (GwShapeContext *context,
            GError        **error)
{
  const GwShape *in = &context->inputs[0];
  GwShape *out = &context->outputs[0];
  GwShape multiples;

  if (!gw_array_input_shape (context, 1, &multiples, error))
    return FALSE;
  if (in->rank >= 0 && multiples.rank >= 0 && in->rank != multiples.rank)
    return gw_invalid (error, "Expected multiples argument to be a vector of length %d but got length %d",
                       in->rank, multiples.rank);
  if (in->rank < 0 && multiples.rank < 0)
    return TRUE;
  *out = gw_shape_of_rank (MAX (in->rank, multiples.rank));
  for (int i = 0; in->rank >= 0 && multiples.rank >= 0 && i < out->rank; i++)
    if (in->dims[i] >= 0 && multiples.dims[i] >= 0 &&
        __builtin_mul_overflow (in->dims[i], multiples.dims[i], &out->dims[i]))
      return gw_invalid (error, "the tiled shape has more elements than can be counted");
  return gw_array_check_size (out, error);
}

static const GwOpDef tile_op;

static gboolean
tile_cpu (GwKernelContext *context,
          GError         **error)
{
  const GwTensor *input = context->inputs[0];
  int64_t strides[GW_MAX_RANK], packed[GW_MAX_RANK];
  GwStridedCopy box = { 0 };
  GwTensor *output;

  if (!gw_array_prepare (context, &tile_op, error))
    return FALSE;
  output = context->outputs[0];
  if (output->elements == 0)
    return TRUE;
  gw_shape_strides (&input->shape, strides);
  gw_shape_strides (&output->shape, packed);
  for (int i = 0; i < input->shape.rank; i++)
    {
      int64_t dim = input->shape.dims[i];

      gw_strided_copy_append (&box, gw_tensor_get_int (context->inputs[1], i), 0, dim * packed[i]);
      gw_strided_copy_append (&box, dim, strides[i], packed[i]);
    }
  gw_strided_copy_run (context, &box, input->dtype, input->data, output->data);
  return TRUE;
}

/* dy seen as [m0, d0, m1, d1, …] and summed over the m; while that has too many dimensions
 * for a shape, one dimension after the other, as [d0 × … , m, d × …]. */
static GwOutput
sum_one_dim (GwBuilder *b,
             GwOutput   dy,
             GwOutput   multiples,
             GwOutput   shape,
             int        dim)
{
  GwOutput axis = gw_const_scalar (b, GW_INT32, 0);
  GwOutput done = gw_op2 (b, "Prod", gw_array_part (b, shape, 0, dim), axis);
  GwOutput size = gw_op2 (b, "Prod", gw_array_part (b, shape, dim, 1), axis);
  GwOutput times = gw_op2 (b, "Prod", gw_array_part (b, multiples, dim, 1), axis);
  GwOutput behind = gw_op2 (b, "Prod", gw_op2 (b, "Mul", gw_array_part (b, multiples, dim + 1, -1),
                                               gw_array_part (b, shape, dim + 1, -1)), axis);
  GwOutput view = gw_op (b, "Pack", GW_IN (done, times, size, behind), NULL);

  return gw_op2 (b, "Sum", gw_op2 (b, "Reshape", dy, view), GW_ARRAY_INTS (b, 1));
}

static void
tile_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = gw_grad_x (context, 0);
  GwOutput multiples = gw_grad_x (context, 1);
  int rank = gw_output_shape (x)->rank;
  GwOutput shape = gw_array_shape_of (b, x, gw_node_attr (context->node, "Tmultiples")->dtype);
  GwOutput sum = context->dy[0];
  GwOutput pairs, axes;

  if (2 * rank > GW_MAX_RANK)
    for (int i = 0; i < rank; i++)
      sum = sum_one_dim (b, sum, multiples, shape, i);
  else
    {
      pairs = gw_array_flatten (b, gw_op (b, "Pack", GW_IN (multiples, shape), GW_WITH ({ "axis", gw_attr_int (1) })));
      axes = gw_op3 (b, "Range", gw_const_scalar (b, GW_INT32, 0), gw_op1 (b, "Size", pairs), gw_const_scalar (b, GW_INT32, 2));
      sum = gw_op2 (b, "Sum", gw_op2 (b, "Reshape", sum, pairs), axes);
    }
  context->dx[0] = gw_op2 (b, "Reshape", sum, shape);
}

static const GwOpDef tile_op = {
  .name = "Tile", .since = 1, .title = "Tile", .category = "arrays/Moving",
  .summary = "Repeats a tensor along its dimensions.",
  .doc = "Dimension i of the result holds the input `multiples[i]` times over: `[a, b]` twice is `[a, b, a, b]`. Where a "
         "dimension of size 1 is only to be stretched, element-wise ops broadcast it by themselves.",
  .inputs = GW_PORTS ({ "input", "T", "Any tensor." },
                      { "multiples", "Tmultiples", "How often, for each dimension.", .literal = "[2]" }),
  .outputs = GW_PORTS ({ "output", "T", "The repeated tensor." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T, GW_ARRAY_ATTR_INDEX ("Tmultiples")),
  .shape_rule = "dimension i is input.dims[i] · multiples[i]; as many dimensions as `multiples` has elements",
  .shape = tile_shape, .grad = tile_grad, .cpu = tile_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5]]", "[2, 2]"), NULL, GW_TEXTS ("[[1.5, 2.5, 1.5, 2.5], [1.5, 2.5, 1.5, 2.5]]") }),
};

/* ---- BroadcastTo ---- */

static gboolean
incompatible (const GwShape *a,
              const GwShape *b,
              GError       **error)
{
  g_autofree char *first = gw_shape_to_string (a);
  g_autofree char *second = gw_shape_to_string (b);

  return gw_invalid (error, "Incompatible shapes: %s vs. %s", first, second);
}

static gboolean
broadcast_to_shape (GwShapeContext *context,
                    GError        **error)
{
  const GwShape *in = &context->inputs[0];
  GwShape *out = &context->outputs[0];
  GwShape both;

  if (!gw_array_input_shape (context, 1, out, error))
    return FALSE;
  if (in->rank < 0 || out->rank < 0)
    return TRUE;
  if (in->rank > out->rank || !gw_shape_broadcast (in, out, &both))
    return incompatible (in, out, error);
  for (int i = 0; i < out->rank; i++)
    if (out->dims[i] >= 0 && both.dims[i] >= 0 && both.dims[i] != out->dims[i])
      return incompatible (in, out, error);
  *out = both;
  return gw_array_check_size (out, error);
}

static const GwOpDef broadcast_to_op;

static gboolean
broadcast_to_cpu (GwKernelContext *context,
                  GError         **error)
{
  const GwTensor *input = context->inputs[0];
  int64_t strides[GW_MAX_RANK], packed[GW_MAX_RANK];
  GwStridedCopy box = { 0 };
  GwTensor *output;
  int extra;

  if (!gw_array_prepare (context, &broadcast_to_op, error))
    return FALSE;
  output = context->outputs[0];
  extra = output->shape.rank - input->shape.rank;
  gw_shape_strides (&input->shape, strides);
  gw_shape_strides (&output->shape, packed);
  for (int i = 0; i < output->shape.rank; i++)
    {
      gboolean repeated = i < extra || input->shape.dims[i - extra] == 1;

      gw_strided_copy_append (&box, output->shape.dims[i], repeated ? 0 : strides[i - extra], packed[i]);
    }
  gw_strided_copy_run (context, &box, input->dtype, input->data, output->data);
  return TRUE;
}

static void
broadcast_to_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput from = gw_op1 (b, "Shape", gw_grad_x (context, 0));
  GwOutput to = gw_op1 (b, "Shape", gw_grad_y (context, 0));
  GwNode *args = gw_node_new (b, "BroadcastGradientArgs", NULL, GW_IN (from, to), NULL);

  context->dx[0] = gw_op2 (b, "Reshape", gw_op2 (b, "Sum", context->dy[0], gw_output_of (args, 0)), from);
}

static const GwOpDef broadcast_to_op = {
  .name = "BroadcastTo", .since = 1, .title = "Broadcast to a shape", .category = "arrays/Shape",
  .summary = "Stretches dimensions of size 1 to a given shape.",
  .doc = "The shapes are lined up at their last dimensions; missing ones count as 1. Each size must be equal to the "
         "wanted one, or 1, which repeats its element.",
  .inputs = GW_PORTS ({ "input", "T", "Any tensor." },
                      { "shape", "Tidx", "The shape wanted.", .literal = "[1]" }),
  .outputs = GW_PORTS ({ "output", "T", "The input in that shape." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T, GW_ARRAY_ATTR_INDEX ("Tidx")),
  .shape_rule = "what `shape` says; the input must broadcast to it",
  .shape = broadcast_to_shape, .grad = broadcast_to_grad, .cpu = broadcast_to_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5], [2.5]]", "[2, 3]"), NULL, GW_TEXTS ("[[1.5, 1.5, 1.5], [2.5, 2.5, 2.5]]") }),
};

/* ---- BroadcastGradientArgs ---- */

/* Dimensions of the common shape over which the gradient of `a` (broadcast against
 * `b`) is summed: those in which `a` is 1. As TensorFlow's BCast lists them: none
 * when the shapes are equal, and those in which both are 1 too. */
static int
reduced_dims (const GwShape *a,
              const GwShape *b,
              int64_t        dims[GW_MAX_RANK])
{
  int rank = MAX (a->rank, b->rank);
  int n = 0;

  if (gw_shape_equal (a, b))
    return 0;
  for (int i = 0; i < rank; i++)
    {
      int at = i - (rank - a->rank);

      if (at < 0 || a->dims[at] == 1)
        dims[n++] = i;
    }
  return n;
}

static gboolean
gradient_args_shape (GwShapeContext *context,
                     GError        **error)
{
  GwShape shapes[2], both;
  int64_t dims[GW_MAX_RANK];

  for (int i = 0; i < 2; i++)
    {
      context->outputs[i] = gw_shape_of_rank (1);
      if (!gw_array_input_shape (context, i, &shapes[i], error))
        return FALSE;
    }
  if (!gw_shape_broadcast (&shapes[0], &shapes[1], &both))
    return incompatible (&shapes[0], &shapes[1], error);
  if (gw_shape_input_value (context, 0) == NULL || gw_shape_input_value (context, 1) == NULL)
    return TRUE;
  context->outputs[0].dims[0] = reduced_dims (&shapes[0], &shapes[1], dims);
  context->outputs[1].dims[0] = reduced_dims (&shapes[1], &shapes[0], dims);
  return TRUE;
}

static const GwOpDef broadcast_gradient_args_op;

static gboolean
gradient_args_cpu (GwKernelContext *context,
                   GError         **error)
{
  GwShape shapes[2];
  int64_t dims[2 * GW_MAX_RANK];

  if (!gw_array_prepare (context, &broadcast_gradient_args_op, error))
    return FALSE;
  for (int i = 0; i < 2; i++)
    {
      int n = gw_array_read_ints (context->inputs[i], dims);

      shapes[i] = gw_shape_from_dims (n, dims);
    }
  for (int i = 0; i < 2; i++)
    {
      reduced_dims (&shapes[i], &shapes[1 - i], dims);
      gw_array_write_ints (context->outputs[i], dims);
    }
  return TRUE;
}

static const GwOpDef broadcast_gradient_args_op = {
  .name = "BroadcastGradientArgs", .since = 1, .title = "Dimensions that a broadcast repeated", .category = "arrays/Shape",
  .summary = "Over which dimensions the gradients of two broadcast operands are summed.",
  .doc = "Used by the gradients of element-wise ops. `r0` are the dimensions in which the first operand was stretched, `r1` "
         "those of the second.",
  .inputs = GW_PORTS ({ "s0", "T", "Shape of the first operand." }, { "s1", "T", "Shape of the second." }),
  .outputs = GW_PORTS ({ "r0", "T", "Dimensions to sum for the first." }, { "r1", "T", "For the second." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_INDEX ("T")),
  .flags = GW_OP_STOPS_GRADIENT | GW_OP_HIDDEN,
  .shape_rule = "two vectors whose lengths depend on the values",
  .shape = gradient_args_shape, .cpu = gradient_args_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[2, 3]", "[3]"), NULL, GW_TEXTS ("[]", "[0]") },
                           { GW_TEXTS ("[4, 1, 5]", "[3, 5]"), NULL, GW_TEXTS ("[1]", "[0]") }),
};

/* ---- BroadcastArgs ---- */

/* The two shapes as far as they are known. */
static gboolean
read_two_shapes (GwShapeContext *context,
                 GwShape         shapes[2],
                 GError        **error)
{
  return gw_array_input_shape (context, 0, &shapes[0], error) && gw_array_input_shape (context, 1, &shapes[1], error);
}

static gboolean
broadcast_args_shape (GwShapeContext *context,
                      GError        **error)
{
  GwShape shapes[2], both;

  if (!read_two_shapes (context, shapes, error))
    return FALSE;
  if (!gw_shape_broadcast (&shapes[0], &shapes[1], &both))
    return incompatible (&shapes[0], &shapes[1], error);
  context->outputs[0] = GW_SHAPE (both.rank < 0 ? GW_DIM_UNKNOWN : both.rank);
  return TRUE;
}

/* Only of sizes that are all known: an open one may turn out not to fit. */
static gboolean
broadcast_args_value (GwShapeContext *context,
                      GwShape        *value)
{
  GwShape shapes[2];

  return read_two_shapes (context, shapes, NULL) && gw_shape_is_known (&shapes[0]) && gw_shape_is_known (&shapes[1]) &&
         gw_shape_broadcast (&shapes[0], &shapes[1], value);
}

static const GwOpDef broadcast_args_op;

static gboolean
broadcast_args_cpu (GwKernelContext *context,
                    GError         **error)
{
  GwShape shapes[2], both;
  int64_t dims[2 * GW_MAX_RANK];

  if (!gw_array_prepare (context, &broadcast_args_op, error))
    return FALSE;
  for (int i = 0; i < 2; i++)
    {
      int n = gw_array_read_ints (context->inputs[i], dims);

      shapes[i] = gw_shape_from_dims (n, dims);
    }
  gw_shape_broadcast (&shapes[0], &shapes[1], &both);
  gw_array_write_ints (context->outputs[0], both.dims);
  return TRUE;
}

static const GwOpDef broadcast_args_op = {
  .name = "BroadcastArgs", .since = 1, .title = "Common shape", .category = "arrays/Shape",
  .summary = "The shape that two tensors of these shapes have when one is broadcast against the other.",
  .doc = "The shapes are lined up at their last dimensions; missing ones count as 1. Sizes must be equal, or one of them 1.",
  .inputs = GW_PORTS ({ "s0", "T", "A shape." }, { "s1", "T", "Another one." }),
  .outputs = GW_PORTS ({ "r0", "T", "The shape of both together." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_INDEX ("T")),
  .flags = GW_OP_NO_GRADIENT,
  .shape_rule = "a vector as long as the longer of the two",
  .shape = broadcast_args_shape, .partial_value = broadcast_args_value, .cpu = broadcast_args_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[2, 3]", "[3]"), NULL, GW_TEXTS ("[2, 3]") },
                           { GW_TEXTS ("[4, 1, 5]", "[3, 1]"), NULL, GW_TEXTS ("[4, 3, 5]") }),
};

const GwOpDef *const gw_ops_array_broadcast[] = {
  &tile_op, &broadcast_to_op, &broadcast_gradient_args_op, &broadcast_args_op, NULL,
};
