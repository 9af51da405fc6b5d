/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/parts.h"

GwOutput
gw_part_cast (GwBuilder *b,
              GwOutput   x,
              GwDType    dtype)
{
  if (x.node == NULL || gw_output_dtype (x) == dtype)
    return x;
  return gw_op (b, "Cast", GW_IN (x), GW_WITH ({ "DstT", gw_attr_dtype (dtype) }));
}

GwOutput
gw_part_all_axes (GwBuilder *b,
                  GwOutput   x)
{
  int64_t axes[GW_MAX_RANK];
  int rank = x.node != NULL ? gw_output_shape (x)->rank : 0;

  if (rank < 0)
    return gw_op3 (b, "Range", gw_const_scalar (b, GW_INT32, 0), gw_op1 (b, "Rank", x), gw_const_scalar (b, GW_INT32, 1));
  for (int i = 0; i < rank; i++)
    axes[i] = i;
  return gw_const_ints (b, rank, axes);
}

GwOutput
gw_part_sum (GwBuilder *b,
             GwOutput   x)
{
  return gw_op2 (b, "Sum", x, gw_part_all_axes (b, x));
}

GwOutput
gw_part_slice (GwBuilder *b,
               GwOutput   shape,
               int64_t    begin,
               int64_t    size)
{
  return gw_op3 (b, "Slice", shape, GW_INTS (b, begin), GW_INTS (b, size));
}

GwOutput
gw_part_concat (GwBuilder      *b,
                int             n,
                const GwOutput *values,
                int64_t         axis)
{
  g_autofree GwOutput *inputs = g_new (GwOutput, n + 1);

  for (int i = 0; i < n; i++)
    inputs[i] = values[i];
  inputs[n] = gw_const_scalar (b, GW_INT32, (double) axis);
  return gw_op (b, "ConcatV2", n + 1, inputs, NULL);
}

GwOutput
gw_part_sigmoid_cross_entropy (GwBuilder *b,
                               GwOutput   logits,
                               GwOutput   labels)
{
  GwOutput tail = gw_op1 (b, "Log1p", gw_op1 (b, "Exp", gw_op1 (b, "Neg", gw_op1 (b, "Abs", logits))));

  return gw_op2 (b, "AddV2", gw_op2 (b, "Sub", gw_op1 (b, "Relu", logits), gw_op2 (b, "Mul", logits, labels)), tail);
}

GwOutput
gw_part_activation (GwBuilder  *b,
                    const char *name,
                    GwOutput    x)
{
  static const struct { const char *name, *op; } ops[] = {
    { "relu", "Relu" }, { "relu6", "Relu6" }, { "leaky_relu", "LeakyRelu" }, { "elu", "Elu" }, { "selu", "Selu" },
    { "sigmoid", "Sigmoid" }, { "tanh", "Tanh" }, { "softmax", "Softmax" }, { "softplus", "Softplus" },
    { "softsign", "Softsign" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (ops); i++)
    if (g_str_equal (ops[i].name, name))
      return gw_op1 (b, ops[i].op, x);
  return x;
}
