/* SPDX-License-Identifier: Apache-2.0 */

/* What lies under a point of the canvas. */

#pragma once

#include "widgets/paint/canvas/layout.h"

G_BEGIN_DECLS

#define GW_CANVAS_PORT_HIT 14.0         /* px on screen */
#define GW_CANVAS_WIRE_HIT 8.0
#define GW_CANVAS_SNAP 28.0

typedef enum
{
  GW_CANVAS_HIT_NONE,
  GW_CANVAS_HIT_NODE,
  GW_CANVAS_HIT_NAME,           /* the name of a node */
  GW_CANVAS_HIT_PORT,
  GW_CANVAS_HIT_LITERAL,        /* port is the input */
  GW_CANVAS_HIT_WIRE,
  GW_CANVAS_HIT_FRAME           /* title bar, edge or note */
} GwCanvasHitKind;

typedef struct
{
  GwCanvasHitKind kind;
  guint64         id;
  int             port;
  gboolean        is_output;
} GwCanvasHit;

/* (x, y) in canvas px; zoom is px on screen per canvas px.  Control ports
 * count only with control_ports.  FALSE for the bare ground. */
gboolean gw_canvas_hit_test    (GwCanvasLayout *layout,
                                double          x,
                                double          y,
                                double          zoom,
                                gboolean        control_ports,
                                GwCanvasHit    *hit);
/* The wire nearest to the point within reach (canvas px), or NULL. */
GwCanvasWireItem *gw_canvas_hit_wire (GwCanvasLayout *layout,
                                double          x,
                                double          y,
                                double          reach);

G_END_DECLS
