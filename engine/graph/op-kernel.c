/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/graph/op-kernel.h"

#include "engine/device/cpu/half.h"

GwDType
gw_op_output_dtype (const GwOpDef     *def,
                    const GwAttrValue *attrs,
                    int                index)
{
  const GwPortDef *port = def->outputs;
  int attr;

  for (int i = 0; i < index && port[1].name != NULL && port->number_attr == NULL; i++)
    port++;
  attr = gw_attr_defs_find (def->attrs, port->type);
  return attr >= 0 ? attrs[attr].dtype : gw_dtype_from_name (port->type);
}

/* The memory of one call, out of one block: the copies' tensors, the lists of them,
 * the attributes, then the copies' data. */
typedef struct {
  GwTensor    *tensors;
  GwTensor   **inputs, **outputs;
  GwAttrValue *attrs;
  char        *data;
} Copies;

#define ALIGNED(bytes) (((bytes) + 63) / 64 * 64)

static size_t
copy_size (const GwTensor *tensor)
{
  return tensor != NULL && gw_dtype_is_half (tensor->dtype) ? ALIGNED (tensor->bytes * 2) : 0;
}

static gboolean
make_room (GwKernelContext *context,
           Copies          *copies,
           GError         **error)
{
  size_t n = (size_t) (context->n_inputs + context->n_outputs);
  size_t tensors = ALIGNED (n * sizeof (GwTensor));
  size_t lists = ALIGNED (n * sizeof (GwTensor *));
  size_t attrs = ALIGNED ((size_t) gw_attr_defs_length (context->def->attrs) * sizeof (GwAttrValue));
  size_t data = 0;
  char *memory;

  for (int i = 0; i < context->n_inputs; i++)
    data += copy_size (context->inputs[i]);
  for (int i = 0; i < context->n_outputs; i++)
    data += copy_size (context->outputs[i]);
  memory = gw_kernel_copies (context, tensors + lists + attrs + data + 64, error);
  if (memory == NULL)
    return FALSE;
  copies->tensors = (GwTensor *) memory;
  copies->inputs = (GwTensor **) (memory + tensors);
  copies->outputs = copies->inputs + context->n_inputs;
  copies->attrs = (GwAttrValue *) (memory + tensors + lists);
  copies->data = memory + tensors + lists + attrs;
  return TRUE;
}

/* `tensor` itself, or an empty float32 twin of it. */
static GwTensor *
twin_of (Copies   *copies,
         GwTensor *tensor)
{
  GwTensor *twin = copies->tensors;

  if (tensor == NULL || !gw_dtype_is_half (tensor->dtype))
    return tensor;
  gw_tensor_init_foreign (twin, GW_FLOAT32, &tensor->shape, copies->data);
  copies->data += copy_size (tensor);
  copies->tensors++;
  return twin;
}

static void
take_copies (GwKernelContext *context,
             Copies          *copies)
{
  for (int i = 0; i < context->n_inputs; i++)
    {
      copies->inputs[i] = twin_of (copies, context->inputs[i]);
      if (copies->inputs[i] != context->inputs[i])
        gw_half_copy (context, context->inputs[i], copies->inputs[i]);
    }
  for (int i = 0; i < context->n_outputs; i++)
    copies->outputs[i] = twin_of (copies, context->outputs[i]);
  for (int i = 0; i < gw_attr_defs_length (context->def->attrs); i++)
    {
      copies->attrs[i] = context->attrs[i];
      if (copies->attrs[i].type == GW_ATTR_DTYPE)
        copies->attrs[i].dtype = gw_dtype_computed (copies->attrs[i].dtype);
    }
}

/* The kernel made output `index` itself, as `made`: of a 16-bit type in the context's eyes. */
static gboolean
give_made (GwKernelContext *context,
           int              index,
           GwTensor        *made,
           GError         **error)
{
  GwDType dtype = gw_op_output_dtype (context->def, context->attrs, index);

  if (made == NULL || dtype == made->dtype)
    {
      context->outputs[index] = made;
      return TRUE;
    }
  if (!gw_kernel_allocate_output (context, index, dtype, &made->shape, error))
    return FALSE;
  gw_half_copy (context, made, context->outputs[index]);
  return TRUE;
}

static gboolean
give_back (GwKernelContext *context,
           const Copies    *copies,
           GError         **error)
{
  for (int i = 0; i < context->n_outputs; i++)
    if (context->outputs[i] == NULL)
      {
        if (!give_made (context, i, copies->outputs[i], error))
          return FALSE;
      }
    else if (copies->outputs[i] != context->outputs[i])
      gw_half_copy (context, copies->outputs[i], context->outputs[i]);
  return TRUE;
}

static gboolean
run_in_float (GwKernelContext *context,
              GError         **error)
{
  GwKernelContext inner = *context;
  Copies copies;

  if (!make_room (context, &copies, error))
    return FALSE;
  take_copies (context, &copies);
  inner.inputs = copies.inputs;
  inner.outputs = copies.outputs;
  inner.attrs = copies.attrs;
  return context->def->cpu (&inner, error) && give_back (context, &copies, error);
}

GwKernelFunc
gw_op_kernel (const GwOpDef     *def,
              const GwAttrValue *attrs)
{
  if ((def->flags & GW_OP_IN_FLOAT) != 0)
    for (int i = 0; i < gw_attr_defs_length (def->attrs); i++)
      if (attrs[i].type == GW_ATTR_DTYPE && gw_dtype_is_half (attrs[i].dtype))
        return run_in_float;
  return def->cpu;
}
