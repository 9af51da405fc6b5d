/* SPDX-License-Identifier: Apache-2.0 */
/* The registry as the palette wants it. */
#pragma once

#include <gio/gio.h>

#include "engine/engine.h"

G_BEGIN_DECLS

/* All ops as GwOpEntry, in the palette's order (transfer full). */
GListModel *gw_op_catalog_new (void);
/* Brings the category “Mine” of the catalog up to the document and the user's palette. */
void gw_op_catalog_show_mine (GListModel *catalog, const GwDocument *document);
/* "op-layers-symbolic" and "#9141ac" of an op's category; static or interned. */
const char *gw_op_icon_name (const GwOpDef *op);
const char *gw_op_color (const GwOpDef *op);

G_END_DECLS
