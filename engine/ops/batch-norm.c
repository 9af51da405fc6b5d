/* SPDX-License-Identifier: Apache-2.0 */
/* Batch normalisation as one op, in TensorFlow's three versions, and its gradient. The
 * versions differ in types and in what they keep for the gradient, not in numbers. */
#include "engine/device/cpu/norm.h"

#include "engine/base/error.h"
#include "engine/graph/builder.h"
#include "engine/graph/gradient.h"
#include "engine/graph/shape-context.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"

#include <string.h>

enum { NORM_T, NORM_EPSILON, NORM_FORMAT, NORM_TRAINING, NORM_FACTOR };

/* ---- shapes ---- */

static gboolean
is_volume (const GwAttrValue *format)
{
  return strlen (format->s) == 5;
}

static gboolean
is_channels_first (const GwAttrValue *format)
{
  return format->s[1] == 'C';
}

/* inputs[input] as values of the format; merges its channels into *channels. */
static gboolean
want_values (GwShapeContext *context,
             int             input,
             GwShape        *shape,
             int64_t        *channels,
             GError        **error)
{
  const GwAttrValue *format = &context->attrs[NORM_FORMAT];
  int rank = is_volume (format) ? 5 : 4;
  int64_t own;

  if (!gw_shape_want_rank (context, input, rank, shape, error))
    return FALSE;
  own = shape->dims[is_channels_first (format) ? 1 : rank - 1];
  if (own >= 0 && *channels >= 0 && own != *channels)
    return gw_invalid (error, "%s has %" G_GINT64_FORMAT " channels, but there are %" G_GINT64_FORMAT,
                       gw_shape_input_name (context, input), own, *channels);
  *channels = own >= 0 ? own : *channels;
  return TRUE;
}

/* inputs[input] as a vector of one element a channel. */
static gboolean
want_vector (GwShapeContext *context,
             int             input,
             int64_t        *channels,
             GError        **error)
{
  GwShape shape;

  if (!gw_shape_want_rank (context, input, 1, &shape, error))
    return FALSE;
  if (shape.dims[0] >= 0 && *channels >= 0 && shape.dims[0] != *channels)
    return gw_invalid (error, "%s must have one element for each of the %" G_GINT64_FORMAT " channels, but has %" G_GINT64_FORMAT,
                       gw_shape_input_name (context, input), *channels, shape.dims[0]);
  *channels = *channels >= 0 ? *channels : shape.dims[0];
  return TRUE;
}

static void
set_channels (GwShapeContext *context,
              GwShape        *shape,
              int64_t         channels)
{
  shape->dims[is_channels_first (&context->attrs[NORM_FORMAT]) ? 1 : shape->rank - 1] = channels;
}

/* Whether mean and variance are read. */
static gboolean
reads_moments (const GwAttrValue *attrs)
{
  return !attrs[NORM_TRAINING].b || attrs[NORM_FACTOR].f != 1;
}

static gboolean
norm_shape (GwShapeContext *context,
            GError        **error)
{
  int64_t channels = -1, any = -1;
  GwShape x;

  if (!want_values (context, 0, &x, &channels, error))
    return FALSE;
  for (int i = 1; i < 5; i++)
    if (!want_vector (context, i, i < 3 || reads_moments (context->attrs) ? &channels : &any, error))
      return FALSE;
    else
      any = -1;
  set_channels (context, &x, channels);
  context->outputs[0] = x;
  for (int i = 1; i < 5; i++)
    context->outputs[i] = GW_SHAPE (channels);
  if (context->n_outputs > 5)
    context->outputs[5] = is_volume (&context->attrs[NORM_FORMAT]) ? GW_SHAPE_SCALAR : GW_SHAPE (0);
  return TRUE;
}

static gboolean
norm_grad_shape (GwShapeContext *context,
                 GError        **error)
{
  int64_t channels = -1;
  GwShape dy, x;

  if (!want_values (context, 0, &dy, &channels, error) || !want_values (context, 1, &x, &channels, error))
    return FALSE;
  for (int i = 2; i < 5; i++)
    if (!want_vector (context, i, &channels, error))
      return FALSE;
  if (!gw_array_merge (&dy, &x, "y_backprop and x", &x, error))
    return FALSE;
  set_channels (context, &x, channels);
  context->outputs[0] = x;
  context->outputs[1] = context->outputs[2] = GW_SHAPE (channels);
  context->outputs[3] = context->outputs[4] = is_volume (&context->attrs[NORM_FORMAT]) ? GW_SHAPE (0) : GW_SHAPE_SCALAR;
  return TRUE;
}

/* ---- kernels ---- */

/* Rows of channels, and the tensor's shape when the channels come first. */
static const GwShape *
split (GwKernelContext *context,
       const GwTensor  *x,
       int64_t          channels,
       int64_t         *rows)
{
  const GwAttrValue *format = &context->attrs[NORM_FORMAT];

  *rows = channels > 0 ? x->elements / channels : 0;
  return is_channels_first (format) ? &x->shape : NULL;
}

static gboolean
norm_cpu (GwKernelContext *context,
          GError         **error)
{
  GwTensor *const *in = context->inputs;
  GwTensor *const *out = context->outputs;
  GwBatchNorm norm = {
    .channels = in[1]->elements, .training = context->attrs[NORM_TRAINING].b,
    .epsilon = (float) context->attrs[NORM_EPSILON].f, .factor = (float) context->attrs[NORM_FACTOR].f,
    .x = in[0]->data, .scale = in[1]->data, .offset = in[2]->data, .mean = in[3]->data, .variance = in[4]->data,
    .y = out[0]->data, .batch_mean = out[1]->data, .batch_variance = out[2]->data,
    .saved_mean = out[3]->data, .saved_variance = out[4]->data,
  };
  const GwShape *shape = split (context, in[0], norm.channels, &norm.rows);

  if (context->n_outputs > 5)
    memset (out[5]->data, 0, out[5]->bytes);
  return gw_cpu_batch_norm (context, &norm, shape, error);
}

static gboolean
norm_grad_cpu (GwKernelContext *context,
               GError         **error)
{
  GwTensor *const *in = context->inputs;
  GwTensor *const *out = context->outputs;
  GwBatchNormGrad norm = {
    .channels = in[2]->elements, .training = context->attrs[NORM_TRAINING].b,
    .epsilon = (float) context->attrs[NORM_EPSILON].f,
    .dy = in[0]->data, .x = in[1]->data, .scale = in[2]->data, .mean = in[3]->data, .variance = in[4]->data,
    .dx = out[0]->data, .dscale = out[1]->data, .doffset = out[2]->data,
  };
  const GwShape *shape = split (context, in[1], norm.channels, &norm.rows);

  memset (out[3]->data, 0, out[3]->bytes);
  memset (out[4]->data, 0, out[4]->bytes);
  return gw_cpu_batch_norm_grad (context, &norm, shape, error);
}

/* ---- gradients ---- */

/* Only y has a gradient: the moments are there to be averaged, not to be learned from. */
static void
norm_grad (GwGradContext *context)
{
  const GwNode *node = context->node;
  g_autofree char *op = g_strconcat ("FusedBatchNormGrad", node->def->name + strlen ("FusedBatchNorm"), NULL);
  gboolean training = node->attrs[NORM_TRAINING].b;
  GwOutput inputs[] = { context->dy[0], gw_grad_x (context, 0), gw_grad_x (context, 1),
                        training ? gw_grad_y (context, 3) : gw_grad_x (context, 3),
                        training ? gw_grad_y (context, 4) : gw_grad_x (context, 4), gw_grad_y (context, 5) };
  GwOutput dx;

  if (context->dy[0].node == NULL)
    return;
  dx = gw_array_op_like (context, op, node->n_outputs > 5 ? 6 : 5, inputs);
  for (int i = 0; i < 3; i++)
    context->dx[i] = gw_output_of (dx.node, i);
}

/* A vector of one element a channel as it stands beside the values. */
static GwOutput
beside (GwGradContext *context,
        GwOutput       vector)
{
  const GwAttrValue *format = &context->node->attrs[NORM_FORMAT];
  int rank = is_volume (format) ? 5 : 4;
  int64_t dims[5] = { 1, 1, 1, 1, 1 };

  dims[is_channels_first (format) ? 1 : rank - 1] = -1;
  return gw_op2 (context->builder, "Reshape", vector, gw_const_ints (context->builder, rank, dims));
}

/* Sum or Mean over everything but the channels, which stay where they are. */
static GwOutput
over_positions (GwGradContext *context,
                const char    *op,
                GwOutput       x)
{
  const GwAttrValue *format = &context->node->attrs[NORM_FORMAT];
  int rank = is_volume (format) ? 5 : 4, n = 0;
  int64_t axes[4];

  for (int i = 0; i < rank; i++)
    if (i != (is_channels_first (format) ? 1 : rank - 1))
      axes[n++] = i;
  return gw_op (context->builder, op, GW_IN (x, gw_const_ints (context->builder, n, axes)),
                GW_WITH ({ "keep_dims", gw_attr_bool (TRUE) }));
}

#define MUL(a, c) gw_op2 (b, "Mul", (a), (c))
#define SUB(a, c) gw_op2 (b, "Sub", (a), (c))
#define VECTOR(x) gw_array_flatten (b, (x))

static GwOutput
as_type (GwBuilder *b,
         GwOutput   x,
         GwDType    type)
{
  if (b->error != NULL || gw_output_dtype (x) == type)
    return x;
  return gw_op (b, "Cast", GW_IN (x), GW_WITH ({ "DstT", gw_attr_dtype (type) }));
}

/* The gradient of batch normalisation written out in plain ops on float32, as py/ops/nn_fused_batchnorm_grad.py,
 * _BatchNormGrad() has it, so that it can be differentiated in turn. */
static void
write_out (GwGradContext *context,
           GwOutput       dy,
           GwOutput       x,
           GwOutput       scale,
           GwOutput       results[3])
{
  GwBuilder *b = context->builder;
  gboolean training = context->node->attrs[NORM_TRAINING].b;
  GwDType type = b->error == NULL ? gw_output_dtype (x) : GW_FLOAT32;
  GwOutput mean, away, variance, shifted, rsqrt, inner;

  x = as_type (b, x, GW_FLOAT32);
  inner = dy = as_type (b, dy, GW_FLOAT32);
  mean = training ? over_positions (context, "Mean", x) : beside (context, gw_grad_x (context, 3));
  away = SUB (x, mean);
  variance = training ? over_positions (context, "Mean", gw_op1 (b, "Square", away)) : beside (context, gw_grad_x (context, 4));
  shifted = gw_op2 (b, "AddV2", variance, gw_const_like (b, x, context->node->attrs[NORM_EPSILON].f));
  rsqrt = gw_op1 (b, "Rsqrt", shifted);
  if (training)
    inner = SUB (SUB (dy, over_positions (context, "Mean", dy)),
                 MUL (gw_op2 (b, "RealDiv", over_positions (context, "Mean", MUL (dy, away)), shifted), away));
  results[0] = as_type (b, MUL (MUL (beside (context, scale), rsqrt), inner), type);
  results[1] = VECTOR (MUL (rsqrt, over_positions (context, "Sum", MUL (dy, away))));
  results[2] = VECTOR (over_positions (context, "Sum", dy));
}

static void
norm_grad_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput xs[3], results[3], dys[3], dxs[3];

  /* Cut off from the graph below, whose own gradients come later. */
  for (int i = 0; i < 3; i++)
    xs[i] = gw_op1 (b, "StopGradient", gw_grad_x (context, i));
  write_out (context, xs[0], xs[1], xs[2], results);
  for (int i = 0; i < 3; i++)
    dys[i] = gw_grad_dy (context, i);
  if (b->error == NULL && gw_gradients (b, 3, results, dys, 3, xs, dxs))
    for (int i = 0; i < 3; i++)
      context->dx[i] = dxs[i];
}

/* ---- descriptions ---- */

#define ONLY_FLOAT GW_CHOICES ("float32")
#define ATTR_U                                                                                     \
  { "U", GW_ATTR_DTYPE, .choices = ONLY_FLOAT, .label = "Parameter type",                          \
    .help = "Element type of everything but the values; follows from what is wired.",             \
    .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }
#define VALUE_TYPES GW_CHOICES ("float32", "bfloat16", "float16")
#define ATTRS_OF(types, ...)                                                                              \
  [NORM_T] = { "T", GW_ATTR_DTYPE, .choices = types, .label = "Type",                         \
               .help = "Element type; follows from what is wired.", .flags = GW_ATTR_REQUIRED | GW_ATTR_HIDDEN }, \
  [NORM_EPSILON] = { "epsilon", GW_ATTR_FLOAT, .def = "0.0001", .label = "Epsilon",                \
                     .help = "Added to the variance, so that nothing is divided by zero." },       \
  [NORM_FORMAT] = { "data_format", GW_ATTR_CHOICE, .choices = GW_CHOICES (__VA_ARGS__), .label = "Data format", \
                    .help = "Order of the dimensions: batch N, depth D, height H, width W, channels C." }, \
  [NORM_TRAINING] = { "is_training", GW_ATTR_BOOL, .def = "true", .label = "Training",             \
                      .help = "Whether mean and variance are those of this batch, or the ones given." }
#define ATTR_FACTOR                                                                                \
  [NORM_FACTOR] = { "exponential_avg_factor", GW_ATTR_FLOAT, .def = "1", .label = "Averaging factor", \
                    .help = "Training: how much of the batch's moments goes into batch_mean and batch_variance, the rest" \
                            " being the ones given; 1 takes the batch's alone." }
#define FORMATS "NHWC", "NCHW"
#define ALL_FORMATS "NHWC", "NCHW", "NDHWC", "NCDHW"

#define INPUTS(U)                                                                                  \
  { "x", "T", "The values." }, { "scale", U, "Factor of each channel (gamma)." },                  \
  { "offset", U, "What is added to each channel (beta)." },                                        \
  { "mean", U, "Mean of each channel; empty in training." },                                       \
  { "variance", U, "Variance of each channel; empty in training." }
#define OUTPUTS(U)                                                                                 \
  { "y", "T", "The normalised values, of the shape of x." },                                       \
  { "batch_mean", U, "Mean of each channel, to be averaged over training." },                      \
  { "batch_variance", U, "Variance of each channel, likewise, by n - 1." },                        \
  { "reserve_space_1", U, "For the gradient: the mean." }, { "reserve_space_2", U, "For the gradient: the variance." }
#define GRAD_INPUTS(S, U)                                                                          \
  { "y_backprop", "T", "The gradient that arrives at y." }, { "x", "T", "The values." },           \
  { "scale", S, "Factor of each channel." },                                                       \
  { "reserve_space_1", U, "In training what the forward op kept, else the mean." },                \
  { "reserve_space_2", U, "In training what the forward op kept, else the variance." }
#define GRAD_OUTPUTS(U, first, second)                                                             \
  { "x_backprop", "T", "The gradient for x." }, { "scale_backprop", U, "The gradient for scale." }, \
  { "offset_backprop", U, "The gradient for offset." },                                            \
  { first, U, "Nothing." }, { second, U, "Nothing." }

#define NORM(NAME) .name = NAME, .since = 1, .category = "neural/Normalising"
#define FORWARD                                                                                    \
  .summary = "Brings every channel to a mean of offset and a deviation of scale.",                 \
  .shape_rule = "y has the shape of x, the moments and reserve spaces are [channels]", \
  .shape = norm_shape, .grad = norm_grad, .cpu = norm_cpu, .tell = GW_CHOICES ("is_training", "epsilon")
#define BACKWARD                                                                                   \
  .title = "Gradient of batch normalization",                                                      \
  .summary = "The gradients of batch normalization for its values, scale and offset.",             \
  .doc = "In training mean and variance depend on the values, so each element's gradient loses its mean and its part along " \
         "the values; otherwise it is only scaled.",                                               \
  .shape_rule = "x_backprop has the shape of x, scale_backprop and offset_backprop are [channels]", \
  .flags = GW_OP_HIDDEN | GW_OP_IN_FLOAT, .shape = norm_grad_shape, .grad = norm_grad_grad, .cpu = norm_grad_cpu
#define DOC                                                                                        \
  "`y = (x - mean) / √(variance + epsilon) · scale + offset`, channel by channel.\n\n"             \
  "In training mean and variance are those of the batch, over all positions; they come out as `batch_mean` and " \
  "`batch_variance` (the latter multiplied by n / (n - 1), without bias) so that a running average can be kept, and `mean` and " \
  "`variance` are left empty unless *Averaging factor* says otherwise. Otherwise the ones given are used.\n\n" \
  "No gradient flows through the moments."

#define VALUES "[[[[1.0, 10], [3, 30]]]]"
#define TRAIN_IN VALUES, "[1.0, 2]", "[0.0, 1]", "[]", "[]"
#define TRAIN_OUT "[[[[-1, -1], [1, 3]]]]", "[2, 20]", "[2, 200]", "[2, 20]", "[1, 100]"
#define INFER_IN VALUES, "[1.0, 2]", "[0.0, 1]", "[1.0, 10]", "[4.0, 100]"
#define INFER_OUT "[[[[0, 1], [1, 5]]]]", "[1, 10]", "[4, 100]", "[1, 10]", "[4, 100]"
#define GRAD_IN "[[[[1.0, 10], [2, 0]]]]", VALUES, "[1.0, 2]", "[1.0, 10]", "[4.0, 100]"
#define GRAD_OUT "[[[[0.5, 2], [1, 0]]]]", "[2, 0]", "[3, 10]", "0", "0"
#define TRAINED "epsilon=0"
#define INFERRED "is_training=false epsilon=0"

static const GwOpDef norm_1 = {
  NORM ("FusedBatchNorm"), .title = "Batch normalization (first version)",
  .doc = DOC,
  .inputs = GW_PORTS (INPUTS ("T")), .outputs = GW_PORTS (OUTPUTS ("T")),
  .attrs = GW_ATTRS (ATTRS_OF (ONLY_FLOAT, FORMATS), ATTR_FACTOR), FORWARD,
  .flags = GW_OP_HIDDEN | GW_OP_IN_FLOAT,
  .examples = GW_EXAMPLES ({ GW_TEXTS (TRAIN_IN), TRAINED, GW_TEXTS (TRAIN_OUT) }),
};

static const GwOpDef norm_2 = {
  NORM ("FusedBatchNormV2"), .title = "Batch normalization (second version)",
  .doc = DOC,
  .inputs = GW_PORTS (INPUTS ("U")), .outputs = GW_PORTS (OUTPUTS ("U")),
  .attrs = GW_ATTRS (ATTRS_OF (VALUE_TYPES, FORMATS), ATTR_FACTOR, ATTR_U), FORWARD,
  .flags = GW_OP_HIDDEN | GW_OP_IN_FLOAT,
  .examples = GW_EXAMPLES ({ GW_TEXTS (TRAIN_IN), TRAINED, GW_TEXTS (TRAIN_OUT) }),
};

static const GwOpDef norm_3 = {
  NORM ("FusedBatchNormV3"), .title = "Batch normalization",
  .doc = DOC,
  .inputs = GW_PORTS (INPUTS ("U")),
  .outputs = GW_PORTS (OUTPUTS ("U"), { "reserve_space_3", "U", "For the gradient: nothing on a CPU." }),
  .attrs = GW_ATTRS (ATTRS_OF (VALUE_TYPES, ALL_FORMATS), ATTR_FACTOR, ATTR_U), FORWARD,
  .flags = GW_OP_IN_FLOAT,
  .examples = GW_EXAMPLES (
    { GW_TEXTS (TRAIN_IN), TRAINED, GW_TEXTS (TRAIN_OUT, "[]") },
    { GW_TEXTS (INFER_IN), INFERRED, GW_TEXTS (INFER_OUT, "[]") },
    { GW_TEXTS (INFER_IN), "exponential_avg_factor=0.5 epsilon=0",
      GW_TEXTS ("[[[[-1, -1], [1, 3]]]]", "[1.5, 15]", "[3, 150]", "[2, 20]", "[1, 100]", "[]") },
    { GW_TEXTS ("[[[[1.0, 3]], [[10, 30]]]]", "[1.0, 2]", "[0.0, 1]", "[1.0, 10]", "[4.0, 100]"),
      "data_format=NCHW " INFERRED,
      GW_TEXTS ("[[[[0, 1]], [[1, 5]]]]", "[1, 10]", "[4, 100]", "[1, 10]", "[4, 100]", "[]") }),
};

static const GwOpDef norm_grad_1 = {
  NORM ("FusedBatchNormGrad"), BACKWARD,
  .inputs = GW_PORTS (GRAD_INPUTS ("T", "T")),
  .outputs = GW_PORTS (GRAD_OUTPUTS ("T", "reserve_space_3", "reserve_space_4")),
  .attrs = GW_ATTRS (ATTRS_OF (ONLY_FLOAT, FORMATS)),
  .examples = GW_EXAMPLES ({ GW_TEXTS (GRAD_IN), INFERRED, GW_TEXTS (GRAD_OUT) }),
};

static const GwOpDef norm_grad_2 = {
  NORM ("FusedBatchNormGradV2"), BACKWARD,
  .inputs = GW_PORTS (GRAD_INPUTS ("float32", "U")),
  .outputs = GW_PORTS (GRAD_OUTPUTS ("U", "reserve_space_3", "reserve_space_4")),
  .attrs = GW_ATTRS (ATTRS_OF (VALUE_TYPES, FORMATS), ATTR_U),
  .examples = GW_EXAMPLES ({ GW_TEXTS (GRAD_IN), INFERRED, GW_TEXTS (GRAD_OUT) }),
};

static const GwOpDef norm_grad_3 = {
  NORM ("FusedBatchNormGradV3"), BACKWARD,
  .inputs = GW_PORTS (GRAD_INPUTS ("float32", "U"), { "reserve_space_3", "U", "What the forward op kept." }),
  .outputs = GW_PORTS (GRAD_OUTPUTS ("U", "reserve_space_4", "reserve_space_5")),
  .attrs = GW_ATTRS (ATTRS_OF (VALUE_TYPES, ALL_FORMATS), ATTR_U),
  .examples = GW_EXAMPLES ({ GW_TEXTS (GRAD_IN, "[]"), INFERRED, GW_TEXTS (GRAD_OUT) }),
};

const GwOpDef *const gw_ops_batch_norm[] = {
  &norm_1, &norm_2, &norm_3, &norm_grad_1, &norm_grad_2, &norm_grad_3, NULL,
};
