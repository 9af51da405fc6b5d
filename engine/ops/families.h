/* SPDX-License-Identifier: Apache-2.0 */
/* The families of ops, each a NULL-terminated list in the file of that name. */
#pragma once

#include "engine/graph/registry.h"

G_BEGIN_DECLS

extern const GwOpDef *const gw_ops_inputs[];
extern const GwOpDef *const gw_ops_variables[];
extern const GwOpDef *const gw_ops_array_shape[];
extern const GwOpDef *const gw_ops_array_fill[];
extern const GwOpDef *const gw_ops_array_move[];
extern const GwOpDef *const gw_ops_array_strided_slice[];
extern const GwOpDef *const gw_ops_array_broadcast[];
extern const GwOpDef *const gw_ops_array_join[];
extern const GwOpDef *const gw_ops_array_gather[];
extern const GwOpDef *const gw_ops_random[];
extern const GwOpDef *const gw_ops_control[];
extern const GwOpDef *const gw_ops_strings[];
extern const GwOpDef *const gw_ops_save[];
extern const GwOpDef *const gw_ops_summary[];
extern const GwOpDef *const gw_ops_math_unary[];
extern const GwOpDef *const gw_ops_math_curves[];
extern const GwOpDef *const gw_ops_math_binary[];
extern const GwOpDef *const gw_ops_math_compare[];
extern const GwOpDef *const gw_ops_reduce[];
extern const GwOpDef *const gw_ops_scan[];
extern const GwOpDef *const gw_ops_matmul[];
extern const GwOpDef *const gw_ops_activation[];
extern const GwOpDef *const gw_ops_bias[];
extern const GwOpDef *const gw_ops_softmax[];
extern const GwOpDef *const gw_ops_updates[];

/* Enters all of them into the registry; once, before any graph is made. */
void gw_register_all_ops (void);

G_END_DECLS
