/* SPDX-License-Identifier: Apache-2.0 */
/* gw generate */
#include "app/cli/cli.h"

#include <stdio.h>

static int
run (const CliArgs *args)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = NULL;
  g_autoptr (GwTrainer) trainer = NULL;
  g_autofree char *checkpoint = NULL;
  g_autofree char *text = NULL;
  GwTrainerOptions options = GW_TRAINER_OPTIONS_INIT;
  GwGenerateOptions what = {
    .prompt = args->prompt != NULL ? args->prompt : "The ", .count = args->count >= 0 ? args->count : 200,
    .temperature = args->temperature, .next = args->fetch->len > 0 ? g_ptr_array_index (args->fetch, 0) : "next",
  };
  int status = CLI_DONE;

  document = cli_load (args, &status);
  if (document == NULL)
    return status;
  checkpoint = cli_find_checkpoint (args, &error);
  if (checkpoint == NULL)
    return cli_fail (args, args->files[0], error);
  options.checkpoint = checkpoint;
  options.seed = args->seed;
  options.n_threads = (int) CLAMP (args->threads, 0, 64);
  trainer = gw_trainer_new (document, &options, &error);
  text = trainer != NULL ? gw_trainer_generate_now (trainer, &what, &error) : NULL;
  if (text == NULL)
    return cli_fail (args, args->files[0], error);
  if (args->json)
    {
      cJSON *event = cli_event ("done");

      cJSON_AddStringToObject (event, "text", text);
      cJSON_AddStringToObject (event, "checkpoint", checkpoint);
      cli_print_json (event);
    }
  else
    puts (text);
  return CLI_DONE;
}

static const CliOption options[] = {
  { "prompt", 'p', CLI_OPTION_TEXT, "TEXT", "What the text begins with; by default “The ”.", offsetof (CliArgs, prompt) },
  { "count", 'n', CLI_OPTION_INT, "N", "Characters or words to add; by default 200.", offsetof (CliArgs, count) },
  { "temperature", 0, CLI_OPTION_FLOAT, "T", "Value of the placeholder called temperature: below 1 keeps to what is likely, above 1 "
    "dares more; by default the document's.", offsetof (CliArgs, temperature) },
  { "fetch", 'f', CLI_OPTION_LIST, "NODE", "The output that draws what comes next; by default next.", offsetof (CliArgs, fetch) },
  { "checkpoint", 'c', CLI_OPTION_TEXT, "P", "Checkpoint (its prefix or a file of it, or a run's folder); by default the newest "
    "of the document's newest run.", offsetof (CliArgs, checkpoint) },
  { "seed", 's', CLI_OPTION_INT, "S", "Seed of what is drawn; else the document's.", offsetof (CliArgs, seed) },
  { "threads", 't', CLI_OPTION_INT, "N", "Threads that share the work.", offsetof (CliArgs, threads) },
  { "json", 'j', CLI_OPTION_FLAG, NULL, "One JSON object on standard output.", offsetof (CliArgs, json) },
  { NULL },
};

const CliCommand cli_generate = {
  .name = "generate", .arguments = "FILE", .min_files = 1, .max_files = 1,
  .summary = "Lets a trained model continue a text.",
  .description =
    "The prompt goes to the placeholder that is bound to a text column, the output draws what comes next, and both together are "
    "the next prompt.",
  .examples =
    "  gw generate char-rnn.gw --prompt \"Shall I \" --temperature 0.7\n"
    "  gw generate char-rnn.gw -p \"When \" -n 500 --seed 4 --json",
  .options = options,
  .run = run,
};
