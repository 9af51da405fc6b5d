/* SPDX-License-Identifier: Apache-2.0 */

/* A uniform grid that finds the items of a picture in a rectangle, so that a
 * query costs what it finds. */

#pragma once

#include "widgets/paint/canvas/metrics.h"

G_BEGIN_DECLS

/* The first member of every item that is put into a grid. */
typedef struct
{
  GwCanvasRect rect;            /* it also says which cells it is in */
  guint        stamp;
  guint        inserted : 1;
  guint        is_big : 1;
} GwCanvasGridEntry;

typedef struct _GwCanvasGrid GwCanvasGrid;

GwCanvasGrid *gw_canvas_grid_new    (void);
void          gw_canvas_grid_free   (GwCanvasGrid       *grid);
/* Puts it in, or moves it to another rectangle. */
void          gw_canvas_grid_insert (GwCanvasGrid       *grid,
                                     GwCanvasGridEntry  *entry,
                                     const GwCanvasRect *rect);
void          gw_canvas_grid_remove (GwCanvasGrid       *grid,
                                     GwCanvasGridEntry  *entry);
void          gw_canvas_grid_clear  (GwCanvasGrid       *grid);
/* Appends each entry that meets rect once, in no order. */
void          gw_canvas_grid_find   (GwCanvasGrid       *grid,
                                     const GwCanvasRect *rect,
                                     GPtrArray          *found);

G_END_DECLS
