/* SPDX-License-Identifier: Apache-2.0 */

/* The box that tells a node's problem and offers its fixes. */

#include "widgets/paint/canvas/paint.h"

#define MAX_WIDTH 360.0
#define MIN_WIDTH 160.0
#define SIDE 12.0
#define FIRST_BASELINE 18.0
#define LINE 16.0
#define FIX_GAP 16.0
#define FIX_HEIGHT 18.0
#define RADIUS 6.0
#define NEXT "F8 next"

static guint
count_fixes (const GwSceneProblem *problem)
{
  return problem->fixes != NULL ? MIN (g_strv_length (problem->fixes), 2) : 0;
}

gboolean
gw_canvas_problem_measure (GwCanvasText       *text,
                           const GwSceneNode  *node,
                           GwCanvasProblemBox *box)
{
  g_auto (GStrv) lines = NULL;
  double foot, x = SIDE;

  *box = (GwCanvasProblemBox) { 0 };
  if (node->problem == NULL || node->problem->text == NULL)
    return FALSE;
  lines = gw_canvas_text_wrap (text, GW_CANVAS_FONT_TEXT, node->problem->text,
                               MAX_WIDTH - 2 * SIDE, 2);
  for (guint i = 0; lines[i] != NULL && i < 2; i++)
    {
      box->lines[box->n_lines++] = g_strdup (lines[i]);
      box->width = MAX (box->width, gw_canvas_text_width (text, GW_CANVAS_FONT_TEXT, lines[i]));
    }
  box->n_fixes = count_fixes (node->problem);
  box->height = FIRST_BASELINE + LINE * (box->n_lines - 1) + 26;
  for (guint i = 0; i < box->n_fixes; i++)
    {
      double width = gw_canvas_text_width (text, GW_CANVAS_FONT_TEXT_BOLD,
                                           node->problem->fixes[i]);

      box->fixes[i] = (GwCanvasRect) { x, box->height - 22, width, FIX_HEIGHT };
      x += width + FIX_GAP;
    }
  foot = x - SIDE + gw_canvas_text_width (text, GW_CANVAS_FONT_SMALL, NEXT);
  box->width = CLAMP (MAX (box->width, foot) + 2 * SIDE, MIN_WIDTH, MAX_WIDTH);
  return TRUE;
}

void
gw_canvas_problem_clear (GwCanvasProblemBox *box)
{
  g_clear_pointer (&box->lines[0], g_free);
  g_clear_pointer (&box->lines[1], g_free);
}

void
gw_canvas_paint_problem (const GwCanvasPaint      *paint,
                         cairo_t                  *cr,
                         const GwSceneNode        *node,
                         const GwCanvasProblemBox *box,
                         double                    pointer,
                         int                       hot)
{
  const GwCanvasTheme *theme = paint->theme;
  GwCanvasColor color = (node->flags & GW_SCENE_NODE_WARNING) ? theme->warning : theme->problem;
  GwCanvasLine line = { .font = GW_CANVAS_FONT_TEXT, .x = SIDE, .color = theme->text,
                        .max_width = box->width - 2 * SIDE };
  double foot = box->height - 9;

  cairo_new_path (cr);
  cairo_move_to (cr, pointer - 6, 0);
  cairo_line_to (cr, pointer, -7);
  cairo_line_to (cr, pointer + 6, 0);
  cairo_close_path (cr);
  gw_canvas_set_color (cr, &color, 1);
  cairo_fill (cr);
  gw_canvas_rounded_rect (cr, 0, 0, box->width, box->height, RADIUS);
  gw_canvas_set_color (cr, &theme->card, 1);
  cairo_fill_preserve (cr);
  gw_canvas_set_color (cr, &color, 1);
  cairo_set_line_width (cr, 1.2);
  cairo_stroke (cr);
  gw_canvas_rounded_rect (cr, 0, 8, 3, box->height - 16, 1.5);
  cairo_fill (cr);
  for (guint i = 0; i < box->n_lines; i++)
    {
      line.text = box->lines[i];
      line.baseline = FIRST_BASELINE + LINE * i;
      gw_canvas_text_draw (paint->text, cr, &line);
    }
  line.font = GW_CANVAS_FONT_TEXT_BOLD;
  line.color = theme->link;
  line.baseline = foot;
  for (guint i = 0; i < box->n_fixes; i++)
    {
      line.text = node->problem->fixes[i];
      line.x = box->fixes[i].x;
      line.max_width = box->width - SIDE - line.x;
      if (line.max_width < 24)
        break;
      gw_canvas_text_draw (paint->text, cr, &line);
      if (hot == (int) i)
        {
          cairo_rectangle (cr, line.x, foot + 2, MIN (box->fixes[i].width, line.max_width), 1);
          cairo_fill (cr);
        }
    }
  line = (GwCanvasLine) { .font = GW_CANVAS_FONT_SMALL, .text = NEXT, .x = box->width - SIDE,
                          .baseline = foot, .align = GW_CANVAS_ALIGN_END, .color = theme->dim };
  if (box->n_fixes == 0
      || box->fixes[box->n_fixes - 1].x + box->fixes[box->n_fixes - 1].width + 52
             <= box->width - SIDE + 8)
    gw_canvas_text_draw (paint->text, cr, &line);
}
