/* SPDX-License-Identifier: Apache-2.0 */
/* gw bench */
#include "app/cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARM_UP 20
#define BURST_SECONDS 0.05
#define DEFAULT_SECONDS 3.0
#define MOST_BURSTS 100000

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

/* Microseconds a step of each burst. */
static gboolean
measure (GwTrainer     *trainer,
         const CliArgs *args,
         GArray        *bursts,
         GError       **error)
{
  double total = 0, seconds, limit = args->seconds > 0 ? args->seconds : DEFAULT_SECONDS;
  int64_t steps = 1;

  if (!timed (trainer, WARM_UP, args->fixed_batch, &seconds, error) ||
      !timed (trainer, 5, args->fixed_batch, &seconds, error))
    return FALSE;
  steps = MAX ((int64_t) (BURST_SECONDS / MAX (seconds / 5, 1e-7)), 1);
  while ((total < limit || bursts->len < 3) && bursts->len < MOST_BURSTS)
    {
      double microseconds;

      if (!timed (trainer, steps, args->fixed_batch, &seconds, error))
        return FALSE;
      microseconds = seconds * 1e6 / (double) steps;
      g_array_append_val (bursts, microseconds);
      total += seconds;
    }
  g_array_sort (bursts, compare_doubles);
  return TRUE;
}

static void
show (const CliArgs *args,
      const GArray  *bursts)
{
  g_autofree char *name = g_path_get_basename (args->files[0]);
  double median = g_array_index (bursts, double, bursts->len / 2);
  double best = g_array_index (bursts, double, 0);
  double peak = peak_mebibytes ();
  cJSON *event;

  if (g_str_has_suffix (name, ".gw"))
    name[strlen (name) - 3] = '\0';
  if (!args->json)
    {
      printf ("graphwright\t%s\t%.1f\t%.1f\t%.0f\n", name, median, best, peak);
      return;
    }
  event = cli_event ("done");
  cJSON_AddStringToObject (event, "system", "graphwright");
  cJSON_AddStringToObject (event, "name", name);
  cli_add_double (event, "median_us", median);
  cli_add_double (event, "best_us", best);
  cli_add_double (event, "peak_mib", peak);
  cli_add_int (event, "bursts", bursts->len);
  cli_print_json (event);
}

static int
run (const CliArgs *args)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = NULL;
  g_autoptr (GwTrainer) trainer = NULL;
  g_autoptr (GArray) bursts = g_array_new (FALSE, FALSE, sizeof (double));
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  int status = CLI_DONE;

  document = cli_load (args, &status);
  if (document == NULL)
    return status;
  options.n_threads = (int) CLAMP (args->threads, 0, 64);
  options.seed = args->seed >= 0 ? args->seed : 1;
  trainer = gw_trainer_new (document, &options, &error);
  if (trainer == NULL || !measure (trainer, args, bursts, &error))
    return cli_fail (args, args->files[0], error);
  show (args, bursts);
  return CLI_DONE;
}

static const CliOption options[] = {
  { "seconds", 0, CLI_OPTION_FLOAT, "S", "Measures for S seconds; 3 by default.", offsetof (CliArgs, seconds) },
  { "fixed-batch", 0, CLI_OPTION_FLAG, NULL, "Trains on one batch again and again: the graph without the data pipeline.", offsetof (CliArgs, fixed_batch) },
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
    "bursts, best of them) and the most memory that was held, in MiB. Nothing is recorded or written.",
  .examples =
    "  gw bench digits.gw --seconds 10\n"
    "  gw bench digits.gw --threads 1 --fixed-batch",
  .options = options,
  .run = run,
};
