/* SPDX-License-Identifier: Apache-2.0 */
/* The families of ops, each a NULL-terminated list in the file of that name. */
#pragma once

#include "engine/graph/registry.h"

G_BEGIN_DECLS

extern const GwOpDef *const gw_ops_inputs[];
extern const GwOpDef *const gw_ops_variables[];
extern const GwOpDef *const gw_ops_resource_variables[];
extern const GwOpDef *const gw_ops_scatter[];
extern const GwOpDef *const gw_ops_array_shape[];
extern const GwOpDef *const gw_ops_array_fill[];
extern const GwOpDef *const gw_ops_array_move[];
extern const GwOpDef *const gw_ops_array_strided_slice[];
extern const GwOpDef *const gw_ops_array_broadcast[];
extern const GwOpDef *const gw_ops_array_join[];
extern const GwOpDef *const gw_ops_array_gather[];
extern const GwOpDef *const gw_ops_array_check[];
extern const GwOpDef *const gw_ops_array_count[];
extern const GwOpDef *const gw_ops_array_diagonal[];
extern const GwOpDef *const gw_ops_array_mirror[];
extern const GwOpDef *const gw_ops_array_order[];
extern const GwOpDef *const gw_ops_array_partition[];
extern const GwOpDef *const gw_ops_array_reverse[];
extern const GwOpDef *const gw_ops_array_scatter[];
extern const GwOpDef *const gw_ops_array_segment[];
extern const GwOpDef *const gw_ops_array_space[];
extern const GwOpDef *const gw_ops_array_sparse_segment[];
extern const GwOpDef *const gw_ops_array_unique[];
extern const GwOpDef *const gw_ops_random[];
extern const GwOpDef *const gw_ops_random_parameters[];
extern const GwOpDef *const gw_ops_random_pick[];
extern const GwOpDef *const gw_ops_candidate_sampling[];
extern const GwOpDef *const gw_ops_control[];
extern const GwOpDef *const gw_ops_control_flow[];
extern const GwOpDef *const gw_ops_tensor_list[];
extern const GwOpDef *const gw_ops_strings[];
extern const GwOpDef *const gw_ops_string_text[];
extern const GwOpDef *const gw_ops_string_split[];
extern const GwOpDef *const gw_ops_string_convert[];
extern const GwOpDef *const gw_ops_string_regex[];
extern const GwOpDef *const gw_ops_tables[];
extern const GwOpDef *const gw_ops_decode_csv[];
extern const GwOpDef *const gw_ops_files[];
extern const GwOpDef *const gw_ops_parse_example[];
extern const GwOpDef *const gw_ops_save[];
extern const GwOpDef *const gw_ops_summary[];
extern const GwOpDef *const gw_ops_math_unary[];
extern const GwOpDef *const gw_ops_math_curves[];
extern const GwOpDef *const gw_ops_math_binary[];
extern const GwOpDef *const gw_ops_math_division[];
extern const GwOpDef *const gw_ops_math_complex[];
extern const GwOpDef *const gw_ops_math_special[];
extern const GwOpDef *const gw_ops_math_bits[];
extern const GwOpDef *const gw_ops_math_compare[];
extern const GwOpDef *const gw_ops_reduce[];
extern const GwOpDef *const gw_ops_scan[];
extern const GwOpDef *const gw_ops_matmul[];
extern const GwOpDef *const gw_ops_activation[];
extern const GwOpDef *const gw_ops_bias[];
extern const GwOpDef *const gw_ops_conv[];
extern const GwOpDef *const gw_ops_pool[];
extern const GwOpDef *const gw_ops_dilation[];
extern const GwOpDef *const gw_ops_batch_norm[];
extern const GwOpDef *const gw_ops_lrn[];
extern const GwOpDef *const gw_ops_softmax[];
extern const GwOpDef *const gw_ops_linear_algebra[];
extern const GwOpDef *const gw_ops_einsum[];
extern const GwOpDef *const gw_ops_image_resize[];
extern const GwOpDef *const gw_ops_image_color[];
extern const GwOpDef *const gw_ops_image_boxes[];
extern const GwOpDef *const gw_ops_image_files[];
extern const GwOpDef *const gw_ops_recurrent[];
extern const GwOpDef *const gw_ops_updates[];

/* Enters all of them into the registry; once, before any graph is made. */
void gw_register_all_ops (void);

G_END_DECLS
