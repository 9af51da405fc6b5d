/* SPDX-License-Identifier: Apache-2.0 */

/* The two tables of colours and how high contrast changes them. */

#include "widgets/paint/canvas/theme.h"

#include <stddef.h>

typedef struct
{
  gsize offset;
  guint32 light, dark;
} ThemeRow;

#define ROW(field, light, dark) { offsetof (GwCanvasTheme, field), light, dark }

static const ThemeRow rows[] = {
  ROW (ground, 0xf5f5f6, 0x1b1b1d),
  ROW (dots, 0xcfcfd6, 0x2d2d31),
  ROW (node, 0xffffff, 0x303034),
  ROW (border, 0xcfcfd4, 0x48484e),
  ROW (shelf, 0xf7f7f8, 0x2b2b2e),
  ROW (card, 0xffffff, 0x3a3a3d),
  ROW (text, 0x2b2b2f, 0xf4f4f5),
  ROW (dim, 0x65656b, 0xb0b0b6),
  ROW (fill, 0xe7e7ea, 0x3d3d41),
  ROW (scope, 0xfbfbfb, 0x262629),
  ROW (scope_border, 0x96969c, 0x85858c),
  ROW (accent, 0x3584e4, 0x3584e4),
  ROW (link, 0x1a5fb4, 0x78aeed),
  ROW (problem, 0xc01c28, 0xff6674),
  ROW (problem_ground, 0xfbe4e5, 0x45282d),
  ROW (warning, 0x855c00, 0xf8e45c),
  ROW (done, 0x17774a, 0x57e389),
  ROW (running, 0x1f9d5c, 0x57e389),
  ROW (breakpoint, 0xc01c28, 0xf0525c),
  ROW (elements[GW_CANVAS_ELEMENT_UNKNOWN], 0x8a8296, 0x8f8d95),
  ROW (elements[GW_CANVAS_ELEMENT_FLOAT32], 0x1a62d9, 0x5cb0ff),
  ROW (elements[GW_CANVAS_ELEMENT_FLOAT64], 0x1a62d9, 0x5cb0ff),
  ROW (elements[GW_CANVAS_ELEMENT_FLOAT16], 0x1a62d9, 0x5cb0ff),
  ROW (elements[GW_CANVAS_ELEMENT_INT32], 0xe0560a, 0xff8a3d),
  ROW (elements[GW_CANVAS_ELEMENT_INT64], 0xe0560a, 0xff8a3d),
  ROW (elements[GW_CANVAS_ELEMENT_INT8], 0xe0560a, 0xff8a3d),
  ROW (elements[GW_CANVAS_ELEMENT_BOOL], 0x561a85, 0xa95cf0),
  ROW (elements[GW_CANVAS_ELEMENT_STRING], 0x04736b, 0xa6f5d0),
  ROW (elements[GW_CANVAS_ELEMENT_COMPLEX64], 0x7a4a06, 0xefe08a),
  ROW (elements[GW_CANVAS_ELEMENT_COMPLEX128], 0x7a4a06, 0xefe08a),
  ROW (elements[GW_CANVAS_ELEMENT_RESOURCE], 0x8a8296, 0x8f8d95),
  ROW (health[0], 0xcc2f2c, 0xf0525c),
  ROW (health[1], 0xff8d00, 0xffa348),
  ROW (health[2], 0xc3c9d1, 0x69737f),
  ROW (health[3], 0x8d96a0, 0xa3acb6),
  ROW (health[4], 0x262a30, 0xf2f2f2),
  ROW (health[5], 0x003ed4, 0x62a0ff),
};

#undef ROW

GwCanvasColor
gw_canvas_color (guint32 rgb)
{
  return (GwCanvasColor) { ((rgb >> 16) & 0xff) / 255.0, ((rgb >> 8) & 0xff) / 255.0,
                           (rgb & 0xff) / 255.0 };
}

GwCanvasColor
gw_canvas_color_mix (GwCanvasColor a,
                     GwCanvasColor b,
                     double        t)
{
  return (GwCanvasColor) { a.red + (b.red - a.red) * t, a.green + (b.green - a.green) * t,
                           a.blue + (b.blue - a.blue) * t };
}

void
gw_canvas_set_color (cairo_t             *cr,
                     const GwCanvasColor *color,
                     double               alpha)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, alpha);
}

void
gw_canvas_theme_init (GwCanvasTheme *theme,
                      gboolean       dark,
                      gboolean       high_contrast)
{
  *theme = (GwCanvasTheme) { .dark = dark, .high_contrast = high_contrast };
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GwCanvasColor *color = (GwCanvasColor *) ((char *) theme + rows[i].offset);

      *color = gw_canvas_color (dark ? rows[i].dark : rows[i].light);
    }
  theme->border_width = 1;
  theme->shadow = dark ? 0.275 : 0.08;
  if (high_contrast)
    {
      theme->dim = theme->text;
      theme->border = theme->text;
      theme->scope_border = theme->text;
      theme->border_width = 2;
      theme->shadow = 0;
    }
}
