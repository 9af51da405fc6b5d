/* SPDX-License-Identifier: Apache-2.0 */
/* The panel at the right of the canvas: attributes, values and notes of what is
 * selected; with nothing selected, how the document is trained. */
#pragma once

#include <gtk/gtk.h>

#include "app/ui/canvas-adapter.h"

G_BEGIN_DECLS

#define GW_TYPE_INSPECTOR_PANEL (gw_inspector_panel_get_type ())
G_DECLARE_FINAL_TYPE (GwInspectorPanel, gw_inspector_panel, GW, INSPECTOR_PANEL, GtkWidget)

GtkWidget *gw_inspector_panel_new (GwDocModel *model, GwRun *run, GwCanvasAdapter *adapter);
/* Opens Values with the values that were computed of the selected nodes (of
 * GwNamedTensor). */
void gw_inspector_panel_show_values (GwInspectorPanel *panel, const GPtrArray *values);
/* Commits what is being typed. */
void gw_inspector_panel_flush (GwInspectorPanel *panel);

G_END_DECLS
