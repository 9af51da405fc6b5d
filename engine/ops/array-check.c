/* SPDX-License-Identifier: Apache-2.0 */
/* Ops that hand their input on and say something about it: its shape, its bits, its
 * gradient. */
#include "engine/base/error.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <string.h>

/* ---- PreventGradient, Snapshot ---- */

enum { PREVENT_T, PREVENT_MESSAGE };

static void
prevent_grad (GwGradContext *context)
{
  gw_builder_fail (context->builder, GW_ERROR_UNIMPLEMENTED, "Gradient explicitly disabled at '%s'. Reason: %s",
                   context->node->name, context->node->attrs[PREVENT_MESSAGE].s);
}

static const GwOpDef prevent_gradient_op = {
  .name = "PreventGradient", .since = 1, .title = "Prevent gradient", .category = "arrays/Types and checks",
  .summary = "Its input, with an error when a gradient is asked for through it.",
  .doc = "For values whose derivative would be wrong or is not worked out. StopGradient instead lets training pass by quietly.",
  .inputs = GW_PORTS ({ "input", "T", "Anything." }),
  .outputs = GW_PORTS ({ "output", "T", "The same." }),
  .attrs = GW_ATTRS ([PREVENT_T] = GW_ARRAY_ATTR_T,
                     [PREVENT_MESSAGE] = { "message", GW_ATTR_STRING, .label = "Message", .help = "The reason, for the error." }),
  .flags = GW_OP_FORWARDS_INPUT,
  .shape = gw_shape_rule_same, .partial_value = gw_array_partial_same, .grad = prevent_grad, .cpu = gw_array_kernel_copy,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2.5]"), NULL, GW_TEXTS ("[1.5, 2.5]") }),
};

static const GwOpDef snapshot_op = {
  .name = "Snapshot", .since = 1, .title = "Snapshot", .category = "arrays/Types and checks",
  .summary = "A copy of its input.",
  .doc = "TensorFlow's graph rewriting puts it where a value must not share its memory; here every value has its own.",
  .inputs = GW_PORTS ({ "input", "T", "Any numbers." }),
  .outputs = GW_PORTS ({ "output", "T", "The same." }),
  .attrs = GW_ATTRS (GW_ARRAY_ATTR_TYPE ("T", GW_PLAIN_TYPES)),
  .flags = GW_OP_NO_GRADIENT | GW_OP_HIDDEN,
  .shape = gw_shape_rule_same, .partial_value = gw_array_partial_same, .cpu = gw_array_kernel_copy,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1.5, 2.5]"), NULL, GW_TEXTS ("[1.5, 2.5]") }),
};

/* ---- EnsureShape ---- */

enum { ENSURE_SHAPE };

static gboolean
ensure_shape_shape (GwShapeContext *context,
                    GError        **error)
{
  const GwShape *wanted = &context->attrs[ENSURE_SHAPE].shape;
  g_autofree char *got = NULL;
  g_autofree char *want = NULL;

  if (gw_shape_merge (&context->inputs[0], wanted, &context->outputs[0]))
    return TRUE;
  got = gw_shape_to_string (&context->inputs[0]);
  want = gw_shape_to_string (wanted);
  return gw_invalid (error, "Shape of input %s is not compatible with expected shape %s.", got, want);
}

static const GwOpDef ensure_shape_op;

static gboolean
ensure_shape_cpu (GwKernelContext *context,
                  GError         **error)
{
  return gw_array_prepare (context, &ensure_shape_op, error) && gw_array_kernel_copy (context, error);
}

static void
ensure_shape_grad (GwGradContext *context)
{
  context->dx[0] = context->dy[0];
}

static const GwOpDef ensure_shape_op = {
  .name = "EnsureShape", .since = 1, .title = "Ensure shape", .category = "arrays/Types and checks",
  .summary = "Its input, with an error when its shape is not the one expected.",
  .doc = "Sizes of the expected shape may be open. What is known before running is checked then, and what follows in the graph "
         "knows the sizes; the rest is checked in every step.",
  .inputs = GW_PORTS ({ "input", "T", "Anything." }),
  .outputs = GW_PORTS ({ "output", "T", "The same." }),
  .attrs = GW_ATTRS ([ENSURE_SHAPE] = { "shape", GW_ATTR_SHAPE, .def = "?", .label = "Shape", .help = "The shape expected.",
                                        .flags = GW_ATTR_REQUIRED },
                     GW_ARRAY_ATTR_T),
  .flags = GW_OP_FORWARDS_INPUT,
  .shape_rule = "the input's and the attribute `shape` together, which must agree",
  .shape = ensure_shape_shape, .partial_value = gw_array_partial_same, .grad = ensure_shape_grad, .cpu = ensure_shape_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1.5, 2.5]]"), "shape=[?,2]", GW_TEXTS ("[[1.5, 2.5]]") }),
  .tell = GW_TEXTS ("shape"),
};

/* ---- Bitcast ---- */

enum { BITCAST_T, BITCAST_TYPE };

static gboolean
bitcast_shape (GwShapeContext *context,
               GError        **error)
{
  const GwShape *in = &context->inputs[0];
  GwShape *out = &context->outputs[0];
  int64_t from = (int64_t) gw_dtype_size (context->input_dtypes[0]);
  int64_t to = (int64_t) gw_dtype_size (context->attrs[BITCAST_TYPE].dtype);

  if (in->rank < 0)
    return TRUE;
  *out = *in;
  if (from > to)
    {
      if (!gw_array_check_rank (in->rank + 1, error))
        return FALSE;
      out->dims[out->rank++] = from / to;
      return gw_array_check_size (out, error);
    }
  if (from == to)
    return TRUE;
  if (in->rank == 0 || (in->dims[in->rank - 1] >= 0 && in->dims[in->rank - 1] != to / from))
    {
      g_autofree char *text = gw_shape_to_string (in);

      return gw_invalid (error, "Cannot bitcast from %s to %s due to shape: the last dimension of input must be %" G_GINT64_FORMAT
                         ", but its shape is %s", gw_dtype_name (context->input_dtypes[0]),
                         gw_dtype_name (context->attrs[BITCAST_TYPE].dtype), to / from, text);
    }
  out->rank--;
  return TRUE;
}

static const GwOpDef bitcast_op;

static gboolean
bitcast_cpu (GwKernelContext *context,
             GError         **error)
{
  if (!gw_array_prepare (context, &bitcast_op, error))
    return FALSE;
  memcpy (context->outputs[0]->data, context->inputs[0]->data, MIN (context->inputs[0]->bytes, context->outputs[0]->bytes));
  return TRUE;
}

static const GwOpDef bitcast_op = {
  .name = "Bitcast", .since = 1, .title = "Bitcast", .category = "arrays/Types and checks",
  .summary = "The same bits, read as another type.",
  .doc = "Nothing is converted: the float 1.0 read as int32 is 1065353216. A type of half the size gives a last dimension of 2 "
         "more, the low bits first; for a type of twice the size the last dimension must be 2 and goes. To convert values use "
         "Cast.",
  .inputs = GW_PORTS ({ "input", "T", "Numbers." }),
  .outputs = GW_PORTS ({ "output", "type", "Their bits as the other type." }),
  .attrs = GW_ATTRS ([BITCAST_T] = GW_ARRAY_ATTR_TYPE ("T", GW_ARITHMETIC_TYPES),
                     [BITCAST_TYPE] = { "type", GW_ATTR_DTYPE, .choices = GW_ARITHMETIC_TYPES, .label = "Type",
                                        .help = "How the bits are read.", .flags = GW_ATTR_REQUIRED }),
  .flags = GW_OP_NO_GRADIENT,
  .shape_rule = "the input's when both types are of one size; a type twice (four, eight times) as small adds a last "
                "dimension of 2 (4, 8), a larger one takes it away",
  .shape = bitcast_shape, .cpu = bitcast_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("float64 [1.0, -2.0]"), "type=int64", GW_TEXTS ("int64 [4607182418800017408, -4611686018427387904]") },
    { GW_TEXTS ("int64 [1, 8589934595]"), "type=int32", GW_TEXTS ("int32 [[1, 0], [3, 2]]") }),
  .tell = GW_TEXTS ("type"),
};

const GwOpDef *const gw_ops_array_check[] = {
  &prevent_gradient_op, &snapshot_op, &ensure_shape_op, &bitcast_op, NULL,
};
