/* SPDX-License-Identifier: Apache-2.0 */
/* The card round a chart: title and tag, tool buttons, the chart, a footer that
 * tells how much is shown. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  GW_CHART_CARD_LOG_Y = 1 << 0,
  GW_CHART_CARD_FIT = 1 << 1,
  GW_CHART_CARD_PIN = 1 << 2,
  GW_CHART_CARD_EXPAND = 1 << 3,
  GW_CHART_CARD_EXPORT = 1 << 4
} GwChartCardTools;

#define GW_TYPE_CHART_CARD (gw_chart_card_get_type ())
G_DECLARE_FINAL_TYPE (GwChartCard, gw_chart_card, GW, CHART_CARD, GtkWidget)

/* Properties: "title", "tag", "footer", "footer-end", "expanded" (boolean),
 * "pinned" (boolean).  Signal "export" (string): "png", "svg", "pdf", "csv" or
 * "pgfplots" was chosen in the export menu (the last two only over a line chart). */
GtkWidget *gw_chart_card_new (const char *title, const char *tag, GwChartCardTools tools);
/* With a GwChartView inside, log y and fit act on it; over it and over a
 * GwHistogramView the footer follows what is shown. */
void gw_chart_card_set_child (GwChartCard *card, GtkWidget *child);
GtkWidget *gw_chart_card_get_child (GwChartCard *card);
void gw_chart_card_set_title (GwChartCard *card, const char *title);
void gw_chart_card_set_tag (GwChartCard *card, const char *tag);
void gw_chart_card_set_footer (GwChartCard *card, const char *footer, const char *footer_end);
/* A row of controls between chart and footer (step slider); NULL = none. */
void gw_chart_card_set_controls (GwChartCard *card, GtkWidget *controls);
gboolean gw_chart_card_get_expanded (GwChartCard *card);

G_END_DECLS
