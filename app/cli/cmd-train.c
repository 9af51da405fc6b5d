/* SPDX-License-Identifier: Apache-2.0 */
/* gw train */
#include "app/cli/cli.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define POLL_MICROSECONDS 20000
#define LINE_MICROSECONDS 100000      /* between two states of the progress line */
#define JSON_MICROSECONDS G_USEC_PER_SEC

static volatile sig_atomic_t interrupts;

static void
on_interrupt (int number)
{
  interrupts++;
}

/* What is shown of a training while it runs. */
typedef struct {
  const CliArgs *args;
  GwTrainer     *trainer;
  GwProgress     progress;
  GwEvaluation  *evaluation; /* the last one */
  char          *checkpoint; /* prefix of the last one */
  int64_t        saved_step; /* its step */
  gint64         next_line;
  gboolean       finished;   /* the worker is through */
  GwTrainerState state;
} Watcher;

/* ---- a run's folder ---- */

/* The folder to write to; for --resume the one that is there. */
static char *
choose_run_dir (const CliArgs *args,
                GError       **error)
{
  g_autofree char *runs = NULL;
  char *newest;

  if (args->run_dir != NULL)
    return g_strdup (args->run_dir);
  if (!args->resume)
    {
      runs = cli_runs_dir (args->files[0]);
      return gw_run_dir_new (runs, error);
    }
  newest = cli_newest_run (args->files[0]);
  if (newest == NULL)
    g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "there is no run of it to resume");
  return newest;
}

/* A resumed run goes on with the document as it ran. */
static GwDocument *
load_document (const CliArgs *args,
               const char    *run_dir,
               int           *status)
{
  g_autofree char *snapshot = NULL;
  CliArgs changed = *args;
  char *files[2] = { NULL, NULL };

  if (!args->resume)
    return cli_load (args, status);
  snapshot = g_build_filename (run_dir, GW_RUN_DOCUMENT, NULL);
  files[0] = snapshot;
  changed.files = files;
  return cli_load (&changed, status);
}

/* ---- telling ---- */

static void
show_line (Watcher *watcher,
           gboolean last)
{
  const GwProgress *progress = &watcher->progress;
  g_autofree char *step = cli_count (progress->step);
  g_autofree char *total = cli_count (progress->total_steps);
  g_autofree char *rate = cli_count ((int64_t) (progress->steps_per_second + 0.5));
  g_autofree char *left = isnan (progress->seconds_left) ? NULL : cli_duration (progress->seconds_left);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_printf (text, "step %s of %s · epoch %.2f", step, total, progress->epoch);
  if (progress->steps_per_second > 0)
    g_string_append_printf (text, " · %s steps/s", rate);
  if (!last && left != NULL)
    g_string_append_printf (text, " · %s left", left);
  if (!isnan (progress->loss))
    g_string_append_printf (text, " · loss %.4f", progress->loss);
  for (int i = 0; watcher->evaluation != NULL && i < watcher->evaluation->n_metrics; i++)
    g_string_append_printf (text, " · %s %.4f", watcher->evaluation->metrics[i].name,
                            watcher->evaluation->metrics[i].value);
  cli_progress (text->str, last);
}

static void
show_progress_json (const GwProgress *progress)
{
  cJSON *event = cli_event ("progress");

  cli_add_int (event, "step", progress->step);
  cli_add_int (event, "total_steps", progress->total_steps);
  cli_add_double (event, "epoch", progress->epoch);
  cli_add_double (event, "seconds", progress->seconds);
  cli_add_double (event, "steps_per_second", progress->steps_per_second);
  cli_add_double (event, "loss", progress->loss);
  cli_print_json (event);
}

static void
show_progress (Watcher *watcher)
{
  gint64 now = g_get_monotonic_time ();

  if (now < watcher->next_line || watcher->progress.step == 0)
    return;
  watcher->next_line = now + (watcher->args->json ? JSON_MICROSECONDS : LINE_MICROSECONDS);
  if (watcher->args->json)
    show_progress_json (&watcher->progress);
  else
    show_line (watcher, FALSE);
}

static void
add_metrics (cJSON              *object,
             const GwEvaluation *evaluation)
{
  cJSON *metrics = cJSON_AddObjectToObject (object, "metrics");

  for (int i = 0; evaluation != NULL && i < evaluation->n_metrics; i++)
    cli_add_double (metrics, evaluation->metrics[i].name, evaluation->metrics[i].value);
}

static void
show_evaluation (Watcher            *watcher,
                 const GwEvaluation *evaluation)
{
  cJSON *event;

  if (!watcher->args->json)
    return;
  event = cli_event ("evaluation");
  cli_add_int (event, "step", evaluation->step);
  cli_add_int (event, "examples", evaluation->n_examples);
  cli_add_double (event, "loss", evaluation->loss);
  add_metrics (event, evaluation);
  cli_print_json (event);
}

static void
show_checkpoint (Watcher    *watcher,
                 int64_t     step,
                 const char *path)
{
  cJSON *event;

  g_free (watcher->checkpoint);
  watcher->checkpoint = g_strdup (path);
  watcher->saved_step = step;
  if (!watcher->args->json)
    return;
  event = cli_event ("checkpoint");
  cli_add_int (event, "step", step);
  cJSON_AddStringToObject (event, "path", path);
  cli_print_json (event);
}

static void
show_warning (Watcher      *watcher,
              const GError *error)
{
  cJSON *event;

  cli_progress_clear ();
  fprintf (stderr, "gw: warning: %s\n", error->message);
  if (!watcher->args->json)
    return;
  event = cli_event ("warning");
  cJSON_AddStringToObject (event, "message", error->message);
  cli_print_json (event);
}

/* A line of a Print node. */
static void
show_message (Watcher        *watcher,
              const GwReport *report)
{
  const GwNodeMessage *message = &report->message;

  if (message->dropped > 0)
    {
      g_autofree char *lines = g_strdup_printf ("(%" G_GINT64_FORMAT " lines left out)", message->dropped);

      cli_message (watcher->args, report->step, message->name, lines);
    }
  cli_message (watcher->args, report->step, message->name, message->text);
}

static void
take_report (Watcher  *watcher,
             GwReport *report)
{
  switch (report->kind)
    {
    case GW_REPORT_PROGRESS:
      watcher->progress = report->progress;
      break;
    case GW_REPORT_STATE:
      watcher->state = report->state;
      break;
    case GW_REPORT_EVALUATION:
      show_evaluation (watcher, report->evaluation);
      gw_evaluation_free (watcher->evaluation);
      watcher->evaluation = g_steal_pointer (&report->evaluation);
      break;
    case GW_REPORT_CHECKPOINT:
      show_checkpoint (watcher, report->step, report->path);
      break;
    case GW_REPORT_MESSAGE:
      show_message (watcher, report);
      break;
    case GW_REPORT_WARNING:
    case GW_REPORT_REFUSED:
      show_warning (watcher, report->error);
      break;
    default:
      break;
    }
  gw_report_clear (report);
}

static void
take_reports (Watcher *watcher)
{
  GwReport report;

  while (gw_trainer_poll (watcher->trainer, &report))
    take_report (watcher, &report);
}

static void
show_start (Watcher *watcher)
{
  g_autofree char *total = cli_count (gw_trainer_total_steps (watcher->trainer));
  const char *run_dir = gw_trainer_run_dir (watcher->trainer);
  cJSON *event;

  if (!watcher->args->json)
    {
      fprintf (stderr, "%s: %s steps on %s, seed %" G_GINT64_FORMAT ", run %s\n", watcher->args->files[0], total,
               gw_trainer_device (watcher->trainer), gw_trainer_seed (watcher->trainer), run_dir);
      return;
    }
  event = cli_event ("start");
  cJSON_AddStringToObject (event, "run", run_dir);
  cli_add_int (event, "seed", gw_trainer_seed (watcher->trainer));
  cli_add_int (event, "total_steps", gw_trainer_total_steps (watcher->trainer));
  cJSON_AddStringToObject (event, "device", gw_trainer_device (watcher->trainer));
  cli_print_json (event);
}

static void
show_end (Watcher *watcher)
{
  g_autofree char *seconds = cli_duration (watcher->progress.seconds);
  double rate = watcher->progress.seconds > 0 ? (double) watcher->progress.step / watcher->progress.seconds : 0;
  cJSON *event;

  if (!watcher->args->json)
    {
      show_line (watcher, TRUE);
      fprintf (stderr, "%s after %s, %.0f steps/s; checkpoint %s\n", gw_trainer_state_name (watcher->state), seconds, rate,
               watcher->checkpoint != NULL ? watcher->checkpoint : "none");
      return;
    }
  event = cli_event (gw_trainer_state_name (watcher->state));
  cli_add_int (event, "steps", watcher->progress.step);
  cli_add_double (event, "seconds", watcher->progress.seconds);
  cli_add_double (event, "steps_per_second", rate);
  cli_add_double (event, "loss", watcher->progress.loss);
  add_metrics (event, watcher->evaluation);
  if (watcher->evaluation != NULL)
    cli_add_double (event, "test_loss", watcher->evaluation->loss);
  if (watcher->checkpoint != NULL)
    cJSON_AddStringToObject (event, "checkpoint", watcher->checkpoint);
  cli_print_json (event);
}

/* What was trained must not be lost without a word: FALSE when the last step is in no checkpoint. */
static gboolean
check_saved (const Watcher *watcher,
             GError       **error)
{
  const char *run_dir = gw_trainer_run_dir (watcher->trainer);
  g_autofree char *newest = NULL;

  if (watcher->progress.step == 0 || watcher->saved_step == watcher->progress.step)
    return TRUE;
  newest = gw_checkpoint_latest (run_dir, NULL);
  g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED,
               "the checkpoint of step %" G_GINT64_FORMAT " could not be written to %s; the newest there is %s",
               watcher->progress.step, run_dir, newest != NULL ? newest : "none");
  return FALSE;
}

/* ---- running ---- */

typedef struct {
  GwTrainer *trainer;
  GError    *error;
  gint       through;
} Worker;

static gpointer
work (gpointer data)
{
  Worker *worker = data;

  gw_trainer_run (worker->trainer, &worker->error);
  g_atomic_int_set (&worker->through, 1);
  return NULL;
}

/* Watches the worker until it is through; Ctrl+C stops it, a second one at once. */
static void
watch (Watcher *watcher,
       Worker  *worker)
{
  gboolean asked = FALSE;

  while (g_atomic_int_get (&worker->through) == 0)
    {
      g_usleep (POLL_MICROSECONDS);
      take_reports (watcher);
      show_progress (watcher);
      if (interrupts > 0 && !asked)
        {
          asked = TRUE;
          gw_trainer_stop (watcher->trainer);
        }
      if (interrupts > 1)
        _Exit (CLI_INTERRUPTED);
    }
  take_reports (watcher);
}

static int
train (const CliArgs *args,
       GwTrainer     *trainer)
{
  Watcher watcher = { .args = args, .trainer = trainer };
  Worker worker = { .trainer = trainer };
  GThread *thread;
  int status = CLI_DONE;

  signal (SIGINT, on_interrupt);
  signal (SIGTERM, on_interrupt);
  show_start (&watcher);
  thread = g_thread_new ("training", work, &worker);
  watch (&watcher, &worker);
  g_thread_join (thread);
  if (worker.error == NULL)
    show_end (&watcher);
  if (worker.error != NULL || !check_saved (&watcher, &worker.error))
    status = cli_fail (args, args->files[0], worker.error);
  if (interrupts > 0 && status == CLI_DONE && watcher.state == GW_TRAINER_STOPPED)
    status = CLI_INTERRUPTED;
  g_clear_error (&worker.error);
  gw_evaluation_free (watcher.evaluation);
  g_free (watcher.checkpoint);
  return status;
}

/* A folder that was made for a run that could not begin goes again. */
static void
remove_empty (const CliArgs *args,
              const char    *run_dir)
{
  g_autofree char *runs = NULL;

  if (args->run_dir != NULL || args->resume || run_dir == NULL || g_rmdir (run_dir) != 0)
    return;
  runs = g_path_get_dirname (run_dir);
  g_rmdir (runs);
}

static int
run (const CliArgs *args)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = NULL;
  g_autoptr (GwTrainer) trainer = NULL;
  g_autofree char *run_dir = NULL;
  g_autofree char *name = NULL;
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  int status = CLI_DONE;

  if (args->resume)
    {
      run_dir = choose_run_dir (args, &error);
      if (run_dir == NULL)
        return cli_fail (args, args->files[0], error);
    }
  document = load_document (args, run_dir, &status);
  if (document == NULL)
    return status;
  options.n_threads = (int) CLAMP (args->threads, 0, 64);
  options.seed = args->seed;
  options.steps = args->steps;
  options.epochs = args->epochs;
  options.device = args->device;
  options.resume = args->resume;
  if (run_dir == NULL)
    run_dir = choose_run_dir (args, &error);
  options.run_dir = run_dir;
  name = g_path_get_basename (args->files[0]);
  options.document_name = name;
  trainer = run_dir != NULL ? gw_trainer_new (document, &options, &error) : NULL;
  if (trainer == NULL)
    {
      remove_empty (args, run_dir);
      return cli_fail (args, args->files[0], error);
    }
  return train (args, trainer);
}

static const CliOption options[] = {
  { "steps", 'n', CLI_OPTION_INT, "N", "Makes N steps, whatever the document says.", offsetof (CliArgs, steps) },
  { "epochs", 'e', CLI_OPTION_INT, "N", "Goes through the training data N times instead.", offsetof (CliArgs, epochs) },
  { "seed", 's', CLI_OPTION_INT, "S", "Seed of all random numbers; else the document's, or a new one.", offsetof (CliArgs, seed) },
  { "set", 0, CLI_OPTION_LIST, "NODE.ATTR=VALUE", "Sets an attribute of a node for this run; also training.NAME and data.NAME. "
    "May come several times.", offsetof (CliArgs, set) },
  { "device", 'd', CLI_OPTION_TEXT, "D", "Device, as /cpu:0.", offsetof (CliArgs, device) },
  { "threads", 't', CLI_OPTION_INT, "N", "Threads that share the work; as many as there are cores by default.", offsetof (CliArgs, threads) },
  { "run-dir", 'r', CLI_OPTION_TEXT, "DIR", "Folder of this run; by default a new one in NAME.runs beside the document.", offsetof (CliArgs, run_dir) },
  { "resume", 0, CLI_OPTION_FLAG, NULL, "Goes on where the run stopped, bit for bit: that in --run-dir, or the newest of the document.", offsetof (CliArgs, resume) },
  { "json", 'j', CLI_OPTION_FLAG, NULL, "One JSON object a line on standard output.", offsetof (CliArgs, json) },
  { NULL },
};

const CliCommand cli_train = {
  .name = "train", .arguments = "FILE", .min_files = 1, .max_files = 1,
  .summary = "Trains a document.",
  .description =
    "Trains the graph in FILE as its training settings say: for that many steps or epochs, with evaluations of the test "
    "split and checkpoints on the way. Everything goes into the run's folder: graph.gw (the document as it ran), "
    "run.json, events.out.tfevents.* for TensorBoard and model.ckpt-N.* as TensorFlow writes them.\n"
    "\n"
    "Runs lie beside the document in NAME.runs; where that cannot be written, and for the examples that come with the "
    "program, in XDG_DATA_HOME/graphwright/runs. Ctrl+C writes a checkpoint and stops; --resume goes on from there "
    "with the same numbers as if it had never stopped.\n"
    "\n"
    "The last line of --json is {\"event\":\"done\",\"steps\":…,\"seconds\":…,\"steps_per_second\":…,\"loss\":…,"
    "\"metrics\":{…},\"checkpoint\":…}; a stopped run ends with \"stopped\", a failed one with \"error\".",
  .examples =
    "  gw train digits.gw --epochs 20\n"
    "  gw train digits.gw --set train.optimizer=Momentum --set train.learning_rate=0.1\n"
    "  gw train digits.gw --resume\n"
    "  gw train digits.gw --steps 1000 --seed 1 --json | tail -n 1",
  .options = options,
  .run = run,
};
