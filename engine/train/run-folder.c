/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/train/run-folder.h"

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/files/atomic-file.h"
#include "engine/files/event-file.h"
#include "engine/train/trainer-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static void
metric_clear (gpointer data)
{
  g_free (((GwRunMetric *) data)->name);
}

GwRunInfo *
gw_run_info_new (void)
{
  GwRunInfo *info = g_new0 (GwRunInfo, 1);

  info->loss = NAN;
  info->metrics = g_array_new (FALSE, FALSE, sizeof (GwRunMetric));
  g_array_set_clear_func (info->metrics, metric_clear);
  return info;
}

GwRunInfo *
gw_run_info_copy (const GwRunInfo *info)
{
  GwRunInfo *copy = g_memdup2 (info, sizeof *info);

  copy->path = g_strdup (info->path);
  copy->id = g_strdup (info->id);
  copy->document = g_strdup (info->document);
  copy->state = g_strdup (info->state);
  copy->error = g_strdup (info->error);
  copy->checkpoint = g_strdup (info->checkpoint);
  copy->device = g_strdup (info->device);
  copy->version = g_strdup (info->version);
  copy->metrics = g_array_new (FALSE, FALSE, sizeof (GwRunMetric));
  g_array_set_clear_func (copy->metrics, metric_clear);
  for (guint i = 0; i < info->metrics->len; i++)
    {
      const GwRunMetric *metric = &g_array_index (info->metrics, GwRunMetric, i);

      gw_run_info_set_metric (copy, metric->name, metric->value);
    }
  return copy;
}

void
gw_run_info_free (GwRunInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->path);
  g_free (info->id);
  g_free (info->document);
  g_free (info->state);
  g_free (info->error);
  g_free (info->checkpoint);
  g_free (info->device);
  g_free (info->version);
  g_array_unref (info->metrics);
  g_free (info);
}

void
gw_run_info_set_metric (GwRunInfo  *info,
                        const char *name,
                        double      value)
{
  GwRunMetric metric = { NULL, value };

  for (guint i = 0; i < info->metrics->len; i++)
    if (strcmp (g_array_index (info->metrics, GwRunMetric, i).name, name) == 0)
      {
        g_array_index (info->metrics, GwRunMetric, i).value = value;
        return;
      }
  metric.name = g_strdup (name);
  g_array_append_val (info->metrics, metric);
}

/* ---- run.json ---- */

static void
add_text (cJSON      *object,
          const char *key,
          const char *text)
{
  if (text != NULL)
    cJSON_AddStringToObject (object, key, text);
}

static void
add_time (cJSON      *object,
          const char *key,
          int64_t     microseconds)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);
  g_autoptr (GDateTime) time = g_date_time_add (seconds, microseconds % G_USEC_PER_SEC);
  g_autofree char *text = g_date_time_format_iso8601 (time);

  if (microseconds != 0)
    cJSON_AddStringToObject (object, key, text);
}

static int64_t
read_time (const cJSON *object,
           const char  *key)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  const char *text = gw_json_member_string (object, key, NULL);
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, utc) : NULL;

  return time == NULL ? 0 : g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time);
}

gboolean
gw_run_info_write (const GwRunInfo *info,
                   const char      *run_dir,
                   GError         **error)
{
  g_autoptr (cJSON) json = cJSON_CreateObject ();
  g_autofree char *path = g_build_filename (run_dir, GW_RUN_INFO, NULL);
  g_autofree char *text = NULL;
  cJSON *metrics;

  add_text (json, "document", info->document);
  add_text (json, "state", info->state);
  add_text (json, "error", info->error);
  cJSON_AddItemToObject (json, "seed", gw_json_new_int (info->seed));
  cJSON_AddItemToObject (json, "steps", gw_json_new_int (info->steps));
  cJSON_AddItemToObject (json, "total_steps", gw_json_new_int (info->total_steps));
  cJSON_AddItemToObject (json, "epochs", gw_json_new_double (info->epochs));
  cJSON_AddItemToObject (json, "seconds", gw_json_new_double (info->seconds));
  cJSON_AddItemToObject (json, "loss", gw_json_new_double (info->loss));
  metrics = cJSON_AddObjectToObject (json, "metrics");
  for (guint i = 0; i < info->metrics->len; i++)
    {
      const GwRunMetric *metric = &g_array_index (info->metrics, GwRunMetric, i);

      cJSON_AddItemToObject (metrics, metric->name, gw_json_new_double (metric->value));
    }
  add_text (json, "checkpoint", info->checkpoint);
  add_text (json, "device", info->device);
  cJSON_AddItemToObject (json, "threads", gw_json_new_int (info->n_threads));
  add_time (json, "started", info->started);
  add_time (json, "finished", info->finished);
  add_text (json, "version", info->version);
  text = gw_json_print (json);
  return gw_atomic_write (path, text, strlen (text), error);
}

static GwRunInfo *
info_of_folder (const char *run_dir)
{
  GwRunInfo *info = gw_run_info_new ();

  info->path = g_strdup (run_dir);
  info->id = g_path_get_basename (run_dir);
  return info;
}

/* ---- who writes it ---- */

int
gw_run_lock (const char *run_dir)
{
  g_autofree char *path = g_build_filename (run_dir, GW_RUN_LOCK, NULL);
  int lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

  if (lock >= 0 && flock (lock, LOCK_EX | LOCK_NB) == 0)
    return lock;
  if (lock >= 0)
    close (lock);
  return -1;
}

void
gw_run_unlock (int         lock,
               const char *run_dir)
{
  g_autofree char *path = g_build_filename (run_dir, GW_RUN_LOCK, NULL);

  if (lock < 0)
    return;
  g_unlink (path);
  close (lock);
}

static gboolean
is_written (const char *run_dir)
{
  g_autofree char *path = g_build_filename (run_dir, GW_RUN_LOCK, NULL);
  int lock = open (path, O_RDONLY | O_CLOEXEC);
  gboolean written;

  if (lock < 0)
    return errno != ENOENT;
  written = flock (lock, LOCK_SH | LOCK_NB) != 0;
  close (lock);
  return written;
}

static gboolean
goes_on (const char *state)
{
  return strcmp (state, "running") == 0 || strcmp (state, "paused") == 0;
}

GwRunInfo *
gw_run_info_read (const char *run_dir,
                  GError    **error)
{
  g_autofree char *path = g_build_filename (run_dir, GW_RUN_INFO, NULL);
  g_autoptr (cJSON) json = gw_json_load (path, error);
  GwRunInfo *info;
  const cJSON *metric;

  if (json == NULL)
    {
      if (error != NULL && g_error_matches (*error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT))
        (*error)->code = GW_ERROR_DATA_LOSS;
      return NULL;
    }
  info = info_of_folder (run_dir);
  info->document = g_strdup (gw_json_member_string (json, "document", NULL));
  info->state = g_strdup (gw_json_member_string (json, "state", "unknown"));
  if (goes_on (info->state) && !is_written (run_dir))
    {
      g_free (info->state);
      info->state = g_strdup ("interrupted");
    }
  info->error = g_strdup (gw_json_member_string (json, "error", NULL));
  info->checkpoint = g_strdup (gw_json_member_string (json, "checkpoint", NULL));
  info->device = g_strdup (gw_json_member_string (json, "device", NULL));
  info->version = g_strdup (gw_json_member_string (json, "version", NULL));
  info->seed = gw_json_member_int (json, "seed", 0);
  info->steps = gw_json_member_int (json, "steps", 0);
  info->total_steps = gw_json_member_int (json, "total_steps", 0);
  info->n_threads = (int) gw_json_member_int (json, "threads", 0);
  info->epochs = gw_json_member_double (json, "epochs", 0);
  info->seconds = gw_json_member_double (json, "seconds", 0);
  info->loss = gw_json_member_double (json, "loss", NAN);
  info->started = read_time (json, "started");
  info->finished = read_time (json, "finished");
  cJSON_ArrayForEach (metric, cJSON_GetObjectItemCaseSensitive (json, "metrics"))
    {
      double value;

      if (gw_json_get_double (metric, &value))
        gw_run_info_set_metric (info, metric->string, value);
    }
  return info;
}

/* ---- folders ---- */

char *
gw_runs_dir_beside (const char *document_path)
{
  gsize length = g_str_has_suffix (document_path, ".gw") ? strlen (document_path) - 3 : strlen (document_path);

  return g_strdup_printf ("%.*s.runs", (int) length, document_path);
}

#define MOST_TRIES 1000

char *
gw_run_dir_new (const char *runs_dir,
                GError    **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *id = g_date_time_format (now, "%Y-%m-%d_%H-%M-%S");

  if (g_mkdir_with_parents (runs_dir, 0777) != 0)
    {
      gw_set_file_error (error, errno, "make the folder", runs_dir);
      return NULL;
    }
  for (int i = 1;; i++)
    {
      g_autofree char *name = i == 1 ? g_strdup (id) : g_strdup_printf ("%s_%d", id, i);
      g_autofree char *path = g_build_filename (runs_dir, name, NULL);

      if (g_mkdir (path, 0777) == 0)
        return g_steal_pointer (&path);
      if (errno == EEXIST && i < MOST_TRIES)
        continue;
      gw_set_file_error (error, errno, "make the folder", path);
      return NULL;
    }
}

static int
compare_runs (gconstpointer a,
              gconstpointer b)
{
  const GwRunInfo *run_a = *(GwRunInfo *const *) a;
  const GwRunInfo *run_b = *(GwRunInfo *const *) b;

  if (run_a->started != run_b->started)
    return run_a->started > run_b->started ? -1 : 1;
  return strcmp (run_b->id, run_a->id);
}

/* NULL when the folder is no run. */
static GwRunInfo *
look_at (const char *path)
{
  GwRunInfo *info = gw_run_info_read (path, NULL);
  g_autoptr (GPtrArray) events = NULL;

  if (info != NULL)
    return info;
  events = gw_event_files_in_folder (path, NULL);
  if (events == NULL || events->len == 0)
    return NULL;
  info = info_of_folder (path);
  info->state = g_strdup ("unknown");
  return info;
}

GPtrArray *
gw_runs_list (const char *runs_dir)
{
  GPtrArray *runs = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_run_info_free);
  g_autoptr (GDir) dir = g_dir_open (runs_dir, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (runs_dir, name, NULL);
      GwRunInfo *info = g_file_test (path, G_FILE_TEST_IS_DIR) ? look_at (path) : NULL;

      if (info != NULL)
        g_ptr_array_add (runs, info);
    }
  g_ptr_array_sort (runs, compare_runs);
  return runs;
}

/* ---- the document in it ---- */

/* Files of boxes, as the run's folder needs them. */
static void
take_node_files (GwEdit           *edit,
                 const GwDocument *document)
{
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    for (guint k = 0; k < gw_document_node (document, ids[i])->attrs->len; k++)
      if (g_array_index (gw_document_node (document, ids[i])->attrs, GwNamedAttr, k).value.type == GW_ATTR_FILE)
        {
          GwItem *item = gw_edit_take (edit, document, ids[i]);

          gw_document_resolve_file (document, &g_array_index (item->node.attrs, GwNamedAttr, k).value);
          gw_edit_put (edit, document, item);
        }
}

gboolean
gw_run_document_save (const GwDocument *document,
                      const char       *run_dir,
                      GError          **error)
{
  g_autofree char *path = g_build_filename (run_dir, GW_RUN_DOCUMENT, NULL);
  g_autoptr (GwDocument) copy = gw_document_copy (document);
  g_autoptr (GwEdit) edit = gw_edit_new ("");
  GwItem *item = gw_edit_take (edit, copy, 0);

  gw_pipeline_free (item->settings.pipeline);
  item->settings.pipeline = gw_document_resolve_pipeline (document);
  gw_edit_put (edit, copy, item);
  take_node_files (edit, copy);
  gw_document_apply (copy, edit);
  return gw_document_save (copy, path, error);
}
