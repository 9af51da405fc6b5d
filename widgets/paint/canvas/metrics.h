/* SPDX-License-Identifier: Apache-2.0 */

/* Measures of a node: its size and where its ports are. */

#pragma once

#include "widgets/paint/canvas/text.h"

G_BEGIN_DECLS

#define GW_CANVAS_HEADER 38.0
#define GW_CANVAS_ROW 20.0
#define GW_CANVAS_FIRST_ROW 46.0        /* centre of the first row */
#define GW_CANVAS_CONTROL_Y 19.0
#define GW_CANVAS_REROUTE 9.0
#define GW_CANVAS_MAX_ATTRIBUTES 2
#define GW_CANVAS_SHELF_INSET 6.0

typedef struct
{
  double x, y, width, height;
} GwCanvasRect;

typedef struct
{
  float width, height;
  guint port_rows, attribute_rows;
  guint n_hidden;               /* ports that take no row */
} GwCanvasMetrics;

void     gw_canvas_measure_node     (GwCanvasText          *text,
                                     const GwSceneNode     *node,
                                     GwCanvasMetrics       *metrics);
/* Of the port's centre from the node's corner; port may be the control port. */
void     gw_canvas_port_position    (const GwSceneNode     *node,
                                     const GwCanvasMetrics *metrics,
                                     gboolean               is_output,
                                     int                    port,
                                     double                *x,
                                     double                *y);
/* The pill of an input's literal from the node's corner; FALSE when it has
 * none. */
gboolean gw_canvas_literal_rect     (GwCanvasText          *text,
                                     const GwSceneNode     *node,
                                     const GwCanvasMetrics *metrics,
                                     guint                  input,
                                     GwCanvasRect          *rect);
/* How far a live shelf hangs under the node at a zoom: 0, 26, 38 or 78. */
double   gw_canvas_shelf_height     (const GwSceneNode     *node,
                                     double                 zoom);

/* The line width of a wire that carries n elements. */
double   gw_canvas_wire_width       (double                 n_elements);

gboolean gw_canvas_rect_intersects  (const GwCanvasRect    *a,
                                     const GwCanvasRect    *b);
gboolean gw_canvas_rect_contains    (const GwCanvasRect    *rect,
                                     double                 x,
                                     double                 y);
void     gw_canvas_rect_union       (GwCanvasRect          *rect,
                                     const GwCanvasRect    *other);

G_END_DECLS
