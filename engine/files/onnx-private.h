/* SPDX-License-Identifier: Apache-2.0 */
/* A model of ONNX while it becomes a GraphDef. */
#pragma once

#include "engine/files/onnx.h"
#include "engine/files/proto-arena.h"
#include "engine/files/proto/graph.pb-c.h"
#include "engine/files/proto/onnx.pb-c.h"
#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

/* What nodes read and give, by its name in the model. */
typedef struct {
  char     *text;   /* as input of a NodeDef; NULL = a constant that no node has asked for yet */
  char     *name;   /* of that constant's node */
  GwTensor *tensor; /* of a constant, else NULL */
  int       rank;   /* -1 = not known */
  GwDType   dtype;  /* GW_DTYPE_INVALID = not known */
} GwOnnxValue;

typedef struct {
  GwProtoArena *arena;  /* where the messages live */
  GPtrArray    *nodes;  /* of Gw__NodeDef *, what has become of the model so far */
  GPtrArray    *keep;   /* of GBytes: serialised tensors that they point into */
  GHashTable   *values; /* name in the model → GwOnnxValue */
  GHashTable   *taken;  /* set of names of nodes */
  GHashTable   *read;   /* set of names that something in the model reads, or that it gives */
  const char   *folder; /* of files of weights, or NULL */
  int64_t       opset;  /* version of the standard operators */
  GError       *error;  /* what went wrong while nodes were put together: the first */
} GwOnnx;

/* The operator that is being translated. */
typedef struct {
  GwOnnx             *onnx;
  const Gw__OnnxNode *node;
  char               *name; /* of the node that gives the result */
} GwOnnxStep;

/* Emits nodes for the operator and sets its outputs; or FALSE, and has emitted nothing: it cannot
 * be said with the ops that there are. `op` is the table's. */
typedef gboolean (*GwOnnxRule) (GwOnnxStep *step, const char *op);

typedef struct {
  const char *name; /* the operator's */
  GwOnnxRule  rule;
  const char *op;   /* for the rule: ours, mostly */
} GwOnnxOperator;

/* They end with a name of NULL. */
extern const GwOnnxOperator gw_onnx_maths[];    /* element by element, reductions */
extern const GwOnnxOperator gw_onnx_arrays[];   /* shapes and slices */
extern const GwOnnxOperator gw_onnx_indices[];  /* elements by their places */
extern const GwOnnxOperator gw_onnx_pictures[]; /* convolutions, pools, sizes */
extern const GwOnnxOperator gw_onnx_layers[];   /* products, norms, softmax */
extern const GwOnnxOperator gw_onnx_recurrent[];

/* ---- tensors ---- */

GwDType gw_onnx_dtype (int32_t data_type);
/* INVALID_ARGUMENT, DATA_LOSS, UNIMPLEMENTED (types and ranks that this program does not have). */
GwTensor *gw_onnx_tensor (const Gw__OnnxTensor *message, const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Dimension i of the result is dimension order[i] of `tensor`. */
GwTensor *gw_onnx_transpose (const GwTensor *tensor, const int *order, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- what the operator says ---- */

const Gw__OnnxAttribute *gw_onnx_attribute (const GwOnnxStep *step, const char *name);
int64_t gw_onnx_int (const GwOnnxStep *step, const char *name, int64_t standard);
double gw_onnx_float (const GwOnnxStep *step, const char *name, double standard);
/* Whether the attribute is that text; `standard` is what it is without. */
gboolean gw_onnx_is_text (const GwOnnxStep *step, const char *name, const char *standard, const char *text);

/* Value of input i; NULL where it is left out. */
GwOnnxValue *gw_onnx_value (const GwOnnxStep *step, size_t i);
/* Whether the first n inputs are there. */
gboolean gw_onnx_has (const GwOnnxStep *step, size_t n);
/* Whether the first n inputs are there, and input 0 has a type with fractions. */
gboolean gw_onnx_has_floats (const GwOnnxStep *step, size_t n);
/* Whether output i is there, and something reads it. */
gboolean gw_onnx_gives (const GwOnnxStep *step, size_t i);
/* Of input i: -1, GW_DTYPE_INVALID = not known, or left out. */
int gw_onnx_rank (const GwOnnxStep *step, size_t i);
GwDType gw_onnx_dtype_of (const GwOnnxStep *step, size_t i);
/* An axis of an input of that rank from the start on; -1 = not in its range, or negative and the
 * rank is not known. */
int gw_onnx_axis (int64_t axis, int rank);

/* A few whole numbers that stand in the model. */
typedef struct {
  int     n;
  int64_t values[2 * GW_MAX_RANK];
} GwOnnxInts;
/* An attribute; FALSE where it is not there (or has too many). */
gboolean gw_onnx_ints (const GwOnnxStep *step, const char *name, GwOnnxInts *ints);
/* A constant input; FALSE where it is left out, comes only while the graph runs, or has too many. */
gboolean gw_onnx_input_ints (const GwOnnxStep *step, size_t i, GwOnnxInts *ints);
/* A constant input of one element. */
gboolean gw_onnx_input_number (const GwOnnxStep *step, size_t i, double *number);
/* As the one or the other, by the version of the operator. */
gboolean gw_onnx_either_ints (const GwOnnxStep *step, const char *name, size_t i, GwOnnxInts *ints);

/* ---- nodes ---- */

/* The input's text for a NodeDef: a constant's node is made when it is first asked for. NULL where
 * it is left out. */
const char *gw_onnx_input (GwOnnxStep *step, size_t i);

/* A node; `suffix` NULL is the one that gives the result, others are called name/suffix. */
Gw__NodeDef *gw_onnx_emit (GwOnnxStep *step, const char *op, const char *suffix, size_t n_inputs,
                           const char *const *inputs);
#define GW_ONNX_EMIT(step, op, suffix, ...)                                                                    \
  gw_onnx_emit (step, op, suffix, sizeof ((const char *[]) { __VA_ARGS__ }) / sizeof (const char *),          \
                (const char *[]) { __VA_ARGS__ })
/* Its output, for the next one's input. */
#define GW_ONNX_NODE(...) (GW_ONNX_EMIT (__VA_ARGS__)->name)
/* A constant of the operator's own; takes `tensor`. The input's text. */
const char *gw_onnx_emit_tensor (GwOnnxStep *step, const char *suffix, GwTensor *tensor);
/* int32: a vector, or of n < 0 a scalar. */
const char *gw_onnx_emit_ints (GwOnnxStep *step, const char *suffix, int n, const int64_t *values);
const char *gw_onnx_emit_int (GwOnnxStep *step, const char *suffix, int64_t value);
/* A scalar of that type. */
const char *gw_onnx_emit_number (GwOnnxStep *step, const char *suffix, GwDType dtype, double value);/* The same of the type of input 0. */
const char *gw_onnx_number (GwOnnxStep *step, const char *suffix, double value);
/* A transposed tensor. */
const char *gw_onnx_reordered (GwOnnxStep *step, const char *suffix, const char *x, int rank, const int64_t *order);

/* The shape of input 0, as int32. */
const char *gw_onnx_shape_of (GwOnnxStep *step, const char *suffix);
/* Elements from `first` up to, but without, `end` of a vector. */
Gw__NodeDef *gw_onnx_part_of (GwOnnxStep *step, const char *suffix, const char *vector, int64_t first, int64_t end);

void gw_onnx_set_bool (GwOnnx *onnx, Gw__NodeDef *def, const char *name, gboolean value);
void gw_onnx_set_int (GwOnnx *onnx, Gw__NodeDef *def, const char *name, int64_t value);
void gw_onnx_set_float (GwOnnx *onnx, Gw__NodeDef *def, const char *name, double value);
void gw_onnx_set_text (GwOnnx *onnx, Gw__NodeDef *def, const char *name, const char *value);
void gw_onnx_set_dtype (GwOnnx *onnx, Gw__NodeDef *def, const char *name, GwDType value);
void gw_onnx_set_ints (GwOnnx *onnx, Gw__NodeDef *def, const char *name, size_t n, const int64_t *values);
void gw_onnx_set_floats (GwOnnx *onnx, Gw__NodeDef *def, const char *name, size_t n, const float *values);
void gw_onnx_set_texts (GwOnnx *onnx, Gw__NodeDef *def, const char *name, size_t n, const ProtobufCBinaryData *values);
void gw_onnx_set_shape (GwOnnx *onnx, Gw__NodeDef *def, const char *name, const GwShape *value);
void gw_onnx_set_tensor (GwOnnx *onnx, Gw__NodeDef *def, const char *name, const GwTensor *value);

/* Output i of the operator is output `output` of `def`. */
void gw_onnx_give (GwOnnxStep *step, size_t i, const Gw__NodeDef *def, int output, int rank, GwDType dtype);

/* Output 0 is that of `def`, with the rank and type of input 0. TRUE. */
gboolean gw_onnx_give_like (GwOnnxStep *step, const Gw__NodeDef *def);

/* The same with another rank. TRUE. */
gboolean gw_onnx_give_shaped (GwOnnxStep *step, const Gw__NodeDef *def, int rank);
/* Output 0 is a constant, called as the operator; takes `tensor`. TRUE. */
gboolean gw_onnx_give_tensor (GwOnnxStep *step, GwTensor *tensor);

/* A name for a node that nobody has, made of any text. */
char *gw_onnx_free_name (GwOnnx *onnx, const char *text);
Gw__NodeDef *gw_onnx_new_node (GwOnnx *onnx, const char *op, const char *name, size_t n_inputs, size_t n_attrs);
char *gw_onnx_keep_text (GwOnnx *onnx, const char *text);
/* `rank` and `dtype` as given, for a name of the model's that nothing gives yet. */
GwOnnxValue *gw_onnx_new_value (GwOnnx *onnx, const char *name, int rank, GwDType dtype);

G_END_DECLS
