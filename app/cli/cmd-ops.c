/* SPDX-License-Identifier: Apache-2.0 */
/* gw ops */
#include "app/cli/cli.h"

#include <stdio.h>
#include <string.h>

static void
print_list (void)
{
  int n;
  const GwOpDef *const *defs = gw_registry_list_by_category (&n);
  const GwCategory *category = NULL;
  const char *group = NULL;

  for (int i = 0; i < n; i++)
    {
      if (category != gw_op_category (defs[i]))
        printf ("%s%s\n", i > 0 ? "\n" : "", gw_op_category (defs[i])->title);
      if (gw_op_group (defs[i]) != NULL && group != gw_op_group (defs[i]))
        printf ("  %s\n", gw_op_group (defs[i]));
      category = gw_op_category (defs[i]);
      group = gw_op_group (defs[i]);
      printf ("    %-36s %s\n", defs[i]->name, defs[i]->summary);
    }
}

static void
print_lines (cJSON *array)
{
  cJSON *item;

  while ((item = cJSON_DetachItemFromArray (array, 0)) != NULL)
    cli_print_json (item);
  cJSON_Delete (array);
}

static int
print_example (const CliArgs *args,
               const GwOpDef *def)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = gw_document_from_example (def, &error);
  g_autofree char *text = NULL;

  if (document == NULL)
    return cli_fail (args, NULL, error);
  text = gw_document_to_json (document);
  fputs (text, stdout);
  return CLI_DONE;
}

static int
print_one (const CliArgs *args,
           const char    *name)
{
  const GwOpDef *def = gw_registry_find (name);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GwDocument) document = NULL;

  if (def == NULL)
    {
      g_auto (GStrv) near = gw_registry_suggest (name, 3);
      g_autofree char *names = g_strjoinv (", ", near);
      g_autoptr (GError) error = g_error_new (GW_ERROR, GW_ERROR_NOT_FOUND, "there is no op called %s%s%s", name,
                                              *near != NULL ? "; nearest: " : "", names);

      return cli_fail (args, NULL, error);
    }
  if (args->example)
    return print_example (args, def);
  if (args->json)
    {
      cli_print_json (gw_describe_op (def));
      return CLI_DONE;
    }
  gw_describe_op_markdown (def, text);
  document = gw_document_from_example (def, NULL);
  if (document != NULL)
    g_string_append_printf (text, "To try the first example in the window, or by gw run example.gw --fetch %s:\n\n"
                            "    gw ops %s --example > example.gw\n\n", def->name, def->name);
  fputs (text->str, stdout);
  return CLI_DONE;
}

static int
run (const CliArgs *args)
{
  g_autofree char *page = NULL;

  if (args->n_files == 1)
    return print_one (args, args->files[0]);
  if (args->example)
    {
      fputs ("gw: --example needs the name of an op\n", stderr);
      return CLI_USAGE;
    }
  if (args->json)
    print_lines (gw_describe_ops ());
  else if (args->markdown)
    {
      page = gw_describe_ops_markdown ();
      fputs (page, stdout);
    }
  else
    print_list ();
  return CLI_DONE;
}

static const CliOption options[] = {
  { "json", 'j', CLI_OPTION_FLAG, NULL, "One JSON object a line: an op with its ports, attributes and examples.", offsetof (CliArgs, json) },
  { "example", 'e', CLI_OPTION_FLAG, NULL, "Of NAME: its first example as a document, to run or to open in the window.", offsetof (CliArgs, example) },
  { "markdown", 'm', CLI_OPTION_FLAG, NULL, "The whole reference as Markdown.", offsetof (CliArgs, markdown) },
  { NULL },
};

const CliCommand cli_ops = {
  .name = "ops", .arguments = "[NAME]", .min_files = 0, .max_files = 1,
  .summary = "Lists the ops, or describes one.",
  .description =
    "Without NAME lists all ops by category with one line each. With NAME shows what the op does, its inputs, outputs "
    "and attributes with their defaults and ranges, and examples. Names, ports and attributes are TensorFlow's.",
  .examples =
    "  gw ops\n"
    "  gw ops MatMul\n"
    "  gw ops MatMul --example > product.gw\n"
    "  gw ops --markdown > OPS.md",
  .options = options,
  .run = run,
};
