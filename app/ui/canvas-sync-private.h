/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the canvas: what is under way (canvas-sync.c), and the boxes and wires that
 * it builds (canvas-sync-items.c). */
#pragma once

#include "app/ui/canvas-adapter-private.h"

G_BEGIN_DECLS

/* A wire into a box. */
typedef struct {
  guint64 id;
  int64_t from;      /* of a control wire: what tells it from others, else 0 */
  int     input;     /* GW_SCENE_CONTROL_PORT for a control wire */
  guint   seen : 1;  /* in the pass that is under way */
} GwSyncSlot;

/* All wires into a box; never empty. */
typedef struct {
  guint      n;
  GwSyncSlot slots[];
} GwSyncSlots;

typedef struct {
  GwCanvasAdapter *self;
  GwSceneSource    source;
  GArray          *changed;    /* of guint64: for the canvas */
  GHashTable      *neighbours; /* set of ids whose ports have become wired or bare */
  GHashTable      *seen;       /* of a pass over everything: set of ids that are on the canvas, else NULL */
} GwSync;

static inline gpointer
gw_sync_key (guint64 id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

/* An item that stands on the canvas itself, with the wires into it; what does not (any
 * more) goes. */
void gw_sync_item (GwSync *sync, int64_t id);
/* The box alone. */
void gw_sync_node (GwSync *sync, int64_t id);
void gw_sync_scope (GwSync *sync, int64_t id);
/* A box that was built, which is taken: into the scene when it differs from the one there. */
void gw_sync_put_box (GwSync *sync, GwSceneNode *fresh);
void gw_sync_remove_box (GwSync *sync, guint64 id);
/* The wire into input number `input` of node `to`, which goes to `port` of `box` here. */
void gw_sync_wire (GwSync *sync, guint64 box, int port, int64_t to, int input);
/* Wires into a box that this pass has not seen go; `all`: every one. */
void gw_sync_drop_wires (GwSync *sync, int64_t to, gboolean all);
/* Of a scope on the canvas; NULL = it is none. */
const GwScopePorts *gw_sync_ports (const GwSync *sync, int64_t scope);

G_END_DECLS
