/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the two halves of the adapter: scene and live values, and requests. */
#pragma once

#include "app/ui/canvas-adapter.h"
#include "app/scene/place.h"

G_BEGIN_DECLS

struct _GwCanvasAdapter {
  GObject     parent_instance;

  GwDocModel *model;
  GwRun      *run;
  GwValues   *values;      /* or NULL */
  GwScene    *scene;
  GHashTable *slots;       /* id of a box → GwSyncSlots: the wires into it */
  GHashTable *needed;      /* what the run under way needs, or NULL */
  GHashTable *watch_states; /* node id → what canvas-watch.c last saw of it, when not 0 */
  gboolean    show_devices;
  gboolean    resetting;   /* the canvas still points into the scene that was cleared: no “changed” */
  guint64     last_wire;
  int64_t     place;       /* group or composite node whose canvas is shown; 0 = the main one */
  GArray     *callers;     /* of int64_t: nodes by which the sub-graphs around the place were entered, the outermost first */
  int64_t     caller;      /* the last of them that was entered or left by */
  const void *errors[2];   /* of the run, that canvas-blame.c last saw */
  GHashTable *bundles;     /* id of a wire that is none between two nodes of the canvas → GwWireEnd * */
  GHashTable *scopes;      /* id of a scope on the canvas → GwScopePorts */
  GHashTable *hidden;      /* node id → id of the scope on the canvas that it is in */
  GHashTable *stubs;       /* id → GwStub */
  double      batch;       /* that the widths of the wires go by */
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

/* What stands at the border of a scope that was entered. */
typedef struct {
  GArray *ports;  /* of int: outputs, or inputs, of the node that cross the border */
  double  x, y;
} GwStub;

/* FALSE when it is none, no wire between two nodes that are both on the canvas, or stands in the inside of
 * a composite, where nothing can be edited. */
gboolean gw_canvas_adapter_wire (GwCanvasAdapter *self, guint64 wire, GwWireEnd *end);
/* One of the document's wires that a wire to or from a scope or a stub stands for. */
const GwWireEnd *gw_canvas_adapter_bundle (GwCanvasAdapter *self, guint64 wire);
/* The node by which a sub-graph was entered that the place is, or is in; 0 = none that is known. */
int64_t gw_canvas_adapter_find_caller (GwCanvasAdapter *self, int64_t group);
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
void gw_canvas_adapter_clear_scene (GwCanvasAdapter *self);
/* The scene holds what it should again: the canvas takes all of it anew. */
void gw_canvas_adapter_end_reset (GwCanvasAdapter *self);

/* canvas-place.c */
/* The place as long as it is there: else goes to the one around it and is FALSE. */
gboolean gw_canvas_adapter_check_place (GwCanvasAdapter *self);
/* Whether the place is a composite's inside, which is made by the composite. */
gboolean gw_canvas_adapter_is_inside (GwCanvasAdapter *self);
void gw_canvas_adapter_show_inside (GwCanvasAdapter *self);
void gw_canvas_adapter_gather_stubs (GwCanvasAdapter *self, const GwSceneSource *source);
GHashTable *gw_canvas_adapter_stubs_new (void);
/* Number of the port of a stub for an output of its node; -1 = none. */
int gw_canvas_adapter_stub_port (GwCanvasAdapter *self, guint64 stub, int output);

/* canvas-blame.c */
/* Finds which item of the place went wrong, see GwSceneSource. */
void gw_canvas_adapter_blame (GwCanvasAdapter *self, GwSceneSource *source);
/* Marks the op that went wrong in the inside of a composite that ships. */
void gw_canvas_adapter_blame_op (GwCanvasAdapter *self);
/* TRUE once after the run's error became another one. */
gboolean gw_canvas_adapter_has_new_blame (GwCanvasAdapter *self);

/* canvas-groups.c: requests that have to do with scopes, over those of canvas-requests.c. */
/* Makes a port of a scope or a stub the node's behind it; FALSE when there is none. */
gboolean gw_canvas_adapter_resolve (GwCanvasAdapter *self, GwCanvasPort *port);
void gw_canvas_adapter_groups_init (GwCanvasModelInterface *iface);

/* canvas-watch.c */
/* These items changed: breakpoints and watched nodes among them count from now on. */
void gw_canvas_adapter_update_watches (GwCanvasAdapter *self, const GArray *ids);
/* The strip of a watched node; `histogram` NULL: none. */
void gw_canvas_set_live_histogram (GwSceneLive *live, const GwHistogram *histogram);

/* canvas-devices.c */
char *gw_canvas_adapter_paint_device (GwCanvasModel *model, const guint64 *ids, gsize n_ids, const char *device);

/* canvas-requests.c */
void gw_canvas_adapter_iface_init (GwCanvasModelInterface *iface);

typedef enum { GW_ADAPTER_SEARCH, GW_ADAPTER_MENU, GW_ADAPTER_SELECTION, GW_ADAPTER_MESSAGE, GW_ADAPTER_COMMAND, GW_ADAPTER_LEAVING, GW_ADAPTER_PLACE, GW_ADAPTER_N_SIGNALS } GwAdapterSignal;
extern guint gw_canvas_adapter_signals[GW_ADAPTER_N_SIGNALS];

G_END_DECLS
