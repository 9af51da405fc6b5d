/* SPDX-License-Identifier: Apache-2.0 */
/* The curves and figures behind an evaluation's metrics: ROC and precision over recall, and
 * numbers of which a metric is made. */
#pragma once

#include <gtk/gtk.h>

#include "engine/engine.h"

G_BEGIN_DECLS

GtkWidget *gw_evaluation_curves_new (void);
/* Copies what it needs; hides itself where there is nothing to show. */
void gw_evaluation_curves_set (GtkWidget *curves, const GwEvaluation *evaluation);

G_END_DECLS
