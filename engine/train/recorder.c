/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/train/recorder-private.h"

#include "engine/base/error.h"
#include "engine/files/atomic-file.h"
#include "engine/files/checkpoint-state.h"
#include "engine/files/checkpoint.h"
#include "engine/files/event-file.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define RING_CAPACITY ((size_t) 1 << 16)
#define WAIT_NANOSECONDS 250000000L /* between two looks at the ring */
#define FLUSH_MICROSECONDS G_USEC_PER_SEC
#define PATIENCE_MICROSECONDS (5 * G_USEC_PER_SEC) /* for a full ring, before a point is dropped */

typedef enum {
  JOB_START_AT,
  JOB_GRAPH,
  JOB_SUMMARY,
  JOB_HISTOGRAM,
  JOB_CHECKPOINT,
} JobKind;

typedef struct {
  JobKind    kind;
  int64_t    step;
  double     wall_time;
  guint64    request;
  GBytes    *bytes;
  char      *text;       /* tag, or side file */
  GwTensor  *tensor;
  GPtrArray *variables;
} Job;

struct _GwRecorder {
  char           *run_dir;
  int             run_lock;
  char          **tags;
  int             max_to_keep;
  GwReports      *reports;
  GwPointRing     ring;
  pthread_t       thread;

  pthread_mutex_t lock;      /* of what follows */
  pthread_cond_t  work;      /* something to do */
  pthread_cond_t  rest;      /* something has been done */
  GQueue          jobs;      /* of Job */
  GwRunInfo      *info;      /* to be written; NULL = nothing new */
  char           *latest;
  int             n_saving;
  uint64_t        asked, answered; /* gw_recorder_wait() */
  gboolean        quit;

  /* The thread's own. */
  GwEventWriter  *writer;
  gint64          next_flush;
  gboolean        failing;   /* a warning stands */
};

static void
job_free (Job *job)
{
  g_clear_pointer (&job->bytes, g_bytes_unref);
  g_clear_pointer (&job->variables, g_ptr_array_unref);
  gw_tensor_unref (job->tensor);
  g_free (job->text);
  g_free (job);
}

/* ---- the thread ---- */

/* Reports *error (and clears it) unless the last one of its like still stands. */
static void
complain (GwRecorder *recorder,
          GError    **error)
{
  GwReport report = { .kind = GW_REPORT_WARNING };

  if (recorder->failing || *error == NULL)
    {
      g_clear_error (error);
      return;
    }
  recorder->failing = TRUE;
  report.error = g_steal_pointer (error);
  gw_reports_post (recorder->reports, &report);
}

static void
flush_events (GwRecorder *recorder)
{
  g_autoptr (GError) error = NULL;

  recorder->next_flush = g_get_monotonic_time () + FLUSH_MICROSECONDS;
  if (gw_event_writer_flush (recorder->writer, &error))
    recorder->failing = FALSE;
  else
    complain (recorder, &error);
}

static void
write_points (GwRecorder *recorder)
{
  GwPoint point;
  g_autoptr (GError) error = NULL;

  while (gw_point_ring_take (&recorder->ring, SIZE_MAX, &point))
    if (!gw_event_writer_add_scalar (recorder->writer, point.wall_time, point.step,
                                     recorder->tags[point.series], (float) point.value, &error))
      {
        gw_reports_drop (recorder->reports);
        complain (recorder, &error);
      }
}

static gboolean
write_histogram (GwRecorder *recorder,
                 const Job  *job,
                 GError    **error)
{
  g_autoptr (GwHistogram) histogram = gw_histogram_new (job->tensor, job->text, error);

  return histogram != NULL &&
         gw_event_writer_add_histogram (recorder->writer, job->wall_time, job->step, job->text, histogram, error);
}

static const char *const side_suffixes[] = { GW_RUN_RESUME_SUFFIX, NULL };

static gboolean
write_variables (const Job  *job,
                 const char *prefix,
                 const char *side,
                 GError    **error)
{
  g_autoptr (GwCheckpointWriter) writer = gw_checkpoint_writer_new (prefix, error);

  if (writer == NULL)
    return FALSE;
  for (guint i = 0; i < job->variables->len; i++)
    {
      const GwNamedTensor *named = g_ptr_array_index (job->variables, i);

      if (!gw_checkpoint_writer_add (writer, named->name, named->tensor, error))
        return FALSE;
    }
  return gw_atomic_write (side, job->text, strlen (job->text), error) && gw_checkpoint_writer_finish (writer, error);
}

static gboolean
write_checkpoint (GwRecorder *recorder,
                  const Job  *job,
                  const char *prefix,
                  GError    **error)
{
  g_autofree char *side = g_strconcat (prefix, GW_RUN_RESUME_SUFFIX, NULL);
  g_autofree char *index = g_strconcat (prefix, ".index", NULL);

  if (write_variables (job, prefix, side, error))
    return gw_checkpoint_retain (recorder->run_dir, prefix, recorder->max_to_keep, side_suffixes, error);
  if (!g_file_test (index, G_FILE_TEST_EXISTS)) /* else the side file belongs to an older one that stays */
    unlink (side);
  return FALSE;
}

static void
do_checkpoint (GwRecorder *recorder,
               const Job  *job)
{
  g_autofree char *name = g_strdup_printf (GW_RUN_CHECKPOINT "-%" G_GINT64_FORMAT, job->step);
  g_autofree char *prefix = g_build_filename (recorder->run_dir, name, NULL);
  GwReport report = { .kind = GW_REPORT_CHECKPOINT, .request = job->request, .step = job->step };

  if (write_checkpoint (recorder, job, prefix, &report.error))
    {
      report.path = g_strdup (prefix);
      gw_event_writer_add_session_log (recorder->writer, job->wall_time, job->step, GW_SESSION_CHECKPOINT, prefix,
                                       NULL, NULL);
      pthread_mutex_lock (&recorder->lock);
      g_free (recorder->latest);
      recorder->latest = g_steal_pointer (&prefix);
      pthread_mutex_unlock (&recorder->lock);
    }
  else
    report.kind = job->request != 0 ? GW_REPORT_REFUSED : GW_REPORT_WARNING;
  gw_reports_post (recorder->reports, &report);
}

static void
do_job (GwRecorder *recorder,
        const Job  *job)
{
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  const void *data = job->bytes != NULL ? g_bytes_get_data (job->bytes, &size) : NULL;
  gboolean ok = TRUE;

  switch (job->kind)
    {
    case JOB_START_AT:
      ok = gw_event_writer_add_session_log (recorder->writer, job->wall_time, job->step, GW_SESSION_START, NULL,
                                            NULL, &error);
      break;
    case JOB_GRAPH:
      ok = gw_event_writer_add_graph (recorder->writer, job->wall_time, data, size, &error);
      break;
    case JOB_SUMMARY:
      ok = gw_event_writer_add_summary (recorder->writer, job->wall_time, job->step, data, size, &error);
      break;
    case JOB_HISTOGRAM:
      ok = write_histogram (recorder, job, &error);
      break;
    case JOB_CHECKPOINT:
      do_checkpoint (recorder, job);
      break;
    }
  if (!ok)
    complain (recorder, &error);
}

static void
write_info (GwRecorder *recorder,
            GwRunInfo  *info)
{
  g_autoptr (GError) error = NULL;

  g_free (info->checkpoint);
  info->checkpoint = recorder->latest != NULL ? g_path_get_basename (recorder->latest) : NULL;
  if (!gw_run_info_write (info, recorder->run_dir, &error))
    complain (recorder, &error);
}

/* Waits for work, at most for a quarter of a second. Called with the lock. */
static void
wait_for_work (GwRecorder *recorder)
{
  struct timespec until;

  clock_gettime (CLOCK_REALTIME, &until);
  until.tv_nsec += WAIT_NANOSECONDS;
  until.tv_sec += until.tv_nsec / 1000000000L;
  until.tv_nsec %= 1000000000L;
  pthread_cond_timedwait (&recorder->work, &recorder->lock, &until);
}

/* Takes and does one job; called with the lock, which is given up meanwhile. */
static void
next_job (GwRecorder *recorder)
{
  Job *job = g_queue_pop_head (&recorder->jobs);

  pthread_mutex_unlock (&recorder->lock);
  write_points (recorder);
  do_job (recorder, job);
  pthread_mutex_lock (&recorder->lock);
  if (job->kind == JOB_CHECKPOINT)
    recorder->n_saving--;
  job_free (job);
  pthread_cond_broadcast (&recorder->rest);
}

/* Points, the newest info and the file's flush; called with the lock. */
static void
catch_up (GwRecorder *recorder)
{
  g_autoptr (GwRunInfo) info = g_steal_pointer (&recorder->info);
  uint64_t asked = recorder->asked;
  gboolean flush = asked != recorder->answered || recorder->quit;

  pthread_mutex_unlock (&recorder->lock);
  write_points (recorder);
  if (info != NULL)
    write_info (recorder, info);
  if (flush || g_get_monotonic_time () >= recorder->next_flush)
    flush_events (recorder);
  pthread_mutex_lock (&recorder->lock);
  if (asked != recorder->answered)
    {
      recorder->answered = asked;
      pthread_cond_broadcast (&recorder->rest);
    }
}

static void *
run (void *data)
{
  GwRecorder *recorder = data;

  pthread_mutex_lock (&recorder->lock);
  for (;;)
    {
      gboolean last = recorder->quit;

      while (!g_queue_is_empty (&recorder->jobs))
        next_job (recorder);
      catch_up (recorder);
      if (last && g_queue_is_empty (&recorder->jobs))
        break;
      if (!recorder->quit && g_queue_is_empty (&recorder->jobs) && recorder->info == NULL &&
          recorder->asked == recorder->answered)
        wait_for_work (recorder);
    }
  pthread_mutex_unlock (&recorder->lock);
  return NULL;
}

/* ---- for the training thread ---- */

GwRecorder *
gw_recorder_new (const GwRunInfo   *info,
                 int                n_tags,
                 const char *const *tags,
                 int                max_to_keep,
                 GwReports         *reports,
                 GError           **error)
{
  g_autoptr (GwEventWriter) writer = gw_event_writer_new (info->path, NULL, error);
  GwRecorder *recorder;

  if (writer == NULL || !gw_run_info_write (info, info->path, error))
    return NULL;
  recorder = g_new0 (GwRecorder, 1);
  recorder->run_lock = gw_run_lock (info->path);
  recorder->run_dir = g_strdup (info->path);
  recorder->tags = g_new0 (char *, n_tags + 1);
  for (int i = 0; i < n_tags; i++)
    recorder->tags[i] = g_strdup (tags[i]);
  recorder->max_to_keep = max_to_keep;
  recorder->reports = reports;
  recorder->writer = g_steal_pointer (&writer);
  recorder->latest = gw_checkpoint_latest (info->path, NULL);
  gw_point_ring_init (&recorder->ring, RING_CAPACITY);
  g_queue_init (&recorder->jobs);
  pthread_mutex_init (&recorder->lock, NULL);
  pthread_cond_init (&recorder->work, NULL);
  pthread_cond_init (&recorder->rest, NULL);
  if (pthread_create (&recorder->thread, NULL, run, recorder) == 0)
    return recorder;
  g_set_error_literal (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "cannot start a thread that writes the run");
  recorder->thread = pthread_self ();
  gw_recorder_free (recorder);
  return NULL;
}

void
gw_recorder_free (GwRecorder *recorder)
{
  if (recorder == NULL)
    return;
  pthread_mutex_lock (&recorder->lock);
  recorder->quit = TRUE;
  pthread_cond_signal (&recorder->work);
  pthread_mutex_unlock (&recorder->lock);
  if (!pthread_equal (recorder->thread, pthread_self ()))
    pthread_join (recorder->thread, NULL);
  gw_event_writer_free (recorder->writer);
  g_queue_clear_full (&recorder->jobs, (GDestroyNotify) job_free);
  gw_run_info_free (recorder->info);
  gw_point_ring_clear (&recorder->ring);
  pthread_mutex_destroy (&recorder->lock);
  pthread_cond_destroy (&recorder->work);
  pthread_cond_destroy (&recorder->rest);
  gw_run_unlock (recorder->run_lock, recorder->run_dir);
  g_strfreev (recorder->tags);
  g_free (recorder->latest);
  g_free (recorder->run_dir);
  g_free (recorder);
}

void
gw_recorder_point (GwRecorder    *recorder,
                   const GwPoint *point)
{
  size_t waiting = gw_point_ring_waiting (&recorder->ring);
  gint64 until = 0;

  if (waiting == recorder->ring.mask / 2)
    pthread_cond_signal (&recorder->work);
  while (!gw_point_ring_put (&recorder->ring, point))
    {
      gint64 now = g_get_monotonic_time ();

      until = until != 0 ? until : now + PATIENCE_MICROSECONDS;
      if (now > until)
        {
          gw_reports_drop (recorder->reports);
          return;
        }
      pthread_cond_signal (&recorder->work);
      usleep (200);
    }
}

static void
put_job (GwRecorder *recorder,
         const Job  *content)
{
  Job *job = g_memdup2 (content, sizeof *content);

  job->wall_time = (double) g_get_real_time () / G_USEC_PER_SEC;
  pthread_mutex_lock (&recorder->lock);
  g_queue_push_tail (&recorder->jobs, job);
  if (job->kind == JOB_CHECKPOINT)
    recorder->n_saving++;
  pthread_cond_signal (&recorder->work);
  pthread_mutex_unlock (&recorder->lock);
}

void
gw_recorder_start_at (GwRecorder *recorder,
                      int64_t     step)
{
  put_job (recorder, &(Job) { .kind = JOB_START_AT, .step = step });
}

void
gw_recorder_graph (GwRecorder *recorder,
                   GBytes     *graph_def)
{
  put_job (recorder, &(Job) { .kind = JOB_GRAPH, .bytes = g_bytes_ref (graph_def) });
}

void
gw_recorder_summary (GwRecorder *recorder,
                     int64_t     step,
                     GBytes     *summary)
{
  put_job (recorder, &(Job) { .kind = JOB_SUMMARY, .step = step, .bytes = g_bytes_ref (summary) });
}

void
gw_recorder_histogram (GwRecorder *recorder,
                       int64_t     step,
                       const char *tag,
                       GwTensor   *tensor)
{
  put_job (recorder, &(Job) { .kind = JOB_HISTOGRAM, .step = step, .text = g_strdup (tag), .tensor = tensor });
}

void
gw_recorder_checkpoint (GwRecorder *recorder,
                        guint64     request,
                        int64_t     step,
                        GPtrArray  *variables,
                        char       *side)
{
  put_job (recorder, &(Job) { .kind = JOB_CHECKPOINT, .request = request, .step = step, .text = side,
                              .variables = g_ptr_array_ref (variables) });
}

void
gw_recorder_info (GwRecorder *recorder,
                  GwRunInfo  *info)
{
  pthread_mutex_lock (&recorder->lock);
  gw_run_info_free (recorder->info);
  recorder->info = info;
  pthread_cond_signal (&recorder->work);
  pthread_mutex_unlock (&recorder->lock);
}

gboolean
gw_recorder_is_saving (GwRecorder *recorder)
{
  gboolean saving;

  pthread_mutex_lock (&recorder->lock);
  saving = recorder->n_saving > 0;
  pthread_mutex_unlock (&recorder->lock);
  return saving;
}

void
gw_recorder_wait (GwRecorder *recorder)
{
  uint64_t mine;

  pthread_mutex_lock (&recorder->lock);
  mine = ++recorder->asked;
  pthread_cond_signal (&recorder->work);
  while (recorder->answered < mine)
    pthread_cond_wait (&recorder->rest, &recorder->lock);
  pthread_mutex_unlock (&recorder->lock);
}

char *
gw_recorder_latest (GwRecorder *recorder)
{
  char *latest;

  pthread_mutex_lock (&recorder->lock);
  latest = g_strdup (recorder->latest);
  pthread_mutex_unlock (&recorder->lock);
  return latest;
}
