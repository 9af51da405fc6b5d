/* SPDX-License-Identifier: Apache-2.0 */
/* The coloured tile of a category, and the bare glyph of an op in its colour. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GW_TYPE_OP_TILE (gw_op_tile_get_type ())
G_DECLARE_FINAL_TYPE (GwOpTile, gw_op_tile, GW, OP_TILE, GtkWidget)

/* @size px. */
GtkWidget *gw_op_tile_new (int size);
/* @color "#9141ac"; @bare: no ground, the glyph in the colour. */
void gw_op_tile_set (GwOpTile *tile, const char *icon_name, const char *color, gboolean bare);

G_END_DECLS
