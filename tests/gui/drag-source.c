/* SPDX-License-Identifier: Apache-2.0 */
/* Another program's window to drag a file from: drag-source FILE X Y puts a small window at that
 * place of the screen (it never takes the keyboard), which offers the file as a file manager does
 * (text/uri-list, copy), and ends with status 0 when somebody took it. */
#include <gdk/x11/gdkx.h>
#include <gtk/gtk.h>
#include <stdlib.h>

static void
on_drag_end (GtkDragSource *source,
             GdkDrag       *drag,
             gboolean       delete,
             GMainLoop     *loop)
{
  g_main_loop_quit (loop);
}

static void
put_at (GtkWidget *window,
        int        x,
        int        y)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (window));

  XMoveWindow (gdk_x11_display_get_xdisplay (gdk_surface_get_display (surface)), gdk_x11_surface_get_xid (surface), x, y);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GdkContentProvider) content = NULL;
  g_autoptr (GBytes) list = NULL;
  g_autoptr (GFile) file = NULL;
  g_autofree char *text = NULL;
  g_autofree char *uri = NULL;
  GtkDragSource *source;
  GtkWidget *window;

  if (argc != 4)
    return 2;
  gtk_init ();
  file = g_file_new_for_path (argv[1]);
  uri = g_file_get_uri (file);
  text = g_strconcat (uri, "\r\n", NULL);
  list = g_bytes_new (text, strlen (text));
  content = gdk_content_provider_new_for_bytes ("text/uri-list", list);
  window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), 80, 60);
  gtk_window_set_child (GTK_WINDOW (window), gtk_label_new ("drag me"));
  source = gtk_drag_source_new ();
  gtk_drag_source_set_content (source, content);
  gtk_drag_source_set_actions (source, GDK_ACTION_COPY);
  g_signal_connect (source, "drag-end", G_CALLBACK (on_drag_end), loop);
  gtk_widget_add_controller (window, GTK_EVENT_CONTROLLER (source));
  gtk_window_present (GTK_WINDOW (window));
  put_at (window, atoi (argv[2]), atoi (argv[3]));
  g_main_loop_run (loop);
  return 0;
}
