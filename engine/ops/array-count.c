/* SPDX-License-Identifier: Apache-2.0 */
/* Counting numbers: Bincount, DenseBincount, HistogramFixedWidth. */
#include "engine/base/error.h"
#include "engine/device/cpu/rows.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <math.h>

/* Inputs of both kinds of Bincount. */
enum { COUNT_INPUT, COUNT_SIZE, COUNT_WEIGHTS };

/* weights is like the numbers, or has no elements. */
static gboolean
check_weights (GwShapeContext *context,
               GError        **error)
{
  const GwShape *in = &context->inputs[COUNT_INPUT], *weights = &context->inputs[COUNT_WEIGHTS];
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  if (gw_shape_compatible (in, weights) || !gw_shape_is_known (weights) || gw_shape_elements (weights) == 0)
    return TRUE;
  first = gw_shape_to_string (in);
  second = gw_shape_to_string (weights);
  return gw_invalid (error, "weights must be the same shape as %s or a length-0 tensor, in which case it acts as all weights "
                     "equal to 1: %s and %s", gw_shape_input_name (context, COUNT_INPUT), first, second);
}

static gboolean
count_size (GwShapeContext *context,
            int64_t        *size,
            GError        **error)
{
  gboolean known;

  if (!gw_array_input_int (context, COUNT_SIZE, &known, size, error) || !check_weights (context, error))
    return FALSE;
  if (known && *size < 0)
    return gw_invalid (error, "size (%" G_GINT64_FORMAT ") must be non-negative", *size);
  if (!known)
    *size = GW_DIM_UNKNOWN;
  return TRUE;
}

static gboolean
bincount_shape (GwShapeContext *context,
                GError        **error)
{
  int64_t size;

  if (!count_size (context, &size, error))
    return FALSE;
  context->outputs[0] = GW_SHAPE (size);
  return gw_array_check_size (&context->outputs[0], error);
}

static gboolean
dense_bincount_shape (GwShapeContext *context,
                      GError        **error)
{
  const GwShape *in = &context->inputs[COUNT_INPUT];
  int64_t size;

  if (!count_size (context, &size, error))
    return FALSE;
  if (in->rank > 2)
    return gw_invalid (error, "input must be at most rank 2 but is rank %d", in->rank);
  if (in->rank < 0)
    return TRUE;
  context->outputs[0] = in->rank == 2 ? GW_SHAPE (in->dims[0], size) : GW_SHAPE (size);
  return gw_array_check_size (&context->outputs[0], error);
}

/* Counts `n` numbers from `begin` on into `size` bins. What lies beyond is left out. */
static void
count_row (const GwKernelContext *context,
           int64_t                begin,
           int64_t                n,
           int64_t                size,
           int64_t                bins,
           gboolean               binary)
{
  const GwTensor *input = context->inputs[COUNT_INPUT], *weights = context->inputs[COUNT_WEIGHTS];
  GwTensor *output = context->outputs[0];
  gboolean weighted = weights->elements > 0 && !binary;

  GW_SWITCH_NUMBER (output->dtype, return,
                    for (int64_t i = begin; i < begin + n; i++)
                      {
                        int64_t value = gw_tensor_get_int (input, i);
                        T *bin = GW_TENSOR_DATA (output, T) + bins + value;

                        if (value < size)
                          *bin = binary ? 1 : (T) (*bin + (weighted ? GW_TENSOR_DATA (weights, T)[i] : 1));
                      });
}

static gboolean
run_bincount (GwKernelContext *context,
              const GwOpDef   *def,
              gboolean         binary,
              GError         **error)
{
  const GwTensor *input = context->inputs[COUNT_INPUT];
  GwTensor *output;
  int64_t rows, size;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  for (int64_t i = 0; i < input->elements; i++)
    if (gw_tensor_get_int (input, i) < 0)
      {
        g_autofree char *at = gw_position_text (&input->shape, i);

        return gw_invalid (error, "Input %s must be non-negative, but [%s] is %" G_GINT64_FORMAT, def->inputs[0].name, at,
                           gw_tensor_get_int (input, i));
      }
  output = context->outputs[0];
  gw_array_clear (context, output);
  rows = output->shape.rank == 2 ? output->shape.dims[0] : 1;
  size = output->shape.dims[output->shape.rank - 1];
  for (int64_t row = 0; row < rows && input->elements > 0; row++)
    count_row (context, row * (input->elements / rows), input->elements / rows, size, row * size, binary);
  return TRUE;
}

static const GwOpDef bincount_op;
static const GwOpDef dense_bincount_op;

static gboolean
bincount_cpu (GwKernelContext *context,
              GError         **error)
{
  return run_bincount (context, &bincount_op, FALSE, error);
}

static gboolean
dense_bincount_cpu (GwKernelContext *context,
                    GError         **error)
{
  return run_bincount (context, &dense_bincount_op,
                       context->attrs[gw_attr_defs_find (dense_bincount_op.attrs, "binary_output")].b, error);
}

#define COUNT_TYPES GW_CHOICES ("int32", "int64", "float32", "float64")

static const GwOpDef bincount_op = {
  .name = "Bincount", .since = 1, .title = "Count numbers", .category = "arrays/Segments",
  .summary = "How often each of the numbers 0, 1, 2, … comes.",
  .doc = "Element k of the result is how often k is in `arr`, or the sum of the `weights` of those elements. Numbers from `size` "
         "on are left out; a negative one is an error.",
  .inputs = GW_PORTS ({ "arr", "int32", "Numbers, not negative, any shape." },
                      { "size", "int32", "How many numbers are counted.", .literal = "10" },
                      { "weights", "T", "A weight for each, or nothing: all weights are 1." }),
  .outputs = GW_PORTS ({ "bins", "T", "A count for each number." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", COUNT_TYPES)),
  .flags = GW_OP_NO_GRADIENT,
  .shape_rule = "a vector of `size` elements",
  .shape = bincount_shape, .cpu = bincount_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1, 3, 1, 7]", "4", "float32 []"), NULL, GW_TEXTS ("[0.0, 2.0, 0.0, 1.0]") },
    { GW_TEXTS ("[1, 3, 1]", "4", "[0.5, 1.5, 2.0]"), NULL, GW_TEXTS ("[0.0, 2.5, 0.0, 1.5]") }),
};

static const GwOpDef dense_bincount_op = {
  .name = "DenseBincount", .since = 1, .title = "Count numbers of rows", .category = "arrays/Segments",
  .summary = "How often each of the numbers 0, 1, 2, … comes, for a vector or for each row of a matrix.",
  .doc = "As Bincount; of a matrix each row is counted by itself. With `binary_output` the result says only whether a number is "
         "there, and the weights do not matter.",
  .inputs = GW_PORTS ({ "input", "Tidx", "Numbers, not negative: a vector or a matrix." },
                      { "size", "Tidx", "How many numbers are counted.", .literal = "10" },
                      { "weights", "T", "A weight for each, or nothing: all weights are 1." }),
  .outputs = GW_PORTS ({ "output", "T", "A count for each number." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_POSITIONS ("Tidx", GW_INDEX_TYPES), GW_ARRAY_ATTR_TYPE ("T", COUNT_TYPES),
                     { "binary_output", GW_ATTR_BOOL, .def = "false", .label = "Only whether", .help = "1 instead of a count." }),
  .flags = GW_OP_NO_GRADIENT,
  .shape_rule = "a vector of `size` elements, or for a matrix rows × `size`",
  .shape = dense_bincount_shape, .cpu = dense_bincount_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1, 3, 1], [0, 0, 7]]", "4", "float32 []"), NULL,
      GW_TEXTS ("[[0.0, 2.0, 0.0, 1.0], [2.0, 0.0, 0.0, 0.0]]") }),
};

/* ---- HistogramFixedWidth ---- */

static gboolean
histogram_shape (GwShapeContext *context,
                 GError        **error)
{
  GwShape range, two = GW_SHAPE (2);
  gboolean known;
  int64_t bins;

  if (!gw_shape_want_rank (context, 1, 1, &range, error) || !gw_array_merge (&range, &two, "value_range", &range, error) ||
      !gw_array_input_int (context, 2, &known, &bins, error))
    return FALSE;
  if (known && bins <= 0)
    return gw_invalid (error, "nbins should be a positive number, but got %" G_GINT64_FORMAT, bins);
  context->outputs[0] = GW_SHAPE (known ? bins : GW_DIM_UNKNOWN);
  return gw_array_check_size (&context->outputs[0], error);
}

static const GwOpDef histogram_op;

/* Bins of equal width; what lies outside of the range goes to the first or the last. */
static gboolean
histogram_cpu (GwKernelContext *context,
               GError         **error)
{
  const GwTensor *values = context->inputs[0];
  double low = gw_tensor_get_double (context->inputs[1], 0), high = gw_tensor_get_double (context->inputs[1], 1);
  GwTensor *output;
  double step;

  if (!gw_array_prepare (context, &histogram_op, error))
    return FALSE;
  if (!(low < high))
    return gw_invalid (error, "value_range should satisfy value_range[0] < value_range[1], but got [%g, %g]", low, high);
  for (int64_t i = 0; i < values->elements; i++)
    if (isnan (gw_tensor_get_double (values, i)))
      return gw_invalid (error, "values must not contain NaN, but element %" G_GINT64_FORMAT " is", i);
  output = context->outputs[0];
  gw_array_clear (context, output);
  step = (high - low) / (double) output->elements;
  for (int64_t i = 0; i < values->elements; i++)
    {
      double at = floor ((gw_tensor_get_double (values, i) - low) / step);
      int64_t bin = at < 0 ? 0 : at >= (double) output->elements ? output->elements - 1 : (int64_t) at;

      GW_SWITCH_INTEGER (output->dtype, break, GW_TENSOR_DATA (output, T)[bin] += 1);
    }
  return TRUE;
}

static const GwOpDef histogram_op = {
  .name = "HistogramFixedWidth", .since = 1, .title = "Histogram", .category = "arrays/Segments",
  .summary = "How many values fall into each of a number of equal bins.",
  .doc = "The range from `value_range[0]` to `value_range[1]` is cut into `nbins` bins. What lies below it counts in the first "
         "bin, what lies above in the last.",
  .inputs = GW_PORTS ({ "values", "T", "Numbers, any shape." },
                      { "value_range", "T", "[lowest, highest].", .literal = "[0.0, 1.0]" },
                      { "nbins", "int32", "How many bins.", .literal = "100" }),
  .outputs = GW_PORTS ({ "out", "dtype", "A count for each bin." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", COUNT_TYPES),
                     { "dtype", GW_ATTR_DTYPE, .def = "int32", .choices = GW_INDEX_TYPES, .label = "Result type",
                       .help = "Type of the counts." }),
  .flags = GW_OP_NO_GRADIENT,
  .shape_rule = "a vector of `nbins` elements",
  .shape = histogram_shape, .cpu = histogram_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[-1.0, 0.0, 1.5, 2.0, 5.0, 15.0]", "[0.0, 5.0]", "5"), NULL, GW_TEXTS ("[2, 1, 1, 0, 2]") }),
};

const GwOpDef *const gw_ops_array_count[] = { &bincount_op, &dense_bincount_op, &histogram_op, NULL };
