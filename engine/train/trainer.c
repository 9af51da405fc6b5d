/* SPDX-License-Identifier: Apache-2.0 */
/* Making a trainer, its run loop and its clock. */
#include "engine/train/trainer-private.h"

#include "engine/base/error.h"
#include "engine/graph/graph-pb.h"
#include "engine/train/version.h"

#include <math.h>
#include <string.h>

#define PROGRESS_MICROSECONDS 16000
#define RATE_MICROSECONDS 500000

/* ---- settings ---- */

static int64_t
int_setting (const GwDocSettings *settings,
             const char          *name)
{
  GwAttrValue value;

  gw_training_setting (settings, name, &value);
  return value.i;
}

/* What stands in the document must be right, not silently replaced. */
static gboolean
check_settings (const GwDocSettings *settings,
                GError             **error)
{
  for (guint i = 0; i < settings->training_attrs->len; i++)
    {
      const GwNamedAttr *attr = &g_array_index (settings->training_attrs, GwNamedAttr, i);
      int index = gw_attr_defs_find (gw_training_attrs (), attr->name);
      GwAttrValue value;
      gboolean ok;

      if (index < 0)
        continue;
      gw_attr_value_copy (&value, &attr->value);
      ok = gw_attr_check (&gw_training_attrs ()[index], &value, error);
      gw_attr_value_clear (&value);
      if (!ok)
        {
          g_prefix_error (error, "training settings: ");
          return FALSE;
        }
    }
  return TRUE;
}

#define SEED_MASK 0x7fffffff /* TensorFlow's seeds are 32-bit integers to most users */

static gboolean
choose_seed (GwTrainer              *trainer,
             const GwDocSettings    *settings,
             const GwTrainerOptions *options,
             GError                **error)
{
  if (options->resume)
    return gw_trainer_read_seed (options->run_dir, &trainer->seed, error);
  trainer->seed = options->seed >= 0 ? options->seed : int_setting (settings, "seed");
  if (options->seed < 0 && trainer->seed == 0)
    trainer->seed = (int64_t) (gw_random_seed () & SEED_MASK);
  return TRUE;
}

static gboolean
choose_device (GwTrainer              *trainer,
               const GwDocSettings    *settings,
               const GwTrainerOptions *options,
               GError                **error)
{
  GwAttrValue value;

  gw_training_setting (settings, "device", &value);
  trainer->device = g_strdup (options->device != NULL ? options->device : value.s);
  gw_attr_value_clear (&value);
  if (strcmp (trainer->device, "/cpu:0") == 0 || g_ascii_strcasecmp (trainer->device, "/device:CPU:0") == 0)
    return TRUE;
  g_set_error (error, GW_ERROR, GW_ERROR_UNAVAILABLE, "there is no device %s here; there is /cpu:0", trainer->device);
  return FALSE;
}

static void
choose_steps (GwTrainer              *trainer,
              const GwDocSettings    *settings,
              const GwTrainerOptions *options)
{
  GwIterator *iterator = trainer->batches[GW_SPLIT_TRAIN].iterator;
  int64_t epochs = options->epochs >= 0 ? options->epochs : int_setting (settings, "epochs");
  int64_t steps = options->steps >= 0 ? options->steps : options->epochs >= 0 ? 0 : int_setting (settings, "steps");

  trainer->steps_per_epoch = iterator != NULL ? MAX (gw_iterator_batches_per_epoch (iterator), 1) : 1;
  if (steps == 0 && epochs > 0 && epochs > G_MAXINT64 / trainer->steps_per_epoch)
    epochs = G_MAXINT64 / trainer->steps_per_epoch;
  trainer->total_steps = steps > 0 ? steps : epochs * trainer->steps_per_epoch;
  if (trainer->pipeline != NULL && trainer->pipeline->attrs[GW_PIPELINE_REPEAT].i >= 0)
    trainer->total_steps = MIN (trainer->total_steps,
                                trainer->pipeline->attrs[GW_PIPELINE_REPEAT].i * trainer->steps_per_epoch);
}

/* ---- series ---- */

static gboolean
has_tag (const GwTrainer *trainer,
         const char      *tag)
{
  for (guint i = 0; i < trainer->series->len; i++)
    if (strcmp (g_array_index (trainer->series, GwTrainerSeries, i).tag, tag) == 0)
      return TRUE;
  return FALSE;
}

/* Takes `tag`, and makes it another one when it is taken. */
static int
add_series (GwTrainer *trainer,
            char      *tag,
            int64_t    node,
            gboolean   evaluation)
{
  GwTrainerSeries series = { tag, node, evaluation };

  for (int i = 1; has_tag (trainer, series.tag); i++)
    {
      if (series.tag != tag)
        g_free ((char *) series.tag);
      series.tag = g_strdup_printf ("%s_%d", tag, i);
    }
  if (series.tag != tag)
    g_free (tag);
  g_array_append_val (trainer->series, series);
  return (int) trainer->series->len - 1;
}

static gboolean
is_metric (const GwDocSettings *settings,
           int64_t              id)
{
  for (guint i = 0; i < settings->metrics->len; i++)
    if (g_array_index (settings->metrics, int64_t, i) == id)
      return TRUE;
  return FALSE;
}

/* Nodes marked “report”: their output 0 is recorded during training. */
static void
add_reported (GwTrainer           *trainer,
              const GwDocSettings *settings)
{
  int n;
  const int64_t *ids = gw_document_ids (trainer->document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (trainer->document, ids[i]);
      GwReported reported = { ids[i], gw_lowered_output (trainer->graphs[GW_MODE_TRAIN].lowered, ids[i], 0), 0 };

      if ((node->flags & GW_DOC_REPORT) == 0 || reported.output.node == NULL || ids[i] == settings->loss ||
          gw_output_dtype (reported.output) == GW_STRING)
        continue;
      reported.series = add_series (trainer, g_strconcat (is_metric (settings, ids[i]) ? "train/" : "", node->name, NULL),
                                    ids[i], FALSE);
      g_array_append_val (trainer->reported, reported);
    }
}

static void
make_series (GwTrainer *trainer)
{
  const GwDocSettings *settings = gw_document_settings (trainer->document);

  trainer->loss_series = -1;
  if (gw_document_node (trainer->document, settings->loss) != NULL)
    trainer->loss_series = add_series (trainer, g_strdup ("loss"), settings->loss, FALSE);
  add_reported (trainer, settings);
  trainer->first_evaluation_series = (int) trainer->series->len;
  if (trainer->loss_series >= 0 && trainer->dataset != NULL)
    add_series (trainer, g_strdup ("test/loss"), settings->loss, TRUE);
  for (guint i = 0; i < settings->metrics->len; i++)
    {
      int64_t id = g_array_index (settings->metrics, int64_t, i);
      const GwDocNode *node = gw_document_node (trainer->document, id);

      if (node != NULL && (id != settings->loss || trainer->dataset == NULL)) /* that one is test/loss */
        add_series (trainer, g_strdup (node->name), id, TRUE);
    }
}

static void
series_clear (gpointer data)
{
  g_free ((char *) ((GwTrainerSeries *) data)->tag);
}

/* ---- the run's folder ---- */

static void
fill_info (GwTrainer *trainer)
{
  GwRunInfo *info = trainer->info;

  g_free (info->state);
  info->state = g_strdup (gw_trainer_state_name (gw_trainer_state (trainer)));
  g_free (info->error);
  info->error = trainer->error != NULL ? g_strdup (trainer->error->message) : NULL;
  info->steps = trainer->step;
  info->epochs = (double) trainer->step / (double) trainer->steps_per_epoch;
  info->seconds = gw_trainer_seconds (trainer, g_get_monotonic_time ());
  info->loss = trainer->last_loss;
  if (info->finished == 0 && (gw_trainer_state (trainer) == GW_TRAINER_DONE ||
                              gw_trainer_state (trainer) == GW_TRAINER_FAILED ||
                              gw_trainer_state (trainer) == GW_TRAINER_STOPPED))
    info->finished = g_get_real_time ();
}

static void
make_info (GwTrainer *trainer)
{
  GwRunInfo *info = trainer->info;

  info->path = g_strdup (trainer->run_dir);
  info->id = trainer->run_dir != NULL ? g_path_get_basename (trainer->run_dir) : NULL;
  info->device = g_strdup (trainer->device);
  info->version = g_strdup (GW_PROGRAM_VERSION);
  info->n_threads = gw_workers_n_threads (gw_session_workers (trainer->session));
  info->seed = trainer->seed;
  info->total_steps = trainer->total_steps;
  info->started = g_get_real_time ();
  fill_info (trainer);
}

static gboolean
record_graph (GwTrainer *trainer,
              GError   **error)
{
  g_autoptr (GBytes) graph_def = gw_graph_to_proto (trainer->graphs[GW_MODE_TRAIN].lowered->graph, error);

  if (graph_def == NULL)
    return FALSE;
  gw_recorder_graph (trainer->recorder, graph_def);
  return TRUE;
}

/* Opens the folder for writing; a resumed run keeps its beginning. */
static gboolean
open_run (GwTrainer *trainer,
          gboolean   resume,
          GError   **error)
{
  g_autofree const char **tags = g_new0 (const char *, trainer->series->len + 1);
  g_autoptr (GwRunInfo) before = NULL;

  if (trainer->run_dir == NULL)
    return TRUE;
  before = resume ? gw_run_info_read (trainer->run_dir, NULL) : NULL;
  if (before != NULL)
    {
      trainer->info->started = before->started;
      g_free (trainer->info->document);
      trainer->info->document = g_strdup (before->document);
    }
  for (guint i = 0; i < trainer->series->len; i++)
    tags[i] = g_array_index (trainer->series, GwTrainerSeries, i).tag;
  if (!gw_run_document_save (trainer->document, trainer->run_dir, error))
    return FALSE;
  trainer->recorder = gw_recorder_new (trainer->info, (int) trainer->series->len, tags, (int) trainer->max_to_keep,
                                       &trainer->reports, error);
  if (trainer->recorder == NULL)
    return FALSE;
  if (resume)
    gw_recorder_start_at (trainer->recorder, trainer->step + 1);
  return record_graph (trainer, error);
}

void
gw_trainer_record_info (GwTrainer *trainer)
{
  fill_info (trainer);
  if (trainer->recorder != NULL)
    gw_recorder_info (trainer->recorder, gw_run_info_copy (trainer->info));
}

void
gw_trainer_put_point (GwTrainer *trainer,
                      int        series,
                      double     wall_time,
                      double     value)
{
  GwPoint point = { series, trainer->step, wall_time, value };

  gw_reports_point (&trainer->reports, &point);
  if (trainer->recorder != NULL)
    gw_recorder_point (trainer->recorder, &point);
}

/* ---- making ---- */

/* What Print writes, in whatever runs in the session. */
static void
pass_message (void       *data,
              const char *node,
              const char *text)
{
  GwTrainer *trainer = data;
  const GwDocNode *origin = NULL;
  int64_t id = 0;

  for (guint i = 0; i < G_N_ELEMENTS (trainer->graphs) && origin == NULL; i++)
    {
      const GwLowered *lowered = trainer->graphs[i].lowered;
      const GwNode *primitive = lowered != NULL ? gw_graph_find (lowered->graph, node) : NULL;

      id = primitive != NULL ? primitive->origin : 0;
      origin = gw_document_node (trainer->document, id);
    }
  gw_reports_message (&trainer->reports, trainer->step, origin != NULL ? id : 0, origin != NULL ? origin->name : node, text);
}

static GwTrainer *
allocate (GwDocument             *document,
          const GwTrainerOptions *options)
{
  GwTrainer *trainer = g_new0 (GwTrainer, 1);

  trainer->document = gw_document_ref (document);
  trainer->run_dir = g_strdup (options->run_dir);
  trainer->begin = options->begin;
  trainer->keep_open = options->keep_open;
  trainer->series = g_array_new (FALSE, FALSE, sizeof (GwTrainerSeries));
  g_array_set_clear_func (trainer->series, series_clear);
  trainer->turns = gw_turns_new ();
  trainer->reported = g_array_new (FALSE, FALSE, sizeof (GwReported));
  trainer->watches = g_array_new (FALSE, FALSE, sizeof (GwWatched));
  trainer->last_loss = NAN;
  trainer->loaded_at = -1;
  trainer->info = gw_run_info_new ();
  trainer->info->document = g_strdup (options->document_name);
  trainer->session = gw_session_new (options->n_threads);
  gw_session_set_message_func (trainer->session, pass_message, trainer);
  gw_reports_init (&trainer->reports, options->ring_capacity);
  atomic_init (&trainer->state, GW_TRAINER_IDLE);
  atomic_init (&trainer->n_requests, 0);
  atomic_init (&trainer->hurry, 0);
  pthread_mutex_init (&trainer->lock, NULL);
  pthread_cond_init (&trainer->wake, NULL);
  g_queue_init (&trainer->requests);
  return trainer;
}

/* Values for the variables, in the order in which one overrides the other. */
static gboolean
start_values (GwTrainer              *trainer,
              const GwTrainerOptions *options,
              GError                **error)
{
  if (options->resume)
    return gw_trainer_resume (trainer, error);
  gw_trainer_set_value_step (trainer, options->start_values != NULL ? options->start_step : 0);
  return gw_trainer_initialize_variables (trainer, NULL, error) &&
         (options->start_values == NULL || gw_trainer_take_values (trainer, options->start_values, error)) &&
         (options->checkpoint == NULL ||
          gw_trainer_load_variables (trainer, options->checkpoint, NULL, FALSE, error));
}

static gboolean
prepare (GwTrainer              *trainer,
         const GwTrainerOptions *options,
         GError                **error)
{
  const GwDocSettings *settings = gw_document_settings (trainer->document);

  trainer->record_every = int_setting (settings, "record_every");
  trainer->evaluate_every = int_setting (settings, "evaluate_every");
  trainer->checkpoint_every = int_setting (settings, "checkpoint_every");
  trainer->histograms_every = int_setting (settings, "histograms_every");
  trainer->summaries_every = int_setting (settings, "summaries_every");
  trainer->max_to_keep = int_setting (settings, "max_to_keep");
  if (!check_settings (settings, error) || !choose_seed (trainer, settings, options, error) ||
      !choose_device (trainer, settings, options, error) || !gw_trainer_open_data (trainer, error) ||
      gw_trainer_graph (trainer, GW_MODE_TRAIN, error) == NULL || !start_values (trainer, options, error))
    return FALSE;
  choose_steps (trainer, settings, options);
  make_series (trainer);
  make_info (trainer);
  return open_run (trainer, options->resume, error);
}

GwTrainer *
gw_trainer_new (GwDocument             *document,
                const GwTrainerOptions *options,
                GError                **error)
{
  g_autoptr (GwTrainer) trainer = NULL;

  if (options->resume && options->run_dir == NULL)
    {
      gw_invalid (error, "only a run that has a folder can be resumed");
      return NULL;
    }
  trainer = allocate (document, options);
  return prepare (trainer, options, error) ? g_steal_pointer (&trainer) : NULL;
}

static void
batches_clear (GwBatches *batches)
{
  g_clear_pointer (&batches->iterator, gw_iterator_free);
  g_clear_pointer (&batches->batch, g_free);
}

void
gw_trainer_free (GwTrainer *trainer)
{
  if (trainer == NULL)
    return;
  gw_recorder_free (trainer->recorder);
  gw_trainer_drop_plans (trainer, 0);
  for (int mode = 0; mode < 3; mode++)
    gw_mode_graph_clear (&trainer->graphs[mode]);
  batches_clear (&trainer->batches[GW_SPLIT_TRAIN]);
  batches_clear (&trainer->batches[GW_SPLIT_TEST]);
  gw_dataset_unref (trainer->dataset);
  gw_pipeline_free (trainer->pipeline);
  gw_session_free (trainer->session);
  gw_trainer_clear_requests (trainer);
  gw_reports_clear (&trainer->reports);
  pthread_mutex_destroy (&trainer->lock);
  pthread_cond_destroy (&trainer->wake);
  g_clear_pointer (&trainer->copies, g_ptr_array_unref);
  g_array_unref (trainer->series);
  g_array_unref (trainer->reported);
  g_array_unref (trainer->watches);
  g_clear_error (&trainer->stopped_by);
  gw_turns_free (trainer->turns);
  gw_run_info_free (trainer->info);
  g_clear_error (&trainer->error);
  gw_document_unref (trainer->document);
  g_free (trainer->run_dir);
  g_free (trainer->device);
  g_free (trainer);
}

/* ---- clock and progress ---- */

void
gw_trainer_clock_start (GwTrainer *trainer)
{
  trainer->since = g_get_monotonic_time ();
  trainer->rate_time = trainer->since;
  trainer->rate_step = trainer->step;
}

void
gw_trainer_clock_stop (GwTrainer *trainer)
{
  if (trainer->since == 0)
    return;
  trainer->seconds = gw_trainer_seconds (trainer, g_get_monotonic_time ());
  trainer->since = 0;
}

double
gw_trainer_seconds (const GwTrainer *trainer,
                    gint64           now)
{
  return trainer->seconds + (trainer->since != 0 ? (double) (now - trainer->since) / G_USEC_PER_SEC : 0);
}

static void
measure_rate (GwTrainer *trainer,
              gint64     now)
{
  gint64 span = now - trainer->rate_time;
  double rate;

  if (trainer->since == 0 || trainer->step == trainer->rate_step ||
      (span < RATE_MICROSECONDS && trainer->rate > 0))
    return;
  rate = (double) (trainer->step - trainer->rate_step) * G_USEC_PER_SEC / (double) MAX (span, 1);
  trainer->rate = trainer->rate > 0 ? (trainer->rate + rate) / 2 : rate;
  if (span < RATE_MICROSECONDS)
    return;
  trainer->rate_time = now;
  trainer->rate_step = trainer->step;
}

static void
fill_progress (GwTrainer  *trainer,
               gint64      now,
               GwProgress *progress)
{
  double left = (double) (trainer->total_steps - trainer->step);

  progress->step = trainer->step;
  progress->total_steps = trainer->total_steps;
  progress->epoch = (double) trainer->step / (double) trainer->steps_per_epoch;
  progress->steps_per_second = trainer->since != 0 ? trainer->rate : 0;
  progress->seconds = gw_trainer_seconds (trainer, now);
  progress->seconds_left = trainer->rate > 0 ? MAX (left, 0) / trainer->rate : NAN;
  progress->loss = trainer->last_loss;
  progress->dropped = atomic_load_explicit (&trainer->reports.dropped, memory_order_relaxed);
}

void
gw_trainer_send_progress (GwTrainer *trainer,
                          gint64     now)
{
  GwProgress progress;

  measure_rate (trainer, now);
  fill_progress (trainer, now, &progress);
  gw_reports_progress (&trainer->reports, &progress);
  trainer->next_progress = now + PROGRESS_MICROSECONDS;
}

/* ---- running ---- */

static gboolean
is_due (const GwTrainer *trainer,
        int64_t          every)
{
  return every > 0 && trainer->step % every == 0;
}

static void
evaluate_if_due (GwTrainer *trainer)
{
  int64_t every = trainer->evaluate_every > 0 ? trainer->evaluate_every : trainer->steps_per_epoch;
  GwReport report = { .kind = GW_REPORT_WARNING, .step = trainer->step };

  if (!is_due (trainer, every) || trainer->first_evaluation_series == (int) trainer->series->len ||
      (trainer->evaluate_every == 0 && trainer->dataset == NULL))
    return;
  gw_trainer_clock_stop (trainer);
  if (!gw_trainer_report_evaluation (trainer, 0, &report.error))
    {
      /* Who asks it to stop need not hear that it did. */
      if (g_error_matches (report.error, GW_ERROR, GW_ERROR_CANCELLED))
        g_clear_error (&report.error);
      else
        gw_reports_post (&trainer->reports, &report);
    }
  gw_trainer_clock_start (trainer);
}

/* While the last checkpoint is still being written the next one waits, the training
 * does not. */
static void
save_if_due (GwTrainer *trainer)
{
  GwReport report = { .kind = GW_REPORT_WARNING, .step = trainer->step };

  if (trainer->recorder == NULL || (!trainer->save_waits && !is_due (trainer, trainer->checkpoint_every)))
    return;
  trainer->save_waits = !gw_trainer_save (trainer, 0, FALSE, &report.error) && report.error == NULL;
  if (report.error != NULL)
    gw_reports_post (&trainer->reports, &report);
  if (!trainer->save_waits)
    gw_trainer_record_info (trainer);
}

/* The training cannot go on: paused for a person to look, or failed. */
static void
give_up (GwTrainer *trainer,
         GError    *error)
{
  gw_trainer_clock_stop (trainer);
  if (trainer->keep_open && trainer->not_finite)
    {
      gw_trainer_set_state (trainer, GW_TRAINER_PAUSED, error);
      return;
    }
  if (trainer->recorder != NULL && !trainer->saved && trainer->step > 0)
    gw_trainer_save (trainer, 0, TRUE, NULL);
  trainer->error = error;
  gw_trainer_set_state (trainer, GW_TRAINER_FAILED, g_error_copy (error));
}

static void
train_once (GwTrainer *trainer)
{
  GError *error = NULL;
  gint64 now;

  if (trainer->step >= trainer->total_steps)
    {
      gw_trainer_end_training (trainer, GW_TRAINER_DONE);
      return;
    }
  if (G_UNLIKELY (!gw_trainer_make_step (trainer, &error)))
    {
      give_up (trainer, error);
      return;
    }
  if (trainer->recorder != NULL && is_due (trainer, trainer->histograms_every))
    gw_trainer_record_histograms (trainer);
  evaluate_if_due (trainer);
  save_if_due (trainer);
  now = g_get_monotonic_time ();
  if (now >= trainer->next_progress)
    gw_trainer_send_progress (trainer, now);
  if (trainer->step == trainer->pause_at || trainer->stopped_by != NULL)
    {
      gw_trainer_clock_stop (trainer);
      gw_trainer_set_state (trainer, GW_TRAINER_PAUSED, g_steal_pointer (&trainer->stopped_by));
    }
}

static gboolean
is_finished (GwTrainerState state)
{
  return state == GW_TRAINER_DONE || state == GW_TRAINER_FAILED || state == GW_TRAINER_STOPPED;
}

gboolean
gw_trainer_run (GwTrainer *trainer,
                GError   **error)
{
  GError *local = NULL;

  trainer->quit = FALSE;
  if (trainer->begin == GW_TRAINER_RUNNING && !gw_trainer_begin_training (trainer, &local))
    give_up (trainer, local);
  while (!trainer->quit)
    {
      if (G_UNLIKELY (atomic_load_explicit (&trainer->n_requests, memory_order_relaxed) > 0))
        gw_trainer_serve (trainer);
      else if (gw_trainer_state (trainer) == GW_TRAINER_RUNNING)
        train_once (trainer);
      else if (is_finished (gw_trainer_state (trainer)) && !trainer->keep_open)
        break;
      else
        gw_trainer_wait_for_request (trainer);
    }
  if (trainer->recorder != NULL)
    gw_recorder_wait (trainer->recorder);
  if (gw_trainer_state (trainer) != GW_TRAINER_FAILED)
    return TRUE;
  g_propagate_error (error, g_error_copy (trainer->error));
  return FALSE;
}

/* ---- names ---- */

void
gw_trainer_name_error (const GwTrainer *trainer,
                       const GwGraph   *graph,
                       GError         **error)
{
  const char *name = error != NULL && *error != NULL ? gw_error_get_node (*error) : NULL;
  const GwNode *node = name != NULL ? gw_graph_find (graph, name) : NULL;
  const GwDocNode *origin = node != NULL ? gw_document_node (trainer->document, node->origin) : NULL;
  GError *renamed = NULL;

  if (origin == NULL || strcmp (origin->name, name) == 0)
    return;
  g_set_error (&renamed, GW_ERROR, (*error)->code, "%s (in %s)", (*error)->message, name);
  gw_error_set_node (&renamed, origin->name, origin->op);
  gw_error_set_inner (&renamed, name);
  g_clear_error (error);
  *error = renamed;
}

/* ---- for everyone ---- */

GwTrainerState
gw_trainer_state (GwTrainer *trainer)
{
  return (GwTrainerState) atomic_load (&trainer->state);
}

GwDocument *
gw_trainer_document (const GwTrainer *trainer)
{
  return trainer->document;
}

const char *
gw_trainer_run_dir (const GwTrainer *trainer)
{
  return trainer->run_dir;
}

int64_t
gw_trainer_seed (const GwTrainer *trainer)
{
  return trainer->seed;
}

int64_t
gw_trainer_total_steps (const GwTrainer *trainer)
{
  return trainer->total_steps;
}

int64_t
gw_trainer_steps_per_epoch (const GwTrainer *trainer)
{
  return trainer->steps_per_epoch;
}

const char *
gw_trainer_device (const GwTrainer *trainer)
{
  return trainer->device;
}

int
gw_trainer_n_series (const GwTrainer *trainer)
{
  return (int) trainer->series->len;
}

const GwTrainerSeries *
gw_trainer_series (const GwTrainer *trainer,
                   int              i)
{
  return &g_array_index (trainer->series, GwTrainerSeries, i);
}

gboolean
gw_trainer_poll (GwTrainer *trainer,
                 GwReport  *report)
{
  return gw_reports_poll (&trainer->reports, report);
}

GwEvaluation *
gw_trainer_evaluate_now (GwTrainer *trainer,
                         GError   **error)
{
  return gw_trainer_make_evaluation (trainer, error);
}

GwSession *
gw_trainer_session (GwTrainer *trainer)
{
  return trainer->session;
}

gboolean
gw_trainer_run_steps (GwTrainer *trainer,
                      int64_t    n,
                      gboolean   fixed_batch,
                      GError   **error)
{
  if (!gw_trainer_prepare_training (trainer, error))
    return FALSE;
  for (int64_t i = 0; i < n; i++)
    if (!gw_trainer_bare_step (trainer, fixed_batch, error))
      return FALSE;
  return TRUE;
}

void
gw_trainer_get_progress (GwTrainer  *trainer,
                         GwProgress *progress)
{
  fill_progress (trainer, g_get_monotonic_time (), progress);
}
