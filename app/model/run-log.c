/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/run-log.h"

#include "app/model/run-reader.h"

#include <string.h>

struct _GwRunEntry {
  GObject    parent_instance;
  GwRunInfo *info;
  guint      number;
  gboolean   visible, live;
  gint64     stamp;        /* size of the event files when they were read */
  GPtrArray *curves, *histograms;
};

static guint entry_changed;

G_DEFINE_FINAL_TYPE (GwRunEntry, gw_run_entry, G_TYPE_OBJECT)

static void
gw_run_entry_finalize (GObject *object)
{
  GwRunEntry *self = GW_RUN_ENTRY (object);

  gw_run_info_free (self->info);
  g_ptr_array_unref (self->curves);
  g_ptr_array_unref (self->histograms);
  G_OBJECT_CLASS (gw_run_entry_parent_class)->finalize (object);
}

static void
gw_run_entry_class_init (GwRunEntryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gw_run_entry_finalize;
  entry_changed = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
}

static void
gw_run_entry_init (GwRunEntry *self)
{
  self->visible = TRUE;
  self->curves = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_run_curve_free);
  self->histograms = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_run_histograms_free);
}

const char *
gw_run_entry_get_path (GwRunEntry *self)
{
  return self->info->path;
}

const char *
gw_run_entry_get_name (GwRunEntry *self)
{
  return self->info->id;
}

const GwRunInfo *
gw_run_entry_get_info (GwRunEntry *self)
{
  return self->info;
}

guint
gw_run_entry_get_number (GwRunEntry *self)
{
  return self->number;
}

gboolean
gw_run_entry_is_live (GwRunEntry *self)
{
  return self->live;
}

gboolean
gw_run_entry_get_visible (GwRunEntry *self)
{
  return self->visible;
}

void
gw_run_entry_set_visible (GwRunEntry *self,
                          gboolean    visible)
{
  if (self->visible == visible)
    return;
  self->visible = visible;
  g_signal_emit (self, entry_changed, 0);
}

const GPtrArray *
gw_run_entry_get_curves (GwRunEntry *self)
{
  return self->curves;
}

const GPtrArray *
gw_run_entry_get_histograms (GwRunEntry *self)
{
  return self->histograms;
}

/* ---- the list ---- */

struct _GwRunLog {
  GObject     parent_instance;
  GwDocModel *model;
  GwRun      *run;
  GPtrArray  *entries;     /* newest first */
  GPtrArray  *folders;     /* added by hand: paths of folders of runs */
  guint       n_seen;
  gboolean    reading, again;
  char       *runs_dir;    /* that the entries are of */
};

enum { POINTS, LOADED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GwRunLog, gw_run_log, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
get_item_type (GListModel *list)
{
  return GW_TYPE_RUN_ENTRY;
}

static guint
get_n_items (GListModel *list)
{
  return GW_RUN_LOG (list)->entries->len;
}

static gpointer
get_item (GListModel *list,
          guint       position)
{
  GPtrArray *entries = GW_RUN_LOG (list)->entries;

  return position < entries->len ? g_object_ref (g_ptr_array_index (entries, position)) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static GwRunEntry *
find_entry (GwRunLog   *self,
            const char *path)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      GwRunEntry *entry = g_ptr_array_index (self->entries, i);

      if (g_strcmp0 (entry->info->path, path) == 0)
        return entry;
    }
  return NULL;
}

/* The live entry shares the trainer's curves. */
static void
share_curves (GwRunLog   *self,
              GwRunEntry *entry)
{
  const GPtrArray *curves = gw_run_get_curves (self->run);

  g_ptr_array_set_size (entry->curves, 0);
  for (guint i = 0; i < curves->len; i++)
    {
      const GwRunCurve *curve = g_ptr_array_index (curves, i);
      GwRunCurve *shared = g_new0 (GwRunCurve, 1);

      shared->tag = g_strdup (curve->tag);
      shared->evaluation = curve->evaluation;
      shared->points = g_array_ref (curve->points);
      g_ptr_array_add (entry->curves, shared);
    }
}

static void
add_entry (GwRunLog   *self,
           GwRunEntry *entry,
           guint       position)
{
  entry->number = self->n_seen++;
  g_ptr_array_insert (self->entries, (gint) position, entry);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);
}

/* ---- reading ---- */

/* Runs that the worker should look at, and what it found. */
typedef struct {
  char      *runs_dir;
  GPtrArray *folders;
  GHashTable *stamps;   /* path → gint64 * that was read already */
} ReadJob;

static void
read_job_free (gpointer data)
{
  ReadJob *job = data;

  g_free (job->runs_dir);
  g_ptr_array_unref (job->folders);
  g_hash_table_unref (job->stamps);
  g_free (job);
}

static void
read_folder (ReadJob    *job,
             const char *folder,
             GPtrArray  *found)
{
  g_autoptr (GPtrArray) infos = gw_runs_list (folder);

  for (guint i = infos->len; i > 0; i--)
    {
      const GwRunInfo *info = g_ptr_array_index (infos, i - 1);
      const gint64 *stamp = g_hash_table_lookup (job->stamps, info->path);

      g_ptr_array_add (found, gw_run_read (info, stamp != NULL ? *stamp : -1));
    }
}

static void
read_run (GTask        *task,
          gpointer      source,
          gpointer      data,
          GCancellable *cancellable)
{
  ReadJob *job = data;
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_run_contents_free);

  read_folder (job, job->runs_dir, found);
  for (guint i = 0; i < job->folders->len; i++)
    read_folder (job, g_ptr_array_index (job->folders, i), found);
  g_task_return_pointer (task, found, (GDestroyNotify) g_ptr_array_unref);
}

static void
take_contents (GwRunLog      *self,
               GwRunContents *contents)
{
  GwRunEntry *entry = find_entry (self, contents->info->path);
  gboolean fresh = entry == NULL;
  const char *live = gw_run_get_dir (self->run);

  if (fresh)
    entry = g_object_new (GW_TYPE_RUN_ENTRY, NULL);
  gw_run_info_free (entry->info);
  entry->info = g_steal_pointer (&contents->info);
  entry->live = live != NULL && strcmp (live, entry->info->path) == 0;
  if (contents->curves != NULL)
    {
      entry->stamp = contents->stamp;
      g_ptr_array_unref (entry->histograms);
      entry->histograms = g_steal_pointer (&contents->histograms);
      if (!entry->live)
        {
          g_ptr_array_unref (entry->curves);
          entry->curves = g_steal_pointer (&contents->curves);
        }
    }
  if (entry->live)
    share_curves (self, entry);
  if (fresh)
    add_entry (self, entry, 0);
  else
    g_signal_emit (entry, entry_changed, 0);
}

static void
read_done (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  GwRunLog *self = GW_RUN_LOG (object);
  g_autoptr (GPtrArray) found = g_task_propagate_pointer (G_TASK (result), NULL);
  ReadJob *job = g_task_get_task_data (G_TASK (result));

  self->reading = FALSE;
  if (found != NULL && g_strcmp0 (job->runs_dir, self->runs_dir) == 0)
    {
      for (guint i = 0; i < found->len; i++)
        take_contents (self, g_ptr_array_index (found, i));
      g_signal_emit (self, signals[LOADED], 0);
    }
  if (self->again)
    gw_run_log_refresh (self);
}

static void
forget_others (GwRunLog *self)
{
  char *runs_dir = gw_doc_model_runs_dir (self->model);
  guint n = self->entries->len;

  if (g_strcmp0 (runs_dir, self->runs_dir) == 0)
    {
      g_free (runs_dir);
      return;
    }
  g_free (self->runs_dir);
  self->runs_dir = runs_dir;
  self->n_seen = 0;
  g_ptr_array_set_size (self->entries, 0);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
}

void
gw_run_log_refresh (GwRunLog *self)
{
  g_autoptr (GTask) task = NULL;
  ReadJob *job;

  if (self->reading)
    {
      self->again = TRUE;
      return;
    }
  self->again = FALSE;
  forget_others (self);
  job = g_new0 (ReadJob, 1);
  job->runs_dir = g_strdup (self->runs_dir);
  job->folders = g_ptr_array_copy (self->folders, (GCopyFunc) (void (*) (void)) g_strdup, NULL);
  g_ptr_array_set_free_func (job->folders, g_free);
  job->stamps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < self->entries->len; i++)
    {
      const GwRunEntry *entry = g_ptr_array_index (self->entries, i);

      g_hash_table_insert (job->stamps, g_strdup (entry->info->path), g_memdup2 (&entry->stamp, sizeof entry->stamp));
    }
  task = g_task_new (self, NULL, read_done, NULL);
  g_task_set_task_data (task, job, read_job_free);
  self->reading = TRUE;
  g_task_run_in_thread (task, read_run);
}

void
gw_run_log_add_folder (GwRunLog   *self,
                       const char *path)
{
  g_ptr_array_add (self->folders, g_strdup (path));
  gw_run_log_refresh (self);
}

/* ---- the live run ---- */

static void
on_points (GwRunLog *self)
{
  g_signal_emit (self, signals[POINTS], 0);
}

static void
on_run_changed (GwRunLog *self)
{
  GwRunState state = gw_run_get_state (self->run);
  gpointer known = g_object_get_data (G_OBJECT (self), "state");

  if (GPOINTER_TO_INT (known) == (int) state + 1)
    return;
  g_object_set_data (G_OBJECT (self), "state", GINT_TO_POINTER (state + 1));
  if (gw_run_get_dir (self->run) != NULL || !gw_run_is_active (self->run))
    gw_run_log_refresh (self);
}

static void
gw_run_log_dispose (GObject *object)
{
  GwRunLog *self = GW_RUN_LOG (object);

  g_clear_object (&self->model);
  g_clear_object (&self->run);
  G_OBJECT_CLASS (gw_run_log_parent_class)->dispose (object);
}

static void
gw_run_log_finalize (GObject *object)
{
  GwRunLog *self = GW_RUN_LOG (object);

  g_ptr_array_unref (self->entries);
  g_ptr_array_unref (self->folders);
  g_free (self->runs_dir);
  G_OBJECT_CLASS (gw_run_log_parent_class)->finalize (object);
}

static void
gw_run_log_class_init (GwRunLogClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gw_run_log_dispose;
  G_OBJECT_CLASS (klass)->finalize = gw_run_log_finalize;
  signals[POINTS] = g_signal_new ("points", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[LOADED] = g_signal_new ("loaded", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gw_run_log_init (GwRunLog *self)
{
  self->entries = g_ptr_array_new_with_free_func (g_object_unref);
  self->folders = g_ptr_array_new_with_free_func (g_free);
}

GwRunLog *
gw_run_log_new (GwDocModel *model,
                GwRun      *run)
{
  GwRunLog *self = g_object_new (GW_TYPE_RUN_LOG, NULL);

  self->model = g_object_ref (model);
  self->run = g_object_ref (run);
  g_signal_connect_object (model, "reset", G_CALLBACK (gw_run_log_refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "started", G_CALLBACK (gw_run_log_refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "points", G_CALLBACK (on_points), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "changed", G_CALLBACK (on_run_changed), self, G_CONNECT_SWAPPED);
  gw_run_log_refresh (self);
  return self;
}
