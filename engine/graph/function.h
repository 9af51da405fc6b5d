/* SPDX-License-Identifier: Apache-2.0 */
/* Sub-graphs that ops call: the branches of If, the condition and body of While. A
 * function is a graph of its own with typed inputs and outputs; it takes nothing but its
 * inputs from the graph around it. Read-only once made: any thread. */
#pragma once

#include "engine/graph/builder.h"
#include "engine/graph/output-facts.h"

G_BEGIN_DECLS

typedef struct {
  char     *name;
  GwGraph  *body;
  int       n_inputs;
  GwOutput *inputs;   /* of nodes _Arg, or VarHandleOp for handles: in the body's order of its own */
  int       n_outputs;
  GwOutput *outputs;
  GwDType  *output_types;

  /*< private >*/
  gint      refs;
} GwFunction;

/* Of `body`, of which it keeps a reference. INVALID_ARGUMENT when an input is no _Arg or
 * VarHandleOp, when one stands twice, when the body has an _Arg that is none of them, or a
 * variable by reference: those enter by value. */
GwFunction *gw_function_new (const char *name, GwGraph *body, int n_inputs, const GwOutput *inputs, int n_outputs,
                             const GwOutput *outputs, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GwFunction *gw_function_ref (GwFunction *function);
void gw_function_unref (GwFunction *function); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwFunction, gw_function_unref)

/* Makes the function known to a graph whose nodes name it in attributes; the name that it
 * has there: its own, unless another function has that one. */
const char *gw_graph_add_function (GwGraph *graph, GwFunction *function);
/* NULL when there is none of that name. */
GwFunction *gw_graph_function (const GwGraph *graph, const char *name);
/* Behind attribute `attr` of a node, the one of place `index` where that is a list; NOT_FOUND
 * when the graph has none of that name. */
GwFunction *gw_node_function (const GwNode *node, const char *attr, int index, GError **error);
/* The n-th that its attributes of type FUNC and FUNCS name, NULL beyond the last. */
GwFunction *gw_node_function_at (const GwNode *node, int n);

/* An input of a function that is being built: named `name`, of what `like` is (and the
 * handle of a variable where that is one). */
GwOutput gw_function_arg (GwBuilder *builder, const char *name, int index, GwOutput like);

/* Copies the body into the builder's graph under its scope, `args` in the place of its
 * inputs, and gives the outputs: only the nodes that those follow from, and what runs for its
 * effect. An argument that none of them reads may be anything. Attributes, devices and
 * control edges are kept. */
gboolean gw_function_inline (GwBuilder *builder, const GwFunction *function, const GwOutput *args, GwOutput *results);
/* A value inside a body and one in the graph that it is copied to. */
typedef struct {
  GwOutput inside;
  GwOutput outside;
} GwFunctionValue;

/* The same; `values` that are something outside already take the place of what is computed
 * inside, whose nodes are left out where nothing else of theirs is used; the others are set to
 * the copies, none where the value was not reached. */
gboolean gw_function_inline_values (GwBuilder *builder, const GwFunction *function, const GwOutput *args, int n,
                                    GwFunctionValue *values, GwOutput *results);
/* Per node of the body: whether it is one of those. Free it. */
gboolean *gw_function_reached (const GwFunction *function);

/* What its outputs are like when its inputs are like `facts`. The error carries the node
 * inside. */
gboolean gw_function_infer (const GwFunction *function, const GwOutputFacts *facts, GwShape *shapes, GError **error);

/* A node of the body, or of one that it calls, whose value another run of it would not
 * give again: a random draw, or what acts on the outside. NULL: there is none. */
const GwNode *gw_function_unrepeatable (const GwFunction *function);
/* Such a node: this one, or in a function that it calls; NULL. */
const GwNode *gw_function_node_unrepeatable (const GwNode *node);
/* Whether the node runs for what it does: it must whenever the body does. */
gboolean gw_function_is_effect (const GwNode *node);

G_END_DECLS
