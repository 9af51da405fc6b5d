/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that the tests of this folder train, and what they do with trainers. */
#pragma once

#include "engine/engine.h"
#include "tests/support/support.h"

G_BEGIN_DECLS

/* 2-15-1 on 400 noisy points of exclusive or, dropout on the hidden layer, Adam; 300
 * rows for training in batches of 40 (the last one of 20), 100 for tests. `training` is
 * the content of training.attrs, as "\"epochs\": 3". */
GwDocument *gw_test_xor (const char *training);
/* loss = mean (log (weight)), gradient descent with rate `rate` on one variable that
 * begins at 1: becomes NaN when the weight falls below 0. */
GwDocument *gw_test_logarithm (const char *rate);
GwDocument *gw_test_document (const char *json);

/* All reports that wait, as an array of GwReport that clears them. */
GArray *gw_test_reports (GwTrainer *trainer);
/* The first of a kind; NULL = none. */
GwReport *gw_test_report (GArray *reports, GwReportKind kind);
int gw_test_count_reports (GArray *reports, GwReportKind kind);

/* A trainer in a thread of its own. */
typedef struct {
  GwTrainer *trainer;
  GThread   *thread;
  gboolean   ok;
  GError    *error;
} GwTestWorker;
void gw_test_worker_start (GwTestWorker *worker, GwDocument *document, const GwTrainerOptions *options);
/* The second half of it, where the trainer is made and told something before. */
void gw_test_worker_run (GwTestWorker *worker);
/* Polls until the answer to `request` (or, with 0, a report of `kind`) is there, and
 * returns it; other reports are dropped. Fails the test after 20 seconds. */
GwReport gw_test_await (GwTestWorker *worker, GwReportKind kind, guint64 request);
/* The same for a state. */
void gw_test_await_state (GwTestWorker *worker, GwTrainerState state);
/* Quits and frees it. */
void gw_test_worker_end (GwTestWorker *worker);

/* Runs it to its end on this thread. */
void gw_test_run (GwTrainer *trainer);
/* Variables of a run's checkpoint at `step`. */
GPtrArray *gw_test_checkpoint (const char *run_dir, int64_t step);
void gw_test_assert_same_values (const GPtrArray *a, const GPtrArray *b);

G_END_DECLS
