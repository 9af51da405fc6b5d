/* SPDX-License-Identifier: Apache-2.0 */
/* The runs of a document as a list: those on disk, read from their event files by a
 * worker thread, and the one that is going, whose curves are the trainer's own. Main
 * thread only. */
#pragma once

#include "app/model/doc-model.h"
#include "app/model/run.h"

G_BEGIN_DECLS

typedef struct {
  double       step, wall;
  GwHistogram *histogram;
} GwRunHistogramStep;

typedef struct {
  char   *tag;
  GArray *steps;  /* of GwRunHistogramStep */
} GwRunHistograms;

#define GW_TYPE_RUN_ENTRY (gw_run_entry_get_type ())
G_DECLARE_FINAL_TYPE (GwRunEntry, gw_run_entry, GW, RUN_ENTRY, GObject)

/* Signal "changed". */
const char *gw_run_entry_get_path (GwRunEntry *entry);
/* What the list calls it: the folder's name. */
const char *gw_run_entry_get_name (GwRunEntry *entry);
const GwRunInfo *gw_run_entry_get_info (GwRunEntry *entry);
/* Number of its colour: order of first appearance. */
guint gw_run_entry_get_number (GwRunEntry *entry);
gboolean gw_run_entry_is_live (GwRunEntry *entry);
gboolean gw_run_entry_get_visible (GwRunEntry *entry);
void gw_run_entry_set_visible (GwRunEntry *entry, gboolean visible);
const GPtrArray *gw_run_entry_get_curves (GwRunEntry *entry);      /* of GwRunCurve */
const GPtrArray *gw_run_entry_get_histograms (GwRunEntry *entry);  /* of GwRunHistograms */

#define GW_TYPE_RUN_LOG (gw_run_log_get_type ())
G_DECLARE_FINAL_TYPE (GwRunLog, gw_run_log, GW, RUN_LOG, GObject)

/* A GListModel of GwRunEntry, newest first. Signals: "points", the live run's curves
 * grew; "loaded", what was read is in the list. */
GwRunLog *gw_run_log_new (GwDocModel *model, GwRun *run);
/* Looks for new runs and reads what changed on disk. */
void gw_run_log_refresh (GwRunLog *log);
/* Reads one more folder of runs or events (another program's). */
void gw_run_log_add_folder (GwRunLog *log, const char *path);

G_END_DECLS
