/* SPDX-License-Identifier: Apache-2.0 */

/* Text of the canvas: a handful of fonts, measured and drawn without hinting
 * so that it scales with the zoom.  One object serves one thread. */

#pragma once

#include <pango/pangocairo.h>

#include "widgets/paint/canvas/theme.h"

G_BEGIN_DECLS

typedef enum
{
  GW_CANVAS_FONT_NAME,          /* 13 bold */
  GW_CANVAS_FONT_SMALL,         /* 11 */
  GW_CANVAS_FONT_SMALL_BOLD,    /* 11 bold, tabular figures */
  GW_CANVAS_FONT_WIRE,          /* 10.5 */
  GW_CANVAS_FONT_WIRE_BOLD,
  GW_CANVAS_FONT_TEXT,          /* 12 */
  GW_CANVAS_FONT_TEXT_BOLD,
  GW_CANVAS_N_FONTS
} GwCanvasFont;

typedef enum
{
  GW_CANVAS_ALIGN_START,
  GW_CANVAS_ALIGN_MIDDLE,
  GW_CANVAS_ALIGN_END
} GwCanvasAlign;

typedef struct _GwCanvasText GwCanvasText;

/* One piece of text; what is zero takes its default. */
typedef struct
{
  GwCanvasFont        font;
  double              size;      /* px, 0: the font's own */
  const char         *text;
  double              x, baseline;
  GwCanvasAlign       align;     /* what x is of the text */
  double              max_width; /* 0: not cut; else cut with "…" */
  gboolean            cut_middle;
  gboolean            struck;
  GwCanvasColor       color;
} GwCanvasLine;

/* family: a Pango family, NULL for Cantarell (then sans). */
GwCanvasText *gw_canvas_text_new    (const char         *family);
void          gw_canvas_text_free   (GwCanvasText       *text);

/* px of the line at the font's own size; 0 for NULL. */
double        gw_canvas_text_width  (GwCanvasText       *text,
                                     GwCanvasFont        font,
                                     const char         *string);
double        gw_canvas_font_size   (GwCanvasFont        font);

void          gw_canvas_text_draw   (GwCanvasText       *text,
                                     cairo_t            *cr,
                                     const GwCanvasLine *line);
/* Breaks string into lines of at most width px; at most max_lines, the last
 * one holds the rest.  (transfer full), NULL-ended. */
char        **gw_canvas_text_wrap   (GwCanvasText       *text,
                                     GwCanvasFont        font,
                                     const char         *string,
                                     double              width,
                                     guint               max_lines);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwCanvasText, gw_canvas_text_free)

G_END_DECLS
