/* SPDX-License-Identifier: Apache-2.0 */
/* What the selected run came to, and in which settings it differs from the next one in
 * the list.
 *
 * Signal "open-graph" (string path): the button at the foot. */
#pragma once

#include <gtk/gtk.h>

#include "app/model/run-log.h"

G_BEGIN_DECLS

#define GW_TYPE_BOARD_SUMMARY (gw_board_summary_get_type ())
G_DECLARE_FINAL_TYPE (GwBoardSummary, gw_board_summary, GW, BOARD_SUMMARY, GtkWidget)

/* `menu` stands behind ⋮ at the run's name. */
GtkWidget *gw_board_summary_new (GMenuModel *menu);
/* Either may be NULL. */
void gw_board_summary_set (GwBoardSummary *summary, GwRunLog *log, GwRunLog *next);
/* The log's figures are new. */
void gw_board_summary_update (GwBoardSummary *summary);
/* Begins to edit the name in place. */
void gw_board_summary_rename (GwBoardSummary *summary);

G_END_DECLS
