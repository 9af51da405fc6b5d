/* SPDX-License-Identifier: Apache-2.0 */

/* The insides of the canvas widget, shared by its files. */

#pragma once

#include <adwaita.h>

#include "widgets/canvas/canvas.h"
#include "widgets/paint/canvas/hit.h"
#include "widgets/paint/canvas/paint.h"

G_BEGIN_DECLS

typedef enum
{
  GW_CANVAS_DRAG_NONE,
  GW_CANVAS_DRAG_PRESS,         /* pressed, not yet moved */
  GW_CANVAS_DRAG_MOVE,
  GW_CANVAS_DRAG_BOX,
  GW_CANVAS_DRAG_WIRE,
  GW_CANVAS_DRAG_PAN,
  GW_CANVAS_DRAG_CUT,
  GW_CANVAS_DRAG_MINIMAP
} GwCanvasDragKind;

/* One drag of the pointer; positions in canvas px unless said otherwise. */
typedef struct
{
  GwCanvasDragKind kind;
  GdkModifierType  modifiers;   /* at the press */
  GwCanvasHit      hit;         /* what was pressed */
  gboolean         was_selected;
  double           start_x, start_y;    /* widget px */
  double           x, y;                /* widget px, now */
  double           anchor_x, anchor_y;  /* start on the canvas */
  double           view_x, view_y;      /* view when it began (pan) */
  /* move */
  GArray          *ids;         /* what moves */
  double           moved_x, moved_y;    /* sent to the model so far */
  double           origin_x, origin_y;  /* of the node that was pressed */
  guint64          target_wire; /* a node would be dropped on it */
  gboolean         in_step;     /* the model was told that an edit begins */
  gboolean         snapping;
  /* wire */
  GwCanvasPort     port;        /* the end that is held fast */
  guint64          old_wire;    /* taken off an input */
  GHashTable      *verdicts;    /* port key → rule broken, or "" */
  gboolean         has_snap;
  GwCanvasPort     snap;
  GArray          *candidates;  /* GwCanvasPort: the keys pull it to one of these; or NULL */
  guint            candidate;
  /* box */
  GHashTable      *before;      /* selection when it began */
  /* cut */
  GArray          *trail;       /* GwCanvasPoint */
} GwCanvasDrag;

/* The view glides from one place to another. */
typedef struct
{
  guint   tick;
  gint64  start;                /* µs */
  double  from_zoom, from_x, from_y;    /* x, y: middle of the view */
  double  to_zoom, to_x, to_y;
} GwCanvasGlide;

typedef struct _GwCanvasTiles GwCanvasTiles;

struct _GwCanvas
{
  GtkWidget       parent_instance;

  GwCanvasModel  *model;
  GwCanvasText   *text;
  GwCanvasLayout *layout;       /* NULL without a model */
  GwCanvasTheme   theme;
  double          font_scale;
  guint           look;         /* counts changes of theme and font */

  double          zoom, x, y;   /* canvas point at the top left corner */
  gboolean        fitted;       /* the first size was given */
  GwCanvasGlide   glide;

  GHashTable     *selected;     /* set of ids */
  guint64         focus;
  GwCanvasHit     hover;
  gboolean        pointer_inside;
  double          pointer_x, pointer_y; /* widget px */
  gboolean        space_down, space_used;

  GwCanvasTiles  *tiles;
  GHashTable     *pictures;     /* set of all pictures of nodes (canvas-cache.c) */
  double          picture_bytes;
  guint           picture_frame;        /* counts the frames that draw nodes */
  GHashTable     *live;         /* wires drawn apart: id → GskRenderNode or NULL */
  GHashTable     *running;      /* set of ids: wires that run */
  GHashTable     *problems;     /* set of ids: nodes that have a problem */
  guint           refresh;      /* idle that draws what the budget left out */
  guint           animation;    /* tick of moving dashes */
  gint64          animation_start;

  GwCanvasDrag    drag;
  guint           auto_pan;     /* tick */

  GwCanvasWireStyle wire_style;
  gboolean        show_minimap;
  gboolean fit_waits;           /* everything is to be shown once there is room */
  GskRenderNode  *minimap_node; /* its boxes */
  GskRenderNode  *minimap_view; /* its frame and buttons */
  double          minimap_key[8];       /* for which minimap_view was drawn */
  GwCanvasRect    minimap_world;        /* canvas px that minimap_node shows */
  gboolean        minimap_stale;
  guint           minimap_timer;
  GwCanvasRect    problem_rect; /* of the problem box, widget px */
  guint64         problem_node;
  int             problem_hot;

  GtkWidget      *popover;      /* rename and literals */
  GtkWidget      *entry;
  GtkWidget      *entry_error;
  guint64         edit_id;
  int             edit_input;   /* −1: the name */
};

/* canvas.c */
void           gw_canvas_emit_view_changed    (GwCanvas           *canvas);
void           gw_canvas_queue_refresh        (GwCanvas           *canvas);
const GwScene *gw_canvas_scene                (GwCanvas           *canvas);

/* canvas-view.c: px of the widget per px of the canvas */
double         gw_canvas_scale                (GwCanvas           *canvas);
/* A canvas position as widget px on whole device px. */
double         gw_canvas_screen_x             (GwCanvas           *canvas,
                                               double              x);
double         gw_canvas_screen_y             (GwCanvas           *canvas,
                                               double              y);
GwCanvasRect   gw_canvas_visible_rect         (GwCanvas           *canvas);
void           gw_canvas_zoom_at              (GwCanvas           *canvas,
                                               double              factor,
                                               double              widget_x,
                                               double              widget_y);
void           gw_canvas_pan_by               (GwCanvas           *canvas,
                                               double              dx,
                                               double              dy);
void           gw_canvas_view_changed         (GwCanvas           *canvas,
                                               gboolean            zoomed);
void           gw_canvas_stop_glide           (GwCanvas           *canvas);
void           gw_canvas_ensure_visible       (GwCanvas           *canvas,
                                               guint64             id);

/* canvas-draw.c */
void           gw_canvas_snapshot             (GtkWidget          *widget,
                                               GtkSnapshot        *snapshot);
void           gw_canvas_update_theme         (GwCanvas           *canvas);
GwCanvasState  gw_canvas_item_state           (GwCanvas           *canvas,
                                               guint64             id);
GwCanvasPaint  gw_canvas_make_paint           (GwCanvas           *canvas);
/* The node whose problem is told, or NULL. */
GwCanvasNodeItem *gw_canvas_problem_item      (GwCanvas           *canvas);

/* canvas-overlay.c: what a drag shows, the problem box, the minimap */
void           gw_canvas_snapshot_overlay     (GwCanvas           *canvas,
                                               GtkSnapshot        *snapshot);
/* The fix at a widget point, −1 none but on the box, −2 not on the box. */
int            gw_canvas_problem_hit          (GwCanvas           *canvas,
                                               double              x,
                                               double              y);

/* canvas-cache.c */
typedef void (*GwCanvasDrawFunc) (GwCanvas *canvas,
                                  cairo_t  *cr,
                                  gpointer  data);
/* A picture of width × height px, drawn by func (origin at its corner). */
GskRenderNode *gw_canvas_record               (GwCanvas           *canvas,
                                               double              width,
                                               double              height,
                                               gboolean            opaque,
                                               GwCanvasDrawFunc    func,
                                               gpointer            data);
/* Nodes (GwCanvasNodeItem) in their order; FALSE when some show the picture of
 * another zoom because the frame's time was up. */
gboolean       gw_canvas_snapshot_nodes       (GwCanvas           *canvas,
                                               GtkSnapshot        *snapshot,
                                               GPtrArray          *items);
void           gw_canvas_drop_shelf           (GwCanvasNodeItem   *item);
void           gw_canvas_free_picture         (gpointer            picture);
/* Wires in the live set are drawn apart from the tiles. */
void           gw_canvas_update_live          (GwCanvas           *canvas);
void           gw_canvas_drop_live_pictures   (GwCanvas           *canvas);
void           gw_canvas_snapshot_live        (GwCanvas           *canvas,
                                               GtkSnapshot        *snapshot);

/* canvas-tiles.c */
GwCanvasTiles *gw_canvas_tiles_new            (void);
void           gw_canvas_tiles_free           (GwCanvasTiles      *tiles);
void           gw_canvas_tiles_clear          (GwCanvasTiles      *tiles);
/* rect in canvas px. */
void           gw_canvas_tiles_invalidate     (GwCanvas           *canvas,
                                               const GwCanvasRect *rect);
/* Whether the last snapshot was the first one of its scale. */
gboolean       gw_canvas_tiles_zooming        (GwCanvasTiles      *tiles);
gsize          gw_canvas_tiles_bytes          (GwCanvasTiles      *tiles);
/* FALSE when something is left for the next frame. */
gboolean       gw_canvas_tiles_snapshot       (GwCanvas           *canvas,
                                               GtkSnapshot        *snapshot);

/* canvas-selection.c */
gboolean       gw_canvas_is_selected          (GwCanvas           *canvas,
                                               guint64             id);
void           gw_canvas_select_only          (GwCanvas           *canvas,
                                               guint64             id);
void           gw_canvas_select_toggle        (GwCanvas           *canvas,
                                               guint64             id);
void           gw_canvas_select_add           (GwCanvas           *canvas,
                                               guint64             id);
void           gw_canvas_clear_selection      (GwCanvas           *canvas);
/* Replaces it; takes the table. */
void           gw_canvas_take_selection       (GwCanvas           *canvas,
                                               GHashTable         *selected);
/* Drops what is no longer in the scene. */
void           gw_canvas_prune_selection      (GwCanvas           *canvas);
/* The selection with everything that lies in selected frames, but what is
 * locked. */
GArray        *gw_canvas_movable_ids          (GwCanvas           *canvas);
void           gw_canvas_item_damaged         (GwCanvas           *canvas,
                                               guint64             id);
/* Focus to the neighbour in a direction: along wires, else by place. */
gboolean       gw_canvas_walk                 (GwCanvas           *canvas,
                                               int                 dx,
                                               int                 dy);
void           gw_canvas_update_accessible    (GwCanvas           *canvas);

/* canvas-input.c, canvas-drag.c, canvas-wire-drag.c */
void           gw_canvas_init_input           (GwCanvas           *canvas);
void           gw_canvas_update_hover         (GwCanvas           *canvas);
void           gw_canvas_drag_press           (GwCanvas           *canvas,
                                               double              x,
                                               double              y,
                                               GdkModifierType     modifiers);
void           gw_canvas_drag_motion          (GwCanvas           *canvas,
                                               double              x,
                                               double              y,
                                               GdkModifierType     modifiers);
void           gw_canvas_drag_release         (GwCanvas           *canvas);
void           gw_canvas_drag_cancel          (GwCanvas           *canvas);
void           gw_canvas_drag_pan_press       (GwCanvas           *canvas,
                                               double              x,
                                               double              y);
void           gw_canvas_drag_cut_press       (GwCanvas           *canvas,
                                               double              x,
                                               double              y);
/* Begins a drag by something else than the primary button. */
void           gw_canvas_drag_start           (GwCanvas           *canvas,
                                               GwCanvasDragKind    kind,
                                               double              x,
                                               double              y,
                                               GdkModifierType     modifiers);
void           gw_canvas_wire_drag_begin      (GwCanvas           *canvas);
void           gw_canvas_wire_drag_update     (GwCanvas           *canvas);
void           gw_canvas_wire_drag_end        (GwCanvas           *canvas);
/* "" when the held port fits this one, else the rule. */
const char    *gw_canvas_wire_drag_verdict    (GwCanvas           *canvas,
                                               guint64             node,
                                               int                 port);

/* canvas-wire-keys.c: a wire that the keys pull.  begin again takes the next
 * port of the node; FALSE when there is no node with a port. */
gboolean       gw_canvas_wire_keys_begin      (GwCanvas           *canvas);
void           gw_canvas_wire_keys_step       (GwCanvas           *canvas,
                                               int                 step);

/* canvas-keys.c */
void           gw_canvas_init_keys            (GwCanvas           *canvas);
/* canvas-drop.c */
void           gw_canvas_init_drop            (GwCanvas           *canvas);
/* canvas-rename.c */
void           gw_canvas_place_popover        (GwCanvas           *canvas);

/* canvas-minimap.c: rectangles in widget px */
gboolean       gw_canvas_minimap_rect         (GwCanvas           *canvas,
                                               GwCanvasRect       *rect);
void           gw_canvas_snapshot_minimap     (GwCanvas           *canvas,
                                               GtkSnapshot        *snapshot);
/* Boxes came, went, moved or changed their colour. */
void           gw_canvas_minimap_changed      (GwCanvas           *canvas);
/* A press or drag in it: TRUE when it was for the minimap. */
gboolean       gw_canvas_minimap_press        (GwCanvas           *canvas,
                                               double              x,
                                               double              y);
void           gw_canvas_minimap_drag         (GwCanvas           *canvas,
                                               double              x,
                                               double              y);

G_END_DECLS
