/* SPDX-License-Identifier: Apache-2.0 */
/* gw check */
#include "app/cli/cli.h"

#include <stdio.h>
#include <string.h>

typedef struct {
  const CliArgs *args;
  GwDocument    *document;
  GHashTable    *seen;      /* of char *: problems told already */
  int            n_errors, n_warnings;
} Check;

static const char *
fix_word (GwFixKind kind)
{
  static const char *const words[] = { "set_attr", "set_input", "connect", "disconnect", "insert", "delete" };

  return (guint) kind < G_N_ELEMENTS (words) ? words[kind] : "other";
}

static const char *
name_of (const Check *check,
         int64_t      id)
{
  const GwDocNode *node = gw_document_node (check->document, id);

  return node != NULL ? node->name : NULL;
}

static void
add_text (cJSON      *object,
          const char *key,
          const char *text)
{
  if (text != NULL)
    cJSON_AddStringToObject (object, key, text);
}

static void
print_json (const Check     *check,
            const GwProblem *problem)
{
  const GwDocNode *node = gw_document_node (check->document, problem->node);
  cJSON *event = cli_event ("problem");
  cJSON *fixes = cJSON_CreateArray ();

  cJSON_AddStringToObject (event, "severity", problem->severity == GW_PROBLEM_ERROR ? "error" : "warning");
  add_text (event, "node", problem->node_name);
  add_text (event, "op", node != NULL ? node->op : NULL);
  add_text (event, "port", problem->port);
  add_text (event, "inner", problem->inner);
  cJSON_AddStringToObject (event, "rule", gw_error_code_name (problem->rule));
  cJSON_AddStringToObject (event, "message", problem->message);
  for (guint i = 0; problem->fixes != NULL && i < problem->fixes->len; i++)
    {
      const GwFix *fix = g_ptr_array_index (problem->fixes, i);
      cJSON *entry = cJSON_CreateObject ();

      cJSON_AddStringToObject (entry, "kind", fix_word (fix->kind));
      add_text (entry, "label", fix->label);
      add_text (entry, "node", name_of (check, fix->node));
      add_text (entry, "name", fix->name);
      add_text (entry, "text", fix->text);
      add_text (entry, "other", name_of (check, fix->other));
      cJSON_AddItemToArray (fixes, entry);
    }
  cJSON_AddItemToObject (event, "fixes", fixes);
  cli_print_json (event);
}

static void
print_text (const Check     *check,
            const GwProblem *problem)
{
  printf ("%s: %s: ", check->args->files[0], problem->severity == GW_PROBLEM_ERROR ? "error" : "warning");
  if (problem->node_name != NULL)
    printf ("%s%s%s: ", problem->node_name, problem->port != NULL ? "." : "", problem->port != NULL ? problem->port : "");
  printf ("%s", problem->message);
  if (problem->inner != NULL)
    printf (" (in %s)", problem->inner);
  printf (" [%s]\n", gw_error_code_name (problem->rule));
  for (guint i = 0; problem->fixes != NULL && i < problem->fixes->len; i++)
    printf ("  fix: %s\n", ((GwFix *) g_ptr_array_index (problem->fixes, i))->label);
}

/* The same problem of two modes is told once. */
static void
tell (Check           *check,
      const GwProblem *problem)
{
  char *key = g_strdup_printf ("%" G_GINT64_FORMAT "\n%s\n%s", problem->node, problem->port != NULL ? problem->port : "",
                               problem->message);

  if (!g_hash_table_add (check->seen, key))
    return;
  if (problem->severity == GW_PROBLEM_ERROR)
    check->n_errors++;
  else
    check->n_warnings++;
  if (check->args->json)
    print_json (check, problem);
  else
    print_text (check, problem);
}

/* ---- bindings to columns ---- */

static void
tell_binding (Check                *check,
              const GwLoweredInput *input,
              GwErrorCode           rule,
              char                 *message)
{
  GwProblem problem = { GW_PROBLEM_ERROR, input->node, input->name, (char *) "_column", NULL, rule, message, NULL };

  tell (check, &problem);
  g_free (message);
}

static const GwColumnInfo *
find_info (const GArray *infos,
           const char   *name)
{
  for (guint i = 0; i < infos->len; i++)
    if (strcmp (g_array_index (infos, GwColumnInfo, i).name, name) == 0)
      return &g_array_index (infos, GwColumnInfo, i);
  return NULL;
}

static void
check_binding (Check                *check,
               const GwPipelineDef  *pipeline,
               const GArray         *infos,
               const GwLoweredInput *input)
{
  const GwColumnInfo *info = find_info (infos, input->column);
  g_autofree char *got = NULL;
  g_autofree char *want = NULL;
  GwShape shape;

  if (info == NULL)
    {
      tell_binding (check, input, GW_ERROR_NOT_FOUND,
                    g_strdup_printf ("it is bound to the column %s, which the data does not have", input->column));
      return;
    }
  shape = gw_pipeline_batch_shape (pipeline, info);
  got = gw_shape_to_string (&shape);
  want = gw_shape_to_string (gw_output_shape (input->output));
  if (info->dtype != gw_output_dtype (input->output))
    tell_binding (check, input, GW_ERROR_INVALID_ARGUMENT,
                  g_strdup_printf ("it is %s, but the column %s gives %s", gw_dtype_name (gw_output_dtype (input->output)),
                                   input->column, gw_dtype_name (info->dtype)));
  else if (!gw_shape_compatible (&shape, gw_output_shape (input->output)))
    tell_binding (check, input, GW_ERROR_INVALID_ARGUMENT,
                  g_strdup_printf ("it has shape %s, but the column %s gives %s", want, input->column, got));
}

static gboolean
check_data (Check           *check,
            const GwLowered *lowered,
            GError         **error)
{
  g_autoptr (GwPipelineDef) pipeline = gw_document_resolve_pipeline (check->document);
  g_autoptr (GArray) source = NULL;
  g_autoptr (GArray) infos = NULL;

  if (pipeline == NULL)
    return TRUE;
  source = pipeline->source->columns (pipeline->source_attrs, error);
  infos = source != NULL ? gw_pipeline_describe (pipeline, source, error) : NULL;
  if (infos == NULL)
    return FALSE;
  for (guint i = 0; i < lowered->inputs->len; i++)
    {
      const GwLoweredInput *input = g_ptr_array_index (lowered->inputs, i);

      if (input->column != NULL)
        check_binding (check, pipeline, infos, input);
    }
  return TRUE;
}

/* ---- all ---- */

static int64_t
count_parameters (const GwLowered *lowered)
{
  int64_t n = 0;

  for (guint i = 0; i < lowered->variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (lowered->variables, i);

      if (variable->trainable && variable->variable != NULL)
        n += MAX (gw_shape_elements (&gw_node_attr (variable->variable, "shape")->shape), 0);
    }
  return n;
}

static void
summarise (const Check     *check,
           const GwLowered *lowered)
{
  g_autofree char *parameters = cli_count (count_parameters (lowered));
  int n_nodes;
  cJSON *event;

  gw_document_ids (check->document, GW_ITEM_NODE, &n_nodes);
  if (!check->args->json)
    {
      printf ("%s: %d nodes, %d ops, %s parameters: ", check->args->files[0], n_nodes,
              gw_graph_n_nodes (lowered->graph), parameters);
      if (check->n_errors == 0 && check->n_warnings == 0)
        printf ("no problems\n");
      else
        printf ("%d %s, %d %s\n", check->n_errors, check->n_errors == 1 ? "error" : "errors", check->n_warnings,
                check->n_warnings == 1 ? "warning" : "warnings");
      return;
    }
  event = cli_event ("done");
  cli_add_int (event, "nodes", n_nodes);
  cli_add_int (event, "ops", gw_graph_n_nodes (lowered->graph));
  cli_add_int (event, "parameters", count_parameters (lowered));
  cli_add_int (event, "errors", check->n_errors);
  cli_add_int (event, "warnings", check->n_warnings);
  cli_print_json (event);
}

static int
run (const CliArgs *args)
{
  int status = CLI_DONE;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = cli_load (args, &status);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GwLowered) train = NULL;
  Check check = { args, document, seen, 0, 0 };

  if (document == NULL)
    return status;
  train = gw_lower (document, &(GwLowerOptions) { GW_MODE_TRAIN, TRUE, -1 });
  for (guint i = 0; i < train->problems->len; i++)
    tell (&check, g_ptr_array_index (train->problems, i));
  for (int mode = GW_MODE_EVALUATE; mode <= GW_MODE_PREDICT; mode++)
    {
      g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { (GwMode) mode, FALSE, -1 });

      for (guint i = 0; i < lowered->problems->len; i++)
        tell (&check, g_ptr_array_index (lowered->problems, i));
    }
  if (!check_data (&check, train, &error))
    {
      check.n_errors++;
      cli_fail (args, args->files[0], error);
    }
  summarise (&check, train);
  return check.n_errors > 0 ? CLI_WRONG : CLI_DONE;
}

static const CliOption options[] = {
  { "set", 0, CLI_OPTION_LIST, "NODE.ATTR=VALUE", "Sets an attribute of a node first; also training.NAME and data.NAME.", offsetof (CliArgs, set) },
  { "json", 'j', CLI_OPTION_FLAG, NULL, "One JSON object a line: a problem, and \"done\" at the end.", offsetof (CliArgs, json) },
  { NULL },
};

const CliCommand cli_check = {
  .name = "check", .arguments = "FILE", .min_files = 1, .max_files = 1,
  .summary = "Finds what is wrong with a document.",
  .description =
    "Checks every node, wire, type and shape of FILE, its gradients and the columns that its placeholders are bound to, "
    "and tells all problems, not just the first: node and port, what is wrong, the rule that it breaks and the nearest "
    "fixes. Nothing runs.",
  .examples =
    "  gw check digits.gw\n"
    "  gw check digits.gw --json | jq .message",
  .options = options,
  .run = run,
};
