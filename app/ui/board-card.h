/* SPDX-License-Identifier: Apache-2.0 */
/* One card of the Board: a tag of one kind, of one or several runs. The chart inside is
 * made when the card first comes into view, and brought up to date only while it is in
 * view, so that a thousand tags cost what is seen of them.
 *
 * Signals:
 *   "layout-changed"   it wants another place ("expanded" changed)
 *   "export" (string)  a format was chosen: "png", "svg", "pdf", "csv", "pgfplots" */
#pragma once

#include <gtk/gtk.h>

#include "app/model/run-log.h"
#include "widgets/charts/chart-card.h"
#include "widgets/charts/chart-cursor.h"
#include "widgets/paint/histogram-chart.h"
#include "widgets/paint/line-chart.h"

G_BEGIN_DECLS

/* What the settings panel says. */
typedef struct {
  GwSmoothing     smoothing;
  double          weight;          /* 0 … 0.999 */
  GwSeriesX       x;
  gboolean        log_x;
  gboolean        link;            /* one cursor on all cards */
  gboolean        ignore_outliers;
  gboolean        same_range;      /* one vertical range on all cards */
  gboolean        raw_line;
  gboolean        envelope;
  guint           tooltip_rows;
  GwHistogramMode histograms;
  int             card_width;      /* least width of a curve's card, px */
} GwBoardOptions;

#define GW_TYPE_BOARD_CARD (gw_board_card_get_type ())
G_DECLARE_DERIVABLE_TYPE (GwBoardCard, gw_board_card, GW, BOARD_CARD, GtkWidget)

struct _GwBoardCardClass {
  GtkWidgetClass parent_class;
  /* Makes the GwChartCard with what is in it. */
  GtkWidget *(*build) (GwBoardCard *card);
  /* Options, runs, names or colours are new; only once built. */
  void (*restyle) (GwBoardCard *card);
  /* Takes new data until `deadline` (monotonic time); TRUE when some is left. */
  gboolean (*refresh) (GwBoardCard *card, gint64 deadline);
};

/* For the makers of cards. */
void gw_board_card_set_up (GwBoardCard *card, GwRunDataKind kind, const char *tag, GwChartCursor *cursor);

GwRunDataKind gw_board_card_get_kind (GwBoardCard *card);
const char *gw_board_card_get_tag (GwBoardCard *card);
/* What stands at the card's head: of "test/loss" “loss” and “test”, of
 * "loss" beside it “loss” and “train”. Free both. */
char *gw_board_card_title (GwBoardCard *card, char **small);
/* Shared by all cards; used while the options say so. */
GwChartCursor *gw_board_card_get_cursor (GwBoardCard *card);
const GwBoardOptions *gw_board_card_get_options (GwBoardCard *card);
/* Of GwRunLog; never NULL. */
const GPtrArray *gw_board_card_get_runs (GwBoardCard *card);
void gw_board_card_set (GwBoardCard *card, const GwBoardOptions *options, GPtrArray *runs);

gboolean gw_board_card_is_built (GwBoardCard *card);
void gw_board_card_ensure (GwBoardCard *card);
GwChartCard *gw_board_card_get_card (GwBoardCard *card); /* NULL = not built */
/* TRUE when some is left to take. Does nothing when not built. */
gboolean gw_board_card_refresh (GwBoardCard *card, gint64 deadline);
gboolean gw_board_card_is_expanded (GwBoardCard *card);
/* Height of its own choice for a width. */
int gw_board_card_height_for (GwBoardCard *card, int width);

/* A curve of every run. */
GwBoardCard *gw_board_scalar_card_new (const char *tag, GwChartCursor *cursor);
/* The vertical range that shows all of it; FALSE when it is zoomed by hand, empty or
 * logarithmic. */
gboolean gw_board_scalar_card_get_range (GwBoardCard *card, double *low, double *high);
/* low < high fixes the vertical range, else it fits again; a zoom by hand stays. */
void gw_board_scalar_card_fix_range (GwBoardCard *card, double low, double high);

/* The others show one run. */
GwBoardCard *gw_board_histogram_card_new (const char *tag, GwChartCursor *cursor);
GwBoardCard *gw_board_sample_card_new (GwRunDataKind kind, const char *tag, GwChartCursor *cursor);

G_END_DECLS
