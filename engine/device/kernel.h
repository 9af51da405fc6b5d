/* SPDX-License-Identifier: Apache-2.0 */
/* What a kernel sees while it runs. Everything is resolved beforehand: a kernel
 * looks nothing up, allocates nothing but scratch, checks its input values first
 * and only then writes. */
#pragma once

#include "engine/base/workers.h"
#include "engine/device/resource.h"
#include "engine/tensor/attr.h"

G_BEGIN_DECLS

/* A function that is applied element by element: which one of those with that many
 * operands, see device/cpu/elementwise.h. */
typedef struct {
  guint8 arity;      /* 0 = none */
  guint8 function;
  guint8 folds;      /* arity 2: applied from the left to all inputs, two or more of one shape */
  guint8 converts;   /* arity 1: no function but the conversion to the output's type */
} GwElementwise;

typedef struct _GwKernelContext GwKernelContext;

/* What is done to elements [begin, end) of output 0, whole rows of its last dimension, as
 * soon as they are made: kernels of ops with GW_OP_TAIL run it once for each element, on any
 * thread, and neither read nor write the element afterwards. */
typedef struct _GwKernelTail GwKernelTail;
struct _GwKernelTail {
  void   (*run) (const GwKernelTail *tail, int64_t begin, int64_t end);
  int64_t  elements, row;        /* of output 0; of its last dimension */
};

typedef gboolean (*GwKernelFunc) (GwKernelContext *context, GError **error);

/* `text` is for the call alone. */
typedef void (*GwMessageFunc) (void *data, const char *node, const char *text);

struct _GwKernelContext {
  const char        *node;       /* for messages */
  const GwAttrValue *attrs;      /* in the order of the op's definition: attrs[MATMUL_TRANSPOSE_A].b */
  GwElementwise      elementwise;/* what the op's definition says */
  int                n_inputs;
  int                n_outputs;
  GwTensor   *const *inputs;     /* of a reference port: the variable's own tensor */
  GwTensor         **outputs;    /* of the inferred shape, not cleared. Where the op's flags allow, an
                                  * output may be the very memory of an input. NULL for an output
                                  * whose shape only the kernel knows: gw_kernel_allocate_output() */
  GwVariable *const *variables;  /* per input: the variable behind a reference port, else NULL */
  void              *state;      /* op-def's state_size bytes, kept by the session for this node and
                                  * cleared when its stream starts anew */
  void             **object;     /* of an op with object_free: a place for this node in this session, NULL at
                                  * first. What the kernel leaves there is freed when the stream starts anew
                                  * and with the session; unlike the state it is never copied or stored */
  GwWorkers         *workers;    /* may be NULL */
  GwMessageFunc      message;    /* takes a line for the log, NULL = nobody listens; on the session's thread */
  void              *message_data;
  struct _GwKernelCalls *calls;  /* the sub-graphs of an op that has some, else NULL */
  const GwKernelTail *tail;      /* NULL = none */

  /*< private >*/
  const struct _GwOpDef  *def;   /* for engine/graph/op-kernel.c */
  struct _GwKernelMemory *memory;
};

/* `size` bytes until the kernel returns; grows once, then is reused. A second call
 * within one kernel gives the first one's memory back: ask once. NULL on failure. */
void *gw_kernel_scratch (GwKernelContext *context, size_t size, GError **error);
/* The same beside the kernel's scratch, for what runs a kernel on copies. */
void *gw_kernel_copies (GwKernelContext *context, size_t size, GError **error);

/* For ops with GW_OP_DYNAMIC_OUTPUT: makes outputs[index]. */
gboolean gw_kernel_allocate_output (GwKernelContext *context, int index, GwDType dtype,
                                    const GwShape *shape, GError **error);

/* Splits [0, n) into chunks of about `grain` elements (a function of n and grain
 * alone, never of the number of threads) and runs them on the workers. */
typedef void (*GwRangeFunc) (void *data, int64_t begin, int64_t end);
void gw_kernel_parallel (GwKernelContext *context, int64_t n, int64_t grain, GwRangeFunc func, void *data);

/* The tail, if there is one, of a part or of all (on all workers). */
static inline void
gw_kernel_run_tail (const GwKernelContext *context,
                    int64_t                begin,
                    int64_t                end)
{
  if (context->tail != NULL)
    context->tail->run (context->tail, begin, end);
}
void gw_kernel_run_whole_tail (GwKernelContext *context);

/* Runs sub-graph number `function` of the op, in the order of its attributes. `results` get
 * what it returns: for the kernel to read until the next call of the same one, and perhaps
 * the very memory of an input. Handles of variables go in and come out by themselves: their
 * places are not looked at. Errors carry the node inside; CANCELLED when the run is. */
gboolean gw_kernel_call (GwKernelContext *context, int function, GwTensor *const *inputs, GwTensor **results,
                         GError **error);
/* How many turns one loop may take; 0 = any number. */
int64_t gw_kernel_max_iterations (const GwKernelContext *context);

/* What stands behind the two: made by who runs plans. */
typedef struct _GwKernelCalls {
  gboolean (*call) (struct _GwKernelCalls *calls, int function, GwTensor *const *inputs, GwTensor **results, GError **error);
  int64_t (*max_iterations) (const struct _GwKernelCalls *calls);
} GwKernelCalls;

/* Owned by whoever runs kernels: a session, or a test. */
typedef struct _GwKernelMemory GwKernelMemory;
GwKernelMemory *gw_kernel_memory_new (void);
void gw_kernel_memory_free (GwKernelMemory *memory);

/* Dynamic outputs of this run are recycled: call between runs. */
void gw_kernel_memory_reset (GwKernelMemory *memory);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwKernelMemory, gw_kernel_memory_free)

G_END_DECLS
