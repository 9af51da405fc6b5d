/* SPDX-License-Identifier: Apache-2.0 */

/* Zoom, position and how the view glides. */

#include "widgets/canvas/canvas-private.h"

#include <math.h>

#define GLIDE_TIME 250000.0     /* µs */
#define ZOOM_STEP 1.25
#define FIT_MARGIN 24.0         /* px on screen around what is fitted */
#define FIT_TOP 48              /* the breadcrumbs of the page float there */
#define VISIBLE_MARGIN 40.0

double
gw_canvas_scale (GwCanvas *canvas)
{
  return canvas->zoom * canvas->font_scale;
}

/* A widget length on whole device px. */
static double
snap_to_device (GwCanvas *canvas,
                double    length)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (canvas));

  return round (length * factor) / factor;
}

double
gw_canvas_screen_x (GwCanvas *canvas,
                    double    x)
{
  double scale = gw_canvas_scale (canvas);

  return snap_to_device (canvas, x * scale) - snap_to_device (canvas, canvas->x * scale);
}

double
gw_canvas_screen_y (GwCanvas *canvas,
                    double    y)
{
  double scale = gw_canvas_scale (canvas);

  return snap_to_device (canvas, y * scale) - snap_to_device (canvas, canvas->y * scale);
}

void
gw_canvas_to_canvas (GwCanvas *canvas,
                     double    widget_x,
                     double    widget_y,
                     double   *x,
                     double   *y)
{
  *x = canvas->x + widget_x / gw_canvas_scale (canvas);
  *y = canvas->y + widget_y / gw_canvas_scale (canvas);
}

void
gw_canvas_to_widget (GwCanvas *canvas,
                     double    x,
                     double    y,
                     double   *widget_x,
                     double   *widget_y)
{
  *widget_x = (x - canvas->x) * gw_canvas_scale (canvas);
  *widget_y = (y - canvas->y) * gw_canvas_scale (canvas);
}

GwCanvasRect
gw_canvas_visible_rect (GwCanvas *canvas)
{
  double scale = gw_canvas_scale (canvas);

  return (GwCanvasRect) { canvas->x, canvas->y,
                          gtk_widget_get_width (GTK_WIDGET (canvas)) / scale,
                          gtk_widget_get_height (GTK_WIDGET (canvas)) / scale };
}

gboolean
gw_canvas_get_pointer (GwCanvas *canvas,
                       double   *x,
                       double   *y)
{
  double px = gtk_widget_get_width (GTK_WIDGET (canvas)) / 2.0;
  double py = gtk_widget_get_height (GTK_WIDGET (canvas)) / 2.0;

  if (canvas->pointer_inside)
    {
      px = canvas->pointer_x;
      py = canvas->pointer_y;
    }
  gw_canvas_to_canvas (canvas, px, py, x, y);
  return canvas->pointer_inside;
}

void
gw_canvas_view_changed (GwCanvas *canvas,
                        gboolean  zoomed)
{
  if (zoomed)
    {
      gw_canvas_drop_live_pictures (canvas);
      g_object_notify (G_OBJECT (canvas), "zoom");
    }
  gw_canvas_place_popover (canvas);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
  gw_canvas_emit_view_changed (canvas);
}

guint64
gw_canvas_pick (GwCanvas *canvas,
                double    widget_x,
                double    widget_y)
{
  GwCanvasHit hit = { GW_CANVAS_HIT_NONE };
  double x, y;

  g_return_val_if_fail (GW_IS_CANVAS (canvas), 0);
  gw_canvas_to_canvas (canvas, widget_x, widget_y, &x, &y);
  if (canvas->layout != NULL)
    gw_canvas_hit_test (canvas->layout, x, y, gw_canvas_scale (canvas), FALSE, &hit);
  return hit.kind != GW_CANVAS_HIT_NONE ? hit.id : 0;
}

void
gw_canvas_stop_glide (GwCanvas *canvas)
{
  if (canvas->glide.tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (canvas), canvas->glide.tick);
  canvas->glide.tick = 0;
}

/* Puts a canvas point into the middle of the view. */
static void
set_middle (GwCanvas *canvas,
            double    zoom,
            double    x,
            double    y)
{
  gboolean zoomed = zoom != canvas->zoom;
  double scale = zoom * canvas->font_scale;

  canvas->zoom = zoom;
  canvas->x = x - gtk_widget_get_width (GTK_WIDGET (canvas)) / 2.0 / scale;
  canvas->y = y - gtk_widget_get_height (GTK_WIDGET (canvas)) / 2.0 / scale;
  gw_canvas_view_changed (canvas, zoomed);
}

static double
ease_in_out (double t)
{
  return t < 0.5 ? 2 * t * t : 1 - 2 * (1 - t) * (1 - t);
}

static gboolean
glide_tick (GtkWidget     *widget,
            GdkFrameClock *clock,
            gpointer       data)
{
  GwCanvas *canvas = GW_CANVAS (widget);
  GwCanvasGlide *glide = &canvas->glide;
  double t = (gdk_frame_clock_get_frame_time (clock) - glide->start) / GLIDE_TIME;
  double k;

  if (t >= 1)
    {
      glide->tick = 0;
      set_middle (canvas, glide->to_zoom, glide->to_x, glide->to_y);
      gw_canvas_update_hover (canvas);
      return G_SOURCE_REMOVE;
    }
  k = ease_in_out (MAX (t, 0));
  set_middle (canvas, glide->from_zoom * pow (glide->to_zoom / glide->from_zoom, k),
              glide->from_x + (glide->to_x - glide->from_x) * k,
              glide->from_y + (glide->to_y - glide->from_y) * k);
  return G_SOURCE_CONTINUE;
}

static void
glide_to (GwCanvas *canvas,
          double    zoom,
          double    x,
          double    y)
{
  GwCanvasRect view = gw_canvas_visible_rect (canvas);
  gboolean animate = TRUE;
  GdkFrameClock *clock;

  zoom = CLAMP (zoom, GW_CANVAS_MIN_ZOOM, GW_CANVAS_MAX_ZOOM);
  g_object_get (gtk_widget_get_settings (GTK_WIDGET (canvas)), "gtk-enable-animations", &animate,
                NULL);
  gw_canvas_stop_glide (canvas);
  if (!animate || !gtk_widget_get_mapped (GTK_WIDGET (canvas)))
    {
      set_middle (canvas, zoom, x, y);
      return;
    }
  clock = gtk_widget_get_frame_clock (GTK_WIDGET (canvas));
  canvas->glide = (GwCanvasGlide) { 0, gdk_frame_clock_get_frame_time (clock), canvas->zoom,
                                    view.x + view.width / 2, view.y + view.height / 2, zoom, x, y };
  canvas->glide.tick = gtk_widget_add_tick_callback (GTK_WIDGET (canvas), glide_tick, NULL, NULL);
}

double
gw_canvas_get_zoom (GwCanvas *canvas)
{
  g_return_val_if_fail (GW_IS_CANVAS (canvas), 1);
  return canvas->zoom;
}

void
gw_canvas_set_zoom (GwCanvas *canvas,
                    double    zoom)
{
  GwCanvasRect view;

  g_return_if_fail (GW_IS_CANVAS (canvas));
  view = gw_canvas_visible_rect (canvas);
  gw_canvas_stop_glide (canvas);
  set_middle (canvas, CLAMP (zoom, GW_CANVAS_MIN_ZOOM, GW_CANVAS_MAX_ZOOM),
              view.x + view.width / 2, view.y + view.height / 2);
}

static void
glide_zoom (GwCanvas *canvas,
            double    zoom)
{
  GwCanvasRect view = gw_canvas_visible_rect (canvas);

  if (canvas->glide.tick != 0)
    glide_to (canvas, zoom, canvas->glide.to_x, canvas->glide.to_y);
  else
    glide_to (canvas, zoom, view.x + view.width / 2, view.y + view.height / 2);
}

void
gw_canvas_zoom_in (GwCanvas *canvas)
{
  double zoom = canvas->glide.tick != 0 ? canvas->glide.to_zoom : canvas->zoom;

  glide_zoom (canvas, zoom * ZOOM_STEP);
}

void
gw_canvas_zoom_out (GwCanvas *canvas)
{
  double zoom = canvas->glide.tick != 0 ? canvas->glide.to_zoom : canvas->zoom;

  glide_zoom (canvas, zoom / ZOOM_STEP);
}

void
gw_canvas_zoom_to_normal (GwCanvas *canvas)
{
  glide_zoom (canvas, 1);
}

/* Shows a rectangle as large as it fits, but not enlarged, below what floats at the top. */
static void
show_rect (GwCanvas           *canvas,
           const GwCanvasRect *rect)
{
  double width = gtk_widget_get_width (GTK_WIDGET (canvas)) - 2 * FIT_MARGIN;
  double height = gtk_widget_get_height (GTK_WIDGET (canvas)) - FIT_TOP - FIT_MARGIN;
  double scale = MIN (MAX (width, 50) / MAX (rect->width, 1), MAX (height, 50) / MAX (rect->height, 1));
  double zoom = MIN (scale / canvas->font_scale, 1);

  glide_to (canvas, zoom, rect->x + rect->width / 2,
            rect->y + rect->height / 2 - (FIT_TOP - FIT_MARGIN) / 2.0 / (zoom * canvas->font_scale));
}

void
gw_canvas_zoom_to_fit (GwCanvas *canvas)
{
  GwCanvasRect rect;

  g_return_if_fail (GW_IS_CANVAS (canvas));
  canvas->fit_waits = gtk_widget_get_width (GTK_WIDGET (canvas)) <= 1;
  if (!canvas->fit_waits && canvas->layout != NULL
      && gw_canvas_layout_bounds (canvas->layout, &rect))
    show_rect (canvas, &rect);
}

void
gw_canvas_frame_selection (GwCanvas *canvas)
{
  g_autoptr (GArray) ids = gw_canvas_get_selection (canvas);
  GwCanvasRect rect;

  if (canvas->layout != NULL
      && gw_canvas_layout_bounds_of (canvas->layout, (guint64 *) ids->data, ids->len, &rect))
    show_rect (canvas, &rect);
  else
    gw_canvas_zoom_to_fit (canvas);
}

void
gw_canvas_center_on (GwCanvas *canvas,
                     guint64   id)
{
  GwCanvasRect rect;

  g_return_if_fail (GW_IS_CANVAS (canvas));
  if (canvas->layout == NULL || !gw_canvas_layout_bounds_of (canvas->layout, &id, 1, &rect))
    return;
  glide_to (canvas, MAX (canvas->zoom, GW_CANVAS_LOD_FULL), rect.x + rect.width / 2,
            rect.y + rect.height / 2);
}

void
gw_canvas_ensure_visible (GwCanvas *canvas,
                          guint64   id)
{
  GwCanvasRect view = gw_canvas_visible_rect (canvas);
  double margin = MIN (VISIBLE_MARGIN / gw_canvas_scale (canvas), view.width / 4);
  double x = view.x, y = view.y;
  GwCanvasRect rect;

  if (canvas->layout == NULL || !gw_canvas_layout_bounds_of (canvas->layout, &id, 1, &rect))
    return;
  if (rect.x + rect.width > x + view.width - margin)
    x = rect.x + rect.width - view.width + margin;
  if (rect.x < x + margin)
    x = rect.x - margin;
  if (rect.y + rect.height > y + view.height - margin)
    y = rect.y + rect.height - view.height + margin;
  if (rect.y < y + margin)
    y = rect.y - margin;
  if (x != view.x || y != view.y)
    glide_to (canvas, canvas->zoom, x + view.width / 2, y + view.height / 2);
}

void
gw_canvas_scroll_to (GwCanvas *canvas,
                     double    x,
                     double    y)
{
  g_return_if_fail (GW_IS_CANVAS (canvas));
  gw_canvas_stop_glide (canvas);
  canvas->x = x;
  canvas->y = y;
  gw_canvas_view_changed (canvas, FALSE);
}

void
gw_canvas_pan_by (GwCanvas *canvas,
                  double    dx,
                  double    dy)
{
  gw_canvas_scroll_to (canvas, canvas->x + dx / gw_canvas_scale (canvas),
                       canvas->y + dy / gw_canvas_scale (canvas));
}

void
gw_canvas_zoom_at (GwCanvas *canvas,
                   double    factor,
                   double    widget_x,
                   double    widget_y)
{
  double x, y, zoom = CLAMP (canvas->zoom * factor, GW_CANVAS_MIN_ZOOM, GW_CANVAS_MAX_ZOOM);

  gw_canvas_stop_glide (canvas);
  gw_canvas_to_canvas (canvas, widget_x, widget_y, &x, &y);
  if (fabs (zoom - 1) < 0.02)
    zoom = 1;
  canvas->zoom = zoom;
  canvas->x = x - widget_x / gw_canvas_scale (canvas);
  canvas->y = y - widget_y / gw_canvas_scale (canvas);
  gw_canvas_view_changed (canvas, TRUE);
}

/* ---- places of nodes ---- */

gboolean
gw_canvas_get_node_box (GwCanvas     *canvas,
                        guint64       id,
                        GwCanvasRect *box)
{
  GwCanvasNodeItem *item;

  g_return_val_if_fail (GW_IS_CANVAS (canvas), FALSE);
  item = canvas->layout != NULL ? gw_canvas_layout_get_node (canvas->layout, id) : NULL;
  if (item != NULL)
    *box = item->box;
  return item != NULL;
}

double
gw_canvas_get_port_y (GwCanvas *canvas,
                      guint64   id,
                      gboolean  is_output,
                      int       port)
{
  GwCanvasNodeItem *item;
  double x, y;

  g_return_val_if_fail (GW_IS_CANVAS (canvas), 0);
  item = canvas->layout != NULL ? gw_canvas_layout_get_node (canvas->layout, id) : NULL;
  if (item == NULL)
    return 0;
  gw_canvas_port_position (item->node, &item->metrics, is_output, port, &x, &y);
  return y;
}
