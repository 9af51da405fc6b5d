/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/graph/op-update.h"

#include <string.h>

GwUpdatePort
gw_update_port (const GwPortDef *port)
{
  if (port->is_ref || strcmp (port->type, "resource") == 0)
    return GW_UPDATE_TENSOR;
  if (strcmp (port->name, "grad") == 0 || strcmp (port->name, "delta") == 0)
    return GW_UPDATE_GRADIENT;
  return strcmp (port->name, "indices") == 0 ? GW_UPDATE_INDICES : GW_UPDATE_SCALAR;
}

void
gw_update_layout (const GwOpDef  *def,
                  GwUpdateLayout *layout)
{
  *layout = (GwUpdateLayout) { .rule = (GwUpdateRule) (def->update - 1), .gradient = -1, .indices = -1 };
  for (int i = 0; def->inputs[i].name != NULL; i++)
    switch (gw_update_port (&def->inputs[i]))
      {
      case GW_UPDATE_TENSOR: layout->tensors[layout->n_tensors++] = i; break;
      case GW_UPDATE_GRADIENT: layout->gradient = i; break;
      case GW_UPDATE_INDICES: layout->indices = i; break;
      case GW_UPDATE_SCALAR: layout->scalars[layout->n_scalars++] = i; break;
      default: g_assert_not_reached ();
      }
  for (int i = 0; def->attrs[i].name != NULL; i++)
    if (def->attrs[i].type == GW_ATTR_BOOL && strcmp (def->attrs[i].name, "use_locking") != 0)
      layout->flags[layout->n_flags++] = i;
}

void
gw_update_read (const GwUpdateLayout  *layout,
                const GwKernelContext *context,
                GwUpdate              *update)
{
  *update = (GwUpdate) { .rule = layout->rule, .gradient = context->inputs[layout->gradient],
                         .indices = layout->indices >= 0 ? context->inputs[layout->indices] : NULL };
  for (int i = 0; i < layout->n_tensors; i++)
    update->tensors[i] = context->inputs[layout->tensors[i]];
  for (int i = 0; i < layout->n_scalars; i++)
    update->scalars[i] = gw_tensor_get_double (context->inputs[layout->scalars[i]], 0);
  for (int i = 0; i < layout->n_flags; i++)
    update->scalars[layout->n_scalars + i] = context->attrs[layout->flags[i]].b;
}

gboolean
gw_update_fits (const GwUpdateLayout  *layout,
                const GwKernelContext *context)
{
  const GwShape *shape = &context->inputs[layout->tensors[0]]->shape;

  for (int i = 1; i < layout->n_tensors; i++)
    if (!gw_shape_equal (shape, &context->inputs[layout->tensors[i]]->shape))
      return FALSE;
  for (int i = 0; i < layout->n_scalars; i++)
    if (context->inputs[layout->scalars[i]]->shape.rank != 0)
      return FALSE;
  return layout->indices < 0 && gw_shape_equal (shape, &context->inputs[layout->gradient]->shape);
}
