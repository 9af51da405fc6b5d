/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of a changed document in the user's state folder, written a few seconds
 * after a change by a worker thread; what a killed program leaves behind can be
 * recovered. */
#pragma once

#include "app/model/doc-model.h"

G_BEGIN_DECLS

typedef struct _GwAutosave GwAutosave;

/* `model` is not referenced and must outlive it. */
GwAutosave *gw_autosave_new (GwDocModel *model);
void gw_autosave_free (GwAutosave *autosave);
/* The document changed. */
void gw_autosave_touch (GwAutosave *autosave);
/* There is nothing to recover: removes the copy. */
void gw_autosave_discard (GwAutosave *autosave);
/* Seconds between a change and the copy; for tests. Default 3. */
void gw_autosave_set_delay (guint seconds);

typedef struct {
  char  *path;      /* of the copy */
  char  *original;  /* of the document, or NULL */
  char  *name;
  gint64 time;      /* seconds since 1970 */
} GwRecovery;

void gw_recovery_free (GwRecovery *recovery);
/* Copies that no running program owns, as a GPtrArray of GwRecovery, newest first. */
GPtrArray *gw_autosave_list_recoveries (void);
/* Removes the copy. */
void gw_recovery_forget (const GwRecovery *recovery);

G_END_DECLS
