/* SPDX-License-Identifier: Apache-2.0 */
/* The runs of a document: a GListModel of GwRunLog, newest first, then those of folders
 * that were opened beside them. It watches the runs folder, gives every run a colour for
 * life and keeps names, colours and visibility in runs.json there. Main thread; folders
 * are listed by a worker.
 *
 * Signals:
 *   "scanned"           the list is as the folder is
 *   "message" (string)  something could not be done */
#pragma once

#include "app/model/run-log.h"

G_BEGIN_DECLS

/* How many of the newest runs are visible until the user says otherwise. */
#define GW_RUNS_VISIBLE 8

#define GW_TYPE_RUN_LOG_LIST (gw_run_log_list_get_type ())
G_DECLARE_FINAL_TYPE (GwRunLogList, gw_run_log_list, GW, RUN_LOG_LIST, GObject)

GwRunLogList *gw_run_log_list_new (void);

/* The folder whose sub-folders are the runs; NULL = none. It need not exist yet. */
void gw_run_log_list_set_dir (GwRunLogList *list, const char *runs_dir);
/* Shows `run` while it trains: its log takes the curves from memory. */
void gw_run_log_list_set_run (GwRunLogList *list, GwRun *run);
/* FALSE until the folder has been listed once. */
gboolean gw_run_log_list_is_ready (GwRunLogList *list);
guint gw_run_log_list_get_n (GwRunLogList *list);
GwRunLog *gw_run_log_list_get (GwRunLogList *list, guint position); /* borrowed */
/* The log whose folder this is, or NULL; borrowed. */
GwRunLog *gw_run_log_list_find (GwRunLogList *list, const char *path);

/* Adds every folder in `folder` (itself too, at most eight levels deep) that holds event
 * files; _finish gives how many were new, -1 with NOT_FOUND when there is none. */
void gw_run_log_list_open_async (GwRunLogList *list, GFile *folder, GAsyncReadyCallback callback, gpointer data);
int gw_run_log_list_open_finish (GwRunLogList *list, GAsyncResult *result, GError **error);

/* Whether it came from a folder that was opened, not from the document's own. */
gboolean gw_run_log_list_is_opened (GwRunLogList *list, GwRunLog *log);
/* Takes the log off the list; its folder stays until …_delete() moves it to the trash,
 * and …_restore() brings the log back. A folder that was opened is only forgotten. */
void gw_run_log_list_remove (GwRunLogList *list, GwRunLog *log);
void gw_run_log_list_restore (GwRunLogList *list, GwRunLog *log);
void gw_run_log_list_delete (GwRunLogList *list, GwRunLog *log);

G_END_DECLS
