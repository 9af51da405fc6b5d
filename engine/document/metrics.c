/* SPDX-License-Identifier: Apache-2.0 */
/* Metric: figures that are not the mean of their batches (tf.metrics). The box makes totals
 * that can be added up over batches, and the figure out of totals: Evaluate adds up and then
 * feeds the sums; while training it is the figure of the batch. */
#include "engine/document/composites.h"
#include "engine/document/lower.h"
#include "engine/document/parts.h"

#define EPSILON 1e-6  /* metrics_impl.py's auc() */
#define BEYOND 1e-7   /* how far the outer thresholds lie outside of 0 and 1 */

enum { PREDICTIONS, LABELS, WEIGHTS };

typedef struct {
  GwExpandContext *context;
  GwBuilder       *b;
  GwOutput         predictions, labels, weights; /* as wired; labels may be none */
  int64_t          n_classes;                    /* of rows of scores, else 0 */
} Metric;

typedef struct {
  const char *name;
  GwOutput  (*totals) (Metric *metric);
  GwOutput  (*value) (Metric *metric, GwOutput totals);
  GwOutput  (*details) (Metric *metric, GwOutput totals);  /* or NULL: as the value */
  gboolean    needs_no_labels, needs_classes, needs_numbers;
} Kind;

/* ---- parts ---- */

static GwOutput
flat (Metric  *m,
      GwOutput x)
{
  return gw_op2 (m->b, "Reshape", x, GW_INTS (m->b, -1));
}

static GwOutput
real (Metric  *m,
      GwOutput x)
{
  return gw_part_cast (m->b, x, GW_FLOAT32);
}

/* A weight for each of `x`, a vector. */
static GwOutput
weights_of (Metric  *m,
            GwOutput x)
{
  GwOutput weights = real (m, m->weights);

  if (weights.node != NULL && gw_output_shape (weights)->rank != 0)
    weights = flat (m, weights);
  return gw_op2 (m->b, "Mul", weights, gw_op1 (m->b, "OnesLike", x));
}

/* [Σ w x, Σ w] */
static GwOutput
weighted_sums (Metric  *m,
               GwOutput x)
{
  GwBuilder *b = m->b;
  GwOutput w = weights_of (m, x);
  GwOutput sums[] = { gw_part_sum (b, gw_op2 (b, "Mul", x, w)), gw_part_sum (b, w) };

  return gw_op (b, "Pack", 2, sums, NULL);
}

/* Row `i` of the totals. */
static GwOutput
total (Metric  *m,
       GwOutput totals,
       int64_t  i)
{
  GwBuilder *b = m->b;

  return gw_op3 (b, "GatherV2", totals, gw_const_scalar (b, GW_INT32, (double) i), gw_const_scalar (b, GW_INT32, 0));
}

static GwOutput
quotient (Metric  *m,
          GwOutput totals)
{
  return gw_op2 (m->b, "DivNoNan", total (m, totals, 0), total (m, totals, 1));
}

static GwOutput
plus (GwBuilder *b,
      GwOutput   x,
      double     value)
{
  return gw_op2 (b, "AddV2", x, gw_const_like (b, x, value));
}

/* Class numbers of the labels, int64 [rows]. */
static GwOutput
label_numbers (Metric *m)
{
  GwBuilder *b = m->b;
  gboolean one_hot = m->n_classes > 0 && gw_output_shape (m->labels)->rank == gw_output_shape (m->predictions)->rank &&
                     gw_output_shape (m->labels)->dims[gw_output_shape (m->labels)->rank - 1] == m->n_classes;

  return one_hot ? flat (m, gw_op2 (b, "ArgMax", m->labels, gw_const_scalar (b, GW_INT32, -1)))
                 : flat (m, gw_part_cast (b, m->labels, GW_INT64));
}

static GwOutput
predicted_numbers (Metric *m)
{
  GwBuilder *b = m->b;

  return flat (m, gw_op2 (b, "ArgMax", m->predictions, gw_const_scalar (b, GW_INT32, -1)));
}

/* 1 where x exceeds `threshold`, float32 and flat. */
static GwOutput
above (Metric  *m,
       GwOutput x,
       double   threshold)
{
  GwBuilder *b = m->b;

  return flat (m, real (m, gw_op2 (b, "Greater", x, gw_const_like (b, x, threshold))));
}

/* ---- means ---- */

static GwOutput
mean_totals (Metric *m)
{
  return weighted_sums (m, flat (m, real (m, m->predictions)));
}

static GwOutput
difference (Metric *m)
{
  return gw_op2 (m->b, "Sub", flat (m, real (m, m->predictions)), flat (m, real (m, m->labels)));
}

static GwOutput
squared_totals (Metric *m)
{
  return weighted_sums (m, gw_op1 (m->b, "Square", difference (m)));
}

static GwOutput
absolute_totals (Metric *m)
{
  return weighted_sums (m, gw_op1 (m->b, "Abs", difference (m)));
}

static GwOutput
root (Metric  *m,
      GwOutput totals)
{
  return gw_op1 (m->b, "Sqrt", quotient (m, totals));
}

static GwOutput
accuracy_totals (Metric *m)
{
  GwBuilder *b = m->b;
  GwOutput predicted, right;

  if (m->n_classes > 0)
    {
      predicted = predicted_numbers (m);
      right = label_numbers (m);
    }
  else
    {
      predicted = above (m, m->predictions, gw_expand_attr (m->context, "threshold")->f);
      right = above (m, real (m, m->labels), 0.5);
    }
  return weighted_sums (m, real (m, gw_op2 (b, "Equal", predicted, right)));
}

static GwOutput
top_k_totals (Metric *m)
{
  GwBuilder *b = m->b;
  GwOutput rows = gw_op2 (b, "Reshape", real (m, m->predictions), GW_INTS (b, -1, m->n_classes));
  GwOutput k = gw_const (b, gw_tensor_new_int64 (gw_expand_attr (m->context, "k")->i));

  return weighted_sums (m, real (m, gw_op3 (b, "InTopKV2", rows, label_numbers (m), k)));
}

/* ---- yes and no ---- */

/* [tp, fp, fn, tn] of what is predicted and what is so: 0 or 1, broadcast against each other;
 * summed over the last axis. */
static GwOutput
counts (Metric  *m,
        GwOutput predicted,
        GwOutput is,
        GwOutput w)
{
  GwBuilder *b = m->b;
  GwOutput one = gw_const_scalar (b, GW_FLOAT32, 1);
  GwOutput not_predicted = gw_op2 (b, "Sub", one, predicted), is_not = gw_op2 (b, "Sub", one, is);
  GwOutput pairs[][2] = { { predicted, is }, { predicted, is_not }, { not_predicted, is }, { not_predicted, is_not } };
  GwOutput sums[4];

  for (int i = 0; i < 4; i++)
    sums[i] = gw_op2 (b, "Sum", gw_op2 (b, "Mul", gw_op2 (b, "Mul", pairs[i][0], pairs[i][1]), w), GW_INTS (b, -1));
  return gw_op (b, "Pack", 4, sums, NULL);
}

static GwOutput
yes_no_totals (Metric *m)
{
  GwOutput predicted = above (m, m->predictions, gw_expand_attr (m->context, "threshold")->f);

  return counts (m, predicted, above (m, real (m, m->labels), 0.5), weights_of (m, predicted));
}

static GwOutput
precision (Metric  *m,
           GwOutput totals)
{
  GwOutput tp = total (m, totals, 0);

  return gw_op2 (m->b, "DivNoNan", tp, gw_op2 (m->b, "AddV2", tp, total (m, totals, 1)));
}

static GwOutput
recall (Metric  *m,
        GwOutput totals)
{
  GwOutput tp = total (m, totals, 0);

  return gw_op2 (m->b, "DivNoNan", tp, gw_op2 (m->b, "AddV2", tp, total (m, totals, 2)));
}

/* 2 tp / (2 tp + fp + fn) */
static GwOutput
f1 (Metric  *m,
    GwOutput totals)
{
  GwBuilder *b = m->b;
  GwOutput tp = total (m, totals, 0);
  GwOutput twice = gw_op2 (b, "AddV2", tp, tp);
  GwOutput wrong = gw_op2 (b, "AddV2", total (m, totals, 1), total (m, totals, 2));

  return gw_op2 (b, "DivNoNan", twice, gw_op2 (b, "AddV2", twice, wrong));
}

/* ---- over thresholds ---- */

/* −ε, 1/(n − 1) …, 1 + ε, as a column. */
static GwOutput
thresholds (Metric *m)
{
  int64_t n = gw_expand_attr (m->context, "num_thresholds")->i;
  GwShape shape = GW_SHAPE (n, 1);
  GError *error = NULL;
  GwTensor *tensor = gw_tensor_new (GW_FLOAT32, &shape, &error);

  for (int64_t i = 0; tensor != NULL && i < n; i++)
    gw_tensor_set_double (tensor, i, i == 0 ? -BEYOND : i == n - 1 ? 1 + BEYOND : (double) i / (double) (n - 1));
  g_clear_error (&error);
  return gw_const (m->b, tensor);
}

static GwOutput
curve_totals (Metric *m)
{
  GwBuilder *b = m->b;
  GwOutput predicted = flat (m, real (m, m->predictions));
  GwOutput chosen = real (m, gw_op2 (b, "Greater", gw_op2 (b, "ExpandDims", predicted, gw_const_scalar (b, GW_INT32, 0)), thresholds (m)));

  return counts (m, chosen, above (m, real (m, m->labels), 0.5), weights_of (m, predicted));
}

/* (a + ε) / (a + b + ε), or without the first ε. */
static GwOutput
rate (Metric  *m,
      GwOutput a,
      GwOutput b,
      gboolean smooth)
{
  return gw_op2 (m->b, "RealDiv", smooth ? plus (m->b, a, EPSILON) : a, plus (m->b, gw_op2 (m->b, "AddV2", a, b), EPSILON));
}

static void
curve (Metric   *m,
       GwOutput  totals,
       GwOutput *x,
       GwOutput *y)
{
  GwOutput tp = total (m, totals, 0), fp = total (m, totals, 1), fn = total (m, totals, 2), tn = total (m, totals, 3);
  GwOutput found = rate (m, tp, fn, TRUE);
  gboolean roc = g_str_equal (gw_expand_attr (m->context, "kind")->s, "auc_roc");

  *x = roc ? rate (m, fp, tn, FALSE) : found;
  *y = roc ? found : rate (m, tp, fp, TRUE);
}

/* [thresholds, 2]: x and y. */
static GwOutput
curve_points (Metric  *m,
              GwOutput totals)
{
  GwOutput points[2];

  curve (m, totals, &points[0], &points[1]);
  return gw_op (m->b, "Pack", 2, points, GW_WITH ({ "axis", gw_attr_int (1) }));
}

/* By trapezoids. */
static GwOutput
area (Metric  *m,
      GwOutput totals)
{
  GwBuilder *b = m->b;
  int64_t n = gw_expand_attr (m->context, "num_thresholds")->i;
  GwOutput x, y, widths, heights;

  curve (m, totals, &x, &y);
  widths = gw_op2 (b, "Sub", gw_part_slice (b, x, 0, n - 1), gw_part_slice (b, x, 1, -1));
  heights = gw_op2 (b, "AddV2", gw_part_slice (b, y, 0, n - 1), gw_part_slice (b, y, 1, -1));
  return gw_part_sum (b, gw_op2 (b, "Mul", widths, gw_op2 (b, "RealDiv", heights, gw_const_scalar (b, GW_FLOAT32, 2))));
}

/* ---- classes ---- */

static GwOutput
one_hot (Metric  *m,
         GwOutput numbers)
{
  GwBuilder *b = m->b;

  return gw_op (b, "OneHot", GW_IN (numbers, gw_const_scalar (b, GW_INT32, (double) m->n_classes), gw_const_scalar (b, GW_FLOAT32, 1),
                                    gw_const_scalar (b, GW_FLOAT32, 0)), NULL);
}

/* [truth, predicted] */
static GwOutput
confusion_totals (Metric *m)
{
  GwBuilder *b = m->b;
  GwOutput truth = label_numbers (m);
  GwOutput w = weights_of (m, real (m, truth));
  GwOutput weighted = gw_op2 (b, "Mul", one_hot (m, truth), gw_op2 (b, "ExpandDims", w, gw_const_scalar (b, GW_INT32, 1)));

  return gw_op (b, "MatMul", GW_IN (weighted, one_hot (m, predicted_numbers (m))), GW_WITH ({ "transpose_a", gw_attr_bool (TRUE) }));
}

static GwOutput
trace_share (Metric  *m,
             GwOutput totals)
{
  return gw_op2 (m->b, "DivNoNan", gw_part_sum (m->b, gw_op1 (m->b, "MatrixDiagPart", totals)), gw_part_sum (m->b, totals));
}

static GwOutput
as_they_are (Metric  *m,
             GwOutput totals)
{
  return gw_op1 (m->b, "Identity", totals);
}

static GwOutput
per_class (Metric  *m,
           GwOutput totals)
{
  return gw_op2 (m->b, "DivNoNan", gw_op1 (m->b, "MatrixDiagPart", totals), gw_op2 (m->b, "Sum", totals, GW_INTS (m->b, 1)));
}

static GwOutput
mean_per_class (Metric  *m,
                GwOutput totals)
{
  return gw_op2 (m->b, "Mean", per_class (m, totals), GW_INTS (m->b, 0));
}

/* ---- the box ---- */

static const Kind kinds[] = {
  { "mean", mean_totals, quotient, .needs_no_labels = TRUE },
  { "mean_squared_error", squared_totals, quotient },
  { "root_mean_squared_error", squared_totals, root },
  { "mean_absolute_error", absolute_totals, quotient },
  { "accuracy", accuracy_totals, quotient },
  { "top_k_accuracy", top_k_totals, quotient, .needs_classes = TRUE },
  { "precision", yes_no_totals, precision, as_they_are, .needs_numbers = TRUE },
  { "recall", yes_no_totals, recall, as_they_are, .needs_numbers = TRUE },
  { "f1", yes_no_totals, f1, as_they_are, .needs_numbers = TRUE },
  { "auc_roc", curve_totals, area, curve_points, .needs_numbers = TRUE },
  { "auc_pr", curve_totals, area, curve_points, .needs_numbers = TRUE },
  { "confusion_matrix", confusion_totals, trace_share, as_they_are, .needs_classes = TRUE },
  { "mean_per_class_accuracy", confusion_totals, mean_per_class, per_class, .needs_classes = TRUE },
};

static const Kind *
find_kind (const char *name)
{
  gsize i = 0;

  while (i + 1 < G_N_ELEMENTS (kinds) && !g_str_equal (kinds[i].name, name))
    i++;
  return &kinds[i];
}

static gboolean
check (Metric     *m,
       const Kind *kind)
{
  const GwShape *p = gw_output_shape (m->predictions);
  const GwShape *l = m->labels.node != NULL ? gw_output_shape (m->labels) : NULL;
  g_autofree char *p_text = gw_shape_to_string (p);
  g_autofree char *l_text = l != NULL ? gw_shape_to_string (l) : NULL;

  if (l == NULL && !kind->needs_no_labels)
    gw_builder_fail (m->b, GW_ERROR_INVALID_ARGUMENT, "nothing is wired to labels, which %s needs", kind->name);
  else if (kind->needs_classes && m->n_classes == 0)
    gw_builder_fail (m->b, GW_ERROR_INVALID_ARGUMENT, "predictions must be [batch, classes] for %s, but is %s", kind->name, p_text);
  else if (kind->needs_numbers && m->n_classes > 0)
    gw_builder_fail (m->b, GW_ERROR_INVALID_ARGUMENT, "predictions must be one number each for %s, but is %s", kind->name, p_text);
  else if (l != NULL && m->n_classes == 0 && !kind->needs_no_labels && p->rank >= 0 && l->rank >= 0 &&
           gw_shape_elements (p) >= 0 && gw_shape_elements (l) >= 0 && gw_shape_elements (p) != gw_shape_elements (l))
    gw_builder_fail (m->b, GW_ERROR_INVALID_ARGUMENT, "predictions is %s and labels %s: there must be one for each", p_text, l_text);
  return m->b->error == NULL;
}

static void
metric_expand (GwExpandContext *context)
{
  const Kind *kind = find_kind (gw_expand_attr (context, "kind")->s);
  Metric m = { context, context->builder, context->inputs[PREDICTIONS], context->inputs[LABELS], context->inputs[WEIGHTS] };
  const GwShape *shape = gw_output_shape (m.predictions);
  GwOutput totals;

  if (shape->rank >= 2 && shape->dims[shape->rank - 1] > 1)
    m.n_classes = shape->dims[shape->rank - 1];
  if (m.n_classes > 0 && !kind->needs_classes && !g_str_equal (kind->name, "accuracy") && !kind->needs_numbers)
    m.n_classes = 0;
  if (!check (&m, kind))
    return;
  totals = gw_op1 (m.b, "Identity", kind->totals (&m));
  context->outputs[0] = kind->value (&m, totals);
  context->outputs[1] = kind->details != NULL ? kind->details (&m, totals) : context->outputs[0];
  context->outputs[2] = totals;
}

#define YES_NO "kind=accuracy|precision|recall|f1"
#define CURVES "kind=auc_roc|auc_pr"

static const GwOpDef metric = {
  .name = "Metric", .since = 1, .title = "Metric", .category = "losses/Metrics",
  .summary = "A figure of how good the predictions are, over a whole evaluation.",
  .doc = "The metrics of tf.metrics. Unlike a mean of its batches' figures, the figure is that of all the examples together: Evaluate "
         "adds up `totals` over the batches and makes `value` and `details` of the sums. While training they are the batch's.\n\n"
         "- **mean**: of `predictions`; `labels` stays unwired.\n"
         "- **mean_squared_error**, **root_mean_squared_error**, **mean_absolute_error**: of the differences.\n"
         "- **accuracy**: the share that is right: the largest of [batch, classes], or what exceeds the threshold.\n"
         "- **top_k_accuracy**: the share whose label is among the k largest.\n"
         "- **precision**, **recall**, **f1**: of what exceeds the threshold, how much is right; of what is so, how much was found; "
         "both. Details: true and false positives, false and true negatives.\n"
         "- **auc_roc**, **auc_pr**: the area under the curve over many thresholds; `predictions` are probabilities. Details: the "
         "curve, [thresholds, 2].\n"
         "- **confusion_matrix**: details are [truth, predicted], the value the accuracy.\n"
         "- **mean_per_class_accuracy**: every class counts alike; details: each class's.",
  .inputs = GW_PORTS ({ "predictions", "T", "[batch], or [batch, classes]." },
                      { "labels", "L", "What is right: class numbers, 0 and 1, or values.", .literal = "" },
                      { "weights", "W", "How much each example counts: a scalar, or one for each.", .literal = "1" }),
  .outputs = GW_PORTS ({ "value", "float32", "Scalar: the figure." }, { "details", "float32", "See the kind." },
                       { "totals", "float32", "What is added up over batches." }),
  .attrs = GW_ATTRS (
    { "kind", GW_ATTR_CHOICE, .def = "accuracy", .label = "Kind",
      .choices = GW_CHOICES ("mean", "mean_squared_error", "root_mean_squared_error", "mean_absolute_error", "accuracy", "top_k_accuracy",
                             "precision", "recall", "f1", "auc_roc", "auc_pr", "confusion_matrix", "mean_per_class_accuracy"),
      .help = "Which figure." },
    { "threshold", GW_ATTR_FLOAT, .def = "0.5", .ui_min = 0, .ui_max = 1, .label = "Threshold",
      .help = "Of a single prediction: above it counts as 1. Use 0 for logits.", .visible_if = YES_NO },
    { "k", GW_ATTR_INT, .def = "5", .min = 1, .max = 1e6, .ui_min = 1, .ui_max = 20, .label = "k",
      .help = "How many of the largest may hold the label.", .visible_if = "kind=top_k_accuracy" },
    { "num_thresholds", GW_ATTR_INT, .def = "200", .min = 2, .max = 1e5, .ui_min = 10, .ui_max = 1000, .label = "Thresholds",
      .help = "Points of the curve.", .visible_if = CURVES },
    { "T", GW_ATTR_DTYPE, .def = "float32", .choices = GW_CHOICES ("float32", "float64", "int32", "int64"),
      .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN },
    { "L", GW_ATTR_DTYPE, .def = "int32", .choices = GW_CHOICES ("float32", "float64", "int32", "int64", "uint8", "int8", "int16", "uint16", "bool"),
      .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN },
    { "W", GW_ATTR_DTYPE, .def = "float32", .choices = GW_NUMBER_TYPES,
      .help = "Follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  .flags = GW_OP_METRIC,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[1, 2, 6]"), "kind=mean", GW_TEXTS ("3", "3", "[9, 3]") }),
  .expand = metric_expand,
  .tell = GW_TEXTS ("kind"),
};

const GwOpDef *const gw_composites_metrics[] = { &metric, NULL };
