/* SPDX-License-Identifier: Apache-2.0 */
/* How a plan is made: select and order (plan-order.c), know shapes and values
 * (plan-values.c), lay out steps and memory (plan-steps.c), run (plan.c). */
#pragma once

#include "engine/device/kernel.h"
#include "engine/runtime/plan.h"

/* Where a value lives. */
typedef enum {
  GW_VALUE_ABSENT,    /* not part of this plan */
  GW_VALUE_CONSTANT,  /* `tensor`, known while compiling */
  GW_VALUE_FEED,      /* the caller's memory */
  GW_VALUE_VARIABLE,  /* a variable's memory */
  GW_VALUE_ALIAS,     /* the memory of value `root` under another shape */
  GW_VALUE_SAME,      /* is value `root` itself: a merged node */
  GW_VALUE_ARENA,     /* a block of the plan's arena */
  GW_VALUE_OWNED,     /* a tensor of the plan's own (strings) */
  GW_VALUE_DYNAMIC,   /* made anew in each run */
} GwValueKind;

typedef struct {
  GwValueKind kind;
  GwShape     shape;     /* fully known unless DYNAMIC */
  GwDType     dtype;
  int         root;      /* ALIAS, SAME: index of the value behind it, never itself such a one */
  int         feed;      /* FEED: its number */
  GwVariable *variable;  /* VARIABLE */
  GwTensor   *tensor;    /* what steps see; a reference of the plan's */
  int         first, last; /* steps between which the memory is in use */
  size_t      bytes;
} GwPlanValue;

typedef struct {
  GwKernelFunc     func;
  GwKernelContext  context;
  const GwNode    *node;
  gboolean         dynamic;      /* shapes are inferred in each run */
  int             *input_values; /* indices, for dynamic steps */
  int              first_output; /* index of output 0's value */
  int              n_required;
  GwVariable     **required;     /* must be initialised */
  gboolean         is_guard;     /* check output 0 after it has run */
} GwPlanStep;

struct _GwPlan {
  GwSession    *session;
  GwGraph      *graph;
  int           n_values;
  GwPlanValue  *values;      /* output k of node id: values[base[id] + k] */
  int          *base;
  int           n_steps;
  GwPlanStep   *steps;
  int           n_feeds;
  int           n_fetches;
  int          *fetch_values;
  int           n_feed_aliases;
  int          *feed_aliases; /* values whose tensor follows a feed's memory */
  int          *feed_of_value;/* for those */
  void         *arena;
  size_t        arena_bytes;
  gboolean      dynamic;
  gboolean      guard_tripped;
  void         *streams;      /* the session's states of this graph's nodes, for guard runs */
  size_t        streams_bytes;
  void         *saved_streams;/* as they were when the run began */
  GwKernelMemory *memory;
};

/* While compiling. */
typedef struct {
  GwPlan           *plan;
  const GwPlanSpec *spec;
  gboolean         *needed;      /* per node */
  GArray           *order;       /* of int: node ids in the order they run */
  gboolean         *fed;         /* per value */
  GwNode          **writer_of;   /* scratch */
  GHashTable       *written;     /* VariableV2 nodes that something in the plan writes to */
  gboolean         *copy_reads;  /* per node: a read of a variable that needs memory of its own */
} GwCompiler;

static inline int
gw_plan_value_index (const GwPlan *plan,
                     GwOutput      output)
{
  return plan->base[output.node->id] + output.index;
}

/* The value that holds the memory and tensor of `index`. */
static inline int
gw_plan_resolve (const GwPlan *plan,
                 int           index)
{
  return plan->values[index].kind == GW_VALUE_SAME ? plan->values[index].root : index;
}

gboolean gw_plan_select (GwCompiler *compiler, GError **error);
gboolean gw_plan_order (GwCompiler *compiler, GError **error);
gboolean gw_plan_know_values (GwCompiler *compiler, GError **error);
gboolean gw_plan_lay_out (GwCompiler *compiler, GError **error);

/* Whether an input of the node writes to the variable behind it. */
gboolean gw_plan_writes (const GwNode *node, int input);

/* session.c */
GwVariable *gw_session_variable_of (GwSession *session, const GwNode *node, GError **error);
/* The state of a node's kernel, kept by the session for this graph. */
void *gw_session_node_state (GwSession *session, GwGraph *graph, const GwNode *node);
void *gw_session_graph_streams (GwSession *session, GwGraph *graph, size_t *bytes);
