/* SPDX-License-Identifier: Apache-2.0 */
/* Softmax, its logarithm, and the cross entropies that are taken from logits. */
#include "engine/device/cpu/softmax.h"

#include "engine/base/error.h"
#include "engine/ops/math-common.h"

#define LAST_AXIS gw_const_ints (b, 1, (int64_t[]) { -1 })

static GwOutput
row_sums (GwBuilder *b,
          GwOutput   x)
{
  return gw_op (b, "Sum", GW_IN (x, LAST_AXIS), GW_WITH ({ "keep_dims", gw_attr_bool (TRUE) }));
}

/* ---- Softmax, LogSoftmax ---- */

static gboolean
softmax_shape (GwShapeContext *context,
               GError        **error)
{
  if (context->inputs[0].rank == 0)
    return gw_invalid (error, "logits must have >= 1 dimension, got []");
  return gw_shape_rule_same (context, error);
}

static gboolean
softmax_cpu (GwKernelContext *context,
             GError         **error)
{
  return gw_cpu_softmax (context, FALSE, context->inputs[0], context->outputs[0], error);
}

static gboolean
log_softmax_cpu (GwKernelContext *context,
                 GError         **error)
{
  return gw_cpu_softmax (context, TRUE, context->inputs[0], context->outputs[0], error);
}

/* What a gradient of the probabilities p becomes for the logits: (d - Σ d p) p. */
static GwOutput
through_softmax (GwBuilder *b,
                 GwOutput   d,
                 GwOutput   p)
{
  return MUL (SUB (d, row_sums (b, MUL (d, p))), p);
}

GW_UNARY_GRADIENT (softmax, through_softmax (b, dz, z))
GW_UNARY_GRADIENT (log_softmax, SUB (dz, MUL (row_sums (b, dz), gw_op1 (b, "Exp", z))))

static const GwOpDef softmax = {
  .name = "Softmax", .since = 1, .title = "Softmax", .category = "neural/Softmax",
  .summary = "Turns the scores of each row into probabilities.",
  .doc = "`softmax = eˣ / Σ eˣ` along the last dimension: every element positive, every row adding up to 1. The row's largest "
         "logit is subtracted first, so that large logits do not overflow.\n\n"
         "For training, hand the logits to *SoftmaxCrossEntropyWithLogits* instead: the logarithm of a probability that was "
         "rounded to 0 cannot be undone.",
  .inputs = GW_PORTS ({ "logits", "T", "Scores, one row an example." }),
  .outputs = GW_PORTS ({ "softmax", "T", "Probabilities of the same shape." }),
  .attrs = GW_ATTRS (GW_MATH_T (GW_ANY_FLOAT)), .flags = GW_OP_INPLACE,
  .shape_rule = "that of logits, of rank 1 or more",
  .shape = softmax_shape, .grad = softmax_grad, .cpu = softmax_cpu,
  .examples = GW_EXAMPLE_1 ("[[1.0, 1], [0, 1000]]", "[[0.5, 0.5], [0, 1]]"),
};

static const GwOpDef log_softmax = {
  .name = "LogSoftmax", .since = 1, .title = "Logarithm of softmax", .category = "neural/Softmax",
  .summary = "The logarithms of the probabilities that softmax gives.",
  .doc = "`logsoftmax = x - ln Σ eˣ` along the last dimension, exact where the probability itself would be rounded to 0.",
  .inputs = GW_PORTS ({ "logits", "T", "Scores, one row an example." }),
  .outputs = GW_PORTS ({ "logsoftmax", "T", "Logarithms of probabilities, of the same shape." }),
  .attrs = GW_ATTRS (GW_MATH_T (GW_ANY_FLOAT)), .flags = GW_OP_INPLACE,
  .shape_rule = "that of logits, of rank 1 or more",
  .shape = softmax_shape, .grad = log_softmax_grad, .cpu = log_softmax_cpu,
  .examples = GW_EXAMPLE_1 ("[[1.0, 1], [0, 1000]]", "[[-0.6931472, -0.6931472], [-1000, 0]]"),
};

/* ---- with a row of labels ---- */

static gboolean
cross_entropy_shape (GwShapeContext *context,
                     GError        **error)
{
  GwShape features, labels, both;

  if (!gw_shape_want_rank (context, 0, 2, &features, error) || !gw_shape_want_rank (context, 1, 2, &labels, error))
    return FALSE;
  if (!gw_shape_broadcast (&features, &labels, &both))
    {
      g_autofree char *logits_text = gw_shape_to_string (&features);
      g_autofree char *labels_text = gw_shape_to_string (&labels);

      return gw_invalid (error, "logits and labels must be broadcastable: logits_size=%s labels_size=%s",
                         logits_text, labels_text);
    }
  context->outputs[0] = GW_SHAPE (both.dims[0]);
  context->outputs[1] = both;
  return TRUE;
}

static gboolean
cross_entropy_cpu (GwKernelContext *context,
                   GError         **error)
{
  return gw_cpu_cross_entropy (context, context->inputs[0], context->inputs[1], context->outputs[0],
                               context->outputs[1], error);
}

/* The gradient of the loss for the logits is the second output, row by row times
 * what arrives; what arrives at that output itself goes through softmax. */
static GwOutput
logits_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput backprop = gw_grad_y (context, 1);
  GwOutput first = GW_NO_OUTPUT, second = GW_NO_OUTPUT;

  if (context->dy[0].node != NULL)
    first = MUL (gw_op2 (b, "ExpandDims", context->dy[0], gw_const_scalar (b, GW_INT32, -1)), backprop);
  if (context->dy[1].node == NULL)
    return first;
  second = through_softmax (b, context->dy[1], gw_op1 (b, "Softmax", gw_grad_x (context, 0)));
  return context->dy[0].node != NULL ? ADD (first, second) : second;
}

/* The loss is linear in the labels, with -ln softmax as slope; backprop has -1. */
static GwOutput
labels_grad (GwGradContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput slope, first;

  if (context->dy[0].node == NULL)
    return NEG (context->dy[1]);
  slope = NEG (gw_op1 (b, "LogSoftmax", gw_grad_x (context, 0)));
  first = MUL (gw_op2 (b, "ExpandDims", context->dy[0], gw_const_scalar (b, GW_INT32, -1)), slope);
  return context->dy[1].node != NULL ? SUB (first, context->dy[1]) : first;
}

static void
cross_entropy_grad (GwGradContext *context)
{
  GwOutput features = gw_grad_x (context, 0);

  if (context->wanted[0])
    context->dx[0] = gw_grad_unbroadcast (context, logits_grad (context), features);
  if (context->wanted[1])
    context->dx[1] = gw_grad_unbroadcast (context, labels_grad (context), gw_grad_x (context, 1));
}

static const GwOpDef cross_entropy = {
  .name = "SoftmaxCrossEntropyWithLogits", .since = 1, .title = "Softmax cross entropy", .category = "losses/Losses",
  .summary = "How far the probabilities that the logits stand for are from those in the labels.",
  .doc = "`loss = Σ -labels · ln softmax (features)`, one number an example. Each row of labels is a distribution: one-hot, "
         "smoothed, or any probabilities that add up to 1. Logits and loss are worked on together, so that neither "
         "overflows.\n\n"
         "The second output is the gradient for the logits, `softmax - labels`, which falls out of the same pass. Labels "
         "get a gradient as well; put *StopGradient* before them where they are computed but not to be learned. For class "
         "numbers there is *SparseSoftmaxCrossEntropyWithLogits*.",
  .inputs = GW_PORTS ({ "features", "T", "Logits: examples × classes." }, { "labels", "T", "Probabilities: examples × classes." }),
  .outputs = GW_PORTS ({ "loss", "T", "One number an example." }, { "backprop", "T", "The gradient for the logits." }),
  .attrs = GW_ATTRS (GW_MATH_T (GW_ANY_FLOAT)),
  .shape_rule = "loss is [batch], backprop [batch, classes]; features and labels broadcast against each other",
  .shape = cross_entropy_shape, .grad = cross_entropy_grad, .cpu = cross_entropy_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[0.0, 0], [0, 1000]]", "[[0.5, 0.5], [0, 1]]"), NULL, GW_TEXTS ("[0.6931472, 0]", "[[0, 0], [0, 0]]") }),
};

/* ---- with class numbers ---- */

static gboolean
sparse_cross_entropy_shape (GwShapeContext *context,
                            GError        **error)
{
  const GwShape *labels = &context->inputs[1];
  GwShape features, rows, both;

  if (!gw_shape_want_rank (context, 0, 2, &features, error))
    return FALSE;
  if (labels->rank >= 0 && labels->rank != 1)
    return gw_invalid (error, "Rank mismatch: Rank of labels (received %d) should equal rank of logits minus 1 "
                       "(received 2)", labels->rank);
  if (features.dims[1] == 0)
    return gw_invalid (error, "Must have at least one class, but the logits have none");
  rows = GW_SHAPE (features.dims[0]);
  if (!gw_shape_merge (&rows, labels, &both))
    {
      g_autofree char *logits_text = gw_shape_to_string (&features);
      g_autofree char *labels_text = gw_shape_to_string (labels);

      return gw_invalid (error, "logits and labels must have the same first dimension, got logits shape %s and labels "
                         "shape %s", logits_text, labels_text);
    }
  context->outputs[0] = both;
  features.dims[0] = both.dims[0];
  context->outputs[1] = features;
  return TRUE;
}

static gboolean
sparse_cross_entropy_cpu (GwKernelContext *context,
                          GError         **error)
{
  return gw_cpu_sparse_cross_entropy (context, context->inputs[0], context->inputs[1], context->outputs[0],
                                      context->outputs[1], error);
}

static void
sparse_cross_entropy_grad (GwGradContext *context)
{
  context->dx[0] = logits_grad (context);
}

static const GwOpDef sparse_cross_entropy = {
  .name = "SparseSoftmaxCrossEntropyWithLogits", .since = 1, .title = "Softmax cross entropy of classes", .category = "losses/Losses",
  .summary = "How little probability the logits give to the right class.",
  .doc = "`loss = -ln softmax (features)[label]`, one number an example; labels are class numbers. A label that is no column "
         "of the logits is an error.\n\n"
         "The second output is the gradient for the logits, softmax less 1 at the label. For distributions over classes "
         "there is *SoftmaxCrossEntropyWithLogits*.",
  .inputs = GW_PORTS ({ "features", "T", "Logits: examples × classes." },
                      { "labels", "Tlabels", "Class numbers, one an example, from 0." }),
  .outputs = GW_PORTS ({ "loss", "T", "One number an example." }, { "backprop", "T", "The gradient for the logits." }),
  .attrs = GW_ATTRS (GW_MATH_T (GW_ANY_FLOAT),
                     { "Tlabels", GW_ATTR_DTYPE, .def = "int64", .choices = GW_INDEX_TYPES, .label = "Label type",
                       .help = "Type of the class numbers; follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .shape_rule = "features [batch, classes] and labels [batch] give loss [batch] and backprop [batch, classes]",
  .shape = sparse_cross_entropy_shape, .grad = sparse_cross_entropy_grad, .cpu = sparse_cross_entropy_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[[0.0, 0], [0, 1000]]", "[0, 1]"), NULL, GW_TEXTS ("[0.6931472, 0]", "[[-0.5, 0.5], [0, 0]]") }),
};

const GwOpDef *const gw_ops_softmax[] = { &softmax, &log_softmax, &cross_entropy, &sparse_cross_entropy, NULL };
