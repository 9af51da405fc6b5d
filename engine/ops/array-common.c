/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ops/array-common.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/graph/op-kernel.h"
#include "engine/graph/registry.h"

#include <string.h>

gboolean
gw_array_want_vector (GwShapeContext *context,
                      int             input,
                      GError        **error)
{
  GwShape shape;

  return gw_shape_want_rank (context, input, 1, &shape, error);
}

gboolean
gw_array_want_scalar (GwShapeContext *context,
                      int             input,
                      GError        **error)
{
  GwShape shape;

  return gw_shape_want_rank (context, input, 0, &shape, error);
}

gboolean
gw_array_input_shape (GwShapeContext *context,
                      int             input,
                      GwShape        *value,
                      GError        **error)
{
  if (!gw_array_want_vector (context, input, error) ||
      !gw_shape_input_as_shape (context, input, value, error))
    return FALSE;
  if (gw_shape_input_value (context, input) != NULL)
    for (int i = 0; i < value->rank; i++)
      if (value->dims[i] < 0)
        return gw_invalid (error, "%s: Dimension %" G_GINT64_FORMAT " must be >= 0",
                           gw_shape_input_name (context, input), value->dims[i]);
  return TRUE;
}

gboolean
gw_array_input_int (GwShapeContext *context,
                    int             input,
                    gboolean       *known,
                    int64_t        *value,
                    GError        **error)
{
  const GwTensor *tensor = gw_shape_input_value (context, input);

  *known = FALSE;
  if (!gw_array_want_scalar (context, input, error))
    return FALSE;
  if (tensor == NULL)
    return TRUE;
  *known = TRUE;
  *value = gw_tensor_get_int (tensor, 0);
  return TRUE;
}

gboolean
gw_array_axis (const char *name,
               int64_t     axis,
               int         rank,
               int        *result,
               GError    **error)
{
  if (gw_shape_normalize_axis (axis, rank, result))
    return TRUE;
  return gw_invalid (error, "%s = %" G_GINT64_FORMAT " is not in [%d, %d)", name, axis, -rank, rank);
}

gboolean
gw_array_check_size (const GwShape *shape,
                     GError       **error)
{
  g_autofree char *text = NULL;

  if (!gw_shape_is_known (shape) || gw_shape_elements (shape) >= 0)
    return TRUE;
  text = gw_shape_to_string (shape);
  return gw_invalid (error, "the shape %s has more elements than can be counted", text);
}

gboolean
gw_array_merge (const GwShape *a,
                const GwShape *b,
                const char    *what,
                GwShape       *merged,
                GError       **error)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  if (gw_shape_merge (a, b, merged))
    return TRUE;
  first = gw_shape_to_string (a);
  second = gw_shape_to_string (b);
  if (a->rank != b->rank)
    return gw_invalid (error, "%s: Shapes must be equal rank, but are %d and %d (%s and %s)",
                       what, a->rank, b->rank, first, second);
  for (int i = 0; i < a->rank; i++)
    if (a->dims[i] >= 0 && b->dims[i] >= 0 && a->dims[i] != b->dims[i])
      return gw_invalid (error, "%s: Dimension %d in both shapes must be equal, but are %" G_GINT64_FORMAT
                         " and %" G_GINT64_FORMAT ". Shapes are %s and %s.",
                         what, i, a->dims[i], b->dims[i], first, second);
  return FALSE;
}

gboolean
gw_array_partial_same (GwShapeContext *context,
                       GwShape        *value)
{
  return gw_shape_input_as_shape (context, 0, value, NULL) && value->rank >= 0;
}

gboolean
gw_array_check_rank (int      rank,
                     GError **error)
{
  return rank <= GW_MAX_RANK || gw_invalid (error, "the result has more than %d dimensions", GW_MAX_RANK);
}

/* ---- gradients ---- */

GwOutput
gw_array_shape_of (GwBuilder *builder,
                   GwOutput   x,
                   GwDType    type)
{
  return gw_op (builder, "Shape", GW_IN (x), GW_WITH ({ "out_type", gw_attr_dtype (type) }));
}

GwOutput
gw_array_cast (GwBuilder *builder,
               GwOutput   x,
               GwDType    type)
{
  if (x.node == NULL || gw_output_dtype (x) == type)
    return x;
  return gw_op (builder, "Cast", GW_IN (x), GW_WITH ({ "DstT", gw_attr_dtype (type) }));
}

GwOutput
gw_array_flatten (GwBuilder *builder,
                  GwOutput   x)
{
  return gw_op2 (builder, "Reshape", x, GW_ARRAY_INTS (builder, -1));
}

GwOutput
gw_array_reshape_like (GwBuilder *builder,
                       GwOutput   x,
                       GwOutput   like)
{
  return gw_op2 (builder, "Reshape", x, gw_op1 (builder, "Shape", like));
}

GwOutput
gw_array_sum_all (GwBuilder *builder,
                  GwOutput   x)
{
  GwOutput zero = gw_const_scalar (builder, GW_INT32, 0);
  GwOutput one = gw_const_scalar (builder, GW_INT32, 1);
  GwOutput axes = gw_op3 (builder, "Range", zero, gw_op1 (builder, "Rank", x), one);

  return gw_op2 (builder, "Sum", x, axes);
}

GwOutput
gw_array_join2 (GwBuilder *builder,
                GwOutput   a,
                GwOutput   b)
{
  return gw_op (builder, "ConcatV2", GW_IN (a, b, gw_const_scalar (builder, GW_INT32, 0)), NULL);
}

GwOutput
gw_array_join3 (GwBuilder *builder,
                GwOutput   a,
                GwOutput   b,
                GwOutput   c)
{
  return gw_op (builder, "ConcatV2", GW_IN (a, b, c, gw_const_scalar (builder, GW_INT32, 0)), NULL);
}

GwOutput
gw_array_part (GwBuilder *builder,
               GwOutput   vector,
               int64_t    begin,
               int64_t    size)
{
  return gw_op3 (builder, "Slice", vector, GW_ARRAY_INTS (builder, begin), GW_ARRAY_INTS (builder, size));
}

GwOutput
gw_array_op_like (GwGradContext  *context,
                  const char     *op,
                  int             n_inputs,
                  const GwOutput *inputs)
{
  const GwOpDef *def = gw_registry_find (op);
  const GwAttrDef *own = context->node->def->attrs;
  g_autoptr (GArray) settings = g_array_new (TRUE, TRUE, sizeof (GwAttrSetting));

  for (const GwAttrDef *attr = def->attrs; attr != NULL && attr->name != NULL; attr++)
    {
      int index = gw_attr_defs_find (own, attr->name);
      GwAttrSetting setting = { attr->name };

      if (index < 0 || attr->type == GW_ATTR_DTYPE)
        continue;
      setting.value = context->node->attrs[index];
      g_array_append_val (settings, setting);
    }
  return gw_op (context->builder, op, n_inputs, inputs, (const GwAttrSetting *) settings->data);
}

/* ---- kernels ---- */

static const GwTensor *
runtime_value (GwShapeContext *context,
               int             input)
{
  const GwKernelContext *kernel = context->data;

  return kernel->inputs[input];
}

static gboolean
runtime_partial (GwShapeContext *context,
                 int             input,
                 GwShape        *value)
{
  return FALSE;
}

static gboolean
accept_output (GwKernelContext *context,
               int              index,
               GwDType          dtype,
               const GwShape   *shape,
               GError         **error)
{
  const GwTensor *output = context->outputs[index];
  g_autofree char *planned = NULL;
  g_autofree char *found = NULL;

  if (output == NULL && !gw_shape_is_known (shape))
    return TRUE;
  if (output == NULL)
    return gw_kernel_allocate_output (context, index, dtype, shape, error);
  if (gw_shape_matches (&output->shape, shape))
    return TRUE;
  planned = gw_shape_to_string (&output->shape);
  found = gw_shape_to_string (shape);
  return gw_invalid (error, "the inputs give a result of shape %s where %s was expected", found, planned);
}

/* Most ops have few ports; the lists of Concat and its like may be long. */
#define FEW 8

gboolean
gw_array_prepare (GwKernelContext *context,
                  const GwOpDef   *def,
                  GError         **error)
{
  GwShape few_shapes[2 * FEW];
  GwDType few_dtypes[FEW];
  gboolean many = context->n_inputs > FEW || context->n_outputs > FEW;
  g_autofree GwShape *many_shapes = many ? g_new (GwShape, context->n_inputs + context->n_outputs) : NULL;
  g_autofree GwDType *many_dtypes = many ? g_new (GwDType, MAX (context->n_inputs, 1)) : NULL;
  GwShape *inputs = many ? many_shapes : few_shapes;
  GwShape *outputs = inputs + context->n_inputs;
  GwDType *dtypes = many ? many_dtypes : few_dtypes;
  GwShapeContext shapes = {
    .def = def, .attrs = context->attrs, .n_inputs = context->n_inputs, .n_outputs = context->n_outputs,
    .inputs = inputs, .input_dtypes = dtypes, .outputs = outputs,
    .get_value = runtime_value, .get_partial = runtime_partial, .data = context,
  };

  for (int i = 0; i < context->n_inputs; i++)
    {
      inputs[i] = context->inputs[i]->shape;
      dtypes[i] = context->inputs[i]->dtype;
    }
  for (int i = 0; i < context->n_outputs; i++)
    outputs[i] = GW_SHAPE_UNKNOWN;
  if (!def->shape (&shapes, error))
    return FALSE;
  for (int i = 0; i < context->n_outputs; i++)
    if (!accept_output (context, i, gw_op_output_dtype (def, context->attrs, i), &outputs[i], error))
      return FALSE;
  return TRUE;
}

int
gw_array_read_ints (const GwTensor *tensor,
                    int64_t         values[2 * GW_MAX_RANK])
{
  int n = (int) MIN (tensor->elements, 2 * GW_MAX_RANK);

  for (int i = 0; i < n; i++)
    values[i] = gw_tensor_get_int (tensor, i);
  return n;
}

void
gw_array_write_ints (GwTensor      *tensor,
                     const int64_t *values)
{
  for (int64_t i = 0; i < tensor->elements; i++)
    GW_SWITCH_INTEGER (tensor->dtype, break, GW_TENSOR_DATA (tensor, T)[i] = (T) values[i]);
}

int64_t *
gw_array_row_scratch (GwKernelContext *context,
                      int64_t          n,
                      GError         **error)
{
  size_t bytes;

  if (!gw_size_mul ((size_t) n, sizeof (int64_t), &bytes))
    bytes = G_MAXSSIZE; /* which cannot be had: the error says so */
  return gw_kernel_scratch (context, bytes, error);
}

void
gw_array_clear (GwKernelContext *context,
                GwTensor        *tensor)
{
  static const union { GwBits128 bits; GwString text; } zero;

  gw_fill_elements (context, tensor->dtype, &zero, tensor->data, tensor->elements);
}

gboolean
gw_array_kernel_copy (GwKernelContext *context,
                      GError         **error)
{
  GwTensor *input = context->inputs[0];
  GwTensor *output = context->outputs[0];

  if (input->dtype == GW_VARIANT)
    gw_tensor_copy_data (output, input);
  else
    gw_copy_elements (context, input->dtype, input->data, output->data, MIN (input->elements, output->elements));
  return TRUE;
}

gboolean
gw_array_kernel_none (GwKernelContext *context,
                      GError         **error)
{
  return TRUE;
}
