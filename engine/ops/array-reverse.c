/* SPDX-License-Identifier: Apache-2.0 */
/* Ops that turn dimensions round: Reverse, ReverseV2, ReverseSequence and Roll. */
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

/* ---- Reverse and ReverseV2 ---- */

static gboolean
run_reverse (GwKernelContext *context,
             const gboolean   reversed[GW_MAX_RANK])
{
  const GwTensor *input = context->inputs[0];
  GwTensor *output = context->outputs[0];
  int64_t strides[GW_MAX_RANK];
  GwStridedCopy box = { 0 };
  int64_t offset = 0;

  if (input->elements == 0)
    return TRUE;
  gw_shape_strides (&input->shape, strides);
  for (int i = 0; i < input->shape.rank; i++)
    {
      int64_t dim = input->shape.dims[i];

      offset += reversed[i] ? (dim - 1) * strides[i] : 0;
      gw_strided_copy_append (&box, dim, reversed[i] ? -strides[i] : strides[i], strides[i]);
    }
  gw_strided_copy_run (context, &box, input->dtype, gw_element_at (input->data, input->dtype, offset), output->data);
  return TRUE;
}

static gboolean
reverse_shape (GwShapeContext *context,
               GError        **error)
{
  const GwShape *in = &context->inputs[0];
  GwShape vector;

  if (!gw_shape_want_rank (context, 1, 1, &vector, error))
    return FALSE;
  if (in->rank >= 0 && vector.dims[0] >= 0 && vector.dims[0] != in->rank)
    return gw_invalid (error, "reverse dims must be a vector of size %d (the rank of tensor), not %" G_GINT64_FORMAT,
                       in->rank, vector.dims[0]);
  context->outputs[0] = *in;
  if (in->rank < 0 && vector.dims[0] >= 0 && vector.dims[0] <= GW_MAX_RANK)
    context->outputs[0] = gw_shape_of_rank ((int) vector.dims[0]);
  return TRUE;
}

static const GwOpDef reverse_op;

static gboolean
reverse_cpu (GwKernelContext *context,
             GError         **error)
{
  gboolean reversed[GW_MAX_RANK];

  if (!gw_array_prepare (context, &reverse_op, error))
    return FALSE;
  for (int i = 0; i < context->inputs[0]->shape.rank; i++)
    reversed[i] = GW_TENSOR_DATA (context->inputs[1], uint8_t)[i] != 0;
  return run_reverse (context, reversed);
}

static void
reverse_grad (GwGradContext *context)
{
  context->dx[0] = gw_op2 (context->builder, context->node->def->name, context->dy[0], gw_grad_x (context, 1));
}

static const GwOpDef reverse_op = {
  .name = "Reverse", .since = 1, .title = "Reverse by flags", .category = "arrays/Ordering",
  .summary = "Reverses the dimensions that are marked.",
  .doc = "The older form of ReverseV2: a flag for each dimension instead of the numbers of those to reverse.",
  .inputs = GW_PORTS ({ "tensor", "T", "Any tensor." },
                      { "dims", "bool", "One flag for each dimension.", .literal = "[true]" }),
  .outputs = GW_PORTS ({ "output", "T", "The same elements, turned round." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", GW_MOVED_TYPES)),
  .flags = GW_OP_HIDDEN,
  .shape_rule = "the tensor's; dims has one element for each of its dimensions",
  .shape = reverse_shape, .grad = reverse_grad, .cpu = reverse_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[false, true]"), NULL, GW_TEXTS ("[[2.5, 1.5], [4.5, 3.5]]") }),
};

/* Marks the dimensions that `axes` names. */
static gboolean
reversed_axes (const GwTensor *axes,
               int             rank,
               gboolean        reversed[GW_MAX_RANK],
               GError        **error)
{
  for (int i = 0; i < GW_MAX_RANK; i++)
    reversed[i] = FALSE;
  for (int64_t i = 0; i < axes->elements; i++)
    {
      int axis;

      if (!gw_array_axis ("axis", gw_tensor_get_int (axes, i), rank, &axis, error))
        return FALSE;
      if (reversed[axis])
        return gw_invalid (error, "axis %d specified more than once.", axis);
      reversed[axis] = TRUE;
    }
  return TRUE;
}

static gboolean
reverse_v2_shape (GwShapeContext *context,
                  GError        **error)
{
  const GwTensor *axes = gw_shape_input_value (context, 1);
  gboolean reversed[GW_MAX_RANK];

  context->outputs[0] = context->inputs[0];
  return gw_array_want_vector (context, 1, error) &&
         (axes == NULL || context->inputs[0].rank < 0 ||
          reversed_axes (axes, context->inputs[0].rank, reversed, error));
}

static const GwOpDef reverse_v2_op;

static gboolean
reverse_v2_cpu (GwKernelContext *context,
                GError         **error)
{
  gboolean reversed[GW_MAX_RANK];

  return gw_array_prepare (context, &reverse_v2_op, error) &&
         reversed_axes (context->inputs[1], context->inputs[0]->shape.rank, reversed, error) &&
         run_reverse (context, reversed);
}

static const GwOpDef reverse_v2_op = {
  .name = "ReverseV2", .since = 1, .title = "Reverse", .category = "arrays/Ordering",
  .summary = "Reverses the order along given dimensions.",
  .doc = "Along each dimension that `axis` names the last index comes first. `[0]` turns a matrix upside down, `[1]` "
         "mirrors it, `[]` leaves it as it is. Each dimension may be named once.",
  .inputs = GW_PORTS ({ "tensor", "T", "Any tensor." },
                      { "axis", "Tidx", "Dimensions to reverse; negative from behind.", .literal = "[0]" }),
  .outputs = GW_PORTS ({ "output", "T", "The same elements, turned round." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_INDEX ("Tidx"), GW_ARRAY_ATTR_TYPE ("T", GW_MOVED_TYPES)),
  .shape_rule = "the tensor's",
  .shape = reverse_v2_shape, .grad = reverse_grad, .cpu = reverse_v2_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[0]"), NULL, GW_TEXTS ("[[3.5, 4.5], [1.5, 2.5]]") },
    { GW_TEXTS ("[[1.5, 2.5], [3.5, 4.5]]", "[-1, 0]"), NULL, GW_TEXTS ("[[4.5, 3.5], [2.5, 1.5]]") }),
};

/* ---- ReverseSequence ---- */

enum { SEQUENCE_DIM, SEQUENCE_BATCH_DIM };

static gboolean
check_lengths (const GwTensor *lengths,
               int64_t         dim,
               GError        **error)
{
  for (int64_t i = 0; i < lengths->elements; i++)
    {
      int64_t length = gw_tensor_get_int (lengths, i);

      if (length < 0 || (dim >= 0 && length > dim))
        return gw_invalid (error, "seq_lengths[%" G_GINT64_FORMAT "] = %" G_GINT64_FORMAT " is not in [0, %" G_GINT64_FORMAT
                           "], the size of dimension seq_dim", i, length, dim);
    }
  return TRUE;
}

static gboolean
reverse_sequence_shape (GwShapeContext *context,
                        GError        **error)
{
  const GwShape *in = &context->inputs[0];
  const GwTensor *lengths = gw_shape_input_value (context, 1);
  int64_t seq = context->attrs[SEQUENCE_DIM].i, batch = context->attrs[SEQUENCE_BATCH_DIM].i;
  GwShape vector, *out = &context->outputs[0];

  if (!gw_shape_want_rank (context, 1, 1, &vector, error))
    return FALSE;
  if (batch == seq)
    return gw_invalid (error, "batch_dim == seq_dim %" G_GINT64_FORMAT, seq);
  if (in->rank < 0)
    return TRUE;
  if (seq >= in->rank || batch >= in->rank)
    return gw_invalid (error, "%s must be < input rank: %" G_GINT64_FORMAT " vs. %d", seq >= in->rank ? "seq_dim" : "batch_dim",
                       seq >= in->rank ? seq : batch, in->rank);
  *out = *in;
  if (out->dims[batch] < 0)
    out->dims[batch] = vector.dims[0];
  else if (vector.dims[0] >= 0 && vector.dims[0] != out->dims[batch])
    return gw_invalid (error, "Length of seq_lengths != input.dims(%" G_GINT64_FORMAT "), (%" G_GINT64_FORMAT " vs. %"
                       G_GINT64_FORMAT ")", batch, vector.dims[0], out->dims[batch]);
  return lengths == NULL || check_lengths (lengths, in->dims[seq], error);
}

static const GwOpDef reverse_sequence_op;

/* One index of the batch dimension: `length` steps from the last on, or the rest forwards. */
static void
copy_steps (GwKernelContext *context,
            int64_t          index,
            int64_t          begin,
            int64_t          length,
            gboolean         reversed)
{
  const GwTensor *input = context->inputs[0];
  int seq = (int) context->attrs[SEQUENCE_DIM].i, batch = (int) context->attrs[SEQUENCE_BATCH_DIM].i;
  int64_t strides[GW_MAX_RANK];
  GwStridedCopy box = { 0 };
  int64_t src, dst;

  if (length <= 0 || input->elements == 0)
    return;
  gw_shape_strides (&input->shape, strides);
  for (int i = 0; i < input->shape.rank; i++)
    if (i != batch)
      gw_strided_copy_append (&box, i == seq ? length : input->shape.dims[i], i == seq && reversed ? -strides[i] : strides[i],
                              strides[i]);
  dst = index * strides[batch] + begin * strides[seq];
  src = reversed ? dst + (length - 1) * strides[seq] : dst;
  gw_strided_copy_run (context, &box, input->dtype, gw_element_at (input->data, input->dtype, src),
                       gw_element_at (context->outputs[0]->data, input->dtype, dst));
}

static gboolean
reverse_sequence_cpu (GwKernelContext *context,
                      GError         **error)
{
  const GwTensor *input = context->inputs[0], *lengths = context->inputs[1];
  int64_t steps;

  if (!gw_array_prepare (context, &reverse_sequence_op, error))
    return FALSE;
  steps = input->shape.dims[context->attrs[SEQUENCE_DIM].i];
  for (int64_t i = 0; i < lengths->elements; i++)
    {
      int64_t length = gw_tensor_get_int (lengths, i);

      copy_steps (context, i, 0, length, TRUE);
      copy_steps (context, i, length, steps - length, FALSE);
    }
  return TRUE;
}

static void
reverse_sequence_grad (GwGradContext *context)
{
  context->dx[0] = gw_array_op_like (context, "ReverseSequence", GW_IN (context->dy[0], gw_grad_x (context, 1)));
}

static const GwOpDef reverse_sequence_op = {
  .name = "ReverseSequence", .since = 1, .title = "Reverse sequences", .category = "arrays/Ordering",
  .summary = "Reverses the beginning of each sequence of a batch, as long as the sequence is.",
  .doc = "A batch of sequences of different lengths is padded at the end. For number i of the batch the first "
         "`seq_lengths[i]` steps along `seq_dim` are reversed, and what is behind them stays where it is. This is how the "
         "backward half of a bidirectional recurrent network reads its input, and how its output is turned back.",
  .inputs = GW_PORTS ({ "input", "T", "Sequences, at least rank 2." },
                      { "seq_lengths", "Tlen", "Length of each sequence of the batch." }),
  .outputs = GW_PORTS ({ "output", "T", "The sequences, reversed." }),
  .attrs = GW_ATTRS (
    [SEQUENCE_DIM] = { "seq_dim", GW_ATTR_INT, .def = "1", .min = 0, .max = GW_MAX_RANK - 1, .label = "Steps along",
                       .flags = GW_ATTR_REQUIRED,
                       .help = "Dimension of the steps." },
    [SEQUENCE_BATCH_DIM] = { "batch_dim", GW_ATTR_INT, .def = "0", .min = 0, .max = GW_MAX_RANK - 1,
                             .label = "Batch along", .help = "Dimension of the sequences." },
    GW_ARRAY_ATTR_TYPE ("T", GW_MOVED_TYPES),
    { "Tlen", GW_ATTR_DTYPE, .def = "int64", .choices = GW_INDEX_TYPES, .label = "Index type",
      .help = "Type of the lengths; follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .shape_rule = "the input's; seq_lengths has one element for each of the batch",
  .shape = reverse_sequence_shape, .grad = reverse_sequence_grad, .cpu = reverse_sequence_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]", "[2, 3]"), "seq_dim=1 Tlen=int32",
      GW_TEXTS ("[[2.5, 1.5, 3.5], [6.5, 5.5, 4.5]]") }),
  .tell = GW_TEXTS ("seq_dim", "batch_dim"),
};

/* ---- Roll ---- */

static gboolean
roll_offsets (const GwTensor *shift,
              const GwTensor *axes,
              const GwShape  *shape,
              int64_t         offsets[GW_MAX_RANK],
              GError        **error)
{
  for (int i = 0; i < GW_MAX_RANK; i++)
    offsets[i] = 0;
  for (int64_t i = 0; i < axes->elements; i++)
    {
      int64_t dim, by;
      int axis;

      if (!gw_shape_normalize_axis (gw_tensor_get_int (axes, i), shape->rank, &axis))
        return gw_invalid (error, "axis %" G_GINT64_FORMAT " is out of range [-%d, %d)", gw_tensor_get_int (axes, i),
                           shape->rank, shape->rank);
      dim = MAX (shape->dims[axis], 1);
      by = shift != NULL ? gw_tensor_get_int (shift, i) % dim : 0;
      offsets[axis] = ((offsets[axis] + by) % dim + dim) % dim;
    }
  return TRUE;
}

static gboolean
roll_shape (GwShapeContext *context,
            GError        **error)
{
  const GwShape *in = &context->inputs[0], *shift = &context->inputs[1], *axis = &context->inputs[2];
  const GwTensor *axes = gw_shape_input_value (context, 2);
  int64_t offsets[GW_MAX_RANK];
  GwShape merged;

  if (!gw_shape_want_rank_at_least (context, 0, 1, error))
    return FALSE;
  for (int i = 1; i < 3; i++)
    if (context->inputs[i].rank > 1)
      return gw_invalid (error, "%s must be a scalar or a 1-D vector, but is rank %d", gw_shape_input_name (context, i),
                         context->inputs[i].rank);
  if (shift->rank >= 0 && axis->rank >= 0 && !gw_array_merge (shift, axis, "shift and axis must have the same size", &merged, error))
    return FALSE;
  context->outputs[0] = *in;
  return axes == NULL || in->rank < 0 || roll_offsets (NULL, axes, in, offsets, error);
}

static const GwOpDef roll_op;

/* Each rolled dimension falls into two runs: box `part` takes the first or the second of
 * each, by its bits. */
static void
copy_part (GwKernelContext *context,
           const int64_t    offsets[GW_MAX_RANK],
           int              part)
{
  const GwTensor *input = context->inputs[0];
  const GwShape *shape = &input->shape;
  int64_t strides[GW_MAX_RANK];
  GwStridedCopy box = { 0 };
  int64_t src = 0, dst = 0;

  gw_shape_strides (shape, strides);
  for (int i = 0, bit = 0; i < shape->rank; i++)
    {
      int64_t wrap = shape->dims[i] - offsets[i];
      gboolean second = offsets[i] > 0 && (part >> bit++ & 1) != 0;

      src += second ? wrap * strides[i] : 0;
      dst += second ? 0 : offsets[i] * strides[i];
      gw_strided_copy_append (&box, second ? offsets[i] : wrap, strides[i], strides[i]);
    }
  gw_strided_copy_run (context, &box, input->dtype, gw_element_at (input->data, input->dtype, src),
                       gw_element_at (context->outputs[0]->data, input->dtype, dst));
}

static gboolean
roll_cpu (GwKernelContext *context,
          GError         **error)
{
  int64_t offsets[GW_MAX_RANK];
  int rolled = 0;

  if (!gw_array_prepare (context, &roll_op, error) ||
      !roll_offsets (context->inputs[1], context->inputs[2], &context->inputs[0]->shape, offsets, error))
    return FALSE;
  for (int i = 0; i < context->inputs[0]->shape.rank; i++)
    rolled += offsets[i] > 0;
  for (int part = 0; part < 1 << rolled && context->inputs[0]->elements > 0; part++)
    copy_part (context, offsets, part);
  return TRUE;
}

static void
roll_grad (GwGradContext *context)
{
  GwOutput back = gw_op1 (context->builder, "Neg", gw_grad_x (context, 1));

  context->dx[0] = gw_op3 (context->builder, "Roll", context->dy[0], back, gw_grad_x (context, 2));
}

static const GwOpDef roll_op = {
  .name = "Roll", .since = 1, .title = "Roll", .category = "arrays/Ordering",
  .summary = "Shifts the elements along dimensions, with those pushed out coming in again at the other end.",
  .doc = "Along dimension `axis[i]` everything moves on by `shift[i]`, backwards when that is negative. A dimension may be "
         "named more than once; its shifts add up.",
  .inputs = GW_PORTS ({ "input", "T", "Any tensor but a scalar." },
                      { "shift", "Tshift", "By how many places: one number, or one for each axis.", .literal = "1" },
                      { "axis", "Taxis", "Along which dimensions; negative from behind.", .literal = "0" }),
  .outputs = GW_PORTS ({ "output", "T", "The shifted tensor." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_T, GW_ARRAY_ATTR_POSITIONS ("Tshift", GW_INDEX_TYPES),
                     GW_ARRAY_ATTR_POSITIONS ("Taxis", GW_INDEX_TYPES)),
  .shape_rule = "the input's; shift and axis have as many elements as each other",
  .shape = roll_shape, .grad = roll_grad, .cpu = roll_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1.5, 2.5, 3.5, 4.5]", "1", "0"), NULL, GW_TEXTS ("[4.5, 1.5, 2.5, 3.5]") },
    { GW_TEXTS ("[[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]", "[1, -1]", "[0, 1]"), NULL,
      GW_TEXTS ("[[5.5, 6.5, 4.5], [2.5, 3.5, 1.5]]") }),
};

const GwOpDef *const gw_ops_array_reverse[] = {
  &reverse_op, &reverse_v2_op, &reverse_sequence_op, &roll_op, NULL,
};
