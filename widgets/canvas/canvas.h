/* SPDX-License-Identifier: Apache-2.0 */

/* The node editor: one widget that paints the scene of a GwCanvasModel and
 * turns what the pointer and the keys do into requests to it.  It keeps only
 * the view (zoom, position) and the selection.  Main thread only. */

#pragma once

#include "widgets/canvas/canvas-model.h"
#include "widgets/paint/canvas/metrics.h"

G_BEGIN_DECLS

#define GW_TYPE_CANVAS (gw_canvas_get_type ())
G_DECLARE_FINAL_TYPE (GwCanvas, gw_canvas, GW, CANVAS, GtkWidget)

#define GW_CANVAS_MIN_ZOOM 0.03
#define GW_CANVAS_MAX_ZOOM 4.0

typedef enum
{
  GW_CANVAS_WIRES_SPLINE,
  GW_CANVAS_WIRES_SQUARE,       /* right angles */
  GW_CANVAS_WIRES_HIDDEN
} GwCanvasWireStyle;

/* Properties: "model", "zoom" (read-only, notifies).
 * Signal: "view-changed" () when the zoom or the position did, also while the
 * view glides. */
GtkWidget     *gw_canvas_new               (void);

/* (nullable) for none. */
void           gw_canvas_set_model         (GwCanvas      *canvas,
                                            GwCanvasModel *model);
GwCanvasModel *gw_canvas_get_model         (GwCanvas      *canvas);

/* 1 is the size of the design at the system's font size. */
double         gw_canvas_get_zoom          (GwCanvas      *canvas);
/* Keeps the middle of the view where it is. */
void           gw_canvas_set_zoom          (GwCanvas      *canvas,
                                            double         zoom);
/* These glide for 250 ms unless animations are off in the system. */
void           gw_canvas_zoom_in           (GwCanvas      *canvas);
void           gw_canvas_zoom_out          (GwCanvas      *canvas);
void           gw_canvas_zoom_to_normal    (GwCanvas      *canvas);
void           gw_canvas_zoom_to_fit       (GwCanvas      *canvas);
/* The selection, or everything when nothing is selected. */
void           gw_canvas_frame_selection   (GwCanvas      *canvas);
/* Brings an item to the middle, at zoom 0.85 or more. */
void           gw_canvas_center_on         (GwCanvas      *canvas,
                                            guint64        id);
/* The canvas point at the widget's top left corner; at once. */
void           gw_canvas_scroll_to         (GwCanvas      *canvas,
                                            double         x,
                                            double         y);

/* (transfer container): ids, in no order. */
GArray        *gw_canvas_get_selection     (GwCanvas      *canvas);
void           gw_canvas_set_selection     (GwCanvas      *canvas,
                                            const guint64 *ids,
                                            gsize          n_ids);
void           gw_canvas_select_all        (GwCanvas      *canvas);
/* The node that the keys act on and assistive technology hears; 0: none. */
guint64        gw_canvas_get_focus_item    (GwCanvas      *canvas);
void           gw_canvas_set_focus_item    (GwCanvas      *canvas,
                                            guint64        id);
/* Selects everything that feeds the selection, or that it feeds. */
void           gw_canvas_select_cone       (GwCanvas      *canvas,
                                            gboolean       inputs);

/* Selects every node of an op that a selected node is of. */
void           gw_canvas_select_similar    (GwCanvas      *canvas);

/* How wires run; GW_CANVAS_WIRES_SPLINE at first.  Hidden ones show where
 * they are selected, under the pointer, or running. */
void           gw_canvas_set_wire_style    (GwCanvas      *canvas,
                                            GwCanvasWireStyle style);
GwCanvasWireStyle gw_canvas_get_wire_style (GwCanvas      *canvas);

/* Asks the model to remove the selection. */
void           gw_canvas_delete_selection  (GwCanvas      *canvas,
                                            gboolean       reconnect);
/* Opens the entry on a node's name. */
void           gw_canvas_rename            (GwCanvas      *canvas,
                                            guint64        id);
/* Opens the entry on the literal of an input. */
void           gw_canvas_edit_literal      (GwCanvas      *canvas,
                                            guint64        node,
                                            int            input);
/* Wires the first fitting output and input of the two selected nodes. */
void           gw_canvas_join_selection    (GwCanvas      *canvas);
/* Asks the model for the op search where the pointer is, else in the middle. */
void           gw_canvas_search            (GwCanvas      *canvas,
                                            const char    *text);

void           gw_canvas_set_show_minimap  (GwCanvas      *canvas,
                                            gboolean       show);
gboolean       gw_canvas_get_show_minimap  (GwCanvas      *canvas);

/* The node, wire or frame at a point of the widget; 0 for the ground. */
guint64        gw_canvas_pick              (GwCanvas      *canvas,
                                            double         widget_x,
                                            double         widget_y);
/* A node's box as it is drawn, in canvas px; FALSE when there is none of that id. */
gboolean       gw_canvas_get_node_box      (GwCanvas      *canvas,
                                            guint64        id,
                                            GwCanvasRect  *box);
/* How far below its box's upper edge a port of it stands; 0 when there is none. */
double         gw_canvas_get_port_y        (GwCanvas      *canvas,
                                            guint64        id,
                                            gboolean       is_output,
                                            int            port);
/* Between px of the widget and of the canvas. */
void           gw_canvas_to_canvas         (GwCanvas      *canvas,
                                            double         widget_x,
                                            double         widget_y,
                                            double        *x,
                                            double        *y);
void           gw_canvas_to_widget         (GwCanvas      *canvas,
                                            double         x,
                                            double         y,
                                            double        *widget_x,
                                            double        *widget_y);
/* Where the pointer is on the canvas; the middle of the view when it is not
 * over it.  TRUE when it is. */
gboolean       gw_canvas_get_pointer       (GwCanvas      *canvas,
                                            double        *x,
                                            double        *y);
/* Bytes of the pictures that are kept of nodes and of what lies behind them: 64 MiB at most, unless
 * what is in sight needs more. */
gsize          gw_canvas_get_picture_bytes (GwCanvas      *canvas);

G_END_DECLS
