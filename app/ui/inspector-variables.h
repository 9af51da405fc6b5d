/* SPDX-License-Identifier: Apache-2.0 */
/* The variables of a node in the inspector: what each holds now, initialising it alone and
 * changing its numbers by hand. Hidden while the node has none. */
#pragma once

#include <gtk/gtk.h>

#include "app/model/doc-model.h"
#include "app/model/run.h"

G_BEGIN_DECLS

#define GW_TYPE_INSPECTOR_VARIABLES (gw_inspector_variables_get_type ())
G_DECLARE_FINAL_TYPE (GwInspectorVariables, gw_inspector_variables, GW, INSPECTOR_VARIABLES, GtkBox)

GtkWidget *gw_inspector_variables_new (GwDocModel *model, GwRun *run);
/* Of this node, 0 = of none. */
void gw_inspector_variables_show (GwInspectorVariables *variables, int64_t node);

G_END_DECLS
