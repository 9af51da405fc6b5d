/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/run-log-list.h"

#include "app/model/background.h"
#include "app/model/run-folders.h"
#include "app/model/run-notes.h"

#include <string.h>

#define SCAN_MILLISECONDS 300

struct _GwRunLogList {
  GObject       parent_instance;

  char         *dir;
  GFileMonitor *monitor;
  GPtrArray    *logs;       /* of GwRunLog, as shown */
  GPtrArray    *opened;     /* of GwRunLog: from folders opened beside */
  GHashTable   *removed;    /* paths of runs that wait for their deletion */
  GwRunNotes   *notes;
  guint         next_color;
  GwRun        *run;
  GCancellable *scan;       /* the one under way, or NULL */
  guint         rescan;
  gboolean      ready;
};

enum { SCANNED, MESSAGE, N_SIGNALS };
static guint signals[N_SIGNALS];

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GwRunLogList, gw_run_log_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void queue_scan (GwRunLogList *self);

guint
gw_run_log_list_get_n (GwRunLogList *self)
{
  return self->logs->len;
}

GwRunLog *
gw_run_log_list_get (GwRunLogList *self,
                     guint         position)
{
  return position < self->logs->len ? g_ptr_array_index (self->logs, position) : NULL;
}

GwRunLog *
gw_run_log_list_find (GwRunLogList *self,
                      const char   *path)
{
  for (guint i = 0; i < self->logs->len; i++)
    if (g_strcmp0 (gw_run_log_get_info (self->logs->pdata[i])->path, path) == 0)
      return self->logs->pdata[i];
  return NULL;
}

gboolean
gw_run_log_list_is_ready (GwRunLogList *self)
{
  return self->ready;
}

/* ---- what is kept of a run ---- */

gboolean
gw_run_log_list_is_opened (GwRunLogList *self,
                           GwRunLog     *log)
{
  return g_ptr_array_find (self->opened, log, NULL);
}

static void
on_log_notify (GwRunLogList *self,
               GParamSpec   *pspec,
               GwRunLog     *log)
{
  const char *key = gw_run_log_get_key (log);

  if (gw_run_log_list_is_opened (self, log))
    return;
  if (strcmp (pspec->name, "name") == 0)
    gw_run_notes_set (self->notes, key, "name",
                      gw_run_log_is_renamed (log) ? cJSON_CreateString (gw_run_log_get_name (log)) : NULL);
  else if (strcmp (pspec->name, "visible") == 0)
    gw_run_notes_set (self->notes, key, "visible", cJSON_CreateBool (gw_run_log_get_visible (log)));
}

/* Name, colour and visibility as they were kept, or first ones. */
static void
set_up_log (GwRunLogList *self,
            GwRunLog     *log,
            guint         position)
{
  gboolean opened = gw_run_log_list_is_opened (self, log);
  const cJSON *entry = opened ? NULL : gw_run_notes_get (self->notes, gw_run_log_get_key (log));
  int64_t color;

  color = entry != NULL ? gw_json_member_int (entry, "color", -1) : -1;
  if (color < 0)
    {
      color = self->next_color;
      if (!opened)
        {
          gw_run_notes_set (self->notes, gw_run_log_get_key (log), "color", gw_json_new_int (color));
          entry = gw_run_notes_get (self->notes, gw_run_log_get_key (log));
        }
    }
  color = CLAMP (color, 0, 1 << 20);
  self->next_color = MAX (self->next_color, (guint) color + 1);
  gw_run_log_set_color (log, (guint) color);
  gw_run_log_set_name (log, entry != NULL ? gw_json_member_string (entry, "name", NULL) : NULL);
  gw_run_log_set_visible (log, entry != NULL ? gw_json_member_bool (entry, "visible", position < GW_RUNS_VISIBLE)
                                             : position < GW_RUNS_VISIBLE);
  g_signal_connect_object (log, "notify", G_CALLBACK (on_log_notify), self, G_CONNECT_SWAPPED);
}

/* ---- the list ---- */

/* Replaces what is shown; only the part that differs is announced. */
static void
show_logs (GwRunLogList *self,
           GPtrArray    *logs)
{
  g_autoptr (GPtrArray) old = self->logs;
  guint head = 0, tail = 0;

  while (head < MIN (old->len, logs->len) && old->pdata[head] == logs->pdata[head])
    head++;
  while (tail < MIN (old->len, logs->len) - head &&
         old->pdata[old->len - 1 - tail] == logs->pdata[logs->len - 1 - tail])
    tail++;
  self->logs = g_ptr_array_ref (logs);
  if (old->len != logs->len || head < logs->len)
    g_list_model_items_changed (G_LIST_MODEL (self), head, old->len - head - tail, logs->len - head - tail);
}

static void
follow_run (GwRunLogList *self)
{
  const char *dir = self->run != NULL ? gw_run_get_dir (self->run) : NULL;
  GwRunLog *log = dir != NULL ? gw_run_log_list_find (self, dir) : NULL;

  if (log == NULL)
    return;
  gw_run_log_follow (log, self->run);
}

static gboolean
is_removed (GwRunLogList *self,
            GwRunLog     *log)
{
  return g_hash_table_contains (self->removed, gw_run_log_get_info (log)->path);
}

static GwRunLog *
known_log (GwRunLogList *self,
           const char   *path)
{
  GwRunLog *log = gw_run_log_list_find (self, path);

  return log != NULL && !gw_run_log_list_is_opened (self, log) ? log : NULL;
}

static void
take_runs (GwRunLogList *self,
           GPtrArray    *infos)
{
  g_autoptr (GPtrArray) logs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) fresh = g_ptr_array_new (); /* borrowed, newest first */

  for (guint i = 0; i < infos->len; i++)
    {
      GwRunInfo *info = g_steal_pointer (&infos->pdata[i]);
      GwRunLog *log = known_log (self, info->path);

      if (g_hash_table_contains (self->removed, info->path))
        {
          gw_run_info_free (info);
          continue;
        }
      if (log != NULL)
        gw_run_log_set_info (log, info);
      g_ptr_array_add (logs, log != NULL ? g_object_ref (log) : gw_run_log_new (info, NULL));
      if (log == NULL)
        g_ptr_array_add (fresh, logs->pdata[logs->len - 1]);
    }
  /* Colours go by age, so the oldest comes first. */
  for (guint i = fresh->len; i > 0; i--)
    set_up_log (self, fresh->pdata[i - 1], i - 1);
  for (guint i = 0; i < self->logs->len; i++)
    if (!gw_run_log_list_is_opened (self, self->logs->pdata[i]) && !g_ptr_array_find (logs, self->logs->pdata[i], NULL))
      gw_run_log_close (self->logs->pdata[i]);
  for (guint i = 0; i < self->opened->len; i++)
    if (!is_removed (self, self->opened->pdata[i]))
      g_ptr_array_add (logs, g_object_ref (self->opened->pdata[i]));
  show_logs (self, logs);
  follow_run (self);
}

/* ---- looking at the folder ---- */

typedef struct {
  GPtrArray *infos;
  cJSON     *kept;  /* NULL = there is no such file */
} Scan;

static void
scan_free (Scan *scan)
{
  g_ptr_array_unref (scan->infos);
  cJSON_Delete (scan->kept);
  g_free (scan);
}

static void
scan_thread (GTask        *task,
             gpointer      source,
             gpointer      dir,
             GCancellable *cancellable)
{
  Scan *scan = g_new0 (Scan, 1);
  g_autofree char *path = g_build_filename (dir, GW_RUNS_FILE, NULL);

  scan->infos = gw_runs_list (dir);
  scan->kept = gw_json_load (path, NULL);
  g_task_return_pointer (task, scan, (GDestroyNotify) scan_free);
}

static void
scan_done (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  GwRunLogList *self = GW_RUN_LOG_LIST (object);
  Scan *scan = g_task_propagate_pointer (G_TASK (result), NULL);

  if (scan == NULL)
    return; /* cancelled: another folder is looked at */
  g_clear_object (&self->scan);
  if (!self->ready && cJSON_IsObject (scan->kept))
    gw_run_notes_take (self->notes, g_steal_pointer (&scan->kept));
  take_runs (self, scan->infos);
  scan_free (scan);
  self->ready = TRUE;
  g_signal_emit (self, signals[SCANNED], 0);
}

static void
scan (GwRunLogList *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->dir == NULL)
    return;
  if (self->scan != NULL)
    {
      queue_scan (self);
      return;
    }
  self->scan = g_cancellable_new ();
  task = g_task_new (self, self->scan, scan_done, NULL);
  g_task_set_task_data (task, g_strdup (self->dir), g_free);
  gw_background_run_task (task, scan_thread);
}

static gboolean
scan_cb (gpointer data)
{
  GwRunLogList *self = data;

  self->rescan = 0;
  scan (self);
  return G_SOURCE_REMOVE;
}

static void
queue_scan (GwRunLogList *self)
{
  if (self->rescan == 0)
    self->rescan = g_timeout_add (SCAN_MILLISECONDS, scan_cb, self);
}

static void
on_dir_changed (GwRunLogList      *self,
                GFile             *file,
                GFile             *other,
                GFileMonitorEvent  event)
{
  g_autofree char *name = g_file_get_basename (file);

  /* Our own notes are no news. */
  if (!g_str_has_prefix (name, GW_RUNS_FILE) && !g_str_has_prefix (name, ".goutputstream") &&
      event != G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT && event != G_FILE_MONITOR_EVENT_ATTRIBUTE_CHANGED)
    queue_scan (self);
}

void
gw_run_log_list_set_dir (GwRunLogList *self,
                         const char   *runs_dir)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GFile) file = NULL;

  if (g_strcmp0 (self->dir, runs_dir) == 0)
    return;
  if (self->scan != NULL)
    g_cancellable_cancel (self->scan);
  g_clear_object (&self->scan);
  g_clear_object (&self->monitor);
  g_clear_handle_id (&self->rescan, g_source_remove);
  for (guint i = 0; i < self->logs->len; i++)
    gw_run_log_close (self->logs->pdata[i]);
  g_ptr_array_set_size (self->opened, 0);
  show_logs (self, none);
  gw_run_notes_set_dir (self->notes, runs_dir);
  self->next_color = 0;
  self->ready = FALSE;
  g_free (self->dir);
  self->dir = g_strdup (runs_dir);
  if (runs_dir == NULL)
    return;
  file = g_file_new_for_path (runs_dir);
  self->monitor = g_file_monitor_directory (file, G_FILE_MONITOR_NONE, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect_object (self->monitor, "changed", G_CALLBACK (on_dir_changed), self, G_CONNECT_SWAPPED);
  scan (self);
}

/* ---- the run that trains ---- */

static void
on_run_changed (GwRunLogList *self)
{
  const char *dir = gw_run_get_dir (self->run);
  GwRunLog *log = dir != NULL ? gw_run_log_list_find (self, dir) : NULL;

  if (dir != NULL && log == NULL && gw_run_is_active (self->run))
    queue_scan (self);
}

void
gw_run_log_list_set_run (GwRunLogList *self,
                         GwRun        *run)
{
  if (self->run == run)
    return;
  if (self->run != NULL)
    g_signal_handlers_disconnect_by_data (self->run, self);
  g_set_object (&self->run, run);
  if (run == NULL)
    return;
  g_signal_connect_object (run, "started", G_CALLBACK (scan), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "changed", G_CALLBACK (on_run_changed), self, G_CONNECT_SWAPPED);
  follow_run (self);
}

/* ---- folders opened beside ---- */

static void
open_thread (GTask        *task,
             gpointer      source,
             gpointer      path,
             GCancellable *cancellable)
{
  g_task_return_pointer (task, gw_run_folders_find (path), (GDestroyNotify) g_ptr_array_unref);
}

void
gw_run_log_list_open_async (GwRunLogList       *self,
                            GFile              *folder,
                            GAsyncReadyCallback callback,
                            gpointer            data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);

  g_task_set_task_data (task, g_file_get_path (folder), g_free);
  gw_background_run_task (task, open_thread);
}

int
gw_run_log_list_open_finish (GwRunLogList *self,
                             GAsyncResult *result,
                             GError      **error)
{
  g_autoptr (GPtrArray) infos = g_task_propagate_pointer (G_TASK (result), error);
  g_autoptr (GPtrArray) logs = NULL;
  int n_new = 0;

  if (infos == NULL)
    return -1;
  if (infos->len == 0)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "%s: there are no event files in it",
                   (const char *) g_task_get_task_data (G_TASK (result)));
      return -1;
    }
  logs = g_ptr_array_copy (self->logs, (GCopyFunc) (gpointer) g_object_ref, NULL);
  g_ptr_array_set_free_func (logs, g_object_unref);
  for (guint i = 0; i < infos->len; i++)
    {
      GwRunInfo *info = infos->pdata[i];
      GwRunLog *log;

      if (gw_run_log_list_find (self, info->path) != NULL)
        continue;
      infos->pdata[i] = NULL;
      log = gw_run_log_new (info, NULL);
      g_ptr_array_add (self->opened, g_object_ref (log));
      g_ptr_array_add (logs, log);
      set_up_log (self, log, (guint) n_new++);
    }
  show_logs (self, logs);
  return n_new;
}

/* ---- deleting ---- */

void
gw_run_log_list_remove (GwRunLogList *self,
                        GwRunLog     *log)
{
  g_autoptr (GPtrArray) logs = g_ptr_array_new_with_free_func (g_object_unref);

  g_hash_table_add (self->removed, g_strdup (gw_run_log_get_info (log)->path));
  for (guint i = 0; i < self->logs->len; i++)
    if (self->logs->pdata[i] != log)
      g_ptr_array_add (logs, g_object_ref (self->logs->pdata[i]));
  show_logs (self, logs);
}

static gint
compare_logs (gconstpointer a,
              gconstpointer b)
{
  return -strcmp (gw_run_log_get_key (*(GwRunLog *const *) a), gw_run_log_get_key (*(GwRunLog *const *) b));
}

void
gw_run_log_list_restore (GwRunLogList *self,
                         GwRunLog     *log)
{
  g_autoptr (GPtrArray) logs = g_ptr_array_new_with_free_func (g_object_unref);

  if (g_ptr_array_find (self->logs, log, NULL))
    return;
  g_hash_table_remove (self->removed, gw_run_log_get_info (log)->path);
  for (guint i = 0; i < self->logs->len; i++)
    if (!gw_run_log_list_is_opened (self, self->logs->pdata[i]))
      g_ptr_array_add (logs, g_object_ref (self->logs->pdata[i]));
  if (!gw_run_log_list_is_opened (self, log))
    g_ptr_array_add (logs, g_object_ref (log));
  g_ptr_array_sort (logs, compare_logs);
  for (guint i = 0; i < self->opened->len; i++)
    if (!is_removed (self, self->opened->pdata[i]))
      g_ptr_array_add (logs, g_object_ref (self->opened->pdata[i]));
  show_logs (self, logs);
}

typedef struct {
  GwRunLogList *list;
  GwRunLog     *log;
} Trashing;

static void
trashed (GObject      *file,
         GAsyncResult *result,
         gpointer      data)
{
  g_autofree Trashing *trashing = data;
  g_autoptr (GwRunLogList) self = trashing->list;
  g_autoptr (GwRunLog) log = trashing->log;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (g_file_trash_finish (G_FILE (file), result, &error))
    {
      gw_run_log_close (log);
      g_hash_table_remove (self->removed, gw_run_log_get_info (log)->path);
      gw_run_notes_remove (self->notes, gw_run_log_get_key (log));
      return;
    }
  text = g_strdup_printf ("“%s” stays: %s", gw_run_log_get_name (log), error->message);
  gw_run_log_list_restore (self, log);
  g_signal_emit (self, signals[MESSAGE], 0, text);
}

void
gw_run_log_list_delete (GwRunLogList *self,
                        GwRunLog     *log)
{
  g_autoptr (GFile) file = g_file_new_for_path (gw_run_log_get_info (log)->path);
  Trashing *trashing;

  gw_run_log_list_remove (self, log);
  if (g_ptr_array_find (self->opened, log, NULL))
    {
      gw_run_log_close (log);
      g_hash_table_remove (self->removed, gw_run_log_get_info (log)->path);
      g_ptr_array_remove (self->opened, log);
      return;
    }
  trashing = g_new (Trashing, 1);
  trashing->list = g_object_ref (self);
  trashing->log = g_object_ref (log);
  g_file_trash_async (file, G_PRIORITY_DEFAULT, NULL, trashed, trashing);
}

/* ---- object ---- */

static GType
get_item_type (GListModel *model)
{
  return GW_TYPE_RUN_LOG;
}

static guint
get_n_items (GListModel *model)
{
  return gw_run_log_list_get_n (GW_RUN_LOG_LIST (model));
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  GwRunLog *log = gw_run_log_list_get (GW_RUN_LOG_LIST (model), position);

  return log != NULL ? g_object_ref (log) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
gw_run_log_list_dispose (GObject *object)
{
  GwRunLogList *self = GW_RUN_LOG_LIST (object);

  gw_run_log_list_set_dir (self, NULL);
  gw_run_log_list_set_run (self, NULL);
  G_OBJECT_CLASS (gw_run_log_list_parent_class)->dispose (object);
}

static void
gw_run_log_list_finalize (GObject *object)
{
  GwRunLogList *self = GW_RUN_LOG_LIST (object);

  g_ptr_array_unref (self->logs);
  g_ptr_array_unref (self->opened);
  g_hash_table_unref (self->removed);
  gw_run_notes_free (self->notes);
  G_OBJECT_CLASS (gw_run_log_list_parent_class)->finalize (object);
}

static void
gw_run_log_list_class_init (GwRunLogListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = gw_run_log_list_dispose;
  object_class->finalize = gw_run_log_list_finalize;
  signals[SCANNED] = g_signal_new ("scanned", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MESSAGE] =
    g_signal_new ("message", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
on_notes_failed (const char *text,
                 gpointer    data)
{
  g_signal_emit (data, signals[MESSAGE], 0, text);
}

static void
gw_run_log_list_init (GwRunLogList *self)
{
  self->logs = g_ptr_array_new_with_free_func (g_object_unref);
  self->opened = g_ptr_array_new_with_free_func (g_object_unref);
  self->removed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->notes = gw_run_notes_new (on_notes_failed, self);
}

GwRunLogList *
gw_run_log_list_new (void)
{
  return g_object_new (GW_TYPE_RUN_LOG_LIST, NULL);
}
