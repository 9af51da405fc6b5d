/* SPDX-License-Identifier: Apache-2.0 */
/* Lowering: document → graph of primitive nodes, for one mode. A pure function; it
 * keeps where every node came from, so that an error or a value finds its way
 * back to the box on the canvas, and it collects all problems, not the first. */
#pragma once

#include "engine/document/document.h"
#include "engine/graph/builder.h"

G_BEGIN_DECLS

typedef enum {
  GW_PROBLEM_ERROR,
  GW_PROBLEM_WARNING,
} GwSeverity;

typedef enum {
  GW_FIX_SET_ATTR,    /* `node`.`name` = `text` */
  GW_FIX_SET_INPUT,   /* literal `text` at port `name` */
  GW_FIX_CONNECT,     /* output of node `other` to port `name` */
  GW_FIX_DISCONNECT,  /* port `name` */
  GW_FIX_INSERT,      /* an op `text`, its `attr` set to `value`, between port `name` and its wire */
  GW_FIX_DELETE,      /* the node */
} GwFixKind;

typedef struct {
  GwFixKind kind;
  char     *label;    /* "Make W 10×2" */
  int64_t   node;
  char     *name;     /* attribute or port */
  int       index;    /* place within a list port */
  char     *text;
  int64_t   other;
  char     *attr, *value; /* an attribute or an input's literal of what is inserted, or NULL */
} GwFix;

/* The fix as an edit called after it. NULL with the reason when the document has
 * changed so that it does not apply any more. */
GwEdit *gw_fix_edit (const GwFix *fix, GwDocument *document, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  GwSeverity  severity;
  int64_t     node;     /* document node; 0 = the document */
  char       *node_name;
  char       *port;     /* or attribute; NULL */
  char       *inner;    /* name of the primitive node when it is inside a composite, or NULL */
  GwErrorCode rule;
  char       *message;  /* one sentence */
  char       *conflict; /* “784 ≠ 500”: short enough for the wire at `port`, or NULL */
  GPtrArray  *fixes;    /* of GwFix, likeliest first; may be empty */
  /*< private >*/
  gboolean    is_gap;   /* something is not wired yet */
} GwProblem;

typedef struct {
  char     *name;         /* "hidden1/kernel" */
  GwNode   *variable;
  GwNode   *initializer;  /* the Assign */
  GwOutput  initial;
  GwOutput  read;
  gboolean  trainable;
  int64_t   origin;
} GwLoweredVariable;

typedef struct {
  int64_t   node;         /* document node */
  char     *name;
  GwOutput  output;
  char     *column;       /* of the pipeline, or NULL */
  GwTensor *value;        /* of a scalar placeholder in this mode, or NULL */
} GwLoweredInput;

/* What the size of a layer's weights adds to the loss. */
typedef struct {
  GwOutput weights;       /* the read of the variable */
  GwOutput penalty;       /* a scalar */
} GwLoweredPenalty;

/* Nodes of the graph from number `first` on were made for this node of the document (their
 * origin may be another one: that of a gradient is what it is the gradient of). */
typedef struct {
  int     first;
  int64_t node;
} GwLoweredMaker;

typedef struct {
  GwGraph    *graph;
  GwMode      mode;
  GPtrArray  *problems;   /* of GwProblem */
  GPtrArray  *variables;  /* of GwLoweredVariable, in the order they were made */
  GPtrArray  *inputs;     /* of GwLoweredInput: the placeholders */
  GPtrArray  *summaries;  /* of GwNode: summary ops */
  GArray     *penalties;  /* of GwLoweredPenalty, in the order they were made */
  GwFailedNode *failed;   /* of gw_live_inside(): the op inside that breaks a rule, or the box itself; or NULL */
  /*< private >*/
  GHashTable *outputs;    /* document id → GArray of GwOutput */
  GHashTable *finals;     /* document id → GwNode that runs it */
  GHashTable *partials;   /* document id → GwNode that does a part of it */
  GArray     *makers;     /* of GwLoweredMaker, in the order of lowering */
  gint        refs;
} GwLowered;

typedef struct {
  GwMode   mode;
  gboolean training;      /* expand Minimize and its like: gradients and updates */
  int64_t  seed;          /* of the graph; -1 = the document's (training settings) */
} GwLowerOptions;

/* Never fails: what cannot be lowered is a problem, and what depends on it is left
 * out. Reads only `document` and the registry: any thread. */
GwLowered *gw_lower (const GwDocument *document, const GwLowerOptions *options);
GwLowered *gw_lowered_ref (GwLowered *lowered);
void gw_lowered_unref (GwLowered *lowered);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwLowered, gw_lowered_unref)

/* The graph's output for a document node's; node == NULL when it could not be made. */
GwOutput gw_lowered_output (const GwLowered *lowered, int64_t node, int output);
int gw_lowered_n_outputs (const GwLowered *lowered, int64_t node);
/* The primitive node that stands for it as a target (a Minimize's update, say). */
GwNode *gw_lowered_final (const GwLowered *lowered, int64_t node);
/* The node of the document for which this node of the graph was made, 0 = none. */
int64_t gw_lowered_maker (const GwLowered *lowered, const GwNode *node);
/* What a step runs of it that only prepares (gathers gradients, say) for the next whole run;
 * NULL: it has no such part. */
GwNode *gw_lowered_partial (const GwLowered *lowered, int64_t node);
/* "name", "name:k" of document nodes or of primitive ones. */
gboolean gw_lowered_find (const GwLowered *lowered, const GwDocument *document, const char *name,
                          GwOutput *output, GError **error);
gboolean gw_lowered_has_errors (const GwLowered *lowered);
/* The first error as a GError carrying its node. FALSE when there is one. `needed_by`
 * (document ids) limits it to what those need; NULL = all. */
gboolean gw_lowered_check (const GwLowered *lowered, const GwDocument *document,
                           const int64_t *needed_by, int n, GError **error);

/* ---- for composites (GwExpandContext.lowering is one of these) ---- */

typedef struct _GwLowering GwLowering;

/* A variable “<node>/<name>” with its initializer ops, Assign and read, named as
 * TensorFlow names them; returns the read. `initializer` in the text form of
 * document/initializers.h. */
GwOutput gw_lowering_variable (GwExpandContext *context, const char *name, GwDType dtype,
                               const GwShape *shape, const char *initializer, gboolean trainable);
/* The same with all that belongs to it; NULL after an error. Where the layer's attribute
 * `share` names another one, or that one names it, it is the variable that they share. */
GwLoweredVariable *gw_lowering_layer_variable (GwExpandContext *context, const char *name, GwDType dtype,
                                               const GwShape *shape, const char *initializer, gboolean trainable);
/* A variable that is not trained and stands outside of the node: `name` is made unique
 * (“beta1_power”, “hidden1/kernel/Adam”, “…_1”). NULL after an error. */
GwLoweredVariable *gw_lowering_new_variable (GwExpandContext *context, const char *name, GwDType dtype,
                                             const GwShape *shape, const char *initializer);
/* A reference variable that begins with another one's initial value: “<variable>/<name>”. */
GwLoweredVariable *gw_lowering_new_shadow (GwExpandContext *context, const char *name, const GwLoweredVariable *of);
/* The same of another one's type and shape, and by handle if that is. */
GwLoweredVariable *gw_lowering_new_variable_like (GwExpandContext *context, const char *name, const GwLoweredVariable *like,
                                                  const char *initializer);
/* The same, shared by all who ask for the name ("global_step"): it must then be of this
 * type and shape. */
GwLoweredVariable *gw_lowering_global_variable (GwExpandContext *context, const char *name, GwDType dtype,
                                                const GwShape *shape, const char *initializer);
/* The variable of that full name, NULL when none was made so far. */
GwLoweredVariable *gw_lowering_find_variable (GwExpandContext *context, const char *name);
/* Variables made so far. */
const GPtrArray *gw_lowering_variables (GwExpandContext *context);
/* All outputs of a composite that has a list among them: as many as it likes. */
void gw_lowering_set_outputs (GwExpandContext *context, int n, const GwOutput *outputs);
/* The node that runs the composite as a target. */
void gw_lowering_set_final (GwExpandContext *context, GwNode *node);
/* The part that gw_lowered_partial() gives. */
void gw_lowering_set_partial (GwExpandContext *context, GwNode *node);
/* Notes a penalty on the variable of which `weights` is the read; it has one at most. */
void gw_lowering_add_penalty (GwExpandContext *context, GwOutput weights, GwOutput penalty);
gboolean gw_lowering_has_penalty (GwExpandContext *context, GwOutput weights);
/* Of GwLoweredPenalty: those made so far. */
const GArray *gw_lowering_penalties (GwExpandContext *context);
/* FALSE while only checking: a composite that trains leaves its inside out. */
gboolean gw_lowering_expands_training (GwExpandContext *context);

const GwAttrValue *gw_expand_attr (const GwExpandContext *context, const char *name);

G_END_DECLS
