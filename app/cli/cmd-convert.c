/* SPDX-License-Identifier: Apache-2.0 */
/* gw convert */
#include "app/cli/cli.h"

#include "app/model/import.h"

#include <stdio.h>
#include <string.h>

/* ---- TensorFlow → document ---- */

static int
import_graph (const CliArgs *args)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GwDocument) document = gw_import_graph (args->files[0], notes, NULL, &error);
  int n;

  if (document == NULL || !gw_document_save (document, args->output, &error))
    return cli_fail (args, document == NULL ? args->files[0] : NULL, error);
  gw_document_ids (document, GW_ITEM_NODE, &n);
  for (guint i = 0; i < notes->len && !args->json; i++)
    fprintf (stderr, "gw: %s\n", (const char *) g_ptr_array_index (notes, i));
  if (args->json)
    {
      cJSON *event = cli_event ("done"), *list;

      cJSON_AddStringToObject (event, "output", args->output);
      cli_add_int (event, "nodes", n);
      list = cJSON_AddArrayToObject (event, "notes");
      for (guint i = 0; i < notes->len; i++)
        cJSON_AddItemToArray (list, cJSON_CreateString (g_ptr_array_index (notes, i)));
      cli_print_json (event);
    }
  else
    printf ("%s: %d nodes\n", args->output, n);
  return CLI_DONE;
}

/* ---- document → TensorFlow ---- */

static gboolean
mode_of (const char *text,
         GwMode     *mode)
{
  static const char *const names[] = { "train", "evaluate", "predict" };

  *mode = GW_MODE_TRAIN;
  if (text == NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (text, names[i]) == 0)
      {
        *mode = (GwMode) i;
        return TRUE;
      }
  return FALSE;
}

static int
export_graph (const CliArgs *args)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = NULL;
  g_autoptr (GBytes) graph = NULL;
  GwLowerOptions options = { .seed = args->seed };
  int status = CLI_DONE;

  if (!mode_of (args->mode, &options.mode))
    {
      fprintf (stderr, "gw convert: there is no mode “%s”: say train, evaluate or predict\n", args->mode);
      return CLI_USAGE;
    }
  options.training = options.mode == GW_MODE_TRAIN;
  document = cli_load (args, &status);
  if (document == NULL)
    return status;
  graph = gw_document_to_graph_def (document, &options, &error);
  if (graph == NULL || !gw_graph_file_save (graph, args->output, &error))
    return cli_fail (args, graph == NULL ? args->files[0] : NULL, error);
  if (args->json)
    {
      cJSON *event = cli_event ("done");

      cJSON_AddStringToObject (event, "output", args->output);
      cli_print_json (event);
    }
  else
    printf ("%s: %" G_GSIZE_FORMAT " bytes\n", args->output, g_bytes_get_size (graph));
  return CLI_DONE;
}

static gboolean
is_graph_def (const char *path)
{
  return path != NULL && (g_str_has_suffix (path, ".pb") || g_str_has_suffix (path, ".pbtxt"));
}

static int
run (const CliArgs *args)
{
  gboolean to_document = args->output != NULL && g_str_has_suffix (args->output, ".gw");

  if (!to_document && !is_graph_def (args->output))
    {
      fprintf (stderr, "gw convert: say where to: -o FILE.gw, FILE.pb or FILE.pbtxt\n");
      return CLI_USAGE;
    }
  return to_document ? import_graph (args) : export_graph (args);
}

static const CliOption options[] = {
  { "output", 'o', CLI_OPTION_TEXT, "FILE", "File to write: a document (.gw), or a graph for TensorFlow, binary (.pb) or as text "
    "(.pbtxt).", offsetof (CliArgs, output) },
  { "mode", 0, CLI_OPTION_TEXT, "MODE", "Of a graph for TensorFlow: train (the default, with gradients and updates), evaluate or "
    "predict.", offsetof (CliArgs, mode) },
  { "seed", 's', CLI_OPTION_INT, "S", "Seed of a graph for TensorFlow; else the document's.", offsetof (CliArgs, seed) },
  { "set", 0, CLI_OPTION_LIST, "NODE.ATTR=VALUE", "Sets an attribute of a node of a document first.", offsetof (CliArgs, set) },
  { "json", 'j', CLI_OPTION_FLAG, NULL, "One JSON object on standard output.", offsetof (CliArgs, json) },
  { NULL },
};

const CliCommand cli_convert = {
  .name = "convert", .arguments = "FILE -o FILE", .min_files = 1, .max_files = 1,
  .summary = "Turns graphs of TensorFlow and ONNX into documents, and documents into TensorFlow's graphs.",
  .description =
    "From GraphDef (.pb, .pbtxt), MetaGraphDef (.meta), a SavedModel (its folder or saved_model.pb) and the graph in an event "
    "file to a document: name scopes become groups, functions sub-graphs, and the initial value of a variable one of its "
    "attributes. Models of ONNX (.onnx) become graphs of TensorFlow's ops, their weights constants. Ops that this program "
    "has not are kept with their attributes and cannot run; what could not be taken over is told line by line.\n\n"
    "From a document to a GraphDef that TensorFlow runs. It carries the document as well, so that converting it back gives the same "
    "boxes at the same places.",
  .examples =
    "  gw convert model.pbtxt -o model.gw\n"
    "  gw convert exported/1 -o served.gw\n"
    "  gw convert resnet50.onnx -o resnet50.gw\n"
    "  gw convert digits.gw --mode predict -o digits.pb",
  .options = options,
  .run = run,
};
