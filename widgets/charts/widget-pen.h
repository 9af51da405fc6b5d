/* SPDX-License-Identifier: Apache-2.0 */
/* A chart pen in the font and the colours of a widget. */
#pragma once

#include <gtk/gtk.h>

#include "widgets/paint/chart-pen.h"

G_BEGIN_DECLS

/* Clear with gw_chart_pen_clear(). */
void gw_widget_pen_init (GwChartPen *pen, GtkWidget *widget, cairo_t *cr);

/* Size of the widget's font in px. */
double gw_widget_em (GtkWidget *widget);

const GwChartTheme *gw_widget_chart_theme (void);

/* Redraws @widget whenever the style turns light or dark, as long as it lives. */
void gw_widget_follow_style (GtkWidget *widget);

G_END_DECLS
