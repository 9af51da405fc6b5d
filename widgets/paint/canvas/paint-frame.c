/* SPDX-License-Identifier: Apache-2.0 */

/* Name scopes drawn open, tinted frames and notes. */

#include "widgets/paint/canvas/paint.h"

#include <math.h>

#define RADIUS 10.0
#define TITLE_BASELINE 19.0
#define ARROW "M4 6l4 4l4-4"
#define ARROW_SIZE 14.0
#define SCOPE_TEXT 11.0         /* px on screen of the title below LOD_NAMES */
#define NOTE_LINE 16.0
#define TINT_TITLE 40.0         /* between a frame's upper edge and its nodes */

static void
outline (const GwCanvasPaint *paint,
         cairo_t             *cr,
         const GwSceneFrame  *frame,
         GwCanvasState        state)
{
  double scale = 1 / MIN (paint->zoom, 1);

  gw_canvas_rounded_rect (cr, frame->x, frame->y, frame->width, frame->height, RADIUS);
  if (state & (GW_CANVAS_STATE_SELECTED | GW_CANVAS_STATE_FOCUS))
    {
      gw_canvas_set_color (cr, &paint->theme->accent, 1);
      cairo_set_line_width (cr, 2 * scale);
    }
  else
    {
      gw_canvas_set_color (cr, &paint->theme->scope_border, 1);
      cairo_set_line_width (cr, 1.2 * scale);
    }
  cairo_stroke (cr);
}

void
gw_canvas_paint_frame_title (const GwCanvasPaint *paint,
                             cairo_t             *cr,
                             const GwSceneFrame  *frame)
{
  double size = SCOPE_TEXT / paint->zoom;
  double width = gw_canvas_text_width (paint->text, GW_CANVAS_FONT_NAME, frame->title) * size
                 / gw_canvas_font_size (GW_CANVAS_FONT_NAME);
  GwCanvasLine line = { .font = GW_CANVAS_FONT_NAME, .size = size, .text = frame->title,
                        .x = frame->x + 0.7 * size, .baseline = frame->y + 1.35 * size,
                        .max_width = frame->width - 1.4 * size, .color = paint->theme->text };

  if (line.max_width * paint->zoom < 24)
    return;
  gw_canvas_rounded_rect (cr, frame->x + 0.3 * size, frame->y + 0.3 * size,
                          MIN (width, line.max_width) + 0.8 * size, 1.45 * size, 0.3 * size);
  gw_canvas_set_color (cr, &paint->theme->scope, 0.85);
  cairo_fill (cr);
  gw_canvas_text_draw (paint->text, cr, &line);
}

static void
paint_scope (const GwCanvasPaint *paint,
             cairo_t             *cr,
             const GwSceneFrame  *frame,
             GwCanvasState        state)
{
  const GwCanvasTheme *theme = paint->theme;
  double x = frame->x + 30, right = frame->x + frame->width - 12;
  GwCanvasLine line = { .font = GW_CANVAS_FONT_NAME, .text = frame->title, .x = x,
                        .baseline = frame->y + TITLE_BASELINE, .color = theme->text,
                        .max_width = right - x };

  gw_canvas_rounded_rect (cr, frame->x, frame->y, frame->width, frame->height, RADIUS);
  gw_canvas_set_color (cr, &theme->scope, 1);
  cairo_fill (cr);
  if (paint->zoom < GW_CANVAS_LOD_LABELS)
    {
      outline (paint, cr, frame, state);
      if (paint->zoom >= GW_CANVAS_LOD_PORTS)
        gw_canvas_paint_frame_title (paint, cr, frame);
      return;
    }
  cairo_save (cr);
  gw_canvas_rounded_rect (cr, frame->x, frame->y, frame->width, frame->height, RADIUS);
  cairo_clip (cr);
  cairo_rectangle (cr, frame->x, frame->y, frame->width, GW_CANVAS_TITLE_BAR);
  gw_canvas_set_color (cr, &theme->fill, 0.9);
  cairo_fill (cr);
  cairo_restore (cr);
  outline (paint, cr, frame, state);
  gw_canvas_paint_glyph (cr, ARROW, frame->x + 10, frame->y + 7, ARROW_SIZE, 1.6, &theme->text);
  gw_canvas_text_draw (paint->text, cr, &line);
  if (paint->zoom < GW_CANVAS_LOD_FULL)
    return;
  line.x += gw_canvas_text_width (paint->text, line.font, frame->title) + 8;
  line.font = GW_CANVAS_FONT_SMALL;
  line.color = theme->dim;
  line.text = frame->detail;
  line.max_width = right - line.x;
  if (line.max_width > 24)
    gw_canvas_text_draw (paint->text, cr, &line);
  line.x += gw_canvas_text_width (paint->text, line.font, frame->detail) + 12;
  line.text = frame->hint;
  if (right - line.x < gw_canvas_text_width (paint->text, line.font, frame->hint))
    return;
  line.x = right;
  line.align = GW_CANVAS_ALIGN_END;
  gw_canvas_text_draw (paint->text, cr, &line);
}

static void
paint_tint (const GwCanvasPaint *paint,
            cairo_t             *cr,
            const GwSceneFrame  *frame,
            GwCanvasState        state)
{
  GwCanvasColor color = gw_canvas_color (gw_canvas_category_color (frame->tint));
  double size = gw_canvas_legible (paint, 13);
  GwCanvasLine line = { .font = GW_CANVAS_FONT_NAME, .size = size, .text = frame->title,
                        .x = frame->x + 12, .baseline = frame->y + 6 + size,
                        .max_width = frame->width - 24, .color = paint->theme->text };

  gw_canvas_rounded_rect (cr, frame->x, frame->y, frame->width, frame->height, RADIUS);
  gw_canvas_set_color (cr, &color, 0.12);
  cairo_fill (cr);
  if (state & (GW_CANVAS_STATE_SELECTED | GW_CANVAS_STATE_FOCUS))
    outline (paint, cr, frame, state);
  /* far out it would lie among the nodes */
  if (line.max_width * paint->zoom >= 24 && size <= TINT_TITLE - 10)
    gw_canvas_text_draw (paint->text, cr, &line);
}

/* A line of text that is too small to be read, as a bar. */
static void
paint_bar (const GwCanvasPaint *paint,
           cairo_t             *cr,
           const GwCanvasLine  *line)
{
  double width = gw_canvas_text_width (paint->text, line->font, line->text);

  cairo_rectangle (cr, line->x, line->baseline - 6, MIN (width, line->max_width), 4);
  gw_canvas_set_color (cr, &line->color, 0.3);
  cairo_fill (cr);
}

/* The title at a size that can be read, or a bar for it; returns where the text begins. */
static double
paint_note_title (const GwCanvasPaint *paint,
                  cairo_t             *cr,
                  const GwSceneFrame  *frame)
{
  double size = gw_canvas_legible (paint, 13);
  GwCanvasLine line = { .font = GW_CANVAS_FONT_NAME, .size = size, .text = frame->title, .x = frame->x + 12,
                        .baseline = frame->y + 9 + size, .max_width = frame->width - 24,
                        .color = paint->theme->text };

  if (frame->title == NULL || frame->title[0] == '\0')
    return frame->y + 22;
  if (line.max_width * paint->zoom >= 24 && size + 18 < frame->height)
    gw_canvas_text_draw (paint->text, cr, &line);
  return line.baseline + NOTE_LINE + 2;
}

static void
paint_note (const GwCanvasPaint *paint,
            cairo_t             *cr,
            const GwSceneFrame  *frame,
            GwCanvasState        state)
{
  const GwCanvasTheme *theme = paint->theme;
  g_auto (GStrv) lines = NULL;
  GwCanvasLine line = { .font = GW_CANVAS_FONT_TEXT, .x = frame->x + 12, .max_width = frame->width - 24,
                        .color = theme->dim };
  double y;
  guint max_lines;

  gw_canvas_rounded_rect (cr, frame->x, frame->y, frame->width, frame->height, RADIUS);
  gw_canvas_set_color (cr, &theme->card, 1);
  cairo_fill_preserve (cr);
  gw_canvas_set_color (cr, &theme->border, 1);
  cairo_set_line_width (cr, theme->border_width);
  cairo_stroke (cr);
  if (state & (GW_CANVAS_STATE_SELECTED | GW_CANVAS_STATE_FOCUS))
    outline (paint, cr, frame, state);
  if (paint->zoom < GW_CANVAS_LOD_NAMES)
    return;
  y = paint_note_title (paint, cr, frame);
  if (frame->detail == NULL || y + 8 > frame->y + frame->height)
    return;
  max_lines = MAX (1, (frame->y + frame->height - y + NOTE_LINE - 10) / NOTE_LINE);
  /* Glyphs placed on whole pixels make a line up to 2 % wider than it was measured. */
  lines = gw_canvas_text_wrap (paint->text, line.font, frame->detail, 0.98 * line.max_width, max_lines);
  for (guint i = 0; lines[i] != NULL; i++, y += NOTE_LINE)
    {
      line.text = lines[i];
      line.baseline = y;
      if (paint->zoom >= GW_CANVAS_LOD_NOTES)
        gw_canvas_text_draw (paint->text, cr, &line);
      else
        paint_bar (paint, cr, &line);
    }
}

void
gw_canvas_paint_frame (const GwCanvasPaint *paint,
                       cairo_t             *cr,
                       const GwSceneFrame  *frame,
                       GwCanvasState        state)
{
  switch (frame->kind)
    {
    case GW_SCENE_FRAME_SCOPE:
      paint_scope (paint, cr, frame, state);
      break;
    case GW_SCENE_FRAME_TINT:
      paint_tint (paint, cr, frame, state);
      break;
    case GW_SCENE_FRAME_NOTE:
      paint_note (paint, cr, frame, state);
      break;
    }
}
