/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "engine/document/lower.h"
#include "engine/graph/output-facts.h"

/* Sub-graphs that are being lowered, the innermost first. */
typedef struct _GwCalling {
  int64_t group;
  const struct _GwCalling *outer;
} GwCalling;

/* A composite of the user's own that is being expanded, the innermost first. */
typedef struct _GwExpanding {
  int64_t     group;
  int64_t     root;       /* the node of the document that it all comes from */
  int64_t     use;        /* the node that is expanded, of the document or of the outer one's definition */
  const char *name;       /* what the names of its nodes begin with */
  char       *variables;  /* what the names of its variables begin with: `name`, or as scopes around have it */
  GHashTable *instances;  /* id of a node in the definition → GwItem that stands for it */
  const struct _GwExpanding *outer;
} GwExpanding;

struct _GwLowering {
  const GwDocument *document;
  GwLowerOptions    options;
  GwLowered        *lowered;
  GwBuilder         builder;
  GArray           *order;    /* of int64_t: ids so that inputs come first */
  int64_t           current;  /* the document node being lowered */
  const GwDocNode  *instead;  /* on trial: stands in the place of the document's node `current`; or NULL */
  GwNode           *final;    /* set by a composite that is a target */
  gboolean          on_trial; /* only whether it can be lowered is asked */
  GArray           *outputs;  /* of GwOutput: set by a composite with a list of them */
  GPtrArray        *averaging;/* of GwDocNode: those that keep moving averages; NULL = not looked for yet */
  GArray           *setup;    /* of GwNodeRange: what only initialises the node's variables */
  GHashTable       *functions;/* id of a sub-graph → GwFunction, NULL where it could not be made; or NULL */
  const GwExpanding *expanding; /* NULL = a node of the document itself is lowered */
  const GwCalling  *calling;  /* NULL = the main graph is */
  GHashTable       *numbers;  /* id → GwAttrValue: see random-numbers.h; or NULL */
  gboolean          is_fragment; /* one node by itself: problems of the sub-graphs that it calls are its own */
};

/* Nodes of the graph with ids first … end - 1. */
typedef struct {
  int first, end;
} GwNodeRange;

/* With nothing lowered yet. */
void gw_lowering_init (GwLowering *lowering, const GwDocument *document, const GwLowerOptions *options);
/* All but `lowered`, which is the caller's. */
void gw_lowering_clear (GwLowering *lowering);

GwLowered *gw_lowered_new (GwMode mode);
void gw_lowered_set_outputs (GwLowered *lowered, int64_t id, int n, const GwOutput *outputs);
void gw_lowered_set_final (GwLowered *lowered, int64_t id, GwNode *node);
void gw_lowered_set_partial (GwLowered *lowered, int64_t id, GwNode *node);

/* problem.c */
void gw_problem_free (gpointer problem);
void gw_fix_free (gpointer fix);
/* gw_lowered_check() of any list of problems. */
gboolean gw_problems_check (const GPtrArray *problems, const GwDocument *document, const int64_t *needed_by,
                            int n, GError **error);
/* Appends a problem of the node; takes over `error`. */
GwProblem *gw_lowering_problem (GwLowering *lowering, int64_t id, const char *port, GError *error);
/* Takes `label`. */
GwFix *gw_problem_add_fix (GwProblem *problem, GwFixKind kind, int64_t node, const char *name,
                           const char *text, int64_t other, char *label);
/* Better words and fixes for what an op refused, where there are any. */
void gw_problem_explain (GwLowering *lowering, GwProblem *problem, const GwOpDef *def,
                         const GwOutput *inputs, int n_inputs);

/* repair.c */
/* Appends fixes that make the node take its inputs: each was tried on the op's rules. */
void gw_problem_offer_repairs (GwLowering *lowering, GwProblem *problem, const GwOpDef *def,
                               const GwOutput *inputs, int n_inputs);

/* lower-order.c */
/* Fills lowering->order with the nodes of a sub-graph or composite (0 = of the main graph)
 * and reports cycles. No wire leaves a body; one that a broken document has would be
 * followed, so that order is never short of a source. */
#define GW_ALL_BODIES (-1)
void gw_lowering_sort (GwLowering *lowering, int64_t body);
/* The nodes that a node takes something from or waits for; may name one twice. */
GArray *gw_lowering_sources (const GwDocument *document, const GwDocNode *node);
/* ids[i] gives something to ids[i - 1] … and ids[0] to ids[n - 1]: a problem of `blamed`. */
void gw_lowering_report_cycle (GwLowering *lowering, int64_t blamed, guint n, const int64_t *ids);
const GwPortDef *gw_lowering_find_port (const GwOpDef *def, const char *name);
/* The wired source of an input: a wire, or the variable that a literal on a
 * reference port names. 0 = none. */
int64_t gw_lowering_source (const GwDocument *document, const GwOpDef *def, const GwDocInput *input,
                            int *output);

/* lower-inputs.c */
/* The inputs of the node from what is lowered already, free with g_free(); NULL when
 * something before it is missing, or after a problem was noted. */
GwOutput *gw_lowering_gather (GwLowering *lowering, int64_t id, const GwOpDef *def, int *n);
/* What passes through a node that is bypassed: its first input. */
GwOutput gw_lowering_first_input (GwLowering *lowering, int64_t id, const GwOpDef *def);
/* The types of a composite's inputs against its ports; `sizes` of them belong to each. */
gboolean gw_lowering_check_types (const GwOpDef *def, const int *sizes, const GwOutput *inputs, GError **error);

/* lower.c */
const GwDocNode *gw_lowering_doc_node (const GwLowering *lowering, int64_t id);
void gw_lowering_node (GwLowering *lowering, int64_t id);
/* Whether `node`, which is being lowered, could be with inputs of these facts (dtype
 * GW_DTYPE_INVALID: left out). Changes nothing. */
gboolean gw_lowering_accepts (const GwLowering *lowering, const GwDocNode *node, const GwOpDef *def, int n,
                              const GwOutputFacts *facts);
/* Notes the nodes from `first` to the last one of the graph as setup. */
void gw_lowering_note_setup (GwLowering *lowering, int first);

/* random-numbers.c */
/* Heeds the numbers that are written down in the document. */
void gw_lowering_reserve_numbers (GwLowering *lowering);
/* The node's, if it has any, go to the random ops that are added next. */
void gw_lowering_give_numbers (GwLowering *lowering, int64_t id);
/* Appends what the own seed of a random op comes to, if it has one. */
void gw_lowering_own_seed (GwLowering *lowering, const GwDocNode *node, const GwOpDef *def, GArray *settings);
