/* SPDX-License-Identifier: Apache-2.0 */

/* The live shelf under a node: sparkline and value, health pill, and a strip
 * of a histogram when there is room. */

#include "widgets/paint/canvas/paint.h"

#include <math.h>

#define HANG 8.0                /* how far the shelf reaches behind the box */
#define INSET 8.0               /* of its contents */
#define RADIUS 7.0
#define CURVE_TOP 6.0           /* below the box */
#define CURVE_BOTTOM 19.0
#define VALUE_BASELINE 17.0
#define PILL_TOP 24.0
#define PILL_HEIGHT 8.0
#define PILL_MIN 3.0
#define PILL_GAP 1.0
#define STRIP_HEIGHT 34.0
#define CLOCK 12.0
#define GLYPH_CLOCK "M8 2.500a5.500 5.500 0 1 0 0 11a5.500 5.500 0 1 0 0-11M8 5v3.200l2.200 1.500"

/* Finite extremes of the samples; FALSE when there are none. */
static gboolean
sample_range (const GwSceneLive *live,
              double            *low,
              double            *high)
{
  *low = G_MAXDOUBLE;
  *high = -G_MAXDOUBLE;
  for (guint i = 0; i < live->n_samples; i++)
    if (isfinite (live->samples[i]))
      {
        *low = MIN (*low, live->samples[i]);
        *high = MAX (*high, live->samples[i]);
      }
  return *low <= *high;
}

static void
paint_sparkline (const GwCanvasPaint *paint,
                 cairo_t             *cr,
                 const GwSceneLive   *live,
                 const GwCanvasRect  *area)
{
  GwCanvasColor color = live->stale ? paint->theme->dim : paint->theme->link;
  double low, high, x = 0, y = 0, start = 0;
  gboolean open = FALSE;

  if (live->n_samples < 2 || area->width < 16 || !sample_range (live, &low, &high))
    return;
  if (high - low <= 0)
    {
      low -= 0.5;
      high = low + 1;
    }
  for (int pass = 0; pass < 2; pass++)
    {
      cairo_new_path (cr);
      open = FALSE;
      for (guint i = 0; i < live->n_samples; i++)
        {
          if (!isfinite (live->samples[i]))
            continue;
          x = area->x + area->width * i / (live->n_samples - 1);
          y = area->y + area->height * (1 - (live->samples[i] - low) / (high - low));
          if (!open)
            start = x;
          if (open)
            cairo_line_to (cr, x, y);
          else
            cairo_move_to (cr, x, y);
          open = TRUE;
        }
      if (pass == 0)
        {
          cairo_line_to (cr, x, area->y + area->height);
          cairo_line_to (cr, start, area->y + area->height);
          gw_canvas_set_color (cr, &color, 0.14);
          cairo_fill (cr);
          continue;
        }
      gw_canvas_set_color (cr, &color, 1);
      cairo_set_line_width (cr, 1.2);
      cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
      cairo_stroke (cr);
    }
  cairo_arc (cr, x, y, 2.4, 0, 2 * G_PI);
  cairo_fill (cr);
}

/* The sign in a segment of the pill: "−" or "+"; hatching for NaN. */
static void
paint_sign (const GwCanvasPaint *paint,
            cairo_t             *cr,
            int                  segment,
            const GwCanvasRect  *rect)
{
  double x = rect->x + rect->width / 2, y = rect->y + rect->height / 2;
  GwCanvasColor color = segment == 4 ? paint->theme->node : paint->theme->text;

  cairo_new_path (cr);
  if (segment == 0)
    {
      cairo_save (cr);
      cairo_rectangle (cr, rect->x, rect->y, rect->width, rect->height);
      cairo_clip (cr);
      cairo_new_path (cr);
      for (double i = rect->x - rect->height; i < rect->x + rect->width; i += 4)
        {
          cairo_move_to (cr, i, rect->y + rect->height);
          cairo_line_to (cr, i + rect->height, rect->y);
        }
      cairo_set_source_rgba (cr, 1, 1, 1, 0.7);
      cairo_set_line_width (cr, 1);
      cairo_stroke (cr);
      cairo_restore (cr);
      return;
    }
  if ((segment != 2 && segment != 4) || rect->width < 10)
    return;
  cairo_move_to (cr, x - 3, y);
  cairo_line_to (cr, x + 3, y);
  if (segment == 4)
    {
      cairo_move_to (cr, x, y - 3);
      cairo_line_to (cr, x, y + 3);
    }
  gw_canvas_set_color (cr, &color, 1);
  cairo_set_line_width (cr, 1.2);
  cairo_stroke (cr);
}

static void
paint_health (const GwCanvasPaint *paint,
              cairo_t             *cr,
              const GwSceneLive   *live,
              const GwCanvasRect  *area)
{
  double total = 0, room = area->width, flexible = 0, x = area->x;
  int n = 0;

  for (int i = 0; i < GW_SCENE_N_HEALTH; i++)
    if (live->health[i] > 0)
      {
        total += live->health[i];
        n++;
      }
  if (n == 0)
    return;
  room -= PILL_GAP * (n - 1);
  for (int i = 0; i < GW_SCENE_N_HEALTH; i++)
    if (live->health[i] > 0 && live->health[i] / total * room > PILL_MIN)
      flexible += live->health[i];
    else if (live->health[i] > 0)
      room -= PILL_MIN;
  for (int i = 0; i < GW_SCENE_N_HEALTH; i++)
    {
      GwCanvasRect rect = { x, area->y, PILL_MIN, area->height };

      if (live->health[i] <= 0)
        continue;
      if (flexible > 0)
        rect.width = MAX (PILL_MIN, live->health[i] / flexible * room);
      gw_canvas_rounded_rect (cr, rect.x, rect.y, rect.width, rect.height, 1.5);
      gw_canvas_set_color (cr, &paint->theme->health[i], live->stale ? 0.5 : 1);
      cairo_fill (cr);
      paint_sign (paint, cr, i, &rect);
      x += rect.width + PILL_GAP;
    }
}

static void
paint_histogram (const GwCanvasPaint *paint,
                 cairo_t             *cr,
                 const GwSceneLive   *live,
                 const GwCanvasRect  *area)
{
  float most = 0;

  for (guint i = 0; i < live->n_bins; i++)
    most = MAX (most, live->histogram[i]);
  if (!(most > 0))
    return;
  for (guint i = 0; i < live->n_bins; i++)
    {
      double height = area->height * live->histogram[i] / most;
      double width = area->width / live->n_bins;

      cairo_rectangle (cr, area->x + i * width, area->y + area->height - height,
                       MAX (width - 0.5, 0.5), height);
    }
  gw_canvas_set_color (cr, live->stale ? &paint->theme->dim : &paint->theme->link, 0.75);
  cairo_fill (cr);
}

/* The mode that the value is of, left of it; the edge of what was drawn. */
static double
paint_mode (const GwCanvasPaint *paint,
            cairo_t             *cr,
            const GwSceneLive   *live,
            double               left,
            double               right)
{
  GwCanvasLine line = { .font = GW_CANVAS_FONT_SMALL, .text = live->mode, .x = right - 6, .baseline = VALUE_BASELINE,
                        .align = GW_CANVAS_ALIGN_END, .color = paint->theme->dim };
  double width = live->mode != NULL ? gw_canvas_text_width (paint->text, line.font, live->mode) + 6 : 0;

  if (width == 0 || right - left < width)
    return right;
  line.max_width = right - left;
  gw_canvas_text_draw (paint->text, cr, &line);
  return right - width;
}

/* The value at the right end of the row; returns its left edge. */
static double
paint_value (const GwCanvasPaint *paint,
             cairo_t             *cr,
             const GwSceneNode   *node,
             double               left,
             double               right)
{
  const GwSceneLive *live = node->live;
  g_autofree char *text = NULL;
  GwCanvasLine line = { .font = GW_CANVAS_FONT_SMALL_BOLD, .x = right,
                        .align = GW_CANVAS_ALIGN_END, .color = paint->theme->text };

  line.baseline = VALUE_BASELINE;
  if (live->stale)
    {
      text = live->detail != NULL ? g_strconcat (live->value != NULL ? live->value : "", " · ",
                                                 live->detail, NULL)
                                  : g_strdup (live->value);
      if (live->detail != NULL
          && gw_canvas_text_width (paint->text, GW_CANVAS_FONT_SMALL, text)
                 > right - left - CLOCK - 4)
        {
          g_free (text);
          text = g_strdup (live->value);
        }
      line.font = GW_CANVAS_FONT_SMALL;
      line.color = paint->theme->dim;
      gw_canvas_paint_glyph (cr, GLYPH_CLOCK, left, VALUE_BASELINE - 10.5, CLOCK, 1.4,
                             &paint->theme->dim);
    }
  else
    {
      text = g_strdup (live->value);
    }
  if (node->flags & GW_SCENE_NODE_UNINITIALISED)
    line.color = paint->theme->warning;
  line.text = text;
  line.max_width = right - left - (live->stale ? CLOCK + 4 : 0);
  gw_canvas_text_draw (paint->text, cr, &line);
  left += live->stale ? CLOCK + 4 : 0;
  right -= MIN (gw_canvas_text_width (paint->text, line.font, text), line.max_width);
  return paint_mode (paint, cr, live, left, right);
}

void
gw_canvas_paint_shelf (const GwCanvasPaint   *paint,
                       cairo_t               *cr,
                       const GwSceneNode     *node,
                       const GwCanvasMetrics *metrics)
{
  double height = gw_canvas_shelf_height (node, paint->zoom);
  double left = GW_CANVAS_SHELF_INSET + INSET;
  double right = metrics->width - GW_CANVAS_SHELF_INSET - INSET;
  const GwSceneLive *live = node->live;
  GwCanvasRect pill = { left, PILL_TOP, right - left, PILL_HEIGHT };

  if (height == 0 || paint->zoom < GW_CANVAS_LOD_LABELS)
    return;
  if (paint->zoom < GW_CANVAS_LOD_FULL)
    {
      if (!live->has_health)
        return;
      height = PILL_HEIGHT + 8;
      pill.y = 4;
    }
  cairo_save (cr);
  cairo_translate (cr, 0, metrics->height);
  gw_canvas_rounded_rect (cr, GW_CANVAS_SHELF_INSET + 0.5, -HANG,
                          metrics->width - 2 * GW_CANVAS_SHELF_INSET - 1, height + HANG - 0.5,
                          RADIUS);
  gw_canvas_set_color (cr, &paint->theme->shelf, 1);
  cairo_fill_preserve (cr);
  gw_canvas_set_color (cr, &paint->theme->border, 1);
  cairo_set_line_width (cr, paint->theme->border_width);
  cairo_stroke (cr);
  if (paint->zoom >= GW_CANVAS_LOD_FULL)
    {
      double edge = paint_value (paint, cr, node, left, right);
      GwCanvasRect curve = { left, CURVE_TOP, edge - 8 - left, CURVE_BOTTOM - CURVE_TOP };

      if (!live->stale)
        paint_sparkline (paint, cr, live, &curve);
      if (height > PILL_TOP + PILL_HEIGHT + 8 || (height > 40 && !live->has_health))
        {
          GwCanvasRect strip = { left, height - STRIP_HEIGHT - 6, right - left, STRIP_HEIGHT };
          paint_histogram (paint, cr, live, &strip);
        }
    }
  if (live->has_health)
    paint_health (paint, cr, live, &pill);
  cairo_restore (cr);
}
