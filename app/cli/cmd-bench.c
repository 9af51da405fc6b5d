/* SPDX-License-Identifier: Apache-2.0 */
/* gw bench */
#include "app/cli/bench-profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARM_UP 20
#define BURST_SECONDS 0.05
#define DEFAULT_SECONDS 3.0
#define MOST_BURSTS 100000
/* A burst of which others took more than this share of the time is made again, as long
 * as the whole takes no more than PATIENCE times what was asked for. */
#define DISTURBED 0.03
#define PATIENCE 3

typedef struct {
  GArray *bursts;      /* of double: microseconds a step, in rising order in the end */
  int     n_repeated;
  double  seconds;     /* all bursts, those made again as well */
  double  stolen;      /* seconds of them during which a thread waited for a processor */
  int64_t steps;
  double  first;       /* seconds from the start of the command to the end of the first step */
} Figures;

static int
compare_doubles (const void *a,
                 const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* VmHWM, the most memory that the process ever held. */
static double
peak_mebibytes (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return 0;
  line = strstr (text, "VmHWM:");
  return line != NULL ? (double) g_ascii_strtoll (line + 6, NULL, 10) / 1024 : 0;
}

/* Seconds that the threads of this process, all together, were ready to run while other
 * programs had the processor. 0 where the system does not tell. */
static double
seconds_waited (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const char *task;
  double nanoseconds = 0;

  while (tasks != NULL && (task = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", task, "schedstat", NULL);
      g_autofree char *text = NULL;
      const char *second;

      if (!g_file_get_contents (path, &text, NULL, NULL))
        continue;
      second = strchr (text, ' ');
      nanoseconds += second != NULL ? g_ascii_strtod (second, NULL) : 0;
    }
  return nanoseconds / 1e9;
}

static gboolean
timed (GwTrainer *trainer,
       int64_t    steps,
       gboolean   fixed_batch,
       double    *seconds,
       GError   **error)
{
  gint64 begin = g_get_monotonic_time ();

  if (!gw_trainer_run_steps (trainer, steps, fixed_batch, error))
    return FALSE;
  *seconds = (double) (g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
  return TRUE;
}

/* One burst; what was disturbed counts only where nothing better can be had. */
static gboolean
make_burst (GwTrainer     *trainer,
            const CliArgs *args,
            int64_t        steps,
            gboolean       must_count,
            Figures       *figures,
            GError       **error)
{
  double before = seconds_waited (), seconds, waited, microseconds;

  if (!timed (trainer, steps, args->fixed_batch, &seconds, error))
    return FALSE;
  waited = seconds_waited () - before;
  figures->seconds += seconds;
  figures->stolen += waited;
  figures->steps += steps;
  microseconds = seconds * 1e6 / (double) steps;
  if (waited > DISTURBED * seconds && !must_count)
    figures->n_repeated++;
  else
    g_array_append_val (figures->bursts, microseconds);
  return TRUE;
}

static gboolean
measure (GwTrainer     *trainer,
         const CliArgs *args,
         gint64         begun,
         Figures       *figures,
         GError       **error)
{
  double seconds, limit = args->seconds > 0 ? args->seconds : DEFAULT_SECONDS;
  double counted = 0;
  int64_t steps;

  if (!timed (trainer, 1, args->fixed_batch, &seconds, error))
    return FALSE;
  figures->first = (double) (g_get_monotonic_time () - begun) / G_USEC_PER_SEC;
  if (!timed (trainer, WARM_UP - 1, args->fixed_batch, &seconds, error) ||
      !timed (trainer, 5, args->fixed_batch, &seconds, error))
    return FALSE;
  steps = MAX ((int64_t) (BURST_SECONDS / MAX (seconds / 5, 1e-7)), 1);
  while ((counted < limit || figures->bursts->len < 3) && figures->bursts->len < MOST_BURSTS)
    {
      guint before = figures->bursts->len;
      double before_burst = figures->seconds;

      if (!make_burst (trainer, args, steps, figures->seconds > PATIENCE * limit, figures, error))
        return FALSE;
      if (figures->bursts->len > before)
        counted += figures->seconds - before_burst;
      else if (figures->seconds > PATIENCE * limit && figures->bursts->len >= 3)
        break;
    }
  g_array_sort (figures->bursts, compare_doubles);
  return TRUE;
}

static double
quantile (const Figures *figures,
          double         share)
{
  return g_array_index (figures->bursts, double, (guint) (share * (figures->bursts->len - 1)));
}

/* How far the figures can be trusted: on standard error, beside the line that programs read. */
static void
show_noise (const Figures *figures,
            double         median)
{
  g_printerr ("%u bursts, the middle half within %.0f to %.0f %% of the median, %d disturbed and made again; "
              "other programs held the processor for %.1f %% of the time; the first step was done after %.2f s\n",
              figures->bursts->len, 100 * quantile (figures, 0.25) / median, 100 * quantile (figures, 0.75) / median,
              figures->n_repeated, 100 * figures->stolen / MAX (figures->seconds, 1e-9),
              figures->first);
}

static void
show (const CliArgs *args,
      const Figures *figures)
{
  g_autofree char *name = g_path_get_basename (args->files[0]);
  double median = g_array_index (figures->bursts, double, figures->bursts->len / 2);
  double best = g_array_index (figures->bursts, double, 0);
  double peak = peak_mebibytes ();
  cJSON *event;

  if (g_str_has_suffix (name, ".gw"))
    name[strlen (name) - 3] = '\0';
  if (!args->json)
    {
      printf ("graphwright\t%s\t%.1f\t%.1f\t%.0f\n", name, median, best, peak);
      show_noise (figures, median);
      return;
    }
  event = cli_event ("done");
  cJSON_AddStringToObject (event, "system", "graphwright");
  cJSON_AddStringToObject (event, "name", name);
  cli_add_double (event, "median_us", median);
  cli_add_double (event, "best_us", best);
  cli_add_double (event, "lower_quartile_us", quantile (figures, 0.25));
  cli_add_double (event, "upper_quartile_us", quantile (figures, 0.75));
  cli_add_double (event, "peak_mib", peak);
  cli_add_double (event, "first_step_seconds", figures->first);
  cli_add_int (event, "bursts", figures->bursts->len);
  cli_add_int (event, "repeated", figures->n_repeated);
  cli_add_int (event, "steps", figures->steps);
  cli_add_double (event, "stolen", figures->stolen / MAX (figures->seconds, 1e-9));
  cli_print_json (event);
}

static int
run (const CliArgs *args)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = NULL;
  g_autoptr (GwTrainer) trainer = NULL;
  g_autoptr (GArray) bursts = g_array_new (FALSE, FALSE, sizeof (double));
  Figures figures = { .bursts = bursts };
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  gint64 begun = g_get_monotonic_time ();
  int status = CLI_DONE;

  document = cli_load (args, &status);
  if (document == NULL)
    return status;
  options.n_threads = (int) CLAMP (args->threads, 0, 64);
  options.seed = args->seed >= 0 ? args->seed : 1;
  trainer = gw_trainer_new (document, &options, &error);
  if (trainer == NULL)
    return cli_fail (args, args->files[0], error);
  gw_workers_pin (gw_session_workers (gw_trainer_session (trainer))); /* where it cannot be, figures spread more */
  if (!measure (trainer, args, begun, &figures, &error))
    return cli_fail (args, args->files[0], error);
  show (args, &figures);
  if ((args->profile || args->trace != NULL) &&
      !bench_profile (trainer, args->fixed_batch, args->seconds > 0 ? args->seconds : DEFAULT_SECONDS, args->profile,
                      args->json, args->trace, &error))
    return cli_fail (args, args->trace != NULL ? args->trace : args->files[0], error);
  return CLI_DONE;
}

static const CliOption options[] = {
  { "seconds", 0, CLI_OPTION_FLOAT, "S", "Measures for S seconds; 3 by default.", offsetof (CliArgs, seconds) },
  { "fixed-batch", 0, CLI_OPTION_FLAG, NULL, "Trains on one batch again and again: the graph without the data pipeline.", offsetof (CliArgs, fixed_batch) },
  { "profile", 0, CLI_OPTION_FLAG, NULL, "Prints a table of the nodes as well, the slowest first.", offsetof (CliArgs, profile) },
  { "trace", 0, CLI_OPTION_TEXT, "FILE", "Writes what each thread did during some steps, for chrome://tracing and Perfetto.", offsetof (CliArgs, trace) },
  { "threads", 't', CLI_OPTION_INT, "N", "Threads that share the work; as many as there are cores by default.", offsetof (CliArgs, threads) },
  { "seed", 's', CLI_OPTION_INT, "S", "Seed of all random numbers; 1 by default.", offsetof (CliArgs, seed) },
  { "set", 0, CLI_OPTION_LIST, "NODE.ATTR=VALUE", "Sets an attribute of a node; also training.NAME and data.NAME.", offsetof (CliArgs, set) },
  { "json", 'j', CLI_OPTION_FLAG, NULL, "One JSON object a line on standard output.", offsetof (CliArgs, json) },
  { NULL },
};

const CliCommand cli_bench = {
  .name = "bench", .arguments = "FILE", .min_files = 1, .max_files = 1,
  .summary = "Times a training step.",
  .description =
    "Makes 20 training steps to warm up, then bursts of about 50 ms, batches from the document's own data included, and "
    "prints one line of fields divided by tabs: graphwright, the document's name, microseconds a step (median of the "
    "bursts, best of them) and the most memory that was held, in MiB. Nothing is recorded or written.\n\n"
    "A burst during which other programs held the processor for more than 3 % of the time is made again. How noisy the run "
    "was is said on standard error: how far the bursts spread, how many were made again, the share of the time that was "
    "lost to others (of all threads together), and beside it how long it took from reading the file to the end of the first "
    "step.\n\n"
    "--profile makes further steps and times every node: its share, microseconds a step, million arithmetic operations and "
    "megabytes that it takes and makes, and both a second. Nodes that were fused into one pass stand under the last of them; "
    "those that a convolution or pooling runs on what it makes, under that.",
  .examples =
    "  gw bench digits.gw --seconds 10\n"
    "  gw bench digits.gw --threads 1 --fixed-batch\n"
    "  gw bench digits.gw --profile --trace step.json",
  .options = options,
  .run = run,
};
