/* SPDX-License-Identifier: Apache-2.0 */
/* Drives a widget in a window by real pointer and key events (xdotool), under a
 * display without a window manager. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Starts the toolkit; ends the program as skipped when there is no display. */
void gui_start (int *argc, char ***argv);

/* TRUE when xdotool is there; tests that need it call g_test_skip() else. */
gboolean gui_can_drive (void);

/* Shows @widget in a window of this size and waits until it is drawn. */
GtkWindow *gui_show (GtkWidget *widget, int width, int height);
void gui_close (GtkWindow *window);

/* Lets the main loop run for @milliseconds. */
void gui_wait (guint milliseconds);

/* Moves the pointer to (x, y) of @widget. */
void gui_move_to (GtkWidget *widget, double x, double y);
/* Runs xdotool with these words and waits for it and for what it causes. */
void gui_do (const char *format, ...) G_GNUC_PRINTF (1, 2);

G_END_DECLS
