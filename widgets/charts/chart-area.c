/* SPDX-License-Identifier: Apache-2.0 */
/* A chart in a widget.  The picture is kept: moving the cursor over a curve of a
 * million points costs one copy of pixels.  Cairo's renderer would convert a
 * texture through floats each time, so it is given the surface itself. */
#include "widgets/charts/chart-area.h"

#include <math.h>

#include <adwaita.h>

#include "widgets/charts/widget-pen.h"

/* All that the recorded picture depends on beside the chart's data. */
typedef struct
{
  int width, height, scale;
  gboolean dark;
  double em;
} Look;

typedef struct
{
  GwChart *chart;
  cairo_surface_t *picture;
  GdkTexture *texture; /* of the picture, once one was asked for */
  Look look;
  guint n_draws;
  cairo_t *scratch;
  GwChartPen measuring;
} GwChartAreaPrivate;

static guint changed_signal;

G_DEFINE_TYPE_WITH_PRIVATE (GwChartArea, gw_chart_area, GTK_TYPE_WIDGET)

static Look
current_look (GwChartArea *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  return (Look) {
    gtk_widget_get_width (widget),         gtk_widget_get_height (widget),
    gtk_widget_get_scale_factor (widget),  gw_widget_chart_theme ()->dark,
    gw_widget_em (widget),
  };
}

static gboolean
same_look (const Look *a, const Look *b)
{
  return a->width == b->width && a->height == b->height && a->scale == b->scale
         && a->dark == b->dark && a->em == b->em;
}

static cairo_surface_t *
record (GwChartArea *self, const Look *look)
{
  cairo_surface_t *surface = cairo_image_surface_create (
      CAIRO_FORMAT_ARGB32, look->width * look->scale, look->height * look->scale);

  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    {
      cairo_surface_destroy (surface);
      return NULL;
    }
  cairo_surface_set_device_scale (surface, look->scale, look->scale);

  cairo_t *cr = cairo_create (surface);
  GwChartPen pen;

  gw_widget_pen_init (&pen, GTK_WIDGET (self), cr);
  GW_CHART_AREA_GET_CLASS (self)->draw (self, &pen, look->width, look->height);
  gw_chart_pen_clear (&pen);
  cairo_destroy (cr);
  cairo_surface_flush (surface);

  return surface;
}

static GdkTexture *
make_texture (cairo_surface_t *surface)
{
  int height = cairo_image_surface_get_height (surface);
  gsize stride = (gsize) cairo_image_surface_get_stride (surface);
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (
      cairo_image_surface_get_data (surface), stride * (gsize) height,
      (GDestroyNotify) cairo_surface_destroy, cairo_surface_reference (surface));

  return gdk_memory_texture_new (cairo_image_surface_get_width (surface), height, GDK_MEMORY_DEFAULT,
                                 bytes, stride);
}

static void
drop_picture (GwChartAreaPrivate *priv)
{
  g_clear_object (&priv->texture);
  g_clear_pointer (&priv->picture, cairo_surface_destroy);
}

static void
append_picture (GwChartArea *self, GtkSnapshot *snapshot, const graphene_rect_t *bounds)
{
  GwChartAreaPrivate *priv = gw_chart_area_get_instance_private (self);
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  cairo_t *cr;

  if (native == NULL || !GSK_IS_CAIRO_RENDERER (gtk_native_get_renderer (native)))
    {
      if (priv->texture == NULL)
        priv->texture = make_texture (priv->picture);
      gtk_snapshot_append_texture (snapshot, priv->texture, bounds);
      return;
    }
  cr = gtk_snapshot_append_cairo (snapshot, bounds);
  cairo_set_source_surface (cr, priv->picture, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
}

static void
gw_chart_area_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GwChartArea *self = GW_CHART_AREA (widget);
  GwChartAreaPrivate *priv = gw_chart_area_get_instance_private (self);
  Look look = current_look (self);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, look.width, look.height);

  if (priv->chart == NULL || look.width <= 0 || look.height <= 0)
    return;
  if (priv->picture == NULL || !same_look (&look, &priv->look))
    {
      drop_picture (priv);
      priv->look = look;
      priv->n_draws++;
      priv->picture = record (self, &look);
    }
  if (priv->picture != NULL)
    append_picture (self, snapshot, &bounds);

  GwChartAreaClass *klass = GW_CHART_AREA_GET_CLASS (self);

  if (klass->draw_overlay == NULL)
    return;

  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  GwChartPen pen;

  gw_widget_pen_init (&pen, widget, cr);
  klass->draw_overlay (self, &pen, look.width, look.height);
  gw_chart_pen_clear (&pen);
  cairo_destroy (cr);
}

static void
gw_chart_area_measure_size (GtkWidget *widget, GtkOrientation orientation, int for_size,
                            int *minimum, int *natural, int *minimum_baseline,
                            int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 100;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 420 : 260;
}

static void
gw_chart_area_default_draw (GwChartArea *self, GwChartPen *pen, double width, double height)
{
  gw_chart_draw (gw_chart_area_get_chart (self), pen, width, height);
}

static void
drop_measuring (GwChartAreaPrivate *priv)
{
  if (priv->scratch == NULL)
    return;
  gw_chart_pen_clear (&priv->measuring);
  g_clear_pointer (&priv->scratch, cairo_destroy);
}

static void
style_changed (GwChartArea *self)
{
  drop_measuring (gw_chart_area_get_instance_private (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
gw_chart_area_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (gw_chart_area_parent_class)->css_changed (widget, change);
  drop_measuring (gw_chart_area_get_instance_private (GW_CHART_AREA (widget)));
}

static void
moved (GwChartArea *self, double x, double y)
{
  GwChartAreaClass *klass = GW_CHART_AREA_GET_CLASS (self);

  if (klass->hover != NULL)
    klass->hover (self, x, y);
}

static void
left (GwChartArea *self)
{
  moved (self, NAN, NAN);
}

static void
pressed (GwChartArea *self, int n_press, double x, double y)
{
  GwChartAreaClass *klass = GW_CHART_AREA_GET_CLASS (self);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (klass->pick != NULL)
    klass->pick (self, n_press, x, y);
}

static void
gw_chart_area_dispose (GObject *object)
{
  GwChartAreaPrivate *priv = gw_chart_area_get_instance_private (GW_CHART_AREA (object));

  drop_measuring (priv);
  drop_picture (priv);
  g_clear_pointer (&priv->chart, gw_chart_unref);
  G_OBJECT_CLASS (gw_chart_area_parent_class)->dispose (object);
}

static void
gw_chart_area_class_init (GwChartAreaClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gw_chart_area_dispose;
  widget_class->snapshot = gw_chart_area_snapshot;
  widget_class->measure = gw_chart_area_measure_size;
  widget_class->css_changed = gw_chart_area_css_changed;
  klass->draw = gw_chart_area_default_draw;
  changed_signal = g_signal_new ("changed", GW_TYPE_CHART_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "gwchart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
gw_chart_area_init (GwChartArea *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect_object (motion, "enter", G_CALLBACK (moved), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (motion, "motion", G_CALLBACK (moved), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (motion, "leave", G_CALLBACK (left), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  g_signal_connect_object (click, "pressed", G_CALLBACK (pressed), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (style_changed), self, G_CONNECT_SWAPPED);
}

GtkWidget *
gw_chart_area_new (gpointer chart)
{
  GtkWidget *widget = g_object_new (GW_TYPE_CHART_AREA, NULL);

  gw_chart_area_set_chart (GW_CHART_AREA (widget), chart);
  return widget;
}

gpointer
gw_chart_area_get_chart (GwChartArea *self)
{
  GwChartAreaPrivate *priv = gw_chart_area_get_instance_private (self);

  g_return_val_if_fail (GW_IS_CHART_AREA (self), NULL);
  return priv->chart;
}

void
gw_chart_area_set_chart (GwChartArea *self, gpointer chart)
{
  GwChartAreaPrivate *priv = gw_chart_area_get_instance_private (self);

  g_return_if_fail (GW_IS_CHART_AREA (self));
  if (priv->chart == chart)
    return;
  g_clear_pointer (&priv->chart, gw_chart_unref);
  priv->chart = chart != NULL ? gw_chart_ref (chart) : NULL;
  gw_chart_area_changed (self);
}

void
gw_chart_area_changed (GwChartArea *self)
{
  GwChartAreaPrivate *priv = gw_chart_area_get_instance_private (self);

  g_return_if_fail (GW_IS_CHART_AREA (self));
  drop_picture (priv);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, changed_signal, 0);
}

void
gw_chart_area_overlay_changed (GwChartArea *self)
{
  g_return_if_fail (GW_IS_CHART_AREA (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GwChartPen *
gw_chart_area_measure (GwChartArea *self)
{
  GwChartAreaPrivate *priv = gw_chart_area_get_instance_private (self);

  g_return_val_if_fail (GW_IS_CHART_AREA (self), NULL);
  if (priv->scratch == NULL)
    {
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, 1, 1);

      priv->scratch = cairo_create (surface);
      cairo_surface_destroy (surface);
      gw_widget_pen_init (&priv->measuring, GTK_WIDGET (self), priv->scratch);
    }
  return &priv->measuring;
}

guint
gw_chart_area_get_n_draws (GwChartArea *self)
{
  GwChartAreaPrivate *priv = gw_chart_area_get_instance_private (self);

  g_return_val_if_fail (GW_IS_CHART_AREA (self), 0);
  return priv->n_draws;
}
