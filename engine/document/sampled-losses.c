/* SPDX-License-Identifier: Apache-2.0 */
/* Losses over many classes of which only some are scored: the right ones and a few
 * sampled ones. Built as nn_impl.py's _compute_sampled_logits() builds them. */
#include "engine/base/random.h"
#include "engine/document/composites.h"
#include "engine/document/lower.h"
#include "engine/document/parts.h"

#include <string.h>

#define INTS(...) GW_INTS (b, __VA_ARGS__)

enum { WEIGHTS, BIASES, LABELS, INPUTS };

typedef struct {
  GwExpandContext *context;
  GwBuilder       *b;
  GwOutput         labels;             /* int64 [batch, num_true] */
  int64_t          num_true, num_sampled;
  GwOutput         sampled, true_expected, sampled_expected;
} Sampled;

static GwOutput
concat (GwBuilder *b,
        GwOutput   first,
        GwOutput   second,
        int64_t    axis)
{
  return gw_op (b, "ConcatV2", GW_IN (first, second, gw_const_scalar (b, GW_INT32, (double) axis)), NULL);
}

/* The sum of each row of a matrix, as a product with ones. */
static GwOutput
sum_rows (GwBuilder *b,
          GwOutput   x)
{
  GwOutput columns = gw_op3 (b, "Slice", gw_op1 (b, "Shape", x), INTS (1), INTS (1));
  GwOutput ones = gw_op2 (b, "Fill", concat (b, columns, INTS (1), 0), gw_const_like (b, x, 1));

  return gw_op2 (b, "Reshape", gw_op2 (b, "MatMul", x, ones), INTS (-1));
}

static gboolean
draw_candidates (Sampled *s)
{
  static const struct { const char *name, *op; } samplers[] = {
    { "log_uniform", "LogUniformCandidateSampler" }, { "uniform", "UniformCandidateSampler" },
    { "learned_unigram", "LearnedUnigramCandidateSampler" },
  };
  GwBuilder *b = s->b;
  const char *sampler = gw_expand_attr (s->context, "sampler")->s;
  int64_t own = gw_expand_attr (s->context, "seed")->i;
  int64_t seed = 0, seed2 = 0; /* the graph gives some */
  GwNode *node = NULL;

  if (own != 0)
    gw_combine_seeds (gw_graph_seed (b->graph), own, 0, &seed, &seed2);
  for (gsize i = 0; i < G_N_ELEMENTS (samplers); i++)
    if (g_str_equal (samplers[i].name, sampler))
      node = gw_node_new (b, samplers[i].op, NULL, GW_IN (s->labels),
                          GW_WITH ({ "num_true", gw_attr_int (s->num_true) }, { "num_sampled", gw_attr_int (s->num_sampled) },
                                   { "unique", gw_attr_bool (TRUE) },
                                   { "range_max", gw_attr_int (gw_expand_attr (s->context, "num_classes")->i) },
                                   { "seed", gw_attr_int (seed) }, { "seed2", gw_attr_int (seed2) }));
  if (node == NULL)
    return FALSE;
  s->sampled = gw_op1 (b, "StopGradient", gw_output_of (node, 0));
  s->true_expected = gw_op1 (b, "StopGradient", gw_output_of (node, 1));
  s->sampled_expected = gw_op1 (b, "StopGradient", gw_output_of (node, 2));
  return b->error == NULL;
}

/* What to add to the sampled logits so that a candidate that is right does not count. */
static GwOutput
accidental_hits (Sampled *s,
                 GwDType  dtype)
{
  GwBuilder *b = s->b;
  GwNode *hits = gw_node_new (b, "ComputeAccidentalHits", NULL, GW_IN (s->labels, s->sampled),
                              GW_WITH ({ "num_true", gw_attr_int (s->num_true) }));
  GwOutput rows = gw_op2 (b, "Reshape", gw_output_of (hits, 0), INTS (-1, 1));
  GwOutput columns = gw_op2 (b, "Reshape", gw_part_cast (b, gw_output_of (hits, 1), GW_INT32), INTS (-1, 1));
  GwOutput batch = gw_op3 (b, "Slice", gw_op1 (b, "Shape", s->labels), INTS (0), INTS (1));
  GwOutput shape = concat (b, batch, INTS (s->num_sampled), 0);
  GwOutput weights = gw_part_cast (b, gw_output_of (hits, 2), dtype);

  return gw_op (b, "SparseToDense", GW_IN (concat (b, rows, columns, 1), shape, weights, gw_const_scalar (b, dtype, 0)),
                GW_WITH ({ "validate_indices", gw_attr_bool (FALSE) }));
}

/* Logits and labels, both [batch, num_true + num_sampled]. */
static void
sampled_logits (Sampled  *s,
                gboolean  remove_hits,
                GwOutput *logits,
                GwOutput *labels)
{
  GwBuilder *b = s->b;
  GwOutput inputs = s->context->inputs[INPUTS];
  GwDType dtype = gw_output_dtype (inputs);
  GwOutput zero = gw_const_scalar (b, GW_INT32, 0);
  GwOutput flat = gw_op2 (b, "Reshape", s->labels, INTS (-1));
  GwOutput n = gw_op1 (b, "Shape", flat);
  GwOutput ids = concat (b, flat, s->sampled, 0);
  GwOutput all_w = gw_op3 (b, "GatherV2", s->context->inputs[WEIGHTS], ids, zero);
  GwOutput all_b = gw_op3 (b, "GatherV2", s->context->inputs[BIASES], ids, zero);
  GwOutput true_w = gw_op3 (b, "Slice", all_w, INTS (0, 0), concat (b, n, INTS (-1), 0));
  GwOutput sampled_w = gw_op3 (b, "Slice", all_w, concat (b, n, INTS (0), 0), INTS (-1, -1));
  GwOutput true_b = gw_op3 (b, "Slice", all_b, INTS (0), n);
  GwOutput sampled_b = gw_op3 (b, "Slice", all_b, n, INTS (-1));
  GwOutput dim = gw_op3 (b, "Slice", gw_op1 (b, "Shape", true_w), INTS (1), INTS (1));
  GwOutput wrong = gw_op (b, "MatMul", GW_IN (inputs, sampled_w), GW_WITH ({ "transpose_b", gw_attr_bool (TRUE) }));
  GwOutput dots = gw_op2 (b, "Mul", gw_op2 (b, "ExpandDims", inputs, gw_const_scalar (b, GW_INT32, 1)),
                          gw_op2 (b, "Reshape", true_w, concat (b, INTS (-1, s->num_true), dim, 0)));
  GwOutput right = sum_rows (b, gw_op2 (b, "Reshape", dots, concat (b, INTS (-1), dim, 0)));

  right = gw_op2 (b, "AddV2", gw_op2 (b, "Reshape", right, INTS (-1, s->num_true)),
                  gw_op2 (b, "Reshape", true_b, INTS (-1, s->num_true)));
  wrong = gw_op2 (b, "AddV2", wrong, sampled_b);
  if (remove_hits)
    wrong = gw_op2 (b, "AddV2", wrong, accidental_hits (s, dtype));
  right = gw_op2 (b, "Sub", right, gw_part_cast (b, gw_op1 (b, "Log", s->true_expected), dtype));
  wrong = gw_op2 (b, "Sub", wrong, gw_part_cast (b, gw_op1 (b, "Log", s->sampled_expected), dtype));
  *logits = concat (b, right, wrong, 1);
  *labels = concat (b, gw_op2 (b, "RealDiv", gw_op1 (b, "OnesLike", right), gw_const_like (b, right, (double) s->num_true)),
                    gw_op1 (b, "ZerosLike", wrong), 1);
}

/* Everything up to logits and labels; FALSE with the builder's error. */
static gboolean
begin (GwExpandContext *context,
       GwOutput        *logits,
       GwOutput        *labels)
{
  GwBuilder *b = context->builder;
  Sampled s = {
    .context = context, .b = b, .num_true = gw_expand_attr (context, "num_true")->i,
    .num_sampled = gw_expand_attr (context, "num_sampled")->i,
  };
  const GwShape *shape = gw_output_shape (context->inputs[LABELS]);
  g_autofree char *text = gw_shape_to_string (shape);

  if (!gw_dtype_is_integer (gw_output_dtype (context->inputs[LABELS])))
    gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "labels must be class numbers, not %s",
                     gw_dtype_name (gw_output_dtype (context->inputs[LABELS])));
  else if (shape->rank >= 0 && shape->rank != 2)
    gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "labels must be [batch, num_true], but is %s; ExpandDims makes a column", text);
  s.labels = gw_part_cast (b, context->inputs[LABELS], GW_INT64);
  if (b->error != NULL || !draw_candidates (&s))
    return FALSE;
  sampled_logits (&s, gw_expand_attr (context, "remove_accidental_hits")->b, logits, labels);
  return b->error == NULL;
}

/* ---- NCE loss ---- */

/* The sum of the sigmoid cross entropies of each row. */
static void
nce_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x, z;

  if (!begin (context, &x, &z))
    return;
  context->outputs[0] = sum_rows (b, gw_part_sigmoid_cross_entropy (b, x, z));
}

/* ---- Sampled softmax loss ---- */

static void
softmax_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput x, z;

  if (begin (context, &x, &z))
    context->outputs[0] = gw_op2 (b, "SoftmaxCrossEntropyWithLogits", x, gw_op1 (b, "StopGradient", z));
}

/* ---- descriptions ---- */

#define SAMPLED_PORTS                                                                                              \
  .inputs = GW_PORTS ({ "weights", "T", "[num_classes, dim]: a vector for each class, a variable." },              \
                      { "biases", "T", "[num_classes]: a variable." },                                             \
                      { "labels", "L", "[batch, num_true]: the right classes." },                                  \
                      { "inputs", "T", "[batch, dim]: what the classes are to be told from." }),                   \
  .outputs = GW_PORTS ({ "loss", "T", "[batch]: the loss of each example; Mean makes one number of it." })
#define SAMPLED_ATTRS(remove)                                                                                      \
  GW_ATTRS (                                                                                                       \
    { "num_sampled", GW_ATTR_INT, .def = "64", .min = 1, .max = G_MAXINT32, .ui_min = 1, .ui_max = 512,            \
      .label = "Candidates", .help = "How many classes to draw for the whole batch." },                            \
    { "num_classes", GW_ATTR_INT, .def = "10000", .min = 1, .max = G_MAXINT32 - 1, .label = "Classes",             \
      .help = "How many there are: rows of weights." },                                                            \
    { "num_true", GW_ATTR_INT, .def = "1", .min = 1, .max = G_MAXINT32, .label = "Right classes",                  \
      .help = "How many each example has." },                                                                      \
    { "sampler", GW_ATTR_CHOICE, .def = "log_uniform", .label = "Sampler",                                         \
      .choices = GW_CHOICES ("log_uniform", "uniform", "learned_unigram"),                                         \
      .help = "How to draw: log_uniform for classes sorted by falling frequency." },                               \
    { "remove_accidental_hits", GW_ATTR_BOOL, .def = remove, .label = "Remove hits",                               \
      .help = "A candidate that is right does not count as wrong." },                                              \
    { "seed", GW_ATTR_SEED, .def = "0", .label = "Seed", .help = "0: follows the document's seed." },              \
    { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES,                                                 \
      .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN },                                             \
    { "L", GW_ATTR_DTYPE, .def = "int64", .choices = GW_CHOICES ("int64", "int32"),                                  \
      .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN })

static const GwOpDef nce_loss = {
  .name = "NceLoss", .since = 1, .title = "NCE loss", .category = "losses/Losses",
  .summary = "Noise-contrastive estimation: tells the right classes from a few sampled ones.",
  .doc = "As tf.nn.nce_loss. Scoring every class of a large vocabulary in each step costs too much; here the right classes and "
         "`num_sampled` others are scored as `inputs` · weights[class] + biases[class], and a logistic loss tells them apart. For "
         "training alone: to evaluate, score all classes with the same weights and take the sigmoid cross entropy.",
  SAMPLED_PORTS, .attrs = SAMPLED_ATTRS ("false"),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1, 0], [0, 1], [1, 1], [0, 0]]", "[0, 0, 0, 0]", "[[1]]", "[[1, 2]]"),
      "num_sampled=2 num_classes=4",
      NULL }),
  .expand = nce_expand, .tell = GW_TEXTS ("num_sampled", "num_classes"),
};

static const GwOpDef sampled_softmax_loss = {
  .name = "SampledSoftmaxLoss", .since = 1, .title = "Sampled softmax loss", .category = "losses/Losses",
  .summary = "Softmax cross entropy over the right classes and a few sampled ones.",
  .doc = "As tf.nn.sampled_softmax_loss: faster to train than a softmax over very many classes, and usually an underestimate of "
         "its loss. For training alone: to evaluate, score all classes with the same weights and take the full softmax.",
  SAMPLED_PORTS, .attrs = SAMPLED_ATTRS ("true"),
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[1, 0], [0, 1], [1, 1], [0, 0]]", "[0, 0, 0, 0]", "[[1]]", "[[1, 2]]"),
      "num_sampled=2 num_classes=4",
      NULL }),
  .expand = softmax_expand, .tell = GW_TEXTS ("num_sampled", "num_classes"),
};

const GwOpDef *const gw_composites_sampled_losses[] = { &nce_loss, &sampled_softmax_loss, NULL };
