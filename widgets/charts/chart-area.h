/* SPDX-License-Identifier: Apache-2.0 */
/* A widget that shows one GwChart: the picture is recorded once and drawn again
 * only after gw_chart_area_changed(); the overlay (cursor, selection) is drawn
 * on top without touching it. */
#pragma once

#include <gtk/gtk.h>

#include "widgets/paint/chart.h"

G_BEGIN_DECLS

#define GW_TYPE_CHART_AREA (gw_chart_area_get_type ())
G_DECLARE_DERIVABLE_TYPE (GwChartArea, gw_chart_area, GW, CHART_AREA, GtkWidget)

struct _GwChartAreaClass
{
  GtkWidgetClass parent_class;
  /* What is drawn into the recorded picture; default: gw_chart_draw(). */
  void (*draw) (GwChartArea *area, GwChartPen *pen, double width, double height);
  /* What is drawn over it; NULL = nothing. */
  void (*draw_overlay) (GwChartArea *area, GwChartPen *pen, double width, double height);
  /* The pointer moved to (x, y), NaN when it left; NULL = not asked for. */
  void (*hover) (GwChartArea *area, double x, double y);
  /* The chart was clicked @n_press times; NULL = not asked for. */
  void (*pick) (GwChartArea *area, int n_press, double x, double y);
};

/* Signal "changed": gw_chart_area_changed() was called.
 *
 * Takes a reference on @chart (any GwChart). */
GtkWidget *gw_chart_area_new (gpointer chart);
gpointer gw_chart_area_get_chart (GwChartArea *area);
void gw_chart_area_set_chart (GwChartArea *area, gpointer chart);
/* The data changed: draw anew in the next frame. */
void gw_chart_area_changed (GwChartArea *area);
/* Only the overlay changed. */
void gw_chart_area_overlay_changed (GwChartArea *area);
/* A pen with this widget's font and colours for measuring, not for drawing;
 * owned by the area, valid until it returns to the main loop. */
GwChartPen *gw_chart_area_measure (GwChartArea *area);
/* How often the picture was recorded: for tests and meters. */
guint gw_chart_area_get_n_draws (GwChartArea *area);

G_END_DECLS
