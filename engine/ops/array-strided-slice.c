/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ops/array-strided-slice.h"

#include "engine/base/error.h"
#include "engine/graph/builder.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

/* ---- resolving a specification ---- */

/* How an entry of the specification, or a dimension that it leaves out, shows in
 * the result. */
enum { NEW_AXIS = -1, DROPPED_AXIS = -2 };

/* One entry for each dimension of the sliced tensor. */
typedef struct {
  int     rank;
  int     n;                                  /* dimensions met so far */
  int     entry[GW_MAX_RANK];                 /* entry of the specification, -1 = all of it */
  int     n_result;
  int     result[3 * GW_MAX_RANK];            /* a dimension, NEW_AXIS or DROPPED_AXIS */
} Dense;

static gboolean
has_bit (const GwAttrValue *attrs,
         int                mask,
         int                i)
{
  return i >= 0 && i < 64 && ((uint64_t) attrs[mask].i >> i & 1) != 0;
}

static void
take_whole (Dense *dense,
            int    until)
{
  while (dense->n < until)
    {
      dense->result[dense->n_result++] = dense->n;
      dense->entry[dense->n++] = -1;
    }
}

/* Dimensions that the entries from `from` on stand for. */
static int
dims_behind (const GwAttrValue *attrs,
             int                from,
             int                n)
{
  int count = 0;

  for (int i = from; i < n; i++)
    if (!has_bit (attrs, GW_SLICE_NEW_AXIS_MASK, i))
      count++;
  return count;
}

static gboolean
make_dense (const GwAttrValue *attrs,
            int                n,
            Dense             *dense,
            GError           **error)
{
  gboolean met_ellipsis = FALSE;

  for (int i = 0; i < n; i++)
    {
      if (has_bit (attrs, GW_SLICE_ELLIPSIS_MASK, i))
        {
          if (met_ellipsis)
            return gw_invalid (error, "Multiple ellipses in slice spec not allowed");
          met_ellipsis = TRUE;
          take_whole (dense, dense->rank - dims_behind (attrs, i + 1, n));
          continue;
        }
      if (has_bit (attrs, GW_SLICE_NEW_AXIS_MASK, i))
        {
          dense->result[dense->n_result++] = NEW_AXIS;
          continue;
        }
      if (dense->n == dense->rank)
        return gw_invalid (error, "Index out of range using input dim %d; input has only %d dims",
                           dense->n, dense->rank);
      dense->result[dense->n_result++] = has_bit (attrs, GW_SLICE_SHRINK_AXIS_MASK, i) ? DROPPED_AXIS : dense->n;
      dense->entry[dense->n++] = i;
    }
  take_whole (dense, dense->rank);
  return TRUE;
}

/* A bound counted from the front and held within what the stride can reach. */
static int64_t
clamp_bound (int64_t bound,
             int64_t dim,
             int64_t stride)
{
  int64_t low = stride > 0 ? 0 : -1;
  int64_t high = stride > 0 ? dim : dim - 1;

  if (bound < 0)
    bound += dim;
  return CLAMP (bound, low, high);
}

static int64_t
count_steps (int64_t begin,
             int64_t end,
             int64_t stride)
{
  uint64_t distance = stride > 0 ? (uint64_t) end - (uint64_t) begin : (uint64_t) begin - (uint64_t) end;
  uint64_t step = stride > 0 ? (uint64_t) stride : 0 - (uint64_t) stride;

  if (stride > 0 ? end <= begin : end >= begin)
    return 0;
  return (int64_t) ((distance + step - 1) / step);
}

/* x[k]: one element, whose dimension goes. */
static gboolean
resolve_index (GwSlicing     *slicing,
               int            dim,
               int64_t        size,
               const int64_t *begin,
               GError       **error)
{
  int64_t at;

  slicing->size[dim] = 1;
  if (begin == NULL || size < 0)
    return TRUE;
  at = *begin < 0 ? *begin + size : *begin;
  if (at < 0 || at >= size)
    return gw_invalid (error, "slice index %" G_GINT64_FORMAT " of dimension %d out of bounds.", at, dim);
  slicing->begin[dim] = at;
  return TRUE;
}

static gboolean
resolve_dim (const GwAttrValue *attrs,
             GwSlicing         *slicing,
             int                dim,
             int64_t            size,
             int                entry,
             const int64_t     *begin,
             const int64_t     *end,
             const int64_t     *strides,
             GError           **error)
{
  gboolean from_edge = has_bit (attrs, GW_SLICE_BEGIN_MASK, entry);
  gboolean to_edge = has_bit (attrs, GW_SLICE_END_MASK, entry);
  int64_t stride, first, last;

  slicing->size[dim] = -1;
  slicing->stride[dim] = stride = strides != NULL ? strides[entry] : 1;
  if (stride == 0)
    return gw_invalid (error, "strides[%d] must be non-zero", entry);
  if (has_bit (attrs, GW_SLICE_SHRINK_AXIS_MASK, entry))
    {
      if (stride < 0)
        return gw_invalid (error, "only stride 1 allowed on non-range indexing.");
      slicing->stride[dim] = 1;
      return resolve_index (slicing, dim, size, begin != NULL ? &begin[entry] : NULL, error);
    }
  if (strides == NULL || size < 0 || (begin == NULL && !from_edge) || (end == NULL && !to_edge))
    return TRUE;
  first = from_edge ? (stride > 0 ? 0 : size - 1) : clamp_bound (begin[entry], size, stride);
  last = to_edge ? (stride > 0 ? size : -1) : clamp_bound (end[entry], size, stride);
  slicing->begin[dim] = first;
  slicing->size[dim] = count_steps (first, last, stride);
  if (slicing->size[dim] <= 1)
    slicing->stride[dim] = 1; /* not walked: a huge one must not overflow */
  return TRUE;
}

gboolean
gw_slicing_resolve (const GwAttrValue *attrs,
                    const GwShape     *shape,
                    int                n,
                    const int64_t     *begin,
                    const int64_t     *end,
                    const int64_t     *strides,
                    GwSlicing         *slicing,
                    GError           **error)
{
  Dense dense = { .rank = shape->rank };

  *slicing = (GwSlicing) { .rank = shape->rank, .result = GW_SHAPE_SCALAR };
  if (!make_dense (attrs, n, &dense, error))
    return FALSE;
  for (int d = 0; d < shape->rank; d++)
    {
      slicing->stride[d] = 1;
      slicing->size[d] = shape->dims[d];
      if (dense.entry[d] >= 0 &&
          !resolve_dim (attrs, slicing, d, shape->dims[d], dense.entry[d], begin, end, strides, error))
        return FALSE;
    }
  for (int i = 0; i < dense.n_result; i++)
    {
      if (dense.result[i] == DROPPED_AXIS)
        continue;
      if (slicing->result.rank == GW_MAX_RANK)
        return gw_invalid (error, "the slice has more than %d dimensions", GW_MAX_RANK);
      slicing->result.dims[slicing->result.rank++] = dense.result[i] == NEW_AXIS ? 1 : slicing->size[dense.result[i]];
    }
  return TRUE;
}

/* ---- reading the three vectors ---- */

typedef struct {
  int      n;              /* entries, -1 not known */
  gboolean known[3];
  int64_t  values[3][2 * GW_MAX_RANK];  /* begin, end, strides */
} Spec;

static gboolean
add_length (Spec        *spec,
            int64_t      length,
            const char  *port,
            GError     **error)
{
  if (length > 2 * GW_MAX_RANK)
    return gw_invalid (error, "%s has %" G_GINT64_FORMAT " entries; at most %d are possible",
                       port, length, 2 * GW_MAX_RANK);
  if (length >= 0 && spec->n >= 0 && spec->n != length)
    return gw_invalid (error, "Expected begin, end, and strides to be 1D equal size tensors, but %s has %"
                       G_GINT64_FORMAT " entries and not %d", port, length, spec->n);
  if (length >= 0)
    spec->n = (int) length;
  return TRUE;
}

/* The vectors are inputs `first` to `first` + 2. */
static gboolean
read_spec (GwShapeContext *context,
           int             first,
           Spec           *spec,
           GError        **error)
{
  spec->n = -1;
  for (int i = 0; i < 3; i++)
    {
      const GwTensor *value;
      GwShape shape;

      if (!gw_shape_want_rank (context, first + i, 1, &shape, error) ||
          !add_length (spec, shape.dims[0], gw_shape_input_name (context, first + i), error))
        return FALSE;
      value = gw_shape_input_value (context, first + i);
      spec->known[i] = value != NULL;
      if (value != NULL)
        gw_array_read_ints (value, spec->values[i]);
    }
  return TRUE;
}

static const int64_t *
known_values (const Spec *spec,
              int         i)
{
  return spec->known[i] ? spec->values[i] : NULL;
}

static gboolean
resolve_spec (const GwAttrValue *attrs,
              const GwShape     *shape,
              const Spec        *spec,
              GwSlicing         *slicing,
              GError           **error)
{
  return gw_slicing_resolve (attrs, shape, spec->n, known_values (spec, 0), known_values (spec, 1),
                             known_values (spec, 2), slicing, error);
}

/* The same in a kernel, where everything is known. */
static gboolean
resolve_tensors (GwKernelContext *context,
                 int              first,
                 const GwShape   *shape,
                 GwSlicing       *slicing,
                 GError         **error)
{
  Spec spec = { .known = { TRUE, TRUE, TRUE } };

  for (int i = 0; i < 3; i++)
    spec.n = gw_array_read_ints (context->inputs[first + i], spec.values[i]);
  return resolve_spec (context->attrs, shape, &spec, slicing, error);
}

/* Offset of the first element and the box that the slicing walks in `shape`; the
 * other side is contiguous. */
static int64_t
slicing_box (const GwSlicing *slicing,
             const GwShape   *shape,
             GwStridedCopy   *box)
{
  int64_t strides[GW_MAX_RANK];
  int64_t packed[GW_MAX_RANK];
  GwShape sizes = gw_shape_from_dims (slicing->rank, slicing->size);
  int64_t offset = 0;

  gw_shape_strides (shape, strides);
  gw_shape_strides (&sizes, packed);
  box->n_dims = 0;
  for (int d = 0; d < slicing->rank; d++)
    {
      offset += slicing->begin[d] * strides[d];
      gw_strided_copy_append (box, slicing->size[d], slicing->stride[d] * strides[d], packed[d]);
    }
  return offset;
}

/* ---- StridedSlice ---- */

static gboolean
strided_slice_shape (GwShapeContext *context,
                     GError        **error)
{
  Spec spec;
  GwSlicing slicing;

  if (!read_spec (context, 1, &spec, error))
    return FALSE;
  if (spec.n < 0 || context->inputs[0].rank < 0)
    return TRUE;
  if (!resolve_spec (context->attrs, &context->inputs[0], &spec, &slicing, error))
    return FALSE;
  context->outputs[0] = slicing.result;
  return TRUE;
}

/* Elements of a shape: x.shape[1], x.shape[1:]. */
static gboolean
strided_slice_value (GwShapeContext *context,
                     GwShape        *value)
{
  GwShape whole, vector;
  GwSlicing slicing;
  Spec spec;

  if (!gw_shape_input_as_shape (context, 0, &whole, NULL) || whole.rank < 0 ||
      !read_spec (context, 1, &spec, NULL) || !spec.known[0] || !spec.known[1] || !spec.known[2])
    return FALSE;
  vector = GW_SHAPE (whole.rank);
  if (!resolve_spec (context->attrs, &vector, &spec, &slicing, NULL) || slicing.result.rank > 1)
    return FALSE;
  *value = gw_shape_of_rank ((int) slicing.size[0]);
  for (int i = 0; i < value->rank; i++)
    value->dims[i] = whole.dims[slicing.begin[0] + i * slicing.stride[0]];
  return TRUE;
}

static const GwOpDef strided_slice_op;

static gboolean
strided_slice_cpu (GwKernelContext *context,
                   GError         **error)
{
  const GwTensor *input = context->inputs[0];
  GwStridedCopy box;
  GwSlicing slicing;
  int64_t offset;

  if (!gw_array_prepare (context, &strided_slice_op, error) ||
      !resolve_tensors (context, 1, &input->shape, &slicing, error))
    return FALSE;
  if (context->outputs[0]->elements == 0)
    return TRUE;
  offset = slicing_box (&slicing, &input->shape, &box);
  gw_strided_copy_run (context, &box, input->dtype, gw_element_at (input->data, input->dtype, offset),
                       context->outputs[0]->data);
  return TRUE;
}

/* The five masks as settings for the op's counterpart. */
static GwNode *
node_like (GwGradContext  *context,
           const char     *op,
           int             n_inputs,
           const GwOutput *inputs)
{
  const GwAttrValue *attrs = context->node->attrs;
  const GwAttrSetting settings[] = {
    { "begin_mask", attrs[GW_SLICE_BEGIN_MASK] },
    { "end_mask", attrs[GW_SLICE_END_MASK] },
    { "ellipsis_mask", attrs[GW_SLICE_ELLIPSIS_MASK] },
    { "new_axis_mask", attrs[GW_SLICE_NEW_AXIS_MASK] },
    { "shrink_axis_mask", attrs[GW_SLICE_SHRINK_AXIS_MASK] },
    { NULL },
  };

  return gw_node_new (context->builder, op, NULL, n_inputs, inputs, settings);
}

static void
strided_slice_grad (GwGradContext *context)
{
  const GwOutput *x = context->node->inputs;
  GwDType type = context->node->attrs[GW_SLICE_INDEX].dtype == GW_INT64 ? GW_INT64 : GW_INT32;
  GwOutput inputs[5] = { gw_array_shape_of (context->builder, x[0], type) };

  for (int i = 1; i < 4; i++)
    inputs[i] = gw_array_cast (context->builder, x[i], type);
  inputs[4] = context->dy[0];
  context->dx[0] = gw_output_of (node_like (context, "StridedSliceGrad", 5, inputs), 0);
}

#define MASK(mask, text) \
  { mask, GW_ATTR_INT, .def = "0", .min = 0, .max = G_MAXUINT16, .help = text, .flags = GW_ATTR_HIDDEN }
#define SLICE_ATTRS                                                                                             \
  GW_ATTRS (                                                                                                    \
    [GW_SLICE_T] = GW_ARRAY_ATTR_T,                                                                             \
    [GW_SLICE_INDEX] = { "Index", GW_ATTR_DTYPE, .choices = GW_SMALL_INDEX_TYPES, .label = "Index type",        \
                         .help = "Type of begin, end and strides.",                                             \
                         .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },                                          \
    [GW_SLICE_BEGIN_MASK] = MASK ("begin_mask", "Bit i: begin[i] is left out, from the edge on."),              \
    [GW_SLICE_END_MASK] = MASK ("end_mask", "Bit i: end[i] is left out, up to the edge."),                      \
    [GW_SLICE_ELLIPSIS_MASK] = MASK ("ellipsis_mask", "Bit i: entry i stands for as many whole dimensions as needed."), \
    [GW_SLICE_NEW_AXIS_MASK] = MASK ("new_axis_mask", "Bit i: entry i inserts a dimension of size 1."),         \
    [GW_SLICE_SHRINK_AXIS_MASK] = MASK ("shrink_axis_mask", "Bit i: begin[i] alone is taken and the dimension goes."))

static const GwOpDef strided_slice_op = {
  .name = "StridedSlice", .since = 1, .title = "Strided slice", .category = "arrays/Picking",
  .summary = "Part of a tensor, as Python's x[1:3, ::2] takes it.",
  .doc = "Entry i of `begin`, `end` and `strides` says which indices of a dimension are taken: from `begin` up to, but "
         "without, `end`, in steps of `strides`. Negative indices count from behind, and bounds beyond the edge are "
         "taken as the edge. A negative stride runs backwards. Dimensions that the vectors do not reach are taken "
         "whole.\n\n"
         "The masks express the rest of Python's notation, one bit for each entry: `x[:k]` sets a bit of "
         "`begin_mask`, `x[k:]` of `end_mask`, `x[...]` of `ellipsis_mask`, `x[newaxis]` of `new_axis_mask`, and "
         "`x[k]`, which drops the dimension, of `shrink_axis_mask`.",
  .inputs = GW_PORTS ({ "input", "T", "Any tensor." },
                      { "begin", "Index", "First indices.", .literal = "[0]" },
                      { "end", "Index", "Where to stop; not part of it.", .literal = "[1]" },
                      { "strides", "Index", "Steps, not 0.", .literal = "[1]" }),
  .outputs = GW_PORTS ({ "output", "T", "What was taken." }),
  .attrs = SLICE_ATTRS,
  .shape_rule = "⌈(end - begin) / strides⌉ of each dimension in the slice, without those in shrink_axis_mask, with "
                "a 1 for each in new_axis_mask; the others as in the input",
  .shape = strided_slice_shape, .partial_value = strided_slice_value,
  .grad = strided_slice_grad, .cpu = strided_slice_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]", "[0, 2]", "[2, 0]", "[1, -1]"), NULL,
      GW_TEXTS ("[[3.5, 2.5], [6.5, 5.5]]") },
    { GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]", "[1]", "[2]", "[1]"), "shrink_axis_mask=1",
      GW_TEXTS ("[4.5, 5.5, 6.5]") },
    { GW_TEXTS ("[1, 2, 3, 4]", "[0]", "[0]", "[-2]"), "begin_mask=1 end_mask=1", GW_TEXTS ("[4, 2]") }),
};

/* ---- StridedSliceGrad ---- */

static gboolean
strided_slice_grad_shape (GwShapeContext *context,
                          GError        **error)
{
  Spec spec;
  GwSlicing slicing;
  GwShape *out = &context->outputs[0];
  GwShape merged;

  if (!gw_array_input_shape (context, 0, out, error) || !read_spec (context, 1, &spec, error))
    return FALSE;
  if (spec.n < 0 || out->rank < 0)
    return TRUE;
  return gw_array_check_size (out, error) &&
         resolve_spec (context->attrs, out, &spec, &slicing, error) &&
         gw_array_merge (&slicing.result, &context->inputs[4], "the slice and dy", &merged, error);
}

static const GwOpDef strided_slice_grad_op;

static gboolean
strided_slice_grad_cpu (GwKernelContext *context,
                        GError         **error)
{
  const GwTensor *dy = context->inputs[4];
  GwTensor *output;
  GwStridedCopy box;
  GwSlicing slicing;
  int64_t offset;

  if (!gw_array_prepare (context, &strided_slice_grad_op, error))
    return FALSE;
  output = context->outputs[0];
  if (!resolve_tensors (context, 1, &output->shape, &slicing, error))
    return FALSE;
  gw_array_clear (context, output);
  if (dy->elements == 0)
    return TRUE;
  offset = slicing_box (&slicing, &output->shape, &box);
  for (int d = 0; d < box.n_dims; d++)
    {
      int64_t stride = box.src_strides[d];

      box.src_strides[d] = box.dst_strides[d];
      box.dst_strides[d] = stride;
    }
  gw_strided_copy_run (context, &box, dy->dtype, dy->data, gw_element_at (output->data, output->dtype, offset));
  return TRUE;
}

static void
strided_slice_grad_grad (GwGradContext *context)
{
  const GwOutput *x = context->node->inputs;
  GwOutput inputs[] = { context->dy[0], x[1], x[2], x[3] };

  context->dx[4] = gw_output_of (node_like (context, "StridedSlice", 4, inputs), 0);
}

static const GwOpDef strided_slice_grad_op = {
  .name = "StridedSliceGrad", .since = 1, .title = "Gradient of strided slice", .category = "arrays/Picking",
  .summary = "Zeros of a given shape with dy in the place of a slice.",
  .doc = "The counterpart of StridedSlice: the same entries and masks say where `dy` goes.",
  .inputs = GW_PORTS ({ "shape", "Index", "Shape of what was sliced." },
                      { "begin", "Index", "First indices." },
                      { "end", "Index", "Where to stop." },
                      { "strides", "Index", "Steps, as of the slice." },
                      { "dy", "T", "Gradient of the slice." }),
  .outputs = GW_PORTS ({ "output", "T", "Gradient of what was sliced." }),
  .attrs = GW_ATTRS (
    [GW_SLICE_T] = GW_ARRAY_ATTR_T,
    [GW_SLICE_INDEX] = { "Index", GW_ATTR_DTYPE, .choices = GW_INDEX_TYPES, .help = "Type of the positions.",
                         .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN },
    [GW_SLICE_BEGIN_MASK] = MASK ("begin_mask", "As in StridedSlice."),
    [GW_SLICE_END_MASK] = MASK ("end_mask", "As in StridedSlice."),
    [GW_SLICE_ELLIPSIS_MASK] = MASK ("ellipsis_mask", "As in StridedSlice."),
    [GW_SLICE_NEW_AXIS_MASK] = MASK ("new_axis_mask", "As in StridedSlice."),
    [GW_SLICE_SHRINK_AXIS_MASK] = MASK ("shrink_axis_mask", "As in StridedSlice.")),
  .flags = GW_OP_HIDDEN,
  .shape_rule = "what `shape` says; dy is what a slice of it would be",
  .shape = strided_slice_grad_shape, .grad = strided_slice_grad_grad, .cpu = strided_slice_grad_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[4]", "[0]", "[4]", "[2]", "[1.5, 2.5]"), NULL, GW_TEXTS ("[1.5, 0.0, 2.5, 0.0]") }),
};

const GwOpDef *const gw_ops_array_strided_slice[] = { &strided_slice_op, &strided_slice_grad_op, NULL };
