/* SPDX-License-Identifier: Apache-2.0 */
/* A graph of primitive nodes: TensorFlow's op types, unique names, data and
 * control edges. Nodes are only ever added; their number is their creation
 * order, which is also a topological order (inputs exist before their users).
 * Not thread-safe while nodes are added; read-only afterwards from any thread. */
#pragma once

#include "engine/graph/op-def.h"

G_BEGIN_DECLS

/* An output of a node; node == NULL means "none". */
typedef struct {
  GwNode *node;
  int     index;
} GwOutput;

#define GW_NO_OUTPUT ((GwOutput) { NULL, 0 })

struct _GwNode {
  GwGraph       *graph;
  int            id;             /* position in the graph */
  char          *name;           /* "hidden1/MatMul" */
  const GwOpDef *def;
  GwAttrValue   *attrs;          /* one for each def->attrs */
  int            n_inputs;
  GwOutput      *inputs;         /* ports in order, list ports spread out */
  int            n_outputs;
  GwDType       *dtypes;         /* per output */
  GwShape       *shapes;         /* per output, inferred when the node was added */
  GPtrArray     *control_inputs; /* of GwNode, or NULL */
  char          *device;         /* request, or NULL */
  int64_t        origin;         /* document node that it comes from, 0 = none */
  int64_t        random_number;  /* its number among the random ops that take the graph's seed, -1 = is none */

  /*< private >*/
  const GwPortDef **input_ports; /* per input */
  gboolean      *refs;           /* per output: a reference to a variable */
  GwNode        *variable;       /* behind the reference outputs or the handle, or NULL */
  GHashTable    *control_set;    /* of control_inputs once they are many, else NULL */
  GwShape       *partial;        /* what shapes tell of output 0's value, or NULL */
  GwTensor     **values;         /* constant value per output once asked for */
  gboolean       value_tried;
};

GwGraph *gw_graph_new (void);
GwGraph *gw_graph_ref (GwGraph *graph);
void gw_graph_unref (GwGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwGraph, gw_graph_unref)

int gw_graph_n_nodes (const GwGraph *graph);
GwNode *gw_graph_node (const GwGraph *graph, int id);
/* By exact name; NULL when there is none. */
GwNode *gw_graph_find (const GwGraph *graph, const char *name);
/* "name" or "name:k" → output. NOT_FOUND or OUT_OF_RANGE in TensorFlow's words. */
gboolean gw_graph_find_output (const GwGraph *graph, const char *tensor_name, GwOutput *output, GError **error);

/* Grows with every node and control edge: what was made for another version of the
 * graph does not fit it any more. */
guint64 gw_graph_version (const GwGraph *graph);

/* TensorFlow's unique_name(): "n", "n_1", … ignoring case; reserves it. */
char *gw_graph_unique_name (GwGraph *graph, const char *name);
/* TensorFlow's rule for the names of nodes: letters, digits and _ . - /, the first one
 * a letter, a digit or a full stop. Beyond it no part between slashes may be empty: a
 * scope cannot be called "". INVALID_ARGUMENT otherwise. */
gboolean gw_node_name_check (const char *name, GError **error);

typedef struct {
  const char *name;
  GwAttrValue value;  /* borrowed */
} GwAttrSetting;

typedef struct {
  const GwOpDef       *def;
  const char          *name;        /* made unique; NULL = the op's */
  int                  n_inputs;
  const GwOutput      *inputs;
  int                  n_attrs;
  const GwAttrSetting *attrs;       /* what is left out: inferred from the inputs (types, N), else default */
  int                  n_controls;
  GwNode *const       *controls;
  const char          *device;
  int64_t              origin;
} GwNodeSpec;

/* Checks name, ports, dtypes and attributes, infers the output shapes and adds the
 * node. NULL with an error that carries the node's name; the graph is then as before. */
GwNode *gw_graph_add (GwGraph *graph, const GwNodeSpec *spec, GError **error);
/* `before`, a node of the same graph, must run before `node`. A node that is added
 * already may wait for a younger one, so only who adds such an edge knows that no
 * circle comes of it; a plan reports one. */
void gw_graph_add_control (GwNode *node, GwNode *before);

static inline GwDType gw_output_dtype (GwOutput output) { return output.node->dtypes[output.index]; }
static inline const GwShape *gw_output_shape (GwOutput output) { return &output.node->shapes[output.index]; }
static inline gboolean gw_output_equal (GwOutput a, GwOutput b) { return a.node == b.node && a.index == b.index; }
/* "name" for output 0, else "name:k". */
char *gw_output_name (GwOutput output);

const GwAttrValue *gw_node_attr (const GwNode *node, const char *name); /* NULL when the op has none */
/* The port that input number `input` belongs to. */
const GwPortDef *gw_node_input_port (const GwNode *node, int input);
gboolean gw_node_output_is_ref (const GwNode *node, int output);
/* Follows reference outputs (Assign and its like) to the VariableV2, and handles to the
 * VarHandleOp or the table; NULL for anything else. */
GwNode *gw_output_variable (GwOutput output);
/* The element type and the shape of what such a node, a VariableV2 or a VarHandleOp, keeps; of
 * a lookup table's a variant scalar. */
GwDType gw_variable_node_dtype (const GwNode *variable);
GwShape gw_variable_node_shape (const GwNode *variable);
/* Whether an output is a variable's handle: a scalar of type resource in the graph, and
 * the variable itself where the graph runs. */
static inline gboolean gw_output_is_handle (GwOutput output) { return gw_output_dtype (output) == GW_RESOURCE; }

/* The value that an output always has, or NULL: constants and what small stateless
 * ops make of them (at most 4096 elements). Owned by the graph; any thread once the
 * graph is complete. */
const GwTensor *gw_output_constant (GwOutput output);

/* A random number of the graph: -1 = none set. Ops added with seeds left at 0 get
 * TensorFlow's combination of it (see gw_combine_seeds); with none set both stay 0. */
void gw_graph_set_seed (GwGraph *graph, int64_t seed);
int64_t gw_graph_seed (const GwGraph *graph);

/* Random ops without seeds of their own are counted from 0, whether a seed is set or not. A
 * number that is reserved is left out in counting: only who is given it takes it. */
void gw_graph_reserve_random_number (GwGraph *graph, int64_t number);
/* The next `n` random ops take these numbers, which the caller keeps alive until it calls this
 * again; those after them are counted. */
void gw_graph_give_random_numbers (GwGraph *graph, int n, const int64_t *numbers);

/* Names of loops whose bodies draw at random and which are differentiated: each has to keep what
 * it draws, and only who adds it can see to that (gw_loop_add()). Noted by the gradient that
 * misses it; set beforehand when the graph is made anew. */
void gw_graph_keep_draws (GwGraph *graph, const char *loop);
gboolean gw_graph_keeps_draws (const GwGraph *graph, const char *loop);
/* All of them, as keys; NULL = there are none. */
GHashTable *gw_graph_draws_kept (const GwGraph *graph);

G_END_DECLS
