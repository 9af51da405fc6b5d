/* SPDX-License-Identifier: Apache-2.0 */
/* Building graphs without an error check a line: a builder keeps the first error,
 * and everything asked of it afterwards does nothing and gives GW_NO_OUTPUT. */
#pragma once

#include "engine/base/error.h"
#include "engine/graph/graph.h"

G_BEGIN_DECLS

/* A node that could not be added. */
typedef struct {
  const GwOpDef *def;
  char          *name;
  int            n_inputs;
  GwOutput      *inputs;
} GwFailedNode;

void gw_failed_node_free (GwFailedNode *failed); /* NULL is fine */

typedef struct {
  GwGraph *graph;
  char    *scope;    /* name prefix "hidden1/", or NULL */
  char    *device;   /* for every node added, or NULL */
  int64_t  origin;   /* for every node added */
  GError  *error;    /* the first one */
  GwFailedNode *failed; /* what it is about, the last one; NULL = no node */
} GwBuilder;

void gw_builder_init (GwBuilder *builder, GwGraph *graph);
void gw_builder_clear (GwBuilder *builder);
/* Moves the builder's error out; TRUE when there was none. */
gboolean gw_builder_finish (GwBuilder *builder, GError **error);
/* The error is about this node, which is not in the graph. Of `spec` its op, name and inputs count. */
void gw_builder_blame (GwBuilder *builder, const GwNodeSpec *spec);
void gw_builder_fail (GwBuilder *builder, GwErrorCode code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Opens scope `name` (made unique) inside the current one; returns the previous
 * one for gw_builder_leave(). */
char *gw_builder_enter (GwBuilder *builder, const char *name);
void gw_builder_leave (GwBuilder *builder, char *previous);

#define GW_IN(...) (int) (sizeof ((GwOutput[]) { __VA_ARGS__ }) / sizeof (GwOutput)), (const GwOutput[]) { __VA_ARGS__ }
#define GW_NO_IN 0, NULL
/* GW_WITH ({ "axis", gw_attr_int (1) }, …) */
#define GW_WITH(...) (const GwAttrSetting[]) { __VA_ARGS__, { NULL } }

/* A node of type `op`, called after its op within the scope; `attrs` ends with a
 * NULL name or is NULL. */
GwNode *gw_node_new (GwBuilder *builder, const char *op, const char *name, int n_inputs,
                     const GwOutput *inputs, const GwAttrSetting *attrs);
/* Its output 0. */
GwOutput gw_op (GwBuilder *builder, const char *op, int n_inputs, const GwOutput *inputs,
                const GwAttrSetting *attrs);

/* A handle of what `variable` keeps, a VarHandleOp's or a lookup table's, in another graph;
 * `shared_name` is the name under which a session has it, NULL = that of the node. */
GwOutput gw_handle_like (GwBuilder *builder, const char *name, const GwNode *variable, const char *shared_name);

/* gw_op (b, "Neg", GW_IN (x), NULL) for short. */
GwOutput gw_op1 (GwBuilder *builder, const char *op, GwOutput x);
GwOutput gw_op2 (GwBuilder *builder, const char *op, GwOutput x, GwOutput y);
GwOutput gw_op3 (GwBuilder *builder, const char *op, GwOutput x, GwOutput y, GwOutput z);
GwOutput gw_output_of (GwNode *node, int index); /* GW_NO_OUTPUT when node is NULL */

/* Constants. The tensor is taken over; NULL (it could not be made) fails with
 * RESOURCE_EXHAUSTED. */
GwOutput gw_const (GwBuilder *builder, GwTensor *tensor);
GwOutput gw_const_scalar (GwBuilder *builder, GwDType dtype, double value);
GwOutput gw_const_ints (GwBuilder *builder, int n, const int64_t *values); /* vector: int32, int64 for large values */
/* A scalar of x's dtype: for gradients. */
GwOutput gw_const_like (GwBuilder *builder, GwOutput x, double value);

/* ---- what the registry's functions get ---- */

/* A gradient: a whole tensor, or rows of one (TensorFlow's IndexedSlices). */
typedef struct {
  GwOutput values;       /* node == NULL: there is none */
  GwOutput indices;      /* node == NULL: values is the whole. Else an integer vector: values[i] is added
                          * to row indices[i] of the whole, which is zero elsewhere */
  GwOutput dense_shape;  /* with indices: the whole's shape, an integer vector */
} GwGradient;

struct _GwGradContext {
  GwBuilder      *builder;
  GwNode         *node;       /* the forward node: inputs, outputs, attributes */
  const GwOutput *dy;         /* gradient of each output; node == NULL where none flows */
  GwOutput       *dx;         /* to be set for each input that has one */
  const gboolean *wanted;     /* per input: whether dx[i] will be used */

  /*< private >*/
  GwGradient     *slices;     /* per input: gw_grad_set_slices() */
};

/* dy[i], or zeros like output i. */
GwOutput gw_grad_dy (GwGradContext *context, int output);
static inline GwOutput gw_grad_x (const GwGradContext *context, int i) { return context->node->inputs[i]; }
static inline GwOutput gw_grad_y (const GwGradContext *context, int i) { return (GwOutput) { context->node, i }; }
/* Instead of dx[input]: the gradient is zero but for some rows. */
void gw_grad_set_slices (GwGradContext *context, int input, GwOutput values, GwOutput indices, GwOutput dense_shape);
/* That of an op that picks rows of `input`, whose shape is `params_shape` (an integer
 * vector): one row of dy[0] for each element of `indices`, which may be of any shape. */
void gw_grad_gather_rows (GwGradContext *context, int input, GwOutput params_shape, GwOutput indices);
/* `gradient` summed over what broadcasting repeated, to the shape of `x`. */
GwOutput gw_grad_unbroadcast (GwGradContext *context, GwOutput gradient, GwOutput x);

typedef enum {
  GW_MODE_TRAIN,
  GW_MODE_EVALUATE,
  GW_MODE_PREDICT,
} GwMode;

struct _GwExpandContext {
  GwBuilder         *builder;   /* already inside the composite's scope */
  const GwOpDef     *def;
  const char        *name;      /* of the document node: variables are named under it */
  const GwAttrValue *attrs;     /* in the order of def->attrs */
  int                n_inputs;
  const GwOutput    *inputs;    /* node == NULL where an optional input is not wired */
  const int         *port_sizes;/* per port of def->inputs: how many of the inputs are its */
  GwOutput          *outputs;   /* to be set, one a port; with a list among them gw_lowering_set_outputs() */
  GwMode             mode;
  struct _GwLowering *lowering; /* variables, collections: engine/document/lower.h */
};

G_END_DECLS
