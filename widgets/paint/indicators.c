/* SPDX-License-Identifier: Apache-2.0 */
/* Sparkline, health pill, progress, change, type glyph. */
#include "widgets/paint/indicators.h"

#include <math.h>
#include <string.h>

/* --- sparkline --- */

typedef struct
{
  double low, high;
} Span;

/* Mean of the finite values that fall to place @i of @n; NaN when there is none. */
static double
share_mean (const double *values, gsize n_values, gsize i, gsize n)
{
  gsize begin = i * n_values / n;
  gsize end = MAX (begin + 1, (i + 1) * n_values / n);
  double sum = 0;
  gsize count = 0;

  for (gsize k = begin; k < end; k++)
    if (isfinite (values[k]))
      {
        sum += values[k];
        count++;
      }
  return count > 0 ? sum / count : NAN;
}

static Span
find_span (const double *values, gsize n_values, gsize n)
{
  Span span = { INFINITY, -INFINITY };

  for (gsize i = 0; i < n; i++)
    {
      double value = share_mean (values, n_values, i, n);

      if (isnan (value))
        continue;
      span.low = MIN (span.low, value);
      span.high = MAX (span.high, value);
    }
  if (span.high <= span.low)
    {
      span.low -= 0.5;
      span.high = span.low + 1;
    }
  return span;
}

void
gw_chart_draw_sparkline (GwChartPen *pen, double x, double y, double width, double height,
                         const double *values, gsize n_values, GwChartColor color)
{
  cairo_t *cr = pen->cr;
  gsize n = MIN (n_values, (gsize) MAX (2, width));

  if (n_values == 0 || width < 8 || height < 4)
    return;

  Span span = find_span (values, n_values, n);
  double top = y + 2;
  double inner = height - 4;
  double step = n > 1 ? (width - 4) / (n - 1) : 0;
  double start = NAN;
  double px = x;
  double py = NAN;

  if (!isfinite (span.low))
    return;

  cairo_path_t *line = NULL;

  cairo_new_path (cr);
  for (gsize i = 0; i <= n; i++)
    {
      double value = i < n ? share_mean (values, n_values, i, n) : NAN;

      if (isnan (value))
        {
          if (isnan (start))
            continue;
          line = cairo_copy_path (cr);
          cairo_line_to (cr, px, y + height);
          cairo_line_to (cr, start, y + height);
          cairo_close_path (cr);
          gw_chart_pen_color (pen, color, 0.2);
          cairo_fill (cr);
          cairo_append_path (cr, line);
          cairo_path_destroy (line);
          gw_chart_pen_color (pen, color, 1);
          cairo_set_line_width (cr, 1.5);
          cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
          cairo_stroke (cr);
          start = NAN;
          continue;
        }
      px = x + i * step;
      py = top + inner * (1 - (value - span.low) / (span.high - span.low));
      if (isnan (start))
        {
          start = px;
          cairo_move_to (cr, px, py);
        }
      else
        cairo_line_to (cr, px, py);
    }
  if (isfinite (values[n_values - 1]))
    {
      cairo_arc (cr, px, py, 2, 0, 2 * G_PI);
      cairo_fill (cr);
    }
}

/* --- health pill --- */

void
gw_chart_health_widths (const double counts[GW_HEALTH_N_KINDS], double width,
                        double widths[GW_HEALTH_N_KINDS])
{
  const double least = 3;
  double total = 0;
  double spare = width;
  int kinds = 0;

  memset (widths, 0, GW_HEALTH_N_KINDS * sizeof *widths);
  for (int i = 0; i < GW_HEALTH_N_KINDS; i++)
    if (counts[i] > 0)
      {
        total += counts[i];
        kinds++;
      }
  if (kinds == 0)
    return;

  spare -= kinds - 1;

  /* Kinds that would be thinner than the least take the least; what is left is
   * shared by the others, until no more falls below. */
  double rest = total;
  gboolean changed = TRUE;

  while (changed)
    {
      changed = FALSE;
      for (int i = 0; i < GW_HEALTH_N_KINDS; i++)
        if (counts[i] > 0 && widths[i] == 0 && counts[i] / rest * spare < least)
          {
            widths[i] = least;
            spare -= least;
            rest -= counts[i];
            changed = rest > 0;
          }
    }
  for (int i = 0; i < GW_HEALTH_N_KINDS; i++)
    if (counts[i] > 0 && widths[i] == 0)
      widths[i] = counts[i] / rest * spare;
}

static void
draw_hatching (cairo_t *cr, double x, double y, double width, double height)
{
  cairo_save (cr);
  cairo_rectangle (cr, x, y, width, height);
  cairo_clip (cr);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.85);
  cairo_set_line_width (cr, 1);
  for (double offset = -height; offset < width; offset += 4)
    {
      cairo_move_to (cr, x + offset, y + height);
      cairo_line_to (cr, x + offset + height, y);
    }
  cairo_stroke (cr);
  cairo_restore (cr);
}

static void
draw_sign (GwChartPen *pen, double x, double y, GwHealthKind kind, double arm)
{
  gw_chart_pen_color (pen, gw_chart_color_on (pen->theme->health[kind]), 1);
  cairo_set_line_width (pen->cr, 1.2);
  cairo_move_to (pen->cr, x - arm, y);
  cairo_line_to (pen->cr, x + arm, y);
  if (kind == GW_HEALTH_POSITIVE)
    {
      cairo_move_to (pen->cr, x, y - arm);
      cairo_line_to (pen->cr, x, y + arm);
    }
  cairo_stroke (pen->cr);
}

void
gw_chart_draw_health (GwChartPen *pen, double x, double y, double width, double height,
                      const double counts[GW_HEALTH_N_KINDS])
{
  double widths[GW_HEALTH_N_KINDS];

  gw_chart_health_widths (counts, width, widths);
  cairo_save (pen->cr);
  gw_chart_pen_rounded (pen, x, y, width, height, MIN (3, height / 2));
  cairo_clip (pen->cr);
  for (int i = 0; i < GW_HEALTH_N_KINDS; i++)
    {
      if (widths[i] <= 0)
        continue;
      gw_chart_pen_color (pen, pen->theme->health[i], 1);
      cairo_rectangle (pen->cr, x, y, widths[i], height);
      cairo_fill (pen->cr);
      if (i == GW_HEALTH_NAN)
        draw_hatching (pen->cr, x, y, widths[i], height);
      if ((i == GW_HEALTH_NEGATIVE || i == GW_HEALTH_POSITIVE) && widths[i] >= 9 && height >= 7)
        draw_sign (pen, x + widths[i] / 2, y + height / 2, i, MIN (3, height / 2 - 1.5));
      x += widths[i] + 1;
    }
  cairo_restore (pen->cr);
}

/* --- bars --- */

void
gw_chart_draw_progress (GwChartPen *pen, double x, double y, double width, double height,
                        double share, GwChartColor color, const double *ticks, guint n_ticks)
{
  double done = isnan (share) ? 0 : CLAMP (share, 0, 1) * width;

  cairo_save (pen->cr);
  gw_chart_pen_rounded (pen, x, y, width, height, height / 2);
  cairo_clip (pen->cr);
  gw_chart_pen_color (pen, pen->theme->text, 0.12);
  cairo_paint (pen->cr);
  gw_chart_pen_color (pen, color, 1);
  cairo_rectangle (pen->cr, x, y, done, height);
  cairo_fill (pen->cr);
  for (guint i = 0; i < n_ticks; i++)
    {
      double place = x + ticks[i] * width;

      if (!(ticks[i] > 0 && ticks[i] < 1))
        continue;
      gw_chart_pen_color (pen, place <= x + done ? pen->theme->card : pen->theme->text,
                          place <= x + done ? 0.9 : 0.45);
      cairo_rectangle (pen->cr, gw_chart_pen_crisp (pen, place, 1) - 0.5, y, 1, height);
      cairo_fill (pen->cr);
    }
  cairo_restore (pen->cr);
}

void
gw_chart_draw_change (GwChartPen *pen, double x, double y, double width, double height,
                      double change)
{
  gboolean above = change > 10;
  double share = isnan (change)                  ? 0
                 : change <= 1e-4                ? 0
                                                 : CLAMP ((log10 (change) + 4) / 5, 0, 1);
  double filled = above ? width : share * (width - 6);

  gw_chart_pen_color (pen, pen->theme->control, 1);
  gw_chart_pen_rounded (pen, x, y, width, height, 2);
  cairo_fill (pen->cr);
  if (filled <= 0)
    return;
  gw_chart_pen_color (pen, pen->theme->run[1], 1);
  gw_chart_pen_rounded (pen, x, y, MAX (filled, 2), height, 2);
  cairo_fill (pen->cr);
  if (!above)
    return;
  gw_chart_pen_color (pen, pen->theme->card, 1);
  cairo_set_line_width (pen->cr, 2);
  cairo_move_to (pen->cr, x + width - 9, y + height + 1);
  cairo_line_to (pen->cr, x + width - 4, y - 1);
  cairo_stroke (pen->cr);
}

/* --- element types --- */

typedef enum
{
  SHAPE_CIRCLE,
  SHAPE_SQUARE,
  SHAPE_DIAMOND,
  SHAPE_TRIANGLE,
  SHAPE_HEXAGON,
  SHAPE_RING
} TypeShape;

typedef enum
{
  INSIDE_FILLED,
  INSIDE_PIP,
  INSIDE_HALF
} TypeInside;

typedef struct
{
  const char *name;
  TypeShape shape;
  TypeInside inside;
  guint32 light, dark;
} TypeGlyph;

static const TypeGlyph glyphs[] = {
  { "float32", SHAPE_CIRCLE, INSIDE_FILLED, 0x1a62d9, 0x5cb0ff },
  { "float64", SHAPE_CIRCLE, INSIDE_PIP, 0x1a62d9, 0x5cb0ff },
  { "float16", SHAPE_CIRCLE, INSIDE_HALF, 0x1a62d9, 0x5cb0ff },
  { "half", SHAPE_CIRCLE, INSIDE_HALF, 0x1a62d9, 0x5cb0ff },
  { "bfloat16", SHAPE_CIRCLE, INSIDE_HALF, 0x1a62d9, 0x5cb0ff },
  { "int32", SHAPE_SQUARE, INSIDE_FILLED, 0xe0560a, 0xff8a3d },
  { "int64", SHAPE_SQUARE, INSIDE_PIP, 0xe0560a, 0xff8a3d },
  { "int8", SHAPE_SQUARE, INSIDE_HALF, 0xe0560a, 0xff8a3d },
  { "uint8", SHAPE_SQUARE, INSIDE_HALF, 0xe0560a, 0xff8a3d },
  { "int16", SHAPE_SQUARE, INSIDE_HALF, 0xe0560a, 0xff8a3d },
  { "uint16", SHAPE_SQUARE, INSIDE_HALF, 0xe0560a, 0xff8a3d },
  { "bool", SHAPE_DIAMOND, INSIDE_FILLED, 0x561a85, 0xa95cf0 },
  { "string", SHAPE_TRIANGLE, INSIDE_FILLED, 0x04736b, 0xa6f5d0 },
  { "complex64", SHAPE_HEXAGON, INSIDE_FILLED, 0x7a4a06, 0xefe08a },
  { "complex128", SHAPE_HEXAGON, INSIDE_PIP, 0x7a4a06, 0xefe08a },
  { "resource", SHAPE_RING, INSIDE_FILLED, 0x8a8296, 0x8f8d95 },
  { "variant", SHAPE_RING, INSIDE_FILLED, 0x8a8296, 0x8f8d95 },
};

static void
trace_shape (cairo_t *cr, TypeShape shape, double x, double y, double radius)
{
  double side = radius * 0.88;

  cairo_new_path (cr);
  switch (shape)
    {
    case SHAPE_SQUARE:
      cairo_rectangle (cr, x - side, y - side, 2 * side, 2 * side);
      break;
    case SHAPE_DIAMOND:
      cairo_move_to (cr, x, y - radius);
      cairo_line_to (cr, x + radius, y);
      cairo_line_to (cr, x, y + radius);
      cairo_line_to (cr, x - radius, y);
      cairo_close_path (cr);
      break;
    case SHAPE_TRIANGLE:
      cairo_move_to (cr, x - radius * 0.75, y - radius);
      cairo_line_to (cr, x + radius, y);
      cairo_line_to (cr, x - radius * 0.75, y + radius);
      cairo_close_path (cr);
      break;
    case SHAPE_HEXAGON:
      for (int i = 0; i < 6; i++)
        cairo_line_to (cr, x + radius * cos (i * G_PI / 3), y + radius * sin (i * G_PI / 3));
      cairo_close_path (cr);
      break;
    case SHAPE_CIRCLE:
    case SHAPE_RING:
    default:
      cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
      break;
    }
}

static const TypeGlyph *
find_glyph (const char *dtype, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (glyphs); i++)
    if (strlen (glyphs[i].name) == length && strncmp (glyphs[i].name, dtype, length) == 0)
      return &glyphs[i];
  return NULL;
}

static void
draw_glyph (GwChartPen *pen, const TypeGlyph *glyph, double x, double y, double radius)
{
  cairo_t *cr = pen->cr;

  trace_shape (cr, glyph->shape, x, y, radius);
  if (glyph->shape == SHAPE_RING)
    {
      cairo_set_line_width (cr, 1.5);
      cairo_stroke (cr);
      cairo_arc (cr, x, y, radius * 0.4, 0, 2 * G_PI);
      cairo_fill (cr);
      return;
    }
  if (glyph->inside == INSIDE_HALF)
    {
      cairo_path_t *path = cairo_copy_path (cr);

      cairo_set_line_width (cr, 1.5);
      cairo_stroke (cr);
      cairo_save (cr);
      cairo_rectangle (cr, x - radius, y, 2 * radius, radius);
      cairo_clip (cr);
      cairo_append_path (cr, path);
      cairo_fill (cr);
      cairo_restore (cr);
      cairo_path_destroy (path);
      return;
    }
  cairo_fill (cr);
  if (glyph->inside == INSIDE_PIP)
    {
      gw_chart_pen_color (pen, pen->theme->card, 1);
      trace_shape (cr, glyph->shape, x, y, radius * 0.4);
      cairo_fill (cr);
    }
}

void
gw_chart_draw_dtype (GwChartPen *pen, double x, double y, double size, const char *dtype)
{
  if (dtype == NULL)
    return;

  gsize length = strlen (dtype);
  gboolean reference = g_str_has_suffix (dtype, "_ref");
  const TypeGlyph *glyph = find_glyph (dtype, reference ? length - 4 : length);

  if (glyph == NULL)
    return;

  guint32 hex = pen->theme->dark ? glyph->dark : glyph->light;
  GwChartColor color
      = { ((hex >> 16) & 255) / 255.0, ((hex >> 8) & 255) / 255.0, (hex & 255) / 255.0 };
  double radius = size / 2;

  cairo_set_dash (pen->cr, NULL, 0, 0);
  gw_chart_pen_color (pen, color, 1);
  if (reference)
    {
      cairo_new_path (pen->cr);
      cairo_arc (pen->cr, x, y, radius - 0.5, 0, 2 * G_PI);
      cairo_set_line_width (pen->cr, 1.2);
      cairo_stroke (pen->cr);
      radius *= 0.55;
    }
  draw_glyph (pen, glyph, x, y, radius);
}
