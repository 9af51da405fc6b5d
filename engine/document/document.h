/* SPDX-License-Identifier: Apache-2.0 */
/* The document: what the user drew. Nodes with stable ids, wires, positions,
 * frames, the data pipeline and the training settings.
 *
 * A document is a table of *items*. An item is immutable once it stands in a
 * document; changing it means replacing it. Copying a document therefore costs a
 * reference per item, a copy may be read in another thread while the original is
 * edited, and the before and after of an edit are exact. */
#pragma once

#include "engine/data/pipeline.h"
#include "engine/graph/op-def.h"

G_BEGIN_DECLS

typedef enum {
  GW_ITEM_NODE,
  GW_ITEM_FRAME,    /* a tinted area with a title, or a note with text */
  GW_ITEM_SETTINGS, /* exactly one, id 0: pipeline and training */
  GW_ITEM_GROUP,    /* what nodes and frames can live in: a canvas of its own */
} GwItemKind;

/* A named attribute value that differs from its default. */
typedef struct {
  char        *name;
  GwAttrValue  value;
} GwNamedAttr;

/* What stands at an input: a wire from a node's output, or a literal. */
typedef struct {
  char   *port;
  int     index;     /* place within a list port, else 0 */
  int64_t from;      /* node id, 0 = no wire */
  int     output;
  char   *literal;   /* text form when from == 0; NULL = nothing there */
} GwDocInput;

typedef enum {
  GW_DOC_MUTED = 1 << 0,     /* it and what follows from it does not run */
  GW_DOC_BYPASSED = 1 << 1,  /* its first input stands in for its first output */
  GW_DOC_LOCKED = 1 << 2,
  GW_DOC_REPORT = 1 << 3,    /* its outputs are reported as metrics and recorded as scalars */
  GW_DOC_FOLDED = 1 << 4,    /* drawn as its header alone: wires end at its edge */
  GW_DOC_HIDES_PORTS = 1 << 5, /* ports that are not wired are not drawn */
  GW_DOC_BREAK = 1 << 6,     /* training pauses by its output 0: when, says its attribute “_break” */
  GW_DOC_BREAK_OFF = 1 << 7, /* … but not now */
  GW_DOC_WATCHED = 1 << 8,   /* its output 0 is shown as a histogram while it trains */
} GwDocNodeFlags;

typedef struct {
  char          *op;         /* op type; may be one that this version does not know */
  char          *name;       /* unique in the document */
  GArray        *attrs;      /* of GwNamedAttr, only what was set */
  GArray        *inputs;     /* of GwDocInput, only what is there; sorted by port and index */
  GArray        *controls;   /* of int64_t: nodes that must run before */
  double         x, y;       /* upper left corner, canvas px at zoom 1 */
  char          *device;     /* "/cpu:0", or NULL = automatic */
  char          *note;
  GwDocNodeFlags flags;
} GwDocNode;

typedef struct {
  double  x, y, width, height;
  char   *title;
  char   *text;              /* Markdown; a note when the frame has no nodes in it */
  int     color;             /* 0 … 7 */
} GwDocFrame;

typedef enum {
  GW_GROUP_SCOPE,      /* a name scope: a box on the canvas of its owner; its nodes are
                        * nodes of the graph like all others */
  GW_GROUP_FUNCTION,   /* a sub-graph that an op runs (If, While …), called by name */
  GW_GROUP_COMPOSITE,  /* an op that the user made of others */
} GwGroupKind;

/* Whether layers in a scope take variables that are there, as TensorFlow's variable_scope(reuse=…). */
typedef enum {
  GW_REUSE_INHERIT,  /* as the scope around it; none around it makes its own */
  GW_REUSE_TRUE,     /* what is there must be taken */
  GW_REUSE_AUTO,     /* takes what is there and makes what is not */
} GwReuse;

/* An attribute of a node inside that every use of the composite has as its own. */
typedef struct {
  char   *name;        /* of the use's attribute */
  int64_t node;
  char   *attr;
  char   *help;        /* what it is for, or NULL: what the node's attribute is for */
} GwGroupParam;

/* The ports of a sub-graph and of a composite are nodes in it: `_Arg` and `_Retval`, see
 * gw_document_arguments(). No wire crosses the border of either. */
typedef struct {
  GwGroupKind kind;
  char       *name;      /* of a scope: the last part of the path, unique in its owner;
                          * else unique among sub-graphs and composites */
  double      x, y;      /* of a scope's box, as a node's */
  char       *variables; /* of a scope: the name that variables of layers in it have in the place of
                          * `name`, from the root where it begins with “/”; or NULL */
  GwReuse     reuse;     /* of a scope */
  int         version;   /* of a composite: 1 and up */
  char       *category;  /* of a composite in the palette, or NULL */
  char       *summary;   /* what a composite does, or NULL */
  GArray     *params;    /* of GwGroupParam */
} GwDocGroup;

typedef struct {
  GwPipelineDef *pipeline;   /* NULL = no data */
  GArray  *training_attrs;   /* of GwNamedAttr, see gw_training_attrs(): epochs, seed, device … */
  GArray  *targets;          /* of int64_t: nodes that a training step runs (Minimize …) */
  int64_t  loss;             /* node whose output 0 is “the loss”, 0 = none */
  GArray  *metrics;          /* of int64_t: nodes whose output 0 is averaged by Evaluate */
} GwDocSettings;

typedef struct {
  GwItemKind kind;
  /*< private >*/
  gint       refs;
  /*< public >*/
  int64_t    id;
  int64_t    owner;  /* of a node, frame or group: the group it lives in, 0 = the main canvas */
  union {
    GwDocNode     node;
    GwDocFrame    frame;
    GwDocGroup    group;
    GwDocSettings settings;
  };
} GwItem;

/* A new item with empty lists; the caller fills it in before it enters a document. */
GwItem *gw_item_new (GwItemKind kind, int64_t id);
/* Deep and mutable: the start of every change. */
GwItem *gw_item_copy (const GwItem *item);
GwItem *gw_item_ref (GwItem *item);
void gw_item_unref (GwItem *item);
gboolean gw_item_equal (const GwItem *a, const GwItem *b);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwItem, gw_item_unref)

/* Lists of named attributes. */
const GwAttrValue *gw_named_attrs_get (const GArray *attrs, const char *name); /* NULL = not set */
void gw_named_attrs_set (GArray *attrs, const char *name, const GwAttrValue *value); /* copies; NULL unsets */

/* A node's attribute: as set, else its op's default. FALSE when the op has none of
 * that name or is unknown. `value` is a copy of the caller's. */
gboolean gw_doc_node_attr (const GwDocNode *node, const char *name, GwAttrValue *value);
/* The input at a port, or NULL. */
const GwDocInput *gw_doc_node_input (const GwDocNode *node, const char *port, int index);
/* Replaces what stands there; from == 0 and literal == NULL clears it. */
void gw_doc_node_set_input (GwDocNode *node, const char *port, int index, int64_t from, int output,
                            const char *literal);
/* Number of inputs that a port takes: of a list port as many as are there, else 1. */
int gw_doc_node_port_size (const GwDocNode *node, const GwPortDef *port);
/* Number of inputs that a list port shows: those wired plus one to grow by (other
 * ports: 1). */
int gw_doc_node_port_count (const GwDocNode *node, const GwPortDef *port);

/* Appends a parameter. */
void gw_doc_group_add_param (GwDocGroup *group, const char *name, int64_t node, const char *attr, const char *help);

typedef struct _GwDocument GwDocument;

/* Empty: settings alone. */
GwDocument *gw_document_new (void);
GwDocument *gw_document_ref (GwDocument *document);
void gw_document_unref (GwDocument *document);
/* Shares the items. */
GwDocument *gw_document_copy (const GwDocument *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwDocument, gw_document_unref)

/* NULL when there is none of that id (or it is of another kind). */
GwItem *gw_document_item (const GwDocument *document, int64_t id);
const GwDocNode *gw_document_node (const GwDocument *document, int64_t id);
const GwDocSettings *gw_document_settings (const GwDocument *document);
int64_t gw_document_find (const GwDocument *document, const char *name); /* id of a node, 0 = none */
/* Ids of nodes, frames or groups in the order they were made; owned by the document. */
const int64_t *gw_document_ids (const GwDocument *document, GwItemKind kind, int *n);

/* ---- groups ---- */

/* Groups within groups, at most. */
#define GW_MAX_DEPTH 32

const GwDocGroup *gw_document_group (const GwDocument *document, int64_t id); /* NULL = no group */
/* The group that the item lives in, 0 = the main canvas (or no such item). */
int64_t gw_document_owner (const GwDocument *document, int64_t id);
/* What lives directly in `owner` (0 = on the main canvas): ids of one kind in the order
 * they were made; the caller's. */
GArray *gw_document_members (const GwDocument *document, int64_t owner, GwItemKind kind);
/* All that lives in a group, groups within included: ids of one kind, the caller's. */
GArray *gw_document_content (const GwDocument *document, int64_t group, GwItemKind kind);
/* The sub-graph or composite that the item lives in, through scopes; 0 = the main graph.
 * A group itself is not in itself. */
int64_t gw_document_body (const GwDocument *document, int64_t id);
/* Whether the item lives in `group`, directly or not. */
gboolean gw_document_is_inside (const GwDocument *document, int64_t id, int64_t group);
/* The sub-graph or composite of that name, 0 = none. */
int64_t gw_document_find_group (const GwDocument *document, const char *name);
/* What begins the names of the nodes in a group: "encoder/hidden/"; "" of 0. */
char *gw_document_prefix (const GwDocument *document, int64_t group);
/* Ports of a sub-graph or composite: ids of the nodes in it, directly, whose op is `_Arg`
 * or (`results`) `_Retval`, in the order of their `index`; the caller's. */
GArray *gw_document_arguments (const GwDocument *document, int64_t group, gboolean results);
/* Its name without the names of the groups that it is in. */
const char *gw_document_leaf_name (const GwDocument *document, int64_t node);

/* Ids are 1 … GW_MAX_ID. */
#define GW_MAX_ID ((int64_t) 1 << 53)
int64_t gw_document_new_id (GwDocument *document);
/* `name` made unique among the nodes, as TensorFlow does (_1, _2 …): with the smallest
 * number that is free as long as that is soon found. Not reserved. */
char *gw_document_unique_name (const GwDocument *document, const char *name);
gboolean gw_document_equal (const GwDocument *a, const GwDocument *b);

/* Where the file stands, NULL = nowhere yet; not an item, not part of equality. Set
 * by gw_document_load(). Relative file names in the settings start from here. */
void gw_document_set_folder (GwDocument *document, const char *folder);
const char *gw_document_folder (const GwDocument *document);
/* A value of type FILE that is relative becomes the path in that folder; others, and without a
 * folder, stay as they are. */
void gw_document_resolve_file (const GwDocument *document, GwAttrValue *value);
/* The pipeline with its file names made absolute, for opening: the caller's. NULL when
 * the document has no data. */
GwPipelineDef *gw_document_resolve_pipeline (const GwDocument *document);

/* ---- edits ---- */

/* One change of the document: the items it touches, before and after. Undo, redo,
 * journal, notification and incremental inference hang on this. */
typedef struct {
  GwItem *before;  /* NULL = made by the edit */
  GwItem *after;   /* NULL = removed by it */
} GwChange;

typedef struct {
  char   *label;   /* "Move 3 nodes": for the menu */
  GArray *changes; /* of GwChange; each item once */
  /*< private >*/
  GHashTable *index; /* id → place in changes, plus one */
} GwEdit;

GwEdit *gw_edit_new (const char *label);
void gw_edit_free (GwEdit *edit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwEdit, gw_edit_free)

/* Adds a change; takes `after`. A second change of one item replaces the first's
 * after. */
void gw_edit_put (GwEdit *edit, const GwDocument *document, GwItem *after);
void gw_edit_remove (GwEdit *edit, const GwDocument *document, int64_t id);
/* The item as the edit so far leaves it, for changing it further: a copy that must
 * be put again. */
GwItem *gw_edit_take (const GwEdit *edit, const GwDocument *document, int64_t id);
gboolean gw_edit_is_empty (const GwEdit *edit);

void gw_document_apply (GwDocument *document, const GwEdit *edit);
void gw_document_revert (GwDocument *document, const GwEdit *edit);
/* Lets `edit` also undo what `earlier` did (typing merges). */
void gw_edit_merge (GwEdit *earlier, const GwEdit *later);

/* ---- the file: JSON, see README “The .gw format” ---- */

/* Always gives the same text for equal documents. */
char *gw_document_to_json (const GwDocument *document);
/* Unknown ops and attributes are kept. INVALID_ARGUMENT says what is wrong and where. */
GwDocument *gw_document_from_json (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GwDocument *gw_document_load (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Atomically. */
gboolean gw_document_save (const GwDocument *document, const char *path, GError **error);

/* Part of a document as text for the clipboard, and back: new ids, names made
 * unique, wires from outside kept when `keep_inputs` and the node is there. Groups are
 * copied with what is in them, and with the sub-graphs that are called. Returns
 * an edit that pastes at an offset; *ids gets the new nodes, frames and scopes on the
 * canvas (GArray of int64_t). `owner`: the group whose canvas is pasted into, 0 = the main
 * one. */
char *gw_document_copy_items (const GwDocument *document, const int64_t *ids, int n);
GwEdit *gw_document_paste_into (GwDocument *document, int64_t owner, const char *text, double dx, double dy,
                                gboolean keep_inputs, GArray *ids, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same into the main canvas. */
GwEdit *gw_document_paste (GwDocument *document, const char *text, double dx, double dy,
                           gboolean keep_inputs, GArray *ids, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- edits that keep the document whole ---- */

/* A new node of op `op` at (x, y), named after it; *id gets its id. */
GwEdit *gw_edit_add_node (GwDocument *document, const GwOpDef *op, double x, double y, int64_t *id);
/* Removes nodes, frames and groups with all that is in them, and sub-graphs that nobody
 * calls then; wires from them go, settings
 * forget them. With
 * `reconnect`, what is wired to the first of a node's inputs that has a wire is wired
 * to its users. */
GwEdit *gw_edit_delete (GwDocument *document, const int64_t *ids, int n, gboolean reconnect);
/* Sets an attribute from text, as the inspector does; also "name", "device", "note"
 * and the literal at an input port ("learning_rate"). Literals that name a variable
 * follow its name. An attribute that the op does not know can be removed ("").
 * Refused with the reason, nothing changed. */
GwEdit *gw_edit_set_attr (GwDocument *document, int64_t id, const char *name, const char *text, GError **error);

/* ---- groups ---- */

/* Puts nodes, frames and scopes of one canvas (others of `ids` are left out) into a new
 * scope; their names get its name before them. `name` NULL: what their names have in
 * common, else "scope"; it is made unique. *group gets its id. NULL, *group 0 when there
 * is nothing to put in. Refused when the name is none, or the groups would be too deep. */
GwEdit *gw_edit_group (GwDocument *document, const int64_t *ids, int n, const char *name, int64_t *group,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Lifts what is in the scopes among `ids` onto their canvas, where their boxes stand;
 * `lifted` (GArray of int64_t, or NULL) gets the ids. */
GwEdit *gw_edit_ungroup (GwDocument *document, const int64_t *ids, int n, GArray *lifted);
/* Renames a group: what is in it, and what calls it by name, follows. */
GwEdit *gw_edit_rename_group (GwDocument *document, int64_t group, const char *name, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
/* The scope's variables stand under `variables` (NULL or "": its own name) and are shared as `reuse`
 * says. Refused when the name is none. */
GwEdit *gw_edit_set_variable_scope (GwDocument *document, int64_t scope, const char *variables, GwReuse reuse, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
/* Items as the edit so far leaves them go to live in `owner` (0 = the main canvas); names
 * follow. For items that are about to enter the document as well. */
void gw_edit_move_into (GwEdit *edit, GwDocument *document, const int64_t *ids, int n, int64_t owner);
/* A new, empty sub-graph or composite; its name is made unique. */
int64_t gw_edit_add_definition (GwEdit *edit, GwDocument *document, GwGroupKind kind, const char *name);

G_END_DECLS
