/* SPDX-License-Identifier: Apache-2.0 */
/* The line chart with its gestures and keys. */
#include "widgets/charts/chart-view.h"

#include <math.h>

#include "widgets/charts/widget-pen.h"

#define ZOOM_STEP 1.25
#define PAN_STEP 0.1
#define LEAST_DRAG 6

typedef enum
{
  DRAG_NONE,
  DRAG_BOX,
  DRAG_PAN
} DragMode;

struct _GwChartView
{
  GwChartArea parent_instance;

  GwLineChart *line;
  GwChartCursor *cursor;
  double pointer_x, pointer_y;  /* NaN outside */
  gboolean keyboard_cursor;     /* moved by key: the table shows without a pointer */

  DragMode drag;
  double start_x, start_y, end_x, end_y;
  double panned_x, panned_y;    /* px of the drag that are done */
};

enum
{
  PROP_0,
  PROP_LOG_Y,
  PROP_ZOOMED,
  PROP_CURSOR,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GwChartView, gw_chart_view, GW_TYPE_CHART_AREA)

typedef struct
{
  GwRect plot;
  GwAxis x_axis, y_axis;
} Layout;

static void
find_layout (GwChartView *self, Layout *layout)
{
  GtkWidget *widget = GTK_WIDGET (self);

  gw_line_chart_layout (self->line, gw_chart_area_measure (GW_CHART_AREA (self)),
                        gtk_widget_get_width (widget), gtk_widget_get_height (widget),
                        &layout->plot, &layout->x_axis, &layout->y_axis);
}

/* --- view --- */

static gboolean
usable_range (const GwChartRange *range)
{
  return isfinite (range->x0) && isfinite (range->x1) && isfinite (range->y0)
         && isfinite (range->y1) && range->x0 < range->x1 && range->y0 < range->y1;
}

void
gw_chart_view_set_range (GwChartView *self, const GwChartRange *range)
{
  g_return_if_fail (GW_IS_CHART_VIEW (self));

  GwChartRange unused;
  gboolean was = gw_line_chart_get_view (self->line, &unused);

  if (range != NULL && !usable_range (range))
    return;
  gw_line_chart_set_view (self->line, range);
  gw_chart_area_changed (GW_CHART_AREA (self));
  if (was != (range != NULL))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ZOOMED]);
}

void
gw_chart_view_fit (GwChartView *self)
{
  gw_chart_view_set_range (self, NULL);
}

gboolean
gw_chart_view_is_zoomed (GwChartView *self)
{
  GwChartRange unused;

  g_return_val_if_fail (GW_IS_CHART_VIEW (self), FALSE);
  return gw_line_chart_get_view (self->line, &unused);
}

/* Shows the part of the present view between shares of the plot. */
static void
show_shares (GwChartView *self, double x0, double x1, double y0, double y1)
{
  Layout layout;

  find_layout (self, &layout);

  GwChartRange range = {
    gw_axis_unmap (&layout.x_axis, x0),
    gw_axis_unmap (&layout.x_axis, x1),
    gw_axis_unmap (&layout.y_axis, y0),
    gw_axis_unmap (&layout.y_axis, y1),
  };

  gw_chart_view_set_range (self, &range);
}

void
gw_chart_view_zoom (GwChartView *self, double factor, double x_share, double y_share)
{
  g_return_if_fail (GW_IS_CHART_VIEW (self));
  g_return_if_fail (factor > 0);

  show_shares (self, x_share - x_share / factor, x_share + (1 - x_share) / factor,
               y_share - y_share / factor, y_share + (1 - y_share) / factor);
}

void
gw_chart_view_pan (GwChartView *self, double x_share, double y_share)
{
  g_return_if_fail (GW_IS_CHART_VIEW (self));
  show_shares (self, x_share, 1 + x_share, y_share, 1 + y_share);
}

void
gw_chart_view_set_log_y (GwChartView *self, gboolean log_y)
{
  g_return_if_fail (GW_IS_CHART_VIEW (self));

  GwLineChartOptions *options = gw_line_chart_options (self->line);
  GwChartRange view;

  log_y = !!log_y;
  if (options->log_y == log_y)
    return;
  if (log_y && gw_line_chart_get_view (self->line, &view) && view.y0 <= 0)
    gw_chart_view_fit (self);
  options->log_y = log_y;
  gw_chart_area_changed (GW_CHART_AREA (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LOG_Y]);
}

gboolean
gw_chart_view_get_log_y (GwChartView *self)
{
  g_return_val_if_fail (GW_IS_CHART_VIEW (self), FALSE);
  return gw_line_chart_options (self->line)->log_y;
}

GwLineChart *
gw_chart_view_get_line_chart (GwChartView *self)
{
  g_return_val_if_fail (GW_IS_CHART_VIEW (self), NULL);
  return self->line;
}

/* --- cursor --- */

void
gw_chart_view_set_cursor (GwChartView *self, GwChartCursor *cursor)
{
  g_return_if_fail (GW_IS_CHART_VIEW (self));
  g_return_if_fail (cursor == NULL || GW_IS_CHART_CURSOR (cursor));

  if (self->cursor == cursor)
    return;
  if (self->cursor != NULL)
    g_signal_handlers_disconnect_by_func (self->cursor, gw_chart_area_overlay_changed, self);
  g_set_object (&self->cursor, cursor);
  if (cursor != NULL)
    g_signal_connect_object (cursor, "moved", G_CALLBACK (gw_chart_area_overlay_changed), self,
                             G_CONNECT_SWAPPED);
  gw_chart_area_overlay_changed (GW_CHART_AREA (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CURSOR]);
}

GwChartCursor *
gw_chart_view_get_cursor (GwChartView *self)
{
  g_return_val_if_fail (GW_IS_CHART_VIEW (self), NULL);
  return self->cursor;
}

void
gw_chart_view_step_cursor (GwChartView *self, int direction)
{
  g_return_if_fail (GW_IS_CHART_VIEW (self));

  GwSeriesX x = gw_line_chart_options (self->line)->x;

  if (self->cursor == NULL)
    return;
  for (guint i = 0; i < gw_line_chart_n_series (self->line); i++)
    {
      GwSeries *series = gw_line_chart_series (self->line, i);
      gsize length = gw_series_length (series);
      double here = gw_chart_cursor_get_x (self->cursor);
      gsize index = length - 1;

      if (!gw_line_chart_get_visible (self->line, i) || length == 0)
        continue;
      if (!isnan (here) && gw_series_nearest (series, x, here, &index))
        {
          if (direction < 0 && index > 0)
            index--;
          else if (direction > 0 && index + 1 < length)
            index++;
        }
      self->keyboard_cursor = TRUE;
      gw_chart_cursor_set_x (self->cursor, gw_series_x (series, x, index));
      return;
    }
}

static void
gw_chart_view_hover (GwChartArea *area, double x, double y)
{
  GwChartView *self = GW_CHART_VIEW (area);
  GwLineChartRow nearest;
  Layout layout;

  self->pointer_x = x;
  self->pointer_y = y;
  self->keyboard_cursor = FALSE;
  gw_chart_area_overlay_changed (area);
  if (self->cursor == NULL || self->drag == DRAG_BOX)
    return;
  find_layout (self, &layout);
  if (isnan (x) || x < layout.plot.x - 2 || x > layout.plot.x + layout.plot.width + 2)
    {
      gw_chart_cursor_set_x (self->cursor, NAN);
      return;
    }

  double value = gw_axis_unmap (&layout.x_axis, (x - layout.plot.x) / layout.plot.width);
  guint n = gw_line_chart_rows (self->line, gw_chart_area_measure (area),
                                gtk_widget_get_width (GTK_WIDGET (self)),
                                gtk_widget_get_height (GTK_WIDGET (self)), value, y, &nearest, 1,
                                NULL);

  gw_chart_cursor_set_x (self->cursor, n > 0 ? nearest.x : NAN);
}

/* --- drawing --- */

static void
draw_box (GwChartView *self, GwChartPen *pen)
{
  double x = MIN (self->start_x, self->end_x);
  double y = MIN (self->start_y, self->end_y);
  double width = fabs (self->end_x - self->start_x);
  double height = fabs (self->end_y - self->start_y);

  gw_chart_pen_color (pen, pen->theme->accent, 0.14);
  cairo_rectangle (pen->cr, x, y, width, height);
  cairo_fill_preserve (pen->cr);
  gw_chart_pen_color (pen, pen->theme->accent, 1);
  cairo_set_line_width (pen->cr, 1);
  cairo_stroke (pen->cr);
}

static void
draw_focus (GwChartView *self, GwChartPen *pen, double width, double height)
{
  if (!gtk_widget_has_visible_focus (GTK_WIDGET (self)))
    return;
  gw_chart_pen_color (pen, pen->theme->accent, 1);
  cairo_set_line_width (pen->cr, 2);
  gw_chart_pen_rounded (pen, 1, 1, width - 2, height - 2, 6);
  cairo_stroke (pen->cr);
}

static void
gw_chart_view_draw_overlay (GwChartArea *area, GwChartPen *pen, double width, double height)
{
  GwChartView *self = GW_CHART_VIEW (area);
  double x = self->cursor != NULL ? gw_chart_cursor_get_x (self->cursor) : NAN;

  draw_focus (self, pen, width, height);
  if (self->drag == DRAG_BOX)
    {
      draw_box (self, pen);
      return;
    }
  if (!isnan (x))
    gw_line_chart_draw_cursor (self->line, pen, width, height, x, self->pointer_y,
                               !isnan (self->pointer_x)
                                   || (self->keyboard_cursor
                                       && gtk_widget_has_focus (GTK_WIDGET (self))));
}

/* --- gestures --- */

static void
drag_begin (GwChartView *self, double x, double y, GtkGesture *gesture)
{
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));
  GdkModifierType state
      = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));

  if (button != GDK_BUTTON_PRIMARY && button != GDK_BUTTON_MIDDLE)
    {
      gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  self->start_x = self->end_x = x;
  self->start_y = self->end_y = y;
  self->panned_x = self->panned_y = 0;
  self->drag = DRAG_NONE;
  if (button == GDK_BUTTON_MIDDLE || (state & GDK_ALT_MASK) != 0)
    self->drag = DRAG_PAN;
}

static void
drag_update (GwChartView *self, double dx, double dy)
{
  Layout layout;

  self->end_x = self->start_x + dx;
  self->end_y = self->start_y + dy;
  if (self->drag == DRAG_PAN)
    {
      find_layout (self, &layout);
      gw_chart_view_pan (self, -(dx - self->panned_x) / layout.plot.width,
                         (dy - self->panned_y) / layout.plot.height);
      self->panned_x = dx;
      self->panned_y = dy;
      return;
    }
  if (hypot (dx, dy) >= LEAST_DRAG)
    self->drag = DRAG_BOX;
  gw_chart_area_overlay_changed (GW_CHART_AREA (self));
}

/* A box that is flat zooms x alone, one that is narrow y alone. */
static void
drag_end (GwChartView *self, double dx, double dy)
{
  gboolean box = self->drag == DRAG_BOX;
  Layout layout;

  self->drag = DRAG_NONE;
  gw_chart_area_overlay_changed (GW_CHART_AREA (self));
  if (!box)
    return;
  find_layout (self, &layout);

  double x0 = (MIN (self->start_x, self->start_x + dx) - layout.plot.x) / layout.plot.width;
  double x1 = (MAX (self->start_x, self->start_x + dx) - layout.plot.x) / layout.plot.width;
  double y0
      = 1 - (MAX (self->start_y, self->start_y + dy) - layout.plot.y) / layout.plot.height;
  double y1
      = 1 - (MIN (self->start_y, self->start_y + dy) - layout.plot.y) / layout.plot.height;

  if (fabs (dx) < LEAST_DRAG)
    {
      x0 = 0;
      x1 = 1;
    }
  if (fabs (dy) < LEAST_DRAG)
    {
      y0 = 0;
      y1 = 1;
    }
  x0 = CLAMP (x0, 0, 1);
  x1 = CLAMP (x1, 0, 1);
  y0 = CLAMP (y0, 0, 1);
  y1 = CLAMP (y1, 0, 1);
  if (x1 > x0 && y1 > y0)
    show_shares (self, x0, x1, y0, y1);
}

static void
drag_cancel (GwChartView *self)
{
  self->drag = DRAG_NONE;
  gw_chart_area_overlay_changed (GW_CHART_AREA (self));
}

static void
gw_chart_view_pick (GwChartArea *area, int n_press, double x, double y)
{
  if (n_press == 2)
    gw_chart_view_fit (GW_CHART_VIEW (area));
}

static gboolean
scrolled (GwChartView *self, double dx, double dy)
{
  Layout layout;
  double x = 0.5;
  double y = 0.5;

  if (!gtk_widget_has_focus (GTK_WIDGET (self)))
    return GDK_EVENT_PROPAGATE;
  find_layout (self, &layout);
  if (!isnan (self->pointer_x))
    {
      x = CLAMP ((self->pointer_x - layout.plot.x) / layout.plot.width, 0, 1);
      y = CLAMP (1 - (self->pointer_y - layout.plot.y) / layout.plot.height, 0, 1);
    }
  gw_chart_view_zoom (self, pow (ZOOM_STEP, -dy), x, y);
  return GDK_EVENT_STOP;
}

static gboolean
key_pressed (GwChartView *self, guint key, guint code, GdkModifierType state)
{
  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
      gw_chart_view_zoom (self, ZOOM_STEP, 0.5, 0.5);
      break;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      gw_chart_view_zoom (self, 1 / ZOOM_STEP, 0.5, 0.5);
      break;
    case GDK_KEY_Left:
      gw_chart_view_pan (self, -PAN_STEP, 0);
      break;
    case GDK_KEY_Right:
      gw_chart_view_pan (self, PAN_STEP, 0);
      break;
    case GDK_KEY_Up:
      gw_chart_view_pan (self, 0, PAN_STEP);
      break;
    case GDK_KEY_Down:
      gw_chart_view_pan (self, 0, -PAN_STEP);
      break;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
      gw_chart_view_fit (self);
      break;
    case GDK_KEY_y:
    case GDK_KEY_Y:
      gw_chart_view_set_log_y (self, !gw_chart_view_get_log_y (self));
      break;
    case GDK_KEY_comma:
      gw_chart_view_step_cursor (self, -1);
      break;
    case GDK_KEY_period:
      gw_chart_view_step_cursor (self, 1);
      break;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  return GDK_EVENT_STOP;
}

/* --- object --- */

static void
gw_chart_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GwChartView *self = GW_CHART_VIEW (object);

  switch (id)
    {
    case PROP_LOG_Y:
      g_value_set_boolean (value, gw_chart_view_get_log_y (self));
      break;
    case PROP_ZOOMED:
      g_value_set_boolean (value, gw_chart_view_is_zoomed (self));
      break;
    case PROP_CURSOR:
      g_value_set_object (value, self->cursor);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gw_chart_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GwChartView *self = GW_CHART_VIEW (object);

  switch (id)
    {
    case PROP_LOG_Y:
      gw_chart_view_set_log_y (self, g_value_get_boolean (value));
      break;
    case PROP_CURSOR:
      gw_chart_view_set_cursor (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gw_chart_view_dispose (GObject *object)
{
  GwChartView *self = GW_CHART_VIEW (object);

  g_clear_object (&self->cursor);
  G_OBJECT_CLASS (gw_chart_view_parent_class)->dispose (object);
}

static void
gw_chart_view_finalize (GObject *object)
{
  gw_chart_unref (GW_CHART_VIEW (object)->line);
  G_OBJECT_CLASS (gw_chart_view_parent_class)->finalize (object);
}

static void
gw_chart_view_class_init (GwChartViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GwChartAreaClass *area_class = GW_CHART_AREA_CLASS (klass);

  object_class->get_property = gw_chart_view_get_property;
  object_class->set_property = gw_chart_view_set_property;
  object_class->dispose = gw_chart_view_dispose;
  object_class->finalize = gw_chart_view_finalize;
  area_class->draw_overlay = gw_chart_view_draw_overlay;
  area_class->hover = gw_chart_view_hover;
  area_class->pick = gw_chart_view_pick;

  props[PROP_LOG_Y] = g_param_spec_boolean (
      "log-y", NULL, NULL, FALSE,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_ZOOMED] = g_param_spec_boolean ("zoomed", NULL, NULL, FALSE,
                                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_CURSOR] = g_param_spec_object (
      "cursor", NULL, NULL, GW_TYPE_CHART_CURSOR,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gw_chart_view_init (GwChartView *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *scroll
      = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkEventController *key = gtk_event_controller_key_new ();
  g_autoptr (GwChartCursor) cursor = gw_chart_cursor_new ();

  self->line = gw_line_chart_new ();
  self->pointer_x = self->pointer_y = NAN;
  gw_chart_area_set_chart (GW_CHART_AREA (self), self->line);
  gw_chart_view_set_cursor (self, cursor);

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect_object (drag, "drag-begin", G_CALLBACK (drag_begin), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (drag, "drag-update", G_CALLBACK (drag_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (drag, "drag-end", G_CALLBACK (drag_end), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (drag, "cancel", G_CALLBACK (drag_cancel), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  g_signal_connect_object (scroll, "scroll", G_CALLBACK (scrolled), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  g_signal_connect_object (key, "key-pressed", G_CALLBACK (key_pressed), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
}

GtkWidget *
gw_chart_view_new (void)
{
  return g_object_new (GW_TYPE_CHART_VIEW, NULL);
}
