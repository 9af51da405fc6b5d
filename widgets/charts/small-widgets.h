/* SPDX-License-Identifier: Apache-2.0 */
/* Small widgets for rows and bars: sparkline, health pill, progress with
 * checkpoint ticks. */
#pragma once

#include <gtk/gtk.h>

#include "widgets/paint/chart-theme.h"

G_BEGIN_DECLS

/* The last values of a curve.  Keeps at most "capacity" of them (default 240),
 * the oldest go first. */
#define GW_TYPE_SPARKLINE (gw_sparkline_get_type ())
G_DECLARE_FINAL_TYPE (GwSparkline, gw_sparkline, GW, SPARKLINE, GtkWidget)
GtkWidget *gw_sparkline_new (void);
void gw_sparkline_append (GwSparkline *sparkline, double value);
void gw_sparkline_set_values (GwSparkline *sparkline, const double *values, gsize n_values);
void gw_sparkline_clear (GwSparkline *sparkline);
gsize gw_sparkline_get_length (GwSparkline *sparkline);
/* Run colour, default 0; stale = dim. */
void gw_sparkline_set_run (GwSparkline *sparkline, guint run);
void gw_sparkline_set_stale (GwSparkline *sparkline, gboolean stale);

#define GW_TYPE_HEALTH_PILL (gw_health_pill_get_type ())
G_DECLARE_FINAL_TYPE (GwHealthPill, gw_health_pill, GW, HEALTH_PILL, GtkWidget)
GtkWidget *gw_health_pill_new (void);
void gw_health_pill_set_counts (GwHealthPill *pill, const double counts[GW_HEALTH_N_KINDS]);

typedef enum
{
  GW_PROGRESS_IDLE,
  GW_PROGRESS_RUNNING,
  GW_PROGRESS_PAUSED,
  GW_PROGRESS_DONE,
  GW_PROGRESS_FAILED
} GwProgressState;

#define GW_TYPE_RUN_PROGRESS (gw_run_progress_get_type ())
G_DECLARE_FINAL_TYPE (GwRunProgress, gw_run_progress, GW, RUN_PROGRESS, GtkWidget)
GtkWidget *gw_run_progress_new (void);
void gw_run_progress_set (GwRunProgress *progress, double share, GwProgressState state);
/* Shares 0..1, copied. */
void gw_run_progress_set_ticks (GwRunProgress *progress, const double *ticks, guint n_ticks);

G_END_DECLS
