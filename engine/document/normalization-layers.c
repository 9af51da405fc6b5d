/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that bring values to a common mean and deviation. */
#include "engine/document/composites.h"
#include "engine/document/lower.h"
#include "engine/document/parts.h"
#include "engine/document/weights.h"

typedef struct {
  GwExpandContext *context;
  GwBuilder       *b;
  GwOutput         x;
  int64_t          channels;
  double           epsilon;
  GwOutput         scale, offset;   /* no node: there is none */
} Normalization;

static gboolean
begin (Normalization   *n,
       GwExpandContext *context)
{
  GwOutput x = context->inputs[0];
  const GwShape *shape = gw_output_shape (x);
  g_autofree char *text = gw_shape_to_string (shape);

  *n = (Normalization) { context, context->builder, x, .epsilon = gw_expand_attr (context, "epsilon")->f };
  if (!gw_dtype_is_floating (gw_output_dtype (x)))
    gw_builder_fail (n->b, GW_ERROR_INVALID_ARGUMENT, "inputs must be floating-point numbers, not %s; put a Cast before",
                     gw_dtype_name (gw_output_dtype (x)));
  else if (shape->rank < 2 || shape->dims[shape->rank - 1] < 0)
    gw_builder_fail (n->b, GW_ERROR_INVALID_ARGUMENT,
                     "inputs must have at least 2 dimensions, the last one known, but is %s", text);
  if (n->b->error != NULL)
    return FALSE;
  n->channels = shape->dims[shape->rank - 1];
  if (gw_expand_attr (context, "scale")->b)
    n->scale = gw_layer_weights (context, "gamma", "gamma", gw_output_dtype (x), &GW_SHAPE (n->channels));
  if (gw_expand_attr (context, "center")->b)
    n->offset = gw_layer_weights (context, "beta", "beta", gw_output_dtype (x), &GW_SHAPE (n->channels));
  return n->b->error == NULL;
}

/* moments(): the mean and the mean squared distance from it, in which no gradient reaches the mean. */
static void
moments (const Normalization *n,
         GwOutput             axes,
         gboolean             keep,
         GwOutput            *mean,
         GwOutput            *variance)
{
  GwBuilder *b = n->b;
  GwOutput wide = gw_op (b, "Mean", GW_IN (n->x, axes), GW_WITH ({ "keep_dims", gw_attr_bool (TRUE) }));
  GwOutput squares = gw_op2 (b, "SquaredDifference", n->x, gw_op1 (b, "StopGradient", wide));

  *variance = gw_op (b, "Mean", GW_IN (squares, axes), GW_WITH ({ "keep_dims", gw_attr_bool (keep) }));
  *mean = keep ? wide : gw_op2 (b, "Reshape", wide, GW_INTS (b, n->channels));
}

/* batch_normalization(): x · inv + (offset − mean · inv), inv = scale / √(variance + ε). */
static GwOutput
normalize (const Normalization *n,
           GwOutput             mean,
           GwOutput             variance)
{
  GwBuilder *b = n->b;
  GwOutput inverse = gw_op1 (b, "Rsqrt", gw_op2 (b, "AddV2", variance, gw_const_like (b, variance, n->epsilon)));
  GwOutput shift;

  if (n->scale.node != NULL)
    inverse = gw_op2 (b, "Mul", inverse, n->scale);
  shift = gw_op2 (b, "Mul", mean, inverse);
  shift = n->offset.node != NULL ? gw_op2 (b, "Sub", n->offset, shift) : gw_op1 (b, "Neg", shift);
  return gw_op2 (b, "AddV2", gw_op2 (b, "Mul", n->x, inverse), shift);
}

/* ---- Batch normalization ---- */

typedef struct {
  GwLoweredVariable *mean, *variance;
} Moving;

/* The fused op takes factors and offsets always. */
static GwOutput
vector (const Normalization *n,
        GwOutput             x,
        double               otherwise)
{
  return x.node != NULL ? x : gw_op2 (n->b, "Fill", GW_INTS (n->b, n->channels), gw_const_scalar (n->b, GW_FLOAT32, otherwise));
}

static GwOutput
fused (const Normalization *n,
       const Moving        *moving,
       gboolean             training,
       GwOutput            *mean,
       GwOutput            *variance)
{
  GwOutput none = gw_op2 (n->b, "Fill", GW_INTS (n->b, 0), gw_const_scalar (n->b, GW_FLOAT32, 0));
  GwNode *node = gw_node_new (n->b, "FusedBatchNormV3", NULL,
                              GW_IN (n->x, vector (n, n->scale, 1), vector (n, n->offset, 0),
                                     training ? none : moving->mean->read, training ? none : moving->variance->read),
                              GW_WITH ({ "epsilon", gw_attr_float (n->epsilon) }, { "is_training", gw_attr_bool (training) }));

  *mean = gw_output_of (node, 1);
  *variance = gw_output_of (node, 2);
  return gw_output_of (node, 0);
}

static GwOutput
unfused (const Normalization *n,
         const Moving        *moving,
         gboolean             training,
         GwOutput            *mean,
         GwOutput            *variance)
{
  int64_t axes[GW_MAX_RANK];
  int last = gw_output_shape (n->x)->rank - 1;

  for (int i = 0; i < last; i++)
    axes[i] = i;
  if (!training)
    return normalize (n, moving->mean->read, moving->variance->read);
  moments (n, gw_const_ints (n->b, last, axes), FALSE, mean, variance);
  return normalize (n, *mean, *variance);
}

/* moving −= (moving − batch) (1 − momentum) */
static GwNode *
follow (const Normalization     *n,
        const GwLoweredVariable *moving,
        GwOutput                 batch)
{
  double rate = 1 - gw_expand_attr (n->context, "momentum")->f;
  GwOutput step = gw_op2 (n->b, "Mul", gw_op2 (n->b, "Sub", moving->read, gw_op1 (n->b, "StopGradient", batch)),
                          gw_const_like (n->b, batch, rate));

  return gw_node_new (n->b, "AssignSub", NULL, GW_IN (gw_output_of (moving->variable, 0), step), NULL);
}

static GwLoweredVariable *
moving_variable (const Normalization *n,
                 const char          *what)
{
  g_autofree char *name = g_strconcat ("moving_", what, NULL);
  g_autofree char *initializer = g_strdup_printf ("moving_%s_initializer", what);

  return gw_lowering_layer_variable (n->context, name, gw_output_dtype (n->x), &GW_SHAPE (n->channels),
                                     gw_expand_attr (n->context, initializer)->s, FALSE);
}

/* Its output waits for the averages, so that a training step takes them along whatever is
 * asked of it. */
static void
batch_normalization_expand (GwExpandContext *context)
{
  gboolean training = context->mode == GW_MODE_TRAIN;
  Normalization n;
  Moving moving;
  GwOutput y, mean = GW_NO_OUTPUT, variance = GW_NO_OUTPUT;
  GwNode *mean_update, *variance_update, *last;

  if (!begin (&n, context))
    return;
  moving.mean = moving_variable (&n, "mean");
  moving.variance = moving_variable (&n, "variance");
  if (moving.mean == NULL || moving.variance == NULL)
    return;
  if (gw_output_dtype (n.x) == GW_FLOAT32 && gw_output_shape (n.x)->rank == 4)
    y = fused (&n, &moving, training, &mean, &variance);
  else
    y = unfused (&n, &moving, training, &mean, &variance);
  if (!training || n.b->error != NULL)
    {
      context->outputs[0] = y;
      return;
    }
  mean_update = follow (&n, moving.mean, mean);
  variance_update = follow (&n, moving.variance, variance);
  last = gw_node_new (n.b, "Identity", NULL, GW_IN (y), NULL);
  if (n.b->error == NULL)
    {
      gw_graph_add_control (last, mean_update);
      gw_graph_add_control (last, variance_update);
    }
  context->outputs[0] = gw_output_of (last, 0);
}

/* ---- Layer normalization ---- */

static void
layer_normalization_expand (GwExpandContext *context)
{
  Normalization n;
  GwOutput mean, variance;

  if (!begin (&n, context))
    return;
  moments (&n, GW_INTS (n.b, gw_output_shape (n.x)->rank - 1), TRUE, &mean, &variance);
  context->outputs[0] = normalize (&n, mean, variance);
}

/* ---- descriptions ---- */

#define NORMALIZATION_ATTRS                                                                                            \
  { "epsilon", GW_ATTR_FLOAT, .def = "0.001", .min = 0, .max = -1, .label = "ε",                                       \
    .help = "Added to the variance, so that nothing is divided by zero." },                                            \
  { "center", GW_ATTR_BOOL, .def = "true", .label = "Centre", .help = "Add a trainable offset, beta." },               \
  { "scale", GW_ATTR_BOOL, .def = "true", .label = "Scale", .help = "Multiply by a trainable factor, gamma." },        \
  GW_INITIALIZER_ATTR ("gamma_initializer", "ones", "Gamma init"), GW_INITIALIZER_ATTR ("beta_initializer", "zeros", "Beta init")
#define NORMALIZATION_PORTS                                                                                            \
  .inputs = GW_PORTS ({ "inputs", "T", "[batch, …, channels]" }), .outputs = GW_PORTS ({ "outputs", "T", "Like inputs." })

static const GwOpDef batch_normalization = {
  .name = "BatchNormalization", .since = 1, .title = "Batch normalization", .category = "layers",
  .summary = "Brings each channel to mean beta and deviation gamma: of the batch while training, of all batches afterwards.",
  .doc = "As tf.layers.batch_normalization over the last dimension. While training mean and variance are those of the batch, and "
         "moving averages follow them: moving · momentum + batch · (1 − momentum). Evaluation and prediction use the moving averages; "
         "nothing has to be rewired, and the averages are taken along by every training step that uses the output.\n\nPictures of "
         "float32 go through *FusedBatchNormV3*, whose average is of the variance by n − 1, as in TensorFlow. The variables are called "
         "NAME/gamma, NAME/beta, NAME/moving_mean and NAME/moving_variance.",
  NORMALIZATION_PORTS,
  .attrs = GW_ATTRS (
    { "momentum", GW_ATTR_FLOAT, .def = "0.99", .min = 0, .max = 1, .label = "Momentum",
      .help = "Share of the moving averages that a step keeps." },
    NORMALIZATION_ATTRS, GW_INITIALIZER_ATTR ("moving_mean_initializer", "zeros", "Mean init"),
    GW_INITIALIZER_ATTR ("moving_variance_initializer", "ones", "Variance init"), GW_VARIABLES_ATTRS, GW_LAYER_TYPE_ATTR),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1], [3]]"),
      "epsilon=0 moving_mean_initializer=[1] moving_variance_initializer=[4]",
      GW_TEXTS ("[[0], [1]]") }),
  .expand = batch_normalization_expand, .tell = GW_TEXTS ("momentum"),
};

static const GwOpDef layer_normalization = {
  .name = "LayerNormalization", .since = 1, .title = "Layer normalization", .category = "layers",
  .summary = "Brings the features of each example to mean 0 and deviation 1, then scales and shifts them.",
  .doc = "Over the last dimension, each example by itself (arXiv:1607.06450): the same in training and afterwards, and whatever "
         "the batch. The variables are called NAME/gamma and NAME/beta.",
  NORMALIZATION_PORTS,
  .attrs = GW_ATTRS (NORMALIZATION_ATTRS, GW_VARIABLES_ATTRS, GW_LAYER_TYPE_ATTR),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1, 3]]"), "epsilon=0", GW_TEXTS ("[[-1, 1]]") }),
  .expand = layer_normalization_expand, .tell = GW_TEXTS ("epsilon"),
};

const GwOpDef *const gw_composites_normalization_layers[] = { &batch_normalization, &layer_normalization, NULL };
