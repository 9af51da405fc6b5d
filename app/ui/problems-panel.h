/* SPDX-License-Identifier: Apache-2.0 */
/* The line under the canvas that tells the problems; unfolded, a list of them with
 * their fixes. Signal "activated" (gint64 node): a problem was gone to. */
#pragma once

#include <gtk/gtk.h>

#include "app/model/doc-model.h"

G_BEGIN_DECLS

#define GW_TYPE_PROBLEMS_PANEL (gw_problems_panel_get_type ())
G_DECLARE_FINAL_TYPE (GwProblemsPanel, gw_problems_panel, GW, PROBLEMS_PANEL, GtkWidget)

GtkWidget *gw_problems_panel_new (GwDocModel *model);
/* Goes to the next (+1) or previous (-1) problem. */
void gw_problems_panel_go (GwProblemsPanel *panel, int direction);
/* Applies the first fix of the problem gone to last, else of the first. FALSE when
 * there is none. */
gboolean gw_problems_panel_fix (GwProblemsPanel *panel, GError **error);

G_END_DECLS
