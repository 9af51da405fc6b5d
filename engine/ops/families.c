/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ops/families.h"

void
gw_register_all_ops (void)
{
  gw_registry_add_family (gw_ops_inputs);
  gw_registry_add_family (gw_ops_variables);
  gw_registry_add_family (gw_ops_array_shape);
  gw_registry_add_family (gw_ops_array_fill);
  gw_registry_add_family (gw_ops_array_move);
  gw_registry_add_family (gw_ops_array_strided_slice);
  gw_registry_add_family (gw_ops_array_broadcast);
  gw_registry_add_family (gw_ops_array_join);
  gw_registry_add_family (gw_ops_array_gather);
  gw_registry_add_family (gw_ops_random);
  gw_registry_add_family (gw_ops_control);
  gw_registry_add_family (gw_ops_strings);
  gw_registry_add_family (gw_ops_save);
  gw_registry_add_family (gw_ops_summary);
  gw_registry_add_family (gw_ops_math_unary);
  gw_registry_add_family (gw_ops_math_curves);
  gw_registry_add_family (gw_ops_math_binary);
  gw_registry_add_family (gw_ops_math_compare);
  gw_registry_add_family (gw_ops_reduce);
  gw_registry_add_family (gw_ops_scan);
  gw_registry_add_family (gw_ops_matmul);
  gw_registry_add_family (gw_ops_activation);
  gw_registry_add_family (gw_ops_bias);
  gw_registry_add_family (gw_ops_softmax);
  gw_registry_add_family (gw_ops_updates);
}
