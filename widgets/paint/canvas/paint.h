/* SPDX-License-Identifier: Apache-2.0 */

/* Painters of the canvas.  Each draws on a cairo_t whose user space is canvas
 * px; zoom tells them how large that is on screen (lod.h), so that they can
 * leave out what would be too small and keep marks at their screen size. */

#pragma once

#include "widgets/paint/canvas/layout.h"
#include "widgets/paint/canvas/lod.h"

G_BEGIN_DECLS

typedef struct
{
  const GwCanvasTheme *theme;
  GwCanvasText        *text;
  double               zoom;
  double               phase;   /* px that moving dashes have moved; < 0: none */
} GwCanvasPaint;

typedef enum
{
  GW_CANVAS_STATE_SELECTED = 1 << 0,
  GW_CANVAS_STATE_HOVER    = 1 << 1,
  GW_CANVAS_STATE_FOCUS    = 1 << 2,
  GW_CANVAS_STATE_TARGET   = 1 << 3     /* a wire a node would be dropped on */
} GwCanvasState;

/* Origin at the node's corner.  The shelf hangs behind the box: draw it
 * first. */
void gw_canvas_paint_node       (const GwCanvasPaint    *paint,
                                 cairo_t                *cr,
                                 const GwSceneNode      *node,
                                 const GwCanvasMetrics  *metrics,
                                 GwCanvasState           state);
void gw_canvas_paint_shelf      (const GwCanvasPaint    *paint,
                                 cairo_t                *cr,
                                 const GwSceneNode      *node,
                                 const GwCanvasMetrics  *metrics);
/* What a node may cover, shelf and marks included, from its corner. */
GwCanvasRect gw_canvas_node_extents (const GwSceneNode  *node,
                                 const GwCanvasMetrics  *metrics,
                                 double                  zoom);

/* Origin at the canvas'. */
void gw_canvas_paint_wire       (const GwCanvasPaint    *paint,
                                 cairo_t                *cr,
                                 const GwCanvasWireItem *item,
                                 GwCanvasState           state);
/* Where the shape stands on a wire that is not pointed at; FALSE when none does. */
gboolean gw_canvas_wire_text_rect (const GwCanvasPaint    *paint,
                                   const GwCanvasWireItem *item,
                                   GwCanvasRect           *rect);
void gw_canvas_paint_wire_text  (const GwCanvasPaint    *paint,
                                 cairo_t                *cr,
                                 const GwCanvasWireItem *item,
                                 GwCanvasState           state);
/* A loose wire of a drag. */
void gw_canvas_paint_loose_wire (const GwCanvasPaint    *paint,
                                 cairo_t                *cr,
                                 const GwCanvasPath     *path,
                                 GwCanvasElement         element,
                                 double                  width,
                                 gboolean                refused);
void gw_canvas_paint_frame      (const GwCanvasPaint    *paint,
                                 cairo_t                *cr,
                                 const GwSceneFrame     *frame,
                                 GwCanvasState           state);
/* The title of a scope on a plate: far out it stands above the boxes. */
void gw_canvas_paint_frame_title (const GwCanvasPaint   *paint,
                                 cairo_t                *cr,
                                 const GwSceneFrame     *frame);
/* Dots in rect and the ground's colour. */
void gw_canvas_paint_ground     (const GwCanvasPaint    *paint,
                                 cairo_t                *cr,
                                 const GwCanvasRect     *rect);
/* What a caller adds to gw_canvas_paint_back (): wires that it draws itself
 * are skipped; plain boxes and frames get the state it tells.  Both may be
 * NULL. */
typedef struct
{
  gboolean      (*skip)  (const GwCanvasWireItem *item,
                          gpointer                data);
  GwCanvasState (*state) (guint64                 id,
                          gpointer                data);
  gpointer        data;
} GwCanvasBackHooks;

/* Ground, frames, wires with their text; boxes too below LOD_PORTS, where
 * they are plain. */
void gw_canvas_paint_back       (const GwCanvasPaint    *paint,
                                 cairo_t                *cr,
                                 GwCanvasLayout         *layout,
                                 const GwCanvasRect     *rect,
                                 const GwCanvasBackHooks *hooks);

/* One port at (x, y): size is its diameter, 10 as a rule. */
void gw_canvas_paint_port       (const GwCanvasPaint    *paint,
                                 cairo_t                *cr,
                                 const GwScenePort      *port,
                                 double                  x,
                                 double                  y,
                                 double                  size);

/* The box under a node that tells its problem, in px of its own (draw it at
 * the scale of the text). */
typedef struct
{
  char         *lines[2];
  guint         n_lines;
  guint         n_fixes;
  double        width, height;
  GwCanvasRect  fixes[2];       /* from the box's corner */
} GwCanvasProblemBox;

/* FALSE when the node has no problem.  Clear it after use. */
gboolean gw_canvas_problem_measure (GwCanvasText           *text,
                                    const GwSceneNode      *node,
                                    GwCanvasProblemBox     *box);
void     gw_canvas_problem_clear   (GwCanvasProblemBox     *box);
/* Origin at the box's corner; pointer: x of the arrow that points up to the
 * node; hot: the fix under the pointer, or -1. */
void     gw_canvas_paint_problem   (const GwCanvasPaint    *paint,
                                    cairo_t                *cr,
                                    const GwSceneNode      *node,
                                    const GwCanvasProblemBox *box,
                                    double                  pointer,
                                    int                     hot);

/* Shapes that several painters use. */
void gw_canvas_rounded_rect     (cairo_t                *cr,
                                 double                  x,
                                 double                  y,
                                 double                  width,
                                 double                  height,
                                 double                  radius);
/* A glyph of 16 scaled to size, its corner at (x, y), line in px. */
void gw_canvas_paint_glyph      (cairo_t                *cr,
                                 const char             *glyph,
                                 double                  x,
                                 double                  y,
                                 double                  size,
                                 double                  line,
                                 const GwCanvasColor    *color);
/* A font size that is nominal px but never below MIN_TEXT on screen. */
double gw_canvas_legible        (const GwCanvasPaint    *paint,
                                 double                  nominal);

G_END_DECLS
