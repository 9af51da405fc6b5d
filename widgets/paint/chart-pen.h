/* SPDX-License-Identifier: Apache-2.0 */
/* What a chart draws with: a cairo_t, the colours and one Pango layout that is
 * reused for every text.  Text sizes are the design's px (11 = axis text); the
 * pen scales them with the system font. */
#pragma once

#include <cairo.h>
#include <pango/pangocairo.h>

#include "widgets/paint/chart-theme.h"

G_BEGIN_DECLS

/* The design's em in px: Cantarell 11 pt at 96 dpi. */
#define GW_CHART_EM 14.667

typedef struct
{
  double x, y, width, height;
} GwRect;

typedef struct
{
  cairo_t *cr;
  const GwChartTheme *theme;
  double text_scale;          /* system em / GW_CHART_EM */
  double pixel;               /* size of a device pixel in user units */
  PangoLayout *layout;
  PangoFontDescription *font; /* proportional, tabular figures */
  PangoFontDescription *mono;
} GwChartPen;

typedef enum
{
  GW_TEXT_PLAIN = 0,
  GW_TEXT_BOLD = 1 << 0,
  GW_TEXT_MONO = 1 << 1
} GwTextFlags;

/* @family: NULL = "Cantarell, sans-serif".  @em in px; 0 = the design's em.
 * Clear with gw_chart_pen_clear(); @cr is borrowed. */
void gw_chart_pen_init (GwChartPen *pen, cairo_t *cr, const GwChartTheme *theme,
                        const char *family, double em);
void gw_chart_pen_clear (GwChartPen *pen);

void gw_chart_pen_color (GwChartPen *pen, GwChartColor color, double alpha);

/* Height of a line of text of @size, user units. */
double gw_chart_pen_line_height (const GwChartPen *pen, double size);
double gw_chart_pen_text_width (GwChartPen *pen, const char *text, double size, GwTextFlags flags);

/* Draws @text with the current source.  (@x, @y) is where the point
 * (@align_x, @align_y) of its box comes to lie: 0 = left/top, 0.5 = middle,
 * 1 = right/bottom.  Text wider than @max_width (0 = no limit) ends in an
 * ellipsis.  Returns the width drawn. */
double gw_chart_pen_text (GwChartPen *pen, const char *text, double size, GwTextFlags flags,
                          double x, double y, double align_x, double align_y, double max_width);

/* @value moved so that a line of @width px on it is crisp. */
double gw_chart_pen_crisp (const GwChartPen *pen, double value, double width);

void gw_chart_pen_rounded (GwChartPen *pen, double x, double y, double width, double height,
                           double radius);

G_END_DECLS
