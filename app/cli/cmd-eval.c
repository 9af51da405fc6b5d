/* SPDX-License-Identifier: Apache-2.0 */
/* gw eval */
#include "app/cli/cli.h"

#include <math.h>
#include <stdio.h>

/* [n] or [n, m] as nested lists. */
static void
add_details (cJSON                *details,
             const GwMetricResult *metric)
{
  const GwTensor *tensor = metric->details;
  int64_t columns = tensor->shape.rank > 1 ? tensor->elements / MAX (tensor->shape.dims[0], 1) : 1;
  cJSON *rows = cJSON_AddArrayToObject (details, metric->name);

  for (int64_t i = 0; i < tensor->elements; i += columns)
    {
      cJSON *row = tensor->shape.rank > 1 ? cJSON_CreateArray () : rows;

      for (int64_t k = 0; k < columns; k++)
        cJSON_AddItemToArray (row, gw_json_new_double (gw_tensor_get_double (tensor, i + k)));
      if (row != rows)
        cJSON_AddItemToArray (rows, row);
    }
}

static void
print_json (const GwEvaluation *evaluation,
            const char         *checkpoint)
{
  cJSON *event = cli_event ("done");
  cJSON *metrics = cJSON_AddObjectToObject (event, "metrics");
  cJSON *details = NULL, *rows, *names;

  for (int i = 0; i < evaluation->n_metrics; i++)
    {
      const GwMetricResult *metric = &evaluation->metrics[i];

      cli_add_double (metrics, metric->name, metric->value);
      if (metric->details == NULL || metric->details->shape.rank == 0)
        continue;
      if (details == NULL)
        details = cJSON_AddObjectToObject (event, "details");
      add_details (details, metric);
    }
  cli_add_double (event, "loss", evaluation->loss);
  cli_add_int (event, "examples", evaluation->n_examples);
  cli_add_double (event, "seconds", evaluation->seconds);
  if (checkpoint != NULL)
    cJSON_AddStringToObject (event, "checkpoint", checkpoint);
  if (evaluation->n_classes > 0)
    {
      names = cJSON_AddArrayToObject (event, "classes");
      rows = cJSON_AddArrayToObject (event, "confusion");
      for (int truth = 0; truth < evaluation->n_classes; truth++)
        {
          cJSON *row = cJSON_CreateArray ();

          cJSON_AddItemToArray (names, cJSON_CreateString (evaluation->class_names[truth]));
          for (int predicted = 0; predicted < evaluation->n_classes; predicted++)
            cJSON_AddItemToArray (row, gw_json_new_int (evaluation->confusion[truth * evaluation->n_classes + predicted]));
          cJSON_AddItemToArray (rows, row);
        }
    }
  cli_print_json (event);
}

/* Share of each class that was found, and what it was most often taken for. */
static void
print_classes (const GwEvaluation *evaluation)
{
  int n = evaluation->n_classes;

  for (int truth = 0; truth < n; truth++)
    {
      const int64_t *row = evaluation->confusion + (gsize) truth * (gsize) n;
      int64_t total = 0;
      int other = -1;

      for (int i = 0; i < n; i++)
        {
          total += row[i];
          if (i != truth && row[i] > 0 && (other < 0 || row[i] > row[other]))
            other = i;
        }
      printf ("  %-16s %6.2f %% of %" G_GINT64_FORMAT, evaluation->class_names[truth],
              total > 0 ? 100.0 * (double) row[truth] / (double) total : 0.0, total);
      if (other >= 0)
        printf (", taken for %s %" G_GINT64_FORMAT " times", evaluation->class_names[other], row[other]);
      putchar ('\n');
    }
}

static void
print_text (const GwEvaluation *evaluation,
            const char         *checkpoint)
{
  g_autofree char *examples = cli_count (evaluation->n_examples);
  g_autofree char *seconds = cli_duration (evaluation->seconds);

  printf ("%s examples in %s", examples, seconds);
  if (checkpoint != NULL)
    printf (", %s", checkpoint);
  putchar ('\n');
  if (!isnan (evaluation->loss))
    printf ("loss %.6g\n", evaluation->loss);
  for (int i = 0; i < evaluation->n_metrics; i++)
    printf ("%s %.6g\n", evaluation->metrics[i].name, evaluation->metrics[i].value);
  print_classes (evaluation);
}

static gboolean
check_fit (const GwDocument *document,
           const char       *checkpoint,
           GError          **error)
{
  GwLowerOptions options = { GW_MODE_EVALUATE, FALSE, -1 };
  g_autoptr (GwLowered) lowered = gw_lower (document, &options);

  return cli_check_checkpoint (checkpoint, lowered, error);
}

static int
run (const CliArgs *args)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = NULL;
  g_autoptr (GwTrainer) trainer = NULL;
  g_autoptr (GwEvaluation) evaluation = NULL;
  g_autofree char *checkpoint = NULL;
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  int status = CLI_DONE;

  document = cli_load (args, &status);
  if (document == NULL)
    return status;
  checkpoint = cli_find_checkpoint (args, &error);
  if (checkpoint == NULL || !check_fit (document, checkpoint, &error))
    return cli_fail (args, args->files[0], error);
  options.checkpoint = checkpoint;
  options.n_threads = (int) CLAMP (args->threads, 0, 64);
  trainer = gw_trainer_new (document, &options, &error);
  evaluation = trainer != NULL ? gw_trainer_evaluate_now (trainer, &error) : NULL;
  if (evaluation == NULL)
    return cli_fail (args, args->files[0], error);
  if (args->json)
    print_json (evaluation, checkpoint);
  else
    print_text (evaluation, checkpoint);
  return CLI_DONE;
}

static const CliOption options[] = {
  { "checkpoint", 'c', CLI_OPTION_TEXT, "P", "Checkpoint (its prefix or a file of it, or a run's folder); by default the newest "
    "of the document's newest run.", offsetof (CliArgs, checkpoint) },
  { "threads", 't', CLI_OPTION_INT, "N", "Threads that share the work.", offsetof (CliArgs, threads) },
  { "set", 0, CLI_OPTION_LIST, "NODE.ATTR=VALUE", "Sets an attribute of a node; also training.NAME and data.NAME.", offsetof (CliArgs, set) },
  { "json", 'j', CLI_OPTION_FLAG, NULL, "One JSON object on standard output, with the confusion matrix.", offsetof (CliArgs, json) },
  { NULL },
};

const CliCommand cli_eval = {
  .name = "eval", .arguments = "FILE", .min_files = 1, .max_files = 1,
  .summary = "Evaluates a trained document on its test data.",
  .description =
    "Loads a checkpoint and goes once through the test split (all rows where there is none): mean loss, the metrics "
    "that the training settings name, and for a classifier how well each class is found.",
  .examples =
    "  gw eval digits.gw\n"
    "  gw eval digits.gw --checkpoint digits.runs/2026-03-01_14-05-09/model.ckpt-500 --json",
  .options = options,
  .run = run,
};
