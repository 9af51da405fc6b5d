/* SPDX-License-Identifier: Apache-2.0 */

/* A node's box at every level of detail, with the marks of its states. */

#include "widgets/paint/canvas/paint.h"

#include <math.h>

#define RADIUS 8.0
#define TILE_X 8.0
#define TILE_SIZE 22.0
#define TILE_RADIUS 5.72
#define GLYPH_INSET 3.52
#define GLYPH_SIZE 14.96
#define TEXT_X 37.0
#define TEXT_END 10.0
#define NAME_BASELINE 18.0
#define OP_BASELINE 31.0
#define LABEL_INSET 11.0
#define BASELINE 4.0            /* of text below the centre of its row */
#define BADGE_INSET 14.0
#define BADGE_SPACE 26.0
#define ICON_SIZE 12.0
#define ICON_SPACE 15.0
#define PORT_SIZE 10.0
#define SMALL_PORT 6.0
#define STACK_OFFSET 4.0
#define DEVICE_X 3.0
#define DEVICE_WIDTH 4.0
#define NAME_BOX 48.0           /* px on screen from which a plain box has a name */

#define GLYPH_EYE "M1.500 8c4-6.200 9-6.200 13 0c-4 6.200-9 6.200-13 0M8 6a2 2 0 1 0 0 4a2 2 0 1 0 0-4"
#define GLYPH_LOCK "M4 7.500h8v6H4zM5.500 7.500V5.500a2.500 2.500 0 0 1 5 0v2"

typedef struct
{
  const GwCanvasPaint *paint;
  const GwCanvasTheme *theme;
  cairo_t *cr;
  const GwSceneNode *node;
  const GwCanvasMetrics *metrics;
  GwCanvasState state;
} NodePainter;

static gboolean
has_flag (const NodePainter *p,
          GwSceneNodeFlags   flag)
{
  return (p->node->flags & flag) != 0;
}

static gboolean
has_problem (const NodePainter *p)
{
  return p->node->problem != NULL && !has_flag (p, GW_SCENE_NODE_WARNING);
}

/* px on screen as canvas px; above zoom 1 marks grow with the node. */
static double
screen (const NodePainter *p,
        double             px)
{
  return px / MIN (p->paint->zoom, 1);
}

static void
box_path (const NodePainter *p,
          double             outset)
{
  gw_canvas_rounded_rect (p->cr, -outset, -outset, p->metrics->width + 2 * outset,
                          p->metrics->height + 2 * outset, RADIUS + outset);
}

static void
paint_shadow (const NodePainter *p)
{
  static const double layers[][3] = { { 3, 3, 0.36 }, { 1.5, 2, 0.57 }, { 0.5, 1, 0.9 } };
  double strength = p->theme->shadow;

  if (strength <= 0)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (layers); i++)
    {
      double out = layers[i][0];

      gw_canvas_rounded_rect (p->cr, -out, -out + layers[i][1], p->metrics->width + 2 * out,
                              p->metrics->height + 2 * out, RADIUS + out);
      cairo_set_source_rgba (p->cr, 0, 0, 0, strength * layers[i][2]);
      cairo_fill (p->cr);
    }
}

static void
paint_glow (const NodePainter *p)
{
  static const double layers[][2] = { { 9, 0.10 }, { 6.5, 0.13 }, { 4, 0.20 } };

  if (p->state & GW_CANVAS_STATE_SELECTED)
    {
      box_path (p, screen (p, 5));
      gw_canvas_set_color (p->cr, &p->theme->accent, 0.22);
      cairo_fill (p->cr);
    }
  if (!has_flag (p, GW_SCENE_NODE_RUNNING))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (layers); i++)
    {
      box_path (p, screen (p, layers[i][0]));
      gw_canvas_set_color (p->cr, &p->theme->running, layers[i][1]);
      cairo_fill (p->cr);
    }
}

/* The outline that wins: selected, running, problem, then the plain border. */
static void
paint_outline (const NodePainter *p)
{
  const GwCanvasColor *color = &p->theme->border;
  double width = p->theme->border_width;

  if (p->state & GW_CANVAS_STATE_SELECTED)
    color = &p->theme->accent;
  else if (has_flag (p, GW_SCENE_NODE_RUNNING))
    color = &p->theme->running;
  else if (has_problem (p))
    color = &p->theme->problem;
  else if (p->state & GW_CANVAS_STATE_HOVER)
    color = &p->theme->dim;
  if (color != &p->theme->border && color != &p->theme->dim)
    width = screen (p, 2);
  box_path (p, color == &p->theme->border || color == &p->theme->dim ? -width / 2 : 0);
  gw_canvas_set_color (p->cr, color, 1);
  cairo_set_line_width (p->cr, width);
  cairo_stroke (p->cr);
  if (p->state & GW_CANVAS_STATE_FOCUS)
    {
      double dash[] = { screen (p, 4), screen (p, 3) };

      box_path (p, screen (p, 4));
      gw_canvas_set_color (p->cr, &p->theme->accent, 1);
      cairo_set_line_width (p->cr, screen (p, 2));
      cairo_set_dash (p->cr, dash, 2, 0);
      cairo_stroke (p->cr);
      cairo_set_dash (p->cr, NULL, 0, 0);
    }
}

static void
paint_stack (const NodePainter *p)
{
  if (p->node->stack < 2)
    return;
  for (int i = 2; i >= 1; i--)
    {
      cairo_save (p->cr);
      cairo_translate (p->cr, i * STACK_OFFSET, i * STACK_OFFSET);
      box_path (p, -p->theme->border_width / 2);
      gw_canvas_set_color (p->cr, &p->theme->node, 1);
      cairo_fill_preserve (p->cr);
      gw_canvas_set_color (p->cr, &p->theme->border, 1);
      cairo_set_line_width (p->cr, p->theme->border_width);
      cairo_stroke (p->cr);
      cairo_restore (p->cr);
    }
}

/* Where it runs: a processor's colour is that of every processor; others follow. */
static GwCanvasColor
device_color (const NodePainter *p)
{
  if (g_str_has_prefix (p->node->device, "/cpu"))
    return gw_canvas_color (0x2190a4);
  if (g_str_has_prefix (p->node->device, "/gpu"))
    return gw_canvas_color (0xb57900);
  return p->node->device[0] == '/' ? gw_canvas_color (0x9141ac) : p->theme->dim;
}

/* A strip inside the left edge; dashed where the device is only asked for. */
static void
paint_device (const NodePainter *p)
{
  double dash[] = { 5, 4 };
  GwCanvasColor color;

  if (p->node->device == NULL)
    return;
  color = device_color (p);
  cairo_new_path (p->cr);
  cairo_move_to (p->cr, DEVICE_X, RADIUS);
  cairo_line_to (p->cr, DEVICE_X, p->metrics->height - RADIUS);
  gw_canvas_set_color (p->cr, &color, 1);
  cairo_set_line_width (p->cr, DEVICE_WIDTH);
  if (has_flag (p, GW_SCENE_NODE_DEVICE_SOFT))
    cairo_set_dash (p->cr, dash, 2, 0);
  cairo_stroke (p->cr);
  cairo_set_dash (p->cr, NULL, 0, 0);
}

static void
paint_tile (const NodePainter *p)
{
  GwCanvasColor color = gw_canvas_color (gw_canvas_category_color (p->node->category));
  GwCanvasColor white = { 1, 1, 1 };
  const char *glyph = gw_canvas_op_glyph (p->node->op);

  if (glyph == NULL)
    glyph = gw_canvas_category_glyph (p->node->category);
  gw_canvas_rounded_rect (p->cr, TILE_X, TILE_X, TILE_SIZE, TILE_SIZE, TILE_RADIUS);
  gw_canvas_set_color (p->cr, &color, 1);
  cairo_fill (p->cr);
  gw_canvas_paint_glyph (p->cr, glyph, TILE_X + GLYPH_INSET, TILE_X + GLYPH_INSET, GLYPH_SIZE,
                         gw_canvas_glyph_line (glyph), &white);
}

/* The badge "!" of a problem, or the triangle of a warning. */
static void
paint_badge (const NodePainter *p)
{
  double scale = screen (p, 1);
  GwCanvasLine mark = { .font = GW_CANVAS_FONT_TEXT_BOLD, .text = "!", .baseline = 4.2,
                        .align = GW_CANVAS_ALIGN_MIDDLE, .color = { 1, 1, 1 } };

  if (p->node->problem == NULL)
    return;
  cairo_save (p->cr);
  cairo_translate (p->cr, p->metrics->width - BADGE_INSET * MIN (scale, 1.4), BADGE_INSET);
  cairo_scale (p->cr, scale, scale);
  cairo_new_path (p->cr);
  if (has_problem (p))
    {
      cairo_arc (p->cr, 0, 0, 7.5, 0, 2 * G_PI);
      gw_canvas_set_color (p->cr, &p->theme->problem, 1);
    }
  else
    {
      cairo_move_to (p->cr, 0, -6.5);
      cairo_line_to (p->cr, 7, 5.5);
      cairo_line_to (p->cr, -7, 5.5);
      cairo_close_path (p->cr);
      gw_canvas_set_color (p->cr, &p->theme->warning, 1);
      cairo_set_line_join (p->cr, CAIRO_LINE_JOIN_ROUND);
      cairo_set_line_width (p->cr, 2);
      cairo_stroke_preserve (p->cr);
    }
  cairo_fill (p->cr);
  if (p->theme->dark)
    mark.color = p->theme->node;
  gw_canvas_text_draw (p->paint->text, p->cr, &mark);
  cairo_restore (p->cr);
}

static void
paint_breakpoint (const NodePainter *p)
{
  if (!has_flag (p, GW_SCENE_NODE_BREAKPOINT | GW_SCENE_NODE_BREAK_OFF))
    return;
  cairo_save (p->cr);
  cairo_translate (p->cr, TILE_X, TILE_X);
  cairo_scale (p->cr, screen (p, 1), screen (p, 1));
  cairo_new_path (p->cr);
  cairo_arc (p->cr, 0, 0, 6.5, 0, 2 * G_PI);
  if (has_flag (p, GW_SCENE_NODE_BREAK_OFF))
    gw_canvas_set_color (p->cr, &p->theme->node, 1);
  else
    gw_canvas_set_color (p->cr, &p->theme->breakpoint, 1);
  cairo_fill_preserve (p->cr);
  if (has_flag (p, GW_SCENE_NODE_BREAK_OFF))
    gw_canvas_set_color (p->cr, &p->theme->breakpoint, 1);
  else
    cairo_set_source_rgb (p->cr, 1, 1, 1);
  cairo_set_line_width (p->cr, 1.5);
  cairo_stroke (p->cr);
  cairo_restore (p->cr);
}

static void
paint_header (const NodePainter *p)
{
  gboolean full = p->paint->zoom >= GW_CANVAS_LOD_FULL;
  double size = gw_canvas_legible (p->paint, 13);
  double room = p->metrics->width - TEXT_X - (p->node->problem != NULL ? BADGE_SPACE : TEXT_END);
  double name_width;
  g_autofree char *kind = NULL;
  GwCanvasLine line = { .font = GW_CANVAS_FONT_NAME, .size = size, .text = p->node->name,
                        .x = TEXT_X, .baseline = full ? NAME_BASELINE : 19 + 0.36 * size,
                        .cut_middle = TRUE, .color = p->theme->text,
                        .struck = has_flag (p, GW_SCENE_NODE_MUTED) };

  if (has_flag (p, GW_SCENE_NODE_WATCHED))
    room -= ICON_SPACE;
  if (has_flag (p, GW_SCENE_NODE_LOCKED))
    room -= ICON_SPACE;
  line.max_width = room;
  gw_canvas_text_draw (p->paint->text, p->cr, &line);
  name_width = MIN (room, gw_canvas_text_width (p->paint->text, GW_CANVAS_FONT_NAME, p->node->name)
                          * size / 13);
  if (has_flag (p, GW_SCENE_NODE_WATCHED))
    gw_canvas_paint_glyph (p->cr, GLYPH_EYE, TEXT_X + name_width + 4, 7.5, ICON_SIZE, 1.2,
                           &p->theme->dim);
  if (has_flag (p, GW_SCENE_NODE_LOCKED))
    gw_canvas_paint_glyph (p->cr, GLYPH_LOCK,
                           TEXT_X + name_width + 4
                           + (has_flag (p, GW_SCENE_NODE_WATCHED) ? ICON_SPACE : 0),
                           7, ICON_SIZE, 1.2, &p->theme->dim);
  if (!full)
    return;
  kind = p->node->device != NULL ? g_strconcat (p->node->device, " · ", p->node->op, NULL) : NULL;
  line = (GwCanvasLine) { .font = GW_CANVAS_FONT_SMALL, .text = kind != NULL ? kind : p->node->op, .x = TEXT_X,
                          .baseline = OP_BASELINE, .cut_middle = TRUE, .color = p->theme->dim,
                          .max_width = p->metrics->width - TEXT_X - TEXT_END };
  gw_canvas_text_draw (p->paint->text, p->cr, &line);
}

static void
paint_literal (const NodePainter *p,
               guint              input)
{
  GwCanvasRect rect;
  GwCanvasLine line;

  if (!gw_canvas_literal_rect (p->paint->text, p->node, p->metrics, input, &rect))
    return;
  rect.width = MIN (rect.width, p->metrics->width - rect.x - 6);
  gw_canvas_rounded_rect (p->cr, rect.x, rect.y, rect.width, rect.height, 4);
  gw_canvas_set_color (p->cr, &p->theme->fill, 1);
  cairo_fill (p->cr);
  line = (GwCanvasLine) { .font = GW_CANVAS_FONT_SMALL, .text = p->node->inputs[input].literal,
                          .x = rect.x + 6, .baseline = rect.y + 8 + BASELINE,
                          .max_width = rect.width - 12, .color = p->theme->text };
  gw_canvas_text_draw (p->paint->text, p->cr, &line);
}

static const char *
label_of (const GwScenePort *port,
          gboolean           is_output)
{
  return is_output && port->shape != NULL ? port->shape : port->name;
}

/* px that the label at the other end of a port's row takes at a font size. */
static double
partner_width (const NodePainter *p,
               gboolean           is_output,
               guint              i,
               double             size)
{
  const GwScenePort *own = is_output ? p->node->outputs : p->node->inputs;
  const GwScenePort *others = is_output ? p->node->inputs : p->node->outputs;
  guint n = is_output ? p->node->n_inputs : p->node->n_outputs;
  guint row = 0;

  for (guint j = 0; j < i; j++)
    row += !own[j].hidden;
  for (guint j = 0; j < n; j++)
    if (!others[j].hidden && row-- == 0)
      return gw_canvas_text_width (p->paint->text, GW_CANVAS_FONT_SMALL,
                                   label_of (&others[j], !is_output)) * size / 11;
  return 0;
}

/* Label of an input, or the shape (else the name) of an output. */
static void
paint_label (const NodePainter *p,
             gboolean           is_output,
             guint              i)
{
  const GwScenePort *port = is_output ? &p->node->outputs[i] : &p->node->inputs[i];
  double size = gw_canvas_legible (p->paint, 11);
  double x, y;
  GwCanvasLine line = { .font = GW_CANVAS_FONT_SMALL, .size = size };

  if (port->hidden)
    return;
  gw_canvas_port_position (p->node, p->metrics, is_output, i, &x, &y);
  line.text = label_of (port, is_output);
  line.align = is_output ? GW_CANVAS_ALIGN_END : GW_CANVAS_ALIGN_START;
  line.x = is_output ? p->metrics->width - LABEL_INSET : LABEL_INSET;
  line.baseline = y + BASELINE * size / 11;
  line.color = is_output ? p->theme->dim : p->theme->text;
  line.max_width = p->metrics->width - 2 * LABEL_INSET;
  if (size > 11 && !is_output)
    line.max_width = MAX (line.max_width - partner_width (p, is_output, i, size) - 4, 30);
  if (port->problem)
    line.color = p->theme->problem;
  gw_canvas_text_draw (p->paint->text, p->cr, &line);
  if (!is_output && size <= 11)
    paint_literal (p, i);
}

static void
paint_attributes (const NodePainter *p)
{
  double y = GW_CANVAS_FIRST_ROW + GW_CANVAS_ROW * p->metrics->port_rows + BASELINE;
  GwCanvasLine line = { .font = GW_CANVAS_FONT_SMALL, .x = LABEL_INSET, .color = p->theme->dim,
                        .max_width = p->metrics->width - 2 * LABEL_INSET };

  if (has_flag (p, GW_SCENE_NODE_BYPASSED))
    {
      line.text = "bypassed";
      line.baseline = y;
      gw_canvas_text_draw (p->paint->text, p->cr, &line);
      return;
    }
  for (guint i = 0; i < p->metrics->attribute_rows; i++)
    {
      line.text = p->node->attributes[i];
      line.baseline = y + GW_CANVAS_ROW * i;
      gw_canvas_text_draw (p->paint->text, p->cr, &line);
    }
}

static void
paint_counts (const NodePainter *p)
{
  g_autofree char *text = NULL;
  GwCanvasLine line = { .font = GW_CANVAS_FONT_SMALL, .align = GW_CANVAS_ALIGN_MIDDLE,
                        .x = p->metrics->width / 2, .color = p->theme->dim,
                        .baseline = GW_CANVAS_FIRST_ROW + BASELINE
                                    + GW_CANVAS_ROW * (MAX (p->metrics->port_rows, 1) - 1) };

  if (p->metrics->n_hidden > 0)
    {
      text = g_strdup_printf ("+%u", p->metrics->n_hidden);
      line.text = text;
      gw_canvas_text_draw (p->paint->text, p->cr, &line);
    }
  if (p->node->stack >= 2)
    {
      g_autofree char *count = g_strdup_printf ("×%u", p->node->stack);

      line.font = GW_CANVAS_FONT_SMALL_BOLD;
      line.text = count;
      line.align = GW_CANVAS_ALIGN_END;
      line.x = p->metrics->width - (p->node->problem != NULL ? BADGE_SPACE : TEXT_END);
      line.baseline = NAME_BASELINE;
      gw_canvas_text_draw (p->paint->text, p->cr, &line);
    }
}

static void
paint_control_port (const NodePainter *p,
                    double             x)
{
  cairo_new_path (p->cr);
  cairo_move_to (p->cr, x - 3.5, GW_CANVAS_CONTROL_Y - 5);
  cairo_line_to (p->cr, x + 3.5, GW_CANVAS_CONTROL_Y);
  cairo_line_to (p->cr, x - 3.5, GW_CANVAS_CONTROL_Y + 5);
  cairo_close_path (p->cr);
  gw_canvas_set_color (p->cr, &p->theme->dim, 1);
  cairo_fill_preserve (p->cr);
  gw_canvas_set_color (p->cr, &p->theme->node, 1);
  cairo_set_line_width (p->cr, 1.2);
  cairo_set_line_join (p->cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (p->cr);
}

static void
paint_ports (const NodePainter *p,
             gboolean           is_output)
{
  const GwScenePort *ports = is_output ? p->node->outputs : p->node->inputs;
  guint n = is_output ? p->node->n_outputs : p->node->n_inputs;
  double size = p->paint->zoom >= GW_CANVAS_LOD_LABELS ? PORT_SIZE : SMALL_PORT / p->paint->zoom;
  double x, y;

  for (guint i = 0; i < n; i++)
    {
      if (ports[i].hidden)
        continue;
      gw_canvas_port_position (p->node, p->metrics, is_output, i, &x, &y);
      if (p->state & GW_CANVAS_STATE_HOVER)
        {
          cairo_new_path (p->cr);
          cairo_arc (p->cr, x, y, size / 2 + 3, 0, 2 * G_PI);
          gw_canvas_set_color (p->cr, &p->theme->elements[ports[i].element], 0.3);
          cairo_fill (p->cr);
        }
      gw_canvas_paint_port (p->paint, p->cr, &ports[i], x, y, size);
      if (has_flag (p, GW_SCENE_NODE_FOLDED))
        return;
    }
}

/* A bypassed node: its first input runs straight through. */
static void
paint_bypass (const NodePainter *p)
{
  double x0, y0, x1, y1;

  if (!has_flag (p, GW_SCENE_NODE_BYPASSED) || p->node->n_inputs == 0 || p->node->n_outputs == 0)
    return;
  gw_canvas_port_position (p->node, p->metrics, FALSE, 0, &x0, &y0);
  gw_canvas_port_position (p->node, p->metrics, TRUE, 0, &x1, &y1);
  cairo_new_path (p->cr);
  cairo_move_to (p->cr, x0, y0);
  cairo_line_to (p->cr, x1, y1);
  gw_canvas_set_color (p->cr, &p->theme->elements[p->node->inputs[0].element], 1);
  cairo_set_line_width (p->cr, 1.5);
  cairo_stroke (p->cr);
}

static void
paint_plain_box (const NodePainter *p)
{
  GwCanvasColor color = p->node->device != NULL ? device_color (p)
                                                : gw_canvas_color (gw_canvas_category_color (p->node->category));
  double zoom = p->paint->zoom;
  double size = CLAMP (13 * zoom, GW_CANVAS_MIN_TEXT, 11) / zoom;
  gboolean outlined = (p->state & GW_CANVAS_STATE_SELECTED) || has_problem (p)
                      || has_flag (p, GW_SCENE_NODE_RUNNING) || (p->state & GW_CANVAS_STATE_FOCUS);
  GwCanvasLine line = { .font = GW_CANVAS_FONT_NAME, .size = size, .text = p->node->name,
                        .align = GW_CANVAS_ALIGN_MIDDLE, .x = p->metrics->width / 2,
                        .baseline = p->metrics->height / 2 + 0.35 * size, .cut_middle = TRUE,
                        .max_width = p->metrics->width - 6 / zoom, .color = p->theme->text };

  color = gw_canvas_color_mix (p->theme->ground, color,
                               has_flag (p, GW_SCENE_NODE_NOT_NEEDED) ? 0.43 : 0.7);
  box_path (p, 0);
  gw_canvas_set_color (p->cr, &color, 1);
  cairo_fill (p->cr);
  if (zoom >= GW_CANVAS_LOD_NAMES && p->metrics->width * zoom >= NAME_BOX)
    gw_canvas_text_draw (p->paint->text, p->cr, &line);
  if (outlined)
    paint_outline (p);
}

static void
paint_reroute (const NodePainter *p)
{
  GwCanvasElement element = p->node->n_outputs > 0 ? p->node->outputs[0].element
                                                   : GW_CANVAS_ELEMENT_UNKNOWN;
  double r = GW_CANVAS_REROUTE / 2;

  cairo_new_path (p->cr);
  if (p->state & (GW_CANVAS_STATE_SELECTED | GW_CANVAS_STATE_HOVER | GW_CANVAS_STATE_FOCUS))
    {
      cairo_arc (p->cr, r, r, r + screen (p, 4), 0, 2 * G_PI);
      gw_canvas_set_color (p->cr, &p->theme->accent,
                           p->state & GW_CANVAS_STATE_SELECTED ? 0.45 : 0.22);
      cairo_fill (p->cr);
    }
  cairo_arc (p->cr, r, r, r, 0, 2 * G_PI);
  gw_canvas_set_color (p->cr, &p->theme->elements[element], 1);
  cairo_fill_preserve (p->cr);
  gw_canvas_set_color (p->cr, &p->theme->ground, 1);
  cairo_set_line_width (p->cr, 1.5);
  cairo_stroke (p->cr);
}

static void
paint_contents (const NodePainter *p)
{
  double zoom = p->paint->zoom;

  paint_device (p);
  paint_tile (p);
  paint_header (p);
  if (zoom >= GW_CANVAS_LOD_LABELS && !has_flag (p, GW_SCENE_NODE_FOLDED))
    {
      for (guint i = 0; i < p->node->n_inputs; i++)
        paint_label (p, FALSE, i);
      for (guint i = 0; i < p->node->n_outputs; i++)
        paint_label (p, TRUE, i);
    }
  if (zoom >= GW_CANVAS_LOD_FULL && !has_flag (p, GW_SCENE_NODE_FOLDED))
    {
      paint_attributes (p);
      paint_counts (p);
    }
  paint_bypass (p);
  if (has_flag (p, GW_SCENE_NODE_CONTROL_IN))
    paint_control_port (p, 0);
  if (has_flag (p, GW_SCENE_NODE_CONTROL_OUT))
    paint_control_port (p, p->metrics->width);
  paint_ports (p, FALSE);
  paint_ports (p, TRUE);
}

/* How much of the box remains visible over the ground. */
static double
opacity (const NodePainter *p)
{
  if (has_flag (p, GW_SCENE_NODE_MUTED))
    return 0.4;
  if (has_flag (p, GW_SCENE_NODE_BYPASSED))
    return 0.6;
  return has_flag (p, GW_SCENE_NODE_NOT_NEEDED) ? 0.62 : 1;
}

void
gw_canvas_paint_node (const GwCanvasPaint   *paint,
                      cairo_t               *cr,
                      const GwSceneNode     *node,
                      const GwCanvasMetrics *metrics,
                      GwCanvasState          state)
{
  NodePainter painter = { paint, paint->theme, cr, node, metrics, state };
  const NodePainter *p = &painter;
  double alpha = opacity (p);

  if (node->flags & GW_SCENE_NODE_REROUTE)
    {
      paint_reroute (p);
      return;
    }
  if (paint->zoom < GW_CANVAS_LOD_PORTS)
    {
      paint_plain_box (p);
      paint_breakpoint (p);
      return;
    }
  if (alpha < 1)
    cairo_push_group (cr);
  paint_stack (p);
  if (alpha == 1)
    {
      paint_glow (p);
      paint_shadow (p);
    }
  box_path (p, 0);
  gw_canvas_set_color (cr, &p->theme->node, 1);
  cairo_fill (cr);
  paint_outline (p);
  paint_contents (p);
  if (alpha < 1)
    {
      cairo_pop_group_to_source (cr);
      cairo_paint_with_alpha (cr, alpha);
      if (state & (GW_CANVAS_STATE_SELECTED | GW_CANVAS_STATE_FOCUS))
        paint_outline (p);
    }
  paint_badge (p);
  paint_breakpoint (p);
  if (has_flag (p, GW_SCENE_NODE_RUNNING) && paint->zoom >= GW_CANVAS_LOD_LABELS)
    {
      GwCanvasLine line = { .font = GW_CANVAS_FONT_SMALL_BOLD,
                            .size = gw_canvas_legible (paint, 11), .text = "running now",
                            .align = GW_CANVAS_ALIGN_MIDDLE, .x = metrics->width / 2,
                            .baseline = -14, .color = p->theme->done };
      gw_canvas_text_draw (paint->text, cr, &line);
    }
}

GwCanvasRect
gw_canvas_node_extents (const GwSceneNode     *node,
                        const GwCanvasMetrics *metrics,
                        double                 zoom)
{
  double side = 12 / MIN (zoom, 1) + 2;
  double above = (node->flags & GW_SCENE_NODE_RUNNING) ? MAX (side, 28 / MIN (zoom, 1)) : side;
  double below = MAX (side, gw_canvas_shelf_height (node, zoom) + 4);

  return (GwCanvasRect) { -side, -above, metrics->width + 2 * side,
                          metrics->height + above + below };
}
