/* SPDX-License-Identifier: Apache-2.0 */
/* Finding nodes by words: "hidden", "op:MatMul", "dtype:int64", "device:gpu", in any
 * mixture. All words must hold; upper and lower case are one. */
#pragma once

#include "engine/engine.h"

G_BEGIN_DECLS

typedef struct _GwNodeQuery GwNodeQuery;

GwNodeQuery *gw_node_query_new (const char *text);
void gw_node_query_free (GwNodeQuery *query);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwNodeQuery, gw_node_query_free)

/* Whether the node fits: a bare word stands in its name or its op, op: in the op's name or
 * title, dtype: in the type of one of its outputs, device: in the device that it asks for
 * ("device:auto": asks for none). */
gboolean gw_node_query_matches (const GwNodeQuery *query, const GwLive *live, int64_t node);

G_END_DECLS
