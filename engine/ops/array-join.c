/* SPDX-License-Identifier: Apache-2.0 */
/* Several tensors into one and one into several. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/graph/builder.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

/* ---- pieces along an axis ---- */

/* A tensor seen as [before, dim, behind] around an axis. */
typedef struct {
  int64_t before, dim, behind;
} AxisView;

static AxisView
view_axis (const GwShape *shape,
           int            axis)
{
  AxisView view = {
    .before = gw_shape_span (shape, 0, axis),
    .dim = shape->dims[axis],
    .behind = gw_shape_span (shape, axis + 1, shape->rank),
  };

  return view;
}

/* Copies between `piece` (contiguous, `size` indices of the axis) and the indices from `offset` on of
 * `whole`. */
static void
copy_piece (GwKernelContext *context,
            const AxisView  *view,
            GwTensor        *whole,
            int64_t          offset,
            GwTensor        *piece,
            int64_t          size,
            gboolean         into_whole)
{
  GwStridedCopy box = { 0 };
  int64_t stride, run;
  void *at;

  if (piece->elements == 0)
    return;
  at = gw_element_at (whole->data, whole->dtype, offset * view->behind);
  stride = view->dim * view->behind;
  run = size * view->behind;
  gw_strided_copy_append (&box, view->before, into_whole ? run : stride, into_whole ? stride : run);
  gw_strided_copy_append (&box, run, 1, 1);
  gw_strided_copy_run (context, &box, whole->dtype, into_whole ? piece->data : at, into_whole ? at : piece->data);
}

/* ---- ConcatV2, and Concat, which has the axis in front ---- */

static const GwOpDef concat_op;
static const GwOpDef concat_old_op;

static int
axis_input (const GwOpDef *def,
            int            n_inputs)
{
  return def == &concat_old_op ? 0 : n_inputs - 1;
}

static int
first_value (const GwOpDef *def)
{
  return def == &concat_old_op ? 1 : 0;
}

static gboolean
concat_axis (GwShapeContext *context,
             int             rank,
             gboolean       *known,
             int            *axis,
             GError        **error)
{
  int input = axis_input (context->def, context->n_inputs);
  const GwTensor *value = gw_shape_input_value (context, input);
  int64_t at;

  *known = FALSE;
  if (context->inputs[input].rank > 0)
    return gw_invalid (error, "%s must be a scalar", context->def == &concat_old_op ? "concat_dim" : "axis");
  if (value == NULL || rank < 0)
    return TRUE;
  at = gw_tensor_get_int (value, 0);
  if (!gw_shape_normalize_axis (at, rank, axis))
    return gw_invalid (error, "ConcatOp : Expected concatenating dimensions in the range [%d, %d), but got %"
                       G_GINT64_FORMAT, -rank, rank, at);
  *known = TRUE;
  return TRUE;
}

/* Adds `shape` to what is joined so far along `axis` (-1 = not known). */
static gboolean
join_shape (GwShape       *sum,
            const GwShape *shape,
            int            axis,
            int            number,
            GError       **error)
{
  g_autofree char *first = NULL;
  g_autofree char *other = NULL;

  for (int i = 0; i < sum->rank && sum->rank == shape->rank; i++)
    {
      if (axis < 0)
        sum->dims[i] = GW_DIM_UNKNOWN;
      else if (i == axis && (sum->dims[i] < 0 || shape->dims[i] < 0))
        sum->dims[i] = GW_DIM_UNKNOWN;
      else if (i == axis)
        {
          if (__builtin_add_overflow (sum->dims[i], shape->dims[i], &sum->dims[i]))
            return gw_invalid (error, "the joined shape has more elements than can be counted");
        }
      else if (sum->dims[i] < 0)
        sum->dims[i] = shape->dims[i];
      else if (shape->dims[i] >= 0 && shape->dims[i] != sum->dims[i])
        goto mismatch;
    }
  if (sum->rank == shape->rank)
    return TRUE;

mismatch:
  first = gw_shape_to_string (sum);
  other = gw_shape_to_string (shape);
  return gw_invalid (error, "ConcatOp : Dimensions of inputs should match: those before are %s vs. shape[%d] = %s",
                     first, number, other);
}

static int
common_rank (const GwShape *values,
             int            n)
{
  for (int i = 0; i < n; i++)
    if (values[i].rank >= 0)
      return values[i].rank;
  return -1;
}

static gboolean
concat_shape (GwShapeContext *context,
              GError        **error)
{
  int n = context->n_inputs - 1;
  const GwShape *values = context->inputs + first_value (context->def);
  int rank = common_rank (values, n);
  gboolean known;
  GwShape sum;
  int axis = -1;

  if (rank == 0)
    return gw_invalid (error, "values are scalars, which have no dimension to join them along; use Pack");
  if (!concat_axis (context, rank, &known, &axis, error))
    return FALSE;
  if (rank < 0)
    return TRUE;
  sum = values[0].rank < 0 ? gw_shape_of_rank (rank) : values[0];
  for (int i = 1; i < n; i++)
    {
      GwShape shape = values[i].rank < 0 ? gw_shape_of_rank (rank) : values[i];

      if (!join_shape (&sum, &shape, known ? axis : -1, i, error))
        return FALSE;
    }
  context->outputs[0] = sum;
  return TRUE;
}

static gboolean
concat_value (GwShapeContext *context,
              GwShape        *value)
{
  *value = GW_SHAPE_SCALAR;
  for (int k = 0; k < context->n_inputs - 1; k++)
    {
      int i = k + first_value (context->def);
      GwShape part;

      if (context->inputs[i].rank != 1 || !gw_shape_input_as_shape (context, i, &part, NULL) || part.rank < 0 ||
          value->rank + part.rank > GW_MAX_RANK)
        return FALSE;
      for (int j = 0; j < part.rank; j++)
        value->dims[value->rank++] = part.dims[j];
    }
  return TRUE;
}

static gboolean
run_concat (GwKernelContext *context,
            const GwOpDef   *def,
            GError         **error)
{
  GwTensor *const *values = context->inputs + first_value (def);
  int64_t offset = 0;
  GwTensor *output;
  AxisView view;
  int axis = 0;

  if (!gw_array_prepare (context, def, error))
    return FALSE;
  output = context->outputs[0];
  gw_shape_normalize_axis (gw_tensor_get_int (context->inputs[axis_input (def, context->n_inputs)], 0), output->shape.rank, &axis);
  view = view_axis (&output->shape, axis);
  for (int i = 0; i < context->n_inputs - 1; i++)
    {
      int64_t size = values[i]->shape.dims[axis];

      copy_piece (context, &view, output, offset, values[i], size, TRUE);
      offset += size;
    }
  return TRUE;
}

static gboolean
concat_cpu (GwKernelContext *context,
            GError         **error)
{
  return run_concat (context, &concat_op, error);
}

static gboolean
concat_old_cpu (GwKernelContext *context,
                GError         **error)
{
  return run_concat (context, &concat_old_op, error);
}

/* Each input's own part of dy: Slice (dy, offset, shape). */
static void
concat_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  int n = context->node->n_inputs - 1;
  int first = first_value (context->node->def);
  GwOutput axis = gw_grad_x (context, axis_input (context->node->def, n + 1));
  g_autofree GwOutput *inputs = g_new (GwOutput, n + 1);
  GwNode *shapes = gw_node_new (b, "ShapeN", NULL, n, context->node->inputs + first, NULL);
  GwNode *offsets;

  inputs[0] = gw_array_cast (b, axis, GW_INT32);
  for (int i = 0; i < n; i++)
    inputs[i + 1] = gw_output_of (shapes, i);
  offsets = gw_node_new (b, "ConcatOffset", NULL, n + 1, inputs, NULL);
  for (int i = 0; i < n; i++)
    if (context->wanted[first + i])
      context->dx[first + i] = gw_op3 (b, "Slice", context->dy[0], gw_output_of (offsets, i), gw_output_of (shapes, i));
}

static const GwOpDef concat_op = {
  .name = "ConcatV2", .since = 1, .title = "Concatenate", .category = "arrays/Joining and splitting",
  .summary = "Joins tensors along a dimension that they have.",
  .doc = "All other dimensions must agree. `[[1, 2]]` and `[[3, 4]]` become `[[1, 2], [3, 4]]` along axis 0 and `[[1, 2, 3, 4]]` "
         "along axis 1. To join along a new dimension use Pack.",
  .inputs = GW_PORTS ({ "values", "T", "Two or more tensors.", .number_attr = "N" },
                      { "axis", "Tidx", "Dimension along which they are joined; negative from behind.",
                        .literal = "0" }),
  .outputs = GW_PORTS ({ "output", "T", "All of them in a row." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_N ("N", 2), GW_ARRAY_ATTR_T, GW_ARRAY_ATTR_INDEX ("Tidx")),
  .shape_rule = "that of the inputs, which agree in all dimensions but the axis; along it their sizes add up",
  .shape = concat_shape, .partial_value = concat_value, .grad = concat_grad, .cpu = concat_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5]]", "[[3.5, 4.5]]", "0"), "N=2", GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]") },
    { GW_TEXTS ("[[1.5, 2.5]]", "[[3.5, 4.5]]", "-1"), "N=2", GW_TEXTS ("[[1.5, 2.5, 3.5, 4.5]]") }),
};

static const GwOpDef concat_old_op = {
  .name = "Concat", .since = 1, .title = "Concatenate (older)", .category = "arrays/Joining and splitting",
  .summary = "Joins tensors along a dimension that they have.",
  .doc = "The older form of *ConcatV2*, with the dimension in front: the sizes of all other dimensions must agree.",
  .inputs = GW_PORTS ({ "concat_dim", "int32", "Dimension along which they are joined; negative from behind.", .literal = "0" },
                      { "values", "T", "Two or more tensors.", .number_attr = "N" }),
  .outputs = GW_PORTS ({ "output", "T", "All of them in a row." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_N ("N", 2), GW_ARRAY_ATTR_T),
  .flags = GW_OP_HIDDEN,
  .shape_rule = "that of the inputs, which agree in all dimensions but the axis; along it their sizes add up",
  .shape = concat_shape, .partial_value = concat_value, .grad = concat_grad, .cpu = concat_old_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("1", "[[1.5, 2.5]]", "[[3.5, 4.5]]"), "N=2", GW_TEXTS ("[[1.5, 2.5, 3.5, 4.5]]") }),
};

/* ---- ConcatOffset ---- */

static gboolean
concat_offset_shape (GwShapeContext *context,
                     GError        **error)
{
  const GwTensor *axis = gw_shape_input_value (context, 0);
  GwShape all = GW_SHAPE_UNKNOWN;
  int at;

  if (!gw_array_want_scalar (context, 0, error))
    return FALSE;
  for (int i = 1; i < context->n_inputs; i++)
    {
      GwShape shape;

      if (!gw_shape_want_rank (context, i, 1, &shape, error) ||
          !gw_array_merge (&all, &shape, "shape", &all, error))
        return FALSE;
    }
  for (int i = 0; i < context->n_outputs; i++)
    context->outputs[i] = all;
  if (axis == NULL || all.dims[0] < 0)
    return TRUE;
  if (all.dims[0] > GW_MAX_RANK)
    return gw_invalid (error, "shape has more than %d elements", GW_MAX_RANK);
  return gw_array_axis ("concat_dim", gw_tensor_get_int (axis, 0), (int) all.dims[0], &at, error);
}

static const GwOpDef concat_offset_op;

static gboolean
concat_offset_cpu (GwKernelContext *context,
                   GError         **error)
{
  int64_t offset[GW_MAX_RANK] = { 0 };
  int axis = 0;

  if (!gw_array_prepare (context, &concat_offset_op, error))
    return FALSE;
  gw_shape_normalize_axis (gw_tensor_get_int (context->inputs[0], 0), (int) context->inputs[1]->elements, &axis);
  for (int i = 0; i < context->n_outputs; i++)
    {
      const GwTensor *shape = context->inputs[i + 1];

      for (int d = 0; d < shape->elements; d++)
        if (d != axis && gw_tensor_get_int (shape, d) != gw_tensor_get_int (context->inputs[1], d))
          return gw_invalid (error, "All dimensions except %d must match. Input %d differs from input 0 in dimension %d.",
                             axis, i, d);
      gw_array_write_ints (context->outputs[i], offset);
      if (__builtin_add_overflow (offset[axis], gw_tensor_get_int (shape, axis), &offset[axis]))
        return gw_invalid (error, "shape: the sizes along dimension %d add up to more than can be counted", axis);
    }
  return TRUE;
}

static const GwOpDef concat_offset_op = {
  .name = "ConcatOffset", .since = 1, .title = "Offsets of concatenated parts", .category = "arrays/Joining and splitting",
  .summary = "Where each part starts when tensors of these shapes are joined.",
  .doc = "Used by the gradient of *ConcatV2*, which cuts its parts out again at these places.",
  .inputs = GW_PORTS ({ "concat_dim", "int32", "The dimension of the join." },
                      { "shape", "shape_type", "Shapes of the parts.", .number_attr = "N" }),
  .outputs = GW_PORTS ({ "offset", "shape_type", "Index of the first element of each part.", .number_attr = "N" }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_N ("N", 2), GW_ARRAY_ATTR_INDEX ("shape_type")),
  .flags = GW_OP_STOPS_GRADIENT | GW_OP_HIDDEN,
  .shape_rule = "as many vectors as there are inputs, of their length",
  .shape = concat_offset_shape, .cpu = concat_offset_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("1", "[2, 2]", "[2, 3]"), "N=2", GW_TEXTS ("[0, 0]", "[0, 2]") }),
};

/* ---- Pack and Unpack ---- */

enum { PACK_N, PACK_T, PACK_AXIS };

static gboolean
pack_shape (GwShapeContext *context,
            GError        **error)
{
  int64_t axis = context->attrs[PACK_AXIS].i;
  GwShape one = GW_SHAPE_UNKNOWN;
  GwShape *out = &context->outputs[0];
  int at;

  for (int i = 0; i < context->n_inputs; i++)
    if (!gw_array_merge (&one, &context->inputs[i], "values", &one, error))
      return FALSE;
  if (one.rank < 0)
    return TRUE;
  if (one.rank == GW_MAX_RANK)
    return gw_invalid (error, "values have %d dimensions already, which is the most", one.rank);
  if (!gw_shape_normalize_axis (axis, one.rank + 1, &at))
    return gw_invalid (error, "Invalid axis: %" G_GINT64_FORMAT "; must be in [%d,%d)", axis, -one.rank - 1, one.rank + 1);
  *out = gw_shape_of_rank (one.rank + 1);
  for (int i = 0; i < out->rank; i++)
    out->dims[i] = i == at ? context->n_inputs : one.dims[i > at ? i - 1 : i];
  return gw_array_check_size (out, error);
}

static gboolean
pack_value (GwShapeContext *context,
            GwShape        *value)
{
  if (context->n_inputs > GW_MAX_RANK)
    return FALSE;
  *value = gw_shape_of_rank (context->n_inputs);
  for (int i = 0; i < context->n_inputs; i++)
    {
      GwShape part;

      if (context->inputs[i].rank != 0 || !gw_shape_input_as_shape (context, i, &part, NULL))
        return FALSE;
      if (part.rank == 1)
        value->dims[i] = part.dims[0];
    }
  return TRUE;
}

static gboolean
pack_cpu (GwKernelContext *context,
          GError         **error)
{
  GwTensor *output = context->outputs[0];
  AxisView view;
  int axis = 0;

  gw_shape_normalize_axis (context->attrs[PACK_AXIS].i, output->shape.rank, &axis);
  view = view_axis (&output->shape, axis);
  for (int i = 0; i < context->n_inputs; i++)
    copy_piece (context, &view, output, i, context->inputs[i], 1, TRUE);
  return TRUE;
}

static void
pack_grad (GwGradContext *context)
{
  const GwAttrValue *attrs = context->node->attrs;
  const GwAttrSetting settings[] = { { "num", attrs[PACK_N] }, { "axis", attrs[PACK_AXIS] }, { NULL } };
  GwNode *parts = gw_node_new (context->builder, "Unpack", NULL, 1, context->dy, settings);

  for (int i = 0; i < context->node->n_inputs; i++)
    context->dx[i] = gw_output_of (parts, i);
}

static const GwOpDef pack_op = {
  .name = "Pack", .since = 1, .title = "Stack", .category = "arrays/Joining and splitting",
  .summary = "Joins tensors of one shape along a new dimension.",
  .doc = "Three vectors of 4 become a matrix of 3 × 4 (`axis` 0) or 4 × 3 (`axis` 1). What Python calls `tf.stack`.",
  .inputs = GW_PORTS ({ "values", "T", "Tensors of one shape.", .number_attr = "N" }),
  .outputs = GW_PORTS ({ "output", "T", "One dimension more." }),
  .attrs = GW_ATTRS (
    [PACK_N] = GW_ARRAY_ATTR_N ("N", 1), [PACK_T] = GW_ARRAY_ATTR_T,
    [PACK_AXIS] = { "axis", GW_ATTR_INT, .def = "0", .min = -GW_MAX_RANK, .max = GW_MAX_RANK, .label = "Axis",
                    .help = "Position of the new dimension; negative from behind." }),
  .shape_rule = "that of the inputs, which must agree, with N as one more dimension at `axis`",
  .shape = pack_shape, .partial_value = pack_value, .grad = pack_grad, .cpu = pack_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1.5, 2.5]", "[3.5, 4.5]"), "N=2", GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]") },
    { GW_TEXTS ("[1.5, 2.5]", "[3.5, 4.5]"), "N=2 axis=1", GW_TEXTS ("[[1.5, 3.5], [2.5, 4.5]]") }),
  .tell = GW_TEXTS ("axis"),
};

enum { UNPACK_NUM, UNPACK_T, UNPACK_AXIS };

static gboolean
unpack_shape (GwShapeContext *context,
              GError        **error)
{
  const GwShape *in = &context->inputs[0];
  int64_t num = context->attrs[UNPACK_NUM].i;
  GwShape one = GW_SHAPE_SCALAR;
  g_autofree char *text = NULL;
  int axis;

  if (in->rank < 0)
    return TRUE;
  if (in->rank == 0)
    return gw_invalid (error, "value must be at least rank 1 but is a scalar");
  if (!gw_array_axis ("axis", context->attrs[UNPACK_AXIS].i, in->rank, &axis, error))
    return FALSE;
  text = gw_shape_to_string (in);
  if (in->dims[axis] >= 0 && in->dims[axis] != num)
    return gw_invalid (error, "Input shape axis %d must equal %" G_GINT64_FORMAT ", got shape %s", axis, num, text);
  for (int i = 0; i < in->rank; i++)
    if (i != axis)
      one.dims[one.rank++] = in->dims[i];
  for (int i = 0; i < context->n_outputs; i++)
    context->outputs[i] = one;
  return TRUE;
}

static const GwOpDef unpack_op;

static gboolean
unpack_cpu (GwKernelContext *context,
            GError         **error)
{
  GwTensor *value = context->inputs[0];
  AxisView view;
  int axis = 0;

  if (!gw_array_prepare (context, &unpack_op, error))
    return FALSE;
  gw_shape_normalize_axis (context->attrs[UNPACK_AXIS].i, value->shape.rank, &axis);
  view = view_axis (&value->shape, axis);
  for (int i = 0; i < context->n_outputs; i++)
    copy_piece (context, &view, value, i, context->outputs[i], 1, FALSE);
  return TRUE;
}

/* The gradients of all outputs. Free with g_free(). */
static GwOutput *
all_dy (GwGradContext *context,
        int            extra)
{
  int n = context->node->n_outputs;
  GwOutput *dys = g_new (GwOutput, MAX (n + extra, 1));

  for (int i = 0; i < n; i++)
    dys[i] = gw_grad_dy (context, i);
  return dys;
}

static void
unpack_grad (GwGradContext *context)
{
  g_autofree GwOutput *dys = all_dy (context, 0);
  const GwAttrSetting axis[] = { { "axis", context->node->attrs[UNPACK_AXIS] }, { NULL } };

  context->dx[0] = gw_op (context->builder, "Pack", context->node->n_outputs, dys, axis);
}

static const GwOpDef unpack_op = {
  .name = "Unpack", .since = 1, .title = "Unstack", .category = "arrays/Joining and splitting",
  .summary = "Takes a tensor apart along a dimension, which goes.",
  .doc = "A matrix of 3 × 4 becomes three vectors of 4 (`axis` 0). `num` must be the size of that dimension. What Python "
         "calls `tf.unstack`.",
  .inputs = GW_PORTS ({ "value", "T", "Any tensor but a scalar." }),
  .outputs = GW_PORTS ({ "output", "T", "The parts.", .number_attr = "num" }),
  .attrs = GW_ATTRS (
    [UNPACK_NUM] = { "num", GW_ATTR_INT, .def = "2", .min = 0, .max = 65536, .label = "Number",
                     .help = "Size of the dimension taken apart." },
    [UNPACK_T] = GW_ARRAY_ATTR_T,
    [UNPACK_AXIS] = { "axis", GW_ATTR_INT, .def = "0", .min = -GW_MAX_RANK, .max = GW_MAX_RANK, .label = "Axis",
                      .help = "The dimension taken apart; negative from behind." }),
  .shape_rule = "the input's without dimension `axis`, whose size must be `num`",
  .shape = unpack_shape, .grad = unpack_grad, .cpu = unpack_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]"), "num=2 axis=1", GW_TEXTS ("[1.5, 3.5]", "[2.5, 4.5]") }),
  .tell = GW_TEXTS ("num", "axis"),
};

/* ---- Split and SplitV ---- */

enum { SPLIT_NUM, SPLIT_T };

/* The outputs: `in` with the axis cut into `sizes`, or all open when that is not known. */
static void
set_parts (GwShapeContext *context,
           const GwShape  *in,
           int             axis,
           const int64_t  *sizes)
{
  for (int i = 0; i < context->n_outputs; i++)
    {
      GwShape part = *in;

      if (axis >= 0)
        part.dims[axis] = sizes != NULL ? sizes[i] : GW_DIM_UNKNOWN;
      else
        part = gw_shape_of_rank (in->rank);
      context->outputs[i] = part;
    }
}

static gboolean
split_axis (GwShapeContext *context,
            int             input,
            const GwShape  *in,
            int            *axis,
            GError        **error)
{
  gboolean known;
  int64_t at;

  *axis = -1;
  if (!gw_array_input_int (context, input, &known, &at, error))
    return FALSE;
  if (in->rank == 0)
    return gw_invalid (error, "value must be at least rank 1 but is a scalar");
  if (!known || in->rank < 0)
    return TRUE;
  return gw_array_axis ("axis", at, in->rank, axis, error);
}

static gboolean
split_shape (GwShapeContext *context,
             GError        **error)
{
  const GwShape *in = &context->inputs[1];
  int64_t num = context->attrs[SPLIT_NUM].i;
  g_autofree int64_t *sizes = NULL;
  int axis;

  if (!split_axis (context, 0, in, &axis, error))
    return FALSE;
  if (in->rank < 0)
    return TRUE;
  if (axis >= 0 && in->dims[axis] >= 0)
    {
      if (in->dims[axis] % num != 0)
        return gw_invalid (error, "Number of ways to split should evenly divide the split dimension, but got axis %d "
                           "(size = %" G_GINT64_FORMAT ") and num_split %" G_GINT64_FORMAT, axis, in->dims[axis], num);
      sizes = g_new (int64_t, num);
      for (int i = 0; i < num; i++)
        sizes[i] = in->dims[axis] / num;
    }
  set_parts (context, in, axis, sizes);
  return TRUE;
}

static void
copy_parts (GwKernelContext *context,
            GwTensor        *value,
            const GwTensor  *axis_value)
{
  int64_t offset = 0;
  AxisView view;
  int axis = 0;

  gw_shape_normalize_axis (gw_tensor_get_int (axis_value, 0), value->shape.rank, &axis);
  view = view_axis (&value->shape, axis);
  for (int i = 0; i < context->n_outputs; i++)
    {
      int64_t size = context->outputs[i]->shape.dims[axis];

      copy_piece (context, &view, value, offset, context->outputs[i], size, FALSE);
      offset += size;
    }
}

static const GwOpDef split_op;

static gboolean
split_cpu (GwKernelContext *context,
           GError         **error)
{
  if (!gw_array_prepare (context, &split_op, error))
    return FALSE;
  copy_parts (context, context->inputs[1], context->inputs[0]);
  return TRUE;
}

/* The parts' gradients joined again; `axis` and `value` are input numbers. */
static void
join_parts (GwGradContext *context,
            int            axis,
            int            value)
{
  int n = context->node->n_outputs;
  g_autofree GwOutput *inputs = all_dy (context, 1);

  inputs[n] = gw_grad_x (context, axis);
  context->dx[value] = n == 1 ? inputs[0] : gw_op (context->builder, "ConcatV2", n + 1, inputs, NULL);
}

static void
split_grad (GwGradContext *context)
{
  join_parts (context, 0, 1);
}

#define NUM_SPLIT { "num_split", GW_ATTR_INT, .def = "2", .min = 1, .max = 65536, .label = "Parts", .help = "How many parts." }

static const GwOpDef split_op = {
  .name = "Split", .since = 1, .title = "Split", .category = "arrays/Joining and splitting",
  .summary = "Cuts a tensor into equal parts along a dimension.",
  .doc = "The size of that dimension must be a multiple of `num_split`. The parts keep the dimension; to drop it as well use "
         "Unpack, for parts of different sizes SplitV.",
  .inputs = GW_PORTS ({ "axis", "int32", "The dimension that is cut; negative from behind.", .literal = "0" },
                      { "value", "T", "Any tensor but a scalar." }),
  .outputs = GW_PORTS ({ "output", "T", "The parts in order.", .number_attr = "num_split" }),
  .attrs = GW_ATTRS ([SPLIT_NUM] = NUM_SPLIT, [SPLIT_T] = GW_ARRAY_ATTR_T),
  .shape_rule = "the input's with the axis divided by num_split, which must divide it",
  .shape = split_shape, .grad = split_grad, .cpu = split_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("1", "[[1.5, 2.5, 3.5, 4.5]]"), "num_split=2", GW_TEXTS ("[[1.5, 2.5]]", "[[3.5, 4.5]]") }),
  .tell = GW_TEXTS ("num_split"),
};

/* The one size of -1 becomes what the others leave of `dim` (-1 when that is open). */
static gboolean
solve_sizes (int64_t  *sizes,
             int64_t   n,
             int64_t   dim,
             GError  **error)
{
  int64_t sum = 0, open = -1;

  for (int64_t i = 0; i < n; i++)
    {
      if (sizes[i] == -1 && open < 0)
        open = i;
      else if (sizes[i] < 0)
        return gw_invalid (error, "size_splits[%" G_GINT64_FORMAT "] = %" G_GINT64_FORMAT
                           "; sizes are at least 0, and one of them may be -1", i, sizes[i]);
      else if (__builtin_add_overflow (sum, sizes[i], &sum))
        return gw_invalid (error, "the sizes in size_splits are too big");
    }
  if (dim >= 0 && (open < 0 ? sum != dim : sum > dim))
    return gw_invalid (error, "Determined shape must either match input shape along split_dim exactly if fully specified, "
                       "or be less than the size of the input along split_dim if not fully specified.  Got: %"
                       G_GINT64_FORMAT, sum);
  if (open >= 0)
    sizes[open] = dim >= 0 ? dim - sum : -1;
  return TRUE;
}

static gboolean
split_v_shape (GwShapeContext *context,
               GError        **error)
{
  const GwShape *in = &context->inputs[0];
  const GwTensor *value = gw_shape_input_value (context, 1);
  int64_t num = context->attrs[SPLIT_NUM].i;
  g_autofree int64_t *sizes = NULL;
  GwShape vector;
  int axis;

  if (!split_axis (context, 2, in, &axis, error) || !gw_shape_want_rank (context, 1, 1, &vector, error))
    return FALSE;
  if (vector.dims[0] >= 0 && vector.dims[0] != num)
    return gw_invalid (error, "size_splits has %" G_GINT64_FORMAT " elements, num_split is %" G_GINT64_FORMAT,
                       vector.dims[0], num);
  if (in->rank < 0)
    return TRUE;
  if (axis >= 0 && value != NULL)
    {
      sizes = g_new (int64_t, num);
      for (int i = 0; i < num; i++)
        sizes[i] = gw_tensor_get_int (value, i);
      if (!solve_sizes (sizes, num, in->dims[axis], error))
        return FALSE;
    }
  set_parts (context, in, axis, sizes);
  return TRUE;
}

static const GwOpDef split_v_op;

static gboolean
split_v_cpu (GwKernelContext *context,
             GError         **error)
{
  if (!gw_array_prepare (context, &split_v_op, error))
    return FALSE;
  copy_parts (context, context->inputs[0], context->inputs[2]);
  return TRUE;
}

static void
split_v_grad (GwGradContext *context)
{
  join_parts (context, 2, 0);
}

static const GwOpDef split_v_op = {
  .name = "SplitV", .since = 1, .title = "Split into sizes", .category = "arrays/Joining and splitting",
  .summary = "Cuts a tensor into parts of given sizes along a dimension.",
  .doc = "The sizes must add up to that dimension; one of them may be -1 and takes what the others leave.",
  .inputs = GW_PORTS ({ "value", "T", "Any tensor but a scalar." },
                      { "size_splits", "Tlen", "Size of each part; one may be -1.", .literal = "[1, -1]" },
                      { "axis", "int32", "The dimension that is cut; negative from behind.", .literal = "0" }),
  .outputs = GW_PORTS ({ "output", "T", "The parts in order.", .number_attr = "num_split" }),
  .attrs = GW_ATTRS ([SPLIT_NUM] = NUM_SPLIT, [SPLIT_T] = GW_ARRAY_ATTR_T,
                     { "Tlen", GW_ATTR_DTYPE, .def = "int64", .choices = GW_CHOICES ("int32", "int64", "int8"), .label = "Index type",
                       .help = "Type of the sizes; follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .shape_rule = "the input's with size_splits[i] along the axis; one of these may be -1, and they must add up",
  .shape = split_v_shape, .grad = split_v_grad, .cpu = split_v_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1.5, 2.5, 3.5]", "[1, -1]", "0"), "num_split=2 Tlen=int32", GW_TEXTS ("[1.5]", "[2.5, 3.5]") }),
  .tell = GW_TEXTS ("num_split"),
};

const GwOpDef *const gw_ops_array_join[] = {
  &concat_op, &concat_old_op, &concat_offset_op, &pack_op, &unpack_op, &split_op, &split_v_op, NULL,
};
