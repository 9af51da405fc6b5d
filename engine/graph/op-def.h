/* SPDX-License-Identifier: Apache-2.0 */
/* The one description of an op. Palette, inspector, ports, validation, shape
 * inference, gradients, JSON, documentation, conformance tests and execution all
 * derive from it. Adding an op = one `static const GwOpDef` in a family file,
 * named in that family's list.
 *
 * Names of ops, ports and attributes are TensorFlow's and never change; title,
 * category, summary and doc are for people. */
#pragma once

#include "engine/device/kernel.h"
#include "engine/tensor/attr.h"

G_BEGIN_DECLS

typedef struct _GwOpDef GwOpDef;
typedef struct _GwNode GwNode;
typedef struct _GwGraph GwGraph;
typedef struct _GwShapeContext GwShapeContext;
typedef struct _GwGradContext GwGradContext;
typedef struct _GwExpandContext GwExpandContext;

typedef enum {
  GW_OP_STATEFUL = 1 << 0,      /* never folded, merged or pruned by value */
  GW_OP_COMMUTATIVE = 1 << 1,
  GW_OP_NO_GRADIENT = 1 << 2,   /* TensorFlow has none either: a path through it is an error */
  GW_OP_STOPS_GRADIENT = 1 << 3,/* integer or constant results: nothing flows back, no error */
  GW_OP_HIDDEN = 1 << 4,        /* not in the palette unless asked for (backward ops) */
  GW_OP_FORWARDS_INPUT = 1 << 5,/* output 0 is input 0's memory under another shape; no kernel runs
                                 * when the plan can share it */
  GW_OP_INPLACE = 1 << 6,       /* output 0 may be written over an input of the same dtype and shape:
                                 * element i is read before element i is written */
  GW_OP_RANDOM = 1 << 7,        /* has seed, seed2 and a stream */
  GW_OP_UNINITIALIZED = 1 << 8, /* accepts an uninitialised variable (Assign) */
  GW_OP_DYNAMIC_OUTPUT = 1 << 9,/* output shapes depend on values: the kernel allocates them */
  GW_OP_METRIC = 1 << 10,       /* its output is a figure that Evaluate averages */
  GW_OP_SUMMARY = 1 << 11,      /* output is a serialised Summary */
  GW_OP_WRITES_VARIABLE = 1 << 12,/* writes to the variables at its reference ports, or those whose handles it
                                 * gets. Not needed where output 0 is a reference, or a handle goes in and
                                 * nothing comes out: those always do */
  GW_OP_CALLS = 1 << 13,        /* runs sub-graphs, those that its attributes of type FUNC name: kernel.h,
                                 * gw_kernel_call() */
  GW_OP_TAKES_LISTS = 1 << 14,  /* a port whose type is an attribute may get lists of tensors (variant) */
  GW_OP_IN_FLOAT = 1 << 15,     /* its kernel knows no float16 and bfloat16: for those, where the choices have
                                 * them, it runs on float32 copies; see op-kernel.h */
  GW_OP_LEAVES_OUT = 1 << 16,   /* output 0 is NULL for its kernel in a step where nothing reads it */
  GW_OP_TAIL = 1 << 17,         /* its kernel runs its context's tail on all that it makes: kernel.h */
} GwOpFlags;

typedef struct {
  const char *name;
  const char *type;         /* an attribute of type DTYPE ("T"), of type DTYPES (one tensor per
                             * entry), or a fixed dtype ("int32") */
  const char *help;
  const char *number_attr;  /* "N": a list of that many tensors of one type; NULL = one tensor */
  gboolean    is_ref;       /* reference to a variable */
  const char *literal;      /* what an unwired input stands for on the canvas ("0"); NULL = must be wired.
                             * "" at a list port of a composite: it may be empty and have gaps */
} GwPortDef;

/* Texts as gw_tensor_parse() reads them; dtype by the port's type with the
 * attributes given. At a reference or a handle stands what the variable holds; an op that
 * takes a handle and gives nothing has the variable's value afterwards as its output. Run
 * as tests, printed in the documentation. */
typedef struct {
  const char *const *inputs;
  const char        *attrs;   /* "transpose_a=true axis=1", or NULL */
  const char *const *outputs; /* NULL: only runs (random ops) */
} GwOpExample;

/* Of an op that adds up input 0 along the axes that input 1 names: a plan may do it while it
 * makes the elements. */
typedef enum {
  GW_REDUCTION_NONE,
  GW_REDUCTION_SUM,
  GW_REDUCTION_MEAN,
} GwReduction;

typedef gboolean (*GwShapeFunc) (GwShapeContext *context, GError **error);
/* The value of output 0 (an integer vector or scalar) as far as shapes alone tell:
 * a shape whose dimensions are the elements, -1 unknown. FALSE = nothing known. */
typedef gboolean (*GwPartialValueFunc) (GwShapeContext *context, GwShape *value);
/* Adds nodes through context->builder, which keeps the first error. */
typedef void (*GwGradFunc) (GwGradContext *context);
typedef void (*GwExpandFunc) (GwExpandContext *context);

struct _GwOpDef {
  const char        *name;      /* stored in files */
  int                since;     /* format version that brought it: 1 */
  const char        *title;     /* "Matrix product" */
  const char        *category;  /* "maths/Trigonometry": one of the kit's categories and, where it is
                                 * divided, a group in it: gw_category_list() */
  const char        *summary;   /* one sentence */
  const char        *doc;       /* Markdown paragraphs, may be NULL */
  const GwPortDef   *inputs;    /* ended by one without a name; NULL = none */
  const GwPortDef   *outputs;
  const GwAttrDef   *attrs;
  GwOpFlags          flags;
  GwShapeFunc        shape;     /* required for primitive ops */
  const char        *shape_rule;/* what it works out, for people: “[m, k] times [k, n] gives [m, n]”; NULL where it
                                 * is one of shape-rules.h, or the outputs are variables, or there are none */
  GwPartialValueFunc partial_value;
  GwGradFunc         grad;      /* NULL only with NO_GRADIENT or STOPS_GRADIENT */
  GwKernelFunc       cpu;       /* required for primitive ops */
  GwElementwise      elementwise;/* the function of an op that is nothing but one: a plan may fuse it with
                                 * others; its kernel is gw_cpu_elementwise() unless it folds or converts */
  GwReduction        reduction;
  const char        *cuda;      /* symbol in the CUDA module, or NULL */
  GwExpandFunc       expand;    /* composites: instead of shape, grad and cpu */
  int                update;    /* of an optimizer's step: its GwUpdateRule (device/cpu/updates.h) and 1; plans
                                 * make many of them in one pass. Else 0 */
  size_t             state_size;/* bytes of GwKernelContext.state */
  GDestroyNotify     object_free;/* of what the kernel keeps at GwKernelContext.object; NULL = it keeps nothing there */
  const GwOpExample *examples;  /* ended by one without inputs and outputs */
  const char *const *tell;      /* attributes shown on the node's box, most telling first */
};

#define GW_PORTS(...) ((const GwPortDef[]) { __VA_ARGS__, { .name = NULL } })
#define GW_ATTRS(...) ((const GwAttrDef[]) { __VA_ARGS__, { .name = NULL } })
#define GW_TEXTS(...) ((const char *const[]) { __VA_ARGS__, NULL })
#define GW_EXAMPLES(...) ((const GwOpExample[]) { __VA_ARGS__, { NULL, NULL, NULL } })

#define GW_FLOAT_TYPES GW_CHOICES ("float32", "float64")
#define GW_INDEX_TYPES GW_CHOICES ("int32", "int64")
#define GW_NUMBER_TYPES GW_CHOICES ("float32", "float64", "int32", "int64", "uint8", "int8", "int16", "uint16")

int gw_ports_length (const GwPortDef *ports);

G_END_DECLS
