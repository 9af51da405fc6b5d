/* SPDX-License-Identifier: Apache-2.0 */
/* How a plan is made: select and order (plan-order.c), know shapes and values
 * (plan-values.c), lay out steps and memory (plan-steps.c), run (plan.c). */
#pragma once

#include "engine/device/cpu/fused.h"
#include "engine/runtime/plan.h"

/* Where a value lives. */
typedef enum {
  GW_VALUE_ABSENT,    /* not part of this plan */
  GW_VALUE_CONSTANT,  /* `tensor`, known while compiling */
  GW_VALUE_FEED,      /* the caller's memory */
  GW_VALUE_VARIABLE,  /* a variable's memory: of references and of handles */
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

typedef struct _GwUpdateGroup GwUpdateGroup;
typedef struct _GwPlanTail GwPlanTail;

typedef struct {
  GwKernelFunc     func;
  GwKernelContext  context;
  const GwNode    *node;
  gboolean         dynamic;      /* shapes are inferred in each run */
  int             *input_values; /* indices */
  int             *output_values;/* indices: where the node's own outputs go */
  GwFusedProgram  *program;      /* of a fused step, which stands for several nodes; else NULL */
  GwUpdateGroup   *group;        /* of a step that changes several variables; else NULL */
  GwPlanTail      *tail;         /* element-wise nodes behind this one, run by its kernel; else NULL */
  int              n_required;
  GwVariable     **required;     /* must be initialised */
} GwPlanStep;

struct _GwPlan {
  GwSession    *session;
  GwGraph      *graph;
  int           n_values;
  GwPlanValue  *values;      /* output k of node id: values[base[id] + k] */
  int          *base;
  int           first_own;   /* values[first_own + f]: what the node behind feed f makes itself
                              * when it runs all the same */
  int           n_steps;
  GwPlanStep   *steps;
  int           n_feeds;
  int           n_fetches;
  int          *fetch_values;
  int           n_feed_aliases;
  int          *feed_aliases; /* values whose tensor follows a feed's memory */
  int          *feed_of_value;/* for those */
  int           n_last;       /* variables whose memory is fetched: */
  GwVariable  **last;         /* must be initialised in the end */
  void         *arena;
  size_t        arena_bytes;
  gboolean      dynamic;
  const GwNode *guard;        /* NULL = none */
  int           guard_value;
  int           guard_step;   /* the guard is known after it; -1 = before the first */
  gboolean      guard_tripped;
  size_t        streams_bytes;/* of the session's states of this graph's nodes, for guard runs */
  void         *saved_streams;/* as they were when the run began; NULL = nothing to save */
  GwKernelMemory *memory;
  const GwRunOptions *options; /* of the run that is going on; NULL between runs */
};

/* While compiling. */
typedef struct {
  GwPlan           *plan;
  const GwPlanSpec *spec;
  gboolean         *needed;      /* per node */
  GArray           *order;       /* of int: node ids in the order they run */
  gboolean         *fed;         /* per value */
  GHashTable       *written;     /* names of the variables that something in the plan writes to */
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

/* The value that a node computes for its output: not the one that was fed in its stead. */
static inline int
gw_plan_own_index (const GwPlan *plan,
                   const GwNode *node,
                   int           output)
{
  int index = plan->base[node->id] + output;

  return plan->values[index].kind == GW_VALUE_FEED ? plan->first_own + plan->values[index].feed : index;
}

/* The value whose memory `index` uses. */
static inline int
gw_plan_memory_root (const GwPlan *plan,
                     int           index)
{
  index = gw_plan_resolve (plan, index);
  return plan->values[index].kind == GW_VALUE_ALIAS ? plan->values[index].root : index;
}

gboolean gw_plan_select (GwCompiler *compiler, GError **error);
gboolean gw_plan_order (GwCompiler *compiler, GError **error);
gboolean gw_plan_know_values (GwCompiler *compiler, GError **error);
gboolean gw_plan_lay_out (GwCompiler *compiler, GError **error);
/* Frees what the step holds. */
void gw_plan_step_clear (GwPlanStep *step);

/* Whether an input of the node writes to the variable behind it. */
gboolean gw_plan_writes (const GwNode *node, int input);

/* session.c */
/* To the function that was set, if any. */
void gw_session_message (GwSession *session, const char *node, const char *text);
/* The function that is told of steps, or NULL. */
GwStepFunc gw_session_step_func (GwSession *session, void **data);
/* The name under which the variable of a VariableV2 or VarHandleOp node is kept. Owned by
 * the node. */
const char *gw_session_variable_name (const GwNode *node);
GwVariable *gw_session_variable_of (GwSession *session, const GwNode *node, GError **error);
/* node → GPtrArray of GwCallee, in the order of its attributes: call.c. */
GHashTable *gw_session_callee_table (GwSession *session);
/* The state of a node's kernel, kept by the session for this graph; never moves. */
void *gw_session_node_state (GwSession *session, GwGraph *graph, const GwNode *node);
/* The place of what it keeps beside that; never moves. NULL where the op keeps nothing. */
void **gw_session_node_object (GwSession *session, GwGraph *graph, const GwNode *node);
/* All of them, in the order of the nodes: how many bytes, and copied out and in. */
size_t gw_session_streams_bytes (GwSession *session, GwGraph *graph);
void gw_session_save_streams (GwSession *session, GwGraph *graph, void *buffer, size_t bytes);
void gw_session_restore_streams (GwSession *session, GwGraph *graph, const void *buffer, size_t bytes);
