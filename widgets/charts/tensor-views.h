/* SPDX-License-Identifier: Apache-2.0 */
/* Widgets over the pictures of histograms, tensors and samples, with what the
 * pointer picks. */
#pragma once

#include "widgets/charts/chart-area.h"
#include "widgets/charts/chart-cursor.h"
#include "widgets/paint/histogram-chart.h"
#include "widgets/paint/sample-chart.h"
#include "widgets/paint/tensor-chart.h"

G_BEGIN_DECLS

/* Histograms over the steps.  Signal "step-picked" (double): a ridge was
 * clicked.  Hovering moves the linked cursor. */
#define GW_TYPE_HISTOGRAM_VIEW (gw_histogram_view_get_type ())
G_DECLARE_FINAL_TYPE (GwHistogramView, gw_histogram_view, GW, HISTOGRAM_VIEW, GwChartArea)
GtkWidget *gw_histogram_view_new (void);
GwHistogramChart *gw_histogram_view_get_histogram (GwHistogramView *view);
void gw_histogram_view_set_cursor (GwHistogramView *view, GwChartCursor *cursor);

/* A matrix.  Signals "hovered" and "picked" (guint64 row, guint64 column);
 * hovered outside gives G_MAXUINT64 twice. */
#define GW_TYPE_HEAT_MAP_VIEW (gw_heat_map_view_get_type ())
G_DECLARE_FINAL_TYPE (GwHeatMapView, gw_heat_map_view, GW, HEAT_MAP_VIEW, GwChartArea)
GtkWidget *gw_heat_map_view_new (void);
GwHeatMap *gw_heat_map_view_get_heat_map (GwHeatMapView *view);

/* Samples.  Signal "picked" (int index). */
#define GW_TYPE_IMAGE_GRID_VIEW (gw_image_grid_view_get_type ())
G_DECLARE_FINAL_TYPE (GwImageGridView, gw_image_grid_view, GW, IMAGE_GRID_VIEW, GwChartArea)
GtkWidget *gw_image_grid_view_new (void);
GwImageGrid *gw_image_grid_view_get_image_grid (GwImageGridView *view);

/* Signal "picked" (guint true class, guint predicted class). */
#define GW_TYPE_CONFUSION_VIEW (gw_confusion_view_get_type ())
G_DECLARE_FINAL_TYPE (GwConfusionView, gw_confusion_view, GW, CONFUSION_VIEW, GwChartArea)
GtkWidget *gw_confusion_view_new (void);
GwConfusionChart *gw_confusion_view_get_confusion (GwConfusionView *view);

G_END_DECLS
