/* SPDX-License-Identifier: Apache-2.0 */
/* One training step. Plans are compiled once for each size of batch and each set of
 * values that is fetched on the way; a step picks one by two indices and runs it on
 * the iterator's own buffers. */
#include "engine/train/trainer-private.h"

#include "engine/base/error.h"

static void
step_plan_clear (GwStepPlan *plan)
{
  g_clear_pointer (&plan->plan, gw_plan_free);
  g_clear_pointer (&plan->fetched, g_free);
}

void
gw_phase_drop_plans (GwPhase *phase,
                     unsigned kinds)
{
  for (int slot = 0; slot < 2; slot++)
    for (unsigned kind = 0; kind < GW_STEP_KINDS; kind++)
      if (kinds == 0 || (kind & kinds) != 0)
        step_plan_clear (&phase->plans[slot][kind]);
}

void
gw_trainer_drop_plans (GwTrainer *trainer,
                       unsigned   kinds)
{
  gw_turns_drop_plans (trainer->turns, kinds);
}

/* ---- compiling ---- */

static GArray *
collect_fetches (GwTrainer  *trainer,
                 unsigned    kind,
                 GwStepPlan *plan)
{
  GArray *fetches = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  const GPtrArray *summaries = trainer->graphs[GW_MODE_TRAIN].lowered->summaries;

  if (trainer->loss.node != NULL)
    g_array_append_val (fetches, trainer->loss);
  plan->reports = (int) fetches->len;
  for (guint i = 0; (kind & GW_STEP_RECORD) != 0 && i < trainer->reported->len; i++)
    g_array_append_val (fetches, g_array_index (trainer->reported, GwReported, i).output);
  plan->summaries = (int) fetches->len;
  for (guint i = 0; (kind & GW_STEP_SUMMARIES) != 0 && i < summaries->len; i++)
    g_array_append_val (fetches, ((GwOutput) { g_ptr_array_index (summaries, i), 0 }));
  plan->watches = (int) fetches->len;
  for (guint i = 0; (kind & GW_STEP_WATCHES) != 0 && i < trainer->watches->len; i++)
    g_array_append_val (fetches, g_array_index (trainer->watches, GwWatched, i).output);
  plan->n_fetches = (int) fetches->len;
  return fetches;
}

static gboolean
compile (GwTrainer     *trainer,
         const GwPhase *phase,
         unsigned       kind,
         GwStepPlan    *plan,
         GError       **error)
{
  GwModeGraph *graph = &trainer->graphs[GW_MODE_TRAIN];
  g_autoptr (GArray) fetches = NULL;
  GwPlanSpec spec = { graph->lowered->graph, graph->n_feeds, graph->feeds };

  step_plan_clear (plan);
  gw_mode_graph_shapes (graph);
  fetches = collect_fetches (trainer, kind, plan);
  spec.feed_shapes = graph->shapes;
  spec.n_fetches = plan->n_fetches;
  spec.fetches = (const GwOutput *) fetches->data;
  spec.n_targets = (int) phase->targets->len;
  spec.targets = (GwNode *const *) phase->targets->pdata;
  spec.guard = trainer->loss;
  plan->plan = gw_plan_new (trainer->session, &spec, error);
  if (plan->plan == NULL)
    return FALSE;
  plan->rows = trainer->batches[GW_SPLIT_TRAIN].rows;
  plan->fetched = g_new0 (GwTensor *, MAX (plan->n_fetches, 1));
  return TRUE;
}

/* Watches that cannot be computed are given up, and the step is made without. */
static GwStepPlan *
without_watches (GwTrainer *trainer,
                 GwPhase   *phase,
                 unsigned   kind,
                 GError    *reason,
                 GError   **error)
{
  GwReport report = { .kind = GW_REPORT_REFUSED, .request = trainer->watches_request, .step = trainer->step,
                      .error = reason };
  GwStepPlan *plan = &phase->plans[0][kind & ~(unsigned) GW_STEP_WATCHES];

  g_array_set_size (trainer->watches, 0);
  gw_reports_post (&trainer->reports, &report);
  return compile (trainer, phase, kind & ~(unsigned) GW_STEP_WATCHES, plan, error) ? plan : NULL;
}

static GwStepPlan *
plan_for (GwTrainer *trainer,
          unsigned   kind,
          GError   **error)
{
  int64_t rows = trainer->batches[GW_SPLIT_TRAIN].rows;
  GwPhase *phase = gw_turns_phase (trainer->turns, trainer->step);
  GwStepPlan *plan = &phase->plans[rows != trainer->full_rows][kind];
  GError *local = NULL;

  if (G_LIKELY (plan->plan != NULL && plan->rows == rows))
    return plan;
  if (compile (trainer, phase, kind, plan, &local))
    return plan;
  if ((kind & GW_STEP_WATCHES) != 0)
    return without_watches (trainer, phase, kind, local, error);
  g_propagate_error (error, local);
  return NULL;
}

/* ---- running ---- */

static unsigned
what_is_due (GwTrainer *trainer,
             int64_t    step)
{
  unsigned kind = 0;

  if (trainer->reported->len > 0 && step % trainer->record_every == 0)
    kind |= GW_STEP_RECORD;
  if (trainer->recorder != NULL && trainer->summaries_every > 0 && step % trainer->summaries_every == 0 &&
      trainer->graphs[GW_MODE_TRAIN].lowered->summaries->len > 0)
    kind |= GW_STEP_SUMMARIES;
  if (trainer->watches->len > 0 && g_get_monotonic_time () >= trainer->next_watch)
    kind |= GW_STEP_WATCHES;
  return kind;
}

static double
mean_of (const GwTensor *tensor)
{
  GwTensorStats stats;

  if (tensor->elements == 1)
    return gw_tensor_get_double (tensor, 0);
  gw_tensor_stats (tensor, &stats);
  return stats.mean;
}

static void
record_points (GwTrainer        *trainer,
               const GwStepPlan *plan,
               unsigned          kind)
{
  double now = (double) g_get_real_time () / G_USEC_PER_SEC;

  if (trainer->loss.node != NULL)
    gw_trainer_put_point (trainer, trainer->loss_series, now, trainer->last_loss);
  for (guint i = 0; (kind & GW_STEP_RECORD) != 0 && i < trainer->reported->len; i++)
    gw_trainer_put_point (trainer, g_array_index (trainer->reported, GwReported, i).series, now,
                          mean_of (plan->fetched[plan->reports + (int) i]));
}

static void
record_summaries (GwTrainer        *trainer,
                  const GwStepPlan *plan)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;

  for (int i = plan->summaries; i < plan->watches; i++)
    for (int64_t k = 0; k < plan->fetched[i]->elements; k++)
      {
        const GwString *summary = gw_tensor_get_string (plan->fetched[i], k);

        if (summary->length > 0)
          g_byte_array_append (all, (const guint8 *) summary->data, (guint) summary->length);
      }
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&all));
  gw_recorder_summary (trainer->recorder, trainer->step, bytes);
}

static gboolean
run (GwTrainer  *trainer,
     GwStepPlan *plan,
     GError    **error)
{
  GwModeGraph *graph = &trainer->graphs[GW_MODE_TRAIN];

  trainer->not_finite = FALSE;
  if (G_UNLIKELY (!gw_plan_run (plan->plan, graph->tensors, NULL, plan->fetched, error)))
    {
      trainer->not_finite = gw_plan_guard_tripped (plan->plan);
      if (trainer->not_finite)
        {
          g_clear_error (error);
          gw_trainer_explain_not_finite (trainer, error);
        }
      gw_trainer_name_error (trainer, graph->lowered->graph, error);
      return FALSE;
    }
  trainer->step++;
  trainer->evaluated = FALSE;
  trainer->saved = FALSE;
  if (trainer->loss.node != NULL)
    trainer->last_loss = gw_tensor_get_double (plan->fetched[0], 0);
  return TRUE;
}

gboolean
gw_trainer_make_step (GwTrainer *trainer,
                      GError   **error)
{
  unsigned kind = what_is_due (trainer, trainer->step + 1);
  GwStepPlan *plan;

  if (!gw_trainer_next_batch (trainer, GW_SPLIT_TRAIN, &trainer->graphs[GW_MODE_TRAIN], error))
    return FALSE;
  plan = plan_for (trainer, kind, error);
  if (plan == NULL || !run (trainer, plan, error))
    return FALSE;
  if (trainer->step % trainer->record_every == 0)
    record_points (trainer, plan, kind);
  if (plan->summaries < plan->watches)
    record_summaries (trainer, plan);
  if (plan->watches < plan->n_fetches)
    gw_trainer_send_watches (trainer, plan->fetched + plan->watches, FALSE);
  return TRUE;
}

gboolean
gw_trainer_bare_step (GwTrainer *trainer,
                      gboolean   fixed_batch,
                      GError   **error)
{
  GwStepPlan *plan;

  if ((!fixed_batch || trainer->step == 0) &&
      !gw_trainer_next_batch (trainer, GW_SPLIT_TRAIN, &trainer->graphs[GW_MODE_TRAIN], error))
    return FALSE;
  plan = plan_for (trainer, 0, error);
  return plan != NULL && run (trainer, plan, error);
}

/* ---- before the first step ---- */

static gboolean
take_targets (GwTrainer *trainer,
              GError   **error)
{
  if (!gw_turns_take (trainer->turns, trainer->document, trainer->graphs[GW_MODE_TRAIN].lowered, error))
    return FALSE;
  if (gw_turns_is_empty (trainer->turns))
    return gw_invalid (error, "nothing to train: the training settings name no node that a step runs "
                       "(a Minimize, say)");
  return TRUE;
}

static gboolean
take_loss (GwTrainer           *trainer,
           const GwDocSettings *settings,
           GError             **error)
{
  const GwDocNode *box = gw_document_node (trainer->document, settings->loss);
  GwOutput loss = gw_lowered_output (trainer->graphs[GW_MODE_TRAIN].lowered, settings->loss, 0);

  trainer->loss = GW_NO_OUTPUT;
  if (settings->loss == 0)
    return TRUE;
  if (loss.node == NULL)
    gw_invalid (error, "it should be the loss, but it has no output in training");
  else if (!gw_dtype_is_floating (gw_output_dtype (loss)) ||
           !gw_shape_compatible (gw_output_shape (loss), &GW_SHAPE_SCALAR))
    {
      g_autofree char *shape = gw_shape_to_string (gw_output_shape (loss));

      gw_invalid (error, "the loss must be a floating scalar, not %s %s; reduce it with Mean or Sum",
                  gw_dtype_name (gw_output_dtype (loss)), shape);
    }
  else
    {
      trainer->loss = loss;
      return TRUE;
    }
  gw_error_set_node (error, box != NULL ? box->name : NULL, box != NULL ? box->op : NULL);
  return FALSE;
}

gboolean
gw_trainer_prepare_training (GwTrainer *trainer,
                             GError   **error)
{
  const GwDocSettings *settings = gw_document_settings (trainer->document);

  if (!gw_turns_is_empty (trainer->turns))
    return TRUE;
  return gw_trainer_graph (trainer, GW_MODE_TRAIN, error) != NULL && take_loss (trainer, settings, error) &&
         take_targets (trainer, error);
}
