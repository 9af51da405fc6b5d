/* SPDX-License-Identifier: Apache-2.0 */
/* The colour of a run: filled while its curves are shown, a ring while they are not. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GW_TYPE_BOARD_DOT (gw_board_dot_get_type ())
G_DECLARE_FINAL_TYPE (GwBoardDot, gw_board_dot, GW, BOARD_DOT, GtkWidget)

GtkWidget *gw_board_dot_new (void);
void gw_board_dot_set (GwBoardDot *dot, guint color, gboolean filled);

G_END_DECLS
