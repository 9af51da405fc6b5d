/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients that are rows of a tensor: how they come about, are added up and made
 * whole (python/framework/indexed_slices.py, python/training/optimizer.py). */
#include "engine/graph/gradient.h"

static GwOutput
as_vector (GwBuilder *b,
           GwOutput   x)
{
  return gw_op2 (b, "Reshape", x, gw_const_ints (b, 1, (const int64_t[]) { -1 }));
}

void
gw_grad_set_slices (GwGradContext *context,
                    int            input,
                    GwOutput       values,
                    GwOutput       indices,
                    GwOutput       dense_shape)
{
  context->slices[input] = (GwGradient) { values, indices, dense_shape };
}

/* The element of a vector. */
static GwOutput
element (GwBuilder *b,
         GwOutput   vector,
         int64_t    index)
{
  return gw_op (b, "StridedSlice",
                GW_IN (vector, gw_const_ints (b, 1, &index), gw_const_ints (b, 1, (const int64_t[]) { index + 1 }),
                       gw_const_ints (b, 1, (const int64_t[]) { 1 })),
                GW_WITH ({ "shrink_axis_mask", gw_attr_int (1) }));
}

/* [number of indices] + params_shape[1:] */
static GwOutput
rows_shape (GwBuilder *b,
            GwOutput   params_shape,
            GwOutput   indices)
{
  const int64_t one = 1;
  GwOutput tail = gw_op (b, "StridedSlice",
                         GW_IN (params_shape, gw_const_ints (b, 1, &one), gw_const_ints (b, 1, &one),
                                gw_const_ints (b, 1, &one)),
                         GW_WITH ({ "end_mask", gw_attr_int (1) }));
  GwOutput size, count;

  if (tail.node == NULL)
    return tail;
  size = gw_op (b, "Size", GW_IN (indices), GW_WITH ({ "out_type", gw_attr_dtype (gw_output_dtype (tail)) }));
  count = as_vector (b, size);
  return gw_op (b, "ConcatV2", GW_IN (count, tail, gw_const_scalar (b, GW_INT32, 0)), NULL);
}

void
gw_grad_gather_rows (GwGradContext *context,
                     int            input,
                     GwOutput       params_shape,
                     GwOutput       indices)
{
  GwBuilder *b = context->builder;
  GwOutput values = gw_op2 (b, "Reshape", gw_grad_dy (context, 0), rows_shape (b, params_shape, indices));

  gw_grad_set_slices (context, input, values, as_vector (b, indices), params_shape);
}

GwOutput
gw_gradient_to_dense (GwBuilder        *builder,
                      const GwGradient *gradient)
{
  const GwTensor *shape;
  GwOutput n_rows;

  if (!gw_gradient_is_sparse (gradient) || builder->error != NULL)
    return gradient->values;
  shape = gw_output_constant (gradient->dense_shape);
  n_rows = shape != NULL && shape->elements > 0
             ? gw_const_scalar (builder, shape->dtype, (double) gw_tensor_get_int (shape, 0))
             : element (builder, gradient->dense_shape, 0);
  return gw_op3 (builder, "UnsortedSegmentSum", gradient->values, gradient->indices, n_rows);
}

static GwOutput
join (GwBuilder      *b,
      int             n,
      const GwOutput *parts)
{
  g_autofree GwOutput *inputs = g_new (GwOutput, n + 1);

  for (int i = 0; i < n; i++)
    inputs[i] = parts[i];
  inputs[n] = gw_const_scalar (b, GW_INT32, 0);
  return gw_op (b, "ConcatV2", n + 1, inputs, NULL);
}

/* Rows side by side; indices of different types become int64. */
static GwGradient
join_rows (GwBuilder        *b,
           int               n,
           const GwGradient *gradients)
{
  g_autofree GwOutput *values = g_new (GwOutput, n);
  g_autofree GwOutput *indices = g_new (GwOutput, n);
  gboolean mixed = FALSE;

  for (int i = 0; i < n; i++)
    mixed = mixed || gw_output_dtype (gradients[i].indices) != gw_output_dtype (gradients[0].indices);
  for (int i = 0; i < n; i++)
    {
      values[i] = gradients[i].values;
      indices[i] = gradients[i].indices;
      if (mixed && gw_output_dtype (indices[i]) != GW_INT64)
        indices[i] = gw_op (b, "Cast", GW_IN (indices[i]), GW_WITH ({ "DstT", gw_attr_dtype (GW_INT64) }));
    }
  return (GwGradient) { join (b, n, values), join (b, n, indices), gradients[0].dense_shape };
}

GwGradient
gw_gradient_sum (GwBuilder        *builder,
                 int               n,
                 const GwGradient *gradients)
{
  g_autofree GwOutput *whole = NULL;
  gboolean sparse = TRUE;

  if (n == 1)
    return gradients[0];
  for (int i = 0; i < n; i++)
    sparse = sparse && gw_gradient_is_sparse (&gradients[i]);
  if (sparse)
    return join_rows (builder, n, gradients);
  whole = g_new (GwOutput, n);
  for (int i = 0; i < n; i++)
    whole[i] = gw_gradient_to_dense (builder, &gradients[i]);
  return gw_gradient_whole (gw_op (builder, "AddN", n, whole, NULL));
}

GwGradient
gw_gradient_unique_rows (GwBuilder        *builder,
                         const GwGradient *gradient)
{
  GwNode *unique = gw_node_new (builder, "Unique", NULL, GW_IN (gradient->indices), NULL);
  GwOutput indices = gw_output_of (unique, 0);
  GwOutput n = element (builder, gw_op1 (builder, "Shape", indices), 0);

  return (GwGradient) {
    gw_op3 (builder, "UnsortedSegmentSum", gradient->values, gw_output_of (unique, 1), n), indices, gradient->dense_shape,
  };
}
