/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluation: loss and metrics averaged over the test split, weighted by the rows of
 * each batch; and where a metric compares predictions with class labels, the confusion
 * matrix and the mistakes that the model was surest of. */
#include "engine/train/trainer-private.h"

#include "engine/base/error.h"
#include "engine/graph/registry.h"

#include <math.h>
#include <string.h>

#define MOST_MISTAKES 64
#define MOST_CLASSES 1000

/* Predictions and labels of a classifier. */
typedef struct {
  GwOutput predictions; /* [rows, n] scores, or [rows] / [rows, 1] for yes and no */
  GwOutput labels;      /* [rows] numbers, or [rows, n] one-hot */
  int      n_classes;   /* 0 = the document has none */
  double   threshold;   /* of a yes and no */
  char    *column;
  int      column_index; /* -1 = the labels are no column */
} Classes;

typedef struct {
  GwTrainer    *trainer;
  GwModeGraph  *graph;
  GwEvaluation *result;
  Classes       classes;
  GArray       *fetches;  /* of GwOutput: [loss], metrics, [predictions, labels] */
  GwStepPlans   plans;
  GwTensor    **fetched;
  double       *sums;     /* per figure fetched: loss, metrics */
  GPtrArray    *totals;   /* per figure: GwTotals, or NULL where its batches' mean is meant */
  int           n_scalars;
} Evaluation;

/* ---- what is compared ---- */

/* What is wired to the op's port number `i`. */
static GwOutput
input_of (const GwModeGraph *graph,
          const GwDocNode   *node,
          const GwOpDef     *def,
          int                i)
{
  const GwDocInput *input = gw_doc_node_input (node, def->inputs[i].name, 0);

  return input != NULL && input->from != 0 ? gw_lowered_output (graph->lowered, input->from, input->output)
                                           : GW_NO_OUTPUT;
}

static int
count_classes (GwOutput predictions)
{
  const GwShape *shape = gw_output_shape (predictions);

  if (shape->rank == 1 || (shape->rank == 2 && shape->dims[1] == 1))
    return 2;
  return shape->rank == 2 && shape->dims[1] > 1 && shape->dims[1] <= MOST_CLASSES ? (int) shape->dims[1] : 0;
}

static gboolean
are_labels (GwOutput labels,
            int      n_classes,
            gboolean yes_no)
{
  const GwShape *shape = gw_output_shape (labels);

  if (shape->rank == 1 || (shape->rank == 2 && shape->dims[1] == 1))
    return yes_no || gw_dtype_is_integer (gw_output_dtype (labels));
  return shape->rank == 2 && shape->dims[1] == n_classes;
}

/* The column behind the labels, past what only changes their form. */
static int
column_of (const GwModeGraph *graph,
           GwOutput           labels)
{
  static const char *const transparent[] = { "OneHot", "Cast", "Reshape", "Squeeze", "Identity", "ExpandDims", NULL };

  while (labels.node->n_inputs > 0 && g_strv_contains (transparent, labels.node->def->name))
    labels = labels.node->inputs[0];
  for (int i = 0; i < graph->n_feeds; i++)
    if (gw_output_equal (graph->feeds[i], labels))
      return graph->columns[i];
  return -1;
}

/* A Metric box is one of classes by its kind; other metrics by what is wired to them. */
static gboolean
is_of_classes (const GwDocNode *node)
{
  static const char *const kinds[] = { "accuracy", "top_k_accuracy", "precision", "recall", "f1", "auc_roc", "auc_pr",
                                       "confusion_matrix", "mean_per_class_accuracy", NULL };
  GwAttrValue kind;
  gboolean is;

  if (!gw_doc_node_attr (node, "kind", &kind))
    return TRUE;
  is = kind.type == GW_ATTR_CHOICE && g_strv_contains (kinds, kind.s);
  gw_attr_value_clear (&kind);
  return is;
}

/* A metric whose first inputs are scores and labels that fit. */
static gboolean
take_classes (const GwModeGraph *graph,
              const GwDocNode   *node,
              Classes           *classes)
{
  const GwOpDef *def = gw_registry_find (node->op);
  GwOutput a, b;
  GwAttrValue threshold;
  int n;

  if (def == NULL || gw_ports_length (def->inputs) < 2 || !is_of_classes (node))
    return FALSE;
  a = input_of (graph, node, def, 0);
  b = input_of (graph, node, def, 1);
  if (a.node == NULL || b.node == NULL || !gw_dtype_is_floating (gw_output_dtype (a)))
    return FALSE;
  n = count_classes (a);
  if (n == 0 || !are_labels (b, n, gw_doc_node_attr (node, "threshold", &threshold) && n == 2))
    return FALSE;
  classes->predictions = a;
  classes->labels = b;
  classes->n_classes = n;
  classes->threshold = gw_doc_node_attr (node, "threshold", &threshold) && threshold.type == GW_ATTR_FLOAT ? threshold.f : 0.5;
  classes->column_index = column_of (graph, b);
  return TRUE;
}

static void
find_classes (Evaluation *evaluation)
{
  const GwDocSettings *settings = gw_document_settings (evaluation->trainer->document);

  evaluation->classes.column_index = -1;
  for (guint i = 0; i < settings->metrics->len; i++)
    {
      const GwDocNode *node = gw_document_node (evaluation->trainer->document,
                                                g_array_index (settings->metrics, int64_t, i));

      if (node != NULL && take_classes (evaluation->graph, node, &evaluation->classes))
        return;
    }
}

/* ---- setting up ---- */

static void
add_metric (Evaluation *evaluation,
            int64_t     id)
{
  GwEvaluation *result = evaluation->result;
  const GwDocNode *node = gw_document_node (evaluation->trainer->document, id);
  GwOutput output = gw_lowered_output (evaluation->graph->lowered, id, 0);
  GwTotals *totals;

  if (node == NULL || output.node == NULL)
    return;
  totals = gw_totals_new (evaluation->graph->lowered, node, id);
  if (totals != NULL)
    output = gw_totals_output (totals);
  g_array_append_val (evaluation->fetches, output);
  g_ptr_array_add (evaluation->totals, totals);
  result->metrics[result->n_metrics++] = (GwMetricResult) { g_strdup (node->name), id, NAN };
}

static void
collect (Evaluation *evaluation)
{
  const GwDocSettings *settings = gw_document_settings (evaluation->trainer->document);
  GwOutput loss = gw_lowered_output (evaluation->graph->lowered, settings->loss, 0);

  evaluation->result->loss = NAN;
  evaluation->result->metrics = g_new0 (GwMetricResult, settings->metrics->len + 1);
  evaluation->totals = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_totals_free);
  if (loss.node != NULL)
    {
      g_array_append_val (evaluation->fetches, loss);
      g_ptr_array_add (evaluation->totals, NULL);
    }
  for (guint i = 0; i < settings->metrics->len; i++)
    add_metric (evaluation, g_array_index (settings->metrics, int64_t, i));
  evaluation->n_scalars = (int) evaluation->fetches->len;
  evaluation->sums = g_new0 (double, evaluation->n_scalars + 1);
  find_classes (evaluation);
  if (evaluation->classes.n_classes > 0)
    {
      g_array_append_val (evaluation->fetches, evaluation->classes.predictions);
      g_array_append_val (evaluation->fetches, evaluation->classes.labels);
    }
  evaluation->fetched = g_new0 (GwTensor *, evaluation->fetches->len + 1);
}

static void
name_classes (Evaluation *evaluation)
{
  GwEvaluation *result = evaluation->result;
  GwIterator *iterator = evaluation->trainer->batches[GW_SPLIT_TEST].iterator;
  int column = evaluation->classes.column_index;
  const char *const *names = iterator != NULL && column >= 0 ? gw_iterator_classes (iterator, column) : NULL;
  int n_names = names != NULL ? (int) g_strv_length ((char **) names) : 0;

  result->n_classes = evaluation->classes.n_classes;
  if (result->n_classes == 0)
    return;
  result->class_names = g_new0 (char *, result->n_classes + 1);
  for (int i = 0; i < result->n_classes; i++)
    result->class_names[i] = i < n_names ? g_strdup (names[i]) : g_strdup_printf ("%d", i);
  result->confusion = g_new0 (int64_t, (gsize) result->n_classes * (gsize) result->n_classes);
  result->mistakes = g_new0 (GwMistake, MOST_MISTAKES);
  if (iterator != NULL && column >= 0)
    result->column = g_strdup (gw_iterator_column (iterator, column)->name);
}

/* ---- going through ---- */

/* Index and share (softmax of scores that are no probabilities) of the largest. */
static int
predicted_class (const Classes  *classes,
                 const GwTensor *predictions,
                 int64_t         row,
                 double         *probability)
{
  int n = (int) (predictions->elements / MAX (predictions->shape.dims[0], 1));
  double largest = gw_tensor_get_double (predictions, row * n);
  double sum = 0, exp_sum = 0;
  gboolean is_probability = TRUE;
  int best = 0;

  if (n == 1)
    {
      gboolean yes = largest > classes->threshold;
      gboolean is_logit = classes->threshold <= 0 || largest < 0 || largest > 1;
      double p = is_logit ? 1 / (1 + exp (-largest)) : largest;

      *probability = yes ? p : 1 - p;
      return yes;
    }
  for (int i = 1; i < n; i++)
    if (gw_tensor_get_double (predictions, row * n + i) > largest)
      largest = gw_tensor_get_double (predictions, row * n + (best = i));
  for (int i = 0; i < n; i++)
    {
      double x = gw_tensor_get_double (predictions, row * n + i);

      sum += x;
      exp_sum += exp (x - largest);
      is_probability = is_probability && x >= 0 && x <= 1;
    }
  *probability = is_probability && fabs (sum - 1) < 1e-3 ? largest : 1 / exp_sum;
  return best;
}

static int
true_class (const GwTensor *labels,
            int64_t         row,
            int             n_classes)
{
  int64_t n = labels->elements / MAX (labels->shape.dims[0], 1);
  int64_t best = 0;

  if (n == 1)
    {
      double label = gw_tensor_get_double (labels, row);

      return label >= 0 && label < n_classes ? (int) (gw_dtype_is_floating (labels->dtype) ? label > 0.5 : label) : -1;
    }
  for (int64_t i = 1; i < n; i++)
    if (gw_tensor_get_double (labels, row * n + i) > gw_tensor_get_double (labels, row * n + best))
      best = i;
  return (int) best;
}

/* Keeps the surest ones, surest first. */
static void
add_mistake (GwEvaluation *result,
             GwMistake     mistake)
{
  int at = result->n_mistakes;

  while (at > 0 && result->mistakes[at - 1].probability < mistake.probability)
    at--;
  if (at == MOST_MISTAKES)
    return;
  result->n_mistakes = MIN (result->n_mistakes + 1, MOST_MISTAKES);
  memmove (&result->mistakes[at + 1], &result->mistakes[at],
           sizeof (GwMistake) * (size_t) (result->n_mistakes - at - 1));
  result->mistakes[at] = mistake;
}

static void
compare_classes (Evaluation *evaluation)
{
  GwEvaluation *result = evaluation->result;
  const GwTensor *predictions = evaluation->fetched[evaluation->n_scalars];
  const GwTensor *labels = evaluation->fetched[evaluation->n_scalars + 1];
  GwIterator *iterator = evaluation->trainer->batches[GW_SPLIT_TEST].iterator;
  int64_t n_rows = 0;
  const int32_t *rows = iterator != NULL ? gw_iterator_last_rows (iterator, &n_rows) : NULL;

  for (int64_t row = 0; row < predictions->shape.dims[0] && row < labels->shape.dims[0]; row++)
    {
      double probability;
      int predicted = predicted_class (&evaluation->classes, predictions, row, &probability);
      int truth = true_class (labels, row, result->n_classes);

      if (truth < 0)
        continue;
      result->confusion[truth * result->n_classes + predicted]++;
      if (truth != predicted)
        add_mistake (result, (GwMistake) { row < n_rows ? rows[row] : row, truth, predicted, probability });
    }
}

static double
mean_of (const GwTensor *tensor)
{
  GwTensorStats stats;

  if (tensor->elements == 1)
    return gw_tensor_get_double (tensor, 0);
  gw_tensor_stats (tensor, &stats);
  return stats.nan > 0 ? NAN : stats.mean;
}

static GwPlan *
plan_for (Evaluation *evaluation,
          GError    **error)
{
  GwModeGraph *graph = evaluation->graph;
  GwPlanSpec spec = { graph->lowered->graph, graph->n_feeds, graph->feeds, graph->shapes,
                      (int) evaluation->fetches->len, (const GwOutput *) evaluation->fetches->data, 0, NULL,
                      GW_NO_OUTPUT };
  GwStepPlan *found = gw_step_plans_find (&evaluation->plans, 0, graph);
  GwPlan *plan;

  if (found != NULL)
    return found->plan;
  gw_mode_graph_shapes (graph);
  plan = gw_plan_new (evaluation->trainer->session, &spec, error);
  return plan != NULL ? gw_step_plans_add (&evaluation->plans, 0, graph, plan)->plan : NULL;
}

static gboolean
do_batch (Evaluation *evaluation,
          GError    **error)
{
  int64_t rows = evaluation->trainer->batches[GW_SPLIT_TEST].rows;
  GwPlan *plan = plan_for (evaluation, error);
  int64_t weight = MAX (rows, 1);

  if (plan == NULL || !gw_plan_run (plan, evaluation->graph->tensors, NULL, evaluation->fetched, error))
    {
      gw_trainer_name_error (evaluation->trainer, evaluation->graph->lowered->graph, error);
      return FALSE;
    }
  for (int i = 0; i < evaluation->n_scalars; i++)
    {
      GwTotals *totals = g_ptr_array_index (evaluation->totals, i);

      if (totals == NULL)
        evaluation->sums[i] += mean_of (evaluation->fetched[i]) * (double) weight;
      else if (!gw_totals_add (totals, evaluation->fetched[i], error))
        return FALSE;
    }
  if (evaluation->classes.n_classes > 0)
    compare_classes (evaluation);
  evaluation->result->n_examples += weight;
  return TRUE;
}

static gboolean
go_through (Evaluation *evaluation,
            GError    **error)
{
  GwTrainer *trainer = evaluation->trainer;
  GwIterator *iterator = trainer->batches[GW_SPLIT_TEST].iterator;
  int64_t n = iterator != NULL ? gw_iterator_batches_per_epoch (iterator) : 1;

  if (iterator != NULL)
    gw_iterator_rewind (iterator);
  gw_session_reset_streams (trainer->session, evaluation->graph->lowered->graph);
  for (int64_t i = 0; i < n; i++)
    {
      if (!gw_trainer_next_batch (trainer, GW_SPLIT_TEST, evaluation->graph, error) || !do_batch (evaluation, error))
        return FALSE;
      if (atomic_load (&trainer->hurry) != 0)
        {
          g_set_error_literal (error, GW_ERROR, GW_ERROR_CANCELLED, "the evaluation was cancelled");
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
finish (Evaluation *evaluation,
        GError    **error)
{
  GwEvaluation *result = evaluation->result;
  double n = (double) MAX (result->n_examples, 1);
  int at = 0;

  if (result->n_metrics < evaluation->n_scalars)
    result->loss = evaluation->sums[at++] / n;
  for (int i = 0; i < result->n_metrics; i++, at++)
    {
      GwMetricResult *metric = &result->metrics[i];
      const GwTotals *totals = g_ptr_array_index (evaluation->totals, at);

      if (totals == NULL)
        metric->value = evaluation->sums[at] / n;
      else if (!gw_totals_finish (totals, evaluation->trainer->session, evaluation->graph->lowered->graph, &metric->value,
                                  &metric->details, error))
        return FALSE;
    }
  return TRUE;
}

static void
evaluation_clear (Evaluation *evaluation)
{
  gw_step_plans_clear (&evaluation->plans);
  g_array_unref (evaluation->fetches);
  g_ptr_array_unref (evaluation->totals);
  g_free (evaluation->fetched);
  g_free (evaluation->sums);
}

GwEvaluation *
gw_trainer_make_evaluation (GwTrainer *trainer,
                            GError   **error)
{
  gint64 begin = g_get_monotonic_time ();
  Evaluation evaluation = { .trainer = trainer };
  g_autoptr (GwEvaluation) result = g_new0 (GwEvaluation, 1);
  gboolean ok;

  evaluation.graph = gw_trainer_graph (trainer, GW_MODE_EVALUATE, error);
  if (evaluation.graph == NULL || !gw_trainer_open_evaluation (trainer, error))
    return NULL;
  evaluation.result = result;
  evaluation.fetches = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  gw_step_plans_init (&evaluation.plans);
  result->step = gw_trainer_value_step (trainer);
  collect (&evaluation);
  name_classes (&evaluation);
  ok = evaluation.n_scalars > 0 ? go_through (&evaluation, error)
                                : gw_invalid (error, "nothing to evaluate: the training settings name no loss and no metric");
  ok = ok && finish (&evaluation, error);
  evaluation_clear (&evaluation);
  result->seconds = (double) (g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
  return ok ? g_steal_pointer (&result) : NULL;
}

/* ---- telling ---- */

static void
put_results (GwTrainer          *trainer,
             const GwEvaluation *result)
{
  double now = (double) g_get_real_time () / G_USEC_PER_SEC;

  for (guint i = 0; i < trainer->series->len; i++)
    {
      const GwTrainerSeries *series = &g_array_index (trainer->series, GwTrainerSeries, i);

      if (!series->evaluation)
        continue;
      if (series->node == gw_document_settings (trainer->document)->loss && !isnan (result->loss))
        {
          gw_trainer_put_point (trainer, (int) i, now, result->loss);
          gw_run_info_set_metric (trainer->info, series->tag, result->loss);
          continue;
        }
      for (int k = 0; k < result->n_metrics; k++)
        if (series->node == result->metrics[k].node)
          {
            gw_trainer_put_point (trainer, (int) i, now, result->metrics[k].value);
            gw_run_info_set_metric (trainer->info, series->tag, result->metrics[k].value);
          }
    }
}

gboolean
gw_trainer_report_evaluation (GwTrainer *trainer,
                              guint64    request,
                              GError   **error)
{
  GwEvaluation *result = gw_trainer_make_evaluation (trainer, error);
  GwReport report = { .kind = GW_REPORT_EVALUATION, .request = request, .step = trainer->step, .evaluation = result };

  if (result == NULL)
    return FALSE;
  /* What other values reach is no point of this training's curves. */
  if (gw_trainer_value_step (trainer) == trainer->step)
    {
      trainer->evaluated = TRUE;
      put_results (trainer, result);
    }
  gw_reports_post (&trainer->reports, &report);
  gw_trainer_record_info (trainer);
  return TRUE;
}
