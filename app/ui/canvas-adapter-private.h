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
  GwScene    *scene;
  GHashTable *signatures;  /* item id → string */
  GHashTable *wire_ids;    /* "to:input" → guint64 * */
  GHashTable *wire_ends;   /* wire id → WireEnd * */
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
void gw_canvas_adapter_source (GwCanvasAdapter *self, GwSceneSource *source);
void gw_canvas_adapter_source_clear (GwSceneSource *source);
void gw_canvas_adapter_iface_init (GwCanvasModelInterface *iface);

typedef enum { GW_ADAPTER_SEARCH, GW_ADAPTER_MENU, GW_ADAPTER_SELECTION, GW_ADAPTER_MESSAGE, GW_ADAPTER_N_SIGNALS } GwAdapterSignal;
extern guint gw_canvas_adapter_signals[GW_ADAPTER_N_SIGNALS];

G_END_DECLS
