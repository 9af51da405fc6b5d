/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs that somebody looks at while the training runs. */
#include "engine/train/trainer-private.h"

#include "engine/base/error.h"

#include <math.h>

static gboolean
find_output (GwTrainer     *trainer,
             const GwWatch *watch,
             const char    *inner,
             GwOutput      *output,
             GError       **error)
{
  const GwLowered *lowered = trainer->graphs[GW_MODE_TRAIN].lowered;
  const GwDocNode *node = gw_document_node (trainer->document, watch->node);

  if (inner != NULL)
    return gw_graph_find_output (lowered->graph, inner, output, error);
  *output = gw_lowered_output (lowered, watch->node, watch->output);
  if (output->node != NULL)
    return TRUE;
  gw_invalid (error, "output %d has no value in training", watch->output);
  gw_error_set_node (error, node != NULL ? node->name : NULL, node != NULL ? node->op : NULL);
  return FALSE;
}

static void
refuse (GwTrainer *trainer,
        GError    *error)
{
  GwReport report = { .kind = GW_REPORT_REFUSED, .request = trainer->watches_request, .step = trainer->step,
                      .error = error };

  gw_reports_post (&trainer->reports, &report);
}

void
gw_trainer_take_watches (GwTrainer     *trainer,
                         guint64        request,
                         const GwWatch *watches,
                         char *const   *inner,
                         int            n)
{
  trainer->watches_request = request;
  trainer->next_watch = 0;
  g_array_set_size (trainer->watches, 0);
  gw_reports_set_n_watches (&trainer->reports, n);
  gw_trainer_drop_plans (trainer, GW_STEP_WATCHES);
  for (int i = 0; i < MIN (n, GW_MAX_WATCHES); i++)
    {
      GwWatched watched = { watches[i].kind, i, GW_NO_OUTPUT, 0, 0, watches[i].stop, watches[i].node };
      GError *error = NULL;

      if (!find_output (trainer, &watches[i], inner[i], &watched.output, &error))
        {
          refuse (trainer, error);
          continue;
        }
      if (watches[i].per_second > 0)
        watched.interval = G_USEC_PER_SEC / watches[i].per_second;
      g_array_append_val (trainer->watches, watched);
    }
}

static GwWatchResult *
make_result (GwTrainer       *trainer,
             const GwWatched *watched,
             const GwTensor  *tensor)
{
  GwWatchResult *result = g_new0 (GwWatchResult, 1);

  result->index = watched->index;
  result->request = trainer->watches_request;
  result->kind = watched->kind;
  result->step = trainer->step;
  result->dtype = tensor->dtype;
  result->shape = tensor->shape;
  gw_tensor_stats (tensor, &result->stats);
  result->scalar = tensor->elements == 1 ? gw_tensor_get_double (tensor, 0) : result->stats.mean;
  if (watched->kind == GW_WATCH_HISTOGRAM && tensor->dtype != GW_STRING)
    result->histogram = gw_histogram_new (tensor, watched->output.node->name, NULL);
  if (watched->kind == GW_WATCH_VALUE)
    result->value = gw_tensor_duplicate (tensor, NULL);
  return result;
}

/* Takes note of a breakpoint that the value meets; the first one is told. */
static void
test_stop (GwTrainer           *trainer,
           const GwWatched     *watched,
           const GwTensorStats *stats)
{
  const GwDocNode *node = gw_document_node (trainer->document, watched->node);
  g_autofree char *found = NULL;

  if (trainer->stopped_by != NULL || !gw_stop_condition_is_met (&watched->stop, stats))
    return;
  found = gw_stop_condition_describe (&watched->stop, stats);
  g_set_error (&trainer->stopped_by, GW_ERROR, GW_ERROR_CANCELLED, "Stopped at the breakpoint after step %" G_GINT64_FORMAT
               ": %s", trainer->step, found);
  if (node != NULL)
    gw_error_set_node (&trainer->stopped_by, node->name, node->op);
}

void
gw_trainer_send_watches (GwTrainer       *trainer,
                         GwTensor *const *tensors,
                         gboolean         all)
{
  gint64 now = g_get_monotonic_time ();
  gint64 next = G_MAXINT64;

  for (guint i = 0; i < trainer->watches->len; i++)
    {
      GwWatched *watched = &g_array_index (trainer->watches, GwWatched, i);

      if (all || now >= watched->next)
        {
          GwWatchResult *result = make_result (trainer, watched, tensors[i]);

          if (!all && watched->stop.kind != GW_STOP_NEVER)
            test_stop (trainer, watched, &result->stats);
          gw_reports_watch (&trainer->reports, result);
          watched->next = now + (gint64) watched->interval;
        }
      next = MIN (next, watched->next);
    }
  trainer->next_watch = next;
}

gboolean
gw_trainer_look (GwTrainer *trainer,
                 GError   **error)
{
  GwModeGraph *graph = &trainer->graphs[GW_MODE_TRAIN];
  guint n = trainer->watches->len;
  g_autofree GwOutput *outputs = g_new (GwOutput, MAX (n, 1));
  g_autofree GwTensor **tensors = g_new0 (GwTensor *, MAX (n, 1));
  gboolean ok;

  if (n == 0)
    return TRUE;
  for (guint i = 0; i < n; i++)
    outputs[i] = g_array_index (trainer->watches, GwWatched, i).output;
  ok = gw_trainer_peek_batch (trainer, GW_SPLIT_TRAIN, graph, error) &&
       gw_trainer_run_once (trainer, graph, (int) n, outputs, 0, NULL, TRUE, tensors, error);
  if (ok)
    gw_trainer_send_watches (trainer, tensors, TRUE);
  for (guint i = 0; i < n; i++)
    gw_tensor_unref (tensors[i]);
  return ok;
}
