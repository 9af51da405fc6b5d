/* SPDX-License-Identifier: Apache-2.0 */
/* The Board: runs at the left, cards with their curves, histograms, pictures and texts
 * in the middle, settings at the right.
 *
 * Signals:
 *   "open-run-graph" (string)  show this graph.gw
 *   "train-requested"          the button of the empty page
 * Properties: "show-runs", "show-settings" (boolean): the side panels. */
#pragma once

#include <adwaita.h>

#include "app/model/doc-model.h"
#include "app/model/run-log-list.h"

G_BEGIN_DECLS

#define GW_TYPE_BOARD_PAGE (gw_board_page_get_type ())
G_DECLARE_FINAL_TYPE (GwBoardPage, gw_board_page, GW, BOARD_PAGE, GtkWidget)

/* Shows the runs of the document of `model`, and `run` while it trains. */
GtkWidget *gw_board_page_new (GwDocModel *model, GwRun *run);
/* Adds the event files of a folder to the list, as “Open a folder” does. */
void gw_board_page_open_folder (GwBoardPage *page, GFile *folder);
GwRunLogList *gw_board_page_get_runs (GwBoardPage *page);

G_END_DECLS
