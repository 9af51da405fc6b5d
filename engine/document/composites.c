/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/composites.h"

#include "engine/graph/registry.h"

void
gw_register_composites (void)
{
  gw_registry_add_family (gw_composites_layers);
  gw_registry_add_family (gw_composites_conv_layers);
  gw_registry_add_family (gw_composites_normalization_layers);
  gw_registry_add_family (gw_composites_recurrent_layers);
  gw_registry_add_family (gw_composites_attention);
  gw_registry_add_family (gw_composites_losses);
  gw_registry_add_family (gw_composites_total_loss);
  gw_registry_add_family (gw_composites_metrics);
  gw_registry_add_family (gw_composites_sampled_losses);
  gw_registry_add_family (gw_composites_training);
  gw_registry_add_family (gw_composites_gradients);
  gw_registry_add_family (gw_composites_clip);
  gw_registry_add_family (gw_composites_schedules);
  gw_registry_add_family (gw_composites_pictures);
  gw_registry_add_family (gw_composites_reroute);
  gw_registry_add_family (gw_composites_scan);
  gw_registry_add_family (gw_composites_text);
}
