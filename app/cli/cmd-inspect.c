/* SPDX-License-Identifier: Apache-2.0 */
/* gw inspect */
#include "app/cli/cli.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void
add_stats (cJSON          *object,
           const GwTensor *tensor)
{
  GwTensorStats stats;
  g_autofree char *shape = gw_shape_to_string (&tensor->shape);

  cJSON_AddStringToObject (object, "dtype", gw_dtype_name (tensor->dtype));
  cJSON_AddItemToObject (object, "shape", gw_json_parse (shape, strlen (shape), NULL));
  if (tensor->dtype == GW_STRING)
    return;
  gw_tensor_stats (tensor, &stats);
  cli_add_double (object, "min", stats.min);
  cli_add_double (object, "max", stats.max);
  cli_add_double (object, "mean", stats.mean);
  cli_add_double (object, "std", stats.stddev);
  if (stats.nan + stats.pos_inf + stats.neg_inf > 0)
    cli_add_int (object, "not_finite", stats.nan + stats.pos_inf + stats.neg_inf);
}

static void
print_tensor (const char     *name,
              const GwTensor *tensor)
{
  g_autofree char *shape = gw_shape_to_string (&tensor->shape);
  GwTensorStats stats;

  printf ("%-32s %-8s %-16s", name, gw_dtype_name (tensor->dtype), shape);
  if (tensor->dtype != GW_STRING)
    {
      gw_tensor_stats (tensor, &stats);
      printf (" min %-12.6g max %-12.6g mean %-12.6g std %.6g", stats.min, stats.max, stats.mean, stats.stddev);
      if (stats.nan + stats.pos_inf + stats.neg_inf > 0)
        printf (" not finite: %" G_GINT64_FORMAT, stats.nan + stats.pos_inf + stats.neg_inf);
    }
  putchar ('\n');
}

/* ---- checkpoints ---- */

/* One variable at a time, so that a large checkpoint does not fill the memory. What
 * cannot be read is told beside the others. */
static void
inspect_variable (const CliArgs           *args,
                  const GwCheckpoint      *checkpoint,
                  const GwCheckpointEntry *entry,
                  cJSON                   *list)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) tensor = gw_checkpoint_read (checkpoint, entry->name, &error);
  g_autofree char *shape = gw_shape_to_string (&entry->shape);
  cJSON *object;

  if (!args->json)
    {
      if (tensor != NULL)
        print_tensor (entry->name, tensor);
      else
        printf ("%-32s %-8s %-16s %s\n", entry->name, gw_dtype_name (entry->dtype), shape, error->message);
      return;
    }
  object = cJSON_CreateObject ();
  cJSON_AddStringToObject (object, "name", entry->name);
  if (tensor != NULL)
    add_stats (object, tensor);
  else
    {
      cJSON_AddStringToObject (object, "dtype", gw_dtype_name (entry->dtype));
      cJSON_AddStringToObject (object, "problem", error->message);
    }
  cJSON_AddItemToArray (list, object);
}

static int
inspect_checkpoint (const CliArgs *args,
                    const char    *prefix)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwCheckpoint) checkpoint = gw_checkpoint_open (prefix, &error);
  cJSON *object, *list;
  int n;

  if (checkpoint == NULL)
    return cli_fail (args, NULL, error);
  n = gw_checkpoint_n_entries (checkpoint);
  object = cJSON_CreateObject ();
  cJSON_AddStringToObject (object, "kind", "checkpoint");
  cJSON_AddStringToObject (object, "path", prefix);
  list = cJSON_AddArrayToObject (object, "variables");
  if (!args->json)
    printf ("%s: checkpoint of %d variables\n", prefix, n);
  for (int i = 0; i < n; i++)
    inspect_variable (args, checkpoint, gw_checkpoint_entry (checkpoint, i), list);
  if (args->json)
    cli_print_json (object);
  else
    cJSON_Delete (object);
  return CLI_DONE;
}

/* ---- events ---- */

typedef struct {
  char   *tag, *plugin;
  int64_t count, first_step, last_step;
} Tag;

static void
tag_free (gpointer data)
{
  Tag *tag = data;

  g_free (tag->tag);
  g_free (tag->plugin);
  g_free (tag);
}

/* What this file has of a tag, added to what the ones before had. */
static void
take_tag (GPtrArray        *tags,
          const GwEventTag *found)
{
  Tag *tag = NULL;

  for (guint i = 0; i < tags->len && tag == NULL; i++)
    if (strcmp (((Tag *) g_ptr_array_index (tags, i))->tag, found->tag) == 0)
      tag = g_ptr_array_index (tags, i);
  if (tag == NULL)
    {
      tag = g_new0 (Tag, 1);
      tag->tag = g_strdup (found->tag);
      tag->plugin = g_strdup (found->plugin);
      tag->first_step = found->first_step;
      g_ptr_array_add (tags, tag);
    }
  tag->count += found->count;
  tag->last_step = found->last_step;
}

static gboolean
read_events (const char *path,
             GPtrArray  *tags,
             GError    **error)
{
  g_autoptr (GwEventReader) reader = gw_event_reader_open (path, error);
  GwReadStatus status = GW_READ_OK;
  GwEventValue value;
  const GPtrArray *found;

  while (reader != NULL && status == GW_READ_OK)
    status = gw_event_reader_next (reader, &value, error);
  if (reader == NULL || status == GW_READ_ERROR)
    return FALSE;
  found = gw_event_reader_tags (reader);
  for (guint i = 0; i < found->len; i++)
    take_tag (tags, g_ptr_array_index (found, i));
  return TRUE;
}

static void
show_tags (const CliArgs   *args,
           const char      *path,
           const GPtrArray *tags)
{
  cJSON *object = cJSON_CreateObject ();
  cJSON *list;

  cJSON_AddStringToObject (object, "kind", "events");
  cJSON_AddStringToObject (object, "path", path);
  list = cJSON_AddArrayToObject (object, "tags");
  if (!args->json)
    printf ("%s: events with %u tags\n", path, tags->len);
  for (guint i = 0; i < tags->len; i++)
    {
      const Tag *tag = g_ptr_array_index (tags, i);
      cJSON *entry = cJSON_CreateObject ();

      cJSON_AddStringToObject (entry, "tag", tag->tag);
      cJSON_AddStringToObject (entry, "plugin", tag->plugin);
      cli_add_int (entry, "count", tag->count);
      cli_add_int (entry, "first_step", tag->first_step);
      cli_add_int (entry, "last_step", tag->last_step);
      cJSON_AddItemToArray (list, entry);
      if (!args->json)
        printf ("%-32s %-12s %" G_GINT64_FORMAT " points, steps %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT "\n", tag->tag,
                tag->plugin, tag->count, tag->first_step, tag->last_step);
    }
  if (args->json)
    cli_print_json (object);
  else
    cJSON_Delete (object);
}

static int
inspect_events (const CliArgs   *args,
                const char      *path,
                const GPtrArray *files)
{
  g_autoptr (GPtrArray) tags = g_ptr_array_new_with_free_func (tag_free);
  int status = CLI_DONE;

  for (guint i = 0; i < files->len; i++)
    {
      g_autoptr (GError) error = NULL;

      if (!read_events (g_ptr_array_index (files, i), tags, &error))
        status = cli_fail (args, g_ptr_array_index (files, i), error);
    }
  show_tags (args, path, tags);
  return status;
}

/* ---- arrays and documents ---- */

static int
inspect_array (const CliArgs *args,
               const char    *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) tensor = gw_npy_load (path, &error);
  cJSON *object;

  if (tensor == NULL)
    return cli_fail (args, NULL, error);
  if (!args->json)
    {
      print_tensor (path, tensor);
      return CLI_DONE;
    }
  object = cJSON_CreateObject ();
  cJSON_AddStringToObject (object, "kind", "array");
  cJSON_AddStringToObject (object, "path", path);
  add_stats (object, tensor);
  cli_print_json (object);
  return CLI_DONE;
}

/* What the nodes of a document are, and cost forwards for one example. */
typedef struct {
  const GwDocument *document;
  GwLowered        *lowered;
  GHashTable       *costs;
} Nodes;

static GwNodeCost
cost_of (const Nodes *nodes,
         int64_t      id)
{
  const GwNodeCost *cost = g_hash_table_lookup (nodes->costs, GSIZE_TO_POINTER ((gsize) id));

  return cost != NULL ? *cost : (GwNodeCost) { 0 };
}

/* The shape of output 0, or NULL. */
static char *
shape_of (const Nodes *nodes,
          int64_t      id)
{
  GwOutput output = gw_lowered_n_outputs (nodes->lowered, id) > 0 ? gw_lowered_output (nodes->lowered, id, 0) : GW_NO_OUTPUT;

  return output.node != NULL ? gw_shape_to_string (gw_output_shape (output)) : NULL;
}

static cJSON *
node_to_json (const Nodes     *nodes,
              int64_t          id,
              const GwDocNode *node)
{
  cJSON *entry = cJSON_CreateObject ();
  GwNodeCost cost = cost_of (nodes, id);
  g_autofree char *shape = shape_of (nodes, id);

  cJSON_AddStringToObject (entry, "name", node->name);
  cJSON_AddStringToObject (entry, "op", node->op);
  if (shape != NULL)
    cJSON_AddStringToObject (entry, "shape", shape);
  cli_add_int (entry, "parameters", cost.parameters);
  cli_add_double (entry, "flops", cost.flops);
  return entry;
}

static void
print_node (const Nodes     *nodes,
            int64_t          id,
            const GwDocNode *node)
{
  GwNodeCost cost = cost_of (nodes, id);
  g_autofree char *shape = shape_of (nodes, id);

  printf ("%-32s %-24s %-16s", node->name, node->op, shape != NULL ? shape : "");
  if (cost.parameters > 0)
    printf (" %12" G_GINT64_FORMAT, cost.parameters);
  else
    printf (" %12s", "");
  if (cost.flops > 0)
    printf (" %14.0f", cost.flops);
  putchar ('\n');
}

/* Into `list`, or as a table; the sum of all. */
static GwNodeCost
tell_nodes (const Nodes *nodes,
            cJSON       *list)
{
  int n;
  const int64_t *ids = gw_document_ids (nodes->document, GW_ITEM_NODE, &n);
  GwNodeCost total = { 0 };

  if (list == NULL)
    printf ("%-32s %-24s %-16s %12s %14s\n", "node", "op", "shape", "parameters", "FLOPs");
  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (nodes->document, ids[i]);
      GwNodeCost cost = cost_of (nodes, ids[i]);

      total.parameters += cost.parameters;
      total.flops += cost.flops;
      if (list != NULL)
        cJSON_AddItemToArray (list, node_to_json (nodes, ids[i], node));
      else
        print_node (nodes, ids[i], node);
    }
  return total;
}

static cJSON *
document_to_json (const CliArgs *args,
                  const Nodes   *nodes)
{
  const GwDocSettings *settings = gw_document_settings (nodes->document);
  const GwDocNode *loss = gw_document_node (nodes->document, settings->loss);
  cJSON *object = cJSON_CreateObject ();
  GwNodeCost total;

  cJSON_AddStringToObject (object, "kind", "document");
  cJSON_AddStringToObject (object, "path", args->files[0]);
  total = tell_nodes (nodes, cJSON_AddArrayToObject (object, "nodes"));
  cli_add_int (object, "parameters", total.parameters);
  cli_add_double (object, "flops", total.flops);
  if (settings->pipeline != NULL)
    cJSON_AddStringToObject (object, "data", settings->pipeline->source->name);
  if (loss != NULL)
    cJSON_AddStringToObject (object, "loss", loss->name);
  return object;
}

static void
print_document (const CliArgs *args,
                const Nodes   *nodes)
{
  const GwDocSettings *settings = gw_document_settings (nodes->document);
  const GwDocNode *loss = gw_document_node (nodes->document, settings->loss);
  GwNodeCost total;
  int n;

  gw_document_ids (nodes->document, GW_ITEM_NODE, &n);
  printf ("%s: document of %d nodes, data %s, loss %s\n", args->files[0], n,
          settings->pipeline != NULL ? settings->pipeline->source->name : "none", loss != NULL ? loss->name : "none");
  total = tell_nodes (nodes, NULL);
  printf ("%" G_GINT64_FORMAT " parameters; %.0f FLOPs forwards for one example\n", total.parameters, total.flops);
}

static int
inspect_document (const CliArgs *args)
{
  const GwLowerOptions options = { GW_MODE_PREDICT, FALSE, -1 };
  int status = CLI_DONE;
  g_autoptr (GwDocument) document = cli_load (args, &status);
  g_autoptr (GwLowered) lowered = document != NULL ? gw_lower (document, &options) : NULL;
  Nodes nodes = { document, lowered, lowered != NULL ? gw_lowered_costs (lowered) : NULL };

  if (document == NULL)
    return status;
  if (args->json)
    cli_print_json (document_to_json (args, &nodes));
  else
    print_document (args, &nodes);
  g_hash_table_unref (nodes.costs);
  return CLI_DONE;
}

/* ---- which ---- */

static gboolean
has_index (const char *prefix)
{
  g_autofree char *index = g_strconcat (prefix, ".index", NULL);

  return g_file_test (index, G_FILE_TEST_IS_REGULAR);
}

static int
inspect_folder (const CliArgs *args,
                const char    *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = gw_event_files_in_folder (path, &error);
  g_autofree char *prefix = NULL;

  if (events == NULL)
    return cli_fail (args, NULL, error);
  if (events->len > 0)
    return inspect_events (args, path, events);
  prefix = gw_checkpoint_latest (path, &error);
  return prefix != NULL ? inspect_checkpoint (args, prefix) : cli_fail (args, path, error);
}

static int
run (const CliArgs *args)
{
  const char *path = args->files[0];
  g_autofree char *prefix = gw_checkpoint_prefix_of (path);
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return inspect_folder (args, path);
  if (has_index (prefix))
    return inspect_checkpoint (args, prefix);
  if (g_str_has_suffix (path, ".npy"))
    return inspect_array (args, path);
  if (g_str_has_suffix (path, ".gw"))
    return inspect_document (args);
  if (gw_event_file_is_name (path))
    {
      g_ptr_array_add (one, (gpointer) path);
      return inspect_events (args, path, one);
    }
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    g_set_error (&error, GW_ERROR, GW_ERROR_UNIMPLEMENTED,
                 "this is no checkpoint, event file, run folder, .npy or .gw file");
  else
    g_set_error (&error, GW_ERROR, GW_ERROR_NOT_FOUND, "there is no such file and no checkpoint of that prefix");
  return cli_fail (args, path, error);
}

static const CliOption options[] = {
  { "json", 'j', CLI_OPTION_FLAG, NULL, "One JSON object on standard output.", offsetof (CliArgs, json) },
  { NULL },
};

const CliCommand cli_inspect = {
  .name = "inspect", .arguments = "PATH", .min_files = 1, .max_files = 1,
  .summary = "Looks into checkpoints, event files, runs, arrays and documents.",
  .description =
    "PATH is a checkpoint (its prefix, its .index or a data file): lists the variables with type, shape, minimum, "
    "maximum, mean and standard deviation. An event file or a run's folder: the tags with their plugin, number of points "
    "and steps. A .npy file: its type, shape and statistics. A .gw file: its nodes with their shapes, parameters and "
    "FLOPs (arithmetic operations forwards for one example; turns of loops are not counted). TensorFlow's own files are "
    "read as well as ours.",
  .examples =
    "  gw inspect digits.runs/2026-03-01_14-05-09\n"
    "  gw inspect digits.runs/2026-03-01_14-05-09/model.ckpt-500\n"
    "  gw inspect events.out.tfevents.1499786822.host --json",
  .options = options,
  .run = run,
};
