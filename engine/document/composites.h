/* SPDX-License-Identifier: Apache-2.0 */
/* Composite ops: one box on the canvas, its inside built from primitive ops. */
#pragma once

#include "engine/graph/op-def.h"

G_BEGIN_DECLS

extern const GwOpDef *const gw_composites_layers[];
extern const GwOpDef *const gw_composites_losses[];
extern const GwOpDef *const gw_composites_attention[];
extern const GwOpDef *const gw_composites_total_loss[];
extern const GwOpDef *const gw_composites_metrics[];
extern const GwOpDef *const gw_composites_sampled_losses[];
extern const GwOpDef *const gw_composites_training[];
extern const GwOpDef *const gw_composites_gradients[];
extern const GwOpDef *const gw_composites_clip[];
extern const GwOpDef *const gw_composites_conv_layers[];
extern const GwOpDef *const gw_composites_recurrent_layers[];
extern const GwOpDef *const gw_composites_normalization_layers[];
extern const GwOpDef *const gw_composites_schedules[];
extern const GwOpDef *const gw_composites_reroute[];
extern const GwOpDef *const gw_composites_scan[];
extern const GwOpDef *const gw_composites_text[];
extern const GwOpDef *const gw_composites_pictures[];

void gw_register_composites (void);

G_END_DECLS
