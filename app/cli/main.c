/* SPDX-License-Identifier: Apache-2.0 */
/* The command table of `gw`. */
#include "app/cli/cli.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

const CliCommand *const cli_commands[] = {
  &cli_train, &cli_eval, &cli_run, &cli_generate, &cli_check, &cli_convert, &cli_ops, &cli_inspect, &cli_render, &cli_bench, NULL,
};

static const CliCommand *
find_command (const char *name)
{
  for (const CliCommand *const *command = cli_commands; *command != NULL; command++)
    if (strcmp ((*command)->name, name) == 0)
      return *command;
  return NULL;
}

static int
run_command (const CliCommand *command,
             int               argc,
             char            **argv)
{
  CliArgs args;
  int status = CLI_USAGE;

  if (cli_parse (command, argc, argv, &args))
    {
      status = CLI_DONE;
      if (args.help)
        cli_print_help (command);
      else
        status = command->run (&args);
    }
  cli_args_clear (&args);
  return status;
}

int
main (int    argc,
      char **argv)
{
  const char *name = argc > 1 ? argv[1] : "";
  const CliCommand *command = find_command (name);

  signal (SIGXFSZ, SIG_IGN); /* a limit of file sizes is then an error of write() like a full disk */
  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  gw_init ();
  if (command != NULL)
    return run_command (command, argc - 2, argv + 2);
  if (strcmp (name, "--help") == 0 || strcmp (name, "-h") == 0 || strcmp (name, "help") == 0)
    {
      command = argc > 2 ? find_command (argv[2]) : NULL;
      if (command != NULL)
        cli_print_help (command);
      else
        cli_print_overview ();
      return CLI_DONE;
    }
  if (strcmp (name, "--version") == 0)
    {
      printf ("gw %s\n", gw_version ());
      return CLI_DONE;
    }
  if (strcmp (name, "complete") == 0)
    {
      cli_print_completion ();
      return CLI_DONE;
    }
  if (*name == '\0')
    fprintf (stderr, "gw: no command given. “gw --help” lists them.\n");
  else
    fprintf (stderr, "gw: there is no command “%s”. “gw --help” lists them.\n", name);
  return CLI_USAGE;
}
