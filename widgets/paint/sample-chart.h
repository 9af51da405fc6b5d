/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of samples and how they were classified: a grid of small images with
 * captions, and a confusion matrix. */
#pragma once

#include "widgets/paint/chart.h"

G_BEGIN_DECLS

/* --- image grid --- */

typedef struct
{
  guint width, height;
  guint channels;         /* 1 = grey, 3 = RGB */
  const guint8 *pixels;   /* row-major, height x width x channels */
  const char *caption;    /* NULL = none */
  gboolean wrong;         /* red frame and caption */
} GwImageItem;

typedef struct _GwImageGrid GwImageGrid;

GwImageGrid *gw_image_grid_new (void);
/* Copies the items.  An item without pixels or with another number of channels
 * shows as an empty frame.  FALSE when memory ran out. */
gboolean gw_image_grid_set (GwImageGrid *chart, const GwImageItem *items, guint n_items);
guint gw_image_grid_length (const GwImageGrid *chart);
/* Brightness 0..2 and contrast 0..5, both 1 = as stored. */
void gw_image_grid_set_levels (GwImageGrid *chart, double brightness, double contrast);
/* Images that fit into the size; the rest is not drawn. */
guint gw_image_grid_capacity (GwImageGrid *chart, GwChartPen *pen, double width, double height);
/* Item under the point, -1 when none. */
int gw_image_grid_pick (GwImageGrid *chart, GwChartPen *pen, double width, double height,
                        double x, double y);

/* --- confusion matrix --- */

typedef struct _GwConfusionChart GwConfusionChart;

GwConfusionChart *gw_confusion_chart_new (void);
/* @counts is n x n, rows = true class; @names may be NULL (numbers).  Copied. */
gboolean gw_confusion_chart_set (GwConfusionChart *chart, const gint64 *counts, guint n,
                                 const char *const *names);
guint gw_confusion_chart_n_classes (const GwConfusionChart *chart);
gint64 gw_confusion_chart_count (const GwConfusionChart *chart, guint row, guint column);
gboolean gw_confusion_chart_pick (GwConfusionChart *chart, GwChartPen *pen, double width,
                                  double height, double x, double y, guint *row, guint *column);
void gw_confusion_chart_set_hover (GwConfusionChart *chart, int row, int column); /* -1 = none */

G_END_DECLS
