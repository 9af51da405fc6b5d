/* SPDX-License-Identifier: Apache-2.0 */

/* Small shapes: rounded rectangles, glyphs, ports, the ground's dots. */

#include "widgets/paint/canvas/paint.h"

#include "widgets/paint/canvas/stroke.h"

#include <math.h>

#define PORT_RING 1.5
#define HOLLOW_LINE 1.8
#define DOT_GAP 24.0
#define DOT_GAP_SCREEN 16.0     /* dots nearer than this are thinned */

void
gw_canvas_rounded_rect (cairo_t *cr,
                        double   x,
                        double   y,
                        double   width,
                        double   height,
                        double   radius)
{
  radius = MIN (radius, MIN (width, height) / 2);
  if (radius <= 0)
    {
      cairo_rectangle (cr, x, y, width, height);
      return;
    }
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 1.5 * G_PI);
  cairo_close_path (cr);
}

void
gw_canvas_paint_glyph (cairo_t             *cr,
                       const char          *glyph,
                       double               x,
                       double               y,
                       double               size,
                       double               line,
                       const GwCanvasColor *color)
{
  if (glyph == NULL)
    return;
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, size / 16, size / 16);
  cairo_new_path (cr);
  gw_canvas_stroke_path (cr, glyph);
  gw_canvas_set_color (cr, color, 1);
  cairo_set_line_width (cr, line * 16 / size);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
  cairo_restore (cr);
}

double
gw_canvas_legible (const GwCanvasPaint *paint,
                   double               nominal)
{
  return MAX (nominal, GW_CANVAS_MIN_TEXT / paint->zoom);
}

/* The outline of a port of radius r. */
static void
port_path (cairo_t           *cr,
           GwCanvasPortShape  shape,
           double             x,
           double             y,
           double             r)
{
  switch (shape)
    {
    case GW_CANVAS_PORT_SQUARE:
      gw_canvas_rounded_rect (cr, x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r, 0.2 * r);
      break;
    case GW_CANVAS_PORT_DIAMOND:
      cairo_move_to (cr, x, y - 1.14 * r);
      cairo_line_to (cr, x + 1.14 * r, y);
      cairo_line_to (cr, x, y + 1.14 * r);
      cairo_line_to (cr, x - 1.14 * r, y);
      cairo_close_path (cr);
      break;
    case GW_CANVAS_PORT_TRIANGLE:
      cairo_move_to (cr, x - 0.8 * r, y - r);
      cairo_line_to (cr, x + 1.1 * r, y);
      cairo_line_to (cr, x - 0.8 * r, y + r);
      cairo_close_path (cr);
      break;
    case GW_CANVAS_PORT_HEXAGON:
      for (int i = 0; i < 6; i++)
        cairo_line_to (cr, x + 1.06 * r * cos (i * G_PI / 3), y + 1.06 * r * sin (i * G_PI / 3));
      cairo_close_path (cr);
      break;
    default:
      cairo_new_sub_path (cr);
      cairo_arc (cr, x, y, r, 0, 2 * G_PI);
      break;
    }
}

static void
paint_mark (cairo_t             *cr,
            const GwScenePort   *port,
            double               x,
            double               y,
            double               r,
            const GwCanvasColor *color)
{
  switch (gw_canvas_element_mark (port->element))
    {
    case GW_CANVAS_MARK_PIP:
      cairo_new_sub_path (cr);
      cairo_arc (cr, x, y, 0.33 * r, 0, 2 * G_PI);
      gw_canvas_set_color (cr, color, 1);
      cairo_fill (cr);
      break;
    case GW_CANVAS_MARK_HALF:
      cairo_save (cr);
      cairo_rectangle (cr, x - 2 * r, y, 4 * r, 2 * r);
      cairo_clip (cr);
      port_path (cr, gw_canvas_element_shape (port->element), x, y, 0.62 * r);
      gw_canvas_set_color (cr, color, 1);
      cairo_fill (cr);
      cairo_restore (cr);
      break;
    case GW_CANVAS_MARK_NONE:
      break;
    }
}

void
gw_canvas_paint_port (const GwCanvasPaint *paint,
                      cairo_t             *cr,
                      const GwScenePort   *port,
                      double               x,
                      double               y,
                      double               size)
{
  const GwCanvasTheme *theme = paint->theme;
  GwCanvasColor color = theme->elements[port->element];
  GwCanvasPortShape shape = gw_canvas_element_shape (port->element);
  double r = size / 2;

  cairo_new_path (cr);
  if (port->is_ref)
    {
      cairo_arc (cr, x, y, 1.4 * r, 0, 2 * G_PI);
      gw_canvas_set_color (cr, &theme->node, 1);
      cairo_fill_preserve (cr);
      gw_canvas_set_color (cr, &color, 1);
      cairo_set_line_width (cr, 1.4);
      cairo_stroke (cr);
      r *= 0.7;
    }
  port_path (cr, shape, x, y, r);
  if (port->connected && shape != GW_CANVAS_PORT_RING)
    {
      gw_canvas_set_color (cr, &color, 1);
      cairo_fill_preserve (cr);
      gw_canvas_set_color (cr, &theme->node, 1);
      cairo_set_line_width (cr, port->is_ref ? 0.01 : PORT_RING);
      cairo_stroke (cr);
      paint_mark (cr, port, x, y, r, &theme->node);
      return;
    }
  gw_canvas_set_color (cr, &theme->node, 1);
  cairo_fill_preserve (cr);
  gw_canvas_set_color (cr, &color, 1);
  cairo_set_line_width (cr, port->is_ref ? 1.3 : HOLLOW_LINE);
  cairo_stroke (cr);
  if (port->connected)
    {
      cairo_arc (cr, x, y, 0.5 * r, 0, 2 * G_PI);
      cairo_fill (cr);
    }
  paint_mark (cr, port, x, y, r, &color);
}

void
gw_canvas_paint_ground (const GwCanvasPaint *paint,
                        cairo_t             *cr,
                        const GwCanvasRect  *rect)
{
  double gap = DOT_GAP, radius = 1 / MIN (paint->zoom, 1);
  double x0, y0;

  gw_canvas_set_color (cr, &paint->theme->ground, 1);
  cairo_rectangle (cr, rect->x, rect->y, rect->width, rect->height);
  cairo_fill (cr);
  while (gap * paint->zoom < DOT_GAP_SCREEN)
    gap *= 2;
  x0 = floor (rect->x / gap - 0.5) * gap + gap / 2;
  y0 = floor (rect->y / gap - 0.5) * gap + gap / 2;
  gw_canvas_set_color (cr, &paint->theme->dots, 1);
  for (double y = y0; y < rect->y + rect->height + gap; y += gap)
    for (double x = x0; x < rect->x + rect->width + gap; x += gap)
      {
        cairo_new_sub_path (cr);
        cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
      }
  cairo_fill (cr);
}
