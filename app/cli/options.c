/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing, help and completion out of the tables of commands and options. */
#include "app/cli/cli.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const CliOption help_option = {
  "help", 'h', CLI_OPTION_FLAG, NULL, "Shows this help.", offsetof (CliArgs, help),
};

#define FIELD(args, option, T) ((T *) (void *) ((char *) (args) + (option)->offset))

/* ---- parsing ---- */

static void
complain (const CliCommand *command,
          const char       *format,
          const char       *what)
{
  fprintf (stderr, "gw %s: ", command->name);
  fprintf (stderr, format, what);
  fprintf (stderr, "\nTry “gw %s --help”.\n", command->name);
}

static const CliOption *
find_long (const CliCommand *command,
           const char       *name,
           gsize             length)
{
  for (const CliOption *option = command->options; option->name != NULL; option++)
    if (strlen (option->name) == length && strncmp (option->name, name, length) == 0)
      return option;
  return length == 4 && strncmp (name, "help", 4) == 0 ? &help_option : NULL;
}

static const CliOption *
find_letter (const CliCommand *command,
             char              letter)
{
  for (const CliOption *option = command->options; option->name != NULL; option++)
    if (option->letter == letter)
      return option;
  return letter == 'h' ? &help_option : NULL;
}

static gboolean
set_int (const CliOption *option,
         CliArgs         *args,
         const char      *text)
{
  gint64 value;

  if (!g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, &value, NULL))
    return FALSE;
  *FIELD (args, option, int64_t) = value;
  return TRUE;
}

static gboolean
set_float (const CliOption *option,
           CliArgs         *args,
           const char      *text)
{
  char *end;
  double value = g_ascii_strtod (text, &end);

  if (end == text || *end != '\0' || !isfinite (value) || value <= 0)
    return FALSE;
  *FIELD (args, option, double) = value;
  return TRUE;
}

static gboolean
set_option (const CliOption *option,
            CliArgs         *args,
            const char      *text)
{
  switch (option->kind)
    {
    case CLI_OPTION_FLAG:
      *FIELD (args, option, gboolean) = TRUE;
      return TRUE;
    case CLI_OPTION_TEXT:
      g_free (*FIELD (args, option, char *));
      *FIELD (args, option, char *) = g_strdup (text);
      return TRUE;
    case CLI_OPTION_INT:
      return set_int (option, args, text);
    case CLI_OPTION_FLOAT:
      return set_float (option, args, text);
    case CLI_OPTION_LIST:
      g_ptr_array_add (*FIELD (args, option, GPtrArray *), g_strdup (text));
      return TRUE;
    default:
      return FALSE;
    }
}

/* The option in argv[*i] with its argument, which may be in argv[*i + 1]. */
static gboolean
parse_option (const CliCommand *command,
              int               argc,
              char            **argv,
              int              *i,
              CliArgs          *args)
{
  const char *word = argv[*i];
  gboolean is_long = word[1] == '-';
  const char *equals = is_long ? strchr (word, '=') : NULL;
  const CliOption *option = is_long ? find_long (command, word + 2, equals != NULL ? (gsize) (equals - word - 2) : strlen (word + 2))
                                    : find_letter (command, word[1]);
  const char *text = is_long ? (equals != NULL ? equals + 1 : NULL) : (word[2] != '\0' ? word + 2 : NULL);
  g_autofree char *bad = NULL;

  if (option == NULL)
    {
      complain (command, "there is no option %s", word);
      return FALSE;
    }
  if (option->kind == CLI_OPTION_FLAG && text != NULL)
    {
      complain (command, "--%s takes no value", option->name);
      return FALSE;
    }
  if (option->kind != CLI_OPTION_FLAG && text == NULL)
    {
      if (*i + 1 >= argc)
        {
          complain (command, "--%s needs a value", option->name);
          return FALSE;
        }
      text = argv[++*i];
    }
  if (set_option (option, args, text))
    return TRUE;
  bad = g_strdup_printf ("--%s wants a %s, not “%s”", option->name,
                         option->kind == CLI_OPTION_INT ? "whole number" : "positive number", text);
  complain (command, "%s", bad);
  return FALSE;
}

static void
args_init (CliArgs *args)
{
  *args = (CliArgs) { .steps = -1, .epochs = -1, .seed = -1, .threads = -1, .width = -1, .height = -1, .count = -1 };
  args->set = g_ptr_array_new_with_free_func (g_free);
  args->feed = g_ptr_array_new_with_free_func (g_free);
  args->fetch = g_ptr_array_new_with_free_func (g_free);
}

void
cli_args_clear (CliArgs *args)
{
  g_ptr_array_unref (args->set);
  g_ptr_array_unref (args->feed);
  g_ptr_array_unref (args->fetch);
  g_free (args->prompt);
  g_free (args->device);
  g_free (args->run_dir);
  g_free (args->checkpoint);
  g_free (args->output);
  g_free (args->tag);
  g_free (args->mode);
  g_free (args->npy);
  g_free (args->trace);
  g_free (args->files);
}

gboolean
cli_parse (const CliCommand *command,
           int               argc,
           char            **argv,
           CliArgs          *args)
{
  gboolean only_files = FALSE;

  args_init (args);
  args->files = g_new0 (char *, argc + 1);
  for (int i = 0; i < argc; i++)
    {
      if (!only_files && strcmp (argv[i], "--") == 0)
        only_files = TRUE;
      else if (only_files || argv[i][0] != '-' || argv[i][1] == '\0')
        args->files[args->n_files++] = argv[i];
      else if (!parse_option (command, argc, argv, &i, args))
        return FALSE;
    }
  if (args->help)
    return TRUE;
  if (args->n_files < command->min_files)
    {
      complain (command, "%s is missing", command->arguments);
      return FALSE;
    }
  if (args->n_files > command->max_files)
    {
      complain (command, "“%s” is too much", args->files[command->max_files]);
      return FALSE;
    }
  return TRUE;
}

/* ---- help ---- */

#define HELP_COLUMN 28
#define HELP_WIDTH 100

/* Words of `text` from column `indent` on; the cursor is at `at`. */
static void
print_wrapped (const char *text,
               int         indent,
               int         at)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  gboolean first = TRUE;

  if (at > indent)
    {
      putchar ('\n');
      at = 0;
    }
  printf ("%*s", indent - at, "");
  at = indent;
  for (char **word = words; *word != NULL; word++)
    {
      int length = (int) g_utf8_strlen (*word, -1);

      if (!first && at + 1 + length > HELP_WIDTH)
        {
          printf ("\n%*s", indent, "");
          at = indent;
          first = TRUE;
        }
      printf ("%s%s", first ? "" : " ", *word);
      at += length + !first;
      first = FALSE;
    }
  putchar ('\n');
}

static void
print_option (const CliOption *option)
{
  g_autofree char *left = NULL;
  g_autofree char *letter = option->letter != 0 ? g_strdup_printf ("-%c, ", option->letter) : g_strdup ("    ");

  left = g_strdup_printf ("  %s--%s%s%s", letter, option->name, option->argument != NULL ? " " : "",
                          option->argument != NULL ? option->argument : "");
  printf ("%s", left);
  print_wrapped (option->help, HELP_COLUMN, (int) strlen (left) < HELP_COLUMN ? (int) strlen (left) : HELP_COLUMN + 1);
}

static void
print_paragraphs (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (**line == '\0')
      putchar ('\n');
    else if (**line == ' ')
      printf ("  %s\n", *line);
    else
      print_wrapped (*line, 2, 0);
}

void
cli_print_help (const CliCommand *command)
{
  printf ("gw %s: %s\n\nUsage\n  gw %s [OPTION]… %s\n\n", command->name, command->summary, command->name,
          command->arguments);
  print_paragraphs (command->description);
  printf ("\nOptions\n");
  for (const CliOption *option = command->options; option->name != NULL; option++)
    print_option (option);
  print_option (&help_option);
  printf ("\nExamples\n");
  print_paragraphs (command->examples);
  printf ("\nExit status\n  0 done · 1 the graph or the data is wrong · 2 wrong usage · 130 interrupted\n");
}

void
cli_print_overview (void)
{
  printf ("gw: builds, trains and inspects graphs, without a window\n\nUsage\n  gw COMMAND [OPTION]… FILE\n\nCommands\n");
  for (const CliCommand *const *command = cli_commands; *command != NULL; command++)
    printf ("  %-10s %s\n", (*command)->name, (*command)->summary);
  printf ("  %-10s %s\n", "complete", "Prints a completion script for bash.");
  printf ("\n“gw COMMAND --help” tells more. “gw --version” prints the version.\n"
          "Every command takes --json: one JSON object a line on standard output.\n");
}

/* ---- completion ---- */

static void
print_words (const CliCommand *command)
{
  for (const CliOption *option = command->options; option->name != NULL; option++)
    printf ("--%s ", option->name);
  printf ("--help");
}

void
cli_print_completion (void)
{
  printf ("_gw ()\n{\n  local word=${COMP_WORDS[COMP_CWORD]} words=\n  COMPREPLY=()\n"
          "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    words='");
  for (const CliCommand *const *command = cli_commands; *command != NULL; command++)
    printf ("%s ", (*command)->name);
  printf ("complete --help --version'\n  else\n    case ${COMP_WORDS[1]} in\n");
  for (const CliCommand *const *command = cli_commands; *command != NULL; command++)
    {
      printf ("      %s) words='", (*command)->name);
      print_words (*command);
      printf ("' ;;\n");
    }
  printf ("    esac\n    case $word in -*) ;; *) COMPREPLY=($(compgen -f -- \"$word\")); return ;; esac\n  fi\n"
          "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\ncomplete -o filenames -F _gw gw\n");
}
