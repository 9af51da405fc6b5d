/* SPDX-License-Identifier: Apache-2.0 */
/* `gw`, the program without a window: what its commands share. One table of commands
 * and options drives parsing, help and completion. */
#pragma once

#include "engine/engine.h"

G_BEGIN_DECLS

/* What a command ends with, and so the program. */
enum {
  CLI_DONE = 0,
  CLI_WRONG = 1,         /* the graph or the data */
  CLI_USAGE = 2,
  CLI_INTERRUPTED = 130, /* Ctrl+C; what was done is saved */
};

/* The values of all options of all commands. */
typedef struct {
  gboolean   help, json, markdown, example, resume, fixed_batch, dark, profile;
  int64_t    steps, epochs, seed, threads, width, height, count; /* -1 = not given */
  double     seconds, scale, temperature;
  char      *prompt, *device, *run_dir, *checkpoint, *output, *tag, *mode, *npy, *trace;
  GPtrArray *set, *feed, *fetch;  /* of char * */
  int        n_files;
  char     **files;               /* what is no option */
} CliArgs;

typedef enum {
  CLI_OPTION_FLAG,
  CLI_OPTION_TEXT,
  CLI_OPTION_INT,   /* not negative */
  CLI_OPTION_FLOAT, /* positive */
  CLI_OPTION_LIST,  /* may come several times */
} CliOptionKind;

typedef struct {
  const char   *name;      /* "steps" for --steps; NULL ends a table */
  char          letter;    /* 'o' for -o, or 0 */
  CliOptionKind kind;
  const char   *argument;  /* "N" */
  const char   *help;
  size_t        offset;    /* of its place in CliArgs */
} CliOption;

typedef struct {
  const char      *name;
  const char      *arguments;   /* "FILE" */
  int              min_files, max_files;
  const char      *summary;     /* one line */
  const char      *description; /* paragraphs */
  const char      *examples;    /* lines "command\n    what it does" */
  const CliOption *options;
  int            (*run) (const CliArgs *args);
} CliCommand;

extern const CliCommand cli_train, cli_eval, cli_run, cli_generate, cli_check, cli_convert, cli_ops, cli_inspect, cli_render, cli_bench;
/* NULL-terminated. */
extern const CliCommand *const cli_commands[];

/* FALSE: wrong usage, and the reason was printed. Clear `args` in any case. */
gboolean cli_parse (const CliCommand *command, int argc, char **argv, CliArgs *args);
void cli_args_clear (CliArgs *args);

void cli_print_overview (void);
void cli_print_help (const CliCommand *command);
/* A bash completion script. */
void cli_print_completion (void);

/* ---- output ---- */

/* "gw: FILE: NODE (OP): message" on standard error, and with --json an event "error" on
 * standard output. Returns CLI_WRONG. */
int cli_fail (const CliArgs *args, const char *file, const GError *error);
/* A line of a Print node: "NODE: text" on standard error, and with --json an event "message"
 * on standard output. `step` < 0 = none. */
void cli_message (const CliArgs *args, int64_t step, const char *node, const char *text);
/* Prints one line and frees `json`. */
void cli_print_json (cJSON *json);
/* {"event": name} */
cJSON *cli_event (const char *name);
void cli_add_int (cJSON *object, const char *key, int64_t value);
void cli_add_double (cJSON *object, const char *key, double value);

/* One line that is written over on a terminal, a line every few seconds elsewhere; on
 * standard error. `last` ends it. */
void cli_progress (const char *text, gboolean last);
/* Takes the progress line away before something else is printed. */
void cli_progress_clear (void);

/* "1,234,567" */
char *cli_count (int64_t n);
/* "1 h 02 min", "3 min 20 s", "4.2 s" */
char *cli_duration (double seconds);

/* ---- documents ---- */

/* Loads the document and obeys --set. NULL after printing why. */
GwDocument *cli_load (const CliArgs *args, int *status);
/* Where the runs of a document lie: beside it, or in the user's data folder when that
 * cannot be written or holds the examples that came with the program. */
char *cli_runs_dir (const char *document_path);
/* Folder of the newest run of the document; NULL = none. */
char *cli_newest_run (const char *document_path);
/* --checkpoint as a prefix (a run folder stands for its newest one), else the newest of
 * the newest run. NULL with an error when there is none. */
char *cli_find_checkpoint (const CliArgs *args, GError **error);
/* FALSE with what matches and what does not when a variable of the graph is not in the
 * checkpoint, or is there with another type or shape. */
gboolean cli_check_checkpoint (const char *prefix, const GwLowered *lowered, GError **error);

G_END_DECLS
