/* SPDX-License-Identifier: Apache-2.0 */

/* Wires with their casing, dashes and glow, and the text on them. */

#include "widgets/paint/canvas/paint.h"

#include <math.h>

#define CASING 1.25
#define CONTROL_WIDTH 1.6
#define REFERENCE_CORE 1.5
#define PORT_ROOM 8.0            /* px at each end that text leaves to the port */
#define TEXT_LENGTH 64.0        /* px on screen from which a wire has text */
#define PILL_HEIGHT 15.0
#define PILL_PADDING 4.6
#define FLAG_HEIGHT 18.0
#define FLAG_RISE 50.0

typedef struct
{
  double lengths[2];
  gboolean round;
} WireDash;

static const WireDash dash_control = { { 1.5, 5 }, TRUE };
static const WireDash dash_sparse = { { 12, 4 }, FALSE };
static const WireDash dash_conflict = { { 6, 4 }, FALSE };
static const WireDash dash_muted = { { 2, 4 }, FALSE };

static void
stroke (cairo_t             *cr,
        const GwCanvasColor *color,
        double               alpha,
        double               width,
        const WireDash      *dash)
{
  cairo_set_line_cap (cr, dash != NULL && !dash->round ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
  cairo_set_dash (cr, dash != NULL ? dash->lengths : NULL, dash != NULL ? 2 : 0, 0);
  cairo_set_line_width (cr, width);
  gw_canvas_set_color (cr, color, alpha);
  cairo_stroke_preserve (cr);
}

static GwCanvasColor
ground_of (const GwCanvasPaint    *paint,
           const GwCanvasWireItem *item)
{
  return item->scope != 0 ? paint->theme->scope : paint->theme->ground;
}

static GwCanvasColor
color_of (const GwCanvasPaint    *paint,
          const GwCanvasWireItem *item)
{
  const GwSceneWire *wire = item->wire;
  GwCanvasColor color = paint->theme->elements[wire->element];

  if (wire->kind == GW_SCENE_WIRE_CONTROL)
    color = paint->theme->dim;
  if (wire->conflict != NULL)
    color = paint->theme->problem;
  if (wire->flags & GW_SCENE_WIRE_NOT_NEEDED)
    color = gw_canvas_color_mix (color, ground_of (paint, item), 0.45);
  return color;
}

static const WireDash *
dash_of (const GwSceneWire *wire)
{
  if (wire->conflict != NULL)
    return &dash_conflict;
  if (wire->flags & GW_SCENE_WIRE_MUTED)
    return &dash_muted;
  if (wire->kind == GW_SCENE_WIRE_CONTROL)
    return &dash_control;
  return wire->kind == GW_SCENE_WIRE_SPARSE ? &dash_sparse : NULL;
}

static double
width_of (const GwCanvasPaint    *paint,
          const GwCanvasWireItem *item,
          GwCanvasState           state)
{
  double width = item->wire->kind == GW_SCENE_WIRE_CONTROL ? CONTROL_WIDTH : item->width;

  if (paint->theme->high_contrast)
    width += 1;
  if (state & GW_CANVAS_STATE_HOVER)
    width += 1;
  if (state & GW_CANVAS_STATE_TARGET)
    width += 3;
  return MAX (width, 1 / paint->zoom);
}

/* Below LOD_PORTS: straight, one px on screen. */
static void
paint_thin_wire (const GwCanvasPaint    *paint,
                 cairo_t                *cr,
                 const GwCanvasWireItem *item,
                 GwCanvasState           state)
{
  GwCanvasColor color = color_of (paint, item);
  int last = item->path.is_way ? 5 : 3;
  double alpha = paint->zoom < GW_CANVAS_LOD_NAMES ? 0.35 : 1;

  if (item->wire->kind == GW_SCENE_WIRE_CONTROL)
    return;
  if (state & GW_CANVAS_STATE_SELECTED)
    {
      color = paint->theme->accent;
      alpha = 1;
    }
  cairo_new_path (cr);
  cairo_move_to (cr, item->path.x[0], item->path.y[0]);
  cairo_line_to (cr, item->path.x[last], item->path.y[last]);
  cairo_set_line_width (cr, 1 / paint->zoom);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  gw_canvas_set_color (cr, &color, alpha);
  cairo_stroke (cr);
}

static void
paint_running (const GwCanvasPaint *paint,
               cairo_t             *cr,
               double               width)
{
  stroke (cr, &paint->theme->running, 0.2, width + 16, NULL);
  stroke (cr, &paint->theme->running, 0.4, width + 9, NULL);
}

static void
paint_moving_dashes (const GwCanvasPaint *paint,
                     cairo_t             *cr)
{
  static const double dash[2] = { 2, 9 };
  GwCanvasColor color = { 1, 1, 1 };

  if (paint->phase < 0)
    return;
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_dash (cr, dash, 2, -paint->phase);
  cairo_set_line_width (cr, 1.4);
  gw_canvas_set_color (cr, &color, 0.9);
  cairo_stroke_preserve (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

void
gw_canvas_paint_wire (const GwCanvasPaint    *paint,
                      cairo_t                *cr,
                      const GwCanvasWireItem *item,
                      GwCanvasState           state)
{
  GwCanvasColor color = color_of (paint, item);
  GwCanvasColor ground = ground_of (paint, item);
  double width = width_of (paint, item, state);
  gboolean running = (item->wire->flags & GW_SCENE_WIRE_RUNNING) != 0;

  if (item->from == NULL || item->to == NULL)
    return;
  if (paint->zoom < GW_CANVAS_LOD_PORTS)
    {
      paint_thin_wire (paint, cr, item, state);
      return;
    }
  cairo_new_path (cr);
  gw_canvas_path_draw (&item->path, cr);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  if (state & GW_CANVAS_STATE_SELECTED)
    stroke (cr, &paint->theme->accent, 0.35, width + 4 + 2 * CASING, NULL);
  if (running)
    paint_running (paint, cr, width);
  else
    stroke (cr, &ground, 1, width + 2 * CASING, NULL);
  if (item->wire->kind == GW_SCENE_WIRE_REFERENCE)
    {
      stroke (cr, &color, 1, width + 2.5, dash_of (item->wire));
      stroke (cr, &ground, 1, REFERENCE_CORE, NULL);
    }
  else
    {
      stroke (cr, &color, 1, width, dash_of (item->wire));
    }
  if (running)
    paint_moving_dashes (paint, cr);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_new_path (cr);
}

void
gw_canvas_paint_loose_wire (const GwCanvasPaint *paint,
                            cairo_t             *cr,
                            const GwCanvasPath  *path,
                            GwCanvasElement      element,
                            double               width,
                            gboolean             refused)
{
  GwCanvasColor color = refused ? paint->theme->problem : paint->theme->elements[element];

  cairo_new_path (cr);
  gw_canvas_path_draw (path, cr);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  stroke (cr, &paint->theme->ground, 1, width + 2 * CASING, NULL);
  stroke (cr, &color, 1, MAX (width, 1 / paint->zoom), refused ? &dash_conflict : NULL);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_new_path (cr);
}

static GwCanvasRect
pill_rect (const GwCanvasPaint    *paint,
           const GwCanvasWireItem *item,
           GwCanvasFont            font,
           const char             *string)
{
  GwCanvasPoint middle = gw_canvas_path_middle (&item->path);
  double scale = gw_canvas_legible (paint, 10.5) / 10.5;
  double width = gw_canvas_text_width (paint->text, font, string) * scale + 2 * PILL_PADDING * scale;
  double height = PILL_HEIGHT * scale;

  return (GwCanvasRect) { middle.x - width / 2, middle.y - height / 2, width, height };
}

static void
paint_pill (const GwCanvasPaint    *paint,
            cairo_t                *cr,
            const GwCanvasWireItem *item,
            const char             *string,
            gboolean                conflict)
{
  const GwCanvasTheme *theme = paint->theme;
  GwCanvasPoint middle = gw_canvas_path_middle (&item->path);
  GwCanvasFont font = conflict ? GW_CANVAS_FONT_WIRE_BOLD : GW_CANVAS_FONT_WIRE;
  double size = gw_canvas_legible (paint, 10.5);
  double scale = size / 10.5;
  GwCanvasRect rect = pill_rect (paint, item, font, string);
  GwCanvasColor ground = conflict ? theme->problem_ground : ground_of (paint, item);
  GwCanvasLine line = { .font = font, .size = size, .text = string, .x = middle.x,
                        .baseline = middle.y + 4 * scale, .align = GW_CANVAS_ALIGN_MIDDLE,
                        .color = conflict ? theme->problem : theme->dim };

  gw_canvas_rounded_rect (cr, rect.x, rect.y, rect.width, rect.height, 4);
  gw_canvas_set_color (cr, &ground, 1);
  cairo_fill_preserve (cr);
  if (conflict)
    {
      gw_canvas_set_color (cr, &theme->problem, 1);
      cairo_set_line_width (cr, 1);
      cairo_stroke_preserve (cr);
    }
  cairo_new_path (cr);
  gw_canvas_text_draw (paint->text, cr, &line);
}

static void
paint_wire_breakpoint (const GwCanvasPaint    *paint,
                       cairo_t                *cr,
                       const GwCanvasWireItem *item)
{
  const GwCanvasTheme *theme = paint->theme;
  gboolean off = (item->wire->flags & GW_SCENE_WIRE_BREAK_OFF) != 0;
  GwCanvasLine line = { .font = GW_CANVAS_FONT_SMALL, .text = item->wire->condition,
                        .align = GW_CANVAS_ALIGN_MIDDLE, .color = theme->text };
  double width;

  cairo_save (cr);
  cairo_translate (cr, gw_canvas_path_middle (&item->path).x, gw_canvas_path_middle (&item->path).y);
  cairo_scale (cr, 1 / MIN (paint->zoom, 1), 1 / MIN (paint->zoom, 1));
  cairo_new_path (cr);
  if (line.text != NULL && paint->zoom >= GW_CANVAS_LOD_LABELS)
    {
      width = gw_canvas_text_width (paint->text, line.font, line.text) + 12;
      cairo_move_to (cr, 0, 0);
      cairo_line_to (cr, 0, -FLAG_RISE);
      gw_canvas_set_color (cr, &theme->breakpoint, 1);
      cairo_set_line_width (cr, 1);
      cairo_stroke (cr);
      gw_canvas_rounded_rect (cr, -width / 2, -FLAG_RISE - FLAG_HEIGHT, width, FLAG_HEIGHT, 4);
      gw_canvas_set_color (cr, &theme->card, 1);
      cairo_fill_preserve (cr);
      gw_canvas_set_color (cr, &theme->breakpoint, 1);
      cairo_stroke (cr);
      line.baseline = -FLAG_RISE - FLAG_HEIGHT / 2 + 4;
      gw_canvas_text_draw (paint->text, cr, &line);
    }
  cairo_new_path (cr);
  cairo_arc (cr, 0, 0, 8, 0, 2 * G_PI);
  gw_canvas_set_color (cr, &theme->ground, 1);
  cairo_fill (cr);
  cairo_arc (cr, 0, 0, 6.5, 0, 2 * G_PI);
  gw_canvas_set_color (cr, off ? &theme->ground : &theme->breakpoint, 1);
  cairo_fill_preserve (cr);
  if (off)
    gw_canvas_set_color (cr, &theme->breakpoint, 1);
  else
    cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  cairo_restore (cr);
}

/* Whether the pill lies between the boxes at the ends of a wire that runs straight from one
 * to the other; what goes around has room. */
static gboolean
fits_between (const GwCanvasPaint    *paint,
              const GwCanvasWireItem *item,
              const char             *string)
{
  double scale = gw_canvas_legible (paint, 10.5) / 10.5;
  double width = gw_canvas_text_width (paint->text, GW_CANVAS_FONT_WIRE, string) * scale;

  return item->path.is_way || width + 2 * PORT_ROOM <= item->path.x[3] - item->path.x[0];
}

static gboolean
is_breakpoint (const GwSceneWire *wire)
{
  return (wire->flags & (GW_SCENE_WIRE_BREAKPOINT | GW_SCENE_WIRE_BREAK_OFF)) != 0;
}

static gboolean
shows_conflict (const GwCanvasPaint    *paint,
                const GwCanvasWireItem *item)
{
  return item->wire->conflict != NULL && paint->zoom >= GW_CANVAS_LOD_LABELS;
}

/* What stands on a wire that is well: the shape, with the type where there is room; or NULL. */
static char *
shape_text (const GwCanvasPaint    *paint,
            const GwCanvasWireItem *item,
            gboolean                hover)
{
  const GwSceneWire *wire = item->wire;
  g_autofree char *typed = NULL;

  if (item->from == NULL || item->to == NULL || wire->shape == NULL || paint->zoom < GW_CANVAS_LOD_FULL
      || is_breakpoint (wire) || shows_conflict (paint, item)
      || !(hover || (item->labelled && item->length * paint->zoom >= TEXT_LENGTH)))
    return NULL;
  if (wire->dtype != NULL && (hover || paint->zoom >= GW_CANVAS_LOD_HISTOGRAM))
    typed = g_strconcat (wire->shape, " ", wire->dtype, NULL);
  if (typed != NULL && fits_between (paint, item, typed))
    return g_steal_pointer (&typed);
  return fits_between (paint, item, wire->shape) ? g_strdup (wire->shape) : NULL;
}

gboolean
gw_canvas_wire_text_rect (const GwCanvasPaint    *paint,
                          const GwCanvasWireItem *item,
                          GwCanvasRect           *rect)
{
  g_autofree char *string = shape_text (paint, item, FALSE);

  if (string == NULL)
    return FALSE;
  *rect = pill_rect (paint, item, GW_CANVAS_FONT_WIRE, string);
  return TRUE;
}

void
gw_canvas_paint_wire_text (const GwCanvasPaint    *paint,
                           cairo_t                *cr,
                           const GwCanvasWireItem *item,
                           GwCanvasState           state)
{
  const GwSceneWire *wire = item->wire;
  g_autofree char *string = shape_text (paint, item, (state & GW_CANVAS_STATE_HOVER) != 0);

  if (item->from == NULL || item->to == NULL || paint->zoom < GW_CANVAS_LOD_PORTS)
    return;
  if (shows_conflict (paint, item))
    paint_pill (paint, cr, item, wire->conflict, TRUE);
  else if (string != NULL)
    paint_pill (paint, cr, item, string, FALSE);
  if (is_breakpoint (wire) && (item->labelled || wire->shape == NULL))
    paint_wire_breakpoint (paint, cr, item);
}
