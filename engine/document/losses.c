/* SPDX-License-Identifier: Apache-2.0 */
/* Losses and metrics: one scalar each. */
#include "engine/document/composites.h"
#include "engine/document/lower.h"
#include "engine/document/parts.h"
#include "engine/graph/constant.h"

#include <string.h>

static GwOutput
mean_of_all (GwBuilder *b,
             GwOutput   x)
{
  return gw_op2 (b, "Mean", x, gw_part_all_axes (b, x));
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

/* ---- Loss: what each kind makes of predictions and labels (losses_impl.py) ---- */

typedef struct {
  GwExpandContext *context;
  GwBuilder       *b;
  GwOutput         predictions, labels, weights;  /* of one type */
} Loss;

static double
number (const Loss *loss,
        const char *attr)
{
  return gw_expand_attr (loss->context, attr)->f;
}

static GwOutput
times (const Loss *loss,
       double      factor,
       GwOutput    x)
{
  return gw_op2 (loss->b, "Mul", gw_const_like (loss->b, x, factor), x);
}

static GwOutput
difference (const Loss *loss)
{
  return gw_op2 (loss->b, "Sub", loss->predictions, loss->labels);
}

static GwOutput
mean_squared_error (Loss *loss)
{
  return gw_op2 (loss->b, "SquaredDifference", loss->predictions, loss->labels);
}

static GwOutput
absolute_difference (Loss *loss)
{
  return gw_op1 (loss->b, "Abs", difference (loss));
}

/* ½ q² + δ (|e| − q), q = min (|e|, δ) */
static GwOutput
huber_loss (Loss *loss)
{
  GwBuilder *b = loss->b;
  double delta = number (loss, "delta");
  GwOutput error = gw_op1 (b, "Abs", difference (loss));
  GwOutput quadratic = gw_op2 (b, "Minimum", error, gw_const_like (b, error, delta));
  GwOutput linear = gw_op2 (b, "Sub", error, quadratic);

  return gw_op2 (b, "AddV2", times (loss, 0.5, gw_op2 (b, "Mul", quadratic, quadratic)), times (loss, delta, linear));
}

/* max (0, 1 − (2 z − 1) x) */
static GwOutput
hinge_loss (Loss *loss)
{
  GwBuilder *b = loss->b;
  GwOutput one = gw_const_like (b, loss->labels, 1);
  GwOutput sign = gw_op2 (b, "Sub", times (loss, 2, loss->labels), one);

  return gw_op1 (b, "Relu", gw_op2 (b, "Sub", one, gw_op2 (b, "Mul", sign, loss->predictions)));
}

/* −z log (p + ε) − (1 − z) log (1 − p + ε) */
static GwOutput
log_loss (Loss *loss)
{
  GwBuilder *b = loss->b;
  GwOutput one = gw_const_like (b, loss->labels, 1);
  GwOutput epsilon = gw_const_like (b, loss->labels, number (loss, "epsilon"));
  GwOutput yes = gw_op1 (b, "Log", gw_op2 (b, "AddV2", loss->predictions, epsilon));
  GwOutput no = gw_op1 (b, "Log", gw_op2 (b, "AddV2", gw_op2 (b, "Sub", one, loss->predictions), epsilon));

  return gw_op2 (b, "Sub", gw_op1 (b, "Neg", gw_op2 (b, "Mul", loss->labels, yes)),
                 gw_op2 (b, "Mul", gw_op2 (b, "Sub", one, loss->labels), no));
}

static GwOutput
cosine_distance (Loss *loss)
{
  GwBuilder *b = loss->b;
  GwOutput product = gw_op2 (b, "Mul", loss->predictions, loss->labels);
  GwOutput sum = gw_op (b, "Sum", GW_IN (product, GW_INTS (b, gw_expand_attr (loss->context, "axis")->i)),
                        GW_WITH ({ "keep_dims", gw_attr_bool (TRUE) }));

  return gw_op2 (b, "Sub", gw_const_like (b, sum, 1), sum);
}

static GwOutput
sigmoid_cross_entropy (Loss *loss)
{
  GwBuilder *b = loss->b;
  double smoothing = number (loss, "label_smoothing");

  if (smoothing > 0)
    loss->labels = gw_op2 (b, "AddV2", times (loss, 1 - smoothing, loss->labels),
                           gw_const_like (b, loss->labels, 0.5 * smoothing));
  return gw_part_sigmoid_cross_entropy (b, loss->predictions, loss->labels);
}

/* A trailing dimension of 1 taken off. */
static GwOutput
without_last (GwBuilder *b,
              GwOutput   x)
{
  return gw_op (b, "Squeeze", GW_IN (x), GW_WITH ({ "squeeze_dims", gw_attr_ints (1, (int64_t[]) { -1 }) }));
}

/* Class numbers: integers with a dimension fewer than the logits, or with one of a
 * single class where the logits have several. */
static gboolean
are_class_numbers (Loss *loss)
{
  const GwShape *logits = gw_output_shape (loss->predictions);
  const GwShape *labels = gw_output_shape (loss->labels);

  if (!gw_dtype_is_integer (gw_output_dtype (loss->labels)) || logits->rank < 0)
    return FALSE;
  if (labels->rank >= 1 && labels->rank == logits->rank && labels->dims[labels->rank - 1] == 1 &&
      logits->dims[logits->rank - 1] != 1)
    {
      loss->labels = without_last (loss->b, loss->labels);
      return TRUE;
    }
  return labels->rank < logits->rank;
}

/* How many classes there are: a scalar int32. */
static GwOutput
n_classes (const Loss *loss)
{
  GwBuilder *b = loss->b;
  const GwShape *shape = gw_output_shape (loss->predictions);
  GwOutput last = gw_op2 (b, "Sub", gw_op1 (b, "Rank", loss->predictions), gw_const_scalar (b, GW_INT32, 1));

  if (shape->rank > 0 && shape->dims[shape->rank - 1] >= 0 && shape->dims[shape->rank - 1] <= G_MAXINT32)
    return gw_const_scalar (b, GW_INT32, (double) shape->dims[shape->rank - 1]);
  return gw_op3 (b, "GatherV2", gw_op1 (b, "Shape", loss->predictions), last, gw_const_scalar (b, GW_INT32, 0));
}

/* y (1 − s) + s / classes */
static GwOutput
smooth_classes (const Loss *loss,
                GwOutput    labels,
                double      smoothing)
{
  GwBuilder *b = loss->b;
  GwOutput n = gw_part_cast (b, n_classes (loss), gw_output_dtype (labels));

  return gw_op2 (b, "AddV2", times (loss, 1 - smoothing, labels),
                 gw_op2 (b, "RealDiv", gw_const_like (b, labels, smoothing), n));
}

/* The op takes a row an example: further dimensions are laid end to end and back. */
static GwOutput
losses_of_rows (const Loss *loss,
                const char *op,
                GwOutput    labels,
                gboolean    numbers)
{
  GwBuilder *b = loss->b;
  int rank = gw_output_shape (loss->predictions)->rank;
  GwOutput shape, rows, losses;

  if (labels.node == NULL || rank <= 2)
    return gw_op2 (b, op, loss->predictions, labels);
  shape = gw_op1 (b, "Shape", loss->predictions);
  rows = gw_part_concat (b, GW_IN (GW_INTS (b, -1), gw_part_slice (b, shape, rank - 1, 1)), 0);
  losses = gw_op2 (b, op, gw_op2 (b, "Reshape", loss->predictions, rows),
                   gw_op2 (b, "Reshape", labels, numbers ? GW_INTS (b, -1) : rows));
  return gw_op2 (b, "Reshape", losses, gw_part_slice (b, shape, 0, rank - 1));
}

static GwOutput
softmax_cross_entropy (Loss *loss)
{
  GwBuilder *b = loss->b;
  GwDType dtype = gw_output_dtype (loss->predictions);
  double smoothing = number (loss, "label_smoothing");
  gboolean numbers = are_class_numbers (loss);
  int rank = gw_output_shape (loss->weights)->rank;
  GwOutput labels = loss->labels;

  if (b->error != NULL || (!numbers && !check_same_shape (b, loss->predictions, labels)))
    return GW_NO_OUTPUT;
  if (numbers && rank > 0 && rank == gw_output_shape (labels)->rank + 1)
    loss->weights = without_last (b, loss->weights);
  if (numbers && gw_output_dtype (labels) != GW_INT64)
    labels = gw_part_cast (b, labels, GW_INT32);
  if (numbers && smoothing == 0)
    return losses_of_rows (loss, "SparseSoftmaxCrossEntropyWithLogits", labels, TRUE);
  if (numbers)
    labels = gw_op (b, "OneHot", GW_IN (labels, n_classes (loss), gw_const_scalar (b, dtype, 1),
                                        gw_const_scalar (b, dtype, 0)), NULL);
  labels = gw_part_cast (b, labels, dtype);
  if (smoothing > 0 && labels.node != NULL)
    labels = smooth_classes (loss, labels, smoothing);
  return losses_of_rows (loss, "SoftmaxCrossEntropyWithLogits", gw_op1 (b, "StopGradient", labels), FALSE);
}

/* ---- weights and reduction: compute_weighted_loss() ---- */

/* A plain 1, which changes nothing. */
static gboolean
is_one (GwOutput weights)
{
  return gw_node_is_const (weights.node) && gw_output_shape (weights)->rank == 0 &&
         gw_tensor_get_double (gw_node_attr (weights.node, "value")->tensor, 0) == 1;
}

/* weights_broadcast_ops.py: a scalar, or of the same rank, each dimension equal or 1. */
static gboolean
check_weights (const Loss *loss,
               GwOutput    losses)
{
  const GwShape *w = gw_output_shape (loss->weights);
  const GwShape *l = gw_output_shape (losses);
  g_autofree char *w_text = gw_shape_to_string (w);
  g_autofree char *l_text = gw_shape_to_string (l);
  gboolean ok = w->rank <= 0 || l->rank < 0 || w->rank == l->rank;

  for (int i = 0; ok && l->rank >= 0 && i < w->rank; i++)
    ok = w->dims[i] < 0 || w->dims[i] == 1 || l->dims[i] < 0 || w->dims[i] == l->dims[i];
  if (!ok)
    gw_builder_fail (loss->b, GW_ERROR_INVALID_ARGUMENT,
                     "weights must be a scalar or have the losses' shape %s with some dimensions 1, but is %s", l_text, w_text);
  return ok;
}

/* 1 where a weight is not 0, for each of the losses. */
static GwOutput
present (const Loss *loss,
         GwOutput    losses)
{
  GwBuilder *b = loss->b;
  GwOutput counted = gw_op2 (b, "NotEqual", loss->weights, gw_const_like (b, loss->weights, 0));

  return gw_op2 (b, "Mul", gw_part_cast (b, counted, gw_output_dtype (losses)), gw_op1 (b, "OnesLike", losses));
}

static GwOutput
reduce (Loss    *loss,
        GwOutput losses)
{
  GwBuilder *b = loss->b;
  const char *reduction = gw_expand_attr (loss->context, "reduction")->s;
  gboolean plain = is_one (loss->weights);
  GwOutput weighted = plain ? losses : gw_op2 (b, "Mul", losses, loss->weights);
  GwOutput sum, count;

  if (g_str_equal (reduction, "none"))
    return weighted;
  sum = gw_part_sum (b, weighted);
  if (b->error != NULL || g_str_equal (reduction, "weighted_sum"))
    return sum;
  if (plain || g_str_equal (reduction, "weighted_sum_over_batch_size"))
    count = gw_part_cast (b, gw_op1 (b, "Size", losses), gw_output_dtype (losses));
  else if (g_str_equal (reduction, "weighted_mean"))
    count = gw_part_sum (b, gw_op2 (b, "Mul", gw_op1 (b, "OnesLike", losses), loss->weights));
  else
    count = gw_part_sum (b, present (loss, losses));
  return gw_op2 (b, "DivNoNan", sum, count);
}

/* ---- pairs ---- */

static GwOutput
sum_of_example (const Loss *loss,
                GwOutput    x)
{
  GwBuilder *b = loss->b;
  GwOutput axes = gw_op3 (b, "Range", gw_const_scalar (b, GW_INT32, 1), gw_op1 (b, "Rank", x), gw_const_scalar (b, GW_INT32, 1));

  return gw_op (b, "Sum", GW_IN (x, axes), GW_WITH ({ "keep_dims", gw_attr_bool (TRUE) }));
}

/* mean_pairwise_squared_error(): of each example, over all pairs of its elements, how far
 * the difference of the predictions is from that of the labels. It has a reduction of its own. */
static GwOutput
pairwise_loss (Loss *loss)
{
  GwBuilder *b = loss->b;
  GwOutput differences = difference (loss);
  GwOutput squares, sum, n, one, zero, pairs, first, second;

  if (differences.node == NULL || !check_weights (loss, differences))
    return GW_NO_OUTPUT;
  one = gw_const_like (b, differences, 1);
  zero = gw_const_like (b, differences, 0);
  squares = sum_of_example (loss, gw_op1 (b, "Square", differences));
  sum = sum_of_example (loss, differences);
  n = sum_of_example (loss, present (loss, differences));
  pairs = gw_op2 (b, "Sub", n, one);
  first = gw_op2 (b, "DivNoNan", squares, gw_op2 (b, "Maximum", pairs, zero));
  second = gw_op2 (b, "DivNoNan", gw_op1 (b, "Square", sum), gw_op2 (b, "Maximum", gw_op2 (b, "Mul", n, pairs), zero));
  if (b->error != NULL)
    return GW_NO_OUTPUT;
  return gw_part_sum (b, gw_op2 (b, "Mul", gw_op2 (b, "Sub", times (loss, 2, first), times (loss, 2, second)), loss->weights));
}

/* ---- Loss ---- */

typedef struct {
  const char *name;
  GwOutput  (*losses) (Loss *loss);
  gboolean    any_labels;   /* need not be like the predictions */
  gboolean    is_reduced;   /* to a scalar already */
} Kind;

static const Kind kinds[] = {
  { "softmax_cross_entropy", softmax_cross_entropy, .any_labels = TRUE },
  { "sigmoid_cross_entropy", sigmoid_cross_entropy },
  { "mean_squared_error", mean_squared_error },
  { "absolute_difference", absolute_difference },
  { "huber_loss", huber_loss },
  { "log_loss", log_loss },
  { "hinge_loss", hinge_loss },
  { "cosine_distance", cosine_distance },
  { "mean_pairwise_squared_error", pairwise_loss, .is_reduced = TRUE },
};

static const Kind *
find_kind (const char *name)
{
  gsize i = 0;

  while (i + 1 < G_N_ELEMENTS (kinds) && !g_str_equal (kinds[i].name, name))
    i++;
  return &kinds[i];
}

static void
loss_expand (GwExpandContext *context)
{
  GwBuilder *b = context->builder;
  const Kind *kind = find_kind (gw_expand_attr (context, "kind")->s);
  Loss loss = { context, b, context->inputs[0], context->inputs[1], context->inputs[2] };
  GwDType dtype = gw_output_dtype (loss.predictions);
  GwOutput losses;

  if (!gw_dtype_is_floating (dtype))
    {
      gw_builder_fail (b, GW_ERROR_INVALID_ARGUMENT, "predictions must be floating-point numbers, not %s", gw_dtype_name (dtype));
      return;
    }
  loss.weights = gw_part_cast (b, loss.weights, dtype);
  if (!kind->any_labels)
    {
      loss.labels = gw_part_cast (b, loss.labels, dtype);
      if (loss.labels.node == NULL || !check_same_shape (b, loss.predictions, loss.labels))
        return;
    }
  losses = kind->losses (&loss);
  if (losses.node != NULL && !kind->is_reduced)
    losses = check_weights (&loss, losses) ? reduce (&loss, losses) : GW_NO_OUTPUT;
  context->outputs[0] = losses;
}

#define CROSS_ENTROPIES "kind=softmax_cross_entropy|sigmoid_cross_entropy"

static const GwOpDef loss = {
  .name = "Loss", .since = 1, .title = "Loss", .category = "losses/Losses",
  .summary = "One number that says how wrong the predictions are.",
  .doc = "The losses of tf.losses. Each compares element by element, or example by example, and the results are multiplied by "
         "`weights` and reduced to one number: by default the mean of those whose weight is not 0.\n\n"
         "- **softmax_cross_entropy**: `predictions` are logits [batch, classes] (no softmax before). `labels` "
         "are class numbers [batch], or probabilities [batch, classes].\n"
         "- **sigmoid_cross_entropy**: `predictions` are logits, `labels` 0 or 1 of the same shape.\n"
         "- **mean_squared_error**: the squared difference.\n"
         "- **absolute_difference**: the difference without its sign; outliers count less.\n"
         "- **huber_loss**: squared up to `delta`, straight beyond.\n"
         "- **log_loss**: `predictions` are probabilities, `labels` 0 or 1.\n"
         "- **hinge_loss**: `predictions` are scores, `labels` 0 or 1; nothing is lost beyond a margin of 1.\n"
         "- **cosine_distance**: 1 − the product of vectors along `axis`, which should be of length 1.\n"
         "- **mean_pairwise_squared_error**: of all pairs of elements of an example, how far the difference of the predictions is "
         "from that of the labels; summed over the examples, whatever the reduction.",
  .inputs = GW_PORTS ({ "predictions", "T", "Logits, probabilities or values: see the kind." },
                      { "labels", "L", "What is right." },
                      { "weights", "W", "How much each counts: a scalar, or of the losses' rank with each dimension theirs or 1.",
                        .literal = "1" }),
  .outputs = GW_PORTS ({ "loss", "T", "Scalar; with reduction none, each one's weighted loss." }),
  .attrs = GW_ATTRS (
    { "kind", GW_ATTR_CHOICE, .def = "softmax_cross_entropy", .label = "Kind",
      .choices = GW_CHOICES ("softmax_cross_entropy", "sigmoid_cross_entropy", "mean_squared_error", "absolute_difference",
                             "huber_loss", "log_loss", "hinge_loss", "cosine_distance", "mean_pairwise_squared_error"),
      .help = "What is compared, and how." },
    { "reduction", GW_ATTR_CHOICE, .def = "weighted_sum_by_nonzero_weights", .label = "Reduction",
      .choices = GW_CHOICES ("weighted_sum_by_nonzero_weights", "weighted_sum", "weighted_mean",
                             "weighted_sum_over_batch_size", "none"),
      .help = "By what the weighted sum is divided: the number of weights that are not 0, nothing, the sum of the weights, the "
              "number of losses. none: no sum." },
    { "label_smoothing", GW_ATTR_FLOAT, .def = "0", .min = 0, .max = 1, .ui_min = 0, .ui_max = 0.5, .label = "Label smoothing",
      .help = "This share of every label is spread evenly over all classes.", .visible_if = CROSS_ENTROPIES },
    { "delta", GW_ATTR_FLOAT, .def = "1", .min = 0, .max = -1, .label = "δ",
      .help = "The difference from which the loss goes straight.", .visible_if = "kind=huber_loss" },
    { "epsilon", GW_ATTR_FLOAT, .def = "1e-7", .min = 0, .max = -1, .label = "ε",
      .help = "Keeps the logarithm finite.", .visible_if = "kind=log_loss" },
    { "axis", GW_ATTR_INT, .def = "-1", .min = -GW_MAX_RANK, .max = GW_MAX_RANK - 1, .label = "Axis",
      .help = "Along which the vectors lie.", .visible_if = "kind=cosine_distance" },
    { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES,
      .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN },
    { "L", GW_ATTR_DTYPE, .def = "int32", .choices = GW_NUMBER_TYPES,
      .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN },
    { "W", GW_ATTR_DTYPE, .def = "float32", .choices = GW_NUMBER_TYPES,
      .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1, 2]", "float32 [1, 4]"), "kind=mean_squared_error", GW_TEXTS ("2") }),
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
  return gw_part_cast (b, gw_op2 (b, "Greater", x, gw_const_like (b, x, threshold)), GW_INT64);
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
      right = above_threshold (b, gw_part_cast (b, labels, GW_FLOAT32), 0.5);
      if (right.node == NULL || !check_same_shape (b, predictions, labels))
        return;
    }
  else
    {
      gboolean one_hot = gw_output_shape (labels)->rank == shape->rank && shape->rank >= 0;

      predicted = class_of (b, predictions);
      right = one_hot ? class_of (b, labels) : gw_part_cast (b, labels, GW_INT64);
    }
  context->outputs[0] = mean_of_all (b, gw_part_cast (b, gw_op2 (b, "Equal", predicted, right), GW_FLOAT32));
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
    { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_FLOAT_TYPES,
      .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN },
    { "L", GW_ATTR_DTYPE, .def = "int32", .choices = GW_NUMBER_TYPES,
      .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .flags = GW_OP_METRIC,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[[1, 3], [2, 0]]", "[1, 1]"), NULL, GW_TEXTS ("0.5") }),
  .expand = accuracy_expand,
  .tell = GW_TEXTS ("threshold"),
};

const GwOpDef *const gw_composites_losses[] = { &loss, &accuracy, NULL };
