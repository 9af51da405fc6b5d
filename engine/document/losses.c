/* SPDX-License-Identifier: Apache-2.0 */
/* Losses and metrics: one scalar each. */
#include "engine/document/composites.h"
#include "engine/document/lower.h"

#include <string.h>

static GwOutput
mean_of_all (GwBuilder *b,
             GwOutput   x)
{
  int64_t axes[GW_MAX_RANK];
  int rank = x.node != NULL ? gw_output_shape (x)->rank : 0;

  if (rank < 0)
    return gw_op2 (b, "Mean", x, gw_op3 (b, "Range", gw_const_scalar (b, GW_INT32, 0), gw_op1 (b, "Rank", x),
                                         gw_const_scalar (b, GW_INT32, 1)));
  for (int i = 0; i < rank; i++)
    axes[i] = i;
  return gw_op2 (b, "Mean", x, gw_const_ints (b, rank, axes));
}

static GwOutput
cast_to (GwBuilder *b,
         GwOutput   x,
         GwDType    dtype)
{
  if (x.node == NULL || gw_output_dtype (x) == dtype)
    return x;
  return gw_op (b, "Cast", GW_IN (x), GW_WITH ({ "DstT", gw_attr_dtype (dtype) }));
}

/* ---- Loss ---- */

static GwOutput
softmax_loss (GwBuilder *b,
              GwOutput   logits,
              GwOutput   labels)
{
  gboolean sparse = gw_dtype_is_integer (gw_output_dtype (labels)) &&
                    gw_output_shape (labels)->rank < gw_output_shape (logits)->rank;

  if (!sparse)
    return gw_op2 (b, "SoftmaxCrossEntropyWithLogits", logits, cast_to (b, labels, gw_output_dtype (logits)));
  if (gw_output_dtype (labels) != GW_INT32 && gw_output_dtype (labels) != GW_INT64)
    labels = cast_to (b, labels, GW_INT32);
  return gw_op2 (b, "SparseSoftmaxCrossEntropyWithLogits", logits, labels);
}

/* nn_impl.py: max (x, 0) − x·z + log (1 + e^−|x|), which never overflows. */
static GwOutput
sigmoid_loss (GwBuilder *b,
              GwOutput   x,
              GwOutput   z)
{
  GwOutput tail = gw_op1 (b, "Log1p", gw_op1 (b, "Exp", gw_op1 (b, "Neg", gw_op1 (b, "Abs", x))));

  return gw_op2 (b, "AddV2", gw_op2 (b, "Sub", gw_op1 (b, "Relu", x), gw_op2 (b, "Mul", x, z)), tail);
}

/* Broadcasting [?] against [?,1] would compare everything with everything. */
static gboolean
check_same_shape (GwBuilder *b,
                  GwOutput   predictions,
                  GwOutput   labels)
{
  const GwShape *p = gw_output_shape (predictions);
  const GwShape *l = gw_output_shape (labels);
  g_autofree char *p_text = gw_shape_to_string (p);
  g_autofree char *l_text = gw_shape_to_string (l);

  if (gw_shape_compatible (p, l))
    return TRUE;
  gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT,
                   "predictions and labels must have the same shape, but are %s and %s", p_text, l_text);
  return FALSE;
}

static void
loss_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput predictions = context->inputs[0];
  GwOutput labels = context->inputs[1];
  const char *kind = gw_expand_attr (context, "kind")->s;

  if (!gw_dtype_is_floating (gw_output_dtype (predictions)))
    gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "predictions must be floating-point numbers, not %s",
                     gw_dtype_name (gw_output_dtype (predictions)));
  else if (g_str_equal (kind, "softmax_cross_entropy"))
    context->outputs[0] = mean_of_all (b, softmax_loss (b, predictions, labels));
  else
    {
      labels = cast_to (b, labels, gw_output_dtype (predictions));
      if (labels.node == NULL || !check_same_shape (b, predictions, labels))
        return;
      context->outputs[0] = mean_of_all (b, g_str_equal (kind, "sigmoid_cross_entropy")
                                              ? sigmoid_loss (b, predictions, labels)
                                              : gw_op2 (b, "SquaredDifference", predictions, labels));
    }
}

static const GwOpDef loss = {
  .name = "Loss", .since = 1, .title = "Loss", .category = "losses/Losses",
  .summary = "One number that says how wrong the predictions are: the mean over the batch.",
  .doc = "- **softmax_cross_entropy**: `predictions` are logits [batch, classes] (no softmax before). `labels` "
         "are class numbers [batch], or probabilities [batch, classes].\n"
         "- **sigmoid_cross_entropy**: `predictions` are logits, `labels` 0 or 1 of the same shape.\n"
         "- **mean_squared_error**: both of the same shape.",
  .inputs = GW_PORTS ({ "predictions", "T", "Logits, or values for mean_squared_error." },
                      { "labels", "L", "What is right." }),
  .outputs = GW_PORTS ({ "loss", "T", "Scalar." }),
  .attrs = GW_ATTRS (
    { "kind", GW_ATTR_CHOICE, .def = "softmax_cross_entropy", .label = "Kind",
      .choices = GW_CHOICES ("softmax_cross_entropy", "sigmoid_cross_entropy", "mean_squared_error"),
      .help = "What is compared, and how." },
    { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES, .flags = GW_ATTR_HIDDEN },
    { "L", GW_ATTR_DTYPE, .def = "int32", .choices = GW_NUMBER_TYPES, .flags = GW_ATTR_HIDDEN }),
  .expand = loss_expand,
  .tell = GW_TEXTS ("kind"),
};

/* ---- Accuracy ---- */

static GwOutput
class_of (GwBuilder *b,
          GwOutput   x)
{
  return gw_op2 (b, "ArgMax", x, gw_const_scalar (b, GW_INT32, -1));
}

static GwOutput
above_threshold (GwBuilder *b,
                 GwOutput   x,
                 double     threshold)
{
  return cast_to (b, gw_op2 (b, "Greater", x, gw_const_like (b, x, threshold)), GW_INT64);
}

static void
accuracy_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  GwOutput predictions = context->inputs[0];
  GwOutput labels = context->inputs[1];
  const GwShape *shape = gw_output_shape (predictions);
  double threshold = gw_expand_attr (context, "threshold")->f;
  gboolean binary = shape->rank >= 0 && (shape->rank < 2 || shape->dims[shape->rank - 1] == 1);
  GwOutput predicted, right;

  if (binary)
    {
      predicted = above_threshold (b, predictions, threshold);
      right = above_threshold (b, cast_to (b, labels, GW_FLOAT32), 0.5);
      if (right.node == NULL || !check_same_shape (b, predictions, labels))
        return;
    }
  else
    {
      gboolean one_hot = gw_output_shape (labels)->rank == shape->rank && shape->rank >= 0;

      predicted = class_of (b, predictions);
      right = one_hot ? class_of (b, labels) : cast_to (b, labels, GW_INT64);
    }
  context->outputs[0] = mean_of_all (b, cast_to (b, gw_op2 (b, "Equal", predicted, right), GW_FLOAT32));
}

static const GwOpDef accuracy = {
  .name = "Accuracy", .since = 1, .title = "Accuracy", .category = "losses/Metrics",
  .summary = "The share of predictions that are right.",
  .doc = "With several outputs a row the largest one is the predicted class; with a single one it counts as "
         "1 when it exceeds the threshold (0.5 for probabilities, 0 for logits). Evaluate averages it over "
         "the whole test split.",
  .inputs = GW_PORTS ({ "predictions", "T", "[batch, classes], or [batch] or [batch, 1] for yes and no." },
                      { "labels", "L", "Class numbers [batch], or one-hot rows." }),
  .outputs = GW_PORTS ({ "accuracy", "float32", "Scalar between 0 and 1." }),
  .attrs = GW_ATTRS (
    { "threshold", GW_ATTR_FLOAT, .def = "0.5", .ui_min = 0, .ui_max = 1, .label = "Threshold",
      .help = "Of a single output: above it counts as 1. Use 0 for logits." },
    { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES, .flags = GW_ATTR_HIDDEN },
    { "L", GW_ATTR_DTYPE, .def = "int32", .choices = GW_NUMBER_TYPES, .flags = GW_ATTR_HIDDEN }),
  .flags = GW_OP_METRIC,
  .expand = accuracy_expand,
  .tell = GW_TEXTS ("threshold"),
};

const GwOpDef *const gw_composites_losses[] = { &loss, &accuracy, NULL };
