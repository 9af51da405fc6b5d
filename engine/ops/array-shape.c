/* SPDX-License-Identifier: Apache-2.0 */
/* Ops that give the same elements another shape, and ops that tell a shape. */
#include "engine/base/error.h"
#include "engine/graph/builder.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

/* ---- Identity and its like ---- */

static void
identity_grad (GwGradContext *context)
{
  context->dx[0] = context->dy[0];
}

static const GwOpDef identity_op = {
  .name = "Identity", .since = 1, .title = "Identity", .category = "arrays/Shape",
  .summary = "Its input, unchanged.",
  .doc = "Gives a value a name of its own, reads a variable, or stands where a control edge needs a value to "
         "wait for.",
  .inputs = GW_PORTS ({ "input", "T", "Anything." }),
  .outputs = GW_PORTS ({ "output", "T", "The same." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T),
  .flags = GW_OP_FORWARDS_INPUT | GW_OP_TAKES_LISTS,
  .shape = gw_shape_rule_same, .partial_value = gw_array_partial_same,
  .grad = identity_grad, .cpu = gw_array_kernel_copy,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2.5]"), NULL, GW_TEXTS ("[1.5, 2.5]") }),
};

static const GwOpDef stop_gradient_op = {
  .name = "StopGradient", .since = 1, .title = "Stop gradient", .category = "arrays/Shape",
  .summary = "Its input, taken as a constant when gradients are computed.",
  .doc = "Nothing behind it is trained through it: for targets that are computed by the network itself, or to "
         "freeze a part of a model.",
  .inputs = GW_PORTS ({ "input", "T", "Anything." }),
  .outputs = GW_PORTS ({ "output", "T", "The same." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T),
  .flags = GW_OP_FORWARDS_INPUT | GW_OP_STOPS_GRADIENT,
  .shape = gw_shape_rule_same, .partial_value = gw_array_partial_same, .cpu = gw_array_kernel_copy,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2.5]"), NULL, GW_TEXTS ("[1.5, 2.5]") }),
};

static gboolean
identity_n_shape (GwShapeContext *context,
                  GError        **error)
{
  for (int i = 0; i < context->n_outputs; i++)
    context->outputs[i] = context->inputs[i];
  return TRUE;
}

static gboolean
identity_n_cpu (GwKernelContext *context,
                GError         **error)
{
  for (int i = 0; i < context->n_inputs; i++)
    gw_tensor_copy_data (context->outputs[i], context->inputs[i]);
  return TRUE;
}

static void
identity_n_grad (GwGradContext *context)
{
  for (int i = 0; i < context->node->n_inputs; i++)
    if (context->wanted[i])
      context->dx[i] = gw_grad_dy (context, i);
}

static const GwOpDef identity_n_op = {
  .name = "IdentityN", .since = 1, .title = "Identity of several", .category = "arrays/Shape",
  .summary = "Several inputs, unchanged, as one node.",
  .doc = "All of them are there before any of them is used. They may be of different types.",
  .inputs = GW_PORTS ({ "input", "T", "Any tensors." }),
  .outputs = GW_PORTS ({ "output", "T", "The same ones." }),
  .attrs = GW_ATTRS ({ "T", GW_ATTR_DTYPES, .min = 1, .max = G_MAXINT32, .label = "Types",
                       .help = "Element types; follow from what is wired.",
                       .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }),
  .shape_rule = "each output has the shape of its input",
  .shape = identity_n_shape, .grad = identity_n_grad, .cpu = identity_n_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2.5]", "3"), "T=[float32,int32]", GW_TEXTS ("[1.5, 2.5]", "3") }),
};

/* ---- Reshape ---- */

/* Shape(x) as a node, of the index type of input 1 where there is one. */
static GwOutput
shape_of (GwGradContext *context,
          GwOutput       x)
{
  return gw_op1 (context->builder, "Shape", x);
}

static void
reshape_grad (GwGradContext *context)
{
  context->dx[0] = gw_op2 (context->builder, "Reshape", context->dy[0], shape_of (context, gw_grad_x (context, 0)));
}

/* Product of the known sizes; *unknown counts the others. -1 on overflow. */
static int64_t
known_product (const GwShape *shape,
               int           *unknown)
{
  int64_t product = 1;

  *unknown = 0;
  for (int i = 0; i < shape->rank; i++)
    if (shape->dims[i] < 0)
      (*unknown)++;
    else if (__builtin_mul_overflow (product, shape->dims[i], &product))
      return -1;
  return product;
}

/* Fills in the one size of `wanted` that is -1, for `elements` in all. A size that is
 * merely not known yet stays open: the value that comes must still be checked. */
static gboolean
solve_reshape (int64_t   elements,
               gboolean  is_exact,
               GwShape  *wanted,
               GError  **error)
{
  int unknown;
  int64_t product = known_product (wanted, &unknown);

  if (product < 0)
    return gw_invalid (error, "the requested shape has more elements than can be counted");
  if (unknown > 1)
    return is_exact ? gw_invalid (error, "shape: only one input size may be -1") : TRUE;
  if (elements < 0)
    return TRUE;
  if (unknown == 0)
    return product == elements
             ? TRUE
             : gw_invalid (error, "Input to reshape is a tensor with %" G_GINT64_FORMAT " values, but the requested "
                           "shape has %" G_GINT64_FORMAT, elements, product);
  if (product == 0)
    return elements > 0 || is_exact
             ? gw_invalid (error, "reshape cannot infer the missing input size for an empty tensor unless all "
                           "specified input sizes are non-zero")
             : TRUE;
  if (elements % product != 0)
    return gw_invalid (error, "Input to reshape is a tensor with %" G_GINT64_FORMAT " values, but the requested "
                       "shape requires a multiple of %" G_GINT64_FORMAT, elements, product);
  for (int i = 0; is_exact && i < wanted->rank; i++)
    if (wanted->dims[i] < 0)
      wanted->dims[i] = elements / product;
  return TRUE;
}

static gboolean
reshape_shape (GwShapeContext *context,
               GError        **error)
{
  GwShape *wanted = &context->outputs[0];

  if (!gw_array_want_vector (context, 1, error) || !gw_shape_input_as_shape (context, 1, wanted, error))
    return FALSE;
  if (wanted->rank < 0)
    return TRUE;
  return solve_reshape (gw_shape_elements (&context->inputs[0]), gw_shape_input_value (context, 1) != NULL,
                        wanted, error);
}

static const GwOpDef reshape_op;

static gboolean
reshape_cpu (GwKernelContext *context,
             GError         **error)
{
  return gw_array_prepare (context, &reshape_op, error) && gw_array_kernel_copy (context, error);
}

/* A vector of shape values stays one through Reshape and its like. */
static gboolean
partial_reshaped (GwShapeContext *context,
                  GwShape        *value)
{
  return context->inputs[0].rank >= 0 && context->inputs[0].rank <= 1 && gw_array_partial_same (context, value);
}

static const GwOpDef reshape_op = {
  .name = "Reshape", .since = 1, .title = "Reshape", .category = "arrays/Shape",
  .summary = "The same elements in another shape.",
  .doc = "The elements keep their order (the last dimension runs fastest); only the sizes change. One size may be "
         "-1: it is computed so that the number of elements stays. `[-1]` makes a vector, `[-1, 784]` a "
         "batch of rows, `[]` turns one element into a scalar.",
  .inputs = GW_PORTS ({ "tensor", "T", "The elements." },
                      { "shape", "Tshape", "The sizes wanted; one may be -1.", .literal = "[-1]" }),
  .outputs = GW_PORTS ({ "output", "T", "The same elements in that shape." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T, GW_ARRAY_ATTR_INDEX ("Tshape")),
  .flags = GW_OP_FORWARDS_INPUT,
  .shape_rule = "what `shape` says, of as many elements as the tensor; one -1 among its sizes takes what is left",
  .shape = reshape_shape, .partial_value = partial_reshaped, .grad = reshape_grad, .cpu = reshape_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]", "[3, -1]"), NULL,
      GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5], [5.5, 6.5]]") },
    { GW_TEXTS ("[7]", "[1, 1]"), NULL, GW_TEXTS ("[[7]]") }),
};

/* ---- ExpandDims and Squeeze ---- */

static gboolean
expand_dims_shape (GwShapeContext *context,
                   GError        **error)
{
  const GwShape *in = &context->inputs[0];
  GwShape *out = &context->outputs[0];
  gboolean known;
  int64_t axis;
  int at;

  if (!gw_array_input_int (context, 1, &known, &axis, error))
    return FALSE;
  if (in->rank < 0)
    return TRUE;
  if (in->rank == GW_MAX_RANK)
    return gw_invalid (error, "input has %d dimensions already, which is the most", in->rank);
  *out = gw_shape_of_rank (in->rank + 1);
  if (!known)
    return TRUE;
  if (!gw_array_axis ("dim", axis, in->rank + 1, &at, error))
    return FALSE;
  for (int i = 0; i < out->rank; i++)
    out->dims[i] = i == at ? 1 : in->dims[i > at ? i - 1 : i];
  return TRUE;
}

static const GwOpDef expand_dims_op;

static gboolean
expand_dims_cpu (GwKernelContext *context,
                 GError         **error)
{
  return gw_array_prepare (context, &expand_dims_op, error) && gw_array_kernel_copy (context, error);
}

static const GwOpDef expand_dims_op = {
  .name = "ExpandDims", .since = 1, .title = "Expand dimensions", .category = "arrays/Shape",
  .summary = "Inserts a dimension of size 1.",
  .doc = "The new dimension stands at position `axis`; a negative one counts from behind, -1 puts it last. A vector of 3 "
         "becomes one row (`axis` 0) or one column (`axis` -1).",
  .inputs = GW_PORTS ({ "input", "T", "Any tensor." },
                      { "axis", "Tdim", "Where, in [-rank-1, rank].", .literal = "-1" }),
  .outputs = GW_PORTS ({ "output", "T", "The same elements, one dimension more." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T, GW_ARRAY_ATTR_INDEX ("Tdim")),
  .flags = GW_OP_FORWARDS_INPUT,
  .shape_rule = "the input's with a dimension of 1 put in at `dim`",
  .shape = expand_dims_shape, .partial_value = partial_reshaped, .grad = reshape_grad, .cpu = expand_dims_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1.5, 2.5]", "0"), NULL, GW_TEXTS ("[[1.5, 2.5]]") },
    { GW_TEXTS ("[1.5, 2.5]", "-1"), NULL, GW_TEXTS ("[[1.5], [2.5]]") }),
};

enum { SQUEEZE_T, SQUEEZE_DIMS };

/* Which dimensions the attribute names. */
static gboolean
squeezed_dims (const GwAttrValue *attr,
               int                rank,
               gboolean           squeezed[GW_MAX_RANK],
               GError           **error)
{
  for (int i = 0; i < rank; i++)
    squeezed[i] = FALSE;
  for (int i = 0; i < attr->list.n; i++)
    {
      int axis;

      if (!gw_array_axis ("squeeze_dims", attr->list.i[i], rank, &axis, error))
        return FALSE;
      squeezed[axis] = TRUE;
    }
  return TRUE;
}

static gboolean
squeeze_shape (GwShapeContext *context,
               GError        **error)
{
  const GwShape *in = &context->inputs[0];
  const GwAttrValue *dims = &context->attrs[SQUEEZE_DIMS];
  GwShape out = GW_SHAPE_SCALAR;
  gboolean squeezed[GW_MAX_RANK];

  if (in->rank < 0)
    return TRUE;
  if (!squeezed_dims (dims, in->rank, squeezed, error))
    return FALSE;
  for (int i = 0; i < in->rank; i++)
    {
      if (dims->list.n == 0 && in->dims[i] < 0)
        return TRUE; /* 1 or not: the rank is open */
      if (dims->list.n == 0 ? in->dims[i] == 1 : squeezed[i])
        {
          if (in->dims[i] >= 0 && in->dims[i] != 1)
            return gw_invalid (error, "Can not squeeze dim[%d], expected a dimension of 1, got %" G_GINT64_FORMAT,
                               i, in->dims[i]);
          continue;
        }
      out.dims[out.rank++] = in->dims[i];
    }
  context->outputs[0] = out;
  return TRUE;
}

static const GwOpDef squeeze_op;

static gboolean
squeeze_cpu (GwKernelContext *context,
             GError         **error)
{
  return gw_array_prepare (context, &squeeze_op, error) && gw_array_kernel_copy (context, error);
}

static const GwOpDef squeeze_op = {
  .name = "Squeeze", .since = 1, .title = "Squeeze", .category = "arrays/Shape",
  .summary = "Removes dimensions of size 1.",
  .doc = "Without `squeeze_dims` every dimension of size 1 goes; with it only those named, each of which must "
         "have size 1. Name them when a batch may happen to hold a single example.",
  .inputs = GW_PORTS ({ "input", "T", "Any tensor." }),
  .outputs = GW_PORTS ({ "output", "T", "The same elements in fewer dimensions." }),
  .attrs = GW_ATTRS (
    [SQUEEZE_T] = GW_ARRAY_ATTR_T,
    [SQUEEZE_DIMS] = { "squeeze_dims", GW_ATTR_INTS, .label = "Dimensions",
                       .help = "Positions to remove, in [-rank, rank); empty = all of size 1." }),
  .flags = GW_OP_FORWARDS_INPUT,
  .shape_rule = "the input's without the dimensions in squeeze_dims, which must be 1, or without all of size 1 when "
                "that is empty",
  .shape = squeeze_shape, .partial_value = partial_reshaped, .grad = reshape_grad, .cpu = squeeze_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[[1.5], [2.5]]]"), NULL, GW_TEXTS ("[1.5, 2.5]") },
    { GW_TEXTS ("[[[1.5], [2.5]]]"), "squeeze_dims=[0]", GW_TEXTS ("[[1.5], [2.5]]") }),
  .tell = GW_TEXTS ("squeeze_dims"),
};

/* ---- Shape, ShapeN, Size, Rank ---- */

enum { SHAPE_T, SHAPE_OUT_TYPE };

static const char shape_out_type_help[] = "Type of the result.";

static GwShape
vector_shape (const GwShape *of)
{
  GwShape shape = { .rank = 1, .dims = { of->rank < 0 ? GW_DIM_UNKNOWN : of->rank } };

  return shape;
}

static gboolean
shape_shape (GwShapeContext *context,
             GError        **error)
{
  for (int i = 0; i < context->n_outputs; i++)
    context->outputs[i] = vector_shape (&context->inputs[i]);
  return TRUE;
}

static gboolean
shape_value (GwShapeContext *context,
             GwShape        *value)
{
  *value = context->inputs[0];
  return value->rank >= 0;
}

static gboolean
write_checked (GwTensor      *output,
               const int64_t *values,
               GError       **error)
{
  for (int64_t i = 0; output->dtype == GW_INT32 && i < output->elements; i++)
    if (values[i] > G_MAXINT32)
      return gw_invalid (error, "%" G_GINT64_FORMAT " does not fit into int32; choose out_type int64", values[i]);
  gw_array_write_ints (output, values);
  return TRUE;
}

static gboolean
shape_cpu (GwKernelContext *context,
           GError         **error)
{
  for (int i = 0; i < context->n_inputs; i++)
    if (!write_checked (context->outputs[i], context->inputs[i]->shape.dims, error))
      return FALSE;
  return TRUE;
}

static const GwOpDef shape_op = {
  .name = "Shape", .since = 1, .title = "Shape of", .category = "arrays/Shape",
  .summary = "The sizes of a tensor, as a vector.",
  .doc = "What is known before running is folded into a constant; for an open batch size the real one is "
         "given when the step runs.",
  .inputs = GW_PORTS ({ "input", "T", "Any tensor." }),
  .outputs = GW_PORTS ({ "output", "out_type", "One size for each dimension." }),
  .attrs = GW_ATTRS ([SHAPE_T] = GW_ARRAY_ATTR_T,
                     [SHAPE_OUT_TYPE] = { "out_type", GW_ATTR_DTYPE, .def = "int32", .choices = GW_INDEX_TYPES,
                                          .label = "Result type", .help = shape_out_type_help }),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape_rule = "vectors of as many elements as the inputs have dimensions",
  .shape = shape_shape, .partial_value = shape_value, .cpu = shape_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]"), NULL, GW_TEXTS ("[2, 3]") }),
};

static const GwOpDef shape_n_op = {
  .name = "ShapeN", .since = 1, .title = "Shapes of several", .category = "arrays/Shape",
  .summary = "The sizes of each of several tensors.",
  .doc = "As *Shape* of each. Used by the gradient of *ConcatV2*.",
  .inputs = GW_PORTS ({ "input", "T", "Tensors of one type.", .number_attr = "N" }),
  .outputs = GW_PORTS ({ "output", "out_type", "A vector of sizes for each.", .number_attr = "N" }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_N ("N", 1), GW_ARRAY_ATTR_T,
                     { "out_type", GW_ATTR_DTYPE, .def = "int32", .choices = GW_INDEX_TYPES,
                       .label = "Result type", .help = shape_out_type_help }),
  .flags = GW_OP_STOPS_GRADIENT | GW_OP_HIDDEN,
  .shape_rule = "vectors of as many elements as the inputs have dimensions",
  .shape = shape_shape, .partial_value = shape_value, .cpu = shape_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5]]", "[3.5]"), "N=2", GW_TEXTS ("[1, 2]", "[1]") }),
};

static gboolean
size_value (GwShapeContext *context,
            GwShape        *value)
{
  *value = GW_SHAPE (gw_shape_elements (&context->inputs[0]));
  return value->dims[0] >= 0;
}

static gboolean
size_cpu (GwKernelContext *context,
          GError         **error)
{
  return write_checked (context->outputs[0], &context->inputs[0]->elements, error);
}

static const GwOpDef size_op = {
  .name = "Size", .since = 1, .title = "Number of elements", .category = "arrays/Shape",
  .summary = "How many elements a tensor has.",
  .doc = "The product of its sizes; 1 for a scalar, 0 when a dimension is empty.",
  .inputs = GW_PORTS ({ "input", "T", "Any tensor." }),
  .outputs = GW_PORTS ({ "output", "out_type", "A scalar." }),
  .attrs = GW_ATTRS ([SHAPE_T] = GW_ARRAY_ATTR_T,
                     [SHAPE_OUT_TYPE] = { "out_type", GW_ATTR_DTYPE, .def = "int32", .choices = GW_INDEX_TYPES,
                                          .label = "Result type", .help = shape_out_type_help }),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape = gw_shape_rule_scalar, .partial_value = size_value, .cpu = size_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]"), NULL, GW_TEXTS ("6") }),
};

static gboolean
rank_value (GwShapeContext *context,
            GwShape        *value)
{
  *value = GW_SHAPE (context->inputs[0].rank);
  return value->dims[0] >= 0;
}

static gboolean
rank_cpu (GwKernelContext *context,
          GError         **error)
{
  int64_t rank = context->inputs[0]->shape.rank;

  gw_array_write_ints (context->outputs[0], &rank);
  return TRUE;
}

static const GwOpDef rank_op = {
  .name = "Rank", .since = 1, .title = "Rank", .category = "arrays/Shape",
  .summary = "How many dimensions a tensor has.",
  .doc = "0 for a scalar, 1 for a vector, 2 for a matrix.",
  .inputs = GW_PORTS ({ "input", "T", "Any tensor." }),
  .outputs = GW_PORTS ({ "output", "int32", "A scalar." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape = gw_shape_rule_scalar, .partial_value = rank_value, .cpu = rank_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]"), NULL, GW_TEXTS ("2") }),
};

const GwOpDef *const gw_ops_array_shape[] = {
  &identity_op, &identity_n_op, &stop_gradient_op, &reshape_op, &expand_dims_op, &squeeze_op,
  &shape_op, &shape_n_op, &size_op, &rank_op, NULL,
};
