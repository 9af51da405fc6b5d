/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/graph/shape-rules.h"

#include "engine/base/error.h"

gboolean
gw_shape_rule_none (GwShapeContext *context,
                    GError        **error)
{
  return TRUE;
}

gboolean
gw_shape_rule_same (GwShapeContext *context,
                    GError        **error)
{
  for (int i = 0; i < context->n_outputs; i++)
    context->outputs[i] = context->inputs[0];
  return TRUE;
}

gboolean
gw_shape_rule_scalar (GwShapeContext *context,
                      GError        **error)
{
  for (int i = 0; i < context->n_outputs; i++)
    context->outputs[i] = GW_SHAPE_SCALAR;
  return TRUE;
}

gboolean
gw_shape_rule_unknown (GwShapeContext *context,
                       GError        **error)
{
  for (int i = 0; i < context->n_outputs; i++)
    context->outputs[i] = GW_SHAPE_UNKNOWN;
  return TRUE;
}

gboolean
gw_shape_rule_broadcast (GwShapeContext *context,
                         GError        **error)
{
  g_autofree char *x = NULL;
  g_autofree char *y = NULL;

  if (gw_shape_broadcast (&context->inputs[0], &context->inputs[1], &context->outputs[0]))
    return TRUE;
  x = gw_shape_to_string (&context->inputs[0]);
  y = gw_shape_to_string (&context->inputs[1]);
  return gw_invalid (error, "Incompatible shapes: %s vs. %s", x, y);
}

/* “inputs” for a port, “inputs[2]” for one of a list port. */
static char *
input_label (GwShapeContext *context,
             int             input)
{
  const GwPortDef *port = context->def->inputs;
  int before = 0;

  for (; port[1].name != NULL && port->number_attr == NULL && before < input; port++)
    before++;
  return port->number_attr == NULL ? g_strdup (gw_shape_input_name (context, input))
                                   : g_strdup_printf ("%s[%d]", port->name, input - before);
}

gboolean
gw_shape_rule_merge (GwShapeContext *context,
                     GError        **error)
{
  GwShape all = context->inputs[0];

  for (int i = 1; i < context->n_inputs; i++)
    if (!gw_shape_merge (&all, &context->inputs[i], &all))
      {
        g_autofree char *first = input_label (context, 0);
        g_autofree char *name = input_label (context, i);
        g_autofree char *want = gw_shape_to_string (&all);
        g_autofree char *got = gw_shape_to_string (&context->inputs[i]);

        return gw_invalid (error, "Shapes must be equal, but %s is %s and %s is %s", first, want, name, got);
      }
  for (int i = 0; i < context->n_outputs; i++)
    context->outputs[i] = all;
  return TRUE;
}

gboolean
gw_shape_reduced_axes (const GwTensor *axes,
                       int             rank,
                       gboolean        reduced[GW_MAX_RANK],
                       GError        **error)
{
  for (int i = 0; i < GW_MAX_RANK; i++)
    reduced[i] = FALSE;
  if (axes->shape.rank > 1)
    return gw_invalid (error, "the axes must be one number or a vector of them");
  for (int64_t i = 0; i < axes->elements; i++)
    {
      int64_t value = gw_tensor_get_int (axes, i);
      int axis;

      if (!gw_shape_normalize_axis (value, rank, &axis))
        return gw_invalid (error, "Invalid reduction dimension %" G_GINT64_FORMAT
                           " for input with %d dimensions", value, rank);
      if (reduced[axis])
        return gw_invalid (error, "Invalid reduction arguments: Axes contains duplicate dimension: %d", axis);
      reduced[axis] = TRUE;
    }
  return TRUE;
}

void
gw_shape_reduce (const GwShape *shape,
                 const gboolean reduced[GW_MAX_RANK],
                 gboolean       keep_dims,
                 GwShape       *result)
{
  GwShape left = { .rank = 0 };

  for (int i = 0; i < shape->rank; i++)
    if (!reduced[i])
      left.dims[left.rank++] = shape->dims[i];
    else if (keep_dims)
      left.dims[left.rank++] = 1;
  *result = left;
}

gboolean
gw_shape_rule_reduce (GwShapeContext *context,
                      GError        **error)
{
  const GwShape *shape = &context->inputs[0];
  const GwShape *axes_shape = &context->inputs[1];
  const GwTensor *axes = gw_shape_input_value (context, 1);
  gboolean keep_dims = gw_shape_attr (context, "keep_dims")->b;
  gboolean reduced[GW_MAX_RANK];

  if (axes_shape->rank > 1)
    return gw_invalid (error, "%s must be one number or a vector of them", gw_shape_input_name (context, 1));
  if (shape->rank < 0)
    return TRUE;
  if (axes != NULL)
    {
      if (!gw_shape_reduced_axes (axes, shape->rank, reduced, error))
        return FALSE;
      gw_shape_reduce (shape, reduced, keep_dims, &context->outputs[0]);
    }
  else if (keep_dims)
    context->outputs[0] = gw_shape_of_rank (shape->rank);
  else if (axes_shape->rank == 1 && axes_shape->dims[0] >= 0 && axes_shape->dims[0] <= shape->rank)
    context->outputs[0] = gw_shape_of_rank (shape->rank - (int) axes_shape->dims[0]);
  return TRUE;
}
