/* SPDX-License-Identifier: Apache-2.0 */

/* A whole scene on a page: what `gw render` and the export write. */

#pragma once

#include "widgets/paint/canvas/paint.h"

G_BEGIN_DECLS

typedef enum
{
  GW_CANVAS_PAGE_PNG,
  GW_CANVAS_PAGE_SVG,
  GW_CANVAS_PAGE_PDF
} GwCanvasPageFormat;

/* The size in canvas px that gw_canvas_paint_scene () fills at scale 1: the
 * scene and a margin.  FALSE, and a small size, for an empty scene. */
gboolean gw_canvas_scene_size  (const GwScene        *scene,
                                double               *width,
                                double               *height);
/* Paints the scene with its corner at the origin of cr; scale is px of cr per
 * canvas px.  FALSE for an empty scene, where only the ground is drawn, and
 * when cr is in an error state. */
gboolean gw_canvas_paint_scene (cairo_t              *cr,
                                const GwScene        *scene,
                                const GwCanvasTheme  *theme,
                                double                scale);
/* Writes the scene to a file, in one piece or not at all.  Fails for an
 * empty scene, a picture larger than 32767 px, and what the disk says. */
gboolean gw_canvas_write_scene (const GwScene        *scene,
                                const GwCanvasTheme  *theme,
                                double                scale,
                                GwCanvasPageFormat    format,
                                const char           *path,
                                GError              **error);

G_END_DECLS
