/* SPDX-License-Identifier: Apache-2.0 */

/* Colours of the canvas in the light, dark and high-contrast styles. */

#pragma once

#include <cairo.h>

#include "widgets/paint/canvas/element.h"
#include "widgets/paint/canvas/scene.h"

G_BEGIN_DECLS

/* Channels 0 to 1, not premultiplied; opaque. */
typedef struct
{
  double red, green, blue;
} GwCanvasColor;

typedef struct
{
  gboolean      dark;
  gboolean      high_contrast;
  double        border_width;   /* of nodes: 1, or 2 in high contrast */
  double        shadow;         /* strength, 0 draws none */
  GwCanvasColor ground, dots;
  GwCanvasColor node, border, shelf, card;
  GwCanvasColor text, dim;
  GwCanvasColor fill;           /* pills of literals, title bars */
  GwCanvasColor scope, scope_border;
  GwCanvasColor accent, link;
  GwCanvasColor problem, problem_ground, warning;
  GwCanvasColor done, running, breakpoint;
  GwCanvasColor elements[GW_CANVAS_N_ELEMENTS];
  GwCanvasColor health[GW_SCENE_N_HEALTH];
} GwCanvasTheme;

void          gw_canvas_theme_init   (GwCanvasTheme       *theme,
                                      gboolean             dark,
                                      gboolean             high_contrast);

GwCanvasColor gw_canvas_color        (guint32              rgb);
/* a at 0, b at 1. */
GwCanvasColor gw_canvas_color_mix    (GwCanvasColor        a,
                                      GwCanvasColor        b,
                                      double               t);
void          gw_canvas_set_color    (cairo_t             *cr,
                                      const GwCanvasColor *color,
                                      double               alpha);

G_END_DECLS
