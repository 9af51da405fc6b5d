/* SPDX-License-Identifier: Apache-2.0 */
/* Where a NaN came from: the forward graph runs again on the batch that tripped the
 * guard, every floating value in it is looked at, and the first node whose inputs are
 * finite and whose output is not is named. */
#include "engine/train/trainer-private.h"

#include "engine/base/error.h"

#include <math.h>

/* Marks the loss and all that it depends on. */
static gboolean *
mark_cone (const GwTrainer *trainer,
           const GwGraph   *graph)
{
  gboolean *needed = g_new0 (gboolean, gw_graph_n_nodes (graph));

  needed[trainer->loss.node->id] = TRUE;
  for (int id = trainer->loss.node->id; id >= 0; id--)
    for (int i = 0; needed[id] && i < gw_graph_node (graph, id)->n_inputs; i++)
      needed[gw_graph_node (graph, id)->inputs[i].node->id] = TRUE;
  return needed;
}

/* All floating outputs that the loss depends on, in topological order. */
static GArray *
floating_outputs (const GwTrainer *trainer,
                  const GwGraph   *graph)
{
  GArray *outputs = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  g_autofree gboolean *needed = mark_cone (trainer, graph);

  for (int id = 0; id < gw_graph_n_nodes (graph); id++)
    for (int i = 0; needed[id] && i < gw_graph_node (graph, id)->n_outputs; i++)
      {
        GwOutput output = { gw_graph_node (graph, id), i };

        if (gw_dtype_is_floating (gw_output_dtype (output)))
          g_array_append_val (outputs, output);
      }
  return outputs;
}

static gboolean
is_finite (const GwTensorStats *stats)
{
  return stats->nan == 0 && stats->neg_inf == 0 && stats->pos_inf == 0;
}

static const char *
what_it_is (const GwTensorStats *stats)
{
  return stats->nan > 0 ? "NaN" : stats->pos_inf > 0 ? "infinity" : "minus infinity";
}

/* "x held values from -3 to 7", for each input that is among the outputs. */
static void
describe_inputs (const GwTrainer *trainer,
                 const GwNode    *node,
                 const GArray    *outputs,
                 GwTensor *const *tensors,
                 GString         *text)
{
  const char *separator = ", whose input ";

  for (int i = 0; i < node->n_inputs; i++)
    for (guint k = 0; k < outputs->len; k++)
      {
        GwTensorStats stats;

        if (!gw_output_equal (g_array_index (outputs, GwOutput, k), node->inputs[i]))
          continue;
        gw_tensor_stats (tensors[k], &stats);
        g_string_append_printf (text, "%s%s (%s) held ", separator, gw_node_input_port (node, i)->name,
                                node->inputs[i].node->name);
        if (stats.min == stats.max)
          g_string_append_printf (text, "%.6g", stats.min);
        else
          g_string_append_printf (text, "values from %.6g to %.6g", stats.min, stats.max);
        separator = " and ";
        break;
      }
}

static void
describe (const GwTrainer *trainer,
          const GwNode    *node,
          const GArray    *outputs,
          GwTensor *const *tensors,
          const char      *what,
          GString         *text)
{
  if (node->n_inputs == 0)
    {
      g_string_append_printf (text, "; the first %s was already in %s", what, node->name);
      return;
    }
  g_string_append_printf (text, "; the first %s came out of %s (%s)", what, node->name, node->def->name);
  describe_inputs (trainer, node, outputs, tensors, text);
}

/* The first output that is not finite; -1 when the second run went well. */
static int
first_not_finite (const GArray    *outputs,
                  GwTensor *const *tensors,
                  const char     **what)
{
  for (guint k = 0; k < outputs->len; k++)
    {
      GwTensorStats stats;

      gw_tensor_stats (tensors[k], &stats);
      if (is_finite (&stats))
        continue;
      *what = what_it_is (&stats);
      return (int) k;
    }
  return -1;
}

void
gw_trainer_explain_not_finite (GwTrainer *trainer,
                               GError   **error)
{
  GwModeGraph *graph = &trainer->graphs[GW_MODE_TRAIN];
  g_autoptr (GArray) outputs = floating_outputs (trainer, graph->lowered->graph);
  g_autofree GwTensor **tensors = g_new0 (GwTensor *, MAX (outputs->len, 1));
  g_autoptr (GString) text = g_string_new (NULL);
  const GwNode *culprit = trainer->loss.node;
  const char *what = "NaN";
  int first = -1;

  g_string_printf (text, "the loss is not finite at step %" G_GINT64_FORMAT, trainer->step + 1);
  if (gw_trainer_run_once (trainer, graph, (int) outputs->len, (const GwOutput *) outputs->data, 0, NULL, TRUE,
                           tensors, NULL))
    first = first_not_finite (outputs, tensors, &what);
  if (first >= 0)
    {
      GwTensorStats loss;

      gw_tensor_stats (tensors[outputs->len - 1], &loss);
      g_string_printf (text, "the loss is %s at step %" G_GINT64_FORMAT, is_finite (&loss) ? "not finite" : what_it_is (&loss),
                       trainer->step + 1);
      culprit = g_array_index (outputs, GwOutput, first).node;
      describe (trainer, culprit, outputs, tensors, what, text);
    }
  g_string_append (text, ". The variables are as they were before this step");
  g_set_error_literal (error, GW_ERROR, GW_ERROR_OUT_OF_RANGE, text->str);
  gw_error_set_node (error, culprit->name, culprit->def->name);
  for (guint k = 0; k < outputs->len; k++)
    gw_tensor_unref (tensors[k]);
}
