/* SPDX-License-Identifier: Apache-2.0 */
/* What board-page.c (what the page does) and board-parts.c (what it is made of) share. */
#pragma once

#include "app/ui/board-page.h"

#include "app/ui/board-grid.h"
#include "app/ui/board-runs.h"
#include "app/ui/board-settings.h"
#include "app/ui/board-summary.h"

G_BEGIN_DECLS

struct _GwBoardPage {
  GtkWidget      parent_instance;

  GwDocModel    *model;
  GwRunLogList  *runs;
  GPtrArray     *shown;      /* of GwRunLog: whose data the cards show */
  GPtrArray     *cards;      /* of GwBoardCard, children of the grid, in order */
  GwChartCursor *cursor;
  GSimpleActionGroup *actions;

  GtkWidget     *toasts, *outer, *runs_flap, *settings_flap;
  GtkWidget     *list, *summary, *settings;
  GtkWidget     *runs_toggle, *settings_toggle, *tag_entry;
  GtkWidget     *stack, *scroller, *grid, *filtered, *plain;
  GtkWidget     *context;    /* popover menu of a row */
  int            tab;        /* GwRunDataKind, -1 = all */

  guint          tick;
  gint64         refreshed;  /* when, monotonic time */
  gint64         cost;       /* how long it took */
  guint          n_tags;     /* of the shown runs, when the cards were laid out */
  gboolean       dirty;      /* the cards must be laid out anew */
  gboolean       fixed_range;
};

/* Makes the widgets and connects what the page does by itself. */
void gw_board_page_build (GwBoardPage *page);

/* Lays the cards out anew in the next frame. */
void gw_board_page_relayout (GwBoardPage *page);
/* Brings what is in view up to date in the next frame. */
void gw_board_page_refresh_soon (GwBoardPage *page);
/* What the list of runs says. */
void gw_board_page_runs_changed (GwBoardPage *page);
void gw_board_page_show_selected (GwBoardPage *page);
void gw_board_page_show_menu (GwBoardPage *page, GwRunLog *log, GtkWidget *row, double x, double y);
void gw_board_page_rename_run (GwBoardPage *page);
void gw_board_page_remove_run (GwBoardPage *page, GwRunLog *log);

G_END_DECLS
