/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of what can be done by key: it gives the shortcuts of the window, the
 * labels in menus and the shortcuts window. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Lets a widget's descendants use the keys: F keys and Ctrl keys that no entry wants
 * before everybody, the others only when nobody in between took them. */
void gw_actions_add_keys (GtkWidget *window);
/* "<Control>s" of an action, or NULL. */
const char *gw_action_key (const char *action);
/* A menu item with its key shown (transfer full). */
GMenuItem *gw_action_menu_item (const char *label, const char *action);
/* The rows of the table, for the command search. */
guint gw_actions_length (void);
const char *gw_action_title (guint number);
/* NULL: a key of the canvas or a chart, that cannot be activated from here. */
const char *gw_action_name (guint number);
/* "Ctrl+S": the first of its keys, as it is shown (transfer full). */
char *gw_action_key_label (guint number);
/* FALSE when it is disabled or unknown to the widget. */
gboolean gw_action_activate (GtkWidget *widget, guint number);
/* The window of all keys. */
GtkWidget *gw_shortcuts_window_new (void);

G_END_DECLS
