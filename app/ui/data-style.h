/* SPDX-License-Identifier: Apache-2.0 */
/* What the Data and Checkpoints pages and the evaluation view share: a few lines of
 * style sheet and short ways to make labels, headings and buttons. */
#pragma once

#include <adwaita.h>

#include "engine/engine.h"
#include "widgets/paint/chart-pen.h"

G_BEGIN_DECLS

void gw_data_style_ensure (void);

/* A label at the left with classes "gw-dim gw-number" (NULL = none). */
GtkWidget *gw_text_new (const char *text, const char *classes);
/* The same, cut by "…" in the middle. */
GtkWidget *gw_cut_text_new (const char *text, const char *classes);
void gw_add_classes (GtkWidget *widget, const char *classes);
/* A button with icon and text; either may be NULL. */
GtkWidget *gw_button_new (const char *icon, const char *text, const char *classes);
/* Shows a message for 4 s over the page. */
AdwToast *gw_page_toast (AdwToastOverlay *overlay, const char *format, ...) G_GNUC_PRINTF (2, 3);
void gw_box_clear (GtkWidget *box);
/* A row of joined toggles, one of which is on. `names` NULL-terminated; `changed` is
 * called with the widget given. Returns the box, toggles[] the buttons. */
GtkWidget *gw_segments_new (const char *const *names, GtkWidget **toggles, GCallback changed, gpointer data);
/* Which toggle is on. */
int gw_segments_get (GtkWidget *const *toggles, int n);

/* Draws into a widget's area with the colours of the style. */
typedef void (*GwAreaDraw) (GwChartPen *pen, double width, double height, gpointer data);
GtkWidget *gw_area_new (int width, int height, GwAreaDraw draw, gpointer data);

/* A list model of names for a drop-down. */
GListModel *gw_name_list_new (const char *const *names);

G_END_DECLS
