/* SPDX-License-Identifier: Apache-2.0 */
/* Real events for widget tests. */
#include "tests/widgets/charts/gui-driver.h"

#include <adwaita.h>
#include <math.h>
#include <stdlib.h>

void
gui_start (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  gtk_disable_setlocale ();
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP no display\n");
      exit (0);
    }
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
}

gboolean
gui_can_drive (void)
{
  g_autofree char *path = g_find_program_in_path ("xdotool");

  return path != NULL;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
gui_wait (guint milliseconds)
{
  GMainLoop *loop = g_main_loop_new (NULL, FALSE);

  g_timeout_add (milliseconds, quit, loop);
  g_main_loop_run (loop);
  g_main_loop_unref (loop);
}

GtkWindow *
gui_show (GtkWidget *widget, int width, int height)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_set_child (GTK_WINDOW (window), widget);
  gtk_window_present (GTK_WINDOW (window));
  for (int i = 0; i < 100 && gtk_widget_get_width (widget) == 0; i++)
    gui_wait (20);
  gui_wait (150);
  g_assert_cmpint (gtk_widget_get_width (widget), >, 0);
  return GTK_WINDOW (window);
}

void
gui_close (GtkWindow *window)
{
  gtk_window_destroy (window);
  gui_wait (30);
}

static void
exited (GPid pid, int status, gpointer data)
{
  g_spawn_close_pid (pid);
  g_main_loop_quit (data);
}

void
gui_do (const char *format, ...)
{
  g_autofree char *words = NULL;
  g_autofree char *command = NULL;
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GError) error = NULL;
  GMainLoop *loop = g_main_loop_new (NULL, FALSE);
  GPid pid;
  va_list list;

  va_start (list, format);
  words = g_strdup_vprintf (format, list);
  va_end (list);
  command = g_strdup_printf ("xdotool %s", words);
  g_assert_true (g_shell_parse_argv (command, NULL, &arguments, &error));
  g_spawn_async (NULL, arguments, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                 NULL, &pid, &error);
  g_assert_no_error (error);
  g_child_watch_add (pid, exited, loop);
  g_main_loop_run (loop);
  g_main_loop_unref (loop);
  gui_wait (80);
}

void
gui_move_to (GtkWidget *widget, double x, double y)
{
  GtkNative *native = gtk_widget_get_native (widget);
  double native_x;
  double native_y;
  double surface_x;
  double surface_y;

  g_assert_true (gtk_widget_translate_coordinates (widget, GTK_WIDGET (native), x, y, &native_x,
                                                   &native_y));
  gtk_native_get_surface_transform (native, &surface_x, &surface_y);
  gui_do ("mousemove %d %d", (int) round (native_x + surface_x),
          (int) round (native_y + surface_y));
}
