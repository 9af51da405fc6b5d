/* SPDX-License-Identifier: Apache-2.0 */
/* What commands print, and the documents and runs that they find. */
#include "app/cli/cli.h"

#include "app/model/checkpoint-store.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define QUIET_MICROSECONDS (5 * G_USEC_PER_SEC) /* between two lines where there is no terminal */

/* ---- JSON ---- */

void
cli_print_json (cJSON *json)
{
  g_autofree char *text = gw_json_print_compact (json);

  puts (text);
  fflush (stdout);
  cJSON_Delete (json);
}

cJSON *
cli_event (const char *name)
{
  cJSON *event = cJSON_CreateObject ();

  cJSON_AddStringToObject (event, "event", name);
  return event;
}

void
cli_add_int (cJSON      *object,
             const char *key,
             int64_t     value)
{
  cJSON_AddItemToObject (object, key, gw_json_new_int (value));
}

void
cli_add_double (cJSON      *object,
                const char *key,
                double      value)
{
  cJSON_AddItemToObject (object, key, gw_json_new_double (value));
}

/* ---- errors ---- */

int
cli_fail (const CliArgs *args,
          const char    *file,
          const GError  *error)
{
  const char *node = gw_error_get_node (error);
  const char *op = gw_error_get_op (error);

  cli_progress_clear ();
  fprintf (stderr, "gw: ");
  if (file != NULL)
    fprintf (stderr, "%s: ", file);
  if (node != NULL)
    fprintf (stderr, op != NULL ? "%s (%s): " : "%s: ", node, op);
  fprintf (stderr, "%s\n", error->message);
  if (args->json)
    {
      cJSON *event = cli_event ("error");

      if (file != NULL)
        cJSON_AddStringToObject (event, "file", file);
      if (node != NULL)
        cJSON_AddStringToObject (event, "node", node);
      if (op != NULL)
        cJSON_AddStringToObject (event, "op", op);
      if (error->domain == GW_ERROR)
        cJSON_AddStringToObject (event, "code", gw_error_code_name ((GwErrorCode) error->code));
      cJSON_AddStringToObject (event, "message", error->message);
      cli_print_json (event);
    }
  return CLI_WRONG;
}

void
cli_message (const CliArgs *args,
             int64_t        step,
             const char    *node,
             const char    *text)
{
  cJSON *event;

  cli_progress_clear ();
  fprintf (stderr, "%s: %s\n", node, text);
  if (!args->json)
    return;
  event = cli_event ("message");
  if (step >= 0)
    cli_add_int (event, "step", step);
  cJSON_AddStringToObject (event, "node", node);
  cJSON_AddStringToObject (event, "text", text);
  cli_print_json (event);
}

/* ---- progress ---- */

static gboolean progress_shown;

static int
terminal_width (void)
{
  struct winsize size;

  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10 ? size.ws_col : 80;
}

void
cli_progress (const char *text,
              gboolean    last)
{
  static gint64 next;
  gint64 now = g_get_monotonic_time ();
  g_autofree char *line = NULL;

  if (!isatty (STDERR_FILENO))
    {
      if (!last && now < next)
        return;
      next = now + QUIET_MICROSECONDS;
      fprintf (stderr, "%s\n", text);
      return;
    }
  line = g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), terminal_width () - 1));
  fprintf (stderr, "\r\033[K%s%s", line, last ? "\n" : "");
  fflush (stderr);
  progress_shown = !last;
}

void
cli_progress_clear (void)
{
  if (!progress_shown)
    return;
  fprintf (stderr, "\r\033[K");
  fflush (stderr);
  progress_shown = FALSE;
}

char *
cli_count (int64_t n)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GINT64_FORMAT, n);
  GString *text = g_string_new (NULL);
  gsize length = strlen (digits);

  for (gsize i = 0; i < length; i++)
    {
      if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-')
        g_string_append_c (text, ',');
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}

char *
cli_duration (double seconds)
{
  int64_t whole = (int64_t) (seconds + 0.5);

  if (seconds < 60)
    return g_strdup_printf ("%.1f s", seconds);
  if (seconds < 3600)
    return g_strdup_printf ("%d min %02d s", (int) (whole / 60), (int) (whole % 60));
  return g_strdup_printf ("%" G_GINT64_FORMAT " h %02d min", whole / 3600, (int) (whole % 3600 / 60));
}

/* ---- documents ---- */

#define TRAINING "training"
#define DATA "data"

/* "training.NAME": a training setting. */
static gboolean
set_training (GwDocument *document,
              const char *name,
              const char *text,
              GError    **error)
{
  int index = gw_attr_defs_find (gw_training_attrs (), name);
  g_autoptr (GwEdit) edit = gw_edit_new ("");
  GwAttrValue value;
  GwItem *item;

  if (index < 0)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "there is no training setting called %s", name);
      return FALSE;
    }
  if (!gw_attr_parse (&gw_training_attrs ()[index], text, &value, error))
    return FALSE;
  item = gw_edit_take (edit, document, 0);
  gw_named_attrs_set (item->settings.training_attrs, name, &value);
  gw_attr_value_clear (&value);
  gw_edit_put (edit, document, item);
  gw_document_apply (document, edit);
  return TRUE;
}

/* "data.NAME": a setting of the pipeline or its source. */
static gboolean
set_data (GwDocument *document,
          const char *name,
          const char *text,
          GError    **error)
{
  g_autoptr (GwEdit) edit = gw_edit_new ("");
  GwItem *item = gw_edit_take (edit, document, 0);
  gboolean ok;

  ok = item->settings.pipeline != NULL ? gw_pipeline_set (item->settings.pipeline, name, text, error)
                                       : gw_invalid (error, "the document has no data");
  gw_edit_put (edit, document, item);
  if (ok)
    gw_document_apply (document, edit);
  return ok;
}

static gboolean
set_attr (GwDocument *document,
          int64_t     id,
          const char *name,
          const char *text,
          GError    **error)
{
  g_autoptr (GwEdit) edit = gw_edit_set_attr (document, id, name, text, error);

  if (edit == NULL)
    return FALSE;
  gw_document_apply (document, edit);
  return TRUE;
}

/* NODE.ATTR=VALUE; the last dot before the first = divides, since names hold dots. */
static gboolean
obey_set (GwDocument *document,
          const char *setting,
          GError    **error)
{
  const char *equals = strchr (setting, '=');
  const char *dot = equals != NULL ? g_strrstr_len (setting, equals - setting, ".") : NULL;
  g_autofree char *node = NULL;
  g_autofree char *name = NULL;
  int64_t id;

  if (dot == NULL || dot == setting || dot + 1 == equals)
    return gw_invalid (error, "--set wants NODE.ATTR=VALUE, not “%s”", setting);
  node = g_strndup (setting, (gsize) (dot - setting));
  name = g_strndup (dot + 1, (gsize) (equals - dot - 1));
  id = gw_document_find (document, node);
  if (id != 0)
    return set_attr (document, id, name, equals + 1, error);
  if (strcmp (node, TRAINING) == 0)
    return set_training (document, name, equals + 1, error);
  if (strcmp (node, DATA) == 0)
    return set_data (document, name, equals + 1, error);
  g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "--set %s: there is no node called %s", setting, node);
  return FALSE;
}

GwDocument *
cli_load (const CliArgs *args,
          int           *status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) document = gw_document_load (args->files[0], &error);

  for (guint i = 0; document != NULL && error == NULL && i < args->set->len; i++)
    obey_set (document, g_ptr_array_index (args->set, i), &error);
  if (error == NULL)
    return g_steal_pointer (&document);
  *status = cli_fail (args, document != NULL ? args->files[0] : NULL, error);
  return NULL;
}

static gboolean
is_example (const char *folder)
{
  return g_str_has_suffix (folder, "/resources/examples") || g_str_has_suffix (folder, "/graphwright/examples");
}

char *
cli_runs_dir (const char *document_path)
{
  g_autofree char *path = g_canonicalize_filename (document_path, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *beside = gw_runs_dir_beside (path);
  g_autofree char *name = g_path_get_basename (beside);

  if (!is_example (folder) && g_access (folder, W_OK) == 0)
    return g_steal_pointer (&beside);
  return g_build_filename (g_get_user_data_dir (), "graphwright", "runs", name, NULL);
}

char *
cli_newest_run (const char *document_path)
{
  g_autofree char *folder = cli_runs_dir (document_path);
  g_autoptr (GPtrArray) runs = gw_runs_list (folder);

  return runs->len > 0 ? g_strdup (((GwRunInfo *) g_ptr_array_index (runs, 0))->path) : NULL;
}

char *
cli_find_checkpoint (const CliArgs *args,
                     GError       **error)
{
  g_autofree char *run = NULL;

  if (args->checkpoint != NULL)
    return g_file_test (args->checkpoint, G_FILE_TEST_IS_DIR) ? gw_checkpoint_latest (args->checkpoint, error)
                                                              : gw_checkpoint_prefix_of (args->checkpoint);
  run = args->run_dir != NULL ? g_strdup (args->run_dir) : cli_newest_run (args->files[0]);
  if (run != NULL)
    return gw_checkpoint_latest (run, error);
  g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND,
               "there is no checkpoint yet: train it first (gw train), or name one with --checkpoint");
  return NULL;
}

#define MOST_NAMES 8

static void
append_names (GString         *text,
              const char      *what,
              const GPtrArray *names)
{
  if (names->len == 0)
    return;
  g_string_append_printf (text, "; %s: ", what);
  for (guint i = 0; i < MIN (names->len, MOST_NAMES); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", (const char *) g_ptr_array_index (names, i));
  if (names->len > MOST_NAMES)
    g_string_append_printf (text, " and %u more", names->len - MOST_NAMES);
}

gboolean
cli_check_checkpoint (const char      *prefix,
                      const GwLowered *lowered,
                      GError         **error)
{
  g_autoptr (GwCheckpoint) checkpoint = gw_checkpoint_open (prefix, error);
  g_autoptr (GwCheckpointMatch) match = checkpoint != NULL ? gw_checkpoint_match_new (checkpoint, lowered) : NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  if (match == NULL)
    return FALSE;
  if (match->differing->len == 0 && match->missing->len == 0)
    return TRUE;
  g_string_printf (text, "the checkpoint %s is of another graph: %u of the graph's %u variables match", prefix,
                   match->matching->len, lowered->variables->len);
  append_names (text, "matching", match->matching);
  append_names (text, "different", match->differing);
  append_names (text, "not in the checkpoint", match->missing);
  append_names (text, "only in the checkpoint", match->unused);
  g_set_error_literal (error, GW_ERROR, GW_ERROR_FAILED_PRECONDITION, text->str);
  return FALSE;
}
