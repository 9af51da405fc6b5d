/* SPDX-License-Identifier: Apache-2.0 */
/* One run as the Board shows it: what its run.json says, its name, colour and visibility,
 * and the data of its event files, read by a worker thread and handed over in slices of
 * well under 4 ms. Of the run that trains now the curves come from memory, everything
 * else from its files. Main thread.
 *
 * Properties: "name" (string), "visible" (boolean), "color" (uint).
 * Signals:
 *   "changed"  data came or went, or reading began or ended
 *   "info"     gw_run_log_get_info() is new */
#pragma once

#include "app/model/run-log-data.h"

G_BEGIN_DECLS

#define GW_TYPE_RUN_LOG (gw_run_log_get_type ())
G_DECLARE_FINAL_TYPE (GwRunLog, gw_run_log, GW, RUN_LOG, GObject)

/* Takes `info`. `key` tells it from the other runs of its list, NULL = info->id; so is
 * its first name, made readable when the id is a date. */
GwRunLog *gw_run_log_new (GwRunInfo *info, const char *key);

const char *gw_run_log_get_key (GwRunLog *log);
/* What run.json said last; a folder of foreign events has zeros and state "unknown". */
const GwRunInfo *gw_run_log_get_info (GwRunLog *log);
/* Takes `info`. */
void gw_run_log_set_info (GwRunLog *log, GwRunInfo *info);
const char *gw_run_log_get_name (GwRunLog *log);
/* NULL or "" = as it was called at first. */
void gw_run_log_set_name (GwRunLog *log, const char *name);
gboolean gw_run_log_is_renamed (GwRunLog *log);
guint gw_run_log_get_color (GwRunLog *log);    /* number of the run's style, 0 = first */
void gw_run_log_set_color (GwRunLog *log, guint color);
gboolean gw_run_log_get_visible (GwRunLog *log);
void gw_run_log_set_visible (GwRunLog *log, gboolean visible);
/* graph.gw of the run, NULL when it has none; free it. */
char *gw_run_log_graph_path (GwRunLog *log);

/* Begins to read the event files and follows their growth; further calls do nothing. */
void gw_run_log_read (GwRunLog *log);
/* Reads no more. */
void gw_run_log_close (GwRunLog *log);
/* TRUE until all that is in the files has been taken. */
gboolean gw_run_log_is_reading (GwRunLog *log);
/* What could not be read, one sentence a line; NULL = all was. */
const char *gw_run_log_get_warning (GwRunLog *log);

/* The curves of `run`, whose folder this is, take the place of those in the files. Ends
 * by itself when the run begins anew. */
void gw_run_log_follow (GwRunLog *log, GwRun *run);
gboolean gw_run_log_is_live (GwRunLog *log);

/* Of GwRunData, in the order in which the tags came; owned by the log. */
const GPtrArray *gw_run_log_get_data (GwRunLog *log);
const GwRunData *gw_run_log_find (GwRunLog *log, GwRunDataKind kind, const char *tag); /* NULL = none */

G_END_DECLS
