/* SPDX-License-Identifier: Apache-2.0 */
/* gw run */
#include "app/cli/cli.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define MOST_PRINTED 200 /* elements of a tensor on the terminal */

typedef struct {
  const CliArgs *args;
  GwDocument    *document;
  GwLowered     *lowered;
  GwSession     *session;
  GwDataset     *dataset;
  GwIterator    *iterator; /* NULL = no data needed */
  GArray        *feeds;    /* of GwFeed, tensors owned */
} Runner;

static void
feed_clear (gpointer data)
{
  gw_tensor_unref (((GwFeed *) data)->tensor);
}

/* ---- feeding ---- */

static void
add_feed (Runner   *runner,
          GwOutput  output,
          GwTensor *tensor)
{
  GwFeed feed = { output, tensor };

  g_array_append_val (runner->feeds, feed);
}

/* NAME=VALUE or NAME=@FILE.npy; the last = divides a name that has one. */
static gboolean
feed_by_hand (Runner     *runner,
              const char *text,
              GError    **error)
{
  const char *equals = strchr (text, '=');
  g_autofree char *name = NULL;
  GwOutput output;
  GwTensor *tensor;

  if (equals == NULL || equals == text)
    return gw_invalid (error, "--feed wants NAME=VALUE or NAME=@FILE.npy, not “%s”", text);
  name = g_strndup (text, (gsize) (equals - text));
  if (!gw_lowered_find (runner->lowered, runner->document, name, &output, error))
    return FALSE;
  if (equals[1] == '@')
    tensor = gw_npy_load (equals + 2, error);
  else
    tensor = gw_tensor_parse (equals + 1, gw_output_dtype (output), gw_output_shape (output), error);
  if (tensor != NULL && tensor->dtype != gw_output_dtype (output) && tensor->dtype != GW_STRING)
    {
      GwTensor *cast = gw_tensor_cast (tensor, gw_output_dtype (output), error);

      gw_tensor_unref (tensor);
      tensor = cast;
    }
  if (tensor == NULL)
    {
      g_prefix_error (error, "--feed %s: ", name);
      return FALSE;
    }
  add_feed (runner, output, tensor);
  return TRUE;
}

static gboolean
is_fed (const Runner *runner,
        GwOutput      output)
{
  for (guint i = 0; i < runner->feeds->len; i++)
    if (gw_output_equal (g_array_index (runner->feeds, GwFeed, i).output, output))
      return TRUE;
  return FALSE;
}

static gboolean
open_data (Runner  *runner,
           GError **error)
{
  g_autoptr (GwPipelineDef) pipeline = gw_document_resolve_pipeline (runner->document);
  GwSplit split = runner->lowered->mode == GW_MODE_TRAIN ? GW_SPLIT_TRAIN : GW_SPLIT_TEST;

  if (runner->iterator != NULL || pipeline == NULL)
    return TRUE;
  runner->dataset = gw_dataset_new (pipeline->source, pipeline->source_attrs, error);
  if (runner->dataset == NULL)
    return FALSE;
  if (!gw_dataset_has_test (runner->dataset) && pipeline->attrs[GW_PIPELINE_TEST_FRACTION].f <= 0)
    split = GW_SPLIT_TRAIN;
  runner->iterator = gw_iterator_new (runner->dataset, pipeline, split, GW_ITERATOR_IN_ORDER, error);
  return runner->iterator != NULL;
}

/* What is needed by the fetches alone is not known here, so data is opened only when a
 * bound placeholder is not fed and some fetch depends on it. */
static gboolean
depends_on (GwOutput     output,
            GwOutput     on,
            GHashTable  *visited)
{
  if (output.node == NULL || !g_hash_table_add (visited, output.node))
    return FALSE;
  if (output.node == on.node)
    return TRUE;
  for (int i = 0; i < output.node->n_inputs; i++)
    if (depends_on (output.node->inputs[i], on, visited))
      return TRUE;
  for (guint i = 0; output.node->control_inputs != NULL && i < output.node->control_inputs->len; i++)
    if (depends_on ((GwOutput) { g_ptr_array_index (output.node->control_inputs, i), 0 }, on, visited))
      return TRUE;
  return FALSE;
}

static gboolean
is_needed (const GArray *fetches,
           GwOutput      input)
{
  g_autoptr (GHashTable) visited = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < fetches->len; i++)
    if (depends_on (g_array_index (fetches, GwOutput, i), input, visited))
      return TRUE;
  return FALSE;
}

/* Placeholders that are not fed by hand take their value of the mode, or the first
 * batch of the data. */
static gboolean
feed_the_rest (Runner       *runner,
               const GArray *fetches,
               GError      **error)
{
  g_autofree GwTensor **batch = NULL;

  for (guint i = 0; i < runner->lowered->inputs->len; i++)
    {
      const GwLoweredInput *input = g_ptr_array_index (runner->lowered->inputs, i);
      int column;

      if (is_fed (runner, input->output) || !is_needed (fetches, input->output))
        continue;
      if (input->column == NULL)
        {
          if (input->value != NULL)
            add_feed (runner, input->output, gw_tensor_ref (input->value));
          continue;
        }
      if (!open_data (runner, error))
        return FALSE;
      column = runner->iterator != NULL ? gw_iterator_find_column (runner->iterator, input->column) : -1;
      if (column < 0)
        continue;
      if (batch == NULL)
        {
          batch = g_new0 (GwTensor *, gw_iterator_n_columns (runner->iterator));
          if (!gw_iterator_next (runner->iterator, batch, error))
            return FALSE;
        }
      add_feed (runner, input->output, gw_tensor_ref (batch[column]));
    }
  return TRUE;
}

/* ---- variables ---- */

static gboolean
initialise (Runner  *runner,
            GError **error)
{
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();

  for (guint i = 0; i < runner->lowered->variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (runner->lowered->variables, i);

      if (variable->initializer != NULL)
        g_ptr_array_add (targets, variable->initializer);
    }
  return targets->len == 0 ||
         gw_session_run (runner->session, runner->lowered->graph, 0, NULL, 0, NULL, (int) targets->len,
                         (GwNode *const *) targets->pdata, NULL, NULL, error);
}

static gboolean
load (Runner  *runner,
      GError **error)
{
  g_autofree char *prefix = cli_find_checkpoint (runner->args, error);
  g_autoptr (GwCheckpoint) checkpoint = prefix != NULL ? gw_checkpoint_open (prefix, error) : NULL;

  if (checkpoint == NULL || !cli_check_checkpoint (prefix, runner->lowered, error))
    return FALSE;
  for (guint i = 0; i < runner->lowered->variables->len; i++)
    {
      const GwLoweredVariable *lowered = g_ptr_array_index (runner->lowered->variables, i);
      g_autoptr (GwTensor) value = NULL;
      GwVariable *variable;

      value = gw_checkpoint_read (checkpoint, lowered->name, error);
      variable = value != NULL ? gw_resources_variable (gw_session_resources (runner->session), lowered->name, value->dtype,
                                                        &value->shape, error) : NULL;
      if (variable == NULL)
        return FALSE;
      gw_tensor_copy_data (variable->tensor, value);
      variable->initialized = TRUE;
    }
  return TRUE;
}

/* ---- fetching ---- */

static gboolean
collect (Runner    *runner,
         GArray    *fetches,
         GPtrArray *targets,
         GError   **error)
{
  for (guint i = 0; i < runner->args->fetch->len; i++)
    {
      const char *name = g_ptr_array_index (runner->args->fetch, i);
      int64_t id = gw_document_find (runner->document, name);
      GwNode *final = id != 0 ? gw_lowered_final (runner->lowered, id) : NULL;
      GwOutput output = GW_NO_OUTPUT;

      /* What has no output is run for its effect. */
      if (final != NULL && gw_lowered_n_outputs (runner->lowered, id) == 0)
        g_ptr_array_add (targets, final);
      else if (!gw_lowered_find (runner->lowered, runner->document, name, &output, error))
        return FALSE;
      g_array_append_val (fetches, output);
    }
  return TRUE;
}

static gboolean
save_npy (const CliArgs  *args,
          const char     *name,
          const GwTensor *tensor,
          GError        **error)
{
  g_autofree char *file = g_strdup_printf ("%s.npy", name);
  g_autofree char *path = NULL;

  g_strdelimit (file, "/:", '_');
  path = g_build_filename (args->npy, file, NULL);
  if (g_mkdir_with_parents (args->npy, 0777) != 0)
    return gw_set_file_error (error, errno, "make the folder", args->npy);
  return gw_npy_save (path, tensor, error);
}

static gboolean
show (const CliArgs  *args,
      const char     *name,
      const GwTensor *tensor,
      GError        **error)
{
  g_autofree char *shape = gw_shape_to_string (&tensor->shape);
  g_autofree char *value = NULL;
  cJSON *event;

  if (args->npy != NULL && !save_npy (args, name, tensor, error))
    return FALSE;
  if (args->json)
    {
      event = cli_event ("value");
      cJSON_AddStringToObject (event, "name", name);
      cJSON_AddItemToObject (event, "value", gw_tensor_to_json (tensor));
      cli_print_json (event);
      return TRUE;
    }
  value = gw_tensor_to_string (tensor, MOST_PRINTED);
  printf ("%s %s %s\n%s\n", name, gw_dtype_name (tensor->dtype), shape, value);
  return TRUE;
}

static gboolean
fetch (Runner  *runner,
       GError **error)
{
  g_autoptr (GArray) fetches = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (GwOutput));
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();
  g_autofree GwTensor **results = g_new0 (GwTensor *, runner->args->fetch->len + 1);
  guint at = 0;
  gboolean ok;

  if (!collect (runner, fetches, targets, error))
    return FALSE;
  for (guint i = 0; i < fetches->len; i++)
    if (g_array_index (fetches, GwOutput, i).node != NULL)
      g_array_append_val (wanted, g_array_index (fetches, GwOutput, i));
  for (guint i = 0; i < targets->len; i++)
    g_array_append_val (fetches, ((GwOutput) { g_ptr_array_index (targets, i), 0 }));
  if (!feed_the_rest (runner, fetches, error))
    return FALSE;
  ok = gw_session_run (runner->session, runner->lowered->graph, (int) runner->feeds->len,
                       (const GwFeed *) runner->feeds->data, (int) wanted->len, (const GwOutput *) wanted->data,
                       (int) targets->len, (GwNode *const *) targets->pdata, NULL, results, error);
  for (guint i = 0; ok && i < runner->args->fetch->len; i++)
    if (g_array_index (fetches, GwOutput, i).node != NULL)
      ok = show (runner->args, g_ptr_array_index (runner->args->fetch, i), results[at++], error);
  for (guint i = 0; i < wanted->len; i++)
    gw_tensor_unref (results[i]);
  return ok;
}

static gboolean
run_all (Runner  *runner,
         GError **error)
{
  for (guint i = 0; i < runner->args->feed->len; i++)
    if (!feed_by_hand (runner, g_ptr_array_index (runner->args->feed, i), error))
      return FALSE;
  return initialise (runner, error) && (runner->args->checkpoint == NULL || load (runner, error)) &&
         fetch (runner, error);
}

static gboolean
parse_mode (const char *text,
            GwMode     *mode)
{
  static const char *const words[] = { "train", "evaluate", "predict" };

  *mode = GW_MODE_PREDICT;
  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (words); i++)
    if (strcmp (words[i], text) == 0)
      {
        *mode = (GwMode) i;
        return TRUE;
      }
  return text == NULL;
}

static void
on_message (void       *args,
            const char *node,
            const char *text)
{
  cli_message (args, -1, node, text);
}

static int
run (const CliArgs *args)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = NULL;
  Runner runner = { .args = args };
  GwMode mode;
  int status = CLI_DONE;

  if (!parse_mode (args->mode, &mode) || args->fetch->len == 0)
    {
      fprintf (stderr, args->fetch->len == 0 ? "gw run: say what to compute: --fetch NODE\n"
                                             : "gw run: --mode is train, evaluate or predict\n");
      return CLI_USAGE;
    }
  document = cli_load (args, &status);
  if (document == NULL)
    return status;
  runner.document = document;
  runner.lowered = gw_lower (document, &(GwLowerOptions) { mode, mode == GW_MODE_TRAIN, args->seed });
  runner.session = gw_session_new ((int) CLAMP (args->threads, 0, 64));
  gw_session_set_message_func (runner.session, on_message, (void *) args);
  runner.feeds = g_array_new (FALSE, FALSE, sizeof (GwFeed));
  g_array_set_clear_func (runner.feeds, feed_clear);
  if (!run_all (&runner, &error))
    status = cli_fail (args, args->files[0], error);
  g_array_unref (runner.feeds);
  g_clear_pointer (&runner.iterator, gw_iterator_free);
  gw_dataset_unref (runner.dataset);
  gw_session_free (runner.session);
  gw_lowered_unref (runner.lowered);
  return status;
}

static const CliOption options[] = {
  { "fetch", 'f', CLI_OPTION_LIST, "NODE[:K]", "Output K of a node, of the document or inside a composite; a node without "
    "outputs is run for its effect. May come several times.", offsetof (CliArgs, fetch) },
  { "feed", 'i', CLI_OPTION_LIST, "NAME=VALUE", "Value of a placeholder (or of any output): a number, [[1, 2], [3, 4]], text, or "
    "@FILE.npy. May come several times.", offsetof (CliArgs, feed) },
  { "mode", 0, CLI_OPTION_TEXT, "MODE", "train, evaluate or predict (the default).", offsetof (CliArgs, mode) },
  { "checkpoint", 'c', CLI_OPTION_TEXT, "P", "Values of the variables: a checkpoint's prefix, or a run's folder. Without it they "
    "are freshly initialised.", offsetof (CliArgs, checkpoint) },
  { "seed", 's', CLI_OPTION_INT, "S", "Seed of all random numbers; else the document's.", offsetof (CliArgs, seed) },
  { "npy", 0, CLI_OPTION_TEXT, "DIR", "Also saves each value as DIR/NAME.npy.", offsetof (CliArgs, npy) },
  { "threads", 't', CLI_OPTION_INT, "N", "Threads that share the work.", offsetof (CliArgs, threads) },
  { "set", 0, CLI_OPTION_LIST, "NODE.ATTR=VALUE", "Sets an attribute of a node; also training.NAME and data.NAME.", offsetof (CliArgs, set) },
  { "json", 'j', CLI_OPTION_FLAG, NULL, "One JSON object a line, whole values.", offsetof (CliArgs, json) },
  { NULL },
};

const CliCommand cli_run = {
  .name = "run", .arguments = "FILE --fetch NODE", .min_files = 1, .max_files = 1,
  .summary = "Computes outputs of a graph.",
  .description =
    "Runs only what the fetched outputs need and prints their values. Placeholders take what --feed says, else the value "
    "that the document gives them for the mode, else the first batch of the column that they are bound to.",
  .examples =
    "  gw run add.gw --fetch sum --feed a=3 --feed b=4\n"
    "  gw run digits.gw --fetch logits --feed image=@digit.npy --checkpoint digits.runs/2026-03-01_14-05-09\n"
    "  gw run digits.gw --fetch hidden1/kernel --npy weights",
  .options = options,
  .run = run,
};
