/* SPDX-License-Identifier: Apache-2.0 */
/* Widgets over histograms, matrices, samples and the confusion matrix. */
#include "widgets/charts/tensor-views.h"

#include <math.h>

/* The size that a chart is drawn in, for its pick functions. */
#define AREA_PEN(area) gw_chart_area_measure (GW_CHART_AREA (area))
#define AREA_WIDTH(area) gtk_widget_get_width (GTK_WIDGET (area))
#define AREA_HEIGHT(area) gtk_widget_get_height (GTK_WIDGET (area))

/* Hands the reference of a new chart to the area. */
static void
own_chart (gpointer area, gpointer chart)
{
  gw_chart_area_set_chart (area, chart);
  gw_chart_unref (chart);
}

/* --- histogram --- */

struct _GwHistogramView
{
  GwChartArea parent_instance;
  GwChartCursor *cursor;
};

G_DEFINE_FINAL_TYPE (GwHistogramView, gw_histogram_view, GW_TYPE_CHART_AREA)

static guint step_picked_signal;

GwHistogramChart *
gw_histogram_view_get_histogram (GwHistogramView *self)
{
  g_return_val_if_fail (GW_IS_HISTOGRAM_VIEW (self), NULL);
  return gw_chart_area_get_chart (GW_CHART_AREA (self));
}

static void
cursor_moved (GwHistogramView *self)
{
  gw_histogram_chart_set_marked_step (gw_histogram_view_get_histogram (self),
                                      gw_chart_cursor_get_x (self->cursor));
  gw_chart_area_changed (GW_CHART_AREA (self));
}

void
gw_histogram_view_set_cursor (GwHistogramView *self, GwChartCursor *cursor)
{
  g_return_if_fail (GW_IS_HISTOGRAM_VIEW (self));

  if (self->cursor == cursor)
    return;
  if (self->cursor != NULL)
    g_signal_handlers_disconnect_by_func (self->cursor, cursor_moved, self);
  g_set_object (&self->cursor, cursor);
  if (cursor != NULL)
    g_signal_connect_object (cursor, "moved", G_CALLBACK (cursor_moved), self,
                             G_CONNECT_SWAPPED);
}

static double
step_under (GwChartArea *area, double x, double y)
{
  if (isnan (x))
    return NAN;
  return gw_histogram_chart_step_at (gw_chart_area_get_chart (area), AREA_PEN (area),
                                     AREA_WIDTH (area), AREA_HEIGHT (area), x, y);
}

static void
gw_histogram_view_hover (GwChartArea *area, double x, double y)
{
  GwHistogramView *self = GW_HISTOGRAM_VIEW (area);

  if (self->cursor != NULL)
    gw_chart_cursor_set_x (self->cursor, step_under (area, x, y));
}

static void
gw_histogram_view_pick (GwChartArea *area, int n_press, double x, double y)
{
  double step = step_under (area, x, y);

  if (!isnan (step))
    g_signal_emit (area, step_picked_signal, 0, step);
}

static void
gw_histogram_view_dispose (GObject *object)
{
  g_clear_object (&GW_HISTOGRAM_VIEW (object)->cursor);
  G_OBJECT_CLASS (gw_histogram_view_parent_class)->dispose (object);
}

static void
gw_histogram_view_class_init (GwHistogramViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gw_histogram_view_dispose;
  GW_CHART_AREA_CLASS (klass)->hover = gw_histogram_view_hover;
  GW_CHART_AREA_CLASS (klass)->pick = gw_histogram_view_pick;
  step_picked_signal = g_signal_new ("step-picked", GW_TYPE_HISTOGRAM_VIEW, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_DOUBLE);
}

static void
gw_histogram_view_init (GwHistogramView *self)
{
  own_chart (self, gw_histogram_chart_new (NULL, 0));
}

GtkWidget *
gw_histogram_view_new (void)
{
  return g_object_new (GW_TYPE_HISTOGRAM_VIEW, NULL);
}

/* --- heat map --- */

struct _GwHeatMapView
{
  GwChartArea parent_instance;
  guint64 row, column;  /* under the pointer, G_MAXUINT64 outside */
};

G_DEFINE_FINAL_TYPE (GwHeatMapView, gw_heat_map_view, GW_TYPE_CHART_AREA)

static guint heat_hovered_signal;
static guint heat_picked_signal;

GwHeatMap *
gw_heat_map_view_get_heat_map (GwHeatMapView *self)
{
  g_return_val_if_fail (GW_IS_HEAT_MAP_VIEW (self), NULL);
  return gw_chart_area_get_chart (GW_CHART_AREA (self));
}

static gboolean
cell_under (GwChartArea *area, double x, double y, guint64 *row, guint64 *column)
{
  gsize r;
  gsize c;

  *row = *column = G_MAXUINT64;
  if (isnan (x)
      || !gw_heat_map_pick (gw_chart_area_get_chart (area), AREA_PEN (area), AREA_WIDTH (area),
                            AREA_HEIGHT (area), x, y, &r, &c))
    return FALSE;
  *row = r;
  *column = c;
  return TRUE;
}

static void
gw_heat_map_view_hover (GwChartArea *area, double x, double y)
{
  GwHeatMapView *self = GW_HEAT_MAP_VIEW (area);
  guint64 row;
  guint64 column;

  cell_under (area, x, y, &row, &column);
  if (row == self->row && column == self->column)
    return;
  self->row = row;
  self->column = column;
  g_signal_emit (self, heat_hovered_signal, 0, row, column);
}

static void
gw_heat_map_view_pick (GwChartArea *area, int n_press, double x, double y)
{
  guint64 row;
  guint64 column;

  if (cell_under (area, x, y, &row, &column))
    g_signal_emit (area, heat_picked_signal, 0, row, column);
}

static void
gw_heat_map_view_class_init (GwHeatMapViewClass *klass)
{
  GW_CHART_AREA_CLASS (klass)->hover = gw_heat_map_view_hover;
  GW_CHART_AREA_CLASS (klass)->pick = gw_heat_map_view_pick;
  heat_hovered_signal
      = g_signal_new ("hovered", GW_TYPE_HEAT_MAP_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_UINT64);
  heat_picked_signal
      = g_signal_new ("picked", GW_TYPE_HEAT_MAP_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_UINT64);
}

static void
gw_heat_map_view_init (GwHeatMapView *self)
{
  self->row = self->column = G_MAXUINT64;
  own_chart (self, gw_heat_map_new ());
}

GtkWidget *
gw_heat_map_view_new (void)
{
  return g_object_new (GW_TYPE_HEAT_MAP_VIEW, NULL);
}

/* --- image grid --- */

struct _GwImageGridView
{
  GwChartArea parent_instance;
};

G_DEFINE_FINAL_TYPE (GwImageGridView, gw_image_grid_view, GW_TYPE_CHART_AREA)

static guint image_picked_signal;

GwImageGrid *
gw_image_grid_view_get_image_grid (GwImageGridView *self)
{
  g_return_val_if_fail (GW_IS_IMAGE_GRID_VIEW (self), NULL);
  return gw_chart_area_get_chart (GW_CHART_AREA (self));
}

static void
gw_image_grid_view_pick (GwChartArea *area, int n_press, double x, double y)
{
  int index = gw_image_grid_pick (gw_chart_area_get_chart (area), AREA_PEN (area),
                                  AREA_WIDTH (area), AREA_HEIGHT (area), x, y);

  if (index >= 0)
    g_signal_emit (area, image_picked_signal, 0, index);
}

static void
gw_image_grid_view_class_init (GwImageGridViewClass *klass)
{
  GW_CHART_AREA_CLASS (klass)->pick = gw_image_grid_view_pick;
  image_picked_signal = g_signal_new ("picked", GW_TYPE_IMAGE_GRID_VIEW, G_SIGNAL_RUN_LAST, 0,
                                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
gw_image_grid_view_init (GwImageGridView *self)
{
  own_chart (self, gw_image_grid_new ());
}

GtkWidget *
gw_image_grid_view_new (void)
{
  return g_object_new (GW_TYPE_IMAGE_GRID_VIEW, NULL);
}

/* --- confusion matrix --- */

struct _GwConfusionView
{
  GwChartArea parent_instance;
  int row, column;  /* under the pointer, -1 outside */
};

G_DEFINE_FINAL_TYPE (GwConfusionView, gw_confusion_view, GW_TYPE_CHART_AREA)

static guint confusion_picked_signal;

GwConfusionChart *
gw_confusion_view_get_confusion (GwConfusionView *self)
{
  g_return_val_if_fail (GW_IS_CONFUSION_VIEW (self), NULL);
  return gw_chart_area_get_chart (GW_CHART_AREA (self));
}

static gboolean
class_under (GwChartArea *area, double x, double y, guint *row, guint *column)
{
  return !isnan (x)
         && gw_confusion_chart_pick (gw_chart_area_get_chart (area), AREA_PEN (area),
                                     AREA_WIDTH (area), AREA_HEIGHT (area), x, y, row, column);
}

static void
gw_confusion_view_hover (GwChartArea *area, double x, double y)
{
  GwConfusionView *self = GW_CONFUSION_VIEW (area);
  guint row;
  guint column;
  gboolean inside = class_under (area, x, y, &row, &column);
  int new_row = inside ? (int) row : -1;
  int new_column = inside ? (int) column : -1;

  if (new_row == self->row && new_column == self->column)
    return;
  self->row = new_row;
  self->column = new_column;
  gw_confusion_chart_set_hover (gw_confusion_view_get_confusion (self), new_row, new_column);
  gw_chart_area_changed (area);
}

static void
gw_confusion_view_pick (GwChartArea *area, int n_press, double x, double y)
{
  guint row;
  guint column;

  if (class_under (area, x, y, &row, &column))
    g_signal_emit (area, confusion_picked_signal, 0, row, column);
}

static void
gw_confusion_view_class_init (GwConfusionViewClass *klass)
{
  GW_CHART_AREA_CLASS (klass)->hover = gw_confusion_view_hover;
  GW_CHART_AREA_CLASS (klass)->pick = gw_confusion_view_pick;
  confusion_picked_signal
      = g_signal_new ("picked", GW_TYPE_CONFUSION_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
}

static void
gw_confusion_view_init (GwConfusionView *self)
{
  self->row = self->column = -1;
  own_chart (self, gw_confusion_chart_new ());
}

GtkWidget *
gw_confusion_view_new (void)
{
  return g_object_new (GW_TYPE_CONFUSION_VIEW, NULL);
}
