/* SPDX-License-Identifier: Apache-2.0 */
/* The bar at the foot of every page: train, pause, stop, step, evaluate; data set and
 * device; progress, loss and the last evaluation. */
#pragma once

#include <gtk/gtk.h>

#include "app/model/doc-model.h"
#include "app/model/run.h"

G_BEGIN_DECLS

#define GW_TYPE_RUN_PANEL (gw_run_panel_get_type ())
G_DECLARE_FINAL_TYPE (GwRunPanel, gw_run_panel, GW, RUN_PANEL, GtkWidget)

GtkWidget *gw_run_panel_new (GwDocModel *model, GwRun *run);
/* Width of the window: the bar drops what there is no room for. */
void gw_run_panel_set_width (GwRunPanel *panel, int width);

G_END_DECLS
