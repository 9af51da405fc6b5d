/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a run's event files into curves and histograms. Any thread. */
#pragma once

#include "app/model/run-log.h"

G_BEGIN_DECLS

typedef struct {
  GwRunInfo *info;
  gint64     stamp;       /* bytes of its event files */
  GPtrArray *curves;      /* of GwRunCurve; NULL = nothing new since `stamp` */
  GPtrArray *histograms;  /* of GwRunHistograms */
} GwRunContents;

/* `known` is the stamp of what the caller has, -1 = nothing. Damaged files give what
 * was read before the damage. */
GwRunContents *gw_run_read (const GwRunInfo *info, gint64 known);
void gw_run_contents_free (GwRunContents *contents);
void gw_run_histograms_free (GwRunHistograms *histograms);

G_END_DECLS
