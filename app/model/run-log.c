/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/run-log.h"

#include "app/model/background.h"
#include "app/model/run-log-reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LOOK_MILLISECONDS 250 /* after a file grew */

struct _GwRunLog {
  GObject         parent_instance;

  char           *key;
  GwRunInfo      *info;
  char           *name, *first_name;
  guint           color;
  gboolean        visible;

  GPtrArray      *data;      /* of GwRunData */
  GHashTable     *found[GW_RUN_N_KINDS]; /* tag → GwRunData */
  GString        *warning;

  GwRunLogReader *reader;    /* NULL = reading was not asked for; the worker's while busy */
  GFileMonitor   *monitor;
  gboolean        busy;      /* a job is under way */
  gboolean        again;     /* files grew meanwhile */
  gboolean        closed;
  guint           look;      /* timeout */

  GwRun          *run;       /* followed, or NULL */
};

enum { PROP_0, PROP_NAME, PROP_VISIBLE, PROP_COLOR, N_PROPS };
static GParamSpec *props[N_PROPS];
enum { CHANGED, INFO, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GwRunLog, gw_run_log, G_TYPE_OBJECT)

static void begin_job (GwRunLog *self);
static void on_progress (GwRunLog *self);

/* ---- what it is ---- */

const char *
gw_run_log_get_key (GwRunLog *self)
{
  return self->key;
}

const GwRunInfo *
gw_run_log_get_info (GwRunLog *self)
{
  return self->info;
}

void
gw_run_log_set_info (GwRunLog  *self,
                     GwRunInfo *info)
{
  gw_run_info_free (self->info);
  self->info = info;
  if (self->run != NULL)
    on_progress (self); /* memory is newer than the file */
  else
    g_signal_emit (self, signals[INFO], 0);
}

/* "2026-03-01_14-05-09_2" → "1 Mar 2026, 14:05:09 (2)"; anything else as it is. */
static char *
readable_id (const char *id)
{
  int year, month, day, hour, minute, second, used = 0, number = 0;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *text = NULL;

  if (sscanf (id, "%4d-%2d-%2d_%2d-%2d-%2d%n", &year, &month, &day, &hour, &minute, &second, &used) != 6 ||
      (id[used] != 0 && sscanf (id + used, "_%d", &number) != 1))
    return g_strdup (id);
  time = g_date_time_new_local (year, month, day, hour, minute, second);
  if (time == NULL)
    return g_strdup (id);
  text = g_date_time_format (time, "%-d %b %Y, %H:%M:%S");
  return number > 0 ? g_strdup_printf ("%s (%d)", text, number) : g_steal_pointer (&text);
}

const char *
gw_run_log_get_name (GwRunLog *self)
{
  return self->name != NULL ? self->name : self->first_name;
}

void
gw_run_log_set_name (GwRunLog   *self,
                     const char *name)
{
  g_autofree char *stripped = name != NULL ? g_strstrip (g_strdup (name)) : NULL;

  if (stripped != NULL && (stripped[0] == 0 || strcmp (stripped, self->first_name) == 0))
    g_clear_pointer (&stripped, g_free);
  if (g_strcmp0 (stripped, self->name) == 0)
    return;
  g_free (self->name);
  self->name = g_steal_pointer (&stripped);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_NAME]);
}

gboolean
gw_run_log_is_renamed (GwRunLog *self)
{
  return self->name != NULL;
}

guint
gw_run_log_get_color (GwRunLog *self)
{
  return self->color;
}

void
gw_run_log_set_color (GwRunLog *self,
                      guint     color)
{
  if (self->color == color)
    return;
  self->color = color;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_COLOR]);
}

gboolean
gw_run_log_get_visible (GwRunLog *self)
{
  return self->visible;
}

void
gw_run_log_set_visible (GwRunLog *self,
                        gboolean  visible)
{
  visible = visible != FALSE;
  if (self->visible == visible)
    return;
  self->visible = visible;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_VISIBLE]);
}

char *
gw_run_log_graph_path (GwRunLog *self)
{
  g_autofree char *path = g_build_filename (self->info->path, GW_RUN_DOCUMENT, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

/* ---- data ---- */

const GPtrArray *
gw_run_log_get_data (GwRunLog *self)
{
  return self->data;
}

const GwRunData *
gw_run_log_find (GwRunLog     *self,
                 GwRunDataKind kind,
                 const char   *tag)
{
  return g_hash_table_lookup (self->found[kind], tag);
}

const char *
gw_run_log_get_warning (GwRunLog *self)
{
  return self->warning->len > 0 ? self->warning->str : NULL;
}

gboolean
gw_run_log_is_reading (GwRunLog *self)
{
  return self->busy;
}

static GwRunData *
data_for (GwRunLog     *self,
          GwRunDataKind kind,
          const char   *tag)
{
  GwRunData *data = g_hash_table_lookup (self->found[kind], tag);

  if (data != NULL)
    return data;
  data = gw_run_data_new (kind, tag);
  g_hash_table_insert (self->found[kind], data->tag, data);
  g_ptr_array_add (self->data, data);
  return data;
}

static void
warn (GwRunLog   *self,
      const char *text)
{
  if (strstr (self->warning->str, text) != NULL || self->warning->len > 2000)
    return;
  if (self->warning->len > 0)
    g_string_append_c (self->warning, '\n');
  g_string_append (self->warning, text);
}

static void
take_batch (GwRunLog   *self,
            GwRunBatch *batch)
{
  for (guint i = 0; !isnan (batch->restart) && i < self->data->len; i++)
    if (!((GwRunData *) g_ptr_array_index (self->data, i))->in_memory)
      gw_run_data_truncate (g_ptr_array_index (self->data, i), batch->restart);
  for (guint i = 0; i < batch->data->len; i++)
    {
      GwRunData *newer = g_ptr_array_index (batch->data, i);
      GwRunData *data = data_for (self, newer->kind, newer->tag);

      if (!data->in_memory && !gw_run_data_take (data, newer))
        warn (self, "Not enough memory for all points.");
    }
  for (guint i = 0; i < batch->warnings->len; i++)
    warn (self, g_ptr_array_index (batch->warnings, i));
}

/* ---- the worker ---- */

typedef struct {
  GwRunLog       *log;     /* a reference */
  GwRunLogReader *reader;
  GwRunBatch     *batch;
} Job;

static gboolean
job_done (gpointer user_data)
{
  Job *job = user_data;
  GwRunLog *self = job->log;
  g_autoptr (GwRunBatch) batch = job->batch;
  gboolean empty = gw_run_batch_is_empty (batch);

  g_free (job);
  self->busy = FALSE;
  if (!self->closed)
    {
      take_batch (self, batch);
      if (batch->more || self->again)
        begin_job (self);
      if (!empty || !self->busy)
        g_signal_emit (self, signals[CHANGED], 0);
    }
  g_object_unref (self);
  return G_SOURCE_REMOVE;
}

static void
do_job (gpointer data,
        gpointer unused)
{
  Job *job = data;

  job->batch = gw_run_log_reader_next (job->reader);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, job_done, job, NULL);
  gw_background_end ();
}

/* One thread reads for all logs, a batch of each in turn: training needs the others. */
static void
begin_job (GwRunLog *self)
{
  static GThreadPool *pool;
  Job *job;

  if (pool == NULL)
    pool = g_thread_pool_new (do_job, NULL, 1, FALSE, NULL);
  job = g_new0 (Job, 1);
  job->log = g_object_ref (self);
  job->reader = self->reader;
  self->busy = TRUE;
  self->again = FALSE;
  gw_background_begin ();
  g_thread_pool_push (pool, job, NULL);
}

static gboolean
look (gpointer data)
{
  GwRunLog *self = data;

  self->look = 0;
  if (self->busy)
    self->again = TRUE;
  else
    begin_job (self);
  return G_SOURCE_REMOVE;
}

static void
on_files_changed (GwRunLog *self)
{
  if (self->look == 0 && !self->closed)
    self->look = g_timeout_add (LOOK_MILLISECONDS, look, self);
}

void
gw_run_log_read (GwRunLog *self)
{
  g_autoptr (GFile) folder = NULL;

  if (self->reader != NULL || self->closed)
    return;
  folder = g_file_new_for_path (self->info->path);
  self->reader = gw_run_log_reader_new (self->info->path);
  self->monitor = g_file_monitor_directory (folder, G_FILE_MONITOR_NONE, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect_object (self->monitor, "changed", G_CALLBACK (on_files_changed), self, G_CONNECT_SWAPPED);
  begin_job (self);
}

void
gw_run_log_close (GwRunLog *self)
{
  self->closed = TRUE;
  g_clear_handle_id (&self->look, g_source_remove);
  g_clear_object (&self->monitor);
  gw_run_log_follow (self, NULL);
}

/* ---- the run that trains now ---- */

static void
take_curves (GwRunLog *self)
{
  const GPtrArray *curves = gw_run_get_curves (self->run);

  for (guint i = 0; i < curves->len; i++)
    {
      const GwRunCurve *curve = g_ptr_array_index (curves, i);
      GwRunData *data = data_for (self, GW_RUN_SCALAR, curve->tag);
      gsize n = curve->points->len;

      if (n < data->n_points)
        gw_run_data_clear (data);
      if (n > data->n_points &&
          !gw_run_data_add_points (data, &g_array_index (curve->points, GwRunPoint, data->n_points),
                                   n - data->n_points))
        warn (self, "Not enough memory for all points.");
    }
}

static void
on_points (GwRunLog *self)
{
  take_curves (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static const char *
state_name (GwRunState state)
{
  static const char *const names[] = {
    [GW_RUN_IDLE] = "idle", [GW_RUN_PREPARING] = "running", [GW_RUN_READY] = "idle", [GW_RUN_RUNNING] = "running",
    [GW_RUN_PAUSED] = "paused", [GW_RUN_DONE] = "done", [GW_RUN_FAILED] = "failed", [GW_RUN_STOPPED] = "stopped",
  };

  return names[state];
}

static void
on_progress (GwRunLog *self)
{
  const GwProgress *progress = gw_run_get_progress (self->run);
  const GwEvaluation *evaluation = gw_run_get_evaluation (self->run);
  const char *dir = gw_run_get_dir (self->run);

  if (g_strcmp0 (dir, self->info->path) != 0)
    return; /* the run prepares the next one, or has gone */
  g_free (self->info->state);
  self->info->state = g_strdup (state_name (gw_run_get_state (self->run)));
  self->info->steps = progress->step;
  self->info->total_steps = progress->total_steps;
  self->info->epochs = progress->epoch;
  self->info->seconds = progress->seconds;
  self->info->loss = progress->loss;
  for (int i = 0; evaluation != NULL && i < evaluation->n_metrics; i++)
    gw_run_info_set_metric (self->info, evaluation->metrics[i].name, evaluation->metrics[i].value);
  g_signal_emit (self, signals[INFO], 0);
}

static void
on_started (GwRunLog *self)
{
  if (g_strcmp0 (gw_run_get_dir (self->run), self->info->path) != 0)
    gw_run_log_follow (self, NULL);
}

void
gw_run_log_follow (GwRunLog *self,
                   GwRun    *run)
{
  const GPtrArray *curves = run != NULL ? gw_run_get_curves (run) : NULL;

  if (self->run == run)
    return;
  if (self->run != NULL)
    g_signal_handlers_disconnect_by_data (self->run, self);
  g_clear_object (&self->run);
  if (run == NULL)
    return;
  self->run = g_object_ref (run);
  for (guint i = 0; i < curves->len; i++)
    {
      GwRunData *data = data_for (self, GW_RUN_SCALAR, ((GwRunCurve *) g_ptr_array_index (curves, i))->tag);

      gw_run_data_clear (data);
      data->in_memory = TRUE;
    }
  g_signal_connect_swapped (run, "points", G_CALLBACK (on_points), self);
  g_signal_connect_swapped (run, "changed", G_CALLBACK (on_progress), self);
  g_signal_connect_swapped (run, "started", G_CALLBACK (on_started), self);
  on_points (self);
  on_progress (self);
}

gboolean
gw_run_log_is_live (GwRunLog *self)
{
  return self->run != NULL && gw_run_is_active (self->run) &&
         g_strcmp0 (gw_run_get_dir (self->run), self->info->path) == 0;
}

/* ---- object ---- */

static void
gw_run_log_get_property (GObject    *object,
                         guint       id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  GwRunLog *self = GW_RUN_LOG (object);

  if (id == PROP_NAME)
    g_value_set_string (value, gw_run_log_get_name (self));
  else if (id == PROP_VISIBLE)
    g_value_set_boolean (value, self->visible);
  else
    g_value_set_uint (value, self->color);
}

static void
gw_run_log_set_property (GObject      *object,
                         guint         id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  GwRunLog *self = GW_RUN_LOG (object);

  if (id == PROP_NAME)
    gw_run_log_set_name (self, g_value_get_string (value));
  else if (id == PROP_VISIBLE)
    gw_run_log_set_visible (self, g_value_get_boolean (value));
  else
    gw_run_log_set_color (self, g_value_get_uint (value));
}

static void
gw_run_log_dispose (GObject *object)
{
  gw_run_log_close (GW_RUN_LOG (object));
  G_OBJECT_CLASS (gw_run_log_parent_class)->dispose (object);
}

static void
gw_run_log_finalize (GObject *object)
{
  GwRunLog *self = GW_RUN_LOG (object);

  for (int i = 0; i < GW_RUN_N_KINDS; i++)
    g_hash_table_unref (self->found[i]);
  g_ptr_array_unref (self->data);
  g_string_free (self->warning, TRUE);
  gw_run_log_reader_free (self->reader);
  gw_run_info_free (self->info);
  g_free (self->key);
  g_free (self->name);
  g_free (self->first_name);
  G_OBJECT_CLASS (gw_run_log_parent_class)->finalize (object);
}

static void
gw_run_log_class_init (GwRunLogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = gw_run_log_get_property;
  object_class->set_property = gw_run_log_set_property;
  object_class->dispose = gw_run_log_dispose;
  object_class->finalize = gw_run_log_finalize;
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  props[PROP_VISIBLE] = g_param_spec_boolean ("visible", NULL, NULL, FALSE, flags);
  props[PROP_COLOR] = g_param_spec_uint ("color", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[INFO] = g_signal_new ("info", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gw_run_log_init (GwRunLog *self)
{
  self->data = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_run_data_free);
  self->warning = g_string_new (NULL);
  for (int i = 0; i < GW_RUN_N_KINDS; i++)
    self->found[i] = g_hash_table_new (g_str_hash, g_str_equal);
}

GwRunLog *
gw_run_log_new (GwRunInfo  *info,
                const char *key)
{
  GwRunLog *self = g_object_new (GW_TYPE_RUN_LOG, NULL);

  self->info = info;
  self->key = g_strdup (key != NULL ? key : info->id);
  self->first_name = readable_id (self->key);
  return self;
}
