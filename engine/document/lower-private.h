/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "engine/document/lower.h"

typedef enum {
  GW_LOWER_UNVISITED,
  GW_LOWER_OPEN,      /* its inputs are being visited: meeting it again closes a cycle */
  GW_LOWER_DONE,
  GW_LOWER_BLOCKED,   /* not lowered because something before it was not */
  GW_LOWER_FAILED,    /* has a problem of its own */
} GwLowerState;

struct _GwLowering {
  const GwDocument *document;
  GwLowerOptions    options;
  GwLowered        *lowered;
  GwBuilder         builder;
  GHashTable       *states;   /* document id → GwLowerState */
  GArray           *order;    /* of int64_t: ids so that inputs come first */
  int64_t           current;  /* the document node being lowered */
  GwNode           *final;    /* set by a composite that is a target */
};

GwLowered *gw_lowered_new (GwMode mode);
void gw_lowered_set_outputs (GwLowered *lowered, int64_t id, int n, const GwOutput *outputs);
void gw_lowered_set_final (GwLowered *lowered, int64_t id, GwNode *node);

/* problem.c */
void gw_problem_free (gpointer problem);
void gw_fix_free (gpointer fix);
/* Appends a problem of the node; takes over `error`. */
GwProblem *gw_lowering_problem (GwLowering *lowering, int64_t id, const char *port, GError *error);
void gw_problem_add_fix (GwProblem *problem, GwFixKind kind, int64_t node, const char *name,
                         const char *text, int64_t other, char *label);

/* lower.c: the inputs of the node from what is lowered already; FALSE when blocked
 * or after a problem was noted. `inputs` gets n outputs. */
GwOutput *gw_lowering_gather (GwLowering *lowering, int64_t id, const GwOpDef *def, int *n);
void gw_lowering_node (GwLowering *lowering, int64_t id);

/* The wired source of an input: a wire, or the variable that a literal on a
 * reference port names. 0 = none. */
int64_t gw_lowering_source (const GwDocument *document, const GwOpDef *def, const GwDocInput *input,
                            int *output);
