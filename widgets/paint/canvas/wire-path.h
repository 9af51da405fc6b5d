/* SPDX-License-Identifier: Apache-2.0 */

/* The course of a wire: one cubic forward, or a way with rounded corners
 * around to something that lies behind. */

#pragma once

#include <cairo.h>

#include "widgets/paint/canvas/metrics.h"

G_BEGIN_DECLS

#define GW_CANVAS_FORWARD_MIN 24.0      /* Δx from which a wire is a cubic */
#define GW_CANVAS_OUT 20.0              /* a backward wire leaves this far out */
#define GW_CANVAS_BACK 18.0             /* and comes back this far before */
#define GW_CANVAS_CORNER 12.0
#define GW_CANVAS_PATH_POINTS 16        /* at most, of a flattened path */

/* A cubic has its 4 control points, a way its 6 corners, both with the ends.
 * One stands in every wire: floats, which are exact to 1/128 px up to 65,536. */
typedef struct
{
  gboolean is_way;
  float    x[6], y[6];
} GwCanvasPath;

typedef struct
{
  double x, y;
} GwCanvasPoint;

gboolean     gw_canvas_path_is_forward (double               x0,
                                        double               x1);
void         gw_canvas_path_cubic      (GwCanvasPath        *path,
                                        double               x0,
                                        double               y0,
                                        double               x1,
                                        double               y1);
/* Forward with right angles, turning halfway. */
void         gw_canvas_path_square     (GwCanvasPath        *path,
                                        double               x0,
                                        double               y0,
                                        double               x1,
                                        double               y1);
/* channel: the y of its long way back. */
void         gw_canvas_path_way        (GwCanvasPath        *path,
                                        double               x0,
                                        double               y0,
                                        double               x1,
                                        double               y1,
                                        double               channel);
/* The y of a free channel for a way from (x0, y0) back to (x1, y1) between
 * boxes that lie in its width: the one with the shortest detour, then the one
 * nearest to the input.  Boxes are sorted in place. */
double       gw_canvas_find_channel    (double               y0,
                                        double               y1,
                                        GwCanvasRect        *boxes,
                                        gsize                n_boxes);

/* Appends the path to cr's. */
void         gw_canvas_path_draw       (const GwCanvasPath  *path,
                                        cairo_t             *cr);
GwCanvasRect gw_canvas_path_bounds     (const GwCanvasPath  *path);
/* Straight pieces of it; returns the number of points, at most
 * GW_CANVAS_PATH_POINTS. */
guint        gw_canvas_path_flatten    (const GwCanvasPath  *path,
                                        GwCanvasPoint       *points);
double       gw_canvas_path_length     (const GwCanvasPath  *path);
double       gw_canvas_path_distance   (const GwCanvasPath  *path,
                                        double               x,
                                        double               y);
/* Where its text stands: halfway, for a way the middle of its long part. */
GwCanvasPoint gw_canvas_path_middle    (const GwCanvasPath  *path);
gboolean     gw_canvas_path_touches    (const GwCanvasPath  *path,
                                        const GwCanvasRect  *rect);
/* Whether the straight line from a to b crosses it. */
gboolean     gw_canvas_path_crosses    (const GwCanvasPath  *path,
                                        GwCanvasPoint        a,
                                        GwCanvasPoint        b);

G_END_DECLS
