/* SPDX-License-Identifier: Apache-2.0 */
/* Sections of cards that flow: equal widths within a section, a card taken to the full
 * width where it stands. For a GtkScrolledWindow; only cards in view are mapped. */
#pragma once

#include "app/ui/board-card.h"

G_BEGIN_DECLS

#define GW_TYPE_BOARD_GRID (gw_board_grid_get_type ())
G_DECLARE_FINAL_TYPE (GwBoardGrid, gw_board_grid, GW, BOARD_GRID, GtkWidget)

/* Signal "shown": cards came into view and want to be brought up to date. */
GtkWidget *gw_board_grid_new (void);
/* Of the scrolled window around. */
void gw_board_grid_set_adjustment (GwBoardGrid *grid, GtkAdjustment *adjustment);
void gw_board_grid_set_card_width (GwBoardGrid *grid, int width);

/* The new contents: between the two calls sections and their cards in order. A card that
 * was there before stays the same widget; one that is not given again is destroyed. */
void gw_board_grid_begin (GwBoardGrid *grid);
/* `key` remembers whether the section is folded; `detail` stands dim after the title. */
void gw_board_grid_add_section (GwBoardGrid *grid, const char *key, const char *title, const char *detail);
void gw_board_grid_add_card (GwBoardGrid *grid, GwBoardCard *card);
void gw_board_grid_end (GwBoardGrid *grid);

/* Whether the card is in view now. */
gboolean gw_board_grid_is_shown (GwBoardGrid *grid, GwBoardCard *card);

G_END_DECLS
