/* SPDX-License-Identifier: Apache-2.0 */
/* One training step. Plans are compiled once for the shapes of a batch and each set of
 * values that is fetched on the way; a step picks one by them and runs it on the iterator's
 * own buffers. */
#include "engine/train/trainer-private.h"

#include "engine/base/error.h"

/* Of the steps that run the same targets; above FEW_PLANS their memory counts. */
#define MAX_PLANS 32
#define FEW_PLANS 8
#define MAX_BYTES ((size_t) 256 << 20)

/* ---- plans by what is fed ---- */

static void
step_plan_free (gpointer data)
{
  GwStepPlan *plan = data;

  gw_plan_free (plan->plan);
  g_free (plan->shapes);
  g_free (plan->fetched);
  g_free (plan);
}

void
gw_step_plans_init (GwStepPlans *plans)
{
  *plans = (GwStepPlans) { .plans = g_ptr_array_new_with_free_func (step_plan_free) };
}

void
gw_step_plans_clear (GwStepPlans *plans)
{
  g_clear_pointer (&plans->plans, g_ptr_array_unref);
}

static gboolean
is_for (const GwStepPlan  *plan,
        const GwModeGraph *graph)
{
  for (int i = 0; i < graph->n_feeds; i++)
    if (!gw_shape_equal (&plan->shapes[i], &graph->tensors[i]->shape))
      return FALSE;
  return TRUE;
}

GwStepPlan *
gw_step_plans_find (GwStepPlans       *plans,
                    unsigned           kind,
                    const GwModeGraph *graph)
{
  plans->searches++;
  for (guint i = 0; i < plans->plans->len; i++)
    {
      GwStepPlan *plan = g_ptr_array_index (plans->plans, i);

      if (plan->kind == kind && is_for (plan, graph))
        {
          plan->used = plans->searches;
          return plan;
        }
    }
  return NULL;
}

/* Until there is room for another. */
static void
drop_oldest (GwStepPlans *plans,
             size_t       bytes)
{
  GPtrArray *all = plans->plans;

  for (guint i = 0; i < all->len; i++)
    bytes += gw_plan_arena_bytes (((GwStepPlan *) g_ptr_array_index (all, i))->plan);
  while (all->len >= MAX_PLANS || (all->len >= FEW_PLANS && bytes > MAX_BYTES))
    {
      guint oldest = 0;

      for (guint i = 1; i < all->len; i++)
        if (((GwStepPlan *) g_ptr_array_index (all, i))->used < ((GwStepPlan *) g_ptr_array_index (all, oldest))->used)
          oldest = i;
      bytes -= gw_plan_arena_bytes (((GwStepPlan *) g_ptr_array_index (all, oldest))->plan);
      g_ptr_array_remove_index_fast (all, oldest);
    }
}

GwStepPlan *
gw_step_plans_add (GwStepPlans       *plans,
                   unsigned           kind,
                   const GwModeGraph *graph,
                   GwPlan            *plan)
{
  GwStepPlan *added = g_new0 (GwStepPlan, 1);

  drop_oldest (plans, gw_plan_arena_bytes (plan));
  added->plan = plan;
  added->kind = kind;
  added->shapes = g_new (GwShape, MAX (graph->n_feeds, 1));
  for (int i = 0; i < graph->n_feeds; i++)
    added->shapes[i] = graph->tensors[i]->shape;
  added->used = plans->searches;
  g_ptr_array_add (plans->plans, added);
  return added;
}

/* 0: all kinds. */
void
gw_phase_drop_plans (GwPhase *phase,
                     unsigned kinds)
{
  for (guint i = phase->plans.plans->len; i > 0; i--)
    if (kinds == 0 || (((GwStepPlan *) g_ptr_array_index (phase->plans.plans, i - 1))->kind & kinds) != 0)
      g_ptr_array_remove_index_fast (phase->plans.plans, i - 1);
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

static GwStepPlan *
compile (GwTrainer *trainer,
         GwPhase   *phase,
         unsigned   kind,
         GError   **error)
{
  GwModeGraph *graph = &trainer->graphs[GW_MODE_TRAIN];
  GwStepPlan layout;
  g_autoptr (GArray) fetches = collect_fetches (trainer, kind, &layout);
  GwPlanSpec spec = { graph->lowered->graph, graph->n_feeds, graph->feeds };
  GwStepPlan *added;
  GwPlan *plan;

  gw_mode_graph_shapes (graph);
  spec.feed_shapes = graph->shapes;
  spec.n_fetches = layout.n_fetches;
  spec.fetches = (const GwOutput *) fetches->data;
  spec.n_targets = (int) phase->targets->len;
  spec.targets = (GwNode *const *) phase->targets->pdata;
  spec.guard = trainer->loss;
  plan = gw_plan_new (trainer->session, &spec, error);
  if (plan == NULL)
    return NULL;
  added = gw_step_plans_add (&phase->plans, kind, graph, plan);
  added->n_fetches = layout.n_fetches;
  added->reports = layout.reports;
  added->summaries = layout.summaries;
  added->watches = layout.watches;
  added->fetched = g_new0 (GwTensor *, MAX (layout.n_fetches, 1));
  return added;
}

/* Watches that cannot be computed are given up, and the step is made without. */
static void
give_watches_up (GwTrainer *trainer,
                 GError    *reason)
{
  GwReport report = { .kind = GW_REPORT_REFUSED, .request = trainer->watches_request, .step = trainer->step,
                      .error = reason };

  g_array_set_size (trainer->watches, 0);
  gw_reports_post (&trainer->reports, &report);
}

static GwStepPlan *
plan_for (GwTrainer *trainer,
          unsigned   kind,
          GError   **error)
{
  GwPhase *phase = gw_turns_phase (trainer->turns, trainer->step);
  GwStepPlan *plan = gw_step_plans_find (&phase->plans, kind, &trainer->graphs[GW_MODE_TRAIN]);
  GError *local = NULL;

  if (G_LIKELY (plan != NULL))
    return plan;
  plan = compile (trainer, phase, kind, &local);
  if (plan != NULL)
    return plan;
  if ((kind & GW_STEP_WATCHES) != 0)
    {
      give_watches_up (trainer, local);
      return plan_for (trainer, kind & ~(unsigned) GW_STEP_WATCHES, error);
    }
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
