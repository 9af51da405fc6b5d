/* SPDX-License-Identifier: Apache-2.0 */
/* Cards to files: asks where to, draws in the light style with legend and axis labels,
 * and says how it went. */
#pragma once

#include "app/ui/board-card.h"

G_BEGIN_DECLS

/* What is shown when it is done or has failed. */
typedef void (*GwBoardExported) (const char *message, gpointer data);

/* `format` is "png", "svg", "pdf", "csv" or "pgfplots". `data` must live as long as
 * the card. */
void gw_board_export (GwBoardCard *card, const char *format, GwBoardExported exported, gpointer data);
/* All cards (of GwBoardCard) that have a chart, into a folder that is asked for. */
void gw_board_export_all (GtkWidget *parent, GPtrArray *cards, const char *format, GwBoardExported exported,
                          gpointer data);
/* Writes one file at once; the extension is that of the format. */
gboolean gw_board_write (GwBoardCard *card, const char *format, const char *path, GError **error);

G_END_DECLS
