/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors made from a rule: one value repeated, sequences, one-hot rows. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/rows.h"
#include "engine/graph/builder.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"
#include "engine/tensor/tensor-list.h"

#include <math.h>
#include <string.h>

/* ---- Fill ---- */

static gboolean
fill_shape (GwShapeContext *context,
            GError        **error)
{
  return gw_array_want_scalar (context, 1, error) &&
         gw_array_input_shape (context, 0, &context->outputs[0], error) &&
         gw_array_check_size (&context->outputs[0], error);
}

static const GwOpDef fill_op;

static gboolean
fill_cpu (GwKernelContext *context,
          GError         **error)
{
  GwTensor *output;

  if (!gw_array_prepare (context, &fill_op, error))
    return FALSE;
  output = context->outputs[0];
  gw_fill_elements (context, output->dtype, context->inputs[1]->data, output->data, output->elements);
  return TRUE;
}

static void
fill_grad (GwGradContext *context)
{
  context->dx[1] = gw_array_sum_all (context->builder, context->dy[0]);
}

static const GwOpDef fill_op = {
  .name = "Fill", .since = 1, .title = "Fill", .category = "arrays/Making",
  .summary = "A tensor of a given shape, every element the same.",
  .doc = "The shape may be computed, which a constant's cannot: `Fill (Shape (x), 1)`.",
  .inputs = GW_PORTS ({ "dims", "index_type", "The sizes.", .literal = "[1]" },
                      { "value", "T", "The element, a scalar.", .literal = "0.0" }),
  .outputs = GW_PORTS ({ "output", "T", "The value, repeated." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T, GW_ARRAY_ATTR_INDEX ("index_type")),
  .shape_rule = "what `dims` says",
  .shape = fill_shape, .grad = fill_grad, .cpu = fill_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[2, 3]", "1.5"), NULL, GW_TEXTS ("[[1.5, 1.5, 1.5], [1.5, 1.5, 1.5]]") },
    { GW_TEXTS ("[]", "9"), NULL, GW_TEXTS ("9") }),
};

/* ---- ZerosLike, OnesLike ---- */

static gboolean
zeros_like_cpu (GwKernelContext *context,
                GError         **error)
{
  const GwTensor *input = context->inputs[0];

  if (input->dtype != GW_VARIANT)
    gw_array_clear (context, context->outputs[0]);
  for (int64_t i = 0; input->dtype == GW_VARIANT && i < input->elements; i++)
    {
      GwTensorList *list = gw_tensor_get_list (input, i);
      GwTensorList *zeros = list != NULL ? gw_tensor_list_zeros_like (list, error) : NULL;

      if (list != NULL && zeros == NULL)
        return FALSE;
      gw_tensor_set_list (context->outputs[0], i, zeros);
    }
  return TRUE;
}

static const GwOpDef zeros_like_op = {
  .name = "ZerosLike", .since = 1, .title = "Zeros like", .category = "arrays/Making",
  .summary = "Zeros in the shape and type of the input.",
  .doc = "The input's values do not matter. Texts become empty, booleans false, and lists lists of zeros.",
  .inputs = GW_PORTS ({ "x", "T", "Gives shape and type." }),
  .outputs = GW_PORTS ({ "y", "T", "Zeros, as many as x has elements." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T),
  .flags = GW_OP_STOPS_GRADIENT | GW_OP_TAKES_LISTS,
  .shape = gw_shape_rule_same, .cpu = zeros_like_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5]]"), NULL, GW_TEXTS ("[[0.0, 0.0]]") }),
};

static gboolean
ones_like_cpu (GwKernelContext *context,
               GError         **error)
{
  GwTensor *output = context->outputs[0];
  GwBits128 one = { 1, 0 }; /* true */

  if (output->dtype != GW_BOOL)
    gw_rows_identity (GW_ROWS_MUL, output->dtype, &one);
  gw_fill_elements (context, output->dtype, &one, output->data, output->elements);
  return TRUE;
}

static const GwOpDef ones_like_op = {
  .name = "OnesLike", .since = 1, .title = "Ones like", .category = "arrays/Making",
  .summary = "Ones in the shape and type of the input.",
  .doc = "The input's values do not matter. Booleans become true.",
  .inputs = GW_PORTS ({ "x", "T", "Gives shape and type." }),
  .outputs = GW_PORTS ({ "y", "T", "Ones, as many as x has elements." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", GW_PLAIN_TYPES)),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape = gw_shape_rule_same, .cpu = ones_like_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5]]"), NULL, GW_TEXTS ("[[1.0, 1.0]]") }),
};

/* ---- Range ---- */

static gboolean
range_bounds (gboolean   is_zero,
              gboolean   is_up,
              gboolean   is_below,
              gboolean   is_above,
              const GwTensor *start,
              const GwTensor *limit,
              GError   **error)
{
  double a = gw_tensor_get_double (start, 0);
  double b = gw_tensor_get_double (limit, 0);

  if (is_zero)
    return gw_invalid (error, "Requires delta != 0: 0");
  if (is_up && !is_below)
    return gw_invalid (error, "Requires start <= limit when delta > 0: %.9g/%.9g", a, b);
  if (!is_up && !is_above)
    return gw_invalid (error, "Requires start >= limit when delta < 0: %.9g/%.9g", a, b);
  return TRUE;
}

static gboolean
range_size_int (const GwTensor *start,
                const GwTensor *limit,
                const GwTensor *delta,
                int64_t        *size,
                GError        **error)
{
  int64_t a = gw_tensor_get_int (start, 0);
  int64_t b = gw_tensor_get_int (limit, 0);
  int64_t d = gw_tensor_get_int (delta, 0);
  uint64_t distance = a < b ? (uint64_t) b - (uint64_t) a : (uint64_t) a - (uint64_t) b;
  uint64_t stride = d < 0 ? 0 - (uint64_t) d : (uint64_t) d;
  uint64_t n;

  if (!range_bounds (d == 0, d > 0, a <= b, a >= b, start, limit, error))
    return FALSE;
  n = distance / stride + (distance % stride != 0 ? 1 : 0);
  if (n > G_MAXINT64)
    return gw_invalid (error, "the range has more elements than can be counted");
  *size = (int64_t) n;
  return TRUE;
}

/* In the precision of the type, as TensorFlow counts. */
static gboolean
range_size_float (const GwTensor *start,
                  const GwTensor *limit,
                  const GwTensor *delta,
                  int64_t        *size,
                  GError        **error)
{
  double a = gw_tensor_get_double (start, 0);
  double b = gw_tensor_get_double (limit, 0);
  double d = gw_tensor_get_double (delta, 0);
  double n = start->dtype == GW_FLOAT32 ? (double) ceilf (fabsf (((float) b - (float) a) / (float) d))
                                        : ceil (fabs ((b - a) / d));

  if (!range_bounds (d == 0, d > 0, a <= b, a >= b, start, limit, error))
    return FALSE;
  if (!(n < 9e18))
    return gw_invalid (error, "the range has more elements than can be counted");
  *size = (int64_t) n;
  return TRUE;
}

static gboolean
range_shape (GwShapeContext *context,
             GError        **error)
{
  const GwTensor *values[3];
  gboolean known = TRUE;
  int64_t size;

  for (int i = 0; i < 3; i++)
    {
      if (!gw_array_want_scalar (context, i, error))
        return FALSE;
      values[i] = gw_shape_input_value (context, i);
      known = known && values[i] != NULL;
    }
  context->outputs[0] = gw_shape_of_rank (1);
  if (!known)
    return TRUE;
  if (!(gw_dtype_is_integer (values[0]->dtype) ? range_size_int : range_size_float)
         (values[0], values[1], values[2], &size, error))
    return FALSE;
  context->outputs[0].dims[0] = size;
  return TRUE;
}

static const GwOpDef range_op;

static gboolean
range_cpu (GwKernelContext *context,
           GError         **error)
{
  GwTensor *output;

  if (!gw_array_prepare (context, &range_op, error))
    return FALSE;
  output = context->outputs[0];
  GW_SWITCH_NUMBER (output->dtype, return FALSE,
                    T value = *GW_TENSOR_DATA (context->inputs[0], T);
                    T delta = *GW_TENSOR_DATA (context->inputs[2], T);

                    for (int64_t i = 0; i < output->elements; i++)
                      {
                        GW_TENSOR_DATA (output, T)[i] = value;
                        if (i + 1 < output->elements)
                          value = (T) (value + delta);
                      });
  return TRUE;
}

static const GwOpDef range_op = {
  .name = "Range", .since = 1, .title = "Range", .category = "arrays/Making",
  .summary = "Numbers from start up to, but without, limit.",
  .doc = "`start`, `start + delta`, `start + 2·delta`, … for as long as `limit` is not reached. A negative `delta` counts "
         "down. Each value is the one before plus `delta`, in the type of the inputs.",
  .inputs = GW_PORTS ({ "start", "Tidx", "The first value.", .literal = "0" },
                      { "limit", "Tidx", "Where it ends; not part of it.", .literal = "10" },
                      { "delta", "Tidx", "The step; not 0.", .literal = "1" }),
  .outputs = GW_PORTS ({ "output", "Tidx", "A vector." }),
  .attrs = GW_ATTRS ({ "Tidx", GW_ATTR_DTYPE, .def = "int32",
                       .choices = GW_CHOICES ("float32", "float64", "int32", "int64"), .label = "Type",
                       .help = "Element type; follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape_rule = "a vector of ⌈(limit - start) / delta⌉ elements",
  .shape = range_shape, .cpu = range_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("3", "18", "4"), NULL, GW_TEXTS ("[3, 7, 11, 15]") },
    { GW_TEXTS ("1.0", "0.0", "-0.5"), NULL, GW_TEXTS ("[1.0, 0.5]") }),
};

/* ---- LinSpace ---- */

static gboolean
lin_space_shape (GwShapeContext *context,
                 GError        **error)
{
  gboolean known;
  int64_t num;

  if (!gw_array_want_scalar (context, 0, error) || !gw_array_want_scalar (context, 1, error) ||
      !gw_array_input_int (context, 2, &known, &num, error))
    return FALSE;
  if (known && num <= 0)
    return gw_invalid (error, "Requires num > 0: %" G_GINT64_FORMAT, num);
  context->outputs[0] = GW_SHAPE (known ? num : GW_DIM_UNKNOWN);
  return TRUE;
}

static const GwOpDef lin_space_op;

static gboolean
lin_space_cpu (GwKernelContext *context,
               GError         **error)
{
  GwTensor *output;
  int64_t n;

  if (!gw_array_prepare (context, &lin_space_op, error))
    return FALSE;
  output = context->outputs[0];
  n = output->elements;
  GW_SWITCH_FLOAT (output->dtype, return FALSE,
                   T start = *GW_TENSOR_DATA (context->inputs[0], T);
                   T stop = *GW_TENSOR_DATA (context->inputs[1], T);
                   T step = n > 1 ? (stop - start) / (T) (n - 1) : 0;

                   for (int64_t i = 0; i < n; i++)
                     GW_TENSOR_DATA (output, T)[i] = start + step * (T) i;
                   if (n > 1)
                     GW_TENSOR_DATA (output, T)[n - 1] = stop);
  return TRUE;
}

static const GwOpDef lin_space_op = {
  .name = "LinSpace", .since = 1, .title = "Evenly spaced numbers", .category = "arrays/Making",
  .summary = "A given number of values from start to stop, both included.",
  .doc = "Neighbours are `(stop - start) / (num - 1)` apart; the last value is exactly `stop`. With `num` 1 only `start` "
         "comes out.",
  .inputs = GW_PORTS ({ "start", "T", "The first value.", .literal = "0.0" },
                      { "stop", "T", "The last value.", .literal = "1.0" },
                      { "num", "Tidx", "How many; at least 1.", .literal = "10" }),
  .outputs = GW_PORTS ({ "output", "T", "A vector." }),
  .attrs = GW_ATTRS ({ "T", GW_ATTR_DTYPE, .choices = GW_FLOAT_TYPES, .label = "Type",
                       .help = "Element type; follows from what is wired.",
                       .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },
                     GW_ARRAY_ATTR_INDEX ("Tidx")),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape_rule = "a vector of `num` elements",
  .shape = lin_space_shape, .cpu = lin_space_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("10.0", "13.0", "4"), NULL, GW_TEXTS ("[10.0, 11.0, 12.0, 13.0]") }),
};

/* ---- OneHot ---- */

enum { ONE_HOT_AXIS, ONE_HOT_T, ONE_HOT_TI };

static gboolean
one_hot_shape (GwShapeContext *context,
               GError        **error)
{
  const GwShape *in = &context->inputs[0];
  GwShape *out = &context->outputs[0];
  int64_t axis = context->attrs[ONE_HOT_AXIS].i;
  gboolean known;
  int64_t depth;

  if (!gw_array_input_int (context, 1, &known, &depth, error) || !gw_array_want_scalar (context, 2, error) ||
      !gw_array_want_scalar (context, 3, error))
    return FALSE;
  if (known && depth < 0)
    return gw_invalid (error, "depth must be non-negative, got: %" G_GINT64_FORMAT, depth);
  if (in->rank < 0)
    return TRUE;
  if (axis < -1 || axis > in->rank)
    return gw_invalid (error, "Expected axis to be -1 or between [0, %d). Received: %" G_GINT64_FORMAT,
                       in->rank + 1, axis);
  if (in->rank == GW_MAX_RANK)
    return gw_invalid (error, "indices has %d dimensions already, which is the most", in->rank);
  if (axis < 0)
    axis = in->rank;
  *out = gw_shape_of_rank (in->rank + 1);
  for (int i = 0; i < out->rank; i++)
    out->dims[i] = i == axis ? (known ? depth : GW_DIM_UNKNOWN) : in->dims[i > axis ? i - 1 : i];
  return gw_array_check_size (out, error);
}

static void
set_element (GwTensor   *output,
             int64_t     index,
             const void *value)
{
  void *to = gw_element_at (output->data, output->dtype, index);

  if (output->dtype == GW_STRING)
    gw_string_copy (to, value);
  else
    memcpy (to, value, gw_dtype_size (output->dtype));
}

static const GwOpDef one_hot_op;

static gboolean
one_hot_cpu (GwKernelContext *context,
             GError         **error)
{
  const GwTensor *indices = context->inputs[0];
  GwTensor *output;
  int64_t depth, suffix;
  int axis;

  if (!gw_array_prepare (context, &one_hot_op, error))
    return FALSE;
  output = context->outputs[0];
  axis = (int) context->attrs[ONE_HOT_AXIS].i;
  if (axis < 0)
    axis = indices->shape.rank;
  depth = output->shape.dims[axis];
  suffix = gw_shape_span (&indices->shape, axis, indices->shape.rank);
  gw_fill_elements (context, output->dtype, context->inputs[3]->data, output->data, output->elements);
  for (int64_t i = 0; i < indices->elements; i++)
    {
      int64_t index = gw_tensor_get_int (indices, i);

      if (index >= 0 && index < depth)
        set_element (output, (i / suffix * depth + index) * suffix + i % suffix, context->inputs[2]->data);
    }
  return TRUE;
}

static const GwOpDef one_hot_op = {
  .name = "OneHot", .since = 1, .title = "One-hot", .category = "arrays/Making",
  .summary = "Turns class numbers into rows with a single one.",
  .doc = "Each index becomes a vector of `depth` elements: `on_value` at its own position and `off_value` elsewhere. An "
         "index outside of [0, depth) gives a vector that is off throughout. `axis` says which dimension of the "
         "result runs over the classes; -1 is the last.\n\n"
         "The sparse form of softmax cross entropy takes class numbers directly and needs none of this.",
  .inputs = GW_PORTS ({ "indices", "TI", "Class numbers." },
                      { "depth", "int32", "How many classes.", .literal = "10" },
                      { "on_value", "T", "The element at the index.", .literal = "1.0" },
                      { "off_value", "T", "Every other element.", .literal = "0.0" }),
  .outputs = GW_PORTS ({ "output", "T", "One dimension more than indices." }),
  .attrs = GW_ATTRS (
    [ONE_HOT_AXIS] = { "axis", GW_ATTR_INT, .def = "-1", .min = -1, .max = GW_MAX_RANK, .label = "Axis",
                       .help = "Dimension of the classes; -1 = last." },
    [ONE_HOT_T] = GW_ARRAY_ATTR_T,
    [ONE_HOT_TI] = { "TI", GW_ATTR_DTYPE, .def = "int64", .choices = GW_CHOICES ("uint8", "int8", "int32", "int64"),
                     .label = "Index type", .help = "Type of the class numbers; follows from what is wired.",
                     .flags = GW_ATTR_HIDDEN }),
  .flags = GW_OP_STOPS_GRADIENT,
  .shape_rule = "the shape of indices with `depth` as one more dimension at `axis` (-1: the last)",
  .shape = one_hot_shape, .cpu = one_hot_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[0, 2, -1]", "3", "1.0", "0.0"), "TI=int32 axis=-1",
      GW_TEXTS ("[[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]") },
    { GW_TEXTS ("[0, 1]", "2", "5", "0"), "TI=int32 axis=0", GW_TEXTS ("[[5, 0], [0, 5]]") }),
  .tell = GW_TEXTS ("axis"),
};

const GwOpDef *const gw_ops_array_fill[] = {
  &fill_op, &zeros_like_op, &ones_like_op, &range_op, &lin_space_op, &one_hot_op, NULL,
};
