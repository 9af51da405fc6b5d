/* SPDX-License-Identifier: Apache-2.0 */

/* What a canvas shows, as plain data: boxes with ports, wires, frames.  The
 * program fills a GwScene from its document; the painters draw it and the
 * canvas widget lets the user handle it.  Nothing here knows what an op is.
 *
 * Nodes, wires and frames share one space of ids; 0 is no item.  Lengths and
 * positions are canvas px (1 px on screen at zoom 1 and the default font), y
 * downwards.  Arrays inside items belong to the item, strings are set with
 * gw_scene_set_string().  A scene is used from one thread at a time.
 */

#pragma once

#include "widgets/paint/canvas/element.h"

G_BEGIN_DECLS

/* A port number that means the control port in the header. */
#define GW_SCENE_CONTROL_PORT (-1)

#define GW_SCENE_N_HEALTH 6

typedef struct
{
  char            *name;
  char            *shape;       /* "?×784", "scalar", "any"; NULL draws none */
  char            *dtype;       /* its exact type's name; NULL: that of element */
  char            *literal;     /* value of an input without a wire, or NULL */
  GwCanvasElement  element;
  guint            is_ref : 1;
  guint            connected : 1;
  guint            problem : 1; /* its label stands in the problem colour */
  guint            hidden : 1;  /* takes no row; counted as "+2" */
} GwScenePort;

typedef enum
{
  GW_SCENE_NODE_WARNING       = 1 << 0,   /* its problem is only a warning */
  GW_SCENE_NODE_MUTED         = 1 << 1,
  GW_SCENE_NODE_BYPASSED      = 1 << 2,
  GW_SCENE_NODE_NOT_NEEDED    = 1 << 3,   /* no part of the present run */
  GW_SCENE_NODE_RUNNING       = 1 << 4,
  GW_SCENE_NODE_WATCHED       = 1 << 5,
  GW_SCENE_NODE_LOCKED        = 1 << 6,   /* cannot be dragged */
  GW_SCENE_NODE_BREAKPOINT    = 1 << 7,
  GW_SCENE_NODE_BREAK_OFF     = 1 << 8,   /* its breakpoint is disabled */
  GW_SCENE_NODE_UNINITIALISED = 1 << 9,
  GW_SCENE_NODE_COMPOSITE     = 1 << 10,  /* can be entered */
  GW_SCENE_NODE_CONTROL_IN    = 1 << 11,  /* control ports that are used */
  GW_SCENE_NODE_CONTROL_OUT   = 1 << 12,
  GW_SCENE_NODE_REROUTE       = 1 << 13,  /* a dot of 9: one input, one output */
  GW_SCENE_NODE_FOLDED        = 1 << 14,  /* the header alone; all ports of a side meet in one */
  GW_SCENE_NODE_DEVICE_SOFT   = 1 << 15   /* its device is not there: it will run elsewhere */
} GwSceneNodeFlags;

typedef struct
{
  char  *text;          /* whole sentences, drawn in two lines at most */
  char **fixes;         /* labels of links, at most two are drawn; NULL = none */
} GwSceneProblem;

typedef struct
{
  char     *value;      /* "μ 0.31", "86.9 %"; NULL = none */
  char     *detail;     /* "step 1,000", drawn when the value is stale */
  const char *mode;     /* "train", "evaluate", before the value where there is room; static; NULL = none */
  float    *samples;    /* for the sparkline, oldest first; may hold NaN */
  guint     n_samples;
  float    *histogram;  /* counts of equal bins, for the strip of a watched node */
  guint     n_bins;
  gboolean  has_health;
  double    health[GW_SCENE_N_HEALTH]; /* shares: NaN, −inf, −, 0, +, +inf */
  gboolean  stale;
} GwSceneLive;

typedef struct
{
  guint64           id;
  char             *name;
  char             *op;         /* op type: second line, and key of the glyph */
  GwCanvasCategory  category;
  GwSceneNodeFlags  flags;
  double            x, y;       /* top left corner */
  GwScenePort      *inputs;
  GwScenePort      *outputs;
  guint             n_inputs;
  guint             n_outputs;
  char            **attributes; /* at most two rows are drawn; NULL = none */
  char             *device;     /* "/cpu:0", "automatic": a strip and a word for it; NULL draws none */
  guint64           scope;      /* the scope frame it lies in, or 0 */
  GwSceneProblem   *problem;    /* or NULL */
  GwSceneLive      *live;       /* or NULL: no shelf */
  guint             stack;      /* number of equal siblings it stands for, or 0 */
} GwSceneNode;

typedef enum
{
  GW_SCENE_WIRE_DATA,
  GW_SCENE_WIRE_CONTROL,
  GW_SCENE_WIRE_REFERENCE,
  GW_SCENE_WIRE_SPARSE
} GwSceneWireKind;

typedef enum
{
  GW_SCENE_WIRE_RUNNING    = 1 << 0,      /* glows, dashes move */
  GW_SCENE_WIRE_MUTED      = 1 << 1,
  GW_SCENE_WIRE_NOT_NEEDED = 1 << 2,
  GW_SCENE_WIRE_BREAKPOINT = 1 << 3,
  GW_SCENE_WIRE_BREAK_OFF  = 1 << 4
} GwSceneWireFlags;

typedef struct
{
  guint64          id;
  guint64          from, to;    /* nodes */
  int              from_port;   /* output, or GW_SCENE_CONTROL_PORT */
  int              to_port;     /* input, or GW_SCENE_CONTROL_PORT */
  GwCanvasElement  element : 8;
  GwSceneWireKind  kind : 8;
  GwSceneWireFlags flags : 16;
  float            n_elements;  /* of the tensor; unknown sizes as the batch */
  char            *shape;       /* text on the wire, or NULL */
  char            *dtype;       /* "float32": beside the shape from zoom 1.5, or NULL */
  char            *conflict;    /* "10 ≠ 100" when the ends do not fit, or NULL */
  char            *condition;   /* of its breakpoint, or NULL */
} GwSceneWire;

typedef enum
{
  GW_SCENE_FRAME_SCOPE,         /* a name scope drawn open */
  GW_SCENE_FRAME_TINT,          /* visual only */
  GW_SCENE_FRAME_NOTE           /* text on a card */
} GwSceneFrameKind;

typedef struct
{
  guint64           id;
  GwSceneFrameKind  kind;
  char             *title;
  char             *detail;     /* "3 ops · name scope"; a note's text */
  char             *hint;       /* right end of a scope's title bar, or NULL */
  GwCanvasCategory  tint;       /* of GW_SCENE_FRAME_TINT */
  guint64           parent;     /* the scope it lies in, or 0 */
  double            x, y, width, height;
} GwSceneFrame;

typedef struct _GwScene GwScene;

GwScene            *gw_scene_new            (void);
void                gw_scene_free           (GwScene            *scene);

/* Items are made zeroed; give them their id before they are added. */
GwSceneNode        *gw_scene_node_new       (guint64             id,
                                             const char         *name,
                                             const char         *op,
                                             GwCanvasCategory    category);
void                gw_scene_node_free      (GwSceneNode        *node);

/* Appends a port and returns it; valid until the next port of that side. */
GwScenePort        *gw_scene_node_add_input (GwSceneNode        *node,
                                             const char         *name,
                                             GwCanvasElement     element,
                                             const char         *shape);
GwScenePort        *gw_scene_node_add_output (GwSceneNode       *node,
                                             const char         *name,
                                             GwCanvasElement     element,
                                             const char         *shape);
/* Fixes is a NULL-ended list or NULL; both are copied.  Text NULL clears. */
void                gw_scene_node_set_problem (GwSceneNode      *node,
                                             const char         *text,
                                             const char *const  *fixes);
GwSceneLive        *gw_scene_node_ensure_live (GwSceneNode      *node);
void                gw_scene_node_clear_live (GwSceneNode       *node);

GwSceneWire        *gw_scene_wire_new       (guint64             id,
                                             guint64             from,
                                             int                 from_port,
                                             guint64             to,
                                             int                 to_port);
void                gw_scene_wire_free      (GwSceneWire        *wire);

GwSceneFrame       *gw_scene_frame_new      (guint64             id,
                                             GwSceneFrameKind    kind,
                                             const char         *title);
void                gw_scene_frame_free     (GwSceneFrame       *frame);

/* Each takes the item; one with the same id and kind is replaced (and freed)
 * and keeps its place in the painting order. */
void                gw_scene_add_node       (GwScene            *scene,
                                             GwSceneNode        *node);
void                gw_scene_add_wire       (GwScene            *scene,
                                             GwSceneWire        *wire);
void                gw_scene_add_frame      (GwScene            *scene,
                                             GwSceneFrame       *frame);
/* Removes and frees the item of that id, of whatever kind; FALSE if none. */
gboolean            gw_scene_remove         (GwScene            *scene,
                                             guint64             id);
void                gw_scene_clear          (GwScene            *scene);

/* NULL when there is no such item of that kind. */
GwSceneNode        *gw_scene_get_node       (const GwScene      *scene,
                                             guint64             id);
GwSceneWire        *gw_scene_get_wire       (const GwScene      *scene,
                                             guint64             id);
GwSceneFrame       *gw_scene_get_frame      (const GwScene      *scene,
                                             guint64             id);

/* In painting order, the last on top; owned by the scene, not to be changed. */
const GPtrArray    *gw_scene_nodes          (const GwScene      *scene);
const GPtrArray    *gw_scene_wires          (const GwScene      *scene);
const GPtrArray    *gw_scene_frames         (const GwScene      *scene);

/* Sets a string field of an item.  Strings are shared between items: nothing
 * else sets or frees one (lists of strings and a problem's text apart, which
 * belong to their item alone). */
void                gw_scene_set_string     (char              **field,
                                             const char         *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwScene, gw_scene_free)

G_END_DECLS
