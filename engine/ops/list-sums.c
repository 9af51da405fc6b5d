/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ops/list-sums.h"

#include "engine/base/error.h"
#include "engine/device/cpu/elementwise.h"
#include "engine/device/cpu/half.h"
#include "engine/tensor/tensor-list.h"

static GwTensorList *add_two (GwTensorList *a, GwTensorList *b, GError **error);

/* A new tensor; float16 and bfloat16 are added as float32. */
static GwTensor *
add_tensors (GwTensor *a,
             GwTensor *b,
             GError  **error)
{
  GwDType type = gw_dtype_computed (a->dtype);
  g_autoptr (GwTensor) x = gw_tensor_cast (a, type, error);
  g_autoptr (GwTensor) y = x != NULL ? gw_tensor_cast (b, type, error) : NULL;
  g_autoptr (GwTensor) sum = y != NULL ? gw_tensor_new (type, &a->shape, error) : NULL;
  GwBinaryLoop loop = gw_binary_loop (GW_BINARY_ADD, type);

  if (sum == NULL)
    return NULL;
  if (loop == NULL)
    {
      gw_invalid (error, "elements of type %s cannot be added", gw_dtype_name (a->dtype));
      return NULL;
    }
  loop (x->data, 1, y->data, 1, sum->data, sum->elements);
  return gw_tensor_cast (sum, a->dtype, error);
}

/* Elements that are lists themselves. */
static GwTensor *
add_nested (GwTensor *a,
            GwTensor *b,
            GError  **error)
{
  g_autoptr (GwTensor) sum = gw_tensor_new_zeros (GW_VARIANT, &a->shape, error);

  for (int64_t i = 0; sum != NULL && i < sum->elements; i++)
    {
      GwTensorList *list = add_two (gw_tensor_get_list (a, i), gw_tensor_get_list (b, i), error);

      if (list == NULL)
        return NULL;
      gw_tensor_set_list (sum, i, list);
    }
  return g_steal_pointer (&sum);
}

static GwTensor *
add_elements (GwTensor *a,
              GwTensor *b,
              GError  **error)
{
  if (a == NULL || b == NULL)
    return a != NULL ? gw_tensor_ref (a) : b != NULL ? gw_tensor_ref (b) : NULL;
  if (!gw_shape_equal (&a->shape, &b->shape))
    {
      gw_invalid (error, "elements of lists that are added differ in shape");
      return NULL;
    }
  return a->dtype == GW_VARIANT ? add_nested (a, b, error) : add_tensors (a, b, error);
}

static GwTensorList *
add_two (GwTensorList *a,
         GwTensorList *b,
         GError      **error)
{
  g_autoptr (GwTensorList) sum = NULL;
  GwShape shape;
  int64_t n;

  if (a == NULL || b == NULL || gw_tensor_list_dtype (a) != gw_tensor_list_dtype (b) ||
      gw_tensor_list_length (a) != gw_tensor_list_length (b) ||
      !gw_shape_merge (gw_tensor_list_element_shape (a), gw_tensor_list_element_shape (b), &shape))
    {
      gw_invalid (error, "Trying to add two lists of tensors with different lengths or types of elements");
      return NULL;
    }
  n = gw_tensor_list_length (a);
  sum = gw_tensor_list_new (gw_tensor_list_dtype (a), &shape, 0, error);
  for (int64_t i = 0; sum != NULL && i < n; i++)
    {
      g_autoptr (GError) failed = NULL;
      g_autoptr (GwTensor) element = add_elements (gw_tensor_list_get (a, i), gw_tensor_list_get (b, i), &failed);
      GwTensorList *longer = NULL;

      if (failed == NULL)
        longer = gw_tensor_list_push (sum, element, error);
      else
        g_propagate_error (error, g_steal_pointer (&failed));
      gw_tensor_list_unref (sum);
      sum = longer;
    }
  return g_steal_pointer (&sum);
}

gboolean
gw_add_lists (GwKernelContext *context,
              GError         **error)
{
  for (int64_t i = 0; i < context->outputs[0]->elements; i++)
    {
      g_autoptr (GwTensorList) sum = gw_tensor_get_list (context->inputs[0], i);

      if (sum != NULL)
        gw_tensor_list_ref (sum);
      for (int k = 1; k < context->n_inputs; k++)
        {
          GwTensorList *next = add_two (sum, gw_tensor_get_list (context->inputs[k], i), error);

          gw_tensor_list_unref (sum);
          sum = next;
          if (sum == NULL)
            return FALSE;
        }
      gw_tensor_set_list (context->outputs[0], i, g_steal_pointer (&sum));
    }
  return TRUE;
}
