/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that are set again and again while training runs. Setting one that stands already
 * costs nothing here; a tool tip would ask the display for the pointer each time. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* TRUE when it was another one. NULL = none. */
gboolean gw_set_text (GtkWidget *label, const char *text);
gboolean gw_set_tooltip (GtkWidget *widget, const char *text);
gboolean gw_set_class (GtkWidget *widget, const char *name, gboolean on);
/* From now on the tool tip says what the label says, also where it is cut by "…". */
void gw_label_tells_itself (GtkWidget *label);

G_END_DECLS
