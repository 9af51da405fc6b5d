/* SPDX-License-Identifier: Apache-2.0 */

/* Shared by the two halves of the layout: boxes, and the courses of wires. */

#pragma once

#include "widgets/paint/canvas/layout.h"

G_BEGIN_DECLS

struct _GwCanvasLayout
{
  const GwScene *scene;
  GwCanvasText *text;
  GHashTable *nodes;            /* id → GwCanvasNodeItem */
  GHashTable *wires;            /* id → GwCanvasWireItem */
  GHashTable *loose;            /* set of GwCanvasWireItem: an end is missing */
  GHashTable *frames;           /* id → GwCanvasRect, as last seen */
  GwCanvasGrid *node_grid, *wire_grid;
  GPtrArray *dirty;             /* wires to route in this update */
  GPtrArray *relabel;           /* nodes that lost a wire in this update */
  GArray *moved;                /* GwCanvasRect: where boxes were and are */
  gboolean only_moved;          /* in this update */
  gboolean square;              /* forward wires have right angles */
  gboolean has_bounds;          /* bounds is right */
  GwCanvasRect bounds;
  guint mark : 31;
  guint next_order;
  GwCanvasDamageFunc damage;
  gpointer damage_data;
  GDestroyNotify free_picture;
};

static inline void
gw_layout_report (GwCanvasLayout     *layout,
                  GwCanvasDamageKind  kind,
                  guint64             id,
                  const GwCanvasRect *rect)
{
  if (layout->damage != NULL && (rect->width > 0 || rect->height > 0))
    layout->damage (kind, id, rect, layout->damage_data);
}

/* To be routed at the end of this update. */
void gw_layout_mark_dirty  (GwCanvasLayout    *layout,
                            GwCanvasWireItem  *item);
/* wire NULL: it is gone. */
void gw_layout_update_wire (GwCanvasLayout    *layout,
                            guint64            id,
                            const GwSceneWire *wire);
/* Wires that were drawn to a node before it came. */
void gw_layout_adopt_wires (GwCanvasLayout    *layout);
/* The end of an update: routes what is dirty and what runs near moved boxes. */
void gw_layout_finish      (GwCanvasLayout    *layout);

G_END_DECLS
