/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the two halves of the adapter: scene and live values, and requests. */
#pragma once

#include "app/ui/canvas-adapter.h"
#include "app/scene/scene-builder.h"

G_BEGIN_DECLS

struct _GwCanvasAdapter {
  GObject     parent_instance;

  GwDocModel *model;
  GwRun      *run;
  GwValues   *values;      /* or NULL */
  GwScene    *scene;
  GHashTable *slots;       /* node id → GArray of the wires into it */
  GHashTable *wire_ends;   /* wire id → GwWireEnd * */
  GHashTable *needed;      /* what the run under way needs, or NULL */
  guint64     last_wire;
  GArray     *selection;   /* of guint64 */
  guint64     moved;       /* number of the drag under way */
  gint64      live_time;   /* of the last repaint of live values */
  guint       live_timeout;
};

typedef struct {
  int64_t to;
  int     input;   /* GW_SCENE_CONTROL_PORT for a control wire … */
  int64_t from;    /* … and then this is where it comes from */
} GwWireEnd;

/* NULL when it is none. */
const GwWireEnd *gw_canvas_adapter_wire (GwCanvasAdapter *self, guint64 wire);
/* For the functions of app/scene; valid until the document changes. */
void gw_canvas_adapter_source (GwCanvasAdapter *self, GwSceneSource *source);

/* canvas-sync.c */
void gw_canvas_adapter_sync_all (GwCanvasAdapter *self);
/* Items (GArray of int64_t) of the document have changed; what is known of them has
 * (NULL: of all). */
void gw_canvas_adapter_sync_items (GwCanvasAdapter *self, const GArray *ids);
void gw_canvas_adapter_sync_live (GwCanvasAdapter *self, const GArray *ids);
/* Another document. */
void gw_canvas_adapter_reset_scene (GwCanvasAdapter *self);

/* canvas-requests.c */
void gw_canvas_adapter_iface_init (GwCanvasModelInterface *iface);

typedef enum { GW_ADAPTER_SEARCH, GW_ADAPTER_MENU, GW_ADAPTER_SELECTION, GW_ADAPTER_MESSAGE, GW_ADAPTER_COMMAND, GW_ADAPTER_N_SIGNALS } GwAdapterSignal;
extern guint gw_canvas_adapter_signals[GW_ADAPTER_N_SIGNALS];

G_END_DECLS
