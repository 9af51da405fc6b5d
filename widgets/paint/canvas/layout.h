/* SPDX-License-Identifier: Apache-2.0 */

/* Where everything of a scene is: sizes of nodes, courses of wires, and what
 * lies at a point or in a rectangle.  It follows the scene item by item, so
 * that an edit costs what it touches.  Serves the widget and the export. */

#pragma once

#include "widgets/paint/canvas/grid.h"
#include "widgets/paint/canvas/wire-path.h"

G_BEGIN_DECLS

typedef struct _GwCanvasLayout GwCanvasLayout;

typedef struct
{
  GwCanvasGridEntry  entry;     /* box with shelf and marks around it */
  guint64            id;
  const GwSceneNode *node;
  GwCanvasMetrics    metrics;
  GwCanvasRect       box;
  GPtrArray         *wires;     /* GwCanvasWireItem, of both directions */
  guint              order;     /* painting order, ascending */
  gpointer           picture;   /* the widget's, see set_picture_free */
} GwCanvasNodeItem;

typedef struct
{
  GwCanvasGridEntry  entry;     /* course with glow and text */
  guint64            id;
  const GwSceneWire *wire;
  GwCanvasNodeItem  *from, *to; /* NULL while an end is missing: not drawn */
  guint64            scope;     /* innermost scope that holds both ends, or 0 */
  GwCanvasPath       path;
  float              length, width;
  guint              mark : 31; /* scratch of updates */
  guint              labelled : 1; /* it carries the text of its output */
} GwCanvasWireItem;

typedef enum
{
  GW_CANVAS_DAMAGE_NODE,
  GW_CANVAS_DAMAGE_WIRE,
  GW_CANVAS_DAMAGE_FRAME
} GwCanvasDamageKind;

/* An area whose picture is no longer right, in canvas px, and for which item. */
typedef void (*GwCanvasDamageFunc) (GwCanvasDamageKind  kind,
                                    guint64             id,
                                    const GwCanvasRect *rect,
                                    gpointer            data);

/* The scene and the text are borrowed and must outlive the layout. */
GwCanvasLayout   *gw_canvas_layout_new        (const GwScene      *scene,
                                               GwCanvasText       *text);
void              gw_canvas_layout_free       (GwCanvasLayout     *layout);
/* Called for every area that an update touches; and how to free a picture
 * when its node changes or goes. */
void              gw_canvas_layout_set_hooks  (GwCanvasLayout     *layout,
                                               GwCanvasDamageFunc  damage,
                                               gpointer            data,
                                               GDestroyNotify      free_picture);

/* Whether forward wires have right angles; routes all of them anew. */
void              gw_canvas_layout_set_square_wires (GwCanvasLayout *layout,
                                               gboolean            square);

/* Follows items that were added, changed or removed. */
void              gw_canvas_layout_update     (GwCanvasLayout     *layout,
                                               const guint64      *ids,
                                               gsize               n_ids);
/* The same for items of which nothing but the position changed: their
 * pictures are kept. */
void              gw_canvas_layout_move       (GwCanvasLayout     *layout,
                                               const guint64      *ids,
                                               gsize               n_ids);
/* Starts over with everything. */
void              gw_canvas_layout_reset      (GwCanvasLayout     *layout);

const GwScene    *gw_canvas_layout_scene      (GwCanvasLayout     *layout);
GwCanvasText     *gw_canvas_layout_text       (GwCanvasLayout     *layout);
GwCanvasNodeItem *gw_canvas_layout_get_node   (GwCanvasLayout     *layout,
                                               guint64             id);
GwCanvasWireItem *gw_canvas_layout_get_wire   (GwCanvasLayout     *layout,
                                               guint64             id);
/* What meets rect, appended to found in painting order; valid until the next
 * update. */
void              gw_canvas_layout_find_nodes (GwCanvasLayout     *layout,
                                               const GwCanvasRect *rect,
                                               GPtrArray          *found);
void              gw_canvas_layout_find_wires (GwCanvasLayout     *layout,
                                               const GwCanvasRect *rect,
                                               GPtrArray          *found);
/* Around all boxes and frames; FALSE when there is nothing. */
gboolean          gw_canvas_layout_bounds     (GwCanvasLayout     *layout,
                                               GwCanvasRect       *rect);
/* Around the given items (wires count as their ends); FALSE for none. */
gboolean          gw_canvas_layout_bounds_of  (GwCanvasLayout     *layout,
                                               const guint64      *ids,
                                               gsize               n_ids,
                                               GwCanvasRect       *rect);
/* Of a port's centre, in canvas px. */
GwCanvasPoint     gw_canvas_layout_port       (const GwCanvasNodeItem *item,
                                               gboolean            is_output,
                                               int                 port);
GwCanvasRect      gw_canvas_frame_rect        (const GwSceneFrame *frame);

#define GW_CANVAS_TITLE_BAR 28.0

G_END_DECLS
