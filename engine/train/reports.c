/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/train/reports-private.h"

#define UNSEEN 4
#define MOST_QUEUED_MESSAGES 1024
#define MOST_SCALAR_POINTS ((size_t) 1 << 24)

typedef struct {
  GwReport report;
  size_t   after;  /* comes when that many points have been taken */
} Queued;

void
gw_point_ring_init (GwPointRing *ring,
                    size_t       capacity)
{
  size_t size = 16;

  while (size < capacity && size < MOST_SCALAR_POINTS)
    size *= 2;
  ring->points = g_new0 (GwPoint, size);
  ring->mask = size - 1;
  atomic_init (&ring->head, 0);
  atomic_init (&ring->tail, 0);
}

void
gw_point_ring_clear (GwPointRing *ring)
{
  g_clear_pointer (&ring->points, g_free);
}

void
gw_reports_init (GwReports *reports,
                 int        ring_capacity)
{
  gw_point_ring_init (&reports->ring, ring_capacity > 0 ? (size_t) ring_capacity : 65536);
  atomic_init (&reports->dropped, 0);
  pthread_mutex_init (&reports->lock, NULL);
  g_queue_init (&reports->queue);
  atomic_init (&reports->n_queued, 0);
  reports->dropped_messages = 0;
  reports->writing = 0;
  reports->reading = 1;
  atomic_init (&reports->middle, 2);
  for (int i = 0; i < GW_MAX_WATCHES; i++)
    atomic_init (&reports->watches[i], NULL);
  atomic_init (&reports->n_watches, 0);
  atomic_init (&reports->fresh_watches, 0);
}

void
gw_reports_clear (GwReports *reports)
{
  Queued *queued;

  while ((queued = g_queue_pop_head (&reports->queue)) != NULL)
    {
      gw_report_clear (&queued->report);
      g_free (queued);
    }
  for (int i = 0; i < GW_MAX_WATCHES; i++)
    gw_watch_result_free (atomic_exchange (&reports->watches[i], NULL));
  pthread_mutex_destroy (&reports->lock);
  gw_point_ring_clear (&reports->ring);
}

void
gw_reports_point (GwReports     *reports,
                  const GwPoint *point)
{
  if (!gw_point_ring_put (&reports->ring, point))
    gw_reports_drop (reports);
}

void
gw_reports_progress (GwReports        *reports,
                     const GwProgress *progress)
{
  reports->progress[reports->writing] = *progress;
  reports->writing = atomic_exchange (&reports->middle, reports->writing | UNSEEN) & ~UNSEEN;
}

void
gw_reports_set_n_watches (GwReports *reports,
                          int        n)
{
  for (int i = 0; i < GW_MAX_WATCHES; i++)
    gw_watch_result_free (atomic_exchange (&reports->watches[i], NULL));
  atomic_store (&reports->n_watches, MIN (n, GW_MAX_WATCHES));
}

void
gw_reports_watch (GwReports     *reports,
                  GwWatchResult *result)
{
  gw_watch_result_free (atomic_exchange (&reports->watches[result->index], result));
  atomic_store (&reports->fresh_watches, 1);
}

void
gw_reports_post (GwReports      *reports,
                 const GwReport *report)
{
  Queued *queued = g_new (Queued, 1);

  queued->report = *report;
  if (queued->report.wall_time == 0)
    queued->report.wall_time = (double) g_get_real_time () / G_USEC_PER_SEC;
  pthread_mutex_lock (&reports->lock);
  queued->after = atomic_load (&reports->ring.head);
  g_queue_push_tail (&reports->queue, queued);
  atomic_fetch_add (&reports->n_queued, 1);
  pthread_mutex_unlock (&reports->lock);
}

void
gw_reports_message (GwReports  *reports,
                    int64_t     step,
                    int64_t     node,
                    const char *name,
                    const char *text)
{
  GwReport report = { .kind = GW_REPORT_MESSAGE, .step = step };

  if (atomic_load (&reports->n_queued) >= MOST_QUEUED_MESSAGES)
    {
      reports->dropped_messages++;
      return;
    }
  report.message = (GwNodeMessage) { node, g_strdup (name), g_strdup (text), reports->dropped_messages };
  reports->dropped_messages = 0;
  gw_reports_post (reports, &report);
}

/* The oldest of the queue, when all points put before it have been taken. */
static gboolean
poll_queue (GwReports *reports,
            GwReport  *report,
            size_t    *points_first)
{
  Queued *queued;
  gboolean ready;

  *points_first = SIZE_MAX;
  if (atomic_load (&reports->n_queued) == 0)
    return FALSE;
  pthread_mutex_lock (&reports->lock);
  queued = g_queue_peek_head (&reports->queue);
  ready = atomic_load (&reports->ring.tail) >= queued->after;
  if (ready)
    g_queue_pop_head (&reports->queue);
  else
    *points_first = queued->after;
  pthread_mutex_unlock (&reports->lock);
  if (!ready)
    return FALSE;
  atomic_fetch_sub (&reports->n_queued, 1);
  *report = queued->report;
  g_free (queued);
  return TRUE;
}

static gboolean
poll_point (GwReports *reports,
            size_t     until,
            GwReport  *report)
{
  GwPoint point;

  if (!gw_point_ring_take (&reports->ring, until, &point))
    return FALSE;
  *report = (GwReport) { .kind = GW_REPORT_SCALAR, .step = point.step, .wall_time = point.wall_time,
                         .scalar = { point.series, point.value } };
  return TRUE;
}

static gboolean
poll_progress (GwReports *reports,
               GwReport  *report)
{
  if ((atomic_load (&reports->middle) & UNSEEN) == 0)
    return FALSE;
  reports->reading = atomic_exchange (&reports->middle, reports->reading) & ~UNSEEN;
  *report = (GwReport) { .kind = GW_REPORT_PROGRESS, .progress = reports->progress[reports->reading] };
  report->step = report->progress.step;
  report->wall_time = (double) g_get_real_time () / G_USEC_PER_SEC;
  return TRUE;
}

/* One round over the slots after each news, so that every watch has its turn. */
static gboolean
poll_watches (GwReports *reports,
              GwReport  *report)
{
  int n = atomic_load (&reports->n_watches);

  if (reports->next_watch == 0 && atomic_exchange (&reports->fresh_watches, 0) == 0)
    return FALSE;
  while (reports->next_watch < n)
    {
      GwWatchResult *result = atomic_exchange (&reports->watches[reports->next_watch++], NULL);

      if (result == NULL)
        continue;
      *report = (GwReport) { .kind = GW_REPORT_WATCH, .request = result->request, .step = result->step,
                             .wall_time = (double) g_get_real_time () / G_USEC_PER_SEC, .watch = result };
      return TRUE;
    }
  reports->next_watch = 0;
  return FALSE;
}

gboolean
gw_reports_poll (GwReports *reports,
                 GwReport  *report)
{
  size_t until;

  return poll_queue (reports, report, &until) || poll_point (reports, until, report) ||
         poll_progress (reports, report) || poll_watches (reports, report);
}

void
gw_watch_result_free (GwWatchResult *result)
{
  if (result == NULL)
    return;
  gw_histogram_free (result->histogram);
  gw_tensor_unref (result->value);
  g_free (result);
}

void
gw_evaluation_free (GwEvaluation *evaluation)
{
  if (evaluation == NULL)
    return;
  for (int i = 0; i < evaluation->n_metrics; i++)
    {
      g_free (evaluation->metrics[i].name);
      gw_tensor_unref (evaluation->metrics[i].details);
    }
  for (int i = 0; i < evaluation->n_classes && evaluation->class_names != NULL; i++)
    g_free (evaluation->class_names[i]);
  g_free (evaluation->metrics);
  g_free (evaluation->class_names);
  g_free (evaluation->confusion);
  g_free (evaluation->column);
  g_free (evaluation->mistakes);
  g_free (evaluation);
}

void
gw_report_clear (GwReport *report)
{
  g_clear_error (&report->error);
  switch (report->kind)
    {
    case GW_REPORT_WATCH:      g_clear_pointer (&report->watch, gw_watch_result_free); break;
    case GW_REPORT_EVALUATION: g_clear_pointer (&report->evaluation, gw_evaluation_free); break;
    case GW_REPORT_CHECKPOINT: g_clear_pointer (&report->path, g_free); break;
    case GW_REPORT_VALUES:     g_clear_pointer (&report->values, g_ptr_array_unref); break;
    case GW_REPORT_MESSAGE:
      g_clear_pointer (&report->message.name, g_free);
      g_clear_pointer (&report->message.text, g_free);
      break;
    default: break;
    }
}
