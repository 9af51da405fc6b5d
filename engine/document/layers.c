/* SPDX-License-Identifier: Apache-2.0 */
/* Layers as TensorFlow's tf.layers builds them. */
#include "engine/base/random.h"
#include "engine/document/composites.h"
#include "engine/document/initializers.h"
#include "engine/document/lower.h"
#include "engine/document/parts.h"
#include "engine/document/weights.h"

#include <string.h>

/* ---- Dense ---- */

/* The size of the last axis, which the kernel needs to know. */
static int64_t
last_dim (GwExpandContext *context,
          GwOutput         x)
{
  const GwShape *shape = gw_output_shape (x);
  g_autofree char *text = gw_shape_to_string (shape);

  if (shape->rank >= 2 && shape->dims[shape->rank - 1] >= 0)
    return shape->dims[shape->rank - 1];
  gw_builder_fail (context->builder, GW_ERROR_INVALID_ARGUMENT,
                   shape->rank >= 0 && shape->rank < 2
                     ? "inputs must have at least 2 dimensions, batch and features, but is %s"
                     : "the last dimension of inputs must be known, but inputs is %s", text);
  return -1;
}

/* x·W of the last axis: MatMul for a matrix, over flattened rows beyond. */
static GwOutput
matmul_last_axis (GwBuilder *b,
                  GwOutput   x,
                  GwOutput   kernel,
                  int64_t    n_in,
                  int64_t    units)
{
  int rank = gw_output_shape (x)->rank;
  GwOutput flat, product, shape, leading;

  if (rank == 2)
    return gw_op2 (b, "MatMul", x, kernel);
  flat = gw_op2 (b, "Reshape", x, gw_const_ints (b, 2, (const int64_t[]) { -1, n_in }));
  product = gw_op2 (b, "MatMul", flat, kernel);
  leading = gw_op3 (b, "Slice", gw_op1 (b, "Shape", x), gw_const_ints (b, 1, (const int64_t[]) { 0 }),
                    gw_const_ints (b, 1, (const int64_t[]) { rank - 1 }));
  shape = gw_op3 (b, "ConcatV2", leading, gw_const_ints (b, 1, (const int64_t[]) { units }),
                  gw_const_scalar (b, GW_INT32, 0));
  return gw_op2 (b, "Reshape", product, shape);
}

static void
dense_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = context->inputs[0];
  int64_t units = gw_expand_attr (context, "units")->i;
  int64_t n_in = last_dim (context, x);
  GwDType dtype = gw_output_dtype (x);
  GwOutput kernel, bias, y;

  if (!gw_dtype_is_floating (dtype))
    gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "inputs must be floating-point numbers, not %s; put a Cast before",
                     gw_dtype_name (dtype));
  if (b->error != NULL)
    return;
  kernel = gw_layer_weights (context, "kernel", "kernel", dtype, &GW_SHAPE (n_in, units));
  y = matmul_last_axis (b, x, kernel, n_in, units);
  if (gw_expand_attr (context, "use_bias")->b)
    {
      bias = gw_layer_weights (context, "bias", "bias", dtype, &GW_SHAPE (units));
      y = gw_op2 (b, gw_output_shape (x)->rank == 2 ? "BiasAdd" : "AddV2", y, bias);
    }
  context->outputs[0] = gw_part_activation (b, gw_expand_attr (context, "activation")->s, y);
}

static const GwOpDef dense = {
  .name = "Dense", .since = 1, .title = "Dense layer", .category = "layers",
  .summary = "A fully connected layer: activation (inputs · kernel + bias).",
  .doc = "As tf.layers.dense: multiplies the last axis of `inputs` by a trainable matrix `kernel` of "
         "shape [features, units], adds a trainable vector `bias` and applies the activation.\n\n"
         "The variables are called NAME/kernel and NAME/bias, where NAME is the node's name, so a "
         "checkpoint of the same network written by TensorFlow fits.",
  .inputs = GW_PORTS ({ "inputs", "T", "[batch, …, features]" }),
  .outputs = GW_PORTS ({ "outputs", "T", "[batch, …, units]" }),
  .attrs = GW_ATTRS (
    { "units", GW_ATTR_INT, .def = "10", .min = 1, .max = 1e9, .ui_min = 1, .ui_max = 1024, .label = "Units",
      .help = "Number of outputs." },
    GW_ACTIVATION_ATTR ("linear"),
    GW_INITIALIZER_ATTR ("kernel_initializer", "glorot_uniform", "Kernel init"),
    GW_INITIALIZER_ATTR ("bias_initializer", "zeros", "Bias init"),
    GW_REGULARIZER_ATTR ("kernel_regularizer", "Kernel penalty"), GW_REGULARIZER_ATTR ("bias_regularizer", "Bias penalty"),
    GW_USE_BIAS_ATTR, GW_VARIABLES_ATTRS, GW_LAYER_TYPE_ATTR),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1, 2]]"), "units=2 kernel_initializer=ones", GW_TEXTS ("[[3, 3]]") }),
  .expand = dense_expand,
  .tell = GW_TEXTS ("units", "activation"),
};

/* ---- Dropout ---- */

/* nn_ops.py, dropout_v2(): keep where a uniform number is at least `rate`, scale by
 * 1 / keep_prob so that the expected sum stays. */
static void
dropout_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x = context->inputs[0];
  GwOutput keep = context->inputs[1];
  int64_t own = gw_expand_attr (context, "seed")->i;
  int64_t seed = 0, seed2 = 0; /* the graph gives some */
  GwOutput one, rate, drawn, mask;

  if (context->mode != GW_MODE_TRAIN)
    {
      context->outputs[0] = gw_op1 (b, "Identity", x);
      return;
    }
  if (own != 0)
    gw_combine_seeds (gw_graph_seed (b->graph), own, 0, &seed, &seed2);
  one = gw_const_like (b, keep, 1);
  rate = gw_op2 (b, "Sub", one, keep);
  drawn = gw_op (b, "RandomUniform", GW_IN (gw_op1 (b, "Shape", x)),
                 GW_WITH ({ "dtype", gw_attr_dtype (gw_output_dtype (x)) },
                          { "seed", gw_attr_int (seed) }, { "seed2", gw_attr_int (seed2) }));
  mask = gw_op (b, "Cast", GW_IN (gw_op2 (b, "GreaterEqual", drawn, rate)),
                GW_WITH ({ "DstT", gw_attr_dtype (gw_output_dtype (x)) }));
  context->outputs[0] = gw_op2 (b, "Mul", gw_op2 (b, "Mul", x, gw_op2 (b, "RealDiv", one, keep)), mask);
}

static const GwOpDef dropout = {
  .name = "Dropout", .since = 1, .title = "Dropout", .category = "layers",
  .summary = "While training, zeroes a random part of its input and scales the rest up.",
  .doc = "Each element is kept with probability `keep_prob` and then divided by it. When the network is "
         "evaluated or used for prediction the input passes unchanged; nothing has to be rewired.",
  .inputs = GW_PORTS ({ "x", "T", "Any shape." },
                      { "keep_prob", "T", "Scalar in (0, 1].", .literal = "0.5" }),
  .outputs = GW_PORTS ({ "output", "T", "Like x." }),
  .attrs = GW_ATTRS (
    { "seed", GW_ATTR_SEED, .def = "0", .label = "Seed", .help = "0: follows the document's seed." },
    { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES,
      .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1, 2, 3]", "0.5"), NULL, NULL }),
  .expand = dropout_expand,
  .tell = GW_TEXTS ("seed"),
};

/* ---- Embedding ---- */

static void
embedding_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput ids = context->inputs[0];
  GwShape shape = GW_SHAPE (gw_expand_attr (context, "input_dim")->i, gw_expand_attr (context, "output_dim")->i);
  GwOutput embeddings;

  if (gw_output_dtype (ids) != GW_INT64)
    ids = gw_part_cast (b, ids, GW_INT32);
  embeddings = gw_layer_weights (context, "embeddings", "embeddings", gw_expand_attr (context, "dtype")->dtype, &shape);
  context->outputs[0] = gw_op3 (b, "GatherV2", embeddings, ids, gw_const_scalar (b, GW_INT32, 0));
}

static const GwOpDef embedding = {
  .name = "Embedding", .since = 1, .title = "Embedding", .category = "layers",
  .summary = "Looks up a trainable vector for each word, class or other number.",
  .doc = "Row i of a trainable matrix of shape [input_dim, output_dim] stands for number i. Only the rows that were looked up are "
         "changed by a training step. The variable is called NAME/embeddings.",
  .inputs = GW_PORTS ({ "inputs", "I", "Numbers from 0 to input_dim − 1, of any shape." }),
  .outputs = GW_PORTS ({ "outputs", "dtype", "The shape of inputs, then output_dim." }),
  .attrs = GW_ATTRS (
    { "input_dim", GW_ATTR_INT, .def = "1000", .min = 1, .max = 1e12, .ui_min = 1, .ui_max = 100000, .label = "Numbers",
      .help = "How many there are." },
    { "output_dim", GW_ATTR_INT, .def = "32", .min = 1, .max = 1e9, .ui_min = 1, .ui_max = 1024, .label = "Size",
      .help = "Of each vector." },
    GW_INITIALIZER_ATTR ("embeddings_initializer", "random_uniform(-0.05, 0.05)", "Embeddings init"),
    GW_REGULARIZER_ATTR ("embeddings_regularizer", "Embeddings penalty"),
    GW_VARIABLES_ATTRS,
    { "dtype", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES, .label = "Type", .help = "Of the vectors." },
    { "I", GW_ATTR_DTYPE, .def = "int32", .choices = GW_CHOICES ("int32", "int64", "uint8", "int8", "int16", "uint16"),
      .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("int32 [2, 0]"),
      "input_dim=3 output_dim=2 embeddings_initializer=[[1,2],[3,4],[5,6]]",
      GW_TEXTS ("[[5, 6], [1, 2]]") }),
  .expand = embedding_expand,
  .tell = GW_TEXTS ("input_dim", "output_dim"),
};

const GwOpDef *const gw_composites_layers[] = { &dense, &dropout, &embedding, NULL };
