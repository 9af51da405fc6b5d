/* SPDX-License-Identifier: Apache-2.0 */
/* What a trained model does with text, in a thread of its own beside the training: it continues
 * a prompt, or gives the vectors of its words. Works on a copy of the variables as they stand in
 * the window's run (else as the newest checkpoint has them), so that a training goes on meanwhile.
 * One job at a time; a new one ends the one before.
 *
 * Signals:
 *   "added"       (string) what was put behind the text
 *   "embeddings"  (GPtrArray of GwEmbedding) the answer to gw_text_worker_read_embeddings()
 *   "ended"       (string) the job is over; the string tells why it failed, NULL = it did not */
#pragma once

#include "app/model/run.h"

G_BEGIN_DECLS

#define GW_TYPE_TEXT_WORKER (gw_text_worker_get_type ())
G_DECLARE_FINAL_TYPE (GwTextWorker, gw_text_worker, GW, TEXT_WORKER, GObject)

GwTextWorker *gw_text_worker_new (GwRun *run);

typedef struct {
  const char *prompt;
  int64_t     count;       /* characters or words to add */
  double      temperature; /* 0 = as it stands in the document */
  int64_t     seed;        /* of what is drawn */
} GwTextRequest;

/* `document` as it stands, its runs in `runs_dir`. */
void gw_text_worker_generate (GwTextWorker *worker, GwDocument *document, const char *runs_dir, const GwTextRequest *request);
void gw_text_worker_read_embeddings (GwTextWorker *worker, GwDocument *document, const char *runs_dir);
/* Ends the job soon: "ended" tells when. */
void gw_text_worker_stop (GwTextWorker *worker);
gboolean gw_text_worker_is_busy (GwTextWorker *worker);
/* The step after which the variables of the last job were as it used them. */
int64_t gw_text_worker_get_step (GwTextWorker *worker);

G_END_DECLS
