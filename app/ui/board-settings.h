/* SPDX-License-Identifier: Apache-2.0 */
/* The right panel of the Board: how curves, histograms and cards are shown. */
#pragma once

#include "app/ui/board-card.h"

G_BEGIN_DECLS

#define GW_TYPE_BOARD_SETTINGS (gw_board_settings_get_type ())
G_DECLARE_FINAL_TYPE (GwBoardSettings, gw_board_settings, GW, BOARD_SETTINGS, GtkWidget)

/* Signal "changed". */
GtkWidget *gw_board_settings_new (void);
const GwBoardOptions *gw_board_settings_get (GwBoardSettings *settings);

G_END_DECLS
