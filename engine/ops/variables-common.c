/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ops/variables-common.h"

#include "engine/base/error.h"
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/elementwise.h"
#include "engine/device/cpu/rows.h"
#include "engine/ops/array-common.h"

void
gw_variable_publish (GwKernelContext *context)
{
  if (context->n_outputs > 0 && context->outputs[0] != NULL && context->outputs[0] != context->inputs[0])
    gw_tensor_copy_data (context->outputs[0], context->inputs[0]);
}

gboolean
gw_variable_update_shape (GwShapeContext *context,
                          GError        **error)
{
  GwDType dtype;
  GwShape variable, merged;

  if (!gw_shape_input_variable (context, 0, &dtype, &variable, error) ||
      !gw_array_merge (&variable, &context->inputs[1], "ref and value", &merged, error))
    return FALSE;
  if (context->n_outputs > 0)
    context->outputs[0] = merged;
  return TRUE;
}

static gboolean
check_shapes (const char     *op,
              const GwTensor *variable,
              const GwTensor *value,
              GError        **error)
{
  g_autofree char *left = NULL;
  g_autofree char *right = NULL;

  if (gw_shape_equal (&variable->shape, &value->shape))
    return TRUE;
  left = gw_shape_to_string (&variable->shape);
  right = gw_shape_to_string (&value->shape);
  return gw_invalid (error, "%s requires shapes of both tensors to match. lhs shape= %s rhs shape= %s", op, left, right);
}

gboolean
gw_variable_assign (GwKernelContext *context,
                    const char      *op,
                    GError         **error)
{
  GwTensor *variable = context->inputs[0];
  GwTensor *value = context->inputs[1];

  if (!check_shapes (op, variable, value, error))
    return FALSE;
  gw_copy_elements (context, variable->dtype, value->data, variable->data, variable->elements);
  context->variables[0]->initialized = TRUE;
  gw_variable_publish (context);
  return TRUE;
}

static gboolean
update (GwKernelContext *context,
        const char      *op,
        GwBinaryOp       function,
        GError         **error)
{
  GwTensor *variable = context->inputs[0];
  GwTensor *value = context->inputs[1];
  GwOperand operands[] = { gw_operand (variable), gw_operand (value) };

  if (!check_shapes (op, variable, value, error) ||
      !gw_cpu_binary_of (context, function, variable->dtype, operands, variable, error))
    return FALSE;
  gw_variable_publish (context);
  return TRUE;
}

gboolean
gw_variable_add (GwKernelContext *context,
                 const char      *op,
                 GError         **error)
{
  return update (context, op, GW_BINARY_ADD, error);
}

gboolean
gw_variable_sub (GwKernelContext *context,
                 const char      *op,
                 GError         **error)
{
  return update (context, op, GW_BINARY_SUB, error);
}

gboolean
gw_variable_count (GwKernelContext *context,
                   int64_t          limit,
                   GError         **error)
{
  GwTensor *variable = context->inputs[0];
  int64_t count;

  if (variable->shape.rank > 0)
    return gw_invalid (error, "input is not a scalar");
  count = gw_tensor_get_int (variable, 0);
  if (count >= limit)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_OUT_OF_RANGE, "Reached limit of %" G_GINT64_FORMAT, limit);
      return FALSE;
    }
  gw_tensor_copy_data (context->outputs[0], variable);
  GW_SWITCH_INTEGER (variable->dtype, break, *GW_TENSOR_DATA (variable, T) = (T) (count + 1));
  return TRUE;
}

gboolean
gw_variable_read_rows (const GwTensor *indices,
                       int64_t         n,
                       int64_t         per_batch,
                       int64_t        *rows,
                       GError        **error)
{
  for (int64_t i = 0; i < indices->elements; i++)
    {
      int64_t index = gw_tensor_get_int (indices, i);
      g_autofree char *at = NULL;

      rows[i] = i / per_batch * n + index;
      if (index >= 0 && index < n)
        continue;
      at = gw_position_text (&indices->shape, i);
      return gw_invalid (error, "indices[%s] = %" G_GINT64_FORMAT " is not in [0, %" G_GINT64_FORMAT ")", at, index, n);
    }
  return TRUE;
}
