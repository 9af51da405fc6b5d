/* SPDX-License-Identifier: Apache-2.0 */
/* What a trainer has to say, on its way to the one thread that polls: scalar points
 * through a fixed ring, the newest progress and watches through slots, all else
 * through a queue under a short lock. */
#pragma once

#include "engine/train/point-ring-private.h"
#include "engine/train/trainer.h"

#include <pthread.h>

G_BEGIN_DECLS

#define GW_MAX_WATCHES 1024

typedef struct {
  GwPointRing     ring;
  atomic_llong    dropped;     /* points that found a ring or the disk full */

  pthread_mutex_t lock;
  GQueue          queue;       /* of Queued */
  atomic_int      n_queued;
  int64_t         dropped_messages; /* the worker's; since the last that was passed on */

  GwProgress      progress[3]; /* one is the writer's, one the reader's, one between */
  int             writing, reading;
  atomic_int      middle;      /* index, | 4 when the reader has not seen it */

  _Atomic (GwWatchResult *) watches[GW_MAX_WATCHES];
  atomic_int      n_watches;
  atomic_int      fresh_watches;
  int             next_watch;  /* the reader's place in its round */
} GwReports;

void gw_reports_init (GwReports *reports, int ring_capacity);
void gw_reports_clear (GwReports *reports);

/* Counts a point that could not be passed on. Any thread. */
static inline void
gw_reports_drop (GwReports *reports)
{
  atomic_fetch_add_explicit (&reports->dropped, 1, memory_order_relaxed);
}

/* The worker's. */
void gw_reports_point (GwReports *reports, const GwPoint *point);
void gw_reports_progress (GwReports *reports, const GwProgress *progress);
void gw_reports_set_n_watches (GwReports *reports, int n);
/* Takes `result`. */
void gw_reports_watch (GwReports *reports, GwWatchResult *result);

/* Any thread. Takes what the report points to; comes after the points put so far. */
void gw_reports_post (GwReports *reports, const GwReport *report);

/* The worker's. A line of a Print node; when nobody takes them they are counted instead. */
void gw_reports_message (GwReports *reports, int64_t step, int64_t node, const char *name, const char *text);

gboolean gw_reports_poll (GwReports *reports, GwReport *report);

void gw_watch_result_free (GwWatchResult *result);

G_END_DECLS
