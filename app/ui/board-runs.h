/* SPDX-License-Identifier: Apache-2.0 */
/* The list of runs: colour, name, what came of it, an eye; above it a filter, by text or
 * by regular expression, that holds for the cards as well.
 *
 * Signals:
 *   "changed"            other runs are to be shown
 *   "selected"           gw_board_runs_get_selected() is another one
 *   "menu" (GwRunLog, GtkWidget row, double x, double y)  its menu is asked for
 *   "rename", "delete" (GwRunLog)  by F2 and Delete in the list */
#pragma once

#include <gtk/gtk.h>

#include "app/model/run-log-list.h"

G_BEGIN_DECLS

#define GW_TYPE_BOARD_RUNS (gw_board_runs_get_type ())
G_DECLARE_FINAL_TYPE (GwBoardRuns, gw_board_runs, GW, BOARD_RUNS, GtkWidget)

GtkWidget *gw_board_runs_new (GwRunLogList *runs);
/* NULL = there is none. Borrowed. */
GwRunLog *gw_board_runs_get_selected (GwBoardRuns *list);
/* The one below the selected run, else above it: to compare with. NULL = none. */
GwRunLog *gw_board_runs_get_next (GwBoardRuns *list);
/* Of GwRunLog: visible and not filtered away, oldest colours first. */
GPtrArray *gw_board_runs_shown (GwBoardRuns *list);
const char *gw_board_runs_get_filter (GwBoardRuns *list);
guint gw_board_runs_get_n_matching (GwBoardRuns *list);
void gw_board_runs_clear_filter (GwBoardRuns *list);

G_END_DECLS
