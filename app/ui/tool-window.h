/* SPDX-License-Identifier: Apache-2.0 */
/* What the small windows that ask a trained model have in common: rows of fields, a line that
 * tells how it stands, Escape. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Escape calls `escape` with the window. */
void gw_tool_window_on_escape (GtkWidget *window, gboolean (*escape) (GtkWidget *window));
/* A row with a number, which is put into `*spin`. */
GtkWidget *gw_tool_number_row (const char *title, const char *subtitle, double value, double min, double max, double step,
                               int digits, GtkWidget **spin);
/* The line at the bottom; wraps. */
GtkWidget *gw_tool_status_new (void);
void gw_tool_status_set (GtkWidget *status, const char *text, gboolean is_problem);
/* "Values of step 1200", "Values as freshly initialised: nothing is trained yet" */
char *gw_tool_step_text (const char *what, gint64 step);

G_END_DECLS
